/* softbox/bound.h -- proved bounds of a whole network over a box of inputs.
 *
 * Interval propagation and backward linear propagation (CROWN / DeepPoly), with
 * every rounding error accounted for [L-NET-01 .. L-NET-07]; per neuron the better
 * of the two is kept.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_BOUND_H
#define SBX_BOUND_H

#include "softbox/net.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum sbx_bound_method {
    SBX_BOUND_IBP,  /* interval propagation                                         */
    SBX_BOUND_CROWN /* backward linear propagation, intersected with the intervals  */
} sbx_bound_method;

/* Work space for bounds of one network; not shared between threads. */
typedef struct sbx_bounder sbx_bounder;

sbx_status sbx_bounder_new(sbx_bounder **b, const sbx_net *net, sbx_err *err) SBX_MUST_USE;
void sbx_bounder_free(sbx_bounder *b);

/* stop is asked between the steps of every later run: nonzero ends it with SBX_ERR_STOPPED */
void sbx_bounder_stop_by(sbx_bounder *b, int (*stop)(void *), void *stop_arg);

/* sbx_bounder_run: bounds of every tensor, and of C y for the rows of C.
 *
 *   in    box[inputs]       finite
 *         C[rows][outputs]  finite doubles, taken as exact; may be NULL with rows 0
 *   out   lo[rows]          proved: lo[r] <= (C y)_r for every input of the box;
 *                           -inf where nothing could be proved (never NaN)
 *   tight no promise; never worse than interval propagation
 *   proof L-NET-01 .. L-NET-07
 *   error SBX_ERR_NOMEM, SBX_ERR_ARG, SBX_ERR_SOUNDNESS, SBX_ERR_STOPPED */
sbx_status sbx_bounder_run(sbx_bounder *b, double *lo, const sbx_ivd *box, const double *C,
                           size_t rows, sbx_bound_method m, sbx_err *err) SBX_MUST_USE;

/* After a run: the proved bounds of the outputs, [outputs]. */
const sbx_ivd *sbx_bounder_outputs(const sbx_bounder *b);

/* After a CROWN run with rows > 0: the affine lower bound of row r, [inputs + 1]: the
 * coefficients on the inputs, then the constant. As exact doubles, where all are finite,
 * it is proved for every input of the box. NULL after IBP. */
const double *sbx_bounder_input_coef(const sbx_bounder *b, size_t r);

/* sbx_bounder_tighten: after a CROWN run, a lower bound of c[outputs] on its box by slopes
 * below the ReLUs whose sign is open that suit this row.
 *   in    lo      a bound so far, or -inf
 *         enough  stops when the bound is larger
 *         steps   backward passes of one row, at most
 *   out   lo      never less than before
 *         coef    [inputs + 1]: where lo became better, the affine lower bound that gave it, as
 *                 of sbx_bounder_input_coef
 *   proof L-NET-71: every slope that is tried is allowed, whatever the search for it did
 *   error SBX_ERR_NOMEM, SBX_ERR_STOPPED */
sbx_status sbx_bounder_tighten(sbx_bounder *b, double *lo, double *coef, const double *c,
                               double enough, int steps, sbx_err *err) SBX_MUST_USE;

/* Unproved, for searching: y = net(x) in plain doubles, and the gradient of w.y
 * at x; either output may be NULL. */
sbx_status sbx_bounder_forward(sbx_bounder *b, double *y, double *grad, const double *x,
                               const double *w, sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
