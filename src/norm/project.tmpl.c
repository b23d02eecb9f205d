/* norm/project.tmpl.c -- the nearest point of the simplex to y = x / delta.
 *
 * p_i = max(y_i - tau, 0), where the p_i sum to 1. tau is the greatest of
 * (y_(1) + .. + y_(k) - 1) / k over all k [L-NRM-07], so that no comparison decides anything: the
 * template encloses whatever the order of the y_i is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "norm/norm.h"
#endif

/* d[i] = y_i - tau */
sbx_status FN(sbx_norm_above)(NUM *d, const NUM *x, size_t n, const NUM *delta, const sbx_ctx *ctx,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *s = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(5, ctx);
    if (!s || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    NUM_(set)(&t[0], delta);
    SBX_TRY(FN(sbx_norm_top)(&t[1], x, n, ctx, err));
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(NUM_(sub)(&d[j], &x[j], &t[1], ctx, err));
        SBX_TRY(NUM_(div)(&d[j], &d[j], &t[0], ctx, err));
    }
    SBX_TRY(FN(sbx_norm_sort)(s, d, n, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[2], -1, ctx, err));
    for (size_t k = 0; k < n; k++) {
        SBX_TRY(NUM_(add)(&t[2], &t[2], &s[k], ctx, err));
        SBX_TRY(NUM_(set_si)(&t[3], (long)k + 1, ctx, err));
        SBX_TRY(NUM_(div)(&t[3], &t[2], &t[3], ctx, err));
        if (k == 0)
            NUM_(set)(&t[4], &t[3]);
        else
            SBX_TRY(NUM_(max)(&t[4], &t[4], &t[3], ctx, err));
    }
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(sub)(&d[j], &d[j], &t[4], ctx, err));
done:
    FN(sbx_norm_free)(t, 5);
    FN(sbx_norm_free)(s, n);
    return st;
}

sbx_status FN(sbx_norm_project)(NUM *p, const NUM *x, size_t n, const NUM *delta,
                                const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM zero;
    NUM_(init)(&zero, ctx);
    SBX_TRY(FN(sbx_norm_above)(p, x, n, delta, ctx, err));
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(max)(&p[j], &p[j], &zero, ctx, err));
done:
    NUM_(clear)(&zero);
    return st;
}

/* *z = an enclosure of { u - v / k : least <= k <= most } for 0 <= u, v <= 1, which is monotone in
 * k, with 0 as well where a side may be outside of the support; points: least == most */
static sbx_status FN(entry)(NUM *z, long u, size_t least, size_t most, bool or_zero,
                            const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(3, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    for (int k = 0; k < 2; k++) {
        const long m = (long)(k ? most : least);
        SBX_TRY(NUM_(set_si)(&t[k], m * u - 1, ctx, err));
        SBX_TRY(NUM_(set_si)(&t[2], m, ctx, err));
        SBX_TRY(NUM_(div)(&t[k], &t[k], &t[2], ctx, err));
    }
    SBX_TRY(NUM_(set_si)(&t[2], 0, ctx, err));
#if NUM_ENCLOSE
    SBX_TRY(NUM_(hull)(z, &t[0], &t[1], ctx, err));
    if (or_zero) SBX_TRY(NUM_(hull)(z, z, &t[2], ctx, err));
#else
    NUM_(set)(z, or_zero ? &t[2] : &t[0]);
#endif
done:
    FN(sbx_norm_free)(t, 3);
    return st;
}

/* in[i]: is x_i in the support: 0 no, 1 perhaps, 2 surely; how many of each. A point with y_i = tau counts
 * as outside. d: room for n. */
sbx_status FN(sbx_norm_support)(unsigned char *in, size_t *sure, size_t *maybe, NUM *d,
                                const NUM *x, size_t n, const NUM *delta, const sbx_ctx *ctx,
                                sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM zero;
    NUM_(init)(&zero, ctx);
    *sure = *maybe = 0;
    SBX_TRY(FN(sbx_norm_above)(d, x, n, delta, ctx, err));
    for (size_t i = 0; i < n; i++) {
        const bool inside = NUM_(lt)(&zero, &d[i]) == SBX_TRUE;
        const bool outside = !NUM_ENCLOSE || NUM_(lt)(&d[i], &zero) == SBX_TRUE;
        in[i] = inside ? 2 : outside ? 0 : 1;
        *sure += inside;
        *maybe += in[i] == 1;
    }
done:
    NUM_(clear)(&zero);
    return st;
}

/* (I - 1 1'/k) / delta on a support of k, 0 outside of it. What is surely in it, and what may
 * be, bound the entries over a box [L-NRM-09]. */
sbx_status FN(sbx_norm_project_slope)(NUM *j, const NUM *x, size_t n, const NUM *delta,
                                      const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *d = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(1, ctx);
    unsigned char *in = sbx_alloc(n, 1);
    size_t sure = 0, maybe = 0;
    if (!d || !t || !in) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    NUM_(set)(&t[0], delta);
    SBX_TRY(FN(sbx_norm_support)(in, &sure, &maybe, d, x, n, delta, ctx, err));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            NUM *z = &j[i * n + k];
            const size_t given = sure + (in[i] == 1) + (k != i && in[k] == 1);
            if (!in[i] || !in[k]) continue; /* 0 */
            SBX_TRY(FN(entry)(z, i == k, given ? given : 1, sure + maybe ? sure + maybe : 1,
                              in[i] == 1 || in[k] == 1, ctx, err));
            SBX_TRY(NUM_(div)(z, z, &t[0], ctx, err));
        }
done:
    sbx_free(in);
    FN(sbx_norm_free)(t, 1);
    FN(sbx_norm_free)(d, n);
    return st;
}
