/* cli/mech_rows.c -- the distance of two mechanisms as cells of a table and as a JSON object.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/mech_rows.h"

#include <math.h>
#include <string.h>

const char *mech_name(const char *text)
{
    return strcmp(text, "attention") == 0 ? "softmax" : text;
}

const char *distance_sign(const sbx_distance *z)
{
    if (!z->has_mass) return "-";
    if (z->least.lo > 0.0) return ">0";
    if (z->least.lo >= 0.0) return ">=0";
    if (z->most.hi <= 0.0) return "<=0";
    if (z->least.hi < 0.0 && z->most.lo > 0.0) return "mixed";
    return z->least.hi < 0.0 ? "some <0" : "open";
}

void distance_columns(sbx_table *t)
{
    static const sbx_column all[] = {
        {"max entry", NULL, SBX_COLUMN_NUMBER},  {"row TV", NULL, SBX_COLUMN_NUMBER},
        {"Frobenius", NULL, SBX_COLUMN_NUMBER},  {"spectral", NULL, SBX_COLUMN_NUMBER},
        {"output max", NULL, SBX_COLUMN_NUMBER}, {"output Frobenius", NULL, SBX_COLUMN_NUMBER},
        {"least mass", NULL, SBX_COLUMN_NUMBER}, {"most mass", NULL, SBX_COLUMN_NUMBER},
        {"sign", NULL, SBX_COLUMN_TEXT},         {"rank", NULL, SBX_COLUMN_TEXT},
        {"numbers", NULL, SBX_COLUMN_TEXT}};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        sbx_table_column(t, &all[k]);
}

static void cell(sbx_table *t, bool there, const sbx_ivd *v, sbx_how how)
{
    if (!there)
        sbx_table_open(t, "-", NULL);
    else
        sbx_table_range_d(t, v->lo, v->hi, v->lo < v->hi ? SBX_HOW_PROVED : how);
}

static void rank_text(char text[48], const sbx_distance *z)
{
    if (!z->has_rank)
        (void)snprintf(text, 48, "-");
    else if (z->rank_least == z->rank_most)
        (void)snprintf(text, 48, "%zu", z->rank_most);
    else
        (void)snprintf(text, 48, "%zu..%zu", z->rank_least, z->rank_most);
}

void distance_cells(sbx_table *t, const sbx_distance *z, const char *input, const char *why)
{
    const sbx_how how = z && z->how == SBX_NUM_MPQ ? SBX_HOW_EXACT : SBX_HOW_PROVED;
    char text[48];
    for (size_t k = 0; !z && k < 11; k++)
        sbx_table_open(t, "-", k ? NULL : why);
    if (!z) {
        char note[SBX_MSG_LEN + 40];
        (void)snprintf(note, sizeof note, "%s%s%s", input ? input : "", input ? ", " : "", why);
        sbx_table_note(t, note);
        return;
    }
    cell(t, z->has_weights, &z->entry, how);
    cell(t, z->has_weights, &z->row_tv, how);
    cell(t, z->has_weights, &z->frobenius, how);
    cell(t, z->has_weights, &z->spectral, how);
    cell(t, z->has_outputs, &z->out_entry, how);
    cell(t, z->has_outputs, &z->out_frobenius, how);
    cell(t, z->has_mass, &z->mass_least, how);
    cell(t, z->has_mass, &z->mass_most, how);
    sbx_table_text(t, distance_sign(z));
    rank_text(text, z);
    sbx_table_text(t, text);
    if (z->how == SBX_NUM_IVF)
        (void)snprintf(text, sizeof text, "ivf:%ld", z->prec);
    else
        (void)snprintf(text, sizeof text, "%s", sbx_num_name(z->how));
    sbx_table_text(t, text);
}

static void number(FILE *f, double v, sbx_end e)
{
    char *text = fabs(v) < HUGE_VAL ? sbx_d_write(v, e, 17) : NULL;
    (void)fputs(text ? text : "null", f);
    sbx_text_free(text);
}

static void member(FILE *f, const char *key, bool there, const sbx_ivd *v)
{
    (void)fprintf(f, ",\"%s\":", key);
    if (!there) {
        (void)fputs("null", f);
        return;
    }
    (void)fputc('[', f);
    number(f, v->lo, SBX_LO);
    (void)fputc(',', f);
    number(f, v->hi, SBX_HI);
    (void)fputc(']', f);
}

void distance_json(FILE *f, const sbx_distance *z)
{
    member(f, "entry", z->has_weights, &z->entry);
    member(f, "row_tv", z->has_weights, &z->row_tv);
    member(f, "frobenius", z->has_weights, &z->frobenius);
    member(f, "spectral", z->has_weights, &z->spectral);
    member(f, "out_entry", z->has_outputs, &z->out_entry);
    member(f, "out_frobenius", z->has_outputs, &z->out_frobenius);
    member(f, "mass_least", z->has_mass, &z->mass_least);
    member(f, "mass_most", z->has_mass, &z->mass_most);
    member(f, "least", z->has_mass, &z->least);
    member(f, "most", z->has_mass, &z->most);
    (void)fprintf(f, ",\"sign\":\"%s\"", distance_sign(z));
    if (z->has_rank)
        (void)fprintf(f, ",\"rank\":[%zu,%zu]", z->rank_least, z->rank_most);
    else
        (void)fputs(",\"rank\":null", f);
    (void)fprintf(f, ",\"numbers\":\"%s\",\"bits\":", sbx_num_name(z->how));
    if (z->how == SBX_NUM_MPQ)
        (void)fputs("null", f);
    else
        (void)fprintf(f, "%ld", z->prec);
    (void)fprintf(f, ",\"boxes\":%zu", z->boxes);
}

sbx_status distance_of(sbx_distance *z, const cli *c, sbx_mech_data *x, const mech_input *in,
                       const sbx_distance_ask *ask, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_distance_ask a = *ask;
    sbx_mech_data y = *x; /* the same q, k, v */
    sbx_status st = SBX_OK;
    memset(y.extra, 0, sizeof y.extra);
    memset(y.n_extra, 0, sizeof y.n_extra);
    CLI_TRY(mech_input_extra(c, x, ask->of, in, err));
    CLI_TRY(mech_input_extra(c, &y, ask->from, in, err));
    a.of_x = x;
    a.from_x = &y;
    CLI_TRY(sbx_mech_distance(z, &a, ctx, err));
done:
    sbx_mech_extra_clear(&y);
    sbx_mech_extra_clear(x);
    return st;
}
