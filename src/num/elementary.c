/* num/elementary.c -- powers, signs, integers and the extremes of sin and cos, for the
 * number systems.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "num/system.h"

int sbx_mpfr_sign(mpfr_ptr z, mpfr_srcptr x, mpfr_rnd_t rnd)
{
    if (mpfr_nan_p(x)) {
        mpfr_set_nan(z);
        return 0;
    }
    return mpfr_set_si(z, mpfr_sgn(x), rnd);
}

int sbx_mpfr_pow(mpfr_ptr z, mpfr_srcptr x, double y, mpfr_rnd_t rnd)
{
    mpfr_t e;
    int t;
    mpfr_init2(e, 53);
    mpfr_set_d(e, y, MPFR_RNDN); /* exact */
    t = mpfr_pow(z, x, e, rnd);
    mpfr_clear(e);
    return t;
}

bool sbx_is_integer(double y) { return !(floor(y) < y || floor(y) > y); }
bool sbx_is_even(double y) { return sbx_is_integer(y / 2); }

void sbx_mpq_floor_of(mpq_ptr z, mpq_srcptr x)
{
    mpz_fdiv_q(mpq_numref(z), mpq_numref(x), mpq_denref(x));
    mpz_set_ui(mpq_denref(z), 1);
}

/* floor(x + 1/2), less 1 where x + 1/2 is an odd integer */
void sbx_mpq_round_of(mpq_ptr z, mpq_srcptr x)
{
    mpq_t h;
    mpq_init(h);
    mpq_set_si(h, 1, 2);
    mpq_add(h, h, x);
    mpz_fdiv_q(mpq_numref(z), mpq_numref(h), mpq_denref(h));
    mpz_set_ui(mpq_denref(z), 1);
    if (mpz_cmp_ui(mpq_denref(h), 1) == 0 && mpz_odd_p(mpq_numref(z)))
        mpz_sub_ui(mpq_numref(z), mpq_numref(z), 1);
    mpq_clear(h);
}

bool sbx_mpq_power(mpq_ptr z, mpq_srcptr x, double y)
{
    const double n = fabs(y);
    const size_t top = mpz_sizeinbase(mpq_numref(x), 2), low = mpz_sizeinbase(mpq_denref(x), 2);
    const bool unit = mpz_cmpabs_ui(mpq_numref(x), 1) <= 0 && mpz_cmp_ui(mpq_denref(x), 1) == 0;
    unsigned long e;
    if (unit) /* 0, 1, -1 */
        e = n < 1.0 ? 0 : sbx_is_even(n) ? 2 : 1;
    else if (n * (double)(top > low ? top : low) <= SBX_Q_POW_MAX)
        e = (unsigned long)n;
    else
        return false;
    mpz_pow_ui(mpq_numref(z), mpq_numref(x), e);
    mpz_pow_ui(mpq_denref(z), mpq_denref(x), e);
    if (y < 0) mpq_inv(z, z);
    return true;
}

/* floor((x - q pi/2)/(2 pi)) for x in [a, b], as the two values it may have */
static void turns(mpz_ptr low, mpz_ptr high, mpfr_srcptr a, mpfr_srcptr b, int q)
{
    const mpfr_exp_t ea = mpfr_zero_p(a) ? 0 : mpfr_get_exp(a);
    const mpfr_exp_t eb = mpfr_zero_p(b) ? 0 : mpfr_get_exp(b);
    const mpfr_exp_t e = ea > eb ? ea : eb;
    const mpfr_prec_t p = mpfr_get_prec(a), w = 2 * p + 96 + (e > 0 ? e : 0);
    for (int k = 0; k < 2; k++) { /* downward, upward */
        const mpfr_rnd_t rnd = k ? MPFR_RNDU : MPFR_RNDD, other = k ? MPFR_RNDD : MPFR_RNDU;
        mpfr_t t, pi;
        mpfr_init2(t, w);
        mpfr_init2(pi, w);
        mpfr_const_pi(pi, q >= 0 ? other : rnd);
        mpfr_mul_si(pi, pi, q, q >= 0 ? other : rnd);
        mpfr_div_2ui(pi, pi, 1, MPFR_RNDN); /* q pi/2, on the side that is taken off */
        mpfr_sub(t, k ? b : a, pi, rnd);
        mpfr_const_pi(pi, mpfr_sgn(t) >= 0 ? other : rnd);
        mpfr_div(t, t, pi, rnd);
        mpfr_div_2ui(t, t, 1, MPFR_RNDN);
        mpfr_get_z(k ? high : low, t, MPFR_RNDD);
        mpfr_clear(t);
        mpfr_clear(pi);
    }
}

bool sbx_mpfr_extreme(mpfr_srcptr a0, mpfr_srcptr a1, mpfr_srcptr b0, mpfr_srcptr b1, bool cosine,
                      int v)
{
    const int q = cosine ? (v > 0 ? 0 : 2) : (v > 0 ? 1 : 3); /* at q pi/2 */
    mpz_t a[2], b[2];
    bool some;
    for (int k = 0; k < 2; k++) {
        mpz_init(a[k]);
        mpz_init(b[k]);
    }
    turns(a[0], a[1], a0, a1, q);
    turns(b[0], b[1], b0, b1, q);
    some = mpz_cmp(b[1], a[0]) > 0; /* [L-FP-31] */
    for (int k = 0; k < 2; k++) {
        mpz_clear(a[k]);
        mpz_clear(b[k]);
    }
    return some;
}
