/* cli/list_norms.c -- the normalizers for softbox list: what each is, needs and promises.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    unsigned bit;
    const char *name;
} traits[] = {
    {SBX_NORM_NONNEGATIVE, "nonnegative"},
    {SBX_NORM_SUMS_TO_ONE, "sums to one"},
    {SBX_NORM_SUMS_BELOW, "sums to at most one"},
    {SBX_NORM_SHIFT, "shift invariant"},
    {SBX_NORM_SCALE, "scale invariant"},
    {SBX_NORM_CONTINUOUS, "continuous"},
    {SBX_NORM_SPARSE, "sparse"},
    {SBX_NORM_SYMMETRIC, "symmetric"},
    {SBX_NORM_POINTWISE, "pointwise"},
};
#define N_TRAITS (sizeof traits / sizeof *traits)

const char *list_class(sbx_norm_class kind)
{
    return kind == SBX_NORM_RATIONAL    ? "rational"
           : kind == SBX_NORM_ALGEBRAIC ? "algebraic"
                                        : "transcendental";
}

static const char *shape(const sbx_norm_info *f)
{
    return f->shape == SBX_NORM_SEPARABLE  ? "quotient"
           : f->shape == SBX_NORM_MONOTONE ? "corners"
                                           : "search";
}

/* "sqrt, exp": what a number system must have */
static const struct {
    unsigned bit;
    const char *name;
} needs[] = {{SBX_CAN_SQRT, "sqrt"}, {SBX_CAN_EXP, "exp"}, {SBX_CAN_LOG, "log"}};
#define N_NEEDS (sizeof needs / sizeof *needs)

/* "(0, inf)", "even integer in [2, 64]", "left|right" */
static void domain(FILE *f, const sbx_param *p)
{
    if (p->how & SBX_PARAM_NAME) {
        (void)fputs(p->lo, f);
        return;
    }
    if (p->how & SBX_PARAM_LIST) (void)fputs("a list, each ", f);
    if (p->how & (SBX_PARAM_EVEN | SBX_PARAM_INTEGER))
        (void)fputs(p->how & SBX_PARAM_EVEN ? "even integer in " : "integer in ", f);
    (void)fprintf(f, "%c%s, %s%c", p->lo && !(p->how & SBX_PARAM_OPEN_LO) ? '[' : '(',
                  p->lo ? p->lo : "-inf", p->hi ? p->hi : "inf",
                  p->hi && !(p->how & SBX_PARAM_OPEN_HI) ? ']' : ')');
}

void list_member(FILE *f, const char *key, const char *text)
{
    (void)fprintf(f, ",\"%s\":", key);
    if (text)
        cli_json_string(f, text);
    else
        (void)fputs("null", f);
}

void list_params_json(FILE *f, const sbx_param *p, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        (void)fprintf(f, "%s{\"name\":", k ? "," : "");
        cli_json_string(f, p[k].name);
        list_member(f, "is", p[k].is);
        list_member(f, "default", p[k].value);
        (void)fputs(",\"domain\":\"", f);
        domain(f, &p[k]);
        (void)fputs("\"}", f);
    }
}

void list_needs_json(FILE *f, unsigned need)
{
    bool first = true;
    for (size_t k = 0; k < N_NEEDS; k++) {
        if (!(need & needs[k].bit)) continue;
        (void)fprintf(f, "%s\"%s\"", first ? "" : ",", needs[k].name);
        first = false;
    }
}

static void json_one(FILE *f, const sbx_norm_info *i)
{
    bool first = true;
    (void)fputs("{\"name\":", f);
    cli_json_string(f, i->name);
    list_member(f, "is", i->formula);
    list_member(f, "class", list_class(i->kind));
    (void)fputs(",\"needs\":[", f);
    list_needs_json(f, i->need);
    (void)fputs("],\"properties\":[", f);
    for (size_t k = 0; k < N_TRAITS; k++) {
        if (!(i->traits & traits[k].bit)) continue;
        (void)fprintf(f, "%s\"%s\"", first ? "" : ",", traits[k].name);
        first = false;
    }
    (void)fputc(']', f);
    list_member(f, "range", shape(i));
    list_member(f, "undefined", i->undefined);
    (void)fprintf(f, ",\"zero_rows\":%s", i->zero_rows ? "true" : "false");
    (void)fputs(",\"parameters\":[", f);
    list_params_json(f, i->param, i->n_params);
    (void)fputc(']', f);
    list_member(f, "note", i->note);
    (void)fputc('}', f);
}

void list_norms_json(FILE *f)
{
    const sbx_norm *const *all = sbx_norms();
    for (size_t k = 0; all[k]; k++) {
        if (k) (void)fputc(',', f);
        json_one(f, sbx_norm_get_info(all[k]));
    }
}

char *list_defaults(const sbx_param *p, size_t n)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f;
    if (!n) return strdup("-");
    f = open_memstream(&text, &len);
    if (!f) return NULL;
    for (size_t k = 0; k < n; k++)
        (void)fprintf(f, "%s%s=%s", k ? ":" : "", p[k].name, p[k].value);
    if (ferror(f) | fclose(f)) {
        free(text);
        return NULL;
    }
    return text;
}

/* the traits that a column each has, as letters: see the legend below */
static const char *mark(const sbx_norm_info *i, unsigned bit, const char *yes)
{
    return i->traits & bit ? yes : "-";
}

/* false: no memory */
bool list_norms_text(FILE *f)
{
    const sbx_norm *const *all = sbx_norms();
    cli_table t = {.columns = 12};
    static const char *const head[] = {"",      "name",  "class", "range", ">=0",      "sum",
                                       "shift", "scale", "cont",  "0/0",   "defaults", "formula"};
    bool ok;
    for (size_t k = 0; k < t.columns; k++)
        cli_table_add(&t, head[k]);
    for (size_t k = 0; all[k]; k++) {
        const sbx_norm_info *i = sbx_norm_get_info(all[k]);
        cli_table_add(&t, "");
        cli_table_add(&t, i->name);
        cli_table_add(&t, i->kind == SBX_NORM_RATIONAL    ? "Q"
                          : i->kind == SBX_NORM_ALGEBRAIC ? "A"
                                                          : "T");
        cli_table_add(&t, shape(i));
        cli_table_add(&t, mark(i, SBX_NORM_NONNEGATIVE, "yes"));
        cli_table_add(&t, i->traits & SBX_NORM_SUMS_TO_ONE  ? "1"
                          : i->traits & SBX_NORM_SUMS_BELOW ? "<=1"
                                                            : "-");
        cli_table_add(&t, mark(i, SBX_NORM_SHIFT, "yes"));
        cli_table_add(&t, mark(i, SBX_NORM_SCALE, "yes"));
        cli_table_add(&t, mark(i, SBX_NORM_CONTINUOUS, "yes"));
        cli_table_add(&t, i->zero_rows ? "yes" : "-");
        cli_table_take(&t, list_defaults(i->param, i->n_params));
        cli_table_add(&t, i->formula);
    }
    cli_table_print(&t, f);
    ok = !t.failed;
    cli_table_clear(&t);
    (void)fputs(
        "class: Q rational (exact in mpq), A algebraic, T transcendental; range over a box:\n"
        "quotient of ends, two corners, or branch and bound; 0/0: --zero-row says what then\n",
        f);
    return ok;
}
