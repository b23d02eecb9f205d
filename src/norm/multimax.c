/* norm/multimax.c -- MultiMax of first order (Zhou et al. 2024): slopes tb below b and td above d, then softmax.
 *
 * y rises with x, so its ends over an interval are its values at the ends [L-NRM-15], and softmax takes its
 * extremes at corners [L-SMX-01]. With tb = td = 1 it is softmax.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"
#include "softbox/kernel.h"

#define NORM_FILE "norm/multimax.c"
#include "norm/every.h"

static sbx_status fits(const sbx_norm_args *a, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    (void)n;
    if (mpq_cmp(a->value[1].v[0], a->value[3].v[0]) > 0)
        SBX_FAIL(err, SBX_ERR_ARG, "multimax: b must not be above d");
done:
    return st;
}

static const sbx_param params[] = {{"tb", "slope below b", "2", "0", NULL, 0},
                                   {"b", "where the low part ends", "0", NULL, NULL, 0},
                                   {"td", "slope above d", "1/2", "0", NULL, 0},
                                   {"d", "where the high part begins, >= b", "1", NULL, NULL, 0}};

const sbx_norm sbx_norm_multimax = {
    .info = {.name = "multimax",
             .formula = "softmax(y), y = x + (1 - tb) max(b - x, 0) + (td - 1) max(x - d, 0)",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_CONTINUOUS |
                       SBX_NORM_SYMMETRIC,
             .need = SBX_CAN_EXP | SBX_CAN_LOG,
             .param = params,
             .n_params = 4},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian),
    .fits = fits};
#else
static sbx_status FN(modulated)(NUM *z, const NUM *x, const sbx_norm_args *a, const sbx_ctx *ctx,
                                sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(6, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    for (size_t k = 0; k < 4; k++)
        SBX_TRY(FN(sbx_norm_param)(&t[k], a, k, 0, ctx, err)); /* tb, b, td, d */
    /* the parts of x below b, above d, and between, with their slopes */
    SBX_TRY(NUM_(sub)(&t[4], x, &t[1], ctx, err));
    SBX_TRY(NUM_(min)(&t[4], &t[4], &t[5], ctx, err));
    SBX_TRY(NUM_(mul)(&t[0], &t[4], &t[0], ctx, err));
    SBX_TRY(NUM_(sub)(&t[4], x, &t[3], ctx, err));
    SBX_TRY(NUM_(max)(&t[4], &t[4], &t[5], ctx, err));
    SBX_TRY(NUM_(mul)(&t[2], &t[4], &t[2], ctx, err));
    SBX_TRY(NUM_(max)(&t[4], x, &t[1], ctx, err));
    SBX_TRY(NUM_(min)(&t[4], &t[4], &t[3], ctx, err));
    SBX_TRY(NUM_(add)(&t[4], &t[4], &t[0], ctx, err));
    SBX_TRY(NUM_(add)(z, &t[4], &t[2], ctx, err));
done:
    FN(sbx_norm_free)(t, 6);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < n; i++)
        SBX_TRY(FN(sbx_norm_rising)(&p[i], &x[i], FN(modulated), a, ctx, err));
    SBX_TRY(FN(sbx_softmax)(p, p, n, ctx, err));
done:
    return st;
}

/* *z = the slopes of y at x */
static sbx_status FN(slope)(NUM *z, const NUM *x, const sbx_norm_args *a, const sbx_ctx *ctx,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(5, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    for (size_t k = 0; k < 4; k++)
        SBX_TRY(FN(sbx_norm_param)(&t[k], a, k, 0, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[4], 1, ctx, err));
#if NUM_ENCLOSE
    bool any = false;
    const bool part[3] = {NUM_(lt)(&t[1], x) != SBX_TRUE, NUM_(lt)(x, &t[3]) != SBX_TRUE,
                          NUM_(lt)(x, &t[1]) != SBX_TRUE && NUM_(lt)(&t[3], x) != SBX_TRUE};
    const NUM *const value[3] = {&t[0], &t[2], &t[4]};
    for (int k = 0; k < 3; k++) {
        if (!part[k]) continue;
        if (any)
            SBX_TRY(NUM_(hull)(z, z, value[k], ctx, err));
        else
            NUM_(set)(z, value[k]);
        any = true;
    }
#else
    NUM_(set)
    (z, NUM_(lt)(x, &t[1]) == SBX_TRUE ? &t[0] : NUM_(lt)(&t[3], x) == SBX_TRUE ? &t[2] : &t[4]);
#endif
done:
    FN(sbx_norm_free)(t, 5);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *p = FN(sbx_norm_new)(n, ctx), *g = FN(sbx_norm_new)(n, ctx);
    if (!p || !g) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(eval)(p, x, n, a, ctx, err));
    for (size_t k = 0; k < n; k++)
        SBX_TRY(FN(slope)(&g[k], &x[k], a, ctx, err));
    SBX_TRY(FN(sbx_norm_softmax_slope)(j, n, p, n, g, 1, ctx, err));
done:
    FN(sbx_norm_free)(g, n);
    FN(sbx_norm_free)(p, n);
    return st;
}
#endif
