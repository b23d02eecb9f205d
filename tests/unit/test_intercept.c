/* test_intercept.c -- the constant for given slopes: it is a bound at every point that can be
 * found, no farther from the best than asked; and what sbx_relax_certify writes of it, read in MPFR.
 * [L-RLX-142]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"

#include "certref.h"

enum { N_MAX = 40 };

typedef struct {
    size_t n, i;
    sbx_ivd x[N_MAX];
    double a[N_MAX];
} query;

static double uniform(uint64_t *s, double lo, double hi) { return test_uniform(s, lo, hi); }

/* softmax_i less a.x in plain doubles: to look for points, no more */
static double plain(const query *q, const double *x)
{
    double m = -HUGE_VAL, S = 0.0, v = 0.0;
    for (size_t j = 0; j < q->n; j++)
        m = fmax(m, x[j]);
    for (size_t j = 0; j < q->n; j++) {
        S += exp(x[j] - m);
        v -= q->a[j] * x[j];
    }
    return v + exp(x[q->i] - m) / S;
}

/* coordinate search from x: each coordinate at its ends, and by golden steps */
static double climb(const query *q, double *x, int sign)
{
    double best = sign * plain(q, x);
    for (int round = 0; round < 6; round++)
        for (size_t j = 0; j < q->n; j++) {
            const double keep = x[j];
            double at = keep;
            for (int k = 0; k <= 24; k++) {
                const double z = k / 24.0;
                double v;
                x[j] = k == 24 ? q->x[j].hi : q->x[j].lo + z * (q->x[j].hi - q->x[j].lo);
                v = sign * plain(q, x);
                if (v <= best) continue;
                best = v;
                at = x[j];
            }
            x[j] = at;
        }
    return sign * best;
}

/* the best point of corners and searches; f there is judged by MPFR */
static void attack(const query *q, double cst, int sign, uint64_t *s, int starts)
{
    double x[N_MAX];
    const size_t corners = q->n <= 12 ? (size_t)1 << q->n : 0;
    for (size_t k = 0; k < corners; k++) {
        for (size_t j = 0; j < q->n; j++)
            x[j] = (k >> j) & 1 ? q->x[j].hi : q->x[j].lo;
        if (sign * plain(q, x) > sign * cst - 1e-12) cert_judge(q->a, q->i, q->n, x, cst, sign);
    }
    for (int k = 0; k < starts; k++) {
        for (size_t j = 0; j < q->n; j++)
            x[j] = sbx_rng(s) % 2 ? uniform(s, q->x[j].lo, q->x[j].hi)
                                  : (sbx_rng(s) % 2 ? q->x[j].lo : q->x[j].hi);
        (void)climb(q, x, sign);
        cert_judge(q->a, q->i, q->n, x, cst, sign);
    }
}

static void check(const query *q, double width, uint64_t *s, int starts)
{
    for (int side = 0; side < 2; side++) {
        const int sign = side ? 1 : -1;
        double cst, point[N_MAX], scale = 1.0, top = -HUGE_VAL, least = -HUGE_VAL;
        double low = HUGE_VAL;
        sbx_ivd at;
        bool near;
        assert_ok(sbx_relax_intercept(&cst, &at, point, side ? SBX_HI : SBX_LO, q->i, q->a, q->x,
                                      q->n, width, err));
        assert_true(fabs(cst) < HUGE_VAL);
        for (size_t j = 0; j < q->n; j++) {
            assert_true(point[j] >= q->x[j].lo && point[j] <= q->x[j].hi);
            scale += fabs(q->a[j]) * fmax(fabs(q->x[j].lo), fabs(q->x[j].hi));
        }
        for (size_t j = 0; j < q->n; j++) {
            if (j != q->i) top = fmax(top, q->x[j].hi);
            least = fmax(least, q->x[j].lo);
            low = fmin(low, q->x[j].lo);
        }
        near = q->n > 1 && (side ? top - low < 600 : q->n <= 10 && top - least < 1300);
        cert_judge(q->a, q->i, q->n, point, cst, sign);
        assert_true(sign * (cst - (side ? at.lo : at.hi)) >= 0.0);
        if (near && !(sign * (cst - (side ? at.lo : at.hi)) <= width + 1e-14 * scale))
            fail_msg("n %zu side %d: %.17g is %g from the point's %.17g", q->n, side, cst,
                     sign * (cst - at.lo), at.lo);
        attack(q, cst, sign, s, starts);
    }
}

/* The proof that sbx_relax_certify writes of the constant cst, or of one that is little looser, is
 * one in MPFR; is there one? [L-RLX-110] [L-RLX-111] */
static bool certified(const query *q, double cst, int sign)
{
    const sbx_zone z = sbx_zone_box(q->x, q->n);
    double v[N_MAX] = {0}, a[N_MAX], proved;
    sbx_functional_cert c = {0};
    bool found;

    v[q->i] = 1.0;
    assert_ok(sbx_relax_certify(&c, &proved, sign > 0 ? SBX_HI : SBX_LO, q->a, cst, v, &z, err));
    found = c.leaves > 0;
    assert_true(sign * (proved - cst) >= 0.0 && sign * (proved - cst) <= 1e-4);
    if (found && c.view == q->n) {
        v[q->i] = sign;
        for (size_t j = 0; j < q->n; j++)
            a[j] = sign * q->a[j];
        assert_true(cert_proves(&c, a, v, q->x, sign * proved));
        assert_false(
            cert_proves(&c, a, v, q->x, sign * proved - 1e-3)); /* nothing is proved free */
        for (size_t j = 0; j < q->n; j++)
            if (q->x[j].lo < q->x[j].hi) { /* a part of the box left out */
                for (size_t k = 0; k < c.leaves; k++)
                    c.box[k * q->n + j].hi =
                        fmin(c.box[k * q->n + j].hi, q->x[j].lo / 2 + q->x[j].hi / 2);
                assert_false(cert_proves(&c, a, v, q->x, sign * proved));
                break;
            }
    }
    sbx_functional_cert_clear(&c);
    return found;
}

/* ---- values that are known ------------------------------------------------------------ */

static void test_upper_own_range(void **state)
{
    /* without x_i's own range the third case would give .392 */
    const query q = {3, 0, {{0, 0.5}, {0, 1}, {0, 1}}, {0.2, -0.05, -0.05}};
    double cst;
    sbx_ivd at;
    (void)state;
    assert_ok(sbx_relax_intercept(&cst, &at, NULL, SBX_HI, 0, q.a, q.x, 3, 1e-9, err));
    if (!(cst >= 0.3515 && cst <= 0.3525)) fail_msg("%.17g", cst); /* [L-RLX-80] [L-RLX-81] */
}

static void test_lower_not_greedy(void **state)
{
    /* the order of the chords, its last coordinate taken exactly, would give .537 */
    const query q = {3, 0, {{1, 1}, {-1, 4}, {-1, 2}}, {0, -0.2, -0.05}};
    double cst;
    sbx_ivd at;
    (void)state;
    assert_ok(sbx_relax_intercept(&cst, &at, NULL, SBX_LO, 0, q.a, q.x, 3, 1e-9, err));
    assert_true(cst >= 0.1585 && cst <= 0.1595); /* [L-RLX-84] [L-RLX-85] */
}

/* a side so narrow that x - ref is one double, and a slope that counts over it [L-RLX-88] */
static void test_narrow_side(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (int k = 0; k < 4; k++) {
        const double a = (k % 2 ? -1e12 : 1e12), w = k < 2 ? 1e-17 : 3e-17;
        const query q = {3, 0, {{0, 1}, {0, w}, {2, 3}}, {0.1, a, -0.02}};
        for (int side = 0; side < 2; side++) {
            double cst;
            sbx_ivd at;
            assert_ok(sbx_relax_intercept(&cst, &at, NULL, side ? SBX_HI : SBX_LO, q.i, q.a, q.x, 3,
                                          1e-9, err));
            attack(&q, cst, side ? 1 : -1, &s, 4);
        }
    }
}

static void test_grid(void **state)
{
    /* n = 2: 400 x 400 points, and no constant is worse than the grid's error */
    uint64_t s = test_seed();
    (void)state;
    for (long r = 0; r < test_rounds(20); r++) {
        query q = {2, sbx_rng(&s) % 2, {{0, 0}}, {0}};
        double lo = HUGE_VAL, hi = -HUGE_VAL, h = 0.0, cst, x[2];
        sbx_ivd at;
        for (size_t j = 0; j < 2; j++) {
            const double c = uniform(&s, -2, 2), w = uniform(&s, 0.05, 3);
            q.x[j] = (sbx_ivd){c - w, c + w};
            q.a[j] = (j == q.i ? 0.3 : -0.3) * uniform(&s, -0.2, 1);
            h = fmax(h, w / 200);
        }
        for (int k = 0; k < 160801; k++) {
            x[0] = q.x[0].lo + (k % 401) * (q.x[0].hi - q.x[0].lo) / 400;
            x[1] = q.x[1].lo + (double)(k / 401) * (q.x[1].hi - q.x[1].lo) / 400;
            lo = fmin(lo, plain(&q, x));
            hi = fmax(hi, plain(&q, x));
        }
        assert_ok(sbx_relax_intercept(&cst, &at, NULL, SBX_HI, q.i, q.a, q.x, 2, 1e-9, err));
        assert_true(cst >= hi - 1e-14 && cst <= hi + h * h + 1e-8);
        assert_ok(sbx_relax_intercept(&cst, &at, NULL, SBX_LO, q.i, q.a, q.x, 2, 1e-9, err));
        assert_true(cst <= lo + 1e-14 && cst >= lo - h * h - 1e-8);
    }
}

/* ---- random boxes ----------------------------------------------------------------------- */

static void draw(query *q, uint64_t *s)
{
    const double spread = sbx_rng(s) % 3 ? 2.0 : 6.0, size = pow(10.0, uniform(s, -3, 0));
    const double w = pow(10.0, uniform(s, -2, 1)),
                 shift = sbx_rng(s) % 4 ? 0.0 : uniform(s, -1e5, 1e5);
    q->n = 2 + sbx_rng(s) % 9;
    q->i = sbx_rng(s) % q->n;
    for (size_t j = 0; j < q->n; j++) {
        const double c = shift + spread * uniform(s, -1, 1);
        const double r = sbx_rng(s) % 8 ? w * (sbx_rng(s) % 2 ? 1.0 : sbx_rng_unit(s)) : 0.0;
        q->x[j] = (sbx_ivd){c - r, c + r};
        q->a[j] = (j == q->i ? 1.0 : -1.0) * size * sbx_rng_unit(s);
        if (sbx_rng(s) % 8 == 0) q->a[j] = -q->a[j]; /* the wrong sign [L-RLX-83] */
        if (sbx_rng(s) % 16 == 0) q->a[j] = 0.0;
    }
}

static void test_random(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (long r = 0; r < test_rounds(300); r++) {
        query q = {0};
        draw(&q, &s);
        check(&q, r % 3 ? 1e-8 : 1e-3, &s, 3);
    }
}

static void test_extreme(void **state)
{
    uint64_t s = test_seed() + 7;
    (void)state;
    for (long r = 0; r < test_rounds(200); r++) {
        query q = {0};
        const double w = pow(10.0, uniform(&s, r % 2 ? -300 : -16, 4));
        const double shift = sbx_rng(&s) % 3 ? 0.0 : uniform(&s, -1e5, 1e5);
        q.n = 1 + sbx_rng(&s) % 6;
        q.i = sbx_rng(&s) % q.n;
        for (size_t j = 0; j < q.n; j++) {
            const double c = shift + uniform(&s, -3, 3);
            q.x[j] = (sbx_ivd){c - w * sbx_rng_unit(&s), c + w * sbx_rng_unit(&s)};
            if (sbx_rng(&s) % 5 == 0) q.x[j].hi = q.x[j].lo;
            q.a[j] =
                (j == q.i ? 1 : -1) * pow(10.0, uniform(&s, -20, 1)) * (sbx_rng(&s) % 6 ? 1 : -1);
        }
        if (sbx_rng(&s) % 3 == 0) {
            const size_t j = sbx_rng(&s) % q.n;
            q.x[j].lo += 400;
            q.x[j].hi += 400;
        }
        check(&q, 1e-6, &s, 1);
    }
}

/* n to 1000: the slopes of the bound at the centre; chords below */
static void test_many(void **state)
{
    enum { MANY = 1000 };
    static sbx_ivd x[MANY];
    static double a[MANY], point[MANY];
    uint64_t s = test_seed() + 3;
    (void)state;
    for (size_t n = 10; n <= MANY; n *= 10)
        for (int r = 0; r < 4; r++)
            for (int side = 0; side < 2; side++) {
                double cst, S = 0.0;
                sbx_ivd at;
                for (size_t j = 0; j < n; j++) {
                    const double c = uniform(&s, -2, 2) + (j == 0 ? 3 : 0);
                    x[j] = (sbx_ivd){c - 0.5, c + 0.5 * sbx_rng_unit(&s)};
                    a[j] = exp(c);
                    S += a[j];
                }
                for (size_t j = 1; j < n; j++)
                    a[j] = -a[j] / S * a[0] / S;
                a[0] = a[0] / S * (1 - a[0] / S);
                assert_ok(sbx_relax_intercept(&cst, &at, point, side ? SBX_HI : SBX_LO, 0, a, x, n,
                                              1e-9, err));
                cert_judge(a, 0, n, point, cst, side ? 1 : -1);
                if (side) assert_true(cst - at.lo <= 1e-9 + 1e-13);
                assert_true(fabs(cst - at.lo) <= 0.02); /* the chords' distance is told */
                for (int k = 0; k < 200; k++) {
                    double z[MANY];
                    for (size_t j = 0; j < n; j++)
                        z[j] = k % 2 ? uniform(&s, x[j].lo, x[j].hi)
                                     : (sbx_rng(&s) % 2 ? x[j].lo : x[j].hi);
                    if (k < 4) cert_judge(a, 0, n, z, cst, side ? 1 : -1);
                }
            }
}

/* a box of one point, where nothing but rounding is left: the constant is on the right side, and
 * within a few ulps a coordinate [L-RLX-142] */
static void test_point(void **state)
{
    enum { MANY = 300 };
    static sbx_ivd x[MANY];
    static double a[MANY], z[MANY];
    uint64_t s = test_seed() + 5;
    (void)state;
    for (long r = 0; r < test_rounds(100); r++) {
        const size_t n = r % 4 ? MANY : 2 + sbx_rng(&s) % 20;
        double cst, S = 0.0, size = 0.0;
        sbx_ivd at;
        for (size_t j = 0; j < n; j++) {
            z[j] = uniform(&s, -2, 2) + (j == 0 ? 3 : 0);
            if (r % 2 && j > 1) z[j] = z[1]; /* roundings of one sign */
            x[j] = (sbx_ivd){z[j], z[j]};
            a[j] = exp(z[j]);
            S += a[j];
        }
        for (size_t j = 1; j < n; j++)
            a[j] = -a[j] / S * a[0] / S;
        a[0] = a[0] / S * (1 - a[0] / S);
        for (size_t j = 0; j < n; j++)
            size += fabs(a[j] * z[j]);
        for (int side = 0; side < 2; side++) {
            assert_ok(
                sbx_relax_intercept(&cst, &at, NULL, side ? SBX_HI : SBX_LO, 0, a, x, n, 0, err));
            cert_judge(a, 0, n, z, cst, side ? 1 : -1);
            assert_true(fabs(cst - at.lo) <= (double)(n + 64) * 0x1p-50 * (1 + size));
        }
    }
}

static void test_refused(void **state)
{
    sbx_ivd x[2] = {{0, 1}, {0, 1}}, at;
    double a[2] = {0.1, -0.1}, cst;
    (void)state;
    assert_status(SBX_ERR_ARG, sbx_relax_intercept(&cst, &at, NULL, SBX_HI, 2, a, x, 2, 0, err));
    assert_status(SBX_ERR_ARG, sbx_relax_intercept(&cst, &at, NULL, SBX_HI, 0, a, x, 0, 0, err));
    assert_status(SBX_ERR_ARG, sbx_relax_intercept(&cst, &at, NULL, SBX_HI, 0, a, x, 2, -1, err));
    a[0] = (double)NAN;
    assert_status(SBX_ERR_ARG, sbx_relax_intercept(&cst, &at, NULL, SBX_HI, 0, a, x, 2, 0, err));
    a[0] = 0.1;
    x[1].lo = -HUGE_VAL;
    assert_status(SBX_ERR_ARG, sbx_relax_intercept(&cst, &at, NULL, SBX_HI, 0, a, x, 2, 0, err));
}

static void test_certified(void **state)
{
    uint64_t s = test_seed() + 21;
    long found = 0, sides = 0;
    (void)state;
    for (long r = 0; r < test_rounds(60); r++) {
        query q = {0};
        draw(&q, &s);
        for (int side = 0; side < 2; side++, sides++) {
            double cst;
            sbx_ivd at;
            assert_ok(sbx_relax_intercept(&cst, &at, NULL, side ? SBX_HI : SBX_LO, q.i, q.a, q.x,
                                          q.n, 1e-7, err));
            found += certified(&q, cst, side ? 1 : -1);
        }
    }
    print_message("%ld of %ld constants have a certificate\n", found, sides);
    assert_true(2 * found >= sides);
}

static void test_memory(void **state)
{
    const sbx_ivd x[3] = {{0, 1}, {-1, 1}, {0.5, 2}};
    const sbx_zone z = sbx_zone_box(x, 3);
    const double a[3] = {0.1, -0.05, -0.02};
    const long live = sbx_alloc_live();
    double l[3], u[3], cst;
    sbx_affine lo = {l, 0}, up = {u, 0};
    sbx_ivd at, range;
    sbx_status st;
    (void)state;
    for (int what = 0; what < 4; what++) {
        st = SBX_ERR_NOMEM;
        for (long k = 0; st != SBX_OK && k < 300; k++) {
            sbx_alloc_fail_after(k);
            if (what < 2)
                st = sbx_relax_intercept(&cst, &at, NULL, what ? SBX_HI : SBX_LO, 0, a, x, 3, 1e-6,
                                         err);
            else
                st = sbx_relax_vector(&lo, &up, &range, SBX_FN_SOFTMAX,
                                      what == 2 ? SBX_METHOD_OPTIMAL : SBX_METHOD_OPTIMAL_FAST, 0,
                                      &z, NULL, err);
            sbx_alloc_fail_after(-1);
            assert_true(st == SBX_OK || st == SBX_ERR_NOMEM);
            assert_int_equal(sbx_alloc_live(), live);
        }
        assert_int_equal(st, SBX_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upper_own_range),
        cmocka_unit_test(test_lower_not_greedy),
        cmocka_unit_test(test_narrow_side),
        cmocka_unit_test(test_grid),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_extreme),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_point),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_certified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
