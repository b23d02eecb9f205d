/* mat/least.c -- the least singular value from below, and ranks by it.
 *
 * Householder's algorithm in doubles, columns in order of length, gives a triangular factor; X is about its
 * inverse. Where T = E X is near an orthogonal matrix, E cannot shorten a vector by more than X
 * lengthens one [L-MAT-07]. The same for some columns of E proves a rank [L-MAT-08].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/alloc.h"
#include "base/try.h"
#include "mat/block.h"
#include "mat/view.h"

typedef struct factor {
    double *a;    /* rows x cols: the factor stands in the upper triangle */
    size_t *perm; /* the columns in order of length */
    double *w;
} factor;

static sbx_status factor_make(factor *f, const sbx_view *w, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_block *block = sbx_block_best();
    const size_t rows = w->rows, n = w->cols;
    double *a;

    a = f->a = sbx_alloc(rows, n * sizeof *f->a);
    f->perm = sbx_alloc(n, sizeof *f->perm);
    f->w = sbx_alloc(n, sizeof *f->w);
    if (!f->a || !f->perm || !f->w) SBX_FAIL(err, SBX_ERR_NOMEM, "a factor of %zu rows", rows);
    for (size_t j = 0; j < n; j++)
        f->perm[j] = j;
    for (size_t i = 0; i < rows; i++) {
        (void)sbx_view_halves(w, i);
        memcpy(a + i * n, w->c, n * sizeof *a);
    }
    for (size_t k = 0; k < n; k++) {
        double best = 0.0, alpha, length, beta;
        size_t at = k;
        if (ctx && ctx->stop && ctx->stop(ctx->stop_arg))
            SBX_FAIL(err, SBX_ERR_STOPPED, "a triangular factor, column %zu", k);
        memset(f->w, 0, n * sizeof *f->w);
        for (size_t i = k; i < rows; i++)
            block->squares(f->w + k, a + i * n + k, n - k);
        for (size_t j = k; j < n; j++)
            if (f->w[j] > best) best = f->w[j], at = j;
        if (at != k) {
            const size_t t = f->perm[k];
            f->perm[k] = f->perm[at];
            f->perm[at] = t;
            for (size_t i = 0; i < rows; i++) {
                const double x = a[i * n + k];
                a[i * n + k] = a[i * n + at];
                a[i * n + at] = x;
            }
        }
        if (!(best > 0.0)) break;
        length = a[k * n + k] > 0.0 ? -sqrt(best) : sqrt(best);
        alpha = a[k * n + k] - length; /* the vector: alpha, then the column below */
        beta = -1.0 / (length * alpha);
        memset(f->w, 0, n * sizeof *f->w);
        for (size_t i = k; i < rows; i++)
            block->axpy(f->w + k + 1, i == k ? alpha : a[i * n + k], a + i * n + k + 1, n - k - 1);
        for (size_t i = k; i < rows; i++)
            block->axpy(a + i * n + k + 1, -beta * (i == k ? alpha : a[i * n + k]), f->w + k + 1,
                        n - k - 1);
        a[k * n + k] = length;
    }
done:
    return st;
}

static void factor_clear(factor *f)
{
    sbx_free(f->a);
    sbx_free(f->perm);
    sbx_free(f->w);
}

/* x becomes about the inverse of the leading r x r block, r rows of r; false: it has none */
static bool inverse(double *x, const factor *f, size_t n, size_t r)
{
    const sbx_block *block = sbx_block_best();
    for (size_t i = r; i-- > 0;) { /* row i: (e_i - sum_{j>i} R_ij x_j) / R_ii */
        const double *row = f->a + i * n;
        memset(x + i * r, 0, r * sizeof *x);
        x[i * r + i] = 1.0;
        for (size_t j = i + 1; j < r; j++)
            block->axpy(x + i * r + j, -row[j], x + j * r + j, r - j);
        for (size_t j = i; j < r; j++) {
            x[i * r + j] /= row[i];
            if (!(fabs(x[i * r + j]) <= 0x1p400)) return false;
        }
    }
    return true;
}

/* adds row i of E X: enclosures [L-MAT-02's sums, and the radii of E] */
static sbx_status add_row(sbx_mat_meter *meter, const sbx_view *w, size_t i, const factor *f,
                          const double *x, size_t r, sbx_ivd *out, sbx_err *err)
{
    const sbx_block *block = sbx_block_best();
    const double gamma = sbx_gamma_hi(r), under = (double)r * SBX_ETA;
    double *t = w->spare, *mag = t + w->cols, *wide = mag + w->cols;
    bool loose = false; /* some radius is not 0, whatever underflows below */
    (void)sbx_view_halves(w, i);
    memset(t, 0, 3 * w->cols * sizeof *t);
    for (size_t k = 0; k < r; k++) {
        const double c = w->c[f->perm[k]], d = w->r[f->perm[k]];
        const double *row = x + k * r;
        block->axpy(t + k, c, row + k, r - k);
        block->axpy_abs(mag + k, c, row + k, r - k);
        loose = loose || d > 0.0;
        if (d > 0.0) block->axpy_abs(wide + k, d, row + k, r - k);
    }
    for (size_t j = 0; j < r; j++) {
        double e = sbx_add_hi(sbx_mul_hi(gamma, sbx_sum_hi(mag[j], r)), under);
        if (loose) e = sbx_add_hi(e, sbx_sum_hi(wide[j], r));
        if (!(e <= DBL_MAX)) e = HUGE_VAL;
        out[j] = (sbx_ivd){sbx_sub_lo(t[j], e), sbx_add_hi(t[j], e)};
        if (!(out[j].lo <= out[j].hi)) out[j] = (sbx_ivd){-HUGE_VAL, HUGE_VAL};
    }
    return sbx_mat_meter_add(meter, out, err);
}

/* the greatest row sum of |I - G|, from above */
static double off_identity(const sbx_gram *g)
{
    const size_t n = g->n, ld = sbx_mat_stride(n);
    double most = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double *row = g->g + i * ld;
        double s = 0.0;
        for (size_t j = 0; j < n; j++)
            s = sbx_add_hi(s, i == j ? fmax(sbx_sub_hi(row[j], 1.0), sbx_sub_hi(1.0, row[j]))
                                     : fabs(row[j]));
        if (!(s <= DBL_MAX)) return HUGE_VAL; /* a NaN, too */
        most = fmax(most, s);
    }
    return most;
}

/* *lo: no E shortens a vector that has only the first r columns (in f's order) by more than this; 0
 * when nothing is proved. v (NULL: not wanted): a vector that is shortened about that much. */
static sbx_status prove(double *lo, double *v, const sbx_view *w, const factor *f, size_t r,
                        const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double *x = sbx_alloc(r, r * sizeof *x), q, s;
    sbx_ivd *p = sbx_alloc(r, r * sizeof *p), norm = {0, HUGE_VAL};
    sbx_mat_meter *meter = NULL;
    sbx_view xs = {0};

    *lo = 0.0;
    if (!x || !p) SBX_FAIL(err, SBX_ERR_NOMEM, "an inverse of order %zu", r);
    if (!inverse(x, f, w->cols, r)) goto done;
    SBX_TRY(sbx_mat_meter_new(&meter, r, SBX_MAT_GRAM, err));
    for (size_t i = 0; i < w->rows; i++) {
        if (ctx && ctx->stop && ctx->stop(ctx->stop_arg))
            SBX_FAIL(err, SBX_ERR_STOPPED, "the least singular value, row %zu", i);
        SBX_TRY(add_row(meter, w, i, f, x, r, p, err));
    }
    if (meter->spoiled) goto done;
    sbx_meter_settle(meter);
    q = sbx_add_hi(off_identity(&meter->c), sbx_gram_missed(&meter->c));
    if (!(q < 1.0)) goto done;
    s = sbx_sub_lo(sbx_sqrt_lo(sbx_sub_lo(1.0, q)), sbx_meter_radius(meter));
    if (!(s > 0.0)) goto done;
    for (size_t i = 0; i < r * r; i++)
        p[i] = (sbx_ivd){x[i], x[i]};
    norm.hi = 0.0;
    for (size_t i = 0; i < r * r; i++)
        norm.hi = fmax(norm.hi, fabs(x[i]));
    SBX_TRY(sbx_view_make(&xs, p, r, r, norm.hi, err));
    norm.hi = HUGE_VAL;
    SBX_TRY(sbx_view_sides(&norm, &xs, ctx, err));
    *lo = sbx_div_lo(s, norm.hi);
    if (!(*lo > 0.0)) *lo = 0.0;
    for (size_t i = 0; v && i < r; i++)
        v[f->perm[i]] = sbx_block_best()->dot(x + i * r, xs.spare, r);
done:
    sbx_mat_meter_free(meter);
    sbx_view_clear(&xs);
    sbx_free(x);
    sbx_free(p);
    return st;
}

/* the greatest magnitude, +inf included; a NaN or a crossed enclosure is refused */
static sbx_status magnitude(double *top, const sbx_ivd *e, size_t m, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (m == 0 || n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a matrix without entries");
    *top = 0.0;
    for (size_t i = 0; i < m * n; i++) {
        if (!(e[i].lo <= e[i].hi) || e[i].lo == HUGE_VAL || e[i].hi == -HUGE_VAL)
            SBX_FAIL(err, SBX_ERR_DOMAIN, "entry %zu of row %zu is no enclosure", i % n, i / n);
        *top = fmax(*top, fmax(fabs(e[i].lo), fabs(e[i].hi)));
    }
done:
    return st;
}

sbx_status sbx_mat_least_singular(sbx_ivd *z, const sbx_ivd *e, size_t m, size_t n,
                                  const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_view w = {0};
    factor f = {0};
    double top, lo, *v = NULL;

    SBX_TRY(magnitude(&top, e, m, n, err));
    *z = (sbx_ivd){0, top == 0.0 ? 0.0 : HUGE_VAL};
    if (!(top > 0.0 && top <= DBL_MAX)) goto done;
    SBX_TRY(sbx_view_make(&w, e, m, n, top, err));
    SBX_TRY(factor_make(&f, &w, ctx, err));
    v = sbx_alloc(w.cols, sizeof *v);
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "%zu doubles", w.cols);
    SBX_TRY(prove(&lo, v, &w, &f, w.cols, ctx, err));
    z->lo = fmax(0.0, sbx_shift_lo(lo, -w.shift));
    z->hi = sbx_shift_hi(sbx_view_stretch(&w, v).hi, -w.shift);
    memset(v, 0, w.cols * sizeof *v);
    v[f.perm[w.cols - 1]] = 1.0; /* the column that adds least */
    z->hi = fmin(z->hi, sbx_shift_hi(sbx_view_stretch(&w, v).hi, -w.shift));
    SBX_SOUND(z->lo <= z->hi, err);
done:
    sbx_free(v);
    factor_clear(&f);
    sbx_view_clear(&w);
    return st;
}

sbx_status sbx_mat_rank_least(size_t *rank, const sbx_ivd *e, size_t m, size_t n,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_view w = {0};
    factor f = {0};
    sbx_ivd *a = NULL;
    double top;
    size_t rows = 0, good = 0, bad;

    SBX_TRY(magnitude(&top, e, m, n, err));
    a = sbx_alloc(m, n * sizeof *a);
    if (!a) SBX_FAIL(err, SBX_ERR_NOMEM, "%zu x %zu enclosures", m, n);
    for (size_t i = 0; i < m; i++) { /* rows with finite ends, their greatest entry near 1 */
        int k = 0;
        SBX_TRY(magnitude(&top, e + i * n, 1, n, err));
        if (!(top > 0.0 && top <= DBL_MAX)) continue;
        (void)frexp(top, &k);
        for (size_t j = 0; j < n; j++)
            a[rows * n + j] =
                (sbx_ivd){sbx_shift_lo(e[i * n + j].lo, -k), sbx_shift_hi(e[i * n + j].hi, -k)};
        rows++;
    }
    *rank = 0;
    if (rows == 0) goto done;
    SBX_TRY(sbx_view_make(&w, a, rows, n, 1.0, err));
    SBX_TRY(factor_make(&f, &w, ctx, err));
    bad = w.cols + 1;
    for (size_t k = 0; k < w.cols && bad > w.cols; k++) /* there is no hope beyond */
        if (!(fabs(f.a[k * w.cols + k]) > 0x1p-60 * fabs(f.a[0]))) bad = k + 1;
    for (size_t r = bad - 1; good + 1 < bad; r = good + (bad - good) / 2) {
        double lo;
        SBX_TRY(prove(&lo, NULL, &w, &f, r, ctx, err));
        if (lo > 0.0)
            good = r;
        else
            bad = r;
    }
    *rank = good;
done:
    sbx_free(a);
    factor_clear(&f);
    sbx_view_clear(&w);
    return st;
}
