/* io/npy.c -- NumPy's .npy: magic, version, a Python dictionary in text, the elements.
 *
 * The dictionary has descr (a string such as '<f8'), fortran_order (True, False) and shape (a tuple of
 * whole numbers); anything else in it is refused.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/data.h"

#include "base/try.h"

#include <string.h>

#define HEADER_MAX 10000 /* NumPy's own default limit */

typedef struct header {
    const sbx_reader *r;
    const char *s; /* [n]: the dictionary */
    size_t n, i;
    sbx_array *a;
    bool has_descr, has_order, has_shape;
} header;

static sbx_status wrong(const header *h, const char *what)
{
    return sbx_fail(h->r->err, SBX_ERR_PARSE, SBX_HERE, "%s: header, character %zu: %s", h->r->path,
                    h->i + 1, what);
}

static void skip(header *h)
{
    while (h->i < h->n && (h->s[h->i] == ' ' || h->s[h->i] == '\n' || h->s[h->i] == '\t'))
        h->i++;
}

/* Steps over the character, with blanks before it. */
static bool take(header *h, char c)
{
    skip(h);
    if (h->i >= h->n || h->s[h->i] != c) return false;
    h->i++;
    return true;
}

static bool word(header *h, const char *w)
{
    const size_t len = strlen(w);
    skip(h);
    if (h->n - h->i < len || memcmp(h->s + h->i, w, len) != 0) return false;
    h->i += len;
    return true;
}

/* 'text' or "text" */
static bool quoted(header *h, const char **s, size_t *len)
{
    const char *end;
    char quote;
    skip(h);
    if (h->i >= h->n || (h->s[h->i] != '\'' && h->s[h->i] != '"')) return false;
    quote = h->s[h->i];
    *s = h->s + h->i + 1;
    end = memchr(*s, quote, h->n - h->i - 1);
    if (!end) return false;
    *len = (size_t)(end - *s);
    h->i += *len + 2;
    return true;
}

static sbx_status read_descr(header *h)
{
    static const struct {
        char letter;
        sbx_data_kind kind;
        const char *sizes;
    } types[] = {{'b', SBX_DATA_BOOL, "1"},
                 {'u', SBX_DATA_UINT, "1248"},
                 {'i', SBX_DATA_INT, "1248"},
                 {'f', SBX_DATA_REAL, "248"}};
    const char *s = "";
    size_t len = 0;
    sbx_status st = SBX_OK;
    skip(h);
    if (h->i < h->n && h->s[h->i] == '[')
        SBX_FAIL(h->r->err, SBX_ERR_UNSUPPORTED, "%s: an array of records", h->r->path);
    if (!quoted(h, &s, &len)) SBX_TRY(wrong(h, "not an element type in quotes"));
    for (size_t k = 0; len == 3 && k < sizeof types / sizeof *types; k++) {
        if (s[1] != types[k].letter || !s[2] || !strchr(types[k].sizes, s[2])) continue;
        if (!(s[0] == '<' || s[0] == '>' || s[0] == '=' || (s[0] == '|' && s[2] == '1'))) continue;
        h->a->kind = types[k].kind;
        h->a->bytes = (size_t)(s[2] - '0');
        h->a->big = s[0] == '>';
        h->has_descr = true;
        return SBX_OK;
    }
    for (size_t k = 0; k < len; k++)
        if ((unsigned char)s[k] < ' ' || s[k] == 0x7f) SBX_TRY(wrong(h, "not an element type"));
    SBX_FAIL(h->r->err, SBX_ERR_UNSUPPORTED,
             "%s: element type '%.*s'; b1, u1 to u8, i1 to i8, f2, f4 and f8 are read", h->r->path,
             len < 40 ? (int)len : 40, s);
done:
    return st;
}

static sbx_status read_shape(header *h)
{
    sbx_status st = SBX_OK;
    if (!take(h, '(')) SBX_TRY(wrong(h, "not a shape in parentheses"));
    while (!take(h, ')')) {
        size_t v = 0;
        skip(h);
        if (h->i >= h->n || h->s[h->i] < '0' || h->s[h->i] > '9')
            SBX_TRY(wrong(h, "not a dimension >= 0"));
        if (h->a->rank == SBX_DATA_RANK) SBX_TRY(wrong(h, "too many dimensions"));
        for (; h->i < h->n && h->s[h->i] >= '0' && h->s[h->i] <= '9'; h->i++) {
            if (v > (SIZE_MAX - 9) / 10) SBX_TRY(wrong(h, "a dimension that is too large"));
            v = 10 * v + (size_t)(h->s[h->i] - '0');
        }
        (void)word(h, "L"); /* as Python 2 wrote */
        h->a->dim[h->a->rank++] = v;
        if (take(h, ',')) continue;
        if (!take(h, ')')) SBX_TRY(wrong(h, "neither ',' nor ')'"));
        break;
    }
    h->has_shape = true;
done:
    return st;
}

static sbx_status read_entry(header *h)
{
    const char *key = NULL;
    size_t len = 0;
    sbx_status st = SBX_OK;
    if (!quoted(h, &key, &len)) SBX_TRY(wrong(h, "not a key in quotes"));
    if (!take(h, ':')) SBX_TRY(wrong(h, "no ':'"));
    if (len == 5 && memcmp(key, "descr", 5) == 0 && !h->has_descr) {
        SBX_TRY(read_descr(h));
    } else if (len == 5 && memcmp(key, "shape", 5) == 0 && !h->has_shape) {
        SBX_TRY(read_shape(h));
    } else if (len == 13 && memcmp(key, "fortran_order", 13) == 0 && !h->has_order) {
        h->a->fortran = word(h, "True");
        if (!h->a->fortran && !word(h, "False")) SBX_TRY(wrong(h, "neither True nor False"));
        h->has_order = true;
    } else {
        SBX_TRY(wrong(h, "a key that is unknown or there twice"));
    }
done:
    return st;
}

static sbx_status read_header(header *h)
{
    sbx_status st = SBX_OK;
    if (!take(h, '{')) SBX_TRY(wrong(h, "no '{'"));
    while (!take(h, '}')) {
        SBX_TRY(read_entry(h));
        if (take(h, ',')) continue;
        if (!take(h, '}')) SBX_TRY(wrong(h, "neither ',' nor '}'"));
        break;
    }
    skip(h);
    if (h->i < h->n) SBX_TRY(wrong(h, "something behind the dictionary"));
    if (!h->has_descr || !h->has_order || !h->has_shape)
        SBX_TRY(wrong(h, "descr, fortran_order or shape is missing"));
done:
    return st;
}

sbx_status sbx_npy_read(sbx_array *a, const sbx_reader *r)
{
    header h = {.r = r, .a = a};
    sbx_status st = SBX_OK;
    size_t start, len = 0;
    if (r->n < 8 || memcmp(r->at, "\x93NUMPY", 6) != 0)
        SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: not .npy", r->path);
    if (r->at[6] < 1 || r->at[6] > 3 || r->at[7] != 0)
        SBX_FAIL(r->err, SBX_ERR_UNSUPPORTED, "%s: .npy version %d.%d; 1.0 to 3.0 are read",
                 r->path, r->at[6], r->at[7]);
    start = r->at[6] == 1 ? 10 : 12;
    if (r->n < start) SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: cut short in the header", r->path);
    for (size_t k = start; k-- > 8;)
        len = len << 8 | r->at[k];
    if (len > HEADER_MAX)
        SBX_FAIL(r->err, SBX_ERR_LIMIT, "%s: a header of %zu bytes, over %d", r->path, len,
                 HEADER_MAX);
    if (len > r->n - start) SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: cut short in the header", r->path);
    h.s = (const char *)r->at + start;
    h.n = len;
    SBX_TRY(read_header(&h));
    a->at = r->at + start + len;
    SBX_TRY(sbx_data_fit(a, r, r->n - start - len));
done:
    return st;
}
