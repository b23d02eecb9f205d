/* io/vnnlib_lex.c -- VNN-LIB text to tokens, and places in it to "file:line:col".
 *
 * Words are printable ASCII; a quotation may hold anything, so messages are cleaned.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/vnnlib.h"

#include "base/place.h"
#include "base/try.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 40 /* characters of a word in a message */

sbx_status sbx_vnn_fail(sbx_vnn *v, sbx_status code, const char *at, const char *where,
                        const char *fmt, ...)
{
    sbx_status st;
    va_list ap;
    va_start(ap, fmt);
    st = sbx_fail_at(v->err, code, where, v->path, v->text, at, fmt, ap);
    va_end(ap);
    return st;
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
static bool is_word(char c, bool two)
{
    return c > 0x20 && c < 0x7f && c != '(' && c != ')' && c != ';' && c != '"' && c != '|' &&
           !(two && (c == '[' || c == ']' || c == ','));
}

sbx_status sbx_vnn_next(sbx_vnn_token *t, sbx_vnn *v)
{
    sbx_status st = SBX_OK;
    const char *s = v->at, *const end = v->end;
    while (s < end && (is_space(*s) || *s == ';')) {
        if (*s == ';')
            while (s < end && *s != '\n')
                s++;
        else
            s++;
    }
    t->s = s;
    if (s == end) {
        t->kind = SBX_VNN_END;
    } else if (*s == '(' || *s == ')') {
        t->kind = *s++ == '(' ? SBX_VNN_OPEN : SBX_VNN_CLOSE;
    } else if (*s == '"' || *s == '|') {
        const char *close = memchr(s + 1, *s, (size_t)(end - s - 1));
        if (!close) SBX_VNN_FAIL(v, SBX_ERR_PARSE, s, "a quotation without its end");
        t->kind = SBX_VNN_QUOTED;
        s = close + 1;
    } else if (v->two && *s == '[') {
        const char *close = memchr(s + 1, ']', (size_t)(end - s - 1));
        if (!close) SBX_VNN_FAIL(v, SBX_ERR_PARSE, s, "no ']' ends this '['");
        t->kind = SBX_VNN_LIST;
        s = close + 1;
    } else {
        t->kind = SBX_VNN_WORD;
        while (s < end && is_word(*s, v->two))
            s++;
        if (s == t->s)
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, s, "unexpected byte 0x%02x", (unsigned char)*s);
    }
    t->len = (size_t)(s - t->s);
    v->at = s;
done:
    return st;
}

bool sbx_vnn_is(const sbx_vnn_token *t, const char *word)
{
    return t->kind == SBX_VNN_WORD && t->len == strlen(word) && memcmp(t->s, word, t->len) == 0;
}

int sbx_vnn_shown(const sbx_vnn_token *t) { return t->len < SHOWN ? (int)t->len : SHOWN; }

bool sbx_vnn_name(sbx_vnn_of *of, size_t *k, const sbx_vnn_token *t)
{
    if (t->kind != SBX_VNN_WORD || t->len < 3 || t->len > 12) return false;
    if ((t->s[0] != 'X' && t->s[0] != 'Y') || t->s[1] != '_') return false;
    if (t->s[2] == '0' && t->len > 3) return false;
    *of = t->s[0] == 'X' ? SBX_VNN_X : SBX_VNN_Y;
    *k = 0;
    for (size_t i = 2; i < t->len; i++) {
        if (t->s[i] < '0' || t->s[i] > '9') return false;
        *k = 10 * *k + (size_t)(t->s[i] - '0'); /* < 10^10 */
    }
    return true;
}
