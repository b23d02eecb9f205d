/* num/ivd.c -- intervals with double ends.
 *
 * + - * / fma sqr sqrt through the directed operations of num/round.h; the others
 * through MPFR at 53 bits. MPFR rounds f(end) in one direction, and the conversion to
 * a double rounds again in the same one, also among the subnormal numbers and at
 * overflow: two roundings in one direction are one, so these results are tightest.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/round.h"
#include "num/system.h"

#ifdef __FAST_MATH__
#error "the proofs need IEEE arithmetic: compile without -ffast-math"
#endif

#define OP1(op) \
    sbx_status sbx_ivd_##op(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err)
#define OP2(op)                                                                                 \
    sbx_status sbx_ivd_##op(sbx_ivd *z, const sbx_ivd *x, const sbx_ivd *y, const sbx_ctx *ctx, \
                            sbx_err *err)

static sbx_ivd iv(double lo, double hi) { return (sbx_ivd){lo, hi}; }
static double min2(double a, double b) { return a < b ? a : b; }
static double max2(double a, double b) { return a > b ? a : b; }
static double min4(double a, double b, double c, double d) { return min2(min2(a, b), min2(c, d)); }
static double max4(double a, double b, double c, double d) { return max2(max2(a, b), max2(c, d)); }

/* ---- storage, conversions, comparisons ---------------------------------------- */

void sbx_ivd_init(sbx_ivd *z, const sbx_ctx *ctx)
{
    (void)ctx;
    *z = iv(0, 0);
}
void sbx_ivd_clear(sbx_ivd *z) { (void)z; }
void sbx_ivd_set(sbx_ivd *z, const sbx_ivd *x) { *z = *x; }

sbx_status sbx_ivd_set_d(sbx_ivd *z, double v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    if (v > DBL_MAX)
        *z = iv(DBL_MAX, v);
    else if (v < -DBL_MAX)
        *z = iv(v, -DBL_MAX);
    else if (v <= DBL_MAX)
        *z = iv(v, v);
    else
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "a NaN is not in any interval");
    return SBX_OK;
}

sbx_status sbx_ivd_set_q(sbx_ivd *z, mpq_srcptr v, const sbx_ctx *ctx, sbx_err *err)
{
    mpfr_t t;
    (void)ctx;
    (void)err;
    mpfr_init2(t, 53);
    mpfr_set_q(t, v, MPFR_RNDD);
    z->lo = mpfr_get_d(t, MPFR_RNDD);
    mpfr_set_q(t, v, MPFR_RNDU);
    z->hi = mpfr_get_d(t, MPFR_RNDU);
    mpfr_clear(t);
    return SBX_OK;
}

/* Both halves of a long are doubles, and the sum is rounded outward. */
sbx_status sbx_ivd_set_si(sbx_ivd *z, long v, const sbx_ctx *ctx, sbx_err *err)
{
    const long rest = v % 65536;
    const double high = (double)(v - rest), low = (double)rest; /* v - rest: 47 bits */
    (void)ctx;
    (void)err;
    *z = iv(sbx_add_lo(high, low), sbx_add_hi(high, low));
    return SBX_OK;
}

sbx_status sbx_ivd_set_below(sbx_ivd *z, const sbx_ivd *x, sbx_err *err)
{
    (void)err;
    *z = iv(-HUGE_VAL, x->hi);
    return SBX_OK;
}

bool sbx_ivd_is_finite(const sbx_ivd *x) { return x->lo >= -DBL_MAX && x->hi <= DBL_MAX; }

sbx_status sbx_ivd_get_q(mpq_ptr lo, mpq_ptr hi, const sbx_ivd *x, sbx_err *err)
{
    if (!sbx_ivd_is_finite(x))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "an infinite end is not a rational");
    mpq_set_d(lo, x->lo);
    mpq_set_d(hi, x->hi);
    return SBX_OK;
}

sbx_status sbx_ivd_end(sbx_ivd *z, const sbx_ivd *x, sbx_end e, sbx_err *err)
{
    const double v = e == SBX_LO ? x->lo : x->hi;
    if (!(fabs(v) <= DBL_MAX))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "an infinite end is not a point");
    *z = iv(v, v);
    return SBX_OK;
}

sbx_truth sbx_ivd_lt(const sbx_ivd *x, const sbx_ivd *y)
{
    return x->hi < y->lo ? SBX_TRUE : x->lo >= y->hi ? SBX_FALSE : SBX_UNKNOWN;
}
sbx_truth sbx_ivd_le(const sbx_ivd *x, const sbx_ivd *y)
{
    return x->hi <= y->lo ? SBX_TRUE : x->lo > y->hi ? SBX_FALSE : SBX_UNKNOWN;
}
sbx_truth sbx_ivd_eq(const sbx_ivd *x, const sbx_ivd *y)
{
    if (x->hi < y->lo || y->hi < x->lo) return SBX_FALSE;
    return x->hi <= y->lo && y->hi <= x->lo ? SBX_TRUE : SBX_UNKNOWN; /* both are points */
}

/* ---- rational operations and the square root ----------------------------------- */

OP1(neg)
{
    (void)ctx;
    (void)err;
    *z = iv(-x->hi, -x->lo);
    return SBX_OK;
}

static sbx_ivd magnitude(sbx_ivd x)
{
    if (x.lo >= 0) return x;
    if (x.hi <= 0) return iv(-x.hi, -x.lo);
    return iv(0, max2(-x.lo, x.hi));
}
OP1(abs)
{
    (void)ctx;
    (void)err;
    *z = magnitude(*x);
    return SBX_OK;
}
OP1(sqr)
{
    const sbx_ivd a = magnitude(*x);
    (void)ctx;
    (void)err;
    *z = iv(sbx_mul_lo(a.lo, a.lo), sbx_mul_hi(a.hi, a.hi));
    return SBX_OK;
}
OP1(sqrt)
{
    (void)ctx;
    if (!(x->hi >= 0))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "square root of a negative interval");
    *z = iv(x->lo > 0 ? sbx_sqrt_lo(x->lo) : 0, sbx_sqrt_hi(x->hi));
    return SBX_OK;
}
OP2(add)
{
    (void)ctx;
    (void)err;
    *z = iv(sbx_add_lo(x->lo, y->lo), sbx_add_hi(x->hi, y->hi));
    return SBX_OK;
}
OP2(sub)
{
    (void)ctx;
    (void)err;
    *z = iv(sbx_sub_lo(x->lo, y->hi), sbx_sub_hi(x->hi, y->lo));
    return SBX_OK;
}

/* The extremes of a product are at corners, 0 * inf being 0; the rounding is monotone. */
OP2(mul)
{
    const double a = x->lo, b = x->hi, c = y->lo, d = y->hi;
    (void)ctx;
    (void)err;
    *z = iv(min4(sbx_mul_lo(a, c), sbx_mul_lo(a, d), sbx_mul_lo(b, c), sbx_mul_lo(b, d)),
            max4(sbx_mul_hi(a, c), sbx_mul_hi(a, d), sbx_mul_hi(b, c), sbx_mul_hi(b, d)));
    return SBX_OK;
}

/* x / (c, d] with 0 <= c < d, where c = 0 is not in the divisor */
static sbx_ivd div_positive(sbx_ivd x, double c, double d)
{
    sbx_ivd q = iv(-HUGE_VAL, HUGE_VAL);
    if (x.lo >= 0)
        q.lo = sbx_div_lo(x.lo, d);
    else if (c > 0)
        q.lo = sbx_div_lo(x.lo, c);
    if (x.hi <= 0)
        q.hi = sbx_div_hi(x.hi, d);
    else if (c > 0)
        q.hi = sbx_div_hi(x.hi, c);
    return q;
}

OP2(div)
{
    (void)ctx;
    if (y->lo >= 0 && y->hi <= 0)
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "division by zero");
    if (x->lo >= 0 && x->hi <= 0)
        *z = iv(0, 0);
    else if (y->lo >= 0)
        *z = div_positive(*x, y->lo, y->hi);
    else if (y->hi <= 0)
        *z = div_positive(iv(-x->hi, -x->lo), -y->hi, -y->lo);
    else
        *z = iv(-HUGE_VAL, HUGE_VAL);
    return SBX_OK;
}

static double fma_lo(double a, double b, double c)
{
    return c < -DBL_MAX ? c : sbx_fma_lo(a, b, c); /* no inf - inf */
}
static double fma_hi(double a, double b, double c) { return -fma_lo(-a, b, -c); }

sbx_status sbx_ivd_fma(sbx_ivd *z, const sbx_ivd *x, const sbx_ivd *y, const sbx_ivd *a,
                       const sbx_ctx *ctx, sbx_err *err)
{
    const double p = x->lo, q = x->hi, r = y->lo, s = y->hi, c = a->lo, d = a->hi;
    (void)ctx;
    (void)err;
    *z = iv(min4(fma_lo(p, r, c), fma_lo(p, s, c), fma_lo(q, r, c), fma_lo(q, s, c)),
            max4(fma_hi(p, r, d), fma_hi(p, s, d), fma_hi(q, r, d), fma_hi(q, s, d)));
    return SBX_OK;
}
OP2(min)
{
    (void)ctx;
    (void)err;
    *z = iv(min2(x->lo, y->lo), min2(x->hi, y->hi));
    return SBX_OK;
}
OP2(max)
{
    (void)ctx;
    (void)err;
    *z = iv(max2(x->lo, y->lo), max2(x->hi, y->hi));
    return SBX_OK;
}
OP2(hull)
{
    (void)ctx;
    (void)err;
    *z = iv(min2(x->lo, y->lo), max2(x->hi, y->hi));
    return SBX_OK;
}
OP2(intersect)
{
    const sbx_ivd v = iv(max2(x->lo, y->lo), min2(x->hi, y->hi));
    (void)ctx;
    if (!(v.lo <= v.hi))
        return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "disjoint intervals have no intersection");
    *z = v;
    return SBX_OK;
}

/* ---- increasing functions ---------------------------------------------------------- */

static double at(sbx_mpfr_fn f, double v, mpfr_rnd_t rnd)
{
    double d;
    mpfr_t t;
    mpfr_init2(t, 53);
    mpfr_set_d(t, v, MPFR_RNDN); /* exact */
    f(t, t, rnd);
    d = mpfr_get_d(t, rnd); /* [L-FP-21] */
    mpfr_clear(t);
    return d;
}

/* f(v) downward, and the next double where that is not exact [L-FP-01] */
static sbx_ivd at_point(sbx_mpfr_fn f, double v)
{
    sbx_ivd z;
    bool exact;
    mpfr_t t;
    mpfr_init2(t, 53);
    mpfr_set_d(t, v, MPFR_RNDN); /* exact */
    exact = f(t, t, MPFR_RNDD) == 0;
    z.lo = mpfr_get_d(t, MPFR_RNDD); /* [L-FP-21] */
    z.hi = exact && mpfr_cmp_d(t, z.lo) == 0 ? z.lo : sbx_next_up(z.lo);
    mpfr_clear(t);
    return z;
}

static int sign_of(double a, double b) { return (a > b) - (a < b); }
static double sign_one(double v) { return sign_of(v, 0.0); }
static int lo_cmp(const sbx_ivd *x, int v) { return sign_of(x->lo, v); }
static int hi_cmp(const sbx_ivd *x, int v) { return sign_of(x->hi, v); }

static sbx_status image(sbx_ivd *z, const sbx_ivd *x, sbx_mpfr_fn f, int tails, const sbx_ctx *ctx,
                        sbx_err *err)
{
    (void)tails;
    (void)ctx;
    (void)err;
    *z = x->lo < x->hi ? iv(at(f, x->lo, MPFR_RNDD), at(f, x->hi, MPFR_RNDU)) : at_point(f, x->lo);
    return SBX_OK;
}

static sbx_status image_below(sbx_ivd *z, const sbx_ivd *x, sbx_mpfr_fn f, const sbx_ctx *ctx,
                              sbx_err *err)
{
    (void)ctx;
    (void)err;
    *z = iv(-HUGE_VAL, at(f, x->hi, MPFR_RNDU));
    return SBX_OK;
}

#define WHOLE(op, fn)                  \
    OP1(op)                            \
    {                                  \
        (void)ctx;                     \
        (void)err;                     \
        *z = iv(fn(x->lo), fn(x->hi)); \
        return SBX_OK;                 \
    }
WHOLE(floor, floor)
WHOLE(round, rint)
WHOLE(sign, sign_one)

static double power_at(double v, double y, mpfr_rnd_t rnd)
{
    double d;
    mpfr_t t;
    mpfr_init2(t, 53);
    mpfr_set_d(t, v, MPFR_RNDN); /* exact */
    (void)sbx_mpfr_pow(t, t, y, rnd);
    d = mpfr_get_d(t, rnd); /* [L-FP-21] */
    mpfr_clear(t);
    return d;
}

/* squares without MPFR */
static sbx_status power(sbx_ivd *z, const sbx_ivd *x, double y, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    (void)err;
    if (y >= 2.0 && y <= 2.0) /* of a magnitude */
        *z = iv(sbx_mul_lo(x->lo, x->lo), sbx_mul_hi(x->hi, x->hi));
    else
        *z = iv(power_at(x->lo, y, MPFR_RNDD), power_at(x->hi, y, MPFR_RNDU));
    return SBX_OK;
}

static sbx_status wave(sbx_ivd *z, const sbx_ivd *x, bool cosine, const sbx_ctx *ctx, sbx_err *err)
{
    const sbx_mpfr_fn f = cosine ? mpfr_cos : mpfr_sin;
    sbx_ivd r = {-1.0, 1.0};
    (void)ctx;
    (void)err;
    if (sbx_ivd_is_finite(x) && x->lo >= x->hi) {
        r = at_point(f, x->lo);
    } else if (sbx_ivd_is_finite(x) && !(x->hi - x->lo > 6.5)) {
        mpfr_t a, b;
        mpfr_init2(a, 53);
        mpfr_init2(b, 53);
        mpfr_set_d(a, x->lo, MPFR_RNDN);
        mpfr_set_d(b, x->hi, MPFR_RNDN);
        if (!sbx_mpfr_extreme(a, a, b, b, cosine, -1))
            r.lo = min2(at(f, x->lo, MPFR_RNDD), at(f, x->hi, MPFR_RNDD));
        if (!sbx_mpfr_extreme(a, a, b, b, cosine, 1))
            r.hi = max2(at(f, x->lo, MPFR_RNDU), at(f, x->hi, MPFR_RNDU));
        mpfr_clear(a);
        mpfr_clear(b);
    }
    *z = r;
    return SBX_OK;
}

static void init_like(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx)
{
    (void)x;
    sbx_ivd_init(z, ctx);
}

#include "softbox/bind/ivd.h"
#include "num/increasing.tmpl.c"
#include "softbox/bind/unbind.h"
