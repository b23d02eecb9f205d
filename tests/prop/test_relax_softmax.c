/* test_relax_softmax.c -- the bounds of softmax, log-softmax and lse hold at every point,
 * are the published ones, and stand in the proved order.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax_ref.h"

enum { GRID = 8, CORNERS_MAX = 8 };

/* ---- soundness: a grid of values a coordinate, so that the exponentials are few ------ */

typedef struct grid {
    ref_box b;
    double v[REF_N][GRID];
    mpfr_t lo[REF_N][GRID], hi[REF_N][GRID]; /* e^v, both sides */
    double t[REF_N];                         /* a point ... */
    mpfr_t p_lo, p_hi, s_lo, s_hi;           /* ... and softmax_i, the sum of the e^t there */
} grid;

static void grid_open(grid *g, uint64_t *s)
{
    for (size_t j = 0; j < g->b.n; j++)
        for (size_t k = 0; k < GRID; k++) {
            g->v[j][k] = k == 0   ? g->b.lo[j]
                         : k == 1 ? g->b.hi[j]
                         : k == 2 ? g->b.c[j]
                                  : test_uniform(s, g->b.lo[j], g->b.hi[j]);
            mpfr_inits2(REF_BITS, g->lo[j][k], g->hi[j][k], (mpfr_ptr)0);
            mpfr_set_d(g->lo[j][k], g->v[j][k], MPFR_RNDN);
            mpfr_exp(g->hi[j][k], g->lo[j][k], MPFR_RNDU);
            mpfr_exp(g->lo[j][k], g->lo[j][k], MPFR_RNDD);
        }
    mpfr_inits2(REF_BITS, g->p_lo, g->p_hi, g->s_lo, g->s_hi, (mpfr_ptr)0);
}

static void grid_close(grid *g)
{
    for (size_t j = 0; j < g->b.n; j++)
        for (size_t k = 0; k < GRID; k++)
            mpfr_clears(g->lo[j][k], g->hi[j][k], (mpfr_ptr)0);
    mpfr_clears(g->p_lo, g->p_hi, g->s_lo, g->s_hi, (mpfr_ptr)0);
}

/* the point's r-th corner, or a random point of the grid */
static void grid_point(grid *g, size_t i, uint64_t *s, bool corner, size_t r)
{
    size_t ki = 0;
    mpfr_set_zero(g->s_lo, 1);
    mpfr_set_zero(g->s_hi, 1);
    for (size_t j = 0; j < g->b.n; j++) {
        const size_t k = corner ? (r >> j) & 1 : sbx_rng(s) % GRID;
        if (j == i) ki = k;
        g->t[j] = g->v[j][k];
        mpfr_add(g->s_lo, g->s_lo, g->lo[j][k], MPFR_RNDD);
        mpfr_add(g->s_hi, g->s_hi, g->hi[j][k], MPFR_RNDU);
    }
    mpfr_div(g->p_lo, g->lo[i][ki], g->s_hi, MPFR_RNDD);
    mpfr_div(g->p_hi, g->hi[i][ki], g->s_lo, MPFR_RNDU);
}

typedef struct planes {
    double a[REF_N], b[REF_N];
    sbx_affine lower, upper;
    sbx_ivd range;
} planes;

static void relax(planes *z, const ref_box *b, sbx_vector_fn f, sbx_method m, size_t i)
{
    sbx_ivd x[REF_N];
    for (size_t j = 0; j < b->n; j++)
        x[j] = (sbx_ivd){b->lo[j], b->hi[j]};
    z->lower.coef = z->a;
    z->upper.coef = z->b;
    const sbx_zone zone = sbx_zone_box(x, b->n);
    assert_ok(sbx_relax_vector(&z->lower, &z->upper, &z->range, f, m, i, &zone, b->c, err));
}

/* lower <= v <= upper, v between v_lo and v_hi: 300 bits apart from exact */
static void assert_between(const planes *z, const grid *g, mpfr_t v_lo, mpfr_t v_hi,
                           const char *what, uint64_t seed)
{
    mpfr_t w;
    bool good;
    mpfr_init2(w, 192);
    ref_affine(w, z->a, z->lower.cst, g->t, g->b.n, MPFR_RNDU);
    good = mpfr_lessequal_p(w, v_hi);
    ref_affine(w, z->b, z->upper.cst, g->t, g->b.n, MPFR_RNDD);
    good = good && mpfr_greaterequal_p(w, v_lo);
    good = good && mpfr_cmp_d(v_hi, z->range.lo) >= 0 && mpfr_cmp_d(v_lo, z->range.hi) <= 0;
    if (!good) fail_msg("SBX_SEED=%llu n=%zu: %s", (unsigned long long)seed, g->b.n, what);
    mpfr_clear(w);
}

/* [L-RLX-07] [L-RLX-08]: 400 boxes, 500 points and all corners each; every tenth point
 * also log-softmax and lse [L-RLX-10] [L-RLX-11] [L-SMX-12] */
static void every_point_is_between_the_planes(void **state)
{
    static grid g;
    static planes z[SBX_METHOD_COUNT], zl[2], ze[2];
    long points = 0;
    mpfr_t lo, hi;
    (void)state;
    mpfr_inits2(REF_BITS, lo, hi, (mpfr_ptr)0);
    for (long k = 0; k < test_rounds(400); k++) {
        const uint64_t seed = test_seed() + (uint64_t)k;
        uint64_t s = seed;
        size_t i, corners, total;
        ref_draw(&g.b, &s, k);
        if (k % 200 == 199) { /* a few large ones */
            g.b.n = REF_N;
            for (size_t j = 0; j < REF_N; j++) {
                g.b.c[j] = g.b.lo[j] = test_uniform(&s, -8, 8);
                g.b.hi[j] = g.b.lo[j] + test_uniform(&s, 0, 0.5);
            }
        }
        i = sbx_rng(&s) % g.b.n;
        corners = g.b.n <= CORNERS_MAX ? (size_t)1 << g.b.n : 0;
        total = corners + (g.b.n == REF_N ? 50 : 500);
        grid_open(&g, &s);
        for (sbx_method m = SBX_METHOD_INTERVAL; m <= SBX_METHOD_AUTO; m++)
            relax(&z[m], &g.b, SBX_FN_SOFTMAX, m, i);
        for (size_t m = 0; m < 2; m++) {
            relax(&zl[m], &g.b, SBX_FN_LOG_SOFTMAX, m ? SBX_METHOD_AUTO : SBX_METHOD_LSE, i);
            relax(&ze[m], &g.b, SBX_FN_LSE, m ? SBX_METHOD_AUTO : SBX_METHOD_LSE, i);
        }
        for (size_t r = 0; r < total; r++, points++) {
            grid_point(&g, i, &s, r < corners, r);
            for (sbx_method m = SBX_METHOD_CONSTANT; m <= SBX_METHOD_AUTO; m++)
                assert_between(&z[m], &g, g.p_lo, g.p_hi, sbx_method_name(m), seed);
            if (r % 10) continue;
            mpfr_log(lo, g.s_lo, MPFR_RNDD);
            mpfr_log(hi, g.s_hi, MPFR_RNDU);
            for (size_t m = 0; m < 2; m++)
                assert_between(&ze[m], &g, lo, hi, "lse", seed);
            mpfr_d_sub(lo, g.t[i], lo, MPFR_RNDU);
            mpfr_d_sub(hi, g.t[i], hi, MPFR_RNDD);
            for (size_t m = 0; m < 2; m++)
                assert_between(&zl[m], &g, hi, lo, "log-softmax", seed);
        }
        grid_close(&g);
    }
    mpfr_clears(lo, hi, (mpfr_ptr)0);
    printf("%ld points\n", points);
}

/* ---- the values are the published ones -------------------------------------------------- */

/* v is in [lo, hi] but for the reference's own rounding */
static bool holds(double lo, double hi, mpfr_t v)
{
    mpfr_t e, w;
    bool good;
    mpfr_inits2(REF_BITS, e, w, (mpfr_ptr)0);
    mpfr_mul_2si(e, v, -200, MPFR_RNDN);
    mpfr_abs(e, e, MPFR_RNDN);
    mpfr_add(w, v, e, MPFR_RNDN);
    good = mpfr_cmp_d(w, lo) >= 0;
    mpfr_sub(w, v, e, MPFR_RNDN);
    good = good && mpfr_cmp_d(w, hi) <= 0;
    mpfr_clears(e, w, (mpfr_ptr)0);
    return good;
}

/* [L-RLX-02] [L-RLX-03] [L-RLX-04] [L-RLX-05] [L-RLX-06] [L-RLX-09] [L-RLX-22] [L-RLX-23]: the
 * enclosures hold the formulas' values, cut to the range; they hold softmax; they are in order:
 * L_lin <= L_ER, U_LSE <= U_ER <= U_lin; auto is the best. */
static void values_are_the_published_ones(void **state)
{
    (void)state;
    for (long k = 0; k < test_rounds(300); k++) {
        const uint64_t seed = test_seed() + (uint64_t)k;
        uint64_t s = seed;
        static ref_box b;
        sbx_ivd x[REF_N], at[REF_N], lower[SBX_METHOD_COUNT], upper[SBX_METHOD_COUNT];
        mpfr_t low, up, p_lo, p_up, p;
        size_t i;
        bool good = true;
        mpfr_inits2(REF_BITS, low, up, p_lo, p_up, p, (mpfr_ptr)0);
        ref_draw(&b, &s, k);
        i = sbx_rng(&s) % b.n;
        for (size_t j = 0; j < b.n; j++) {
            x[j] = (sbx_ivd){b.lo[j], b.hi[j]};
            at[j] = (sbx_ivd){b.c[j], b.c[j]};
        }
        ref_range(p_lo, p_up, &b, i);
        ref_sum(p, b.c, b.n, i);
        mpfr_ui_div(p, 1, p, MPFR_RNDN);
        for (sbx_method m = SBX_METHOD_INTERVAL; m <= SBX_METHOD_AUTO; m++) {
            if (m > SBX_METHOD_LSE_STAR && m < SBX_METHOD_AUTO) continue; /* planes alone */
            assert_ok(sbx_relax_value(&lower[m], &upper[m], SBX_FN_SOFTMAX, m, i, x, at, b.n, err));
            good = good && holds(lower[m].lo, 1, p) && holds(0, upper[m].hi, p);
            if (m == SBX_METHOD_INTERVAL || m == SBX_METHOD_CONSTANT) {
                mpfr_set(low, p_lo, MPFR_RNDN);
                mpfr_set(up, p_up, MPFR_RNDN);
            } else if (m != SBX_METHOD_AUTO) {
                ref_bound(low, up, &b, b.c, i, m);
                mpfr_max(low, low, p_lo, MPFR_RNDN);
                mpfr_min(up, up, p_up, MPFR_RNDN);
            }
            if (m != SBX_METHOD_AUTO)
                good = good && holds(lower[m].lo, lower[m].hi, low) &&
                       holds(upper[m].lo, upper[m].hi, up);
            if (!good)
                fail_msg("SBX_SEED=%llu n=%zu %s: [%.17g, %.17g] [%.17g, %.17g]",
                         (unsigned long long)seed, b.n, sbx_method_name(m), lower[m].lo,
                         lower[m].hi, upper[m].lo, upper[m].hi);
        }
        assert_true(lower[SBX_METHOD_LIN].lo <= lower[SBX_METHOD_ER].hi);
        assert_true(upper[SBX_METHOD_LSE].lo <= upper[SBX_METHOD_ER].hi);
        assert_true(upper[SBX_METHOD_ER].lo <= upper[SBX_METHOD_LIN].hi);
        for (sbx_method m = SBX_METHOD_INTERVAL; m <= SBX_METHOD_LSE_STAR; m++)
            assert_true(lower[SBX_METHOD_AUTO].lo >= lower[m].lo &&
                        upper[SBX_METHOD_AUTO].hi <= upper[m].hi);
        mpfr_clears(low, up, p_lo, p_up, p, (mpfr_ptr)0);
    }
}

/* v <= w but for a share of 2^-40 of the box's size: what rounding of the slopes may cost */
static bool near_below(mpfr_t v, mpfr_t w, const ref_box *b)
{
    double size = 1.0;
    mpfr_t z;
    bool good;
    for (size_t j = 0; j < b->n; j++)
        size += fabs(b->lo[j]) + fabs(b->hi[j]);
    mpfr_init2(z, REF_BITS);
    mpfr_add_d(z, w, size * 0x1p-40, MPFR_RNDN);
    good = mpfr_lessequal_p(v, z);
    mpfr_clear(z);
    return good;
}

/* base + log S relative to pivot r: an upper bound of lse */
static void ref_lse_upper(mpfr_t v, const ref_box *b, size_t r)
{
    ref_chords(v, b, b->c, r);
    mpfr_log(v, v, MPFR_RNDN);
    if (r < b->n) mpfr_add_d(v, v, b->c[r], MPFR_RNDN);
}

/* [L-RLX-10] [L-RLX-11] [L-RLX-21]: log-softmax and lse themselves on one side, the best of the
 * pivots on the other, cut to the range */
static void logarithms_are_the_best_of_the_pivots(void **state)
{
    static planes z_lse;
    (void)state;
    for (long k = 0; k < test_rounds(200); k++) {
        const uint64_t seed = test_seed() + 3000 + (uint64_t)k;
        uint64_t s = seed;
        static ref_box b;
        sbx_ivd x[REF_N], at[REF_N], lower, upper;
        mpfr_t z, best, v, range;
        size_t i, pivots[3];
        bool good;
        mpfr_inits2(REF_BITS, z, best, v, range, (mpfr_ptr)0);
        ref_draw(&b, &s, k);
        i = sbx_rng(&s) % b.n;
        for (size_t j = 0; j < b.n; j++) {
            x[j] = (sbx_ivd){b.lo[j], b.hi[j]};
            at[j] = (sbx_ivd){b.c[j], b.c[j]};
        }
        pivots[0] = b.n;
        pivots[1] = ref_pivot(&b);
        pivots[2] = i;
        ref_sum(z, b.c, b.n, i);
        mpfr_log(z, z, MPFR_RNDN); /* lse(c) - c_i */
        ref_lse_upper(best, &b, pivots[0]);
        ref_lse_upper(v, &b, pivots[1]);
        mpfr_min(best, best, v, MPFR_RNDN);
        relax(&z_lse, &b, SBX_FN_LSE, SBX_METHOD_LSE, i);
        ref_affine(v, z_lse.b, z_lse.upper.cst, b.c, b.n, MPFR_RNDU);
        good = near_below(v, best, &b);
        ref_sum(range, b.hi, b.n, i);
        mpfr_log(range, range, MPFR_RNDN);
        mpfr_add_d(range, range, b.hi[i], MPFR_RNDN);
        mpfr_min(v, best, range, MPFR_RNDN);
        assert_ok(sbx_relax_value(&lower, &upper, SBX_FN_LSE, SBX_METHOD_LSE, 0, x, at, b.n, err));
        good = good && holds(upper.lo, upper.hi, v);
        mpfr_add_d(v, z, b.c[i], MPFR_RNDN);
        good = good && holds(lower.lo, lower.hi, v);
        ref_lse_upper(v, &b, pivots[2]);
        mpfr_min(best, best, v, MPFR_RNDN);
        mpfr_d_sub(best, b.c[i], best, MPFR_RNDN);
        relax(&z_lse, &b, SBX_FN_LOG_SOFTMAX, SBX_METHOD_LSE, i);
        ref_affine(v, z_lse.a, z_lse.lower.cst, b.c, b.n, MPFR_RNDD);
        good = good && near_below(best, v, &b);
        ref_range(range, v, &b, i);
        mpfr_log(range, range, MPFR_RNDN);
        mpfr_max(best, best, range, MPFR_RNDN);
        assert_ok(sbx_relax_value(&lower, &upper, SBX_FN_LOG_SOFTMAX, SBX_METHOD_LSE, i, x, at, b.n,
                                  err));
        mpfr_neg(z, z, MPFR_RNDN);
        good = good && holds(lower.lo, lower.hi, best) && holds(upper.lo, upper.hi, z);
        if (!good) fail_msg("SBX_SEED=%llu n=%zu", (unsigned long long)seed, b.n);
        mpfr_clears(z, best, v, range, (mpfr_ptr)0);
    }
}

/* ---- the planes are the tangents ----------------------------------------------------------- */

/* [L-RLX-07]: below the convex bound everywhere, near it at c; and auto at c is not worse
 * than any other, exactly. */
static void planes_are_tangents(void **state)
{
    static planes z[SBX_METHOD_COUNT];
    (void)state;
    for (long k = 0; k < test_rounds(150); k++) {
        const uint64_t seed = test_seed() + 7000 + (uint64_t)k;
        uint64_t s = seed;
        static ref_box b;
        mpfr_t low, up, v, w;
        double t[REF_N];
        size_t i;
        mpfr_inits2(REF_BITS, low, up, (mpfr_ptr)0);
        mpfr_inits2(4400, v, w, (mpfr_ptr)0); /* exact */
        ref_draw(&b, &s, k);
        i = sbx_rng(&s) % b.n;
        for (sbx_method m = SBX_METHOD_CONSTANT; m <= SBX_METHOD_AUTO; m++)
            relax(&z[m], &b, SBX_FN_SOFTMAX, m, i);
        for (sbx_method m = SBX_METHOD_LIN; m <= SBX_METHOD_LSE_STAR; m++)
            for (int r = 0; r < 8; r++) {
                bool good;
                for (size_t j = 0; j < b.n; j++)
                    t[j] = r == 0            ? b.c[j]
                           : r % 2 == 0      ? test_uniform(&s, b.lo[j], b.hi[j])
                           : sbx_rng(&s) % 2 ? b.lo[j]
                                             : b.hi[j];
                ref_bound(low, up, &b, t, i, m);
                ref_affine(v, z[m].a, z[m].lower.cst, t, b.n, MPFR_RNDU);
                ref_affine(w, z[m].b, z[m].upper.cst, t, b.n, MPFR_RNDD);
                mpfr_sub(v, low, v, MPFR_RNDN);
                mpfr_sub(w, w, up, MPFR_RNDN);
                good = mpfr_cmp_d(v, -0x1p-190) >= 0 && mpfr_cmp_d(w, -0x1p-190) >= 0;
                mpfr_set_zero(low, 1);
                if (r == 0) good = good && near_below(v, low, &b) && near_below(w, low, &b);
                if (!good)
                    fail_msg("SBX_SEED=%llu n=%zu %s r=%d: %g %g", (unsigned long long)seed, b.n,
                             sbx_method_name(m), r, mpfr_get_d(v, MPFR_RNDN),
                             mpfr_get_d(w, MPFR_RNDN));
            }
        for (sbx_method m = SBX_METHOD_CONSTANT; m < SBX_METHOD_AUTO; m++) {
            ref_affine(v, z[m].a, z[m].lower.cst, b.c, b.n, MPFR_RNDN);
            ref_affine(w, z[SBX_METHOD_AUTO].a, z[SBX_METHOD_AUTO].lower.cst, b.c, b.n, MPFR_RNDN);
            assert_true(mpfr_lessequal_p(v, w));
            ref_affine(v, z[m].b, z[m].upper.cst, b.c, b.n, MPFR_RNDN);
            ref_affine(w, z[SBX_METHOD_AUTO].b, z[SBX_METHOD_AUTO].upper.cst, b.c, b.n, MPFR_RNDN);
            assert_true(mpfr_greaterequal_p(v, w));
        }
        mpfr_clears(low, up, v, w, (mpfr_ptr)0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_point_is_between_the_planes),
        cmocka_unit_test(values_are_the_published_ones),
        cmocka_unit_test(logarithms_are_the_best_of_the_pivots),
        cmocka_unit_test(planes_are_tangents),
    };
    return cmocka_run_group_tests_name("relax softmax", tests, NULL, NULL);
}
