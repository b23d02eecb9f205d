/* mech/mech.c -- the registry of the mechanisms, from mech/mechs.def, and their parameters.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/mech.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SBX_MECH(name) extern const sbx_mech sbx_mech_##name;
#include "mech/mechs.def"
#undef SBX_MECH

static const sbx_mech *const table[] = {
#define SBX_MECH(name) &sbx_mech_##name,
#include "mech/mechs.def"
#undef SBX_MECH
    NULL};

const sbx_mech *const *sbx_mechs(void) { return table; }
const sbx_mech_info *sbx_mech_get_info(const sbx_mech *f) { return &f->info; }

static const sbx_mech *find(const char *name, size_t len)
{
    for (size_t k = 0; table[k]; k++)
        if (strlen(table[k]->info.name) == len && memcmp(table[k]->info.name, name, len) == 0)
            return table[k];
    return NULL;
}

const sbx_mech *sbx_mech_find(const char *name) { return find(name, strlen(name)); }

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
    return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "no mechanism '%.*s': %s",
                    (int)(len < 20 ? len : 20), text, list);
}

sbx_status sbx_mech_read(sbx_mech_args *a, const char *text, sbx_err *err)
{
    const size_t len = strcspn(text, ":");
    const sbx_mech *f = find(text, len);
    sbx_status st = SBX_OK;
    *a = (sbx_mech_args){.mech = f};
    if (!f) return unknown(text, len, err);
    const sbx_params p = {f->info.name, f->info.param, f->info.n_params, a->value};
    SBX_TRY(sbx_params_default(&p, err));
    SBX_TRY(sbx_params_read(&p, text + len, err));
done:
    if (st != SBX_OK) sbx_mech_args_clear(a);
    return st;
}

void sbx_mech_args_clear(sbx_mech_args *a)
{
    for (size_t k = 0; k < SBX_MECH_PARAMS_MAX; k++)
        sbx_value_clear(&a->value[k]);
}

unsigned sbx_mech_traits(const sbx_mech_args *a)
{
    unsigned t = a->mech->traits ? a->mech->traits(a) : a->mech->info.traits;
    if (a->mech->info.zero_rows && a->zero_row == SBX_ZERO_ZERO)
        t &= ~(unsigned)SBX_MECH_SUMS_TO_ONE;
    return t;
}

size_t sbx_mech_rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    const size_t most = s.n < s.m ? s.n : s.m;
    size_t own = a->mech->rank ? a->mech->rank(a, s) : most;
    /* rows of zeros that become the uniform one [L-MCH-03] */
    if (a->mech->info.zero_rows && a->zero_row == SBX_ZERO_UNIFORM && own < most) own++;
    return own < most ? own : most;
}

void sbx_mech_dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows,
                   size_t *columns)
{
    *rows = *columns = 0;
    if (e < a->mech->info.n_extra) a->mech->dims(a, s, e, rows, columns);
}

sbx_status sbx_mech_extra_fits(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t numbers,
                               sbx_err *err)
{
    const sbx_mech_info *f = &a->mech->info;
    size_t rows, columns;
    sbx_mech_dims(a, s, e, &rows, &columns);
    if (columns && rows > SIZE_MAX / columns)
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "%s: a matrix %s that large", f->name,
                        f->extra[e].name);
    if (numbers != rows * columns)
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE,
                        "%s: the matrix %s has %zu numbers, not %zu times %zu", f->name,
                        f->extra[e].name, numbers, rows, columns);
    return SBX_OK;
}

sbx_status sbx_mech_fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    const sbx_mech_info *f = &a->mech->info;
    const size_t most = SIZE_MAX >> 24;
    sbx_status st = SBX_OK;
    if (s.n == 0 || s.m == 0 || s.d == 0 || s.dv == 0)
        SBX_FAIL(err, SBX_ERR_ARG, "%s: no queries, keys, values or none of their numbers",
                 f->name);
    if (s.n > most / s.d || s.m > most / s.d || s.m > most / s.dv)
        SBX_FAIL(err, SBX_ERR_ARG, "%s: an input that large", f->name);
    if ((f->traits & (SBX_MECH_SQUARE | SBX_MECH_TIED)) && s.n != s.m)
        SBX_FAIL(err, SBX_ERR_ARG, "%s needs as many queries as keys, not %zu and %zu", f->name,
                 s.n, s.m);
    if ((f->traits & SBX_MECH_CHANNELS) && s.d != s.dv)
        SBX_FAIL(err, SBX_ERR_ARG, "%s needs values of as many numbers as keys, not %zu and %zu",
                 f->name, s.dv, s.d);
    if (a->mech->fits) SBX_TRY(a->mech->fits(a, s, err));
done:
    return st;
}
