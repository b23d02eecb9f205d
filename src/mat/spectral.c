/* mat/spectral.c -- all norms of a matrix in memory.
 *
 * For the spectral norm the matrix is turned so that it has at least as many rows as columns,
 * and scaled by a power of two when its entries are far from 1. The Gram matrix gives the side
 * above, and a vector; the matrix times that vector gives the side below [L-MAT-04].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/try.h"
#include "mat/block.h"
#include "mat/view.h"

enum { POWERS = 6 };

/* Row i of the radii, or of the greatest magnitudes; NULL: zeros. */
static const double *row_of(const sbx_view *w, size_t i, bool magnitudes)
{
    if (!magnitudes) return sbx_view_halves(w, i) > 0.0 ? w->r : NULL;
    const sbx_ivd *x = sbx_view_row(w, i);
    for (size_t j = 0; j < w->cols; j++)
        w->r[j] = fmax(fabs(x[j].lo), fabs(x[j].hi));
    return w->r;
}

/* The norm of the matrix A >= 0 of radii, or magnitudes, from above: the greatest (A'A x)_j / x_j for
 * an x > 0 that a few powers lead to; never above `known` [L-MAT-05]. */
static double nonnegative(const sbx_view *w, bool magnitudes, double known)
{
    const sbx_block *block = sbx_block_best();
    const size_t n = w->cols, rows = w->rows;
    double hi = 0.0, *x = w->spare + n, *y = x + n;
    for (size_t j = 0; j < n; j++)
        x[j] = 1.0;
    for (size_t t = 0; t < POWERS; t++) {
        double most = 0.0;
        for (size_t j = 0; j < n; j++)
            y[j] = 0.0;
        for (size_t i = 0; i < rows; i++) {
            const double *a = row_of(w, i, magnitudes);
            if (a) block->axpy(y, sbx_sum_hi(block->dot_abs(a, x, n), n), a, n);
        }
        hi = 0.0;
        for (size_t j = 0; j < n; j++) {
            const double q = sbx_div_hi(sbx_sum_hi(y[j], rows), x[j]);
            hi = q > hi || q != q ? q : hi;
            most = fmax(most, y[j]);
        }
        hi = sbx_sqrt_hi(hi);
        if (hi < known) known = hi;
        if (!(most > 0x1p-900 && most < 0x1p900)) break;
        for (size_t j = 0; j < n; j++)
            x[j] = fmax(y[j] / most, 0x1p-40);
    }
    return known;
}

sbx_status sbx_view_sides(sbx_ivd *z, const sbx_view *w, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_mat_meter *meter = NULL;
    double value, rad, hi;

    memset(w->spare, 0, w->cols * sizeof *w->spare);
    SBX_TRY(sbx_mat_meter_new(&meter, w->cols, SBX_MAT_GRAM, err));
    for (size_t i = 0; i < w->rows; i++) {
        if (ctx && ctx->stop && ctx->stop(ctx->stop_arg))
            SBX_FAIL(err, SBX_ERR_STOPPED, "a Gram matrix, row %zu", i);
        SBX_TRY(sbx_mat_meter_add(meter, sbx_view_row(w, i), err));
    }
    if (meter->spoiled) goto done;
    sbx_meter_settle(meter);
    SBX_TRY(sbx_gram_top(w->spare, &value, &meter->c, ctx, err));
    z->lo = fmax(z->lo, sbx_shift_lo(sbx_view_stretch(w, w->spare).lo, -w->shift));
    SBX_TRY(sbx_gram_upper(&hi, &meter->c, value, ctx, err));
    rad = sbx_meter_radius(meter);
    if (rad > 0.0) {
        hi = sbx_add_hi(hi, nonnegative(w, false, rad));
        hi = nonnegative(w, true, hi); /* |E|, which is nearer when entries have one sign */
    }
    hi = sbx_shift_hi(hi, -w->shift);
    if (hi < z->hi) z->hi = hi;
done:
    sbx_mat_meter_free(meter);
    return st;
}

sbx_status sbx_mat_norm(sbx_mat_norms *z, const sbx_ivd *e, size_t m, size_t n, const sbx_ctx *ctx,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_mat_norms r;
    sbx_mat_meter *meter = NULL;
    sbx_view w = {0};

    if (m == 0) SBX_FAIL(err, SBX_ERR_ARG, "a matrix without rows");
    SBX_TRY(sbx_mat_meter_new(&meter, n, 0, err));
    for (size_t i = 0; i < m; i++)
        SBX_TRY(sbx_mat_meter_add(meter, e + i * n, err));
    sbx_meter_cheap(&r, meter);
    if (r.spectral.hi > r.spectral.lo && r.entry.hi <= DBL_MAX) {
        SBX_TRY(sbx_view_make(&w, e, m, n, r.entry.hi, err));
        SBX_TRY(sbx_view_sides(&r.spectral, &w, ctx, err));
    }
    SBX_SOUND(r.spectral.lo <= r.spectral.hi, err);
    *z = r;
done:
    sbx_view_clear(&w);
    sbx_mat_meter_free(meter);
    return st;
}
