/* norm/gumbel.c -- Gumbel-softmax (Jang et al., Maddison et al. 2017) for a given draw of its noise.
 *
 * The draw is a parameter: one number for each score, or one for all, which cancels. Given the draw it
 * is softmax of shifted scores, and takes its extremes at corners [L-SMX-01].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"
#include "softbox/kernel.h"

#define NORM_FILE "norm/gumbel.c"
#include "norm/every.h"

static sbx_status fits(const sbx_norm_args *a, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (a->value[1].n != 1 && a->value[1].n != n)
        SBX_FAIL(err, SBX_ERR_ARG, "gumbel: %zu scores, noise has %zu numbers", n, a->value[1].n);
done:
    return st;
}

static const sbx_param params[] = {{"tau", "temperature", "1", "0", NULL, SBX_PARAM_OPEN_LO},
                                   {"noise", "the draw, a number for each score, or one for all",
                                    "0", NULL, NULL, SBX_PARAM_LIST}};

const sbx_norm sbx_norm_gumbel = {
    .info = {.name = "gumbel",
             .formula = "softmax((x + g) / tau), g given",
             .note = "the draw is given, so that every system works on the same one",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits =
                 SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT | SBX_NORM_CONTINUOUS,
             .need = SBX_CAN_EXP | SBX_CAN_LOG,
             .param = params,
             .n_params = 2},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian),
    .fits = fits};
#else
static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(FN(sbx_norm_param)(&t[1], a, 1, a->value[1].n == 1 ? 0 : i, ctx, err));
        SBX_TRY(NUM_(add)(&p[i], &x[i], &t[1], ctx, err));
        SBX_TRY(NUM_(div)(&p[i], &p[i], &t[0], ctx, err));
    }
    SBX_TRY(FN(sbx_softmax)(p, p, n, ctx, err));
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *p = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(2, ctx);
    if (!p || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(eval)(p, x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[1], 1, ctx, err));
    SBX_TRY(NUM_(div)(&t[0], &t[1], &t[0], ctx, err));
    SBX_TRY(FN(sbx_norm_softmax_slope)(j, n, p, n, &t[0], 0, ctx, err));
done:
    FN(sbx_norm_free)(t, 2);
    FN(sbx_norm_free)(p, n);
    return st;
}
#endif
