/* relax/optimal.h -- the best slopes of an affine bound of softmax_i at a point of the box.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_OPTIMAL_H
#define SBX_RELAX_OPTIMAL_H

#include "relax/oracle.h"

/* a[0..n): slopes whose bound at c is within rel of the best (of its distance from f), unless
 * that takes more than `most` calls of the oracle; *calls: how many it took. They prove nothing:
 * the intercept does. */
sbx_status sbx_orc_optimal(double *a, int *calls, sbx_orc *o, sbx_end side, const double *c,
                           double rel, int most, sbx_err *err) SBX_MUST_USE;

/* slopes from closed forms: above, the tangent of the concave envelope in x_i - lse of the others;
 * below, the best plane under e^{x_i}/(e^{x_i} + A), A the sum of the others' chords. o usable */
void sbx_orc_first(double *a, sbx_orc *o, sbx_end side, const double *c);

/* The bound at c, optimal or fast, in the box of o; false in *found: none in doubles. o's pieces
 * prove it. o has room for sbx_orc_leaves boxes. */
sbx_status sbx_orc_bound(sbx_affine *out, bool *found, sbx_orc *o, sbx_end side, const double *c,
                         bool fast, sbx_err *err) SBX_MUST_USE;
size_t sbx_orc_leaves(size_t n, bool fast);

/* Is v[0] surely above every published lower bound at c, v[1] below every upper one? room: 6 n */
bool sbx_orc_clear(const double v[2], size_t i, const sbx_ivd *x, const double *c, size_t n,
                   double *room);

#endif
