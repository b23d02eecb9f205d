/* net/reduce.c -- sums and means over dimensions: making, bounds, plain doubles.
 *
 * The backward step: L'_i = fl(L_j a) for the one j that element i is a term of; off by
 * u |L_j a| + rad |L_j| + eta [L-NET-41], with a = 1 by nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/reduce.h"

#include "base/try.h"
#include "net/lin.h"

/* ---- making ---------------------------------------------------------------------------- */

sbx_status sbx_reduce_axes(bool gone[SBX_NET_RANK], bool *keep, const sbx_net *net,
                           const sbx_node *nd, const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t rank = net->tensor[nd->in[0]].shape.rank;
    const sbx_attr *a = sbx_attr_find(attr, n_attr, "axes");
    const int64_t *axes = NULL;
    size_t n = 0;
    int64_t keepdims, noop;
    SBX_TRY(sbx_attr_int(&keepdims, 1, attr, n_attr, "keepdims", err));
    SBX_TRY(sbx_attr_int(&noop, 0, attr, n_attr, "noop_with_empty_axes", err));
    if (a && a->kind != SBX_ATTR_INTS)
        SBX_FAIL(err, SBX_ERR_PARSE, "attribute 'axes' is no list of integers");
    if (a) {
        axes = a->ints;
        n = a->n;
    }
    if (sbx_node_has(nd, 1)) SBX_TRY(sbx_op_ints(&axes, &n, net, nd, 1, "axes", err));
    for (size_t d = 0; d < rank; d++)
        gone[d] = n == 0 && noop == 0;
    for (size_t k = 0; k < n; k++) {
        size_t d;
        SBX_TRY(sbx_op_axis(&d, axes[k], rank, false, err));
        gone[d] = true;
    }
    *keep = keepdims != 0;
done:
    return st;
}

/* y's shape, and its index for each step in a dimension of x */
static void strides(sbx_shape *y, size_t step[SBX_NET_RANK], const sbx_shape *x, const bool *gone,
                    bool keep)
{
    size_t s = 1;
    y->rank = 0;
    for (size_t d = 0; d < x->rank; d++)
        if (!gone[d] || keep) y->dim[y->rank++] = gone[d] ? 1 : x->dim[d];
    for (size_t d = x->rank; d-- > 0;) {
        step[d] = gone[d] ? 0 : s;
        if (!gone[d]) s *= x->dim[d];
    }
}

sbx_status sbx_reduce_terms(sbx_shape *y, const size_t **term, sbx_net *net, const sbx_shape *x,
                            const bool gone[SBX_NET_RANK], bool keep, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t nx = sbx_shape_prod(x, 0, x->rank);
    size_t step[SBX_NET_RANK], at[SBX_NET_RANK] = {0}, ny, count, j = 0, *t, *used;
    strides(y, step, x, gone, keep);
    if (!term) goto done;
    ny = sbx_shape_prod(y, 0, y->rank);
    if (nx == 0 || ny == 0) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "an empty operand");
    count = nx / ny;
    SBX_TRY(sbx_op_mem(&t, net, nx, sizeof *t, err));
    SBX_TRY(sbx_op_mem(&used, net, ny, sizeof *used, err));
    for (size_t i = 0; i < nx; i++) {
        t[j * count + used[j]++] = i;
        for (size_t d = x->rank; d-- > 0;) {
            j += step[d];
            if (++at[d] < x->dim[d]) break;
            j -= step[d] * x->dim[d];
            at[d] = 0;
        }
    }
    *term = t;
done:
    return st;
}

sbx_status sbx_reduce_make(sbx_net *net, sbx_node *nd, const bool gone[SBX_NET_RANK], bool keep,
                           bool mean, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    sbx_shape y = {0};
    sbx_reduce *d;
    double *zero;
    SBX_TRY(sbx_reduce_terms(&y, NULL, net, &x, gone, keep, err));
    if (sbx_shape_prod(&y, 0, y.rank) == sbx_shape_prod(&x, 0, x.rank)) {
        SBX_TRY(sbx_op_view(net, nd, 0, 0, &y, err));
        goto done;
    }
    if (sbx_op_const(net, nd, 0)) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its input is constant");
    SBX_TRY(sbx_op_mem(&d, net, 1, sizeof *d, err));
    SBX_TRY(sbx_reduce_terms(&y, &d->term, net, &x, gone, keep, err));
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err));
    d->ny = sbx_shape_prod(&y, 0, y.rank);
    d->count = sbx_shape_prod(&x, 0, x.rank) / d->ny;
    d->mean = mean;
    d->a = mean ? 1.0 / (double)d->count : 1.0;
    d->rad = fma(-d->a, mean ? (double)d->count : 1.0, 1.0) == 0.0 ? 0.0 : SBX_U * d->a;
    SBX_TRY(sbx_op_mem(&zero, net, sbx_pad(d->ny), sizeof *zero, err));
    d->zero = zero;
    nd->data = d;
done:
    return st;
}

/* ---- bounds ------------------------------------------------------------------------------ */

size_t sbx_reduce_aux(const sbx_net *net, const sbx_node *nd)
{
    return sbx_pad(net->tensor[nd->out[0]].n);
}

sbx_status sbx_reduce_prepare(sbx_lin *l, const sbx_node *nd, double *aux, sbx_err *err)
{
    const sbx_reduce *d = nd->data;
    const double *m = l->mag[sbx_node_in(l->net, nd, 0)];
    const double g = d->mean ? sbx_up(sbx_gamma(1) * d->a + d->rad, 2) : 0.0; /* [L-NET-41] */
    (void)err;
    for (size_t j = 0; j < d->ny; j++) {
        double v = 0.0;
        for (size_t k = 0; k < d->count; k++)
            v += m[d->term[j * d->count + k]];
        aux[j] = sbx_up(g * sbx_up(v, d->count), 1); /* > 0 */
    }
    return SBX_OK;
}

sbx_status sbx_reduce_backward(sbx_lin *l, const sbx_node *nd, const double *aux, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_reduce *d = nd->data;
    const size_t t = sbx_node_in(l->net, nd, 0), ldx = sbx_pad(l->net->tensor[t].n);
    const double *a = sbx_lin_out(l, nd, 0);
    double *out;
    SBX_TRY(sbx_lin_open(l, &out, nd, 0, err));
    for (size_t r = 0; r < l->rows; r++)
        for (size_t j = 0; j < d->ny; j++) {
            const double v = a[r * sbx_pad(d->ny) + j] * d->a;
            for (size_t k = 0; k < d->count; k++)
                out[r * ldx + d->term[j * d->count + k]] = v;
        }
    sbx_lin_charge(l, nd, d->zero, aux, d->mean ? sbx_up(SBX_ETA * l->mag_sum[t], 1) : 0.0);
    sbx_lin_close(l, out, nd, 0);
done:
    return st;
}

/* ---- plain doubles ------------------------------------------------------------------------- */

void sbx_reduce_forward(double *y, const sbx_net *net, const sbx_node *nd, const double *const *x)
{
    const sbx_reduce *d = nd->data;
    (void)net;
    for (size_t j = 0; j < d->ny; j++) {
        double s = 0.0;
        for (size_t k = 0; k < d->count; k++)
            s += x[0][d->term[j * d->count + k]];
        y[j] = s * d->a;
    }
}

void sbx_reduce_adjoint(double *const *gx, const sbx_net *net, const sbx_node *nd, const double *gy,
                        const double *const *x, const double *y)
{
    const sbx_reduce *d = nd->data;
    (void)net;
    (void)x;
    (void)y;
    for (size_t i = 0; i < d->ny * d->count; i++)
        gx[0][d->term[i]] += gy[i / d->count] * d->a;
}
