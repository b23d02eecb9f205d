/* io/vnnlib.c -- reads a property: the file, the parser's memory, the pool of numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/vnnlib.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/try.h"

#ifdef SBX_TEST_SMALL
#define CHUNK 2
#else
#define CHUNK 256
#endif
#define FILE_MAX ((size_t)1 << 30) /* bytes of text */

struct sbx_vnn_chunk {
    size_t n;
    mpq_t v[CHUNK];
};

static void clear_chunk(void *obj)
{
    struct sbx_vnn_chunk *c = obj;
    for (size_t i = 0; i < c->n; i++)
        mpq_clear(c->v[i]);
}

/* Would `more` bytes go beyond the cap? Text, arena, digits and tables count. */
static bool over(const sbx_vnn *v, size_t more)
{
    const size_t used =
        (size_t)(v->end - v->text) + v->store->arena.used + v->store->digits + v->tables;
    return used > v->max || more > v->max - used;
}

static void lost(sbx_vnn *v, bool limit)
{
    if (limit)
        (void)sbx_fail(v->err, SBX_ERR_LIMIT, SBX_HERE,
                       "%s: the property needs more than %zu bytes", v->path, v->max);
    else
        (void)sbx_fail(v->err, SBX_ERR_NOMEM, SBX_HERE, "%s: out of memory", v->path);
}

void *sbx_vnn_mem(sbx_vnn *v, size_t n, size_t size)
{
    const bool limit = n > v->max / size || over(v, n * size);
    void *p = limit ? NULL : sbx_arena_new(&v->store->arena, n, size);
    if (!p) lost(v, limit);
    return p;
}

mpq_ptr sbx_vnn_number(sbx_vnn *v)
{
    struct sbx_vnn_chunk *c = v->store->chunk;
    if (v->n_spare) {
        mpq_ptr q = v->spare[--v->n_spare];
        mpq_set_ui(q, 0, 1);
        return q;
    }
    if (!c || c->n == CHUNK) {
        c = sbx_vnn_mem(v, 1, sizeof *c);
        if (!c) return NULL;
        if (!sbx_arena_defer(&v->store->arena, clear_chunk, c)) {
            (void)sbx_fail(v->err, SBX_ERR_NOMEM, SBX_HERE, "%s: out of memory", v->path);
            return NULL;
        }
        v->store->chunk = c;
    }
    mpq_init(c->v[c->n]);
    return c->v[c->n++];
}

void sbx_vnn_back(sbx_vnn *v, mpq_ptr q)
{
    if (v->n_spare < SBX_VNN_SPARE) v->spare[v->n_spare++] = q;
}

sbx_status sbx_vnn_sized(sbx_vnn *v, mpq_srcptr q, const char *at)
{
    sbx_status st = SBX_OK;
    const size_t limbs = mpz_size(mpq_numref(q)) + mpz_size(mpq_denref(q));
    if (mpz_sizeinbase(mpq_numref(q), 2) > SBX_VNN_BITS ||
        mpz_sizeinbase(mpq_denref(q), 2) > SBX_VNN_BITS)
        SBX_VNN_FAIL(v, SBX_ERR_LIMIT, at, "a number with over %d bits", SBX_VNN_BITS);
    v->store->digits += limbs * sizeof(mp_limb_t);
    if (over(v, 0)) SBX_VNN_FAIL(v, SBX_ERR_LIMIT, at, "the numbers need too much memory");
done:
    return st;
}

void *sbx_vnn_room(sbx_vnn *v, void *array, size_t n, size_t *cap, size_t size)
{
    const size_t more = *cap ? 2 * *cap : 16;
    const bool limit = n >= *cap && (more > v->max / size || over(v, more * size));
    void *p = array;
    if (n < *cap) return array;
    p = limit ? NULL : sbx_realloc(array, *cap, more, size);
    if (!p) {
        lost(v, limit);
        return NULL;
    }
    v->tables += (more - *cap) * size;
    *cap = more;
    return p;
}

static void store_free(sbx_property_store *s)
{
    if (s) sbx_arena_clear(&s->arena);
    sbx_free(s);
}

void sbx_property_clear(sbx_property *p)
{
    store_free(p->store);
    *p = (sbx_property){0};
}

static sbx_status read_text(sbx_property *p, sbx_vnn *v)
{
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_vnn_parse(v));
    SBX_TRY(sbx_vnn_expand(p, v));
    p->store = v->store;
    v->store = NULL;
done:
    return st;
}

sbx_status sbx_property_read(sbx_property *p, const char *path, size_t max_bytes, sbx_err *err)
{
    sbx_status st = SBX_OK;
    char *text = NULL;
    size_t size;
    sbx_vnn *v = NULL;
    sbx_property got = {0};
    const size_t max = max_bytes ? max_bytes : SBX_VNN_MEMORY;

    *p = got;
    SBX_TRY(sbx_file_read(&text, &size, path, max < FILE_MAX ? max : FILE_MAX, err));
    v = sbx_alloc(1, sizeof *v);
    if (v) v->store = sbx_alloc(1, sizeof *v->store);
    if (!v || !v->store) SBX_FAIL(err, SBX_ERR_NOMEM, "%s: out of memory", sbx_file_tail(path));
    v->max = max;
    v->path = sbx_file_tail(path);
    v->text = v->at = text;
    v->end = text + size;
    v->err = err ? err : &v->own_err;
    SBX_TRY(read_text(&got, v));
    *p = got;
done:
    if (v) {
        sbx_free(v->declared[0]);
        sbx_free(v->declared[1]);
        sbx_free(v->term);
        sbx_free(v->atom);
        sbx_free(v->node);
        store_free(v->store);
    }
    sbx_free(v);
    sbx_free(text);
    return st;
}

sbx_status sbx_property_read_vnnlib(sbx_property *p, const char *path, sbx_err *err)
{
    return sbx_property_read(p, path, 0, err);
}
