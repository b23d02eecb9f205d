/* cli/eval.c -- softbox eval: the value of a kernel, a normalizer or a network at a
 * point.
 *
 * The point is read exactly and then rounded as the number system does; a point's value is
 * printed exactly, an enclosure outward.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/eval.h"

#include <stdlib.h>
#include <string.h>

static const cli_help help = {
    "usage: softbox eval --kernel NAME --at A,B,.. [options]\n"
    "       softbox eval --normalizer NAME --at A,B,.. [options]\n"
    "       softbox eval NET.onnx --at A,B,.. [options]\n"
    "       softbox eval --mechanism NAME ...: see softbox eval --mechanism NAME --help\n",
    "The value at a point: exactly what the number system computes, or, in ivd, ivf\n"
    "and ivq, a proved enclosure of the true value.\n"};

#define JACOBIAN_MAX 1000 /* inputs: its size is their square */

static const char *const kernels[] = {
    [EVAL_SOFTMAX] = "softmax", [EVAL_LOG_SOFTMAX] = "log-softmax",
    [EVAL_LSE] = "lse",         [EVAL_SUM] = "sum",
    [EVAL_DOT] = "dot",
};

typedef struct eval_opts {
    const char *kernel, *normalizer, *zero_row, *at, *with, *input, *arith, *digits, *memory;
    size_t max_bytes;
    cli_style style;
    bool error;
} eval_opts;

static int find_kernel(const cli *c, eval_question *q, const char *name)
{
    for (unsigned k = 0; k < EVAL_NORM; k++)
        if (strcmp(kernels[k], name) == 0) {
            q->kernel = (eval_kernel)k;
            return CLI_GO_ON;
        }
    return cli_error(c, CLI_USAGE, "--kernel '%s': softmax, log-softmax, lse, sum, dot", name);
}

/* lse is a kernel that may stand here as well. */
static int find_normalizer(const cli *c, eval_question *q, const eval_opts *o)
{
    sbx_err err = {SBX_OK, NULL, ""};
    if (strcmp(o->normalizer, "lse") == 0) return find_kernel(c, q, "lse");
    q->kernel = EVAL_NORM;
    if (sbx_norm_read(&q->norm, o->normalizer, &err) != SBX_OK)
        return cli_error(c, CLI_USAGE, "--normalizer: %s", err.msg);
    if (o->zero_row && !sbx_zero_row_read(&q->norm.zero_row, o->zero_row))
        return cli_error(c, CLI_USAGE, "--zero-row '%s': error, uniform, zero", o->zero_row);
    return CLI_GO_ON;
}

/* What is wrong with the command itself. */
static int check(const cli *c, eval_question *q, eval_opts *o)
{
    sbx_err err = {SBX_OK, NULL, ""};
    uint64_t d = 0;
    int status = CLI_GO_ON;
    if ((o->kernel != NULL) + (o->normalizer != NULL) + (c->n_args == 1) != 1)
        return cli_error(c, CLI_USAGE, "one of --kernel, --normalizer and a network");
    if (o->kernel)
        status = find_kernel(c, q, o->kernel);
    else if (o->normalizer)
        status = find_normalizer(c, q, o);
    else
        q->kernel = EVAL_NET;
    if (status != CLI_GO_ON) return status;
    if ((o->zero_row || q->jacobian) && q->kernel != EVAL_NORM)
        return cli_error(c, CLI_USAGE, "--%s is for a normalizer",
                         q->jacobian ? "jacobian" : "zero-row");
    if (!o->at == !o->input) return cli_error(c, CLI_USAGE, "the point: one of --at and --input");
    if ((q->kernel == EVAL_DOT) != (o->with != NULL))
        return cli_error(c, CLI_USAGE,
                         o->with ? "--with is for --kernel dot" : "--kernel dot needs --with");
    if (o->arith && sbx_num_parse(&q->num, &q->ctx, o->arith, &err) != SBX_OK)
        return cli_error(c, CLI_USAGE, "--arith: %s", err.msg);
    if (o->error && (sbx_num_can(q->num) & SBX_CAN_ENCLOSE))
        return cli_error(c, CLI_USAGE, "--error is for points: --arith f32, f64, fp16, .., mpq");
    if (o->digits && !cli_integer(&d, o->digits, 1, 100000))
        return cli_error(c, CLI_USAGE, "--digits '%s': a whole number, 1 to 100000", o->digits);
    if (!cli_memory(&o->max_bytes, o->memory))
        return cli_error(c, CLI_USAGE, "--memory '%s': " CLI_MEMORY_FORM, o->memory);
    o->style.digits = o->digits ? (int)d : cli_digits(q->num == SBX_NUM_IVD ? 53 : q->ctx.prec);
    return CLI_GO_ON;
}

/* Outside of the domain a program that evaluates the file moves the point. */
static sbx_status check_domain(const eval_question *q, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const mpq_t *lo, *hi;
    if (!sbx_net_domain(&lo, &hi, q->net)) return SBX_OK;
    for (size_t k = 0; k < q->at.n; k++)
        if (mpq_cmp(q->at.v[k], lo[k]) < 0 || mpq_cmp(q->at.v[k], hi[k]) > 0)
            CLI_FAIL(err, SBX_ERR_ARG, "at[%zu] is outside of the inputs that the network is for",
                     k);
done:
    return st;
}

/* The point, and the network if there is one; CLI_GO_ON, or the exit status. */
static int read_input(const cli *c, eval_question *q, sbx_net **net, const eval_opts *o)
{
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_status st = SBX_OK;
    char *text = NULL;
    size_t len = 0;
    if (o->input) {
        text = cli_read_all(c, o->input, &len);
        if (!text) return CLI_BAD_INPUT;
        st = cli_vec_read_file(&q->at, "at", text, len, &err);
        free(text);
        if (st != SBX_OK) return cli_error(c, CLI_BAD_INPUT, "%s: %s", o->input, err.msg);
    } else {
        CLI_TRY(cli_vec_read(&q->at, "at", o->at, false, &err));
    }
    if (o->with) CLI_TRY(cli_vec_read(&q->with, "with", o->with, false, &err));
    if (o->with && q->with.n != q->at.n)
        CLI_FAIL(&err, SBX_ERR_ARG, "at has %zu numbers, with has %zu", q->at.n, q->with.n);
    if (q->kernel == EVAL_NET) {
        CLI_TRY(sbx_net_read(net, c->arg[0], o->max_bytes, &err));
        q->net = *net;
        if (q->at.n != sbx_net_inputs(*net))
            CLI_FAIL(&err, SBX_ERR_ARG, "at has %zu numbers, %s has %zu inputs", q->at.n, c->arg[0],
                     sbx_net_inputs(*net));
        CLI_TRY(check_domain(q, &err));
    }
    if (q->jacobian && q->at.n > JACOBIAN_MAX)
        CLI_FAIL(&err, SBX_ERR_LIMIT, "a Jacobian of %zu inputs; at most %d", q->at.n,
                 JACOBIAN_MAX);
done:
    return st == SBX_OK ? CLI_GO_ON : cli_fail(c, &err);
}

static char *point(const eval_value *v, bool hex)
{
    return v->word ? strdup(v->word) : cli_exact(v->z.lo, hex);
}

/* few digits, rounded up */
static char *error_text(const eval_value *v)
{
    const cli_style few = {4, false};
    return v->no_error ? strdup("inf") : cli_outward(v->error, SBX_HI, few);
}

static void quoted(FILE *f, const char *key, char *text, bool *ok)
{
    *ok &= text != NULL;
    (void)fprintf(f, ",\"%s\":\"%s\"", key, text ? text : "");
    free(text);
}

static bool print_json(FILE *f, const cli *c, const eval_question *q, const eval_opts *o,
                       const eval_value *v, size_t m)
{
    const bool enclose = sbx_num_can(q->num) & SBX_CAN_ENCLOSE;
    const size_t inputs = q->jacobian ? q->at.n : 1;
    bool ok = true;
    (void)fprintf(f, "{\"%s\":",
                  q->kernel == EVAL_NET    ? "network"
                  : q->kernel == EVAL_NORM ? "normalizer"
                                           : "kernel");
    cli_json_string(f, q->kernel == EVAL_NET    ? c->arg[0]
                       : q->kernel == EVAL_NORM ? o->normalizer
                                                : kernels[q->kernel]);
    (void)fputs(",\"arith\":", f);
    cli_json_string(f, o->arith ? o->arith : "ivd");
    (void)fprintf(f, ",\"%s\":[", q->jacobian ? "jacobian" : "outputs");
    for (size_t k = 0; k < m; k++) {
        (void)fprintf(f, "%s{\"index\":%zu", k ? "," : "", k / inputs);
        if (q->jacobian) (void)fprintf(f, ",\"input\":%zu", k % inputs);
        if (enclose) {
            quoted(f, "lower", cli_lower(&v[k].z, o->style), &ok);
            quoted(f, "upper", cli_upper(&v[k].z, o->style), &ok);
        } else {
            quoted(f, "value", point(&v[k], o->style.hex), &ok);
            if (o->error) quoted(f, "error", error_text(&v[k]), &ok);
        }
        (void)fputc('}', f);
    }
    (void)fputs("]}\n", f);
    return ok;
}

static bool print_text(FILE *f, const eval_question *q, const eval_opts *o, const eval_value *v,
                       size_t m)
{
    const bool enclose = sbx_num_can(q->num) & SBX_CAN_ENCLOSE;
    cli_table t = {.columns = enclose || o->error ? 3 : 2};
    bool ok;
    cli_table_add(&t, "output");
    cli_table_add(&t, enclose ? "lower" : "value");
    if (enclose) cli_table_add(&t, "upper");
    if (o->error) cli_table_add(&t, "error");
    for (size_t k = 0; k < m; k++) {
        char name[48];
        if (q->jacobian)
            (void)snprintf(name, sizeof name, "%zu,%zu", k / q->at.n, k % q->at.n);
        else
            (void)snprintf(name, sizeof name, "%zu", k);
        cli_table_add(&t, name);
        cli_table_take(&t, enclose ? cli_lower(&v[k].z, o->style) : point(&v[k], o->style.hex));
        if (enclose) cli_table_take(&t, cli_upper(&v[k].z, o->style));
        if (o->error) cli_table_take(&t, error_text(&v[k]));
    }
    cli_table_print(&t, f);
    ok = !t.failed;
    cli_table_clear(&t);
    return ok;
}

static eval_value *values_new(size_t m)
{
    eval_value *v = calloc(m ? m : 1, sizeof *v);
    for (size_t k = 0; v && k < m; k++)
        mpq_inits(v[k].z.lo, v[k].z.hi, v[k].error, NULL);
    return v;
}

static void values_free(eval_value *v, size_t m)
{
    for (size_t k = 0; v && k < m; k++)
        mpq_clears(v[k].z.lo, v[k].z.hi, v[k].error, NULL);
    free(v);
}

/* The errors of v: its distance from the far end of an enclosure of the value at the exact point, by
 * intervals of many more bits. */
static sbx_status errors(eval_value *v, const eval_question *q, size_t m, sbx_err *err)
{
    eval_question exact = *q;
    sbx_status st = SBX_OK;
    eval_value *w = values_new(m);
    mpq_t d;
    mpq_init(d);
    if (!w) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu outputs", m);
    exact.num = q->num == SBX_NUM_MPQ ? SBX_NUM_IVQ : SBX_NUM_IVF; /* exact where rational */
    exact.ctx.prec = (q->num == SBX_NUM_MPF ? q->ctx.prec : 64) + 192;
    CLI_TRY(eval_values(w, &exact, err));
    for (size_t k = 0; k < m; k++) {
        v[k].no_error = v[k].word || w[k].z.no_lo || w[k].z.no_hi;
        if (v[k].no_error) continue;
        mpq_sub(v[k].error, v[k].z.lo, w[k].z.lo);
        mpq_abs(v[k].error, v[k].error);
        mpq_sub(d, v[k].z.lo, w[k].z.hi);
        mpq_abs(d, d);
        if (mpq_cmp(d, v[k].error) > 0) mpq_set(v[k].error, d);
    }
done:
    mpq_clear(d);
    values_free(w, m);
    return st;
}

static int run(cli *c, const eval_question *q, const eval_opts *o)
{
    const size_t m = eval_outputs(q);
    sbx_err err = {SBX_OK, NULL, ""};
    eval_value *v = values_new(m);
    int status;
    bool ok;
    if (!v) return cli_error(c, CLI_INTERNAL, "no memory for %zu outputs", m);
    if (eval_values(v, q, &err) != SBX_OK || (o->error && errors(v, q, m, &err) != SBX_OK)) {
        status = cli_fail(c, &err);
    } else if ((status = cli_open(c, NULL)) == CLI_DONE) {
        ok = c->format == CLI_JSON ? print_json(c->out, c, q, o, v, m)
                                   : print_text(c->out, q, o, v, m);
        status = cli_close(c, CLI_DONE);
        if (!ok) status = cli_error(c, CLI_INTERNAL, "no memory for the answer");
    }
    values_free(v, m);
    return status;
}

int cli_eval(int argc, char **argv)
{
    cli c = {.command = "eval"};
    eval_question q = {.num = SBX_NUM_IVD, .ctx = sbx_ctx_default};
    eval_opts o = {0};
    sbx_net *net = NULL;
    const cli_option options[] = {
        {"kernel", "NAME", "softmax, log-softmax, lse, sum, dot", &o.kernel, NULL},
        {"normalizer", "NAME[:P=V..]",
         "a normalizer with its parameters: softmax:lambda=2, ...;\n"
         "'softbox list normalizers' has them; or lse",
         &o.normalizer, NULL},
        {"zero-row", "WHAT", "in place of 0/0: error (default), uniform, zero", &o.zero_row, NULL},
        {"jacobian", NULL, "the Jacobian of the normalizer, row after row", NULL, &q.jacobian},
        {"at", "A,B,..", "the point: decimals, fractions, hexadecimal floats", &o.at, NULL},
        {"input", "FILE",
         "the point, its numbers separated by commas, blanks or newlines;\n"
         "- is standard input",
         &o.input, NULL},
        {"with", "A,B,..", "the other factor of dot", &o.with, NULL},
        {"arith", "SYSTEM",
         "ivd (default), ivf:BITS, ivq, ivq:BITS; f32, f64, fp16, bf16,\n"
         "tf32, e5m2, e4m3, mpf:BITS, mpq",
         &o.arith, NULL},
        {"digits", "N",
         "significant digits of an enclosure's ends; default 17, or as\n"
         "many as BITS are worth",
         &o.digits, NULL},
        {"error", NULL,
         "for a point: also a proved bound of its distance from the value\n"
         "of the exact function at the exact point",
         NULL, &o.error},
        CLI_MEMORY_OPTION(o.memory),
        {"hex", NULL, "hexadecimal floats", NULL, &o.style.hex},
    };
    int status;
    if (cli_count(argc, argv, "--mechanism")) return cli_eval_mech(argc, argv);
    status = cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 0, 1, &help);
    if (status == CLI_GO_ON) status = check(&c, &q, &o);
    if (status == CLI_GO_ON) status = read_input(&c, &q, &net, &o);
    if (status == CLI_GO_ON) status = run(&c, &q, &o);
    cli_vec_clear(&q.at);
    cli_vec_clear(&q.with);
    sbx_norm_args_clear(&q.norm);
    sbx_net_free(net);
    return status;
}
