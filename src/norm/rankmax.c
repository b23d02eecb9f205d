/* norm/rankmax.c -- Rankmax (Kong et al. 2020): sparsemax at the scale at which the k greatest scores survive.
 *
 * The paper adapts the scale so that the label of a training item is just outside of the support; a
 * normalizer knows no label, so that here k says how many scores stand in it. With k >= n, all do, and the
 * least score takes the place of x_(k+1). 0/0 where the k + 1 greatest are the same. Over a box: order
 * statistics end by end [L-NRM-05], then search. The Jacobian is that of a cell of the order [L-NRM-84].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/rankmax.c"
#include "norm/every.h"

static const sbx_param params[] = {
    {"k", "how many scores can have weight", "2", "1", "1000000", SBX_PARAM_INTEGER}};

const sbx_norm sbx_norm_rankmax = {
    .info = {.name = "rankmax",
             .formula = "max(x_i - x_(k+1), 0) / sum max(x_j - x_(k+1), 0)",
             .undefined = "where the k + 1 greatest scores are the same",
             .note = "the paper's scale is that of a label; k stands in its place",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_BRANCH,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT |
                       SBX_NORM_SCALE | SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC,
             .zero_rows = true,
             .param = params,
             .n_params = 1},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    const size_t k = (size_t)sbx_norm_long(a, 0), at = k < n ? k : n - 1;
    sbx_status st = SBX_OK;
    NUM *s = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(1, ctx);
    if (!s || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_norm_sort)(s, x, n, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(sub)(&p[i], &x[i], &s[at], ctx, err));
        SBX_TRY(NUM_(max)(&p[i], &p[i], &t[0], ctx, err));
    }
    SBX_TRY(FN(sbx_norm_weights)(p, p, NULL, n, a, ctx, err));
done:
    FN(sbx_norm_free)(t, 1);
    FN(sbx_norm_free)(s, n);
    return st;
}

enum { FN(ABOVE) = 1, FN(PIVOT) = 2, FN(BELOW) = 4 };

/* What x_l can be: above the score number `at` in decreasing order, it, below it. Of equal points the
 * first come first. s: x in that order. */
static unsigned FN(part)(const NUM *x, size_t l, const NUM *s, size_t at, size_t n)
{
#if NUM_ENCLOSE
    (void)n;
    return NUM_(lt)(&s[at], &x[l]) == SBX_TRUE   ? FN(ABOVE)
           : NUM_(lt)(&x[l], &s[at]) == SBX_TRUE ? FN(BELOW)
                                                 : FN(ABOVE) | FN(PIVOT) | FN(BELOW);
#else
    size_t before = 0;
    (void)s;
    for (size_t i = 0; i < n; i++)
        before +=
            NUM_(lt)(&x[l], &x[i]) == SBX_TRUE || (i < l && NUM_(eq)(&x[l], &x[i]) == SBX_TRUE);
    return before < at ? FN(ABOVE) : before == at ? FN(PIVOT) : FN(BELOW);
#endif
}

#if NUM_ENCLOSE
/* Exactly `at` scores are above the pivot, and n - 1 - at below, wherever all are different: what is not
 * certain is less than that where these places are taken. */
static void FN(settle)(unsigned *in, size_t n, size_t at)
{
    size_t above = 0, below = 0;
    for (size_t i = 0; i < n; i++) {
        above += in[i] == FN(ABOVE);
        below += in[i] == FN(BELOW);
    }
    for (size_t i = 0; i < n; i++) {
        if (in[i] == FN(ABOVE) || in[i] == FN(BELOW)) continue;
        if (above == at) in[i] &= ~(unsigned)FN(ABOVE);
        if (below == n - 1 - at) in[i] &= ~(unsigned)FN(BELOW);
    }
}

/* z = v, or the hull of both once z is set */
static sbx_status FN(join)(NUM *z, const NUM *v, bool *any, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (*any)
        SBX_TRY(NUM_(hull)(z, z, v, ctx, err));
    else
        NUM_(set)(z, v);
    *any = true;
done:
    return st;
}
#endif

/* Row i, divided by the sum of weights d: 0 where x_i is not above the pivot; else (i = l) - p_i in a column l
 * above, at p_i - 1 in that of the pivot, 0 in one below. rest: 1 - p_i. */
static sbx_status FN(row)(NUM *j, size_t i, const unsigned *in, size_t n, size_t at, const NUM *p,
                          const NUM *rest, const NUM *d, const sbx_ctx *ctx, sbx_err *err)
{
    enum { MINUS, PIVOT, T, ZERO, COUNT };
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(COUNT, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(neg)(&t[MINUS], p, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[T], (long)at, ctx, err));
    SBX_TRY(NUM_(mul)(&t[PIVOT], p, &t[T], ctx, err));
    SBX_TRY(NUM_(set_si)(&t[T], 1, ctx, err));
    SBX_TRY(NUM_(sub)(&t[PIVOT], &t[PIVOT], &t[T], ctx, err));
    for (size_t l = 0; l < n; l++) {
        const NUM *const above = l == i ? rest : &t[MINUS];
#if NUM_ENCLOSE
        bool any = false;
        if (in[l] & FN(ABOVE)) SBX_TRY(FN(join)(&j[l], above, &any, ctx, err));
        if ((in[l] & FN(PIVOT)) && l != i) SBX_TRY(FN(join)(&j[l], &t[PIVOT], &any, ctx, err));
        if ((in[l] & FN(BELOW)) || in[i] != FN(ABOVE))
            SBX_TRY(FN(join)(&j[l], &t[ZERO], &any, ctx, err));
#else
        NUM_(set)
        (&j[l], in[i] != FN(ABOVE)   ? &t[ZERO]
                : in[l] == FN(ABOVE) ? above
                : in[l] == FN(PIVOT) ? &t[PIVOT]
                                     : &t[ZERO]);
#endif
        SBX_TRY(NUM_(div)(&j[l], &j[l], d, ctx, err));
    }
done:
    FN(sbx_norm_free)(t, COUNT);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    const size_t k = (size_t)sbx_norm_long(a, 0), at = k < n ? k : n - 1;
    sbx_status st = SBX_OK;
    NUM *s = FN(sbx_norm_new)(n, ctx), *u = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(5, ctx);
    unsigned *in = sbx_alloc(n, sizeof *in);
    if (!s || !u || !t || !in) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_norm_sort)(s, x, n, ctx, err));
    for (size_t i = 0; i < n; i++) {
        in[i] = FN(part)(x, i, s, at, n);
        SBX_TRY(NUM_(sub)(&u[i], &x[i], &s[at], ctx, err));
        SBX_TRY(NUM_(max)(&u[i], &u[i], &t[0], ctx, err));
        SBX_TRY(NUM_(add)(&t[1], &t[1], &u[i], ctx, err));
    }
#if NUM_ENCLOSE
    FN(settle)(in, n, at);
#endif
    if (NUM_(lt)(&t[0], &t[1]) != SBX_TRUE)
        SBX_FAIL(err, SBX_ERR_DOMAIN, "%s has no derivative where all its weights are 0",
                 a->norm->info.name);
    for (size_t i = 0; i < n; i++) {
        if (!(in[i] & FN(ABOVE))) continue; /* 0 */
        NUM_(set)(&t[2], &t[0]);
        for (size_t l = 0; l < n; l++)
            if (l != i) SBX_TRY(NUM_(add)(&t[2], &t[2], &u[l], ctx, err));
        SBX_TRY(FN(sbx_norm_ratio)(&t[3], &u[i], &t[2], ctx, err));
        SBX_TRY(FN(sbx_norm_ratio)(&t[4], &t[2], &u[i], ctx, err));
        SBX_TRY(FN(row)(&j[i * n], i, in, n, at, &t[3], &t[4], &t[1], ctx, err));
    }
done:
    sbx_free(in);
    FN(sbx_norm_free)(t, 5);
    FN(sbx_norm_free)(u, n);
    FN(sbx_norm_free)(s, n);
    return st;
}
#endif
