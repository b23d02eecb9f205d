/* kernel/vec.body.c -- the loops of kernel/vec.h; compiled once a processor build.
 *
 * SBX_ISA is the name of the build. Blocks of BLOCK elements are copied to arrays
 * on the stack, so the inner loops are contiguous and of fixed length.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_ISA
#define SBX_ISA portable
#endif
#include "kernel/vec.h"

#include "kernel/exp_const.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)
#define TEXT_(a)    #a
#define TEXT(a)     TEXT_(a)

#define BLOCK 256
#define U     0x1p-53
#define NONE  (-1e9) /* the exponent of a term that is 0 */

/* e^x = y 2^k: k nearest to x / ln 2, r = x - k ln 2 in two steps [L-EXP-01], then a
 * polynomial of degree 11 [L-EXP-02, L-EXP-03]; in all 1.4412 u [L-EXP-04]. |x| <= 1e6. */
static inline double exp_split(double x, double *k)
{
    const double z = fma(x, SBX_EXP_L2E, SBX_EXP_MAGIC);
    const double kd = z - SBX_EXP_MAGIC; /* an integer, exact */
    double r = fma(-kd, SBX_EXP_HI, x);  /* exact */
    double q;
    r = fma(-kd, SBX_EXP_LO, r); /* |r| <= 0.3466 */
    q = fma(SBX_EXP_C11, r, SBX_EXP_C10);
    q = fma(q, r, SBX_EXP_C9);
    q = fma(q, r, SBX_EXP_C8);
    q = fma(q, r, SBX_EXP_C7);
    q = fma(q, r, SBX_EXP_C6);
    q = fma(q, r, SBX_EXP_C5);
    q = fma(q, r, SBX_EXP_C4);
    q = fma(q, r, SBX_EXP_C3);
    q = fma(q, r, SBX_EXP_C2);
    *k = kd;
    return 1.0 + fma(q, r * r, r); /* in [0.7, 1.4143] */
}

/* the same with -inf allowed: y = 0 */
static inline double exp_split_inf(double x, double *k)
{
    const int fin = x > -HUGE_VAL;
    double kk;
    const double y = exp_split(fin ? x : 0.0, &kk);
    *k = fin ? kk : NONE;
    return fin ? y : 0.0;
}

/* y 2^d for an integer d, exactly; 0 for d < -899 [L-SMX-07]; d > 900 counts as 900 */
static inline double scaled(double y, double d)
{
    double c = d < -899.0 ? -899.0 : d;
    double s;
    uint64_t b;
    c = c > 900.0 ? 900.0 : c;
    s = c + (SBX_EXP_MAGIC + 1023.0); /* the exponent field in the low bits */
    memcpy(&b, &s, sizeof b);
    b <<= 52;
    memcpy(&s, &b, sizeof s); /* 2^c */
    return d < -899.0 ? 0.0 : y * s;
}

/* s + t with its error exact: TwoSum */
static inline void add2(double *hi, double *lo, double t)
{
    const double s = *hi + t, b = s - *hi;
    *lo += (*hi - (s - b)) + (t - b);
    *hi = s;
}

static void vec_exp(double *y, double *k, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = exp_split_inf(x[i], &k[i]);
}

/* one end of x[from .. from+m), the rest of the block filled with -inf */
static inline void load(double *v, const sbx_ivd *x, sbx_end e, size_t m)
{
    if (e == SBX_LO)
        for (size_t i = 0; i < m; i++)
            v[i] = x[i].lo;
    else
        for (size_t i = 0; i < m; i++)
            v[i] = x[i].hi;
    for (size_t i = m; i < BLOCK; i++)
        v[i] = -HUGE_VAL;
}

static void vec_scan(sbx_scan *s, const sbx_ivd *x, size_t n)
{
    double ml[SBX_LANES], mu[SBX_LANES], l[BLOCK], u[BLOCK];
    int64_t bad[SBX_LANES] = {0}, far[SBX_LANES] = {0};
    for (size_t j = 0; j < SBX_LANES; j++)
        ml[j] = mu[j] = -HUGE_VAL;
    for (size_t at = 0; at < n; at += BLOCK) {
        const size_t m = n - at < BLOCK ? n - at : BLOCK;
        load(l, x + at, SBX_LO, m);
        load(u, x + at, SBX_HI, m);
        for (size_t i = m; i < BLOCK; i++)
            u[i] = -SBX_VEC_X_MAX; /* no maximum of a box that is not far */
        for (size_t i = 0; i < BLOCK; i += SBX_LANES)
            for (size_t j = 0; j < SBX_LANES; j++) {
                const double a = l[i + j], b = u[i + j];
                ml[j] = a > ml[j] ? a : ml[j];
                mu[j] = b > mu[j] ? b : mu[j];
                bad[j] |= !(a <= b) | !(b < HUGE_VAL) | !(b > -HUGE_VAL);
                far[j] |= (b > SBX_VEC_X_MAX) | (b < -SBX_VEC_X_MAX) | (a > SBX_VEC_X_MAX) |
                          ((a < -SBX_VEC_X_MAX) & (a > -HUGE_VAL));
            }
    }
    s->max_lo = s->max_hi = -HUGE_VAL;
    s->bad = s->far = 0;
    for (size_t j = 0; j < SBX_LANES; j++) {
        s->max_lo = ml[j] > s->max_lo ? ml[j] : s->max_lo;
        s->max_hi = mu[j] > s->max_hi ? mu[j] : s->max_hi;
        s->bad |= bad[j] != 0;
        s->far |= far[j] != 0;
    }
}

static void vec_sum_exp(sbx_sum2 *s, const sbx_ivd *x, sbx_end e, size_t from, size_t to, double K)
{
    double v[BLOCK];
    for (size_t at = from; at < to; at += BLOCK) {
        const size_t m = to - at < BLOCK ? to - at : BLOCK;
        load(v, x + at, e, m);
        for (size_t i = 0; i < m; i += SBX_LANES)
            for (size_t j = 0; j < SBX_LANES; j++) {
                double k;
                const double y = exp_split_inf(v[i + j], &k);
                add2(&s->hi[j], &s->lo[j], scaled(y, k - K));
            }
    }
}

static size_t vec_find(size_t *found, size_t max, const sbx_ivd *x, sbx_end e, size_t n,
                       double bound)
{
    double v[BLOCK];
    size_t k = 0;
    for (size_t at = 0; at < n; at += BLOCK) {
        const size_t m = n - at < BLOCK ? n - at : BLOCK;
        int64_t any = 0;
        load(v, x + at, e, m);
        for (size_t i = 0; i < BLOCK; i++)
            any += v[i] >= bound;
        if (any == 0) continue;
        for (size_t i = 0; i < m; i++) {
            if (!(v[i] >= bound)) continue;
            if (k < max) found[k] = at + i;
            k++;
        }
    }
    return k;
}

/* hi_i = a / (a + S_lo - e^{l_i}), a = e^{u_i}, and lo_i the mirror image, each moved
 * outward by its proved error [L-SMX-01, L-SMX-03, L-SMX-05, L-SMX-06]. A numerator
 * below 2^-899 gives [0, 2^-897] [L-SMX-07]. */
static size_t vec_finish(sbx_ivd *p, const sbx_ivd *x, size_t n, double S_lo, double K_lo,
                         double S_hi, double K_hi)
{
    double l[BLOCK], u[BLOCK], plo[BLOCK], phi[BLOCK];
    size_t crossed = 0;
    for (size_t at = 0; at < n; at += BLOCK) {
        const size_t m = n - at < BLOCK ? n - at : BLOCK;
        load(l, x + at, SBX_LO, m);
        load(u, x + at, SBX_HI, m);
        for (size_t i = 0; i < m; i++) {
            double kl, ku;
            const double yl = exp_split_inf(l[i], &kl), yu = exp_split_inf(u[i], &ku);
            const double a = scaled(yu, ku - K_lo), b = scaled(yl, kl - K_hi);
            const double ra = S_lo - scaled(yl, kl - K_lo), rb = S_hi - scaled(yu, ku - K_hi);
            const double qa = a / (a + ra), qb = b / (b + rb);
            const double da = fma(10.0 * U, 1.0 - qa, 4.0 * U),
                         db = fma(10.0 * U, 1.0 - qb, 4.0 * U);
            double hi = fma(qa, da, qa);
            const double lo = fma(-qb, db, qb);
            hi = hi < 1.0 ? hi : 1.0; /* [L-SMX-02] */
            phi[i] = a > 0.0 ? hi : 0x1p-897;
            plo[i] = b > 0.0 ? lo : 0.0;
        }
        for (size_t i = 0; i < m; i++) {
            crossed += plo[i] <= phi[i] ? 0 : 1;
            p[at + i].lo = plo[i];
            p[at + i].hi = phi[i];
        }
    }
    return crossed;
}

/* one block of up to BLOCK weights: g = c - t, and y, k by its sign */
static inline void choose(double *g, double *y, double *k, const double *c, double t,
                          const double *ya, const double *ka, const double *yb, const double *kb,
                          size_t m)
{
    for (size_t j = 0; j < m; j++) {
        g[j] = c[j] - t;
        y[j] = g[j] > 0.0 ? yb[j] : ya[j];
        k[j] = g[j] > 0.0 ? kb[j] : ka[j];
    }
    for (size_t j = m; j < BLOCK; j++) {
        g[j] = y[j] = 0.0;
        k[j] = -HUGE_VAL;
    }
}

static void vec_threshold(sbx_corner *r, const double *c, double t, const double *ya,
                          const double *ka, const double *yb, const double *kb, size_t n)
{
    double top[SBX_LANES], far[SBX_LANES] = {0}, D[SBX_LANES] = {0}, A[SBX_LANES] = {0};
    double N[SBX_LANES] = {0}, left[SBX_LANES] = {0}, g[BLOCK], y[BLOCK], k[BLOCK], K, out = 0.0;
    memset(r, 0, sizeof *r);
    for (size_t j = 0; j < SBX_LANES; j++)
        top[j] = -HUGE_VAL;
    for (size_t at = 0; at < n; at += BLOCK) {
        const size_t m = n - at < BLOCK ? n - at : BLOCK;
        choose(g, y, k, c + at, t, ya + at, ka + at, yb + at, kb + at, m);
        for (size_t i = 0; i < m; i += SBX_LANES)
            for (size_t j = 0; j < SBX_LANES; j++) {
                const double a = fabs(g[i + j]);
                top[j] = k[i + j] > top[j] ? k[i + j] : top[j];
                far[j] = a > far[j] ? a : far[j];
            }
    }
    K = top[0];
    for (size_t j = 0; j < SBX_LANES; j++) {
        K = top[j] > K ? top[j] : K;
        r->g_max = far[j] > r->g_max ? far[j] : r->g_max;
    }
    for (size_t at = 0; at < n; at += BLOCK) {
        const size_t m = n - at < BLOCK ? n - at : BLOCK;
        choose(g, y, k, c + at, t, ya + at, ka + at, yb + at, kb + at, m);
        for (size_t i = 0; i < m; i += SBX_LANES)
            for (size_t j = 0; j < SBX_LANES; j++) {
                const double d = k[i + j] - K, w = scaled(y[i + j], d), gw = g[i + j] * w;
                left[j] += d < -899.0 && y[i + j] > 0.0 ? 1.0 : 0.0;
                add2(&r->F.hi[j], &r->F.lo[j], gw);
                D[j] += w;
                A[j] += fabs(gw);
                N[j] += (g[i + j] + t) * w;
            }
    }
    for (size_t j = 0; j < SBX_LANES; j++) {
        r->D += D[j];
        r->A += A[j];
        r->N += N[j];
        out += left[j];
    }
    r->left = (size_t)out;
}

extern const sbx_vec JOIN(sbx_vec_, SBX_ISA);
const sbx_vec JOIN(sbx_vec_, SBX_ISA) = {
    .name = TEXT(SBX_ISA),
    .exp = vec_exp,
    .scan = vec_scan,
    .sum_exp = vec_sum_exp,
    .find = vec_find,
    .finish = vec_finish,
    .threshold = vec_threshold,
};
