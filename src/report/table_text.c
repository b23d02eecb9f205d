/* report/table_text.c -- a table as aligned text and as Markdown; a number's digits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "report/number.h"
#include "report/table.h"

#include <string.h>

#define FRACTION_MAX 25 /* characters of a fraction that is shown as one */

/* v as a fraction or a decimal, where that is short */
static char *short_exact(mpq_srcptr v, int digits)
{
    char *text = sbx_q_write_exact(v, (size_t)digits);
    if (text && strlen(text) > FRACTION_MAX && strchr(text, '/')) {
        sbx_text_free(text);
        text = NULL;
    }
    return text;
}

static void exponent(sbx_buf *b, long e10, const sbx_markup *m)
{
    if (!e10) return;
    sbx_buf_put(b, m->times);
    sbx_buf_format(b, "%ld", e10);
    sbx_buf_put(b, m->times_end);
}

/* one end, rounded outward */
static void one_end(sbx_buf *b, mpq_srcptr v, sbx_end e, int digits, const sbx_markup *m)
{
    char *text = sbx_q_write(v, e, digits);
    if (!text) b->failed = true;
    sbx_buf_put(b, m->number);
    sbx_buf_put(b, text ? text : "");
    sbx_buf_put(b, m->number_end);
    sbx_text_free(text);
}

static void enclosure(sbx_buf *b, const sbx_cell *c, int digits, const sbx_markup *m)
{
    sbx_shared s;
    if (!sbx_shared_set(&s, c->lo, c->hi, digits)) {
        b->failed = true;
        return;
    }
    if (!s.lo[0]) {
        sbx_buf_put(b, m->number);
        sbx_buf_put(b, s.head);
        if (s.e10) sbx_buf_format(b, "e%ld", s.e10);
        sbx_buf_put(b, m->number_end);
    } else {
        const bool some = s.head[0] != 0;
        sbx_buf_put(b, m->math);
        sbx_buf_put(b, s.head);
        sbx_buf_put(b, some ? m->low : m->open);
        sbx_buf_put(b, s.lo);
        sbx_buf_put(b, some ? m->high : m->comma);
        sbx_buf_put(b, s.hi);
        sbx_buf_put(b, some ? m->end : m->close);
        exponent(b, s.e10, m);
        sbx_buf_put(b, m->math);
    }
    sbx_shared_clear(&s);
}

static void number(sbx_buf *b, const sbx_cell *c, int digits, const sbx_markup *m)
{
    char *text = NULL;
    if (c->infinite) {
        sbx_buf_put(b, m->infinity);
    } else if (c->no_lo || c->no_hi) {
        sbx_buf_put(b, c->no_lo ? m->le : m->ge);
        one_end(b, c->no_lo ? c->hi : c->lo, c->no_lo ? SBX_HI : SBX_LO, digits, m);
    } else if (mpq_equal(c->lo, c->hi) && (text = short_exact(c->lo, digits))) {
        const bool fraction = strchr(text, '/');
        sbx_buf_put(b, fraction ? m->math : m->number);
        sbx_buf_put(b, text);
        sbx_buf_put(b, fraction ? m->math : m->number_end);
    } else {
        enclosure(b, c, digits, m);
    }
    sbx_text_free(text);
}

void sbx_cell_write(sbx_buf *b, const sbx_cell *c, int digits, const sbx_markup *m)
{
    switch (c->kind) {
    case CELL_TEXT:
    case CELL_OPEN: sbx_buf_put(b, c->text); break;
    case CELL_NUMBER: number(b, c, digits, m); break;
    case CELL_SAMPLE: sbx_buf_digits(b, c->v, c->digits); break;
    }
}

static const sbx_markup plain = {.math = "",
                                 .low = "[",
                                 .high = ",",
                                 .end = "]",
                                 .open = "[",
                                 .comma = ", ",
                                 .close = "]",
                                 .times = "e",
                                 .times_end = "",
                                 .le = "<= ",
                                 .ge = ">= ",
                                 .infinity = "inf",
                                 .number = "",
                                 .number_end = ""};

void sbx_table_origin(sbx_buf *b, const sbx_table *t, size_t k)
{
    const size_t rows = sbx_table_rows(t);
    size_t count[SBX_HOW_COUNT] = {0}, numbers = 0;
    bool first = true;
    if (t->column[k].kind == SBX_COLUMN_SAMPLED) {
        sbx_buf_put(b, "sampled, not proved");
        return;
    }
    for (size_t r = 0; r < rows; r++)
        if (sbx_table_cell(t, r, k)->kind == CELL_NUMBER) {
            count[sbx_table_cell(t, r, k)->how]++;
            numbers++;
        }
    for (int h = 0; h < SBX_HOW_COUNT; h++) {
        bool begun = false;
        if (!count[h]) continue;
        sbx_buf_put(b, first ? "" : "; ");
        sbx_buf_put(b, sbx_how_name((sbx_how)h));
        first = false;
        if (count[h] == numbers) continue;
        for (size_t r = 0; r < rows; r++) {
            const sbx_cell *c = sbx_table_cell(t, r, k);
            if (c->kind != CELL_NUMBER || (int)c->how != h) continue;
            sbx_buf_format(b, "%s%zu", begun ? ", " : " in row ", r + 1);
            begun = true;
        }
    }
    if (!numbers) sbx_buf_put(b, "no number");
}

/* ---- the two forms -------------------------------------------------------------------------- */

static char *cell_text(const sbx_cell *c, int digits)
{
    sbx_buf b = {0};
    sbx_cell_write(&b, c, digits, &plain);
    return sbx_buf_take(&b);
}

static char *head_text(const sbx_table *t, size_t k)
{
    sbx_buf b = {0};
    sbx_buf_put(&b, t->column[k].name);
    if (t->column[k].kind == SBX_COLUMN_SAMPLED) sbx_buf_put(&b, " (sampled)");
    return sbx_buf_take(&b);
}

/* all cells as texts, heads first; NULL: no memory */
static char **all_texts(const sbx_table *t, size_t n, int digits)
{
    char **s = sbx_alloc(n, sizeof *s);
    bool failed = !s;
    for (size_t i = 0; s && i < n; i++) {
        s[i] = i < t->columns ? head_text(t, i) : cell_text(t->cell[i - t->columns], digits);
        failed = failed || !s[i];
    }
    for (size_t i = 0; failed && s && i < n; i++)
        sbx_free(s[i]);
    if (failed) sbx_free(s);
    return failed ? NULL : s;
}

void sbx_table_text_form(sbx_buf *b, const sbx_table *t, int digits)
{
    const size_t n = t->columns + t->cells;
    char **s = all_texts(t, n, digits);
    if (!s) b->failed = true;
    sbx_buf_put(b, t->caption);
    sbx_buf_put(b, "\n\n");
    for (size_t i = 0, k = 0; s && i < n; i++, k = k + 1 < t->columns ? k + 1 : 0) {
        size_t width = 0;
        sbx_buf_put(b, s[i]);
        for (size_t j = k; j < n; j += t->columns)
            if (strlen(s[j]) > width) width = strlen(s[j]);
        if (k + 1 == t->columns)
            sbx_buf_char(b, '\n');
        else
            sbx_buf_times(b, ' ', width + 2 - strlen(s[i]));
    }
    if (t->notes) sbx_buf_char(b, '\n');
    for (size_t i = 0; i < t->notes; i++) {
        sbx_buf_put(b, t->note[i]);
        sbx_buf_char(b, '\n');
    }
    for (size_t i = 0; s && i < n; i++)
        sbx_free(s[i]);
    sbx_free(s);
}

void sbx_table_markdown(sbx_buf *b, const sbx_table *t, int digits)
{
    sbx_buf_markdown(b, t->caption);
    sbx_buf_put(b, "\n\n");
    for (size_t k = 0; k < t->columns; k++) {
        char *s = head_text(t, k);
        if (!s) b->failed = true;
        sbx_buf_put(b, k ? " " : "| ");
        sbx_buf_markdown(b, s ? s : "");
        sbx_buf_put(b, " |");
        sbx_free(s);
    }
    sbx_buf_put(b, "\n|");
    for (size_t k = 0; k < t->columns; k++)
        sbx_buf_put(b, t->column[k].kind == SBX_COLUMN_TEXT ? " --- |" : " ---: |");
    sbx_buf_char(b, '\n');
    for (size_t r = 0; r < sbx_table_rows(t); r++) {
        for (size_t k = 0; k < t->columns; k++) {
            char *s = cell_text(sbx_table_cell(t, r, k), digits);
            if (!s) b->failed = true;
            sbx_buf_put(b, k ? " " : "| ");
            sbx_buf_markdown(b, s ? s : "");
            sbx_buf_put(b, " |");
            sbx_free(s);
        }
        sbx_buf_char(b, '\n');
    }
    for (size_t i = 0; i < t->notes; i++) {
        sbx_buf_char(b, '\n');
        sbx_buf_markdown(b, t->note[i]);
        sbx_buf_char(b, '\n');
    }
    if (t->command[0]) {
        sbx_buf_put(b, "\n`");
        sbx_buf_comment(b, t->command);
        sbx_buf_put(b, "`\n");
    }
}
