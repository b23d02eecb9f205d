/* relax/affine.h -- constants of affine bounds: sums of doubles and of products,
 * kept as a double and a bracket of what it misses, then rounded once outward.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_AFFINE_H
#define SBX_RELAX_AFFINE_H

#include "num/round.h"
#include "softbox/relax.h"

/* The exact sum is in sum + [err_lo, err_hi]; after an overflow: not finite. */
typedef struct sbx_acc {
    double sum, err_lo, err_hi;
} sbx_acc;

/* [L-FP-04]: the error of the sum is a double, added up outward */
static inline void sbx_acc_add(sbx_acc *t, double v)
{
    const double s = t->sum + v, e = sbx_two_sum_err(t->sum, v, s);
    t->sum = s;
    t->err_lo = sbx_add_lo(t->err_lo, e);
    t->err_hi = sbx_add_hi(t->err_hi, e);
}

static inline void sbx_acc_mul(sbx_acc *t, double a, double b)
{
    const double p = a * b;
    if (a == 0.0 || b == 0.0) return;
    sbx_acc_add(t, p);
    if (fabs(p) < SBX_SAFE) {
        const double e = fabs(p) * 0x1p-52 + SBX_ETA; /* >= |p - a b| */
        t->err_lo = sbx_add_lo(t->err_lo, -e);
        t->err_hi = sbx_add_hi(t->err_hi, e);
    } else {
        const double e = fma(a, b, -p); /* exact */
        t->err_lo = sbx_add_lo(t->err_lo, e);
        t->err_hi = sbx_add_hi(t->err_hi, e);
    }
}

static inline double sbx_acc_lo(const sbx_acc *t) { return sbx_add_lo(t->sum, t->err_lo); }
static inline double sbx_acc_hi(const sbx_acc *t) { return sbx_add_hi(t->sum, t->err_hi); }

/* false for NaN and infinities */
static inline bool sbx_is_real(double x) { return fabs(x) <= DBL_MAX; }

/* a double near the middle of a finite interval, inside it */
static inline double sbx_middle(double lo, double hi)
{
    const double m = lo / 2 + hi / 2;
    return m < lo ? lo : m > hi ? hi : m;
}

#endif
