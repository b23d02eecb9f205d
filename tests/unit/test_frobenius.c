/* test_frobenius.c -- Frobenius norms of Jacobians: closed forms, grids in rationals, and the Jacobians of
 * softbox/norm.h at random points, none of which may have more.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <math.h>

#include "softbox/norm.h"
#include "softbox/study.h"

static sbx_cell cell;

static void ask(const char *name, size_t d, size_t rows)
{
    const sbx_study_question a = {.quantity = SBX_FROBENIUS, .d = d, .rows = rows};
    assert_ok(sbx_study_quantity(&cell, name, &a, NULL, err));
}
/* lo^2 <= num / den <= hi^2, and the two are near; equal where the root is a fraction */
static void is_root(long num, long den)
{
    mpq_t v, t;
    mpq_inits(v, t, NULL);
    mpq_set_si(v, num, (unsigned long)den);
    mpq_canonicalize(v);
    assert_int_equal(cell.kind, SBX_CELL_NUMBER);
    assert_true(cell.reached);
    mpq_mul(t, cell.lo, cell.lo);
    assert_true(mpq_cmp(t, v) <= 0);
    if (mpz_perfect_square_p(mpq_numref(v)) && mpz_perfect_square_p(mpq_denref(v)))
        assert_true(cell.exact && mpq_equal(t, v));
    mpq_mul(t, cell.hi, cell.hi);
    assert_true(mpq_cmp(t, v) >= 0);
    mpq_sub(t, cell.hi, cell.lo);
    assert_true(mpq_get_d(t) <= 1e-12);
    mpq_clears(v, t, NULL);
}

/* sqrt(n) / 2 for n rows of softmax; the others' squares [L-NRM-81], [L-NRM-82] */
static void closed_forms(void **state)
{
    (void)state;
    for (size_t d = 2; d < 8; d++)
        for (long n = 1; n < 20; n++) {
            ask("softmax", d, (size_t)n);
            is_root(n, 4);
            ask("softmax:lambda=3", d, (size_t)n);
            is_root(9 * n, 4);
        }
    ask("softmax", 197, 197);
    is_root(197, 4);
    ask("softmax", 1, 5);
    is_root(0, 1);
    ask("softmax1", 1, 4);
    is_root(1, 4);
    for (size_t d = 2; d < 8; d++) {
        const long n = (long)d;
        ask("sparsemax", d, 0);
        is_root(n - 1, 1);
        ask("sparsemax:delta=1/2", d, 1);
        is_root(4 * (n - 1), 1);
        ask("plsoftmax", d, 0);
        is_root(2 * n - 2, n);
        ask("log-softmax", d, 0);
        is_root(2 * n - 2, 1);
        ask("permute-and-flip", d, 0);
        is_root(1, 1);
        ask("rational:p=3", d, 0);
        is_root(9, 4);
        ask("entmax-1.5", d, 0);
        is_root(n - 1, n);
    }
    ask("hardmax", 2, 0);
    assert_int_equal(cell.kind, SBX_CELL_INFINITE);
    ask("power-softmax", 2, 0);
    assert_int_equal(cell.kind, SBX_CELL_NONE);
}

/* all weights k_i / unit of d scores: the greatest s_2 - 2 s_3 + s_2^2 is 1/4, at two equal atoms alone
 * [L-NRM-81] */
static void weights_on_grids(void **state)
{
    const long unit = 24;
    (void)state;
    for (int d = 2; d <= 4; d++) {
        long best = 0, at = 0;
        for (long a = 0; a <= unit; a++)
            for (long b = 0; b <= unit - a; b++)
                for (long c = 0; c <= (d > 3 ? unit - a - b : 0); c++) {
                    const long k[4] = {a, b, d > 3 ? c : unit - a - b, unit - a - b - c};
                    long s2 = 0, s3 = 0;
                    if (d == 2 && a + b != unit) continue;
                    for (int i = 0; i < (d > 3 ? 4 : 3); i++) {
                        s2 += k[i] * k[i];
                        s3 += k[i] * k[i] * k[i];
                    }
                    const long f = s2 * unit * unit - 2 * s3 * unit + s2 * s2;
                    assert_true(4 * f <= unit * unit * unit * unit);
                    at = f > best ? 1 : f == best ? at + 1 : at;
                    best = f > best ? f : best;
                }
        assert_int_equal(4 * best, unit * unit * unit * unit);
        assert_int_equal(at, d * (d - 1) / 2); /* the pairs */
    }
}

/* |J|_F at a point from the enclosures of its entries, rounded down */
static double met(const sbx_norm_args *a, const double *x, size_t d)
{
    sbx_ivd b[8], j[64];
    double s = 0;
    for (size_t i = 0; i < d; i++)
        b[i] = (sbx_ivd){x[i], x[i]};
    if (sbx_norm_jacobian_ivd(j, a, b, d, NULL, err) != SBX_OK) return 0;
    for (size_t i = 0; i < d * d; i++) {
        const double e = j[i].lo > 0 ? j[i].lo : j[i].hi < 0 ? -j[i].hi : 0;
        s += e * e;
    }
    return sqrt(s) * (1 - 1e-12);
}

/* no Jacobian has more, and where the number is known, for d <= 3, some come near it */
static void samples(void **state)
{
    static const char *const other[] = {
        "entmax:alpha=5/4",   "entmax:alpha=7/4", "rational:p=3",
        "rational:p=5",       "taylor:order=4",   "spherical:eps=1/4",
        "sparsegen:gamma=-1", "base:b=3",         "softmax:lambda=3"};
    uint64_t s = test_seed();
    (void)state;
    for (size_t k = 0; sbx_study_normalizer(k) || k < 100; k++) {
        const char *name = sbx_study_normalizer(k);
        sbx_norm_args a;
        if (!name && k < 50) continue;
        if (!name) name = k - 50 < sizeof other / sizeof *other ? other[k - 50] : NULL;
        if (!name || strcmp(name, "lower-bound") == 0) continue;
        assert_ok(sbx_norm_read(&a, name, err));
        for (size_t d = 2; d <= 5; d++) {
            double most = 0, x[8];
            ask(name, d, 0);
            if (cell.kind != SBX_CELL_NUMBER) continue;
            for (long r = test_rounds(300); r-- > 0;) {
                const double w = r % 3 == 0 ? 0.1 : r % 3 == 1 ? 2 : 8;
                for (size_t i = 0; i < d; i++)
                    x[i] = test_uniform(&s, -w, w);
                if (r % 2) x[1] = x[0];
                for (size_t i = 2; r % 4 == 1 && i < d; i++)
                    x[i] = -15;
                most = fmax(most, met(&a, x, d));
            }
            if (!(most <= mpq_get_d(cell.hi)))
                fail_msg("%s, d = %zu: %.17g above %.17g", name, d, most, mpq_get_d(cell.hi));
            if (d <= 3 && cell.reached && test_rounds(300) >= 300 &&
                !(most >= 0.6 * mpq_get_d(cell.lo)))
                fail_msg("%s, d = %zu: %g far below %g", name, d, most, mpq_get_d(cell.lo));
        }
        sbx_norm_args_clear(&a);
    }
}

static void questions(void **state)
{
    const sbx_study_question many = {.quantity = SBX_FROBENIUS, .d = 2, .rows = (size_t)-1};
    const sbx_study_question other = {.quantity = SBX_RATIO, .d = 2, .rows = 2};
    sbx_quantity k;
    (void)state;
    assert_true(sbx_quantity_read(&k, "jacobian-frobenius"));
    assert_int_equal(k, SBX_FROBENIUS);
    assert_status(SBX_ERR_ARG, sbx_study_quantity(&cell, "softmax", &many, NULL, err));
    assert_status(SBX_ERR_ARG, sbx_study_quantity(&cell, "softmax", &other, NULL, err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(closed_forms),
                                       cmocka_unit_test(weights_on_grids),
                                       cmocka_unit_test(samples), cmocka_unit_test(questions)};
    int bad;
    sbx_cell_init(&cell);
    bad = cmocka_run_group_tests_name("frobenius", tests, NULL, NULL);
    sbx_cell_clear(&cell);
    return bad;
}
