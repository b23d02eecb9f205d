/* norm/polymax.c -- PolyMax: flat, linear, then a power, over a constant.
 *
 * 0 up to x0 < 0; the line through (x0, 0) and (0, y0) up to 0; x^power + y0 above. Output i rises with
 * x_i and is continuous, so its ends over an interval are its values at the ends [L-NRM-15].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/polymax.c"
#include "norm/every.h"

static const sbx_param params[] = {
    {"x0", "where the line leaves 0", "-1", NULL, "0", SBX_PARAM_OPEN_HI},
    {"y0", "the value at 0", "1", "0", NULL, 0},
    {"power", "the exponent", "2", "1", "64", SBX_PARAM_INTEGER},
    {"gamma", "divides", "1", "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_polymax = {
    .info = {.name = "polymax",
             .formula = "0, then a line, then x_i^power + y0, over gamma",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_CONTINUOUS | SBX_NORM_SPARSE |
                       SBX_NORM_SYMMETRIC | SBX_NORM_POINTWISE,
             .param = params,
             .n_params = 4},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
static sbx_status FN(value)(NUM *z, const NUM *x, const sbx_norm_args *a, const sbx_ctx *ctx,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(4, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err)); /* x0 */
    SBX_TRY(FN(sbx_norm_param)(&t[1], a, 1, 0, ctx, err)); /* y0 */
    SBX_TRY(NUM_(max)(&t[2], x, &t[0], ctx, err));
    SBX_TRY(NUM_(min)(&t[2], &t[2], &t[3], ctx, err)); /* x cut to [x0, 0] */
    SBX_TRY(NUM_(sub)(&t[2], &t[2], &t[0], ctx, err));
    SBX_TRY(NUM_(div)(&t[2], &t[2], &t[0], ctx, err));
    SBX_TRY(NUM_(mul)(&t[2], &t[2], &t[1], ctx, err));
    SBX_TRY(NUM_(neg)(&t[2], &t[2], ctx, err));
    SBX_TRY(NUM_(max)(&t[3], x, &t[3], ctx, err));
    SBX_TRY(NUM_(pow)(&t[3], &t[3], (double)sbx_norm_long(a, 2), ctx, err));
    SBX_TRY(NUM_(add)(&t[2], &t[2], &t[3], ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&t[1], a, 3, 0, ctx, err));
    SBX_TRY(NUM_(div)(z, &t[2], &t[1], ctx, err));
done:
    FN(sbx_norm_free)(t, 4);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < n; i++)
        SBX_TRY(FN(sbx_norm_rising)(&p[i], &x[i], FN(value), a, ctx, err));
done:
    return st;
}

/* 0 below x0, y0 / -x0 up to 0, power x^(power - 1) above; at the joints both sides */
static sbx_status FN(slope)(NUM *z, const NUM *x, const sbx_norm_args *a, const sbx_ctx *ctx,
                            sbx_err *err)
{
    const long power = sbx_norm_long(a, 2);
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(6, ctx), *zero = t + 5;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&t[2], a, 1, 0, ctx, err));
    SBX_TRY(NUM_(neg)(&t[2], &t[2], ctx, err));
    SBX_TRY(NUM_(div)(&t[2], &t[2], &t[0], ctx, err)); /* the line */
    SBX_TRY(NUM_(max)(&t[3], x, zero, ctx, err));
    SBX_TRY(NUM_(pow)(&t[3], &t[3], (double)(power - 1), ctx, err));
    SBX_TRY(NUM_(set_si)(&t[4], power, ctx, err));
    SBX_TRY(NUM_(mul)(&t[3], &t[3], &t[4], ctx, err)); /* the power */
    SBX_TRY(NUM_(set_si)(&t[1], 0, ctx, err));
#if NUM_ENCLOSE
    bool any = false;
    const bool part[3] = {NUM_(lt)(&t[0], x) != SBX_TRUE,
                          NUM_(lt)(x, &t[0]) != SBX_TRUE && NUM_(lt)(zero, x) != SBX_TRUE,
                          NUM_(lt)(x, zero) != SBX_TRUE};
    for (int k = 0; k < 3; k++) {
        if (!part[k]) continue;
        if (any)
            SBX_TRY(NUM_(hull)(z, z, &t[1 + k], ctx, err));
        else
            NUM_(set)(z, &t[1 + k]);
        any = true;
    }
#else
    if (NUM_(lt)(zero, x) == SBX_TRUE)
        NUM_(set)(z, &t[3]);
    else
        NUM_(set)(z, NUM_(lt)(&t[0], x) == SBX_TRUE ? &t[2] : &t[1]);
#endif
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 3, 0, ctx, err));
    SBX_TRY(NUM_(div)(z, z, &t[0], ctx, err));
done:
    FN(sbx_norm_free)(t, 6);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < n; i++)
        SBX_TRY(FN(slope)(&j[i * n + i], &x[i], a, ctx, err));
done:
    return st;
}
#endif
