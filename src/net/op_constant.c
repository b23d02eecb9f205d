/* net/op_constant.c -- Constant: a tensor, or a scalar or list from the attributes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

#include <string.h>

static sbx_status reals(sbx_net *net, sbx_node *nd, const sbx_shape *y, const double *v, size_t n,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    double *z;
    SBX_TRY(sbx_op_mem(&z, net, n, sizeof *z, err));
    if (n) memcpy(z, v, n * sizeof *z);
    SBX_TRY(sbx_op_fold(net, nd, 0, y, z, NULL, err));
done:
    return st;
}

static sbx_status integers(sbx_net *net, sbx_node *nd, const sbx_shape *y, const int64_t *v,
                           size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    int64_t *z;
    SBX_TRY(sbx_op_mem(&z, net, n, sizeof *z, err));
    if (n) memcpy(z, v, n * sizeof *z);
    SBX_TRY(sbx_op_fold(net, nd, 0, y, NULL, z, err));
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    const sbx_shape scalar = {0};
    sbx_shape list = {.rank = 1};
    if (n_attr != 1)
        return sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "%zu attributes, not one", n_attr);
    list.dim[0] = attr->n;
    switch (attr->kind) {
    case SBX_ATTR_TENSOR:
        net->tensor[nd->out[0]].elem = attr->tensor.elem;
        return sbx_op_fold(net, nd, 0, &attr->tensor.shape, attr->tensor.real, attr->tensor.integer,
                           err);
    case SBX_ATTR_INT: return integers(net, nd, &scalar, &attr->i, 1, err);
    case SBX_ATTR_FLOAT: return reals(net, nd, &scalar, &attr->f, 1, err);
    case SBX_ATTR_INTS: return integers(net, nd, &list, attr->ints, attr->n, err);
    case SBX_ATTR_FLOATS: return reals(net, nd, &list, attr->floats, attr->n, err);
    case SBX_ATTR_STRING:
    case SBX_ATTR_OTHER: break;
    }
    return sbx_fail(err, SBX_ERR_UNSUPPORTED, SBX_HERE, "a constant of that kind");
}

static const char *const attrs[] = {"value",       "value_int",    "value_ints",
                                    "value_float", "value_floats", NULL};

const sbx_op sbx_op_constant = {.name = "Constant", .attrs = attrs, .folds = true, .build = build};

/* as a node's output, which is no constant: net/graph.h, sbx_op_lift */
static sbx_status lift(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                       sbx_err *err)
{
    (void)n_attr;
    return sbx_ew_lift(net, nd, &attr->tensor.shape, attr->tensor.real, err);
}

const sbx_op sbx_op_lifted = {.name = "Constant", .attrs = attrs, .build = lift, SBX_EW_OP};
