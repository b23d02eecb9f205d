/* cli/output.c -- errors in one line, the answer's file, JSON strings, tables.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int cli_error(const cli *c, int status, const char *fmt, ...)
{
    char line[2048];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    for (char *s = line; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f) *s = '?'; /* one line, no control characters */
    if (c->out) (void)fflush(c->out);
    (void)fprintf(stderr, "softbox: %s%s%s\n", c->command ? c->command : "", c->command ? ": " : "",
                  line);
    return status;
}

int cli_fail(const cli *c, const sbx_err *err)
{
    const bool ours = err->code == SBX_ERR_NOMEM || err->code == SBX_ERR_SOUNDNESS;
    if (err->code == SBX_ERR_SOUNDNESS)
        return cli_error(c, CLI_INTERNAL, "%s: %s: %s", err->where ? err->where : "?",
                         sbx_status_name(err->code), err->msg);
    return cli_error(c, ours ? CLI_INTERNAL : CLI_BAD_INPUT, "%s", err->msg);
}

/* ---- files ------------------------------------------------------------------- */

static bool same_file(const char *path, FILE *f)
{
    struct stat a, b;
    return stat(path, &a) == 0 && fstat(fileno(f), &b) == 0 && S_ISREG(a.st_mode) &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int cli_open(cli *c, FILE *same_as)
{
    if (!c->output) {
        c->out = stdout;
        return CLI_DONE;
    }
    if (same_as && same_file(c->output, same_as))
        return cli_error(c, CLI_USAGE, "%s: the output is the input", c->output);
    c->out = fopen(c->output, "w");
    if (!c->out) return cli_error(c, CLI_WRITE, "%s: %s", c->output, strerror(errno));
    return CLI_DONE;
}

int cli_close(cli *c, int status)
{
    FILE *f = c->out;
    int lost;
    errno = c->why;
    lost = ferror(f);
    if (fflush(f)) lost = 1;
    if (fclose(f)) lost = 1;
    c->out = NULL;
    if (!lost) return status;
    return cli_error(c, CLI_WRITE, "%s: the output could not be written%s%s",
                     c->output ? c->output : "standard output", errno ? ": " : "",
                     errno ? strerror(errno) : "");
}

FILE *cli_read_open(const cli *c, const char *path)
{
    struct stat s;
    FILE *f;
    if (strcmp(path, "-") == 0) return stdin;
    f = fopen(path, "r");
    if (f && fstat(fileno(f), &s) == 0 && S_ISDIR(s.st_mode)) {
        (void)fclose(f);
        errno = EISDIR;
        f = NULL;
    }
    if (!f) (void)cli_error(c, CLI_BAD_INPUT, "%s: %s", path, strerror(errno));
    return f;
}

char *cli_read_all(const cli *c, const char *path, size_t *len)
{
    FILE *f = cli_read_open(c, path);
    char *text = NULL;
    size_t n = 0, room = 0;
    if (!f) return NULL;
    for (;;) {
        if (room - n < 2) {
            char *more = realloc(text, room ? 2 * room : 4096);
            if (!more) goto failed;
            text = more;
            room = room ? 2 * room : 4096;
        }
        *len = fread(text + n, 1, room - n - 1, f);
        n += *len;
        if (*len == 0) break;
    }
    if (ferror(f)) goto failed;
    if (f != stdin) (void)fclose(f);
    text[n] = 0;
    *len = n;
    return text;
failed:
    (void)cli_error(c, CLI_BAD_INPUT, "%s: %s", path, strerror(errno));
    if (f != stdin) (void)fclose(f);
    free(text);
    return NULL;
}

/* ---- JSON -------------------------------------------------------------------- */

void cli_json_string(FILE *f, const char *s)
{
    json_t *v = json_string(s);
    if (!v) {
        char *ascii = strdup(s);
        for (char *t = ascii; ascii && *t; t++)
            if ((unsigned char)*t >= 0x80) *t = '?';
        v = ascii ? json_string(ascii) : NULL;
        free(ascii);
    }
    if (!v || json_dumpf(v, f, JSON_ENCODE_ANY)) (void)fputs("\"\"", f);
    json_decref(v);
}

/* A value as it was read; a real number by its shortest digits, not by all that it has. */
void cli_json_echo(FILE *f, const json_t *v)
{
    char text[32];
    double back;
    if (!json_is_real(v)) {
        (void)json_dumpf(v, f, JSON_ENCODE_ANY | JSON_COMPACT);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, json_real_value(v));
        back = strtod(text, NULL);
        if (back >= json_real_value(v) && back <= json_real_value(v)) break;
    }
    (void)fputs(text, f);
}

/* ---- tables ------------------------------------------------------------------ */

void cli_table_add(cli_table *t, const char *text)
{
    char *copy = strdup(text);
    if (t->n == t->room) {
        const size_t room = t->room ? 2 * t->room : 64;
        char **cell = realloc(t->cell, room * sizeof *cell);
        if (cell) {
            t->cell = cell;
            t->room = room;
        }
    }
    if (!copy || t->n == t->room) {
        free(copy);
        t->failed = true;
        return;
    }
    t->cell[t->n++] = copy;
}

void cli_table_take(cli_table *t, char *text)
{
    if (text)
        cli_table_add(t, text);
    else
        t->failed = true;
    free(text);
}

void cli_table_print(const cli_table *t, FILE *f)
{
    size_t *width = calloc(t->columns, sizeof *width); /* NULL: not aligned */
    for (size_t k = 0; width && k < t->n; k++)
        if (strlen(t->cell[k]) > width[k % t->columns]) width[k % t->columns] = strlen(t->cell[k]);
    for (size_t k = 0; k < t->n; k++) {
        const size_t col = k % t->columns;
        if (col + 1 == t->columns || k + 1 == t->n)
            (void)fprintf(f, "%s\n", t->cell[k]);
        else
            (void)fprintf(f, "%-*s  ", width ? (int)width[col] : 0, t->cell[k]);
    }
    free(width);
}

void cli_table_csv(const cli_table *t, FILE *f)
{
    for (size_t k = 0; k < t->n; k++) {
        const char *s = t->cell[k];
        const bool quoted = s[strcspn(s, ",\"\r\n")] != 0;
        if (quoted) (void)fputc('"', f);
        for (; *s; s++)
            (void)fprintf(f, *s == '"' ? "\"\"" : "%c", *s);
        (void)fprintf(f, "%s%s", quoted ? "\"" : "", (k + 1) % t->columns ? "," : "\n");
    }
}

void cli_table_markdown(const cli_table *t, FILE *f)
{
    for (size_t k = 0; k < t->n; k++) {
        const bool ends = (k + 1) % t->columns == 0;
        (void)fputs("| ", f);
        for (const char *s = t->cell[k]; *s; s++)
            (void)fprintf(f, *s == '|' ? "\\|" : "%c", *s);
        (void)fputs(ends ? " |\n" : " ", f);
        if (k + 1 != t->columns) continue;
        for (size_t i = 0; i < t->columns; i++)
            (void)fputs(i + 1 < t->columns ? "| --- " : "| --- |\n", f);
    }
}

void cli_table_clear(cli_table *t)
{
    for (size_t k = 0; k < t->n; k++)
        free(t->cell[k]);
    free(t->cell);
    *t = (cli_table){.columns = t->columns};
}
