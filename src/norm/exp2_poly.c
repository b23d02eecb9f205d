/* norm/exp2_poly.c -- exp2 by bits and a polynomial, as FlashAttention does it on tensor cores.
 *
 * k is the integer below, P the polynomial of the given degree that the library uses (its coefficients are
 * float32 numbers, taken as exact rationals), and the argument is cut at -127. The weight rises: P has
 * positive coefficients and P(1) < 2 [L-NRM-23]; so its ends over an interval are its values at the ends. It
 * jumps where the argument is whole. 2^k is exact, so that it is class Q. The maximum cancels only up to
 * the polynomial's error, which is why the range is cut by search.
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
    SBX_NORM_EVAL(eval)};
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
#endif
