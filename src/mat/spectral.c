/* mat/spectral.c -- all norms of a matrix in memory.
 *
 * For the spectral norm the matrix is turned so that it has at least as many rows as columns,
 * and scaled by a power of two when its entries are far from 1. The Gram matrix gives the side
 * above, and a vector; the matrix times that vector gives the side below [L-MAT-04].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "mat/block.h"
#include "mat/meter.h"

enum { FAR = 150, POWERS = 4 };

/* the matrix as it is looked at, and a row of it */
typedef struct view {
    const sbx_ivd *e;
    size_t m, n, rows, cols; /* rows >= cols: as looked at */
    int shift;               /* entries are multiplied by 2^shift */
    sbx_ivd *row;
    double *c, *r, *v, *x, *y;
} view;

static double shift_lo(double x, int e)
{
    const double y = ldexp(x, e);
    if (y == HUGE_VAL) return DBL_MAX;
    return ldexp(y, -e) == x ? y : sbx_next_down(y);
}
static double shift_hi(double x, int e) { return -shift_lo(-x, e); }

static const sbx_ivd *row(const view *w, size_t i)
{
    const bool turned = w->rows != w->m;
    if (!turned && !w->shift) return w->e + i * w->n;
    for (size_t j = 0; j < w->cols; j++) {
        const sbx_ivd *x = turned ? &w->e[j * w->n + i] : &w->e[i * w->n + j];
        w->row[j] = w->shift ? (sbx_ivd){shift_lo(x->lo, w->shift), shift_hi(x->hi, w->shift)} : *x;
    }
    return w->row;
}

/* midpoints and radii of row i; the sum of its radii */
static double halves(const view *w, size_t i)
{
    const sbx_ivd *x = row(w, i);
    double sum = 0.0;
    for (size_t j = 0; j < w->cols; j++) {
        sbx_mid_rad(&w->c[j], &w->r[j], &x[j]);
        sum += w->r[j];
    }
    return sum;
}

/* ||E v|| / ||v||, from below [L-MAT-04] */
static double stretch(const view *w)
{
    const sbx_block *block = sbx_block_best();
    const size_t n = w->cols;
    const double gamma = sbx_gamma_hi(n), under = (double)n * SBX_ETA;
    double yy = 0.0, vv = 0.0;
    for (size_t i = 0; i < w->rows; i++) {
        const double wide = halves(w, i), y = fabs(block->dot(w->c, w->v, n));
        double e = sbx_sum_hi(block->dot_abs(w->c, w->v, n), n), low;
        e = sbx_add_hi(sbx_mul_hi(gamma, e), under);
        if (wide > 0.0) e = sbx_add_hi(e, sbx_sum_hi(block->dot_abs(w->r, w->v, n), n));
        low = sbx_sub_lo(y, e);
        if (low > 0.0) yy = sbx_fma_lo(low, low, yy);
    }
    for (size_t j = 0; j < n; j++)
        vv = sbx_fma_hi(w->v[j], w->v[j], vv);
    return yy > 0.0 && vv > 0.0 ? sbx_div_lo(sbx_sqrt_lo(yy), sbx_sqrt_hi(vv)) : 0.0;
}

/* ||R|| from above: the greatest (R'R x)_j / x_j for an x > 0 that a few powers lead to, never
 * above `rad`, which is known [L-MAT-05] */
static double radius(const view *w, double rad)
{
    const sbx_block *block = sbx_block_best();
    const size_t n = w->cols, rows = w->rows;
    double hi = 0.0;
    for (size_t j = 0; j < n; j++)
        w->x[j] = 1.0;
    for (size_t t = 0; t < POWERS; t++) {
        double most = 0.0;
        for (size_t j = 0; j < n; j++)
            w->y[j] = 0.0;
        for (size_t i = 0; i < rows; i++)
            if (halves(w, i) > 0.0)
                block->axpy(w->y, sbx_sum_hi(block->dot_abs(w->r, w->x, n), n), w->r, n);
        hi = 0.0;
        for (size_t j = 0; j < n; j++) {
            /* each term is one rounded product more than the sum of them */
            const double q = sbx_div_hi(sbx_sum_hi(w->y[j], rows), w->x[j]);
            hi = q > hi || q != q ? q : hi;
            most = fmax(most, w->y[j]);
        }
        hi = sbx_sqrt_hi(hi);
        if (hi < rad) rad = hi;
        if (!(most > 0x1p-900 && most < 0x1p900)) break;
        for (size_t j = 0; j < n; j++)
            w->x[j] = fmax(w->y[j] / most, 0x1p-40);
    }
    return rad;
}

/* both sides of the spectral norm of the matrix as it is looked at */
static sbx_status sides(sbx_ivd *z, view *w, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_mat_meter *meter = NULL;
    double value, rad, hi;

    SBX_TRY(sbx_mat_meter_new(&meter, w->cols, SBX_MAT_GRAM, err));
    for (size_t i = 0; i < w->rows; i++) {
        if (ctx && ctx->stop && ctx->stop(ctx->stop_arg))
            SBX_FAIL(err, SBX_ERR_STOPPED, "a Gram matrix, row %zu", i);
        SBX_TRY(sbx_mat_meter_add(meter, row(w, i), err));
    }
    if (meter->spoiled) goto done;
    sbx_meter_settle(meter);
    SBX_TRY(sbx_gram_top(w->v, &value, &meter->c, ctx, err));
    z->lo = fmax(z->lo, shift_lo(stretch(w), -w->shift));
    SBX_TRY(sbx_gram_upper(&hi, &meter->c, value, ctx, err));
    rad = sbx_meter_radius(meter);
    if (rad > 0.0) rad = radius(w, rad);
    hi = shift_hi(sbx_add_hi(hi, rad), -w->shift);
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
    view w = {.e = e, .m = m, .n = n, .rows = m < n ? n : m, .cols = m < n ? m : n};
    double *p = NULL;
    int k = 0;

    if (m == 0) SBX_FAIL(err, SBX_ERR_ARG, "a matrix without rows");
    SBX_TRY(sbx_mat_meter_new(&meter, n, 0, err));
    for (size_t i = 0; i < m; i++)
        SBX_TRY(sbx_mat_meter_add(meter, e + i * n, err));
    sbx_meter_cheap(&r, meter);
    if (r.spectral.hi > r.spectral.lo && r.entry.hi <= DBL_MAX) {
        (void)frexp(r.entry.hi, &k);
        if (k > FAR || k < -FAR) w.shift = -k;
        w.row = sbx_alloc(w.cols, sizeof *w.row);
        p = sbx_alloc(w.cols, 5 * sizeof *p);
        if (!w.row || !p) SBX_FAIL(err, SBX_ERR_NOMEM, "rows of %zu", w.cols);
        w.c = p, w.r = w.c + w.cols, w.v = w.r + w.cols, w.x = w.v + w.cols, w.y = w.x + w.cols;
        SBX_TRY(sides(&r.spectral, &w, ctx, err));
    }
    SBX_SOUND(r.spectral.lo <= r.spectral.hi, err);
    *z = r;
done:
    sbx_free(w.row);
    sbx_free(p);
    sbx_mat_meter_free(meter);
    return st;
}
