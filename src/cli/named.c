/* cli/named.c -- softbox table, softbox plot: finds the one of that name and runs it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/named.h"

#include <string.h>

const cli_named cli_tables[] = {
    {"softmax-bounds", "every method's bounds of softmax over one box, at a point",
     cli_table_softmax_bounds},
    {"lse-pieces", "lse of two numbers by lines, with the greatest error", cli_table_lse_pieces},
    {"wei-synthetic", "mean gaps of every bound on the boxes of Wei et al. (AISTATS 2023)",
     cli_table_wei_synthetic},
    {"T1", "error against smoothness of normalizers, all at expected error 1", cli_table_t1},
    {"T2", "Lipschitz constants against the lower bound for every soft-max function", cli_table_t2},
    {"T3", "dimensions at which one normalizer is smoother than another", cli_table_t3},
    {"T4", "Lipschitz constants of all normalizers, everywhere and over boxes", cli_table_t4},
    {"T5", "ranges of all normalizers over boxes, against plain interval evaluation", cli_table_t5},
    {"T6", "softmax against linear attention: the separation of Deng et al.", cli_table_t6},
    {"T7", "expected errors of normalizers at scale 1", cli_table_t7},
    {"T8", "the power mechanism: guarantee and exact ratio", cli_table_t8},
    {"T9", "attention mechanisms against softmax attention: errors, mass, sign, rank",
     cli_table_t9},
    {"T10", "pruning of the scores' matrix: errors and what Lipschitz constants predict",
     cli_table_t10},
    {"T11", "rounding errors of algorithms and mechanisms in four formats, proved and observed",
     cli_table_t11},
    {"T12", "iterative inverses: residuals after 1 to 30 steps, and the ratios they need",
     cli_table_t12},
    {"T13", "polynomials in the place of exponentials: their greatest errors", cli_table_t13},
    {"T14", "random features: variance, draws, probability of a negative estimate", cli_table_t14},
    {"T15", "in-context regression: one head, two heads, their ratio", cli_table_t15},
    {"T16", "ranks of attention mechanisms, from both sides", cli_table_t16},
    {"T17", "formula and implementation: one input each", cli_table_t17},
    {"bottleneck", "softmax bottleneck: three words, one dimension", cli_table_bottleneck},
    {"gain", "the gain of softmax at given weights or scores", cli_table_gain},
    {"constants", "ranges and constants of attention that are one formula each",
     cli_table_constants},
    {"saturation", "lazily rescaled softmax: offsets that fit a format, and weights that do not",
     cli_table_saturation},
    {"degrees", "degrees of the Chebyshev series of e^x", cli_table_degrees},
    {NULL, NULL, NULL}};

const cli_named cli_plots[] = {
    {"softmax-bounds", "every bound of softmax against a difference; gap against half-width",
     cli_plot_softmax_bounds},
    {"F1", "weights of three scores along a line, at expected error 1", cli_plot_f1},
    {"F2", "Lipschitz constant against expected error, 10 scores", cli_plot_f2},
    {"F3", "weight of a key against its angle to the query", cli_plot_f3},
    {"F4", "the greatest weight as a row grows, softmax and SSMax", cli_plot_f4},
    {"F5", "the gain of softmax at random scores", cli_plot_f5},
    {"error", "rounding errors against n: proved, a priori, observed", cli_plot_error},
    {NULL, NULL, NULL}};

static int usage(const char *command, const cli_named *all)
{
    cli c = {.command = command};
    const int status = cli_open(&c, NULL);
    if (status) return status;
    (void)fprintf(c.out,
                  "usage: softbox %s NAME [options]\n"
                  "       softbox %s NAME --help\n\nNames:\n",
                  command, command);
    for (; all->name; all++)
        (void)fprintf(c.out, "  %-20s %s\n", all->name, all->is);
    return cli_close(&c, CLI_DONE);
}

static int run(const char *command, const cli_named *all, int argc, char **argv)
{
    const cli c = {.command = command};
    if (argc < 2)
        return cli_error(&c, CLI_USAGE, "a name is missing; 'softbox %s --help' lists them",
                         command);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return usage(command, all);
    for (const cli_named *k = all; k->name; k++)
        if (strcmp(k->name, argv[1]) == 0) return k->run(argc - 1, argv + 1);
    return cli_error(&c, CLI_USAGE, "no %s '%s'; 'softbox %s --help' lists them", command, argv[1],
                     command);
}

int cli_table_named(int argc, char **argv) { return run("table", cli_tables, argc, argv); }
int cli_plot_named(int argc, char **argv) { return run("plot", cli_plots, argc, argv); }
