/* test_verify.c -- verdicts known by hand: ties, strictness, conjunctions, mixed constraints,
 * empty boxes, refusals, limits, threads, memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdatomic.h>

#include "verify_nets.h"

/* y = relu(x0 + x1) - 2 relu(x0 + x1 - 1): exclusive or on the corners of the unit square */
static const mlp xor
    = {.layers = 2, .width = {2, 2, 1}, .A = {{1, 1, 1, 1}, {1, -2}}, .b = {{0, -1}, {0}}};

/* y = relu(x): one input */
static const mlp ramp = {.layers = 2, .width = {1, 1, 1}, .A = {{1}, {1}}, .b = {{0}, {0}}};

/* y = (x, 3 x) */
static const mlp line = {.layers = 1, .width = {1, 2}, .A = {{1, 3}}, .b = {{0, 0}}};

/* y = relu(x) - 2 relu(x - 0.375): its top, 0.375, is inside */
static const mlp tent = {
    .layers = 2, .width = {1, 2, 1}, .A = {{1, 1}, {1, -2}}, .b = {{0, -0.375}, {0}}};

static sbx_verdict verdict(const mlp *m, const sbx_property *p)
{
    sbx_verify_result r;
    const sbx_verify_opts o = {.max_nodes = 5000};
    const sbx_verdict v = judged(&r, m, p, &o);
    if (v == SBX_HOLDS) assert_true(r.bound >= 0.0);
    sbx_verify_result_clear(&r);
    return v;
}

/* one box [lo, hi]^inputs, one constraint: coef * Y_0 <= rhs */
static sbx_property *simple(size_t inputs, const char *lo, const char *hi, const char *coef,
                            const char *rhs, bool strict)
{
    sbx_property *const p = prop_new(inputs, 1);
    sbx_disjunct *const d = prop_case(p);
    for (size_t i = 0; i < inputs; i++)
        prop_side(d, i, lo, hi);
    prop_term(prop_con(d, strict, rhs), true, 0, coef);
    return p;
}

static void expect(sbx_verdict want, const mlp *m, sbx_property *p)
{
    const sbx_verdict v = verdict(m, p);
    if (v != want) fail_msg("%s, not %s", verdict_name(v), verdict_name(want));
    prop_free(p);
}

/* for a strict constraint at a tie: no bound with a rounding in it can tell */
static void expect_not(sbx_verdict bad, const mlp *m, sbx_property *p)
{
    const sbx_verdict v = verdict(m, p);
    if (v == bad) fail_msg("%s", verdict_name(v));
    prop_free(p);
}

/* [L-NET-10] [L-NET-33]: equality satisfies <= and not < */
static void a_tie_is_decided_exactly(void **unused)
{
    (void)unused;
    expect(SBX_VIOLATED, &ramp, simple(1, "-1", "2", "-1", "-2", false));    /* Y >= 2 */
    expect_not(SBX_VIOLATED, &ramp, simple(1, "-1", "2", "-1", "-2", true)); /* Y > 2  */
    expect(SBX_VIOLATED, &ramp, simple(1, "-1", "2", "1", "0", false));      /* Y <= 0 */
    expect_not(SBX_VIOLATED, &ramp, simple(1, "-1", "2", "1", "0", true));   /* Y < 0  */
    expect(SBX_VIOLATED, &xor, simple(2, "0", "1", "-1", "-1", false));      /* Y >= 1 */
    expect(SBX_VIOLATED, &tent, simple(1, "0", "1", "-8", "-3", false));     /* Y >= 3/8 */
}

/* the witness is 1/3, which is no double; the tie is found in rationals */
static void a_witness_may_be_no_double(void **unused)
{
    (void)unused;
    expect(SBX_VIOLATED, &ramp, simple(1, "0", "1/3", "-1", "-1/3", false));
    expect(SBX_VIOLATED, &ramp, simple(1, "1/3", "2/3", "3", "1", false));
}

static void margins_of_a_trillionth_hold(void **unused)
{
    (void)unused;
    expect(SBX_HOLDS, &ramp, simple(1, "-1", "2", "-1", "-2000000000001/1000000000000", false));
    expect(SBX_HOLDS, &ramp, simple(1, "-1", "2", "1", "-1/1000000000000", false));
    expect(SBX_HOLDS, &tent, simple(1, "0", "1", "-1", "-375000000001/1000000000000", false));
    expect(SBX_VIOLATED, &ramp, simple(1, "-1", "2", "-1", "-1999999999999/1000000000000", false));
}

/* needs splits: over the whole square the bounds are loose */
static void splitting_proves_the_xor(void **unused)
{
    (void)unused;
    expect(SBX_HOLDS, &xor, simple(2, "0", "1", "-1", "-11/10", false)); /* Y >= 1.1 */
    expect(SBX_HOLDS, &xor, simple(2, "0", "1", "1", "-1/100", false));  /* Y <= -0.01 */
    expect(SBX_HOLDS, &tent, simple(1, "0", "1", "1", "-251/1000", false));
}

/* Y_0 >= 1/2 and Y_1 <= c for y = (x, 3 x): both within reach, together only if c >= 3/2 */
static void a_conjunction_needs_one_point(void **unused)
{
    static const struct {
        const char *c;
        bool strict;
        sbx_verdict want;
    } row[] = {{"3/2", false, SBX_VIOLATED},
               {"3/2", true, SBX_HOLDS},
               {"149/100", false, SBX_HOLDS},
               {"2", true, SBX_VIOLATED}};
    (void)unused;
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        sbx_property *const p = prop_new(1, 2);
        sbx_disjunct *const d = prop_case(p);
        prop_side(d, 0, "0", "1");
        prop_term(prop_con(d, false, "-1/2"), true, 0, "-1");
        prop_term(prop_con(d, row[k].strict, row[k].c), true, 1, "1");
        if (k ==
            1) { /* strict at the tie: never refuted around x = 1/2, and never a wrong verdict */
            const sbx_verdict v = verdict(&line, p);
            assert_true(v == SBX_HOLDS || v == SBX_VERDICT_UNKNOWN);
            prop_free(p);
        } else {
            expect(row[k].want, &line, p);
        }
    }
}

/* Y_0 = s >= 1.1 and Y_1 = s + relu(x0 - x1) <= 1 for s = x0 + x1: neither is refuted on the
 * square, and each cuts off no more than a corner; their sum is, in one box */
static void a_conjunction_is_refuted_at_once(void **unused)
{
    static const mlp m = {
        .layers = 2, .width = {2, 2, 2}, .A = {{1, 1, 1, -1}, {1, 0, 1, 1}}, .b = {{0, 0}, {0, 0}}};
    sbx_property *const p = prop_new(2, 2);
    sbx_disjunct *const d = prop_case(p);
    sbx_verify_result r;
    const sbx_verify_opts o = {.max_nodes = 1};
    (void)unused;
    prop_side(d, 0, "0", "1");
    prop_side(d, 1, "0", "1");
    prop_term(prop_con(d, false, "-11/10"), true, 0, "-1");
    prop_term(prop_con(d, false, "1"), true, 1, "1");
    assert_int_equal(judged(&r, &m, p, &o), SBX_HOLDS);
    assert_int_equal(r.nodes, 1);
    sbx_verify_result_clear(&r);
    prop_free(p);
}

static void each_disjunct_counts(void **unused)
{
    (void)unused;
    for (size_t bad = 0; bad < 4; bad++) { /* which of three disjuncts can be satisfied; 3: none */
        sbx_property *const p = prop_new(1, 1);
        sbx_verify_result r;
        for (size_t k = 0; k < 3; k++) {
            sbx_disjunct *const d = prop_case(p);
            prop_side(d, 0, k == 1 ? "0" : "-1", "1"); /* the first and the last share a box */
            prop_term(prop_con(d, false, k == bad ? "-3/4" : "-2"), true, 0, "-1");
        }
        assert_int_equal(judged(&r, &ramp, p, NULL), bad < 3 ? SBX_VIOLATED : SBX_HOLDS);
        if (bad < 3)
            assert_int_equal(r.disjunct, bad);
        else
            assert_int_equal(r.nodes, 2); /* one bound computation a box */
        sbx_verify_result_clear(&r);
        prop_free(p);
    }
}

/* y = (a wide tent, a needle of width 2^-20 elsewhere): the first disjunct needs splits and is
 * refuted; the other one is satisfied in the needle alone, where no attack goes. */
static void no_open_disjunct_is_forgotten(void **unused)
{
    static const double w = 0x1p-20, at = 0.7109375 + 0x1p-18;
    const mlp m = {.layers = 2,
                   .width = {1, 6, 2},
                   .A = {{1, 1, 1, 1, 1, 1}, {1, -2, 1, 0, 0, 0, 0, 0, 0, 1 / w, -2 / w, 1 / w}},
                   .b = {{-0.125, -0.3, -0.475, w - at, -at, -w - at}, {0, 0}}};
    (void)unused;
    for (int last = 0; last < 2; last++) { /* whichever is looked at first */
        sbx_property *const p = prop_new(1, 2);
        for (int k = 0; k < 2; k++) {
            sbx_disjunct *const d = prop_case(p);
            prop_side(d, 0, "0", "1");
            if (k == last)
                prop_term(prop_con(d, false, "-3/4"), true, 1, "-1");
            else
                prop_term(prop_con(d, false, "-1751/10000"), true, 0, "-1"); /* top: 0.175 */
        }
        expect(SBX_VIOLATED, &m, p);
    }
}

/* [L-NET-32] */
static void nothing_satisfies_an_empty_box(void **unused)
{
    sbx_property *p = prop_new(1, 1);
    sbx_verify_result r;
    (void)unused;
    assert_int_equal(judged(&r, &ramp, p, NULL), SBX_HOLDS); /* no disjunct */
    assert_non_null(strstr(r.reason, "no disjunct"));
    sbx_verify_result_clear(&r);
    prop_side(prop_case(p), 0, "1/3", "333333333333333333/1000000000000000000");
    assert_int_equal(judged(&r, &ramp, p, NULL), SBX_HOLDS); /* by 1e-18/3, and no constraint */
    assert_non_null(strstr(r.reason, "empty"));
    sbx_verify_result_clear(&r);
    prop_side(prop_case(p), 0, "1/3", "1/3");
    assert_int_equal(judged(&r, &ramp, p, NULL),
                     SBX_VIOLATED); /* a point; nothing is asked of it */
    assert_int_equal(r.disjunct, 1);
    assert_true(mpq_cmp_ui(r.x[0], 1, 3) == 0);
    sbx_verify_result_clear(&r);
    prop_free(p);
}

static sbx_property *mixed(bool strict, const char *rhs, const char *y, const char *x,
                           const char *x1)
{
    sbx_property *const p = prop_new(2, 1);
    sbx_disjunct *const d = prop_case(p);
    sbx_constraint *const c = prop_con(d, strict, rhs);
    prop_side(d, 0, "0", "1");
    prop_side(d, 1, "0", "1");
    if (y) prop_term(c, true, 0, y);
    prop_term(c, false, 0, x);
    prop_term(c, false, 1, x1);
    return p;
}

static void constraints_on_inputs_are_sound(void **unused)
{
    (void)unused;
    expect(SBX_HOLDS, &xor, mixed(false, "-1/1000", NULL, "1", "1"));  /* x0 + x1 <= -0.001 */
    expect(SBX_HOLDS, &xor, mixed(true, "0", NULL, "1", "1"));         /* x0 + x1 < 0 */
    expect(SBX_VIOLATED, &xor, mixed(false, "0", NULL, "1", "1"));     /* <= 0: the corner */
    expect(SBX_HOLDS, &xor, mixed(false, "-1/3", NULL, "1/7", "1/3")); /* inexact coefficients */
    expect(SBX_VIOLATED, &xor, mixed(false, "-1", NULL, "-1/3", "-2/3"));
    expect(SBX_HOLDS, &xor, mixed(false, "-1/100", "1", "1", "1"));  /* Y + x0 + x1 <= -0.01 */
    expect(SBX_VIOLATED, &xor, mixed(false, "-2", "-1", "-1", "0")); /* Y + x0 >= 2: (1, 0) */
    expect(SBX_HOLDS, &xor, mixed(false, "-21/10", "-1", "-1", "0"));
    expect(SBX_VIOLATED, &xor, mixed(false, "-2/3", "-1/3", "-1/3", "0")); /* thirds */
}

static void terms_of_one_variable_are_added(void **unused)
{
    sbx_property *const p = simple(1, "0", "1", "2", "-1/2", false);
    (void)unused;
    prop_term(&p->disjunct[0].constraint[0], true, 0, "-3"); /* 2 Y - 3 Y <= -1/2 */
    expect(SBX_VIOLATED, &ramp, p);
}

static void other_shapes_are_refused(void **unused)
{
    sbx_property *const p = prop_new(1, 1), *const q = prop_new(2, 3), *const u = prop_new(2, 1);
    sbx_net *const net = mlp_net(&xor);
    sbx_verify_result r;
    (void)unused;
    assert_status(SBX_ERR_ARG, sbx_verify(&r, net, p, NULL, err));
    assert_string_equal(test_err.msg, "the property declares 1 inputs, the network has 2");
    assert_status(SBX_ERR_ARG, sbx_verify(&r, net, q, NULL, err));
    assert_string_equal(test_err.msg, "the property declares 3 outputs, the network has 1");
    prop_term(prop_con(prop_case(u), false, "0"), true, 1, "1");
    assert_status(SBX_ERR_ARG, sbx_verify(&r, net, u, NULL, err));
    assert_non_null(strstr(test_err.msg, "Y_1"));
    assert_int_equal(r.verdict, SBX_VERDICT_UNKNOWN);
    sbx_net_free(net);
    prop_free(p);
    prop_free(q);
    prop_free(u);
}

/* a box end beyond the doubles has no bound: unknown, unless a coefficient does */
static void numbers_beyond_the_doubles_are_unknown(void **unused)
{
    char big[402] = "1";
    sbx_property *p;
    (void)unused;
    memset(big + 1, '0', 400);
    p = simple(1, "0", big, "1", "-1", false);
    expect(SBX_VERDICT_UNKNOWN, &ramp, p);
    expect(SBX_VERDICT_UNKNOWN, &ramp, simple(1, "1", "2", big, "-1", false));
    expect(SBX_VIOLATED, &ramp, simple(1, "0", "1", "1", big, false)); /* Y <= 1e400 */
    big[0] = '-';
    big[1] = '1';
    expect(SBX_HOLDS, &ramp, simple(1, "0", "1", "1", big, false)); /* Y <= -1e399 */
}

/* x = 1/3 is no double: 3 x = 1 cannot be told in doubles, and is decided in rationals */
static void a_point_that_is_no_double(void **unused)
{
    (void)unused;
    for (int strict = 0; strict < 2; strict++) {
        sbx_property *const p = prop_new(1, 2);
        sbx_disjunct *const d = prop_case(p);
        prop_side(d, 0, "1/3", "1/3");
        prop_term(prop_con(d, strict, "-1"), true, 1, "-1"); /* 3 x >= 1, 3 x > 1 */
        expect(strict ? SBX_HOLDS : SBX_VIOLATED, &line, p); /* [L-NET-91] */
    }
}

/* ends that are no doubles: the least and the greatest of 3 x over [1/3, 2/3] are ties, which rational
 * intervals decide; with more cases of one point, each is looked at */
static void ties_at_ends_that_are_no_doubles(void **unused)
{
    static const struct {
        const char *coef, *rhs;
    } side[] = {{"1", "1"}, {"-1", "-2"}}; /* 3 x < 1, 3 x > 2 */
    (void)unused;
    for (size_t k = 0; k < 2; k++)
        for (int strict = 0; strict < 2; strict++) {
            sbx_property *const p = prop_new(1, 2);
            sbx_disjunct *const d = prop_case(p);
            prop_side(d, 0, "1/3", "2/3");
            prop_term(prop_con(d, strict, side[k].rhs), true, 1, side[k].coef);
            expect(strict ? SBX_HOLDS : SBX_VIOLATED, &line, p);
        }
    for (int last = 0; last < 2; last++) {
        sbx_property *const p = prop_new(1, 2);
        for (int k = 0; k < 6; k++) {
            sbx_disjunct *const d = prop_case(p);
            prop_side(d, 0, "1/3", "1/3");
            prop_term(prop_con(d, k < 5 || !last, "1"), true, 1, "1"); /* 3 x < 1; the last: <= */
        }
        expect(last ? SBX_VIOLATED : SBX_HOLDS, &line, p);
    }
}

/* Random networks at random rational points, and thresholds that their outputs meet exactly. */
static void points_are_always_decided(void **unused)
{
    uint64_t r = test_seed();
    (void)unused;
    for (long round = test_rounds(300); round > 0; round--) {
        mlp m = {.layers = 3, .width = {2, 5, 4, 2}};
        sbx_property *const p = prop_new(2, 2);
        sbx_disjunct *const d = prop_case(p);
        const int by = (int)(sbx_rng(&r) % 3) - 1; /* the threshold below, at, above the output */
        const bool strict = sbx_rng(&r) % 2;
        char text[2][32], *rhs;
        mpq_t x[2], y[MLP_WIDTH], t;
        mpq_inits(x[0], x[1], t, NULL);
        for (size_t i = 0; i < MLP_WIDTH; i++)
            mpq_init(y[i]);
        for (size_t k = 0; k < m.layers; k++)
            for (size_t i = 0; i < MLP_WIDTH * MLP_WIDTH; i++) {
                m.A[k][i] = (double)(float)test_uniform(&r, -1.0, 1.0);
                if (i < MLP_WIDTH) m.b[k][i] = (double)(float)test_uniform(&r, -0.5, 0.5);
            }
        for (size_t i = 0; i < 2; i++) {
            (void)snprintf(text[i], sizeof text[i], "%d/%d", (int)(sbx_rng(&r) % 199) - 99,
                           1 + 2 * (int)(sbx_rng(&r) % 50));
            assert_int_equal(mpq_set_str(x[i], text[i], 10), 0);
            mpq_canonicalize(x[i]);
            prop_side(d, i, text[i], text[i]);
        }
        mlp_exact(y, &m, (const mpq_t *)x);
        mpq_set_si(t, by, 1);
        mpq_div_2exp(t, t, 90);
        mpq_add(t, t, y[0]);
        rhs = mpq_get_str(NULL, 10, t);
        prop_term(prop_con(d, strict, rhs), true, 0, "1"); /* y <= t, y < t */
        expect(by > 0 || (by == 0 && !strict) ? SBX_VIOLATED : SBX_HOLDS, &m, p);
        free(rhs);
        for (size_t i = 0; i < MLP_WIDTH; i++)
            mpq_clear(y[i]);
        mpq_clears(x[0], x[1], t, NULL);
    }
}

static void one_pass_does_not_split(void **unused)
{
    sbx_property *const p = simple(2, "-1", "1", "-1", "-101/100", false);
    sbx_verify_result r;
    (void)unused;
    for (int m = SBX_VERIFY_IBP; m <= SBX_VERIFY_CROWN; m++) {
        const sbx_verify_opts o = {.method = (sbx_verify_method)m};
        assert_int_equal(judged(&r, &xor, p, &o), SBX_VERDICT_UNKNOWN);
        assert_int_equal(r.nodes, 1);
        assert_true(r.bound < 0.0);
        assert_non_null(strstr(r.why.help, "--method auto"));
        sbx_verify_result_clear(&r);
    }
    prop_free(p);
}

static void limits_are_kept(void **unused)
{
    sbx_property *const p = simple(2, "-1", "1", "-1", "-1001/1000", false);
    sbx_verify_result r;
    (void)unused;
    for (size_t n = 1; n < 80; n += 13) {
        const sbx_verify_opts o = {.max_nodes = n, .threads = 2};
        assert_int_equal(judged(&r, &xor, p, &o), SBX_VERDICT_UNKNOWN);
        assert_int_equal(r.nodes, n);
        assert_true(r.bound < 0.0 && r.bound > -2.0);
        assert_non_null(strstr(r.reason, "as many boxes as allowed"));
        assert_non_null(strstr(r.why.help, "refuted"));
        assert_true(r.why.gap == -r.bound && r.why.disjunct == 0 && r.why.constraint == 0);
        assert_true(r.why.known && r.why.node == 1 && r.why.element == 1); /* as in test_slack */
        assert_true(fabs(r.why.slack - 2.0) < 1e-9 && fabs(r.why.element_slack - 2.0) < 1e-9);
        sbx_verify_result_clear(&r);
    }
    prop_free(p);
}

static int count_down(void *left) { return atomic_fetch_sub((atomic_int *)left, 1) <= 0; }

static void it_stops_when_asked(void **unused)
{
    sbx_property *const p = simple(2, "-1", "1", "-1", "-10001/10000", false);
    sbx_verify_result r;
    (void)unused;
    for (int n = 0; n < 3000; n = 2 * n + 1) {
        atomic_int left = n;
        const sbx_verify_opts o = {.stop = count_down, .stop_arg = &left};
        assert_int_equal(judged(&r, &xor, p, &o), SBX_TIMEOUT);
        assert_non_null(strstr(r.reason, "stopped "));
        assert_true(r.bound < 0.0);
        assert_true(left > -40); /* asked and obeyed at once */
        sbx_verify_result_clear(&r);
    }
    prop_free(p);
}

static size_t seen_nodes, seen_calls;
static void watch(void *arg, size_t nodes, size_t open, double best)
{
    assert_ptr_equal(arg, &seen_calls);
    assert_true(nodes >= seen_nodes && open < 100000 && best <= 0.1);
    seen_nodes = nodes;
    seen_calls++;
}

/* the whole result, not the verdict alone */
static void threads_do_not_change_the_result(void **unused)
{
    static const char *const rhs[] = {"-11/10", "-101/100", "-1", "-9/10"};
    (void)unused;
    for (size_t k = 0; k < sizeof rhs / sizeof *rhs; k++) {
        sbx_property *const p = simple(2, "-1", "1", "-1", rhs[k], false);
        sbx_verify_result r[3];
        for (unsigned t = 0; t < 3; t++) {
            const sbx_verify_opts o = {.threads = t + 1,
                                       .max_nodes = 20000,
                                       .progress = t == 0 ? watch : NULL,
                                       .progress_arg = &seen_calls};
            seen_nodes = 0;
            (void)judged(&r[t], &xor, p, &o);
            assert_int_equal(r[t].verdict, r[0].verdict);
            assert_int_equal(r[t].nodes, r[0].nodes);
            assert_memory_equal(&r[t].bound, &r[0].bound, sizeof r[0].bound);
            assert_string_equal(r[t].reason, r[0].reason);
            assert_string_equal(r[t].why.help, r[0].why.help);
            assert_memory_equal(&r[t].why.slack, &r[0].why.slack, sizeof r[0].why.slack);
            for (size_t i = 0; i < r[t].n_x; i++)
                assert_true(mpq_equal(r[t].x[i], r[0].x[i]));
        }
        for (unsigned t = 0; t < 3; t++)
            sbx_verify_result_clear(&r[t]);
        prop_free(p);
    }
    assert_true(seen_calls > 0);
}

/* every allocation fails once: no verdict, no leak */
static void no_memory_is_no_verdict(void **unused)
{
    static const char *const rhs[] = {"-1", "-101/100"};
    (void)unused;
    for (size_t k = 0; k < 2; k++) {
        sbx_property *const p = simple(2, "-1", "1", "-1", rhs[k], false);
        sbx_net *const net = mlp_net(&xor);
        const long before = sbx_alloc_live();
        long n = 0;
        for (;; n += 1 + n / 64) {
            atomic_int left = 200; /* the long attack, in short */
            const sbx_verify_opts o = {.max_nodes = 5,
                                       .threads = 1 + (unsigned)(n % 2),
                                       .stop = count_down,
                                       .stop_arg = &left};
            sbx_verify_result r;
            sbx_status st;
            sbx_alloc_fail_after(n);
            st = sbx_verify(&r, net, p, &o, err);
            sbx_alloc_fail_after(-1);
            if (st == SBX_OK) {
                assert_int_equal(r.verdict, k == 0 ? SBX_VIOLATED : SBX_TIMEOUT);
                sbx_verify_result_clear(&r);
                if (o.threads == 2) continue; /* the order of allocations is not fixed: once more */
                break;
            }
            assert_int_equal(st, SBX_ERR_NOMEM);
            assert_int_equal(r.verdict, SBX_VERDICT_UNKNOWN);
            assert_null(r.x);
            assert_int_equal(sbx_alloc_live(), before);
        }
        assert_true(n > 10);
        assert_int_equal(sbx_alloc_live(), before);
        sbx_net_free(net);
        prop_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tie_is_decided_exactly),
        cmocka_unit_test(a_witness_may_be_no_double),
        cmocka_unit_test(margins_of_a_trillionth_hold),
        cmocka_unit_test(splitting_proves_the_xor),
        cmocka_unit_test(a_conjunction_needs_one_point),
        cmocka_unit_test(a_conjunction_is_refuted_at_once),
        cmocka_unit_test(each_disjunct_counts),
        cmocka_unit_test(no_open_disjunct_is_forgotten),
        cmocka_unit_test(nothing_satisfies_an_empty_box),
        cmocka_unit_test(constraints_on_inputs_are_sound),
        cmocka_unit_test(terms_of_one_variable_are_added),
        cmocka_unit_test(other_shapes_are_refused),
        cmocka_unit_test(numbers_beyond_the_doubles_are_unknown),
        cmocka_unit_test(a_point_that_is_no_double),
        cmocka_unit_test(ties_at_ends_that_are_no_doubles),
        cmocka_unit_test(points_are_always_decided),
        cmocka_unit_test(one_pass_does_not_split),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(it_stops_when_asked),
        cmocka_unit_test(threads_do_not_change_the_result),
        cmocka_unit_test(no_memory_is_no_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
