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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extremes),
        cmocka_unit_test(a_budget),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
