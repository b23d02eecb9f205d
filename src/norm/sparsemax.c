/* norm/sparsemax.c -- sparsemax (Martins and Astudillo 2016): the point of the simplex that is
 * nearest to x / delta.
 *
 * The projection is norm/project.tmpl.c, which others have a part in, too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/sparsemax.c"
#include "norm/every.h"

static const sbx_param params[] = {{"delta", "scale: the error grows with it, the slope falls", "1",
                                    "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_sparsemax = {
    .info = {.name = "sparsemax",
             .formula = "the nearest point of the simplex to x / delta",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_MONOTONE, /* [L-NRM-08] */
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT |
                       SBX_NORM_CONTINUOUS | SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC,
             .param = params,
             .n_params = 1},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM delta;
    NUM_(init)(&delta, ctx);
    SBX_TRY(FN(sbx_norm_param)(&delta, a, 0, 0, ctx, err));
    SBX_TRY(FN(sbx_norm_project)(p, x, n, &delta, ctx, err));
done:
    NUM_(clear)(&delta);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM delta;
    NUM_(init)(&delta, ctx);
    SBX_TRY(FN(sbx_norm_param)(&delta, a, 0, 0, ctx, err));
    SBX_TRY(FN(sbx_norm_project_slope)(j, x, n, &delta, ctx, err));
done:
    NUM_(clear)(&delta);
    return st;
}
#endif
