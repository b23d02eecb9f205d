/* norm/sinkhorn.c -- Sinkhorn's iteration (1964) on a matrix of scores, row after row.
 *
 * A given number of steps, not the limit; each makes the rows sum to 1, then the columns, so that at the
 * end the columns do. Every quotient is one of ends [L-NRM-02] of what the step before enclosed; the range
 * is cut by search.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/sinkhorn.c"
#include "norm/every.h"

static size_t outputs(const sbx_norm_args *a, size_t n)
{
    return n % (size_t)sbx_norm_long(a, 0) ? 0 : n;
}

static sbx_status fits(const sbx_norm_args *a, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (!outputs(a, n))
        SBX_FAIL(err, SBX_ERR_ARG, "sinkhorn: %zu scores are not %ld equal rows", n,
                 sbx_norm_long(a, 0));
done:
    return st;
}

static const sbx_param params[] = {
    {"rows", "of the matrix", "2", "1", "1000000", SBX_PARAM_INTEGER},
    {"steps", "how many", "3", "1", "1000000", SBX_PARAM_INTEGER},
    {"tau", "temperature", "1", "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_sinkhorn = {
    .info = {.name = "sinkhorn",
             .formula = "e^(x / tau), rows then columns made to sum to 1, steps times",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .shape = SBX_NORM_BRANCH,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SHIFT | SBX_NORM_CONTINUOUS,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 3},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian),
    .outputs = outputs,
    .fits = fits};
#else
/* every group of m entries p[at + k step], k < m, made to sum to 1 */
static sbx_status FN(group)(NUM *p, NUM *w, size_t at, size_t step, size_t m,
                            const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < m; k++)
        NUM_(set)(&w[k], &p[at + k * step]);
    SBX_TRY(FN(sbx_norm_weights)(w, w, NULL, m, a, ctx, err));
    for (size_t k = 0; k < m; k++)
        NUM_(set)(&p[at + k * step], &w[k]);
done:
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    const size_t rows = (size_t)sbx_norm_long(a, 0), columns = n / rows;
    sbx_status st = SBX_OK;
    NUM *w = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(2, ctx);
    if (!w || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 2, 0, ctx, err));
    SBX_TRY(FN(sbx_norm_top)(&t[1], x, n, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(sub)(&p[i], &x[i], &t[1], ctx, err));
        SBX_TRY(NUM_(div)(&p[i], &p[i], &t[0], ctx, err));
        SBX_TRY(NUM_(exp)(&p[i], &p[i], ctx, err));
    }
    for (long s = 0; s < sbx_norm_long(a, 1); s++) {
        for (size_t i = 0; i < rows; i++)
            SBX_TRY(FN(group)(p, w, i * columns, 1, columns, a, ctx, err));
        for (size_t k = 0; k < columns; k++)
            SBX_TRY(FN(group)(p, w, k, columns, rows, a, ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 2);
    FN(sbx_norm_free)(w, n);
    return st;
}

/* The same for the derivatives d[e n + i] of every entry e in every x_i: of w / sum w they are
 * (dw - p sum dw) / sum w; p has the entries before the step [L-NRM-30]. */
static sbx_status FN(group_slope)(NUM *d, const NUM *p, NUM *w, size_t n, size_t at, size_t step,
                                  size_t m, const sbx_norm_args *a, const sbx_ctx *ctx,
                                  sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(3, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    for (size_t k = 0; k < m; k++) {
        NUM_(set)(&w[k], &p[at + k * step]);
        SBX_TRY(NUM_(add)(&t[0], &t[0], &w[k], ctx, err));
    }
    SBX_TRY(FN(sbx_norm_weights)(w, w, NULL, m, a, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(set_si)(&t[1], 0, ctx, err));
        for (size_t k = 0; k < m; k++)
            SBX_TRY(NUM_(add)(&t[1], &t[1], &d[(at + k * step) * n + i], ctx, err));
        for (size_t k = 0; k < m; k++) {
            NUM *z = &d[(at + k * step) * n + i];
            SBX_TRY(NUM_(mul)(&t[2], &w[k], &t[1], ctx, err));
            SBX_TRY(NUM_(sub)(z, z, &t[2], ctx, err));
            SBX_TRY(NUM_(div)(z, z, &t[0], ctx, err));
        }
    }
done:
    FN(sbx_norm_free)(t, 3);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    const size_t rows = (size_t)sbx_norm_long(a, 0), columns = n / rows;
    sbx_status st = SBX_OK;
    NUM *p = FN(sbx_norm_new)(n, ctx), *w = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(2, ctx);
    if (!p || !w || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 2, 0, ctx, err));
    SBX_TRY(FN(sbx_norm_top)(&t[1], x, n, ctx, err)); /* a constant, which cancels */
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(sub)(&p[i], &x[i], &t[1], ctx, err));
        SBX_TRY(NUM_(div)(&p[i], &p[i], &t[0], ctx, err));
        SBX_TRY(NUM_(exp)(&p[i], &p[i], ctx, err));
        SBX_TRY(NUM_(div)(&j[i * n + i], &p[i], &t[0], ctx, err));
    }
    for (long s = 0; s < sbx_norm_long(a, 1); s++) {
        for (size_t i = 0; i < rows; i++) {
            SBX_TRY(FN(group_slope)(j, p, w, n, i * columns, 1, columns, a, ctx, err));
            SBX_TRY(FN(group)(p, w, i * columns, 1, columns, a, ctx, err));
        }
        for (size_t k = 0; k < columns; k++) {
            SBX_TRY(FN(group_slope)(j, p, w, n, k, columns, rows, a, ctx, err));
            SBX_TRY(FN(group)(p, w, k, columns, rows, a, ctx, err));
        }
    }
done:
    FN(sbx_norm_free)(t, 2);
    FN(sbx_norm_free)(w, n);
    FN(sbx_norm_free)(p, n);
    return st;
}
#endif
