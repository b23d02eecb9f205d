/* norm/rankmax.c -- Rankmax (Kong et al. 2020): sparsemax at the scale at which the k greatest scores survive.
 *
 * The paper adapts the scale so that the label of a training item is just outside of the support; a
 * normalizer knows no label, so that here k says how many scores stand in it. With k >= n, all do, and the
 * least score takes the place of x_(k+1). 0/0 where the k + 1 greatest are the same. Over a box: order
 * statistics end by end [L-NRM-05], then search. It has no Jacobian here.
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
    SBX_NORM_EVAL(eval)};
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
#endif
