/* Rounding errors: the operations of a format, what is observed, and what is proved, judged by
 * MPFR at 300 bits and by programs written apart from the library. [L-ERR-01 .. L-ERR-09]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <float.h>
#include <math.h>

#include "error/format.h"
#include "reference.h"
#include "softbox/error.h"
#include "softbox/num.h"

/* ---- the operations, against MPFR rounded into the format -------------------------- */

static const char *const formats[] = {"fp16", "bf16", "tf32", "e5m2", "e4m3", "f32", "f64"};
#define FORMATS (sizeof formats / sizeof *formats)

static void format_of(fmt *f, const char *name)
{
    sbx_num num;
    sbx_format format;
    assert_ok(sbx_error_number(&num, &format, name, err));
    sbx_fmt_make(f, num, format, false);
}

static double fitted(const fmt *f, mpfr_t r, int t)
{
    const mpfr_exp_t lo = mpfr_get_emin(), hi = mpfr_get_emax();
    double v;
    (void)mpfr_set_emin(f->emin - f->p + 2);
    (void)mpfr_set_emax(f->emax + 1);
    t = mpfr_check_range(r, t, MPFR_RNDN);
    (void)mpfr_subnormalize(r, t, MPFR_RNDN);
    (void)mpfr_set_emin(lo);
    (void)mpfr_set_emax(hi);
    v = mpfr_get_d(r, MPFR_RNDN);
    return f->nan_only && !(fabs(v) <= 448.0) ? (double)NAN : v;
}

enum { JADD, JMUL, JDIV, JFMA, JEXP, JLOG, JLOG1P };

/* a op b (+ c), rounded once */
static double judge(const fmt *f, int op, double a, double b, double c)
{
    mpfr_t x, y, z, r;
    double v;
    int t = 0;
    mpfr_inits2(53, x, y, z, (mpfr_ptr)NULL);
    mpfr_init2(r, f->p);
    mpfr_set_d(x, a, MPFR_RNDN);
    mpfr_set_d(y, b, MPFR_RNDN);
    mpfr_set_d(z, c, MPFR_RNDN);
    switch (op) {
    case JADD: t = mpfr_add(r, x, y, MPFR_RNDN); break;
    case JMUL: t = mpfr_mul(r, x, y, MPFR_RNDN); break;
    case JDIV: t = mpfr_div(r, x, y, MPFR_RNDN); break;
    case JFMA: t = mpfr_fma(r, x, y, z, MPFR_RNDN); break;
    case JEXP: t = mpfr_exp(r, x, MPFR_RNDN); break;
    case JLOG: t = mpfr_log(r, x, MPFR_RNDN); break;
    default: t = mpfr_log1p(r, x, MPFR_RNDN); break;
    }
    v = fitted(f, r, t);
    mpfr_clears(x, y, z, r, (mpfr_ptr)NULL);
    return v;
}

static void same(double a, double b, const char *what, double x, double y)
{
    if (a != a && b != b) return;
    if (memcmp(&a, &b, sizeof a) != 0 && !(a == 0.0 && b == 0.0))
        fail_msg("%s of %a, %a: %a, not %a", what, x, y, a, b);
}

/* any number of the format: all exponents, few or many bits, subnormal, the largest */
static double any(const fmt *f, uint64_t *s)
{
    const int span = f->emax - f->emin + f->p;
    const double m = 1.0 + floor(sbx_rng_unit(s) * ldexp(1.0, (int)(sbx_rng(s) % (unsigned)f->p))) /
                               ldexp(1.0, f->p - 1);
    double v = ldexp(m, f->emin - f->p + 1 + (int)(sbx_rng(s) % (unsigned)span));
    if (sbx_rng(s) % 16 == 0) v = f->max;
    if (sbx_rng(s) % 3 == 0) v = test_uniform(s, 0.25, 4.0);
    v = sbx_fmt_round(f, v, 0.0);
    if (!(fabs(v) <= f->max)) v = f->max;
    return sbx_rng(s) & 1 ? v : -v;
}

/* [L-ERR-01]: bits as MPFR has them, midpoints, subnormal numbers, overflow and e4m3's NaN included */
static void operations_round_once(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (size_t k = 0; k < FORMATS; k++) {
        fmt f;
        format_of(&f, formats[k]);
        for (long n = f.p == 53 ? test_rounds(20000) : 0; n-- > 0;) { /* [L-ERR-10] */
            const double x = ldexp(test_uniform(&s, -1, 1), (int)(sbx_rng(&s) % 14) - 4);
            same(sbx_fmt_exp(&f, x, false), judge(&f, JEXP, x, 0, 0), "exp", x, 0);
        }
        for (long n = test_rounds(4000); n-- > 0;) {
            const double a = any(&f, &s), b = any(&f, &s), c = any(&f, &s);
            same(sbx_fmt_add(&f, a, b), judge(&f, JADD, a, b, 0), formats[k], a, b);
            same(sbx_fmt_mul(&f, a, b), judge(&f, JMUL, a, b, 0), formats[k], a, b);
            if (b != 0.0) same(sbx_fmt_div(&f, a, b), judge(&f, JDIV, a, b, 0), formats[k], a, b);
            same(sbx_fmt_fma(&f, a, b, c), judge(&f, JFMA, a, b, c), formats[k], a, b);
            if (n % 8 == 0) {
                const double x = sbx_fmt_round(&f, test_uniform(&s, -20, 20), 0.0);
                same(sbx_fmt_exp(&f, x, false), judge(&f, JEXP, x, 0, 0), formats[k], x, 0);
                same(sbx_fmt_exp(&f, a, false), judge(&f, JEXP, a, 0, 0), formats[k], a, 0);
                same(sbx_fmt_log(&f, fabs(a)), judge(&f, JLOG, fabs(a), 0, 0), formats[k], a, 0);
                same(sbx_fmt_log1p(&f, fabs(a)), judge(&f, JLOG1P, fabs(a), 0, 0), formats[k], a,
                     0);
            }
        }
    }
}

/* half a unit in the last place bounds the error of rounding, and some error attains it */
static void half_ulp_is_a_bound(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (size_t k = 0; k + 1 < FORMATS; k++) {
        double most = 0.0;
        fmt f;
        format_of(&f, formats[k]);
        for (long n = test_rounds(20000); n-- > 0;) {
            const double top = ldexp(test_uniform(&s, 1.0, 2.0), (int)(sbx_rng(&s) % 8) - 4);
            const double v = test_uniform(&s, 0.0, top), e = fabs(sbx_fmt_round(&f, v, 0.0) - v);
            const double bound = sbx_fmt_half_ulp(&f, top);
            if (!(e <= bound))
                fail_msg("%s: %a below %a: error %a above %a", formats[k], v, top, e, bound);
            most = fmax(most, e / bound);
        }
        assert_true(most > 0.9);
        assert_true(sbx_fmt_half_ulp(&f, 1.0) == f.u / 2);
        assert_true(sbx_fmt_half_ulp(&f, f.min / 2) == ldexp(1.0, f.emin - f.p));
    }
}

/* ---- what is observed, against programs of our own -------------------------------------- */

/* the result of an algorithm, from its definition, by judge() */
static void mine(double *z, const fmt *f, const char *algorithm, const double *x, size_t n)
{
    double e[32], s = 0.0, m = x[0];
    size_t top = 0;
    for (size_t j = 1; j < n; j++)
        if (x[j] > m) m = x[j], top = j;
    if (strcmp(algorithm, "online") == 0) {
        double d = 1.0, r = x[0];
        for (size_t j = 1; j < n; j++) {
            const double now = x[j] > r ? x[j] : r;
            const double a = judge(f, JEXP, judge(f, JADD, r, -now, 0), 0, 0);
            const double b = judge(f, JEXP, judge(f, JADD, x[j], -now, 0), 0, 0);
            d = judge(f, JADD, judge(f, JMUL, d, a, 0), b, 0);
            r = now;
        }
        for (size_t j = 0; j < n; j++)
            z[j] = judge(f, JDIV, judge(f, JEXP, judge(f, JADD, x[j], -m, 0), 0, 0), d, 0);
        return;
    }
    for (size_t j = 0; j < n; j++) {
        const bool shift = strcmp(algorithm, "naive") != 0;
        e[j] = judge(f, JEXP, shift ? judge(f, JADD, x[j], -m, 0) : x[j], 0, 0);
        if (strcmp(algorithm, "shifted") == 0 && j == top) continue;
        s = judge(f, JADD, s, e[j], 0);
    }
    if (strcmp(algorithm, "shifted") == 0) s = judge(f, JADD, 1.0, s, 0);
    for (size_t j = 0; j < n; j++)
        z[j] = judge(f, JDIV, e[j], s, 0);
}

/* the largest |z_i - softmax_i(x)|, by MPFR at 300 bits, as a double rounded to nearest */
static double error_of(const double *z, const double *x, size_t n)
{
    mpfr_t lo[32], hi[32];
    double most = 0.0;
    ref_softmax(lo, hi, x, x, n);
    for (size_t i = 0; i < n; i++) {
        mpfr_sub_d(lo[i], lo[i], z[i], MPFR_RNDN);
        most = fmax(most, fabs(mpfr_get_d(lo[i], MPFR_RNDN)));
        mpfr_clear(lo[i]);
        mpfr_clear(hi[i]);
    }
    return most;
}

static void observed_is_the_error(void **state)
{
    static const char *const algorithms[] = {"naive", "shifted", "safe", "online"};
    uint64_t s = test_seed();
    (void)state;
    for (size_t k = 0; k < FORMATS; k++)
        for (size_t a = 0; a < 4; a++)
            for (long rounds = test_rounds(60); rounds-- > 0;) {
                const size_t n = 1 + sbx_rng(&s) % 12;
                double x[12], z[12], e;
                sbx_error_setup setup;
                sbx_error_report r;
                fmt f;
                format_of(&f, formats[k]);
                for (size_t j = 0; j < n; j++)
                    x[j] = sbx_fmt_round(&f, test_uniform(&s, -5, 5), 0.0);
                assert_ok(sbx_error_setup_make(&setup, "softmax", algorithms[a], formats[k], err));
                assert_ok(sbx_error_point(&r, &setup, x, n, err));
                mine(z, &f, algorithms[a], x, n);
                if (r.overflow) continue;
                e = error_of(z, x, n);
                if (!(r.observed_lo <= e * (1 + 1e-12) + 1e-300 && e <= r.observed * (1 + 1e-12)))
                    fail_msg("%s %s: observed %a .. %a, is %a", algorithms[a], formats[k],
                             r.observed_lo, r.observed, e);
                assert_true(r.observed - r.observed_lo <= 1e-3 * f.u);
            }
}

/* log sum e^x less v, at 300 bits */
static double log_error(double z, double v, const double *x, size_t n)
{
    mpfr_t s, t;
    double e;
    mpfr_inits2(300, s, t, (mpfr_ptr)NULL);
    mpfr_set_ui(s, 0, MPFR_RNDN);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(t, x[j], MPFR_RNDN);
        mpfr_exp(t, t, MPFR_RNDN);
        mpfr_add(s, s, t, MPFR_RNDN);
    }
    mpfr_log(s, s, MPFR_RNDN);
    mpfr_d_sub(s, v, s, MPFR_RNDN); /* log-softmax: v = x_i; lse: -(0 - log sum) */
    mpfr_d_sub(s, z, s, MPFR_RNDN);
    e = fabs(mpfr_get_d(s, MPFR_RNDN));
    mpfr_clears(s, t, (mpfr_ptr)NULL);
    return e;
}

/* Of logarithms in double, equal neighbours among the inputs; two forms from their definitions. [L-STU-26] */
static void errors_of_logarithms(void **state)
{
    uint64_t s = test_seed();
    fmt f;
    (void)state;
    format_of(&f, "f64");
    for (long rounds = test_rounds(100); rounds-- > 0;) {
        const size_t n = 1 + sbx_rng(&s) % 12;
        const double side = rounds % 5 ? 5 : 300;
        double x[12], e = 0.0, sum = 0.0, m;
        sbx_error_setup setup;
        sbx_error_report r;
        for (size_t j = 0; j < n; j++)
            x[j] = j && sbx_rng(&s) % 3 == 0 ? x[j - 1] : test_uniform(&s, -side, side);
        m = x[0];
        for (size_t j = 1; j < n; j++)
            m = fmax(m, x[j]);
        for (size_t j = 0; j < n; j++)
            sum += judge(&f, JEXP, x[j], 0, 0);
        assert_ok(sbx_error_setup_make(&setup, "lse", "naive", "f64", err));
        assert_ok(sbx_error_point(&r, &setup, x, n, err));
        e = log_error(-judge(&f, JLOG, sum, 0, 0), 0, x, n);
        assert_true(r.observed_lo <= e * (1 + 1e-12) && e <= r.observed * (1 + 1e-12));
        assert_true(r.observed - r.observed_lo <= 1e-6 * f.u);
        sum = e = 0.0;
        for (size_t j = 0; j < n; j++)
            sum += judge(&f, JEXP, x[j] - m, 0, 0);
        sum = judge(&f, JLOG, sum, 0, 0);
        for (size_t j = 0; j < n; j++)
            e = fmax(e, log_error((x[j] - m) - sum, x[j], x, n));
        assert_ok(sbx_error_setup_make(&setup, "log-softmax", "safe", "f64", err));
        assert_ok(sbx_error_point(&r, &setup, x, n, err));
        assert_true(r.observed_lo <= e * (1 + 1e-12) && e <= r.observed * (1 + 1e-12));
        assert_true(r.observed - r.observed_lo <= 1e-6 * f.u);
    }
}

/* ---- what is proved --------------------------------------------------------------------------- */

/* a random arithmetic for an algorithm */
static void any_setup(sbx_error_setup *s, const sbx_error_algorithm *a, uint64_t *seed)
{
    const char *number = formats[sbx_rng(seed) % FORMATS];
    assert_ok(sbx_error_setup_make(s, a->kernel, a->name, number, err));
    s->order = (sbx_error_order)(sbx_rng(seed) % 4);
    s->tile = 1 + sbx_rng(seed) % 5;
    s->fma = sbx_rng(seed) & 1;
    s->ftz = sbx_rng(seed) % 4 == 0;
    s->threshold = test_uniform(seed, 0.1, 6.0);
    if (s->number == SBX_NUM_F64 && sbx_rng(seed) % 3 == 0) s->exp_ulps = 0.0;
    if (sbx_rng(seed) % 6 == 0) s->exp_ulps = 1.0;
    if (s->number == SBX_NUM_LOWP && sbx_rng(seed) % 3 == 0) s->acc = SBX_NUM_F32;
    if (s->number == SBX_NUM_F64 && sbx_rng(seed) % 6 == 0) s->acc = SBX_NUM_F32; /* narrower */
}

/* a box: narrow, wide, a point; about zero or far from it; ends of any bits */
static void any_box(double *lo, double *hi, size_t n, uint64_t *seed)
{
    static const double widths[] = {0.0, 1e-6, 0.1, 1.0, 4.0, 30.0};
    const double width = widths[sbx_rng(seed) % 6], far = sbx_rng(seed) % 8 ? 3.0 : 90.0;
    for (size_t j = 0; j < n; j++) {
        lo[j] = test_uniform(seed, -far, far);
        hi[j] = lo[j] + test_uniform(seed, 0.0, width);
    }
}

static bool inside(double *x, const fmt *f, const double *lo, const double *hi, size_t n,
                   uint64_t *seed)
{
    const unsigned kind = (unsigned)(sbx_rng(seed) % 3);
    for (size_t j = 0; j < n; j++) {
        double v = test_uniform(seed, lo[j], hi[j]);
        if (kind == 1) v = sbx_rng(seed) & 1 ? lo[j] : hi[j];
        x[j] = sbx_fmt_round(f, v, 0.0);
        if (f->ftz && fabs(x[j]) < f->min) x[j] = 0.0;
        if (x[j] < lo[j] || x[j] > hi[j]) x[j] = sbx_fmt_round(f, (lo[j] + hi[j]) / 2, 0.0);
        if (x[j] < lo[j] || x[j] > hi[j] || fabs(x[j]) > f->max) return false;
    }
    return true;
}

/* [L-ERR-02], [L-ERR-03], [L-ERR-04], [L-ERR-05], [L-ERR-06], [L-ERR-07], [L-ERR-08], [L-ERR-09], [L-ERR-11]: no error of any algorithm in any
 * arithmetic is above the bound of its point, nor of a box around it; nor above the theorem's */
static void no_error_is_above_a_bound(void **state)
{
    size_t count, finite = 0, all = 0;
    const sbx_error_algorithm *a = sbx_error_algorithms(&count);
    uint64_t s = test_seed();
    (void)state;
    for (size_t k = 0; k < count; k++)
        for (long rounds = test_rounds(60); rounds-- > 0;) {
            const size_t n = 2 * (1 + sbx_rng(&s) % 5);
            const sbx_error_effort effort = {1 + sbx_rng(&s) % 8, 4, 1};
            double lo[12], hi[12], x[12];
            sbx_error_setup setup;
            sbx_error_report box, at;
            fmt f;
            any_setup(&setup, &a[k], &s);
            any_box(lo, hi, n, &s);
            sbx_fmt_make(&f, setup.number, setup.format, setup.ftz);
            assert_ok(sbx_error_box(&box, NULL, &setup, lo, hi, n, &effort, err));
            all++;
            finite += box.bound < HUGE_VAL;
            assert_true(box.bound < HUGE_VAL || box.reason);
            if (box.ran && box.overflow && box.bound < HUGE_VAL)
                fail_msg("%s %s: overflow that was proved impossible", a[k].kernel, a[k].name);
            for (int p = 0; p < 4; p++) {
                if (!inside(x, &f, lo, hi, n, &s)) continue;
                assert_ok(sbx_error_point(&at, &setup, x, n, err));
                if (at.overflow && (at.bound < HUGE_VAL || box.bound < HUGE_VAL))
                    fail_msg("%s %s: overflow that was proved impossible", a[k].kernel, a[k].name);
                if (at.overflow) continue;
                if (!(at.observed_lo <= at.bound && at.observed_lo <= at.apriori &&
                      at.observed_lo <= box.bound && at.observed_lo <= box.apriori))
                    fail_msg(
                        "%s %s p %d acc %d order %d fma %d ftz %d ulps %g n %zu: observed %a at "
                        "x[0] = %a; bounds %a, %a, box %a, %a; box of %a, width %a",
                        a[k].kernel, a[k].name, f.p, (int)setup.acc, (int)setup.order, setup.fma,
                        setup.ftz, setup.exp_ulps, n, at.observed_lo, x[0], at.bound, at.apriori,
                        box.bound, box.apriori, lo[0], hi[0] - lo[0]);
            }
        }
    assert_true(finite * 2 > all);
}

/* [L-ERR-04]: sums of many terms that cancel, where the errors of the errors show */
static void compensated_sums(void **state)
{
    static const char *const some[] = {"bf16", "fp16", "tf32", "f32"};
    uint64_t s = test_seed();
    (void)state;
    for (size_t k = 0; k < 4; k++)
        for (long rounds = test_rounds(200); rounds-- > 0;) {
            const size_t n = 32 + sbx_rng(&s) % 32;
            double x[64], sum = 0.0;
            sbx_error_setup setup;
            sbx_error_report r;
            fmt f;
            format_of(&f, some[k]);
            for (size_t j = 0; j + 1 < n; j++) {
                x[j] = sbx_fmt_round(
                    &f, test_uniform(&s, -1, 1) * ldexp(1.0, (int)(sbx_rng(&s) % 6)), 0.0);
                sum += x[j];
            }
            x[n - 1] = sbx_fmt_round(&f, -sum, 0.0);
            assert_ok(sbx_error_setup_make(&setup, "sum", "compensated", some[k], err));
            assert_ok(sbx_error_point(&r, &setup, x, n, err));
            assert_true(r.observed_lo <= r.bound && r.bound < HUGE_VAL);
        }
}

/* One term of 1, and others each of which is rounded away: the bounds of recursive sums are nearly
 * attained. [L-ERR-05], [L-ERR-07], [L-ERR-12] */
static void sums_that_stand_still(void **state)
{
    static const char *const some[] = {"naive", "safe", "online"};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        double x[200] = {0.0};
        sbx_error_setup setup;
        sbx_error_report r;
        for (size_t j = 1; j < 200; j++)
            x[j] = -7.6875;
        assert_ok(sbx_error_setup_make(&setup, "softmax", some[k], "fp16", err));
        assert_ok(sbx_error_point(&r, &setup, x, 200, err));
        assert_true(r.observed_u > 175.0 && r.bound_u < 2.0 * r.observed_u);
        assert_true(r.observed_lo <= r.bound && r.observed_lo <= r.apriori);
    }
}

/* Beyond 200000 inputs something is still looked for, in the box, and it is what the point has. */
static void very_many(void **state)
{
    static const char *const kernels[] = {"softmax", "log-softmax", "lse", "sum", "dot"};
    static const char *const numbers[] = {"f64", "f32"};
    const size_t n = 200002;
    double *lo = malloc(3 * n * sizeof *lo), *hi = lo + n, *x = hi + n;
    (void)state;
    assert_non_null(lo);
    for (size_t j = 0; j < n; j++)
        lo[j] = -5, hi[j] = 5;
    for (size_t k = 0; k < 5; k++)
        for (size_t t = 0; t < 2; t++) {
            const bool sums = k >= 3;
            sbx_error_setup s;
            sbx_error_report r, p;
            assert_ok(
                sbx_error_setup_make(&s, kernels[k], sums ? "recursive" : "safe", numbers[t], err));
            assert_ok(sbx_error_box(&r, x, &s, lo, hi, n, NULL, err));
            assert_true(r.ran && !r.overflow && r.observed > 0 && r.observed <= r.bound);
            for (size_t j = 0; j < n; j++)
                assert_true(x[j] >= -5 && x[j] <= 5);
            assert_ok(sbx_error_point(&p, &s, x, n, err));
            assert_true(p.observed <= r.observed && p.observed >= r.observed * (1 - 1e-9));
            assert_true(p.observed_u <= r.observed_u * (1 + 1e-6) &&
                        p.observed_u >= r.observed_u * (1 - 1e-6));
            if (k < 4) assert_true(r.observed_u > 2000); /* sums drift */
        }
    free(lo);
}

/* ---- published figures -------------------------------------------------------------------------- */

static void box_of(sbx_error_report *r, const char *kernel, const char *algorithm,
                   const char *number, sbx_error_order order, double exp_ulps, double side,
                   size_t n)
{
    const sbx_error_effort effort = {0, 8, 1};
    sbx_error_setup s;
    double *lo = malloc(2 * n * sizeof *lo);
    assert_non_null(lo);
    for (size_t j = 0; j < n; j++)
        lo[j] = -side, lo[n + j] = side;
    assert_ok(sbx_error_setup_make(&s, kernel, algorithm, number, err));
    s.order = order;
    s.exp_ulps = exp_ulps;
    assert_ok(sbx_error_box(r, NULL, &s, lo, lo + n, n, &effort, err));
    free(lo);
}

/* The true worst error of the recursive n = 10 is above 1.05e-15, so its bound is, too. */
static void boxes_of_doubles(void **state)
{
    const sbx_error_order recursive = SBX_ERROR_RECURSIVE, pairwise = SBX_ERROR_PAIRWISE;
    sbx_error_report r;
    (void)state;
    box_of(&r, "softmax", "naive", "f64", recursive, 0.5, 1.0, 3);
    assert_true(r.bound >= 2e-16 && r.bound <= 2.5e-16);
    box_of(&r, "softmax", "shifted", "f64", recursive, 0.5, 1.0, 3);
    assert_true(r.bound >= 1.5e-16 && r.bound <= 2.5e-16);
    box_of(&r, "softmax", "naive", "f64", recursive, 0.0, 1.0, 3);
    assert_true(r.bound >= 2e-16 && r.bound <= 2.7e-16);
    box_of(&r, "softmax", "naive", "f64", recursive, 0.5, 5.0, 10);
    assert_true(r.bound >= 1.05e-15 && r.bound < 1.3e-15);
    box_of(&r, "softmax", "naive", "f64", pairwise, 0.5, 5.0, 10);
    assert_true(r.bound < 1e-15);
}

/* 2500 vectors of a network, rounded to the format (Blanchard, Higham, Higham): how many overflow
 * unshifted and shifted; the largest error and the mean one of those that do not overflow unshifted, in u */
static void presoftmax_vectors(void **state)
{
    static const struct {
        const char *algorithm, *number;
        double most, mean;
        size_t overflow;
    } want[] = {
        {"naive", "fp16", 4.70, 0.71, 475}, {"naive-division-free", "fp16", 10.3, 3.15, 475},
        {"shifted", "fp16", 2.05, 0.53, 0}, {"division-free", "fp16", 8.30, 3.05, 0},
        {"naive", "bf16", 3.07, 0.56, 0},   {"naive-division-free", "bf16", 9.50, 2.13, 0},
        {"shifted", "bf16", 1.80, 0.48, 0}, {"division-free", "bf16", 8.37, 2.08, 0},
    };
    static double x[2500][10];
    char path[4200];
    FILE *f;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/data/presoftmax/presoftmax-2500x10.txt",
                   test_shared() ? test_shared() : ".");
    f = fopen(path, "r");
    if (!f) {
        print_message("skip: no pre-softmax vectors\n");
        skip();
    }
    for (size_t k = 0; k < 25000; k++)
        assert_int_equal(fscanf(f, "%la", &x[k / 10][k % 10]), 1);
    (void)fclose(f);
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        size_t overflow = 0, counted = 0;
        double most = 0.0, sum = 0.0;
        sbx_error_setup s, plain;
        fmt format;
        format_of(&format, want[k].number);
        assert_ok(sbx_error_setup_make(&s, "softmax", want[k].algorithm, want[k].number, err));
        assert_ok(sbx_error_setup_make(&plain, "softmax", "naive", want[k].number, err));
        for (size_t v = 0; v < 2500; v++) {
            double y[10], all = 0.0;
            sbx_error_report r;
            for (size_t j = 0; j < 10; j++) {
                y[j] = sbx_fmt_round(&format, x[v][j], 0.0);
                all = sbx_fmt_add(&format, all, sbx_fmt_exp(&format, y[j], false));
            }
            assert_ok(sbx_error_point(&r, &s, y, 10, err));
            overflow += r.overflow;
            if (r.overflow) continue;
            assert_true(r.observed_lo <= r.bound && r.observed_lo <= r.apriori);
            assert_true(r.observed_u <= r.published_u);
            assert_true(r.bound_u < 40.0);
            most = fmax(most, r.observed_u);
            if (all < HUGE_VAL) sum += r.observed_u, counted++;
        }
        assert_int_equal(overflow, want[k].overflow);
        assert_true(fabs(most / want[k].most - 1.0) < 0.005);
        assert_true(fabs(sum / (double)counted - want[k].mean) < 0.0051);
    }
}

/* The term of the last addition: without it a bound of log-sum-exp is too small. [L-ERR-06] */
static void the_last_addition_counts(void **state)
{
    const double x[2] = {1000.0, 999.5};
    sbx_error_setup s;
    sbx_error_report r;
    (void)state;
    assert_ok(sbx_error_setup_make(&s, "lse", "shifted", "fp16", err));
    assert_ok(sbx_error_point(&r, &s, x, 2, err));
    assert_true(r.observed_u > 10.0 * r.published_u);
    assert_true(r.observed <= r.apriori && r.observed <= r.bound);
}

/* Overflow, underflow and what is no question. */
static void reasons_and_refusals(void **state)
{
    const double big[2] = {12.0, 1.0}, low[2] = {-30.0, -31.0}, nan[1] = {(double)NAN},
                 odd[1] = {0.1};
    sbx_error_setup s;
    sbx_error_report r;
    (void)state;
    assert_ok(sbx_error_setup_make(&s, "softmax", "naive", "fp16", err));
    assert_ok(sbx_error_point(&r, &s, big, 2, err));
    assert_true(r.overflow && r.bound == HUGE_VAL && r.reason);
    assert_ok(sbx_error_point(&r, &s, low, 2, err)); /* 0/0 */
    assert_true(r.overflow && r.bound == HUGE_VAL && r.reason);
    assert_ok(sbx_error_setup_make(&s, "softmax", "two-pass", "fp16", err));
    assert_ok(sbx_error_point(&r, &s, low, 2, err));
    assert_true(!r.overflow && r.bound_u < 10.0);
    assert_status(SBX_ERR_ARG, sbx_error_point(&r, &s, nan, 1, err));
    assert_status(SBX_ERR_ARG, sbx_error_point(&r, &s, odd, 1, err));
    assert_status(SBX_ERR_ARG, sbx_error_point(&r, &s, odd, 0, err));
    assert_status(SBX_ERR_ARG, sbx_error_box(&r, NULL, &s, big, low, 2, NULL, err));
    s.tile = 0;
    assert_status(SBX_ERR_ARG, sbx_error_point(&r, &s, low, 2, err));
    assert_status(SBX_ERR_ARG, sbx_error_setup_make(&s, "softmax", "fast", "fp16", err));
    assert_status(SBX_ERR_ARG, sbx_error_setup_make(&s, "sigmoid", "naive", "fp16", err));
    assert_status(SBX_ERR_ARG, sbx_error_setup_make(&s, "softmax", "naive", "ivd", err));
}

/* exp(0) = 1 with an error of one ulp may be 1 + 2u: its logarithm is off by log(1 + 2u), and
 * softmax of (0, 0, 0) may be 1/(1 + 2u + ..) [L-ERR-01] */
static void a_power_of_two_is_off_by_its_ulps(void **state)
{
    const double zero[] = {0.0, 0.0};
    sbx_error_report r;
    sbx_error_setup s;
    (void)state;
    assert_ok(sbx_error_setup_make(&s, "log-softmax", "safe", "bf16", err));
    s.exp_ulps = 1.0;
    assert_ok(sbx_error_point(&r, &s, zero, 1, err));
    assert_true(r.bound >= 0x1p-7); /* 1 + 2^-7, and log of it rounded up by less than an ulp */
    assert_ok(sbx_error_setup_make(&s, "softmax", "naive", "bf16", err));
    s.exp_ulps = 1.0;
    assert_ok(sbx_error_point(&r, &s, zero, 2, err));
    assert_true(r.bound >= 0.501953125 - 0.5); /* (1 + 2^-7)/(2 + 2^-7), rounded to 2^-9 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_round_once),
        cmocka_unit_test(half_ulp_is_a_bound),
        cmocka_unit_test(observed_is_the_error),
        cmocka_unit_test(errors_of_logarithms),
        cmocka_unit_test(no_error_is_above_a_bound),
        cmocka_unit_test(very_many),
        cmocka_unit_test(compensated_sums),
        cmocka_unit_test(sums_that_stand_still),
        cmocka_unit_test(boxes_of_doubles),
        cmocka_unit_test(presoftmax_vectors),
        cmocka_unit_test(the_last_addition_counts),
        cmocka_unit_test(reasons_and_refusals),
        cmocka_unit_test(a_power_of_two_is_off_by_its_ulps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
