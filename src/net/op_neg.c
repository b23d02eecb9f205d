/* net/op_neg.c -- Neg.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    (void)attr;
    (void)n_attr;
    return sbx_ew_neg(net, nd, err);
}

const sbx_op sbx_op_neg = {
    .name = "Neg", .min_in = 1, .max_in = 1, .folds = true, .build = build, SBX_EW_OP};
