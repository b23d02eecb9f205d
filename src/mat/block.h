/* mat/block.h -- the inner loops of Gram matrices and of Cholesky's algorithm, in plain
 * round-to-nearest doubles; mat/gram.c accounts for their rounding. And of elimination modulo a
 * number of 31 bits.
 *
 * Rows are sbx_mat_stride(n) doubles apart and end with zeros. Every build adds in the same
 * order, so all give the same bits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MAT_BLOCK_H
#define SBX_MAT_BLOCK_H

#include <stddef.h>
#include <stdint.h>

/* A multiple of 16 above n, and an odd one: rows of a panel then fall on different sets of
 * a cache. */
static inline size_t sbx_mat_stride(size_t n) { return ((n + 15) / 16 | 1) * 16; }

/* terms that are added to a product at once */
#ifdef SBX_TEST_SMALL
enum { SBX_MAT_TERMS = 4 };
#else
enum { SBX_MAT_TERMS = 64 };
#endif

typedef struct sbx_block {
    /* g += A'A for `rows` rows of a: the upper triangle; other entries become anything */
    void (*gram)(double *g, const double *a, size_t rows, size_t n, size_t ld);
    /* The upper factor of the matrix whose upper triangle is a, in its place; 0 when a pivot
     * is not above `least`. */
    int (*cholesky)(double *a, size_t n, size_t ld, double least);
    /* sum a b; sum |a| |b| */
    double (*dot)(const double *a, const double *b, size_t n);
    double (*dot_abs)(const double *a, const double *b, size_t n);
    /* y += c x; y += |c| |x|; y += x x */
    void (*axpy)(double *y, double c, const double *x, size_t n);
    void (*axpy_abs)(double *y, double c, const double *x, size_t n);
    void (*squares)(double *y, const double *x, size_t n);
    /* row[k] = row[k] - c top[k] modulo p < 2^31, all below p; q is the quotient of c 2^32 by p */
    void (*reduce)(uint32_t *row, const uint32_t *top, uint32_t c, uint32_t q, uint32_t p,
                   size_t n);
} sbx_block;

const sbx_block *sbx_block_best(void);
const sbx_block *sbx_block_build(size_t k); /* k < SBX_BLOCK_BUILDS; NULL: cannot run here */
#define SBX_BLOCK_BUILDS 3

#endif
