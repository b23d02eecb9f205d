/* net/compose.c -- operators made of others.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/compose.h"

#include "base/try.h"

sbx_status sbx_compose_node(size_t *y, sbx_net *net, const sbx_node *nd, const char *op, size_t a,
                            size_t b, const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    const size_t in[2] = {a, b};
    const char *const out[1] = {""};
    return sbx_graph_node(y, net, op, nd->name, in, b == SBX_NO_TENSOR ? 1 : 2, out, 1, attr,
                          n_attr, err);
}

sbx_status sbx_compose_number(size_t *y, sbx_net *net, double v, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape scalar = {0};
    double *p;
    SBX_TRY(sbx_op_mem(&p, net, 1, sizeof *p, err));
    *p = v;
    SBX_TRY(sbx_graph_const(y, net, NULL, &scalar, p, NULL, err));
done:
    return st;
}

sbx_status sbx_compose_end(sbx_net *net, sbx_node *nd, size_t y, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape shape = net->tensor[y].shape;
    size_t *in;
    SBX_TRY(sbx_op_mem(&in, net, 1, sizeof *in, err));
    *in = y;
    nd->in = in;
    nd->n_in = 1;
    SBX_TRY(sbx_op_view(net, nd, 0, 0, &shape, err));
done:
    return st;
}

/* x x is a square, so the sum is no less than 0 */
sbx_status sbx_compose_squares(size_t *y, sbx_net *net, const sbx_node *nd, const sbx_attr *attr,
                               size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t axes = sbx_node_has(nd, 1) ? nd->in[1] : SBX_NO_TENSOR;
    size_t s;
    SBX_TRY(sbx_compose_node(&s, net, nd, "Mul", nd->in[0], nd->in[0], NULL, 0, err));
    SBX_TRY(sbx_compose_node(y, net, nd, "ReduceSum", s, axes, attr, n_attr, err));
done:
    return st;
}
