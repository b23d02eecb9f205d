/* test_relax.c -- softbox/relax.h: published values of the softmax bounds, names,
 * refusals, boxes without a lower end, boxes at the edge of the doubles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "relax/softmax.h"

#include "sbx_test.h"

#include <math.h>

#define N_MAX 8

/* ---- published values ----------------------------------------------------------- */

static void ivf_set(sbx_ivf *z, double lo, double hi)
{
    mpfr_set_d(z->lo, lo, MPFR_RNDD);
    mpfr_set_d(z->hi, hi, MPFR_RNDU);
}

/* Does the enclosure, both ends rounded to as many digits as the text has behind the
 * point, read as the text? */
static void assert_digits(const char *what, const sbx_ivf *z, const char *text)
{
    const char *dot = strchr(text, '.');
    const int digits = dot ? (int)strlen(dot + 1) : 0;
    char lo[64], hi[64];
    (void)mpfr_snprintf(lo, sizeof lo, "%.*RNf", digits, z->lo);
    (void)mpfr_snprintf(hi, sizeof hi, "%.*RNf", digits, z->hi);
    if (strcmp(lo, text) != 0 || strcmp(hi, text) != 0)
        fail_msg("%s: [%s, %s], not %s", what, lo, hi, text);
}

static const struct {
    const char *what;
    size_t n;
    sbx_method m;
    double lo[3], hi[3], at[3];
    const char *lower, *upper; /* NULL: not published */
} values[] = {
    {"three logits, ER",
     3,
     SBX_METHOD_ER,
     {-1, 0, 1},
     {0, 2, 4},
     {-.5, 1, 2.5},
     "0.0114799374012417",
     NULL},
    {"three logits, LSE",
     3,
     SBX_METHOD_LSE,
     {-1, 0, 1},
     {0, 2, 3},
     {-.5, 1, 2},
     "0.0372553199645215",
     NULL},
    {"2-D at -1, ER", 2, SBX_METHOD_ER, {0, -2}, {0, 2}, {0, -1}, "0.33912", "0.85638"},
    {"2-D at 0, ER", 2, SBX_METHOD_ER, {0, -2}, {0, 2}, {0, 0}, "0.20999", "0.79001"},
    {"2-D at 1, ER", 2, SBX_METHOD_ER, {0, -2}, {0, 2}, {0, 1}, "0.15208", "0.60960"},
    {"2-D at -1, LSE", 2, SBX_METHOD_LSE, {0, -2}, {0, 2}, {0, -1}, NULL, "0.80984"},
    {"2-D at 0, LSE", 2, SBX_METHOD_LSE, {0, -2}, {0, 2}, {0, 0}, NULL, "0.66518"},
    {"2-D at 1, LSE", 2, SBX_METHOD_LSE, {0, -2}, {0, 2}, {0, 1}, NULL, "0.42904"},
    {"2-D at 1, LSE*", 2, SBX_METHOD_LSE_STAR, {0, -2}, {0, 2}, {0, 1}, "0.15208", "0.42904"},
    {"constant",
     3,
     SBX_METHOD_CONSTANT,
     {-1, -1, 1},
     {0, 0, 2},
     {0, 0, 2},
     "0.0420100661341",
     "0.244728471055"},
};

static void bounds_have_their_published_values(void **state)
{
    const sbx_ctx ctx = {.prec = 128};
    (void)state;
    for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
        const size_t n = values[k].n;
        sbx_ivf x[3], at[3], lower, upper;
        sbx_ivd xd[3], atd[3], lowd, upd;
        sbx_ivf_init(&lower, &ctx);
        sbx_ivf_init(&upper, &ctx);
        for (size_t j = 0; j < n; j++) {
            sbx_ivf_init(&x[j], &ctx);
            sbx_ivf_init(&at[j], &ctx);
            ivf_set(&x[j], values[k].lo[j], values[k].hi[j]);
            ivf_set(&at[j], values[k].at[j], values[k].at[j]);
            xd[j] = (sbx_ivd){values[k].lo[j], values[k].hi[j]};
            atd[j] = (sbx_ivd){values[k].at[j], values[k].at[j]};
        }
        assert_ok(sbx_relax_value_ivf(&lower, &upper, SBX_FN_SOFTMAX, values[k].m, 0, x, at, n,
                                      &ctx, err));
        assert_ok(sbx_relax_value(&lowd, &upd, SBX_FN_SOFTMAX, values[k].m, 0, xd, atd, n, err));
        if (values[k].lower) assert_digits(values[k].what, &lower, values[k].lower);
        if (values[k].upper) assert_digits(values[k].what, &upper, values[k].upper);
        assert_true(mpfr_cmp_d(lower.lo, lowd.lo) >= 0 && mpfr_cmp_d(lower.hi, lowd.hi) <= 0);
        assert_true(mpfr_cmp_d(upper.lo, upd.lo) >= 0 && mpfr_cmp_d(upper.hi, upd.hi) <= 0);
        for (size_t j = 0; j < n; j++) {
            sbx_ivf_clear(&x[j]);
            sbx_ivf_clear(&at[j]);
        }
        sbx_ivf_clear(&lower);
        sbx_ivf_clear(&upper);
    }
}

static const struct {
    const char *what;
    sbx_method m;
    double hi[3], at[3];
    double d0, d1; /* derivatives of the lower bound */
} gradients[] = {
    {"ER", SBX_METHOD_ER, {0, 2, 4}, {-.5, 1, 2.5}, .00563866522611671, -.000838421038124904},
    {"LSE", SBX_METHOD_LSE, {0, 2, 3}, {-.5, 1, 2}, .0358088022662949, -.00731022159696272},
};

/* over a box alone */
static sbx_status relax_box(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range, sbx_vector_fn f,
                            sbx_method m, size_t i, const sbx_ivd *x, const double *at, size_t n)
{
    const sbx_zone z = sbx_zone_box(x, n);
    return sbx_relax_vector(lower, upper, range, f, m, i, &z, at, err);
}

static void planes_have_the_published_slopes(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof gradients / sizeof gradients[0]; k++) {
        const double l[3] = {-1, 0, 1};
        double a[3], b[3];
        sbx_affine lower = {a, 0}, upper = {b, 0};
        sbx_ivd x[3], range;
        for (size_t j = 0; j < 3; j++)
            x[j] = (sbx_ivd){l[j], gradients[k].hi[j]};
        assert_ok(relax_box(&lower, &upper, &range, SBX_FN_SOFTMAX, gradients[k].m, 0, x,
                            gradients[k].at, 3));
        if (!(fabs(a[0] - gradients[k].d0) <= 1e-14 * fabs(gradients[k].d0) &&
              fabs(a[1] - gradients[k].d1) <= 1e-14 * fabs(gradients[k].d1)))
            fail_msg("%s: slopes %.17g %.17g", gradients[k].what, a[0], a[1]);
    }
}

/* The published upper values are for p in [0.2, 0.4], which is not the box's range:
 * here the range is replaced. */
static void upper_bounds_have_their_published_values(void **state)
{
    static const struct {
        sbx_method m;
        double at[3];
        const char *value, *d0, *d1;
    } want[] = {
        {SBX_METHOD_ER,
         {-.5, 1, 2.5},
         "-1.44537807948206",
         "1.96537807948206",
         "-0.358535125627045"},
        {SBX_METHOD_LSE,
         {-.5, 1, 2},
         "-0.16416540521712",
         "0.2722043151059",
         "-0.0732070154076269"},
    };
    const sbx_ctx ctx = {.prec = 128};
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        const double l[3] = {-1, 0, 1}, u[3] = {0, 2, k ? 3 : 4};
        sbx_rlx_ivf w;
        sbx_ivf x[3], at[3], v;
        mpq_t q;
        mpq_init(q);
        sbx_ivf_init(&v, &ctx);
        for (size_t j = 0; j < 3; j++) {
            sbx_ivf_init(&x[j], &ctx);
            sbx_ivf_init(&at[j], &ctx);
            ivf_set(&x[j], l[j], u[j]);
            ivf_set(&at[j], want[k].at[j], want[k].at[j]);
        }
        assert_ok(sbx_rlx_open_ivf(&w, SBX_FN_SOFTMAX, want[k].m, 0, x, at, 3, &ctx, err));
        mpq_set_ui(q, 1, 5);
        assert_ok(sbx_ivf_set_q(&w.p_lo, q, &ctx, err));
        mpq_set_ui(q, 2, 5);
        assert_ok(sbx_ivf_set_q(&w.p_up, q, &ctx, err));
        assert_ok(sbx_ivf_log(&w.s_lo, &w.p_lo, &ctx, err));
        assert_ok(sbx_ivf_log(&w.s_up, &w.p_up, &ctx, err));
        assert_ok(sbx_rlx_bound_ivf(&w, &v, want[k].m, SBX_HI, err));
        assert_digits("value", &v, want[k].value);
        assert_digits("slope 0", &w.g[0], want[k].d0);
        assert_digits("slope 1", &w.g[1], want[k].d1);
        sbx_rlx_close_ivf(&w);
        for (size_t j = 0; j < 3; j++) {
            sbx_ivf_clear(&x[j]);
            sbx_ivf_clear(&at[j]);
        }
        sbx_ivf_clear(&v);
        mpq_clear(q);
    }
}

/* ---- boxes at the edge ------------------------------------------------------------ */

static void relax_all(const sbx_ivd *x, size_t n)
{
    static const sbx_vector_fn fns[] = {SBX_FN_SOFTMAX, SBX_FN_LOG_SOFTMAX, SBX_FN_LSE};
    double a[N_MAX], b[N_MAX];
    sbx_affine lower = {a, 0}, upper = {b, 0};
    sbx_ivd range, c[N_MAX];
    for (size_t j = 0; j < n; j++)
        c[j].lo = c[j].hi = x[j].hi;
    for (size_t f = 0; f < 3; f++)
        for (sbx_method m = SBX_METHOD_INTERVAL; m <= SBX_METHOD_AUTO; m++) {
            if (!sbx_rlx_has(fns[f], m)) continue;
            for (size_t i = 0; i < n; i++) {
                sbx_ivd low, up;
                assert_ok(relax_box(&lower, &upper, &range, fns[f], m, i, x, NULL, n));
                assert_true(range.lo <= range.hi);
                assert_true(lower.cst <= HUGE_VAL && upper.cst >= -HUGE_VAL); /* no NaN */
                if (fns[f] == SBX_FN_SOFTMAX)
                    assert_true(range.lo >= 0 && range.hi <= 1 && range.hi > 0 &&
                                fabs(lower.cst) < HUGE_VAL && fabs(upper.cst) < HUGE_VAL);
                for (size_t j = 0; j < n; j++)
                    assert_true(fabs(a[j]) < HUGE_VAL && fabs(b[j]) < HUGE_VAL);
                assert_ok(sbx_relax_value(&low, &up, fns[f], m, i, x, c, n, err));
                assert_true(low.lo <= low.hi && up.lo <= up.hi);
                assert_true(range.lo <= low.hi && up.lo <= range.hi && low.lo <= up.hi);
            }
        }
}

static void no_finite_box_gives_a_nan(void **state)
{
    static const sbx_ivd boxes[][3] = {
        {{-1e6, 1e6}, {0, 0}, {1e6, 1e6}},
        {{-1e308, 1e308}, {-1e308, 1e308}, {0, 0}},
        {{1e308, 1.7e308}, {-1.7e308, -1e308}, {0, 0x1p-1074}},
        {{0, 0x1p-1074}, {-0x1p-1074, 0}, {0, 0}},
        {{1e5, 1e5 + 1e-10}, {1e5, 1e5}, {-1e5, 1e5}},
        {{-5000, 5000}, {-5000, 5000}, {-5000, 5000}},
        {{-800, -700}, {0, 0}, {0, 1e-300}},
        {{700, 720}, {0, 0}, {-720, 720}},
        {{0, 0}, {0, 0}, {0, 0}},
        {{-60, 0}, {-40, -40}, {-1e4, -1e4}},
        {{-100, 100}, {0, 0}, {-300, 300}},
        {{-10, 10}, {-17, -17}, {-17, -10}},
    };
    (void)state;
    for (size_t k = 0; k < sizeof boxes / sizeof boxes[0]; k++)
        for (size_t n = 1; n <= 3; n++)
            relax_all(boxes[k], n);
}

static void a_side_without_a_lower_end_gives_constants(void **state)
{
    const sbx_ivd boxes[][3] = {
        {{-1, 1}, {-HUGE_VAL, 2}, {0, 1}},
        {{-HUGE_VAL, 1}, {0, 2}, {0, 1}},
        {{-HUGE_VAL, 1}, {-HUGE_VAL, 2}, {-HUGE_VAL, 0}},
    };
    double a[3], b[3];
    sbx_affine lower = {a, 0}, upper = {b, 0};
    sbx_ivd range;
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (sbx_method m = SBX_METHOD_INTERVAL; m <= SBX_METHOD_AUTO; m++) {
            assert_ok(relax_box(&lower, &upper, &range, SBX_FN_SOFTMAX, m, 0, boxes[k], NULL, 3));
            for (size_t j = 0; j < 3; j++)
                assert_true(a[j] == 0 && b[j] == 0);
            assert_true(lower.cst == range.lo && upper.cst == range.hi);
            assert_true((k == 0) == (range.lo > 0) && (k == 2) == (range.hi == 1));
        }
    assert_ok(relax_box(&lower, &upper, &range, SBX_FN_LOG_SOFTMAX, SBX_METHOD_LSE, 0, boxes[1],
                        NULL, 3));
    assert_true(range.lo == -HUGE_VAL && range.hi < 0);
    assert_ok(relax_box(&lower, &upper, &range, SBX_FN_LSE, SBX_METHOD_LSE, 0, boxes[2], NULL, 3));
    assert_true(range.lo == -HUGE_VAL && range.hi > 2 && range.hi < 2.5);
}

/* ---- names, refusals, memory --------------------------------------------------------- */

static void methods_have_names(void **state)
{
    sbx_method m = SBX_METHOD_ER;
    (void)state;
    for (sbx_method k = SBX_METHOD_INTERVAL; k <= SBX_METHOD_AUTO; k++) {
        assert_ok(sbx_method_parse(&m, sbx_method_name(k), err));
        assert_int_equal(m, k);
    }
    assert_string_equal(sbx_method_name(SBX_METHOD_LSE_STAR), "lse-star");
    assert_status(SBX_ERR_ARG, sbx_method_parse(&m, "LSE", err));
    assert_status(SBX_ERR_ARG, sbx_method_parse(&m, "", err));
    assert_non_null(strstr(test_err.msg, "interval, constant, lin, er, lse, lse-star, env, l2d"));
    assert_int_equal(m, SBX_METHOD_AUTO);
}

static void bad_input_is_refused(void **state)
{
    const sbx_ivd x[2] = {{0, 1}, {0, 1}}, open[2] = {{0, 1}, {0, HUGE_VAL}};
    const sbx_ivd nan_box[2] = {{0, 1}, {(double)NAN, 1}}, crossed[2] = {{0, 1}, {1, 0}};
    const double out[2] = {0, 1.5}, nan_at[2] = {(double)NAN, 0}, in[2] = {0, 1};
    double a[2] = {7, 7}, b[2] = {7, 7};
    sbx_affine lower = {a, 7}, upper = {b, 7};
    sbx_ivd range = {7, 7};
    (void)state;
#define REFUSED(f, m, i, x, at, n) \
    assert_status(SBX_ERR_ARG, relax_box(&lower, &upper, &range, f, m, i, x, at, n))
    REFUSED(SBX_FN_SOFTMAX, SBX_METHOD_ER, 0, x, in, 0);
    REFUSED(SBX_FN_SOFTMAX, SBX_METHOD_ER, 2, x, in, 2);
    REFUSED(SBX_FN_LOG_SOFTMAX, SBX_METHOD_LSE, 2, x, in, 2);
    REFUSED(SBX_FN_SOFTMAX, SBX_METHOD_ER, 0, x, out, 2);
    REFUSED(SBX_FN_SOFTMAX, SBX_METHOD_ER, 0, x, nan_at, 2);
    REFUSED(SBX_FN_SOFTMAX, SBX_METHOD_CONSTANT, 0, x, out, 2);
    REFUSED(SBX_FN_SOFTMAX, SBX_METHOD_ER, 0, open, NULL, 2);
    REFUSED(SBX_FN_SOFTMAX, SBX_METHOD_ER, 0, nan_box, NULL, 2);
    REFUSED(SBX_FN_SOFTMAX, SBX_METHOD_ER, 0, crossed, NULL, 2);
    REFUSED(SBX_FN_SOFTMAX, (sbx_method)99, 0, x, NULL, 2);
    REFUSED(SBX_FN_LOG_SOFTMAX, SBX_METHOD_ER, 0, x, NULL, 2);
    REFUSED(SBX_FN_LSE, SBX_METHOD_LIN, 0, x, NULL, 2);
    REFUSED(SBX_FN_LSE, SBX_METHOD_LSE_STAR, 0, x, NULL, 2);
#undef REFUSED
    assert_true(a[0] == 7 && b[1] == 7 && lower.cst == 7 && upper.cst == 7 && range.lo == 7);
    assert_ok(relax_box(&lower, &upper, &range, SBX_FN_LSE, SBX_METHOD_LSE, 99, x, in, 2));
}

static void every_failed_allocation_is_survived(void **state)
{
    const sbx_ivd x[2] = {{0, 1}, {0, 1}};
    double a[2], b[2];
    sbx_affine lower = {a, 0}, upper = {b, 0};
    sbx_ivd range;
    sbx_status st = SBX_ERR_NOMEM;
    const long live = sbx_alloc_live();
    (void)state;
    for (long k = 0; st != SBX_OK && k < 100; k++) {
        sbx_alloc_fail_after(k);
        st = relax_box(&lower, &upper, &range, SBX_FN_SOFTMAX, SBX_METHOD_AUTO, 0, x, NULL, 2);
        sbx_alloc_fail_after(-1);
        assert_true(st == SBX_OK || st == SBX_ERR_NOMEM);
        assert_int_equal(sbx_alloc_live(), live);
    }
    assert_int_equal(st, SBX_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_have_their_published_values),
        cmocka_unit_test(planes_have_the_published_slopes),
        cmocka_unit_test(upper_bounds_have_their_published_values),
        cmocka_unit_test(no_finite_box_gives_a_nan),
        cmocka_unit_test(a_side_without_a_lower_end_gives_constants),
        cmocka_unit_test(methods_have_names),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests_name("relax", tests, NULL, NULL);
}
