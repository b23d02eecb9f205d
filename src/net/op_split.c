/* net/op_split.c -- Split, an output at a time; the sizes are an attribute before opset 13,
 * an input from then on; without them the parts are equal, from opset 18 on but for the last.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

/* the part of d elements that is this node's: *first and *n */
static sbx_status part(size_t *first, size_t *n, size_t d, const sbx_net *net, const sbx_node *nd,
                       const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const int64_t *size;
    int64_t parts;
    size_t sizes, sum = 0, each;
    SBX_TRY(sbx_op_ints_of(&size, &sizes, net, nd, 1, attr, n_attr, "split", err));
    SBX_TRY(sbx_attr_int(&parts, (int64_t)nd->parts, attr, n_attr, "num_outputs", err));
    if (parts != (int64_t)nd->parts || (size && sizes != nd->parts))
        SBX_FAIL(err, SBX_ERR_PARSE, "its outputs are %zu, not as many as its parts", nd->parts);
    if (!size) {
        each = (d + nd->parts - 1) / nd->parts;
        if (net->opset < 18 && each * nd->parts != d)
            SBX_FAIL(err, SBX_ERR_PARSE, "%zu elements in %zu equal parts", d, nd->parts);
        *first = nd->part * each < d ? nd->part * each : d;
        *n = d - *first < each ? d - *first : each;
        goto done;
    }
    for (size_t k = 0; k < sizes; k++) {
        if (size[k] < 0 || (size_t)size[k] > d - sum)
            SBX_FAIL(err, SBX_ERR_PARSE, "parts that are not %zu elements", d);
        if (k == nd->part) {
            *first = sum;
            *n = (size_t)size[k];
        }
        sum += (size_t)size[k];
    }
    if (sum != d) SBX_FAIL(err, SBX_ERR_PARSE, "parts of %zu elements together, not %zu", sum, d);
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    sbx_axes a = {.x = x, .y = x};
    int64_t v;
    size_t axis, first = 0, n = 0;
    SBX_TRY(sbx_attr_int(&v, 0, attr, n_attr, "axis", err));
    SBX_TRY(sbx_op_axis(&axis, v, x.rank, false, err));
    SBX_TRY(part(&first, &n, x.dim[axis], net, nd, attr, n_attr, err));
    a.y.dim[axis] = n;
    SBX_TRY(sbx_axes_index(&a, axis, net, err));
    for (size_t i = 0; i < n; i++)
        a.index[axis][i] = first + i;
    SBX_TRY(sbx_ew_axes(net, nd, NULL, &a, err));
done:
    return st;
}

static const char *const attrs[] = {"axis", "split", "num_outputs", NULL};

const sbx_op sbx_op_split = {.name = "Split",
                             .min_in = 1,
                             .max_in = 2,
                             .attrs = attrs,
                             .folds = true,
                             .apart = true,
                             .build = build,
                             SBX_EW_OP};
