/* report/table.h -- what a table holds, for the files that write it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_REPORT_TABLE_H
#define SBX_REPORT_TABLE_H

#include "base/arena.h"
#include "report/buf.h"
#include "softbox/report.h"

typedef enum sbx_cell_kind { CELL_TEXT, CELL_OPEN, CELL_NUMBER, CELL_SAMPLE } sbx_cell_kind;

typedef struct sbx_cell {
    sbx_cell_kind kind;
    const char *text; /* TEXT, OPEN */
    const char *why;  /* or NULL    */
    sbx_how how;      /* NUMBER     */
    bool no_lo, no_hi, infinite;
    mpq_t lo, hi; /* NUMBER */
    double v;     /* SAMPLE */
    int digits;
} sbx_cell;

struct sbx_table {
    sbx_arena arena;
    const char *name, *caption, *command;
    sbx_column *column;
    const char **note;
    sbx_cell **cell;
    size_t columns, notes, cells, column_room, note_room, cell_room;
    sbx_err err; /* the first error */
};

static inline size_t sbx_table_rows(const sbx_table *t)
{
    return t->columns ? t->cells / t->columns : 0;
}
static inline const sbx_cell *sbx_table_cell(const sbx_table *t, size_t row, size_t column)
{
    return t->cell[row * t->columns + column];
}

/* the comment on column k: how its numbers were obtained, with rows where they differ */
void sbx_table_origin(sbx_buf *b, const sbx_table *t, size_t k);

/* what stands around the digits of a number in a form */
typedef struct sbx_markup {
    const char *math;                 /* around an enclosure or a fraction */
    const char *low, *high, *end;     /* head low LO high HI end           */
    const char *open, *comma, *close; /* an interval's                     */
    const char *times, *times_end;    /* around the exponent of ten        */
    const char *le, *ge, *infinity;
    const char *number, *number_end; /* around a single number            */
} sbx_markup;
void sbx_cell_write(sbx_buf *b, const sbx_cell *c, int digits, const sbx_markup *m);

void sbx_table_text_form(sbx_buf *b, const sbx_table *t, int digits);
void sbx_table_markdown(sbx_buf *b, const sbx_table *t, int digits);
void sbx_table_csv(sbx_buf *b, const sbx_table *t);
void sbx_table_json(sbx_buf *b, const sbx_table *t);
void sbx_table_latex(sbx_buf *b, const sbx_table *t, int digits);

/* an end outward, exactly where that is short */
void sbx_buf_end(sbx_buf *b, mpq_srcptr v, sbx_end e);

#endif
