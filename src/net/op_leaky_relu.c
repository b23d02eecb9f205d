/* net/op_leaky_relu.c -- LeakyRelu with a slope in [0,1].
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

#include "base/try.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    double alpha;
    SBX_TRY(sbx_attr_float(&alpha, (double)0.01f, attr, n_attr, "alpha", err)); /* as float32 */
    if (!(alpha >= 0.0 && alpha <= 1.0))
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "alpha is outside of [0,1]");
    SBX_TRY(sbx_curve_make(net, nd, SBX_FN_LEAKY_RELU, alpha, err));
done:
    return st;
}

static void slope_range(double *least, const sbx_node *nd)
{
    *least = ((const sbx_curve *)nd->data)->param;
}

static const char *const attrs[] = {"alpha", NULL};

const sbx_op sbx_op_leaky_relu = {.name = "LeakyRelu",
                                  .min_in = 1,
                                  .max_in = 1,
                                  .attrs = attrs,
                                  .build = build,
                                  .prepare = sbx_curve_prepare,
                                  .settled = sbx_curve_one_sign,
                                  .slope_range = slope_range,
                                  SBX_CURVE_OP};
