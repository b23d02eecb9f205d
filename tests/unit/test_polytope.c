/* test_polytope.c -- the range of v.softmax over a zone: against all vertices of the polytope
 * (for three coordinates, computed apart), the box's exact range, and random points.
 * [L-SMX-30], [L-SMX-31]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <float.h>
#include <math.h>
#include <mpfr.h>

#include "base/alloc.h"
#include "num/round.h"
#include "softbox/kernel.h"
#include "softbox/relax.h"

#define BITS 300
#define MOST 40

static size_t below(uint64_t *s, size_t n) { return sbx_rng(s) % n; }
/* a multiple of 1/16, so that sums of differences are exact */
static double step(uint64_t *s, double lo, double hi)
{
    return floor(test_uniform(s, lo, hi) * 16) / 16;
}

/* v.softmax(x), 300 bits */
static void value(mpfr_t f, const double *v, const double *x, size_t n)
{
    mpfr_t s, e;
    mpfr_inits2(BITS, s, e, (mpfr_ptr)0);
    mpfr_set_zero(s, 1);
    mpfr_set_zero(f, 1);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(e, x[j], MPFR_RNDN);
        mpfr_sub_d(e, e, x[0], MPFR_RNDN);
        mpfr_exp(e, e, MPFR_RNDN);
        mpfr_add(s, s, e, MPFR_RNDN);
        mpfr_mul_d(e, e, v[j], MPFR_RNDN);
        mpfr_add(f, f, e, MPFR_RNDN);
    }
    mpfr_div(f, f, s, MPFR_RNDN);
    mpfr_clears(s, e, (mpfr_ptr)0);
}

typedef struct zone {
    size_t n, diffs;
    sbx_ivd x[MOST];
    sbx_diff d[2 * MOST];
} zone;

static sbx_zone as_zone(const zone *z) { return (sbx_zone){z->x, z->n, z->d, z->diffs}; }

/* a zone around a point of its own */
static void draw(zone *z, uint64_t *s, size_t n)
{
    double c[MOST];
    z->n = n;
    z->diffs = 1 + below(s, 2 * n);
    for (size_t j = 0; j < n; j++) {
        c[j] = step(s, -3, 3);
        z->x[j] = (sbx_ivd){c[j] - step(s, 0, 3), c[j] + step(s, 0, 3)};
    }
    for (size_t k = 0; k < z->diffs; k++) {
        const size_t i = below(s, n), j = below(s, n);
        z->d[k] = (sbx_diff){i, j, c[i] - c[j] + step(s, 0, 2)};
        if (i == j && z->d[k].d < 0) z->d[k].d = 0;
    }
}

static bool inside(const zone *z, const double *x)
{
    for (size_t j = 0; j < z->n; j++)
        if (x[j] < z->x[j].lo || x[j] > z->x[j].hi) return false;
    for (size_t k = 0; k < z->diffs; k++)
        if (sbx_sub_hi(x[z->d[k].i], x[z->d[k].j]) > z->d[k].d) return false;
    return true;
}

/* Points whose differences to x_0 lie on two constraints each: for three coordinates all
 * vertices of the set of differences are among them. Bounds on differences come from the box
 * and from z->d, here by the shortest paths over four nodes, exact in doubles. */
static void extremes(double *lo, double *hi, const double *v, const zone *z)
{
    double d[4][4];
    mpfr_t f;
    mpfr_init2(f, BITS);
    *lo = HUGE_VAL;
    *hi = -HUGE_VAL;
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            d[i][j] = i == j ? 0 : HUGE_VAL;
    for (size_t j = 0; j < 3; j++) {
        d[j][3] = z->x[j].hi;
        d[3][j] = -z->x[j].lo;
    }
    for (size_t k = 0; k < z->diffs; k++)
        d[z->d[k].i][z->d[k].j] = fmin(d[z->d[k].i][z->d[k].j], z->d[k].d);
    for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; i < 4; i++)
            for (size_t j = 0; j < 4; j++)
                d[i][j] = fmin(d[i][j], d[i][k] + d[k][j]);
    for (int tree = 0; tree < 12; tree++) {
        static const int edge[3][2][2] = {{{0, 1}, {0, 2}}, {{0, 1}, {1, 2}}, {{0, 2}, {2, 1}}};
        double x[3] = {0, 0, 0};
        bool in = true;
        for (int e = 0; e < 2; e++) {
            const int a = edge[tree / 4][e][0], b = edge[tree / 4][e][1];
            x[b] = tree >> e & 1 ? x[a] - d[a][b] : x[a] + d[b][a];
        }
        for (size_t i = 0; i < 3; i++)
            for (size_t j = 0; j < 3; j++)
                in = in && x[i] - x[j] <= d[i][j];
        if (!in) continue;
        value(f, v, x, 3);
        *lo = fmin(*lo, mpfr_get_d(f, MPFR_RNDU));
        *hi = fmax(*hi, mpfr_get_d(f, MPFR_RNDD));
    }
    mpfr_clear(f);
}

static void test_all_vertices(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (long k = 0; k < test_rounds(2000); k++) {
        zone z;
        double v[3], lo, hi;
        sbx_ivd c[3], r;
        draw(&z, &s, 3);
        for (size_t j = 0; j < 3; j++) {
            v[j] = test_uniform(&s, -1, 1);
            c[j] = (sbx_ivd){v[j], v[j]};
        }
        extremes(&lo, &hi, v, &z);
        assert_true(lo <= hi);
        assert_ok(sbx_range_functional(&r, c, &(sbx_zone){z.x, 3, z.d, z.diffs}, err));
        assert_true(r.lo <= lo && r.hi >= hi);
        assert_true(r.lo >= lo - 1e-8 && r.hi <= hi + 1e-8);
    }
}

/* a difference that says nothing: the program finds what the box's own formula says */
static void test_box(void **state)
{
    uint64_t s = test_seed() + 1;
    (void)state;
    for (long k = 0; k < test_rounds(300); k++) {
        zone z;
        sbx_ivd c[MOST], r, want;
        sbx_zone q;
        draw(&z, &s, 2 + below(&s, MOST - 2));
        z.diffs = 1;
        z.d[0] = (sbx_diff){0, 1, 100};
        for (size_t j = 0; j < z.n; j++) {
            c[j].lo = test_uniform(&s, -1, 1);
            c[j].hi = c[j].lo + (below(&s, 2) ? test_uniform(&s, 0, 1) : 0.0);
        }
        q = as_zone(&z);
        assert_ok(sbx_range_functional(&r, c, &q, err));
        assert_ok(sbx_softmax_functional_ivd(&want, c, z.x, z.n, NULL, err));
        assert_true(r.lo >= want.lo && r.hi <= want.hi); /* the formula cuts it too */
        z.d[0].d = z.x[0].hi - z.x[1].lo;                /* on the corner: still nothing */
        assert_ok(sbx_range_functional(&r, c, &q, err));
        assert_true(r.lo <= want.lo + 1e-13 && r.hi >= want.hi - 1e-13);
    }
}

/* points of wide, far, open and degenerate zones */
static void test_points(void **state)
{
    uint64_t s = test_seed() + 2;
    mpfr_t f;
    long seen = 0;
    (void)state;
    mpfr_init2(f, BITS);
    for (long k = 0; k < test_rounds(1500); k++) {
        const double width = pow(10, test_uniform(&s, -6, 3)), far = below(&s, 3) ? 0 : 1e5;
        zone z;
        double v[MOST];
        sbx_ivd c[MOST], r;
        sbx_zone q;
        sbx_status st;
        z.n = 2 + below(&s, 6);
        z.diffs = 1 + below(&s, 4);
        for (size_t j = 0; j < z.n; j++) {
            z.x[j].lo = far + test_uniform(&s, -1, 1) * (below(&s, 2) ? 1 : 30);
            z.x[j].hi = z.x[j].lo + (below(&s, 8) ? width * sbx_rng_unit(&s) : 0.0);
            if (below(&s, 20) == 0) z.x[j].lo = -HUGE_VAL;
            v[j] = test_uniform(&s, -1, 1) * (below(&s, 4) ? 1 : 1e6);
            c[j] = (sbx_ivd){v[j], v[j]};
        }
        for (size_t e = 0; e < z.diffs; e++) {
            z.d[e].i = below(&s, z.n);
            z.d[e].j = below(&s, z.n);
            z.d[e].d = z.x[z.d[e].i].hi - z.x[z.d[e].j].hi + width * test_uniform(&s, -0.5, 1);
            if (!(z.d[e].d < 1e6)) z.d[e].d = 0.5;
            if (z.d[e].i == z.d[e].j) z.d[e].d = fabs(z.d[e].d);
        }
        q = as_zone(&z);
        st = sbx_range_functional(&r, c, &q, err);
        if (st == SBX_ERR_DOMAIN)
            r = (sbx_ivd){HUGE_VAL, -HUGE_VAL}; /* no point may be inside */
        else
            assert_int_equal(st, SBX_OK);
        for (int t = 0; t < 40; t++) {
            double x[MOST];
            for (size_t j = 0; j < z.n; j++) {
                const double lo = z.x[j].lo > -HUGE_VAL ? z.x[j].lo : z.x[j].hi - 50;
                const size_t how = below(&s, 3);
                x[j] = how == 0 ? lo : how == 1 ? z.x[j].hi : test_uniform(&s, lo, z.x[j].hi);
            }
            for (int pass = 0; pass < 4; pass++) /* towards the differences */
                for (size_t e = 0; e < z.diffs; e++) {
                    const double most = x[z.d[e].j] + z.d[e].d;
                    if (x[z.d[e].i] > most) x[z.d[e].i] = most;
                }
            if (!inside(&z, x)) continue;
            seen++;
            value(f, v, x, z.n);
            /* the reference's own rounding: 1e-80 of the greatest coefficient */
            mpfr_add_d(f, f, 1e-74, MPFR_RNDN);
            assert_true(mpfr_cmp_d(f, r.lo) >= 0);
            mpfr_sub_d(f, f, 2e-74, MPFR_RNDN);
            assert_true(mpfr_cmp_d(f, r.hi) <= 0);
        }
    }
    assert_true(seen > 1000 || test_rounds(1500) < 1500);
    mpfr_clear(f);
}

static void test_refusals(void **state)
{
    const sbx_ivd x[2] = {{0, 1}, {0, 1}}, v[2] = {{1, 1}, {0, 0}},
                  open[2] = {{0, 1}, {0, HUGE_VAL}};
    const sbx_diff no[2] = {{0, 1, -0.75}, {1, 0, 0.5}}, far[1] = {{0, 1, -1.5}},
                   bad[1] = {{0, 2, 0}};
    const sbx_diff some[1] = {{0, 1, 0.5}};
    const sbx_ivd nan[2] = {{(double)NAN, (double)NAN}, {0, 0}};
    sbx_ivd r;
    (void)state;
    assert_status(SBX_ERR_DOMAIN, sbx_range_functional(&r, v, &(sbx_zone){x, 2, no, 2}, err));
    assert_status(SBX_ERR_DOMAIN, sbx_range_functional(&r, v, &(sbx_zone){x, 2, far, 1}, err));
    assert_status(SBX_ERR_ARG, sbx_range_functional(&r, v, &(sbx_zone){x, 2, bad, 1}, err));
    assert_status(SBX_ERR_ARG, sbx_range_functional(&r, v, &(sbx_zone){open, 2, NULL, 0}, err));
    assert_status(SBX_ERR_ARG, sbx_range_functional(&r, nan, &(sbx_zone){x, 2, some, 1}, err));
    /* an open upper end that the difference closes */
    assert_ok(sbx_range_functional(&r, v, &(sbx_zone){open, 2, (sbx_diff[]){{1, 0, 0.0}}, 1}, err));
    assert_true(r.hi >= 1 / (1 + exp(-1.0)) && r.hi <= 1 / (1 + exp(-1.0)) + 1e-9);
    assert_true(r.lo <= 0.5 && r.lo >= 0.5 - 1e-9);
}

static void test_memory(void **state)
{
    const sbx_ivd x[2] = {{0, 1}, {0, 1}}, v[2] = {{1, 1}, {0, 0}};
    const sbx_diff d[1] = {{0, 1, 0.5}};
    const long live = sbx_alloc_live();
    sbx_status st = SBX_ERR_NOMEM;
    sbx_ivd r;
    (void)state;
    for (long k = 0; st == SBX_ERR_NOMEM; k++) {
        sbx_alloc_fail_after(k);
        st = sbx_range_functional(&r, v, &(sbx_zone){x, 2, d, 1}, err);
        sbx_alloc_fail_after(-1);
        assert_int_equal(sbx_alloc_live(), live);
        assert_true(k < 200);
    }
    assert_int_equal(st, SBX_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_vertices), cmocka_unit_test(test_box),
        cmocka_unit_test(test_points),       cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
