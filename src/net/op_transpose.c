/* net/op_transpose.c -- Transpose by perm; reversed without one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

static sbx_status read_perm(size_t *perm, size_t rank, const sbx_attr *attr, size_t n_attr,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_attr *a = sbx_attr_find(attr, n_attr, "perm");
    bool seen[SBX_NET_RANK] = {false};
    if (a && (a->kind != SBX_ATTR_INTS || a->n != rank))
        SBX_FAIL(err, SBX_ERR_PARSE, "perm does not fit %zu dimensions", rank);
    for (size_t k = 0; k < rank; k++) {
        const int64_t p = a ? a->ints[k] : (int64_t)(rank - 1 - k);
        if (p < 0 || p >= (int64_t)rank || seen[p])
            SBX_FAIL(err, SBX_ERR_PARSE, "perm is no permutation");
        perm[k] = (size_t)p;
        seen[p] = true;
    }
done:
    return st;
}

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape x = net->tensor[nd->in[0]].shape;
    size_t perm[SBX_NET_RANK] = {0}, *table[SBX_NET_RANK] = {NULL}, *from;
    sbx_shape y = {.rank = x.rank};
    SBX_TRY(read_perm(perm, x.rank, attr, n_attr, err));
    for (size_t k = 0; k < x.rank; k++)
        y.dim[k] = x.dim[perm[k]];
    SBX_TRY(sbx_op_tables(table, net, &y, err));
    for (size_t k = 0; k < x.rank; k++)
        for (size_t i = 0; i < y.dim[k]; i++)
            table[k][i] = i * sbx_shape_prod(&x, perm[k] + 1, x.rank);
    SBX_TRY(sbx_op_gather_map(&from, net, &y, table, err));
    SBX_TRY(sbx_ew_move(net, nd, &y, &(sbx_move){.from = from}, err));
done:
    return st;
}

static const char *const attrs[] = {"perm", NULL};

const sbx_op sbx_op_transpose = {.name = "Transpose",
                                 .min_in = 1,
                                 .max_in = 1,
                                 .attrs = attrs,
                                 .folds = true,
                                 .build = build,
                                 SBX_EW_OP};
