/* error/machine.c -- the arithmetic of a setup; enclosures of exp and log for the analysis.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/machine.h"

#include <float.h>
#include <math.h>

#include "num/round.h"
#include "softbox/kernel.h"

void sbx_em_make(em *m, const sbx_error_setup *s)
{
    *m = (em){.alg = sbx_alg_id(s), .order = s->order, .tile = s->tile, .lead = ANY};
    sbx_fmt_make(&m->w, s->number, s->format, s->ftz);
    sbx_fmt_make(&m->a, s->acc, s->acc_format, s->ftz);
    m->threshold = s->threshold;
    m->fma = s->fma;
    m->kernel = s->exp_ulps == 0.0 && s->number == SBX_NUM_F64;
    m->ulps = s->exp_ulps > 0.5 ? s->exp_ulps : 0.5;
    m->widened = m->a.p >= m->w.p && m->a.emin <= m->w.emin && m->a.emax >= m->w.emax &&
                 m->a.emin - m->a.p <= m->w.emin - m->w.p;
    m->wide = m->w;
    if (m->alg == SOFTMAX_TWO_PASS) { /* mantissas and exponents apart */
        fmt *f[2] = {&m->wide, &m->a};
        for (int k = 0; k < 2; k++) {
            f[k]->emin = -1000, f[k]->emax = 1000;
            f[k]->min = 0x1p-1000, f[k]->max = 0x1p1000;
            f[k]->eta = ldexp(1.0, -1000 - f[k]->p), f[k]->over = f[k]->max;
            f[k]->nan_only = false;
        }
    }
    if (m->alg >= SUM_RECURSIVE && m->alg <= SUM_TILES)
        m->order = (sbx_error_order)(m->alg - SUM_RECURSIVE);
    if (m->alg >= DOT_RECURSIVE && m->alg <= DOT_TILES)
        m->order = (sbx_error_order)(m->alg - DOT_RECURSIVE);
}

/* [L-EXP-05]; beyond [-690, 700] by the number system */
void sbx_exp_ends(double *lo, double *hi, double x_lo, double x_hi)
{
    double y[2], k[2], x[2] = {x_lo, x_hi};
    if (!(x_lo >= -690.0 && x_hi <= 700.0)) {
        const sbx_ivd a = {x_lo, x_hi};
        sbx_ivd z = {0.0, HUGE_VAL};
        if (!(x_lo <= x_hi) || sbx_ivd_exp(&z, &a, NULL, NULL) != SBX_OK)
            z = (sbx_ivd){0.0, HUGE_VAL};
        *lo = z.lo;
        *hi = z.hi;
        return;
    }
    sbx_exp_bulk(y, k, x, x_lo < x_hi ? 2 : 1);
    if (!(x_lo < x_hi)) y[1] = y[0], k[1] = k[0];
    *lo = fma(-5 * 0x1p-54, y[0], y[0]) * sbx_fmt_power((int)k[0]); /* normal: exact */
    *hi = fma(5 * 0x1p-54, y[1], y[1]) * sbx_fmt_power((int)k[1]);
    if (x_lo == 0.0) *lo = 1.0;
    if (x_hi == 0.0) *hi = 1.0;
}

static bool ends(double *lo, double *hi, sbx_status st, const sbx_ivd *z)
{
    *lo = z->lo;
    *hi = z->hi;
    return st == SBX_OK && fabs(z->lo) <= DBL_MAX && fabs(z->hi) <= DBL_MAX;
}
bool sbx_log_ends(double *lo, double *hi, double x_lo, double x_hi)
{
    const sbx_ivd x = {x_lo, x_hi};
    sbx_ivd z = {0, 0};
    if (!(x_lo > 0.0 && x_hi <= DBL_MAX)) return false;
    return ends(lo, hi, sbx_ivd_log(&z, &x, NULL, NULL), &z);
}
bool sbx_log1p_ends(double *lo, double *hi, double x_lo, double x_hi)
{
    const sbx_ivd x = {x_lo, x_hi};
    sbx_ivd z = {0, 0};
    if (!(x_lo >= 0.0 && x_hi <= DBL_MAX)) return false;
    return ends(lo, hi, sbx_ivd_log1p(&z, &x, NULL, NULL), &z);
}

double sbx_sum2_factor(const fmt *f, size_t n)
{
    const double x = (double)n * f->u; /* n < 2^53: exact */
    if (!(x <= 0.25) || f->ftz) return HUGE_VAL;
    return sbx_mul_hi(2.0, sbx_mul_hi(x, x));
}
