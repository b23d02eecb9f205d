/* cli/compare.c -- softbox compare: one constant of some normalizers, in some dimensions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS      17
#define EXACT_CHARS 4000 /* a longer fraction is shown rounded outward */
#define LIST_MAX    64

static const cli_help help = {
    "usage: softbox compare --normalizer N[,N..] --quantity Q --dim D[,D..] [options]\n",
    "Proved constants of normalizers: how far the weighted mean of the scores is from the greatest\n"
    "one, how smooth the weights are, and (lower-bound) what no normalizer can beat. A cell is an\n"
    "exact number, an enclosure, or infinity with the reason.\n\n"
    "Quantities: expected-error worst-error lipschitz dinf drenyi ratio range\n"
    "jacobian-frobenius.\n"
    "Per unit of scale: softmax(lambda x) with lambda = 1, sparsemax(x / delta) with delta = 1.\n"
    "A normalizer's parameters stand behind its name: entmax:alpha=5/4, lower-bound:worst=1.\n"};

typedef struct options {
    const char *normalizer, *quantity, *dim, *p, *q, *scale, *order, *width, *at, *against, *rows;
} options;

/* what is asked, read */
typedef struct job {
    sbx_study_question ask;
    mpq_t scale, order, width;
    char *names; /* a copy, cut at the commas */
    const char *name[LIST_MAX];
    size_t n_names, dim[LIST_MAX], n_dims;
    const char *p, *q;
    cli_vec at, against; /* two points: the divergence between them */
} job;

static bool read_ell(sbx_ell *z, const char *text)
{
    static const char *const names[] = {"1", "2", "inf"};
    for (int k = 0; k < 3; k++)
        if (text && strcmp(text, names[k]) == 0) {
            *z = (sbx_ell)k;
            return true;
        }
    return false;
}

/* Is every name that of a normalizer, with parameters that it has; or lower-bound. */
static int check_names(const cli *c, const job *j)
{
    static const char lower[] = "lower-bound";
    const size_t len = sizeof lower - 1;
    for (size_t k = 0; k < j->n_names; k++) {
        sbx_err err = {SBX_OK, NULL, ""};
        sbx_norm_args a = {.norm = NULL};
        const char *name = j->name[k];
        if (strncmp(name, lower, len) == 0) {
            if (name[len] && strcmp(name + len, ":worst=0") != 0 &&
                strcmp(name + len, ":worst=1") != 0)
                return cli_error(c, CLI_USAGE, "--normalizer: '%s': lower-bound, :worst=0, 1",
                                 name);
            continue;
        }
        if (sbx_norm_read(&a, name, &err) != SBX_OK)
            return cli_error(c, CLI_USAGE, "--normalizer: %s", err.msg);
        sbx_norm_args_clear(&a);
    }
    return CLI_GO_ON;
}

/* CLI_GO_ON, or the exit status */
static int read_lists(const cli *c, job *j, const options *o)
{
    char *at;
    const char *dims = o->dim ? o->dim : "";
    j->names = malloc(strlen(o->normalizer) + strlen(dims) + 2);
    if (!j->names) return cli_error(c, CLI_INTERNAL, "no memory");
    memcpy(j->names, o->normalizer, strlen(o->normalizer) + 1);
    at = j->names;
    for (char *s = strtok_r(at, ",", &at); s; s = strtok_r(NULL, ",", &at)) {
        if (strcmp(s, "all") == 0) {
            for (size_t k = 0; sbx_study_normalizer(k) && j->n_names < LIST_MAX; k++)
                j->name[j->n_names++] = sbx_study_normalizer(k);
        } else if (j->n_names == LIST_MAX) {
            return cli_error(c, CLI_USAGE, "more than %d normalizers", LIST_MAX);
        } else {
            j->name[j->n_names++] = s;
        }
    }
    at = j->names + strlen(o->normalizer) + 1;
    memcpy(at, dims, strlen(dims) + 1);
    for (char *s = strtok_r(at, ",", &at); s; s = strtok_r(NULL, ",", &at)) {
        uint64_t v = 0;
        if (j->n_dims == LIST_MAX)
            return cli_error(c, CLI_USAGE, "more than %d dimensions", LIST_MAX);
        if (!cli_integer(&v, s, 1, SBX_STUDY_DIM_MAX))
            return cli_error(c, CLI_USAGE, "--dim: '%s' is no whole number from 1 to %d", s,
                             SBX_STUDY_DIM_MAX);
        j->dim[j->n_dims++] = (size_t)v;
    }
    if (!j->n_names || !j->n_dims)
        return cli_error(c, CLI_USAGE, "--normalizer and --dim need at least one each");
    return check_names(c, j);
}

static int read_numbers(const cli *c, job *j, const options *o)
{
    sbx_err err = {SBX_OK, NULL, ""};
    const struct {
        const char *text;
        mpq_ptr v;
        mpq_srcptr *to;
    } number[] = {{o->scale, j->scale, &j->ask.scale},
                  {o->order, j->order, &j->ask.order},
                  {o->width, j->width, &j->ask.width}};
    for (size_t k = 0; k < 3; k++) {
        if (!number[k].text) continue;
        if (sbx_q_read(number[k].v, number[k].text, strlen(number[k].text), &err) != SBX_OK)
            return cli_fail(c, &err);
        *number[k].to = number[k].v;
    }
    return CLI_GO_ON;
}

/* --at, --against: two points with as many scores each, in place of --dim */
static int read_points(const cli *c, job *j, const options *o)
{
    sbx_err err = {SBX_OK, NULL, ""};
    if (!o->at && !o->against) return CLI_GO_ON;
    if (!o->at || !o->against) return cli_error(c, CLI_USAGE, "--at and --against go together");
    if (j->ask.quantity != SBX_DINF && j->ask.quantity != SBX_DRENYI)
        return cli_error(c, CLI_USAGE, "%s has no --at", o->quantity);
    if (o->dim || o->p || o->scale || o->width)
        return cli_error(c, CLI_USAGE, "--at needs no --dim, --p, --scale or --width");
    if (cli_vec_read(&j->at, "at", o->at, false, &err) != SBX_OK ||
        cli_vec_read(&j->against, "against", o->against, false, &err) != SBX_OK)
        return cli_fail(c, &err);
    if (j->at.n != j->against.n)
        return cli_error(c, CLI_BAD_INPUT, "at has %zu numbers, against has %zu", j->at.n,
                         j->against.n);
    j->p = NULL;
    j->dim[j->n_dims++] = j->at.n;
    return CLI_GO_ON;
}

static sbx_status find(sbx_cell *z, job *j, size_t name, size_t dim, sbx_err *err)
{
    mpq_t two;
    sbx_status st;
    if (!j->at.n) {
        j->ask.d = j->dim[dim];
        return sbx_study_quantity(z, j->name[name], &j->ask, NULL, err);
    }
    mpq_init(two);
    mpq_set_ui(two, 2, 1);
    st = sbx_study_divergence(z, j->name[name], (const mpq_t *)j->at.v, (const mpq_t *)j->against.v,
                              j->at.n,
                              j->ask.quantity == SBX_DINF ? NULL
                              : j->ask.order              ? j->ask.order
                                                          : two,
                              err);
    mpq_clear(two);
    return st;
}

static int read(const cli *c, job *j, const options *o)
{
    int status;
    const bool both = o->quantity && strcmp(o->quantity, "lipschitz") == 0;
    const bool one =
        o->quantity && (strcmp(o->quantity, "dinf") == 0 || strcmp(o->quantity, "drenyi") == 0);
    if (!o->normalizer || !o->quantity || (!o->dim && !o->at && !o->against))
        return cli_error(c, CLI_USAGE, "--normalizer, --quantity and --dim are needed");
    if (!sbx_quantity_read(&j->ask.quantity, o->quantity))
        return cli_error(c, CLI_USAGE, "no quantity '%s'; 'softbox compare --help' lists them",
                         o->quantity);
    j->p = o->p ? o->p : both ? "2" : one ? "inf" : NULL;
    j->q = o->q ? o->q : both ? "2" : NULL;
    if ((o->p && !both && !one) || (o->q && !both))
        return cli_error(c, CLI_USAGE, "%s has no --%s", o->quantity, o->q && !both ? "q" : "p");
    if ((j->p && !read_ell(&j->ask.p, j->p)) || (j->q && !read_ell(&j->ask.q, j->q)))
        return cli_error(c, CLI_USAGE, "--p and --q are 1, 2 or inf");
    if (o->order && j->ask.quantity != SBX_DRENYI)
        return cli_error(c, CLI_USAGE, "%s has no --order", o->quantity);
    if (o->rows) {
        uint64_t v = 0;
        if (j->ask.quantity != SBX_FROBENIUS)
            return cli_error(c, CLI_USAGE, "%s has no --rows", o->quantity);
        if (!cli_integer(&v, o->rows, 1, SBX_STUDY_DIM_MAX))
            return cli_error(c, CLI_USAGE, "--rows: '%s' is no whole number from 1 to %d", o->rows,
                             SBX_STUDY_DIM_MAX);
        j->ask.rows = (size_t)v;
    }
    status = read_points(c, j, o);
    if (status == CLI_GO_ON) status = read_lists(c, j, o);
    return status == CLI_GO_ON ? read_numbers(c, j, o) : status;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* so many digits that the text is wider than the enclosure by little of what was asked for */
static int digits(const sbx_cell *z, mpq_srcptr width)
{
    const double w = width ? mpq_get_d(width) : 1e-12;
    double v = 1.0, a = mpq_get_d(z->hi);
    int n = 3;
    if (a < 0) a = -a;
    for (; v < a && n < 400; n++)
        v *= 10;
    for (v = 1.0; v > w && n < 400; n++)
        v /= 10;
    return n > DIGITS ? n : DIGITS;
}

/* the ends as texts, from malloc by the library's rules; NULL: no memory */
static void ends(char *text[2], bool *exact, const sbx_cell *z, mpq_srcptr width)
{
    text[0] = text[1] = NULL;
    *exact = false;
    if ((z->kind == SBX_CELL_NUMBER || z->kind == SBX_CELL_RANGE) && z->exact) {
        text[0] = sbx_q_write_exact(z->lo, 20);
        *exact = text[0] && strlen(text[0]) <= EXACT_CHARS;
        if (*exact) {
            text[1] = sbx_q_write_exact(z->hi, 20);
            return;
        }
        sbx_text_free(text[0]);
    }
    text[0] = sbx_q_write(z->lo, SBX_LO, digits(z, width));
    text[1] = sbx_q_write(z->hi, SBX_HI, digits(z, width));
}

/* a member: an array of exact numbers */
static void points(FILE *f, const char *name, const cli_vec *x)
{
    (void)fprintf(f, ",\"%s\":[", name);
    for (size_t k = 0; k < x->n; k++) {
        char *text = cli_exact(x->v[k], false);
        (void)fprintf(f, "%s\"%s\"", k ? "," : "", text ? text : "");
        free(text);
    }
    (void)fputc(']', f);
}

/* one object on a line; false: no memory */
static bool json(FILE *f, const job *j, size_t name, size_t dim, const sbx_cell *z)
{
    bool exact, ok = true;
    char *text[2] = {NULL, NULL};
    (void)fputs("{\"normalizer\":", f);
    cli_json_string(f, j->name[name]);
    (void)fprintf(f, ",\"quantity\":\"%s\",\"dim\":%zu", sbx_quantity_name(j->ask.quantity),
                  j->dim[dim]);
    if (j->p) (void)fprintf(f, ",\"p\":\"%s\"", j->p);
    if (j->q) (void)fprintf(f, ",\"q\":\"%s\"", j->q);
    if (j->ask.rows) (void)fprintf(f, ",\"rows\":%zu", j->ask.rows);
    if (j->at.n) {
        points(f, "at", &j->at);
        points(f, "against", &j->against);
    }
    ends(text, &exact, z, j->ask.width);
    switch (z->kind) {
    case SBX_CELL_NUMBER:
    case SBX_CELL_RANGE:
        ok = text[0] && text[1];
        if (ok) (void)fprintf(f, ",\"lower\":\"%s\",\"upper\":\"%s\"", text[0], text[1]);
        break;
    case SBX_CELL_AT_LEAST:
        ok = text[0] != NULL;
        if (ok) (void)fprintf(f, ",\"lower\":\"%s\",\"upper\":null", text[0]);
        break;
    case SBX_CELL_INFINITE: (void)fputs(",\"lower\":\"inf\",\"upper\":\"inf\"", f); break;
    case SBX_CELL_NONE: (void)fputs(",\"lower\":null,\"upper\":null", f); break;
    }
    (void)fprintf(f, ",\"exact\":%s,\"how\":\"%s\"", exact ? "true" : "false", z->how);
    if (z->why) {
        (void)fputs(",\"why\":", f);
        cli_json_string(f, z->why);
    }
    if (!z->reached) (void)fputs(",\"reached\":false", f);
    (void)fputs("}\n", f);
    sbx_text_free(text[0]);
    sbx_text_free(text[1]);
    return ok;
}

static int all_json(cli *c, job *j)
{
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_cell z;
    bool ok = true;
    int status = cli_open(c, NULL);
    if (status != CLI_DONE) return status;
    sbx_cell_init(&z);
    for (size_t n = 0; n < j->n_names && ok && err.code == SBX_OK; n++)
        for (size_t d = 0; d < j->n_dims && ok && err.code == SBX_OK; d++) {
            if (find(&z, j, n, d, &err) == SBX_OK) ok = json(c->out, j, n, d, &z);
        }
    sbx_cell_clear(&z);
    if (err.code != SBX_OK) return cli_close(c, cli_fail(c, &err));
    status = cli_close(c, CLI_DONE);
    return ok || status ? status : cli_error(c, CLI_INTERNAL, "no memory");
}

/* the ends of a range in two cells: exact, or each as a bound */
static void range_cells(sbx_table *t, const sbx_cell *z)
{
    if (z->kind != SBX_CELL_RANGE) {
        sbx_table_open(t, "-", z->why);
        sbx_table_open(t, "-", z->why);
    } else if (z->exact) {
        sbx_table_exact(t, z->lo, SBX_HOW_CLOSED);
        sbx_table_exact(t, z->hi, SBX_HOW_CLOSED);
    } else {
        sbx_table_range(t, z->lo, NULL, SBX_HOW_PROVED);
        sbx_table_range(t, NULL, z->hi, SBX_HOW_PROVED);
    }
}

static int all_table(cli *c, job *j, int argc, char **argv)
{
    const bool range = j->ask.quantity == SBX_RANGE;
    const sbx_column columns[] = {{"normalizer", NULL, SBX_COLUMN_TEXT},
                                  {"dim", NULL, SBX_COLUMN_TEXT},
                                  {range ? "least" : "value", NULL, SBX_COLUMN_NUMBER},
                                  {"greatest", NULL, SBX_COLUMN_NUMBER},
                                  {"how", NULL, SBX_COLUMN_TEXT}};
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_table *t = NULL;
    sbx_cell z;
    char caption[200];
    char rows[40] = "";
    if (j->ask.rows) (void)snprintf(rows, sizeof rows, ", rows = %zu", j->ask.rows);
    (void)snprintf(caption, sizeof caption, "%s%s%s%s%s%s", sbx_quantity_name(j->ask.quantity),
                   j->p ? ", p = " : "", j->p ? j->p : "", j->q ? ", q = " : "", j->q ? j->q : "",
                   rows);
    if (sbx_table_new(&t, "compare", caption, &err) != SBX_OK) return cli_fail(c, &err);
    for (size_t k = 0; k < 5; k++)
        if (k != 3 || range) sbx_table_column(t, &columns[k]);
    sbx_cell_init(&z);
    for (size_t n = 0; n < j->n_names && err.code == SBX_OK; n++)
        for (size_t d = 0; d < j->n_dims && err.code == SBX_OK; d++) {
            char dim[24];
            if (find(&z, j, n, d, &err) != SBX_OK) break;
            (void)snprintf(dim, sizeof dim, "%zu", j->dim[d]);
            sbx_table_text(t, j->name[n]);
            sbx_table_text(t, dim);
            if (range)
                range_cells(t, &z);
            else
                cli_cell(t, &z);
            sbx_table_text(t, z.why ? z.why : z.reached ? z.how : "wider than asked for");
        }
    sbx_cell_clear(&z);
    if (err.code != SBX_OK) {
        sbx_table_free(t);
        return cli_fail(c, &err);
    }
    return cli_report_table(c, t, argc, argv);
}

/* A cell of the study in the table's next NUMBER cell. */
void cli_cell(sbx_table *t, const sbx_cell *z)
{
    const sbx_how how = strncmp(z->how, "closed form", 11) == 0 ? SBX_HOW_CLOSED
                        : strcmp(z->how, "exact") == 0          ? SBX_HOW_EXACT
                                                                : SBX_HOW_PROVED;
    switch (z->kind) {
    case SBX_CELL_NUMBER:
        if (z->exact && mpz_sizeinbase(mpq_denref(z->lo), 2) <= 128) {
            sbx_table_exact(t, z->lo, how);
            break;
        }
        sbx_table_range(t, z->lo, z->hi, how);
        break;
    case SBX_CELL_RANGE: sbx_table_range(t, z->lo, z->hi, how); break;
    case SBX_CELL_AT_LEAST: sbx_table_range(t, z->lo, NULL, how); break;
    case SBX_CELL_INFINITE: sbx_table_infinite(t, z->why, SBX_HOW_PROVED); break;
    case SBX_CELL_NONE: sbx_table_open(t, "-", z->why); break;
    }
}

int cli_compare(int argc, char **argv)
{
    cli c = {.command = "compare", .forms = CLI_FORMS_TABLE};
    options o = {.normalizer = NULL};
    const cli_option option[] = {
        {"normalizer", "N,..", "names, or all: softmax, sparsemax, plsoftmax, lower-bound, ...",
         &o.normalizer, NULL},
        {"quantity", "Q", "the constant", &o.quantity, NULL},
        {"dim", "D,..", "how many scores", &o.dim, NULL},
        {"p", "1|2|inf", "norm of the scores; default 2, and inf for divergences", &o.p, NULL},
        {"q", "1|2|inf", "norm of the weights; default 2", &o.q, NULL},
        {"rows", "N", "jacobian-frobenius: of a matrix of so many rows; default 1", &o.rows, NULL},
        {"scale", "S", "lambda or delta; default 1", &o.scale, NULL},
        {"order", "A", "drenyi: the order, at least 1; default 2", &o.order, NULL},
        {"width", "W", "the widest enclosure that will do; default 1e-12", &o.width, NULL},
        {"at", "X,..", "dinf, drenyi: of the weights at these scores ...", &o.at, NULL},
        {"against", "Y,..", "... from those at these, in place of --dim", &o.against, NULL}};
    job j = {.names = NULL};
    int status = cli_parse(&c, argc, argv, option, sizeof option / sizeof *option, 0, 0, &help);
    if (status != CLI_GO_ON) return status;
    mpq_inits(j.scale, j.order, j.width, NULL);
    status = read(&c, &j, &o);
    if (status == CLI_GO_ON)
        status = c.format == CLI_JSON ? all_json(&c, &j) : all_table(&c, &j, argc, argv);
    mpq_clears(j.scale, j.order, j.width, NULL);
    cli_vec_clear(&j.at);
    cli_vec_clear(&j.against);
    free(j.names);
    return status;
}
