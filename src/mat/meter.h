/* mat/meter.h -- sums and maxima of a matrix that comes row by row.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MAT_METER_H
#define SBX_MAT_METER_H

#include <stdbool.h>

#include "mat/gram.h"

/* an enclosure of a nonnegative number, v 2^e */
typedef struct sbx_scaled {
    double lo, hi;
    int e;
} sbx_scaled;

struct sbx_mat_meter {
    size_t n, m;
    sbx_ivd entry, row_l1, row_l2, all_l1, least, most, sum_least, sum_most;
    sbx_scaled squares;
    double *col_lo, *col_hi; /* sums of magnitudes */
    /* the radii beside the midpoints that the Gram matrix is made of */
    double rad_row, rad_squares, *rad_col;
    bool gram, spoiled; /* spoiled: an entry without a midpoint */
    size_t held;
    double *block; /* midpoints of the last rows, SBX_MAT_TERMS rows */
    sbx_gram c;
};

/* midpoint and radius: [lo, hi] is in [*c - *r, *c + *r]; finite ends */
static inline void sbx_mid_rad(double *c, double *r, const sbx_ivd *x)
{
    const double a = x->lo == x->hi ? x->lo : x->lo / 2 + x->hi / 2;
    const double l = sbx_sub_hi(a, x->lo), h = sbx_sub_hi(x->hi, a);
    *c = a;
    *r = x->lo == x->hi ? 0.0 : l > h ? l : h;
}

/* the norms but the spectral one, whose fallbacks are set */
void sbx_meter_cheap(sbx_mat_norms *z, const sbx_mat_meter *w);

/* ||R||_2 of the radii, from above */
double sbx_meter_radius(const sbx_mat_meter *w);

/* adds the rows that are held; the whole symmetric matrix stands in w->c.g, w->c.k is set */
void sbx_meter_settle(sbx_mat_meter *w);

#endif
