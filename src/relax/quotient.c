/* relax/quotient.c -- planes of a quotient and lines of a square.
 *
 * Of x / y, y > 0, the slopes are McCormick's of x w, w = 1 / y, at the centre, with the
 * slope -1 / (yl yu) of the chord of w, which is that of its tangent at sqrt(yl yu) too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/try.h"
#include "relax/affine.h"

/* A lower bound of x / y - a x - b y over y in [l,u], 0 < l, at one x. It is concave in y,
 * or decreasing, or (b < 0 < x) convex with the minimum 2 sqrt(-b x) at sqrt(-x / b)
 * [L-RLX-62]. */
static double at_x(double x, double a, double b, double l, double u)
{
    const double left = sbx_sub_lo(sbx_div_lo(x, l), sbx_mul_hi(b, l));
    const double right = sbx_sub_lo(sbx_div_lo(x, u), sbx_mul_hi(b, u));
    double v = fmin(left, right);
    if (x > 0.0 && b < 0.0 && sbx_mul_lo(sbx_mul_lo(-b, l), l) < x &&
        sbx_mul_hi(sbx_mul_hi(-b, u), u) > x) /* else it is at an end */
        v = 2.0 * sbx_sqrt_lo(sbx_mul_lo(-b, x));
    return sbx_sub_lo(v, sbx_mul_hi(a, x));
}

/* the same over x too: linear in it, so the least is at an end */
static double least(sbx_ivd x, double a, double b, sbx_ivd y)
{
    const double p = at_x(x.lo, a, b, y.lo, y.hi), q = at_x(x.hi, a, b, y.lo, y.hi);
    return p == p && q == q ? fmin(p, q) : -HUGE_VAL;
}

sbx_status sbx_relax_quotient(sbx_plane_pair *r, sbx_ivd x, sbx_ivd y, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const bool flip = y.hi < 0.0;
    const sbx_ivd p = flip ? (sbx_ivd){-x.hi, -x.lo} : x, q = flip ? (sbx_ivd){-y.hi, -y.lo} : y;
    double a, b, lo, hi;
    if (!(x.lo <= x.hi && y.lo <= y.hi && sbx_is_real(x.lo) && sbx_is_real(x.hi) &&
          sbx_is_real(y.lo) && sbx_is_real(y.hi)))
        SBX_FAIL(err, SBX_ERR_ARG, "an interval is not finite, or lo > hi");
    if (!(q.lo > 0.0)) SBX_FAIL(err, SBX_ERR_DOMAIN, "a divisor's interval holds 0");
    a = p.lo == p.hi ? 0.0 : 0.5 / q.lo + 0.5 / q.hi;
    b = -sbx_middle(p.lo, p.hi) / q.lo / q.hi;
    lo = least(p, a, b, q);
    hi = -least((sbx_ivd){-p.hi, -p.lo}, a, -b, q); /* -(x/y - a x - b y) = x'/y - a x' + b y */
    *r = (sbx_plane_pair){flip ? -a : a, flip ? -b : b, lo, flip ? -a : a, flip ? -b : b, hi};
    if (!(sbx_is_real(a) && sbx_is_real(b) && sbx_is_real(lo) && sbx_is_real(hi)))
        *r = (sbx_plane_pair){.lo_c = sbx_div_lo(p.lo, p.lo < 0.0 ? q.lo : q.hi),
                              .hi_c = sbx_div_hi(p.hi, p.hi > 0.0 ? q.lo : q.hi)};
done:
    return st;
}

/* x^2 >= 2 c x - c^2; x^2 - s x is convex, so its largest value is at an end */
sbx_status sbx_relax_square(sbx_line_pair *r, sbx_ivd x, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const double c = sbx_middle(x.lo, x.hi), s = x.lo + x.hi;
    sbx_acc l = {0.0, 0.0, 0.0}, u = {0.0, 0.0, 0.0};
    if (!(x.lo <= x.hi && sbx_is_real(x.lo) && sbx_is_real(x.hi)))
        SBX_FAIL(err, SBX_ERR_ARG, "the interval is not finite, or lo > hi");
    sbx_acc_mul(&l, x.lo, x.lo);
    sbx_acc_mul(&l, -s, x.lo);
    sbx_acc_mul(&u, x.hi, x.hi);
    sbx_acc_mul(&u, -s, x.hi);
    *r = (sbx_line_pair){2.0 * c, -sbx_mul_hi(c, c), s, fmax(sbx_acc_hi(&l), sbx_acc_hi(&u))};
    if (!(sbx_is_real(r->lo_a) && sbx_is_real(r->lo_b))) r->lo_a = r->lo_b = 0.0;
    if (!(sbx_is_real(sbx_acc_hi(&l)) && sbx_is_real(sbx_acc_hi(&u)) && sbx_is_real(s))) {
        r->hi_a = 0.0;
        r->hi_b = fmax(sbx_mul_hi(x.lo, x.lo), sbx_mul_hi(x.hi, x.hi)); /* [L-RLX-63] */
    }
done:
    return st;
}
