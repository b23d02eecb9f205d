/* test_constants.c -- constants of attention mechanisms against published values, iterations on rational
 * matrices, sums over all sets, sums over grids.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "softbox/constants.h"
#include "softbox/norm.h"

#include <math.h>

static sbx_cell cell;
static mpq_t q;

static mpq_srcptr frac(const char *text)
{
    assert_int_equal(mpq_set_str(q, text, 10), 0);
    mpq_canonicalize(q);
    return q;
}
/* a narrow enclosure that meets want +- half a unit of its last digit */
static void is_about(double want, double half)
{
    const double lo = mpq_get_d(cell.lo), hi = mpq_get_d(cell.hi);
    assert_int_equal(cell.kind, SBX_CELL_NUMBER);
    assert_true(cell.reached && mpq_cmp(cell.lo, cell.hi) <= 0);
    assert_true(hi - lo <= 0x1p-49 * fabs(hi));
    if (!(lo <= want + half && hi >= want - half)) fail_msg("[%.12g, %.12g], not %g", lo, hi, want);
}
static void is_exactly(const char *want)
{
    assert_int_equal(cell.kind, SBX_CELL_NUMBER);
    assert_true(cell.exact && mpq_equal(cell.lo, cell.hi));
    if (!mpq_equal(cell.lo, frac(want))) fail_msg("%g, not %s", mpq_get_d(cell.lo), want);
}

/* ---- iterative inverses ----------------------------------------------------------------------- */

#define N 3
typedef mpq_t matrix[N][N];
static void matrix_init(matrix a)
{
    for (int k = 0; k < N * N; k++)
        mpq_init(a[k / N][k % N]);
}
static void matrix_clear(matrix a)
{
    for (int k = 0; k < N * N; k++)
        mpq_clear(a[k / N][k % N]);
}
/* z = a b + s I */
static void product(matrix z, matrix a, matrix b, long s)
{
    mpq_t t, u;
    matrix w;
    matrix_init(w);
    mpq_inits(t, u, NULL);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            mpq_set_si(u, i == j ? s : 0, 1);
            for (int k = 0; k < N; k++) {
                mpq_mul(t, a[i][k], b[k][j]);
                mpq_add(u, u, t);
            }
            mpq_set(w[i][j], u);
        }
    for (int k = 0; k < N * N; k++)
        mpq_set(z[k / N][k % N], w[k / N][k % N]);
    mpq_clears(t, u, NULL);
    matrix_clear(w);
}
/* z = x a + y b */
static void combine(matrix z, long x, matrix a, long y, matrix b)
{
    mpq_t t, u;
    mpq_inits(t, u, NULL);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            mpq_set_si(t, x, 1);
            mpq_mul(t, t, a[i][j]);
            mpq_set_si(u, y, 1);
            mpq_mul(u, u, b[i][j]);
            mpq_add(z[i][j], t, u);
        }
    mpq_clears(t, u, NULL);
}
static void same_matrix(matrix a, matrix b)
{
    for (int k = 0; k < N * N; k++)
        assert_true(mpq_equal(a[k / N][k % N], b[k / N][k % N]));
}

/* [L-STU-01]: random matrices, no symmetry, the iterations as they are written */
static void residual_laws(void **state)
{
    uint64_t s = test_seed();
    matrix a, v, one, e, next, t, w;
    (void)state;
    matrix_init(a), matrix_init(v), matrix_init(one), matrix_init(e);
    matrix_init(next), matrix_init(t), matrix_init(w);
    for (int k = 0; k < N; k++)
        mpq_set_ui(one[k][k], 1, 1);
    for (long round = test_rounds(20); round-- > 0;) {
        for (int k = 0; k < N * N; k++) {
            mpq_set_si(a[k / N][k % N], (long)(sbx_rng(&s) % 19) - 9, 1 + sbx_rng(&s) % 7);
            mpq_set_si(v[k / N][k % N], (long)(sbx_rng(&s) % 19) - 9, 1 + sbx_rng(&s) % 7);
            mpq_canonicalize(a[k / N][k % N]);
            mpq_canonicalize(v[k / N][k % N]);
        }
        product(t, a, v, 0);
        combine(e, 1, one, -1, t); /* E = I - A V */
        product(w, v, t, 0);
        combine(next, 2, v, -1, w); /* 2 V - V A V */
        product(t, a, next, 0);
        combine(t, 1, one, -1, t);
        product(w, e, e, 0);
        same_matrix(t, w);
        product(w, a, v, 0); /* 4 V' = V (13 I - X (15 I - X (7 I - X))) */
        combine(t, 7, one, -1, w);
        product(t, w, t, 0);
        combine(t, 15, one, -1, t);
        product(t, w, t, 0);
        combine(t, 13, one, -1, t);
        product(next, v, t, 0);
        product(t, a, next, 0);
        combine(t, 4, one, -1, t); /* 4 (I - A V') */
        product(w, e, e, 0);
        product(w, w, e, 3); /* E^3 + 3 I */
        combine(w, 1, w, -3, one);
        product(next, w, e, 0);
        combine(w, 3, w, 1, next);
        same_matrix(t, w);
    }
    matrix_clear(a), matrix_clear(v), matrix_clear(one), matrix_clear(e);
    matrix_clear(next), matrix_clear(t), matrix_clear(w);
}

/* published thresholds [L-STU-02], [L-STU-03]; what is left at a threshold is eps */
static void inverses(void **state)
{
    static const char *const eps[] = {"1/10", "1/1000", "1/1000000"};
    static const double newton[] = {1.10e-3, 1.91e-3, 2.71e-3},
                        nystrom[] = {0.0448, 0.0791, 0.1140};
    unsigned steps = 0;
    mpq_t e, r;
    (void)state;
    mpq_inits(e, r, NULL);
    for (int k = 0; k < 3; k++) {
        mpq_set(e, frac(eps[k]));
        assert_ok(sbx_constant_threshold(&cell, SBX_INVERSE_NEWTON, 20, e, err));
        is_about(newton[k], 5.1e-6);
        { /* sqrt(-log eps / (1.8 2^20)) is above, and near */
            const double near = sqrt(-log(mpq_get_d(e)) / (1.8 * 0x1p20));
            assert_true(near > mpq_get_d(cell.hi) && near < mpq_get_d(cell.hi) * (1 + 4e-6));
        }
        for (int method = 0; method < 2; method++) {
            const unsigned n = method ? 6 : 20;
            assert_ok(sbx_constant_threshold(&cell, (sbx_inverse)method, n, e, err));
            if (method) is_about(nystrom[k], 5.1e-5);
            mpq_set(r, cell.lo); /* a little below, a little above */
            mpq_mul(r, r, frac("999999/1000000"));
            assert_ok(sbx_constant_residual(&cell, (sbx_inverse)method, r, n, err));
            assert_true(mpq_cmp(cell.lo, e) > 0);
            mpq_mul(r, r, frac("1000002/1000000"));
            assert_ok(sbx_constant_residual(&cell, (sbx_inverse)method, r, n, err));
            assert_true(mpq_cmp(cell.hi, e) < 0);
            assert_ok(sbx_constant_steps(&steps, (sbx_inverse)method, r, e, err));
            assert_int_equal(steps, n);
        }
    }
    assert_ok(sbx_constant_residual(&cell, SBX_INVERSE_NEWTON, frac("1/4900"), 20, err));
    is_about(0.92, 5.1e-3); /* 49 landmarks that nearly agree */
    assert_ok(sbx_constant_residual(&cell, SBX_INVERSE_NEWTON, frac("1/10"), 2, err));
    is_exactly("58120048561/62500000000");
    assert_ok(sbx_constant_residual(&cell, SBX_INVERSE_NYSTROM, frac("1/2"), 1, err));
    is_exactly("405/1024"); /* (27/64) (3 + 3/4) / 4 */
    assert_ok(sbx_constant_residual(&cell, SBX_INVERSE_NYSTROM, frac("1/2"), 30, err));
    assert_true(mpq_sgn(cell.lo) == 0 && mpq_get_d(cell.hi) <= 1.0000001e-300);
    for (unsigned k = 0; k < 64; k++) { /* no more with a step more, nor at a larger ratio */
        mpq_set(r, frac("1/50"));
        assert_ok(sbx_constant_residual(&cell, SBX_INVERSE_NYSTROM, r, k, err));
        mpq_set(e, cell.lo);
        assert_ok(sbx_constant_residual(&cell, SBX_INVERSE_NYSTROM, r, k + 1, err));
        assert_true(mpq_cmp(cell.lo, e) <= 0);
    }
    /* the greatest eigenvalue counts from 0.3017 on: two bounds */
    assert_ok(sbx_constant_residual(&cell, SBX_INVERSE_NEWTON, frac("1/2"), 3, err));
    assert_true(!cell.reached && mpq_cmp(cell.lo, cell.hi) < 0);
    assert_true(fabs(mpq_get_d(cell.hi) - pow(0.83618, 8)) < 1e-12);
    assert_true(fabs(mpq_get_d(cell.lo) - pow(0.55, 8)) < 1e-12);
    assert_ok(sbx_constant_threshold(&cell, SBX_INVERSE_NEWTON, 2, frac("1/1000"), err));
    assert_int_equal(cell.kind, SBX_CELL_NONE);
    assert_status(SBX_ERR_ARG, sbx_constant_residual(&cell, SBX_INVERSE_NEWTON, frac("0"), 1, err));
    assert_status(SBX_ERR_ARG,
                  sbx_constant_residual(&cell, SBX_INVERSE_NEWTON, frac("1"), 65, err));
    mpq_set(e, frac("1/10"));
    assert_status(SBX_ERR_LIMIT,
                  sbx_constant_steps(&steps, SBX_INVERSE_NEWTON, frac("1/1000000000000"), e, err));
    mpq_clears(e, r, NULL);
}

/* ---- random features ---------------------------------------------------------------------------- */

/* the mean of f(w), w ~ N(0, s), by the rule of midpoints in steps of sigma / 200 */
typedef double fn(double w);
static double expected(fn *f, double s, int power)
{
    double sum = 0, mass = 0;
    for (int k = -4000; k <= 4000; k++) {
        const double t = k / 200.0, d = exp(-t * t / 2);
        sum += d * pow(f(t * sqrt(s)), power);
        mass += d;
    }
    return sum / mass;
}
static double is_negative(double w) { return cos(w) < 0; }

/* [L-STU-05] */
static void features(void **state)
{
    static const struct {
        const char *square;
        const char *draws;
    } want[] = {{"1", "172"}, {"2", "639"}, {"4", "5360"}};
    static fn *const f[] = {exp, cosh, cos};
    mpz_t m;
    mpq_t s;
    (void)state;
    mpz_init(m);
    mpq_init(s);
    for (int k = 0; k < 3; k++) {
        mpq_set(s, frac(want[k].square));
        assert_ok(sbx_constant_draws(m, SBX_FEATURES_POSITIVE, s, frac("1/10"), err));
        assert_int_equal(mpz_get_si(m), strtol(want[k].draws, NULL, 10));
        for (int kind = 0; kind < 3; kind++) { /* E Z^2 / (E Z)^2 - 1 */
            const double mean = expected(f[kind], mpq_get_d(s), 1);
            const double v = expected(f[kind], mpq_get_d(s), 2) / (mean * mean) - 1;
            assert_ok(sbx_constant_variance(&cell, (sbx_features)kind, s, err));
            is_about(v, v * 1e-9);
        }
    }
    assert_ok(sbx_constant_draws(m, SBX_FEATURES_POSITIVE, frac("8"),
                                 (mpq_set_ui(s, 1, 10), mpq_canonicalize(s), s), err));
    assert_true(fabs(mpz_get_d(m) - 2.98e5) < 510);
    assert_ok(sbx_constant_draws(m, SBX_FEATURES_POSITIVE, frac("16"), s, err));
    assert_true(fabs(mpz_get_d(m) - 8.89e8) < 5.1e5);
    assert_ok(sbx_constant_draws(m, SBX_FEATURES_POSITIVE, frac("0"), s, err));
    assert_int_equal(mpz_get_si(m), 1);
    assert_status(SBX_ERR_ARG,
                  sbx_constant_variance(&cell, SBX_FEATURES_POSITIVE, frac("-1"), err));
    mpz_clear(m);
    mpq_clear(s);
}

/* [L-STU-06]: one draw against a grid; many against draws */
static void negative(void **state)
{
    static const char *const square[] = {"1/4", "1", "2", "4", "16"};
    uint64_t seed = test_seed();
    mpq_t s;
    (void)state;
    mpq_init(s);
    for (int k = 0; k < 5; k++) {
        mpq_set(s, frac(square[k]));
        assert_ok(sbx_constant_negative(&cell, SBX_FEATURES_TRIGONOMETRIC, s, 1, err));
        is_about(expected(is_negative, mpq_get_d(s), 1), 3e-3);
        for (unsigned long m = 2; m <= 8; m *= 2) {
            long met = 0;
            const long rounds = test_rounds(4000);
            for (long r = 0; r < rounds; r++) {
                double sum = 0;
                for (unsigned long j = 0; j < m; j++) {
                    const double a = 1 - sbx_rng_unit(&seed), b = sbx_rng_unit(&seed);
                    sum += cos(sqrt(-2 * mpq_get_d(s) * log(a)) * cos(6.283185307179586 * b));
                }
                met += sum < 0;
            }
            assert_ok(sbx_constant_negative(&cell, SBX_FEATURES_TRIGONOMETRIC, s, m, err));
            { /* five deviations */
                const double v = (double)met / (double)rounds,
                             far = 5 * sqrt((v + 2 / (double)rounds) / (double)rounds);
                assert_true(mpq_get_d(cell.lo) <= v + far && mpq_get_d(cell.hi) >= v - far);
            }
        }
    }
    assert_ok(sbx_constant_negative(&cell, SBX_FEATURES_POSITIVE, s, 1, err));
    is_exactly("0");
    assert_ok(sbx_constant_negative(&cell, SBX_FEATURES_TRIGONOMETRIC, frac("0"), 1, err));
    is_exactly("0");
    assert_ok(
        sbx_constant_negative(&cell, SBX_FEATURES_TRIGONOMETRIC, frac("1/1000000000000"), 1, err));
    assert_true(mpq_sgn(cell.lo) >= 0 && mpq_get_d(cell.hi) < 1e-4);
    mpq_clear(s);
}

/* ---- in-context regression ------------------------------------------------------------------------ */

/* published values without noise [L-STU-08]; no u on a grid is better; between the two bounds [L-STU-09] */
static void regression(void **state)
{
    static const struct {
        size_t d;
        double one, two, ratio;
    } want[] = {{1, 8.4358, 2, 4.218},    {2, 11.0902, 3, 3.697},   {5, 19.1555, 6, 3.193},
                {10, 32.6945, 11, 2.972}, {20, 59.8433, 21, 2.850}, {100, 277.274, 101, 2.745}};
    sbx_regression z;
    (void)state;
    sbx_regression_init(&z);
    for (int noise = 0; noise < 3; noise++)
        for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
            const double d = (double)want[k].d, s2 = noise / 4.0, e = 2.718281828459045;
            double least = HUGE_VAL, one, u;
            mpq_set_si(q, noise, 4);
            mpq_canonicalize(q);
            assert_ok(sbx_constant_regression(&z, want[k].d, q, err));
            mpq_set(cell.lo, z.one.lo), mpq_set(cell.hi, z.one.hi);
            cell.kind = SBX_CELL_NUMBER, cell.reached = true;
            if (!noise) is_about(want[k].one, k == 5 ? 5.1e-4 : 5.1e-5);
            one = mpq_get_d(z.one.lo), u = mpq_get_d(z.u.lo);
            assert_true(fabs(mpq_get_d(z.two.lo) - (d * (1 + s2) + 1)) < 1e-12 && z.two.exact);
            if (!noise) assert_true(fabs(mpq_get_d(z.ratio.lo) - want[k].ratio) < 5.1e-4);
            for (int j = 1; j < 20000; j++) {
                const double t = j / 40000.0;
                least = fmin(least, pow(1 - 2 * t, -d / 2) * (1 + s2 + t / (1 - 2 * t)) / t);
            }
            assert_true(one <= least * (1 + 1e-12) && one > least * (1 - 1e-3));
            assert_true(fabs(pow(1 - 2 * u, -d / 2) * (1 + s2 + u / (1 - 2 * u)) / u - one) <
                        1e-9 * one);
            assert_true(one >= e * d * (1 + s2) && one <= e * (d + 2) * (1 + s2 + 1 / d));
            for (int j = 1; j < 100; j++) { /* two heads are never below their infimum */
                const double t = j / 201.0;
                const double a = pow(1 - 2 * t, -d / 2) * (1 + s2 + t / (1 - 2 * t));
                const double b = pow(1 + 2 * t, -d / 2) * (1 + s2 - t / (1 + 2 * t));
                assert_true((a - b) / (2 * t) >= mpq_get_d(z.two.lo) * (1 - 1e-9));
            }
        }
    assert_ok(sbx_constant_regression(&z, 1000000, frac("0"), err));
    assert_true(fabs(mpq_get_d(z.ratio.hi) - 2.718281828) < 1e-5);
    assert_status(SBX_ERR_ARG, sbx_constant_regression(&z, 0, frac("0"), err));
    sbx_regression_clear(&z);
}

/* ---- the gain ---------------------------------------------------------------------------------------- */

/* 4 max P (1 - P) over all sets of whole weights */
static double all_sets(const long *w, size_t n)
{
    long sum = 0;
    double best = 0;
    for (size_t k = 0; k < n; k++)
        sum += w[k];
    for (unsigned s = 0; s < 1U << n; s++) {
        long part = 0;
        for (size_t k = 0; k < n; k++)
            if (s >> k & 1) part += w[k];
        best = fmax(best, 4.0 * (double)part * (double)(sum - part) / ((double)sum * (double)sum));
    }
    return best;
}

/* [L-STU-11]: all sets; the norm itself over all signs; [L-STU-12] */
static void gains(void **state)
{
    uint64_t s = test_seed();
    mpq_t p[64], x[64];
    (void)state;
    for (size_t k = 0; k < 64; k++)
        mpq_inits(p[k], x[k], NULL);
    for (long round = test_rounds(200); round-- > 0;) {
        const size_t n = 1 + sbx_rng(&s) % 12;
        long w[12], sum = 0;
        for (size_t k = 0; k < n; k++) {
            w[k] = (long)(sbx_rng(&s) % 1000) + (k == 0);
            mpq_set_si(p[k], w[k], 7);
            mpq_canonicalize(p[k]);
            sum += w[k];
        }
        assert_ok(sbx_constant_gain(&cell, (const mpq_t *)p, n, err));
        assert_true(cell.exact && fabs(mpq_get_d(cell.lo) - all_sets(w, n)) < 1e-12);
        for (unsigned t = 0; t < 1U << n; t++) { /* sum |p_i (s_i - mean)| */
            double mean = 0, norm = 0;
            for (size_t k = 0; k < n; k++)
                mean += (t >> k & 1 ? 1.0 : -1.0) * (double)w[k] / (double)sum;
            for (size_t k = 0; k < n; k++)
                norm += (double)w[k] / (double)sum * fabs((t >> k & 1 ? 1.0 : -1.0) - mean);
            assert_true(norm <= mpq_get_d(cell.hi) + 1e-12);
        }
    }
    for (size_t k = 0; k < 64; k++)
        mpq_set_ui(p[k], 1, 1);
    assert_ok(sbx_constant_gain(&cell, (const mpq_t *)p, 40, err));
    is_exactly("1");
    assert_ok(sbx_constant_gain(&cell, (const mpq_t *)p, 39, err));
    is_exactly("1520/1521");
    assert_ok(sbx_constant_gain(&cell, (const mpq_t *)p, 63, err)); /* beyond 40: bounds */
    assert_true(!cell.exact && mpq_equal(cell.lo, frac("3968/3969")) &&
                mpq_cmp_ui(cell.hi, 1, 1) == 0);
    mpq_set_ui(p[7], 100, 1); /* one has more than half, whatever n */
    assert_ok(sbx_constant_gain(&cell, (const mpq_t *)p, 64, err));
    is_exactly("25200/26569");
    for (long round = test_rounds(50); round-- > 0;) {
        const size_t n = 2 + sbx_rng(&s) % 9;
        double e[16], sum = 0, best = 0;
        for (size_t k = 0; k < n; k++) {
            const double v = test_uniform(&s, -3, 3);
            mpq_set_d(x[k], v);
            sum += e[k] = exp(v);
        }
        assert_ok(sbx_constant_gain_of_scores(&cell, (const mpq_t *)x, n, err));
        for (unsigned t = 0; t < 1U << n; t++) {
            double part = 0;
            for (size_t k = 0; k < n; k++)
                if (t >> k & 1) part += e[k] / sum;
            best = fmax(best, 4 * part * (1 - part));
        }
        is_about(best, 1e-13);
    }
    mpq_set_si(p[0], -1, 1);
    assert_status(SBX_ERR_ARG, sbx_constant_gain(&cell, (const mpq_t *)p, 3, err));
    mpq_set_si(p[0], 0, 1);
    assert_status(SBX_ERR_ARG, sbx_constant_gain(&cell, (const mpq_t *)p, 1, err));
    for (size_t k = 0; k < 64; k++)
        mpq_clears(p[k], x[k], NULL);
}

/* ---- one formula each ----------------------------------------------------------------------------------- */

/* published values of fading [L-STU-14], and softmax itself */
static void leaders(void **state)
{
    static const struct {
        unsigned long n;
        double softmax, ssmax;
    } want[] = {{10, .942826, .940101},
                {100, .599860, .995063},
                {1000, .129346, .999646},
                {10000, .014626, .999975},
                {100000, .001482, .999998}};
    mpq_t gap;
    sbx_norm_args a = {.norm = NULL};
    (void)state;
    mpq_init(gap);
    for (size_t k = 0; k < 5; k++) {
        assert_ok(sbx_constant_leader(&cell, want[k].n, frac("5"), false, err));
        is_about(want[k].softmax, 5.1e-7);
        assert_ok(sbx_constant_leader(&cell, want[k].n, frac("215/100"), true, err));
        is_about(want[k].ssmax, 5.1e-7);
    }
    assert_ok(sbx_constant_leader(&cell, 1, frac("5"), true, err));
    is_exactly("1");
    assert_ok(sbx_constant_leader(&cell, 3, frac("2"), true, err));
    is_about(1 / (1 + 2 / 9.0), 1e-15);
    {
        sbx_ivd in[100], out[100];
        for (size_t k = 0; k < 100; k++)
            in[k] = k ? (sbx_ivd){-2, -2} : (sbx_ivd){3, 3};
        assert_ok(sbx_norm_read(&a, "ssmax:s=43/100", err));
        assert_ok(sbx_norm_eval_ivd(out, &a, in, 100, NULL, err));
        assert_ok(sbx_constant_leader(&cell, 100, frac("215/100"), true, err));
        assert_true(mpq_get_d(cell.hi) >= out[0].lo && mpq_get_d(cell.lo) <= out[0].hi);
        sbx_norm_args_clear(&a);
    }
    mpq_clear(gap);
}

/* [L-STU-15], [L-STU-16], [L-STU-17], [L-STU-18] */
static void facts(void **state)
{
    static const struct {
        unsigned long n;
        const char *margin;
        unsigned long p;
    } degree[] = {{511, "1/20", 122},  {511, "1/10", 60},  {511, "1/4", 22},  {511, "1/2", 9},
                  {4095, "1/20", 163}, {4095, "1/10", 79}, {4095, "1/4", 29}, {4095, "1/2", 12},
                  {4096, "1/2", 12},   {4097, "1/2", 13},  {1, "1/2", 0}};
    double top = 0;
    (void)state;
    for (size_t k = 0; k < sizeof degree / sizeof *degree; k++) {
        unsigned long p = 0;
        assert_ok(sbx_constant_power_degree(&p, degree[k].n, frac(degree[k].margin), err));
        assert_int_equal(p, degree[k].p);
    }
    for (int k = 0; k < 4; k++) {
        static const double want[] = {4.35e-3, 0.1925, 2.91e-4, 0.4643};
        static const double half[] = {5.1e-6, 5.1e-5, 5.1e-7, 5.1e-5};
        assert_ok(
            sbx_constant_channel(&cell, k < 2 ? 32 : 64, frac(k < 2 ? "1" : "1/2"), k % 2, err));
        is_about(want[k], half[k]);
    }
    assert_ok(sbx_constant_sigmoid_mass(&cell, 1024, err));
    is_exactly("1024/1025");
    assert_ok(sbx_constant_expressive_slope(&cell, err));
    is_about(0.649519, 5.1e-7);
    for (int k = 0; k <= 10000; k++) { /* 2 z / (1 + z^2)^2 */
        const double z = k / 2500.0;
        top = fmax(top, 2 * z / ((1 + z * z) * (1 + z * z)));
    }
    assert_true(top <= mpq_get_d(cell.hi) + 1e-15 && top > mpq_get_d(cell.lo) - 1e-7);
    assert_ok(sbx_constant_score_rounding(&cell, frac("10"), 11, err));
    is_about(4.9e-3, 5.1e-5);
    assert_ok(sbx_constant_score_rounding(&cell, frac("10"), 8, err));
    is_about(4.0e-2, 5.1e-4);
    assert_ok(sbx_constant_score_rounding(&cell, frac("10"), 24, err));
    is_about(6.0e-7, 5.1e-9);
}

/* [L-STU-19]: a matrix of powers of two is log 2 times whole numbers; the ambiguity example */
static void determinants(void **state)
{
    static const char *const two[] = {"1/2", "4", "8", "2", "1/4", "16", "1", "2", "2"};
    static const char *const words[] = {"5/14", "4/14", "5/14", "1/7", "2/7",
                                        "4/7",  "4/7",  "2/7",  "1/7"};
    mpq_t p[9];
    (void)state;
    for (int k = 0; k < 9; k++) {
        mpq_init(p[k]);
        mpq_set(p[k], frac(two[k]));
    }
    /* -1 2 3; 1 -2 4; 0 1 1: -1 (-6) - 2 (1) + 3 (1) = 7 */
    assert_ok(sbx_constant_log_determinant(&cell, (const mpq_t *)p, 3, err));
    is_about(7 * pow(log(2), 3), 1e-13);
    for (int k = 0; k < 9; k++)
        mpq_set(p[k], frac(words[k]));
    assert_ok(sbx_constant_log_determinant(&cell, (const mpq_t *)p, 3, err));
    {
        double a[9];
        for (int k = 0; k < 9; k++)
            a[k] = log(mpq_get_d(p[k]));
        is_about(a[0] * (a[4] * a[8] - a[5] * a[7]) - a[1] * (a[3] * a[8] - a[5] * a[6]) +
                     a[2] * (a[3] * a[7] - a[4] * a[6]),
                 1e-13);
    }
    assert_true(mpq_sgn(cell.lo) == mpq_sgn(cell.hi) && mpq_sgn(cell.lo) != 0);
    mpq_set_ui(p[4], 0, 1);
    assert_status(SBX_ERR_DOMAIN, sbx_constant_log_determinant(&cell, (const mpq_t *)p, 3, err));
    for (int k = 0; k < 9; k++)
        mpq_clear(p[k]);
}

/* [L-STU-27]: the largest numbers against the number systems; rows of exponentials, clamped one by one */
static void saturation(void **state)
{
    static const struct {
        const char *format;
        double largest;
        long fits;          /* the greatest whole offset + threshold */
        const char *beyond; /* times the largest: no finite number of the format is nearest */
    } want[] = {{"fp16", 65504, 15, "4095/4094"},
                {"bf16", 0x1.fep127, 127, "511/510"},
                {"tf32", 0x1.ffcp127, 127, "4095/4094"},
                {"e5m2", 57344, 15, "15/14"},
                {"e4m3", 448, 8, "465/448"},
                {"f32", 0x1.fffffep127, 127, NULL},
                {"f64", 0x1.fffffffffffffp1023, 1023, NULL}};
    mpq_t m, t, sum, lost;
    (void)state;
    mpq_inits(m, t, sum, lost, NULL);
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        assert_ok(sbx_constant_largest(m, want[k].format, err));
        mpq_set_d(t, want[k].largest);
        assert_true(mpq_equal(m, t));
        if (want[k].beyond) {
            sbx_ctx ctx = sbx_ctx_default;
            sbx_num system;
            sbx_lowp v;
            assert_ok(sbx_num_parse(&system, &ctx, want[k].format, err));
            sbx_lowp_init(&v, &ctx);
            assert_ok(sbx_lowp_set_q(&v, m, &ctx, err));
            assert_true(v.v == want[k].largest);
            mpq_mul(t, m, frac(want[k].beyond));
            assert_ok(sbx_lowp_set_q(&v, t, &ctx, err));
            assert_false(sbx_lowp_is_finite(&v));
            sbx_lowp_clear(&v);
        }
        for (long lag = 0; lag <= 8; lag += 4) {
            mpq_set_si(t, lag, 1);
            assert_ok(sbx_constant_headroom(&cell, want[k].format, t, false, err));
            is_about(log2(want[k].largest) - (double)lag, 1e-9);
            assert_ok(sbx_constant_headroom(&cell, want[k].format, t, true, err));
            mpq_set_si(t, want[k].fits - lag, 1);
            assert_true(cell.exact && mpq_equal(cell.lo, t));
        }
        for (long e = want[k].fits - 2; e <= want[k].fits + 9; e++) {
            mpq_set_si(t, e, 1);
            assert_ok(sbx_constant_saturation(&cell, want[k].format, t, err));
            assert_true(cell.exact && (mpq_sgn(cell.lo) == 0) == (e <= want[k].fits));
            mpq_set_ui(sum, 0, 1); /* 1000 scores at e, one at e - 4 */
            mpq_set_ui(lost, 0, 1);
            for (int j = 0; j <= 1000; j++) {
                mpq_set_ui(t, 1, 1);
                mpq_mul_2exp(t, t, (mp_bitcnt_t)(e - (j ? 0 : 4)));
                mpq_add(sum, sum, t);
                mpq_sub(t, t, m);
                if (mpq_sgn(t) > 0) mpq_add(lost, lost, t);
            }
            mpq_div(lost, lost, sum);
            assert_true(mpq_cmp(lost, cell.lo) <= 0);
            assert_true(mpq_get_d(lost) >= 0.999 * mpq_get_d(cell.lo));
        }
    }
    assert_ok(sbx_constant_saturation(&cell, "e4m3", frac("12"), err));
    is_exactly("57/64");
    assert_ok(sbx_constant_saturation(&cell, "fp16", frac("16"), err));
    is_exactly("1/2048");
    assert_ok(sbx_constant_saturation(&cell, "e4m3", frac("35/4"), err));
    is_exactly("0");
    assert_ok(sbx_constant_saturation(&cell, "e4m3", frac("17/2"), err));
    is_exactly("0");
    assert_ok(sbx_constant_saturation(&cell, "e4m3", frac("19/2"), err));
    is_about(1 - 448 / (512 * sqrt(2)), 1e-14);
    assert_ok(sbx_constant_saturation(&cell, "e4m3", frac("-4096"), err));
    is_exactly("0");
    assert_status(SBX_ERR_ARG, sbx_constant_saturation(&cell, "e4m3", frac("8193/2"), err));
    assert_status(SBX_ERR_ARG, sbx_constant_saturation(&cell, "e3m4", frac("1"), err));
    assert_status(SBX_ERR_ARG, sbx_constant_headroom(&cell, "f32", frac("-1"), false, err));
    mpq_clears(m, t, sum, lost, NULL);
}

/* ---- formula and implementation ----------------------------------------------------------------- */

/* v to 11 bits, halves to even, no overflow and nothing subnormal here */
static double half(double v)
{
    int e;
    const double m = frexp(v, &e);
    return ldexp(nearbyint(ldexp(m, 11)), e - 11);
}

/* entmax-1.5 of sorted scores: how many are at or above their threshold, in 11 bits or in rationals (as
 * whole numbers over 64) */
static int support_in_half(const double *x, int n)
{
    double sum = 0, squares = 0;
    int size = 0;
    for (int k = 0; k < n; k++) {
        const double v = half(x[k] / 2);
        double mean, t;
        sum = half(sum + v);
        squares = half(squares + half(v * v));
        mean = half(sum / (k + 1));
        t = half(half(squares / (k + 1)) - half(mean * mean));
        t = half(half(1 - half((k + 1) * t)) / (k + 1));
        size += half(mean - half(sqrt(fmax(t, 0)))) <= v;
    }
    return size;
}
static int support_exact(const long *v, int n, long unit)
{
    long sum = 0, squares = 0;
    int size = 0;
    for (int k = 1; k <= n;
         k++) { /* (mean - v)^2 <= (1 - (squares - sum^2 / k)) / k, times (k unit)^2 */
        long gap;
        sum += v[k - 1];
        squares += v[k - 1] * v[k - 1];
        gap = sum - k * v[k - 1];
        size += gap <= 0 || gap * gap <= k * (unit * unit - squares) + sum * sum;
    }
    return size;
}

/* what was published, closed forms, arithmetic of its own [L-STU-21], [L-STU-22], [L-STU-23], [L-STU-24] */
static void findings(void **state)
{
    static const double x[] = {0, -1.9375, -2};
    static const long v[] = {0, -31, -32}; /* x / 2 over 32 */
    static const struct {
        const char *id;
        double written, formula, half;
    } want[SBX_FINDINGS] = {{"A1", 0, 15.00000031, 1e-8},
                            {"A1", 0, 20.00000000206, 1e-11},
                            {"A1", 0, 60, 1e-12},
                            {"A2", 0.5, 0.25, 0},
                            {"A3", 0.7310585786, 2 / 3.0, 1e-10},
                            {"A4", 0, 4, 0},
                            {"A5", 0.5, 0, 0},
                            {"A6", -1.35e-6, 0, 5e-9},
                            {"A7", 0, 6.144174602e-6, 1e-15},
                            {"A8", 3, 2, 0},
                            {"A9", 0.13, 598.74141715, 1e-8},
                            {"A9", 2, 100, 0},
                            {"A10", 1, 1.376919, 5.1e-7},
                            {"A11", 0, 1, 0},
                            {"A11", 1 / 1000001.0, 1, 0},
                            {"A11", 9.998206453e-5, 2.0611536e-9, 1e-14},
                            {"A12", 1, 1, 1e-7}};
    sbx_finding z;
    (void)state;
    sbx_finding_init(&z);
    for (size_t k = 0; k < SBX_FINDINGS; k++) {
        double lo;
        assert_ok(sbx_constant_finding(&z, k, err));
        assert_string_equal(z.id, want[k].id);
        assert_true(z.where && z.what && z.input && z.basis);
        lo = mpq_get_d(z.written.lo);
        if (k < 3) { /* the rounded run is near the closed form */
            const double gap = k == 0 ? 15 : k == 1 ? 20 : 60;
            assert_true(fabs(lo + log(1 / (1 + exp(gap)) + 0x1p-23)) < 2e-6 && lo < 15.95);
        } else if (!(fabs(lo - want[k].written) <= want[k].half + 1e-15)) {
            fail_msg("%s: %.12g", z.id, lo);
        }
        lo = mpq_get_d(z.formula.lo);
        if (!(fabs(lo - want[k].formula) <= want[k].half + 1e-14)) fail_msg("%s: %.12g", z.id, lo);
        assert_true(z.agrees == (k == SBX_FINDINGS - 1));
        if (!z.agrees) /* they differ, whatever the widths */
            assert_true(mpq_cmp(z.written.hi, z.formula.lo) < 0 ||
                        mpq_cmp(z.written.lo, z.formula.hi) > 0);
        else
            assert_true(mpq_cmp(z.written.hi, z.formula.lo) <= 0);
    }
    assert_int_equal(support_in_half(x, 3), 3);
    assert_int_equal(support_exact(v, 3, 32), 2);
    assert_status(SBX_ERR_ARG, sbx_constant_finding(&z, SBX_FINDINGS, err));
    sbx_finding_clear(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(residual_laws), cmocka_unit_test(inverses),   cmocka_unit_test(features),
        cmocka_unit_test(negative),      cmocka_unit_test(regression), cmocka_unit_test(gains),
        cmocka_unit_test(leaders),       cmocka_unit_test(facts),      cmocka_unit_test(saturation),
        cmocka_unit_test(determinants),  cmocka_unit_test(findings)};
    int bad;
    sbx_cell_init(&cell);
    mpq_init(q);
    bad = cmocka_run_group_tests_name("constants", tests, NULL, NULL);
    sbx_cell_clear(&cell);
    mpq_clear(q);
    return bad;
}
