/* test_softmax.c -- softbox/kernel.h: softmax over boxes of doubles, judged by MPFR at 300
 * bits: containment, tightness, underflow, aliasing, refusals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "reference.h"
#include "softbox/kernel.h"

typedef struct box {
    size_t n;
    double *lo, *hi;
} box;

static box box_new(size_t n)
{
    box b = {n, malloc(n * sizeof(double)), malloc(n * sizeof(double))};
    assert_non_null(b.lo);
    assert_non_null(b.hi);
    return b;
}
static void box_free(box *b)
{
    free(b->lo);
    free(b->hi);
}

static double normal(uint64_t *s)
{
    double t = -6;
    for (int i = 0; i < 12; i++)
        t += sbx_rng_unit(s);
    return t;
}

static double worst_ulp; /* over all boxes looked at */

/* Returns how many ends of softmax over b are wrong or looser than promised. */
static size_t judge(const box *b,
                    sbx_status (*f)(sbx_ivd *, const sbx_ivd *, size_t, const sbx_ctx *, sbx_err *),
                    bool tight, const char *what)
{
    sbx_ivd *x = malloc(b->n * sizeof *x);
    mpfr_t *lo = malloc(b->n * sizeof *lo), *hi = malloc(b->n * sizeof *hi);
    size_t bad = 0;
    for (size_t j = 0; j < b->n; j++)
        x[j] = (sbx_ivd){b->lo[j], b->hi[j]};
    ref_softmax(lo, hi, b->lo, b->hi, b->n);
    assert_ok(f(x, x, b->n, NULL, err)); /* the output may be the input */
    for (size_t i = 0; i < b->n; i++) {
        /* containment [L-SMX-01, L-SMX-03, L-SMX-04, L-SMX-05, L-SMX-06,
         * L-SMX-11, L-SMX-22, L-SMX-23] */
        bool ok = mpfr_cmp_d(lo[i], x[i].lo) >= 0 && mpfr_cmp_d(hi[i], x[i].hi) <= 0;
        ok = ok && x[i].lo >= 0.0 && x[i].hi <= 1.0 && x[i].hi > 0.0; /* [L-SMX-02] */
        if (tight) { /* within 64 ulp from 2^-890 on; [0, tiny] below [L-SMX-07] */
            for (int k = 0; k < 2; k++) {
                const double v = k ? x[i].hi : x[i].lo;
                if (mpfr_cmp_d(k ? hi[i] : lo[i], 0x1p-890) >= 0) {
                    const double u = ref_ulps(v, k ? hi[i] : lo[i]);
                    if (u > worst_ulp) worst_ulp = u;
                    ok = ok && u <= 64.0;
                } else {
                    ok = ok && v <= 0x1p-890;
                }
            }
        }
        if (!ok && bad++ < 3)
            print_message("%s n=%zu i=%zu: [%a, %a], box [%a, %a], exact [%.17g, %.17g]\n", what,
                          b->n, i, x[i].lo, x[i].hi, b->lo[i], b->hi[i],
                          mpfr_get_d(lo[i], MPFR_RNDN), mpfr_get_d(hi[i], MPFR_RNDN));
        mpfr_clear(lo[i]);
        mpfr_clear(hi[i]);
    }
    free(lo);
    free(hi);
    free(x);
    return bad;
}

/* the distributions: centre, spread, width */
static void fill(box *b, int kind, uint64_t *s)
{
    static const double widths[] = {0.0, 1e-300, 1e-15, 0.01, 1.0, 30.0, 1e3, 1e4};
    const double w = widths[sbx_rng(s) % 8];
    for (size_t j = 0; j < b->n; j++) {
        double c = normal(s), r = w * sbx_rng_unit(s);
        switch (kind) {
        case 1: c *= 10; break;
        case 2: c *= 100; break;
        case 3: c += 500; break;
        case 4: c += j == b->n / 2 ? 60 : 0; break;
        case 5: c += j == b->n / 3 ? 2000 : 0; break;
        case 6: r = 0; break;
        case 7:
            c = c * 1e-3 + 9.9e5;
            r = r > 1e4 ? 1e4 : r;
            break;
        case 8: c = -9.8e5 + c; break;
        case 9:
            c *= 300;
            r = sbx_rng(s) % 3 ? r : 1e4;
            break;
        case 10: c = (double)(sbx_rng(s) % 3) * 0.25; break;           /* ties */
        case 11: c = j < 2 ? 50 + c : c; break;                        /* two dominant */
        case 12: c = j % 2 ? -620.0 - 10 * sbx_rng_unit(s) : 0; break; /* near the flush */
        default: break;
        }
        b->lo[j] = c - r;
        b->hi[j] = c + r;
        if (b->n > 1 && (kind == 14 || (kind == 13 && sbx_rng(s) % 2))) b->lo[j] = -HUGE_VAL;
    }
}
#define KINDS 15

static void every_extreme_is_enclosed(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 10, 17, 255, 256, 257, 1000};
    const long rounds = test_rounds(4);
    size_t bad = 0;
    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int kind = 0; kind < KINDS; kind++)
            for (long r = 0; r < (sizes[k] < 100    ? 20 * rounds
                                  : sizes[k] < 1000 ? rounds
                                                    : 2);
                 r++) {
                const uint64_t seed = test_seed() + (uint64_t)r * 977 + (uint64_t)kind;
                uint64_t s = seed;
                box b = box_new(sizes[k]);
                char what[80];
                fill(&b, kind, &s);
                (void)snprintf(what, sizeof what, "SBX_SEED=%llu kind %d", (unsigned long long)seed,
                               kind);
                bad += judge(&b, sbx_softmax_ivd, true, what);
                box_free(&b);
            }
    print_message("worst end: %.1f ulp\n", worst_ulp);
    assert_int_equal(bad, 0);
}

/* Wide logits, on which a flush at 2^-900 would be wrong [L-SMX-07]; and sums of many equal
 * terms, which lose n u without compensation [L-FP-04]. */
static void large_sums_are_enclosed(void **state)
{
    static const double equal[] = {0.3, 0.1, -0.2, 0.77};
    size_t bad = 0;
    (void)state;
    for (int kind = 0; kind < 7; kind++) {
        uint64_t s = test_seed() + 5;
        box b = box_new(test_rounds(1) >= 10 && kind < 4 ? 1000000 : 40000);
        for (size_t j = 0; j < b.n; j++) {
            double v = 100 * normal(&s) * (kind + 1);
            if (kind == 2) v = j ? -623.0 - 1.5 * sbx_rng_unit(&s) : 0;
            if (kind >= 3) v = equal[kind - 3]; /* rounding errors of one sign add up */
            b.lo[j] = b.hi[j] = v;
        }
        bad += judge(&b, sbx_softmax_ivd, true, "large");
        box_free(&b);
    }
    assert_int_equal(bad, 0);
}

/* boxes on which popular formulas go wrong; the values by hand or from the reference */
static void crafted_boxes(void **state)
{
    static const struct {
        size_t n;
        double lo[3], hi[3];
    } c[] = {
        {2, {-60, -40}, {0, -40}},
        {2, {-60, -30}, {0, -30}},
        {2, {-100, 0}, {100, 0}},
        {3, {-10, -17, -17}, {10, -17, -10}},
        {2, {4, 15}, {16, 27}},
        {2, {0, 0}, {1e4, 0}},
        {2, {-1e4, -1e4}, {1e4, 1e4}},
        {3, {-1e6, 0, 0}, {1e6, 0, 1}},
        {2, {1000, 0}, {1000, 0}},
        {3, {-2e6, 0.1, 600.1234567}, {-2e6, 0.1, 600.1234567}},
        {2, {1e9, 1e9 - 1}, {1e9, 1e9}},
        {2, {-1e300, 1e300}, {-1e300, 1e300}},
        {3, {1e15, -HUGE_VAL, 1e15}, {1e15 + 1, 1e15 + 2, 1e15}},
        {3, {0, 0, 0}, {0, 0, 0}},
    };
    size_t bad = 0;
    (void)state;
    for (size_t k = 0; k < sizeof c / sizeof *c; k++) {
        box b = box_new(c[k].n);
        memcpy(b.lo, c[k].lo, c[k].n * sizeof(double));
        memcpy(b.hi, c[k].hi, c[k].n * sizeof(double));
        bad += judge(&b, sbx_softmax_ivd, true, "crafted");
        bad += judge(&b, sbx_softmax_generic_ivd, false, "crafted, generic");
        box_free(&b);
    }
    assert_int_equal(bad, 0);
    {
        const sbx_ivd x[2] = {{-60, 0}, {-40, -40}};
        sbx_ivd p[2];
        assert_ok(sbx_softmax_ivd(p, x, 2, NULL, err));
        assert_true(p[1].hi >= 0.9999999979388463 && p[1].hi <= 0.99999999794);
        assert_true(p[1].lo >= 4.24835425529e-18 && p[1].lo <= 4.2483542552916e-18);
    }
}

/* Is q above (below) the exact value of which z has 300 bits, relative error 2^-290? */
static bool q_above(mpq_srcptr q, const mpfr_t z)
{
    bool r;
    mpfr_t t;
    mpfr_init2(t, REF_PREC);
    mpfr_mul_2si(t, z, -290, MPFR_RNDU);
    mpfr_add(t, z, t, MPFR_RNDU);
    r = mpfr_cmp_q(t, q) < 0;
    mpfr_clear(t);
    return r;
}
static bool q_below(mpq_srcptr q, const mpfr_t z)
{
    bool r;
    mpfr_t t;
    mpfr_init2(t, REF_PREC);
    mpfr_mul_2si(t, z, -290, MPFR_RNDU);
    mpfr_sub(t, z, t, MPFR_RNDD);
    r = mpfr_cmp_q(t, q) > 0;
    mpfr_clear(t);
    return r;
}

/* the template in ivd, ivf, ivq holds the same reference */
static void generic_instances_enclose(void **state)
{
    size_t bad = 0;
    (void)state;
    for (long r = 0; r < test_rounds(60); r++) {
        const uint64_t seed = test_seed() + (uint64_t)r;
        uint64_t s = seed;
        const size_t n = 1 + sbx_rng(&s) % 9;
        box b = box_new(n);
        mpfr_t *lo = malloc(n * sizeof *lo), *hi = malloc(n * sizeof *hi);
        sbx_ivf *xf = malloc(n * sizeof *xf);
        sbx_ivq *xq = malloc(n * sizeof *xq);
        const int kind = (int)(sbx_rng(&s) % KINDS);
        bool inf = false, wide = false;
        fill(&b, kind, &s);
        bad += judge(&b, sbx_softmax_generic_ivd, false, "generic");
        ref_softmax(lo, hi, b.lo, b.hi, n);
        for (size_t j = 0; j < n; j++) {
            sbx_ivf t;
            sbx_ivf_init(&xf[j], NULL);
            sbx_ivf_init(&t, NULL);
            sbx_ivq_init(&xq[j], NULL);
            assert_ok(sbx_ivf_set_d(&xf[j], b.hi[j], NULL, err));
            if (b.lo[j] < -1e300) {
                inf = true;
                assert_ok(sbx_ivf_set_below(&xf[j], &xf[j], err));
            } else {
                assert_ok(sbx_ivf_set_d(&t, b.lo[j], NULL, err));
                assert_ok(sbx_ivf_hull(&xf[j], &xf[j], &t, NULL, err));
                mpq_set_d(xq[j].lo, b.lo[j]);
                mpq_set_d(xq[j].hi, b.hi[j]);
            }
            wide = wide || b.hi[j] - b.lo[j] > 100;
            sbx_ivf_clear(&t);
        }
        assert_ok(sbx_softmax_ivf(xf, xf, n, NULL, err));
        for (size_t j = 0; j < n; j++) { /* 128 bits: relative 2^-110 */
            mpfr_t d;
            mpfr_init2(d, REF_PREC);
            bad += mpfr_cmp(xf[j].lo, lo[j]) > 0 || mpfr_cmp(xf[j].hi, hi[j]) < 0;
            mpfr_sub(d, xf[j].hi, hi[j], MPFR_RNDN);
            mpfr_div(d, d, hi[j], MPFR_RNDN);
            bad += mpfr_cmp_d(d, 0x1p-100) > 0;
            mpfr_clear(d);
        }
        if (!inf && !wide && kind != 5 && kind != 2 && kind != 9) {
            assert_ok(sbx_softmax_ivq(xq, xq, n, NULL, err));
            for (size_t j = 0; j < n; j++)
                bad +=
                    q_above(xq[j].lo, lo[j]) || q_below(xq[j].hi, hi[j]) || mpq_sgn(xq[j].lo) < 0;
        }
        if (bad) print_message("SBX_SEED=%llu kind %d n %zu\n", (unsigned long long)seed, kind, n);
        assert_int_equal(bad, 0);
        for (size_t j = 0; j < n; j++) {
            mpfr_clear(lo[j]);
            mpfr_clear(hi[j]);
            sbx_ivf_clear(&xf[j]);
            sbx_ivq_clear(&xq[j]);
        }
        free(lo);
        free(hi);
        free(xf);
        free(xq);
        box_free(&b);
    }
}

/* Is the exact value of which v is an approximation to 2^-250 above z.hi (below z.lo)? */
static bool outside(const mpfr_t v, sbx_ivd z, int high)
{
    mpfr_t t;
    bool r;
    mpfr_init2(t, REF_PREC);
    mpfr_set_d(t, high ? -0x1p-250 : 0x1p-250, MPFR_RNDN);
    mpfr_add(t, t, v, high ? MPFR_RNDD : MPFR_RNDU);
    r = high ? mpfr_cmp_d(t, z.hi) > 0 : mpfr_cmp_d(t, z.lo) < 0;
    mpfr_clear(t);
    return r;
}

/* lse and log-softmax, doubles, against MPFR [L-SMX-12] */
static void lse_and_log_softmax_enclose(void **state)
{
    size_t bad = 0;
    (void)state;
    for (long r = 0; r < test_rounds(300); r++) {
        uint64_t s = test_seed() + (uint64_t)r;
        const size_t n = 1 + sbx_rng(&s) % 7;
        box b = box_new(n);
        sbx_ivd x[8], z, q[8];
        mpfr_t e, sum, t;
        fill(&b, (int)(sbx_rng(&s) % 13), &s);
        for (size_t j = 0; j < n; j++)
            x[j] = (sbx_ivd){b.lo[j], b.hi[j]};
        assert_ok(sbx_lse_ivd(&z, x, n, NULL, err));
        assert_ok(sbx_log_softmax_ivd(q, x, n, NULL, err));
        mpfr_inits2(REF_PREC, e, sum, t, (mpfr_ptr)0);
        for (int k = 0; k < 2; k++) {
            mpfr_set_zero(sum, 1);
            for (size_t j = 0; j < n; j++) {
                ref_exp(e, k ? b.hi[j] : b.lo[j]);
                mpfr_add(sum, sum, e, MPFR_RNDN);
            }
            mpfr_log(sum, sum, MPFR_RNDN);
            bad += outside(sum, z, k);
            if (!(fabs(mpfr_get_d(sum, MPFR_RNDN) - (k ? z.hi : z.lo)) <=
                  1e-13 * (1 + fabs(z.lo) + fabs(z.hi))))
                bad++;
            for (size_t i = 0; i < n; i++) { /* own end k, the others 1 - k */
                mpfr_set_zero(sum, 1);
                for (size_t j = 0; j < n; j++) {
                    ref_exp(e, (k == 1) == (i == j) ? b.hi[j] : b.lo[j]);
                    mpfr_add(sum, sum, e, MPFR_RNDN);
                }
                mpfr_log(sum, sum, MPFR_RNDN);
                mpfr_d_sub(t, k ? b.hi[i] : b.lo[i], sum, MPFR_RNDN);
                bad += outside(t, q[i], k);
                if (!(fabs(mpfr_get_d(t, MPFR_RNDN) - (k ? q[i].hi : q[i].lo)) <=
                      1e-13 * (1 + fabs(z.lo) + fabs(z.hi) + fabs(q[i].lo))))
                    bad++;
            }
        }
        if (bad) {
            print_message("SBX_SEED=%llu lse [%.17g, %.17g]\n",
                          (unsigned long long)test_seed() + (unsigned long long)r, z.lo, z.hi);
            for (size_t j = 0; j < n; j++)
                print_message("  x [%a, %a]  q [%.17g, %.17g]\n", x[j].lo, x[j].hi, q[j].lo,
                              q[j].hi);
        }
        assert_int_equal(bad, 0);
        mpfr_clears(e, sum, t, (mpfr_ptr)0);
        box_free(&b);
    }
}

/* an own lower end of -inf leaves the upper end as it was [L-SMX-11] */
static void log_softmax_without_a_lower_end(void **state)
{
    const sbx_ivd x[3] = {{-HUGE_VAL, 0}, {-1, 1}, {-HUGE_VAL, 2}};
    sbx_ivd q[3];
    (void)state;
    assert_ok(sbx_log_softmax_ivd(q, x, 3, NULL, err));
    assert_true(q[0].lo < -1e300 && q[2].lo < -1e300);
    /* -log(1 + e^-1), and -1 - log(e^-1 + 1 + e^2) */
    assert_true(q[0].hi >= -0.3132616875182229 && q[0].hi <= -0.31326168751822);
    assert_true(q[1].lo >= -3.16984602 && q[1].lo <= -3.1698460195562856);
    assert_true(q[1].hi >= 0 && q[1].hi <= 0);
}

static void bad_input_is_refused(void **state)
{
    sbx_ivd x[2] = {{0, 1}, {0, 1}}, p[2] = {{7, 7}, {7, 7}};
    sbx_mpq q;
    (void)state;
    assert_status(SBX_ERR_ARG, sbx_softmax_ivd(p, x, 0, NULL, err));
    x[1] = (sbx_ivd){0, HUGE_VAL};
    assert_status(SBX_ERR_ARG, sbx_softmax_ivd(p, x, 2, NULL, err));
    x[1] = (sbx_ivd){(double)NAN, 1};
    assert_status(SBX_ERR_ARG, sbx_softmax_ivd(p, x, 2, NULL, err));
    x[1] = (sbx_ivd){2, 1};
    assert_status(SBX_ERR_ARG, sbx_softmax_ivd(p, x, 2, NULL, err));
    assert_true(p[0].lo >= 7 && p[1].hi <= 7); /* untouched, as documented */
    sbx_mpq_init(&q, NULL);
    assert_status(SBX_ERR_UNSUPPORTED, sbx_softmax_mpq(&q, &q, 1, NULL, err));
    assert_non_null(strstr(err->msg, "softmax"));
    assert_non_null(strstr(err->msg, "ivq"));
    sbx_mpq_clear(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_extreme_is_enclosed),
        cmocka_unit_test(large_sums_are_enclosed),
        cmocka_unit_test(crafted_boxes),
        cmocka_unit_test(generic_instances_enclose),
        cmocka_unit_test(lse_and_log_softmax_enclose),
        cmocka_unit_test(log_softmax_without_a_lower_end),
        cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests_name("softmax", tests, NULL, NULL);
}
