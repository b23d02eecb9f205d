/* norm/softmax.c -- softmax with inverse temperature lambda, the exponential mechanism.
 *
 * The kernel does it: at a point with the maximum subtracted, over a box at the two corners that
 * are the extremes [L-SMX-01].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"
#include "softbox/kernel.h"

#define NORM_FILE "norm/softmax.c"
#include "norm/every.h"

static const sbx_param params[] = {
    {"lambda", "inverse temperature", "1", "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_softmax = {.info = {.name = "softmax",
                                            .formula = "e^(lambda x_i) / sum e^(lambda x_j)",
                                            .kind = SBX_NORM_TRANSCENDENTAL,
                                            .shape = SBX_NORM_SEPARABLE,
                                            .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE |
                                                      SBX_NORM_SHIFT | SBX_NORM_CONTINUOUS |
                                                      SBX_NORM_SYMMETRIC,
                                            .need = SBX_CAN_EXP | SBX_CAN_LOG,
                                            .param = params,
                                            .n_params = 1},
                                   SBX_NORM_EVAL(eval),
                                   SBX_NORM_JACOBIAN(jacobian),
                                   .below = true};
#else
static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM lambda;
    NUM_(init)(&lambda, ctx);
    if (sbx_norm_is(a, 0, 1)) {
        SBX_TRY(FN(sbx_softmax)(p, x, n, ctx, err));
        goto done;
    }
    SBX_TRY(FN(sbx_norm_param)(&lambda, a, 0, 0, ctx, err));
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(mul)(&p[j], &lambda, &x[j], ctx, err));
    SBX_TRY(FN(sbx_softmax)(p, p, n, ctx, err));
done:
    NUM_(clear)(&lambda);
    return st;
}

/* lambda p_i (delta_ik - p_k) */
static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *p = FN(sbx_norm_new)(n, ctx), lambda;
    NUM_(init)(&lambda, ctx);
    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(eval)(p, x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&lambda, a, 0, 0, ctx, err));
    SBX_TRY(FN(sbx_norm_softmax_slope)(j, n, p, n, &lambda, 0, ctx, err));
done:
    NUM_(clear)(&lambda);
    FN(sbx_norm_free)(p, n);
    return st;
}
#endif
