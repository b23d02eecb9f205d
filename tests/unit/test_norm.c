/* test_norm.c -- LayerNormalization, ReduceL2 and ReduceSumSquare, which are made of other
 * operators: values and bounds against MPFR at 300 bits. [L-RLX-62], [L-RLX-63]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "opcase.h"

enum { BITS = 300 };

typedef struct {
    const char *name;
    size_t (*build)(sbx_net *, size_t);
    void (*value)(mpfr_t *, mpfr_t *);
    size_t n;
    double width; /* of the boxes */
    bool loose;   /* no check that the bound is near */
} ncase;

static void init(mpfr_t *v, size_t n)
{
    for (size_t k = 0; k < n; k++)
        mpfr_init2(v[k], BITS);
}
static void clear(mpfr_t *v, size_t n)
{
    for (size_t k = 0; k < n; k++)
        mpfr_clear(v[k]);
}

/* y = (x - mean) / sqrt(mean of squares + epsilon) */
static void normalize(mpfr_t *y, mpfr_t *x, size_t n, double epsilon)
{
    mpfr_t s, t;
    mpfr_inits2(BITS, s, t, (mpfr_ptr)NULL);
    mpfr_set_ui(s, 0, MPFR_RNDN);
    for (size_t k = 0; k < n; k++)
        mpfr_add(s, s, x[k], MPFR_RNDN);
    mpfr_div_ui(s, s, n, MPFR_RNDN);
    mpfr_set_ui(t, 0, MPFR_RNDN);
    for (size_t k = 0; k < n; k++) {
        mpfr_sub(y[k], x[k], s, MPFR_RNDN);
        mpfr_fma(t, y[k], y[k], t, MPFR_RNDN);
    }
    mpfr_div_ui(t, t, n, MPFR_RNDN);
    mpfr_add_d(t, t, epsilon, MPFR_RNDN);
    mpfr_sqrt(t, t, MPFR_RNDN);
    for (size_t k = 0; k < n; k++)
        mpfr_div(y[k], y[k], t, MPFR_RNDN);
    mpfr_clears(s, t, (mpfr_ptr)NULL);
}

static size_t rows(sbx_net *net, size_t x) /* along the last axis, scale and bias */
{
    const sbx_attr a[1] = {{.name = "epsilon", .kind = SBX_ATTR_FLOAT, .f = 0.125}};
    const size_t in[3] = {x, REAL(3), REAL(3)};
    return op_node(net, "LayerNormalization", in, 3, a, 1);
}
static void rows_y(mpfr_t *y, mpfr_t *x)
{
    normalize(y, x, 3, 0.125);
    normalize(y + 3, x + 3, 3, 0.125);
    for (size_t k = 0; k < 6; k++) {
        mpfr_mul_d(y[k], y[k], op_w(k % 3), MPFR_RNDN);
        mpfr_add_d(y[k], y[k], op_w(k % 3), MPFR_RNDN);
    }
}

static size_t whole(sbx_net *net, size_t x) /* over both axes, the default epsilon, no bias */
{
    const sbx_attr a[1] = {{.name = "axis", .kind = SBX_ATTR_INT, .i = 0}};
    const size_t in[2] = {x, REAL(2, 3)};
    return op_node(net, "LayerNormalization", in, 2, a, 1);
}
static void whole_y(mpfr_t *y, mpfr_t *x)
{
    normalize(y, x, 6, (double)1e-5F);
    for (size_t k = 0; k < 6; k++)
        mpfr_mul_d(y[k], y[k], op_w(k), MPFR_RNDN);
}

/* the mean of each row, and one over its spread; y = mean + 2 spread^-1 */
static size_t statistics(sbx_net *net, size_t x)
{
    const sbx_attr a[1] = {{.name = "epsilon", .kind = SBX_ATTR_FLOAT, .f = 0.125}};
    const size_t in[3] = {x, REAL(3), REAL(3)};
    const char *const names[3] = {"", "mean", "inverse"};
    size_t out[3];
    assert_ok(sbx_graph_node(out, net, "LayerNormalization", "n", in, 3, names, 3, a, 1, err));
    assert_true(out[0] == NONE);
    return NODE("Add", out[1], NODE("Mul", out[2], op_all(net, 2.0)));
}
static void statistics_y(mpfr_t *y, mpfr_t *x)
{
    mpfr_t z[4];
    init(z, 4);
    for (size_t r = 0; r < 2; r++) {
        mpfr_add(z[0], x[3 * r], x[3 * r + 1], MPFR_RNDN);
        mpfr_add(z[0], z[0], x[3 * r + 2], MPFR_RNDN);
        mpfr_div_ui(z[0], z[0], 3, MPFR_RNDN);
        mpfr_set_ui(z[1], 0, MPFR_RNDN);
        for (size_t k = 0; k < 3; k++) {
            mpfr_sub(z[2], x[3 * r + k], z[0], MPFR_RNDN);
            mpfr_fma(z[1], z[2], z[2], z[1], MPFR_RNDN);
        }
        mpfr_div_ui(z[1], z[1], 3, MPFR_RNDN);
        mpfr_add_d(z[1], z[1], 0.125, MPFR_RNDN);
        mpfr_sqrt(z[1], z[1], MPFR_RNDN);
        mpfr_ui_div(z[1], 2, z[1], MPFR_RNDN);
        mpfr_add(y[r], z[0], z[1], MPFR_RNDN);
    }
    clear(z, 4);
}

static void squares(mpfr_t y, mpfr_t *x, size_t step, size_t n)
{
    mpfr_set_ui(y, 0, MPFR_RNDN);
    for (size_t k = 0; k < n; k++)
        mpfr_fma(y, x[k * step], x[k * step], y, MPFR_RNDN);
}

static size_t sum_square(sbx_net *net, size_t x) { return NODE("ReduceSumSquare", x, INTS(0)); }
static void sum_square_y(mpfr_t *y, mpfr_t *x)
{
    for (size_t k = 0; k < 3; k++)
        squares(y[k], x + k, 3, 2);
}

static size_t length(sbx_net *net, size_t x)
{
    const int64_t axes[1] = {1};
    const sbx_attr a[2] = {{.name = "axes", .kind = SBX_ATTR_INTS, .ints = axes, .n = 1},
                           {.name = "keepdims", .kind = SBX_ATTR_INT, .i = 0}};
    return op_node(net, "ReduceL2", &x, 1, a, 2);
}
static void length_y(mpfr_t *y, mpfr_t *x)
{
    for (size_t k = 0; k < 2; k++) {
        squares(y[k], x + 3 * k, 1, 3);
        mpfr_sqrt(y[k], y[k], MPFR_RNDN);
    }
}

static const ncase cases[] = {
    {"layer normalization, rows", rows, rows_y, 6, 1e-3, false},
    {"layer normalization, whole", whole, whole_y, 6, 1e-3, false},
    {"layer normalization, wide", rows, rows_y, 6, 2.0, true},
    {"mean and inverse spread", statistics, statistics_y, 2, 1e-3, false},
    {"mean and inverse spread, wide", statistics, statistics_y, 2, 2.0, true},
    {"sum of squares", sum_square, sum_square_y, 3, 1e-3, false},
    {"length", length, length_y, 2, 1e-3, false},
    {"length, wide", length, length_y, 2, 2.0, true},
};
enum { CASES = sizeof cases / sizeof *cases };

static sbx_net *make(const ncase *c)
{
    const sbx_shape in = {2, {2, 3}};
    sbx_net *net;
    size_t x;
    assert_ok(sbx_graph_new(&net, 17, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &in, err));
    assert_ok(sbx_graph_finish(net, c->build(net, x), err));
    assert_int_equal(sbx_net_outputs(net), c->n);
    return net;
}

static void point(mpfr_t *x, const sbx_ivd *box, unsigned q, uint64_t *r)
{
    for (size_t k = 0; k < OP_IN; k++)
        mpfr_set_d(x[k],
                   q < 64 ? (q >> k & 1 ? box[k].hi : box[k].lo)
                          : test_uniform(r, box[k].lo, box[k].hi),
                   MPFR_RNDN);
}

static void values(void **state)
{
    uint64_t r = test_seed();
    mpfr_t x[OP_IN], y[OP_IN];
    (void)state;
    init(x, OP_IN);
    init(y, OP_IN);
    for (size_t i = 0; i < CASES; i++) {
        sbx_net *net = make(&cases[i]);
        for (int round = 0; round < 20; round++) {
            double in[OP_IN], f64[OP_IN];
            sbx_ivd side[OP_IN], ivd[OP_IN];
            for (size_t k = 0; k < OP_IN; k++) {
                in[k] = test_uniform(&r, -3.0, 3.0);
                side[k] = (sbx_ivd){in[k], in[k]};
                mpfr_set_d(x[k], in[k], MPFR_RNDN);
            }
            cases[i].value(y, x);
            assert_ok(sbx_net_eval_f64(f64, net, in, NULL, err));
            assert_ok(sbx_net_eval_ivd(ivd, net, side, NULL, err));
            for (size_t k = 0; k < cases[i].n; k++) {
                assert_true(mpfr_cmp_d(y[k], ivd[k].lo) >= 0 && mpfr_cmp_d(y[k], ivd[k].hi) <= 0);
                assert_true(ivd[k].hi - ivd[k].lo < 1e-11);
                assert_true(fabs(f64[k] - mpfr_get_d(y[k], MPFR_RNDN)) < 1e-11);
            }
        }
        sbx_net_free(net);
    }
    clear(x, OP_IN);
    clear(y, OP_IN);
}

/* C.y over a random box against the bound, at corners and inside */
static void one_box(const ncase *c, sbx_bounder *b, mpfr_t *x, mpfr_t *y, uint64_t *r)
{
    double C[OP_IN], lo, least = HUGE_VAL, size = 0.0;
    sbx_ivd box[OP_IN];
    mpfr_t s;
    mpfr_init2(s, BITS);
    for (size_t k = 0; k < OP_IN; k++) {
        C[k] = test_uniform(r, -2.0, 2.0);
        box[k].lo = test_uniform(r, -3.0, 3.0);
        box[k].hi = box[k].lo + test_uniform(r, 0.0, c->width);
        size += fabs(C[k]);
    }
    assert_ok(sbx_bounder_run(b, &lo, box, C, 1, SBX_BOUND_CROWN, err));
    for (unsigned q = 0; q < 90; q++) {
        point(x, box, q, r);
        c->value(y, x);
        mpfr_set_ui(s, 0, MPFR_RNDN);
        for (size_t k = 0; k < c->n; k++) {
            mpfr_t t;
            mpfr_init2(t, BITS);
            mpfr_mul_d(t, y[k], C[k], MPFR_RNDN);
            mpfr_add(s, s, t, MPFR_RNDN);
            mpfr_clear(t);
        }
        if (mpfr_cmp_d(s, lo) < 0) fail_msg("%s: %a is no lower bound", c->name, lo);
        least = fmin(least, mpfr_get_d(s, MPFR_RNDN));
    }
    if (!c->loose && !(lo > least - 0.05 * size)) fail_msg("%s: %g, not %g", c->name, lo, least);
    mpfr_clear(s);
}

static void bounds(void **state)
{
    uint64_t r = test_seed();
    mpfr_t x[OP_IN], y[OP_IN];
    (void)state;
    init(x, OP_IN);
    init(y, OP_IN);
    for (size_t i = 0; i < CASES; i++) {
        sbx_net *net = make(&cases[i]);
        sbx_bounder *b;
        assert_ok(sbx_bounder_new(&b, net, err));
        for (long k = 0; k < test_rounds(30); k++)
            one_box(&cases[i], b, x, y, &r);
        sbx_bounder_free(b);
        sbx_net_free(net);
    }
    clear(x, OP_IN);
    clear(y, OP_IN);
}

static void refusals(void **state)
{
    const sbx_shape in = {2, {2, 3}};
    const char *const names[4] = {"y", "mean", "", "z"};
    const sbx_attr zero[1] = {{.name = "epsilon", .kind = SBX_ATTR_FLOAT, .f = 0.0}};
    sbx_net *net;
    size_t x, y[4], args[2];
    (void)state;
    assert_ok(sbx_graph_new(&net, 17, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &in, err));
    args[0] = x;
    args[1] = REAL(3);
    assert_status(SBX_ERR_PARSE, sbx_graph_node(y, net, "LayerNormalization", "n", args, 2, names,
                                                4, NULL, 0, err));
    assert_non_null(strstr(err->msg, "a fourth output"));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_graph_node(y, net, "LayerNormalization", "n", args, 2,
                                                      names, 1, zero, 1, err));
    args[1] = REAL(4, 1, 3);
    assert_status(SBX_ERR_PARSE, sbx_graph_node(y, net, "LayerNormalization", "n", args, 2, names,
                                                1, NULL, 0, err));
    sbx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(bounds),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
