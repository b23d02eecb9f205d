/* cli/robust_results.c -- results of softbox robust as lines of JSON, and a run that goes on.
 *
 * A line counts again when it was made by the same program with the same options on files with the
 * same bytes: its key "run" says all that.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/robust.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

json_t *robust_result(const robust *r, size_t k, size_t radius)
{
    const robust_cell *const c = robust_at(r, k, radius);
    json_t *o = json_pack("{s:I,s:I,s:s,s:s,s:o,s:I}", "item", (json_int_t)r->item[k], "label",
                          (json_int_t)r->label[k], "radius", r->radius_text[radius], "verdict",
                          robust_names[c->end], "seconds", json_sprintf("%.3f", c->seconds),
                          "boxes", (json_int_t)c->boxes);
    int bad = o == NULL;
    if (o && c->has_margin) {
        char *text = sbx_d_write(c->margin, SBX_LO, 17);
        bad |= json_object_set_new(o, "margin", json_string(text ? text : ""));
        sbx_text_free(text);
    }
    if (o && c->reason) bad |= json_object_set_new(o, "reason", json_string(c->reason));
    if (o && c->witness) bad |= json_object_set(o, "witness", c->witness);
    if (o && r->run) bad |= json_object_set_new(o, "run", json_string(r->run));
    if (!bad) return o;
    json_decref(o);
    return NULL;
}

/* ---- what the run is ------------------------------------------------------------------------- */

bool cli_hash_file(uint64_t *h, const char *path)
{
    char name[4096];
    FILE *f = fopen(path, "rb");
    unsigned char piece[4096];
    size_t n;
    bool ok;
    (void)snprintf(name, sizeof name, "%s.gz", path);
    if (!f) f = fopen(name, "rb");
    *h = UINT64_C(0xcbf29ce484222325);
    if (!f) return false;
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        for (size_t k = 0; k < n; k++)
            *h = (*h ^ piece[k]) * UINT64_C(0x100000001b3);
    ok = !ferror(f);
    (void)fclose(f);
    return ok;
}

static const char *or_none(const char *s) { return s ? s : "none"; }

static bool describe(robust *r)
{
    const robust_texts *const t = &r->text;
    uint64_t net, data, labels = 0;
    json_t *s;
    if (!cli_hash_file(&net, r->c.arg[0]) || !cli_hash_file(&data, t->data) ||
        (t->labels && !cli_hash_file(&labels, t->labels)))
        return false;
    s = json_sprintf(
        "softbox %s, network %016" PRIx64 ", data %016" PRIx64 " %s, labels %016" PRIx64
        " %s %s, scale %s, shift %s, clip %s, layout %s, probability %s, timeout %s, "
        "max-nodes %s, seed %" PRIu64,
        sbx_version(), net, data, or_none(t->array), labels, or_none(t->label_array),
        or_none(t->label_column), or_none(t->scale), or_none(t->shift), or_none(t->clip),
        or_none(t->layout), or_none(t->probability), t->timeout, or_none(t->max_nodes), r->c.seed);
    r->run = s ? strdup(json_string_value(s)) : NULL;
    json_decref(s);
    return r->run != NULL;
}

/* ---- reading ------------------------------------------------------------------------------------ */

/* The margin as the double at or below it; the text was rounded down, so it is proved. */
static bool read_margin(robust_cell *c, const char *text)
{
    double below = 0.0, above = 0.0;
    sbx_ivd v;
    mpq_t q;
    bool ok = false;
    if (!text || !*text) return true;
    if (strcmp(text, "-inf") == 0 || strcmp(text, "inf") == 0) {
        c->margin = *text == '-' ? -HUGE_VAL : HUGE_VAL;
        return c->has_margin = true;
    }
    mpq_init(q);
    if (sbx_q_read(q, text, strlen(text), NULL) == SBX_OK &&
        sbx_ivd_set_q(&v, q, NULL, NULL) == SBX_OK) {
        below = v.lo;
        above = v.hi;
        ok = below <= above;
    }
    c->margin = below;
    c->has_margin = ok;
    mpq_clear(q);
    return ok;
}

/* A line of the file, if it is a result of this run for an item and a radius that are asked for. */
static void take(robust *r, const char *line, size_t len)
{
    json_t *o = json_loadb(line, len, 0, NULL);
    const char *run = json_string_value(json_object_get(o, "run"));
    const char *radius = json_string_value(json_object_get(o, "radius"));
    const char *verdict = json_string_value(json_object_get(o, "verdict"));
    const char *seconds = json_string_value(json_object_get(o, "seconds"));
    const char *reason = json_string_value(json_object_get(o, "reason"));
    const json_int_t item = json_integer_value(json_object_get(o, "item"));
    const json_int_t label = json_integer_value(json_object_get(o, "label"));
    robust_cell c = {0};
    for (int e = ROBUST_CERTIFIED; verdict && e < ROBUST_ENDS; e++)
        if (strcmp(verdict, robust_names[e]) == 0) c.end = (robust_end)e;
    if (!run || strcmp(run, r->run) != 0 || !radius || c.end == ROBUST_TODO || !seconds ||
        !json_is_integer(json_object_get(o, "item")) || item < 0 ||
        !read_margin(&c, json_string_value(json_object_get(o, "margin"))))
        goto done;
    c.seconds = strtod(seconds, NULL);
    c.boxes = (size_t)json_integer_value(json_object_get(o, "boxes"));
    for (size_t k = 0; k < r->n; k++)
        for (size_t d = 0; r->item[k] == (size_t)item && d < r->radius.n; d++) {
            robust_cell *const to = robust_at(r, k, d);
            if (strcmp(radius, r->radius_text[d]) != 0 || (size_t)label != r->label[k] ||
                to->end != ROBUST_TODO)
                continue;
            *to = c;
            if (reason) to->reason = strdup(reason);
            to->witness = json_incref(json_object_get(o, "witness"));
        }
done:
    json_decref(o);
}

int robust_resume(robust *r, FILE **f)
{
    char *text = NULL;
    size_t n = 0, whole = 0;
    const char *const path = r->text.results;
    *f = NULL;
    if (!path) return CLI_DONE;
    if (!describe(r)) return cli_error(&r->c, CLI_INTERNAL, "the files could not be read again");
    if (access(path, F_OK) == 0) {
        text = cli_read_all(&r->c, path, &n);
        if (!text) return CLI_BAD_INPUT;
        for (size_t k = 0; k < n; k++) {
            if (text[k] != '\n') continue;
            take(r, text + whole, k - whole);
            whole = k + 1;
        }
        if (whole < n && text[whole] != '{') {
            free(text);
            return cli_error(&r->c, CLI_BAD_INPUT, "%s: not a file of results", path);
        }
        free(text);
        if (whole < n && truncate(path, (off_t)whole) != 0)
            return cli_error(&r->c, CLI_WRITE, "%s: %s", path, strerror(errno));
    }
    *f = fopen(path, "a");
    return *f ? CLI_DONE : cli_error(&r->c, CLI_WRITE, "%s: %s", path, strerror(errno));
}
