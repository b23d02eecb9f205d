/* relax/unary_pieces.c -- where each function is convex, concave, linear [L-RLX-43]
 * [L-RLX-44].
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/round.h"
#include "relax/unary.h"

/* pieces of x under way: from `at` on nothing is said yet */
typedef struct cut {
    sbx_piece *p;
    size_t n;
    double at, hi;
} cut;

/* [at, to] n x has this bend; a piece of one point only where there is no other */
static void piece(cut *c, double to, sbx_bend bend, double m, double k)
{
    const double end = fmin(to, c->hi);
    if (c->n == SBX_PIECES || !(end > c->at || (end >= c->at && c->n == 0 && end >= c->hi))) return;
    c->p[c->n++] = (sbx_piece){c->at, end, bend, m, k};
    c->at = end;
}
static void bends(cut *c, double to, sbx_bend b) { piece(c, to, b, 0.0, 0.0); }
static void line(cut *c, double to, double m, double k) { piece(c, to, SBX_LINEAR, m, k); }

static sbx_bend bend_of(double sign)
{
    return sign > 0.0 ? SBX_CONVEX : sign < 0.0 ? SBX_CONCAVE : SBX_ANY;
}

static bool whole(double p) { return floor(p) >= p; }
static bool even(double p) { return whole(p / 2); }

/* x^p: p (p - 1) x^(p - 2) has the sign of p (p - 1), but for an odd p of x's as well */
static void power(cut *c, double p)
{
    const double sign = p * (p - 1.0);
    if (!(p < 0.0 || p > 0.0) || (p >= 1.0 && p <= 1.0)) { /* 1, x */
        line(c, HUGE_VAL, p, 1.0 - p);
    } else if (whole(p) && !even(p)) {
        bends(c, 0.0, bend_of(-sign));
        bends(c, HUGE_VAL, bend_of(sign));
    } else {
        bends(c, HUGE_VAL, bend_of(sign));
    }
}

/* k pi/2 = lo .. hi for |k| < 2^31: with r1 + r2 + r3 within 2^-150 of pi/2 the error of
 * the sum is far below the two steps taken */
static sbx_ivd quarter(double k)
{
    const double r1 = 0x1.921fb54442d18p0, r2 = 0x1.1a62633145c07p-54;
    const double a = k * r1, e = fma(k, r1, -a), b = k * r2 + e, s = a + b;
    if (!(k < 0.0 || k > 0.0)) return (sbx_ivd){0.0, 0.0};
    return (sbx_ivd){sbx_next_down(sbx_next_down(s)), sbx_next_up(sbx_next_up(s))};
}

/* sin bends at k pi, cos at (k + 1/2) pi: both bend as -f does */
static void wave(cut *c, bool cosine)
{
    double k = 2.0 * floor(c->at / 0x1.921fb54442d18p1) - (cosine ? 3.0 : 2.0);
    bool below = false; /* is f <= 0 after k pi/2 */
    if (!(c->at >= -0x1p30 && c->hi <= 0x1p30 && c->hi - c->at <= 6.2831853071795862)) return;
    below = cosine ? whole((k - 1.0) / 4.0) : whole((k - 2.0) / 4.0);
    for (; c->n == 0 || c->at < c->hi; k += 2.0, below = !below) {
        const sbx_ivd this = quarter(k), next = quarter(k + 2.0);
        if (this.lo > c->hi) break;
        bends(c, this.hi, SBX_ANY);
        bends(c, next.lo, below ? SBX_CONVEX : SBX_CONCAVE);
    }
}

/* a piece that stays, also of one point: at a jump */
static void step(cut *c, double to, double m, double k)
{
    const double end = fmin(to, c->hi);
    if (c->n == SBX_PIECES || !(end >= c->at)) return;
    c->p[c->n++] = (sbx_piece){c->at, end, SBX_LINEAR, m, k};
    c->at = end;
}

/* Steps of height 1: [b, b + 1] has the value b + v, for b = first, first + 1, ..., last. The
 * corners of whole steps are on two lines, so the first and the last of these are enough, and
 * what is between is left out [L-RLX-45]. */
static void steps(cut *c, double first, double last, double v)
{
    if (!(c->at >= -0x1p50 && c->hi <= 0x1p50)) return;
    for (double b = first; b <= last; b += 1.0) { /* NOLINT: whole numbers below 2^50 */
        step(c, b + 1.0, 0.0, b + v);
        if (b > first && b < last - 2.0) {
            b = last - 2.0;
            c->at = last - 1.0;
        }
    }
}

static void sign(cut *c)
{
    if (c->at < 0.0) step(c, 0.0, 0.0, -1.0);
    if (c->hi >= 0.0) step(c, 0.0, 0.0, 0.0);
    if (c->hi > 0.0) step(c, HUGE_VAL, 0.0, 1.0);
}

static void threshold(cut *c, double p)
{
    step(c, p, 0.0, 0.0);
    if (c->hi > p) step(c, HUGE_VAL, 1.0, 0.0);
}

/* concave, convex between -sqrt 2 and sqrt 2, concave */
static void gelu(cut *c)
{
    const double lo = 0x1.6a09e667f3bccp0, hi = 0x1.6a09e667f3bcdp0;
    bends(c, -hi, SBX_CONCAVE);
    bends(c, -lo, SBX_ANY);
    bends(c, lo, SBX_CONVEX);
    bends(c, hi, SBX_ANY);
    bends(c, HUGE_VAL, SBX_CONCAVE);
}

static void hard_sigmoid(cut *c, double p, double q)
{
    line(c, sbx_div_lo(-q, p), 0.0, 0.0);
    bends(c, sbx_div_hi(-q, p), SBX_ANY);
    line(c, sbx_div_lo(sbx_sub_lo(1.0, q), p), p, q);
    bends(c, sbx_div_hi(sbx_sub_hi(1.0, q), p), SBX_ANY);
    line(c, HUGE_VAL, 0.0, 1.0);
}

/* q p (e^.. - 1) | q x */
static void exp_left(cut *c, double p, double q)
{
    if (p < 0.0 || p > 0.0)
        bends(c, 0.0, bend_of(p));
    else
        line(c, 0.0, 0.0, 0.0);
    line(c, HUGE_VAL, q, 0.0);
}

static void convex_after(cut *c, double at, sbx_bend before)
{
    bends(c, at, before);
    bends(c, HUGE_VAL, before == SBX_CONVEX ? SBX_CONCAVE : SBX_CONVEX);
}

size_t sbx_unary_pieces(sbx_piece *p, const sbx_unary *f, sbx_ivd x)
{
    cut c = {p, 0, x.lo, x.hi};
    switch (f->fn) {
    case SBX_FN_RELU:
    case SBX_FN_LEAKY_RELU:
    case SBX_FN_ABS:
        line(&c, 0.0, f->fn == SBX_FN_RELU ? 0.0 : f->fn == SBX_FN_ABS ? -1.0 : f->p, 0.0);
        line(&c, HUGE_VAL, 1.0, 0.0);
        break;
    case SBX_FN_CLIP:
        line(&c, f->p, 0.0, f->p);
        line(&c, f->q, 1.0, 0.0);
        line(&c, HUGE_VAL, 0.0, f->q);
        break;
    case SBX_FN_SIGMOID:
    case SBX_FN_TANH:
    case SBX_FN_ERF:
    case SBX_FN_SOFTSIGN: convex_after(&c, 0.0, SBX_CONVEX); break;
    case SBX_FN_RECIPROCAL: convex_after(&c, 0.0, SBX_CONCAVE); break;
    case SBX_FN_EXP:
    case SBX_FN_SOFTPLUS: bends(&c, HUGE_VAL, SBX_CONVEX); break;
    case SBX_FN_LOG:
    case SBX_FN_SQRT: bends(&c, HUGE_VAL, SBX_CONCAVE); break;
    case SBX_FN_POW: power(&c, f->p); break;
    case SBX_FN_SIN: wave(&c, false); break;
    case SBX_FN_COS: wave(&c, true); break;
    case SBX_FN_ELU:
    case SBX_FN_CELU: exp_left(&c, f->p, 1.0); break;
    case SBX_FN_SELU: exp_left(&c, f->q < 0.0 ? -f->p : f->q > 0.0 ? f->p : 0.0, f->q); break;
    case SBX_FN_GELU: gelu(&c); break;
    case SBX_FN_GELU_TANH:
    case SBX_FN_MISH: bends(&c, HUGE_VAL, SBX_ANY); break;
    case SBX_FN_HARD_SIGMOID: hard_sigmoid(&c, f->p, f->q); break;
    case SBX_FN_HARD_SWISH:
        line(&c, -3.0, 0.0, 0.0);
        bends(&c, 3.0, SBX_CONVEX);
        line(&c, HUGE_VAL, 1.0, 0.0);
        break;
    case SBX_FN_THRESHOLDED_RELU: threshold(&c, f->p); break;
    case SBX_FN_FLOOR: steps(&c, floor(x.lo), floor(x.hi), 0.0); break;
    case SBX_FN_CEIL: steps(&c, ceil(x.lo) - 1.0, ceil(x.hi) - 1.0, 1.0); break;
    case SBX_FN_ROUND: steps(&c, rint(x.lo) - 0.5, rint(x.hi) - 0.5, 0.5); break;
    case SBX_FN_SIGN: sign(&c); break;
    }
    return c.n && c.p[c.n - 1].hi >= x.hi ? c.n : 0; /* all of x, or nothing is known */
}

bool sbx_unary_in_domain(const sbx_unary *f, sbx_ivd x)
{
    switch ((int)f->fn) {
    case SBX_FN_LOG: return x.lo > 0.0;
    case SBX_FN_SQRT: return x.lo >= 0.0;
    case SBX_FN_RECIPROCAL: return x.lo > 0.0 || x.hi < 0.0;
    case SBX_FN_POW:
        if (f->p < 0.0) return x.lo > 0.0 || (whole(f->p) && x.hi < 0.0);
        return whole(f->p) || x.lo >= 0.0;
    default: return true;
    }
}
