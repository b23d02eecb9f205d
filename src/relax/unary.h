/* relax/unary.h -- the functions of sbx_unary_fn, as the bounds see them: convex, concave,
 * linear pieces; enclosures of values and slopes; values and slopes that are only near.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_UNARY_H
#define SBX_RELAX_UNARY_H

#include "softbox/relax.h"

typedef enum sbx_bend {
    SBX_CONCAVE = -1,
    SBX_LINEAR = 0, /* m x + k, exactly */
    SBX_CONVEX = 1,
    SBX_ANY = 2 /* differentiable, or the kink of a continuous function */
} sbx_bend;

/* f on [lo, hi]. At a jump the pieces on either side end with their own values, so that a
 * line that bounds the pieces bounds f. */
typedef struct sbx_piece {
    double lo, hi;
    sbx_bend bend;
    double m, k;
} sbx_piece;
#define SBX_PIECES 20

/* The pieces of f over a finite x, in order, end to end, inside f's domain; 0: none are
 * known here (sin, cos: too wide or too far).  proof L-RLX-43, L-RLX-44 */
size_t sbx_unary_pieces(sbx_piece *p, const sbx_unary *f, sbx_ivd x);
bool sbx_unary_in_domain(const sbx_unary *f, sbx_ivd x);

/* f(x) for x on a piece that is not linear; the slopes of that piece at all points of x, a
 * part of it (at an end of a piece: from inside). The whole line: nothing is known. */
sbx_ivd sbx_unary_value(const sbx_unary *f, double x);
sbx_ivd sbx_unary_slope(const sbx_unary *f, sbx_ivd x);

/* Not proved, near: f and its derivative; at kinks and jumps, one side's. */
double sbx_unary_near(const sbx_unary *f, double x);
double sbx_unary_near_slope(const sbx_unary *f, double x);

/* the same on a piece */
double sbx_piece_near(const sbx_unary *f, const sbx_piece *p, double x);
double sbx_piece_near_slope(const sbx_unary *f, const sbx_piece *p, double x);

/* Not proved: a slope of the convex envelope (s = 1; s = -1: concave) of f over the n pieces
 * at c, and at most two points where a line of that slope touches it from inside a piece
 * that bends so (NaN: none). */
double sbx_envelope_slope(double touch[2], const sbx_unary *f, const sbx_piece *p, size_t n,
                          double s, double c);
/* Not proved: where on a piece s f(x) - s a x is least, for s f convex there. */
double sbx_piece_least(const sbx_unary *f, const sbx_piece *p, double s, double a);

/* The slope at c of a piece, a double near it; it is the piece's own where that is linear. */
double sbx_piece_slope(const sbx_unary *f, const sbx_piece *p, double c);

#endif
