/* net/batchnorm.h -- BatchNormalization for inference:
 *
 *   y = scale (x - mean) / sqrt(var + epsilon) + bias
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_BATCHNORM_H
#define SBX_NET_BATCHNORM_H

#include "net/ew.h"

typedef struct sbx_batchnorm {
    sbx_ew ew;         /* y = a x + b, both with a radius: the backward step is its */
    size_t each, kept; /* element j has the statistics of j / each % kept */
    double epsilon;
    const double *scale, *bias, *mean, *var; /* [kept] */
} sbx_batchnorm;

#define SBX_BATCHNORM_DECLARE(S)                                                                 \
    sbx_status sbx_batchnorm_eval_##S(sbx_##S *const *y, const sbx_net *net, const sbx_node *nd, \
                                      const sbx_##S *const *x, const sbx_ctx *ctx, sbx_err *err);
SBX_BATCHNORM_DECLARE(f32)
SBX_BATCHNORM_DECLARE(f64)
SBX_BATCHNORM_DECLARE(lowp)
SBX_BATCHNORM_DECLARE(mpf)
SBX_BATCHNORM_DECLARE(mpq)
SBX_BATCHNORM_DECLARE(ivd)
SBX_BATCHNORM_DECLARE(ivf)
SBX_BATCHNORM_DECLARE(ivq)

#endif
