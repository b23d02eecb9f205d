/* norm/exp2_poly.c -- exp2 by bits and a polynomial, as FlashAttention does it on tensor cores.
 *
 * k is the integer below, P the polynomial of the given degree that the library uses (its coefficients are
 * float32 numbers, taken as exact rationals), and the argument is cut at -127. The weight rises: P has
 * positive coefficients and P(1) < 2 [L-NRM-23]; so its ends over an interval are its values at the ends. It
 * jumps where the argument is whole. 2^k is exact, so that it is class Q. The maximum cancels only up to
 * the polynomial's error, which is why the range is cut by search. Between its jumps it has derivatives
 * [L-NRM-87].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

/* of degree 0 .. 5 */
static const double poly[6][6] = {
    {1.0},
    {1.0, 0.922497093677520751953125},
    {1.0, 0.6657850742340087890625, 0.330107033252716064453125},
    {1.0, 0.695146143436431884765625, 0.227564394474029541015625, 0.077119089663028717041015625},
    {1.0, 0.693042695522308349609375, 0.2412912547588348388671875, 5.2225358784198760986328125e-2,
     1.3434938155114650726318359375e-2},
    {1.0, 0.693151414394378662109375, 0.24016360938549041748046875, 5.5802188813686370849609375e-2,
     9.01452265679836273193359375e-3, 1.86810153536498546600341796875e-3}};

#define NORM_FILE "norm/exp2_poly.c"
#include "norm/every.h"

static const sbx_param params[] = {
    {"degree", "of the polynomial", "3", "0", "5", SBX_PARAM_INTEGER},
    {"scale", "log2 e in float32 makes it softmax, 1 base 2", "1.44269502162933349609375", "0",
     NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_exp2_poly = {
    .info = {.name = "exp2-poly",
             .formula = "2^k P(r) for scale (x_i - max x) = k + r, normalised",
             .note = "coefficients as in flash_attn/cute/utils.py",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_BRANCH,
             .traits =
                 SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT | SBX_NORM_SYMMETRIC,
             .param = params,
             .n_params = 2},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
/* 2^k P(r) at a point x <= 0 */
static sbx_status FN(value)(NUM *z, const NUM *x, const sbx_norm_args *a, const sbx_ctx *ctx,
                            sbx_err *err)
{
    const size_t degree = (size_t)sbx_norm_long(a, 0);
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(5, ctx);
    mpq_t lo, hi;
    mpq_inits(lo, hi, NULL);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(floor)(&t[0], x, ctx, err));
    SBX_TRY(NUM_(sub)(&t[1], x, &t[0], ctx, err));
    SBX_TRY(NUM_(get_q)(lo, hi, &t[0], err)); /* the same: x is a point */
    SBX_TRY(NUM_(set_d)(&t[2], poly[degree][degree], ctx, err));
    for (size_t k = degree; k-- > 0;) {
        SBX_TRY(NUM_(set_d)(&t[3], poly[degree][k], ctx, err));
        SBX_TRY(NUM_(mul)(&t[2], &t[2], &t[1], ctx, err));
        SBX_TRY(NUM_(add)(&t[2], &t[2], &t[3], ctx, err));
    }
    SBX_TRY(NUM_(set_si)(&t[3], 2, ctx, err));
    SBX_TRY(NUM_(pow)(&t[3], &t[3], mpq_get_d(lo), ctx, err));
    SBX_TRY(NUM_(mul)(z, &t[2], &t[3], ctx, err));
done:
    mpq_clears(lo, hi, NULL);
    FN(sbx_norm_free)(t, 5);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(5, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 1, 0, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[1], -127, ctx, err));
    NUM_(set)(&t[2], &x[0]);
    for (size_t i = 1; i < n; i++)
        SBX_TRY(NUM_(max)(&t[2], &t[2], &x[i], ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(sub)(&t[3], &x[i], &t[2], ctx, err));
        SBX_TRY(NUM_(min)(&t[3], &t[3], &t[4], ctx, err));
        SBX_TRY(NUM_(mul)(&t[3], &t[3], &t[0], ctx, err));
        SBX_TRY(NUM_(max)(&t[3], &t[3], &t[1], ctx, err));
        SBX_TRY(FN(sbx_norm_rising)(&p[i], &t[3], FN(value), a, ctx, err));
    }
    SBX_TRY(FN(sbx_norm_weights)(p, p, NULL, n, a, ctx, err));
done:
    FN(sbx_norm_free)(t, 5);
    return st;
}

/* *w = P(r) and *dw = P'(r) */
static sbx_status FN(horner)(NUM *w, NUM *dw, const NUM *r, size_t degree, const sbx_ctx *ctx,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, ctx);
    SBX_TRY(NUM_(set_d)(w, poly[degree][degree], ctx, err));
    SBX_TRY(NUM_(set_si)(dw, 0, ctx, err));
    for (size_t k = degree; k-- > 0;) {
        SBX_TRY(NUM_(mul)(dw, dw, r, ctx, err));
        SBX_TRY(NUM_(add)(dw, dw, w, ctx, err));
        SBX_TRY(NUM_(set_d)(&t, poly[degree][k], ctx, err));
        SBX_TRY(NUM_(mul)(w, w, r, ctx, err));
        SBX_TRY(NUM_(add)(w, w, &t, ctx, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

/* The weight and its slope in y, if y is between two whole numbers or below -126; the slope of the part below
 * -127 is 0, and at -127 it has both. *jumps: it is not. */
static sbx_status FN(slope)(NUM *w, NUM *dw, bool *jumps, const NUM *y, size_t degree,
                            const sbx_ctx *ctx, sbx_err *err)
{
    enum { K, R, CUT, POWER, ONE, COUNT };
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(COUNT, ctx);
    mpq_t lo, hi;
    mpq_inits(lo, hi, NULL);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(set_si)(&t[CUT], -127, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[ONE], 1, ctx, err));
    const bool below = NUM_(lt)(&t[CUT], y) != SBX_TRUE; /* perhaps at or below the cut */
    const bool all = NUM_ENCLOSE ? NUM_(lt)(y, &t[CUT]) == SBX_TRUE : below;
    SBX_TRY(NUM_(max)(&t[R], y, &t[CUT], ctx, err));
    SBX_TRY(NUM_(floor)(&t[K], &t[R], ctx, err));
    SBX_TRY(NUM_(get_q)(lo, hi, &t[K], err));
    SBX_TRY(NUM_(set_q)(&t[K], lo, ctx, err)); /* of the lower end, exactly: a small whole number */
    SBX_TRY(NUM_(sub)(&t[R], &t[R], &t[K], ctx, err));
    *jumps = NUM_(lt)(&t[R], &t[ONE]) != SBX_TRUE || (!below && NUM_(lt)(&t[K], y) != SBX_TRUE);
    if (*jumps) goto done;
    SBX_TRY(FN(horner)(w, dw, &t[R], degree, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[POWER], 2, ctx, err));
    SBX_TRY(NUM_(pow)(&t[POWER], &t[POWER], mpq_get_d(lo), ctx, err));
    SBX_TRY(NUM_(mul)(w, w, &t[POWER], ctx, err));
    SBX_TRY(NUM_(mul)(dw, dw, &t[POWER], ctx, err));
    SBX_TRY(NUM_(set_si)(&t[ONE], 0, ctx, err));
    if (all) NUM_(set)(dw, &t[ONE]);
#if NUM_ENCLOSE
    if (below && !all) SBX_TRY(NUM_(hull)(dw, dw, &t[ONE], ctx, err));
#endif
done:
    mpq_clears(lo, hi, NULL);
    FN(sbx_norm_free)(t, COUNT);
    return st;
}

/* That of the weights where the greatest score stands still; its own column is minus the sum of the others,
 * because a shift changes nothing. */
static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    const size_t top = FN(sbx_norm_first)(x, n), degree = (size_t)sbx_norm_long(a, 0);
    sbx_status st = SBX_OK;
    NUM *w = FN(sbx_norm_new)(n, ctx), *dw = FN(sbx_norm_new)(n, ctx),
        *t = FN(sbx_norm_new)(2, ctx);
    if (!w || !dw || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    if (top == n)
        SBX_FAIL(err, SBX_ERR_DOMAIN, "%s jumps where the greatest scores tie%s",
                 a->norm->info.name, NUM_ENCLOSE ? ", perhaps in this box" : ", as here");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 1, 0, ctx, err));
    for (size_t i = 0; i < n; i++) {
        bool jumps = false;
        if (i == top) {
            SBX_TRY(NUM_(set_si)(&w[i], 1, ctx, err));
            continue;
        }
        SBX_TRY(NUM_(sub)(&t[1], &x[i], &x[top], ctx, err));
        SBX_TRY(NUM_(mul)(&t[1], &t[1], &t[0], ctx, err));
        SBX_TRY(FN(slope)(&w[i], &dw[i], &jumps, &t[1], degree, ctx, err));
        if (jumps)
            SBX_FAIL(err, SBX_ERR_DOMAIN,
                     "%s jumps where scale (x[%zu] - max x) is a whole number%s",
                     a->norm->info.name, i, NUM_ENCLOSE ? ", perhaps in this box" : ", as here");
        SBX_TRY(NUM_(mul)(&dw[i], &dw[i], &t[0], ctx, err));
    }
    SBX_TRY(FN(sbx_norm_weights_slope)(j, w, dw, NULL, n, a, ctx, err));
    for (size_t i = 0; i < n; i++) {
        NUM *z = &j[i * n + top];
        SBX_TRY(NUM_(set_si)(z, 0, ctx, err));
        for (size_t k = 0; k < n; k++)
            if (k != top) SBX_TRY(NUM_(sub)(z, z, &j[i * n + k], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 2);
    FN(sbx_norm_free)(dw, n);
    FN(sbx_norm_free)(w, n);
    return st;
}
#endif
