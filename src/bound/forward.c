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

/* The values of all tensors; vx: room for the inputs of a node. A node k with line[k] is an
 * elementwise one that goes along its lines instead: the lower one where line[k][j] >= 0. */
static sbx_status values(sbx_bounder *b, const double **vx, double **gx, const double *x,
                         double *const *line, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    SBX_TRY(make(b, err));
    memcpy(b->value[net->input], x, net->tensor[net->input].n * sizeof *x);
    for (size_t k = 0; k < net->n_node; k++) {
        const sbx_node *nd = &net->node[k];
        if (nd->view) continue;
        inputs(vx, gx, b, nd);
        if (!line || !line[k]) {
            nd->op->forward(b->value[nd->out[0]], net, nd, vx);
            continue;
        }
        for (size_t j = 0, n = net->tensor[nd->out[0]].n, ld = sbx_pad(n); j < n; j++) {
            const double *const l = b->lin.aux[k] + (line[k][j] >= 0.0 ? 0 : 2 * ld) + j;
            b->value[nd->out[0]][j] = l[0] * vx[0][j] + l[ld];
        }
    }
done:
    return st;
}

static sbx_status room(const double ***vx, double ***gx, const sbx_net *net, sbx_err *err)
{
    size_t most = 1;
    for (size_t k = 0; k < net->n_node; k++)
        most = net->node[k].n_in > most ? net->node[k].n_in : most;
    *vx = sbx_alloc(most, sizeof **vx);
    *gx = sbx_alloc(most, sizeof **gx);
    return *vx && *gx ? SBX_OK : sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "a bounder");
}

sbx_status sbx_bounder_relaxed(sbx_bounder *b, const double *x, double *const *line, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const double **vx = NULL;
    double **gx = NULL;
    SBX_TRY(room(&vx, &gx, b->net, err));
    SBX_TRY(values(b, vx, gx, x, line, err));
done:
    sbx_free(vx);
    sbx_free(gx);
    return st;
}

sbx_status sbx_bounder_forward(sbx_bounder *b, double *y, double *grad, const double *x,
                               const double *w, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_net *net = b->net;
    const size_t out = net->tensor[net->output].root, in = net->input;
    const double **vx = NULL;
    double **gx = NULL;
    SBX_TRY(room(&vx, &gx, net, err));
    SBX_TRY(values(b, vx, gx, x, NULL, err));
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
