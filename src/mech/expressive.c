/* mech/expressive.c -- expressive attention (Gros 2024): e = z^2 / (1 + z^2) of the inner product z,
 * row by row divided by its sum.
 *
 * e is z^2 / (z^2 + 1), a quotient of ends in z^2: over an interval its
 * range is sharp but for rounding [L-NRM-02]. All e of a row are 0 where q is orthogonal to every key.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

#define MECH_FILE "mech/expressive.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the inner products; 0: 1/sqrt(d)", "1", "0", NULL, 0}};

const sbx_mech sbx_mech_expressive = {
    .info = {.name = "expressive",
             .formula = "e_ij / sum_j e_ij, e = z^2/(1 + z^2), z = scale q_i.k_j",
             .undefined = "at a query orthogonal to every key",
             .from = "Gros, arXiv:2407.18601",
             .kind = SBX_NORM_RATIONAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
             .zero_rows = true,
             .param = params,
             .n_params = 1},
    SBX_MECH_ROW(row)};
#else
static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t[2];
    NUM_(init)(&t[0], r->ctx);
    NUM_(init)(&t[1], r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&t[0], r, 0, r->d, err));
    SBX_TRY(FN(sbx_mech_scores)(w, &t[0], i, r, err));
    SBX_TRY(NUM_(set_si)(&t[1], 1, r->ctx, err));
    for (size_t j = 0; j < r->m; j++) {
        SBX_TRY(NUM_(sqr)(&w[j], &w[j], r->ctx, err));
        SBX_TRY(FN(sbx_norm_ratio)(&w[j], &w[j], &t[1], r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_weights)(w, r->m, r, err));
done:
    NUM_(clear)(&t[1]);
    NUM_(clear)(&t[0]);
    return st;
}
#endif
