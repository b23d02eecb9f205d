/* norm/rational.c -- a rational softmax that is invariant to shifts: softbox's own, an exact reference for tests.
 *
 * The maximum is subtracted first, so that, unlike every other weight but exp, it keeps a finite error.
 * Ranges by search: an output need not fall when the maximum rises. The Jacobian of the column of the
 * maximum is minus the sum of the others, because shifts change nothing [L-NRM-20].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/rational.c"
#include "norm/every.h"

static const sbx_param params[] = {{"p", "the exponent", "2", "1", "64", SBX_PARAM_INTEGER},
                                   {"s", "scale", "1", "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_rational = {.info = {.name = "rational",
                                             .formula = "(1 + (max x - x_i) / s)^-p, normalised",
                                             .kind = SBX_NORM_RATIONAL,
                                             .shape = SBX_NORM_BRANCH,
                                             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE |
                                                       SBX_NORM_SHIFT | SBX_NORM_CONTINUOUS |
                                                       SBX_NORM_SYMMETRIC,
                                             .param = params,
                                             .n_params = 2},
                                    SBX_NORM_EVAL(eval),
                                    SBX_NORM_JACOBIAN(jacobian)};
#else
/* w[i] = (1 + (m - x_i) / s)^-p and, unless it is NULL, dw[i] = p / s (1 + (m - x_i) / s)^(-p-1) */
static sbx_status FN(weights)(NUM *w, NUM *dw, const NUM *x, size_t n, const sbx_norm_args *a,
                              const sbx_ctx *ctx, sbx_err *err)
{
    const long p = sbx_norm_long(a, 0);
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(6, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 1, 0, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[1], 1, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[2], p, ctx, err));
    SBX_TRY(NUM_(div)(&t[2], &t[2], &t[0], ctx, err));
    NUM_(set)(&t[3], &x[0]);
    for (size_t i = 1; i < n; i++)
        SBX_TRY(NUM_(max)(&t[3], &t[3], &x[i], ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(sub)(&t[4], &t[3], &x[i], ctx, err));
        SBX_TRY(NUM_(max)(&t[4], &t[4], &t[5], ctx, err));
        SBX_TRY(NUM_(div)(&t[4], &t[4], &t[0], ctx, err));
        SBX_TRY(NUM_(add)(&t[4], &t[4], &t[1], ctx, err));
        SBX_TRY(NUM_(div)(&t[4], &t[1], &t[4], ctx, err));
        SBX_TRY(NUM_(pow)(&w[i], &t[4], (double)p, ctx, err));
        if (!dw) continue;
        SBX_TRY(NUM_(pow)(&dw[i], &t[4], (double)(p + 1), ctx, err));
        SBX_TRY(NUM_(mul)(&dw[i], &dw[i], &t[2], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 6);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *w = FN(sbx_norm_new)(n, ctx);
    if (!w) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    SBX_TRY(FN(weights)(w, NULL, x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_weights)(p, w, NULL, n, a, ctx, err));
done:
    FN(sbx_norm_free)(w, n);
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

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *w = FN(sbx_norm_new)(n, ctx), *dw = FN(sbx_norm_new)(n, ctx);
    NUM *c = FN(sbx_norm_new)(n, ctx);
    unsigned char *top = sbx_alloc(n, 1);
    if (!w || !dw || !c || !top) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    SBX_TRY(FN(weights)(w, dw, x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_weights_slope)(j, w, dw, NULL, n, a, ctx, err));
    for (size_t k = 0; k < n; k++)
        top[k] = (unsigned char)FN(greatest)(x, k, n);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) { /* the column of a maximum, before any is changed */
            SBX_TRY(NUM_(set_si)(&c[k], 0, ctx, err));
            for (size_t l = 0; l < n && top[k]; l++)
                if (l != k) SBX_TRY(NUM_(sub)(&c[k], &c[k], &j[i * n + l], ctx, err));
        }
        for (size_t k = 0; k < n; k++) {
            if (top[k] == 2) NUM_(set)(&j[i * n + k], &c[k]);
#if NUM_ENCLOSE
            if (top[k] == 1) SBX_TRY(NUM_(hull)(&j[i * n + k], &j[i * n + k], &c[k], ctx, err));
#endif
        }
    }
done:
    sbx_free(top);
    FN(sbx_norm_free)(c, n);
    FN(sbx_norm_free)(dw, n);
    FN(sbx_norm_free)(w, n);
    return st;
}
#endif
