/* cli/table_mech.c -- softbox table T9, T16: attention mechanisms against softmax attention, and their ranks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/mech_rows.h"
#include "cli/named.h"

#include <stdlib.h>
#include <string.h>

/* The efficient mechanisms, in the order of the registry's source. */
static const char *const efficient[] = {
    "linear",     "elu",      "cosformer", "flatten",   "rala",  "polynomial",  "rela",
    "expressive", "combiner", "sea",       "sima",      "soft",  "skeinformer", "linformer",
    "informer",   "hyper",    "dba",       "lightning", "chela", "favor",       "nystromformer",
    "feature",    "hedgehog", "dpfp",      "quadratic", NULL};
static const char *const inputs[] = {"gaussian", "two-clusters", "needle", "deng", NULL};

typedef struct sheet {
    cli c;
    const char *n, *d, *names, *inputs, *against;
    sbx_table *t;
    double begin, told; /* of the last line of progress */
} sheet;

/* one name of a list with commas, or of the array; NULL: the end */
static char *nth(const char *list, const char *const *array, size_t k)
{
    if (!list) return array[k] ? strdup(array[k]) : NULL;
    while (k-- && *list) {
        list += strcspn(list, ",");
        list += *list == ',';
    }
    return *list ? strndup(list, strcspn(list, ",")) : NULL;
}

static void progress(sheet *s, const char *name, const char *input)
{
    const double t = cli_now() - s->begin;
    if (s->c.quiet || t < s->told + 5.0) return;
    s->told = t;
    (void)fprintf(stderr, "softbox: %s: %s, %s done, %.0f s\n", s->c.command, input, name, t);
}

/* The distance of one mechanism on one input; not SBX_OK: err says why. */
static sbx_status one(sbx_distance *z, const sheet *s, const char *name, const char *input,
                      size_t n, size_t d, unsigned want, sbx_err *err)
{
    sbx_mech_args of = {0}, from = {0};
    sbx_mech_data x = {0};
    const mech_input in = {.generate = input};
    const sbx_distance_ask ask = {.of = &of, .from = &from, .want = want};
    sbx_status st = SBX_OK;
    CLI_TRY(sbx_mech_read(&of, name, err));
    CLI_TRY(sbx_mech_read(&from, s->against ? s->against : "softmax", err));
    CLI_TRY(sbx_mech_generate(&x, input, n, d, d, s->c.seed, err));
    CLI_TRY(distance_of(z, &s->c, &x, &in, &ask, NULL, err));
done:
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&from);
    sbx_mech_args_clear(&of);
    return st;
}

static bool fatal(sbx_status st)
{
    return st == SBX_ERR_NOMEM || st == SBX_ERR_SOUNDNESS || st == SBX_ERR_PARSE;
}

/* a note of those that this build has not */
static void missing(sheet *s)
{
    char note[400] = "not there: ";
    const size_t empty = strlen(note);
    size_t n = empty;
    for (size_t k = 0; !s->names && efficient[k] && n < sizeof note; k++)
        if (!sbx_mech_find(efficient[k]))
            n += (size_t)snprintf(note + n, sizeof note - n, "%s%s", n > empty ? ", " : "",
                                  efficient[k]);
    if (n > empty) sbx_table_note(s->t, note);
}

static sbx_status fill_t9(sheet *s, size_t n, size_t d, sbx_err *err)
{
    char *input = NULL, *name = NULL;
    sbx_status st = SBX_OK;
    sbx_table_column(s->t, &(sbx_column){"input", NULL, SBX_COLUMN_TEXT});
    sbx_table_column(s->t, &(sbx_column){"mechanism", NULL, SBX_COLUMN_TEXT});
    distance_columns(s->t);
    for (size_t i = 0; (input = nth(s->inputs, inputs, i)); i++) {
        for (size_t k = 0; (name = nth(s->names, efficient, k)); k++) {
            sbx_distance z;
            sbx_err why = {SBX_OK, NULL, ""};
            if (!s->names && !sbx_mech_find(name)) {
                free(name);
                continue;
            }
            st = one(&z, s, name, input, n, d, SBX_DISTANCE_ALL, &why);
            sbx_table_text(s->t, input);
            sbx_table_text(s->t, name);
            distance_cells(s->t, st == SBX_OK ? &z : NULL, input, why.msg);
            progress(s, name, input);
            free(name);
            if (fatal(st)) {
                *err = why;
                goto done;
            }
        }
        free(input);
        input = NULL;
    }
    st = SBX_OK;
done:
    free(input);
    return st;
}

#define SIZES_MAX 16

static sbx_status fill_t16(sheet *s, const size_t *n, size_t sizes, size_t d, sbx_err *err)
{
    char *name = NULL, text[64];
    sbx_status st = SBX_OK;
    const char *input = s->inputs ? s->inputs : "gaussian";
    sbx_table_column(s->t, &(sbx_column){"mechanism", NULL, SBX_COLUMN_TEXT});
    for (size_t i = 0; i < sizes; i++) {
        (void)snprintf(text, sizeof text, "n = %zu, least", n[i]);
        sbx_table_column(s->t, &(sbx_column){text, NULL, SBX_COLUMN_NUMBER});
        (void)snprintf(text, sizeof text, "n = %zu, most", n[i]);
        sbx_table_column(s->t, &(sbx_column){text, NULL, SBX_COLUMN_NUMBER});
    }
    for (size_t k = 0; (name = nth(s->names, efficient, k)); k++) {
        const bool there = s->names || sbx_mech_find(name);
        if (there) sbx_table_text(s->t, name);
        for (size_t i = 0; there && i < sizes; i++) {
            sbx_distance z;
            sbx_err why = {SBX_OK, NULL, ""};
            st = one(&z, s, name, input, n[i], d, SBX_DISTANCE_RANK, &why);
            if (fatal(st)) {
                *err = why;
                free(name);
                goto done;
            }
            if (st == SBX_OK && z.has_rank) {
                sbx_table_long(s->t, (long)z.rank_least);
                sbx_table_long(s->t, (long)z.rank_most);
            } else {
                sbx_table_open(s->t, "-", st == SBX_OK ? "no matrix of weights" : why.msg);
                sbx_table_open(s->t, "-", NULL);
            }
        }
        progress(s, name, input);
        free(name);
    }
    st = SBX_OK;
done:
    return st;
}

static int sizes(const cli *c, size_t *v, size_t *count, const char *text, const char *option)
{
    *count = 0;
    while (*text) {
        const size_t len = strcspn(text, ",");
        char one[24] = "";
        uint64_t z = 0;
        if (len < sizeof one) memcpy(one, text, len);
        if (*count == SIZES_MAX || !cli_integer(&z, one, 1, 4096))
            return cli_error(c, CLI_USAGE, "--%s '%.*s': a whole number, 1 to 4096", option,
                             (int)(len < 40 ? len : 40), text);
        v[(*count)++] = (size_t)z;
        text += len + (text[len] == ',');
    }
    return *count ? CLI_GO_ON : cli_error(c, CLI_USAGE, "--%s: no number", option);
}

static int run(sheet *s, bool ranks, int argc, char **argv, const cli_help *help)
{
    const cli_option options[] = {
        {"n", "N,..",
         ranks ? "queries and keys; default 8,16,32,64" : "queries and keys; default 64", &s->n,
         NULL},
        {"d", "D", "numbers of a query, of a value; default 16", &s->d, NULL},
        {"mechanisms", "NAME,..", "these, with parameters; default the efficient ones", &s->names,
         NULL},
        {"inputs", "NAME,..",
         ranks ? "one of the four inputs; default gaussian" : "of the four inputs", &s->inputs,
         NULL},
        {"against", "NAME", "the mechanism they are compared with; default softmax", &s->against,
         NULL},
    };
    sbx_err err = {SBX_OK, NULL, ""};
    size_t n[SIZES_MAX] = {0}, d[SIZES_MAX] = {0}, n_n = 0, n_d = 0;
    sbx_status st;
    int status = cli_parse(&s->c, argc, argv, options, ranks ? 4 : 5, 0, 0, help);
    if (status != CLI_GO_ON) return status;
    status = sizes(&s->c, n, &n_n, s->n ? s->n : ranks ? "8,16,32,64" : "64", "n");
    if (status == CLI_GO_ON) status = sizes(&s->c, d, &n_d, s->d ? s->d : "16", "d");
    if (status != CLI_GO_ON) return status;
    s->begin = cli_now();
    st = sbx_table_new(&s->t, ranks ? "T16" : "T9",
                       ranks ? "Ranks of attention mechanisms"
                             : "Attention mechanisms against softmax attention",
                       &err);
    if (st != SBX_OK) return cli_fail(&s->c, &err);
    missing(s);
    st = ranks ? fill_t16(s, n, n_n, d[0], &err) : fill_t9(s, n[0], d[0], &err);
    if (st == SBX_OK) return cli_report_table(&s->c, s->t, argc, argv);
    sbx_table_free(s->t);
    return cli_fail(&s->c, &err);
}

int cli_table_t9(int argc, char **argv)
{
    static const cli_help help = {
        "usage: softbox table T9 [--n N] [--d D] [options]\n",
        "Errors of the weights and the outputs of efficient mechanisms against softmax attention\n"
        "on the same input: the greatest of an entry, the greatest total variation of a row,\n"
        "Frobenius and spectral norm; row mass, sign and rank (least..most) of their weights. Extra\n"
        "matrices are drawn from --seed.\n"};
    sheet s = {.c = {.command = "table T9", .forms = CLI_FORMS_TABLE}};
    return run(&s, false, argc, argv, &help);
}

int cli_table_t16(int argc, char **argv)
{
    static const cli_help help = {
        "usage: softbox table T16 [--n N,..] [--d D] [options]\n",
        "Ranks of the weights of mechanisms: what is proved for this input from below (exact in\n"
        "rationals), and what no input exceeds.\n"};
    sheet s = {.c = {.command = "table T16", .forms = CLI_FORMS_TABLE}};
    return run(&s, true, argc, argv, &help);
}
