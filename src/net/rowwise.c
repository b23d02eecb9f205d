/* net/rowwise.c -- softmax and log-softmax of rows: making, plain doubles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/rowwise.h"

#include "base/try.h"
#include "softbox/kernel.h"

#include <math.h>

/* Before opset 13 the input counts as two-dimensional, split at the axis (default 1), and
 * a row is all that is behind it; from then on a row runs along the axis (default -1). */
sbx_status sbx_rowwise_make(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                            bool logs, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    const bool old = net->opset < 13;
    sbx_rowwise *d;
    int64_t v;
    size_t axis;
    if (sbx_op_const(net, nd, 0)) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its input is constant");
    SBX_TRY(sbx_attr_int(&v, old ? 1 : -1, attr, n_attr, "axis", err));
    SBX_TRY(sbx_op_axis(&axis, v, x.rank, old, err));
    SBX_TRY(sbx_op_mem(&d, net, 1, sizeof *d, err));
    d->outer = sbx_shape_prod(&x, 0, axis);
    d->len = old ? sbx_shape_prod(&x, axis, x.rank) : x.dim[axis];
    d->inner = old ? 1 : sbx_shape_prod(&x, axis + 1, x.rank);
    if (d->len > 1u << 20) SBX_FAIL(err, SBX_ERR_LIMIT, "rows of %zu elements", d->len);
    d->logs = logs;
    nd->data = d;
    SBX_TRY(sbx_op_out(net, nd, 0, &x, err));
done:
    return st;
}

size_t sbx_rowwise_row(const sbx_node *nd, size_t j)
{
    const sbx_rowwise *d = nd->data;
    return j / (d->len * d->inner) * d->inner + j % d->inner;
}

/* ---- plain doubles --------------------------------------------------------------- */

/* about e^x, x <= 0 */
static double exp_near(double x)
{
    double y, k;
    if (!(x > -700.0)) return 0.0;
    sbx_exp_bulk(&y, &k, &x, 1);
    return ldexp(y, (int)k);
}

/* about log x, x >= 1, by Newton's steps on e^y = x */
static double log_near(double x)
{
    int k;
    double m = frexp(x, &k), y;
    y = (m - 1.0) - 0.5 * (m - 1.0) * (m - 1.0) + 0.6931471805599453 * k;
    for (int i = 0; i < 4; i++)
        y += x * exp_near(-y) - 1.0;
    return y;
}

void sbx_rowwise_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x)
{
    const sbx_rowwise *d = nd->data;
    (void)net;
    for (size_t g = 0; g < d->outer * d->inner; g++) {
        const size_t at = sbx_rowwise_at(d, g), step = d->inner;
        const double *v = x[0] + at;
        double top = v[0], s = 0.0;
        for (size_t j = 1; j < d->len; j++)
            top = fmax(top, v[j * step]);
        for (size_t j = 0; j < d->len; j++)
            s += y[at + j * step] = exp_near(v[j * step] - top);
        for (size_t j = 0; j < d->len; j++)
            y[at + j * step] = d->logs ? v[j * step] - top - log_near(s) : y[at + j * step] / s;
    }
}

void sbx_rowwise_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd,
                         const double *gy, const double *const *x, const double *y)
{
    const sbx_rowwise *d = nd->data;
    (void)net;
    (void)x;
    for (size_t g = 0; g < d->outer * d->inner; g++) {
        const size_t at = sbx_rowwise_at(d, g);
        double s = 0.0; /* softmax: sum gy p; log-softmax: sum gy */
        for (size_t j = 0; j < d->len; j++)
            s += gy[at + j * d->inner] * (d->logs ? 1.0 : y[at + j * d->inner]);
        for (size_t j = 0; j < d->len; j++) {
            const size_t i = at + j * d->inner;
            gx[0][i] += d->logs ? gy[i] - exp_near(fmin(y[i], 0.0)) * s : y[i] * (gy[i] - s);
        }
    }
}
