/* mechbox.h -- a mechanism against plain doubles written apart, and its enclosures over a box against points of it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MECHBOX_H
#define MECHBOX_H

#include "mechcase.h"

enum { MBOX_MOST = 12 }; /* of n, m, d, dv */
typedef double mbox_matrix[MBOX_MOST * MBOX_MOST];

/* numbers of x as doubles */
static inline void mbox_get(double *to, mpq_t *x, size_t n)
{
    for (size_t k = 0; k < n; k++)
        to[k] = mpq_get_d(x[k]);
}

static inline bool mbox_near(double a, double b) { return fabs(a - b) <= 1e-9 * (1 + fabs(b)); }

static inline double mbox_mid(const sbx_ivf *z)
{
    return (mpfr_get_d(z->lo, MPFR_RNDN) + mpfr_get_d(z->hi, MPFR_RNDN)) / 2;
}

/* z = x y, a x b times b x c */
static inline void mbox_times(double *z, const double *x, const double *y, size_t a, size_t b,
                              size_t c)
{
    for (size_t i = 0; i < a; i++)
        for (size_t k = 0; k < c; k++) {
            double s = 0;
            for (size_t j = 0; j < b; j++)
                s += x[i * b + j] * y[j * c + k];
            z[i * c + k] = s;
        }
}

/* rows of s, a x b, become their softmax */
static inline void mbox_softmax(double *s, size_t a, size_t b)
{
    for (size_t i = 0; i < a; i++, s += b) {
        double sum = 0;
        for (size_t j = 0; j < b; j++)
            sum += s[j] = exp(s[j]);
        for (size_t j = 0; j < b; j++)
            s[j] /= sum;
    }
}

/* s = scale x y^T, a x b, rows of d */
static inline void mbox_scores(double *s, double scale, const double *x, const double *y, size_t a,
                               size_t b, size_t d)
{
    for (size_t i = 0; i < a; i++)
        for (size_t j = 0; j < b; j++) {
            double t = 0;
            for (size_t c = 0; c < d; c++)
                t += x[i * d + c] * y[j * d + c];
            s[i * b + j] = scale * t;
        }
}

/* Weights and outputs, at 300 bits and in doubles, are these; o NULL: w V. */
static inline void mbox_agrees(mcase *c, const double *w, const double *o)
{
    const bool weights = !(sbx_mech_traits(&c->a) & SBX_MECH_NO_WEIGHTS);
    const char *name = sbx_mech_get_info(c->a.mech)->name;
    mbox_matrix v, own, pw, po;
    sbx_mech_in_f64 in;
    sbx_mech_run_f64 *r = NULL;
    mbox_get(v, c->x.v, c->m * c->dv);
    if (!o) mbox_times(own, w, v, c->n, c->m, c->dv);
    if (!o) o = own;
    mcase_fine(c);
    assert_ok(sbx_mech_in_of_f64(&in, &c->x, NULL, err));
    assert_ok(sbx_mech_open_f64(&r, &c->a, &in, NULL, err));
    for (size_t i = 0; weights && i < c->n; i++)
        assert_ok(sbx_mech_row_f64(pw + i * c->m, r, i, err));
    assert_ok(sbx_mech_output_f64(po, r, err));
    for (size_t k = 0; weights && k < c->n * c->m; k++)
        if (!mbox_near(mbox_mid(&c->fw[k]), w[k]) || !mbox_near(pw[k], w[k]))
            fail_msg("%s: weight %zu is %g, %g, not %g", name, k, mbox_mid(&c->fw[k]), pw[k], w[k]);
    for (size_t k = 0; k < c->n * c->dv; k++)
        if (!mbox_near(mbox_mid(&c->fo[k]), o[k]) || !mbox_near(po[k], o[k]))
            fail_msg("%s: output %zu is %g, %g, not %g", name, k, mbox_mid(&c->fo[k]), po[k], o[k]);
    sbx_mech_close_f64(r);
    sbx_mech_in_free_f64(&in);
}

static inline bool mbox_holds(const sbx_ivd *d, const sbx_ivf *f)
{
    return mpfr_cmp_d(f->hi, d->lo) >= 0 && mpfr_cmp_d(f->lo, d->hi) <= 0;
}

/* q, k and v of the block, each number moved by a random one of -1, 0, 1 times 2^-e */
static inline void mbox_move(mpq_t *to, mpq_t *from, size_t n, int e, uint64_t *rng)
{
    mpq_t t;
    mpq_init(t);
    for (size_t k = 0; k < n; k++) {
        mpq_set_si(t, (long)(sbx_rng(rng) % 3) - 1, 1);
        mpq_div_2exp(t, t, (mp_bitcnt_t)e);
        mpq_add(to[k], from[k], t);
    }
    mpq_clear(t);
}

/* Enclosures in doubles over the box of radius 2^-e around a gaussian input hold what 300 bits give at points of it. False: the
 * mechanism refuses the box. */
static inline bool mbox_sound(const char *name, size_t n, size_t d, size_t dv, int e, uint64_t seed)
{
    mcase c, p;
    sbx_mech_in_ivd in;
    sbx_mech_run_ivd *r = NULL;
    static sbx_ivd w[MBOX_MOST * MBOX_MOST], o[MBOX_MOST * MBOX_MOST];
    sbx_status st;
    bool weights;
    mcase_seed(&c, name, n, d, dv, seed);
    mcase_seed(&p, name, n, d, dv, seed);
    weights = !(sbx_mech_traits(&c.a) & SBX_MECH_NO_WEIGHTS);
    assert_ok(sbx_mech_in_of_ivd(&in, &c.x, NULL, err));
    for (size_t k = 0; k < 2 * n * d + n * dv; k++) {
        in.block[k].lo -= ldexp(1, -e);
        in.block[k].hi += ldexp(1, -e);
    }
    st = sbx_mech_open_ivd(&r, &c.a, &in, NULL, NULL);
    for (size_t i = 0; st == SBX_OK && weights && i < n; i++)
        st = sbx_mech_row_ivd(w + i * n, r, i, NULL);
    if (st == SBX_OK) st = sbx_mech_output_ivd(o, r, NULL);
    if (st != SBX_OK) assert_int_equal(st, SBX_ERR_DOMAIN);
    for (int k = 0; st == SBX_OK && k < 8; k++) {
        mbox_move(p.x.q, c.x.q, n * d, e, &seed);
        mbox_move(p.x.k, c.x.k, n * d, e, &seed);
        mbox_move(p.x.v, c.x.v, n * dv, e, &seed);
        mcase_fine(&p);
        for (size_t j = 0; weights && j < n * n; j++)
            if (!mbox_holds(&w[j], &p.fw[j])) fail_msg("%s: weight %zu is outside", name, j);
        for (size_t j = 0; j < n * dv; j++)
            if (!mbox_holds(&o[j], &p.fo[j])) fail_msg("%s: output %zu is outside", name, j);
    }
    sbx_mech_close_ivd(r);
    sbx_mech_in_free_ivd(&in);
    mcase_close(&p);
    mcase_close(&c);
    return st == SBX_OK;
}

/* The rank of a matrix of 300-bit enclosures whose pivots below 2^-150 are rounding: by elimination, in MPFR. */
static inline size_t mbox_rank(const mcase *c)
{
    const size_t n = c->n;
    mpfr_t m[MBOX_MOST * MBOX_MOST], f, t;
    size_t rank = 0;
    mpfr_inits2(300, f, t, (mpfr_ptr)0);
    for (size_t k = 0; k < n * n; k++) {
        mpfr_init2(m[k], 300);
        mpfr_set(m[k], c->fw[k].lo, MPFR_RNDN);
    }
    for (size_t col = 0; col < n && rank < n; col++) {
        size_t p = rank;
        for (size_t i = rank; i < n; i++)
            if (mpfr_cmpabs(m[i * n + col], m[p * n + col]) > 0) p = i;
        mpfr_set_d(f, 0x1p-150, MPFR_RNDN);
        if (mpfr_cmpabs(m[p * n + col], f) < 0) continue;
        for (size_t j = 0; j < n; j++)
            mpfr_swap(m[p * n + j], m[rank * n + j]);
        for (size_t i = rank + 1; i < n; i++) {
            mpfr_div(f, m[i * n + col], m[rank * n + col], MPFR_RNDN);
            for (size_t j = 0; j < n; j++) {
                mpfr_mul(t, f, m[rank * n + j], MPFR_RNDN);
                mpfr_sub(m[i * n + j], m[i * n + j], t, MPFR_RNDN);
            }
        }
        rank++;
    }
    for (size_t k = 0; k < n * n; k++)
        mpfr_clear(m[k]);
    mpfr_clears(f, t, (mpfr_ptr)0);
    return rank;
}

/* does the sum of the enclosures of row i hold s, and is it that to 200 bits */
static inline void mbox_row_sum(mcase *c, size_t i, double s)
{
    sbx_ivf t, u;
    sbx_ivf_init(&t, &c->ctx);
    sbx_ivf_init(&u, &c->ctx);
    for (size_t j = 0; j < c->m; j++)
        assert_ok(sbx_ivf_add(&t, &t, &c->fw[i * c->m + j], &c->ctx, err));
    assert_true(mpfr_cmp_d(t.lo, s) <= 0 && mpfr_cmp_d(t.hi, s) >= 0);
    assert_ok(sbx_ivf_set_d(&u, s, &c->ctx, err));
    assert_ok(sbx_ivf_sub(&t, &t, &u, &c->ctx, err));
    assert_true(mpfr_cmp_d(t.lo, -0x1p-200) >= 0 && mpfr_cmp_d(t.hi, 0x1p-200) <= 0);
    sbx_ivf_clear(&u);
    sbx_ivf_clear(&t);
}

#endif
