/* cli/table_rounding.c -- softbox table T11: rounding errors of algorithms and of mechanisms in four formats.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/named.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_help help = {
    "usage: softbox table T11 [options]\n",
    "The largest error of all outputs over a box, in units of u = 2^-p relative to the largest\n"
    "|output|: proved for all inputs of the format in the box, and the largest that a search for\n"
    "the worst input observed. Softmax: n numbers in [-range, range]. Mechanisms: queries, keys\n"
    "and values within --radius of Gaussian ones.\n"};

static const char *const formats[] = {"fp16", "bf16", "f32", "f64"};
#define FORMATS (sizeof formats / sizeof *formats)

/* a softmax algorithm with its tile, or a mechanism */
static const struct {
    const char *name, *softmax, *mechanism;
    size_t tile;
} rows[] = {{"softmax naive", "naive", NULL, 0},
            {"softmax shifted", "shifted", NULL, 0},
            {"softmax online", "online", NULL, 0},
            {"softmax tiled 16", "flash", NULL, 16},
            {"softmax tiled 64", "flash", NULL, 64},
            {"softmax division-free", "division-free", NULL, 0},
            {"attention shifted", NULL, "softmax", 0},
            {"attention online", NULL, "softmax:form=online", 0},
            {"attention tiled 4", NULL, "softmax:form=flash:tile=4", 0},
            {"SimA left", NULL, "sima:order=left", 0},
            {"SimA right", NULL, "sima:order=right", 0},
            {"linear parallel", NULL, "lightning:form=parallel", 0},
            {"linear tiled 4", NULL, "lightning:form=chunked:tile=4", 0},
            {"linear recurrent", NULL, "lightning:form=recurrent", 0}};

typedef struct sheet {
    cli c;
    const char *n, *range, *rows, *d, *radius, *tries;
    size_t n_softmax, n_rows, n_d;
    double half, box;
    sbx_error_effort effort;
    sbx_mech_data x;
    double *side;
    sbx_table *t;
} sheet;

static bool positive(double *v, const char *text)
{
    return !text || (sbx_d_read(v, text, strlen(text), NULL) == SBX_OK && *v >= 0.0 && *v < 1e6);
}
static bool count(size_t *v, const char *text, uint64_t most)
{
    uint64_t k = *v;
    if (text && !cli_integer(&k, text, 1, most)) return false;
    *v = (size_t)k;
    return true;
}

static int read_options(sheet *s)
{
    const cli *c = &s->c;
    s->n_softmax = 128, s->n_rows = 8, s->n_d = 4, s->half = 5.0, s->box = 0x1p-7;
    s->effort = (sbx_error_effort){.tries = 400, .seed = c->seed};
    if (!count(&s->n_softmax, s->n, 100000))
        return cli_error(c, CLI_USAGE, "--n '%s': 1 to 100000", s->n);
    if (!count(&s->n_rows, s->rows, 1024))
        return cli_error(c, CLI_USAGE, "--rows '%s': 1 to 1024", s->rows);
    if (!count(&s->n_d, s->d, 1024)) return cli_error(c, CLI_USAGE, "--d '%s': 1 to 1024", s->d);
    if (!count(&s->effort.tries, s->tries, 1000000000))
        return cli_error(c, CLI_USAGE, "--tries '%s': a whole number", s->tries);
    if (!positive(&s->half, s->range))
        return cli_error(c, CLI_USAGE, "--range '%s': a decimal, 0 or more", s->range);
    if (!positive(&s->box, s->radius))
        return cli_error(c, CLI_USAGE, "--radius '%s': a decimal, 0 or more", s->radius);
    return CLI_GO_ON;
}

static sbx_status of_softmax(sbx_error_report *e, sheet *s, size_t row, const char *format,
                             sbx_err *err)
{
    sbx_error_setup setup;
    sbx_status st = SBX_OK;
    CLI_TRY(sbx_error_setup_make(&setup, "softmax", rows[row].softmax, format, err));
    if (rows[row].tile) setup.tile = rows[row].tile;
    CLI_TRY(sbx_error_box(e, NULL, &setup, s->side, s->side + s->n_softmax, s->n_softmax,
                          &s->effort, err));
done:
    return st;
}

static sbx_status of_mechanism(sbx_error_report *e, sheet *s, size_t row, const char *format,
                               sbx_err *err)
{
    sbx_mech_args a = {.mech = NULL};
    sbx_mech_machine m;
    sbx_mech_error z;
    sbx_status st = SBX_OK;
    CLI_TRY(sbx_mech_machine_make(&m, format, err));
    CLI_TRY(sbx_mech_read(&a, rows[row].mechanism, err));
    CLI_TRY(sbx_mech_error_box(&z, NULL, &a, &s->x, s->box, &m, &s->effort,
                               SBX_MECH_ERROR_NO_WEIGHTS, err));
    *e = z.output;
done:
    sbx_mech_args_clear(&a);
    return st;
}

static void cells(sheet *s, const sbx_error_report *e)
{
    if (e->bound_u < HUGE_VAL)
        sbx_table_range_d(s->t, -HUGE_VAL, e->bound_u, SBX_HOW_PROVED);
    else
        sbx_table_open(s->t, "-", e->reason);
    if (e->ran && !e->overflow)
        sbx_table_sample(s->t, e->observed_u, 3);
    else
        sbx_table_open(s->t, "overflow", NULL);
}

static sbx_status fill(sheet *s, sbx_err *err)
{
    char text[32];
    sbx_status st = SBX_OK;
    sbx_table_column(s->t, &(sbx_column){"algorithm", NULL, SBX_COLUMN_TEXT});
    for (size_t f = 0; f < FORMATS; f++) {
        sbx_table_column(s->t, &(sbx_column){formats[f], NULL, SBX_COLUMN_NUMBER});
        (void)snprintf(text, sizeof text, "%s observed", formats[f]);
        sbx_table_column(s->t, &(sbx_column){text, NULL, SBX_COLUMN_SAMPLED});
    }
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        sbx_table_text(s->t, rows[k].name);
        for (size_t f = 0; f < FORMATS; f++) {
            sbx_error_report e;
            CLI_TRY(rows[k].softmax ? of_softmax(&e, s, k, formats[f], err)
                                    : of_mechanism(&e, s, k, formats[f], err));
            cells(s, &e);
        }
    }
done:
    return st;
}

int cli_table_t11(int argc, char **argv)
{
    sheet s = {.c = {.command = "table T11", .forms = CLI_FORMS_TABLE}};
    const cli_option options[] = {
        {"n", "N", "numbers of softmax; default 128", &s.n, NULL},
        {"range", "R", "they lie in [-R, R]; default 5", &s.range, NULL},
        {"rows", "N", "queries and keys of the mechanisms; default 8", &s.rows, NULL},
        {"d", "D", "numbers of a query, key, value; default 4", &s.d, NULL},
        {"radius", "R", "of their box; default 1/128", &s.radius, NULL},
        {"tries", "N", "runs of each search; default 400", &s.tries, NULL},
    };
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_status st = SBX_OK;
    int status =
        cli_parse(&s.c, argc, argv, options, sizeof options / sizeof *options, 0, 0, &help);
    if (status == CLI_GO_ON) status = read_options(&s);
    if (status != CLI_GO_ON) return status;
    s.side = calloc(2 * s.n_softmax, sizeof *s.side);
    if (!s.side) CLI_FAIL(&err, SBX_ERR_NOMEM, "no memory for %zu numbers", s.n_softmax);
    for (size_t k = 0; k < s.n_softmax; k++)
        s.side[k] = -s.half, s.side[s.n_softmax + k] = s.half;
    CLI_TRY(sbx_mech_generate(&s.x, "gaussian", s.n_rows, s.n_d, s.n_d, s.c.seed, &err));
    CLI_TRY(sbx_table_new(&s.t, "T11", "Rounding errors over a box, in units of u", &err));
    CLI_TRY(fill(&s, &err));
    sbx_table_note(s.t,
                   "proved for all inputs of the box; observed: the worst that a search found");
done:
    free(s.side);
    sbx_mech_data_clear(&s.x);
    if (st == SBX_OK) return cli_report_table(&s.c, s.t, argc, argv);
    sbx_table_free(s.t);
    return cli_fail(&s.c, &err);
}
