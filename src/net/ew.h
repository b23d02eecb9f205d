/* net/ew.h -- linear operators that move, scale and add single elements:
 *
 *   y_j = sum over a few terms of a_j x[map_j], + b_j
 *
 * where a term has an input of its own and need not reach every j. Add, Sub, Mul and Div
 * by constants and Neg, with broadcasting; and everything that only moves elements
 * (Transpose, Slice, Concat, Pad, Gather, ...): there an output reads one element of one
 * input, or is b_j [L-NET-50].
 *
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

/* y[to_i] += a x[map_i] for i < n */
typedef struct sbx_ew_term {
    size_t in;         /* which input */
    size_t n;          /* number of pairs */
    const size_t *to;  /* NULL: to_i = i */
    const size_t *map; /* NULL: map_i = i */
    size_t fan;        /* most pairs that read one element */
    double sign;       /* a_j = sign, unless a: */
    const double *a;   /* |true a_j - a_j| <= rad_j */
    const double *rad; /* NULL: 0 [L-NET-05] */
} sbx_ew_term;

typedef struct sbx_ew {
    sbx_ew_kind kind;
    const size_t *map[2]; /* of the operands, for evaluation; not of a move */
    size_t terms;
    sbx_ew_term *term;
    bool has_b, rounds;  /* is there a b; does the backward step round */
    const double *b;     /* padded; zeros if there is none */
    const double *b_rad; /* |true b_j - b_j| <= b_rad_j; NULL: 0 [L-NET-05] */
} sbx_ew;

/* the builds: of two inputs with broadcasting; of one, element by element */
sbx_status sbx_ew_binary(sbx_net *net, sbx_node *nd, sbx_ew_kind kind, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_ew_neg(sbx_net *net, sbx_node *nd, sbx_err *err) SBX_MUST_USE;

/* A move to the shape y: y_j is element from[j] of input in[j] (of input 0 when `in` is
 * NULL), or the fill where from[j] is SBX_NO_TENSOR. A constant, of reals or integers,
 * when all that is read is one; a view when nothing moves. */
typedef struct sbx_move {
    const size_t *in, *from;
    double fill;
    int64_t fill_int;
} sbx_move;
sbx_status sbx_ew_move(sbx_net *net, sbx_node *nd, const sbx_shape *y, const sbx_move *m,
                       sbx_err *err) SBX_MUST_USE;
/* A move along dimensions: input 0 taken as a tensor x and the output as y, of one rank,
 * y[j_1, j_2, ...] = x[index_1[j_1], index_2[j_2], ...], the fill where an index is
 * SBX_NO_TENSOR. An index that is NULL: as it is. */
typedef struct sbx_axes {
    sbx_shape x, y;
    size_t *index[SBX_NET_RANK];
    double fill;
    int64_t fill_int;
} sbx_axes;
/* the tables index[k] of y.dim[k] places, for x and y as filled in, each j -> j */
sbx_status sbx_axes_index(sbx_axes *a, size_t k, sbx_net *net, sbx_err *err) SBX_MUST_USE;
/* the shape of the output is y, or a->y when y is NULL */
sbx_status sbx_ew_axes(sbx_net *net, sbx_node *nd, const sbx_shape *y, const sbx_axes *a,
                       sbx_err *err) SBX_MUST_USE;

/* no input at all: the values v of a constant as a node's [L-NET-51] */
sbx_status sbx_ew_lift(sbx_net *net, sbx_node *nd, const sbx_shape *y, const double *v,
                       sbx_err *err) SBX_MUST_USE;

/* for the builds: a new one; and its end, once terms and b are filled in */
sbx_status sbx_ew_start(sbx_ew **w, sbx_net *net, sbx_ew_kind kind, size_t terms,
                        sbx_err *err) SBX_MUST_USE;
sbx_status sbx_ew_finish(sbx_ew *w, sbx_net *net, sbx_node *nd, const sbx_shape *y,
                         sbx_err *err) SBX_MUST_USE;

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
