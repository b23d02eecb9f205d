/* test_mech_distance.c -- distances of mechanisms: cases by hand, exact where exact; over a box nothing that
 * points inside have, at 300 bits, is beyond what was proved. [L-MCH-70], [L-MCH-71]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "base/alloc.h"
#include "softbox/mech_distance.h"

#include <math.h>

enum { BITS = 300 };
static sbx_ctx fine = {.prec = BITS, .format = SBX_FP16};

static void set(mpq_t *z, size_t n, const char *const *text)
{
    for (size_t k = 0; k < n; k++)
        assert_ok(sbx_q_read(z[k], text[k], strlen(text[k]), err));
}

/* Q = K = [[1,0],[1,1]], V = [[1],[2]]: linear has [[1/2,1/2],[1/3,2/3]], lightning with 1/2
 * [[1,0],[1/2,2]] */
static void two(sbx_mech_data *x)
{
    static const char *const q[] = {"1", "0", "1", "1"}, *const v[] = {"1", "2"};
    assert_ok(sbx_mech_data_new(x, (sbx_mech_shape){2, 2, 2, 1}, err));
    set(x->q, 4, q);
    set(x->k, 4, q);
    set(x->v, 2, v);
}

static void distance(sbx_distance *z, const char *of, const char *from, sbx_mech_data *x,
                     const sbx_mech_radius *r, size_t boxes)
{
    sbx_mech_args a, b;
    assert_ok(sbx_mech_read(&a, of, err));
    assert_ok(sbx_mech_read(&b, from, err));
    const sbx_distance_ask ask = {.of = &a,
                                  .from = &b,
                                  .of_x = x,
                                  .from_x = x,
                                  .radius = r,
                                  .want = SBX_DISTANCE_ALL,
                                  .boxes = boxes};
    assert_ok(sbx_mech_distance(z, &ask, NULL, err));
    sbx_mech_args_clear(&a);
    sbx_mech_args_clear(&b);
}

/* lo <= p/q <= hi, and not wider than `wide` times it */
static void holds(const sbx_ivd *z, long p, unsigned long q, double width)
{
    mpq_t v, d;
    mpq_init(v);
    mpq_set_si(v, p, q);
    mpq_canonicalize(v);
    mpq_init(d);
    mpq_set_d(d, z->lo);
    assert_true(mpq_cmp(d, v) <= 0);
    mpq_set_d(d, z->hi);
    assert_true(mpq_cmp(d, v) >= 0);
    mpq_clear(d);
    assert_true(z->hi - z->lo <= width * fabs(z->hi));
    mpq_clear(v);
}

static void by_hand(void **state)
{
    sbx_mech_data x;
    sbx_distance z;
    (void)state;
    two(&x);
    distance(&z, "linear", "lightning:lambda=1/2", &x, NULL, 0);
    /* E = [[-1/2,1/2],[-1/6,-4/3]], outputs 3/2, 5/3 less 1, 9/2 */
    assert_int_equal(z.how, SBX_NUM_MPQ);
    holds(&z.entry, 4, 3, 1e-15);
    holds(&z.row_tv, 3, 4, 1e-15);
    holds(&z.out_entry, 17, 6, 1e-15);
    holds(&z.mass_least, 1, 1, 0);
    holds(&z.mass_most, 1, 1, 0);
    holds(&z.least, 1, 3, 1e-15);
    holds(&z.most, 2, 3, 1e-15);
    assert_int_equal(z.rank_least, 2);
    assert_int_equal(z.rank_most, 2);
    { /* squares: 83/36 and 298/36; the spectral norm's is the greater root of s^2 - 83/36 s + 9/16 */
        const double f = z.frobenius.hi * z.frobenius.hi, s = z.spectral.lo * z.spectral.lo;
        assert_true(fabs(f - 83.0 / 36.0) < 1e-13);
        assert_true(fabs(s * s - 83.0 / 36.0 * s + 9.0 / 16.0) < 1e-12 && s > 1.2);
        assert_true(z.spectral.hi - z.spectral.lo < 1e-12);
        assert_true(fabs(z.out_frobenius.lo * z.out_frobenius.lo - 298.0 / 36.0) < 1e-13);
    }
    distance(&z, "linear", "linear:form=recurrent", &x, NULL, 0);
    assert_true(z.entry.hi == 0.0 && z.spectral.hi == 0.0 && z.out_entry.hi == 0.0);
    sbx_mech_data_clear(&x);
}

/* Three queries q = e_1, e_2, e_1 + e_2 of equal keys (1, 1): softmax is uniform, 1/3 each, of values 0, 1, 2:
 * outputs 1. SimA divides columns of Q by 2, of K by 3: weights 1/6, 1/6, 1/3; outputs 1/2, 1/2, 1. */
static void three(void **state)
{
    static const char *const q[] = {"1", "0", "0", "1", "1", "1"};
    static const char *const k[] = {"1", "1", "1", "1", "1", "1"}, *const v[] = {"0", "1", "2"};
    sbx_mech_data x;
    sbx_distance z;
    (void)state;
    assert_ok(sbx_mech_data_new(&x, (sbx_mech_shape){3, 3, 2, 1}, err));
    set(x.q, 6, q);
    set(x.k, 6, k);
    set(x.v, 3, v);
    distance(&z, "sima", "softmax", &x, NULL, 0);
    holds(&z.entry, 1, 6, 1e-14);
    holds(&z.row_tv, 1, 4, 1e-14);    /* 3 / 6 / 2 */
    holds(&z.out_entry, 1, 2, 1e-14); /* 1 - 1/2 */
    holds(&z.mass_least, 1, 2, 1e-14);
    holds(&z.mass_most, 1, 1, 1e-14);
    assert_true(fabs(z.frobenius.lo * z.frobenius.lo - 1.0 / 6.0) < 1e-14); /* 6 / 36 */
    assert_true(fabs(z.spectral.lo * z.spectral.lo - 1.0 / 6.0) < 1e-13);   /* of rank 1 */
    assert_int_equal(z.rank_least, 1);
    assert_int_equal(z.rank_most, 1);
    sbx_mech_data_clear(&x);
}

static mpq_t *constant(size_t n, const char *text)
{
    mpq_t *z = malloc(n * sizeof *z);
    for (size_t k = 0; k < n; k++) {
        mpq_init(z[k]);
        assert_ok(sbx_q_read(z[k], text, strlen(text), err));
    }
    return z;
}
static void drop(mpq_t *z, size_t n)
{
    for (size_t k = 0; k < n; k++)
        mpq_clear(z[k]);
    free(z);
}

/* Values within 1/10: the outputs' error is |E v| + |E| 1/10 at most: 17/6 + 3/20, the weights' stays. */
static void values_of_a_box(void **state)
{
    sbx_mech_data x;
    sbx_distance z;
    sbx_mech_radius r = {0};
    (void)state;
    two(&x);
    r.v = constant(2, "1/10");
    distance(&z, "linear", "lightning:lambda=1/2", &x, &r, 200);
    holds(&z.out_entry, 179, 60, 2e-3);
    holds(&z.entry, 4, 3, 1e-14);
    drop(r.v, 2);
    sbx_mech_data_clear(&x);
}

/* ---- points of boxes, at 300 bits, and sums written here ------------------------------------------- */

static void rows_of(sbx_ivf *w, sbx_ivf *o, const char *name, sbx_mech_data *x)
{
    const sbx_mech_shape s = x->shape;
    sbx_mech_args a;
    sbx_mech_in_ivf in;
    sbx_mech_run_ivf *r = NULL;
    assert_ok(sbx_mech_read(&a, name, err));
    a.zero_row = SBX_ZERO_UNIFORM;
    sbx_mech_extra_clear(x);
    assert_ok(sbx_mech_fill(x, &a, 1, err));
    assert_ok(sbx_mech_in_of_ivf(&in, x, &fine, err));
    assert_ok(sbx_mech_open_ivf(&r, &a, &in, &fine, err));
    for (size_t i = 0; i < s.n; i++)
        assert_ok(sbx_mech_row_ivf(w + i * s.m, r, i, err));
    assert_ok(sbx_mech_output_ivf(o, r, err));
    sbx_mech_close_ivf(r);
    sbx_mech_in_free_ivf(&in);
    sbx_mech_args_clear(&a);
}

/* the greatest (least) numbers of all points so far, rounded up (down) */
static struct {
    double entry, tv, frobenius, out, out_frobenius, mass_most, most, mass_least, least;
} seen;
static void forget(void)
{
    memset(&seen, 0, sizeof seen);
    seen.mass_most = seen.most = -HUGE_VAL;
    seen.mass_least = seen.least = HUGE_VAL;
}
static void up(double *z, mpfr_srcptr v) { *z = fmax(*z, mpfr_get_d(v, MPFR_RNDU)); }
static void down(double *z, mpfr_srcptr v) { *z = fmin(*z, mpfr_get_d(v, MPFR_RNDD)); }

static void not_above(const char *what, mpfr_srcptr v, const sbx_ivd *z)
{
    if (mpfr_cmp_d(v, z->hi) > 0)
        fail_msg("%s: %g beyond %g", what, mpfr_get_d(v, MPFR_RNDU), z->hi);
    assert_true(z->lo <= z->hi);
}

/* The numbers of one point; every one within z's far ends. */
static void point(const char *of, const char *from, sbx_mech_data *x, const sbx_distance *z)
{
    enum { MAX = 64 };
    const sbx_mech_shape s = x->shape;
    sbx_ivf w[2][MAX], o[2][MAX];
    mpfr_t d, top, tv, sum, mass;
    assert_true(s.n * s.m <= MAX && s.n * s.dv <= MAX);
    for (size_t k = 0; k < MAX; k++)
        for (int e = 0; e < 2; e++) {
            sbx_ivf_init(&w[e][k], &fine);
            sbx_ivf_init(&o[e][k], &fine);
        }
    mpfr_inits2(BITS, d, top, tv, sum, mass, (mpfr_ptr)0);
    rows_of(w[0], o[0], of, x);
    rows_of(w[1], o[1], from, x);
    mpfr_set_zero(top, 1);
    mpfr_set_zero(sum, 1);
    for (size_t i = 0; i < s.n; i++) {
        mpfr_set_zero(tv, 1);
        mpfr_set_zero(mass, 1);
        for (size_t j = 0; j < s.m; j++) {
            const size_t k = i * s.m + j;
            mpfr_sub(d, w[0][k].lo, w[1][k].lo, MPFR_RNDN);
            mpfr_abs(d, d, MPFR_RNDN);
            mpfr_mul_d(d, d, 1 - 0x1p-200, MPFR_RNDN); /* the enclosures' own widths */
            if (mpfr_cmp(d, top) > 0) mpfr_set(top, d, MPFR_RNDN);
            up(&seen.most, w[0][k].hi);
            down(&seen.least, w[0][k].lo);
            mpfr_add(tv, tv, d, MPFR_RNDN);
            mpfr_add(mass, mass, w[0][k].lo, MPFR_RNDN);
            mpfr_sqr(d, d, MPFR_RNDN);
            mpfr_add(sum, sum, d, MPFR_RNDN);
            assert_true(mpfr_cmp_d(w[0][k].hi, z->least.lo) >= 0);
            assert_true(mpfr_cmp_d(w[0][k].lo, z->most.hi) <= 0);
        }
        mpfr_div_ui(tv, tv, 2, MPFR_RNDN);
        not_above("row TV", tv, &z->row_tv);
        up(&seen.tv, tv);
        up(&seen.mass_most, mass);
        down(&seen.mass_least, mass);
        assert_true(mpfr_get_d(mass, MPFR_RNDN) >= z->mass_least.lo * (1 - 1e-15) - 1e-15);
        assert_true(mpfr_get_d(mass, MPFR_RNDN) <= z->mass_most.hi * (1 + 1e-15) + 1e-15);
    }
    not_above("entry", top, &z->entry);
    up(&seen.entry, top);
    mpfr_sqrt(sum, sum, MPFR_RNDD);
    not_above("Frobenius", sum, &z->frobenius);
    up(&seen.frobenius, sum);
    mpfr_set_zero(top, 1);
    mpfr_set_zero(sum, 1);
    for (size_t k = 0; k < s.n * s.dv; k++) {
        mpfr_sub(d, o[0][k].lo, o[1][k].lo, MPFR_RNDN);
        mpfr_abs(d, d, MPFR_RNDN);
        mpfr_mul_d(d, d, 1 - 0x1p-200, MPFR_RNDN);
        if (mpfr_cmp(d, top) > 0) mpfr_set(top, d, MPFR_RNDN);
        mpfr_sqr(d, d, MPFR_RNDN);
        mpfr_add(sum, sum, d, MPFR_RNDN);
    }
    not_above("output", top, &z->out_entry);
    up(&seen.out, top);
    mpfr_sqrt(sum, sum, MPFR_RNDD);
    not_above("output Frobenius", sum, &z->out_frobenius);
    up(&seen.out_frobenius, sum);
    mpfr_clears(d, top, tv, sum, mass, (mpfr_ptr)0);
    for (size_t k = 0; k < MAX; k++)
        for (int e = 0; e < 2; e++) {
            sbx_ivf_clear(&w[e][k]);
            sbx_ivf_clear(&o[e][k]);
        }
}

/* a number of [-r, r], often an end */
static void draw(mpq_t z, mpq_srcptr centre, mpq_srcptr r, uint64_t *rng)
{
    const uint64_t u = sbx_rng(rng) % 1024;
    const long t = u < 256 ? -256 : u < 512 ? 256 : (long)(u - 512) - 256;
    mpq_set_si(z, t, 256);
    mpq_canonicalize(z);
    mpq_mul(z, z, r);
    mpq_add(z, z, centre);
}

static void over_boxes(void **state)
{
    static const char *const pairs[][2] = {{"linear", "softmax"},
                                           {"expressive", "softmax"},
                                           {"sima", "softmax"},
                                           {"lightning", "softmax"},
                                           {"sima", "lightning:form=recurrent"},
                                           {"softmax:scale=1", "expressive"}};
    static const char *const radii[] = {"1/1000", "1/50", "1/4"};
    uint64_t rng = test_seed();
    (void)state;
    for (size_t p = 0; p < 6; p++)
        for (size_t f = 0; f < 3; f++)
            for (size_t boxes = 1; boxes <= 9; boxes += 8) {
                sbx_mech_data x, y;
                sbx_distance z;
                sbx_mech_radius r = {0};
                sbx_mech_args a, b;
                sbx_status st;
                assert_ok(sbx_mech_generate(&x, "gaussian", 3, 2, 2, 5 + p, err));
                assert_ok(sbx_mech_generate(&y, "gaussian", 3, 2, 2, 5 + p, err));
                r.q = constant(6, radii[f]);
                r.k = f == 1 ? NULL : constant(6, radii[f]);
                r.v = constant(6, radii[f]);
                assert_ok(sbx_mech_read(&a, pairs[p][0], err));
                assert_ok(sbx_mech_read(&b, pairs[p][1], err));
                const sbx_distance_ask ask = {.of = &a,
                                              .from = &b,
                                              .of_x = &x,
                                              .from_x = &x,
                                              .radius = &r,
                                              .want = SBX_DISTANCE_ALL,
                                              .boxes = boxes};
                st = sbx_mech_distance(&z, &ask, NULL, err);
                if (st != SBX_ERR_DOMAIN) assert_int_equal(st, SBX_OK);
                for (long k = 0; k < test_rounds(30) && st == SBX_OK; k++) {
                    for (size_t i = 0; i < 6; i++) {
                        draw(y.q[i], x.q[i], r.q[i], &rng);
                        if (r.k) draw(y.k[i], x.k[i], r.k[i], &rng);
                        draw(y.v[i], x.v[i], r.v[i], &rng);
                    }
                    point(pairs[p][0], pairs[p][1], &y, &z);
                }
                sbx_mech_args_clear(&a);
                sbx_mech_args_clear(&b);
                drop(r.q, 6);
                if (r.k) drop(r.k, 6);
                drop(r.v, 6);
                sbx_mech_data_clear(&x);
                sbx_mech_data_clear(&y);
            }
}

/* What is proved to be reached is reached: of one box, not split, the points that are looked at are among its
 * corners, the middles of its sides and its middle; here all of these are looked at, 3^6. */
static void near_ends(void **state)
{
    static const char *const pairs[][2] = {{"linear", "softmax"},
                                           {"expressive", "softmax"},
                                           {"sima", "softmax"},
                                           {"lightning", "softmax"},
                                           {"softmax:scale=1", "expressive"}};
    enum { POINTS = 729 };
    size_t looked = 0;
    (void)state;
    for (size_t p = 0; p < 5; p++)
        for (size_t f = 0; f < 2; f++) {
            const double slack = 1e-14;
            sbx_mech_data x, y;
            sbx_distance z;
            sbx_mech_radius r = {constant(2, f ? "1/4" : "1/64"), constant(2, f ? "1/4" : "1/64"),
                                 constant(2, f ? "1/4" : "1/64")};
            sbx_mech_args a, b;
            sbx_status st;
            assert_ok(sbx_mech_generate(&x, "gaussian", 2, 1, 1, 3 + p, err));
            assert_ok(sbx_mech_generate(&y, "gaussian", 2, 1, 1, 3 + p, err));
            assert_ok(sbx_mech_read(&a, pairs[p][0], err));
            assert_ok(sbx_mech_read(&b, pairs[p][1], err));
            const sbx_distance_ask ask = {.of = &a,
                                          .from = &b,
                                          .of_x = &x,
                                          .from_x = &x,
                                          .radius = &r,
                                          .want = SBX_DISTANCE_ALL,
                                          .boxes = 1};
            st = sbx_mech_distance(&z, &ask, NULL, err);
            if (st != SBX_ERR_DOMAIN) assert_int_equal(st, SBX_OK);
            forget();
            for (size_t k = 0; k < POINTS && st == SBX_OK; k++) {
                mpq_t *const to[] = {y.q, y.k, y.v}, *const from[] = {x.q, x.k, x.v};
                mpq_t *const radius[] = {r.q, r.k, r.v};
                size_t digits = k;
                for (size_t i = 0; i < 6; i++, digits /= 3) {
                    mpq_set_si(to[i / 2][i % 2], (long)(digits % 3) - 1, 1);
                    mpq_mul(to[i / 2][i % 2], to[i / 2][i % 2], radius[i / 2][i % 2]);
                    mpq_add(to[i / 2][i % 2], to[i / 2][i % 2], from[i / 2][i % 2]);
                }
                point(pairs[p][0], pairs[p][1], &y, &z);
            }
            if (st == SBX_OK) {
                assert_true(z.entry.lo <= seen.entry * (1 + slack));
                assert_true(z.row_tv.lo <= seen.tv * (1 + slack));
                assert_true(z.frobenius.lo <= seen.frobenius * (1 + slack));
                assert_true(z.out_entry.lo <= seen.out * (1 + slack));
                assert_true(z.out_frobenius.lo <= seen.out_frobenius * (1 + slack));
                assert_true(z.mass_most.lo <= seen.mass_most + slack);
                assert_true(z.most.lo <= seen.most + slack);
                assert_true(z.mass_least.hi >= seen.mass_least - slack);
                assert_true(z.least.hi >= seen.least - slack);
                looked++;
            }
            sbx_mech_args_clear(&a);
            sbx_mech_args_clear(&b);
            drop(r.q, 2);
            drop(r.k, 2);
            drop(r.v, 2);
            sbx_mech_data_clear(&x);
            sbx_mech_data_clear(&y);
        }
    if (looked < 7) fail_msg("%zu boxes were looked at", looked);
}

/* Every mechanism with weights, over a small box, one number of a key wide. */
static void registry(void **state)
{
    enum { SIDE = 4, QK = SIDE * SIDE };
    uint64_t rng = test_seed();
    size_t looked = 0;
    (void)state;
    for (size_t f = 0; sbx_mechs()[f]; f++) {
        const char *name = sbx_mech_get_info(sbx_mechs()[f])->name;
        sbx_mech_data x, y;
        sbx_distance z;
        sbx_mech_radius r = {constant(QK, "1/512"), constant(QK, "1/512"), NULL};
        sbx_mech_args a, b;
        sbx_status st;
        mpq_set_ui(r.k[5], 1, 8);
        assert_ok(sbx_mech_generate(&x, "gaussian", SIDE, SIDE, 2, 3, err));
        assert_ok(sbx_mech_generate(&y, "gaussian", SIDE, SIDE, 2, 3, err));
        assert_ok(sbx_mech_read(&a, name, err));
        assert_ok(sbx_mech_read(&b, "softmax", err));
        a.zero_row = SBX_ZERO_UNIFORM;
        st = sbx_mech_fill(&x, &a, 1, err);
        const sbx_distance_ask ask = {.of = &a,
                                      .from = &b,
                                      .of_x = &x,
                                      .from_x = &x,
                                      .radius = &r,
                                      .want = SBX_DISTANCE_OUTPUTS,
                                      .boxes = 5};
        if (st == SBX_OK) st = sbx_mech_distance(&z, &ask, NULL, err);
        if (st != SBX_OK && st != SBX_ERR_DOMAIN && st != SBX_ERR_ARG && st != SBX_ERR_UNSUPPORTED)
            fail_msg("%s: %s", name, err->msg);
        for (long k = 0; k < test_rounds(8) && st == SBX_OK && z.has_weights; k++) {
            for (size_t i = 0; i < QK; i++) {
                draw(y.q[i], x.q[i], r.q[i], &rng);
                draw(y.k[i], x.k[i], r.k[i], &rng);
            }
            point(name, "softmax", &y, &z);
            looked += k == 0;
        }
        sbx_mech_args_clear(&a);
        sbx_mech_args_clear(&b);
        drop(r.q, QK);
        drop(r.k, QK);
        sbx_mech_data_clear(&x);
        sbx_mech_data_clear(&y);
    }
    if (looked < 35) fail_msg("%zu mechanisms were looked at", looked);
}

/* Boxes that reach beyond the doubles, or where there is no value: refused or infinite, not wrong. */
static void extreme(void **state)
{
    sbx_mech_data x;
    sbx_mech_args a, b;
    sbx_distance z;
    sbx_mech_radius r = {0};
    (void)state;
    two(&x);
    r.q = constant(4, "1e300");
    r.k = constant(4, "1e300");
    distance(&z, "lightning", "lightning:lambda=1/2", &x, &r, 4);
    assert_true(z.entry.hi > 1e300);
    assert_true(z.mass_least.lo < -1e300);
    assert_ok(sbx_mech_read(&a, "linear", err));
    assert_ok(sbx_mech_read(&b, "softmax", err));
    const sbx_distance_ask ask = {.of = &a,
                                  .from = &b,
                                  .of_x = &x,
                                  .from_x = &x,
                                  .radius = &r,
                                  .want = SBX_DISTANCE_ALL,
                                  .boxes = 4};
    assert_status(SBX_ERR_DOMAIN, sbx_mech_distance(&z, &ask, NULL, err));
    mpq_neg(r.q[2], r.q[2]);
    assert_status(SBX_ERR_ARG, sbx_mech_distance(&z, &ask, NULL, err));
    sbx_mech_args_clear(&a);
    sbx_mech_args_clear(&b);
    drop(r.q, 4);
    drop(r.k, 4);
    sbx_mech_data_clear(&x);
}

/* No input at all, or one that a mechanism does not take: refused before anything is divided by its sizes. */
static void shapes(void **state)
{
    static const char *const names[] = {"linear", "softmax"};
    sbx_mech_data none = {.shape = {0, 0, 0, 0}}, x;
    (void)state;
    assert_ok(sbx_mech_data_new(&x, (sbx_mech_shape){2, 3, 2, 1}, err));
    for (size_t k = 0; k < 4; k++) {
        sbx_mech_args a, b;
        sbx_distance z;
        assert_ok(sbx_mech_read(&a, names[k % 2], err));
        assert_ok(sbx_mech_read(&b, k < 2 ? names[0] : "lightning", err));
        const sbx_mech_data *at = k < 2 ? &none : &x; /* lightning: n == m */
        const sbx_distance_ask ask = {
            .of = &a, .from = &b, .of_x = at, .from_x = at, .want = SBX_DISTANCE_ALL};
        assert_status(SBX_ERR_ARG, sbx_mech_distance(&z, &ask, NULL, err));
        sbx_mech_args_clear(&a);
        sbx_mech_args_clear(&b);
    }
    sbx_mech_data_clear(&x);
}

/* Memory that ends anywhere is an error, and nothing stays behind. */
static void memory(void **state)
{
    sbx_mech_data x;
    sbx_mech_args a, b;
    sbx_mech_radius r = {0};
    const long live = sbx_alloc_live();
    (void)state;
    assert_ok(sbx_mech_generate(&x, "gaussian", 3, 2, 2, 1, err));
    assert_ok(sbx_mech_read(&a, "expressive", err));
    assert_ok(sbx_mech_read(&b, "softmax", err));
    r.q = constant(6, "1/100");
    for (int box = 0; box < 2; box++) {
        sbx_status st = SBX_ERR_NOMEM;
        for (long k = 0; st != SBX_OK && k < 100000; k += 1 + k / 40) {
            const sbx_distance_ask ask = {.of = &a,
                                          .from = &b,
                                          .of_x = &x,
                                          .from_x = &x,
                                          .radius = box ? &r : NULL,
                                          .want = SBX_DISTANCE_ALL,
                                          .boxes = 2};
            const long before = sbx_alloc_live();
            sbx_distance z;
            sbx_alloc_fail_after(k);
            st = sbx_mech_distance(&z, &ask, NULL, err);
            sbx_alloc_fail_after(-1);
            if (st != SBX_OK) assert_int_equal(st, SBX_ERR_NOMEM);
            assert_int_equal(sbx_alloc_live(), before);
        }
        assert_int_equal(st, SBX_OK);
    }
    drop(r.q, 6);
    sbx_mech_args_clear(&a);
    sbx_mech_args_clear(&b);
    sbx_mech_data_clear(&x);
    assert_int_equal(sbx_alloc_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),    cmocka_unit_test(three),    cmocka_unit_test(values_of_a_box),
        cmocka_unit_test(over_boxes), cmocka_unit_test(registry), cmocka_unit_test(extreme),
        cmocka_unit_test(memory),     cmocka_unit_test(shapes),   cmocka_unit_test(near_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
