/* net/op_averagepool.c -- AveragePool, 1-D to 3-D: a sum over windows, divided by the number
 * of elements of the window, or of places in the padded input [L-NET-41].
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/conv.h"

#include "base/try.h"

/* the divisor of position p of the output in one dimension; 0: there is none */
static size_t count_of(const sbx_window *w, size_t d, size_t p, bool include)
{
    const uint32_t *start = w->meet[SBX_SMALL][d].start;
    const size_t whole = w->n[SBX_LARGE][d] + w->before[d] + w->after[d];
    if (!include) return start[p + 1] - start[p];
    /* where a last window leaves the padded input, runtimes do not agree on its size */
    return p * w->stride[d] + w->ker[d] <= whole ? w->ker[d] : 0;
}

static sbx_status counts(const double **count, sbx_net *net, sbx_conv *d, bool include,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t *n = d->win.n[SBX_SMALL], all = sbx_window_count(&d->win, SBX_SMALL);
    double *c;
    SBX_TRY(sbx_window_tables(&d->win, net, err));
    SBX_TRY(sbx_op_mem(&c, net, all, sizeof *c, err));
    for (size_t p = 0; p < all; p++) {
        const size_t q[3] = {p / (n[1] * n[2]), p / n[2] % n[1], p % n[2]};
        c[p] = 1.0;
        for (size_t k = 0; k < SBX_WINDOW_DIMS; k++)
            c[p] *= (double)count_of(&d->win, k, q[k], include);
        if (!(c[p] >= 1.0 && c[p] <= 0x1p53))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "a window of padding only, or that leaves the %s",
                     "padded input with count_include_pad");
    }
    *count = c;
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *x = &net->tensor[nd->in[0]];
    const size_t rank = x->shape.rank, dims = rank - 2;
    sbx_conv d = {.x = SBX_LARGE, .y = SBX_SMALL, .groups = 1, .ch = {1, 1}};
    sbx_shape y = x->shape;
    int64_t include, ceil;
    sbx_auto_pad automatic;
    if (rank < 3 || x->n == 0) SBX_FAIL(err, SBX_ERR_PARSE, "an input of %zu dimensions", rank);
    if (rank > SBX_WINDOW_DIMS + 2)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "more than three dimensions of space");
    if (x->constant) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its input is constant");
    SBX_TRY(sbx_attr_int(&include, 0, attr, n_attr, "count_include_pad", err));
    SBX_TRY(sbx_attr_int(&ceil, 0, attr, n_attr, "ceil_mode", err));
    SBX_TRY(sbx_window_attrs(&d.win, &automatic, dims, NULL, attr, n_attr, err));
    for (size_t k = 0; k < dims; k++)
        d.win.n[SBX_LARGE][SBX_WINDOW_DIMS - dims + k] = x->shape.dim[2 + k];
    SBX_TRY(sbx_window_shrink(&d.win, automatic, ceil != 0, err));
    for (size_t k = 0; k < dims; k++)
        y.dim[2 + k] = d.win.n[SBX_SMALL][SBX_WINDOW_DIMS - dims + k];
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    SBX_TRY(counts(&d.count, net, &d, include != 0, err));
    d.batch = x->shape.dim[0] * x->shape.dim[1];
    SBX_TRY(sbx_conv_make(net, nd, &d, NULL, NULL, err));
done:
    return st;
}

static const char *const attrs[] = {
    "auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides", NULL};

const sbx_op sbx_op_averagepool = {
    .name = "AveragePool", .min_in = 1, .max_in = 1, .attrs = attrs, .build = build, SBX_CONV_OP};
