/* num/increasing.tmpl.c -- exp, log and their relatives over intervals: increasing
 * functions, so end by end. The including file binds an enclosure and defines before it
 *
 *   hi_cmp(x, v), lo_cmp(x, v)   the sign of an end minus an integer
 *   image(z, x, f, tails, ctx, err)  z = [f(lo x), f(hi x)], rounded outward; tails says where
 *                                f grows or vanishes like exp
 *   image_below(z, x, f, ctx, err)  z = [-inf, f(hi x)]
 *   power(z, x, y, ctx, err)     z = [(lo x)^y, (hi x)^y], rounded outward, y > 0; x >= 0
 *                                unless y is an odd integer
 *   wave(z, x, cosine, ctx, err) sin or cos
 *   init_like(z, x, ctx)         z = 0 that can hold x
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>

#define UNARY(op) sbx_status NUM_(op)(NUM * z, const NUM *x, const sbx_ctx *ctx, sbx_err *err)

#define INCREASING(op, f, tails) \
    UNARY(op) { return image(z, x, (f), (tails), ctx, err); }
INCREASING(exp, mpfr_exp, SBX_TAIL_LEFT | SBX_TAIL_RIGHT)
INCREASING(exp2, mpfr_exp2, SBX_TAIL_LEFT | SBX_TAIL_RIGHT)
INCREASING(expm1, mpfr_expm1, SBX_TAIL_RIGHT)
INCREASING(sigmoid, sbx_mpfr_sigmoid, SBX_TAIL_LEFT)
INCREASING(tanh, mpfr_tanh, 0)
INCREASING(erf, mpfr_erf, 0)
#undef INCREASING

/* f(pole) = -inf, and no value below it */
#define FROM_POLE(op, f, pole)                                                                 \
    UNARY(op)                                                                                  \
    {                                                                                          \
        if (hi_cmp(x, (pole)) <= 0)                                                            \
            return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, #op " has no value at or below %d", \
                            (pole));                                                           \
        if (lo_cmp(x, (pole)) <= 0) return image_below(z, x, (f), ctx, err);                   \
        return image(z, x, (f), 0, ctx, err);                                                  \
    }
FROM_POLE(log, mpfr_log, 0)
FROM_POLE(log1p, mpfr_log1p, -1)
#undef FROM_POLE

UNARY(sin) { return wave(z, x, false, ctx, err); }
UNARY(cos) { return wave(z, x, true, ctx, err); }

/* x^y: of |x| for an even y, of the part >= 0 for a fractional one, 1/x^-y for y < 0 */
sbx_status NUM_(pow)(NUM *z, const NUM *x, double y, const sbx_ctx *ctx, sbx_err *err)
{
    const double n = y < 0.0 ? -y : y;
    const bool whole = sbx_is_integer(y);
    sbx_status st = SBX_OK;
    NUM t, one;
    init_like(&t, x, ctx);
    NUM_(init)(&one, ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, ctx, err));
    if (!(n <= DBL_MAX)) SBX_FAIL(err, SBX_ERR_DOMAIN, "an exponent that is not finite");
    if (n <= 0.0) {
        NUM_(set)(&t, &one);
    } else {
        NUM_(set)(&t, x);
        if (whole && sbx_is_even(y)) SBX_TRY(NUM_(abs)(&t, &t, ctx, err));
        if (!whole) {
            if (hi_cmp(x, 0) < 0)
                SBX_FAIL(err, SBX_ERR_DOMAIN, "a fractional power of a negative interval");
            if (lo_cmp(x, 0) < 0) {
                NUM zero;
                NUM_(init)(&zero, ctx);
                st = NUM_(max)(&t, &t, &zero, ctx, err);
                NUM_(clear)(&zero);
                SBX_TRY(st);
            }
        }
        SBX_TRY(power(&t, &t, n, ctx, err));
        if (y < 0.0) SBX_TRY(NUM_(div)(&t, &one, &t, ctx, err));
    }
    NUM_(set)(z, &t);
done:
    NUM_(clear)(&t);
    NUM_(clear)(&one);
    return st;
}
