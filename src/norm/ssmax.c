/* norm/ssmax.c -- scalable softmax (Nakanishi 2025): the base is the number of scores.
 *
 * Softmax with lambda = s log n. Where s (x_i - max x) is whole for every i, mpq computes it exactly.
 * Ranges as for softmax [L-NRM-02].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/ssmax.c"
#include "norm/every.h"

static const sbx_param params[] = {{"s", "scale", "1", "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_ssmax = {
    .info = {.name = "ssmax",
             .formula = "n^(s x_i) / sum n^(s x_j)",
             .note = "exact in mpq where every s (x_i - max x) is whole",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT |
                       SBX_NORM_CONTINUOUS | SBX_NORM_SYMMETRIC,
             .param = params,
             .n_params = 1},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
/* w[i] = n^(s (x_i - top)); dw, unless it is NULL, its slope */
static sbx_status FN(weights)(NUM *w, NUM *dw, const NUM *x, size_t n, const sbx_norm_args *a,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(3, ctx);
    mpq_t b;
    mpq_init(b);
    mpq_set_ui(b, (unsigned long)n, 1);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(FN(sbx_norm_top)(&t[1], x, n, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(sub)(&t[2], &x[i], &t[1], ctx, err));
        SBX_TRY(NUM_(mul)(&t[2], &t[2], &t[0], ctx, err));
        SBX_TRY(FN(sbx_norm_base_power)(&w[i], b, &t[2], ctx, err));
    }
    if (dw) {
        SBX_TRY(NUM_(set_q)(&t[1], b, ctx, err));
        SBX_TRY(NUM_(log)(&t[1], &t[1], ctx, err));
        SBX_TRY(NUM_(mul)(&t[1], &t[1], &t[0], ctx, err));
        for (size_t i = 0; i < n; i++)
            SBX_TRY(NUM_(mul)(&dw[i], &w[i], &t[1], ctx, err));
    }
done:
    mpq_clear(b);
    FN(sbx_norm_free)(t, 3);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *w = FN(sbx_norm_new)(n, ctx);
    if (!w) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    SBX_TRY(FN(weights)(w, NULL, x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_weights)(p, w, NULL, n, a, ctx, err));
done:
    FN(sbx_norm_free)(w, n);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *w = FN(sbx_norm_new)(n, ctx), *dw = FN(sbx_norm_new)(n, ctx);
    if (!w || !dw) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    SBX_TRY(FN(weights)(w, dw, x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_weights_slope)(j, w, dw, NULL, n, a, ctx, err));
done:
    FN(sbx_norm_free)(dw, n);
    FN(sbx_norm_free)(w, n);
    return st;
}
#endif
