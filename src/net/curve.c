/* net/curve.c -- nonlinear functions of single elements: bounds, plain doubles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

#include "base/try.h"
#include "net/lin.h"
#include "relax/unary.h"

/* ---- making ---------------------------------------------------------------------- */

static sbx_status finish(sbx_net *net, sbx_node *nd, const sbx_curve *c, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape y = net->tensor[nd->in[0]].shape;
    const sbx_ivd one = {1.0, 1.0};
    sbx_ivd v;
    sbx_curve *d;
    for (size_t j = 0; j < (c->p ? net->tensor[nd->in[0]].n : 1); j++)
        SBX_TRY(sbx_range_unary(&v, sbx_curve_at(c, j), one, err)); /* looks at the parameters */
    SBX_TRY(sbx_op_mem(&d, net, 1, sizeof *d, err));
    *d = *c;
    nd->data = d;
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err));
done:
    return st;
}

sbx_status sbx_curve_make(sbx_net *net, sbx_node *nd, sbx_unary f, sbx_err *err)
{
    const sbx_curve c = {f, NULL, NULL};
    return finish(net, nd, &c, err);
}

/* the constant input k as doubles */
static sbx_status parameters(const double **p, sbx_net *net, const sbx_node *nd, size_t k,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *t = &net->tensor[nd->in[k]];
    double *v;
    if (!t->constant) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "input %zu is no constant", k + 1);
    *p = t->real;
    if (t->real) goto done;
    SBX_TRY(sbx_op_mem(&v, net, t->n, sizeof *v, err));
    for (size_t j = 0; j < t->n; j++) {
        if (t->integer[j] > 1L << 53 || t->integer[j] < -(1L << 53))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "input %zu: an integer beyond 2^53", k + 1);
        v[j] = (double)t->integer[j];
    }
    *p = v;
done:
    return st;
}

sbx_status sbx_curve_make_each(sbx_net *net, sbx_node *nd, sbx_unary f, size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape, s = net->tensor[nd->in[k]].shape;
    const size_t n = net->tensor[nd->in[k]].n;
    sbx_curve c = {f, NULL, NULL};
    sbx_shape y;
    bool same = true;
    SBX_TRY(sbx_shape_broadcast(&y, &x, &s, err));
    if (!sbx_shape_eq(&x, &y))
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "input %zu is larger than the first", k + 1);
    SBX_TRY(parameters(&c.p, net, nd, k, err));
    for (size_t j = 1; j < n; j++)
        same = same && c.p[j] <= c.p[0] && c.p[j] >= c.p[0]; /* NOLINT: set above */
    if (n && same) {
        c.f.p = c.p[0]; /* NOLINT: set above */
        c.p = NULL;
    } else
        SBX_TRY(sbx_op_broadcast_map(&c.map, net, &s, &x, err));
    SBX_TRY(finish(net, nd, &c, err));
done:
    return st;
}

/* ---- bounds ---------------------------------------------------------------------- */

/* a parameter of its own for each element: only relu's kind is known without it */
bool sbx_curve_settled(const sbx_node *nd, sbx_ivd x)
{
    const sbx_curve *c = nd->data;
    sbx_piece p[SBX_PIECES];
    if (c->p) return c->f.fn == SBX_FN_LEAKY_RELU && (x.lo >= 0.0 || x.hi <= 0.0);
    if (c->f.fn == SBX_FN_RELU) return x.lo >= 0.0 || x.hi <= 0.0;
    return x.lo >= -DBL_MAX && x.hi <= DBL_MAX && sbx_unary_pieces(p, &c->f, x) == 1 &&
           p[0].bend == SBX_LINEAR;
}

bool sbx_curve_slope_range(double *least, const sbx_node *nd, size_t j)
{
    const sbx_unary f = sbx_curve_at(nd->data, j);
    *least = f.fn == SBX_FN_LEAKY_RELU ? f.p : 0.0;
    return *least >= 0.0 && *least <= 1.0;
}

size_t sbx_curve_aux(const sbx_net *net, const sbx_node *nd)
{
    return 4 * sbx_pad(net->tensor[nd->out[0]].n);
}

/* An infinite end, or an x outside of the domain: the bounds of the output alone, or none
 * (NaN spreads). */
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
    const size_t t = sbx_node_in(l->net, nd, 0), n = l->net->tensor[t].n, ld = sbx_pad(n);
    const sbx_ivd *x = l->bound[t], *y = l->bound[nd->out[0]];
    for (size_t j = 0; j < n; j++) {
        const sbx_unary f = sbx_curve_at(nd->data, j);
        sbx_line_pair p;
        if (l->mag[t][j] <= DBL_MAX && sbx_unary_in_domain(&f, x[j]))
            SBX_TRY(sbx_relax_unary(&p, f, x[j], (double)NAN, err));
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

void sbx_curve_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x)
{
    for (size_t j = 0; j < net->tensor[nd->out[0]].n; j++) {
        const sbx_unary f = sbx_curve_at(nd->data, j);
        y[j] = sbx_unary_near(&f, x[0][j]);
    }
}

void sbx_curve_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                       const double *const *x, const double *y)
{
    (void)y;
    for (size_t j = 0; gx[0] && j < net->tensor[nd->out[0]].n; j++) {
        const sbx_unary f = sbx_curve_at(nd->data, j);
        gx[0][j] += sbx_unary_near_slope(&f, x[0][j]) * gy[j];
    }
}
