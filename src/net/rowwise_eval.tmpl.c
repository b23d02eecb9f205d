/* net/rowwise_eval.tmpl.c -- softmax and log-softmax of rows in one number system. Bound
 * by net/rowwise_eval.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
sbx_status FN(sbx_rowwise_generic)(NUM *const *y, const sbx_net *net, const sbx_node *nd,
                                   const NUM *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_rowwise *d = nd->data;
    NUM *t = FN(sbx_vec_new)(d->len, ctx);
    (void)net;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "an evaluation");
    for (size_t g = 0; g < d->outer * d->inner; g++) {
        const size_t at = sbx_rowwise_at(d, g);
        for (size_t j = 0; j < d->len; j++)
            NUM_(set)(&t[j], &x[0][at + j * d->inner]);
        SBX_TRY(d->logs ? FN(sbx_log_softmax)(t, t, d->len, ctx, err)
                        : FN(sbx_softmax)(t, t, d->len, ctx, err));
        for (size_t j = 0; j < d->len; j++)
            NUM_(set)(&y[0][at + j * d->inner], &t[j]);
    }
done:
    FN(sbx_vec_free)(t, d->len);
    return st;
}
