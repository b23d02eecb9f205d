/* cli/bound.h -- the parts of `softbox bound`: a question about one box, its answer.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CLI_BOUND_H
#define SBX_CLI_BOUND_H

#include "cli/cli.h"

/* What the command line says about every box. */
typedef struct bound_opts {
    const char *lo, *hi, *at, *index, *functional, *normalizer, *zero_row, *input;
    unsigned methods; /* bit m: sbx_method m; always with SBX_METHOD_INTERVAL */
    bool all;         /* every method that the normalizer has                  */
    sbx_num num;
    sbx_ctx ctx;
    cli_style style;
    int affine_digits; /* of what doubles bounded */
} bound_opts;

/* One box, exactly, and what is asked of it. */
typedef struct bound_question {
    cli_vec lo, hi, at, c; /* at, c: n == 0 where not given */
    sbx_vector_fn f;
    sbx_norm_args norm; /* norm.norm != NULL: this normalizer, in place of f */
    bool one;           /* output `index` alone */
    size_t index;
    json_t *id;
} bound_question;

/* The same rounded outward into doubles, for affine bounds. */
typedef struct bound_box {
    size_t n;
    sbx_ivd *x;
    double *at;
    mpq_t *point; /* where the bounds are compared in text: `at`, or the centre, exactly */
} bound_box;

/* question.c */
sbx_status bound_from_options(bound_question *q, const bound_opts *o, sbx_err *err) SBX_MUST_USE;
/* A line of JSON; what is not in it is taken from the options. q->id is set whenever the
 * line is an object that has one. */
sbx_status bound_from_json(bound_question *q, const bound_opts *o, const char *line, size_t len,
                           sbx_err *err) SBX_MUST_USE;
void bound_question_clear(bound_question *q);

bool bound_has(const bound_question *q, sbx_method m);
const char *bound_function(const bound_question *q); /* "softmax", ... */

/* outputs that are asked for: z[0..bound_outputs) */
size_t bound_outputs(const bound_question *q);

/* range.c: the proved ranges of those outputs in o->num. */
sbx_status bound_ranges(cli_ends *z, const bound_question *q, const bound_opts *o,
                        sbx_err *err) SBX_MUST_USE;

/* affine.c */
sbx_status bound_box_set(bound_box *b, const bound_question *q, sbx_err *err) SBX_MUST_USE;
void bound_box_clear(bound_box *b);
/* z = a at the point, exactly; infinite where the constant is */
void bound_value(cli_ends *z, const sbx_affine *lower, const sbx_affine *upper, const bound_box *b);

/* answer.c: writes the answer to f, or fails and may have written a part of it. */
sbx_status bound_answer(FILE *f, const bound_question *q, const bound_opts *o, bool json,
                        sbx_err *err) SBX_MUST_USE;

#endif
