/* norm/consmax.c -- ConSmax (Liu et al. 2024): constants in the place of maximum and sum.
 *
 * No sum over the row: output i depends on x_i alone, and rises, so interval evaluation is its range.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/consmax.c"
#include "norm/every.h"

static const sbx_param params[] = {
    {"beta", "takes the place of the maximum", "0", NULL, NULL, 0},
    {"gamma", "takes the place of the sum", "1", "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_consmax = {.info = {.name = "consmax",
                                            .formula = "e^(x_i - beta) / gamma",
                                            .kind = SBX_NORM_TRANSCENDENTAL,
                                            .shape = SBX_NORM_SEPARABLE,
                                            .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_CONTINUOUS |
                                                      SBX_NORM_SYMMETRIC | SBX_NORM_POINTWISE,
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
        SBX_TRY(NUM_(sub)(&p[i], &x[i], &t[0], ctx, err));
        SBX_TRY(NUM_(exp)(&p[i], &p[i], ctx, err));
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
    NUM *p = FN(sbx_norm_new)(n, ctx);
    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(eval)(p, x, n, a, ctx, err));
    for (size_t i = 0; i < n; i++)
        NUM_(set)(&j[i * n + i], &p[i]);
done:
    FN(sbx_norm_free)(p, n);
    return st;
}
#endif
