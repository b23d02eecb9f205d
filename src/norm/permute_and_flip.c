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

static const sbx_param params[] = {
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
    SBX_NORM_JACOBIAN(jacobian),
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

/* w[0 .. *m] = the means W_k of the products of k of the numbers 1 - a_j, j neither i nor l; *m of them.
 * Adding a factor b to m of them makes
 * W_k = ((m + 1 - k) W_k + k b W_(k-1)) / (m + 1) [L-NRM-27] */
static sbx_status FN(means)(NUM *w, size_t *m, size_t i, size_t l, const NUM *c, size_t n,
                            const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(3, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    *m = 0;
    SBX_TRY(NUM_(set_si)(&w[0], 1, ctx, err));
    for (size_t j = 0; j < n; j++) {
        if (j == i || j == l) continue;
        SBX_TRY(NUM_(set_si)(&t[0], 1, ctx, err));
        SBX_TRY(NUM_(sub)(&t[0], &t[0], &c[j], ctx, err)); /* b */
        SBX_TRY(NUM_(set_si)(&t[1], (long)*m + 1, ctx, err));
        SBX_TRY(NUM_(set_si)(&w[*m + 1], 0, ctx, err));
        for (size_t k = *m + 1; k > 0; k--) {
            SBX_TRY(NUM_(set_si)(&t[2], (long)(*m + 1 - k), ctx, err));
            SBX_TRY(NUM_(mul)(&w[k], &w[k], &t[2], ctx, err));
            SBX_TRY(NUM_(set_si)(&t[2], (long)k, ctx, err));
            SBX_TRY(NUM_(mul)(&t[2], &t[2], &t[0], ctx, err));
            SBX_TRY(NUM_(fma)(&w[k], &t[2], &w[k - 1], &w[k], ctx, err));
            SBX_TRY(NUM_(div)(&w[k], &w[k], &t[1], ctx, err));
        }
        ++*m;
    }
done:
    FN(sbx_norm_free)(t, 3);
    return st;
}

/* *p = a_i (W_0 + .. + W_(n-1)) / n */
static sbx_status FN(chance_of)(NUM *p, size_t i, const NUM *c, NUM *w, size_t n,
                                const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t m;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(means)(w, &m, i, i, c, n, ctx, err));
    for (size_t k = 0; k < n; k++)
        SBX_TRY(NUM_(add)(&t[0], &t[0], &w[k], ctx, err));
    SBX_TRY(NUM_(set_si)(&t[1], (long)n, ctx, err));
    SBX_TRY(NUM_(div)(&t[0], &t[0], &t[1], ctx, err));
    SBX_TRY(NUM_(mul)(p, &c[i], &t[0], ctx, err));
done:
    FN(sbx_norm_free)(t, 2);
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

/* *z = a_i a_l int_0^1 t prod_{j != i, l} (1 - t a_j) dt = a_i a_l sum (k + 1) W_k / ((m + 1) (m + 2)) */
static sbx_status FN(pair)(NUM *z, size_t i, size_t l, const NUM *c, NUM *w, size_t n,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t m;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(means)(w, &m, i, l, c, n, ctx, err));
    for (size_t k = 0; k <= m; k++) {
        SBX_TRY(NUM_(set_si)(&t[1], (long)k + 1, ctx, err));
        SBX_TRY(NUM_(fma)(&t[0], &t[1], &w[k], &t[0], ctx, err));
    }
    SBX_TRY(NUM_(set_si)(&t[1], (long)((m + 1) * (m + 2)), ctx, err));
    SBX_TRY(NUM_(div)(&t[0], &t[0], &t[1], ctx, err));
    SBX_TRY(NUM_(mul)(&t[0], &t[0], &c[i], ctx, err));
    SBX_TRY(NUM_(mul)(z, &t[0], &c[l], ctx, err));
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

/* Is x_k the greatest: 2 surely, 1 perhaps, 0 no; of equal points the first is. */
static unsigned FN(greatest)(const NUM *x, size_t k, size_t n)
{
    unsigned in = 2;
    for (size_t l = 0; l < n; l++) {
        if (l == k) continue;
        if (NUM_(lt)(&x[k], &x[l]) == SBX_TRUE) return 0;
        if (!NUM_ENCLOSE && l < k && NUM_(eq)(&x[k], &x[l]) == SBX_TRUE) return 0;
        if (NUM_ENCLOSE && NUM_(lt)(&x[l], &x[k]) != SBX_TRUE) in = 1;
    }
    return in;
}

/* Column k while x_k is not the greatest: lambda P(k) on the diagonal, minus lambda times the pair
 * elsewhere; the column of the greatest is minus the sum of the others [L-NRM-29]. */
static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *c = FN(sbx_norm_new)(n, ctx), *w = FN(sbx_norm_new)(n, ctx), *s = FN(sbx_norm_new)(n, ctx);
    NUM *t = FN(sbx_norm_new)(2, ctx);
    if (!c || !w || !s || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(chances)(c, x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    if (!sbx_norm_is(a, 1, 0)) {
        SBX_TRY(FN(sbx_norm_param)(&t[1], a, 1, 0, ctx, err));
        SBX_TRY(NUM_(log)(&t[1], &t[1], ctx, err));
        SBX_TRY(NUM_(mul)(&t[0], &t[0], &t[1], ctx, err));
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++) {
            if (i == k)
                SBX_TRY(FN(chance_of)(&t[1], i, c, w, n, ctx, err));
            else
                SBX_TRY(FN(pair)(&t[1], i, k, c, w, n, ctx, err));
            SBX_TRY(NUM_(mul)(&t[1], &t[1], &t[0], ctx, err));
            if (i != k) SBX_TRY(NUM_(neg)(&t[1], &t[1], ctx, err));
            NUM_(set)(&j[i * n + k], &t[1]);
            NUM_(set)(&j[k * n + i], &t[1]);
        }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) { /* the column of the greatest, before any is changed */
            SBX_TRY(NUM_(set_si)(&s[k], 0, ctx, err));
            for (size_t l = 0; l < n; l++)
                if (l != k) SBX_TRY(NUM_(sub)(&s[k], &s[k], &j[i * n + l], ctx, err));
        }
        for (size_t k = 0; k < n; k++) {
            const unsigned top = FN(greatest)(x, k, n);
            if (top == 2) NUM_(set)(&j[i * n + k], &s[k]);
#if NUM_ENCLOSE
            if (top == 1) SBX_TRY(NUM_(hull)(&j[i * n + k], &j[i * n + k], &s[k], ctx, err));
#endif
        }
    }
done:
    FN(sbx_norm_free)(t, 2);
    FN(sbx_norm_free)(s, n);
    FN(sbx_norm_free)(w, n);
    FN(sbx_norm_free)(c, n);
    return st;
}
#endif
