/* net/affine_eval.tmpl.c -- a dense layer in one number system: a dot product for each
 * element, then the bias. Bound by net/affine_eval.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
static sbx_status FN(row)(NUM *y, const sbx_dense *d, const NUM *w, const NUM *b, NUM *gather,
                          const NUM *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < d->batch; i++) {
        const NUM *xi = x + i * d->x_i;
        if (d->x_k != 1) {
            for (size_t k = 0; k < d->in; k++)
                NUM_(set)(&gather[k], &xi[k * d->x_k]);
            xi = gather;
        }
        SBX_TRY(FN(sbx_dot)(&y[i * d->y_i], w, xi, d->in, ctx, err));
        if (b) SBX_TRY(NUM_(add)(&y[i * d->y_i], &y[i * d->y_i], b, ctx, err));
    }
done:
    return st;
}

sbx_status FN(sbx_dense_generic)(NUM *const *y, const sbx_net *net, const sbx_node *nd,
                                 const NUM *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_dense *d = nd->data;
    NUM *w = FN(sbx_vec_new)(d->in, ctx), *gather = FN(sbx_vec_new)(d->in, ctx);
    NUM *b = FN(sbx_vec_new)(1, ctx);
    (void)net;
    if (!w || !gather || !b) SBX_FAIL(err, SBX_ERR_NOMEM, "a dense layer");
    for (size_t j = 0; j < d->out; j++) {
        SBX_TRY(sbx_go_on(ctx, err));
        for (size_t k = 0; k < d->in; k++)
            SBX_TRY(NUM_(set_d)(&w[k], d->w[j * d->ld + k], ctx, err));
        if (d->b) SBX_TRY(NUM_(set_d)(b, d->b[j], ctx, err));
        SBX_TRY(FN(row)(y[0] + j * d->y_j, d, w, d->b ? b : NULL, gather, x[d->x], ctx, err));
    }
done:
    FN(sbx_vec_free)(w, d->in);
    FN(sbx_vec_free)(gather, d->in);
    FN(sbx_vec_free)(b, 1);
    return st;
}
