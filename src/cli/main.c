/* cli/main.c -- the program softbox: finds the command and runs it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"bound", cli_bound, "proved bounds of softmax, log-softmax or lse over a box"},
    {"eval", cli_eval,
     "the value of a kernel, a mechanism or a network at a point, in any number system"},
    {"error", cli_rounding,
     "rounding errors of an algorithm in a format; distances of attention mechanisms"},
    {"verify", cli_verify, "does a property hold of a network?"},
    {"batch", cli_batch, "many verifications from a list, several at a time"},
    {"robust", cli_robust, "how much of a data set is classified robustly?"},
    {"vnncomp", cli_vnncomp, "one instance, as VNN-COMP runs it"},
    {"witness", cli_witness, "is a claimed counterexample one?"},
    {"info", cli_info, "what a network or a property contains"},
    {"supports", cli_supports, "what of VNN-LIB 2.0 is supported, one --CAPABILITY at a time"},
    {"compare", cli_compare, "proved constants of normalizers: error against smoothness"},
    {"table", cli_table_named, "a named table, as LaTeX, Markdown, CSV, JSON or text"},
    {"plot", cli_plot_named, "a named plot, as SVG, LaTeX or CSV"},
    {"list", cli_list,
     "normalizers, mechanisms, kernels, algorithms, methods, number systems, operators, tables, plots"},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static void usage(FILE *f)
{
    (void)fprintf(f, "usage: softbox COMMAND [options]\n"
                     "       softbox help [COMMAND]\n"
                     "       softbox --name | --version\n\n"
                     "Certified bounds on softmax, and verdicts on small neural networks.\n\n");
    for (size_t k = 0; k < COMMANDS; k++)
        (void)fprintf(f, "  %-8s %s\n", commands[k].name, commands[k].help);
    (void)fprintf(f, "\nEvery command has --help. Exit status: 0 done, or holds; 10 violated; "
                     "20 unknown;\n30 timeout; 64 usage; 65 bad input; 70 internal error; 74 the "
                     "output could not be written.\n");
}

static int run(const char *name, int argc, char **argv)
{
    const cli c = {.command = NULL};
    for (size_t k = 0; k < COMMANDS; k++)
        if (strcmp(commands[k].name, name) == 0) return commands[k].run(argc, argv);
    return cli_error(&c, CLI_USAGE, "no command '%s'; 'softbox help' lists them", name);
}

/* `help` and `--version`; CLI_GO_ON where it is neither */
static int about(int argc, char **argv)
{
    cli c = {.command = NULL};
    char option[] = "--help";
    char *args[] = {NULL, option, NULL};
    const bool version = strcmp(argv[1], "--version") == 0;
    const bool name = strcmp(argv[1], "--name") == 0;
    const bool help = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
    int status;

    if (strcmp(argv[1], "help") == 0 && argc == 3) {
        args[0] = argv[2];
        return run(argv[2], 2, args);
    }
    if (!version && !name && !help && strcmp(argv[1], "help") != 0) return CLI_GO_ON;
    if (argc > 2) return cli_error(&c, CLI_USAGE, "too many arguments after %s", argv[1]);
    status = cli_open(&c, NULL);
    if (status) return status;
    if (version || name)
        (void)fprintf(c.out, "%s\n", version ? sbx_version() : "softbox");
    else
        usage(c.out);
    return cli_close(&c, CLI_DONE);
}

/* A file that is opened later must not become standard output because that was closed:
 * fills 0, 1 and 2 with what fails when it is used. */
static void fill_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0) (void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    const cli c = {.command = NULL};
    sbx_err err = {SBX_OK, NULL, ""};
    int status;

    fill_descriptors();
    if (sbx_selftest(&err) != SBX_OK) return cli_fail(&c, &err);
    if (argc < 2) {
        usage(stderr);
        return CLI_USAGE;
    }
    status = about(argc, argv);
    return status != CLI_GO_ON ? status : run(argv[1], argc - 1, argv + 1);
}
