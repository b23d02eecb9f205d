/* norm/norm.c -- the registry of the normalizers, from norm/norms.def, and their parameters.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "norm/norm.h"

#include <stdio.h>
#include <string.h>

#define SBX_NORM(name) extern const sbx_norm sbx_norm_##name;
#include "norm/norms.def"
#undef SBX_NORM

static const sbx_norm *const table[] = {
#define SBX_NORM(name) &sbx_norm_##name,
#include "norm/norms.def"
#undef SBX_NORM
    NULL};

const sbx_norm *const *sbx_norms(void) { return table; }
const sbx_norm_info *sbx_norm_get_info(const sbx_norm *f) { return &f->info; }

const sbx_norm *sbx_norm_find(const char *name)
{
    for (size_t k = 0; table[k]; k++)
        if (strcmp(table[k]->info.name, name) == 0) return table[k];
    return NULL;
}

/* ---- parameters ------------------------------------------------------------------- */

static void value_clear(sbx_norm_value *z)
{
    for (size_t i = 0; i < z->n; i++)
        mpq_clear(z->v[i]);
    sbx_free(z->v);
    *z = (sbx_norm_value){0, NULL};
}

/* z = v[0..n), copied */
static sbx_status value_set(sbx_norm_value *z, mpq_t *v, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_norm_value c = {n, sbx_alloc(n, sizeof *c.v)};
    if (!c.v) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t i = 0; i < n; i++) {
        mpq_init(c.v[i]);
        mpq_set(c.v[i], v[i]);
    }
    value_clear(z);
    *z = c;
done:
    return st;
}

/* the sign of v - text; text is a number of the registry */
static int against(mpq_srcptr v, const char *text)
{
    int s = 0;
    mpq_t q;
    mpq_init(q);
    if (sbx_q_read(q, text, strlen(text), NULL) == SBX_OK) s = mpq_cmp(v, q);
    mpq_clear(q);
    return s;
}

static bool in_domain(const sbx_norm_param *p, mpq_srcptr v)
{
    const int lo = p->lo ? against(v, p->lo) : 1, hi = p->hi ? against(v, p->hi) : -1;
    if (lo < (p->how & SBX_PARAM_OPEN_LO ? 1 : 0) || hi > (p->how & SBX_PARAM_OPEN_HI ? -1 : 0))
        return false;
    if ((p->how & (SBX_PARAM_INTEGER | SBX_PARAM_EVEN)) && mpz_cmp_ui(mpq_denref(v), 1) != 0)
        return false;
    return !(p->how & SBX_PARAM_EVEN) || mpz_even_p(mpq_numref(v));
}

/* "an even integer in (0, 1]" */
static const char *domain(char out[128], const sbx_norm_param *p)
{
    const char *const kind = p->how & SBX_PARAM_EVEN      ? "an even integer"
                             : p->how & SBX_PARAM_INTEGER ? "an integer"
                                                          : "a number";
    (void)snprintf(out, 128, "%s%s in %s%s, %s%s", p->how & SBX_PARAM_LIST ? "each " : "", kind,
                   p->lo && !(p->how & SBX_PARAM_OPEN_LO) ? "[" : "(", p->lo ? p->lo : "-inf",
                   p->hi ? p->hi : "inf", p->hi && !(p->how & SBX_PARAM_OPEN_HI) ? "]" : ")");
    return out;
}

sbx_status sbx_norm_args_set(sbx_norm_args *a, const char *name, mpq_t *v, size_t n, sbx_err *err)
{
    const sbx_norm_info *f = &a->norm->info;
    sbx_status st = SBX_OK;
    char text[128];
    for (size_t k = 0; k < f->n_params; k++) {
        const sbx_norm_param *p = &f->param[k];
        if (strcmp(p->name, name) != 0) continue;
        if (n == 0 || (n > 1 && !(p->how & SBX_PARAM_LIST)))
            SBX_FAIL(err, SBX_ERR_ARG, "%s: %s is one number, not %zu", f->name, name, n);
        for (size_t i = 0; i < n; i++)
            if (!in_domain(p, v[i]))
                SBX_FAIL(err, SBX_ERR_ARG, "%s: %s must be %s", f->name, name, domain(text, p));
        SBX_TRY(value_set(&a->value[k], v, n, err));
        return SBX_OK;
    }
    SBX_FAIL(err, SBX_ERR_ARG, "%s has no parameter '%.40s'", f->name, name);
done:
    return st;
}

/* Sets the parameter called name from "1,1/2,..". */
static sbx_status set_text(sbx_norm_args *a, const char *name, const char *text, size_t len,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t n = 1, i = 0, from = 0;
    mpq_t *v = NULL;
    for (size_t k = 0; k < len; k++)
        n += text[k] == ',';
    v = sbx_alloc(n, sizeof *v);
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t k = 0; k < n; k++)
        mpq_init(v[k]);
    for (size_t k = 0; k <= len; k++) {
        if (k < len && text[k] != ',') continue;
        st = sbx_q_read(v[i++], text + from, k - from, NULL);
        if (st != SBX_OK)
            SBX_FAIL(err, SBX_ERR_PARSE, "%s: %s = '%.*s' is no number", a->norm->info.name, name,
                     (int)(k - from < 40 ? k - from : 40), text + from);
        from = k + 1;
    }
    SBX_TRY(sbx_norm_args_set(a, name, v, n, err));
done:
    for (size_t k = 0; v && k < n; k++)
        mpq_clear(v[k]);
    sbx_free(v);
    return st;
}

sbx_status sbx_norm_args_init(sbx_norm_args *a, const sbx_norm *f, sbx_err *err)
{
    sbx_status st = SBX_OK;
    *a = (sbx_norm_args){.norm = f, .zero_row = SBX_ZERO_ERROR};
    for (size_t k = 0; k < f->info.n_params; k++) {
        const sbx_norm_param *p = &f->info.param[k];
        SBX_TRY(set_text(a, p->name, p->value, strlen(p->value), err));
    }
done:
    if (st != SBX_OK) sbx_norm_args_clear(a);
    return st;
}

void sbx_norm_args_clear(sbx_norm_args *a)
{
    for (size_t k = 0; k < SBX_NORM_PARAMS_MAX; k++)
        value_clear(&a->value[k]);
}

/* The names for a message, as many as it holds. */
static sbx_status unknown(const char *text, size_t len, sbx_err *err)
{
    char list[200] = "";
    size_t n = 0;
    for (size_t k = 0; table[k]; k++) {
        const char *name = table[k]->info.name;
        if (n + strlen(name) + 8 > sizeof list) {
            (void)snprintf(list + n, sizeof list - n, ", ...");
            break;
        }
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", k ? ", " : "", name);
    }
    return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "no normalizer '%.*s': %s",
                    (int)(len < 20 ? len : 20), text, list);
}

sbx_status sbx_norm_read(sbx_norm_args *a, const char *text, sbx_err *err)
{
    const size_t len = strcspn(text, ":");
    const sbx_norm *f = NULL;
    sbx_status st = SBX_OK;
    char name[64];
    *a = (sbx_norm_args){0};
    for (size_t k = 0; table[k] && !f; k++)
        if (strlen(table[k]->info.name) == len && memcmp(table[k]->info.name, text, len) == 0)
            f = table[k];
    if (!f) return unknown(text, len, err);
    SBX_TRY(sbx_norm_args_init(a, f, err));
    for (text += len; *text; text += strcspn(text, ":")) {
        const size_t left = strcspn(++text, ":="), all = strcspn(text, ":");
        if (text[left] != '=' || left == 0 || left >= sizeof name)
            SBX_FAIL(err, SBX_ERR_PARSE, "%s: '%.40s' is not PARAMETER=VALUE", f->info.name, text);
        memcpy(name, text, left);
        name[left] = 0;
        SBX_TRY(set_text(a, name, text + left + 1, all - left - 1, err));
    }
done:
    if (st != SBX_OK) sbx_norm_args_clear(a);
    return st;
}

bool sbx_zero_row_read(sbx_zero_row *z, const char *text)
{
    static const char *const names[] = {
        [SBX_ZERO_ERROR] = "error", [SBX_ZERO_UNIFORM] = "uniform", [SBX_ZERO_ZERO] = "zero"};
    for (unsigned k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(names[k], text) == 0) {
            *z = (sbx_zero_row)k;
            return true;
        }
    return false;
}

unsigned sbx_norm_traits(const sbx_norm_args *a)
{
    unsigned t = a->norm->traits ? a->norm->traits(a) : a->norm->info.traits;
    if (a->norm->info.zero_rows && a->zero_row == SBX_ZERO_ZERO && (t & SBX_NORM_SUMS_TO_ONE))
        t = (t & ~(unsigned)SBX_NORM_SUMS_TO_ONE) | SBX_NORM_SUMS_BELOW | SBX_NORM_SPARSE;
    return t;
}

size_t sbx_norm_outputs(const sbx_norm_args *a, size_t n)
{
    return a->norm->outputs ? a->norm->outputs(a, n) : n;
}

double sbx_norm_double(const sbx_norm_args *a, size_t k)
{
    double d;
    mpfr_t t;
    mpfr_init2(t, 53);
    mpfr_set_q(t, a->value[k].v[0], MPFR_RNDN);
    d = mpfr_get_d(t, MPFR_RNDN);
    mpfr_clear(t);
    return d;
}

long sbx_norm_long(const sbx_norm_args *a, size_t k)
{
    return mpz_get_si(mpq_numref(a->value[k].v[0]));
}

bool sbx_norm_is(const sbx_norm_args *a, size_t k, long v)
{
    return mpq_cmp_si(a->value[k].v[0], v, 1) == 0;
}
