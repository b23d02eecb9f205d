/* net/pair_eval.tmpl.c -- products and quotients of two variables in one number system.
 * Bound by net/pair_eval.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* t[0], t[1]: 0 and a place to work. A divisor that may be 0 leaves the whole line, not the
 * part of it that the quotients which exist fill: what follows must not count on these. */
static sbx_status FN(quotient)(NUM *y, const NUM *a, const NUM *b, NUM *t, const sbx_ctx *ctx,
                               sbx_err *err)
{
    sbx_status st = SBX_OK;
#ifdef NUM_ENCLOSE
    if (NUM_(lt)(&t[0], b) != SBX_TRUE && NUM_(lt)(b, &t[0]) != SBX_TRUE) {
        SBX_TRY(NUM_(set_d)(&t[1], HUGE_VAL, ctx, err));
        SBX_TRY(NUM_(set_d)(y, -HUGE_VAL, ctx, err));
        SBX_TRY(NUM_(hull)(y, y, &t[1], ctx, err));
        goto done;
    }
#endif
    SBX_TRY(NUM_(div)(y, a, b, ctx, err));
done:
    return st;
}

sbx_status FN(sbx_pair_eval)(NUM *const *y, const sbx_net *net, const sbx_node *nd,
                             const NUM *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_pair *w = nd->data;
    const size_t n = net->tensor[nd->out[0]].n;
    NUM *t = FN(sbx_vec_new)(3, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "an evaluation");
    for (size_t j = 0; j < n; j++) {
        const size_t i = w->map[0] ? w->map[0][j] : j;
        const NUM *a = x[0] ? &x[0][i] : &t[2], *b = &x[1][w->map[1] ? w->map[1][j] : j];
        if (!x[0]) SBX_TRY(NUM_(set_d)(&t[2], net->tensor[nd->in[0]].real[i], ctx, err));
        if (w->divide)
            SBX_TRY(FN(quotient)(&y[0][j], a, b, t, ctx, err));
        else if (w->square)
            SBX_TRY(NUM_(sqr)(&y[0][j], a, ctx, err));
        else
            SBX_TRY(NUM_(mul)(&y[0][j], a, b, ctx, err));
    }
done:
    FN(sbx_vec_free)(t, 3);
    return st;
}
