/* cli/why.c -- what verify prints of an unknown or a timeout beside the reason.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

static void node_of(const char **name, const char **op, const sbx_net *net, size_t k)
{
    const size_t *dim;
    size_t rank;
    if (!sbx_net_get_node(name, op, &dim, &rank, net, k)) *name = *op = "";
}

/* how far the proof is from the constraint, at most: rounded up */
static void put_gap(FILE *f, const char *before, double gap, const char *after)
{
    char *const text = sbx_d_write(gap, SBX_HI, 6);
    (void)fprintf(f, "%s%s%s", before, text ? text : "inf", after);
    sbx_text_free(text);
}

void cli_why_text(FILE *f, const sbx_why *w, const sbx_net *net)
{
    const char *name, *op;
    if (!w->help[0]) return;
    put_gap(f, "gap       ", w->gap, "");
    (void)fprintf(f, " (disjunct %zu, constraint %zu)\n", w->disjunct, w->constraint);
    if (w->known) {
        node_of(&name, &op, net, w->node);
        (void)fprintf(f, "slack     about %.6g on the whole box\n", w->slack);
        (void)fprintf(f, "layer     %zu %s%s(%s): about %.6g of it, its %s %zu about %.6g\n",
                      w->node, name, name[0] ? " " : "", op, w->node_slack,
                      w->is_row ? "row" : "element", w->element, w->element_slack);
    }
    (void)fprintf(f, "try       %s\n", w->help);
}

void cli_why_json(FILE *f, const sbx_why *w, const sbx_net *net)
{
    const char *name, *op;
    if (!w->help[0]) return;
    put_gap(f, ",\"why\":{\"gap\":\"", w->gap, "\"");
    (void)fprintf(f, ",\"disjunct\":%zu,\"constraint\":%zu", w->disjunct, w->constraint);
    if (w->known) {
        node_of(&name, &op, net, w->node);
        (void)fprintf(f, ",\"about_slack\":\"%.6g\",\"layer\":{\"node\":%zu,\"name\":", w->slack,
                      w->node);
        cli_json_string(f, name);
        (void)fputs(",\"operator\":", f);
        cli_json_string(f, op);
        (void)fprintf(f, ",\"about_slack\":\"%.6g\",\"%s\":%zu,\"about_of_it\":\"%.6g\"}",
                      w->node_slack, w->is_row ? "row" : "element", w->element, w->element_slack);
    }
    (void)fputs(",\"try\":", f);
    cli_json_string(f, w->help);
    (void)fputc('}', f);
}
