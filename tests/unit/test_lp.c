/* test_lp.c -- linear programs: the proved bounds against exact rationals and, in the plane,
 * against the best vertex of all; the solver's word is not taken for anything.
 * [L-LP-01], [L-LP-02]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <float.h>
#include <math.h>
#include <pthread.h>

#include "base/alloc.h"
#include "lp/lp.h"

#define MOST 12

static size_t below(uint64_t *s, size_t n) { return sbx_rng(s) % n; }

/* a program kept densely, apart from the library */
typedef struct dense {
    bool maximise;
    size_t rows, cols;
    double a[MOST][MOST], cost[MOST];
    sbx_ivd row[MOST], col[MOST];
} dense;

static sbx_lp *load(const dense *p)
{
    sbx_lp *lp;
    assert_ok(sbx_lp_new(&lp, p->maximise, err));
    for (size_t j = 0; j < p->cols; j++)
        assert_ok(sbx_lp_add_col(lp, p->cost[j], p->col[j], err));
    for (size_t r = 0; r < p->rows; r++) {
        size_t at[MOST];
        for (size_t j = 0; j < p->cols; j++)
            at[j] = j;
        assert_ok(sbx_lp_add_row(lp, p->row[r], at, p->a[r], p->cols, err));
    }
    return lp;
}

/* sum_r (the end that y_r asks for) y_r + sum_j (the end that d_j asks for) d_j; false: one of
 * those ends is infinite */
static bool by_hand(mpq_t v, const dense *p, const double *y)
{
    mpq_t d, t, m;
    bool ok = true;
    mpq_inits(d, t, m, NULL);
    mpq_set_ui(v, 0, 1);
    for (size_t r = 0; r < p->rows; r++) {
        const double e = (y[r] > 0) == p->maximise ? p->row[r].hi : p->row[r].lo;
        if (y[r] == 0 || isinf(e)) continue;
        mpq_set_d(t, e);
        mpq_set_d(m, y[r]);
        mpq_mul(t, t, m);
        mpq_add(v, v, t);
    }
    for (size_t j = 0; j < p->cols; j++) {
        double e;
        mpq_set_d(d, p->cost[j]);
        for (size_t r = 0; r < p->rows; r++) {
            if (y[r] == 0 || isinf((y[r] > 0) == p->maximise ? p->row[r].hi : p->row[r].lo))
                continue;
            mpq_set_d(t, p->a[r][j]);
            mpq_set_d(m, y[r]);
            mpq_mul(t, t, m);
            mpq_sub(d, d, t);
        }
        if (mpq_sgn(d) == 0) continue;
        e = (mpq_sgn(d) > 0) == p->maximise ? p->col[j].hi : p->col[j].lo;
        if (isinf(e)) {
            ok = false;
            continue;
        }
        mpq_set_d(t, e);
        mpq_mul(t, t, d);
        mpq_add(v, v, t);
    }
    mpq_clears(d, t, m, NULL);
    return ok;
}

/* both bounds for these multipliers: the rational one is the formula, the double one is on
 * the right side of it and near */
static void judge_bounds(const dense *p, const sbx_lp *lp, const double *y)
{
    mpq_t want, got, d;
    bool finite;
    double b;
    mpq_inits(want, got, d, NULL);
    assert_ok(sbx_lp_bound_mpq(got, &finite, lp, y, err));
    assert_int_equal(finite, by_hand(want, p, y));
    b = sbx_lp_bound(lp, y);
    if (finite) {
        assert_int_equal(mpq_cmp(want, got), 0);
        assert_true(fabs(b) <= DBL_MAX);
        mpq_set_d(d, b);
        assert_true(p->maximise ? mpq_cmp(d, want) >= 0 : mpq_cmp(d, want) <= 0);
        mpq_sub(d, d, want);
        assert_true(fabs(mpq_get_d(d)) <= 1e-12);
    } else {
        assert_true(isinf(b) && (b > 0) == p->maximise);
    }
    mpq_clears(want, got, d, NULL);
}

static void random_program(dense *p, uint64_t *s)
{
    memset(p, 0, sizeof *p);
    p->maximise = below(s, 2);
    p->cols = 1 + below(s, MOST);
    p->rows = below(s, MOST);
    for (size_t j = 0; j < p->cols; j++) {
        p->cost[j] = test_uniform(s, -1, 1);
        p->col[j].lo = test_uniform(s, -2, 0);
        p->col[j].hi = test_uniform(s, 0, 2);
    }
    for (size_t r = 0; r < p->rows; r++) {
        for (size_t j = 0; j < p->cols; j++)
            p->a[r][j] = below(s, 3) ? test_uniform(s, -1, 1) : 0.0;
        p->row[r].lo = below(s, 3) ? -HUGE_VAL : test_uniform(s, -1, 0); /* 0 is allowed */
        p->row[r].hi = below(s, 3) ? test_uniform(s, 0, 1) : HUGE_VAL;
        if (isinf(p->row[r].lo) && isinf(p->row[r].hi)) p->row[r].hi = 1.0;
    }
}

static void test_bounds_of_any_multipliers(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (long k = 0; k < test_rounds(600); k++) {
        dense p;
        double y[MOST];
        sbx_lp *lp;
        sbx_lp_found found;
        random_program(&p, &s);
        lp = load(&p);
        for (size_t r = 0; r < p.rows; r++)
            y[r] = below(&s, 4) ? test_uniform(&s, -1, 1) : 0.0;
        judge_bounds(&p, lp, y);
        assert_ok(sbx_lp_solve(&found, lp, 0, err));
        assert_int_equal(found, SBX_LP_OPTIMAL);
        judge_bounds(&p, lp, sbx_lp_y(lp));
        { /* tight: the primal value is there */
            double v = 0;
            for (size_t j = 0; j < p.cols; j++)
                v += p.cost[j] * sbx_lp_x(lp)[j];
            assert_true(fabs(v - sbx_lp_bound(lp, NULL)) <= 1e-8);
        }
        if (p.cols > 1) { /* a column without an end */
            p.col[0] = (sbx_ivd){-HUGE_VAL, HUGE_VAL};
            assert_ok(sbx_lp_set_col(lp, 0, p.col[0], err));
            judge_bounds(&p, lp, y);
        }
        sbx_lp_free(lp);
    }
}

/* terms of very different sizes: what a nearest sum loses must be on the right side */
static void test_rounding(void **state)
{
    uint64_t s = test_seed() + 5;
    (void)state;
    for (long k = 0; k < test_rounds(2000); k++) {
        dense p;
        double y[MOST];
        sbx_lp *lp;
        mpq_t want, d;
        random_program(&p, &s);
        for (size_t j = 0; j < p.cols; j++)
            p.cost[j] *= ldexp(1.0, (int)below(&s, 60) - 30);
        for (size_t r = 0; r < p.rows; r++)
            y[r] = test_uniform(&s, -1, 1) * ldexp(1.0, (int)below(&s, 60) - 30);
        lp = load(&p);
        mpq_inits(want, d, NULL);
        assert_true(by_hand(want, &p, y));
        mpq_set_d(d, sbx_lp_bound(lp, y));
        assert_true(p.maximise ? mpq_cmp(d, want) >= 0 : mpq_cmp(d, want) <= 0);
        mpq_clears(want, d, NULL);
        sbx_lp_free(lp);
    }
}

/* ---- in the plane: the best of all vertices, in rationals ------------------------ */

typedef struct line {
    mpq_t a, b, c; /* a x + b y <= c */
} line;

static bool best_vertex(mpq_t best, const dense *p)
{
    line l[2 * MOST];
    size_t n = 0;
    bool any = false;
    mpq_t det, x, y, t, u;
    mpq_inits(det, x, y, t, u, NULL);
    for (size_t r = 0; r < p->rows + 2; r++)
        for (int side = 0; side < 2; side++) {
            const sbx_ivd v = r < p->rows ? p->row[r] : p->col[r - p->rows];
            const double sg = side ? -1 : 1, e = side ? -v.lo : v.hi;
            if (isinf(e)) continue;
            mpq_inits(l[n].a, l[n].b, l[n].c, NULL);
            mpq_set_d(l[n].a, sg * (r < p->rows ? p->a[r][0] : r == p->rows));
            mpq_set_d(l[n].b, sg * (r < p->rows ? p->a[r][1] : r == p->rows + 1));
            mpq_set_d(l[n].c, e);
            n++;
        }
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            bool in = true;
            mpq_mul(det, l[i].a, l[j].b);
            mpq_mul(t, l[j].a, l[i].b);
            mpq_sub(det, det, t);
            if (mpq_sgn(det) == 0) continue;
            mpq_mul(x, l[i].c, l[j].b);
            mpq_mul(t, l[j].c, l[i].b);
            mpq_sub(x, x, t);
            mpq_div(x, x, det);
            mpq_mul(y, l[i].a, l[j].c);
            mpq_mul(t, l[j].a, l[i].c);
            mpq_sub(y, y, t);
            mpq_div(y, y, det);
            for (size_t k = 0; k < n && in; k++) {
                mpq_mul(t, l[k].a, x);
                mpq_mul(u, l[k].b, y);
                mpq_add(t, t, u);
                in = mpq_cmp(t, l[k].c) <= 0;
            }
            if (!in) continue;
            mpq_set_d(t, p->cost[0]);
            mpq_mul(t, t, x);
            mpq_set_d(u, p->cost[1]);
            mpq_mul(u, u, y);
            mpq_add(t, t, u);
            if (!any || (p->maximise ? mpq_cmp(t, best) > 0 : mpq_cmp(t, best) < 0))
                mpq_set(best, t);
            any = true;
        }
    for (size_t i = 0; i < n; i++)
        mpq_clears(l[i].a, l[i].b, l[i].c, NULL);
    mpq_clears(det, x, y, t, u, NULL);
    return any;
}

static void judge_plane(const dense *p, sbx_lp *lp)
{
    sbx_lp_found found;
    mpq_t best, d;
    mpq_inits(best, d, NULL);
    assert_ok(sbx_lp_solve(&found, lp, 0, err));
    if (!best_vertex(best, p)) {
        assert_int_equal(found, SBX_LP_INFEASIBLE);
    } else {
        assert_int_equal(found, SBX_LP_OPTIMAL);
        mpq_set_d(d, sbx_lp_bound(lp, NULL));
        assert_true(p->maximise ? mpq_cmp(d, best) >= 0 : mpq_cmp(d, best) <= 0);
        mpq_sub(d, d, best);
        assert_true(fabs(mpq_get_d(d)) <= 1e-9);
    }
    mpq_clears(best, d, NULL);
}

/* rows one by one, as cutting planes come; then fewer, another cost, other ends */
static void test_plane(void **state)
{
    uint64_t s = test_seed() + 1;
    (void)state;
    for (long k = 0; k < test_rounds(300); k++) {
        dense p;
        sbx_lp *lp;
        size_t at[2] = {0, 1}, all;
        random_program(&p, &s);
        p.cols = 2;
        p.col[1] = (sbx_ivd){test_uniform(&s, -2, 0), test_uniform(&s, 0, 2)};
        p.cost[1] = test_uniform(&s, -1, 1);
        all = p.rows;
        p.rows = 0;
        lp = load(&p);
        judge_plane(&p, lp);
        for (size_t r = 0; r < all; r++) {
            assert_ok(sbx_lp_add_row(lp, p.row[r], at, p.a[r], 2, err));
            p.rows = r + 1;
            judge_plane(&p, lp);
        }
        if (all) {
            p.row[0].lo = test_uniform(&s, -1, 1); /* perhaps infeasible now */
            p.row[0].hi = p.row[0].lo + test_uniform(&s, 0, 1);
            assert_ok(sbx_lp_set_row(lp, 0, p.row[0], err));
        }
        p.cost[0] = -p.cost[0];
        assert_ok(sbx_lp_set_cost(lp, 0, p.cost[0], err));
        judge_plane(&p, lp);
        p.rows = all / 2;
        assert_ok(sbx_lp_cut_rows(lp, p.rows, err));
        assert_int_equal(sbx_lp_rows(lp), p.rows);
        judge_plane(&p, lp);
        sbx_lp_free(lp);
    }
}

static void test_found(void **state)
{
    const size_t at[2] = {0, 1};
    const double one[2] = {1, 1};
    sbx_lp *lp;
    sbx_lp_found found;
    (void)state;
    assert_ok(sbx_lp_new(&lp, true, err));
    assert_ok(sbx_lp_solve(&found, lp, 0, err)); /* nothing at all */
    assert_ok(sbx_lp_add_col(lp, 1, (sbx_ivd){-HUGE_VAL, HUGE_VAL}, err));
    assert_ok(sbx_lp_add_col(lp, 1, (sbx_ivd){-HUGE_VAL, HUGE_VAL}, err));
    assert_ok(sbx_lp_solve(&found, lp, 0, err));
    assert_int_equal(found, SBX_LP_UNBOUNDED);
    assert_true(isinf(sbx_lp_bound(lp, NULL)));
    assert_ok(sbx_lp_add_row(lp, (sbx_ivd){-HUGE_VAL, 3}, at, one, 2, err));
    assert_ok(sbx_lp_solve(&found, lp, 0, err));
    assert_int_equal(found, SBX_LP_OPTIMAL);
    assert_true(sbx_lp_bound(lp, NULL) == 3.0); /* reduced costs are exactly 0 */
    assert_ok(sbx_lp_add_row(lp, (sbx_ivd){4, HUGE_VAL}, at, one, 2, err));
    assert_ok(sbx_lp_solve(&found, lp, 0, err));
    assert_int_equal(found, SBX_LP_INFEASIBLE);
    { /* what counts as no multiplier */
        const double y[2] = {(double)NAN, HUGE_VAL};
        assert_true(isinf(sbx_lp_bound(lp, y)));
    }
    sbx_lp_free(lp);
    sbx_lp_free(NULL);
}

static void test_refusals(void **state)
{
    const size_t twice[2] = {0, 0}, far[1] = {1}, at[1] = {0};
    const double c[2] = {1, 1}, nan[1] = {(double)NAN}, inf[1] = {HUGE_VAL};
    const sbx_ivd ok = {0, 1};
    sbx_lp *lp;
    (void)state;
    assert_ok(sbx_lp_new(&lp, false, err));
    assert_status(SBX_ERR_ARG, sbx_lp_add_col(lp, (double)NAN, ok, err));
    assert_status(SBX_ERR_ARG, sbx_lp_add_col(lp, HUGE_VAL, ok, err));
    assert_status(SBX_ERR_ARG, sbx_lp_add_col(lp, 1, (sbx_ivd){1, 0}, err));
    assert_status(SBX_ERR_ARG, sbx_lp_add_col(lp, 1, (sbx_ivd){(double)NAN, 0}, err));
    assert_status(SBX_ERR_ARG, sbx_lp_add_col(lp, 1, (sbx_ivd){HUGE_VAL, HUGE_VAL}, err));
    assert_ok(sbx_lp_add_col(lp, 1, ok, err));
    assert_status(SBX_ERR_ARG, sbx_lp_add_row(lp, ok, twice, c, 2, err));
    assert_status(SBX_ERR_ARG, sbx_lp_add_row(lp, ok, far, c, 1, err));
    assert_status(SBX_ERR_ARG, sbx_lp_add_row(lp, ok, at, nan, 1, err));
    assert_status(SBX_ERR_ARG, sbx_lp_add_row(lp, ok, at, inf, 1, err));
    assert_status(SBX_ERR_ARG, sbx_lp_add_row(lp, (sbx_ivd){0, (double)NAN}, at, c, 1, err));
    assert_int_equal(sbx_lp_rows(lp), 0);
    assert_ok(sbx_lp_add_row(lp, ok, at, c, 1, err));
    assert_status(SBX_ERR_ARG, sbx_lp_set_cost(lp, 1, 0, err));
    assert_status(SBX_ERR_ARG, sbx_lp_set_cost(lp, 0, (double)NAN, err));
    assert_status(SBX_ERR_ARG, sbx_lp_set_col(lp, 1, ok, err));
    assert_status(SBX_ERR_ARG, sbx_lp_set_row(lp, 1, ok, err));
    assert_status(SBX_ERR_ARG, sbx_lp_set_row(lp, 0, (sbx_ivd){2, 1}, err));
    assert_status(SBX_ERR_ARG, sbx_lp_cut_rows(lp, 2, err));
    sbx_lp_free(lp);
}

static void *worker(void *arg)
{
    uint64_t s = *(uint64_t *)arg;
    for (int k = 0; k < 100; k++) {
        dense p;
        sbx_lp *lp;
        sbx_lp_found found;
        random_program(&p, &s);
        lp = load(&p);
        assert_ok(sbx_lp_solve(&found, lp, 0, err));
        sbx_lp_free(lp);
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t t[4];
    uint64_t s[4];
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        s[i] = test_seed() + i;
        assert_int_equal(pthread_create(&t[i], NULL, worker, &s[i]), 0);
    }
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
}

static sbx_status all_of_it(const dense *p)
{
    sbx_lp *lp;
    sbx_lp_found found;
    size_t at[MOST];
    sbx_status st = sbx_lp_new(&lp, p->maximise, err);
    for (size_t j = 0; st == SBX_OK && j < p->cols; j++) {
        at[j] = j;
        st = sbx_lp_add_col(lp, p->cost[j], p->col[j], err);
    }
    for (size_t r = 0; st == SBX_OK && r < p->rows; r++) {
        st = sbx_lp_add_row(lp, p->row[r], at, p->a[r], p->cols, err);
        if (st == SBX_OK) st = sbx_lp_solve(&found, lp, 0, err);
    }
    if (st == SBX_OK) {
        mpq_t b;
        bool finite;
        mpq_init(b);
        (void)sbx_lp_bound(lp, NULL);
        st = sbx_lp_bound_mpq(b, &finite, lp, NULL, err);
        mpq_clear(b);
    }
    if (st == SBX_OK) st = sbx_lp_cut_rows(lp, 1, err);
    sbx_lp_free(lp);
    return st;
}

/* every allocation fails once */
static void test_memory(void **state)
{
    uint64_t s = test_seed() + 3;
    const long live = sbx_alloc_live();
    dense p;
    sbx_status st = SBX_ERR_NOMEM;
    (void)state;
    random_program(&p, &s);
    p.rows = 10;
    for (size_t r = 0; r < p.rows; r++)
        p.row[r] = (sbx_ivd){-1, 1};
    for (long k = 0; st == SBX_ERR_NOMEM; k++) {
        assert_true(k < 1000);
        sbx_alloc_fail_after(k);
        st = all_of_it(&p);
        sbx_alloc_fail_after(-1);
        assert_int_equal(sbx_alloc_live(), live);
    }
    assert_int_equal(st, SBX_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds_of_any_multipliers),
        cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_plane),
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
