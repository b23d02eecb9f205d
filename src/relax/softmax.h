/* relax/softmax.h -- the convex and concave bounds of softmax, log-softmax and
 * lse over a box, with their gradients, as enclosures at a point.
 *
 * All rest on one device: on a side of the box e^y lies below its chord, so with
 * y_j = x_j - x_r (r a pivot coordinate) or y_j = x_j - m (m a constant)
 *
 *     lse(x) = x_r + log sum_j e^{y_j} <= x_r + log S(x),   S = sum_j chord_j(y_j),
 *
 * and S is affine, so the right side is concave, x_i minus it convex, and so is
 * e to that. Pivot i gives ER, the constant LSE, the coordinate of the greatest
 * centre LSE* [L-RLX-02, L-RLX-04, L-RLX-06, L-RLX-10, L-RLX-11].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_SOFTMAX_H
#define SBX_RELAX_SOFTMAX_H

#include "softbox/relax.h"

enum { SBX_RLX_TEMPS = 12 };

/* One box, one point of it, one function; what several bounds need is here.
 *
 *   c[n]        the point, the caller's
 *   lo hi [n]   the ends of the sides, not set where flat
 *   soft[n]     softmax_j(c)
 *   g[n]        the gradient at c of the bound that was computed last
 *   p_lo p_up   the ends of softmax_i's range; s_lo s_up their logarithms
 *   z_lo z_up   the ends of lse's range
 *   s z         log-softmax_i(c), lse(c)
 *   best        after a bound that is the best of several at c: the best's value, where
 *               *v is that of the one whose gradient is in g; else *v
 *   flat        a lower end is -inf, or c is not used: constant bounds only */
#define SBX_RLX_DECLARE(S)                                                                           \
    typedef struct sbx_rlx_##S {                                                                     \
        size_t n, i;                                                                                 \
        sbx_vector_fn f;                                                                             \
        bool flat;                                                                                   \
        const sbx_ctx *ctx;                                                                          \
        const sbx_##S *c, **t;                                                                       \
        sbx_##S *lo, *hi, *soft, *g;                                                                 \
        sbx_##S p_lo, p_up, s_lo, s_up, z_lo, z_up, s, z, best, one, zero;                           \
        sbx_##S tmp[SBX_RLX_TEMPS];                                                                  \
    } sbx_rlx_##S;                                                                                   \
    /* checks the arguments, and fills *w; sbx_rlx_close in any case */                              \
    sbx_status sbx_rlx_open_##S(sbx_rlx_##S *w, sbx_vector_fn f, sbx_method m, size_t i,             \
                                const sbx_##S *x, const sbx_##S *at, size_t n, const sbx_ctx *ctx,   \
                                sbx_err *err) SBX_MUST_USE;                                          \
    void sbx_rlx_close_##S(sbx_rlx_##S *w);                                                          \
    /* the range's end on a side, as an enclosure of the exact end */                                \
    const sbx_##S *sbx_rlx_range_##S(const sbx_rlx_##S *w, sbx_end side);                            \
    /* method m's bound (not auto) on one side at c: its value in *v, its gradient in w->g;        \
     * where something is not finite, the constant bound */ \
    sbx_status sbx_rlx_bound_##S(sbx_rlx_##S *w, sbx_##S *v, sbx_method m, sbx_end side,             \
                                 sbx_err *err) SBX_MUST_USE;                                         \
    /* the same for auto: the best of all at c, value only */                                        \
    sbx_status sbx_rlx_best_##S(sbx_rlx_##S *w, sbx_##S *v, sbx_end side, sbx_err *err)              \
        SBX_MUST_USE;

SBX_RLX_DECLARE(ivd)
SBX_RLX_DECLARE(ivf)

/* Does sbx_relax_value, does sbx_relax_vector have method m for function f? */
bool sbx_relax_has(sbx_vector_fn f, sbx_method m);
bool sbx_rlx_has(sbx_vector_fn f, sbx_method m);

#endif
