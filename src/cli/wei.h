/* cli/wei.h -- the sixteen bounds of Wei et al.'s synthetic experiment, at sampled points.
 *
 * Plain doubles: what comes out are statistics of points, 12 digits good, and no bounds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CLI_WEI_H
#define SBX_CLI_WEI_H

#include "cli/cli.h"

typedef enum wei_bound {
    WEI_CONST_L,
    WEI_LIN_L,
    WEI_ER_L,
    WEI_LSE_L,
    WEI_STAR_L,
    WEI_PRIME_L,  /* d = 2: LSE_2 */
    WEI_HYBRID_L, /* its file's L_hybrid3: the chords of log(1 + e^.), pivoted */
    WEI_CONST_U,
    WEI_LIN_U,
    WEI_ER_U,
    WEI_LSE_U,
    WEI_ENV_U, /* ours: the concave envelope of the logistic function, whose tangent is env */
    WEI_BOUNDS /* the tangents are the library's affine bounds */
} wei_bound;

extern const char *const wei_names[WEI_BOUNDS];
static inline bool wei_is_upper(size_t b) { return b >= WEI_CONST_U; }

/* One box with its points, and scratch. */
typedef struct wei_box {
    size_t n, points;
    const double *lo, *hi, *x; /* x[points][n] */
    double *d, *k, *e, *p; /* [points n], three times, [points]: x_j - x_0; its exp; softmax_0 */
} wei_box;

/* e^{x_j - x_0} and softmax_0 at every point */
void wei_values(wei_box *b);

/* gap[0..WEI_BOUNDS): mean |softmax_0 - bound| over the points */
void wei_gaps(double gap[WEI_BOUNDS], const wei_box *b, double *scratch);
size_t wei_scratch(size_t n, size_t points); /* doubles */

/* exp and log of a double, near enough */
double wei_exp(double x);
double wei_log(double x);

#endif
