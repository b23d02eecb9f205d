/* net/op_reshape.c -- Reshape: a 0 copies a dimension (unless allowzero), a -1 is what
 * is left.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include "base/try.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_tensor x = net->tensor[nd->in[0]];
    const size_t nowhere = SBX_NET_RANK;
    sbx_shape y = {0};
    const int64_t *want;
    int64_t zero;
    size_t rank, free_dim = nowhere, n = 1;
    SBX_TRY(sbx_attr_int(&zero, 0, attr, n_attr, "allowzero", err));
    SBX_TRY(sbx_op_ints(&want, &rank, net, nd, 1, "the shape", err));
    if (rank > SBX_NET_RANK) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "%zu dimensions", rank);
    y.rank = rank;
    for (size_t k = 0; k < rank; k++) {
        const bool copy = want[k] == 0 && !zero;
        if (want[k] < -1 || (want[k] == -1 && free_dim != nowhere) || (copy && k >= x.shape.rank))
            SBX_FAIL(err, SBX_ERR_PARSE, "dimension %zu of the shape is %lld", k + 1,
                     (long long)want[k]);
        if (want[k] == -1)
            free_dim = k;
        else {
            y.dim[k] = copy ? x.shape.dim[k] : (size_t)want[k];
            if (y.dim[k] && n > SIZE_MAX / y.dim[k])
                SBX_FAIL(err, SBX_ERR_LIMIT, "the shape is too large");
            n *= y.dim[k];
        }
    }
    if (free_dim != nowhere) {
        if (n == 0 || x.n % n != 0)
            SBX_FAIL(err, SBX_ERR_PARSE, "%zu elements do not fill rows of %zu", x.n, n);
        y.dim[free_dim] = x.n / n;
    }
    SBX_TRY(sbx_op_view(net, nd, 0, 0, &y, err));
done:
    return st;
}

static const char *const attrs[] = {"allowzero", NULL};

const sbx_op sbx_op_reshape = {
    .name = "Reshape", .min_in = 2, .max_in = 2, .attrs = attrs, .folds = true, .build = build};
