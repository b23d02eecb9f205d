/* net/extreme_eval.tmpl.c -- the largest or the least of groups, in one number system.
 * Bound by net/extreme_eval.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
sbx_status FN(sbx_extreme_eval)(NUM *const *y, const sbx_net *net, const sbx_node *nd,
                                const NUM *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_extreme *d = nd->data;
    NUM *t = FN(sbx_vec_new)(1, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "an evaluation");
    for (size_t j = 0; j < d->ny; j++) {
        NUM *z = &y[0][j];
        for (size_t e = d->start[j]; e < d->start[j + 1]; e++) {
            const size_t k = d->in ? d->in[e] : 0, i = d->at[e];
            const NUM *v = x[k] ? &x[k][i] : t;
            if (!x[k]) SBX_TRY(NUM_(set_d)(t, net->tensor[nd->in[k]].real[i], ctx, err));
            if (e == d->start[j])
                NUM_(set)(z, v);
            else if (d->least)
                SBX_TRY(NUM_(min)(z, z, v, ctx, err));
            else
                SBX_TRY(NUM_(max)(z, z, v, ctx, err));
        }
    }
done:
    FN(sbx_vec_free)(t, 1);
    return st;
}
