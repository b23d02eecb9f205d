/* mat/eliminate.c -- a lower bound of the rank by interval elimination.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "softbox/mat.h"

/* the least magnitude of x, rounded down */
static void least(mpfr_ptr z, const sbx_ivf *x)
{
    if (mpfr_sgn(x->lo) > 0)
        mpfr_set(z, x->lo, MPFR_RNDD);
    else if (mpfr_sgn(x->hi) < 0)
        mpfr_neg(z, x->hi, MPFR_RNDD);
    else
        mpfr_set_zero(z, 1);
}

/* The entry farthest from 0 becomes the pivot; what is left of the other rows encloses what is left
 * for every E. Ends when no entry is away from 0 [L-MAT-09]. */
sbx_status sbx_mat_rank_least_ivf(size_t *rank, const sbx_ivf *e, size_t m, size_t n,
                                  const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivf *a = NULL, **at = NULL, c, t;
    size_t *col = NULL, r = 0;
    mpfr_t x, best;

    if (!ctx) ctx = &sbx_ctx_default;
    sbx_ivf_init(&c, ctx);
    sbx_ivf_init(&t, ctx);
    mpfr_inits2(ctx->prec, x, best, (mpfr_ptr)0);
    if (m == 0 || n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a matrix without entries");
    a = sbx_alloc(m, n * sizeof *a);
    at = sbx_alloc(m, sizeof(sbx_ivf *));
    col = sbx_alloc(n, sizeof *col);
    if (!a || !at || !col) {
        sbx_free(a);
        a = NULL;
        SBX_FAIL(err, SBX_ERR_NOMEM, "%zu x %zu enclosures", m, n);
    }
    for (size_t i = 0; i < m * n; i++)
        sbx_ivf_init(&a[i], ctx);
    for (size_t j = 0; j < n; j++)
        col[j] = j;
    for (size_t i = 0; i < m; i++) {
        at[i] = a + i * n;
        for (size_t j = 0; j < n; j++) {
            const sbx_ivf *y = &e[i * n + j];
            if (!mpfr_lessequal_p(y->lo, y->hi))
                SBX_FAIL(err, SBX_ERR_DOMAIN, "entry %zu of row %zu is no enclosure", j, i);
            mpfr_set(at[i][j].lo, y->lo, MPFR_RNDD);
            mpfr_set(at[i][j].hi, y->hi, MPFR_RNDU);
        }
    }
    for (; r < m && r < n; r++) {
        size_t pi = r, pj = r, k;
        sbx_ivf *row;
        if (ctx->stop && ctx->stop(ctx->stop_arg))
            SBX_FAIL(err, SBX_ERR_STOPPED, "a rank, at least %zu", r);
        mpfr_set_zero(best, 1);
        for (size_t i = r; i < m; i++)
            for (size_t j = r; j < n; j++) {
                least(x, &at[i][col[j]]);
                if (mpfr_cmp(x, best) > 0 && sbx_ivf_is_finite(&at[i][col[j]])) {
                    mpfr_swap(x, best);
                    pi = i, pj = j;
                }
            }
        if (mpfr_sgn(best) <= 0) break;
        row = at[pi], at[pi] = at[r], at[r] = row;
        k = col[pj], col[pj] = col[r], col[r] = k;
        for (size_t i = r + 1; i < m; i++) {
            if (mpfr_zero_p(at[i][k].lo) && mpfr_zero_p(at[i][k].hi)) continue;
            SBX_TRY(sbx_ivf_div(&c, &at[i][k], &row[k], ctx, err));
            for (size_t j = r + 1; j < n; j++) {
                sbx_ivf *y = &at[i][col[j]];
                SBX_TRY(sbx_ivf_mul(&t, &c, &row[col[j]], ctx, err));
                SBX_TRY(sbx_ivf_sub(y, y, &t, ctx, err));
            }
        }
    }
    *rank = r;
done:
    for (size_t i = 0; a && i < m * n; i++)
        sbx_ivf_clear(&a[i]);
    sbx_free(a);
    sbx_free(at);
    sbx_free(col);
    sbx_ivf_clear(&c);
    sbx_ivf_clear(&t);
    mpfr_clears(x, best, (mpfr_ptr)0);
    return st;
}
