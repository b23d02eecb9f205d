/* test_num.c -- the table of systems, what each refuses, known values at the edges.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "num/acc.h"
#include "softbox/num.h"

#include <float.h>
#include <limits.h>
#include <math.h>

static void names_and_parsing_agree(void **state)
{
    static const struct {
        const char *text;
        sbx_num s;
        long prec;
        sbx_format f;
    } good[] = {
        {"f32", SBX_NUM_F32, 128, SBX_BF16},     {"f64", SBX_NUM_F64, 128, SBX_BF16},
        {"lowp", SBX_NUM_LOWP, 128, SBX_BF16},   {"fp16", SBX_NUM_LOWP, 128, SBX_FP16},
        {"e4m3", SBX_NUM_LOWP, 128, SBX_E4M3},   {"e5m2", SBX_NUM_LOWP, 128, SBX_E5M2},
        {"tf32", SBX_NUM_LOWP, 128, SBX_TF32},   {"mpf", SBX_NUM_MPF, 128, SBX_BF16},
        {"mpf:256", SBX_NUM_MPF, 256, SBX_BF16}, {"mpq", SBX_NUM_MPQ, 128, SBX_BF16},
        {"ivd", SBX_NUM_IVD, 128, SBX_BF16},     {"ivf:2", SBX_NUM_IVF, 2, SBX_BF16},
        {"ivq", SBX_NUM_IVQ, 128, SBX_BF16},     {"ivq:1048576", SBX_NUM_IVQ, 1048576, SBX_BF16},
    };
    static const char *const bad[] = {"",         "F64",    "ivd:53",
                                      "ivf:",     "ivf:1",  "ivf:1048577",
                                      "ivf:-5",   "mpf:x",  "mpf:12x",
                                      "ivf:128 ", "iv",     "fp16:11",
                                      "ivdx",     "mpf: 9", "ivq:99999999999999999999999"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        sbx_num s = SBX_NUM_F32;
        sbx_ctx ctx = {.prec = 128, .format = SBX_BF16};
        assert_ok(sbx_num_parse(&s, &ctx, good[i].text, err));
        assert_int_equal(s, good[i].s);
        assert_int_equal(ctx.prec, good[i].prec);
        assert_int_equal(ctx.format, good[i].f);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sbx_num s = SBX_NUM_MPQ;
        sbx_ctx ctx = {.prec = 7, .format = SBX_E5M2};
        if (sbx_num_parse(&s, &ctx, bad[i], err) != SBX_ERR_PARSE)
            fail_msg("'%s' was read", bad[i]);
        assert_true(s == SBX_NUM_MPQ && ctx.prec == 7 && ctx.format == SBX_E5M2);
    }
    for (int i = 0; i < SBX_NUM_COUNT; i++) {
        sbx_num s = SBX_NUM_F32;
        sbx_ctx ctx = sbx_ctx_default;
        assert_ok(sbx_num_parse(&s, &ctx, sbx_num_name((sbx_num)i), err));
        assert_int_equal(s, i);
    }
    for (int i = 0; i < SBX_FORMAT_COUNT; i++) {
        sbx_num s = SBX_NUM_F32;
        sbx_ctx ctx = sbx_ctx_default;
        assert_ok(sbx_num_parse(&s, &ctx, sbx_format_name((sbx_format)i), err));
        assert_int_equal(ctx.format, i);
    }
    assert_int_equal(sbx_ctx_default.prec, 128);
    assert_int_equal(sbx_ctx_default.format, SBX_FP16);
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    assert_ok(sbx_num_require(SBX_NUM_IVD, SBX_CAN_EXP | SBX_CAN_UNBOUNDED, "softmax", err));
    assert_ok(sbx_num_require(SBX_NUM_MPQ, 0, "sum", err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_num_require(SBX_NUM_MPQ, SBX_CAN_EXP, "softmax", err));
    assert_string_equal(test_err.msg, "softmax needs exp, which mpq does not have; these have: "
                                      "f32, f64, lowp, mpf, ivd, ivf, ivq");
    assert_status(SBX_ERR_UNSUPPORTED,
                  sbx_num_require(SBX_NUM_IVQ, SBX_CAN_UNBOUNDED | SBX_CAN_ENCLOSE, "range", err));
    assert_string_equal(test_err.msg, "range needs unbounded side, which ivq does not have; these "
                                      "have: ivd, ivf");
}

static void what_a_system_lacks_is_refused(void **state)
{
    sbx_mpq q, r;
    sbx_mpf m;
    sbx_ivq i;
    const sbx_f64 x = 1;
    sbx_f64 z = 7;
    (void)state;
    sbx_mpq_init(&q, NULL);
    sbx_mpq_init(&r, NULL);
    sbx_mpf_init(&m, NULL);
    sbx_ivq_init(&i, NULL);
    assert_ok(sbx_mpq_set_si(&q, 4, NULL, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_mpq_sqrt(&r, &q, NULL, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_mpq_exp(&r, &q, NULL, err));
    assert_string_equal(test_err.msg,
                        "mpq has no exp; these have: f32, f64, lowp, mpf, ivd, ivf, ivq");
    assert_status(SBX_ERR_UNSUPPORTED, sbx_mpq_sigmoid(&r, &q, NULL, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_mpq_log1p(&r, &q, NULL, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_mpq_hull(&r, &q, &q, NULL, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_mpq_set_below(&r, &q, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_mpf_intersect(&m, &m, &m, NULL, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_mpf_set_below(&m, &m, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_ivq_set_below(&i, &i, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_f64_hull(&z, &x, &x, NULL, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_f64_set_below(&z, &x, err));
    assert_true(z >= 7 && z <= 7);
    assert_int_equal(mpq_sgn(r.v), 0);
    sbx_mpq_clear(&q);
    sbx_mpq_clear(&r);
    sbx_mpf_clear(&m);
    sbx_ivq_clear(&i);
}

static void mpq_is_exact_and_refuses_zero_division(void **state)
{
    sbx_mpq x, y, z;
    (void)state;
    sbx_mpq_init(&x, NULL);
    sbx_mpq_init(&y, NULL);
    sbx_mpq_init(&z, NULL);
    assert_ok(sbx_mpq_set_d(&x, 0.1, NULL, err));
    assert_ok(sbx_mpq_set_si(&y, -3, NULL, err));
    assert_ok(sbx_mpq_div(&z, &x, &y, NULL, err));
    assert_ok(sbx_mpq_fma(&z, &z, &y, &y, NULL, err)); /* 0.1 - 3 */
    assert_ok(sbx_mpq_sub(&z, &z, &y, NULL, err));
    assert_int_equal(sbx_mpq_eq(&z, &x), SBX_TRUE);
    assert_int_equal(sbx_mpq_lt(&y, &x), SBX_TRUE);
    assert_int_equal(sbx_mpq_le(&x, &y), SBX_FALSE);
    assert_ok(sbx_mpq_max(&z, &x, &y, NULL, err));
    assert_int_equal(sbx_mpq_eq(&z, &x), SBX_TRUE);
    assert_ok(sbx_mpq_set_si(&y, 0, NULL, err));
    assert_status(SBX_ERR_DOMAIN, sbx_mpq_div(&z, &x, &y, NULL, err));
    assert_status(SBX_ERR_DOMAIN, sbx_mpq_set_d(&z, HUGE_VAL, NULL, err));
    assert_status(SBX_ERR_DOMAIN, sbx_mpq_set_d(&z, (double)NAN, NULL, err));
    assert_int_equal(sbx_mpq_eq(&z, &x), SBX_TRUE); /* untouched */
    sbx_mpq_clear(&x);
    sbx_mpq_clear(&y);
    sbx_mpq_clear(&z);
}

/* ---- low precision ----------------------------------------------------------------------------
 */

static double lowp(sbx_format f, double v)
{
    const sbx_ctx ctx = {.prec = 128, .format = f};
    sbx_lowp z;
    assert_ok(sbx_lowp_set_d(&z, v, &ctx, err));
    return z.v;
}
#define assert_value(want, got)                                   \
    do {                                                          \
        const double w_ = (want), g_ = (got);                     \
        if (!(w_ <= g_ && w_ >= g_) && !(isnan(w_) && isnan(g_))) \
            fail_msg("%s: %a, not %a", #got, g_, w_);             \
    } while (0)

static void e4m3_overflows_to_nan(void **state)
{
    const sbx_ctx ctx = {.prec = 128, .format = SBX_E4M3};
    const sbx_lowp one = {1}, zero = {0}, top = {448}, sixteen = {16}, eight = {8};
    sbx_lowp z;
    (void)state;
    assert_value(448, lowp(SBX_E4M3, 448));
    assert_value(448, lowp(SBX_E4M3, 464)); /* the midpoint: 448 is even */
    assert_value((double)NAN, lowp(SBX_E4M3, 464.0000001));
    assert_value((double)NAN, lowp(SBX_E4M3, -480));
    assert_value((double)NAN, lowp(SBX_E4M3, 1e300));
    assert_value((double)NAN, lowp(SBX_E4M3, HUGE_VAL));
    assert_value(0x1p-9, lowp(SBX_E4M3, 0x1p-9)); /* the least subnormal number */
    assert_value(0, lowp(SBX_E4M3, 0x1p-10));     /* its half, to even */
    assert_value(0x1p-9, lowp(SBX_E4M3, 0x1.01p-10));
    assert_value(0x1p-8, lowp(SBX_E4M3, 0x3p-10)); /* 1.5 steps, to even */
    assert_ok(sbx_lowp_div(&z, &one, &zero, &ctx, err));
    assert_value((double)NAN, z.v);
    assert_ok(sbx_lowp_log(&z, &zero, &ctx, err));
    assert_value((double)NAN, z.v);
    assert_ok(sbx_lowp_add(&z, &top, &sixteen, &ctx, err));
    assert_value(448, z.v);
    assert_ok(sbx_lowp_fma(&z, &top, &one, &sixteen, &ctx, err));
    assert_value(448, z.v);
    assert_ok(sbx_lowp_exp(&z, &eight, &ctx, err)); /* 2981 */
    assert_value((double)NAN, z.v);
    assert_ok(sbx_lowp_neg(&z, &top, &ctx, err));
    assert_value(-448, z.v);
}

static void formats_end_where_they_should(void **state)
{
    (void)state;
    assert_value(65504, lowp(SBX_FP16, 65519.999));
    assert_value(HUGE_VAL, lowp(SBX_FP16, 65520));
    assert_value(0x1p-24, lowp(SBX_FP16, 0x1p-24));
    assert_value(0, lowp(SBX_FP16, 0x1p-25));
    assert_value(0x1.fep127, lowp(SBX_BF16, 0x1.fep127));
    assert_value(HUGE_VAL, lowp(SBX_BF16, 0x1.ffp127));
    assert_value(0x1p-133, lowp(SBX_BF16, 0x1p-133));
    assert_value(0x1p-136, lowp(SBX_TF32, 0x1p-136));
    assert_value(HUGE_VAL, lowp(SBX_TF32, 0x1.ffep127));
    assert_value(57344, lowp(SBX_E5M2, 61439));
    assert_value(HUGE_VAL, lowp(SBX_E5M2, 61440));
    assert_value(0x1p-16, lowp(SBX_E5M2, 0x1p-16));
    assert_value(1.0 + 0x1p-10, lowp(SBX_FP16, 1.0 + 0x1.8p-11));
    assert_value(1.0, lowp(SBX_FP16, 1.0 + 0x1p-11));
}

/* Blanchard, Higham, Higham 2021: rounded to fp16, softmax without a shift overflows for 475
 * of their 2500 vectors. */
static void unshifted_softmax_overflows_475_times(void **state)
{
    const char *shared = test_shared();
    char path[4200], line[2048];
    int vectors = 0, over = 0;
    FILE *f;
    (void)state;
    if (!shared) {
        printf("skip: no published vectors\n");
        return;
    }
    (void)snprintf(path, sizeof path, "%s/data/presoftmax/presoftmax-2500x10.txt", shared);
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        char *p = line, *end;
        sbx_lowp sum = {0}, x;
        double v = strtod(p, &end);
        for (; end != p; p = end, v = strtod(p, &end)) {
            assert_ok(sbx_lowp_set_d(&x, v, NULL, err));
            assert_ok(sbx_lowp_exp(&x, &x, NULL, err));
            assert_ok(sbx_lowp_add(&sum, &sum, &x, NULL, err));
        }
        vectors++;
        over += !sbx_lowp_is_finite(&sum);
    }
    (void)fclose(f);
    assert_int_equal(vectors, 2500);
    assert_int_equal(over, 475);
}

/* ---- points at the edges
 * ------------------------------------------------------------------------- */

/* [L-FP-22] */
static void sigmoid_keeps_both_tails(void **state)
{
    static const double table[][2] = {
        {0, 0.5},
        {-745, 0x1p-1074},
        {-746, 0},
        {38, 1.0},
        {36, 0x1.ffffffffffffep-1},
        {HUGE_VAL, 1},
        {-HUGE_VAL, 0},
        {0x1p-60, 0.5},
        {-0x1p-60, 0.5},
        {-1e308, 0},
        {1e308, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        sbx_f64 z;
        assert_ok(sbx_f64_sigmoid(&z, &table[i][0], NULL, err));
        assert_value(table[i][1], z);
    }
}

static void nan_and_zero_signs_follow_ieee(void **state)
{
    const sbx_f64 nan = (double)NAN, one = 1, pz = 0.0, nz = -0.0;
    sbx_f64 z;
    mpq_t q;
    (void)state;
    mpq_init(q);
    assert_int_equal(sbx_f64_lt(&nan, &one), SBX_UNKNOWN);
    assert_int_equal(sbx_f64_eq(&nan, &nan), SBX_UNKNOWN);
    assert_int_equal(sbx_f64_eq(&pz, &nz), SBX_TRUE);
    assert_ok(sbx_f64_max(&z, &nan, &one, NULL, err));
    assert_true(isnan(z));
    assert_ok(sbx_f64_min(&z, &one, &nan, NULL, err));
    assert_true(isnan(z));
    assert_ok(sbx_f64_max(&z, &nz, &pz, NULL, err));
    assert_false(signbit(z));
    assert_ok(sbx_f64_min(&z, &pz, &nz, NULL, err));
    assert_true(signbit(z));
    assert_ok(sbx_f64_div(&z, &one, &nz, NULL, err));
    assert_value(-HUGE_VAL, z);
    assert_status(SBX_ERR_DOMAIN, sbx_f64_get_q(q, q, &z, err));
    mpq_clear(q);
}

/* ---- intervals at the edges
 * ---------------------------------------------------------------------- */

#define assert_interval(want_lo, want_hi, z) \
    do {                                     \
        assert_value(want_lo, (z).lo);       \
        assert_value(want_hi, (z).hi);       \
    } while (0)

static void ivd_keeps_its_edges(void **state)
{
    const double inf = HUGE_VAL;
    const sbx_ivd zero = {0, 0}, one = {1, 1}, line = {-inf, inf}, neg = {-3, -1}, mixed = {-1, 2};
    const sbx_ivd high = {DBL_MAX, inf}, pos = {0, 2};
    sbx_ivd z = {5, 6};
    (void)state;
    assert_status(SBX_ERR_DOMAIN, sbx_ivd_div(&z, &one, &zero, NULL, err));
    assert_status(SBX_ERR_DOMAIN, sbx_ivd_log(&z, &zero, NULL, err));
    assert_status(SBX_ERR_DOMAIN, sbx_ivd_log1p(&z, &neg, NULL, err));
    assert_status(SBX_ERR_DOMAIN, sbx_ivd_sqrt(&z, &neg, NULL, err));
    assert_status(SBX_ERR_DOMAIN, sbx_ivd_intersect(&z, &one, &neg, NULL, err));
    assert_status(SBX_ERR_DOMAIN, sbx_ivd_set_d(&z, (double)NAN, NULL, err));
    assert_status(SBX_ERR_DOMAIN, sbx_ivd_end(&z, &line, SBX_LO, err));
    assert_interval(5, 6, z); /* untouched */
    assert_ok(sbx_ivd_set_d(&z, inf, NULL, err));
    assert_interval(DBL_MAX, inf, z);
    assert_ok(sbx_ivd_set_d(&z, -inf, NULL, err));
    assert_interval(-inf, -DBL_MAX, z);
    assert_ok(sbx_ivd_set_si(&z, LONG_MAX, NULL, err)); /* 2^63 - 1 */
    assert_interval(0x1.fffffffffffffp62, 0x1p63, z);
    assert_ok(sbx_ivd_set_si(&z, LONG_MIN, NULL, err));
    assert_interval(-0x1p63, -0x1p63, z);
    assert_ok(sbx_ivd_set_si(&z, -7, NULL, err));
    assert_interval(-7, -7, z);
    assert_ok(sbx_ivd_set_below(&z, &neg, err));
    assert_interval(-inf, -1, z);
    assert_ok(sbx_ivd_exp(&z, &z, NULL, err));
    assert_interval(0, 0x1.78b56362cef38p-2, z); /* e^-1 upward */
    assert_ok(sbx_ivd_div(&z, &one, &mixed, NULL, err));
    assert_interval(-inf, inf, z);
    assert_ok(sbx_ivd_div(&z, &one, &pos, NULL, err));
    assert_interval(0.5, inf, z);
    assert_ok(sbx_ivd_mul(&z, &zero, &line, NULL, err));
    assert_interval(0, 0, z);
    assert_ok(sbx_ivd_mul(&z, &high, &high, NULL, err));
    assert_interval(DBL_MAX, inf, z); /* a lower end is never +inf */
    assert_ok(sbx_ivd_exp(&z, &high, NULL, err));
    assert_interval(DBL_MAX, inf, z);
    assert_ok(sbx_ivd_sqr(&z, &line, NULL, err));
    assert_interval(0, inf, z);
    assert_ok(sbx_ivd_sqrt(&z, &mixed, NULL, err));
    assert_value(0, z.lo);
    assert_ok(sbx_ivd_log(&z, &mixed, NULL, err));
    assert_value(-inf, z.lo);
    assert_ok(sbx_ivd_sigmoid(&z, &line, NULL, err));
    assert_interval(0, 1, z);
    assert_int_equal(sbx_ivd_lt(&line, &one), SBX_UNKNOWN);
    assert_int_equal(sbx_ivd_is_finite(&line), 0);
}

static void ivf_keeps_its_edges(void **state)
{
    const sbx_ctx ctx = {.prec = 20};
    sbx_ivf x, y, z;
    mpq_t lo, hi;
    (void)state;
    mpq_inits(lo, hi, NULL);
    sbx_ivf_init(&x, &ctx);
    sbx_ivf_init(&y, &ctx);
    sbx_ivf_init(&z, &ctx);
    mpq_set_si(lo, 1, 3);
    assert_ok(sbx_ivf_set_q(&x, lo, &ctx, err));
    assert_true(mpfr_cmp_q(x.lo, lo) < 0 && mpfr_cmp_q(x.hi, lo) > 0);
    mpfr_nextabove(x.lo);
    assert_true(mpfr_equal_p(x.lo, x.hi));
    assert_ok(sbx_ivf_set_d(&x, HUGE_VAL, &ctx, err));
    assert_true(mpfr_number_p(x.lo) && mpfr_inf_p(x.hi));
    assert_status(SBX_ERR_DOMAIN, sbx_ivf_get_q(lo, hi, &x, err));
    assert_ok(sbx_ivf_mul(&z, &x, &x, &ctx, err));
    assert_true(mpfr_number_p(z.lo) && mpfr_inf_p(z.hi));
    assert_ok(sbx_ivf_exp(&z, &x, &ctx, err));
    assert_true(mpfr_number_p(z.lo) && mpfr_inf_p(z.hi));
    assert_ok(sbx_ivf_set_below(&y, &z, err));
    assert_ok(sbx_ivf_sigmoid(&z, &y, &ctx, err));
    assert_true(mpfr_zero_p(z.lo) && mpfr_cmp_ui(z.hi, 1) == 0);
    assert_ok(sbx_ivf_set_d(&x, -1e300, &ctx, err)); /* sigmoid: under MPFR's range */
    assert_ok(sbx_ivf_sigmoid(&z, &x, &ctx, err));
    assert_true(mpfr_zero_p(z.lo) && mpfr_sgn(z.hi) > 0);
    assert_ok(sbx_ivf_set_d(&x, 1e300, &ctx, err));
    assert_ok(sbx_ivf_sigmoid(&z, &x, &ctx, err));
    assert_true(mpfr_cmp_ui(z.lo, 1) < 0 && mpfr_cmp_ui(z.hi, 1) == 0);
    mpq_clears(lo, hi, NULL);
    sbx_ivf_clear(&x);
    sbx_ivf_clear(&y);
    sbx_ivf_clear(&z);
}

/* Between 2^-1074 and three times that a function's value lies strictly between two doubles that are as far
 * apart: rounding it to 53 bits and then to a double must go one way [L-FP-21]. */
static void ends_at_subnormal_numbers(void **state)
{
    const double d = 0x1p-1074;
    const sbx_ivd x = {d, 3 * d}, y = {-3 * d, -d};
    sbx_ivd z;
    (void)state;
    assert_ok(sbx_ivd_expm1(&z, &x, NULL, err)); /* x < expm1 x */
    assert_true(z.lo <= d && z.hi > 3 * d);
    assert_ok(sbx_ivd_log1p(&z, &x, NULL, err)); /* log1p x < x */
    assert_true(z.lo < d && z.hi >= 3 * d);
    assert_ok(sbx_ivd_tanh(&z, &x, NULL, err)); /* tanh x < x, for x > 0 */
    assert_true(z.lo < d && z.hi >= 3 * d);
    assert_ok(sbx_ivd_tanh(&z, &y, NULL, err));
    assert_true(z.lo <= -3 * d && z.hi > -d);
}

static void ivq_is_exact_where_it_can_be(void **state)
{
    typedef sbx_status (*fn)(sbx_ivq *, const sbx_ivq *, const sbx_ctx *, sbx_err *);
    static const struct {
        fn f;
        const char *x, *want;
    } table[] = {
        {sbx_ivq_exp, "0", "1"},         {sbx_ivq_sqrt, "4/9", "2/3"},  {sbx_ivq_sqrt, "0", "0"},
        {sbx_ivq_exp2, "-10", "1/1024"}, {sbx_ivq_log, "1", "0"},       {sbx_ivq_log1p, "0", "0"},
        {sbx_ivq_tanh, "0", "0"},        {sbx_ivq_sigmoid, "0", "1/2"}, {sbx_ivq_expm1, "0", "0"},
        {sbx_ivq_sqr, "-2/3", "4/9"},    {sbx_ivq_abs, "-2/3", "2/3"},
    };
    sbx_ivq x, y, z;
    mpq_t q;
    (void)state;
    mpq_init(q);
    sbx_ivq_init(&x, NULL);
    sbx_ivq_init(&y, NULL);
    sbx_ivq_init(&z, NULL);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(mpq_set_str(q, table[i].x, 10), 0);
        assert_ok(sbx_ivq_set_q(&x, q, NULL, err));
        assert_ok(table[i].f(&z, &x, NULL, err));
        assert_int_equal(mpq_set_str(q, table[i].want, 10), 0);
        if (!mpq_equal(z.lo, q) || !mpq_equal(z.hi, q))
            fail_msg("%s: not %s", table[i].x, table[i].want);
    }
    assert_ok(sbx_ivq_set_si(&z, 5, NULL, err));
    assert_ok(sbx_ivq_set_si(&x, SBX_IVQ_EXP_MAX + 1, NULL, err));
    assert_ok(sbx_ivq_neg(&y, &x, NULL, err));
    assert_status(SBX_ERR_LIMIT, sbx_ivq_exp(&z, &x, NULL, err));
    assert_status(SBX_ERR_LIMIT, sbx_ivq_exp(&z, &y, NULL, err));
    assert_status(SBX_ERR_LIMIT, sbx_ivq_expm1(&z, &x, NULL, err));
    assert_status(SBX_ERR_LIMIT, sbx_ivq_sigmoid(&z, &y, NULL, err));
    assert_status(SBX_ERR_DOMAIN, sbx_ivq_log(&z, &y, NULL, err));
    assert_status(SBX_ERR_DOMAIN, sbx_ivq_sqrt(&z, &y, NULL, err));
    mpq_set(y.hi, x.hi);                                           /* [-65537, 65537] */
    assert_status(SBX_ERR_DOMAIN, sbx_ivq_log(&z, &y, NULL, err)); /* no lower end */
    assert_status(SBX_ERR_DOMAIN, sbx_ivq_div(&z, &x, &y, NULL, err));
    assert_int_equal(mpq_cmp_si(z.lo, 5, 1) | mpq_cmp_si(z.hi, 5, 1), 0); /* untouched */
    assert_ok(sbx_ivq_sigmoid(&z, &x, NULL, err));
    assert_true(mpq_cmp_si(z.lo, 1, 1) < 0 && mpq_cmp_si(z.hi, 1, 1) == 0);
    assert_ok(sbx_ivq_set_si(&x, SBX_IVQ_EXP_MAX, NULL, err));
    assert_ok(sbx_ivq_exp(&z, &x, NULL, err));
    mpq_clear(q);
    sbx_ivq_clear(&x);
    sbx_ivq_clear(&y);
    sbx_ivq_clear(&z);
}

/* e^-1e8 has 144 million bits as a rational: refused, and cheaply */
static void huge_exponents_are_no_rationals(void **state)
{
    sbx_ivf x;
    sbx_mpf y;
    mpq_t lo, hi;
    (void)state;
    mpq_inits(lo, hi, NULL);
    sbx_ivf_init(&x, NULL);
    sbx_mpf_init(&y, NULL);
    assert_ok(sbx_ivf_set_d(&x, -1e8, NULL, err));
    assert_ok(sbx_ivf_exp(&x, &x, NULL, err));
    assert_status(SBX_ERR_LIMIT, sbx_ivf_get_q(lo, hi, &x, err));
    assert_ok(sbx_mpf_set_d(&y, 1e8, NULL, err));
    assert_ok(sbx_mpf_exp(&y, &y, NULL, err));
    assert_status(SBX_ERR_LIMIT, sbx_mpf_get_q(lo, hi, &y, err));
    assert_ok(sbx_mpf_set_d(&y, 0, NULL, err));
    assert_ok(sbx_mpf_get_q(lo, hi, &y, err));
    sbx_mpf_clear(&y);
    sbx_ivf_clear(&x);
    mpq_clears(lo, hi, NULL);
}

/* Sums of doubles and products that cancel, against rationals: outside of them, and next to them
 * [L-RLX-141] [L-FP-04]. */
static void sums_hold_and_are_close(void **state)
{
    uint64_t s = test_seed() + 41;
    mpq_t exact, p, q;
    (void)state;
    mpq_inits(exact, p, q, NULL);
    for (long r = 0; r < test_rounds(2000); r++) {
        sbx_acc t = {0.0, 0.0, 0.0};
        const int n = 1 + (int)(40 * sbx_rng_unit(&s)), tiny = r % 5 == 0 ? -1000 : 0;
        double size = 0.0, lo, hi;
        mpq_set_ui(exact, 0, 1);
        for (int k = 0; k < n; k++) {
            const int e = (int)(60 * sbx_rng_unit(&s)) - 30;
            const double a = ldexp(2.0 * sbx_rng_unit(&s) - 1.0, e + tiny);
            const bool cancel = k % 7 == 6 || k == n - 1, product = k % 3 && !cancel;
            const double b = product ? ldexp(sbx_rng_unit(&s), k % 2 ? -e : 0) : 1.0;
            const double v = cancel ? -t.sum : a;
            if (product)
                sbx_acc_mul(&t, v, b);
            else
                sbx_acc_add(&t, v);
            mpq_set_d(p, v);
            mpq_set_d(q, b);
            mpq_mul(p, p, q);
            mpq_add(exact, exact, p);
            size += fabs(v * b);
        }
        lo = sbx_acc_lo(&t);
        hi = sbx_acc_hi(&t);
        mpq_set_d(p, lo);
        mpq_set_d(q, hi);
        assert_true(mpq_cmp(p, exact) <= 0 && mpq_cmp(exact, q) <= 0);
        if (!tiny) assert_true(hi - lo <= 0x1p-51 * fabs(hi) + n * n * 0x1p-98 * size);
    }
    mpq_clears(exact, p, q, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(huge_exponents_are_no_rationals),
        cmocka_unit_test(sums_hold_and_are_close),
        cmocka_unit_test(names_and_parsing_agree),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(what_a_system_lacks_is_refused),
        cmocka_unit_test(mpq_is_exact_and_refuses_zero_division),
        cmocka_unit_test(e4m3_overflows_to_nan),
        cmocka_unit_test(formats_end_where_they_should),
        cmocka_unit_test(unshifted_softmax_overflows_475_times),
        cmocka_unit_test(sigmoid_keeps_both_tails),
        cmocka_unit_test(nan_and_zero_signs_follow_ieee),
        cmocka_unit_test(ivd_keeps_its_edges),
        cmocka_unit_test(ivf_keeps_its_edges),
        cmocka_unit_test(ends_at_subnormal_numbers),
        cmocka_unit_test(ivq_is_exact_where_it_can_be),
    };
    const int bad = cmocka_run_group_tests(tests, NULL, NULL);
    mpfr_free_cache();
    return bad;
}
