/* cli/robust.h -- the parts of softbox robust: the items (robust_data.c), the results so far
 * (robust_results.c), the options (robust_options.c), the answer (robust_print.c), the command (robust.c).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CLI_ROBUST_H
#define SBX_CLI_ROBUST_H

#include "cli/cli.h"

#include <stdbool.h>

typedef enum robust_end {
    ROBUST_TODO,
    ROBUST_CERTIFIED,
    ROBUST_FALSIFIED,
    ROBUST_UNKNOWN,
    ROBUST_MISCLASSIFIED,
    ROBUST_ENDS
} robust_end;

extern const char *const robust_names[ROBUST_ENDS];

/* What became of one item and one radius. */
typedef struct robust_cell {
    robust_end end;
    double seconds, margin; /* margin: proved, where certified; else how far it is from that */
    bool has_margin;
    size_t boxes;
    char *reason;    /* unknown; or NULL     */
    json_t *witness; /* falsified; or NULL */
} robust_cell;

/* The options, as texts. */
typedef struct robust_texts {
    const char *data, *labels, *array, *label_array, *label_column, *radius, *clip, *scale, *shift;
    const char *layout, *first, *index, *timeout, *max_nodes, *probability, *results, *plot;
    bool summary, witness;
} robust_texts;

typedef struct robust {
    cli c;
    robust_texts text;
    sbx_net *net;
    sbx_data data, label_data;
    const sbx_array *x, *y; /* items, labels                                    */
    size_t stride, *column; /* input i of item k is element k stride + column[i] */
    size_t label_at, label_stride;
    size_t inputs, outputs, items; /* items: of the file                            */
    mpq_t scale, shift;            /* an input is a number of the file times scale plus shift */
    cli_vec clip;                  /* two numbers, or none                         */
    mpq_t probability;
    cli_vec radius;     /* in increasing order                                       */
    char **radius_text; /* [radius.n], as it was given                              */
    size_t n, *item;    /* the items that are asked for                              */
    size_t *label;      /* [n]                                                       */
    robust_cell *cell;  /* [n][radius.n]                                             */
    double limit;       /* seconds a question                                        */
    size_t max_nodes;
    char *run; /* how: what must be the same for a result to count                  */
} robust;

static inline robust_cell *robust_at(const robust *r, size_t k, size_t radius)
{
    return &r->cell[k * r->radius.n + radius];
}

/* robust_options.c. CLI_GO_ON, or the exit status. */
int robust_options(robust *r, int argc, char **argv, const cli_help *help);

/* robust_data.c. Reads the files and the options on them; checks every item that is asked for: labels
 * are classes, inputs are numbers inside of the clip range. CLI_DONE, or the status after an error. */
int robust_load(robust *r);

/* The inputs of item number k of those asked for, [inputs], exactly. */
sbx_status robust_input(mpq_t *x, const robust *r, size_t k, sbx_err *err) SBX_MUST_USE;

/* robust_results.c. Reads what the results file knows, and opens it for more; a last line that is
 * not whole is cut off. */
int robust_resume(robust *r, FILE **f);
json_t *robust_result(const robust *r, size_t k, size_t radius); /* one result as JSON, or NULL */

/* robust_print.c */
bool robust_print(const robust *r, FILE *f);

/* How many items have that end at a radius. */
size_t robust_count(const robust *r, size_t radius, robust_end end);

#endif
