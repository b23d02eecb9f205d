/* norm/sparsegen.c -- sparsegen-lin (Laha et al. 2018).
 *
 * It minimises |p - x|^2 - gamma |p|^2 over the simplex, which is (1 - gamma) |p - x / (1 - gamma)|^2 and a
 * constant: sparsemax of x / (1 - gamma) [L-NRM-17], whose shape [L-NRM-08] it has.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/sparsegen.c"
#include "norm/every.h"

static const sbx_param params[] = {
    {"gamma", "how sparse: towards 1 more, below 0 less", "1/2", NULL, "1", SBX_PARAM_OPEN_HI}};

const sbx_norm sbx_norm_sparsegen = {
    .info = {.name = "sparsegen",
             .formula = "the nearest point of the simplex to x / (1 - gamma)",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_MONOTONE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT |
                       SBX_NORM_CONTINUOUS | SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC,
             .param = params,
             .n_params = 1},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
/* 1 - gamma */
static sbx_status FN(delta)(NUM *z, const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpq_t d;
    mpq_init(d);
    mpq_set_si(d, 1, 1);
    mpq_sub(d, d, a->value[0].v[0]);
    SBX_TRY(NUM_(set_q)(z, d, ctx, err));
done:
    mpq_clear(d);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM d;
    NUM_(init)(&d, ctx);
    SBX_TRY(FN(delta)(&d, a, ctx, err));
    SBX_TRY(FN(sbx_norm_project)(p, x, n, &d, ctx, err));
done:
    NUM_(clear)(&d);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM d;
    NUM_(init)(&d, ctx);
    SBX_TRY(FN(delta)(&d, a, ctx, err));
    SBX_TRY(FN(sbx_norm_project_slope)(j, x, n, &d, ctx, err));
done:
    NUM_(clear)(&d);
    return st;
}
#endif
