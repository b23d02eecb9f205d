/* mat/block.body.c -- the loops of mat/block.h, compiled once for each kind of processor: the
 * including file defines SBX_BLOCK_NAME, and SBX_BLOCK_LANES, the doubles of a vector register.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mat/block.h"

#include <math.h>
#include <string.h>

#define L SBX_BLOCK_LANES

typedef double vd __attribute__((vector_size(8 * L), aligned(8), may_alias));

#define LD(p)    (*(const vd *)(p))
#define ST(p, v) (*(vd *)(p) = (v))

/* c[i][j] += sign sum_k a[k][i] b[k][j], i < 4, j < 2 L; each sum from zero, k upwards */
static inline void tile(double *c, const double *a, const double *b, size_t terms, size_t ld,
                        double sign)
{
    vd s[4][2] = {{{0}}};
    for (size_t k = 0; k < terms; k++) {
        const double *ak = a + k * ld, *bk = b + k * ld;
        const vd b0 = LD(bk), b1 = LD(bk + L);
        s[0][0] += ak[0] * b0;
        s[1][0] += ak[1] * b0;
        s[2][0] += ak[2] * b0;
        s[3][0] += ak[3] * b0;
        s[0][1] += ak[0] * b1;
        s[1][1] += ak[1] * b1;
        s[2][1] += ak[2] * b1;
        s[3][1] += ak[3] * b1;
    }
    for (size_t i = 0; i < 4; i++) {
        ST(c + i * ld, LD(c + i * ld) + sign * s[i][0]);
        ST(c + i * ld + L, LD(c + i * ld + L) + sign * s[i][1]);
    }
}

/* The upper triangle of c += sign A'A, for rows i0 <= i < n of c; c has room for whole tiles. Panels
 * of columns outside, so that one stays in the first cache. */
static void update(double *c, const double *a, size_t terms, size_t i0, size_t n, size_t ld,
                   double sign)
{
    for (size_t j = i0 / (2 * L) * (2 * L); j < n; j += 2 * L)
        for (size_t i = i0 / 4 * 4; i < n && i < j + 2 * L; i += 4)
            tile(c + i * ld + j, a + i, a + j, terms, ld, sign);
}

static void gram(double *g, const double *a, size_t rows, size_t n, size_t ld)
{
    for (size_t k = 0; k < rows; k += SBX_MAT_TERMS) {
        const size_t terms = rows - k < SBX_MAT_TERMS ? rows - k : SBX_MAT_TERMS;
        update(g, a + k * ld, terms, 0, n, ld, 1.0);
    }
}

static void axpy(double *y, double c, const double *x, size_t n)
{
    for (size_t k = 0; k < n; k++)
        y[k] += c * x[k];
}

static void axpy_abs(double *y, double c, const double *x, size_t n)
{
    c = fabs(c);
    for (size_t k = 0; k < n; k++)
        y[k] += c * fabs(x[k]);
}

static void squares(double *y, const double *x, size_t n)
{
    for (size_t k = 0; k < n; k++)
        y[k] += x[k] * x[k];
}

/* A block of SBX_MAT_TERMS rows of the factor (a multiple of 4), then what it takes from the rows
 * below. The rows of the block itself and the tiles below may be touched at columns before the
 * diagonal, which nobody reads. */
static int cholesky(double *a, size_t n, size_t ld, double least)
{
    for (size_t k0 = 0; k0 < n; k0 += SBX_MAT_TERMS) {
        const size_t k1 = n - k0 < SBX_MAT_TERMS ? n : k0 + SBX_MAT_TERMS;
        for (size_t k = k0; k < k1; k++) {
            double *row = a + k * ld, inv;
            if (!(row[k] > least && row[k] <= 0x1p900)) return 0;
            row[k] = sqrt(row[k]);
            inv = 1.0 / row[k];
            for (size_t j = k + 1; j < n; j++)
                row[j] *= inv;
            for (size_t i = k + 1; i < k1; i++)
                axpy(a + i * ld + i, -row[i], row + i, n - i);
        }
        if (k1 == n) break;
        /* tiles left of the block's last column read entries that are not the factor's */
        update(a, a + k0 * ld, k1 - k0, k1, n, ld, -1.0);
    }
    return 1;
}

static double dot(const double *a, const double *b, size_t n)
{
    double s[8] = {0}, t = 0.0;
    size_t k = 0;
    for (; k + 8 <= n; k += 8)
        for (size_t j = 0; j < 8; j++)
            s[j] += a[k + j] * b[k + j];
    for (; k < n; k++)
        t += a[k] * b[k];
    return (((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]))) + t;
}

static double dot_abs(const double *a, const double *b, size_t n)
{
    double s[8] = {0}, t = 0.0;
    size_t k = 0;
    for (; k + 8 <= n; k += 8)
        for (size_t j = 0; j < 8; j++)
            s[j] += fabs(a[k + j]) * fabs(b[k + j]);
    for (; k < n; k++)
        t += fabs(a[k]) * fabs(b[k]);
    return (((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]))) + t;
}

/* The product misses its quotient by at most one p (Shoup); of r and r - p the lesser, as numbers without
 * a sign, is the remainder. */
static void reduce(uint32_t *row, const uint32_t *top, uint32_t c, uint32_t q, uint32_t p, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const uint32_t x = top[k], r = x * c - (uint32_t)(((uint64_t)x * q) >> 32) * p;
        const uint32_t u = row[k] - (r < r - p ? r : r - p);
        row[k] = u < u + p ? u : u + p;
    }
}

extern const sbx_block SBX_BLOCK_NAME;
const sbx_block SBX_BLOCK_NAME = {gram, cholesky, dot, dot_abs, axpy, axpy_abs, squares, reduce};
