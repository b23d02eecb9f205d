/* net/op_compare.c -- comparisons and logic of constants, for arithmetic on shapes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include "base/try.h"

#define BOOL 9 /* element type of ONNX */

/* r: the sign of a - b; a, b: are they not 0 */
typedef bool rule(int r, bool a, bool b);
static bool equal(int r, bool a, bool b) { return (void)a, (void)b, r == 0; }
static bool less(int r, bool a, bool b) { return (void)a, (void)b, r < 0; }
static bool greater(int r, bool a, bool b) { return (void)a, (void)b, r > 0; }
static bool less_equal(int r, bool a, bool b) { return (void)a, (void)b, r <= 0; }
static bool greater_equal(int r, bool a, bool b) { return (void)a, (void)b, r >= 0; }
static bool both(int r, bool a, bool b) { return (void)r, a && b; }
static bool either(int r, bool a, bool b) { return (void)r, a || b; }
static bool one_of(int r, bool a, bool b) { return (void)r, a != b; }

static sbx_status compare(sbx_net *net, sbx_node *nd, rule *f, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor a = net->tensor[nd->in[0]], b = net->tensor[nd->in[1]];
    const size_t *ma, *mb;
    sbx_shape y;
    int64_t *z;
    size_t n;
    if (!a.constant || !b.constant)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "its inputs are not constant");
    if (!a.real != !b.real) SBX_FAIL(err, SBX_ERR_PARSE, "integers with reals");
    SBX_TRY(sbx_shape_broadcast(&y, &a.shape, &b.shape, err));
    SBX_TRY(sbx_op_out(net, nd, 0, &y, err)); /* so its size does not overflow */
    SBX_TRY(sbx_op_broadcast_map(&ma, net, &a.shape, &y, err));
    SBX_TRY(sbx_op_broadcast_map(&mb, net, &b.shape, &y, err));
    n = net->tensor[nd->out[0]].n;
    SBX_TRY(sbx_op_mem(&z, net, n, sizeof *z, err));
    for (size_t j = 0; j < n; j++) {
        const size_t i = ma ? ma[j] : j, k = mb ? mb[j] : j;
        z[j] = a.real ? f((a.real[i] > b.real[k]) - (a.real[i] < b.real[k]), a.real[i] != 0.0,
                          b.real[k] != 0.0)
                      : f((a.integer[i] > b.integer[k]) - (a.integer[i] < b.integer[k]),
                          a.integer[i] != 0, b.integer[k] != 0);
    }
    net->tensor[nd->out[0]].elem = BOOL;
    SBX_TRY(sbx_op_fold(net, nd, 0, &y, NULL, z, err));
done:
    return st;
}

static sbx_status not_it(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape y = net->tensor[nd->in[0]].shape;
    const int64_t *v;
    int64_t *z;
    size_t n;
    (void)attr;
    (void)n_attr;
    SBX_TRY(sbx_op_ints(&v, &n, net, nd, 0, "its input", err));
    SBX_TRY(sbx_op_mem(&z, net, n, sizeof *z, err));
    for (size_t j = 0; j < n; j++)
        z[j] = v[j] == 0;
    net->tensor[nd->out[0]].elem = BOOL;
    SBX_TRY(sbx_op_fold(net, nd, 0, &y, NULL, z, err));
done:
    return st;
}

#define COMPARE(op_, text, f)                                                                      \
    static sbx_status build_##op_(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr, \
                                  sbx_err *err)                                                    \
    {                                                                                              \
        (void)attr;                                                                                \
        (void)n_attr;                                                                              \
        return compare(net, nd, f, err);                                                           \
    }                                                                                              \
    const sbx_op sbx_op_##op_ = {                                                                  \
        .name = (text), .min_in = 2, .max_in = 2, .folds = true, .build = build_##op_};

COMPARE(equal, "Equal", equal)
COMPARE(less, "Less", less)
COMPARE(greater, "Greater", greater)
COMPARE(less_or_equal, "LessOrEqual", less_equal)
COMPARE(greater_or_equal, "GreaterOrEqual", greater_equal)
COMPARE(and, "And", both)
COMPARE(or, "Or", either)
COMPARE(xor, "Xor", one_of)

const sbx_op sbx_op_not = {.name = "Not", .min_in = 1, .max_in = 1, .folds = true, .build = not_it};
