/* softbox/opt.h -- certified global optimisation: the least (greatest) value of one function over
 * a box, between two proved bounds, by interval branch and bound.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_OPT_H
#define SBX_OPT_H

#include "softbox/num.h"

#ifdef __cplusplus
extern "C" {
#endif

/* *z encloses { f(t) : t in the box x }; x may be a point. An error ends the search. */
typedef sbx_status sbx_opt_value(sbx_ivd *z, const sbx_ivd *x, size_t n, void *arg, sbx_err *err);

/* g[k] encloses df/dx_k on x: every value where f is differentiable, every generalised one
 * (Clarke's) where it has a kink; infinite ends are allowed. */
typedef sbx_status sbx_opt_slope(sbx_ivd *g, const sbx_ivd *x, size_t n, void *arg, sbx_err *err);

typedef struct sbx_opt_problem {
    sbx_opt_value *value;
    sbx_opt_slope *slope; /* NULL: none. With it f must be locally Lipschitz on the box. */
    void *arg;
    double gap;       /* stop when the bounds are that near, >= 0               */
    size_t max_boxes; /* ... or after so many boxes; 0: SBX_OPT_BOXES           */
} sbx_opt_problem;
#define SBX_OPT_BOXES 20000

typedef struct sbx_opt_result {
    sbx_ivd bound; /* lo <= the extreme of f over the box <= hi, both proved; infinite where
                    * nothing is */
    size_t boxes;  /* looked at */
    bool reached;  /* hi - lo <= gap */
} sbx_opt_result;

/* sbx_opt_min: between which bounds the least value of f over x lies (the infimum, if f is not
 * continuous); sbx_opt_max: the greatest.
 *
 *   in    x[0..n) finite, n >= 1
 *   out   *r; at[0..n), NULL allowed: a point where f comes to the end of the bound that f
 *         itself gives: f(at) <= r->bound.hi (min), f(at) >= r->bound.lo (max)
 *   tight r->reached says whether the gap was; the bounds hold in any case
 *   proof L-OPT-01 (the least bound of boxes that cover), L-OPT-02 (mean value form, monotone
 *         coordinates)
 *   from  Moore and Skelboe's algorithm; Hansen and Walster, Global Optimization Using Interval
 *         Analysis
 *   cost  about max_boxes evaluations of value and of slope
 *   error SBX_ERR_ARG no box, a side that is not finite; SBX_ERR_NOMEM, SBX_ERR_STOPPED; that of
 *         value or slope */
sbx_status sbx_opt_min(sbx_opt_result *r, double *at, const sbx_opt_problem *f, const sbx_ivd *x,
                       size_t n, const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_opt_max(sbx_opt_result *r, double *at, const sbx_opt_problem *f, const sbx_ivd *x,
                       size_t n, const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
