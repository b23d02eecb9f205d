/* net/op_reducesumsquare.c -- ReduceSumSquare: a sum of squares.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/compose.h"

#include "base/try.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t y;
    SBX_TRY(sbx_compose_squares(&y, net, nd, attr, n_attr, err));
    SBX_TRY(sbx_compose_end(net, nd, y, err));
done:
    return st;
}

static const char *const attrs[] = {"axes", "keepdims", "noop_with_empty_axes", NULL};

const sbx_op sbx_op_reducesumsquare = {
    .name = "ReduceSumSquare", .min_in = 1, .max_in = 2, .attrs = attrs, .build = build};
