/* cli/error.c -- softbox error: rounding errors, proved and observed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/mech_input.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_help help = {
    "usage: softbox error --kernel NAME --algorithm NAME --number FORMAT --input FILE\n"
    "       softbox error --kernel NAME --algorithm NAME --number FORMAT --lo A,.. --hi B,..\n"
    "       softbox error --kernel MECHANISM ...: see softbox error --kernel attention --help\n",
    "How far the result of an algorithm in a format can be from the exact value: a proved\n"
    "bound, the bound of a theorem, and what was observed, for vectors or over a box. The\n"
    "largest error of all outputs, absolute and in units of u = 2^-p, relative to the\n"
    "largest |output| (sum, dot: to the sum of |x_j|, |x_j y_j|). `softbox list algorithms`\n"
    "has the kernels and their algorithms. dot: x and y one after the other.\n"};

typedef struct error_opts {
    const char *kernel, *algorithm, *number, *input, *lo, *hi, *n, *sum, *acc, *tile, *threshold,
        *exp, *boxes, *tries;
    bool fma, ftz;
} error_opts;

typedef struct run {
    cli *c;
    sbx_error_setup setup;
    sbx_error_effort effort;
    cli_table table;
    size_t vectors, overflow, violations, counted;
    double max_u, sum_u, max_bound_u, max_apriori_u;
    double *worst;
    size_t worst_n, worst_room;
} run;

/* ---- options ---------------------------------------------------------------------- */

static int find_order(const cli *c, sbx_error_order *order, const char *text)
{
    static const char *const names[] = {"recursive", "pairwise", "compensated", "tiles"};
    for (unsigned k = 0; k < 4; k++)
        if (strcmp(names[k], text) == 0) {
            *order = (sbx_error_order)k;
            return CLI_GO_ON;
        }
    return cli_error(c, CLI_USAGE, "--sum '%s': recursive, pairwise, compensated, tiles", text);
}

/* a positive decimal as a double, rounded to nearest; false: it is none */
static bool positive(double *v, const char *text)
{
    return sbx_d_read(v, text, strlen(text), NULL) == SBX_OK && *v > 0.0 && *v < 1e6;
}

static bool count(size_t *v, const char *text)
{
    uint64_t d = *v;
    if (text && !cli_integer(&d, text, 1, 1000000000)) return false;
    *v = (size_t)d;
    return true;
}

static int read_options(run *r, error_opts *o)
{
    sbx_error_setup *s = &r->setup;
    const cli *c = r->c;
    sbx_err err = {SBX_OK, NULL, ""};
    if (!o->kernel || !o->number)
        return cli_error(c, CLI_USAGE, "--kernel and --number are needed");
    if (!o->algorithm)
        o->algorithm = strcmp(o->kernel, "sum") == 0 || strcmp(o->kernel, "dot") == 0 ? "recursive"
                                                                                      : "shifted";
    if (!o->input == !(o->lo && o->hi) || !o->lo != !o->hi)
        return cli_error(c, CLI_USAGE, "vectors by --input, or a box by --lo and --hi");
    if (sbx_error_setup_make(s, o->kernel, o->algorithm, o->number, &err) != SBX_OK)
        return cli_error(c, CLI_USAGE, "%s", err.msg);
    if (o->sum && find_order(c, &s->order, o->sum) != CLI_GO_ON) return CLI_USAGE;
    if (o->acc && sbx_error_number(&s->acc, &s->acc_format, o->acc, &err) != SBX_OK)
        return cli_error(c, CLI_USAGE, "--accumulate: %s", err.msg);
    if (!count(&s->tile, o->tile))
        return cli_error(c, CLI_USAGE, "--tile '%s': a whole number", o->tile);
    if (!count(&r->effort.boxes, o->boxes))
        return cli_error(c, CLI_USAGE, "--boxes '%s': a whole number", o->boxes);
    if (!count(&r->effort.tries, o->tries))
        return cli_error(c, CLI_USAGE, "--tries '%s': a whole number", o->tries);
    if (o->threshold && !positive(&s->threshold, o->threshold))
        return cli_error(c, CLI_USAGE, "--threshold '%s': a positive decimal", o->threshold);
    if (o->exp && strcmp(o->exp, "correct") == 0)
        s->exp_ulps = 0.5;
    else if (o->exp && strcmp(o->exp, "kernel") == 0)
        s->exp_ulps = 0.0;
    else if (o->exp && (!positive(&s->exp_ulps, o->exp) || s->exp_ulps < 0.5))
        return cli_error(c, CLI_USAGE, "--exp '%s': correct, kernel, or ulps, 0.5 or more", o->exp);
    s->fma = o->fma;
    s->ftz = o->ftz;
    r->effort.seed = c->seed;
    return CLI_GO_ON;
}

/* ---- answers ------------------------------------------------------------------------ */

/* a bound, rounded up; an infinite one is null */
static void number(FILE *f, const char *key, double v)
{
    char *text = v < HUGE_VAL ? sbx_d_write(v, SBX_HI, 17) : NULL;
    (void)fprintf(f, ",\"%s\":%s", key, text ? text : "null");
    sbx_text_free(text);
}

/* doubles, exactly */
static void numbers(FILE *f, const double *x, size_t n)
{
    (void)fputs(",\"worst_input\":[", f);
    for (size_t j = 0; j < n; j++) {
        json_t *v = json_real(x[j]);
        if (j) (void)fputc(',', f);
        if (v) cli_json_echo(f, v);
        json_decref(v);
    }
    (void)fputc(']', f);
}

static void cell(cli_table *t, double v)
{
    char *text = v < HUGE_VAL ? sbx_d_write(v, SBX_HI, 4) : NULL;
    cli_table_add(t, text ? text : "-");
    sbx_text_free(text);
}

static void short_number(FILE *f, double v)
{
    char *text = v < HUGE_VAL ? sbx_d_write(v, SBX_HI, 4) : NULL;
    (void)fprintf(f, " %s", text ? text : "-");
    sbx_text_free(text);
}

static void head(cli_table *t)
{
    static const char *const names[] = {"vector",  "observed", "u", "bound",   "u",
                                        "apriori", "u",        "",  "overflow"};
    t->columns = 8;
    for (size_t k = 0; k < 9; k++)
        if (names[k][0]) cli_table_add(t, names[k]);
}

static const char *word(bool yes) { return yes ? "true" : "false"; }

static void show(run *r, const sbx_error_report *e, const double *x, size_t n)
{
    FILE *f = r->c->out;
    char name[32];
    (void)snprintf(name, sizeof name, "%zu", r->vectors);
    if (r->c->format != CLI_JSON) {
        cli_table *t = &r->table;
        if (!t->n) head(t);
        cli_table_add(t, name);
        cell(t, e->observed);
        cell(t, e->observed_u);
        cell(t, e->bound);
        cell(t, e->bound_u);
        cell(t, e->apriori);
        cell(t, e->apriori_u);
        cli_table_add(t, e->overflow ? "yes" : e->reason ? e->reason : "no");
        return;
    }
    (void)fprintf(f, "{\"vector\":%s,\"n\":%zu", name, n);
    number(f, "observed", e->observed);
    number(f, "observed_u", e->observed_u);
    number(f, "bound", e->bound);
    number(f, "bound_u", e->bound_u);
    number(f, "apriori", e->apriori);
    number(f, "apriori_u", e->apriori_u);
    if (e->published_u <= HUGE_VAL) number(f, "published_u", e->published_u);
    (void)fprintf(f, ",\"overflow\":%s", word(e->overflow));
    if (e->reason) (void)fprintf(f, ",\"reason\":\"%s\"", e->reason);
    if (e->ran) numbers(f, x, n);
    (void)fputs("}\n", f);
    (void)fflush(f);
}

static bool keep_worst(run *r, const double *x, size_t n)
{
    if (n > r->worst_room || !r->worst) {
        double *more = realloc(r->worst, (n ? n : 1) * sizeof *more);
        if (!more) return false;
        r->worst = more;
        r->worst_room = n;
    }
    for (size_t j = 0; j < n; j++)
        r->worst[j] = x[j];
    r->worst_n = n;
    return true;
}

static bool count_report(run *r, const sbx_error_report *e, const double *x, size_t n)
{
    r->vectors++;
    r->overflow += e->overflow;
    if (e->overflow) return true;
    if (e->bound_u > r->max_bound_u) r->max_bound_u = e->bound_u;
    if (e->apriori_u > r->max_apriori_u) r->max_apriori_u = e->apriori_u;
    if (!e->ran) return true;
    r->violations += e->observed_lo > e->bound || e->observed_lo > e->apriori;
    r->counted++;
    r->sum_u += e->observed_u;
    if (e->observed_u < r->max_u || (r->worst_n && e->observed_u <= r->max_u)) return true;
    r->max_u = e->observed_u;
    return keep_worst(r, x, n);
}

static void summary(run *r)
{
    FILE *f = r->c->out;
    const double mean = r->counted ? r->sum_u / (double)r->counted : 0.0;
    if (r->overflow == r->vectors) r->max_bound_u = r->max_apriori_u = HUGE_VAL;
    if (r->c->format != CLI_JSON) {
        cli_table_print(&r->table, f);
        (void)fprintf(f, "\n%zu vectors, %zu overflow, %zu violations; in u: observed", r->vectors,
                      r->overflow, r->violations);
        short_number(f, r->max_u);
        (void)fputs(", on average", f);
        short_number(f, mean);
        (void)fputs(", bound", f);
        short_number(f, r->max_bound_u);
        (void)fputs(", apriori", f);
        short_number(f, r->max_apriori_u);
        (void)fputc('\n', f);
        return;
    }
    (void)fprintf(f, "{\"summary\":true,\"vectors\":%zu,\"overflow\":%zu", r->vectors, r->overflow);
    number(f, "max_observed_u", r->max_u);
    number(f, "mean_observed_u", mean);
    number(f, "max_bound_u", r->max_bound_u);
    number(f, "max_apriori_u", r->max_apriori_u);
    (void)fprintf(f, ",\"violations\":%zu", r->violations);
    numbers(f, r->worst, r->worst_n);
    (void)fputs("}\n", f);
}

/* ---- vectors --------------------------------------------------------------------------- */

/* One line: a JSON array, or numbers with blanks or commas between; in *v, cleared before. A quote
 * stands on both sides of a number or on none, a comma between two. */
static sbx_status read_line(cli_vec *v, const char *s, size_t len, sbx_err *err)
{
    sbx_status st = SBX_OK;
    char name[] = "x";
    bool comma = false;
    size_t i = 0;
    cli_vec_clear(v);
    while (len && strchr(" \t\r", s[len - 1]))
        len--;
    while (i < len && strchr(" \t\r", s[i]))
        i++;
    if (i < len && s[i] == '[') {
        if (s[len - 1] != ']') CLI_FAIL(err, SBX_ERR_PARSE, "an array that does not end");
        i++;
        len--;
    }
    while (i < len) {
        size_t from;
        bool quoted;
        if (strchr(" \t\r", s[i])) {
            i++;
            continue;
        }
        if (s[i] == ',') {
            if (comma || !v->n) CLI_FAIL(err, SBX_ERR_PARSE, "a comma without a number before it");
            comma = true;
            i++;
            continue;
        }
        quoted = s[i] == '"';
        for (from = i += quoted; i < len && !strchr(quoted ? "\"" : " \t\r,", s[i]);)
            i++;
        if (quoted && i == len) CLI_FAIL(err, SBX_ERR_PARSE, "a string that does not end");
        CLI_TRY(cli_vec_add(v, name, s + from, i - from, false, err));
        comma = false;
        i += quoted;
    }
    if (comma) CLI_FAIL(err, SBX_ERR_PARSE, "a comma without a number behind it");
done:
    return st;
}

static sbx_status one_vector(run *r, const cli_vec *v, double **x, size_t *room, sbx_err *err)
{
    sbx_error_report e;
    sbx_status st = SBX_OK;
    if (v->n > *room) {
        double *more = realloc(*x, v->n * sizeof *more);
        if (!more) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", v->n);
        *x = more;
        *room = v->n;
    }
    for (size_t j = 0; j < v->n; j++)
        CLI_TRY(sbx_error_round(&(*x)[j], v->v[j], &r->setup, err));
    CLI_TRY(sbx_error_point(&e, &r->setup, *x, v->n, err));
    show(r, &e, *x, v->n);
    if (!count_report(r, &e, *x, v->n)) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory");
done:
    return st;
}

static int vectors(run *r, const char *path)
{
    sbx_err err = {SBX_OK, NULL, ""};
    cli_vec v = {0};
    double *x = NULL;
    size_t len = 0, room = 0, line = 0;
    char *text = cli_read_all(r->c, path, &len);
    int status = CLI_GO_ON;
    if (!text) return CLI_BAD_INPUT;
    for (size_t i = 0; i < len && status == CLI_GO_ON;) {
        const char *end = memchr(text + i, '\n', len - i);
        const size_t n = end ? (size_t)(end - text) - i : len - i;
        const char *s = text + i;
        sbx_status st = SBX_OK;
        i += n + 1;
        line++;
        if (strspn(s, " \t\r\n") >= n || s[strspn(s, " \t")] == '#') continue;
        st = read_line(&v, s, n, &err);
        if (st == SBX_OK) st = one_vector(r, &v, &x, &room, &err);
        if (st == SBX_ERR_NOMEM || st == SBX_ERR_SOUNDNESS)
            status = cli_fail(r->c, &err);
        else if (st != SBX_OK)
            status = cli_error(r->c, CLI_BAD_INPUT, "%s:%zu: %s", path, line, err.msg);
    }
    if (status == CLI_GO_ON && !r->vectors)
        status = cli_error(r->c, CLI_BAD_INPUT, "%s: no vector", path);
    cli_vec_clear(&v);
    free(x);
    free(text);
    return status;
}

/* ---- a box -------------------------------------------------------------------------------- */

/* q as a double below or above it */
static double outward(mpq_srcptr q, sbx_end e)
{
    sbx_ivd z = {0.0, 0.0};
    if (sbx_ivd_set_q(&z, q, NULL, NULL) != SBX_OK) return (double)NAN;
    return e == SBX_LO ? z.lo : z.hi;
}

static int box(run *r, const error_opts *o)
{
    sbx_err err = {SBX_OK, NULL, ""};
    cli_vec lo = {0}, hi = {0};
    double *side = NULL;
    sbx_error_report e;
    sbx_status st = SBX_OK;
    size_t n = 0;
    CLI_TRY(cli_vec_read(&lo, "lo", o->lo, false, &err));
    CLI_TRY(cli_vec_read(&hi, "hi", o->hi, false, &err));
    n = lo.n > hi.n ? lo.n : hi.n;
    if (n == 1 && (!count(&n, o->n) || n > 4000000))
        CLI_FAIL(&err, SBX_ERR_ARG, "--n '%s': a whole number, 1 to 4000000", o->n);
    if ((lo.n != 1 && lo.n != n) || (hi.n != 1 && hi.n != n))
        CLI_FAIL(&err, SBX_ERR_ARG, "lo has %zu numbers, hi has %zu", lo.n, hi.n);
    side = calloc(3 * n + 1, sizeof *side);
    if (!side) CLI_FAIL(&err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t j = 0; j < n; j++) {
        if (mpq_cmp(lo.v[lo.n == 1 ? 0 : j], hi.v[hi.n == 1 ? 0 : j]) > 0)
            CLI_FAIL(&err, SBX_ERR_ARG, "lo[%zu] is above hi[%zu]", j, j);
        side[j] = j && lo.n == 1 ? side[0] : outward(lo.v[j], SBX_LO);
        side[n + j] = j && hi.n == 1 ? side[n] : outward(hi.v[j], SBX_HI);
    }
    CLI_TRY(sbx_error_box(&e, side + 2 * n, &r->setup, side, side + n, n, &r->effort, &err));
    show(r, &e, side + 2 * n, n);
    if (!count_report(r, &e, side + 2 * n, n)) CLI_FAIL(&err, SBX_ERR_NOMEM, "no memory");
done:
    cli_vec_clear(&lo);
    cli_vec_clear(&hi);
    free(side);
    return st == SBX_OK ? CLI_GO_ON : cli_fail(r->c, &err);
}

/* Is --kernel an attention mechanism, or a list of them? softmax is one too where queries are given;
 * `attention` is softmax attention. */
static bool mechanism(int argc, char **argv)
{
    static const char *const inputs[] = {"--generate", "--q", "--against"};
    const char *name = cli_peek(argc, argv, "kernel");
    char first[32];
    if (!name || strcspn(name, ",:") >= sizeof first) return false;
    (void)snprintf(first, sizeof first, "%.*s", (int)strcspn(name, ",:"), name);
    if (strcmp(first, "attention") == 0) return true;
    if (!sbx_mech_find(first)) return false;
    for (size_t k = 0; k < sizeof inputs / sizeof *inputs; k++)
        if (cli_count(argc, argv, inputs[k])) return true;
    return strcmp(first, "softmax") != 0 || name[strlen(first)];
}

int cli_rounding(int argc, char **argv)
{
    cli c = {.command = "error"};
    run r = {.c = &c};
    error_opts o = {0};
    const cli_option options[] = {
        {"kernel", "NAME", "softmax, log-softmax, lse, sum, dot", &o.kernel, NULL},
        {"algorithm", "NAME",
         "one of `softbox list algorithms`; default shifted (sum, dot:\nrecursive)", &o.algorithm,
         NULL},
        {"number", "FORMAT", "f64, f32, fp16, bf16, tf32, e5m2, e4m3", &o.number, NULL},
        {"input", "FILE",
         "vectors, one a line: a JSON array, or decimals, fractions,\n"
         "hexadecimal floats with blanks between; rounded to the format\n"
         "first. - is standard input",
         &o.input, NULL},
        {"lo", "A,B,..", "a box: its lower ends, or one for all", &o.lo, NULL},
        {"hi", "A,B,..", "its upper ends, or one for all", &o.hi, NULL},
        {"n", "N", "how many inputs, where lo and hi are one number each", &o.n, NULL},
        {"sum", "ORDER",
         "of the sums inside softmax, log-softmax, lse: recursive\n"
         "(default), pairwise, compensated, tiles",
         &o.sum, NULL},
        {"accumulate", "FORMAT", "of sums and products; default as --number", &o.acc, NULL},
        {"tile", "N", "of --sum tiles and flash; default 64", &o.tile, NULL},
        {"threshold", "T", "of flash-lazy, in nats; default 8 log 2", &o.threshold, NULL},
        {"exp", "ACCURACY",
         "of exp and log: correct (default, correctly rounded), kernel\n"
         "(exp as softbox has it, 1.45 u, f64), or that many ulps",
         &o.exp, NULL},
        {"fma", NULL, "x y + z is rounded once", NULL, &o.fma},
        {"ftz", NULL, "results below the least normal number become 0", NULL, &o.ftz},
        {"boxes", "N", "split the box into at most N", &o.boxes, NULL},
        {"tries", "N", "runs of the search for the worst input of a box", &o.tries, NULL},
    };
    int status;
    if (mechanism(argc, argv))
        return cli_count(argc, argv, "--number") ? cli_error_mech_round(argc, argv)
                                                 : cli_error_mech(argc, argv);
    status = cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 0, 0, &help);
    if (status == CLI_GO_ON) status = read_options(&r, &o);
    if (status != CLI_GO_ON) return status;
    if ((status = cli_open(&c, NULL)) == CLI_DONE) {
        status = o.input ? vectors(&r, o.input) : box(&r, &o);
        if (status == CLI_GO_ON) {
            summary(&r);
            status = r.table.failed ? cli_error(&c, CLI_INTERNAL, "no memory") : CLI_DONE;
        }
        status = cli_close(&c, status);
    }
    cli_table_clear(&r.table);
    free(r.worst);
    return status;
}
