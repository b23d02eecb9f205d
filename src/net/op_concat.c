/* net/op_concat.c -- Concat along an axis.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

/* *y: the shape; every input has to have the rank and the other dimensions of the first */
static sbx_status join(sbx_shape *y, size_t axis, const sbx_net *net, const sbx_node *nd,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    char tx[SBX_SHAPE_TEXT], ty[SBX_SHAPE_TEXT];
    for (size_t k = 1; k < nd->n_in; k++) {
        sbx_shape x;
        size_t d;
        if (!sbx_node_has(nd, k)) SBX_FAIL(err, SBX_ERR_PARSE, "input %zu is missing", k + 1);
        x = net->tensor[nd->in[k]].shape;
        d = x.rank == y->rank ? x.dim[axis] : 0;
        if (x.rank == y->rank) x.dim[axis] = y->dim[axis];
        if (!sbx_shape_eq(&x, y))
            SBX_FAIL(err, SBX_ERR_PARSE, "shapes %s and %s along axis %zu",
                     sbx_shape_text(tx, &net->tensor[nd->in[k]].shape), sbx_shape_text(ty, y),
                     axis);
        if (d > SIZE_MAX / 2 - y->dim[axis]) SBX_FAIL(err, SBX_ERR_LIMIT, "the shape");
        y->dim[axis] += d;
    }
done:
    return st;
}

/* where each element of y comes from */
static sbx_status places(sbx_move *m, sbx_net *net, const sbx_node *nd, const sbx_shape *y,
                         size_t axis, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = sbx_shape_prod(y, 0, y->rank), outer = sbx_shape_prod(y, 0, axis);
    const size_t inner = sbx_shape_prod(y, axis + 1, y->rank), row = y->dim[axis] * inner;
    size_t *in, *from, at = 0;
    SBX_TRY(sbx_op_mem(&in, net, n, sizeof *in, err));
    SBX_TRY(sbx_op_mem(&from, net, n, sizeof *from, err));
    for (size_t k = 0; k < nd->n_in; k++) {
        const size_t part = net->tensor[nd->in[k]].shape.dim[axis] * inner;
        for (size_t o = 0; o < outer; o++)
            for (size_t i = 0; i < part; i++) {
                in[o * row + at + i] = k;
                from[o * row + at + i] = o * part + i;
            }
        at += part;
    }
    *m = (sbx_move){.in = in, .from = from};
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_shape y = net->tensor[nd->in[0]].shape;
    sbx_move m = {0};
    int64_t v;
    size_t axis;
    if (!sbx_attr_find(attr, n_attr, "axis")) SBX_FAIL(err, SBX_ERR_PARSE, "it has no axis");
    SBX_TRY(sbx_attr_int(&v, 0, attr, n_attr, "axis", err));
    SBX_TRY(sbx_op_axis(&axis, v, y.rank, false, err));
    SBX_TRY(join(&y, axis, net, nd, err));
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    SBX_TRY(places(&m, net, nd, &y, axis, err));
    SBX_TRY(sbx_ew_move(net, nd, &y, &m, err));
done:
    return st;
}

static const char *const attrs[] = {"axis", NULL};

const sbx_op sbx_op_concat = {.name = "Concat",
                              .min_in = 1,
                              .max_in = SIZE_MAX,
                              .attrs = attrs,
                              .folds = true,
                              .build = build,
                              SBX_EW_OP};
