/* io/csv.c -- numbers between commas, a row a line. Cells are checked here and stay text: they are
 * converted when they are asked for, exactly.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/data.h"

#include "base/alloc.h"
#include "base/try.h"

#include <string.h>

typedef struct csv {
    const sbx_reader *r;
    const char *s, *end; /* what is left */
    size_t line, column; /* from 1, of the cell that is read */
    struct sbx_data_cell *cell;
    size_t n, cap;
} csv;

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static sbx_status wrong(const csv *c, const char *what)
{
    return sbx_fail(c->r->err, SBX_ERR_PARSE, SBX_HERE, "%s:%zu: column %zu: %s", c->r->path,
                    c->line, c->column, what);
}

/* [+-] digits [. digits]: what almost every cell is, and surely a number */
static bool plain(const struct sbx_data_cell *c)
{
    size_t i = 0, digits = 0, dots = 0;
    if (c->len && (c->s[0] == '-' || c->s[0] == '+')) i++;
    for (; i < c->len; i++) {
        if (c->s[i] >= '0' && c->s[i] <= '9')
            digits++;
        else if (c->s[i] == '.' && digits)
            dots++;
        else
            return false;
    }
    return digits && dots <= 1 && c->len < 1000 && c->s[c->len - 1] != '.';
}

static bool number(const struct sbx_data_cell *c)
{
    mpq_t q;
    bool ok;
    if (plain(c)) return true;
    mpq_init(q);
    ok = sbx_q_read(q, c->s, c->len, NULL) == SBX_OK;
    mpq_clear(q);
    return ok;
}

/* nan, inf, infinity with a sign or without: a number that is none, never a name */
static bool no_value(const struct sbx_data_cell *c)
{
    static const char *const word[] = {"nan", "inf", "infinity"};
    const size_t sign = c->len && (c->s[0] == '-' || c->s[0] == '+');
    for (size_t k = 0; k < 3; k++) {
        size_t i = 0;
        if (c->len - sign != strlen(word[k])) continue;
        while (word[k][i] && (c->s[sign + i] | 0x20) == word[k][i])
            i++;
        if (!word[k][i]) return true;
    }
    return false;
}

static bool name(const struct sbx_data_cell *c)
{
    const int l = c->len ? (unsigned char)c->s[0] | 0x20 : 0;
    return ((l >= 'a' && l <= 'z') || (c->len && c->s[0] == '_') || (c->len && c->s[0] & 0x80)) &&
           !no_value(c);
}

/* The next cell; its end is a comma, the end of the line or of the text. */
static sbx_status next_cell(csv *c)
{
    sbx_status st = SBX_OK;
    struct sbx_data_cell *p;
    if (c->n == c->cap) {
        const size_t more = c->cap ? 2 * c->cap : 64;
        if (more > c->r->arena->limit / sizeof *p / 3)
            SBX_FAIL(c->r->err, SBX_ERR_LIMIT, "%s: more memory than %zu bytes", c->r->path,
                     c->r->arena->limit);
        p = sbx_realloc(c->cell, c->cap, more, sizeof *p);
        if (!p) SBX_FAIL(c->r->err, SBX_ERR_NOMEM, "%s: out of memory", c->r->path);
        c->cell = p;
        c->cap = more;
    }
    p = &c->cell[c->n++];
    while (c->s < c->end && blank(*c->s))
        c->s++;
    p->s = c->s;
    if (c->s < c->end && *c->s == '"') {
        p->s = ++c->s;
        while (c->s < c->end && *c->s != '"' && *c->s != '\n')
            c->s++;
        p->len = (size_t)(c->s - p->s);
        if (c->s == c->end || *c->s == '\n') SBX_TRY(wrong(c, "a quotation mark without its end"));
        for (c->s++; c->s < c->end && blank(*c->s);)
            c->s++;
        if (c->s < c->end && *c->s != ',' && *c->s != '\n')
            SBX_TRY(wrong(c, "something behind a quotation mark"));
        return SBX_OK;
    }
    while (c->s < c->end && *c->s != ',' && *c->s != '\n')
        c->s++;
    p->len = (size_t)(c->s - p->s);
    while (p->len && blank(p->s[p->len - 1]))
        p->len--;
done:
    return st;
}

/* The next line that is not empty: its cells, `*got` of them; 0 at the end. */
static sbx_status next_line(csv *c, size_t *got)
{
    sbx_status st = SBX_OK;
    const size_t from = c->n;
    for (;; c->line++) {
        while (c->s < c->end && blank(*c->s))
            c->s++;
        if (c->s == c->end || *c->s != '\n') break;
        c->s++;
    }
    for (c->column = 1; c->s < c->end; c->column++) {
        SBX_TRY(next_cell(c));
        if (c->s == c->end || *c->s == '\n') break;
        c->s++; /* the comma; a text may end in one: that cell is empty */
        if (c->s == c->end) {
            c->column++;
            SBX_TRY(next_cell(c));
            break;
        }
    }
    *got = c->n - from;
done:
    return st;
}

static sbx_status check_cells(csv *c, size_t from)
{
    sbx_status st = SBX_OK;
    for (size_t k = from; k < c->n; k++) {
        c->column = k - from + 1;
        if (!number(&c->cell[k]))
            SBX_TRY(wrong(c, no_value(&c->cell[k]) ? "no finite number" : "not a number"));
    }
done:
    return st;
}

/* Takes the first line away if it is a header. */
static sbx_status take_header(csv *c, sbx_array *a)
{
    sbx_status st = SBX_OK;
    const char **names;
    bool header = false;
    for (size_t k = 0; k < c->n && !header; k++) {
        if (number(&c->cell[k])) continue;
        header = name(&c->cell[k]);
        if (!header) return SBX_OK; /* check_cells says what is wrong */
    }
    if (!header) return SBX_OK;
    names = sbx_data_mem(&st, c->r, c->n, sizeof *names);
    for (size_t k = 0; st == SBX_OK && k < c->n; k++)
        names[k] = sbx_data_name(&st, c->r, c->cell[k].s, c->cell[k].len);
    a->columns = names;
    c->n = 0;
    return st;
}

static sbx_status read_rows(csv *c, sbx_array *a)
{
    sbx_status st = SBX_OK;
    size_t width = 0, got;
    SBX_TRY(next_line(c, &width));
    if (!width) SBX_FAIL(c->r->err, SBX_ERR_PARSE, "%s: an empty file", c->r->path);
    SBX_TRY(take_header(c, a));
    SBX_TRY(check_cells(c, 0));
    for (;;) {
        const size_t from = c->n;
        SBX_TRY(next_line(c, &got));
        if (!got) break;
        c->column = got;
        if (got != width) SBX_TRY(wrong(c, got < width ? "a row that is too short" : "too long"));
        SBX_TRY(check_cells(c, from));
    }
    a->rank = 2;
    a->dim[0] = c->n / width;
    a->dim[1] = width;
    a->n = c->n;
done:
    return st;
}

sbx_status sbx_csv_read(sbx_array *a, const sbx_reader *r)
{
    csv c = {.r = r, .s = (const char *)r->at, .line = 1};
    sbx_status st = SBX_OK;
    struct sbx_data_cell *cell;
    c.end = c.s + r->n;
    if (r->n >= 3 && memcmp(c.s, "\xef\xbb\xbf", 3) == 0) c.s += 3;
    SBX_TRY(read_rows(&c, a));
    a->kind = SBX_DATA_TEXT;
    cell = sbx_data_mem(&st, r, c.n, sizeof *cell);
    if (cell && c.n) memcpy(cell, c.cell, c.n * sizeof *cell);
    a->cell = cell;
done:
    sbx_free(c.cell);
    return st;
}
