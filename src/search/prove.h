/* search/prove.h -- is this point a counterexample? Answered by proof alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SEARCH_PROVE_H
#define SBX_SEARCH_PROVE_H

#include "softbox/net.h"
#include "softbox/property.h"

/* A point of the exact box, and proved bounds of the outputs there. */
typedef struct sbx_prover {
    const sbx_net *net;
    const sbx_property *p;
    size_t inputs, outputs;
    int (*stop)(void *); /* or NULL: nonzero ends an evaluation, the answer is UNKNOWN */
    void *stop_arg;
    size_t disjunct; /* of the last point */
    mpq_t *x;        /* [inputs]  */
    sbx_ivq *y;      /* [outputs] */
} sbx_prover;

/* A zero prover may be cleared. The net has as many inputs and outputs as p says. */
sbx_status sbx_prover_init(sbx_prover *w, const sbx_net *net, const sbx_property *p,
                           sbx_err *err) SBX_MUST_USE;
void sbx_prover_clear(sbx_prover *w);

/* sbx_prover_try: the point of the disjunct's exact box that is next to `point`:
 * does it satisfy every constraint of the disjunct?
 *
 *   in    point[inputs]  doubles, trusted in nothing; a NaN becomes the lower end
 *   out   *answer        TRUE: proved, and w->x, w->y, w->disjunct say where;
 *                        FALSE: proved that not; UNKNOWN
 *   proof L-NET-10, L-NET-33 (the ladder)
 *   error SBX_ERR_NOMEM, SBX_ERR_SOUNDNESS */
sbx_status sbx_prover_try(sbx_truth *answer, sbx_prover *w, size_t disjunct, const double *point,
                          sbx_err *err) SBX_MUST_USE;

/* sbx_prover_eval: proved bounds of the outputs at the exact point w->x, into w->y.
 *
 *   in    rung    0 .. SBX_PROVER_RUNGS - 1: doubles, 128 bits, 256 bits, rationals
 *   out   *known  false: that rung cannot say, and w->y is half-written
 *   error SBX_ERR_NOMEM, SBX_ERR_SOUNDNESS */
#define SBX_PROVER_RUNGS 4
sbx_status sbx_prover_eval(bool *known, sbx_prover *w, int rung, sbx_err *err) SBX_MUST_USE;

/* Left side minus right side of a constraint at w->x and w->y, exactly: in [lo, hi]. */
void sbx_prover_excess(mpq_ptr lo, mpq_ptr hi, const sbx_prover *w, const sbx_constraint *c);

/* w->x in the exact box of its disjunct, checked once more in rationals [L-NET-10] */
sbx_status sbx_prover_check(const sbx_prover *w, sbx_err *err) SBX_MUST_USE;

#endif
