/* mat/view.h -- a matrix of enclosures as the algorithms look at it: with at least as many rows as
 * columns, entries near 1, and a row at a time split into midpoints and radii.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MAT_VIEW_H
#define SBX_MAT_VIEW_H

#include <stdbool.h>

#include "mat/meter.h"

typedef struct sbx_view {
    const sbx_ivd *e;
    size_t m, n, rows, cols; /* rows >= cols: as looked at */
    int shift;               /* entries are multiplied by 2^shift */
    sbx_ivd *row;
    double *c, *r; /* midpoints, radii of the last row */
    double *spare; /* 3 cols */
} sbx_view;

/* x 2^e rounded down, up */
double sbx_shift_lo(double x, int e);
double sbx_shift_hi(double x, int e);

/* top: the greatest magnitude, finite. A zero object may be cleared. */
sbx_status sbx_view_make(sbx_view *w, const sbx_ivd *e, size_t m, size_t n, double top,
                         sbx_err *err);
void sbx_view_clear(sbx_view *w);

const sbx_ivd *sbx_view_row(const sbx_view *w, size_t i);

/* fills c and r with row i; the sum of its radii, to nearest (0 only if all are 0) */
double sbx_view_halves(const sbx_view *w, size_t i);

/* on which both |row i of E times v| lie: the least and the greatest [L-MAT-04] */
sbx_ivd sbx_view_times(const sbx_view *w, size_t i, const double *v);

/* between which ||E v|| / ||v|| lies; v = 0: [0, inf] */
sbx_ivd sbx_view_stretch(const sbx_view *w, const double *v);

/* Narrows *z, which holds ||E||, both sides; w->spare becomes an approximate right singular
 * vector of it (length 1 or 0). E as it is looked at.
 *   proof L-MAT-02 .. L-MAT-05 */
sbx_status sbx_view_sides(sbx_ivd *z, const sbx_view *w, const sbx_ctx *ctx, sbx_err *err);

#endif
