/* net/op_where.c -- Where, the condition constant.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t *map[3];
    const int64_t *cond;
    size_t n, *in, *from;
    sbx_shape y = net->tensor[nd->in[0]].shape;
    (void)attr;
    (void)n_attr;
    SBX_TRY(sbx_op_ints(&cond, &n, net, nd, 0, "the condition", err));
    for (size_t k = 1; k < 3; k++)
        SBX_TRY(sbx_shape_broadcast(&y, &y, &net->tensor[nd->in[k]].shape, err));
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    for (size_t k = 0; k < 3; k++)
        SBX_TRY(sbx_op_broadcast_map(&map[k], net, &net->tensor[nd->in[k]].shape, &y, err));
    n = net->tensor[nd->out[0]].n;
    SBX_TRY(sbx_op_mem(&in, net, n, sizeof *in, err));
    SBX_TRY(sbx_op_mem(&from, net, n, sizeof *from, err));
    for (size_t j = 0; j < n; j++) {
        in[j] = cond[map[0] ? map[0][j] : j] ? 1 : 2;
        from[j] = map[in[j]] ? map[in[j]][j] : j;
    }
    SBX_TRY(sbx_ew_move(net, nd, &y, &(sbx_move){.in = in, .from = from}, err));
done:
    return st;
}

const sbx_op sbx_op_where = {
    .name = "Where", .min_in = 3, .max_in = 3, .folds = true, .build = build, SBX_EW_OP};
