/* norm/base.c -- softmax to another base, 2 in hardware (Stevens et al. 2021).
 *
 * It is softmax with lambda = log b, with powers in the place of exp, so that it is rational where
 * scores are whole: there mpq computes it exactly. Every weight rises in its own score, so a quotient
 * of ends is its range [L-NRM-02].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/base.c"
#include "norm/every.h"

static const sbx_param params[] = {{"b", "the base", "2", "1", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_base = {.info = {.name = "base",
                                         .formula = "b^x_i / sum b^x_j",
                                         .note = "exact in mpq where every x_i - max x is whole",
                                         .kind = SBX_NORM_TRANSCENDENTAL,
                                         .shape = SBX_NORM_SEPARABLE,
                                         .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE |
                                                   SBX_NORM_SHIFT | SBX_NORM_CONTINUOUS |
                                                   SBX_NORM_SYMMETRIC,
                                         .param = params,
                                         .n_params = 1},
                                SBX_NORM_EVAL(eval),
                                SBX_NORM_JACOBIAN(jacobian)};
#else
static sbx_status FN(weight)(NUM *w, NUM *dw, const NUM *x, const NUM *top, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, ctx);
    SBX_TRY(NUM_(sub)(&t, x, top, ctx, err));
    SBX_TRY(FN(sbx_norm_base_power)(w, a->value[0].v[0], &t, ctx, err));
    if (dw) {
        SBX_TRY(FN(sbx_norm_param)(&t, a, 0, 0, ctx, err));
        SBX_TRY(NUM_(log)(&t, &t, ctx, err));
        SBX_TRY(NUM_(mul)(dw, w, &t, ctx, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), SBX_NORM_NO_REST)
#endif
