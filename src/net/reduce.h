/* net/reduce.h -- sums and means over dimensions: ReduceSum, ReduceMean, GlobalAveragePool.
 * Every element of x is a term of exactly one element of y.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_REDUCE_H
#define SBX_NET_REDUCE_H

#include "net/op.h"

typedef struct sbx_reduce {
    size_t ny, count;   /* elements of y; terms of each */
    const size_t *term; /* [ny][count]: elements of x */
    double a, rad;      /* |1 / count - a| <= rad for a mean; 1 and 0 for a sum */
    bool mean;
    const double *zero; /* [sbx_pad(ny)] */
} sbx_reduce;

/* Reads axes (attribute, or constant second input), keepdims and noop_with_empty_axes:
 * gone[d]: is dimension d of x summed over? */
sbx_status sbx_reduce_axes(bool gone[SBX_NET_RANK], bool *keep, const sbx_net *net,
                           const sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                           sbx_err *err) SBX_MUST_USE;

/* y's shape; term: see above (NULL: not wanted) */
sbx_status sbx_reduce_terms(sbx_shape *y, const size_t **term, sbx_net *net, const sbx_shape *x,
                            const bool gone[SBX_NET_RANK], bool keep, sbx_err *err) SBX_MUST_USE;

/* the build; one term each: a view */
sbx_status sbx_reduce_make(sbx_net *net, sbx_node *nd, const bool gone[SBX_NET_RANK], bool keep,
                           bool mean, sbx_err *err) SBX_MUST_USE;

#define SBX_REDUCE_DECLARE(S)                                                                 \
    sbx_status sbx_reduce_eval_##S(sbx_##S *const *y, const sbx_net *net, const sbx_node *nd, \
                                   const sbx_##S *const *x, const sbx_ctx *ctx, sbx_err *err);
SBX_REDUCE_DECLARE(f32)
SBX_REDUCE_DECLARE(f64)
SBX_REDUCE_DECLARE(lowp)
SBX_REDUCE_DECLARE(mpf)
SBX_REDUCE_DECLARE(mpq)
SBX_REDUCE_DECLARE(ivd)
SBX_REDUCE_DECLARE(ivf)
SBX_REDUCE_DECLARE(ivq)

size_t sbx_reduce_aux(const sbx_net *net, const sbx_node *nd);
sbx_status sbx_reduce_prepare(struct sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err);
sbx_status sbx_reduce_backward(struct sbx_lin *l, const sbx_node *nd, const double *aux,
                               sbx_err *err);
void sbx_reduce_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x);
void sbx_reduce_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                        const double *const *x, const double *y);

#define SBX_REDUCE_OP                                                        \
    SBX_OP_EVAL_ALL(sbx_reduce_eval),                                        \
        .mixes = true, .aux = sbx_reduce_aux, .prepare = sbx_reduce_prepare, \
        .backward = sbx_reduce_backward, .forward = sbx_reduce_forward,      \
        .adjoint = sbx_reduce_adjoint

#endif
