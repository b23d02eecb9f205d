/* net/ew_eval.tmpl.c -- elements moved, added, scaled, in one number system. Bound by
 * net/ew_eval.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
static sbx_status FN(one)(NUM *y, sbx_ew_kind kind, const NUM *a, const NUM *b, const sbx_ctx *ctx,
                          sbx_err *err)
{
    switch (kind) {
    case SBX_EW_ADD: return NUM_(add)(y, a, b, ctx, err);
    case SBX_EW_SUB: return NUM_(sub)(y, a, b, ctx, err);
    case SBX_EW_MUL: return NUM_(mul)(y, a, b, ctx, err);
    case SBX_EW_DIV: return NUM_(div)(y, a, b, ctx, err);
    case SBX_EW_NEG: return NUM_(neg)(y, a, ctx, err);
    case SBX_EW_MOVE: break;
    }
    return SBX_OK;
}

/* the element of input k that the j-th output reads: a constant goes through *t */
static sbx_status FN(operand)(const NUM **v, NUM *t, const sbx_net *net, const sbx_node *nd,
                              const NUM *const *x, size_t k, size_t j, const sbx_ctx *ctx,
                              sbx_err *err)
{
    const sbx_ew *w = nd->data;
    const size_t i = w->map[k] ? w->map[k][j] : j;
    *v = x[k] ? &x[k][i] : t;
    return x[k] ? SBX_OK : NUM_(set_d)(t, net->tensor[nd->in[k]].real[i], ctx, err);
}

/* what no term reaches is b */
static sbx_status FN(move)(NUM *y, const sbx_ew *w, size_t n, const NUM *const *x,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t reached = 0;
    for (size_t k = 0; k < w->terms; k++)
        reached += w->term[k].n;
    for (size_t j = 0; reached < n && j < n; j++)
        SBX_TRY(NUM_(set_d)(&y[j], w->b[j], ctx, err));
    for (size_t k = 0; k < w->terms; k++) {
        const sbx_ew_term *t = &w->term[k];
        for (size_t i = 0; i < t->n; i++)
            NUM_(set)(&y[t->to ? t->to[i] : i], &x[t->in][t->map ? t->map[i] : i]);
    }
done:
    return st;
}

sbx_status FN(sbx_ew_eval)(NUM *const *y, const sbx_net *net, const sbx_node *nd,
                           const NUM *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_ew *w = nd->data;
    const size_t n = net->tensor[nd->out[0]].n;
    NUM *t = NULL;
    if (w->kind == SBX_EW_MOVE) return FN(move)(y[0], w, n, x, ctx, err);
    t = FN(sbx_vec_new)(2, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "an evaluation");
    for (size_t j = 0; j < n; j++) {
        const NUM *a, *b = &t[1];
        SBX_TRY(FN(operand)(&a, &t[0], net, nd, x, 0, j, ctx, err));
        if (nd->n_in > 1) SBX_TRY(FN(operand)(&b, &t[1], net, nd, x, 1, j, ctx, err));
        SBX_TRY(FN(one)(&y[0][j], w->kind, a, b, ctx, err));
    }
done:
    FN(sbx_vec_free)(t, 2);
    return st;
}
