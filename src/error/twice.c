/* error/twice.c -- numbers as sums of two doubles. [L-ERR-10]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/twice.h"

#include <float.h>
#include <math.h>
#include <mpfr.h>

#include "error/rounding.h"
#include "num/round.h"

typedef struct dd {
    double hi, lo;
} dd;

/* |a| >= |b|, or a = 0 */
static dd quick(double a, double b)
{
    const double s = a + b;
    return (dd){s, b - (s - a)};
}
static dd exact_sum(double a, double b)
{
    const double s = a + b;
    return (dd){s, sbx_two_sum_err(a, b, s)};
}
/* relative errors of a few 2^-104, of terms of one sign or far apart */
static dd dd_add(dd a, dd b)
{
    dd s = exact_sum(a.hi, b.hi), t = exact_sum(a.lo, b.lo);
    s = quick(s.hi, s.lo + t.hi);
    return quick(s.hi, s.lo + t.lo);
}
static dd dd_mul(dd a, dd b)
{
    const double p = a.hi * b.hi, e = fma(a.hi, b.hi, -p);
    return quick(p, e + (a.hi * b.lo + a.lo * b.hi));
}
static dd dd_div(dd a, double b)
{
    const double q = a.hi / b, r = fma(-q, b, a.hi);
    return quick(q, (r + a.lo) / b);
}

/* ln 2 in parts of 40, 40 and 53 bits: the first two times k are exact for |k| < 2^13 */
#define LN2_1 0x1.62e42fefa2000p-1
#define LN2_2 0x1.9ef35793c6000p-41
#define LN2_3 0x1.673007e5ed5e8p-81

/* e^x = 2^k (1 + E)^256, E = e^s - 1 by its Taylor polynomial of degree 10, s = (x - k ln 2)/256 */
twice sbx_twice_exp(double x)
{
    const double k = (x * 0x1.71547652b82fep0 + 0x1.8p52) - 0x1.8p52;
    dd s = exact_sum(x - k * LN2_1, -k * LN2_2), E = {0.0, 0.0};
    s = dd_add(s, (dd){-k * LN2_3, 0.0});
    s.hi /= 256.0;
    s.lo /= 256.0;
    for (int j = 10; j >= 1; j--) { /* E = s/j (1 + E) */
        const dd one = dd_add((dd){1.0, 0.0}, E);
        E = dd_div(dd_mul(s, one), j);
    }
    for (int j = 0; j < 8; j++) { /* (1 + E)^2 - 1 */
        const dd q = dd_mul(E, E);
        E = dd_add((dd){2.0 * E.hi, 2.0 * E.lo}, q);
    }
    E = dd_add((dd){1.0, 0.0}, E);
    return (twice){E.hi, E.lo, (int)k};
}

bool sbx_exp_nearest(double *y, double x)
{
    twice e;
    double w, lo, hi;
    if (!(fabs(x) <= 690.0)) return false;
    e = sbx_twice_exp(x);
    w = e.hi * 0x1p-79; /* twice the error and what the two sums below round away */
    lo = e.hi + (e.lo - w);
    hi = e.hi + (e.lo + w);
    *y = ldexp(lo, e.k);
    return lo >= hi && lo <= hi;
}

/* s + c + e encloses a sum with a radius r */
typedef struct sum3 {
    double s, c, e, r;
} sum3;

static iv near(double z, const sum3 *t)
{
    const dd a = exact_sum(z, -t->s);
    const double m = fabs(a.hi) + fabs(a.lo) + fabs(t->c) + fabs(t->e);
    const double v = a.hi + (a.lo - t->c - t->e), r = sbx_add_hi(sbx_mul_hi(m, 8 * SBX_U), t->r);
    return (iv){sbx_sub_lo(v, r), sbx_add_hi(v, r)};
}

/* v = e^x, all times 2^-top, s = their sum; equal neighbours are computed once */
static bool sum_of_exps(dd *s, int *top, twice *v, const double *x, size_t n)
{
    double last = 0.0;
    *s = (dd){0.0, 0.0};
    *top = -100000;
    if (n > 1000000) return false;
    for (size_t j = 0; j < n; j++) {
        if (!(fabs(x[j]) <= 690.0)) return false;
        v[j] = j && x[j] <= last && x[j] >= last ? v[j - 1] : sbx_twice_exp(x[j]);
        last = x[j];
        *top = v[j].k > *top ? v[j].k : *top;
    }
    for (size_t j = 0; j < n; j++) {
        if (v[j].k < *top - 900) return false;
        if (v[j].k != *top) { /* the lower part may underflow: far below the error */
            v[j].hi = ldexp(v[j].hi, v[j].k - *top);
            v[j].lo = ldexp(v[j].lo, v[j].k - *top);
        }
        *s = dd_add(*s, (dd){v[j].hi, v[j].lo});
    }
    return true;
}

bool sbx_twice_softmax(iv *d, const double *z, const double *x, size_t n, twice *v)
{
    dd s;
    int top;
    if (!sum_of_exps(&s, &top, v, x, n)) return false;
    for (size_t i = 0; i < n; i++) { /* q + t is v/s up to 2^-70 of it */
        const double q = v[i].hi / s.hi;
        const dd p = dd_mul((dd){q, 0.0}, s);
        const double t = ((v[i].hi - p.hi) + (v[i].lo - p.lo)) / s.hi;
        const sum3 w = {q, t, 0.0, sbx_add_hi(sbx_mul_hi(q, 0x1p-70), 0x1p-1000)};
        d[i] = near(z[i], &w);
    }
    return true;
}

/* log(s 2^top) as a sum of two doubles, within 2^-90 */
static dd log_of(dd s, int top)
{
    mpfr_t a, b;
    dd l;
    mpfr_inits2(200, a, b, (mpfr_ptr)0);
    mpfr_set_d(a, s.hi, MPFR_RNDN);
    mpfr_add_d(a, a, s.lo, MPFR_RNDN);
    mpfr_log(a, a, MPFR_RNDN);
    mpfr_const_log2(b, MPFR_RNDN);
    mpfr_mul_si(b, b, top, MPFR_RNDN);
    mpfr_add(a, a, b, MPFR_RNDN);
    l.hi = mpfr_get_d(a, MPFR_RNDN);
    mpfr_sub_d(a, a, l.hi, MPFR_RNDN);
    l.lo = mpfr_get_d(a, MPFR_RNDN);
    mpfr_clears(a, b, (mpfr_ptr)0);
    return l;
}

/* [L-STU-26] */
bool sbx_twice_lse(iv *d, const double *z, const double *x, size_t n, bool each, twice *v)
{
    dd s, l;
    int top;
    if (!sum_of_exps(&s, &top, v, x, n)) return false;
    l = log_of(s, top);
    for (size_t i = 0; i < (each ? n : 1); i++) {
        const dd a = each ? exact_sum(x[i], -l.hi) : l;
        const sum3 w = {a.hi, a.lo, each ? -l.lo : 0.0, 0x1p-76};
        d[i] = near(z[i], &w);
    }
    return true;
}

/* The sum, the sum of its errors, and the recursive sum of the errors of that: the last is off by
 * 2 (n u)^3 of the sum of the magnitudes at most, for n u <= 2^-20. */
bool sbx_twice_sum(iv *d, double z, const double *x, size_t n, bool dot)
{
    const size_t terms = dot ? n / 2 : n;
    const double nu = (dot ? 2.0 : 1.0) * (double)terms * SBX_U;
    double m = 0.0;
    sum3 t = {0.0, 0.0, 0.0, 0.0};
    if (nu > 0x1p-20) return false;
    for (size_t j = 0; j < terms; j++) {
        double a[2] = {x[j], 0.0};
        if (dot) {
            a[0] = x[j] * x[terms + j];
            a[1] = fma(x[j], x[terms + j], -a[0]);
            if (x[j] != 0.0 && x[terms + j] != 0.0 && !(fabs(a[0]) >= 0x1p-900)) return false;
        }
        for (int k = 0; k < (dot ? 2 : 1); k++) {
            const dd u = exact_sum(t.s, a[k]), w = exact_sum(t.c, u.lo);
            t.s = u.hi;
            t.c = w.hi;
            t.e += w.lo;
            m = sbx_add_hi(m, fabs(a[k]));
        }
    }
    if (!(m <= 0x1p1000)) return false;
    t.r = sbx_mul_hi(2.0 * m, sbx_mul_hi(nu, sbx_mul_hi(nu, nu)));
    *d = near(z, &t);
    return true;
}
