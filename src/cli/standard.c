/* cli/standard.c -- softbox verify in the form of VNN-LIB 2.0: `verify PROP --network
 * NAME=FILE`, whose answer other programs read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <string.h>

static const char *const verdicts[] = {[SBX_VERDICT_UNKNOWN] = "unknown",
                                       [SBX_HOLDS] = "unsat",
                                       [SBX_VIOLATED] = "sat",
                                       [SBX_TIMEOUT] = "timed-out"};

/* the next dimension that is not 1, from *k on; 1: none */
static size_t next_dim(const size_t *dim, size_t rank, size_t *k)
{
    while (*k < rank && dim[*k] == 1)
        ++*k;
    return *k < rank ? dim[(*k)++] : 1;
}

/* the same shape, where dimensions of 1 do not count: batches are declared or not */
static bool same_shape(const sbx_variable *v, const size_t *dim, size_t rank)
{
    size_t i = 0, j = 0, a, b;
    do {
        a = next_dim(v->dim, v->rank, &i);
        b = next_dim(dim, rank, &j);
    } while (a == b && a != 1);
    return a == b;
}

static int match_tensor(const cli *c, const char *what, const sbx_variable *v, const char *name,
                        const size_t *dim, size_t rank)
{
    if (v->onnx_name && strcmp(v->onnx_name, name) != 0)
        return cli_error(c, CLI_BAD_INPUT,
                         "'%s' is declared to be \"%s\", the network's %s is \"%s\"", v->name,
                         v->onnx_name, what, name);
    if (!same_shape(v, dim, rank))
        return cli_error(c, CLI_BAD_INPUT, "the shape of '%s' is not that of the network's %s '%s'",
                         v->name, what, name);
    return CLI_GO_ON;
}

int cli_standard_match(const cli *c, const char *given, const sbx_net *net, const sbx_property *p)
{
    sbx_net_info i;
    int status;
    if (!p->network)
        return cli_error(c, CLI_BAD_INPUT,
                         "--network: the property declares no network: VNN-LIB 1 has none");
    if (given &&
        (strncmp(given, p->network, strlen(p->network)) != 0 || given[strlen(p->network)] != '='))
        return cli_error(c, CLI_BAD_INPUT, "--network '%s': the property's network is called '%s'",
                         given, p->network);
    sbx_net_get_info(&i, net);
    status = match_tensor(c, "input", &p->input, i.input_name, i.in_dim, i.in_rank);
    if (status != CLI_GO_ON) return status;
    return match_tensor(c, "output", &p->output, i.output_name, i.out_dim, i.out_rank);
}

static void print_head(FILE *f, const sbx_variable *v)
{
    (void)fprintf(f, "%s real [", v->name);
    for (size_t k = 0; k < v->rank; k++)
        (void)fprintf(f, "%s%zu", k ? "," : "", v->dim[k]);
    (void)fputs("]\n", f);
}

static bool print_number(FILE *f, char *text)
{
    const bool ok = text != NULL;
    (void)fprintf(f, "%s\n", ok ? text : "");
    sbx_text_free(text);
    return ok;
}

/* The inputs exactly: all digits. The outputs, which have no finite decimal in general, to 17
 * digits: the middle of what was proved of them. */
bool cli_standard_print(FILE *f, const sbx_verify_result *v, const sbx_property *p)
{
    bool ok = true;
    mpq_t mid;
    (void)fprintf(f, "%s\n", verdicts[v->verdict]);
    if (v->verdict != SBX_VIOLATED) return true;
    mpq_init(mid);
    print_head(f, &p->input);
    for (size_t k = 0; k < v->n_x; k++)
        ok &= print_number(f, sbx_q_write_exact(v->x[k], SIZE_MAX));
    print_head(f, &p->output);
    for (size_t k = 0; k < v->n_y; k++) {
        mpq_add(mid, v->y[k].lo, v->y[k].hi);
        mpq_div_2exp(mid, mid, 1);
        ok &= print_number(f, sbx_q_write(mid, SBX_LO, 17));
    }
    mpq_clear(mid);
    return ok;
}
