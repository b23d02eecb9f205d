/* net/mat.body.c -- the loops of net/mat.h, compiled once for each kind of processor:
 * the including file defines SBX_MAT_NAME, SBX_MAT_TEXT, and SBX_MAT_LANES, the doubles
 * of a vector register.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/mat.h"

#include <string.h>

#define P (8 / SBX_MAT_LANES) /* vectors that make eight lanes */
#define L SBX_MAT_LANES

typedef double vd __attribute__((vector_size(8 * L), aligned(8), may_alias));
typedef long long vi __attribute__((vector_size(8 * L), aligned(8)));

#define LD(p)    (*(const vd *)(p))
#define ST(p, v) (*(vd *)(p) = (v))
#define ABS(v)   ((vd)((vi)(v)&0x7fffffffffffffffLL))
#define POS(v)   ((vd)((vi)(v) & ((v) >= 0.0)))  /* v where it is >= 0, else 0 */
#define NEGA(v)  ((vd)((vi)(v) & ~((v) >= 0.0))) /* v where it is < 0 or NaN, else 0 */

typedef long long v2 __attribute__((vector_size(16), aligned(8), may_alias));

/* are eight doubles all 0? */
static inline int zeros(const double *p)
{
    const v2 *q = (const v2 *)(const void *)p;
    const v2 t = (q[0] | q[1]) | (q[2] | q[3]);
    return ((t[0] | t[1]) & 0x7fffffffffffffffLL) == 0; /* -0 is 0 */
}

/* the sum of eight lanes, in one order for every L */
static inline double sum(const vd *t)
{
    double x[8];
    memcpy(x, t, sizeof x);
    return ((x[0] + x[4]) + (x[1] + x[5])) + ((x[2] + x[6]) + (x[3] + x[7]));
}

static int live(unsigned char *out, const double *a, size_t lda, size_t rows, size_t n)
{
    int any = 0;
    for (size_t k = 0; k < n; k += 8) {
        const size_t some = n - k < 8 ? n - k : 8;
        vi t[P] = {{0}};
        long long x[8];
        if (some == 8) {
            for (size_t r = 0; r < rows; r++)
                for (size_t j = 0; j < P; j++)
                    t[j] |= (vi)LD(a + r * lda + k + j * L);
        } else
            for (size_t r = 0; r < rows; r++) {
                vi v[P] = {{0}};
                memcpy(v, a + r * lda + k, some * sizeof(double));
                for (size_t j = 0; j < P; j++)
                    t[j] |= v[j];
            }
        memcpy(x, t, sizeof x);
        if (zeros((const double *)(const void *)t)) {
            memset(out + k, 0, some);
            continue;
        }
        any = 1;
        for (size_t i = 0; i < some; i++)
            out[k + i] = (x[i] & 0x7fffffffffffffffLL) != 0; /* -0 is 0 */
    }
    return any;
}

/* ---- the product -------------------------------------------------------------------- */

/* A product is taken in blocks of rows and of terms; for every four rows those terms are
 * listed that are not 0 in all of them. Then panels of 2 L columns of b, each for all rows
 * of the block, so that the panel stays in the first cache. */
#ifdef SBX_TEST_SMALL
enum { BLOCK_ROWS = 8, BLOCK_TERMS = 16 };
#else
enum { BLOCK_ROWS = 64, BLOCK_TERMS = 256 };
#endif

typedef struct list {
    size_t n;
    uint16_t at[BLOCK_TERMS];
} list;

/* L or (wide) 2 L columns of up to four rows; first: c does not hold a part of the sum yet */
static inline void mul_block(double *c, size_t ldc, const double *const *a, const list *t,
                             const double *b, size_t ldb, size_t rows, size_t cols, int wide,
                             int first)
{
    vd s[4][2] = {{{0}}};
    for (size_t r = 0; !first && r < rows; r++)
        memcpy(s[r], c + r * ldc, cols * sizeof(double));
    for (size_t k = 0; k < t->n; k++) {
        const size_t j = t->at[k];
        const double *bj = b + j * ldb;
        const double a0 = a[0][j], a1 = a[1][j], a2 = a[2][j], a3 = a[3][j];
        const vd b0 = LD(bj);
        s[0][0] += a0 * b0;
        s[1][0] += a1 * b0;
        s[2][0] += a2 * b0;
        s[3][0] += a3 * b0;
        if (wide) {
            const vd b1 = LD(bj + L);
            s[0][1] += a0 * b1;
            s[1][1] += a1 * b1;
            s[2][1] += a2 * b1;
            s[3][1] += a3 * b1;
        }
    }
    for (size_t r = 0; r < rows; r++)
        memcpy(c + r * ldc, s[r], cols * sizeof(double));
}

/* one block: rows <= BLOCK_ROWS, inner <= BLOCK_TERMS */
static inline void mul_rows(double *c, size_t ldc, const double *a, size_t lda, const double *b,
                            size_t ldb, size_t rows, size_t inner, size_t cols, int first)
{
    list t[BLOCK_ROWS / 4];
    unsigned char any[BLOCK_TERMS];
    for (size_t r = 0; r < rows; r += 4) {
        list *to = &t[r / 4];
        to->n = 0;
        if (!live(any, a + r * lda, lda, rows - r < 4 ? rows - r : 4, inner)) continue;
        for (size_t j = 0; j < inner; j++) {
            to->at[to->n] = (uint16_t)j;
            to->n += any[j];
        }
    }
    for (size_t k = 0; k < cols; k += 2 * L)
        for (size_t r = 0; r < rows; r += 4) {
            const size_t left = rows - r < 4 ? rows - r : 4, some = cols - k;
            const double *p[4];
            for (size_t i = 0; i < 4; i++)
                p[i] = a + (r + (i < left ? i : 0)) * lda;
            if (some >= 2 * L)
                mul_block(c + r * ldc + k, ldc, p, &t[r / 4], b + k, ldb, left, 2 * L, 1, first);
            else if (some > L)
                mul_block(c + r * ldc + k, ldc, p, &t[r / 4], b + k, ldb, left, some, 1, first);
            else
                mul_block(c + r * ldc + k, ldc, p, &t[r / 4], b + k, ldb, left, some, 0, first);
        }
}

static void mul(double *c, size_t ldc, const double *a, size_t lda, const double *b, size_t ldb,
                size_t rows, size_t inner, size_t cols)
{
    for (size_t r = 0; r < rows; r += BLOCK_ROWS)
        for (size_t j = 0; j == 0 || j < inner; j += BLOCK_TERMS)
            mul_rows(c + r * ldc, ldc, a + r * lda + j, lda, b + j * ldb, ldb,
                     rows - r < BLOCK_ROWS ? rows - r : BLOCK_ROWS,
                     inner - j < BLOCK_TERMS ? inner - j : BLOCK_TERMS, cols, j == 0);
}

static void interval(double *const out[3], const double *w, size_t ldw, size_t rows, size_t n,
                     const double *c, const double *r)
{
    for (size_t i = 0; i < rows; i++, w += ldw) {
        vd m[P] = {{0}}, q[P] = {{0}}, s[P] = {{0}};
        for (size_t k = 0; k < n; k += 8)
            for (size_t j = 0; j < P; j++) {
                const vd vw = LD(w + k + j * L), vc = LD(c + k + j * L), t = vw * vc;
                m[j] += t;
                q[j] += ABS(vw) * LD(r + k + j * L);
                s[j] += ABS(t); /* |w c| = |w| |c| after rounding too */
            }
        out[0][i] = sum(m);
        out[1][i] = sum(q);
        out[2][i] = sum(s);
    }
}

static void apply(double *out, const double *w, size_t ldw, size_t rows, size_t n, const double *x)
{
    for (size_t i = 0; i < rows; i += 4) {
        const size_t left = rows - i < 4 ? rows - i : 4;
        vd t[4][P] = {{{0}}};
        for (size_t k = 0; k < n; k += 8)
            for (size_t r = 0; r < 4; r++)
                for (size_t j = 0; j < P; j++)
                    t[r][j] +=
                        LD(w + (i + (r < left ? r : 0)) * ldw + k + j * L) * LD(x + k + j * L);
        for (size_t r = 0; r < left; r++)
            out[i + r] = sum(t[r]);
    }
}

static void charge(double s[2], const double *a, const double *b, const double *e, size_t n)
{
    vd t0[P] = {{0}}, t1[P] = {{0}};
    for (size_t k = 0; k < n; k += 8)
        for (size_t j = 0; !zeros(a + k) && j < P; j++) {
            const vd va = LD(a + k + j * L);
            t0[j] += va * LD(b + k + j * L);
            t1[j] += ABS(va) * LD(e + k + j * L);
        }
    s[0] = sum(t0);
    s[1] = sum(t1);
}

static void slopes(double *out, double s[3], const double *a, const double *al, const double *bl,
                   const double *au, const double *bu, const double *m, size_t n)
{
    vd t0[P] = {{0}}, t1[P] = {{0}}, t2[P] = {{0}};
    for (size_t k = 0; k < n; k += 8) {
        if (zeros(a + k)) {
            memset(out + k, 0, 8 * sizeof(double));
            continue;
        }
        for (size_t j = 0; j < P; j++) {
            const size_t i = k + j * L;
            const vd va = LD(a + i), p = POS(va), q = NEGA(va);
            const vd o = p * LD(al + i) + q * LD(au + i); /* one of the products is 0 */
            const vd x = p * LD(bl + i) + q * LD(bu + i); /* here too */
            ST(out + i, o);
            t0[j] += x;
            t1[j] += ABS(o) * LD(m + i);
            t2[j] += ABS(x);
        }
    }
    s[0] = sum(t0);
    s[1] = sum(t1);
    s[2] = sum(t2);
}

static double add(double *dst, const double *src, const double *m, size_t n)
{
    vd t[P] = {{0}};
    for (size_t k = 0; k < n; k += 8)
        for (size_t j = 0; j < P; j++) {
            const size_t i = k + j * L;
            const vd d = LD(dst + i) + LD(src + i);
            ST(dst + i, d);
            t[j] += ABS(d) * LD(m + i);
        }
    return sum(t);
}

static void corner(double s[2], const double *a, const double *lo, const double *hi,
                   const double *m, size_t n)
{
    vd t0[P] = {{0}}, t1[P] = {{0}};
    for (size_t k = 0; k < n; k += 8)
        for (size_t j = 0; !zeros(a + k) && j < P; j++) {
            const size_t i = k + j * L;
            const vd va = LD(a + i);
            t0[j] += POS(va) * LD(lo + i) + NEGA(va) * LD(hi + i);
            t1[j] += ABS(va) * LD(m + i);
        }
    s[0] = sum(t0);
    s[1] = sum(t1);
}

static void taps(double *out, const double *x, const double *w, const sbx_tap *tap, size_t n)
{
    vd s[4][P] = {{{0}}};
    for (size_t e = 0; e < n; e++) {
        const double *v = x + (size_t)8 * tap[e].at, *c = w + tap[e].w;
        for (size_t j = 0; j < P; j++) {
            const vd u = LD(v + j * L);
            s[0][j] += c[0] * u;
            s[1][j] += c[1] * u;
            s[2][j] += c[2] * u;
            s[3][j] += c[3] * u;
        }
    }
    memcpy(out, s, sizeof s);
}

static void taps_one(double *out, const double *x, const double *w, const sbx_tap *tap, size_t n)
{
    vd s[P] = {{0}};
    for (size_t e = 0; e < n; e++)
        for (size_t j = 0; j < P; j++)
            s[j] += x[tap[e].at] * LD(w + tap[e].w + j * L);
    memcpy(out, s, sizeof s);
}

static void taps_interval(double *out, const double *c, const double *r, const double *w,
                          const sbx_tap *tap, size_t n)
{
    vd m[P] = {{0}}, q[P] = {{0}}, s[P] = {{0}};
    for (size_t e = 0; e < n; e++) {
        const double ce = c[tap[e].at], re = r[tap[e].at];
        for (size_t j = 0; j < P; j++) {
            const vd vw = LD(w + tap[e].w + j * L), t = vw * ce;
            m[j] += t;
            q[j] += ABS(vw) * re;
            s[j] += ABS(t);
        }
    }
    memcpy(out, m, sizeof m);
    memcpy(out + 8, q, sizeof q);
    memcpy(out + 16, s, sizeof s);
}

extern const sbx_mat SBX_MAT_NAME;
const sbx_mat SBX_MAT_NAME = {SBX_MAT_TEXT, mul,    interval, apply, charge,   slopes,
                              add,          corner, live,     taps,  taps_one, taps_interval};
