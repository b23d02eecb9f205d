/* mat/gram.h -- the greatest eigenvalue of a Gram matrix that was computed in doubles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MAT_GRAM_H
#define SBX_MAT_GRAM_H

#include "num/round.h"
#include "softbox/mat.h"

/* gamma_k = k u / (1 - k u), rounded up; k u <= 1/2 */
static inline double sbx_gamma_hi(size_t k)
{
    const double d = (double)k * SBX_U;
    return sbx_div_hi(d, sbx_sub_lo(1.0, d));
}

/* a computed sum r of k nonnegative terms, products too, as an upper bound [L-FP-05] */
static inline double sbx_sum_hi(double r, size_t k)
{
    const double f = sbx_add_hi(1.0, sbx_gamma_hi(k + 5));
    return sbx_next_up(r * f + (double)(k + 2) * SBX_ETA);
}

/* An approximate eigenvector of the greatest eigenvalue of the matrix y = g x that `apply` gives, of
 * length 1 or zero, and about that eigenvalue, after at most `steps` products. Plain doubles: it proves nothing.
 *   error SBX_ERR_NOMEM, SBX_ERR_STOPPED, that of apply */
typedef sbx_status sbx_mat_plain(double *y, const double *x, void *arg, sbx_err *err);
sbx_status sbx_mat_top(double *v, double *value, sbx_mat_plain *apply, void *arg, size_t n,
                       size_t steps, const sbx_ctx *ctx, sbx_err *err);
enum { SBX_MAT_STEPS = 400 };

/* What is known of C'C, where C has m rows and n columns: g is its upper triangle as computed by
 * sums of m products in some order, k bounds || |C|'|C| ||_2 from above. */
typedef struct sbx_gram {
    double *g; /* whole rows of tiles: sbx_gram_rows(n) sbx_mat_stride(n); symmetric */
    size_t m, n;
    double k;
} sbx_gram;
static inline size_t sbx_gram_rows(size_t n) { return (n + 3) / 4 * 4; }

/* *hi >= ||C||_2, or +inf; value: about the greatest eigenvalue of g.
 *   proof L-MAT-02, L-MAT-03 */
sbx_status sbx_gram_upper(double *hi, sbx_gram *g, double value, const sbx_ctx *ctx, sbx_err *err);

/* *lo <= ||C||_2, near it when v is near a singular vector
 *   proof L-MAT-04 */
double sbx_gram_lower(const sbx_gram *g, const double *v);

/* ||C'C - G|| from above [L-MAT-02] */
double sbx_gram_missed(const sbx_gram *g);

/* v and about the greatest eigenvalue of g */
sbx_status sbx_gram_top(double *v, double *value, sbx_gram *g, const sbx_ctx *ctx, sbx_err *err);

#endif
