/* num/ivq.c -- intervals with rational ends: + - * / exact; roots, exp, log and their
 * relatives to ctx->prec bits, and exact where the value is a rational.
 *
 * An end x is between two MPFR numbers, f(x) between their rounded images; the precision
 * doubles until these agree to the bits asked for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/round.h"
#include "num/system.h"

#define OP1(op) \
    sbx_status sbx_ivq_##op(sbx_ivq *z, const sbx_ivq *x, const sbx_ctx *ctx, sbx_err *err)
#define OP2(op)                                                                                 \
    sbx_status sbx_ivq_##op(sbx_ivq *z, const sbx_ivq *x, const sbx_ivq *y, const sbx_ctx *ctx, \
                            sbx_err *err)

/* ---- storage, conversions, comparisons ------------------------------------------- */

void sbx_ivq_init(sbx_ivq *z, const sbx_ctx *ctx)
{
    (void)ctx;
    mpq_init(z->lo);
    mpq_init(z->hi);
}
void sbx_ivq_clear(sbx_ivq *z)
{
    mpq_clear(z->lo);
    mpq_clear(z->hi);
}
void sbx_ivq_set(sbx_ivq *z, const sbx_ivq *x)
{
    mpq_set(z->lo, x->lo);
    mpq_set(z->hi, x->hi);
}
sbx_status sbx_ivq_set_si(sbx_ivq *z, long v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    (void)err;
    mpq_set_si(z->lo, v, 1);
    mpq_set_si(z->hi, v, 1);
    return SBX_OK;
}
sbx_status sbx_ivq_set_d(sbx_ivq *z, double v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    if (!(fabs(v) <= DBL_MAX))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "a NaN or an infinity is not a rational");
    mpq_set_d(z->lo, v);
    mpq_set(z->hi, z->lo);
    return SBX_OK;
}
sbx_status sbx_ivq_set_q(sbx_ivq *z, mpq_srcptr v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    (void)err;
    mpq_set(z->lo, v);
    mpq_set(z->hi, v);
    return SBX_OK;
}
sbx_status sbx_ivq_set_below(sbx_ivq *z, const sbx_ivq *x, sbx_err *err)
{
    (void)z;
    (void)x;
    return sbx_num_lacks(SBX_NUM_IVQ, SBX_CAN_UNBOUNDED, "unbounded side", err);
}
sbx_status sbx_ivq_get_q(mpq_ptr lo, mpq_ptr hi, const sbx_ivq *x, sbx_err *err)
{
    (void)err;
    mpq_set(lo, x->lo);
    mpq_set(hi, x->hi);
    return SBX_OK;
}
sbx_status sbx_ivq_end(sbx_ivq *z, const sbx_ivq *x, sbx_end e, sbx_err *err)
{
    (void)err;
    if (e == SBX_LO) {
        mpq_set(z->hi, x->lo); /* first: x may be z */
        mpq_set(z->lo, x->lo);
    } else {
        mpq_set(z->lo, x->hi);
        mpq_set(z->hi, x->hi);
    }
    return SBX_OK;
}
bool sbx_ivq_is_finite(const sbx_ivq *x)
{
    (void)x;
    return true;
}

sbx_truth sbx_ivq_lt(const sbx_ivq *x, const sbx_ivq *y)
{
    if (mpq_cmp(x->hi, y->lo) < 0) return SBX_TRUE;
    return mpq_cmp(x->lo, y->hi) >= 0 ? SBX_FALSE : SBX_UNKNOWN;
}
sbx_truth sbx_ivq_le(const sbx_ivq *x, const sbx_ivq *y)
{
    if (mpq_cmp(x->hi, y->lo) <= 0) return SBX_TRUE;
    return mpq_cmp(x->lo, y->hi) > 0 ? SBX_FALSE : SBX_UNKNOWN;
}
sbx_truth sbx_ivq_eq(const sbx_ivq *x, const sbx_ivq *y)
{
    if (mpq_cmp(x->hi, y->lo) < 0 || mpq_cmp(y->hi, x->lo) < 0) return SBX_FALSE;
    return mpq_cmp(x->hi, y->lo) <= 0 && mpq_cmp(y->hi, x->lo) <= 0 ? SBX_TRUE : SBX_UNKNOWN;
}

/* ---- rational operations ------------------------------------------------------------ */

static sbx_status finish(sbx_ivq *z, sbx_ivq *t)
{
    mpq_swap(z->lo, t->lo);
    mpq_swap(z->hi, t->hi);
    sbx_ivq_clear(t);
    return SBX_OK;
}

OP1(neg)
{
    (void)ctx;
    (void)err;
    mpq_neg(z->lo, x->lo);
    mpq_neg(z->hi, x->hi);
    mpq_swap(z->lo, z->hi);
    return SBX_OK;
}
OP1(abs)
{
    (void)ctx;
    (void)err;
    if (mpq_sgn(x->lo) >= 0) {
        sbx_ivq_set(z, x);
    } else if (mpq_sgn(x->hi) <= 0) {
        return sbx_ivq_neg(z, x, ctx, err);
    } else {
        mpq_neg(z->lo, x->lo);
        mpq_set(z->hi, mpq_cmp(z->lo, x->hi) > 0 ? z->lo : x->hi);
        mpq_set_si(z->lo, 0, 1);
    }
    return SBX_OK;
}
OP1(sqr)
{
    sbx_status st = sbx_ivq_abs(z, x, ctx, err);
    mpq_mul(z->lo, z->lo, z->lo);
    mpq_mul(z->hi, z->hi, z->hi);
    return st;
}
OP2(add)
{
    (void)ctx;
    (void)err;
    mpq_add(z->lo, x->lo, y->lo);
    mpq_add(z->hi, x->hi, y->hi);
    return SBX_OK;
}
OP2(sub)
{
    sbx_ivq t;
    (void)err;
    sbx_ivq_init(&t, ctx);
    mpq_sub(t.lo, x->lo, y->hi);
    mpq_sub(t.hi, x->hi, y->lo);
    return finish(z, &t);
}
OP2(mul)
{
    mpq_t p;
    sbx_ivq t;
    (void)err;
    sbx_ivq_init(&t, ctx);
    mpq_init(p);
    for (int i = 0; i < 4; i++) { /* the extremes are at corners */
        mpq_mul(p, i & 1 ? x->hi : x->lo, i & 2 ? y->hi : y->lo);
        if (i == 0 || mpq_cmp(p, t.lo) < 0) mpq_set(t.lo, p);
        if (i == 0 || mpq_cmp(p, t.hi) > 0) mpq_set(t.hi, p);
    }
    mpq_clear(p);
    return finish(z, &t);
}
OP2(div)
{
    sbx_ivq r;
    sbx_status st = SBX_OK;
    if (mpq_sgn(y->lo) == 0 && mpq_sgn(y->hi) == 0)
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "division by zero");
    if (mpq_sgn(y->lo) <= 0 && mpq_sgn(y->hi) >= 0) {
        if (mpq_sgn(x->lo) != 0 || mpq_sgn(x->hi) != 0)
            return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE,
                            "division by an interval with 0: no rational ends");
        sbx_ivq_set(z, x);
        return SBX_OK;
    }
    sbx_ivq_init(&r, ctx);
    mpq_inv(r.lo, y->hi);
    mpq_inv(r.hi, y->lo);
    st = sbx_ivq_mul(z, x, &r, ctx, err);
    sbx_ivq_clear(&r);
    return st;
}
sbx_status sbx_ivq_fma(sbx_ivq *z, const sbx_ivq *x, const sbx_ivq *y, const sbx_ivq *a,
                       const sbx_ctx *ctx, sbx_err *err)
{
    sbx_ivq p;
    sbx_status st;
    sbx_ivq_init(&p, ctx);
    st = sbx_ivq_mul(&p, x, y, ctx, err);
    if (st == SBX_OK) st = sbx_ivq_add(z, &p, a, ctx, err);
    sbx_ivq_clear(&p);
    return st;
}

static mpq_srcptr min2(mpq_srcptr a, mpq_srcptr b) { return mpq_cmp(a, b) <= 0 ? a : b; }
static mpq_srcptr max2(mpq_srcptr a, mpq_srcptr b) { return mpq_cmp(a, b) >= 0 ? a : b; }

OP2(min)
{
    (void)ctx;
    (void)err;
    mpq_set(z->lo, min2(x->lo, y->lo));
    mpq_set(z->hi, min2(x->hi, y->hi));
    return SBX_OK;
}
OP2(max)
{
    (void)ctx;
    (void)err;
    mpq_set(z->lo, max2(x->lo, y->lo));
    mpq_set(z->hi, max2(x->hi, y->hi));
    return SBX_OK;
}
OP2(hull)
{
    (void)ctx;
    (void)err;
    mpq_set(z->lo, min2(x->lo, y->lo));
    mpq_set(z->hi, max2(x->hi, y->hi));
    return SBX_OK;
}
OP2(intersect)
{
    (void)ctx;
    if (mpq_cmp(x->hi, y->lo) < 0 || mpq_cmp(y->hi, x->lo) < 0)
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "disjoint intervals have no intersection");
    mpq_set(z->lo, max2(x->lo, y->lo));
    mpq_set(z->hi, min2(x->hi, y->hi));
    return SBX_OK;
}

/* ---- increasing functions to prec bits ------------------------------------------------- */

#define MAX_WORK  (1L << 23) /* bits: beyond that a value is called out of reach */
#define WAVE_BITS 65536      /* sin and cos of arguments below 2^this */

/* Are [lo, hi], which holds f(x), and r, rounded from it, so close that r is within a
 * relative 2^(1-prec) of f(x)? */
static bool close_enough(mpfr_srcptr r, mpfr_srcptr lo, mpfr_srcptr hi, long prec)
{
    mpfr_t d, m;
    bool yes;
    if (mpfr_equal_p(lo, r) && mpfr_equal_p(hi, r)) return true;
    if (mpfr_sgn(lo) * mpfr_sgn(hi) <= 0) return false;
    mpfr_init2(d, 64);
    mpfr_init2(m, 64);
    mpfr_sub(d, mpfr_cmp(r, lo) <= 0 ? hi : lo, r, MPFR_RNDA); /* outward: beyond lo or hi */
    mpfr_set(m, mpfr_cmpabs(lo, hi) < 0 ? lo : hi, MPFR_RNDZ);
    mpfr_mul_2si(m, m, 1 - prec, MPFR_RNDZ);
    yes = mpfr_cmpabs(d, m) <= 0;
    mpfr_clear(d);
    mpfr_clear(m);
    return yes;
}

/* What value() takes: an increasing f, or x^y (f NULL), or, with a Lipschitz constant of 1
 * in place of growth, sin and cos. */
typedef struct fn {
    sbx_mpfr_fn f;
    double y;
    bool wave;
} fn;

/* [a, b], which holds x, becomes an interval that holds f(x) */
static void enclose(mpfr_ptr a, mpfr_ptr b, const fn *g)
{
    mpfr_t w;
    if (!g->wave) {
        if (g->f) {
            g->f(a, a, MPFR_RNDD);
            g->f(b, b, MPFR_RNDU);
        } else {
            (void)sbx_mpfr_pow(a, a, g->y, MPFR_RNDD);
            (void)sbx_mpfr_pow(b, b, g->y, MPFR_RNDU);
        }
        return;
    }
    mpfr_init2(w, 64);
    mpfr_sub(w, b, a, MPFR_RNDU);
    g->f(b, a, MPFR_RNDU);
    g->f(a, a, MPFR_RNDD);
    mpfr_sub(a, a, w, MPFR_RNDD);
    mpfr_add(b, b, w, MPFR_RNDU);
    mpfr_clear(w);
}

/* z <= f(x) (SBX_LO) or >= (SBX_HI), at prec + 1 bits */
static sbx_status value(mpq_ptr z, mpq_srcptr x, fn g, sbx_end e, long prec, sbx_err *err)
{
    sbx_status st = SBX_OK;
    long w = prec + 32;
    mpfr_t a, b, r;
    mpfr_init2(a, w);
    mpfr_init2(b, w);
    mpfr_init2(r, prec + 1);
    for (;; w *= 2) {
        if (w > MAX_WORK)
            SBX_FAIL(err, SBX_ERR_LIMIT, "a value that needs more than %ld bits", MAX_WORK);
        mpfr_set_prec(a, w);
        mpfr_set_prec(b, w);
        mpfr_set_q(a, x, MPFR_RNDD);
        mpfr_set_q(b, x, MPFR_RNDU);
        enclose(a, b, &g);
        if (!mpfr_number_p(a) || !mpfr_number_p(b)) continue; /* a pole between them */
        mpfr_set(r, e == SBX_LO ? a : b, e == SBX_LO ? MPFR_RNDD : MPFR_RNDU);
        if (close_enough(r, a, b, prec)) break;
    }
    mpfr_get_q(z, r); /* [L-FP-23] */
done:
    mpfr_clear(a);
    mpfr_clear(b);
    mpfr_clear(r);
    return st;
}

/* The square root of a rational that is a square, exactly. */
static bool exact_root(mpq_ptr z, mpq_srcptr x)
{
    if (!mpz_perfect_square_p(mpq_numref(x)) || !mpz_perfect_square_p(mpq_denref(x))) return false;
    mpz_sqrt(mpq_numref(z), mpq_numref(x));
    mpz_sqrt(mpq_denref(z), mpq_denref(x));
    return true;
}

static int lo_cmp(const sbx_ivq *x, int v) { return mpq_cmp_si(x->lo, v, 1); }
static int hi_cmp(const sbx_ivq *x, int v) { return mpq_cmp_si(x->hi, v, 1); }

static sbx_status image(sbx_ivq *z, const sbx_ivq *x, sbx_mpfr_fn f, int tails, const sbx_ctx *ctx,
                        sbx_err *err)
{
    const long prec = sbx_ctx_prec(ctx);
    sbx_status st = SBX_OK;
    sbx_ivq t;
    sbx_ivq_init(&t, ctx);
    if ((tails & SBX_TAIL_LEFT && mpq_cmp_si(x->lo, -SBX_IVQ_EXP_MAX, 1) < 0) ||
        (tails & SBX_TAIL_RIGHT && mpq_cmp_si(x->hi, SBX_IVQ_EXP_MAX, 1) > 0))
        SBX_FAIL(err, SBX_ERR_LIMIT, "an exponential beyond e^(+-%d) in ivq", SBX_IVQ_EXP_MAX);
    SBX_TRY(value(t.lo, x->lo, (fn){f, 0, false}, SBX_LO, prec, err));
    SBX_TRY(value(t.hi, x->hi, (fn){f, 0, false}, SBX_HI, prec, err));
    return finish(z, &t);
done:
    sbx_ivq_clear(&t);
    return st;
}

static sbx_status image_below(sbx_ivq *z, const sbx_ivq *x, sbx_mpfr_fn f, const sbx_ctx *ctx,
                              sbx_err *err)
{
    (void)z;
    (void)x;
    (void)f;
    (void)ctx;
    return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "a result without a lower end, in ivq");
}

OP1(sqrt)
{
    const long prec = sbx_ctx_prec(ctx);
    sbx_status st = SBX_OK;
    sbx_ivq t;
    sbx_ivq_init(&t, ctx);
    if (mpq_sgn(x->hi) < 0) SBX_FAIL(err, SBX_ERR_DOMAIN, "square root of a negative interval");
    if (mpq_sgn(x->lo) > 0 && !exact_root(t.lo, x->lo))
        SBX_TRY(value(t.lo, x->lo, (fn){mpfr_sqrt, 0, false}, SBX_LO, prec, err));
    if (!exact_root(t.hi, x->hi))
        SBX_TRY(value(t.hi, x->hi, (fn){mpfr_sqrt, 0, false}, SBX_HI, prec, err));
    return finish(z, &t);
done:
    sbx_ivq_clear(&t);
    return st;
}

#define WHOLE(op, fn)     \
    OP1(op)               \
    {                     \
        (void)ctx;        \
        (void)err;        \
        fn(z->lo, x->lo); \
        fn(z->hi, x->hi); \
        return SBX_OK;    \
    }
static void sign_one(mpq_ptr z, mpq_srcptr x) { mpq_set_si(z, mpq_sgn(x), 1); }
WHOLE(floor, sbx_mpq_floor_of)
WHOLE(round, sbx_mpq_round_of)
WHOLE(sign, sign_one)

/* one end of x^y, y > 0: exact for an integer y */
static sbx_status power_end(mpq_ptr z, mpq_srcptr x, double y, sbx_end e, long prec, sbx_err *err)
{
    if (mpq_sgn(x) == 0) {
        mpq_set_si(z, 0, 1);
        return SBX_OK;
    }
    if (!sbx_is_integer(y)) return value(z, x, (fn){NULL, y, false}, e, prec, err);
    if (!sbx_mpq_power(z, x, y))
        return sbx_fail(err, SBX_ERR_LIMIT, SBX_HERE, "a power of over %d bits", SBX_Q_POW_MAX);
    return SBX_OK;
}

static sbx_status power(sbx_ivq *z, const sbx_ivq *x, double y, const sbx_ctx *ctx, sbx_err *err)
{
    const long prec = sbx_ctx_prec(ctx);
    sbx_status st = SBX_OK;
    sbx_ivq t;
    sbx_ivq_init(&t, ctx);
    SBX_TRY(power_end(t.lo, x->lo, y, SBX_LO, prec, err));
    SBX_TRY(power_end(t.hi, x->hi, y, SBX_HI, prec, err));
    return finish(z, &t);
done:
    sbx_ivq_clear(&t);
    return st;
}

/* one end of sin or cos over x */
static sbx_status wave_end(mpq_ptr z, const sbx_ivq *x, bool cosine, int v, long prec, sbx_err *err)
{
    const fn g = {cosine ? mpfr_cos : mpfr_sin, 0, true};
    const sbx_end e = v > 0 ? SBX_HI : SBX_LO;
    sbx_status st = SBX_OK;
    bool inside;
    mpfr_t a[2], b[2];
    mpq_t t;
    mpq_init(t);
    for (int k = 0; k < 2; k++) {
        mpfr_init2(a[k], prec + 32);
        mpfr_init2(b[k], prec + 32);
        mpfr_set_q(a[k], x->lo, k ? MPFR_RNDU : MPFR_RNDD);
        mpfr_set_q(b[k], x->hi, k ? MPFR_RNDU : MPFR_RNDD);
    }
    mpq_set_si(z, v, 1);
    inside = sbx_mpfr_extreme(a[0], a[1], b[0], b[1], cosine, v);
    for (int k = 0; k < 2; k++) {
        mpfr_clear(a[k]);
        mpfr_clear(b[k]);
    }
    if (!inside) {
        SBX_TRY(value(z, x->lo, g, e, prec, err));
        SBX_TRY(value(t, x->hi, g, e, prec, err));
        if (mpq_cmp(t, z) * v > 0) mpq_set(z, t);
    }
done:
    mpq_clear(t);
    return st;
}

static sbx_status wave(sbx_ivq *z, const sbx_ivq *x, bool cosine, const sbx_ctx *ctx, sbx_err *err)
{
    const long prec = sbx_ctx_prec(ctx);
    sbx_status st = SBX_OK;
    sbx_ivq t;
    sbx_ivq_init(&t, ctx);
    if (mpz_sizeinbase(mpq_numref(x->lo), 2) > WAVE_BITS + mpz_sizeinbase(mpq_denref(x->lo), 2) ||
        mpz_sizeinbase(mpq_numref(x->hi), 2) > WAVE_BITS + mpz_sizeinbase(mpq_denref(x->hi), 2))
        SBX_FAIL(err, SBX_ERR_LIMIT, "sin or cos beyond 2^%d in ivq", WAVE_BITS);
    SBX_TRY(wave_end(t.lo, x, cosine, -1, prec, err));
    SBX_TRY(wave_end(t.hi, x, cosine, 1, prec, err));
    return finish(z, &t);
done:
    sbx_ivq_clear(&t);
    return st;
}

static void init_like(sbx_ivq *z, const sbx_ivq *x, const sbx_ctx *ctx)
{
    (void)x;
    sbx_ivq_init(z, ctx);
}

#include "softbox/bind/ivq.h"
#include "num/increasing.tmpl.c"
#include "softbox/bind/unbind.h"
