/* mech/sima.c -- SimA (Koohpayegani and Pirsiavash 2024): Q K^T with every column of Q and of K divided
 * by its l1 norm; no softmax.
 *
 * sum |A_ij| <= d, |A_ij| <= min(sum_c |q_ic|, sum_c |k_jc|) of the divided numbers, rank at most d [L-MCH-05].
 * order: `left` (Q K^T) V, `right` Q (K^T V): the same numbers, rounded differently. A column of zeros
 * stays as it is: its norm is raised to eps.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

enum { EPS, ORDER };

#define MECH_FILE "mech/sima.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"eps", "the least norm that is divided by", "1e-12", "0", NULL, SBX_PARAM_OPEN_LO},
    {"order", "of the products", "left", "left|right", NULL, SBX_PARAM_NAME}};

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d;
}

/* Q and K, divided */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return (s.n + s.m) * s.d;
}

/* K^T V */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d * s.dv + s.m;
}

const sbx_mech sbx_mech_sima = {
    .info = {.name = "sima",
             .formula = "Q' K'^T, columns of Q and K divided by max(l1 norm, eps)",
             .from = "Koohpayegani and Pirsiavash, WACV 2024",
             .kind = SBX_NORM_RATIONAL,
             .traits = 0,
             .param = params,
             .n_params = 2},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .state = state,
    .work = work,
    .rank = rank};
#else
/* z = x, its columns divided by their norms */
static sbx_status FN(divided)(NUM *z, const NUM *x, size_t n, const FN(sbx_mech_run) * r,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t[3];
    for (size_t k = 0; k < 3; k++)
        NUM_(init)(&t[k], r->ctx);
    SBX_TRY(FN(sbx_mech_param)(&t[2], r, EPS, 0, err));
    for (size_t c = 0; c < r->d; c++) {
        SBX_TRY(NUM_(abs)(&t[0], &x[c], r->ctx, err));
        for (size_t i = 1; i < n; i++) {
            SBX_TRY(NUM_(abs)(&t[1], &x[i * r->d + c], r->ctx, err));
            SBX_TRY(NUM_(add)(&t[0], &t[0], &t[1], r->ctx, err));
        }
        SBX_TRY(NUM_(max)(&t[0], &t[0], &t[2], r->ctx, err));
        for (size_t i = 0; i < n; i++)
            SBX_TRY(NUM_(div)(&z[i * r->d + c], &x[i * r->d + c], &t[0], r->ctx, err));
    }
done:
    for (size_t k = 0; k < 3; k++)
        NUM_(clear)(&t[k]);
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(divided)(r->state, r->in.q, r->n, r, err));
    SBX_TRY(FN(divided)(r->state + r->n * r->d, r->in.k, r->m, r, err));
done:
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const NUM *const q = r->state + i * r->d, *const k = r->state + r->n * r->d;
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(FN(sbx_mech_dot)(&w[j], q, 1, k + j * r->d, 1, r->d, r, err));
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const NUM *const k = r->state + r->n * r->d;
    NUM *const kv = r->work, *const w = kv + r->d * r->dv;
    const bool right = sbx_mech_long(r->a, ORDER) == 1;
    sbx_status st = SBX_OK;
    for (size_t a = 0; a < r->d && right; a++)
        for (size_t c = 0; c < r->dv; c++)
            SBX_TRY(FN(sbx_mech_dot)(&kv[a * r->dv + c], &k[a], r->d, &r->in.v[c], r->dv, r->m, r,
                                     err));
    for (size_t i = 0; i < r->n; i++) {
        if (!right) SBX_TRY(FN(row)(w, r, i, err));
        SBX_TRY(FN(sbx_mech_mix)(o + i * r->dv, right ? r->state + i * r->d : w,
                                 right ? kv : r->in.v, right ? r->d : r->m, r->dv, r, err));
    }
done:
    return st;
}
#endif
