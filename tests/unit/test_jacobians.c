/* test_jacobians.c -- Jacobians of normalizers that are pieces: exact difference quotients inside of a
 * piece, one of the neighbours' matrices at a kink, enclosures that hold those of all their points, and a refusal
 * where there is a jump.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <math.h>

#include "softbox/norm.h"

#define N_MAX 7

typedef struct vec {
    sbx_mpq v[N_MAX * N_MAX];
} vec;

static void init(vec *x)
{
    for (size_t i = 0; i < N_MAX * N_MAX; i++)
        sbx_mpq_init(&x->v[i], NULL);
}
static void clear(vec *x)
{
    for (size_t i = 0; i < N_MAX * N_MAX; i++)
        sbx_mpq_clear(&x->v[i]);
}
static long pick(uint64_t *s, long n) { return (long)(sbx_rng(s) % (uint64_t)n); }

/* numbers in [-2, 2]: multiples of 1/12 (ties, kinks), or of a small number without a pattern */
static void scores(vec *x, size_t n, bool ties, uint64_t *s)
{
    const long unit = ties ? 12 : 1000003;
    for (size_t i = 0; i < n; i++) {
        mpq_set_si(x->v[i].v, pick(s, 4 * unit + 1) - 2 * unit, (unsigned long)unit);
        mpq_canonicalize(x->v[i].v);
    }
}

static const char *const linear[] = {"hardmax",
                                     "ibert",
                                     "ibert:s=1/5",
                                     "fusedmax",
                                     "fusedmax:weight=1/12",
                                     "fusedmax:weight=1/4",
                                     "fusedmax:weight=0",
                                     "oscarmax",
                                     "oscarmax:beta=1/12",
                                     "oscarmax:beta=1/40:alpha=1/12",
                                     "oscarmax:beta=0:alpha=1/5",
                                     "oscarmax:beta=0",
                                     "sparsemax",
                                     "plsoftmax:delta=2"};
static const char *const curved[] = {"rankmax",
                                     "rankmax:k=1",
                                     "rankmax:k=9",
                                     "exp2-poly",
                                     "exp2-poly:scale=1",
                                     "exp2-poly:degree=5:scale=7/5",
                                     "exp2-poly:degree=0:scale=1",
                                     "exp2-poly:scale=60"};

/* f(x + h e_k) - f(x) is h times the column k, to the order h^2 for what is curved: h = +-2^-100. Where both
 * sides differ there is a kink, which a random point hits by chance alone. [L-NRM-83, L-NRM-84, L-NRM-85,
 * L-NRM-86, L-NRM-87] */
static void quotients_of(const char *name, bool exactly, uint64_t *s)
{
    sbx_norm_args a;
    vec x, y, f, g, j;
    mpq_t h, q, e;
    long judged = 0, kinks = 0;
    init(&x), init(&y), init(&f), init(&g), init(&j);
    mpq_inits(h, q, e, NULL);
    assert_ok(sbx_norm_read(&a, name, err));
    for (long r = test_rounds(60); r-- > 0;) {
        const size_t n = 1 + (size_t)pick(s, N_MAX);
        scores(&x, n, false, s);
        const sbx_status st = sbx_norm_jacobian_mpq(j.v, &a, x.v, n, NULL, err);
        if (st == SBX_ERR_DOMAIN) continue;
        assert_int_equal(st, SBX_OK);
        assert_ok(sbx_norm_eval_mpq(f.v, &a, x.v, n, NULL, err));
        for (size_t k = 0; k < n; k++)
            for (int side = -1; side <= 1; side += 2) {
                mpq_set_si(h, side, 1);
                mpq_div_2exp(h, h, 100);
                for (size_t i = 0; i < n; i++)
                    mpq_set(y.v[i].v, x.v[i].v);
                mpq_add(y.v[k].v, y.v[k].v, h);
                assert_ok(sbx_norm_eval_mpq(g.v, &a, y.v, n, NULL, err));
                for (size_t i = 0; i < n; i++) {
                    mpq_sub(q, g.v[i].v, f.v[i].v);
                    mpq_div(q, q, h);
                    mpq_sub(e, q, j.v[i * n + k].v);
                    judged++;
                    if (exactly ? mpq_sgn(e) != 0 : fabs(mpq_get_d(e)) > 0x1p-60) kinks++;
                }
            }
    }
    if (kinks > judged / 200) fail_msg("%s: %ld of %ld quotients differ", name, kinks, judged);
    if (test_rounds(60) >= 60 && judged < 1000) fail_msg("%s: %ld quotients", name, judged);
    sbx_norm_args_clear(&a);
    clear(&x), clear(&y), clear(&f), clear(&g), clear(&j);
    mpq_clears(h, q, e, NULL);
}
static void quotients(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (size_t k = 0; k < sizeof linear / sizeof *linear; k++)
        quotients_of(linear[k], true, &s);
    for (size_t k = 0; k < sizeof curved / sizeof *curved; k++)
        quotients_of(curved[k], false, &s);
}

/* At a point with ties: some point as near as one likes has the same matrix (nearly, if f is curved). */
static void neighbours_of(const char *name, bool exactly, uint64_t *s)
{
    sbx_norm_args a;
    vec x, y, j, g;
    mpq_t e;
    init(&x), init(&y), init(&j), init(&g);
    mpq_init(e);
    assert_ok(sbx_norm_read(&a, name, err));
    for (long r = test_rounds(25); r-- > 0;) {
        const size_t n = 2 + (size_t)pick(s, 4);
        bool found = false;
        scores(&x, n, true, s);
        const sbx_status st = sbx_norm_jacobian_mpq(j.v, &a, x.v, n, NULL, err);
        if (st == SBX_ERR_DOMAIN) continue;
        assert_int_equal(st, SBX_OK);
        for (int t = 0; t < 4000 && !found; t++) {
            found = true;
            for (size_t i = 0; i < n; i++) { /* steps of many sizes, so that all orders are met */
                mpq_set_si(y.v[i].v, pick(s, 2000001) - 1000000, 1);
                mpq_div_2exp(y.v[i].v, y.v[i].v, 120 + (unsigned long)pick(s, 3) * 25);
                mpq_add(y.v[i].v, y.v[i].v, x.v[i].v);
            }
            if (sbx_norm_jacobian_mpq(g.v, &a, y.v, n, NULL, err) != SBX_OK) found = false;
            for (size_t i = 0; found && i < n * n; i++) {
                mpq_sub(e, j.v[i].v, g.v[i].v);
                found = exactly ? mpq_sgn(e) == 0 : fabs(mpq_get_d(e)) < 0x1p-60;
            }
        }
        if (!found) {
            char text[400] = "";
            for (size_t i = 0; i < n; i++)
                (void)gmp_snprintf(text + strlen(text), sizeof text - strlen(text), " %Qd",
                                   x.v[i].v);
            fail_msg("%s at%s: the matrix is that of no neighbour", name, text);
        }
    }
    sbx_norm_args_clear(&a);
    clear(&x), clear(&y), clear(&j), clear(&g);
    mpq_clear(e);
}
static void one_sided(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (size_t k = 0; k < sizeof linear / sizeof *linear; k++)
        neighbours_of(linear[k], true, &s);
    for (size_t k = 0; k < sizeof curved / sizeof *curved; k++)
        neighbours_of(curved[k], false, &s);
}

static bool holds(const sbx_ivd *z, mpq_srcptr v)
{
    bool ok;
    mpq_t t;
    mpq_init(t);
    mpq_set_d(t, z->lo);
    ok = mpq_cmp(t, v) <= 0;
    mpq_set_d(t, z->hi);
    ok = ok && mpq_cmp(t, v) >= 0;
    mpq_clear(t);
    return ok;
}

/* Boxes around points with ties, of many sizes: the enclosure holds the matrix of every point of it, and of those
 * near its boundary; where it refuses the point does, or the box is not a point. */
static void boxes_of(const char *name, uint64_t *s, long *known)
{
    sbx_norm_args a;
    vec x, y, j;
    sbx_ivq b[N_MAX], z[N_MAX * N_MAX];
    sbx_ivd bd[N_MAX], zd[N_MAX * N_MAX];
    mpq_t t;
    init(&x), init(&y), init(&j);
    mpq_init(t);
    for (size_t i = 0; i < N_MAX; i++)
        sbx_ivq_init(&b[i], NULL);
    for (size_t i = 0; i < N_MAX * N_MAX; i++)
        sbx_ivq_init(&z[i], NULL);
    assert_ok(sbx_norm_read(&a, name, err));
    for (long r = test_rounds(60); r-- > 0;) {
        const size_t n = 1 + (size_t)pick(s, 5);
        const long width = pick(s, 4);
        scores(&x, n, pick(s, 2) == 0, s);
        for (size_t i = 0; i < n; i++) {
            sbx_ivd end;
            mpq_set_si(t, pick(s, 8), width == 0 ? 1000000 : width == 1 ? 100 : 12);
            mpq_canonicalize(t);
            if (pick(s, 4) == 0 || width == 3) mpq_set_ui(t, 0, 1);
            mpq_set(b[i].lo, x.v[i].v);
            mpq_add(b[i].hi, x.v[i].v, t);
            assert_ok(sbx_ivd_set_q(&bd[i], b[i].lo, NULL, err));
            assert_ok(sbx_ivd_set_q(&end, b[i].hi, NULL, err));
            assert_ok(sbx_ivd_hull(&bd[i], &bd[i], &end, NULL, err));
        }
        const sbx_status st = sbx_norm_jacobian_ivq(z, &a, b, n, NULL, err);
        const sbx_status std = sbx_norm_jacobian_ivd(zd, &a, bd, n, NULL, err);
        assert_true(st == SBX_OK || st == SBX_ERR_DOMAIN);
        assert_true(std == SBX_OK || std == SBX_ERR_DOMAIN);
        for (int p = 0; p < 30; p++) {
            for (size_t i = 0; i < n; i++) {
                const long c = p == 0 ? 0 : p == 1 ? 8 : pick(s, 9);
                mpq_sub(t, b[i].hi, b[i].lo);
                mpq_set_si(y.v[i].v, c, 8);
                mpq_canonicalize(y.v[i].v);
                mpq_mul(y.v[i].v, y.v[i].v, t);
                mpq_add(y.v[i].v, y.v[i].v, b[i].lo);
            }
            const sbx_status at = sbx_norm_jacobian_mpq(j.v, &a, y.v, n, NULL, err);
            if (at != SBX_OK) {
                assert_int_equal(at, SBX_ERR_DOMAIN);
                if (st == SBX_OK || std == SBX_OK) fail_msg("%s: a jump is inside", name);
                continue;
            }
            for (size_t i = 0; i < n * n; i++) {
                if (st == SBX_OK &&
                    !(mpq_cmp(z[i].lo, j.v[i].v) <= 0 && mpq_cmp(z[i].hi, j.v[i].v) >= 0))
                    fail_msg("%s: entry %zu: %g is not in [%g, %g]", name, i, mpq_get_d(j.v[i].v),
                             mpq_get_d(z[i].lo), mpq_get_d(z[i].hi));
                if (std == SBX_OK && !holds(&zd[i], j.v[i].v))
                    fail_msg("%s: entry %zu: %g is not in [%.17g, %.17g]", name, i,
                             mpq_get_d(j.v[i].v), zd[i].lo, zd[i].hi);
            }
        }
        for (size_t i = 0; i < n * n && st == SBX_OK; i++)
            *known += mpq_equal(z[i].lo, z[i].hi) != 0;
    }
    sbx_norm_args_clear(&a);
    for (size_t i = 0; i < N_MAX; i++)
        sbx_ivq_clear(&b[i]);
    for (size_t i = 0; i < N_MAX * N_MAX; i++)
        sbx_ivq_clear(&z[i]);
    clear(&x), clear(&y), clear(&j);
    mpq_clear(t);
}

static void boxes(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (size_t k = 0; k < sizeof linear / sizeof *linear; k++) {
        long known = 0;
        boxes_of(linear[k], &s, &known);
        if (test_rounds(60) >= 60 && known < 60)
            fail_msg("%s: %ld entries known", linear[k], known);
    }
    for (size_t k = 0; k < sizeof curved / sizeof *curved; k++) {
        long known = 0;
        boxes_of(curved[k], &s, &known);
    }
}

/* top-k is softmax on the k greatest: entry by entry that of softmax on them alone, 300 bits [L-NRM-83] */
static void top_k(void **state)
{
    const sbx_ctx ctx = {.prec = 300};
    uint64_t s = test_seed();
    sbx_norm_args a, soft;
    sbx_ivf x[N_MAX], y[N_MAX], j[N_MAX * N_MAX], g[9];
    vec v;
    (void)state;
    init(&v);
    for (size_t i = 0; i < N_MAX; i++)
        sbx_ivf_init(&x[i], &ctx), sbx_ivf_init(&y[i], &ctx);
    for (size_t i = 0; i < N_MAX * N_MAX; i++)
        sbx_ivf_init(&j[i], &ctx);
    for (size_t i = 0; i < 9; i++)
        sbx_ivf_init(&g[i], &ctx);
    assert_ok(sbx_norm_read(&a, "top-k:k=3:lambda=3/2", err));
    assert_ok(sbx_norm_read(&soft, "softmax:lambda=3/2", err));
    for (long r = test_rounds(100); r-- > 0;) {
        const size_t n = 4 + (size_t)pick(&s, 3);
        size_t in[3], m = 0;
        scores(&v, n, true, &s);
        for (size_t i = 0; i < n; i++) {
            size_t above = 0, equal = 0;
            assert_ok(sbx_ivf_set_q(&x[i], v.v[i].v, &ctx, err));
            for (size_t l = 0; l < n; l++) {
                above += mpq_cmp(v.v[l].v, v.v[i].v) > 0;
                equal += mpq_cmp(v.v[l].v, v.v[i].v) == 0;
            }
            if (above + equal > 3) continue; /* below, or ties with what is below */
            in[m++] = i;
        }
        const sbx_status st = sbx_norm_jacobian_ivf(j, &a, x, n, &ctx, err);
        assert_int_equal(st, m == 3 ? SBX_OK : SBX_ERR_DOMAIN);
        if (st != SBX_OK) {
            assert_non_null(strstr(err->msg, "top-k jumps where the last of the 3 greatest"));
            continue;
        }
        for (size_t i = 0; i < 3; i++)
            sbx_ivf_set(&y[i], &x[in[i]]);
        assert_ok(sbx_norm_jacobian_ivf(g, &soft, y, 3, &ctx, err));
        for (size_t i = 0; i < n; i++)
            for (size_t l = 0; l < n; l++) {
                size_t p = 3, q = 3;
                for (size_t k = 0; k < 3; k++)
                    p = in[k] == i ? k : p, q = in[k] == l ? k : q;
                const sbx_ivf *z = &j[i * n + l];
                if (p == 3 || q == 3)
                    assert_true(mpfr_zero_p(z->lo) && mpfr_zero_p(z->hi));
                else
                    assert_true(mpfr_cmp(z->lo, g[3 * p + q].hi) <= 0 &&
                                mpfr_cmp(z->hi, g[3 * p + q].lo) >= 0);
            }
    }
    sbx_norm_args_clear(&a);
    sbx_norm_args_clear(&soft);
    for (size_t i = 0; i < N_MAX; i++)
        sbx_ivf_clear(&x[i]), sbx_ivf_clear(&y[i]);
    for (size_t i = 0; i < N_MAX * N_MAX; i++)
        sbx_ivf_clear(&j[i]);
    for (size_t i = 0; i < 9; i++)
        sbx_ivf_clear(&g[i]);
    clear(&v);
}

/* where there is a jump the reason is named, at a point and in a box */
static void jumps(void **state)
{
    static const struct {
        const char *name, *why;
        double x[3], r;
    } all[] = {
        {"hardmax", "hardmax jumps where the greatest scores tie", {1, 1, 0}, 0},
        {"hardmax", "hardmax jumps where the greatest scores tie", {1, 0.5, 0}, 0.25},
        {"top-k", "top-k jumps where the last of the 2 greatest scores ties", {1, 0, 0}, 0},
        {"ibert:s=1/8", "ibert jumps where (x[1] - max x) / s is rounded", {1, 0.9375, 0}, 0},
        {"ibert:s=1/8", "ibert jumps where (x[1] - max x) / s is rounded", {1, 0.9, 0}, 0.02},
        {"exp2-poly:scale=1", "exp2-poly jumps where the greatest scores tie", {1, 1, 0}, 0},
        {"exp2-poly:scale=1", "exp2-poly jumps where scale (x[2] - max x) is", {1, 0.5, 0}, 0},
        {"exp2-poly:scale=1", "exp2-poly jumps where scale (x[1] - max x) is", {3, 1.5, 0}, 0.3},
        {"rankmax", "rankmax has no derivative where all its weights are 0", {1, 1, 1}, 0}};
    (void)state;
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        sbx_norm_args a;
        sbx_ivd x[3], j[9];
        double e[9];
        assert_ok(sbx_norm_read(&a, all[k].name, err));
        for (int i = 0; i < 3; i++)
            x[i] = (sbx_ivd){all[k].x[i] - all[k].r, all[k].x[i] + all[k].r};
        assert_status(SBX_ERR_DOMAIN, sbx_norm_jacobian_ivd(j, &a, x, 3, NULL, err));
        if (!strstr(err->msg, all[k].why)) fail_msg("%s: %s", all[k].name, err->msg);
        if (all[k].r <= 0)
            assert_status(SBX_ERR_DOMAIN, sbx_norm_jacobian_f64(e, &a, all[k].x, 3, NULL, err));
        sbx_norm_args_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(quotients), cmocka_unit_test(one_sided),
                                       cmocka_unit_test(boxes), cmocka_unit_test(top_k),
                                       cmocka_unit_test(jumps)};
    return cmocka_run_group_tests_name("jacobians", tests, NULL, NULL);
}
