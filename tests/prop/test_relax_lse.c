/* test_relax_lse.c -- affine bounds above lse and below log-softmax: they hold at every corner of boxes of
 * every kind, whatever the slopes; the closed form for two coordinates and the best slopes for three
 * are the optimum, found here in another way. All judged in MPFR at 300 bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax_ref.h"

#include "relax/lse.h"

#include <float.h>

enum { N = 12 };

typedef struct drawn {
    size_t n;
    sbx_ivd x[REF_N];
    double at[REF_N];
    mpfr_t lo[REF_N], hi[REF_N]; /* e^ends, up to the last of 300 bits */
} drawn;

/* widths 1e-300 to 1e3, none, shifted by 1e5, one that dominates, a lower end of -inf */
static void draw(drawn *d, uint64_t *s, size_t n)
{
    const double shift = sbx_rng(s) % 4 ? 0.0 : 1e5 * test_uniform(s, -1, 1);
    const double spread = sbx_rng(s) % 2 ? 1.0 : 12.0;
    const bool wild = sbx_rng(s) % 4 == 0;
    d->n = n;
    for (size_t j = 0; j < n; j++) {
        const double c = shift + spread * test_uniform(s, -1, 1);
        double w = pow(10.0, wild ? test_uniform(s, -300, 3) : test_uniform(s, -1.5, 0.8));
        if (sbx_rng(s) % 8 == 0) w = 0.0;
        d->x[j].lo = c - w;
        d->x[j].hi = c + w;
        if (sbx_rng(s) % 40 == 0) d->x[j].lo = -HUGE_VAL;
        d->at[j] = d->x[j].lo < -DBL_MAX ? c : test_uniform(s, d->x[j].lo, d->x[j].hi);
        if (sbx_rng(s) % 6 == 0) d->at[j] = sbx_rng(s) % 2 ? d->x[j].hi : fmax(d->x[j].lo, -1e6);
        if (d->at[j] < d->x[j].lo || d->at[j] > d->x[j].hi) d->at[j] = d->x[j].hi;
        mpfr_inits2(REF_BITS, d->lo[j], d->hi[j], (mpfr_ptr)0);
        mpfr_set_d(d->lo[j], d->x[j].lo, MPFR_RNDN);
        mpfr_set_d(d->hi[j], d->x[j].hi, MPFR_RNDN);
        mpfr_exp(d->lo[j], d->lo[j], MPFR_RNDN);
        mpfr_exp(d->hi[j], d->hi[j], MPFR_RNDN);
    }
}

static void drawn_clear(drawn *d)
{
    for (size_t j = 0; j < d->n; j++)
        mpfr_clears(d->lo[j], d->hi[j], (mpfr_ptr)0);
}

/* lse at corner s of the box */
static void corner_lse(mpfr_t f, const drawn *d, size_t s)
{
    mpfr_set_zero(f, 1);
    for (size_t j = 0; j < d->n; j++)
        mpfr_add(f, f, s >> j & 1 ? d->hi[j] : d->lo[j], MPFR_RNDN);
    mpfr_log(f, f, MPFR_RNDN);
}

/* a.x + b - lse (own < n: log-softmax_own - (a.x + b)) at corner s; a = 0 where an end is -inf */
static double slack(const drawn *d, const double *a, double b, size_t s, size_t own)
{
    mpfr_t f, h, t;
    double v;
    mpfr_inits2(REF_BITS, f, h, t, (mpfr_ptr)0);
    corner_lse(f, d, s);
    mpfr_set_d(h, b, MPFR_RNDN);
    for (size_t j = 0; j < d->n; j++) {
        const double end = s >> j & 1 ? d->x[j].hi : d->x[j].lo;
        if (a[j] == 0.0) continue;
        mpfr_set_d(t, end, MPFR_RNDN);
        mpfr_mul_d(t, t, a[j], MPFR_RNDN);
        mpfr_add(h, h, t, MPFR_RNDN);
    }
    mpfr_sub(h, h, f, MPFR_RNDN);
    if (own < d->n) { /* x_i - lse - (a.x + b) */
        mpfr_set_d(t, s >> own & 1 ? d->x[own].hi : d->x[own].lo, MPFR_RNDN);
        mpfr_add(h, h, f, MPFR_RNDN);
        mpfr_sub(h, t, h, MPFR_RNDN);
        mpfr_sub(h, h, f, MPFR_RNDN);
    }
    v = mpfr_get_d(h, MPFR_RNDD);
    if (mpfr_cmp_d(h, -1e-60) >= 0 && v < 0.0) v = 0.0; /* what 300 bits cannot tell */
    mpfr_clears(f, h, t, (mpfr_ptr)0);
    return v;
}

static void assert_above(const drawn *d, const double *a, double b, size_t own, uint64_t *s,
                         const char *what)
{
    const bool all = d->n <= 7;
    const size_t rounds = all ? (size_t)1 << d->n : 100;
    for (size_t k = 0; k < rounds; k++) {
        size_t c = all ? k : (size_t)sbx_rng(s);
        if (!all && k < 2) c = k ? ~(size_t)0 : 0;
        if (slack(d, a, b, c, own) < 0.0)
            fail_msg("%s, n = %zu: wrong by %g at corner %zx", what, d->n, -slack(d, a, b, c, own),
                     c);
    }
}

/* [L-RLX-120]: for any slopes, any corners, any rho */
static void any_slopes_have_a_constant(void **state)
{
    uint64_t s = test_seed();
    long some = 0;
    (void)state;
    for (long round = 0; round < test_rounds(3000); round++) {
        const size_t n = 1 + sbx_rng(&s) % N;
        const size_t m = sbx_rng(&s) % ((n < 6 ? n : 6) + 1);
        double a[N], b, scale = sbx_rng(&s) % 3 ? 1.0 : 30.0;
        drawn d;
        sbx_lse w = {0};
        draw(&d, &s, n);
        assert_ok(sbx_lse_open(&w, d.x, d.at, n, err));
        for (size_t j = 0; j < n; j++)
            a[j] = d.x[j].lo < -DBL_MAX || sbx_rng(&s) % 5 == 0 ? 0.0
                                                                : scale * test_uniform(&s, -0.2, 1);
        b = sbx_lse_intercept(&w, a, m, sbx_rng(&s) % 4 ? test_uniform(&s, 0, 3) : 0.0);
        if (b < HUGE_VAL) assert_above(&d, a, b, n, &s, "intercept");
        some += b < HUGE_VAL;
        sbx_lse_close(&w);
        drawn_clear(&d);
    }
    assert_true(some > test_rounds(3000) / 2);
}

/* At a corner the slopes ask for more than any double: no constant, whatever the corners after it
 * say. */
static void a_corner_that_overflows_is_not_forgotten(void **state)
{
    const sbx_ivd x[2] = {{-1e308, 0}, {0, 1}};
    const double at[2] = {0, 0.5}, a[2] = {10, 0.5};
    (void)state;
    for (size_t m = 0; m <= 2; m++) {
        sbx_lse w = {0};
        assert_ok(sbx_lse_open(&w, x, at, 2, err));
        assert_true(!(sbx_lse_intercept(&w, a, m, 0.5) < HUGE_VAL));
        sbx_lse_close(&w);
    }
}

/* closed forms and best slopes; log-softmax by them [L-RLX-122] */
static void bounds_hold_on_boxes_of_every_kind(void **state)
{
    static const size_t sizes[] = {1, 2, 2, 3, 3, 4, 5, 6, 7, 9, 14, 60};
    uint64_t s = test_seed();
    (void)state;
    for (long round = 0; round < test_rounds(1500); round++) {
        const size_t n = sizes[sbx_rng(&s) % 12], own = sbx_rng(&s) % n;
        double a[64] = {0.0};
        sbx_affine out = {a, 0.0};
        bool found = false;
        drawn d;
        sbx_lse w = {0};
        draw(&d, &s, n);
        assert_ok(sbx_lse_open(&w, d.x, d.at, n, err));
        for (int how = 0; how < 2; how++) {
            if (how && n > 7 && round % 20) continue;
            if (how)
                assert_ok(sbx_lse_optimal(&out, &found, &w, err));
            else
                found = sbx_lse_closed(&out, &w);
            if (!found) continue;
            assert_above(&d, a, out.cst, n, &s, how ? "optimal" : "closed");
            if (!sbx_lse_log_softmax(&out, own, d.x, n)) continue;
            if (d.x[own].lo > -DBL_MAX) assert_above(&d, a, out.cst, own, &s, "log-softmax");
        }
        sbx_lse_close(&w);
        drawn_clear(&d);
    }
}

/* ---- the optimum ------------------------------------------------------------------------- */

/* Solves m (n+1 by n+1, last column the right side); false: singular. */
static bool solve(double m[5][6], size_t n)
{
    for (size_t k = 0; k < n; k++) {
        size_t p = k;
        for (size_t i = k + 1; i < n; i++)
            if (fabs(m[i][k]) > fabs(m[p][k])) p = i;
        if (fabs(m[p][k]) < 1e-12) return false;
        for (size_t j = 0; j <= n; j++) {
            const double t = m[k][j];
            m[k][j] = m[p][j];
            m[p][j] = t;
        }
        for (size_t i = 0; i < n; i++) {
            const double f = i == k ? 0.0 : m[i][k] / m[k][k];
            for (size_t j = k; j <= n; j++)
                m[i][j] -= f * m[k][j];
        }
    }
    return true;
}

/* The least concave function above the corners' values, at z: the greatest interpolation over
 * n + 1 corners whose simplex z is in. */
static double envelope(const drawn *d, const double *z)
{
    const size_t n = d->n, all = (size_t)1 << n;
    double f[16], best = -HUGE_VAL;
    mpfr_t v;
    mpfr_init2(v, REF_BITS);
    for (size_t s = 0; s < all; s++) {
        corner_lse(v, d, s);
        f[s] = mpfr_get_d(v, MPFR_RNDN);
    }
    mpfr_clear(v);
    for (size_t set = 0; set < (size_t)1 << all; set++) {
        double m[5][6], sum = 0.0;
        size_t k = 0, corner[5] = {0};
        bool inside = true;
        for (size_t s = 0; s < all; s++)
            if (set >> s & 1) {
                if (k <= n) corner[k] = s;
                k++;
            }
        if (k != n + 1) continue;
        for (size_t c = 0; c <= n; c++) {
            for (size_t j = 0; j < n; j++)
                m[j][c] = corner[c] >> j & 1 ? 1.0 : 0.0;
            m[n][c] = 1.0;
        }
        for (size_t j = 0; j < n; j++)
            m[j][n + 1] = z[j];
        m[n][n + 1] = 1.0;
        if (!solve(m, n + 1)) continue;
        for (size_t c = 0; c <= n; c++) {
            const double weight = m[c][n + 1] / m[c][c];
            inside = inside && weight >= -1e-12;
            sum += weight * f[corner[c]];
        }
        if (inside) best = fmax(best, sum);
    }
    return best;
}

/* [L-RLX-121] and the best slopes: as low as any affine bound */
static void they_are_the_lowest(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (long round = 0; round < test_rounds(200); round++) {
        const size_t n = round % 2 ? 3 : 2;
        double a[4], z[4], v[2], want;
        sbx_affine out = {a, 0.0};
        bool found = false;
        drawn d = {.n = n};
        sbx_lse w = {0};
        for (size_t j = 0; j < n; j++) {
            const double c = test_uniform(&s, -3, 3), r = test_uniform(&s, 0.05, 4);
            d.x[j] = (sbx_ivd){c - r, c + r};
            z[j] = sbx_rng(&s) % 2 ? 0.5 : test_uniform(&s, 0.01, 0.99);
            d.at[j] = d.x[j].lo + z[j] * (d.x[j].hi - d.x[j].lo);
            mpfr_inits2(REF_BITS, d.lo[j], d.hi[j], (mpfr_ptr)0);
            mpfr_set_d(d.lo[j], d.x[j].lo, MPFR_RNDN);
            mpfr_set_d(d.hi[j], d.x[j].hi, MPFR_RNDN);
            mpfr_exp(d.lo[j], d.lo[j], MPFR_RNDN);
            mpfr_exp(d.hi[j], d.hi[j], MPFR_RNDN);
        }
        want = envelope(&d, z);
        assert_ok(sbx_lse_open(&w, d.x, d.at, n, err));
        for (int how = 0; how < 2; how++) {
            if (how)
                assert_ok(sbx_lse_optimal(&out, &found, &w, err));
            else
                found = sbx_lse_closed(&out, &w);
            assert_true(found);
            v[how] = out.cst;
            for (size_t j = 0; j < n; j++)
                v[how] += a[j] * d.at[j];
        }
        if (fabs(v[1] - want) > 1e-6) fail_msg("optimal: %.10g, not %.10g", v[1], want);
        if (n == 2 && fabs(v[0] - want) > 1e-13 * 10)
            fail_msg("n = 2: %.16g, not %.16g", v[0], want);
        if (v[0] < want - 1e-12) fail_msg("lower than the envelope");
        sbx_lse_close(&w);
        drawn_clear(&d);
    }
}

/* through the interface: `auto` is no worse than `lse`, and better where one side dominates */
static void auto_takes_the_better_one(void **state)
{
    uint64_t s = test_seed();
    long better = 0;
    (void)state;
    for (long round = 0; round < test_rounds(500); round++) {
        const size_t n = 2 + sbx_rng(&s) % 5, i = sbx_rng(&s) % n;
        const sbx_vector_fn f = round % 2 ? SBX_FN_LSE : SBX_FN_LOG_SOFTMAX;
        double a[8], b[8], at[8], gap[2] = {0.0, 0.0};
        sbx_affine lower = {a, 0.0}, upper = {b, 0.0};
        sbx_ivd x[8], range;
        for (size_t j = 0; j < n; j++) {
            const double c = test_uniform(&s, -2, 2), r = test_uniform(&s, 0, 2);
            x[j] = (sbx_ivd){c - r, c + r};
            at[j] = x[j].lo / 2 + x[j].hi / 2;
        }
        const sbx_zone zone = sbx_zone_box(x, n);
        for (int k = 0; k < 2; k++) {
            assert_ok(sbx_relax_vector(&lower, &upper, &range, f,
                                       k ? SBX_METHOD_AUTO : SBX_METHOD_LSE, i, &zone, at, err));
            if (k && round % 4 < 2)
                assert_ok(
                    sbx_relax_vector(&lower, &upper, &range, f, SBX_METHOD_ENV, i, &zone, at, err));
            gap[k] = upper.cst - lower.cst;
            for (size_t j = 0; j < n; j++)
                gap[k] += (b[j] - a[j]) * at[j];
        }
        assert_true(gap[1] <= gap[0] + 1e-12);
        better += gap[1] < 0.99 * gap[0];
    }
    assert_true(better > test_rounds(500) / 8);
}

/* ---- pieces ------------------------------------------------------------------------------- */

/* [L-RLX-123]: each piece is a bound, and at its point the bound that is made for it */
static void pieces_are_bounds(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (long round = 0; round < test_rounds(200); round++) {
        enum { R = 4 };
        const size_t n = 2 + sbx_rng(&s) % 4, own = sbx_rng(&s) % n;
        const sbx_method m = round % 5 == 0   ? SBX_METHOD_OPTIMAL
                             : round % 5 == 1 ? SBX_METHOD_ENV
                                              : SBX_METHOD_AUTO;
        const sbx_vector_fn f = round % 2 ? SBX_FN_LSE : SBX_FN_LOG_SOFTMAX;
        double a[2 * R][8], one[2][8], at[R * 8], scale;
        sbx_affine lower[R], upper[R], lo = {one[0], 0.0}, up = {one[1], 0.0};
        sbx_ivd range;
        drawn d;
        do {
            draw(&d, &s, n);
            scale = 0.0;
            for (size_t j = 0; j < n; j++)
                scale = fmax(scale, fabs(d.x[j].lo));
            if (!(scale < 1e4)) drawn_clear(&d);
        } while (!(scale < 1e4));
        const sbx_zone zone = sbx_zone_box(d.x, n);
        for (size_t k = 0; k < R; k++) {
            lower[k].coef = a[2 * k];
            upper[k].coef = a[2 * k + 1];
            for (size_t j = 0; j < n; j++)
                at[k * n + j] = test_uniform(&s, d.x[j].lo, d.x[j].hi);
        }
        assert_ok(sbx_relax_pieces(lower, upper, &range, f, m, own, &zone, round % 3 ? at : NULL, R,
                                   err));
        for (size_t k = 0; k < R; k++) {
            if (f == SBX_FN_LSE)
                assert_above(&d, upper[k].coef, upper[k].cst, n, &s, "piece");
            else
                assert_above(&d, lower[k].coef, lower[k].cst, own, &s, "piece");
            if (round % 3 == 0) continue;
            assert_ok(sbx_relax_vector(&lo, &up, &range, f, m, own, &zone, at + k * n, err));
            assert_memory_equal(lo.coef, lower[k].coef, n * sizeof(double));
            assert_memory_equal(up.coef, upper[k].coef, n * sizeof(double));
            assert_true(lo.cst == lower[k].cst && up.cst == upper[k].cst);
        }
        drawn_clear(&d);
    }
    {
        const sbx_ivd x[2] = {{0.0, 1.0}, {0.0, 1.0}};
        const sbx_diff diff = {0, 1, 0.5};
        const sbx_zone zone = {x, 2, &diff, 1};
        double a[2], b[2];
        sbx_affine lower = {a, 0.0}, upper = {b, 0.0};
        sbx_ivd range;
        assert_status(SBX_ERR_ARG, sbx_relax_pieces(&lower, &upper, &range, SBX_FN_LSE,
                                                    SBX_METHOD_AUTO, 0, &zone, NULL, 1, err));
        assert_status(SBX_ERR_ARG, sbx_relax_pieces(&lower, &upper, &range, SBX_FN_LSE,
                                                    SBX_METHOD_AUTO, 0, &zone, NULL, 0, err));
    }
}

/* phi(t) - max_k (a_k t + b_k) in 300 bits */
static double miss(const double *a, const double *b, size_t r, double t)
{
    mpfr_t p, v, best;
    double d;
    mpfr_inits2(REF_BITS, p, v, best, (mpfr_ptr)0);
    mpfr_set_inf(best, -1);
    for (size_t k = 0; k < r; k++) {
        mpfr_set_d(v, a[k], MPFR_RNDN);
        mpfr_mul_d(v, v, t, MPFR_RNDN);
        mpfr_add_d(v, v, b[k], MPFR_RNDN);
        mpfr_max(best, best, v, MPFR_RNDN);
    }
    mpfr_set_d(p, t, MPFR_RNDN);
    mpfr_exp(p, p, MPFR_RNDN);
    mpfr_log1p(p, p, MPFR_RNDN);
    mpfr_sub(p, p, best, MPFR_RNDN);
    d = mpfr_get_d(p, MPFR_RNDA);
    mpfr_clears(p, v, best, (mpfr_ptr)0);
    return d;
}

/* [L-RLX-124]: below, by no more than what is said; the published errors */
static void lines_are_below_softplus(void **state)
{
    static const double published[] = {0.69315, 0.22314, 0.10936, 0.0648, 0.0429, 0.0305};
    uint64_t s = test_seed();
    (void)state;
    for (size_t r = 2; r <= 12; r++) {
        double a[SBX_PIECES_MAX], b[SBX_PIECES_MAX], most = 0.0;
        sbx_ivd e;
        assert_ok(sbx_relax_softplus_pieces(a, b, &e, r, err));
        for (long k = 0; k < test_rounds(2000); k++) {
            const double t = k % 2 ? test_uniform(&s, -6, 6) : test_uniform(&s, -800, 800);
            const double v = miss(a, b, r, t);
            if (v < 0.0 || v > e.hi) fail_msg("%zu lines at %g: %g", r, t, v);
        }
        for (size_t k = 1; k + 1 < r; k++) /* where a line touches */
            if (miss(a, b, r, log(a[k] / (1.0 - a[k]))) < 0.0) fail_msg("line %zu of %zu", k, r);
        for (size_t k = 0; k + 1 < r; k++) /* equal errors where lines meet */
            most = fmax(most, fabs(miss(a, b, r, (b[k] - b[k + 1]) / (a[k + 1] - a[k])) - e.hi));
        assert_true(most < 1e-9);
        assert_true(e.hi - e.lo < 1e-13);
        if (r < 8 && fabs(e.hi - published[r - 2]) > 1e-4) fail_msg("%zu lines: %g", r, e.hi);
    }
    assert_status(SBX_ERR_ARG, sbx_relax_softplus_pieces(NULL, NULL, NULL, 1, err));
    assert_status(SBX_ERR_ARG,
                  sbx_relax_softplus_pieces(NULL, NULL, NULL, SBX_PIECES_MAX + 1, err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_slopes_have_a_constant),
        cmocka_unit_test(a_corner_that_overflows_is_not_forgotten),
        cmocka_unit_test(bounds_hold_on_boxes_of_every_kind),
        cmocka_unit_test(they_are_the_lowest),
        cmocka_unit_test(auto_takes_the_better_one),
        cmocka_unit_test(pieces_are_bounds),
        cmocka_unit_test(lines_are_below_softplus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
