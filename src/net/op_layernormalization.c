/* net/op_layernormalization.c -- LayerNormalization: (x - mean) / sqrt(variance + epsilon),
 * times scale, plus bias, over the dimensions from `axis` on; the other two outputs, the mean
 * and 1 / sqrt(variance + epsilon), each by nodes of its own.
 *
 * Made of Sub, Mul, ReduceMean, Add, Sqrt and Div: the variance is a mean of squares, so it
 * is known to be no less than 0, and epsilon > 0 keeps the divisor away from 0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/compose.h"

#include "base/try.h"

#define NONE SBX_NO_TENSOR

static sbx_status check(size_t *axis, double *epsilon, const sbx_net *net, const sbx_node *nd,
                        const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    int64_t v, stash;
    SBX_TRY(sbx_attr_int(&v, -1, attr, n_attr, "axis", err));
    SBX_TRY(sbx_attr_int(&stash, 1, attr, n_attr, "stash_type", err)); /* a float type */
    SBX_TRY(sbx_op_axis(axis, v, net->tensor[nd->in[0]].shape.rank, false, err));
    SBX_TRY(sbx_attr_float(epsilon, (double)1e-5F, attr, n_attr, "epsilon", err));
    if (!(*epsilon > 0.0)) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "epsilon is not above 0");
done:
    return st;
}

/* scale and bias must not make the output larger than the input */
static sbx_status same_shape(const sbx_net *net, size_t y, const sbx_shape *x, sbx_err *err)
{
    return sbx_shape_eq(&net->tensor[y].shape, x)
               ? SBX_OK
               : sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "scale or bias does not fit the input");
}

/* *mean, and the root of the variance and epsilon; *off: x less its mean */
static sbx_status parts(size_t *mean, size_t *off, size_t *root, sbx_net *net, const sbx_node *nd,
                        const sbx_attr *axes, double epsilon, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t t = 0, s = 0;
    SBX_TRY(sbx_compose_node(mean, net, nd, "ReduceMean", nd->in[0], NONE, axes, 1, err));
    if (nd->part == 1) goto done;
    SBX_TRY(sbx_compose_node(off, net, nd, "Sub", nd->in[0], *mean, NULL, 0, err));
    SBX_TRY(sbx_compose_node(&t, net, nd, "Mul", *off, *off, NULL, 0, err));
    SBX_TRY(sbx_compose_node(&t, net, nd, "ReduceMean", t, NONE, axes, 1, err));
    SBX_TRY(sbx_compose_number(&s, net, epsilon, err));
    SBX_TRY(sbx_compose_node(&t, net, nd, "Add", t, s, NULL, 0, err));
    SBX_TRY(sbx_compose_node(root, net, nd, "Sqrt", t, NONE, NULL, 0, err));
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    int64_t axes[SBX_NET_RANK];
    sbx_attr over = {.name = "axes", .kind = SBX_ATTR_INTS, .ints = axes};
    size_t axis = 0, y = 0, off = 0, root = 0;
    double epsilon = 0.0;
    if (nd->part > 2) SBX_FAIL(err, SBX_ERR_PARSE, "a fourth output");
    SBX_TRY(check(&axis, &epsilon, net, nd, attr, n_attr, err));
    for (size_t k = axis; k < x.rank; k++)
        axes[over.n++] = (int64_t)k;
    SBX_TRY(parts(&y, &off, &root, net, nd, &over, epsilon, err));
    if (nd->part == 2)
        SBX_TRY(sbx_compose_node(&y, net, nd, "Reciprocal", root, NONE, NULL, 0, err));
    if (nd->part == 0) {
        SBX_TRY(sbx_compose_node(&y, net, nd, "Div", off, root, NULL, 0, err));
        SBX_TRY(sbx_compose_node(&y, net, nd, "Mul", y, nd->in[1], NULL, 0, err));
        if (sbx_node_has(nd, 2))
            SBX_TRY(sbx_compose_node(&y, net, nd, "Add", y, nd->in[2], NULL, 0, err));
        SBX_TRY(same_shape(net, y, &x, err));
    }
    SBX_TRY(sbx_compose_end(net, nd, y, err));
done:
    return st;
}

static const char *const attrs[] = {"axis", "epsilon", "stash_type", NULL};

const sbx_op sbx_op_layernormalization = {.name = "LayerNormalization",
                                          .min_in = 2,
                                          .max_in = 3,
                                          .attrs = attrs,
                                          .apart = true,
                                          .build = build};
