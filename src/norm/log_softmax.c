/* norm/log_softmax.c -- the logarithm of softmax: no weights, but where they come from.
 *
 * The kernel does it [L-SMX-12].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"
#include "softbox/kernel.h"

#define NORM_FILE "norm/log_softmax.c"
#include "norm/every.h"

const sbx_norm sbx_norm_log_softmax = {
    .info = {.name = "log-softmax",
             .formula = "x_i - log sum e^x_j",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_SHIFT | SBX_NORM_CONTINUOUS | SBX_NORM_SYMMETRIC,
             .need = SBX_CAN_EXP | SBX_CAN_LOG},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian),
    .below = true};
#else
static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    (void)a;
    return FN(sbx_log_softmax)(p, x, n, ctx, err);
}

/* delta_ik - softmax_k */
static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *p = FN(sbx_norm_new)(n, ctx), one;
    (void)a;
    NUM_(init)(&one, ctx);
    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_softmax)(p, x, n, ctx, err));
    SBX_TRY(NUM_(set_si)(&one, 1, ctx, err));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            if (i == k)
                SBX_TRY(NUM_(sub)(&j[i * n + k], &one, &p[k], ctx, err));
            else
                SBX_TRY(NUM_(neg)(&j[i * n + k], &p[k], ctx, err));
        }
done:
    NUM_(clear)(&one);
    FN(sbx_norm_free)(p, n);
    return st;
}
#endif
