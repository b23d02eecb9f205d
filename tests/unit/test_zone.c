/* test_zone.c -- boxes with difference bounds: closing, ranges, planes, refusals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/round.h"
#include "relax/view.h"

#include "sbx_test.h"

#include <gmp.h>
#include <math.h>
#include <mpfr.h>

enum { N = 6, DIFFS = 8, BITS = 300 };

typedef struct sample {
    sbx_zone z;
    sbx_ivd x[N];
    sbx_diff diff[DIFFS];
    double in[N]; /* a point of the zone */
} sample;

/* A zone around a point: sides and differences with some slack, sometimes none. */
static void draw(sample *q, uint64_t *s)
{
    const double shifts[] = {0, 0, 3, 1e5}, shift = shifts[sbx_rng(s) % 4];
    const double width = pow(10.0, test_uniform(s, -6, 1));
    q->z = sbx_zone_box(q->x, 1 + sbx_rng(s) % N);
    q->z.diff = q->diff;
    q->z.diffs = sbx_rng(s) % (DIFFS + 1);
    for (size_t j = 0; j < q->z.n; j++) {
        q->in[j] = shift + test_uniform(s, -2, 2);
        q->x[j].lo = q->in[j] - (sbx_rng(s) % 8 ? width * sbx_rng_unit(s) : 0);
        q->x[j].hi = q->in[j] + (sbx_rng(s) % 8 ? width * sbx_rng_unit(s) : 0);
    }
    for (size_t k = 0; k < q->z.diffs; k++) {
        sbx_diff *d = &q->diff[k];
        d->i = sbx_rng(s) % q->z.n;
        d->j = sbx_rng(s) % q->z.n;
        d->d = nextafter(q->in[d->i] - q->in[d->j], HUGE_VAL) + width * sbx_rng_unit(s);
    }
}

/* the shortest paths, exactly: m rounds of all edges */
static void exact(mpq_t d[(N + 1) * (N + 1)], const sample *q)
{
    const size_t n = q->z.n, m = n + 1;
    mpq_t s;
    mpq_init(s);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++) {
            double v = 1e300;
            if (i == j) v = 0;
            if (i < n && j == n) v = q->x[i].hi;
            if (i == n && j < n) v = -q->x[j].lo;
            for (size_t k = 0; k < q->z.diffs; k++)
                if (q->diff[k].i == i && q->diff[k].j == j) v = fmin(v, q->diff[k].d);
            mpq_set_d(d[i * m + j], v);
        }
    for (size_t round = 0; round < m; round++)
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < m; j++)
                for (size_t k = 0; k < m; k++) {
                    mpq_add(s, d[i * m + k], d[k * m + j]);
                    if (mpq_cmp(s, d[i * m + j]) < 0) mpq_set(d[i * m + j], s);
                }
    mpq_clear(s);
}

/* [L-RLX-70]: above the exact paths, and near them */
static void closing_is_shortest_paths_rounded_up(void **state)
{
    (void)state;
    for (long r = 0; r < test_rounds(2000); r++) {
        const uint64_t seed = test_seed() + (uint64_t)r;
        uint64_t s = seed;
        static sample q;
        double d[(N + 1) * (N + 1)];
        mpq_t want[(N + 1) * (N + 1)], v;
        size_t m;
        draw(&q, &s);
        m = q.z.n + 1;
        mpq_init(v);
        for (size_t k = 0; k < m * m; k++)
            mpq_init(want[k]);
        exact(want, &q);
        assert_ok(sbx_zone_close(d, &q.z, err));
        for (size_t k = 0; k < m * m; k++) {
            mpq_set_d(v, d[k]);
            if (mpq_cmp(v, want[k]) < 0)
                fail_msg("SBX_SEED=%llu: entry %zu is below", (unsigned long long)seed, k);
            mpq_sub(v, v, want[k]);
            assert_true(mpq_get_d(v) <= 1e-10); /* 7 roundings of numbers up to 1e5 */
            mpq_clear(want[k]);
        }
        mpq_clear(v);
    }
}

/* a point of the zone in t: from the inner point towards one where all bounds on x_i - . (up) or
 * . - x_i hold with equality */
static void point(double *t, const sample *q, const double *d, size_t i, bool up, double share)
{
    const size_t n = q->z.n, m = n + 1;
    const double base = up ? d[i * m + n] : -d[n * m + i];
    for (size_t j = 0; j < n; j++) {
        const double far = i == j ? base : up ? base - d[i * m + j] : base + d[j * m + i];
        t[j] = q->in[j] + share * (far - q->in[j]);
    }
}

static void softmax(mpfr_t p, const double *t, size_t n, size_t i)
{
    mpfr_t e;
    mpfr_init2(e, BITS);
    mpfr_set_zero(p, 1);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(e, t[j], MPFR_RNDN);
        mpfr_sub_d(e, e, t[i], MPFR_RNDN);
        mpfr_exp(e, e, MPFR_RNDN);
        mpfr_add(p, p, e, MPFR_RNDN);
    }
    mpfr_ui_div(p, 1, p, MPFR_RNDN);
    mpfr_clear(e);
}

static double value(const sbx_affine *a, const double *t, size_t n)
{
    long double v = (long double)a->cst; /* 64 bits: the slack below is far above its error */
    for (size_t j = 0; j < n; j++)
        v += (long double)a->coef[j] * (long double)t[j];
    return (double)v;
}

/* [L-RLX-71] [L-RLX-72]: the ranges are attained; planes hold in the zone. The points are
 * rounded, so each side has a slack of 1e-9. */
static void ranges_are_attained_and_planes_hold(void **state)
{
    (void)state;
    for (long r = 0; r < test_rounds(1000); r++) {
        const uint64_t seed = test_seed() + 5000 + (uint64_t)r;
        uint64_t s = seed;
        static sample q;
        double d[(N + 1) * (N + 1)], a[N], b[N], t[N];
        sbx_affine lower = {a, 0}, upper = {b, 0};
        sbx_ivd range;
        size_t n, i;
        mpfr_t p;
        draw(&q, &s);
        n = q.z.n;
        i = sbx_rng(&s) % n;
        mpfr_init2(p, BITS);
        assert_ok(sbx_zone_close(d, &q.z, err));
        for (sbx_method m = SBX_METHOD_INTERVAL; m <= SBX_METHOD_AUTO; m++) {
            assert_ok(
                sbx_relax_vector(&lower, &upper, &range, SBX_FN_SOFTMAX, m, i, &q.z, NULL, err));
            for (int k = 0; k < 12; k++) {
                const double share = k < 2 ? 1.0 : sbx_rng_unit(&s);
                const size_t at = k < 2 ? i : sbx_rng(&s) % n;
                point(t, &q, d, at, k % 2, share);
                softmax(p, t, n, i);
                const double v = mpfr_get_d(p, MPFR_RNDN);
                if (!(v >= range.lo - 1e-9 && v <= range.hi + 1e-9 &&
                      value(&lower, t, n) <= v + 1e-9 && value(&upper, t, n) >= v - 1e-9))
                    fail_msg("SBX_SEED=%llu %s n=%zu k=%d: %.17g in [%.17g, %.17g], planes %.17g "
                             "%.17g",
                             (unsigned long long)seed, sbx_method_name(m), n, k, v, range.lo,
                             range.hi, value(&lower, t, n), value(&upper, t, n));
                if (k == 0) assert_true(fabs(v - range.lo) <= 1e-9);
                if (k == 1) assert_true(fabs(v - range.hi) <= 1e-9);
            }
        }
        mpfr_clear(p);
    }
}

/* Is t in the zone, exactly? */
static bool inside(const double *t, const sbx_zone *z)
{
    for (size_t j = 0; j < z->n; j++)
        if (!(z->x[j].lo <= t[j] && t[j] <= z->x[j].hi)) return false;
    for (size_t k = 0; k < z->diffs; k++)
        if (!(sbx_sub_hi(t[z->diff[k].i], t[z->diff[k].j]) <= z->diff[k].d)) return false;
    return true;
}

/* [L-RLX-71] [L-RLX-72]: exactly, at points of the zone that are doubles, at 300 bits */
static void planes_hold_at_exact_points(void **state)
{
    long points = 0;
    mpfr_t p, v, w;
    (void)state;
    mpfr_inits2(BITS, p, v, w, (mpfr_ptr)0);
    for (long r = 0; r < test_rounds(600); r++) {
        const uint64_t seed = test_seed() + 70000 + (uint64_t)r;
        uint64_t s = seed;
        static sample q;
        double a[2][N], t[N];
        sbx_affine side[2] = {{a[0], 0}, {a[1], 0}};
        sbx_ivd range;
        size_t n, i;
        draw(&q, &s);
        n = q.z.n;
        i = sbx_rng(&s) % n;
        for (sbx_method m = SBX_METHOD_CONSTANT; m <= SBX_METHOD_AUTO; m++) {
            assert_ok(sbx_relax_vector(&side[0], &side[1], &range, SBX_FN_SOFTMAX, m, i, &q.z, NULL,
                                       err));
            for (int k = 0; k < 20; k++) {
                const double share = k % 2 ? 1.0 : sbx_rng_unit(&s);
                for (size_t j = 0; j < n; j++) {
                    const double end = sbx_rng(&s) % 2 ? q.x[j].lo : q.x[j].hi;
                    t[j] = sbx_rng(&s) % 3 ? q.in[j] + share * (end - q.in[j]) : end;
                }
                if (!inside(t, &q.z)) continue;
                points++;
                softmax(p, t, n, i);
                for (int up = 0; up < 2; up++) {
                    mpfr_set_d(v, side[up].cst, MPFR_RNDN);
                    for (size_t j = 0; j < n; j++) {
                        mpfr_set_d(w, t[j], MPFR_RNDN);
                        mpfr_mul_d(w, w, a[up][j], MPFR_RNDN);
                        mpfr_add(v, v, w, MPFR_RNDN);
                    }
                    mpfr_sub(v, v, p, MPFR_RNDN);
                    if (up ? mpfr_cmp_d(v, -1e-70) < 0 : mpfr_cmp_d(v, 1e-70) > 0)
                        fail_msg("SBX_SEED=%llu %s n=%zu: off by %g", (unsigned long long)seed,
                                 sbx_method_name(m), n, mpfr_get_d(v, MPFR_RNDN));
                }
            }
        }
    }
    mpfr_clears(p, v, w, (mpfr_ptr)0);
    assert_true(points > 100);
}

/* [L-RLX-72]: the plane in x lies on the right side of the plane in a view's y, exactly */
static void the_way_back_pays_for_its_rounding(void **state)
{
    (void)state;
    for (long r = 0; r < test_rounds(2000); r++) {
        const uint64_t seed = test_seed() + 9000 + (uint64_t)r;
        const sbx_vector_fn f = r % 3 ? SBX_FN_SOFTMAX : SBX_FN_LSE;
        uint64_t s = seed;
        static sample q;
        double a[N], b[N];
        sbx_affine plane = {a, 0};
        sbx_views v;
        mpq_t d, x, t;
        size_t k, n;
        draw(&q, &s);
        q.z.diffs = 0;
        n = q.z.n;
        k = sbx_rng(&s) % n;
        assert_ok(sbx_views_open(&v, &q.z, NULL, err));
        assert_true(sbx_view_box(&v, k));
        plane.cst = test_uniform(&s, -1, 1);
        for (size_t j = 0; j < n; j++)
            a[j] = b[j] = test_uniform(&s, -1, 1);
        for (int side = 0; side < 2; side++) {
            const double cst = plane.cst;
            memcpy(a, b, sizeof a);
            assert_true(sbx_view_back(&plane, &v, k, side ? SBX_HI : SBX_LO, f));
            mpq_inits(d, x, t, NULL);
            for (int at = 0; at < 2; at++) { /* the difference depends on x_k alone */
                mpq_set_d(d, plane.cst);
                mpq_set_d(t, cst);
                mpq_sub(d, d, t);
                mpq_set_si(t, 0, 1);
                for (size_t j = 0; j < n; j++) {
                    assert_true(j == k || a[j] == b[j]);
                    mpq_set_d(x, a[j]);
                    mpq_add(t, t, x);
                }
                mpq_set_si(x, f == SBX_FN_LSE, 1);
                mpq_sub(t, t, x);
                mpq_set_d(x, at ? q.x[k].lo : q.x[k].hi);
                mpq_mul(t, t, x);
                mpq_add(d, d, t);
                if (side ? mpq_sgn(d) < 0 : mpq_sgn(d) > 0)
                    fail_msg("SBX_SEED=%llu side %d: %g", (unsigned long long)seed, side,
                             mpq_get_d(d));
            }
            mpq_clears(d, x, t, NULL);
        }
        sbx_views_close(&v);
    }
}

/* x_0 - x_1 in [1, 2], both in [0, 10]: softmax_0 is known much better than from the box */
static void differences_tighten(void **state)
{
    const sbx_ivd x[2] = {{0, 10}, {0, 10}};
    const sbx_diff diff[2] = {{0, 1, 2}, {1, 0, -1}};
    const sbx_zone z = {x, 2, diff, 2};
    double a[2], b[2];
    sbx_affine lower = {a, 0}, upper = {b, 0};
    sbx_ivd range;
    (void)state;
    assert_ok(sbx_relax_vector(&lower, &upper, &range, SBX_FN_SOFTMAX, SBX_METHOD_AUTO, 0, &z, NULL,
                               err));
    assert_true(range.lo > 0.731 && range.hi < 0.881);
    assert_true(value(&lower, (double[]){5.75, 4.25}, 2) > 0.7 &&
                value(&upper, (double[]){5.75, 4.25}, 2) < 0.9);
    assert_ok(
        sbx_relax_vector(&lower, &upper, &range, SBX_FN_LSE, SBX_METHOD_AUTO, 0, &z, NULL, err));
    assert_true(range.hi < 10.32 && range.lo > 1.31); /* lse(10, 9), lse(1, 0) */
}

static void bad_zones_are_refused(void **state)
{
    const sbx_ivd x[2] = {{0, 1}, {0, 1}}, open[2] = {{-HUGE_VAL, HUGE_VAL}, {0, 1}};
    const sbx_diff bad[][2] = {
        {{0, 2, 1}, {0, 1, 1}},
        {{2, 0, 1}, {0, 1, 1}},
        {{0, SIZE_MAX / 64, 1}, {0, 1, 1}},
        {{0, 1, (double)NAN}, {0, 1, 1}},
        {{0, 1, -HUGE_VAL}, {0, 1, 1}},
    };
    const sbx_diff empty[][2] = {
        {{0, 1, -2}, {0, 1, 1}},
        {{0, 1, 0.25}, {1, 0, -0.5}},
        {{0, 0, -0x1p-1074}, {1, 0, 1}},
    };
    const sbx_diff fine[2] = {{0, 1, 0.25}, {1, 0, HUGE_VAL}};
    double d[9], a[2], b[2];
    sbx_affine lower = {a, 0}, upper = {b, 0};
    sbx_ivd range;
    sbx_zone z = {x, 2, NULL, 2};
    (void)state;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        z.diff = bad[k];
        assert_status(SBX_ERR_ARG, sbx_zone_close(d, &z, err));
        assert_status(SBX_ERR_ARG, sbx_relax_vector(&lower, &upper, &range, SBX_FN_SOFTMAX,
                                                    SBX_METHOD_AUTO, 0, &z, (double[]){0, 0}, err));
    }
    for (size_t k = 0; k < sizeof empty / sizeof *empty; k++) {
        z.diff = empty[k];
        assert_status(SBX_ERR_DOMAIN, sbx_zone_close(d, &z, err));
        assert_status(SBX_ERR_DOMAIN, sbx_relax_vector(&lower, &upper, &range, SBX_FN_SOFTMAX,
                                                       SBX_METHOD_AUTO, 0, &z, NULL, err));
    }
    z.diff = fine;
    assert_ok(sbx_zone_close(d, &z, err));
    assert_status(SBX_ERR_ARG, sbx_relax_vector(&lower, &upper, &range, SBX_FN_SOFTMAX,
                                                SBX_METHOD_AUTO, 0, &z, (double[]){1, 0.5}, err));
    assert_non_null(strstr(test_err.msg, "outside"));
    z.x = open;
    assert_ok(sbx_zone_close(d, &z, err));
    assert_true(d[0 * 3 + 2] == 1.25 && d[2 * 3 + 0] == HUGE_VAL);
    z.n = 0;
    assert_status(SBX_ERR_ARG, sbx_zone_close(d, &z, err));
}

/* an infinite lower end is no matter where differences are known */
static void a_difference_stands_for_a_missing_end(void **state)
{
    const sbx_ivd x[2] = {{-HUGE_VAL, 1}, {0, 1}};
    const sbx_diff diff[1] = {{1, 0, 1}};
    const sbx_zone z = {x, 2, diff, 1};
    double a[2], b[2];
    sbx_affine lower = {a, 0}, upper = {b, 0};
    sbx_ivd range;
    (void)state;
    assert_ok(sbx_relax_vector(&lower, &upper, &range, SBX_FN_SOFTMAX, SBX_METHOD_AUTO, 0, &z, NULL,
                               err));
    assert_true(range.lo > 0.2689 && a[0] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closing_is_shortest_paths_rounded_up),
        cmocka_unit_test(ranges_are_attained_and_planes_hold),
        cmocka_unit_test(planes_hold_at_exact_points),
        cmocka_unit_test(the_way_back_pays_for_its_rounding),
        cmocka_unit_test(differences_tighten),
        cmocka_unit_test(bad_zones_are_refused),
        cmocka_unit_test(a_difference_stands_for_a_missing_end),
    };
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
