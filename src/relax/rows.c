/* relax/rows.c -- exponentials and sums that all rows of a box share.
 *
 * A sum of m nonnegative terms, in any order, is off by at most (m - 1) u of itself (and no
 * underflow: the terms are 0 or at least e^-700). [L-RLX-79]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/rows.h"

#include "base/alloc.h"
#include "base/try.h"
#include "relax/affine.h"
#include "relax/exp.h"

#include <string.h>

#define LEAST (-700.0)

/* an enclosure of e^t for all t within d of v, from e^v = y 2^k; v = -700 stands for all
 * below it, too [L-EXP-05]. 0 <= d <= 2^-40: 1 - 2d <= e^-d, e^d <= 1 + 2d. */
static sbx_ivd around(double v, double d, double y, double k)
{
    sbx_ivd z = exp_around(y, k);
    if (v <= LEAST) z.lo = 0.0;
    if (d == 0.0) return z;
    z.lo = sbx_mul_lo(z.lo, 1.0 - 2.0 * d);
    z.hi = sbx_mul_hi(z.hi, sbx_next_up(1.0 + 2.0 * d));
    return z;
}

/* v = x - ref to nearest; the distance of the exact difference, and of its neighbours that are
 * used as ends, from v is at most what is returned */
static double minus(double *v, double x, double ref)
{
    *v = x - ref;
    return sbx_two_sum_err(x, -ref, *v) == 0.0 ? 0.0 : fabs(*v) * 0x1p-51;
}

/* The line over e^{x - ref} with slope k through the higher of what both ends ask for:
 * at c it is *at, at the ends of the side *al and *au. [L-RLX-76] */
static void line(const sbx_rows *r, const sbx_ivd *x, size_t j, double *at, double *al, double *au)
{
    const double w = r->hi[j] - r->lo[j], c = r->at[j];
    double k;
    if (w > 0x1p-20)
        k = (r->eh[j].lo - r->el[j].hi) / w;
    else
        k = r->eh[j].lo * (1.0 - w / 2 + w * w / 6);
    k = k > 0.0 ? k : 0.0;
    *at = fmax(sbx_fma_hi(k, sbx_sub_hi(c, x->lo), r->el[j].hi),
               sbx_fma_hi(-k, sbx_sub_lo(x->hi, c), r->eh[j].hi));
    *al = fmax(sbx_fma_lo(-k, sbx_sub_hi(c, x->lo), *at), 0.0);
    *au = sbx_fma_hi(k, sbx_sub_hi(x->hi, c), *at);
    r->k[j] = k;
}

static void sums(sbx_rows *r, sbx_rows_sum s, const double *v)
{
    double *b = r->before[s], *a = r->after[s];
    b[0] = 0.0;
    for (size_t j = 0; j < r->n; j++)
        b[j + 1] = b[j] + v[j];
    a[r->n] = 0.0;
    for (size_t j = r->n; j-- > 0;)
        a[j] = a[j + 1] + v[j];
}

static void all_sums(sbx_rows *r, const sbx_ivd *x, double *v)
{
    const size_t n = r->n;
    double *at = v, *al = v + n, *au = v + 2 * n;
    for (size_t j = 0; j < n; j++)
        line(r, &x[j], j, &at[j], &al[j], &au[j]);
    sums(r, SBX_SUM_AT, at);
    sums(r, SBX_SUM_AL, al);
    sums(r, SBX_SUM_AU, au);
    for (size_t j = 0; j < n; j++) {
        at[j] = r->el[j].lo;
        al[j] = r->eh[j].hi;
        au[j] = sbx_mul_hi(r->k[j], fmax(fabs(x[j].lo), fabs(x[j].hi)));
    }
    sums(r, SBX_SUM_LO, at);
    sums(r, SBX_SUM_HI, al);
    sums(r, SBX_SUM_KX, au);
    for (size_t j = 0; j < n; j++)
        at[j] = r->k[j] * r->at[j];
    sums(r, SBX_SUM_KC, at);
    sums(r, SBX_SUM_C, r->ec);
}

sbx_status sbx_rows_open(sbx_rows *r, bool *flat, const sbx_ivd *x, const double *at, size_t n,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    double *p, *arg, *y, *k;
    const size_t sum = 2 * (n + 1);

    memset(r, 0, sizeof *r);
    *flat = n < 2 || n > ((size_t)1 << 20);
    r->ref = r->ref_c = -HUGE_VAL;
    for (size_t j = 0; j < n; j++) {
        r->ref = fmax(r->ref, x[j].hi);
        r->ref_c = fmax(r->ref_c, at[j]);
        r->reach = fmax(r->reach, fmax(fabs(x[j].lo), fabs(x[j].hi)));
        *flat = *flat || !(sbx_is_real(x[j].lo) && sbx_is_real(x[j].hi));
    }
    for (size_t j = 0; j < n && !*flat; j++)
        *flat = !(r->ref - x[j].lo <= 1e300);
    if (*flat) goto done;
    r->block = p = sbx_alloc(5 * n + 4 * n + SBX_SUM_COUNT * sum + 9 * n, sizeof *p);
    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for bounds of %zu coordinates", n);
    r->n = n;
    r->at = at;
    r->el = (sbx_ivd *)p;
    r->eh = r->el + n;
    r->lo = p + 4 * n;
    r->hi = r->lo + n;
    r->c = r->hi + n;
    r->ec = r->c + n;
    r->k = r->ec + n;
    p = r->k + n;
    for (size_t s = 0; s < SBX_SUM_COUNT; s++, p += sum) {
        r->before[s] = p;
        r->after[s] = p + n + 1;
    }
    arg = p;
    y = p + 3 * n;
    k = p + 6 * n;
    for (size_t j = 0; j < n; j++) {
        r->lo[j] = minus(&arg[j], x[j].lo, r->ref);
        r->hi[j] = minus(&arg[n + j], x[j].hi, r->ref);
        arg[2 * n + j] = r->c[j] = at[j] - r->ref_c;
    }
    for (size_t j = 0; j < 3 * n; j++)
        arg[j] = arg[j] < LEAST ? LEAST : arg[j];
    sbx_exp_bulk(y, k, arg, 3 * n);
    for (size_t j = 0; j < n; j++) {
        r->el[j] = around(arg[j], r->lo[j], y[j], k[j]);
        r->eh[j] = around(arg[n + j], r->hi[j], y[n + j], k[n + j]);
        r->ec[j] = r->c[j] <= LEAST ? 0.0 : scale_by(y[2 * n + j], k[2 * n + j]);
        r->lo[j] = sbx_sub_lo(x[j].lo, r->ref);
        r->hi[j] = sbx_sub_hi(x[j].hi, r->ref);
    }
    all_sums(r, x, arg);
done:
    return st;
}

void sbx_rows_close(sbx_rows *r)
{
    sbx_free(r->block);
    memset(r, 0, sizeof *r);
}

double sbx_rows_but(const sbx_rows *r, sbx_rows_sum s, size_t i)
{
    return r->before[s][i] + r->after[s][i + 1];
}
double sbx_rows_but_hi(const sbx_rows *r, sbx_rows_sum s, size_t i)
{
    return sbx_rows_but(r, s, i) * (1.0 + (double)(r->n + 4) * 0x1p-52); /* [L-RLX-79] */
}
double sbx_rows_but_lo(const sbx_rows *r, sbx_rows_sum s, size_t i)
{
    return sbx_rows_but(r, s, i) * (1.0 - (double)(r->n + 4) * 0x1p-52);
}
