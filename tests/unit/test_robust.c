/* The property of robustness [L-NET-85] against the shipped properties, which a Python script wrote
 * with exact decimals; its ends and its refusals; the Softmax behind a network.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "softbox/softbox.h"

#include "sbx_test.h"

#define DIGITS "examples/digits/"
#define N      64

static void read_q(mpq_t q, const char *text) { assert_ok(sbx_q_read(q, text, strlen(text), err)); }

/* the coefficient of Y_k in a constraint */
static void coefficient(mpq_t sum, const sbx_constraint *c, size_t k)
{
    mpq_set_ui(sum, 0, 1);
    for (size_t t = 0; t < c->n_terms; t++) {
        assert_true(c->term[t].is_output);
        if (c->term[t].var == k) mpq_add(sum, sum, c->term[t].coef);
    }
}

/* Equal but for the sense of one sign: is c the constraint w times a positive number? Both are
 * "<=", or strict as `strict` says, and their first coefficients are of one size. */
static void same_rule(const sbx_constraint *c, const sbx_constraint *w, bool strict)
{
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    for (size_t k = 0; k < 10; k++) {
        coefficient(a, c, k);
        coefficient(b, w, k);
        assert_true(mpq_equal(a, b));
    }
    assert_true(mpq_equal(c->rhs, w->rhs));
    assert_true(!w->strict && c->strict == strict);
    mpq_clears(a, b, NULL);
}

static void check_image(size_t image, const char *radius, const sbx_array *csv, mpq_t *x,
                        const char *probability)
{
    sbx_property got, want;
    char path[128];
    sbx_robust q = {.inputs = N, .outputs = 10};
    mpq_t r, zero, one, p, label;
    mpq_inits(r, zero, one, p, label, NULL);
    mpq_set_ui(one, 1, 1);
    read_q(r, radius);
    if (probability) read_q(p, probability);
    assert_ok(sbx_array_get(label, csv, image * 66 + 1, err));
    for (size_t i = 0; i < N; i++)
        assert_ok(sbx_array_get(x[i], csv, image * 66 + 2 + i, err));
    q.x = (const mpq_t *)x;
    q.label = mpz_get_ui(mpq_numref(label));
    q.radius = r;
    q.clip_lo = zero;
    q.clip_hi = one;
    q.probability = probability ? p : NULL;
    (void)snprintf(path, sizeof path, DIGITS "prop/img%02zu_eps%s%s.vnnlib", image, radius,
                   probability ? "_p0.5" : "");
    assert_ok(sbx_property_read_vnnlib(&want, path, err));
    assert_ok(sbx_property_robust(&got, &q, err));
    assert_int_equal(got.inputs, want.inputs);
    assert_int_equal(got.outputs, want.outputs);
    assert_int_equal(got.n_disjuncts, want.n_disjuncts);
    for (size_t d = 0; d < got.n_disjuncts; d++) {
        for (size_t i = 0; i < N; i++) {
            assert_true(mpq_equal(got.disjunct[d].lo[i], want.disjunct[d].lo[i]));
            assert_true(mpq_equal(got.disjunct[d].hi[i], want.disjunct[d].hi[i]));
        }
        assert_int_equal(got.disjunct[d].n_constraints, 1);
        assert_int_equal(want.disjunct[d].n_constraints, 1);
        same_rule(got.disjunct[d].constraint, want.disjunct[d].constraint, probability != NULL);
    }
    sbx_property_clear(&got);
    sbx_property_clear(&want);
    mpq_clears(r, zero, one, p, label, NULL);
}

static void shipped(void **state)
{
    static const char *const radius[] = {"0.01", "0.02", "0.04", "0.08"};
    sbx_data d;
    mpq_t x[N];
    (void)state;
    for (size_t i = 0; i < N; i++)
        mpq_init(x[i]);
    assert_ok(sbx_data_read(&d, DIGITS "images.csv", 0, err));
    assert_int_equal(d.array->dim[0], 5);
    assert_int_equal(d.array->dim[1], 66);
    for (size_t image = 0; image < 5; image++)
        for (size_t k = 0; k < 4; k++) {
            check_image(image, radius[k], d.array, x, NULL);
            check_image(image, radius[k], d.array, x, "0.5");
        }
    sbx_data_clear(&d);
    for (size_t i = 0; i < N; i++)
        mpq_clear(x[i]);
    assert_int_equal(sbx_alloc_live(), 0);
}

/* 1/255 is no double: ends are exact, with one side clipped and with none */
static void ends(void **state)
{
    sbx_property p;
    mpq_t x[2], r, top, want;
    sbx_robust q = {.inputs = 2, .outputs = 2, .label = 1, .x = (const mpq_t *)x, .radius = r};
    (void)state;
    mpq_inits(x[0], x[1], r, top, want, NULL);
    read_q(x[0], "254/255");
    read_q(x[1], "1/255");
    read_q(r, "2/255");
    read_q(top, "1");
    q.clip_hi = top;
    assert_ok(sbx_property_robust(&p, &q, err));
    assert_int_equal(p.n_disjuncts, 1);
    read_q(want, "252/255");
    assert_true(mpq_equal(p.disjunct[0].lo[0], want));
    assert_true(mpq_equal(p.disjunct[0].hi[0], top));
    read_q(want, "-1/255");
    assert_true(mpq_equal(p.disjunct[0].lo[1], want));
    read_q(want, "3/255");
    assert_true(mpq_equal(p.disjunct[0].hi[1], want));
    sbx_property_clear(&p);
    mpq_clears(x[0], x[1], r, top, want, NULL);
}

static void refuse(const sbx_robust *q, const char *why)
{
    sbx_property p;
    assert_status(SBX_ERR_ARG, sbx_property_robust(&p, q, err));
    if (!strstr(err->msg, why)) fail_msg("'%s', not '%s'", err->msg, why);
    assert_null(p.store);
}

static void refusals(void **state)
{
    mpq_t x[2], r, one, minus;
    sbx_robust good = {.inputs = 2, .outputs = 2, .x = (const mpq_t *)x, .radius = r}, q;
    sbx_property p;
    (void)state;
    mpq_inits(x[0], x[1], r, one, minus, NULL);
    read_q(one, "1");
    read_q(minus, "-1");
    read_q(x[1], "1.0001");
    q = good, q.radius = minus, refuse(&q, "negative radius");
    q = good, q.label = 2, refuse(&q, "label 2 of 2");
    q = good, q.outputs = 1, refuse(&q, "1 outputs");
    q = good, q.inputs = 0, refuse(&q, "0 inputs");
    q = good, q.clip_hi = one, refuse(&q, "input 1 is outside");
    q = good, q.clip_lo = one, refuse(&q, "input 0 is outside");
    for (long n = 0;; n++) {
        sbx_status st;
        sbx_alloc_fail_after(n);
        st = sbx_property_robust(&p, &good, err);
        sbx_alloc_fail_after(-1);
        if (st == SBX_OK) break;
        assert_int_equal(st, SBX_ERR_NOMEM);
        assert_int_equal(sbx_alloc_live(), 0);
    }
    sbx_property_clear(&p);
    mpq_clears(x[0], x[1], r, one, minus, NULL);
}

/* mlp has no Softmax, softreg and mlp_softmax do; the new outputs enclose e^y_k / sum e^y_j, by MPFR. */
static void softmax(void **state)
{
    static const struct {
        const char *name;
        bool added;
    } nets[] = {{"softreg", false}, {"mlp", true}, {"mlp_softmax", false}, {"mlp_tanh", true}};
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        char path[64];
        sbx_net *net, *plain;
        sbx_net_info before, after;
        sbx_ivd x[N], y[10], p[10];
        bool added;
        mpfr_t e[10], sum;
        (void)snprintf(path, sizeof path, DIGITS "%s.onnx", nets[k].name);
        assert_ok(sbx_net_read(&net, path, 0, err));
        assert_ok(sbx_net_read(&plain, path, 0, err));
        sbx_net_get_info(&before, net);
        assert_ok(sbx_net_add_softmax(&added, net, err));
        sbx_net_get_info(&after, net);
        assert_int_equal(added, nets[k].added);
        assert_int_equal(after.parameters, before.parameters);
        assert_int_equal(after.outputs, 10);
        for (size_t i = 0; i < N; i++)
            x[i].lo = x[i].hi = (double)(i % 17) / 16;
        assert_ok(sbx_net_eval_ivd(p, net, x, NULL, err));
        assert_ok(sbx_net_eval_ivd(y, plain, x, NULL, err));
        mpfr_init2(sum, 300);
        mpfr_set_ui(sum, 0, MPFR_RNDN);
        for (size_t j = 0; added && j < 10; j++) {
            mpfr_init2(e[j], 300);
            mpfr_set_d(e[j], y[j].lo + (y[j].hi - y[j].lo) / 2, MPFR_RNDN);
            mpfr_exp(e[j], e[j], MPFR_RNDN);
            mpfr_add(sum, sum, e[j], MPFR_RNDN);
        }
        for (size_t j = 0; added && j < 10; j++) {
            mpfr_div(e[j], e[j], sum, MPFR_RNDN);
            assert_true(mpfr_cmp_d(e[j], p[j].lo) >= 0 && mpfr_cmp_d(e[j], p[j].hi) <= 0);
            assert_true(p[j].hi - p[j].lo < 1e-9);
            mpfr_clear(e[j]);
        }
        mpfr_clear(sum);
        assert_ok(sbx_net_add_softmax(&added, net, err));
        assert_false(added);
        sbx_net_free(net);
        sbx_net_free(plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped),
        cmocka_unit_test(ends),
        cmocka_unit_test(refusals),
        cmocka_unit_test(softmax),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
