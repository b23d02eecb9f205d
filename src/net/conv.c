/* net/conv.c -- operators of sliding windows: making, and the list of what one output sums.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/conv.h"

#include "base/alloc.h"
#include "base/try.h"
#include "net/lin.h"

#define MOST 0x7fffffff /* of an index in a list */

sbx_status sbx_conv_operands(const double **b, const sbx_net *net, const sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *x = &net->tensor[nd->in[0]], *w = &net->tensor[nd->in[1]];
    *b = NULL;
    if (x->shape.rank < 3 || w->shape.rank != x->shape.rank)
        SBX_FAIL(err, SBX_ERR_PARSE, "input of %zu and weights of %zu dimensions", x->shape.rank,
                 w->shape.rank);
    if (x->shape.rank > SBX_WINDOW_DIMS + 2)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "more than three dimensions of space");
    if (x->constant) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its input is constant");
    if (!w->real) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "the weights are no constant of reals");
    if (w->n == 0 || x->n == 0) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "an empty operand");
    if (!sbx_node_has(nd, 2)) goto done;
    if (!net->tensor[nd->in[2]].real)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "the bias is no constant of reals");
    *b = net->tensor[nd->in[2]].real;
done:
    return st;
}

/* The weights for sums on side t, channels of t next to each other. */
static sbx_status pack(sbx_conv *d, sbx_net *net, size_t t, const double *w, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t s = 1 - t, wide = sbx_pad(d->ch[t]), v = d->volume;
    double *p;
    d->wide[t] = wide;
    if (d->ch[s] > MOST / v / wide || d->ch[s] > MOST / d->pos[s])
        SBX_FAIL(err, SBX_ERR_LIMIT, "a convolution that is too large");
    SBX_TRY(sbx_op_mem(&p, net, d->groups * d->ch[s] * v * wide, sizeof *p, err));
    for (size_t g = 0; g < d->groups; g++)
        for (size_t cs = 0; cs < d->ch[s]; cs++)
            for (size_t ct = 0; ct < d->ch[t]; ct++)
                for (size_t k = 0; k < v; k++) {
                    const size_t c[2] = {t == SBX_SMALL ? ct : cs, t == SBX_SMALL ? cs : ct};
                    const size_t at = ((g * d->ch[0] + c[0]) * d->ch[1] + c[1]) * v + k;
                    p[((g * d->ch[s] + cs) * v + k) * wide + ct] = w ? w[at] : 1.0;
                }
    d->pack[t] = p;
    d->terms[t] = d->ch[s] * d->win.most[t];
done:
    return st;
}

static sbx_status bias(sbx_conv *d, sbx_net *net, const double *b, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t ch = d->groups * d->ch[d->y];
    double *all;
    SBX_TRY(sbx_op_mem(&all, net, sbx_pad(d->batch * ch * d->pos[d->y]), sizeof *all, err));
    for (size_t i = 0; b && i < d->batch * ch; i++)
        for (size_t p = 0; p < d->pos[d->y]; p++)
            all[i * d->pos[d->y] + p] = b[i % ch];
    d->b = b;
    d->b_all = all;
done:
    return st;
}

/* 1 / count as a double and what it is off by */
static sbx_status divisor(sbx_conv *d, sbx_net *net, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double *a, *rad;
    if (!d->count) goto done;
    SBX_TRY(sbx_op_mem(&a, net, d->pos[d->y], sizeof *a, err));
    SBX_TRY(sbx_op_mem(&rad, net, d->pos[d->y], sizeof *rad, err));
    for (size_t q = 0; q < d->pos[d->y]; q++) {
        a[q] = 1.0 / d->count[q];
        rad[q] = fma(-a[q], d->count[q], 1.0) == 0.0 ? 0.0 : SBX_U * a[q]; /* half an ulp or more */
    }
    d->a = a;
    d->rad = rad;
done:
    return st;
}

sbx_status sbx_conv_make(sbx_net *net, sbx_node *nd, const sbx_conv *from, const double *w,
                         const double *b, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *x = &net->tensor[nd->in[0]];
    sbx_shape shape = {.rank = from->win.dims + 2};
    sbx_conv *d;
    SBX_TRY(sbx_op_mem(&d, net, 1, sizeof *d, err));
    *d = *from;
    shape.dim[0] = x->shape.dim[0];
    shape.dim[1] = w ? d->groups * d->ch[d->y] : x->shape.dim[1];
    for (size_t k = 0; k < d->win.dims; k++)
        shape.dim[2 + k] = d->win.n[d->y][SBX_WINDOW_DIMS - d->win.dims + k];
    SBX_TRY(sbx_op_out(net, nd, 0, &shape, err)); /* so its size does not overflow */
    for (size_t s = 0; s < 2; s++)
        d->pos[s] = sbx_window_count(&d->win, s);
    d->volume = sbx_window_volume(&d->win);
    SBX_TRY(sbx_window_tables(&d->win, net, err));
    for (size_t s = 0; s < 2; s++)
        SBX_TRY(pack(d, net, s, w, err));
    SBX_TRY(bias(d, net, b, err));
    SBX_TRY(divisor(d, net, err));
    nd->data = d;
done:
    return st;
}

sbx_status sbx_conv_tap_mem(sbx_tap **tap, uint32_t **mem, const sbx_conv *d, size_t target,
                            sbx_err *err)
{
    *tap = sbx_alloc(d->terms[target], sizeof **tap);
    *mem = sbx_alloc(2 * d->win.most[target], sizeof **mem);
    if (*tap && *mem) return SBX_OK;
    return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "a convolution");
}

size_t sbx_conv_taps(sbx_tap *tap, const sbx_conv *d, size_t target, const size_t *q, uint32_t *mem)
{
    const size_t s = 1 - target, wide = d->wide[target];
    uint32_t *p = mem, *k = mem + d->win.most[target];
    const size_t n = sbx_window_at(p, k, &d->win, target, q);
    size_t count = 0;
    for (size_t c = 0; c < d->ch[s]; c++)
        for (size_t e = 0; e < n; e++)
            tap[count++] = (sbx_tap){(uint32_t)(c * d->pos[s] + p[e]),
                                     (uint32_t)((c * d->volume + k[e]) * wide)};
    return count;
}
