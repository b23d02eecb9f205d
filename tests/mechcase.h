/* mechcase.h -- a mechanism on a small input, in exact rationals and at 300 bits, for tests of single mechanisms.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MECHCASE_H
#define MECHCASE_H

#include "sbx_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "softbox/mech.h"

/* w, o: exact, after mcase_exact; fw, fo: enclosures at 300 bits, after mcase_fine */
typedef struct mcase {
    sbx_mech_args a;
    sbx_mech_data x;
    size_t n, m, d, dv;
    sbx_ctx ctx;
    sbx_mpq *qw, *qo;
    mpq_ptr *w, *o;
    sbx_ivf *fw, *fo;
} mcase;

static inline void mcase_seed(mcase *c, const char *name, size_t n, size_t d, size_t dv,
                              uint64_t seed)
{
    *c = (mcase){.n = n, .m = n, .d = d, .dv = dv, .ctx = {.prec = 300}};
    assert_ok(sbx_mech_read(&c->a, name, err));
    assert_ok(sbx_mech_generate(&c->x, "gaussian", n, d, dv, seed, err));
    assert_ok(sbx_mech_fill(&c->x, &c->a, seed, err));
    c->qw = calloc(n * n, sizeof *c->qw);
    c->qo = calloc(n * dv, sizeof *c->qo);
    c->fw = calloc(n * n, sizeof *c->fw);
    c->fo = calloc(n * dv, sizeof *c->fo);
    c->w = calloc(n * n, sizeof *c->w);
    c->o = calloc(n * dv, sizeof *c->o);
    assert_true(c->qw && c->qo && c->fw && c->fo && c->w && c->o);
    for (size_t k = 0; k < n * n; k++) {
        sbx_mpq_init(&c->qw[k], NULL);
        sbx_ivf_init(&c->fw[k], &c->ctx);
        c->w[k] = c->qw[k].v;
    }
    for (size_t k = 0; k < n * dv; k++) {
        sbx_mpq_init(&c->qo[k], NULL);
        sbx_ivf_init(&c->fo[k], &c->ctx);
        c->o[k] = c->qo[k].v;
    }
}

static inline void mcase_open(mcase *c, const char *name, size_t n, size_t d, size_t dv)
{
    mcase_seed(c, name, n, d, dv, 5);
}

static inline void mcase_close(mcase *c)
{
    for (size_t k = 0; k < c->n * c->m; k++) {
        sbx_mpq_clear(&c->qw[k]);
        sbx_ivf_clear(&c->fw[k]);
    }
    for (size_t k = 0; k < c->n * c->dv; k++) {
        sbx_mpq_clear(&c->qo[k]);
        sbx_ivf_clear(&c->fo[k]);
    }
    free(c->qw);
    free(c->qo);
    free(c->fw);
    free(c->fo);
    free(c->w);
    free(c->o);
    sbx_mech_data_clear(&c->x);
    sbx_mech_args_clear(&c->a);
}

/* the next number of *s in q */
static inline void mcase_number(mpq_ptr q, const char **s)
{
    char word[64];
    size_t n = 0;
    while (**s == ' ')
        (*s)++;
    while (**s && **s != ' ' && n + 1 < sizeof word)
        word[n++] = *(*s)++;
    word[n] = 0;
    assert_int_equal(mpq_set_str(q, word, 10), 0);
    mpq_canonicalize(q);
}

/* numbers of text, with blanks between, into x */
static inline void mcase_put(mpq_t *x, const char *text)
{
    for (size_t k = 0; *text; k++)
        mcase_number(x[k], &text);
}

/* are the exact numbers v[0..n) those of text */
static inline void mcase_expect(mpq_ptr *v, const char *text, size_t n)
{
    mpq_t q;
    mpq_init(q);
    for (size_t k = 0; k < n; k++) {
        mcase_number(q, &text);
        if (!mpq_equal(q, v[k]))
            fail_msg("number %zu: %g, not %g", k, mpq_get_d(v[k]), mpq_get_d(q));
    }
    assert_int_equal(*text, 0);
    mpq_clear(q);
}

/* do enclosures of a width below 2^-200 contain the numbers of text */
static inline void mcase_expect_fine(sbx_ivf *v, const sbx_ctx *ctx, const char *text, size_t n)
{
    mpq_t q;
    mpfr_t t;
    mpq_init(q);
    mpfr_init2(t, (mpfr_prec_t)ctx->prec);
    for (size_t k = 0; k < n; k++) {
        mcase_number(q, &text);
        if (mpfr_cmp_q(v[k].lo, q) > 0 || mpfr_cmp_q(v[k].hi, q) < 0)
            fail_msg("number %zu: %g, not %g", k, mpfr_get_d(v[k].lo, MPFR_RNDN), mpq_get_d(q));
        mpfr_sub(t, v[k].hi, v[k].lo, MPFR_RNDU);
        assert_true(mpfr_cmp_d(t, 0x1p-200) < 0);
    }
    assert_int_equal(*text, 0);
    mpfr_clear(t);
    mpq_clear(q);
}

#define MCASE_RUN(S, name, W, O)                                                             \
    static inline void mcase_##name(mcase *c)                                                \
    {                                                                                        \
        sbx_mech_in_##S in;                                                                  \
        sbx_mech_run_##S *r = NULL;                                                          \
        assert_ok(sbx_mech_in_of_##S(&in, &c->x, &c->ctx, err));                             \
        assert_ok(sbx_mech_open_##S(&r, &c->a, &in, &c->ctx, err));                          \
        for (size_t i = 0; i < c->n && !(sbx_mech_traits(&c->a) & SBX_MECH_NO_WEIGHTS); i++) \
            assert_ok(sbx_mech_row_##S(c->W + i * c->m, r, i, err));                         \
        assert_ok(sbx_mech_output_##S(c->O, r, err));                                        \
        sbx_mech_close_##S(r);                                                               \
        sbx_mech_in_free_##S(&in);                                                           \
    }
MCASE_RUN(mpq, exact, qw, qo)
MCASE_RUN(ivf, fine, fw, fo)

/* are all weights and outputs of two cases the same, as far as 300 bits tell; to 200 bits */
static inline void mcase_meet(const mcase *a, const mcase *b)
{
    mpfr_t t;
    mpfr_init2(t, 300);
    for (size_t k = 0; k < a->n * a->m + a->n * a->dv; k++) {
        const bool w = k < a->n * a->m;
        const sbx_ivf *p = w ? &a->fw[k] : &a->fo[k - a->n * a->m];
        const sbx_ivf *q = w ? &b->fw[k] : &b->fo[k - a->n * a->m];
        if (mpfr_greater_p(p->lo, q->hi) || mpfr_greater_p(q->lo, p->hi))
            fail_msg("number %zu differs: %g, %g", k, mpfr_get_d(p->lo, MPFR_RNDN),
                     mpfr_get_d(q->lo, MPFR_RNDN));
        mpfr_sub(t, p->hi, p->lo, MPFR_RNDU);
        assert_true(mpfr_cmp_d(t, 0x1p-200) < 0);
    }
    mpfr_clear(t);
}

/* are two names the same numbers on a gaussian input: exactly where both are exact, else to 200 bits */
static inline void mcase_same(const char *p, const char *q, size_t n, size_t d, size_t dv,
                              uint64_t seed)
{
    mcase a, b;
    mcase_seed(&a, p, n, d, dv, seed);
    mcase_seed(&b, q, n, d, dv, seed);
    if (sbx_mech_get_info(a.a.mech)->kind == SBX_NORM_RATIONAL &&
        sbx_mech_get_info(b.a.mech)->kind == SBX_NORM_RATIONAL) {
        mcase_exact(&a);
        mcase_exact(&b);
        for (size_t k = 0; k < n * n; k++)
            assert_true(mpq_equal(a.w[k], b.w[k]));
        for (size_t k = 0; k < n * dv; k++)
            assert_true(mpq_equal(a.o[k], b.o[k]));
    }
    mcase_fine(&a);
    mcase_fine(&b);
    mcase_meet(&a, &b);
    mcase_close(&b);
    mcase_close(&a);
}

/* what opening it on a gaussian input says */
static inline sbx_status mcase_status(const char *name)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_mech_in_ivf in;
    sbx_mech_run_ivf *r = NULL;
    const sbx_ctx ctx = {.prec = 300};
    sbx_status st = sbx_mech_read(&a, name, NULL);
    if (st != SBX_OK) return st;
    assert_ok(sbx_mech_generate(&x, "gaussian", 5, 4, 2, 1, err));
    st = sbx_mech_fill(&x, &a, 1, NULL);
    if (st == SBX_OK) {
        assert_ok(sbx_mech_in_of_ivf(&in, &x, &ctx, err));
        st = sbx_mech_open_ivf(&r, &a, &in, &ctx, NULL);
        sbx_mech_close_ivf(r);
        sbx_mech_in_free_ivf(&in);
    }
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&a);
    return st;
}

#endif
