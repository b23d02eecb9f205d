/* cli/mech_input.h -- the input of an attention mechanism on the command line: queries, keys and values
 * out of files, or generated.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CLI_MECH_INPUT_H
#define SBX_CLI_MECH_INPUT_H

#include "cli/cli.h"

/* The options as they were given; NULL: not given. */
typedef struct mech_input {
    const char *input, *q, *k, *v, *generate, *n, *d, *dv, *memory;
} mech_input;

#define MECH_INPUT_OPTIONS(o)                                                                  \
    {"input", "FILE",                                                                          \
     "queries, keys, values: arrays q, k, v of .npz, and what a mechanism\n"                   \
     "needs beside, by its name",                                                              \
     &(o).input, NULL},                                                                        \
        {"q", "FILE", "the queries, n rows of d numbers: .npy or CSV", &(o).q, NULL},          \
        {"k", "FILE", "the keys, m rows of d numbers", &(o).k, NULL},                          \
        {"v", "FILE", "the values, m rows of dv numbers", &(o).v, NULL},                       \
        {"generate", "NAME", "instead: gaussian, two-clusters, needle, deng; from --seed",     \
         &(o).generate, NULL},                                                                 \
        {"n", "N", "generated: queries and keys; default 64", &(o).n, NULL},                   \
        {"d", "D", "generated: numbers of a query; default 16", &(o).d, NULL},                 \
        {"dv", "D", "generated: numbers of a value; default as --d", &(o).dv, NULL},           \
    {                                                                                          \
        "memory", "SIZE", "most memory that reading a file may take; default 2G", &(o).memory, \
            NULL                                                                               \
    }

/* Is one of its options there? */
bool mech_input_given(const mech_input *o);

/* The name of the input for an answer: the generator, or the file. */
const char *mech_input_name(const mech_input *o);

/* Reads q, k, v. tied: k may be missing, and is q then. CLI_GO_ON, or the exit status. */
int mech_input_read(const cli *c, sbx_mech_data *x, const mech_input *o, bool tied);

/* The extra matrices of the mechanism, in the place of those that x has: out of the .npz where one
 * of that name is there, else from the seed. */
sbx_status mech_input_extra(const cli *c, sbx_mech_data *x, const sbx_mech_args *a,
                            const mech_input *o, sbx_err *err) SBX_MUST_USE;

/* Fowler, Noll, Vo: h with n exact numbers behind it; z NULL: with none. */
uint64_t mech_input_hash(uint64_t h, mpq_t *z, size_t n);

/* Numbers of a file with one matrix of rows x columns; z[0..rows columns) are set. */
sbx_status mech_input_matrix(mpq_t *z, const char *file, size_t rows, size_t columns,
                             const char *memory, sbx_err *err) SBX_MUST_USE;

/* The value of an option before the command line is parsed; NULL: it is not there. */
const char *cli_peek(int argc, char **argv, const char *option);

#endif
