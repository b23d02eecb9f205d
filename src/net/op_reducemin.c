/* net/op_reducemin.c -- ReduceMin, axes as an attribute or as a constant input.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/extreme.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    return sbx_extreme_reduce(net, nd, attr, n_attr, true, err);
}

static const char *const attrs[] = {"axes", "keepdims", "noop_with_empty_axes", NULL};

const sbx_op sbx_op_reducemin = {
    .name = "ReduceMin", .min_in = 1, .max_in = 2, .attrs = attrs, .build = build, SBX_EXTREME_OP};
