/* net/op_sum.c -- Sum and Mean of any number of tensors, as additions of two.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

/* in[0] + ... + in[n_in - 1], all but the last addition as nodes of their own */
static sbx_status add_all(sbx_net *net, sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t pair[2] = {nd->in[0], 0};
    for (size_t k = 1; k < nd->n_in; k++) {
        if (!sbx_node_has(nd, k)) SBX_FAIL(err, SBX_ERR_PARSE, "input %zu is missing", k + 1);
        pair[1] = nd->in[k];
        if (k + 1 < nd->n_in)
            SBX_TRY(sbx_graph_node(&pair[0], net, "Add", nd->name, pair, 2, NULL, 1, NULL, 0, err));
    }
    nd->in[0] = pair[0];
    if (nd->n_in > 1) nd->in[1] = pair[1];
    nd->n_in = nd->n_in > 1 ? 2 : 1;
done:
    return st;
}

static sbx_status sum(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    (void)attr;
    (void)n_attr;
    SBX_TRY(add_all(net, nd, err));
    if (nd->n_in == 1) {
        const sbx_shape y = net->tensor[nd->in[0]].shape;
        SBX_TRY(sbx_op_view(net, nd, 0, 0, &y, err));
    } else
        SBX_TRY(sbx_ew_binary(net, nd, SBX_EW_ADD, err));
done:
    return st;
}

static sbx_status mean(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape scalar = {0};
    size_t in[2];
    double *n;
    (void)attr;
    (void)n_attr;
    SBX_TRY(sbx_op_mem(&n, net, 1, sizeof *n, err));
    *n = (double)nd->n_in;
    SBX_TRY(sbx_graph_node(&in[0], net, "Sum", nd->name, nd->in, nd->n_in, NULL, 1, NULL, 0, err));
    SBX_TRY(sbx_graph_const(&in[1], net, "", &scalar, n, NULL, err));
    SBX_TRY(sbx_op_mem(&nd->in, net, 2, sizeof *nd->in, err));
    nd->in[0] = in[0];
    nd->in[1] = in[1];
    nd->n_in = 2;
    SBX_TRY(sbx_ew_binary(net, nd, SBX_EW_DIV, err));
done:
    return st;
}

const sbx_op sbx_op_sum = {
    .name = "Sum", .min_in = 1, .max_in = SIZE_MAX, .folds = true, .build = sum, SBX_EW_OP};
const sbx_op sbx_op_mean = {
    .name = "Mean", .min_in = 1, .max_in = SIZE_MAX, .folds = true, .build = mean, SBX_EW_OP};
