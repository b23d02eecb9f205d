/* test_relax_exp.c -- relax/exp.h: the fast enclosures of e^x, (1 - e^{-w})/w and log x hold
 * the values that MPFR gives, and are narrow.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/exp.h"

#include "sbx_test.h"

#include <mpfr.h>

typedef sbx_status (*op)(sbx_ivd *, const sbx_ivd *, const sbx_ctx *, sbx_err *);

static void true_exp(mpfr_t y, mpfr_rnd_t rnd) { mpfr_exp(y, y, rnd); }
static void true_log(mpfr_t y, mpfr_rnd_t rnd) { mpfr_log(y, y, rnd); }
static void true_decay(mpfr_t y, mpfr_rnd_t rnd)
{
    mpfr_t d;
    mpfr_init2(d, 400);
    mpfr_neg(d, y, MPFR_RNDN);
    mpfr_expm1(d, d, rnd == MPFR_RNDD ? MPFR_RNDU : MPFR_RNDD);
    mpfr_neg(d, d, MPFR_RNDN);
    mpfr_div(y, d, y, rnd);
    mpfr_clear(d);
}

static const struct {
    const char *name;
    op f;
    void (*exact)(mpfr_t, mpfr_rnd_t);
    double from, to, rel, abs; /* width at a point, at most rel |v| + abs */
    bool powers, falls;        /* x = 10^[from, to]; decreasing */
} fns[] = {
    {"exp", exp_ivd, true_exp, -1000, 700, 1e-15, 0x1p-1074, false, false}, /* [L-EXP-05] */
    {"decay", decay_ivd, true_decay, -300, 3, 3e-15, 0, true, true},        /* [L-RLX-25] */
    {"decay", decay_ivd, true_decay, -2, 1, 3e-15, 0, true, true},
    {"log", log_ivd, true_log, -300, 300, 2e-15, 2e-15, true, false}, /* [L-RLX-26] */
    {"log", log_ivd, true_log, -1, 1, 2e-15, 2e-15, true, false},
};

static void enclosures_hold(void **state)
{
    (void)state;
    for (size_t j = 0; j < sizeof fns / sizeof fns[0]; j++)
        for (long k = 0; k < test_rounds(20000); k++) {
            const uint64_t seed = test_seed() + (uint64_t)k;
            uint64_t s = seed;
            const double t = test_uniform(&s, fns[j].from, fns[j].to);
            const double v = fns[j].powers ? pow(10.0, t) : t;
            const bool wide = sbx_rng(&s) % 2 == 0;
            const sbx_ivd x = {v, wide ? v + fabs(v) * sbx_rng_unit(&s) * 1e-3 : v};
            bool good;
            sbx_ivd z;
            mpfr_t lo, hi;
            mpfr_inits2(400, lo, hi, (mpfr_ptr)0);
            mpfr_set_d(lo, fns[j].falls ? x.hi : x.lo, MPFR_RNDN);
            mpfr_set_d(hi, fns[j].falls ? x.lo : x.hi, MPFR_RNDN);
            fns[j].exact(lo, MPFR_RNDU);
            fns[j].exact(hi, MPFR_RNDD);
            assert_ok(fns[j].f(&z, &x, NULL, err));
            good = mpfr_cmp_d(lo, z.lo) >= 0 && mpfr_cmp_d(hi, z.hi) <= 0;
            good = good && (wide || z.hi - z.lo <= fns[j].rel * fabs(z.hi) + fns[j].abs);
            if (!good)
                fail_msg("SBX_SEED=%llu %s [%.17g, %.17g]: [%.17g, %.17g]",
                         (unsigned long long)seed, fns[j].name, x.lo, x.hi, z.lo, z.hi);
            mpfr_clears(lo, hi, (mpfr_ptr)0);
        }
}

static void infinite_ends_are_bounds(void **state)
{
    const sbx_ivd wide = {-HUGE_VAL, HUGE_VAL}, above = {1.0, HUGE_VAL}, near0 = {0.0, 1.0};
    sbx_ivd z;
    (void)state;
    assert_ok(exp_ivd(&z, &wide, NULL, err));
    assert_true(z.lo <= 0 && z.hi == HUGE_VAL);
    assert_ok(decay_ivd(&z, &above, NULL, err));
    assert_true(z.lo <= 0 && z.hi >= 0.63212055882855767 && z.hi <= 1.0000001);
    assert_ok(log_ivd(&z, &near0, NULL, err));
    assert_true(z.lo == -HUGE_VAL && z.hi >= 0 && z.hi < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enclosures_hold),
        cmocka_unit_test(infinite_ends_are_bounds),
    };
    return cmocka_run_group_tests_name("relax exp", tests, NULL, NULL);
}
