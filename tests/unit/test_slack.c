/* test_slack.c -- where a bound loses [L-NET-70]: cases worked out by hand, and the sum against
 * exact values of random networks.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bound/slack.h"

#include "verify_nets.h"

static sbx_slack slack_of(const sbx_net *net, double *lo, double *coef, const sbx_ivd *box,
                          const double *c)
{
    sbx_bounder *b;
    sbx_slack s;
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, lo, box, c, 1, SBX_BOUND_CROWN, err));
    memcpy(coef, sbx_bounder_input_coef(b, 0), (sbx_net_inputs(net) + 1) * sizeof *coef);
    assert_ok(sbx_bounder_slack(b, &s, c, 0, err));
    sbx_bounder_free(b);
    return s;
}

static void near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9 * (1.0 + fabs(a) + fabs(b)))) fail_msg("%.17g, not %.17g", a, b);
}

/* y = relu(x0 + x1) - 2 relu(x0 + x1 - 1) on the unit square. -y: the first relu is exact, the
 * second is bounded by 0: -y >= -x0 - x1 >= -2, at (1, 1), where -y = 0: all 2 from element 1.
 * y: its upper line there is (x0 + x1) / 2, so y >= 0, at (0, 0) exactly y. */
static void by_hand(void **unused)
{
    static const mlp m = {
        .layers = 2, .width = {2, 2, 1}, .A = {{1, 1, 1, 1}, {1, -2}}, .b = {{0, -1}, {0}}};
    const sbx_ivd box[2] = {{0.0, 1.0}, {0.0, 1.0}};
    sbx_net *const net = mlp_net(&m);
    double lo, g[3], c = -1.0;
    sbx_slack s = slack_of(net, &lo, g, box, &c);
    (void)unused;
    near(lo, -2.0);
    assert_true(s.known && !s.is_row);
    near(s.total, 2.0);
    assert_int_equal(s.node, 1); /* Gemm, Relu, Gemm */
    near(s.node_part, 2.0);
    assert_int_equal(s.element, 1);
    near(s.element_part, 2.0);
    c = 1.0;
    s = slack_of(net, &lo, g, box, &c);
    near(s.total, 0.0);
    sbx_net_free(net);
}

/* Softmax of two rows of three; the functional sees the second row alone */
static void a_row_of_softmax(void **unused)
{
    const sbx_ivd box[6] = {{-1, 1}, {-1, 1}, {-1, 1}, {-1, 1}, {0, 2}, {-1, 2}};
    const sbx_attr axis = {.name = "axis", .kind = SBX_ATTR_INT, .i = 1};
    const double c[6] = {0, 0, 0, 1, 0.5, -1};
    const sbx_shape in = {2, {2, 3}};
    const char *const name[1] = {"y"};
    size_t x, y;
    sbx_net *net;
    double lo, g[7], at = 0.0, top = 0.0, value = 0.0, e[3];
    sbx_slack s;
    (void)unused;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &in, err));
    assert_ok(sbx_graph_node(&y, net, "Softmax", "", &x, 1, name, 1, &axis, 1, err));
    assert_ok(sbx_graph_finish(net, y, err));
    s = slack_of(net, &lo, g, box, c);
    assert_true(s.known && s.is_row);
    assert_int_equal(s.element, 1);
    near(s.element_part, s.node_part);
    near(s.node_part, s.total);
    at = g[6];
    for (size_t j = 0; j < 6; j++)
        at += g[j] * (g[j] >= 0.0 ? box[j].lo : box[j].hi);
    for (size_t j = 0; j < 3; j++)
        top += e[j] = exp(g[3 + j] >= 0.0 ? box[3 + j].lo : box[3 + j].hi);
    for (size_t j = 0; j < 3; j++)
        value += c[3 + j] * e[j] / top;
    near(s.total, value - at);
    assert_true(s.total > 0.01);
    sbx_net_free(net);
}

/* three layers: the parts add up to the exact value at the corner minus the bound there */
static void it_adds_up(void **unused)
{
    uint64_t seed = test_seed();
    mpq_t x[3], y[2];
    size_t seen = 0;
    (void)unused;
    for (size_t i = 0; i < 3; i++)
        mpq_init(x[i]);
    mpq_inits(y[0], y[1], NULL);
    for (size_t k = 0; k < 60; k++) {
        sbx_ivd box[3];
        double c[2], lo, g[4], at;
        mlp m;
        sbx_net *net;
        sbx_slack s;
        mlp_random(&m, &seed, 3, 3, 6, 2, 20);
        net = mlp_net(&m);
        for (size_t i = 0; i < 3; i++) {
            box[i].lo = draw(&seed, 1.0, 20);
            box[i].hi = box[i].lo + sbx_rng_unit(&seed);
        }
        c[0] = draw(&seed, 1.0, 10);
        c[1] = draw(&seed, 1.0, 10);
        s = slack_of(net, &lo, g, box, c);
        at = g[3];
        for (size_t i = 0; i < 3; i++) {
            const double v = g[i] >= 0.0 ? box[i].lo : box[i].hi;
            at += g[i] * v;
            mpq_set_d(x[i], v);
        }
        mlp_exact(y, &m, (const mpq_t *)x);
        near(s.total, c[0] * mpq_get_d(y[0]) + c[1] * mpq_get_d(y[1]) - at);
        if (s.known) {
            assert_true(s.node_part <= s.total * (1 + 1e-9) + 1e-9);
            assert_true(2 * s.node_part >= s.total - 1e-9); /* two layers can lose */
            assert_true(s.element_part <= s.node_part * (1 + 1e-9) + 1e-9);
            assert_true(6 * s.element_part >= s.node_part * (1 - 1e-9) - 1e-9);
            assert_true(s.node == 1 || s.node == 3);
            seen += s.total > 0.01;
        }
        sbx_net_free(net);
    }
    assert_true(seen > 30);
    for (size_t i = 0; i < 3; i++)
        mpq_clear(x[i]);
    mpq_clears(y[0], y[1], NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(a_row_of_softmax),
        cmocka_unit_test(it_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
