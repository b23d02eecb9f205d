/* study/mechanism.c -- permute-and-flip (McKenna and Sheldon 2020), the shifted rational function
 * and the power mechanism.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

static const char closed[] = "closed form";
static const char root[] = "enclosed root";

/* ---- permute-and-flip -------------------------------------------------------------------- */

/* With a = e^-g for all the others: the weight of the greatest score (1 - (1 - a)^d) / (d a), and
 * (1 - a)^(d - 1), at a point a in (0, 1]. */
static void weights(calc *c, sbx_ivf *top, sbx_ivf *rest, const sbx_ivf *a, long d)
{
    sbx_ivf t[3];
    if (c->st != SBX_OK) return;
    if (mpfr_cmp_ui(a->hi, 1) >= 0) {
        sbx_calc_ratio(c, top, 1, d);
        if (d == 1)
            calc_si(c, rest, 1);
        else
            calc_si(c, rest, 0);
        return;
    }
    calc_init(c, t, 3);
    calc_neg(c, &t[0], a);
    calc_log1p(c, &t[0], &t[0]);
    sbx_calc_mul_si(c, &t[1], &t[0], d - 1);
    calc_exp(c, rest, &t[1]);
    sbx_calc_mul_si(c, &t[1], &t[0], d);
    calc_expm1(c, &t[1], &t[1]);
    calc_neg(c, &t[1], &t[1]);
    sbx_calc_mul_si(c, &t[2], a, d);
    calc_div(c, top, &t[1], &t[2]);
    calc_clear(t, 3);
}

/* Both fall as a rises, so over an interval of gaps they rise from its left end to its right. */
static void weights_over(calc *c, sbx_ivf *top, sbx_ivf *rest, const sbx_ivf *g, long d)
{
    sbx_ivf t[5];
    calc_init(c, t, 5);
    for (int k = 0; k < 2 && c->st == SBX_OK; k++) {
        sbx_calc_point(c, &t[0], k ? g->hi : g->lo);
        calc_neg(c, &t[0], &t[0]);
        calc_exp(c, &t[0], &t[0]);
        sbx_calc_point(c, &t[1], t[0].lo);
        sbx_calc_point(c, &t[2], t[0].hi);
        weights(c, &t[3], &t[4], &t[1], d);
        if (k == 0) {
            if (c->st == SBX_OK) sbx_ivf_set(top, &t[3]);
            if (c->st == SBX_OK) sbx_ivf_set(rest, &t[4]);
        }
        calc_hull(c, top, top, &t[3]);
        calc_hull(c, rest, rest, &t[4]);
        weights(c, &t[3], &t[4], &t[2], d);
        calc_hull(c, top, top, &t[3]);
        calc_hull(c, rest, rest, &t[4]);
    }
    calc_clear(t, 5);
}

/* g (1 - P) */
static void flip_error(calc *c, sbx_ivf *z, const sbx_ivf *g, const void *arg)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    weights_over(c, &t[0], &t[1], g, *(const long *)arg);
    calc_si(c, &t[2], 1);
    calc_sub(c, &t[0], &t[2], &t[0]);
    calc_mul(c, z, &t[0], g);
    calc_clear(t, 3);
}
/* its slope 1 - P - g (P - Q) */
static void flip_slope(calc *c, sbx_ivf *z, const sbx_ivf *g, const void *arg)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    weights_over(c, &t[0], &t[1], g, *(const long *)arg);
    calc_sub(c, &t[1], &t[0], &t[1]);
    calc_mul(c, &t[1], &t[1], g);
    calc_si(c, &t[2], 1);
    calc_sub(c, &t[0], &t[2], &t[0]);
    calc_sub(c, z, &t[0], &t[1]);
    calc_clear(t, 3);
}

/* The worst scores have equal gaps [L-NRM-66]. Beyond the gap G the error is at most
 * (d - 1) g e^-g, which falls. */
static void flip_worst(calc *c, sbx_cell *z, const study_ask *a)
{
    const long n = a->d - 1;
    sbx_ivf t[4];
    calc_init(c, t, 4);
    sbx_calc_add_si(c, &t[0], &t[0], n);
    calc_log(c, &t[0], &t[0]);
    sbx_calc_mul_si(c, &t[0], &t[0], 2);
    sbx_calc_add_si(c, &t[0], &t[0], 8);
    if (c->st == SBX_OK) sbx_calc_point(c, &t[0], t[0].hi);
    calc_si(c, &t[1], 0);
    sbx_calc_greatest(c, &t[2], flip_error, flip_slope, &a->d, &t[1], &t[0]);
    calc_neg(c, &t[3], &t[0]);
    calc_exp(c, &t[3], &t[3]);
    calc_mul(c, &t[3], &t[3], &t[0]);
    sbx_calc_mul_si(c, &t[3], &t[3], n);
    if (c->st == SBX_OK && mpfr_cmp(t[3].hi, t[2].lo) > 0)
        c->st = sbx_fail(c->err, SBX_ERR_SOUNDNESS, SBX_HERE, "the tail is above the maximum");
    sbx_cell_iv(c, z, &t[2], "enclosed maximum of one variable");
    calc_clear(t, 4);
}

void sbx_study_flip(calc *c, sbx_cell *z, const study_ask *a)
{
    if (mpq_sgn(a->par) != 0) {
        sbx_cell_none(z, "known for the base e alone");
    } else if (a->d == 1 || a->quantity == SBX_WORST_ERROR || a->quantity == SBX_RATIO ||
               a->quantity == SBX_DINF || a->quantity == SBX_DRENYI) { /* [L-NRM-67] */
        sbx_study_softmax(c, z, a);
    } else if (a->quantity == SBX_EXPECTED_ERROR) {
        flip_worst(c, z, a);
    } else if (a->quantity == SBX_FROBENIUS) {
        sbx_cell_si(c, z, 1, 1, closed);       /* two that tie [L-NRM-82] */
    } else if (a->quantity == SBX_LIPSCHITZ) { /* twice softmax's [L-NRM-67] */
        mpq_t two;
        sbx_study_softmax(c, z, a);
        mpq_init(two);
        mpq_set_si(two, 2, 1);
        sbx_cell_times(c, z, two);
        mpq_clear(two);
    } else {
        sbx_cell_none(z, "range");
    }
}

/* ---- shifted rational: h(g) = (1 + g)^-p of the gap g ------------------------------------- */

typedef struct power_root {
    mpq_srcptr p; /* the exponent */
    mpq_t less;   /* p - 1 */
    sbx_ivf *k;   /* what the left side must come to */
} power_root;

/* t (1 + t)^(p - 1) - k */
static void shifted_of(calc *c, sbx_ivf *z, const sbx_ivf *x, const void *arg)
{
    const power_root *r = arg;
    sbx_ivf t;
    calc_init(c, &t, 1);
    sbx_calc_add_si(c, &t, x, 1);
    sbx_calc_pow(c, &t, &t, r->less);
    calc_mul(c, &t, &t, x);
    calc_sub(c, z, &t, r->k);
    calc_clear(&t, 1);
}

/* k = (d - 1) (p - 1)^(p - 1) / p^p   [L-NRM-68] */
static void shifted_error(calc *c, sbx_cell *z, const study_ask *a)
{
    sbx_ivf t[4];
    power_root r = {.p = a->par, .k = &t[0]};
    mpq_t one;
    const int order = mpq_cmp_ui(a->par, 1, 1);
    if (a->d == 1) {
        sbx_cell_si(c, z, 0, 1, closed);
        return;
    }
    if (order < 0) {
        sbx_cell_infinite(z, "the weights fall slower than the gaps grow");
        return;
    }
    if (order == 0) {
        sbx_cell_si(c, z, a->d - 1, 1, "closed form, a limit");
        return;
    }
    if (mpq_cmp_ui(a->par, 2, 1) == 0) { /* t (1 + t) = (d - 1) / 4 */
        mpq_t v;
        sbx_cell_sqrt_si(c, z, a->d, 1, closed);
        mpq_init(v);
        mpq_set_si(v, 1, 1);
        mpq_sub(z->lo, z->lo, v);
        mpq_sub(z->hi, z->hi, v);
        mpq_set_si(v, 1, 2);
        sbx_cell_times(c, z, v);
        mpq_clear(v);
        return;
    }
    mpq_inits(r.less, one, (mpq_ptr)0);
    calc_init(c, t, 4);
    mpq_set_ui(one, 1, 1);
    mpq_sub(r.less, a->par, one);
    calc_q(c, &t[0], r.less);
    sbx_calc_pow(c, &t[0], &t[0], r.less);
    calc_q(c, &t[1], a->par);
    sbx_calc_pow(c, &t[1], &t[1], a->par);
    calc_div(c, &t[0], &t[0], &t[1]);
    sbx_calc_mul_si(c, &t[0], &t[0], a->d - 1);
    calc_si(c, &t[1], 0);
    sbx_calc_root(c, &t[3], shifted_of, &r, &t[1], &t[0], NULL); /* t <= t (1 + t)^(p-1) = k */
    sbx_cell_iv(c, z, &t[3], root);
    calc_clear(t, 4);
    mpq_clears(r.less, one, (mpq_ptr)0);
}

/* p times softmax's Lipschitz constants; D_inf is worst where all others tie, unless p > d
 * [L-NRM-69] */
void sbx_study_shifted(calc *c, sbx_cell *z, const study_ask *a)
{
    const char *const far = "bounds";
    mpq_t v;
    mpq_init(v);
    if (a->quantity == SBX_EXPECTED_ERROR) {
        shifted_error(c, z, a);
    } else if (a->d == 1 || a->quantity == SBX_LIPSCHITZ || a->quantity == SBX_FROBENIUS ||
               a->quantity == SBX_WORST_ERROR || a->quantity == SBX_RATIO) {
        sbx_study_softmax(c, z, a); /* [L-NRM-69], [L-NRM-82] */
        if (a->quantity == SBX_LIPSCHITZ || a->quantity == SBX_FROBENIUS)
            sbx_cell_times(c, z, a->par);
    } else if (a->quantity == SBX_DINF && mpq_cmp_si(a->par, a->d, 1) <= 0 && a->p != SBX_L2) {
        sbx_cell_si(c, z, (a->p == SBX_L1 ? 1 : 2) * (a->d - 1), a->d, closed);
        sbx_cell_times(c, z, a->par);
    } else if (a->quantity == SBX_DINF || a->quantity == SBX_DRENYI) {
        sbx_ivf t[2];
        calc_init(c, t, 2);
        calc_si(c, &t[1], sbx_study_slope(a->p));
        calc_sqrt(c, &t[1], &t[1]);
        sbx_cell_between(c, z, &t[0], &t[1], far);
        sbx_cell_times(c, z, a->par);
        calc_clear(t, 2);
    } else {
        sbx_cell_none(z, "range");
    }
    mpq_clear(v);
}

/* ---- power: x_i^lambda --------------------------------------------------------------------- */

/* 1 - t = k t^(lambda + 1) as k t^(lambda + 1) + t - 1, which rises */
static void power_of(calc *c, sbx_ivf *z, const sbx_ivf *x, const void *arg)
{
    const power_root *r = arg;
    sbx_ivf t;
    calc_init(c, &t, 1);
    sbx_calc_pow(c, &t, x, r->less);
    calc_mul(c, &t, &t, r->k);
    calc_add(c, &t, &t, x);
    sbx_calc_add_si(c, z, &t, -1);
    calc_clear(&t, 1);
}

/* k = (d - 1) lambda^lambda / (lambda + 1)^(lambda + 1)   [L-NRM-70] */
static void power_ratio(calc *c, sbx_cell *z, long d, mpq_srcptr lambda)
{
    sbx_ivf t[4];
    power_root r = {.p = lambda, .k = &t[0]};
    mpq_t one;
    mpq_inits(r.less, one, (mpq_ptr)0);
    calc_init(c, t, 4);
    mpq_set_ui(one, 1, 1);
    mpq_add(r.less, lambda, one);
    calc_q(c, &t[0], lambda);
    sbx_calc_pow(c, &t[0], &t[0], lambda);
    calc_q(c, &t[1], r.less);
    sbx_calc_pow(c, &t[1], &t[1], r.less);
    calc_div(c, &t[0], &t[0], &t[1]);
    sbx_calc_mul_si(c, &t[0], &t[0], d - 1);
    calc_si(c, &t[1], 0);
    calc_si(c, &t[2], 1);
    sbx_calc_root(c, &t[3], power_of, &r, &t[1], &t[2], NULL);
    sbx_cell_iv(c, z, &t[3], root);
    calc_clear(t, 4);
    mpq_clears(r.less, one, (mpq_ptr)0);
}

/* On log x it is softmax. */
void sbx_study_power(calc *c, sbx_cell *z, const study_ask *a)
{
    if (a->d == 1 || a->quantity == SBX_WORST_ERROR) {
        sbx_study_softmax(c, z, a);
    } else if (a->quantity == SBX_DINF || a->quantity == SBX_DRENYI) {
        sbx_study_softmax(c, z, a);
        sbx_cell_times(c, z, a->par);
    } else if (a->quantity == SBX_RATIO) {
        power_ratio(c, z, a->d, a->par);
    } else if (a->quantity == SBX_EXPECTED_ERROR || a->quantity == SBX_LIPSCHITZ ||
               a->quantity == SBX_FROBENIUS) {
        sbx_cell_infinite(z, "the weights of c x are those of x, for every c > 0");
    } else {
        sbx_cell_none(z, "range");
    }
}
