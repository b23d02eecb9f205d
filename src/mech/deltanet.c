/* mech/deltanet.c -- the delta rule (Schlag, Irie and Schmidhuber 2021; Yang et al. 2024):
 * S_t = (I - beta_t k_t k_t^T) S_(t-1) + beta_t k_t v_t^T, o_t = q_t S_t.
 *
 * Weight (i, j) is beta_j u.k_j with u = q_i (I - beta_i k_i k_i^T) .. (I - beta_(j+1) k_(j+1) k_(j+1)^T):
 * from the diagonal back, u -= w_j k_j. Both forms are the same numbers [L-MCH-51]. A step does not
 * stretch exactly when 0 <= beta |k|^2 <= 2 [L-MCH-52].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

#define MECH_FILE "mech/deltanet.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"form", "the order of the sums", "parallel", "parallel|recurrent", NULL, SBX_PARAM_NAME}};
static const sbx_mech_extra extra[] = {{"beta", "how much a key is rewritten, n x 1", "unit"}};

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    (void)e;
    *rows = s.n;
    *columns = 1;
}

/* S, a row of weights, u, a row of S, one number */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d * s.dv + s.m + s.d + s.dv + 1;
}

const sbx_mech sbx_mech_deltanet = {
    .info = {.name = "deltanet",
             .formula = "o_t = q_t S_t, S_t = (I - beta_t k_t k_t^T) S_(t-1) + beta_t k_t v_t^T",
             .from = "Schlag, Irie and Schmidhuber, arXiv:2102.11174",
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
static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    NUM *const u = r->work + r->d * r->dv + r->m, *const t = u + r->d + r->dv;
    sbx_status st = SBX_OK;
    for (size_t j = i + 1; j < r->m; j++)
        SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
    for (size_t c = 0; c < r->d; c++)
        NUM_(set)(&u[c], &r->in.q[i * r->d + c]);
    for (size_t j = i + 1; j-- > 0;) {
        const NUM *const k = r->in.k + j * r->d;
        SBX_TRY(FN(sbx_mech_dot)(&w[j], u, 1, k, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(&w[j], &w[j], &r->in.extra[0][j], r->ctx, err));
        SBX_TRY(NUM_(neg)(t, &w[j], r->ctx, err));
        for (size_t c = 0; c < r->d && j > 0; c++)
            SBX_TRY(FN(sbx_mech_fma)(&u[c], t, &k[c], r, err));
    }
done:
    return st;
}

/* S += beta k (v - k S) */
static sbx_status FN(step)(NUM *s, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    NUM *const x = s + r->d * r->dv + r->m + r->d, *const t = x + r->dv;
    const NUM *const k = r->in.k + i * r->d;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_mix)(x, k, s, r->d, r->dv, r, err));
    for (size_t c = 0; c < r->dv; c++)
        SBX_TRY(NUM_(sub)(&x[c], &r->in.v[i * r->dv + c], &x[c], r->ctx, err));
    for (size_t a = 0; a < r->d; a++) {
        SBX_TRY(NUM_(mul)(t, &k[a], &r->in.extra[0][i], r->ctx, err));
        for (size_t c = 0; c < r->dv; c++)
            SBX_TRY(FN(sbx_mech_fma)(&s[a * r->dv + c], t, &x[c], r, err));
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
