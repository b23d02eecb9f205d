/* mech/aff_curve.c -- affine arithmetic: functions of one number by a line and what they are off it, and quotients.
 *
 * f(x) - alpha x is enclosed over the interval of x: for convex f between a tangent and the values at the
 * ends, for others by the mean value theorem; alpha may be any double [L-MCH-73].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/aff.h"

#include "base/alloc.h"
#include "base/try.h"
#include "num/round.h"

#define OP1(op) \
    sbx_status sbx_aff_##op(sbx_aff *z, const sbx_aff *x, const sbx_ctx *ctx, sbx_err *err)
#define OP2(op)                                                                                 \
    sbx_status sbx_aff_##op(sbx_aff *z, const sbx_aff *x, const sbx_aff *y, const sbx_ctx *ctx, \
                            sbx_err *err)

typedef sbx_status curve(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err);

static sbx_ivd point(double v) { return (sbx_ivd){v, v}; }

/* worth a line: finite, and not a point */
static bool curved(const sbx_aff *x)
{
    return x->n && sbx_ivd_is_finite(&x->z) && x->z.lo < x->z.hi;
}

/* f(v) - alpha v */
static sbx_status off(sbx_ivd *z, curve *f, double v, double alpha, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_ivd x = point(v), a = point(alpha);
    sbx_ivd t;
    SBX_TRY(f(z, &x, NULL, err));
    SBX_TRY(sbx_ivd_mul(&t, &a, &x, NULL, err));
    SBX_TRY(sbx_ivd_sub(z, z, &t, NULL, err));
done:
    return st;
}

/* the tangent at p, of which df is the slope's enclosure, at v: less alpha v */
static sbx_status tangent(sbx_ivd *z, curve *f, const sbx_ivd *df, double p, double v, double alpha,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_ivd at = point(p), x = point(v), a = point(alpha);
    sbx_ivd t;
    SBX_TRY(f(z, &at, NULL, err));
    SBX_TRY(sbx_ivd_sub(&t, &x, &at, NULL, err));
    SBX_TRY(sbx_ivd_mul(&t, &t, df, NULL, err));
    SBX_TRY(sbx_ivd_add(z, z, &t, NULL, err));
    SBX_TRY(sbx_ivd_mul(&t, &a, &x, NULL, err));
    SBX_TRY(sbx_ivd_sub(z, z, &t, NULL, err));
done:
    return st;
}

/* z = f(x), f convex (sign 1) or concave (-1) on the whole of x's interval; df its slope. The tangent's
 * point is the middle, which is near the best for narrow intervals. */
static sbx_status bent(sbx_aff *z, const sbx_aff *x, curve *f, curve *df, int sign, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const double lo = x->z.lo, hi = x->z.hi, mid = lo / 2 + hi / 2;
    sbx_ivd range, a, b, s, c, d, line;
    double alpha, width;
    SBX_TRY(f(&range, &x->z, NULL, err));
    if (!curved(x)) goto plain;
    a = point(lo);
    b = point(hi);
    d = point(mid);
    SBX_TRY(f(&c, &a, NULL, err));
    SBX_TRY(f(&s, &b, NULL, err));
    width = hi - lo;
    alpha = (s.lo / 2 + s.hi / 2 - c.lo / 2 - c.hi / 2) / width;
    SBX_TRY(df(&d, &d, NULL, err));
    if (!(fabs(alpha) <= DBL_MAX) ||
        !(fabs(c.lo) + fabs(c.hi) + fabs(s.lo) + fabs(s.hi) <= DBL_MAX) || !sbx_ivd_is_finite(&d))
        goto plain;
    SBX_TRY(off(&a, f, lo, alpha, err));
    SBX_TRY(off(&b, f, hi, alpha, err));
    SBX_TRY(tangent(&c, f, &d, mid, lo, alpha, err));
    SBX_TRY(tangent(&s, f, &d, mid, hi, alpha, err));
    line = sign > 0 ? (sbx_ivd){fmin(c.lo, s.lo), fmax(a.hi, b.hi)}
                    : (sbx_ivd){fmin(a.lo, b.lo), fmax(c.hi, s.hi)};
    return sbx_aff_line(z, x, alpha, line, range, err);
plain:
    sbx_aff_interval(z, range);
done:
    return st;
}

/* z = f(x) by the mean value theorem: f(mid) + d (x - mid), d in the slopes over the interval: alpha their
 * middle, (d - alpha) (x - mid) the rest. */
static sbx_status smooth(sbx_aff *z, const sbx_aff *x, curve *f, curve *df, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const double lo = x->z.lo, hi = x->z.hi, mid = lo / 2 + hi / 2;
    const sbx_ivd m = point(mid);
    sbx_ivd range, d, a, v, t;
    SBX_TRY(f(&range, &x->z, NULL, err));
    if (!curved(x) || df(&d, &x->z, NULL, NULL) != SBX_OK || !sbx_ivd_is_finite(&d)) {
        sbx_aff_interval(z, range);
        goto done;
    }
    a = point(d.lo / 2 + d.hi / 2);
    SBX_TRY(sbx_ivd_sub(&d, &d, &a, NULL, err));
    SBX_TRY(sbx_ivd_sub(&v, &x->z, &m, NULL, err));
    SBX_TRY(sbx_ivd_mul(&v, &v, &d, NULL, err));
    SBX_TRY(f(&t, &m, NULL, err));
    SBX_TRY(sbx_ivd_add(&v, &v, &t, NULL, err));
    SBX_TRY(sbx_ivd_mul(&t, &a, &m, NULL, err));
    SBX_TRY(sbx_ivd_sub(&v, &v, &t, NULL, err)); /* f - alpha x = f(m) - alpha m + rest */
    SBX_TRY(sbx_aff_line(z, x, a.lo, v, range, err));
done:
    return st;
}

/* ---- slopes --------------------------------------------------------------------------------------- */

static sbx_status inverse(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err)
{
    const sbx_ivd one = {1.0, 1.0};
    return sbx_ivd_div(z, &one, x, ctx, err);
}
static sbx_status inverse_slope(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err)
{
    const sbx_ivd minus = {-1.0, -1.0};
    sbx_status st = SBX_OK;
    sbx_ivd t;
    SBX_TRY(sbx_ivd_sqr(&t, x, ctx, err));
    SBX_TRY(sbx_ivd_div(z, &minus, &t, ctx, err));
done:
    return st;
}
static sbx_status sqrt_slope(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd t;
    SBX_TRY(sbx_ivd_sqrt(&t, x, ctx, err));
    SBX_TRY(sbx_ivd_add(&t, &t, &t, ctx, err));
    SBX_TRY(inverse(z, &t, ctx, err));
done:
    return st;
}
static sbx_status log1p_slope(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err)
{
    const sbx_ivd one = {1.0, 1.0};
    sbx_status st = SBX_OK;
    sbx_ivd t;
    SBX_TRY(sbx_ivd_add(&t, x, &one, ctx, err));
    SBX_TRY(inverse(z, &t, ctx, err));
done:
    return st;
}
static sbx_status exp2_slope(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd t = {2.0, 2.0};
    SBX_TRY(sbx_ivd_log(&t, &t, ctx, err));
    SBX_TRY(sbx_ivd_exp2(z, x, ctx, err));
    SBX_TRY(sbx_ivd_mul(z, z, &t, ctx, err));
done:
    return st;
}
static sbx_status tanh_slope(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err)
{
    const sbx_ivd one = {1.0, 1.0};
    sbx_status st = SBX_OK;
    sbx_ivd t;
    SBX_TRY(sbx_ivd_tanh(&t, x, ctx, err));
    SBX_TRY(sbx_ivd_sqr(&t, &t, ctx, err));
    SBX_TRY(sbx_ivd_sub(z, &one, &t, ctx, err));
done:
    return st;
}
static sbx_status sigmoid_slope(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd t, u;
    SBX_TRY(sbx_ivd_sigmoid(&t, x, ctx, err));
    SBX_TRY(sbx_ivd_neg(&u, x, ctx, err));
    SBX_TRY(sbx_ivd_sigmoid(&u, &u, ctx, err));
    SBX_TRY(sbx_ivd_mul(z, &t, &u, ctx, err));
done:
    return st;
}
static sbx_status cos_slope(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd t;
    SBX_TRY(sbx_ivd_sin(&t, x, ctx, err));
    SBX_TRY(sbx_ivd_neg(z, &t, ctx, err));
done:
    return st;
}

/* ---- functions -------------------------------------------------------------------------------------- */

#define UNARY(op, call) \
    OP1(op)             \
    {                   \
        (void)ctx;      \
        return call;    \
    }
UNARY(exp, bent(z, x, sbx_ivd_exp, sbx_ivd_exp, 1, err))
UNARY(exp2, bent(z, x, sbx_ivd_exp2, exp2_slope, 1, err))
UNARY(expm1, bent(z, x, sbx_ivd_expm1, sbx_ivd_exp, 1, err))
UNARY(tanh, smooth(z, x, sbx_ivd_tanh, tanh_slope, err))
UNARY(sigmoid, smooth(z, x, sbx_ivd_sigmoid, sigmoid_slope, err))
UNARY(sin, smooth(z, x, sbx_ivd_sin, sbx_ivd_cos, err))
UNARY(cos, smooth(z, x, sbx_ivd_cos, cos_slope, err))

/* interval alone */
#define PLAIN(op)                                                \
    OP1(op)                                                      \
    {                                                            \
        sbx_ivd v;                                               \
        const sbx_status st = sbx_ivd_##op(&v, &x->z, ctx, err); \
        if (st == SBX_OK) sbx_aff_interval(z, v);                \
        return st;                                               \
    }
PLAIN(erf)
PLAIN(floor)
PLAIN(round)
PLAIN(sign)

/* concave inside of their domain; at its border as intervals */
#define CONCAVE(op, slope, above)                                               \
    OP1(op)                                                                     \
    {                                                                           \
        sbx_ivd v;                                                              \
        sbx_status st;                                                          \
        if (x->z.lo > (above)) return bent(z, x, sbx_ivd_##op, slope, -1, err); \
        st = sbx_ivd_##op(&v, &x->z, ctx, err);                                 \
        if (st == SBX_OK) sbx_aff_interval(z, v);                               \
        return st;                                                              \
    }
CONCAVE(sqrt, sqrt_slope, 0.0)
CONCAVE(log, inverse, 0.0)
CONCAVE(log1p, log1p_slope, -1.0)

/* |x| - alpha x is convex, 0 at 0, and >= 0 for |alpha| <= 1 */
OP1(abs)
{
    sbx_status st = SBX_OK;
    sbx_ivd v, a, b;
    double alpha;
    if (x->z.lo >= 0.0) {
        sbx_aff_set(z, x);
        return SBX_OK;
    }
    if (x->z.hi <= 0.0) return sbx_aff_neg(z, x, ctx, err);
    SBX_TRY(sbx_ivd_abs(&v, &x->z, ctx, err));
    alpha = (x->z.hi + x->z.lo) / (x->z.hi - x->z.lo);
    if (!curved(x) || !(fabs(alpha) <= 1.0)) {
        sbx_aff_interval(z, v);
        goto done;
    }
    SBX_TRY(off(&a, sbx_ivd_abs, x->z.lo, alpha, err));
    SBX_TRY(off(&b, sbx_ivd_abs, x->z.hi, alpha, err));
    SBX_TRY(sbx_aff_line(z, x, alpha, (sbx_ivd){0.0, fmax(fmax(a.hi, b.hi), 0.0)}, v, err));
done:
    return st;
}

/* the greater (s = 1) or the lesser (-1) of two, (x + y + s |x - y|) / 2 where it is not known which */
static sbx_status extreme(sbx_aff *z, const sbx_aff *x, const sbx_aff *y, int s, sbx_ivd v,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_aff d = {0}, m = {0}, half = {0};
    const sbx_aff *left = s > 0 ? y : x, *right = s > 0 ? x : y; /* left <= right: it is x */
    if (left->z.hi <= right->z.lo) {
        sbx_aff_set(z, x);
        return SBX_OK;
    }
    if (right->z.hi <= left->z.lo) {
        sbx_aff_set(z, y);
        return SBX_OK;
    }
    sbx_aff_interval(&half, point(0.5));
    SBX_TRY(sbx_aff_sub(&d, x, y, NULL, err));
    SBX_TRY(sbx_aff_abs(&d, &d, NULL, err));
    SBX_TRY(sbx_aff_add(&m, x, y, NULL, err));
    SBX_TRY(s > 0 ? sbx_aff_add(&m, &m, &d, NULL, err) : sbx_aff_sub(&m, &m, &d, NULL, err));
    SBX_TRY(sbx_aff_mul(&m, &m, &half, NULL, err));
    SBX_TRY(sbx_ivd_intersect(&m.z, &m.z, &v, NULL, err));
    sbx_aff_set(z, &m);
done:
    sbx_aff_clear(&half);
    sbx_aff_clear(&m);
    sbx_aff_clear(&d);
    return st;
}

OP2(max)
{
    sbx_ivd v;
    const sbx_status st = sbx_ivd_max(&v, &x->z, &y->z, ctx, err);
    return st == SBX_OK ? extreme(z, x, y, 1, v, err) : st;
}
OP2(min)
{
    sbx_ivd v;
    const sbx_status st = sbx_ivd_min(&v, &x->z, &y->z, ctx, err);
    return st == SBX_OK ? extreme(z, x, y, -1, v, err) : st;
}

OP2(div)
{
    sbx_status st = SBX_OK;
    sbx_ivd v;
    sbx_aff t = {0};
    SBX_TRY(sbx_ivd_div(&v, &x->z, &y->z, ctx, err));
    if (!(y->z.lo > 0.0) && !(y->z.hi < 0.0)) {
        sbx_aff_interval(z, v);
        goto done;
    }
    SBX_TRY(bent(&t, y, inverse, inverse_slope, y->z.lo > 0.0 ? 1 : -1, err));
    SBX_TRY(sbx_aff_mul(&t, x, &t, ctx, err));
    SBX_TRY(sbx_ivd_intersect(&t.z, &t.z, &v, ctx, err));
    sbx_aff_set(z, &t);
done:
    sbx_aff_clear(&t);
    return st;
}

sbx_status sbx_aff_pow(sbx_aff *z, const sbx_aff *x, double y, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd v;
    sbx_aff t = {0};
    if (y == 1.0) {
        sbx_aff_set(z, x);
        return SBX_OK;
    }
    SBX_TRY(sbx_ivd_pow(&v, &x->z, y, ctx, err));
    if (!(y >= 2.0 && y <= 16.0 && y == floor(y))) {
        sbx_aff_interval(z, v);
        goto done;
    }
    sbx_aff_set(&t, x);
    for (int k = 1; k < (int)y; k++)
        SBX_TRY(sbx_aff_mul(&t, &t, x, ctx, err));
    SBX_TRY(sbx_ivd_intersect(&t.z, &t.z, &v, ctx, err));
    sbx_aff_set(z, &t);
done:
    sbx_aff_clear(&t);
    return st;
}

/* ---- weights ------------------------------------------------------------------------------------------- */

sbx_status sbx_norm_ratio_aff(sbx_aff *z, const sbx_aff *a, const sbx_aff *b, const sbx_ctx *ctx,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_aff s = {0};
    sbx_ivd v;
    SBX_TRY(sbx_norm_ratio_ivd(&v, &a->z, &b->z, ctx, err));
    SBX_TRY(sbx_aff_add(&s, a, b, ctx, err));
    if (s.z.lo > 0.0) {
        SBX_TRY(sbx_aff_div(&s, a, &s, ctx, err));
        SBX_TRY(sbx_ivd_intersect(&s.z, &s.z, &v, ctx, err));
        sbx_aff_set(z, &s);
    } else {
        sbx_aff_interval(z, v);
    }
done:
    sbx_aff_clear(&s);
    return st;
}

sbx_status sbx_norm_weights_aff(sbx_aff *p, const sbx_aff *w, const sbx_aff *c, size_t n,
                                const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd *v = sbx_alloc(n + 1, sizeof *v);
    sbx_aff s = {0}, t = {0}, zero = {0};
    bool positive;
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    if (c) sbx_aff_set(&s, c);
    for (size_t j = 0; j < n; j++) {
        v[j] = w[j].z;
        SBX_TRY(sbx_aff_max(&t, &w[j], &zero, ctx, err));
        SBX_TRY(sbx_aff_add(&s, &s, &t, ctx, err));
    }
    positive = s.z.lo > 0.0; /* no row of zeros */
    st = sbx_norm_weights_ivd(v, v, c ? &c->z : NULL, n, a, ctx, err);
    for (size_t j = 0; j < n && st == SBX_ERR_DOMAIN && positive; j++)
        v[j] = (sbx_ivd){0.0, 1.0};
    if (st != SBX_ERR_DOMAIN || !positive) SBX_TRY(st);
    if (positive) SBX_TRY(bent(&s, &s, inverse, inverse_slope, 1, err));
    for (size_t j = 0; j < n; j++) {
        if (!positive) {
            sbx_aff_interval(&p[j], v[j]);
            continue;
        }
        SBX_TRY(sbx_aff_max(&t, &w[j], &zero, ctx, err));
        SBX_TRY(sbx_aff_mul(&t, &t, &s, ctx, err));
        SBX_TRY(sbx_ivd_intersect(&t.z, &t.z, &v[j], ctx, err));
        sbx_aff_set(&p[j], &t);
    }
done:
    sbx_aff_clear(&t);
    sbx_aff_clear(&s);
    sbx_free(v);
    return st;
}
