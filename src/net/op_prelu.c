/* net/op_prelu.c -- PRelu with constant slopes, one or one an element.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    (void)attr;
    (void)n_attr;
    return sbx_curve_make_each(net, nd, (sbx_unary){SBX_FN_LEAKY_RELU, 0.0, 0.0}, 1, err);
}

const sbx_op sbx_op_prelu = {.name = "PRelu",
                             .min_in = 2,
                             .max_in = 2,
                             .build = build,
                             .prepare = sbx_curve_prepare,
                             .slope_range = sbx_curve_slope_range,
                             SBX_CURVE_OP};
