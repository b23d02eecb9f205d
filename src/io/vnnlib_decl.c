/* io/vnnlib_decl.c -- what VNN-LIB 2.0 declares: the version, one network with one input and
 * one output tensor of reals. Elements of the two tensors, row-major, are the variables X and
 * Y of version 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/vnnlib.h"

#include "base/try.h"

#include <stdio.h>
#include <string.h>

#define RANK      16                /* most dimensions of a tensor    */
#define INDEX_MAX ((size_t)1 << 40) /* greatest dimension, and product */

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool sbx_vnn_is_identifier(const sbx_vnn_token *t)
{
    if (t->kind != SBX_VNN_WORD || !is_letter(*t->s)) return false;
    for (size_t i = 1; i < t->len; i++)
        if (!is_letter(t->s[i]) && !is_digit(t->s[i]) && t->s[i] != '_') return false;
    return true;
}

sbx_status sbx_vnn_version(sbx_vnn *v)
{
    sbx_status st = SBX_OK;
    sbx_vnn_token t;
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_WORD, "a version such as <2.0>", &t));
    if (!sbx_vnn_is(&t, "<2.0>") && !sbx_vnn_is(&t, "<1.0>"))
        SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, t.s, "version '%.*s': <1.0> and <2.0> are supported",
                     sbx_vnn_shown(&t), t.s);
    v->two = t.s[1] == '2';
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_CLOSE, "')'", &t));
done:
    return st;
}

/* "[1,28, 28]": whole numbers, or nothing between the brackets */
static sbx_status list(size_t *x, size_t *n, sbx_vnn *v, const sbx_vnn_token *t)
{
    sbx_status st = SBX_OK;
    const char *s = t->s + 1, *const end = t->s + t->len - 1;
    bool more = false;
    for (*n = 0;; s++) {
        size_t k = 0;
        bool any = false;
        while (s < end && strchr(" \t\r\n", *s) && *s)
            s++;
        for (; s < end && is_digit(*s); s++) {
            any = true;
            k = 10 * k + (size_t)(*s - '0'); /* <= 10 INDEX_MAX + 9 */
            if (k > INDEX_MAX) SBX_VNN_FAIL(v, SBX_ERR_LIMIT, t->s, "a number above 2^40");
        }
        while (s < end && strchr(" \t\r\n", *s) && *s)
            s++;
        if (s == end && !any && !more) break; /* [] */
        if (!any || (s < end && *s != ','))
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, s, "a list of whole numbers with commas between them");
        if (*n == RANK) SBX_VNN_FAIL(v, SBX_ERR_LIMIT, t->s, "over %d dimensions", RANK);
        x[(*n)++] = k;
        if (s == end) break;
        more = true;
    }
done:
    return st;
}

/* ---- the network ------------------------------------------------------------------- */

/* The element types of ONNX. */
static const char *const onnx_types[] = {
    "float16", "float32",    "float64",        "bfloat16",   "float8e4m3fn", "float8e4m3fnuz",
    "int4",    "float8e5m2", "float8e5m2fnuz", "int8",       "int16",        "int32",
    "int64",   "uint4",      "uint8",          "uint16",     "uint32",       "uint64",
    "bool",    "string",     "complex64",      "complex128", "float4e2m1"};

static sbx_status element_type(sbx_vnn *v)
{
    sbx_status st = SBX_OK;
    sbx_vnn_token t;
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_WORD, "an element type", &t));
    if (sbx_vnn_is(&t, "real") || sbx_vnn_is(&t, "Real")) goto done;
    for (size_t i = 0; i < sizeof onnx_types / sizeof *onnx_types; i++)
        if (sbx_vnn_is(&t, onnx_types[i]))
            SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, t.s,
                         "element type %s: verdicts are proved for real numbers only so far; a "
                         "query that means these declares its variables real",
                         onnx_types[i]);
    SBX_VNN_FAIL(v, SBX_ERR_PARSE, t.s, "'%.*s' is no element type", sbx_vnn_shown(&t), t.s);
done:
    return st;
}

static sbx_status keep(const char **to, sbx_vnn *v, const char *s, size_t len)
{
    *to = sbx_arena_text(&v->store->arena, s, len);
    return *to ? SBX_OK : sbx_fail(v->err, SBX_ERR_NOMEM, SBX_HERE, "%s: out of memory", v->path);
}

static bool same(const char *name, const sbx_vnn_token *t)
{
    return name && strlen(name) == t->len && memcmp(name, t->s, t->len) == 0;
}

static sbx_status shape(sbx_vnn *v, sbx_vnn_of of)
{
    sbx_status st = SBX_OK;
    sbx_variable *const x = &v->tensor[of];
    sbx_vnn_token t;
    size_t dim[RANK], n = 1;
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_LIST, "a shape such as [1,5]", &t));
    SBX_TRY(list(dim, &x->rank, v, &t));
    x->dim = sbx_vnn_mem(v, x->rank, sizeof *x->dim);
    if (!x->dim) return SBX_VNN_LOST(v);
    for (size_t k = 0; k < x->rank; k++) {
        x->dim[k] = dim[k];
        if (!dim[k]) SBX_VNN_FAIL(v, SBX_ERR_PARSE, t.s, "'%s' has no elements", x->name);
        if (n > INDEX_MAX / dim[k])
            SBX_VNN_FAIL(v, SBX_ERR_LIMIT, t.s, "'%s' has over 2^40 elements", x->name);
        n *= dim[k];
    }
    v->declared_n[of] = n;
done:
    return st;
}

/* behind (declare-input or (declare-output */
static sbx_status variable(sbx_vnn *v, sbx_vnn_of of)
{
    sbx_status st = SBX_OK;
    sbx_variable *const x = &v->tensor[of];
    sbx_vnn_token t;
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_WORD, "the name of a variable", &t));
    if (!sbx_vnn_is_identifier(&t))
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, t.s, "'%.*s': a name has letters, digits and underscores",
                     sbx_vnn_shown(&t), t.s);
    if (same(v->tensor[0].name, &t) || same(v->tensor[1].name, &t))
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, t.s, "'%.*s' is declared twice", sbx_vnn_shown(&t), t.s);
    if (x->name)
        SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, t.s, "a second %s, '%.*s': one is supported",
                     of == SBX_VNN_X ? "input" : "output", sbx_vnn_shown(&t), t.s);
    SBX_TRY(keep(&x->name, v, t.s, t.len));
    SBX_TRY(element_type(v));
    SBX_TRY(shape(v, of));
    SBX_TRY(sbx_vnn_next(&t, v));
    if (t.kind == SBX_VNN_QUOTED && *t.s == '"') {
        SBX_TRY(keep(&x->onnx_name, v, t.s + 1, t.len - 2));
        SBX_TRY(sbx_vnn_next(&t, v));
    }
    if (t.kind != SBX_VNN_CLOSE)
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, t.s, "the declaration of '%s' does not end here", x->name);
done:
    return st;
}

/* One part of a network, behind its opening parenthesis. */
static sbx_status part(sbx_vnn *v)
{
    sbx_status st = SBX_OK;
    sbx_vnn_token w, t;
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_WORD, "a declaration", &w));
    if (sbx_vnn_is(&w, "declare-output")) {
        SBX_TRY(variable(v, SBX_VNN_Y));
    } else if (sbx_vnn_is(&w, "declare-input")) {
        if (v->tensor[SBX_VNN_Y].name)
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, w.s, "an input behind an output");
        SBX_TRY(variable(v, SBX_VNN_X));
    } else if (sbx_vnn_is(&w, "declare-hidden")) {
        SBX_TRY(sbx_vnn_need(v, SBX_VNN_WORD, "the name of a variable", &t));
        SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, w.s, "hidden node '%.*s': none are supported",
                     sbx_vnn_shown(&t), t.s);
    } else if (sbx_vnn_is(&w, "equal-to") || sbx_vnn_is(&w, "isomorphic-to")) {
        SBX_TRY(sbx_vnn_need(v, SBX_VNN_WORD, "the name of a network", &t));
        SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, w.s, "%.*s '%.*s': one network is supported",
                     sbx_vnn_shown(&w), w.s, sbx_vnn_shown(&t), t.s);
    } else {
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, w.s, "'%.*s' in a network", sbx_vnn_shown(&w), w.s);
    }
done:
    return st;
}

sbx_status sbx_vnn_network(sbx_vnn *v)
{
    sbx_status st = SBX_OK;
    sbx_vnn_token name, t;
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_WORD, "the name of a network", &name));
    if (!sbx_vnn_is_identifier(&name))
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, name.s, "'%.*s': a name has letters, digits and underscores",
                     sbx_vnn_shown(&name), name.s);
    if (v->network)
        SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, name.s, "a second network, '%.*s': one is supported",
                     sbx_vnn_shown(&name), name.s);
    SBX_TRY(keep(&v->network, v, name.s, name.len));
    for (;;) {
        SBX_TRY(sbx_vnn_next(&t, v));
        if (t.kind == SBX_VNN_CLOSE) break;
        if (t.kind != SBX_VNN_OPEN)
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, t.s, "the declaration of network '%s' does not end",
                         v->network);
        SBX_TRY(part(v));
    }
    for (int of = SBX_VNN_X; of <= SBX_VNN_Y; of++)
        if (!v->tensor[of].name)
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, t.s, "network '%s' has no %s", v->network,
                         of == SBX_VNN_X ? "input" : "output");
done:
    return st;
}

/* ---- elements ------------------------------------------------------------------------ */

static bool list_follows(const sbx_vnn *v)
{
    const char *s = v->at;
    while (s < v->end && (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r'))
        s++;
    return s < v->end && *s == '[';
}

sbx_status sbx_vnn_element(sbx_vnn_of *of, size_t *k, sbx_vnn *v, const sbx_vnn_token *name)
{
    sbx_status st = SBX_OK;
    const sbx_variable *x;
    sbx_vnn_token t = *name;
    size_t at[RANK], n = 0;
    *k = 0;
    *of = same(v->tensor[SBX_VNN_Y].name, name) ? SBX_VNN_Y : SBX_VNN_X;
    x = &v->tensor[*of];
    if (!v->network || !same(x->name, name))
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, name->s, "'%.*s' is not declared", sbx_vnn_shown(name),
                     name->s);
    if (list_follows(v)) {
        SBX_TRY(sbx_vnn_next(&t, v));
        SBX_TRY(list(at, &n, v, &t));
    }
    if (n != x->rank)
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, t.s, "%zu indices of '%s', which has %zu dimensions", n,
                     x->name, x->rank);
    for (size_t i = 0; i < n; i++) {
        if (at[i] >= x->dim[i])
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, t.s, "index %zu of '%s' is %zu, below %zu are there", i,
                         x->name, at[i], x->dim[i]);
        *k = *k * x->dim[i] + at[i]; /* < the number of elements */
    }
done:
    return st;
}

void sbx_vnn_spell(char *buf, size_t n, const sbx_vnn *v, sbx_vnn_of of, size_t k)
{
    const sbx_variable *const x = &v->tensor[of];
    size_t step = v->declared_n[of], used;
    if (!v->two) {
        (void)snprintf(buf, n, "%c_%zu", of == SBX_VNN_X ? 'X' : 'Y', k);
        return;
    }
    (void)snprintf(buf, n, "%.40s%s", x->name, x->rank ? "[" : "");
    for (size_t i = 0; i < x->rank; i++) {
        step /= x->dim[i];
        used = strlen(buf);
        (void)snprintf(buf + used, n - used, "%zu%s", k / step, i + 1 < x->rank ? "," : "]");
        k %= step;
    }
}
