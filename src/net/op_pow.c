/* net/op_pow.c -- Pow with a constant exponent.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

#include "base/try.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    (void)attr;
    (void)n_attr;
    if (!sbx_op_const(net, nd, 1))
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its exponent is no constant");
    SBX_TRY(sbx_curve_make_each(net, nd, (sbx_unary){SBX_FN_POW, 0.0, 0.0}, 1, err));
done:
    return st;
}

const sbx_op sbx_op_pow = {.name = "Pow",
                           .min_in = 2,
                           .max_in = 2,
                           .build = build,
                           .prepare = sbx_curve_prepare,
                           SBX_CURVE_OP};
