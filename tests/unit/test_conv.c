/* test_conv.c -- operators of sliding windows against the definition, written apart: a
 * matrix of small numbers from loops over windows. On integers all is exact: values in all
 * number systems, bounds at the best corner, plain doubles. On real weights the bounds are
 * held against exact rationals. [L-NET-40], [L-NET-41]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "net/graph.h"
#include "softbox/bound.h"

#include <gmp.h>
#include <math.h>

enum { MOST = 600, MATRIX = 60000 };

typedef enum { CONV, TRANSPOSED, POOL } kind;
#define KINDS 3

/* one random operator; dimensions that are not used are 1 */
typedef struct {
    kind k;
    size_t dims, batch, groups, cin, cout; /* channels of a group */
    size_t in[3], out[3], ker[3], stride[3], dil[3], before[3], after[3], extra[3];
    bool bias, include, ceil;
    const char *automatic;
    double w[MATRIX], b[64];
    size_t n_w, nx, ny;
    double *m, *add, *div; /* y = (m x) / div + add, m[ny][nx] */
} op;

static size_t below(uint64_t *r, size_t n) { return (size_t)(sbx_rng(r) % n); }

/* the rules of ONNX for the output's size, one dimension */
static bool size_of(op *o, size_t d, uint64_t *r)
{
    const size_t span = (o->ker[d] - 1) * o->dil[d] + 1, s = o->stride[d];
    if (o->k == TRANSPOSED) {
        const size_t whole = s * (o->in[d] - 1) + o->extra[d] + span;
        if (whole <= o->before[d] + o->after[d]) return false;
        o->out[d] = whole - o->before[d] - o->after[d];
        return true;
    }
    if (strcmp(o->automatic, "NOTSET") != 0) o->before[d] = o->after[d] = 0;
    if (strncmp(o->automatic, "SAME", 4) == 0) {
        size_t pad = 0;
        o->out[d] = (o->in[d] + s - 1) / s;
        if ((o->out[d] - 1) * s + span > o->in[d]) pad = (o->out[d] - 1) * s + span - o->in[d];
        o->before[d] = o->automatic[5] == 'U' ? pad / 2 : (pad + 1) / 2;
        o->after[d] = pad - o->before[d];
    }
    (void)r;
    if (o->in[d] + o->before[d] + o->after[d] < span) return false;
    o->out[d] = 1;
    while (true) { /* windows, one after the other */
        const size_t next = o->out[d] * s, end = next + span;
        const bool full = end <= o->in[d] + o->before[d] + o->after[d];
        const bool begins = next < o->in[d] + o->before[d];
        const bool covers = end - s < o->in[d] + o->before[d] + o->after[d];
        if (!full && !(o->ceil && begins && covers)) break;
        o->out[d]++;
    }
    return true;
}

static bool random_op(op *o, kind k, uint64_t *r)
{
    static const char *const pads[] = {"NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"};
    double *m = o->m, *add = o->add, *div = o->div;
    bool whole = false;
    *o = (op){.k = k, .dims = 1 + below(r, 3), .m = m, .add = add, .div = div};
    o->batch = 1 + below(r, 2);
    o->groups = k == POOL ? 1 + below(r, 5) : 1 + below(r, 3);
    o->cin = k == POOL ? 1 : 1 + below(r, 3);
    o->cout = k == POOL ? 1 : below(r, 4) == 0 ? 4 + below(r, 6) : 1 + below(r, 3);
    o->bias = k != POOL && sbx_rng(r) % 2;
    o->include = sbx_rng(r) % 2;
    o->automatic = k == TRANSPOSED ? "NOTSET" : pads[below(r, 5)];
    o->ceil = k == POOL && !o->include && strncmp(o->automatic, "SAME", 4) != 0 && sbx_rng(r) % 2;
    o->nx = o->ny = 1;
    if (k == CONV && sbx_rng(r) % 6 == 0) { /* one window that is the whole input */
        o->automatic = "VALID";
        o->groups = 1;
        whole = true;
    }
    for (size_t d = 0; d < 3; d++) {
        const bool used = d >= 3 - o->dims;
        o->in[d] = used ? 1 + below(r, o->dims == 1 ? 12 : o->dims == 2 ? 6 : 4) : 1;
        o->ker[d] = whole ? o->in[d] : used ? 1 + below(r, 4) : 1;
        o->stride[d] = used ? 1 + below(r, 3) : 1;
        o->dil[d] = used && k != POOL && !whole ? 1 + below(r, 2) : 1;
        o->before[d] = used ? below(r, o->ker[d]) : 0;
        o->after[d] = used ? below(r, o->ker[d]) : 0;
        o->extra[d] = used && k == TRANSPOSED ? below(r, o->stride[d]) : 0;
        if (!size_of(o, d, r)) return false;
        o->nx *= o->in[d];
        o->ny *= o->out[d];
    }
    o->nx *= o->batch * o->groups * o->cin;
    o->ny *= o->batch * o->groups * o->cout;
    o->n_w = o->groups * o->cin * o->cout * o->ker[0] * o->ker[1] * o->ker[2];
    return o->nx <= MOST && o->ny <= MOST && o->nx * o->ny <= MATRIX;
}

/* the matrix, from the definition: sums over every place of the kernel */
static void fill(op *o)
{
    const bool tr = o->k == TRANSPOSED;
    const size_t *small = tr ? o->in : o->out, *large = tr ? o->out : o->in;
    const size_t cs = tr ? o->cin : o->cout, cl = tr ? o->cout : o->cin;
    size_t at = 0;
    memset(o->m, 0, o->nx * o->ny * sizeof *o->m);
    for (size_t j = 0; j < o->ny; j++) {
        o->add[j] = 0.0;
        o->div[j] = o->k == POOL ? 0.0 : 1.0;
    }
    for (size_t g = 0; g < o->groups; g++)
        for (size_t a = 0; a < cs; a++)
            for (size_t b = 0; b < cl; b++)
                for (size_t k0 = 0; k0 < o->ker[0]; k0++)
                    for (size_t k1 = 0; k1 < o->ker[1]; k1++)
                        for (size_t k2 = 0; k2 < o->ker[2]; k2++, at++)
                            for (size_t i = 0; i < o->batch; i++)
                                for (size_t p = 0; p < small[0] * small[1] * small[2]; p++) {
                                    const size_t q[3] = {p / small[1] / small[2],
                                                         p / small[2] % small[1], p % small[2]};
                                    const size_t kk[3] = {k0, k1, k2};
                                    size_t big = 0, s, l;
                                    bool in = true, padded = true;
                                    for (size_t d = 0; d < 3; d++) {
                                        const size_t v = q[d] * o->stride[d] + kk[d] * o->dil[d];
                                        in = in && v >= o->before[d] && v - o->before[d] < large[d];
                                        padded =
                                            padded && v < large[d] + o->before[d] + o->after[d];
                                        big = big * large[d] + (v - o->before[d]);
                                    }
                                    s = ((i * o->groups + g) * cs + a) * small[0] * small[1] *
                                            small[2] +
                                        p;
                                    if (o->k == POOL && (in || (o->include && padded)))
                                        o->div[s] += 1.0;
                                    if (!in) continue;
                                    l = ((i * o->groups + g) * cl + b) * large[0] * large[1] *
                                            large[2] +
                                        big;
                                    o->m[tr ? l * o->nx + s : s * o->nx + l] +=
                                        o->k == POOL ? 1.0 : o->w[at];
                                }
    for (size_t j = 0; o->bias && j < o->ny; j++)
        o->add[j] = o->b[j / (o->out[0] * o->out[1] * o->out[2]) % (o->groups * o->cout)];
}

/* ---- for the library ------------------------------------------------------------------------ */

static const double *copy(sbx_net *net, const double *v, size_t n)
{
    double *p = sbx_graph_mem(net, n, sizeof *p);
    assert_non_null(p);
    memcpy(p, v, n * sizeof *p);
    return p;
}

static size_t attributes(sbx_attr *a, int64_t v[6][6], const op *o)
{
    static const char *const names[] = {"kernel_shape", "strides", "dilations", "pads",
                                        "output_padding"};
    const size_t first = 3 - o->dims;
    size_t n = 0;
    for (size_t d = 0; d < o->dims; d++) {
        v[0][d] = (int64_t)o->ker[first + d];
        v[1][d] = (int64_t)o->stride[first + d];
        v[2][d] = (int64_t)o->dil[first + d];
        v[3][d] = (int64_t)o->before[first + d];
        v[3][o->dims + d] = (int64_t)o->after[first + d];
        v[4][d] = (int64_t)o->extra[first + d];
    }
    for (size_t k = 0; k < 5; k++) {
        if ((o->k == POOL && (k == 2 || k == 4)) || (o->k == CONV && k == 4)) continue;
        if (k == 3 && strcmp(o->automatic, "NOTSET") != 0) continue;
        a[n++] = (sbx_attr){.name = names[k],
                            .kind = SBX_ATTR_INTS,
                            .ints = v[k],
                            .n = k == 3 ? 2 * o->dims : o->dims};
    }
    a[n++] = (sbx_attr){.name = "auto_pad", .kind = SBX_ATTR_STRING, .s = o->automatic};
    if (o->k != POOL)
        a[n++] = (sbx_attr){.name = "group", .kind = SBX_ATTR_INT, .i = (int64_t)o->groups};
    else {
        a[n++] = (sbx_attr){.name = "count_include_pad", .kind = SBX_ATTR_INT, .i = o->include};
        a[n++] = (sbx_attr){.name = "ceil_mode", .kind = SBX_ATTR_INT, .i = o->ceil};
    }
    return n;
}

static sbx_net *make(const op *o)
{
    static const char *const names[] = {"Conv", "ConvTranspose", "AveragePool"};
    const char *const out[1] = {"y"};
    const size_t first = 3 - o->dims;
    sbx_shape x = {o->dims + 2, {o->batch, o->groups * o->cin}}, w = x, b = {1, {0}};
    size_t id[3];
    sbx_attr a[10];
    int64_t v[6][6];
    sbx_net_info info;
    sbx_net *net;
    w.dim[0] = o->k == TRANSPOSED ? o->groups * o->cin : o->groups * o->cout;
    w.dim[1] = o->k == TRANSPOSED ? o->cout : o->cin;
    b.dim[0] = o->groups * o->cout;
    for (size_t d = 0; d < o->dims; d++) {
        x.dim[2 + d] = o->in[first + d];
        w.dim[2 + d] = o->ker[first + d];
    }
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&id[0], net, "x", &x, err));
    if (o->k != POOL)
        assert_ok(sbx_graph_const(&id[1], net, "w", &w, copy(net, o->w, o->n_w), NULL, err));
    if (o->bias)
        assert_ok(sbx_graph_const(&id[2], net, "b", &b, copy(net, o->b, b.dim[0]), NULL, err));
    assert_ok(sbx_graph_node(&id[0], net, names[o->k], "n", id,
                             o->k == POOL ? 1
                             : o->bias    ? 3
                                          : 2,
                             out, 1, a, attributes(a, v, o), err));
    assert_ok(sbx_graph_finish(net, id[0], err));
    sbx_net_get_info(&info, net);
    assert_int_equal(info.out_rank, o->dims + 2);
    for (size_t d = 0; d < o->dims; d++)
        assert_int_equal(info.out_dim[2 + d], o->out[first + d]);
    return net;
}

/* ---- values in every system --------------------------------------------------------------------- */

/* (m x)_j / div_j + add_j, exactly */
static void exact_value(mpq_ptr v, mpq_ptr t, const op *o, size_t j, const double *x)
{
    mpq_set_ui(v, 0, 1);
    for (size_t k = 0; k < o->nx; k++) {
        mpq_t f;
        if (o->m[j * o->nx + k] == 0.0) continue;
        mpq_init(f);
        mpq_set_d(t, o->m[j * o->nx + k]);
        mpq_set_d(f, x[k]);
        mpq_mul(t, t, f);
        mpq_add(v, v, t);
        mpq_clear(f);
    }
    mpq_set_d(t, o->div[j]);
    mpq_div(v, v, t);
    mpq_set_d(t, o->add[j]);
    mpq_add(v, v, t);
}

/* off: what a point may be off by, relative to 1; enclosures contain the value */
#define VALUES(S, point, off)                                                         \
    static void values_##S(const op *o, const sbx_net *net, const double *x)          \
    {                                                                                 \
        static sbx_##S in[MOST], out[MOST];                                           \
        mpq_t lo, hi, v, t;                                                           \
        mpq_inits(lo, hi, v, t, NULL);                                                \
        for (size_t k = 0; k < o->nx; k++) {                                          \
            sbx_##S##_init(&in[k], NULL);                                             \
            assert_ok(sbx_##S##_set_d(&in[k], x[k], NULL, err));                      \
        }                                                                             \
        for (size_t k = 0; k < o->ny; k++)                                            \
            sbx_##S##_init(&out[k], NULL);                                            \
        assert_ok(sbx_net_eval_##S(out, net, in, NULL, err));                         \
        for (size_t k = 0; k < o->ny; k++) {                                          \
            exact_value(v, t, o, k, x);                                               \
            assert_ok(sbx_##S##_get_q(lo, hi, &out[k], err));                         \
            if (!(point) && (mpq_cmp(lo, v) > 0 || mpq_cmp(hi, v) < 0)) fail_msg(#S); \
            mpq_sub(lo, v, lo);                                                       \
            mpq_sub(hi, hi, v);                                                       \
            if (fabs(mpq_get_d(lo)) > (off) || fabs(mpq_get_d(hi)) > (off))           \
                fail_msg(#S " is off by %g", mpq_get_d(lo));                          \
        }                                                                             \
        for (size_t k = 0; k < o->nx; k++)                                            \
            sbx_##S##_clear(&in[k]);                                                  \
        for (size_t k = 0; k < o->ny; k++)                                            \
            sbx_##S##_clear(&out[k]);                                                 \
        mpq_clears(lo, hi, v, t, NULL);                                               \
    }
VALUES(f32, true, 1e-6)
VALUES(f64, true, 1e-15)
VALUES(lowp, true, 1e-2)
VALUES(mpf, true, 1e-30)
VALUES(mpq, false, 0.0)
VALUES(ivd, false, 1e-10)
VALUES(ivf, false, 1e-30)
VALUES(ivq, false, 0.0)

static void new_matrix(op *o)
{
    o->m = calloc(MATRIX, sizeof *o->m);
    o->add = calloc(MOST, sizeof *o->add);
    o->div = calloc(MOST, sizeof *o->div);
    assert_true(o->m && o->add && o->div);
}
static void free_matrix(op *o)
{
    free(o->m);
    free(o->add);
    free(o->div);
}

static void small_integers(op *o, uint64_t *r)
{
    for (size_t k = 0; k < o->n_w; k++)
        o->w[k] = (double)below(r, 7) - 3.0;
    for (size_t k = 0; k < 64; k++)
        o->b[k] = (double)below(r, 7) - 3.0;
}

static void values(void **state)
{
    static op o;
    uint64_t r = test_seed();
    (void)state;
    new_matrix(&o);
    for (long i = 0; i < test_rounds(150); i++) {
        double x[MOST];
        sbx_net *net;
        if (!random_op(&o, (kind)(i % KINDS), &r)) continue;
        small_integers(&o, &r);
        fill(&o);
        for (size_t k = 0; k < o.nx; k++)
            x[k] = (double)below(&r, 5) - 2.0;
        net = make(&o);
        values_f32(&o, net, x);
        values_f64(&o, net, x);
        values_lowp(&o, net, x);
        values_mpf(&o, net, x);
        values_mpq(&o, net, x);
        values_ivd(&o, net, x);
        values_ivf(&o, net, x);
        values_ivq(&o, net, x);
        sbx_net_free(net);
    }
    free_matrix(&o);
}

/* ---- bounds, and plain doubles ---------------------------------------------------------------------- */

/* the minimum over the box of c.y, less the affine function less (or NULL), exactly; size:
 * the sum of the magnitudes */
static void minimum(mpq_ptr v, double *size, const op *o, const double *c, const sbx_ivd *box,
                    const double *less)
{
    mpq_t s, t, f;
    mpq_inits(s, t, f, NULL);
    mpq_set_ui(v, 0, 1);
    *size = 0.0;
    for (size_t k = 0; k < o->nx; k++) {
        mpq_set_ui(s, 0, 1);
        for (size_t j = 0; j < o->ny; j++) {
            const double w = o->m[j * o->nx + k];
            if (w == 0.0 || c[j] == 0.0) continue;
            mpq_set_d(t, w);
            mpq_set_d(f, c[j]);
            mpq_mul(t, t, f);
            mpq_set_d(f, o->div[j]);
            mpq_div(t, t, f);
            mpq_add(s, s, t);
            *size += fabs(w * c[j] / o->div[j]) * fmax(fabs(box[k].lo), fabs(box[k].hi));
        }
        if (less) {
            mpq_set_d(t, less[k]);
            mpq_sub(s, s, t);
        }
        mpq_set_d(f, mpq_sgn(s) > 0 ? box[k].lo : box[k].hi);
        mpq_mul(s, s, f);
        mpq_add(v, v, s);
    }
    for (size_t j = 0; j < o->ny; j++) {
        mpq_set_d(t, c[j]);
        mpq_set_d(f, o->add[j]);
        mpq_mul(t, t, f);
        mpq_add(v, v, t);
        *size += fabs(c[j] * o->add[j]);
    }
    if (less) {
        mpq_set_d(t, less[o->nx]);
        mpq_sub(v, v, t);
    }
    mpq_clears(s, t, f, NULL);
}

/* the bound, and the affine bound that it came from */
static void check_row(const op *o, double lo, const double *c, const sbx_ivd *box,
                      const double *affine)
{
    double size;
    mpq_t v, t;
    mpq_inits(v, t, NULL);
    if (affine) {
        minimum(v, &size, o, c, box, affine);
        if (mpq_sgn(v) < 0) fail_msg("an affine bound does not hold");
    }
    minimum(v, &size, o, c, box, NULL);
    assert_true(fabs(lo) < HUGE_VAL);
    mpq_set_d(t, lo);
    if (mpq_cmp(t, v) > 0) fail_msg("a bound is above the minimum");
    mpq_sub(t, v, t);
    if (mpq_get_d(t) > 2000.0 * 0x1p-53 * size + 1e-300)
        fail_msg("%g u loose", mpq_get_d(t) / size * 0x1p53);
    mpq_clears(v, t, NULL);
}

static void check_forward(const op *o, sbx_bounder *b, const double *c, const double *x)
{
    static double y[MOST], g[MOST];
    assert_ok(sbx_bounder_forward(b, y, g, x, c, err));
    for (size_t j = 0; j < o->ny; j++) {
        double s = 0.0;
        for (size_t k = 0; k < o->nx; k++)
            s += o->m[j * o->nx + k] * x[k];
        assert_true(fabs(y[j] - (s / o->div[j] + o->add[j])) < 1e-9);
    }
    for (size_t k = 0; k < o->nx; k++) {
        double s = 0.0;
        for (size_t j = 0; j < o->ny; j++)
            s += c[j] * o->m[j * o->nx + k] / o->div[j];
        assert_true(fabs(g[k] - s) < 1e-9);
    }
}

/* rows: dense, sparse, and single elements; outputs by -+ e_j */
static void one_bounds(const op *o, sbx_bounder *b, uint64_t *r, bool wild)
{
    enum { R = 11 };
    static double C[R * MOST], lo[R], x[MOST];
    static sbx_ivd box[MOST];
    for (size_t k = 0; k < R; k++) {
        const size_t one = below(r, o->ny);
        for (size_t j = 0; j < o->ny; j++) {
            const double v = wild ? test_uniform(r, -1.0, 1.0) : (double)below(r, 5) - 2.0;
            C[k * o->ny + j] = k < 4 ? v : k < 8 ? (sbx_rng(r) % 4 ? 0.0 : v) : j == one;
        }
    }
    for (size_t k = 0; k < o->nx; k++) {
        box[k].lo = wild ? test_uniform(r, -1.0, 1.0) : (double)below(r, 9) - 4.0;
        box[k].hi = box[k].lo + (wild ? test_uniform(r, 0.0, 0.5) : (double)below(r, 4));
        x[k] = box[k].hi;
    }
    assert_ok(sbx_bounder_run(b, lo, box, C, R, SBX_BOUND_CROWN, err));
    for (size_t k = 0; k < R; k++)
        check_row(o, lo[k], C + k * o->ny, box, sbx_bounder_input_coef(b, k));
    for (size_t i = 0; i < 5; i++) {
        static double e[MOST];
        const size_t j = below(r, o->ny);
        memset(e, 0, sizeof e);
        e[j] = 1.0;
        check_row(o, sbx_bounder_outputs(b)[j].lo, e, box, NULL);
        e[j] = -1.0;
        check_row(o, -sbx_bounder_outputs(b)[j].hi, e, box, NULL);
    }
    check_forward(o, b, C, x);
}

static void bounds(bool wild, long rounds)
{
    static op o;
    uint64_t r = test_seed();
    new_matrix(&o);
    for (long i = 0; i < test_rounds(rounds); i++) {
        sbx_bounder *b;
        sbx_net *net;
        if (!random_op(&o, (kind)(i % KINDS), &r)) continue;
        small_integers(&o, &r);
        for (size_t k = 0; wild && k < o.n_w; k++)
            o.w[k] = test_uniform(&r, -1.0, 1.0);
        for (size_t k = 0; wild && k < 64; k++)
            o.b[k] = test_uniform(&r, -1.0, 1.0) * 1e-3;
        fill(&o);
        net = make(&o);
        assert_ok(sbx_bounder_new(&b, net, err));
        one_bounds(&o, b, &r, wild);
        one_bounds(&o, b, &r, wild); /* the memory of the first run */
        sbx_bounder_free(b);
        sbx_net_free(net);
    }
    free_matrix(&o);
}
static void bounds_of_integers(void **state)
{
    (void)state;
    bounds(false, 150);
}
static void bounds_of_reals(void **state)
{
    (void)state;
    bounds(true, 400);
}

/* ---- two layers: the same bounds as with dense matrices --------------------------------------- */

/* a convolution of two dimensions behind prev (NULL: behind a 2x5x6 image) */
static bool layer(op *o, const op *prev, uint64_t *r)
{
    double *m = o->m, *add = o->add, *div = o->div;
    *o = (op){.k = CONV, .dims = 2, .m = m, .add = add, .div = div, .batch = 1, .groups = 1};
    o->automatic = "NOTSET";
    o->bias = true;
    o->cin = prev ? prev->cout : 2;
    o->cout = 1 + below(r, 10);
    o->nx = o->cin;
    o->ny = o->cout;
    for (size_t d = 0; d < 3; d++) {
        o->in[d] = prev ? prev->out[d] : d == 0 ? 1 : 4 + d;
        o->ker[d] = d == 0 ? 1 : 1 + below(r, 3);
        o->stride[d] = d == 0 ? 1 : 1 + below(r, 2);
        o->dil[d] = 1;
        o->before[d] = below(r, o->ker[d]);
        o->after[d] = below(r, o->ker[d]);
        if (!size_of(o, d, r)) return false;
        o->nx *= o->in[d];
        o->ny *= o->out[d];
    }
    o->n_w = o->cin * o->cout * o->ker[1] * o->ker[2];
    if (o->ny > MOST || o->nx * o->ny > MATRIX) return false;
    for (size_t k = 0; k < o->n_w; k++)
        o->w[k] = test_uniform(r, -1.0, 1.0);
    for (size_t k = 0; k < o->cout; k++)
        o->b[k] = test_uniform(r, -0.5, 0.5);
    fill(o);
    return true;
}

/* adds a layer, as a convolution or as a dense one, to x */
static size_t add_layer(sbx_net *net, size_t x, const op *o, bool dense)
{
    const sbx_shape w = {4, {o->cout, o->cin, o->ker[1], o->ker[2]}}, b = {1, {o->cout}};
    const sbx_shape m = {2, {o->ny, o->nx}}, c = {1, {o->ny}};
    const char *const out[1] = {"y"};
    const sbx_attr tb = {.name = "transB", .kind = SBX_ATTR_INT, .i = 1};
    size_t id[3] = {x};
    sbx_attr a[10];
    int64_t v[6][6];
    assert_ok(sbx_graph_const(&id[1], net, "w", dense ? &m : &w,
                              copy(net, dense ? o->m : o->w, dense ? o->nx * o->ny : o->n_w), NULL,
                              err));
    assert_ok(sbx_graph_const(&id[2], net, "b", dense ? &c : &b,
                              copy(net, dense ? o->add : o->b, dense ? o->ny : o->cout), NULL,
                              err));
    if (dense)
        assert_ok(sbx_graph_node(&x, net, "Gemm", "n", id, 3, out, 1, &tb, 1, err));
    else
        assert_ok(sbx_graph_node(&x, net, "Conv", "n", id, 3, out, 1, a, attributes(a, v, o), err));
    return x;
}

static void two_bounds(double *lo, const op *o, bool dense, const sbx_ivd *box, const double *C)
{
    const char *const out[1] = {"y"};
    const sbx_shape image = {4, {1, o[0].cin, o[0].in[1], o[0].in[2]}}, flat = {2, {1, o[0].nx}};
    sbx_bounder *b;
    sbx_net *net;
    size_t x;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", dense ? &flat : &image, err));
    for (int k = 0; k < 3; k++) {
        x = add_layer(net, x, &o[k], dense);
        if (k < 2) assert_ok(sbx_graph_node(&x, net, "Relu", "r", &x, 1, out, 1, NULL, 0, err));
    }
    assert_ok(sbx_graph_finish(net, x, err));
    assert_ok(sbx_bounder_new(&b, net, err));
    assert_ok(sbx_bounder_run(b, lo, box, C, 2, SBX_BOUND_CROWN, err));
    for (size_t j = 0; j < o[2].ny; j++) {
        lo[2 + 2 * j] = sbx_bounder_outputs(b)[j].lo;
        lo[3 + 2 * j] = -sbx_bounder_outputs(b)[j].hi;
    }
    sbx_bounder_free(b);
    sbx_net_free(net);
}

static void as_dense(void **state)
{
    static op o[3];
    static double C[2 * MOST], lo[2][2 * MOST + 2];
    static sbx_ivd box[MOST];
    uint64_t r = test_seed();
    (void)state;
    for (int k = 0; k < 3; k++)
        new_matrix(&o[k]);
    for (long i = 0; i < test_rounds(60); i++) {
        if (!layer(&o[0], NULL, &r) || !layer(&o[1], &o[0], &r) || !layer(&o[2], &o[1], &r))
            continue;
        for (size_t k = 0; k < o[0].nx; k++) {
            box[k].lo = test_uniform(&r, -1.0, 1.0);
            box[k].hi = box[k].lo + test_uniform(&r, 0.0, 0.3);
        }
        for (size_t k = 0; k < 2 * o[2].ny; k++)
            C[k] = test_uniform(&r, -1.0, 1.0);
        two_bounds(lo[0], o, false, box, C);
        two_bounds(lo[1], o, true, box, C);
        for (size_t k = 0; k < 2 + 2 * o[2].ny; k++)
            if (!(fabs(lo[0][k] - lo[1][k]) <= 1e-9 * (1.0 + fabs(lo[0][k]))))
                fail_msg("%g as a convolution, %g as a matrix", lo[0][k], lo[1][k]);
    }
    for (int k = 0; k < 3; k++)
        free_matrix(&o[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(bounds_of_integers),
        cmocka_unit_test(bounds_of_reals),
        cmocka_unit_test(as_dense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
