/* cli/list.c -- softbox list: what there is, with what each needs and promises.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <errno.h>
#include <string.h>

static const cli_help help = {
    "usage: softbox list [normalizers|mechanisms|kernels|methods|numbers|operators|tables|plots|\n"
    "                    algorithms] [options]\n",
    "What this build has, with what each needs and promises.\n"};

/* name, formula or meaning, what it needs or promises */
typedef struct entry {
    const char *name, *is, *note;
} entry;

static const entry kernels[] = {
    {"softmax", "e^x_i / sum e^x_j", "needs exp"},
    {"log-softmax", "x_i - log sum e^x_j", "needs exp, log"},
    {"lse", "log sum e^x_j", "needs exp, log"},
    {"sum", "sum x_j", "every number system"},
    {"dot", "sum x_j y_j", "every number system"},
};
static const entry methods[] = {
    {"interval", "exact range, rounded outward", "every normalizer, functionals"},
    {"constant", "the interval as an affine bound", "softmax, log-softmax, lse"},
    {"lin", "quotient of linear bounds (Shi et al. 2020, Bonaert et al. 2021)", "softmax"},
    {"er", "exponential-reciprocal (Wei et al. 2023)", "softmax"},
    {"lse", "log-sum-exp (Wei et al. 2023)", "softmax, log-softmax, lse"},
    {"lse-star", "log-sum-exp, pivoted lower bound (Wei et al. 2023)", "softmax"},
    {"env", "concave envelope of the logistic function, tangent; lse: at corners",
     "softmax, log-softmax, lse"},
    {"l2d", "lower: envelope in the own logit and a sum of chords; upper: env", "softmax"},
    {"optimal-fast", "slopes of closed forms, the best constant for them", "softmax"},
    {"auto", "at the point, the best of the above", "softmax, log-softmax, lse"},
    {"optimal", "the best affine bound at the point, by cutting planes",
     "softmax, log-softmax, lse"},
    {"ibp", "verify: interval propagation, one pass", "networks"},
    {"crown", "verify: linear propagation, one pass", "networks"},
    {"bab", "verify: falsify, bound, split the inputs (auto is the same)", "networks"},
};
static const entry numbers[] = {
    {"f32", "IEEE binary32", "point, rounded to nearest"},
    {"f64", "IEEE binary64", "point, rounded to nearest"},
    {"fp16", "11 bits, exponents -14..15", "point, emulated exactly"},
    {"bf16", "8 bits, exponents -126..127", "point, emulated exactly"},
    {"tf32", "11 bits, exponents -126..127", "point, emulated exactly"},
    {"e5m2", "3 bits, exponents -14..15", "point, emulated exactly"},
    {"e4m3", "4 bits, exponents -6..8, no infinity", "point, emulated exactly"},
    {"mpf:BITS", "MPFR at that precision", "point, rounded to nearest"},
    {"mpq", "rational", "point, exact; no square root, exp, log"},
    {"ivd", "interval of doubles", "encloses"},
    {"ivf:BITS", "interval of MPFR numbers", "encloses; every operation tightest"},
    {"ivq:BITS", "interval of rationals", "encloses; + - * / exact; no unbounded side"},
};

typedef struct section {
    const char *name;
    const entry *all;
    size_t n;
} section;
#define SECTION(list)                                \
    {                                                \
#list, (list), sizeof(list) / sizeof *(list) \
    }
static const section sections[] = {
    {"normalizers", NULL, 0}, {"mechanisms", NULL, 0}, SECTION(kernels),
    SECTION(methods),         SECTION(numbers),        {"operators", NULL, 0},
    {"tables", NULL, 0},      {"plots", NULL, 0},      {"algorithms", NULL, 0}};
#define N_SECTIONS (sizeof sections / sizeof *sections)

/* what is listed from elsewhere: operators; tables and plots */
static const char *const *operators(const section *s)
{
    return strcmp(s->name, "operators") == 0 ? sbx_net_operators() : NULL;
}
static const cli_named *named(const section *s)
{
    return strcmp(s->name, "tables") == 0  ? cli_tables
           : strcmp(s->name, "plots") == 0 ? cli_plots
                                           : NULL;
}

/* the algorithms of `softbox error`; NULL: another list */
static const sbx_error_algorithm *algorithms(const section *s, size_t *n)
{
    *n = 0;
    return strcmp(s->name, "algorithms") == 0 ? sbx_error_algorithms(n) : NULL;
}

static void json_algorithms(FILE *f, const sbx_error_algorithm *a, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        (void)fprintf(f, "%s{\"kernel\":\"%s\",\"name\":\"%s\",\"is\":", k ? "," : "", a[k].kernel,
                      a[k].name);
        cli_json_string(f, a[k].is);
        (void)fputs(",\"note\":", f);
        cli_json_string(f, a[k].note);
        (void)fputc('}', f);
    }
}

/* false: no memory */
static bool text_algorithms(FILE *f, const sbx_error_algorithm *a, size_t n)
{
    cli_table t = {.columns = 5};
    bool ok;
    for (size_t k = 0; k < n; k++) {
        cli_table_add(&t, "");
        cli_table_add(&t, a[k].kernel);
        cli_table_add(&t, a[k].name);
        cli_table_add(&t, a[k].is);
        cli_table_add(&t, a[k].note);
    }
    cli_table_print(&t, f);
    ok = !t.failed;
    cli_table_clear(&t);
    return ok;
}

static bool is(const section *s, const char *name) { return strcmp(s->name, name) == 0; }

static void json_section(FILE *f, const section *s)
{
    size_t n_alg;
    const sbx_error_algorithm *alg = algorithms(s, &n_alg);
    const char *const *op = operators(s);
    const cli_named *t = named(s);
    (void)fprintf(f, "\"%s\":[", s->name);
    if (is(s, "normalizers")) list_norms_json(f);
    if (is(s, "mechanisms")) list_mechs_json(f);
    for (size_t k = 0; s->all && k < s->n; k++) {
        (void)fprintf(f, "%s{\"name\":", k ? "," : "");
        cli_json_string(f, s->all[k].name);
        (void)fputs(",\"is\":", f);
        cli_json_string(f, s->all[k].is);
        (void)fputs(",\"note\":", f);
        cli_json_string(f, s->all[k].note);
        (void)fputc('}', f);
    }
    for (size_t k = 0; op && op[k]; k++) {
        (void)fprintf(f, "%s{\"name\":", k ? "," : "");
        cli_json_string(f, op[k]);
        (void)fputc('}', f);
    }
    for (size_t k = 0; t && t[k].name; k++) {
        (void)fprintf(f, "%s{\"name\":", k ? "," : "");
        cli_json_string(f, t[k].name);
        (void)fputs(",\"is\":", f);
        cli_json_string(f, t[k].is);
        (void)fputc('}', f);
    }
    json_algorithms(f, alg, n_alg);
    (void)fputc(']', f);
}

/* false: no memory */
static bool text_section(FILE *f, const section *s)
{
    const char *const *op = operators(s);
    const cli_named *nm = named(s);
    size_t n_alg;
    const sbx_error_algorithm *alg = algorithms(s, &n_alg);
    cli_table t = {.columns = nm ? 3 : 4};
    bool ok;
    (void)fprintf(f, "%s\n", s->name);
    if (alg) return text_algorithms(f, alg, n_alg);
    if (is(s, "normalizers")) return list_norms_text(f);
    if (is(s, "mechanisms")) return list_mechs_text(f);
    for (size_t k = 0; s->all && k < s->n; k++) {
        cli_table_add(&t, "");
        cli_table_add(&t, s->all[k].name);
        cli_table_add(&t, s->all[k].is);
        cli_table_add(&t, s->all[k].note);
    }
    for (size_t k = 0; nm && nm[k].name; k++) {
        cli_table_add(&t, "");
        cli_table_add(&t, nm[k].name);
        cli_table_add(&t, nm[k].is);
    }
    cli_table_print(&t, f);
    ok = !t.failed;
    cli_table_clear(&t);
    for (size_t k = 0; op && op[k]; k++)
        (void)fprintf(f, "  %s\n", op[k]);
    return ok;
}

int cli_list(int argc, char **argv)
{
    cli c = {.command = "list"};
    bool ok = true, first = true, known = false;
    int status = cli_parse(&c, argc, argv, NULL, 0, 0, 1, &help);
    if (status != CLI_GO_ON) return status;
    for (size_t k = 0; k < N_SECTIONS; k++)
        known |= !c.n_args || strcmp(c.arg[0], sections[k].name) == 0;
    if (!known)
        return cli_error(
            &c, CLI_USAGE,
            "no list '%s': normalizers, mechanisms, kernels, methods, numbers, operators, "
            "tables, plots, algorithms",
            c.arg[0]);
    status = cli_open(&c, NULL);
    if (status != CLI_DONE) return status;
    if (c.format == CLI_JSON) (void)fputc('{', c.out);
    for (size_t k = 0; k < N_SECTIONS; k++) {
        if (c.n_args && strcmp(c.arg[0], sections[k].name) != 0) continue;
        if (!first) (void)fputc(c.format == CLI_JSON ? ',' : '\n', c.out);
        first = false;
        if (c.format == CLI_JSON)
            json_section(c.out, &sections[k]);
        else
            ok &= text_section(c.out, &sections[k]);
        if (ferror(c.out) && !c.why) c.why = errno; /* a long list is written on the way */
    }
    if (c.format == CLI_JSON) (void)fputs("}\n", c.out);
    status = cli_close(&c, CLI_DONE);
    return ok || status ? status : cli_error(&c, CLI_INTERNAL, "no memory");
}
