/* test_gemm.c -- Gemm in all its forms: either operand constant or none, turned or not, with
 * factors, and a bias of every shape that goes with the outputs; values in all eight number
 * systems, bounds and gradients, against sums in rationals. Pow with a constant base, against
 * MPFR. [L-NET-02], [L-NET-60], [L-NET-90]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "opcase.h"

#include <mpfr.h>

enum { RIGHT, LEFT, BOTH, MODES };                             /* what is constant */
enum { B_NONE, B_SCALAR, B_N, B_1N, B_M1, B_MN, B_VAR, BIAS }; /* the bias */

static int mode, bias, ta, tb;
static double alpha, beta;
static size_t M, N, K;

static void sizes(void)
{
    const size_t rows = ta ? 3 : 2, cols = ta ? 2 : 3; /* of the turned input */
    if (mode == LEFT) {
        K = tb ? 3 : 2;
        N = tb ? 2 : 3;
        M = 2;
    } else {
        M = rows;
        K = cols;
        N = mode == RIGHT ? 3 : M;
    }
}

/* 3x2 read as it lies, where x itself does not fit */
static bool reshaped(void) { return (ta != 0) == (tb != 0); }

static size_t bias_of(sbx_net *net, size_t x)
{
    switch (bias) {
    case B_SCALAR: return op_const(net, 0, NULL, NULL);
    case B_N: return REAL(N);
    case B_1N: return REAL(1, N);
    case B_M1: return REAL(M, 1);
    case B_MN: return REAL(M, N);
    case B_VAR: return x;
    default: return NONE;
    }
}

static size_t build(sbx_net *net, size_t x)
{
    const sbx_attr at[] = {{.name = "transA", .kind = SBX_ATTR_INT, .i = ta},
                           {.name = "transB", .kind = SBX_ATTR_INT, .i = tb},
                           {.name = "alpha", .kind = SBX_ATTR_FLOAT, .f = alpha},
                           {.name = "beta", .kind = SBX_ATTR_FLOAT, .f = beta}};
    size_t in[3] = {x, x, bias_of(net, x)};
    if (mode == RIGHT) in[1] = tb ? REAL(N, K) : REAL(K, N);
    if (mode == LEFT) in[0] = ta ? REAL(K, M) : REAL(M, K);
    if (mode == BOTH && reshaped()) in[1] = SHAPED(x, 3, 2);
    return op_node(net, "Gemm", in, in[2] == NONE ? 2 : 3, at, 4);
}

static void element(mpq_t z, mpq_t *x, bool constant, size_t at)
{
    if (constant)
        mpq_set_d(z, op_w(at));
    else
        mpq_set(z, x[at]);
}

static void value(mpq_t *y, mpq_t *x)
{
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++) {
            mpq_t *z = &y[i * N + j];
            mpq_set_ui(*z, 0, 1);
            for (size_t k = 0; k < K; k++) {
                element(a, x, mode == LEFT, ta ? k * M + i : i * K + k);
                element(b, x, mode == RIGHT, tb ? j * K + k : k * N + j);
                mpq_mul(a, a, b);
                mpq_add(*z, *z, a);
            }
            mpq_set_d(a, alpha);
            mpq_mul(*z, *z, a);
            if (bias == B_NONE) continue;
            element(b, x, bias != B_VAR,
                    bias == B_SCALAR              ? 0
                    : bias == B_N || bias == B_1N ? j
                    : bias == B_M1                ? i
                                                  : i * N + j);
            mpq_set_d(a, beta);
            mpq_mul(b, a, b);
            mpq_add(*z, *z, b);
        }
    mpq_clears(a, b, NULL);
}

static void every_form(void **state)
{
    static const double factor[][2] = {{1.0, 1.0}, {2.0, -0.5}, {1.0 / 3.0, 0.1}, {-1.0, 0.0}};
    uint64_t r = test_seed();
    char name[100];
    opcase c = {name, build, value, 0, 2, {0}, true, false, true, 0};
    (void)state;
    for (int form = 0; form < MODES * BIAS * 4; form++) {
        mode = form % MODES;
        bias = form / MODES % BIAS;
        ta = form / MODES / BIAS % 2;
        tb = form / MODES / BIAS / 2;
        sizes();
        if (bias == B_VAR && (M != 2 || N != 3)) continue;
        for (size_t f = 0; f < 4; f++) {
            alpha = factor[f][0];
            beta = factor[f][1];
            c.n = M * N;
            c.dim[0] = M;
            c.dim[1] = N;
            c.exact = f != 2;
            c.affine = mode != BOTH && f != 2;
            (void)snprintf(name, sizeof name, "mode %d, bias %d, trans %d %d, alpha %g, beta %g",
                           mode, bias, ta, tb, alpha, beta);
            op_values(&c, &r);
            op_bounds(&c, test_rounds(2), &r);
        }
    }
}

/* ---- a^x ---------------------------------------------------------------------------------- */

static size_t power(sbx_net *net, const double *base, size_t n, size_t x)
{
    const size_t dim[] = {n};
    const size_t in[2] = {op_const(net, 1, dim, base), x};
    return op_node(net, "Pow", in, 2, NULL, 0);
}

/* lo, hi around base^x at 300 bits */
static void exact_power(mpfr_t lo, mpfr_t hi, double base, double x)
{
    mpfr_t b, e;
    mpfr_init2(b, 300);
    mpfr_init2(e, 300);
    mpfr_set_d(b, base, MPFR_RNDN);
    mpfr_set_d(e, x, MPFR_RNDN);
    (void)mpfr_pow(lo, b, e, MPFR_RNDD);
    (void)mpfr_pow(hi, b, e, MPFR_RNDU);
    mpfr_clear(b);
    mpfr_clear(e);
}

static void powers_of_constants(void **state)
{
    static const double base[] = {2.0, 0.125, 10.0, 1.0, 0x1.0000000000001p0, 1e-3};
    const sbx_shape in = {2, {2, 3}};
    uint64_t r = test_seed();
    mpfr_t lo, hi;
    sbx_net *net;
    sbx_bounder *b;
    size_t x;
    (void)state;
    mpfr_init2(lo, 300);
    mpfr_init2(hi, 300);
    for (size_t n = 0; n < sizeof base / sizeof *base; n += 3) {
        assert_ok(sbx_graph_new(&net, 13, 0, err));
        assert_ok(sbx_graph_input(&x, net, "x", &in, err));
        assert_ok(sbx_graph_finish(net, power(net, base + n, 3, x), err));
        assert_ok(sbx_bounder_new(&b, net, err));
        for (long round = test_rounds(200); round > 0; round--) {
            sbx_ivd box[OP_IN], y[OP_IN], at[OP_IN];
            double p[OP_IN], C[OP_IN] = {0}, bound;
            const size_t k = (size_t)round % OP_IN;
            C[k] = round % 2 ? 1.0 : -1.0;
            for (size_t j = 0; j < OP_IN; j++) {
                box[j].lo = test_uniform(&r, -6.0, 6.0);
                box[j].hi = box[j].lo + (round % 3 ? test_uniform(&r, 0.0, 4.0) : 0.0);
                p[j] = round % 5 ? test_uniform(&r, box[j].lo, box[j].hi) : box[j].hi;
                at[j] = (sbx_ivd){p[j], p[j]};
            }
            assert_ok(sbx_net_eval_ivd(y, net, at, NULL, err));
            assert_ok(sbx_bounder_run(b, &bound, box, C, 1, SBX_BOUND_CROWN, err));
            for (size_t j = 0; j < OP_IN; j++) {
                const sbx_ivd range = sbx_bounder_outputs(b)[j];
                exact_power(lo, hi, base[n + j % 3], p[j]);
                assert_true(mpfr_cmp_d(lo, y[j].lo) >= 0 && mpfr_cmp_d(hi, y[j].hi) <= 0);
                assert_true(y[j].hi - y[j].lo <= 1e-12 * y[j].hi);
                assert_true(mpfr_cmp_d(lo, range.lo) >= 0 && mpfr_cmp_d(hi, range.hi) <= 0);
            }
            exact_power(lo, hi, base[n + k % 3], p[k]);
            if (C[k] < 0.0) mpfr_neg(lo, hi, MPFR_RNDD);
            assert_true(mpfr_cmp_d(lo, bound) >= 0);
        }
        sbx_bounder_free(b);
        sbx_net_free(net);
    }
    mpfr_clear(lo);
    mpfr_clear(hi);
}

/* what has no value for some exponents, or none that is real */
static void bases_that_are_refused(void **state)
{
    static const double base[][2] = {{0.0, 1.0}, {2.0, -2.0}, {-0.0, -0.0}};
    const sbx_shape in = {2, {3, 2}};
    const int64_t two[] = {2};
    const char *const name[1] = {"y"};
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        sbx_net *net;
        size_t at[2], y;
        assert_ok(sbx_graph_new(&net, 13, 0, err));
        assert_ok(sbx_graph_input(&at[1], net, "x", &in, err));
        at[0] = k < 3 ? op_const(net, 1, (size_t[]){2}, base[k]) : op_ints(net, 1, two);
        assert_status(SBX_ERR_UNSUPPORTED,
                      sbx_graph_node(&y, net, "Pow", "n", at, 2, name, 1, NULL, 0, err));
        assert_non_null(strstr(test_err.msg, "a constant base"));
        sbx_net_free(net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form),
        cmocka_unit_test(powers_of_constants),
        cmocka_unit_test(bases_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
