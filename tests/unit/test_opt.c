/* test_opt.c -- softbox/opt.h: minima that are known in closed form lie between the bounds, with
 * and without slopes; refusals; memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <math.h>

#include "base/alloc.h"
#include "softbox/opt.h"

/* sum (x_k^2 - a x_k)^2-like pieces; each problem with its exact least value on the box */
typedef struct case_of {
    sbx_opt_value *f;
    sbx_opt_slope *g;
    size_t n;
    sbx_ivd x[3];
    double least, most; /* correctly known to 1e-12 */
} case_of;

#define TRY(call)                     \
    do {                              \
        const sbx_status s_ = (call); \
        if (s_ != SBX_OK) return s_;  \
    } while (0)

/* x^4 - 3 x^2 + x: least near -1.30084 (a root of 4x^3 - 6x + 1) */
static sbx_status quartic(sbx_ivd *z, const sbx_ivd *x, size_t n, void *arg, sbx_err *e)
{
    sbx_ivd s, t, three = {3, 3};
    (void)n;
    (void)arg;
    TRY(sbx_ivd_sqr(&s, x, NULL, e));
    TRY(sbx_ivd_sqr(&t, &s, NULL, e));
    TRY(sbx_ivd_mul(&s, &s, &three, NULL, e));
    TRY(sbx_ivd_sub(&t, &t, &s, NULL, e));
    return sbx_ivd_add(z, &t, x, NULL, e);
}
static sbx_status quartic_slope(sbx_ivd *g, const sbx_ivd *x, size_t n, void *arg, sbx_err *e)
{
    sbx_ivd t, four = {4, 4}, six = {6, 6}, one = {1, 1};
    (void)n;
    (void)arg;
    TRY(sbx_ivd_pow(&t, x, 3, NULL, e));
    TRY(sbx_ivd_mul(&t, &t, &four, NULL, e));
    TRY(sbx_ivd_mul(&six, &six, x, NULL, e));
    TRY(sbx_ivd_sub(&t, &t, &six, NULL, e));
    return sbx_ivd_add(g, &t, &one, NULL, e);
}

/* |x - 1/4| + (y - x)^2, a kink at the least value 0 */
static sbx_status kink(sbx_ivd *z, const sbx_ivd *x, size_t n, void *arg, sbx_err *e)
{
    sbx_ivd s, t, c = {0.25, 0.25};
    (void)n;
    (void)arg;
    TRY(sbx_ivd_sub(&s, &x[0], &c, NULL, e));
    TRY(sbx_ivd_abs(&s, &s, NULL, e));
    TRY(sbx_ivd_sub(&t, &x[1], &x[0], NULL, e));
    TRY(sbx_ivd_sqr(&t, &t, NULL, e));
    return sbx_ivd_add(z, &s, &t, NULL, e);
}
static sbx_status kink_slope(sbx_ivd *g, const sbx_ivd *x, size_t n, void *arg, sbx_err *e)
{
    sbx_ivd s, t, c = {0.25, 0.25}, two = {2, 2};
    (void)n;
    (void)arg;
    TRY(sbx_ivd_sub(&s, &x[0], &c, NULL, e));
    s = s.lo > 0 ? (sbx_ivd){1, 1} : s.hi < 0 ? (sbx_ivd){-1, -1} : (sbx_ivd){-1, 1};
    TRY(sbx_ivd_sub(&t, &x[1], &x[0], NULL, e));
    TRY(sbx_ivd_mul(&t, &t, &two, NULL, e));
    g[1] = t;
    return sbx_ivd_sub(&g[0], &s, &t, NULL, e);
}

/* x y z, monotone pieces: extremes at corners */
static sbx_status product(sbx_ivd *z, const sbx_ivd *x, size_t n, void *arg, sbx_err *e)
{
    (void)n;
    (void)arg;
    TRY(sbx_ivd_mul(z, &x[0], &x[1], NULL, e));
    return sbx_ivd_mul(z, z, &x[2], NULL, e);
}
static sbx_status product_slope(sbx_ivd *g, const sbx_ivd *x, size_t n, void *arg, sbx_err *e)
{
    (void)n;
    (void)arg;
    TRY(sbx_ivd_mul(&g[0], &x[1], &x[2], NULL, e));
    TRY(sbx_ivd_mul(&g[1], &x[0], &x[2], NULL, e));
    return sbx_ivd_mul(&g[2], &x[0], &x[1], NULL, e);
}

static const case_of cases[] = {
    {quartic, quartic_slope, 1, {{-2, 2}}, -3.51390503893479, 6},
    {quartic, quartic_slope, 1, {{0, 0.125}}, 0, 0.078369140625},
    {kink, kink_slope, 2, {{-1, 1}, {-2, 2}}, 0, 10.25},
    {product, product_slope, 3, {{-1, 2}, {-3, 1}, {1, 4}}, -24, 12},
};

/* The true extremes lie between the bounds, the gap is reached; the bounds are near. [L-OPT-01, L-OPT-02] */
static void extremes(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (int with = 0; with < 2; with++) {
            const case_of *c = &cases[k];
            sbx_opt_problem f = {.value = c->f,
                                 .slope = with ? c->g : NULL,
                                 .gap = with ? 1e-9 : 1e-5,
                                 .max_boxes = 200000};
            sbx_opt_result r;
            double at[3];
            sbx_ivd p[3], v;
            assert_ok(sbx_opt_min(&r, at, &f, c->x, c->n, NULL, err));
            if (!(r.bound.lo <= c->least + 1e-12 && c->least - 1e-12 <= r.bound.hi && r.reached))
                fail_msg("case %zu: least %.17g not in [%.17g, %.17g]", k, c->least, r.bound.lo,
                         r.bound.hi);
            for (size_t j = 0; j < c->n; j++)
                p[j] = (sbx_ivd){at[j], at[j]};
            assert_ok(c->f(&v, p, c->n, NULL, err));
            assert_true(v.hi <= r.bound.hi);
            assert_ok(sbx_opt_max(&r, at, &f, c->x, c->n, NULL, err));
            if (!(r.bound.lo <= c->most + 1e-12 && c->most - 1e-12 <= r.bound.hi && r.reached))
                fail_msg("case %zu: most %.17g not in [%.17g, %.17g]", k, c->most, r.bound.lo,
                         r.bound.hi);
        }
}

/* Few boxes: the bounds still hold, and reached says that they are not near. */
static void a_budget(void **state)
{
    (void)state;
    sbx_opt_problem f = {.value = quartic, .gap = 0, .max_boxes = 5};
    sbx_opt_result r;
    assert_ok(sbx_opt_min(&r, NULL, &f, cases[0].x, 1, NULL, err));
    assert_true(r.bound.lo <= -3.5139 && r.bound.hi >= -3.5140 && !r.reached && r.boxes <= 7);
}

static int stop_now(void *arg)
{
    int *left = arg;
    return --*left < 0;
}
static void refusals(void **state)
{
    (void)state;
    sbx_opt_problem f = {.value = quartic, .gap = 0};
    sbx_opt_result r;
    int left = 3;
    const sbx_ivd bad = {0, HUGE_VAL};
    const sbx_ctx ctx = {.prec = 53, .stop = stop_now, .stop_arg = &left};
    assert_status(SBX_ERR_ARG, sbx_opt_min(&r, NULL, &f, &bad, 1, NULL, err));
    assert_status(SBX_ERR_ARG, sbx_opt_min(&r, NULL, &f, &bad, 0, NULL, err));
    assert_status(SBX_ERR_STOPPED, sbx_opt_min(&r, NULL, &f, cases[0].x, 1, &ctx, err));
    for (long k = 0;; k++) {
        const long live = sbx_alloc_live();
        sbx_status st;
        f.max_boxes = 40;
        sbx_alloc_fail_after(k);
        st = sbx_opt_max(&r, NULL, &f, cases[0].x, 1, NULL, err);
        sbx_alloc_fail_after(-1);
        assert_int_equal(sbx_alloc_live(), live);
        if (st == SBX_OK) break;
        assert_int_equal(st, SBX_ERR_NOMEM);
    }
}

/* ---- errors of polynomials for exp that are published, proved ---------------------------------- */

typedef struct poly {
    int degree;
    double c[6];
    bool base2, relative; /* P(x) 2^-x - 1; P(x) e^-x - 1; P(x) - e^x */
} poly;

static sbx_status horner(sbx_ivd *z, const sbx_ivd *x, const double *c, int degree, sbx_err *e)
{
    sbx_ivd s = {c[degree], c[degree]};
    for (int k = degree; k-- > 0;) {
        const sbx_ivd t = {c[k], c[k]};
        TRY(sbx_ivd_mul(&s, &s, x, NULL, e));
        TRY(sbx_ivd_add(&s, &s, &t, NULL, e));
    }
    *z = s;
    return SBX_OK;
}
/* b^x or b^-x */
static sbx_status power(sbx_ivd *z, const poly *p, const sbx_ivd *x, sbx_err *e)
{
    sbx_ivd t = *x;
    if (p->relative) TRY(sbx_ivd_neg(&t, &t, NULL, e));
    return p->base2 ? sbx_ivd_exp2(z, &t, NULL, e) : sbx_ivd_exp(z, &t, NULL, e);
}
static sbx_status poly_error(sbx_ivd *z, const sbx_ivd *x, size_t n, void *arg, sbx_err *e)
{
    const poly *p = arg;
    const sbx_ivd one = {1, 1};
    sbx_ivd t;
    (void)n;
    TRY(horner(z, x, p->c, p->degree, e));
    TRY(power(&t, p, x, e));
    if (!p->relative) return sbx_ivd_sub(z, z, &t, NULL, e);
    TRY(sbx_ivd_mul(z, z, &t, NULL, e));
    return sbx_ivd_sub(z, z, &one, NULL, e);
}
static sbx_status poly_slope(sbx_ivd *g, const sbx_ivd *x, size_t n, void *arg, sbx_err *e)
{
    const poly *p = arg;
    double d[6] = {0};
    sbx_ivd t, log2 = {2, 2}, s;
    (void)n;
    for (int k = 1; k <= p->degree; k++)
        d[k - 1] = k * p->c[k]; /* exact: 24 bits times a digit */
    TRY(horner(g, x, d, p->degree - 1, e));
    TRY(power(&t, p, x, e));
    if (!p->relative) return sbx_ivd_sub(g, g, &t, NULL, e);
    TRY(horner(&s, x, p->c, p->degree, e));
    TRY(sbx_ivd_log(&log2, &log2, NULL, e));
    if (p->base2) TRY(sbx_ivd_mul(&s, &s, &log2, NULL, e));
    TRY(sbx_ivd_sub(g, g, &s, NULL, e));
    return sbx_ivd_mul(g, g, &t, NULL, e);
}

/* The greatest |error| on the interval agrees with the published figure to half a unit of its third digit. */
static void published_errors(void **state)
{
    (void)state;
    static const struct {
        poly p;
        double lo, hi, error;
    } all[] = {
        {{1, {1, 0.922497093677520751953125}, true, true}, 0, 1, 3.88e-2},
        {{2, {1, 0.6657850742340087890625, 0.330107033252716064453125}, true, true}, 0, 1, 2.08e-3},
        {{3,
          {1, 0.695146143436431884765625, 0.227564394474029541015625,
           0.077119089663028717041015625},
          true,
          true},
         0,
         1,
         8.77e-5},
        {{4,
          {1, 0.693042695522308349609375, 0.2412912547588348388671875,
           5.2225358784198760986328125e-2, 1.3434938155114650726318359375e-2},
          true,
          true},
         0,
         1,
         2.99e-6},
        {{5,
          {1, 0.693151414394378662109375, 0.24016360938549041748046875,
           5.5802188813686370849609375e-2, 9.01452265679836273193359375e-3,
           1.86810153536498546600341796875e-3},
          true,
          true},
         0,
         1,
         8.54e-8},
        {{2, {1, 0.96963238, 0.35815147}, false, false}, -0.6931, 0, 1.913e-3},
        {{2, {1, 0.96963238, 0.35815147}, false, true}, -0.6931, 0, 3.31e-3},
    };
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        poly p = all[k].p;
        sbx_opt_problem f = {.value = poly_error,
                             .slope = poly_slope,
                             .arg = &p,
                             .gap = 1e-4 * all[k].error,
                             .max_boxes = 200000};
        const sbx_ivd x = {all[k].lo, all[k].hi};
        sbx_opt_result least, most;
        double lo, hi;
        assert_ok(sbx_opt_min(&least, NULL, &f, &x, 1, NULL, err));
        assert_ok(sbx_opt_max(&most, NULL, &f, &x, 1, NULL, err));
        assert_true(least.reached && most.reached);
        lo = fmax(-least.bound.hi, most.bound.lo);
        hi = fmax(-least.bound.lo, most.bound.hi);
        if (!(lo <= all[k].error * 1.0026 && hi >= all[k].error * 0.9974 && hi - lo <= 1e-3 * hi))
            fail_msg("case %zu: the error is in [%g, %g], published %g", k, lo, hi, all[k].error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extremes),
        cmocka_unit_test(a_budget),
        cmocka_unit_test(refusals),
        cmocka_unit_test(published_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
