/* net/extreme.h -- the largest or the least of groups of elements: Max, Min, ReduceMax,
 * ReduceMin, MaxPool. Output j is over the entries start[j] .. start[j+1]-1.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_EXTREME_H
#define SBX_NET_EXTREME_H

#include "net/op.h"

typedef struct sbx_extreme {
    bool least;
    size_t ny;
    const size_t *start; /* [ny + 1]; no group is empty */
    const size_t *at;    /* the element of its input that an entry is */
    const uint32_t *in;  /* the input of an entry; NULL: the first */
    const size_t *fan;   /* [n_in] most entries that are one element */
} sbx_extreme;

/* the build: fills in fan, and nd->data */
sbx_status sbx_extreme_make(sbx_net *net, sbx_node *nd, const sbx_extreme *d, const sbx_shape *y,
                            sbx_err *err) SBX_MUST_USE;
/* of several inputs, broadcast to each other (Max, Min) */
sbx_status sbx_extreme_inputs(sbx_net *net, sbx_node *nd, bool least, sbx_err *err) SBX_MUST_USE;
/* of dimensions of one (ReduceMax, ReduceMin) */
sbx_status sbx_extreme_reduce(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                              bool least, sbx_err *err) SBX_MUST_USE;

#define SBX_EXTREME_DECLARE(S)                                                                 \
    sbx_status sbx_extreme_eval_##S(sbx_##S *const *y, const sbx_net *net, const sbx_node *nd, \
                                    const sbx_##S *const *x, const sbx_ctx *ctx, sbx_err *err);
SBX_EXTREME_DECLARE(f32)
SBX_EXTREME_DECLARE(f64)
SBX_EXTREME_DECLARE(lowp)
SBX_EXTREME_DECLARE(mpf)
SBX_EXTREME_DECLARE(mpq)
SBX_EXTREME_DECLARE(ivd)
SBX_EXTREME_DECLARE(ivf)
SBX_EXTREME_DECLARE(ivq)

size_t sbx_extreme_aux(const sbx_net *net, const sbx_node *nd);
sbx_status sbx_extreme_prepare(struct sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err);
sbx_status sbx_extreme_backward(struct sbx_lin *l, const sbx_node *nd, const double *aux,
                                sbx_err *err);
void sbx_extreme_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x);
void sbx_extreme_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd,
                         const double *gy, const double *const *x, const double *y);

#define SBX_EXTREME_OP                                                                            \
    SBX_OP_EVAL_ALL(sbx_extreme_eval),                                                            \
        .nonlinear = true, .mixes = true, .aux = sbx_extreme_aux, .prepare = sbx_extreme_prepare, \
        .backward = sbx_extreme_backward, .forward = sbx_extreme_forward,                         \
        .adjoint = sbx_extreme_adjoint

#endif
