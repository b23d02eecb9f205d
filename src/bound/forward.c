/* bound/forward.c -- the network in plain doubles and its gradient, for searching.
 * Nothing here is proved.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bound/bounder.h"

#include "base/alloc.h"
#include "base/try.h"

#include <string.h>

static sbx_status make(sbx_bounder *b, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    if (!b->value) b->value = sbx_alloc(net->n_tensor, sizeof *b->value);
    if (!b->grad) b->grad = sbx_alloc(net->n_tensor, sizeof *b->grad);
    if (!b->value || !b->grad) SBX_FAIL(err, SBX_ERR_NOMEM, "a bounder");
    for (size_t t = 0; t < net->n_tensor; t++) {
        if (net->tensor[t].constant || net->tensor[t].root != t) continue;
        if (!b->value[t]) b->value[t] = sbx_alloc(net->tensor[t].n, sizeof(double));
        if (!b->grad[t]) b->grad[t] = sbx_alloc(net->tensor[t].n, sizeof(double));
        if (!b->value[t] || !b->grad[t]) SBX_FAIL(err, SBX_ERR_NOMEM, "a bounder");
    }
done:
    return st;
}

/* the values (or NULL) and the gradients of the inputs of a node */
static void inputs(const double **x, double **g, const sbx_bounder *b, const sbx_node *nd)
{
    for (size_t k = 0; k < nd->n_in; k++) {
        const bool there = sbx_node_has(nd, k);
        const sbx_tensor *t = there ? &b->net->tensor[nd->in[k]] : NULL;
        x[k] = !there ? NULL : t->constant ? t->real : b->value[t->root];
        g[k] = !there || t->constant ? NULL : b->grad[t->root];
    }
}

sbx_status sbx_bounder_forward(sbx_bounder *b, double *y, double *grad, const double *x,
                               const double *w, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    const size_t out = net->tensor[net->output].root, in = net->input;
    const double **vx = NULL;
    double **gx = NULL;
    size_t most = 1;
    for (size_t k = 0; k < net->n_node; k++)
        most = net->node[k].n_in > most ? net->node[k].n_in : most;
    vx = sbx_alloc(most, sizeof *vx);
    gx = sbx_alloc(most, sizeof *gx);
    if (!vx || !gx) SBX_FAIL(err, SBX_ERR_NOMEM, "a bounder");
    SBX_TRY(make(b, err));
    memcpy(b->value[in], x, net->tensor[in].n * sizeof *x);
    for (size_t k = 0; k < net->n_node; k++) {
        const sbx_node *nd = &net->node[k];
        if (nd->view) continue;
        inputs(vx, gx, b, nd);
        nd->op->forward(b->value[nd->out[0]], net, nd, vx);
    }
    if (y) memcpy(y, b->value[out], net->tensor[out].n * sizeof *y);
    if (!grad) goto done;
    for (size_t t = 0; t < net->n_tensor; t++)
        if (b->grad[t]) memset(b->grad[t], 0, net->tensor[t].n * sizeof **b->grad);
    memcpy(b->grad[out], w, net->tensor[out].n * sizeof *w);
    for (size_t k = net->n_node; k-- > 0;) {
        const sbx_node *nd = &net->node[k];
        if (nd->view) continue;
        inputs(vx, gx, b, nd);
        nd->op->adjoint(gx, net, nd, b->grad[nd->out[0]], vx, b->value[nd->out[0]]);
    }
    memcpy(grad, b->grad[in], net->tensor[in].n * sizeof *grad);
done:
    sbx_free(vx);
    sbx_free(gx);
    return st;
}
