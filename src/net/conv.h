/* net/conv.h -- linear operators of sliding windows: Conv, ConvTranspose, AveragePool.
 *
 *   y[o][q] = a[q] sum over c and the meetings (p, k) of q of w[o][c][k] x[c][p]  + b[o]
 *
 * for each image of the batch and each group of channels; y is on the small side of the
 * window, for ConvTranspose on the large one. Nowhere is there a dense matrix.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_CONV_H
#define SBX_NET_CONV_H

#include "net/mat.h"
#include "net/window.h"

typedef struct sbx_conv {
    sbx_window win;
    size_t x, y;          /* the sides of input and output */
    size_t batch, groups; /* channels of one group: */
    size_t ch[2];
    size_t pos[2], volume; /* positions of a side; places of the kernel */
    size_t terms[2];       /* most products of an element of that side */
    const double *pack[2]; /* for sums on that side: [groups][ch of the other][volume][wide] */
    size_t wide[2];        /* sbx_pad(ch) */
    const double *b;       /* [groups ch[y]] or NULL */
    const double *b_all;   /* [sbx_pad(the elements of y)], zeros if there is none */
    const double *count;   /* [pos[y]]: the true a is 1 / count; NULL: a is 1 [L-NET-41] */
    const double *a, *rad; /* [pos[y]]: |1 / count - a| <= rad */
} sbx_conv;

/* the index of element (image and group ng, channel c, position 0) of a side */
static inline size_t sbx_conv_at(const sbx_conv *d, size_t side, size_t ng, size_t c)
{
    return (ng * d->ch[side] + c) * d->pos[side];
}

/* Checks the inputs X, W, B of a convolution: ranks, W and B constants of reals; *b is NULL
 * when there is no bias. */
sbx_status sbx_conv_operands(const double **b, const sbx_net *net, const sbx_node *nd,
                             sbx_err *err) SBX_MUST_USE;

/* nd->data from d, whose window has both sides, with batch, groups, ch, x, y, count filled
 * in; w: [groups][ch[SMALL]][ch[LARGE]][volume], NULL: all 1; b: [groups ch[y]] or NULL.
 * Sets the shape of the output from its first two dimensions and the window. */
sbx_status sbx_conv_make(sbx_net *net, sbx_node *nd, const sbx_conv *d, const double *w,
                         const double *b, sbx_err *err) SBX_MUST_USE;

/* what one position sums: for channel c of the source the element c pos + p, with the
 * weights at (c volume + k) wide; returns the number of entries */
size_t sbx_conv_taps(sbx_tap *tap, const sbx_conv *d, size_t target, const size_t *q,
                     uint32_t *mem);
/* [2 meetings] and [terms] of a target side, for sbx_conv_taps; sbx_free both */
sbx_status sbx_conv_tap_mem(sbx_tap **tap, uint32_t **mem, const sbx_conv *d, size_t target,
                            sbx_err *err) SBX_MUST_USE;

#define SBX_CONV_DECLARE(S)                                                                    \
    sbx_status sbx_conv_generic_##S(sbx_##S *const *y, const sbx_net *net, const sbx_node *nd, \
                                    const sbx_##S *const *x, const sbx_ctx *ctx, sbx_err *err);
SBX_CONV_DECLARE(f32)
SBX_CONV_DECLARE(f64)
SBX_CONV_DECLARE(lowp)
SBX_CONV_DECLARE(mpf)
SBX_CONV_DECLARE(mpq)
SBX_CONV_DECLARE(ivd)
SBX_CONV_DECLARE(ivf)
SBX_CONV_DECLARE(ivq)
/* by centre and radius where the input is finite [L-NET-01] */
sbx_status sbx_conv_eval_ivd(sbx_ivd *const *y, const sbx_net *net, const sbx_node *nd,
                             const sbx_ivd *const *x, const sbx_ctx *ctx, sbx_err *err);

size_t sbx_conv_aux(const sbx_net *net, const sbx_node *nd);
sbx_status sbx_conv_prepare(struct sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err);
sbx_status sbx_conv_backward(struct sbx_lin *l, const sbx_node *nd, const double *aux,
                             sbx_err *err);
void sbx_conv_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x);
void sbx_conv_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                      const double *const *x, const double *y);

#define SBX_CONV_OP                                                                    \
    .eval_f32 = sbx_conv_generic_f32, .eval_f64 = sbx_conv_generic_f64,                \
    .eval_lowp = sbx_conv_generic_lowp, .eval_mpf = sbx_conv_generic_mpf,              \
    .eval_mpq = sbx_conv_generic_mpq, .eval_ivd = sbx_conv_eval_ivd,                   \
    .eval_ivf = sbx_conv_generic_ivf, .eval_ivq = sbx_conv_generic_ivq, .mixes = true, \
    .aux = sbx_conv_aux, .prepare = sbx_conv_prepare, .backward = sbx_conv_backward,   \
    .forward = sbx_conv_forward, .adjoint = sbx_conv_adjoint

#endif
