/* reference.h -- the independent judge: softmax over a box by MPFR at 300 bits, written
 * apart from the library (no template, no kernel of it), straight from the definition.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_TEST_REFERENCE_H
#define SBX_TEST_REFERENCE_H

#include <math.h>
#include <mpfr.h>
#include <stddef.h>
#include <stdlib.h>

#define REF_PREC 300

/* e^x, exactly rounded to 300 bits; 0 for -inf */
static inline void ref_exp(mpfr_t z, double x)
{
    mpfr_set_d(z, x, MPFR_RNDN);
    mpfr_exp(z, z, MPFR_RNDN);
}

/* e^(x - m), the difference exact (doubles span 2100 bits) */
static inline void ref_exp_from(mpfr_t z, double x, double m)
{
    mpfr_t d;
    mpfr_init2(d, 2200);
    mpfr_set_d(d, x, MPFR_RNDN);
    mpfr_sub_d(d, d, m, MPFR_RNDN);
    mpfr_exp(z, d, MPFR_RNDN);
    mpfr_clear(d);
}

/* Every exact extreme of softmax over the box lo, hi (arrays of n doubles, lo may hold
 * -inf), as z_lo[i], z_hi[i], initialised here; 300 bits, all sums of positive terms:
 * relative error below n 2^-298. "The others" are summed by prefix and suffix. The greatest
 * x is subtracted, exactly, only where an exponential could overflow. */
static inline void ref_softmax(mpfr_t *z_lo, mpfr_t *z_hi, const double *lo, const double *hi,
                               size_t n)
{
    mpfr_t *e[2], *pre[2], *suf[2], s;
    const double *x[2] = {lo, hi};
    double m = hi[0];
    mpfr_init2(s, REF_PREC);
    for (size_t j = 0; j < n; j++)
        m = hi[j] > m ? hi[j] : m;
    for (int k = 0; k < 2; k++) {
        e[k] = malloc(n * sizeof(mpfr_t));
        pre[k] = malloc((n + 1) * sizeof(mpfr_t));
        suf[k] = malloc((n + 1) * sizeof(mpfr_t));
        for (size_t j = 0; j <= n; j++) {
            mpfr_init2(pre[k][j], REF_PREC);
            mpfr_init2(suf[k][j], REF_PREC);
        }
        for (size_t j = 0; j < n; j++) {
            mpfr_init2(e[k][j], REF_PREC);
            if (fabs(m) < 1e6)
                ref_exp(e[k][j], x[k][j]);
            else
                ref_exp_from(e[k][j], x[k][j], m);
        }
        mpfr_set_zero(pre[k][0], 1);
        mpfr_set_zero(suf[k][n], 1);
        for (size_t j = 0; j < n; j++)
            mpfr_add(pre[k][j + 1], pre[k][j], e[k][j], MPFR_RNDN);
        for (size_t j = n; j-- > 0;)
            mpfr_add(suf[k][j], suf[k][j + 1], e[k][j], MPFR_RNDN);
    }
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 2; k++) { /* own end k, the others' ends 1 - k */
            mpfr_t *z = k == 0 ? &z_lo[i] : &z_hi[i];
            mpfr_init2(*z, REF_PREC);
            mpfr_add(s, pre[1 - k][i], suf[1 - k][i + 1], MPFR_RNDN);
            mpfr_add(s, s, e[k][i], MPFR_RNDN);
            mpfr_div(*z, e[k][i], s, MPFR_RNDN);
        }
    for (int k = 0; k < 2; k++) {
        for (size_t j = 0; j <= n; j++) {
            mpfr_clear(pre[k][j]);
            mpfr_clear(suf[k][j]);
        }
        for (size_t j = 0; j < n; j++)
            mpfr_clear(e[k][j]);
        free(e[k]);
        free(pre[k]);
        free(suf[k]);
    }
    mpfr_clear(s);
}

/* how far the double v lies from z, in units in the last place of z rounded to double */
static inline double ref_ulps(double v, const mpfr_t z)
{
    const double d = mpfr_get_d(z, MPFR_RNDN), ulp = nextafter(fabs(d), HUGE_VAL) - fabs(d);
    double r;
    mpfr_t t;
    mpfr_init2(t, REF_PREC);
    mpfr_sub_d(t, z, v, MPFR_RNDN);
    mpfr_div_d(t, t, ulp, MPFR_RNDA);
    r = fabs(mpfr_get_d(t, MPFR_RNDA));
    mpfr_clear(t);
    return r;
}

#endif
