/* norm/hierarchical.c -- hierarchical softmax (Morin and Bengio 2005): n scores of the inner nodes of a binary tree, n + 1 leaves.
 *
 * The tree is the complete one in heap order: node k has the children 2k + 1, reached with s(x_k), and
 * 2k + 2, with s(-x_k); the numbers from n on are leaves, in order. The factors of a leaf belong to
 * different scores, so interval evaluation is its range [L-NRM-18].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/hierarchical.c"
#include "norm/every.h"

static size_t outputs(const sbx_norm_args *a, size_t n)
{
    (void)a;
    return n + 1;
}

const sbx_norm sbx_norm_hierarchical = {
    .info = {.name = "hierarchical",
             .formula = "product of s(+-x_k) over the way to leaf i, s(x) = 1 / (1 + e^-x)",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_CONTINUOUS,
             .need = SBX_CAN_EXP,
             .n_params = 0},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian),
    .outputs = outputs};
#else
/* p_i = the product over the way up from leaf n + i; skip: the node left out, n: none */
static sbx_status FN(leaf)(NUM *p, size_t i, size_t skip, const NUM *x, size_t n,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, ctx);
    SBX_TRY(NUM_(set_si)(p, 1, ctx, err));
    for (size_t v = n + i; v > 0; v = (v - 1) / 2) {
        const size_t up = (v - 1) / 2;
        if (up == skip) continue;
        NUM_(set)(&t, &x[up]);
        if (v == 2 * up + 2) SBX_TRY(NUM_(neg)(&t, &t, ctx, err));
        SBX_TRY(NUM_(sigmoid)(&t, &t, ctx, err));
        SBX_TRY(NUM_(mul)(p, p, &t, ctx, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    (void)a;
    for (size_t i = 0; i <= n; i++)
        SBX_TRY(FN(leaf)(&p[i], i, n, x, n, ctx, err));
done:
    return st;
}

/* the product without node k, times +- s(x_k) s(-x_k) */
static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(3, ctx);
    (void)a;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    for (size_t i = 0; i <= n; i++)
        for (size_t v = n + i; v > 0; v = (v - 1) / 2) {
            const size_t up = (v - 1) / 2;
            SBX_TRY(FN(leaf)(&t[0], i, up, x, n, ctx, err));
            SBX_TRY(NUM_(sigmoid)(&t[1], &x[up], ctx, err));
            SBX_TRY(NUM_(neg)(&t[2], &x[up], ctx, err));
            SBX_TRY(NUM_(sigmoid)(&t[2], &t[2], ctx, err));
            SBX_TRY(NUM_(mul)(&t[1], &t[1], &t[2], ctx, err));
            SBX_TRY(NUM_(mul)(&t[0], &t[0], &t[1], ctx, err));
            if (v == 2 * up + 2) SBX_TRY(NUM_(neg)(&t[0], &t[0], ctx, err));
            NUM_(set)(&j[i * n + up], &t[0]);
        }
done:
    FN(sbx_norm_free)(t, 3);
    return st;
}
#endif
