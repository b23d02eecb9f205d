/* net/op_identity.c -- Identity.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    const sbx_shape y = net->tensor[nd->in[0]].shape;
    (void)attr;
    (void)n_attr;
    return sbx_op_view(net, nd, 0, 0, &y, err);
}

const sbx_op sbx_op_identity = {
    .name = "Identity", .min_in = 1, .max_in = 1, .folds = true, .build = build};
