/* relax/env.c -- softmax_i from above by the concave envelope of the logistic function.
 *
 * With t = x_i - lse(the others) softmax_i is sigma(t). A line S t + q over sigma on t's range,
 * S >= 0, and lse(others) >= w.x + H(w), the entropy of any weights w with sum 1, give
 *
 *     softmax_i <= S x_i - sum S w_j x_j + (q - S H(w))
 *
 * The slopes S w_j are doubles on one grid, so that S is their exact sum; the entropy is
 * known from the softmax at c, to second order in the distance of w from it [L-RLX-75].
 * Where S is the slope of the envelope of sigma at t(c), this is its tangent.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/affine.h"
#include "relax/exp.h"
#include "relax/rows.h"

/* ---- near, not proved ---------------------------------------------------------------- */

typedef struct curve {
    double s, d; /* sigma, sigma' */
} curve;

static curve logistic(double t)
{
    const double e = exp_guess(-fabs(t)), v = 1.0 / (1.0 + e);
    return (curve){t < 0.0 ? e * v : v, e * v * v};
}

/* (t - a) sigma'(t) - (sigma(t) - sigma(a)): falls for t >= 0, 0 where the line from a touches */
static double miss(curve f, double t, double a, double sigma_a)
{
    return (t - a) * f.d - (f.s - sigma_a);
}

/* the point t in (0, u) of tangency of the line from a < 0, miss(u) < 0 */
static double touch(double a, double sigma_a, double u)
{
    double lo = 0.0, hi = u, t = fmin(-0.5 * a, log_guess(1.5 - a) + 0.25);
    if (!(t < u)) t = 0.5 * u;
    for (int k = 0; k < 40; k++) {
        const curve f = logistic(t);
        const double m = miss(f, t, a, sigma_a), slope = (t - a) * f.d * (1.0 - 2.0 * f.s);
        double next = t - m / slope;
        if (m > 0.0)
            lo = t;
        else
            hi = t;
        if (!(next > lo && next < hi)) next = 0.5 * (lo + hi);
        if (fabs(next - t) <= 1e-8 * t) return next; /* and its square is left */
        t = next;
    }
    return t;
}

/* In a narrow interval sigma is 1/2 + t/4 - t^3/48, and the line from a touches at -a/2. */
double sbx_logistic_slope(double a, double b, double c)
{
    const curve fa = logistic(a), fb = logistic(b), fc = logistic(c);
    const bool narrow = !(b - a > 0x1p-8);
    if (a >= 0.0) return fc.d;
    if (b <= 0.0 || (narrow ? 2.0 * b <= -a : miss(fb, b, a, fa.s) >= 0.0)) { /* a chord */
        if (!narrow) return (fb.s - fa.s) / (b - a);
        return (fa.d + fb.d + 4.0 * logistic(0.5 * (a + b)).d) / 6.0;
    }
    if (narrow) return 2.0 * c >= -a ? fc.d : logistic(-0.5 * a).d;
    if (c > 0.0 && miss(fc, c, a, fa.s) <= 0.0) return fc.d;
    return logistic(touch(a, fa.s, b)).d;
}

/* ---- proved ------------------------------------------------------------------------- */

/* e^-|t| */
static sbx_ivd decay_exp(double t)
{
    sbx_ivd e = {-fabs(t), -fabs(t)};
    if (!(e.lo >= -700.0)) return (sbx_ivd){0.0, 0x1p-1009};
    if (exp_ivd(&e, &e, NULL, NULL) != SBX_OK) return (sbx_ivd){0.0, 1.0};
    return e;
}

/* sigma(t) from above */
static double sigma_hi(double t)
{
    const sbx_ivd e = decay_exp(t);
    return t < 0.0 ? sbx_div_hi(e.hi, sbx_add_lo(1.0, e.hi))
                   : sbx_div_hi(1.0, sbx_add_lo(1.0, e.lo));
}

/* q with sigma(t) <= s t + q for all t in [a, b], s > 0 [L-RLX-74] */
static double over(double s, double a, double b)
{
    double q = -HUGE_VAL, first = fmax(a, 0.0), t, p, pay;
    sbx_ivd e, d;

    if (a < 0.0) q = sbx_add_hi(sigma_hi(a), sbx_mul_hi(-s, a)); /* convex up to 0 */
    if (b <= 0.0) return sbx_max(q, sbx_add_hi(sigma_hi(b), sbx_mul_hi(-s, b)));
    p = 0.5 + 0.5 * sqrt(fmax(1.0 - 4.0 * s, 0.0));
    t = fmin(fmax(log_guess(p * p / s), first), b); /* sigma'(t) = s, about */
    e = decay_exp(t);
    d.lo = sbx_div_lo(e.lo, sbx_mul_hi(sbx_add_hi(1.0, e.lo), sbx_add_hi(1.0, e.lo)));
    d.hi = sbx_div_hi(e.hi, sbx_mul_lo(sbx_add_lo(1.0, e.hi), sbx_add_lo(1.0, e.hi)));
    pay = sbx_max(sbx_mul_hi(sbx_max(sbx_sub_hi(d.hi, s), 0.0), sbx_sub_hi(b, t)),
                  sbx_mul_hi(sbx_max(sbx_sub_hi(s, d.lo), 0.0), sbx_sub_hi(t, first)));
    return sbx_max(q, sbx_add_hi(sbx_add_hi(sigma_hi(t), sbx_mul_hi(-s, t)), pay));
}

/* an end of log v, v > 0 [L-RLX-26] */
static double log_end(double v, sbx_end end)
{
    const double t = log_guess(v);
    const sbx_ivd e = decay_exp(t); /* e^-|t| */
    double d = -HUGE_VAL;

    if (fabs(t) <= 600.0) {
        if (t >= 0.0)
            d = end == SBX_HI ? sbx_sub_hi(sbx_mul_hi(v, e.hi), 1.0)
                              : sbx_sub_lo(sbx_mul_lo(v, e.lo), 1.0);
        else
            d = end == SBX_HI ? sbx_sub_hi(sbx_div_hi(v, e.lo), 1.0)
                              : sbx_sub_lo(sbx_div_lo(v, e.hi), 1.0);
    }
    if (!(fabs(d) <= 0.5)) { /* far out */
        sbx_ivd z, x = {v, v};
        if (log_ivd(&z, &x, NULL, NULL) != SBX_OK) return end == SBX_LO ? -HUGE_VAL : HUGE_VAL;
        return end == SBX_LO ? z.lo : z.hi;
    }
    if (end == SBX_HI) return sbx_add_hi(t, d);
    return sbx_add_lo(t, sbx_div_lo(d, d < 0.0 ? sbx_add_lo(1.0, d) : sbx_add_hi(1.0, d)));
}

/* An end of lse over the others' ends v, from their sum T relative to ref: where that is too
 * small to know, from the greatest, max <= lse <= max + log(n - 1). */
static double lse_end(const sbx_rows *r, size_t i, sbx_end end)
{
    const bool lo = end == SBX_LO;
    const double T = lo ? sbx_rows_but_lo(r, SBX_SUM_LO, i) : sbx_rows_but_hi(r, SBX_SUM_HI, i);
    double m = -HUGE_VAL;
    if (T > 0x1p-900) return log_end(T, end);
    for (size_t j = 0; j < r->n; j++)
        if (j != i) m = fmax(m, lo ? r->lo[j] : r->hi[j]);
    return lo ? m : sbx_add_hi(m, log_end((double)(r->n - 1), end));
}

typedef struct weights {
    double sum, dot; /* of the slopes; of slope times -c */
    double small;    /* how many have few bits */
} weights;

/* slopes a_j = -(f ec_j rounded to multiples of g), m of them: g = 2^(e - 51) where their
 * sum is below 2^(e + 1), so sums are exact; the four lanes only shorten the sum of products */
static void slopes(double *a, weights *w, double f, double g, const double *ec, const double *c,
                   size_t m)
{
    const double magic = 0x3p51 * g, few = 0x1p20 * g;
    double s[4] = {0}, d[4] = {0}, k[4] = {0};
    size_t j = 0;
    for (; j + 4 <= m; j += 4)
        for (size_t l = 0; l < 4; l++) {
            const double v = f * ec[j + l], u = (v + magic) - magic;
            s[l] += u;
            d[l] += u * -c[j + l];
            k[l] += v < few ? 1.0 : 0.0;
            a[j + l] = -u;
        }
    for (; j < m; j++) {
        const double v = f * ec[j], u = (v + magic) - magic;
        s[0] += u;
        d[0] += u * -c[j];
        k[0] += v < few ? 1.0 : 0.0;
        a[j] = -u;
    }
    w->sum += (s[0] + s[1]) + (s[2] + s[3]);
    w->dot += (d[0] + d[1]) + (d[2] + d[3]);
    w->small += (k[0] + k[1]) + (k[2] + k[3]);
}

bool sbx_env_upper(sbx_affine *out, const sbx_rows *r, size_t i)
{
    const double n = (double)r->n;
    const double T_c = sbx_rows_but(r, SBX_SUM_C, i), log_c = log_guess(T_c);
    const double a = sbx_sub_lo(r->lo[i], lse_end(r, i, SBX_HI));
    const double b = sbx_sub_hi(r->hi[i], lse_end(r, i, SBX_LO));
    double s, g, q;
    weights w = {0.0, 0.0, 0.0};
    sbx_acc t = {0.0, 0.0, 0.0};
    int e;

    if (!(T_c > 0x1p-900 && sbx_is_real(a) && sbx_is_real(b))) return false;
    s = sbx_logistic_slope(a, b, fmin(fmax(r->c[i] - log_c, a), b));
    if (!(s > 0x1p-900)) return false;
    (void)frexp(s, &e); /* s < 2^e */
    g = ldexp(1.0, e - 51);
    slopes(out->coef, &w, s / T_c, g, r->ec, r->c, i);
    slopes(out->coef + i + 1, &w, s / T_c, g, r->ec + i + 1, r->c + i + 1, r->n - i - 1);
    if (!(w.sum > 0.0 && w.sum <= 2.0 * s)) return false;
    out->coef[i] = w.sum;
    q = over(w.sum, a, b);
    sbx_acc_add(&t, q);
    sbx_acc_mul(&t, -w.sum, log_end(sbx_rows_but_lo(r, SBX_SUM_C, i), SBX_LO));
    sbx_acc_add(&t, -w.dot * (1.0 - (n / 4 + 12) * 0x1p-52));
    sbx_acc_add(&t, g * (w.small + n * 0x1p-18)); /* [L-RLX-75] */
    out->cst = sbx_acc_hi(&t);
    return sbx_is_real(out->cst);
}

bool sbx_env_lower(sbx_affine *out, const sbx_rows *r, size_t i)
{
    if (r->n != 2 || !sbx_env_upper(out, r, 1 - i)) return false;
    out->coef[0] = -out->coef[0];
    out->coef[1] = -out->coef[1];
    out->cst = sbx_sub_lo(1.0, out->cst); /* p_i = 1 - the other */
    return true;
}
