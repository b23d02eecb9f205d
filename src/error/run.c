/* error/run.c -- the algorithms as they run: every operation rounded in its format.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/machine.h"

#include <math.h>

#include "num/round.h"

#define V     double
#define OP(f) run_##f

static double seen(em *m, double v)
{
    if (v - v != 0.0) m->overflow = true;
    return v;
}
static double run_add(em *m, const fmt *f, double a, double b)
{
    return seen(m, sbx_fmt_add(f, a, b));
}
static double run_sub(em *m, const fmt *f, double a, double b)
{
    return seen(m, sbx_fmt_add(f, a, -b));
}
static double run_shift(em *m, const fmt *f, double a, double b) { return run_sub(m, f, a, b); }
static double run_mul(em *m, const fmt *f, double a, double b)
{
    return seen(m, sbx_fmt_mul(f, a, b));
}
static double run_part(em *m, const fmt *f, double a, double b, size_t j)
{
    (void)j;
    return seen(m, sbx_fmt_div(f, a, b));
}
static double run_fma(em *m, const fmt *f, double a, double b, double c)
{
    return seen(m, sbx_fmt_fma(f, a, b, c));
}
/* equal neighbours, and those that two arguments take turns at, are computed once */
static double run_exp(em *m, const fmt *f, double x)
{
    unsigned k = 0;
    while (k < 2 && (m->last[k].f != f || !(x <= m->last[k].x && x >= m->last[k].x)))
        k++;
    if (k == 2) {
        k = m->next;
        m->next = 1 - k;
        m->last[k].f = x - x == 0.0 ? f : NULL;
        m->last[k].x = x;
        m->last[k].exp = sbx_fmt_exp(f, x, m->kernel);
    }
    return seen(m, m->last[k].exp);
}
static double run_log(em *m, const fmt *f, double x)
{
    return seen(m, x > 0.0 ? sbx_fmt_log(f, x) : (double)NAN);
}
static double run_log1p(em *m, const fmt *f, double x) { return seen(m, sbx_fmt_log1p(f, x)); }
static double run_cast(em *m, const fmt *f, double x) { return seen(m, sbx_fmt_round(f, x, 0.0)); }
static double run_max(em *m, double a, double b)
{
    (void)m;
    return a < b ? b : a;
}
static double run_either(em *m, double a, double b)
{
    (void)m;
    return a > b ? a : b;
}
static double run_one(em *m)
{
    (void)m;
    return 1.0;
}
static double run_sure(em *m, double s)
{
    (void)m;
    return s;
}
static sbx_truth run_above(em *m, double a, double b, double t)
{
    return run_sub(m, &m->w, a, b) > t ? SBX_TRUE : SBX_FALSE;
}

/* the rounding error of s = a + b, by six operations of the format (Knuth) */
static double two_sum_error(em *m, const fmt *f, double a, double b, double s)
{
    const double bb = run_sub(m, f, s, a);
    return run_add(m, f, run_sub(m, f, a, run_sub(m, f, s, bb)), run_sub(m, f, b, bb));
}

static double run_compensated(em *m, const double *t, size_t n)
{
    double s = run_cast(m, &m->a, t[0]), e = 0.0;
    for (size_t j = 1; j < n; j++) {
        const double x = run_cast(m, &m->a, t[j]), r = run_add(m, &m->a, s, x);
        e = run_add(m, &m->a, e, two_sum_error(m, &m->a, s, x, r));
        s = r;
    }
    return n > 1 ? run_add(m, &m->a, s, e) : s;
}

/* Dot2 of Ogita, Rump and Oishi: the errors of the products are summed, too. */
static double run_dot2(em *m, const double *x, const double *y, size_t n, double *t)
{
    const fmt *f = &m->a;
    double s = 0.0, e = 0.0;
    (void)t;
    for (size_t j = 0; j < n; j++) {
        const double p = run_mul(m, f, x[j], y[j]), q = run_fma(m, f, x[j], y[j], -p);
        const double r = j ? run_add(m, f, s, p) : p;
        e = j ? run_add(m, f, e, run_add(m, f, q, two_sum_error(m, f, s, p, r))) : q;
        s = r;
    }
    return run_add(m, f, s, e);
}

#include "error/algorithms.tmpl.c"

/* Which maximum is left out of a sum: the first. */
static size_t first_largest(const double *x, size_t n)
{
    size_t k = 0;
    for (size_t j = 1; j < n; j++)
        if (x[j] > x[k]) k = j;
    return k;
}

void sbx_em_run(em *m, double *z, const double *x, size_t n, double *work)
{
    m->overflow = false;
    m->last[0].f = m->last[1].f = NULL;
    m->next = 0;
    m->lead = first_largest(x, n);
    run_algorithm(m, z, x, n, work);
}
