/* relax/product.c -- McCormick's planes of a product.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/try.h"
#include "relax/affine.h"

/* x y - a x - b y is bilinear, so its extremes are at the four corners: the constant
 * that makes the plane hold for the a and b that were rounded [L-RLX-08] [L-RLX-15]. */
static double constant(double a, double b, sbx_ivd x, sbx_ivd y, sbx_end side)
{
    const double px[4] = {x.lo, x.lo, x.hi, x.hi}, py[4] = {y.lo, y.hi, y.lo, y.hi};
    double best = 0.0;
    for (int k = 0; k < 4; k++) {
        sbx_acc t = {0.0, 0.0, 0.0};
        double v;
        sbx_acc_mul(&t, px[k], py[k]);
        sbx_acc_mul(&t, -a, px[k]);
        sbx_acc_mul(&t, -b, py[k]);
        v = side == SBX_LO ? sbx_acc_lo(&t) : sbx_acc_hi(&t);
        if (!sbx_is_real(v)) return HUGE_VAL;
        if (k == 0 || (side == SBX_LO ? v < best : v > best)) best = v;
    }
    return best;
}

/* (1 - r) p + r q, between p and q */
static double between(double p, double q, double r)
{
    const double v = r == 0.0 ? p : r == 1.0 ? q : (1.0 - r) * p + r * q;
    return v < fmin(p, q) ? fmin(p, q) : v > fmax(p, q) ? fmax(p, q) : v;
}

sbx_status sbx_relax_product(sbx_plane_pair *r, sbx_ivd x, sbx_ivd y, double r_lo, double r_hi,
                             sbx_err *err)
{
    sbx_plane_pair z = {0};
    sbx_status st = SBX_OK;

    if (!(x.lo <= x.hi && y.lo <= y.hi && sbx_is_real(x.lo) && sbx_is_real(x.hi) &&
          sbx_is_real(y.lo) && sbx_is_real(y.hi)))
        SBX_FAIL(err, SBX_ERR_ARG, "a factor's interval is not finite, or lo > hi");
    if (!(0.0 <= r_lo && r_lo <= 1.0 && 0.0 <= r_hi && r_hi <= 1.0))
        SBX_FAIL(err, SBX_ERR_ARG, "a weight is not in [0,1]");
    /* the planes through the corners: y.lo x + x.lo y, y.hi x + x.hi y from below */
    z.lo_a = between(y.lo, y.hi, r_lo);
    z.lo_b = between(x.lo, x.hi, r_lo);
    z.lo_c = constant(z.lo_a, z.lo_b, x, y, SBX_LO);
    /* y.hi x + x.lo y, y.lo x + x.hi y from above */
    z.hi_a = between(y.hi, y.lo, r_hi);
    z.hi_b = between(x.lo, x.hi, r_hi);
    z.hi_c = constant(z.hi_a, z.hi_b, x, y, SBX_HI);
    if (!sbx_is_real(z.lo_c)) {
        z.lo_a = z.lo_b = 0.0;
        z.lo_c = fmin(fmin(sbx_mul_lo(x.lo, y.lo), sbx_mul_lo(x.lo, y.hi)),
                      fmin(sbx_mul_lo(x.hi, y.lo), sbx_mul_lo(x.hi, y.hi)));
    }
    if (!sbx_is_real(z.hi_c)) {
        z.hi_a = z.hi_b = 0.0;
        z.hi_c = fmax(fmax(sbx_mul_hi(x.lo, y.lo), sbx_mul_hi(x.lo, y.hi)),
                      fmax(sbx_mul_hi(x.hi, y.lo), sbx_mul_hi(x.hi, y.hi)));
    }
    *r = z;
done:
    return st;
}
