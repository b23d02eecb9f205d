/* cli/report.c -- a table or plot of the library's, written in the form that was asked for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_DIGITS 10 /* of a proved number in a table for reading */

static sbx_form form(cli_format f, sbx_form other)
{
    switch (f) {
    case CLI_TEXT: return SBX_FORM_TEXT;
    case CLI_JSON: return SBX_FORM_JSON;
    case CLI_CSV: return SBX_FORM_CSV;
    case CLI_MARKDOWN: return SBX_FORM_MARKDOWN;
    case CLI_LATEX: return SBX_FORM_LATEX;
    case CLI_SVG: return SBX_FORM_SVG;
    case CLI_DEFAULT:
    case CLI_FORMATS: break;
    }
    return other;
}

/* "softbox table NAME ..." as a shell reads it, but for where the answer went */
static char *command(const cli *c, int argc, char **argv)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (!f) return NULL;
    (void)fprintf(f, "softbox %s", c->command);
    for (int k = 1; k < argc; k++) {
        const char *s = argv[k];
        if (strcmp(s, "--output") == 0) {
            k++;
            continue;
        }
        if (strncmp(s, "--output=", 9) == 0 || strcmp(s, "--quiet") == 0) continue;
        (void)fputc(' ', f);
        if (s[0] && !strpbrk(s, " \t\n'\"\\$`&|;<>()*?[]{}#~!")) {
            (void)fputs(s, f);
            continue;
        }
        (void)fputc('\'', f);
        for (; *s; s++)
            (void)fputs(*s == '\'' ? "'\\''" : (char[]){*s, 0}, f);
        (void)fputc('\'', f);
    }
    if (fclose(f)) {
        free(text);
        return NULL;
    }
    return text;
}

/* text from the library, or why there is none */
static int write_out(cli *c, char *text, sbx_status st, const sbx_err *err)
{
    int status;
    if (st != SBX_OK) return cli_fail(c, err);
    status = cli_open(c, NULL);
    if (status == CLI_DONE) {
        (void)fputs(text, c->out);
        status = cli_close(c, CLI_DONE);
    }
    sbx_text_free(text);
    return status;
}

int cli_report_table(cli *c, sbx_table *t, int argc, char **argv)
{
    sbx_err err = {SBX_OK, NULL, ""};
    char *text = NULL, *line = command(c, argc, argv);
    sbx_status st;
    int status;
    if (t && line) sbx_table_command(t, line);
    st = t && line ? sbx_table_write(&text, t, form(c->format, SBX_FORM_TEXT), TABLE_DIGITS, &err)
                   : sbx_fail(&err, SBX_ERR_NOMEM, "cli", "no memory for a table");
    status = write_out(c, text, st, &err);
    sbx_table_free(t);
    free(line);
    return status;
}

int cli_report_plot(cli *c, sbx_plot *p, int argc, char **argv)
{
    sbx_err err = {SBX_OK, NULL, ""};
    char *text = NULL, *line = command(c, argc, argv);
    sbx_status st;
    int status;
    if (p && line) sbx_plot_command(p, line);
    st = p && line ? sbx_plot_write(&text, p, form(c->format, SBX_FORM_SVG), &err)
                   : sbx_fail(&err, SBX_ERR_NOMEM, "cli", "no memory for a plot");
    status = write_out(c, text, st, &err);
    sbx_plot_free(p);
    free(line);
    return status;
}

int cli_plot_file(const cli *c, const char *path, const sbx_plot *p)
{
    sbx_err err = {SBX_OK, NULL, ""};
    char *text = NULL;
    sbx_status st = p ? sbx_plot_write(&text, p, SBX_FORM_SVG, &err)
                      : sbx_fail(&err, SBX_ERR_NOMEM, "cli", "no memory for a plot");
    FILE *f = st == SBX_OK ? fopen(path, "w") : NULL;
    int lost;
    if (st != SBX_OK) return cli_fail(c, &err);
    lost = !f || fputs(text, f) == EOF;
    if (f && fclose(f)) lost = 1;
    sbx_text_free(text);
    return lost ? cli_error(c, CLI_WRITE, "%s: %s", path, strerror(errno)) : CLI_DONE;
}
