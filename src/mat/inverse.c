/* mat/inverse.c -- the inverse of a rational matrix.
 *
 * The determinant and the adjugate of an integer matrix are integers below Hadamard's bound; modulo
 * enough numbers without a common factor they are known, and so they are known [L-MAT-10].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "mat/modular.h"

/* Residues of many integers: those modulo p[k] in r[k count ..]; product[l][i] is the product of
 * 2^l moduli from the i 2^l-th on. */
typedef struct residues {
    size_t count, used, room;
    uint64_t *p, *r;
} residues;

/* room for one modulus more, p */
static sbx_status more(residues *w, uint64_t p, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (w->used == w->room) {
        const size_t room = w->room ? 2 * w->room : 16;
        uint64_t *a = sbx_realloc(w->p, w->room, room, sizeof *a), *b;
        if (!a) SBX_FAIL(err, SBX_ERR_NOMEM, "%zu moduli", room);
        w->p = a;
        b = sbx_realloc(w->r, w->room, room, w->count * sizeof *b);
        if (!b) SBX_FAIL(err, SBX_ERR_NOMEM, "residues of %zu moduli", room);
        w->r = b;
        w->room = room;
    }
    w->p[w->used] = p;
done:
    return st;
}

/* determinant, then adjugate, of the left half of w, which has the identity on the right; modulo p */
static bool adjugate(uint64_t *out, uint64_t *w, size_t n, uint64_t p)
{
    uint64_t q;
    if (!sbx_mod_jordan(out, w, n, p)) return false;
    q = sbx_mod_quotient(out[0], p);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            out[1 + i * n + j] = sbx_mod_mul(w[2 * i * n + n + j], out[0], q, p);
    return true;
}

/* The integer in (-M/2, M/2) with the residues of one column, by a tree over the moduli:
 * sum_k (r_k / (M / p_k) mod p_k) M / p_k. scale[k] = 1 / (M / p_k) modulo p_k. */
typedef struct tree {
    size_t levels, *width;
    mpz_t **product;
    uint64_t *scale;
} tree;

static void tree_clear(tree *t)
{
    for (size_t l = 0; t->product && l < t->levels; l++) {
        for (size_t i = 0; t->product[l] && i < t->width[l]; i++)
            mpz_clear(t->product[l][i]);
        sbx_free(t->product[l]);
    }
    sbx_free((void *)t->product);
    sbx_free(t->width);
    sbx_free(t->scale);
}

static sbx_status tree_make(tree *t, const residues *w, sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpz_t x;
    mpz_init(x);
    for (size_t k = w->used;; k = (k + 1) / 2) {
        t->levels++;
        if (k == 1) break;
    }
    t->width = sbx_alloc(t->levels, sizeof *t->width);
    t->product = (mpz_t **)sbx_alloc(t->levels, sizeof *t->product);
    t->scale = sbx_alloc(w->used, sizeof *t->scale);
    if (!t->width || !t->product || !t->scale) SBX_FAIL(err, SBX_ERR_NOMEM, "a tree of moduli");
    for (size_t l = 0, k = w->used; l < t->levels; l++, k = (k + 1) / 2) {
        t->product[l] = sbx_alloc(k, sizeof **t->product);
        if (!t->product[l]) SBX_FAIL(err, SBX_ERR_NOMEM, "a tree of moduli");
        t->width[l] = k;
        for (size_t i = 0; i < k; i++) {
            mpz_init(t->product[l][i]);
            if (l == 0)
                mpz_set_ui(t->product[l][i], w->p[i]);
            else if (2 * i + 1 < t->width[l - 1])
                mpz_mul(t->product[l][i], t->product[l - 1][2 * i], t->product[l - 1][2 * i + 1]);
            else
                mpz_set(t->product[l][i], t->product[l - 1][2 * i]);
        }
    }
    for (size_t k = 0; k < w->used; k++) {
        mpz_divexact_ui(x, t->product[t->levels - 1][0], w->p[k]);
        t->scale[k] = sbx_mod_inverse(mpz_fdiv_ui(x, w->p[k]), w->p[k]);
        SBX_SOUND(t->scale[k] != 0, err);
    }
done:
    mpz_clear(x);
    return st;
}

/* v: room for every modulus, initialised; t: one number */
static void join(mpz_ptr z, const residues *w, const tree *t, size_t at, mpz_t *v, mpz_ptr tmp)
{
    mpz_srcptr all = t->product[t->levels - 1][0];
    for (size_t k = 0; k < w->used; k++)
        mpz_set_ui(v[k], sbx_mod_mul(w->r[k * w->count + at], t->scale[k],
                                     sbx_mod_quotient(t->scale[k], w->p[k]), w->p[k]));
    for (size_t l = 0; l + 1 < t->levels; l++)
        for (size_t i = 0; i < t->width[l + 1]; i++) {
            if (2 * i + 1 < t->width[l]) {
                mpz_mul(tmp, v[2 * i], t->product[l][2 * i + 1]);
                mpz_addmul(tmp, v[2 * i + 1], t->product[l][2 * i]);
                mpz_swap(v[i], tmp);
            } else
                mpz_swap(v[i], v[2 * i]);
        }
    mpz_fdiv_r(z, v[0], all);
    mpz_mul_2exp(tmp, z, 1);
    if (mpz_cmp(tmp, all) > 0) mpz_sub(z, z, all);
}

/* from residues to the fractions z = adj / det scale_j */
static sbx_status lift(sbx_mpq *z, mpq_ptr det, const residues *w, const sbx_zmat *a, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = a->n;
    tree t = {0};
    mpz_t *v = NULL, d, tmp;

    mpz_inits(d, tmp, NULL);
    SBX_TRY(tree_make(&t, w, err));
    v = sbx_alloc(w->used, sizeof *v);
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "%zu numbers", w->used);
    for (size_t k = 0; k < w->used; k++)
        mpz_init(v[k]);
    join(d, w, &t, 0, v, tmp);
    SBX_SOUND(mpz_sgn(d) != 0, err);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            mpq_ptr q = z[i * n + j].v;
            join(mpq_numref(q), w, &t, 1 + i * n + j, v, tmp);
            mpz_set(mpq_denref(q), d);
            mpq_canonicalize(q);
            mpq_mul(q, q, a->scale[j]);
        }
    if (det) {
        mpq_set_z(det, d);
        for (size_t i = 0; i < n; i++)
            mpq_div(det, det, a->scale[i]);
    }
done:
    for (size_t k = 0; v && k < w->used; k++)
        mpz_clear(v[k]);
    sbx_free(v);
    tree_clear(&t);
    mpz_clears(d, tmp, NULL);
    return st;
}

sbx_status sbx_mat_inverse(sbx_mpq *z, mpq_ptr det, const sbx_mpq *a, size_t n, const sbx_ctx *ctx,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_zmat w = {0};
    sbx_moduli moduli;
    residues res = {.count = n * n + 1};
    uint64_t *t = NULL;
    size_t bits, minor, rank;

    sbx_moduli_init(&moduli);
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a matrix without entries");
    SBX_TRY(sbx_zmat_make(&w, a, n, n, err));
    t = sbx_alloc(n, 2 * n * sizeof *t);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "%zu x %zu words", n, 2 * n);
    SBX_TRY(sbx_zmat_minor_bits(&bits, &w, n, err));
    SBX_TRY(sbx_zmat_minor_bits(&minor, &w, n - 1, err));
    if (minor > bits) bits = minor;
    /* twice the bound: the sign */
    while (res.used * SBX_MOD_BITS < bits + 1) {
        const uint64_t p = sbx_moduli_next(&moduli);
        if (ctx && ctx->stop && ctx->stop(ctx->stop_arg))
            SBX_FAIL(err, SBX_ERR_STOPPED, "an inverse of order %zu", n);
        SBX_TRY(more(&res, p, err));
        if (!res.r) SBX_FAIL(err, SBX_ERR_NOMEM, "residues");
        for (size_t i = 0; i < n; i++) {
            sbx_mod_reduce(t + 2 * i * n, w.z + i * n, n, p);
            for (size_t j = 0; j < n; j++)
                t[2 * i * n + n + j] = i == j;
        }
        if (adjugate(res.r + res.used * res.count, t, n, p))
            res.used++;
        else if (res.used == 0) {
            SBX_TRY(sbx_mat_rank(&rank, a, n, n, ctx, err));
            if (rank == n) continue;
            if (det) mpq_set_ui(det, 0, 1);
            SBX_FAIL(err, SBX_ERR_DOMAIN, "no inverse: rank %zu of %zu", rank, n);
        }
    }
    SBX_TRY(lift(z, det, &res, &w, err));
done:
    sbx_moduli_clear(&moduli);
    sbx_zmat_clear(&w);
    sbx_free(t);
    sbx_free(res.p);
    sbx_free(res.r);
    return st;
}
