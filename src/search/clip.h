/* search/clip.h -- cuts off the part of a box where an affine bound refutes a constraint.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SEARCH_CLIP_H
#define SBX_SEARCH_CLIP_H

#include "search/joint.h"

/* sbx_clip_affine: shrinks box to one that holds every point of it with g . x + k <= t,
 * where g, k are doubles taken as exact.
 *   out   false: there is no such point (the box is then half-way)
 *   proof L-NET-35; numbers that are not finite change nothing */
bool sbx_clip_affine(sbx_ivd *box, size_t n, const double *g, double k, double t);

/* sbx_clip_case: the same for all constraints of a case, after a run of the bounder on a box
 * that contains this one.
 *   in    place[rows of the plan]  the row of the run
 *         j                        room for the case's constraints
 *   out   false: the case is refuted on the box */
bool sbx_clip_case(sbx_ivd *box, sbx_joint *j, const sbx_plan *plan, const sbx_plan_case *c,
                   const sbx_bounder *b, const size_t *place);

/* sbx_clip_tighter: after sbx_clip_case of the same case, which left the weights in j: the sum
 * of its constraints is bounded once more with slopes that suit it, and clips the box.
 *   in    c[outputs]  scratch
 *         steps       of sbx_bounder_tighten
 *   out   *left       false: the case is refuted on the box
 *         *lo         a proved lower bound of the sum's Y part where the bounder ran: for a case of one
 *                     constraint with weight 1, of its row */
sbx_status sbx_clip_tighter(bool *left, double *lo, sbx_ivd *box, sbx_joint *j, double *c,
                            const sbx_plan *plan, const sbx_plan_case *k, sbx_bounder *b, int steps,
                            sbx_err *err) SBX_MUST_USE;

#endif
