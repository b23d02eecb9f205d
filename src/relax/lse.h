/* relax/lse.h -- affine upper bounds of lse over a box, and so lower ones of log-softmax.
 *
 * lse is convex, so a.x + b is above it on a box where it is at the corners. With the corners as sets S of
 * coordinates at their upper ends, lse there is log of a sum over S: a concave function of a sum, which is
 * submodular. The least concave function above it is therefore not the interpolation over sorted
 * coordinates (that one is below), and finding it is as hard as splitting a set of numbers into equal halves; but it is
 * close to the log of the sum of chords, and the coordinates that make the difference are few.
 *
 * So: m coordinates of the greatest e^u - e^l are looked at corner by corner, the others are a sum that
 * may be anything between its ends. Slopes come from anywhere; the constant is proved [L-RLX-120].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_LSE_H
#define SBX_RELAX_LSE_H

#include "softbox/relax.h"

enum { SBX_LSE_CORNERS = 12 }; /* most of m */

typedef struct sbx_lse {
    size_t n;
    const sbx_ivd *x; /* the box, the caller's; a lower end may be -inf: slope 0 there */
    const double *at; /* the point, the caller's                                   */
    double shift;     /* the greatest upper end                                    */
    double *lo, *hi;  /* [n] at least e^{end - shift}                              */
    double *slope;    /* [n] of the chord between these, about                     */
    double *z;        /* [n] where the point is between the ends, 0 to 1, about    */
    double *a;        /* [n] scratch                                               */
    size_t *order;    /* [n] greatest hi - lo first                                */
} sbx_lse;

/* SBX_ERR_NOMEM; sbx_lse_close in any case. The ends are checked by the caller. */
sbx_status sbx_lse_open(sbx_lse *w, const sbx_ivd *x, const double *at, size_t n,
                        sbx_err *err) SBX_MUST_USE;
void sbx_lse_close(sbx_lse *w);

/* sbx_lse_intercept: b with lse(x) <= a.x + b on the box; +inf where there is none.
 *   in    m    the first m of w->order are corners, m <= SBX_LSE_CORNERS, m <= n
 *         rho  the others' slopes are about rho times their chords': any number is right
 *   tight n = m: the least b, but for rounding
 *   proof L-RLX-120
 *   cost  2^m (n + a logarithm) */
double sbx_lse_intercept(const sbx_lse *w, const double *a, size_t m, double rho);

/* A bound from closed forms: n = 2: no affine bound is lower at the point [L-RLX-121]; n > 2: lowest of those
 * that know the coordinate of the greatest e^u - e^l and the sum of the others' chords.
 * out->coef is the caller's; false: no finite one. */
bool sbx_lse_closed(sbx_affine *out, sbx_lse *w);

/* Slopes by cutting planes: n <= SBX_LSE_CORNERS: the lowest bound at the point, up to some 1e-6 of the gap.
 *   error SBX_ERR_NOMEM; a solver that fails gives false */
sbx_status sbx_lse_optimal(sbx_affine *out, bool *found, sbx_lse *w, sbx_err *err) SBX_MUST_USE;

/* x_i minus it: a lower bound of log-softmax_i. false: not finite [L-RLX-122] */
bool sbx_lse_log_softmax(sbx_affine *a, size_t i, const sbx_ivd *x, size_t n);

#endif
