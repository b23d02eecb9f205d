/* study/quantity.c -- one question, one cell: which file knows the normalizer, at which
 * precision, for which scale.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

#include <string.h>

static const char *const quantities[SBX_QUANTITIES] = {
    "expected-error", "worst-error", "lipschitz", "dinf", "drenyi", "ratio", "range"};

const char *sbx_quantity_name(sbx_quantity k)
{
    return (unsigned)k < SBX_QUANTITIES ? quantities[k] : "?";
}

bool sbx_quantity_read(sbx_quantity *k, const char *name)
{
    for (int j = 0; j < SBX_QUANTITIES; j++)
        if (strcmp(name, quantities[j]) == 0) {
            *k = (sbx_quantity)j;
            return true;
        }
    return false;
}

/* What a scale does: softmax(lambda x), sparsemax(x / delta), nothing. */
typedef enum scaling { LAMBDA, DELTA, OWN, NO_SCALE } scaling;

typedef struct row {
    const char *name;
    study_fn *cell;
    scaling scale;
    const char *par[2], *value[2]; /* the parameters and their defaults */
} row;

/* lambda = log b */
static void of_base(calc *c, sbx_cell *z, const study_ask *a);
/* lambda = s log d */
static void of_ssmax(calc *c, sbx_cell *z, const study_ask *a);

static const row rows[] = {
    {"softmax", sbx_study_softmax, LAMBDA, {NULL, NULL}, {NULL, NULL}},
    {"base", of_base, NO_SCALE, {"b", NULL}, {"2", NULL}},
    {"ssmax", of_ssmax, NO_SCALE, {"s", NULL}, {"1", NULL}},
    {"hardmax", sbx_study_hardmax, NO_SCALE, {NULL, NULL}, {NULL, NULL}},
    {"softmax1", sbx_study_softmax1, NO_SCALE, {"n0", NULL}, {"1", NULL}},
    {"log-softmax", sbx_study_log_softmax, NO_SCALE, {NULL, NULL}, {NULL, NULL}},
    {"sparsemax", sbx_study_sparsemax, DELTA, {NULL, NULL}, {NULL, NULL}},
    {"entmax-1.5", sbx_study_entmax, DELTA, {NULL, NULL}, {"3/2", NULL}},
    {"entmax", sbx_study_entmax, DELTA, {"alpha", NULL}, {"3/2", NULL}},
    {"plsoftmax", sbx_study_plsoftmax, DELTA, {NULL, NULL}, {NULL, NULL}},
    {"power", sbx_study_power, OWN, {"lambda", NULL}, {"1", NULL}},
    {"power-softmax", sbx_study_power_softmax, NO_SCALE, {"p", "eps"}, {"2", "1"}},
    {"permute-and-flip", sbx_study_flip, LAMBDA, {NULL, NULL}, {NULL, NULL}},
    {"taylor", sbx_study_taylor, NO_SCALE, {"order", NULL}, {"2", NULL}},
    {"spherical", sbx_study_spherical, NO_SCALE, {"eps", NULL}, {"1", NULL}},
    {"squaremax", sbx_study_squaremax, NO_SCALE, {NULL, NULL}, {NULL, NULL}},
    {"sigsoftmax", sbx_study_sigsoftmax, NO_SCALE, {NULL, NULL}, {NULL, NULL}},
    {"softplus", sbx_study_softplus, NO_SCALE, {NULL, NULL}, {NULL, NULL}},
    {"sigmoid", sbx_study_softplus, NO_SCALE, {NULL, NULL}, {NULL, NULL}},
    {"elu", sbx_study_softplus, NO_SCALE, {NULL, NULL}, {NULL, NULL}},
    {"squareplus", sbx_study_squareplus, NO_SCALE, {"b", NULL}, {"4", NULL}},
    {"rational", sbx_study_shifted, DELTA, {"p", NULL}, {"2", NULL}},
    {"top-k", sbx_study_topk, LAMBDA, {"k", NULL}, {"2", NULL}},
    {"lower-bound", sbx_study_lower, DELTA, {"worst", NULL}, {"0", NULL}},
};
#define ROWS (sizeof rows / sizeof *rows)

const char *sbx_study_normalizer(size_t k) { return k < ROWS ? rows[k].name : NULL; }

/* ---- scales -------------------------------------------------------------------------------- */

static bool is_error(sbx_quantity k) { return k == SBX_EXPECTED_ERROR || k == SBX_WORST_ERROR; }
static bool is_slope(sbx_quantity k)
{
    return k == SBX_LIPSCHITZ || k == SBX_DINF || k == SBX_DRENYI;
}

static void of_lambda(calc *c, sbx_cell *z, const study_ask *a, const sbx_ivf *lambda)
{
    sbx_study_softmax(c, z, a);
    if (is_error(a->quantity))
        sbx_cell_over_iv(c, z, lambda);
    else if (is_slope(a->quantity))
        sbx_cell_times_iv(c, z, lambda);
}
static void of_base(calc *c, sbx_cell *z, const study_ask *a)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_q(c, &t, a->par);
    calc_log(c, &t, &t);
    of_lambda(c, z, a, &t);
    calc_clear(&t, 1);
}
static void of_ssmax(calc *c, sbx_cell *z, const study_ask *a)
{
    sbx_ivf t[2];
    if (a->d == 1) {
        sbx_study_softmax(c, z, a);
        return;
    }
    calc_init(c, t, 2);
    calc_si(c, &t[0], a->d);
    calc_log(c, &t[0], &t[0]);
    calc_q(c, &t[1], a->par);
    calc_mul(c, &t[0], &t[0], &t[1]);
    of_lambda(c, z, a, &t[0]);
    calc_clear(t, 2);
}

/* The cell of scale s from the one of scale 1   [L-NRM-77] */
static void rescale(calc *c, sbx_cell *z, sbx_quantity k, scaling how, mpq_srcptr s)
{
    const bool grows = (how == DELTA) == is_error(k);
    if (!s || (how != LAMBDA && how != DELTA) || !(is_error(k) || is_slope(k))) return;
    if (grows)
        sbx_cell_times(c, z, s);
    else
        sbx_cell_over(c, z, s);
}

/* ---- the text of a normalizer ------------------------------------------------------------------ */

typedef struct asked {
    const row *row;
    mpq_t par[2];
} asked;

static sbx_status parameter(asked *q, const char *name, size_t len, const char *value, size_t n,
                            sbx_err *err)
{
    for (int k = 0; k < 2; k++)
        if (q->row->par[k] && strlen(q->row->par[k]) == len &&
            strncmp(q->row->par[k], name, len) == 0)
            return sbx_q_read(q->par[k], value, n, err);
    return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "%s has no parameter '%.*s'", q->row->name,
                    (int)len, name);
}

static sbx_status domain(const asked *q, sbx_err *err)
{
    const char *name = q->row->name;
    const mpz_srcptr den = mpq_denref(q->par[0]), num = mpq_numref(q->par[0]);
    const bool whole = mpz_cmp_ui(den, 1) == 0 && mpz_cmpabs_ui(num, 1000000000) <= 0;
    const char *why = NULL;
    if (!strcmp(name, "base") && mpq_cmp_ui(q->par[0], 1, 1) <= 0) why = "b > 1";
    if ((!strcmp(name, "ssmax") || !strcmp(name, "squareplus") || !strcmp(name, "power") ||
         !strcmp(name, "rational")) &&
        mpq_sgn(q->par[0]) <= 0)
        why = "a positive number";
    if (!strcmp(name, "entmax") && mpq_cmp_ui(q->par[0], 1, 1) < 0) why = "alpha >= 1";
    if (!strcmp(name, "spherical") && mpq_sgn(q->par[0]) < 0) why = "eps >= 0";
    if (!strcmp(name, "top-k") && (!whole || mpq_sgn(q->par[0]) <= 0)) why = "a whole k > 0";
    if ((!strcmp(name, "taylor") || !strcmp(name, "power-softmax")) &&
        (!whole || mpz_cmp_ui(num, 2) < 0 || mpz_cmp_ui(num, 64) > 0 || mpz_odd_p(num)))
        why = "an even number of 2 to 64";
    if (!strcmp(name, "power-softmax") && mpq_sgn(q->par[1]) < 0) why = "eps >= 0";
    if (why) return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "%s needs %s", name, why);
    return SBX_OK;
}

static sbx_status read(asked *q, const char *text, sbx_err *err)
{
    size_t len = strcspn(text, ":");
    sbx_status st = SBX_OK;
    q->row = NULL;
    for (size_t k = 0; k < ROWS; k++)
        if (strlen(rows[k].name) == len && strncmp(rows[k].name, text, len) == 0) q->row = &rows[k];
    if (!q->row)
        SBX_FAIL(err, SBX_ERR_PARSE, "no constants are known of a normalizer '%.*s'", (int)len,
                 text);
    for (int k = 0; k < 2; k++)
        if (q->row->value[k])
            SBX_TRY(sbx_q_read(q->par[k], q->row->value[k], strlen(q->row->value[k]), err));
    for (text += len; *text == ':'; text += len) {
        const char *value;
        text++;
        len = strcspn(text, ":");
        value = memchr(text, '=', len);
        if (!value) SBX_FAIL(err, SBX_ERR_PARSE, "no '=' in '%.*s'", (int)len, text);
        value++;
        SBX_TRY(parameter(q, text, (size_t)(value - 1 - text), value, len - (size_t)(value - text),
                          err));
    }
    SBX_TRY(domain(q, err));
done:
    return st;
}

/* ---- the answer -------------------------------------------------------------------------------- */

static sbx_status check(const sbx_study_question *q, const row *r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (q->d < 1 || q->d > SBX_STUDY_DIM_MAX)
        SBX_FAIL(err, SBX_ERR_ARG, "a dimension must be 1 to %d", SBX_STUDY_DIM_MAX);
    if ((unsigned)q->quantity >= SBX_QUANTITIES || (unsigned)q->p > SBX_LINF ||
        (unsigned)q->q > SBX_LINF)
        SBX_FAIL(err, SBX_ERR_ARG, "no such quantity or norm");
    if (q->scale && mpq_sgn(q->scale) <= 0) SBX_FAIL(err, SBX_ERR_ARG, "a scale must be positive");
    if (q->scale && r->scale == NO_SCALE && mpq_cmp_ui(q->scale, 1, 1) != 0)
        SBX_FAIL(err, SBX_ERR_ARG, "%s has no scale", r->name);
    if (q->width && mpq_sgn(q->width) <= 0) SBX_FAIL(err, SBX_ERR_ARG, "a width must be positive");
    if (q->order && mpq_cmp_ui(q->order, 1, 1) < 0)
        SBX_FAIL(err, SBX_ERR_ARG, "the order of a divergence must be at least 1");
done:
    return st;
}

/* a > b as far as doubles tell: how many bits lie between 1 and w */
static long bits_of(mpq_srcptr w)
{
    const long n = (long)mpz_sizeinbase(mpq_numref(w), 2);
    const long d = (long)mpz_sizeinbase(mpq_denref(w), 2);
    return d > n ? d - n + 1 : 1;
}

static bool narrow(const sbx_cell *z, mpq_srcptr width)
{
    mpq_t t;
    bool ok;
    if (z->kind != SBX_CELL_NUMBER) return z->kind == SBX_CELL_INFINITE;
    mpq_init(t);
    mpq_sub(t, z->hi, z->lo);
    ok = mpq_cmp(t, width) <= 0;
    mpq_clear(t);
    return ok;
}

#define PREC_MAX 16384

sbx_status sbx_study_quantity(sbx_cell *z, const char *normalizer, const sbx_study_question *q,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    asked s = {.row = NULL};
    calc c = {.ctx = ctx ? *ctx : sbx_ctx_default, .err = err};
    study_ask a = {.quantity = q->quantity, .d = (long)q->d, .p = q->p, .q = q->q};
    mpq_t width, order, tol;
    mpq_inits(s.par[0], s.par[1], width, order, tol, (mpq_ptr)0);
    SBX_TRY(read(&s, normalizer, err));
    SBX_TRY(check(q, s.row, err));
    mpq_set_str(width, "1/1000000000000", 10);
    if (q->width) mpq_set(width, q->width);
    mpq_set_ui(order, 2, 1);
    if (q->order) mpq_set(order, q->order);
    a.order = order;
    a.par = s.row->scale == OWN && q->scale ? q->scale : s.par[0];
    a.par2 = s.par[1];
    a.worst = s.row->cell == sbx_study_lower && mpq_sgn(s.par[0]) != 0;
    mpq_div_2exp(tol, width, 4);
    if (q->scale && mpq_cmp_ui(q->scale, 1, 1) > 0) mpq_div(tol, tol, q->scale);
    if (q->scale && mpq_cmp_ui(q->scale, 1, 1) < 0) mpq_mul(tol, tol, q->scale);
    for (c.ctx.prec = 64 + bits_of(tol);; c.ctx.prec *= 2, mpq_div_2exp(tol, tol, 4)) {
        if (c.ctx.stop && c.ctx.stop(c.ctx.stop_arg)) SBX_FAIL(err, SBX_ERR_STOPPED, "stopped");
        c.tol = mpq_get_d(tol);
        c.st = SBX_OK;
        z->kind = SBX_CELL_NONE;
        s.row->cell(&c, z, &a);
        rescale(&c, z, q->quantity, s.row->scale, q->scale);
        SBX_TRY(c.st);
        z->reached = z->exact || narrow(z, width);
        if (z->kind != SBX_CELL_NUMBER || z->reached || sbx_cell_does_not_meet(z)) break;
        if (c.ctx.prec * 2 > PREC_MAX) break;
    }
    if (z->reached && sbx_cell_does_not_meet(z)) z->how = "bounds that meet";
done:
    mpq_clears(s.par[0], s.par[1], width, order, tol, (mpq_ptr)0);
    return st;
}

sbx_status sbx_lambert_w(mpq_ptr lo, mpq_ptr hi, mpq_srcptr x, long bits, sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = sbx_ctx_default, .err = err};
    sbx_ivf t[2];
    if (bits < 1 || bits > 100000) return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "1 to 100000 bits");
    if (mpq_sgn(x) < 0) return sbx_fail(err, SBX_ERR_DOMAIN, SBX_HERE, "W of a negative number");
    c.ctx.prec = bits + 32;
    calc_init(&c, t, 2);
    calc_q(&c, &t[0], x);
    sbx_calc_lambert(&c, &t[1], &t[0]);
    SBX_TRY(c.st);
    SBX_TRY(sbx_ivf_get_q(lo, hi, &t[1], err));
done:
    calc_clear(t, 2);
    return st;
}
