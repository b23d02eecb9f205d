/* norm/power_softmax.c -- Power-Softmax (Zimerman et al. 2024), made for homomorphic encryption.
 *
 * Blind to signs. With eps = 0 it is invariant to scale, and 0/0 where all scores are 0. The range of an
 * even power over an interval is known, so a quotient of ends is the range [L-NRM-02].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/power_softmax.c"
#include "norm/every.h"

static unsigned traits(const sbx_norm_args *a)
{
    const unsigned t = SBX_NORM_NONNEGATIVE | SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC;
    return t | (sbx_norm_is(a, 1, 0) ? SBX_NORM_SUMS_TO_ONE | SBX_NORM_SCALE
                                     : SBX_NORM_SUMS_BELOW | SBX_NORM_CONTINUOUS);
}

static const sbx_param params[] = {
    {"p", "the exponent", "2", "2", "64", SBX_PARAM_EVEN},
    {"eps", "floor: added to every weight's sum", "1", "0", NULL, 0}};

const sbx_norm sbx_norm_power_softmax = {
    .info = {.name = "power-softmax",
             .formula = "x_i^p / (eps + sum x_j^p), p even",
             .undefined = "where all are 0, if eps = 0",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_BELOW | SBX_NORM_CONTINUOUS |
                       SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC,
             .zero_rows = true,
             .param = params,
             .n_params = 2},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian),
    .traits = traits};
#else
static sbx_status FN(weight)(NUM *w, NUM *dw, const NUM *x, const NUM *top, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    const long p = sbx_norm_long(a, 0);
    sbx_status st = SBX_OK;
    NUM t;
    (void)top;
    NUM_(init)(&t, ctx);
    SBX_TRY(NUM_(pow)(w, x, (double)p, ctx, err));
    if (dw) {
        SBX_TRY(NUM_(pow)(dw, x, (double)(p - 1), ctx, err));
        SBX_TRY(NUM_(set_si)(&t, p, ctx, err));
        SBX_TRY(NUM_(mul)(dw, dw, &t, ctx, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), 1)
#endif
