/* report/table_data.c -- a table for other programs: CSV and JSON.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/table.h"

#include <string.h>

#define DATA_DIGITS  17
#define EXACT_DIGITS 100 /* of a decimal; an exact number that has none is a fraction */

void sbx_buf_end(sbx_buf *b, mpq_srcptr v, sbx_end e)
{
    char *text = sbx_q_write(v, e, DATA_DIGITS);
    if (!text) b->failed = true;
    sbx_buf_put(b, text ? text : "");
    sbx_text_free(text);
}

static void exact(sbx_buf *b, mpq_srcptr v)
{
    char *text = sbx_q_write_exact(v, EXACT_DIGITS);
    if (!text) b->failed = true;
    sbx_buf_put(b, text ? text : "");
    sbx_text_free(text);
}

/* an end of a proved number, exactly where lo = hi */
static void end(sbx_buf *b, const sbx_cell *c, sbx_end e)
{
    const bool none = e == SBX_LO ? c->no_lo : c->no_hi;
    if (c->infinite || none)
        sbx_buf_put(b, e == SBX_LO && none ? "-inf" : "inf");
    else if (!c->no_lo && !c->no_hi && mpq_equal(c->lo, c->hi))
        exact(b, c->lo);
    else
        sbx_buf_end(b, e == SBX_LO ? c->lo : c->hi, e);
}

/* ---- CSV -------------------------------------------------------------------------------------- */

static void name_csv(sbx_buf *b, const char *name, const char *tail)
{
    sbx_buf t = {0};
    char *text;
    sbx_buf_put(&t, name);
    sbx_buf_put(&t, tail);
    text = sbx_buf_take(&t);
    if (!text) b->failed = true;
    sbx_buf_csv(b, text ? text : "");
    sbx_text_free(text);
}

static void cell_csv(sbx_buf *b, const sbx_cell *c, sbx_column_kind kind)
{
    switch (c->kind) {
    case CELL_TEXT: sbx_buf_csv(b, c->text); break;
    case CELL_SAMPLE: sbx_buf_digits(b, c->v, DATA_DIGITS); break;
    case CELL_OPEN:
        if (kind == SBX_COLUMN_NUMBER) sbx_buf_put(b, ",,");
        sbx_buf_csv(b, c->text);
        break;
    case CELL_NUMBER:
        end(b, c, SBX_LO);
        sbx_buf_char(b, ',');
        end(b, c, SBX_HI);
        sbx_buf_char(b, ',');
        sbx_buf_put(b, sbx_how_name(c->how));
        break;
    }
}

void sbx_table_csv(sbx_buf *b, const sbx_table *t)
{
    for (size_t k = 0; k < t->columns; k++) {
        const sbx_column *c = &t->column[k];
        if (k) sbx_buf_char(b, ',');
        if (c->kind == SBX_COLUMN_NUMBER) {
            name_csv(b, c->name, " lower");
            sbx_buf_char(b, ',');
            name_csv(b, c->name, " upper");
            sbx_buf_char(b, ',');
        }
        name_csv(b, c->name,
                 c->kind == SBX_COLUMN_TEXT     ? ""
                 : c->kind == SBX_COLUMN_NUMBER ? " how"
                                                : " (sampled)");
    }
    sbx_buf_char(b, '\n');
    for (size_t i = 0; t->columns && i < t->cells; i++) {
        const size_t k = i % t->columns;
        if (k) sbx_buf_char(b, ',');
        cell_csv(b, t->cell[i], t->column[k].kind);
        if (k + 1 == t->columns) sbx_buf_char(b, '\n');
    }
}

/* ---- JSON ------------------------------------------------------------------------------------- */

static void key(sbx_buf *b, const char *name)
{
    sbx_buf_json(b, name);
    sbx_buf_char(b, ':');
}

static void number_json(sbx_buf *b, const sbx_cell *c)
{
    const bool one = !c->infinite && !c->no_lo && !c->no_hi && mpq_equal(c->lo, c->hi);
    sbx_buf_put(b, "{\"lower\":\"");
    end(b, c, SBX_LO);
    sbx_buf_put(b, "\",\"upper\":\"");
    end(b, c, SBX_HI);
    sbx_buf_format(b, "\",\"exact\":%s,\"how\":\"%s\"", one ? "true" : "false",
                   sbx_how_name(c->how));
}

static void cell_json(sbx_buf *b, const sbx_cell *c)
{
    switch (c->kind) {
    case CELL_TEXT: sbx_buf_json(b, c->text); return;
    case CELL_OPEN:
        sbx_buf_put(b, "{\"open\":");
        sbx_buf_json(b, c->text);
        break;
    case CELL_SAMPLE:
        sbx_buf_put(b, "{\"sampled\":\"");
        sbx_buf_digits(b, c->v, DATA_DIGITS);
        sbx_buf_char(b, '"');
        break;
    case CELL_NUMBER: number_json(b, c); break;
    }
    if (c->why) {
        sbx_buf_put(b, ",\"why\":");
        sbx_buf_json(b, c->why);
    }
    sbx_buf_char(b, '}');
}

void sbx_table_json(sbx_buf *b, const sbx_table *t)
{
    static const char *const kinds[] = {"text", "number", "sampled"};
    sbx_buf_put(b, "{\"table\":");
    sbx_buf_json(b, t->name);
    sbx_buf_put(b, ",\"caption\":");
    sbx_buf_json(b, t->caption);
    sbx_buf_put(b, ",\"command\":");
    sbx_buf_json(b, t->command);
    sbx_buf_put(b, ",\"columns\":[");
    for (size_t k = 0; k < t->columns; k++) {
        sbx_buf_put(b, k ? ",{\"name\":" : "{\"name\":");
        sbx_buf_json(b, t->column[k].name);
        sbx_buf_format(b, ",\"kind\":\"%s\"}", kinds[t->column[k].kind]);
    }
    sbx_buf_put(b, "],\"rows\":[");
    for (size_t i = 0; t->columns && i < t->cells; i++) {
        const size_t k = i % t->columns;
        sbx_buf_put(b, k ? "," : i ? ",{" : "{");
        key(b, t->column[k].name);
        cell_json(b, t->cell[i]);
        if (k + 1 == t->columns) sbx_buf_char(b, '}');
    }
    sbx_buf_put(b, "],\"notes\":[");
    for (size_t i = 0; i < t->notes; i++) {
        if (i) sbx_buf_char(b, ',');
        sbx_buf_json(b, t->note[i]);
    }
    sbx_buf_put(b, "]}\n");
}
