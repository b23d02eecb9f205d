/* test_bound_digits.c -- bounds of the example networks around random points, against their
 * values in rationals (ReLU) or MPFR at 300 bits at points of the box. [L-NET-01],
 * [L-NET-02], [L-NET-03], [L-NET-06]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "softbox/bound.h"

#include <math.h>

enum { IN = 64, OUT = 10 };

static void points(double p[][IN], size_t n, const sbx_ivd *box, uint64_t *r)
{
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < IN; i++)
            p[k][i] = sbx_rng(r) % 4 == 0 ? test_uniform(r, box[i].lo, box[i].hi)
                      : sbx_rng(r) % 2    ? box[i].lo
                                          : box[i].hi;
}

/* lo[j] <= value_j <= hi[j] and the rows, at one point; the values as rationals */
static void check(const mpq_t *v, const sbx_ivd *y, const double *lo, const double *C, mpq_ptr tol)
{
    mpq_t t, s;
    mpq_inits(t, s, NULL);
    for (size_t j = 0; j < OUT; j++) {
        mpq_set_d(t, y[j].lo);
        mpq_sub(t, t, tol);
        assert_true(mpq_cmp(t, v[j]) <= 0);
        mpq_set_d(t, y[j].hi);
        mpq_add(t, t, tol);
        assert_true(mpq_cmp(t, v[j]) >= 0);
    }
    for (size_t row = 0; row < OUT; row++) {
        mpq_set(s, tol);
        for (size_t j = 0; j < OUT; j++) {
            mpq_set_d(t, C[row * OUT + j]);
            mpq_mul(t, t, v[j]);
            mpq_add(s, s, t);
        }
        mpq_set_d(t, lo[row]);
        assert_true(mpq_cmp(t, s) <= 0);
    }
    mpq_clears(t, s, NULL);
}

static void values_q(mpq_t *v, const sbx_net *net, const double *p)
{
    sbx_mpq x[IN], y[OUT];
    for (size_t i = 0; i < IN; i++) {
        sbx_mpq_init(&x[i], NULL);
        assert_ok(sbx_mpq_set_d(&x[i], p[i], NULL, err));
    }
    for (size_t j = 0; j < OUT; j++)
        sbx_mpq_init(&y[j], NULL);
    assert_ok(sbx_net_eval_mpq(y, net, x, NULL, err));
    for (size_t j = 0; j < OUT; j++) {
        mpq_set(v[j], y[j].v);
        sbx_mpq_clear(&y[j]);
    }
    for (size_t i = 0; i < IN; i++)
        sbx_mpq_clear(&x[i]);
}

static void values_f(mpq_t *v, const sbx_net *net, const double *p)
{
    const sbx_ctx ctx = {.prec = 300};
    sbx_mpf x[IN], y[OUT];
    mpq_t same;
    mpq_init(same);
    for (size_t i = 0; i < IN; i++) {
        sbx_mpf_init(&x[i], &ctx);
        assert_ok(sbx_mpf_set_d(&x[i], p[i], &ctx, err));
    }
    for (size_t j = 0; j < OUT; j++)
        sbx_mpf_init(&y[j], &ctx);
    assert_ok(sbx_net_eval_mpf(y, net, x, &ctx, err));
    for (size_t j = 0; j < OUT; j++) {
        assert_ok(sbx_mpf_get_q(v[j], same, &y[j], err));
        sbx_mpf_clear(&y[j]);
    }
    for (size_t i = 0; i < IN; i++)
        sbx_mpf_clear(&x[i]);
    mpq_clear(same);
}

static void one(const char *file, bool rational)
{
    static const double radius[] = {0.0, 0.003, 0.02, 0.1};
    uint64_t r = test_seed();
    double C[OUT * OUT] = {0}, lo[OUT], ibp[OUT], p[4][IN];
    char path[128];
    sbx_ivd box[IN];
    sbx_bounder *b;
    sbx_net *net;
    mpq_t v[OUT], tol;
    (void)snprintf(path, sizeof path, "examples/digits/%s", file);
    assert_ok(sbx_net_read_onnx(&net, path, 0, err));
    assert_ok(sbx_bounder_new(&b, net, err));
    mpq_init(tol);
    if (!rational) mpq_set_d(tol, 0x1p-200); /* of the reference itself */
    for (size_t j = 0; j < OUT; j++) {
        mpq_init(v[j]);
        C[j * OUT] += 1.0;
        C[j * OUT + j] -= 1.0;
    }
    for (size_t k = 0; k < 4; k++) {
        for (size_t i = 0; i < IN; i++) {
            const double c = (double)(sbx_rng(&r) % 17) / 16.0;
            box[i] = (sbx_ivd){fmax(c - radius[k], 0.0), fmin(c + radius[k], 1.0)};
        }
        assert_ok(sbx_bounder_run(b, ibp, box, C, OUT, SBX_BOUND_IBP, err));
        assert_ok(sbx_bounder_run(b, lo, box, C, OUT, SBX_BOUND_CROWN, err));
        points(p, 4, box, &r);
        for (size_t i = 0; i < 4; i++) {
            if (rational)
                values_q(v, net, p[i]);
            else
                values_f(v, net, p[i]);
            check((const mpq_t *)v, sbx_bounder_outputs(b), lo, C, tol);
            check((const mpq_t *)v, sbx_bounder_outputs(b), ibp, C, tol);
        }
    }
    for (size_t j = 0; j < OUT; j++)
        mpq_clear(v[j]);
    mpq_clear(tol);
    sbx_bounder_free(b);
    sbx_net_free(net);
}

static void digits(void **state)
{
    (void)state;
    one("mlp.onnx", true);
    one("mlp_softmax.onnx", false);
    one("mlp_tanh.onnx", false);
    one("softreg.onnx", false);
    mpfr_free_cache();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(digits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
