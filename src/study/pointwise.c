/* study/pointwise.c -- normalizers f_i = h(x_i) / sum h(x_j).
 *
 * The matrix of derivatives is (diag(f) - f f^T) diag(g), g = (log h)', and G = sup |g| times
 * softmax's constants bounds it. That is sharp when the other scores can be given no weight at all
 * while two stand where |g| is G, so always for d = 2   [L-NRM-55]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

static const char closed[] = "closed form";
static const char grows[] = "the weights do not follow a shift of all scores";

/* What all of them share. sums: the weights sum to one and h(0) > 0, h rises for x >= 0. */
static bool common(calc *c, sbx_cell *z, const study_ask *a)
{
    if (a->d == 1) {
        sbx_study_softmax(c, z, a);
        return true;
    }
    if (a->quantity == SBX_EXPECTED_ERROR)
        sbx_cell_infinite(z, grows); /* [L-NRM-71] */
    else if (a->quantity == SBX_WORST_ERROR)
        sbx_cell_infinite(z, "every weight is positive");
    else if (a->quantity == SBX_RATIO)
        sbx_cell_si(c, z, 1, a->d, "closed form, a limit"); /* [L-NRM-56] */
    else if (a->quantity == SBX_RANGE)
        sbx_cell_none(z, "range");
    else
        return false;
    return true;
}

/* softplus, sigmoid, elu + 1: far to the left they are e^x, and G = 1   [L-NRM-57] */
void sbx_study_softplus(calc *c, sbx_cell *z, const study_ask *a)
{
    if (!common(c, z, a)) sbx_study_softmax(c, z, a);
}

/* G times softmax's constants, up to what is known to be reached: the Lipschitz constants where
 * all others can have no weight; the divergences at p = 1, and with all scores where |g| = G,
 * (1 - 1/d) 2 G at p = inf. */
static void by_g(calc *c, sbx_cell *z, const study_ask *a, const sbx_ivf *g)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    if (a->quantity == SBX_LIPSCHITZ || a->quantity == SBX_FROBENIUS) {
        sbx_study_softmax(c, z, a);
        sbx_cell_times_iv(c, z, g);
    } else if (a->quantity == SBX_DINF && a->p == SBX_L1) {
        sbx_cell_iv(c, z, g, "closed form, a limit");
    } else {
        calc_si(c, &t[0], a->quantity == SBX_DINF ? 1 : 0);
        calc_si(c, &t[1], sbx_study_slope(a->p));
        calc_sqrt(c, &t[1], &t[1]);
        if (a->quantity == SBX_DINF && a->p == SBX_LINF)
            sbx_calc_ratio(c, &t[0], 2 * (a->d - 1), a->d);
        calc_mul(c, &t[0], &t[0], g);
        calc_mul(c, &t[1], &t[1], g);
        sbx_cell_between(c, z, &t[0], &t[1], "");
    }
    calc_clear(t, 3);
}

/* the square of softmax's constant */
static void ladder(mpq_ptr v, const study_ask *a)
{
    if (a->quantity == SBX_FROBENIUS)
        mpq_set_si(v, 1, 4);
    else
        sbx_study_ladder(v, a->p, a->q);
}

/* (x + sqrt(x^2 + b)) / 2: G = 1 / sqrt(b), at 0 */
void sbx_study_squareplus(calc *c, sbx_cell *z, const study_ask *a)
{
    sbx_ivf t[2];
    calc_init(c, t, 2);
    if (!common(c, z, a)) {
        calc_q(c, &t[0], a->par);
        calc_sqrt(c, &t[0], &t[0]);
        calc_si(c, &t[1], 1);
        calc_div(c, &t[1], &t[1], &t[0]);
        by_g(c, z, a, &t[1]);
        if (a->quantity == SBX_LIPSCHITZ || a->quantity == SBX_FROBENIUS) {
            mpq_t v; /* the square root of a rational: known exactly or not */
            mpq_init(v);
            ladder(v, a);
            mpq_div(v, v, a->par);
            sbx_cell_sqrt(c, z, v, closed);
            mpq_clear(v);
        }
    }
    calc_clear(t, 2);
}

/* 2 -> inf, times 1/G: (1 + (d - 1)^(1/3))^(-3/2) up to d = 9   [L-NRM-90] */
static void floor_row(calc *c, sbx_cell *z, long d, mpq_srcptr g2)
{
    sbx_ivf t[2];
    mpq_t y;
    mpq_init(y);
    calc_init(c, t, 2);
    mpq_set_si(y, 1, 3);
    calc_si(c, &t[0], d - 1);
    sbx_calc_pow(c, &t[0], &t[0], y);
    sbx_calc_add_si(c, &t[0], &t[0], 1);
    mpq_set_si(y, 3, 1);
    sbx_calc_pow(c, &t[0], &t[0], y);
    calc_q(c, &t[1], g2);
    calc_div(c, &t[0], &t[1], &t[0]);
    calc_sqrt(c, &t[0], &t[0]);
    sbx_cell_iv(c, z, &t[0], closed);
    calc_clear(t, 2);
    mpq_clear(y);
}

/* A floor below h keeps weight on the others. u x^2 + v with G = sqrt(u / v): for d >= 3
 * 1 -> 1 is (3 sqrt(3) / 4) (d - 1) d^(-3/2) G, half of it 1 -> inf   [L-NRM-72], and 2 -> inf for d >= 9;
 * 1 -> 2 is (3 sqrt(3) / 8) sqrt(d - 1) / d G; the max-divergence for p = 2 is G   [L-NRM-90] */
static void with_floor(calc *c, sbx_cell *z, const study_ask *a, mpq_srcptr g2)
{
    const bool norm = a->quantity == SBX_LIPSCHITZ || a->quantity == SBX_FROBENIUS;
    const bool one = a->quantity == SBX_LIPSCHITZ && a->p == SBX_L1;
    const bool row = a->quantity == SBX_LIPSCHITZ && a->p == SBX_L2 && a->q == SBX_LINF;
    mpq_t v, w;
    sbx_ivf t[3];
    mpq_inits(v, w, (mpq_ptr)0);
    calc_init(c, t, 3);
    if (norm && a->d == 2) {
        ladder(v, a);
        mpq_mul(v, v, g2);
        sbx_cell_sqrt(c, z, v, closed);
    } else if (row && a->d < 9) {
        floor_row(c, z, a->d, g2);
    } else if (one && a->q == SBX_L2) {
        mpq_set_si(v, 27 * (a->d - 1), 64 * (unsigned long)a->d);
        mpq_canonicalize(v);
        mpq_set_si(w, 1, (unsigned long)a->d);
        mpq_mul(v, v, w);
        mpq_mul(v, v, g2);
        sbx_cell_sqrt(c, z, v, closed);
    } else if (norm) {
        mpq_set_si(v, 27 * (a->d - 1), 16 * (unsigned long)a->d); /* the square of 1 -> 1 */
        mpq_set_si(w, a->d - 1, (unsigned long)a->d);
        mpq_canonicalize(v);
        mpq_canonicalize(w);
        mpq_mul(v, v, w);
        mpq_set_si(w, 1, (unsigned long)a->d);
        mpq_mul(v, v, w);
        mpq_mul(v, v, g2);
        if (a->q == SBX_LINF || !one) mpq_div_2exp(v, v, 2);
        if (one || row) {
            sbx_cell_sqrt(c, z, v, closed);
        } else { /* below by that column, above by G */
            calc_q(c, &t[0], v);
            calc_sqrt(c, &t[0], &t[0]);
            ladder(v, a);
            mpq_mul(v, v, g2);
            calc_q(c, &t[1], v);
            calc_sqrt(c, &t[1], &t[1]);
            sbx_cell_between(c, z, &t[0], &t[1], "");
        }
    } else {
        calc_q(c, &t[0], g2);
        calc_sqrt(c, &t[0], &t[0]);
        if (a->quantity == SBX_DINF && a->p == SBX_L2)
            sbx_cell_sqrt(c, z, g2, "closed form, a limit");
        else
            by_g(c, z, a, &t[0]);
    }
    calc_clear(t, 3);
    mpq_clears(v, w, (mpq_ptr)0);
}

/* (x_i^2 + eps) / sum; eps = 0: undefined at 0 and the same for c x */
void sbx_study_spherical(calc *c, sbx_cell *z, const study_ask *a)
{
    mpq_t v;
    mpq_init(v);
    if (mpq_sgn(a->par) == 0) {
        sbx_study_squaremax(c, z, a);
    } else if (!common(c, z, a)) {
        mpq_inv(v, a->par);
        with_floor(c, z, a, v);
    }
    mpq_clear(v);
}

/* relu(x)^2 / sum: on x >= 0 the power mechanism with lambda = 2 */
void sbx_study_squaremax(calc *c, sbx_cell *z, const study_ask *a)
{
    study_ask two = *a;
    mpq_t v;
    mpq_init(v);
    mpq_set_ui(v, 2, 1);
    two.par = v;
    if (a->d == 1)
        sbx_study_softmax(c, z, a);
    else if (a->quantity == SBX_RATIO)
        sbx_study_power(c, z, &two);
    else if (a->quantity == SBX_RANGE)
        sbx_cell_none(z, "range");
    else if (a->quantity == SBX_WORST_ERROR)
        sbx_cell_infinite(z, "a score may be far below the greatest and still have a weight");
    else if (a->quantity == SBX_DINF || a->quantity == SBX_DRENYI)
        sbx_cell_infinite(z, "the supports differ");
    else
        sbx_cell_infinite(z, "the weights of c x are those of x, for every c > 0");
    mpq_clear(v);
}

/* ---- Taylor: h = T_2k, h' = T_(2k-1) ------------------------------------------------------ */

/* T_n(x) */
static void taylor_at(calc *c, sbx_ivf *z, const sbx_ivf *x, long n)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_si(c, &t, 1);
    for (long k = n; k >= 1; k--) { /* 1 + x/k (...) */
        calc_mul(c, &t, &t, x);
        sbx_calc_div_si(c, &t, &t, k);
        sbx_calc_add_si(c, &t, &t, 1);
    }
    if (c->st == SBX_OK) sbx_ivf_set(z, &t);
    calc_clear(&t, 1);
}
/* -T_(n-1) / T_n and its slope (T_(n-1)^2 - T_(n-2) T_n) / T_n^2 */
static void taylor_g(calc *c, sbx_ivf *z, const sbx_ivf *x, const void *arg)
{
    const long n = *(const long *)arg;
    sbx_ivf t[2];
    calc_init(c, t, 2);
    taylor_at(c, &t[0], x, n - 1);
    taylor_at(c, &t[1], x, n);
    calc_div(c, z, &t[0], &t[1]);
    calc_neg(c, z, z);
    calc_clear(t, 2);
}
static void taylor_slope(calc *c, sbx_ivf *z, const sbx_ivf *x, const void *arg)
{
    const long n = *(const long *)arg;
    sbx_ivf t[3];
    calc_init(c, t, 3);
    taylor_at(c, &t[0], x, n - 2);
    taylor_at(c, &t[1], x, n - 1);
    taylor_at(c, &t[2], x, n);
    calc_div(c, &t[0], &t[0], &t[2]);
    calc_div(c, &t[1], &t[1], &t[2]);
    calc_sqr(c, &t[1], &t[1]);
    calc_sub(c, z, &t[1], &t[0]);
    calc_clear(t, 3);
}

/* For x <= -2 n it is at most 1, which is its value at 0 with the other sign   [L-NRM-73] */
static void taylor_greatest(calc *c, sbx_ivf *z, long n)
{
    sbx_ivf t[2];
    calc_init(c, t, 2);
    calc_si(c, &t[0], -2 * n);
    calc_si(c, &t[1], 0);
    sbx_calc_greatest(c, z, taylor_g, taylor_slope, &n, &t[0], &t[1]);
    calc_si(c, &t[0], 1);
    calc_max(c, z, z, &t[0]);
    calc_clear(t, 2);
}

void sbx_study_taylor(calc *c, sbx_cell *z, const study_ask *a)
{
    const long n = mpz_get_si(mpq_numref(a->par));
    sbx_ivf t[2];
    mpq_t one;
    if (common(c, z, a)) return;
    calc_init(c, t, 2);
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    if (n == 2) { /* ((x + 1)^2 + 1) / 2 */
        with_floor(c, z, a, one);
    } else {
        taylor_greatest(c, &t[0], n);
        if ((a->quantity == SBX_LIPSCHITZ || a->quantity == SBX_FROBENIUS) && a->d > 2) {
            sbx_study_softmax(c, z, a);
            sbx_cell_times_iv(c, z, &t[0]);
            if (c->st == SBX_OK) {
                mpq_set_ui(z->lo, 0, 1);
                z->exact = false;
                z->kind = SBX_CELL_NUMBER;
                calc_q(c, &t[0], z->hi);
                calc_si(c, &t[1], 0);
                sbx_cell_between(c, z, &t[1], &t[0], "");
            }
        } else {
            by_g(c, z, a, &t[0]);
        }
    }
    mpq_clear(one);
    calc_clear(t, 2);
}

/* ---- x_i^p / (eps + sum x_j^p), p even ------------------------------------------------------ */

/* b^y for rationals, b > 0 */
static void power(calc *c, sbx_ivf *z, mpq_srcptr b, mpq_srcptr y)
{
    calc_q(c, z, b);
    sbx_calc_pow(c, z, z, y);
}

/* With r = 1/p: 1 -> 1 is p ((1 - r) / 2)^(1 - r) r^r eps^-r, 1 -> inf is
 * p ((1 - r) / 2)^(1 - r) ((1 + r) / 2)^(1 + r) eps^-r   [L-NRM-74] */
static void power_lipschitz(calc *c, sbx_cell *z, const study_ask *a)
{
    mpq_t r, low, up, y;
    sbx_ivf t[4];
    mpq_inits(r, low, up, y, (mpq_ptr)0);
    calc_init(c, t, 4);
    mpq_inv(r, a->par);
    mpq_set_ui(y, 1, 1);
    mpq_sub(low, y, r);
    mpq_add(up, y, r);
    mpq_div_2exp(y, low, 1);
    power(c, &t[0], y, low);
    calc_q(c, &t[1], a->par);
    calc_mul(c, &t[0], &t[0], &t[1]);
    power(c, &t[1], a->par2, r);
    calc_div(c, &t[0], &t[0], &t[1]); /* what both share */
    mpq_div_2exp(y, up, 1);
    power(c, &t[1], y, up);
    power(c, &t[2], r, r);
    calc_mul(c, &t[1], &t[1], &t[0]);
    calc_mul(c, &t[2], &t[2], &t[0]);
    if (a->p == SBX_L1 && a->q == SBX_L1)
        sbx_cell_iv(c, z, &t[2], closed);
    else if (a->p == SBX_L1 && a->q == SBX_LINF)
        sbx_cell_iv(c, z, &t[1], closed);
    else if (a->p == SBX_L1) /* 1 -> 2 */
        sbx_cell_between(c, z, &t[1], &t[2], "");
    else
        sbx_cell_at_least(c, z, &t[1], "no upper bound is known that does not grow with d");
    calc_clear(t, 4);
    mpq_clears(r, low, up, y, (mpq_ptr)0);
}

void sbx_study_power_softmax(calc *c, sbx_cell *z, const study_ask *a)
{
    const bool shrinks = mpq_sgn(a->par2) != 0;
    if (a->quantity == SBX_RANGE)
        sbx_cell_none(z, "range");
    else if (!shrinks && a->d == 1)
        sbx_study_softmax(c, z, a);
    else if (a->quantity == SBX_RATIO && shrinks)
        sbx_cell_si(c, z, 0, 1, "closed form, a limit");
    else if (a->quantity == SBX_RATIO)
        sbx_study_power(c, z, a);
    else if ((a->quantity == SBX_LIPSCHITZ || a->quantity == SBX_FROBENIUS) && !shrinks)
        sbx_cell_infinite(z, "the weights of c x are those of x, for every c > 0");
    else if (a->quantity == SBX_LIPSCHITZ && a->d > 1)
        power_lipschitz(c, z, a);
    else if (a->quantity == SBX_EXPECTED_ERROR && a->d > 1)
        sbx_cell_infinite(z, grows);
    else if (a->quantity == SBX_WORST_ERROR && a->d > 1)
        sbx_cell_infinite(z, "a score may be far below the greatest and still have a weight");
    else if ((a->quantity == SBX_DINF || a->quantity == SBX_DRENYI) && a->d > 1)
        sbx_cell_infinite(z, "the supports differ");
    else
        sbx_cell_none(z, "none is known");
}
