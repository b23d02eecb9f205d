/* search/clip.h -- cuts off the part of a box where an affine bound refutes a constraint.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SEARCH_CLIP_H
#define SBX_SEARCH_CLIP_H

#include "search/plan.h"

/* sbx_clip_affine: shrinks box to one that holds every point of it with g . x + k <= t,
 * where g, k are doubles taken as exact.
 *   out   false: there is no such point (the box is then half-way)
 *   proof L-NET-35; numbers that are not finite change nothing */
bool sbx_clip_affine(sbx_ivd *box, size_t n, const double *g, double k, double t);

/* sbx_clip_case: the same for all constraints of a case, after a run of the bounder on a box
 * that contains this one.
 *   in    place[rows of the plan]  the row of the run
 *         g[inputs]                scratch
 *   out   false: the case is refuted on the box */
bool sbx_clip_case(sbx_ivd *box, double *g, const sbx_plan *plan, const sbx_plan_case *c,
                   const sbx_bounder *b, const size_t *place);

#endif
