/* norm/relumax.c -- positive parts, k = 1 or 2, over a constant.
 *
 * No sum over the row; output i rises with x_i, so interval evaluation is its range. At x_i = 0 the
 * slope of k = 1 can be anything in [0, 1] / gamma.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/relumax.c"
#include "norm/every.h"

static const sbx_param params[] = {{"k", "the exponent", "1", "1", "2", SBX_PARAM_INTEGER},
                                   {"gamma", "divides", "1", "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_relumax = {.info = {.name = "relumax",
                                            .formula = "max(x_i, 0)^k / gamma",
                                            .kind = SBX_NORM_RATIONAL,
                                            .shape = SBX_NORM_SEPARABLE,
                                            .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_CONTINUOUS |
                                                      SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC |
                                                      SBX_NORM_POINTWISE,
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
    SBX_TRY(FN(sbx_norm_param)(&t[1], a, 1, 0, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(max)(&p[i], &x[i], &t[0], ctx, err));
        if (sbx_norm_is(a, 0, 2)) SBX_TRY(NUM_(sqr)(&p[i], &p[i], ctx, err));
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
    SBX_TRY(FN(sbx_norm_param)(&t[1], a, 1, 0, ctx, err));
    for (size_t i = 0; i < n; i++) {
        if (sbx_norm_is(a, 0, 2)) {
            SBX_TRY(NUM_(max)(&t[2], &x[i], &t[0], ctx, err));
            SBX_TRY(NUM_(add)(&t[2], &t[2], &t[2], ctx, err));
        } else {
            SBX_TRY(NUM_(set_si)(&t[2], NUM_(le)(&x[i], &t[0]) != SBX_TRUE, ctx, err));
#if NUM_ENCLOSE
            if (NUM_(lt)(&t[0], &x[i]) != SBX_TRUE) { /* 0 belongs to both sides */
                SBX_TRY(NUM_(set_si)(&t[2], NUM_(lt)(&x[i], &t[0]) != SBX_TRUE, ctx, err));
                SBX_TRY(NUM_(hull)(&t[2], &t[2], &t[0], ctx, err));
            }
#endif
        }
        SBX_TRY(NUM_(div)(&j[i * n + i], &t[2], &t[1], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 4);
    return st;
}
#endif
