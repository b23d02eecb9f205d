/* mech/elu.c -- linear attention with the feature map elu + 1 (Katharopoulos et al. 2020), of all keys or causal.
 *
 * Every feature is > 0, so is every sum of weights; rank at most d [L-MCH-03], the forms [L-MCH-10].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

#define MECH_FILE "mech/elu.c"
#include "mech/every.h"

static const sbx_param params[] = {SBX_MECH_KERNEL_PARAMS};

static unsigned traits(const sbx_mech_args *a)
{
    return sbx_mech_masked(a, SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE);
}

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_long(a, SBX_MECH_MASK) == 1 ? s.n : s.d;
}

static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return sbx_mech_kernel_state(s, s.d);
}

static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return sbx_mech_kernel_work(s, s.d);
}

const sbx_mech sbx_mech_elu = {.info = {.name = "elu",
                                        .formula = "f(q_i).f(k_j) / sum_j, f(x) = elu(x) + 1",
                                        .from = "Katharopoulos et al., arXiv:2006.16236",
                                        .kind = SBX_NORM_TRANSCENDENTAL,
                                        .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
                                        .need = SBX_CAN_EXP,
                                        .param = params,
                                        .n_params = SBX_MECH_KERNEL_NEXT},
                               SBX_MECH_PREPARE(prepare),
                               SBX_MECH_ROW(row),
                               SBX_MECH_OUTPUT(output),
                               .traits = traits,
                               .state = state,
                               .work = work,
                               .rank = rank,
                               .fits = sbx_mech_mask_fits};
#else
static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const keys = r->state + r->n * r->d;
    sbx_status st = SBX_OK;
    for (size_t x = 0; x < r->n * r->d; x++)
        SBX_TRY(FN(sbx_mech_elu1)(&r->state[x], &r->in.q[x], r, err));
    for (size_t x = 0; x < r->m * r->d; x++)
        SBX_TRY(FN(sbx_mech_elu1)(&keys[x], &r->in.k[x], r, err));
done:
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const sbx_mech_kernel k = sbx_mech_kernel_of(r->a, r->d, SBX_MECH_OVER_SUM, 0);
    return FN(sbx_mech_kernel_row)(w, r, &k, NULL, i, err);
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const sbx_mech_kernel k = sbx_mech_kernel_of(r->a, r->d, SBX_MECH_OVER_SUM, 0);
    return FN(sbx_mech_kernel_output)(o, r, &k, NULL, err);
}
#endif
