/* io/nnet_text.c -- rows of numbers of a .nnet file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/nnet.h"

#include "base/place.h"
#include "base/try.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 40 /* characters of a number in a message */

sbx_status sbx_nnet_fail(const sbx_nnet_text *t, sbx_status code, const char *at, const char *where,
                         const char *fmt, ...)
{
    sbx_status st;
    va_list ap;
    va_start(ap, fmt);
    st = sbx_fail_at(t->err, code, where, t->path, t->text, at, fmt, ap);
    va_end(ap);
    return st;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static void skip_blanks(sbx_nnet_text *t)
{
    while (t->at < t->end && is_blank(*t->at))
        t->at++;
}

/* To the first line that has numbers. */
static void skip_lines(sbx_nnet_text *t)
{
    for (;;) {
        skip_blanks(t);
        if (t->end - t->at >= 2 && t->at[0] == '/' && t->at[1] == '/') {
            const char *line_end = memchr(t->at, '\n', (size_t)(t->end - t->at));
            t->at = line_end ? line_end : t->end;
        }
        if (t->at == t->end || *t->at != '\n') return;
        t->at++;
    }
}

static bool at_line_end(const sbx_nnet_text *t) { return t->at == t->end || *t->at == '\n'; }

static sbx_status exact(mpq_ptr q, sbx_nnet_text *t, const char *s, size_t n, sbx_err *why)
{
    const sbx_status st = sbx_q_read(q, s, n, why);
    const size_t size = (mpz_size(mpq_numref(q)) + mpz_size(mpq_denref(q))) * sizeof(mp_limb_t);
    if (st != SBX_OK) return st;
    if (size > t->room)
        return sbx_fail(why, SBX_ERR_LIMIT, SBX_HERE, "the numbers need too much memory");
    t->room -= size;
    return SBX_OK;
}

/* The number at t->at, and the comma behind it if there is one. */
static sbx_status field(double *v, mpq_ptr q, sbx_nnet_text *t)
{
    sbx_status st = SBX_OK, code;
    const char *const s = t->at;
    const char *e = s;
    sbx_err why = {0};
    double unused;
    while (e < t->end && *e != ',' && *e != '\n')
        e++;
    t->at = e < t->end && *e == ',' ? e + 1 : e;
    while (e > s && is_blank(e[-1]))
        e--;
    code = sbx_d_read(v ? v : &unused, s, (size_t)(e - s), &why);
    if (code == SBX_OK && q) code = exact(q, t, s, (size_t)(e - s), &why);
    if (code == SBX_ERR_PARSE)
        SBX_NNET_FAIL(t, code, s, "'%.*s' is not a number", e - s < SHOWN ? (int)(e - s) : SHOWN,
                      s);
    if (code != SBX_OK) SBX_NNET_FAIL(t, code, s, "%.150s", why.msg);
done:
    return st;
}

sbx_status sbx_nnet_row(double *v, mpq_t *q, size_t n, sbx_nnet_text *t, const char *what)
{
    sbx_status st = SBX_OK;
    const char *begin;
    skip_lines(t);
    begin = t->at;
    if (t->at == t->end)
        SBX_NNET_FAIL(t, SBX_ERR_PARSE, begin, "the file ends where %s should stand", what);
    for (size_t k = 0; k < n; k++) {
        if (k) skip_blanks(t);
        if (at_line_end(t))
            SBX_NNET_FAIL(t, SBX_ERR_PARSE, begin, "%s: %zu numbers, not %zu", what, k, n);
        SBX_TRY(field(v ? &v[k] : NULL, q ? q[k] : NULL, t));
    }
    skip_blanks(t);
    if (!at_line_end(t))
        SBX_NNET_FAIL(t, SBX_ERR_PARSE, t->at, "%s: more than %zu numbers", what, n);
done:
    return st;
}

sbx_status sbx_nnet_end(sbx_nnet_text *t)
{
    sbx_status st = SBX_OK;
    skip_lines(t);
    if (t->at != t->end) SBX_NNET_FAIL(t, SBX_ERR_PARSE, t->at, "numbers behind the last layer");
done:
    return st;
}
