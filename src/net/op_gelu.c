/* net/op_gelu.c -- Gelu, with erf or with its tanh approximation.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

#include "base/try.h"

#include <string.h>

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_attr *a = sbx_attr_find(attr, n_attr, "approximate");
    const bool tanh_ = a && a->kind == SBX_ATTR_STRING && strcmp(a->s, "tanh") == 0;
    if (a && !tanh_ && !(a->kind == SBX_ATTR_STRING && strcmp(a->s, "none") == 0))
        SBX_FAIL(err, SBX_ERR_PARSE, "attribute 'approximate' is not \"none\" or \"tanh\"");
    SBX_TRY(sbx_curve_make(net, nd, (sbx_unary){tanh_ ? SBX_FN_GELU_TANH : SBX_FN_GELU, 0.0, 0.0},
                           err));
done:
    return st;
}

static const char *const attrs[] = {"approximate", NULL};

const sbx_op sbx_op_gelu = {.name = "Gelu",
                            .min_in = 1,
                            .max_in = 1,
                            .attrs = attrs,
                            .build = build,
                            .prepare = sbx_curve_prepare,
                            SBX_CURVE_OP};
