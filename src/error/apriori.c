/* error/apriori.c -- the theorems: bounds from n and the spread of the inputs alone.
 *
 * In logarithms a rounding is at most u [L-ERR-01], so the bounds below are sums of roundings
 * with their second-order terms, and hold as printed. [L-ERR-05 .. L-ERR-08]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/apriori.h"

#include <math.h>

#include "error/rounding.h"
#include "num/round.h"

#define ADD2(a, b) sbx_add_hi((a), (b))
#define MUL2(a, b) sbx_mul_hi((a), (b))

/* e^t - 1 <= t/(1 - t/2) for 0 <= t < 2 */
static double grown(double t) { return t < 1.5 ? sbx_div_hi(t, sbx_sub_lo(1.0, t / 2)) : HUGE_VAL; }

/* The roundings that a term of a sum of n passes, as a logarithm. */
static double depth(const em *m, size_t n)
{
    size_t d = 0;
    if (n < 2) return 0.0;
    if (m->order == SBX_ERROR_COMPENSATED) {
        const double f = ADD2(m->a.u, sbx_sum2_factor(&m->a, n));
        return f < 0.5 ? sbx_div_hi(f, sbx_sub_lo(1.0, f)) : HUGE_VAL;
    }
    if (m->order == SBX_ERROR_RECURSIVE) d = n - 1;
    if (m->order == SBX_ERROR_PAIRWISE)
        while ((size_t)1 << d < n)
            d++;
    if (m->order == SBX_ERROR_TILES) {
        const size_t b = m->tile < n ? m->tile : n;
        d = b - 1 + (n + b - 1) / b - 1;
    }
    return MUL2((double)d, m->a.u);
}

/* exp or log, its relative error as a logarithm */
static double function(const em *m, bool is_exp)
{
    const double x = is_exp && m->kernel ? MUL2(1.4412, m->w.u) : 2.0 * m->ulps * m->w.u;
    if (m->ulps <= 0.5 && !(is_exp && m->kernel)) return m->w.u;
    return x < 0.5 ? sbx_div_hi(x, sbx_sub_lo(1.0, x)) : HUGE_VAL;
}

/* v + e with an error e, rounded with relative error u */
static double once(double e, double v, double u) { return ADD2(e, MUL2(u, ADD2(v, e))); }

/* How often the running maximum grows: counted at a point, else all steps. */
static size_t growths(const em *m, const double *lo, const double *hi, size_t n)
{
    const bool tiles = m->alg == SOFTMAX_FLASH || m->alg == SOFTMAX_FLASH_LAZY;
    const size_t step = tiles ? m->tile : 1;
    double top = lo[0];
    size_t r = 0;
    for (size_t j = 0; j < n; j++)
        if (lo[j] < hi[j]) return (n + step - 1) / step - 1;
    for (size_t from = 0; from < n; from += step) {
        double t = top;
        for (size_t j = from; j < n && j < from + step; j++)
            t = fmax(t, lo[j]);
        if (t > top && from) r++;
        top = t;
    }
    return r;
}

typedef struct spread {
    double D;    /* largest difference of two inputs                  */
    double y, a; /* |log-sum-exp|, |x_i - log-sum-exp|                */
    double w;    /* log-sum-exp less the maximum: at most log n       */
    double least;
} spread;

static spread spread_of(const double *lo, const double *hi, size_t n, iv y)
{
    spread s = {.least = lo[0]};
    double most = hi[0];
    for (size_t j = 0; j < n; j++) {
        s.least = fmin(s.least, lo[j]);
        most = fmax(most, hi[j]);
    }
    s.D = sbx_sub_hi(most, s.least);
    s.y = sbx_iv_mag(y);
    s.w = s.y;
    {
        double l, h = s.y;
        if (sbx_log_ends(&l, &h, (double)n, (double)n)) s.w = h;
    }
    s.a = ADD2(s.D, s.w);
    for (size_t j = 0; j < n; j++)
        if (lo[j] < hi[j]) return s;
    s.a = fmax(fabs(sbx_sub_hi(most, y.lo)), fabs(sbx_sub_lo(s.least, y.hi)));
    return s;
}

typedef struct parts {
    double sum;   /* of the terms, as a logarithm                  */
    double part;  /* of a numerator, as a logarithm                */
    double below; /* what underflow may do to a quotient           */
    bool one;     /* the sum is at least 1                         */
} parts;

static parts parts_of(const em *m, const spread *s, const double *lo, const double *hi, size_t n)
{
    const double ex = function(m, true), u = m->w.u, ua = m->a.u, r = (double)growths(m, lo, hi, n);
    const double term = ADD2(MUL2(u, s->D), ex), eta = MUL2(8.0, fmax(m->w.eta, m->a.eta));
    parts p = {.part = term, .one = true, .below = eta};
    double rescale;
    switch ((int)m->alg) {
    case SOFTMAX_SHIFTED:
    case SOFTMAX_FREE:
    case LOG_SHIFTED:
    case LOG_MINUS_LSE:
    case LSE_SHIFTED:
        p.sum = ADD2(term, depth(m, n - 1));
        if (m->alg == SOFTMAX_SHIFTED) p.sum = ADD2(p.sum, ua);
        break;
    case SOFTMAX_SAFE:
    case LOG_SAFE:
    case LSE_SAFE: p.sum = ADD2(term, depth(m, n)); break;
    case SOFTMAX_ONLINE:
    case LOG_ONLINE:
    case LSE_ONLINE:
        rescale = MUL2(r, m->fma ? ex : ADD2(ex, ua));
        p.sum = ADD2(ADD2(term, rescale), MUL2((double)(n - 1), ua));
        break;
    case SOFTMAX_FLASH:
    case SOFTMAX_FLASH_LAZY: {
        const size_t b = m->tile < n ? m->tile : n, tiles = (n + b - 1) / b;
        rescale = MUL2(r, ADD2(ex, ua));
        p.part = ADD2(term, rescale);
        if (m->alg == SOFTMAX_FLASH_LAZY) p.part = ADD2(p.part, MUL2(u, s->D));
        p.sum = ADD2(ADD2(p.part, depth(m, b)), MUL2((double)(tiles - 1), ua));
        p.below = MUL2(eta, (double)tiles);
        break;
    }
    default:
        p.one = false;
        p.part = ex;
        p.sum = ADD2(ex, depth(m, n));
        break;
    }
    if (p.one) p.sum = ADD2(p.sum, MUL2(MUL2(p.below, (double)n), 2.0));
    return p;
}

/* the error of log-sum-exp, or HUGE_VAL */
static double lse_error(const em *m, const spread *s, const parts *p)
{
    const double log_ = function(m, false);
    if (!p->one) return once(p->sum, s->y, log_);
    return once(once(p->sum, s->w, log_), s->y, m->w.u);
}

/* the logarithm of computed softmax over exact softmax */
static double softmax_error(const em *m, const spread *s, const parts *p)
{
    if (m->alg != SOFTMAX_NAIVE_FREE && m->alg != SOFTMAX_FREE)
        return ADD2(ADD2(p->sum, p->part), m->w.u);
    return ADD2(once(lse_error(m, s, p), s->a, m->w.u), function(m, true));
}

static double log_softmax_error(const em *m, const spread *s, const parts *p)
{
    const double u = m->w.u, log_ = function(m, false);
    switch ((int)m->alg) {
    case LOG_OF_SOFTMAX: return once(ADD2(ADD2(p->sum, p->part), u), s->a, log_);
    case LOG_NAIVE:
    case LOG_MINUS_LSE: return once(lse_error(m, s, p), s->a, u);
    default: return once(ADD2(MUL2(u, s->D), once(p->sum, s->w, log_)), s->a, u);
    }
}

/* as published, first order, at a point; NaN: none */
static double published(const em *m, const double *x, size_t n, const spread *s, iv y)
{
    const double k = (double)n, z = y.lo / 2 + y.hi / 2, least = s->least;
    (void)x;
    switch ((int)m->alg) {
    case SOFTMAX_NAIVE: return k + 3.0;
    case SOFTMAX_NAIVE_FREE: return fabs(z) + s->a + k + 2.0;
    case SOFTMAX_SHIFTED: return k + 2.0 + 2.0 * s->D;
    case SOFTMAX_FREE: return 1.0 + s->a + fabs(z + k - least);
    case LSE_NAIVE: return 1.0 + (k + 1.0) / fabs(z);
    case LSE_SHIFTED: return fabs(z + k - least) / fabs(z);
    default: return (double)NAN;
    }
}

void sbx_apriori(sbx_error_report *r, const em *m, const double *lo, const double *hi, size_t n,
                 const iv *known, iv scale, iv y)
{
    const bool dot = m->alg >= DOT_RECURSIVE && m->alg < ALG_COUNT;
    const bool sums = m->alg >= SUM_RECURSIVE && m->alg < ALG_COUNT;
    const size_t terms = dot ? n / 2 : n;
    double T, top = 0.0, low, high;
    spread s;
    parts p;
    r->apriori = r->apriori_u = HUGE_VAL;
    r->published_u = (double)NAN;
    if (!m->widened) return;
    if (sums) {
        T = m->order == SBX_ERROR_COMPENSATED ? sbx_sum2_factor(&m->a, terms)
                                              : grown(ADD2(depth(m, terms), dot ? m->a.u : 0.0));
        if (m->order == SBX_ERROR_COMPENSATED)
            r->apriori = ADD2(MUL2(T, scale.hi), MUL2(m->a.u, sbx_iv_mag(known[0])));
        else
            r->apriori = MUL2(T, scale.hi);
        if (m->order == SBX_ERROR_COMPENSATED) T = ADD2(T, m->a.u);
        if (dot) r->apriori = ADD2(r->apriori, MUL2((double)terms, 8.0 * m->a.eta));
        r->apriori_u = sbx_div_hi(T, m->w.u);
        if (dot && scale.lo > 0.0)
            r->apriori_u =
                ADD2(r->apriori_u,
                     sbx_div_hi(sbx_div_hi(MUL2((double)terms, 8.0 * m->a.eta), scale.lo), m->w.u));
        if (dot && !(scale.lo > 0.0)) r->apriori_u = HUGE_VAL;
        return;
    }
    s = spread_of(lo, hi, n, y);
    p = parts_of(m, &s, lo, hi, n);
    r->published_u = published(m, lo, n, &s, y);
    sbx_exp_ends(&low, &high, s.least, s.least);
    if (!p.one && low < fmax(m->w.min, m->a.min) && m->alg != SOFTMAX_TWO_PASS) return;
    if (m->alg == LOG_OF_SOFTMAX) { /* nor the quotients */
        sbx_exp_ends(&low, &high, -s.a, -s.a);
        if (low < 2.0 * m->w.min) return;
    }
    if (m->alg < LOG_NAIVE) {
        T = grown(softmax_error(m, &s, &p));
        for (size_t i = 0; i < n; i++)
            top = fmax(top, known[i].hi);
        r->apriori = ADD2(MUL2(T, top), p.below);
        r->apriori_u = sbx_div_hi(ADD2(T, sbx_div_hi(p.below, scale.lo)), m->w.u);
        return;
    }
    r->apriori = m->alg >= LSE_NAIVE ? lse_error(m, &s, &p) : log_softmax_error(m, &s, &p);
    r->apriori = ADD2(r->apriori, p.below);
    if (scale.lo > 0.0) r->apriori_u = sbx_div_hi(sbx_div_hi(r->apriori, scale.lo), m->w.u);
}
