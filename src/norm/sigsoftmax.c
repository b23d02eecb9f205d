/* norm/sigsoftmax.c -- sigsoftmax (Kanai et al. 2018).
 *
 * The weight is a product of two increasing positive functions, so its enclosure over an interval is
 * sharp and so is the quotient of ends [L-NRM-02]. e^(max x) is divided out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/sigsoftmax.c"
#include "norm/every.h"

const sbx_norm sbx_norm_sigsoftmax = {
    .info = {.name = "sigsoftmax",
             .formula = "e^x_i s(x_i) / sum e^x_j s(x_j), s(x) = 1 / (1 + e^-x)",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_CONTINUOUS |
                       SBX_NORM_SYMMETRIC,
             .need = SBX_CAN_EXP,
             .n_params = 0},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
static sbx_status FN(weight)(NUM *w, NUM *dw, const NUM *x, const NUM *top, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    (void)a;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(sigmoid)(&t[0], x, ctx, err));
    SBX_TRY(NUM_(sub)(w, x, top, ctx, err));
    SBX_TRY(NUM_(exp)(w, w, ctx, err));
    SBX_TRY(NUM_(mul)(w, w, &t[0], ctx, err));
    if (dw) { /* w (2 - s) */
        SBX_TRY(NUM_(set_si)(&t[1], 2, ctx, err));
        SBX_TRY(NUM_(sub)(&t[1], &t[1], &t[0], ctx, err));
        SBX_TRY(NUM_(mul)(dw, w, &t[1], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), SBX_NORM_NO_REST)
#endif
