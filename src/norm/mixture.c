/* norm/mixture.c -- mixture of softmaxes (Yang et al. 2018): x holds the scores of K softmaxes, one after the other.
 *
 * The parts are independent and pi_k >= 0, so the sum of their ranges is the range [L-NRM-18].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"
#include "softbox/kernel.h"

#define NORM_FILE "norm/mixture.c"
#include "norm/every.h"

static size_t outputs(const sbx_norm_args *a, size_t n)
{
    const size_t parts = (size_t)sbx_norm_long(a, 0);
    return n % parts ? 0 : n / parts;
}

static sbx_status fits(const sbx_norm_args *a, size_t n, sbx_err *err)
{
    const size_t parts = (size_t)sbx_norm_long(a, 0), m = a->value[1].n;
    sbx_status st = SBX_OK;
    mpq_t sum;
    mpq_init(sum);
    for (size_t k = 0; k < m; k++)
        mpq_add(sum, sum, a->value[1].v[k]);
    if (n % parts)
        SBX_FAIL(err, SBX_ERR_ARG, "mixture: %zu scores are not %zu equal parts", n, parts);
    if (m != 1 && (m != parts || mpq_cmp_si(sum, 1, 1) != 0))
        SBX_FAIL(err, SBX_ERR_ARG, "mixture: pi must be %zu numbers that sum to 1", parts);
done:
    mpq_clear(sum);
    return st;
}

static const sbx_param params[] = {
    {"components", "how many, K", "2", "1", "1000000", SBX_PARAM_INTEGER},
    {"pi", "their weights, which sum to 1; one number: equal ones", "1", "0", "1", SBX_PARAM_LIST}};

const sbx_norm sbx_norm_mixture = {
    .info = {.name = "mixture",
             .formula = "sum_k pi_k softmax(x^(k)), x in K equal parts",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .shape = SBX_NORM_SEPARABLE,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_CONTINUOUS,
             .need = SBX_CAN_EXP | SBX_CAN_LOG,
             .param = params,
             .n_params = 2},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian),
    .outputs = outputs,
    .fits = fits};
#else
/* *z = pi_k */
static sbx_status FN(weight)(NUM *z, const sbx_norm_args *a, size_t k, const sbx_ctx *ctx,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpq_t q;
    mpq_init(q);
    mpq_set_si(q, 1, (unsigned long)sbx_norm_long(a, 0));
    SBX_TRY(NUM_(set_q)(z, a->value[1].n == 1 ? q : a->value[1].v[k], ctx, err));
done:
    mpq_clear(q);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    const size_t parts = (size_t)sbx_norm_long(a, 0), m = n / parts;
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(m + 1, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", m);
    for (size_t k = 0; k < parts; k++) {
        SBX_TRY(FN(sbx_softmax)(t, x + k * m, m, ctx, err));
        SBX_TRY(FN(weight)(&t[m], a, k, ctx, err));
        for (size_t i = 0; i < m; i++)
            SBX_TRY(NUM_(fma)(&p[i], &t[i], &t[m], &p[i], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, m + 1);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    const size_t parts = (size_t)sbx_norm_long(a, 0), m = n / parts;
    sbx_status st = SBX_OK;
    NUM *p = FN(sbx_norm_new)(m, ctx), pi;
    NUM_(init)(&pi, ctx);
    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", m);
    for (size_t k = 0; k < parts; k++) {
        SBX_TRY(FN(sbx_softmax)(p, x + k * m, m, ctx, err));
        SBX_TRY(FN(weight)(&pi, a, k, ctx, err));
        SBX_TRY(FN(sbx_norm_softmax_slope)(&j[k * m], n, p, m, &pi, 0, ctx, err));
    }
done:
    NUM_(clear)(&pi);
    FN(sbx_norm_free)(p, m);
    return st;
}
#endif
