/* mat/modular.c -- integer matrices, and elimination modulo numbers of one word.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mat/modular.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/try.h"
#include "mat/block.h"

sbx_status sbx_zmat_make(sbx_zmat *w, const sbx_mpq *a, size_t m, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpz_t l, g;
    mpz_inits(l, g, NULL);
    w->z = sbx_alloc(m, n * sizeof *w->z);
    w->scale = sbx_alloc(m, sizeof *w->scale);
    if (!w->z || !w->scale || m > SIZE_MAX / n)
        SBX_FAIL(err, SBX_ERR_NOMEM, "%zu x %zu integers", m, n);
    w->m = m, w->n = n;
    for (size_t i = 0; i < m * n; i++)
        mpz_init(w->z[i]);
    for (size_t i = 0; i < m; i++)
        mpq_init(w->scale[i]);
    for (size_t i = 0; i < m; i++) {
        const sbx_mpq *row = a + i * n;
        mpz_t *z = w->z + i * n;
        mpz_set_ui(l, 1);
        mpz_set_ui(g, 0);
        for (size_t j = 0; j < n; j++)
            mpz_lcm(l, l, mpq_denref(row[j].v));
        for (size_t j = 0; j < n; j++) {
            mpz_divexact(z[j], l, mpq_denref(row[j].v));
            mpz_mul(z[j], z[j], mpq_numref(row[j].v));
            mpz_gcd(g, g, z[j]);
        }
        if (mpz_sgn(g) == 0) mpz_set_ui(g, 1);
        for (size_t j = 0; j < n; j++)
            mpz_divexact(z[j], z[j], g);
        mpz_set(mpq_numref(w->scale[i]), l);
        mpz_set(mpq_denref(w->scale[i]), g);
        mpq_canonicalize(w->scale[i]);
    }
done:
    mpz_clears(l, g, NULL);
    return st;
}

void sbx_zmat_clear(sbx_zmat *w)
{
    for (size_t i = 0; i < w->m * w->n; i++)
        mpz_clear(w->z[i]);
    for (size_t i = 0; i < w->m; i++)
        mpq_clear(w->scale[i]);
    sbx_free(w->z);
    sbx_free(w->scale);
    *w = (sbx_zmat){0};
}

static int descending(const void *x, const void *y)
{
    const size_t a = *(const size_t *)x, b = *(const size_t *)y;
    return (a < b) - (a > b);
}

/* bits[i]: the squares of line i sum to less than 2^this */
static void line_bits(size_t *bits, const sbx_zmat *w, bool columns)
{
    const size_t lines = columns ? w->n : w->m, length = columns ? w->m : w->n;
    mpz_t s;
    mpz_init(s);
    for (size_t i = 0; i < lines; i++) {
        mpz_set_ui(s, 0);
        for (size_t j = 0; j < length; j++) {
            mpz_srcptr x = w->z[columns ? j * w->n + i : i * w->n + j];
            mpz_addmul(s, x, x);
        }
        bits[i] = mpz_sgn(s) ? mpz_sizeinbase(s, 2) : 0;
    }
    mpz_clear(s);
}

sbx_status sbx_zmat_minor_bits(size_t *bits, const sbx_zmat *w, size_t order, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t *b = sbx_alloc(w->m > w->n ? w->m : w->n, sizeof *b), least = SIZE_MAX;
    if (!b) SBX_FAIL(err, SBX_ERR_NOMEM, "a bound of minors");
    for (int columns = 0; columns < 2; columns++) {
        const size_t lines = columns ? w->n : w->m;
        size_t sum = 0;
        line_bits(b, w, columns);
        qsort(b, lines, sizeof *b, descending);
        for (size_t i = 0; i < order && i < lines; i++)
            sum += b[i];
        sum = (sum + 1) / 2;
        least = sum < least ? sum : least;
    }
    *bits = least;
done:
    sbx_free(b);
    return st;
}

/* ---- moduli ---------------------------------------------------------------------------- */

void sbx_moduli_init(sbx_moduli *w)
{
    mpz_init_set_ui(w->at, 1);
    mpz_mul_2exp(w->at, w->at, SBX_MOD_BITS);
    mpz_init_set_ui(w->small, 1);
    mpz_mul_2exp(w->small, w->small, SBX_MOD_SMALL);
    mpz_init_set_ui(w->product, 1);
}

void sbx_moduli_clear(sbx_moduli *w)
{
    mpz_clear(w->at);
    mpz_clear(w->small);
    mpz_clear(w->product);
}

/* The test for primes need not be right: what counts is that there is no common factor. */
static uint64_t next(mpz_ptr at, mpz_ptr product)
{
    uint64_t p;
    do {
        mpz_nextprime(at, at);
        p = mpz_get_ui(at);
    } while (mpz_gcd_ui(NULL, product, p) != 1);
    mpz_mul_ui(product, product, p);
    return p;
}

uint64_t sbx_moduli_next(sbx_moduli *w) { return next(w->at, w->product); }
uint32_t sbx_moduli_next_small(sbx_moduli *w) { return (uint32_t)next(w->small, w->product); }

uint64_t sbx_mod_inverse(uint64_t a, uint64_t p)
{
    int64_t s = 0, t = 1; /* at most p in magnitude */
    uint64_t r = p, x = a % p;
    while (x) {
        const uint64_t q = r / x, y = r - q * x;
        const int64_t n = s - (int64_t)q * t;
        r = x, x = y;
        s = t, t = n;
    }
    if (r != 1) return 0;
    return (uint64_t)(s < 0 ? s + (int64_t)p : s);
}

void sbx_mod_reduce(uint64_t *w, mpz_t *z, size_t n, uint64_t p)
{
    for (size_t i = 0; i < n; i++)
        w[i] = mpz_fdiv_ui(z[i], p);
}

/* row -= c top, modulo p, from column j on */
static void reduce_row(uint64_t *row, const uint64_t *top, uint64_t c, size_t j, size_t n,
                       uint64_t p)
{
    const uint64_t q = sbx_mod_quotient(c, p);
    for (size_t k = j; k < n; k++) {
        const uint64_t t = row[k], u = sbx_mod_mul(top[k], c, q, p);
        row[k] = t >= u ? t - u : t + p - u;
    }
}

/* row 1 / row[j]; false: no inverse */
static bool unit_row(uint64_t *row, size_t j, size_t n, uint64_t p)
{
    const uint64_t inv = sbx_mod_inverse(row[j], p), q = sbx_mod_quotient(inv, p);
    if (inv == 0) return false;
    for (size_t k = j; k < n; k++)
        row[k] = sbx_mod_mul(row[k], inv, q, p);
    return true;
}

static void swap_rows(uint64_t *x, uint64_t *y, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const uint64_t t = x[k];
        x[k] = y[k];
        y[k] = t;
    }
}

bool sbx_mod_rank(size_t *rank, size_t *row, size_t *col, uint64_t *w, size_t m, size_t n,
                  uint64_t p)
{
    size_t r = 0;
    for (size_t i = 0; row && i < m; i++)
        row[i] = i;
    for (size_t j = 0; j < n && r < m; j++) {
        uint64_t *top = w + r * n;
        size_t i = r;
        while (i < m && w[i * n + j] == 0)
            i++;
        if (i == m) continue;
        if (i != r) swap_rows(top, w + i * n, n);
        if (row) {
            const size_t t = row[r];
            row[r] = row[i];
            row[i] = t;
            col[r] = j;
        }
        if (!unit_row(top, j, n, p)) return false;
        for (i = r + 1; i < m; i++)
            if (w[i * n + j]) reduce_row(w + i * n, top, w[i * n + j], j, n, p);
        r++;
    }
    *rank = r;
    return true;
}

bool sbx_mod_rank_small(size_t *rank, uint32_t *w, size_t m, size_t n, uint32_t p)
{
    const sbx_block *block = sbx_block_best();
    size_t r = 0;
    for (size_t j = 0; j < n && r < m; j++) {
        uint32_t *top = w + r * n;
        uint64_t inv;
        size_t i = r;
        while (i < m && w[i * n + j] == 0)
            i++;
        if (i == m) continue;
        for (size_t k = j; i != r && k < n; k++) {
            const uint32_t t = top[k];
            top[k] = w[i * n + k];
            w[i * n + k] = t;
        }
        inv = sbx_mod_inverse(top[j], p);
        if (inv == 0) return false;
        for (size_t k = j; k < n; k++)
            top[k] = (uint32_t)(top[k] * inv % p);
        for (i = r + 1; i < m; i++) {
            const uint32_t c = w[i * n + j];
            if (c == 0) continue;
            block->reduce(w + i * n + j, top + j, c, (uint32_t)(((uint64_t)c << 32) / p), p, n - j);
        }
        r++;
    }
    *rank = r;
    return true;
}

bool sbx_mod_jordan(uint64_t *det, uint64_t *w, size_t n, uint64_t p)
{
    const size_t ld = 2 * n;
    *det = 1;
    for (size_t k = 0; k < n; k++) {
        uint64_t *top = w + k * ld;
        size_t i = k;
        while (i < n && w[i * ld + k] == 0)
            i++;
        if (i == n) return false;
        if (i != k) {
            swap_rows(top, w + i * ld, ld);
            *det = *det ? p - *det : 0;
        }
        *det = sbx_mod_mul(*det, top[k], sbx_mod_quotient(top[k], p), p);
        if (!unit_row(top, k, ld, p)) return false;
        for (i = 0; i < n; i++)
            if (i != k && w[i * ld + k]) reduce_row(w + i * ld, top, w[i * ld + k], k, ld, p);
    }
    return true;
}
