/* net/op_gemm.c -- Gemm: alpha A' B' + beta C.
 *
 * A dense layer where it is one: one of A and B constant, C constant and the same for the whole
 * batch, alpha W and beta C doubles. Otherwise it is made of others:
 * Add(Mul(MatMul(A', B'), alpha), Mul(C, beta)), without what does nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/affine.h"

#include "base/try.h"
#include "net/compose.h"

#include <string.h>

#define NONE SBX_NO_TENSOR

/* m, n, k and the attributes of a node, looked at */
typedef struct gemm {
    bool ta, tb, bias;
    double alpha, beta;
    size_t m, k, n;
} gemm;

/* Does C go with m x n? */
static sbx_status check_bias(const gemm *g, const sbx_shape *c, sbx_err *err)
{
    const size_t m = c->rank > 1 ? c->dim[c->rank - 2] : 1;
    const size_t n = c->rank > 0 ? c->dim[c->rank - 1] : 1;
    if (c->rank > 2 || (m != 1 && m != g->m) || (n != 1 && n != g->n))
        return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "the bias has a shape that does not fit");
    return SBX_OK;
}

/* The shape without leading ones before the last two dimensions: exporters write 1x1xn where
 * the standard wants 1xn, and it can mean one thing only. */
static sbx_shape matrix(const sbx_tensor *t)
{
    sbx_shape s = t->shape;
    while (s.rank > 2 && s.dim[0] == 1) {
        s.rank--;
        memmove(s.dim, s.dim + 1, s.rank * sizeof *s.dim);
    }
    return s;
}

static sbx_status look(gemm *g, sbx_net *net, const sbx_node *nd, const sbx_attr *attr,
                       size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape sa = matrix(&net->tensor[nd->in[0]]), sb = matrix(&net->tensor[nd->in[1]]);
    int64_t ta, tb;
    SBX_TRY(sbx_attr_int(&ta, 0, attr, n_attr, "transA", err));
    SBX_TRY(sbx_attr_int(&tb, 0, attr, n_attr, "transB", err));
    SBX_TRY(sbx_attr_float(&g->alpha, 1.0, attr, n_attr, "alpha", err));
    SBX_TRY(sbx_attr_float(&g->beta, 1.0, attr, n_attr, "beta", err));
    if (sa.rank != 2 || sb.rank != 2) SBX_FAIL(err, SBX_ERR_PARSE, "its operands are no matrices");
    g->ta = ta != 0;
    g->tb = tb != 0;
    g->m = sa.dim[ta ? 1 : 0];
    g->k = sa.dim[ta ? 0 : 1];
    g->n = sb.dim[tb ? 0 : 1];
    if (sb.dim[tb ? 1 : 0] != g->k)
        SBX_FAIL(err, SBX_ERR_PARSE, "inner dimensions %zu and %zu", g->k, sb.dim[tb ? 1 : 0]);
    g->bias = sbx_node_has(nd, 2);
    if (g->bias) SBX_TRY(check_bias(g, &net->tensor[nd->in[2]].shape, err));
    for (size_t i = 0; i < (g->bias ? 3 : 2); i++)
        if (net->tensor[nd->in[i]].constant && !net->tensor[nd->in[i]].real)
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "input %zu holds integers", i + 1);
    g->bias = g->bias && g->beta != 0.0;
done:
    return st;
}

/* The layer: weights and strides of the operand that is constant, and a bias for each column of
 * outputs. false: there is none. */
static bool layer(sbx_dense *d, sbx_dense_source *from, const gemm *g, const sbx_net *net,
                  const sbx_node *nd)
{
    const sbx_tensor *a = &net->tensor[nd->in[0]], *b = &net->tensor[nd->in[1]];
    *from = (sbx_dense_source){.alpha = g->alpha, .beta = g->beta};
    if (b->real && !a->constant) {
        *d = (sbx_dense){.batch = g->m, .in = g->k, .out = g->n, .y_i = g->n, .y_j = 1};
        d->x_i = g->ta ? 1 : g->k;
        d->x_k = g->ta ? g->m : 1;
        from->w = b->real;
        from->w_j = g->tb ? g->k : 1;
        from->w_k = g->tb ? 1 : g->n;
    } else if (a->real && !b->constant) {
        *d = (sbx_dense){.x = 1, .batch = g->n, .in = g->k, .out = g->m, .y_i = 1, .y_j = g->n};
        d->x_i = g->tb ? g->k : 1;
        d->x_k = g->tb ? 1 : g->n;
        from->w = a->real;
        from->w_j = g->ta ? 1 : g->k;
        from->w_k = g->ta ? g->m : 1;
    } else
        return false;
    if (g->bias) {
        const sbx_tensor *c = &net->tensor[nd->in[2]];
        const size_t rows = c->shape.rank > 1 ? c->shape.dim[0] : 1;
        const size_t cols = c->shape.rank > 0 ? c->shape.dim[c->shape.rank - 1] : 1;
        if (!c->real || (d->x ? cols : rows) != 1) return false;
        from->b = c->real;
        from->b_j = (d->x ? rows : cols) == 1 ? 0 : 1;
    }
    return sbx_dense_exact(d, from);
}

/* *t: its matrix, turned or not */
static sbx_status operand(size_t *t, sbx_net *net, const sbx_node *nd, size_t k, bool turn,
                          sbx_err *err)
{
    static const int64_t turned[] = {1, 0};
    sbx_status st = SBX_OK;
    const sbx_attr perm = {.name = "perm", .kind = SBX_ATTR_INTS, .ints = turned, .n = 2};
    const sbx_shape s = matrix(&net->tensor[nd->in[k]]);
    size_t shape = 0;
    *t = nd->in[k];
    if (net->tensor[*t].shape.rank > 2) {
        const sbx_shape two = {1, {2}};
        int64_t *v;
        SBX_TRY(sbx_op_mem(&v, net, 2, sizeof *v, err));
        v[0] = (int64_t)s.dim[0];
        v[1] = (int64_t)s.dim[1];
        SBX_TRY(sbx_graph_const(&shape, net, NULL, &two, NULL, v, err));
        SBX_TRY(sbx_compose_node(t, net, nd, "Reshape", *t, shape, NULL, 0, err));
    }
    if (turn) SBX_TRY(sbx_compose_node(t, net, nd, "Transpose", *t, NONE, &perm, 1, err));
done:
    return st;
}

static sbx_status scaled(size_t *t, sbx_net *net, const sbx_node *nd, double by, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t s = 0;
    if (by != 1.0) {
        SBX_TRY(sbx_compose_number(&s, net, by, err));
        SBX_TRY(sbx_compose_node(t, net, nd, "Mul", *t, s, NULL, 0, err));
    }
done:
    return st;
}

static sbx_status made_of_others(sbx_net *net, sbx_node *nd, const gemm *g, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t a = 0, b = 0, y = 0, c = g->bias ? nd->in[2] : NONE;
    SBX_TRY(operand(&a, net, nd, 0, g->ta, err));
    SBX_TRY(operand(&b, net, nd, 1, g->tb, err));
    SBX_TRY(sbx_compose_node(&y, net, nd, "MatMul", a, b, NULL, 0, err));
    SBX_TRY(scaled(&y, net, nd, g->alpha, err));
    if (g->bias) {
        SBX_TRY(scaled(&c, net, nd, g->beta, err));
        SBX_TRY(sbx_compose_node(&y, net, nd, "Add", y, c, NULL, 0, err));
    }
    SBX_TRY(sbx_compose_end(net, nd, y, err));
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_dense_source from;
    sbx_dense d;
    gemm g = {0};
    sbx_shape y = {.rank = 2};
    SBX_TRY(look(&g, net, nd, attr, n_attr, err));
    y.dim[0] = g.m;
    y.dim[1] = g.n;
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    if (layer(&d, &from, &g, net, nd))
        SBX_TRY(sbx_dense_make(net, nd, &d, &from, err));
    else
        SBX_TRY(made_of_others(net, nd, &g, err));
done:
    return st;
}

static const char *const attrs[] = {"alpha", "beta", "transA", "transB", "broadcast", NULL};

const sbx_op sbx_op_gemm = {
    .name = "Gemm", .min_in = 2, .max_in = 3, .attrs = attrs, .build = build, SBX_DENSE_OP};
