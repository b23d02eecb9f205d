/* net/op_squeeze.c -- Squeeze and Unsqueeze; the axes are an attribute before opset 13,
 * an input from then on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include "base/try.h"

/* which of `rank` dimensions are named; *any: were axes given at all */
static sbx_status read_axes(bool *named, bool *any, size_t rank, const sbx_net *net,
                            const sbx_node *nd, const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_attr *a = sbx_attr_find(attr, n_attr, "axes");
    const int64_t *v = NULL;
    size_t n = 0;
    if (a && a->kind != SBX_ATTR_INTS) SBX_FAIL(err, SBX_ERR_PARSE, "axes are no integers");
    if (a) {
        v = a->ints;
        n = a->n;
    } else if (sbx_node_has(nd, 1))
        SBX_TRY(sbx_op_ints(&v, &n, net, nd, 1, "axes", err));
    *any = a || sbx_node_has(nd, 1);
    for (size_t k = 0; k < n; k++) {
        size_t axis;
        SBX_TRY(sbx_op_axis(&axis, v[k], rank, false, err));
        if (named[axis]) SBX_FAIL(err, SBX_ERR_PARSE, "an axis is named twice");
        named[axis] = true;
    }
done:
    return st;
}

static sbx_status squeeze(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    bool named[SBX_NET_RANK] = {false}, any = false;
    sbx_shape y = {0};
    SBX_TRY(read_axes(named, &any, x.rank, net, nd, attr, n_attr, err));
    for (size_t k = 0; k < x.rank; k++) {
        if (named[k] && x.dim[k] != 1)
            SBX_FAIL(err, SBX_ERR_PARSE, "axis %zu has %zu elements", k, x.dim[k]);
        if (any ? !named[k] : x.dim[k] != 1) y.dim[y.rank++] = x.dim[k];
    }
    SBX_TRY(sbx_op_view(net, nd, 0, 0, &y, err));
done:
    return st;
}

static sbx_status unsqueeze(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    const sbx_attr *a = sbx_attr_find(attr, n_attr, "axes");
    const size_t more = a ? a->n : sbx_node_has(nd, 1) ? net->tensor[nd->in[1]].n : 0;
    bool named[SBX_NET_RANK] = {false}, any;
    sbx_shape y = {.rank = x.rank + more};
    size_t from = 0;
    if (more > SBX_NET_RANK - x.rank) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "too many dimensions");
    SBX_TRY(read_axes(named, &any, y.rank, net, nd, attr, n_attr, err));
    for (size_t k = 0; k < y.rank; k++)
        y.dim[k] = named[k] ? 1 : x.dim[from++];
    SBX_TRY(sbx_op_view(net, nd, 0, 0, &y, err));
done:
    return st;
}

static const char *const attrs[] = {"axes", NULL};

const sbx_op sbx_op_squeeze = {
    .name = "Squeeze", .min_in = 1, .max_in = 2, .attrs = attrs, .folds = true, .build = squeeze};
const sbx_op sbx_op_unsqueeze = {.name = "Unsqueeze",
                                 .min_in = 1,
                                 .max_in = 2,
                                 .attrs = attrs,
                                 .folds = true,
                                 .build = unsqueeze};
