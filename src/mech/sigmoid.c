/* mech/sigmoid.c -- sigmoid attention (Ramapuram et al. 2024): sigma(scale q_i.k_j + b - ln N), every weight by
 * itself.
 *
 * sigma(-ln N) = 1 / (N + 1), so m keys orthogonal to a query weigh m / (m + 1) together; each weight is in (0, 1),
 * its slope in the score at most 1/4 [L-MCH-13].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { SCALE = 1, SHIFT, KEYS };

#define MECH_FILE "mech/sigmoid.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_MASK_PARAM,
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"b", "is added to the scores", "0", NULL, NULL, 0},
    {"N", "its logarithm is subtracted from the scores; 0: the number of keys; 1: nothing", "0",
     "0", "1000000000", SBX_PARAM_INTEGER}};

static unsigned traits(const sbx_mech_args *a) { return sbx_mech_masked(a, SBX_MECH_NONNEGATIVE); }

const sbx_mech sbx_mech_sigmoid = {.info = {.name = "sigmoid",
                                            .formula = "sigma(scale q_i.k_j + b - ln N)",
                                            .note = "a mask leaves N as it is",
                                            .from = "Ramapuram et al., arXiv:2409.04431",
                                            .kind = SBX_NORM_TRANSCENDENTAL,
                                            .traits = SBX_MECH_NONNEGATIVE,
                                            .need = SBX_CAN_EXP | SBX_CAN_LOG,
                                            .param = params,
                                            .n_params = 4},
                                   SBX_MECH_ROW(row),
                                   .traits = traits,
                                   .fits = sbx_mech_mask_fits};
#else
static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t to = sbx_mech_sees(r->a, i, r->m);
    const long keys = sbx_mech_long(r->a, KEYS);
    sbx_status st = SBX_OK;
    NUM t, shift;
    NUM_(init)(&t, r->ctx);
    NUM_(init)(&shift, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&t, r, SCALE, r->d, err));
    SBX_TRY(FN(sbx_mech_scores)(w, &t, i, r, err));
    SBX_TRY(FN(sbx_mech_param)(&shift, r, SHIFT, 0, err));
    if (keys != 1) {
        SBX_TRY(NUM_(set_si)(&t, keys ? keys : (long)r->m, r->ctx, err));
        SBX_TRY(NUM_(log)(&t, &t, r->ctx, err));
        SBX_TRY(NUM_(sub)(&shift, &shift, &t, r->ctx, err));
    }
    for (size_t j = 0; j < to; j++) {
        SBX_TRY(NUM_(add)(&w[j], &w[j], &shift, r->ctx, err));
        SBX_TRY(NUM_(sigmoid)(&w[j], &w[j], r->ctx, err));
    }
    for (size_t j = to; j < r->m; j++)
        SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
done:
    NUM_(clear)(&shift);
    NUM_(clear)(&t);
    return st;
}
#endif
