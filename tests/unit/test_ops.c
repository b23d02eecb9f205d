/* test_ops.c -- every linear operator and ReLU on small integers, where all arithmetic is
 * exact: values in all eight number systems, and bounds at the corners of a box, against
 * loops written apart. Shapes, broadcasting, views. [L-NET-02], [L-NET-05], [L-NET-07]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "net/graph.h"
#include "softbox/bound.h"

#include <math.h>

#define NONE SBX_NO_TENSOR
enum { MOST = 64 };

/* the constants: small integers */
static double w(size_t i) { return (double)(i * 7 % 11) - 5.0; }

static size_t real(sbx_net *net, size_t rank, const size_t *dim, bool powers)
{
    sbx_shape s = {.rank = rank};
    size_t n = 1, id;
    double *v;
    for (size_t k = 0; k < rank; k++)
        n *= s.dim[k] = dim[k];
    v = sbx_graph_mem(net, n, sizeof *v);
    assert_non_null(v);
    for (size_t k = 0; k < n; k++)
        v[k] = powers ? (k % 2 ? -0.5 : 4.0) : w(k);
    assert_ok(sbx_graph_const(&id, net, "c", &s, v, NULL, err));
    return id;
}
#define REAL(...) \
    real(net, sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t), (size_t[]){__VA_ARGS__}, false)

static size_t ints(sbx_net *net, size_t n, const int64_t *from)
{
    const sbx_shape s = {1, {n}};
    int64_t *v = sbx_graph_mem(net, n, sizeof *v);
    size_t id;
    assert_non_null(v);
    memcpy(v, from, n * sizeof *v);
    assert_ok(sbx_graph_const(&id, net, "shape", &s, NULL, v, err));
    return id;
}

static size_t node(sbx_net *net, const char *op, size_t a, size_t b, size_t c, const sbx_attr *at,
                   size_t n_at)
{
    const size_t in[3] = {a, b, c};
    const char *const name[1] = {"y"};
    size_t out;
    assert_ok(sbx_graph_node(&out, net, op, "n", in,
                             c != NONE   ? 3
                             : b != NONE ? 2
                                         : a != NONE,
                             name, 1, at, n_at, err));
    return out;
}
#define NODE(op, a, b) node(net, op, a, b, NONE, NULL, 0)
#define INT(nm, v)                               \
    {                                            \
        .name = nm, .kind = SBX_ATTR_INT, .i = v \
    }
#define FLT(nm, v)                                 \
    {                                              \
        .name = nm, .kind = SBX_ATTR_FLOAT, .f = v \
    }

/* ---- the cases: build, and what comes out ---------------------------------------------- */

static size_t gemm_b(sbx_net *net, size_t x) /* 2x3 times (4x3)' plus [4] */
{
    const sbx_attr a[] = {INT("transB", 1), FLT("alpha", 2.0), FLT("beta", -0.5)};
    return node(net, "Gemm", x, REAL(4, 3), REAL(4), a, 3);
}
static void gemm_b_y(double *y, const double *x)
{
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 4; j++) {
            y[4 * i + j] = -0.5 * w(j);
            for (size_t k = 0; k < 3; k++)
                y[4 * i + j] += 2.0 * x[3 * i + k] * w(3 * j + k);
        }
}

static size_t gemm_a(sbx_net *net, size_t x) /* (2x3)' times 2x4 plus a scalar */
{
    const sbx_attr a[] = {INT("transA", 1)};
    return node(net, "Gemm", x, REAL(2, 4), REAL(1, 1), a, 1);
}
static void gemm_a_y(double *y, const double *x)
{
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 4; j++) {
            y[4 * i + j] = w(0);
            for (size_t k = 0; k < 2; k++)
                y[4 * i + j] += x[3 * k + i] * w(4 * k + j);
        }
}

static size_t gemm_left(sbx_net *net, size_t x) /* 4x2 times 2x3 plus [4,1] */
{
    return node(net, "Gemm", REAL(4, 2), x, REAL(4, 1), NULL, 0);
}
static void gemm_left_y(double *y, const double *x)
{
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 3; j++) {
            y[3 * i + j] = w(i);
            for (size_t k = 0; k < 2; k++)
                y[3 * i + j] += w(2 * i + k) * x[3 * k + j];
        }
}

static size_t gemm_left_tt(sbx_net *net, size_t x) /* (3x4)' times (2x3)' */
{
    const sbx_attr a[] = {INT("transA", 1), INT("transB", 1)};
    return node(net, "Gemm", REAL(3, 4), x, NONE, a, 2);
}
static void gemm_left_tt_y(double *y, const double *x)
{
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 2; j++) {
            y[2 * i + j] = 0.0;
            for (size_t k = 0; k < 3; k++)
                y[2 * i + j] += w(4 * k + i) * x[3 * j + k];
        }
}

static size_t matmul_3d(sbx_net *net, size_t x) /* 1x2x3 times 3x5 */
{
    return NODE("MatMul", NODE("Unsqueeze", x, ints(net, 1, (int64_t[]){0})), REAL(3, 5));
}
static void matmul_3d_y(double *y, const double *x)
{
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 5; j++) {
            y[5 * i + j] = 0.0;
            for (size_t k = 0; k < 3; k++)
                y[5 * i + j] += x[3 * i + k] * w(5 * k + j);
        }
}

static size_t matmul_vec(sbx_net *net, size_t x) /* 2x3 times [3], then [4]... of [2] */
{
    return NODE("MatMul", REAL(4, 2), NODE("MatMul", x, REAL(3)));
}
static void matmul_vec_y(double *y, const double *x)
{
    for (size_t j = 0; j < 4; j++) {
        y[j] = 0.0;
        for (size_t i = 0; i < 2; i++)
            for (size_t k = 0; k < 3; k++)
                y[j] += w(2 * j + i) * x[3 * i + k] * w(k);
    }
}

static size_t add_spread(sbx_net *net, size_t x) /* 2x3 + [4,1,1] -> 4x2x3 */
{
    return NODE("Add", x, REAL(4, 1, 1));
}
static void add_spread_y(double *y, const double *x)
{
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 6; k++)
            y[6 * i + k] = x[k] + w(i);
}

static size_t sub_both(sbx_net *net, size_t x) /* every x_i - x_j, then x_0 too */
{
    const size_t a = NODE("Reshape", x, ints(net, 2, (int64_t[]){6, 1}));
    const size_t b = NODE("Reshape", x, ints(net, 2, (int64_t[]){1, -1}));
    return NODE("Sub", a, b);
}
static void sub_both_y(double *y, const double *x)
{
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < 6; j++)
            y[6 * i + j] = x[i] - x[j];
}

static size_t sub_const_first(sbx_net *net, size_t x) { return NODE("Sub", REAL(3), x); }
static void sub_const_first_y(double *y, const double *x)
{
    for (size_t i = 0; i < 6; i++)
        y[i] = w(i % 3) - x[i];
}

static size_t mul_spread(sbx_net *net, size_t x) /* [2,1,3] * 2x3 */
{
    return NODE("Mul", REAL(2, 1, 3), x);
}
static void mul_spread_y(double *y, const double *x)
{
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 6; k++)
            y[6 * i + k] = w(3 * i + k % 3) * x[k];
}

static size_t div_two(sbx_net *net, size_t x)
{
    return NODE("Neg", NODE("Div", x, real(net, 1, (size_t[]){3}, true)), NONE);
}
static void div_two_y(double *y, const double *x)
{
    for (size_t i = 0; i < 6; i++)
        y[i] = -x[i] / (i % 3 % 2 ? -0.5 : 4.0);
}

static size_t transpose(sbx_net *net, size_t x) /* 2x3 -> 2x3x1 -> perm 1 2 0: 3x1x2 */
{
    const int64_t p[] = {1, 2, 0};
    const sbx_attr a = {.name = "perm", .kind = SBX_ATTR_INTS, .ints = p, .n = 3};
    const size_t t = NODE("Unsqueeze", x, ints(net, 1, (int64_t[]){-1}));
    return node(net, "Transpose", t, NONE, NONE, &a, 1);
}
static void transpose_y(double *y, const double *x)
{
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2; j++)
            y[2 * i + j] = x[3 * j + i];
}

static size_t views(sbx_net *net, size_t x)
{
    const sbx_attr ax = INT("axis", 0), v = INT("value_int", 3);
    const size_t c = node(net, "Constant", NONE, NONE, NONE, &v, 1);
    size_t t = node(net, "Flatten", x, NONE, NONE, &ax, 1); /* 1x6 */
    (void)c;
    t = NODE("Squeeze", t, NONE);                                /* 6 */
    t = NODE("Reshape", t, ints(net, 3, (int64_t[]){3, 1, 2}));  /* 3x1x2 */
    t = NODE("Reshape", t, ints(net, 3, (int64_t[]){0, -1, 1})); /* 3x2x1 */
    t = NODE("Identity", NODE("Dropout", t, NONE), NONE);
    return NODE("Squeeze", t, ints(net, 1, (int64_t[]){2})); /* 3x2 */
}
static void views_y(double *y, const double *x) { memcpy(y, x, 6 * sizeof *y); }

static size_t folded(sbx_net *net, size_t x) /* constants that come from constants */
{
    const size_t c = NODE("Mul", REAL(2, 3), REAL(3)), t = NODE("Transpose", REAL(3, 2), NONE);
    return NODE("Add", x, NODE("Neg", NODE("Sub", c, t), NONE));
}
static void folded_y(double *y, const double *x)
{
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 3; k++)
            y[3 * i + k] = x[3 * i + k] - (w(3 * i + k) * w(k) - w(2 * k + i));
}

static size_t relu(sbx_net *net, size_t x)
{
    const sbx_attr a = FLT("alpha", 0.25);
    return NODE("Sub", NODE("Relu", x, NONE), node(net, "LeakyRelu", x, NONE, NONE, &a, 1));
}
static void relu_y(double *y, const double *x)
{
    for (size_t i = 0; i < 6; i++)
        y[i] = x[i] < 0.0 ? -0.25 * x[i] : 0.0;
}

typedef struct {
    const char *name;
    size_t (*build)(sbx_net *, size_t);
    void (*value)(double *, const double *);
    size_t n, rank, dim[3];
    bool affine;
} tcase;
static const tcase cases[] = {
    {"gemm transB alpha beta", gemm_b, gemm_b_y, 8, 2, {2, 4}, true},
    {"gemm transA scalar", gemm_a, gemm_a_y, 12, 2, {3, 4}, true},
    {"gemm left", gemm_left, gemm_left_y, 12, 2, {4, 3}, true},
    {"gemm left trans", gemm_left_tt, gemm_left_tt_y, 8, 2, {4, 2}, true},
    {"matmul 3d", matmul_3d, matmul_3d_y, 10, 3, {1, 2, 5}, true},
    {"matmul vectors", matmul_vec, matmul_vec_y, 4, 1, {4}, true},
    {"add spread", add_spread, add_spread_y, 24, 3, {4, 2, 3}, true},
    {"sub both spread", sub_both, sub_both_y, 36, 2, {6, 6}, true},
    {"sub constant first", sub_const_first, sub_const_first_y, 6, 2, {2, 3}, true},
    {"mul spread", mul_spread, mul_spread_y, 12, 3, {2, 2, 3}, true},
    {"div neg", div_two, div_two_y, 6, 2, {2, 3}, true},
    {"transpose", transpose, transpose_y, 6, 3, {3, 1, 2}, true},
    {"views", views, views_y, 6, 2, {3, 2}, true},
    {"folded", folded, folded_y, 6, 2, {2, 3}, true},
    {"relu, leaky relu", relu, relu_y, 6, 2, {2, 3}, false},
};
enum { CASES = sizeof cases / sizeof *cases };

static sbx_net *make(const tcase *c)
{
    const sbx_shape in = {2, {2, 3}};
    sbx_net_info info;
    sbx_net *net;
    size_t x;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &in, err));
    assert_ok(sbx_graph_finish(net, c->build(net, x), err));
    sbx_net_get_info(&info, net);
    assert_int_equal(info.inputs, 6);
    assert_int_equal(info.outputs, c->n);
    assert_int_equal(info.out_rank, c->rank);
    for (size_t k = 0; k < c->rank; k++)
        assert_int_equal(info.out_dim[k], c->dim[k]);
    return net;
}

/* ---- values in every system --------------------------------------------------------------- */

#define VALUES(S)                                                                       \
    static void values_##S(const tcase *c, const sbx_net *net, const double *x,         \
                           const double *want)                                          \
    {                                                                                   \
        sbx_##S in[6], out[MOST];                                                       \
        mpq_t lo, hi, v;                                                                \
        mpq_inits(lo, hi, v, NULL);                                                     \
        for (size_t k = 0; k < 6; k++) {                                                \
            sbx_##S##_init(&in[k], NULL);                                               \
            assert_ok(sbx_##S##_set_d(&in[k], x[k], NULL, err));                        \
        }                                                                               \
        for (size_t k = 0; k < c->n; k++)                                               \
            sbx_##S##_init(&out[k], NULL);                                              \
        assert_ok(sbx_net_eval_##S(out, net, in, NULL, err));                           \
        for (size_t k = 0; k < c->n; k++) {                                             \
            mpq_set_d(v, want[k]);                                                      \
            assert_ok(sbx_##S##_get_q(lo, hi, &out[k], err));                           \
            if (mpq_cmp(lo, v) > 0 || mpq_cmp(hi, v) < 0) fail_msg("%s: " #S, c->name); \
            mpq_sub(v, hi, lo);                                                         \
            if (mpq_get_d(v) > 1e-9) fail_msg("%s: wide " #S, c->name);                 \
        }                                                                               \
        for (size_t k = 0; k < 6; k++)                                                  \
            sbx_##S##_clear(&in[k]);                                                    \
        for (size_t k = 0; k < c->n; k++)                                               \
            sbx_##S##_clear(&out[k]);                                                   \
        mpq_clears(lo, hi, v, NULL);                                                    \
    }
VALUES(f32)
VALUES(f64)
VALUES(lowp)
VALUES(mpf)
VALUES(mpq)
VALUES(ivd)
VALUES(ivf)
VALUES(ivq)

static void values(void **state)
{
    uint64_t r = test_seed();
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        sbx_net *net = make(&cases[i]);
        for (int k = 0; k < 5; k++) {
            double x[6], want[MOST];
            for (size_t j = 0; j < 6; j++)
                x[j] = (double)(sbx_rng(&r) % 9) - 4.0;
            cases[i].value(want, x);
            values_f32(&cases[i], net, x, want);
            values_f64(&cases[i], net, x, want);
            values_lowp(&cases[i], net, x, want);
            values_mpf(&cases[i], net, x, want);
            values_mpq(&cases[i], net, x, want);
            values_ivd(&cases[i], net, x, want);
            values_ivf(&cases[i], net, x, want);
            values_ivq(&cases[i], net, x, want);
        }
        sbx_net_free(net);
    }
}

/* ---- bounds, and plain doubles --------------------------------------------------------------- */

static void one_bounds(const tcase *c, sbx_bounder *b, uint64_t *r)
{
    double C[2 * MOST], lo[2], least[2] = {HUGE_VAL, HUGE_VAL}, x[6], y[MOST], z[MOST], g[6];
    sbx_ivd box[6];
    for (size_t k = 0; k < 2 * c->n; k++)
        C[k] = (double)(sbx_rng(r) % 7) - 3.0;
    for (size_t k = 0; k < 6; k++) {
        box[k].lo = (double)(sbx_rng(r) % 9) - 4.0;
        box[k].hi = box[k].lo + (double)(sbx_rng(r) % 4);
    }
    assert_ok(sbx_bounder_run(b, lo, box, C, 2, SBX_BOUND_CROWN, err));
    for (unsigned q = 0; q < 64; q++) {
        for (size_t k = 0; k < 6; k++)
            x[k] = q >> k & 1 ? box[k].hi : box[k].lo;
        c->value(y, x);
        for (size_t row = 0; row < 2; row++) {
            double s = 0.0;
            for (size_t k = 0; k < c->n; k++)
                s += C[row * c->n + k] * y[k];
            least[row] = fmin(least[row], s);
        }
        for (size_t k = 0; k < c->n; k++)
            assert_true(sbx_bounder_outputs(b)[k].lo <= y[k] &&
                        y[k] <= sbx_bounder_outputs(b)[k].hi);
    }
    for (size_t row = 0; row < 2; row++) {
        if (!(lo[row] <= least[row])) fail_msg("%s: %g > %g", c->name, lo[row], least[row]);
        if (c->affine && !(lo[row] >= least[row] - 1e-9))
            fail_msg("%s: %g is far below %g", c->name, lo[row], least[row]);
    }
    /* the last corner: the value, and the derivative by a step that stays exact */
    assert_ok(sbx_bounder_forward(b, z, g, x, C, err));
    for (size_t k = 0; k < c->n; k++)
        assert_true(z[k] == y[k]);
    for (size_t k = 0; k < 6 && c->affine; k++) {
        double s = 0.0;
        x[k] += 1.0;
        c->value(z, x);
        x[k] -= 1.0;
        for (size_t j = 0; j < c->n; j++)
            s += C[j] * (z[j] - y[j]);
        assert_true(s == g[k]);
    }
}

static void bounds(void **state)
{
    uint64_t r = test_seed();
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        sbx_net *net = make(&cases[i]);
        sbx_bounder *b;
        assert_ok(sbx_bounder_new(&b, net, err));
        for (int k = 0; k < 20; k++)
            one_bounds(&cases[i], b, &r);
        sbx_bounder_free(b);
        sbx_net_free(net);
    }
}

/* y = x / 3 is no product with a double: both bounds are off by less than an ulp of 1/3
 * times the magnitude, on the right side. */
static void thirds(void **state)
{
    const sbx_shape one = {1, {1}};
    const double c[2] = {1.0, -1.0};
    const sbx_ivd box = {1.0, 2.0};
    double lo[2], *v;
    sbx_bounder *b;
    sbx_net *net;
    size_t x, three;
    mpq_t q, t;
    (void)state;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &one, err));
    v = sbx_graph_mem(net, 1, sizeof *v);
    v[0] = 3.0;
    assert_ok(sbx_graph_const(&three, net, "", &one, v, NULL, err));
    assert_ok(sbx_graph_finish(net, NODE("Div", x, three), err));
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, lo, &box, c, 2, SBX_BOUND_CROWN, err));
    mpq_inits(q, t, NULL);
    mpq_set_si(q, 1, 3);
    mpq_set_d(t, lo[0]);
    assert_true(mpq_cmp(t, q) < 0 && lo[0] > 0.3333333333333);
    mpq_set_si(q, -2, 3);
    mpq_set_d(t, lo[1]);
    assert_true(mpq_cmp(t, q) < 0 && lo[1] > -0.6666666666667);
    /* the affine bound as printed holds as well: a x + beta <= x / 3 at both ends */
    for (int k = 0; k < 2; k++) {
        const double *a = sbx_bounder_input_coef(b, 0);
        mpq_t s;
        mpq_init(s);
        mpq_set_d(s, a[0]);
        mpq_set_si(t, k + 1, 1);
        mpq_mul(s, s, t);
        mpq_set_d(t, a[1]);
        mpq_add(s, s, t);
        mpq_set_si(q, k + 1, 3);
        mpq_canonicalize(q);
        assert_true(mpq_cmp(s, q) <= 0);
        mpq_clear(s);
    }
    mpq_clears(q, t, NULL);
    sbx_bounder_free(b);
    sbx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(bounds),
        cmocka_unit_test(thirds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
