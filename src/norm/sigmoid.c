/* norm/sigmoid.c -- the logistic function, normalised.
 *
 * Ranges: a quotient of ends, the weight rises [L-NRM-02].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/sigmoid.c"
#include "norm/every.h"

const sbx_norm sbx_norm_sigmoid = {.info = {.name = "sigmoid",
                                            .formula = "s(x_i) / sum s(x_j), s(x) = 1 / (1 + e^-x)",
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
    NUM t;
    (void)top;
    (void)a;
    NUM_(init)(&t, ctx);
    SBX_TRY(NUM_(neg)(&t, x, ctx, err));
    SBX_TRY(NUM_(sigmoid)(&t, &t, ctx, err)); /* 1 - s */
    SBX_TRY(NUM_(sigmoid)(w, x, ctx, err));
    if (dw) SBX_TRY(NUM_(mul)(dw, w, &t, ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), SBX_NORM_NO_REST)
#endif
