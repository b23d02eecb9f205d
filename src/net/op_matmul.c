/* net/op_matmul.c -- MatMul: with one constant matrix, of at most two dimensions, a dense
 * layer; otherwise products in batches (net/bmm.h).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/affine.h"

#include "base/try.h"
#include "net/bmm.h"

/* x ... x k times w: k x n */
static sbx_status right(sbx_dense *d, sbx_dense_source *from, sbx_shape *y, const sbx_tensor *x,
                        const sbx_tensor *w, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t r = x->shape.rank;
    const size_t k = w->shape.dim[0], n = w->shape.rank == 2 ? w->shape.dim[1] : 1;
    if (x->shape.dim[r - 1] != k)
        SBX_FAIL(err, SBX_ERR_PARSE, "inner dimensions %zu and %zu", x->shape.dim[r - 1], k);
    *y = x->shape;
    y->dim[r - 1] = n;
    if (w->shape.rank == 1) y->rank--;
    d->batch = sbx_shape_prod(&x->shape, 0, r - 1);
    d->in = d->x_i = k;
    d->out = d->y_i = n;
    d->x_k = d->y_j = 1;
    from->w = w->real;
    from->w_j = 1;
    from->w_k = n;
done:
    return st;
}

/* w: m x k times x: k x n */
static sbx_status left(sbx_dense *d, sbx_dense_source *from, sbx_shape *y, const sbx_tensor *w,
                       const sbx_tensor *x, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t wr = w->shape.rank, xr = x->shape.rank;
    const size_t m = wr == 2 ? w->shape.dim[0] : 1, k = w->shape.dim[wr - 1];
    const size_t n = xr == 1 ? 1 : x->shape.dim[xr - 1];
    if (x->shape.dim[xr == 1 ? 0 : xr - 2] != k)
        SBX_FAIL(err, SBX_ERR_PARSE, "inner dimensions %zu and %zu", k,
                 x->shape.dim[xr == 1 ? 0 : xr - 2]);
    y->rank = 0;
    for (size_t i = 0; i + 2 < xr; i++)
        y->dim[y->rank++] = 1;
    if (wr == 2) y->dim[y->rank++] = m;
    if (xr > 1) y->dim[y->rank++] = n;
    d->x = 1;
    d->batch = n;
    d->in = k;
    d->out = m;
    d->x_i = d->y_i = 1;
    d->x_k = d->y_j = n;
    from->w = w->real;
    from->w_j = k;
    from->w_k = 1;
done:
    return st;
}

/* a constant matrix on the right, or on the left of one matrix */
static bool is_dense(const sbx_tensor *a, const sbx_tensor *b)
{
    const size_t r = b->shape.rank;
    if (b->constant) return r <= 2;
    return a->constant && a->shape.rank <= 2 &&
           (r <= 2 || sbx_shape_prod(&b->shape, 0, r - 2) == 1);
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *a = &net->tensor[nd->in[0]], *b = &net->tensor[nd->in[1]];
    sbx_dense_source from = {.alpha = 1.0, .beta = 1.0};
    sbx_dense d = {0};
    sbx_shape y = {0};
    (void)attr;
    (void)n_attr;
    if (a->shape.rank == 0 || b->shape.rank == 0)
        SBX_FAIL(err, SBX_ERR_PARSE, "an operand is a scalar");
    if (a->constant && b->constant)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "both of its operands are constant");
    if (!is_dense(a, b)) {
        SBX_TRY(sbx_bmm_make(net, nd, err));
        goto done;
    }
    if (!(a->constant ? a : b)->real) SBX_FAIL(err, SBX_ERR_PARSE, "a constant of integers");
    if (b->constant)
        SBX_TRY(right(&d, &from, &y, a, b, err));
    else
        SBX_TRY(left(&d, &from, &y, a, b, err));
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    SBX_TRY(sbx_dense_make(net, nd, &d, &from, err));
done:
    return st;
}

const sbx_op sbx_op_matmul = {
    .name = "MatMul", .min_in = 2, .max_in = 2, .build = build, SBX_DENSE_OP};
