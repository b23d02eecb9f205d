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

/* e^t - 1 <= t/(1 - t/2) for 0 <= t < 2 [L-ERR-12] */
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

/* How often the sums are rescaled by what is not 1: at a point, where exp(0) = 1, as often as the
 * running maximum grows; else all steps. */
static size_t growths(const em *m, const double *lo, const double *hi, size_t n)
{
    const bool tiles = m->alg == SOFTMAX_FLASH || m->alg == SOFTMAX_FLASH_LAZY;
    const size_t step = tiles ? m->tile : 1;
    double top = lo[0];
    size_t r = 0;
    for (size_t j = 0; j < n; j++)
        if (lo[j] < hi[j] || m->ulps > 0.5) return (n + step - 1) / step - 1;
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
    double log_n;
    double least;
} spread;

static spread spread_of(const double *lo, const double *hi, size_t n, iv y)
{
    spread s = {.least = lo[0]};
    double most = hi[0], low;
    for (size_t j = 0; j < n; j++) {
        s.least = fmin(s.least, lo[j]);
        most = fmax(most, hi[j]);
    }
    s.D = sbx_sub_hi(most, s.least);
    s.y = sbx_iv_mag(y);
    if (!sbx_log_ends(&low, &s.log_n, (double)n, (double)n)) s.log_n = HUGE_VAL;
    s.w = s.log_n;
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
    /* For a quotient q the error is at most max over q of lin q + bal q (1 - q), + rest. Where terms
     * are rescaled, at most with more in lin in place of less in bal, too. */
    double lin, bal, rest, more, less;
} parts;

/* How often a term is rescaled on average, weighted by the terms, where the maximum of n grows r
 * times: r (2n - r - 1)/(2n) at most. [L-ERR-07] */
static double average(size_t n, double r)
{
    return sbx_div_hi(MUL2(r, 2.0 * (double)n - r - 1.0), 2.0 * (double)n);
}

/* That with the additions a term passes: what the steps of the online sum cost. */
static double online_steps(size_t n, double r, double rescale, double ua)
{
    const double k = (double)n;
    const double all = ADD2(MUL2(rescale, (k - 1.0) / 2.0), MUL2(ua, (k + 1.0) / 2.0));
    return fmin(ADD2(MUL2(rescale, average(n, r)), MUL2(ua, k - 1.0)),
                fmax(all, MUL2(ua, k - 1.0)));
}

static parts parts_of(const em *m, const spread *s, const double *lo, const double *hi, size_t n)
{
    const double ex = function(m, true), u = m->w.u, ua = m->a.u, r = (double)growths(m, lo, hi, n);
    const double term = ADD2(MUL2(u, s->D), ex), eta = MUL2(8.0, fmax(m->w.eta, m->a.eta));
    const double rescale =
        m->alg == SOFTMAX_FLASH || m->alg == SOFTMAX_FLASH_LAZY || !m->fma ? ADD2(ex, ua) : ex;
    double steps = 0.0, crude, mean;
    parts p = {.part = term, .one = true, .below = eta, .bal = MUL2(2.0, ex)};
    switch ((int)m->alg) {
    case SOFTMAX_SHIFTED:
    case SOFTMAX_FREE:
    case LOG_SHIFTED:
    case LOG_MINUS_LSE:
    case LSE_SHIFTED:
        steps = depth(m, n - 1);
        p.bal = ADD2(p.bal, steps);
        if (m->alg == SOFTMAX_SHIFTED) p.lin = ua, steps = ADD2(steps, ua);
        crude = ADD2(term, steps);
        break;
    case SOFTMAX_SAFE:
    case LOG_SAFE:
    case LSE_SAFE:
        p.lin = steps = depth(m, n);
        crude = ADD2(term, steps);
        break;
    case SOFTMAX_ONLINE:
    case LOG_ONLINE:
    case LSE_ONLINE:
        steps = online_steps(n, r, rescale, ua);
        crude = ADD2(term, ADD2(MUL2(r, rescale), MUL2((double)(n - 1), ua)));
        p.lin = ADD2(MUL2(2.0, ex), MUL2((double)(n - 1), ua));
        p.bal = p.less = MUL2(r, rescale);
        p.more = sbx_sub_hi(steps, MUL2((double)(n - 1), ua));
        break;
    case SOFTMAX_FLASH:
    case SOFTMAX_FLASH_LAZY: {
        const size_t b = m->tile < n ? m->tile : n, tiles = (n + b - 1) / b;
        p.part = ADD2(term, MUL2(r, rescale));
        p.less = MUL2(r, rescale);
        p.bal = ADD2(p.bal, p.less);
        p.more = MUL2(average(tiles, r), rescale);
        p.rest = rescale;
        if (m->alg == SOFTMAX_FLASH_LAZY) {
            p.part = ADD2(p.part, MUL2(u, s->D));
            p.bal = ADD2(p.bal, MUL2(5.0 * u, fmin(MUL2(1.5, m->threshold), s->D)));
        }
        p.lin = ADD2(depth(m, b), MUL2((double)(tiles - 1), ua));
        crude = ADD2(p.part, p.lin);
        steps = HUGE_VAL;
        p.below = MUL2(eta, (double)tiles);
        break;
    }
    default:
        p.one = false;
        p.part = ex;
        p.lin = depth(m, n);
        p.sum = ADD2(ex, p.lin);
        p.rest = MUL2(16.0 * ADD2(p.sum, p.part), ADD2(p.lin, p.bal));
        return p;
    }
    crude = ADD2(crude, MUL2(MUL2(p.below, (double)n), 2.0));
    /* the differences' errors, weighted by the terms: u log n for u D; second order by 16 crude */
    mean = ADD2(MUL2(u, s->log_n), MUL2(2.0 * u, crude));
    p.sum = crude;
    if (crude <= 0.0625 && steps < HUGE_VAL) {
        const double fine = ADD2(ADD2(ex, mean), ADD2(steps, MUL2(MUL2(p.below, (double)n), 2.0)));
        p.sum = fmin(crude, MUL2(fine, ADD2(1.0, 16.0 * crude)));
    }
    p.lin = ADD2(p.lin, ADD2(mean, MUL2(MUL2(p.below, (double)n), 2.0)));
    p.rest = ADD2(p.rest, ADD2(0.368 * u, MUL2(16.0 * ADD2(crude, p.part),
                                               ADD2(ADD2(p.lin, p.bal), ADD2(p.rest, u)))));
    return p;
}

/* The largest lin q + bal q (1 - q), 0 <= q <= top: at its vertex, or at the end before that.
 * [L-ERR-12] */
static double parabola(double lin, double bal, double top)
{
    const double sum = ADD2(lin, bal);
    if (MUL2(2.0 * bal, top) <= sbx_add_lo(lin, bal))
        return MUL2(top, sbx_sub_hi(sum, sbx_mul_lo(bal, top)));
    return sbx_div_hi(MUL2(sum, sum), 4.0 * bal);
}

/* Softmax as a quotient, absolute; its own rounding comes last. [L-ERR-11] */
static double quotient_error(const em *m, const parts *p, double T, double top)
{
    const double q = fmin(MUL2(top, ADD2(1.0, 2.0 * T)), 1.0);
    double e;
    if (!(T <= 0.0625)) return HUGE_VAL;
    e = fmin(parabola(p->lin, p->bal, q),
             parabola(ADD2(p->lin, p->more), fmax(sbx_sub_hi(p->bal, p->less), 0.0), q));
    e = ADD2(e, p->rest);
    return ADD2(ADD2(e, sbx_fmt_half_ulp(&m->w, ADD2(q, e))), p->below);
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

/* as published, first order; what depends on y, at a point alone; NaN: none */
static double published(const em *m, const double *lo, const double *hi, size_t n, const spread *s,
                        iv y)
{
    const double k = (double)n, z = y.lo / 2 + y.hi / 2, least = s->least;
    if (m->alg != SOFTMAX_NAIVE && m->alg != SOFTMAX_SHIFTED)
        for (size_t j = 0; j < n; j++)
            if (lo[j] < hi[j]) return (double)NAN;
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
    r->published_u = published(m, lo, hi, n, &s, y);
    sbx_exp_ends(&low, &high, s.least, s.least);
    if (!p.one && low < fmax(m->w.min, m->a.min) && m->alg != SOFTMAX_TWO_PASS) return;
    if (m->alg == LOG_OF_SOFTMAX) { /* nor the quotients */
        sbx_exp_ends(&low, &high, -s.a, -s.a);
        if (low < 2.0 * m->w.min) return;
    }
    if (m->alg < LOG_NAIVE) {
        const double t = softmax_error(m, &s, &p);
        T = grown(t);
        for (size_t i = 0; i < n; i++)
            top = fmax(top, known[i].hi);
        r->apriori = ADD2(MUL2(T, top), p.below);
        if (m->alg != SOFTMAX_NAIVE_FREE && m->alg != SOFTMAX_FREE)
            r->apriori = fmin(r->apriori, quotient_error(m, &p, t, top));
        r->apriori_u = sbx_div_hi(ADD2(T, sbx_div_hi(p.below, scale.lo)), m->w.u);
        return;
    }
    r->apriori = m->alg >= LSE_NAIVE ? lse_error(m, &s, &p) : log_softmax_error(m, &s, &p);
    r->apriori = ADD2(r->apriori, p.below);
    if (scale.lo > 0.0) r->apriori_u = sbx_div_hi(sbx_div_hi(r->apriori, scale.lo), m->w.u);
}
