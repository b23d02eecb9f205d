/* cli/study_norms.c -- softbox table T4, T5: normalizers over boxes: how steep they are there, and
 * their ranges.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/named.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N     3 /* scores */
#define SPLIT 8 /* of each side of a box */

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

/* the least and the greatest sum of a column of |J|, as far as the enclosure tells */
static sbx_ivd columns(const sbx_ivd *j)
{
    sbx_ivd best = {0, 0};
    for (size_t k = 0; k < N; k++) {
        mpq_t lo, hi, t;
        double a, b;
        mpq_inits(lo, hi, t, NULL);
        for (size_t i = 0; i < N; i++) {
            const sbx_ivd v = j[i * N + k];
            const double low = v.lo > 0 ? v.lo : v.hi < 0 ? -v.hi : 0.0, top = fmax(-v.lo, v.hi);
            mpq_set_d(t, low);
            mpq_add(lo, lo, t);
            if (top < HUGE_VAL) mpq_set_d(t, top);
            mpq_add(hi, hi, t);
            if (!(top < HUGE_VAL)) best.hi = HUGE_VAL;
        }
        a = nextafter(mpq_get_d(lo), 0.0);
        b = nextafter(mpq_get_d(hi), HUGE_VAL);
        best.lo = fmax(best.lo, a);
        best.hi = fmax(best.hi, b);
        mpq_clears(lo, hi, t, NULL);
    }
    return best;
}

/* Between which bounds the Lipschitz constant 1 -> 1 over the box lies: matrices of derivatives
 * in SPLIT^N parts. Any of them at a point is no steeper than f. */
static sbx_status steep(sbx_ivd *z, const sbx_norm_args *a, const double *at, double r,
                        sbx_err *err)
{
    sbx_ivd x[N], j[N * N], v;
    size_t part[N] = {0, 0, 0};
    sbx_status st;
    *z = (sbx_ivd){0, 0};
    do {
        for (int point = 0; point < 2; point++) {
            for (size_t k = 0; k < N; k++) { /* powers of two: exact */
                const double lo = at[k] - r + 2 * r * (double)part[k] / SPLIT;
                const double hi = at[k] - r + 2 * r * (double)(part[k] + 1) / SPLIT;
                x[k] = point ? (sbx_ivd){lo, lo}
                             : (sbx_ivd){lo, part[k] + 1 == SPLIT ? at[k] + r : hi};
                if (part[k] == 0) x[k].lo = at[k] - r;
                if (point) x[k].hi = x[k].lo;
            }
            st = sbx_norm_jacobian_ivd(j, a, x, N, NULL, err);
            if (st != SBX_OK) return st;
            v = columns(j);
            if (point)
                z->lo = fmax(z->lo, v.lo);
            else
                z->hi = fmax(z->hi, v.hi);
        }
        for (size_t k = 0; k < N && ++part[k] == SPLIT; k++)
            part[k] = 0;
    } while (part[0] || part[1] || part[2]);
    return SBX_OK;
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
