/* num/point.tmpl.c -- what the fixed formats f32, f64 and lowp share: all but their
 * arithmetic. The including file binds a system and defines before it
 *
 *   real(x)          the value of *x, of the type VAL (float or double)
 *   from(v)          a NUM whose value is v
 *   range_of(ctx)    the format as an sbx_range
 *   put(z, r, t, ctx) stores r, rounded to nearest at the format's precision with the
 *                    ternary value t, as the format does: once rounded correctly
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/system.h"

void NUM_(init)(NUM *z, const sbx_ctx *ctx)
{
    (void)ctx;
    *z = from(0);
}
void NUM_(clear)(NUM *z) { (void)z; }
void NUM_(set)(NUM *z, const NUM *x) { *z = *x; }

/* z = fn(v) through MPFR, v of a type that MPFR reads exactly */
#define SET(op, type, fn)                                                  \
    sbx_status NUM_(op)(NUM * z, type v, const sbx_ctx *ctx, sbx_err *err) \
    {                                                                      \
        mpfr_t r;                                                          \
        (void)err;                                                         \
        mpfr_init2(r, range_of(ctx)->p);                                   \
        put(z, r, fn(r, v, MPFR_RNDN), ctx);                               \
        mpfr_clear(r);                                                     \
        return SBX_OK;                                                     \
    }
SET(set_si, long, mpfr_set_si)
SET(set_d, double, mpfr_set_d)
SET(set_q, mpq_srcptr, mpfr_set_q)
#undef SET

sbx_status NUM_(set_below)(NUM *z, const NUM *x, sbx_err *err)
{
    (void)z;
    (void)x;
    return sbx_num_lacks(NUM_ID, SBX_CAN_UNBOUNDED, "unbounded side", err);
}

bool NUM_(is_finite)(const NUM *x) { return real(x) - real(x) == 0; } /* inf - inf is NaN */

sbx_status NUM_(get_q)(mpq_ptr lo, mpq_ptr hi, const NUM *x, sbx_err *err)
{
    if (!NUM_(is_finite)(x))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "a NaN or an infinity is not a rational");
    mpq_set_d(lo, (double)real(x));
    mpq_set(hi, lo);
    return SBX_OK;
}

sbx_status NUM_(end)(NUM *z, const NUM *x, sbx_end e, sbx_err *err)
{
    (void)e;
    (void)err;
    *z = *x;
    return SBX_OK;
}

static bool unordered(const NUM *x, const NUM *y)
{
    return !(real(x) <= real(y) || real(x) >= real(y));
}
static sbx_truth truth(bool yes) { return yes ? SBX_TRUE : SBX_FALSE; }

sbx_truth NUM_(lt)(const NUM *x, const NUM *y)
{
    return unordered(x, y) ? SBX_UNKNOWN : truth(real(x) < real(y));
}
sbx_truth NUM_(le)(const NUM *x, const NUM *y)
{
    return unordered(x, y) ? SBX_UNKNOWN : truth(real(x) <= real(y));
}
sbx_truth NUM_(eq)(const NUM *x, const NUM *y)
{
    return unordered(x, y) ? SBX_UNKNOWN : truth(real(x) <= real(y) && real(x) >= real(y));
}

#define UNARY(op) sbx_status NUM_(op)(NUM * z, const NUM *x, const sbx_ctx *ctx, sbx_err *err)
#define BINARY(op) \
    sbx_status NUM_(op)(NUM * z, const NUM *x, const NUM *y, const sbx_ctx *ctx, sbx_err *err)

UNARY(neg)
{
    (void)ctx;
    (void)err;
    *z = from(-real(x));
    return SBX_OK;
}
UNARY(abs)
{
    (void)ctx;
    (void)err;
    *z = from(signbit(real(x)) ? -real(x) : real(x));
    return SBX_OK;
}

/* A NaN goes through, and -0 < +0: IEEE 754-2019's minimum and maximum. */
static bool below(const NUM *x, const NUM *y)
{
    if (real(x) < real(y)) return true;
    return NUM_(eq)(x, y) == SBX_TRUE && signbit(real(x)) && !signbit(real(y));
}
BINARY(min)
{
    (void)ctx;
    (void)err;
    if (unordered(x, y))
        *z = from(real(x) + real(y));
    else
        *z = below(x, y) ? *x : *y;
    return SBX_OK;
}
BINARY(max)
{
    (void)ctx;
    (void)err;
    if (unordered(x, y))
        *z = from(real(x) + real(y));
    else
        *z = below(x, y) ? *y : *x;
    return SBX_OK;
}

#define LACKING(op)                                              \
    BINARY(op)                                                   \
    {                                                            \
        (void)z;                                                 \
        (void)x;                                                 \
        (void)y;                                                 \
        (void)ctx;                                               \
        return sbx_num_lacks(NUM_ID, SBX_CAN_ENCLOSE, #op, err); \
    }
LACKING(hull)
LACKING(intersect)
#undef LACKING

static void apply(NUM *z, const NUM *x, sbx_mpfr_fn f, const sbx_ctx *ctx)
{
    mpfr_t a, r;
    mpfr_init2(a, 53);
    mpfr_init2(r, range_of(ctx)->p);
    mpfr_set_d(a, (double)real(x), MPFR_RNDN); /* exact */
    put(z, r, f(r, a, MPFR_RNDN), ctx);
    mpfr_clear(a);
    mpfr_clear(r);
}

#define FUNCTION(op, f)        \
    UNARY(op)                  \
    {                          \
        (void)err;             \
        apply(z, x, (f), ctx); \
        return SBX_OK;         \
    }
FUNCTION(exp, mpfr_exp)
FUNCTION(exp2, mpfr_exp2)
FUNCTION(expm1, mpfr_expm1)
FUNCTION(log, mpfr_log)
FUNCTION(log1p, mpfr_log1p)
FUNCTION(tanh, mpfr_tanh)
FUNCTION(sigmoid, sbx_mpfr_sigmoid)
FUNCTION(sin, mpfr_sin)
FUNCTION(cos, mpfr_cos)
FUNCTION(erf, mpfr_erf)
FUNCTION(floor, mpfr_rint_floor)
FUNCTION(round, mpfr_rint_roundeven)
FUNCTION(sign, sbx_mpfr_sign)

sbx_status NUM_(pow)(NUM *z, const NUM *x, double y, const sbx_ctx *ctx, sbx_err *err)
{
    mpfr_t a, r;
    (void)err;
    mpfr_init2(a, 53);
    mpfr_init2(r, range_of(ctx)->p);
    mpfr_set_d(a, (double)real(x), MPFR_RNDN); /* exact */
    put(z, r, sbx_mpfr_pow(r, a, y, MPFR_RNDN), ctx);
    mpfr_clear(a);
    mpfr_clear(r);
    return SBX_OK;
}
