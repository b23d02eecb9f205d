/* net/op_sigmoid.c -- Sigmoid.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    (void)attr;
    (void)n_attr;
    return sbx_curve_make(net, nd, SBX_FN_SIGMOID, 0.0, err);
}

const sbx_op sbx_op_sigmoid = {.name = "Sigmoid",
                               .min_in = 1,
                               .max_in = 1,
                               .build = build,
                               .prepare = sbx_curve_prepare,
                               SBX_CURVE_OP};
