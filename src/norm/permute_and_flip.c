/* norm/permute_and_flip.c -- permute-and-flip (McKenna and Sheldon 2020).
 *
 * P(i) = a_i int_0^1 prod_{j != i} (1 - t a_j) dt. In the Bernstein basis the product has the coefficients
 * W_k, means of products of k of the numbers 1 - a_j, so that P(i) = a_i (W_0 + .. + W_(n-1)) / n: sums of
 * positive terms [L-NRM-21]. Equal scores have equal outputs, which are computed once. With a rational base
 * in the place of e, mpq computes it exactly where lambda (x_i - max x) is whole.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/permute_and_flip.c"
#include "norm/every.h"

/* 0, or above 1 */
static sbx_status fits(const sbx_norm_args *a, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    (void)n;
    if (!sbx_norm_is(a, 1, 0) && mpq_cmp_si(a->value[1].v[0], 1, 1) <= 0)
        SBX_FAIL(err, SBX_ERR_ARG, "permute-and-flip: base must be 0, which is e, or above 1");
done:
    return st;
}

static const sbx_norm_param params[] = {
    {"lambda", "inverse temperature", "1", "0", NULL, SBX_PARAM_OPEN_LO},
    {"base", "in the place of e; 0 is e", "0", "0", NULL, 0}};

const sbx_norm sbx_norm_permute_and_flip = {
    .info =
        {.name = "permute-and-flip",
         .formula =
             "P(i accepted first), j accepted with a_j = e^(lambda (x_j - max x)), in random order",
         .note = "exact in mpq with a rational base where every lambda (x_i - max x) is whole",
         .kind = SBX_NORM_TRANSCENDENTAL,
         .shape = SBX_NORM_MONOTONE,
         .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT |
                   SBX_NORM_CONTINUOUS | SBX_NORM_SYMMETRIC,
         .param = params,
         .n_params = 2},
    SBX_NORM_EVAL(eval),
    .fits = fits};
#else
/* a[i] = base^(lambda (x_i - max x)), in [0, 1] */
static sbx_status FN(chances)(NUM *c, const NUM *x, size_t n, const sbx_norm_args *a,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(4, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[3], 1, ctx, err));
    NUM_(set)(&t[1], &x[0]);
    for (size_t i = 1; i < n; i++)
        SBX_TRY(NUM_(max)(&t[1], &t[1], &x[i], ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(sub)(&t[2], &x[i], &t[1], ctx, err));
        SBX_TRY(NUM_(mul)(&t[2], &t[2], &t[0], ctx, err));
        if (sbx_norm_is(a, 1, 0))
            SBX_TRY(NUM_(exp)(&c[i], &t[2], ctx, err));
        else
            SBX_TRY(FN(sbx_norm_base_power)(&c[i], a->value[1].v[0], &t[2], ctx, err));
        SBX_TRY(NUM_(min)(&c[i], &c[i], &t[3], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 4);
    return st;
}

/* *p = a_i (W_0 + .. + W_(n-1)) / n; adding a factor b to m of them makes
 * W_k = ((m + 1 - k) W_k + k b W_(k-1)) / (m + 1) [L-NRM-27] */
static sbx_status FN(chance_of)(NUM *p, size_t i, const NUM *c, NUM *w, size_t n,
                                const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t m = 0;
    NUM *t = FN(sbx_norm_new)(4, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(set_si)(&w[0], 1, ctx, err));
    for (size_t j = 0; j < n; j++) {
        if (j == i) continue;
        SBX_TRY(NUM_(set_si)(&t[0], 1, ctx, err));
        SBX_TRY(NUM_(sub)(&t[0], &t[0], &c[j], ctx, err)); /* b */
        SBX_TRY(NUM_(set_si)(&t[1], (long)m + 1, ctx, err));
        SBX_TRY(NUM_(set_si)(&w[m + 1], 0, ctx, err));
        for (size_t k = m + 1; k > 0; k--) {
            SBX_TRY(NUM_(set_si)(&t[2], (long)(m + 1 - k), ctx, err));
            SBX_TRY(NUM_(mul)(&w[k], &w[k], &t[2], ctx, err));
            SBX_TRY(NUM_(set_si)(&t[2], (long)k, ctx, err));
            SBX_TRY(NUM_(mul)(&t[2], &t[2], &t[0], ctx, err));
            SBX_TRY(NUM_(fma)(&w[k], &t[2], &w[k - 1], &w[k], ctx, err));
            SBX_TRY(NUM_(div)(&w[k], &w[k], &t[1], ctx, err));
        }
        m++;
    }
    SBX_TRY(NUM_(set_si)(&t[3], 0, ctx, err));
    for (size_t k = 0; k < n; k++)
        SBX_TRY(NUM_(add)(&t[3], &t[3], &w[k], ctx, err));
    SBX_TRY(NUM_(set_si)(&t[2], (long)n, ctx, err));
    SBX_TRY(NUM_(div)(&t[3], &t[3], &t[2], ctx, err));
    SBX_TRY(NUM_(mul)(p, &c[i], &t[3], ctx, err));
done:
    FN(sbx_norm_free)(t, 4);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *c = FN(sbx_norm_new)(n, ctx), *w = FN(sbx_norm_new)(n, ctx);
    if (!c || !w) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(chances)(c, x, n, a, ctx, err));
    for (size_t i = 0; i < n; i++) {
        size_t same = i;
        for (size_t k = i; k-- > 0 && i - k < 64;)
            if (NUM_(eq)(&x[k], &x[i]) == SBX_TRUE) same = k;
        if (same < i)
            NUM_(set)(&p[i], &p[same]);
        else
            SBX_TRY(FN(chance_of)(&p[i], i, c, w, n, ctx, err));
    }
done:
    FN(sbx_norm_free)(w, n);
    FN(sbx_norm_free)(c, n);
    return st;
}
#endif
