/* study/lower.c -- what every soft-max function must have: f(x) >= 0 of sum 1.
 *
 * f may be taken to treat all scores alike (the mean over permutations is no worse), so f(0) = u.
 * A score that leads by c must get its weight; how far the scores are from 0 then is
 * c (1 + r)^(1/p - 1), r = 0, 1 / (d - 1), 1 for p = 1, 2, inf   [L-NRM-75]
 *
 *   worst error 1      L_pq >= |e_1 - u|_q (1 + r)^(1 - 1/p)
 *   expected error 1   L_pq >= (1 - 1/d) / 4 of that                       (c = 2 / (1 - 1/d))
 *   D_inf              v^2 / (1 + v) (1 + r)^(1 - 1/p), v = W(e d) - 1    [L-NRM-76]
 *   D_a                max over t of (1 - t) D_a(t | 1/d) (1 + r)^(1 - 1/p), t the top's weight
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

static const char closed[] = "closed form";

/* v = |e_1 - u|_q^2 (1 + r)^(2 - 2/p) */
static void reach(mpq_ptr v, sbx_ell p, long d)
{
    if (p == SBX_L1)
        mpq_set_ui(v, 1, 1);
    else if (p == SBX_LINF)
        mpq_set_ui(v, 4, 1);
    else
        mpq_set_si(v, d, (unsigned long)(d - 1));
    mpq_canonicalize(v);
}

static void lipschitz(calc *c, sbx_cell *z, const study_ask *a)
{
    mpq_t v, w;
    mpq_inits(v, w, (mpq_ptr)0);
    reach(v, a->p, a->d);
    mpq_set_si(w, a->d - 1, (unsigned long)a->d);
    mpq_canonicalize(w);
    mpq_mul(v, v, w);
    if (a->q != SBX_L2) mpq_mul(v, v, w); /* 1 - 1/d: sqrt(1 - 1/d) of |.|_2 */
    if (a->q == SBX_L1) mpq_mul_2exp(v, v, 2);
    sbx_cell_sqrt(c, z, v, closed);
    mpq_div_2exp(w, w, 2);
    if (!a->worst) sbx_cell_times(c, z, w);
    mpq_clears(v, w, (mpq_ptr)0);
}

static void times_reach(calc *c, sbx_cell *z, const study_ask *a)
{
    mpq_t v;
    sbx_ivf t;
    mpq_init(v);
    calc_init(c, &t, 1);
    reach(v, a->p, a->d);
    calc_q(c, &t, v);
    calc_sqrt(c, &t, &t);
    sbx_cell_times_iv(c, z, &t);
    calc_clear(&t, 1);
    mpq_clear(v);
}

static void dinf(calc *c, sbx_cell *z, const study_ask *a)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    calc_si(c, &t[0], 1);
    calc_exp(c, &t[0], &t[0]);
    sbx_calc_mul_si(c, &t[0], &t[0], a->d);
    sbx_calc_lambert(c, &t[1], &t[0]);
    sbx_calc_add_si(c, &t[2], &t[1], -1);
    calc_sqr(c, &t[2], &t[2]);
    calc_div(c, &t[2], &t[2], &t[1]);
    sbx_cell_iv(c, z, &t[2], "closed form, Lambert's W");
    times_reach(c, z, a);
    calc_clear(t, 3);
}

typedef struct top {
    long d;
    mpq_t order, less; /* a, a - 1 */
    bool kl;
} top;

/* D_a of (t, (1 - t) / (d - 1), ...) from u, and its slope */
static void divergence(calc *c, sbx_ivf *z, sbx_ivf *slope, const sbx_ivf *x, const top *a)
{
    sbx_ivf t[6];
    calc_init(c, t, 6);
    calc_si(c, &t[0], 1);
    calc_sub(c, &t[0], &t[0], x);               /* 1 - t          */
    sbx_calc_div_si(c, &t[1], &t[0], a->d - 1); /* of each other  */
    if (a->kl) {
        calc_log(c, &t[2], x);
        calc_log(c, &t[3], &t[1]);
        calc_sub(c, slope, &t[2], &t[3]);
        calc_mul(c, &t[2], &t[2], x);
        calc_mul(c, &t[3], &t[3], &t[0]);
        calc_add(c, &t[2], &t[2], &t[3]);
        calc_si(c, &t[3], a->d);
        calc_log(c, &t[3], &t[3]);
        calc_add(c, z, &t[2], &t[3]);
    } else {
        sbx_calc_pow(c, &t[2], x, a->less);
        sbx_calc_pow(c, &t[3], &t[1], a->less);
        calc_sub(c, &t[4], &t[2], &t[3]);
        calc_mul(c, &t[2], &t[2], x);
        calc_mul(c, &t[3], &t[3], &t[0]);
        calc_add(c, &t[2], &t[2], &t[3]); /* t^a + (d - 1) ((1 - t) / (d - 1))^a */
        calc_div(c, &t[4], &t[4], &t[2]);
        calc_q(c, &t[5], a->order);
        calc_mul(c, &t[4], &t[4], &t[5]);
        calc_q(c, &t[5], a->less);
        calc_div(c, slope, &t[4], &t[5]);
        calc_log(c, &t[2], &t[2]);
        calc_div(c, &t[2], &t[2], &t[5]);
        calc_si(c, &t[3], a->d);
        calc_log(c, &t[3], &t[3]);
        calc_add(c, z, &t[2], &t[3]);
    }
    calc_clear(t, 6);
}
static void cost(calc *c, sbx_ivf *z, const sbx_ivf *x, const void *arg)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    divergence(c, &t[0], &t[1], x, arg);
    calc_si(c, &t[2], 1);
    calc_sub(c, &t[2], &t[2], x);
    calc_mul(c, z, &t[2], &t[0]);
    calc_clear(t, 3);
}
static void cost_slope(calc *c, sbx_ivf *z, const sbx_ivf *x, const void *arg)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    divergence(c, &t[0], &t[1], x, arg);
    calc_si(c, &t[2], 1);
    calc_sub(c, &t[2], &t[2], x);
    calc_mul(c, &t[2], &t[2], &t[1]);
    calc_sub(c, z, &t[2], &t[0]);
    calc_clear(t, 3);
}

/* t from 1/d to 1 - 2^-10; above it the cost is at most 2^-10 log d. */
static void renyi(calc *c, sbx_cell *z, const study_ask *a)
{
    top s = {.d = a->d, .kl = mpq_cmp_ui(a->order, 1, 1) == 0};
    sbx_ivf t[4];
    mpq_t one;
    mpq_inits(s.order, s.less, one, (mpq_ptr)0);
    calc_init(c, t, 4);
    mpq_set_ui(one, 1, 1);
    mpq_set(s.order, a->order);
    mpq_sub(s.less, s.order, one);
    sbx_calc_ratio(c, &t[0], 1, a->d);
    sbx_calc_ratio(c, &t[1], 1023, 1024);
    sbx_calc_greatest(c, &t[2], cost, cost_slope, &s, &t[0], &t[1]);
    calc_si(c, &t[3], a->d);
    calc_log(c, &t[3], &t[3]);
    sbx_calc_div_si(c, &t[3], &t[3], 1024);
    if (c->st == SBX_OK) mpfr_max(t[2].hi, t[2].hi, t[3].hi, MPFR_RNDU);
    sbx_cell_iv(c, z, &t[2], "enclosed maximum of one variable");
    times_reach(c, z, a);
    calc_clear(t, 4);
    mpq_clears(s.order, s.less, one, (mpq_ptr)0);
}

void sbx_study_lower(calc *c, sbx_cell *z, const study_ask *a)
{
    const bool smooth =
        a->quantity == SBX_LIPSCHITZ || a->quantity == SBX_DINF || a->quantity == SBX_DRENYI;
    if (!smooth)
        sbx_cell_none(z, "what is bounded is how smooth a normalizer of error 1 can be");
    else if (a->d == 1)
        sbx_cell_si(c, z, 0, 1, closed);
    else if (a->quantity == SBX_LIPSCHITZ)
        lipschitz(c, z, a);
    else if (a->worst)
        sbx_cell_infinite(z, "the supports differ");
    else if (a->quantity == SBX_DINF)
        dinf(c, z, a);
    else
        renyi(c, z, a);
}
