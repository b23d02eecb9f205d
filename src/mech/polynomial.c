/* mech/polynomial.c -- polynomial attention (Saratchandran et al. 2024): the scores to the power p, times a factor,
 * 1/sqrt(m) of m keys; or, with rows=normalised, divided by the row's sum.
 *
 * |s| <= B on a box: the Frobenius norm of the weights is at most sqrt(n) B^p, their rank at most C(d + p - 1, p)
 * [L-MCH-12].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { POWER = 1, SCALE, FACTOR, ROWS };

#define MECH_FILE "mech/polynomial.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_MASK_PARAM,
    {"p", "the power", "3", "1", "64", SBX_PARAM_INTEGER},
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"factor", "of the powers; 0: 1/sqrt(m) of m keys", "0", "0", NULL, 0},
    {"rows", "plain: powers times the factor; normalised: divided by their sum", "plain",
     "plain|normalised", NULL, SBX_PARAM_NAME}};

/* rational without roots: a factor or a square number of keys, a scale or a square d */
static sbx_norm_class kind(const sbx_mech_args *a, sbx_mech_shape s)
{
    const bool free = sbx_mech_long(a, ROWS) == 1 || !sbx_value_is(&a->value[FACTOR], 0);
    return (free || sbx_mech_square(s.m)) &&
                   (!sbx_value_is(&a->value[SCALE], 0) || sbx_mech_square(s.d))
               ? SBX_NORM_RATIONAL
               : SBX_NORM_ALGEBRAIC;
}

static unsigned traits(const sbx_mech_args *a)
{
    const bool even = sbx_mech_long(a, POWER) % 2 == 0, normal = sbx_mech_long(a, ROWS) == 1;
    unsigned t = even ? SBX_MECH_NONNEGATIVE : 0;
    if (normal) t |= SBX_MECH_SUMS_TO_ONE;
    return sbx_mech_masked(a, t);
}

/* C(d + p - 1, p), as many monomials of degree p there are; stops beyond n and m */
static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    const size_t p = sbx_mech_size(a, POWER);
    size_t c = 1;
    if (sbx_mech_long(a, SBX_MECH_MASK) == 1) return s.n;
    for (size_t k = 1; k <= p && c < s.n; k++)
        c = c * (s.d + k - 1) / k;
    return c;
}

const sbx_mech sbx_mech_polynomial = {
    .info = {.name = "polynomial",
             .formula = "(scale q_i.k_j)^p / sqrt(m), or divided by the row's sum",
             .undefined = "rows=normalised: where a row's powers sum to 0",
             .note = "the paper's factor 1/sqrt(n) is taken of the number of keys",
             .from = "Saratchandran et al., arXiv:2410.18613",
             .kind = SBX_NORM_ALGEBRAIC,
             .traits = 0,
             .zero_rows = true,
             .param = params,
             .n_params = 5},
    SBX_MECH_ROW(row),
    .traits = traits,
    .kind = kind,
    .rank = rank,
    .fits = sbx_mech_mask_fits};
#else
static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t to = sbx_mech_sees(r->a, i, r->m);
    const long p = sbx_mech_long(r->a, POWER);
    const bool normal = sbx_mech_long(r->a, ROWS) == 1;
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&t, r, SCALE, r->d, err));
    SBX_TRY(FN(sbx_mech_scores)(w, &t, i, r, err));
    if (!normal) SBX_TRY(FN(sbx_mech_scale)(&t, r, FACTOR, r->m, err));
    for (size_t j = 0; j < to; j++) {
        SBX_TRY(NUM_(pow)(&w[j], &w[j], (double)p, r->ctx, err));
        if (!normal) SBX_TRY(NUM_(mul)(&w[j], &w[j], &t, r->ctx, err));
    }
    if (normal)
        SBX_TRY(p % 2 ? FN(sbx_mech_signed_weights)(w, to, r, err)
                      : FN(sbx_mech_weights)(w, to, r, err));
    for (size_t j = to; j < r->m; j++)
        SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}
#endif
