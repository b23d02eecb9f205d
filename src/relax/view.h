/* relax/view.h -- the boxes in which a zone can be looked at.
 *
 * Softmax depends on differences alone, so besides the box itself every pivot k gives another
 * box, y_j = x_j - x_k in the range of that difference, y_k = 0. A bound in y becomes one in
 * x: the coefficient of x_k is minus the sum of the others (lse: plus 1) [L-RLX-72].
 * Known difference bounds are in these boxes, so that a method that knows boxes alone uses them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_VIEW_H
#define SBX_RELAX_VIEW_H

#include "softbox/relax.h"

typedef struct sbx_views {
    size_t n;
    sbx_ivd *x; /* the box, with what the differences say of it */
    double *at; /* the point, inside x                          */
    double *d;  /* [(n+1)(n+1)] of sbx_zone_close; NULL: no differences */
    sbx_ivd *y; /* scratch of sbx_view_box                      */
    double *c;  /* and the point there                          */
} sbx_views;

/* at == NULL: the centre of the box, which is in the zone.
 *   error SBX_ERR_ARG a bad zone, a point outside of it; SBX_ERR_DOMAIN an empty one */
sbx_status sbx_views_open(sbx_views *v, const sbx_zone *z, const double *at,
                          sbx_err *err) SBX_MUST_USE;
void sbx_views_close(sbx_views *v);

/* v->y, v->c: view k's box and point, k < n a pivot, n the box itself; false: no box that the
 * bounds take, an upper end is infinite */
bool sbx_view_box(sbx_views *v, size_t k);

/* a, a bound on one side in view k, becomes one in x; false: not finite [L-RLX-72] */
bool sbx_view_back(sbx_affine *a, const sbx_views *v, size_t k, sbx_end side, sbx_vector_fn f);

/* Is a(c) < b(c), exactly? Infinite constants: by these. */
bool sbx_affine_less(const sbx_affine *a, const sbx_affine *b, const double *c, size_t n);

#endif
