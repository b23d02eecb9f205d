/* test_mat.c -- softbox/mat.h: norms against singular values by Jacobi's method in MPFR at 300 bits,
 * closed forms and points inside; ranks that are known by construction.
 * Lemmas L-MAT-01, L-MAT-02, L-MAT-03, L-MAT-04, L-MAT-05, L-MAT-06, L-MAT-07,
 * L-MAT-08, L-MAT-09, L-MAT-10, L-MAT-11.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "mat/block.h"
#include "mat/gram.h"
#include "softbox/mat.h"

enum { PREC = 300, MAX = 16 };

/* ---- singular values, written apart ------------------------------------------------------ */

/* s[0] the greatest, s[1] the least singular value of a m x n matrix, m >= n or (turned) not */
static void jacobi(mpfr_t s[2], const double *a, size_t m, size_t n)
{
    static mpfr_t c[MAX * MAX];
    static int made;
    const int turn = m < n;
    const size_t rows = turn ? n : m, cols = turn ? m : n;
    mpfr_t al, be, ga, t, x, y;
    assert_true(rows <= MAX && cols <= MAX);
    for (size_t i = 0; !made && i < MAX * MAX; i++)
        mpfr_init2(c[i], PREC);
    made = 1;
    mpfr_inits2(PREC, al, be, ga, t, x, y, (mpfr_ptr)0);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            (void)mpfr_set_d(c[j * rows + i], turn ? a[j * n + i] : a[i * n + j], MPFR_RNDN);
    for (int sweep = 0; sweep < 40; sweep++) {
        int small = 1;
        for (size_t p = 0; p < cols; p++)
            for (size_t q = p + 1; q < cols; q++) {
                mpfr_t *u = c + p * rows, *v = c + q * rows;
                mpfr_set_ui(al, 0, MPFR_RNDN);
                mpfr_set_ui(be, 0, MPFR_RNDN);
                mpfr_set_ui(ga, 0, MPFR_RNDN);
                for (size_t i = 0; i < rows; i++) {
                    mpfr_fma(al, u[i], u[i], al, MPFR_RNDN);
                    mpfr_fma(be, v[i], v[i], be, MPFR_RNDN);
                    mpfr_fma(ga, u[i], v[i], ga, MPFR_RNDN);
                }
                if (mpfr_zero_p(ga)) continue;
                mpfr_mul(t, al, be, MPFR_RNDN);
                mpfr_sqrt(t, t, MPFR_RNDN);
                mpfr_mul_2si(t, t, -280, MPFR_RNDN);
                if (mpfr_cmpabs(ga, t) <= 0) continue;
                small = 0;
                mpfr_sub(x, be, al, MPFR_RNDN); /* zeta = (be - al) / (2 ga) */
                mpfr_div(x, x, ga, MPFR_RNDN);
                mpfr_div_2ui(x, x, 1, MPFR_RNDN);
                mpfr_sqr(y, x, MPFR_RNDN);
                mpfr_add_ui(y, y, 1, MPFR_RNDN);
                mpfr_sqrt(y, y, MPFR_RNDN);
                if (mpfr_sgn(x) < 0)
                    mpfr_sub(t, x, y, MPFR_RNDN);
                else
                    mpfr_add(t, x, y, MPFR_RNDN);
                mpfr_ui_div(t, 1, t, MPFR_RNDN);
                mpfr_sqr(y, t, MPFR_RNDN);
                mpfr_add_ui(y, y, 1, MPFR_RNDN);
                mpfr_rec_sqrt(y, y, MPFR_RNDN); /* cos */
                mpfr_mul(t, t, y, MPFR_RNDN);   /* sin */
                for (size_t i = 0; i < rows; i++) {
                    mpfr_mul(al, y, u[i], MPFR_RNDN);
                    mpfr_mul(be, t, v[i], MPFR_RNDN);
                    mpfr_mul(x, t, u[i], MPFR_RNDN);
                    mpfr_mul(ga, y, v[i], MPFR_RNDN);
                    mpfr_sub(u[i], al, be, MPFR_RNDN);
                    mpfr_add(v[i], x, ga, MPFR_RNDN);
                }
            }
        if (small) break;
    }
    for (size_t j = 0; j < cols; j++) {
        mpfr_set_ui(t, 0, MPFR_RNDN);
        for (size_t i = 0; i < rows; i++)
            mpfr_fma(t, c[j * rows + i], c[j * rows + i], t, MPFR_RNDN);
        mpfr_sqrt(t, t, MPFR_RNDN);
        if (j == 0 || mpfr_cmp(t, s[0]) > 0) mpfr_set(s[0], t, MPFR_RNDN);
        if (j == 0 || mpfr_cmp(t, s[1]) < 0) mpfr_set(s[1], t, MPFR_RNDN);
    }
    mpfr_clears(al, be, ga, t, x, y, (mpfr_ptr)0);
}

/* z holds s but for s's own error, 2^-250 relative */
static void holds(const sbx_ivd *z, mpfr_srcptr s, const char *what)
{
    mpfr_t lo, hi;
    mpfr_inits2(PREC, lo, hi, (mpfr_ptr)0);
    mpfr_div_2ui(lo, s, 250, MPFR_RNDA);
    mpfr_abs(lo, lo, MPFR_RNDN);
    mpfr_add(hi, s, lo, MPFR_RNDU);
    mpfr_sub(lo, s, lo, MPFR_RNDD);
    if (mpfr_cmp_d(hi, z->lo) < 0 || mpfr_cmp_d(lo, z->hi) > 0)
        fail_msg("%s: [%.17g, %.17g] does not hold %.17g", what, z->lo, z->hi,
                 mpfr_get_d(s, MPFR_RNDN));
    mpfr_clears(lo, hi, (mpfr_ptr)0);
}

/* every other norm by its definition at 300 bits */
static void judge(const sbx_mat_norms *z, const double *a, size_t m, size_t n)
{
    mpfr_t f, t, x, best[4], sum[3], s[2];
    mpfr_inits2(PREC, f, t, x, s[0], s[1], (mpfr_ptr)0);
    for (size_t i = 0; i < 4; i++)
        mpfr_init2(best[i], PREC), mpfr_set_ui(best[i], 0, MPFR_RNDN);
    for (size_t i = 0; i < 3; i++)
        mpfr_init2(sum[i], PREC), mpfr_set_ui(sum[i], 0, MPFR_RNDN);
    mpfr_set_ui(f, 0, MPFR_RNDN);
    for (size_t i = 0; i < m; i++) {
        mpfr_t l1, l2, sm;
        mpfr_inits2(PREC, l1, l2, sm, (mpfr_ptr)0);
        mpfr_set_ui(l1, 0, MPFR_RNDN), mpfr_set(l2, l1, MPFR_RNDN), mpfr_set(sm, l1, MPFR_RNDN);
        for (size_t j = 0; j < n; j++) {
            (void)mpfr_set_d(x, a[i * n + j], MPFR_RNDN);
            mpfr_add(sm, sm, x, MPFR_RNDN);
            mpfr_abs(x, x, MPFR_RNDN);
            if (mpfr_cmp(x, best[0]) > 0) mpfr_set(best[0], x, MPFR_RNDN);
            mpfr_add(l1, l1, x, MPFR_RNDN);
            mpfr_fma(l2, x, x, l2, MPFR_RNDN);
        }
        mpfr_add(f, f, l2, MPFR_RNDN);
        mpfr_add(sum[0], sum[0], l1, MPFR_RNDN);
        mpfr_sqrt(l2, l2, MPFR_RNDN);
        if (mpfr_cmp(l1, best[1]) > 0) mpfr_set(best[1], l1, MPFR_RNDN);
        if (mpfr_cmp(l2, best[2]) > 0) mpfr_set(best[2], l2, MPFR_RNDN);
        if (i == 0 || mpfr_cmp(sm, sum[1]) < 0) mpfr_set(sum[1], sm, MPFR_RNDN);
        if (i == 0 || mpfr_cmp(sm, sum[2]) > 0) mpfr_set(sum[2], sm, MPFR_RNDN);
        mpfr_clears(l1, l2, sm, (mpfr_ptr)0);
    }
    for (size_t j = 0; j < n; j++) {
        mpfr_set_ui(t, 0, MPFR_RNDN);
        for (size_t i = 0; i < m; i++) {
            (void)mpfr_set_d(x, fabs(a[i * n + j]), MPFR_RNDN);
            mpfr_add(t, t, x, MPFR_RNDN);
        }
        if (mpfr_cmp(t, best[3]) > 0) mpfr_set(best[3], t, MPFR_RNDN);
    }
    mpfr_sqrt(f, f, MPFR_RNDN);
    mpfr_div_ui(sum[0], sum[0], m, MPFR_RNDN);
    holds(&z->frobenius, f, "frobenius");
    holds(&z->entry, best[0], "entry");
    holds(&z->row_l1, best[1], "row_l1");
    holds(&z->row_l2, best[2], "row_l2");
    holds(&z->col_l1, best[3], "col_l1");
    holds(&z->mean_l1, sum[0], "mean_l1");
    holds(&z->sum_least, sum[1], "sum_least");
    holds(&z->sum_most, sum[2], "sum_most");
    jacobi(s, a, m, n);
    holds(&z->spectral, s[0], "spectral");
    mpfr_clears(f, t, x, s[0], s[1], (mpfr_ptr)0);
    for (size_t i = 0; i < 4; i++)
        mpfr_clear(best[i]);
    for (size_t i = 0; i < 3; i++)
        mpfr_clear(sum[i]);
}

/* ---- matrices ----------------------------------------------------------------------------- */

static uint64_t seed;

static double number(int kind)
{
    const double x = test_uniform(&seed, -1, 1);
    switch (kind) {
    case 0: return x;
    case 1: return sbx_rng(&seed) % 3 ? 0.0 : x;
    case 2: return ldexp(x, (int)(sbx_rng(&seed) % 80) - 40);
    case 3: return (double)((long)(sbx_rng(&seed) % 7) - 3);
    case 4: return x * 1e300;
    case 5: return x * 1e-300;
    case 6: return ldexp(x, (int)(sbx_rng(&seed) % 2000) - 1040);
    default: return x * 0x1p-1060;
    }
}

static void fill(double *a, size_t m, size_t n)
{
    const int kind = (int)(sbx_rng(&seed) % 12);
    if (kind < 8) {
        for (size_t i = 0; i < m * n; i++)
            a[i] = number(kind);
    } else { /* of low rank, or nearly */
        const size_t d = kind & 1 ? 1 : 1 + sbx_rng(&seed) % 3;
        double b[MAX][3], c[3][MAX];
        for (size_t i = 0; i < MAX; i++)
            for (size_t k = 0; k < 3; k++)
                b[i][k] = number(kind & 2 ? 0 : 3), c[k][i] = number(kind & 2 ? 0 : 3);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++) {
                a[i * n + j] = 0.0;
                for (size_t k = 0; k < d; k++)
                    a[i * n + j] += b[i][k] * c[k][j];
            }
    }
}

static sbx_mat_norms streamed(const sbx_ivd *e, size_t m, size_t n, int gram)
{
    sbx_mat_meter *w = NULL;
    sbx_mat_norms z;
    assert_ok(sbx_mat_meter_new(&w, n, gram, err));
    for (size_t i = 0; i < m; i++) {
        assert_ok(sbx_mat_meter_add(w, e + i * n, err));
        if (i == m / 2) assert_ok(sbx_mat_meter_get(&z, w, NULL, err)); /* and goes on */
    }
    assert_ok(sbx_mat_meter_get(&z, w, NULL, err));
    sbx_mat_meter_free(w);
    return z;
}

/* L-MAT-01 .. 04: points, of every kind and scale */
static void norms_hold_the_truth(void **state)
{
    const long rounds = test_rounds(400);
    (void)state;
    seed = test_seed();
    for (long t = 0; t < rounds; t++) {
        const size_t m = 1 + sbx_rng(&seed) % 9, n = 1 + sbx_rng(&seed) % 9;
        double a[MAX * MAX];
        sbx_ivd e[MAX * MAX];
        sbx_mat_norms z, w[2];
        fill(a, m, n);
        for (size_t i = 0; i < m * n; i++)
            e[i] = (sbx_ivd){a[i], a[i]};
        assert_ok(sbx_mat_norm(&z, e, m, n, NULL, err));
        judge(&z, a, m, n);
        for (int gram = 0; gram < 2; gram++) {
            w[gram] = streamed(e, m, n, gram);
            judge(&w[gram], a, m, n);
        }
        if (z.entry.hi < 1e290 && z.entry.hi > 1e-290) {
            assert_true(z.spectral.hi - z.spectral.lo <= 1e-13 * z.spectral.hi);
            if (z.entry.hi < 1e40 && z.entry.hi > 1e-40)
                assert_true(w[1].spectral.hi - w[1].spectral.lo <= 1e-13 * w[1].spectral.hi);
        }
    }
}

/* L-MAT-05: a point inside of enclosures lies between the ends */
static void points_inside(void **state)
{
    const long rounds = test_rounds(150);
    (void)state;
    seed = test_seed();
    for (long t = 0; t < rounds; t++) {
        const size_t m = 1 + sbx_rng(&seed) % 9, n = 1 + sbx_rng(&seed) % 9;
        const double wide = ldexp(1, -(int)(sbx_rng(&seed) % 40));
        double a[MAX * MAX];
        sbx_ivd e[MAX * MAX];
        sbx_mat_norms z, w;
        fill(a, m, n);
        for (size_t i = 0; i < m * n; i++) {
            const double r = sbx_rng(&seed) % 2 ? wide : wide * fabs(a[i]);
            e[i].lo = a[i] - r;
            e[i].hi = a[i] + r * sbx_rng_unit(&seed);
        }
        assert_ok(sbx_mat_norm(&z, e, m, n, NULL, err));
        w = streamed(e, m, n, SBX_MAT_GRAM);
        for (size_t k = 0; k < 4; k++) { /* the corners of one sign, and points anywhere */
            for (size_t i = 0; i < m * n; i++)
                a[i] = k == 0   ? e[i].lo
                       : k == 1 ? e[i].hi
                       : k == 2 ? (fabs(e[i].lo) > fabs(e[i].hi) ? e[i].lo : e[i].hi)
                                : test_uniform(&seed, e[i].lo, e[i].hi);
            judge(&z, a, m, n);
            judge(&w, a, m, n);
        }
    }
}

/* Of enclosures of nonnegative matrices the greatest norm is that of the upper ends. */
static void nonnegative_enclosures(void **state)
{
    const long rounds = test_rounds(50);
    mpfr_t s[2];
    (void)state;
    seed = test_seed();
    mpfr_inits2(PREC, s[0], s[1], (mpfr_ptr)0);
    for (long t = 0; t < rounds; t++) {
        const size_t m = 1 + sbx_rng(&seed) % 9, n = 1 + sbx_rng(&seed) % 9;
        double a[MAX * MAX], want;
        sbx_ivd e[MAX * MAX];
        sbx_mat_norms z;
        for (size_t i = 0; i < m * n; i++) {
            e[i].hi = a[i] = test_uniform(&seed, 0.1, 1);
            e[i].lo = sbx_rng(&seed) % 2 ? 0.0 : a[i] / 2;
        }
        assert_ok(sbx_mat_norm(&z, e, m, n, NULL, err));
        jacobi(s, a, m, n);
        want = mpfr_get_d(s[0], MPFR_RNDN);
        assert_true(mpfr_cmp_d(s[0], z.spectral.hi) <= 0 && z.spectral.hi <= want * 1.001);
    }
    mpfr_clears(s[0], s[1], (mpfr_ptr)0);
}

/* the norm of the all-ones matrix, of a Hadamard matrix, and of the second difference is known */
static void closed_forms(void **state)
{
    enum { N = 128 };
    static sbx_ivd e[N * N];
    sbx_mat_norms z;
    double want;
    (void)state;
    for (size_t i = 0; i < N * N; i++)
        e[i] = (sbx_ivd){1, 1};
    assert_ok(sbx_mat_norm(&z, e, N, N, NULL, err));
    assert_true(z.spectral.lo <= N && N <= z.spectral.hi && z.spectral.hi <= N * (1 + 1e-12) &&
                z.spectral.lo >= N * (1 - 1e-12));
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            const double x = __builtin_parityl(i & j) ? -1 : 1;
            e[i * N + j] = (sbx_ivd){x, x};
        }
    want = sqrt(N); /* every singular value */
    assert_ok(sbx_mat_norm(&z, e, N, N, NULL, err));
    assert_true(z.spectral.lo <= want + 1e-15 && z.spectral.hi >= want - 1e-15 &&
                z.spectral.hi <= want * (1 + 1e-11) && z.spectral.lo >= want * (1 - 1e-12));
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            const double x = i == j ? 2 : i + 1 == j || j + 1 == i ? -1 : 0;
            e[i * N + j] = (sbx_ivd){x, x};
        }
    want = 2 + 2 * cos(acos(-1.0) / (N + 1)); /* gaps of 1e-3 below it */
    assert_ok(sbx_mat_norm(&z, e, N, N, NULL, err));
    assert_true(z.spectral.lo <= want + 1e-14 && z.spectral.hi >= want - 1e-14 &&
                z.spectral.hi - z.spectral.lo <= 1e-11);
}

/* A matrix known by its products: of enclosures that are drawn apart. L-MAT-04 */
typedef struct known {
    const double *a;
    size_t m, n;
    double wide;
} known;
static sbx_status known_times(sbx_ivd *y, const double *x, void *arg, sbx_err *e)
{
    const known *k = arg;
    (void)e;
    for (size_t i = 0; i < k->m; i++) {
        double s = 0, t = k->wide;
        for (size_t j = 0; j < k->n; j++)
            s += k->a[i * k->n + j] * x[j], t += 1e-15 * fabs(k->a[i * k->n + j] * x[j]);
        y[i] = (sbx_ivd){s - t, s + t};
    }
    return SBX_OK;
}
static sbx_status known_turned(sbx_ivd *y, const double *x, void *arg, sbx_err *e)
{
    const known *k = arg;
    (void)e;
    for (size_t j = 0; j < k->n; j++) {
        double s = 0;
        for (size_t i = 0; i < k->m; i++)
            s += k->a[i * k->n + j] * x[i];
        y[j] = (sbx_ivd){s, s};
    }
    return SBX_OK;
}
static void norms_by_products(void **state)
{
    const long rounds = test_rounds(100);
    mpfr_t s[2];
    (void)state;
    seed = test_seed();
    mpfr_inits2(PREC, s[0], s[1], (mpfr_ptr)0);
    for (long t = 0; t < rounds; t++) {
        const size_t m = 1 + sbx_rng(&seed) % 9, n = 1 + sbx_rng(&seed) % 9;
        double a[MAX * MAX], lo;
        known k = {a, m, n, t % 2 ? 0.0 : 1e-3};
        for (size_t i = 0; i < m * n; i++)
            a[i] = number((int)(t % 4));
        assert_ok(sbx_mat_norm_least(&lo, known_times, known_turned, &k, m, n, 0, NULL, err));
        jacobi(s, a, m, n);
        assert_true(mpfr_cmp_d(s[0], lo) >= 0);
        assert_true(lo >=
                    mpfr_get_d(s[0], MPFR_RNDN) * (1 - 1e-13) - 1.001 * k.wide * sqrt((double)m));
    }
    mpfr_clears(s[0], s[1], (mpfr_ptr)0);
    assert_status(SBX_ERR_ARG,
                  sbx_mat_norm_least(NULL, known_times, known_turned, NULL, 0, 1, 0, NULL, err));
}

/* L-MAT-03: whatever the guess of the eigenvalue, the bound is one. A multiple of the identity plus
 * b b' has a greatest eigenvalue known exactly; guesses below it by a few ulps let the algorithm
 * end on a matrix that is not quite positive. */
static void a_bad_guess_proves_no_less(void **state)
{
    (void)state;
    seed = test_seed();
    for (size_t n = 1; n <= 64; n += 1 + n / 8) {
        const size_t ld = sbx_mat_stride(n);
        sbx_gram g = {calloc(sbx_gram_rows(n) * ld, sizeof(double)), 1, n, 0};
        assert_non_null(g.g);
        for (int kind = 0; kind < 3; kind++) {
            double b[64], top = 0, hi;
            for (size_t i = 0; i < n; i++) {
                b[i] = kind == 0 ? 1 : (double)(sbx_rng(&seed) % (kind == 1 ? 3 : 1000));
                top += b[i] * b[i];
            }
            top += kind;
            if (top == 0) continue;
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++)
                    g.g[i * ld + j] = b[i] * b[j] + (i == j ? kind : 0);
            for (int k = -8; k < 60; k++) {
                const double guess = k < 40 ? top * (1 - k * 0x1p-52) : ldexp(top, 40 - k);
                assert_ok(sbx_gram_upper(&hi, &g, guess, NULL, err));
                /* hi^2 - top >= 0, exactly: hi hi in two doubles; top is an integer */
                if (hi < HUGE_VAL && !(hi * hi - top + fma(hi, hi, -(hi * hi)) >= 0.0))
                    fail_msg("n %zu, kind %d, guess %d: %.17g^2 < %.17g", n, kind, k, hi, top);
            }
        }
        free(g.g);
    }
}

/* L-MAT-03: roundings let Cholesky's algorithm end although s is below the greatest eigenvalue; the term
 * with the trace pays for them. The quotient b'Gb / b'b at 300 bits is not above that eigenvalue. */
static void roundings_are_paid_for(void **state)
{
    enum { N = 96 };
    const long rounds = test_rounds(20);
    const size_t ld = sbx_mat_stride(N);
    sbx_gram g = {calloc(sbx_gram_rows(N) * ld, sizeof(double)), 1, N, 0};
    mpfr_t top, t, bb;
    (void)state;
    assert_non_null(g.g);
    seed = test_seed();
    mpfr_inits2(PREC, top, t, bb, (mpfr_ptr)0);
    for (long round = 0; round < rounds; round++) {
        double b[N], hi;
        g.n = 2 + sbx_rng(&seed) % (N - 1);
        for (size_t i = 0; i < g.n; i++)
            b[i] = test_uniform(&seed, round % 2 ? -1 : 0.2, 1);
        b[g.n - 1] =
            sqrt((double)g.n) * test_uniform(&seed, 0.3, 3); /* the last pivot is the small one */
        mpfr_set_ui(top, 0, MPFR_RNDN), mpfr_set_ui(bb, 0, MPFR_RNDN);
        for (size_t i = 0; i < g.n; i++) {
            for (size_t j = 0; j < g.n; j++) {
                const double x = g.g[i * sbx_mat_stride(g.n) + j] = b[i] * b[j];
                (void)mpfr_set_d(t, x, MPFR_RNDN);
                mpfr_mul_d(t, t, b[i], MPFR_RNDN);
                mpfr_mul_d(t, t, b[j], MPFR_RNDN);
                mpfr_add(top, top, t, MPFR_RNDN);
            }
            mpfr_set_d(t, b[i], MPFR_RNDN);
            mpfr_fma(bb, t, t, bb, MPFR_RNDN);
        }
        mpfr_div(top, top, bb, MPFR_RNDN);
        for (int k = 0; k < 24; k++) {
            const double guess = mpfr_get_d(top, MPFR_RNDN) * (1 - k * 0x1p-52);
            assert_ok(sbx_gram_upper(&hi, &g, guess, NULL, err));
            (void)mpfr_set_d(t, hi, MPFR_RNDN);
            mpfr_sqr(t, t, MPFR_RNDN);
            if (mpfr_cmp(t, top) < 0)
                fail_msg("n %zu, guess %d ulp below: %.17g is too small", g.n, k, hi);
        }
    }
    mpfr_clears(top, t, bb, (mpfr_ptr)0);
    /* and no less than the lemma asks: n + 1 roundings of a trace of about n, here of I - 0 */
    memset(g.g, 0, sbx_gram_rows(N) * ld * sizeof(double));
    for (g.n = 1; g.n <= N; g.n++) {
        const double n = (double)g.n;
        double hi;
        assert_ok(sbx_gram_upper(&hi, &g, 1.0, NULL, err));
        assert_true(hi >= 1.0 + n * (n + 1) * 0x1p-54 && hi <= 1.0 + (n + 10) * (n + 1) * 0x1p-53);
    }
    free(g.g);
}

/* L-MAT-02, L-MAT-04: sums of m products may be off by gamma_m, either way */
static void a_gram_matrix_may_be_off(void **state)
{
    enum { N = 5 };
    const size_t m = (size_t)1 << 36, ld = sbx_mat_stride(N);
    const double off = (double)m * 0x1p-53, v[N] = {1, 1, 1, 1, 1};
    sbx_gram g = {calloc(sbx_gram_rows(N) * ld, sizeof(double)), m, N, N};
    double hi;
    (void)state;
    assert_non_null(g.g);
    for (int sign = -1; sign <= 1; sign++) { /* the matrix of ones: C'C has the eigenvalue N */
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++)
                g.g[i * ld + j] = 1 + sign * off;
        assert_ok(sbx_gram_upper(&hi, &g, N * (1 + sign * off), NULL, err));
        assert_true(hi >= sqrt(N) && hi <= sqrt(N) * (1 + 2 * off));
        assert_true(sbx_gram_lower(&g, v) <= sqrt(N));
        assert_true(sbx_gram_lower(&g, v) >= sqrt(N) * (1 - 2 * off));
    }
    free(g.g);
}

/* Every build of the inner loops gives the same bits; sizes that are no multiples of a block. */
static void builds_agree(void **state)
{
    const size_t sizes[] = {1, 3, 17, 70, 150};
    (void)state;
    seed = test_seed();
    for (size_t q = 0; q < 5; q++) {
        const size_t n = sizes[q], rows = 2 * n + 3, ld = sbx_mat_stride(n),
                     size = sbx_gram_rows(n) * ld;
        double *a = calloc(rows * ld, sizeof *a), *g[SBX_BLOCK_BUILDS] = {NULL},
               d[SBX_BLOCK_BUILDS];
        size_t first = SBX_BLOCK_BUILDS;
        assert_non_null(a);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < n; j++)
                a[i * ld + j] = number(0);
        for (size_t k = 0; k < SBX_BLOCK_BUILDS; k++) {
            const sbx_block *b = sbx_block_build(k);
            if (!b) continue;
            g[k] = calloc(size, sizeof *g[k]);
            assert_non_null(g[k]);
            b->gram(g[k], a, rows, n, ld);
            d[k] = b->dot(a, a + ld, n) + b->dot_abs(a, a + ld, n);
            assert_int_equal(b->cholesky(g[k], n, ld, 0x1p-400), 1);
            b->axpy(g[k] + (n - 1) * ld, 0.3, a, n);
            b->axpy_abs(g[k] + (n - 1) * ld, 0.3, a, n);
            b->squares(g[k] + (n - 1) * ld, a, n);
            for (size_t t = 0; t < 40; t++) { /* and it is right */
                const uint32_t p = 0x7fffffffu - (uint32_t)(sbx_rng(&seed) % 0x3fffffffu),
                               c = (uint32_t)(sbx_rng(&seed) % p);
                uint32_t x[37], y[37], z[37];
                for (size_t i = 0; i < 37; i++) {
                    const uint32_t end = sbx_rng(&seed) % 3 ? p : 2;
                    x[i] = (uint32_t)(sbx_rng(&seed) % end),
                    y[i] = z[i] = p - 1 - (uint32_t)(sbx_rng(&seed) % end);
                }
                b->reduce(z, x, c, (uint32_t)(((uint64_t)c << 32) / p), p, 37);
                for (size_t i = 0; i < 37; i++)
                    assert_int_equal(z[i], (y[i] + (uint64_t)p * p - (uint64_t)c * x[i]) % p);
            }
            if (first == SBX_BLOCK_BUILDS) first = k;
            assert_memory_equal(&d[k], &d[first], sizeof *d);
            for (size_t i = 0; i < n; i++)
                assert_memory_equal(g[k] + i * ld + i, g[first] + i * ld + i, (n - i) * sizeof *a);
        }
        for (size_t k = 0; k < SBX_BLOCK_BUILDS; k++)
            free(g[k]);
        free(a);
    }
}

static void what_is_refused(void **state)
{
    const sbx_ivd bad[4] = {{(double)NAN, 1}, {1, 0}, {HUGE_VAL, HUGE_VAL}, {0, (double)NAN}};
    const sbx_ivd wide[2] = {{-HUGE_VAL, 1}, {3, 4}};
    sbx_mat_norms z;
    sbx_mat_meter *w;
    (void)state;
    assert_status(SBX_ERR_ARG, sbx_mat_norm(&z, bad, 0, 1, NULL, err));
    assert_status(SBX_ERR_ARG, sbx_mat_norm(&z, bad, 1, 0, NULL, err));
    for (size_t i = 0; i < 4; i++)
        assert_status(SBX_ERR_DOMAIN, sbx_mat_norm(&z, bad + i, 1, 1, NULL, err));
    assert_ok(sbx_mat_norm(&z, wide, 1, 2, NULL, err));
    assert_true(z.spectral.lo <= 3 && z.spectral.lo > 2.9 && z.spectral.hi == HUGE_VAL);
    assert_ok(sbx_mat_meter_new(&w, 2, 0, err));
    assert_status(SBX_ERR_ARG, sbx_mat_meter_get(&z, w, NULL, err));
    sbx_mat_meter_free(w);
}

static sbx_mpq *rationals(size_t n);
static void forget(sbx_mpq *q, size_t n);
static size_t eliminate(const sbx_mpq *a, size_t m, size_t n);

/* ---- the least singular value ------------------------------------------------------------ */

/* L-MAT-07, L-MAT-04: points of every kind */
static void least_holds_the_truth(void **state)
{
    const long rounds = test_rounds(500);
    mpfr_t s[2];
    (void)state;
    seed = test_seed();
    mpfr_inits2(PREC, s[0], s[1], (mpfr_ptr)0);
    for (long t = 0; t < rounds; t++) {
        const size_t m = 1 + sbx_rng(&seed) % 9, n = 1 + sbx_rng(&seed) % 9;
        double a[MAX * MAX], cond;
        sbx_ivd e[MAX * MAX], z;
        sbx_mpq *q = rationals(m * n);
        fill(a, m, n);
        for (size_t i = 0; i < m * n; i++)
            e[i] = (sbx_ivd){a[i], a[i]};
        assert_ok(sbx_mat_least_singular(&z, e, m, n, NULL, err));
        jacobi(s, a, m, n);
        for (size_t i = 0; i < m * n; i++)
            mpq_set_d(q[i].v, a[i]);
        if (eliminate(q, m, n) < (m < n ? m : n)) assert_true(z.lo == 0.0);
        forget(q, m * n);
        mpfr_div(s[0], s[1], s[0], MPFR_RNDN);
        if (!(mpfr_cmp_d(s[0], 0x1p-40) > 0))
            continue; /* Jacobi's method has 2^-280 of the greatest */
        holds(&z, s[1], "least");
        cond = mpfr_get_d(s[0], MPFR_RNDN);
        if (cond > 1e-11 && z.hi > 1e-290 && z.hi < 1e290 && !(z.lo >= z.hi * (1 - 1e-13 / cond)))
            fail_msg("round %ld: [%g, %g], quotient %g", t, z.lo, z.hi, cond);
    }
    mpfr_clears(s[0], s[1], (mpfr_ptr)0);
}

/* L-MAT-07: with radii, the least over points inside */
static void least_inside(void **state)
{
    const long rounds = test_rounds(200);
    mpfr_t s[2];
    (void)state;
    seed = test_seed();
    mpfr_inits2(PREC, s[0], s[1], (mpfr_ptr)0);
    for (long t = 0; t < rounds; t++) {
        const size_t m = 1 + sbx_rng(&seed) % 7, n = 1 + sbx_rng(&seed) % 7;
        const double wide = ldexp(1, -(int)(sbx_rng(&seed) % 20) - 2);
        double a[MAX * MAX];
        sbx_ivd e[MAX * MAX], z;
        size_t r;
        for (size_t i = 0; i < m * n; i++) {
            const double x = number(0);
            e[i] = (sbx_ivd){x - wide * sbx_rng_unit(&seed), x + wide * sbx_rng_unit(&seed)};
        }
        assert_ok(sbx_mat_least_singular(&z, e, m, n, NULL, err));
        assert_ok(sbx_mat_rank_least(&r, e, m, n, NULL, err));
        assert_true(r <= m && r <= n);
        if (z.lo > 8 * wide) assert_int_equal(r, m < n ? m : n);
        for (size_t k = 0; k < 6; k++) {
            for (size_t i = 0; i < m * n; i++)
                a[i] = k == 0   ? e[i].lo
                       : k == 1 ? e[i].hi
                       : k == 2 ? (fabs(e[i].lo) < fabs(e[i].hi) ? e[i].lo : e[i].hi)
                       : k == 3 ? (sbx_rng(&seed) & 1 ? e[i].lo : e[i].hi)
                                : test_uniform(&seed, e[i].lo, e[i].hi);
            jacobi(s, a, m, n);
            if (mpfr_cmp_d(s[1], z.lo) < 0 || mpfr_cmp_d(s[1], z.hi) > 0)
                fail_msg("[%g, %g] does not hold %g", z.lo, z.hi, mpfr_get_d(s[1], MPFR_RNDN));
        }
    }
    mpfr_clears(s[0], s[1], (mpfr_ptr)0);
}

/* ---- ranks ---------------------------------------------------------------------------------- */

static sbx_mpq *rationals(size_t n)
{
    sbx_mpq *q = malloc(n * sizeof *q);
    assert_non_null(q);
    for (size_t i = 0; i < n; i++)
        mpq_init(q[i].v);
    return q;
}
static void forget(sbx_mpq *q, size_t n)
{
    for (size_t i = 0; i < n; i++)
        mpq_clear(q[i].v);
    free(q);
}

/* about `bits` bits, a fraction half of the time, or never */
static int whole;
static void random_q(mpq_ptr q, size_t bits)
{
    mpz_set_si(mpq_numref(q), (long)(sbx_rng(&seed) >> 2) - (1L << 61));
    for (size_t b = 62; b < bits; b += 32) {
        mpz_mul_2exp(mpq_numref(q), mpq_numref(q), 32);
        mpz_add_ui(mpq_numref(q), mpq_numref(q), sbx_rng(&seed) >> 32);
    }
    if (bits < 62) mpz_fdiv_q_2exp(mpq_numref(q), mpq_numref(q), 62 - bits);
    mpz_set_ui(mpq_denref(q), whole || sbx_rng(&seed) % 2 ? 1 : 1 + sbx_rng(&seed) % 1000);
    mpq_canonicalize(q);
}

/* the rank by elimination in fractions, written apart */
static size_t eliminate(const sbx_mpq *a, size_t m, size_t n)
{
    sbx_mpq *w = rationals(m * n);
    size_t r = 0;
    mpq_t c, t;
    mpq_inits(c, t, NULL);
    for (size_t i = 0; i < m * n; i++)
        mpq_set(w[i].v, a[i].v);
    for (size_t j = 0; j < n && r < m; j++) {
        size_t i = r;
        while (i < m && mpq_sgn(w[i * n + j].v) == 0)
            i++;
        if (i == m) continue;
        for (size_t k = 0; k < n; k++)
            mpq_swap(w[r * n + k].v, w[i * n + k].v);
        for (i = r + 1; i < m; i++) {
            mpq_div(c, w[i * n + j].v, w[r * n + j].v);
            for (size_t k = j; k < n; k++) {
                mpq_mul(t, c, w[r * n + k].v);
                mpq_sub(w[i * n + k].v, w[i * n + k].v, t);
            }
        }
        r++;
    }
    mpq_clears(c, t, NULL);
    forget(w, m * n);
    return r;
}

/* a = b c, b of m x d, c of d x n; d = 0: zeros */
static void product(sbx_mpq *a, size_t m, size_t n, size_t d, size_t bits)
{
    sbx_mpq *b = rationals(m * d + 1), *c = rationals(d * n + 1);
    mpq_t t;
    mpq_init(t);
    for (size_t i = 0; i < m * d; i++)
        random_q(b[i].v, bits);
    for (size_t i = 0; i < d * n; i++)
        random_q(c[i].v, bits);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            mpq_set_ui(a[i * n + j].v, 0, 1);
            for (size_t k = 0; k < d; k++) {
                mpq_mul(t, b[i * d + k].v, c[k * n + j].v);
                mpq_add(a[i * n + j].v, a[i * n + j].v, t);
            }
        }
    mpq_clear(t);
    forget(b, m * d + 1);
    forget(c, d * n + 1);
}

/* L-MAT-06 */
static void exact_ranks(void **state)
{
    const long rounds = test_rounds(300);
    (void)state;
    seed = test_seed();
    for (long t = 0; t < rounds; t++) {
        const size_t m = 1 + sbx_rng(&seed) % 8, n = 1 + sbx_rng(&seed) % 8, d = sbx_rng(&seed) % 9,
                     bits = t % 3 ? 2 : 1 + sbx_rng(&seed) % 200;
        sbx_mpq *a = rationals(m * n);
        size_t r;
        if (t % 2)
            product(a, m, n, d, bits);
        else
            for (size_t i = 0; i < m * n; i++)
                random_q(a[i].v, bits);
        assert_ok(sbx_mat_rank(&r, a, m, n, NULL, err));
        assert_int_equal(r, eliminate(a, m, n));
        forget(a, m * n);
    }
}

/* L-MAT-11: a few columns or rows too many, so that the second way is taken */
static void ranks_near_full(void **state)
{
    const long rounds = test_rounds(24);
    (void)state;
    seed = test_seed();
    for (long t = 0; t < rounds; t++) {
        /* the second way is cheaper from about 42 columns on */
        const size_t n = (t % 2 ? 44 : 12) + sbx_rng(&seed) % 4,
                     m = n + (t % 3 ? 0 : sbx_rng(&seed) % 4), d = n - 1,
                     bits = 1 + sbx_rng(&seed) % (t % 4 == 1   ? 3
                                                  : t % 4 == 2 ? 200
                                                               : 60);
        const int turn = t % 5 == 0;
        sbx_mpq *a = rationals(m * n), *b = rationals(m * n);
        size_t r, want = d;
        whole = n > 40;
        product(a, m, n, d, bits);
        whole = 0;
        if (t % 4 == 1) { /* and one entry is not of that rank, by a multiple of many primes */
            mpz_t p;
            mpz_init_set_ui(p, 1);
            mpz_mul_2exp(p, p, 61);
            mpz_set_ui(mpq_numref(b[0].v), 1);
            for (size_t k = 1 + sbx_rng(&seed) % 8; k > 0; k--) {
                mpz_nextprime(p, p);
                mpz_mul(mpq_numref(b[0].v), mpq_numref(b[0].v), p);
                if (sbx_rng(&seed) % 2) mpz_mul(mpq_numref(b[0].v), mpq_numref(b[0].v), p);
            }
            mpq_add(a[m * n - 1].v, a[m * n - 1].v, b[0].v);
            mpz_clear(p);
            want = eliminate(a, m, n);
        } else if (bits < 8)
            want = eliminate(a, m, n);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++)
                mpq_set(b[turn ? j * m + i : i * n + j].v, a[i * n + j].v);
        assert_ok(sbx_mat_rank(&r, b, turn ? n : m, turn ? m : n, NULL, err));
        assert_int_equal(r, want);
        forget(a, m * n), forget(b, m * n);
    }
}

/* A matrix that has a lower rank modulo the first numbers that are tried than in truth: entries
 * that are multiples of them. */
static void ranks_that_primes_hide(void **state)
{
    sbx_mpq *a = rationals(9);
    mpz_t p;
    size_t r;
    (void)state;
    mpz_init(p);
    for (size_t i = 0; i < 9; i++)
        mpq_set_ui(a[i].v, i == 0 || i == 1 || i == 3 || i == 4 || i == 8, 1);
    /* a[4] = 1 + the product of the first primes above 2^61, then also of those above 2^30 */
    for (size_t k = 0; k < 12; k++) {
        if (k % 6 == 0) {
            mpz_set_ui(p, 1);
            mpz_mul_2exp(p, p, k ? 30 : 61);
        }
        mpz_nextprime(p, p);
        mpz_sub_ui(mpq_numref(a[4].v), mpq_numref(a[4].v), 1);
        if (mpz_sgn(mpq_numref(a[4].v)) == 0) mpz_set_ui(mpq_numref(a[4].v), 1);
        mpz_mul(mpq_numref(a[4].v), mpq_numref(a[4].v), p);
        mpz_add_ui(mpq_numref(a[4].v), mpq_numref(a[4].v), 1);
        assert_ok(sbx_mat_rank(&r, a, 3, 3, NULL, err));
        assert_int_equal(r, 3);
    }
    mpz_clear(p);
    forget(a, 9);
}

/* L-MAT-08, L-MAT-09: exact small integers of known rank, doubles of any kind, and radii that may
 * lower the rank */
static void least_ranks(void **state)
{
    const long rounds = test_rounds(300);
    sbx_ctx ctx = sbx_ctx_default;
    (void)state;
    seed = test_seed();
    for (long t = 0; t < rounds; t++) {
        const size_t m = 1 + sbx_rng(&seed) % 8, n = 1 + sbx_rng(&seed) % 8;
        double a[MAX * MAX];
        sbx_ivd e[MAX * MAX];
        sbx_ivf f[MAX * MAX];
        sbx_mpq *q = rationals(m * n);
        size_t r, low, low_f;
        ctx.prec = 53 + (long)(sbx_rng(&seed) % 3) * 2000;
        fill(a, m, n);
        for (size_t i = 0; i < m * n; i++) {
            e[i] = (sbx_ivd){a[i], a[i]};
            sbx_ivf_init(&f[i], &ctx);
            assert_ok(sbx_ivf_set_d(&f[i], a[i], &ctx, err));
            mpq_set_d(q[i].v, a[i]);
        }
        r = eliminate(q, m, n);
        assert_ok(sbx_mat_rank_least(&low, e, m, n, NULL, err));
        assert_ok(sbx_mat_rank_least_ivf(&low_f, f, m, n, &ctx, err));
        assert_true(low <= r && low_f <= r);
        if (ctx.prec > 4000) assert_int_equal(low_f, r);
        /* subtract a row from itself: an E of lower rank is inside */
        if (m > 1) {
            for (size_t j = 0; j < n; j++) {
                const double x = a[j], y = a[n + j];
                e[j] = e[n + j] = (sbx_ivd){fmin(x, y), fmax(x, y)};
                mpfr_set_d(f[j].lo, e[j].lo, MPFR_RNDD), mpfr_set_d(f[j].hi, e[j].hi, MPFR_RNDU);
                sbx_ivf_set(&f[n + j], &f[j]);
                mpq_set(q[n + j].v, q[j].v);
            }
            r = eliminate(q, m, n);
            assert_ok(sbx_mat_rank_least(&low, e, m, n, NULL, err));
            assert_ok(sbx_mat_rank_least_ivf(&low_f, f, m, n, &ctx, err));
            assert_true(low <= r && low_f <= r);
        }
        for (size_t i = 0; i < m * n; i++)
            sbx_ivf_clear(&f[i]);
        forget(q, m * n);
    }
}

/* ranks that doubles see, of matrices whose rows differ in scale by 10^200 */
static void ranks_are_found(void **state)
{
    enum { N = 40 };
    static double b[N][N], c[N][N];
    static sbx_ivd e[N * N];
    (void)state;
    seed = test_seed();
    for (size_t d = 1; d <= N; d += 13) {
        size_t r;
        for (size_t i = 0; i < N * N; i++)
            b[i / N][i % N] = (double)(sbx_rng(&seed) % 64),
                         c[i / N][i % N] = (double)(sbx_rng(&seed) % 64);
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++) {
                double x = 0;
                for (size_t k = 0; k < d; k++)
                    x += b[i][k] * c[k][j];
                x = ldexp(x, (int)(i * 30) - 600);
                e[i * N + j] = (sbx_ivd){x, x};
            }
        assert_ok(sbx_mat_rank_least(&r, e, N, N, NULL, err));
        assert_int_equal(r, d);
    }
}

/* L-MAT-10: a z = I, and determinants by elimination in fractions */
static void inverses(void **state)
{
    const long rounds = test_rounds(60);
    (void)state;
    seed = test_seed();
    for (long t = 0; t < rounds; t++) {
        const size_t n = 1 + sbx_rng(&seed) % 8, bits = 1 + sbx_rng(&seed) % (t % 2 ? 300 : 3);
        sbx_mpq *a = rationals(n * n), *z = rationals(n * n), *w = rationals(2);
        mpq_t s, det;
        mpq_inits(s, det, NULL);
        for (size_t i = 0; i < n * n; i++)
            random_q(a[i].v, bits);
        if (eliminate(a, n, n) < n) {
            assert_status(SBX_ERR_DOMAIN, sbx_mat_inverse(z, det, a, n, NULL, err));
            assert_int_equal(mpq_sgn(det), 0);
        } else {
            assert_ok(sbx_mat_inverse(z, det, a, n, NULL, err));
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++) {
                    mpq_set_ui(w[0].v, 0, 1);
                    for (size_t k = 0; k < n; k++) {
                        mpq_mul(w[1].v, a[i * n + k].v, z[k * n + j].v);
                        mpq_add(w[0].v, w[0].v, w[1].v);
                    }
                    assert_int_equal(mpq_cmp_ui(w[0].v, i == j, 1), 0);
                }
            if (n == 2) {
                mpq_mul(s, a[0].v, a[3].v);
                mpq_mul(w[0].v, a[1].v, a[2].v);
                mpq_sub(s, s, w[0].v);
                assert_true(mpq_equal(s, det));
            }
        }
        mpq_clears(s, det, NULL);
        forget(a, n * n), forget(z, n * n), forget(w, 2);
    }
}

/* every allocation fails once; nothing is lost */
static void brutal(void **state)
{
    enum { N = 3 };
    sbx_ivd e[N * N];
    sbx_mpq *q = rationals(N * N), *z = rationals(N * N);
    (void)state;
    for (size_t i = 0; i < N * N; i++) {
        e[i] = (sbx_ivd){(double)(i * i % 7), (double)(i * i % 7) + 0x1p-20};
        mpq_set_ui(q[i].v, i * i % 7 + i, 3);
        mpq_canonicalize(q[i].v);
    }
    for (int what = 0; what < 6; what++) {
        const long live = sbx_alloc_live();
        sbx_status st = SBX_ERR_NOMEM;
        for (long k = 0; st == SBX_ERR_NOMEM && k < 200; k++) {
            sbx_mat_norms w;
            sbx_ivd l;
            size_t r;
            sbx_ivf f[N * N];
            for (size_t i = 0; what == 5 && i < N * N; i++) {
                sbx_ivf_init(&f[i], NULL);
                mpfr_set_d(f[i].lo, e[i].lo, MPFR_RNDD), mpfr_set_d(f[i].hi, e[i].hi, MPFR_RNDU);
            }
            sbx_alloc_fail_after(k);
            if (what == 0) st = sbx_mat_norm(&w, e, N, N, NULL, err);
            if (what == 1) st = sbx_mat_least_singular(&l, e, N, N, NULL, err);
            if (what == 2) st = sbx_mat_rank_least(&r, e, N, N, NULL, err);
            if (what == 3) st = sbx_mat_rank(&r, q, N, N, NULL, err);
            if (what == 4) st = sbx_mat_inverse(z, NULL, q, N, NULL, err);
            if (what == 5) st = sbx_mat_rank_least_ivf(&r, f, N, N, NULL, err);
            sbx_alloc_fail_after(-1);
            for (size_t i = 0; what == 5 && i < N * N; i++)
                sbx_ivf_clear(&f[i]);
            assert_int_equal(sbx_alloc_live(), live);
        }
        assert_int_equal(st, SBX_OK);
    }
    forget(q, N * N), forget(z, N * N);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_hold_the_truth),
        cmocka_unit_test(points_inside),
        cmocka_unit_test(nonnegative_enclosures),
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(norms_by_products),
        cmocka_unit_test(a_bad_guess_proves_no_less),
        cmocka_unit_test(roundings_are_paid_for),
        cmocka_unit_test(a_gram_matrix_may_be_off),
        cmocka_unit_test(builds_agree),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(least_holds_the_truth),
        cmocka_unit_test(least_inside),
        cmocka_unit_test(exact_ranks),
        cmocka_unit_test(ranks_near_full),
        cmocka_unit_test(ranks_that_primes_hide),
        cmocka_unit_test(least_ranks),
        cmocka_unit_test(ranks_are_found),
        cmocka_unit_test(inverses),
        cmocka_unit_test(brutal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
