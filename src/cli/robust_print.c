/* cli/robust_print.c -- the answer of softbox robust: a line an item and radius, a line a radius; as
 * text, JSON Lines, CSV or Markdown.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/robust.h"

#include <stdlib.h>
#include <string.h>

const char *const robust_names[ROBUST_ENDS] = {"none", "certified", "falsified", "unknown",
                                               "misclassified"};

size_t robust_count(const robust *r, size_t radius, robust_end end)
{
    size_t n = 0;
    for (size_t k = 0; k < r->n; k++)
        n += robust_at(r, k, radius)->end == end;
    return n;
}

/* ---- tables -------------------------------------------------------------------------------- */

#define COLUMNS_MAX 8

static void add_number(cli_table *t, size_t n)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%zu", n);
    cli_table_add(t, text);
}

/* Proved: rounded down. "-": there is none. */
static void add_margin(cli_table *t, const robust_cell *c)
{
    char *text = c->has_margin ? sbx_d_write(c->margin, SBX_LO, 6) : NULL;
    if (c->has_margin && !text) t->failed = true;
    cli_table_add(t, text ? text : "-");
    sbx_text_free(text);
}

static void item_table(cli_table *t, const robust *r, const char *unit)
{
    static const char *const head[] = {"item", "label", "radius", "verdict", "margin", "time"};
    t->columns = 6;
    for (size_t k = 0; k < 6; k++)
        cli_table_add(t, k == 5 && !unit[0] ? "seconds" : head[k]);
    for (size_t k = 0; k < r->n; k++)
        for (size_t d = 0; d < r->radius.n; d++) {
            const robust_cell *const c = robust_at(r, k, d);
            char text[32];
            if (c->end == ROBUST_TODO) continue;
            add_number(t, r->item[k]);
            add_number(t, r->label[k]);
            cli_table_add(t, r->radius_text[d]);
            cli_table_add(t, robust_names[c->end]);
            add_margin(t, c);
            (void)snprintf(text, sizeof text, "%.3f%s", c->seconds, unit);
            cli_table_add(t, text);
        }
}

/* certified of all, in percent, cut after two places: never too much */
static void accuracy(char text[16], const robust *r, size_t d)
{
    const size_t all = r->n - robust_count(r, d, ROBUST_TODO);
    const size_t p = all ? 10000 * robust_count(r, d, ROBUST_CERTIFIED) / all : 0;
    (void)snprintf(text, 16, "%u.%02u", (unsigned)p / 100, (unsigned)p % 100);
}

static void summary_table(cli_table *t, const robust *r, const char *unit)
{
    static const char *const head[] = {"radius",  "items",         "certified",         "falsified",
                                       "unknown", "misclassified", "certified accuracy"};
    char text[24], cell[40];
    t->columns = 7;
    for (size_t k = 0; k < 7; k++)
        cli_table_add(t, head[k]);
    for (size_t d = 0; d < r->radius.n; d++) {
        cli_table_add(t, r->radius_text[d]);
        add_number(t, r->n - robust_count(r, d, ROBUST_TODO));
        for (int e = ROBUST_CERTIFIED; e < ROBUST_ENDS; e++)
            add_number(t, robust_count(r, d, (robust_end)e));
        accuracy(text, r, d);
        (void)snprintf(cell, sizeof cell, "%s%s", text, unit);
        cli_table_add(t, cell);
    }
}

/* ---- the answer ------------------------------------------------------------------------------ */

static bool print_json(const robust *r, FILE *f)
{
    bool ok = true;
    for (size_t k = 0; k < r->n && !r->text.summary; k++)
        for (size_t d = 0; d < r->radius.n; d++) {
            json_t *o = robust_at(r, k, d)->end != ROBUST_TODO ? robust_result(r, k, d) : NULL;
            if (robust_at(r, k, d)->end == ROBUST_TODO) continue;
            ok = ok && o && json_dumpf(o, f, JSON_COMPACT) == 0;
            (void)fputc('\n', f);
            json_decref(o);
        }
    for (size_t d = 0; d < r->radius.n; d++) {
        char text[16];
        accuracy(text, r, d);
        (void)fputs("{\"summary\":true,\"radius\":", f);
        cli_json_string(f, r->radius_text[d]);
        (void)fprintf(f, ",\"items\":%zu", r->n - robust_count(r, d, ROBUST_TODO));
        for (int e = ROBUST_CERTIFIED; e < ROBUST_ENDS; e++)
            (void)fprintf(f, ",\"%s\":%zu", robust_names[e], robust_count(r, d, (robust_end)e));
        (void)fprintf(f, ",\"certified_percent\":\"%s\"}\n", text);
    }
    return ok;
}

static void print_head(const robust *r, FILE *f)
{
    (void)fprintf(f, "network  %s\ndata     %s, %zu of %zu items\n", r->c.arg[0], r->text.data,
                  r->n, r->items);
    if (r->clip.n) (void)fprintf(f, "clip     %s\n", r->text.clip);
    if (r->text.probability)
        (void)fprintf(f, "asked    probability of the label >= %s\n", r->text.probability);
}

bool robust_print(const robust *r, FILE *f)
{
    cli_table items = {0}, summary = {0};
    const cli_format form = r->c.format;
    const bool with_items = !r->text.summary;
    bool ok;
    if (form == CLI_JSON) return print_json(r, f);
    item_table(&items, r, form == CLI_CSV ? "" : " s");
    summary_table(&summary, r, form == CLI_CSV ? "" : " %");
    ok = !items.failed && !summary.failed;
    if (form == CLI_CSV) {
        cli_table_csv(with_items ? &items : &summary, f);
    } else if (form == CLI_MARKDOWN) {
        if (with_items) cli_table_markdown(&items, f);
        if (with_items) (void)fputc('\n', f);
        cli_table_markdown(&summary, f);
    } else {
        print_head(r, f);
        if (with_items) (void)fputc('\n', f);
        if (with_items) cli_table_print(&items, f);
        (void)fputc('\n', f);
        cli_table_print(&summary, f);
    }
    cli_table_clear(&items);
    cli_table_clear(&summary);
    return ok;
}
