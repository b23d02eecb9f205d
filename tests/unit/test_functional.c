/* test_functional.c -- the exact range of c.softmax(x) over a box, judged by all corners in
 * MPFR at 300 bits (n <= 10) and by the threshold corners of sorted c (larger n).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "reference.h"
#include "softbox/kernel.h"

#define N_MAX 10

/* v = sum c_j e_j / sum e_j and a = sum |c_j| e_j / sum e_j over the corner of bits */
static void corner(mpfr_t v, mpfr_t a, mpfr_t *lo, mpfr_t *hi, const double *c, size_t n,
                   const bool *high)
{
    mpfr_t den, t;
    mpfr_inits2(REF_PREC, den, t, (mpfr_ptr)0);
    mpfr_set_zero(den, 1);
    mpfr_set_zero(v, 1);
    mpfr_set_zero(a, 1);
    for (size_t j = 0; j < n; j++) {
        mpfr_t *e = high[j] ? &hi[j] : &lo[j];
        mpfr_add(den, den, *e, MPFR_RNDN);
        mpfr_mul_d(t, *e, c[j], MPFR_RNDN);
        mpfr_add(v, v, t, MPFR_RNDN);
        mpfr_abs(t, t, MPFR_RNDN);
        mpfr_add(a, a, t, MPFR_RNDN);
    }
    mpfr_div(v, v, den, MPFR_RNDN);
    mpfr_div(a, a, den, MPFR_RNDN);
    mpfr_clears(den, t, (mpfr_ptr)0);
}

/* The greatest value of sign c . softmax over the corners: all 2^n, or the n + 1 thresholds
 * of c in order. best, scale: value, sum |c| p there. */
static void greatest(mpfr_t best, mpfr_t scale, mpfr_t *lo, mpfr_t *hi, const double *c, size_t n)
{
    bool *high = calloc(n, sizeof *high), first = true;
    mpfr_t v, a;
    mpfr_inits2(REF_PREC, v, a, (mpfr_ptr)0);
    if (n <= N_MAX) {
        for (unsigned bits = 0; bits < 1u << n; bits++) {
            for (size_t j = 0; j < n; j++)
                high[j] = bits >> j & 1;
            corner(v, a, lo, hi, c, n, high);
            if (!first && mpfr_cmp(v, best) <= 0) continue;
            mpfr_set(best, v, MPFR_RNDN);
            mpfr_set(scale, a, MPFR_RNDN);
            first = false;
        }
    } else {
        for (size_t k = 0; k <= n; k++) {
            for (size_t j = 0; j < n; j++)
                high[j] = k < n && c[j] >= c[k];
            corner(v, a, lo, hi, c, n, high);
            if (!first && mpfr_cmp(v, best) <= 0) continue;
            mpfr_set(best, v, MPFR_RNDN);
            mpfr_set(scale, a, MPFR_RNDN);
            first = false;
        }
    }
    mpfr_clears(v, a, (mpfr_ptr)0);
    free(high);
}

static double worst; /* in units of u sum |c| p */

/* wrong ends of z, and ends looser than 64 u sum |c| p [L-SMX-08, L-SMX-09, L-SMX-21, L-FP-02] */
static size_t judge(sbx_ivd z, const sbx_ivd *x, const sbx_ivd *c, size_t n, bool tight)
{
    mpfr_t *lo = malloc(n * sizeof *lo), *hi = malloc(n * sizeof *hi), v, a, gap;
    double *s = malloc(n * sizeof *s);
    double top = -HUGE_VAL, bottom = HUGE_VAL;
    size_t bad = 0;
    for (size_t j = 0; j < n; j++) {
        top = fmax(top, x[j].hi);
        bottom = fmin(bottom, x[j].lo);
    }
    tight = tight && top - bottom < 600; /* the condition of the contract */
    mpfr_inits2(REF_PREC, v, a, gap, (mpfr_ptr)0);
    for (size_t j = 0; j < n; j++) {
        mpfr_inits2(REF_PREC, lo[j], hi[j], (mpfr_ptr)0);
        ref_exp(lo[j], x[j].lo);
        ref_exp(hi[j], x[j].hi);
    }
    for (int side = 0; side < 2; side++) {
        for (size_t j = 0; j < n; j++)
            s[j] = side ? c[j].hi : -c[j].lo;
        greatest(v, a, lo, hi, s, n);
        mpfr_d_sub(gap, side ? z.hi : -z.lo, v, MPFR_RNDN); /* >= 0 when right */
        mpfr_mul_d(v, a, 0x1p-280, MPFR_RNDU);              /* the reference's own error */
        mpfr_add(v, v, gap, MPFR_RNDU);
        if (mpfr_sgn(v) < 0) bad++;
        mpfr_mul_d(a, a, 0x1p-53, MPFR_RNDN);
        if (mpfr_sgn(a) > 0) {
            mpfr_div(gap, gap, a, MPFR_RNDU);
            if (tight && mpfr_get_d(gap, MPFR_RNDU) > worst) worst = mpfr_get_d(gap, MPFR_RNDU);
            if (tight && mpfr_cmp_d(gap, 64.0) > 0) bad++;
        }
    }
    for (size_t j = 0; j < n; j++)
        mpfr_clears(lo[j], hi[j], (mpfr_ptr)0);
    mpfr_clears(v, a, gap, (mpfr_ptr)0);
    free(lo);
    free(hi);
    free(s);
    return bad;
}

static void draw(sbx_ivd *x, sbx_ivd *c, size_t n, uint64_t *s)
{
    static const double widths[] = {0, 1e-12, 0.1, 1, 5, 40, 300};
    static const double spreads[] = {0, 1, 10, 100};
    const double w = widths[sbx_rng(s) % 7], spread = spreads[sbx_rng(s) % 4];
    const double shift = sbx_rng(s) % 4 ? 0 : 9e5;
    const unsigned kind = (unsigned)(sbx_rng(s) % 5);
    for (size_t j = 0; j < n; j++) {
        const double m = shift + test_uniform(s, -spread, spread), r = w * sbx_rng_unit(s);
        double v = test_uniform(s, -1, 1), d = 0;
        if (kind == 1) v = j == 0 ? 1 : j == 1 ? -1 : 0; /* p_0 - p_1 */
        if (kind == 2) v = (double)(sbx_rng(s) % 3) - 1; /* ties */
        if (kind == 3) v = 1000 + v * 1e-6;              /* cancellation */
        if (kind == 4) d = sbx_rng_unit(s);              /* interval coefficients */
        x[j] = (sbx_ivd){m - r, m + r};
        c[j] = (sbx_ivd){v, v + d};
    }
}

static void ranges_are_exact_but_for_rounding(void **state)
{
    (void)state;
    for (long r = 0; r < test_rounds(400); r++) {
        const uint64_t seed = test_seed() + (uint64_t)r;
        uint64_t s = seed;
        const size_t n = 1 + sbx_rng(&s) % (r % 8 ? 7 : N_MAX);
        sbx_ivd x[N_MAX], c[N_MAX], z, g;
        draw(x, c, n, &s);
        assert_ok(sbx_softmax_functional_ivd(&z, c, x, n, NULL, err));
        assert_ok(sbx_softmax_functional_generic_ivd(&g, c, x, n, NULL, err));
        if (judge(z, x, c, n, true) || judge(g, x, c, n, false))
            fail_msg("SBX_SEED=%llu n=%zu: [%a, %a], generic [%a, %a]", (unsigned long long)seed, n,
                     z.lo, z.hi, g.lo, g.hi);
    }
    for (long r = 0; r < test_rounds(3); r++) {
        uint64_t s = test_seed() + (uint64_t)r;
        const size_t n = 60 + 70 * (size_t)(r % 3);
        sbx_ivd x[200], c[200], z;
        draw(x, c, n, &s);
        assert_ok(sbx_softmax_functional_ivd(&z, c, x, n, NULL, err));
        if (judge(z, x, c, n, true)) fail_msg("n=%zu: [%a, %a]", n, z.lo, z.hi);
    }
}

/* the corner that no single shift serves: exponents from e^-10000 to e^0 */
static void wide_boxes_keep_their_scale(void **state)
{
    const sbx_ivd x[2] = {{-5000, -4999}, {-10000, 0}}, c[2] = {{1, 1}, {0, 0}};
    const sbx_ivd y[3] = {{-HUGE_VAL, 0}, {-1, 1}, {-HUGE_VAL, 5}}, d[3] = {{1, 1}, {2, 2}, {3, 3}};
    const sbx_ivd far[2] = {{-2e6, 2e6}, {-2e6, -2e6}}, e[2] = {{-1, -1}, {0, 0}};
    const sbx_ivd equal[3] = {{7, 7}, {7, 7}, {7, 7}};
    sbx_ivd z;
    (void)state;
    assert_ok(sbx_softmax_functional_ivd(&z, c, x, 2, NULL, err));
    assert_int_equal(judge(z, x, c, 2, false), 0);
    assert_true(z.hi >= 1.0 && z.hi <= 1.0 && z.lo >= 0.0 && z.lo < 1e-200);
    assert_ok(sbx_softmax_functional_ivd(&z, e, far, 2, NULL, err));
    assert_int_equal(judge(z, far, e, 2, false), 0);
    assert_true(z.hi >= -0.5 && z.hi <= -0.4999999999999999);
    assert_ok(sbx_softmax_functional_ivd(&z, d, y, 3, NULL, err)); /* [L-SMX-11] */
    assert_int_equal(judge(z, y, d, 3, true), 0);
    assert_ok(sbx_softmax_functional_ivd(&z, equal, y, 3, NULL, err)); /* [L-SMX-10] */
    assert_true(z.lo >= 7 && z.hi <= 7);
}

static void judge_ivq(const sbx_ivd *x, const sbx_ivd *c, size_t n, uint64_t seed)
{
    sbx_ivq xq[N_MAX], cq[N_MAX], zq;
    mpfr_t lo, hi;
    sbx_ivd z;
    mpfr_inits2(53, lo, hi, (mpfr_ptr)0);
    sbx_ivq_init(&zq, NULL);
    for (size_t j = 0; j < n; j++) {
        sbx_ivq_init(&xq[j], NULL);
        sbx_ivq_init(&cq[j], NULL);
        mpq_set_d(xq[j].lo, x[j].lo);
        mpq_set_d(xq[j].hi, x[j].hi);
        mpq_set_d(cq[j].lo, c[j].lo);
        mpq_set_d(cq[j].hi, c[j].hi);
    }
    assert_ok(sbx_softmax_functional_ivq(&zq, cq, xq, n, NULL, err));
    mpfr_set_q(lo, zq.lo, MPFR_RNDD);
    mpfr_set_q(hi, zq.hi, MPFR_RNDU);
    z = (sbx_ivd){mpfr_get_d(lo, MPFR_RNDD), mpfr_get_d(hi, MPFR_RNDU)};
    if (judge(z, x, c, n, true)) fail_msg("SBX_SEED=%llu ivq n=%zu", (unsigned long long)seed, n);
    for (size_t j = 0; j < n; j++) {
        sbx_ivq_clear(&xq[j]);
        sbx_ivq_clear(&cq[j]);
    }
    sbx_ivq_clear(&zq);
    mpfr_clears(lo, hi, (mpfr_ptr)0);
}

/* ivf and ivq hold the same corners; rounded outward to doubles they are as tight */
static void other_enclosures_agree(void **state)
{
    (void)state;
    for (long r = 0; r < test_rounds(60); r++) {
        const uint64_t seed = test_seed() + (uint64_t)r;
        uint64_t s = seed;
        const size_t n = 1 + sbx_rng(&s) % 6;
        sbx_ivd x[N_MAX], c[N_MAX], z;
        sbx_ivf xf[N_MAX], cf[N_MAX], zf;
        draw(x, c, n, &s);
        sbx_ivf_init(&zf, NULL);
        for (size_t j = 0; j < n; j++) {
            sbx_ivf t;
            sbx_ivf_init(&t, NULL);
            sbx_ivf_init(&xf[j], NULL);
            sbx_ivf_init(&cf[j], NULL);
            assert_ok(sbx_ivf_set_d(&xf[j], x[j].lo, NULL, err));
            assert_ok(sbx_ivf_set_d(&t, x[j].hi, NULL, err));
            assert_ok(sbx_ivf_hull(&xf[j], &xf[j], &t, NULL, err));
            assert_ok(sbx_ivf_set_d(&cf[j], c[j].lo, NULL, err));
            assert_ok(sbx_ivf_set_d(&t, c[j].hi, NULL, err));
            assert_ok(sbx_ivf_hull(&cf[j], &cf[j], &t, NULL, err));
            sbx_ivf_clear(&t);
        }
        assert_ok(sbx_softmax_functional_ivf(&zf, cf, xf, n, NULL, err));
        /* rounded outward to doubles, a range that the reference accepts */
        z = (sbx_ivd){mpfr_get_d(zf.lo, MPFR_RNDD), mpfr_get_d(zf.hi, MPFR_RNDU)};
        if (judge(z, x, c, n, true)) fail_msg("SBX_SEED=%llu n=%zu", (unsigned long long)seed, n);
        if (x[0].hi - x[0].lo < 50 && fabs(x[0].lo) < 1e5) judge_ivq(x, c, n, seed);
        for (size_t j = 0; j < n; j++) {
            sbx_ivf_clear(&xf[j]);
            sbx_ivf_clear(&cf[j]);
        }
        sbx_ivf_clear(&zf);
    }
}

static void bad_input_is_refused(void **state)
{
    sbx_ivd x[2] = {{0, 1}, {0, 1}}, c[2] = {{0, 1}, {0, HUGE_VAL}}, z = {7, 7};
    (void)state;
    assert_status(SBX_ERR_ARG, sbx_softmax_functional_ivd(&z, c, x, 2, NULL, err));
    assert_status(SBX_ERR_ARG, sbx_softmax_functional_ivd(&z, c, x, 0, NULL, err));
    c[1].hi = 3;
    x[1].hi = HUGE_VAL;
    assert_status(SBX_ERR_ARG, sbx_softmax_functional_ivd(&z, c, x, 2, NULL, err));
    assert_true(z.lo >= 7 && z.hi <= 7);
    /* coefficients at the edge of the doubles: an answer, never a NaN */
    x[1].hi = 1;
    c[0] = (sbx_ivd){-1.7e308, -1.7e308};
    c[1] = (sbx_ivd){1.7e308, 1.7e308};
    assert_ok(sbx_softmax_functional_ivd(&z, c, x, 2, NULL, err));
    assert_int_equal(judge(z, x, c, 2, false), 0);
}

static void print_worst(void **state)
{
    (void)state;
    print_message("worst end: %.1f u sum |c| p\n", worst);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_exact_but_for_rounding),
        cmocka_unit_test(other_enclosures_agree),
        cmocka_unit_test(print_worst),
        cmocka_unit_test(wide_boxes_keep_their_scale),
        cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests_name("functional", tests, NULL, NULL);
}
