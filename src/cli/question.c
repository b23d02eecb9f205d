/* cli/question.c -- reads a box and what is asked of it, from options or a line of JSON.
 *
 * Both go through the same texts, so they mean the same: an array of JSON strings is read
 * number by number as the items of an option are. A JSON number is taken only when it is
 * an integer; another one has been through a double before it gets here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bound.h"

#include <stdlib.h>
#include <string.h>

static const char *const functions[] = {
    [SBX_FN_SOFTMAX] = "softmax", [SBX_FN_LOG_SOFTMAX] = "log-softmax", [SBX_FN_LSE] = "lse"};

const char *bound_function(const bound_question *q)
{
    return q->norm.norm ? sbx_norm_get_info(q->norm.norm)->name : functions[q->f];
}

bool bound_has(const bound_question *q, sbx_method m)
{
    if (q->norm.norm) return m == SBX_METHOD_INTERVAL;
    return q->f == SBX_FN_SOFTMAX || m == SBX_METHOD_INTERVAL || m == SBX_METHOD_CONSTANT ||
           m == SBX_METHOD_LSE || m == SBX_METHOD_ENV || m == SBX_METHOD_AUTO ||
           m == SBX_METHOD_OPTIMAL;
}

/* how many outputs the function has */
static size_t outputs(const bound_question *q)
{
    if (q->norm.norm) return sbx_norm_outputs(&q->norm, q->lo.n);
    return q->f == SBX_FN_LSE ? 1 : q->lo.n;
}

size_t bound_outputs(const bound_question *q) { return q->one || q->c.n ? 1 : outputs(q); }

/* softmax, log-softmax and lse have methods of their own; the others are found by their names. */
static sbx_status normalizer(bound_question *q, const char *name, const char *zero_row,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_norm_args_clear(&q->norm);
    q->norm.norm = NULL;
    for (unsigned k = 0; k < sizeof functions / sizeof *functions; k++)
        if (strcmp(functions[k], name) == 0) {
            q->f = (sbx_vector_fn)k;
            return SBX_OK;
        }
    CLI_TRY(sbx_norm_read(&q->norm, name, err));
    if (zero_row && !sbx_zero_row_read(&q->norm.zero_row, zero_row))
        CLI_FAIL(err, SBX_ERR_ARG, "zero-row '%.40s': error, uniform, zero", zero_row);
done:
    return st;
}

/* ---- what must be so of a box ---------------------------------------------------- */

static sbx_status same_length(const cli_vec *v, const char *name, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (v->n != n) CLI_FAIL(err, SBX_ERR_ARG, "lo has %zu numbers, %s has %zu", n, name, v->n);
done:
    return st;
}

/* a number for a message: exact, or its leading digits where these are many */
static char *brief(mpq_srcptr q)
{
    char *s = cli_exact(q, false), *t = NULL, *near;
    if (!s || strlen(s) <= 40) return s;
    near = sbx_q_write(q, SBX_LO, 30);
    if (near && (t = malloc(strlen(near) + 7)))
        (void)snprintf(t, strlen(near) + 7, "about %s", near);
    sbx_text_free(near);
    free(s);
    return t;
}

/* "NAME[j] = TEXT ...": the numbers of a message, short */
static sbx_status outside(const char *fmt_left, size_t j, mpq_srcptr a, const char *middle,
                          mpq_srcptr b, sbx_err *err)
{
    char *s = brief(a), *t = brief(b);
    const sbx_status st = sbx_fail(err, SBX_ERR_ARG, "cli", "%s[%zu] = %s %s %s", fmt_left, j,
                                   s ? s : "?", middle, t ? t : "?");
    free(s);
    free(t);
    return st;
}

static sbx_status check(const bound_question *q, sbx_err *err)
{
    const size_t n = q->lo.n;
    sbx_status st = SBX_OK;
    CLI_TRY(same_length(&q->hi, "hi", n, err));
    for (size_t j = 0; j < n; j++)
        if (!q->lo.below[j] && mpq_cmp(q->lo.v[j], q->hi.v[j]) > 0) {
            st = outside("lo", j, q->lo.v[j], "is above hi =", q->hi.v[j], err);
            goto done;
        }
    if (q->c.n) CLI_TRY(same_length(&q->c, "functional", n, err));
    if (q->c.n && (q->norm.norm || q->f != SBX_FN_SOFTMAX))
        CLI_FAIL(err, SBX_ERR_ARG, "functional: of softmax alone, not of %s", bound_function(q));
    if (q->one && q->index >= outputs(q))
        CLI_FAIL(err, SBX_ERR_ARG, "index %zu is out of range: %s of this box has %zu output%s",
                 q->index, bound_function(q), outputs(q), outputs(q) == 1 ? "" : "s");
    if (q->at.n) CLI_TRY(same_length(&q->at, "at", n, err));
    CLI_TRY(bound_diffs_check(q, err));
    for (size_t j = 0; j < q->at.n; j++) {
        if (!q->lo.below[j] && mpq_cmp(q->at.v[j], q->lo.v[j]) < 0)
            st = outside("at", j, q->at.v[j], "is outside of the box: below lo =", q->lo.v[j], err);
        else if (mpq_cmp(q->at.v[j], q->hi.v[j]) > 0)
            st = outside("at", j, q->at.v[j], "is outside of the box: above hi =", q->hi.v[j], err);
        if (st != SBX_OK) goto done;
    }
done:
    return st;
}

/* ---- from options ------------------------------------------------------------------ */

static sbx_status index_of(bound_question *q, const char *text, sbx_err *err)
{
    uint64_t v = 0;
    sbx_status st = SBX_OK;
    if (!cli_integer(&v, text, 0, SIZE_MAX))
        CLI_FAIL(err, SBX_ERR_ARG, "index '%.40s' is not a whole number", text);
    q->index = (size_t)v;
    q->one = true;
done:
    return st;
}

/* The defaults that the options hold for what a box does not say itself. */
static sbx_status defaults(bound_question *q, const bound_opts *o, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (o->normalizer) CLI_TRY(normalizer(q, o->normalizer, o->zero_row, err));
    if (o->index) CLI_TRY(index_of(q, o->index, err));
    if (o->functional) CLI_TRY(cli_vec_read(&q->c, "functional", o->functional, false, err));
    if (o->at) CLI_TRY(cli_vec_read(&q->at, "at", o->at, false, err));
    if (o->diff) CLI_TRY(bound_diffs_read(q, o->diff, err));
done:
    return st;
}

sbx_status bound_from_options(bound_question *q, const bound_opts *o, sbx_err *err)
{
    sbx_status st = SBX_OK;
    CLI_TRY(defaults(q, o, err));
    CLI_TRY(cli_vec_read(&q->lo, "lo", o->lo, true, err));
    CLI_TRY(cli_vec_read(&q->hi, "hi", o->hi, false, err));
    CLI_TRY(check(q, err));
done:
    return st;
}

/* ---- from JSON --------------------------------------------------------------------- */

static sbx_status json_vec(cli_vec *z, const char *name, const json_t *a, bool may_be_below,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    cli_vec_clear(z);
    if (!json_is_array(a)) CLI_FAIL(err, SBX_ERR_PARSE, "%s is not an array", name);
    if (json_array_size(a) == 0) CLI_FAIL(err, SBX_ERR_ARG, "%s is empty", name);
    for (size_t k = 0; k < json_array_size(a); k++) {
        const json_t *v = json_array_get(a, k);
        char text[32];
        if (json_is_string(v)) {
            CLI_TRY(cli_vec_add(z, name, json_string_value(v), json_string_length(v), may_be_below,
                                err));
            continue;
        }
        if (!json_is_integer(v))
            CLI_FAIL(err, SBX_ERR_PARSE, "%s[%zu] is not a string%s", name, k,
                     json_is_real(v) ? ": write \"0.1\", not 0.1, so that it stays exact" : "");
        (void)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
        CLI_TRY(cli_vec_add(z, name, text, strlen(text), may_be_below, err));
    }
done:
    return st;
}

static sbx_status json_key(bound_question *q, const bound_opts *o, const char *key, json_t *v,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (strcmp(key, "id") == 0) return SBX_OK; /* taken before */
    if (strcmp(key, "lo") == 0) return json_vec(&q->lo, key, v, true, err);
    if (strcmp(key, "hi") == 0) return json_vec(&q->hi, key, v, false, err);
    if (strcmp(key, "at") == 0) return json_vec(&q->at, key, v, false, err);
    if (strcmp(key, "functional") == 0) return json_vec(&q->c, key, v, false, err);
    if (strcmp(key, "index") == 0) {
        if (!json_is_integer(v) || json_integer_value(v) < 0)
            CLI_FAIL(err, SBX_ERR_PARSE, "index is not a whole number");
        q->index = (size_t)json_integer_value(v);
        q->one = true;
    } else if (strcmp(key, "normalizer") == 0) {
        if (!json_is_string(v)) CLI_FAIL(err, SBX_ERR_PARSE, "normalizer is not a string");
        CLI_TRY(normalizer(q, json_string_value(v), o->zero_row, err));
    } else if (strcmp(key, "diff") == 0) {
        CLI_TRY(bound_diffs_json(q, v, err));
    } else {
        CLI_FAIL(err, SBX_ERR_PARSE,
                 "unknown key '%.40s': lo, hi, diff, index, functional, at, normalizer, id", key);
    }
done:
    return st;
}

sbx_status bound_from_json(bound_question *q, const bound_opts *o, const char *line, size_t len,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    json_error_t why;
    json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
    const char *key;
    json_t *v;
    if (!root) CLI_FAIL(err, SBX_ERR_PARSE, "not JSON: column %d: %.160s", why.column, why.text);
    if (!json_is_object(root)) CLI_FAIL(err, SBX_ERR_PARSE, "not a JSON object");
    q->id = json_incref(json_object_get(root, "id"));
    CLI_TRY(defaults(q, o, err));
    if (json_object_get(root, "index") && json_object_get(root, "functional"))
        CLI_FAIL(err, SBX_ERR_PARSE, "index and functional in one line: one of them");
    if (json_object_get(root, "index")) cli_vec_clear(&q->c);
    if (json_object_get(root, "functional")) q->one = false;
    json_object_foreach(root, key, v) CLI_TRY(json_key(q, o, key, v, err));
    if (!q->lo.n) CLI_FAIL(err, SBX_ERR_PARSE, "lo is missing");
    if (!q->hi.n) CLI_FAIL(err, SBX_ERR_PARSE, "hi is missing");
    CLI_TRY(check(q, err));
done:
    json_decref(root);
    return st;
}

void bound_question_clear(bound_question *q)
{
    cli_vec_clear(&q->lo);
    cli_vec_clear(&q->hi);
    cli_vec_clear(&q->at);
    cli_vec_clear(&q->c);
    bound_diffs_clear(q);
    sbx_norm_args_clear(&q->norm);
    json_decref(q->id);
    *q = (bound_question){0};
}
