/* net/op_dropout.c -- Dropout as it acts after training: the identity.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include "base/try.h"

static sbx_status build(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_shape y = net->tensor[nd->in[0]].shape;
    (void)attr;
    (void)n_attr;
    if (sbx_node_has(nd, 2)) {
        const sbx_tensor *t = &net->tensor[nd->in[2]];
        if (!t->integer || t->n != 1 || t->integer[0] != 0)
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "training mode");
    }
    SBX_TRY(sbx_op_view(net, nd, 0, 0, &y, err));
done:
    return st;
}

static const char *const attrs[] = {"ratio", "seed", "is_test", NULL};

const sbx_op sbx_op_dropout = {
    .name = "Dropout", .min_in = 1, .max_in = 3, .attrs = attrs, .folds = true, .build = build};
