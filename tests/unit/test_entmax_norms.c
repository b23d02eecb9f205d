/* test_entmax_norms.c -- entmax's Lipschitz constants 2 -> 2 and inf -> 1: no weights have more, an ascent
 * comes near, and the change of sign that the first rests on is seen on grids.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <math.h>

#include "softbox/study.h"
#include "study/study.h"

#define D_MAX 160

static sbx_cell cell;

static void ask(const char *name, size_t d, sbx_ell p, sbx_ell q)
{
    const sbx_study_question a = {.quantity = SBX_LIPSCHITZ, .d = d, .p = p, .q = q};
    assert_ok(sbx_study_quantity(&cell, name, &a, NULL, err));
    assert_int_equal(cell.kind, SBX_CELL_NUMBER);
    assert_true(cell.reached);
    assert_true(mpq_get_d(cell.hi) - mpq_get_d(cell.lo) <= 1e-12);
}

static const struct {
    const char *name;
    double b; /* 2 - alpha */
} all[] = {{"entmax-1.5", 0.5},
           {"entmax:alpha=5/4", 0.75},
           {"entmax:alpha=7/4", 0.25},
           {"entmax:alpha=19/10", 0.1},
           {"entmax:alpha=101/100", 0.99}};
#define ALL (sizeof all / sizeof *all)

/* random weights, of many shapes; s = f^b */
static void weights(double *s, size_t d, double b, uint64_t *r)
{
    const double shape = test_uniform(r, 0.2, 8);
    double sum = 0;
    for (size_t i = 0; i < d; i++)
        sum += s[i] = pow(test_uniform(r, 0.001, 1), shape);
    if (sbx_rng(r) % 3 == 0) { /* one or two against equal others */
        const size_t k = 1 + sbx_rng(r) % 2;
        const double w = test_uniform(r, 0.02, 0.9);
        for (size_t i = 0; i < d; i++)
            s[i] = i < k ? w / (double)k : (1 - w) / (double)(d - k);
        sum = d > k ? 1 : w;
    }
    for (size_t i = 0; i < d; i++)
        s[i] = pow(s[i] / sum, b);
}

/* z = J v */
static void times(double *z, const double *s, const double *v, size_t d)
{
    double sum = 0, mean = 0;
    for (size_t i = 0; i < d; i++) {
        sum += s[i];
        mean += s[i] * v[i];
    }
    for (size_t i = 0; i < d; i++)
        z[i] = s[i] * (v[i] - mean / sum);
}

/* [L-NRM-88] */
static void two_to_two(void **state)
{
    static const size_t dim[] = {2, 3, 4, 7, 12, 30, 122, 160};
    uint64_t r = test_seed();
    (void)state;
    for (size_t k = 0; k < ALL; k++)
        for (size_t m = 0; m < sizeof dim / sizeof *dim; m++) {
            const size_t d = dim[m];
            double most = 0;
            ask(all[k].name, d, SBX_L2, SBX_L2);
            for (long t = test_rounds(d > 20 ? 30 : 150); t-- > 0;) {
                double s[D_MAX], v[D_MAX], z[D_MAX], length = 0;
                weights(s, d, all[k].b, &r);
                for (size_t i = 0; i < d; i++)
                    v[i] = test_uniform(&r, -1, 1) * (i == 0 ? (double)d : 1);
                for (int round = 0; round < 60; round++) { /* powers of J: from below */
                    times(z, s, v, d);
                    length = 0;
                    for (size_t i = 0; i < d; i++)
                        length += z[i] * z[i];
                    length = sqrt(length);
                    for (size_t i = 0; i < d && length > 0; i++)
                        v[i] = z[i] / length;
                }
                times(z, s, v, d);
                length = 0;
                for (size_t i = 0; i < d; i++)
                    length += v[i] * z[i];
                most = fmax(most, length);
            }
            if (!(most <= mpq_get_d(cell.hi) * (1 + 1e-12)))
                fail_msg("%s, d = %zu: %.15g above %.15g", all[k].name, d, most,
                         mpq_get_d(cell.hi));
            if (d <= 4 && test_rounds(150) >= 150 && !(most >= 0.8 * mpq_get_d(cell.lo)))
                fail_msg("%s, d = %zu: %g far below %g", all[k].name, d, most, mpq_get_d(cell.lo));
        }
    ask("entmax-1.5", 122, SBX_L2,
        SBX_L2); /* more than 2^(alpha - 2), and than the entry 132/185 */
    assert_true(mpq_cmp_si(cell.lo, 132, 185) > 0);
}

/* The same constant as a maximum of |w|_2^2 over sum w = 0, |w|_q = 1, by an ascent that never falls: it stops
 * nowhere above, and somewhere at the constant. [L-NRM-88] */
static void ascent(void **state)
{
    static const size_t dim[] = {2, 3, 5, 9, 20, 50};
    uint64_t r = test_seed();
    (void)state;
    for (size_t k = 0; k < ALL - 1; k++)
        for (size_t m = 0; m < sizeof dim / sizeof *dim; m++) {
            const size_t d = dim[m];
            const double q = 2 / (1 + all[k].b), e = 1 / (q - 1);
            double most = 0;
            ask(all[k].name, d, SBX_L2, SBX_L2);
            for (long t = test_rounds(12); t-- > 0;) {
                double w[D_MAX], two = 0, sum = 0;
                for (size_t i = 0; i < d; i++)
                    w[i] = test_uniform(&r, -1, 1) * (t % 3 == 0 && i < 2   ? 9
                                                      : t % 3 == 1 && i < 1 ? 9
                                                                            : 1);
                for (int round = 0; round < 150; round++) {
                    double lo = HUGE_VAL, hi = -HUGE_VAL, length = 0;
                    for (size_t i = 0; i < d; i++) {
                        lo = fmin(lo, w[i]);
                        hi = fmax(hi, w[i]);
                    }
                    for (int h = 0; h < 70; h++) { /* c with sum sign(w - c) |w - c|^e = 0 */
                        const double c = (lo + hi) / 2;
                        double f = 0;
                        for (size_t i = 0; i < d; i++)
                            f += copysign(pow(fabs(w[i] - c), e), w[i] - c);
                        if (f > 0)
                            lo = c;
                        else
                            hi = c;
                    }
                    for (size_t i = 0; i < d; i++) {
                        w[i] = copysign(pow(fabs(w[i] - lo), e), w[i] - lo);
                        length += pow(fabs(w[i]), q);
                    }
                    for (size_t i = 0; i < d; i++)
                        w[i] /= pow(length, 1 / q);
                }
                for (size_t i = 0; i < d; i++) {
                    two += w[i] * w[i];
                    sum += w[i];
                }
                if (fabs(sum) < 1e-9) most = fmax(most, two);
            }
            if (!(most <= mpq_get_d(cell.hi) * (1 + 1e-8)))
                fail_msg("%s, d = %zu: %.15g above %.15g", all[k].name, d, most,
                         mpq_get_d(cell.hi));
            if (test_rounds(12) >= 12 && !(most >= mpq_get_d(cell.lo) * (1 - 1e-6)))
                fail_msg("%s, d = %zu: %.10g below %.10g", all[k].name, d, most,
                         mpq_get_d(cell.lo));
        }
}

/* (1 - t^rho) / (1 - t) - (1 + z^rho) / (1 + z), z = 1 + n t: on a grid its sign changes once, upwards [L-NRM-88] */
static void one_turn(void **state)
{
    calc c = {.ctx = {.prec = 160}, .err = err};
    (void)state;
    for (long k = 1; k < 60; k++) {
        const double rho = (double)k / 60;
        mpq_t v;
        mpq_init(v);
        mpq_set_si(v, k, 60);
        mpq_canonicalize(v);
        assert_true(sbx_study_one_turn(&c, v));
        mpq_clear(v);
        for (double n = 1; n < 1e6; n *= 7) {
            int before = -1;
            for (double s = 60; s > 0.01; s *= 0.97) {
                const double t = exp(-2 * s), z = 1 + n * t;
                const double f =
                    -expm1(-2 * rho * s) / -expm1(-2 * s) - (1 + pow(z, rho)) / (1 + z);
                if (fabs(f) < 1e-13) continue;
                assert_true(before < 0 || f > 0);
                before = f > 0 ? 1 : -1;
            }
        }
    }
}

/* all signs, for given weights: 4 A B / (A + B); no more than the constant, which two levels of weights have
 * [L-NRM-89] */
static void inf_to_one(void **state)
{
    uint64_t r = test_seed();
    (void)state;
    for (size_t k = 0; k < ALL; k++)
        for (size_t d = 2; d <= 7; d++) {
            const double n = (double)(d / 2), l = (double)d - n, b = all[k].b;
            double most = 0, two = 0;
            ask(all[k].name, d, SBX_LINF, SBX_L1);
            for (long t = test_rounds(60); t-- > 0;) {
                double s[D_MAX];
                weights(s, d, b, &r);
                for (unsigned bits = 1; bits < 1u << (d - 1); bits++) {
                    double part[2] = {0, 0};
                    for (size_t i = 0; i < d; i++)
                        part[bits >> i & 1] += s[i];
                    most = fmax(most, 4 * part[0] * part[1] / (part[0] + part[1]));
                }
            }
            for (int t = 1; t < 2000; t++) {
                const double w = t / 2000.0, x = n * pow(w / n, b), y = l * pow((1 - w) / l, b);
                two = fmax(two, 4 * x * y / (x + y));
            }
            if (!(fmax(most, two) <= mpq_get_d(cell.hi) * (1 + 1e-12)))
                fail_msg("%s, d = %zu: %.15g above %.15g", all[k].name, d, fmax(most, two),
                         mpq_get_d(cell.hi));
            assert_true(two >= mpq_get_d(cell.lo) * (1 - 1e-5));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_to_two), cmocka_unit_test(ascent),
                                       cmocka_unit_test(one_turn), cmocka_unit_test(inf_to_one)};
    int bad;
    sbx_cell_init(&cell);
    bad = cmocka_run_group_tests_name("entmax_norms", tests, NULL, NULL);
    sbx_cell_clear(&cell);
    return bad;
}
