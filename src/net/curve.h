/* net/curve.h -- nonlinear functions of single elements: y_j = s(x_j).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_CURVE_H
#define SBX_NET_CURVE_H

#include "net/op.h"
#include "softbox/relax.h"

typedef struct sbx_curve {
    sbx_unary_fn fn;
    double param;
} sbx_curve;

/* the build: fills nd->data and the shape */
sbx_status sbx_curve_make(sbx_net *net, sbx_node *nd, sbx_unary_fn fn, double param,
                          sbx_err *err) SBX_MUST_USE;

#define SBX_CURVE_DECLARE(S)                                                                 \
    sbx_status sbx_curve_eval_##S(sbx_##S *const *y, const sbx_net *net, const sbx_node *nd, \
                                  const sbx_##S *const *x, const sbx_ctx *ctx, sbx_err *err);
SBX_CURVE_DECLARE(f32)
SBX_CURVE_DECLARE(f64)
SBX_CURVE_DECLARE(lowp)
SBX_CURVE_DECLARE(mpf)
SBX_CURVE_DECLARE(mpq)
SBX_CURVE_DECLARE(ivd)
SBX_CURVE_DECLARE(ivf)
SBX_CURVE_DECLARE(ivq)

/* aux: al, bl, au, bu, each padded */
size_t sbx_curve_aux(const sbx_net *net, const sbx_node *nd);
sbx_status sbx_curve_prepare(struct sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err);
sbx_status sbx_curve_backward(struct sbx_lin *l, const sbx_node *nd, const double *aux,
                              sbx_err *err);
void sbx_curve_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x);
void sbx_curve_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                       const double *const *x, const double *y);

/* of relu and leaky relu: the sign is known, the function linear */
bool sbx_curve_one_sign(const sbx_node *nd, sbx_ivd x);

#define SBX_CURVE_OP                                                                               \
    SBX_OP_EVAL_ALL(sbx_curve_eval), .nonlinear = true, .aux = sbx_curve_aux,                      \
                                     .backward = sbx_curve_backward, .forward = sbx_curve_forward, \
                                     .adjoint = sbx_curve_adjoint

#endif
