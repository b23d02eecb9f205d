/* net/mat.h -- the inner loops of bound propagation, in plain round-to-nearest
 * doubles; net/lin.c, net/affine.c and net/conv_lin.c account for their rounding.
 *
 * Lengths n are multiples of SBX_LANES: vectors end with zeros. A sum may be taken in
 * any order; every build takes the same one, so all give the same bits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_MAT_H
#define SBX_NET_MAT_H

#include <stddef.h>
#include <stdint.h>

#define SBX_LANES 8u
static inline size_t sbx_pad(size_t n) { return (n + SBX_LANES - 1) / SBX_LANES * SBX_LANES; }

/* One product of a sum that is found through a list: which element, and where the weights
 * for it begin. */
typedef struct sbx_tap {
    uint32_t at, w;
} sbx_tap;

typedef struct sbx_mat {
    const char *name;
    /* c[r][k] = sum_j a[r][j] b[j][k] for k < cols; rows of b are readable to sbx_pad(cols) */
    void (*mul)(double *c, size_t ldc, const double *a, size_t lda, const double *b, size_t ldb,
                size_t rows, size_t inner, size_t cols);
    /* out[0][i] = sum_k w[i][k] c[k], out[1][i] = sum |w| r, out[2][i] = sum |w| |c| */
    void (*interval)(double *const out[3], const double *w, size_t ldw, size_t rows, size_t n,
                     const double *c, const double *r);
    /* out[i] = sum_k w[i][k] x[k] */
    void (*apply)(double *out, const double *w, size_t ldw, size_t rows, size_t n, const double *x);
    /* s[0] = sum a b, s[1] = sum |a| e */
    void (*charge)(double s[2], const double *a, const double *b, const double *e, size_t n);
    /* out = a+ al + a- au where a+ = max(a, 0), a- = a - a+; s[0] = sum a+ bl + a- bu,
     * s[1] = sum |out| m, s[2] = the magnitudes of s[0]'s terms */
    void (*slopes)(double *out, double s[3], const double *a, const double *al, const double *bl,
                   const double *au, const double *bu, const double *m, size_t n);
    /* dst += src; returns sum |dst| m */
    double (*add)(double *dst, const double *src, const double *m, size_t n);
    /* s[0] = sum a+ lo + a- hi, s[1] = sum |a| m */
    void (*corner)(double s[2], const double *a, const double *lo, const double *hi,
                   const double *m, size_t n);
    /* live[i] = 1 where some row has an a[r][i] that is not 0 (a NaN is none), else 0, i < n;
     * returns whether there is one */
    int (*live)(unsigned char *live, const double *a, size_t lda, size_t rows, size_t n);
    /* out[i][r] = sum over n taps of w[tap.w + i] x[tap.at][r], i < 4, r < SBX_LANES */
    void (*taps)(double *out, const double *x, const double *w, const sbx_tap *tap, size_t n);
    /* out[i] = sum w[tap.w + i] x[tap.at], i < SBX_LANES */
    void (*taps_one)(double *out, const double *x, const double *w, const sbx_tap *tap, size_t n);
    /* the three sums of interval for SBX_LANES rows: out[3][SBX_LANES] */
    void (*taps_interval)(double *out, const double *c, const double *r, const double *w,
                          const sbx_tap *tap, size_t n);
} sbx_mat;

/* the best build that this processor runs, and all of them (NULL where one cannot run) */
const sbx_mat *sbx_mat_best(void);
const sbx_mat *sbx_mat_build(size_t k); /* k < SBX_MAT_BUILDS */
#define SBX_MAT_BUILDS 3

#endif
