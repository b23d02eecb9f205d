/* mat/meter.c -- norms of a matrix that comes row by row.
 *
 * Sums are taken with directed rounding along a row, then over rows. A row with entries near the
 * ends of the doubles' range is scaled by a power of two before it is squared. For the Gram matrix
 * an enclosure is a midpoint and a radius; midpoints wait until there is a block of rows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mat/meter.h"

#include "base/alloc.h"
#include "base/try.h"
#include "mat/block.h"

static double mag(const sbx_ivd *x) { return fmax(fabs(x->lo), fabs(x->hi)); }
static double mig(const sbx_ivd *x) { return x->lo > 0.0 ? x->lo : x->hi < 0.0 ? -x->hi : 0.0; }

/* x 2^e rounded down, x >= 0; up */
static double scale_lo(double x, int e)
{
    const double y = ldexp(x, e);
    if (y > DBL_MAX) return x > DBL_MAX ? y : DBL_MAX;
    return ldexp(y, -e) == x ? y : sbx_next_down(y) < 0.0 ? 0.0 : sbx_next_down(y);
}
static double scale_hi(double x, int e)
{
    const double y = ldexp(x, e);
    return ldexp(y, -e) == x ? y : sbx_next_up(y);
}

static void add_scaled(sbx_scaled *z, sbx_scaled x)
{
    if (x.e > z->e) {
        z->lo = scale_lo(z->lo, z->e - x.e);
        z->hi = scale_hi(z->hi, z->e - x.e);
        z->e = x.e;
    } else {
        x.lo = scale_lo(x.lo, x.e - z->e);
        x.hi = scale_hi(x.hi, x.e - z->e);
    }
    z->lo = sbx_add_lo(z->lo, x.lo);
    z->hi = sbx_add_hi(z->hi, x.hi);
}

/* sqrt(z), e even */
static sbx_ivd root(sbx_scaled z)
{
    return (sbx_ivd){scale_lo(sbx_sqrt_lo(z.lo), z.e / 2), scale_hi(sbx_sqrt_hi(z.hi), z.e / 2)};
}

/* sum of squares; top is the greatest magnitude */
static sbx_scaled squares(const sbx_ivd *row, size_t n, double top)
{
    sbx_scaled z = {0, 0, -2000};
    int e = 0;
    if (top == 0.0) return z;
    if (top <= DBL_MAX) (void)frexp(top, &e);
    z = (sbx_scaled){0, 0, 0};
    if (e < 400 && e > -400) {
        for (size_t j = 0; j < n; j++) {
            const double a = mig(&row[j]), b = mag(&row[j]);
            z.lo = sbx_fma_lo(a, a, z.lo);
            z.hi = sbx_fma_hi(b, b, z.hi);
        }
    } else {
        for (size_t j = 0; j < n; j++) {
            const double a = scale_lo(mig(&row[j]), -e), b = scale_hi(mag(&row[j]), -e);
            z.lo = sbx_fma_lo(a, a, z.lo);
            z.hi = sbx_fma_hi(b, b, z.hi);
        }
        z.e = 2 * e;
    }
    if (!(z.lo > 0.0)) z.lo = 0.0;
    return z;
}

/* ---- the accumulator ------------------------------------------------------------------ */

sbx_status sbx_mat_meter_new(sbx_mat_meter **z, size_t n, int gram, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_mat_meter *w = NULL;
    const size_t ld = sbx_mat_stride(n);

    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a matrix without columns");
    w = sbx_alloc(1, sizeof *w);
    if (!w) SBX_FAIL(err, SBX_ERR_NOMEM, "a meter");
    w->n = w->c.n = n;
    w->gram = gram == SBX_MAT_GRAM;
    w->squares.e = -4000;
    w->col_lo = sbx_alloc(n, sizeof(double));
    w->col_hi = sbx_alloc(n, sizeof(double));
    w->rad_col = sbx_alloc(n, sizeof(double));
    if (!w->col_lo || !w->col_hi || !w->rad_col) SBX_FAIL(err, SBX_ERR_NOMEM, "%zu columns", n);
    if (w->gram) {
        w->block = sbx_alloc(SBX_MAT_TERMS, ld * sizeof(double));
        w->c.g = sbx_alloc(sbx_gram_rows(n), ld * sizeof(double));
        if (!w->block || !w->c.g) SBX_FAIL(err, SBX_ERR_NOMEM, "a Gram matrix of %zu columns", n);
    }
    *z = w;
    w = NULL;
done:
    sbx_mat_meter_free(w);
    return st;
}

void sbx_mat_meter_free(sbx_mat_meter *z)
{
    if (!z) return;
    sbx_free(z->col_lo);
    sbx_free(z->col_hi);
    sbx_free(z->rad_col);
    sbx_free(z->block);
    sbx_free(z->c.g);
    sbx_free(z);
}

static void hold(sbx_mat_meter *w, const sbx_ivd *row)
{
    double *c = w->block + w->held * sbx_mat_stride(w->n), sum = 0.0;
    for (size_t j = 0; j < w->n; j++) {
        double r;
        sbx_mid_rad(&c[j], &r, &row[j]);
        if (r == 0.0) continue;
        sum = sbx_add_hi(sum, r);
        w->rad_col[j] = sbx_add_hi(w->rad_col[j], r);
        w->rad_squares = sbx_fma_hi(r, r, w->rad_squares);
    }
    w->rad_row = fmax(w->rad_row, sum);
    if (++w->held < SBX_MAT_TERMS) return;
    sbx_block_best()->gram(w->c.g, w->block, w->held, w->n, sbx_mat_stride(w->n));
    w->held = 0;
}

void sbx_meter_settle(sbx_mat_meter *w)
{
    const size_t n = w->n, ld = sbx_mat_stride(n);
    double row = w->row_l1.hi, col = 0.0;
    sbx_block_best()->gram(w->c.g, w->block, w->held, n, ld);
    w->held = 0;
    for (size_t i = 0; i < n; i++) {
        col = fmax(col, w->col_hi[i]);
        for (size_t j = 0; j < i; j++)
            w->c.g[i * ld + j] = w->c.g[j * ld + i];
    }
    w->c.m = w->m;
    w->c.k = fmin(sbx_mul_hi(row, col), scale_hi(w->squares.hi, w->squares.e));
}

static void widen(sbx_ivd *z, double lo, double hi)
{
    z->lo = fmax(z->lo, lo);
    z->hi = fmax(z->hi, hi);
}

sbx_status sbx_mat_meter_add(sbx_mat_meter *z, const sbx_ivd *row, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = z->n;
    const bool first = z->m == 0;
    bool spoiled = z->spoiled;
    sbx_ivd l1 = {0, 0}, sum = {0, 0}, least = row[0], most = row[0], top = {0, 0};
    sbx_scaled sq;

    for (size_t j = 0; j < n; j++) {
        const double a = mig(&row[j]), b = mag(&row[j]);
        if (!(row[j].lo <= row[j].hi) || row[j].lo == HUGE_VAL || row[j].hi == -HUGE_VAL)
            SBX_FAIL(err, SBX_ERR_DOMAIN, "entry %zu of row %zu is no enclosure", j, z->m);
        if (!(b <= DBL_MAX)) spoiled = true;
        widen(&top, a, b);
        l1 = (sbx_ivd){sbx_add_lo(l1.lo, a), sbx_add_hi(l1.hi, b)};
        sum = (sbx_ivd){sbx_add_lo(sum.lo, row[j].lo), sbx_add_hi(sum.hi, row[j].hi)};
        least = (sbx_ivd){fmin(least.lo, row[j].lo), fmin(least.hi, row[j].hi)};
        widen(&most, row[j].lo, row[j].hi);
    }
    for (size_t j = 0; j < n; j++) {
        z->col_lo[j] = sbx_add_lo(z->col_lo[j], mig(&row[j]));
        z->col_hi[j] = sbx_add_hi(z->col_hi[j], mag(&row[j]));
    }
    sq = squares(row, n, top.hi);
    add_scaled(&z->squares, sq);
    widen(&z->row_l2, root(sq).lo, root(sq).hi);
    widen(&z->entry, top.lo, top.hi);
    widen(&z->row_l1, l1.lo, l1.hi);
    z->all_l1 = (sbx_ivd){sbx_add_lo(z->all_l1.lo, l1.lo), sbx_add_hi(z->all_l1.hi, l1.hi)};
    if (first) {
        z->least = least, z->most = most;
        z->sum_least = z->sum_most = sum;
    } else {
        z->least = (sbx_ivd){fmin(z->least.lo, least.lo), fmin(z->least.hi, least.hi)};
        z->sum_least = (sbx_ivd){fmin(z->sum_least.lo, sum.lo), fmin(z->sum_least.hi, sum.hi)};
        widen(&z->most, most.lo, most.hi);
        widen(&z->sum_most, sum.lo, sum.hi);
    }
    z->m++;
    z->spoiled = spoiled;
    if (z->gram && !z->spoiled) hold(z, row);
done:
    return st;
}

/* ---- what was measured ------------------------------------------------------------------ */

/* sqrt(a b), a, b >= 0 */
static double root_of_product(double a, double b)
{
    const double p = sbx_mul_hi(sbx_sqrt_hi(a), sbx_sqrt_hi(b));
    return a == 0.0 || b == 0.0 ? 0.0 : p == p ? p : HUGE_VAL;
}

double sbx_meter_radius(const sbx_mat_meter *w)
{
    double col = 0.0;
    for (size_t j = 0; j < w->n; j++)
        col = fmax(col, w->rad_col[j]);
    return fmin(root_of_product(w->rad_row, col), sbx_sqrt_hi(w->rad_squares));
}

void sbx_meter_cheap(sbx_mat_norms *z, const sbx_mat_meter *w)
{
    const double m = (double)w->m, least = (double)(w->m < w->n ? w->m : w->n);
    *z = (sbx_mat_norms){.rows = w->m,
                         .cols = w->n,
                         .frobenius = root(w->squares),
                         .entry = w->entry,
                         .row_l1 = w->row_l1,
                         .mean_l1 = {sbx_div_lo(w->all_l1.lo, m), sbx_div_hi(w->all_l1.hi, m)},
                         .row_l2 = w->row_l2,
                         .least = w->least,
                         .most = w->most,
                         .sum_least = w->sum_least,
                         .sum_most = w->sum_most};
    for (size_t j = 0; j < w->n; j++)
        widen(&z->col_l1, w->col_lo[j], w->col_hi[j]);
    /* L-MAT-01 */
    z->spectral.lo = fmax(z->entry.lo, z->row_l2.lo);
    z->spectral.lo = fmax(z->spectral.lo, sbx_div_lo(z->frobenius.lo, sbx_sqrt_hi(least)));
    z->spectral.hi = fmin(z->frobenius.hi, root_of_product(z->row_l1.hi, z->col_l1.hi));
}

sbx_status sbx_mat_meter_get(sbx_mat_norms *z, sbx_mat_meter *w, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_mat_norms r;
    double *v = NULL, value, hi, rad;

    if (w->m == 0) SBX_FAIL(err, SBX_ERR_ARG, "a matrix without rows");
    sbx_meter_cheap(&r, w);
    if (w->gram && !w->spoiled && r.spectral.hi > r.spectral.lo) {
        v = sbx_alloc(w->n, sizeof *v);
        if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "%zu doubles", w->n);
        sbx_meter_settle(w);
        rad = sbx_meter_radius(w);
        SBX_TRY(sbx_gram_top(v, &value, &w->c, ctx, err));
        r.spectral.lo = fmax(r.spectral.lo, sbx_sub_lo(sbx_gram_lower(&w->c, v), rad));
        SBX_TRY(sbx_gram_upper(&hi, &w->c, value, ctx, err));
        hi = sbx_add_hi(hi, rad);
        if (hi < r.spectral.hi) r.spectral.hi = hi;
    }
    SBX_SOUND(r.spectral.lo <= r.spectral.hi, err);
    *z = r;
done:
    sbx_free(v);
    return st;
}
