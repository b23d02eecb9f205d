/* num/mpf.c -- MPFR points, rounded to nearest at the precision of the result.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/system.h"

void sbx_mpf_init(sbx_mpf *z, const sbx_ctx *ctx)
{
    mpfr_init2(z->v, sbx_ctx_prec(ctx));
    mpfr_set_zero(z->v, 1);
}
void sbx_mpf_clear(sbx_mpf *z) { mpfr_clear(z->v); }
void sbx_mpf_set(sbx_mpf *z, const sbx_mpf *x) { mpfr_set(z->v, x->v, MPFR_RNDN); }

#define SET(op, type)                                                             \
    sbx_status sbx_mpf_##op(sbx_mpf *z, type v, const sbx_ctx *ctx, sbx_err *err) \
    {                                                                             \
        (void)ctx;                                                                \
        (void)err;                                                                \
        mpfr_##op(z->v, v, MPFR_RNDN);                                            \
        return SBX_OK;                                                            \
    }
SET(set_si, long)
SET(set_d, double)
SET(set_q, mpq_srcptr)

sbx_status sbx_mpf_set_below(sbx_mpf *z, const sbx_mpf *x, sbx_err *err)
{
    (void)z;
    (void)x;
    return sbx_num_lacks(SBX_NUM_MPF, SBX_CAN_UNBOUNDED, "unbounded side", err);
}

bool sbx_mpf_is_finite(const sbx_mpf *x) { return mpfr_number_p(x->v); }

sbx_status sbx_mpf_get_q(mpq_ptr lo, mpq_ptr hi, const sbx_mpf *x, sbx_err *err)
{
    if (!sbx_mpf_is_finite(x))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "a NaN or an infinity is not a rational");
    if (!sbx_has_rational(x->v))
        return sbx_fail(err, SBX_ERR_LIMIT, SBX_HERE, "a number beyond 2^+-%d", SBX_Q_EXP_MAX);
    mpfr_get_q(lo, x->v);
    mpq_set(hi, lo);
    return SBX_OK;
}

sbx_status sbx_mpf_end(sbx_mpf *z, const sbx_mpf *x, sbx_end e, sbx_err *err)
{
    (void)e;
    (void)err;
    sbx_mpf_set(z, x);
    return SBX_OK;
}

#define COMPARE(op, fn)                                        \
    sbx_truth sbx_mpf_##op(const sbx_mpf *x, const sbx_mpf *y) \
    {                                                          \
        if (mpfr_unordered_p(x->v, y->v)) return SBX_UNKNOWN;  \
        return fn(x->v, y->v) ? SBX_TRUE : SBX_FALSE;          \
    }
COMPARE(lt, mpfr_less_p)
COMPARE(le, mpfr_lessequal_p)
COMPARE(eq, mpfr_equal_p)

#define UNARY(op, f)                                                                        \
    sbx_status sbx_mpf_##op(sbx_mpf *z, const sbx_mpf *x, const sbx_ctx *ctx, sbx_err *err) \
    {                                                                                       \
        (void)ctx;                                                                          \
        (void)err;                                                                          \
        f(z->v, x->v, MPFR_RNDN);                                                           \
        return SBX_OK;                                                                      \
    }
UNARY(neg, mpfr_neg)
UNARY(abs, mpfr_abs)
UNARY(sqr, mpfr_sqr)
UNARY(sqrt, mpfr_sqrt)
UNARY(exp, mpfr_exp)
UNARY(exp2, mpfr_exp2)
UNARY(expm1, mpfr_expm1)
UNARY(log, mpfr_log)
UNARY(log1p, mpfr_log1p)
UNARY(tanh, mpfr_tanh)
UNARY(sigmoid, sbx_mpfr_sigmoid)
UNARY(sin, mpfr_sin)
UNARY(cos, mpfr_cos)
UNARY(erf, mpfr_erf)
UNARY(floor, mpfr_rint_floor)
UNARY(round, mpfr_rint_roundeven)
UNARY(sign, sbx_mpfr_sign)

sbx_status sbx_mpf_pow(sbx_mpf *z, const sbx_mpf *x, double y, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    (void)err;
    (void)sbx_mpfr_pow(z->v, x->v, y, MPFR_RNDN);
    return SBX_OK;
}

#define BINARY(op)                                                                              \
    sbx_status sbx_mpf_##op(sbx_mpf *z, const sbx_mpf *x, const sbx_mpf *y, const sbx_ctx *ctx, \
                            sbx_err *err)
#define ARITHMETIC(op)                          \
    BINARY(op)                                  \
    {                                           \
        (void)ctx;                              \
        (void)err;                              \
        mpfr_##op(z->v, x->v, y->v, MPFR_RNDN); \
        return SBX_OK;                          \
    }
ARITHMETIC(add)
ARITHMETIC(sub)
ARITHMETIC(mul)
ARITHMETIC(div)

/* A NaN goes through: mpfr_min and mpfr_max would drop it. */
#define CHOICE(op)                                  \
    BINARY(op)                                      \
    {                                               \
        (void)ctx;                                  \
        (void)err;                                  \
        if (mpfr_unordered_p(x->v, y->v))           \
            mpfr_set_nan(z->v);                     \
        else                                        \
            mpfr_##op(z->v, x->v, y->v, MPFR_RNDN); \
        return SBX_OK;                              \
    }
CHOICE(min)
CHOICE(max)

#define LACKING(op)                                                   \
    BINARY(op)                                                        \
    {                                                                 \
        (void)z;                                                      \
        (void)x;                                                      \
        (void)y;                                                      \
        (void)ctx;                                                    \
        return sbx_num_lacks(SBX_NUM_MPF, SBX_CAN_ENCLOSE, #op, err); \
    }
LACKING(hull)
LACKING(intersect)

sbx_status sbx_mpf_fma(sbx_mpf *z, const sbx_mpf *x, const sbx_mpf *y, const sbx_mpf *a,
                       const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    (void)err;
    mpfr_fma(z->v, x->v, y->v, a->v, MPFR_RNDN);
    return SBX_OK;
}
