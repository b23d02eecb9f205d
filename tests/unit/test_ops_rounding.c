/* test_ops_rounding.c -- networks in which every rounding of one kind goes the wrong way:
 * a bound that does not pay for it is above the true minimum. [L-FP-02], [L-FP-03],
 * [L-FP-05], [L-NET-02] to [L-NET-06], [L-RLX-12]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "bound/bounder.h"

#define NONE SBX_NO_TENSOR
#define TINY (0x1p-53 * (1.0 - 0x1p-20)) /* fl(1 + TINY) = 1 */

static sbx_net *net;
static size_t x;

static void begin(size_t n)
{
    const sbx_shape s = {2, {1, n}};
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &s, err));
}

/* a constant of n elements: first ones, then others */
static size_t constant(size_t n, size_t ones, double first, double then)
{
    const sbx_shape s = {2, {1, n}};
    double *v = sbx_graph_mem(net, n, sizeof *v);
    size_t id;
    assert_non_null(v);
    for (size_t k = 0; k < n; k++)
        v[k] = k < ones ? first : then;
    assert_ok(sbx_graph_const(&id, net, "", &s, v, NULL, err));
    return id;
}

static size_t node(const char *op, size_t a, size_t b, const sbx_attr *at)
{
    const size_t in[2] = {a, b};
    const char *const name[1] = {""};
    size_t y;
    assert_ok(sbx_graph_node(&y, net, op, op, in, b != NONE ? 2 : 1, name, 1, at, at ? 1 : 0, err));
    return y;
}

/* bound of C.y over one interval for every input; ends the net */
static double bound(size_t y, const double *C, sbx_ivd side)
{
    const size_t n = net->tensor[x].n;
    sbx_ivd *box = calloc(n, sizeof *box);
    double lo;
    sbx_bounder *b;
    assert_non_null(box);
    for (size_t k = 0; k < n; k++)
        box[k] = side;
    assert_ok(sbx_graph_finish(net, y, err));
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, &lo, box, C, 1, SBX_BOUND_CROWN, err));
    sbx_bounder_free(b);
    sbx_net_free(net);
    free(box);
    return lo;
}

/* lo <= q; and not below it by more than so many u */
static void check(double lo, mpq_ptr q, double slack)
{
    mpq_t t;
    mpq_init(t);
    mpq_set_d(t, lo);
    if (mpq_cmp(t, q) > 0) fail_msg("bound %a is above the minimum", lo);
    mpq_sub(t, q, t);
    if (mpq_get_d(t) > slack * 0x1p-53 * fabs(lo)) fail_msg("bound %a is loose", lo);
    mpq_clear(t);
}

/* q = a + k b, exactly */
static void sum(mpq_ptr q, double a, double k, double b)
{
    mpq_t t;
    mpq_init(t);
    mpq_set_d(q, k);
    mpq_set_d(t, b);
    mpq_mul(q, q, t);
    mpq_set_d(t, a);
    mpq_add(q, q, t);
    mpq_clear(t);
}

/* x + (c x + c x + ...): 1 + c = 1 at every addition of coefficients */
static void fan_out(void **state)
{
    const double one = 1.0;
    size_t s, c;
    mpq_t q;
    (void)state;
    begin(1);
    c = constant(1, 0, 0.0, TINY);
    s = node("Mul", x, c, NULL);
    for (int k = 1; k < 20; k++)
        s = node("Add", s, node("Mul", x, c, NULL), NULL);
    mpq_init(q);
    sum(q, -1.0, -20.0, TINY);
    check(bound(node("Add", x, s, NULL), &one, (sbx_ivd){-1.0, 1.0}), q, 200.0);
    mpq_clear(q);
}

/* x - c - c ... - 1: every addition to the constant loses c */
static void constants_added(void **state)
{
    const double one = 1.0;
    size_t s, c;
    mpq_t q;
    (void)state;
    begin(1);
    s = x;
    c = constant(1, 0, 0.0, -0.5 * TINY);
    for (int k = 0; k < 40; k++)
        s = node("Add", s, c, NULL);
    s = node("Add", s, constant(1, 1, -1.0, 0.0), NULL);
    mpq_init(q);
    sum(q, -1.0, -40.0, 0.5 * TINY);
    check(bound(s, &one, (sbx_ivd){0.0, 0.0}), q, 200.0);
    mpq_clear(q);
}

/* sum of a bias over many outputs, eight large and the rest lost */
static void bias_sum(void **state)
{
    enum { N = 320 };
    double ones[N];
    mpq_t q;
    (void)state;
    begin(N);
    for (size_t k = 0; k < N; k++)
        ones[k] = 1.0;
    mpq_init(q);
    sum(q, -8.0, N - 8, -TINY);
    check(bound(node("Add", x, constant(N, 8, -1.0, -TINY), NULL), ones, (sbx_ivd){0.0, 0.0}), q,
          2.0 * N);
    mpq_clear(q);
}

/* the inputs themselves */
static void input_sum(void **state)
{
    enum { N = 320 };
    double C[N];
    mpq_t q;
    (void)state;
    begin(N);
    for (size_t k = 0; k < N; k++)
        C[k] = k < 8 ? 1.0 : TINY;
    mpq_init(q);
    sum(q, -8.0, N - 8, -TINY);
    check(bound(node("Identity", x, NONE, NULL), C, (sbx_ivd){-1.0, 1.0}), q, 2.0 * N);
    mpq_clear(q);
}

/* A chain of ten factors, divisors or slopes f: the minimum over [-1,1] (slopes: [-2,-1]),
 * exactly, against the bound. Over many f some round the wrong way nearly every time. */
static void chain(const char *op, bool divide, bool slope, long rounds)
{
    uint64_t r = test_seed();
    const double one = 1.0;
    mpq_t q, t;
    mpq_inits(q, t, NULL);
    for (long i = 0; i < test_rounds(rounds); i++) {
        const double f =
            slope ? (double)(float)test_uniform(&r, 0.5, 1.0) : test_uniform(&r, 1.0, 2.0);
        const sbx_attr a = {.name = "alpha", .kind = SBX_ATTR_FLOAT, .f = f};
        size_t s, c;
        begin(1);
        s = x;
        c = constant(1, 0, 0.0, f);
        mpq_set_si(q, slope ? -2 : -1, 1);
        mpq_set_d(t, f);
        for (int k = 0; k < 10; k++) {
            s = slope ? node(op, s, NONE, &a) : node(op, s, c, NULL);
            if (divide)
                mpq_div(q, q, t);
            else
                mpq_mul(q, q, t);
        }
        check(bound(s, &one, (sbx_ivd){slope ? -2.0 : -1.0, slope ? -1.0 : 1.0}), q, 100.0);
    }
    mpq_clears(q, t, NULL);
}
static void factors(void **state)
{
    (void)state;
    chain("Mul", false, false, 1000);
}
static void divisors(void **state)
{
    (void)state;
    chain("Div", true, false, 10000);
}
static void slopes(void **state)
{
    (void)state;
    chain("LeakyRelu", false, true, 1000);
}

/* the lines of ReLU as they are kept, exactly at both ends and at 0 */
static void relu_lines(void **state)
{
    enum { N = 40 };
    uint64_t r = test_seed();
    sbx_ivd box[N];
    sbx_bounder *b;
    mpq_t s, t, v;
    (void)state;
    mpq_inits(s, t, v, NULL);
    begin(N);
    assert_ok(sbx_graph_finish(net, node("Relu", x, NONE, NULL), err));
    assert_ok(sbx_bounder_new(&b, net, err));
    for (long i = 0; i < test_rounds(50); i++) {
        for (size_t k = 0; k < N; k++) {
            box[k].lo = test_uniform(&r, -1.0, k % 8 ? 0.0 : 1.0) * (k % 5 ? 1.0 : 0x1p-1040);
            box[k].hi = box[k].lo + test_uniform(&r, 0.0, 2.0);
        }
        assert_ok(sbx_bounder_run(b, NULL, box, NULL, 0, SBX_BOUND_CROWN, err));
        for (size_t k = 0; k < 3 * N; k++) {
            const size_t j = k / 3;
            const double *line = b->lin.aux[0] + j, lo = box[j].lo, hi = box[j].hi;
            const double at = k % 3 == 0 ? lo : k % 3 == 1 ? hi : fmax(lo, fmin(hi, 0.0));
            for (size_t side = 0; side < 2; side++) {
                mpq_set_d(s, line[2 * side * N]);
                mpq_set_d(t, at);
                mpq_mul(s, s, t);
                mpq_set_d(t, line[(2 * side + 1) * N]);
                mpq_add(s, s, t);
                mpq_set_d(v, at > 0.0 ? at : 0.0);
                assert_true(side ? mpq_cmp(s, v) >= 0 : mpq_cmp(s, v) <= 0);
            }
        }
    }
    mpq_clears(s, t, v, NULL);
    sbx_bounder_free(b);
    sbx_net_free(net);
}

/* every build of the inner loops gives the same bits */
static void builds(void **state)
{
    enum { R = 7, N = 40, K = 48, COLS = 43 };
    static double a[R * N], b[N * K], c[2][R * K], in[6][K], out[2][3][N], s[2][12], g[2][64 + N];
    sbx_tap tap[N];
    uint64_t r = test_seed();
    (void)state;
    for (size_t i = 0; i < R * N; i++)
        a[i] = sbx_rng(&r) % 4 ? test_uniform(&r, -1.0, 1.0) : 0.0;
    for (size_t i = 0; i < N * K; i++)
        b[i] = test_uniform(&r, -1.0, 1.0);
    for (size_t i = 0; i < 6 * K; i++)
        in[i / K][i % K] = test_uniform(&r, -1.0, 1.0);
    for (size_t i = 0; i < N; i++)
        tap[i] =
            (sbx_tap){(uint32_t)(sbx_rng(&r) % (N * K / 8)), (uint32_t)(sbx_rng(&r) % (R * N - 8))};
    for (size_t k = SBX_MAT_BUILDS; k-- > 0;) { /* the portable one, always there, is last */
        const sbx_mat *m = sbx_mat_build(k);
        const size_t z = k + 1 == SBX_MAT_BUILDS;
        double *const o[3] = {out[z][0], out[z][1], out[z][2]};
        double t[K], u[K];
        if (!m) continue;
        memcpy(u, in[0], sizeof u);
        m->mul(c[z], K, a, N, b, K, R, N, COLS);
        m->interval(o, b, K, N, K, in[0], in[1]);
        m->charge(&s[z][0], in[0], in[1], in[2], K);
        m->slopes(t, &s[z][2], in[0], in[1], in[2], in[3], in[4], in[5], K);
        s[z][5] = m->add(u, t, in[1], K);
        m->corner(&s[z][6], u, in[1], in[2], in[3], K);
        m->apply(g[z] + 64, b, K, N, K, in[0]);
        m->taps(g[z], b, a, tap, N);
        m->taps_one(g[z] + 32, b, a, tap, N);
        m->taps_interval(g[z] + 40, b, b + 1, a, tap, N);
        if (z) continue;
        assert_memory_equal(g[0], g[1], sizeof g[0]);
        assert_memory_equal(c[0], c[1], sizeof c[0]);
        assert_memory_equal(out[0], out[1], sizeof out[0]);
        assert_memory_equal(s[0], s[1], 8 * sizeof s[0][0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fan_out),   cmocka_unit_test(constants_added), cmocka_unit_test(bias_sum),
        cmocka_unit_test(input_sum), cmocka_unit_test(factors),         cmocka_unit_test(divisors),
        cmocka_unit_test(slopes),    cmocka_unit_test(relu_lines),      cmocka_unit_test(builds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
