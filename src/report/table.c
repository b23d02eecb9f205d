/* report/table.c -- builds a table, cell by cell; the first error is kept.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/table.h"

#include "base/alloc.h"
#include "base/try.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const how_names[SBX_HOW_COUNT] = {"exact", "proved enclosure", "closed form"};

const char *sbx_how_name(sbx_how how)
{
    return (unsigned)how < SBX_HOW_COUNT ? how_names[how] : "unknown";
}

static const char *copy(sbx_table *t, const char *s)
{
    const char *c = sbx_arena_text(&t->arena, s, strlen(s));
    if (!c) SBX_KEEP(&t->err, SBX_ERR_NOMEM, "no memory for a table");
    return c ? c : "";
}

sbx_status sbx_table_new(sbx_table **t, const char *name, const char *caption, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_table *v = sbx_alloc(1, sizeof *v);
    *t = NULL;
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a table");
    v->name = copy(v, name);
    v->caption = copy(v, caption);
    v->command = "";
    *t = v;
done:
    return st;
}

void sbx_table_free(sbx_table *t)
{
    if (!t) return;
    sbx_arena_clear(&t->arena);
    sbx_free(t->column);
    sbx_free(t->note);
    sbx_free(t->cell);
    sbx_free(t);
}

void sbx_table_command(sbx_table *t, const char *command) { t->command = copy(t, command); }

/* room for one more object of an array; false: no memory */
static bool grow(sbx_table *t, void *array, size_t n, size_t *room, size_t size)
{
    void **const p = array;
    void *more;
    if (n < *room) return true;
    more = sbx_realloc(*p, *room, 2 * *room + 16, size);
    if (!more) {
        SBX_KEEP(&t->err, SBX_ERR_NOMEM, "no memory for a table");
        return false;
    }
    *p = more;
    *room = 2 * *room + 16;
    return true;
}

void sbx_table_note(sbx_table *t, const char *text)
{
    if (grow(t, &t->note, t->notes, &t->note_room, sizeof *t->note))
        t->note[t->notes++] = copy(t, text);
}

void sbx_table_column(sbx_table *t, const sbx_column *column)
{
    for (size_t k = 0; k < t->columns; k++)
        if (strcmp(t->column[k].name, column->name) == 0)
            SBX_KEEP(&t->err, SBX_ERR_ARG, "two columns are called '%s'", column->name);
    if (t->cells)
        SBX_KEEP(&t->err, SBX_ERR_ARG, "the column '%s' comes after a cell", column->name);
    if (!grow(t, &t->column, t->columns, &t->column_room, sizeof *t->column)) return;
    t->column[t->columns++] = (sbx_column){
        copy(t, column->name), column->latex ? copy(t, column->latex) : NULL, column->kind};
}

/* ---- cells ---------------------------------------------------------------------------- */

static void clear_ends(void *p)
{
    sbx_cell *c = p;
    mpq_clears(c->lo, c->hi, NULL);
}

/* The next cell, of a column of that kind; NULL after an error. */
static sbx_cell *next(sbx_table *t, sbx_cell_kind kind)
{
    static const sbx_column_kind of[] = {[CELL_TEXT] = SBX_COLUMN_TEXT,
                                         [CELL_NUMBER] = SBX_COLUMN_NUMBER,
                                         [CELL_SAMPLE] = SBX_COLUMN_SAMPLED};
    const sbx_column *col = t->columns ? &t->column[t->cells % t->columns] : NULL;
    sbx_cell *c;
    if (t->err.code != SBX_OK) return NULL;
    if (!col) SBX_KEEP(&t->err, SBX_ERR_ARG, "a cell of a table without columns");
    if (col && kind != CELL_OPEN && of[kind] != col->kind)
        SBX_KEEP(&t->err, SBX_ERR_ARG, "a cell in a column of another kind: '%s'", col->name);
    if (t->err.code != SBX_OK) return NULL;
    c = sbx_arena_new(&t->arena, 1, sizeof *c);
    if (!c || !grow(t, &t->cell, t->cells, &t->cell_room, sizeof(sbx_cell *))) {
        SBX_KEEP(&t->err, SBX_ERR_NOMEM, "no memory for a table");
        return NULL;
    }
    c->kind = kind;
    if (kind == CELL_NUMBER) {
        mpq_inits(c->lo, c->hi, NULL);
        if (!sbx_arena_defer(&t->arena, clear_ends, c)) {
            SBX_KEEP(&t->err, SBX_ERR_NOMEM, "no memory for a table");
            return NULL;
        }
    }
    t->cell[t->cells++] = c;
    return c;
}

void sbx_table_text(sbx_table *t, const char *text)
{
    sbx_cell *c = next(t, CELL_TEXT);
    if (c) c->text = copy(t, text);
}

void sbx_table_long(sbx_table *t, long v)
{
    char text[32];
    sbx_cell *c;
    if (t->columns && t->column[t->cells % t->columns].kind == SBX_COLUMN_TEXT) {
        (void)snprintf(text, sizeof text, "%ld", v);
        sbx_table_text(t, text);
        return;
    }
    c = next(t, CELL_NUMBER);
    if (!c) return;
    mpq_set_si(c->lo, v, 1);
    mpq_set(c->hi, c->lo);
    c->how = SBX_HOW_EXACT;
}

void sbx_table_exact(sbx_table *t, mpq_srcptr v, sbx_how how) { sbx_table_range(t, v, v, how); }

void sbx_table_range(sbx_table *t, mpq_srcptr lo, mpq_srcptr hi, sbx_how how)
{
    sbx_cell *c;
    if (!lo && !hi) SBX_KEEP(&t->err, SBX_ERR_ARG, "a number without a bound");
    if (lo && hi && mpq_cmp(lo, hi) > 0) SBX_KEEP(&t->err, SBX_ERR_ARG, "lo > hi in a table");
    c = next(t, CELL_NUMBER);
    if (!c) return;
    c->how = how;
    c->no_lo = !lo;
    c->no_hi = !hi;
    if (lo) mpq_set(c->lo, lo);
    if (hi) mpq_set(c->hi, hi);
}

void sbx_table_range_d(sbx_table *t, double lo, double hi, sbx_how how)
{
    mpq_t a, b;
    if (!(lo <= hi) || lo >= HUGE_VAL || hi <= -HUGE_VAL) {
        SBX_KEEP(&t->err, SBX_ERR_ARG, "no enclosure in a table");
        return;
    }
    mpq_inits(a, b, NULL);
    if (lo > -HUGE_VAL) mpq_set_d(a, lo);
    if (hi < HUGE_VAL) mpq_set_d(b, hi);
    sbx_table_range(t, lo > -HUGE_VAL ? a : NULL, hi < HUGE_VAL ? b : NULL, how);
    mpq_clears(a, b, NULL);
}

void sbx_table_infinite(sbx_table *t, const char *why, sbx_how how)
{
    sbx_cell *c = next(t, CELL_NUMBER);
    if (!c) return;
    c->how = how;
    c->infinite = true;
    c->why = why ? copy(t, why) : NULL;
}

void sbx_table_open(sbx_table *t, const char *text, const char *why)
{
    sbx_cell *c = next(t, CELL_OPEN);
    if (!c) return;
    c->text = copy(t, text);
    c->why = why ? copy(t, why) : NULL;
}

void sbx_table_sample(sbx_table *t, double v, int digits)
{
    sbx_cell *c = next(t, CELL_SAMPLE);
    if (!c) return;
    c->v = v;
    c->digits = digits;
}

/* ---- written ------------------------------------------------------------------------------ */

sbx_status sbx_table_write(char **text, const sbx_table *t, sbx_form form, int digits, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_buf b = {0};
    *text = NULL;
    if (t->err.code != SBX_OK) {
        if (err) *err = t->err;
        return t->err.code;
    }
    if (!t->columns || t->cells % t->columns)
        SBX_FAIL(err, SBX_ERR_ARG, "the table '%s' has %zu cells in %zu columns", t->name, t->cells,
                 t->columns);
    if (digits < 2 || digits > 1000) SBX_FAIL(err, SBX_ERR_ARG, "%d digits", digits);
    switch (form) {
    case SBX_FORM_TEXT: sbx_table_text_form(&b, t, digits); break;
    case SBX_FORM_MARKDOWN: sbx_table_markdown(&b, t, digits); break;
    case SBX_FORM_CSV: sbx_table_csv(&b, t); break;
    case SBX_FORM_JSON: sbx_table_json(&b, t); break;
    case SBX_FORM_LATEX: sbx_table_latex(&b, t, digits); break;
    case SBX_FORM_SVG: SBX_FAIL(err, SBX_ERR_ARG, "a table is no picture");
    }
    *text = sbx_buf_take(&b);
    if (!*text) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a table");
done:
    sbx_free(b.text);
    return st;
}
