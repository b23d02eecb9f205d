/* net/op_mul.c -- Mul, with broadcasting: by a constant, or of two variables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"
#include "net/pair.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    (void)attr;
    (void)n_attr;
    if (!sbx_op_const(net, nd, 0) && !sbx_op_const(net, nd, 1))
        return sbx_pair_make(net, nd, false, err);
    return sbx_ew_binary(net, nd, SBX_EW_MUL, err);
}

const sbx_op sbx_op_mul = {
    .name = "Mul", .min_in = 2, .max_in = 2, .folds = true, .build = build, SBX_EW_OP};
