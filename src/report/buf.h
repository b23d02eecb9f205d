/* report/buf.h -- a text that grows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_REPORT_BUF_H
#define SBX_REPORT_BUF_H

#include "base/try.h"

#include <stdbool.h>
#include <stddef.h>

/* Keeps the first error of a table or plot that is being built. */
#define SBX_KEEP(kept, status, ...)                                                          \
    do {                                                                                     \
        if ((kept)->code == SBX_OK) (void)sbx_fail((kept), (status), SBX_HERE, __VA_ARGS__); \
    } while (0)

typedef struct sbx_buf {
    char *text; /* with a 0 behind, once something was put */
    size_t n, room;
    bool failed; /* no memory */
} sbx_buf;

void sbx_buf_put(sbx_buf *b, const char *s);
void sbx_buf_char(sbx_buf *b, char c);
void sbx_buf_times(sbx_buf *b, char c, size_t n);
/* integers and texts only: decimals of a double depend on the locale */
void sbx_buf_format(sbx_buf *b, const char *fmt, ...) SBX_PRINTF(2, 3);

/* s with the characters that mean something in the form replaced */
void sbx_buf_latex(sbx_buf *b, const char *s);
void sbx_buf_xml(sbx_buf *b, const char *s);
void sbx_buf_markdown(sbx_buf *b, const char *s);
void sbx_buf_csv(sbx_buf *b, const char *s);
void sbx_buf_json(sbx_buf *b, const char *s);    /* with quotes */
void sbx_buf_comment(sbx_buf *b, const char *s); /* one line */

/* v to that many digits after the point, to nearest; a finite v below 1e9 */
void sbx_buf_fixed(sbx_buf *b, double v, int after);

/* v to that many significant digits, to nearest */
void sbx_buf_digits(sbx_buf *b, double v, int digits);

/* The text, which sbx_text_free ends; b is empty then. NULL: no memory. */
char *sbx_buf_take(sbx_buf *b);

#endif
