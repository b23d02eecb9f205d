/* netmake.h -- random small networks for the tests: described here, built for the library,
 * and evaluated apart from it, in rationals or in MPFR at 300 bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NETMAKE_H
#define SBX_NETMAKE_H

#include "sbx_test.h"

#include "net/graph.h"
#include "softbox/bound.h"

#include <gmp.h>
#include <math.h>
#include <mpfr.h>

enum { MOST_STEPS = 24, MOST_WIDTH = 12 };
typedef enum {
    K_DENSE,
    K_RELU,
    K_LEAKY,
    K_ADD,
    K_SUB,
    K_BIAS,
    K_SCALE,
    K_DIV,
    K_NEG,
    K_SIGMOID,
    K_TANH,
    K_SOFTMAX,
    K_LOGSOFTMAX
} kind;

typedef struct {
    kind k;
    int a, b, n; /* operands: steps, -1 the input; width of the result */
    double w[MOST_WIDTH][MOST_WIDTH], c[MOST_WIDTH];
    int how; /* dense: 0 gemm transB, 1 gemm, 2 matmul + add, 3 left matmul;
              * leaky: 0 with one slope c[0], else PRelu with a slope c[j] an element */
} step;

typedef struct {
    int in, steps;
    step s[MOST_STEPS];
} made;

static inline int made_width(const made *m, int i) { return i < 0 ? m->in : m->s[i].n; }
static inline int made_outputs(const made *m) { return made_width(m, m->steps - 1); }

/* a coefficient: a third tame, a third of any scale, a third that nearly cancels */
static inline double made_coef(uint64_t *r, double scale)
{
    const double u = test_uniform(r, -1.0, 1.0);
    switch (sbx_rng(r) % 4) {
    case 0: return u;
    case 1: return scale * u;
    case 2: return (sbx_rng(r) % 2 ? scale : -scale) * (1.0 + 0x1p-50 * (double)(sbx_rng(r) % 4));
    default: return (double)(float)u;
    }
}

static inline double made_scale(uint64_t *r, bool wild)
{
    static const double s[] = {1e-9, 1e-4, 1.0, 1.0, 1.0, 1e3, 1e9};
    return wild ? s[sbx_rng(r) % 7] : 1.0;
}

static inline int made_step(made *m, kind k, int a, int b, int n, uint64_t *r, double scale)
{
    step *s = &m->s[m->steps];
    assert_true(m->steps < MOST_STEPS && n <= MOST_WIDTH);
    memset(s, 0, sizeof *s);
    s->k = k;
    s->a = a;
    s->b = b;
    s->n = n;
    s->how = (int)(sbx_rng(r) % 4);
    for (int i = 0; i < MOST_WIDTH; i++) {
        s->c[i] = made_coef(r, scale);
        if (k == K_DIV && fabs(s->c[i]) < 1e-3) s->c[i] = 3.0;
        for (int j = 0; j < MOST_WIDTH; j++)
            s->w[i][j] = made_coef(r, scale);
    }
    for (int j = 0; k == K_LEAKY && j < MOST_WIDTH; j++)
        s->c[j] = (double)(float)test_uniform(r, 0.0, s->how == 3 && j % 3 == 2 ? 1.5 : 1.0);
    for (int j = 1; k == K_LEAKY && s->how == 0 && j < MOST_WIDTH; j++)
        s->c[j] = s->c[0];
    return m->steps++;
}

/* ---- for the library ----------------------------------------------------------------- */

static inline double *made_mem(sbx_net *net, size_t n)
{
    double *p = sbx_graph_mem(net, n, sizeof *p);
    assert_non_null(p);
    return p;
}

static inline size_t made_const(sbx_net *net, const double *v, size_t rows, size_t cols, size_t ld,
                                bool transpose)
{
    double *p = made_mem(net, rows * cols);
    sbx_shape s = {2, {transpose ? cols : rows, transpose ? rows : cols}};
    size_t id;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            p[transpose ? j * rows + i : i * cols + j] = v[i * ld + j];
    assert_ok(sbx_graph_const(&id, net, NULL, &s, p, NULL, err));
    return id;
}

static inline size_t made_node(sbx_net *net, const char *op, size_t a, size_t b, size_t c,
                               const sbx_attr *attr, size_t n_attr)
{
    const size_t in[3] = {a, b, c}, n = c != SBX_NO_TENSOR ? 3 : b != SBX_NO_TENSOR ? 2 : 1;
    const char *const name[1] = {""};
    size_t out;
    assert_ok(sbx_graph_node(&out, net, op, op, in, n, name, 1, attr, n_attr, err));
    return out;
}

static inline size_t made_dense(sbx_net *net, const step *s, size_t x, size_t in)
{
    const size_t none = SBX_NO_TENSOR, n = (size_t)s->n;
    const sbx_attr tb = {.name = "transB", .kind = SBX_ATTR_INT, .i = 1};
    const sbx_attr perm = {
        .name = "perm", .kind = SBX_ATTR_INTS, .ints = (const int64_t[]){1, 0}, .n = 2};
    const size_t w = made_const(net, &s->w[0][0], n, in, MOST_WIDTH, s->how == 1 || s->how == 2);
    const size_t b = made_const(net, s->c, 1, n, n, s->how == 3);
    size_t t;
    switch (s->how) {
    case 0: return made_node(net, "Gemm", x, w, b, &tb, 1);
    case 1: return made_node(net, "Gemm", x, w, b, NULL, 0);
    case 2:
        t = made_node(net, "MatMul", x, w, none, NULL, 0);
        return made_node(net, "Add", t, b, none, NULL, 0);
    default:
        t = made_node(net, "Transpose", x, none, none, &perm, 1);
        t = made_node(net, "MatMul", w, t, none, NULL, 0);
        t = made_node(net, "Add", b, t, none, NULL, 0);
        return made_node(net, "Transpose", t, none, none, NULL, 0);
    }
}

static inline sbx_net *made_net(const made *m)
{
    static const char *const op[] = {"",     "Relu",    "LeakyRelu", "Add", "Sub",
                                     "Add",  "Mul",     "Div",       "Neg", "Sigmoid",
                                     "Tanh", "Softmax", "LogSoftmax"};
    const size_t none = SBX_NO_TENSOR;
    const sbx_shape shape = {2, {1, (size_t)m->in}};
    size_t id[MOST_STEPS + 1];
    sbx_net *net;
    assert_ok(sbx_graph_new(&net, 13, 0, err));
    assert_ok(sbx_graph_input(&id[0], net, "x", &shape, err));
    for (int i = 0; i < m->steps; i++) {
        const step *s = &m->s[i];
        const size_t a = id[s->a + 1], n = (size_t)s->n;
        const sbx_attr alpha = {.name = "alpha", .kind = SBX_ATTR_FLOAT, .f = s->c[0]};
        size_t z = 0;
        switch (s->k) {
        case K_DENSE: z = made_dense(net, s, a, (size_t)made_width(m, s->a)); break;
        case K_LEAKY:
            z = s->how == 0 ? made_node(net, op[s->k], a, none, none, &alpha, 1)
                            : made_node(net, "PRelu", a, made_const(net, s->c, 1, n, n, false),
                                        none, NULL, 0);
            break;
        case K_ADD:
        case K_SUB: z = made_node(net, op[s->k], a, id[s->b + 1], none, NULL, 0); break;
        case K_BIAS:
        case K_SCALE:
        case K_DIV:
            z = made_node(net, op[s->k], a, made_const(net, s->c, 1, n, n, false), none, NULL, 0);
            break;
        case K_RELU:
        case K_NEG:
        case K_SIGMOID:
        case K_TANH:
        case K_SOFTMAX:
        case K_LOGSOFTMAX: z = made_node(net, op[s->k], a, none, none, NULL, 0); break;
        }
        id[i + 1] = z;
    }
    assert_ok(sbx_graph_finish(net, id[m->steps], err));
    return net;
}

/* ---- apart from the library, exactly --------------------------------------------------- */

typedef struct {
    mpq_t v[MOST_STEPS + 1][MOST_WIDTH], t, d;
} exact;

static inline void exact_init(exact *e)
{
    for (int i = 0; i <= MOST_STEPS; i++)
        for (int j = 0; j < MOST_WIDTH; j++)
            mpq_init(e->v[i][j]);
    mpq_inits(e->t, e->d, NULL);
}
static inline void exact_clear(exact *e)
{
    for (int i = 0; i <= MOST_STEPS; i++)
        for (int j = 0; j < MOST_WIDTH; j++)
            mpq_clear(e->v[i][j]);
    mpq_clears(e->t, e->d, NULL);
}

/* e->v[0] is the input; the result is e->v[m->steps] */
static inline void exact_run(exact *e, const made *m)
{
    for (int i = 0; i < m->steps; i++) {
        const step *s = &m->s[i];
        const int in = made_width(m, s->a);
        for (int j = 0; j < s->n; j++) {
            mpq_ptr z = e->v[i + 1][j];
            mpq_srcptr x = e->v[s->a + 1][j];
            if (s->k != K_DENSE) mpq_set_d(e->d, s->c[j]);
            switch (s->k) {
            case K_DENSE:
                mpq_set_d(z, s->c[j]);
                for (int k = 0; k < in; k++) {
                    mpq_set_d(e->t, s->w[j][k]);
                    mpq_mul(e->t, e->t, e->v[s->a + 1][k]);
                    mpq_add(z, z, e->t);
                }
                break;
            case K_RELU:
                mpq_set(z, x);
                if (mpq_sgn(z) < 0) mpq_set_ui(z, 0, 1);
                break;
            case K_LEAKY:
                mpq_set(z, x);
                if (mpq_sgn(z) < 0) mpq_mul(z, z, e->d);
                break;
            case K_ADD: mpq_add(z, x, e->v[s->b + 1][j]); break;
            case K_SUB: mpq_sub(z, x, e->v[s->b + 1][j]); break;
            case K_BIAS: mpq_add(z, x, e->d); break;
            case K_SCALE: mpq_mul(z, x, e->d); break;
            case K_DIV: mpq_div(z, x, e->d); break;
            case K_NEG: mpq_neg(z, x); break;
            case K_SIGMOID:
            case K_TANH:
            case K_SOFTMAX:
            case K_LOGSOFTMAX: fail_msg("no rational value");
            }
        }
    }
}

/* ---- apart from the library, in MPFR at 300 bits ------------------------------------------ */

typedef struct {
    mpfr_t v[MOST_STEPS + 1][MOST_WIDTH], t, s;
} precise;

static inline void precise_init(precise *e)
{
    for (int i = 0; i <= MOST_STEPS; i++)
        for (int j = 0; j < MOST_WIDTH; j++)
            mpfr_init2(e->v[i][j], 300);
    mpfr_inits2(300, e->t, e->s, (mpfr_ptr)NULL);
}
static inline void precise_clear(precise *e)
{
    for (int i = 0; i <= MOST_STEPS; i++)
        for (int j = 0; j < MOST_WIDTH; j++)
            mpfr_clear(e->v[i][j]);
    mpfr_clears(e->t, e->s, (mpfr_ptr)NULL);
}

/* by differences to the largest, so that nothing overflows */
static inline void precise_softmax(precise *e, int i, int a, int n, bool logs)
{
    mpfr_t top;
    mpfr_init2(top, 300);
    mpfr_set(top, e->v[a][0], MPFR_RNDN);
    for (int j = 1; j < n; j++)
        mpfr_max(top, top, e->v[a][j], MPFR_RNDN);
    mpfr_set_ui(e->s, 0, MPFR_RNDN);
    for (int j = 0; j < n; j++) {
        mpfr_sub(e->v[i][j], e->v[a][j], top, MPFR_RNDN);
        mpfr_exp(e->t, e->v[i][j], MPFR_RNDN);
        mpfr_add(e->s, e->s, e->t, MPFR_RNDN);
    }
    if (logs) mpfr_log(e->s, e->s, MPFR_RNDN);
    for (int j = 0; j < n; j++)
        if (logs)
            mpfr_sub(e->v[i][j], e->v[i][j], e->s, MPFR_RNDN);
        else {
            mpfr_exp(e->t, e->v[i][j], MPFR_RNDN);
            mpfr_div(e->v[i][j], e->t, e->s, MPFR_RNDN);
        }
    mpfr_clear(top);
}

static inline void precise_run(precise *e, const made *m)
{
    for (int i = 0; i < m->steps; i++) {
        const step *s = &m->s[i];
        const int in = made_width(m, s->a);
        if (s->k == K_SOFTMAX || s->k == K_LOGSOFTMAX) {
            precise_softmax(e, i + 1, s->a + 1, s->n, s->k == K_LOGSOFTMAX);
            continue;
        }
        for (int j = 0; j < s->n; j++) {
            mpfr_ptr z = e->v[i + 1][j];
            mpfr_srcptr x = e->v[s->a + 1][j];
            switch (s->k) {
            case K_DENSE:
                mpfr_set_d(z, s->c[j], MPFR_RNDN);
                for (int k = 0; k < in; k++) {
                    mpfr_mul_d(e->t, e->v[s->a + 1][k], s->w[j][k], MPFR_RNDN);
                    mpfr_add(z, z, e->t, MPFR_RNDN);
                }
                break;
            case K_RELU: mpfr_max(z, x, (mpfr_set_ui(e->t, 0, MPFR_RNDN), e->t), MPFR_RNDN); break;
            case K_LEAKY: mpfr_mul_d(z, x, mpfr_sgn(x) < 0 ? s->c[j] : 1.0, MPFR_RNDN); break;
            case K_ADD: mpfr_add(z, x, e->v[s->b + 1][j], MPFR_RNDN); break;
            case K_SUB: mpfr_sub(z, x, e->v[s->b + 1][j], MPFR_RNDN); break;
            case K_BIAS: mpfr_add_d(z, x, s->c[j], MPFR_RNDN); break;
            case K_SCALE: mpfr_mul_d(z, x, s->c[j], MPFR_RNDN); break;
            case K_DIV: mpfr_div_d(z, x, s->c[j], MPFR_RNDN); break;
            case K_NEG: mpfr_neg(z, x, MPFR_RNDN); break;
            case K_TANH: mpfr_tanh(z, x, MPFR_RNDN); break;
            case K_SIGMOID:
                mpfr_neg(z, x, MPFR_RNDN);
                mpfr_exp(z, z, MPFR_RNDN);
                mpfr_add_ui(z, z, 1, MPFR_RNDN);
                mpfr_ui_div(z, 1, z, MPFR_RNDN);
                break;
            case K_SOFTMAX:
            case K_LOGSOFTMAX: break;
            }
        }
    }
}

/* ---- boxes -------------------------------------------------------------------------------- */

static inline void made_box(sbx_ivd *box, int n, uint64_t *r, double width)
{
    for (int i = 0; i < n; i++) {
        const double c = test_uniform(r, -1.0, 1.0);
        const double w = sbx_rng(r) % 5 == 0 ? 0.0 : width * sbx_rng_unit(r);
        box[i] = (sbx_ivd){c - w, c + w};
        if (sbx_rng(r) % 16 == 0) box[i] = (sbx_ivd){1.0 + 0x1p-52, 1.0 + 0x1p-51};
    }
}

/* a point of the box: number k < 2^n its corners, beyond them at random */
static inline double made_point(const sbx_ivd *box, int i, unsigned k, int n, uint64_t *r)
{
    if (k < 1u << n) return k >> i & 1 ? box[i].hi : box[i].lo;
    if (sbx_rng(r) % 4 == 0) return sbx_rng(r) % 2 ? box[i].lo : box[i].hi;
    return test_uniform(r, box[i].lo, box[i].hi);
}

#endif
