/* cli/study_tables.c -- softbox table T1, T2, T3, T6, T7, T8: error against smoothness of normalizers.
 *
 * Constants are multiplied by the error of the same normalizer, so that all stand at error 1; the
 * product of two enclosures is one again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/named.h"

#include <stdlib.h>
#include <string.h>

#define DIMS_MAX 64

/* the dimensions of a table and where its cells go */
typedef struct sheet {
    cli c;
    char command[16]; /* "table T1" */
    sbx_table *t;
    sbx_err err;
    sbx_cell cell, other;
    size_t dim[DIMS_MAX], n_dims;
} sheet;

static int sheet_open(sheet *s, const char *name, const char *caption, const char *about,
                      const char *dims, size_t top, int argc, char **argv)
{
    const char *text = NULL, *at;
    char usage[120];
    const cli_option option[] = {{"dim", "D,..", "the dimensions", &text, NULL}};
    const cli_help help = {usage, about};
    int status;
    *s = (sheet){.c = {.command = s->command, .forms = CLI_FORMS_TABLE}};
    (void)snprintf(s->command, sizeof s->command, "table %s", name);
    (void)snprintf(usage, sizeof usage, "usage: softbox table %s [--dim D,..] [options]\n", name);
    if (!dims) (void)snprintf(usage, sizeof usage, "usage: softbox table %s [options]\n", name);
    status = cli_parse(&s->c, argc, argv, option, dims ? 1 : 0, 0, 0, &help);
    if (status != CLI_GO_ON) return status;
    for (at = text ? text : dims ? dims : ""; *at; at += *at == ',') {
        const size_t len = strcspn(at, ",");
        char one[24] = "";
        uint64_t v = 0;
        if (len < sizeof one) memcpy(one, at, len);
        if (!cli_integer(&v, one, 2, top))
            return cli_error(&s->c, CLI_USAGE, "--dim: '%.*s' is no whole number from 2 to %zu",
                             (int)len, at, top);
        if (s->n_dims == DIMS_MAX)
            return cli_error(&s->c, CLI_USAGE, "more than %d dimensions", DIMS_MAX);
        s->dim[s->n_dims++] = (size_t)v;
        at += len;
    }
    if (sbx_table_new(&s->t, name, caption, &s->err) != SBX_OK) return cli_fail(&s->c, &s->err);
    sbx_cell_init(&s->cell);
    sbx_cell_init(&s->other);
    return CLI_GO_ON;
}

static int sheet_close(sheet *s, int argc, char **argv)
{
    sbx_cell_clear(&s->cell);
    sbx_cell_clear(&s->other);
    if (s->err.code == SBX_OK) return cli_report_table(&s->c, s->t, argc, argv);
    sbx_table_free(s->t);
    return cli_fail(&s->c, &s->err);
}

static void columns(sheet *s, const char *const *names, size_t text)
{
    for (size_t k = 0; names[k]; k++) {
        const sbx_column column = {names[k], NULL, k < text ? SBX_COLUMN_TEXT : SBX_COLUMN_NUMBER};
        sbx_table_column(s->t, &column);
    }
}

static void number(sheet *s, size_t v)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%zu", v);
    sbx_table_text(s->t, text);
}

/* *z; false after an error */
static bool ask(sheet *s, sbx_cell *z, const char *name, sbx_quantity k, size_t d, sbx_ell p,
                sbx_ell q)
{
    const sbx_study_question a = {.quantity = k, .d = d, .p = p, .q = q};
    if (s->err.code != SBX_OK) return false;
    return sbx_study_quantity(z, name, &a, NULL, &s->err) == SBX_OK;
}

/* z times e, both >= 0 */
static void multiply(sbx_cell *z, const sbx_cell *e)
{
    if (z->kind == SBX_CELL_INFINITE || z->kind == SBX_CELL_NONE) return;
    if (e->kind == SBX_CELL_INFINITE || e->kind == SBX_CELL_NONE) {
        z->kind = e->kind;
        z->how = e->how;
        z->why = e->why;
        return;
    }
    mpq_mul(z->lo, z->lo, e->lo);
    mpq_mul(z->hi, z->hi, e->hi);
    z->exact = z->exact && e->exact;
    if (strncmp(z->how, "closed form", 11) == 0) z->how = e->how;
    if (e->kind == SBX_CELL_AT_LEAST) z->kind = SBX_CELL_AT_LEAST;
}

/* ---- T1 ---------------------------------------------------------------------------------- */

int cli_table_t1(int argc, char **argv)
{
    static const char *const rows[] = {"softmax", "sparsemax",        "entmax-1.5", "plsoftmax",
                                       "top-k",   "permute-and-flip", "rational"};
    static const char *const names[] = {
        "d",        "normalizer", "expected error", "worst error", "1->1", "2->2",
        "inf->inf", "inf->1",     "D_inf, inf",     "D_2, inf",    NULL};
    static const struct {
        sbx_quantity k;
        sbx_ell p, q;
    } column[] = {{SBX_WORST_ERROR, 0, 0},           {SBX_LIPSCHITZ, SBX_L1, SBX_L1},
                  {SBX_LIPSCHITZ, SBX_L2, SBX_L2},   {SBX_LIPSCHITZ, SBX_LINF, SBX_LINF},
                  {SBX_LIPSCHITZ, SBX_LINF, SBX_L1}, {SBX_DINF, SBX_LINF, 0},
                  {SBX_DRENYI, SBX_LINF, 0}};
    sheet s;
    int status = sheet_open(
        &s, "T1", "Error against smoothness: all constants at expected error 1",
        "For each normalizer its expected error at scale 1, and what is left of its worst error and\n"
        "its smoothness when the scale makes the expected error 1. The last row is what every\n"
        "soft-max function has at least.\n",
        "2,3,10,100,1000,50257", SBX_STUDY_DIM_MAX, argc, argv);
    if (status != CLI_GO_ON) return status;
    columns(&s, names, 2);
    for (size_t d = 0; d < s.n_dims; d++) {
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            number(&s, s.dim[d]);
            sbx_table_text(s.t, rows[r]);
            if (!ask(&s, &s.other, rows[r], SBX_EXPECTED_ERROR, s.dim[d], 0, 0)) break;
            cli_cell(s.t, &s.other);
            for (size_t k = 0; k < sizeof column / sizeof *column; k++) {
                if (!ask(&s, &s.cell, rows[r], column[k].k, s.dim[d], column[k].p, column[k].q))
                    break;
                if (column[k].k == SBX_WORST_ERROR && s.cell.kind == SBX_CELL_NUMBER) {
                    mpq_t t; /* worst over expected */
                    mpq_init(t);
                    mpq_div(t, s.cell.lo, s.other.hi);
                    mpq_div(s.cell.hi, s.cell.hi, s.other.lo);
                    mpq_swap(s.cell.lo, t);
                    s.cell.exact = s.cell.exact && s.other.exact;
                    s.cell.how = s.other.how;
                    mpq_clear(t);
                } else if (column[k].k != SBX_WORST_ERROR) {
                    multiply(&s.cell, &s.other);
                }
                cli_cell(s.t, &s.cell);
            }
        }
        number(&s, s.dim[d]);
        sbx_table_text(s.t, "lower bound");
        sbx_table_open(s.t, "-", NULL);
        sbx_table_open(s.t, "-", NULL);
        for (size_t k = 1; k < sizeof column / sizeof *column; k++)
            if (ask(&s, &s.cell, "lower-bound", column[k].k, s.dim[d], column[k].p, column[k].q))
                cli_cell(s.t, &s.cell);
    }
    return sheet_close(&s, argc, argv);
}

/* ---- T2 ---------------------------------------------------------------------------------- */

static const char *const ell_name[] = {"1", "2", "inf"};

/* hi of the best so far in *best; its name and bounds */
static void best_of(sheet *s, const char *const *rows, size_t n, size_t d, bool worst, sbx_ell p,
                    sbx_ell q, sbx_cell *best, const char **who)
{
    *who = NULL;
    for (size_t r = 0; r < n; r++) {
        if (!ask(s, &s->other, rows[r], worst ? SBX_WORST_ERROR : SBX_EXPECTED_ERROR, d, 0, 0) ||
            !ask(s, &s->cell, rows[r], SBX_LIPSCHITZ, d, p, q))
            return;
        multiply(&s->cell, &s->other);
        if (s->cell.kind != SBX_CELL_NUMBER) continue;
        if (*who && mpq_cmp(s->cell.hi, best->hi) >= 0) continue;
        mpq_set(best->lo, s->cell.lo);
        mpq_set(best->hi, s->cell.hi);
        best->kind = SBX_CELL_NUMBER;
        best->exact = s->cell.exact;
        best->how = s->cell.how;
        *who = rows[r];
    }
}

int cli_table_t2(int argc, char **argv)
{
    static const char *const rows[] = {"sparsemax", "plsoftmax", "softmax", "entmax-1.5",
                                       "permute-and-flip"};
    static const char *const names[] = {
        "error", "p", "q", "d", "best", "met", "lower bound", "best constant", "ratio", NULL};
    sheet s;
    sbx_cell best;
    int status = sheet_open(
        &s, "T2",
        "Lipschitz constants at error 1 against the lower bound for every soft-max function",
        "For each pair of norms and each notion of error: the lower bound that holds for all\n"
        "soft-max functions, the best normalizer, and their ratio. met: the bound is reached.\n",
        "2,3,4,5,10,20", 100000, argc, argv);
    if (status != CLI_GO_ON) return status;
    sbx_cell_init(&best);
    columns(&s, names, 6);
    for (int worst = 1; worst >= 0; worst--)
        for (int p = 0; p < 3; p++)
            for (int q = 0; q < 3; q++)
                for (size_t k = 0; k < s.n_dims && s.err.code == SBX_OK; k++) {
                    const char *who = NULL;
                    bool met;
                    sbx_cell *lb = &s.other;
                    mpq_t t;
                    best_of(&s, rows, sizeof rows / sizeof *rows, s.dim[k], worst, (sbx_ell)p,
                            (sbx_ell)q, &best, &who);
                    if (!who || !ask(&s, lb, worst ? "lower-bound:worst=1" : "lower-bound",
                                     SBX_LIPSCHITZ, s.dim[k], (sbx_ell)p, (sbx_ell)q))
                        break;
                    mpq_init(t);
                    /* equal constants are square roots of rationals that are computed alike */
                    met = mpq_equal(best.lo, lb->lo) && mpq_equal(best.hi, lb->hi);
                    sbx_table_text(s.t, worst ? "worst" : "expected");
                    sbx_table_text(s.t, ell_name[p]);
                    sbx_table_text(s.t, ell_name[q]);
                    number(&s, s.dim[k]);
                    sbx_table_text(s.t, who);
                    sbx_table_text(s.t, met && lb->exact ? "yes" : met ? "as enclosed" : "no");
                    cli_cell(s.t, lb);
                    cli_cell(s.t, &best);
                    mpq_div(t, best.lo, lb->hi);
                    mpq_div(best.hi, best.hi, lb->lo);
                    mpq_swap(best.lo, t);
                    best.exact = best.exact && lb->exact;
                    cli_cell(s.t, &best);
                    mpq_clear(t);
                }
    sbx_cell_clear(&best);
    return sheet_close(&s, argc, argv);
}

/* ---- T3 ---------------------------------------------------------------------------------- */

#define CROSS_MAX 400

/* a's constant at expected error 1 minus b's: its sign, or 2 where it is not known */
static int ahead(sheet *s, const char *a, const char *b, size_t d, sbx_ell p, sbx_ell q)
{
    sbx_cell z;
    int sign = 2;
    sbx_cell_init(&z);
    if (ask(s, &s->other, a, SBX_EXPECTED_ERROR, d, 0, 0) &&
        ask(s, &z, a, SBX_LIPSCHITZ, d, p, q)) {
        multiply(&z, &s->other);
        if (ask(s, &s->other, b, SBX_EXPECTED_ERROR, d, 0, 0) &&
            ask(s, &s->cell, b, SBX_LIPSCHITZ, d, p, q)) {
            multiply(&s->cell, &s->other);
            if (mpq_cmp(z.hi, s->cell.lo) < 0)
                sign = -1;
            else if (mpq_cmp(z.lo, s->cell.hi) > 0)
                sign = 1;
            else if (z.exact && s->cell.exact)
                sign = 0;
        }
    }
    sbx_cell_clear(&z);
    return sign;
}

int cli_table_t3(int argc, char **argv)
{
    static const char *const pairs[][2] = {
        {"plsoftmax", "softmax"}, {"sparsemax", "softmax"}, {"plsoftmax", "sparsemax"}};
    static const char *const names[] = {
        "first", "second", "p", "q", "first is better for d =", "d looked at", NULL};
    sheet s;
    char text[400];
    int status = sheet_open(
        &s, "T3", "Where one normalizer is smoother than another at the same expected error",
        "The dimensions at which the first has the smaller Lipschitz constant at expected error 1,\n"
        "each by the proved sign of a difference. --dim N: looks at 2 .. N.\n",
        "60", CROSS_MAX, argc, argv);
    if (status != CLI_GO_ON) return status;
    columns(&s, names, 6);
    sbx_table_note(s.t, "d?: the sign is not known, the two are equal as far as they are enclosed");
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
        for (int p = 0; p < 3; p++)
            for (int q = 0; q < 3; q++) {
                size_t n = 0, since = 0, top = s.dim[s.n_dims - 1];
                text[0] = 0;
                for (size_t d = 2; d <= top + 1 && s.err.code == SBX_OK; d++) {
                    const int sign =
                        d <= top ? ahead(&s, pairs[k][0], pairs[k][1], d, (sbx_ell)p, (sbx_ell)q)
                                 : 3;
                    if (sign == -1 && !since) since = d;
                    if (sign != -1 && since) {
                        n += (size_t)snprintf(text + n, n < sizeof text ? sizeof text - n : 0,
                                              since == d - 1 ? "%s%zu" : "%s%zu..%zu",
                                              n ? ", " : "", since, d - 1);
                        since = 0;
                    }
                    if (sign == 2)
                        n += (size_t)snprintf(text + n, n < sizeof text ? sizeof text - n : 0,
                                              "%s%zu?", n ? ", " : "", d);
                    if (n > sizeof text - 60) break;
                }
                sbx_table_text(s.t, pairs[k][0]);
                sbx_table_text(s.t, pairs[k][1]);
                sbx_table_text(s.t, ell_name[p]);
                sbx_table_text(s.t, ell_name[q]);
                sbx_table_text(s.t, n ? text : "none");
                (void)snprintf(text, sizeof text, "2..%zu", top);
                sbx_table_text(s.t, text);
            }
    return sheet_close(&s, argc, argv);
}

/* ---- T7 ---------------------------------------------------------------------------------- */

/* log d, enclosed, in the next cell */
static void logarithm(sheet *s, size_t d)
{
    const sbx_ctx ctx = {.prec = 128};
    sbx_ivf v;
    if (s->err.code != SBX_OK) return;
    sbx_ivf_init(&v, &ctx);
    if (sbx_ivf_set_si(&v, (long)d, &ctx, &s->err) == SBX_OK &&
        sbx_ivf_log(&v, &v, &ctx, &s->err) == SBX_OK &&
        sbx_ivf_get_q(s->cell.lo, s->cell.hi, &v, &s->err) == SBX_OK)
        sbx_table_range(s->t, s->cell.lo, s->cell.hi, SBX_HOW_CLOSED);
    sbx_ivf_clear(&v);
}

int cli_table_t7(int argc, char **argv)
{
    static const char *const rows[] = {"softmax",    "sparsemax",        "plsoftmax",
                                       "entmax-1.5", "permute-and-flip", "rational"};
    static const char *const names[] = {"d",
                                        "log d",
                                        "softmax",
                                        "sparsemax",
                                        "plsoftmax",
                                        "entmax-1.5",
                                        "permute-and-flip",
                                        "rational",
                                        "lower bound for D_inf",
                                        NULL};
    sheet s;
    int status = sheet_open(
        &s, "T7", "Expected errors at scale 1",
        "The exact expected error of each normalizer at lambda = delta = 1, the bound log d of\n"
        "softmax that is quoted, and what any soft-max function with max-divergence 1 (p = 1) has.\n",
        "2,3,4,5,6,7,8,9,10,20,100,1000,32000,50257,128256", SBX_STUDY_DIM_MAX, argc, argv);
    if (status != CLI_GO_ON) return status;
    columns(&s, names, 1);
    for (size_t d = 0; d < s.n_dims && s.err.code == SBX_OK; d++) {
        number(&s, s.dim[d]);
        logarithm(&s, s.dim[d]);
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            if (ask(&s, &s.cell, rows[r], SBX_EXPECTED_ERROR, s.dim[d], 0, 0))
                cli_cell(s.t, &s.cell);
        if (ask(&s, &s.cell, "lower-bound", SBX_DINF, s.dim[d], SBX_L1, 0)) cli_cell(s.t, &s.cell);
    }
    return sheet_close(&s, argc, argv);
}

/* ---- T8 ---------------------------------------------------------------------------------- */

/* d^(-1/lambda), enclosed */
static void guarantee(sheet *s, size_t d, long lambda)
{
    const sbx_ctx ctx = {.prec = 128};
    sbx_ivf v, t;
    if (s->err.code != SBX_OK) return;
    sbx_ivf_init(&v, &ctx);
    sbx_ivf_init(&t, &ctx);
    if (sbx_ivf_set_si(&v, (long)d, &ctx, &s->err) == SBX_OK &&
        sbx_ivf_log(&v, &v, &ctx, &s->err) == SBX_OK &&
        sbx_ivf_set_si(&t, -lambda, &ctx, &s->err) == SBX_OK &&
        sbx_ivf_div(&v, &v, &t, &ctx, &s->err) == SBX_OK &&
        sbx_ivf_exp(&v, &v, &ctx, &s->err) == SBX_OK &&
        sbx_ivf_get_q(s->cell.lo, s->cell.hi, &v, &s->err) == SBX_OK)
        sbx_table_range(s->t, s->cell.lo, s->cell.hi, SBX_HOW_CLOSED);
    sbx_ivf_clear(&v);
    sbx_ivf_clear(&t);
}

/* 1 - e^-ratio, the ratio in s->cell */
static void greedy(sheet *s)
{
    const sbx_ctx ctx = {.prec = 128};
    sbx_ivf v[2];
    mpq_t t;
    mpq_init(t);
    sbx_ivf_init(&v[0], &ctx);
    sbx_ivf_init(&v[1], &ctx);
    if (sbx_ivf_set_q(&v[0], s->cell.lo, &ctx, &s->err) == SBX_OK &&
        sbx_ivf_set_q(&v[1], s->cell.hi, &ctx, &s->err) == SBX_OK &&
        sbx_ivf_hull(&v[0], &v[0], &v[1], &ctx, &s->err) == SBX_OK &&
        sbx_ivf_neg(&v[0], &v[0], &ctx, &s->err) == SBX_OK &&
        sbx_ivf_expm1(&v[0], &v[0], &ctx, &s->err) == SBX_OK &&
        sbx_ivf_neg(&v[0], &v[0], &ctx, &s->err) == SBX_OK &&
        sbx_ivf_get_q(s->cell.lo, s->cell.hi, &v[0], &s->err) == SBX_OK)
        sbx_table_range(s->t, s->cell.lo, s->cell.hi, SBX_HOW_PROVED);
    sbx_ivf_clear(&v[0]);
    sbx_ivf_clear(&v[1]);
    mpq_clear(t);
}

int cli_table_t8(int argc, char **argv)
{
    static const long lambdas[] = {1, 2, 5, 10};
    static const char *const names[] = {
        "d", "lambda", "d^(-1/lambda)", "ratio", "D_inf of log x", "greedy", NULL};
    sheet s;
    int status = sheet_open(
        &s, "T8", "The power mechanism: what it keeps of the greatest score",
        "The guarantee d^(-1/lambda) that is quoted, the exact worst ratio, the max-divergence per\n"
        "unit of |log x - log y|_inf, and what a greedy choice keeps that has that ratio in each\n"
        "step, 1 - e^-ratio.\n",
        "2,10,100,1000", SBX_STUDY_DIM_MAX, argc, argv);
    if (status != CLI_GO_ON) return status;
    columns(&s, names, 2);
    for (size_t d = 0; d < s.n_dims; d++)
        for (size_t k = 0; k < sizeof lambdas / sizeof *lambdas && s.err.code == SBX_OK; k++) {
            char name[40];
            (void)snprintf(name, sizeof name, "power:lambda=%ld", lambdas[k]);
            number(&s, s.dim[d]);
            number(&s, (size_t)lambdas[k]);
            guarantee(&s, s.dim[d], lambdas[k]);
            if (!ask(&s, &s.other, name, SBX_RATIO, s.dim[d], 0, 0)) break;
            cli_cell(s.t, &s.other);
            if (!ask(&s, &s.cell, name, SBX_DINF, s.dim[d], SBX_LINF, 0)) break;
            cli_cell(s.t, &s.cell);
            mpq_set(s.cell.lo, s.other.lo);
            mpq_set(s.cell.hi, s.other.hi);
            greedy(&s);
        }
    return sheet_close(&s, argc, argv);
}

/* ---- T6 ---------------------------------------------------------------------------------- */

/* the m of the list with the greatest probability of success, in z */
static bool separate(sheet *s, sbx_separation *z, unsigned long *m, const char *name,
                     sbx_separation_ask *q)
{
    static const unsigned long tried[] = {10, 30, 60, 100};
    mpq_t best;
    bool ok = true;
    mpq_init(best);
    *m = 0;
    for (size_t k = 0; k < 4 && ok; k++) {
        q->m = tried[k];
        ok = sbx_study_separate(z, name, q, &s->err) == SBX_OK;
        if (ok && (*m == 0 || mpq_cmp(z->success, best) > 0)) {
            *m = tried[k];
            mpq_set(best, z->success);
        }
    }
    q->m = *m;
    ok = ok && sbx_study_separate(z, name, q, &s->err) == SBX_OK;
    mpq_clear(best);
    return ok;
}

static void separation_row(sheet *s, sbx_separation *z, const char *name, sbx_separation_ask *q)
{
    unsigned long m = 0;
    mpq_t half;
    if (s->err.code != SBX_OK || !separate(s, z, &m, name, q)) return;
    mpq_init(half);
    mpq_set_ui(half, 1, 2);
    sbx_table_text(s->t, name);
    number(s, q->n);
    number(s, q->d);
    number(s, m);
    sbx_table_text(s->t, mpq_cmp(z->success, half) > 0 ? "yes" : "no");
    sbx_table_range(s->t, z->p0, z->p0, SBX_HOW_EXACT);
    sbx_table_range(s->t, z->p1, z->p1, SBX_HOW_EXACT);
    sbx_table_range(s->t, z->linear, z->linear, SBX_HOW_EXACT);
    sbx_table_range(s->t, z->product, z->product, SBX_HOW_EXACT);
    sbx_table_range(s->t, z->success, z->success, SBX_HOW_EXACT);
    if (sbx_study_half_weight(&s->cell, name, q->n, &s->err) == SBX_OK) cli_cell(s->t, &s->cell);
    mpq_clear(half);
}

int cli_table_t6(int argc, char **argv)
{
    static const size_t sizes[][2] = {
        {1024, 66}, {4096, 130}, {4096, 514}, {65536, 514}, {1048576, 2050}};
    static const char *const names[] = {"weights",   "n",       "d",        "m",
                                        "separates", "p0",      "p1",       "p linear",
                                        "product",   "success", "a at 1/2", NULL};
    sheet s;
    mpq_t a0, a1, b;
    sbx_separation z;
    sbx_separation_ask q;
    int status = sheet_open(
        &s, "T6",
        "Attention that tells the data sets of Deng, Song and Zhou apart (a = 1/10, 7/10; b = 1/2)",
        "p0, p1: the probability, over its random signs, that a neuron fires on the data set that\n"
        "must be rejected and on the one that must be found; p linear: with linear attention.\n"
        "success: of m neurons none fires on the first or with linear attention, and one does on\n"
        "the second; m of 10, 30, 60, 100 with the greatest success. product: as if the two were\n"
        "independent. a at 1/2: where the marked row has half of the weight.\n",
        NULL, 0, argc, argv);
    if (status != CLI_GO_ON) return status;
    mpq_inits(a0, a1, b, NULL);
    mpq_set_ui(a0, 1, 10);
    mpq_set_ui(a1, 7, 10);
    mpq_set_ui(b, 1, 2);
    sbx_separation_init(&z);
    columns(&s, names, 5);
    q = (sbx_separation_ask){.a0 = a0, .a1 = a1, .b = b, .m = 10};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        q.n = sizes[k][0];
        q.d = sizes[k][1];
        separation_row(&s, &z, "softmax", &q);
    }
    q.n = 65536;
    q.d = 514;
    for (size_t k = 1; sbx_study_separable(k); k++)
        separation_row(&s, &z, sbx_study_separable(k), &q);
    mpq_clears(a0, a1, b, NULL);
    sbx_separation_clear(&z);
    return sheet_close(&s, argc, argv);
}
