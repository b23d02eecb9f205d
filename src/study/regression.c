/* study/regression.c -- in-context regression by one head of softmax attention and by two.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/constants.h"
#include "study/study.h"

#define PREC 256

void sbx_regression_init(sbx_regression *z)
{
    sbx_cell_init(&z->u);
    sbx_cell_init(&z->one);
    sbx_cell_init(&z->two);
    sbx_cell_init(&z->ratio);
}
void sbx_regression_clear(sbx_regression *z)
{
    sbx_cell_clear(&z->u);
    sbx_cell_clear(&z->one);
    sbx_cell_clear(&z->two);
    sbx_cell_clear(&z->ratio);
}

/* w = 1 - 2 u is the positive root of a w^2 + b w - c: with k = 1/2 + s2
 * a = k (d + 2) / 2, b = (d + 4) / 4 - k d / 2, c = (d + 2) / 4   [L-STU-08] */
static void best(calc *c, sbx_ivf *w, long d, mpq_srcptr k)
{
    mpq_t a, b, e;
    sbx_ivf t[2];
    mpq_inits(a, b, e, (mpq_ptr)0);
    calc_init(c, t, 2);
    mpq_set_si(e, d, 2);
    mpq_canonicalize(e);
    mpq_mul(a, k, e);
    mpq_set_si(b, d + 4, 4);
    mpq_canonicalize(b);
    mpq_sub(b, b, a);
    mpq_add(a, a, k);
    calc_q(c, &t[1], b);
    calc_neg(c, &t[1], &t[1]); /* -b */
    mpq_mul(b, b, b);
    mpq_set_si(e, d + 2, 1); /* 4 c */
    mpq_mul(e, e, a);
    mpq_add(b, b, e);
    calc_q(c, &t[0], b);
    calc_sqrt(c, &t[0], &t[0]);
    calc_add(c, w, &t[0], &t[1]);
    mpq_add(a, a, a);
    calc_q(c, &t[0], a);
    calc_div(c, w, w, &t[0]);
    calc_clear(t, 2);
    mpq_clears(a, b, e, (mpq_ptr)0);
}

/* (k + 1 / (2 w)) w^(-d/2) / u */
static void risk(calc *c, sbx_ivf *z, const sbx_ivf *w, const sbx_ivf *u, long d, mpq_srcptr k)
{
    mpq_t power;
    sbx_ivf t[2];
    mpq_init(power);
    calc_init(c, t, 2);
    mpq_set_si(power, -d, 2);
    mpq_canonicalize(power);
    sbx_calc_pow(c, &t[0], w, power);
    sbx_calc_ratio(c, &t[1], 1, 2);
    calc_div(c, &t[1], &t[1], w);
    calc_q(c, z, k);
    calc_add(c, z, z, &t[1]);
    calc_mul(c, z, z, &t[0]);
    calc_div(c, z, z, u);
    calc_clear(t, 2);
    mpq_clear(power);
}

sbx_status sbx_constant_regression(sbx_regression *z, size_t d, mpq_srcptr s2, sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .err = err};
    sbx_ivf t[4];
    mpq_t k, v;
    mpq_inits(k, v, (mpq_ptr)0);
    calc_init(&c, t, 4);
    if (d < 1 || d > 1000000) SBX_FAIL(err, SBX_ERR_ARG, "a dimension must be 1 to 1000000");
    if (mpq_sgn(s2) < 0) SBX_FAIL(err, SBX_ERR_ARG, "a variance is not negative");
    mpq_set_ui(k, 1, 2);
    mpq_add(k, k, s2);
    best(&c, &t[0], (long)d, k);
    calc_si(&c, &t[1], 1);
    calc_sub(&c, &t[1], &t[1], &t[0]);
    sbx_calc_div_si(&c, &t[1], &t[1], 2);
    risk(&c, &t[2], &t[0], &t[1], (long)d, k);
    mpq_set_ui(v, 1, 1); /* d (1 + s2) + 1   [L-STU-09] */
    mpq_add(v, v, s2);
    mpz_mul_ui(mpq_numref(v), mpq_numref(v), d);
    mpz_add(mpq_numref(v), mpq_numref(v), mpq_denref(v));
    mpq_canonicalize(v);
    calc_q(&c, &t[3], v);
    sbx_cell_iv(&c, &z->u, &t[1], "closed form, enclosed");
    sbx_cell_iv(&c, &z->one, &t[2], "closed form, enclosed");
    sbx_cell_q(&c, &z->two, v, "closed form");
    calc_div(&c, &t[3], &t[2], &t[3]);
    sbx_cell_iv(&c, &z->ratio, &t[3], "closed form, enclosed");
    z->u.reached = z->one.reached = z->ratio.reached = c.st == SBX_OK;
    st = c.st;
done:
    calc_clear(t, 4);
    mpq_clears(k, v, (mpq_ptr)0);
    return st;
}
