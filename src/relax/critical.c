/* relax/critical.c -- relax/unary.h: proved values and critical points, and slopes
 * that are only near.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/affine.h"
#include "relax/unary.h"
#include "softbox/kernel.h"

typedef sbx_status (*unary_op)(sbx_ivd *, const sbx_ivd *, const sbx_ctx *, sbx_err *);
typedef sbx_status (*binary_op)(sbx_ivd *, const sbx_ivd *, const sbx_ivd *, const sbx_ctx *,
                                sbx_err *);

static const sbx_ivd everything = {-HUGE_VAL, HUGE_VAL};

static sbx_ivd point(double v) { return (sbx_ivd){v, v}; }
static sbx_ivd op1(unary_op f, sbx_ivd x)
{
    sbx_ivd z;
    return f(&z, &x, NULL, NULL) == SBX_OK ? z : everything;
}
static sbx_ivd op2(binary_op f, sbx_ivd x, sbx_ivd y)
{
    sbx_ivd z;
    return f(&z, &x, &y, NULL, NULL) == SBX_OK ? z : everything;
}
static sbx_ivd add(sbx_ivd x, sbx_ivd y) { return op2(sbx_ivd_add, x, y); }
static sbx_ivd sub(sbx_ivd x, sbx_ivd y) { return op2(sbx_ivd_sub, x, y); }
static sbx_ivd mul(sbx_ivd x, sbx_ivd y) { return op2(sbx_ivd_mul, x, y); }
static sbx_ivd quo(sbx_ivd x, sbx_ivd y) { return op2(sbx_ivd_div, x, y); }
static sbx_ivd neg(sbx_ivd x) { return (sbx_ivd){-x.hi, -x.lo}; }

sbx_ivd sbx_unary_value(sbx_unary_fn f, double x)
{
    const sbx_ivd v = point(x);
    switch (f) {
    case SBX_FN_SIGMOID: return op1(sbx_ivd_sigmoid, v);
    case SBX_FN_TANH: return op1(sbx_ivd_tanh, v);
    case SBX_FN_EXP: return op1(sbx_ivd_exp, v);
    case SBX_FN_LOG: return op1(sbx_ivd_log, v);
    case SBX_FN_RECIPROCAL: return quo(point(1.0), v);
    case SBX_FN_SQRT: return op1(sbx_ivd_sqrt, v);
    case SBX_FN_RELU:
    case SBX_FN_LEAKY_RELU: break;
    }
    return everything;
}

/* The two critical points are -x* and x*, x* >= 0 [L-RLX-13] [L-RLX-24]:
 *
 *   sigmoid  s (1 - s) = a:  r = sqrt(1 - 4a), s = (1 + r)/2, x* = log(s^2/a),
 *            f(x*) = s, f(-x*) = a/s
 *   tanh     1 - t^2 = a:    t = sqrt(1 - a), x* = log((1 + t)^2/a)/2, f(x*) = t
 *
 * x* is the greatest of f(x) - a x for x >= 0, -x* the least for x <= 0. */
static void s_curve(sbx_ivd *at, sbx_ivd *value, sbx_unary_fn f, double slope, sbx_end side)
{
    const sbx_ivd a = point(slope), one = point(1.0), half = point(0.5);
    const bool sigmoid = f == SBX_FN_SIGMOID;
    const sbx_ivd r = op1(sbx_ivd_sqrt, sub(one, sigmoid ? mul(point(4.0), a) : a));
    const sbx_ivd s = sigmoid ? mul(add(one, r), half) : add(one, r);
    const sbx_ivd log_term = op1(sbx_ivd_log, quo(mul(s, s), a));
    const sbx_ivd x = sigmoid ? log_term : mul(half, log_term);

    if (side == SBX_HI) {
        *at = x;
        *value = sub(sigmoid ? s : r, mul(a, x));
    } else {
        *at = neg(x);
        *value = add(sigmoid ? quo(a, s) : neg(r), mul(a, x));
    }
}

/* exp, least:        a = e^x,          x* = log a,       value a - a log a
 * log, greatest:     a = 1/x,          x* = 1/a,         value -log a - 1
 * 1/x, least:        a = -1/x^2,       x* = 1/sqrt(-a),  value 2 sqrt(-a)
 * sqrt, greatest:    a = 1/(2 sqrt x), x* = 1/(4 a^2),   value 1/(4 a)
 *
 * Elsewhere, and for a of the other sign, f(x) - a x is extreme at an end [L-RLX-14]. */
bool sbx_unary_critical(sbx_ivd *at, sbx_ivd *value, sbx_unary_fn f, double slope, sbx_end side)
{
    const sbx_ivd a = point(slope), one = point(1.0), four = point(4.0);
    sbx_ivd r;

    switch (f) {
    case SBX_FN_SIGMOID:
    case SBX_FN_TANH:
        if (!(slope > 0.0 && slope <= (f == SBX_FN_TANH ? 1.0 : 0.25))) return false;
        s_curve(at, value, f, slope, side);
        return true;
    case SBX_FN_EXP:
        if (side == SBX_HI || !(slope > 0.0)) return false;
        *at = op1(sbx_ivd_log, a);
        *value = mul(a, sub(one, *at));
        return true;
    case SBX_FN_LOG:
        if (side == SBX_LO || !(slope > 0.0)) return false;
        *at = quo(one, a);
        *value = neg(add(op1(sbx_ivd_log, a), one));
        return true;
    case SBX_FN_RECIPROCAL:
        if (side == SBX_HI || !(slope < 0.0)) return false;
        r = op1(sbx_ivd_sqrt, neg(a));
        *at = quo(one, r);
        *value = mul(point(2.0), r);
        return true;
    case SBX_FN_SQRT:
        if (side == SBX_LO || !(slope > 0.0)) return false;
        *value = quo(one, mul(four, a));
        *at = quo(*value, a);
        return true;
    case SBX_FN_RELU:
    case SBX_FN_LEAKY_RELU: break;
    }
    return false;
}

/* ---- near, not proved --------------------------------------------------------- */

static double near(sbx_ivd v) { return sbx_middle(v.lo, v.hi); }
static double value(sbx_unary_fn f, double x) { return near(sbx_unary_value(f, x)); }

/* sigmoid or tanh, for x >= 0 with e = e^{-x}, e^{-2x}: 1/(1 + e), (1 - e)/(1 + e); and
 * the slope, e/(1 + e)^2, 4e/(1 + e)^2 */
static double s_curve_near(sbx_unary_fn f, double x, double *slope)
{
    const bool tanh_ = f == SBX_FN_TANH;
    const double z = -fmin(fabs(tanh_ ? 2.0 * x : x), 800.0);
    double y, k, e;
    sbx_exp_bulk(&y, &k, &z, 1);
    e = ldexp(y, (int)k);
    *slope = (tanh_ ? 4.0 : 1.0) * e / ((1.0 + e) * (1.0 + e));
    if (tanh_) return (x < 0.0 ? e - 1.0 : 1.0 - e) / (1.0 + e);
    return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

double sbx_unary_slope(sbx_unary_fn f, double x)
{
    double slope;
    switch (f) {
    case SBX_FN_SIGMOID:
    case SBX_FN_TANH: (void)s_curve_near(f, x, &slope); return slope;
    case SBX_FN_EXP: return value(f, x);
    case SBX_FN_LOG: return 1.0 / x;
    case SBX_FN_RECIPROCAL: return -1.0 / x / x;
    case SBX_FN_SQRT: return 0.5 / sqrt(x);
    case SBX_FN_RELU:
    case SBX_FN_LEAKY_RELU: break;
    }
    return 0.0;
}

/* Differences are taken only where they do not cancel. */
double sbx_unary_chord(sbx_unary_fn f, double l, double u)
{
    const double w = u - l, mid = sbx_middle(l, u);
    switch (f) {
    case SBX_FN_EXP:
        if (!(w > 0.0)) return value(f, u);
        return value(f, u) * (near(op1(sbx_ivd_expm1, point(-w))) / -w);
    case SBX_FN_LOG:
        if (w < 1e-8 * l) return 1.0 / mid;
        if (w < l) return near(op1(sbx_ivd_log1p, point(w / l))) / w;
        return (value(f, u) - value(f, l)) / w;
    case SBX_FN_RECIPROCAL: return -1.0 / l / u;
    case SBX_FN_SQRT: return 1.0 / (sqrt(l) + sqrt(u));
    case SBX_FN_SIGMOID:
    case SBX_FN_TANH:
        if (w < 1e-5) return sbx_unary_slope(f, mid);
        return (value(f, u) - value(f, l)) / w;
    case SBX_FN_RELU:
    case SBX_FN_LEAKY_RELU: break;
    }
    return 0.0;
}

/* The root of h(d) = f'(d)(d - l) - (f(d) - f(l)), which falls from h(0) > 0:
 * Newton's steps inside a shrinking bracket. f'' = -f' (2f - 1), or -2 f' f. */
double sbx_unary_touch(sbx_unary_fn f, double l, double u)
{
    double slope, lo = 0.0, hi = fmin(u, 1024.0), d = hi;
    const double f_l = s_curve_near(f, l, &slope);

    for (int k = 0; k < 80 && lo < hi; k++) {
        const double f_d = s_curve_near(f, d, &slope), h = slope * (d - l) - (f_d - f_l);
        const double bend = -slope * (f == SBX_FN_TANH ? 2.0 * f_d : 2.0 * f_d - 1.0);
        double next;
        if (k == 0 && h >= 0.0) return u;
        if (h > 0.0)
            lo = d;
        else
            hi = d;
        next = d - h / (bend * (d - l));
        if (!(next > lo && next < hi)) next = lo / 2 + hi / 2;
        if (fabs(next - d) <= 1e-15 * d) break;
        d = next;
    }
    return d;
}
