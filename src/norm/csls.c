/* norm/csls.c -- cross-domain similarity local scaling (Conneau et al. 2018) of a matrix of scores, row after row.
 *
 * No weights: scores made comparable. k is at most the length of a row or column. Means of order
 * statistics over a box are end by end [L-NRM-05]; the range is cut by search.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/csls.c"
#include "norm/every.h"

static size_t outputs(const sbx_norm_args *a, size_t n)
{
    return n % (size_t)sbx_norm_long(a, 0) ? 0 : n;
}

static sbx_status fits(const sbx_norm_args *a, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (!outputs(a, n))
        SBX_FAIL(err, SBX_ERR_ARG, "csls: %zu scores are not %ld equal rows", n,
                 sbx_norm_long(a, 0));
done:
    return st;
}

static const sbx_norm_param params[] = {
    {"rows", "of the matrix", "2", "1", "1000000", SBX_PARAM_INTEGER},
    {"k", "how many neighbours", "10", "1", "1000000", SBX_PARAM_INTEGER}};

const sbx_norm sbx_norm_csls = {
    .info = {.name = "csls",
             .formula = "2 x_ij - r_i - c_j: means of the k greatest of row i, of column j",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_BRANCH,
             .traits = SBX_NORM_SHIFT | SBX_NORM_CONTINUOUS,
             .param = params,
             .n_params = 2},
    SBX_NORM_EVAL(eval),
    .outputs = outputs,
    .fits = fits};
#else
/* *z = the mean of the k greatest of the m entries x[at + i step]; s: room for m */
static sbx_status FN(mean)(NUM *z, NUM *s, const NUM *x, size_t at, size_t step, size_t m, size_t k,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *c = FN(sbx_norm_new)(m + 1, ctx);
    const size_t take = k < m ? k : m;
    if (!c) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", m);
    for (size_t i = 0; i < m; i++)
        NUM_(set)(&c[i], &x[at + i * step]);
    SBX_TRY(FN(sbx_norm_sort)(s, c, m, ctx, err));
    SBX_TRY(NUM_(set_si)(z, 0, ctx, err));
    for (size_t i = 0; i < take; i++)
        SBX_TRY(NUM_(add)(z, z, &s[i], ctx, err));
    SBX_TRY(NUM_(set_si)(&c[m], (long)take, ctx, err));
    SBX_TRY(NUM_(div)(z, z, &c[m], ctx, err));
done:
    FN(sbx_norm_free)(c, m + 1);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    const size_t rows = (size_t)sbx_norm_long(a, 0), columns = n / rows;
    const size_t k = (size_t)sbx_norm_long(a, 1);
    sbx_status st = SBX_OK;
    NUM *s = FN(sbx_norm_new)(n, ctx), *r = FN(sbx_norm_new)(rows, ctx);
    NUM *c = FN(sbx_norm_new)(columns, ctx);
    if (!s || !r || !c) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t i = 0; i < rows; i++)
        SBX_TRY(FN(mean)(&r[i], s, x, i * columns, 1, columns, k, ctx, err));
    for (size_t i = 0; i < columns; i++)
        SBX_TRY(FN(mean)(&c[i], s, x, i, columns, rows, k, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(add)(&p[i], &x[i], &x[i], ctx, err));
        SBX_TRY(NUM_(sub)(&p[i], &p[i], &r[i / columns], ctx, err));
        SBX_TRY(NUM_(sub)(&p[i], &p[i], &c[i % columns], ctx, err));
    }
done:
    FN(sbx_norm_free)(c, columns);
    FN(sbx_norm_free)(r, rows);
    FN(sbx_norm_free)(s, n);
    return st;
}
#endif
