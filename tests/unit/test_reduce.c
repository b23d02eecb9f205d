/* test_reduce.c -- sums and means over dimensions, against loops over indices in exact
 * rationals; BatchNormalization against MPFR at 300 bits. Values, bounds at the best corner,
 * plain doubles; what is refused. [L-NET-05], [L-NET-41], [L-NET-42]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "net/graph.h"
#include "softbox/bound.h"

#include <gmp.h>
#include <math.h>
#include <mpfr.h>

enum { MOST = 400, BITS = 300 };

static size_t below(uint64_t *r, size_t n) { return (size_t)(sbx_rng(r) % n); }

static sbx_shape random_shape(uint64_t *r, size_t least)
{
    sbx_shape s = {.rank = least + below(r, 5 - least)};
    for (size_t d = 0; d < s.rank; d++)
        s.dim[d] = 1 + below(r, 4);
    return s;
}

static size_t size_of(const sbx_shape *s)
{
    size_t n = 1;
    for (size_t d = 0; d < s->rank; d++)
        n *= s->dim[d];
    return n;
}

static const double *copy(sbx_net *net, const double *v, size_t n)
{
    double *p = sbx_graph_mem(net, n, sizeof *p);
    assert_non_null(p);
    memcpy(p, v, n * sizeof *p);
    return p;
}

/* ---- the affine map y_j = sum of m_jk x_k + add_j, in MPFR ---------------------------------- */

typedef struct {
    size_t nx, ny;
    mpfr_t *m; /* [ny][nx] */
    mpfr_t *add;
} map;

static void map_new(map *a, size_t nx, size_t ny)
{
    *a = (map){nx, ny, calloc(nx * ny, sizeof(mpfr_t)), calloc(ny, sizeof(mpfr_t))};
    assert_true(a->m && a->add);
    for (size_t k = 0; k < nx * ny; k++) {
        mpfr_init2(a->m[k], BITS);
        mpfr_set_zero(a->m[k], 1);
    }
    for (size_t j = 0; j < ny; j++) {
        mpfr_init2(a->add[j], BITS);
        mpfr_set_zero(a->add[j], 1);
    }
}

static void map_free(map *a)
{
    for (size_t k = 0; k < a->nx * a->ny; k++)
        mpfr_clear(a->m[k]);
    for (size_t j = 0; j < a->ny; j++)
        mpfr_clear(a->add[j]);
    free(a->m);
    free(a->add);
}

/* v = the minimum over the box of c.y, less the affine function less (or NULL), off by far
 * less than a double; size: the sum of the magnitudes */
static void minimum(mpfr_t v, double *size, const map *a, const double *c, const sbx_ivd *box,
                    const double *less)
{
    mpfr_t s, t;
    mpfr_inits2(BITS, s, t, (mpfr_ptr)NULL);
    mpfr_set_zero(v, 1);
    *size = 0.0;
    for (size_t k = 0; k < a->nx; k++) {
        mpfr_set_zero(s, 1);
        for (size_t j = 0; j < a->ny; j++) {
            mpfr_mul_d(t, a->m[j * a->nx + k], c[j], MPFR_RNDN);
            mpfr_add(s, s, t, MPFR_RNDN);
            *size += fabs(mpfr_get_d(t, MPFR_RNDN)) * fmax(fabs(box[k].lo), fabs(box[k].hi));
        }
        if (less) mpfr_sub_d(s, s, less[k], MPFR_RNDN);
        mpfr_mul_d(s, s, mpfr_sgn(s) > 0 ? box[k].lo : box[k].hi, MPFR_RNDN);
        mpfr_add(v, v, s, MPFR_RNDN);
    }
    for (size_t j = 0; j < a->ny; j++) {
        mpfr_mul_d(t, a->add[j], c[j], MPFR_RNDN);
        mpfr_add(v, v, t, MPFR_RNDN);
        *size += fabs(mpfr_get_d(t, MPFR_RNDN));
    }
    if (less) mpfr_sub_d(v, v, less[a->nx], MPFR_RNDN);
    mpfr_clears(s, t, (mpfr_ptr)NULL);
}

/* the bound, and the affine bound that it came from; the reference is off by less than
 * 2^-280 of its terms */
static void check_row(const map *a, double lo, const double *c, const sbx_ivd *box,
                      const double *affine)
{
    double size;
    mpfr_t v;
    mpfr_init2(v, BITS);
    if (affine) {
        minimum(v, &size, a, c, box, affine);
        if (mpfr_cmp_d(v, -0x1p-280 * size) < 0) fail_msg("an affine bound does not hold");
    }
    minimum(v, &size, a, c, box, NULL);
    assert_true(fabs(lo) < HUGE_VAL);
    mpfr_sub_d(v, v, lo, MPFR_RNDN);
    if (mpfr_cmp_d(v, -0x1p-280 * size) < 0) fail_msg("a bound is above the minimum");
    if (mpfr_get_d(v, MPFR_RNDN) > 2000.0 * 0x1p-53 * size + 1e-300) fail_msg("a loose bound");
    mpfr_clear(v);
}

static void check_forward(const map *a, sbx_bounder *b, const double *c, const double *x)
{
    static double y[MOST], g[MOST];
    assert_ok(sbx_bounder_forward(b, y, g, x, c, err));
    for (size_t j = 0; j < a->ny; j++) {
        double s = mpfr_get_d(a->add[j], MPFR_RNDN);
        for (size_t k = 0; k < a->nx; k++)
            s += mpfr_get_d(a->m[j * a->nx + k], MPFR_RNDN) * x[k];
        assert_true(fabs(y[j] - s) < 1e-9);
    }
    for (size_t k = 0; k < a->nx; k++) {
        double s = 0.0;
        for (size_t j = 0; j < a->ny; j++)
            s += c[j] * mpfr_get_d(a->m[j * a->nx + k], MPFR_RNDN);
        assert_true(fabs(g[k] - s) < 1e-9);
    }
}

static void check_bounds(const map *a, const sbx_net *net, uint64_t *r)
{
    enum { R = 9 };
    static double C[R * MOST], lo[R], x[MOST], e[MOST];
    static sbx_ivd box[MOST];
    sbx_bounder *b;
    for (size_t k = 0; k < R * a->ny; k++)
        C[k] = k / a->ny < 6 || sbx_rng(r) % 4 == 0 ? test_uniform(r, -1.0, 1.0) : 0.0;
    for (size_t k = 0; k < a->nx; k++) {
        box[k].lo = test_uniform(r, -1.0, 1.0);
        box[k].hi = box[k].lo + (sbx_rng(r) % 3 ? test_uniform(r, 0.0, 0.5) : 0.0);
        x[k] = box[k].lo;
    }
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, lo, box, C, R, SBX_BOUND_CROWN, err));
    for (size_t k = 0; k < R; k++)
        check_row(a, lo[k], C + k * a->ny, box, sbx_bounder_input_coef(b, k));
    for (size_t j = 0; j < a->ny; j++) {
        memset(e, 0, sizeof e);
        e[j] = 1.0;
        check_row(a, sbx_bounder_outputs(b)[j].lo, e, box, NULL);
        e[j] = -1.0;
        check_row(a, -sbx_bounder_outputs(b)[j].hi, e, box, NULL);
    }
    check_forward(a, b, C, x);
    sbx_bounder_free(b);
}

/* ---- values at a point: off by at most so much; enclosures contain it ------------------------- */

#define VALUES(S, point, off)                                                                      \
    static void values_##S(const map *a, const sbx_net *net, const double *x)                      \
    {                                                                                              \
        static sbx_##S in[MOST], out[MOST];                                                        \
        mpq_t lo, hi;                                                                              \
        mpfr_t v, t;                                                                               \
        mpq_inits(lo, hi, NULL);                                                                   \
        mpfr_inits2(BITS, v, t, (mpfr_ptr)NULL);                                                   \
        for (size_t k = 0; k < a->nx; k++) {                                                       \
            sbx_##S##_init(&in[k], NULL);                                                          \
            assert_ok(sbx_##S##_set_d(&in[k], x[k], NULL, err));                                   \
        }                                                                                          \
        for (size_t k = 0; k < a->ny; k++)                                                         \
            sbx_##S##_init(&out[k], NULL);                                                         \
        assert_ok(sbx_net_eval_##S(out, net, in, NULL, err));                                      \
        for (size_t j = 0; j < a->ny; j++) {                                                       \
            mpfr_set(v, a->add[j], MPFR_RNDN);                                                     \
            for (size_t k = 0; k < a->nx; k++) {                                                   \
                mpfr_mul_d(t, a->m[j * a->nx + k], x[k], MPFR_RNDN);                               \
                mpfr_add(v, v, t, MPFR_RNDN);                                                      \
            }                                                                                      \
            assert_ok(sbx_##S##_get_q(lo, hi, &out[j], err));                                      \
            mpfr_sub_q(t, v, hi, MPFR_RNDN);                                                       \
            mpfr_sub_q(v, v, lo, MPFR_RNDN);                                                       \
            if (!(point) && (mpfr_cmp_d(v, -1e-80) < 0 || mpfr_cmp_d(t, 1e-80) > 0)) fail_msg(#S); \
            if (mpfr_cmpabs_ui(v, 0) && fabs(mpfr_get_d(v, MPFR_RNDN)) > (off))                    \
                fail_msg(#S " is off by %g", mpfr_get_d(v, MPFR_RNDN));                            \
            if (fabs(mpfr_get_d(t, MPFR_RNDN)) > (off)) fail_msg(#S " is off");                    \
        }                                                                                          \
        for (size_t k = 0; k < a->nx; k++)                                                         \
            sbx_##S##_clear(&in[k]);                                                               \
        for (size_t k = 0; k < a->ny; k++)                                                         \
            sbx_##S##_clear(&out[k]);                                                              \
        mpq_clears(lo, hi, NULL);                                                                  \
        mpfr_clears(v, t, (mpfr_ptr)NULL);                                                         \
    }
VALUES(f32, true, 1e-4)
VALUES(f64, true, 1e-12)
VALUES(lowp, true, 3e-1)
VALUES(mpf, true, 1e-30)
VALUES(mpq, true, 1e-80)
VALUES(ivd, false, 1e-12)
VALUES(ivf, false, 1e-30)
VALUES(ivq, false, 1e-30)

static void all_values(const map *a, const sbx_net *net, bool rational, uint64_t *r)
{
    static double x[MOST];
    for (size_t k = 0; k < a->nx; k++)
        x[k] = (double)below(r, 9) - 4.0;
    values_f32(a, net, x);
    values_f64(a, net, x);
    values_lowp(a, net, x);
    values_mpf(a, net, x);
    values_ivd(a, net, x);
    values_ivf(a, net, x);
    values_ivq(a, net, x);
    if (rational) values_mpq(a, net, x);
}

/* ---- sums and means ------------------------------------------------------------------------------ */

typedef struct {
    const char *op;
    sbx_shape x, y;
    bool gone[SBX_NET_RANK], keep, mean, input;
    int64_t axes[SBX_NET_RANK], noop;
    size_t n_axes;
} reduction;

static void random_reduction(reduction *q, uint64_t *r)
{
    static const char *const ops[] = {"ReduceSum", "ReduceMean", "GlobalAveragePool"};
    const size_t k = below(r, 3);
    *q = (reduction){.op = ops[k], .mean = k > 0, .input = sbx_rng(r) % 2};
    q->x = random_shape(r, k == 2 ? 2 : 1);
    q->keep = k == 2 || sbx_rng(r) % 2;
    q->noop = sbx_rng(r) % 2;
    for (size_t d = 0; d < q->x.rank; d++) {
        q->gone[d] = k == 2 ? d >= 2 : sbx_rng(r) % 2;
        if (q->gone[d])
            q->axes[q->n_axes++] = (int64_t)d - (sbx_rng(r) % 2 ? (int64_t)q->x.rank : 0);
    }
    if (q->n_axes == 0 && !q->noop && k < 2)
        for (size_t d = 0; d < q->x.rank; d++)
            q->gone[d] = true;
    for (size_t d = 0; d < q->x.rank; d++)
        if (!q->gone[d] || q->keep) q->y.dim[q->y.rank++] = q->gone[d] ? 1 : q->x.dim[d];
}

static void reduction_map(map *a, const reduction *q)
{
    const size_t nx = size_of(&q->x), ny = size_of(&q->y);
    map_new(a, nx, ny);
    for (size_t i = 0; i < nx; i++) {
        size_t at[SBX_NET_RANK], rest = i, j = 0;
        for (size_t d = q->x.rank; d-- > 0; rest /= q->x.dim[d])
            at[d] = rest % q->x.dim[d];
        for (size_t d = 0; d < q->x.rank; d++)
            if (!q->gone[d]) j = j * q->x.dim[d] + at[d];
        mpfr_set_ui(a->m[j * nx + i], 1, MPFR_RNDN);
        if (q->mean) mpfr_div_ui(a->m[j * nx + i], a->m[j * nx + i], nx / ny, MPFR_RNDN);
    }
}

static sbx_net *reduction_net(const reduction *q)
{
    const bool global = strcmp(q->op, "GlobalAveragePool") == 0;
    const bool input = q->input && (q->n_axes > 0 || q->noop);
    const char *const out[1] = {"y"};
    const sbx_shape n = {1, {q->n_axes}};
    sbx_attr a[3] = {{.name = "keepdims", .kind = SBX_ATTR_INT, .i = q->keep},
                     {.name = "noop_with_empty_axes", .kind = SBX_ATTR_INT, .i = q->noop},
                     {.name = "axes", .kind = SBX_ATTR_INTS, .ints = q->axes, .n = q->n_axes}};
    sbx_net_info info;
    sbx_net *net;
    size_t id[2];
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&id[0], net, "x", &q->x, err));
    if (input) {
        int64_t *v = sbx_graph_mem(net, q->n_axes + 1, sizeof *v);
        memcpy(v, q->axes, q->n_axes * sizeof *v);
        assert_ok(sbx_graph_const(&id[1], net, "axes", &n, NULL, v, err));
    }
    assert_ok(sbx_graph_node(&id[0], net, q->op, "n", id, !global && input ? 2 : 1, out, 1, a,
                             global                    ? 0
                             : input || q->n_axes == 0 ? 2
                                                       : 3,
                             err));
    assert_ok(sbx_graph_finish(net, id[0], err));
    sbx_net_get_info(&info, net);
    assert_int_equal(info.out_rank, q->y.rank);
    for (size_t d = 0; d < q->y.rank; d++)
        assert_int_equal(info.out_dim[d], q->y.dim[d]);
    return net;
}

static void reductions(void **state)
{
    uint64_t r = test_seed();
    (void)state;
    for (long i = 0; i < test_rounds(300); i++) {
        reduction q;
        map a;
        sbx_net *net;
        random_reduction(&q, &r);
        net = reduction_net(&q);
        reduction_map(&a, &q);
        all_values(&a, net, false, &r);
        if (!q.mean) all_values(&a, net, true, &r);
        check_bounds(&a, net, &r);
        map_free(&a);
        sbx_net_free(net);
    }
}

/* ---- normalisation ---------------------------------------------------------------------------------- */

static void normalisations(void **state)
{
    uint64_t r = test_seed();
    (void)state;
    for (long i = 0; i < test_rounds(300); i++) {
        const sbx_shape x = random_shape(&r, 1);
        const bool spatial = sbx_rng(&r) % 3 != 0;
        const size_t n = size_of(&x), first = x.dim[0];
        const size_t kept = x.rank < 2 ? 1 : spatial ? x.dim[1] : n / first;
        const size_t each = x.rank < 2 || !spatial ? 1 : n / first / x.dim[1];
        const sbx_shape s = {1, {kept}};
        const char *const out[1] = {"y"};
        double v[4][MOST];
        const sbx_attr at[2] = {{.name = "epsilon", .kind = SBX_ATTR_FLOAT, .f = 1e-3},
                                {.name = "spatial", .kind = SBX_ATTR_INT, .i = spatial}};
        size_t id[5];
        sbx_net *net;
        mpfr_t t;
        map a;
        mpfr_init2(t, BITS);
        for (size_t k = 0; k < kept; k++) {
            for (size_t p = 0; p < 3; p++)
                v[p][k] = test_uniform(&r, -2.0, 2.0);
            v[3][k] = test_uniform(&r, 0.1, 2.0);
        }
        assert_ok(sbx_graph_new(&net, 8, 0, err));
        assert_ok(sbx_graph_input(&id[0], net, "x", &x, err));
        for (size_t k = 0; k < 4; k++)
            assert_ok(sbx_graph_const(&id[1 + k], net, "c", &s, copy(net, v[k], kept), NULL, err));
        assert_ok(
            sbx_graph_node(&id[0], net, "BatchNormalization", "n", id, 5, out, 1, at, 2, err));
        assert_ok(sbx_graph_finish(net, id[0], err));
        map_new(&a, n, n);
        for (size_t j = 0; j < n; j++) { /* scale (x - mean) / sqrt(var + epsilon) + bias */
            const size_t c = j / each % kept;
            mpfr_set_d(t, v[3][c], MPFR_RNDN);
            mpfr_add_d(t, t, 1e-3, MPFR_RNDN);
            mpfr_sqrt(t, t, MPFR_RNDN);
            mpfr_d_div(a.m[j * n + j], v[0][c], t, MPFR_RNDN);
            mpfr_mul_d(t, a.m[j * n + j], v[2][c], MPFR_RNDN);
            mpfr_d_sub(a.add[j], v[1][c], t, MPFR_RNDN);
        }
        all_values(&a, net, false, &r);
        check_bounds(&a, net, &r);
        map_free(&a);
        mpfr_clear(t);
        sbx_net_free(net);
    }
}

/* ---- refusals --------------------------------------------------------------------------------------------- */

static void refuse(const char *op, const sbx_shape *x, const sbx_shape *w, const sbx_attr *at,
                   size_t n_at, const char *want)
{
    const char *const out[1] = {"y"};
    size_t id[2], n = w ? 2 : 1;
    sbx_net *net;
    double *v;
    assert_ok(sbx_graph_new(&net, 13, 1u << 24, err));
    assert_ok(sbx_graph_input(&id[0], net, "x", x, err));
    if (w) {
        v = sbx_graph_mem(net, size_of(w), sizeof *v);
        assert_non_null(v);
        assert_ok(sbx_graph_const(&id[1], net, "w", w, v, NULL, err));
    }
    assert_true(sbx_graph_node(&id[0], net, op, "bad", id, n, out, 1, at, n_at, err) != SBX_OK);
    if (!strstr(err->msg, want) || !strstr(err->msg, "bad")) fail_msg("%s: %s", op, err->msg);
    sbx_net_free(net);
}

static void refused(void **state)
{
    const sbx_shape x = {4, {1, 2, 5, 5}}, w = {4, {3, 2, 3, 3}}, odd = {4, {3, 1, 3, 3}};
    const sbx_shape flat = {2, {1, 2}}, six = {6, {1, 2, 3, 3, 3, 3}}, w6 = six;
    const int64_t huge[] = {1, INT64_C(1) << 40}, two[] = {2, 2}, minus[] = {0, 0, -1, 0};
    const int64_t zero[] = {0, 1}, far[] = {7}, nine[] = {9, 9}, wide[] = {3, 3, 0, 0};
#define LIST(nm, v)                                                                \
    {                                                                              \
        .name = nm, .kind = SBX_ATTR_INTS, .ints = v, .n = sizeof(v) / sizeof *(v) \
    }
    const sbx_attr strides = LIST("strides", huge), zeros = LIST("strides", zero);
    const sbx_attr pads = LIST("pads", minus), kernel = LIST("kernel_shape", two);
    const sbx_attr big = LIST("kernel_shape", nine), axes = LIST("axes", far);
    const sbx_attr padded[2] = {LIST("kernel_shape", two), LIST("pads", wide)};
    const sbx_attr group = {.name = "group", .kind = SBX_ATTR_INT, .i = 2};
    const sbx_attr same = {.name = "auto_pad", .kind = SBX_ATTR_STRING, .s = "SOME"};
    (void)state;
    refuse("Conv", &x, &odd, NULL, 0, "2 channels and weights for 1");
    refuse("Conv", &x, &w, &group, 1, "in 2 groups");
    refuse("Conv", &x, &w, &strides, 1, "'strides' holds");
    refuse("Conv", &x, &w, &zeros, 1, "'strides' holds 0");
    refuse("Conv", &x, &w, &pads, 1, "negative padding");
    refuse("Conv", &x, &w, &kernel, 1, "kernel_shape");
    refuse("Conv", &x, &w, &same, 1, "'auto_pad'");
    refuse("Conv", &flat, &flat, NULL, 0, "dimensions");
    refuse("Conv", &six, &w6, NULL, 0, "more than three dimensions");
    refuse("AveragePool", &x, NULL, NULL, 0, "'kernel_shape' is missing");
    refuse("AveragePool", &x, NULL, &big, 1, "larger than the padded input");
    refuse("AveragePool", &x, NULL, padded, 2, "padding only");
    refuse("ReduceSum", &x, NULL, &axes, 1, "axis 7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reductions),
        cmocka_unit_test(normalisations),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
