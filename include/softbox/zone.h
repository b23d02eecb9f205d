/* softbox/zone.h -- a box with bounds on differences of its coordinates.
 *
 * A zone is { x : lo_j <= x_j <= hi_j, x_i - x_j <= d for each of its differences }, the set of a
 * difference-bound matrix. Softmax depends on differences alone, so they are worth as much
 * as the box is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_ZONE_H
#define SBX_ZONE_H

#include "softbox/num.h"

#ifdef __cplusplus
extern "C" {
#endif

/* x_i - x_j <= d */
typedef struct sbx_diff {
    size_t i, j;
    double d;
} sbx_diff;

typedef struct sbx_zone {
    const sbx_ivd *x; /* the box, x[0..n) */
    size_t n;
    const sbx_diff *diff; /* diff[0..diffs), which may be none */
    size_t diffs;
} sbx_zone;

/* a box alone */
static inline sbx_zone sbx_zone_box(const sbx_ivd *x, size_t n)
{
    sbx_zone z;
    z.x = x;
    z.n = n;
    z.diff = NULL;
    z.diffs = 0;
    return z;
}

/* sbx_zone_close: what the bounds together say of every difference.
 *
 *   in    z       ends may be infinite (lo = -inf, hi = +inf: no bound), so may d = +inf
 *   out   d[(n+1)(n+1)]: with x_n = 0, x_i - x_j <= d[i(n+1) + j] for all i, j <= n; so
 *                 x_i <= d[i(n+1) + n] and x_j >= -d[n(n+1) + j]; the diagonal is 0
 *   tight but for rounding each bound is attained, and all bounds on x_i - . together are, as are
 *                 all on . - x_j: sums of at most n + 1 numbers, rounded up
 *   proof L-RLX-70
 *   error SBX_ERR_ARG n == 0, lo > hi, a NaN, lo = +inf, hi = -inf, d = -inf, an index
 *                 that is not below n;
 *         SBX_ERR_DOMAIN the zone is empty, proved
 *   cost  n^2 for each coordinate that a difference names */
sbx_status sbx_zone_close(double *d, const sbx_zone *z, sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
