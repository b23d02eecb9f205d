/* net/batchnorm_eval.tmpl.c -- BatchNormalization in one number system: x occurs once, so
 * an interval's ends are those of the values. Bound by net/batchnorm_eval.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* m[0] = mean, m[1] = scale / sqrt(var + epsilon), m[2] = bias */
static sbx_status FN(statistics)(NUM *m, const sbx_batchnorm *d, size_t c, const sbx_ctx *ctx,
                                 sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(NUM_(set_d)(&m[0], d->var[c], ctx, err));
    SBX_TRY(NUM_(set_d)(&m[2], d->epsilon, ctx, err));
    SBX_TRY(NUM_(add)(&m[0], &m[0], &m[2], ctx, err));
    SBX_TRY(NUM_(sqrt)(&m[0], &m[0], ctx, err));
    SBX_TRY(NUM_(set_d)(&m[1], d->scale[c], ctx, err));
    SBX_TRY(NUM_(div)(&m[1], &m[1], &m[0], ctx, err));
    SBX_TRY(NUM_(set_d)(&m[0], d->mean[c], ctx, err));
    SBX_TRY(NUM_(set_d)(&m[2], d->bias[c], ctx, err));
done:
    return st;
}

sbx_status FN(sbx_batchnorm_eval)(NUM *const *y, const sbx_net *net, const sbx_node *nd,
                                  const NUM *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_batchnorm *d = nd->data;
    const size_t n = net->tensor[nd->out[0]].n;
    NUM *m = FN(sbx_vec_new)(3 * d->kept, ctx);
    if (!m) SBX_FAIL(err, SBX_ERR_NOMEM, "a normalisation");
    for (size_t c = 0; c < d->kept; c++)
        SBX_TRY(FN(statistics)(m + 3 * c, d, c, ctx, err));
    for (size_t j = 0; j < n; j++) {
        const NUM *s = m + 3 * (j / d->each % d->kept);
        NUM *z = &y[0][j];
        SBX_TRY(NUM_(sub)(z, &x[0][j], &s[0], ctx, err));
        SBX_TRY(NUM_(mul)(z, z, &s[1], ctx, err));
        SBX_TRY(NUM_(add)(z, z, &s[2], ctx, err));
    }
done:
    FN(sbx_vec_free)(m, 3 * d->kept);
    return st;
}
