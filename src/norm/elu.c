/* norm/elu.c -- elu + 1, the feature map of linear attention (Katharopoulos et al. 2020), normalised.
 *
 * elu(x) + 1 = max(x, 0) + e^min(x, 0): two increasing terms, so that interval evaluation is sharp.
 * Ranges: a quotient of ends [L-NRM-02].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/elu.c"
#include "norm/every.h"

const sbx_norm sbx_norm_elu = {.info = {.name = "elu",
                                        .formula = "(elu(x_i) + 1) / sum (elu(x_j) + 1)",
                                        .kind = SBX_NORM_TRANSCENDENTAL,
                                        .shape = SBX_NORM_SEPARABLE,
                                        .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE |
                                                  SBX_NORM_CONTINUOUS | SBX_NORM_SYMMETRIC,
                                        .need = SBX_CAN_EXP,
                                        .n_params = 0},
                               SBX_NORM_EVAL(eval),
                               SBX_NORM_JACOBIAN(jacobian)};
#else
static sbx_status FN(weight)(NUM *w, NUM *dw, const NUM *x, const NUM *top, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(3, ctx);
    (void)top;
    (void)a;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(max)(&t[0], x, &t[2], ctx, err));
    SBX_TRY(NUM_(min)(&t[1], x, &t[2], ctx, err));
    SBX_TRY(NUM_(exp)(&t[1], &t[1], ctx, err));
    SBX_TRY(NUM_(add)(w, &t[0], &t[1], ctx, err));
    if (dw) NUM_(set)(dw, &t[1]);
done:
    FN(sbx_norm_free)(t, 3);
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), SBX_NORM_NO_REST)
#endif
