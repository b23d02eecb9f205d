/* net/op_relu.c -- Relu, with its lines for whole arrays.
 *
 * On [l,u], l < 0 < u: max(x, 0) <= s x + t for s = fl(u/(u-l)) in [0,1] and
 * t >= max(-s l, u - s u), since the difference is convex with its largest values at the
 * ends; a x <= max(x, 0) for every a in [0,1] [L-RLX-12].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"
#include "net/lin.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    (void)attr;
    (void)n_attr;
    return sbx_curve_make(net, nd, (sbx_unary){SBX_FN_RELU, 0.0, 0.0}, err);
}

static sbx_status prepare(sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err)
{
    const size_t t = sbx_node_in(l->net, nd, 0), n = l->net->tensor[t].n, ld = sbx_pad(n);
    const sbx_ivd *x = l->bound[t];
    double *al = aux, *au = aux + 2 * ld, *bu = aux + 3 * ld; /* bl stays 0 */
    (void)err;
    for (size_t j = 0; j < n; j++) {
        const double lo = x[j].lo, hi = x[j].hi;
        double s = hi / (hi - lo), b;
        if (s > 1.0) s = 1.0; /* in [0,1], or NaN when an end is infinite */
        b = fmax(sbx_mul_hi(s, -lo), sbx_fma_hi(-s, hi, hi));
        if (!(s >= 0.0)) b = s = (double)NAN; /* no line above: nothing is proved through it */
        al[j] = hi > -lo ? 1.0 : 0.0;         /* the smaller area */
        if (lo >= 0.0) {
            al[j] = s = 1.0;
            b = 0.0;
        } else if (hi <= 0.0)
            al[j] = s = b = 0.0;
        au[j] = s;
        bu[j] = b;
    }
    return SBX_OK;
}

const sbx_op sbx_op_relu = {.name = "Relu",
                            .min_in = 1,
                            .max_in = 1,
                            .build = build,
                            .prepare = prepare,
                            .slope_range = sbx_curve_slope_range,
                            SBX_CURVE_OP};
