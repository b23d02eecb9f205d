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

static sbx_params params(sbx_norm_args *a)
{
    const sbx_norm_info *f = &a->norm->info;
    return (sbx_params){f->name, f->param, f->n_params, a->value};
}

sbx_status sbx_norm_args_set(sbx_norm_args *a, const char *name, mpq_t *v, size_t n, sbx_err *err)
{
    const sbx_params p = params(a);
    return sbx_params_set(&p, name, v, n, err);
}

sbx_status sbx_norm_args_init(sbx_norm_args *a, const sbx_norm *f, sbx_err *err)
{
    sbx_status st = SBX_OK;
    *a = (sbx_norm_args){.norm = f, .zero_row = SBX_ZERO_ERROR};
    const sbx_params p = params(a);
    SBX_TRY(sbx_params_default(&p, err));
done:
    if (st != SBX_OK) sbx_norm_args_clear(a);
    return st;
}

void sbx_norm_args_clear(sbx_norm_args *a)
{
    for (size_t k = 0; k < SBX_NORM_PARAMS_MAX; k++)
        sbx_value_clear(&a->value[k]);
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
    *a = (sbx_norm_args){0};
    for (size_t k = 0; table[k] && !f; k++)
        if (strlen(table[k]->info.name) == len && memcmp(table[k]->info.name, text, len) == 0)
            f = table[k];
    if (!f) return unknown(text, len, err);
    SBX_TRY(sbx_norm_args_init(a, f, err));
    const sbx_params p = params(a);
    SBX_TRY(sbx_params_read(&p, text + len, err));
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

double sbx_norm_double(const sbx_norm_args *a, size_t k) { return sbx_value_double(&a->value[k]); }
long sbx_norm_long(const sbx_norm_args *a, size_t k) { return sbx_value_long(&a->value[k]); }
bool sbx_norm_is(const sbx_norm_args *a, size_t k, long v) { return sbx_value_is(&a->value[k], v); }
