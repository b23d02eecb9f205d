/* test_attention.c -- MatMul with the rows of a softmax on its left: values and bounds
 * against MPFR at 300 bits; a row of coefficients on softmax itself. [L-NET-61], [L-RLX-114]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "opcase.h"

enum { BITS = 300, M = 2, K = 3, N = 2 };

/* softmax(x) (x' + shift), x' the same numbers as 3x2: 2x2 */
static sbx_net *make(double shift)
{
    const sbx_shape in = {2, {M, K}};
    sbx_net *net;
    size_t x, v;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &in, err));
    v = NODE("Add", SHAPED(x, K, N), op_all(net, shift));
    assert_ok(sbx_graph_finish(net, NODE("MatMul", NODE("Softmax", x), v), err));
    return net;
}

static void value(mpfr_t *y, const double *x, double shift)
{
    mpfr_t e, s, t;
    mpfr_inits2(BITS, e, s, t, (mpfr_ptr)NULL);
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) {
            mpfr_set_ui(s, 0, MPFR_RNDN);
            mpfr_set_ui(y[i * N + j], 0, MPFR_RNDN);
            for (int k = 0; k < K; k++) {
                mpfr_set_d(e, x[i * K + k], MPFR_RNDN);
                mpfr_exp(e, e, MPFR_RNDN);
                mpfr_add(s, s, e, MPFR_RNDN);
                mpfr_set_d(t, x[k * N + j], MPFR_RNDN);
                mpfr_add_d(t, t, shift, MPFR_RNDN);
                mpfr_fma(y[i * N + j], e, t, y[i * N + j], MPFR_RNDN);
            }
            mpfr_div(y[i * N + j], y[i * N + j], s, MPFR_RNDN);
        }
    mpfr_clears(e, s, t, (mpfr_ptr)NULL);
}

/* C.y over one box at corners and inside; returns how far the bound is below the least */
static double one_box(sbx_bounder *b, const sbx_ivd *box, double shift, uint64_t *r)
{
    double C[M * N], x[M * K], lo, least = HUGE_VAL;
    mpfr_t y[M * N], s, t;
    mpfr_inits2(BITS, s, t, (mpfr_ptr)NULL);
    for (int k = 0; k < M * N; k++) {
        mpfr_init2(y[k], BITS);
        C[k] = test_uniform(r, -2.0, 2.0);
    }
    assert_ok(sbx_bounder_run(b, &lo, box, C, 1, SBX_BOUND_CROWN, err));
    for (unsigned q = 0; q < 100; q++) {
        for (size_t k = 0; k < M * K; k++)
            x[k] = q < 64 ? (q >> k & 1 ? box[k].hi : box[k].lo)
                          : test_uniform(r, box[k].lo, box[k].hi);
        value(y, x, shift);
        mpfr_set_d(s, 0.0, MPFR_RNDN);
        for (size_t k = 0; k < M * N; k++) {
            const sbx_ivd v = sbx_bounder_outputs(b)[k];
            assert_true(mpfr_cmp_d(y[k], v.lo) >= 0 && mpfr_cmp_d(y[k], v.hi) <= 0);
            mpfr_mul_d(t, y[k], C[k], MPFR_RNDN);
            mpfr_add(s, s, t, MPFR_RNDN);
        }
        if (mpfr_cmp_d(s, lo) < 0) fail_msg("%a is no lower bound", lo);
        least = fmin(least, mpfr_get_d(s, MPFR_RNDN));
    }
    for (int k = 0; k < M * N; k++)
        mpfr_clear(y[k]);
    mpfr_clears(s, t, (mpfr_ptr)NULL);
    return least - lo;
}

static void bounds(void **state)
{
    static const double shifts[] = {0.0, 1.0 / 3.0, 1e3, -1e9};
    uint64_t r = test_seed();
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sbx_net *net = make(shifts[i]);
        sbx_bounder *b;
        assert_ok(sbx_bounder_new(&b, net, err));
        for (long n = 0; n < test_rounds(40); n++) {
            const double width = n % 3 == 0 ? 1e-6 : n % 3 == 1 ? 2.0 : 0.0;
            sbx_ivd box[M * K];
            double gap;
            for (size_t k = 0; k < M * K; k++) {
                box[k].lo = test_uniform(&r, -2.0, 2.0);
                box[k].hi = box[k].lo + width * sbx_rng_unit(&r);
            }
            gap = one_box(b, box, shifts[i], &r);
            /* a common part of the rows costs nothing but its rounding */
            assert_true(gap <= width * 20.0 + 1e-11 * (1.0 + fabs(shifts[i])));
        }
        sbx_bounder_free(b);
        sbx_net_free(net);
    }
}

/* a mean of the elements lies between them, whatever the weights are known to be */
static void hull(void **state)
{
    sbx_net *net = make(100.0);
    sbx_ivd box[M * K], y[M * N];
    (void)state;
    for (size_t k = 0; k < M * K; k++)
        box[k] = (sbx_ivd){-2.0 - (double)k, 2.0};
    assert_ok(sbx_net_eval_ivd(y, net, box, NULL, err));
    for (size_t k = 0; k < M * N; k++)
        assert_true(y[k].lo == (k % 2 ? 93.0 : 94.0) && y[k].hi == 102.0);
    sbx_net_free(net);
}

/* A softmax along the other axis: its rows do not sum to 1. */
static void columns(void **state)
{
    const sbx_shape in = {2, {2, 3}};
    const sbx_attr first = {.name = "axis", .kind = SBX_ATTR_INT, .i = 0};
    const double x[6] = {1.0, -1.0, 0.5, 0.0, 1.5, -2.0};
    double y[6];
    sbx_ivd box[6], v[6];
    sbx_net *net;
    size_t id, g;
    (void)state;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&id, net, "x", &in, err));
    g = NODE("MatMul", id, NODE("Transpose", id));
    g = op_node(net, "Softmax", &g, 1, &first, 1);
    g = NODE("MatMul", g, NODE("Add", id, op_all(net, 50.0)));
    assert_ok(sbx_graph_finish(net, g, err));
    for (size_t k = 0; k < 6; k++)
        box[k] = (sbx_ivd){x[k], x[k]};
    assert_ok(sbx_net_eval_f64(y, net, x, NULL, err));
    assert_ok(sbx_net_eval_ivd(v, net, box, NULL, err));
    for (size_t k = 0; k < 6; k++)
        assert_true(v[k].lo - 1e-9 <= y[k] && y[k] <= v[k].hi + 1e-9);
    sbx_net_free(net);
}

/* Rows of coefficients on one softmax: what all have in common costs its rounding alone, and
 * the bound of a point is the value but for rounding. */
static void common_part(void **state)
{
    const sbx_shape in = {2, {1, 5}};
    uint64_t r = test_seed() + 1;
    sbx_bounder *b;
    sbx_net *net;
    size_t id;
    (void)state;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&id, net, "x", &in, err));
    assert_ok(sbx_graph_finish(net, NODE("Softmax", id), err));
    assert_ok(sbx_bounder_new(&b, net, err));
    for (long n = 0; n < test_rounds(200); n++) {
        const double width = n % 2 ? 1.0 : 0.0, common = n % 3 ? 1e3 : -1.0 / 3.0;
        double C[10], lo[2], x[5];
        sbx_ivd box[5];
        mpfr_t e, s, t;
        mpfr_inits2(BITS, e, s, t, (mpfr_ptr)NULL);
        for (size_t k = 0; k < 5; k++) {
            box[k].lo = test_uniform(&r, -2.0, 2.0);
            box[k].hi = box[k].lo + width * sbx_rng_unit(&r);
            C[k] = test_uniform(&r, -1.0, 1.0);
            C[5 + k] = C[k] + common;
        }
        assert_ok(sbx_bounder_run(b, lo, box, C, 2, SBX_BOUND_CROWN, err));
        assert_true(fabs(lo[1] - common - lo[0]) <= 1e-9);
        for (int q = 0; q < 32; q++) {
            for (size_t k = 0; k < 5; k++)
                x[k] = q >> k & 1 ? box[k].hi : box[k].lo;
            for (size_t row = 0; row < 2; row++) {
                mpfr_set_zero(s, 1);
                mpfr_set_zero(t, 1);
                for (size_t k = 0; k < 5; k++) {
                    mpfr_set_d(e, x[k], MPFR_RNDN);
                    mpfr_exp(e, e, MPFR_RNDN);
                    mpfr_add(s, s, e, MPFR_RNDN);
                    mpfr_mul_d(e, e, C[5 * row + k], MPFR_RNDN);
                    mpfr_add(t, t, e, MPFR_RNDN);
                }
                mpfr_div(t, t, s, MPFR_RNDN);
                assert_true(mpfr_cmp_d(t, lo[row]) >= 0);
                if (width == 0.0) assert_true(mpfr_get_d(t, MPFR_RNDN) <= lo[row] + 1e-11);
            }
        }
        mpfr_clears(e, s, t, (mpfr_ptr)NULL);
    }
    sbx_bounder_free(b);
    sbx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bounds), cmocka_unit_test(hull),
                                       cmocka_unit_test(columns), cmocka_unit_test(common_part)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
