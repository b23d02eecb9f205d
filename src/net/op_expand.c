/* net/op_expand.c -- Expand to a shape by broadcasting; Tile.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

/* the sizes of input 1 as a shape */
static sbx_status read_shape(sbx_shape *s, const sbx_net *net, const sbx_node *nd, const char *what,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    const int64_t *v;
    size_t n;
    SBX_TRY(sbx_op_ints(&v, &n, net, nd, 1, what, err));
    if (n > SBX_NET_RANK) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "%zu dimensions", n);
    *s = (sbx_shape){.rank = n};
    for (size_t k = 0; k < n; k++) {
        if (v[k] < 0) SBX_FAIL(err, SBX_ERR_PARSE, "a size of %lld", (long long)v[k]);
        s->dim[k] = (size_t)v[k];
    }
done:
    return st;
}

static sbx_status expand(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    sbx_shape to;
    sbx_axes a = {0};
    size_t lead;
    (void)attr;
    (void)n_attr;
    SBX_TRY(read_shape(&to, net, nd, "the shape", err));
    SBX_TRY(sbx_shape_broadcast(&a.y, &x, &to, err));
    lead = a.y.rank - x.rank;
    a.x.rank = a.y.rank;
    for (size_t k = 0; k < a.y.rank; k++) {
        a.x.dim[k] = k < lead ? 1 : x.dim[k - lead];
        if (a.x.dim[k] == a.y.dim[k]) continue;
        SBX_TRY(sbx_axes_index(&a, k, net, err));
        for (size_t i = 0; i < a.y.dim[k]; i++)
            a.index[k][i] = 0;
    }
    SBX_TRY(sbx_ew_axes(net, nd, NULL, &a, err));
done:
    return st;
}

static sbx_status tile(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    sbx_axes a = {.x = x, .y = x};
    sbx_shape times = {0};
    (void)attr;
    (void)n_attr;
    SBX_TRY(read_shape(&times, net, nd, "the list of repeats", err));
    if (times.rank != x.rank)
        SBX_FAIL(err, SBX_ERR_PARSE, "%zu repeats of %zu dimensions", times.rank, x.rank);
    for (size_t k = 0; k < x.rank; k++) {
        if (times.dim[k] && x.dim[k] > SIZE_MAX / 16 / times.dim[k])
            SBX_FAIL(err, SBX_ERR_LIMIT, "the shape");
        a.y.dim[k] = x.dim[k] * times.dim[k];
        SBX_TRY(sbx_axes_index(&a, k, net, err));
        for (size_t i = 0; i < a.y.dim[k]; i++)
            a.index[k][i] = i % x.dim[k];
    }
    SBX_TRY(sbx_ew_axes(net, nd, NULL, &a, err));
done:
    return st;
}

const sbx_op sbx_op_expand = {
    .name = "Expand", .min_in = 2, .max_in = 2, .folds = true, .build = expand, SBX_EW_OP};
const sbx_op sbx_op_tile = {
    .name = "Tile", .min_in = 2, .max_in = 2, .folds = true, .build = tile, SBX_EW_OP};
