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
    z->lo = scale_by(fma(-5 * 0x1p-54, y[0], y[0]), k[0]);
    z->hi = scale_by(fma(5 * 0x1p-54, y[1], y[1]), k[1]);
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

/* log x up to some 1e-15, not proved: x = m 2^e, log m = 2 artanh((m - 1)/(m + 1)) */
static inline double log_guess(double x)
{
    static const double c[] = {2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13, 2.0 / 11,
                               2.0 / 9,  2.0 / 7,  2.0 / 5,  2.0 / 3,  2.0};
    int e;
    const double m = frexp(x, &e) * 1.4142135623730951; /* in [0.707, 1.415] */
    const double s = (m - 1.0) / (m + 1.0), q = s * s;
    double sum = c[0];
    for (size_t k = 1; k < sizeof c / sizeof *c; k++)
        sum = sum * q + c[k];
    return s * sum + ((double)e - 0.5) * 0x1.62e42fefa39efp-1;
}

/* e^x up to some 1e-15, not proved: e^r 2^k by Taylor's series; 0 below e^-700 */
static inline double exp_guess(double x)
{
    const double k = floor(x * 0x1.71547652b82fep0 + 0.5);
    const double r = (x - k * 0x1.62e42fefa3800p-1) - k * 0x1.ef35793c76730p-45;
    double sum = 1.0 + r * (1.0 / 13);
    if (!(x >= -700.0 && x <= 700.0)) return x > 0.0 ? HUGE_VAL : 0.0;
    sum = 1.0 + r * (1.0 / 12) * sum;
    sum = 1.0 + r * (1.0 / 11) * sum;
    sum = 1.0 + r * (1.0 / 10) * sum;
    sum = 1.0 + r * (1.0 / 9) * sum;
    sum = 1.0 + r * (1.0 / 8) * sum;
    sum = 1.0 + r * (1.0 / 7) * sum;
    sum = 1.0 + r * (1.0 / 6) * sum;
    sum = 1.0 + r * (1.0 / 5) * sum;
    sum = 1.0 + r * (1.0 / 4) * sum;
    sum = 1.0 + r * (1.0 / 3) * sum;
    sum = 1.0 + r * (1.0 / 2) * sum;
    sum = 1.0 + r * sum;
    return scale_by(sum, k);
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
