/* norm/topk.c -- softmax on the k greatest scores (Sparse-softmax, Sun et al. 2021); of equal ones the first count.
 *
 * The sum runs over order statistics [L-NRM-05]; a score that may or may not be among the k greatest has
 * 0 in its enclosure. Output i rises in x_i and falls in the others, steps included [L-NRM-19]. Where the k
 * greatest are surely the same it has softmax's derivatives; else it jumps [L-NRM-83].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/topk.c"
#include "norm/every.h"

static const sbx_param params[] = {
    {"k", "how many have weight", "2", "1", "1000000000", SBX_PARAM_INTEGER},
    {"lambda", "inverse temperature", "1", "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_topk = {
    .info =
        {.name = "top-k",
         .formula = "softmax of the k greatest, 0 elsewhere",
         .note =
             "of equal scores the first count, so that exactly k have weight; other codes keep them all",
         .kind = SBX_NORM_TRANSCENDENTAL,
         .shape = SBX_NORM_MONOTONE,
         .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT | SBX_NORM_SPARSE,
         .need = SBX_CAN_EXP,
         .param = params,
         .n_params = 2},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
/* Is x_i among the k greatest: 2 surely, 1 perhaps, 0 no. Its place is the number of scores that
 * beat it: greater, or equal and before it. */
static unsigned FN(among)(const NUM *x, size_t i, const NUM *s, size_t k, size_t n)
{
    size_t beaten = 0, may_be = 0;
    if (k >= n || NUM_(lt)(&s[k], &x[i]) == SBX_TRUE) return 2;
    if (NUM_(lt)(&x[i], &s[k - 1]) == SBX_TRUE) return 0;
    for (size_t l = 0; l < n; l++) {
        const sbx_truth above = l < i ? NUM_(le)(&x[i], &x[l]) : NUM_(lt)(&x[i], &x[l]);
        if (l == i) continue;
        beaten += above == SBX_TRUE;
        may_be += above != SBX_FALSE;
    }
    return may_be < k ? 2 : beaten < k ? 1 : 0;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    const size_t k = (size_t)sbx_norm_long(a, 0);
    sbx_status st = SBX_OK;
    NUM *s = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(4, ctx);
    if (!s || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_norm_sort)(s, x, n, ctx, err));
    SBX_TRY(FN(sbx_norm_top)(&t[0], x, n, ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&t[1], a, 1, 0, ctx, err));
    for (size_t i = 0; i < k && i < n; i++) {
        SBX_TRY(NUM_(sub)(&t[3], &s[i], &t[0], ctx, err));
        SBX_TRY(NUM_(mul)(&t[3], &t[3], &t[1], ctx, err));
        SBX_TRY(NUM_(exp)(&t[3], &t[3], ctx, err));
        SBX_TRY(NUM_(add)(&t[2], &t[2], &t[3], ctx, err));
    }
    for (size_t i = 0; i < n; i++) {
        const unsigned in = FN(among)(x, i, s, k, n);
        SBX_TRY(NUM_(set_si)(&p[i], 0, ctx, err));
        if (!in) continue;
        SBX_TRY(NUM_(sub)(&t[3], &x[i], &t[0], ctx, err));
        SBX_TRY(NUM_(mul)(&t[3], &t[3], &t[1], ctx, err));
        SBX_TRY(NUM_(exp)(&t[3], &t[3], ctx, err));
        SBX_TRY(NUM_(div)(&t[3], &t[3], &t[2], ctx, err));
#if NUM_ENCLOSE
        if (in == 1)
            SBX_TRY(NUM_(hull)(&p[i], &p[i], &t[3], ctx, err));
        else
            NUM_(set)(&p[i], &t[3]);
#else
        NUM_(set)(&p[i], &t[3]);
#endif
    }
done:
    FN(sbx_norm_free)(t, 4);
    FN(sbx_norm_free)(s, n);
    return st;
}

/* Is x_i surely greater than n - k others: then it is among the k greatest, and does not tie with
 * what follows them. */
static bool FN(apart)(const NUM *x, size_t i, size_t k, size_t n)
{
    size_t less = 0;
    for (size_t l = 0; l < n; l++)
        less += l != i && NUM_(lt)(&x[l], &x[i]) == SBX_TRUE;
    return k >= n || less >= n - k;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    const size_t k = (size_t)sbx_norm_long(a, 0);
    size_t in = 0;
    sbx_status st = SBX_OK;
    NUM *p = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(2, ctx);
    if (!p || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_norm_top)(&t[0], x, n, ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&t[1], a, 1, 0, ctx, err));
    for (size_t i = 0; i < n; i++) {
        if (!FN(apart)(x, i, k, n)) continue;
        SBX_TRY(NUM_(sub)(&p[i], &x[i], &t[0], ctx, err));
        SBX_TRY(NUM_(mul)(&p[i], &p[i], &t[1], ctx, err));
        SBX_TRY(NUM_(exp)(&p[i], &p[i], ctx, err));
        in++;
    }
    if (in != (k < n ? k : n))
        SBX_FAIL(err, SBX_ERR_DOMAIN, "%s jumps where the last of the %zu greatest scores ties%s",
                 a->norm->info.name, k, NUM_ENCLOSE ? ", perhaps in this box" : ", as here");
    SBX_TRY(FN(sbx_norm_weights)(p, p, NULL, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_softmax_slope)(j, n, p, n, &t[1], 0, ctx, err));
done:
    FN(sbx_norm_free)(t, 2);
    FN(sbx_norm_free)(p, n);
    return st;
}
#endif
