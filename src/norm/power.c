/* norm/power.c -- the power mechanism (Epasto, Mahdian, Mirrokni and Zampetakis 2020), softmax of lambda log x.
 *
 * Scores are >= 0. All are divided by the greatest first, which cancels. Exact in mpq for a whole
 * lambda. The weight rises, so a quotient of ends is the range [L-NRM-02].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/power.c"
#include "norm/every.h"

static const sbx_param params[] = {{"lambda", "the exponent", "1", "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_power = {
    .info =
        {.name = "power",
         .formula = "x_i^lambda / sum x_j^lambda, x >= 0",
         .undefined = "at a negative score, and where all are 0",
         .note =
             "exact in mpq for a whole lambda; another lambda needs powers, and one that is no double is enclosed to 2^-53",
         .kind = SBX_NORM_RATIONAL,
         .shape = SBX_NORM_SEPARABLE,
         .traits =
             SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SCALE | SBX_NORM_SYMMETRIC,
         .zero_rows = true,
         .param = params,
         .n_params = 1},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
/* (x / top)^lambda; 0 for a row of zeros */
static sbx_status FN(weight)(NUM *w, NUM *dw, const NUM *x, const NUM *top, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(3, ctx);
    mpq_t e;
    mpq_init(e);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    if (NUM_(le)(&t[0], x) != SBX_TRUE)
        SBX_FAIL(err, SBX_ERR_DOMAIN, "power has no value at a negative score");
    SBX_TRY(NUM_(set_si)(w, 0, ctx, err));
    if (NUM_(eq)(top, &t[0]) == SBX_TRUE) goto done;
    SBX_TRY(NUM_(div)(&t[1], x, top, ctx, err));
    SBX_TRY(FN(sbx_norm_power)(w, &t[1], a->value[0].v[0], ctx, err));
    if (!dw) goto done;
    mpq_set_si(e, 1, 1);
    mpq_sub(e, a->value[0].v[0], e);
    SBX_TRY(FN(sbx_norm_param)(&t[2], a, 0, 0, ctx, err));
    SBX_TRY(NUM_(div)(&t[2], &t[2], top, ctx, err));
    SBX_TRY(FN(sbx_norm_power)(&t[1], &t[1], e, ctx, err));
    SBX_TRY(NUM_(mul)(dw, &t[1], &t[2], ctx, err));
done:
    mpq_clear(e);
    FN(sbx_norm_free)(t, 3);
    return st;
}

SBX_NORM_BY_WEIGHT(FN(weight), SBX_NORM_NO_REST)
#endif
