/* net/add_softmax.c -- a Softmax behind the output of a network.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/rowwise.h"

#include "base/try.h"

#include <string.h>

/* Are the outputs, as they stand, one row of a Softmax? */
static bool has_softmax(const sbx_net *net)
{
    const sbx_tensor *y = &net->tensor[net->tensor[net->output].root];
    const sbx_node *nd = y->node != SBX_NO_TENSOR ? &net->node[y->node] : NULL;
    const sbx_rowwise *d = nd ? nd->data : NULL;
    return nd && strcmp(nd->op->name, "Softmax") == 0 && d->len == y->n;
}

sbx_status sbx_net_add_softmax(bool *added, sbx_net *net, sbx_err *err)
{
    const size_t nodes = net->n_node, parameters = net->parameters;
    const sbx_attr first = {.name = "axis", .kind = SBX_ATTR_INT, .i = 0};
    const sbx_attr second = {.name = "axis", .kind = SBX_ATTR_INT, .i = 1};
    const char *const name = "";
    size_t row, y;
    sbx_status st = SBX_OK;
    *added = false;
    if (has_softmax(net)) return SBX_OK;
    SBX_TRY(sbx_graph_node(&row, net, "Flatten", "", &net->output, 1, &name, 1, &first, 1, err));
    SBX_TRY(sbx_graph_node(&y, net, "Softmax", "softmax", &row, 1, &name, 1, &second, 1, err));
    net->parameters = 0; /* finish counts them again */
    SBX_TRY(sbx_graph_finish(net, y, err));
    *added = true;
done:
    if (st != SBX_OK) {
        net->n_node = nodes;
        net->parameters = parameters;
    }
    return st;
}
