/* net/ew.h -- linear operators that move, scale and add single elements:
 *
 *   y_j = sum over at most two terms of a_j x[map_j], + b_j
 *
 * Add, Sub, Mul and Div by constants, Neg, Transpose, with broadcasting.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_EW_H
#define SBX_NET_EW_H

#include "net/op.h"

typedef enum sbx_ew_kind {
    SBX_EW_ADD,
    SBX_EW_SUB,
    SBX_EW_MUL,
    SBX_EW_DIV,
    SBX_EW_NEG,
    SBX_EW_MOVE
} sbx_ew_kind;

typedef struct sbx_ew_term {
    size_t in;         /* which input */
    const size_t *map; /* NULL: map_j = j */
    size_t fan;        /* most j that read one element */
    double sign;       /* a_j = sign, unless a: */
    const double *a;   /* |true a_j - a_j| <= rad_j */
    const double *rad; /* NULL: 0 [L-NET-05] */
} sbx_ew_term;

typedef struct sbx_ew {
    sbx_ew_kind kind;
    const size_t *map[2]; /* of the inputs, for evaluation */
    size_t terms;
    sbx_ew_term term[2];
    bool has_b, rounds;  /* is there a b; does the backward step round */
    const double *b;     /* padded; zeros if there is none */
    const double *b_rad; /* |true b_j - b_j| <= b_rad_j; NULL: 0 [L-NET-05] */
} sbx_ew;

/* the builds: of two inputs with broadcasting; of one, map NULL: the identity */
sbx_status sbx_ew_binary(sbx_net *net, sbx_node *nd, sbx_ew_kind kind, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_ew_unary(sbx_net *net, sbx_node *nd, sbx_ew_kind kind, const sbx_shape *y,
                        const size_t *map, sbx_err *err) SBX_MUST_USE;

#define SBX_EW_DECLARE(S)                                                                 \
    sbx_status sbx_ew_eval_##S(sbx_##S *const *y, const sbx_net *net, const sbx_node *nd, \
                               const sbx_##S *const *x, const sbx_ctx *ctx, sbx_err *err);
SBX_EW_DECLARE(f32)
SBX_EW_DECLARE(f64)
SBX_EW_DECLARE(lowp)
SBX_EW_DECLARE(mpf)
SBX_EW_DECLARE(mpq)
SBX_EW_DECLARE(ivd)
SBX_EW_DECLARE(ivf)
SBX_EW_DECLARE(ivq)

size_t sbx_ew_aux(const sbx_net *net, const sbx_node *nd);
sbx_status sbx_ew_prepare(struct sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err);
sbx_status sbx_ew_backward(struct sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err);
void sbx_ew_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x);
void sbx_ew_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                    const double *const *x, const double *y);

#define SBX_EW_OP                                                                         \
    SBX_OP_EVAL_ALL(sbx_ew_eval), .aux = sbx_ew_aux, .prepare = sbx_ew_prepare,           \
                                  .backward = sbx_ew_backward, .forward = sbx_ew_forward, \
                                  .adjoint = sbx_ew_adjoint

#endif
