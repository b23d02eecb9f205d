/* report/buf.c -- a text that grows, and what each form escapes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/buf.h"

#include "base/alloc.h"
#include "softbox/num.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void put(sbx_buf *b, const char *s, size_t n)
{
    if (b->failed) return;
    if (!b->text || b->room - b->n < n + 1) {
        const size_t room = 2 * (b->n + n) + 64;
        char *const more = sbx_realloc(b->text, b->room, room, 1);
        if (!more) {
            b->failed = true;
            return;
        }
        b->text = more;
        b->room = room;
    }
    memcpy(b->text + b->n, s, n);
    b->n += n;
    b->text[b->n] = 0;
}

void sbx_buf_put(sbx_buf *b, const char *s) { put(b, s, strlen(s)); }
void sbx_buf_char(sbx_buf *b, char c) { put(b, &c, 1); }
void sbx_buf_times(sbx_buf *b, char c, size_t n)
{
    for (size_t k = 0; k < n; k++)
        put(b, &c, 1);
}

void sbx_buf_format(sbx_buf *b, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    if (vsnprintf(line, sizeof line, fmt, ap) >= (int)sizeof line) b->failed = true;
    va_end(ap);
    sbx_buf_put(b, line);
}

/* ---- what a form escapes --------------------------------------------------------- */

void sbx_buf_latex(sbx_buf *b, const char *s)
{
    for (; *s; s++) {
        switch (*s) {
        case '#':
        case '$':
        case '%':
        case '&':
        case '_':
        case '{':
        case '}':
            sbx_buf_char(b, '\\');
            sbx_buf_char(b, *s);
            break;
        case '\\': sbx_buf_put(b, "\\textbackslash{}"); break;
        case '~': sbx_buf_put(b, "\\textasciitilde{}"); break;
        case '^': sbx_buf_put(b, "\\textasciicircum{}"); break;
        case '<': sbx_buf_put(b, "\\textless{}"); break;
        case '>': sbx_buf_put(b, "\\textgreater{}"); break;
        default: sbx_buf_char(b, (char)((unsigned char)*s < ' ' ? ' ' : *s)); break;
        }
    }
}

void sbx_buf_xml(sbx_buf *b, const char *s)
{
    for (; *s; s++) {
        const unsigned char c = (unsigned char)*s;
        if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'')
            sbx_buf_format(b, "&#%d;", c);
        else
            sbx_buf_char(b, (char)(c < ' ' || c == 0x7f ? '?' : *s));
    }
}

void sbx_buf_markdown(sbx_buf *b, const char *s)
{
    for (; *s; s++) {
        if (strchr("|*_`\\<", *s)) sbx_buf_char(b, '\\');
        sbx_buf_char(b, (char)((unsigned char)*s < ' ' ? ' ' : *s));
    }
}

void sbx_buf_csv(sbx_buf *b, const char *s)
{
    if (!strpbrk(s, ",\"\n\r")) {
        sbx_buf_put(b, s);
        return;
    }
    sbx_buf_char(b, '"');
    for (; *s; s++) {
        if (*s == '"') sbx_buf_char(b, '"');
        sbx_buf_char(b, *s);
    }
    sbx_buf_char(b, '"');
}

void sbx_buf_json(sbx_buf *b, const char *s)
{
    sbx_buf_char(b, '"');
    for (; *s; s++) {
        const unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            sbx_buf_char(b, '\\');
            sbx_buf_char(b, *s);
        } else if (c < ' ') {
            sbx_buf_format(b, "\\u%04x", c);
        } else {
            sbx_buf_char(b, *s);
        }
    }
    sbx_buf_char(b, '"');
}

void sbx_buf_comment(sbx_buf *b, const char *s)
{
    for (; *s; s++)
        sbx_buf_char(b, (char)((unsigned char)*s < ' ' || *s == 0x7f ? ' ' : *s));
}

/* ---- numbers that are not proved ---------------------------------------------------- */

void sbx_buf_fixed(sbx_buf *b, double v, int after)
{
    long scale = 1, n;
    if (!(fabs(v) < 1e9) || after < 0 || after > 6) {
        b->failed = true;
        return;
    }
    for (int k = 0; k < after; k++)
        scale *= 10;
    n = lrint(fabs(v) * (double)scale);
    sbx_buf_format(b, "%s%ld", v < 0.0 && n > 0 ? "-" : "", n / scale);
    if (after) sbx_buf_format(b, ".%0*ld", after, n % scale);
}

/* digits d0.d1d2... times 10^e, plain where it is short */
static void lay_out(sbx_buf *b, bool neg, const char *d, size_t n, long e)
{
    if (neg) sbx_buf_char(b, '-');
    if (e < -5 || e >= 17) {
        put(b, d, 1);
        if (n > 1) sbx_buf_char(b, '.');
        put(b, d + 1, n - 1);
        sbx_buf_format(b, "e%ld", e);
    } else if (e < 0) {
        sbx_buf_put(b, "0.");
        sbx_buf_times(b, '0', (size_t)(-e - 1));
        put(b, d, n);
    } else {
        for (size_t k = 0; k < n || k <= (size_t)e; k++) {
            if (k == (size_t)e + 1) sbx_buf_char(b, '.');
            sbx_buf_char(b, (char)(k < n ? d[k] : '0'));
        }
    }
}

void sbx_buf_digits(sbx_buf *b, double v, int digits)
{
    mpfr_exp_t e = 0;
    mpfr_t m;
    char d[64] = "";
    if (v == 0.0) {
        sbx_buf_char(b, '0');
        return;
    }
    if (!(fabs(v) < HUGE_VAL)) {
        sbx_buf_put(b, v > 0.0 ? "inf" : v < 0.0 ? "-inf" : "nan");
        return;
    }
    mpfr_init2(m, 53);
    mpfr_set_d(m, v, MPFR_RNDN);
    (void)mpfr_get_str(d, &e, 10,
                       (size_t)(digits < 2    ? 2
                                : digits > 40 ? 40
                                              : digits),
                       m, MPFR_RNDN);
    mpfr_clear(m);
    lay_out(b, v < 0.0, d + (d[0] == '-'), strlen(d) - (d[0] == '-'), (long)e - 1);
}

char *sbx_buf_take(sbx_buf *b)
{
    char *text;
    if (!b->text) sbx_buf_put(b, "");
    text = b->text;
    if (b->failed) {
        sbx_free(text);
        text = NULL;
    }
    *b = (sbx_buf){0};
    return text;
}
