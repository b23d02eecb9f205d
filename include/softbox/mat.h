/* softbox/mat.h -- norms, ranks and inverses of matrices, certified.
 *
 * Matrices are row major, m rows of n entries. One of enclosures stands for every real matrix
 * E with E_ij in e[i n + j]; what is said holds for each of them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MAT_H
#define SBX_MAT_H

#include "softbox/num.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- norms ------------------------------------------------------------------------ */

/* Each field encloses its quantity for every E of the matrix; upper ends may be +inf. */
typedef struct sbx_mat_norms {
    size_t rows, cols;
    sbx_ivd spectral;    /* the greatest singular value                                     */
    sbx_ivd frobenius;   /* sqrt(sum of squares)                                            */
    sbx_ivd entry;       /* max |E_ij|                                                      */
    sbx_ivd row_l1;      /* max over rows of sum_j |E_ij|; halved: total variation of a row */
    sbx_ivd mean_l1;     /* mean over rows of sum_j |E_ij|                                  */
    sbx_ivd row_l2;      /* max over rows of sqrt(sum_j E_ij^2)                             */
    sbx_ivd col_l1;      /* max over columns of sum_i |E_ij|                                */
    sbx_ivd least, most; /* the least and the greatest entry                       */
    sbx_ivd sum_least, sum_most; /* the least and the greatest row sum                     */
} sbx_mat_norms;

/* Measures a matrix that comes row by row; what it holds does not grow with the rows: 4 n
 * doubles, and with SBX_MAT_GRAM n^2 + O(n) more, for a spectral norm with both sides near; get
 * needs another n^2 while it runs then.
 *
 *   in    n >= 1 columns; gram: 0 or SBX_MAT_GRAM
 *   add   one row e[0..n)
 *   get   the norms of the rows so far (at least one). Without SBX_MAT_GRAM the spectral norm is
 *         between the greatest of |E_ij|, row_l2, frobenius / sqrt(min(m, n)) and the least of
 *         frobenius, sqrt(row_l1 col_l1); with it as near as sbx_mat_norm says. More rows may follow.
 *   tight row sums and column sums about (m + n) 2^-53 of the sum of magnitudes a side
 *   proof L-MAT-01 (fallbacks), L-MAT-02 .. 04 (Gram matrix)
 *   error SBX_ERR_ARG n = 0, no row yet; SBX_ERR_DOMAIN a NaN or lo > hi;
 *         SBX_ERR_NOMEM, SBX_ERR_STOPPED */
typedef struct sbx_mat_meter sbx_mat_meter;
enum { SBX_MAT_GRAM = 1 };
sbx_status sbx_mat_meter_new(sbx_mat_meter **z, size_t n, int gram, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_mat_meter_add(sbx_mat_meter *z, const sbx_ivd *row, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_mat_meter_get(sbx_mat_norms *z, sbx_mat_meter *meter, const sbx_ctx *ctx,
                             sbx_err *err) SBX_MUST_USE;
void sbx_mat_meter_free(sbx_mat_meter *z);

/* All norms of a matrix in memory.
 *
 *   in    e[0..m n)
 *   tight points: the spectral norm to about min(m, n) max(m, n) 2^-52 relative, at worst (n = 256:
 *         1e-11); sides further apart where the greatest singular value is not found. With
 *         radii R the sides move out by at most ||R||; where entries have one sign the upper side is
 *         near the norm of the greatest magnitudes
 *   proof L-MAT-01 .. L-MAT-05
 *   from  Rump, Verification of positive definiteness, BIT 46 (2006); Lanczos' algorithm looks
 *         for the vector and the value, which prove nothing by themselves
 *   cost  max(m, n) min(m, n)^2 + min(m, n)^3 / 3 multiplications or a small multiple
 *   error as sbx_mat_meter */
sbx_status sbx_mat_norm(sbx_mat_norms *z, const sbx_ivd *e, size_t m, size_t n, const sbx_ctx *ctx,
                        sbx_err *err) SBX_MUST_USE;

/* y[..] encloses E x, or E'x, for the doubles x. */
typedef sbx_status sbx_mat_times(sbx_ivd *y, const double *x, void *arg, sbx_err *err);

/* *lo <= the spectral norm of a matrix that is known by its products alone: for sizes beyond memory,
 * beside a meter, whose upper ends need no product.
 *
 *   in    times: n doubles to m enclosures; turned: m doubles to n enclosures, by the transpose, of which
 *         only midpoints are used; steps: at most so many products of each, 0: 100
 *   tight near the norm when Lanczos' algorithm comes near its vector in that many steps
 *   proof L-MAT-04
 *   error SBX_ERR_ARG m, n = 0; SBX_ERR_NOMEM, SBX_ERR_STOPPED; that of times, turned */
sbx_status sbx_mat_norm_least(double *lo, sbx_mat_times *times, sbx_mat_times *turned, void *arg,
                              size_t m, size_t n, size_t steps, const sbx_ctx *ctx,
                              sbx_err *err) SBX_MUST_USE;

/* *z encloses the least of the min(m, n) singular values, for every E. lo = 0: it may be 0.
 *
 *   tight points: about max(m, n) min(m, n)^(1/2) 2^-52 times the quotient of the greatest by it, relative;
 *         nothing is proved (lo = 0) where that is near 1 or the radii are as large as it
 *   proof L-MAT-07; L-MAT-04 above
 *   from  Rump's bounds by an approximate inverse; here that of the triangular factor of Householder's
 *         algorithm with columns in order of length
 *   cost  about 6 max(m, n) min(m, n)^2 multiplications
 *   error as sbx_mat_meter */
sbx_status sbx_mat_least_singular(sbx_ivd *z, const sbx_ivd *e, size_t m, size_t n,
                                  const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;

/* ---- ranks ------------------------------------------------------------------------- */

/* *rank of a rational matrix, exactly.
 *
 *   in    a[0..m n); m, n >= 1
 *   proof L-MAT-06: a minor that is not 0 modulo p is not 0; one that is 0 modulo numbers without a
 *         common factor and with a product above Hadamard's bound is 0; L-MAT-11 where few rows or
 *         columns are beyond the rank
 *   cost  full rank: one elimination modulo a prime; else about (rank + 1) bits / 30 of them, or half as many
 *         products with a vector for each column beyond (256 x 256 of 300 bits: 0.1 s; rank 255: 1.5 s)
 *   error SBX_ERR_ARG, SBX_ERR_NOMEM, SBX_ERR_STOPPED */
sbx_status sbx_mat_rank(size_t *rank, const sbx_mpq *a, size_t m, size_t n, const sbx_ctx *ctx,
                        sbx_err *err) SBX_MUST_USE;

/* A number that no E of the matrix has a lower rank than.
 *
 *   tight ivd: about the number of singular values, after rows were scaled to be near 1, that are above
 *         1e-14 times the greatest and twice the radii. ivf: the pivots, the largest first, that interval
 *         elimination at ctx->prec bits keeps away from 0: more bits prove more
 *   proof L-MAT-08 (ivd), L-MAT-09 (ivf)
 *   cost  ivd: log(min(m, n)) times sbx_mat_least_singular; ivf: m n min(m, n) interval products and searches
 *   error SBX_ERR_ARG, SBX_ERR_NOMEM, SBX_ERR_STOPPED; SBX_ERR_DOMAIN a NaN or lo > hi */
sbx_status sbx_mat_rank_least(size_t *rank, const sbx_ivd *e, size_t m, size_t n,
                              const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_mat_rank_least_ivf(size_t *rank, const sbx_ivf *e, size_t m, size_t n,
                                  const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;

/* The inverse of a rational matrix of order n, exactly, and its determinant.
 *
 *   in    a[0..n n)
 *   out   z[0..n n), initialised, not a; det (NULL: not wanted), set to 0 when there is no inverse
 *   proof L-MAT-10
 *   cost  about n bits / 62 eliminations modulo a prime, then n^2 numbers of as many words
 *   error SBX_ERR_DOMAIN the determinant is 0; SBX_ERR_ARG, SBX_ERR_NOMEM, SBX_ERR_STOPPED */
sbx_status sbx_mat_inverse(sbx_mpq *z, mpq_ptr det, const sbx_mpq *a, size_t n, const sbx_ctx *ctx,
                           sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
