/* cli/mech_input.c -- queries, keys and values from the command line, exactly.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/mech_input.h"

#include <string.h>

const char *cli_peek(int argc, char **argv, const char *option)
{
    const size_t n = strlen(option);
    for (int k = 1; k < argc && strcmp(argv[k], "--") != 0; k++) {
        const char *s = argv[k];
        if (strncmp(s, "--", 2) != 0 || strncmp(s + 2, option, n) != 0) continue;
        if (s[n + 2] == '=') return s + n + 3;
        if (s[n + 2] == 0) return k + 1 < argc ? argv[k + 1] : NULL;
    }
    return NULL;
}

bool mech_input_given(const mech_input *o) { return o->input || o->q || o->generate; }

const char *mech_input_name(const mech_input *o)
{
    return o->generate ? o->generate : o->input ? o->input : o->q;
}

/* ---- arrays ------------------------------------------------------------------------------ */

/* a has two dimensions, and something in both */
static sbx_status matrix(size_t *rows, size_t *columns, const sbx_array *a, const char *file,
                         const char *name, sbx_err *err)
{
    if (a->rank != 2)
        return sbx_fail(err, SBX_ERR_ARG, "cli", "%s: %s has %zu dimensions, not 2", file, name,
                        a->rank);
    if (a->dim[0] == 0 || a->dim[1] == 0)
        return sbx_fail(err, SBX_ERR_ARG, "cli", "%s: %s is empty: %zu x %zu", file, name,
                        a->dim[0], a->dim[1]);
    *rows = a->dim[0];
    *columns = a->dim[1];
    return SBX_OK;
}

static sbx_status copy(mpq_t *z, const sbx_array *a, const char *file, const char *name,
                       sbx_err *err)
{
    sbx_err why = {SBX_OK, NULL, ""};
    for (size_t k = 0; k < a->n; k++)
        if (sbx_array_get(z[k], a, k, &why) != SBX_OK)
            return sbx_fail(err, why.code, "cli", "%s: %s: %.200s", file, name, why.msg);
    return SBX_OK;
}

typedef struct parts {
    const sbx_array *a[3]; /* q, k, v */
    const char *file[3];
    sbx_data data[3]; /* what was read: a .npz is the first */
} parts;
static const char *const part_names[] = {"q", "k", "v"};

static sbx_status find_parts(parts *p, const mech_input *o, size_t bytes, bool tied, sbx_err *err)
{
    const char *const file[] = {o->q, o->k, o->v};
    sbx_status st = SBX_OK;
    for (size_t e = 0; e < 3; e++)
        p->file[e] = o->input ? o->input : file[e];
    if (tied && !o->input && !o->k) p->file[1] = NULL;
    if (o->input) CLI_TRY(sbx_data_read(&p->data[0], o->input, bytes, err));
    for (size_t e = 0; e < 3; e++) {
        if (!p->file[e]) continue;
        if (!o->input) CLI_TRY(sbx_data_read(&p->data[e], p->file[e], bytes, err));
        if (!o->input && p->data[e].n_arrays != 1)
            CLI_FAIL(err, SBX_ERR_ARG, "%s: %zu arrays; --input reads q, k, v of one file",
                     p->file[e], p->data[e].n_arrays);
        p->a[e] = o->input ? sbx_data_find(&p->data[0], part_names[e]) : p->data[e].array;
        if (!p->a[e] && !(tied && e == 1))
            CLI_FAIL(err, SBX_ERR_ARG, "%s: no array '%s'", p->file[e], part_names[e]);
    }
    if (!p->a[1]) {
        p->a[1] = p->a[0];
        p->file[1] = p->file[0];
    }
done:
    return st;
}

static sbx_status read_parts(sbx_mech_data *x, const parts *p, sbx_err *err)
{
    size_t rows[3] = {0}, columns[3] = {0};
    sbx_status st = SBX_OK;
    for (size_t e = 0; e < 3; e++)
        CLI_TRY(matrix(&rows[e], &columns[e], p->a[e], p->file[e], part_names[e], err));
    if (columns[1] != columns[0])
        CLI_FAIL(err, SBX_ERR_ARG, "%s: k has rows of %zu numbers, q of %zu", p->file[1],
                 columns[1], columns[0]);
    if (rows[2] != rows[1])
        CLI_FAIL(err, SBX_ERR_ARG, "%s: v has %zu rows, k has %zu", p->file[2], rows[2], rows[1]);
    CLI_TRY(sbx_mech_data_new(x, (sbx_mech_shape){rows[0], rows[1], columns[0], columns[2]}, err));
    CLI_TRY(copy(x->q, p->a[0], p->file[0], "q", err));
    CLI_TRY(copy(x->k, p->a[1], p->file[1], "k", err));
    CLI_TRY(copy(x->v, p->a[2], p->file[2], "v", err));
done:
    return st;
}

/* ---- what the options say -------------------------------------------------------------------- */

static int check(const cli *c, const mech_input *o, bool tied)
{
    if (!!o->input + !!o->q + !!o->generate != 1)
        return cli_error(c, CLI_USAGE,
                         "the input: one of --input, --q with --k and --v, --generate");
    if (o->q && (!o->v || (!o->k && !tied)))
        return cli_error(c, CLI_USAGE, "--q needs --%s", o->v ? "k" : "v");
    if (!o->q && (o->k || o->v)) return cli_error(c, CLI_USAGE, "--%s needs --q", o->k ? "k" : "v");
    if (!o->generate && (o->n || o->d || o->dv))
        return cli_error(c, CLI_USAGE, "--%s is for --generate", o->n ? "n" : o->d ? "d" : "dv");
    return CLI_GO_ON;
}

static bool size(uint64_t *v, const char *text)
{
    return !text || cli_integer(v, text, 1, 1000000);
}

int mech_input_read(const cli *c, sbx_mech_data *x, const mech_input *o, bool tied)
{
    sbx_err err = {SBX_OK, NULL, ""};
    uint64_t n = 64, d = 16, dv;
    size_t bytes = 0;
    parts p = {0};
    sbx_status st;
    const int status = check(c, o, tied);
    *x = (sbx_mech_data){0};
    if (status != CLI_GO_ON) return status;
    if (!size(&n, o->n)) return cli_error(c, CLI_USAGE, "--n '%s': 1 to 1000000", o->n);
    if (!size(&d, o->d)) return cli_error(c, CLI_USAGE, "--d '%s': 1 to 1000000", o->d);
    dv = d;
    if (!size(&dv, o->dv)) return cli_error(c, CLI_USAGE, "--dv '%s': 1 to 1000000", o->dv);
    if (!cli_memory(&bytes, o->memory))
        return cli_error(c, CLI_USAGE, "--memory '%s': " CLI_MEMORY_FORM, o->memory);
    if (o->generate) {
        CLI_TRY(sbx_mech_generate(x, o->generate, (size_t)n, (size_t)d, (size_t)dv, c->seed, &err));
    } else {
        CLI_TRY(find_parts(&p, o, bytes, tied, &err));
        CLI_TRY(read_parts(x, &p, &err));
    }
done:
    for (size_t e = 0; e < 3; e++)
        sbx_data_clear(&p.data[e]);
    if (st == SBX_OK) return CLI_GO_ON;
    sbx_mech_data_clear(x);
    return cli_fail(c, &err);
}

static uint64_t word(uint64_t h, uint64_t w)
{
    for (int k = 0; k < 8; k++, w >>= 8)
        h = (h ^ (w & 255)) * UINT64_C(0x100000001b3);
    return h;
}

static uint64_t whole(uint64_t h, mpz_srcptr z)
{
    h = word(h, mpz_size(z) * 2 + (mpz_sgn(z) < 0));
    for (size_t k = 0; k < mpz_size(z); k++)
        h = word(h, mpz_getlimbn(z, (mp_size_t)k));
    return h;
}

uint64_t mech_input_hash(uint64_t h, mpq_t *z, size_t n)
{
    h = word(h, z ? n : 0);
    for (size_t k = 0; z && k < n; k++)
        h = whole(whole(h, mpq_numref(z[k])), mpq_denref(z[k]));
    return h;
}

sbx_status mech_input_matrix(mpq_t *z, const char *file, size_t rows, size_t columns,
                             const char *memory, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_data data = {0};
    size_t n = 0, m = 0, bytes = 0;
    (void)cli_memory(&bytes, memory);
    CLI_TRY(sbx_data_read(&data, file, bytes, err));
    if (data.n_arrays != 1)
        CLI_FAIL(err, SBX_ERR_ARG, "%s: %zu arrays, not one", file, data.n_arrays);
    CLI_TRY(matrix(&n, &m, data.array, file, "the array", err));
    if (n != rows || m != columns)
        CLI_FAIL(err, SBX_ERR_ARG, "%s: %zu x %zu, not %zu x %zu", file, n, m, rows, columns);
    CLI_TRY(copy(z, data.array, file, "the array", err));
done:
    sbx_data_clear(&data);
    return st;
}

sbx_status mech_input_extra(const cli *c, sbx_mech_data *x, const sbx_mech_args *a,
                            const mech_input *o, sbx_err *err)
{
    const sbx_mech_info *f = sbx_mech_get_info(a->mech);
    size_t rows = 0, columns = 0, want_rows = 0, want_columns = 0, bytes = 0;
    sbx_status st = SBX_OK;
    sbx_data data = {0};
    sbx_mech_extra_clear(x);
    (void)cli_memory(&bytes, o->memory);
    if (o->input && f->n_extra) CLI_TRY(sbx_data_read(&data, o->input, bytes, err));
    for (size_t e = 0; e < f->n_extra; e++) {
        const char *name = f->extra[e].name;
        const sbx_array *m = sbx_data_find(&data, name);
        if (!m) continue;
        CLI_TRY(matrix(&rows, &columns, m, o->input, name, err));
        sbx_mech_dims(a, x->shape, e, &want_rows, &want_columns);
        if (rows != want_rows || columns != want_columns)
            CLI_FAIL(err, SBX_ERR_ARG, "%s: %s is %zu x %zu; %s needs %zu x %zu", o->input, name,
                     rows, columns, f->name, want_rows, want_columns);
        CLI_TRY(sbx_mech_extra_new(x, e, m->n, err));
        CLI_TRY(copy(x->extra[e], m, o->input, name, err));
    }
    CLI_TRY(sbx_mech_fill(x, a, c->seed, err));
done:
    sbx_data_clear(&data);
    return st;
}
