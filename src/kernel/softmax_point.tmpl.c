/* kernel/softmax_point.tmpl.c -- log-sum-exp, softmax and log-softmax at a point, as
 * they are computed in practice: the maximum is subtracted first.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/f64.h"
#include "base/alloc.h"
#include "base/try.h"
#include "softbox/kernel.h"
#include "kernel/array.tmpl.c"
#endif

static sbx_status FN(ready)(size_t n, const char *what, sbx_err *err)
{
    sbx_status st = sbx_num_require(NUM_ID, SBX_CAN_EXP | SBX_CAN_LOG, what, err);
    if (st != SBX_OK) return st;
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "%s of no numbers", what);
done:
    return st;
}

/* *m = max x, e[j] = exp(x_j - m) (e may be NULL), *s = their sum */
static sbx_status FN(shifted)(NUM *m, NUM *e, NUM *s, const NUM *x, size_t n, const sbx_ctx *ctx,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t, sum;
    NUM_(init)(&t, ctx);
    NUM_(init)(&sum, ctx);
    NUM_(set)(m, &x[0]);
    for (size_t j = 1; j < n; j++)
        SBX_TRY(NUM_(max)(m, m, &x[j], ctx, err));
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(NUM_(sub)(&t, &x[j], m, ctx, err));
        SBX_TRY(NUM_(exp)(&t, &t, ctx, err));
        SBX_TRY(NUM_(add)(&sum, &sum, &t, ctx, err));
        if (e) NUM_(set)(&e[j], &t);
    }
    NUM_(set)(s, &sum);
done:
    NUM_(clear)(&sum);
    NUM_(clear)(&t);
    return st;
}

sbx_status FN(sbx_lse)(NUM *z, const NUM *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = FN(ready)(n, "lse", err);
    NUM m, s;
    if (st != SBX_OK) return st;
    NUM_(init)(&m, ctx);
    NUM_(init)(&s, ctx);
    SBX_TRY(FN(shifted)(&m, NULL, &s, x, n, ctx, err));
    SBX_TRY(NUM_(log)(&s, &s, ctx, err));
    SBX_TRY(NUM_(add)(z, &m, &s, ctx, err));
done:
    NUM_(clear)(&s);
    NUM_(clear)(&m);
    return st;
}

sbx_status FN(sbx_softmax)(NUM *p, const NUM *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = FN(ready)(n, "softmax", err);
    NUM m, s, *e = NULL;
    if (st != SBX_OK) return st;
    NUM_(init)(&m, ctx);
    NUM_(init)(&s, ctx);
    e = FN(array_new)(n, ctx);
    if (!e) SBX_FAIL(err, SBX_ERR_NOMEM, "softmax: no memory for %zu numbers", n);
    SBX_TRY(FN(shifted)(&m, e, &s, x, n, ctx, err));
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(div)(&e[j], &e[j], &s, ctx, err));
    for (size_t j = 0; j < n; j++)
        NUM_(set)(&p[j], &e[j]);
done:
    FN(array_free)(e, n);
    NUM_(clear)(&s);
    NUM_(clear)(&m);
    return st;
}

sbx_status FN(sbx_log_softmax)(NUM *p, const NUM *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = FN(ready)(n, "log-softmax", err);
    NUM m, s, *d = NULL;
    if (st != SBX_OK) return st;
    NUM_(init)(&m, ctx);
    NUM_(init)(&s, ctx);
    d = FN(array_new)(n, ctx);
    if (!d) SBX_FAIL(err, SBX_ERR_NOMEM, "log-softmax: no memory for %zu numbers", n);
    SBX_TRY(FN(shifted)(&m, NULL, &s, x, n, ctx, err));
    SBX_TRY(NUM_(log)(&s, &s, ctx, err));
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(NUM_(sub)(&d[j], &x[j], &m, ctx, err));
        SBX_TRY(NUM_(sub)(&d[j], &d[j], &s, ctx, err));
    }
    for (size_t j = 0; j < n; j++)
        NUM_(set)(&p[j], &d[j]);
done:
    FN(array_free)(d, n);
    NUM_(clear)(&s);
    NUM_(clear)(&m);
    return st;
}
