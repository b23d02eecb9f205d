/* test_bilinear.c -- products of two variables, of matrices in batches, and quotients, in
 * every number system and their bounds, against exact rationals at corners and random
 * points. [L-RLX-60], [L-RLX-61], [L-RLX-62], [L-RLX-63], [L-NET-60]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "opcase.h"

#include "bound/bounder.h"
#include "net/bmm.h"
#include "softbox/relax.h"

/* c x for the row of small integers 1x2 (2x3 -> 3), and (x + 1) as a second operand */
static size_t row_of(sbx_net *net, size_t x) { return NODE("MatMul", REAL(2), x); }
static void row_value(mpq_t *v, mpq_t *x) /* v[0..3) */
{
    double c[2] = {op_w(0), op_w(1)};
    for (size_t k = 0; k < 3; k++) {
        mpq_t z[2];
        op_init(z, 2);
        mpq_set(z[0], x[k]);
        mpq_set(z[1], x[3 + k]);
        op_form(v[k], c, z, 2);
        op_clear(z, 2);
    }
}

static size_t gram(sbx_net *net, size_t x) { return NODE("MatMul", x, NODE("Transpose", x)); }
static void gram_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 4; i++)
        op_dot(y[i], x + i / 2 * 3, 1, x + i % 2 * 3, 1, 3);
}

static size_t batches(sbx_net *net, size_t x) /* 3x1x2 times 2x3 */
{
    return NODE("MatMul", SHAPED(x, 3, 1, 2), x);
}
static void batches_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 9; i++)
        op_dot(y[i], x + i / 3 * 2, 1, x + i % 3, 3, 2);
}

static size_t spread(sbx_net *net, size_t x) /* 2x1x1x3 times 2x3x1: 2x2x1x1 */
{
    return NODE("MatMul", SHAPED(x, 2, 1, 1, 3), SHAPED(x, 2, 3, 1));
}
static void spread_y(mpq_t *y, mpq_t *x) { gram_y(y, x); }

static size_t vectors(sbx_net *net, size_t x) /* [6] times [6] */
{
    return NODE("MatMul", SHAPED(x, 6), NODE("Add", SHAPED(x, 6), REAL(6)));
}
static void vectors_y(mpq_t *y, mpq_t *x)
{
    double w[6];
    mpq_t t;
    mpq_init(t);
    for (size_t k = 0; k < 6; k++)
        w[k] = op_w(k);
    op_dot(y[0], x, 1, x, 1, 6);
    op_form(t, w, x, 6);
    mpq_add(y[0], y[0], t);
    mpq_clear(t);
}

static size_t vector_right(sbx_net *net, size_t x) /* 2x3 times [3] */
{
    return NODE("MatMul", x, row_of(net, x));
}
static void vector_right_y(mpq_t *y, mpq_t *x)
{
    mpq_t v[3];
    op_init(v, 3);
    row_value(v, x);
    for (size_t i = 0; i < 2; i++)
        op_dot(y[i], x + 3 * i, 1, v, 1, 3);
    op_clear(v, 3);
}

static size_t vector_left(sbx_net *net, size_t x) /* [3] times 2x3x1: 2x1 */
{
    return NODE("MatMul", row_of(net, x), SHAPED(x, 2, 3, 1));
}

static size_t constant_right(sbx_net *net, size_t x) /* 2x1x3 times a constant 2x3x2 */
{
    return NODE("MatMul", SHAPED(x, 2, 1, 3), REAL(2, 3, 2));
}
static void constant_right_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 4; i++) {
        double w[3];
        for (size_t k = 0; k < 3; k++)
            w[k] = op_w(i / 2 * 6 + 2 * k + i % 2);
        op_form(y[i], w, x + i / 2 * 3, 3);
    }
}

static size_t constant_left(sbx_net *net, size_t x) /* a constant 2x4x2 times 2x3 */
{
    return NODE("MatMul", REAL(2, 4, 2), x);
}
static void constant_left_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 24; i++) {
        double w[2] = {op_w(i / 3 * 2), op_w(i / 3 * 2 + 1)};
        mpq_t z[2];
        op_init(z, 2);
        mpq_set(z[0], x[i % 3]);
        mpq_set(z[1], x[3 + i % 3]);
        op_form(y[i], w, z, 2);
        op_clear(z, 2);
    }
}

static size_t constant_shared(sbx_net *net, size_t x) /* a constant 1x3 times 2x3x1 */
{
    return NODE("MatMul", REAL(1, 3), SHAPED(x, 2, 3, 1));
}
static void constant_shared_y(mpq_t *y, mpq_t *x)
{
    const double w[3] = {op_w(0), op_w(1), op_w(2)};
    for (size_t i = 0; i < 2; i++)
        op_form(y[i], w, x + 3 * i, 3);
}

static size_t mul(sbx_net *net, size_t x) /* 2x3 by [3], a broadcast */
{
    return NODE("Mul", x, row_of(net, x));
}
static void mul_y(mpq_t *y, mpq_t *x)
{
    mpq_t v[3];
    op_init(v, 3);
    row_value(v, x);
    for (size_t i = 0; i < 6; i++)
        mpq_mul(y[i], x[i], v[i % 3]);
    op_clear(v, 3);
}

static size_t outer(sbx_net *net, size_t x) /* 6x1 by 6: every product */
{
    return NODE("Mul", SHAPED(x, 6, 1), SHAPED(x, 6));
}
static void outer_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 36; i++)
        mpq_mul(y[i], x[i / 6], x[i % 6]);
}

static size_t square(sbx_net *net, size_t x) { return NODE("Mul", x, x); }
static void square_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 6; i++)
        mpq_mul(y[i], x[i], x[i]);
}

/* x / (c x^2 + 1), whose divisor is positive whatever the interval is */
static size_t divide(sbx_net *net, size_t x)
{
    return NODE("Div", x, NODE("Add", NODE("Mul", x, x), op_all(net, 1.0)));
}
static void divide_y(mpq_t *y, mpq_t *x)
{
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    for (size_t i = 0; i < 6; i++) {
        mpq_mul(y[i], x[i], x[i]);
        mpq_add(y[i], y[i], one);
        mpq_div(y[i], x[i], y[i]);
    }
    mpq_clear(one);
}

static size_t divide_row(sbx_net *net, size_t x) /* 2x3 by -x[0] * x[1]..., all negative */
{
    return NODE("Div", NODE("Sub", x, op_all(net, 3.0)), NODE("Neg", SHAPED(x, 3, 2, 1)));
}
static void divide_row_y(mpq_t *y, mpq_t *x)
{
    mpq_t three;
    mpq_init(three);
    mpq_set_si(three, 3, 1);
    for (size_t i = 0; i < 18; i++) { /* [i / 6][i / 3 % 2][i % 3] */
        mpq_sub(y[i], three, x[i / 3 % 2 * 3 + i % 3]);
        mpq_div(y[i], y[i], x[i / 6 * 2 + i / 3 % 2]);
    }
    mpq_clear(three);
}

static size_t reciprocal(sbx_net *net, size_t x) { return NODE("Div", REAL(4, 1, 1), x); }
static void reciprocal_y(mpq_t *y, mpq_t *x)
{
    for (size_t i = 0; i < 24; i++) {
        mpq_set_d(y[i], op_w(i / 6));
        mpq_div(y[i], y[i], x[i % 6]);
    }
}

static const opcase cases[] = {
    {"x x'", gram, gram_y, 4, 2, {2, 2}, true, false, true, 0},
    {"batches, one shared", batches, batches_y, 9, 3, {3, 1, 3}, true, false, true, 0},
    {"batches spread both ways", spread, spread_y, 4, 4, {2, 2, 1, 1}, true, false, true, 0},
    {"vectors", vectors, vectors_y, 1, 0, {0}, true, false, true, 0},
    {"a vector right", vector_right, vector_right_y, 2, 1, {2}, true, false, true, 0},
    {"a vector left", vector_left, vector_right_y, 2, 2, {2, 1}, true, false, true, 0},
    {"a constant of batches right",
     constant_right,
     constant_right_y,
     4,
     3,
     {2, 1, 2},
     true,
     true,
     true,
     0},
    {"a constant of batches left",
     constant_left,
     constant_left_y,
     24,
     3,
     {2, 4, 3},
     true,
     true,
     true,
     0},
    {"a constant left of batches",
     constant_shared,
     constant_shared_y,
     2,
     3,
     {2, 1, 1},
     true,
     true,
     true,
     0},
    {"mul", mul, mul_y, 6, 2, {2, 3}, true, false, true, 0},
    {"outer", outer, outer_y, 36, 2, {6, 6}, true, false, true, 0},
    {"square", square, square_y, 6, 2, {2, 3}, true, false, true, 0},
    {"div", divide, divide_y, 6, 2, {2, 3}, false, false, true, 0},
    {"div, broadcast", divide_row, divide_row_y, 18, 3, {3, 2, 3}, false, false, true, 0.5},
    {"constant by variable", reciprocal, reciprocal_y, 24, 3, {4, 2, 3}, false, false, true, 0.25},
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

/* A divisor that may be 0: no bound, no error, and what follows has its own again. */
static void zero_divisor(void **state)
{
    const sbx_shape one = {2, {1, 2}};
    const double C[6] = {1.0, 0.0, 0.0, 1.0, -1.0, -1.0};
    static const sbx_ivd boxes[3][2] = {
        {{-1.0, 1.0}, {0.5, 1.0}}, {{0.0, 0.0}, {0.5, 1.0}}, {{0.0, 2.0}, {-1.0, 1.0}}};
    (void)state;
    for (size_t k = 0; k < 6; k++) {
        double lo[3];
        sbx_bounder *b;
        sbx_net *net;
        size_t x, y;
        assert_ok(sbx_graph_new(&net, 13, 0, err));
        assert_ok(sbx_graph_input(&x, net, "x", &one, err));
        y = NODE("Div", REAL(1, 2), x);
        if (k >= 3) y = NODE("Sigmoid", NODE("Sub", NODE("Mul", y, x), y));
        assert_ok(sbx_graph_finish(net, y, err));
        assert_ok(sbx_bounder_new(&b, net, err));
        assert_ok(sbx_bounder_run(b, lo, boxes[k % 3], C, 3, SBX_BOUND_CROWN, err));
        for (size_t i = 0; i < 3; i++)
            assert_true(k >= 3 ? lo[i] >= -2.0 && lo[i] <= 1.0 : lo[i] <= 2.0);
        if (k < 3) {
            const sbx_ivd v = sbx_bounder_outputs(b)[0]; /* -5 / x: no half line either */
            assert_true(lo[0] == -HUGE_VAL && lo[2] == -HUGE_VAL);
            assert_true(v.lo == -HUGE_VAL && v.hi == HUGE_VAL);
        }
        sbx_bounder_free(b);
        sbx_net_free(net);
    }
}

/* x^2 is known to be no less than 0, and no more than the larger end's */
static void squares_are_tight(void **state)
{
    const sbx_shape one = {1, {1}};
    const double C[2] = {1.0, -1.0};
    double lo[2];
    sbx_bounder *b;
    sbx_net *net;
    size_t x;
    (void)state;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &one, err));
    assert_ok(sbx_graph_finish(net, NODE("Mul", x, x), err));
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, lo, &(sbx_ivd){-2.0, 3.0}, C, 2, SBX_BOUND_CROWN, err));
    assert_true(lo[0] == 0.0 && lo[1] == -9.0);
    sbx_bounder_free(b);
    sbx_net_free(net);
}

/* The constants of the planes of x x', as they are kept: -p.q -+ r.s, exactly, for centres p, q
 * in which every rounding of p.q goes one way. */
static void centre_constants(void **state)
{
    enum { K = 200 };
    const sbx_shape one = {2, {1, K}};
    sbx_ivd box[K];
    sbx_bounder *b;
    sbx_net *net;
    size_t x;
    mpq_t c, r, t;
    (void)state;
    mpq_inits(c, r, t, NULL);
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &one, err));
    assert_ok(sbx_graph_finish(net, NODE("MatMul", x, SHAPED(x, K, 1)), err));
    assert_ok(sbx_bounder_new(&b, net, err));
    for (int turn = 0; turn < 2; turn++) {
        const sbx_bmm *d = net->node[net->n_node - 1].data;
        const double *aux, small = sqrt(0x1p-53 * (1.0 - 0x1p-20));
        for (size_t k = 0; k < K; k++) {
            const double v = k == 0 ? 1.0 : small, w = turn ? (k % 3 ? 0x1p-60 : 0.75) : 0.0;
            box[k] = (sbx_ivd){v - w, v + w};
        }
        assert_ok(sbx_bounder_run(b, NULL, box, NULL, 0, SBX_BOUND_CROWN, err));
        aux = b->lin.aux[net->n_node - 1];
        mpq_set_ui(c, 0, 1);
        mpq_set_ui(r, 0, 1);
        for (size_t k = 0; k < K; k++) {
            mpq_t p, q, s, w;
            mpq_inits(p, q, s, w, NULL);
            mpq_set_d(q, aux[k]);
            mpq_set_d(p, aux[d->ldk + k]);
            mpq_mul(t, p, q);
            mpq_sub(c, c, t);
            mpq_set_d(s, box[k].hi);
            mpq_sub(w, s, p);
            mpq_sub(s, s, q);
            mpq_mul(t, w, s);
            mpq_add(r, r, t);
            mpq_clears(p, q, s, w, NULL);
        }
        mpq_sub(t, c, r);
        mpq_set_d(r, aux[d->at_y[0]]);
        if (mpq_cmp(r, t) > 0) fail_msg("the lower constant is inside");
        mpq_sub(t, c, t);
        mpq_add(t, t, c);
        mpq_set_d(r, aux[d->at_y[1]]);
        if (mpq_cmp(r, t) < 0) fail_msg("the upper constant is inside");
    }
    mpq_clears(c, r, t, NULL);
    sbx_bounder_free(b);
    sbx_net_free(net);
}

/* x times (1, t, t, ...): the coefficient of x is a sum that loses every t */
static void spread_error(void **state)
{
    enum { K = 200 };
    const sbx_shape one = {2, {1, 1}};
    const size_t dim[2] = {1, K};
    double zero[K], z[K], C[K], lo;
    sbx_bounder *b;
    sbx_net *net;
    size_t x, y;
    mpq_t q, t;
    (void)state;
    for (size_t k = 0; k < K; k++) {
        zero[k] = 0.0;
        C[k] = 1.0;
        z[k] = k ? 0x1p-53 * (1.0 - 0x1p-20) : 1.0;
    }
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &one, err));
    y = NODE("Add", NODE("Mul", x, op_const(net, 2, dim, zero)), op_const(net, 2, dim, z));
    assert_ok(sbx_graph_finish(net, NODE("Mul", x, y), err));
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, &lo, &(sbx_ivd){-1.0, 1.0}, C, 1, SBX_BOUND_CROWN, err));
    mpq_inits(q, t, NULL);
    for (size_t k = 0; k < K; k++) {
        mpq_set_d(t, z[k]);
        mpq_sub(q, q, t);
    }
    mpq_set_d(t, lo);
    assert_true(mpq_cmp(t, q) <= 0 && lo > -1.001);
    mpq_clears(q, t, NULL);
    sbx_bounder_free(b);
    sbx_net_free(net);
}

/* ---- the planes alone, at corners and inside, exactly ------------------------------------ */

static sbx_ivd side(uint64_t *r)
{
    const double scale = sbx_rng(r) % 4 ? 1.0 : sbx_rng(r) % 2 ? 1e150 : 1e-150;
    const double lo = test_uniform(r, -2.0, 2.0) * scale;
    const double w = sbx_rng(r) % 5 ? test_uniform(r, 0.0, 3.0) : sbx_rng(r) % 2 ? 0.0 : 1e-14;
    return (sbx_ivd){lo, lo + w * scale};
}

static double within(sbx_ivd x, size_t q, uint64_t *r)
{
    return q == 0 ? x.lo : q == 1 ? x.hi : test_uniform(r, x.lo, x.hi);
}

/* a x + b y + c (side: below or above) against v */
static void check_plane(double a, double b, double c, double x, double y, mpq_t v, int sign)
{
    const double w[3] = {a, b, c};
    mpq_t p[3], s;
    if (!isfinite(c)) return;
    mpq_init(s);
    op_init(p, 3);
    mpq_set_d(p[0], x);
    mpq_set_d(p[1], y);
    mpq_set_ui(p[2], 1, 1);
    op_form(s, w, p, 3);
    if (sign * mpq_cmp(s, v) < 0) fail_msg("%a x + %a y + %a at %a, %a", a, b, c, x, y);
    op_clear(p, 3);
    mpq_clear(s);
}

static void planes(void **state)
{
    uint64_t r = test_seed();
    mpq_t v, t;
    (void)state;
    mpq_inits(v, t, NULL);
    for (long i = 0; i < test_rounds(3000); i++) {
        const sbx_ivd x = side(&r), y = side(&r);
        const bool divides = y.lo > 0.0 || y.hi < 0.0;
        sbx_plane_pair p = {0};
        sbx_line_pair s;
        assert_status(divides ? SBX_OK : SBX_ERR_DOMAIN, sbx_relax_quotient(&p, x, y, err));
        assert_ok(sbx_relax_square(&s, x, err));
        assert_true(s.lo_b > -HUGE_VAL && s.hi_b < HUGE_VAL);
        for (size_t q = 0; q < 25; q++) {
            const double at = within(x, q % 5, &r), by = within(y, q / 5, &r);
            mpq_set_d(v, at);
            mpq_mul(t, v, v);
            check_plane(s.lo_a, 0.0, s.lo_b, at, 0.0, t, -1);
            check_plane(s.hi_a, 0.0, s.hi_b, at, 0.0, t, 1);
            if (!divides) continue;
            mpq_set_d(t, by);
            mpq_div(v, v, t);
            check_plane(p.lo_a, p.lo_b, p.lo_c, at, by, v, -1);
            check_plane(p.hi_a, p.hi_b, p.hi_c, at, by, v, 1);
        }
    }
    mpq_clears(v, t, NULL);
}

/* The plane of a quotient is as near as x / y is curved: 1 / y on [1,2] within 0.0858 a side,
 * from 3/2 - sqrt 2. */
static void quotient_is_tight(void **state)
{
    sbx_plane_pair p;
    (void)state;
    assert_ok(sbx_relax_quotient(&p, (sbx_ivd){1.0, 1.0}, (sbx_ivd){1.0, 2.0}, err));
    assert_true(p.lo_a == 0.0 && p.lo_b == -0.5);
    assert_true(p.hi_c == 1.5 && p.lo_c > 1.4142135623 && p.lo_c < 1.4142135624);
    assert_ok(sbx_relax_quotient(&p, (sbx_ivd){-1.0, -1.0}, (sbx_ivd){-2.0, -1.0}, err));
    assert_true(p.lo_b == 0.5 && p.hi_c == 1.5 && p.lo_c > 1.4142135623);
}

/* A tensor that several nonlinear nodes read gets its backward bounds once in a run. */
static void refined_once(void **state)
{
    const sbx_shape in = {2, {2, 3}};
    const double C[6] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    sbx_ivd box[6];
    sbx_bounder *b;
    sbx_net *net;
    size_t x, h, y;
    double lo;
    (void)state;
    for (size_t k = 0; k < 6; k++)
        box[k] = (sbx_ivd){-1.0, 1.0};
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &in, err));
    h = NODE("MatMul", NODE("Relu", NODE("MatMul", x, REAL(3, 3))), REAL(3, 3));
    y = NODE("Add", NODE("Mul", h, NODE("Sigmoid", h)), NODE("Mul", h, h));
    assert_ok(sbx_graph_finish(net, y, err));
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, &lo, box, C, 1, SBX_BOUND_CROWN, err));
    assert_true(b->full[h] && !b->full[x] && b->full[net->output]);
    b->lin.bound[h][0].lo -= 100.0; /* a pass would mend it; the next run begins anew */
    assert_ok(sbx_bounder_run(b, &lo, box, C, 1, SBX_BOUND_CROWN, err));
    assert_true(b->full[h] && b->lin.bound[h][0].lo > -100.0);
    sbx_bounder_free(b);
    sbx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(bounds),
        cmocka_unit_test(zero_divisor),
        cmocka_unit_test(squares_are_tight),
        cmocka_unit_test(centre_constants),
        cmocka_unit_test(spread_error),
        cmocka_unit_test(refined_once),
        cmocka_unit_test(planes),
        cmocka_unit_test(quotient_is_tight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
