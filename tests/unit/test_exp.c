/* test_exp.c -- the vectorised exp: every processor build gives the same bits on a million
 * inputs, and the error is within the proved bound, judged by MPFR.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "kernel/vec.h"
#include "reference.h"
#include "softbox/kernel.h"

#define MILLION 1048576

/* Inputs: all magnitudes, both signs, near multiples of ln 2 / 2 (where k changes), near 0,
 * integers, ends of the range; and the hard cases of the worst-case list where it is there. */
static size_t inputs(double *x)
{
    uint64_t s = test_seed();
    size_t n = 0;
    const char *dir = test_shared();
    if (dir) {
        char path[4200], line[256];
        FILE *f;
        (void)snprintf(path, sizeof path, "%s/data/worstcases/core-math/exp.wc", dir);
        f = fopen(path, "r");
        while (f && n < MILLION / 4 && fgets(line, sizeof line, f)) {
            char *end;
            const double v = strtod(line, &end);
            if (end != line && fabs(v) <= 1e6) x[n++] = v;
        }
        if (f)
            (void)fclose(f);
        else
            print_message("skip: no %s\n", path);
    } else {
        print_message("skip: hard cases, no third-party data\n");
    }
    while (n < MILLION) {
        const uint64_t r = sbx_rng(&s);
        double v;
        switch (r % 6) {
        case 0: v = test_uniform(&s, -1e6, 1e6); break;
        case 1: v = test_uniform(&s, -750, 750); break;
        case 2: v = test_uniform(&s, -1, 1); break;
        case 3: v = ldexp(test_uniform(&s, -1, 1), -(int)((r >> 8) % 1070)); break;
        case 4: /* k changes at odd multiples of ln 2 / 2 */
            v = (2.0 * (double)((int64_t)(sbx_rng(&s) % 2000001) - 1000000) + 1) *
                0x1.62e42fefa39efp-2;
            v = fabs(v) > 1e6 ? 1e6 : v;
            v = r & 64 ? nextafter(v, 0) : v;
            break;
        default: v = (double)((int64_t)(sbx_rng(&s) % 2000001) - 1000000); break;
        }
        x[n++] = v;
    }
    x[MILLION - 1] = 0.0;
    x[MILLION - 2] = -0.0;
    x[MILLION - 3] = -HUGE_VAL;
    x[MILLION - 4] = 1e6;
    x[MILLION - 5] = -1e6;
    return n;
}

static void all_builds_give_the_same_bits(void **state)
{
    double *x = malloc(MILLION * sizeof *x), *y = malloc(MILLION * sizeof *y);
    double *k = malloc(MILLION * sizeof *k), *y2 = malloc(MILLION * sizeof *y2);
    double *k2 = malloc(MILLION * sizeof *k2);
    const char *const *b = sbx_exp_builds();
    (void)state;
    (void)inputs(x);
    assert_true(sbx_exp_bulk_with("portable", y, k, x, MILLION));
    assert_false(sbx_exp_bulk_with("no such build", y, k, x, MILLION));
    for (; *b; b++) {
        memset(y2, 0, MILLION * sizeof *y2);
        assert_true(sbx_exp_bulk_with(*b, y2, k2, x, MILLION));
        print_message("build %s\n", *b);
        assert_memory_equal(y, y2, MILLION * sizeof *y);
        assert_memory_equal(k, k2, MILLION * sizeof *k);
        for (size_t n = 0; n < 40; n++) { /* short arrays take the loops' tails */
            assert_true(sbx_exp_bulk_with(*b, y2, k2, x + n, n));
            assert_memory_equal(y + n, y2, n * sizeof *y);
        }
    }
    free(x);
    free(y);
    free(k);
    free(y2);
    free(k2);
}

/* every loop of every build on the same boxes, compared bit for bit */
static void all_loops_give_the_same_bits(void **state)
{
    const sbx_vec *v[3];
    const size_t builds = sbx_vec_builds(v);
    (void)state;
    for (long round = 0; round < test_rounds(60); round++) {
        uint64_t s = test_seed() + (uint64_t)round;
        const size_t n = 1 + sbx_rng(&s) % (round % 4 ? 40 : 700);
        const double width = round % 5 ? 3 : 900;
        sbx_ivd *x = malloc(n * sizeof *x), *p[2] = {malloc(n * sizeof *x), malloc(n * sizeof *x)};
        double *m = malloc(5 * n * sizeof *m);
        for (size_t j = 0; j < n; j++) {
            x[j].lo = test_uniform(&s, -20, 20);
            x[j].hi = x[j].lo + width * sbx_rng_unit(&s);
            if (sbx_rng(&s) % 9 == 0) x[j].lo = -HUGE_VAL;
            m[4 * n + j] = test_uniform(&s, -1, 1);
        }
        v[0]->exp(m, m + n, (double *)x, n); /* any arguments serve as weights */
        for (size_t j = 0; j < n; j++)
            m[j] = fabs(m[j]);
        v[0]->exp(m + 2 * n, m + 3 * n, m + 4 * n, n);
        for (size_t b = 1; b < builds; b++) {
            sbx_scan look[2];
            sbx_sum2 sum[2] = {{{0}, {0}}, {{0}, {0}}};
            sbx_corner corner[2];
            size_t at[2][3] = {{0}, {0}}, count[2];
            double S[2];
            for (int k = 0; k < 2; k++) {
                const sbx_vec *w = v[k ? b : 0];
                memset(&look[k], 0, sizeof look[k]);
                w->scan(&look[k], x, n);
                w->sum_exp(&sum[k], x, SBX_HI, n / 3, n, 40);
                w->sum_exp(&sum[k], x, SBX_LO, 0, n, 20);
                count[k] = w->find(at[k], 3, x, SBX_HI, n, look[k].max_hi - 1);
                S[k] = 2 * sbx_sum2_value(&sum[k]) + 1;
                (void)w->finish(p[k], x, n, S[k], 30, S[k], 50);
                memset(&corner[k], 0, sizeof corner[k]);
                w->threshold(&corner[k], m + 4 * n, 0.1, m, m + n, m + 2 * n, m + 3 * n, n);
            }
            assert_memory_equal(&look[0], &look[1], sizeof look[0]);
            assert_memory_equal(&sum[0], &sum[1], sizeof sum[0]);
            assert_int_equal(count[0], count[1]);
            assert_memory_equal(at[0], at[1], sizeof at[0]);
            assert_memory_equal(p[0], p[1], n * sizeof *p[0]);
            assert_memory_equal(&corner[0], &corner[1], sizeof corner[0]);
        }
        free(x);
        free(p[0]);
        free(p[1]);
        free(m);
    }
}

/* [L-EXP-01, L-EXP-02, L-EXP-03, L-EXP-04]: |y 2^k / e^x - 1| <= 1.6e-16; y in [0.7, 1.4143] */
static void the_error_is_within_the_proved_bound(void **state)
{
    double *x = malloc(MILLION * sizeof *x), y, k, worst = 0;
    const size_t step = test_rounds(1000) > 1000 ? 1 : 37;
    mpfr_t e;
    (void)state;
    (void)inputs(x);
    mpfr_init2(e, REF_PREC);
    for (size_t i = 0; i < MILLION; i += step) {
        double r;
        if (x[i] < -1e6) continue;
        sbx_exp_bulk(&y, &k, &x[i], 1);
        if (!(y >= 0.7 && y <= 1.4143)) fail_msg("x = %a: y = %a", x[i], y);
        ref_exp(e, x[i]);
        mpfr_mul_2si(e, e, -(long)k, MPFR_RNDN);
        mpfr_d_div(e, y, e, MPFR_RNDN);
        mpfr_sub_ui(e, e, 1, MPFR_RNDN);
        r = fabs(mpfr_get_d(e, MPFR_RNDA));
        if (r > worst) worst = r;
        if (!(r <= 1.6e-16)) fail_msg("x = %a: error %g", x[i], r);
    }
    print_message("worst error %.3f u (proved: 1.4412 u)\n", worst * 0x1p53);
    assert_true(worst > 1e-16); /* the judge sees errors at all */
    mpfr_clear(e);
    free(x);
}

/* the scalar interval form [L-EXP-05] is a use of the kernel or better: contains e^x */
static void interval_exp_encloses(void **state)
{
    double *x = malloc(MILLION * sizeof *x);
    mpfr_t e;
    (void)state;
    (void)inputs(x);
    mpfr_init2(e, REF_PREC);
    for (size_t i = 0; i < MILLION; i += 97) {
        sbx_ivd v = {x[i], x[i]};
        if (x[i] < -1e6) continue;
        assert_ok(sbx_ivd_exp(&v, &v, NULL, err));
        ref_exp(e, x[i]);
        assert_true(mpfr_cmp_d(e, v.lo) >= 0 && mpfr_cmp_d(e, v.hi) <= 0);
    }
    mpfr_clear(e);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_builds_give_the_same_bits),
        cmocka_unit_test(all_loops_give_the_same_bits),
        cmocka_unit_test(the_error_is_within_the_proved_bound),
        cmocka_unit_test(interval_exp_encloses),
    };
    return cmocka_run_group_tests_name("exp", tests, NULL, NULL);
}
