/* cli/eval_mech.h -- what the instances of eval_mech.tmpl.c write to.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CLI_EVAL_MECH_H
#define SBX_CLI_EVAL_MECH_H

#include "cli/eval.h"

typedef struct mech_answer {
    const sbx_mech_args *a;
    const sbx_mech_data *x;
    sbx_ctx ctx;
    bool weights, outputs, json, enclose;
    cli_style style;
    FILE *f; /* a file of its own, so that a failure on the way leaves no half an answer */
    bool failed;
} mech_answer;

/* A matrix called `what` begins, an element of it, it ends. */
void mech_begin(mech_answer *m, const char *what);
void mech_put(mech_answer *m, const eval_value *v, size_t i, size_t j);
void mech_end(mech_answer *m);

#endif
