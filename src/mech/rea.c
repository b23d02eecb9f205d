/* mech/rea.c -- running error analysis: the operations of the mechanisms on values that carry an enclosure of the
 * exact and of the computed number and bounds of their distance. [L-ERR-02, L-ERR-20]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/machine.h"

#include <float.h>

#include "error/carry.h"
#include "mech/tape.h"
#include "num/system.h"

static const char uncertain[] = "an order of two numbers may differ, computed and exact";
static const char undefined[] = "a value may be undefined";

static fv get(const sbx_rea *x) { return (fv){x->lo, x->hi, x->rel, x->eta, x->abs}; }

void sbx_rea_init(sbx_rea *z, const sbx_ctx *ctx)
{
    *z = (sbx_rea){.m = ((const sbx_mech_ctx *)ctx)->m};
}
void sbx_rea_clear(sbx_rea *z) { (void)z; }
void sbx_rea_set(sbx_rea *z, const sbx_rea *x) { *z = *x; }

/* z = v, of an operation on x, y, w (NULL: it has none) and x^e, rounded by at most abs */
static void put(sbx_rea *z, fv v, sbx_tape_op op, const sbx_rea *x, const sbx_rea *y,
                const sbx_rea *w, double e, double abs)
{
    sbx_rea t = {v.lo, v.hi, v.rel, v.eta, v.abs, z->m, 0};
    if (t.m->record && !t.m->why) sbx_tape_push(&t, op, x, y, w, e, abs);
    *z = t;
}

/* ---- numbers that are given -------------------------------------------------------------- */

/* exact in [lo, hi], computed c */
static fv given(em *m, double lo, double hi, double c)
{
    fv z = {fmin(lo, c), fmax(hi, c), HUGE_VAL, 0.0, 0.0};
    if (m->why) return unknown;
    if (c - c != 0.0) return no_bound(m, "a number is beyond the format");
    z.abs = fmax(0.0, fmax(sbx_sub_hi(c, lo), sbx_sub_hi(hi, c)));
    if (z.abs == 0.0 && z.lo >= 0.0) z.rel = 0.0;
    return tightened(z);
}
static void put_given(sbx_rea *z, double lo, double hi, double c)
{
    const fv v = given(z->m, lo, hi, c);
    put(z, v, TAPE_SAME, NULL, NULL, NULL, 0.0, v.abs);
}

sbx_status sbx_rea_set_q(sbx_rea *z, mpq_srcptr v, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_sim c;
    sbx_ivd e = {0.0, 0.0};
    sbx_status st = SBX_OK;
    const bool before = z->m->overflow;
    sbx_sim_init(&c, ctx);
    SBX_TRY(sbx_sim_set_q(&c, v, ctx, err));
    SBX_TRY(sbx_ivd_set_q(&e, v, NULL, err));
    z->m->overflow = before;
    put_given(z, e.lo, e.hi, c.v);
done:
    return st;
}
sbx_status sbx_rea_set_d(sbx_rea *z, double v, const sbx_ctx *ctx, sbx_err *err)
{
    (void)ctx;
    if (v - v != 0.0) return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "a NaN or an infinity");
    put_given(z, v, v, sbx_fmt_round(&z->m->w, v, 0.0));
    return SBX_OK;
}
sbx_status sbx_rea_set_si(sbx_rea *z, long v, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st;
    mpq_t q;
    if (v >= -(1L << 53) && v <= 1L << 53) return sbx_rea_set_d(z, (double)v, ctx, err);
    mpq_init(q);
    mpq_set_si(q, v, 1);
    st = sbx_rea_set_q(z, q, ctx, err);
    mpq_clear(q);
    return st;
}

/* ---- one operation ------------------------------------------------------------------------ */

static bool is_zero(fv a) { return is_point(a) && a.lo == 0.0; }

static fv sum_of(em *m, local *l, const fmt *f, fv a, fv b)
{
    if (is_zero(b)) return a;
    if (is_zero(a)) return b;
    return add(m, l, f, a, b);
}

/* p = a b of exact points, where that is a double: its rounding error is known */
static bool exact_product(fv *z, local *l, const fmt *f, fv a, fv b)
{
    double p, c;
    if (!is_point(a) || !is_point(b) || f->p == 53) return false;
    p = a.lo * b.lo;
    if (p - p != 0.0 || fma(a.lo, b.lo, -p) != 0.0 || (p != 0.0 && fabs(p) < 0x1p-900))
        return false;
    if (p == 0.0 && a.lo != 0.0 && b.lo != 0.0) return false;
    c = sbx_fmt_round(f, p, 0.0);
    if (c - c != 0.0) return false;
    *z = (fv){fmin(p, c), fmax(p, c), HUGE_VAL, 0.0, sbx_sub_hi(fmax(p, c), fmin(p, c))};
    *l = (local){.abs = z->abs};
    if (z->abs == 0.0 && z->lo >= 0.0) z->rel = 0.0;
    *z = tightened(*z);
    return true;
}

/* Products of exact numbers of w in an accumulator of twice its digits are exact, but for underflow. */
static bool product_fits(const em *m, const fmt *f, fv a, fv b, iv v)
{
    const double least = v.lo > 0.0 ? v.lo : v.hi < 0.0 ? -v.hi : 0.0;
    if (f != &m->a || a.abs != 0.0 || b.abs != 0.0 || 2 * m->w.p > f->p) return false;
    if (!(sbx_iv_mag(v) < f->max)) return false;
    return least >= f->min || (!f->ftz && f->emin - f->p + 1 <= 2 * (m->w.emin - m->w.p + 1));
}

static fv product_of(em *m, local *l, const fmt *f, fv a, fv b)
{
    const iv v = sbx_iv_mul(range(a), range(b));
    fv z;
    if (m->why) return unknown;
    if (exact_product(&z, l, f, a, b)) return z;
    if (is_zero(a) || is_zero(b)) return (fv){0.0, 0.0, 0.0, 0.0, 0.0};
    if (product_fits(m, f, a, b, v))
        return (fv){v.lo, v.hi, v.lo >= 0.0 ? 0.0 : HUGE_VAL, 0.0, 0.0};
    return mul(m, l, f, a, b);
}

static fv to_format(em *m, local *l, fv x)
{
    fv z;
    if (m->why) return unknown;
    if (!is_point(x))
        return rounded(m, l, &m->w, range(x), x.rel, x.eta, x.abs, sbx_accuracy_once());
    z = given(m, x.lo, x.lo, sbx_fmt_round(&m->w, x.lo, 0.0));
    l->abs = z.abs;
    return z;
}

static fv mirrored(fv a) { return tightened(negated(a)); }

static fv quotient_of(em *m, local *l, fv a, fv b, const iv *known)
{
    if (b.hi < 0.0) return quotient(m, l, &m->w, mirrored(a), mirrored(b), known);
    if (!(b.lo > 0.0)) return no_bound(m, "a divisor may be 0");
    return quotient(m, l, &m->w, a, b, known);
}

/* of a and b the greater; where it is certain which, that one [L-ERR-20] */
static fv greater(fv a, fv b)
{
    fv z = larger(a, b);
    if (a.lo >= b.hi) return a;
    if (b.lo >= a.hi) return b;
    if (positive(a) && positive(b)) z.rel = fmax(a.rel, b.rel), z.eta = fmax(a.eta, b.eta);
    return tightened(z);
}

typedef sbx_status enclosure(sbx_ivd *, const sbx_ivd *, const sbx_ctx *, sbx_err *);

/* f of a number, |f'| <= slope, |(log f)'| <= log_slope (HUGE_VAL: unknown) on the enclosure */
static fv smooth(em *m, local *l, fv x, enclosure *f, double slope, double log_slope)
{
    const sbx_ivd in = {x.lo, x.hi};
    const accuracy a = {.ulps = m->ulps, .factor = -1.0};
    sbx_ivd y = {0.0, 0.0};
    double rel = HUGE_VAL;
    if (m->why) return unknown;
    if (f(&y, &in, NULL, NULL) != SBX_OK || !(y.lo >= -DBL_MAX && y.hi <= DBL_MAX))
        return no_bound(m, undefined);
    if (log_slope < HUGE_VAL && y.lo >= 0.0) rel = sbx_mul_hi(x.abs, log_slope);
    return rounded(m, l, &m->w, (iv){y.lo, y.hi}, rel, 0.0, sbx_mul_hi(x.abs, slope), a);
}

static fv root(em *m, local *l, fv x)
{
    const sbx_ivd in = {x.lo, x.hi};
    sbx_ivd y = {0.0, 0.0};
    double abs;
    if (m->why) return unknown;
    if (!(x.lo >= 0.0) || sbx_ivd_sqrt(&y, &in, NULL, NULL) != SBX_OK)
        return no_bound(m, "a root of what may be negative");
    if (is_zero(x)) return x;
    abs = sbx_next_up(sqrt(x.abs)); /* |sqrt a - sqrt b| <= sqrt |a - b| */
    if (y.lo > 0.0) abs = fmin(abs, sbx_div_hi(x.abs, sbx_mul_lo(2.0, y.lo)));
    return rounded(m, l, &m->w, (iv){fmax(y.lo, 0.0), y.hi}, x.eta == 0.0 ? x.rel / 2.0 : HUGE_VAL,
                   0.0, abs, sbx_accuracy_once());
}

static fv square(em *m, local *l, fv x)
{
    const double top = sbx_iv_mag(range(x));
    const double least = x.lo > 0.0 ? x.lo : x.hi < 0.0 ? -x.hi : 0.0;
    fv z;
    if (m->why) return unknown;
    if (exact_product(&z, l, &m->w, x, x)) return z;
    return rounded(m, l, &m->w, (iv){fmax(0.0, sbx_mul_lo(least, least)), sbx_mul_hi(top, top)},
                   product_rel(x, x), product_eta(x, x), sbx_mul_hi(x.abs, sbx_mul_hi(2.0, top)),
                   sbx_accuracy_once());
}

static fv magnitude(fv x)
{
    if (x.lo >= 0.0) return x;
    if (x.hi <= 0.0) return mirrored(x);
    return (fv){0.0, sbx_iv_mag(range(x)), HUGE_VAL, 0.0, x.abs};
}

/* x^y, the derivative y x^(y - 1) */
static fv power(em *m, local *l, fv x, double y)
{
    const sbx_ivd in = {x.lo, x.hi};
    const accuracy a = {.ulps = m->ulps, .factor = -1.0};
    sbx_ivd z = {0.0, 0.0}, d = {0.0, 0.0};
    double abs = HUGE_VAL, rel = HUGE_VAL;
    if (m->why) return unknown;
    if (y == 0.0) return one;
    if ((x.lo <= 0.0 && y < 0.0) || (x.lo < 0.0 && !sbx_is_integer(y)))
        return no_bound(m, undefined);
    if (sbx_ivd_pow(&z, &in, y, NULL, NULL) != SBX_OK || !(z.lo >= -DBL_MAX && z.hi <= DBL_MAX))
        return no_bound(m, undefined);
    if ((x.lo > 0.0 || y > 1.0) && sbx_two_sum_err(y, -1.0, y - 1.0) == 0.0 &&
        sbx_ivd_pow(&d, &in, y - 1.0, NULL, NULL) == SBX_OK)
        abs = sbx_mul_hi(sbx_mul_hi(fabs(y), fmax(fabs(d.lo), fabs(d.hi))), x.abs);
    if (x.lo > 0.0 && x.eta == 0.0 && x.rel < HUGE_VAL) rel = sbx_mul_hi(fabs(y), x.rel);
    if (!(abs < HUGE_VAL) && !(rel < HUGE_VAL)) return no_bound(m, undefined);
    if (!(abs < HUGE_VAL)) abs = sbx_mul_hi(z.hi, sbx_mul_hi(rel, sbx_add_hi(1.0, rel)));
    return rounded(m, l, &m->w, (iv){z.lo, z.hi}, rel, 0.0, abs, a);
}

/* a function of steps: certain where both ends of the enclosure agree */
static fv stepped(em *m, fv x, enclosure *f)
{
    const sbx_ivd in = {x.lo, x.hi};
    sbx_ivd y = {0.0, 0.0};
    if (m->why) return unknown;
    if (f(&y, &in, NULL, NULL) != SBX_OK) return no_bound(m, undefined);
    if (!(y.lo >= y.hi)) return no_bound(m, uncertain);
    return tightened((fv){y.lo, y.hi, y.lo >= 0.0 ? 0.0 : HUGE_VAL, 0.0, 0.0});
}

static fv log_plus(em *m, local *l, fv x)
{
    if (m->why) return unknown;
    if (x.lo >= 0.0) return log_one_plus(m, l, &m->w, x);
    if (!(x.lo > -1.0)) return no_bound(m, undefined);
    return smooth(m, l, x, sbx_ivd_log1p, sbx_div_hi(1.0, sbx_add_lo(1.0, x.lo)), HUGE_VAL);
}

static fv exp_minus(em *m, local *l, fv x)
{
    double lo, hi;
    if (m->why) return unknown;
    sbx_exp_ends(&lo, &hi, x.lo, x.hi);
    return smooth(m, l, x, sbx_ivd_expm1, hi, HUGE_VAL);
}

#define LOG_2 0x1.62e42fefa39fp-1 /* rounded up */
static fv exp_two(em *m, local *l, fv x)
{
    const sbx_ivd in = {x.lo, x.hi};
    sbx_ivd y = {0.0, HUGE_VAL};
    if (m->why) return unknown;
    if (sbx_ivd_exp2(&y, &in, NULL, NULL) != SBX_OK) return no_bound(m, undefined);
    return smooth(m, l, x, sbx_ivd_exp2, sbx_mul_hi(y.hi, LOG_2), LOG_2);
}

/* ---- the vocabulary -------------------------------------------------------------------------- */

#define UNARY(op, tape, value)                                                              \
    sbx_status sbx_rea_##op(sbx_rea *z, const sbx_rea *x, const sbx_ctx *ctx, sbx_err *err) \
    {                                                                                       \
        em *const m = z->m;                                                                 \
        const fv a = get(x);                                                                \
        local l = {.abs = 0.0};                                                             \
        const fv v = value;                                                                 \
        (void)m, (void)ctx, (void)err;                                                      \
        put(z, v, tape, x, NULL, NULL, 0.0, l.abs);                                         \
        return SBX_OK;                                                                      \
    }
UNARY(neg, TAPE_NEG, mirrored(a))
UNARY(abs, TAPE_ABS, magnitude(a))
UNARY(sqr, TAPE_SQR, square(m, &l, a))
UNARY(sqrt, TAPE_SQRT, root(m, &l, a))
UNARY(exp, TAPE_EXP, exponential(m, &l, &m->w, a))
UNARY(exp2, TAPE_EXP2, exp_two(m, &l, a))
UNARY(expm1, TAPE_EXPM1, exp_minus(m, &l, a))
UNARY(log, TAPE_LOG, logarithm(m, &l, &m->w, a))
UNARY(log1p, TAPE_LOG1P, log_plus(m, &l, a))
UNARY(tanh, TAPE_TANH, smooth(m, &l, a, sbx_ivd_tanh, 1.0, HUGE_VAL))
UNARY(sigmoid, TAPE_SIGMOID, smooth(m, &l, a, sbx_ivd_sigmoid, 0.25, 1.0))
UNARY(sin, TAPE_SIN, smooth(m, &l, a, sbx_ivd_sin, 1.0, HUGE_VAL))
UNARY(cos, TAPE_COS, smooth(m, &l, a, sbx_ivd_cos, 1.0, HUGE_VAL))
UNARY(erf, TAPE_ERF, smooth(m, &l, a, sbx_ivd_erf, 1.1284, HUGE_VAL)) /* 2/sqrt(pi) */

/* constants on the way from the exact to the computed results: they have one value */
#define STEPPED(op)                                                                         \
    sbx_status sbx_rea_##op(sbx_rea *z, const sbx_rea *x, const sbx_ctx *ctx, sbx_err *err) \
    {                                                                                       \
        (void)ctx, (void)err;                                                               \
        put(z, stepped(z->m, get(x), sbx_ivd_##op), TAPE_SAME, NULL, NULL, NULL, 0.0, 0.0); \
        return SBX_OK;                                                                      \
    }
STEPPED(floor)
STEPPED(round)
STEPPED(sign)

sbx_status sbx_rea_pow(sbx_rea *z, const sbx_rea *x, double y, const sbx_ctx *ctx, sbx_err *err)
{
    local l = {.abs = 0.0};
    const fv v = power(z->m, &l, get(x), y);
    (void)ctx, (void)err;
    put(z, v, TAPE_POW, y == 0.0 ? NULL : x, NULL, NULL, y, l.abs);
    return SBX_OK;
}

static const iv unit = {0.0, 1.0};
#define BINARY(op, tape, value)                                                                 \
    sbx_status sbx_rea_##op(sbx_rea *z, const sbx_rea *x, const sbx_rea *y, const sbx_ctx *ctx, \
                            sbx_err *err)                                                       \
    {                                                                                           \
        em *const m = z->m;                                                                     \
        const fv a = get(x), b = get(y);                                                        \
        local l = {.abs = 0.0};                                                                 \
        const fv v = value;                                                                     \
        (void)m, (void)ctx, (void)err;                                                          \
        put(z, v, tape, x, y, NULL, 0.0, l.abs);                                                \
        return SBX_OK;                                                                          \
    }
BINARY(add, TAPE_SUM, sum_of(m, &l, &m->w, a, b))
BINARY(sub, TAPE_DIFFERENCE, sum_of(m, &l, &m->w, a, negated(b)))
BINARY(mul, TAPE_PRODUCT, product_of(m, &l, &m->w, a, b))
BINARY(div, TAPE_QUOTIENT, quotient_of(m, &l, a, b, NULL))
BINARY(max, TAPE_MAX, greater(a, b))
BINARY(min, TAPE_MIN, mirrored(greater(mirrored(a), mirrored(b))))
BINARY(shift, TAPE_SHIFT, shift(m, &l, &m->w, a, b))
BINARY(share, TAPE_QUOTIENT, quotient_of(m, &l, a, b, a.lo >= 0.0 ? &unit : NULL))

sbx_status sbx_rea_hull(sbx_rea *z, const sbx_rea *x, const sbx_rea *y, const sbx_ctx *ctx,
                        sbx_err *err)
{
    (void)z, (void)x, (void)y, (void)ctx;
    return sbx_num_lacks(SBX_NUM_F64, SBX_CAN_ENCLOSE, "hull", err);
}
sbx_status sbx_rea_intersect(sbx_rea *z, const sbx_rea *x, const sbx_rea *y, const sbx_ctx *ctx,
                             sbx_err *err)
{
    (void)z, (void)x, (void)y, (void)ctx;
    return sbx_num_lacks(SBX_NUM_F64, SBX_CAN_ENCLOSE, "intersect", err);
}
void sbx_rea_sure(sbx_rea *s)
{
    const fv v = s->m->why ? unknown : sure(get(s));
    *s = (sbx_rea){v.lo, v.hi, v.rel, v.eta, v.abs, s->m, s->id};
}

sbx_status sbx_rea_fma(sbx_rea *z, const sbx_rea *x, const sbx_rea *y, const sbx_rea *a,
                       const sbx_ctx *ctx, sbx_err *err)
{
    local l = {.abs = 0.0};
    const fv v = fused(z->m, &l, &z->m->w, get(x), get(y), get(a));
    (void)ctx, (void)err;
    put(z, v, TAPE_FMA, x, y, a, 0.0, l.abs);
    return SBX_OK;
}

/* s += x y in the accumulator, y NULL: s += x */
static void accumulate(sbx_rea *s, const sbx_rea *x, const sbx_rea *y)
{
    em *const m = s->m;
    const fmt *const f = &m->a;
    sbx_rea p = {.m = m};
    local l = {.abs = 0.0};
    fv v;
    if (y && m->fma) {
        v = fused(m, &l, f, get(x), get(y), get(s));
        put(s, v, TAPE_FMA, x, y, s, 0.0, l.abs);
        return;
    }
    if (y) {
        v = product_of(m, &l, f, get(x), get(y));
        put(&p, v, TAPE_PRODUCT, x, y, NULL, 0.0, l.abs);
        x = &p;
        l.abs = 0.0;
    }
    v = sum_of(m, &l, f, get(s), get(x));
    put(s, v, TAPE_SUM, s, x, NULL, 0.0, l.abs);
}

void sbx_rea_total(sbx_rea *z, const sbx_rea *start, const sbx_rea *a, size_t sa, const sbx_rea *b,
                   size_t sb, size_t n)
{
    em *const m = z->m;
    sbx_rea s = {.m = m};
    local l = {.abs = 0.0};
    fv v;
    if (start) {
        s = *start;
    } else if (b) {
        v = product_of(m, &l, &m->a, get(a), get(b));
        put(&s, v, TAPE_PRODUCT, a, b, NULL, 0.0, l.abs);
    } else {
        s = *a;
    }
    for (size_t k = start ? 0 : 1; k < n && !m->why; k++)
        accumulate(&s, &a[k * sa], b ? &b[k * sb] : NULL);
    if (m->a.p != m->w.p || m->a.emax != m->w.emax) {
        l.abs = 0.0;
        v = to_format(m, &l, get(&s));
        put(&s, v, TAPE_SAME, &s, NULL, NULL, 0.0, l.abs);
    }
    *z = s;
}

/* ---- questions: their answer is that of the exact and of the computed numbers ---------------- */

static sbx_truth answer(const sbx_rea *x, bool yes, bool no)
{
    if (!yes && !no && !x->m->why) x->m->why = uncertain;
    return yes ? SBX_TRUE : no ? SBX_FALSE : SBX_UNKNOWN;
}
sbx_truth sbx_rea_lt(const sbx_rea *x, const sbx_rea *y)
{
    return answer(x, x->hi < y->lo, x->lo >= y->hi || x == y);
}
sbx_truth sbx_rea_le(const sbx_rea *x, const sbx_rea *y)
{
    return answer(x, x->hi <= y->lo || x == y, x->lo > y->hi);
}
sbx_truth sbx_rea_eq(const sbx_rea *x, const sbx_rea *y)
{
    return answer(x, (x->hi <= y->lo && x->lo >= y->hi) || x == y, x->hi < y->lo || x->lo > y->hi);
}
bool sbx_rea_is_finite(const sbx_rea *x) { return x->lo >= -DBL_MAX && x->hi <= DBL_MAX; }

sbx_status sbx_rea_get_q(mpq_ptr lo, mpq_ptr hi, const sbx_rea *x, sbx_err *err)
{
    const double v = sbx_rea_is_finite(x) ? x->lo : 0.0;
    if (!is_point(get(x)) && !x->m->why) x->m->why = uncertain;
    return sbx_f64_get_q(lo, hi, &v, err);
}
sbx_status sbx_rea_end(sbx_rea *z, const sbx_rea *x, sbx_end e, sbx_err *err)
{
    (void)e, (void)err;
    *z = *x;
    return SBX_OK;
}
sbx_status sbx_rea_set_below(sbx_rea *z, const sbx_rea *x, sbx_err *err)
{
    (void)z, (void)x;
    return sbx_num_lacks(SBX_NUM_F64, SBX_CAN_UNBOUNDED, "unbounded side", err);
}
