/* test_limit.c -- what no affine bound of softmax_i can beat: the certificate proved again in rationals and MPFR,
 * every method's bound on the right side of it exactly, two coordinates by bisection.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"

#include "certref.h"

enum { N_MAX = 24 };

static void ref_softmax_at(mpfr_t v, const double *x, size_t i, size_t n)
{
    mpfr_t S, t;
    mpfr_inits2(CERT_BITS, S, t, (mpfr_ptr)0);
    mpfr_set_zero(S, 1);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(t, x[j], MPFR_RNDN);
        mpfr_sub_d(t, t, x[i], MPFR_RNDN);
        mpfr_exp(t, t, MPFR_RNDN);
        mpfr_add(S, S, t, MPFR_RNDN);
    }
    mpfr_ui_div(v, 1, S, MPFR_RNDN);
    mpfr_clears(S, t, (mpfr_ptr)0);
}

/* theta and what it leaves, from L-RLX-140's words; false where the weights prove nothing */
static bool ref_limit(mpfr_t out, sbx_end side, size_t i, const sbx_ivd *x, const double *c,
                      size_t n, const double *point, const double *weight)
{
    mpq_t W, D, t, r, theta;
    mpfr_t v, P;
    double corner[N_MAX];
    bool ok = true;

    mpq_inits(W, D, t, r, theta, NULL);
    mpfr_inits2(CERT_BITS, v, P, (mpfr_ptr)0);
    mpfr_set_zero(P, 1);
    for (size_t k = 0; k <= n; k++) {
        if (!(weight[k] >= 0.0)) fail_msg("weight %g", weight[k]);
        if (weight[k] == 0.0) continue;
        for (size_t j = 0; j < n; j++)
            assert_true(point[k * n + j] >= x[j].lo && point[k * n + j] <= x[j].hi);
        mpq_set_d(t, weight[k]);
        mpq_add(W, W, t);
        ref_softmax_at(v, point + k * n, i, n);
        mpfr_mul_q(v, v, t, MPFR_RNDN);
        mpfr_add(P, P, v, MPFR_RNDN);
    }
    mpfr_div_q(P, P, W, MPFR_RNDN);
    for (size_t j = 0; j < n; j++) {
        mpq_set_ui(D, 0, 1);
        for (size_t k = 0; k <= n; k++) {
            mpq_set_d(t, point[k * n + j]);
            mpq_set_d(r, c[j]);
            mpq_sub(t, t, r);
            mpq_set_d(r, weight[k]);
            mpq_mul(t, t, r);
            mpq_add(D, D, t);
        }
        mpq_div(D, D, W); /* the mean point less c */
        if (mpq_sgn(D) == 0) continue;
        mpq_set_d(t, c[j]); /* the way from c to the other side */
        mpq_set_d(r, mpq_sgn(D) > 0 ? x[j].lo : x[j].hi);
        mpq_sub(r, r, t);
        mpq_abs(r, r);
        mpq_abs(D, D);
        mpq_add(r, r, D);
        mpq_div(r, D, r);
        if (mpq_cmp(r, theta) > 0) mpq_set(theta, r);
    }
    ok = mpq_cmp_ui(theta, 1, 1) < 0;
    for (size_t j = 0; j < n; j++) { /* the range's end, over the sides that c is inside of */
        corner[j] = (j == i) == (side == SBX_HI) ? x[j].lo : x[j].hi;
        if (c[j] == x[j].lo || c[j] == x[j].hi) corner[j] = c[j];
    }
    ref_softmax_at(v, corner, i, n);
    mpfr_sub(v, v, P, MPFR_RNDN);
    mpfr_mul_q(v, v, theta, MPFR_RNDN);
    mpfr_add(out, P, v, MPFR_RNDN);
    mpq_clears(W, D, t, r, theta, NULL);
    mpfr_clears(v, P, (mpfr_ptr)0);
    return ok;
}

/* the limit, after its certificate has proved it */
static double limit_of(sbx_end side, size_t i, const sbx_ivd *x, const double *c, size_t n,
                       const double *points, size_t count)
{
    double limit = (double)NAN, point[(N_MAX + 1) * N_MAX], weight[N_MAX + 1];
    mpfr_t v;
    assert_ok(sbx_relax_limit(&limit, point, weight, side, i, x, c, n, points, count, err));
    mpfr_init2(v, CERT_BITS);
    if (!ref_limit(v, side, i, x, c, n, point, weight)) fail_msg("the weights prove nothing");
    mpfr_sub_d(v, v, limit, MPFR_RNDN);
    if (!((side == SBX_HI ? 1.0 : -1.0) * mpfr_get_d(v, MPFR_RNDN) >= -1e-70))
        fail_msg("n %zu: the limit is %g beyond what its weights prove", n,
                 mpfr_get_d(v, MPFR_RNDN));
    mpfr_clear(v);
    return limit;
}

/* a.c + cst - limit in rationals */
static double beyond(const sbx_affine *a, const double *c, size_t n, double limit)
{
    double v;
    mpq_t s, t, u;
    mpq_inits(s, t, u, NULL);
    mpq_set_d(s, a->cst);
    for (size_t j = 0; j < n; j++) {
        mpq_set_d(t, a->coef[j]);
        mpq_set_d(u, c[j]);
        mpq_mul(t, t, u);
        mpq_add(s, s, t);
    }
    mpq_set_d(t, limit);
    mpq_sub(s, s, t);
    v = mpq_get_d(s);
    mpq_clears(s, t, u, NULL);
    return v;
}

static void all_methods(size_t i, const sbx_ivd *x, const double *c, size_t n, double gap[2])
{
    const sbx_zone z = sbx_zone_box(x, n);
    const double least = limit_of(SBX_HI, i, x, c, n, NULL, 0),
                 greatest = limit_of(SBX_LO, i, x, c, n, NULL, 0);
    double a[2][N_MAX];
    sbx_affine low = {a[0], 0}, up = {a[1], 0};
    sbx_ivd range;
    for (unsigned m = SBX_METHOD_CONSTANT; m < SBX_METHOD_COUNT; m++) {
        assert_ok(
            sbx_relax_vector(&low, &up, &range, SBX_FN_SOFTMAX, (sbx_method)m, i, &z, c, err));
        gap[1] = beyond(&up, c, n, least);
        gap[0] = -beyond(&low, c, n, greatest);
        if (!(gap[1] >= 0.0 && gap[0] >= 0.0))
            fail_msg("n %zu, %s: better than the limit by %g, %g", n,
                     sbx_method_name((sbx_method)m), -gap[1], -gap[0]);
    }
}

/* no method beats it, and optimal is near it */
static void test_methods(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (long r = 0; r < test_rounds(60); r++) {
        const size_t n = 1 + (size_t)r % 7, i = (size_t)sbx_rng(&s) % n;
        const double wide = (double[]){0.1, 0.5, 2, 4}[r / 7 % 4];
        sbx_ivd x[N_MAX];
        double c[N_MAX], gap[2];
        for (size_t j = 0; j < n; j++) {
            const double mid = test_uniform(&s, -2, 2), half = test_uniform(&s, 0.2, 1) * wide;
            x[j] = (sbx_ivd){mid - half, mid + half};
            c[j] = r % 2 ? mid : test_uniform(&s, x[j].lo, x[j].hi);
            if (r % 5 == 0 && j == 0) c[j] = x[j].hi;
            if (r % 11 == 0 && j == 1) x[j] = (sbx_ivd){c[j], c[j]};
            c[j] = fmin(fmax(c[j], x[j].lo), x[j].hi);
        }
        all_methods(i, x, c, n, gap);
        if (r % 5 && !(gap[0] < 2e-3 * wide && gap[1] < 2e-3 * wide))
            fail_msg("n %zu, half-width %g: optimal is %g, %g from the limit", n, wide, gap[0],
                     gap[1]);
    }
}

static double sigma(double t) { return 1.0 / (1.0 + exp(-t)); }

/* One coordinate: 1. Two, [-w, w]^2 at 0: the line from (-2w, sigma) that touches the logistic
 * function is its concave envelope at 0, and a bound on the diagonal; below: 1 less it. */
static void test_known(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        const double w = (double[]){0.05, 0.5, 1, 3}[k], c[2] = {0, 0};
        const sbx_ivd x[2] = {{-w, w}, {-w, w}};
        double lo = 0.0, hi = 2 * w, up, low, want;
        for (int it = 0; it < 100; it++) {
            const double t = (lo + hi) / 2, p = sigma(t);
            if (p * (1 - p) * (t + 2 * w) > p - sigma(-2 * w))
                lo = t;
            else
                hi = t;
        }
        want = sigma(lo) * (1 - lo / (lo + 2 * w)) + sigma(-2 * w) * lo / (lo + 2 * w);
        up = limit_of(SBX_HI, 0, x, c, 2, NULL, 0);
        low = limit_of(SBX_LO, 0, x, c, 2, NULL, 0);
        if (!(fabs(up - want) < 1e-7 * w && fabs(low - (1 - want)) < 1e-7 * w))
            fail_msg("half-width %g: %.12g, %.12g, not %.12g", w, up, low, want);
        assert_true(limit_of(SBX_HI, 0, x, c, 1, NULL, 0) == 1.0);
        assert_true(limit_of(SBX_LO, 0, x, c, 1, NULL, 0) == 1.0);
    }
}

/* where doubles end, nothing is claimed that the points do not prove */
static void test_extreme(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (int r = 0; r < 60; r++) {
        const size_t n = 2 + (size_t)sbx_rng(&s) % 13;
        const double wide = (double[]){1e-300, 1e-12, 1e-3, 50, 1e3, 1e4}[r % 6];
        const double shift = (double[]){0, 1e5, -1e5}[r % 3];
        sbx_ivd x[N_MAX];
        double c[N_MAX];
        for (size_t j = 0; j < n; j++) {
            const double mid = shift + test_uniform(&s, -2, 2);
            x[j] = (sbx_ivd){mid - wide * sbx_rng_unit(&s), mid + wide * sbx_rng_unit(&s)};
            c[j] = r % 4 ? mid : r % 8 ? x[j].lo : nextafter(x[j].lo, mid);
            c[j] = fmin(c[j], x[j].hi);
        }
        (void)limit_of(r & 1 ? SBX_HI : SBX_LO, (size_t)r % n, x, c, n, NULL, 0);
    }
}

/* the caller's points count; bad ones are refused */
static void test_points(void **state)
{
    const sbx_ivd x[3] = {{-1, 1}, {-1, 2}, {0, 1}}, bad[1] = {{1, 0}}, far[1] = {{0, HUGE_VAL}};
    const double c[3] = {0, 0, 0.5}, out[3] = {0, 0, 1.5}, in[6] = {0, 0, 0.25, 1, -1, 0};
    double v, w;
    (void)state;
    v = limit_of(SBX_HI, 1, x, c, 3, NULL, 0);
    w = limit_of(SBX_HI, 1, x, c, 3, in, 2);
    assert_true(fabs(v - w) < 1e-5);
    assert_int_equal(sbx_relax_limit(&v, NULL, NULL, SBX_HI, 3, x, c, 3, NULL, 0, NULL),
                     SBX_ERR_ARG);
    assert_int_equal(sbx_relax_limit(&v, NULL, NULL, SBX_HI, 0, x, out, 3, NULL, 0, NULL),
                     SBX_ERR_ARG);
    assert_int_equal(sbx_relax_limit(&v, NULL, NULL, SBX_HI, 0, x, c, 3, out, 1, NULL),
                     SBX_ERR_ARG);
    assert_int_equal(sbx_relax_limit(&v, NULL, NULL, SBX_HI, 0, x, c, 0, NULL, 0, NULL),
                     SBX_ERR_ARG);
    assert_int_equal(sbx_relax_limit(&v, NULL, NULL, SBX_HI, 0, bad, c, 1, NULL, 0, NULL),
                     SBX_ERR_ARG);
    assert_int_equal(sbx_relax_limit(&v, NULL, NULL, SBX_HI, 0, far, c, 1, NULL, 0, NULL),
                     SBX_ERR_ARG);
    assert_ok(sbx_relax_limit(&v, NULL, NULL, SBX_HI, 0, x, c, 3, NULL, 0, err));
}

static void test_memory(void **state)
{
    const sbx_ivd x[3] = {{-1, 1}, {-1, 2}, {0, 1}};
    const double c[3] = {0, 0, 0.5};
    const long live = sbx_alloc_live();
    (void)state;
    for (long k = 0; k < 200; k++) {
        double v;
        sbx_status st;
        sbx_alloc_fail_after(k);
        st = sbx_relax_limit(&v, NULL, NULL, SBX_LO, 0, x, c, 3, NULL, 0, NULL);
        sbx_alloc_fail_after(-1);
        assert_int_equal(sbx_alloc_live(), live);
        if (st == SBX_OK) return;
        assert_int_equal(st, SBX_ERR_NOMEM);
    }
    fail_msg("never enough memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_methods), cmocka_unit_test(test_known),
        cmocka_unit_test(test_extreme), cmocka_unit_test(test_points),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
