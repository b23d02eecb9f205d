/* verify_nets.h -- ReLU networks and properties made by hand, and their exact values by a
 * way of its own: rationals, layer by layer, no code of the library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VERIFY_NETS_H
#define VERIFY_NETS_H

#include "base/alloc.h"
#include "net/graph.h"
#include "softbox/verify.h"

#include <math.h>

#include "sbx_test.h" /* last: it defines err */

#define MLP_LAYERS 4
#define MLP_WIDTH  8

/* y = A_k relu(... relu(A_1 x + b_1) ...) + b_k */
typedef struct mlp {
    size_t layers, width[MLP_LAYERS + 1]; /* width[0]: inputs */
    double A[MLP_LAYERS][MLP_WIDTH * MLP_WIDTH], b[MLP_LAYERS][MLP_WIDTH];
} mlp;

/* the graph: Gemm and Relu */
static inline sbx_status mlp_graph(sbx_net **net, const mlp *m, sbx_err *e)
{
    sbx_status st = sbx_graph_new(net, 13, 0, e);
    sbx_shape in = {2, {1, m->width[0]}};
    size_t t = 0;
    if (st == SBX_OK) st = sbx_graph_input(&t, *net, "x", &in, e);
    for (size_t k = 0; k < m->layers && st == SBX_OK; k++) {
        const size_t n = m->width[k], o = m->width[k + 1];
        const sbx_shape sa = {2, {o, n}}, sb = {1, {o}};
        const sbx_attr trans = {.name = "transB", .kind = SBX_ATTR_INT, .i = 1};
        const char *const name[1] = {"y"};
        double *const A = sbx_graph_mem(*net, n * o, sizeof *A);
        double *const b = sbx_graph_mem(*net, o, sizeof *b);
        size_t id[3] = {t, 0, 0};
        if (!A || !b) {
            st = SBX_ERR_NOMEM;
            break;
        }
        memcpy(A, m->A[k], n * o * sizeof *A);
        memcpy(b, m->b[k], o * sizeof *b);
        st = sbx_graph_const(&id[1], *net, "A", &sa, A, NULL, e);
        if (st == SBX_OK) st = sbx_graph_const(&id[2], *net, "b", &sb, b, NULL, e);
        if (st == SBX_OK) st = sbx_graph_node(&t, *net, "Gemm", "", id, 3, name, 1, &trans, 1, e);
        id[0] = t;
        if (st == SBX_OK && k + 1 < m->layers)
            st = sbx_graph_node(&t, *net, "Relu", "", id, 1, name, 1, NULL, 0, e);
    }
    if (st == SBX_OK) st = sbx_graph_finish(*net, t, e);
    if (st != SBX_OK) {
        sbx_net_free(*net);
        *net = NULL;
    }
    return st;
}

static inline sbx_net *mlp_net(const mlp *m)
{
    sbx_net *net = NULL;
    assert_ok(mlp_graph(&net, m, err));
    return net;
}

/* exactly; y[outputs] are initialised */
static inline void mlp_exact(mpq_t *y, const mlp *m, const mpq_t *x)
{
    mpq_t z[MLP_WIDTH], s[MLP_WIDTH], p, c;
    mpq_inits(p, c, NULL);
    for (size_t i = 0; i < MLP_WIDTH; i++)
        mpq_inits(z[i], s[i], NULL);
    for (size_t i = 0; i < m->width[0]; i++)
        mpq_set(z[i], x[i]);
    for (size_t k = 0; k < m->layers; k++) {
        for (size_t j = 0; j < m->width[k + 1]; j++) {
            mpq_set_d(s[j], m->b[k][j]);
            for (size_t i = 0; i < m->width[k]; i++) {
                mpq_set_d(c, m->A[k][j * m->width[k] + i]);
                mpq_mul(p, c, z[i]);
                mpq_add(s[j], s[j], p);
            }
        }
        for (size_t j = 0; j < m->width[k + 1]; j++) {
            mpq_set(z[j], s[j]);
            if (k + 1 < m->layers && mpq_sgn(z[j]) < 0) mpq_set_ui(z[j], 0, 1);
        }
    }
    for (size_t j = 0; j < m->width[m->layers]; j++)
        mpq_set(y[j], z[j]);
    for (size_t i = 0; i < MLP_WIDTH; i++)
        mpq_clears(z[i], s[i], NULL);
    mpq_clears(p, c, NULL);
}

static inline double draw(uint64_t *s, double scale, int bits)
{
    return ldexp(floor(ldexp((2.0 * sbx_rng_unit(s) - 1.0) * scale, bits)), -bits);
}

/* weights with `bits` bits behind the point */
static inline void mlp_random(mlp *m, uint64_t *s, size_t inputs, size_t layers, size_t width,
                              size_t outputs, int bits)
{
    m->layers = layers;
    m->width[0] = inputs;
    for (size_t k = 0; k < layers; k++) {
        m->width[k + 1] = k + 1 < layers ? width : outputs;
        for (size_t i = 0; i < m->width[k] * m->width[k + 1]; i++)
            m->A[k][i] = draw(s, 2.0, bits);
        for (size_t j = 0; j < m->width[k + 1]; j++)
            m->b[k][j] = draw(s, 1.0, bits);
    }
}

/* ---- properties ---------------------------------------------------------------- */

/* An empty property; then prop_case (its box from text), prop_con, prop_term. */
static inline sbx_property *prop_new(size_t inputs, size_t outputs)
{
    sbx_property *const p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->inputs = inputs;
    p->outputs = outputs;
    return p;
}

static inline sbx_disjunct *prop_case(sbx_property *p)
{
    sbx_disjunct *d;
    p->disjunct = realloc(p->disjunct, (p->n_disjuncts + 1) * sizeof *p->disjunct);
    assert_non_null(p->disjunct);
    d = &p->disjunct[p->n_disjuncts++];
    *d = (sbx_disjunct){.lo = calloc(p->inputs + 1, sizeof *d->lo),
                        .hi = calloc(p->inputs + 1, sizeof *d->hi)};
    for (size_t i = 0; i < p->inputs; i++)
        mpq_inits(d->lo[i], d->hi[i], NULL);
    return d;
}

/* "1/3" or "-2" */
static inline void prop_side(sbx_disjunct *d, size_t i, const char *lo, const char *hi)
{
    assert_int_equal(mpq_set_str(d->lo[i], lo, 10), 0);
    assert_int_equal(mpq_set_str(d->hi[i], hi, 10), 0);
    mpq_canonicalize(d->lo[i]);
    mpq_canonicalize(d->hi[i]);
}

static inline sbx_constraint *prop_con(sbx_disjunct *d, bool strict, const char *rhs)
{
    sbx_constraint *c;
    d->constraint = realloc(d->constraint, (d->n_constraints + 1) * sizeof *d->constraint);
    assert_non_null(d->constraint);
    c = &d->constraint[d->n_constraints++];
    *c = (sbx_constraint){.strict = strict};
    mpq_init(c->rhs);
    assert_int_equal(mpq_set_str(c->rhs, rhs, 10), 0);
    mpq_canonicalize(c->rhs);
    return c;
}

static inline void prop_term(sbx_constraint *c, bool is_output, size_t var, const char *coef)
{
    sbx_term *t;
    c->term = realloc(c->term, (c->n_terms + 1) * sizeof *c->term);
    assert_non_null(c->term);
    t = &c->term[c->n_terms++];
    *t = (sbx_term){.var = var, .is_output = is_output};
    mpq_init(t->coef);
    assert_int_equal(mpq_set_str(t->coef, coef, 10), 0);
    mpq_canonicalize(t->coef);
}

static inline void prop_free(sbx_property *p)
{
    for (size_t k = 0; k < p->n_disjuncts; k++) {
        sbx_disjunct *const d = &p->disjunct[k];
        for (size_t i = 0; i < p->inputs; i++)
            mpq_clears(d->lo[i], d->hi[i], NULL);
        for (size_t i = 0; i < d->n_constraints; i++) {
            for (size_t j = 0; j < d->constraint[i].n_terms; j++)
                mpq_clear(d->constraint[i].term[j].coef);
            mpq_clear(d->constraint[i].rhs);
            free(d->constraint[i].term);
        }
        free(d->lo);
        free(d->hi);
        free(d->constraint);
    }
    free(p->disjunct);
    free(p);
}

/* Is (x, y) a counterexample of the disjunct? Exactly, from the definition. */
static inline bool prop_satisfied(const sbx_property *p, size_t disjunct, const mpq_t *x,
                                  const mpq_t *y)
{
    const sbx_disjunct *const d = &p->disjunct[disjunct];
    bool ok = true;
    mpq_t s, t;
    mpq_inits(s, t, NULL);
    for (size_t i = 0; i < p->inputs; i++)
        ok = ok && mpq_cmp(x[i], d->lo[i]) >= 0 && mpq_cmp(x[i], d->hi[i]) <= 0;
    for (size_t k = 0; k < d->n_constraints; k++) {
        const sbx_constraint *const c = &d->constraint[k];
        mpq_set_ui(s, 0, 1);
        for (size_t i = 0; i < c->n_terms; i++) {
            mpq_mul(t, c->term[i].coef,
                    c->term[i].is_output ? y[c->term[i].var] : x[c->term[i].var]);
            mpq_add(s, s, t);
        }
        ok = ok && (c->strict ? mpq_cmp(s, c->rhs) < 0 : mpq_cmp(s, c->rhs) <= 0);
    }
    mpq_clears(s, t, NULL);
    return ok;
}

/* The verdict, and what must be true of any: a witness is judged exactly, the outputs are in
 * the enclosures. */
static inline sbx_verdict judged(sbx_verify_result *r, const mlp *m, const sbx_property *p,
                                 const sbx_verify_opts *o)
{
    sbx_net *const net = mlp_net(m);
    assert_ok(sbx_verify(r, net, p, o, err));
    if (r->verdict == SBX_VIOLATED) {
        mpq_t y[MLP_WIDTH];
        for (size_t j = 0; j < MLP_WIDTH; j++)
            mpq_init(y[j]);
        assert_int_equal(r->n_x, p->inputs);
        assert_int_equal(r->n_y, p->outputs);
        mlp_exact(y, m, (const mpq_t *)r->x);
        assert_true(prop_satisfied(p, r->disjunct, (const mpq_t *)r->x, (const mpq_t *)y));
        for (size_t j = 0; j < r->n_y; j++)
            assert_true(mpq_cmp(r->y[j].lo, y[j]) <= 0 && mpq_cmp(y[j], r->y[j].hi) <= 0);
        for (size_t j = 0; j < MLP_WIDTH; j++)
            mpq_clear(y[j]);
    } else {
        assert_null(r->x);
        assert_int_equal(r->n_x, 0);
    }
    sbx_net_free(net);
    return r->verdict;
}

static inline const char *verdict_name(sbx_verdict v)
{
    return v == SBX_HOLDS      ? "holds"
           : v == SBX_VIOLATED ? "violated"
           : v == SBX_TIMEOUT  ? "timeout"
                               : "unknown";
}

#endif
