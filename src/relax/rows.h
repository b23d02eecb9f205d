/* relax/rows.h -- closed-form affine bounds of the rows of softmax, in doubles, and what all
 * rows of one box share.
 *
 * A row is given up, "no bound", where something is not finite; the caller then has the
 * constant bound.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_ROWS_H
#define SBX_RELAX_ROWS_H

#include "softbox/relax.h"

/* sums over all coordinates but one, from sums over those before and those after it */
typedef enum sbx_rows_sum {
    SBX_SUM_LO, /* e^{lo_j - ref}, below the true sum                     */
    SBX_SUM_HI, /* e^{hi_j - ref}, above                                  */
    SBX_SUM_C,  /* e^{c_j - ref_c}, near, to n u                          */
    SBX_SUM_AT, /* the chords at c, above                                 */
    SBX_SUM_AL, /* at the lower ends, below                               */
    SBX_SUM_AU, /* at the upper ends, above                               */
    SBX_SUM_KX, /* slope times the greatest |x_j|, above                  */
    SBX_SUM_KC, /* slope times c_j, near                                  */
    SBX_SUM_COUNT
} sbx_rows_sum;

/* A box and a point of it.
 *
 *   lo hi c     x - ref outward, ref the greatest upper end; c_j - ref_c, ref_c the greatest c
 *   reach       the greatest |x_j|
 *   el eh       e^lo, e^hi: enclosures
 *   ec          e^c to 2 u (0 below e^-700)
 *   k           slopes of lines over e^{x_j - ref} on the sides, near the chord's [L-RLX-76] */
typedef struct sbx_rows {
    size_t n;
    const double *at;
    double ref, ref_c, reach;
    double *lo, *hi, *c, *ec, *k;
    sbx_ivd *el, *eh;
    double *before[SBX_SUM_COUNT], *after[SBX_SUM_COUNT];
    double *block;
} sbx_rows;

/* x, at: finite, at in x; *flat: no box for these bounds (n == 1, too wide for doubles) */
sbx_status sbx_rows_open(sbx_rows *r, bool *flat, const sbx_ivd *x, const double *at, size_t n,
                         sbx_err *err) SBX_MUST_USE;
void sbx_rows_close(sbx_rows *r);

/* the sum over all j but i, as computed; its relative error is at most (n + 2) u but for KC */
double sbx_rows_but(const sbx_rows *r, sbx_rows_sum s, size_t i);
/* the same moved up and down by that */
double sbx_rows_but_hi(const sbx_rows *r, sbx_rows_sum s, size_t i);
double sbx_rows_but_lo(const sbx_rows *r, sbx_rows_sum s, size_t i);

/* the slope at c of the concave envelope of the logistic function over [a, b], not proved */
double sbx_logistic_slope(double a, double b, double c);

/* Above softmax_i: the tangent at c of the concave envelope of the logistic function in
 * t = x_i - lse(the others).  proof L-RLX-73, L-RLX-74, L-RLX-75 */
bool sbx_env_upper(sbx_affine *out, const sbx_rows *r, size_t i);
/* Below, n == 2: the convex envelope in the difference. */
bool sbx_env_lower(sbx_affine *out, const sbx_rows *r, size_t i);

/* A rectangle [al, au] x [yl, yu] of (A, y), a point (ac, yc) of it; end[]: enclosures of e^yl
 * and e^yu; el, eu, ec: e^yl, e^yu, e^yc, near. */
typedef struct sbx_rect {
    double al, au, ac, yl, yu, yc, el, eu, ec;
    sbx_ivd end[2];
} sbx_rect;

/* y = x_i - ref and its exponentials */
void sbx_rect_row(sbx_rect *q, const sbx_rows *r, size_t i);

/* alpha - b A + g y <= e^y/(e^y + A) on the rectangle, the plane that is highest at its point,
 * but for rounding.  proof L-RLX-77 */
bool sbx_rect_plane(double *alpha, double *b, double *g, const sbx_rect *r);

/* Below: the plane that is highest at c of all below g(A, y) = e^y/(e^y + A), A the sum of
 * the chords of the others, y = x_i.  proof L-RLX-76, L-RLX-77, L-RLX-78 */
bool sbx_l2d_lower(sbx_affine *out, const sbx_rows *r, size_t i);

/* The same in view k of the box x alone, with planes over e^{x_j - x_k} that are as low at `at` as
 * any can be; a bound in x. Better than l2d's where `at` is not the centre; k = i: ER's, better.
 * proof L-RLX-100 */
bool sbx_lovasz_lower(sbx_affine *out, const sbx_rows *r, const sbx_ivd *x, const double *at,
                      size_t i, size_t k);

#endif
