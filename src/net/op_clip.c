/* net/op_clip.c -- Clip: its ends are attributes before opset 11, constant inputs from then on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

#include "base/try.h"

#include <float.h>
#include <math.h>

/* the one number of input k, where it is there */
static sbx_status end(double *v, const sbx_net *net, const sbx_node *nd, size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *t;
    if (!sbx_node_has(nd, k)) goto done;
    t = &net->tensor[nd->in[k]];
    if (!t->constant) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "input %zu is no constant", k + 1);
    if (t->n != 1 || !t->real) SBX_FAIL(err, SBX_ERR_PARSE, "input %zu is no real number", k + 1);
    *v = t->real[0];
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    double lo = -HUGE_VAL, hi = HUGE_VAL;
    if (net->opset < 11) {
        if (nd->n_in > 1) SBX_FAIL(err, SBX_ERR_PARSE, "ends as inputs before opset 11");
        SBX_TRY(sbx_attr_float(&lo, -(double)FLT_MAX, attr, n_attr, "min", err));
        SBX_TRY(sbx_attr_float(&hi, (double)FLT_MAX, attr, n_attr, "max", err));
    } else if (n_attr) {
        SBX_FAIL(err, SBX_ERR_PARSE, "ends as attributes from opset 11 on");
    }
    SBX_TRY(end(&lo, net, nd, 1, err));
    SBX_TRY(end(&hi, net, nd, 2, err));
    if (hi < lo) lo = hi; /* the upper end wins */
    SBX_TRY(sbx_curve_make(net, nd, (sbx_unary){SBX_FN_CLIP, lo, hi}, err));
done:
    return st;
}

static const char *const attrs[] = {"min", "max", NULL};

const sbx_op sbx_op_clip = {.name = "Clip",
                            .min_in = 1,
                            .max_in = 3,
                            .attrs = attrs,
                            .build = build,
                            .prepare = sbx_curve_prepare,
                            SBX_CURVE_OP};
