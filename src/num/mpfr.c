/* num/mpfr.c -- what MPFR lacks: the sigmoid, and the rounding to a small format.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/system.h"

/* z = v + the least step in the direction `up` if the rounding goes there, else v: the
 * rounding of a number that is nearer to v than half a step (on that side). */
static int beside(mpfr_ptr z, double v, bool up, mpfr_rnd_t rnd)
{
    mpfr_set_d(z, v, MPFR_RNDN);
    if (up && (rnd == MPFR_RNDU || rnd == MPFR_RNDA)) {
        mpfr_nextabove(z);
        return 1;
    }
    if (!up && (rnd == MPFR_RNDD || rnd == MPFR_RNDZ)) {
        mpfr_nextbelow(z);
        return -1;
    }
    return up ? -1 : 1;
}

/* Ziv's loop for e^x / (1 + e^x), x <= 0, or 1 / (1 + e^-x), x > 0: relative errors only,
 * so that both tails keep their digits. The value is irrational for a rational x != 0. */
static int sigmoid_ziv(mpfr_ptr z, mpfr_srcptr x, mpfr_rnd_t rnd)
{
    const mpfr_prec_t p = mpfr_get_prec(z);
    mpfr_prec_t w = p + 24;
    mpfr_t e, s, a;
    int t;
    mpfr_init2(e, w);
    mpfr_init2(s, w);
    mpfr_init2(a, mpfr_get_prec(x));
    mpfr_abs(a, x, MPFR_RNDN);
    mpfr_neg(a, a, MPFR_RNDN); /* -|x|, exactly */
    for (;; w *= 2) {
        mpfr_set_prec(e, w);
        mpfr_set_prec(s, w);
        mpfr_exp(e, a, MPFR_RNDN);
        mpfr_add_ui(s, e, 1, MPFR_RNDN);
        if (mpfr_sgn(x) > 0)
            mpfr_ui_div(s, 1, s, MPFR_RNDN);
        else
            mpfr_div(s, e, s, MPFR_RNDN);
        /* three roundings of relative error 2^-w: together under 2^(3-w) */
        if (mpfr_can_round(s, w - 3, MPFR_RNDN, MPFR_RNDZ, p + (rnd == MPFR_RNDN))) break;
    }
    t = mpfr_set(z, s, rnd);
    mpfr_clear(e);
    mpfr_clear(s);
    mpfr_clear(a);
    return t;
}

/* Where Ziv's loop would end late, the value lies beside a simple one:
 *   |x| < 2^-(p+1)   0 < (s(x) - 1/2)/x <= 1/4: under a quarter of the step at 1/2
 *   x > p + 2        0 < 1 - s(x) < e^-x < 2^-(p+2): under half the step below 1
 *   x < emin - 2     0 < s(x) < e^x < 2^(emin-2): under half the least positive number */
int sbx_mpfr_sigmoid(mpfr_ptr z, mpfr_srcptr x, mpfr_rnd_t rnd)
{
    const mpfr_prec_t p = mpfr_get_prec(z);
    const mpfr_exp_t lo = mpfr_get_emin(), hi = mpfr_get_emax();
    int t;
    if (mpfr_nan_p(x)) {
        mpfr_set_nan(z);
        return 0;
    }
    if (mpfr_inf_p(x)) return mpfr_set_si(z, mpfr_sgn(x) > 0, rnd);
    if (mpfr_zero_p(x)) return mpfr_set_d(z, 0.5, rnd);
    if (mpfr_get_exp(x) <= -(p + 1)) /* [L-FP-22], also below */
        return beside(z, 0.5, mpfr_sgn(x) > 0, rnd);
    if (mpfr_cmp_si(x, p + 2) > 0) return beside(z, 1.0, false, rnd);
    if (mpfr_cmp_si(x, lo - 2) < 0) return beside(z, 0.0, true, rnd);
    (void)mpfr_set_emin(mpfr_get_emin_min());
    (void)mpfr_set_emax(mpfr_get_emax_max());
    t = sigmoid_ziv(z, x, rnd);
    (void)mpfr_set_emin(lo);
    (void)mpfr_set_emax(hi);
    return mpfr_check_range(z, t, rnd);
}

/* Gradual underflow rounds a second time: the ternary value of the first rounding keeps
 * the second one from going wrong at a midpoint. */
void sbx_mpfr_fit(mpfr_ptr z, int t, const sbx_range *f)
{
    const mpfr_exp_t lo = mpfr_get_emin(), hi = mpfr_get_emax();
    (void)mpfr_set_emin(f->emin);
    (void)mpfr_set_emax(f->emax);
    t = mpfr_check_range(z, t, MPFR_RNDN);
    (void)mpfr_subnormalize(z, t, MPFR_RNDN);
    (void)mpfr_set_emin(lo);
    (void)mpfr_set_emax(hi);
}
