/* error/carry.h -- what goes with a value through an operation: both ways of the analysis.
 *
 * With every value v goes an enclosure of the exact and the computed one, and two bounds of their
 * distance [L-ERR-02]: computed = v e^t + s with |t| <= rel and |s| <= eta (for v >= 0), and
 * |computed - v| <= abs. Logarithms add up where relative errors would have to be compounded. Each
 * operation takes the better of what both give.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_ERROR_CARRY_H
#define SBX_ERROR_CARRY_H

#include "error/rounding.h"

#include <math.h>

#include "num/round.h"

typedef struct fv {
    double lo, hi, rel, eta, abs; /* abs == 0: the computed value is the exact one */
} fv;

/* The rounding of the last operation, for the record. */
typedef struct local {
    double lam, eta, abs;
    bool factor; /* it is a factor within e^+-lam, plus or minus eta; else plus or minus abs */
} local;

static const fv unknown = {-HUGE_VAL, HUGE_VAL, HUGE_VAL, HUGE_VAL, HUGE_VAL};

static inline iv range(fv a) { return (iv){a.lo, a.hi}; }
static inline bool is_point(fv a) { return a.abs == 0.0 && a.lo == a.hi; }
static inline bool positive(fv a) { return a.lo >= 0.0 && a.rel < HUGE_VAL; }

static inline fv no_bound(em *m, const char *why)
{
    if (!m->why) m->why = why;
    return unknown;
}

/* ---- one operation, forward ------------------------------------------------------- */

/* the better of both bounds */
static inline fv tightened(fv z)
{
    if (z.lo >= 0.0 && z.rel < HUGE_VAL)
        z.abs = fmin(z.abs, sbx_add_hi(sbx_mul_hi(sbx_add_hi(z.hi, z.eta), z.rel), z.eta));
    if (z.lo > 0.0) {
        const double r = sbx_div_hi(z.abs, z.lo);
        if (r <= z.rel) z.rel = r, z.eta = 0.0;
    }
    return z;
}

/* An operation with results in v, whose operands' errors make rel, eta and abs, rounded. */
static inline fv rounded(em *m, local *l, const fmt *f, iv v, double rel, double eta, double abs,
                         accuracy a)
{
    rounding r;
    fv z;
    if (m->why) return unknown;
    if (!(v.lo <= v.hi)) return no_bound(m, "a value is not bounded");
    if (!sbx_round_range(m, &r, f, v.lo, v.hi, a)) return unknown;
    z = (fv){r.lo, r.hi, HUGE_VAL, 0.0, sbx_add_hi(abs, r.abs)};
    *l = (local){r.lam, r.eta, r.abs, v.lo >= 0.0 && r.lam <= 1.0 && rel < HUGE_VAL};
    if (l->factor) {
        z.rel = sbx_add_hi(rel, r.lam);
        z.eta = sbx_add_hi(sbx_add_hi(eta, sbx_mul_hi(eta, 2.0 * r.lam)), r.eta);
    }
    return tightened(z);
}

/* the sum of two exact points: its rounding error is known */
static inline bool exact_sum(fv *z, local *l, const fmt *f, fv a, fv b)
{
    double s, c;
    if (!is_point(a) || !is_point(b)) return false;
    s = a.lo + b.lo;
    if (s - s != 0.0 || sbx_two_sum_err(a.lo, b.lo, s) != 0.0) return false;
    c = sbx_fmt_round(f, s, 0.0);
    if (c - c != 0.0) return false;
    *z = (fv){fmin(s, c), fmax(s, c), HUGE_VAL, 0.0, sbx_sub_hi(fmax(s, c), fmin(s, c))};
    *l = (local){.abs = z->abs};
    if (z->abs == 0.0) z->rel = 0.0;
    *z = tightened(*z);
    l->factor = z->lo > 0.0 && positive(a) && positive(b);
    if (l->factor) l->lam = sbx_div_hi(z->abs, z->lo);
    return true;
}

/* rel of a sum of nonnegative numbers: a mean, weighted by the terms */
static inline double mean(fv a, fv b)
{
    double w;
    if (!positive(a) || !positive(b)) return HUGE_VAL;
    if (a.hi == 0.0) return b.rel;
    if (b.hi == 0.0) return a.rel;
    w = a.rel >= b.rel ? sbx_div_hi(a.hi, sbx_add_lo(a.hi, b.lo))
                       : sbx_div_lo(a.lo, sbx_add_hi(a.lo, b.hi));
    if (!(w >= 0.0 && w <= 1.0)) return fmax(a.rel, b.rel);
    return fmin(fmax(a.rel, b.rel),
                sbx_add_hi(sbx_mul_hi(w, a.rel), sbx_mul_hi(sbx_sub_hi(1.0, w), b.rel)));
}

static inline fv add(em *m, local *l, const fmt *f, fv a, fv b)
{
    fv z;
    if (exact_sum(&z, l, f, a, b)) return z;
    return rounded(m, l, f, sbx_iv_add(range(a), range(b)), mean(a, b), sbx_add_hi(a.eta, b.eta),
                   sbx_add_hi(a.abs, b.abs), sbx_accuracy_sum(m));
}

static inline fv negated(fv a) { return (fv){-a.hi, -a.lo, HUGE_VAL, 0.0, a.abs}; }

static inline fv sub(em *m, local *l, const fmt *f, fv a, fv b)
{
    return add(m, l, f, a, negated(b));
}

/* x - max of inputs: never above 0 */
static inline fv shift(em *m, local *l, const fmt *f, fv a, fv b)
{
    fv z;
    iv v = sbx_iv_add(range(a), range(negated(b)));
    if (exact_sum(&z, l, f, a, negated(b))) return z;
    v.hi = fmin(v.hi, 0.0);
    v.lo = fmin(v.lo, v.hi);
    z = rounded(m, l, f, v, HUGE_VAL, 0.0, sbx_add_hi(a.abs, b.abs), sbx_accuracy_sum(m));
    return z;
}

static inline double product_abs(fv a, fv b)
{
    return sbx_add_hi(sbx_mul_hi(a.abs, sbx_iv_mag(range(b))),
                      sbx_mul_hi(b.abs, sbx_iv_mag(range(a))));
}
static inline double product_rel(fv a, fv b)
{
    return positive(a) && positive(b) ? sbx_add_hi(a.rel, b.rel) : HUGE_VAL;
}
/* |(a + s)(b + t) - a b|, the etas alone; a, b at most hi + eta */
static inline double product_eta(fv a, fv b)
{
    return sbx_add_hi(sbx_mul_hi(a.eta, sbx_add_hi(b.hi, b.eta)),
                      sbx_mul_hi(b.eta, sbx_add_hi(a.hi, a.eta)));
}

static inline bool is_one(fv a) { return is_point(a) && a.lo == 1.0; }

static inline fv mul(em *m, local *l, const fmt *f, fv a, fv b)
{
    *l = (local){.factor = positive(a) && positive(b)};
    if (m->widened && is_one(b)) return a;
    if (m->widened && is_one(a)) return b;
    return rounded(m, l, f, sbx_iv_mul(range(a), range(b)), product_rel(a, b), product_eta(a, b),
                   product_abs(a, b), sbx_accuracy_once());
}

/* |a'/b' - a/b| <= (|a' - a| + |a/b| |b' - b|)/b'. Where the exact quotient is known to lie in
 * *known, the computed one is within e^rel of it, but for eta. */
static inline fv quotient(em *m, local *l, const fmt *f, fv a, fv b, const iv *known)
{
    double rel = HUGE_VAL, eta = 0.0, abs;
    iv q;
    if (!(b.lo > 0.0)) return no_bound(m, "a divisor may underflow to zero");
    q = sbx_iv_div(range(a), range(b));
    if (positive(a) && positive(b)) {
        const double s = sbx_div_hi(b.eta, b.lo); /* b e^t + s is b e^(t + log(1 + s/b e^t)) */
        if (s < 0.5) {
            rel = sbx_add_hi(sbx_add_hi(a.rel, b.rel), sbx_mul_hi(2.0, s));
            eta = sbx_div_hi(a.eta, b.lo);
        }
    }
    if (known && rel <= 0.25) {
        const double up = sbx_add_hi(rel, sbx_mul_hi(rel, rel)); /* e^rel - 1 at most */
        const double hi = sbx_add_hi(sbx_add_hi(known->hi, sbx_mul_hi(known->hi, up)), eta);
        const double lo = sbx_sub_lo(sbx_sub_lo(known->lo, sbx_mul_hi(known->lo, rel)), eta);
        q.hi = fmin(q.hi, hi);
        q.lo = fmax(q.lo, lo);
        if (q.lo > q.hi) q.lo = q.hi;
    }
    abs = sbx_div_hi(sbx_add_hi(a.abs, sbx_mul_hi(sbx_iv_mag(q), b.abs)), b.lo);
    return rounded(m, l, f, q, rel, eta, abs, sbx_accuracy_once());
}

static inline fv fused(em *m, local *l, const fmt *f, fv a, fv b, fv c)
{
    const iv p = sbx_iv_mul(range(a), range(b));
    const fv e = {p.lo, p.hi, product_rel(a, b), product_eta(a, b), product_abs(a, b)};
    if (is_one(b)) return add(m, l, f, a, c);
    return rounded(m, l, f, sbx_iv_add(range(e), range(c)), mean(e, c), sbx_add_hi(e.eta, c.eta),
                   sbx_add_hi(e.abs, c.abs), sbx_accuracy_once());
}

static inline fv exponential(em *m, local *l, const fmt *f, fv x)
{
    iv y;
    *l = (local){.factor = true};
    if (m->why) return unknown;
    if (is_point(x) && x.lo == 0.0 && m->ulps <= 0.5) return (fv){1.0, 1.0, 0.0, 0.0, 0.0};
    sbx_exp_ends(&y.lo, &y.hi, x.lo, x.hi);
    return rounded(m, l, f, y, x.abs, 0.0, sbx_mul_hi(y.hi, x.abs), sbx_accuracy_exp(m));
}

static inline fv logarithm(em *m, local *l, const fmt *f, fv x)
{
    double abs = HUGE_VAL;
    iv y;
    *l = (local){.abs = 0.0};
    if (m->why) return unknown;
    if (!(x.lo > 0.0)) return no_bound(m, "an argument of the logarithm may underflow to zero");
    if (is_one(x) && m->ulps <= 0.5) return (fv){0.0, 0.0, 0.0, 0.0, 0.0};
    if (!sbx_log_ends(&y.lo, &y.hi, x.lo, x.hi)) return no_bound(m, "a logarithm is not bounded");
    if (x.rel < HUGE_VAL) abs = sbx_add_hi(x.rel, sbx_div_hi(x.eta, x.lo));
    abs = fmin(abs, sbx_div_hi(x.abs, x.lo));
    return rounded(m, l, f, y, HUGE_VAL, 0.0, abs, sbx_accuracy_log(m));
}

/* x/(1 + x), the derivative of log(1 + x) by log x */
static inline iv log1p_slope(fv x)
{
    return (iv){sbx_div_lo(x.lo, sbx_add_hi(1.0, x.lo)), sbx_div_hi(x.hi, sbx_add_lo(1.0, x.hi))};
}

static inline fv log_one_plus(em *m, local *l, const fmt *f, fv x)
{
    iv y;
    double abs;
    *l = (local){.abs = 0.0};
    if (m->why) return unknown;
    if (!sbx_log1p_ends(&y.lo, &y.hi, x.lo, x.hi)) return no_bound(m, "a logarithm is not bounded");
    abs = sbx_div_hi(x.abs, sbx_add_lo(1.0, x.lo));
    if (x.rel < HUGE_VAL)
        abs = fmin(abs, sbx_add_hi(sbx_mul_hi(x.rel, log1p_slope(x).hi),
                                   sbx_div_hi(x.eta, sbx_add_lo(1.0, x.lo))));
    return rounded(m, l, f, y, HUGE_VAL, 0.0, abs, sbx_accuracy_log(m));
}

static inline fv cast(em *m, local *l, const fmt *f, fv x)
{
    *l = (local){.factor = positive(x)};
    if (m->widened) return x;
    return rounded(m, l, f, range(x), x.rel, x.eta, x.abs, sbx_accuracy_once());
}

static inline fv larger(fv a, fv b)
{
    return (fv){fmax(a.lo, b.lo), fmax(a.hi, b.hi), HUGE_VAL, 0.0, fmax(a.abs, b.abs)};
}
static inline fv either(fv a, fv b)
{
    return (fv){fmin(a.lo, b.lo), fmax(a.hi, b.hi), fmax(a.rel, b.rel), fmax(a.eta, b.eta),
                fmax(a.abs, b.abs)};
}
static const fv one = {1.0, 1.0, 0.0, 0.0, 0.0};

static inline sbx_truth above(em *m, fv a, fv b, double t)
{
    if (!is_point(a) || !is_point(b)) return SBX_UNKNOWN;
    return sbx_fmt_add(&m->w, a.lo, -b.lo) > t ? SBX_TRUE : SBX_FALSE;
}

/* a sum that is at least 1, exactly: its computed value is not far below */
static inline fv sure(fv s)
{
    double lo = sbx_sub_lo(1.0, s.abs);
    if (s.rel < HUGE_VAL) lo = fmax(lo, sbx_sub_lo(sbx_sub_lo(1.0, s.rel), s.eta));
    s.lo = fmin(fmax(s.lo, lo), s.hi);
    return tightened(s);
}

/* a sum without a rounding: the terms of a compensated one */
static inline fv exact_add(fv s, fv t)
{
    const iv v = sbx_iv_add(range(s), range(t));
    return (fv){v.lo, v.hi, mean(s, t), sbx_add_hi(s.eta, t.eta), sbx_add_hi(s.abs, t.abs)};
}

/* A compensated sum as it runs: bounds of the computed sum of the magnitudes, of the computed sum
 * of the errors, and of what the latter loses. */
typedef struct twofold {
    double size, sum, errors, lost;
} twofold;

/* an error or several, summed */
static inline void twofold_error(twofold *t, const fmt *f, double e)
{
    const double c = sbx_add_hi(t->errors, e), d = sbx_fmt_half_ulp(f, c);
    t->errors = sbx_add_hi(c, d);
    t->lost = sbx_add_hi(t->lost, d);
}
/* a term; besides its sum's error one more, e, is added to that first */
static inline void twofold_term(twofold *t, const fmt *f, double term, double e)
{
    const double s = sbx_add_hi(t->sum, term), h = sbx_fmt_half_ulp(f, s);
    t->size = sbx_add_hi(t->size, term);
    t->sum = sbx_add_hi(s, h);
    if (e > 0.0) {
        const double both = sbx_add_hi(h, e), d = sbx_fmt_half_ulp(f, both);
        t->lost = sbx_add_hi(t->lost, d);
        twofold_error(t, f, sbx_add_hi(both, d));
    } else {
        twofold_error(t, f, h);
    }
}

/* Terms summed exactly, then rounded: an error of u times the sum, what their errors lose, and
 * extra [L-ERR-04]. */
static inline fv settled(em *m, local *l, fv s, const twofold *t, size_t n, double extra)
{
    const fmt *f = &m->a;
    const double factor = sbx_sum2_factor(f, n), d = sbx_add_hi(f->u, factor), size = t->size;
    fv z = s;
    if (m->why) return unknown;
    if (!m->widened) return no_bound(m, "a compensated sum in a narrower format");
    if (!(factor < HUGE_VAL)) return no_bound(m, "too many terms for a compensated sum, or ftz");
    if (!(sbx_mul_hi(size, 2.0) < f->max)) return no_bound(m, "a result may overflow");
    l->abs = fmin(sbx_mul_hi(factor, size), sbx_add_hi(t->lost, sbx_mul_hi(f->u, t->lost)));
    l->abs = sbx_add_hi(sbx_mul_hi(f->u, sbx_iv_mag(range(s))), sbx_add_hi(extra, l->abs));
    l->lam = sbx_div_hi(d, sbx_sub_lo(1.0, d));
    l->eta = extra;
    l->factor = s.lo >= 0.0 && s.rel < HUGE_VAL;
    z.lo = sbx_sub_lo(s.lo, sbx_mul_hi(l->abs, 1.5));
    z.hi = sbx_add_hi(s.hi, sbx_mul_hi(l->abs, 1.5));
    if (s.lo >= 0.0 && z.lo < 0.0) z.lo = 0.0;
    z.rel = l->factor ? sbx_add_hi(s.rel, l->lam) : HUGE_VAL;
    z.eta = sbx_add_hi(sbx_mul_hi(s.eta, 2.0), extra);
    z.abs = sbx_add_hi(s.abs, l->abs);
    return tightened(z);
}

static inline fv exact_mul(fv a, fv b)
{
    const iv v = sbx_iv_mul(range(a), range(b));
    return (fv){v.lo, v.hi, v.lo >= 0.0 ? 0.0 : HUGE_VAL, 0.0, 0.0};
}

/* inputs are exact, and so are their products with their errors, but for underflow */
static inline fv dot_twice(em *m, const fv *x, const fv *y, size_t n)
{
    const fmt *f = &m->a;
    local l;
    twofold t = {0.0, 0.0, 0.0, 0.0};
    fv s = {0.0, 0.0, 0.0, 0.0, 0.0};
    for (size_t j = 0; j < n; j++) {
        const fv p = exact_mul(x[j], y[j]);
        const double size = sbx_iv_mag(range(p)), h = sbx_fmt_half_ulp(f, size);
        s = j ? exact_add(s, p) : p;
        twofold_term(&t, f, sbx_add_hi(size, h), h);
    }
    return settled(m, &l, s, &t, n, sbx_mul_hi((double)n, 4.0 * m->a.eta));
}

/* ---- boxes ------------------------------------------------------------------- */

/* x_j restricted to where x_lead is the maximum */
static inline fv side(const em_box *b, size_t j)
{
    fv x = {b->lo[j], b->hi[j], HUGE_VAL, 0.0, 0.0};
    if (b->lead == ANY) return x;
    x.hi = fmin(x.hi, b->hi[b->lead]);
    if (j == b->lead)
        for (size_t k = 0; k < b->n; k++)
            x.lo = fmax(x.lo, b->lo[k]);
    return x;
}

static const char lost_digits[] = "a result may lose all digits to underflow";

#endif
