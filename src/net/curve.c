/* net/curve.c -- nonlinear functions of single elements: bounds, plain doubles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

#include "base/try.h"
#include "net/lin.h"
#include "softbox/kernel.h"

sbx_status sbx_curve_make(sbx_net *net, sbx_node *nd, sbx_unary_fn fn, double param, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape y = net->tensor[nd->in[0]].shape;
    sbx_curve *c;
    if (sbx_op_const(net, nd, 0)) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its input is constant");
    SBX_TRY(sbx_op_mem(&c, net, 1, sizeof *c, err));
    *c = (sbx_curve){fn, param};
    nd->data = c;
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err));
done:
    return st;
}

bool sbx_curve_one_sign(const sbx_node *nd, sbx_ivd x)
{
    (void)nd;
    return x.lo >= 0.0 || x.hi <= 0.0;
}

/* ---- bounds ---------------------------------------------------------------------- */

size_t sbx_curve_aux(const sbx_net *net, const sbx_node *nd)
{
    return 4 * sbx_pad(net->tensor[nd->out[0]].n);
}

/* An infinite end: the bounds of the output alone, or none (NaN spreads). */
static sbx_line_pair flat(sbx_ivd y)
{
    sbx_line_pair p = {0.0, y.lo, 0.0, y.hi};
    if (!(y.lo >= -DBL_MAX)) p.lo_a = p.lo_b = (double)NAN;
    if (!(y.hi <= DBL_MAX)) p.hi_a = p.hi_b = (double)NAN;
    return p;
}

sbx_status sbx_curve_prepare(sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_curve *c = nd->data;
    const size_t t = sbx_node_in(l->net, nd, 0), n = l->net->tensor[t].n, ld = sbx_pad(n);
    const sbx_ivd *x = l->bound[t], *y = l->bound[nd->out[0]];
    for (size_t j = 0; j < n; j++) {
        sbx_line_pair p;
        if (l->mag[t][j] <= DBL_MAX)
            SBX_TRY(sbx_relax_unary(&p, c->fn, c->param, x[j], (double)NAN, err));
        else
            p = flat(y[j]);
        aux[j] = p.lo_a;
        aux[ld + j] = p.lo_b;
        aux[2 * ld + j] = p.hi_a;
        aux[3 * ld + j] = p.hi_b;
    }
done:
    return st;
}

sbx_status sbx_curve_backward(sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err)
{
    const size_t ld = sbx_pad(l->net->tensor[nd->out[0]].n);
    const double *const line[4] = {aux, aux + ld, aux + 2 * ld, aux + 3 * ld};
    return sbx_lin_slopes(l, nd, line, err);
}

/* ---- plain doubles --------------------------------------------------------------- */

/* about e^x */
static double exp_near(double x)
{
    double y, k;
    x = fmin(fmax(x, -700.0), 700.0);
    sbx_exp_bulk(&y, &k, &x, 1);
    return ldexp(y, (int)k);
}

static double value(const sbx_curve *c, double x)
{
    if (c->fn == SBX_FN_RELU) return x > 0.0 ? x : 0.0;
    if (c->fn == SBX_FN_LEAKY_RELU) return x > 0.0 ? x : c->param * x;
    if (c->fn == SBX_FN_SIGMOID) return 1.0 / (1.0 + exp_near(-x));
    return 2.0 / (1.0 + exp_near(-2.0 * x)) - 1.0; /* tanh */
}

static double slope(const sbx_curve *c, double x, double y)
{
    if (c->fn == SBX_FN_RELU) return x > 0.0 ? 1.0 : 0.0;
    if (c->fn == SBX_FN_LEAKY_RELU) return x > 0.0 ? 1.0 : c->param;
    if (c->fn == SBX_FN_SIGMOID) return y * (1.0 - y);
    return (1.0 - y) * (1.0 + y);
}

void sbx_curve_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x)
{
    for (size_t j = 0; j < net->tensor[nd->out[0]].n; j++)
        y[j] = value(nd->data, x[0][j]);
}

void sbx_curve_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                       const double *const *x, const double *y)
{
    for (size_t j = 0; j < net->tensor[nd->out[0]].n; j++)
        gx[0][j] += slope(nd->data, x[0][j], y[j]) * gy[j];
}
