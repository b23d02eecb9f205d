/* net/op_reducesum.c -- ReduceSum, axes as an attribute or as a constant input.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/reduce.h"

#include "base/try.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool gone[SBX_NET_RANK], keep;
    SBX_TRY(sbx_reduce_axes(gone, &keep, net, nd, attr, n_attr, err));
    SBX_TRY(sbx_reduce_make(net, nd, gone, keep, false, err));
done:
    return st;
}

static const char *const attrs[] = {"axes", "keepdims", "noop_with_empty_axes", NULL};

const sbx_op sbx_op_reducesum = {
    .name = "ReduceSum", .min_in = 1, .max_in = 2, .attrs = attrs, .build = build, SBX_REDUCE_OP};
