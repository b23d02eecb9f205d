/* norm/tools.tmpl.c -- what the templates of the normalizers share: arrays, order statistics,
 * quotients of weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "norm/norm.h"
#endif

NUM *FN(sbx_norm_new)(size_t n, const sbx_ctx *ctx)
{
    NUM *v = sbx_alloc(n, sizeof *v);
    for (size_t j = 0; v && j < n; j++)
        NUM_(init)(&v[j], ctx);
    return v;
}

void FN(sbx_norm_free)(NUM *v, size_t n)
{
    for (size_t j = 0; v && j < n; j++)
        NUM_(clear)(&v[j]);
    sbx_free(v);
}

sbx_status FN(sbx_norm_param)(NUM *z, const sbx_norm_args *a, size_t k, size_t i,
                              const sbx_ctx *ctx, sbx_err *err)
{
    return NUM_(set_q)(z, a->value[k].v[i], ctx, err);
}

sbx_status FN(sbx_norm_top)(NUM *z, const NUM *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM_(set)(z, &x[0]);
    for (size_t j = 1; j < n; j++)
        SBX_TRY(NUM_(max)(z, z, &x[j], ctx, err));
    SBX_TRY(NUM_(end)(z, z, SBX_HI, err));
done:
    return st;
}

size_t FN(sbx_norm_first)(const NUM *x, size_t n)
{
    size_t i = 0;
    for (size_t l = 1; l < n; l++)
        if (NUM_(lt)(&x[i], &x[l]) == SBX_TRUE) i = l;
    for (size_t l = 0; l < n; l++)
        if (l != i && NUM_(lt)(&x[l], &x[i]) != SBX_TRUE) return n;
    return i;
}

/* s[i] = the greater, s[k] = the lesser: minimum and maximum end by end where the order is
 * not certain */
static sbx_status FN(exchange)(NUM *s, size_t i, size_t k, NUM *t, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (NUM_(le)(&s[k], &s[i]) == SBX_TRUE) return SBX_OK;
    if (NUM_(lt)(&s[i], &s[k]) == SBX_TRUE) {
        const NUM u = s[i]; /* the objects themselves change places */
        s[i] = s[k];
        s[k] = u;
        return SBX_OK;
    }
    SBX_TRY(NUM_(max)(t, &s[i], &s[k], ctx, err));
    SBX_TRY(NUM_(min)(&s[k], &s[i], &s[k], ctx, err));
    NUM_(set)(&s[i], t);
done:
    return st;
}

/* Batcher's merge exchange, Knuth's algorithm 5.2.2 M: a network, so that it needs no answer to
 * a comparison; of intervals it sorts both ends [L-NRM-05]. */
sbx_status FN(sbx_norm_sort)(NUM *s, const NUM *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t half = 1;
    NUM t;
    NUM_(init)(&t, ctx);
    for (size_t j = 0; j < n; j++)
        NUM_(set)(&s[j], &x[j]);
    while (half < n - half)
        half *= 2;
    for (size_t p = half; n > 1 && p > 0; p /= 2) {
        size_t q = half, r = 0, d = p;
        for (;;) {
            for (size_t i = 0; i + d < n; i++)
                if ((i & p) == r) SBX_TRY(FN(exchange)(s, i, i + d, &t, ctx, err));
            if (q == p) break;
            d = q - p;
            q /= 2;
            r = p;
        }
    }
done:
    NUM_(clear)(&t);
    return st;
}

sbx_status FN(sbx_norm_rising)(NUM *z, const NUM *x,
                               sbx_status (*f)(NUM *, const NUM *, const sbx_norm_args *,
                                               const sbx_ctx *, sbx_err *),
                               const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)
{
#if NUM_ENCLOSE
    sbx_status st = SBX_OK;
    NUM lo, hi;
    NUM_(init)(&lo, ctx);
    NUM_(init)(&hi, ctx);
    SBX_TRY(NUM_(end)(&lo, x, SBX_LO, err));
    SBX_TRY(NUM_(end)(&hi, x, SBX_HI, err));
    SBX_TRY(f(&lo, &lo, a, ctx, err));
    SBX_TRY(f(&hi, &hi, a, ctx, err));
    SBX_TRY(NUM_(hull)(z, &lo, &hi, ctx, err));
done:
    NUM_(clear)(&lo);
    NUM_(clear)(&hi);
    return st;
#else
    return f(z, x, a, ctx, err);
#endif
}

#if NUM_ENCLOSE
/* p / (p + q) of points p, q >= 0; both 0: `at_zero` */
static sbx_status FN(part)(NUM *z, const NUM *p, const NUM *q, long at_zero, const sbx_ctx *ctx,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM zero, t;
    NUM_(init)(&zero, ctx);
    NUM_(init)(&t, ctx);
    SBX_TRY(NUM_(add)(&t, p, q, ctx, err));
    if (NUM_(eq)(&t, &zero) == SBX_TRUE)
        SBX_TRY(NUM_(set_si)(z, at_zero, ctx, err));
    else
        SBX_TRY(NUM_(div)(z, p, &t, ctx, err));
done:
    NUM_(clear)(&t);
    NUM_(clear)(&zero);
    return st;
}
#endif

sbx_status FN(sbx_norm_ratio)(NUM *z, const NUM *a, const NUM *b, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t[5];
    for (int k = 0; k < 5; k++)
        NUM_(init)(&t[k], ctx);
#if NUM_ENCLOSE
    SBX_TRY(NUM_(end)(&t[0], a, SBX_LO, err));
    SBX_TRY(NUM_(end)(&t[1], b, SBX_HI, err));
    SBX_TRY(FN(part)(&t[4], &t[0], &t[1], 1, ctx, err));
    SBX_TRY(NUM_(end)(&t[2], a, SBX_HI, err));
    SBX_TRY(NUM_(end)(&t[3], b, SBX_LO, err));
    SBX_TRY(FN(part)(&t[0], &t[2], &t[3], 0, ctx, err));
    SBX_TRY(NUM_(hull)(z, &t[4], &t[0], ctx, err));
#else
    SBX_TRY(NUM_(add)(&t[0], a, b, ctx, err));
    SBX_TRY(NUM_(div)(z, a, &t[0], ctx, err));
#endif
done:
    for (int k = 0; k < 5; k++)
        NUM_(clear)(&t[k]);
    return st;
}

/* pre[i] = c + w[0] + .. + w[i-1], suf[i] = w[i] + .. + w[n-1] */
static sbx_status FN(partial_sums)(NUM *pre, NUM *suf, const NUM *w, const NUM *c, size_t n,
                                   const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (c) NUM_(set)(&pre[0], c);
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(add)(&pre[j + 1], &pre[j], &w[j], ctx, err));
    for (size_t j = n; j-- > 0;)
        SBX_TRY(NUM_(add)(&suf[j], &suf[j + 1], &w[j], ctx, err));
done:
    return st;
}

/* What stands for 0/0: *z = its value. */
static sbx_status FN(zero_row)(NUM *z, bool certain, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, ctx);
    if (a->zero_row == SBX_ZERO_ERROR)
        SBX_FAIL(err, SBX_ERR_DOMAIN, "%s is 0/0 %s: all weights are 0 (zero row: uniform or zero)",
                 a->norm->info.name, certain ? "here" : "somewhere in this box, perhaps");
    SBX_TRY(NUM_(set_si)(z, a->zero_row == SBX_ZERO_UNIFORM, ctx, err));
    SBX_TRY(NUM_(set_si)(&t, (long)n, ctx, err));
    SBX_TRY(NUM_(div)(z, z, &t, ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

sbx_status FN(sbx_norm_weights)(NUM *p, const NUM *w, const NUM *c, size_t n,
                                const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *pre = FN(sbx_norm_new)(n + 1, ctx), *suf = FN(sbx_norm_new)(n + 1, ctx);
    NUM *v = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(3, ctx);
    sbx_truth none;
    bool maybe = false;
    if (!pre || !suf || !v || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(max)(&v[j], &w[j], &t[2], ctx, err)); /* an enclosure of what is >= 0 */
    SBX_TRY(FN(partial_sums)(pre, suf, v, c, n, ctx, err));
    none = NUM_(eq)(&pre[n], &t[2]);
#if NUM_ENCLOSE
    maybe = NUM_(lt)(&t[2], &pre[n]) != SBX_TRUE;
#endif
    if (none == SBX_TRUE || maybe) SBX_TRY(FN(zero_row)(&t[1], none == SBX_TRUE, n, a, ctx, err));
    for (size_t i = 0; i < n; i++) {
        if (none == SBX_TRUE) {
            NUM_(set)(&p[i], &t[1]);
            continue;
        }
#if NUM_ENCLOSE
        SBX_TRY(NUM_(add)(&t[0], &pre[i], &suf[i + 1], ctx, err));
        SBX_TRY(FN(sbx_norm_ratio)(&p[i], &v[i], &t[0], ctx, err));
        if (maybe) SBX_TRY(NUM_(hull)(&p[i], &p[i], &t[1], ctx, err));
#else
        SBX_TRY(NUM_(div)(&p[i], &v[i], &pre[n], ctx, err));
#endif
    }
done:
    FN(sbx_norm_free)(t, 3);
    FN(sbx_norm_free)(v, n);
    FN(sbx_norm_free)(suf, n + 1);
    FN(sbx_norm_free)(pre, n + 1);
    return st;
}

sbx_status FN(sbx_norm_weights_slope)(NUM *j, const NUM *w, const NUM *dw, const NUM *c, size_t n,
                                      const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *pre = FN(sbx_norm_new)(n + 1, ctx), *suf = FN(sbx_norm_new)(n + 1, ctx);
    NUM *v = FN(sbx_norm_new)(n, ctx), *g = FN(sbx_norm_new)(n, ctx);
    NUM *t = FN(sbx_norm_new)(4, ctx);
    if (!pre || !suf || !v || !g || !t)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    for (size_t k = 0; k < n; k++)
        SBX_TRY(NUM_(max)(&v[k], &w[k], &t[2], ctx, err));
    SBX_TRY(FN(partial_sums)(pre, suf, v, c, n, ctx, err));
    if (NUM_(lt)(&t[2], &pre[n]) != SBX_TRUE)
        SBX_FAIL(err, SBX_ERR_DOMAIN, "%s has no derivative where all its weights are 0",
                 a->norm->info.name);
    for (size_t k = 0; k < n; k++)
        SBX_TRY(NUM_(div)(&g[k], &dw[k], &pre[n], ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(add)(&t[0], &pre[i], &suf[i + 1], ctx, err));
        SBX_TRY(FN(sbx_norm_ratio)(&t[1], &v[i], &t[0], ctx, err));
        SBX_TRY(FN(sbx_norm_ratio)(&t[3], &t[0], &v[i], ctx, err)); /* 1 - p_i */
        SBX_TRY(NUM_(neg)(&t[1], &t[1], ctx, err));
        for (size_t k = 0; k < n; k++)
            SBX_TRY(NUM_(mul)(&j[i * n + k], i == k ? &t[3] : &t[1], &g[k], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 4);
    FN(sbx_norm_free)(g, n);
    FN(sbx_norm_free)(v, n);
    FN(sbx_norm_free)(suf, n + 1);
    FN(sbx_norm_free)(pre, n + 1);
    return st;
}

/* w[0..n) and, unless it is NULL, dw[0..n) */
static sbx_status FN(all_weights)(NUM *w, NUM *dw, const NUM *x, size_t n,
                                  FN(sbx_norm_weight) * weight, const sbx_norm_args *a,
                                  const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM top;
    NUM_(init)(&top, ctx);
    SBX_TRY(FN(sbx_norm_top)(&top, x, n, ctx, err));
    for (size_t k = 0; k < n; k++)
        SBX_TRY(weight(&w[k], dw ? &dw[k] : NULL, &x[k], &top, a, ctx, err));
done:
    NUM_(clear)(&top);
    return st;
}

sbx_status FN(sbx_norm_by_weight)(NUM *p, const NUM *x, size_t n, FN(sbx_norm_weight) * weight,
                                  int c, const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *w = FN(sbx_norm_new)(n, ctx), rest;
    NUM_(init)(&rest, ctx);
    if (!w) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    if (c != SBX_NORM_NO_REST) SBX_TRY(FN(sbx_norm_param)(&rest, a, (size_t)c, 0, ctx, err));
    SBX_TRY(FN(all_weights)(w, NULL, x, n, weight, a, ctx, err));
    SBX_TRY(FN(sbx_norm_weights)(p, w, &rest, n, a, ctx, err));
done:
    NUM_(clear)(&rest);
    FN(sbx_norm_free)(w, n);
    return st;
}

sbx_status FN(sbx_norm_by_weight_slope)(NUM *j, const NUM *x, size_t n,
                                        FN(sbx_norm_weight) * weight, int c, const sbx_norm_args *a,
                                        const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *w = FN(sbx_norm_new)(n, ctx), *dw = FN(sbx_norm_new)(n, ctx), rest;
    NUM_(init)(&rest, ctx);
    if (!w || !dw) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    if (c != SBX_NORM_NO_REST) SBX_TRY(FN(sbx_norm_param)(&rest, a, (size_t)c, 0, ctx, err));
    SBX_TRY(FN(all_weights)(w, dw, x, n, weight, a, ctx, err));
    SBX_TRY(FN(sbx_norm_weights_slope)(j, w, dw, &rest, n, a, ctx, err));
done:
    NUM_(clear)(&rest);
    FN(sbx_norm_free)(dw, n);
    FN(sbx_norm_free)(w, n);
    return st;
}

sbx_status FN(sbx_norm_softmax_slope)(NUM *j, size_t stride, const NUM *p, size_t n, const NUM *g,
                                      size_t step, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(set_si)(&t[0], 1, ctx, err));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            if (i == k)
                SBX_TRY(NUM_(sub)(&t[1], &t[0], &p[k], ctx, err));
            else
                SBX_TRY(NUM_(neg)(&t[1], &p[k], ctx, err));
            SBX_TRY(NUM_(mul)(&t[1], &t[1], &p[i], ctx, err));
            SBX_TRY(NUM_(mul)(&j[i * stride + k], &t[1], &g[k * step], ctx, err));
        }
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}
