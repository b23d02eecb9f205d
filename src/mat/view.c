/* mat/view.c -- a matrix of enclosures as the algorithms look at it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mat/view.h"

#include "base/alloc.h"
#include "base/try.h"
#include "mat/block.h"

enum { FAR = 150 };

double sbx_shift_lo(double x, int e)
{
    const double y = ldexp(x, e);
    if (y == HUGE_VAL) return DBL_MAX;
    return ldexp(y, -e) == x ? y : sbx_next_down(y);
}
double sbx_shift_hi(double x, int e) { return -sbx_shift_lo(-x, e); }

sbx_status sbx_view_make(sbx_view *w, const sbx_ivd *e, size_t m, size_t n, double top,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    int k = 0;
    *w = (sbx_view){.e = e, .m = m, .n = n, .rows = m < n ? n : m, .cols = m < n ? m : n};
    (void)frexp(top, &k);
    if (k > FAR || k < -FAR) w->shift = -k;
    w->row = sbx_alloc(w->cols, sizeof *w->row);
    w->c = sbx_alloc(w->cols, 5 * sizeof *w->c);
    if (!w->row || !w->c) SBX_FAIL(err, SBX_ERR_NOMEM, "rows of %zu", w->cols);
    w->r = w->c + w->cols;
    w->spare = w->r + w->cols;
done:
    return st;
}

void sbx_view_clear(sbx_view *w)
{
    sbx_free(w->row);
    sbx_free(w->c);
    *w = (sbx_view){0};
}

const sbx_ivd *sbx_view_row(const sbx_view *w, size_t i)
{
    const bool turned = w->rows != w->m;
    if (!turned && !w->shift) return w->e + i * w->n;
    for (size_t j = 0; j < w->cols; j++) {
        const sbx_ivd *x = turned ? &w->e[j * w->n + i] : &w->e[i * w->n + j];
        w->row[j] =
            w->shift ? (sbx_ivd){sbx_shift_lo(x->lo, w->shift), sbx_shift_hi(x->hi, w->shift)} : *x;
    }
    return w->row;
}

double sbx_view_halves(const sbx_view *w, size_t i)
{
    const sbx_ivd *x = sbx_view_row(w, i);
    double sum = 0.0;
    for (size_t j = 0; j < w->cols; j++) {
        sbx_mid_rad(&w->c[j], &w->r[j], &x[j]);
        sum += w->r[j];
    }
    return sum;
}

sbx_ivd sbx_view_times(const sbx_view *w, size_t i, const double *v)
{
    const sbx_block *block = sbx_block_best();
    const size_t n = w->cols;
    const double wide = sbx_view_halves(w, i), y = fabs(block->dot(w->c, v, n));
    double e = sbx_sum_hi(block->dot_abs(w->c, v, n), n);
    e = sbx_add_hi(sbx_mul_hi(sbx_gamma_hi(n), e), (double)n * SBX_ETA);
    if (wide > 0.0) e = sbx_add_hi(e, sbx_sum_hi(block->dot_abs(w->r, v, n), n));
    return (sbx_ivd){y > e ? sbx_sub_lo(y, e) : 0.0, sbx_add_hi(y, e)};
}

sbx_ivd sbx_view_stretch(const sbx_view *w, const double *v)
{
    double lo = 0.0, hi = 0.0, vlo = 0.0, vhi = 0.0;
    for (size_t i = 0; i < w->rows; i++) {
        const sbx_ivd y = sbx_view_times(w, i, v);
        lo = sbx_fma_lo(y.lo, y.lo, lo);
        hi = sbx_fma_hi(y.hi, y.hi, hi);
    }
    for (size_t j = 0; j < w->cols; j++) {
        vlo = sbx_fma_lo(v[j], v[j], vlo);
        vhi = sbx_fma_hi(v[j], v[j], vhi);
    }
    if (!(vlo > 0.0 && vhi <= DBL_MAX)) return (sbx_ivd){0, HUGE_VAL};
    return (sbx_ivd){lo > 0.0 ? sbx_div_lo(sbx_sqrt_lo(lo), sbx_sqrt_hi(vhi)) : 0.0,
                     hi <= DBL_MAX ? sbx_div_hi(sbx_sqrt_hi(hi), sbx_sqrt_lo(vlo)) : HUGE_VAL};
}
