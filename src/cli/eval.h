/* cli/eval.h -- the parts of `softbox eval`: what is asked, and its values.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CLI_EVAL_H
#define SBX_CLI_EVAL_H

#include "cli/cli.h"

typedef enum eval_kernel {
    EVAL_SOFTMAX,
    EVAL_LOG_SOFTMAX,
    EVAL_LSE,
    EVAL_SUM,
    EVAL_DOT,
    EVAL_NORM,
    EVAL_NET
} eval_kernel;

typedef struct eval_question {
    eval_kernel kernel;
    const sbx_net *net; /* EVAL_NET */
    sbx_norm_args norm; /* EVAL_NORM */
    bool jacobian;      /* ... its Jacobian: row after row */
    cli_vec at, with;   /* with: EVAL_DOT */
    sbx_num num;
    sbx_ctx ctx;
} eval_question;

/* A value: ends of an enclosure; a point has its value in lo, or is a word. */
typedef struct eval_value {
    cli_ends z;
    const char *word; /* "nan", "inf", "-inf"; NULL: a number */
    mpq_t error;      /* of a point, where asked for: a proved bound of |value - exact value| */
    bool no_error;    /* ... there is none */
} eval_value;

size_t eval_outputs(const eval_question *q);

/* eval_kernels.c: v[0..eval_outputs), each zeroed and its rationals initialised. */
sbx_status eval_values(eval_value *v, const eval_question *q, sbx_err *err) SBX_MUST_USE;

#endif
