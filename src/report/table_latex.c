/* report/table_latex.c -- a table as LaTeX: booktabs and siunitx.
 *
 * The text is a document of its own, and a part of another where \softboxpart is defined before
 * \input. Comments say how each column was obtained, and with which command.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/table.h"

#include <string.h>

#define LONG_ROWS 40 /* more do not fit a page */

static const sbx_markup markup = {.math = "$",
                                  .low = "_{",
                                  .high = "}^{",
                                  .end = "}",
                                  .open = "[",
                                  .comma = ",\\,",
                                  .close = "]",
                                  .times = "\\times 10^{",
                                  .times_end = "}",
                                  .le = "$\\le$ ",
                                  .ge = "$\\ge$ ",
                                  .infinity = "$\\infty$",
                                  .number = "\\num{",
                                  .number_end = "}"};

static void comment(sbx_buf *b, const char *name, const char *text)
{
    sbx_buf_format(b, "%% %s: ", name);
    sbx_buf_comment(b, text);
    sbx_buf_char(b, '\n');
}

static void comments(sbx_buf *b, const sbx_table *t)
{
    comment(b, "softbox table", t->name);
    if (t->command[0]) comment(b, "command", t->command);
    sbx_buf_put(
        b, "% every proved number is rounded outward; an enclosure is written as the digits "
           "that\n% both ends share, the rest of the lower end below, of the upper end above\n");
    for (size_t k = 0; k < t->columns; k++) {
        if (t->column[k].kind == SBX_COLUMN_TEXT) continue;
        sbx_buf_format(b, "%% column %zu, ", k + 1);
        sbx_buf_comment(b, t->column[k].name);
        sbx_buf_put(b, ": ");
        sbx_table_origin(b, t, k);
        sbx_buf_char(b, '\n');
    }
    for (size_t i = 0; i < t->cells; i++) {
        if (!t->cell[i]->why) continue;
        sbx_buf_format(b, "%% row %zu, column %zu: ", i / t->columns + 1, i % t->columns + 1);
        sbx_buf_comment(b, t->cell[i]->why);
        sbx_buf_char(b, '\n');
    }
    for (size_t i = 0; i < t->notes; i++)
        comment(b, "note", t->note[i]);
}

/* a decimal, no more? (then the column is aligned at the point; 2..60 is none) */
static bool is_decimal(const char *s)
{
    static const char digits[] = "0123456789";
    size_t n;
    if (*s == '-') s++;
    n = strspn(s, digits);
    s += n;
    if (*s == '.') s++;
    n += strspn(s, digits);
    return n && s[strspn(s, digits)] == 0;
}

static bool aligned(const sbx_table *t, size_t k)
{
    if (t->column[k].kind != SBX_COLUMN_TEXT) return t->column[k].kind == SBX_COLUMN_SAMPLED;
    for (size_t r = 0; r < sbx_table_rows(t); r++)
        if (!is_decimal(sbx_table_cell(t, r, k)->text)) return false;
    return true;
}

/* the S column of siunitx that has room for column k */
static void s_column(sbx_buf *b, const sbx_table *t, size_t k)
{
    size_t before = 1, after = 0;
    bool power = false, minus = false;
    for (size_t r = 0; r < sbx_table_rows(t); r++) {
        sbx_buf one = {0};
        char *s;
        const sbx_cell *c = sbx_table_cell(t, r, k);
        if (c->kind == CELL_OPEN) continue;
        sbx_cell_write(&one, c, 17, &markup);
        s = sbx_buf_take(&one);
        if (!s) {
            b->failed = true;
            return;
        }
        const bool neg = s[0] == '-';
        const size_t whole = strspn(s + neg, "0123456789"), n = strlen(s + neg);
        const size_t part = n > whole ? strspn(s + neg + whole + 1, "0123456789") : 0;
        minus |= neg;
        power |= strchr(s, 'e') != NULL;
        if (whole > before) before = whole;
        if (part > after) after = part;
        sbx_text_free(s);
    }
    sbx_buf_format(b, "S[table-format=%s%zu.%zu%s]", minus ? "-" : "", before, after,
                   power ? "e-3" : "");
}

static void head(sbx_buf *b, const sbx_table *t, size_t k)
{
    sbx_buf_put(b, k ? " & {" : "{");
    if (t->column[k].latex)
        sbx_buf_put(b, t->column[k].latex);
    else
        sbx_buf_latex(b, t->column[k].name);
    if (t->column[k].kind == SBX_COLUMN_SAMPLED) sbx_buf_put(b, "\\textsuperscript{s}");
    sbx_buf_char(b, '}');
}

static void cell(sbx_buf *b, const sbx_table *t, size_t r, size_t k, int digits, bool s)
{
    const sbx_cell *c = sbx_table_cell(t, r, k);
    sbx_buf one = {0};
    char *text;
    if (k) sbx_buf_put(b, " & ");
    sbx_cell_write(&one, c, digits, &markup);
    text = sbx_buf_take(&one);
    if (!text) {
        b->failed = true;
        return;
    }
    if (c->kind == CELL_TEXT || c->kind == CELL_OPEN) {
        if (!s || c->kind == CELL_OPEN) sbx_buf_char(b, '{');
        sbx_buf_latex(b, text);
        if (!s || c->kind == CELL_OPEN) sbx_buf_char(b, '}');
    } else if (c->kind == CELL_SAMPLE && !strpbrk(text, "0123456789")) {
        sbx_buf_format(b, "{%s}", text); /* inf, nan */
    } else {
        sbx_buf_put(b, text);
    }
    sbx_text_free(text);
}

static void head_row(sbx_buf *b, const sbx_table *t)
{
    sbx_buf_put(b, "\\toprule\n");
    for (size_t k = 0; k < t->columns; k++)
        head(b, t, k);
    sbx_buf_put(b, " \\\\\n\\midrule\n");
}

static void caption(sbx_buf *b, const sbx_table *t, const char *end)
{
    bool sampled = false;
    for (size_t k = 0; k < t->columns; k++)
        sampled |= t->column[k].kind == SBX_COLUMN_SAMPLED;
    sbx_buf_put(b, "\\caption{");
    sbx_buf_latex(b, t->caption);
    if (sampled)
        sbx_buf_put(b, " (\\textsuperscript{s}: statistics of sampled points, not proved)");
    sbx_buf_format(b, "}%s\n", end);
}

void sbx_table_latex(sbx_buf *b, const sbx_table *t, int digits)
{
    const bool wide = t->columns > 8, tall = sbx_table_rows(t) > LONG_ROWS;
    comments(b, t);
    sbx_buf_format(b,
                   "\\ifdefined\\softboxpart\\else\n\\documentclass{article}\n"
                   "\\usepackage[%smargin=1.5cm]{geometry}\n"
                   "\\usepackage{booktabs,longtable,siunitx}\n\\begin{document}\n\\fi\n",
                   wide ? "landscape," : "");
    sbx_buf_put(b, tall ? "\\begingroup" : "\\begin{table}\\centering");
    sbx_buf_format(b, "%s\n", wide ? "\\scriptsize\\setlength\\tabcolsep{2pt}" : "");
    if (!tall) caption(b, t, "");
    sbx_buf_format(b, "\\begin{%s}{", tall ? "longtable" : "tabular");
    for (size_t k = 0; k < t->columns; k++) {
        if (aligned(t, k))
            s_column(b, t, k);
        else
            sbx_buf_char(b, t->column[k].kind == SBX_COLUMN_TEXT ? 'l' : 'r');
    }
    sbx_buf_put(b, "}\n");
    if (tall) caption(b, t, "\\\\");
    head_row(b, t);
    if (tall) sbx_buf_put(b, "\\endhead\n\\bottomrule\n\\endfoot\n");
    for (size_t r = 0; r < sbx_table_rows(t); r++) {
        for (size_t k = 0; k < t->columns; k++)
            cell(b, t, r, k, digits, aligned(t, k));
        sbx_buf_put(b, " \\\\\n");
    }
    if (!tall) sbx_buf_put(b, "\\bottomrule\n");
    sbx_buf_format(b, "\\end{%s}\n", tall ? "longtable" : "tabular");
    sbx_buf_put(b, tall ? "\\endgroup\n" : "\\end{table}\n");
    sbx_buf_put(b, "\\ifdefined\\softboxpart\\expandafter\\endinput\\fi\n\\end{document}\n");
}
