/* net/rowwise_eval.c -- softmax and log-softmax of rows in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/rowwise.h"

#include "base/alloc.h"
#include "base/try.h"
#include "num/round.h"
#include "softbox/kernel.h"

#define SBX_TEMPLATE "net/rowwise_eval.tmpl.c"
#include "net/eval_all.h"

/* A row with an upper end that is infinite: [0,1], or all below 0, for each of it. */
sbx_status sbx_rowwise_eval_ivd(sbx_ivd *const *y, const sbx_net *net, const sbx_node *nd,
                                const sbx_ivd *const *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_rowwise *d = nd->data;
    sbx_ivd *t = sbx_alloc(d->len, sizeof *t);
    (void)net;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "an evaluation");
    for (size_t g = 0; g < d->outer * d->inner; g++) {
        const size_t at = sbx_rowwise_at(d, g);
        bool bounded = true;
        for (size_t j = 0; j < d->len; j++) {
            t[j] = x[0][at + j * d->inner];
            bounded = bounded && t[j].hi <= DBL_MAX;
        }
        for (size_t j = 0; j < d->len && !bounded; j++)
            t[j] = d->logs ? (sbx_ivd){-HUGE_VAL, 0.0} : (sbx_ivd){0.0, 1.0};
        if (bounded)
            SBX_TRY(d->logs ? sbx_log_softmax_ivd(t, t, d->len, ctx, err)
                            : sbx_softmax_ivd(t, t, d->len, ctx, err));
        for (size_t j = 0; j < d->len; j++)
            y[0][at + j * d->inner] = t[j];
    }
done:
    sbx_free(t);
    return st;
}
