/* cli/mech_rows.h -- the distance of two mechanisms as cells of a table and as a JSON object.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CLI_MECH_ROWS_H
#define SBX_CLI_MECH_ROWS_H

#include "cli/mech_input.h"

/* The columns of a distance; its cells, or (z NULL) "-" with the reason, which is also noted below the
 * table, after the name of the input where there is one. */
void distance_columns(sbx_table *t);
void distance_cells(sbx_table *t, const sbx_distance *z, const char *input, const char *why);

/* ,"entry":[lower,upper] and so on */
void distance_json(FILE *f, const sbx_distance *z);

/* ">=0", ">0", "mixed", ... of its weights */
const char *distance_sign(const sbx_distance *z);

/* "softmax" for "attention" */
const char *mech_name(const char *text);

/* The distance of `of` from `from` on the input x: their extra matrices are filled in, those of x
 * taken away again. */
sbx_status distance_of(sbx_distance *z, const cli *c, sbx_mech_data *x, const mech_input *in,
                       const sbx_distance_ask *ask, const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;

#endif
