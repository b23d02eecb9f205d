/* net/rowwise.h -- Softmax and LogSoftmax: functions of the rows along one axis.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_ROWWISE_H
#define SBX_NET_ROWWISE_H

#include "net/op.h"

/* Element j of row (o, i), o < outer, i < inner, is number (o len + j) inner + i. */
typedef struct sbx_rowwise {
    size_t outer, len, inner;
    bool logs;
} sbx_rowwise;

sbx_status sbx_rowwise_make(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                            bool logs, sbx_err *err) SBX_MUST_USE;

#define SBX_ROWWISE_DECLARE(S)                                                                    \
    sbx_status sbx_rowwise_generic_##S(sbx_##S *const *y, const sbx_net *net, const sbx_node *nd, \
                                       const sbx_##S *const *x, const sbx_ctx *ctx, sbx_err *err);
SBX_ROWWISE_DECLARE(f32)
SBX_ROWWISE_DECLARE(f64)
SBX_ROWWISE_DECLARE(lowp)
SBX_ROWWISE_DECLARE(mpf)
SBX_ROWWISE_DECLARE(mpq)
SBX_ROWWISE_DECLARE(ivd)
SBX_ROWWISE_DECLARE(ivf)
SBX_ROWWISE_DECLARE(ivq)
/* takes infinite upper ends too */
sbx_status sbx_rowwise_eval_ivd(sbx_ivd *const *y, const sbx_net *net, const sbx_node *nd,
                                const sbx_ivd *const *x, const sbx_ctx *ctx, sbx_err *err);

#define SBX_ROWWISE_EVAL                                                        \
    .eval_f32 = sbx_rowwise_generic_f32, .eval_f64 = sbx_rowwise_generic_f64,   \
    .eval_lowp = sbx_rowwise_generic_lowp, .eval_mpf = sbx_rowwise_generic_mpf, \
    .eval_mpq = sbx_rowwise_generic_mpq, .eval_ivd = sbx_rowwise_eval_ivd,      \
    .eval_ivf = sbx_rowwise_generic_ivf, .eval_ivq = sbx_rowwise_generic_ivq

void sbx_rowwise_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x);
void sbx_rowwise_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd,
                         const double *gy, const double *const *x, const double *y);

size_t sbx_rowwise_row(const sbx_node *nd, size_t j); /* the row that element j is in */

/* row g of outer inner: where its first element is; the next is d->inner further on */
static inline size_t sbx_rowwise_at(const sbx_rowwise *d, size_t g)
{
    return g / d->inner * d->len * d->inner + g % d->inner;
}

#endif
