/* kernel/functional.tmpl.c -- the range of c.softmax(x) over a box, in enclosures.
 *
 * t grows from min c. At each t the corner V(t) has the greater weight where c_j > t,
 * else the lesser; if the value v of that corner is <= t, then F(t) = (v - t) sum w <= 0,
 * so t bounds the maximum [L-SMX-08]; else t becomes the upper end of v. A value of a
 * corner is never above the maximum but for rounding, so t stops within rounding of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "base/alloc.h"
#include "base/try.h"
#include "softbox/kernel.h"
#include "kernel/array.tmpl.c"
#include "kernel/softmax_range.tmpl.c"
#define FUNCTIONAL sbx_softmax_functional_generic_ivd
#endif

/* the value of the corner V(t): sum c w / sum w */
static sbx_status FN(corner_value)(NUM *v, const NUM *c, const NUM *a, const NUM *b, size_t n,
                                   const NUM *t, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM num, den, cw;
    NUM_(init)(&num, ctx);
    NUM_(init)(&den, ctx);
    NUM_(init)(&cw, ctx);
    for (size_t j = 0; j < n; j++) {
        const NUM *w = NUM_(lt)(t, &c[j]) == SBX_TRUE ? &b[j] : &a[j];
        SBX_TRY(NUM_(mul)(&cw, &c[j], w, ctx, err));
        SBX_TRY(NUM_(add)(&num, &num, &cw, ctx, err));
        SBX_TRY(NUM_(add)(&den, &den, w, ctx, err));
    }
    SBX_TRY(NUM_(div)(v, &num, &den, ctx, err));
done:
    NUM_(clear)(&cw);
    NUM_(clear)(&den);
    NUM_(clear)(&num);
    return st;
}

/* z >= the maximum, a point; c[0..n) points */
static sbx_status FN(functional_max)(NUM *z, const NUM *c, const NUM *a, const NUM *b, size_t n,
                                     const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t, v, top;
    NUM_(init)(&t, ctx);
    NUM_(init)(&v, ctx);
    NUM_(init)(&top, ctx);
    NUM_(set)(&t, &c[0]);
    NUM_(set)(&top, &c[0]);
    for (size_t j = 1; j < n; j++) {
        if (NUM_(lt)(&c[j], &t) == SBX_TRUE) NUM_(set)(&t, &c[j]);
        if (NUM_(lt)(&top, &c[j]) == SBX_TRUE) NUM_(set)(&top, &c[j]);
    }
    while (NUM_(lt)(&t, &top) == SBX_TRUE) { /* [L-SMX-10] */
        SBX_TRY(FN(corner_value)(&v, c, a, b, n, &t, ctx, err));
        st = NUM_(end)(&v, &v, SBX_HI, NULL);
        if (st != SBX_OK) { /* no finite end: max c holds in any case */
            st = SBX_OK;
            NUM_(set)(&t, &top);
            break;
        }
        if (NUM_(lt)(&t, &v) != SBX_TRUE) break;
        NUM_(set)(&t, &v);
    }
    NUM_(set)(z, NUM_(lt)(&top, &t) == SBX_TRUE ? &top : &t);
done:
    NUM_(clear)(&top);
    NUM_(clear)(&v);
    NUM_(clear)(&t);
    return st;
}

sbx_status FUNCTIONAL(NUM *z, const NUM *c, const NUM *x, size_t n, const sbx_ctx *ctx,
                      sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM shift;
    size_t top;
    NUM max, min, *e = NULL;
    NUM_(init)(&shift, ctx);
    NUM_(init)(&max, ctx);
    NUM_(init)(&min, ctx);
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "functional of a softmax of no numbers");
    e = FN(array_new)(3 * n, ctx);
    if (!e) SBX_FAIL(err, SBX_ERR_NOMEM, "functional: no memory for %zu numbers", n);
    SBX_TRY(FN(greatest)(&shift, &top, x, SBX_HI, n, n, ctx, err));
    for (size_t j = 0; j < n; j++) {
        if (!NUM_(is_finite)(&c[j]))
            SBX_FAIL(err, SBX_ERR_ARG, "functional: coefficient %zu is not finite", j);
        SBX_TRY(FN(weight)(&e[n + j], &x[j], SBX_LO, &shift, ctx, err));
        SBX_TRY(FN(weight)(&e[2 * n + j], &x[j], SBX_HI, &shift, ctx, err));
        SBX_TRY(NUM_(end)(&e[j], &c[j], SBX_HI, err)); /* [L-SMX-09] */
    }
    SBX_TRY(FN(functional_max)(&max, e, e + n, e + 2 * n, n, ctx, err));
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(NUM_(end)(&e[j], &c[j], SBX_LO, err));
        SBX_TRY(NUM_(neg)(&e[j], &e[j], ctx, err));
    }
    SBX_TRY(FN(functional_max)(&min, e, e + n, e + 2 * n, n, ctx, err));
    SBX_TRY(NUM_(neg)(&min, &min, ctx, err));
    SBX_TRY(NUM_(hull)(z, &min, &max, ctx, err));
done:
    FN(array_free)(e, 3 * n);
    NUM_(clear)(&min);
    NUM_(clear)(&max);
    NUM_(clear)(&shift);
    return st;
}
