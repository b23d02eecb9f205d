/* study/quantity.c -- one question, one cell: which file knows the normalizer, at which
 * precision, for which scale.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/norm.h"
#include "study/study.h"

#include <string.h>

static const char *const quantities[SBX_QUANTITIES] = {
    "expected-error", "worst-error", "lipschitz", "dinf",
    "drenyi",         "ratio",       "range",     "jacobian-frobenius"};

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
typedef enum scaling { NO_SCALE, LAMBDA, DELTA, OWN } scaling;

typedef struct row {
    const char *name;
    study_fn *cell;
    scaling how;
    const char *scale;  /* the parameter that is the scale */
    const char *par[2]; /* the others that matter          */
} row;

/* lambda = log b */
static void of_base(calc *c, sbx_cell *z, const study_ask *a);
/* lambda = s log d */
static void of_ssmax(calc *c, sbx_cell *z, const study_ask *a);
/* sparsemax with delta = 1 - gamma */
static void of_sparsegen(calc *c, sbx_cell *z, const study_ask *a);
/* softmax with lambda = 1 / tau, its argument moved by what was drawn */
static void of_gumbel(calc *c, sbx_cell *z, const study_ask *a);
static void of_none(calc *c, sbx_cell *z, const study_ask *a);

static const row rows[] = {
    {"softmax", sbx_study_softmax, LAMBDA, "lambda", {NULL, NULL}},
    {"base", of_base, NO_SCALE, NULL, {"b", NULL}},
    {"ssmax", of_ssmax, NO_SCALE, NULL, {"s", NULL}},
    {"hardmax", sbx_study_hardmax, NO_SCALE, NULL, {NULL, NULL}},
    {"softmax1", sbx_study_softmax1, NO_SCALE, NULL, {"n0", NULL}},
    {"log-softmax", sbx_study_log_softmax, NO_SCALE, NULL, {NULL, NULL}},
    {"sparsemax", sbx_study_sparsemax, DELTA, "delta", {NULL, NULL}},
    {"sparsegen", of_sparsegen, NO_SCALE, NULL, {"gamma", NULL}},
    {"entmax-1.5", sbx_study_entmax, DELTA, "delta", {NULL, NULL}},
    {"entmax", sbx_study_entmax, DELTA, "delta", {"alpha", NULL}},
    {"plsoftmax", sbx_study_plsoftmax, DELTA, "delta", {NULL, NULL}},
    {"power", sbx_study_power, OWN, "lambda", {"lambda", NULL}},
    {"power-softmax", sbx_study_power_softmax, NO_SCALE, NULL, {"p", "eps"}},
    {"permute-and-flip", sbx_study_flip, LAMBDA, "lambda", {"base", NULL}},
    {"taylor", sbx_study_taylor, NO_SCALE, NULL, {"order", NULL}},
    {"spherical", sbx_study_spherical, NO_SCALE, NULL, {"eps", NULL}},
    {"squaremax", sbx_study_squaremax, NO_SCALE, NULL, {NULL, NULL}},
    {"sigsoftmax", sbx_study_sigsoftmax, NO_SCALE, NULL, {NULL, NULL}},
    {"softplus", sbx_study_softplus, NO_SCALE, NULL, {NULL, NULL}},
    {"sigmoid", sbx_study_softplus, NO_SCALE, NULL, {NULL, NULL}},
    {"elu", sbx_study_softplus, NO_SCALE, NULL, {NULL, NULL}},
    {"squareplus", sbx_study_squareplus, NO_SCALE, NULL, {"b", NULL}},
    {"rational", sbx_study_shifted, DELTA, "s", {"p", NULL}},
    {"top-k", sbx_study_topk, LAMBDA, "lambda", {"k", NULL}},
    {"gumbel", of_gumbel, NO_SCALE, NULL, {"tau", NULL}},
    {"lower-bound", sbx_study_lower, DELTA, NULL, {NULL, NULL}},
};
static const row unknown = {"", of_none, NO_SCALE, NULL, {NULL, NULL}};
#define ROWS (sizeof rows / sizeof *rows)

const char *sbx_study_normalizer(size_t k) { return k < ROWS ? rows[k].name : NULL; }

/* ---- scales -------------------------------------------------------------------------------- */

static bool is_error(sbx_quantity k) { return k == SBX_EXPECTED_ERROR || k == SBX_WORST_ERROR; }
static bool is_slope(sbx_quantity k)
{
    return k == SBX_LIPSCHITZ || k == SBX_DINF || k == SBX_DRENYI || k == SBX_FROBENIUS;
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

static void of_sparsegen(calc *c, sbx_cell *z, const study_ask *a)
{
    mpq_t delta;
    mpq_init(delta);
    mpq_set_ui(delta, 1, 1);
    mpq_sub(delta, delta, a->par);
    sbx_study_sparsemax(c, z, a);
    if (is_error(a->quantity))
        sbx_cell_times(c, z, delta);
    else if (is_slope(a->quantity))
        sbx_cell_over(c, z, delta);
    mpq_clear(delta);
}
static void of_gumbel(calc *c, sbx_cell *z, const study_ask *a)
{
    if (!is_slope(a->quantity)) {
        sbx_cell_none(z, "it depends on what was drawn");
        return;
    }
    sbx_study_softmax(c, z, a);
    sbx_cell_over(c, z, a->par);
}
static void of_none(calc *c, sbx_cell *z, const study_ask *a)
{
    (void)c;
    (void)a;
    sbx_cell_none(z, "none is known");
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

/* The cell of n rows from that of one: the matrix of derivatives has a block a row, so that the
 * squares of their norms add up   [L-NRM-81] */
static void of_rows(calc *c, sbx_cell *z, size_t n)
{
    mpq_t v;
    if (n <= 1 || z->kind != SBX_CELL_NUMBER) return;
    mpq_init(v);
    mpq_set_ui(v, n, 1);
    if (z->exact) {
        mpq_mul(v, v, z->lo);
        mpq_mul(v, v, z->lo);
        sbx_cell_sqrt(c, z, v, z->how);
    } else {
        sbx_ivf t;
        calc_init(c, &t, 1);
        calc_q(c, &t, v);
        calc_sqrt(c, &t, &t);
        sbx_cell_times_iv(c, z, &t);
        calc_clear(&t, 1);
    }
    mpq_clear(v);
}

/* ---- the text of a normalizer ------------------------------------------------------------------ */

typedef struct asked {
    const row *row;
    mpq_t par[2], scale;
    bool worst;
} asked;

/* the number that a's parameter called name is; 0 where there is none */
static void parameter(mpq_ptr v, const sbx_norm_args *a, const char *name)
{
    const sbx_norm_info *info = sbx_norm_get_info(a->norm);
    mpq_set_ui(v, 0, 1);
    for (size_t k = 0; name && k < info->n_params; k++)
        if (strcmp(info->param[k].name, name) == 0 && a->value[k].n) mpq_set(v, a->value[k].v[0]);
}

static sbx_status read(asked *q, const char *text, sbx_err *err)
{
    static const char lower[] = "lower-bound";
    const size_t len = sizeof lower - 1;
    sbx_norm_args a = {.norm = NULL};
    sbx_status st = SBX_OK;
    const char *name;
    q->row = &unknown;
    mpq_set_ui(q->scale, 1, 1);
    if (strncmp(text, lower, len) == 0) {
        q->row = &rows[ROWS - 1];
        q->worst = strcmp(text + len, ":worst=1") == 0;
        if (!q->worst && text[len] && strcmp(text + len, ":worst=0") != 0)
            SBX_FAIL(err, SBX_ERR_PARSE, "lower-bound has the parameter worst, 0 or 1, alone");
        goto done;
    }
    SBX_TRY(sbx_norm_read(&a, text, err));
    name = sbx_norm_get_info(a.norm)->name;
    for (size_t k = 0; k < ROWS; k++)
        if (strcmp(rows[k].name, name) == 0) q->row = &rows[k];
    for (int k = 0; k < 2; k++)
        parameter(q->par[k], &a, q->row->par[k]);
    if (q->row->scale) parameter(q->scale, &a, q->row->scale);
    if (q->row->cell == sbx_study_entmax && !q->row->par[0]) mpq_set_si(q->par[0], 3, 2);
done:
    sbx_norm_args_clear(&a);
    return st;
}

/* ---- the answer -------------------------------------------------------------------------------- */

static sbx_status check(const sbx_study_question *q, const row *r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (q->d < 1 || q->d > SBX_STUDY_DIM_MAX)
        SBX_FAIL(err, SBX_ERR_ARG, "a dimension must be 1 to %d", SBX_STUDY_DIM_MAX);
    if (q->rows > SBX_STUDY_DIM_MAX || (q->rows && q->quantity != SBX_FROBENIUS))
        SBX_FAIL(err, SBX_ERR_ARG, "rows must be 1 to %d, and are of jacobian-frobenius alone",
                 SBX_STUDY_DIM_MAX);
    if ((unsigned)q->quantity >= SBX_QUANTITIES || (unsigned)q->p > SBX_LINF ||
        (unsigned)q->q > SBX_LINF)
        SBX_FAIL(err, SBX_ERR_ARG, "no such quantity or norm");
    if (q->scale && mpq_sgn(q->scale) <= 0) SBX_FAIL(err, SBX_ERR_ARG, "a scale must be positive");
    if (q->scale && r->how == NO_SCALE && mpq_cmp_ui(q->scale, 1, 1) != 0)
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
    mpq_inits(s.par[0], s.par[1], s.scale, width, order, tol, (mpq_ptr)0);
    SBX_TRY(read(&s, normalizer, err));
    SBX_TRY(check(q, s.row, err));
    mpq_set_str(width, "1/1000000000000", 10);
    if (q->width) mpq_set(width, q->width);
    mpq_set_ui(order, 2, 1);
    if (q->order) mpq_set(order, q->order);
    a.order = order;
    if (q->scale) mpq_mul(s.scale, s.scale, q->scale);
    a.par = s.row->how == OWN ? s.scale : s.par[0];
    a.par2 = s.par[1];
    a.worst = s.worst;
    if (q->quantity == SBX_RANGE && s.row->cell != sbx_study_lower) {
        st = sbx_study_range(z, normalizer, q->d, q->scale, 64 + bits_of(width), err);
        goto done;
    }
    mpq_div_2exp(tol, width, 4);
    if (mpq_cmp_ui(s.scale, 1, 1) > 0) mpq_div(tol, tol, s.scale);
    if (mpq_cmp_ui(s.scale, 1, 1) < 0) mpq_mul(tol, tol, s.scale);
    for (c.ctx.prec = 64 + bits_of(tol);; c.ctx.prec *= 2, mpq_div_2exp(tol, tol, 4)) {
        if (c.ctx.stop && c.ctx.stop(c.ctx.stop_arg)) SBX_FAIL(err, SBX_ERR_STOPPED, "stopped");
        c.tol = mpq_get_d(tol);
        c.st = SBX_OK;
        z->kind = SBX_CELL_NONE;
        s.row->cell(&c, z, &a);
        rescale(&c, z, q->quantity, s.row->how, s.scale);
        of_rows(&c, z, q->rows);
        SBX_TRY(c.st);
        z->reached = z->exact || narrow(z, width);
        if (z->kind != SBX_CELL_NUMBER || z->reached || sbx_cell_does_not_meet(z)) break;
        if (c.ctx.prec * 2 > PREC_MAX) break;
    }
    if (z->reached && sbx_cell_does_not_meet(z)) z->how = "bounds that meet";
done:
    mpq_clears(s.par[0], s.par[1], s.scale, width, order, tol, (mpq_ptr)0);
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
