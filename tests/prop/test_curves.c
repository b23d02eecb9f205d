/* test_curves.c -- ranges and lines of every function of one element, at random intervals of
 * all sizes and at those that end where something happens: they hold at every point tried,
 * by MPFR at 600 bits, and are not needlessly far. [L-RLX-40] [L-RLX-41] [L-RLX-42]
 * [L-RLX-43] [L-RLX-44] [L-RLX-45]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_judge.h"

#include <float.h>

#define PI 3.1415926535897931
enum { EXACT = 4400, POINTS = 24 };

/* y - (a x + b) to a double, away from 0, less what the judge may be off by */
static double gap(const sbx_unary *f, double x, double a, double b)
{
    mpfr_t y, z, w;
    double d;
    mpfr_init2(y, JUDGE_BITS);
    mpfr_inits2(EXACT, z, w, (mpfr_ptr)0);
    judge_value(y, f, x);
    mpfr_set_d(z, a, MPFR_RNDN);
    mpfr_mul_d(z, z, x, MPFR_RNDN);
    mpfr_set_d(w, b, MPFR_RNDN);
    mpfr_add(z, z, w, MPFR_RNDN);
    mpfr_sub(z, y, z, MPFR_RNDN); /* EXACT bits */
    mpfr_abs(w, y, MPFR_RNDN);
    mpfr_div_2ui(w, w, 400, MPFR_RNDN);
    if (mpfr_cmpabs(z, w) <= 0) mpfr_set_zero(z, 1);
    d = mpfr_get_d(z, MPFR_RNDA);
    mpfr_clears(y, z, w, (mpfr_ptr)0);
    return d;
}

/* ---- intervals ------------------------------------------------------------------------- */

static bool only_positive(const sbx_unary *f)
{
    return f->fn == SBX_FN_LOG || f->fn == SBX_FN_SQRT ||
           (f->fn == SBX_FN_POW && floor(f->p) < f->p);
}
static bool no_zero(const sbx_unary *f)
{
    return f->fn == SBX_FN_RECIPROCAL || f->fn == SBX_FN_LOG || (f->fn == SBX_FN_POW && f->p < 0);
}

static double pick(uint64_t *s, const double *v, size_t n) { return v[sbx_rng(s) % n]; }
#define PICK(s, ...) \
    pick(s, (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

/* a place where some function does something, or its neighbour */
static double special(const sbx_unary *f, uint64_t *s)
{
    const double p = f->fn == SBX_FN_HARD_SIGMOID ? -f->q / f->p : f->p;
    const double q = f->fn == SBX_FN_HARD_SIGMOID ? (1 - f->q) / f->p : f->q;
    double v =
        PICK(s, 0, -0.0, 1, -1, 3, -3, 0.5, -0.5, 2.5, -1.5, 1.4142135623730951,
             -1.4142135623730951, PI, -PI, PI / 2, -PI / 2, 2 * PI, -0.7517915, 7, 22, 355, p, q);
    if (!(fabs(v) <= DBL_MAX)) v = 2;
    if (sbx_rng(s) % 3 == 0) v = nextafter(v, HUGE_VAL);
    if (sbx_rng(s) % 3 == 0) v = nextafter(v, -HUGE_VAL);
    return v;
}

static sbx_unary some_function(sbx_unary_fn fn, uint64_t *s)
{
    sbx_unary f = {fn, 0, 0};
    switch ((int)fn) {
    case SBX_FN_LEAKY_RELU: f.p = PICK(s, 0, 0.01, 0.25, 1, 1.5, -0.5, -3); break;
    case SBX_FN_POW:
        f.p = PICK(s, 0, 1, 2, 2, 3, 3, 4, 5, -1, -2, -3, 0.5, 1.5, 2.5, -0.5, 7, 0.1);
        break;
    case SBX_FN_CLIP:
        f.p = PICK(s, -1, 0, -HUGE_VAL, -3, 0.5);
        f.q = PICK(s, 0.5, 6, HUGE_VAL, 1);
        break;
    case SBX_FN_ELU:
    case SBX_FN_CELU: f.p = PICK(s, 1, 0.5, 2, -1, 0.1); break;
    case SBX_FN_SELU:
        f.p = PICK(s, 1.67326319217681884765625, 1, -1);
        f.q = PICK(s, 1.05070102214813232421875, 2, -0.5);
        break;
    case SBX_FN_HARD_SIGMOID:
        f.p = PICK(s, 0.2, 1.0 / 6, 1, 3);
        f.q = PICK(s, 0.5, 0.3, -1, 0);
        break;
    case SBX_FN_THRESHOLDED_RELU: f.p = PICK(s, 1, 0, -1, 0.3); break;
    default: break;
    }
    return f;
}

static sbx_ivd some_interval(const sbx_unary *f, uint64_t *s)
{
    sbx_ivd x;
    double c = test_uniform(s, -1, 1) * pow(10.0, test_uniform(s, -3, 1.7));
    double w = pow(10.0, test_uniform(s, -14, 1.5)), u = sbx_rng_unit(s);
    if (sbx_rng(s) % 16 == 0) w = 0;
    if (sbx_rng(s) % 16 == 0) c *= 1e5;
    if (sbx_rng(s) % 32 == 0) c *= 0x1p-1060;
    if (sbx_rng(s) % 32 == 0) c *= 1e150;
    x = (sbx_ivd){c - w * u, c + w * (1 - u)};
    if (sbx_rng(s) % 4 == 0) x.lo = special(f, s);
    if (sbx_rng(s) % 4 == 0) x.hi = special(f, s);
    if (sbx_rng(s) % 64 == 0) x.lo = -DBL_MAX;
    if (sbx_rng(s) % 64 == 0) x.hi = DBL_MAX;
    if (x.lo > x.hi) x = (sbx_ivd){x.hi, x.lo};
    if (f->fn == SBX_FN_EXP && x.lo > 700) x = (sbx_ivd){x.lo / 1e5, x.lo / 1e5};
    if (only_positive(f)) x = (sbx_ivd){fmax(x.lo, 0), fmax(fabs(x.lo), fabs(x.hi))};
    if (no_zero(f) && x.lo <= 0 && x.hi >= 0) x = (sbx_ivd){0x1p-1000, fmax(fabs(x.lo), x.hi)};
    if (x.lo > x.hi) x.hi = x.lo;
    return x;
}

static double some_point(const sbx_unary *f, sbx_ivd x, int k, uint64_t *s)
{
    double t = x.lo + (x.hi - x.lo) * sbx_rng_unit(s);
    if (k == 0) return x.lo;
    if (k == 1) return x.hi;
    if (k % 3 == 0) t = special(f, s);
    if (k % 7 == 0) t = x.lo / 2 + x.hi / 2;
    if (k % 5 == 0) t = rint(t) + PICK(s, 0, 0, 0.5);
    return t >= x.lo && t <= x.hi ? t : k % 2 ? x.lo : x.hi;
}

/* ---- they hold --------------------------------------------------------------------------- */

static void assert_holds(const sbx_unary *f, sbx_ivd x, double at, uint64_t seed, uint64_t *s)
{
    sbx_line_pair r;
    sbx_ivd y;
    assert_ok(sbx_relax_unary(&r, *f, x, at, err));
    assert_ok(sbx_range_unary(&y, *f, x, err));
    assert_true(y.lo <= y.hi && fabs(r.lo_a) <= DBL_MAX && fabs(r.hi_a) <= DBL_MAX);
    for (int k = 0; k < POINTS; k++) {
        const double t = some_point(f, x, k, s);
        bool good = r.lo_b < HUGE_VAL && r.hi_b > -HUGE_VAL;
        if (y.lo > -HUGE_VAL) good = good && gap(f, t, 0, y.lo) >= 0;
        if (y.hi < HUGE_VAL) good = good && gap(f, t, 0, y.hi) <= 0;
        if (r.lo_b > -HUGE_VAL) good = good && gap(f, t, r.lo_a, r.lo_b) >= 0;
        if (r.hi_b < HUGE_VAL) good = good && gap(f, t, r.hi_a, r.hi_b) <= 0;
        if (!good)
            fail_msg("SBX_SEED=%llu: %s(%.17g, %.17g) on [%.17g, %.17g] at %.17g: [%.17g, %.17g], "
                     "%.17g x + %.17g, %.17g x + %.17g",
                     (unsigned long long)seed, judge_name[f->fn], f->p, f->q, x.lo, x.hi, t, y.lo,
                     y.hi, r.lo_a, r.lo_b, r.hi_a, r.hi_b);
    }
}

static bool slope_at(const sbx_unary *f)
{
    return f->fn == SBX_FN_RELU || (f->fn == SBX_FN_LEAKY_RELU && f->p >= 0 && f->p <= 1);
}

static void bounds_hold(void **state)
{
    (void)state;
    for (long k = 0; k < test_rounds(4000); k++) {
        const uint64_t seed = test_seed() + (uint64_t)k;
        uint64_t s = seed;
        const sbx_unary f = some_function((sbx_unary_fn)(k % SBX_FN_UNARY_COUNT), &s);
        const sbx_ivd x = some_interval(&f, &s);
        assert_holds(&f, x, (double)NAN, seed, &s);
        if (!slope_at(&f)) {
            const double at = x.lo + (x.hi - x.lo) * sbx_rng_unit(&s);
            assert_holds(&f, x, at >= x.lo && at <= x.hi ? at : x.lo, seed, &s);
        }
    }
}

/* ---- they are not needlessly far ----------------------------------------------------------- */

/* s times the least convex (s = 1) value at c, from chords of a grid: above the envelope */
static double hull_at(double *unseen, const sbx_unary *f, sbx_ivd x, double c, double s)
{
    enum { STEPS = 240 };
    double best = HUGE_VAL, t[STEPS + 1], y[STEPS + 1];
    mpfr_t v;
    mpfr_init2(v, JUDGE_BITS);
    for (int k = 0; k <= STEPS; k++) {
        t[k] = k == STEPS ? x.hi : x.lo + (x.hi - x.lo) * k / STEPS;
        judge_value(v, f, t[k]);
        y[k] = s * mpfr_get_d(v, MPFR_RNDN);
    }
    for (int j = 0; j <= STEPS && t[j] <= c; j++)
        for (int k = STEPS; k >= j && t[k] >= c; k--)
            best = fmin(best, j == k ? y[j] : y[j] + (y[k] - y[j]) * (c - t[j]) / (t[k] - t[j]));
    mpfr_clear(v);
    *unseen = 0; /* a grid does not see curvature, nor kinks */
    for (int k = 1; k < STEPS; k++)
        *unseen = fmax(*unseen, fabs(y[k - 1] - 2 * y[k] + y[k + 1]));
    return best;
}

static void bounds_touch(void **state)
{
    (void)state;
    for (long k = 0; k < test_rounds(1500); k++) {
        const uint64_t seed = test_seed() + 70000 + (uint64_t)k;
        uint64_t s = seed;
        const sbx_unary f = some_function((sbx_unary_fn)(k % SBX_FN_UNARY_COUNT), &s);
        const double w = test_uniform(&s, 0.01, 3), c = test_uniform(&s, -4, 4);
        sbx_ivd x = {c - w, c + w}, y;
        double at, far, step, lo, hi, a, b, unseen;
        sbx_line_pair r;
        if (only_positive(&f) || no_zero(&f)) x = (sbx_ivd){fabs(c) + 0.1, fabs(c) + 0.1 + 2 * w};
        at = test_uniform(&s, x.lo, x.hi);
        assert_ok(sbx_range_unary(&y, f, x, err));
        assert_ok(sbx_relax_unary(&r, f, x, slope_at(&f) ? (double)NAN : at, err));
        if (slope_at(&f)) at = x.lo / 2 + x.hi / 2;
        lo = hull_at(&unseen, &f, x, at, 1);
        hi = -hull_at(&unseen, &f, x, at, -1);
        far = y.hi - y.lo;
        /* and the share of the spread that is promised; jumps */
        if (f.fn >= SBX_FN_THRESHOLDED_RELU) unseen = 0.05 * far + 0.05;
        step =
            1e-12 + unseen + far * (f.fn == SBX_FN_GELU_TANH || f.fn == SBX_FN_MISH ? 0.02 : 1e-4);
        a = r.lo_a * at + r.lo_b;
        b = r.hi_a * at + r.hi_b;
        if (!(a >= lo - step && b <= hi + step))
            fail_msg(
                "SBX_SEED=%llu: %s(%g, %g) on [%.17g, %.17g] at %.17g: %g under %g, %g above %g",
                (unsigned long long)seed, judge_name[f.fn], f.p, f.q, x.lo, x.hi, at, a, lo, b, hi);
    }
}

/* both ends of a range are values, nearly */
static void ranges_are_tight(void **state)
{
    (void)state;
    for (long k = 0; k < test_rounds(1500); k++) {
        const uint64_t seed = test_seed() + 90000 + (uint64_t)k;
        uint64_t s = seed;
        const sbx_unary f = some_function((sbx_unary_fn)(k % SBX_FN_UNARY_COUNT), &s);
        const double w = test_uniform(&s, 0.01, 3), c = test_uniform(&s, -4, 4);
        sbx_ivd x = {c - w, c + w}, y;
        double lo = HUGE_VAL, hi = -HUGE_VAL, off;
        mpfr_t v;
        if (only_positive(&f) || no_zero(&f)) x = (sbx_ivd){fabs(c) + 0.1, fabs(c) + 0.1 + 2 * w};
        assert_ok(sbx_range_unary(&y, f, x, err));
        mpfr_init2(v, JUDGE_BITS);
        for (int j = 0; j <= 600; j++) {
            judge_value(v, &f, j < 400 ? x.lo + (x.hi - x.lo) * j / 400 : some_point(&f, x, j, &s));
            lo = fmin(lo, mpfr_get_d(v, MPFR_RNDN));
            hi = fmax(hi, mpfr_get_d(v, MPFR_RNDN));
        }
        mpfr_clear(v);
        if (f.fn == SBX_FN_THRESHOLDED_RELU) continue; /* p is no value, and an infimum */
        off = 1e-14 + (hi - lo) * 2e-4;
        if (!(y.lo >= lo - off && y.hi <= hi + off))
            fail_msg(
                "SBX_SEED=%llu: %s(%g, %g) on [%.17g, %.17g]: [%.17g, %.17g], values in %.17g, "
                "%.17g",
                (unsigned long long)seed, judge_name[f.fn], f.p, f.q, x.lo, x.hi, y.lo, y.hi, lo,
                hi);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(bounds_touch),
        cmocka_unit_test(ranges_are_tight),
    };
    return cmocka_run_group_tests_name("curves", tests, NULL, NULL);
}
