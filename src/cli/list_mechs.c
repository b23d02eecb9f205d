/* cli/list_mechs.c -- the attention mechanisms for softbox list: what each is, needs and promises.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    unsigned bit;
    const char *name;
} traits[] = {
    {SBX_MECH_NONNEGATIVE, "nonnegative"}, {SBX_MECH_SUMS_TO_ONE, "sums to one"},
    {SBX_MECH_CAUSAL, "causal"},           {SBX_MECH_SQUARE, "as many keys as queries"},
    {SBX_MECH_TIED, "keys are queries"},   {SBX_MECH_NO_WEIGHTS, "no weights"},
};
#define N_TRAITS (sizeof traits / sizeof *traits)

static void json_one(FILE *f, const sbx_mech_info *i)
{
    bool first = true;
    (void)fputs("{\"name\":", f);
    cli_json_string(f, i->name);
    list_member(f, "is", i->formula);
    list_member(f, "class", list_class(i->kind));
    (void)fputs(",\"needs\":[", f);
    list_needs_json(f, i->need);
    (void)fputs("],\"properties\":[", f);
    for (size_t k = 0; k < N_TRAITS; k++) {
        if (!(i->traits & traits[k].bit)) continue;
        (void)fprintf(f, "%s\"%s\"", first ? "" : ",", traits[k].name);
        first = false;
    }
    (void)fputc(']', f);
    list_member(f, "undefined", i->undefined);
    (void)fprintf(f, ",\"zero_rows\":%s,\"parameters\":[", i->zero_rows ? "true" : "false");
    list_params_json(f, i->param, i->n_params);
    (void)fputs("],\"extra\":[", f);
    for (size_t k = 0; k < i->n_extra; k++) {
        (void)fprintf(f, "%s{\"name\":", k ? "," : "");
        cli_json_string(f, i->extra[k].name);
        list_member(f, "is", i->extra[k].is);
        list_member(f, "fill", i->extra[k].fill);
        (void)fputc('}', f);
    }
    (void)fputc(']', f);
    list_member(f, "from", i->from);
    list_member(f, "note", i->note);
    (void)fputc('}', f);
}

void list_mechs_json(FILE *f)
{
    const sbx_mech *const *all = sbx_mechs();
    for (size_t k = 0; all[k]; k++) {
        if (k) (void)fputc(',', f);
        json_one(f, sbx_mech_get_info(all[k]));
    }
}

/* "E, F": the matrices that it needs beside */
static char *extras(const sbx_mech_info *i)
{
    char text[256] = "";
    size_t n = 0;
    for (size_t k = 0; k < i->n_extra && n < sizeof text; k++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", k ? "," : "", i->extra[k].name);
    return strdup(i->n_extra ? text : "-");
}

static const char *mark(const sbx_mech_info *i, unsigned bit, const char *yes)
{
    return i->traits & bit ? yes : "-";
}

bool list_mechs_text(FILE *f)
{
    const sbx_mech *const *all = sbx_mechs();
    cli_table t = {.columns = 9};
    static const char *const head[] = {"",       "name",   "class",    ">=0",    "sum",
                                       "causal", "beside", "defaults", "formula"};
    bool ok;
    for (size_t k = 0; k < t.columns; k++)
        cli_table_add(&t, head[k]);
    for (size_t k = 0; all[k]; k++) {
        const sbx_mech_info *i = sbx_mech_get_info(all[k]);
        cli_table_add(&t, "");
        cli_table_add(&t, i->name);
        cli_table_add(&t, i->kind == SBX_NORM_RATIONAL    ? "Q"
                          : i->kind == SBX_NORM_ALGEBRAIC ? "A"
                                                          : "T");
        cli_table_add(&t, mark(i, SBX_MECH_NONNEGATIVE, "yes"));
        cli_table_add(&t, mark(i, SBX_MECH_SUMS_TO_ONE, "1"));
        cli_table_add(&t, mark(i, SBX_MECH_CAUSAL, "yes"));
        cli_table_take(&t, extras(i));
        cli_table_take(&t, list_defaults(i->param, i->n_params));
        cli_table_add(&t, i->formula);
    }
    cli_table_print(&t, f);
    ok = !t.failed;
    cli_table_clear(&t);
    (void)fputs("class: Q rational (exact in mpq), A algebraic, T transcendental; beside: matrices "
                "that it\nneeds beside q, k, v, by name in the .npz or from --seed\n",
                f);
    return ok;
}
