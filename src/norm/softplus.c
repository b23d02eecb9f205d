/* norm/softplus.c -- softplus, normalised.
 *
 * The weight rises: its ends over an interval are its values at the ends, max(x, 0) + log(1 + e^-|x|).
 * Ranges: a quotient of ends [L-NRM-02].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/softplus.c"
#include "norm/every.h"

const sbx_norm sbx_norm_softplus = {.info = {.name = "softplus",
                                             .formula = "log(1 + e^x_i) / sum log(1 + e^x_j)",
                                             .kind = SBX_NORM_TRANSCENDENTAL,
                                             .shape = SBX_NORM_SEPARABLE,
                                             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE |
                                                       SBX_NORM_CONTINUOUS | SBX_NORM_SYMMETRIC,
                                             .need = SBX_CAN_EXP | SBX_CAN_LOG,
                                             .n_params = 0},
                                    SBX_NORM_EVAL(eval),
                                    SBX_NORM_JACOBIAN(jacobian)};
#else
static sbx_status FN(value)(NUM *z, const NUM *x, const sbx_norm_args *a, const sbx_ctx *ctx,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    (void)a;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(abs)(&t[0], x, ctx, err));
    SBX_TRY(NUM_(neg)(&t[0], &t[0], ctx, err));
    SBX_TRY(NUM_(exp)(&t[0], &t[0], ctx, err));
    SBX_TRY(NUM_(log1p)(&t[0], &t[0], ctx, err));
    SBX_TRY(NUM_(max)(&t[1], x, &t[1], ctx, err));
    SBX_TRY(NUM_(add)(z, &t[0], &t[1], ctx, err));
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

static sbx_status FN(weight)(NUM *w, NUM *dw, const NUM *x, const NUM *top, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    (void)top;
    if (dw) SBX_TRY(NUM_(sigmoid)(dw, x, ctx, err));
    SBX_TRY(FN(sbx_norm_rising)(w, x, FN(value), a, ctx, err));
done:
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), SBX_NORM_NO_REST)
#endif
