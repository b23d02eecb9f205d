/* norm/squareplus.c -- squareplus (Barron 2021), normalised.
 *
 * h rises, so its ends over an interval are its values at the ends; left of 0 they are taken as
 * (b/2) / (sqrt(x^2 + b) - x), where nothing cancels. h' = h / sqrt(x^2 + b) rises as well [L-NRM-15].
 * Ranges: a quotient of ends [L-NRM-02].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/squareplus.c"
#include "norm/every.h"

static const sbx_param params[] = {{"b", "width of the bend", "4", "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_squareplus = {
    .info = {.name = "squareplus",
             .formula = "h(x_i) / sum h(x_j), h(x) = (x + sqrt(x^2 + b)) / 2",
             .kind = SBX_NORM_ALGEBRAIC,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_CONTINUOUS |
                       SBX_NORM_SYMMETRIC,
             .need = SBX_CAN_SQRT,
             .param = params,
             .n_params = 1},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
/* *h = h(x), *root = sqrt(x^2 + b) at a point */
static sbx_status FN(both)(NUM *h, NUM *root, const NUM *x, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(4, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[1], 2, ctx, err));
    SBX_TRY(NUM_(sqr)(&t[2], x, ctx, err));
    SBX_TRY(NUM_(add)(&t[2], &t[2], &t[0], ctx, err));
    SBX_TRY(NUM_(sqrt)(root, &t[2], ctx, err));
    if (NUM_(lt)(x, &t[3]) == SBX_TRUE) {
        SBX_TRY(NUM_(sub)(&t[2], root, x, ctx, err));
        SBX_TRY(NUM_(div)(&t[0], &t[0], &t[1], ctx, err));
        SBX_TRY(NUM_(div)(h, &t[0], &t[2], ctx, err));
    } else {
        SBX_TRY(NUM_(add)(&t[2], root, x, ctx, err));
        SBX_TRY(NUM_(div)(h, &t[2], &t[1], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 4);
    return st;
}

static sbx_status FN(value)(NUM *z, const NUM *x, const sbx_norm_args *a, const sbx_ctx *ctx,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM root;
    NUM_(init)(&root, ctx);
    SBX_TRY(FN(both)(z, &root, x, a, ctx, err));
done:
    NUM_(clear)(&root);
    return st;
}

static sbx_status FN(slope)(NUM *z, const NUM *x, const sbx_norm_args *a, const sbx_ctx *ctx,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM root;
    NUM_(init)(&root, ctx);
    SBX_TRY(FN(both)(z, &root, x, a, ctx, err));
    SBX_TRY(NUM_(div)(z, z, &root, ctx, err));
done:
    NUM_(clear)(&root);
    return st;
}

static sbx_status FN(weight)(NUM *w, NUM *dw, const NUM *x, const NUM *top, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    (void)top;
    if (dw) SBX_TRY(FN(sbx_norm_rising)(dw, x, FN(slope), a, ctx, err));
    SBX_TRY(FN(sbx_norm_rising)(w, x, FN(value), a, ctx, err));
done:
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), SBX_NORM_NO_REST)
#endif
