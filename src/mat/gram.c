/* mat/gram.c -- bounds of ||C||_2 by the Gram matrix C'C in plain doubles.
 *
 * Above: when Cholesky's algorithm in doubles comes to its end on s I - G, that matrix is positive
 * semidefinite up to a term that is known beforehand [L-MAT-03]; with what G misses of C'C [L-MAT-02]
 * it follows that ||C||^2 <= s + these terms, whatever led to s. Below: v'Gv of any vector v.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mat/gram.h"

#include <stdint.h>

#include "base/alloc.h"
#include "base/try.h"
#include "mat/block.h"

/* values between which the terms for underflow are small */
#define LEAST 0x1p-400
#define MOST  0x1p800
#define SLACK 0x1p-500 /* pays for every underflow of [L-MAT-02], [L-MAT-03] */

double sbx_gram_missed(const sbx_gram *g)
{
    return sbx_add_hi(sbx_mul_hi(sbx_gamma_hi(g->m), g->k), SLACK);
}

static sbx_status apply(double *y, const double *x, void *arg, sbx_err *err)
{
    const sbx_gram *g = arg;
    const sbx_block *block = sbx_block_best();
    (void)err;
    for (size_t i = 0; i < g->n; i++)
        y[i] = block->dot(g->g + i * sbx_mat_stride(g->n), x, g->n);
    return SBX_OK;
}

sbx_status sbx_gram_top(double *v, double *value, sbx_gram *g, const sbx_ctx *ctx, sbx_err *err)
{
    return sbx_mat_top(v, value, apply, g, g->n, SBX_MAT_STEPS, ctx, err);
}

double sbx_gram_lower(const sbx_gram *g, const double *v)
{
    const sbx_block *block = sbx_block_best();
    const size_t n = g->n;
    const double gamma = sbx_gamma_hi(n);
    double q = 0.0, vv = 0.0;
    if (!(g->k <= MOST)) return 0.0;
    for (size_t i = 0; i < n; i++) {
        const double *row = g->g + i * sbx_mat_stride(n), y = block->dot(row, v, n);
        const double mag = sbx_sum_hi(block->dot_abs(row, v, n), n);
        const double e = sbx_add_hi(sbx_mul_hi(gamma, mag), (double)n * SBX_ETA);
        q = sbx_fma_lo(fabs(v[i]), v[i] < 0.0 ? sbx_sub_lo(-y, e) : sbx_sub_lo(y, e), q);
        vv = sbx_fma_hi(v[i], v[i], vv);
    }
    if (!(vv > 0.0)) return 0.0;
    q = sbx_sub_lo(sbx_div_lo(q, vv), sbx_gram_missed(g));
    return q > 0.0 ? sbx_sqrt_lo(q) : 0.0;
}

/* an upper bound of ||C||^2 if s is large enough, else +inf */
static double above(double *a, const sbx_gram *g, double s)
{
    const size_t n = g->n, ld = sbx_mat_stride(n);
    const double c = sbx_gamma_hi(n + 1);
    double trace = 0.0, most = 0.0, hi;
    if (!(s >= LEAST && s <= MOST)) return HUGE_VAL;
    for (size_t i = 0; i < sbx_gram_rows(n) * ld; i++)
        a[i] = -g->g[i];
    for (size_t i = 0; i < n; i++) {
        const double d = a[i * ld + i] = s + a[i * ld + i];
        if (!(d > 0.0)) return HUGE_VAL;
        trace = sbx_add_hi(trace, d);
        most = fmax(most, d);
    }
    if (!sbx_block_best()->cholesky(a, n, ld, LEAST)) return HUGE_VAL;
    /* L-MAT-03: the factor, then the roundings of the diagonal */
    hi = sbx_mul_hi(sbx_div_hi(c, sbx_sub_lo(1.0, c)), sbx_add_hi(trace, SLACK));
    hi = sbx_add_hi(hi, sbx_mul_hi(2.0 * SBX_U, most));
    hi = sbx_add_hi(sbx_add_hi(s, hi), sbx_add_hi(sbx_gram_missed(g), SLACK));
    return hi == hi ? hi : HUGE_VAL;
}

sbx_status sbx_gram_upper(double *hi, sbx_gram *g, double value, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t size = sbx_gram_rows(g->n) * sbx_mat_stride(g->n);
    double *a = NULL, step = (double)g->n * 0x1p-56;

    *hi = HUGE_VAL;
    if (!(g->k <= MOST) || !(value > 0.0) || (double)g->n + (double)g->m > 0x1p40) goto done;
    a = sbx_alloc(size, sizeof *a);
    if (!a) SBX_FAIL(err, SBX_ERR_NOMEM, "a matrix of %zu rows", g->n);
    if (step < 0x1p-50) step = 0x1p-50;
    for (; step < 1.0 && *hi == HUGE_VAL; step *= step < 1e-9 ? 4.0 : 16.0) {
        if (ctx && ctx->stop && ctx->stop(ctx->stop_arg))
            SBX_FAIL(err, SBX_ERR_STOPPED, "the greatest singular value, from above");
        *hi = above(a, g, value + step * value);
    }
    if (*hi < HUGE_VAL) *hi = sbx_sqrt_hi(*hi);
done:
    sbx_free(a);
    return st;
}
