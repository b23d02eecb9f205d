/* cli/supports.c -- softbox supports: what of VNN-LIB 2.0 this program can, in the words of
 * the standard (chapter on the command line), a capability at a time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <string.h>

static const struct {
    const char *name;
    const char *answer; /* NULL: the list of operators */
} capabilities[] = {
    {"onnx-opset-versions", "7\n18\n"},
    {"onnx-element-types", "real\n"},
    {"onnx-operators", NULL},
    {"vnnlib-versions", "1.0\n2.0\n"},
    {"hidden-node-theories", "NH\n"},
    {"multiple-input-output-theories", "SIO\n"},
    {"multiple-network-theories", "SNET\n"},
    {"multiple-node-comparison-theories", "SNC\nMNC\n"},
    {"arithmetic-complexity-theories", "BND\nOUTC\nLIN\n"},
    {"optimised-disjunctive-reasoning", "false\n"},
    {"serialise-assignments", "false\n"},
    {"unsat-proofs", "false\n"},
};
#define CAPABILITIES (sizeof capabilities / sizeof *capabilities)

static int usage(const cli *c, bool asked)
{
    FILE *f = asked ? c->out : stderr;
    (void)fputs(
        "usage: softbox supports --CAPABILITY\n\n"
        "What of VNN-LIB 2.0 is supported, as its standard has it. CAPABILITY is one of\n\n",
        f);
    for (size_t k = 0; k < CAPABILITIES; k++)
        (void)fprintf(f, "  --%s\n", capabilities[k].name);
    return asked ? CLI_DONE : CLI_USAGE;
}

int cli_supports(int argc, char **argv)
{
    cli c = {.command = "supports"};
    size_t which = CAPABILITIES;
    const bool help = argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    int status;
    if (argc != 2) return usage(&c, false);
    for (size_t k = 0; k < CAPABILITIES; k++)
        if (strncmp(argv[1], "--", 2) == 0 && strcmp(argv[1] + 2, capabilities[k].name) == 0)
            which = k;
    if (which == CAPABILITIES && !help)
        return cli_error(&c, CLI_USAGE, "no capability '%s'; 'softbox supports --help' lists them",
                         argv[1]);
    status = cli_open(&c, NULL);
    if (status != CLI_DONE) return status;
    if (help) {
        status = usage(&c, true);
    } else if (capabilities[which].answer) {
        (void)fputs(capabilities[which].answer, c.out);
    } else {
        for (const char *const *op = sbx_net_operators(); *op; op++)
            (void)fprintf(c.out, "%s\n", *op);
    }
    return cli_close(&c, status);
}
