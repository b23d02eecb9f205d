/* test_num_elementary.c -- sin, cos, erf, floor, round, sign and powers in the number systems,
 * against MPFR at 500 bits and exact rationals: points are nearest, enclosures hold and are
 * not needlessly wide. [L-FP-31]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "softbox/num.h"

#include <float.h>
#include <math.h>

enum { SIN, COS, ERF, FLOOR, ROUND, SIGN, POW, OPS, BITS = 500 };
static const char *const name[OPS] = {"sin", "cos", "erf", "floor", "round", "sign", "pow"};
#define PI 3.1415926535897931

/* f(x), a relative error of 2^-499; false: not a number */
static bool value(mpfr_ptr z, int f, double x, double p)
{
    mpfr_t e;
    mpfr_set_d(z, x, MPFR_RNDN);
    switch (f) {
    case SIN: mpfr_sin(z, z, MPFR_RNDN); break;
    case COS: mpfr_cos(z, z, MPFR_RNDN); break;
    case ERF: mpfr_erf(z, z, MPFR_RNDN); break;
    case FLOOR: mpfr_floor(z, z); break;
    case ROUND: mpfr_roundeven(z, z); break;
    case SIGN: mpfr_set_si(z, (x > 0) - (x < 0), MPFR_RNDN); break;
    default:
        mpfr_init2(e, 53);
        mpfr_set_d(e, p, MPFR_RNDN);
        mpfr_pow(z, z, e, MPFR_RNDN);
        mpfr_clear(e);
    }
    return mpfr_number_p(z);
}

static double draw(uint64_t *s)
{
    const double m = 2 * sbx_rng_unit(s) - 1;
    double v;
    switch (sbx_rng(s) % 8) {
    case 0: v = (double)(int)(8 * m) + (sbx_rng(s) % 2 ? 0.5 : 0); break;
    case 1: return ldexp(m, (int)(sbx_rng(s) % 2098) - 1074);
    case 2: return ldexp(m, -1021 - (int)(sbx_rng(s) % 60));
    case 3: v = (double)(int)(40 * m) * (PI / 2); break;
    default: return ldexp(m, (int)(sbx_rng(s) % 16) - 5);
    }
    return sbx_rng(s) % 2 ? v : nextafter(v, sbx_rng(s) % 2 ? HUGE_VAL : -HUGE_VAL);
}

static double power_of(uint64_t *s)
{
    static const double p[] = {0, 1, 2, 3, 4, 5, 7, -1, -2, -3, 0.5, 1.5, -0.5, 2.25, 0.1};
    return p[sbx_rng(s) % (sizeof p / sizeof *p)];
}

#define APPLY(S)                                                                                   \
    static sbx_status apply_##S(sbx_##S *z, int f, const sbx_##S *x, double p, const sbx_ctx *ctx) \
    {                                                                                              \
        switch (f) {                                                                               \
        case SIN: return sbx_##S##_sin(z, x, ctx, err);                                            \
        case COS: return sbx_##S##_cos(z, x, ctx, err);                                            \
        case ERF: return sbx_##S##_erf(z, x, ctx, err);                                            \
        case FLOOR: return sbx_##S##_floor(z, x, ctx, err);                                        \
        case ROUND: return sbx_##S##_round(z, x, ctx, err);                                        \
        case SIGN: return sbx_##S##_sign(z, x, ctx, err);                                          \
        default: return sbx_##S##_pow(z, x, p, ctx, err);                                          \
        }                                                                                          \
    }
APPLY(f32)
APPLY(f64)
APPLY(lowp)
APPLY(mpf)
APPLY(mpq)
APPLY(ivd)
APPLY(ivf)
APPLY(ivq)

/* ---- points ------------------------------------------------------------------------------ */

/* 2 v <= below + z and so on: is z, whose neighbours are given, nearest to v */
static bool nearest(mpfr_ptr v, double below, double z, double above)
{
    mpfr_t t;
    bool good;
    mpfr_init2(t, 64);
    mpfr_mul_2ui(v, v, 1, MPFR_RNDN);
    mpfr_set_d(t, below, MPFR_RNDN);
    mpfr_add_d(t, t, z, MPFR_RNDN);
    good = mpfr_cmp(v, t) >= 0;
    mpfr_set_d(t, above, MPFR_RNDN);
    mpfr_add_d(t, t, z, MPFR_RNDN);
    good = good && mpfr_cmp(v, t) <= 0;
    mpfr_clear(t);
    return good;
}

static void points_are_nearest(void **state)
{
    uint64_t s = test_seed();
    mpfr_t v;
    (void)state;
    mpfr_init2(v, BITS);
    for (long k = 0; k < test_rounds(6000); k++) {
        const int f = (int)(k % OPS);
        const double x = draw(&s), p = power_of(&s);
        const float x32 = (float)x;
        double z;
        float w;
        assert_ok(apply_f64(&z, f, &x, p, NULL));
        if (!value(v, f, x, p)) {
            assert_true(!isfinite(z));
        } else if (isfinite(z) && fabs(z) < DBL_MAX) {
            if (!nearest(v, nextafter(z, -HUGE_VAL), z, nextafter(z, HUGE_VAL)))
                fail_msg("%s(%.17g; %g) = %.17g", name[f], x, p, z);
        } else
            assert_true(mpfr_cmpabs(v, (mpfr_set_d(v, DBL_MAX, MPFR_RNDN), v)) >= 0);
        if (!isfinite(x32)) continue;
        assert_ok(apply_f32(&w, f, &x32, p, NULL));
        if (value(v, f, (double)x32, p) && isfinite(w) && fabsf(w) < FLT_MAX)
            assert_true(nearest(v, (double)nextafterf(w, -HUGE_VALF), (double)w,
                                (double)nextafterf(w, HUGE_VALF)));
    }
    mpfr_clear(v);
}

/* the small formats and MPFR: one rounding of the value at 500 bits, inside the range */
static void small_formats_and_mpfr(void **state)
{
    const sbx_ctx ctx = {.prec = 77, .format = SBX_BF16};
    uint64_t s = test_seed();
    mpfr_t v;
    sbx_mpf a, b;
    (void)state;
    mpfr_init2(v, BITS);
    sbx_mpf_init(&a, &ctx);
    sbx_mpf_init(&b, &ctx);
    for (long k = 0; k < test_rounds(3000); k++) {
        const int f = (int)(k % OPS);
        const double x = test_uniform(&s, -9, 9), p = power_of(&s);
        sbx_lowp l, z;
        assert_ok(sbx_lowp_set_d(&l, x, &ctx, err));
        assert_ok(apply_lowp(&z, f, &l, p, &ctx));
        if (value(v, f, l.v, p)) {
            mpfr_prec_round(v, 8, MPFR_RNDN);
            assert_true(mpfr_cmp_d(v, z.v) == 0);
            mpfr_set_prec(v, BITS);
        }
        assert_ok(sbx_mpf_set_d(&a, x, &ctx, err));
        assert_ok(apply_mpf(&b, f, &a, p, &ctx));
        if (value(v, f, x, p)) {
            mpfr_prec_round(v, 77, MPFR_RNDN);
            assert_true(mpfr_equal_p(v, b.v));
            mpfr_set_prec(v, BITS);
        }
    }
    sbx_mpf_clear(&a);
    sbx_mpf_clear(&b);
    mpfr_clear(v);
}

static void rationals_are_exact(void **state)
{
    static const struct {
        int f;
        const char *x;
        double p;
        const char *y;
    } table[] = {
        {FLOOR, "7/3", 0, "2"},   {FLOOR, "-7/3", 0, "-3"}, {FLOOR, "-2", 0, "-2"},
        {ROUND, "5/2", 0, "2"},   {ROUND, "7/2", 0, "4"},   {ROUND, "-5/2", 0, "-2"},
        {ROUND, "-1/2", 0, "0"},  {ROUND, "-2/3", 0, "-1"}, {SIGN, "-1/9", 0, "-1"},
        {SIGN, "0", 0, "0"},      {SIGN, "1/9", 0, "1"},    {POW, "-2/3", 3, "-8/27"},
        {POW, "-2/3", -2, "9/4"}, {POW, "0", 0, "1"},       {POW, "0", 5, "0"},
        {POW, "-1", 1e300, "1"},  {POW, "1", -1e300, "1"},  {POW, "-1", 9007199254740991.0, "-1"},
    };
    sbx_mpq x, z;
    sbx_ivq a, b;
    mpq_t want;
    (void)state;
    sbx_mpq_init(&x, NULL);
    sbx_mpq_init(&z, NULL);
    sbx_ivq_init(&a, NULL);
    sbx_ivq_init(&b, NULL);
    mpq_init(want);
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        mpq_set_str(x.v, table[k].x, 10);
        mpq_set_str(want, table[k].y, 10);
        assert_ok(apply_mpq(&z, table[k].f, &x, table[k].p, NULL));
        assert_true(mpq_equal(z.v, want));
        assert_ok(sbx_ivq_set_q(&a, x.v, NULL, err));
        assert_ok(apply_ivq(&b, table[k].f, &a, table[k].p, NULL));
        assert_true(mpq_equal(b.lo, want) && mpq_equal(b.hi, want));
    }
    mpq_set_si(x.v, 0, 1);
    assert_status(SBX_ERR_DOMAIN, sbx_mpq_pow(&z, &x, -1, NULL, err));
    mpq_set_si(x.v, 2, 1);
    assert_status(SBX_ERR_LIMIT, sbx_mpq_pow(&z, &x, 1e9, NULL, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_mpq_pow(&z, &x, 0.5, NULL, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_mpq_sin(&z, &x, NULL, err));
    sbx_mpq_clear(&x);
    sbx_mpq_clear(&z);
    sbx_ivq_clear(&a);
    sbx_ivq_clear(&b);
    mpq_clear(want);
}

/* ---- enclosures ---------------------------------------------------------------------------- */

typedef struct {
    mpfr_t lo, hi;
} ends;

/* the three systems' results as MPFR numbers wide enough for all of them, outward */
static sbx_status enclosure(ends *z, int system, int f, double lo, double hi, double p,
                            const sbx_ctx *ctx)
{
    sbx_status st;
    if (system == 0) {
        sbx_ivd x = {lo, hi}, y;
        st = apply_ivd(&y, f, &x, p, ctx);
        if (st == SBX_OK) {
            mpfr_set_d(z->lo, y.lo, MPFR_RNDD);
            mpfr_set_d(z->hi, y.hi, MPFR_RNDU);
        }
    } else if (system == 1) {
        const sbx_ctx in = {.prec = 53};
        sbx_ivf x, y;
        sbx_ivf_init(&x, &in);
        sbx_ivf_init(&y, ctx);
        mpfr_set_d(x.lo, lo, MPFR_RNDN);
        mpfr_set_d(x.hi, hi, MPFR_RNDN);
        st = apply_ivf(&y, f, &x, p, ctx);
        if (st == SBX_OK) {
            mpfr_set(z->lo, y.lo, MPFR_RNDD);
            mpfr_set(z->hi, y.hi, MPFR_RNDU);
        }
        sbx_ivf_clear(&x);
        sbx_ivf_clear(&y);
    } else {
        sbx_ivq x;
        sbx_ivq_init(&x, ctx);
        mpq_set_d(x.lo, lo);
        mpq_set_d(x.hi, hi);
        st = apply_ivq(&x, f, &x, p, ctx); /* the result is the operand */
        if (st == SBX_OK) {
            mpfr_set_q(z->lo, x.lo, MPFR_RNDD);
            mpfr_set_q(z->hi, x.hi, MPFR_RNDU);
        }
        sbx_ivq_clear(&x);
    }
    return st;
}

static double point_in(double lo, double hi, int k, uint64_t *s)
{
    double t = lo + (hi - lo) * sbx_rng_unit(s);
    if (k == 0) return lo;
    if (k == 1) return hi;
    if (k % 2) t = (rint(lo / (PI / 2)) + k / 2 - 1) * (PI / 2);
    if (k == 14) t = 0;
    return t >= lo && t <= hi ? t : lo;
}

/* may there be no enclosure: ivq has no infinite ends, and limits */
static bool may_fail(int system, int f, double lo, double hi, double p)
{
    const bool fraction = floor(p) < p;
    if (f != POW) return false;
    if (fraction && (hi < 0 || (hi <= 0 && p < 0))) return true;
    if (p < 0 && lo >= 0 && hi <= 0) return true;
    return system == 2 && ((p < 0 && lo <= 0 && hi >= 0) || (p < 0 && fraction && lo <= 0));
}

static void enclosures_hold(void **state)
{
    const sbx_ctx precs[] = {{.prec = 2}, {.prec = 24}, {.prec = 53}, {.prec = 128}};
    uint64_t s = test_seed();
    mpfr_t v, least, most, w;
    ends z;
    (void)state;
    mpfr_inits2(BITS, v, least, most, w, (mpfr_ptr)0);
    mpfr_inits2(2300, z.lo, z.hi, (mpfr_ptr)0);
    for (long k = 0; k < test_rounds(8000); k++) {
        const int f = (int)(k % OPS), system = (int)(k / OPS % 3);
        const sbx_ctx *ctx = &precs[sbx_rng(&s) % 4];
        const double p = power_of(&s), a = draw(&s);
        const double b = sbx_rng(&s) % 3 ? a + fabs(test_uniform(&s, 0, 4)) : a;
        const double c = sbx_rng(&s) % 8 ? b : draw(&s), lo = fmin(a, c), hi = fmax(a, c);
        const sbx_status st = enclosure(&z, system, f, lo, hi, p, ctx);
        bool some = false;
        if (st != SBX_OK) {
            assert_true(may_fail(system, f, lo, hi, p));
            continue;
        }
        for (int j = 0; j < 16; j++) {
            const double t = point_in(lo, hi, j, &s);
            if (!value(v, f, t, p)) continue;
            mpfr_abs(w, v, MPFR_RNDN);
            mpfr_div_2ui(w, w, BITS - 4, MPFR_RNDN); /* more than the judge is off by */
            mpfr_add(w, v, w, MPFR_RNDU);
            if (mpfr_cmp(z.lo, w) > 0)
                fail_msg("%s on [%.17g, %.17g] at %.17g", name[f], lo, hi, t);
            mpfr_sub(w, v, w, MPFR_RNDU);
            mpfr_add(w, v, w, MPFR_RNDD);
            if (mpfr_cmp(z.hi, w) < 0)
                fail_msg("%s on [%.17g, %.17g] at %.17g", name[f], lo, hi, t);
            if (!some || mpfr_cmp(v, least) < 0) mpfr_set(least, v, MPFR_RNDN);
            if (!some || mpfr_cmp(v, most) > 0) mpfr_set(most, v, MPFR_RNDN);
            some = true;
        }
        if (!some || (f <= COS && hi - lo > 7) || !(hi <= 1e6 && lo >= -1e6) ||
            (f == POW && (p < 0 || lo < 1e-200)))
            continue;
        mpfr_sub(w, least, z.lo, MPFR_RNDN); /* extremes at k pi/2, to their doubles */
        if (mpfr_cmp_d(w, 1e-15 + ldexp(fabs(mpfr_get_d(least, MPFR_RNDN)),
                                        2 - (system ? (int)ctx->prec : 53))) > 0)
            fail_msg("%s on [%.17g, %.17g]: wide below", name[f], lo, hi);
        mpfr_sub(w, z.hi, most, MPFR_RNDN);
        if (mpfr_cmp_d(w, 1e-15 + ldexp(fabs(mpfr_get_d(most, MPFR_RNDN)),
                                        2 - (system ? (int)ctx->prec : 53))) > 0)
            fail_msg("%s on [%.17g, %.17g]: wide above", name[f], lo, hi);
    }
    mpfr_clears(v, least, most, w, z.lo, z.hi, (mpfr_ptr)0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_nearest),
        cmocka_unit_test(small_formats_and_mpfr),
        cmocka_unit_test(rationals_are_exact),
        cmocka_unit_test(enclosures_hold),
    };
    const int bad = cmocka_run_group_tests_name("elementary", tests, NULL, NULL);
    mpfr_free_cache();
    return bad;
}
