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

static const sbx_param params[] = {
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
    SBX_NORM_JACOBIAN(jacobian),
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

/* *z = the slope of the mean of the k greatest of the m entries x[at + i step] in entry number e of them:
 * 1/k if it is among these, 0 if not; both where it may be. s: those entries sorted, greatest first. */
static sbx_status FN(share)(NUM *z, const NUM *s, const NUM *v, size_t before, size_t m, size_t k,
                            const sbx_ctx *ctx, sbx_err *err)
{
    const size_t take = k < m ? k : m;
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    bool in = take == m || NUM_(lt)(&s[take], v) == SBX_TRUE;
    const bool out = !in && NUM_(lt)(v, &s[take - 1]) == SBX_TRUE;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(set_si)(z, 0, ctx, err));
    if (out) goto done;
    SBX_TRY(NUM_(set_si)(&t[0], 1, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[1], (long)take, ctx, err));
    SBX_TRY(NUM_(div)(&t[0], &t[0], &t[1], ctx, err));
#if NUM_ENCLOSE
    (void)before;
    if (in)
        NUM_(set)(z, &t[0]);
    else
        SBX_TRY(NUM_(hull)(z, z, &t[0], ctx, err));
#else
    in = in || before < take; /* of equal points the first ones */
    if (in) NUM_(set)(z, &t[0]);
#endif
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

/* how many of the m entries x[at + i step] stand before entry e of them: greater, or equal and earlier */
static size_t FN(before)(const NUM *x, size_t at, size_t step, size_t m, size_t e)
{
    const NUM *v = &x[at + e * step];
    size_t n = 0;
    for (size_t i = 0; i < m; i++)
        n += (NUM_(lt)(v, &x[at + i * step]) == SBX_TRUE ||
              (i < e && NUM_(eq)(v, &x[at + i * step]) == SBX_TRUE))
                 ? 1
                 : 0;
    return n;
}

/* 2 on the diagonal, minus the shares of the row and of the column: linear on every cell, and over a box
 * an enclosure of all cells [L-NRM-30] */
static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    const size_t rows = (size_t)sbx_norm_long(a, 0), columns = n / rows;
    const size_t k = (size_t)sbx_norm_long(a, 1);
    sbx_status st = SBX_OK;
    NUM *s = FN(sbx_norm_new)(n, ctx), *c = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(2, ctx);
    if (!s || !c || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(NUM_(set_si)(&t[1], 2, ctx, err));
    for (size_t i = 0; i < n; i++)
        NUM_(set)(&j[i * n + i], &t[1]);
    for (size_t g = 0; g < rows + columns; g++) { /* rows, then columns */
        const bool row = g < rows;
        const size_t at = row ? g * columns : g - rows, step = row ? 1 : columns;
        const size_t m = row ? columns : rows;
        for (size_t e = 0; e < m; e++)
            NUM_(set)(&c[e], &x[at + e * step]);
        SBX_TRY(FN(sbx_norm_sort)(s, c, m, ctx, err));
        for (size_t e = 0; e < m; e++) {
            SBX_TRY(FN(share)(&t[0], s, &c[e], FN(before)(x, at, step, m, e), m, k, ctx, err));
            for (size_t i = 0; i < m; i++) {
                NUM *z = &j[(at + i * step) * n + at + e * step];
                SBX_TRY(NUM_(sub)(z, z, &t[0], ctx, err));
            }
        }
    }
done:
    FN(sbx_norm_free)(t, 2);
    FN(sbx_norm_free)(c, n);
    FN(sbx_norm_free)(s, n);
    return st;
}
#endif
