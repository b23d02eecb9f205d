/* relax/unary_near.c -- values and slopes that are only near: nothing proved rests on them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/affine.h"
#include "relax/exp.h"
#include "relax/unary.h"

static double exp_near(double x)
{
    double y, k;
    x = fmin(fmax(x, -740.0), 709.0);
    sbx_exp_bulk(&y, &k, &x, 1);
    return ldexp(y, (int)k);
}

static double log_near(double x) { return x > 0.0 ? log_guess(x) : -HUGE_VAL; }
static double sigmoid(double x)
{
    const double e = exp_near(-fabs(x));
    return (x < 0.0 ? e : 1.0) / (1.0 + e);
}
static double tanh_(double x)
{
    const double e = exp_near(-2.0 * fabs(x)), q = x * x;
    if (fabs(x) < 1e-3) return x * (1.0 - q / 3.0);
    return (x < 0.0 ? e - 1.0 : 1.0 - e) / (1.0 + e);
}
static double softplus(double x)
{
    const double e = exp_near(-fabs(x));
    return fmax(x, 0.0) + (e < 1e-9 ? e : log_near(1.0 + e));
}
static double expm1_near(double x)
{
    return fabs(x) < 1e-5 ? x * (1.0 + x * (0.5 + x / 6.0)) : exp_near(x) - 1.0;
}

/* sin(x + q pi/2) */
static double wave(double x, double q)
{
    const double k = rint(x * 0x1.45f306dc9c883p-1); /* x/(pi/2) */
    const double r = fma(-k, 0x1.1a62633145c07p-54, fma(-k, 0x1.921fb54442d18p0, x)), z = r * r;
    const double n = k + q - 4.0 * floor((k + q) / 4.0); /* 0, 1, 2, 3 */
    const bool cosine = n == 1.0 || n == 3.0;            /* NOLINT: an integer */
    double s = 0.0;
    for (int j = cosine ? 16 : 17; j > 1; j -= 2)
        s = (1.0 + s) * (-z / (double)(j * (j - 1)));
    s = (1.0 + s) * (cosine ? 1.0 : r);
    return n >= 2.0 ? -s : s;
}

/* 2/sqrt(pi) e^{-x^2} sum of 2^n x^(2n+1)/(1 3 ... (2n+1)) */
static double erf_near(double x)
{
    double t = x, s = x;
    if (fabs(x) > 6.0) return x > 0.0 ? 1.0 : -1.0;
    for (int n = 1; n < 120 && fabs(t) > 1e-17 * fabs(s); n++) {
        t *= 2.0 * x * x / (2.0 * n + 1.0);
        s += t;
    }
    return 0x1.20dd750429b6dp0 * exp_near(-x * x) * s;
}

/* x^p */
static double power(double x, double p)
{
    const double a = fabs(x), h = floor(p / 2.0);
    double r;
    if (p >= 2.0 && p <= 2.0) return x * x;
    if (p >= 3.0 && p <= 3.0) return x * x * x;
    if (!(p > 0.0 || p < 0.0)) return 1.0;
    if (!(a > 0.0)) return p > 0.0 ? 0.0 : HUGE_VAL;
    r = exp_near(p * log_near(a));
    return x < 0.0 && h < p / 2.0 ? -r : r; /* odd p */
}

static double gelu_inner(double x) { return 0x1.9884533d43651p-1 * (x + 0.044715 * x * x * x); }

double sbx_unary_near(const sbx_unary *f, double x)
{
    const double p = f->p, q = f->q;
    switch (f->fn) {
    case SBX_FN_RELU: return x > 0.0 ? x : 0.0;
    case SBX_FN_LEAKY_RELU: return x > 0.0 ? x : p * x;
    case SBX_FN_SIGMOID: return sigmoid(x);
    case SBX_FN_TANH: return tanh_(x);
    case SBX_FN_EXP: return exp_near(x);
    case SBX_FN_LOG: return log_near(x);
    case SBX_FN_RECIPROCAL: return 1.0 / x;
    case SBX_FN_SQRT: return sqrt(x);
    case SBX_FN_ABS: return fabs(x);
    case SBX_FN_POW: return power(x, p);
    case SBX_FN_CLIP: return fmin(fmax(x, p), q);
    case SBX_FN_SIN: return wave(x, 0.0);
    case SBX_FN_COS: return wave(x, 1.0);
    case SBX_FN_ERF: return erf_near(x);
    case SBX_FN_SOFTPLUS: return softplus(x);
    case SBX_FN_ELU: return x < 0.0 ? p * expm1_near(x) : x;
    case SBX_FN_SELU: return q * (x < 0.0 ? p * expm1_near(x) : x);
    case SBX_FN_CELU: return x < 0.0 ? p * expm1_near(x / p) : x;
    case SBX_FN_GELU: return 0.5 * x * (1.0 + erf_near(x * 0x1.6a09e667f3bcdp-1));
    case SBX_FN_GELU_TANH: return 0.5 * x * (1.0 + tanh_(gelu_inner(x)));
    case SBX_FN_SOFTSIGN: return x / (1.0 + fabs(x));
    case SBX_FN_HARD_SIGMOID: return fmin(fmax(p * x + q, 0.0), 1.0);
    case SBX_FN_HARD_SWISH: return x * fmin(fmax(x / 6.0 + 0.5, 0.0), 1.0);
    case SBX_FN_MISH: return x * tanh_(softplus(x));
    case SBX_FN_THRESHOLDED_RELU: return x > p ? x : 0.0;
    case SBX_FN_FLOOR: return floor(x);
    case SBX_FN_CEIL: return ceil(x);
    case SBX_FN_ROUND: return rint(x);
    case SBX_FN_SIGN: return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0;
    }
    return (double)NAN;
}

static double gelu_slope(double x)
{
    const double normal = 0.5 * (1.0 + erf_near(x * 0x1.6a09e667f3bcdp-1));
    return normal + x * 0x1.9884533d43651p-2 * exp_near(-0.5 * x * x);
}

static double gelu_tanh_slope(double x)
{
    const double t = tanh_(gelu_inner(x));
    const double g = 0x1.9884533d43651p-1 * (1.0 + 3.0 * 0.044715 * x * x);
    return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * g;
}

static double mish_slope(double x)
{
    const double t = tanh_(softplus(x));
    return t + x * (1.0 - t * t) * sigmoid(x);
}

double sbx_unary_near_slope(const sbx_unary *f, double x)
{
    const double p = f->p, q = f->q;
    double e;
    switch (f->fn) {
    case SBX_FN_RELU: return x > 0.0 ? 1.0 : 0.0;
    case SBX_FN_LEAKY_RELU: return x > 0.0 ? 1.0 : p;
    case SBX_FN_SIGMOID: e = exp_near(-fabs(x)); return e / ((1.0 + e) * (1.0 + e));
    case SBX_FN_TANH: e = exp_near(-2.0 * fabs(x)); return 4.0 * e / ((1.0 + e) * (1.0 + e));
    case SBX_FN_EXP: return exp_near(x);
    case SBX_FN_LOG: return 1.0 / x;
    case SBX_FN_RECIPROCAL: return -1.0 / x / x;
    case SBX_FN_SQRT: return 0.5 / sqrt(x);
    case SBX_FN_ABS: return x > 0.0 ? 1.0 : -1.0;
    case SBX_FN_POW: return p < 0.0 || p > 0.0 ? p * power(x, p - 1.0) : 0.0;
    case SBX_FN_CLIP: return x > p && x < q ? 1.0 : 0.0;
    case SBX_FN_SIN: return wave(x, 1.0);
    case SBX_FN_COS: return -wave(x, 0.0);
    case SBX_FN_ERF: return 0x1.20dd750429b6dp0 * exp_near(-x * x);
    case SBX_FN_SOFTPLUS: return sigmoid(x);
    case SBX_FN_ELU: return x > 0.0 ? 1.0 : p * exp_near(x);
    case SBX_FN_SELU: return q * (x > 0.0 ? 1.0 : p * exp_near(x));
    case SBX_FN_CELU: return x > 0.0 ? 1.0 : exp_near(x / p);
    case SBX_FN_GELU: return gelu_slope(x);
    case SBX_FN_GELU_TANH: return gelu_tanh_slope(x);
    case SBX_FN_SOFTSIGN: e = 1.0 + fabs(x); return 1.0 / (e * e);
    case SBX_FN_HARD_SIGMOID: return p * x + q > 0.0 && p * x + q < 1.0 ? p : 0.0;
    case SBX_FN_HARD_SWISH: return x < -3.0 ? 0.0 : x > 3.0 ? 1.0 : x / 3.0 + 0.5;
    case SBX_FN_MISH: return mish_slope(x);
    case SBX_FN_THRESHOLDED_RELU: return x > p ? 1.0 : 0.0;
    case SBX_FN_FLOOR:
    case SBX_FN_CEIL:
    case SBX_FN_ROUND:
    case SBX_FN_SIGN: break;
    }
    return 0.0;
}

double sbx_piece_near(const sbx_unary *f, const sbx_piece *p, double x)
{
    return p->bend == SBX_LINEAR ? p->m * x + p->k : sbx_unary_near(f, x);
}

double sbx_piece_near_slope(const sbx_unary *f, const sbx_piece *p, double x)
{
    return p->bend == SBX_LINEAR ? p->m : sbx_unary_near_slope(f, x);
}

double sbx_piece_slope(const sbx_unary *f, const sbx_piece *p, double c)
{
    const sbx_ivd d =
        p->bend == SBX_LINEAR ? (sbx_ivd){p->m, p->m} : sbx_unary_slope(f, (sbx_ivd){c, c});
    return sbx_middle(d.lo, d.hi);
}
