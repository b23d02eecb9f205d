/* norm/taylor.c -- Taylor softmax: the Taylor polynomial T of exp, of even order, in the place of
 * exp (Vincent, de Brebisson and Bouthillier 2015).
 *
 * T is positive and convex: T'' is the polynomial of order two less, and 1 for order 2. Over an
 * interval it is greatest at an end and least at an end or where its slope, the polynomial of
 * order one less, is zero; that place is bracketed by halving [L-NRM-14].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/taylor.c"
#include "norm/every.h"

static const sbx_param params[] = {{"order", "of the polynomial", "2", "2", "64", SBX_PARAM_EVEN}};

const sbx_norm sbx_norm_taylor = {
    .info = {.name = "taylor",
             .formula = "T(x_i) / sum T(x_j), T(x) = 1 + x + .. + x^order / order!",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_CONTINUOUS |
                       SBX_NORM_SYMMETRIC,
             .param = params,
             .n_params = 1},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
/* 1 + x (1 + x/2 (1 + x/3 (..))) */
static sbx_status FN(horner)(NUM *z, const NUM *x, long order, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(3, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(set_si)(&t[0], 1, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[1], 1, ctx, err));
    for (long k = order; k >= 1; k--) {
        SBX_TRY(NUM_(set_si)(&t[2], k, ctx, err));
        SBX_TRY(NUM_(mul)(&t[0], &t[0], x, ctx, err));
        SBX_TRY(NUM_(div)(&t[0], &t[0], &t[2], ctx, err));
        SBX_TRY(NUM_(add)(&t[0], &t[0], &t[1], ctx, err));
    }
    NUM_(set)(z, &t[0]);
done:
    FN(sbx_norm_free)(t, 3);
    return st;
}

#if NUM_ENCLOSE
/* the end e of the polynomial's enclosure at the end e_x of x, and where it is */
static sbx_status FN(at_end)(NUM *z, NUM *at, const NUM *x, sbx_end e_x, long order,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(NUM_(end)(at, x, e_x, err));
    SBX_TRY(FN(horner)(z, at, order, ctx, err));
done:
    return st;
}

/* The odd polynomial of order - 1 increases through 0 between a and b: halves that interval
 * until it is short, *c = what is left. */
static sbx_status FN(bracket)(NUM *c, const NUM *a, const NUM *b, long order, const sbx_ctx *ctx,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    const long steps = 70 + (NUM_ID == SBX_NUM_IVD ? 0 : ctx ? ctx->prec : sbx_ctx_default.prec);
    NUM *t = FN(sbx_norm_new)(6, ctx), *lo = t, *hi = t + 1, *m = t + 2, *s = t + 3;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    NUM_(set)(lo, a);
    NUM_(set)(hi, b);
    SBX_TRY(NUM_(set_si)(&t[5], 2, ctx, err));
    for (long k = 0; k < steps; k++) {
        SBX_TRY(NUM_(add)(m, lo, hi, ctx, err));
        SBX_TRY(NUM_(div)(m, m, &t[5], ctx, err));
        SBX_TRY(NUM_(end)(m, m, SBX_LO, err));
        if (NUM_(le)(m, lo) == SBX_TRUE || NUM_(le)(hi, m) == SBX_TRUE) break;
        SBX_TRY(FN(horner)(s, m, order - 1, ctx, err));
        if (NUM_(le)(s, &t[4]) == SBX_TRUE)
            NUM_(set)(lo, m);
        else if (NUM_(le)(&t[4], s) == SBX_TRUE)
            NUM_(set)(hi, m);
        else
            break; /* too near to say */
    }
    SBX_TRY(NUM_(hull)(c, lo, hi, ctx, err));
done:
    FN(sbx_norm_free)(t, 6);
    return st;
}

static sbx_status FN(value)(NUM *z, const NUM *x, long order, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(7, ctx), *zero = t + 6;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(at_end)(&t[0], &t[2], x, SBX_LO, order, ctx, err));
    SBX_TRY(FN(at_end)(&t[1], &t[3], x, SBX_HI, order, ctx, err));
    SBX_TRY(FN(horner)(&t[4], &t[2], order - 1, ctx, err));
    SBX_TRY(FN(horner)(&t[5], &t[3], order - 1, ctx, err));
    SBX_TRY(NUM_(hull)(z, &t[0], &t[1], ctx, err));
    if (NUM_(le)(zero, &t[4]) == SBX_TRUE || NUM_(le)(&t[5], zero) == SBX_TRUE) goto done;
    if (order == 2) {
        SBX_TRY(NUM_(set_si)(&t[2], -1, ctx, err)); /* exactly */
    } else if (NUM_(lt)(&t[4], zero) == SBX_TRUE && NUM_(lt)(zero, &t[5]) == SBX_TRUE) {
        SBX_TRY(FN(bracket)(&t[2], &t[2], &t[3], order, ctx, err));
    } else {
        NUM_(set)(&t[2], x); /* its slope is about 0 at an end of x */
    }
    SBX_TRY(FN(horner)(&t[4], &t[2], order, ctx, err));
    SBX_TRY(NUM_(hull)(z, z, &t[4], ctx, err));
done:
    FN(sbx_norm_free)(t, 7);
    return st;
}
#endif

/* of order one less, an increasing polynomial */
static sbx_status FN(slope)(NUM *z, const NUM *x, const sbx_norm_args *a, const sbx_ctx *ctx,
                            sbx_err *err)
{
    return FN(horner)(z, x, sbx_norm_long(a, 0) - 1, ctx, err);
}

static sbx_status FN(weight)(NUM *w, NUM *dw, const NUM *x, const NUM *top, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    const long order = sbx_norm_long(a, 0);
    sbx_status st = SBX_OK;
    (void)top;
#if NUM_ENCLOSE
    SBX_TRY(FN(value)(w, x, order, ctx, err));
#else
    SBX_TRY(FN(horner)(w, x, order, ctx, err));
#endif
    if (dw) SBX_TRY(FN(sbx_norm_rising)(dw, x, FN(slope), a, ctx, err));
done:
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), SBX_NORM_NO_REST)
#endif
