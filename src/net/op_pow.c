/* net/op_pow.c -- Pow with a constant exponent, or with a constant base: a^x = exp(x log a),
 * a > 0 [L-NET-90].
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

#include "base/try.h"
#include "net/compose.h"

static sbx_status exponential(sbx_net *net, sbx_node *nd, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor a = net->tensor[nd->in[0]];
    const char *const reason = "a constant base that is not above 0";
    size_t t = 0;
    if (!a.real) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "a constant base of integers");
    for (size_t j = 0; j < a.n; j++)
        if (!(a.real[j] > 0.0)) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "%s: %g", reason, a.real[j]);
    SBX_TRY(sbx_compose_node(&t, net, nd, "Log", nd->in[0], SBX_NO_TENSOR, NULL, 0, err));
    SBX_TRY(sbx_compose_node(&t, net, nd, "Mul", nd->in[1], t, NULL, 0, err));
    SBX_TRY(sbx_compose_node(&t, net, nd, "Exp", t, SBX_NO_TENSOR, NULL, 0, err));
    SBX_TRY(sbx_compose_end(net, nd, t, err));
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    (void)attr;
    (void)n_attr;
    if (sbx_op_const(net, nd, 0) && !sbx_op_const(net, nd, 1)) {
        SBX_TRY(exponential(net, nd, err));
        goto done;
    }
    if (!sbx_op_const(net, nd, 1))
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "neither its base nor its exponent is constant");
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
