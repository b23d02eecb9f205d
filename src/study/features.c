/* study/features.c -- random features of e^(q.k): variance, how many draws, and how likely a
 * negative estimate is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/constants.h"
#include "study/study.h"

#define PREC      256
#define TERMS_MAX 20000

static sbx_status check(sbx_features kind, mpq_srcptr square, sbx_err *err)
{
    if ((unsigned)kind > SBX_FEATURES_TRIGONOMETRIC)
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "no such features");
    if (mpq_sgn(square) < 0 || mpq_cmp_ui(square, 1000, 1) > 0)
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "a square of 0 to 1000");
    return SBX_OK;
}

/* e^s - 1 for positive; (e^s - 1) (1 - e^-s) / 2 for the others   [L-STU-05] */
static void variance(calc *c, sbx_ivf *z, sbx_features kind, mpq_srcptr square)
{
    sbx_ivf t[2];
    calc_init(c, t, 2);
    calc_q(c, &t[0], square);
    calc_expm1(c, &t[1], &t[0]);
    if (kind != SBX_FEATURES_POSITIVE) {
        calc_neg(c, &t[0], &t[0]);
        calc_expm1(c, &t[0], &t[0]);
        calc_neg(c, &t[0], &t[0]);
        calc_mul(c, &t[1], &t[1], &t[0]);
        sbx_calc_div_si(c, &t[1], &t[1], 2);
    }
    calc_hull(c, z, &t[1], &t[1]);
    calc_clear(t, 2);
}

sbx_status sbx_constant_variance(sbx_cell *z, sbx_features kind, mpq_srcptr square, sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .err = err};
    sbx_ivf t;
    calc_init(&c, &t, 1);
    SBX_TRY(check(kind, square, err));
    variance(&c, &t, kind, square);
    sbx_cell_iv(&c, z, &t, "closed form, enclosed");
    z->reached = c.st == SBX_OK;
    st = c.st;
done:
    calc_clear(&t, 1);
    return st;
}

/* the least whole number >= v / delta^2, at a precision where both ends say the same */
sbx_status sbx_constant_draws(mpz_ptr m, sbx_features kind, mpq_srcptr square, mpq_srcptr delta,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpq_t lo, hi, d;
    mpz_t other;
    mpz_init(other);
    mpq_inits(lo, hi, d, (mpq_ptr)0);
    SBX_TRY(check(kind, square, err));
    if (mpq_sgn(delta) <= 0) SBX_FAIL(err, SBX_ERR_ARG, "a deviation must be positive");
    mpq_mul(d, delta, delta);
    for (long prec = 2048;; prec *= 2) {
        calc c = {.ctx = {.prec = prec}, .err = err};
        sbx_ivf t;
        calc_init(&c, &t, 1);
        variance(&c, &t, kind, square);
        if (c.st == SBX_OK) c.st = sbx_ivf_get_q(lo, hi, &t, err);
        calc_clear(&t, 1);
        SBX_TRY(c.st);
        mpq_div(lo, lo, d);
        mpq_div(hi, hi, d);
        mpz_cdiv_q(m, mpq_numref(lo), mpq_denref(lo));
        mpz_cdiv_q(other, mpq_numref(hi), mpq_denref(hi));
        if (mpz_cmp(m, other) == 0) break;
        if (prec > 16384) SBX_FAIL(err, SBX_ERR_LIMIT, "a whole number is too near");
    }
    if (mpz_sgn(m) == 0) mpz_set_ui(m, 1);
done:
    mpq_clears(lo, hi, d, (mpq_ptr)0);
    mpz_clear(other);
    return st;
}

/* P(cos w < 0) = 1/2 - (2 / pi) sum (-1)^j e^(-(2j + 1)^2 s / 2) / (2j + 1), w ~ N(0, s); the terms
 * fall and change their signs   [L-STU-06] */
static void one_draw(calc *c, sbx_ivf *z, mpq_srcptr square)
{
    sbx_ivf t[4];
    calc_init(c, t, 4);
    calc_si(c, &t[0], 0);
    calc_q(c, &t[1], square);
    sbx_calc_div_si(c, &t[1], &t[1], -2);
    for (long j = 0; c->st == SBX_OK; j++) {
        sbx_calc_mul_si(c, &t[2], &t[1], (2 * j + 1) * (2 * j + 1));
        calc_exp(c, &t[2], &t[2]);
        sbx_calc_div_si(c, &t[2], &t[2], j % 2 ? -(2 * j + 1) : 2 * j + 1);
        if (j == TERMS_MAX || (j && mpfr_get_exp(t[2].hi) < -c->ctx.prec)) { /* between 0 and it */
            calc_si(c, &t[3], 0);
            calc_hull(c, &t[2], &t[2], &t[3]);
            calc_add(c, &t[0], &t[0], &t[2]);
            break;
        }
        calc_add(c, &t[0], &t[0], &t[2]);
    }
    if (c->st == SBX_OK) {
        mpfr_const_pi(t[3].lo, MPFR_RNDD);
        mpfr_const_pi(t[3].hi, MPFR_RNDU);
    }
    calc_div(c, &t[0], &t[0], &t[3]);
    sbx_calc_mul_si(c, &t[0], &t[0], 2);
    sbx_calc_ratio(c, &t[3], 1, 2);
    calc_sub(c, z, &t[3], &t[0]);
    calc_si(c, &t[0], 0);
    calc_max(c, z, z, &t[0]);
    calc_clear(t, 4);
}

/* lower: all draws negative; upper: Cantelli's v / (m + v) or Hoeffding's e^(-m e^-s / 2) */
static void many_draws(calc *c, sbx_cell *z, mpq_srcptr square, unsigned long m)
{
    sbx_ivf t[4];
    mpq_t v;
    mpq_init(v);
    mpq_set_ui(v, m, 1);
    calc_init(c, t, 4);
    calc_q(c, &t[3], v);
    one_draw(c, &t[0], square);
    sbx_calc_pow(c, &t[0], &t[0], v);
    variance(c, &t[1], SBX_FEATURES_TRIGONOMETRIC, square);
    calc_add(c, &t[2], &t[1], &t[3]);
    calc_div(c, &t[1], &t[1], &t[2]);
    calc_q(c, &t[2], square);
    calc_neg(c, &t[2], &t[2]);
    calc_exp(c, &t[2], &t[2]);
    calc_mul(c, &t[2], &t[2], &t[3]);
    sbx_calc_div_si(c, &t[2], &t[2], -2);
    calc_exp(c, &t[2], &t[2]);
    calc_min(c, &t[1], &t[1], &t[2]);
    sbx_cell_between(c, z, &t[0], &t[1], "bounds");
    calc_clear(t, 4);
    mpq_clear(v);
}

sbx_status sbx_constant_negative(sbx_cell *z, sbx_features kind, mpq_srcptr square, unsigned long m,
                                 sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .err = err};
    sbx_ivf t;
    calc_init(&c, &t, 1);
    SBX_TRY(check(kind, square, err));
    if (m == 0) SBX_FAIL(err, SBX_ERR_ARG, "no draws");
    if (kind != SBX_FEATURES_TRIGONOMETRIC || mpq_sgn(square) == 0) {
        sbx_cell_si(&c, z, 0, 1, "closed form");
    } else if (m == 1) {
        one_draw(&c, &t, square);
        sbx_cell_iv(&c, z, &t, "closed form, enclosed");
        z->reached = true;
    } else {
        many_draws(&c, z, square, m);
    }
    st = c.st;
done:
    calc_clear(&t, 1);
    return st;
}
