/* net/op_gather.c -- Gather along an axis, the indices constant.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape, at = net->tensor[nd->in[1]].shape;
    sbx_shape y = {0};
    sbx_axes a = {.x = {.rank = 3}, .y = {.rank = 3}};
    const int64_t *index;
    int64_t v;
    size_t axis, n;
    SBX_TRY(sbx_attr_int(&v, 0, attr, n_attr, "axis", err));
    SBX_TRY(sbx_op_axis(&axis, v, x.rank, false, err));
    SBX_TRY(sbx_op_ints(&index, &n, net, nd, 1, "the list of indices", err));
    if (x.rank - 1 + at.rank > SBX_NET_RANK)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "%zu dimensions", x.rank - 1 + at.rank);
    for (size_t k = 0; k < axis; k++)
        y.dim[y.rank++] = x.dim[k];
    for (size_t k = 0; k < at.rank; k++)
        y.dim[y.rank++] = at.dim[k];
    for (size_t k = axis + 1; k < x.rank; k++)
        y.dim[y.rank++] = x.dim[k];
    a.x.dim[0] = a.y.dim[0] = sbx_shape_prod(&x, 0, axis);
    a.x.dim[1] = x.dim[axis];
    a.y.dim[1] = n;
    a.x.dim[2] = a.y.dim[2] = sbx_shape_prod(&x, axis + 1, x.rank);
    SBX_TRY(sbx_axes_index(&a, 1, net, err));
    for (size_t i = 0; i < n; i++) {
        const int64_t d = (int64_t)x.dim[axis];
        if (index[i] < -d || index[i] >= d)
            SBX_FAIL(err, SBX_ERR_PARSE, "index %lld of %lld elements", (long long)index[i],
                     (long long)d);
        a.index[1][i] = (size_t)(index[i] < 0 ? index[i] + d : index[i]);
    }
    SBX_TRY(sbx_ew_axes(net, nd, &y, &a, err));
done:
    return st;
}

static const char *const attrs[] = {"axis", NULL};

const sbx_op sbx_op_gather = {.name = "Gather",
                              .min_in = 2,
                              .max_in = 2,
                              .attrs = attrs,
                              .folds = true,
                              .build = build,
                              SBX_EW_OP};
