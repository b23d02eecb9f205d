/* net/curve_eval.tmpl.c -- nonlinear functions of single elements in one number system.
 * Bound by net/curve_eval.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* max(x, p x) for 0 <= p <= 1: both increase, so ends go to ends */
static sbx_status FN(leaky)(NUM *y, const NUM *x, const NUM *p, NUM *t, const sbx_ctx *ctx,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(NUM_(mul)(t, x, p, ctx, err));
    SBX_TRY(NUM_(max)(y, x, t, ctx, err));
done:
    return st;
}

sbx_status FN(sbx_curve_eval)(NUM *const *y, const sbx_net *net, const sbx_node *nd,
                              const NUM *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_curve *c = nd->data;
    const size_t n = net->tensor[nd->out[0]].n;
    NUM *t = FN(sbx_vec_new)(2, ctx); /* param (relu: 0), and a place to work */
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "an evaluation");
    SBX_TRY(NUM_(set_d)(&t[0], c->param, ctx, err));
    for (size_t j = 0; j < n; j++)
        switch (c->fn) {
        case SBX_FN_RELU: SBX_TRY(NUM_(max)(&y[0][j], &x[0][j], &t[0], ctx, err)); break;
        case SBX_FN_LEAKY_RELU:
            SBX_TRY(FN(leaky)(&y[0][j], &x[0][j], &t[0], &t[1], ctx, err));
            break;
        case SBX_FN_SIGMOID: SBX_TRY(NUM_(sigmoid)(&y[0][j], &x[0][j], ctx, err)); break;
        case SBX_FN_TANH: SBX_TRY(NUM_(tanh)(&y[0][j], &x[0][j], ctx, err)); break;
        case SBX_FN_EXP:
        case SBX_FN_LOG:
        case SBX_FN_RECIPROCAL:
        case SBX_FN_SQRT: SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "no such operator");
        }
done:
    FN(sbx_vec_free)(t, 2);
    return st;
}
