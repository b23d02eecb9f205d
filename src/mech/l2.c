/* mech/l2.c -- L2 attention (Kim, Papamakarios and Mnih 2021): softmax of -scale |q_i - k_j|^2 with the queries for
 * keys, which makes it Lipschitz.
 *
 * A query is nearest to itself: its own weight is the greatest of the row, at least 1/m [L-MCH-14]. Over a box its own
 * distance is 0, not what two intervals differ by.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { SCALE = 1 };

#define MECH_FILE "mech/l2.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_MASK_PARAM, {"scale", "of the squared distances; 0: 1/sqrt(d)", "0", "0", NULL, 0}};

static unsigned traits(const sbx_mech_args *a)
{
    return sbx_mech_masked(a, SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE | SBX_MECH_TIED);
}

const sbx_mech sbx_mech_l2 = {
    .info = {.name = "l2",
             .formula = "softmax(-scale |q_i - q_j|^2)",
             .note = "queries serve for keys, as its Lipschitz constant needs",
             .from = "Kim et al., arXiv:2006.04710",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE | SBX_MECH_TIED,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 2},
    SBX_MECH_ROW(row),
    .traits = traits,
    .fits = sbx_mech_mask_fits};
#else
static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t to = sbx_mech_sees(r->a, i, r->m);
    const NUM *const q = r->in.q;
    sbx_status st = SBX_OK;
    NUM t, scale;
    NUM_(init)(&t, r->ctx);
    NUM_(init)(&scale, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&scale, r, SCALE, r->d, err));
    for (size_t j = 0; j < r->m; j++) {
        SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
        if (j == i || j >= to) continue;
        for (size_t c = 0; c < r->d; c++) {
            SBX_TRY(NUM_(sub)(&t, &q[i * r->d + c], &q[j * r->d + c], r->ctx, err));
            SBX_TRY(NUM_(sqr)(&t, &t, r->ctx, err));
            SBX_TRY(NUM_(add)(&w[j], &w[j], &t, r->ctx, err));
        }
        SBX_TRY(NUM_(mul)(&w[j], &w[j], &scale, r->ctx, err));
        SBX_TRY(NUM_(neg)(&w[j], &w[j], r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_softmax)(w, w, to, r, err));
done:
    NUM_(clear)(&scale);
    NUM_(clear)(&t);
    return st;
}
#endif
