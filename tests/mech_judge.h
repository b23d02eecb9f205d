/* mech_judge.h -- what the tests of the mechanisms share: a mechanism against its definition in doubles, over boxes,
 * in another order of its sums, against values by hand, and its exact weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_TEST_MECH_JUDGE_H
#define SBX_TEST_MECH_JUDGE_H

#include "sbx_test.h"

#include "mech/aff.h"
#include "mech/mech.h"
#include "softbox/mech.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 6, D = 4, DM = 4, MAX = N * 16 };
static const char *const inputs[] = {"gaussian", "two-clusters", "needle"};
static sbx_ctx fine = {.prec = 300};

/* what an oracle reads: the input; and writes: weights, outputs */
static double q[N * D], k[N * D], v[N * DM], e[4][MAX], A[N * N], O[N * DM];
static size_t dv;

static inline double dot(const double *x, const double *y, size_t n)
{
    double s = 0;
    for (size_t c = 0; c < n; c++)
        s += x[c] * y[c];
    return s;
}

/* ---- one mechanism on one input ---------------------------------------------------------- */

#define RUN(S)                                                                 \
    static inline bool run_##S(sbx_##S *w, sbx_##S *o, const sbx_mech_args *a, \
                               const sbx_mech_in_##S *in, sbx_err *why)        \
    {                                                                          \
        sbx_mech_run_##S *r = NULL;                                            \
        bool ok = sbx_mech_open_##S(&r, a, in, &fine, why) == SBX_OK;          \
        const bool weights = !(sbx_mech_traits(a) & SBX_MECH_NO_WEIGHTS);      \
        for (size_t i = 0; ok && weights && i < N; i++)                        \
            ok = sbx_mech_row_##S(w + i * N, r, i, why) == SBX_OK;             \
        ok = ok && sbx_mech_output_##S(o, r, why) == SBX_OK;                   \
        sbx_mech_close_##S(r);                                                 \
        return ok;                                                             \
    }
RUN(mpq)
RUN(ivd)
RUN(ivf)
RUN(aff)

static inline void load(double *to, mpq_t *from, size_t n)
{
    for (size_t x = 0; x < n; x++)
        to[x] = mpq_get_d(from[x]);
}

static inline void made(sbx_mech_args *a, sbx_mech_data *x, const char *name, const char *input,
                        uint64_t seed)
{
    sbx_err why;
    if (sbx_mech_read(a, name, &why) != SBX_OK) fail_msg("%s", why.msg);
    a->zero_row = SBX_ZERO_UNIFORM;
    assert_int_equal(sbx_mech_generate(x, input, N, D, dv, seed, NULL), SBX_OK);
    if (sbx_mech_fill(x, a, seed, &why) != SBX_OK) fail_msg("%s", why.msg);
    load(q, x->q, N * D);
    load(k, x->k, N * D);
    load(v, x->v, N * dv);
    for (size_t j = 0; j < 4; j++)
        if (x->extra[j]) load(e[j], x->extra[j], x->n_extra[j]);
    if (sbx_mech_traits(a) & SBX_MECH_TIED) memcpy(k, q, sizeof k);
}

static inline void near(const char *name, const char *what, size_t at, double got, double want)
{
    if (!(fabs(got - want) <= 1e-10 * (1 + fabs(want))))
        fail_msg("%s: %s %zu is %.17g, not %.17g", name, what, at, got, want);
}

/* In 300 bits the definition's number, to what doubles know of it; enclosures narrow. */
static inline void defined(const char *name, const sbx_mech_args *a, const sbx_mech_data *x)
{
    static sbx_ivf w[N * N], o[N * DM];
    sbx_mech_in_ivf in;
    sbx_err why;
    mpfr_t t;
    mpfr_init2(t, 300);
    for (size_t c = 0; c < (size_t)N * N; c++)
        sbx_ivf_init(&w[c], &fine);
    for (size_t c = 0; c < (size_t)N * DM; c++)
        sbx_ivf_init(&o[c], &fine);
    assert_int_equal(sbx_mech_in_of_ivf(&in, x, &fine, NULL), SBX_OK);
    if (!run_ivf(w, o, a, &in, &why)) fail_msg("%s", why.msg);
    for (size_t c = 0; c < (size_t)N * N; c++) {
        if (sbx_mech_traits(a) & SBX_MECH_NO_WEIGHTS) break;
        near(name, "weight", c, mpfr_get_d(w[c].lo, MPFR_RNDN), A[c]);
        mpfr_sub(t, w[c].hi, w[c].lo, MPFR_RNDU);
        assert_true(mpfr_cmp_d(t, 0x1p-200) < 0);
    }
    for (size_t c = 0; c < (size_t)N * dv; c++) {
        near(name, "output", c, mpfr_get_d(o[c].lo, MPFR_RNDN), O[c]);
        mpfr_sub(t, o[c].hi, o[c].lo, MPFR_RNDU);
        assert_true(mpfr_cmp_d(t, 0x1p-200) < 0);
    }
    for (size_t c = 0; c < (size_t)N * N; c++)
        sbx_ivf_clear(&w[c]);
    for (size_t c = 0; c < (size_t)N * DM; c++)
        sbx_ivf_clear(&o[c]);
    sbx_mech_in_free_ivf(&in);
    mpfr_clear(t);
}

static inline double width(sbx_ivd b) { return b.hi - b.lo; }

/* Is the number that p encloses to 300 bits in b. */
static inline void inside(const char *name, const char *what, size_t at, const sbx_ivf *p,
                          sbx_ivd b)
{
    if (!(mpfr_cmp_d(p->hi, b.lo) >= 0 && mpfr_cmp_d(p->lo, b.hi) <= 0))
        fail_msg("%s: %s %zu: %.17g outside of [%.17g, %.17g]", name, what, at,
                 mpfr_get_d(p->lo, MPFR_RNDN), b.lo, b.hi);
}

/* round's point of the box: every number at an end, in the middle or somewhere between */
static inline void choose(sbx_mech_in_ivf *at, const double *start, double radius, uint64_t round)
{
    uint64_t bits = 0x9e3779b97f4a7c15u * (round + 1);
    for (size_t c = 0; c < (size_t)2 * N * D; c++) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        mpfr_set_d(at->block[c].lo,
                   bits >> 62 == 3 ? start[c] - radius / 4
                                   : start[c] + radius * ((double)(bits >> 62) - 1),
                   MPFR_RNDN);
        mpfr_set(at->block[c].hi, at->block[c].lo, MPFR_RNDN);
    }
}

/* Is the number that p encloses to 300 bits where the affine form is at these values of its symbols, t of [-1, 1]. */
static inline void on_form(const char *name, const char *what, size_t at, const sbx_ivf *p,
                           const sbx_aff *f, const double *t)
{
    double c = f->c, size = fabs(f->c);
    inside(name, what, at, p, f->z);
    if (!(f->r <= DBL_MAX)) return;
    for (size_t x = 0; x < f->n; x++) {
        c += f->a[x] * t[x];
        size += fabs(f->a[x]);
    }
    inside(name, what, at, p, (sbx_ivd){c - f->r - 1e-12 * size, c + f->r + 1e-12 * size});
}

/* affine forms over the box at[c] +- radius of q and k; false: refused */
static inline bool formed(sbx_aff *w, sbx_aff *o, const sbx_mech_args *a, const sbx_mech_data *x,
                          double radius)
{
    sbx_mech_in_aff in;
    bool ok;
    assert_int_equal(sbx_mech_in_of_aff(&in, x, NULL, NULL), SBX_OK);
    for (size_t c = 0; c < (size_t)2 * N * D; c++) {
        const sbx_ivd t = {in.block[c].z.lo - radius, in.block[c].z.hi + radius};
        assert_int_equal(sbx_aff_symbol(&in.block[c], c, &t, NULL), SBX_OK);
    }
    ok = run_aff(w, o, a, &in, NULL);
    sbx_mech_in_free_aff(&in);
    return ok;
}

/* Points of a box of q and k, corners among them, in 300 bits, against the enclosures over it. */
static inline void boxed(const char *name, const sbx_mech_args *a, const sbx_mech_data *x,
                         double radius, uint64_t seed)
{
    static sbx_ivd w[N * N], o[N * DM];
    static sbx_ivf p[N * N], po[N * DM];
    static double start[2 * N * D];
    static sbx_aff fw[N * N], fo[N * DM];
    static double t[2 * N * D];
    const bool weights = !(sbx_mech_traits(a) & SBX_MECH_NO_WEIGHTS);
    bool form;
    sbx_mech_in_ivd in;
    sbx_mech_in_ivf at;
    for (size_t c = 0; c < (size_t)N * N; c++)
        sbx_aff_init(&fw[c], NULL);
    for (size_t c = 0; c < (size_t)N * DM; c++)
        sbx_aff_init(&fo[c], NULL);
    form = formed(fw, fo, a, x, radius);
    for (size_t c = 0; c < (size_t)N * N; c++)
        sbx_ivf_init(&p[c], &fine);
    for (size_t c = 0; c < (size_t)N * DM; c++)
        sbx_ivf_init(&po[c], &fine);
    assert_int_equal(sbx_mech_in_of_ivd(&in, x, NULL, NULL), SBX_OK);
    assert_int_equal(sbx_mech_in_of_ivf(&at, x, &fine, NULL), SBX_OK);
    for (size_t c = 0; c < (size_t)2 * N * D; c++) { /* q and k, as they lie: dyadic numbers */
        start[c] = in.block[c].lo;
        in.block[c].lo -= radius;
        in.block[c].hi += radius;
    }
    if (run_ivd(w, o, a, &in, NULL))
        for (uint64_t round = 0; round < 12; round++) {
            choose(&at, start, radius, 16 * seed + round);
            if (!run_ivf(p, po, a, &at, NULL)) continue;
            for (size_t c = 0; c < (size_t)2 * N * D; c++)
                t[c] = (mpfr_get_d(at.block[c].lo, MPFR_RNDN) - start[c]) / radius;
            for (size_t c = 0; c < (size_t)N * N && weights; c++) {
                inside(name, "weight", c, &p[c], w[c]);
                if (form) on_form(name, "form of weight", c, &p[c], &fw[c], t);
            }
            for (size_t c = 0; c < (size_t)N * dv; c++) {
                inside(name, "output", c, &po[c], o[c]);
                if (form) on_form(name, "form of output", c, &po[c], &fo[c], t);
            }
        }
    for (size_t c = 0; c < (size_t)N * N; c++)
        sbx_aff_clear(&fw[c]);
    for (size_t c = 0; c < (size_t)N * DM; c++)
        sbx_aff_clear(&fo[c]);
    sbx_mech_in_free_ivf(&at);
    sbx_mech_in_free_ivd(&in);
    for (size_t c = 0; c < (size_t)N * N; c++)
        sbx_ivf_clear(&p[c]);
    for (size_t c = 0; c < (size_t)N * DM; c++)
        sbx_ivf_clear(&po[c]);
}

/* Rationals serve exactly where the mechanism says so. */
static inline void classed(const char *name, const sbx_mech_args *a, const sbx_mech_data *x)
{
    static sbx_mpq w[N * N], o[N * DM];
    const bool exact = sbx_mech_kind(a, x->shape) == SBX_NORM_RATIONAL;
    sbx_mech_in_mpq in;
    sbx_err why;
    bool ran;
    assert_int_equal(sbx_mech_in_of_mpq(&in, x, NULL, NULL), SBX_OK);
    for (size_t c = 0; c < (size_t)N * N; c++)
        sbx_mpq_init(&w[c], NULL);
    for (size_t c = 0; c < (size_t)N * DM; c++)
        sbx_mpq_init(&o[c], NULL);
    ran = run_mpq(w, o, a, &in, &why);
    if (ran != exact) fail_msg("%s: %s", name, ran ? "rational after all" : why.msg);
    if (!ran) assert_int_equal(why.code, SBX_ERR_UNSUPPORTED);
    for (size_t c = 0; c < (size_t)N * N; c++)
        sbx_mpq_clear(&w[c]);
    for (size_t c = 0; c < (size_t)N * DM; c++)
        sbx_mpq_clear(&o[c]);
    sbx_mech_in_free_mpq(&in);
}

/* the oracle writes A, and O if it returns true; else O = A v */
typedef bool oracle(const sbx_mech_args *a);

static inline void judge(const char *name, oracle *f, size_t values)
{
    dv = values;
    for (size_t g = 0; g < 3; g++) {
        sbx_mech_args a;
        sbx_mech_data x;
        made(&a, &x, name, inputs[g], 31 + g);
        memset(A, 0, sizeof A);
        if (!f(&a))
            for (size_t i = 0; i < N; i++)
                for (size_t c = 0; c < dv; c++) {
                    O[i * dv + c] = 0;
                    for (size_t j = 0; j < N; j++)
                        O[i * dv + c] += A[i * N + j] * v[j * dv + c];
                }
        defined(name, &a, &x);
        boxed(name, &a, &x, 0x1p-8, g);
        boxed(name, &a, &x, 0.5, g + 7);
        classed(name, &a, &x);
        sbx_mech_data_clear(&x);
        sbx_mech_args_clear(&a);
    }
}

/* the number of parameter p, as the test passes it to oracles */
static inline double number(const sbx_mech_args *a, size_t p)
{
    return sbx_value_double(&a->value[p]);
}
static inline bool causal(const sbx_mech_args *a) { return sbx_value_long(&a->value[0]) == 1; }
static inline size_t sees(const sbx_mech_args *a, size_t i) { return causal(a) ? i + 1 : N; }

/* A = A / its sums, row by row */
static inline void normal(void)
{
    for (size_t i = 0; i < N; i++) {
        double s = 0;
        for (size_t j = 0; j < N; j++)
            s += A[i * N + j];
        for (size_t j = 0; j < N; j++)
            A[i * N + j] = s == 0 ? 1.0 / N : A[i * N + j] / s;
    }
}

/* ---- the same numbers in another order ------------------------------------------------------ */

static inline void same(const char *one, const char *two)
{
    dv = 3;
    for (size_t g = 0; g < 3; g++) {
        sbx_mech_args a, b;
        sbx_mech_data x;
        static sbx_mpq w[N * N], o[2][N * DM];
        static sbx_ivd iw[N * N], io[2][N * DM];
        sbx_mech_in_mpq in;
        sbx_mech_in_ivd box;
        sbx_err why;
        made(&a, &x, one, inputs[g], 77 + g);
        assert_int_equal(sbx_mech_read(&b, two, NULL), SBX_OK);
        b.zero_row = SBX_ZERO_UNIFORM;
        assert_int_equal(sbx_mech_in_of_mpq(&in, &x, NULL, NULL), SBX_OK);
        assert_int_equal(sbx_mech_in_of_ivd(&box, &x, NULL, NULL), SBX_OK);
        for (size_t c = 0; c < (size_t)N * N; c++)
            sbx_mpq_init(&w[c], NULL);
        for (size_t c = 0; c < (size_t)2 * N * DM; c++)
            sbx_mpq_init(&o[c % 2][c / 2], NULL);
        if (run_mpq(w, o[0], &a, &in, &why)) {
            assert_true(run_mpq(w, o[1], &b, &in, NULL));
            for (size_t c = 0; c < (size_t)N * dv; c++)
                if (!mpq_equal(o[0][c].v, o[1][c].v)) fail_msg("%s, %s: output %zu", one, two, c);
        }
        assert_true(run_ivd(iw, io[0], &a, &box, NULL));
        if (!run_ivd(iw, io[1], &b, &box, &why)) fail_msg("%s", why.msg);
        for (size_t c = 0; c < (size_t)N * dv; c++) {
            if (io[0][c].lo > io[1][c].hi || io[1][c].lo > io[0][c].hi)
                fail_msg("%s, %s: output %zu", one, two, c);
            assert_true(io[1][c].hi - io[1][c].lo < 1e-9);
        }
        if (g == 0) boxed(two, &b, &x, 0x1p-8, 5);
        for (size_t c = 0; c < (size_t)N * N; c++)
            sbx_mpq_clear(&w[c]);
        for (size_t c = 0; c < (size_t)2 * N * DM; c++)
            sbx_mpq_clear(&o[c % 2][c / 2]);
        sbx_mech_in_free_ivd(&box);
        sbx_mech_in_free_mpq(&in);
        sbx_mech_data_clear(&x);
        sbx_mech_args_clear(&b);
        sbx_mech_args_clear(&a);
    }
}

/* recurrent and chunked sums, of all keys and causal, against the weights */
static inline void orders_of(const char *name)
{
    static const char *const forms[] = {":form=recurrent", ":form=chunked:tile=1",
                                        ":form=chunked:tile=4", ":form=chunked:tile=100"};
    char one[100], two[100];
    for (int mask = 0; mask < 2; mask++)
        for (size_t f = 0; f < 4; f++) {
            (void)snprintf(one, sizeof one, "%s%s", name, mask ? ":mask=causal" : "");
            (void)snprintf(two, sizeof two, "%s%s", one, forms[f]);
            same(one, two);
        }
}

/* ---- exact values --------------------------------------------------------------------------- */

/* two queries, two keys of two numbers: q = (1, 0), (1, 1); k = (1, 2), (3, -1); v = 1, 2. Weights, a sequence of
 * fractions, row by row; then outputs, "" for none */
static inline void by_hand_case(const char *name, const char *weights, const char *outputs)
{
    static const long nq[4] = {1, 0, 1, 1}, nk[4] = {1, 2, 3, -1}, nv[2] = {1, 2};
    sbx_mech_args a;
    sbx_mech_data x = {.shape = {2, 2, 2, 1}};
    mpq_t *at[3], t;
    sbx_mech_in_mpq in;
    sbx_mech_run_mpq *r;
    sbx_mpq w[2], o[2];
    sbx_err why;
    char text[64];
    int used = 0;
    mpq_init(t);
    assert_int_equal(sbx_mech_generate(&x, "gaussian", 2, 2, 1, 1, NULL), SBX_OK);
    at[0] = x.q, at[1] = x.k, at[2] = x.v;
    for (size_t i = 0; i < 10; i++)
        mpq_set_si(at[i / 4][i % 4], i < 4 ? nq[i] : i < 8 ? nk[i - 4] : nv[i - 8], 1);
    for (size_t i = 0; i < 2; i++) {
        sbx_mpq_init(&w[i], NULL);
        sbx_mpq_init(&o[i], NULL);
    }
    if (sbx_mech_read(&a, name, &why) != SBX_OK) fail_msg("%s", why.msg);
    a.zero_row = SBX_ZERO_UNIFORM;
    assert_int_equal(sbx_mech_fill(&x, &a, 1, NULL), SBX_OK);
    assert_int_equal(sbx_mech_in_of_mpq(&in, &x, NULL, NULL), SBX_OK);
    if (sbx_mech_open_mpq(&r, &a, &in, NULL, &why) != SBX_OK) fail_msg("%s", why.msg);
    for (size_t i = 0; i < 2; i++) {
        if (sbx_mech_row_mpq(w, r, i, &why) != SBX_OK) fail_msg("%s", why.msg);
        for (size_t j = 0; j < 2; j++) {
            assert_int_equal(sscanf(weights, "%63s%n", text, &used), 1);
            weights += used;
            assert_int_equal(mpq_set_str(t, text, 10), 0);
            if (!mpq_equal(t, w[j].v))
                fail_msg("%s: weight (%zu, %zu) is %f", name, i, j, mpq_get_d(w[j].v));
        }
    }
    if (*outputs) {
        if (sbx_mech_output_mpq(o, r, &why) != SBX_OK) fail_msg("%s", why.msg);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(sscanf(outputs, "%63s%n", text, &used), 1);
            outputs += used;
            assert_int_equal(mpq_set_str(t, text, 10), 0);
            if (!mpq_equal(t, o[i].v)) fail_msg("%s: output %zu is %f", name, i, mpq_get_d(o[i].v));
        }
    }
    for (size_t i = 0; i < 2; i++) {
        sbx_mpq_clear(&w[i]);
        sbx_mpq_clear(&o[i]);
    }
    sbx_mech_close_mpq(r);
    sbx_mech_in_free_mpq(&in);
    sbx_mech_args_clear(&a);
    sbx_mech_data_clear(&x);
    mpq_clear(t);
}

/* ---- laws -------------------------------------------------------------------------------------- */

/* what a law reads: exact weights */
static inline void exact_rows(mpq_t *w, const char *name, const char *input, uint64_t seed)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_mech_in_mpq in;
    sbx_mech_run_mpq *r;
    sbx_mpq row[N];
    sbx_err why;
    made(&a, &x, name, input, seed);
    assert_int_equal(sbx_mech_in_of_mpq(&in, &x, NULL, NULL), SBX_OK);
    if (sbx_mech_open_mpq(&r, &a, &in, NULL, &why) != SBX_OK) fail_msg("%s", why.msg);
    for (size_t j = 0; j < N; j++)
        sbx_mpq_init(&row[j], NULL);
    for (size_t i = 0; i < N; i++) {
        if (sbx_mech_row_mpq(row, r, i, &why) != SBX_OK) fail_msg("%s", why.msg);
        for (size_t j = 0; j < N; j++)
            mpq_set(w[i * N + j], row[j].v);
    }
    for (size_t j = 0; j < N; j++)
        sbx_mpq_clear(&row[j]);
    sbx_mech_close_mpq(r);
    sbx_mech_in_free_mpq(&in);
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&a);
}

static inline void exact_init(mpq_t *w)
{
    for (size_t c = 0; c < (size_t)N * N; c++)
        mpq_init(w[c]);
}
static inline void exact_clear(mpq_t *w)
{
    for (size_t c = 0; c < (size_t)N * N; c++)
        mpq_clear(w[c]);
}

/* rank by elimination; destroys w */
static inline size_t rank_of(mpq_t *w)
{
    size_t rank = 0;
    mpq_t f, t;
    mpq_inits(f, t, NULL);
    for (size_t c = 0; c < N && rank < N; c++) {
        size_t p = rank;
        while (p < N && mpq_sgn(w[p * N + c]) == 0)
            p++;
        if (p == N) continue;
        for (size_t j = 0; j < N; j++)
            mpq_swap(w[p * N + j], w[rank * N + j]);
        for (size_t i = rank + 1; i < N; i++) {
            mpq_div(f, w[i * N + c], w[rank * N + c]);
            for (size_t j = 0; j < N; j++) {
                mpq_mul(t, f, w[rank * N + j]);
                mpq_sub(w[i * N + j], w[i * N + j], t);
            }
        }
        rank++;
    }
    mpq_clears(f, t, NULL);
    return rank;
}

#endif
