/* net/op_globalaveragepool.c -- GlobalAveragePool: the mean over all dimensions of space.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/reduce.h"

#include "base/try.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t rank = net->tensor[nd->in[0]].shape.rank;
    bool gone[SBX_NET_RANK];
    (void)attr;
    (void)n_attr;
    if (rank < 2) SBX_FAIL(err, SBX_ERR_PARSE, "an input of %zu dimensions", rank);
    for (size_t d = 0; d < SBX_NET_RANK; d++)
        gone[d] = d >= 2;
    SBX_TRY(sbx_reduce_make(net, nd, gone, true, true, err));
done:
    return st;
}

const sbx_op sbx_op_globalaveragepool = {
    .name = "GlobalAveragePool", .min_in = 1, .max_in = 1, .build = build, SBX_REDUCE_OP};
