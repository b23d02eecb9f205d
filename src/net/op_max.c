/* net/op_max.c -- Max of several inputs, constants among them, with broadcasting.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/extreme.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    (void)attr;
    (void)n_attr;
    return sbx_extreme_inputs(net, nd, false, err);
}

const sbx_op sbx_op_max = {
    .name = "Max", .min_in = 1, .max_in = 1024, .build = build, SBX_EXTREME_OP};
