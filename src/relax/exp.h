/* relax/exp.h -- e^x, (1 - e^{-w})/w and log x for the bounds: from the proved kernel in the
 * double system, through the number system in the other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_EXP_H
#define SBX_RELAX_EXP_H

#include "base/try.h"
#include "num/round.h"
#include "softbox/kernel.h"

/* y 2^k for an integer k in [-1022, 1023] */
static inline double scale_by(double y, double k)
{
    const uint64_t b = (uint64_t)((int64_t)k + 1023) << 52;
    double s;
    memcpy(&s, &b, sizeof s);
    return y * s;
}

/* what the exp kernel gives, moved outward [L-EXP-05] */
static inline sbx_ivd exp_around(double y, double k)
{
    return (sbx_ivd){scale_by(fma(-5 * 0x1p-54, y, y), k), scale_by(fma(5 * 0x1p-54, y, y), k)};
}

/* y 2^k with y inflated to [y - 2.5u y, y + 2.5u y], whose scaling is exact while the
 * result is a normal double [L-EXP-05]; beyond, the number system's own. */
static inline sbx_status exp_ivd(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err)
{
    const double v[2] = {x->lo, x->hi};
    double y[2], k[2];
    if (!(v[0] >= -700.0 && v[1] <= 700.0)) return sbx_ivd_exp(z, x, ctx, err);
    sbx_exp_bulk(y, k, v, v[0] < v[1] ? 2 : 1);
    if (!(v[0] < v[1])) {
        y[1] = y[0];
        k[1] = k[0];
    }
    z->lo = exp_around(y[0], k[0]).lo;
    z->hi = exp_around(y[1], k[1]).hi;
    return SBX_OK;
}

/* (1 - e^{-w})/w, w > 0. For w <= 1/2 it is R_2 of
 *
 *   R_m = 1 - (w/m) R_{m+1},  0 <= R_m <= 1,
 *
 * begun with [0,1] at m = 17, which leaves a width of w^15/16! [L-RLX-25]. */
static inline sbx_status decay_ivd(sbx_ivd *z, const sbx_ivd *w, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_ivd r = {0.0, 1.0}, e = {-w->hi, -w->lo};
    sbx_status st = SBX_OK;

    if (!(w->hi <= 0.5)) {
        SBX_TRY(exp_ivd(&e, &e, ctx, err));
        r = (sbx_ivd){sbx_sub_lo(1.0, e.hi), sbx_sub_hi(1.0, e.lo)};
        st = sbx_ivd_div(z, &r, w, ctx, err);
        goto done;
    }
    for (int m = 16; m >= 2; m--) {
        const double lo = sbx_mul_lo(w->lo, r.lo), hi = sbx_mul_hi(w->hi, r.hi);
        r.lo = fmax(sbx_sub_lo(1.0, sbx_div_hi(hi, m)), 0.0);
        r.hi = fmin(sbx_sub_hi(1.0, sbx_div_lo(lo, m)), 1.0);
    }
    *z = r;
done:
    return st;
}

/* log x up to some 1e-15, not proved: x = m 2^e, log m = 2 artanh((m - 1)/(m + 1)); x > 0 */
static inline double log_guess(double x)
{
    uint64_t b;
    int e = -1022;
    double m, s, q, p, low, mid, high;
    memcpy(&b, &x, sizeof b);
    if (x >= 0x1p-1022 && x <= DBL_MAX) {
        e += (int)(b >> 52);
        b = (b & 0xfffffffffffff) | (uint64_t)1022 << 52;
        memcpy(&m, &b, sizeof m);
    } else
        m = frexp(x, &e);
    m *= 1.4142135623730951; /* in [0.707, 1.415] */
    s = (m - 1.0) / (m + 1.0);
    q = s * s;
    p = q * q;
    low = (2.0 + q * (2.0 / 3)) + p * (2.0 / 5 + q * (2.0 / 7));
    mid = (2.0 / 9 + q * (2.0 / 11)) + p * (2.0 / 13 + q * (2.0 / 15));
    high = 2.0 / 17 + q * (2.0 / 19);
    low += p * p * (mid + p * p * high);
    return s * low + ((double)e - 0.5) * 0x1.62e42fefa39efp-1;
}

/* e^x up to some 1e-15, not proved: e^r 2^k by Taylor's series; 0 below -700, e^700 above 700 */
static inline double exp_guess(double x)
{
    const double t = x < 700.0 ? x : 700.0;
    const double k = floor(t * 0x1.71547652b82fep0 + 0.5);
    const double r = (t - k * 0x1.62e42fefa3800p-1) - k * 0x1.ef35793c76730p-45;
    const double q = r * r, p = q * q;
    const double low = (1.0 + r) + q * (1.0 / 2 + r * (1.0 / 6));
    const double mid = (1.0 / 24 + r * (1.0 / 120)) + q * (1.0 / 720 + r * (1.0 / 5040));
    const double high =
        (1.0 / 40320 + r * (1.0 / 362880)) + q * ((1.0 / 3628800 + r * (1.0 / 39916800)) +
                                                  q * (1.0 / 479001600 + r * (1.0 / 6227020800)));
    return t > -700.0 ? scale_by(low + p * (mid + p * high), k) : 0.0;
}

/* (e^u - e^l)/w, w = u - l, without cancellation, not proved */
static inline double chord_guess(double el, double eu, double w)
{
    if (w > 1e-3) return (eu - el) / w;
    return el * (1.0 + w * (0.5 + w * (1.0 / 6 + w * (1.0 / 24))));
}

/* With any t and d enclosing x e^{-t} - 1:  t + d/(1 + d) <= log x <= t + d [L-RLX-26]. */
static inline sbx_status log_ivd(sbx_ivd *z, const sbx_ivd *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double out[2];

    if (!(x->lo >= 0x1p-900 && x->hi <= 0x1p900)) return sbx_ivd_log(z, x, ctx, err);
    for (int k = 0; k < 2; k++) {
        const double v = k ? x->hi : x->lo, t = log_guess(v);
        sbx_ivd e = {-t, -t};
        double d;
        SBX_TRY(exp_ivd(&e, &e, ctx, err));
        d = k ? sbx_sub_hi(sbx_mul_hi(v, e.hi), 1.0) : sbx_sub_lo(sbx_mul_lo(v, e.lo), 1.0);
        if (!(fabs(d) <= 0.5)) return sbx_ivd_log(z, x, ctx, err);
        if (k == 0) d = sbx_div_lo(d, d < 0.0 ? sbx_add_lo(1.0, d) : sbx_add_hi(1.0, d));
        out[k] = k ? sbx_add_hi(t, d) : sbx_add_lo(t, d);
    }
    *z = (sbx_ivd){out[0], out[1]};
done:
    return st;
}

static inline sbx_status log_ivf(sbx_ivf *z, const sbx_ivf *x, const sbx_ctx *ctx, sbx_err *err)
{
    return sbx_ivf_log(z, x, ctx, err);
}

static inline sbx_status exp_ivf(sbx_ivf *z, const sbx_ivf *x, const sbx_ctx *ctx, sbx_err *err)
{
    return sbx_ivf_exp(z, x, ctx, err);
}

static inline sbx_status decay_ivf(sbx_ivf *z, const sbx_ivf *w, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivf d;
    sbx_ivf_init(&d, ctx);
    SBX_TRY(sbx_ivf_neg(&d, w, ctx, err));
    SBX_TRY(sbx_ivf_expm1(&d, &d, ctx, err));
    SBX_TRY(sbx_ivf_neg(&d, &d, ctx, err));
    SBX_TRY(sbx_ivf_div(z, &d, w, ctx, err));
done:
    sbx_ivf_clear(&d);
    return st;
}

#endif
