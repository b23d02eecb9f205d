/* test_mech_gated.c -- gated and delta recurrences, heads of in-context regression, pruned scores, partitions, dropout,
 * padding, block recurrence, affine shift: by hand, and their laws. [L-MCH-50], [L-MCH-51], [L-MCH-52],
 * [L-MCH-53], [L-MCH-54], [L-MCH-55], [L-MCH-56], [L-MCH-57], [L-MCH-58], [L-MCH-59]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mechcase.h"

static void gla_by_hand(void **state)
{
    /* q_1 = (1, 1), alpha_1 = (1/2, 1/4): w_10 = 1 * 1/2 * 1 + 1 * 1/4 * 2 = 1, w_11 = 3 - 1 = 2 */
    mcase c;
    (void)state;
    mcase_open(&c, "gla", 2, 2, 1);
    mcase_put(c.x.q, "1 0 1 1");
    mcase_put(c.x.k, "1 2 3 -1");
    mcase_put(c.x.v, "1 2");
    mcase_put(c.x.extra[0], "1/3 1/5 1/2 1/4");
    mcase_exact(&c);
    mcase_expect(c.w, "1 0 1 2", 4);
    mcase_expect(c.o, "1 5", 2);
    mcase_close(&c);
}

static void deltanet_by_hand(void **state)
{
    /* u = (1, 1): w_11 = 1/2 (3 - 1) = 1, u = (1, 1) - (3, -1) = (-2, 2); w_10 = 1/3 (-2 + 4) = 2/3 */
    mcase c;
    (void)state;
    mcase_open(&c, "deltanet", 2, 2, 1);
    mcase_put(c.x.q, "1 0 1 1");
    mcase_put(c.x.k, "1 2 3 -1");
    mcase_put(c.x.v, "1 2");
    mcase_put(c.x.extra[0], "1/3 1/2");
    mcase_exact(&c);
    mcase_expect(c.w, "1/3 0 2/3 1", 4);
    mcase_expect(c.o, "1/3 8/3", 2);
    mcase_close(&c);
}

static void forms(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        mcase_same("gla", "gla:form=recurrent", 7, 4, 3, seed);
        mcase_same("deltanet", "deltanet:form=recurrent", 7, 4, 3, seed);
    }
}

/* q = k_0 = k_1 of squared length s, beta = 1, b: w_10 = s (1 - b s), at most s exactly when 0 <= b s <= 2 */
static void delta_step(void **state)
{
    static const struct {
        const char *beta;
        bool within;
    } cases[] = {{"1 0", true}, {"1 2/5", true}, {"1 41/100", false}, {"1 -1/100", false}};
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        mcase c;
        mpq_t s;
        mpq_init(s);
        mcase_open(&c, "deltanet", 2, 2, 1);
        mcase_put(c.x.q, "1 2 1 2");
        mcase_put(c.x.k, "1 2 1 2");
        mcase_put(c.x.extra[0], cases[k].beta);
        mcase_exact(&c);
        mpq_abs(s, c.w[2]);
        assert_int_equal(mpq_cmp_ui(s, 5, 1) <= 0, cases[k].within);
        mpq_clear(s);
        mcase_close(&c);
    }
}

/* the sum of the fine enclosures of a row, in t: [lo, hi] */
static void row_sum(sbx_ivf *t, const mcase *c, size_t i)
{
    assert_int_equal(sbx_ivf_set_si(t, 0, &c->ctx, NULL), SBX_OK);
    for (size_t j = 0; j < c->m; j++)
        assert_int_equal(sbx_ivf_add(t, t, &c->fw[i * c->m + j], &c->ctx, NULL), SBX_OK);
}

static void heads(void **state)
{
    static const struct {
        const char *name;
        double mass;
    } cases[] = {{"in-context", 0.0},
                 {"in-context:c=1:v=1", 1.0},
                 {"in-context:c=1,2,-3:v=1/2,1/4,-2", -1.25}};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        mcase c;
        sbx_ivf t;
        mcase_open(&c, cases[k].name, 5, 4, 2);
        sbx_ivf_init(&t, &c.ctx);
        mcase_fine(&c);
        for (size_t i = 0; i < 5; i++) {
            row_sum(&t, &c, i);
            assert_true(mpfr_cmp_d(t.lo, cases[k].mass) <= 0 &&
                        mpfr_cmp_d(t.hi, cases[k].mass) >= 0);
            mpfr_sub(t.hi, t.hi, t.lo, MPFR_RNDU);
            assert_true(mpfr_cmp_d(t.hi, 0x1p-200) < 0);
        }
        sbx_ivf_clear(&t);
        mcase_close(&c);
    }
    mcase_same("in-context:c=1:v=1", "softmax:scale=1", 6, 4, 3, 2);
    assert_int_equal(mcase_status("in-context:c=1,2:v=1"), SBX_ERR_ARG);
}

/* with the smaller half of W left out: exactly these scores; the change of a row is below that of its scores */
static void pruned(void **state)
{
    mcase a, b, c;
    mpq_t d, t, most;
    (void)state;
    mpq_inits(d, t, most, NULL);
    mcase_open(&a, "pruning:scale=1", 3, 2, 1);
    mcase_open(&b, "pruning:scale=1:sparsity=1/2", 3, 2, 1);
    mcase_open(&c, "pruning:scale=1", 3, 2, 1);
    mcase_put(a.x.extra[0], "1/2 -3 1/2 1/4");
    mcase_put(b.x.extra[0], "1/2 -3 1/2 1/4");
    mcase_put(c.x.extra[0], "1/2 -3 0 0"); /* of two that are equal the later goes */
    mcase_fine(&a);
    mcase_fine(&b);
    mcase_fine(&c);
    for (size_t k = 0; k < 9; k++) {
        assert_true(mpfr_lessequal_p(b.fw[k].lo, c.fw[k].hi));
        assert_true(mpfr_lessequal_p(c.fw[k].lo, b.fw[k].hi));
    }
    for (size_t i = 0; i < 3; i++) {
        double change = 0.0;
        mpq_set_ui(most, 0, 1);
        for (size_t j = 0; j < 3; j++) { /* D = q_1 (k_0 / 2 + k_1 / 4) */
            mpq_set_si(d, 1, 2);
            mpq_mul(d, d, a.x.k[2 * j]);
            mpq_set_si(t, 1, 4);
            mpq_mul(t, t, a.x.k[2 * j + 1]);
            mpq_add(d, d, t);
            mpq_mul(d, d, a.x.q[2 * i + 1]);
            mpq_abs(d, d);
            if (mpq_cmp(d, most) > 0) mpq_set(most, d);
            change += fabs(mpfr_get_d(a.fw[3 * i + j].lo, MPFR_RNDN) -
                           mpfr_get_d(b.fw[3 * i + j].lo, MPFR_RNDN));
        }
        assert_true(change > 0.0 && change <= mpq_get_d(most) * (1 - 1e-9));
    }
    mcase_close(&c);
    mcase_close(&b);
    mcase_close(&a);
    mpq_clears(d, t, most, NULL);
}

static void partitions(void **state)
{
    static const char *const eye = "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1";
    mcase a, b;
    (void)state;
    mcase_open(&a, "cpr:k=3", 6, 4, 2);
    mcase_open(&b, "softmax:scale=1", 6, 4, 2);
    for (size_t e = 2; e < 5; e++)
        mcase_put(a.x.extra[e], eye);
    mcase_fine(&a);
    mcase_fine(&b);
    mcase_meet(&a, &b);
    mcase_put(a.x.extra[4], "2 0 0 0 0 2 0 0 0 0 2 0 0 0 0 2"); /* the reranker's words change */
    mcase_fine(&a);
    assert_true(mpfr_less_p(a.fw[0].hi, b.fw[0].lo) || mpfr_less_p(b.fw[0].hi, a.fw[0].lo));
    mcase_close(&b);
    mcase_close(&a);
}

/* log p less its first column has rank at most d = 1: with three words and two contexts a 2 x 2 minor is 0 */
static void log_rank(void **state)
{
    mcase c;
    sbx_ivf l[4], t;
    (void)state;
    mcase_open(&c, "dropout:rate=1/4", 3, 1, 1);
    mcase_fine(&c);
    sbx_ivf_init(&t, &c.ctx);
    for (size_t k = 0; k < 4; k++) {
        sbx_ivf_init(&l[k], &c.ctx);
        assert_int_equal(
            sbx_ivf_div(&l[k], &c.fw[3 * (k / 2) + 1 + k % 2], &c.fw[3 * (k / 2)], &c.ctx, NULL),
            SBX_OK);
        assert_int_equal(sbx_ivf_log(&l[k], &l[k], &c.ctx, NULL), SBX_OK);
    }
    assert_int_equal(sbx_ivf_mul(&l[0], &l[0], &l[3], &c.ctx, NULL), SBX_OK);
    assert_int_equal(sbx_ivf_mul(&l[1], &l[1], &l[2], &c.ctx, NULL), SBX_OK);
    assert_int_equal(sbx_ivf_sub(&t, &l[0], &l[1], &c.ctx, NULL), SBX_OK);
    assert_true(mpfr_sgn(t.lo) <= 0 && mpfr_sgn(t.hi) >= 0);
    for (size_t k = 0; k < 4; k++)
        sbx_ivf_clear(&l[k]);
    sbx_ivf_clear(&t);
    mcase_close(&c);
}

static void dropout_of_none(void **state)
{
    static const char *const names[][2] = {{"dropout:rate=0", "softmax:scale=1"},
                                           {"dropout:rate=1/2", "softmax:scale=2"}};
    (void)state;
    for (size_t t = 0; t < 2; t++) {
        mcase a, b;
        mcase_open(&a, names[t][0], 5, 4, 2);
        mcase_open(&b, names[t][1], 5, 4, 2);
        for (size_t k = 0; k < 20; k++)
            mpq_set_ui(a.x.extra[0][k], 1, 1);
        mcase_fine(&a);
        mcase_fine(&b);
        mcase_meet(&a, &b);
        mcase_close(&b);
        mcase_close(&a);
    }
}

static void padding(void **state)
{
    mcase a, b;
    (void)state;
    mcase_open(&a, "dare:time=2", 4, 4, 2);
    mcase_put(a.x.extra[0], "0 1 0 1");
    mcase_fine(&a);
    for (size_t i = 0; i < 4; i++) {
        const sbx_ivf *const w = a.fw + 4 * i;
        assert_true(mpfr_sgn(w[1].lo) >= 0 && mpfr_cmp_d(w[1].hi, 1e-300) < 0);
        assert_true(mpfr_cmp_d(w[0].lo, 0.0) > 0);
    }
    mcase_close(&a);
    mcase_open(&a, "dare:time=0", 4, 4, 2);
    mcase_open(&b, "softmax", 4, 4, 2);
    mcase_fine(&a);
    mcase_fine(&b);
    mcase_meet(&a, &b);
    mcase_close(&a);
    mcase_open(&a, "dare:time=0:k=2", 4, 4, 2); /* the two greatest alone have weight */
    mcase_fine(&a);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++) {
            size_t greater = 0;
            for (size_t k = 0; k < 4; k++)
                greater += mpfr_greater_p(b.fw[4 * i + k].lo, b.fw[4 * i + j].hi) != 0;
            assert_int_equal(mpfr_sgn(a.fw[4 * i + j].hi) > 0, greater < 2);
        }
    mcase_close(&b);
    mcase_close(&a);
}

/* outputs between the least and the greatest of values and first state, but for the lstm gate */
static void state_hull(void **state)
{
    static const char *const gates[] = {"fixed", "full", "lstm"};
    (void)state;
    for (size_t g = 0; g < 3; g++) {
        char name[80];
        mcase c;
        size_t beyond = 0;
        (void)snprintf(name, sizeof name, "block-recurrent:gate=%s:block=2", gates[g]);
        mcase_open(&c, name, 8, 2, 2);
        for (size_t k = 0; k < 16; k++) /* all values and states in [1, 2] */
            mpq_set_ui(c.x.v[k], 4 + k % 5, 4);
        mcase_put(c.x.extra[0], "1 3/2 5/4 2");
        mcase_put(c.x.extra[3], "3 3"); /* both lstm gates nearly open */
        mcase_fine(&c);
        for (size_t k = 0; k < 16; k++)
            beyond += mpfr_cmp_ui(c.fo[k].hi, 1) < 0 || mpfr_cmp_ui(c.fo[k].lo, 2) > 0;
        if (g < 2) assert_int_equal(beyond, 0);
        if (g == 2) assert_true(beyond > 0);
        mcase_close(&c);
    }
}

/* one block of one state by hand: q = k = 0, so all weights are equal; gate sigmoid(0) = 1/2 */
static void state_by_hand(void **state)
{
    mcase c;
    (void)state;
    mcase_open(&c, "block-recurrent:states=1:block=2", 4, 1, 1);
    mcase_put(c.x.q, "0 0 0 0");
    mcase_put(c.x.k, "0 0 0 0");
    mcase_put(c.x.v, "1 2 3 4");
    mcase_put(c.x.extra[0], "6");
    mcase_put(c.x.extra[1], "1");
    mcase_put(c.x.extra[2], "1");
    mcase_put(c.x.extra[3], "0");
    mcase_fine(&c);
    /* (1 + 6)/2, (1 + 2 + 6)/3; state 6/2 + 3/2 / 2 = 15/4; (3 + 15/4)/2, (3 + 4 + 15/4)/3 */
    mcase_expect_fine(c.fo, &c.ctx, "7/2 3 27/8 43/12", 4);
    mcase_close(&c);
}

static void shift_by_hand(void **state)
{
    mcase c;
    (void)state;
    /* a grid of 2 x 2; channels: unmoved, from the left, the right, above, below */
    mcase_open(&c, "vast:width=2", 4, 1, 5);
    mcase_put(c.x.v, "1 2 3 4 5  6 7 8 9 10  11 12 13 14 15  16 17 18 19 20");
    mcase_put(c.x.extra[0], "1 1 1 1 1/2");
    mcase_put(c.x.extra[1], "0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 0 1");
    mcase_exact(&c);
    mcase_expect(c.o, "1 0 8 0 15/2  6 2 0 0 10  11 0 18 4 0  16 12 0 9 1", 20);
    mcase_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gla_by_hand),     cmocka_unit_test(deltanet_by_hand),
        cmocka_unit_test(forms),           cmocka_unit_test(delta_step),
        cmocka_unit_test(heads),           cmocka_unit_test(pruned),
        cmocka_unit_test(partitions),      cmocka_unit_test(log_rank),
        cmocka_unit_test(dropout_of_none), cmocka_unit_test(padding),
        cmocka_unit_test(state_hull),      cmocka_unit_test(state_by_hand),
        cmocka_unit_test(shift_by_hand)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
