/* norm/sigmoidmax.c -- the logistic function of each score, as in sigmoid attention.
 *
 * No sum over the row; output i rises with x_i, so interval evaluation is its range. Sigmoid attention
 * has beta = -log n, which is no parameter here: it is given as the number that is meant.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/sigmoidmax.c"
#include "norm/every.h"

static const sbx_param params[] = {{"beta", "is added to each score", "0", NULL, NULL, 0},
                                   {"gamma", "divides", "1", "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_sigmoidmax = {
    .info = {.name = "sigmoidmax",
             .formula = "s(x_i + beta) / gamma, s(x) = 1 / (1 + e^-x)",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_CONTINUOUS | SBX_NORM_SYMMETRIC |
                       SBX_NORM_POINTWISE,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 2},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&t[1], a, 1, 0, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(add)(&p[i], &x[i], &t[0], ctx, err));
        SBX_TRY(NUM_(sigmoid)(&p[i], &p[i], ctx, err));
        SBX_TRY(NUM_(div)(&p[i], &p[i], &t[1], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(4, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&t[1], a, 1, 0, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(add)(&t[2], &x[i], &t[0], ctx, err));
        SBX_TRY(NUM_(neg)(&t[3], &t[2], ctx, err));
        SBX_TRY(NUM_(sigmoid)(&t[2], &t[2], ctx, err));
        SBX_TRY(NUM_(sigmoid)(&t[3], &t[3], ctx, err));
        SBX_TRY(NUM_(mul)(&t[2], &t[2], &t[3], ctx, err));
        SBX_TRY(NUM_(div)(&j[i * n + i], &t[2], &t[1], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 4);
    return st;
}
#endif
