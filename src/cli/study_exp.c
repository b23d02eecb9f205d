/* cli/study_exp.c -- softbox table T13, degrees: exponentials that are polynomials.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/named.h"

#include <stdlib.h>
#include <string.h>

typedef struct approximation {
    const char *name, *lo, *hi;
    bool base2;
    size_t n;
    const char *coef[6]; /* exactly */
} approximation;

static const approximation all[] = {
    {"I-BERT", "-6931/10000", "0", false, 3, {"1", "0.96963238", "0.35815147"}},
    {"2^x, degree 1", "0", "1", true, 2, {"1", "0.922497093677520751953125"}},
    {"2^x, degree 2",
     "0",
     "1",
     true,
     3,
     {"1", "0.6657850742340087890625", "0.330107033252716064453125"}},
    {"2^x, degree 3",
     "0",
     "1",
     true,
     4,
     {"1", "0.695146143436431884765625", "0.227564394474029541015625",
      "0.077119089663028717041015625"}},
    {"2^x, degree 4",
     "0",
     "1",
     true,
     5,
     {"1", "0.693042695522308349609375", "0.2412912547588348388671875",
      "5.2225358784198760986328125e-2", "1.3434938155114650726318359375e-2"}},
    {"2^x, degree 5",
     "0",
     "1",
     true,
     6,
     {"1", "0.693151414394378662109375", "0.24016360938549041748046875",
      "5.5802188813686370849609375e-2", "9.01452265679836273193359375e-3",
      "1.86810153536498546600341796875e-3"}},
};

/* the weights of a softmax are within (1 + e) / (1 - e) - 1 when each term is within e; z: from e to
 * that, both rising */
static void induced(sbx_cell *z)
{
    mpq_t one, t;
    mpq_inits(one, t, NULL);
    mpq_set_ui(one, 1, 1);
    for (int k = 0; k < 2; k++) { /* 2 e / (1 - e) */
        mpq_ptr e = k ? z->hi : z->lo;
        mpq_sub(t, one, e);
        mpq_div(t, e, t);
        mpq_mul_2exp(e, t, 1);
    }
    mpq_clears(one, t, NULL);
}

static sbx_status row(sbx_table *t, const approximation *a, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_cell z;
    mpq_t c[6], lo, hi;
    mpq_inits(lo, hi, NULL);
    sbx_cell_init(&z);
    for (size_t k = 0; k < 6; k++)
        mpq_init(c[k]);
    for (size_t k = 0; k < a->n; k++)
        CLI_TRY(sbx_q_read(c[k], a->coef[k], strlen(a->coef[k]), err));
    CLI_TRY(sbx_q_read(lo, a->lo, strlen(a->lo), err));
    CLI_TRY(sbx_q_read(hi, a->hi, strlen(a->hi), err));
    sbx_table_text(t, a->name);
    for (int relative = 0; relative < 2; relative++) {
        CLI_TRY(sbx_study_exp_error(&z, (const mpq_t *)c, a->n, a->base2, relative, lo, hi, err));
        cli_cell(t, &z);
    }
    induced(&z);
    if (a->base2) /* powers of two are exact; -0.6931 is not -log 2 */
        cli_cell(t, &z);
    else
        sbx_table_open(t, "-", "other periods have other errors");
done:
    for (size_t k = 0; k < 6; k++)
        mpq_clear(c[k]);
    mpq_clears(lo, hi, NULL);
    sbx_cell_clear(&z);
    return st;
}

static int parse(cli *c, const char *command, const char *about, int argc, char **argv)
{
    char usage[80];
    const cli_help help = {usage, about};
    *c = (cli){.command = command, .forms = CLI_FORMS_TABLE};
    (void)snprintf(usage, sizeof usage, "usage: softbox %s [options]\n", command);
    return cli_parse(c, argc, argv, NULL, 0, 0, 0, &help);
}

int cli_table_t13(int argc, char **argv)
{
    static const char *const names[] = {"polynomial", "absolute error", "relative error",
                                        "relative error of softmax"};
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_table *t = NULL;
    cli c;
    int status = parse(
        &c, "table T13",
        "The greatest error of I-BERT's quadratic for e^x on [-0.6931, 0] and of FlashAttention's\n"
        "polynomials for 2^x on [0, 1], evaluated exactly, and what these do to a softmax in base 2.\n",
        argc, argv);
    if (status != CLI_GO_ON) return status;
    if (sbx_table_new(&t, "T13", "Polynomials in the place of exponentials", &err) != SBX_OK)
        return cli_fail(&c, &err);
    for (size_t k = 0; k < 4; k++)
        sbx_table_column(t, &(sbx_column){names[k], NULL, k ? SBX_COLUMN_NUMBER : SBX_COLUMN_TEXT});
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        if (row(t, &all[k], &err) != SBX_OK) {
            sbx_table_free(t);
            return cli_fail(&c, &err);
        }
    return cli_report_table(&c, t, argc, argv);
}

int cli_table_degrees(int argc, char **argv)
{
    static const long bits[] = {8, 11, 24};
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_table *t = NULL;
    cli c;
    int status = parse(
        &c, "table degrees",
        "The degree at which the Chebyshev series of e^x on [-B, B] is proved to be within a relative\n"
        "2^-8, 2^-11, 2^-24 everywhere; with *: one less may do. For 2^-8, the products of up to so many\n"
        "of 8 and of 64 coordinates: features whose inner product is that polynomial of q.k.\n",
        argc, argv);
    if (status != CLI_GO_ON) return status;
    if (sbx_table_new(&t, "degrees", "Degrees of the Chebyshev series of e^x on [-B, B]", &err) !=
        SBX_OK)
        return cli_fail(&c, &err);
    sbx_table_column(t, &(sbx_column){"B", NULL, SBX_COLUMN_TEXT});
    for (size_t k = 0; k < 3; k++) {
        char name[24];
        (void)snprintf(name, sizeof name, "2^-%ld", bits[k]);
        sbx_table_column(t, &(sbx_column){name, NULL, SBX_COLUMN_TEXT});
    }
    for (size_t k = 0; k < 2; k++)
        sbx_table_column(
            t, &(sbx_column){k ? "features, d = 64" : "features, d = 8", NULL, SBX_COLUMN_NUMBER});
    for (long b = 1; b <= 32; b *= 2) {
        size_t first = 0;
        sbx_table_long(t, b);
        for (size_t k = 0; k < 3; k++) {
            size_t n = 0;
            bool least = false;
            char text[32];
            if (sbx_study_exp_degree(&n, &least, b, bits[k], &err) != SBX_OK) {
                sbx_table_free(t);
                return cli_fail(&c, &err);
            }
            (void)snprintf(text, sizeof text, "%zu%s", n, least ? "" : "*");
            sbx_table_text(t, text);
            if (k == 0) first = n;
        }
        for (unsigned long d = 8; d <= 64; d *= 8) { /* all monomials of that degree or less */
            mpq_t v;
            mpq_init(v);
            mpz_bin_uiui(mpq_numref(v), d + first, first);
            sbx_table_exact(t, v, SBX_HOW_EXACT);
            mpq_clear(v);
        }
    }
    return cli_report_table(&c, t, argc, argv);
}
