/* study/exponential.c -- how far polynomials are from e^x and 2^x, and which degree the Chebyshev
 * series of e^x needs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

typedef struct fit {
    const mpq_t *coef;
    size_t n;
    bool two, relative;
    int sign;
    sbx_ivf *log_base;
} fit;

/* p and its derivative at x, by Horner */
static void polynomial(calc *c, sbx_ivf *p, sbx_ivf *slope, const sbx_ivf *x, const fit *f)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_si(c, p, 0);
    calc_si(c, slope, 0);
    for (size_t k = f->n; k-- > 0;) {
        calc_mul(c, slope, slope, x);
        calc_add(c, slope, slope, p);
        calc_mul(c, p, p, x);
        calc_q(c, &t, f->coef[k]);
        calc_add(c, p, p, &t);
    }
    calc_clear(&t, 1);
}

/* sign (p - b^x), or sign (p b^-x - 1) */
static void error_at(calc *c, sbx_ivf *z, const sbx_ivf *x, const void *arg)
{
    const fit *f = arg;
    sbx_ivf t[3];
    calc_init(c, t, 3);
    polynomial(c, &t[0], &t[1], x, f);
    calc_mul(c, &t[2], x, f->log_base);
    if (f->relative) {
        calc_neg(c, &t[2], &t[2]);
        calc_exp(c, &t[2], &t[2]);
        calc_mul(c, &t[0], &t[0], &t[2]);
        sbx_calc_add_si(c, &t[0], &t[0], -1);
    } else {
        calc_exp(c, &t[2], &t[2]);
        calc_sub(c, &t[0], &t[0], &t[2]);
    }
    sbx_calc_mul_si(c, z, &t[0], f->sign);
    calc_clear(t, 3);
}

/* sign (p' - l b^x), or sign (p' - l p) b^-x */
static void error_slope(calc *c, sbx_ivf *z, const sbx_ivf *x, const void *arg)
{
    const fit *f = arg;
    sbx_ivf t[3];
    calc_init(c, t, 3);
    polynomial(c, &t[0], &t[1], x, f);
    calc_mul(c, &t[2], x, f->log_base);
    if (f->relative) {
        calc_neg(c, &t[2], &t[2]);
        calc_exp(c, &t[2], &t[2]);
        calc_mul(c, &t[0], &t[0], f->log_base);
        calc_sub(c, &t[1], &t[1], &t[0]);
        calc_mul(c, &t[1], &t[1], &t[2]);
    } else {
        calc_exp(c, &t[2], &t[2]);
        calc_mul(c, &t[2], &t[2], f->log_base);
        calc_sub(c, &t[1], &t[1], &t[2]);
    }
    sbx_calc_mul_si(c, z, &t[1], f->sign);
    calc_clear(t, 3);
}

/* The greater of the greatest values of the error and of minus it   [L-NRM-51] */
sbx_status sbx_study_exp_error(sbx_cell *z, const mpq_t *coef, size_t n, bool base2, bool relative,
                               mpq_srcptr lo, mpq_srcptr hi, sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = 160}, .tol = 0x1p-50, .err = err};
    sbx_ivf t[5];
    fit f = {.coef = coef, .n = n, .two = base2, .relative = relative, .log_base = &t[4]};
    calc_init(&c, t, 5);
    if (n < 1 || n > 100 || mpq_cmp(lo, hi) > 0)
        SBX_FAIL(err, SBX_ERR_ARG, "1 to 100 coefficients and lo <= hi are needed");
    calc_si(&c, &t[4], 1);
    if (base2) {
        calc_si(&c, &t[4], 2);
        calc_log(&c, &t[4], &t[4]);
    }
    calc_q(&c, &t[0], lo);
    calc_q(&c, &t[1], hi);
    for (f.sign = -1; f.sign <= 1; f.sign += 2)
        sbx_calc_greatest(&c, &t[f.sign < 0 ? 2 : 3], error_at, error_slope, &f, &t[0], &t[1]);
    calc_max(&c, &t[2], &t[2], &t[3]);
    sbx_cell_iv(&c, z, &t[2], "enclosed maximum of one variable");
    z->reached = c.st == SBX_OK;
    st = c.st;
done:
    calc_clear(t, 5);
    return st;
}

/* ---- Chebyshev degrees ----------------------------------------------------------------------- */

/* I_n(b) = sum_k (b/2)^(2k+n) / (k! (k+n)!), with twice the next term for the tail once the terms
 * at least halve */
static void bessel(calc *c, sbx_ivf *z, long b, long n)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    calc_si(c, &t[0], 1);
    for (long k = 1; k <= n; k++) {
        sbx_calc_mul_si(c, &t[0], &t[0], b);
        sbx_calc_div_si(c, &t[0], &t[0], 2 * k);
    }
    calc_si(c, z, 0);
    for (long k = 0; c->st == SBX_OK; k++) {
        calc_add(c, z, z, &t[0]);
        sbx_calc_mul_si(c, &t[0], &t[0], b * b);
        sbx_calc_div_si(c, &t[0], &t[0], 4 * (k + 1) * (k + 1 + n));
        if (8 * b * b < 16 * (k + 2) * (k + 2 + n) && mpfr_get_exp(t[0].hi) < -c->ctx.prec) break;
    }
    sbx_calc_mul_si(c, &t[0], &t[0], 2);
    calc_si(c, &t[1], 0);
    calc_hull(c, &t[0], &t[0], &t[1]);
    calc_add(c, z, z, &t[0]);
    calc_clear(t, 3);
}

/* The series of e^(b t) is I_0 + 2 sum I_n T_n. Cut after n, its error is at most the sum of what is
 * left, against e^-b or more; at t = -1 it is the alternating sum   [L-NRM-80] */
sbx_status sbx_study_exp_degree(size_t *degree, bool *least, long b, long bits, sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = 256 + 4 * b + bits}, .err = err};
    sbx_ivf t[6];
    long top;
    calc_init(&c, t, 6);
    *degree = 0;
    *least = false;
    if (b < 1 || b > 64 || bits < 1 || bits > 200)
        SBX_FAIL(err, SBX_ERR_ARG, "b of 1 to 64 and 1 to 200 bits");
    calc_si(&c, &t[0], -b);
    calc_exp(&c, &t[0], &t[0]); /* 2^-bits e^-b */
    if (c.st == SBX_OK) {
        mpfr_div_2si(t[0].lo, t[0].lo, bits, MPFR_RNDD);
        mpfr_div_2si(t[0].hi, t[0].hi, bits, MPFR_RNDU);
    }
    top = 4 * b + bits + 16;
    /* Beyond top, where I_n is at most (b/2)^n e^b / n! and n > 2 b, the sum is at most (b/2)^top
     * e^b / top!: e^(b^2/4/n) <= e^b, and terms halve. */
    calc_si(&c, &t[1], b);
    calc_exp(&c, &t[1], &t[1]);
    for (long k = 1; k <= top; k++) {
        sbx_calc_mul_si(&c, &t[1], &t[1], b);
        sbx_calc_div_si(&c, &t[1], &t[1], 2 * k);
    }
    calc_si(&c, &t[2], 0);
    calc_hull(&c, &t[1], &t[1], &t[2]); /* the sum of what is left       */
    calc_neg(&c, &t[2], &t[1]);
    calc_hull(&c, &t[2], &t[1], &t[2]); /* the same with signs           */
    for (long n = top; n >= 1 && c.st == SBX_OK; n--) {
        bessel(&c, &t[3], b, n);
        calc_add(&c, &t[1], &t[1], &t[3]);
        if (n % 2)
            calc_sub(&c, &t[2], &t[2], &t[3]);
        else
            calc_add(&c, &t[2], &t[2], &t[3]);
        sbx_calc_mul_si(&c, &t[4], &t[1], 2);
        if (c.st != SBX_OK || mpfr_cmp(t[4].hi, t[0].lo) <= 0)
            continue; /* cut after n - 1 will do */
        if (c.st == SBX_OK && mpfr_cmp(t[4].lo, t[0].hi) <= 0)
            SBX_FAIL(err, SBX_ERR_LIMIT, "%ld bits do not tell", (long)c.ctx.prec);
        calc_abs(&c, &t[5], &t[2]);
        sbx_calc_mul_si(&c, &t[5], &t[5], 2);
        *least = c.st == SBX_OK && mpfr_cmp(t[5].lo, t[0].hi) > 0;
        *degree = (size_t)n;
        break;
    }
    SBX_TRY(c.st);
done:
    calc_clear(t, 6);
    return st;
}
