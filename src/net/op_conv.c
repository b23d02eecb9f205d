/* net/op_conv.c -- Conv: 1-D to 3-D, groups, padding, strides, dilations; constant weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/affine.h"
#include "net/conv.h"

#include "base/try.h"

/* A window that is the whole input, once: a dense layer, and made as one. */
static bool is_dense(const sbx_conv *d)
{
    bool whole = d->groups == 1;
    for (size_t k = 0; k < SBX_WINDOW_DIMS; k++)
        whole = whole && d->win.n[SBX_SMALL][k] == 1 && d->win.before[k] == 0 &&
                d->win.after[k] == 0 && d->win.ker[k] == d->win.n[SBX_LARGE][k];
    return whole;
}

static const sbx_op dense = {.name = "Conv", SBX_DENSE_OP};

static sbx_status make_dense(sbx_net *net, sbx_node *nd, const sbx_conv *d, const double *w,
                             const double *b, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t in = d->ch[SBX_LARGE] * sbx_window_count(&d->win, SBX_LARGE);
    const sbx_dense to = {.batch = d->batch,
                          .in = in,
                          .out = d->ch[SBX_SMALL],
                          .x_i = in,
                          .x_k = 1,
                          .y_i = d->ch[SBX_SMALL],
                          .y_j = 1};
    const sbx_dense_source from = {
        .w = w, .b = b, .w_j = in, .w_k = 1, .b_j = 1, .alpha = 1.0, .beta = 1.0};
    sbx_shape y = {.rank = d->win.dims + 2, .dim = {d->batch, d->ch[SBX_SMALL]}};
    for (size_t k = 0; k < d->win.dims; k++)
        y.dim[2 + k] = 1;
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err));
    SBX_TRY(sbx_dense_make(net, nd, &to, &from, err));
    nd->op = &dense;
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *x = &net->tensor[nd->in[0]], *w = &net->tensor[nd->in[1]];
    const size_t rank = x->shape.rank, dims = rank - 2;
    sbx_conv d = {.x = SBX_LARGE, .y = SBX_SMALL};
    sbx_auto_pad automatic;
    const double *b;
    int64_t groups;
    SBX_TRY(sbx_conv_operands(&b, net, nd, err));
    SBX_TRY(sbx_attr_int(&groups, 1, attr, n_attr, "group", err));
    if (groups < 1 || w->shape.dim[0] % (size_t)groups != 0 ||
        (uint64_t)groups > SIZE_MAX / (w->shape.dim[1] + 1) ||
        x->shape.dim[1] != (size_t)groups * w->shape.dim[1])
        SBX_FAIL(err, SBX_ERR_PARSE, "%zu channels and weights for %zu in %lld groups",
                 x->shape.dim[1], w->shape.dim[1], (long long)groups);
    if (b && net->tensor[nd->in[2]].n != w->shape.dim[0])
        SBX_FAIL(err, SBX_ERR_PARSE, "the bias has %zu elements", net->tensor[nd->in[2]].n);
    SBX_TRY(sbx_window_attrs(&d.win, &automatic, dims, w->shape.dim + 2, attr, n_attr, err));
    for (size_t k = 0; k < dims; k++)
        d.win.n[SBX_LARGE][SBX_WINDOW_DIMS - dims + k] = x->shape.dim[2 + k];
    SBX_TRY(sbx_window_shrink(&d.win, automatic, false, err));
    d.batch = x->shape.dim[0];
    d.groups = (size_t)groups;
    d.ch[SBX_SMALL] = w->shape.dim[0] / d.groups;
    d.ch[SBX_LARGE] = w->shape.dim[1];
    if (is_dense(&d))
        SBX_TRY(make_dense(net, nd, &d, w->real, b, err));
    else
        SBX_TRY(sbx_conv_make(net, nd, &d, w->real, b, err));
done:
    return st;
}

static const char *const attrs[] = {"auto_pad", "dilations", "group", "kernel_shape",
                                    "pads",     "strides",   NULL};

const sbx_op sbx_op_conv = {
    .name = "Conv", .min_in = 2, .max_in = 3, .attrs = attrs, .build = build, SBX_CONV_OP};
