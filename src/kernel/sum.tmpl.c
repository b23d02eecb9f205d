/* kernel/sum.tmpl.c -- sums and dot products, first to last; every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "base/try.h"
#include "softbox/kernel.h"
#endif

sbx_status FN(sbx_sum)(NUM *z, const NUM *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM s;
    NUM_(init)(&s, ctx);
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(add)(&s, &s, &x[j], ctx, err));
    NUM_(set)(z, &s);
done:
    NUM_(clear)(&s);
    return st;
}

sbx_status FN(sbx_dot)(NUM *z, const NUM *x, const NUM *y, size_t n, const sbx_ctx *ctx,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM s, t;
    NUM_(init)(&s, ctx);
    NUM_(init)(&t, ctx);
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(NUM_(mul)(&t, &x[j], &y[j], ctx, err));
        SBX_TRY(NUM_(add)(&s, &s, &t, ctx, err));
    }
    NUM_(set)(z, &s);
done:
    NUM_(clear)(&t);
    NUM_(clear)(&s);
    return st;
}
