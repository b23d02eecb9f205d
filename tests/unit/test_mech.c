/* test_mech.c -- every mechanism: what its row of the registry says is so, in exact rationals where it
 * can be; enclosures over a box contain what other systems give inside; other orders of the same sums
 * are the same numbers. [L-MCH-01], [L-MCH-02], [L-MCH-03], [L-MCH-04], [L-MCH-05], [L-MCH-06]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "base/rng.h"
#include "softbox/mech.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 6, D = 4, DV = 3, DM = 4, BITS = 300 };
/* how many numbers a value has: DV, but D for a mechanism that asks for as many as a key has */
static size_t dv = DV;
static const char *const inputs[] = {"gaussian", "two-clusters", "needle", "deng"};
static sbx_ctx fine = {.prec = BITS, .format = SBX_FP16};

/* ---- the mechanism in mpq and ivf ---------------------------------------------------------- */

typedef struct {
    mpq_t w[N * N], o[N * DM]; /* exact */
    bool weights;
} exact;

static void init(exact *e)
{
    for (size_t k = 0; k < (size_t)N * N; k++)
        mpq_init(e->w[k]);
    for (size_t k = 0; k < (size_t)N * DM; k++)
        mpq_init(e->o[k]);
}
static void clear(exact *e)
{
    for (size_t k = 0; k < (size_t)N * N; k++)
        mpq_clear(e->w[k]);
    for (size_t k = 0; k < (size_t)N * DM; k++)
        mpq_clear(e->o[k]);
}

#define RUN(S)                                                                                  \
    /* rows and outputs; false: there is no value, or not in this system */                     \
    static bool run_##S(sbx_##S *w, sbx_##S *o, const sbx_mech_args *a, const sbx_mech_data *x, \
                        bool *weights)                                                          \
    {                                                                                           \
        sbx_mech_in_##S in;                                                                     \
        sbx_mech_run_##S *r = NULL;                                                             \
        sbx_err why = {SBX_OK, NULL, ""};                                                       \
        bool ok;                                                                                \
        assert_int_equal(sbx_mech_in_of_##S(&in, x, &fine, &why), SBX_OK);                      \
        ok = sbx_mech_open_##S(&r, a, &in, &fine, &why) == SBX_OK;                              \
        *weights = !(sbx_mech_traits(a) & SBX_MECH_NO_WEIGHTS);                                 \
        for (size_t i = 0; ok && *weights && i < N; i++)                                        \
            ok = sbx_mech_row_##S(w + i * N, r, i, &why) == SBX_OK;                             \
        ok = ok && sbx_mech_output_##S(o, r, &why) == SBX_OK;                                   \
        if (!ok && why.code != SBX_ERR_UNSUPPORTED && why.code != SBX_ERR_DOMAIN)               \
            fail_msg("%s", why.msg);                                                            \
        sbx_mech_close_##S(r);                                                                  \
        sbx_mech_in_free_##S(&in);                                                              \
        return ok;                                                                              \
    }
RUN(mpq)
RUN(ivf)
RUN(ivd)

static bool run_exact(exact *e, const sbx_mech_args *a, const sbx_mech_data *x)
{
    sbx_mpq w[N * N], o[N * DM];
    bool ok;
    for (size_t k = 0; k < (size_t)N * N; k++)
        sbx_mpq_init(&w[k], NULL);
    for (size_t k = 0; k < (size_t)N * dv; k++)
        sbx_mpq_init(&o[k], NULL);
    ok = run_mpq(w, o, a, x, &e->weights);
    for (size_t k = 0; k < (size_t)N * N; k++) {
        mpq_set(e->w[k], w[k].v);
        sbx_mpq_clear(&w[k]);
    }
    for (size_t k = 0; k < (size_t)N * dv; k++) {
        mpq_set(e->o[k], o[k].v);
        sbx_mpq_clear(&o[k]);
    }
    return ok;
}

/* what the traits say of an exact matrix of weights */
static void check_traits(const exact *e, const sbx_mech_args *a, const char *what)
{
    const unsigned t = sbx_mech_traits(a);
    mpq_t s;
    mpq_init(s);
    for (size_t i = 0; i < N && e->weights; i++) {
        mpq_set_ui(s, 0, 1);
        for (size_t j = 0; j < N; j++) {
            mpq_srcptr w = e->w[i * N + j];
            mpq_add(s, s, w);
            if ((t & SBX_MECH_NONNEGATIVE) && mpq_sgn(w) < 0) fail_msg("%s: a weight < 0", what);
            if ((t & SBX_MECH_CAUSAL) && j > i && mpq_sgn(w) != 0)
                fail_msg("%s: looks ahead", what);
        }
        if ((t & SBX_MECH_SUMS_TO_ONE) && mpq_cmp_ui(s, 1, 1) != 0)
            fail_msg("%s: row %zu sums to %f", what, i, mpq_get_d(s));
    }
    mpq_clear(s);
}

/* rank by elimination, written apart from the library */
static size_t rank_of(const exact *e)
{
    static mpq_t m[N * N];
    size_t rank = 0;
    mpq_t f, t;
    mpq_inits(f, t, NULL);
    for (size_t k = 0; k < (size_t)N * N; k++) {
        mpq_init(m[k]);
        mpq_set(m[k], e->w[k]);
    }
    for (size_t c = 0; c < N && rank < N; c++) {
        size_t p = rank;
        while (p < N && mpq_sgn(m[p * N + c]) == 0)
            p++;
        if (p == N) continue;
        for (size_t j = 0; j < N; j++)
            mpq_swap(m[p * N + j], m[rank * N + j]);
        for (size_t i = rank + 1; i < N; i++) {
            mpq_div(f, m[i * N + c], m[rank * N + c]);
            for (size_t j = 0; j < N; j++) {
                mpq_mul(t, f, m[rank * N + j]);
                mpq_sub(m[i * N + j], m[i * N + j], t);
            }
        }
        rank++;
    }
    for (size_t k = 0; k < (size_t)N * N; k++)
        mpq_clear(m[k]);
    mpq_clears(f, t, NULL);
    return rank;
}

/* is q in [lo, hi] */
static bool holds(const sbx_ivf *z, mpq_srcptr q)
{
    return mpfr_cmp_q(z->lo, q) <= 0 && mpfr_cmp_q(z->hi, q) >= 0;
}

typedef struct {
    sbx_ivf w[N * N], o[N * DM];
    sbx_ivd dw[N * N], d[N * DM];
    bool weights;
} boxes;

static void boxes_init(boxes *b)
{
    for (size_t k = 0; k < (size_t)N * N; k++)
        sbx_ivf_init(&b->w[k], &fine);
    for (size_t k = 0; k < (size_t)N * DM; k++)
        sbx_ivf_init(&b->o[k], &fine);
}
static void boxes_clear(boxes *b)
{
    for (size_t k = 0; k < (size_t)N * N; k++)
        sbx_ivf_clear(&b->w[k]);
    for (size_t k = 0; k < (size_t)N * DM; k++)
        sbx_ivf_clear(&b->o[k]);
}

/* does the double enclosure hold the fine one's lower end; both hold the value, so they meet */
static bool meet(const sbx_ivd *d, const sbx_ivf *f)
{
    return mpfr_cmp_d(f->hi, d->lo) >= 0 && mpfr_cmp_d(f->lo, d->hi) <= 0;
}

/* an input that fits the mechanism, and its extra matrices */
static void make(sbx_mech_data *x, const sbx_mech_args *a, const char *input, uint64_t seed)
{
    sbx_err why;
    dv = DV;
    assert_int_equal(sbx_mech_generate(x, input, N, D, dv, seed, NULL), SBX_OK);
    if (sbx_mech_fill(x, a, seed, NULL) == SBX_OK) return;
    sbx_mech_data_clear(x);
    dv = D;
    assert_int_equal(sbx_mech_generate(x, input, N, D, dv, seed, NULL), SBX_OK);
    if (sbx_mech_fill(x, a, seed, &why) != SBX_OK) fail_msg("%s", why.msg);
}

static void one(const char *name, const char *input, uint64_t seed)
{
    sbx_mech_args a;
    sbx_mech_data x;
    exact e;
    boxes b;
    char what[100];
    bool in_q, in_f, weights;
    (void)snprintf(what, sizeof what, "%s, %s", name, input);
    assert_int_equal(sbx_mech_read(&a, name, NULL), SBX_OK);
    a.zero_row = SBX_ZERO_UNIFORM;
    make(&x, &a, input, seed);
    init(&e);
    boxes_init(&b);
    in_q = run_exact(&e, &a, &x);
    if (a.mech && sbx_mech_get_info(a.mech)->kind == SBX_NORM_RATIONAL && !in_q &&
        strcmp(input, "gaussian") == 0)
        fail_msg("%s: no exact value", what);
    if (in_q) check_traits(&e, &a, what);
    if (in_q && e.weights && rank_of(&e) > sbx_mech_rank(&a, x.shape))
        fail_msg("%s: rank %zu", what, rank_of(&e));
    in_f = run_ivf(b.w, b.o, &a, &x, &b.weights);
    if (in_q && !in_f) fail_msg("%s: exact, but not enclosed", what);
    for (size_t k = 0; in_q && k < (size_t)N * N && e.weights; k++)
        if (!holds(&b.w[k], e.w[k])) fail_msg("%s: weight %zu outside", what, k);
    for (size_t k = 0; in_q && k < (size_t)N * dv; k++)
        if (!holds(&b.o[k], e.o[k])) fail_msg("%s: output %zu outside", what, k);
    if (in_f && run_ivd(b.dw, b.d, &a, &x, &weights)) {
        for (size_t k = 0; k < (size_t)N * N && b.weights; k++)
            if (!meet(&b.dw[k], &b.w[k])) fail_msg("%s: weight %zu of doubles", what, k);
        for (size_t k = 0; k < (size_t)N * dv; k++)
            if (!meet(&b.d[k], &b.o[k])) fail_msg("%s: output %zu of doubles", what, k);
    }
    boxes_clear(&b);
    clear(&e);
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&a);
}

static void registry(void **state)
{
    (void)state;
    for (size_t f = 0; sbx_mechs()[f]; f++)
        for (size_t g = 0; g < 4; g++)
            one(sbx_mech_get_info(sbx_mechs()[f])->name, inputs[g], 7 + g);
}

/* Points inside a box stay inside the enclosures over it. */
static void over_boxes(void **state)
{
    size_t answered = 0;
    uint64_t rng = 1;
    (void)state;
    for (size_t f = 0; sbx_mechs()[f]; f++) {
        sbx_mech_args a;
        sbx_mech_data x;
        sbx_mech_in_ivd in;
        sbx_mech_run_ivd *r = NULL;
        static sbx_ivd o[N * DM];
        boxes b;
        const char *name = sbx_mech_get_info(sbx_mechs()[f])->name;
        bool ok;
        assert_int_equal(sbx_mech_read(&a, name, NULL), SBX_OK);
        a.zero_row = SBX_ZERO_UNIFORM;
        make(&x, &a, "gaussian", 3);
        assert_int_equal(sbx_mech_in_of_ivd(&in, &x, NULL, NULL), SBX_OK);
        for (size_t k = 0; k < (size_t)(N * D) * 2; k++) /* q and k, as they lie */
            in.block[k].hi += 0x1p-8, in.block[k].lo -= 0x1p-8;
        ok = sbx_mech_open_ivd(&r, &a, &in, NULL, NULL) == SBX_OK &&
             sbx_mech_output_ivd(o, r, NULL) == SBX_OK;
        answered += ok;
        boxes_init(&b);
        for (int k = 0; k < 8 && ok; k++) { /* corners and centres of sides, at 300 bits */
            mpq_t t;
            sbx_mech_data y;
            mpq_init(t);
            make(&y, &a, "gaussian", 3);
            for (size_t i = 0; i < (size_t)(N * D) * 2; i++) {
                mpq_t *const z = i < (size_t)N * D ? &y.q[i] : &y.k[i - (size_t)N * D];
                mpq_set_si(t, (long)(sbx_rng(&rng) % 3) - 1, 256);
                mpq_canonicalize(t);
                mpq_add(*z, *z, t);
            }
            if (!run_ivf(b.w, b.o, &a, &y, &b.weights)) fail_msg("%s: no value in the box", name);
            for (size_t c = 0; c < (size_t)N * dv; c++)
                if (!meet(&o[c], &b.o[c])) fail_msg("%s: output %zu is outside", name, c);
            sbx_mech_data_clear(&y);
            mpq_clear(t);
        }
        boxes_clear(&b);
        sbx_mech_close_ivd(r);
        sbx_mech_in_free_ivd(&in);
        sbx_mech_data_clear(&x);
        sbx_mech_args_clear(&a);
    }
    if (answered < 30) fail_msg("%zu mechanisms have an answer over a box", answered);
}

/* ---- the first mechanisms ----------------------------------------------------------------- */

/* two names of the same numbers: exactly, or to 250 bits */
static void same(const char *p, const char *q)
{
    for (size_t g = 0; g < 4; g++) {
        sbx_mech_args a, b;
        sbx_mech_data x;
        exact e, f;
        boxes s, t;
        assert_int_equal(sbx_mech_read(&a, p, NULL), SBX_OK);
        assert_int_equal(sbx_mech_read(&b, q, NULL), SBX_OK);
        make(&x, &a, inputs[g], 11 + g);
        init(&e);
        init(&f);
        boxes_init(&s);
        boxes_init(&t);
        if (run_exact(&e, &a, &x)) {
            assert_true(run_exact(&f, &b, &x));
            for (size_t k = 0; k < (size_t)N * dv; k++)
                assert_true(mpq_equal(e.o[k], f.o[k]));
        }
        {
            const bool one_ = run_ivf(s.w, s.o, &a, &x, &s.weights);
            const bool two_ = run_ivf(t.w, t.o, &b, &x, &t.weights);
            assert_int_equal(one_, two_);
            for (size_t k = 0; one_ && k < (size_t)N * dv; k++) {
                assert_true(mpfr_lessequal_p(s.o[k].lo, t.o[k].hi));
                assert_true(mpfr_lessequal_p(t.o[k].lo, s.o[k].hi));
                mpfr_sub(t.o[k].hi, t.o[k].hi, t.o[k].lo, MPFR_RNDU);
                assert_true(mpfr_cmp_d(t.o[k].hi, 0x1p-200) < 0);
            }
        }
        boxes_clear(&t);
        boxes_clear(&s);
        clear(&f);
        clear(&e);
        sbx_mech_data_clear(&x);
        sbx_mech_args_clear(&b);
        sbx_mech_args_clear(&a);
    }
}

static void orders(void **state)
{
    (void)state;
    same("linear", "linear:form=recurrent");
    same("sima", "sima:order=right");
    same("lightning", "lightning:form=recurrent");
    same("lightning:lambda=3/7", "lightning:lambda=3/7:form=chunked:tile=4");
    same("lightning:lambda=3/7:form=chunked:tile=1", "lightning:lambda=3/7:form=chunked:tile=100");
    same("softmax", "softmax:form=naive");
    same("softmax", "softmax:form=online");
    same("softmax", "softmax:form=flash:tile=4");
}

/* two queries, two keys by hand: q = (1, 0), (1, 1); k = (1, 2), (3, -1); v = 1, 2 */
static void by_hand(void **state)
{
    static const struct {
        const char *name;
        const char *w[4], *o[2];
    } cases[] = {{"linear", {"1/4", "3/4", "3/5", "2/5"}, {"7/4", "7/5"}},
                 {"expressive", {"5/14", "9/14", "9/17", "8/17"}, {"23/14", "25/17"}},
                 {"sima", {"1/8", "3/8", "19/24", "1/24"}, {"7/8", "7/8"}},
                 {"lightning:lambda=1/2", {"1", "0", "3/2", "2"}, {"1", "11/2"}}};
    (void)state;
    for (size_t c = 0; c < 4; c++) {
        static const long q[4] = {1, 0, 1, 1}, k[4] = {1, 2, 3, -1}, v[2] = {1, 2};
        sbx_mech_args a;
        sbx_mpq in[3][4], w[2], o[2];
        sbx_mech_in_mpq x = {.shape = {2, 2, 2, 1}, .q = in[0], .k = in[1], .v = in[2]};
        sbx_mech_run_mpq *r;
        mpq_t t;
        mpq_init(t);
        for (size_t i = 0; i < 12; i++) {
            sbx_mpq_init(&in[i / 4][i % 4], NULL);
            mpq_set_si(in[i / 4][i % 4].v, i < 4 ? q[i] : i < 8 ? k[i - 4] : v[i % 2], 1);
        }
        for (size_t i = 0; i < 2; i++) {
            sbx_mpq_init(&w[i], NULL);
            sbx_mpq_init(&o[i], NULL);
        }
        assert_int_equal(sbx_mech_read(&a, cases[c].name, NULL), SBX_OK);
        assert_int_equal(sbx_mech_open_mpq(&r, &a, &x, NULL, NULL), SBX_OK);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(sbx_mech_row_mpq(w, r, i, NULL), SBX_OK);
            for (size_t j = 0; j < 2; j++) {
                assert_int_equal(mpq_set_str(t, cases[c].w[2 * i + j], 10), 0);
                if (!mpq_equal(t, w[j].v)) fail_msg("%s: (%zu, %zu)", cases[c].name, i, j);
            }
        }
        assert_int_equal(sbx_mech_output_mpq(o, r, NULL), SBX_OK);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(mpq_set_str(t, cases[c].o[i], 10), 0);
            assert_true(mpq_equal(t, o[i].v));
        }
        sbx_mech_close_mpq(r);
        sbx_mech_args_clear(&a);
        for (size_t i = 0; i < 12; i++)
            sbx_mpq_clear(&in[i / 4][i % 4]);
        for (size_t i = 0; i < 2; i++) {
            sbx_mpq_clear(&w[i]);
            sbx_mpq_clear(&o[i]);
        }
        mpq_clear(t);
    }
}

/* SimA's mass law, exactly: the sum of |A_ij| is at most d, each |A_ij| at most the sums of its row and column */
static void sima_mass(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        sbx_mech_args a;
        sbx_mech_data x;
        exact e;
        mpq_t s, t;
        mpq_inits(s, t, NULL);
        init(&e);
        assert_int_equal(sbx_mech_read(&a, "sima", NULL), SBX_OK);
        assert_int_equal(sbx_mech_generate(&x, inputs[seed % 3], N, D, DV, seed, NULL), SBX_OK);
        assert_true(run_exact(&e, &a, &x));
        for (size_t k = 0; k < (size_t)N * N; k++) {
            mpq_abs(t, e.w[k]);
            mpq_add(s, s, t);
        }
        assert_true(mpq_cmp_ui(s, D, 1) <= 0);
        sbx_mech_data_clear(&x);
        sbx_mech_args_clear(&a);
        clear(&e);
        mpq_clears(s, t, NULL);
    }
}

static void refusals(void **state)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_err why = {SBX_OK, NULL, ""};
    (void)state;
    assert_int_equal(sbx_mech_read(&a, "nothing", &why), SBX_ERR_PARSE);
    assert_non_null(strstr(why.msg, "softmax"));
    assert_int_equal(sbx_mech_read(&a, "softmax:form=fast", &why), SBX_ERR_ARG);
    assert_non_null(strstr(why.msg, "shifted"));
    assert_int_equal(sbx_mech_read(&a, "sima:eps=0", &why), SBX_ERR_ARG);
    assert_int_equal(sbx_mech_generate(&x, "noise", 2, 2, 2, 1, &why), SBX_ERR_ARG);
    assert_int_equal(sbx_mech_generate(&x, "deng", 2, 2, 2, 1, &why), SBX_ERR_ARG);
    assert_int_equal(sbx_mech_generate(&x, "deng", 0, 3, 2, 1, &why), SBX_ERR_ARG);
}

/* Matrices of another mechanism's size are refused, by fill and by open; none is read beyond its end. */
static void sizes_of_extra(void **state)
{
    sbx_mech_args few, many;
    sbx_mech_data x;
    sbx_mech_in_ivd in;
    sbx_mech_run_ivd *r = NULL;
    sbx_err why = {SBX_OK, NULL, ""};
    (void)state;
    assert_int_equal(sbx_mech_read(&few, "favor:features=2", NULL), SBX_OK);
    assert_int_equal(sbx_mech_read(&many, "favor:features=4000", NULL), SBX_OK);
    assert_int_equal(sbx_mech_generate(&x, "gaussian", 3, 2, 2, 1, NULL), SBX_OK);
    assert_int_equal(sbx_mech_fill(&x, &few, 1, NULL), SBX_OK);
    assert_int_equal(sbx_mech_fill(&x, &few, 2, NULL), SBX_OK); /* it fits: it stays */
    assert_int_equal(sbx_mech_fill(&x, &many, 1, &why), SBX_ERR_ARG);
    assert_non_null(strstr(why.msg, "4 numbers, not 4000 times 2"));
    assert_int_equal(sbx_mech_in_of_ivd(&in, &x, NULL, NULL), SBX_OK);
    assert_int_equal(in.n_extra[0], 4);
    assert_int_equal(sbx_mech_open_ivd(&r, &many, &in, NULL, &why), SBX_ERR_ARG);
    assert_non_null(strstr(why.msg, "4 numbers, not 4000 times 2"));
    assert_null(r);
    assert_int_equal(sbx_mech_open_ivd(&r, &few, &in, NULL, NULL), SBX_OK);
    sbx_mech_close_ivd(r);
    sbx_mech_in_free_ivd(&in);
    sbx_mech_extra_clear(&x);
    assert_int_equal(sbx_mech_fill(&x, &many, 1, NULL), SBX_OK);
    assert_int_equal(x.n_extra[0], 8000);
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&few);
    sbx_mech_args_clear(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registry),      cmocka_unit_test(over_boxes), cmocka_unit_test(orders),
        cmocka_unit_test(by_hand),       cmocka_unit_test(sima_mass),  cmocka_unit_test(refusals),
        cmocka_unit_test(sizes_of_extra)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
