/* net/centre.h -- intervals of sums by centre and radius [L-NET-01].
 *
 * With c = fl((l+u)/2), r >= max(u - c, c - l), M = fl(w.c + b), R = fl(|w| r),
 * S = fl(|w||c| + |b|), the sum w.x + b of n products lies in M -+ rho,
 * rho = R + gamma_{n+1} S + 2 n eta rounded up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_CENTRE_H
#define SBX_NET_CENTRE_H

#include "net/lin.h"

static inline bool sbx_all_finite(const sbx_ivd *x, size_t n)
{
    double s = 0.0;
    for (size_t k = 0; k < n; k++)
        s += (x[k].lo - x[k].lo) + (x[k].hi - x[k].hi); /* 0, or NaN */
    return s == 0.0;
}

/* of a finite interval */
static inline void sbx_centre(double *c, double *r, sbx_ivd x)
{
    *c = 0.5 * x.lo + 0.5 * x.hi;
    *r = fmax(sbx_sub_hi(x.hi, *c), sbx_sub_hi(*c, x.lo)); /* both ends */
}

/* m = fl(w.c), big_r, s: what was computed, without b, of n products */
static inline sbx_ivd sbx_around(double m, double big_r, double s, double b, size_t n)
{
    sbx_ivd z;
    const double rho = sbx_up(big_r + sbx_gamma(n + 1) * (s + fabs(b)) + 2.0 * (double)n * SBX_ETA,
                              2 * n + 8); /* [L-NET-01] */
    m += b;
    z.lo = sbx_sub_lo(m, rho);
    z.hi = sbx_add_hi(m, rho);
    if (!(fabs(m) <= DBL_MAX && rho <= DBL_MAX)) z = (sbx_ivd){-HUGE_VAL, HUGE_VAL};
    return z;
}

#endif
