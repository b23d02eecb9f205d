/* kernel/vec.h -- the loops over arrays of doubles, in three builds of one source.
 *
 * kernel/vec.body.c is compiled for AVX-512, for AVX2 with FMA, and for any
 * processor; every build gives the same bits, since the source fixes the order of
 * all operations and the compiler may not change it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_KERNEL_VEC_H
#define SBX_KERNEL_VEC_H

#include "softbox/num.h"

#include <stddef.h>

/* Beyond these the double path does not apply: |x| for the exp kernel [L-EXP-04],
 * n for the compensated sums [L-FP-04]. */
#define SBX_VEC_X_MAX 1e6
#define SBX_VEC_N_MAX ((size_t)1 << 24)

#define SBX_LANES 16

/* A compensated sum in lanes: hi + lo, lo the accumulated rounding errors. */
typedef struct sbx_sum2 {
    double hi[SBX_LANES], lo[SBX_LANES];
} sbx_sum2;

/* What a first look at a box finds. */
typedef struct sbx_scan {
    double max_lo, max_hi; /* greatest lower and upper end; -inf if all are */
    int bad;               /* a NaN, lo > hi, or an infinite upper end      */
    int far;               /* a finite end beyond SBX_VEC_X_MAX             */
} sbx_scan;

/* Sums over a corner of a box of weights w_j, for a threshold t. */
typedef struct sbx_corner {
    sbx_sum2 F;     /* sum (c_j - t) w_j, compensated     */
    double D, A, N; /* sum w_j, |c_j - t| w_j, c_j w_j    */
    double g_max;   /* max |c_j - t|                      */
    size_t left;    /* weights left out                   */
} sbx_corner;

typedef struct sbx_vec {
    const char *name;

    /* y[i] 2^k[i] ~ e^{x[i]}, |x[i]| <= 1e6; x[i] = -inf: y = 0, k = -1e9 */
    void (*exp)(double *y, double *k, const double *x, size_t n);

    void (*scan)(sbx_scan *s, const sbx_ivd *x, size_t n);

    /* adds e^{end of x[j]} 2^-K for from <= j < to; terms below 2^-899 are left out */
    void (*sum_exp)(sbx_sum2 *s, const sbx_ivd *x, sbx_end e, size_t from, size_t to, double K);

    /* how many j have an end >= bound; the first max of them in at[] */
    size_t (*find)(size_t *at, size_t max, const sbx_ivd *x, sbx_end e, size_t n, double bound);

    /* all p[i] from the two sums; p may be x; the number of i with !(lo <= hi) */
    size_t (*finish)(sbx_ivd *p, const sbx_ivd *x, size_t n, double S_lo, double K_lo, double S_hi,
                     double K_hi);

    /* r for the corner of threshold t: w_j = yb 2^(kb-K) where c_j > t, else ya 2^(ka-K),
     * K the greatest exponent among them; weights below 2^-899 are left out */
    void (*threshold)(sbx_corner *r, const double *c, double t, const double *ya, const double *ka,
                      const double *yb, const double *kb, size_t n);
} sbx_vec;

/* the build that this processor runs best; chosen once */
const sbx_vec *sbx_vec_get(void);

/* hi + lo of all lanes, rounded to nearest: relative error at most 1.1 u for
 * nonnegative terms, n <= SBX_VEC_N_MAX [L-FP-04] */
double sbx_sum2_value(const sbx_sum2 *s);

/* the first side of a box that a scan calls bad */
size_t sbx_scan_bad(const sbx_ivd *x, size_t n);

/* the builds that this processor runs, the best first; how many */
size_t sbx_vec_builds(const sbx_vec *v[3]);

#endif
