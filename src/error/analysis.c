/* error/analysis.c -- bounds of the errors of an algorithm, forward and backward.
 *
 * Forward, running error analysis [L-ERR-02]: with every value v goes an enclosure of the exact
 * and the computed one, and two bounds of their distance: computed = v e^t + s with |t| <= rel
 * and |s| <= eta (for v >= 0), and |computed - v| <= abs. Logarithms add up where relative errors
 * would have to be compounded. Each operation takes the better of what both give.
 *
 * Backward [L-ERR-03]: all operations are recorded. Let every rounding grow from nothing to what
 * it is; the result moves by the integral of its derivative, a sum over the roundings of their
 * size times the derivative of the result by them. Those are bounded over all values that may
 * occur on the way, from the result back to the inputs, as in reverse differentiation: what an
 * exponential does to its numerator and to the sum cancels as far as it does.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/rounding.h"

#include <math.h>

#include "base/alloc.h"
#include "base/try.h"
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

static iv range(fv a) { return (iv){a.lo, a.hi}; }
static bool is_point(fv a) { return a.abs == 0.0 && a.lo == a.hi; }
static bool positive(fv a) { return a.lo >= 0.0 && a.rel < HUGE_VAL; }

static fv no_bound(em *m, const char *why)
{
    if (!m->why) m->why = why;
    return unknown;
}

/* ---- one operation, forward ------------------------------------------------------- */

/* the better of both bounds */
static fv tightened(fv z)
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
static fv rounded(em *m, local *l, const fmt *f, iv v, double rel, double eta, double abs,
                  accuracy a)
{
    rounding r;
    fv z;
    if (m->why) return unknown;
    if (!(v.lo <= v.hi)) return no_bound(m, "a value is not bounded");
    if (!sbx_round_range(m, &r, f, v.lo, v.hi, a)) return unknown;
    z = (fv){r.lo, r.hi, HUGE_VAL, 0.0, sbx_add_hi(abs, r.abs)};
    *l = (local){r.lam, r.eta, r.abs, v.lo >= 0.0 && r.lam <= 1.0};
    if (l->factor && rel < HUGE_VAL) {
        z.rel = sbx_add_hi(rel, r.lam);
        z.eta = sbx_add_hi(sbx_add_hi(eta, sbx_mul_hi(eta, 2.0 * r.lam)), r.eta);
    }
    return tightened(z);
}

/* the sum of two exact points: its rounding error is known */
static bool exact_sum(fv *z, local *l, const fmt *f, fv a, fv b)
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
    return true;
}

/* rel of a sum of nonnegative numbers: a mean, weighted by the terms */
static double mean(fv a, fv b)
{
    const double most = sbx_div_hi(a.hi, sbx_add_lo(a.hi, b.lo));
    const double least = sbx_div_lo(a.lo, sbx_add_hi(a.lo, b.hi));
    double w;
    if (!positive(a) || !positive(b)) return HUGE_VAL;
    if (a.hi == 0.0) return b.rel;
    if (b.hi == 0.0) return a.rel;
    w = a.rel >= b.rel ? most : least;
    if (!(w >= 0.0 && w <= 1.0)) return fmax(a.rel, b.rel);
    return fmin(fmax(a.rel, b.rel),
                sbx_add_hi(sbx_mul_hi(w, a.rel), sbx_mul_hi(sbx_sub_hi(1.0, w), b.rel)));
}

static fv add(em *m, local *l, const fmt *f, fv a, fv b)
{
    fv z;
    if (exact_sum(&z, l, f, a, b)) return z;
    return rounded(m, l, f, sbx_iv_add(range(a), range(b)), mean(a, b), sbx_add_hi(a.eta, b.eta),
                   sbx_add_hi(a.abs, b.abs), sbx_accuracy_sum(m));
}

static fv negated(fv a) { return (fv){-a.hi, -a.lo, HUGE_VAL, 0.0, a.abs}; }

static fv sub(em *m, local *l, const fmt *f, fv a, fv b) { return add(m, l, f, a, negated(b)); }

/* x - max of inputs: never above 0 */
static fv shift(em *m, local *l, const fmt *f, fv a, fv b)
{
    fv z;
    iv v = sbx_iv_add(range(a), range(negated(b)));
    if (exact_sum(&z, l, f, a, negated(b))) return z;
    v.hi = fmin(v.hi, 0.0);
    v.lo = fmin(v.lo, v.hi);
    z = rounded(m, l, f, v, HUGE_VAL, 0.0, sbx_add_hi(a.abs, b.abs), sbx_accuracy_sum(m));
    return z;
}

static double product_abs(fv a, fv b)
{
    return sbx_add_hi(sbx_mul_hi(a.abs, sbx_iv_mag(range(b))),
                      sbx_mul_hi(b.abs, sbx_iv_mag(range(a))));
}
static double product_rel(fv a, fv b)
{
    return positive(a) && positive(b) ? sbx_add_hi(a.rel, b.rel) : HUGE_VAL;
}
/* |(a + s)(b + t) - a b|, the etas alone; a, b at most hi + eta */
static double product_eta(fv a, fv b)
{
    return sbx_add_hi(sbx_mul_hi(a.eta, sbx_add_hi(b.hi, b.eta)),
                      sbx_mul_hi(b.eta, sbx_add_hi(a.hi, a.eta)));
}

static bool is_one(fv a) { return is_point(a) && a.lo == 1.0; }

static fv mul(em *m, local *l, const fmt *f, fv a, fv b)
{
    *l = (local){.abs = 0.0};
    if (m->widened && is_one(b)) return a;
    if (m->widened && is_one(a)) return b;
    return rounded(m, l, f, sbx_iv_mul(range(a), range(b)), product_rel(a, b), product_eta(a, b),
                   product_abs(a, b), sbx_accuracy_once());
}

/* |a'/b' - a/b| <= (|a' - a| + |a/b| |b' - b|)/b'. Where the exact quotient is known to lie in
 * *known, the computed one is within e^rel of it, but for eta. */
static fv quotient(em *m, local *l, const fmt *f, fv a, fv b, const iv *known)
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

static fv fused(em *m, local *l, const fmt *f, fv a, fv b, fv c)
{
    const iv p = sbx_iv_mul(range(a), range(b));
    const fv e = {p.lo, p.hi, product_rel(a, b), product_eta(a, b), product_abs(a, b)};
    if (is_one(b)) return add(m, l, f, a, c);
    return rounded(m, l, f, sbx_iv_add(range(e), range(c)), mean(e, c), sbx_add_hi(e.eta, c.eta),
                   sbx_add_hi(e.abs, c.abs), sbx_accuracy_once());
}

static fv exponential(em *m, local *l, const fmt *f, fv x)
{
    iv y;
    *l = (local){.abs = 0.0};
    if (m->why) return unknown;
    if (is_point(x) && x.lo == 0.0 && m->ulps <= 0.5) return (fv){1.0, 1.0, 0.0, 0.0, 0.0};
    sbx_exp_ends(&y.lo, &y.hi, x.lo, x.hi);
    return rounded(m, l, f, y, x.abs, 0.0, sbx_mul_hi(y.hi, x.abs), sbx_accuracy_exp(m));
}

static fv logarithm(em *m, local *l, const fmt *f, fv x)
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
static iv log1p_slope(fv x)
{
    return (iv){sbx_div_lo(x.lo, sbx_add_hi(1.0, x.lo)), sbx_div_hi(x.hi, sbx_add_lo(1.0, x.hi))};
}

static fv log_one_plus(em *m, local *l, const fmt *f, fv x)
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

static fv cast(em *m, local *l, const fmt *f, fv x)
{
    *l = (local){.abs = 0.0};
    if (m->widened) return x;
    return rounded(m, l, f, range(x), x.rel, x.eta, x.abs, sbx_accuracy_once());
}

static fv larger(fv a, fv b)
{
    return (fv){fmax(a.lo, b.lo), fmax(a.hi, b.hi), HUGE_VAL, 0.0, fmax(a.abs, b.abs)};
}
static fv either(fv a, fv b)
{
    return (fv){fmin(a.lo, b.lo), fmax(a.hi, b.hi), fmax(a.rel, b.rel), fmax(a.eta, b.eta),
                fmax(a.abs, b.abs)};
}
static const fv one = {1.0, 1.0, 0.0, 0.0, 0.0};

static sbx_truth above(em *m, fv a, fv b, double t)
{
    if (!is_point(a) || !is_point(b)) return SBX_UNKNOWN;
    return sbx_fmt_add(&m->w, a.lo, -b.lo) > t ? SBX_TRUE : SBX_FALSE;
}

/* a sum that is at least 1, exactly: its computed value is not far below */
static fv sure(fv s)
{
    double lo = sbx_sub_lo(1.0, s.abs);
    if (s.rel < HUGE_VAL) lo = fmax(lo, sbx_sub_lo(sbx_sub_lo(1.0, s.rel), s.eta));
    s.lo = fmin(fmax(s.lo, lo), s.hi);
    return tightened(s);
}

/* a sum without a rounding: the terms of a compensated one */
static fv exact_add(fv s, fv t)
{
    const iv v = sbx_iv_add(range(s), range(t));
    return (fv){v.lo, v.hi, mean(s, t), sbx_add_hi(s.eta, t.eta), sbx_add_hi(s.abs, t.abs)};
}

/* Terms summed exactly, then rounded: an error of u times the sum, factor times the sum `size` of
 * the magnitudes, and extra [L-ERR-04]. */
static fv settled(em *m, local *l, fv s, double size, double factor, double extra)
{
    const fmt *f = &m->a;
    const double d = sbx_add_hi(f->u, factor);
    fv z = s;
    if (m->why) return unknown;
    if (!m->widened) return no_bound(m, "a compensated sum in a narrower format");
    if (!(factor < HUGE_VAL)) return no_bound(m, "too many terms for a compensated sum, or ftz");
    if (!(sbx_mul_hi(size, 2.0) < f->max)) return no_bound(m, "a result may overflow");
    l->abs = sbx_add_hi(sbx_mul_hi(f->u, sbx_iv_mag(range(s))),
                        sbx_add_hi(extra, sbx_mul_hi(factor, size)));
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

/* ---- forward ------------------------------------------------------------------------ */

#define V     fv
#define OP(f) fwd_##f

#define FORWARD2(name, f2)                                \
    static fv fwd_##name(em *m, const fmt *f, fv a, fv b) \
    {                                                     \
        local l;                                          \
        return f2(m, &l, f, a, b);                        \
    }
FORWARD2(add, add)
FORWARD2(sub, sub)
FORWARD2(shift, shift)
FORWARD2(mul, mul)
#define FORWARD1(name, f1)                          \
    static fv fwd_##name(em *m, const fmt *f, fv a) \
    {                                               \
        local l;                                    \
        return f1(m, &l, f, a);                     \
    }
FORWARD1(exp, exponential)
FORWARD1(log, logarithm)
FORWARD1(log1p, log_one_plus)
FORWARD1(cast, cast)
static fv fwd_part(em *m, const fmt *f, fv a, fv b, size_t j)
{
    local l;
    return quotient(m, &l, f, a, b, &m->known[j]);
}
static fv fwd_fma(em *m, const fmt *f, fv a, fv b, fv c)
{
    local l;
    return fused(m, &l, f, a, b, c);
}
static fv fwd_max(em *m, fv a, fv b)
{
    (void)m;
    return larger(a, b);
}
static fv fwd_either(em *m, fv a, fv b)
{
    (void)m;
    return either(a, b);
}
static fv fwd_one(em *m)
{
    (void)m;
    return one;
}
static fv fwd_sure(em *m, fv s)
{
    (void)m;
    return sure(s);
}
static sbx_truth fwd_above(em *m, fv a, fv b, double t) { return above(m, a, b, t); }

static fv fwd_compensated(em *m, const fv *t, size_t n)
{
    local l;
    fv s = t[0];
    double size = sbx_iv_mag(range(t[0]));
    if (n == 1) return s;
    for (size_t j = 1; j < n; j++) {
        s = exact_add(s, t[j]);
        size = sbx_add_hi(size, sbx_iv_mag(range(t[j])));
    }
    return settled(m, &l, s, size, sbx_sum2_factor(&m->a, n), 0.0);
}

static fv exact_mul(fv a, fv b)
{
    const iv v = sbx_iv_mul(range(a), range(b));
    return (fv){v.lo, v.hi, v.lo >= 0.0 ? 0.0 : HUGE_VAL, 0.0, 0.0};
}

/* inputs are exact, and so are their products with their errors, but for underflow */
static fv fwd_dot2(em *m, const fv *x, const fv *y, size_t n, fv *t)
{
    local l;
    fv s = exact_mul(x[0], y[0]);
    double size = sbx_iv_mag(range(s));
    (void)t;
    for (size_t j = 1; j < n; j++) {
        const fv p = exact_mul(x[j], y[j]);
        s = exact_add(s, p);
        size = sbx_add_hi(size, sbx_iv_mag(range(p)));
    }
    return settled(m, &l, s, size, sbx_sum2_factor(&m->a, n), sbx_mul_hi((double)n, 4.0 * m->a.eta));
}

#include "error/algorithms.tmpl.c"
#undef V
#undef OP

/* ---- the record ----------------------------------------------------------------------- */

typedef enum node_op {
    INPUT, ADD, SUB, MUL, DIV, FMA, EXP, LOG, LOG1P, SAME, EITHER, CONSTANT
} node_op;

typedef struct node {
    node_op op;
    uint32_t a, b, c;
    fv v;
    local l;
} node;

struct em_record {
    node *node;
    iv *A, *R; /* derivative of the result by a node, and by its logarithm */
    uint32_t n, room;
    bool nomem;
};

em_record *sbx_em_record_new(void) { return sbx_alloc(1, sizeof(em_record)); }

void sbx_em_record_free(em_record *t)
{
    if (!t) return;
    sbx_free(t->node);
    sbx_free(t->A);
    sbx_free(t->R);
    sbx_free(t);
}

static bool grow(em_record *t)
{
    const uint32_t room = t->room ? 2 * t->room : 256;
    node *n = sbx_realloc(t->node, t->room, room, sizeof *n);
    iv *A, *R;
    if (n) t->node = n;
    A = n ? sbx_realloc(t->A, t->room, room, sizeof *A) : NULL;
    if (A) t->A = A;
    R = A ? sbx_realloc(t->R, t->room, room, sizeof *R) : NULL;
    if (R) t->R = R;
    if (R) t->room = room;
    return R != NULL;
}

static uint32_t push(em *m, node_op op, uint32_t a, uint32_t b, uint32_t c, fv v, local l)
{
    em_record *t = m->record;
    if (t->n == t->room && !grow(t)) {
        t->nomem = true;
        if (!m->why) m->why = "no memory";
        return 0;
    }
    t->node[t->n] = (node){op, a, b, c, v, l};
    return t->n++;
}

#define V     uint32_t
#define OP(f) rec_##f
#define AT(k) (((em_record *)m->record)->node[k].v)

#define RECORD2(name, f2, op)                                               \
    static uint32_t rec_##name(em *m, const fmt *f, uint32_t a, uint32_t b) \
    {                                                                       \
        local l = {.abs = 0.0};                                             \
        const fv z = f2(m, &l, f, AT(a), AT(b));                            \
        return push(m, (op), a, b, 0, z, l);                                \
    }
RECORD2(add, add, ADD)
RECORD2(sub, sub, SUB)
RECORD2(shift, shift, SUB)
RECORD2(mul, mul, MUL)
#define RECORD1(name, f1, op)                                   \
    static uint32_t rec_##name(em *m, const fmt *f, uint32_t a) \
    {                                                           \
        local l = {.abs = 0.0};                                 \
        const fv z = f1(m, &l, f, AT(a));                       \
        return push(m, (op), a, 0, 0, z, l);                    \
    }
RECORD1(exp, exponential, EXP)
RECORD1(log, logarithm, LOG)
RECORD1(log1p, log_one_plus, LOG1P)
RECORD1(cast, cast, SAME)
static uint32_t rec_part(em *m, const fmt *f, uint32_t a, uint32_t b, size_t j)
{
    local l = {.abs = 0.0};
    const fv z = quotient(m, &l, f, AT(a), AT(b), &m->known[j]);
    return push(m, DIV, a, b, 0, z, l);
}
static uint32_t rec_fma(em *m, const fmt *f, uint32_t a, uint32_t b, uint32_t c)
{
    local l = {.abs = 0.0};
    const fv z = fused(m, &l, f, AT(a), AT(b), AT(c));
    return push(m, FMA, a, b, c, z, l);
}
/* of inputs, which no rounding moves */
static uint32_t rec_max(em *m, uint32_t a, uint32_t b)
{
    return push(m, CONSTANT, a, b, 0, larger(AT(a), AT(b)), (local){.abs = 0.0});
}
static uint32_t rec_either(em *m, uint32_t a, uint32_t b)
{
    return push(m, EITHER, a, b, 0, either(AT(a), AT(b)), (local){.abs = 0.0});
}
static uint32_t rec_one(em *m) { return push(m, CONSTANT, 0, 0, 0, one, (local){.abs = 0.0}); }
static uint32_t rec_sure(em *m, uint32_t s)
{
    AT(s) = sure(AT(s));
    return s;
}
static sbx_truth rec_above(em *m, uint32_t a, uint32_t b, double t)
{
    return above(m, AT(a), AT(b), t);
}

static uint32_t rec_compensated(em *m, const uint32_t *t, size_t n)
{
    local l = {.abs = 0.0};
    uint32_t s = t[0];
    double size = sbx_iv_mag(range(AT(s)));
    if (n == 1) return s;
    for (size_t j = 1; j < n; j++) {
        const fv z = exact_add(AT(s), AT(t[j]));
        s = push(m, ADD, s, t[j], 0, z,
                 (local){.abs = 0.0, .factor = z.lo >= 0.0 && z.rel < HUGE_VAL});
        size = sbx_add_hi(size, sbx_iv_mag(range(AT(t[j]))));
    }
    {
        const fv z = settled(m, &l, AT(s), size, sbx_sum2_factor(&m->a, n), 0.0);
        return push(m, SAME, s, 0, 0, z, l);
    }
}

static uint32_t rec_dot2(em *m, const uint32_t *x, const uint32_t *y, size_t n, uint32_t *t)
{
    fv *v = sbx_alloc(2 * n, sizeof *v), z = unknown;
    (void)t;
    for (size_t j = 0; v && j < n; j++)
        v[j] = AT(x[j]), v[n + j] = AT(y[j]);
    if (v) z = fwd_dot2(m, v, v + n, n, NULL);
    if (!v && !m->why) m->why = "no memory";
    sbx_free(v);
    return push(m, CONSTANT, 0, 0, 0, z, (local){.abs = z.abs});
}

#include "error/algorithms.tmpl.c"
#undef V
#undef OP

/* ---- backward ---------------------------------------------------------------------------- */

static iv whole(void) { return (iv){-HUGE_VAL, HUGE_VAL}; }
static iv checked(iv a) { return a.lo <= a.hi ? a : whole(); } /* a NaN is anything */

static void more(iv *z, iv a) { *z = checked(sbx_iv_add(*z, checked(a))); }
static iv times(iv a, iv b)
{
    if (!(sbx_iv_mag(a) < HUGE_VAL && sbx_iv_mag(b) < HUGE_VAL)) {
        if ((a.lo == 0.0 && a.hi == 0.0) || (b.lo == 0.0 && b.hi == 0.0)) return (iv){0.0, 0.0};
        return whole();
    }
    return sbx_iv_mul(a, b);
}
static iv minus(iv a) { return (iv){-a.hi, -a.lo}; }

/* both enclose the same number */
static iv meet(iv a, iv b)
{
    const iv z = {fmax(a.lo, b.lo), fmin(a.hi, b.hi)};
    return z.lo <= z.hi ? z : a;
}

/* e^+-lam */
static iv factor(const node *k)
{
    const double x = k->l.factor ? k->l.lam : 0.0;
    return (iv){sbx_sub_lo(1.0, x), sbx_add_hi(1.0, sbx_mul_hi(x, sbx_add_hi(1.0, x)))};
}

/* a/(a + b), both >= 0 */
static iv share(iv a, iv b)
{
    iv z = {0.0, 1.0};
    if (!(a.lo >= 0.0 && b.lo >= 0.0)) return whole();
    if (a.hi == 0.0 && b.lo > 0.0) return (iv){0.0, 0.0};
    if (a.lo > 0.0) z.lo = sbx_div_lo(a.lo, sbx_add_hi(a.lo, b.hi));
    if (a.hi + b.lo > 0.0) z.hi = fmin(1.0, sbx_div_hi(a.hi, sbx_add_lo(a.hi, b.lo)));
    return z;
}

/* Passes the derivatives A, R of node k on to operand o: dk/do is d, and d log k/d log o is s
 * where the node is a product of its exact value and a factor alone. */
static void pass(em_record *t, const node *k, uint32_t o, iv A, iv R, iv d, const iv *s)
{
    const iv to = times(times(A, factor(k)), d);
    iv log_to = times(to, range(t->node[o].v));
    if (s && k->l.factor && k->l.eta == 0.0) log_to = meet(times(R, *s), log_to);
    more(&t->A[o], to);
    more(&t->R[o], log_to);
}

static const iv unit = {1.0, 1.0};

/* operands of node k; A and R are complete when this is called */
static void back(em_record *t, uint32_t i)
{
    const node *k = &t->node[i];
    const iv A = t->A[i], R = t->R[i];
    const iv a = range(t->node[k->a].v), b = range(t->node[k->b].v), c = range(t->node[k->c].v);
    iv s, d;
    switch (k->op) {
    case INPUT:
    case CONSTANT: return;
    case SAME: pass(t, k, k->a, A, R, unit, &unit); return;
    case ADD:
        s = share(a, b);
        pass(t, k, k->a, A, R, unit, &s);
        s = share(b, a);
        pass(t, k, k->b, A, R, unit, &s);
        return;
    case SUB:
        pass(t, k, k->a, A, R, unit, NULL);
        pass(t, k, k->b, A, R, minus(unit), NULL);
        return;
    case MUL:
        pass(t, k, k->a, A, R, b, &unit);
        pass(t, k, k->b, A, R, a, &unit);
        return;
    case DIV:
        s = minus(unit);
        d = checked(sbx_iv_div(unit, b));
        pass(t, k, k->a, A, R, d, &unit);
        pass(t, k, k->b, A, R, minus(meet(times(times(a, d), d), times(range(k->v), d))), &s);
        return;
    case FMA:
        s = share(checked(sbx_iv_mul(a, b)), c);
        pass(t, k, k->a, A, R, b, &s);
        pass(t, k, k->b, A, R, a, &s);
        s = share(c, checked(sbx_iv_mul(a, b)));
        pass(t, k, k->c, A, R, unit, &s);
        return;
    case EXP: { /* d log e^x/dx = 1 */
        iv to = times(times(A, factor(k)), range(k->v));
        if (k->l.factor && k->l.eta == 0.0) to = meet(R, to);
        if (k->l.eta > 0.0) to = times(times(A, factor(k)), (iv){0.0, sbx_add_hi(k->v.hi, k->l.eta)});
        more(&t->A[k->a], to);
        more(&t->R[k->a], times(to, a));
        return;
    }
    case LOG:
        d = checked(sbx_iv_div(unit, a));
        more(&t->A[k->a], times(A, d));
        more(&t->R[k->a], A);
        return;
    case LOG1P:
        d = checked(sbx_iv_div(unit, sbx_iv_add(unit, a)));
        more(&t->A[k->a], times(A, d));
        more(&t->R[k->a], times(A, log1p_slope(t->node[k->a].v)));
        return;
    case EITHER:
        s = (iv){0.0, 1.0};
        pass(t, k, k->a, A, R, s, NULL);
        pass(t, k, k->b, A, R, s, NULL);
        return;
    }
}

static bool zero(iv a) { return a.lo == 0.0 && a.hi == 0.0; }

/* what the rounding of node k moves the result by, at most */
static double moved(const em_record *t, uint32_t i)
{
    const local *l = &t->node[i].l;
    const double A = sbx_iv_mag(t->A[i]), R = sbx_iv_mag(t->R[i]);
    double d = 0.0;
    if (zero(t->A[i]) && zero(t->R[i])) return 0.0;
    if (!l->factor) return l->abs > 0.0 ? sbx_mul_hi(A, l->abs) : 0.0;
    if (l->lam > 0.0) d = sbx_mul_hi(R, l->lam);
    if (l->eta > 0.0) d = sbx_add_hi(d, sbx_mul_hi(A, sbx_mul_hi(l->eta, 2.0)));
    return d;
}

/* The error of node `out` but for its own rounding, of its logarithm or of itself. */
static double sweep(em_record *t, uint32_t out, bool logarithmic)
{
    const uint32_t top = out + 1;
    const local own = t->node[out].l;
    double sum = 0.0;
    for (uint32_t i = 0; i < top; i++)
        t->A[i] = t->R[i] = (iv){0.0, 0.0};
    t->A[out] = unit;
    t->R[out] = range(t->node[out].v);
    if (logarithmic) {
        t->R[out] = unit;
        t->A[out] = t->node[out].v.lo > 0.0 ? sbx_iv_div(unit, range(t->node[out].v)) : whole();
    }
    t->node[out].l = (local){.factor = own.factor};
    for (uint32_t i = top; i-- > 0;) {
        if (zero(t->A[i]) && zero(t->R[i])) continue;
        sum = sbx_add_hi(sum, moved(t, i));
        back(t, i);
    }
    t->node[out].l = own;
    return sum;
}

/* ---- both, over a box ------------------------------------------------------------------- */

/* x_j restricted to where x_lead is the maximum */
static fv side(const em_box *b, size_t j)
{
    fv x = {b->lo[j], b->hi[j], HUGE_VAL, 0.0, 0.0};
    if (b->lead == ANY) return x;
    x.hi = fmin(x.hi, b->hi[b->lead]);
    if (j == b->lead)
        for (size_t k = 0; k < b->n; k++)
            x.lo = fmax(x.lo, b->lo[k]);
    return x;
}

static const char lost[] = "a result may lose all digits to underflow";

sbx_status sbx_em_forward(em *m, em_bound *z, const em_box *box, sbx_err *err)
{
    const size_t n = box->n, outputs = sbx_alg_one(m->alg) ? 1 : n;
    sbx_status st = SBX_OK;
    fv *v = sbx_alloc(4 * n, sizeof *v);
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "error: no memory for %zu numbers", 4 * n);
    for (size_t j = 0; j < n; j++)
        v[j] = side(box, j);
    m->lead = box->lead;
    m->why = NULL;
    fwd_algorithm(m, v + n, v, n, v + 2 * n);
    for (size_t i = 0; i < outputs; i++) {
        const fv *o = &v[n + i];
        z[i] = (em_bound){o->abs, o->eta == 0.0 ? o->rel : HUGE_VAL};
        if (m->why) z[i] = (em_bound){HUGE_VAL, HUGE_VAL};
        if (!m->why && !(o->abs < HUGE_VAL)) m->why = lost;
    }
done:
    sbx_free(v);
    return st;
}

/* The last operation's own rounding comes to that of the values before it. Of a positive result
 * r the logarithm moves by s at most: |r e^+-s - r| <= r (s + s^2) for s <= 1. */
static em_bound output_bound(em *m, em_record *t, uint32_t out, size_t i)
{
    const node *k = &t->node[out];
    em_bound z = {k->v.abs, k->v.eta == 0.0 ? k->v.rel : HUGE_VAL};
    double s;
    if (m->known && k->l.factor && (s = sweep(t, out, true)) <= 0.5) {
        const double up = sbx_add_hi(s, sbx_mul_hi(s, s));
        if (k->l.eta == 0.0) z.rel = fmin(z.rel, sbx_add_hi(s, k->l.lam));
        z.abs = fmin(z.abs, sbx_add_hi(sbx_mul_hi(m->known[i].hi, up), k->l.abs));
        return z;
    }
    s = sbx_add_hi(sweep(t, out, false), k->l.abs);
    if (s < z.abs) z.abs = s;
    return z;
}

sbx_status sbx_em_backward(em *m, em_record *t, em_bound *z, const em_box *box, sbx_err *err)
{
    const size_t n = box->n, outputs = sbx_alg_one(m->alg) ? 1 : n;
    sbx_status st = SBX_OK;
    uint32_t *v = sbx_alloc(4 * n, sizeof *v);
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "error: no memory for %zu numbers", 4 * n);
    t->n = 0;
    t->nomem = false;
    m->lead = box->lead;
    m->why = NULL;
    m->record = t;
    for (size_t j = 0; j < n; j++)
        v[j] = push(m, INPUT, 0, 0, 0, side(box, j), (local){.abs = 0.0});
    if (!t->nomem) rec_algorithm(m, v + n, v, n, v + 2 * n);
    if (t->nomem) SBX_FAIL(err, SBX_ERR_NOMEM, "error: no memory for %zu operations", 8 * n);
    for (size_t i = 0; i < outputs; i++) {
        z[i] = m->why ? (em_bound){HUGE_VAL, HUGE_VAL} : output_bound(m, t, v[n + i], i);
        if (!m->why && !(z[i].abs < HUGE_VAL)) m->why = lost;
    }
done:
    sbx_free(v);
    return st;
}
