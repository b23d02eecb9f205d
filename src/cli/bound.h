/* cli/bound.h -- the parts of `softbox bound`: a question about one box, its answer.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CLI_BOUND_H
#define SBX_CLI_BOUND_H

#include "cli/cli.h"

/* What the command line says about every box. */
typedef struct bound_opts {
    const char *lo, *hi, *at, *index, *functional, *normalizer, *zero_row, *input, *diff;
    unsigned methods; /* bit m: sbx_method m; always with SBX_METHOD_INTERVAL */
    bool all;         /* every method that the normalizer has                  */
    bool polytope, certificate;
    size_t pieces; /* 0: none */
    sbx_num num;
    sbx_ctx ctx;
    cli_style style;
    int affine_digits; /* of what doubles bounded */
} bound_opts;

/* x_i - x_j <= d, exactly */
typedef struct bound_diff {
    size_t i, j;
    mpq_t d;
} bound_diff;

/* One box, exactly, and what is asked of it. */
typedef struct bound_question {
    cli_vec lo, hi, at, c; /* at, c: n == 0 where not given */
    sbx_vector_fn f;
    sbx_norm_args norm; /* norm.norm != NULL: this normalizer, in place of f */
    bool one;           /* output `index` alone */
    size_t index;
    bound_diff *diff;
    size_t diffs;
    json_t *id;
} bound_question;

/* The same rounded outward into doubles, for affine bounds. */
typedef struct bound_box {
    size_t n;
    sbx_ivd *x;
    double *at;
    mpq_t *point; /* where the bounds are compared in text: `at`, or the centre, exactly */
    sbx_diff *diff;
    sbx_zone zone; /* of x and diff */
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

/* zone.c: bounds on differences. text: I,J,D,.. ; what was there goes. */
sbx_status bound_diffs_read(bound_question *q, const char *text, sbx_err *err) SBX_MUST_USE;
sbx_status bound_diffs_json(bound_question *q, const json_t *a, sbx_err *err) SBX_MUST_USE;
sbx_status bound_diffs_check(const bound_question *q, sbx_err *err) SBX_MUST_USE;
void bound_diffs_clear(bound_question *q);
/* b->diff and b->zone from b->x, outward */
sbx_status bound_zone_set(bound_box *b, const bound_question *q, sbx_err *err) SBX_MUST_USE;
/* x[0..n): in view i, the ranges of the x_j - x_i (i < n) or of the x_j (i == n); or, where such
 * a range has no upper end, of the x_j */
sbx_status bound_view(sbx_ivd *x, const bound_box *b, size_t i, sbx_err *err) SBX_MUST_USE;

/* polytope.c: the set of all softmax(x), and what proves a bound. false: no memory */
bool bound_polytope(FILE *f, const bound_question *q, const bound_opts *o, bool json);
bool bound_certificate(FILE *f, const sbx_functional_cert *c, const sbx_ivd *v, sbx_end e,
                       bool hex);

/* answer.c: writes the answer to f, or fails and may have written a part of it. */
sbx_status bound_answer(FILE *f, const bound_question *q, const bound_opts *o, bool json,
                        sbx_err *err) SBX_MUST_USE;

#endif
