/* cli/batch_list.c -- the instances of a batch, and the results that are there already.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/batch.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const batch_names[BATCH_ENDS] = {"todo",    "holds",   "violated",
                                             "unknown", "timeout", "error"};

void batch_clear(batch *b)
{
    for (size_t k = 0; k < b->n; k++) {
        free(b->item[k].net);
        free(b->item[k].prop);
        free(b->item[k].limit);
    }
    free(b->item);
}

bool batch_seconds(double *v, const char *text)
{
    mpq_t q;
    bool ok;
    mpq_init(q);
    ok = sbx_q_read(q, text, strlen(text), NULL) == SBX_OK && mpq_sgn(q) > 0 &&
         mpq_cmp_ui(q, 1000000000, 1) <= 0;
    *v = ok ? mpq_get_d(q) : 0.0;
    mpq_clear(q);
    return ok;
}

/* the next field of a line, blanks around it cut off */
static char *field(char **line)
{
    char *s = *line, *end;
    if (!s) return NULL;
    end = s + strcspn(s, ",");
    *line = *end ? end + 1 : NULL;
    *end = 0;
    while (*s == ' ' || *s == '\t')
        s++;
    for (size_t n = strlen(s); n && strchr(" \t\r", s[n - 1]); n--)
        s[n - 1] = 0;
    return s;
}

static bool add(batch *b, const char *net, const char *prop, const char *limit, double s)
{
    batch_item *t;
    if (b->n == b->room) {
        const size_t room = b->room ? 2 * b->room : 64;
        t = realloc(b->item, room * sizeof *t);
        if (!t) return false;
        b->item = t;
        b->room = room;
    }
    t = &b->item[b->n++];
    *t = (batch_item){strdup(net), strdup(prop), strdup(limit), s, BATCH_TODO, 0.0};
    return t->net && t->prop && t->limit;
}

static int read_line(batch *b, char *line, size_t number)
{
    char *const net = field(&line), *const prop = field(&line), *const limit = field(&line);
    double s = 0.0;
    if (!prop && !*net) return CLI_DONE;
    if (!prop || !limit || line || !*net || !*prop)
        return cli_error(&b->c, CLI_BAD_INPUT, "%s:%zu: not of the form net,property,seconds",
                         b->list, number);
    if (!batch_seconds(&s, limit))
        return number == 1 ? CLI_DONE
                           : cli_error(&b->c, CLI_BAD_INPUT,
                                       "%s:%zu: '%.40s' is no number of "
                                       "seconds above 0",
                                       b->list, number, limit);
    for (size_t k = 0; k < b->n; k++)
        if (strcmp(b->item[k].net, net) == 0 && strcmp(b->item[k].prop, prop) == 0)
            return cli_error(&b->c, CLI_BAD_INPUT, "%s:%zu: the same instance as before", b->list,
                             number);
    if (!add(b, net, prop, limit, s)) return cli_error(&b->c, CLI_INTERNAL, "no memory");
    return CLI_DONE;
}

int batch_read(batch *b)
{
    size_t len, number = 1;
    char *const text = cli_read_all(&b->c, b->list, &len), *next;
    int status = CLI_DONE;
    if (!text) return CLI_BAD_INPUT;
    if (strlen(text) != len)
        status = cli_error(&b->c, CLI_BAD_INPUT, "%s: holds a zero byte", b->list);
    for (char *line = text; status == CLI_DONE && line; line = next, number++) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        status = read_line(b, line, number);
    }
    free(text);
    if (status == CLI_DONE && b->n == 0)
        status = cli_error(&b->c, CLI_BAD_INPUT, "%s: no instance", b->list);
    return status;
}

/* ---- results ----------------------------------------------------------------------- */

static bool says(const json_t *o, const char *key, const char *text)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s && strcmp(s, text) == 0;
}

/* A result of these options and this limit counts; another one is let be. */
static void take(batch *b, const json_t *o)
{
    const char *s = json_string_value(json_object_get(o, "seconds"));
    if (!says(o, "options", b->options)) return;
    for (size_t k = 0; k < b->n; k++) {
        batch_item *t = &b->item[k];
        if (!says(o, "onnx", t->net) || !says(o, "vnnlib", t->prop) || !says(o, "limit", t->limit))
            continue;
        for (int e = BATCH_HOLDS; e < BATCH_ENDS; e++)
            if (says(o, "verdict", batch_names[e])) t->end = (batch_end)e;
        t->took = s ? strtod(s, NULL) : 0.0;
    }
}

/* the lines of a file that is there; *whole: bytes up to the last newline */
static int take_lines(batch *b, FILE *f, long *whole)
{
    char *line = NULL;
    size_t cap = 0, number = 0;
    int status = CLI_DONE;
    *whole = 0;
    for (ssize_t n; status == CLI_DONE && (n = getline(&line, &cap, f)) > 0;) {
        json_error_t why;
        json_t *o;
        number++;
        if (line[n - 1] != '\n') break; /* what a killed run left */
        o = json_loadb(line, (size_t)n, 0, &why);
        if (!json_is_object(o))
            status = cli_error(&b->c, CLI_BAD_INPUT, "%s:%zu: not a result: %s", b->results, number,
                               why.text);
        else
            take(b, o);
        json_decref(o);
        *whole += (long)n;
    }
    free(line);
    return status;
}

int batch_resume(batch *b, FILE **f)
{
    int status = CLI_DONE;
    long whole = 0;
    *f = NULL;
    if (!b->results) return CLI_DONE;
    *f = fopen(b->results, "a+");
    if (!*f) return cli_error(&b->c, CLI_WRITE, "%s: %s", b->results, strerror(errno));
    rewind(*f);
    status = take_lines(b, *f, &whole);
    if (status == CLI_DONE && (fseek(*f, 0, SEEK_END) || ftruncate(fileno(*f), whole)))
        status = cli_error(&b->c, CLI_WRITE, "%s: %s", b->results, strerror(errno));
    if (status != CLI_DONE) {
        (void)fclose(*f);
        *f = NULL;
    }
    return status;
}
