/* relax/unary.c -- affine bounds and ranges of functions of one variable.
 *
 * A slope a is any double, found by any arithmetic (relax/envelope.c). The constant then
 * is a proved bound of f(x) - a x, piece by piece:
 *
 *   concave, linear   it is least at an end
 *   convex            it is above its tangent at any c, whose slope is known as an interval
 *   any               the same from the middle with the slopes of the whole part, over
 *                     parts that are halved where the bound is worst
 *
 * So a bad slope, or a bad c, costs tightness, never soundness [L-RLX-08].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/try.h"
#include "relax/affine.h"
#include "relax/unary.h"

/* g(x) = s (f(x) - a x), s = 1 or -1 */
typedef struct task {
    const sbx_unary *f;
    double s, a;
} task;

/* a double <= g(t), t on the piece */
static double level(const task *g, const sbx_piece *p, double t)
{
    sbx_acc v = {0.0, 0.0, 0.0};
    if (p->bend == SBX_LINEAR) {
        v.sum = g->s * p->k;
        if (p->m < g->a || p->m > g->a) {
            sbx_acc_mul(&v, g->s * p->m, t);
            sbx_acc_mul(&v, -g->s * g->a, t);
        }
    } else {
        const sbx_ivd y = sbx_unary_value(g->f, t);
        v.sum = g->s > 0.0 ? y.lo : -y.hi;
        sbx_acc_mul(&v, -g->s * g->a, t);
    }
    return sbx_acc_lo(&v);
}

/* s (f' - a) at all points of x */
static sbx_ivd slopes(const task *g, sbx_ivd x)
{
    const sbx_ivd y = sbx_unary_slope(g->f, x);
    const double lo = sbx_sub_lo(y.lo, g->a), hi = sbx_sub_hi(y.hi, g->a);
    return g->s > 0.0 ? (sbx_ivd){lo, hi} : (sbx_ivd){-hi, -lo};
}

/* a double <= g on [lo, hi], which holds c: g(x) >= g(c) + t (x - c) for some t of d, the
 * slopes at c for a convex g, those on all of [lo, hi] for any [L-RLX-40] [L-RLX-41] */
static double from_inside(const task *g, const sbx_piece *p, double lo, double hi, double c,
                          sbx_ivd d)
{
    double drop = 0.0;
    if (!(d.lo >= 0.0)) drop = sbx_mul_lo(d.lo, sbx_sub_hi(hi, c));
    if (!(d.hi <= 0.0)) drop = sbx_min(drop, sbx_mul_lo(-d.hi, sbx_sub_hi(c, lo)));
    return sbx_add_lo(level(g, p, c), drop);
}

/* ---- pieces of any shape ----------------------------------------------------------- */

enum { PARTS = 96 };
typedef struct part {
    double lo, hi, least;
} part;

/* from the end where g is least, if it rises or falls throughout, else from the middle */
static part look(const task *g, const sbx_piece *p, double lo, double hi, double *best)
{
    const sbx_ivd d = slopes(g, (sbx_ivd){lo, hi});
    const double c = d.lo >= 0.0 ? lo : d.hi <= 0.0 ? hi : sbx_middle(lo, hi);
    const double v = from_inside(g, p, lo, hi, c, d);
    *best = fmin(*best, level(g, p, c));
    return (part){lo, hi, v > -HUGE_VAL ? v : -HUGE_VAL}; /* no NaN */
}

static size_t worst_of(const part *q, size_t n)
{
    size_t w = 0;
    for (size_t i = 1; i < n; i++)
        if (q[i].least < q[w].least) w = i;
    return w;
}

/* halves the worst part until it is hardly below the best value seen [L-RLX-41] */
static double least_any(const task *g, const sbx_piece *p)
{
    part q[PARTS];
    size_t n = 1, w = 0;
    double best = HUGE_VAL, top, l, r;
    q[0] = look(g, p, p->lo, p->hi, &best);
    if (p->hi - p->lo <= 1e-14 * fmax(fabs(p->lo), fabs(p->hi))) return q[0].least; /* a few ulp */
    l = level(g, p, p->lo);
    r = level(g, p, p->hi);
    best = fmin(best, fmin(l, r));
    top = fmax(l, r);
    while (n < PARTS && !(q[w].least >= best - 1e-5 * (fmax(top, best) - best))) {
        const part old = q[w];
        const double m = sbx_middle(old.lo, old.hi);
        if (!(m > old.lo && m < old.hi)) break;
        q[w] = look(g, p, old.lo, m, &best);
        q[n++] = look(g, p, m, old.hi, &best);
        w = worst_of(q, n);
    }
    return q[w].least;
}

/* a double <= g on all pieces; touch: points of convex pieces where g is likely to be least */
static double least(const task *g, const sbx_piece *p, size_t n, const double touch[2])
{
    double best = HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        double v, c;
        if (p[i].bend == SBX_ANY) {
            v = least_any(g, &p[i]);
        } else if ((double)p[i].bend * g->s > 0.0) {
            c = touch[0] >= p[i].lo && touch[0] <= p[i].hi ? touch[0]
                : touch[1] >= p[i].lo && touch[1] <= p[i].hi
                    ? touch[1]
                    : sbx_piece_least(g->f, &p[i], g->s, g->a);
            v = from_inside(g, &p[i], p[i].lo, p[i].hi, c, slopes(g, (sbx_ivd){c, c}));
        } else { /* [L-RLX-42] */
            v = sbx_min(level(g, &p[i], p[i].lo), level(g, &p[i], p[i].hi));
        }
        if (!(v > -HUGE_VAL)) return -HUGE_VAL; /* NaN too */
        best = fmin(best, v);
    }
    return best;
}

/* a x + b with the least b that is proved to hold on a side; where that is not finite, the
 * constant bound */
static void line(double *a, double *b, const sbx_unary *f, const sbx_piece *p, size_t n, sbx_ivd x,
                 double c, double s)
{
    double touch[2] = {x.lo, x.hi}, v = -HUGE_VAL;
    task g = {f, s, 0.0};
    sbx_ivd y = {-HUGE_VAL, HUGE_VAL};
    if (n) g.a = sbx_envelope_slope(touch, f, p, n, s, c);
    if (n && sbx_is_real(g.a)) v = least(&g, p, n, touch);
    *a = g.a;
    if (!(n && sbx_is_real(v))) {
        *a = 0.0;
        v = -HUGE_VAL;
        if (sbx_range_unary(&y, *f, x, NULL) == SBX_OK) v = s > 0.0 ? y.lo : -y.hi;
    }
    *b = s > 0.0 ? v : 0.0 - v;
}

/* max(x, p x), exactly linear on either side of 0 [L-RLX-12] */
static void relu(sbx_line_pair *r, double p, sbx_ivd x, double at)
{
    const double chord = (x.hi / 2 - p * (x.lo / 2)) / (x.hi / 2 - x.lo / 2);
    const double slope = !(chord >= p) ? p : chord > 1.0 ? 1.0 : chord;
    sbx_acc l = {0.0, 0.0, 0.0}, u = {x.hi, 0.0, 0.0};

    if (x.lo >= 0.0 || x.hi <= 0.0) {
        const double a = x.lo >= 0.0 ? 1.0 : p;
        *r = (sbx_line_pair){a, 0.0, a, 0.0};
        return;
    }
    sbx_acc_mul(&l, p, x.lo);
    sbx_acc_mul(&l, -slope, x.lo);
    sbx_acc_mul(&u, -slope, x.hi);
    r->lo_a = at == at ? at : x.hi > -x.lo ? 1.0 : p;
    r->lo_b = 0.0;
    r->hi_a = slope;
    r->hi_b = fmax(sbx_acc_hi(&l), sbx_acc_hi(&u));
}

static sbx_status check(const sbx_unary *f, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const bool clip = f->fn == SBX_FN_CLIP;
    if ((unsigned)f->fn >= SBX_FN_UNARY_COUNT)
        SBX_FAIL(err, SBX_ERR_ARG, "no such function of one variable");
    if (clip ? !(f->p <= f->q && f->p < HUGE_VAL && f->q > -HUGE_VAL)
             : !(sbx_is_real(f->p) && sbx_is_real(f->q)))
        SBX_FAIL(err, SBX_ERR_ARG, "a parameter is not finite, or clip's bounds are crossed");
    if (f->fn == SBX_FN_HARD_SIGMOID && !(f->p > 0.0))
        SBX_FAIL(err, SBX_ERR_ARG, "hard sigmoid needs a slope > 0");
    if (f->fn == SBX_FN_CELU && !(f->p < 0.0 || f->p > 0.0))
        SBX_FAIL(err, SBX_ERR_ARG, "celu needs a parameter that is not 0");
done:
    return st;
}

sbx_status sbx_relax_unary(sbx_line_pair *r, sbx_unary f, sbx_ivd x, double at, sbx_err *err)
{
    const double p = f.fn == SBX_FN_LEAKY_RELU ? f.p : 0.0;
    const bool piecewise =
        f.fn == SBX_FN_RELU || (f.fn == SBX_FN_LEAKY_RELU && p >= 0.0 && p <= 1.0);
    const bool has_at = at == at;
    const double c = has_at ? at : sbx_middle(x.lo, x.hi);
    sbx_piece piece[SBX_PIECES];
    sbx_line_pair z;
    sbx_status st = SBX_OK;
    size_t n;

    SBX_TRY(check(&f, err));
    if (!(x.lo <= x.hi && sbx_is_real(x.lo) && sbx_is_real(x.hi)))
        SBX_FAIL(err, SBX_ERR_ARG, "the interval is not finite, or lo > hi");
    if (has_at && piecewise && !(p <= at && at <= 1.0))
        SBX_FAIL(err, SBX_ERR_ARG, "a lower slope of relu is not in [%s,1]", p > 0 ? "p" : "0");
    if (has_at && !piecewise && !(x.lo <= at && at <= x.hi))
        SBX_FAIL(err, SBX_ERR_ARG, "the tangent point is outside of the interval");
    if (!sbx_unary_in_domain(&f, x))
        SBX_FAIL(err, SBX_ERR_DOMAIN, "the interval leaves the function's domain");
    if (piecewise) {
        relu(&z, p, x, at);
    } else {
        n = sbx_unary_pieces(piece, &f, x);
        line(&z.lo_a, &z.lo_b, &f, piece, n, x, c, 1.0);
        line(&z.hi_a, &z.hi_b, &f, piece, n, x, c, -1.0);
    }
    *r = z;
done:
    return st;
}

/* ---- ranges ------------------------------------------------------------------------------ */

/* those that the number system has itself, or that rise: also with infinite ends */
static bool range_direct(sbx_ivd *y, const sbx_unary *f, sbx_ivd x)
{
    const sbx_ivd one = {1.0, 1.0};
    switch ((int)f->fn) {
    case SBX_FN_RELU: *y = (sbx_ivd){fmax(x.lo, 0.0), fmax(x.hi, 0.0)}; return true;
    case SBX_FN_CLIP:
        *y = (sbx_ivd){fmin(fmax(x.lo, f->p), f->q), fmin(fmax(x.hi, f->p), f->q)};
        return true;
    case SBX_FN_SIGMOID:
    case SBX_FN_TANH:
    case SBX_FN_EXP:
    case SBX_FN_SQRT:
    case SBX_FN_ERF:
        *y = (sbx_ivd){sbx_unary_value(f, x.lo).lo, sbx_unary_value(f, x.hi).hi};
        return true;
    case SBX_FN_LOG: return sbx_ivd_log(y, &x, NULL, NULL) == SBX_OK;
    case SBX_FN_RECIPROCAL: return sbx_ivd_div(y, &one, &x, NULL, NULL) == SBX_OK;
    case SBX_FN_ABS: return sbx_ivd_abs(y, &x, NULL, NULL) == SBX_OK;
    case SBX_FN_POW: return sbx_ivd_pow(y, &x, f->p, NULL, NULL) == SBX_OK;
    case SBX_FN_SIN: return sbx_ivd_sin(y, &x, NULL, NULL) == SBX_OK;
    case SBX_FN_COS: return sbx_ivd_cos(y, &x, NULL, NULL) == SBX_OK;
    case SBX_FN_FLOOR: *y = (sbx_ivd){floor(x.lo), floor(x.hi)}; return true;
    case SBX_FN_CEIL: *y = (sbx_ivd){ceil(x.lo), ceil(x.hi)}; return true;
    case SBX_FN_ROUND: *y = (sbx_ivd){rint(x.lo), rint(x.hi)}; return true;
    case SBX_FN_SIGN: return sbx_ivd_sign(y, &x, NULL, NULL) == SBX_OK;
    default: return false;
    }
}

sbx_status sbx_range_unary(sbx_ivd *y, sbx_unary f, sbx_ivd x, sbx_err *err)
{
    const double none[2] = {(double)NAN, (double)NAN};
    const task lo = {&f, 1.0, 0.0}, hi = {&f, -1.0, 0.0};
    sbx_piece p[SBX_PIECES];
    sbx_ivd z = {-HUGE_VAL, HUGE_VAL};
    sbx_status st = SBX_OK;
    size_t n;
    SBX_TRY(check(&f, err));
    if (!(x.lo <= x.hi && x.lo < HUGE_VAL && x.hi > -HUGE_VAL))
        SBX_FAIL(err, SBX_ERR_ARG, "not an interval");
    if (!sbx_unary_in_domain(&f, x)) goto give;
    if (range_direct(&z, &f, x)) goto give;
    z = (sbx_ivd){-HUGE_VAL, HUGE_VAL};
    if (!(sbx_is_real(x.lo) && sbx_is_real(x.hi))) goto give;
    n = sbx_unary_pieces(p, &f, x);
    if (n) z = (sbx_ivd){least(&lo, p, n, none), 0.0 - least(&hi, p, n, none)};
    if (!(z.lo <= DBL_MAX)) z.lo = -HUGE_VAL; /* no piece */
    if (!(z.hi >= -DBL_MAX)) z.hi = HUGE_VAL;
give:
    *y = z;
done:
    return st;
}
