/* cli/wei.c -- the sixteen bounds of Wei et al.'s synthetic experiment, at sampled points.
 *
 * From Wei, Wu, Wu, Chen, Barrett, Farchi: "Convex Bounds on the Softmax Function with Applications
 * to Robustness Verification", AISTATS 2023, arXiv:2303.01713. With d_j = x_j - x_0 in [dl_j, du_j] and
 * a chord's slope k_j, every sum of chords is an affine function of the point, so a bound costs n
 * multiplications a point.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/wei.h"

#include <math.h>
#include <string.h>

const char *const wei_names[WEI_BOUNDS] = {
    [WEI_CONST_L] = "const_l",    [WEI_LIN_L] = "L_lin",      [WEI_ER_L] = "L_ER",
    [WEI_LSE_L] = "L_LSE",        [WEI_STAR_L] = "L_LSEstar", [WEI_PRIME_L] = "L_LSEprime",
    [WEI_HYBRID_L] = "L_hybrid3", [WEI_CONST_U] = "const_u",  [WEI_LIN_U] = "U_lin",
    [WEI_ER_U] = "U_ER",          [WEI_LSE_U] = "U_LSE",      [WEI_ENV_U] = "U_envelope"};

double wei_exp(double x)
{
    double y = 0.0, k = 0.0;
    sbx_exp_bulk(&y, &k, &x, 1);
    return ldexp(y, (int)k);
}

/* x = 2^k m, m in [0.7, 1.42]; log m = 2 atanh z, z = (m - 1)/(m + 1), |z| < 0.18 */
double wei_log(double x)
{
    int k = 0;
    double m, z, s = 0.0;
    if (!(x > 0.0) || !(x < HUGE_VAL)) return x > 0.0 ? HUGE_VAL : -HUGE_VAL;
    m = frexp(x, &k);
    if (m < 0.70710678118654752) {
        m *= 2.0;
        k--;
    }
    z = (m - 1.0) / (m + 1.0);
    for (int i = 21; i >= 1; i -= 2)
        s = s * z * z + 1.0 / i;
    return k * 0.69314718055994531 + 2.0 * z * s;
}

/* 2^k for |k| < 1000, without a call */
static double two_to(double k)
{
    double v = 0.0;
    const uint64_t bits = (uint64_t)((int64_t)k + 1023) << 52;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static void exp_all(double *e, double *k, const double *x, size_t n)
{
    sbx_exp_bulk(e, k, x, n);
    for (size_t i = 0; i < n; i++)
        e[i] = fabs(k[i]) < 1000.0 ? e[i] * two_to(k[i]) : ldexp(e[i], (int)k[i]);
}

void wei_values(wei_box *b)
{
    const size_t n = b->n, all = n * b->points;
    for (size_t r = 0; r < b->points; r++)
        for (size_t j = 0; j < n; j++)
            b->d[r * n + j] = b->x[r * n + j] - b->x[r * n];
    exp_all(b->e, b->k, b->d, all);
    for (size_t r = 0; r < b->points; r++) {
        double s = 0.0;
        for (size_t j = 0; j < n; j++)
            s += b->e[r * n + j];
        b->p[r] = 1.0 / s;
    }
}

/* slope of the chord of exp on [a, c], given the ends' values */
static double slope(double ea, double ec, double a, double c)
{
    return c > a ? (ec - ea) / (c - a) : ea;
}

/* c0 + sum w_j x_j */
typedef struct plane {
    double *w, c0;
} plane;

static double at(const plane *p, const double *x, size_t n)
{
    double s = p->c0;
    for (size_t j = 0; j < n; j++)
        s += p->w[j] * x[j];
    return s;
}

/* the chords of e^{x_j - x_k} for all j, k itself 1; k = n: of e^{x_j} */
static void chords(plane *p, const wei_box *b, size_t k)
{
    const size_t n = b->n;
    p->c0 = 0.0;
    memset(p->w, 0, n * sizeof *p->w);
    for (size_t j = 0; j < n; j++) {
        const double a = b->lo[j] - (k < n ? b->hi[k] : 0.0),
                     c = b->hi[j] - (k < n ? b->lo[k] : 0.0);
        const double ea = wei_exp(a), s = slope(ea, wei_exp(c), a, c);
        if (j == k) {
            p->c0 += 1.0;
            continue;
        }
        p->w[j] += s;
        if (k < n) p->w[k] -= s;
        p->c0 += ea - s * a;
    }
}

/* the chords of log(1 + e^{x_j - x_k}), j != k */
static void soft_chords(plane *p, const wei_box *b, size_t k)
{
    p->c0 = 0.0;
    memset(p->w, 0, b->n * sizeof *p->w);
    for (size_t j = 0; j < b->n; j++) {
        const double a = b->lo[j] - b->hi[k], c = b->hi[j] - b->lo[k];
        const double ga = wei_log(1.0 + wei_exp(a)), gc = wei_log(1.0 + wei_exp(c));
        const double s = c > a ? (gc - ga) / (c - a) : 0.0;
        if (j == k) continue;
        p->w[j] += s;
        p->w[k] -= s;
        p->c0 += ga - s * a;
    }
}

/* the lower tangents of e^{x_j - x_0} that keep the sum positive, and their least sum */
static double tangents(plane *p, const wei_box *b)
{
    double least = 1.0;
    p->c0 = 1.0;
    memset(p->w, 0, b->n * sizeof *p->w);
    for (size_t j = 1; j < b->n; j++) {
        const double a = b->lo[j] - b->hi[0], c = b->hi[j] - b->lo[0];
        const double s = slope(wei_exp(a), wei_exp(c), a, c), t = fmin(wei_log(s), a + 1.0);
        const double et = wei_exp(t);
        least += et * (a - t + 1.0);
        p->c0 += et * (1.0 - t);
        p->w[j] += et;
        p->w[0] -= et;
    }
    return least;
}

/* What a point needs an exp for: four arguments a point. */
enum { POINT_LSE, POINT_STAR, POINT_PRIME, POINT_HYBRID, POINT_EXPS };

/* The concave envelope of sigma(t) = 1/(1 + e^{-t}) over [lo, hi]: the line from lo up to where it
 * touches, or to hi, then sigma. */
typedef struct envelope {
    double lo, at_lo, slope, touch;
} envelope;

static double sigma(double t) { return 1.0 / (1.0 + wei_exp(-t)); }

static envelope envelope_of(double lo, double hi)
{
    envelope e = {lo, sigma(lo), 0.0, lo};
    double a = 0.0, b = hi, s;
    if (!(lo < 0.0 && lo < hi)) return e;
    s = sigma(hi);
    if (hi <= 0.0 || s * (1.0 - s) * (hi - lo) >= s - e.at_lo) {
        e.touch = hi;
        e.slope = (s - e.at_lo) / (hi - lo);
        return e;
    }
    for (int k = 0; k < 60; k++) {
        const double m = 0.5 * (a + b);
        s = sigma(m);
        if (s * (1.0 - s) * (m - lo) > s - e.at_lo)
            a = m;
        else
            b = m;
    }
    s = sigma(b);
    e.touch = b;
    e.slope = s * (1.0 - s);
    return e;
}

size_t wei_scratch(size_t n, size_t points) { return 5 * n + (size_t)(3 * POINT_EXPS) * points; }

void wei_gaps(double gap[WEI_BOUNDS], const wei_box *b, double *scratch)
{
    const size_t n = b->n;
    plane er = {scratch, 0.0}, lse = {scratch + n, 0.0}, star = {scratch + 2 * n, 0.0};
    plane tangent = {scratch + 3 * n, 0.0}, hybrid = {scratch + 4 * n, 0.0};
    double q_hi = 1.0, q_lo = 1.0, lo_sum = 0.0, hi_sum = 0.0;
    size_t k = 0;

    for (size_t j = 1; j < n; j++) {
        q_hi += wei_exp(b->hi[j] - b->lo[0]);
        q_lo += wei_exp(b->lo[j] - b->hi[0]);
        lo_sum += wei_exp(b->lo[j] - b->hi[0]);
        hi_sum += wei_exp(b->hi[j] - b->lo[0]);
        if (b->lo[j] + b->hi[j] > b->lo[k] + b->hi[k]) k = j;
    }
    chords(&er, b, 0);
    chords(&lse, b, n);
    chords(&star, b, k);
    soft_chords(&hybrid, b, k);
    const double p_lo = 1.0 / q_hi, p_hi = 1.0 / q_lo, log_lo = -wei_log(q_hi),
                 log_hi = -wei_log(q_lo);
    const double r_lo = tangents(&tangent, b), t_q = fmax(sqrt(r_lo * q_hi), 0.5 * q_hi);
    /* the chord of -log(1 + e^s) for the dropped LSE' */
    const double s_lo = wei_log(lo_sum), s_hi = wei_log(hi_sum);
    double *const arg = scratch + 5 * n, *const two = arg + POINT_EXPS * b->points,
                  *const e = two + POINT_EXPS * b->points;
    const double own_lo = wei_exp(b->lo[0]),
                 own = slope(own_lo, wei_exp(b->hi[0]), b->lo[0], b->hi[0]);
    const envelope env = envelope_of(-s_hi, -s_lo);
    for (size_t i = 0; i < WEI_BOUNDS; i++)
        gap[i] = 0.0;
    for (size_t r = 0; r < b->points; r++) {
        const double *x = b->x + r * n, s_lse = at(&lse, x, n);
        const double others = s_lse - (own_lo + own * (x[0] - b->lo[0]));
        const double s = n == 2 ? x[1] - x[0] : wei_log(others) - x[0];
        double *const t = arg + POINT_EXPS * r;
        t[POINT_LSE] = x[0];
        t[POINT_STAR] = x[0] - x[k];
        t[POINT_PRIME] = log_hi + (log_lo - log_hi) * (s - s_lo) / (s_hi - s_lo);
        t[POINT_HYBRID] = x[0] - x[k] - at(&hybrid, x, n);
    }
    exp_all(e, two, arg, POINT_EXPS * b->points);
    for (size_t r = 0; r < b->points; r++) {
        const double *x = b->x + r * n, *v = e + POINT_EXPS * r, p = b->p[r], q = 1.0 / p;
        const double s_er = at(&er, x, n);
        gap[WEI_CONST_L] += p - p_lo;
        gap[WEI_CONST_U] += p_hi - p;
        gap[WEI_LIN_L] += fabs(p - (2.0 - s_er / t_q) / t_q);
        gap[WEI_LIN_U] += fabs(1.0 / r_lo + 1.0 / q_hi - at(&tangent, x, n) / (r_lo * q_hi) - p);
        gap[WEI_ER_L] += fabs(p - 1.0 / s_er);
        gap[WEI_ER_U] += fabs(p_lo + p_hi - p_lo * p_hi * q - p);
        gap[WEI_LSE_L] += fabs(p - v[POINT_LSE] / at(&lse, x, n));
        gap[WEI_LSE_U] += fabs(
            (p_lo * log_hi - p_hi * log_lo - (p_hi - p_lo) * wei_log(q)) / (log_hi - log_lo) - p);
        if (-wei_log(q - 1.0) < env.touch)
            gap[WEI_ENV_U] += fabs(env.at_lo + env.slope * (-wei_log(q - 1.0) - env.lo) - p);
        gap[WEI_STAR_L] += fabs(p - v[POINT_STAR] / at(&star, x, n));
        gap[WEI_PRIME_L] += fabs(p - v[POINT_PRIME]);
        gap[WEI_HYBRID_L] += fabs(p - v[POINT_HYBRID]);
    }
    for (size_t i = 0; i < WEI_BOUNDS; i++)
        gap[i] /= (double)b->points;
}
