/* num/mpq.c -- exact rationals: + - * / and comparisons; roots, exp and log are refused.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/round.h"
#include "num/system.h"

void sbx_mpq_init(sbx_mpq *z, const sbx_ctx *ctx)
{
    (void)ctx;
    mpq_init(z->v);
}
void sbx_mpq_clear(sbx_mpq *z) { mpq_clear(z->v); }
void sbx_mpq_set(sbx_mpq *z, const sbx_mpq *x) { mpq_set(z->v, x->v); }

sbx_status sbx_mpq_set_si(sbx_mpq *z, long v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    (void)err;
    mpq_set_si(z->v, v, 1);
    return SBX_OK;
}
sbx_status sbx_mpq_set_d(sbx_mpq *z, double v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    if (!(fabs(v) <= DBL_MAX))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "a NaN or an infinity is not a rational");
    mpq_set_d(z->v, v);
    return SBX_OK;
}
sbx_status sbx_mpq_set_q(sbx_mpq *z, mpq_srcptr v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    (void)err;
    mpq_set(z->v, v);
    return SBX_OK;
}
sbx_status sbx_mpq_set_below(sbx_mpq *z, const sbx_mpq *x, sbx_err *err)
{
    (void)z;
    (void)x;
    return sbx_num_lacks(SBX_NUM_MPQ, SBX_CAN_UNBOUNDED, "unbounded side", err);
}
sbx_status sbx_mpq_get_q(mpq_ptr lo, mpq_ptr hi, const sbx_mpq *x, sbx_err *err)
{
    (void)err;
    mpq_set(lo, x->v);
    mpq_set(hi, x->v);
    return SBX_OK;
}
sbx_status sbx_mpq_end(sbx_mpq *z, const sbx_mpq *x, sbx_end e, sbx_err *err)
{
    (void)e;
    (void)err;
    mpq_set(z->v, x->v);
    return SBX_OK;
}
bool sbx_mpq_is_finite(const sbx_mpq *x)
{
    (void)x;
    return true;
}

static sbx_truth truth(bool yes) { return yes ? SBX_TRUE : SBX_FALSE; }
sbx_truth sbx_mpq_lt(const sbx_mpq *x, const sbx_mpq *y) { return truth(mpq_cmp(x->v, y->v) < 0); }
sbx_truth sbx_mpq_le(const sbx_mpq *x, const sbx_mpq *y) { return truth(mpq_cmp(x->v, y->v) <= 0); }
sbx_truth sbx_mpq_eq(const sbx_mpq *x, const sbx_mpq *y) { return truth(mpq_equal(x->v, y->v)); }

#define UNARY(op) \
    sbx_status sbx_mpq_##op(sbx_mpq *z, const sbx_mpq *x, const sbx_ctx *ctx, sbx_err *err)
#define BINARY(op)                                                                              \
    sbx_status sbx_mpq_##op(sbx_mpq *z, const sbx_mpq *x, const sbx_mpq *y, const sbx_ctx *ctx, \
                            sbx_err *err)

#define EXACT1(op, statement) \
    UNARY(op)                 \
    {                         \
        (void)ctx;            \
        (void)err;            \
        statement;            \
        return SBX_OK;        \
    }
#define EXACT2(op, statement) \
    BINARY(op)                \
    {                         \
        (void)ctx;            \
        (void)err;            \
        statement;            \
        return SBX_OK;        \
    }
EXACT1(neg, mpq_neg(z->v, x->v))
EXACT1(abs, mpq_abs(z->v, x->v))
EXACT1(sqr, mpq_mul(z->v, x->v, x->v))
EXACT2(add, mpq_add(z->v, x->v, y->v))
EXACT2(sub, mpq_sub(z->v, x->v, y->v))
EXACT2(mul, mpq_mul(z->v, x->v, y->v))
EXACT2(min, mpq_set(z->v, mpq_cmp(x->v, y->v) <= 0 ? x->v : y->v))
EXACT2(max, mpq_set(z->v, mpq_cmp(x->v, y->v) >= 0 ? x->v : y->v))

BINARY(div)
{
    (void)ctx;
    if (mpq_sgn(y->v) == 0) return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "division by zero");
    mpq_div(z->v, x->v, y->v);
    return SBX_OK;
}
sbx_status sbx_mpq_fma(sbx_mpq *z, const sbx_mpq *x, const sbx_mpq *y, const sbx_mpq *a,
                       const sbx_ctx *ctx, sbx_err *err)
{
    mpq_t p;
    (void)ctx;
    (void)err;
    mpq_init(p);
    mpq_mul(p, x->v, y->v);
    mpq_add(z->v, p, a->v);
    mpq_clear(p);
    return SBX_OK;
}

EXACT1(floor, sbx_mpq_floor_of(z->v, x->v))
EXACT1(round, sbx_mpq_round_of(z->v, x->v))
EXACT1(sign, mpq_set_si(z->v, mpq_sgn(x->v), 1))

sbx_status sbx_mpq_pow(sbx_mpq *z, const sbx_mpq *x, double y, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    if (!sbx_is_integer(y)) return sbx_num_lacks(SBX_NUM_MPQ, SBX_CAN_EXP, "fractional power", err);
    if (y < 0 && mpq_sgn(x->v) == 0)
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "a negative power of zero");
    if (!sbx_mpq_power(z->v, x->v, y))
        return sbx_fail(err, SBX_ERR_LIMIT, SBX_HERE, "a power of over %d bits", SBX_Q_POW_MAX);
    return SBX_OK;
}

#define LACKING1(op, need)                                   \
    UNARY(op)                                                \
    {                                                        \
        (void)z;                                             \
        (void)x;                                             \
        (void)ctx;                                           \
        return sbx_num_lacks(SBX_NUM_MPQ, (need), #op, err); \
    }
#define LACKING2(op, need)                                   \
    BINARY(op)                                               \
    {                                                        \
        (void)z;                                             \
        (void)x;                                             \
        (void)y;                                             \
        (void)ctx;                                           \
        return sbx_num_lacks(SBX_NUM_MPQ, (need), #op, err); \
    }
LACKING1(sqrt, SBX_CAN_SQRT)
LACKING1(exp, SBX_CAN_EXP)
LACKING1(exp2, SBX_CAN_EXP)
LACKING1(expm1, SBX_CAN_EXP)
LACKING1(tanh, SBX_CAN_EXP)
LACKING1(sigmoid, SBX_CAN_EXP)
LACKING1(sin, SBX_CAN_EXP)
LACKING1(cos, SBX_CAN_EXP)
LACKING1(erf, SBX_CAN_EXP)
LACKING1(log, SBX_CAN_LOG)
LACKING1(log1p, SBX_CAN_LOG)
LACKING2(hull, SBX_CAN_ENCLOSE)
LACKING2(intersect, SBX_CAN_ENCLOSE)
