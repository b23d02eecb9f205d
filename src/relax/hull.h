/* relax/hull.h -- the best affine bound at a point, by cutting planes, in plain doubles.
 *
 * The least h(c) of an affine h >= f on a box is the largest sum of lambda_k f(z_k) over points
 * z_k of the box with weights lambda_k >= 0, sum 1, and mean c (linear programming duality). A
 * revised simplex method keeps d + 1 points with their weights; its prices are the plane. The
 * point that violates the plane most enters: from the points seen before, or from the caller.
 *
 * Coordinates are those of the unit box; what it finds proves nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_HULL_H
#define SBX_RELAX_HULL_H

#include "softbox/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct sbx_hull {
    size_t d, points, room;
    double sign;    /* +1: a plane above f; -1: below */
    double *z, *f;  /* the points seen, f at each (times sign) */
    double *inv;    /* the inverse of the basis's matrix, (d + 1)^2 */
    double *weight; /* of the basis's points */
    size_t *basis;
    double *plane;  /* [d + 1]: the slopes in z, and the constant (times sign) */
    double *way;    /* scratch, d + 1 */
    double *target; /* c, moved a little off the faces; and 1 */
    int pivots;
} sbx_hull;

/* room for so many points; sbx_hull_close in any case */
sbx_status sbx_hull_open(sbx_hull *h, size_t d, size_t room, bool above, const double *c,
                         sbx_err *err) SBX_MUST_USE;
void sbx_hull_close(sbx_hull *h);

/* one more point, or when there is no room the place of one that is not in the basis */
size_t sbx_hull_add(sbx_hull *h, const double *z, double f);
/* the first basis: the path of corners from 0 to 1 that has c between; f at each by the caller:
 * corner k (0 .. d) into z */
void sbx_hull_corner(const sbx_hull *h, size_t k, double *z);
bool sbx_hull_start(sbx_hull *h); /* after points 0 .. d are these corners */

/* Pivots until no point seen is beyond the plane by more than tol. */
void sbx_hull_solve(sbx_hull *h, double tol, int most);
/* the plane's value at c, times sign */
double sbx_hull_value(const sbx_hull *h);

#endif
