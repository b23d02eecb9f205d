/* mech/gla.c -- gated linear attention (Yang et al. 2024): S_t = diag(alpha_t) S_(t-1) + k_t v_t^T,
 * o_t = q_t S_t.
 *
 * Weight (i, j) is sum_c q_ic k_jc prod_{j < t <= i} alpha_tc, j <= i; both forms are the same numbers
 * [L-MCH-50].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

#define MECH_FILE "mech/gla.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"form", "the order of the sums", "parallel", "parallel|recurrent", NULL, SBX_PARAM_NAME}};
static const sbx_mech_extra extra[] = {{"alpha", "the gates, n x d", "unit"}};

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    (void)e;
    *rows = s.n;
    *columns = s.d;
}

/* S, a row of weights, a query times gates */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d * s.dv + s.m + s.d;
}

const sbx_mech sbx_mech_gla = {
    .info = {.name = "gla",
             .formula = "o_t = q_t S_t, S_t = diag(alpha_t) S_(t-1) + k_t v_t^T",
             .note = "one gate for all: lightning; without: causal linear attention",
             .from = "Yang et al., arXiv:2312.06635",
             .kind = SBX_NORM_RATIONAL,
             .traits = SBX_MECH_CAUSAL | SBX_MECH_SQUARE,
             .param = params,
             .n_params = 1,
             .extra = extra,
             .n_extra = 1},
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .work = work,
    .dims = dims};
#else
/* from the diagonal back: the query takes up one gate a step */
static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    NUM *const u = r->work + r->d * r->dv + r->m;
    sbx_status st = SBX_OK;
    for (size_t j = i + 1; j < r->m; j++)
        SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
    for (size_t c = 0; c < r->d; c++)
        NUM_(set)(&u[c], &r->in.q[i * r->d + c]);
    for (size_t j = i + 1; j-- > 0;) {
        SBX_TRY(FN(sbx_mech_dot)(&w[j], u, 1, r->in.k + j * r->d, 1, r->d, r, err));
        for (size_t c = 0; c < r->d && j > 0; c++)
            SBX_TRY(NUM_(mul)(&u[c], &u[c], &r->in.extra[0][j * r->d + c], r->ctx, err));
    }
done:
    return st;
}

static sbx_status FN(step)(NUM *s, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t a = 0; a < r->d; a++)
        for (size_t c = 0; c < r->dv; c++) {
            NUM *const z = &s[a * r->dv + c];
            SBX_TRY(NUM_(mul)(z, z, &r->in.extra[0][i * r->d + a], r->ctx, err));
            SBX_TRY(FN(sbx_mech_fma)(z, &r->in.k[i * r->d + a], &r->in.v[i * r->dv + c], r, err));
        }
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const s = r->work, *const w = s + r->d * r->dv;
    const bool recurrent = sbx_mech_long(r->a, 0) == 1;
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < r->d * r->dv; k++)
        SBX_TRY(NUM_(set_si)(&s[k], 0, r->ctx, err));
    for (size_t i = 0; i < r->n; i++, o += r->dv) {
        if (recurrent) {
            SBX_TRY(FN(step)(s, r, i, err));
            SBX_TRY(FN(sbx_mech_mix)(o, r->in.q + i * r->d, s, r->d, r->dv, r, err));
        } else {
            SBX_TRY(FN(row)(w, r, i, err));
            SBX_TRY(FN(sbx_mech_mix)(o, w, r->in.v, i + 1, r->dv, r, err));
        }
    }
done:
    return st;
}
#endif
