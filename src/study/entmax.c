/* study/entmax.c -- alpha-entmax, p_i = [(alpha - 1) x_i - tau]_+^(1 / (alpha - 1)).
 *
 * Written in its weights p everything depends on one of them: b = 2 - alpha, s_i = p_i^b, and the
 * matrix of derivatives is diag(s) - s s^T / sum s. Let r = (d - 1)^(-(1 - b) / (1 + b)); then
 *
 *   1 -> 1, inf -> inf     2 / (1 + r)^(1 + b)                       [L-NRM-61]
 *   2 -> 2                 max(2^-b, d / (d - 1) / (1 + r)^(1 + b))  [L-NRM-88]
 *   inf -> 1               4 / (k^-t + (d - k)^-t)^(1 + b), k = floor(d / 2), t = (1 - b) / (1 + b)   [L-NRM-89]
 *   expected error         max over q of (1 - q) (q^(alpha - 1) - ((1 - q) / (d - 1))^(alpha - 1))
 *                          / (alpha - 1)                             [L-NRM-60]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

#include <math.h>

typedef struct entmax {
    mpq_t a, less, more, b, pb, one; /* alpha - 1, alpha - 2, alpha, 2 - alpha, 1 + b, 1 */
    long others;
} entmax;

static void start(entmax *e, const study_ask *a)
{
    mpq_inits(e->a, e->less, e->more, e->b, e->pb, e->one, (mpq_ptr)0);
    mpq_set_ui(e->one, 1, 1);
    mpq_set(e->more, a->par);
    mpq_sub(e->a, e->more, e->one);
    mpq_sub(e->less, e->a, e->one);
    mpq_neg(e->b, e->less);
    mpq_add(e->pb, e->b, e->one);
    e->others = a->d - 1;
}
static void end(entmax *e) { mpq_clears(e->a, e->less, e->more, e->b, e->pb, e->one, (mpq_ptr)0); }

/* (1 - q) (q^a - ((1 - q) / n)^a) / a */
static void gap(calc *c, sbx_ivf *z, const sbx_ivf *q, const void *arg)
{
    const entmax *e = arg;
    sbx_ivf t[4];
    calc_init(c, t, 4);
    calc_si(c, &t[0], 1);
    calc_sub(c, &t[0], &t[0], q);
    if (c->st == SBX_OK && mpfr_sgn(t[0].lo) < 0) mpfr_set_zero(t[0].lo, 1); /* q <= 1 */
    sbx_calc_pow(c, &t[1], q, e->a);
    sbx_calc_div_si(c, &t[2], &t[0], e->others);
    sbx_calc_pow(c, &t[2], &t[2], e->a);
    calc_sub(c, &t[1], &t[1], &t[2]);
    calc_mul(c, &t[1], &t[1], &t[0]);
    calc_q(c, &t[3], e->a);
    calc_div(c, z, &t[1], &t[3]);
    calc_clear(t, 4);
}

/* its derivative, times a: (1 - q) a q^(a - 1) - q^a + (1 + a) ((1 - q) / n)^a */
static void gap_slope(calc *c, sbx_ivf *z, const sbx_ivf *q, const void *arg)
{
    const entmax *e = arg;
    sbx_ivf t[4];
    calc_init(c, t, 4);
    calc_si(c, &t[0], 1);
    calc_sub(c, &t[0], &t[0], q);
    if (c->st == SBX_OK && mpfr_sgn(t[0].lo) < 0) mpfr_set_zero(t[0].lo, 1);
    sbx_calc_pow(c, &t[1], q, e->less);
    calc_mul(c, &t[1], &t[1], &t[0]);
    calc_q(c, &t[2], e->a);
    calc_mul(c, &t[1], &t[1], &t[2]);
    sbx_calc_pow(c, &t[2], q, e->a);
    calc_sub(c, &t[1], &t[1], &t[2]);
    sbx_calc_div_si(c, &t[2], &t[0], e->others);
    sbx_calc_pow(c, &t[2], &t[2], e->a);
    calc_q(c, &t[3], e->more);
    calc_mul(c, &t[2], &t[2], &t[3]);
    calc_add(c, z, &t[1], &t[2]);
    calc_clear(t, 4);
}
static void true_slope(calc *c, sbx_ivf *z, const sbx_ivf *q, const void *arg)
{
    const entmax *e = arg;
    sbx_ivf t;
    calc_init(c, &t, 1);
    gap_slope(c, z, q, arg);
    calc_q(c, &t, e->a);
    calc_div(c, z, z, &t);
    calc_clear(&t, 1);
}
static void gap_fall(calc *c, sbx_ivf *z, const sbx_ivf *q, const void *arg)
{
    gap_slope(c, z, q, arg);
    calc_neg(c, z, z);
}

/* For alpha <= 2 the function is concave: its greatest value is where the slope passes 0. */
static void error(calc *c, sbx_cell *z, const study_ask *a)
{
    entmax e;
    sbx_ivf t[4];
    start(&e, a);
    calc_init(c, t, 4);
    sbx_calc_ratio(c, &t[0], 1, a->d);
    calc_si(c, &t[1], 1);
    if (mpq_sgn(e.less) <= 0) {
        sbx_calc_root(c, &t[2], gap_fall, &e, &t[0], &t[1], NULL);
        gap(c, &t[3], &t[2], &e);
    } else {
        sbx_calc_greatest(c, &t[3], gap, true_slope, &e, &t[0], &t[1]);
    }
    sbx_cell_iv(c, z, &t[3], "enclosed maximum of one variable");
    calc_clear(t, 4);
    end(&e);
}

/* t[0] = 1 / (1 + r)^(1 + b) */
static void spread(calc *c, sbx_ivf *z, const entmax *e)
{
    mpq_t y;
    sbx_ivf t;
    mpq_init(y);
    calc_init(c, &t, 1);
    mpq_sub(y, e->b, e->one);
    mpq_div(y, y, e->pb);
    calc_si(c, z, e->others);
    sbx_calc_pow(c, z, z, y);
    sbx_calc_add_si(c, z, z, 1);
    sbx_calc_pow(c, z, z, e->pb);
    calc_si(c, &t, 1);
    calc_div(c, z, &t, z);
    calc_clear(&t, 1);
    mpq_clear(y);
}

/* rho = (1 - b) / (1 + b) */
static void rho(mpq_ptr v, const entmax *e)
{
    mpq_sub(v, e->one, e->b);
    mpq_div(v, v, e->pb);
}

/* 4 / (k^-rho + l^-rho)^(1 + b): k scores of one sign against l of the other */
static void signs(calc *c, sbx_ivf *z, const entmax *e, long k, long l)
{
    sbx_ivf t[2];
    mpq_t y;
    mpq_init(y);
    calc_init(c, t, 2);
    rho(y, e);
    mpq_neg(y, y);
    calc_si(c, &t[0], k);
    sbx_calc_pow(c, &t[0], &t[0], y);
    calc_si(c, &t[1], l);
    sbx_calc_pow(c, &t[1], &t[1], y);
    calc_add(c, &t[0], &t[0], &t[1]);
    sbx_calc_pow(c, &t[0], &t[0], e->pb);
    calc_si(c, &t[1], 4);
    calc_div(c, z, &t[1], &t[0]);
    calc_clear(t, 2);
    mpq_clear(y);
}

/* is the maximum of two values the constant 2 -> 2 */
static bool settled(calc *c, const entmax *e)
{
    mpq_t y;
    bool ok = e->others == 1;
    mpq_init(y);
    rho(y, e);
    if (!ok) ok = sbx_study_one_turn(c, y);
    mpq_clear(y);
    return ok;
}

static void lipschitz(calc *c, sbx_cell *z, const study_ask *a)
{
    const char *const how = "closed form";
    entmax e;
    sbx_ivf t[6];
    const bool self = a->p == a->q && a->p != SBX_L2;
    start(&e, a);
    calc_init(c, t, 6);
    spread(c, &t[0], &e);
    calc_si(c, &t[1], 2);
    sbx_calc_pow(c, &t[1], &t[1], e.less); /* 2^-b */
    calc_si(c, &t[2], a->d);
    sbx_calc_pow(c, &t[2], &t[2], e.a); /* d^(1 - b) >= inf -> 1 */
    sbx_calc_mul_si(c, &t[3], &t[0], 2);
    if (self) {
        sbx_cell_iv(c, z, &t[3], how);
    } else if (a->p == SBX_L1 && a->q == SBX_LINF) {
        sbx_cell_iv(c, z, &t[0], how);
    } else if (a->p == SBX_L2 && a->q == SBX_L2) { /* [L-NRM-88], [L-NRM-62] */
        sbx_calc_mul_si(c, &t[4], &t[0], a->d);
        sbx_calc_div_si(c, &t[4], &t[4], e.others);
        calc_max(c, &t[4], &t[4], &t[1]);
        calc_si(c, &t[5], 1);
        calc_min(c, &t[3], &t[3], &t[5]);
        if (settled(c, &e))
            sbx_cell_iv(c, z, &t[4], how);
        else
            sbx_cell_between(c, z, &t[4], &t[3], how);
    } else if (a->p == SBX_LINF && a->q == SBX_L1) {
        if (a->d % 2 == 0) {
            sbx_cell_iv(c, z, &t[2], how);
        } else {
            signs(c, &t[4], &e, a->d / 2, a->d - a->d / 2);
            sbx_cell_iv(c, z, &t[4], how);
        }
    } else if ((a->p == SBX_L1 && a->q == SBX_L2) || (a->p == SBX_L2 && a->q == SBX_LINF)) {
        /* (s_j / sum s) sqrt(B^2 + sum of the others' squares), B the sum of the others' s */
        sbx_calc_ratio(c, &t[4], a->d, e.others);
        calc_sqrt(c, &t[4], &t[4]);
        calc_mul(c, &t[4], &t[4], &t[0]);
        sbx_calc_ratio(c, &t[5], 1, 2);
        calc_sqrt(c, &t[5], &t[5]);
        calc_mul(c, &t[3], &t[3], &t[5]);
        sbx_cell_between(c, z, &t[4], &t[3], how);
    } else { /* 2 -> 1, inf -> 2: |y|_2^2 <= |y|_1 |y|_inf above, one or all pairs below */
        calc_mul(c, &t[3], &t[3], &t[2]);
        calc_sqrt(c, &t[3], &t[3]);
        calc_si(c, &t[4], 2);
        calc_sqrt(c, &t[4], &t[4]);
        calc_mul(c, &t[4], &t[4], &t[1]);
        calc_si(c, &t[5], a->d - a->d % 2);
        calc_sqrt(c, &t[2], &t[5]);
        sbx_calc_pow(c, &t[5], &t[5], e.less);
        calc_mul(c, &t[5], &t[5], &t[2]);
        calc_max(c, &t[4], &t[4], &t[5]);
        sbx_cell_between(c, z, &t[4], &t[3], how);
    }
    calc_clear(t, 6);
    end(&e);
}

/* 2^-b for d = 2; for b <= 1/2 sqrt(d - 1) d^-b, at equal weights; else between the greater of these and
 * sqrt(1 - 1/d)   [L-NRM-82] */
static void frobenius(calc *c, sbx_cell *z, const study_ask *a)
{
    entmax e;
    sbx_ivf t[4];
    mpq_t half;
    start(&e, a);
    calc_init(c, t, 4);
    mpq_init(half);
    mpq_set_si(half, 1, 2);
    calc_si(c, &t[0], 2);
    sbx_calc_pow(c, &t[0], &t[0], e.less);
    calc_si(c, &t[1], a->d);
    sbx_calc_pow(c, &t[1], &t[1], e.less);
    calc_si(c, &t[2], e.others);
    calc_sqrt(c, &t[2], &t[2]);
    calc_mul(c, &t[1], &t[1], &t[2]);
    if (a->d == 2) {
        sbx_cell_iv(c, z, &t[0], "closed form");
    } else if (mpq_cmp(e.b, half) < 0) {
        sbx_cell_iv(c, z, &t[1], "closed form");
    } else if (mpq_equal(e.b, half)) {
        sbx_cell_sqrt_si(c, z, e.others, a->d, "closed form");
    } else {
        calc_max(c, &t[0], &t[0], &t[1]);
        sbx_calc_ratio(c, &t[3], e.others, a->d);
        calc_sqrt(c, &t[3], &t[3]);
        sbx_cell_between(c, z, &t[0], &t[3], "");
    }
    mpq_clear(half);
    calc_clear(t, 4);
    end(&e);
}

static void worst(calc *c, sbx_cell *z, const study_ask *a)
{
    entmax e;
    mpq_t v;
    mpq_init(v);
    start(&e, a);
    mpq_inv(v, e.a);
    sbx_cell_q(c, z, v, "closed form");
    end(&e);
    mpq_clear(v);
}

void sbx_study_entmax(calc *c, sbx_cell *z, const study_ask *a)
{
    const int to_one = mpq_cmp_ui(a->par, 1, 1), to_two = mpq_cmp_ui(a->par, 2, 1);
    if (to_one == 0) {
        sbx_study_softmax(c, z, a);
    } else if (a->d == 1 || to_two == 0 || a->quantity == SBX_RATIO || a->quantity == SBX_DINF ||
               a->quantity == SBX_DRENYI || a->quantity == SBX_RANGE) {
        sbx_study_sparsemax(c, z, a);
    } else if (a->quantity == SBX_EXPECTED_ERROR) {
        error(c, z, a);
    } else if (a->quantity == SBX_WORST_ERROR) {
        worst(c, z, a);
    } else if (to_two > 0) {
        sbx_cell_infinite(z, "the slope grows without bound where a weight goes to 0");
    } else if (a->quantity == SBX_FROBENIUS) {
        frobenius(c, z, a);
    } else {
        lipschitz(c, z, a);
    }
}
