/* norm/softmax1.c -- softmax with n0 more in the sum, softmax_n (Miller 2023), so that all weights can be small.
 *
 * It is softmax with one more score, log n0, whose weight is left out; all is divided by e^m, m the
 * greater of max x and 0. Ranges: a quotient of ends [L-NRM-02].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/softmax1.c"
#include "norm/every.h"

static const sbx_param params[] = {
    {"n0", "what is added to the sum; 0 is softmax", "1", "0", NULL, 0}};

const sbx_norm sbx_norm_softmax1 = {.info = {.name = "softmax1",
                                             .formula = "e^x_i / (n0 + sum e^x_j)",
                                             .kind = SBX_NORM_TRANSCENDENTAL,
                                             .shape = SBX_NORM_SEPARABLE,
                                             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_BELOW |
                                                       SBX_NORM_CONTINUOUS | SBX_NORM_SYMMETRIC,
                                             .need = SBX_CAN_EXP,
                                             .param = params,
                                             .n_params = 1},
                                    SBX_NORM_EVAL(eval),
                                    SBX_NORM_JACOBIAN(jacobian)};
#else
/* w[i] = e^(x_i - m), *rest = n0 e^-m */
static sbx_status FN(weights)(NUM *w, NUM *rest, const NUM *x, size_t n, const sbx_norm_args *a,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_top)(&t[0], x, n, ctx, err));
    SBX_TRY(NUM_(max)(&t[0], &t[0], &t[1], ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(sub)(&w[i], &x[i], &t[0], ctx, err));
        SBX_TRY(NUM_(exp)(&w[i], &w[i], ctx, err));
    }
    SBX_TRY(NUM_(neg)(&t[0], &t[0], ctx, err));
    SBX_TRY(NUM_(exp)(&t[0], &t[0], ctx, err));
    SBX_TRY(FN(sbx_norm_param)(rest, a, 0, 0, ctx, err));
    SBX_TRY(NUM_(mul)(rest, rest, &t[0], ctx, err));
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *w = FN(sbx_norm_new)(n + 1, ctx);
    if (!w) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    SBX_TRY(FN(weights)(w, &w[n], x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_weights)(p, w, &w[n], n, a, ctx, err));
done:
    FN(sbx_norm_free)(w, n + 1);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *w = FN(sbx_norm_new)(n + 1, ctx);
    if (!w) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    SBX_TRY(FN(weights)(w, &w[n], x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_weights_slope)(j, w, w, &w[n], n, a, ctx, err));
done:
    FN(sbx_norm_free)(w, n + 1);
    return st;
}
#endif
