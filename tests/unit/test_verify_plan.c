/* test_verify_plan.c -- the doubles that stand for a property, against rationals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/round.h"
#include "search/clip.h"
#include "search/plan.h"
#include "search/region.h"

#include "verify_nets.h"

/* a rational near a double: at it, a little beside it, or halfway to the next */
static void q_near(mpq_t q, double v, uint64_t *s)
{
    mpq_t t;
    mpq_init(t);
    mpq_set_d(q, v);
    mpq_set_d(t, sbx_next_up(v));
    mpq_sub(t, t, q);
    mpz_mul_ui(mpq_denref(t), mpq_denref(t), 1000);
    mpz_mul_ui(mpq_numref(t), mpq_numref(t), sbx_rng(s) % 3 == 0 ? 0 : sbx_rng(s) % 1001);
    mpq_canonicalize(t);
    mpq_add(q, q, t);
    mpq_clear(t);
}

static double any_double(uint64_t *s)
{
    const int e = (int)(sbx_rng(s) % 2097) - 1074; /* -1074 .. 1022 */
    const double m = sbx_rng(s) % 2 ? 1.0 : 1.0 + sbx_rng_unit(s);
    return ldexp(sbx_rng(s) % 2 ? m : -m, sbx_rng(s) % 2 ? e : (int)(sbx_rng(s) % 8) - 4);
}

static void enclosures_are_the_neighbours(void **unused)
{
    const long rounds = test_rounds(20000);
    mpq_t q, t;
    (void)unused;
    mpq_inits(q, t, NULL);
    for (long k = 0; k < rounds; k++) {
        uint64_t s = test_seed() + (uint64_t)k;
        double lo, hi;
        q_near(q, any_double(&s), &s);
        sbx_plan_enclose(&lo, &hi, q);
        mpq_set_d(t, lo);
        assert_true(mpq_cmp(t, q) <= 0);
        if (mpq_equal(t, q))
            assert_true(hi <= lo && hi >= lo);
        else {
            assert_true(hi >= sbx_next_up(lo) && hi <= sbx_next_up(lo));
            mpq_set_d(t, hi);
            assert_true(mpq_cmp(t, q) > 0);
        }
    }
    assert_int_equal(mpq_set_str(q, "1/3", 10), 0);
    for (int neg = 0; neg < 2; neg++) { /* beyond: 2^1024 / 3 * 4 */
        double lo, hi;
        mpq_mul_2exp(t, q, 1026);
        if (neg) mpq_neg(t, t);
        sbx_plan_enclose(&lo, &hi, t);
        if (neg)
            assert_true(lo < -DBL_MAX && hi >= -DBL_MAX && hi <= -DBL_MAX);
        else
            assert_true(hi > DBL_MAX && lo >= DBL_MAX && lo <= DBL_MAX);
        mpq_div_2exp(t, q, 2000);
        if (neg) mpq_neg(t, t);
        sbx_plan_enclose(&lo, &hi, t);
        assert_true(neg ? lo >= -SBX_ETA && lo < 0 && !(hi < 0) && !(hi > 0)
                        : hi <= SBX_ETA && hi > 0 && !(lo < 0) && !(lo > 0));
    }
    mpq_clears(q, t, NULL);
}

/* [L-NET-31] */
static void refutation_is_the_exact_comparison(void **unused)
{
    const long rounds = test_rounds(20000);
    mpq_t q, t;
    (void)unused;
    mpq_inits(q, t, NULL);
    for (long k = 0; k < rounds; k++) {
        uint64_t s = test_seed() + (uint64_t)k;
        const double v = any_double(&s);
        const uint64_t step = sbx_rng(&s) % 3;
        const double near = step == 0 ? v : step == 1 ? sbx_next_up(v) : sbx_next_down(v);
        sbx_plan_con c = {0};
        q_near(q, v, &s);
        sbx_plan_enclose(&c.below, &c.above, q);
        mpq_set_d(t, near);
        assert_int_equal(sbx_plan_refutes(&c, near), mpq_cmp(t, q) > 0);
        c.strict = true;
        assert_int_equal(sbx_plan_refutes(&c, near), mpq_cmp(t, q) >= 0);
        assert_false(sbx_plan_refutes(&c, (double)NAN));
        assert_false(sbx_plan_refutes(&c, -HUGE_VAL));
    }
    mpq_clears(q, t, NULL);
}

/* [L-NET-34]: for y in its bounds and x in its box, exactly */
static void lower_bounds_of_constraints_are_proved(void **unused)
{
    const long rounds = test_rounds(4000);
    mpq_t sum, t, v;
    (void)unused;
    mpq_inits(sum, t, v, NULL);
    for (long k = 0; k < rounds; k++) {
        uint64_t s = test_seed() + (uint64_t)k;
        sbx_property *const p = prop_new(2, 2);
        sbx_disjunct *const d = prop_case(p);
        sbx_constraint *const c = prop_con(d, false, "0");
        sbx_ivd y[2], box[2];
        double at[4], lo = 0.0, row_min = 0.0;
        sbx_plan plan;
        for (size_t i = 0; i < 4; i++) {
            const double u = draw(&s, 3.0, 40), w = draw(&s, 3.0, 40);
            sbx_ivd *const b = i < 2 ? &y[i] : &box[i - 2];
            *b = (sbx_ivd){u < w ? u : w, u < w ? w : u};
            at[i] = sbx_rng(&s) % 2 ? b->lo : b->hi;
            if (sbx_rng(&s) % 4 == 0) continue; /* absent */
            prop_term(c, i < 2, i % 2, "1");
            q_near(c->term[c->n_terms - 1].coef, any_double(&s), &s);
            if (fabs(mpq_get_d(c->term[c->n_terms - 1].coef)) > 1e300)
                mpq_set_si(c->term[c->n_terms - 1].coef, 1, 3);
        }
        mpq_set_ui(sum, 0, 1);
        for (size_t i = 0; i < c->n_terms; i++) {
            mpq_set_d(v, at[c->term[i].var + (c->term[i].is_output ? 0 : 2)]);
            mpq_mul(t, c->term[i].coef, v);
            mpq_add(sum, sum, t);
        }
        assert_ok(sbx_plan_make(&plan, p, NULL, err));
        assert_int_equal(plan.n_groups, 1);
        if (plan.n_rows) { /* a bound of the row: its corner, in doubles rounded down */
            for (size_t j = 0; j < 2; j++) {
                const double r = plan.row[j];
                row_min = sbx_add_lo(row_min, sbx_mul_lo(r, r > 0 ? y[j].lo : y[j].hi));
            }
        }
        lo = sbx_plan_lower(&plan, &plan.cases[0].con[0], row_min, y, box);
        if (lo > -HUGE_VAL) {
            mpq_set_d(t, lo);
            if (mpq_cmp(t, sum) > 0)
                fail_msg("no lower bound: SBX_SEED=%llu",
                         (unsigned long long)(test_seed() + (uint64_t)k));
        }
        sbx_plan_clear(&plan);
        prop_free(p);
    }
    mpq_clears(sum, t, v, NULL);
}

/* [L-NET-35]: no point of the box that satisfies the constraint is cut off; and something is */
static void clipping_keeps_every_solution(void **unused)
{
    const long rounds = test_rounds(4000);
    long cut = 0, none = 0;
    mpq_t sum, t, v;
    (void)unused;
    mpq_inits(sum, t, v, NULL);
    for (long k = 0; k < rounds; k++) {
        uint64_t s = test_seed() + (uint64_t)k;
        sbx_ivd box[3], was[3];
        double g[3], x[3], beta = draw(&s, 2.0, 50), rhs = draw(&s, 3.0, 50);
        bool some;
        for (size_t i = 0; i < 3; i++) {
            const double u = draw(&s, 3.0, 50), w = draw(&s, 3.0, 50);
            was[i] = box[i] = (sbx_ivd){u < w ? u : w, u < w ? w : u};
            g[i] = sbx_rng(&s) % 5 == 0 ? 0.0 : draw(&s, 2.0, 50);
        }
        if (sbx_rng(&s) % 4 == 0) { /* the least value itself, about: ties at a corner */
            rhs = beta;
            for (size_t i = 0; i < 3; i++)
                rhs += g[i] * (g[i] > 0.0 ? box[i].lo : box[i].hi);
        }
        some = sbx_clip_affine(box, 3, g, beta, rhs);
        none += !some;
        for (int n = 0; n < 30; n++) {
            bool in = some;
            mpq_set_d(sum, beta);
            for (size_t i = 0; i < 3; i++) {
                const uint64_t r =
                    sbx_rng(&s) % 8; /* often at an end of either box, or beside it */
                const double e = r % 2 ? box[i].lo : box[i].hi;
                x[i] = r == 0   ? was[i].lo
                       : r == 1 ? was[i].hi
                       : r < 4  ? e
                       : r < 6  ? (r % 2 ? sbx_next_down(e) : sbx_next_up(e))
                                : test_uniform(&s, was[i].lo, was[i].hi);
                x[i] = x[i] < was[i].lo ? was[i].lo : x[i] > was[i].hi ? was[i].hi : x[i];
                mpq_set_d(t, g[i]);
                mpq_set_d(v, x[i]);
                mpq_mul(t, t, v);
                mpq_add(sum, sum, t);
                in = in && box[i].lo <= x[i] && x[i] <= box[i].hi;
            }
            mpq_set_d(t, rhs);
            if (mpq_cmp(sum, t) <= 0 && !in)
                fail_msg("a solution is cut off: SBX_SEED=%llu",
                         (unsigned long long)(test_seed() + (uint64_t)k));
        }
        for (size_t i = 0; some && i < 3; i++)
            cut += box[i].lo > was[i].lo || box[i].hi < was[i].hi;
    }
    assert_true(cut > rounds / 4 && none > rounds / 20);
    for (int bad = 0; bad < 4; bad++) { /* what is not finite changes nothing */
        sbx_ivd box[2] = {{0.0, 1.0}, {1.0, 2.0}};
        const double g[2] = {bad == 0 ? HUGE_VAL : 1.0, bad == 1 ? (double)NAN : 1.0};
        assert_true(
            sbx_clip_affine(box, 2, g, bad == 2 ? HUGE_VAL : 0.0, bad == 3 ? (double)NAN : 0.5));
        assert_true(box[0].lo <= 0.0 && box[0].hi >= 1.0 && box[1].lo <= 1.0 && box[1].hi >= 2.0);
    }
    mpq_clears(sum, t, v, NULL);
}

/* [L-NET-72]: the weighted sum is a lower bound of the exact one at every point of the box, and
 * the weights that are found refute what no single constraint does */
static void sums_of_constraints_are_bounds(void **unused)
{
    const long rounds = test_rounds(1000);
    long better = 0;
    sbx_joint j;
    mpq_t s, t, v;
    (void)unused;
    mpq_inits(s, t, v, NULL);
    assert_ok(sbx_joint_init(&j, 3, 2, err));
    for (long k = 0; k < rounds; k++) {
        uint64_t seed = test_seed() + (uint64_t)k;
        sbx_ivd box[2];
        double single = -HUGE_VAL, both;
        for (size_t i = 0; i < 2; i++) {
            const double a = draw(&seed, 3.0, 50), b = draw(&seed, 3.0, 50);
            box[i] = (sbx_ivd){a < b ? a : b, a < b ? b : a};
        }
        j.n = 2 + sbx_rng(&seed) % 2;
        for (size_t i = 0; i < 3 * j.n; i++)
            j.row[i] = draw(&seed, 2.0, 52);
        sbx_joint_weigh(&j, box);
        both = j.sum[2];
        for (size_t i = 0; i < 2; i++)
            both += j.sum[i] * (j.sum[i] > 0.0 ? box[i].lo : box[i].hi);
        for (size_t c = 0; c < j.n; c++) {
            double lo = j.row[3 * c + 2];
            assert_true(j.weight[c] >= 0.0);
            for (size_t i = 0; i < 2; i++)
                lo += j.row[3 * c + i] * (j.row[3 * c + i] > 0.0 ? box[i].lo : box[i].hi);
            single = lo > single ? lo : single;
        }
        better += both > 0.0 && single < 0.0;
        for (int n = 0; n < 9; n++) {
            mpq_set_d(s, -j.sum[2]);
            for (size_t i = 0; i < 2; i++) {
                const double x = n < 4 ? ((n >> i) & 1 ? box[i].hi : box[i].lo)
                                       : test_uniform(&seed, box[i].lo, box[i].hi);
                for (size_t c = 0; c <= j.n; c++) {
                    mpq_set_d(t, c < j.n ? j.weight[c] : -1.0);
                    mpq_set_d(v, c < j.n ? j.row[3 * c + i] : j.sum[i]);
                    mpq_mul(t, t, v);
                    mpq_set_d(v, x);
                    mpq_mul(t, t, v);
                    mpq_add(s, s, t);
                }
            }
            for (size_t c = 0; c < j.n; c++) {
                mpq_set_d(t, j.weight[c]);
                mpq_set_d(v, j.row[3 * c + 2]);
                mpq_mul(t, t, v);
                mpq_add(s, s, t);
            }
            if (mpq_sgn(s) < 0) fail_msg("the sum is too large: round %ld", k);
        }
    }
    assert_true(better > rounds / 40);
    sbx_joint_clear(&j);
    mpq_clears(s, t, v, NULL);
}

/* [L-NET-72]: what the rounded row of a sum is off by is in the bound of its row: a y with
 * a = 2^-1073, which loses half of itself, on y = -x in [-2^20,-1] is -2^-1053 at least, and -x rounds nothing */
static void rounded_rows_are_paid_for(void **unused)
{
    const sbx_shape shape = {1, {1}};
    const char *const name[1] = {"y"};
    sbx_property *const p = prop_new(1, 1);
    sbx_disjunct *const d = prop_case(p);
    sbx_constraint *const c = prop_con(d, false, "-1");
    sbx_ivd box[1] = {{1.0, 0x1p20}};
    const size_t place[1] = {0};
    double lo, scratch[1];
    sbx_net *net;
    size_t x, y;
    bool left;
    sbx_bounder *b;
    sbx_plan plan;
    sbx_joint j;
    (void)unused;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &shape, err));
    assert_ok(sbx_graph_node(&y, net, "Neg", "", &x, 1, name, 1, NULL, 0, err));
    assert_ok(sbx_graph_finish(net, y, err));
    prop_side(d, 0, "1", "1048576");
    prop_term(c, true, 0, "1");
    mpq_div_2exp(c->term[0].coef, c->term[0].coef, 1073);
    assert_ok(sbx_plan_make(&plan, p, NULL, err));
    assert_ok(sbx_joint_init(&j, 2, 1, err));
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, &lo, box, plan.row, 1, SBX_BOUND_CROWN, err));
    (void)sbx_clip_case(box, &j, &plan, plan.cases, b, place);
    box[0] = (sbx_ivd){1.0, 0x1p20};
    assert_ok(sbx_clip_tighter(&left, &lo, box, &j, scratch, &plan, plan.cases, b, 2, err));
    assert_true(lo <= -0x1p-1053);
    assert_true(lo >= -0x1p-1052);
    sbx_bounder_free(b);
    sbx_joint_clear(&j);
    sbx_plan_clear(&plan);
    sbx_net_free(net);
    prop_free(p);
}

static void equal_boxes_and_rows_are_shared(void **unused)
{
    sbx_property *const p = prop_new(1, 2);
    sbx_plan plan;
    (void)unused;
    for (size_t k = 0; k < 12; k++) {
        sbx_disjunct *const d = prop_case(p);
        sbx_constraint *const c = prop_con(d, false, "0");
        prop_side(d, 0, k % 3 == 2 ? "1" : "0",
                  k % 3 == 1 ? "2" : "1/2"); /* every third is empty */
        prop_term(c, true, 0, k % 2 ? "2/3" : "4");
        prop_term(c, true, 1, "1");
        if (k == 4) prop_term(c, true, 1, "-1"); /* and so alone */
    }
    assert_ok(sbx_plan_make(&plan, p, NULL, err));
    assert_int_equal(plan.empty, 4);
    assert_int_equal(plan.n_cases, 8);
    assert_int_equal(plan.n_groups, 2);
    assert_int_equal(plan.group[0].n_cases, 4);
    assert_int_equal(plan.n_rows, 3);
    assert_non_null(plan.rad);
    sbx_plan_clear(&plan);
    prop_free(p);
}

static void regions_come_worst_first(void **unused)
{
    const sbx_plan plan = {.inputs = 1};
    sbx_region_heap h = {0};
    uint64_t s = test_seed();
    double last = -HUGE_VAL;
    size_t n = 0;
    (void)unused;
    for (size_t k = 0; k < 1000; k++) {
        sbx_region *const r = sbx_region_new(&plan, 0, k % 5);
        assert_non_null(r);
        r->margin = (double)(sbx_rng(&s) % 50);
        assert_ok(sbx_region_push(&h, r, err));
    }
    assert_true(h.bytes > 0);
    for (sbx_region *r; (r = sbx_region_pop(&h)) != NULL; n++) {
        assert_true(r->margin >= last);
        last = r->margin;
        sbx_region_free(r);
    }
    assert_int_equal(n, 1000);
    assert_int_equal(h.bytes, 0);
    sbx_region_heap_clear(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enclosures_are_the_neighbours),
        cmocka_unit_test(refutation_is_the_exact_comparison),
        cmocka_unit_test(lower_bounds_of_constraints_are_proved),
        cmocka_unit_test(clipping_keeps_every_solution),
        cmocka_unit_test(sums_of_constraints_are_bounds),
        cmocka_unit_test(rounded_rows_are_paid_for),
        cmocka_unit_test(equal_boxes_and_rows_are_shared),
        cmocka_unit_test(regions_come_worst_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
