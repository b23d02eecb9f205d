/* norm/spherical.c -- spherical softmax (Vincent, de Brebisson and Bouthillier 2015).
 *
 * Blind to signs; with eps = 0 invariant to scale, and 0/0 where all scores are 0. Ranges: the quotient
 * of the ends of the weights [L-NRM-02].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/spherical.c"
#include "norm/every.h"

static unsigned traits(const sbx_norm_args *a)
{
    const unsigned t = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SYMMETRIC;
    return t | (sbx_norm_is(a, 0, 0) ? SBX_NORM_SCALE | SBX_NORM_SPARSE : SBX_NORM_CONTINUOUS);
}

static const sbx_param params[] = {{"eps", "floor: added to every weight", "1", "0", NULL, 0}};

const sbx_norm sbx_norm_spherical = {.info = {.name = "spherical",
                                              .formula = "(x_i^2 + eps) / sum (x_j^2 + eps)",
                                              .undefined = "where all are 0, if eps = 0",
                                              .kind = SBX_NORM_RATIONAL,
                                              .shape = SBX_NORM_SEPARABLE,
                                              .traits = SBX_NORM_NONNEGATIVE |
                                                        SBX_NORM_SUMS_TO_ONE | SBX_NORM_CONTINUOUS |
                                                        SBX_NORM_SYMMETRIC,
                                              .zero_rows = true,
                                              .param = params,
                                              .n_params = 1},
                                     SBX_NORM_EVAL(eval),
                                     SBX_NORM_JACOBIAN(jacobian),
                                     .traits = traits};
#else
static sbx_status FN(weight)(NUM *w, NUM *dw, const NUM *x, const NUM *top, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM eps;
    (void)top;
    NUM_(init)(&eps, ctx);
    SBX_TRY(FN(sbx_norm_param)(&eps, a, 0, 0, ctx, err));
    if (dw) SBX_TRY(NUM_(add)(dw, x, x, ctx, err));
    SBX_TRY(NUM_(sqr)(w, x, ctx, err));
    SBX_TRY(NUM_(add)(w, w, &eps, ctx, err));
done:
    NUM_(clear)(&eps);
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), SBX_NORM_NO_REST)
#endif
