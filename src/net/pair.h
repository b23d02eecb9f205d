/* net/pair.h -- products and quotients of the elements of two variables, with
 * broadcasting: y_j = x[map_j] z[map_j], or their quotient (then x may be constant).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_PAIR_H
#define SBX_NET_PAIR_H

#include "net/op.h"

typedef struct sbx_pair {
    bool divide;
    bool square;          /* both operands are the same elements */
    const size_t *map[2]; /* NULL: map_j = j */
    size_t fan[2];        /* most j that read one element */
} sbx_pair;

/* the build; it sets nd->op */
sbx_status sbx_pair_make(sbx_net *net, sbx_node *nd, bool divide, sbx_err *err) SBX_MUST_USE;

#define SBX_PAIR_DECLARE(S)                                                                 \
    sbx_status sbx_pair_eval_##S(sbx_##S *const *y, const sbx_net *net, const sbx_node *nd, \
                                 const sbx_##S *const *x, const sbx_ctx *ctx, sbx_err *err);
SBX_PAIR_DECLARE(f32)
SBX_PAIR_DECLARE(f64)
SBX_PAIR_DECLARE(lowp)
SBX_PAIR_DECLARE(mpf)
SBX_PAIR_DECLARE(mpq)
SBX_PAIR_DECLARE(ivd)
SBX_PAIR_DECLARE(ivf)
SBX_PAIR_DECLARE(ivq)

#endif
