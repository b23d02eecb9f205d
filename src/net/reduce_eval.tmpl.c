/* net/reduce_eval.tmpl.c -- sums and means over dimensions in one number system. Bound by
 * net/reduce_eval.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
sbx_status FN(sbx_reduce_eval)(NUM *const *y, const sbx_net *net, const sbx_node *nd,
                               const NUM *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_reduce *d = nd->data;
    NUM *gather = FN(sbx_vec_new)(d->count, ctx), *count = FN(sbx_vec_new)(1, ctx);
    (void)net;
    if (!gather || !count) SBX_FAIL(err, SBX_ERR_NOMEM, "a sum");
    SBX_TRY(NUM_(set_d)(count, (double)d->count, ctx, err));
    for (size_t j = 0; j < d->ny; j++) {
        for (size_t k = 0; k < d->count; k++)
            NUM_(set)(&gather[k], &x[0][d->term[j * d->count + k]]);
        SBX_TRY(FN(sbx_sum)(&y[0][j], gather, d->count, ctx, err));
        if (d->mean) SBX_TRY(NUM_(div)(&y[0][j], &y[0][j], count, ctx, err));
    }
done:
    FN(sbx_vec_free)(gather, d->count);
    FN(sbx_vec_free)(count, 1);
    return st;
}
