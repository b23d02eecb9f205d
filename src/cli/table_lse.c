/* cli/table_lse.c -- softbox table lse-pieces: lse of two numbers by lines.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/named.h"

#include <stdlib.h>

static const cli_help help = {
    "usage: softbox table lse-pieces [--max R | --lines R] [options]\n",
    "lse(x, y) = y + log(1 + e^t), t = x - y, from below by the greatest of r lines a t + b, and from above by\n"
    "that plus the greatest error, which is proved; the errors between lines are equal, as for the best\n"
    "r lines (Hsiung, Kim, Boyd 2008). Two by two, lse of n numbers has n - 1 times the error.\n"
    "--lines R shows the lines themselves.\n"};

static sbx_status errors(sbx_table *t, size_t most, sbx_err *err)
{
    double a[SBX_PIECES_MAX], b[SBX_PIECES_MAX];
    sbx_status st = SBX_OK;
    sbx_table_column(t, &(sbx_column){"lines", NULL, SBX_COLUMN_TEXT});
    sbx_table_column(t, &(sbx_column){"greatest error", NULL, SBX_COLUMN_NUMBER});
    for (size_t r = 2; r <= most; r++) {
        sbx_ivd e = {0.0, 0.0};
        CLI_TRY(sbx_relax_softplus_pieces(a, b, &e, r, err));
        sbx_table_long(t, (long)r);
        sbx_table_range_d(t, e.lo, e.hi, SBX_HOW_PROVED);
    }
done:
    return st;
}

static sbx_status lines(sbx_table *t, size_t r, sbx_err *err)
{
    double a[SBX_PIECES_MAX] = {0.0}, b[SBX_PIECES_MAX] = {0.0};
    sbx_status st = SBX_OK;
    sbx_ivd e = {0.0, 0.0};
    char note[128], *text = NULL;
    sbx_table_column(t, &(sbx_column){"line", NULL, SBX_COLUMN_TEXT});
    sbx_table_column(t, &(sbx_column){"slope", "$a$", SBX_COLUMN_NUMBER});
    sbx_table_column(t, &(sbx_column){"constant", "$b$", SBX_COLUMN_NUMBER});
    CLI_TRY(sbx_relax_softplus_pieces(a, b, &e, r, err));
    for (size_t k = 0; k < r; k++) {
        sbx_table_long(t, (long)k);
        sbx_table_range_d(t, a[k], a[k], SBX_HOW_EXACT);
        sbx_table_range_d(t, b[k], b[k], SBX_HOW_EXACT);
    }
    text = sbx_d_write(e.hi, SBX_HI, 17);
    (void)snprintf(note, sizeof note,
                   "below log(1 + e^t) everywhere, by at most %s: proved for these numbers",
                   text ? text : "?");
    sbx_text_free(text);
    sbx_table_note(t, note);
done:
    return st;
}

int cli_table_lse_pieces(int argc, char **argv)
{
    cli c = {.command = "table lse-pieces", .forms = CLI_FORMS_TABLE};
    const char *most = "10", *one = NULL;
    const cli_option options[] = {
        {"max", "R", "up to so many lines; default 10, at most 64", &most, NULL},
        {"lines", "R", "the R lines themselves", &one, NULL},
    };
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_table *t = NULL;
    uint64_t r = 0;
    sbx_status st;
    int status = cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 0, 0, &help);
    if (status != CLI_GO_ON) return status;
    if (!cli_integer(&r, one ? one : most, 2, SBX_PIECES_MAX))
        return cli_error(&c, CLI_USAGE, "--%s '%s': a whole number, 2 to %d", one ? "lines" : "max",
                         one ? one : most, SBX_PIECES_MAX);
    st = sbx_table_new(
        &t, "lse-pieces",
        one ? "Lines below log(1 + e^t)" : "log(1 + e^t) by lines: the greatest error", &err);
    if (st == SBX_OK) st = one ? lines(t, (size_t)r, &err) : errors(t, (size_t)r, &err);
    if (st == SBX_OK) return cli_report_table(&c, t, argc, argv);
    sbx_table_free(t);
    return cli_fail(&c, &err);
}
