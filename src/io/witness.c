/* io/witness.c -- reads a counterexample in VNN-COMP's form: an optional word ("sat"),
 * then ((X_0 v) (X_1 v) ... (Y_0 v) ...).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/property.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/try.h"

#include <ctype.h>
#include <string.h>

#define MOST   ((size_t)1 << 24) /* variables, and the bytes a text needs for them */
#define MEMORY ((size_t)2 << 30) /* max_bytes 0 */
#define EACH   64                /* bytes of a variable: two small integers and their limbs */

typedef struct scan {
    const char *path, *at, *end;
    size_t line, left; /* bytes that may still be taken */
} scan;

static void blanks(scan *s)
{
    for (; s->at < s->end && isspace((unsigned char)*s->at); s->at++)
        s->line += *s->at == '\n';
}

static bool take(scan *s, char c)
{
    blanks(s);
    if (s->at == s->end || *s->at != c) return false;
    s->at++;
    return true;
}

/* a word up to a blank or a parenthesis */
static size_t word(const char **w, scan *s)
{
    blanks(s);
    *w = s->at;
    while (s->at < s->end && !isspace((unsigned char)*s->at) && *s->at != '(' && *s->at != ')')
        s->at++;
    return (size_t)(s->at - *w);
}

static sbx_status bad(const scan *s, sbx_err *err, const char *what)
{
    return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "%s:%zu: %s", sbx_file_tail(s->path), s->line,
                    what);
}

/* Room for variable k of a list that has n: as many as its file can name. */
static sbx_status grow(mpq_t **v, bool **seen, size_t *n, size_t k, scan *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (k < *n) goto done;
    if (k >= MOST || k >= (size_t)(s->end - s->at) + *n)
        SBX_FAIL(err, SBX_ERR_PARSE, "%s:%zu: variable %zu without those before it",
                 sbx_file_tail(s->path), s->line, k);
    if ((2 * k + 16 - *n) * EACH > s->left)
        SBX_FAIL(err, SBX_ERR_LIMIT, "%s:%zu: the values need too much memory",
                 sbx_file_tail(s->path), s->line);
    s->left -= (2 * k + 16 - *n) * EACH;
    {
        mpq_t *const p = sbx_realloc((void *)*v, *n, 2 * k + 16, sizeof *p);
        bool *q;
        if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "a witness");
        *v = p;
        q = sbx_realloc(*seen, *n, 2 * k + 16, sizeof *q);
        if (!q) SBX_FAIL(err, SBX_ERR_NOMEM, "a witness");
        *seen = q;
    }
    for (; *n < 2 * k + 16; ++*n)
        mpq_init((*v)[*n]);
done:
    return st;
}

/* "X_12": *k = 12 and *out = false; false where it is none */
static bool variable(size_t *k, bool *out, const char *w, size_t n)
{
    *k = 0;
    if (n < 3 || n > 10 || (w[0] != 'X' && w[0] != 'Y') || w[1] != '_') return false;
    *out = w[0] == 'Y';
    for (size_t i = 2; i < n; i++) {
        if (!isdigit((unsigned char)w[i])) return false;
        *k = 10 * *k + (size_t)(w[i] - '0');
    }
    return true;
}

typedef struct list {
    mpq_t *v;
    bool *seen;
    size_t n, used; /* room, and one more than the largest index */
} list;

/* One (NAME VALUE), its parenthesis read. */
static sbx_status pair(list z[2], scan *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const char *w;
    size_t n = word(&w, s), k;
    bool out = false;
    list *l;
    if (!variable(&k, &out, w, n)) return bad(s, err, "no variable X_k or Y_k here");
    l = &z[out];
    SBX_TRY(grow(&l->v, &l->seen, &l->n, k, s, err));
    if (l->seen[k]) return bad(s, err, "a variable is named twice"); /* NOLINT: grown above */
    l->seen[k] = true;
    l->used = k + 1 > l->used ? k + 1 : l->used;
    n = word(&w, s);
    if (sbx_q_read(l->v[k], w, n, NULL) != SBX_OK) return bad(s, err, "no number here");
    n = (mpz_size(mpq_numref(l->v[k])) + mpz_size(mpq_denref(l->v[k]))) * sizeof(mp_limb_t);
    if (n > s->left)
        SBX_FAIL(err, SBX_ERR_LIMIT, "%s:%zu: the values need too much memory",
                 sbx_file_tail(s->path), s->line);
    s->left -= n;
    if (!take(s, ')')) return bad(s, err, "no ')' after a value");
done:
    return st;
}

static sbx_status pairs(list z[2], scan *s, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const char *w;
    size_t n = word(&w, s);
    if (n && !(n == 3 && strncmp(w, "sat", 3) == 0) && !(n == 8 && strncmp(w, "violated", 8) == 0))
        return bad(s, err, "no 'sat' here: nothing is claimed");
    if (!take(s, '(')) return bad(s, err, "no '(' here");
    while (take(s, '('))
        SBX_TRY(pair(z, s, err));
    if (!take(s, ')')) return bad(s, err, "no ')' at the end of the values");
    blanks(s);
    if (s->at < s->end) return bad(s, err, "something follows the values");
    for (size_t l = 0; l < 2; l++)
        for (size_t k = 0; k < z[l].used; k++)
            if (!z[l].seen[k])
                SBX_FAIL(err, SBX_ERR_PARSE, "%s: no value for %c_%zu", sbx_file_tail(s->path),
                         l ? 'Y' : 'X', k);
    if (z[0].used == 0) SBX_FAIL(err, SBX_ERR_PARSE, "%s: no X_0", sbx_file_tail(s->path));
done:
    return st;
}

static void clear_list(mpq_t *v, size_t from, size_t n)
{
    for (size_t k = from; k < n; k++)
        mpq_clear(v[k]);
}

sbx_status sbx_witness_read(sbx_witness *w, const char *path, size_t max_bytes, sbx_err *err)
{
    sbx_status st = SBX_OK;
    char *data = NULL;
    size_t size;
    list z[2] = {{0}};
    scan s = {.path = path, .line = 1, .left = max_bytes ? max_bytes : MEMORY};
    *w = (sbx_witness){0};
    SBX_TRY(sbx_file_read(&data, &size, path, s.left, err));
    s.left -= size;
    s.at = data;
    s.end = data + size;
    SBX_TRY(pairs(z, &s, err));
    for (size_t l = 0; l < 2; l++)
        clear_list(z[l].v, z[l].used, z[l].n);
    *w = (sbx_witness){z[0].used, z[1].used, z[0].v, z[1].v};
    z[0].n = z[1].n = 0;
    z[0].v = z[1].v = NULL;
done:
    for (size_t l = 0; l < 2; l++) {
        clear_list(z[l].v, 0, z[l].n);
        sbx_free((void *)z[l].v);
        sbx_free(z[l].seen);
    }
    sbx_free(data);
    return st;
}

void sbx_witness_clear(sbx_witness *w)
{
    clear_list(w->x, 0, w->inputs);
    clear_list(w->y, 0, w->outputs);
    sbx_free((void *)w->x);
    sbx_free((void *)w->y);
    *w = (sbx_witness){0};
}
