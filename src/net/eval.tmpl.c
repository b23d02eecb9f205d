/* net/eval.tmpl.c -- evaluates a whole network in one number system. Bound by
 * net/eval.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* one node; a failure names it */
static sbx_status FN(eval_node)(NUM *const *value, const sbx_net *net, const sbx_node *nd,
                                const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_err e = {0};
    const NUM **x = sbx_alloc(nd->n_in, sizeof *x);
    NUM **y = sbx_alloc(nd->n_out, sizeof *y);
    if (!x || !y) {
        st = sbx_fail(&e, SBX_ERR_NOMEM, SBX_HERE, "an evaluation");
        goto done;
    }
    for (size_t k = 0; k < nd->n_in; k++)
        x[k] = sbx_node_has(nd, k) ? value[sbx_node_in(net, nd, k)] : NULL;
    for (size_t k = 0; k < nd->n_out; k++)
        y[k] = nd->out[k] != SBX_NO_TENSOR ? value[nd->out[k]] : NULL;
    SBX_TRY(sbx_go_on(ctx, &e));
    SBX_TRY(nd->op->NUM_EVAL(y, net, nd, x, ctx, &e));
done:
    sbx_free(x);
    sbx_free(y);
    if (st != SBX_OK)
        (void)sbx_fail(err, st, e.where, "node '%.60s' (%s): %.160s", nd->name, nd->op->name,
                       e.msg);
    return st;
}

/* memory for the tensors that are computed; NULL for views and constants */
static sbx_status FN(make_values)(NUM **value, const sbx_net *net, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < net->n_node; k++)
        for (size_t o = 0; o < net->node[k].n_out && !net->node[k].view; o++) {
            const size_t t = net->node[k].out[o];
            if (t == SBX_NO_TENSOR) continue;
            value[t] = FN(sbx_vec_new)(net->tensor[t].n, ctx);
            if (!value[t]) SBX_FAIL(err, SBX_ERR_NOMEM, "an evaluation");
        }
done:
    return st;
}

sbx_status FN(sbx_net_eval)(NUM *y, const sbx_net *net, const NUM *x, const sbx_ctx *ctx,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t out = net->tensor[net->output].root;
    NUM *in = NULL, **value = sbx_alloc(net->n_tensor, sizeof *value);
    if (!ctx) ctx = &sbx_ctx_default;
    if (!value) SBX_FAIL(err, SBX_ERR_NOMEM, "an evaluation");
    SBX_TRY(FN(make_values)(value, net, ctx, err));
    in = FN(sbx_vec_new)(net->tensor[net->input].n, ctx);
    if (!in) SBX_FAIL(err, SBX_ERR_NOMEM, "an evaluation");
    for (size_t j = 0; j < net->tensor[net->input].n; j++)
        NUM_(set)(&in[j], &x[j]);
    value[net->input] = in;
    for (size_t k = 0; k < net->n_node; k++)
        if (!net->node[k].view) SBX_TRY(FN(eval_node)(value, net, &net->node[k], ctx, err));
    for (size_t j = 0; j < net->tensor[out].n; j++)
        NUM_(set)(&y[j], &value[out][j]);
done:
    if (value && in) value[net->input] = NULL;
    FN(sbx_vec_free)(in, net->tensor[net->input].n);
    for (size_t t = 0; value && t < net->n_tensor; t++)
        FN(sbx_vec_free)(value[t], net->tensor[t].n);
    sbx_free(value);
    return st;
}
