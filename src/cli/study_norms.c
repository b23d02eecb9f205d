/* cli/study_norms.c -- softbox table T4, T5: normalizers over boxes: how steep they are there, and
 * their ranges.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/named.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N     3 /* scores */
#define GAP   1e-5
#define BOXES 1200
#define GRID  5 /* points on a side: extremes are often at corners */

static const double centre[][N] = {{0, 0, 0}, {1, 0, -1}, {3, 1, 0}};
static const double radius[] = {0.125, 1, 8};

/* command: "table T4" */
static int parse(cli *c, const char *command, const char *about, int argc, char **argv)
{
    char usage[80];
    const cli_help help = {usage, about};
    *c = (cli){.command = command, .forms = CLI_FORMS_TABLE};
    (void)snprintf(usage, sizeof usage, "usage: softbox %s [options]\n", command);
    return cli_parse(c, argc, argv, NULL, 0, 0, 0, &help);
}

/* the normalizers that give N weights for N scores with their default parameters */
static bool fits(sbx_norm_args *a, const sbx_norm *f, sbx_err *err)
{
    const unsigned traits = sbx_norm_get_info(f)->traits;
    if (traits & SBX_NORM_POINTWISE) return false;
    if (sbx_norm_args_init(a, f, err) != SBX_OK) return false;
    if (sbx_norm_outputs(a, N) == N) return true;
    sbx_norm_args_clear(a);
    return false;
}

/* a + b >= 0, rounded up or down, exact where it is */
static double sum(double a, double b, bool up)
{
    const double s = a + b;
    if (s - b == a && s - a == b) return s;
    return nextafter(s, up ? HUGE_VAL : 0.0);
}

/* The least and the greatest sum of a column of |J|, as far as the enclosure tells. Where columns sum to 0
 * the positive parts, and the negative ones, are half of it. */
static sbx_ivd columns(const sbx_ivd *j, bool zero)
{
    sbx_ivd best = {0, 0};
    for (size_t k = 0; k < N; k++) {
        double lo = 0, hi = 0, half[2] = {0, 0};
        for (size_t i = 0; i < N; i++) {
            const sbx_ivd v = j[i * N + k];
            lo = sum(lo, v.lo > 0 ? v.lo : v.hi < 0 ? -v.hi : 0.0, false);
            hi = sum(hi, fmax(-v.lo, v.hi), true);
            half[0] = sum(half[0], fmax(v.hi, 0), true);
            half[1] = sum(half[1], fmax(-v.lo, 0), true);
        }
        if (zero) hi = fmin(hi, 2 * fmin(half[0], half[1]));
        best.lo = fmax(best.lo, lo);
        best.hi = fmax(best.hi, hi);
    }
    return best;
}

typedef struct question {
    const sbx_norm_args *a;
    sbx_err why; /* the last refusal */
} question;

/* The norm 1 -> 1 of the matrices of derivatives over a box; where there may be a jump nothing is known. */
static sbx_status norm(sbx_ivd *z, const sbx_ivd *x, size_t n, void *arg, sbx_err *err)
{
    question *q = arg;
    sbx_ivd j[N * N];
    const sbx_status st = sbx_norm_jacobian_ivd(j, q->a, x, n, NULL, &q->why);
    *z = (sbx_ivd){0, HUGE_VAL};
    if (st == SBX_OK)
        *z = columns(j, sbx_norm_traits(q->a) & SBX_NORM_SUMS_TO_ONE);
    else if (st != SBX_ERR_DOMAIN)
        *err = q->why;
    return st == SBX_ERR_DOMAIN ? SBX_OK : st;
}

/* Between which bounds the Lipschitz constant 1 -> 1 over the box lies: branch and bound on the norm of the
 * matrix. At a point none is steeper than f. */
static sbx_status steep(sbx_ivd *z, const sbx_norm_args *a, const double *at, double r,
                        sbx_err *err)
{
    question q = {a, {SBX_OK, NULL, ""}};
    const sbx_opt_problem f = {.value = norm, .arg = &q, .gap = GAP, .max_boxes = BOXES};
    sbx_opt_result best;
    sbx_ivd x[N];
    sbx_status st;
    for (size_t k = 0; k < N; k++)
        x[k] = (sbx_ivd){at[k] - r, at[k] + r}; /* exact */
    st = sbx_opt_max(&best, NULL, &f, x, N, NULL, err);
    if (st != SBX_OK) return st;
    *z = best.bound;
    if (!(best.bound.hi < HUGE_VAL)) {
        *err = q.why;
        return SBX_ERR_DOMAIN;
    }
    for (size_t g = 0; g < (size_t)GRID * GRID * GRID && st == SBX_OK; g++) {
        sbx_ivd v;
        for (size_t k = 0, part = g; k < N; k++, part /= GRID) {
            const double e = at[k] - r + 2 * r * (double)(part % GRID) / (GRID - 1); /* exact */
            x[k] = (sbx_ivd){e, e};
        }
        st = norm(&v, x, N, &q, err);
        z->lo = fmax(z->lo, v.lo);
    }
    return st;
}

int cli_table_t4(int argc, char **argv)
{
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_table *t = NULL;
    sbx_cell z;
    cli c;
    int status =
        parse(&c, "table T4",
              "Lipschitz constants of every normalizer for 3 scores, default parameters: global\n"
              "1 -> 1 and 2 -> 2, and 1 -> 1 over boxes of three centres and radii.\n",
              argc, argv);
    if (status != CLI_GO_ON) return status;
    if (sbx_table_new(&t, "T4", "How steep normalizers are, everywhere and over boxes (3 scores)",
                      &err) != SBX_OK)
        return cli_fail(&c, &err);
    sbx_table_column(t, &(sbx_column){"normalizer", NULL, SBX_COLUMN_TEXT});
    sbx_table_column(t, &(sbx_column){"1->1", NULL, SBX_COLUMN_NUMBER});
    sbx_table_column(t, &(sbx_column){"2->2", NULL, SBX_COLUMN_NUMBER});
    for (size_t k = 0; k < 9; k++) {
        char name[80];
        (void)snprintf(name, sizeof name, "(%g,%g,%g) +- %g", centre[k / 3][0], centre[k / 3][1],
                       centre[k / 3][2], radius[k % 3]);
        sbx_table_column(t, &(sbx_column){name, NULL, SBX_COLUMN_NUMBER});
    }
    sbx_cell_init(&z);
    for (const sbx_norm *const *f = sbx_norms(); *f && err.code == SBX_OK; f++) {
        const char *name = sbx_norm_get_info(*f)->name;
        sbx_norm_args a;
        double global = HUGE_VAL; /* 1 -> 1, no less than over any box */
        if (!fits(&a, *f, &err)) continue;
        sbx_table_text(t, name);
        for (int k = 0; k < 2 && err.code == SBX_OK; k++) {
            const sbx_ell p = k ? SBX_L2 : SBX_L1;
            const sbx_study_question q = {.quantity = SBX_LIPSCHITZ, .d = N, .p = p, .q = p};
            if (sbx_study_quantity(&z, name, &q, NULL, &err) == SBX_OK) cli_cell(t, &z);
            if (k == 0 && z.kind == SBX_CELL_NUMBER)
                global = nextafter(mpq_get_d(z.hi), HUGE_VAL); /* >= z.hi */
        }
        for (size_t k = 0; k < 9 && err.code == SBX_OK; k++) {
            sbx_err why = {SBX_OK, NULL, ""};
            sbx_ivd v;
            if (steep(&v, &a, centre[k / 3], radius[k % 3], &why) != SBX_OK)
                sbx_table_open(t, "-", why.msg);
            else
                sbx_table_range_d(t, v.lo, fmin(v.hi, global), SBX_HOW_PROVED);
        }
        sbx_norm_args_clear(&a);
    }
    sbx_cell_clear(&z);
    if (err.code == SBX_OK) return cli_report_table(&c, t, argc, argv);
    sbx_table_free(t);
    return cli_fail(&c, &err);
}

/* ---- T5 ---------------------------------------------------------------------------------- */

int cli_table_t5(int argc, char **argv)
{
    static const double at[N] = {1, 0.25, 0.5};
    static const double r[] = {0.125, 0.25, 2};
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_table *t = NULL;
    cli c;
    int status = parse(
        &c, "table T5",
        "The range of the first weight over the boxes around (1, 1/4, 1/2) of radius 1/8, 1/4\n"
        "and 2, default parameters; and how much wider plain interval evaluation is. The range\n"
        "is sharp, rounded outward, but where a search finds it.\n",
        argc, argv);
    if (status != CLI_GO_ON) return status;
    if (sbx_table_new(&t, "T5", "Ranges of the first of 3 weights over boxes", &err) != SBX_OK)
        return cli_fail(&c, &err);
    sbx_table_column(t, &(sbx_column){"normalizer", NULL, SBX_COLUMN_TEXT});
    sbx_table_column(t, &(sbx_column){"range", NULL, SBX_COLUMN_TEXT});
    for (size_t k = 0; k < 3; k++) {
        static const char *const what[] = {"least", "greatest", "naive/range"};
        for (size_t j = 0; j < 3; j++) {
            char name[80];
            (void)snprintf(name, sizeof name, "%s, %g", what[j], r[k]);
            sbx_table_column(
                t, &(sbx_column){name, NULL, j < 2 ? SBX_COLUMN_NUMBER : SBX_COLUMN_TEXT});
        }
    }
    for (const sbx_norm *const *f = sbx_norms(); *f && err.code == SBX_OK; f++) {
        static const char *const shape[] = {"sharp", "sharp", "search"};
        const sbx_norm_info *info = sbx_norm_get_info(*f);
        sbx_norm_args a;
        if (!fits(&a, *f, &err)) continue;
        sbx_table_text(t, info->name);
        sbx_table_text(t, shape[info->shape]);
        for (size_t k = 0; k < 3; k++) {
            sbx_err why = {SBX_OK, NULL, ""};
            sbx_ivd x[N], p, naive[N];
            char ratio[40];
            for (size_t j = 0; j < N; j++)
                x[j] = (sbx_ivd){at[j] - r[k], at[j] + r[k]};
            if (sbx_norm_range_ivd(&p, &a, 0, x, N, NULL, &why) != SBX_OK ||
                sbx_norm_eval_ivd(naive, &a, x, N, NULL, &why) != SBX_OK) {
                for (size_t j = 0; j < 3; j++)
                    sbx_table_open(t, "-", why.msg);
                continue;
            }
            sbx_table_range_d(t, p.lo, HUGE_VAL, SBX_HOW_PROVED);
            sbx_table_range_d(t, -HUGE_VAL, p.hi, SBX_HOW_PROVED);
            (void)snprintf(ratio, sizeof ratio, "%.3g",
                           (naive[0].hi - naive[0].lo) / (p.hi - p.lo));
            sbx_table_text(t, p.hi > p.lo ? ratio : "-");
        }
        sbx_norm_args_clear(&a);
    }
    if (err.code == SBX_OK) return cli_report_table(&c, t, argc, argv);
    sbx_table_free(t);
    return cli_fail(&c, &err);
}
