/* net/curve.h -- nonlinear functions of single elements: y_j = s(x_j).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_CURVE_H
#define SBX_NET_CURVE_H

#include "net/op.h"
#include "softbox/relax.h"

typedef struct sbx_curve {
    sbx_unary f;
    const double *p;   /* not NULL: f.p differs from element to element, and is p[map_j] */
    const size_t *map; /* NULL: map_j = j */
} sbx_curve;

static inline sbx_unary sbx_curve_at(const sbx_curve *c, size_t j)
{
    sbx_unary f = c->f;
    if (c->p) f.p = c->p[c->map ? c->map[j] : j];
    return f;
}

/* The build: fills nd->data and the shape. A constant input is folded where every value
 * is a double. */
sbx_status sbx_curve_make(sbx_net *net, sbx_node *nd, sbx_unary f, sbx_err *err) SBX_MUST_USE;
/* the same with f.p from input k, a constant that goes with the shape of input 0 */
sbx_status sbx_curve_make_each(sbx_net *net, sbx_node *nd, sbx_unary f, size_t k,
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

/* of max(x, p x), 0 <= p <= 1: [p, 1] [L-NET-71] */
bool sbx_curve_slope_range(double *least, const sbx_node *nd, size_t j);

/* the function is linear there, whatever more is known of the element */
bool sbx_curve_settled(const sbx_node *nd, sbx_ivd x);

#define SBX_CURVE_OP                                                                               \
    SBX_OP_EVAL_ALL(sbx_curve_eval), .nonlinear = true, .aux = sbx_curve_aux,                      \
                                     .settled = sbx_curve_settled, .backward = sbx_curve_backward, \
                                     .forward = sbx_curve_forward, .adjoint = sbx_curve_adjoint

#endif
