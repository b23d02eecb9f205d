/* test_extreme.c -- Max, Min, ReduceMax, ReduceMin, MaxPool: values in every number system
 * and bounds against exact rationals; the planes of the largest of several at all corners.
 * [L-RLX-64], [L-NET-60]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "opcase.h"

#include "softbox/relax.h"

static void take(mpq_t y, mpq_t x, bool least)
{
    if (least ? mpq_cmp(x, y) < 0 : mpq_cmp(x, y) > 0) mpq_set(y, x);
}

static size_t max3(sbx_net *net, size_t x) /* 2x3, [2,1] of constants, x0 .. x2 again */
{
    const double c[2] = {-1.0, 2.0};
    return NODE("Max", x, op_const(net, 2, (size_t[]){2, 1}, c), NODE("MatMul", REAL(1, 2), x));
}
static void max3_y(mpq_t *y, mpq_t *x)
{
    const double c[2] = {-1.0, 2.0}, w[2] = {op_w(0), op_w(1)};
    mpq_t t, z[2];
    mpq_init(t);
    op_init(z, 2);
    for (size_t i = 0; i < 6; i++) {
        mpq_set_d(y[i], c[i / 3]);
        take(y[i], x[i], false);
        mpq_set(z[0], x[i % 3]);
        mpq_set(z[1], x[3 + i % 3]);
        op_form(t, w, z, 2);
        take(y[i], t, false);
    }
    op_clear(z, 2);
    mpq_clear(t);
}

static size_t min_all(sbx_net *net, size_t x) /* every pair of elements */
{
    return NODE("Min", SHAPED(x, 6, 1), SHAPED(x, 1, 6));
}
static void min_all_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 36; i++) {
        mpq_set(y[i], x[i / 6]);
        take(y[i], x[i % 6], true);
    }
}

static size_t alone(sbx_net *net, size_t x) { return NODE("Min", x); }
static void alone_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 6; i++)
        mpq_set(y[i], x[i]);
}

static size_t reduce_max(sbx_net *net, size_t x)
{
    const int64_t axes[1] = {-1};
    const sbx_attr a[2] = {{.name = "axes", .kind = SBX_ATTR_INTS, .ints = axes, .n = 1},
                           {.name = "keepdims", .kind = SBX_ATTR_INT, .i = 0}};
    return op_node(net, "ReduceMax", &x, 1, a, 2);
}
static void reduce_max_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 2; i++) {
        mpq_set(y[i], x[3 * i]);
        take(y[i], x[3 * i + 1], false);
        take(y[i], x[3 * i + 2], false);
    }
}

static size_t reduce_min(sbx_net *net, size_t x) { return NODE("ReduceMin", x, INTS(0)); }
static void reduce_min_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 3; i++) {
        mpq_set(y[i], x[i]);
        take(y[i], x[3 + i], true);
    }
}

static size_t everything(sbx_net *net, size_t x) { return NODE("ReduceMax", x); }
static void everything_y(mpq_t *y, mpq_t *x)
{
    mpq_set(y[0], x[0]);
    for (size_t i = 1; i < 6; i++)
        take(y[0], x[i], false);
}

#define LIST(nm, ...)                                                        \
    {                                                                        \
        .name = nm, .kind = SBX_ATTR_INTS, .ints = (int64_t[]){__VA_ARGS__}, \
        .n = sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)              \
    }

static size_t pool2(sbx_net *net, size_t x) /* 1x1x2x3, 2x2, one row and column of padding */
{
    const sbx_attr a[] = {LIST("kernel_shape", 2, 2), LIST("pads", 1, 0, 0, 1)};
    const size_t in = SHAPED(x, 1, 1, 2, 3);
    return op_node(net, "MaxPool", &in, 1, a, 2);
}
static void pool2_y(mpq_t *y, mpq_t *x)
{
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++) {
            mpq_ptr z = y[3 * i + j];
            mpq_set(z, x[3 * i + j]); /* row i of the window's last */
            for (int r = i - 1; r <= i; r++)
                for (int c = j; c <= j + 1; c++)
                    if (r >= 0 && c < 3) take(z, x[3 * r + c], false);
        }
}

static size_t pool1(sbx_net *net, size_t x) /* 1x2x3: 2 at a distance of 2 */
{
    const sbx_attr a[] = {LIST("kernel_shape", 2), LIST("dilations", 2)};
    const size_t in = SHAPED(x, 1, 2, 3);
    return op_node(net, "MaxPool", &in, 1, a, 2);
}
static void pool1_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 2; i++) {
        mpq_set(y[i], x[3 * i]);
        take(y[i], x[3 * i + 2], false);
    }
}

static size_t pool_ceil(sbx_net *net, size_t x) /* 2x1x3: windows of 2 every 2, the last short */
{
    const sbx_attr a[] = {LIST("kernel_shape", 2),
                          LIST("strides", 2),
                          {.name = "ceil_mode", .kind = SBX_ATTR_INT, .i = 1}};
    const size_t in = SHAPED(x, 2, 1, 3);
    return op_node(net, "MaxPool", &in, 1, a, 3);
}
static size_t pool_same(sbx_net *net, size_t x)
{
    const sbx_attr a[] = {LIST("kernel_shape", 2),
                          LIST("strides", 2),
                          {.name = "auto_pad", .kind = SBX_ATTR_STRING, .s = "SAME_UPPER"}};
    const size_t in = SHAPED(x, 2, 1, 3);
    return op_node(net, "MaxPool", &in, 1, a, 3);
}
static void pool_ceil_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 2; i++) {
        mpq_set(y[2 * i], x[3 * i]);
        take(y[2 * i], x[3 * i + 1], false);
        mpq_set(y[2 * i + 1], x[3 * i + 2]);
    }
}

static const opcase cases[] = {
    {"max of three", max3, max3_y, 6, 2, {2, 3}, true, false, false, 0},
    {"min of all pairs", min_all, min_all_y, 36, 2, {6, 6}, true, false, false, 0},
    {"min of one", alone, alone_y, 6, 2, {2, 3}, true, true, true, 0},
    {"reduce max", reduce_max, reduce_max_y, 2, 1, {2}, true, false, false, 0},
    {"reduce min", reduce_min, reduce_min_y, 3, 2, {1, 3}, true, false, false, 0},
    {"reduce all", everything, everything_y, 1, 2, {1, 1}, true, false, false, 0},
    {"pool 2x2, pads", pool2, pool2_y, 6, 4, {1, 1, 2, 3}, true, false, false, 0},
    {"pool, dilations", pool1, pool1_y, 2, 3, {1, 2, 1}, true, false, false, 0},
    {"pool, ceil", pool_ceil, pool_ceil_y, 4, 3, {2, 1, 2}, true, false, false, 0},
    {"pool, same", pool_same, pool_ceil_y, 4, 3, {2, 1, 2}, true, false, false, 0},
};
enum { CASES = sizeof cases / sizeof *cases };

static void values(void **state)
{
    uint64_t r = test_seed();
    (void)state;
    for (size_t i = 0; i < CASES; i++)
        op_values(&cases[i], &r);
}

static void bounds(void **state)
{
    uint64_t r = test_seed();
    (void)state;
    for (size_t i = 0; i < CASES; i++)
        op_bounds(&cases[i], test_rounds(30), &r);
}

/* ---- the planes alone: convex, so the corners decide ----------------------------------- */

static void one_box(const sbx_ivd *x, size_t n, sbx_affine *lo, sbx_affine *hi)
{
    mpq_t p[7], s, v;
    double w[7];
    op_init(p, 7);
    mpq_inits(s, v, NULL);
    for (size_t q = 0; q < (size_t)1 << n; q++) {
        for (size_t k = 0; k < n; k++) {
            mpq_set_d(p[k], q >> k & 1 ? x[k].hi : x[k].lo);
            if (k == 0) mpq_set(v, p[0]);
            take(v, p[k], false);
        }
        mpq_set_ui(p[n], 1, 1);
        for (int side = 0; side < 2; side++) {
            memcpy(w, side ? hi->coef : lo->coef, n * sizeof *w);
            w[n] = side ? hi->cst : lo->cst;
            op_form(s, w, p, n + 1);
            if (side ? mpq_cmp(s, v) < 0 : mpq_cmp(s, v) > 0) fail_msg("side %d", side);
        }
    }
    mpq_clears(s, v, NULL);
    op_clear(p, 7);
}

static void planes(void **state)
{
    uint64_t r = test_seed();
    double a[6], b[6];
    sbx_affine lo = {a, 0.0}, hi = {b, 0.0};
    (void)state;
    for (long i = 0; i < test_rounds(3000); i++) {
        const size_t n = 1 + sbx_rng(&r) % 6;
        sbx_ivd x[6];
        for (size_t k = 0; k < n; k++) {
            const double scale = sbx_rng(&r) % 8 ? 1.0 : sbx_rng(&r) % 2 ? 1e-9 : 1e300;
            x[k].lo = sbx_rng(&r) % 3 ? test_uniform(&r, -1.0, 1.0) * scale
                                      : (double)(sbx_rng(&r) % 3) - 1.0;
            x[k].hi = x[k].lo + (sbx_rng(&r) % 4 ? test_uniform(&r, 0.0, 2.0) * scale : 0.0);
        }
        assert_ok(sbx_relax_largest(&lo, &hi, x, n, err));
        one_box(x, n, &lo, &hi);
    }
    assert_status(SBX_ERR_ARG, sbx_relax_largest(&lo, &hi, NULL, 0, err));
    assert_status(SBX_ERR_ARG,
                  sbx_relax_largest(&lo, &hi, (sbx_ivd[]){{0.0, (double)NAN}}, 1, err));
}

/* known planes: one that is always the largest is exact; of two alike it is the mean and
 * half the radius; infinite ends leave no bound */
static void known(void **state)
{
    double a[2], b[2];
    sbx_affine lo = {a, 0.0}, hi = {b, 0.0};
    (void)state;
    assert_ok(sbx_relax_largest(&lo, &hi, (sbx_ivd[]){{2.0, 3.0}, {0.0, 2.0}}, 2, err));
    assert_true(a[0] == 1.0 && a[1] == 0.0 && lo.cst == 0.0);
    assert_true(b[0] == 1.0 && b[1] == 0.0 && hi.cst == 0.0);
    assert_ok(sbx_relax_largest(&lo, &hi, (sbx_ivd[]){{-1.0, 1.0}, {-1.0, 1.0}}, 2, err));
    assert_true(b[0] == 0.5 && b[1] == 0.5 && hi.cst == 1.0);
    assert_ok(sbx_relax_largest(&lo, &hi, (sbx_ivd[]){{-HUGE_VAL, 1.0}, {0.0, 2.0}}, 2, err));
    assert_true(a[1] == 1.0 && hi.cst + 2.0 * b[1] >= 2.0 && isfinite(hi.cst) && b[0] == 0.0);
    assert_ok(sbx_relax_largest(&lo, &hi, (sbx_ivd[]){{-1.0, HUGE_VAL}, {0.0, 2.0}}, 2, err));
    assert_true(hi.cst == HUGE_VAL && b[0] == 0.0 && b[1] == 0.0);
}

/* An element that 200 outputs read: its coefficient loses every addition but the first. */
static void fan(void **state)
{
    enum { K = 200 };
    const sbx_shape one = {1, {1}};
    double C[K], low[K], lo;
    sbx_bounder *b;
    sbx_net *net;
    size_t x;
    mpq_t q, t;
    (void)state;
    for (size_t k = 0; k < K; k++) {
        C[k] = k ? 0x1p-53 * (1.0 - 0x1p-20) : 1.0;
        low[k] = -2.0;
    }
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &one, err));
    assert_ok(sbx_graph_finish(net, NODE("Max", x, op_const(net, 1, (size_t[]){K}, low)), err));
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, &lo, &(sbx_ivd){-1.0, 1.0}, C, 1, SBX_BOUND_CROWN, err));
    mpq_inits(q, t, NULL);
    for (size_t k = 0; k < K; k++) {
        mpq_set_d(t, C[k]);
        mpq_sub(q, q, t);
    }
    mpq_set_d(t, lo);
    assert_true(mpq_cmp(t, q) <= 0 && lo > -1.001);
    mpq_clears(q, t, NULL);
    sbx_bounder_free(b);
    sbx_net_free(net);
}

static void refusals(void **state)
{
    const sbx_shape in = {3, {1, 1, 4}};
    const sbx_attr kernel[] = {LIST("kernel_shape", 2), LIST("pads", 3, 0)};
    const char *const names[2] = {"y", "indices"};
    sbx_net *net;
    size_t x, y[2], c[2];
    (void)state;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &in, err));
    assert_status(SBX_ERR_UNSUPPORTED,
                  sbx_graph_node(y, net, "MaxPool", "p", &x, 1, names, 2, kernel, 1, err));
    assert_non_null(strstr(err->msg, "its output 2, 'indices', is used"));
    assert_status(SBX_ERR_UNSUPPORTED,
                  sbx_graph_node(y, net, "MaxPool", "p", &x, 1, names, 1, kernel, 2, err));
    assert_non_null(strstr(err->msg, "padding only"));
    assert_status(SBX_ERR_PARSE,
                  sbx_graph_node(y, net, "MaxPool", "p", &x, 1, names, 1, NULL, 0, err));
    c[0] = x;
    c[1] = REAL(3);
    assert_status(SBX_ERR_PARSE, sbx_graph_node(y, net, "Max", "m", c, 2, names, 1, NULL, 0, err));
    sbx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values), cmocka_unit_test(bounds), cmocka_unit_test(planes),
        cmocka_unit_test(known),  cmocka_unit_test(fan),    cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
