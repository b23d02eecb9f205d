/* net/op_shape.c -- Shape, Size, ConstantOfShape, Range: constants made of sizes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include "base/try.h"

#include <math.h>

/* an end of the list of dimensions: negative ones count from the last; then cut to the list */
static size_t list_end(int64_t v, size_t rank)
{
    const int64_t r = (int64_t)rank;
    if (v < 0) v += r;
    return v < 0 ? 0 : v > r ? rank : (size_t)v;
}

static sbx_status shape(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    sbx_shape y = {.rank = 1};
    int64_t start, end, *v;
    size_t first, last;
    SBX_TRY(sbx_attr_int(&start, 0, attr, n_attr, "start", err));
    SBX_TRY(sbx_attr_int(&end, (int64_t)x.rank, attr, n_attr, "end", err));
    first = list_end(start, x.rank);
    last = list_end(end, x.rank);
    y.dim[0] = last > first ? last - first : 0;
    SBX_TRY(sbx_op_mem(&v, net, y.dim[0], sizeof *v, err));
    for (size_t k = 0; k < y.dim[0]; k++)
        v[k] = (int64_t)x.dim[first + k];
    SBX_TRY(sbx_op_fold(net, nd, 0, &y, NULL, v, err));
done:
    return st;
}

static sbx_status size(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape y = {0};
    int64_t *v;
    (void)attr;
    (void)n_attr;
    SBX_TRY(sbx_op_mem(&v, net, 1, sizeof *v, err));
    *v = (int64_t)net->tensor[nd->in[0]].n;
    SBX_TRY(sbx_op_fold(net, nd, 0, &y, NULL, v, err));
done:
    return st;
}

static sbx_status constant(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_attr *value = sbx_attr_find(attr, n_attr, "value");
    const int64_t *dim, *from = NULL;
    int64_t *ints = NULL;
    double fill = 0.0, *real = NULL;
    sbx_shape y = {0};
    size_t n;
    SBX_TRY(sbx_op_ints(&dim, &y.rank, net, nd, 0, "the shape", err));
    if (y.rank > SBX_NET_RANK) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "%zu dimensions", y.rank);
    for (size_t k = 0; k < y.rank; k++) {
        if (dim[k] < 0) SBX_FAIL(err, SBX_ERR_PARSE, "a size of %lld", (long long)dim[k]);
        y.dim[k] = (size_t)dim[k];
    }
    if (value && (value->kind != SBX_ATTR_TENSOR || value->tensor.n != 1))
        SBX_FAIL(err, SBX_ERR_PARSE, "its value is not one number");
    if (value && value->tensor.real) fill = value->tensor.real[0];
    if (value) from = value->tensor.integer;
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    n = net->tensor[nd->out[0]].n;
    if (from)
        SBX_TRY(sbx_op_mem(&ints, net, n, sizeof *ints, err));
    else
        SBX_TRY(sbx_op_mem(&real, net, n, sizeof *real, err));
    for (size_t j = 0; ints && j < n; j++)
        ints[j] = *from;
    for (size_t j = 0; real && j < n; j++)
        real[j] = fill;
    if (value) net->tensor[nd->out[0]].elem = value->tensor.elem;
    SBX_TRY(sbx_op_fold(net, nd, 0, &y, real, ints, err));
done:
    return st;
}

/* the three numbers, when they are integers, of either type, below 2^53 */
static bool three(int64_t v[3], const sbx_net *net, const sbx_node *nd)
{
    for (size_t k = 0; k < 3; k++) {
        const sbx_tensor *t = &net->tensor[nd->in[k]];
        if (!t->constant || t->n != 1 || !t->real != !net->tensor[nd->in[0]].real) return false;
        if (t->real && !(fabs(t->real[0]) < 0x1p53 && floor(t->real[0]) == t->real[0]))
            return false;
        v[k] = t->real ? (int64_t)t->real[0] : t->integer[0];
        if (v[k] <= -((int64_t)1 << 53) || v[k] >= (int64_t)1 << 53) return false;
    }
    return true;
}

static sbx_status range(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_shape y = {.rank = 1};
    int64_t v[3], n, *ints = NULL;
    double *real = NULL;
    (void)attr;
    (void)n_attr;
    if (!three(v, net, nd))
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its inputs are not constant whole numbers");
    if (v[2] == 0) SBX_FAIL(err, SBX_ERR_PARSE, "a step of 0");
    n = v[2] > 0 ? v[1] - v[0] : v[0] - v[1];
    n = n <= 0 ? 0 : (n - 1) / (v[2] > 0 ? v[2] : -v[2]) + 1;
    y.dim[0] = (size_t)n;
    if (net->tensor[nd->in[0]].real)
        SBX_TRY(sbx_op_mem(&real, net, y.dim[0], sizeof *real, err));
    else
        SBX_TRY(sbx_op_mem(&ints, net, y.dim[0], sizeof *ints, err));
    for (int64_t i = 0; i < n; i++) {
        if (real) real[i] = (double)(v[0] + i * v[2]);
        if (ints) ints[i] = v[0] + i * v[2];
    }
    net->tensor[nd->out[0]].elem = net->tensor[nd->in[0]].elem;
    SBX_TRY(sbx_op_fold(net, nd, 0, &y, real, ints, err));
done:
    return st;
}

static const char *const shape_attrs[] = {"start", "end", NULL};
static const char *const constant_attrs[] = {"value", NULL};

const sbx_op sbx_op_shape = {
    .name = "Shape", .min_in = 1, .max_in = 1, .attrs = shape_attrs, .folds = true, .build = shape};
const sbx_op sbx_op_size = {.name = "Size", .min_in = 1, .max_in = 1, .folds = true, .build = size};
const sbx_op sbx_op_constant_of_shape = {.name = "ConstantOfShape",
                                         .min_in = 1,
                                         .max_in = 1,
                                         .attrs = constant_attrs,
                                         .folds = true,
                                         .build = constant};
const sbx_op sbx_op_range = {
    .name = "Range", .min_in = 3, .max_in = 3, .folds = true, .build = range};
