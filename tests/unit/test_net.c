/* test_net.c -- building networks: refusals that name the node, unused nodes, opsets,
 * systems that lack an operation, memory that runs out; arguments of a bounder.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "netmake.h"

#include "base/alloc.h"

#define NONE SBX_NO_TENSOR

static sbx_net *net;
static size_t x; /* the input, 2x3 */

static int setup(void **state)
{
    const sbx_shape in = {2, {2, 3}};
    (void)state;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &in, err));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sbx_net_free(net);
    return 0;
}

static size_t real(size_t rows, size_t cols)
{
    double v[MOST_WIDTH][MOST_WIDTH];
    for (size_t i = 0; i < MOST_WIDTH * MOST_WIDTH; i++)
        v[i / MOST_WIDTH][i % MOST_WIDTH] = (double)(i % 5);
    return made_const(net, &v[0][0], rows, cols, MOST_WIDTH, false);
}

static sbx_status try_node(const char *op, size_t a, size_t b, const sbx_attr *at, size_t n_at)
{
    const size_t in[2] = {a, b};
    const char *const out[1] = {"y"};
    size_t y;
    return sbx_graph_node(&y, net, op, "the node", in, b != NONE ? 2 : a != NONE, out, 1, at, n_at,
                          err);
}

#define REFUSED(st, text, ...)                                        \
    do {                                                              \
        assert_status(st, try_node(__VA_ARGS__));                     \
        if (!strstr(err->msg, "the node") || !strstr(err->msg, text)) \
            fail_msg("message: %s", err->msg);                        \
    } while (0)

static void refusals(void **state)
{
    const sbx_attr axis = {.name = "axis", .kind = SBX_ATTR_INT, .i = 5};
    const sbx_attr wrong = {.name = "axis", .kind = SBX_ATTR_FLOAT, .f = 1.0};
    const sbx_attr odd = {.name = "direction", .kind = SBX_ATTR_INT, .i = 5};
    const sbx_attr minus = {.name = "alpha", .kind = SBX_ATTR_FLOAT, .f = -2.0};
    size_t before;
    (void)state;
    REFUSED(SBX_ERR_UNSUPPORTED, "(Nope)", "Nope", x, NONE, NULL, 0);
    REFUSED(SBX_ERR_PARSE, "missing", "Gemm", x, NONE, NULL, 0);
    REFUSED(SBX_ERR_PARSE, "inner dimensions 3 and 2", "Gemm", x, real(2, 4), NULL, 0);
    REFUSED(SBX_ERR_PARSE, "inner dimensions 3 and 2", "MatMul", x, x, NULL, 0);
    REFUSED(SBX_ERR_PARSE, "2x3 and 1x2", "Add", x, real(1, 2), NULL, 0);
    REFUSED(SBX_ERR_PARSE, "2x3 and 1x2", "Mul", x, real(1, 2), NULL, 0);
    REFUSED(SBX_ERR_UNSUPPORTED, "division by 0", "Div", x, real(1, 1), NULL, 0);
    REFUSED(SBX_ERR_UNSUPPORTED, "direction", "Relu", x, NONE, &odd, 1);
    REFUSED(SBX_ERR_ARG, "slope > 0", "HardSigmoid", x, NONE, &minus, 1);
    REFUSED(SBX_ERR_PARSE, "axis 5", "Flatten", x, NONE, &axis, 1);
    REFUSED(SBX_ERR_PARSE, "no integer", "Softmax", x, NONE, &wrong, 1);
    REFUSED(SBX_ERR_UNSUPPORTED, "integers", "Reshape", x, real(1, 2), NULL, 0);
    before = net->n_tensor;
    REFUSED(SBX_ERR_ARG, "slope > 0", "HardSigmoid", x, NONE, &minus, 1);
    assert_int_equal(net->n_tensor, before); /* as it was */
    assert_int_equal(net->n_node, 0);
    assert_false(sbx_graph_full(net, 1));
}

static void bad_constants(void **state)
{
    static const double nan[1] = {(double)NAN};
    const sbx_shape s = {1, {1}}, deep = {9, {1}}, huge = {2, {SIZE_MAX / 2, 3}};
    size_t id;
    (void)state;
    assert_status(SBX_ERR_UNSUPPORTED, sbx_graph_const(&id, net, "c", &s, nan, NULL, err));
    assert_status(SBX_ERR_ARG, sbx_graph_const(&id, net, "c", &s, NULL, NULL, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_graph_const(&id, net, "c", &deep, nan, NULL, err));
    assert_status(SBX_ERR_LIMIT, sbx_graph_const(&id, net, "c", &huge, nan, NULL, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_graph_input(&id, net, "z", &s, err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_graph_finish(net, real(1, 1), err));
}

/* shapes whose product is beyond any memory are refused before anything is made */
static void huge_shapes(void **state)
{
    const sbx_shape in = {2, {(size_t)1 << 45, 1}};
    const int64_t flat[2] = {1, -1};
    const sbx_shape two = {1, {2}};
    const char *const out[1] = {"y"};
    size_t shape, args[2], y, z;
    int64_t *v;
    (void)state;
    sbx_net_free(net);
    assert_ok(sbx_graph_new(&net, 13, 1 << 20, err));
    assert_ok(sbx_graph_input(&x, net, "x", &in, err));
    v = sbx_graph_mem(net, 2, sizeof *v);
    memcpy(v, flat, sizeof flat);
    assert_ok(sbx_graph_const(&shape, net, "", &two, NULL, v, err));
    y = made_node(net, "Reshape", x, shape, NONE, NULL, 0);
    args[0] = x;
    args[1] = y;
    assert_status(SBX_ERR_LIMIT,
                  sbx_graph_node(&z, net, "Add", "a", args, 2, out, 1, NULL, 0, err));
    args[1] = real(1, 8);
    assert_status(SBX_ERR_LIMIT,
                  sbx_graph_node(&z, net, "MatMul", "m", args, 2, out, 1, NULL, 0, err));
}

static void unused_nodes(void **state)
{
    const char *name, *op;
    const size_t *dim;
    sbx_net_info info;
    size_t rank, y;
    (void)state;
    (void)made_node(net, "Relu", x, NONE, NONE, NULL, 0);
    y = made_node(net, "MatMul", x, real(3, 4), NONE, NULL, 0);
    (void)made_node(net, "Neg", y, NONE, NONE, NULL, 0);
    y = made_node(net, "Relu", y, NONE, NONE, NULL, 0);
    assert_ok(sbx_graph_finish(net, y, err));
    sbx_net_get_info(&info, net);
    assert_int_equal(info.nodes, 2);
    assert_int_equal(info.parameters, 12);
    assert_string_equal(info.input_name, "x");
    assert_true(sbx_net_get_node(&name, &op, &dim, &rank, net, 1));
    assert_string_equal(op, "Relu");
    assert_int_equal(rank, 2);
    assert_int_equal(dim[1], 4);
    assert_false(sbx_net_get_node(&name, &op, &dim, &rank, net, 2));
}

static void operators(void **state)
{
    const char *const *name = sbx_net_operators();
    (void)state;
    for (size_t k = 0; name[k]; k++) {
        assert_non_null(sbx_op_find(name[k]));
        assert_true(k == 0 || strcmp(name[k - 1], name[k]) < 0);
    }
    assert_null(sbx_op_find("relu"));
}

/* rows of 2x3 along axis 0 from opset 13 on; all six are one row before it */
static void softmax_axis(void **state)
{
    const sbx_attr axis = {.name = "axis", .kind = SBX_ATTR_INT, .i = 0};
    const double v[6] = {0.0, 1.0, 2.0, 3.0, -1.0, 0.5};
    double y[6];
    (void)state;
    assert_ok(sbx_graph_finish(net, made_node(net, "Softmax", x, NONE, NONE, &axis, 1), err));
    assert_ok(sbx_net_eval_f64(y, net, v, NULL, err));
    for (int k = 0; k < 3; k++)
        assert_true(fabs(y[k] + y[k + 3] - 1.0) < 1e-12);
    assert_true(y[3] > y[0] && y[1] > y[4] && y[2] > y[5]);
}

static void softmax_old(void **state)
{
    const sbx_attr axis = {.name = "axis", .kind = SBX_ATTR_INT, .i = 0};
    const double v[6] = {0.0, 1.0, 2.0, 3.0, -1.0, 0.5};
    double y[6];
    (void)state;
    net->opset = 11;
    assert_ok(sbx_graph_finish(net, made_node(net, "LogSoftmax", x, NONE, NONE, &axis, 1), err));
    assert_ok(sbx_net_eval_f64(y, net, v, NULL, err));
    for (int k = 0; k < 6; k++)
        assert_true(fabs((y[k] - y[0]) - (v[k] - v[0])) < 1e-12);
    assert_true(y[3] < 0.0 && y[3] > -1.0);
}

static void no_exp_in_rationals(void **state)
{
    sbx_mpq v[6];
    (void)state;
    for (int k = 0; k < 6; k++)
        sbx_mpq_init(&v[k], NULL);
    assert_ok(sbx_graph_finish(net, made_node(net, "Softmax", x, NONE, NONE, NULL, 0), err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_net_eval_mpq(v, net, v, NULL, err));
    assert_non_null(strstr(err->msg, "node 'Softmax' (Softmax)"));
    assert_non_null(strstr(err->msg, "ivd"));
    for (int k = 0; k < 6; k++)
        sbx_mpq_clear(&v[k]);
}

/* gradients against differences, through every curve; nothing here is proved */
static void gradients(void **state)
{
    static const kind last[] = {K_SOFTMAX, K_LOGSOFTMAX, K_SIGMOID, K_TANH, K_LEAKY};
    uint64_t r = test_seed();
    (void)state;
    for (int k = 0; k < 5; k++) {
        double v[3] = {0.3, -0.2, 0.1}, w[4] = {1.0, -2.0, 0.5, 3.0}, y[4], z[4], g[3];
        made m = {.in = 3};
        int t = made_step(&m, K_DENSE, -1, 0, 4, &r, 1.0);
        sbx_bounder *b;
        sbx_net *n;
        (void)made_step(&m, last[k], made_step(&m, K_ADD, t, t, 4, &r, 1.0), 0, 4, &r, 1.0);
        n = made_net(&m);
        assert_ok(sbx_bounder_new(&b, n, err));
        assert_ok(sbx_bounder_forward(b, y, g, v, w, err));
        assert_ok(sbx_net_eval_f64(z, n, v, NULL, err));
        for (int j = 0; j < 4; j++)
            assert_true(fabs(y[j] - z[j]) < 1e-12);
        for (int i = 0; i < 3; i++) {
            double s = 0.0, up[4], down[4];
            v[i] += 1e-5;
            assert_ok(sbx_bounder_forward(b, up, NULL, v, w, err));
            v[i] -= 2e-5;
            assert_ok(sbx_bounder_forward(b, down, NULL, v, w, err));
            v[i] += 1e-5;
            for (int j = 0; j < 4; j++)
                s += w[j] * (up[j] - down[j]) / 2e-5;
            assert_true(fabs(s - g[i]) < 1e-6 * (1.0 + fabs(s)));
        }
        sbx_bounder_free(b);
        sbx_net_free(n);
    }
}

static void bounder_arguments(void **state)
{
    sbx_ivd box[6] = {{0.0, 1.0}, {0.0, 1.0}, {0.0, 1.0}, {0.0, 1.0}, {0.0, 1.0}, {0.0, 1.0}};
    double C[6] = {1.0}, lo;
    sbx_bounder *b;
    (void)state;
    assert_ok(sbx_graph_finish(net, made_node(net, "Relu", x, NONE, NONE, NULL, 0), err));
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, NULL, box, NULL, 0, SBX_BOUND_CROWN, err));
    assert_true(sbx_bounder_outputs(b)[5].hi == 1.0);
    assert_null(sbx_bounder_input_coef(b, 0));
    C[3] = (double)NAN;
    assert_status(SBX_ERR_ARG, sbx_bounder_run(b, &lo, box, C, 1, SBX_BOUND_CROWN, err));
    C[3] = 0.0;
    box[2].hi = HUGE_VAL;
    assert_status(SBX_ERR_ARG, sbx_bounder_run(b, &lo, box, C, 1, SBX_BOUND_CROWN, err));
    box[2] = (sbx_ivd){1.0, 0.0};
    assert_status(SBX_ERR_ARG, sbx_bounder_run(b, &lo, box, C, 1, SBX_BOUND_CROWN, err));
    sbx_bounder_free(b);
}

/* values that overflow: no bound, but never a wrong one */
static void overflow(void **state)
{
    static const double big[3][3] = {{1e300, -1e300, 1e300}, {1e300, 1e300, 1e300}, {1, 1, 1}};
    sbx_ivd box[6];
    double C[6] = {0.0, 1.0}, lo[2];
    sbx_bounder *b;
    size_t y;
    (void)state;
    y = made_node(net, "MatMul", x, made_const(net, &big[0][0], 3, 3, 3, false), NONE, NULL, 0);
    y = made_node(net, "Relu", y, NONE, NONE, NULL, 0);
    y = made_node(net, "MatMul", y, made_const(net, &big[0][0], 3, 3, 3, false), NONE, NULL, 0);
    assert_ok(sbx_graph_finish(net, y, err));
    for (int k = 0; k < 6; k++)
        box[k] = (sbx_ivd){-1e9, 1e9};
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, lo, box, C, 1, SBX_BOUND_CROWN, err));
    assert_true(lo[0] == -HUGE_VAL);
    assert_ok(sbx_bounder_run(b, lo, box, C, 1, SBX_BOUND_IBP, err));
    assert_true(lo[0] == -HUGE_VAL);
    sbx_bounder_free(b);
}

/* every allocation fails once: an error, no leak */
static void no_memory(void **state)
{
    const double C[4] = {1.0, 0.0, 0.0, -1.0};
    const sbx_ivd box[3] = {{0.0, 0.1}, {0.0, 0.1}, {-0.1, 0.1}};
    uint64_t r = 5;
    made m = {.in = 3};
    int t = made_step(&m, K_DENSE, -1, 0, 4, &r, 1.0);
    sbx_net *n;
    long live;
    (void)state;
    t = made_step(&m, K_RELU, t, 0, 4, &r, 1.0);
    t = made_step(&m, K_DENSE, t, 0, 4, &r, 1.0);
    (void)made_step(&m, K_SOFTMAX, t, 0, 4, &r, 1.0);
    n = made_net(&m);
    live = sbx_alloc_live();
    for (long k = 0;; k++) {
        sbx_bounder *b = NULL;
        double lo[1], g[3];
        sbx_status st;
        sbx_alloc_fail_after(k);
        st = sbx_bounder_new(&b, n, err);
        if (st == SBX_OK) st = sbx_bounder_run(b, lo, box, C, 1, SBX_BOUND_CROWN, err);
        if (st == SBX_OK) st = sbx_bounder_forward(b, NULL, g, g, C, err);
        sbx_bounder_free(b);
        sbx_alloc_fail_after(-1);
        assert_int_equal(sbx_alloc_live(), live);
        if (st == SBX_OK) break;
        assert_status(SBX_ERR_NOMEM, st);
        assert_true(k < 2000);
    }
    sbx_net_free(n);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(refusals),  T(bad_constants),     T(huge_shapes), T(unused_nodes),
        T(operators), T(softmax_axis),      T(softmax_old), T(no_exp_in_rationals),
        T(gradients), T(bounder_arguments), T(overflow),    T(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
