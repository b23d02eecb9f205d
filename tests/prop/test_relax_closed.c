/* test_relax_closed.c -- env, l2d and auto over boxes of every kind, judged at 300 bits.
 *
 * Points of a box are drawn from a few values a coordinate, so that exponentials are few:
 * ends, the centre, random ones. The worst points of a plane are looked for as well: at the
 * maximum of softmax_i minus a plane with slopes -w_j, e^{x_j} = mu w_j but for the sides;
 * at its minimum all coordinates but few are at ends, in the order of the slopes of chords.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax_ref.h"

enum { GRID = 6, BIG = 1000, CORNERS = 12, WORST = 24 };

typedef struct zbox {
    size_t n, i;
    double lo[BIG], hi[BIG], c[BIG];
} zbox;

/* Widths 1e-300 to 1e4, shifts to 1e5, flat sides, one side far above or below the others. */
static void draw(zbox *b, uint64_t *s, size_t n_max)
{
    const double shifts[] = {0, 0, 0, 1, 30, 1e3, 1e5}, shift = shifts[sbx_rng(s) % 7];
    const double spreads[] = {0, 1e-3, 1, 3, 20}, spread = spreads[sbx_rng(s) % 5];
    const int kind = (int)(sbx_rng(s) % 8);
    double decade = test_uniform(s, -2, 1);
    b->n = 2 + (size_t)(pow(sbx_rng_unit(s), 2.0) * (double)(n_max - 1));
    if (b->n > n_max) b->n = n_max;
    if (sbx_rng(s) % 4 == 0) b->n = 2;
    if (kind == 0) decade = test_uniform(s, -300, -2);
    if (kind == 1) decade = test_uniform(s, 1, 4);
    if (kind == 2) decade = test_uniform(s, -16, -2);
    b->i = sbx_rng(s) % b->n;
    for (size_t j = 0; j < b->n; j++) {
        const double m = shift + spread * test_uniform(s, -1, 1);
        double w = pow(10.0, decade) * (kind & 4 ? 1.0 : sbx_rng_unit(s));
        if (sbx_rng(s) % 8 == 0) w = 0.0;
        if (kind == 3 && j == 0) w = pow(10.0, test_uniform(s, -3, 3));
        b->lo[j] = m - w;
        b->hi[j] = m + w;
    }
    if (sbx_rng(s) % 3 == 0) {
        const size_t j = sbx_rng(s) % 2 ? b->i : sbx_rng(s) % b->n;
        const double far = pow(10.0, test_uniform(s, 0, 2.9)) * (sbx_rng(s) % 2 ? 1 : -1);
        b->lo[j] += far;
        b->hi[j] += far;
    }
    for (size_t j = 0; j < b->n; j++) {
        const uint64_t where = sbx_rng(s) % 8;
        b->c[j] = where == 0   ? b->lo[j]
                  : where == 1 ? b->hi[j]
                               : test_uniform(s, b->lo[j], b->hi[j]);
    }
    if (sbx_rng(s) % 2)
        for (size_t j = 0; j < b->n; j++)
            b->c[j] = b->lo[j] / 2 + b->hi[j] / 2;
}

typedef struct bound {
    double a[2][BIG];
    sbx_affine side[2];
    sbx_ivd range;
} bound;

static const sbx_method methods[] = {SBX_METHOD_ENV, SBX_METHOD_L2D, SBX_METHOD_AUTO};
enum { METHODS = sizeof methods / sizeof *methods };

static void relax(bound *z, const zbox *b, sbx_method m)
{
    static sbx_ivd x[BIG];
    const sbx_zone zone = sbx_zone_box(x, b->n);
    for (size_t j = 0; j < b->n; j++)
        x[j] = (sbx_ivd){b->lo[j], b->hi[j]};
    z->side[0].coef = z->a[0];
    z->side[1].coef = z->a[1];
    assert_ok(sbx_relax_vector(&z->side[0], &z->side[1], &z->range, SBX_FN_SOFTMAX, m, b->i, &zone,
                               b->c, err));
}

/* ---- the judge --------------------------------------------------------------------------- */

static mpfr_t sum_lo, sum_hi, own_lo, own_hi, plane, term, coef;

static void judge_open(void)
{
    mpfr_inits2(REF_BITS, sum_lo, sum_hi, own_lo, own_hi, term, coef, (mpfr_ptr)0);
    mpfr_init2(plane, REF_BITS);
}

static void judge_close(void)
{
    mpfr_clears(sum_lo, sum_hi, own_lo, own_hi, plane, term, coef, (mpfr_ptr)0);
    mpfr_free_cache();
}

/* coef.t + cst against p, with p = own/sum: sign * (plane - p) >= 0 as far as rounding shows */
static bool holds(const sbx_affine *a, const double *t, size_t n, bool upper)
{
    const mpfr_rnd_t rnd = upper ? MPFR_RNDU : MPFR_RNDD;
    mpfr_set_d(plane, a->cst, rnd);
    for (size_t j = 0; j < n; j++) {
        if (a->coef[j] == 0.0) continue;
        mpfr_set_d(term, t[j], MPFR_RNDN);
        mpfr_mul_d(term, term, a->coef[j], rnd); /* 106 bits: exact */
        mpfr_add(plane, plane, term, rnd);
    }
    if (upper)
        mpfr_div(term, own_lo, sum_hi, MPFR_RNDD);
    else
        mpfr_div(term, own_hi, sum_lo, MPFR_RNDU);
    return upper ? mpfr_greaterequal_p(plane, term) : mpfr_lessequal_p(plane, term);
}

static void no(const char *what, sbx_method m, bool upper, const zbox *b, uint64_t seed)
{
    mpfr_sub(term, plane, term, MPFR_RNDN);
    fail_msg("SBX_SEED=%llu %s: %s of %s, n=%zu, i=%zu: off by %g", (unsigned long long)seed, what,
             upper ? "upper" : "lower", sbx_method_name(m), b->n, b->i,
             mpfr_get_d(term, MPFR_RNDN));
}

/* ---- a grid of points ----------------------------------------------------------------------- */

typedef struct grid {
    double v[BIG][GRID];
    mpfr_t lo[BIG][GRID], hi[BIG][GRID]; /* e^v */
} grid;

static void grid_open(grid *g, const zbox *b, uint64_t *s)
{
    for (size_t j = 0; j < b->n; j++)
        for (size_t k = 0; k < GRID; k++) {
            g->v[j][k] = k == 0   ? b->lo[j]
                         : k == 1 ? b->hi[j]
                         : k == 2 ? b->c[j]
                                  : test_uniform(s, b->lo[j], b->hi[j]);
            mpfr_inits2(REF_BITS, g->lo[j][k], g->hi[j][k], (mpfr_ptr)0);
            mpfr_set_d(term, g->v[j][k], MPFR_RNDN);
            mpfr_exp(g->lo[j][k], term, MPFR_RNDD);
            mpfr_exp(g->hi[j][k], term, MPFR_RNDU);
        }
}

static void grid_close(grid *g, size_t n)
{
    for (size_t j = 0; j < n; j++)
        for (size_t k = 0; k < GRID; k++)
            mpfr_clears(g->lo[j][k], g->hi[j][k], (mpfr_ptr)0);
}

/* the r-th corner or a random point: t, and the sums */
static void grid_point(double *t, const grid *g, const zbox *b, uint64_t *s, bool corner, size_t r)
{
    mpfr_set_zero(sum_lo, 1);
    mpfr_set_zero(sum_hi, 1);
    for (size_t j = 0; j < b->n; j++) {
        const size_t k = corner ? (r >> j) & 1 : sbx_rng(s) % GRID;
        t[j] = g->v[j][k];
        mpfr_add(sum_lo, sum_lo, g->lo[j][k], MPFR_RNDD);
        mpfr_add(sum_hi, sum_hi, g->hi[j][k], MPFR_RNDU);
        if (j != b->i) continue;
        mpfr_set(own_lo, g->lo[j][k], MPFR_RNDD);
        mpfr_set(own_hi, g->hi[j][k], MPFR_RNDU);
    }
}

/* any point */
static void set_point(const double *t, const zbox *b)
{
    mpfr_set_zero(sum_lo, 1);
    mpfr_set_zero(sum_hi, 1);
    for (size_t j = 0; j < b->n; j++) {
        mpfr_set_d(term, t[j], MPFR_RNDN);
        mpfr_exp(coef, term, MPFR_RNDU);
        mpfr_exp(term, term, MPFR_RNDD);
        mpfr_add(sum_lo, sum_lo, term, MPFR_RNDD);
        mpfr_add(sum_hi, sum_hi, coef, MPFR_RNDU);
        if (j != b->i) continue;
        mpfr_set(own_lo, term, MPFR_RNDD);
        mpfr_set(own_hi, coef, MPFR_RNDU);
    }
}

/* ---- the worst points of a plane ------------------------------------------------------------- */

static double clip(double v, double lo, double hi) { return v < lo ? lo : v > hi ? hi : v; }

static double off(const sbx_affine *a, const double *t, const zbox *b)
{
    long double v = (long double)a->cst, sum = 0;
    for (size_t j = 0; j < b->n; j++) {
        v += (long double)a->coef[j] * (long double)t[j];
        sum += expl((long double)t[j] - (long double)t[b->i]);
    }
    return (double)(v - 1 / sum);
}

static const double *order_by;
static int by_key(const void *p, const void *q)
{
    const double a = order_by[*(const size_t *)p], b = order_by[*(const size_t *)q];
    return a < b ? -1 : a > b;
}

/* t becomes the worst of a family of points; the best value of x_i for the others' is found by
 * a scan of its side */
static void worst(double *t, const sbx_affine *a, const zbox *b, bool upper)
{
    static double u[BIG], key[BIG];
    static size_t order[BIG];
    const double sign = upper ? 1.0 : -1.0;
    double least = HUGE_VAL, top = -HUGE_VAL;
    for (size_t j = 0; j < b->n; j++) {
        const double w = b->hi[j] - b->lo[j];
        order[j] = j;
        if (j != b->i) top = fmax(top, b->hi[j]);
        key[j] = w > 0
                     ? -a->coef[j] * w / (1.0 - exp(-w)) * exp(fmin(700.0, b->hi[b->i] - b->hi[j]))
                     : 0.0;
    }
    order_by = key;
    qsort(order, b->n, sizeof *order, by_key);
    for (size_t k = 0; k <= WORST; k++) {
        const size_t full = k * b->n / WORST;
        for (size_t j = 0; j < b->n; j++) /* upper: a level; lower: an order */
            u[j] = upper ? clip(log(fmax(-a->coef[j], 1e-300)) - log(fmax(a->coef[b->i], 1e-300)) +
                                    top + 2.0 - 60.0 * pow((double)k / WORST, 2.0),
                                b->lo[j], b->hi[j])
                         : 0.0;
        for (size_t j = 0; !upper && j < b->n; j++)
            u[order[j]] = j < full ? b->hi[order[j]] : b->lo[order[j]];
        for (int r = 0; r <= 16; r++) {
            double d;
            u[b->i] = clip(b->lo[b->i] + (b->hi[b->i] - b->lo[b->i]) * r / 16.0, b->lo[b->i],
                           b->hi[b->i]);
            d = sign * off(a, u, b);
            if (!(d < least)) continue;
            least = d;
            memcpy(t, u, b->n * sizeof *t);
        }
    }
    for (double step = 0.25; step > 1e-3; step /= 2) /* and one coordinate after the other */
        for (size_t j = 0; j < b->n && b->n < 40; j++)
            for (int way = -1; way <= 1; way += 2) {
                const double old = t[j];
                double d;
                t[j] = clip(old + way * step * (b->hi[j] - b->lo[j]), b->lo[j], b->hi[j]);
                d = sign * off(a, t, b);
                if (d < least)
                    least = d;
                else
                    t[j] = old;
            }
}

/* [L-RLX-74] [L-RLX-75] [L-RLX-76] [L-RLX-77] [L-RLX-78] [L-RLX-79] */
static void planes_hold(void **state)
{
    static grid g;
    static bound z[METHODS];
    static zbox b;
    static double t[BIG];
    long pairs = 0;
    (void)state;
    judge_open();
    for (long k = 0; k < test_rounds(3000); k++) {
        const uint64_t seed = test_seed() + (uint64_t)k;
        uint64_t s = seed;
        size_t corners, shown, total;
        draw(&b, &s, k % 100 == 0 ? BIG : k % 10 == 0 ? 40 : 12);
        corners = b.n <= CORNERS ? (size_t)1 << b.n : 0;
        shown = corners <= 64 || k % 10 == 0 || test_rounds(1) > 1 ? corners : 64;
        total = shown + (b.n > 40 ? 4 : 40);
        grid_open(&g, &b, &s);
        for (size_t m = 0; m < METHODS; m++)
            relax(&z[m], &b, methods[m]);
        for (size_t r = 0; r < total; r++, pairs++) {
            grid_point(t, &g, &b, &s, r < shown, shown < corners ? sbx_rng(&s) : r);
            for (size_t m = 0; m < METHODS; m++)
                for (int side = 0; side < 2; side++)
                    if (!holds(&z[m].side[side], t, b.n, side))
                        no("grid", methods[m], side, &b, seed);
        }
        for (size_t m = 0; m < METHODS; m++)
            for (int side = 0; side < 2; side++) {
                worst(t, &z[m].side[side], &b, side);
                set_point(t, &b);
                if (!holds(&z[m].side[side], t, b.n, side)) no("worst", methods[m], side, &b, seed);
            }
        grid_close(&g, b.n);
    }
    judge_close();
    printf("%ld pairs\n", pairs);
}

/* a.c + cst, near */
static double value(const sbx_affine *a, const zbox *b)
{
    long double v = (long double)a->cst;
    for (size_t j = 0; j < b->n; j++)
        v += (long double)a->coef[j] * (long double)b->c[j];
    return (double)v;
}

/* [L-RLX-73] [L-RLX-78]: at c no published bound is better than the closed forms by more than
 * rounding; auto is at least as good as any, exactly. */
static void nothing_published_is_better(void **state)
{
    static bound z, best;
    static zbox b;
    long boxes = 0;
    (void)state;
    for (long k = 0; k < test_rounds(1650); k++) {
        const uint64_t seed = test_seed() + 90000 + (uint64_t)k;
        uint64_t s = seed;
        double closed[2];
        mpfr_t v, w;
        double low = HUGE_VAL, high = -HUGE_VAL;
        draw(&b, &s, 12);
        for (size_t j = 0; j < b.n; j++) {
            low = fmin(low, b.lo[j]);
            high = fmax(high, b.hi[j]);
        }
        if (high - low > 600) continue; /* there e^x is 0 for some, in doubles */
        relax(&z, &b, SBX_METHOD_L2D);
        closed[0] = value(&z.side[0], &b);
        closed[1] = value(&z.side[1], &b);
        relax(&best, &b, SBX_METHOD_AUTO);
        mpfr_inits2(4400, v, w, (mpfr_ptr)0); /* exact */
        for (sbx_method m = SBX_METHOD_CONSTANT; m < SBX_METHOD_AUTO; m++) {
            relax(&z, &b, m);
            for (int side = 0; side < 2; side++) {
                const double d = value(&z.side[side], &b);
                const double gain = side ? closed[1] - d : d - closed[0];
                double size = 1.0; /* of what was rounded */
                for (size_t j = 0; j < b.n; j++)
                    size += fabs(z.side[side].coef[j] * b.c[j]);
                if (gain > 1e-12 * size && m != SBX_METHOD_OPTIMAL_FAST)
                    fail_msg("SBX_SEED=%llu n=%zu i=%zu: %s is better by %g, %s",
                             (unsigned long long)seed, b.n, b.i, sbx_method_name(m), gain,
                             side ? "upper" : "lower");
                ref_affine(v, z.side[side].coef, z.side[side].cst, b.c, b.n, MPFR_RNDN);
                ref_affine(w, best.side[side].coef, best.side[side].cst, b.c, b.n, MPFR_RNDN);
                assert_true(side ? mpfr_lessequal_p(w, v) : mpfr_greaterequal_p(w, v));
            }
        }
        mpfr_clears(v, w, (mpfr_ptr)0);
        boxes++;
    }
    printf("%ld boxes\n", boxes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planes_hold),
        cmocka_unit_test(nothing_published_is_better),
    };
    return cmocka_run_group_tests_name("relax closed", tests, NULL, NULL);
}
