/* net/op_maxpool.c -- MaxPool, 1-D to 3-D: the largest element of each window; padding counts
 * for nothing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/extreme.h"

#include "base/alloc.h"
#include "base/try.h"
#include "net/window.h"

/* the groups of one plane of the input, then of the others; [most]: room for a window */
static sbx_status groups(sbx_extreme *d, sbx_net *net, const sbx_window *w, size_t planes,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t *n = w->n[SBX_SMALL], small = sbx_window_count(w, SBX_SMALL);
    const size_t large = sbx_window_count(w, SBX_LARGE), most = w->most[SBX_SMALL];
    size_t *start, *at, used = 0;
    uint32_t *p = sbx_alloc(most, sizeof *p), *k = sbx_alloc(most, sizeof *k);
    if (!p || !k) SBX_FAIL(err, SBX_ERR_NOMEM, "a network");
    d->ny = planes * small;
    SBX_TRY(sbx_op_mem(&start, net, d->ny + 1, sizeof *start, err));
    SBX_TRY(sbx_op_mem(&at, net, d->ny * most, sizeof *at, err));
    for (size_t j = 0; j < d->ny; j++) {
        const size_t s = j % small, q[3] = {s / (n[1] * n[2]), s / n[2] % n[1], s % n[2]};
        const size_t count = sbx_window_at(p, k, w, SBX_SMALL, q);
        if (count == 0) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "a window of padding only");
        for (size_t i = 0; i < count; i++)
            at[used++] = j / small * large + p[i];
        start[j + 1] = used;
    }
    d->start = start;
    d->at = at;
done:
    sbx_free(p);
    sbx_free(k);
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor *x = &net->tensor[nd->in[0]];
    const size_t rank = x->shape.rank, dims = rank - 2;
    sbx_extreme d = {0};
    sbx_shape y = x->shape;
    sbx_auto_pad automatic;
    sbx_window w;
    int64_t ceil, order;
    if (rank < 3 || x->n == 0) SBX_FAIL(err, SBX_ERR_PARSE, "an input of %zu dimensions", rank);
    if (rank > SBX_WINDOW_DIMS + 2)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "more than three dimensions of space");
    if (x->constant) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its input is constant");
    SBX_TRY(sbx_attr_int(&ceil, 0, attr, n_attr, "ceil_mode", err));
    SBX_TRY(sbx_attr_int(&order, 0, attr, n_attr, "storage_order", err)); /* of Indices */
    SBX_TRY(sbx_window_attrs(&w, &automatic, dims, NULL, attr, n_attr, err));
    for (size_t k = 0; k < dims; k++)
        w.n[SBX_LARGE][SBX_WINDOW_DIMS - dims + k] = x->shape.dim[2 + k];
    SBX_TRY(sbx_window_shrink(&w, automatic, ceil != 0, err));
    for (size_t k = 0; k < dims; k++)
        y.dim[2 + k] = w.n[SBX_SMALL][SBX_WINDOW_DIMS - dims + k];
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    SBX_TRY(sbx_window_tables(&w, net, err));
    SBX_TRY(groups(&d, net, &w, x->shape.dim[0] * x->shape.dim[1], err));
    SBX_TRY(sbx_extreme_make(net, nd, &d, &y, err));
done:
    return st;
}

static const char *const attrs[] = {"auto_pad", "ceil_mode",     "dilations", "kernel_shape",
                                    "pads",     "storage_order", "strides",   NULL};

const sbx_op sbx_op_maxpool = {
    .name = "MaxPool", .min_in = 1, .max_in = 1, .attrs = attrs, .build = build, SBX_EXTREME_OP};
