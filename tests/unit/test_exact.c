/* test_exact.c -- rational intervals over regions without a double inside: what is dropped has no
 * counterexample at the corners of the exact part, and at a point every case is decided, from
 * values that are computed apart. [L-NET-91], [L-NET-10]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/exact.h"

#include "verify_nets.h"

enum { IN = 2, CASES = 6 };

typedef struct {
    mpq_t x[4][IN], y[4][MLP_WIDTH], t;
} corners;

/* n/d, with a small width above it where `wide` */
static void side(sbx_disjunct *d, size_t i, uint64_t *r, bool wide)
{
    const double scale = sbx_rng(r) % 2 ? 1.0 : 1e-3;
    mpq_set_si(d->lo[i], (long)(sbx_rng(r) % 2001) - 1000, 1 + sbx_rng(r) % 999);
    mpq_canonicalize(d->lo[i]);
    mpq_set_d(d->hi[i], scale * sbx_rng_unit(r));
    mpq_div_2exp(d->hi[i], d->hi[i], 54);
    if (!wide) mpq_set_ui(d->hi[i], 0, 1);
    mpq_add(d->hi[i], d->hi[i], d->lo[i]);
}

/* Y or a sum of X and Y against what it is at a corner, or a trifle beside it. */
static void constraint(sbx_disjunct *d, const corners *c, uint64_t *r)
{
    const size_t at = sbx_rng(r) % 4, j = sbx_rng(r) % 2;
    const bool minus = sbx_rng(r) % 2, with_x = sbx_rng(r) % 3 == 0;
    sbx_constraint *const con = prop_con(d, sbx_rng(r) % 2, "0");
    prop_term(con, true, j, minus ? "-1" : "1");
    mpq_set_si(con->rhs, (long)(sbx_rng(r) % 3) - 1, 1);
    mpq_div_2exp(con->rhs, con->rhs, 120);
    (minus ? mpq_sub : mpq_add)(con->rhs, con->rhs, c->y[at][j]);
    if (with_x) {
        prop_term(con, false, 1, "-1");
        mpq_sub(con->rhs, con->rhs, c->x[at][1]);
    }
}

/* One box with several cases; points are decided, of other regions nothing true is dropped. */
static void one(bool wide, uint64_t *r, long *dropped, long *kept)
{
    static mlp m;
    static corners c;
    sbx_property *const p = prop_new(IN, 2);
    sbx_disjunct *d = prop_case(p);
    sbx_plan plan;
    sbx_prover w;
    sbx_net *net;
    sbx_region *region;
    bool found, any = false;
    mlp_random(&m, r, IN, 2, 5, 2, 20);
    for (size_t i = 0; i < IN; i++)
        side(d, i, r, wide);
    for (size_t k = 0; k < 4; k++) {
        for (size_t i = 0; i < IN; i++) {
            mpq_init(c.x[k][i]);
            mpq_set(c.x[k][i], k >> i & 1 ? d->hi[i] : d->lo[i]);
        }
        for (size_t j = 0; j < MLP_WIDTH; j++)
            mpq_init(c.y[k][j]);
        mlp_exact(c.y[k], &m, (const mpq_t *)c.x[k]);
    }
    for (size_t k = 0; k < CASES; k++) {
        if (k) d = prop_case(p);
        for (size_t i = 0; k && i < IN; i++) {
            mpq_set(d->lo[i], p->disjunct[0].lo[i]);
            mpq_set(d->hi[i], p->disjunct[0].hi[i]);
        }
        constraint(d, &c, r);
        if (sbx_rng(r) % 2) constraint(d, &c, r);
    }
    net = mlp_net(&m);
    assert_ok(sbx_plan_make(&plan, p, NULL, err));
    assert_int_equal(plan.n_groups, 1);
    assert_ok(sbx_prover_init(&w, net, p, err));
    region = sbx_region_new(&plan, 0, CASES);
    assert_non_null(region);
    memcpy(region->box, plan.group[0].box, IN * sizeof *region->box);
    for (size_t k = 0; k < CASES; k++)
        region->open[k] = k;
    assert_ok(sbx_exact_cases(&found, region, &w, &plan, err));
    for (size_t k = 0; k < CASES; k++) {
        bool at_a_corner = false, open = found;
        for (size_t i = 0; i < region->n_open; i++)
            open = open || region->open[i] == k;
        for (size_t q = 0; q < 4; q++)
            at_a_corner =
                at_a_corner || prop_satisfied(p, plan.cases[k].disjunct, (const mpq_t *)c.x[q],
                                              (const mpq_t *)c.y[q]);
        any = any || at_a_corner;
        if (at_a_corner) assert_true(open);
        *dropped += !open;
        *kept += open;
    }
    if (!wide) {
        assert_true(found == any);
        assert_true(found || region->n_open == 0);
    } else
        assert_false(found);
    if (found)
        assert_true(prop_satisfied(p, w.disjunct, (const mpq_t *)w.x, (const mpq_t *)c.y[0]));
    sbx_region_free(region);
    sbx_prover_clear(&w);
    sbx_plan_clear(&plan);
    sbx_net_free(net);
    prop_free(p);
    for (size_t k = 0; k < 4; k++) {
        for (size_t i = 0; i < IN; i++)
            mpq_clear(c.x[k][i]);
        for (size_t j = 0; j < MLP_WIDTH; j++)
            mpq_clear(c.y[k][j]);
    }
}

static void points_are_decided(void **state)
{
    uint64_t r = test_seed();
    long dropped = 0, kept = 0;
    (void)state;
    for (long round = test_rounds(500); round > 0; round--)
        one(false, &r, &dropped, &kept);
    assert_true(dropped > test_rounds(500) / 10 && kept > test_rounds(500) / 10);
}

static void regions_lose_nothing(void **state)
{
    uint64_t r = test_seed();
    long dropped = 0, kept = 0;
    (void)state;
    for (long round = test_rounds(500); round > 0; round--)
        one(true, &r, &dropped, &kept);
    print_message("%ld cases refuted, %ld not\n", dropped, kept);
    assert_true(dropped > test_rounds(500) / 10 && kept > test_rounds(500) / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_decided),
        cmocka_unit_test(regions_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
