/* net/op_sub.c -- Sub, with broadcasting.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    (void)attr;
    (void)n_attr;
    return sbx_ew_binary(net, nd, SBX_EW_SUB, err);
}

const sbx_op sbx_op_sub = {
    .name = "Sub", .min_in = 2, .max_in = 2, .folds = true, .build = build, SBX_EW_OP};
