/* test_moves.c -- operators that move elements, chained; value and bounds against index lists
 * written by hand. Constants that are no doubles stay nodes. [L-NET-50], [L-NET-51], [L-NET-53]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "net/graph.h"
#include "softbox/bound.h"

#include <math.h>

#define NONE SBX_NO_TENSOR
static sbx_net *net;

static size_t reals(const sbx_shape *s, size_t n, const double *v)
{
    double *p = sbx_graph_mem(net, n, sizeof *p);
    size_t id;
    assert_non_null(p);
    memcpy(p, v, n * sizeof *p);
    assert_ok(sbx_graph_const(&id, net, "", s, p, NULL, err));
    return id;
}

static size_t ints(size_t n, const int64_t *v)
{
    const sbx_shape s = {1, {n}};
    int64_t *p = sbx_graph_mem(net, n, sizeof *p);
    size_t id;
    assert_non_null(p);
    memcpy(p, v, n * sizeof *p);
    assert_ok(sbx_graph_const(&id, net, "", &s, NULL, p, err));
    return id;
}

static size_t node(const char *op, const size_t *in, size_t n, const sbx_attr *attr, size_t n_attr)
{
    const char *const name[1] = {"y"};
    size_t out;
    assert_ok(sbx_graph_node(&out, net, op, op, in, n, name, 1, attr, n_attr, err));
    return out;
}

static size_t begin(void)
{
    const sbx_shape s = {2, {2, 3}};
    size_t x;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &s, err));
    return x;
}

#define INPUTS 6
/* y_j = x[of[j]], or add[j] where of[j] < 0, for every box and row: the bound is the exact
 * least value; all numbers are small integers, so that nothing rounds */
static void check(size_t y, size_t n, const int *of, const double *add)
{
    uint64_t r = test_seed();
    double x[INPUTS], v[64], lo[2], c[128];
    sbx_ivd box[INPUTS];
    sbx_bounder *b;
    assert_ok(sbx_graph_finish(net, y, err));
    assert_int_equal(sbx_net_outputs(net), n);
    assert_ok(sbx_bounder_new(&b, net, err));
    for (int t = 0; t < 50; t++) {
        double least[2] = {0, 0}, g[2][INPUTS] = {{0}};
        for (size_t i = 0; i < INPUTS; i++) {
            x[i] = (double)(int)(sbx_rng(&r) % 21) - 10.0;
            box[i] = (sbx_ivd){x[i], x[i] + (double)(sbx_rng(&r) % 5)};
        }
        assert_ok(sbx_net_eval_f64((sbx_f64 *)v, net, (sbx_f64 *)x, NULL, err));
        for (size_t j = 0; j < n; j++)
            assert_true(v[j] == (of[j] < 0 ? add[j] : x[of[j]]));
        for (size_t k = 0; k < 2 * n; k++)
            c[k] = (double)(int)(sbx_rng(&r) % 9) - 4.0;
        for (size_t k = 0; k < 2; k++) {
            for (size_t j = 0; j < n; j++)
                if (of[j] < 0)
                    least[k] += c[k * n + j] * add[j];
                else
                    g[k][of[j]] += c[k * n + j];
            for (size_t i = 0; i < INPUTS; i++)
                least[k] += g[k][i] * (g[k][i] > 0 ? box[i].lo : box[i].hi);
        }
        assert_ok(sbx_bounder_run(b, lo, box, c, 2, SBX_BOUND_CROWN, err));
        for (size_t k = 0; k < 2; k++) {
            assert_true(lo[k] <= least[k]);
            assert_true(lo[k] >= least[k] - 1e-9);
        }
    }
    sbx_bounder_free(b);
    sbx_net_free(net);
}

/* Transpose, Slice backwards, Concat with a constant, Pad, Gather with an element twice */
static void a_chain(void **state)
{
    const sbx_shape two = {2, {1, 2}};
    const double seven[2] = {7, -3};
    const int64_t perm[2] = {1, 0}, from[1] = {2}, to[1] = {-4}, zero[1] = {0}, back[1] = {-1};
    const int64_t pads[4] = {0, 1, 0, 0}, pick[3] = {2, 0, 2};
    const sbx_attr axis0 = {.name = "axis", .kind = SBX_ATTR_INT, .i = 0};
    const sbx_attr axis1 = {.name = "axis", .kind = SBX_ATTR_INT, .i = 1};
    const sbx_attr order = {.name = "perm", .kind = SBX_ATTR_INTS, .ints = perm, .n = 2};
    size_t x = begin(), in[5];
    (void)state;
    /* x = 0 1 2 / 3 4 5; transposed 0 3 / 1 4 / 2 5; backwards 2 5 / 1 4 / 0 3 */
    in[0] = x;
    x = node("Transpose", in, 1, &order, 1);
    in[0] = x;
    in[1] = ints(1, from);
    in[2] = ints(1, to);
    in[3] = ints(1, zero);
    in[4] = ints(1, back);
    in[0] = node("Slice", in, 5, NULL, 0);
    in[1] = reals(&two, 2, seven);
    in[2] = x;
    in[0] = node("Concat", in, 3, &axis0, 1); /* 7 x 2 */
    in[1] = ints(4, pads);
    in[0] = node("Pad", in, 2, NULL, 0); /* 7 x 3, a column of 0 first */
    in[1] = ints(3, pick);
    x = node("Gather", in, 2, &axis1, 1); /* the columns 2, 0, 2 of it */
    check(x, 21,
          (const int[]){5, -1, 5, 4, -1, 4, 3, -1, 3, -1, -1, -1, 3, -1, 3, 4, -1, 4, 5, -1, 5},
          (const double[]){0, 0, 0, 0, 0, 0, 0, 0, 0, -3, 0, -3, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

/* Split, each part by its own output; Tile, Expand */
static void parts_and_copies(void **state)
{
    const sbx_attr axis = {.name = "axis", .kind = SBX_ATTR_INT, .i = 1};
    const sbx_attr axis0 = {.name = "axis", .kind = SBX_ATTR_INT, .i = 0};
    const int64_t sizes[2] = {1, 2}, twice[2] = {1, 2};
    const char *const names[2] = {"a", "b"};
    size_t in[2], out[2];
    (void)state;
    in[0] = begin();
    in[1] = ints(2, sizes);
    assert_ok(sbx_graph_node(out, net, "Split", "s", in, 2, names, 2, &axis, 1, err));
    in[0] = out[1]; /* 1 2 / 4 5 */
    in[1] = out[1];
    out[1] = node("Concat", in, 2, &axis0, 1);
    in[0] = out[1]; /* 1 2 / 4 5 / 1 2 / 4 5 */
    in[1] = ints(2, twice);
    check(node("Tile", in, 2, NULL, 0), 16,
          (const int[]){1, 2, 1, 2, 4, 5, 4, 5, 1, 2, 1, 2, 4, 5, 4, 5}, NULL);
}

/* Resize by 2, nearest: each element four times */
static void nearest(void **state)
{
    const sbx_shape four = {1, {2}};
    const double scale[2] = {2, 2};
    const sbx_attr mode[2] = {
        {.name = "mode", .kind = SBX_ATTR_STRING, .s = "nearest"},
        {.name = "coordinate_transformation_mode", .kind = SBX_ATTR_STRING, .s = "asymmetric"}};
    size_t in[3] = {begin(), NONE, 0};
    (void)state;
    in[2] = reals(&four, 2, scale);
    check(node("Resize", in, 3, mode, 2), 24,
          (const int[]){0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 3, 3, 4, 4, 5, 5},
          NULL);
}

/* 14 to 2: 1 / (2/14) is 7, but 6.9999998 in float32: which element is meant depends on who
 * evaluates it [L-NET-53] */
static void rounding_may_not_decide(void **state)
{
    const sbx_shape s = {2, {1, 14}};
    const int64_t size[2] = {1, 2};
    const char *const name[1] = {"y"};
    const sbx_attr mode[2] = {
        {.name = "coordinate_transformation_mode", .kind = SBX_ATTR_STRING, .s = "asymmetric"},
        {.name = "nearest_mode", .kind = SBX_ATTR_STRING, .s = "floor"}};
    size_t in[4] = {0, NONE, NONE, 0}, y;
    (void)state;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&in[0], net, "x", &s, err));
    in[3] = ints(2, size);
    assert_status(SBX_ERR_UNSUPPORTED,
                  sbx_graph_node(&y, net, "Resize", "", in, 4, name, 1, mode, 2, err));
    assert_non_null(strstr(test_err.msg, "rounding decides"));
    sbx_net_free(net);
}

/* exp(1) is no double: the node stays, and every system has its own value of it */
static void constants_stay_nodes(void **state)
{
    const sbx_shape one = {1, {1}};
    const double v[1] = {1};
    double lo[1], c[INPUTS] = {1};
    sbx_ivd box[INPUTS] = {{2, 3}}, y[INPUTS];
    sbx_bounder *b;
    size_t in[2], e;
    (void)state;
    in[1] = begin();
    in[0] = reals(&one, 1, v);
    e = node("Exp", in, 1, NULL, 0);
    assert_false(net->tensor[e].constant);
    in[0] = e;
    assert_ok(sbx_graph_finish(net, node("Add", in, 2, NULL, 0), err));
    assert_ok(sbx_net_eval_ivd(y, net, box, NULL, err));
    assert_true(y[0].lo <= 2 + 2.7182818284590452 && y[0].lo > 4.7182818284);
    assert_true(y[0].hi >= 3 + 2.7182818284590452 && y[0].hi < 5.7182818285);
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, lo, box, c, 1, SBX_BOUND_CROWN, err));
    assert_true(lo[0] <= 2 + 2.7182818284590452 && lo[0] > 4.7182818284);
    sbx_bounder_free(b);
    sbx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain),
        cmocka_unit_test(parts_and_copies),
        cmocka_unit_test(nearest),
        cmocka_unit_test(rounding_may_not_decide),
        cmocka_unit_test(constants_stay_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
