/* net/bmm_eval.tmpl.c -- products of matrices in one number system: a dot product for
 * each element. Bound by net/bmm_eval.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifdef NUM_ENCLOSE
/* Column j of batch g when the rows of a sum to 1: a mean of the column's elements, so in
 * their hull [L-NET-61]. t: a place to work */
static sbx_status FN(within)(NUM *y, const sbx_bmm *d, const NUM *column, NUM *t,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM_(set)(t, &column[0]);
    for (size_t k = 1; k < d->k; k++)
        SBX_TRY(NUM_(hull)(t, t, &column[k], ctx, err));
    for (size_t i = 0; i < d->m; i++)
        SBX_TRY(NUM_(intersect)(&y[i * d->n], &y[i * d->n], t, ctx, err));
done:
    return st;
}
#endif

/* the products of batch g; column: [k + 1] */
static sbx_status FN(one)(NUM *y, const sbx_bmm *d, const NUM *a, const NUM *b, NUM *column,
                          const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < d->n; j++) {
        for (size_t k = 0; k < d->k; k++)
            NUM_(set)(&column[k], &b[k * d->n + j]);
        for (size_t i = 0; i < d->m; i++)
            SBX_TRY(FN(sbx_dot)(&y[i * d->n + j], a + i * d->k, column, d->k, ctx, err));
#ifdef NUM_ENCLOSE
        if (d->weights) SBX_TRY(FN(within)(&y[j], d, column, &column[d->k], ctx, err));
#endif
    }
done:
    return st;
}

sbx_status FN(sbx_bmm_eval)(NUM *const *y, const sbx_net *net, const sbx_node *nd,
                            const NUM *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_bmm *d = nd->data;
    const size_t fixed = d->constant[0] ? 0 : 1; /* the operand that may be constant */
    const sbx_tensor *c = &net->tensor[nd->in[fixed]];
    const size_t n = d->constant[fixed] ? c->n : 0;
    const NUM *v[2] = {x[0], x[1]};
    NUM *mem = FN(sbx_vec_new)(d->k + 1 + n, ctx);
    if (!mem) SBX_FAIL(err, SBX_ERR_NOMEM, "a product of matrices");
    for (size_t i = 0; i < n; i++)
        SBX_TRY(NUM_(set_d)(&mem[d->k + 1 + i], c->real[i], ctx, err));
    if (n) v[fixed] = mem + d->k + 1;
    for (size_t g = 0; g < d->batch; g++)
        SBX_TRY(FN(one)(y[0] + g * d->m * d->n, d, v[0] + sbx_bmm_at(d, 0, g),
                        v[1] + sbx_bmm_at(d, 1, g), mem, ctx, err));
done:
    FN(sbx_vec_free)(mem, d->k + 1 + n);
    return st;
}
