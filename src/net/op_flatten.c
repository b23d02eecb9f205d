/* net/op_flatten.c -- Flatten to two dimensions at an axis.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include "base/try.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    sbx_shape y = {.rank = 2};
    int64_t v;
    size_t axis;
    SBX_TRY(sbx_attr_int(&v, 1, attr, n_attr, "axis", err));
    SBX_TRY(sbx_op_axis(&axis, v, x.rank, true, err));
    y.dim[0] = sbx_shape_prod(&x, 0, axis);
    y.dim[1] = sbx_shape_prod(&x, axis, x.rank);
    SBX_TRY(sbx_op_view(net, nd, 0, 0, &y, err));
done:
    return st;
}

static const char *const attrs[] = {"axis", NULL};

const sbx_op sbx_op_flatten = {
    .name = "Flatten", .min_in = 1, .max_in = 1, .attrs = attrs, .folds = true, .build = build};
