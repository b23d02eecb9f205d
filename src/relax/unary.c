/* relax/unary.c -- affine bounds of functions of one variable.
 *
 * A slope is any double, found by any arithmetic. The intercept then is the extremum of
 * f(x) - a x over the interval, enclosed: it is at an end, or at the one critical
 * point x* that relax/critical.c encloses [L-RLX-08]. So a bad slope costs tightness,
 * never soundness.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/try.h"
#include "relax/affine.h"
#include "relax/unary.h"

/* a x + b with the least b that is proved to hold on a side; where that is not
 * finite, the constant bound */
static void line(double *a, double *b, sbx_unary_fn f, double slope, sbx_ivd x, sbx_end side)
{
    const double end[2] = {x.lo, x.hi};
    const bool lo = side == SBX_LO;
    double best = lo ? HUGE_VAL : -HUGE_VAL;
    sbx_ivd at, v;
    bool good = sbx_is_real(slope);

    for (int k = 0; good && k < 2; k++) {
        sbx_acc t = {0.0, 0.0, 0.0};
        double w;
        v = sbx_unary_value(f, end[k]);
        t.sum = lo ? v.lo : v.hi;
        sbx_acc_mul(&t, -slope, end[k]);
        w = lo ? sbx_acc_lo(&t) : sbx_acc_hi(&t);
        good = sbx_is_real(w);
        best = lo ? fmin(best, w) : fmax(best, w);
    }
    if (good && sbx_unary_critical(&at, &v, f, slope, side) && at.lo < x.hi && at.hi > x.lo)
        best = lo ? fmin(best, v.lo) : fmax(best, v.hi); /* [L-RLX-13] [L-RLX-14] */
    if (good && sbx_is_real(best)) {
        *a = slope;
        *b = best;
        return;
    }
    v = sbx_unary_value(f, (f == SBX_FN_RECIPROCAL) == lo ? x.hi : x.lo);
    *a = 0.0;
    *b = lo ? v.lo : v.hi;
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

/* The slope of f's concave envelope (side HI) or convex envelope (LO) at c: sigmoid and
 * tanh are convex below 0 and concave above, and odd about 0 but for a constant. */
static double envelope_slope(sbx_unary_fn f, sbx_ivd x, double c, sbx_end side)
{
    const bool up = side == SBX_HI;
    const double l = up ? x.lo : -x.hi, u = up ? x.hi : -x.lo, at = up ? c : -c;
    double d;

    if (l >= 0.0) return sbx_unary_slope(f, at);
    if (u <= 0.0) return sbx_unary_chord(f, x.lo, x.hi);
    d = sbx_unary_touch(f, l, u);
    return d < u ? sbx_unary_slope(f, fmax(d, at)) : sbx_unary_chord(f, x.lo, x.hi);
}

static bool in_domain(sbx_unary_fn f, double lo)
{
    if (f == SBX_FN_LOG || f == SBX_FN_RECIPROCAL) return lo > 0.0;
    return f != SBX_FN_SQRT || lo >= 0.0;
}

sbx_status sbx_relax_unary(sbx_line_pair *r, sbx_unary_fn f, double param, sbx_ivd x, double at,
                           sbx_err *err)
{
    const double p = f == SBX_FN_LEAKY_RELU ? param : 0.0;
    const bool piecewise = f == SBX_FN_RELU || f == SBX_FN_LEAKY_RELU, has_at = at == at;
    const double c = has_at ? at : sbx_middle(x.lo, x.hi);
    sbx_line_pair z;
    sbx_status st = SBX_OK;

    if ((unsigned)f > SBX_FN_SQRT) SBX_FAIL(err, SBX_ERR_ARG, "no such function of one variable");
    if (!(x.lo <= x.hi && sbx_is_real(x.lo) && sbx_is_real(x.hi)))
        SBX_FAIL(err, SBX_ERR_ARG, "the interval is not finite, or lo > hi");
    if (!(0.0 <= p && p <= 1.0)) SBX_FAIL(err, SBX_ERR_ARG, "a leaky slope is not in [0,1]");
    if (has_at && piecewise && !(p <= at && at <= 1.0))
        SBX_FAIL(err, SBX_ERR_ARG, "a lower slope of relu is not in [%s,1]", p > 0 ? "param" : "0");
    if (has_at && !piecewise && !(x.lo <= at && at <= x.hi))
        SBX_FAIL(err, SBX_ERR_ARG, "the tangent point is outside of the interval");
    if (!in_domain(f, x.lo)) SBX_FAIL(err, SBX_ERR_DOMAIN, "log and 1/x need x > 0, sqrt x >= 0");
    switch (f) {
    case SBX_FN_RELU:
    case SBX_FN_LEAKY_RELU: relu(&z, p, x, at); break;
    case SBX_FN_SIGMOID:
    case SBX_FN_TANH:
        line(&z.lo_a, &z.lo_b, f, envelope_slope(f, x, c, SBX_LO), x, SBX_LO);
        line(&z.hi_a, &z.hi_b, f, envelope_slope(f, x, c, SBX_HI), x, SBX_HI);
        break;
    case SBX_FN_EXP:
    case SBX_FN_RECIPROCAL: /* convex */
        line(&z.lo_a, &z.lo_b, f, sbx_unary_slope(f, c), x, SBX_LO);
        line(&z.hi_a, &z.hi_b, f, sbx_unary_chord(f, x.lo, x.hi), x, SBX_HI);
        break;
    case SBX_FN_LOG:
    case SBX_FN_SQRT: /* concave */
        line(&z.lo_a, &z.lo_b, f, sbx_unary_chord(f, x.lo, x.hi), x, SBX_LO);
        line(&z.hi_a, &z.hi_b, f, sbx_unary_slope(f, c), x, SBX_HI);
        break;
    }
    *r = z;
done:
    return st;
}
