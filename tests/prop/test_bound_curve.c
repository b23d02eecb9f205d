/* test_bound_curve.c -- proved bounds of random small networks with sigmoid, tanh, softmax
 * and log-softmax inside and at their ends, against MPFR at 300 bits at the corners and at
 * random points of the box. [L-NET-02], [L-NET-03], [L-NET-21], [L-SMX-08], [L-RLX-40]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "netmake.h"

static const kind ends[] = {K_SOFTMAX, K_LOGSOFTMAX, K_SIGMOID, K_TANH, K_DENSE};
enum { ENDS = sizeof ends / sizeof *ends };

static void random_net(made *m, uint64_t *r, bool wild, kind end)
{
    static const kind inner[] = {K_RELU, K_SIGMOID, K_TANH, K_SOFTMAX, K_LOGSOFTMAX};
    const int layers = 1 + (int)(sbx_rng(r) % 2);
    int t = -1;
    m->in = 1 + (int)(sbx_rng(r) % 3);
    m->steps = 0;
    for (int k = 0; k < layers; k++) {
        const int n = 1 + (int)(sbx_rng(r) % 6), was = t;
        t = made_step(m, K_DENSE, t, 0, n, r, made_scale(r, wild));
        t = made_step(m, inner[sbx_rng(r) % 5], t, 0, n, r, 1.0);
        if (made_width(m, was) == n && sbx_rng(r) % 2) t = made_step(m, K_ADD, t, was, n, r, 1.0);
    }
    t = made_step(m, K_DENSE, t, 0, 1 + (int)(sbx_rng(r) % 6), r, made_scale(r, wild));
    if (end != K_DENSE) (void)made_step(m, end, t, 0, made_width(m, t), r, 1.0);
}

/* bound <= v, a reference whose own error is far below 2^-150 */
static bool holds(double bound, mpfr_ptr v)
{
    if (bound == -HUGE_VAL) return true;
    mpfr_add_d(v, v, 0x1p-150, MPFR_RNDU);
    return fabs(bound) <= 1.7976931348623157e308 && mpfr_cmp_d(v, bound) >= 0;
}

static void check_point(const made *m, precise *e, const double *lo, const double *C, int rows,
                        const sbx_ivd *y, uint64_t seed)
{
    const int n = made_outputs(m);
    mpfr_t v;
    precise_run(e, m);
    mpfr_init2(v, 300);
    for (int r = 0; r < rows; r++) {
        mpfr_set_ui(v, 0, MPFR_RNDN);
        for (int j = 0; j < n; j++) {
            mpfr_mul_d(e->t, e->v[m->steps][j], C[r * n + j], MPFR_RNDN);
            mpfr_add(v, v, e->t, MPFR_RNDN);
        }
        if (!holds(lo[r], v)) fail_msg("seed %llu: row %d", (unsigned long long)seed, r);
    }
    for (int j = 0; j < n; j++) {
        mpfr_neg(e->t, e->v[m->steps][j], MPFR_RNDN);
        mpfr_set(v, e->v[m->steps][j], MPFR_RNDN);
        if (!holds(y[j].lo, v) || !holds(-y[j].hi, e->t))
            fail_msg("seed %llu: output %d", (unsigned long long)seed, j);
    }
    mpfr_clear(v);
}

static void one_net(uint64_t seed, bool wild, kind end, precise *e, long *none)
{
    uint64_t r = seed;
    double C[3 * MOST_WIDTH], ibp[3], crown[3];
    sbx_ivd box[MOST_WIDTH], y[2][MOST_WIDTH], z[MOST_WIDTH];
    sbx_bounder *b;
    sbx_net *net;
    made m;
    int n;
    random_net(&m, &r, wild, end);
    n = made_outputs(&m);
    made_box(box, m.in, &r, sbx_rng(&r) % 2 ? 1.0 : 1e-2);
    for (int k = 0; k < 3 * n; k++)
        C[k] = k < n ? (k == 0) - (k == 1) : made_coef(&r, 1.0);
    net = made_net(&m);
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, ibp, box, C, 3, SBX_BOUND_IBP, err));
    memcpy(y[0], sbx_bounder_outputs(b), (size_t)n * sizeof **y);
    assert_ok(sbx_bounder_run(b, crown, box, C, 3, SBX_BOUND_CROWN, err));
    memcpy(y[1], sbx_bounder_outputs(b), (size_t)n * sizeof **y);
    assert_ok(sbx_net_eval_ivd(z, net, box, NULL, err));
    for (int k = 0; k < 3; k++) {
        *none += crown[k] == -HUGE_VAL;
        assert_true(crown[k] >= ibp[k]);
    }
    for (int j = 0; j < n; j++) {
        assert_true(y[1][j].lo >= y[0][j].lo && y[1][j].hi <= y[0][j].hi);
        assert_true(z[j].lo == y[0][j].lo && z[j].hi == y[0][j].hi);
    }
    for (unsigned k = 0; k < (1u << m.in) + 6; k++) {
        for (int i = 0; i < m.in; i++)
            mpfr_set_d(e->v[0][i], made_point(box, i, k, m.in, &r), MPFR_RNDN);
        check_point(&m, e, ibp, C, 3, y[0], seed);
        check_point(&m, e, crown, C, 3, y[1], seed);
    }
    sbx_bounder_free(b);
    sbx_net_free(net);
}

static void sound(bool wild, long rounds)
{
    const uint64_t seed = test_seed();
    static precise e;
    long none = 0;
    precise_init(&e);
    for (long k = 0; k < test_rounds(rounds); k++)
        one_net(seed * 9176263u + (uint64_t)k, wild, ends[k % ENDS], &e, &none);
    precise_clear(&e);
    print_message("%ld bounds, %ld of them none\n", 3 * test_rounds(rounds), none);
    if (!wild) assert_true(none == 0);
}

static void tame_nets(void **state)
{
    (void)state;
    sound(false, 400);
}
static void wild_nets(void **state)
{
    (void)state;
    sound(true, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tame_nets), cmocka_unit_test(wild_nets)};
    const int bad = cmocka_run_group_tests(tests, NULL, NULL);
    mpfr_free_cache();
    return bad;
}
