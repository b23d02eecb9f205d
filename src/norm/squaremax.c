/* norm/squaremax.c -- squared positive parts, normalised.
 *
 * 0/0 where no score is positive. The weight rises; its slope 2 max(x, 0) is continuous. Ranges: a
 * quotient of ends [L-NRM-02].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/squaremax.c"
#include "norm/every.h"

const sbx_norm sbx_norm_squaremax = {.info = {.name = "squaremax",
                                              .formula = "max(x_i, 0)^2 / sum max(x_j, 0)^2",
                                              .undefined = "where no score is positive",
                                              .kind = SBX_NORM_RATIONAL,
                                              .shape = SBX_NORM_SEPARABLE,
                                              .traits = SBX_NORM_NONNEGATIVE |
                                                        SBX_NORM_SUMS_TO_ONE | SBX_NORM_SCALE |
                                                        SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC,
                                              .zero_rows = true,
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
    SBX_TRY(NUM_(max)(&t, x, &t, ctx, err));
    SBX_TRY(NUM_(sqr)(w, &t, ctx, err));
    if (dw) SBX_TRY(NUM_(add)(dw, &t, &t, ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), SBX_NORM_NO_REST)
#endif
