/* num/increasing.tmpl.c -- exp, log and their relatives over intervals: increasing
 * functions, so end by end. The including file binds an enclosure and defines before it
 *
 *   hi_cmp(x, v), lo_cmp(x, v)   the sign of an end minus an integer
 *   image(z, x, f, tails, ctx, err)  z = [f(lo x), f(hi x)], rounded outward; tails says where
 *                                f grows or vanishes like exp
 *   image_below(z, x, f, ctx, err)  z = [-inf, f(hi x)]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define UNARY(op) sbx_status NUM_(op)(NUM * z, const NUM *x, const sbx_ctx *ctx, sbx_err *err)

#define INCREASING(op, f, tails) \
    UNARY(op) { return image(z, x, (f), (tails), ctx, err); }
INCREASING(exp, mpfr_exp, SBX_TAIL_LEFT | SBX_TAIL_RIGHT)
INCREASING(exp2, mpfr_exp2, SBX_TAIL_LEFT | SBX_TAIL_RIGHT)
INCREASING(expm1, mpfr_expm1, SBX_TAIL_RIGHT)
INCREASING(sigmoid, sbx_mpfr_sigmoid, SBX_TAIL_LEFT)
INCREASING(tanh, mpfr_tanh, 0)
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
