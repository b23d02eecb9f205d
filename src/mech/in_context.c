/* mech/in_context.c -- multi-head attention of in-context linear regression (Cui et al. 2024): the sum over
 * heads of v_h softmax(c_h q.k).
 *
 * Every head's weights are >= 0 and sum to 1, so a row sums to sum v_h [L-MCH-53]. The default is the pair of
 * opposite heads, sum v_h c_h = 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

enum { C, V };
#define MECH_FILE "mech/in_context.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"c", "inverse temperatures of the heads", "1/2,-1/2", NULL, NULL, SBX_PARAM_LIST},
    {"v", "their factors, as many", "1,-1", NULL, NULL, SBX_PARAM_LIST}};

static sbx_status fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    (void)s;
    if (a->value[C].n == a->value[V].n) return SBX_OK;
    return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "in-context has %zu c and %zu v", a->value[C].n,
                    a->value[V].n);
}

/* inner products, a head's weights */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return 2 * s.m;
}

const sbx_mech sbx_mech_in_context = {.info = {.name = "in-context",
                                               .formula = "sum_h v_h softmax(c_h q_i.k_j)",
                                               .from = "Cui et al., arXiv:2401.17426",
                                               .kind = SBX_NORM_TRANSCENDENTAL,
                                               .traits = 0,
                                               .need = SBX_CAN_EXP,
                                               .param = params,
                                               .n_params = 2},
                                      SBX_MECH_ROW(row),
                                      .fits = fits,
                                      .work = work};
#else
static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    NUM *const z = r->work, *const p = z + r->m;
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(set_si)(&t, 1, r->ctx, err));
    SBX_TRY(FN(sbx_mech_scores)(z, &t, i, r, err));
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
    for (size_t h = 0; h < r->a->value[C].n; h++) {
        SBX_TRY(FN(sbx_mech_param)(&t, r, C, h, err));
        for (size_t j = 0; j < r->m; j++)
            SBX_TRY(NUM_(mul)(&p[j], &z[j], &t, r->ctx, err));
        SBX_TRY(FN(sbx_mech_softmax)(p, p, r->m, r, err));
        SBX_TRY(FN(sbx_mech_param)(&t, r, V, h, err));
        for (size_t j = 0; j < r->m; j++)
            SBX_TRY(FN(sbx_mech_fma)(&w[j], &p[j], &t, r, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}
#endif
