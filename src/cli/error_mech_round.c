/* cli/error_mech_round.c -- softbox error --kernel MECHANISM --number FORMAT: rounding errors of a mechanism.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/mech_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_help help = {
    "usage: softbox error --kernel MECHANISM --number FORMAT,.. --generate INPUT [options]\n"
    "       softbox error --kernel MECHANISM --number FORMAT,.. --input FILE.npz [options]\n",
    "How far the outputs (and weights) that a machine computes in a format can be from the exact\n"
    "ones: a proved bound, the bound of a theorem, and what was observed; at the input, rounded\n"
    "into the format first, or (--radius) for all inputs of the format in a box around it. The\n"
    "largest error of all outputs, absolute and in units of u = 2^-p, relative to the largest\n"
    "|output|. --algorithm is the form of the mechanism that decides the order of its operations:\n"
    "`attention` (softmax) has shifted, naive, online, flash; `softbox list mechanisms` has all.\n"};

typedef struct opts {
    mech_input in;
    const char *kernel, *algorithm, *numbers, *radius, *acc, *tile, *exp, *tries;
    bool fma, ftz, weights, blind;
} opts;

typedef struct run {
    cli *c;
    const opts *o;
    sbx_mech_args a;
    sbx_mech_data x;
    cli_table table;
    double radius; /* < 0: at a point */
    sbx_error_effort effort;
    unsigned what;
    size_t lines, overflow, violations, counted;
    double max_u, sum_u, max_bound_u, max_apriori_u;
} run;

/* ---- options ----------------------------------------------------------------------------- */

/* The name of the mechanism with --algorithm and --tile as its parameters. */
static int read_kernel(run *r)
{
    const opts *o = r->o;
    const char *name = mech_name(o->kernel);
    const sbx_mech_info *f = NULL;
    sbx_err err = {SBX_OK, NULL, ""};
    const char *param = NULL;
    char *text = NULL;
    int status = CLI_GO_ON;
    size_t room;
    if (sbx_mech_read(&r->a, name, &err) != SBX_OK)
        return cli_error(r->c, CLI_USAGE, "--kernel: %s", err.msg);
    if (!o->algorithm && !o->tile) return CLI_GO_ON;
    f = sbx_mech_get_info(r->a.mech);
    for (size_t k = 0; k < f->n_params && !param; k++)
        if (strcmp(f->param[k].name, "form") == 0 || strcmp(f->param[k].name, "order") == 0)
            param = f->param[k].name;
    if (o->algorithm && !param)
        return cli_error(r->c, CLI_USAGE, "--algorithm '%s': %s has one alone", o->algorithm,
                         f->name);
    room = strlen(name) + (o->algorithm ? strlen(o->algorithm) : 0) +
           (o->tile ? strlen(o->tile) : 0) + 32;
    text = malloc(room);
    if (!text) return cli_error(r->c, CLI_INTERNAL, "no memory");
    (void)snprintf(text, room, "%s%s%s%s%s%s%s", name, o->algorithm ? ":" : "",
                   o->algorithm ? param : "", o->algorithm ? "=" : "",
                   o->algorithm ? o->algorithm : "", o->tile ? ":tile=" : "",
                   o->tile ? o->tile : "");
    sbx_mech_args_clear(&r->a);
    if (sbx_mech_read(&r->a, text, &err) != SBX_OK) {
        r->a = (sbx_mech_args){.mech = NULL};
        status = cli_error(r->c, CLI_USAGE, "%s", err.msg);
    }
    free(text);
    return status;
}

/* The least double that is not below the number. */
static bool read_radius(double *r, const char *text)
{
    sbx_ivd v = {0.0, 0.0};
    mpq_t q;
    bool ok;
    mpq_init(q);
    ok = sbx_q_read(q, text, strlen(text), NULL) == SBX_OK && mpq_sgn(q) >= 0 &&
         sbx_ivd_set_q(&v, q, NULL, NULL) == SBX_OK && v.hi < 1e300;
    mpq_clear(q);
    *r = v.hi;
    return ok;
}

static int read_options(run *r)
{
    const opts *o = r->o;
    const cli *c = r->c;
    uint64_t tries = 0;
    sbx_err err = {SBX_OK, NULL, ""};
    int status;
    if (!o->kernel || !o->numbers)
        return cli_error(c, CLI_USAGE, "--kernel and --number are needed");
    if ((status = read_kernel(r)) != CLI_GO_ON) return status;
    r->radius = -1.0;
    if (o->radius && !read_radius(&r->radius, o->radius))
        return cli_error(c, CLI_USAGE, "--radius '%s': a number, 0 or more", o->radius);
    if (o->tries && !cli_integer(&tries, o->tries, 1, 1000000000))
        return cli_error(c, CLI_USAGE, "--tries '%s': a whole number", o->tries);
    r->effort = (sbx_error_effort){.tries = (size_t)tries, .seed = c->seed};
    r->what = (o->weights ? 0U : (unsigned)SBX_MECH_ERROR_NO_WEIGHTS) |
              (o->blind ? (unsigned)SBX_MECH_ERROR_NO_OBSERVED : 0U);
    status =
        mech_input_read(c, &r->x, &o->in, sbx_mech_get_info(r->a.mech)->traits & SBX_MECH_TIED);
    if (status == CLI_GO_ON && mech_input_extra(c, &r->x, &r->a, &o->in, &err) != SBX_OK)
        status = cli_fail(c, &err);
    return status;
}

static int machine(const run *r, sbx_mech_machine *m, const char *number)
{
    const opts *o = r->o;
    const cli *c = r->c;
    sbx_err err = {SBX_OK, NULL, ""};
    if (sbx_mech_machine_make(m, number, &err) != SBX_OK)
        return cli_error(c, CLI_USAGE, "--number: %s", err.msg);
    if (o->acc && sbx_error_number(&m->acc, &m->acc_format, o->acc, &err) != SBX_OK)
        return cli_error(c, CLI_USAGE, "--accumulate: %s", err.msg);
    m->fma = o->fma;
    m->ftz = o->ftz;
    if (o->exp && strcmp(o->exp, "kernel") == 0)
        m->exp_ulps = 0.0;
    else if (o->exp && strcmp(o->exp, "correct") != 0 &&
             (sbx_d_read(&m->exp_ulps, o->exp, strlen(o->exp), NULL) != SBX_OK ||
              !(m->exp_ulps >= 0.5 && m->exp_ulps <= 1e6)))
        return cli_error(c, CLI_USAGE, "--exp '%s': correct, kernel, or ulps, 0.5 or more", o->exp);
    return CLI_GO_ON;
}

/* ---- answers -------------------------------------------------------------------------------- */

/* rounded up; what is not there is null */
static void number(FILE *f, const char *key, double v)
{
    char *text = v < HUGE_VAL ? sbx_d_write(v, SBX_HI, 17) : NULL;
    (void)fprintf(f, ",\"%s\":%s", key, text ? text : "null");
    sbx_text_free(text);
}

static void cell(cli_table *t, double v)
{
    char *text = v < HUGE_VAL ? sbx_d_write(v, SBX_HI, 4) : NULL;
    cli_table_add(t, text ? text : "-");
    sbx_text_free(text);
}

static void numbers(FILE *f, const char *key, mpq_t *x, size_t n)
{
    (void)fprintf(f, "%s\"%s\":[", key[0] == 'q' ? "" : ",", key);
    for (size_t k = 0; k < n; k++) {
        char *text = sbx_q_write_exact(x[k], 400); /* dyadic: has a decimal */
        (void)fprintf(f, "%s%s", k ? "," : "", text ? text : "null");
        sbx_text_free(text);
    }
    (void)fputc(']', f);
}

static void head(cli_table *t, bool weights)
{
    static const char *const names[] = {"number",  "observed", "u",        "bound",   "u",
                                        "apriori", "u",        "overflow", "weights", "bound"};
    t->columns = weights ? 10 : 8;
    for (size_t k = 0; k < t->columns; k++)
        cli_table_add(t, names[k]);
}

static void show_table(run *r, const char *name, const sbx_mech_error *e)
{
    cli_table *t = &r->table;
    if (!t->n) head(t, r->o->weights);
    cli_table_add(t, name);
    cell(t, e->output.observed);
    cell(t, e->output.observed_u);
    cell(t, e->output.bound);
    cell(t, e->output.bound_u);
    cell(t, e->output.apriori);
    cell(t, e->output.apriori_u);
    cli_table_add(t, e->output.overflow ? "yes" : e->output.reason ? e->output.reason : "no");
    if (!r->o->weights) return;
    cell(t, e->weight.observed);
    cell(t, e->weight.bound);
}

static void show_json(run *r, const char *name, const sbx_mech_error *e, const sbx_mech_data *worst)
{
    FILE *f = r->c->out;
    const sbx_mech_shape s = r->x.shape;
    (void)fputs("{\"kernel\":", f);
    cli_json_string(f, r->o->kernel);
    if (r->o->algorithm) {
        (void)fputs(",\"algorithm\":", f);
        cli_json_string(f, r->o->algorithm);
    }
    (void)fputs(",\"number\":", f);
    cli_json_string(f, name);
    (void)fprintf(f, ",\"n\":%zu,\"m\":%zu,\"d\":%zu,\"dv\":%zu", s.n, s.m, s.d, s.dv);
    number(f, "observed", e->output.observed);
    number(f, "observed_u", e->output.observed_u);
    number(f, "bound", e->output.bound);
    number(f, "bound_u", e->output.bound_u);
    number(f, "apriori", e->output.apriori);
    number(f, "apriori_u", e->output.apriori_u);
    if (e->has_weights) {
        number(f, "weights_observed", e->weight.observed);
        number(f, "weights_bound", e->weight.bound);
    }
    (void)fprintf(f, ",\"overflow\":%s", e->output.overflow ? "true" : "false");
    if (e->output.reason) {
        (void)fputs(",\"reason\":", f);
        cli_json_string(f, e->output.reason);
    }
    if (worst->q) {
        (void)fputs(",\"worst_input\":{", f);
        numbers(f, "q", worst->q, s.n * s.d);
        numbers(f, "k", worst->k, s.m * s.d);
        numbers(f, "v", worst->v, s.m * s.dv);
        (void)fputc('}', f);
    }
    (void)fputs("}\n", f);
    (void)fflush(f);
}

static void count(run *r, const sbx_mech_error *e)
{
    const sbx_error_report *z = &e->output;
    r->lines++;
    r->overflow += z->overflow;
    if (z->overflow) return;
    r->max_bound_u = fmax(r->max_bound_u, z->bound_u);
    r->max_apriori_u = fmax(r->max_apriori_u, z->apriori_u);
    if (!z->ran) return;
    r->violations += z->observed_lo > z->bound || z->observed_lo > z->apriori ||
                     (e->has_weights && e->weight.observed_lo > e->weight.bound);
    r->counted++;
    r->sum_u += z->observed_u;
    r->max_u = fmax(r->max_u, z->observed_u);
}

static void summary(run *r)
{
    FILE *f = r->c->out;
    const double mean = r->counted ? r->sum_u / (double)r->counted : 0.0;
    if (r->overflow == r->lines) r->max_bound_u = r->max_apriori_u = HUGE_VAL;
    if (r->c->format != CLI_JSON) {
        cli_table_print(&r->table, f);
        (void)fprintf(f, "\n%zu runs, %zu overflow, %zu violations\n", r->lines, r->overflow,
                      r->violations);
        return;
    }
    (void)fprintf(f, "{\"summary\":true,\"vectors\":%zu,\"overflow\":%zu", r->lines, r->overflow);
    number(f, "max_observed_u", r->max_u);
    number(f, "mean_observed_u", mean);
    number(f, "max_bound_u", r->max_bound_u);
    number(f, "max_apriori_u", r->max_apriori_u);
    (void)fprintf(f, ",\"violations\":%zu}\n", r->violations);
}

static int one(run *r, const char *name)
{
    sbx_mech_data worst = {.q = NULL};
    sbx_mech_machine m;
    sbx_mech_error e;
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_status st;
    const int status = machine(r, &m, name);
    if (status != CLI_GO_ON) return status;
    st = r->radius < 0.0 ? sbx_mech_error_point(&e, &r->a, &r->x, &m, r->what, &err)
                         : sbx_mech_error_box(&e, &worst, &r->a, &r->x, r->radius, &m, &r->effort,
                                              r->what, &err);
    if (st != SBX_OK) return cli_fail(r->c, &err);
    count(r, &e);
    if (r->c->format == CLI_JSON)
        show_json(r, name, &e, &worst);
    else
        show_table(r, name, &e);
    sbx_mech_data_clear(&worst);
    return CLI_GO_ON;
}

static int all(run *r)
{
    int status = CLI_GO_ON;
    for (const char *s = r->o->numbers; *s && status == CLI_GO_ON;) {
        const size_t len = strcspn(s, ",");
        char *name = strndup(s, len);
        if (!name) return cli_error(r->c, CLI_INTERNAL, "no memory");
        status = one(r, name);
        free(name);
        s += len + (s[len] == ',');
    }
    if (status != CLI_GO_ON) return status;
    summary(r);
    return r->table.failed ? cli_error(r->c, CLI_INTERNAL, "no memory") : CLI_DONE;
}

int cli_error_mech_round(int argc, char **argv)
{
    cli c = {.command = "error"};
    opts o = {0};
    run r = {.c = &c, .o = &o};
    const cli_option options[] = {
        {"kernel", "NAME", "a mechanism of `softbox list mechanisms`; attention: softmax",
         &o.kernel, NULL},
        {"algorithm", "NAME", "its form or order; default its own", &o.algorithm, NULL},
        {"number", "FORMAT,..", "f64, f32, fp16, bf16, tf32, e5m2, e4m3, or several", &o.numbers,
         NULL},
        MECH_INPUT_OPTIONS(o.in),
        {"radius", "R", "all inputs of the format within R of these, number by number", &o.radius,
         NULL},
        {"accumulate", "FORMAT",
         "of sums and of the products in them, rounded once at their\n"
         "end; default as --number",
         &o.acc, NULL},
        {"tile", "N", "the parameter `tile` of the mechanism", &o.tile, NULL},
        {"exp", "ACCURACY",
         "of exp and the like: correct (default, correctly rounded), kernel\n"
         "(exp as softbox has it, 1.45 u, f64), or that many ulps",
         &o.exp, NULL},
        {"fma", NULL, "sums of products: x y + s is rounded once", NULL, &o.fma},
        {"ftz", NULL, "results below the least normal number become 0", NULL, &o.ftz},
        {"weights", NULL, "the weights' errors, too", NULL, &o.weights},
        {"bound-only", NULL, "no run: bounds alone", NULL, &o.blind},
        {"tries", "N", "runs of the search for the worst input of a box", &o.tries, NULL},
    };
    int status = cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 0, 0, &help);
    if (status == CLI_GO_ON) status = read_options(&r);
    if (status == CLI_GO_ON && (status = cli_open(&c, NULL)) == CLI_DONE) {
        status = all(&r);
        status = cli_close(&c, status);
    }
    cli_table_clear(&r.table);
    sbx_mech_data_clear(&r.x);
    sbx_mech_args_clear(&r.a);
    return status;
}
