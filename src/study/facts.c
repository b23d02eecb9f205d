/* study/facts.c -- ranges and constants of attention that are one formula each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/constants.h"
#include "study/study.h"

#include <stdint.h>

#define PREC 256

static const char closed[] = "closed form, enclosed";

static sbx_status filled(sbx_cell *z, calc *c, const sbx_ivf *v)
{
    sbx_cell_iv(c, z, v, closed);
    z->reached = c->st == SBX_OK;
    return c->st;
}

/* z = 1 / (1 + n e^t) */
static void share(calc *c, sbx_ivf *z, unsigned long n, const sbx_ivf *t)
{
    sbx_ivf s[2];
    mpq_t v;
    mpq_init(v);
    mpq_set_ui(v, n, 1);
    calc_init(c, s, 2);
    calc_exp(c, &s[0], t);
    calc_q(c, &s[1], v);
    calc_mul(c, &s[0], &s[0], &s[1]);
    sbx_calc_add_si(c, &s[0], &s[0], 1);
    calc_si(c, &s[1], 1);
    calc_div(c, z, &s[1], &s[0]);
    calc_clear(s, 2);
    mpq_clear(v);
}

/* [L-STU-14] */
sbx_status sbx_constant_leader(sbx_cell *z, unsigned long n, mpq_srcptr gap, bool scaled,
                               sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .err = err};
    sbx_ivf t[2];
    mpq_t v;
    mpq_init(v);
    calc_init(&c, t, 2);
    if (n == 0 || mpq_sgn(gap) < 0) SBX_FAIL(err, SBX_ERR_ARG, "n >= 1 and a gap >= 0");
    calc_q(&c, &t[0], gap);
    calc_neg(&c, &t[0], &t[0]);
    if (scaled) {
        mpq_set_ui(v, n, 1);
        calc_q(&c, &t[1], v);
        calc_log(&c, &t[1], &t[1]);
        calc_mul(&c, &t[0], &t[0], &t[1]);
    }
    share(&c, &t[0], n - 1, &t[0]);
    SBX_TRY(filled(z, &c, &t[0]));
done:
    calc_clear(t, 2);
    mpq_clear(v);
    return st;
}

/* [L-STU-15] */
sbx_status sbx_constant_channel(sbx_cell *z, unsigned long d, mpq_srcptr tau, bool greatest,
                                sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .err = err};
    sbx_ivf t;
    mpq_t v;
    mpq_init(v);
    calc_init(&c, &t, 1);
    if (d == 0 || mpq_sgn(tau) <= 0) SBX_FAIL(err, SBX_ERR_ARG, "d >= 1 and a temperature > 0");
    mpq_set_si(v, greatest ? -2 : 2, 1);
    mpq_div(v, v, tau);
    calc_q(&c, &t, v);
    share(&c, &t, d - 1, &t);
    SBX_TRY(filled(z, &c, &t));
done:
    calc_clear(&t, 1);
    mpq_clear(v);
    return st;
}

/* sigmoid(-log n) = 1 / (1 + n) */
sbx_status sbx_constant_sigmoid_mass(sbx_cell *z, unsigned long n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .err = err};
    mpq_t v;
    mpq_init(v);
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "n >= 1");
    mpq_set_ui(v, n, 1);
    mpz_add_ui(mpq_denref(v), mpq_numref(v), 1);
    sbx_cell_q(&c, z, v, "closed form");
done:
    mpq_clear(v);
    return st;
}

/* 3 sqrt 3 / 8 = sqrt(27 / 64)   [L-STU-16] */
sbx_status sbx_constant_expressive_slope(sbx_cell *z, sbx_err *err)
{
    calc c = {.ctx = {.prec = PREC}, .err = err};
    sbx_cell_sqrt_si(&c, z, 27, 64, closed);
    z->reached = c.st == SBX_OK;
    return c.st;
}

/* [L-STU-17] */
sbx_status sbx_constant_score_rounding(sbx_cell *z, mpq_srcptr gap, long p, sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .err = err};
    sbx_ivf t;
    mpq_t v;
    mpq_init(v);
    calc_init(&c, &t, 1);
    if (mpq_sgn(gap) < 0 || p < 1 || p > 10000)
        SBX_FAIL(err, SBX_ERR_ARG, "a gap >= 0 and 1 to 10000 bits");
    mpq_div_2exp(v, gap, (mp_bitcnt_t)p);
    calc_q(&c, &t, v);
    calc_expm1(&c, &t, &t);
    SBX_TRY(filled(z, &c, &t));
done:
    calc_clear(&t, 1);
    mpq_clear(v);
    return st;
}

/* n a^p <= b^p for 1 - margin = a / b, in whole numbers */
static bool enough(unsigned long n, mpq_srcptr rest, unsigned long p)
{
    mpz_t a, b;
    bool yes;
    mpz_inits(a, b, (mpz_ptr)0);
    mpz_pow_ui(a, mpq_numref(rest), p);
    mpz_pow_ui(b, mpq_denref(rest), p);
    mpz_mul_ui(a, a, n);
    yes = mpz_cmp(a, b) <= 0;
    mpz_clears(a, b, (mpz_ptr)0);
    return yes;
}

/* p doubles until it is enough, then the gap is halved: what is enough stays so   [L-STU-18] */
sbx_status sbx_constant_power_degree(unsigned long *p, unsigned long n, mpq_srcptr margin,
                                     sbx_err *err)
{
    sbx_status st = SBX_OK;
    unsigned long lo = 0, hi = 1;
    mpq_t rest;
    mpq_init(rest);
    if (n == 0 || mpq_sgn(margin) <= 0 || mpq_cmp_ui(margin, 1, 1) >= 0)
        SBX_FAIL(err, SBX_ERR_ARG, "n >= 1 and a margin between 0 and 1");
    mpq_set_ui(rest, 1, 1);
    mpq_sub(rest, rest, margin);
    while (!enough(n, rest, hi)) {
        lo = hi;
        hi *= 2;
        if (hi * mpz_sizeinbase(mpq_denref(rest), 2) > 50000000)
            SBX_FAIL(err, SBX_ERR_LIMIT, "the degree is too high");
    }
    if (n == 1) hi = 0;
    while (hi > lo + 1) {
        const unsigned long m = lo + (hi - lo) / 2;
        if (enough(n, rest, m))
            hi = m;
        else
            lo = m;
    }
    *p = hi;
done:
    mpq_clear(rest);
    return st;
}

/* det[mask]: of the first rows and the columns of the mask, by the last row   [L-STU-19] */
sbx_status sbx_constant_log_determinant(sbx_cell *z, const mpq_t *p, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .err = err};
    sbx_ivf a[64], det[256], t;
    if (n < 1 || n > 8) return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "1 to 8 rows");
    for (size_t k = 0; k < n * n; k++)
        if (mpq_sgn(p[k]) <= 0)
            return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "a logarithm of no positive number");
    calc_init(&c, a, 64);
    calc_init(&c, det, 256);
    calc_init(&c, &t, 1);
    for (size_t k = 0; k < n * n; k++) {
        calc_q(&c, &a[k], p[k]);
        calc_log(&c, &a[k], &a[k]);
    }
    calc_si(&c, &det[0], 1);
    for (unsigned mask = 1; mask < 1U << n; mask++) {
        const size_t row = (size_t)__builtin_popcount(mask) - 1;
        size_t place = 0;
        calc_si(&c, &det[mask], 0);
        for (size_t j = 0; j < n; j++) {
            if (!(mask >> j & 1)) continue;
            calc_mul(&c, &t, &a[row * n + j], &det[mask & ~(1U << j)]);
            if ((row + place++) % 2)
                calc_sub(&c, &det[mask], &det[mask], &t);
            else
                calc_add(&c, &det[mask], &det[mask], &t);
        }
    }
    SBX_TRY(filled(z, &c, &det[(1U << n) - 1]));
done:
    calc_clear(a, 64);
    calc_clear(det, 256);
    calc_clear(&t, 1);
    return st;
}
