/* net/op_gemm.c -- Gemm: alpha A' B' + beta C, one of A and B constant, C constant.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/affine.h"

#include "base/try.h"

#include <string.h>

/* C as a bias for each column j of the outputs; it may be a scalar, [n], [1,n], [m,1] */
static sbx_status bias(sbx_dense_source *from, const sbx_net *net, const sbx_node *nd,
                       const sbx_shape *y, bool left, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *c;
    size_t m, n;
    if (!sbx_node_has(nd, 2) || from->beta == 0.0) goto done;
    c = &net->tensor[nd->in[2]];
    if (!c->real) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "the bias is no constant of reals");
    m = c->shape.rank > 1 ? c->shape.dim[c->shape.rank - 2] : 1;
    n = c->shape.rank > 0 ? c->shape.dim[c->shape.rank - 1] : 1;
    if (c->shape.rank > 2 || (m != 1 && m != y->dim[0]) || (n != 1 && n != y->dim[1]))
        SBX_FAIL(err, SBX_ERR_PARSE, "the bias has a shape that does not fit");
    if (left ? n != 1 : m != 1)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "a bias that changes along the batch");
    from->b = c->real;
    from->b_j = (left ? m : n) == 1 ? 0 : 1;
done:
    return st;
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

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *a = &net->tensor[nd->in[0]], *b = &net->tensor[nd->in[1]];
    sbx_dense_source from = {0};
    sbx_dense d = {0};
    sbx_shape y = {.rank = 2}, sa, sb;
    int64_t ta, tb;
    size_t m, k, n;
    SBX_TRY(sbx_attr_int(&ta, 0, attr, n_attr, "transA", err));
    SBX_TRY(sbx_attr_int(&tb, 0, attr, n_attr, "transB", err));
    SBX_TRY(sbx_attr_float(&from.alpha, 1.0, attr, n_attr, "alpha", err));
    SBX_TRY(sbx_attr_float(&from.beta, 1.0, attr, n_attr, "beta", err));
    sa = matrix(a);
    sb = matrix(b);
    if (sa.rank != 2 || sb.rank != 2) SBX_FAIL(err, SBX_ERR_PARSE, "its operands are no matrices");
    m = sa.dim[ta ? 1 : 0];
    k = sa.dim[ta ? 0 : 1];
    n = sb.dim[tb ? 0 : 1];
    if (sb.dim[tb ? 1 : 0] != k)
        SBX_FAIL(err, SBX_ERR_PARSE, "inner dimensions %zu and %zu", k, sb.dim[tb ? 1 : 0]);
    y.dim[0] = m;
    y.dim[1] = n;
    d.in = k;
    if (b->real && !a->constant) {
        d.batch = m;
        d.out = n;
        d.x_i = ta ? 1 : k;
        d.x_k = ta ? m : 1;
        d.y_i = n;
        d.y_j = 1;
        from.w = b->real;
        from.w_j = tb ? k : 1;
        from.w_k = tb ? 1 : n;
    } else if (a->real && !b->constant) {
        d.x = 1;
        d.batch = n;
        d.out = m;
        d.x_i = tb ? k : 1;
        d.x_k = tb ? 1 : n;
        d.y_i = 1;
        d.y_j = n;
        from.w = a->real;
        from.w_j = ta ? 1 : k;
        from.w_k = ta ? m : 1;
    } else
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "not exactly one of its matrices is constant");
    SBX_TRY(bias(&from, net, nd, &y, d.x == 1, err));
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    SBX_TRY(sbx_dense_make(net, nd, &d, &from, err));
done:
    return st;
}

static const char *const attrs[] = {"alpha", "beta", "transA", "transB", "broadcast", NULL};

const sbx_op sbx_op_gemm = {
    .name = "Gemm", .min_in = 2, .max_in = 3, .attrs = attrs, .build = build, SBX_DENSE_OP};
