/* test_normalizers.c -- softbox/norm.h, every row of the registry: exact rationals against 300-bit
 * intervals, doubles against enclosures, traits, ranges, Jacobians, parameters, refusals. What a
 * row is by definition is judged in test_normalizers_exact.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "softbox/norm.h"

static const sbx_ctx bits300 = {.prec = 300};

static size_t below(uint64_t *s, size_t n) { return (size_t)(sbx_rng(s) % n); }

#define N_MAX 12 /* inputs */
#define M_MAX 16 /* outputs */

/* a point of rationals and what it is in the systems that are compared */
typedef struct point {
    size_t n;
    sbx_mpq x[N_MAX];
    sbx_ivf f[N_MAX];
    sbx_ivd d[N_MAX];
    sbx_f64 e[N_MAX];
} point;

static void point_init(point *v)
{
    for (size_t j = 0; j < N_MAX; j++) {
        sbx_mpq_init(&v->x[j], NULL);
        sbx_ivf_init(&v->f[j], &bits300);
    }
}
static void point_clear(point *v)
{
    for (size_t j = 0; j < N_MAX; j++) {
        sbx_mpq_clear(&v->x[j]);
        sbx_ivf_clear(&v->f[j]);
    }
}
static void point_fill(point *v)
{
    for (size_t j = 0; j < v->n; j++) {
        assert_ok(sbx_ivf_set_q(&v->f[j], v->x[j].v, &bits300, err));
        assert_ok(sbx_ivd_set_q(&v->d[j], v->x[j].v, NULL, err));
        assert_ok(sbx_f64_set_q(&v->e[j], v->x[j].v, NULL, err));
    }
}

/* A random point that suits the normalizer: dyadic or not, ties now and then, positive where
 * only that is allowed. */
static void point_random(point *v, const sbx_norm_args *a, uint64_t *s, bool dyadic)
{
    const char *u = sbx_norm_get_info(a->norm)->undefined;
    const bool positive = u && strstr(u, "negative");
    const long den = dyadic ? 64 : 60;
    do
        v->n = 1 + below(s, 7);
    while (sbx_norm_outputs(a, v->n) == 0);
    for (size_t j = 0; j < v->n; j++) {
        long num = (long)below(s, 400) - (positive ? 0 : 200);
        if (positive) num += 1;
        mpq_set_si(v->x[j].v, num, (unsigned long)den);
        mpq_canonicalize(v->x[j].v);
        if (j && below(s, 4) == 0) mpq_set(v->x[j].v, v->x[j - 1].v);
    }
    point_fill(v);
}

/* for every row: f(args with zero rows uniform, round by round) */
typedef void each_fn(const sbx_norm_args *a, uint64_t *s);
static void for_each(each_fn *f, long rounds)
{
    static const char *const other[] = {"softmax:lambda=7/3",
                                        "base:b=3",
                                        "ssmax:s=3/2",
                                        "sparsemax:delta=1/3",
                                        "entmax-1.5:delta=3",
                                        "entmax:alpha=5/4",
                                        "entmax:alpha=3",
                                        "entmax:alpha=1",
                                        "entmax:alpha=2:delta=2",
                                        "plsoftmax:delta=5/2",
                                        "power:lambda=3",
                                        "power-softmax:p=4:eps=0",
                                        "taylor:order=4",
                                        "taylor:order=6",
                                        "spherical:eps=0",
                                        "rational:p=1:s=2",
                                        "permute-and-flip:lambda=1/2",
                                        "top-k:k=3",
                                        "exp2-poly:degree=5:scale=1",
                                        "multimax:tb=1/2:td=3:b=-1:d=2",
                                        "relumax:k=2",
                                        "sparsegen:gamma=-1"};
    const sbx_norm *const *all = sbx_norms();
    size_t rows = 0;
    while (all[rows])
        rows++;
    for (size_t k = 0; k < rows + sizeof other / sizeof *other; k++) {
        uint64_t s = test_seed() + k;
        sbx_norm_args a;
        if (k < rows)
            assert_ok(sbx_norm_args_init(&a, all[k], err));
        else
            assert_ok(sbx_norm_read(&a, other[k - rows], err));
        if (sbx_norm_get_info(a.norm)->zero_rows) a.zero_row = SBX_ZERO_UNIFORM;
        /* halving in 300 bits takes its time */
        const bool slow = strcmp(sbx_norm_get_info(a.norm)->name, "entmax") == 0;
        for (long r = 0; r < test_rounds(slow ? 1 + rounds / 8 : rounds); r++)
            f(&a, &s);
        sbx_norm_args_clear(&a);
    }
}
static const char *name(const sbx_norm_args *a) { return sbx_norm_get_info(a->norm)->name; }
static bool rational(const sbx_norm_args *a)
{
    return sbx_norm_get_info(a->norm)->kind == SBX_NORM_RATIONAL; /* with the default parameters */
}

/* ---- exact rationals, 300-bit intervals, doubles -------------------------------------- */

/* lo <= v <= hi, and hi - lo <= 2^width max(1, |v|) */
static void inside(mpq_srcptr v, const sbx_ivf *z, int width, const char *who, size_t i)
{
    mpfr_t d, m;
    if (mpfr_cmp_q(z->lo, v) > 0 || mpfr_cmp_q(z->hi, v) < 0)
        fail_msg("%s: output %zu is outside of its enclosure", who, i);
    mpfr_init2(d, 53);
    mpfr_init2(m, 53);
    mpfr_sub(d, z->hi, z->lo, MPFR_RNDU);
    mpfr_set_q(m, v, MPFR_RNDA);
    mpfr_abs(m, m, MPFR_RNDA);
    if (mpfr_cmp_ui(m, 1) < 0) mpfr_set_ui(m, 1, MPFR_RNDN);
    mpfr_mul_2si(m, m, width, MPFR_RNDN);
    if (mpfr_cmp(d, m) > 0) fail_msg("%s: the enclosure of output %zu is wide", who, i);
    mpfr_clear(d);
    mpfr_clear(m);
}

/* Class Q: mpq is exact, and what 300 bits enclose holds it, in a width of 2^-270; in ivq
 * the enclosure holds it as well. [L-NRM-05, L-NRM-07, L-NRM-12] */
static void rational_agrees(const sbx_norm_args *a, uint64_t *s)
{
    point v;
    sbx_mpq p[M_MAX];
    sbx_ivf f[M_MAX];
    sbx_ivq q[M_MAX], xq[N_MAX];
    if (!rational(a)) return;
    point_init(&v);
    point_random(&v, a, s, false);
    for (size_t i = 0; i < M_MAX; i++) {
        sbx_mpq_init(&p[i], NULL);
        sbx_ivf_init(&f[i], &bits300);
        sbx_ivq_init(&q[i], NULL);
    }
    for (size_t j = 0; j < v.n; j++) {
        sbx_ivq_init(&xq[j], NULL);
        assert_ok(sbx_ivq_set_q(&xq[j], v.x[j].v, NULL, err));
    }
    const size_t m = sbx_norm_outputs(a, v.n);
    assert_true(m <= M_MAX);
    const bool steps = !(sbx_norm_traits(a) & SBX_NORM_CONTINUOUS);
    assert_ok(sbx_norm_eval_mpq(p, a, v.x, v.n, NULL, err));
    assert_ok(sbx_norm_eval_ivf(f, a, v.f, v.n, &bits300, err));
    assert_ok(sbx_norm_eval_ivq(q, a, xq, v.n, NULL, err));
    for (size_t i = 0; i < m; i++) {
        inside(p[i].v, &f[i], steps ? 1 : -270, name(a), i);
        if (mpq_cmp(q[i].lo, p[i].v) > 0 || mpq_cmp(q[i].hi, p[i].v) < 0)
            fail_msg("%s: output %zu is outside of its exact enclosure", name(a), i);
    }
    for (size_t j = 0; j < v.n; j++)
        sbx_ivq_clear(&xq[j]);
    for (size_t i = 0; i < M_MAX; i++) {
        sbx_mpq_clear(&p[i]);
        sbx_ivf_clear(&f[i]);
        sbx_ivq_clear(&q[i]);
    }
    point_clear(&v);
}
static void rationals_agree_with_300_bits(void **state)
{
    (void)state;
    for_each(rational_agrees, 30);
}

/* At points of doubles: the 300-bit enclosure meets the one of doubles, and the distance of the
 * double result from the ends of the latter is a proved bound of its error, which is small. */
static void doubles_bounded(const sbx_norm_args *a, uint64_t *s)
{
    point v;
    sbx_ivf f[M_MAX];
    sbx_ivd d[M_MAX];
    double e[M_MAX];
    point_init(&v);
    point_random(&v, a, s, true);
    for (size_t i = 0; i < M_MAX; i++)
        sbx_ivf_init(&f[i], &bits300);
    const size_t m = sbx_norm_outputs(a, v.n);
    assert_ok(sbx_norm_eval_ivf(f, a, v.f, v.n, &bits300, err));
    assert_ok(sbx_norm_eval_ivd(d, a, v.d, v.n, NULL, err));
    assert_ok(sbx_norm_eval_f64(e, a, v.e, v.n, NULL, err));
    for (size_t i = 0; i < m; i++) {
        const double w = fmax(fabs(e[i] - d[i].lo), fabs(e[i] - d[i].hi));
        if (mpfr_cmp_d(f[i].lo, d[i].lo) < 0 || mpfr_cmp_d(f[i].hi, d[i].hi) > 0)
            fail_msg("%s: output %zu: 300 bits and doubles disagree", name(a), i);
        if (!(w <= 1e-11 * fmax(1, fabs(e[i]))))
            fail_msg(
                "%s: output %zu of %zu: the error in doubles is not below %g: %.17g [%.17g, %.17g]",
                name(a), i, m, w, e[i], d[i].lo, d[i].hi);
    }
    for (size_t i = 0; i < M_MAX; i++)
        sbx_ivf_clear(&f[i]);
    point_clear(&v);
}
static void doubles_have_a_proved_error(void **state)
{
    (void)state;
    for_each(doubles_bounded, 30);
}

/* Low precision stays near: fp16 and f32 within what their precision can lose. */
static void low_precision(const sbx_norm_args *a, uint64_t *s)
{
    point v;
    sbx_f32 x[N_MAX], p[M_MAX];
    sbx_lowp xl[N_MAX], pl[M_MAX];
    sbx_ivd d[M_MAX];
    if (!(sbx_norm_traits(a) & SBX_NORM_CONTINUOUS)) return; /* a step is a step */
    point_init(&v);
    point_random(&v, a, s, true);
    const size_t m = sbx_norm_outputs(a, v.n);
    for (size_t j = 0; j < v.n; j++) {
        assert_ok(sbx_f32_set_q(&x[j], v.x[j].v, NULL, err));
        assert_ok(sbx_lowp_set_q(&xl[j], v.x[j].v, NULL, err));
    }
    assert_ok(sbx_norm_eval_ivd(d, a, v.d, v.n, NULL, err));
    assert_ok(sbx_norm_eval_f32(p, a, x, v.n, NULL, err));
    assert_ok(sbx_norm_eval_lowp(pl, a, xl, v.n, NULL, err));
    for (size_t i = 0; i < m; i++) {
        const double big = fmax(1, fmax(fabs(d[i].lo), fabs(d[i].hi)));
        if (!(fabs((double)p[i] - d[i].lo) <= 1e-3 * big))
            fail_msg("%s: f32 gives %g for %g", name(a), (double)p[i], d[i].lo);
        if ((sbx_norm_traits(a) & SBX_NORM_NONNEGATIVE) && !(pl[i].v >= -big && pl[i].v <= 2 * big))
            fail_msg("%s: fp16 gives %g for %g", name(a), pl[i].v, d[i].lo);
    }
    point_clear(&v);
}
static void low_precision_stays_near(void **state)
{
    (void)state;
    for_each(low_precision, 20);
}

/* ---- traits ---------------------------------------------------------------------------- */

/* does the enclosure of sum p hold 1; is it <= 1, perhaps */
static void traits_hold(const sbx_norm_args *a, uint64_t *s)
{
    const unsigned t = sbx_norm_traits(a);
    point v, w;
    sbx_ivf p[M_MAX], r[M_MAX], sum;
    point_init(&v);
    point_init(&w);
    point_random(&v, a, s, false);
    sbx_ivf_init(&sum, &bits300);
    for (size_t i = 0; i < M_MAX; i++) {
        sbx_ivf_init(&p[i], &bits300);
        sbx_ivf_init(&r[i], &bits300);
    }
    const size_t m = sbx_norm_outputs(a, v.n);
    assert_ok(sbx_norm_eval_ivf(p, a, v.f, v.n, &bits300, err));
    for (size_t i = 0; i < m; i++) {
        assert_ok(sbx_ivf_add(&sum, &sum, &p[i], &bits300, err));
        if ((t & SBX_NORM_NONNEGATIVE) && mpfr_sgn(p[i].lo) < 0) fail_msg("%s < 0", name(a));
    }
    if ((t & SBX_NORM_SUMS_TO_ONE) && (mpfr_cmp_ui(sum.lo, 1) > 0 || mpfr_cmp_ui(sum.hi, 1) < 0))
        fail_msg("%s does not sum to 1", name(a));
    if ((t & SBX_NORM_SUMS_BELOW) && mpfr_cmp_ui(sum.lo, 1) > 0) fail_msg("%s > 1", name(a));

    /* a shift by 3/7, a scale by 5/3, a rotation of the coordinates: the enclosures meet */
    for (int k = 0; k < 3; k++) {
        static const unsigned bit[] = {SBX_NORM_SHIFT, SBX_NORM_SCALE, SBX_NORM_SYMMETRIC};
        mpq_t c;
        if (!(t & bit[k])) continue;
        mpq_init(c);
        mpq_set_si(c, k == 0 ? 3 : 5, k == 0 ? 7 : 3);
        w.n = v.n;
        for (size_t j = 0; j < v.n; j++)
            if (k == 0)
                mpq_add(w.x[j].v, v.x[j].v, c);
            else if (k == 1)
                mpq_mul(w.x[j].v, v.x[j].v, c);
            else
                mpq_set(w.x[j].v, v.x[(j + 1) % v.n].v);
        point_fill(&w);
        assert_ok(sbx_norm_eval_ivf(r, a, w.f, w.n, &bits300, err));
        for (size_t i = 0; i < m; i++) {
            const sbx_ivf *z = k == 2 ? &p[(i + 1) % m] : &p[i];
            if (mpfr_cmp(z->lo, r[i].hi) > 0 || mpfr_cmp(z->hi, r[i].lo) < 0)
                fail_msg("%s is not invariant (%d)", name(a), k);
        }
        mpq_clear(c);
    }
    for (size_t i = 0; i < M_MAX; i++) {
        sbx_ivf_clear(&p[i]);
        sbx_ivf_clear(&r[i]);
    }
    sbx_ivf_clear(&sum);
    point_clear(&v);
    point_clear(&w);
}
static void traits_are_true(void **state)
{
    (void)state;
    for_each(traits_hold, 16);
}

/* ---- ranges ----------------------------------------------------------------------------- */

/* A box of dyadics around a point: x[j] = centre[j] +- up to 1, some sides points. */
static void random_box(sbx_ivd *x, const point *v, bool positive, uint64_t *s)
{
    for (size_t j = 0; j < v->n; j++) {
        const double r = below(s, 4) ? (double)below(s, 64) / 64 : 0;
        x[j] = (sbx_ivd){v->e[j] - r, v->e[j] + r};
        if (positive && !(x[j].lo > 0)) x[j].lo = 0x1p-6;
    }
}

/* Every value at a point of the box, corners among them, lies in the range, in each system; the
 * range lies in the evaluation over the box; where the shape promises it, the ends are reached
 * at the corners. [L-NRM-01, L-NRM-02, L-NRM-03, L-NRM-04, L-NRM-08, L-NRM-13, L-NRM-14] */
static void range_holds(const sbx_norm_args *a, uint64_t *s)
{
    const sbx_norm_info *info = sbx_norm_get_info(a->norm);
    const bool positive = info->undefined && strstr(info->undefined, "negative");
    point v;
    sbx_ivd x[N_MAX], t[N_MAX], r[M_MAX], e[M_MAX], p[M_MAX], one;
    sbx_ivf xf[N_MAX], rf[M_MAX];
    if (info->shape == SBX_NORM_BRANCH && below(s, 4)) return; /* a search takes its time */
    point_init(&v);
    point_random(&v, a, s, true);
    if (v.n > 4 && info->shape == SBX_NORM_BRANCH) v.n = 4;
    if (sbx_norm_outputs(a, v.n) == 0) goto out;
    random_box(x, &v, positive, s);
    const size_t m = sbx_norm_outputs(a, v.n);
    assert_ok(sbx_norm_range_ivd(r, a, SBX_NORM_ALL, x, v.n, NULL, err));
    assert_ok(sbx_norm_eval_ivd(e, a, x, v.n, NULL, err));
    for (size_t j = 0; j < v.n; j++) {
        sbx_ivf_init(&xf[j], &bits300);
        assert_ok(sbx_ivf_set_d(&xf[j], x[j].lo, &bits300, err));
        sbx_ivf hi;
        sbx_ivf_init(&hi, &bits300);
        assert_ok(sbx_ivf_set_d(&hi, x[j].hi, &bits300, err));
        assert_ok(sbx_ivf_hull(&xf[j], &xf[j], &hi, &bits300, err));
        sbx_ivf_clear(&hi);
    }
    for (size_t i = 0; i < m; i++)
        sbx_ivf_init(&rf[i], &bits300);
    assert_ok(sbx_norm_range_ivf(rf, a, SBX_NORM_ALL, xf, v.n, &bits300, err));
    assert_ok(sbx_norm_range_ivd(&one, a, m - 1, x, v.n, NULL, err));
    if (!(one.lo <= r[m - 1].lo && one.hi >= r[m - 1].hi && one.lo >= r[m - 1].lo &&
          one.hi <= r[m - 1].hi))
        fail_msg("%s: the range of one output is not that of all", name(a));
    for (int k = 0; k < 24; k++) {
        for (size_t j = 0; j < v.n; j++) {
            const size_t c = below(s, 3);
            const double d = c == 0   ? x[j].lo
                             : c == 1 ? x[j].hi
                                      : test_uniform(s, x[j].lo, x[j].hi);
            t[j] = (sbx_ivd){d, d};
        }
        if (k < 2) /* corners of the last output */
            for (size_t j = 0; j < v.n; j++) {
                const double d = (j == (m - 1) % v.n) == (k == 0) ? x[j].lo : x[j].hi;
                t[j] = (sbx_ivd){d, d};
            }
        assert_ok(sbx_norm_eval_ivd(p, a, t, v.n, NULL, err));
        for (size_t i = 0; i < m; i++) {
            if (p[i].hi < r[i].lo || p[i].lo > r[i].hi)
                fail_msg("%s: output %zu: [%.17g, %.17g] is outside of [%.17g, %.17g]", name(a), i,
                         p[i].lo, p[i].hi, r[i].lo, r[i].hi);
            if (p[i].hi < e[i].lo || p[i].lo > e[i].hi)
                fail_msg("%s: output %zu: outside of the evaluation over the box", name(a), i);
            if (mpfr_cmp_d(rf[i].lo, p[i].hi) > 0 || mpfr_cmp_d(rf[i].hi, p[i].lo) < 0)
                fail_msg("%s: output %zu: outside of the range in 300 bits", name(a), i);
        }
        if (k < 2 && info->shape == SBX_NORM_MONOTONE) {
            const size_t i = m - 1;
            const double gap = k == 0 ? p[i].lo - r[i].lo : r[i].hi - p[i].hi;
            if (!(gap <= 1e-14)) fail_msg("%s: an end of the range is not sharp", name(a));
        }
    }
    for (size_t i = 0; i < m; i++) {
        if (r[i].lo < e[i].lo - 1e-13 || r[i].hi > e[i].hi + 1e-13)
            fail_msg("%s: the range is wider than the evaluation", name(a));
        sbx_ivf_clear(&rf[i]);
    }
    for (size_t j = 0; j < v.n; j++)
        sbx_ivf_clear(&xf[j]);
out:
    point_clear(&v);
}
static void ranges_hold(void **state)
{
    (void)state;
    for_each(range_holds, 6);
}

/* The support of 1.5-entmax may have one score or two: its evaluation over the box holds both
 * values. [L-NRM-28] */
static void uncertain_support(void **state)
{
    (void)state;
    sbx_norm_args a;
    sbx_ivd x[2] = {{0, 0}, {-2.25, -1.75}}, t[2] = {{0, 0}, {-1.75, -1.75}}, p[2], q[2];
    assert_ok(sbx_norm_read(&a, "entmax-1.5", err));
    assert_ok(sbx_norm_eval_ivd(p, &a, x, 2, NULL, err));
    assert_ok(sbx_norm_eval_ivd(q, &a, t, 2, NULL, err));
    assert_true(q[0].hi < 0.999 && p[0].lo <= q[0].lo && p[0].hi >= 1);
    sbx_norm_args_clear(&a);
}

/* Hardmax where any of three may be the greatest, or a third may tie with two. [L-NRM-16] */
static void uncertain_greatest(void **state)
{
    (void)state;
    const sbx_ivd x[2][3] = {{{0, 1}, {0, 1}, {0, 1}}, {{1, 1}, {0, 1}, {1, 1}}};
    sbx_norm_args a;
    sbx_ivd p[3];
    assert_ok(sbx_norm_read(&a, "hardmax", err));
    assert_ok(sbx_norm_eval_ivd(p, &a, x[0], 3, NULL, err));
    for (int i = 0; i < 3; i++)
        assert_true(p[i].lo <= 0 && p[i].hi >= 1);
    assert_ok(sbx_norm_eval_ivd(p, &a, x[1], 3, NULL, err));
    assert_true(p[0].lo <= 1.0 / 3 && p[0].lo > 0.33 && p[0].hi >= 0.5 && p[0].hi < 0.51);
    assert_true(p[1].lo <= 0 && p[1].hi >= 1.0 / 3 && p[1].hi < 0.34);
    sbx_norm_args_clear(&a);
}

/* ---- Jacobians ------------------------------------------------------------------------------ */

/* The mean value theorem: from any x to any y, f_i(y) - f_i(x) lies in the enclosure of the row i of
 * the Jacobian over the box that both span, times y - x. One direction is a coordinate, so that
 * each entry is judged alone. [L-NRM-06, L-NRM-09, L-NRM-11, L-NRM-20, L-NRM-29, L-NRM-30] */
static void slope_holds(const sbx_norm_args *a, uint64_t *s)
{
    point v;
    sbx_ivf p[M_MAX], q[M_MAX], y[N_MAX], box[N_MAX], *j, h, t;
    point_init(&v);
    point_random(&v, a, s, true);
    const size_t m = sbx_norm_outputs(a, v.n), k = below(s, v.n);
    j = calloc(m * v.n, sizeof *j);
    assert_non_null(j);
    for (size_t i = 0; i < m * v.n; i++)
        sbx_ivf_init(&j[i], &bits300);
    for (size_t i = 0; i < m; i++) {
        sbx_ivf_init(&p[i], &bits300);
        sbx_ivf_init(&q[i], &bits300);
    }
    sbx_ivf_init(&h, &bits300);
    sbx_ivf_init(&t, &bits300);
    assert_ok(sbx_ivf_set_d(&h, (double)(1 + below(s, 40)) / 64, &bits300, err));
    for (size_t i = 0; i < v.n; i++) {
        sbx_ivf_init(&y[i], &bits300);
        sbx_ivf_init(&box[i], &bits300);
        sbx_ivf_set(&y[i], &v.f[i]);
        if (i == k) assert_ok(sbx_ivf_add(&y[i], &y[i], &h, &bits300, err));
        assert_ok(sbx_ivf_hull(&box[i], &y[i], &v.f[i], &bits300, err));
    }
    const sbx_status st = sbx_norm_jacobian_ivf(j, a, box, v.n, &bits300, err);
    if (st == SBX_ERR_UNSUPPORTED || st == SBX_ERR_DOMAIN) goto out;
    assert_int_equal(st, SBX_OK);
    assert_ok(sbx_norm_eval_ivf(p, a, v.f, v.n, &bits300, err));
    assert_ok(sbx_norm_eval_ivf(q, a, y, v.n, &bits300, err));
    for (size_t i = 0; i < m; i++) {
        assert_ok(sbx_ivf_sub(&q[i], &q[i], &p[i], &bits300, err));
        assert_ok(sbx_ivf_mul(&t, &j[i * v.n + k], &h, &bits300, err));
        if (mpfr_cmp(q[i].hi, t.lo) < 0 || mpfr_cmp(q[i].lo, t.hi) > 0)
            fail_msg("%s: entry %zu,%zu of the Jacobian does not explain a difference", name(a), i,
                     k);
    }
out:
    for (size_t i = 0; i < v.n; i++) {
        sbx_ivf_clear(&y[i]);
        sbx_ivf_clear(&box[i]);
    }
    for (size_t i = 0; i < m; i++) {
        sbx_ivf_clear(&p[i]);
        sbx_ivf_clear(&q[i]);
    }
    for (size_t i = 0; i < m * v.n; i++)
        sbx_ivf_clear(&j[i]);
    free(j);
    sbx_ivf_clear(&h);
    sbx_ivf_clear(&t);
    point_clear(&v);
}
static void jacobians_explain_differences(void **state)
{
    (void)state;
    for_each(slope_holds, 24);
}

/* A Jacobian at a point of doubles lies in the enclosure of that point; class Q exactly. */
static void slope_agrees(const sbx_norm_args *a, uint64_t *s)
{
    point v;
    sbx_ivd j[N_MAX * M_MAX];
    double e[N_MAX * M_MAX];
    point_init(&v);
    point_random(&v, a, s, true);
    const size_t m = sbx_norm_outputs(a, v.n);
    const sbx_status st = sbx_norm_jacobian_ivd(j, a, v.d, v.n, NULL, err);
    if (st == SBX_ERR_UNSUPPORTED || st == SBX_ERR_DOMAIN) goto out;
    assert_int_equal(st, SBX_OK);
    assert_ok(sbx_norm_jacobian_f64(e, a, v.e, v.n, NULL, err));
    for (size_t i = 0; i < m * v.n; i++)
        if (!(e[i] >= j[i].lo - 1e-9 * fmax(1, fabs(e[i])) &&
              e[i] <= j[i].hi + 1e-9 * fmax(1, fabs(e[i]))))
            fail_msg("%s: entry %zu is %g, not in [%g, %g]", name(a), i, e[i], j[i].lo, j[i].hi);
out:
    point_clear(&v);
}
static void jacobians_agree(void **state)
{
    (void)state;
    for_each(slope_agrees, 24);
}

/* ---- parameters, refusals, memory ------------------------------------------------------------ */

static void registry_is_sound(void **state)
{
    (void)state;
    const sbx_norm *const *all = sbx_norms();
    for (size_t k = 0; all[k]; k++) {
        const sbx_norm_info *f = sbx_norm_get_info(all[k]);
        sbx_norm_args a;
        assert_non_null(f->formula);
        assert_ptr_equal(sbx_norm_find(f->name), all[k]);
        assert_ok(sbx_norm_read(&a, f->name, err));
        sbx_norm_args_clear(&a);
        if (f->kind == SBX_NORM_RATIONAL) assert_int_equal(f->need, 0);
        if (f->kind == SBX_NORM_ALGEBRAIC) assert_int_equal(f->need & SBX_CAN_EXP, 0);
        if (f->kind != SBX_NORM_RATIONAL && !f->need) assert_non_null(f->note); /* says when */
    }
    assert_null(sbx_norm_find("no such thing"));
}

static void refused(const char *text, sbx_status want, const char *msg)
{
    sbx_norm_args a;
    assert_status(want, sbx_norm_read(&a, text, err));
    if (!strstr(err->msg, msg)) fail_msg("'%s' is not in '%s'", msg, err->msg);
}
static void parameters(void **state)
{
    (void)state;
    sbx_norm_args a;
    assert_ok(sbx_norm_read(&a, "sparsemax:delta=1/3", err));
    assert_int_equal(mpq_cmp_si(a.value[0].v[0], 1, 3), 0);
    sbx_norm_args_clear(&a);
    sbx_norm_args_clear(&a); /* again is allowed */
    refused("softmix", SBX_ERR_PARSE, "no normalizer 'softmix': softmax, ");
    refused("", SBX_ERR_PARSE, "no normalizer ''");
    refused("sparsemax:delta=0", SBX_ERR_ARG, "sparsemax: delta must be a number in (0, inf)");
    refused("sparsemax:delta=-1", SBX_ERR_ARG, "must be");
    refused("sparsemax:delta=1,2", SBX_ERR_ARG, "delta is one number, not 2");
    refused("sparsemax:delta=x", SBX_ERR_PARSE, "delta = 'x' is no number");
    refused("sparsemax:delta", SBX_ERR_PARSE, "is not PARAMETER=VALUE");
    refused("sparsemax:", SBX_ERR_PARSE, "is not PARAMETER=VALUE");
    refused("sparsemax:alpha=1", SBX_ERR_ARG, "no parameter 'alpha'");
    refused("taylor:order=3", SBX_ERR_ARG, "order must be an even integer in [2, 64]");
    refused("taylor:order=66", SBX_ERR_ARG, "must be");
}

static void refusals(void **state)
{
    (void)state;
    sbx_norm_args a;
    sbx_mpq x, p;
    sbx_ivd d = {0, HUGE_VAL}, z = {7, 8};
    sbx_mpq_init(&x, NULL);
    sbx_mpq_init(&p, NULL);
    assert_ok(sbx_norm_read(&a, "softmax", err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_norm_eval_mpq(&p, &a, &x, 1, NULL, err));
    assert_string_equal(err->msg,
                        "softmax needs exp, which mpq does not have; these have: f32, f64, "
                        "lowp, mpf, ivd, ivf, ivq");
    assert_status(SBX_ERR_ARG, sbx_norm_eval_mpq(&p, &a, &x, 0, NULL, err));
    assert_status(SBX_ERR_ARG, sbx_norm_eval_ivd(&z, &a, &d, 1, NULL, err));
    assert_true(z.lo >= 7 && z.hi <= 8); /* unchanged */
    assert_status(SBX_ERR_ARG, sbx_norm_range_ivd(&z, &a, 1, &z, 1, NULL, err));
    sbx_norm_args_clear(&a);
    sbx_mpq_clear(&x);
    sbx_mpq_clear(&p);
}

/* 0/0: an error with its reason, 1/n, or 0; a box that holds such a point, or may, is an error or has the
 * value that stands for it in its range. [L-NRM-02] */
static void zero_rows(void **state)
{
    (void)state;
    static const char *const names[] = {"power-softmax:eps=0", "spherical:eps=0", "squaremax",
                                        "power", "rankmax"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        sbx_norm_args a;
        sbx_mpq x[4], p[4];
        sbx_ivd box[4] = {{0, 1}, {0, 1}, {0, 0.5}, {0, 0}}, r[4],
                zero[4] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}};
        double e[4] = {0, 0, 0, 0}, q[4];
        for (size_t i = 0; i < 4; i++) {
            sbx_mpq_init(&x[i], NULL);
            sbx_mpq_init(&p[i], NULL);
        }
        assert_ok(sbx_norm_read(&a, names[k], err));
        assert_status(SBX_ERR_DOMAIN, sbx_norm_eval_mpq(p, &a, x, 4, NULL, err));
        assert_non_null(strstr(err->msg, "is 0/0 here: all weights are 0"));
        assert_status(SBX_ERR_DOMAIN, sbx_norm_eval_f64(q, &a, e, 4, NULL, err));
        assert_status(SBX_ERR_DOMAIN, sbx_norm_eval_ivd(r, &a, zero, 4, NULL, err));
        assert_status(SBX_ERR_DOMAIN, sbx_norm_range_ivd(r, &a, SBX_NORM_ALL, box, 4, NULL, err));
        assert_non_null(strstr(err->msg, "somewhere in this box"));
        assert_true(sbx_norm_jacobian_ivd(r, &a, zero, 1, NULL, err) != SBX_OK);
        for (int z = 0; z < 2; z++) {
            assert_true(sbx_zero_row_read(&a.zero_row, z ? "zero" : "uniform"));
            assert_ok(sbx_norm_eval_mpq(p, &a, x, 4, NULL, err));
            assert_int_equal(mpq_cmp_si(p[3].v, z ? 0 : 1, 4), 0);
            assert_ok(sbx_norm_eval_ivd(r, &a, zero, 4, NULL, err));
            assert_true(r[2].lo <= (z ? 0 : 0.25) && r[2].hi >= (z ? 0 : 0.25) && r[2].hi <= 0.25);
            assert_ok(sbx_norm_range_ivd(r, &a, SBX_NORM_ALL, box, 4, NULL, err));
            assert_true(r[0].lo <= 0 && r[0].hi >= 1 && r[3].lo <= 0);
            assert_true(r[3].hi >= (z ? 0 : 0.25)); /* x_3 = 0: 0, or the value for 0/0 */
        }
        assert_false(sbx_zero_row_read(&a.zero_row, "none"));
        sbx_norm_args_clear(&a);
        for (size_t i = 0; i < 4; i++) {
            sbx_mpq_clear(&x[i]);
            sbx_mpq_clear(&p[i]);
        }
    }
}

/* What does not fit: lengths, orders of parameters, negative scores. */
static void misfits(void **state)
{
    (void)state;
    static const struct {
        const char *norm, *msg;
    } bad[] = {{"mixture", "3 scores are not 2 equal parts"},
               {"mixture:components=3:pi=1/2,1/2", "pi must be 3 numbers that sum to 1"},
               {"mixture:components=3:pi=1/2,1/4,1/3", "pi must be 3 numbers that sum to 1"},
               {"sinkhorn", "3 scores are not 2 equal rows"},
               {"csls", "3 scores are not 2 equal rows"},
               {"gumbel:noise=1,2", "3 scores, noise has 2 numbers"},
               {"multimax:b=2", "b must not be above d"},
               {"permute-and-flip:base=1/2", "base must be 0, which is e, or above 1"}};
    sbx_ivd x[3] = {{1, 1}, {2, 2}, {-1, 3}}, p[6];
    sbx_norm_args a;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        assert_ok(sbx_norm_read(&a, bad[k].norm, err));
        assert_status(SBX_ERR_ARG, sbx_norm_range_ivd(p, &a, SBX_NORM_ALL, x, 3, NULL, err));
        if (!strstr(err->msg, bad[k].msg)) fail_msg("%s: %s", bad[k].norm, err->msg);
        sbx_norm_args_clear(&a);
    }
    assert_ok(sbx_norm_read(&a, "power", err));
    assert_status(SBX_ERR_DOMAIN, sbx_norm_eval_ivd(p, &a, x, 3, NULL, err));
    assert_string_equal(err->msg, "power has no value at a negative score");
    sbx_norm_args_clear(&a);
}

/* every allocation fails once; nothing leaks, the output stays */
static void memory_fails(const sbx_norm_args *a, uint64_t *s)
{
    point v;
    sbx_ivd p[M_MAX], j[M_MAX * N_MAX];
    sbx_norm_args b = {0};
    point_init(&v);
    point_random(&v, a, s, true);
    for (int what = 0; what < 4; what++)
        for (long k = 0;; k += 1 + k / 8) {
            const long live = sbx_alloc_live();
            sbx_status st;
            p[0] = (sbx_ivd){7, 8};
            sbx_alloc_fail_after(k);
            st = what == 0   ? sbx_norm_eval_ivd(p, a, v.d, v.n, NULL, err)
                 : what == 1 ? sbx_norm_range_ivd(p, a, 0, v.d, v.n, NULL, err)
                 : what == 2 ? sbx_norm_jacobian_ivd(j, a, v.d, v.n, NULL, err)
                             : sbx_norm_args_init(&b, a->norm, err);
            sbx_alloc_fail_after(-1);
            if (what == 3 && st == SBX_OK) sbx_norm_args_clear(&b);
            assert_int_equal(sbx_alloc_live(), live);
            if (st != SBX_ERR_NOMEM) break;
            assert_true(p[0].lo >= 7 && p[0].hi <= 8);
            assert_true(k < 100000);
        }
    point_clear(&v);
}
static void memory_may_run_out(void **state)
{
    (void)state;
    for_each(memory_fails, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registry_is_sound),
        cmocka_unit_test(rationals_agree_with_300_bits),
        cmocka_unit_test(doubles_have_a_proved_error),
        cmocka_unit_test(low_precision_stays_near),
        cmocka_unit_test(traits_are_true),
        cmocka_unit_test(ranges_hold),
        cmocka_unit_test(uncertain_support),
        cmocka_unit_test(uncertain_greatest),
        cmocka_unit_test(jacobians_explain_differences),
        cmocka_unit_test(jacobians_agree),
        cmocka_unit_test(parameters),
        cmocka_unit_test(refusals),
        cmocka_unit_test(zero_rows),
        cmocka_unit_test(misfits),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
