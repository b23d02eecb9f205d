/* mech/lowrank.h -- what the mechanisms of low rank share, in every system: segments of rows,
 * products of small matrices, iterations towards an inverse, indices among the draws.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MECH_LOWRANK_H
#define SBX_MECH_LOWRANK_H

#include "mech/mech.h"

/* The rows of segment a of l, l <= n: from a n / l up to the next one's first. All are of n / l rows
 * where l divides n; none is empty. */
static inline size_t sbx_mech_segment(size_t a, size_t n, size_t l)
{
    return a * (n / l) + a * (n % l) / l;
}

#define SBX_MECH_LOWRANK(S)                                                                           \
    /* z = x y, a x b times b x c; z is none of them */                                               \
    sbx_status sbx_mech_product_##S(sbx_##S *z, const sbx_##S *x, const sbx_##S *y, size_t a,         \
                                    size_t b, size_t c, const sbx_mech_run_##S *r, sbx_err *err)      \
        SBX_MUST_USE;                                                                                 \
    /* row a of z, a < l: the mean of segment a of the n rows of x, each of d numbers */              \
    sbx_status sbx_mech_segment_means_##S(sbx_##S *z, const sbx_##S *x, size_t n, size_t l,           \
                                          size_t d, const sbx_mech_run_##S *r, sbx_err *err)          \
        SBX_MUST_USE;                                                                                 \
    /* the greatest of the l sums of |x| along columns of an l x l matrix */                          \
    sbx_status sbx_mech_norm1_##S(sbx_##S *z, const sbx_##S *x, size_t l,                             \
                                  const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;              \
    /* v = 2 v - v p v: I - p v is squared [L-MCH-30]; t: 2 l l numbers */                            \
    sbx_status sbx_mech_newton_##S(sbx_##S *v, const sbx_##S *p, size_t l, sbx_##S *t,                \
                                   const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;             \
    /* v = v (13 I - p v (15 I - p v (7 I - p v))) / 4: e = I - p v becomes (3 e^3 + e^4) / 4      \
     * [L-MCH-31]; t: 3 l l numbers */  \
    sbx_status sbx_mech_cubic_##S(sbx_##S *v, const sbx_##S *p, size_t l, sbx_##S *t,                 \
                                  const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;              \
    /* ivq: the ends of v[0..n) become multiples of 2^(-2 prec), outward, so that steps of an \
     * iteration do not multiply their digits; other systems: nothing */       \
    sbx_status sbx_mech_shorten_##S(sbx_##S *v, size_t n, const sbx_mech_run_##S *r, sbx_err *err)    \
        SBX_MUST_USE;                                                                                 \
    /* w[0..m) = row x[0..l) times y (l x l) times z (l x m); t: l numbers */                         \
    sbx_status sbx_mech_through_##S(sbx_##S *w, const sbx_##S *x, const sbx_##S *y,                   \
                                    const sbx_##S *z, size_t l, sbx_##S *t,                           \
                                    const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;            \
    /* o = (x y) (z v) for x n x l, y l x l, z l x m; t: l (dv + 1) numbers */                        \
    sbx_status sbx_mech_through_all_##S(sbx_##S *o, const sbx_##S *x, const sbx_##S *y,               \
                                        const sbx_##S *z, size_t l, sbx_##S *t,                       \
                                        const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;        \
    /* to[k] = the integer x[k], 0 <= x[k] < below. SBX_ERR_ARG: it is none; UNSUPPORTED: the       \
     * system does not have all of them */ \
    sbx_status sbx_mech_indices_##S(size_t *to, const sbx_##S *x, size_t n, size_t below,             \
                                    const char *what, const sbx_mech_run_##S *r, sbx_err *err)        \
        SBX_MUST_USE;
SBX_MECH_SYSTEMS(SBX_MECH_LOWRANK)

#endif
