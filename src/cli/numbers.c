/* cli/numbers.c -- text to exact numbers and back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_BITS 4096 /* a longer binary fraction is shown in hexadecimal */

/* ceil(prec log10 2) + 1: 17 for 53, as every double needs */
int cli_digits(long prec)
{
    return (int)(prec / 100000 * 30103 + prec % 100000 * 30103 / 100000) + 2;
}

/* ---- writing ----------------------------------------------------------------- */

cli_ends *cli_ends_new(size_t n)
{
    cli_ends *z = calloc(n ? n : 1, sizeof *z);
    for (size_t k = 0; z && k < n; k++)
        mpq_inits(z[k].lo, z[k].hi, NULL);
    return z;
}

void cli_ends_free(cli_ends *z, size_t n)
{
    for (size_t k = 0; z && k < n; k++)
        mpq_clears(z[k].lo, z[k].hi, NULL);
    free(z);
}

/* a text of the library's as one that free() ends */
static char *own(char *text)
{
    char *copy = text ? strdup(text) : NULL;
    sbx_text_free(text);
    return copy;
}

/* q as a hexadecimal float of the given precision, rounded to the end e */
static char *hexadecimal(mpq_srcptr q, sbx_end e, mpfr_prec_t prec)
{
    char *text = NULL, *copy = NULL;
    mpfr_t v;
    mpfr_init2(v, prec);
    mpfr_set_q(v, q, e == SBX_LO ? MPFR_RNDD : MPFR_RNDU);
    if (fabs(mpfr_get_d(v, MPFR_RNDN)) <= DBL_MAX && mpfr_cmp_d(v, mpfr_get_d(v, MPFR_RNDN)) == 0)
        copy = own(sbx_d_write_hex(mpfr_get_d(v, MPFR_RNDN)));
    else if (mpfr_asprintf(&text, "%Ra", v) >= 0) {
        copy = strdup(text);
        mpfr_free_str(text);
    }
    mpfr_clear(v);
    return copy;
}

char *cli_outward(mpq_srcptr q, sbx_end e, cli_style s)
{
    const mpfr_prec_t prec = s.digits <= 17 ? 53 : (mpfr_prec_t)((double)s.digits * 3.3219281) + 1;
    return s.hex ? hexadecimal(q, e, prec) : own(sbx_q_write(q, e, s.digits));
}

char *cli_lower(const cli_ends *z, cli_style s)
{
    return z->no_lo ? strdup("-inf") : cli_outward(z->lo, SBX_LO, s);
}
char *cli_upper(const cli_ends *z, cli_style s)
{
    return z->no_hi ? strdup("inf") : cli_outward(z->hi, SBX_HI, s);
}

/* q = m 2^-a with m odd: m's bits are the precision that holds it */
static char *exact_hexadecimal(mpq_srcptr q)
{
    const size_t bits = mpz_sizeinbase(mpq_numref(q), 2);
    return hexadecimal(q, SBX_LO, bits < 2 ? 2 : (mpfr_prec_t)bits);
}

char *cli_exact(mpq_srcptr q, bool hex)
{
    const size_t bits = mpz_sizeinbase(mpq_denref(q), 2);
    const bool binary = mpz_scan1(mpq_denref(q), 0) == bits - 1;
    if (binary && (hex || bits > EXACT_BITS || mpz_sizeinbase(mpq_numref(q), 2) > EXACT_BITS))
        return exact_hexadecimal(q);
    return own(sbx_q_write_exact(q, SIZE_MAX));
}

/* At most 17 digits need at most 60 binary places, or the number is an integer. */
char *cli_double(double v, bool hex)
{
    char *text = NULL;
    mpq_t q;
    if (hex || !(fabs(v) <= DBL_MAX)) return own(sbx_d_write_hex(v));
    mpq_init(q);
    mpq_set_d(q, v);
    if (mpz_sizeinbase(mpq_denref(q), 2) <= 60) text = own(sbx_q_write_exact(q, 17));
    mpq_clear(q);
    if (text && !strchr(text, '/') && strlen(text) <= 40) return text;
    free(text);
    return own(sbx_d_write_hex(v));
}

/* ---- reading ----------------------------------------------------------------- */

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static sbx_status grow(cli_vec *z, sbx_err *err)
{
    const size_t room = z->room ? 2 * z->room : 16;
    sbx_status st = SBX_OK;
    mpq_t *v = realloc(z->v, room * sizeof *v);
    bool *below;
    if (!v) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", room);
    z->v = v;
    below = realloc(z->below, room * sizeof *below);
    if (!below) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", room);
    z->below = below;
    z->room = room;
done:
    return st;
}

/* "nan", "+inf", "Infinity", ...: words that deserve an answer of their own */
static bool is_word(const char *text, size_t len, const char *word)
{
    if (len && (*text == '+' || *text == '-')) text++, len--;
    if (len < strlen(word)) return false;
    for (size_t k = 0; word[k]; k++)
        if ((text[k] | 0x20) != word[k]) return false;
    return true;
}

sbx_status cli_vec_add(cli_vec *z, const char *name, const char *text, size_t len,
                       bool may_be_below, sbx_err *err)
{
    sbx_err why = {SBX_OK, NULL, ""};
    sbx_status st = SBX_OK;
    while (len && blank(text[len - 1]))
        len--;
    while (len && blank(*text))
        text++, len--;
    if (z->n == z->room) CLI_TRY(grow(z, err));
    z->below[z->n] = len == 4 && memcmp(text, "-inf", 4) == 0;
    if (z->below[z->n] && !may_be_below)
        CLI_FAIL(err, SBX_ERR_ARG, "%s[%zu] is -inf; only a lower end may be", name, z->n);
    if (is_word(text, len, "nan")) CLI_FAIL(err, SBX_ERR_ARG, "%s[%zu] is NaN", name, z->n);
    if (is_word(text, len, "inf") && !z->below[z->n])
        CLI_FAIL(err, SBX_ERR_ARG, "%s[%zu] is infinite; only a lower end may be, as -inf", name,
                 z->n);
    mpq_init(z->v[z->n]);
    if (!z->below[z->n]) st = sbx_q_read(z->v[z->n], text, len, &why);
    if (st == SBX_OK) {
        z->n++;
        return SBX_OK;
    }
    mpq_clear(z->v[z->n]);
    (void)sbx_fail(err, st, why.where, "%s[%zu]: %s", name, z->n, why.msg);
done:
    return st;
}

sbx_status cli_vec_read(cli_vec *z, const char *name, const char *text, bool may_be_below,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (!*text) CLI_FAIL(err, SBX_ERR_ARG, "%s is empty", name);
    for (;;) {
        const size_t len = strcspn(text, ",");
        CLI_TRY(cli_vec_add(z, name, text, len, may_be_below, err));
        if (!text[len]) break;
        text += len + 1;
    }
done:
    return st;
}

sbx_status cli_vec_read_file(cli_vec *z, const char *name, const char *text, size_t len,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t i = 0;
    for (;;) {
        size_t from;
        while (i < len && (blank(text[i]) || text[i] == ','))
            i++;
        if (i == len) break;
        for (from = i; i < len && !blank(text[i]) && text[i] != ',';)
            i++;
        CLI_TRY(cli_vec_add(z, name, text + from, i - from, false, err));
    }
    if (z->n == 0) CLI_FAIL(err, SBX_ERR_ARG, "%s is empty", name);
done:
    return st;
}

void cli_vec_clear(cli_vec *z)
{
    for (size_t k = 0; k < z->n; k++)
        mpq_clear(z->v[k]);
    free(z->v);
    free(z->below);
    *z = (cli_vec){0};
}
