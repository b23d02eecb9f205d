/* cli/table_pruning.c -- softbox table T10: pruning of the scores' matrix of attention.
 *
 * Scores X W X^T, W pruned by a mask of zeros and ones that suits either the linear objective ||X W - X (M o W)||_F
 * or the attention objective 1/2 ||softmax(X W X^T) - softmax(X (M o W) X^T)||_F^2 + lambda/2 ||M||_F^2
 * (Liang, Long, Shi, Song and Zhou 2025). Which entries are left out is a choice; what is said of it is proved.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/mech_rows.h"
#include "cli/named.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_help help = {
    "usage: softbox table T10 [--n N] [--d D] [options]\n",
    "Attention X -> softmax(X W X^T), W a d x d matrix of draws times --scale, whose entries that\n"
    "matter least are left out: least |W_ab| ||X_a|| for the linear objective ||X W - X (M o W)||_F\n"
    "(X_a: column a), least |W_ab| ||X_a|| ||X_b|| for the attention objective L(M) = 1/2 ||the\n"
    "difference of the weights||_F^2 + lambda/2 ||M||_F^2. Predicted: what a row's change of scores s\n"
    "allows: 1/2 sum of min(l^2/2, ||s||_2^2/4), l = min(||s||_inf, ||s||_1/2), + lambda/2 ||M||_F^2.\n"};

typedef struct pruned {
    size_t n, d;
    sbx_mech_data x, y; /* y: with the mask */
    sbx_mech_args of, from;
    mpq_t lambda;
    double *column; /* norms of the columns of X: for the choice alone */
    size_t *order;
} pruned;

static double weight_of(const pruned *p, size_t k, bool attention)
{
    const double w = fabs(mpq_get_d(p->x.extra[0][k])) * p->column[k / p->d];
    return attention ? w * p->column[k % p->d] : w;
}

/* M: the `out` entries that weigh least become 0 */
static void choose(pruned *p, size_t out, bool attention)
{
    const size_t size = p->d * p->d;
    for (size_t k = 0; k < size; k++) {
        size_t j = k;
        while (j > 0 && weight_of(p, p->order[j - 1], attention) > weight_of(p, k, attention)) {
            p->order[j] = p->order[j - 1];
            j--;
        }
        p->order[j] = k;
    }
    for (size_t k = 0; k < size; k++)
        mpq_set_ui(p->y.extra[1][p->order[k]], k < out ? 0 : 1, 1);
}

/* z = ||X D||_F^2, D = W - M o W; s[i m + j]: X D X^T */
static void exact_sums(mpq_t z, mpq_t *s, const pruned *p)
{
    const size_t n = p->n, d = p->d;
    mpq_t t, u;
    mpq_t *xd = malloc(n * d * sizeof *xd);
    if (!xd) abort();
    mpq_inits(t, u, NULL);
    mpq_set_ui(z, 0, 1);
    for (size_t i = 0; i < n; i++)
        for (size_t b = 0; b < d; b++) {
            mpq_t *const v = &xd[i * d + b];
            mpq_init(*v);
            for (size_t a = 0; a < d; a++) {
                if (mpq_sgn(p->y.extra[1][a * d + b])) continue;
                mpq_mul(t, p->x.q[i * d + a], p->x.extra[0][a * d + b]);
                mpq_add(*v, *v, t);
            }
            mpq_mul(t, *v, *v);
            mpq_add(z, z, t);
        }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            mpq_set_ui(s[i * n + j], 0, 1);
            for (size_t b = 0; b < d; b++) {
                mpq_mul(t, xd[i * d + b], p->x.q[j * d + b]);
                mpq_add(s[i * n + j], s[i * n + j], t);
            }
        }
    for (size_t k = 0; k < n * d; k++)
        mpq_clear(xd[k]);
    free(xd);
    mpq_clears(t, u, NULL);
}

/* z += min(l^2 / 2, |s|_2^2 / 4) / 2 for one row of changes of scores [L-MCH-74] */
static void predict(mpq_t z, mpq_t *s, size_t n)
{
    mpq_t one, two, top, a;
    mpq_inits(one, two, top, a, NULL);
    for (size_t j = 0; j < n; j++) {
        mpq_abs(a, s[j]);
        mpq_add(one, one, a);
        if (mpq_cmp(a, top) > 0) mpq_set(top, a);
        mpq_mul(a, a, a);
        mpq_add(two, two, a);
    }
    mpq_div_2exp(one, one, 1);
    if (mpq_cmp(one, top) < 0) mpq_set(top, one);
    mpq_mul(top, top, top);
    mpq_div_2exp(top, top, 1);
    mpq_div_2exp(two, two, 2);
    if (mpq_cmp(two, top) < 0) mpq_set(top, two);
    mpq_div_2exp(top, top, 1);
    mpq_add(z, z, top);
    mpq_clears(one, two, top, a, NULL);
}

static void columns(sbx_table *t)
{
    static const sbx_column all[] = {
        {"left out", NULL, SBX_COLUMN_TEXT},
        {"mask for", NULL, SBX_COLUMN_TEXT},
        {"linear objective", "$\\|XW-X(M\\circ W)\\|_F$", SBX_COLUMN_NUMBER},
        {"L(M)", "$L(M)$", SBX_COLUMN_NUMBER},
        {"L(M) predicted", "$L(M)$ predicted", SBX_COLUMN_NUMBER},
        {"max entry", NULL, SBX_COLUMN_NUMBER},
        {"row l1", "row $\\ell_1$", SBX_COLUMN_NUMBER},
        {"row l1 predicted", "row $\\ell_1$ predicted", SBX_COLUMN_NUMBER}};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        sbx_table_column(t, &all[k]);
}

/* the greatest over rows of min(max |s|, sum |s| / 2) */
static void row_bound(mpq_t z, mpq_t *s, size_t n)
{
    mpq_t sum, top, a;
    mpq_inits(sum, top, a, NULL);
    mpq_set_ui(z, 0, 1);
    for (size_t i = 0; i < n; i++) {
        mpq_set_ui(sum, 0, 1);
        mpq_set_ui(top, 0, 1);
        for (size_t j = 0; j < n; j++) {
            mpq_abs(a, s[i * n + j]);
            mpq_add(sum, sum, a);
            if (mpq_cmp(a, top) > 0) mpq_set(top, a);
        }
        mpq_div_2exp(sum, sum, 1);
        if (mpq_cmp(sum, top) < 0) mpq_set(top, sum);
        if (mpq_cmp(top, z) > 0) mpq_set(z, top);
    }
    mpq_clears(sum, top, a, NULL);
}

/* One row of the table. */
static sbx_status row(sbx_table *t, pruned *p, size_t out, bool attention, sbx_err *err)
{
    const sbx_distance_ask ask = {
        .of = &p->of, .from = &p->from, .of_x = &p->y, .from_x = &p->x, .want = 0};
    const size_t size = p->d * p->d;
    sbx_distance z;
    sbx_status st = SBX_OK;
    sbx_ivd v, w;
    char text[64];
    mpq_t linear, rest, predicted;
    mpq_t *s = calloc(p->n * p->n, sizeof *s);
    mpq_inits(linear, rest, predicted, NULL);
    if (!s) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", p->n * p->n);
    for (size_t k = 0; k < p->n * p->n; k++)
        mpq_init(s[k]);
    choose(p, out, attention);
    exact_sums(linear, s, p);
    mpq_set_ui(rest, size - out, 2); /* 1/2 ||M||^2 */
    mpq_canonicalize(rest);
    mpq_mul(rest, rest, p->lambda);
    mpq_set(predicted, rest);
    for (size_t i = 0; i < p->n; i++)
        predict(predicted, s + i * p->n, p->n);
    CLI_TRY(sbx_mech_distance(&z, &ask, NULL, err));
    (void)snprintf(text, sizeof text, "%zu of %zu", out, size);
    sbx_table_text(t, text);
    sbx_table_text(t, attention ? "attention" : "linear");
    CLI_TRY(sbx_ivd_set_q(&v, linear, NULL, err));
    CLI_TRY(sbx_ivd_sqrt(&v, &v, NULL, err));
    sbx_table_range_d(t, v.lo, v.hi, SBX_HOW_PROVED);
    CLI_TRY(sbx_ivd_sqr(&v, &z.frobenius, NULL, err));
    CLI_TRY(sbx_ivd_set_d(&w, 0.5, NULL, err));
    CLI_TRY(sbx_ivd_mul(&v, &v, &w, NULL, err));
    CLI_TRY(sbx_ivd_set_q(&w, rest, NULL, err));
    CLI_TRY(sbx_ivd_add(&v, &v, &w, NULL, err));
    sbx_table_range_d(t, v.lo, v.hi, SBX_HOW_PROVED);
    sbx_table_range(t, NULL, predicted, SBX_HOW_PROVED);
    sbx_table_range_d(t, z.entry.lo, z.entry.hi, SBX_HOW_PROVED);
    sbx_table_range_d(t, z.row_tv.lo * 2, z.row_tv.hi * 2, SBX_HOW_PROVED);
    row_bound(predicted, s, p->n);
    sbx_table_range(t, NULL, predicted, SBX_HOW_PROVED);
done:
    for (size_t k = 0; s && k < p->n * p->n; k++)
        mpq_clear(s[k]);
    free(s);
    mpq_clears(linear, rest, predicted, NULL);
    return st;
}

/* the input, its keys the queries; W's draws times scale */
static sbx_status prepare(pruned *p, const cli *c, const char *input, const char *scale,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpq_t f;
    mpq_init(f);
    if (sbx_q_read(f, scale, strlen(scale), NULL) != SBX_OK)
        CLI_FAIL(err, SBX_ERR_ARG, "--scale '%.40s': a number", scale);
    CLI_TRY(sbx_mech_read(&p->of, "pruning:scale=1", err));
    CLI_TRY(sbx_mech_read(&p->from, "pruning:scale=1", err));
    for (int side = 0; side < 2; side++) {
        sbx_mech_data *x = side ? &p->y : &p->x;
        uint64_t rng = c->seed + 1;
        sbx_mech_data draws = {0};
        CLI_TRY(sbx_mech_generate(x, input, p->n, p->d, p->d, c->seed, err));
        for (size_t k = 0; k < p->n * p->d; k++)
            mpq_set(x->k[k], x->q[k]);
        CLI_TRY(sbx_mech_fill(x, &p->of, c->seed, err));
        CLI_TRY(sbx_mech_generate(&draws, "gaussian", p->d, p->d, p->d, rng, err));
        for (size_t k = 0; k < p->d * p->d; k++)
            mpq_mul(x->extra[0][k], draws.q[k], f);
        sbx_mech_data_clear(&draws);
    }
    for (size_t a = 0; a < p->d; a++) {
        p->column[a] = 0.0;
        for (size_t i = 0; i < p->n; i++) {
            const double v = mpq_get_d(p->x.q[i * p->d + a]);
            p->column[a] += v * v;
        }
        p->column[a] = sqrt(p->column[a]);
    }
done:
    mpq_clear(f);
    return st;
}

int cli_table_t10(int argc, char **argv)
{
    cli c = {.command = "table T10", .forms = CLI_FORMS_TABLE};
    const char *n = "32", *d = "8", *input = "gaussian", *scale = "1/8", *lambda = "0";
    const cli_option options[] = {
        {"n", "N", "rows of X; default 32, at most 256", &n, NULL},
        {"d", "D", "columns of X; default 8, at most 64", &d, NULL},
        {"inputs", "NAME", "X: the queries of gaussian (default), two-clusters, needle, deng",
         &input, NULL},
        {"scale", "S", "W is draws of variance 1 times S; default 1/8", &scale, NULL},
        {"lambda", "L", "of ||M||_F^2 / 2 in L(M); default 0", &lambda, NULL},
    };
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_table *t = NULL;
    uint64_t rows = 0, cols = 0;
    pruned p = {0};
    sbx_status st;
    int status = cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 0, 0, &help);
    if (status != CLI_GO_ON) return status;
    if (!cli_integer(&rows, n, 1, 256)) return cli_error(&c, CLI_USAGE, "--n '%s': 1 to 256", n);
    if (!cli_integer(&cols, d, 1, 64)) return cli_error(&c, CLI_USAGE, "--d '%s': 1 to 64", d);
    mpq_init(p.lambda);
    p.n = (size_t)rows;
    p.d = (size_t)cols;
    p.column = calloc(p.d, sizeof *p.column);
    p.order = calloc(p.d * p.d, sizeof *p.order);
    if (!p.column || !p.order) {
        st = sbx_fail(&err, SBX_ERR_NOMEM, "cli", "no memory");
        goto done;
    }
    if (sbx_q_read(p.lambda, lambda, strlen(lambda), NULL) != SBX_OK || mpq_sgn(p.lambda) < 0) {
        st = sbx_fail(&err, SBX_ERR_ARG, "cli", "--lambda '%.40s': a number, 0 or more", lambda);
        goto done;
    }
    CLI_TRY(prepare(&p, &c, input, scale, &err));
    CLI_TRY(sbx_table_new(&t, "T10", "Pruning the scores' matrix of attention", &err));
    columns(t);
    for (size_t eighths = 0; eighths <= 8; eighths++)
        for (int attention = 0; attention < 2; attention++)
            CLI_TRY(row(t, &p, p.d * p.d * eighths / 8, attention, &err));
done:
    if (st != SBX_OK) {
        sbx_table_free(t);
        status = cli_fail(&c, &err);
    } else {
        status = cli_report_table(&c, t, argc, argv);
    }
    sbx_mech_data_clear(&p.x);
    sbx_mech_data_clear(&p.y);
    sbx_mech_args_clear(&p.of);
    sbx_mech_args_clear(&p.from);
    mpq_clear(p.lambda);
    free(p.column);
    free(p.order);
    return status;
}
