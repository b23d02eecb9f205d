/* test_verify_stop.c -- an end can be asked for at every point of the work: planning, bounds,
 * attacks, exact evaluation. It comes at once, and nothing half-way is taken for a proof
 * [L-NET-08] [L-NET-10].
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdatomic.h>

#include "search/plan.h"
#include "search/prove.h"
#include "search/sort.h"

#include "verify_nets.h"

static int count_down(void *left) { return atomic_fetch_sub((atomic_int *)left, 1) <= 0; }

/* y = relu(x0 + x1) - 2 relu(x0 + x1 - 1) */
static const mlp tent = {
    .layers = 2, .width = {2, 2, 1}, .A = {{1, 1, 1, 1}, {1, -2}}, .b = {{0, -1}, {0}}};

/* n disjuncts of different boxes, Y >= rhs in each */
static sbx_property *many(size_t n, const char *rhs)
{
    sbx_property *const p = prop_new(2, 1);
    for (size_t k = 0; k < n; k++) {
        sbx_disjunct *const d = prop_case(p);
        char hi[32];
        (void)snprintf(hi, sizeof hi, "%zu/1000", 1000 - 10 * ((7 * k) % n));
        prop_side(d, 0, "0", hi);
        prop_side(d, 1, "0", "1");
        prop_term(prop_con(d, false, rhs), true, 0, "-1");
    }
    return p;
}

static void every_point(size_t disjuncts, const char *rhs, size_t least)
{
    sbx_property *const p = many(disjuncts, rhs);
    sbx_verify_result r;
    size_t in_plan = 0, in_search = 0;
    for (int n = 0;; n += 1 + n / 50) {
        atomic_int left = n;
        const sbx_verify_opts o = {
            .stop = count_down, .stop_arg = &left, .threads = 1 + (unsigned)(n % 2)};
        const sbx_verdict v = judged(&r, &tent, p, &o);
        if (v == SBX_HOLDS) { /* it was told to stop once at most: after the last proof */
            sbx_verify_result_clear(&r);
            assert_true(left >= -1);
            break;
        }
        assert_int_equal(v, SBX_TIMEOUT);
        assert_true(r.bound < 0.0);
        assert_true(left > -40); /* asked no more than once by every job of a round */
        if (strstr(r.reason, "prepared"))
            in_plan++;
        else
            in_search += strstr(r.reason, "stopped after") != NULL;
        sbx_verify_result_clear(&r);
    }
    assert_true(in_plan >= least && in_search >= least);
    prop_free(p);
}

static void at_every_point(void **unused)
{
    (void)unused;
    every_point(40, "-9/8", 50); /* Y >= 9/8: never, and splits are needed */
    every_point(1, "-3", 2);     /* refuted by its first bounds */
}

/* after a run that was stopped the next one is as if it had not been */
static void bounds(void **unused)
{
    const double C[1] = {-1.0};
    const sbx_ivd box[2] = {{0.0, 1.0}, {0.25, 1.0}};
    sbx_net *const net = mlp_net(&tent);
    sbx_bounder *b;
    double lo, want;
    int n = 0;
    (void)unused;
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, &want, box, C, 1, SBX_BOUND_CROWN, err));
    for (;; n++) {
        atomic_int left = n;
        sbx_status st;
        sbx_bounder_stop_by(b, count_down, &left);
        st = sbx_bounder_run(b, &lo, box, C, 1, SBX_BOUND_CROWN, err);
        if (st == SBX_OK) break;
        assert_int_equal(st, SBX_ERR_STOPPED);
    }
    assert_true(n >= 6); /* three nodes forward; three backward for the row alone */
    assert_true(lo == want);
    sbx_bounder_free(b);
    sbx_net_free(net);
}

static void exact_evaluation(void **unused)
{
    static const double at[2] = {0.5, 0.5};
    sbx_net *const net = mlp_net(&tent);
    sbx_property *const p = many(1, "-1"); /* Y >= 1: only in the middle, a tie */
    sbx_prover w;
    sbx_truth t;
    int stops = 0;
    (void)unused;
    assert_ok(sbx_prover_init(&w, net, p, err));
    for (int n = 0;; n++) {
        atomic_int left = n;
        w.stop = count_down;
        w.stop_arg = &left;
        assert_ok(sbx_prover_try(&t, &w, 0, at, err));
        if (t == SBX_TRUE) break;
        assert_int_equal(t, SBX_UNKNOWN);
        assert_true(left > -8);
        stops++;
    }
    assert_true(stops >= 9); /* three nodes in each of three systems, and their rows */
    sbx_prover_clear(&w);
    prop_free(p);
    sbx_net_free(net);
}

static int compared;
static int by_tens(const void *a, const void *b)
{
    const int x = *(const int *)a / 10, y = *(const int *)b / 10;
    compared++;
    return (x > y) - (x < y);
}

static void sorting(void **unused)
{
    uint64_t s = test_seed();
    int a[1000];
    (void)unused;
    for (size_t n = 0; n <= 1000; n += 1 + n / 3) {
        atomic_int left = n % 2 ? 1 << 30 : 3;
        const sbx_ctx ctx = {.prec = 53, .stop = count_down, .stop_arg = &left};
        long sum = 0, is = 0;
        sbx_status st;
        for (size_t k = 0; k < n; k++)
            sum += a[k] = (int)(sbx_rng(&s) % 60 * 10 + (k < 500 ? k / 50 : 9)); /* unit: age */
        compared = 0;
        st = sbx_sort(a, n, sizeof *a, by_tens, &ctx, err);
        for (size_t k = 0; k < n; k++)
            is += a[k];
        assert_true(is == sum); /* none lost, none twice, as far as a sum tells */
        assert_int_equal(st, left < 0 ? SBX_ERR_STOPPED : SBX_OK);
        if (left < 0) assert_true(compared <= 64 * 4);
        for (size_t k = 1; left >= 0 && k < n; k++)
            assert_true(a[k - 1] <= a[k]); /* by tens, and by age in those */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_every_point),
        cmocka_unit_test(bounds),
        cmocka_unit_test(exact_evaluation),
        cmocka_unit_test(sorting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
