/* softbox/mech_error.h -- rounding errors of attention mechanisms, certified: how far the outputs and
 * the weights that a machine computes can be from the exact ones.
 *
 * A mechanism is one template; here it runs in a floating-point format, every operation rounded once,
 * and on numbers that carry an enclosure and a proved error bound (running error analysis). Both do the
 * operations in the order of the mechanism's form.
 *
 *   sbx_mech_machine m;  sbx_mech_error e;
 *   st = sbx_mech_machine_make(&m, "fp16", err);
 *   st = sbx_mech_error_point(&e, &args, &data, &m, err);
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MECH_ERROR_H
#define SBX_MECH_ERROR_H

#include "softbox/error.h"
#include "softbox/mech.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The machine: the format of every value; the format in which the sums of products and of weights are
 * added up (products, too), each sum rounded to `number` at its end. */
typedef struct sbx_mech_machine {
    sbx_num number; /* F32, F64, LOWP                                                 */
    sbx_format format;
    sbx_num acc; /* the same, or a wider one                                          */
    sbx_format acc_format;
    bool fma; /* sums of products: x y + s is rounded once                            */
    bool ftz; /* results below the least normal number become 0                       */
    /* exp, log, tanh ...: at most this many units in the last place from the exact value; 0.5: correctly
     * rounded; 0: exp as sbx_exp_bulk has it (F64 alone), the others correctly rounded */
    double exp_ulps;
} sbx_mech_machine;

/* number "f64", "f32", "fp16", "bf16", "tf32", "e5m2", "e4m3"; sums in the same, exp correctly rounded,
 * no fma, gradual underflow.  error  SBX_ERR_ARG with the names that exist */
sbx_status sbx_mech_machine_make(sbx_mech_machine *m, const char *number,
                                 sbx_err *err) SBX_MUST_USE;

/* The unit roundoff u = 2^-p of the values. */
double sbx_mech_machine_unit(const sbx_mech_machine *m);

/* Rounds all numbers of x into the format, extra matrices, too; with ftz none is subnormal.
 *   error  SBX_ERR_DOMAIN  one is beyond the format's largest number */
sbx_status sbx_mech_machine_round(sbx_mech_data *x, const sbx_mech_machine *m,
                                  sbx_err *err) SBX_MUST_USE;

/* What is known, of the outputs and of the weights. As sbx_error_report has it: errors are the largest
 * |computed - exact|; in units of u they are divided by u and the largest |exact output| (weight).
 * published_u is NaN. `overflow`: an operation overflowed, divided by 0 or had no value. */
typedef struct sbx_mech_error {
    sbx_error_report output, weight;
    bool has_weights; /* weight is filled */
    double scale;     /* the largest |exact output|, rounded down */
} sbx_mech_error;

/* How much may be done. */
enum {
    SBX_MECH_ERROR_NO_WEIGHTS = 1,  /* outputs alone                                        */
    SBX_MECH_ERROR_NO_OBSERVED = 2, /* no run and no exact value: bounds alone              */
    SBX_MECH_ERROR_NO_BOUND = 4     /* no bounds: what is observed alone                    */
};

/* The error at the point x, whose numbers are first rounded into the format: they are exact then.
 *
 *   out    e->output.observed  the machine's run against an enclosure of the exact outputs
 *          e->output.bound     of any machine of that accuracy [L-ERR-20, L-ERR-21]; infinite where reason says why:
 *                              an operation may overflow, a comparison may go either way
 *          e->output.apriori   by a theorem, where there is one: softmax attention [L-ERR-22], SimA [L-ERR-23],
 *                              linear and causal linear attention [L-ERR-24]
 *   memory of a bound: every operation is kept, about 110 bytes each, at most 4e6 of them: less than half a
 *          GB, for a moment half as much again while it grows. A longer one, or one that memory does not
 *          hold, has the bound by running errors alone
 *   error  SBX_ERR_ARG, DOMAIN  as sbx_mech_open: no exact value there; an accumulator that is narrower;
 *          SBX_ERR_NOMEM */
sbx_status sbx_mech_error_point(sbx_mech_error *e, const sbx_mech_args *a, const sbx_mech_data *x,
                                const sbx_mech_machine *m, unsigned what,
                                sbx_err *err) SBX_MUST_USE;

/* The largest error over all q, k, v of numbers of the format within `radius` of x (extra matrices as they are).
 *
 *   out    bounds of all of them; observed: of the worst that a search of effort->tries runs found, which is put into
 *          *worst (NULL: not wanted; else zeroed before, cleared by the caller). tries 0, effort NULL: as many as take some
 *          tenths of a second, at least 8. ran false: SBX_MECH_ERROR_NO_OBSERVED, or none of the runs had a value
 *   error  as at a point, radius negative */
sbx_status sbx_mech_error_box(sbx_mech_error *e, sbx_mech_data *worst, const sbx_mech_args *a,
                              const sbx_mech_data *x, double radius, const sbx_mech_machine *m,
                              const sbx_error_effort *effort, unsigned what,
                              sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
