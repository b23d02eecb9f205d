/* test_relax_rows.c -- env and l2d: known values, crafted boxes, all rows as one by one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "relax/rows.h"
#include "relax/view.h"

#include "sbx_test.h"

#include <math.h>

enum { N = 128 };

typedef struct planes {
    double a[N], b[N];
    sbx_affine lower, upper;
    sbx_ivd range;
} planes;

static void relax(planes *z, sbx_method m, size_t i, const sbx_ivd *x, const double *at, size_t n)
{
    const sbx_zone zone = sbx_zone_box(x, n);
    z->lower.coef = z->a;
    z->upper.coef = z->b;
    assert_ok(
        sbx_relax_vector(&z->lower, &z->upper, &z->range, SBX_FN_SOFTMAX, m, i, &zone, at, err));
}

static double value(const sbx_affine *a, const double *t, size_t n)
{
    long double v = (long double)a->cst;
    for (size_t j = 0; j < n; j++)
        v += (long double)a->coef[j] * (long double)t[j];
    return (double)v;
}

/* [L-RLX-73]: x_2 - x_1 in [-2, 2], at three points; the touching point is .916598770294369 */
static void two_dimensions_have_the_known_values(void **state)
{
    static const struct {
        double y, lower, upper;
    } want[] = {{-1, .67674, .73106}, {0, .47269, .52731}, {1, .26894, .32326}};
    const double tau = .916598770294369, slope = exp(-tau) / pow(1 + exp(-tau), 2);
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (int shift = 0; shift < 2; shift++) {
            const double far = shift ? 0x1p17 : 0.0, at[2] = {far, far + want[k].y};
            const sbx_ivd x[2] = {{far, far}, {far - 2, far + 2}};
            static planes z;
            relax(&z, SBX_METHOD_ENV, 0, x, at, 2);
            assert_true(fabs(value(&z.lower, at, 2) - want[k].lower) < 6e-6);
            assert_true(fabs(value(&z.upper, at, 2) - want[k].upper) < 6e-6);
            if (want[k].y > -tau) assert_true(fabs(z.b[0] - slope) < 1e-12 && z.b[1] == -z.b[0]);
            if (want[k].y < tau) assert_true(fabs(z.a[0] - slope) < 1e-12 && z.a[1] == -z.a[0]);
        }
}

/* where p_i >= 1/2 on the box, U_env is softmax_i itself: a tangent */
static void env_is_exact_where_softmax_is_concave(void **state)
{
    const sbx_ivd x[3] = {{2, 3}, {-1, 1}, {0, 0.5}};
    const double at[3] = {2.25, 0.5, 0.125}, p = 1 / (1 + exp(.5 - 2.25) + exp(.125 - 2.25));
    static planes z;
    (void)state;
    relax(&z, SBX_METHOD_ENV, 0, x, at, 3);
    assert_true(fabs(value(&z.upper, at, 3) - p) < 1e-14);
    assert_true(fabs(z.b[0] - p * (1 - p)) < 1e-14);
}

/* [L-RLX-78]: p_lo >= 1/2, p_up/p_lo <= e^(half the width): (p_lo + p_up)/2 at the centre */
static void l2d_is_optimal_where_that_is_known(void **state)
{
    const sbx_ivd x[3] = {{1, 3}, {-1, -0.5}, {-0.75, 0.25}};
    const double at[3] = {2, -.75, -.25};
    static planes z;
    (void)state;
    relax(&z, SBX_METHOD_L2D, 0, x, at, 3);
    assert_true(z.range.lo >= 0.5 && z.range.hi / z.range.lo <= exp(1));
    assert_true(fabs(value(&z.lower, at, 3) - (z.range.lo + z.range.hi) / 2) < 1e-14);
}

/* [L-RLX-77]: p_up <= 1/2: e^y/(e^y + A) is convex, the plane touches it at the point */
static void l2d_is_the_gradient_where_that_is_convex(void **state)
{
    const sbx_ivd x[4] = {{-1, 0}, {0, 1}, {0.5, 1}, {1, 2}};
    const double at[4] = {-.5, .25, .75, 1.5};
    double A = 0.0, v;
    static planes z;
    (void)state;
    for (size_t j = 1; j < 4; j++)
        A += exp(x[j].lo) + (at[j] - x[j].lo) * (exp(x[j].hi) - exp(x[j].lo)) / (x[j].hi - x[j].lo);
    v = exp(at[0]) / (exp(at[0]) + A);
    relax(&z, SBX_METHOD_ENV, 0, x, at, 4); /* its lower side looks at the box alone */
    assert_true(fabs(value(&z.lower, at, 4) - v) < 1e-14);
    relax(&z, SBX_METHOD_L2D, 0, x, at, 4);
    assert_true(value(&z.lower, at, 4) > v - 1e-14);
}

/* Gaps at the centre over the constant bound's, n = 6, half-width 1, five equal logits, softmax_0
 * = p at the centre: lower ER, LSE, l2d; upper LSE, env. (.264 is a limit for p = .55, lower.) */
static void gaps_are_the_measured_ones(void **state)
{
    static const struct {
        double p, er, lse, l2d, up_lse, env;
    } want[] = {{.55, .7469, .4744, .2662, .4225, .0390},
                {.92, .5351, 0, .3901, .1787, .0000},
                {.08, .8397, .4118, .3899, .4493, .3901}};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        const double p = want[k].p, c = log(p / (1 - p)) + log(5), at[6] = {c};
        const sbx_method m[] = {SBX_METHOD_ER, SBX_METHOD_LSE, SBX_METHOD_L2D};
        const double lower[] = {want[k].er, want[k].lse, want[k].l2d};
        sbx_ivd x[6] = {{c - 1, c + 1}, {-1, 1}, {-1, 1}, {-1, 1}, {-1, 1}, {-1, 1}};
        static planes z;
        for (size_t j = 0; j < 3; j++) {
            relax(&z, m[j], 0, x, at, 6);
            const double gap = (p - value(&z.lower, at, 6)) / (p - z.range.lo);
            if (lower[j] > 0) assert_true(fabs(gap - lower[j]) < 6e-5);
            const double up = (value(&z.upper, at, 6) - p) / (z.range.hi - p);
            if (j) assert_true(fabs(up - (j == 1 ? want[k].up_lse : want[k].env)) < 6e-5);
        }
    }
}

/* [L-RLX-100]: in one pivot's view the lower planes are never worse, and often better; at the
 * centre they are the same */
static void planes_of_differences_are_no_worse(void **state)
{
    long better = 0, rounds = test_rounds(2000);
    (void)state;
    for (long r = 0; r < rounds; r++) {
        uint64_t s = test_seed() + (uint64_t)r;
        const size_t n = 2 + sbx_rng(&s) % 6, k = sbx_rng(&s) % n, i = sbx_rng(&s) % n;
        const bool centre = sbx_rng(&s) % 4 == 0;
        double at[8], a[8], b[8];
        sbx_affine chord = {a, 0}, low = {b, 0};
        sbx_ivd x[8];
        const sbx_zone z = sbx_zone_box(x, n);
        sbx_views v;
        sbx_rows q;
        bool flat;
        for (size_t j = 0; j < n; j++) {
            const double m = test_uniform(&s, -2, 2), w = test_uniform(&s, 0, 2);
            x[j] = (sbx_ivd){m - w, m + w};
            at[j] = centre ? x[j].lo / 2 + x[j].hi / 2 : test_uniform(&s, m - w, m + w);
        }
        assert_ok(sbx_views_open(&v, &z, at, err));
        assert_true(sbx_view_box(&v, k));
        assert_ok(sbx_rows_open(&q, &flat, v.y, v.c, n, err));
        assert_true(!flat && sbx_l2d_lower(&chord, &q, i));
        assert_true(sbx_view_back(&chord, &v, k, SBX_LO, SBX_FN_SOFTMAX));
        assert_true(sbx_lovasz_lower(&low, &q, x, at, i, k));
        const double gain = value(&low, at, n) - value(&chord, at, n);
        assert_true(gain >= -1e-12 && (!centre || gain <= 1e-12));
        better += gain > 1e-6;
        sbx_rows_close(&q);
        sbx_views_close(&v);
    }
    assert_true(better > rounds / 4);
}

/* ---- boxes on which bounds in doubles have been seen to be wrong --------------------------- */

/* A point of the box, softmax_i there to all its digits, and a bound that must not be given. */
static const struct {
    size_t n, i;
    sbx_ivd x[3];
    double t[3], p;
} crafted[] = {
    {2, 1, {{-60, 0}, {-30, -30}}, {-60, -30}, 0.99999999999990641}, /* an upper 0.0855690 */
    {2, 1, {{-60, 0}, {-40, -40}}, {-60, -40}, 0.9999999979388464},  /* 4.25e-6 */
    {2, 1, {{-100, 100}, {0, 0}}, {-100, 0}, 1},                     /* 3.7e-32 */
    {3, 0, {{-10, 10}, {-17, -17}, {-17, -10}}, {-10, -17, -17}, 0.99817955612876},
    {3, 0, {{-10, 10}, {-17, -17}, {-17, -10}}, {-10, -17, -10}, 0.49977213340233},
    {2, 0, {{4, 16}, {15, 27}}, {4, 27}, 1.026187963170189e-10},  /* an upper plane at -0.186 */
    {2, 0, {{0, 14}, {0, 0}}, {14, 0}, 0.99999916847197},         /* a chord of e^x cut at 12 */
    {3, 1, {{-45, 45}, {-45, 45}, {-45, 45}}, {-45, 45, -45}, 1}, /* 4.51, NaN */
};

static void crafted_boxes_have_right_bounds(void **state)
{
    static planes z;
    (void)state;
    for (size_t k = 0; k < sizeof crafted / sizeof *crafted; k++)
        for (sbx_method m = SBX_METHOD_CONSTANT; m <= SBX_METHOD_AUTO; m++) {
            const size_t n = crafted[k].n;
            relax(&z, m, crafted[k].i, crafted[k].x, NULL, n);
            if (!(z.range.hi >= crafted[k].p - 1e-10 && z.range.lo <= crafted[k].p + 1e-10 &&
                  z.range.hi <= 1 && z.range.lo >= 0 &&
                  value(&z.lower, crafted[k].t, n) <= crafted[k].p + 1e-10 &&
                  value(&z.upper, crafted[k].t, n) >= crafted[k].p - 1e-10))
                fail_msg("box %zu, %s: [%.17g, %.17g], %.17g, %.17g", k, sbx_method_name(m),
                         z.range.lo, z.range.hi, value(&z.lower, crafted[k].t, n),
                         value(&z.upper, crafted[k].t, n));
        }
}

/* x0 - x1 - softmax_0 over [4,16] x [15,27]: -23 - 1.03e-10 at (4, 27); -22.81 has been claimed */
static void a_sum_with_softmax_has_its_minimum(void **state)
{
    const sbx_ivd x[2] = {{4, 16}, {15, 27}};
    static planes z;
    (void)state;
    for (sbx_method m = SBX_METHOD_CONSTANT; m <= SBX_METHOD_AUTO; m++) {
        double least;
        relax(&z, m, 0, x, NULL, 2);
        least = -z.upper.cst;
        least += (1 - z.b[0]) * (z.b[0] <= 1 ? 4 : 16) + (-1 - z.b[1]) * (z.b[1] >= -1 ? 27 : 15);
        assert_true(least <= -23);
    }
}

/* ---- all rows at once ------------------------------------------------------------------------ */

static void all_rows_are_the_rows(void **state)
{
    static double coef[2 * N * N];
    static planes z;
    (void)state;
    for (long k = 0; k < test_rounds(60); k++) {
        uint64_t s = test_seed() + (uint64_t)k;
        const size_t n = 1 + sbx_rng(&s) % (k % 20 ? 12 : N);
        const sbx_method m = (sbx_method)(sbx_rng(&s) % SBX_METHOD_COUNT);
        sbx_ivd x[N], range[N];
        sbx_affine lower[N], upper[N];
        const sbx_diff diff = {0, n - 1, 0.25};
        sbx_zone zone = sbx_zone_box(x, n);
        if (k % 3 == 0) {
            zone.diff = &diff;
            zone.diffs = 1;
        }
        for (size_t j = 0; j < n; j++) {
            x[j].lo = test_uniform(&s, -2, 0);
            x[j].hi = test_uniform(&s, 0, 2);
            lower[j].coef = coef + j * n;
            upper[j].coef = coef + (N + j) * n;
        }
        assert_ok(sbx_relax_softmax(lower, upper, range, m, &zone, NULL, err));
        for (size_t i = 0; i < n; i++) {
            z.lower.coef = z.a;
            z.upper.coef = z.b;
            assert_ok(sbx_relax_vector(&z.lower, &z.upper, &z.range, SBX_FN_SOFTMAX, m, i, &zone,
                                       NULL, err));
            assert_memory_equal(z.a, lower[i].coef, n * sizeof(double));
            assert_memory_equal(z.b, upper[i].coef, n * sizeof(double));
            assert_true(z.lower.cst == lower[i].cst && z.upper.cst == upper[i].cst);
            assert_true(z.range.lo == range[i].lo && z.range.hi == range[i].hi);
        }
    }
}

static void every_failed_allocation_is_survived(void **state)
{
    const sbx_ivd x[3] = {{0, 1}, {0, 1}, {1, 2}};
    const sbx_diff diff = {0, 1, 0.5};
    const sbx_zone zone = {x, 3, &diff, 1};
    double coef[18];
    sbx_affine lower[3], upper[3];
    sbx_ivd range[3];
    sbx_status st = SBX_ERR_NOMEM;
    const long live = sbx_alloc_live();
    (void)state;
    for (size_t j = 0; j < 3; j++) {
        lower[j].coef = coef + 3 * j;
        upper[j].coef = coef + 9 + 3 * j;
    }
    for (long k = 0; st != SBX_OK && k < 500; k++) {
        sbx_alloc_fail_after(k);
        st = sbx_relax_softmax(lower, upper, range, SBX_METHOD_AUTO, &zone, NULL, err);
        sbx_alloc_fail_after(-1);
        assert_true(st == SBX_OK || st == SBX_ERR_NOMEM);
        assert_int_equal(sbx_alloc_live(), live);
    }
    assert_int_equal(st, SBX_OK);
}

/* a point outside of the box or the zone is refused, and says so */
static void a_point_outside_is_refused(void **state)
{
    const sbx_ivd x[2] = {{0, 1}, {0, 1}};
    const double out[2] = {0.5, 1.25};
    static planes z;
    const sbx_zone zone = sbx_zone_box(x, 2);
    (void)state;
    z.lower.coef = z.a;
    z.upper.coef = z.b;
    for (sbx_method m = SBX_METHOD_CONSTANT; m <= SBX_METHOD_AUTO; m++) {
        assert_status(SBX_ERR_ARG, sbx_relax_vector(&z.lower, &z.upper, &z.range, SBX_FN_SOFTMAX, m,
                                                    0, &zone, out, err));
        assert_non_null(strstr(test_err.msg, "outside of the box"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_dimensions_have_the_known_values),
        cmocka_unit_test(env_is_exact_where_softmax_is_concave),
        cmocka_unit_test(l2d_is_optimal_where_that_is_known),
        cmocka_unit_test(l2d_is_the_gradient_where_that_is_convex),
        cmocka_unit_test(gaps_are_the_measured_ones),
        cmocka_unit_test(planes_of_differences_are_no_worse),
        cmocka_unit_test(crafted_boxes_have_right_bounds),
        cmocka_unit_test(a_sum_with_softmax_has_its_minimum),
        cmocka_unit_test(all_rows_are_the_rows),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(a_point_outside_is_refused),
    };
    return cmocka_run_group_tests_name("relax rows", tests, NULL, NULL);
}
