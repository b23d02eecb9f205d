/* num/acc.h -- sums of doubles and of products, kept as a double, what it misses, and a bound of
 * what that misses; then rounded once outward.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NUM_ACC_H
#define SBX_NUM_ACC_H

#include "num/round.h"

/* The exact sum is within 2^-52 slack of sum + err; after an overflow: not finite [L-RLX-141]. */
typedef struct sbx_acc {
    double sum, err, slack;
} sbx_acc;

/* [L-FP-04]: the error of the sum is a double; slack adds up what the sum of errors may lose */
static inline void sbx_acc_add(sbx_acc *t, double v)
{
    const double s = t->sum + v;
    t->err += sbx_two_sum_err(t->sum, v, s);
    t->slack += fabs(t->err);
    t->sum = s;
}

static inline void sbx_acc_mul(sbx_acc *t, double a, double b)
{
    const double p = a * b;
    if (a == 0.0 || b == 0.0) return;
    sbx_acc_add(t, p);
    if (fabs(p) < SBX_SAFE) {
        t->slack += fabs(p) + 0x1p-1021; /* 2^-52 of it >= |p - a b| */
    } else {
        t->err += fma(a, b, -p); /* exact */
        t->slack += fabs(t->err);
    }
}

static inline double sbx_acc_lo(const sbx_acc *t)
{
    return sbx_add_lo(t->sum, sbx_sub_lo(t->err, sbx_mul_hi(t->slack, 0x1p-52)));
}
static inline double sbx_acc_hi(const sbx_acc *t)
{
    return sbx_add_hi(t->sum, sbx_add_hi(t->err, sbx_mul_hi(t->slack, 0x1p-52)));
}

#endif
