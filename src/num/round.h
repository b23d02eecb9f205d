/* num/round.h -- double arithmetic with a known direction, in round-to-nearest.
 *
 * Each operation comes as NAME_lo (a double <= the exact result) and NAME_hi (>=).
 * The nearest double r of an exact result v is corrected by one step only where
 * its error, which an error-free transformation gives exactly, points the wrong
 * way: the result is tightest, but for products and quotients near underflow,
 * which step in any case. One step is enough: pred(r) <= v <= succ(r) [L-FP-01].
 *
 * Conventions of interval arithmetic: 0 * inf = 0; the callers never add
 * infinities of different sign. A lower end that overflows to +inf becomes the
 * largest double (_lo), an upper end that overflows to -inf the least (_hi).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NUM_ROUND_H
#define SBX_NUM_ROUND_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SBX_U    0x1p-53   /* unit roundoff */
#define SBX_ETA  0x1p-1074 /* least positive double */
#define SBX_SAFE 0x1p-960  /* above this a residual by fma is exact */

/* the next double above x; +inf and NaN stay */
static inline double sbx_next_up(double x)
{
    int64_t b;
    if (!(x < HUGE_VAL)) return x;
    x += 0.0; /* -0 becomes 0 */
    memcpy(&b, &x, sizeof b);
    b += x >= 0.0 ? 1 : -1;
    memcpy(&x, &b, sizeof b);
    return x;
}
static inline double sbx_next_down(double x) { return -sbx_next_up(-x); }

/* NaN where one of them is */
static inline double sbx_min(double a, double b) { return a < b ? a : b <= a ? b : (double)NAN; }
static inline double sbx_max(double a, double b) { return a > b ? a : b >= a ? b : (double)NAN; }

/* the error of s = fl(a + b), exactly, when nothing overflows (Knuth) */
static inline double sbx_two_sum_err(double a, double b, double s)
{
    const double bb = s - a;
    return (a - (s - bb)) + (b - bb);
}

/* [L-FP-04]: the error of a nearest sum is a double, so its sign decides */
static inline double sbx_add_lo(double a, double b)
{
    const double s = a + b;
    double e;
    if (!(fabs(s) <= DBL_MAX)) return s > 0 && a < HUGE_VAL && b < HUGE_VAL ? DBL_MAX : s;
    e = sbx_two_sum_err(a, b, s);
    return e >= 0.0 ? s : sbx_next_down(s); /* a NaN steps too */
}
static inline double sbx_add_hi(double a, double b) { return -sbx_add_lo(-a, -b); }
static inline double sbx_sub_lo(double a, double b) { return sbx_add_lo(a, -b); }
static inline double sbx_sub_hi(double a, double b) { return sbx_add_hi(a, -b); }

static inline double sbx_mul_lo(double a, double b)
{
    const double p = a * b;
    if (a == 0.0 || b == 0.0) return 0.0;
    if (!(fabs(p) <= DBL_MAX))
        return p > 0 && fabs(a) <= DBL_MAX && fabs(b) <= DBL_MAX ? DBL_MAX : p;
    if (fabs(p) < SBX_SAFE) return sbx_next_down(p);
    return fma(a, b, -p) < 0.0 ? sbx_next_down(p) : p;
}
static inline double sbx_mul_hi(double a, double b) { return -sbx_mul_lo(-a, b); }

/* b != 0; a / inf = 0 */
static inline double sbx_div_lo(double a, double b)
{
    const double q = a / b;
    double r;
    if (a == 0.0 || (fabs(b) > DBL_MAX && fabs(a) <= DBL_MAX)) return 0.0;
    if (!(fabs(q) <= DBL_MAX)) return q > 0 && fabs(a) <= DBL_MAX ? DBL_MAX : q;
    if (fabs(q) < SBX_SAFE || fabs(a) < SBX_SAFE) return sbx_next_down(q);
    r = fma(-q, b, a); /* a - q b, exact: its sign and b's give the sign of the error */
    return (b > 0.0 ? r < 0.0 : r > 0.0) ? sbx_next_down(q) : q;
}
static inline double sbx_div_hi(double a, double b) { return -sbx_div_lo(-a, b); }

/* x >= 0 */
static inline double sbx_sqrt_lo(double x)
{
    const double s = sqrt(x);
    if (x == 0.0 || x > DBL_MAX) return s;
    if (x < SBX_SAFE) return sbx_next_down(s);
    return fma(-s, s, x) < 0.0 ? sbx_next_down(s) : s;
}
static inline double sbx_sqrt_hi(double x)
{
    const double s = sqrt(x);
    if (x == 0.0 || x > DBL_MAX) return s;
    if (x < SBX_SAFE) return sbx_next_up(s);
    return fma(-s, s, x) > 0.0 ? sbx_next_up(s) : s;
}

/* a b + c: one step from the nearest */
static inline double sbx_fma_lo(double a, double b, double c)
{
    if (a == 0.0 || b == 0.0) return c;
    const double s = fma(a, b, c);
    if (!(fabs(s) <= DBL_MAX))
        return s > 0 && fabs(a) <= DBL_MAX && fabs(b) <= DBL_MAX && c < HUGE_VAL ? DBL_MAX : s;
    return sbx_next_down(s);
}
static inline double sbx_fma_hi(double a, double b, double c) { return -sbx_fma_lo(-a, b, -c); }

#endif
