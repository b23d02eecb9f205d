/* norm/entmax15.c -- 1.5-entmax (Peters, Niculae and Martins 2019).
 *
 * p_i = max(y_i - tau, 0)^2 for y = x / (2 delta), where the p_i sum to 1. The k-th greatest y is
 * in the support when sum_{j<k} (y_(j) - y_(k))^2 < 1 [L-NRM-10]: a question without a root. On a
 * support of k, tau = m - sqrt((1 - v) / k) with the mean m and v = sum (y_j - m)^2. Where the
 * size of the support is not certain, the hull over all sizes that it can have encloses tau
 * [L-NRM-28].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/entmax15.c"
#include "norm/every.h"

static const sbx_param params[] = {{"delta", "scale: the error grows with it, the slope falls", "1",
                                    "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_entmax15 = {
    .info = {.name = "entmax-1.5",
             .formula = "max(x_i / (2 delta) - tau, 0)^2, tau: sum 1",
             .kind = SBX_NORM_ALGEBRAIC,
             .shape = SBX_NORM_MONOTONE, /* [L-NRM-08] */
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT |
                       SBX_NORM_CONTINUOUS | SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC,
             .need = SBX_CAN_SQRT,
             .param = params,
             .n_params = 1},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
/* *tau for a support of the k greatest, whose sum and sum of squares are given */
static sbx_status FN(tau_of)(NUM *tau, size_t k, const NUM *sum, const NUM *squares,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(4, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(set_si)(&t[0], (long)k, ctx, err));
    SBX_TRY(NUM_(div)(&t[1], sum, &t[0], ctx, err)); /* the mean */
    SBX_TRY(NUM_(sqr)(&t[2], sum, ctx, err));
    SBX_TRY(NUM_(div)(&t[2], &t[2], &t[0], ctx, err));
    SBX_TRY(NUM_(sub)(&t[2], squares, &t[2], ctx, err)); /* v */
    SBX_TRY(NUM_(set_si)(&t[3], 1, ctx, err));
    SBX_TRY(NUM_(sub)(&t[2], &t[3], &t[2], ctx, err));
    SBX_TRY(NUM_(set_si)(&t[3], 0, ctx, err));
    SBX_TRY(NUM_(max)(&t[2], &t[2], &t[3], ctx, err)); /* it is >= 0 on the true support */
    SBX_TRY(NUM_(div)(&t[2], &t[2], &t[0], ctx, err));
    SBX_TRY(NUM_(sqrt)(&t[2], &t[2], ctx, err));
    SBX_TRY(NUM_(sub)(tau, &t[1], &t[2], ctx, err));
done:
    FN(sbx_norm_free)(t, 4);
    return st;
}

/* d[i] = y_i - tau */
static sbx_status FN(above)(NUM *d, const NUM *x, size_t n, const sbx_norm_args *a,
                            const sbx_ctx *ctx, sbx_err *err)
{
    enum { SCALE, SUM, SQUARES, TEST, ONE, TAU, U, V, COUNT };
    sbx_status st = SBX_OK;
    NUM *s = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(COUNT, ctx);
    bool found = false;
    if (!s || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_norm_param)(&t[SCALE], a, 0, 0, ctx, err));
    SBX_TRY(NUM_(add)(&t[SCALE], &t[SCALE], &t[SCALE], ctx, err));
    SBX_TRY(FN(sbx_norm_top)(&t[U], x, n, ctx, err));
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(NUM_(sub)(&d[j], &x[j], &t[U], ctx, err));
        SBX_TRY(NUM_(div)(&d[j], &d[j], &t[SCALE], ctx, err));
    }
    SBX_TRY(FN(sbx_norm_sort)(s, d, n, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[ONE], 1, ctx, err));
    for (size_t k = 1; k <= n; k++) {
        sbx_truth more = SBX_FALSE;
        SBX_TRY(NUM_(add)(&t[SUM], &t[SUM], &s[k - 1], ctx, err));
        SBX_TRY(NUM_(sqr)(&t[U], &s[k - 1], ctx, err));
        SBX_TRY(NUM_(add)(&t[SQUARES], &t[SQUARES], &t[U], ctx, err));
        if (k < n) { /* s[k] is in: sum (s_j - s_k)^2 = squares + s_k (k s_k - 2 sum) < 1 */
            SBX_TRY(NUM_(set_si)(&t[TEST], (long)k, ctx, err));
            SBX_TRY(NUM_(mul)(&t[TEST], &t[TEST], &s[k], ctx, err));
            SBX_TRY(NUM_(sub)(&t[TEST], &t[TEST], &t[SUM], ctx, err));
            SBX_TRY(NUM_(sub)(&t[TEST], &t[TEST], &t[SUM], ctx, err));
            SBX_TRY(NUM_(mul)(&t[TEST], &t[TEST], &s[k], ctx, err));
            SBX_TRY(NUM_(add)(&t[TEST], &t[TEST], &t[SQUARES], ctx, err));
            more = NUM_(lt)(&t[TEST], &t[ONE]);
        }
        if (more == SBX_TRUE) continue;
        SBX_TRY(FN(tau_of)(&t[V], k, &t[SUM], &t[SQUARES], ctx, err));
#if NUM_ENCLOSE
        if (found)
            SBX_TRY(NUM_(hull)(&t[TAU], &t[TAU], &t[V], ctx, err));
        else
            NUM_(set)(&t[TAU], &t[V]);
        found = true;
        if (more == SBX_FALSE) break;
#else
        NUM_(set)(&t[TAU], &t[V]);
        found = true;
        break; /* as computed */
#endif
    }
    (void)found;
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(sub)(&d[j], &d[j], &t[TAU], ctx, err));
done:
    FN(sbx_norm_free)(t, COUNT);
    FN(sbx_norm_free)(s, n);
    return st;
}

/* r_i = max(y_i - tau, 0), the root of p_i */
static sbx_status FN(roots)(NUM *r, const NUM *x, size_t n, const sbx_norm_args *a,
                            const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM zero;
    NUM_(init)(&zero, ctx);
    SBX_TRY(FN(above)(r, x, n, a, ctx, err));
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(max)(&r[j], &r[j], &zero, ctx, err));
done:
    NUM_(clear)(&zero);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(roots)(p, x, n, a, ctx, err));
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(sqr)(&p[j], &p[j], ctx, err));
done:
    return st;
}

/* (diag(r) - r r' / sum r) / delta [L-NRM-11]; continuous, so that enclosures of r are enough */
static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *r = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(4, ctx);
    if (!r || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(roots)(r, x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&t[3], a, 0, 0, ctx, err));
    for (size_t k = 0; k < n; k++) {
        SBX_TRY(NUM_(set_si)(&t[0], 0, ctx, err));
        for (size_t i = 0; i < n; i++)
            if (i != k) SBX_TRY(NUM_(add)(&t[0], &t[0], &r[i], ctx, err));
        SBX_TRY(FN(sbx_norm_ratio)(&t[1], &r[k], &t[0], ctx, err)); /* r_k / sum r, sum r >= 1 */
        SBX_TRY(FN(sbx_norm_ratio)(&t[2], &t[0], &r[k], ctx, err));
        SBX_TRY(NUM_(neg)(&t[1], &t[1], ctx, err));
        for (size_t i = 0; i < n; i++) {
            NUM *z = &j[i * n + k];
            SBX_TRY(NUM_(mul)(z, i == k ? &t[2] : &t[1], &r[i], ctx, err));
            SBX_TRY(NUM_(div)(z, z, &t[3], ctx, err));
        }
    }
done:
    FN(sbx_norm_free)(t, 4);
    FN(sbx_norm_free)(r, n);
    return st;
}
#endif
