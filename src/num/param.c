/* num/param.c -- parameters with names and domains, and how they are read.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/param.h"

#include "base/alloc.h"
#include "base/try.h"

#include <stdio.h>
#include <string.h>

void sbx_value_clear(sbx_value *z)
{
    for (size_t i = 0; i < z->n; i++)
        mpq_clear(z->v[i]);
    sbx_free(z->v);
    *z = (sbx_value){0, NULL};
}

/* z = v[0..n), copied */
static sbx_status value_set(sbx_value *z, mpq_t *v, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_value c = {n, sbx_alloc(n, sizeof *c.v)};
    if (!c.v) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t i = 0; i < n; i++) {
        mpq_init(c.v[i]);
        mpq_set(c.v[i], v[i]);
    }
    sbx_value_clear(z);
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

static bool in_range(const sbx_param *p, mpq_srcptr v)
{
    const int lo = p->lo ? against(v, p->lo) : 1, hi = p->hi ? against(v, p->hi) : -1;
    if (lo < (p->how & SBX_PARAM_OPEN_LO ? 1 : 0) || hi > (p->how & SBX_PARAM_OPEN_HI ? -1 : 0))
        return false;
    if ((p->how & (SBX_PARAM_INTEGER | SBX_PARAM_EVEN)) && mpz_cmp_ui(mpq_denref(v), 1) != 0)
        return false;
    return !(p->how & SBX_PARAM_EVEN) || mpz_even_p(mpq_numref(v));
}

/* the number of the name text[0..len) among p's, from 0; how many there are, when it is none */
static unsigned long name_of(const sbx_param *p, const char *text, size_t len)
{
    unsigned long k = 0;
    for (const char *s = p->lo;; k++, s++) {
        const size_t l = strcspn(s, "|");
        if (l == len && memcmp(s, text, l) == 0) return k;
        s += l;
        if (!*s) return k + 1;
    }
}

static bool in_domain(const sbx_param *p, mpq_srcptr v)
{
    if (p->how & SBX_PARAM_NAME)
        return mpq_sgn(v) >= 0 && mpz_cmp_ui(mpq_denref(v), 1) == 0 &&
               mpz_cmp_ui(mpq_numref(v), name_of(p, "", 0)) < 0;
    return in_range(p, v);
}

/* "an even integer in (0, 1]" */
static const char *domain(char out[128], const sbx_param *p)
{
    if (p->how & SBX_PARAM_NAME) {
        (void)snprintf(out, 128, "one of %s", p->lo);
        return out;
    }
    const char *const kind = p->how & SBX_PARAM_EVEN      ? "an even integer"
                             : p->how & SBX_PARAM_INTEGER ? "an integer"
                                                          : "a number";
    (void)snprintf(out, 128, "%s%s in %s%s, %s%s", p->how & SBX_PARAM_LIST ? "each " : "", kind,
                   p->lo && !(p->how & SBX_PARAM_OPEN_LO) ? "[" : "(", p->lo ? p->lo : "-inf",
                   p->hi ? p->hi : "inf", p->hi && !(p->how & SBX_PARAM_OPEN_HI) ? "]" : ")");
    return out;
}

static const sbx_param *find(const sbx_params *a, const char *name)
{
    for (size_t k = 0; k < a->n; k++)
        if (strcmp(a->p[k].name, name) == 0) return &a->p[k];
    return NULL;
}

sbx_status sbx_params_set(const sbx_params *a, const char *name, mpq_t *v, size_t n, sbx_err *err)
{
    const sbx_param *p = find(a, name);
    sbx_status st = SBX_OK;
    char text[128];
    if (!p) SBX_FAIL(err, SBX_ERR_ARG, "%s has no parameter '%.40s'", a->owner, name);
    if (n == 0 || (n > 1 && !(p->how & SBX_PARAM_LIST)))
        SBX_FAIL(err, SBX_ERR_ARG, "%s: %s is one %s, not %zu", a->owner, name,
                 p->how & SBX_PARAM_NAME ? "name" : "number", n);
    for (size_t i = 0; i < n; i++)
        if (!in_domain(p, v[i]))
            SBX_FAIL(err, SBX_ERR_ARG, "%s: %s must be %s", a->owner, name, domain(text, p));
    SBX_TRY(value_set(&a->value[p - a->p], v, n, err));
done:
    return st;
}

/* Sets the parameter called name from "1,1/2,..". */
static sbx_status set_text(const sbx_params *a, const char *name, const char *text, size_t len,
                           sbx_err *err)
{
    const sbx_param *p = find(a, name);
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
        if (p && (p->how & SBX_PARAM_NAME))
            mpq_set_ui(v[i++], name_of(p, text + from, k - from), 1);
        else
            st = sbx_q_read(v[i++], text + from, k - from, NULL);
        if (st != SBX_OK)
            SBX_FAIL(err, SBX_ERR_PARSE, "%s: %s = '%.*s' is no number", a->owner, name,
                     (int)(k - from < 40 ? k - from : 40), text + from);
        from = k + 1;
    }
    SBX_TRY(sbx_params_set(a, name, v, n, err));
done:
    for (size_t k = 0; v && k < n; k++)
        mpq_clear(v[k]);
    sbx_free(v);
    return st;
}

sbx_status sbx_params_default(const sbx_params *a, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < a->n; k++)
        SBX_TRY(set_text(a, a->p[k].name, a->p[k].value, strlen(a->p[k].value), err));
done:
    return st;
}

sbx_status sbx_params_read(const sbx_params *a, const char *text, sbx_err *err)
{
    sbx_status st = SBX_OK;
    char name[64];
    for (; *text; text += strcspn(text, ":")) {
        const size_t left = strcspn(++text, ":="), all = strcspn(text, ":");
        if (text[left] != '=' || left == 0 || left >= sizeof name)
            SBX_FAIL(err, SBX_ERR_PARSE, "%s: '%.40s' is not PARAMETER=VALUE", a->owner, text);
        memcpy(name, text, left);
        name[left] = 0;
        SBX_TRY(set_text(a, name, text + left + 1, all - left - 1, err));
    }
done:
    return st;
}

double sbx_value_double(const sbx_value *z)
{
    double d;
    mpfr_t t;
    mpfr_init2(t, 53);
    mpfr_set_q(t, z->v[0], MPFR_RNDN);
    d = mpfr_get_d(t, MPFR_RNDN);
    mpfr_clear(t);
    return d;
}

long sbx_value_long(const sbx_value *z) { return mpz_get_si(mpq_numref(z->v[0])); }

bool sbx_value_is(const sbx_value *z, long v) { return mpq_cmp_si(z->v[0], v, 1) == 0; }
