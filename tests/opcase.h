/* opcase.h -- checks of one operator on an input of six numbers, 2x3: its value in every
 * number system, proved bounds, plain doubles and their gradient, all against a function
 * in exact rationals that the test writes apart.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OPCASE_H
#define OPCASE_H

#include "sbx_test.h"

#include "net/graph.h"
#include "softbox/bound.h"

#include <float.h>
#include <math.h>

#define NONE SBX_NO_TENSOR
enum { OP_IN = 6, OP_MOST = 64 };

typedef struct {
    const char *name;
    size_t (*build)(sbx_net *, size_t); /* from the input to the output */
    void (*value)(mpq_t *, mpq_t *);
    size_t n, rank, dim[4];
    bool exact;   /* on small integers every number is one that all systems have */
    bool affine;  /* bounds are tight */
    bool smooth;  /* has a gradient everywhere */
    double least; /* inputs of the boxes are above it, if not 0 */
} opcase;

/* ---- building ---------------------------------------------------------------------- */

/* the constants: small integers */
static inline double op_w(size_t i) { return (double)(i * 7 % 11) - 5.0; }

static inline size_t op_const(sbx_net *net, size_t rank, const size_t *dim, const double *from)
{
    sbx_shape s = {.rank = rank};
    size_t n = 1, id;
    double *v;
    for (size_t k = 0; k < rank; k++)
        n *= s.dim[k] = dim[k];
    v = sbx_graph_mem(net, n, sizeof *v);
    assert_non_null(v);
    for (size_t k = 0; k < n; k++)
        v[k] = from ? from[k] : op_w(k);
    assert_ok(sbx_graph_const(&id, net, "c", &s, v, NULL, err));
    return id;
}
#define REAL(...) \
    op_const(net, sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t), (size_t[]){__VA_ARGS__}, NULL)
/* every element v */
static inline size_t op_all(sbx_net *net, double v) { return op_const(net, 0, NULL, &v); }

static inline size_t op_ints(sbx_net *net, size_t n, const int64_t *from)
{
    const sbx_shape s = {1, {n}};
    int64_t *v = sbx_graph_mem(net, n, sizeof *v);
    size_t id;
    assert_non_null(v);
    memcpy(v, from, n * sizeof *v);
    assert_ok(sbx_graph_const(&id, net, "ints", &s, NULL, v, err));
    return id;
}
#define INTS(...) \
    op_ints(net, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__})

static inline size_t op_node(sbx_net *net, const char *op, const size_t *in, size_t n_in,
                             const sbx_attr *at, size_t n_at)
{
    const char *const name[1] = {"y"};
    size_t out;
    assert_ok(sbx_graph_node(&out, net, op, "n", in, n_in, name, 1, at, n_at, err));
    return out;
}
#define NODE(op, ...)                                                                           \
    op_node(net, op, (size_t[]){__VA_ARGS__}, sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t), \
            NULL, 0)
#define SHAPED(x, ...) NODE("Reshape", x, INTS(__VA_ARGS__))

static inline sbx_net *op_net(const opcase *c)
{
    const sbx_shape in = {2, {2, 3}};
    sbx_net_info info;
    sbx_net *net;
    size_t x;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &in, err));
    assert_ok(sbx_graph_finish(net, c->build(net, x), err));
    sbx_net_get_info(&info, net);
    if (info.outputs != c->n || info.out_rank != c->rank) fail_msg("%s: shape", c->name);
    for (size_t k = 0; k < c->rank; k++)
        if (info.out_dim[k] != c->dim[k]) fail_msg("%s: dimension %zu", c->name, k);
    return net;
}

/* ---- exact values ------------------------------------------------------------------ */

static inline void op_init(mpq_t *v, size_t n)
{
    for (size_t k = 0; k < n; k++)
        mpq_init(v[k]);
}
static inline void op_clear(mpq_t *v, size_t n)
{
    for (size_t k = 0; k < n; k++)
        mpq_clear(v[k]);
}
/* z = sum of n products, with strides */
static inline void op_dot(mpq_t z, mpq_t *a, size_t da, mpq_t *b, size_t db, size_t n)
{
    mpq_t t;
    mpq_init(t);
    mpq_set_ui(z, 0, 1);
    for (size_t k = 0; k < n; k++) {
        mpq_mul(t, a[k * da], b[k * db]);
        mpq_add(z, z, t);
    }
    mpq_clear(t);
}
/* z = sum of n doubles times y */
static inline void op_form(mpq_t z, const double *c, mpq_t *y, size_t n)
{
    mpq_t t;
    mpq_init(t);
    mpq_set_ui(z, 0, 1);
    for (size_t k = 0; k < n; k++) {
        mpq_set_d(t, c[k]);
        mpq_mul(t, t, y[k]);
        mpq_add(z, z, t);
    }
    mpq_clear(t);
}

/* ---- values in every system --------------------------------------------------------- */

/* the answer lies within rel |want| + rel of want; an enclosure holds it */
static inline void op_near(const opcase *c, const char *sys, mpq_t lo, mpq_t hi, mpq_t want,
                           bool enclose, double rel)
{
    const double v = fabs(mpq_get_d(want)) + 1.0;
    mpq_t t;
    mpq_init(t);
    if (enclose && (mpq_cmp(lo, want) > 0 || mpq_cmp(hi, want) < 0))
        fail_msg("%s: %s does not hold the value", c->name, sys);
    mpq_sub(t, lo, want);
    if (fabs(mpq_get_d(t)) > rel * v) fail_msg("%s: %s is off", c->name, sys);
    mpq_sub(t, hi, want);
    if (fabs(mpq_get_d(t)) > rel * v) fail_msg("%s: %s is off", c->name, sys);
    mpq_clear(t);
}

#define OP_VALUES(S, enclose, rel)                                                           \
    static inline void op_value_##S(const opcase *c, const sbx_net *net, mpq_t *x, mpq_t *y) \
    {                                                                                        \
        sbx_##S in[OP_IN], out[OP_MOST];                                                     \
        mpq_t lo, hi;                                                                        \
        mpq_inits(lo, hi, NULL);                                                             \
        for (size_t k = 0; k < OP_IN; k++) {                                                 \
            sbx_##S##_init(&in[k], NULL);                                                    \
            assert_ok(sbx_##S##_set_q(&in[k], x[k], NULL, err));                             \
        }                                                                                    \
        for (size_t k = 0; k < c->n; k++)                                                    \
            sbx_##S##_init(&out[k], NULL);                                                   \
        assert_ok(sbx_net_eval_##S(out, net, in, NULL, err));                                \
        for (size_t k = 0; k < c->n; k++) {                                                  \
            assert_ok(sbx_##S##_get_q(lo, hi, &out[k], err));                                \
            op_near(c, #S, lo, hi, y[k], enclose, c->exact ? 1e-12 : rel);                   \
        }                                                                                    \
        for (size_t k = 0; k < OP_IN; k++)                                                   \
            sbx_##S##_clear(&in[k]);                                                         \
        for (size_t k = 0; k < c->n; k++)                                                    \
            sbx_##S##_clear(&out[k]);                                                        \
        mpq_clears(lo, hi, NULL);                                                            \
    }
OP_VALUES(f32, false, 1e-5)
OP_VALUES(f64, false, 1e-13)
OP_VALUES(lowp, false, 0.1)
OP_VALUES(mpf, false, 1e-30)
OP_VALUES(mpq, true, 0.0)
OP_VALUES(ivd, true, 1e-13)
OP_VALUES(ivf, true, 1e-30)
OP_VALUES(ivq, true, 0.0)

static inline void op_values(const opcase *c, uint64_t *r)
{
    sbx_net *net = op_net(c);
    mpq_t x[OP_IN], y[OP_MOST];
    op_init(x, OP_IN);
    op_init(y, c->n);
    for (int round = 0; round < 5; round++) {
        for (size_t j = 0; j < OP_IN; j++)
            mpq_set_d(x[j], c->least > 0.0 ? c->least + (double)(sbx_rng(r) % 5)
                                           : (double)(sbx_rng(r) % 9) - 4.0);
        c->value(y, x);
        op_value_f32(c, net, x, y);
        op_value_f64(c, net, x, y);
        op_value_lowp(c, net, x, y);
        op_value_mpf(c, net, x, y);
        op_value_mpq(c, net, x, y);
        op_value_ivd(c, net, x, y);
        op_value_ivf(c, net, x, y);
        op_value_ivq(c, net, x, y);
    }
    op_clear(x, OP_IN);
    op_clear(y, c->n);
    sbx_net_free(net);
}

/* ---- bounds ---------------------------------------------------------------------------- */

/* a box of six sides: integers, random ones, points, tiny and far ones */
static inline void op_box(sbx_ivd *box, const opcase *c, uint64_t *r)
{
    const int kind = (int)(sbx_rng(r) % 5);
    for (size_t k = 0; k < OP_IN; k++) {
        const double scale = kind == 4 ? (sbx_rng(r) % 2 ? 1e3 : 1e-9) : 1.0;
        double lo = kind == 0 ? (double)(sbx_rng(r) % 9) - 4.0 : test_uniform(r, -4.0, 4.0);
        double w = kind == 0 ? (double)(sbx_rng(r) % 4) : test_uniform(r, 0.0, 2.0);
        if (kind == 2) w = 0.0;
        if (kind == 3) w *= 1e-12;
        box[k].lo = c->least > 0.0 ? c->least + fabs(lo) : lo * scale;
        box[k].hi = box[k].lo + (c->least > 0.0 ? w : w * scale);
    }
}

/* the bounds of both rows at one point of the box: what lo, the affine bound and the
 * bounds of the outputs say of it */
static inline void op_point(const opcase *c, const sbx_bounder *b, const double *lo,
                            const double *C, mpq_t *x, mpq_t *y, double *least)
{
    mpq_t s, t;
    mpq_inits(s, t, NULL);
    c->value(y, x);
    for (size_t row = 0; row < 2; row++) {
        const double *a = sbx_bounder_input_coef(b, row);
        op_form(s, C + row * c->n, y, c->n);
        least[row] = fmin(least[row], mpq_get_d(s));
        if (isfinite(lo[row])) {
            mpq_set_d(t, lo[row]);
            if (mpq_cmp(t, s) > 0) fail_msg("%s: %a is no lower bound", c->name, lo[row]);
        }
        if (!isfinite(a[OP_IN])) continue;
        op_form(t, a, x, OP_IN);
        mpq_sub(s, s, t);
        mpq_set_d(t, a[OP_IN]);
        if (mpq_cmp(t, s) > 0) fail_msg("%s: the affine bound does not hold", c->name);
    }
    for (size_t k = 0; k < c->n; k++) {
        const sbx_ivd v = sbx_bounder_outputs(b)[k];
        mpq_set_d(s, fmax(v.lo, -DBL_MAX));
        mpq_set_d(t, fmin(v.hi, DBL_MAX));
        if (mpq_cmp(s, y[k]) > 0 || mpq_cmp(t, y[k]) < 0)
            fail_msg("%s: output %zu leaves its bounds", c->name, k);
    }
    mpq_clears(s, t, NULL);
}

/* the value and the gradient in plain doubles at x; the gradient by differences */
static inline void op_plain(const opcase *c, sbx_bounder *b, const double *C, mpq_t *x, mpq_t *y)
{
    const double h = 0x1p-20;
    double at[OP_IN], g[OP_IN], z[OP_MOST];
    mpq_t s, t, step;
    mpq_inits(s, t, step, NULL);
    for (size_t k = 0; k < OP_IN; k++)
        at[k] = mpq_get_d(x[k]);
    c->value(y, x);
    assert_ok(sbx_bounder_forward(b, z, g, at, C, err));
    for (size_t k = 0; k < c->n; k++)
        if (fabs(z[k] - mpq_get_d(y[k])) > 1e-11 * (1.0 + fabs(z[k])))
            fail_msg("%s: plain value %zu", c->name, k);
    for (size_t k = 0; k < OP_IN && c->smooth; k++) {
        double d, size = 0.0;
        mpq_set_d(step, h);
        mpq_add(x[k], x[k], step);
        c->value(y, x);
        op_form(s, C, y, c->n);
        mpq_sub(x[k], x[k], step);
        mpq_sub(x[k], x[k], step);
        c->value(y, x);
        op_form(t, C, y, c->n);
        mpq_add(x[k], x[k], step);
        mpq_sub(s, s, t);
        d = mpq_get_d(s) / (2.0 * h);
        for (size_t j = 0; j < c->n; j++)
            size += fabs(C[j]) * (1.0 + fabs(z[j]));
        if (fabs(d - g[k]) > 1e-5 * (size + fabs(d)))
            fail_msg("%s: gradient %zu is %g, not %g", c->name, k, g[k], d);
    }
    mpq_clears(s, t, step, NULL);
}

static inline void op_bounds(const opcase *c, long rounds, uint64_t *r)
{
    sbx_net *net = op_net(c);
    double C[2 * OP_MOST], lo[2];
    mpq_t x[OP_IN], y[OP_MOST];
    sbx_bounder *b;
    sbx_ivd box[OP_IN];
    assert_ok(sbx_bounder_new(&b, net, err));
    op_init(x, OP_IN);
    op_init(y, c->n);
    for (long i = 0; i < rounds; i++) {
        double least[2] = {HUGE_VAL, HUGE_VAL};
        op_box(box, c, r);
        for (size_t k = 0; k < 2 * c->n; k++)
            C[k] = sbx_rng(r) % 3 ? test_uniform(r, -2.0, 2.0) : (double)(sbx_rng(r) % 5) - 2.0;
        assert_ok(sbx_bounder_run(b, lo, box, C, 2, SBX_BOUND_CROWN, err));
        for (unsigned q = 0; q < 80; q++) {
            for (size_t k = 0; k < OP_IN; k++)
                mpq_set_d(x[k], q >= 64      ? test_uniform(r, box[k].lo, box[k].hi)
                                : q >> k & 1 ? box[k].hi
                                             : box[k].lo);
            op_point(c, b, lo, C, x, y, least);
        }
        op_plain(c, b, C, x, y);
        for (size_t row = 0; row < 2 && c->affine; row++)
            if (!(lo[row] >= least[row] - 1e-9 * (1.0 + fabs(least[row]))))
                fail_msg("%s: %g is far below %g", c->name, lo[row], least[row]);
    }
    op_clear(x, OP_IN);
    op_clear(y, c->n);
    sbx_bounder_free(b);
    sbx_net_free(net);
}

#endif
