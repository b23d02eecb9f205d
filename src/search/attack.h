/* search/attack.h -- looks for counterexamples in plain doubles, and has each proved.
 *
 * Nothing here is trusted: a bug can only miss a counterexample. What is found goes
 * through sbx_prover_try.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SEARCH_ATTACK_H
#define SBX_SEARCH_ATTACK_H

#include "search/plan.h"
#include "search/prove.h"
#include "softbox/verify.h"

#define SBX_ATTACK_BEST 12

typedef struct sbx_attack {
    const sbx_plan *plan;
    sbx_bounder *bounder; /* not owned */
    sbx_prover *prover;   /* not owned */
    const sbx_verify_opts *opts;
    bool off;     /* the network cannot be run forward                  */
    bool stopped; /* opts->stop said so                                 */
    uint64_t rng;
    long calls;   /* forward runs that may still be made                */
    int failures; /* proofs that may still fail                         */
    double *x, *y, *g, *w, *m, *v;
    double *best; /* [SBX_ATTACK_BEST][inputs]: the best points of a sample */
} sbx_attack;

sbx_status sbx_attack_init(sbx_attack *a, const sbx_plan *plan, sbx_bounder *b, sbx_prover *w,
                           const sbx_verify_opts *opts, sbx_err *err) SBX_MUST_USE;
void sbx_attack_clear(sbx_attack *a);

/* One point: found when some case of the group is proved violated there. */
sbx_status sbx_attack_point(bool *found, sbx_attack *a, const sbx_plan_group *g, const double *x,
                            sbx_err *err) SBX_MUST_USE;

/* Left side minus right side of a constraint at x, about, after a run there; *size: of the
 * terms that were added. */
double sbx_attack_excess(double *size, const sbx_attack *a, const sbx_plan_con *c, const double *x);

/* The centre of a group's box, and one short descent from it. */
sbx_status sbx_attack_quick(bool *found, sbx_attack *a, const sbx_plan_group *g,
                            sbx_err *err) SBX_MUST_USE;

/* Corners and many descents, with at most `calls` runs of the network. */
sbx_status sbx_attack_group(bool *found, sbx_attack *a, const sbx_plan_group *g, long calls,
                            sbx_err *err) SBX_MUST_USE;

/* A descent of a few steps inside `box`, from a->x, which the caller has filled; the first
 * step is `rate` times the width. */
sbx_status sbx_attack_descend(bool *found, sbx_attack *a, const sbx_plan_group *g, size_t target,
                              const sbx_ivd *box, int steps, double rate, bool adam,
                              sbx_err *err) SBX_MUST_USE;
#define SBX_ANY_CASE ((size_t)-1)

#endif
