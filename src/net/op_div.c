/* net/op_div.c -- Div, with broadcasting: by a constant, or by a variable.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"
#include "net/pair.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    (void)attr;
    (void)n_attr;
    if (!sbx_op_const(net, nd, 1)) return sbx_pair_make(net, nd, true, err);
    return sbx_ew_binary(net, nd, SBX_EW_DIV, err);
}

const sbx_op sbx_op_div = {
    .name = "Div", .min_in = 2, .max_in = 2, .folds = true, .build = build, SBX_EW_OP};
