/* io/data.c -- data files: which format it is, and the elements.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/data.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/try.h"

#include <math.h>
#include <string.h>

#define MEMORY ((size_t)2 << 30)

void *sbx_data_mem(sbx_status *st, const sbx_reader *r, size_t n, size_t size)
{
    sbx_arena *const a = r->arena;
    void *p = sbx_arena_new(a, n, size);
    *st = SBX_OK;
    if (p) return p;
    if (n && size && n > (a->limit - a->used) / size)
        *st = sbx_fail(r->err, SBX_ERR_LIMIT, SBX_HERE, "%s: more memory than %zu bytes", r->path,
                       a->limit);
    else
        *st = sbx_fail(r->err, SBX_ERR_NOMEM, SBX_HERE, "%s: out of memory", r->path);
    return NULL;
}

char *sbx_data_name(sbx_status *st, const sbx_reader *r, const char *s, size_t len)
{
    char *t = sbx_data_mem(st, r, len + 1, 1);
    for (size_t i = 0; t && i < len; i++)
        if ((unsigned char)(t[i] = s[i]) < ' ' || s[i] == 0x7f) t[i] = '?';
    return t;
}

sbx_status sbx_data_fit(sbx_array *a, const sbx_reader *r, size_t left)
{
    sbx_status st = SBX_OK;
    a->n = 1;
    for (size_t k = 0; k < a->rank; k++)
        if (a->dim[k] == 0) a->n = 0;
    for (size_t k = 0; k < a->rank && a->n; k++) {
        if (a->n > left / a->bytes / a->dim[k])
            SBX_FAIL(r->err, SBX_ERR_PARSE,
                     "%s: cut short: the shape needs more than the %zu bytes "
                     "that are there",
                     r->path, left);
        a->n *= a->dim[k];
    }
    if (a->n * a->bytes > left)
        SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: cut short: no element", r->path);
    if (a->n * a->bytes < left)
        SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: %zu bytes behind the array", r->path,
                 left - a->n * a->bytes);
done:
    return st;
}

/* ---- reading ------------------------------------------------------------------ */

static sbx_status read_any(sbx_data *d, const sbx_reader *r)
{
    sbx_status st = SBX_OK;
    if (r->n >= 4 && memcmp(r->at, "PK", 2) == 0 && r->at[2] < 8 && r->at[3] < 9) {
        d->format = "npz";
        return sbx_npz_read(d, r);
    }
    d->n_arrays = 1;
    d->array = sbx_data_mem(&st, r, 1, sizeof *d->array);
    if (!d->array) return st;
    d->array->name = "";
    if (r->n >= 6 && memcmp(r->at, "\x93NUMPY", 6) == 0) {
        d->format = "npy";
        return sbx_npy_read(d->array, r);
    }
    if (r->n >= 2 && r->at[0] == 0 && r->at[1] == 0) {
        d->format = "idx";
        return sbx_idx_read(d->array, r);
    }
    if (r->n && memchr(r->at, 0, r->n))
        SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: neither .npy, .npz, IDX nor CSV", r->path);
    d->format = "csv";
    SBX_TRY(sbx_csv_read(d->array, r));
done:
    return st;
}

sbx_status sbx_data_read(sbx_data *d, const char *path, size_t max_bytes, sbx_err *err)
{
    const size_t max = max_bytes ? max_bytes : MEMORY;
    sbx_status st = SBX_OK;
    sbx_data got = {0};
    sbx_reader r = {.err = err, .path = sbx_file_tail(path)};

    *d = got;
    got.store = sbx_alloc(1, sizeof *got.store);
    if (!got.store) SBX_FAIL(err, SBX_ERR_NOMEM, "%s: out of memory", r.path);
    SBX_TRY(sbx_file_read(&got.store->file, &r.n, path, max, err));
    got.store->arena.limit = max - r.n ? max - r.n : 1;
    r.at = (const unsigned char *)got.store->file;
    r.arena = &got.store->arena;
    SBX_TRY(read_any(&got, &r));
    *d = got;
    got.store = NULL;
done:
    sbx_data_clear(&got);
    return st;
}

void sbx_data_clear(sbx_data *d)
{
    if (d->store) {
        sbx_arena_clear(&d->store->arena);
        sbx_free(d->store->file);
    }
    sbx_free(d->store);
    *d = (sbx_data){0};
}

const sbx_array *sbx_data_find(const sbx_data *d, const char *name)
{
    for (size_t k = 0; k < d->n_arrays; k++)
        if (strcmp(d->array[k].name, name) == 0) return &d->array[k];
    return NULL;
}

/* ---- elements ------------------------------------------------------------------ */

/* Where in the file's order the row-major element k is. */
static size_t place(const sbx_array *a, size_t k)
{
    size_t at = 0, index[SBX_DATA_RANK];
    if (!a->fortran) return k;
    for (size_t i = a->rank; i-- > 0;) {
        index[i] = k % a->dim[i];
        k /= a->dim[i];
    }
    for (size_t i = a->rank; i-- > 0;)
        at = at * a->dim[i] + index[i];
    return at;
}

/* The element's bytes as a number, the first the most significant of a big-endian one. */
static uint64_t bits_of(const sbx_array *a, size_t k)
{
    const unsigned char *p = a->at + place(a, k) * a->bytes;
    uint64_t u = 0;
    for (size_t i = 0; i < a->bytes; i++)
        u = u << 8 | p[a->big ? i : a->bytes - 1 - i];
    return u;
}

static double half(uint64_t u)
{
    const int e = (int)(u >> 10 & 31), m = (int)(u & 1023);
    const double v = e == 31 ? (m ? (double)NAN : HUGE_VAL)
                     : e     ? ldexp(1024 + m, e - 25)
                             : ldexp(m, -24);
    return u >> 15 ? -v : v;
}

static double real_of(const sbx_array *a, size_t k)
{
    const uint64_t u = bits_of(a, k);
    const uint32_t u4 = (uint32_t)u;
    double v;
    float f;
    if (a->bytes == 2) return half(u);
    memcpy(&f, &u4, sizeof f);
    memcpy(&v, &u, sizeof v);
    return a->bytes == 4 ? (double)f : v;
}

static void whole(mpq_ptr q, uint64_t u, bool minus)
{
    mpz_import(mpq_numref(q), 1, 1, sizeof u, 0, 0, &u);
    mpz_set_ui(mpq_denref(q), 1);
    if (minus) mpz_neg(mpq_numref(q), mpq_numref(q));
}

sbx_status sbx_array_get(mpq_ptr q, const sbx_array *a, size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    uint64_t u;
    double v;
    if (k >= a->n) SBX_FAIL(err, SBX_ERR_ARG, "element %zu of an array of %zu", k, a->n);
    switch (a->kind) {
    case SBX_DATA_BOOL: whole(q, bits_of(a, k) != 0, false); break;
    case SBX_DATA_UINT: whole(q, bits_of(a, k), false); break;
    case SBX_DATA_INT:
        u = bits_of(a, k);
        if (u >> (8 * a->bytes - 1)) /* NOLINT: 1 to 8 bytes; negative: u - 2^bits */
            whole(q, (a->bytes < 8 ? (uint64_t)1 << 8 * a->bytes : 0) - u, true);
        else
            whole(q, u, false);
        break;
    case SBX_DATA_REAL:
        v = real_of(a, k);
        if (!(fabs(v) < HUGE_VAL))
            SBX_FAIL(err, SBX_ERR_DOMAIN, "element %zu is %s", k, v != v ? "NaN" : "infinite");
        mpq_set_d(q, v);
        break;
    case SBX_DATA_TEXT: SBX_TRY(sbx_q_read(q, a->cell[k].s, a->cell[k].len, err)); break;
    }
done:
    return st;
}
