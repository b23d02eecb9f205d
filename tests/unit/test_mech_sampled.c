/* test_mech_sampled.c -- attention by samples: ProbSparse, Skeinformer, HyperAttention: against plain doubles, by hand, their laws,
 * enclosures over boxes. [L-MCH-37], [L-MCH-38], [L-MCH-39], [L-MCH-40], [L-MCH-43]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mechbox.h"

enum { N = 6, D = 4, DV = 3 };

typedef struct {
    mbox_matrix q, k, s; /* s: q_i.k_j */
} plain;

static void get(plain *p, mcase *c)
{
    mbox_get(p->q, c->x.q, c->n * c->d);
    mbox_get(p->k, c->x.k, c->m * c->d);
    mbox_scores(p->s, 1, p->q, p->k, c->n, c->m, c->d);
}

static size_t at(mcase *c, size_t e, size_t k) { return mpz_get_ui(mpq_numref(c->x.extra[e][k])); }

/* ---- ProbSparse ----------------------------------------------------------------------------------- */

/* ceil(5 ln 6) is capped by 6: all queries, all keys; the u greatest by sorting */
static void informer(void **state)
{
    static const char *const names[] = {
        "informer:keys=3:queries=2", "informer:keys=3:queries=2:divisor=samples",
        "informer:keys=4:queries=3:rest=cumulative:scale=1", "informer:factor=1"};
    static const size_t keys[] = {3, 3, 4, 2}, queries[] = {2, 2, 3, 2};
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++)
        for (size_t s = 0; s < 4; s++) {
            mcase c;
            plain p;
            mbox_matrix w = {0};
            double m[N];
            size_t full = 0;
            mcase_seed(&c, names[s], N, D, DV, seed);
            get(&p, &c);
            assert_int_equal(c.x.n_extra[0], N * keys[s]);
            for (size_t i = 0; i < N; i++) {
                double top = -HUGE_VAL, sum = 0;
                for (size_t k = 0; k < keys[s]; k++) {
                    const double t = p.s[i * N + at(&c, 0, i * keys[s] + k)];
                    top = fmax(top, t);
                    sum += t;
                }
                m[i] = top - sum / (s == 1 ? (double)keys[s] : N);
            }
            for (size_t i = 0; i < N; i++) {
                size_t above = 0, to = s == 2 ? i + 1 : N;
                double sum = 0;
                for (size_t b = 0; b < N; b++)
                    above += m[b] > m[i];
                for (size_t j = 0; j < to; j++)
                    sum += w[i * N + j] =
                        above < queries[s] ? exp(p.s[i * N + j] * (s == 2 ? 1 : 0.5)) : 1;
                for (size_t j = 0; j < to && (above < queries[s] || s != 2); j++)
                    w[i * N + j] /= sum;
                full += above < queries[s];
            }
            assert_int_equal(full, queries[s]);
            mbox_agrees(&c, w, NULL);
            for (size_t i = 0; i < N && s != 2; i++)
                mbox_row_sum(&c, i, 1);
            if (s != 2) assert_true(mbox_rank(&c) <= sbx_mech_rank(&c.a, c.x.shape));
            if (s != 2) assert_int_equal(sbx_mech_rank(&c.a, c.x.shape), queries[s] + 1);
            mcase_close(&c);
        }
    mcase_same("informer", "softmax", N, D, DV, 3);
}

/* The divisor decides: d = 1, k = (4, 0, 0, 0), both sample keys 0 and 1; q = (1, -3): s = (4, 0) and (-12, 0). Divided by 2
 * samples: 4 - 2 = 2 against 0 + 6; by 4 keys: 4 - 1 = 3 against 0 + 3: equal, and the first of equal ones is taken. */
static void informer_by_hand(void **state)
{
    (void)state;
    for (int s = 0; s < 2; s++) {
        mcase c;
        mcase_open(&c,
                   s ? "informer:keys=2:queries=1:divisor=samples" : "informer:keys=2:queries=1", 4,
                   1, 1);
        mcase_put(c.x.q, "1 -3 0 0");
        mcase_put(c.x.k, "4 0 0 0");
        mcase_put(c.x.v, "1 2 3 4");
        mcase_put(c.x.extra[0], "0 1 0 1 0 1 0 1");
        mcase_fine(&c);
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(mpfr_cmp_d(c.fw[4 * i].lo, 0.25) == 0, i != (size_t)s);
        mcase_expect_fine(&c.fo[3], &c.ctx, "5/2", 1);
        mcase_close(&c);
    }
}

/* max - mean <= lse - mean <= max - mean + ln n, at 300 bits */
static void sandwich(void **state)
{
    uint64_t rng = test_seed();
    (void)state;
    for (long round = 0; round < test_rounds(200); round++) {
        const size_t n = 1 + sbx_rng(&rng) % 9;
        mpfr_t sum, t, top;
        mpfr_inits2(300, sum, t, top, (mpfr_ptr)0);
        mpfr_set_ui(sum, 0, MPFR_RNDN);
        mpfr_set_inf(top, -1);
        for (size_t j = 0; j < n; j++) {
            mpfr_set_d(t, test_uniform(&rng, -8, 8), MPFR_RNDN);
            if (mpfr_greater_p(t, top)) mpfr_set(top, t, MPFR_RNDN);
            mpfr_exp(t, t, MPFR_RNDN);
            mpfr_add(sum, sum, t, MPFR_RNDN);
        }
        mpfr_log(sum, sum, MPFR_RNDN);
        mpfr_sub(sum, sum, top, MPFR_RNDN);
        mpfr_set_ui(t, n, MPFR_RNDN);
        mpfr_log(t, t, MPFR_RNDU);
        assert_true(mpfr_cmp_d(sum, -0x1p-250) >= 0);
        mpfr_sub(sum, sum, t, MPFR_RNDN);
        assert_true(mpfr_cmp_d(sum, 0x1p-250) <= 0);
        mpfr_clears(sum, t, top, (mpfr_ptr)0);
    }
}

/* ---- Skeinformer ------------------------------------------------------------------------------------- */

static void skeinformer(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        mcase c, s;
        plain p;
        mbox_matrix w;
        bool taken[N] = {false}, pilot[N] = {false};
        mcase_seed(&c, "skeinformer:pilots=2:columns=2", N, D, DV, seed);
        mcase_seed(&s, "softmax", N, D, DV, seed);
        get(&p, &c);
        for (size_t k = 0; k < 2; k++) {
            pilot[at(&c, 0, k)] = true;
            taken[at(&c, 1, k)] = true;
        }
        for (size_t i = 0; i < N; i++) {
            double g = 1;
            for (size_t j = 0; j < N; j++)
                if (taken[j]) g *= exp(p.s[i * N + j] / 2);
            for (size_t j = 0; j < N; j++)
                w[i * N + j] = log(taken[j] || pilot[i] ? exp(p.s[i * N + j] / 2) : sqrt(g));
        }
        mbox_softmax(w, N, N);
        mbox_agrees(&c, w, NULL);
        mcase_fine(&s);
        for (size_t i = 0; i < N; i++) {
            mbox_row_sum(&c, i, 1);
            for (size_t j = 0; j < N; j++)
                if (pilot[i]) assert_true(mpfr_equal_p(c.fw[i * N + j].lo, s.fw[i * N + j].lo));
        }
        assert_true(mbox_rank(&c) <= 5);
        assert_int_equal(sbx_mech_rank(&c.a, c.x.shape), 5);
        mcase_close(&s);
        mcase_close(&c);
        mcase_same("skeinformer:pilots=0:columns=6", "softmax", N, D, DV, seed);
        mcase_same("skeinformer:pilots=6:columns=1", "softmax", N, D, DV, seed);
    }
}

/* Columns by the pilots: the least -ln(1 - u_j) / (|v_j| |b_j|), b_j the pilots' weights of key j. */
static void skeinformer_draw(void **state)
{
    size_t different = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        mcase c;
        plain p;
        mbox_matrix w, v, u;
        double race[N];
        bool pilot[N] = {false};
        mcase_seed(&c, "skeinformer:pilots=2:columns=2:draw=importance", N, D, DV, seed);
        get(&p, &c);
        mbox_get(v, c.x.v, (size_t)N * DV);
        mbox_get(u, c.x.extra[2], N);
        assert_int_equal(c.x.n_extra[1], 0);
        for (size_t k = 0; k < (size_t)N * N; k++)
            w[k] = p.s[k] / 2;
        mbox_softmax(w, N, N);
        for (size_t j = 0; j < N; j++) {
            double b = 0, length = 0;
            for (size_t k = 0; k < 2; k++) {
                const double t = w[at(&c, 0, k) * N + j];
                b += t * t;
                pilot[at(&c, 0, k)] = true;
            }
            for (size_t e = 0; e < DV; e++)
                length += v[j * DV + e] * v[j * DV + e];
            race[j] = -log(1 - u[j]) / (sqrt(b) * sqrt(length));
        }
        for (size_t i = 0; i < N; i++) {
            double g = 0;
            bool taken[N];
            for (size_t j = 0; j < N; j++) {
                size_t below = 0;
                for (size_t b = 0; b < N; b++)
                    below += race[b] < race[j];
                taken[j] = below < 2;
                if (taken[j]) g += p.s[i * N + j] / 4;
                different += taken[j] && j > 1;
            }
            for (size_t j = 0; j < N; j++)
                w[i * N + j] = taken[j] || pilot[i] ? p.s[i * N + j] / 2 : g;
        }
        mbox_softmax(w, N, N);
        mbox_agrees(&c, w, NULL);
        mcase_close(&c);
    }
    assert_true(different > 0);
    assert_int_equal(mcase_status("skeinformer:pilots=0:draw=importance"), SBX_ERR_ARG);
}

/* q = 0: uniform; a column twice, an index that is none */
static void skeinformer_by_hand(void **state)
{
    static const char *const bad[] = {"1 1", "1 3", "1 -1", "1 1/2"};
    mcase c;
    (void)state;
    mcase_open(&c, "skeinformer:pilots=1:columns=2", 3, 1, 1);
    mcase_put(c.x.q, "0 0 0");
    mcase_put(c.x.k, "1 2 3");
    mcase_put(c.x.v, "1 2 6");
    mcase_fine(&c);
    mcase_expect_fine(c.fw, &c.ctx, "1/3 1/3 1/3 1/3 1/3 1/3 1/3 1/3 1/3", 9);
    mcase_expect_fine(c.fo, &c.ctx, "3 3 3", 3);
    for (size_t b = 0; b < 4; b++) {
        sbx_mech_in_ivf in;
        sbx_mech_run_ivf *r = NULL;
        mcase_put(c.x.extra[1], bad[b]);
        assert_ok(sbx_mech_in_of_ivf(&in, &c.x, &c.ctx, err));
        assert_status(SBX_ERR_ARG, sbx_mech_open_ivf(&r, &c.a, &in, &c.ctx, err));
        assert_null(r);
        sbx_mech_in_free_ivf(&in);
    }
    mcase_close(&c);
}

/* A system without all indices says so: e4m3 lacks 17. */
static void indices_of_small_formats(void **state)
{
    const sbx_ctx ctx = {.prec = 64, .format = SBX_E4M3};
    (void)state;
    for (size_t n = 17; n <= 18; n++) {
        sbx_mech_args a;
        sbx_mech_data x;
        sbx_mech_in_lowp in;
        sbx_mech_run_lowp *r = NULL;
        assert_ok(sbx_mech_read(&a, "skeinformer:pilots=1:columns=1", err));
        assert_ok(sbx_mech_generate(&x, "gaussian", n, 2, 1, 1, err));
        assert_ok(sbx_mech_fill(&x, &a, 1, err));
        assert_ok(sbx_mech_in_of_lowp(&in, &x, &ctx, err));
        assert_status(n == 17 ? SBX_OK : SBX_ERR_UNSUPPORTED,
                      sbx_mech_open_lowp(&r, &a, &in, &ctx, err));
        sbx_mech_close_lowp(r);
        sbx_mech_in_free_lowp(&in);
        sbx_mech_data_clear(&x);
        sbx_mech_args_clear(&a);
    }
}

/* ---- HyperAttention -------------------------------------------------------------------------------------- */

/* what stands at place g of the Gray sequence of b bits: the sequence of b - 1, then the same backwards with the high bit */
static size_t gray_at(size_t g, size_t b)
{
    const size_t half = (size_t)1 << (b - 1);
    if (b == 1) return g;
    return g < half ? gray_at(g, b - 1) : half + gray_at(2 * half - 1 - g, b - 1);
}

static void hashes(size_t *order, const double *x, mcase *c, size_t bits, bool code)
{
    size_t h[MBOX_MOST], n = 0;
    mbox_matrix dir;
    mbox_get(dir, c->x.extra[0], bits * D);
    for (size_t i = 0; i < c->n; i++) {
        size_t bin = 0, g = 0;
        for (size_t k = 0; k < bits; k++) {
            double s = 0;
            for (size_t e = 0; e < D; e++)
                s += dir[k * D + e] * x[i * D + e];
            if (s > 0) bin |= (size_t)1 << k;
        }
        while (!code && gray_at(g, bits) != bin)
            g++;
        h[i] = code ? gray_at(bin, bits) : g;
    }
    for (size_t v = 0; n < c->n; v++)
        for (size_t i = 0; i < c->n; i++)
            if (h[i] == v) order[n++] = i;
}

static void hyper(void **state)
{
    static const char *const names[] = {
        "hyper:bits=3:block=2:samples=3", "hyper:bits=3:block=3:samples=4:order=code",
        "hyper:bits=2:block=4:samples=9:scale=1/4", "hyper:bits=4:block=5:samples=2:order=code"};
    enum { M = 11 };
    static const size_t bits[] = {3, 3, 2, 4}, block[] = {2, 3, 4, 5}, samples[] = {3, 4, 9, 2};
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++)
        for (size_t s = 0; s < 4; s++) {
            mcase c;
            plain p;
            mbox_matrix w = {0};
            size_t q[M], k[M];
            const size_t b = block[s];
            mcase_seed(&c, names[s], M, D, DV, seed);
            get(&p, &c);
            hashes(q, p.q, &c, bits[s], s % 2);
            hashes(k, p.k, &c, bits[s], s % 2);
            for (size_t t = 0; t < M; t++) {
                double *const row = w + q[t] * M, sum = 0;
                for (size_t u = 0; u < M; u++)
                    if (u / b == t / b)
                        row[k[u]] += exp(p.s[q[t] * M + k[u]] * (s == 2 ? 0.25 : 0.5));
                for (size_t e = 0; e < samples[s]; e++) {
                    const size_t u = at(&c, 1, e);
                    if (u / b != t / b)
                        row[k[u]] += exp(p.s[q[t] * M + k[u]] * (s == 2 ? 0.25 : 0.5)) * M /
                                     (double)samples[s];
                }
                for (size_t j = 0; j < M; j++)
                    sum += row[j];
                for (size_t j = 0; j < M; j++)
                    row[j] /= sum;
            }
            mbox_agrees(&c, w, NULL);
            for (size_t i = 0; i < M; i++)
                mbox_row_sum(&c, i, 1);
            mcase_close(&c);
        }
    for (uint64_t seed = 1; seed <= 4; seed++) {
        mcase_same("hyper:block=3:samples=4", "hyper:block=3:samples=4:form=merge", 7, D, DV, seed);
        mcase_same("hyper:block=4:samples=1", "hyper:block=4:samples=1:form=merge", 7, D, DV, seed);
        mcase_same("hyper:block=7", "softmax", 7, D, DV, seed);
        mcase_same("hyper:block=2:samples=7", "softmax", 7, D, DV, seed); /* each key once */
    }
}

/* d = 1, one bit, R = 1: k = (1, -1), q = (-1, 0): the hash of 0 is that of -1. Queries stay in order, keys are sorted to -1, 1. Blocks of one,
 * sample place 0 (key 1) with weight 2: query 0 has key 1 alone; query 1 key 0 (e^0) and key 1 (2 e^0). */
static void hyper_by_hand(void **state)
{
    mcase c;
    (void)state;
    mcase_open(&c, "hyper:bits=1:block=1:samples=1", 2, 1, 1);
    mcase_put(c.x.q, "-1 0");
    mcase_put(c.x.k, "1 -1");
    mcase_put(c.x.v, "3 6");
    mcase_put(c.x.extra[0], "1");
    mcase_put(c.x.extra[1], "0");
    mcase_fine(&c);
    mcase_expect_fine(c.fw, &c.ctx, "0 1 1/3 2/3", 4);
    mcase_expect_fine(c.fo, &c.ctx, "6 5", 2);
    mcase_close(&c);
}

/* ---- boxes ------------------------------------------------------------------------------------------------ */

static void boxes(void **state)
{
    static const char *const names[] = {
        "informer:keys=3:queries=2", "informer:keys=3:queries=2:rest=cumulative",
        "skeinformer:pilots=2:columns=2", "hyper:bits=2:block=2:samples=3",
        "hyper:bits=2:block=2:samples=3:form=merge"};
    size_t refused = 0;
    (void)state;
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        for (uint64_t seed = 1; seed <= 4; seed++)
            for (int e = 1; e <= 13; e += 4)
                refused += !mbox_sound(names[k], N, D, DV, e, seed);
        assert_true(mbox_sound(names[k], N, D, DV, 30, 1));
    }
    assert_true(refused > 0); /* boxes in which the order is not the same */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(informer),
                                       cmocka_unit_test(informer_by_hand),
                                       cmocka_unit_test(sandwich),
                                       cmocka_unit_test(skeinformer),
                                       cmocka_unit_test(skeinformer_draw),
                                       cmocka_unit_test(skeinformer_by_hand),
                                       cmocka_unit_test(indices_of_small_formats),
                                       cmocka_unit_test(hyper),
                                       cmocka_unit_test(hyper_by_hand),
                                       cmocka_unit_test(boxes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
