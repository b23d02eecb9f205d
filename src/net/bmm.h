/* net/bmm.h -- products of matrices in batches: y[g] = a[g] b[g], g < batch, both of them
 * variables or one of them a constant; the batches are broadcast.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_BMM_H
#define SBX_NET_BMM_H

#include "net/op.h"

typedef struct sbx_bmm {
    size_t batch, m, k, n;    /* y[g]: m x n, the sum is over k */
    const size_t *map[2];     /* which matrix of an operand batch g reads; NULL: the g-th */
    size_t fan[2];            /* most products that read one element of an operand */
    bool constant[2];         /* at most one of them */
    bool weights;             /* a has rows that sum to 1: a softmax made them */
    size_t ldk, ldn, at_y[3]; /* padded k, n; where lo, hi, e are in aux */
} sbx_bmm;

/* The build, by numpy's rules: a one-dimensional operand is a row on the left and a
 * column on the right, and its dimension is not in the output. It sets nd->op. */
sbx_status sbx_bmm_make(sbx_net *net, sbx_node *nd, sbx_err *err) SBX_MUST_USE;

/* where the matrix of batch g begins, in operand k */
static inline size_t sbx_bmm_at(const sbx_bmm *d, size_t k, size_t g)
{
    return (d->map[k] ? d->map[k][g] : g) * d->k * (k ? d->n : d->m);
}

#define SBX_BMM_DECLARE(S)                                                                 \
    sbx_status sbx_bmm_eval_##S(sbx_##S *const *y, const sbx_net *net, const sbx_node *nd, \
                                const sbx_##S *const *x, const sbx_ctx *ctx, sbx_err *err);
SBX_BMM_DECLARE(f32)
SBX_BMM_DECLARE(f64)
SBX_BMM_DECLARE(lowp)
SBX_BMM_DECLARE(mpf)
SBX_BMM_DECLARE(mpq)
SBX_BMM_DECLARE(ivd)
SBX_BMM_DECLARE(ivf)
SBX_BMM_DECLARE(ivq)

#endif
