/* cli/eval.tmpl.c -- a kernel or a network at a point, in one number system.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "cli/eval.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#endif

static sbx_status FN(values)(eval_value *v, const eval_question *q, sbx_err *err)
{
    const size_t n = q->at.n, m = eval_outputs(q);
    const sbx_ctx *ctx = &q->ctx;
    sbx_status st = SBX_OK;
    NUM *x = FN(array_new)(n, ctx), *y = FN(array_new)(n, ctx), *z = FN(array_new)(m, ctx);
    if (!x || !y || !z) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t j = 0; j < n; j++)
        CLI_TRY(NUM_(set_q)(&x[j], q->at.v[j], ctx, err));
    for (size_t j = 0; j < q->with.n; j++)
        CLI_TRY(NUM_(set_q)(&y[j], q->with.v[j], ctx, err));
    switch (q->kernel) {
    case EVAL_SOFTMAX: st = FN(sbx_softmax)(z, x, n, ctx, err); break;
    case EVAL_LOG_SOFTMAX: st = FN(sbx_log_softmax)(z, x, n, ctx, err); break;
    case EVAL_LSE: st = FN(sbx_lse)(z, x, n, ctx, err); break;
    case EVAL_SUM: st = FN(sbx_sum)(z, x, n, ctx, err); break;
    case EVAL_DOT: st = FN(sbx_dot)(z, x, y, n, ctx, err); break;
    case EVAL_NORM:
        st = q->jacobian ? FN(sbx_norm_jacobian)(z, &q->norm, x, n, ctx, err)
                         : FN(sbx_norm_eval)(z, &q->norm, x, n, ctx, err);
        break;
    case EVAL_NET: st = FN(sbx_net_eval)(z, q->net, x, ctx, err); break;
    }
    for (size_t k = 0; k < m && st == SBX_OK; k++)
        st = FN(show)(&v[k], &z[k], ctx, err);
done:
    FN(array_free)(z, m);
    FN(array_free)(y, n);
    FN(array_free)(x, n);
    return st;
}
