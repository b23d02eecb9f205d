/* net/op_neg.c -- Neg.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    const sbx_shape y = net->tensor[nd->in[0]].shape;
    (void)attr;
    (void)n_attr;
    return sbx_ew_unary(net, nd, SBX_EW_NEG, &y, NULL, err);
}

const sbx_op sbx_op_neg = {.name = "Neg", .min_in = 1, .max_in = 1, .build = build, SBX_EW_OP};
