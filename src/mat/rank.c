/* mat/rank.c -- the rank of a rational matrix.
 *
 * Modulo a prime the rank can only be too small, so the first elimination gives a lower bound, nearly
 * always the rank. That no larger minor is nonzero is proved in one of two ways. By further moduli: a minor
 * that is 0 modulo all of them is divisible by their product, and below it in magnitude [L-MAT-06].
 * Or, where few columns are left, by writing each through the columns of the pivots modulo a power of
 * the one modulus: then it divides the minors that border those of the pivots [L-MAT-11].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/alloc.h"
#include "base/try.h"
#include "mat/modular.h"

/* what a product of an entry with a word costs, in products of words */
#ifdef SBX_TEST_SMALL
enum { TIMES = 0 };
#else
enum { TIMES = 40 };
#endif

typedef struct problem {
    sbx_zmat w;
    uint64_t *t; /* m n words */
    uint32_t *small;
    size_t *row, *col, most;
    size_t r, bits, proved; /* the rank, from below; of minors of order r + 1 */
    const sbx_ctx *ctx;
} problem;

static bool stopped(const sbx_ctx *ctx) { return ctx && ctx->stop && ctx->stop(ctx->stop_arg); }

/* The entry of the matrix, or of its transpose. */
static mpz_ptr entry(const problem *b, bool turned, size_t i, size_t j)
{
    return turned ? b->w.z[j * b->w.n + i] : b->w.z[i * b->w.n + j];
}

/* v -= A x on the columns of the pivots, then v /= p; false: not divisible */
static bool step(mpz_t *v, const problem *b, bool turned, const size_t *col, const int64_t *x,
                 size_t r, uint64_t p)
{
    const size_t m = turned ? b->w.n : b->w.m;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < r; j++) {
            mpz_ptr a = entry(b, turned, i, col[j]);
            if (x[j] >= 0)
                mpz_submul_ui(v[i], a, (unsigned long)x[j]);
            else
                mpz_addmul_ui(v[i], a, (unsigned long)-x[j]);
        }
        if (mpz_tdiv_q_ui(v[i], v[i], p) != 0) return false;
    }
    return true;
}

/* inv: rows of the inverse modulo p at [i ld + r]; x = inv v on the pivots' rows, in (-p/2, p/2) */
static void solve(int64_t *x, uint64_t *y, const uint64_t *inv, mpz_t *v, const size_t *row,
                  size_t r, uint64_t p)
{
    for (size_t j = 0; j < r; j++)
        y[j] = mpz_fdiv_ui(v[row[j]], p);
    for (size_t i = 0; i < r; i++) {
        const uint64_t *a = inv + 2 * i * r + r;
        sbx_u128 s = 0; /* terms below 2^124 */
        uint64_t q;
        for (size_t j = 0; j < r; j++) {
            s += (sbx_u128)a[j] * y[j];
            if (j % 8 == 7) s %= p;
        }
        q = (uint64_t)(s % p);
        x[i] = q > p / 2 ? -(int64_t)(p - q) : (int64_t)q;
    }
}

/* *proved: no minor that borders the one of the r pivots is nonzero [L-MAT-11]; steps: p^steps is above
 * every minor of order r + 1. turned: by rows instead of columns. */
static sbx_status border(bool *proved, const problem *b, bool turned, size_t r, size_t steps,
                         uint64_t p, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t m = turned ? b->w.n : b->w.m, n = turned ? b->w.m : b->w.n;
    const size_t *row = turned ? b->col : b->row, *col = turned ? b->row : b->col;
    uint64_t *inv = sbx_alloc(r, 2 * r * sizeof *inv), *y = sbx_alloc(r, sizeof *y), det;
    int64_t *x = sbx_alloc(r, sizeof *x);
    bool *pivot = sbx_alloc(n, sizeof *pivot), zero;
    mpz_t *v = sbx_alloc(m, sizeof *v);

    *proved = false;
    if (!inv || !y || !x || !pivot || !v) {
        sbx_free(v);
        v = NULL;
        SBX_FAIL(err, SBX_ERR_NOMEM, "a rank of %zu x %zu", m, n);
    }
    for (size_t i = 0; i < m; i++)
        mpz_init(v[i]);
    for (size_t i = 0; i < r; i++) {
        for (size_t j = 0; j < r; j++) {
            inv[2 * i * r + j] = mpz_fdiv_ui(entry(b, turned, row[i], col[j]), p);
            inv[2 * i * r + r + j] = i == j;
        }
        pivot[col[i]] = true;
    }
    if (!sbx_mod_jordan(&det, inv, r, p)) goto done;
    for (size_t c = 0; c < n; c++) {
        if (pivot[c]) continue;
        zero = false;
        for (size_t i = 0; i < m; i++)
            mpz_set(v[i], entry(b, turned, i, c));
        for (size_t k = 0; k < steps && !zero; k++) {
            if (stopped(b->ctx)) SBX_FAIL(err, SBX_ERR_STOPPED, "a rank, at least %zu", r);
            solve(x, y, inv, v, row, r, p);
            if (!step(v, b, turned, col, x, r, p)) goto done;
            zero = true; /* then the column is a combination as it stands */
            for (size_t i = 0; i < m && zero; i++)
                zero = mpz_sgn(v[i]) == 0;
        }
    }
    *proved = true;
done:
    for (size_t i = 0; v && i < m; i++)
        mpz_clear(v[i]);
    sbx_free(v);
    sbx_free(inv);
    sbx_free(y);
    sbx_free(x);
    sbx_free(pivot);
    return st;
}

/* is the second way cheaper? */
static bool few(bool *turned, const problem *b, size_t r)
{
    const size_t m = b->w.m, n = b->w.n;
    *turned = m < n;
    return (b->most - r) * (r + TIMES * (*turned ? n : m)) < m * n;
}

/* what one elimination says: the rank is at least k; this many bits more divide larger minors */
static sbx_status learn(problem *b, size_t k, size_t bits, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (k > b->r) {
        b->r = k;
        if (k < b->most) SBX_TRY(sbx_zmat_minor_bits(&b->bits, &b->w, k + 1, err));
    }
    b->proved += bits;
done:
    return st;
}

/* one modulus of a whole word, and the second way if that is cheaper */
static sbx_status first(problem *b, sbx_moduli *moduli, bool *proved, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const uint64_t p = sbx_moduli_next(moduli);
    size_t k;
    bool turned;
    sbx_mod_reduce(b->t, b->w.z, b->w.m * b->w.n, p);
    if (!sbx_mod_rank(&k, b->row, b->col, b->t, b->w.m, b->w.n, p)) goto done;
    SBX_TRY(learn(b, k, SBX_MOD_BITS, err));
    if (b->r > 0 && b->r < b->most && b->proved < b->bits && few(&turned, b, b->r))
        SBX_TRY(border(proved, b, turned, b->r, b->bits / SBX_MOD_BITS + 1, p, err));
done:
    return st;
}

/* two small moduli: entries are reduced modulo their product first */
static sbx_status two_more(problem *b, sbx_moduli *moduli, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t m = b->w.m, n = b->w.n;
    const uint32_t p[2] = {sbx_moduli_next_small(moduli), sbx_moduli_next_small(moduli)};
    sbx_mod_reduce(b->t, b->w.z, m * n, (uint64_t)p[0] * p[1]);
    for (size_t h = 0; h < 2; h++) {
        size_t k;
        for (size_t i = 0; i < m * n; i++)
            b->small[i] = (uint32_t)(b->t[i] % p[h]);
        if (sbx_mod_rank_small(&k, b->small, m, n, p[h])) SBX_TRY(learn(b, k, SBX_MOD_SMALL, err));
    }
done:
    return st;
}

sbx_status sbx_mat_rank(size_t *rank, const sbx_mpq *a, size_t m, size_t n, const sbx_ctx *ctx,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    problem b = {.ctx = ctx, .most = m < n ? m : n};
    sbx_moduli moduli;
    bool proved = false;

    sbx_moduli_init(&moduli);
    if (m == 0 || n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a matrix without entries");
    SBX_TRY(sbx_zmat_make(&b.w, a, m, n, err));
    b.t = sbx_alloc(m, n * sizeof *b.t);
    b.small = sbx_alloc(m, n * sizeof *b.small);
    b.row = sbx_alloc(m, sizeof *b.row);
    b.col = sbx_alloc(n, sizeof *b.col);
    if (!b.t || !b.small || !b.row || !b.col) SBX_FAIL(err, SBX_ERR_NOMEM, "%zu x %zu words", m, n);
    SBX_TRY(sbx_zmat_minor_bits(&b.bits, &b.w, 1, err));
    SBX_TRY(first(&b, &moduli, &proved, err));
    /* every modulus so far divides all minors of order r + 1; their product is above 2^proved */
    while (!proved && b.r < b.most && b.proved < b.bits) {
        if (stopped(ctx)) SBX_FAIL(err, SBX_ERR_STOPPED, "a rank, at least %zu", b.r);
        SBX_TRY(two_more(&b, &moduli, err));
    }
    *rank = b.r;
done:
    sbx_moduli_clear(&moduli);
    sbx_zmat_clear(&b.w);
    sbx_free(b.t);
    sbx_free(b.small);
    sbx_free(b.row);
    sbx_free(b.col);
    return st;
}
