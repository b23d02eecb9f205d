/* cli/info.c -- softbox info: what a network or a property contains.
 *
 * A name that ends in .vnnlib (or .vnnlib.gz) is a property, any other a network.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN 8 /* intervals of a domain, as text */

static const cli_help help = {
    "usage: softbox info NET.onnx|NET.nnet [options]\n"
    "       softbox info PROP.vnnlib [options]\n",
    "What a network contains (inputs, outputs, parameters, operators, shapes), or a\n"
    "property (inputs, outputs, disjuncts, constraints).\n"};

static bool ends_with(const char *s, const char *tail)
{
    const size_t n = strlen(s), k = strlen(tail);
    return n >= k && strcmp(s + n - k, tail) == 0;
}

/* ---- networks -------------------------------------------------------------------- */

/* "1x64"; a scalar is "scalar" */
static void shape(FILE *f, const size_t *dim, size_t rank)
{
    if (rank == 0) (void)fputs("scalar", f);
    for (size_t k = 0; k < rank; k++)
        (void)fprintf(f, "%s%zu", k ? "x" : "", dim[k]);
}

static void json_shape(FILE *f, const size_t *dim, size_t rank)
{
    (void)fputs("\"shape\":[", f);
    for (size_t k = 0; k < rank; k++)
        (void)fprintf(f, "%s%zu", k ? "," : "", dim[k]);
    (void)fputc(']', f);
}

/* text from malloc, written and freed; false: no memory for it */
static bool put(FILE *f, const char *before, char *text, const char *after)
{
    const bool ok = text != NULL;
    (void)fprintf(f, "%s%s%s", before, ok ? text : "", after);
    free(text);
    return ok;
}

/* The inputs that the network's file is for, the first few of them. */
static bool domain_text(FILE *f, const sbx_net *net, size_t n)
{
    const mpq_t *lo, *hi;
    bool ok = true;
    if (!sbx_net_domain(&lo, &hi, net)) return true;
    (void)fputs("\ndomain    ", f);
    for (size_t k = 0; k < n && k < SHOWN; k++) {
        ok &= put(f, k ? " x [" : "  [", cli_exact(lo[k], false), ", ");
        ok &= put(f, "", cli_exact(hi[k], false), "]");
    }
    if (n > SHOWN) (void)fputs(" x ...", f);
    return ok;
}

static bool domain_json(FILE *f, const sbx_net *net, size_t n)
{
    const mpq_t *end[2];
    bool ok = true;
    if (!sbx_net_domain(&end[0], &end[1], net)) return true;
    for (size_t e = 0; e < 2; e++) {
        (void)fprintf(f, ",\"%s\":[", e ? "upper" : "lower");
        for (size_t k = 0; k < n; k++)
            ok &= put(f, k ? ",\"" : "\"", cli_exact(end[e][k], false), "\"");
        (void)fputc(']', f);
    }
    return ok;
}

static bool net_text(FILE *f, const char *path, const sbx_net *net)
{
    bool ok;
    sbx_net_info i;
    const char *name, *op;
    const size_t *dim;
    size_t rank;
    sbx_net_get_info(&i, net);
    (void)fprintf(f, "network     %s\n", path);
    if (i.opset) (void)fprintf(f, "opset       %ld\n", i.opset);
    (void)fprintf(f, "input       %s  ", i.input_name);
    shape(f, i.in_dim, i.in_rank);
    ok = domain_text(f, net, i.inputs);
    (void)fprintf(f, "\noutput      %s  ", i.output_name);
    shape(f, i.out_dim, i.out_rank);
    (void)fprintf(f, "\nparameters  %zu\nnodes       %zu\n", i.parameters, i.nodes);
    for (size_t k = 0; sbx_net_get_node(&name, &op, &dim, &rank, net, k); k++) {
        (void)fprintf(f, "%4zu  %-18s  ", k, op);
        shape(f, dim, rank);
        (void)fprintf(f, "%s%s\n", *name ? "  " : "", name);
    }
    return ok;
}

static void json_tensor(FILE *f, const char *key, const char *name, const size_t *dim, size_t rank)
{
    (void)fprintf(f, ",\"%s\":{\"name\":", key);
    cli_json_string(f, name);
    (void)fputc(',', f);
    json_shape(f, dim, rank);
}

static bool net_json(FILE *f, const char *path, const sbx_net *net)
{
    bool ok;
    sbx_net_info i;
    const char *name, *op;
    const size_t *dim;
    size_t rank;
    sbx_net_get_info(&i, net);
    (void)fputs("{\"network\":", f);
    cli_json_string(f, path);
    if (i.opset) (void)fprintf(f, ",\"opset\":%ld", i.opset);
    json_tensor(f, "input", i.input_name, i.in_dim, i.in_rank);
    ok = domain_json(f, net, i.inputs);
    (void)fputc('}', f);
    json_tensor(f, "output", i.output_name, i.out_dim, i.out_rank);
    (void)fputc('}', f);
    (void)fprintf(f, ",\"parameters\":%zu,\"nodes\":[", i.parameters);
    for (size_t k = 0; sbx_net_get_node(&name, &op, &dim, &rank, net, k); k++) {
        (void)fprintf(f, "%s{\"name\":", k ? "," : "");
        cli_json_string(f, name);
        (void)fputs(",\"operator\":", f);
        cli_json_string(f, op);
        (void)fputc(',', f);
        json_shape(f, dim, rank);
        (void)fputc('}', f);
    }
    (void)fputs("]}\n", f);
    return ok;
}

static int net_info(cli *c, size_t max_bytes)
{
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_net *net = NULL;
    int status;
    if (sbx_net_read(&net, c->arg[0], max_bytes, &err) != SBX_OK) {
        status = cli_fail(c, &err);
    } else if ((status = cli_open(c, NULL)) == CLI_DONE) {
        const bool ok = (c->format == CLI_JSON ? net_json : net_text)(c->out, c->arg[0], net);
        status = cli_close(c, CLI_DONE);
        if (!ok) status = cli_error(c, CLI_INTERNAL, "no memory for the answer");
    }
    sbx_net_free(net);
    return status;
}

/* ---- properties ------------------------------------------------------------------- */

/* What is counted over all disjuncts. */
typedef struct counts {
    size_t constraints, strict, on_inputs, empty;
    mpq_t widest; /* side of a box */
} counts;

static bool has_input(const sbx_constraint *k)
{
    for (size_t t = 0; t < k->n_terms; t++)
        if (!k->term[t].is_output) return true;
    return false;
}

static void count(counts *n, const sbx_property *p)
{
    mpq_t side;
    mpq_init(side);
    for (size_t d = 0; d < p->n_disjuncts; d++) {
        const sbx_disjunct *u = &p->disjunct[d];
        bool empty = false;
        n->constraints += u->n_constraints;
        for (size_t k = 0; k < u->n_constraints; k++) {
            n->strict += u->constraint[k].strict;
            n->on_inputs += has_input(&u->constraint[k]);
        }
        for (size_t j = 0; j < p->inputs; j++) {
            mpq_sub(side, u->hi[j], u->lo[j]);
            empty |= mpq_sgn(side) < 0;
            if (mpq_cmp(side, n->widest) > 0) mpq_set(n->widest, side);
        }
        n->empty += empty;
    }
    mpq_clear(side);
}

static void property_print(const cli *c, const sbx_property *p, const counts *n, const char *widest)
{
    if (c->format == CLI_JSON) {
        (void)fputs("{\"property\":", c->out);
        cli_json_string(c->out, c->arg[0]);
        (void)fprintf(
            c->out,
            ",\"inputs\":%zu,\"outputs\":%zu,\"disjuncts\":%zu,\"empty_disjuncts\":%zu,"
            "\"constraints\":%zu,\"strict\":%zu,\"on_inputs\":%zu,\"widest_side\":\"%s\"}\n",
            p->inputs, p->outputs, p->n_disjuncts, n->empty, n->constraints, n->strict,
            n->on_inputs, widest);
        return;
    }
    (void)fprintf(c->out,
                  "property     %s\ninputs       %zu\noutputs      %zu\ndisjuncts    %zu, %zu of "
                  "them empty boxes\nconstraints  %zu, %zu of them strict, %zu on inputs\n"
                  "widest side  %s\n",
                  c->arg[0], p->inputs, p->outputs, p->n_disjuncts, n->empty, n->constraints,
                  n->strict, n->on_inputs, widest);
}

static int property_info(cli *c, size_t max_bytes)
{
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_property p = {0};
    counts n = {0};
    char *widest = NULL;
    int status;
    mpq_init(n.widest);
    if (sbx_property_read(&p, c->arg[0], max_bytes, &err) != SBX_OK) {
        status = cli_fail(c, &err);
        goto done;
    }
    count(&n, &p);
    widest = cli_exact(n.widest, false);
    if (!widest) {
        status = cli_error(c, CLI_INTERNAL, "no memory for the answer");
        goto done;
    }
    status = cli_open(c, NULL);
    if (status != CLI_DONE) goto done;
    property_print(c, &p, &n, widest);
    status = cli_close(c, CLI_DONE);
done:
    free(widest);
    mpq_clear(n.widest);
    sbx_property_clear(&p);
    return status;
}

int cli_info(int argc, char **argv)
{
    cli c = {.command = "info"};
    const char *memory = NULL;
    size_t max_bytes = 0;
    const cli_option options[] = {CLI_MEMORY_OPTION(memory)};
    const int status = cli_parse(&c, argc, argv, options, 1, 1, 1, &help);
    if (status != CLI_GO_ON) return status;
    if (!cli_memory(&max_bytes, memory))
        return cli_error(&c, CLI_USAGE, "--memory '%s': " CLI_MEMORY_FORM, memory);
    if (ends_with(c.arg[0], ".vnnlib") || ends_with(c.arg[0], ".vnnlib.gz"))
        return property_info(&c, max_bytes);
    return net_info(&c, max_bytes);
}
