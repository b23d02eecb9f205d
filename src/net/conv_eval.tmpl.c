/* net/conv_eval.tmpl.c -- a sliding window in one number system: a dot product for each
 * element, then the bias or the divisor. Bound by net/conv_eval.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
typedef struct FN(conv_mem) {
    sbx_tap *tap;
    uint32_t *mem;
    NUM *w, *gather[2]; /* weights of one channel of y; what one element sums */
    NUM *last;          /* bias, divisor */
} FN(conv_mem);

/* the weights of channel c of y in group g */
static sbx_status FN(weights)(FN(conv_mem) * m, const sbx_conv *d, size_t g, size_t c,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = d->ch[d->x] * d->volume, wide = d->wide[d->y];
    for (size_t k = 0; k < n; k++)
        SBX_TRY(NUM_(set_d)(&m->w[k], d->pack[d->y][(g * n + k) * wide + c], ctx, err));
    if (d->b) SBX_TRY(NUM_(set_d)(m->last, d->b[g * d->ch[d->y] + c], ctx, err));
done:
    return st;
}

/* one element: y is at position p, x the first of its image and group */
static sbx_status FN(element)(NUM *y, FN(conv_mem) * m, const sbx_conv *d, size_t p, const NUM *x,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t *n = d->win.n[d->y];
    const size_t q[3] = {p / (n[1] * n[2]), p / n[2] % n[1], p % n[2]};
    const size_t count = sbx_conv_taps(m->tap, d, d->y, q, m->mem);
    for (size_t e = 0; e < count; e++) {
        NUM_(set)(&m->gather[0][e], &m->w[m->tap[e].w / d->wide[d->y]]);
        NUM_(set)(&m->gather[1][e], &x[m->tap[e].at]);
    }
    if (count)
        SBX_TRY(FN(sbx_dot)(y, m->gather[0], m->gather[1], count, ctx, err));
    else
        SBX_TRY(NUM_(set_si)(y, 0, ctx, err));
    if (d->b) SBX_TRY(NUM_(add)(y, y, m->last, ctx, err));
    if (d->count) {
        SBX_TRY(NUM_(set_d)(m->last, d->count[p], ctx, err));
        SBX_TRY(NUM_(div)(y, y, m->last, ctx, err));
    }
done:
    return st;
}

sbx_status FN(sbx_conv_generic)(NUM *const *y, const sbx_net *net, const sbx_node *nd,
                                const NUM *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_conv *d = nd->data;
    const size_t weights = d->ch[d->x] * d->volume, terms = d->terms[d->y];
    FN(conv_mem)
    m = {.w = FN(sbx_vec_new)(weights, ctx),
         .gather = {FN(sbx_vec_new)(terms, ctx), FN(sbx_vec_new)(terms, ctx)},
         .last = FN(sbx_vec_new)(1, ctx)};
    (void)net;
    if (!m.w || !m.gather[0] || !m.gather[1] || !m.last)
        SBX_FAIL(err, SBX_ERR_NOMEM, "a convolution");
    SBX_TRY(sbx_conv_tap_mem(&m.tap, &m.mem, d, d->y, err));
    for (size_t g = 0; g < d->groups; g++)
        for (size_t c = 0; c < d->ch[d->y]; c++) {
            SBX_TRY(sbx_go_on(ctx, err));
            SBX_TRY(FN(weights)(&m, d, g, c, ctx, err));
            for (size_t b = 0; b < d->batch; b++)
                for (size_t p = 0; p < d->pos[d->y]; p++)
                    SBX_TRY(FN(element)(&y[0][sbx_conv_at(d, d->y, b * d->groups + g, c) + p], &m,
                                        d, p, x[0] + sbx_conv_at(d, d->x, b * d->groups + g, 0),
                                        ctx, err));
        }
done:
    FN(sbx_vec_free)(m.w, weights);
    for (size_t k = 0; k < 2; k++)
        FN(sbx_vec_free)(m.gather[k], terms);
    FN(sbx_vec_free)(m.last, 1);
    sbx_free(m.tap);
    sbx_free(m.mem);
    return st;
}
