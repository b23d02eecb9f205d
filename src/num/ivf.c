/* num/ivf.c -- intervals with MPFR ends, rounded outward at the precision of the result.
 *
 * MPFR rounds each operation correctly in the direction asked for, so that every result
 * is the tightest at its precision. The minimum of rounded values is the rounded
 * minimum, since rounding is monotone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/system.h"

#define OP1(op) \
    sbx_status sbx_ivf_##op(sbx_ivf *z, const sbx_ivf *x, const sbx_ctx *ctx, sbx_err *err)
#define OP2(op)                                                                                 \
    sbx_status sbx_ivf_##op(sbx_ivf *z, const sbx_ivf *x, const sbx_ivf *y, const sbx_ctx *ctx, \
                            sbx_err *err)

/* ---- storage, conversions, comparisons ------------------------------------------- */

void sbx_ivf_init(sbx_ivf *z, const sbx_ctx *ctx)
{
    mpfr_init2(z->lo, sbx_ctx_prec(ctx));
    mpfr_init2(z->hi, sbx_ctx_prec(ctx));
    mpfr_set_zero(z->lo, 1);
    mpfr_set_zero(z->hi, 1);
}
void sbx_ivf_clear(sbx_ivf *z)
{
    mpfr_clear(z->lo);
    mpfr_clear(z->hi);
}
void sbx_ivf_set(sbx_ivf *z, const sbx_ivf *x)
{
    mpfr_set(z->lo, x->lo, MPFR_RNDD);
    mpfr_set(z->hi, x->hi, MPFR_RNDU);
}

/* An infinity gives the outermost numbers: the nearest to it, and itself. */
sbx_status sbx_ivf_set_d(sbx_ivf *z, double v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    if (v != v) return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "a NaN is not in any interval");
    mpfr_set_d(z->lo, v, MPFR_RNDD);
    mpfr_set_d(z->hi, v, MPFR_RNDU);
    if (mpfr_inf_p(z->lo) && v > 0) mpfr_nextbelow(z->lo);
    if (mpfr_inf_p(z->hi) && v < 0) mpfr_nextabove(z->hi);
    return SBX_OK;
}

#define SET(op, type)                                                             \
    sbx_status sbx_ivf_##op(sbx_ivf *z, type v, const sbx_ctx *ctx, sbx_err *err) \
    {                                                                             \
        (void)ctx;                                                                \
        (void)err;                                                                \
        mpfr_##op(z->lo, v, MPFR_RNDD);                                           \
        mpfr_##op(z->hi, v, MPFR_RNDU);                                           \
        return SBX_OK;                                                            \
    }
SET(set_si, long)
SET(set_q, mpq_srcptr)

sbx_status sbx_ivf_set_below(sbx_ivf *z, const sbx_ivf *x, sbx_err *err)
{
    (void)err;
    mpfr_set(z->hi, x->hi, MPFR_RNDU);
    mpfr_set_inf(z->lo, -1);
    return SBX_OK;
}

bool sbx_ivf_is_finite(const sbx_ivf *x) { return mpfr_number_p(x->lo) && mpfr_number_p(x->hi); }

sbx_status sbx_ivf_get_q(mpq_ptr lo, mpq_ptr hi, const sbx_ivf *x, sbx_err *err)
{
    if (!sbx_ivf_is_finite(x))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "an infinite end is not a rational");
    if (!sbx_has_rational(x->lo) || !sbx_has_rational(x->hi))
        return sbx_fail(err, SBX_ERR_LIMIT, SBX_HERE, "an end beyond 2^+-%d", SBX_Q_EXP_MAX);
    mpfr_get_q(lo, x->lo);
    mpfr_get_q(hi, x->hi);
    return SBX_OK;
}

sbx_status sbx_ivf_end(sbx_ivf *z, const sbx_ivf *x, sbx_end e, sbx_err *err)
{
    if (!mpfr_number_p(e == SBX_LO ? x->lo : x->hi))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "an infinite end is not a point");
    if (e == SBX_LO) { /* the other end first: x may be z */
        mpfr_set(z->hi, x->lo, MPFR_RNDU);
        mpfr_set(z->lo, x->lo, MPFR_RNDD);
    } else {
        mpfr_set(z->lo, x->hi, MPFR_RNDD);
        mpfr_set(z->hi, x->hi, MPFR_RNDU);
    }
    return SBX_OK;
}

sbx_truth sbx_ivf_lt(const sbx_ivf *x, const sbx_ivf *y)
{
    if (mpfr_less_p(x->hi, y->lo)) return SBX_TRUE;
    return mpfr_greaterequal_p(x->lo, y->hi) ? SBX_FALSE : SBX_UNKNOWN;
}
sbx_truth sbx_ivf_le(const sbx_ivf *x, const sbx_ivf *y)
{
    if (mpfr_lessequal_p(x->hi, y->lo)) return SBX_TRUE;
    return mpfr_greater_p(x->lo, y->hi) ? SBX_FALSE : SBX_UNKNOWN;
}
sbx_truth sbx_ivf_eq(const sbx_ivf *x, const sbx_ivf *y)
{
    if (mpfr_less_p(x->hi, y->lo) || mpfr_less_p(y->hi, x->lo)) return SBX_FALSE;
    return mpfr_lessequal_p(x->hi, y->lo) && mpfr_lessequal_p(y->hi, x->lo) ? SBX_TRUE
                                                                            : SBX_UNKNOWN;
}

/* ---- rational operations and the square root --------------------------------------- */

/* A result beside its operands, so that they may be the same object. */
static void start(sbx_ivf *t, const sbx_ivf *z)
{
    mpfr_init2(t->lo, mpfr_get_prec(z->lo));
    mpfr_init2(t->hi, mpfr_get_prec(z->hi));
}
static sbx_status finish(sbx_ivf *z, sbx_ivf *t)
{
    mpfr_swap(z->lo, t->lo);
    mpfr_swap(z->hi, t->hi);
    sbx_ivf_clear(t);
    return SBX_OK;
}

OP1(neg)
{
    sbx_ivf t;
    (void)ctx;
    (void)err;
    start(&t, z);
    mpfr_neg(t.lo, x->hi, MPFR_RNDD);
    mpfr_neg(t.hi, x->lo, MPFR_RNDU);
    return finish(z, &t);
}

/* z = f(|t|), t in x, for f the identity or the square */
static sbx_status of_magnitude(sbx_ivf *z, const sbx_ivf *x, sbx_mpfr_fn f)
{
    const bool right = mpfr_cmpabs(x->hi, x->lo) >= 0;
    sbx_ivf t;
    start(&t, z);
    f(t.hi, right ? x->hi : x->lo, MPFR_RNDU);
    if (mpfr_sgn(x->lo) > 0 || mpfr_sgn(x->hi) < 0)
        f(t.lo, right ? x->lo : x->hi, MPFR_RNDD);
    else
        mpfr_set_zero(t.lo, 1);
    return finish(z, &t);
}
OP1(abs)
{
    (void)ctx;
    (void)err;
    return of_magnitude(z, x, mpfr_abs);
}
OP1(sqr)
{
    (void)ctx;
    (void)err;
    return of_magnitude(z, x, mpfr_sqr);
}
OP1(sqrt)
{
    (void)ctx;
    if (mpfr_sgn(x->hi) < 0)
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "square root of a negative interval");
    if (mpfr_sgn(x->lo) > 0)
        mpfr_sqrt(z->lo, x->lo, MPFR_RNDD);
    else
        mpfr_set_zero(z->lo, 1);
    mpfr_sqrt(z->hi, x->hi, MPFR_RNDU);
    return SBX_OK;
}
OP2(add)
{
    (void)ctx;
    (void)err;
    mpfr_add(z->lo, x->lo, y->lo, MPFR_RNDD);
    mpfr_add(z->hi, x->hi, y->hi, MPFR_RNDU);
    return SBX_OK;
}
OP2(sub)
{
    sbx_ivf t;
    (void)ctx;
    (void)err;
    start(&t, z);
    mpfr_sub(t.lo, x->lo, y->hi, MPFR_RNDD);
    mpfr_sub(t.hi, x->hi, y->lo, MPFR_RNDU);
    return finish(z, &t);
}

/* t = a b + c, c NULL for 0; 0 * inf = 0, and an infinite c stays */
static void product(mpfr_ptr t, mpfr_srcptr a, mpfr_srcptr b, mpfr_srcptr c, mpfr_rnd_t rnd)
{
    const bool zero = mpfr_zero_p(a) || mpfr_zero_p(b);
    if (c && (zero || mpfr_inf_p(c)))
        mpfr_set(t, c, rnd);
    else if (c)
        mpfr_fma(t, a, b, c, rnd);
    else if (zero)
        mpfr_set_zero(t, 1);
    else
        mpfr_mul(t, a, b, rnd);
}

/* x y + a: the extremes are at corners */
static sbx_status corners(sbx_ivf *z, const sbx_ivf *x, const sbx_ivf *y, const sbx_ivf *a)
{
    sbx_ivf t, v;
    start(&t, z);
    start(&v, z);
    for (int i = 0; i < 4; i++) {
        mpfr_srcptr p = i & 1 ? x->hi : x->lo, q = i & 2 ? y->hi : y->lo;
        product(v.lo, p, q, a ? a->lo : NULL, MPFR_RNDD);
        product(v.hi, p, q, a ? a->hi : NULL, MPFR_RNDU);
        if (i == 0 || mpfr_less_p(v.lo, t.lo)) mpfr_swap(t.lo, v.lo);
        if (i == 0 || mpfr_greater_p(v.hi, t.hi)) mpfr_swap(t.hi, v.hi);
    }
    sbx_ivf_clear(&v);
    return finish(z, &t);
}
OP2(mul)
{
    (void)ctx;
    (void)err;
    return corners(z, x, y, NULL);
}
sbx_status sbx_ivf_fma(sbx_ivf *z, const sbx_ivf *x, const sbx_ivf *y, const sbx_ivf *a,
                       const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    (void)err;
    return corners(z, x, y, a);
}

/* t = a / b; b = 0 is a divisor's end that is not in the divisor: unbounded */
static void quotient(mpfr_ptr t, mpfr_srcptr a, mpfr_srcptr b, mpfr_rnd_t rnd)
{
    if (mpfr_zero_p(b))
        mpfr_set_inf(t, rnd == MPFR_RNDU ? 1 : -1);
    else
        mpfr_div(t, a, b, rnd);
}

/* y has one sign: a quotient is least in magnitude at the end of y that is far from 0. */
OP2(div)
{
    const bool positive = mpfr_sgn(y->lo) >= 0;
    mpfr_srcptr near = positive ? y->lo : y->hi, far = positive ? y->hi : y->lo;
    mpfr_srcptr low = mpfr_sgn(x->lo) >= 0 ? far : near, high = mpfr_sgn(x->hi) <= 0 ? far : near;
    sbx_ivf t;
    (void)ctx;
    if (mpfr_zero_p(near) && mpfr_zero_p(far))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "division by zero");
    start(&t, z);
    if (mpfr_zero_p(x->lo) && mpfr_zero_p(x->hi)) {
        mpfr_set_zero(t.lo, 1);
        mpfr_set_zero(t.hi, 1);
    } else if (positive) {
        quotient(t.lo, x->lo, low, MPFR_RNDD);
        quotient(t.hi, x->hi, high, MPFR_RNDU);
    } else if (mpfr_sgn(y->hi) <= 0) {
        quotient(t.lo, x->hi, high, MPFR_RNDD);
        quotient(t.hi, x->lo, low, MPFR_RNDU);
    } else {
        mpfr_set_inf(t.lo, -1);
        mpfr_set_inf(t.hi, 1);
    }
    return finish(z, &t);
}

OP2(min)
{
    (void)ctx;
    (void)err;
    mpfr_min(z->lo, x->lo, y->lo, MPFR_RNDD);
    mpfr_min(z->hi, x->hi, y->hi, MPFR_RNDU);
    return SBX_OK;
}
OP2(max)
{
    (void)ctx;
    (void)err;
    mpfr_max(z->lo, x->lo, y->lo, MPFR_RNDD);
    mpfr_max(z->hi, x->hi, y->hi, MPFR_RNDU);
    return SBX_OK;
}
OP2(hull)
{
    (void)ctx;
    (void)err;
    mpfr_min(z->lo, x->lo, y->lo, MPFR_RNDD);
    mpfr_max(z->hi, x->hi, y->hi, MPFR_RNDU);
    return SBX_OK;
}
OP2(intersect)
{
    (void)ctx;
    if (mpfr_less_p(x->hi, y->lo) || mpfr_less_p(y->hi, x->lo))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "disjoint intervals have no intersection");
    mpfr_max(z->lo, x->lo, y->lo, MPFR_RNDD);
    mpfr_min(z->hi, x->hi, y->hi, MPFR_RNDU);
    return SBX_OK;
}

/* ---- increasing functions ------------------------------------------------------------ */

static int lo_cmp(const sbx_ivf *x, int v) { return mpfr_cmp_si(x->lo, v); }
static int hi_cmp(const sbx_ivf *x, int v) { return mpfr_cmp_si(x->hi, v); }

static sbx_status image(sbx_ivf *z, const sbx_ivf *x, sbx_mpfr_fn f, int tails, const sbx_ctx *ctx,
                        sbx_err *err)
{
    (void)tails;
    (void)ctx;
    (void)err;
    f(z->lo, x->lo, MPFR_RNDD);
    f(z->hi, x->hi, MPFR_RNDU);
    return SBX_OK;
}

static sbx_status image_below(sbx_ivf *z, const sbx_ivf *x, sbx_mpfr_fn f, const sbx_ctx *ctx,
                              sbx_err *err)
{
    (void)ctx;
    (void)err;
    f(z->hi, x->hi, MPFR_RNDU);
    mpfr_set_inf(z->lo, -1);
    return SBX_OK;
}

#define WHOLE(op, fn) \
    OP1(op) { return image(z, x, fn, 0, ctx, err); }
WHOLE(floor, mpfr_rint_floor)
WHOLE(round, mpfr_rint_roundeven)
WHOLE(sign, sbx_mpfr_sign)

static sbx_status power(sbx_ivf *z, const sbx_ivf *x, double y, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    (void)err;
    (void)sbx_mpfr_pow(z->lo, x->lo, y, MPFR_RNDD);
    (void)sbx_mpfr_pow(z->hi, x->hi, y, MPFR_RNDU);
    return SBX_OK;
}

#define WAVE_EXP_MAX 65536 /* beyond 2^this a reduced argument costs too much: [-1,1] */

static bool near_enough(mpfr_srcptr x)
{
    return mpfr_zero_p(x) || (mpfr_number_p(x) && mpfr_get_exp(x) <= WAVE_EXP_MAX);
}

/* one end of sin or cos: v where the extreme v is in x, else the further value at an end */
static void wave_end(mpfr_ptr z, const sbx_ivf *x, bool cosine, int v)
{
    const sbx_mpfr_fn f = cosine ? mpfr_cos : mpfr_sin;
    const mpfr_rnd_t rnd = v > 0 ? MPFR_RNDU : MPFR_RNDD;
    mpfr_t t;
    mpfr_set_si(z, v, MPFR_RNDN);
    if (!near_enough(x->lo) || !near_enough(x->hi)) return;
    if (sbx_mpfr_extreme(x->lo, x->lo, x->hi, x->hi, cosine, v)) return;
    mpfr_init2(t, mpfr_get_prec(z));
    f(t, x->lo, rnd);
    f(z, x->hi, rnd);
    if (mpfr_cmp(t, z) * v > 0) mpfr_set(z, t, rnd);
    mpfr_clear(t);
}

static sbx_status wave(sbx_ivf *z, const sbx_ivf *x, bool cosine, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_ivf t;
    (void)ctx;
    (void)err;
    start(&t, z);
    wave_end(t.lo, x, cosine, -1);
    wave_end(t.hi, x, cosine, 1);
    return finish(z, &t);
}

/* t holds x, and later what is rounded outward a second time [L-FP-21] */
static void init_like(sbx_ivf *z, const sbx_ivf *x, const sbx_ctx *ctx)
{
    const mpfr_prec_t a = mpfr_get_prec(x->lo), b = mpfr_get_prec(x->hi), c = sbx_ctx_prec(ctx);
    const mpfr_prec_t most = a > b ? a : b;
    mpfr_init2(z->lo, most > c ? most : c);
    mpfr_init2(z->hi, most > c ? most : c);
}

#include "softbox/bind/ivf.h"
#include "num/increasing.tmpl.c"
#include "softbox/bind/unbind.h"
