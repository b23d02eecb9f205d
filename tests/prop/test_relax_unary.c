/* test_relax_unary.c -- lines and planes of relu, sigmoid, tanh, exp, log, 1/x, sqrt, x y:
 * they hold at every point tried, in MPFR, and are not needlessly far.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/relax.h"

#include "sbx_test.h"

#include <float.h>
#include <math.h>
#include <mpfr.h>

static const char *const name[] = {"relu", "leaky relu", "sigmoid", "tanh",
                                   "exp",  "log",        "1/x",     "sqrt"};
enum { BITS = 300, EXACT = 4400 };

/* f(x) at 300 bits, rounded in one direction; relu exactly */
static void value(mpfr_t y, sbx_unary_fn f, double param, double x, mpfr_rnd_t rnd)
{
    const mpfr_rnd_t other = rnd == MPFR_RNDD ? MPFR_RNDU : MPFR_RNDD;
    mpfr_set_d(y, x, MPFR_RNDN);
    switch ((int)f) {
    case SBX_FN_RELU:
        if (x < 0) mpfr_set_zero(y, 1);
        break;
    case SBX_FN_LEAKY_RELU:
        if (x < 0) mpfr_mul_d(y, y, param, MPFR_RNDN); /* 106 bits: exact */
        break;
    case SBX_FN_SIGMOID:
        mpfr_neg(y, y, MPFR_RNDN);
        mpfr_exp(y, y, other);
        mpfr_add_ui(y, y, 1, other);
        mpfr_ui_div(y, 1, y, rnd);
        break;
    case SBX_FN_TANH: mpfr_tanh(y, y, rnd); break;
    case SBX_FN_EXP: mpfr_exp(y, y, rnd); break;
    case SBX_FN_LOG: mpfr_log(y, y, rnd); break;
    case SBX_FN_RECIPROCAL: mpfr_ui_div(y, 1, y, rnd); break;
    case SBX_FN_SQRT: mpfr_sqrt(y, y, rnd); break;
    default: fail_msg("no such function");
    }
}

/* y - (a x + b), the line exactly, the difference to 300 bits */
static double gap(sbx_unary_fn f, double param, double x, double a, double b, mpfr_rnd_t rnd)
{
    mpfr_t y, z, w;
    double d;
    mpfr_init2(y, BITS);
    mpfr_inits2(EXACT, z, w, (mpfr_ptr)0);
    value(y, f, param, x, rnd);
    mpfr_set_d(z, a, MPFR_RNDN);
    mpfr_mul_d(z, z, x, MPFR_RNDN);
    mpfr_set_d(w, b, MPFR_RNDN);
    mpfr_add(z, z, w, MPFR_RNDN);
    mpfr_sub(y, y, z, rnd);
    d = mpfr_get_d(y, rnd);
    mpfr_clears(y, z, w, (mpfr_ptr)0);
    return d;
}

/* Round down for what should be <= 0 and up for what should be >= 0: only a proved
 * violation counts, and there is none. An infinite intercept is no bound. */
static void assert_line(sbx_unary_fn f, double param, double x, const sbx_line_pair *r,
                        const char *what)
{
    const bool low = r->lo_b > -HUGE_VAL && gap(f, param, x, r->lo_a, r->lo_b, MPFR_RNDU) < 0;
    const bool up = r->hi_b < HUGE_VAL && gap(f, param, x, r->hi_a, r->hi_b, MPFR_RNDD) > 0;
    if (low || up)
        fail_msg("%s: %s at %.17g: %.17g x + %.17g, %.17g x + %.17g", what, name[f], x, r->lo_a,
                 r->lo_b, r->hi_a, r->hi_b);
}

static void assert_lines(sbx_unary_fn f, double param, sbx_ivd x, double at, int points,
                         uint64_t *s, const char *what)
{
    sbx_line_pair r;
    assert_ok(sbx_relax_unary(&r, (sbx_unary){f, param, 0}, x, at, err));
    assert_true(fabs(r.lo_a) <= DBL_MAX && fabs(r.hi_a) <= DBL_MAX);
    assert_true(r.lo_b < HUGE_VAL && r.hi_b > -HUGE_VAL); /* no NaN */
    assert_line(f, param, x.lo, &r, what);
    assert_line(f, param, x.hi, &r, what);
    for (int k = 0; k < points; k++) {
        const double t = test_uniform(s, x.lo, x.hi), clip = fmin(fmax(0.0, x.lo), x.hi);
        assert_line(f, param, t, &r, what);
        assert_line(f, param, clip + (t - clip) * 1e-3, &r, what);
    }
}

static bool positive(sbx_unary_fn f)
{
    return f == SBX_FN_LOG || f == SBX_FN_RECIPROCAL || f == SBX_FN_SQRT;
}

/* [L-RLX-12] [L-RLX-40] [L-RLX-42]: tiny, wide, mixed, one-signed and degenerate
 * intervals */
static void lines_hold(void **state)
{
    (void)state;
    for (long k = 0; k < test_rounds(4000); k++) {
        const uint64_t seed = test_seed() + (uint64_t)k;
        uint64_t s = seed;
        const sbx_unary_fn f = (sbx_unary_fn)(k % 8);
        const double param = sbx_rng(&s) % 4 ? sbx_rng_unit(&s) : (double)(sbx_rng(&s) % 2);
        double c = test_uniform(&s, -1, 1) * pow(10.0, test_uniform(&s, -3, 1.7));
        double w = pow(10.0, test_uniform(&s, -14, 1.7)), u = sbx_rng_unit(&s), at;
        char what[64];
        sbx_ivd x;
        if (sbx_rng(&s) % 16 == 0) w = 0;
        if (sbx_rng(&s) % 16 == 0) c *= 1e4;
        if (sbx_rng(&s) % 8 == 0) c *= 1e-10;
        if (f == SBX_FN_EXP) c = fmin(fmax(c, -800), 600);
        x = (sbx_ivd){c - w * u, c + w * (1 - u)};
        if (positive(f)) x = (sbx_ivd){fabs(c), fabs(c) + w};
        if (positive(f) && sbx_rng(&s) % 8 == 0) x.lo *= 1e-200;
        at = test_uniform(&s, x.lo, x.hi);
        if (f <= SBX_FN_LEAKY_RELU) at = test_uniform(&s, f == SBX_FN_RELU ? 0 : param, 1);
        (void)snprintf(what, sizeof what, "SBX_SEED=%llu", (unsigned long long)seed);
        assert_lines(f, param, x, (double)NAN, 12, &s, what);
        assert_lines(f, param, x, at, 12, &s, what);
    }
}

static void lines_hold_at_the_edge(void **state)
{
    static const sbx_ivd edge[] = {
        {0, 0},
        {0, 0x1p-1074},
        {-0x1p-1074, 0x1p-1074},
        {-1e-300, 1e-300},
        {1e-300, 2e-300},
        {1, 1 + 0x1p-52},
        {1, 1e300},
        {0x1p-1074, DBL_MAX},
        {0x1p-1074, 0x1p-1074},
        {0x1p-1022, 1},
        {-DBL_MAX, DBL_MAX},
        {-DBL_MAX, 0},
        {-1e300, 1},
        {-1, 1e300},
        {DBL_MAX, DBL_MAX},
        {-DBL_MAX, -1e308},
        {700, 709.7},
        {700, 720},
        {709.78, 709.79},
        {720, 1e6},
        {-1e6, 720},
        {-800, -700},
        {-745.2, -745.1},
        {-1e6, 1e6},
        {-40, 40},
        {36, 37},
        {-38, -36},
        {-1e-9, 30},
        {-30, 1e-9},
    };
    uint64_t s = test_seed();
    (void)state;
    for (sbx_unary_fn f = SBX_FN_RELU; f <= SBX_FN_SQRT; f++)
        for (size_t k = 0; k < sizeof edge / sizeof edge[0]; k++) {
            const bool inside = !positive(f) || edge[k].lo > 0 ||
                                (f == SBX_FN_SQRT && edge[k].lo >= 0) ||
                                (f == SBX_FN_RECIPROCAL && edge[k].hi < 0);
            sbx_line_pair r = {7, 7, 7, 7};
            char what[64];
            (void)snprintf(what, sizeof what, "edge %zu", k);
            if (inside) {
                assert_lines(f, 0.01, edge[k], (double)NAN, 20, &s, what);
                if (f > SBX_FN_LEAKY_RELU) {
                    assert_lines(f, 0.01, edge[k], edge[k].lo, 5, &s, what);
                    assert_lines(f, 0.01, edge[k], edge[k].hi, 5, &s, what);
                }
                continue;
            }
            assert_status(SBX_ERR_DOMAIN,
                          sbx_relax_unary(&r, (sbx_unary){f, 0, 0}, edge[k], (double)NAN, err));
            assert_true(r.lo_a == 7 && r.hi_b == 7);
        }
}

/* The best value at c of any concave function above f, from chords between points of the
 * interval: below it by a share of the grid's step squared (side HI; LO: the mirror). */
static double envelope(sbx_unary_fn f, sbx_ivd x, double c, sbx_end side)
{
    enum { STEPS = 300 };
    const double sign = side == SBX_HI ? 1.0 : -1.0;
    double best = -HUGE_VAL, y[STEPS + 1], t[STEPS + 1];
    mpfr_t v;
    mpfr_init2(v, 53);
    for (int k = 0; k <= STEPS; k++) {
        t[k] = k == STEPS ? x.hi : x.lo + (x.hi - x.lo) * k / STEPS;
        value(v, f, 0, t[k], MPFR_RNDD);
        y[k] = sign * mpfr_get_d(v, MPFR_RNDN);
    }
    for (int j = 0; j < STEPS && t[j] <= c; j++)
        for (int k = STEPS; k > j && t[k] >= c; k--)
            best = fmax(best, y[j] + (y[k] - y[j]) * (c - t[j]) / (t[k] - t[j]));
    mpfr_clear(v);
    return sign * best;
}

/* The lines touch: the gap at an end or at the tangent point is rounding alone, and for
 * sigmoid and tanh they are the tangents of the envelopes. */
static void lines_touch(void **state)
{
    (void)state;
    for (long k = 0; k < test_rounds(1600); k++) {
        const uint64_t seed = test_seed() + 50000 + (uint64_t)k;
        uint64_t s = seed;
        const sbx_unary_fn f = (sbx_unary_fn)(k % 8);
        const bool s_curve = f == SBX_FN_SIGMOID || f == SBX_FN_TANH;
        const double c = test_uniform(&s, -4, 4), w = test_uniform(&s, 0, 4);
        double at, m = HUGE_VAL, n = HUGE_VAL, scale;
        sbx_ivd x = {c - w, c + w};
        sbx_line_pair r;
        if (positive(f)) x = (sbx_ivd){fabs(c) + 0.1, fabs(c) + 0.1 + w};
        at = test_uniform(&s, x.lo, x.hi);
        scale = 1e-13 * (f == SBX_FN_EXP ? 3000 : f == SBX_FN_RECIPROCAL ? 1000 : 10);
        assert_ok(sbx_relax_unary(&r, (sbx_unary){f, 0, 0}, x,
                                  f <= SBX_FN_LEAKY_RELU ? (double)NAN : at, err));
        for (int j = 0; j < 3; j++) {
            const double t = j == 0 ? x.lo : j == 1 ? x.hi : at;
            m = fmin(m, gap(f, 0, t, r.lo_a, r.lo_b, MPFR_RNDD));
            n = fmin(n, -gap(f, 0, t, r.hi_a, r.hi_b, MPFR_RNDU));
        }
        if (s_curve) {
            const double step = 1e-13 + w * w / (300.0 * 300.0);
            if (!(r.lo_a * at + r.lo_b >= envelope(f, x, at, SBX_LO) - step &&
                  r.hi_a * at + r.hi_b <= envelope(f, x, at, SBX_HI) + step))
                m = HUGE_VAL;
        }
        if (!(m <= scale && n <= scale))
            fail_msg("SBX_SEED=%llu %s [%.17g, %.17g] at %.17g: gaps %g %g",
                     (unsigned long long)seed, name[f], x.lo, x.hi, at, m, n);
    }
}

/* [L-RLX-12]: one-signed intervals exactly, mixed ones through the origin */
static void relu_is_exact(void **state)
{
    sbx_line_pair r;
    (void)state;
    assert_ok(
        sbx_relax_unary(&r, (sbx_unary){SBX_FN_RELU, 0, 0}, (sbx_ivd){-3, 0}, (double)NAN, err));
    assert_true(r.lo_a == 0 && r.lo_b == 0 && r.hi_a == 0 && r.hi_b == 0);
    assert_ok(sbx_relax_unary(&r, (sbx_unary){SBX_FN_RELU, 0, 0}, (sbx_ivd){0, 3}, 0.5, err));
    assert_true(r.lo_a == 1 && r.lo_b == 0 && r.hi_a == 1 && r.hi_b == 0);
    assert_ok(sbx_relax_unary(&r, (sbx_unary){SBX_FN_LEAKY_RELU, 0.125, 0}, (sbx_ivd){-3, -1},
                              (double)NAN, err));
    assert_true(r.lo_a == 0.125 && r.lo_b == 0 && r.hi_a == 0.125 && r.hi_b == 0);
    assert_ok(sbx_relax_unary(&r, (sbx_unary){SBX_FN_RELU, 0, 0}, (sbx_ivd){-1, 1}, 0.25, err));
    assert_true(r.lo_a == 0.25 && r.lo_b == 0 && r.hi_a == 0.5 && r.hi_b == 0.5);
    assert_ok(
        sbx_relax_unary(&r, (sbx_unary){SBX_FN_RELU, 0, 0}, (sbx_ivd){-1, 3}, (double)NAN, err));
    assert_true(r.lo_a == 1 && r.hi_a == 0.75 && r.hi_b == 0.75);
    assert_ok(sbx_relax_unary(&r, (sbx_unary){SBX_FN_LEAKY_RELU, 0.5, 0}, (sbx_ivd){-3, 1},
                              (double)NAN, err));
    assert_true(r.lo_a == 0.5 && r.hi_a == 0.625 && r.hi_b == 0.375);
}

static void bad_input_is_refused(void **state)
{
    const double none = (double)NAN;
    sbx_line_pair r = {7, 7, 7, 7};
    sbx_plane_pair p = {7, 7, 7, 7, 7, 7};
    const sbx_ivd unit = {0, 1}, open = {0, HUGE_VAL}, crossed = {1, 0}, lost = {none, 1};
    (void)state;
#define REFUSED(f, param, x, at) \
    assert_status(SBX_ERR_ARG, sbx_relax_unary(&r, (sbx_unary){f, param, 0}, x, at, err))
    REFUSED(SBX_FN_RELU, 0, open, none);
    REFUSED(SBX_FN_TANH, 0, crossed, none);
    REFUSED(SBX_FN_EXP, 0, lost, none);
    REFUSED(SBX_FN_LEAKY_RELU, none, unit, none);
    REFUSED(SBX_FN_RELU, 0, unit, 1.5);
    REFUSED(SBX_FN_LEAKY_RELU, 0.5, unit, 0.25);
    REFUSED(SBX_FN_EXP, 0, unit, 1.5);
    REFUSED((sbx_unary_fn)99, 0, unit, none);
#undef REFUSED
#define REFUSED(x, y, a, b) assert_status(SBX_ERR_ARG, sbx_relax_product(&p, x, y, a, b, err))
    REFUSED(open, unit, 0, 0);
    REFUSED(unit, crossed, 0, 0);
    REFUSED(lost, unit, 0, 0);
    REFUSED(unit, unit, -0.5, 0);
    REFUSED(unit, unit, 0, 1.5);
    REFUSED(unit, unit, none, 0);
#undef REFUSED
    assert_true(r.lo_a == 7 && p.hi_c == 7);
}

/* ---- products ---------------------------------------------------------------------------- */

static void plane(mpq_t z, double a, double b, double c, double x, double y)
{
    mpq_t p, q;
    mpq_inits(p, q, NULL);
    mpq_set_d(z, c);
    mpq_set_d(p, a);
    mpq_set_d(q, x);
    mpq_mul(p, p, q);
    mpq_add(z, z, p);
    mpq_set_d(p, b);
    mpq_set_d(q, y);
    mpq_mul(p, p, q);
    mpq_add(z, z, p);
    mpq_clears(p, q, NULL);
}

/* x y - plane at (x, y), exactly, rounded to a double away from 0 */
static double product_gap(double a, double b, double c, double x, double y)
{
    mpq_t z, p, q;
    double d;
    int sign;
    mpq_inits(z, p, q, NULL);
    plane(z, a, b, c, x, y);
    mpq_set_d(p, x);
    mpq_set_d(q, y);
    mpq_mul(p, p, q);
    mpq_sub(z, p, z);
    d = mpq_get_d(z);
    sign = mpq_sgn(z);
    mpq_clears(z, p, q, NULL);
    return d != 0 ? d : sign * 0x1p-1074;
}

/* [L-RLX-15]: at the corners and inside, exactly; at weights 0 and 1 McCormick's planes */
static void product_planes_hold(void **state)
{
    (void)state;
    for (long k = 0; k < test_rounds(3000); k++) {
        const uint64_t seed = test_seed() + (uint64_t)k;
        uint64_t s = seed;
        double v[4], scale = 1;
        const double r_lo = k % 3 == 0   ? 0
                            : k % 3 == 1 ? 1
                                         : sbx_rng_unit(&s),
                     r_hi = k % 4 == 0   ? 0
                            : k % 4 == 1 ? 1
                                         : sbx_rng_unit(&s);
        sbx_ivd x, y;
        sbx_plane_pair r;
        for (int j = 0; j < 4; j++)
            v[j] = test_uniform(&s, -1, 1) * pow(10.0, test_uniform(&s, -6, 4));
        x = (sbx_ivd){v[0], v[0] + fabs(v[1])};
        y = (sbx_ivd){v[2], sbx_rng(&s) % 8 ? v[2] + fabs(v[3]) : v[2]};
        scale = 1e-14 * fmax(fabs(x.lo), fabs(x.hi)) * fmax(fabs(y.lo), fabs(y.hi));
        assert_ok(sbx_relax_product(&r, x, y, r_lo, r_hi, err));
        for (int j = 0; j < 12; j++) {
            const double t = j < 4 ? (j & 1 ? x.hi : x.lo) : test_uniform(&s, x.lo, x.hi);
            const double u = j < 4 ? (j & 2 ? y.hi : y.lo) : test_uniform(&s, y.lo, y.hi);
            const double low = product_gap(r.lo_a, r.lo_b, r.lo_c, t, u);
            const double up = product_gap(r.hi_a, r.hi_b, r.hi_c, t, u);
            bool good = low >= 0 && up <= 0;
            /* McCormick's planes touch at two sides' three corners */
            if (j < 4 && ((r_lo == 0 && j != 3) || (r_lo == 1 && j != 0)))
                good = good && low <= scale;
            if (j < 4 && ((r_hi == 0 && j != 1) || (r_hi == 1 && j != 2)))
                good = good && -up <= scale;
            if (!good) fail_msg("SBX_SEED=%llu: %g %g", (unsigned long long)seed, low, up);
        }
    }
}

static void products_at_the_edge(void **state)
{
    static const sbx_ivd e[] = {
        {0, 0},         {-DBL_MAX, DBL_MAX}, {1e200, 1e300}, {-1e-300, 1e-310},
        {0x1p-1074, 1}, {-1e160, 1e160},     {1, 1},         {-1e154, 0}};
    enum { N = sizeof e / sizeof e[0] };
    (void)state;
    for (size_t j = 0; j < N; j++)
        for (size_t k = 0; k < N; k++)
            for (int w = 0; w < 3; w++) {
                sbx_plane_pair r;
                assert_ok(sbx_relax_product(&r, e[j], e[k], w / 2.0, w / 2.0, err));
                assert_true(fabs(r.lo_a) <= DBL_MAX && fabs(r.hi_b) <= DBL_MAX);
                assert_true(r.lo_c < HUGE_VAL && r.hi_c > -HUGE_VAL);
                for (int c = 0; c < 4; c++) {
                    const double x = c & 1 ? e[j].hi : e[j].lo, y = c & 2 ? e[k].hi : e[k].lo;
                    if (r.lo_c > -HUGE_VAL)
                        assert_true(product_gap(r.lo_a, r.lo_b, r.lo_c, x, y) >= 0);
                    if (r.hi_c < HUGE_VAL)
                        assert_true(product_gap(r.hi_a, r.hi_b, r.hi_c, x, y) <= 0);
                }
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_hold),           cmocka_unit_test(lines_hold_at_the_edge),
        cmocka_unit_test(lines_touch),          cmocka_unit_test(relu_is_exact),
        cmocka_unit_test(bad_input_is_refused), cmocka_unit_test(product_planes_hold),
        cmocka_unit_test(products_at_the_edge),
    };
    return cmocka_run_group_tests_name("relax unary", tests, NULL, NULL);
}
