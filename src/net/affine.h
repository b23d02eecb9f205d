/* net/affine.h -- dense layers: y[i][j] = sum_k w[j][k] x[i][k] + b[j] for i < batch,
 * with strides, so that a constant matrix on the left is the same thing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_AFFINE_H
#define SBX_NET_AFFINE_H

#include "net/op.h"

typedef struct sbx_dense {
    size_t x;                  /* which input of the node is the variable */
    size_t batch, in, out;     /* numbers of i, k, j */
    size_t ld;                 /* of w: sbx_pad(in) */
    size_t x_i, x_k, y_i, y_j; /* strides */
    bool plain;                /* x_k == y_j == 1 and rows follow each other */
    const double *w;           /* [out][ld], the padding 0 */
    const double *b;           /* [out] or NULL */
    const double *b_all;       /* [sbx_pad(batch out)]: b where y has it, or zeros */
} sbx_dense;

/* nd->data: w from the constant c, w[j][k] = alpha c[j wj + k wk] (exact, or
 * SBX_ERR_UNSUPPORTED); b NULL, or beta b[j bj] likewise. The strides of d and its
 * counts are filled in by the caller. */
typedef struct sbx_dense_source {
    const double *w, *b;
    size_t w_j, w_k, b_j;
    double alpha, beta;
} sbx_dense_source;
/* are all the products doubles? */
bool sbx_dense_exact(const sbx_dense *d, const sbx_dense_source *from);
sbx_status sbx_dense_make(sbx_net *net, sbx_node *nd, const sbx_dense *d,
                          const sbx_dense_source *from, sbx_err *err) SBX_MUST_USE;

#define SBX_DENSE_DECLARE(S)                                                                    \
    sbx_status sbx_dense_generic_##S(sbx_##S *const *y, const sbx_net *net, const sbx_node *nd, \
                                     const sbx_##S *const *x, const sbx_ctx *ctx, sbx_err *err);
SBX_DENSE_DECLARE(f32)
SBX_DENSE_DECLARE(f64)
SBX_DENSE_DECLARE(lowp)
SBX_DENSE_DECLARE(mpf)
SBX_DENSE_DECLARE(mpq)
SBX_DENSE_DECLARE(ivd)
SBX_DENSE_DECLARE(ivf)
SBX_DENSE_DECLARE(ivq)
/* by centre and radius where the input is finite [L-NET-01] */
sbx_status sbx_dense_eval_ivd(sbx_ivd *const *y, const sbx_net *net, const sbx_node *nd,
                              const sbx_ivd *const *x, const sbx_ctx *ctx, sbx_err *err);

size_t sbx_dense_aux(const sbx_net *net, const sbx_node *nd);
sbx_status sbx_dense_prepare(struct sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err);
sbx_status sbx_dense_backward(struct sbx_lin *l, const sbx_node *nd, const double *aux,
                              sbx_err *err);
void sbx_dense_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x);
void sbx_dense_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                       const double *const *x, const double *y);

#define SBX_DENSE_OP                                                                     \
    .eval_f32 = sbx_dense_generic_f32, .eval_f64 = sbx_dense_generic_f64,                \
    .eval_lowp = sbx_dense_generic_lowp, .eval_mpf = sbx_dense_generic_mpf,              \
    .eval_mpq = sbx_dense_generic_mpq, .eval_ivd = sbx_dense_eval_ivd,                   \
    .eval_ivf = sbx_dense_generic_ivf, .eval_ivq = sbx_dense_generic_ivq, .mixes = true, \
    .aux = sbx_dense_aux, .prepare = sbx_dense_prepare, .backward = sbx_dense_backward,  \
    .forward = sbx_dense_forward, .adjoint = sbx_dense_adjoint

#endif
