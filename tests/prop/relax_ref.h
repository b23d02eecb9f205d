/* relax_ref.h -- the softmax bounds straight from their papers' formulas, in MPFR at
 * 300 bits, and random boxes. It shares nothing with src/relax.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAX_REF_H
#define RELAX_REF_H

#include "softbox/relax.h"

#include "sbx_test.h"

#include <math.h>
#include <mpfr.h>

enum { REF_BITS = 300, REF_N = 300 };

typedef struct ref_box {
    size_t n;
    double lo[REF_N], hi[REF_N], c[REF_N];
} ref_box;

static const struct {
    size_t n;
    double lo[3], hi[3];
} ref_crafted[] = {
    {2, {-60, -40}, {0, -40}}, {2, {-100, 0}, {100, 0}},    {3, {-10, -17, -17}, {10, -17, -10}},
    {2, {4, 15}, {16, 27}},    {3, {-1, -1, 1}, {0, 0, 2}}, {3, {-1, 0, 1}, {0, 2, 4}},
};
enum { REF_CRAFTED = sizeof ref_crafted / sizeof ref_crafted[0] };

/* Half-widths 1e-12 to 40, centres near 0 to 1e5, degenerate sides, one dominant side. */
static inline void ref_draw(ref_box *b, uint64_t *s, long k)
{
    const size_t sizes[] = {1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 16, 25, 50};
    const double shifts[] = {0, 0, 0, 10, 1000, 1e5};
    const double shift = shifts[sbx_rng(s) % 6] * test_uniform(s, -1, 1);
    const double spread = sbx_rng(s) % 3 ? 2.0 : 15.0;
    const int common = sbx_rng(s) % 2 == 0;
    double decade = test_uniform(s, -12, 1.6);
    if (sbx_rng(s) % 2) decade = test_uniform(s, -2, 1.6);
    b->n = sizes[sbx_rng(s) % (sizeof sizes / sizeof sizes[0])];
    if (k < REF_CRAFTED) b->n = ref_crafted[k].n;
    for (size_t j = 0; j < b->n; j++) {
        const double c = shift + spread * test_uniform(s, -1, 1);
        double w = pow(10.0, decade) * (common ? 1.0 : sbx_rng_unit(s));
        if (sbx_rng(s) % 10 == 0) w = 0.0;
        b->lo[j] = c - w;
        b->hi[j] = c + w;
    }
    if (sbx_rng(s) % 3 == 0) {
        const size_t j = sbx_rng(s) % b->n;
        const double up = test_uniform(s, 5, 60);
        b->lo[j] += up;
        b->hi[j] += up;
    }
    for (size_t j = 0; j < b->n; j++) {
        if (k < REF_CRAFTED) {
            b->lo[j] = ref_crafted[k].lo[j];
            b->hi[j] = ref_crafted[k].hi[j];
        }
        b->c[j] = test_uniform(s, b->lo[j], b->hi[j]);
    }
}

/* chord of exp over [a, b] at t, and its slope */
static inline void ref_chord(mpfr_t y, mpfr_t k, mpfr_t a, mpfr_t b, mpfr_t t)
{
    mpfr_t ea, w;
    mpfr_inits2(REF_BITS, ea, w, (mpfr_ptr)0);
    mpfr_exp(ea, a, MPFR_RNDN);
    mpfr_sub(w, b, a, MPFR_RNDN);
    mpfr_exp(k, b, MPFR_RNDN);
    mpfr_sub(k, k, ea, MPFR_RNDN);
    if (mpfr_zero_p(w))
        mpfr_set(k, ea, MPFR_RNDN);
    else
        mpfr_div(k, k, w, MPFR_RNDN);
    mpfr_sub(y, t, a, MPFR_RNDN);
    mpfr_fma(y, y, k, ea, MPFR_RNDN);
    mpfr_clears(ea, w, (mpfr_ptr)0);
}

/* sum over j of e^{t_j - t_i} */
static inline void ref_sum(mpfr_t q, const double *t, size_t n, size_t i)
{
    mpfr_t d;
    mpfr_init2(d, REF_BITS);
    mpfr_set_zero(q, 1);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(d, t[j], MPFR_RNDN);
        mpfr_sub_d(d, d, t[i], MPFR_RNDN);
        mpfr_exp(d, d, MPFR_RNDN);
        mpfr_add(q, q, d, MPFR_RNDN);
    }
    mpfr_clear(d);
}

/* the exact range of softmax_i */
static inline void ref_range(mpfr_t p_lo, mpfr_t p_up, const ref_box *b, size_t i)
{
    double t[REF_N];
    for (size_t j = 0; j < b->n; j++)
        t[j] = j == i ? b->lo[j] : b->hi[j];
    ref_sum(p_lo, t, b->n, i);
    mpfr_ui_div(p_lo, 1, p_lo, MPFR_RNDN);
    for (size_t j = 0; j < b->n; j++)
        t[j] = j == i ? b->hi[j] : b->lo[j];
    ref_sum(p_up, t, b->n, i);
    mpfr_ui_div(p_up, 1, p_up, MPFR_RNDN);
}

/* sum of chords relative to pivot r (r == n: none) at t */
static inline void ref_chords(mpfr_t sum, const ref_box *b, const double *t, size_t r)
{
    mpfr_t l, u, x, y, k;
    mpfr_inits2(REF_BITS, l, u, x, y, k, (mpfr_ptr)0);
    mpfr_set_zero(sum, 1);
    for (size_t j = 0; j < b->n; j++) {
        mpfr_set_d(l, b->lo[j], MPFR_RNDN);
        mpfr_set_d(u, b->hi[j], MPFR_RNDN);
        mpfr_set_d(x, t[j], MPFR_RNDN);
        if (r < b->n) {
            mpfr_sub_d(l, l, b->hi[r], MPFR_RNDN);
            mpfr_sub_d(u, u, b->lo[r], MPFR_RNDN);
            mpfr_sub_d(x, x, t[r], MPFR_RNDN);
        }
        if (j == r)
            mpfr_set_ui(y, 1, MPFR_RNDN);
        else
            ref_chord(y, k, l, u, x);
        mpfr_add(sum, sum, y, MPFR_RNDN);
    }
    mpfr_clears(l, u, x, y, k, (mpfr_ptr)0);
}

static inline size_t ref_pivot(const ref_box *b)
{
    mpfr_t best, s;
    size_t k = 0;
    mpfr_inits2(REF_BITS, best, s, (mpfr_ptr)0);
    for (size_t j = 0; j < b->n; j++) {
        mpfr_set_d(s, b->lo[j], MPFR_RNDN);
        mpfr_add_d(s, s, b->hi[j], MPFR_RNDN);
        if (j && mpfr_cmp(s, best) <= 0) continue;
        mpfr_set(best, s, MPFR_RNDN);
        k = j;
    }
    mpfr_clears(best, s, (mpfr_ptr)0);
    return k;
}

/* e^{t_i - t_r}/S, or e^{t_i}/S without a pivot */
static inline void ref_pivoted(mpfr_t v, const ref_box *b, const double *t, size_t i, size_t r)
{
    mpfr_t s;
    mpfr_init2(s, REF_BITS);
    ref_chords(s, b, t, r);
    mpfr_set_d(v, t[i], MPFR_RNDN);
    if (r < b->n) mpfr_sub_d(v, v, t[r], MPFR_RNDN);
    mpfr_exp(v, v, MPFR_RNDN);
    mpfr_div(v, v, s, MPFR_RNDN);
    mpfr_clear(s);
}

static inline void ref_lin(mpfr_t low, mpfr_t up, const ref_box *b, const double *t, size_t i)
{
    mpfr_t dl, du, d, tj, k, y, q_lo, q_up, ql, tq;
    mpfr_inits2(REF_BITS, dl, du, d, tj, k, y, q_lo, q_up, ql, tq, (mpfr_ptr)0);
    mpfr_set_ui(q_lo, 1, MPFR_RNDN);
    mpfr_set_ui(q_up, 1, MPFR_RNDN);
    mpfr_set_ui(ql, 1, MPFR_RNDN);
    for (size_t j = 0; j < b->n; j++) {
        if (j == i) continue;
        mpfr_set_d(dl, b->lo[j], MPFR_RNDN);
        mpfr_sub_d(dl, dl, b->hi[i], MPFR_RNDN);
        mpfr_set_d(du, b->hi[j], MPFR_RNDN);
        mpfr_sub_d(du, du, b->lo[i], MPFR_RNDN);
        mpfr_set_d(d, t[j], MPFR_RNDN);
        mpfr_sub_d(d, d, t[i], MPFR_RNDN);
        ref_chord(y, k, dl, du, d);
        mpfr_log(tj, k, MPFR_RNDN);
        mpfr_add_ui(y, dl, 1, MPFR_RNDN);
        mpfr_min(tj, tj, y, MPFR_RNDN);
        mpfr_exp(k, tj, MPFR_RNDN); /* e^{t_j} */
        mpfr_sub(y, y, tj, MPFR_RNDN);
        mpfr_fma(q_lo, k, y, q_lo, MPFR_RNDN);
        mpfr_sub(y, d, tj, MPFR_RNDN);
        mpfr_add_ui(y, y, 1, MPFR_RNDN);
        mpfr_fma(ql, k, y, ql, MPFR_RNDN);
        mpfr_exp(y, du, MPFR_RNDN);
        mpfr_add(q_up, q_up, y, MPFR_RNDN);
    }
    mpfr_mul(tq, q_lo, q_up, MPFR_RNDN);
    mpfr_sqrt(tq, tq, MPFR_RNDN);
    mpfr_div_ui(y, q_up, 2, MPFR_RNDN);
    mpfr_max(tq, tq, y, MPFR_RNDN);
    ref_chords(low, b, t, i);
    mpfr_div(low, low, tq, MPFR_RNDN);
    mpfr_ui_sub(low, 2, low, MPFR_RNDN);
    mpfr_div(low, low, tq, MPFR_RNDN);
    mpfr_mul(y, q_lo, q_up, MPFR_RNDN);
    mpfr_div(up, ql, y, MPFR_RNDN);
    mpfr_ui_div(y, 1, q_lo, MPFR_RNDN);
    mpfr_sub(up, y, up, MPFR_RNDN);
    mpfr_ui_div(y, 1, q_up, MPFR_RNDN);
    mpfr_add(up, up, y, MPFR_RNDN);
    mpfr_clears(dl, du, d, tj, k, y, q_lo, q_up, ql, tq, (mpfr_ptr)0);
}

/* U_ER = p_lo + p_up - p_lo p_up q;
 * U_LSE = (p_lo log p_up - p_up log p_lo - (p_up - p_lo) log q)/(log p_up - log p_lo) */
static inline void ref_upper(mpfr_t up, const ref_box *b, const double *t, size_t i, bool er)
{
    mpfr_t p_lo, p_up, q, l, u, y;
    mpfr_inits2(REF_BITS, p_lo, p_up, q, l, u, y, (mpfr_ptr)0);
    ref_range(p_lo, p_up, b, i);
    ref_sum(q, t, b->n, i);
    if (er) {
        mpfr_mul(up, p_lo, p_up, MPFR_RNDN);
        mpfr_mul(up, up, q, MPFR_RNDN);
        mpfr_sub(up, p_lo, up, MPFR_RNDN);
        mpfr_add(up, up, p_up, MPFR_RNDN);
    } else if (mpfr_equal_p(p_lo, p_up)) {
        mpfr_set(up, p_up, MPFR_RNDN);
    } else {
        mpfr_log(l, p_lo, MPFR_RNDN);
        mpfr_log(u, p_up, MPFR_RNDN);
        mpfr_log(q, q, MPFR_RNDN);
        mpfr_mul(up, p_lo, u, MPFR_RNDN);
        mpfr_mul(y, p_up, l, MPFR_RNDN);
        mpfr_sub(up, up, y, MPFR_RNDN);
        mpfr_sub(y, p_up, p_lo, MPFR_RNDN);
        mpfr_mul(y, y, q, MPFR_RNDN);
        mpfr_sub(up, up, y, MPFR_RNDN);
        mpfr_sub(y, u, l, MPFR_RNDN);
        mpfr_div(up, up, y, MPFR_RNDN);
    }
    mpfr_clears(p_lo, p_up, q, l, u, y, (mpfr_ptr)0);
}

/* method m's lower and upper bound of softmax_i at t, as published */
static inline void ref_bound(mpfr_t low, mpfr_t up, const ref_box *b, const double *t, size_t i,
                             sbx_method m)
{
    if (m == SBX_METHOD_LIN) {
        ref_lin(low, up, b, t, i);
        return;
    }
    ref_pivoted(low, b, t, i, m == SBX_METHOD_ER ? i : m == SBX_METHOD_LSE ? b->n : ref_pivot(b));
    ref_upper(up, b, t, i, m == SBX_METHOD_ER);
}

/* a.t + cst, rounded to 192 bits in one direction */
static inline void ref_affine(mpfr_t v, const double *a, double cst, const double *t, size_t n,
                              mpfr_rnd_t rnd)
{
    mpfr_t x, y;
    mpfr_inits2(53, x, y, (mpfr_ptr)0);
    mpfr_set_d(v, cst, rnd);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(x, a[j], MPFR_RNDN);
        mpfr_set_d(y, t[j], MPFR_RNDN);
        mpfr_fma(v, x, y, v, rnd);
    }
    mpfr_clears(x, y, (mpfr_ptr)0);
}

#endif
