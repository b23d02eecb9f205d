/* study/points.c -- what is asked of a normalizer at points: its range over the cube, and the
 * divergence of its weights at one point from those at another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "softbox/norm.h"
#include "study/study.h"

#include <string.h>

#define EXACT_DIM 2000   /* rationals up to here */
#define RANGE_DIM 200000 /* a range takes seconds, and 1 kB a score */
#define ROOT_DIM  20000  /* ... where each value is found by halving  */

static bool has(const sbx_norm_info *info, const char *param)
{
    for (size_t k = 0; k < info->n_params; k++)
        if (strcmp(info->param[k].name, param) == 0) return true;
    return false;
}

/* the normalizer of text with its scale multiplied by s (NULL: 1) */
static sbx_status read(sbx_norm_args *a, const char *text, mpq_srcptr s, sbx_err *err)
{
    static const char *const names[] = {"lambda", "delta", "s"};
    sbx_status st = SBX_OK;
    mpq_t v;
    SBX_TRY(sbx_norm_read(a, text, err));
    if (!s || mpq_cmp_ui(s, 1, 1) == 0) goto done;
    for (size_t k = 0; k < 3; k++) {
        const sbx_norm_info *info = sbx_norm_get_info(a->norm);
        size_t at = 0;
        if (!has(info, names[k])) continue;
        while (strcmp(info->param[at].name, names[k]) != 0)
            at++;
        mpq_init(v);
        mpq_mul(v, a->value[at].v[0], s);
        st = sbx_norm_args_set(a, names[k], &v, 1, err);
        mpq_clear(v);
        goto done;
    }
    st = sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "%s has no scale", text);
done:
    return st;
}

/* ---- the range of f_1 over |x_j| <= 1 ------------------------------------------------------ */

static sbx_status range_q(sbx_cell *z, const sbx_norm_args *a, size_t d, const sbx_ctx *ctx,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivq *x = sbx_alloc(d, sizeof *x), p;
    size_t n = 0;
    sbx_ivq_init(&p, ctx);
    if (!x) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", d);
    for (; n < d; n++) {
        sbx_ivq_init(&x[n], ctx);
        mpq_set_si(x[n].lo, -1, 1);
        mpq_set_si(x[n].hi, 1, 1);
    }
    SBX_TRY(sbx_norm_range_ivq(&p, a, 0, x, d, ctx, err));
    SBX_TRY(sbx_ivq_get_q(z->lo, z->hi, &p, err));
done:
    while (x && n)
        sbx_ivq_clear(&x[--n]);
    sbx_free(x);
    sbx_ivq_clear(&p);
    return st;
}

static sbx_status range_f(sbx_cell *z, const sbx_norm_args *a, size_t d, const sbx_ctx *ctx,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivf *x = sbx_alloc(d, sizeof *x), p;
    size_t n = 0;
    sbx_ivf_init(&p, ctx);
    if (!x) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", d);
    for (; n < d; n++) {
        sbx_ivf_init(&x[n], ctx);
        mpfr_set_si(x[n].lo, -1, MPFR_RNDD);
        mpfr_set_si(x[n].hi, 1, MPFR_RNDU);
    }
    SBX_TRY(sbx_norm_range_ivf(&p, a, 0, x, d, ctx, err));
    SBX_TRY(sbx_ivf_get_q(z->lo, z->hi, &p, err));
done:
    while (x && n)
        sbx_ivf_clear(&x[--n]);
    sbx_free(x);
    sbx_ivf_clear(&p);
    return st;
}

/* ---- where f_1 with equal others is a formula [L-NRM-91] ----------------------------------- */

/* w = the weight of the score -1 beside 1, of which the greater has 1; how it is exact */
typedef struct levels {
    sbx_ivf w;
    mpq_t q;
    bool exact;
} levels;

/* [w / (w + n), 1 / (1 + n w)] */
static void quotients(calc *c, sbx_cell *z, const levels *v, size_t n)
{
    sbx_ivf t[2];
    calc_init(c, t, 2);
    if (v->exact) {
        mpq_set_ui(z->lo, n, 1);
        mpq_add(z->lo, z->lo, v->q);
        mpq_div(z->lo, v->q, z->lo);
        mpq_set_ui(z->hi, n, 1);
        mpq_mul(z->hi, z->hi, v->q);
        mpz_add(mpq_numref(z->hi), mpq_numref(z->hi), mpq_denref(z->hi));
        mpq_inv(z->hi, z->hi);
    } else {
        mpq_t skip;
        mpq_init(skip);
        sbx_calc_add_si(c, &t[0], &v->w, (long)n);
        calc_div(c, &t[0], &v->w, &t[0]);
        if (c->st == SBX_OK) c->st = sbx_ivf_get_q(z->lo, skip, &t[0], c->err);
        sbx_calc_mul_si(c, &t[0], &v->w, (long)n);
        sbx_calc_add_si(c, &t[0], &t[0], 1);
        calc_si(c, &t[1], 1);
        calc_div(c, &t[0], &t[1], &t[0]);
        if (c->st == SBX_OK) c->st = sbx_ivf_get_q(skip, z->hi, &t[0], c->err);
        mpq_clear(skip);
    }
    calc_clear(t, 2);
}

/* e^(-2 lambda) */
static void of_exp(calc *c, levels *v, mpq_srcptr lambda)
{
    calc_q(c, &v->w, lambda);
    sbx_calc_mul_si(c, &v->w, &v->w, -2);
    calc_exp(c, &v->w, &v->w);
}

/* (1 + 2 / s)^-p */
static void of_rational(levels *v, const sbx_norm_args *a)
{
    const unsigned long p = mpz_get_ui(mpq_numref(a->value[0].v[0]));
    mpq_set_si(v->q, 2, 1);
    mpq_div(v->q, v->q, a->value[1].v[0]);
    mpz_add(mpq_numref(v->q), mpq_numref(v->q), mpq_denref(v->q));
    mpq_inv(v->q, v->q);
    mpz_pow_ui(mpq_numref(v->q), mpq_numref(v->q), p);
    mpz_pow_ui(mpq_denref(v->q), mpq_denref(v->q), p);
    v->exact = true;
}

/* [a / d, (1 - (1 - a)^d) / (d a)], a = e^(-2 lambda) */
static void of_flip(calc *c, sbx_cell *z, levels *v, mpq_srcptr lambda, long d)
{
    sbx_ivf t[2];
    mpq_t skip;
    mpq_init(skip);
    calc_init(c, t, 2);
    of_exp(c, v, lambda);
    sbx_calc_div_si(c, &t[0], &v->w, d);
    if (c->st == SBX_OK) c->st = sbx_ivf_get_q(z->lo, skip, &t[0], c->err);
    calc_neg(c, &t[0], &v->w);
    calc_log1p(c, &t[0], &t[0]);
    sbx_calc_mul_si(c, &t[0], &t[0], d);
    calc_expm1(c, &t[0], &t[0]);
    calc_neg(c, &t[0], &t[0]);
    sbx_calc_mul_si(c, &t[1], &v->w, d);
    calc_div(c, &t[0], &t[0], &t[1]);
    if (c->st == SBX_OK) c->st = sbx_ivf_get_q(skip, z->hi, &t[0], c->err);
    calc_clear(t, 2);
    mpq_clear(skip);
}

/* does one score have the weight 1 */
static bool alone(const sbx_norm_args *a)
{
    const unsigned want = SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT;
    return (sbx_norm_traits(a) & want) == want && !sbx_norm_get_info(a->norm)->zero_rows &&
           sbx_norm_outputs(a, 1) == 1;
}

/* *done: it was one of these */
static sbx_status by_levels(bool *done, sbx_cell *z, const sbx_norm_args *a, size_t d,
                            const sbx_ctx *ctx, sbx_err *err)
{
    const char *name = sbx_norm_get_info(a->norm)->name;
    calc c = {.ctx = *ctx, .err = err};
    levels v = {.exact = false};
    calc_init(&c, &v.w, 1);
    mpq_init(v.q);
    *done = true;
    if (d == 1 && alone(a)) {
        mpq_set_ui(z->lo, 1, 1);
        mpq_set_ui(z->hi, 1, 1);
        v.exact = true;
    } else if (strcmp(name, "hardmax") == 0) {
        mpq_set_ui(z->lo, 0, 1);
        mpq_set_ui(z->hi, 1, 1);
        v.exact = true;
    } else if (strcmp(name, "rational") == 0) {
        of_rational(&v, a);
        quotients(&c, z, &v, d - 1);
    } else if (strcmp(name, "top-k") == 0) {
        const size_t k = (size_t)mpz_get_ui(mpq_numref(a->value[0].v[0]));
        of_exp(&c, &v, a->value[1].v[0]);
        quotients(&c, z, &v, (k < d ? k : d) - 1);
        if (k < d) mpq_set_ui(z->lo, 0, 1);
    } else if (strcmp(name, "permute-and-flip") == 0 && mpq_sgn(a->value[1].v[0]) == 0) {
        of_flip(&c, z, &v, a->value[0].v[0], (long)d);
    } else {
        *done = false;
    }
    if (*done) {
        z->kind = SBX_CELL_RANGE;
        z->exact = v.exact;
        z->reached = true;
        z->how = v.exact ? "closed form" : "enclosed closed form";
        z->why = NULL;
    }
    mpq_clear(v.q);
    calc_clear(&v.w, 1);
    return c.st;
}

/* Sharp, so exact in rationals, unless it is found by a search   [L-NRM-02], [L-NRM-03] */
sbx_status sbx_study_range(sbx_cell *z, const char *text, size_t d, mpq_srcptr scale, long prec,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_norm_args a = {.norm = NULL};
    sbx_ctx ctx = sbx_ctx_default;
    const sbx_norm_info *info;
    sbx_err none = {SBX_OK, NULL, ""};
    bool sharp, rational, done = false;
    ctx.prec = prec;
    SBX_TRY(read(&a, text, scale, err));
    SBX_TRY(by_levels(&done, z, &a, d, &ctx, err));
    if (done) goto done;
    info = sbx_norm_get_info(a.norm);
    if (d > (strcmp(info->name, "entmax") == 0 ? ROOT_DIM : RANGE_DIM)) {
        sbx_cell_none(z, d > RANGE_DIM ? "not looked for beyond 200000 scores"
                                       : "not looked for beyond 20000 scores");
        goto done;
    }
    sharp = info->shape != SBX_NORM_BRANCH;
    rational = info->kind == SBX_NORM_RATIONAL && d <= EXACT_DIM && sharp;
    st = rational ? range_q(z, &a, d, &ctx, &none) : range_f(z, &a, d, &ctx, &none);
    if (st == SBX_ERR_DOMAIN || st == SBX_ERR_UNSUPPORTED) {
        sbx_cell_none(z, "it has no value on all of the cube");
        st = SBX_OK;
        goto done;
    }
    if (st != SBX_OK && err) *err = none;
    if (st != SBX_OK) goto done;
    z->kind = SBX_CELL_RANGE;
    z->exact = rational;
    z->reached = sharp;
    z->how = rational ? "closed form" : sharp ? "enclosed closed form" : "a search";
    z->why = NULL;
done:
    sbx_norm_args_clear(&a);
    return st;
}

/* ---- D_a(f(x) | f(y)) ------------------------------------------------------------------------ */

static sbx_status weights(sbx_ivf *p, const sbx_norm_args *a, const mpq_t *x, size_t d,
                          const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < d; j++)
        SBX_TRY(sbx_ivf_set_q(&p[j], x[j], ctx, err));
    SBX_TRY(sbx_norm_eval_ivf(p, a, p, d, ctx, err));
done:
    return st;
}

/* max log p/q; log(sum p^a q^(1-a)) / (a - 1); sum p log(p/q) */
static void diverge(calc *c, sbx_ivf *z, const sbx_ivf *p, const sbx_ivf *q, size_t d,
                    mpq_srcptr order)
{
    const bool kl = order && mpq_cmp_ui(order, 1, 1) == 0;
    sbx_ivf t[4];
    calc_init(c, t, 4);
    for (size_t j = 0; j < d && c->st == SBX_OK; j++) {
        if (mpfr_sgn(p[j].hi) == 0) continue; /* no weight, no part */
        calc_log(c, &t[0], &p[j]);
        calc_log(c, &t[1], &q[j]);
        calc_sub(c, &t[1], &t[0], &t[1]);
        if (!order) {
            if (j == 0 && c->st == SBX_OK) sbx_ivf_set(&t[3], &t[1]);
            calc_max(c, &t[3], &t[3], &t[1]);
        } else if (kl) {
            calc_mul(c, &t[1], &t[1], &p[j]);
            calc_add(c, &t[3], &t[3], &t[1]);
        } else { /* p e^((a - 1) log(p/q)) */
            calc_q(c, &t[2], order);
            sbx_calc_add_si(c, &t[2], &t[2], -1);
            calc_mul(c, &t[1], &t[1], &t[2]);
            calc_exp(c, &t[1], &t[1]);
            calc_mul(c, &t[1], &t[1], &p[j]);
            calc_add(c, &t[3], &t[3], &t[1]);
        }
    }
    if (order && !kl) {
        calc_log(c, &t[3], &t[3]);
        calc_div(c, &t[3], &t[3], &t[2]);
    }
    if (c->st == SBX_OK) sbx_ivf_set(z, &t[3]);
    calc_clear(t, 4);
}

sbx_status sbx_study_divergence(sbx_cell *z, const char *normalizer, const mpq_t *x, const mpq_t *y,
                                size_t d, mpq_srcptr order, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_norm_args a = {.norm = NULL};
    calc c = {.ctx = {.prec = 192}, .err = err};
    sbx_ivf *p = d ? sbx_alloc(2 * d, sizeof *p) : NULL, v;
    size_t n = 0;
    sbx_ivf_init(&v, &c.ctx);
    if (order && mpq_cmp_ui(order, 1, 1) < 0)
        SBX_FAIL(err, SBX_ERR_ARG, "the order of a divergence must be at least 1");
    if (!d) SBX_FAIL(err, SBX_ERR_ARG, "no scores");
    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", d);
    for (; n < 2 * d; n++)
        sbx_ivf_init(&p[n], &c.ctx);
    SBX_TRY(sbx_norm_read(&a, normalizer, err));
    if (sbx_norm_outputs(&a, d) != d || !(sbx_norm_traits(&a) & SBX_NORM_SUMS_TO_ONE))
        SBX_FAIL(err, SBX_ERR_ARG, "the weights of %s do not sum to one", normalizer);
    SBX_TRY(weights(p, &a, x, d, &c.ctx, err));
    SBX_TRY(weights(p + d, &a, y, d, &c.ctx, err));
    for (size_t j = 0; j < d; j++)
        if (mpfr_sgn(p[d + j].hi) == 0 && mpfr_sgn(p[j].lo) > 0) {
            sbx_cell_infinite(z, "the supports differ");
            goto done;
        } else if (mpfr_sgn(p[d + j].lo) == 0 && mpfr_sgn(p[j].hi) > 0) {
            sbx_cell_none(z, "a weight is 0, or may be");
            goto done;
        }
    diverge(&c, &v, p, p + d, d, order);
    sbx_cell_iv(&c, z, &v, "enclosed");
    z->reached = true;
    st = c.st;
done:
    while (p && n)
        sbx_ivf_clear(&p[--n]);
    sbx_free(p);
    sbx_ivf_clear(&v);
    sbx_norm_args_clear(&a);
    return st;
}
