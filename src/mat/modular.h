/* mat/modular.h -- integer matrices, and elimination modulo numbers of one word.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MAT_MODULAR_H
#define SBX_MAT_MODULAR_H

#include <stdbool.h>
#include <stdint.h>

#include "softbox/mat.h"

/* Every modulus is above 2^SBX_MOD_BITS and below 2^62; every small one above 2^SBX_MOD_SMALL and below
 * 2^31. */
enum { SBX_MOD_BITS = 61, SBX_MOD_SMALL = 30 };

/* m x n integers whose rows are those of a rational matrix times scale[i] > 0 */
typedef struct sbx_zmat {
    size_t m, n;
    mpz_t *z;
    mpq_t *scale;
} sbx_zmat;
sbx_status sbx_zmat_make(sbx_zmat *w, const sbx_mpq *a, size_t m, size_t n, sbx_err *err);
void sbx_zmat_clear(sbx_zmat *w);

/* Every minor of `order` rows is below 2^this in magnitude (Hadamard). */
sbx_status sbx_zmat_minor_bits(size_t *bits, const sbx_zmat *w, size_t order, sbx_err *err);

/* Numbers without a common factor, upwards; almost surely primes. */
typedef struct sbx_moduli {
    mpz_t at, small, product;
} sbx_moduli;
void sbx_moduli_init(sbx_moduli *w);
void sbx_moduli_clear(sbx_moduli *w);
uint64_t sbx_moduli_next(sbx_moduli *w);
uint32_t sbx_moduli_next_small(sbx_moduli *w);

__extension__ typedef unsigned __int128 sbx_u128;

/* c x mod p for x < 2^64, with the quotient q of c 2^64 by p (Shoup); p < 2^63 */
static inline uint64_t sbx_mod_quotient(uint64_t c, uint64_t p)
{
    return (uint64_t)(((sbx_u128)c << 64) / p);
}
static inline uint64_t sbx_mod_mul(uint64_t x, uint64_t c, uint64_t q, uint64_t p)
{
    const uint64_t r = x * c - (uint64_t)(((sbx_u128)x * q) >> 64) * p;
    return r >= p ? r - p : r;
}

/* 1/a mod p, 0 when there is none */
uint64_t sbx_mod_inverse(uint64_t a, uint64_t p);

void sbx_mod_reduce(uint64_t *w, mpz_t *z, size_t n, uint64_t p);

/* The rank of w modulo p by elimination, w is destroyed; false: a pivot has no inverse, p is no
 * prime. row[0..m), NULL: not wanted: the rows, those of the pivots first; col[0..rank): their columns. */
bool sbx_mod_rank(size_t *rank, size_t *row, size_t *col, uint64_t *w, size_t m, size_t n,
                  uint64_t p);

/* sbx_mod_rank for a small modulus */
bool sbx_mod_rank_small(size_t *rank, uint32_t *w, size_t m, size_t n, uint32_t p);

/* Gauss and Jordan modulo p: w, n rows of 2 n with the identity on the right, becomes [I | inverse];
 * *det: the determinant. false: a pivot has no inverse, or there is none but 0. */
bool sbx_mod_jordan(uint64_t *det, uint64_t *w, size_t n, uint64_t p);

#endif
