/* mech/chela.c -- causal linear attention whose queries and keys were mixed along the sequence by a short
 * and a long convolution (CHELA, Liu et al. 2024): o_i = g_i sum_{j <= i} (q'_i.k'_j) v_j, the gate g element by element.
 *
 * q' = long * (short * q), channel by channel and causal, so also k'; no channel's mixing has a greater l2 norm than the
 * product of its kernels' l1 norms. Weights are those before the gate; outputs are linear in V. form: `parallel` from the weights, `chunked`
 * tiles of rows, what is before a tile from a sum of k' v^T (tile=1: the recurrence); the same numbers [L-MCH-41].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/lowrank.h"

enum { TAPS, FORM, TILE };

#define MECH_FILE "mech/chela.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"taps", "of the short kernel", "3", "1", "1000000", SBX_PARAM_INTEGER},
    {"form", "the order of the sums", "parallel", "parallel|chunked", NULL, SBX_PARAM_NAME},
    {"tile", "rows of a chunk", "16", "1", "1000000", SBX_PARAM_INTEGER}};

static const sbx_mech_extra extra[] = {
    {"short", "the short kernel of each channel, taps x d", "gauss"},
    {"long", "the long kernel of each channel, n x d", "gauss"},
    {"gate", "multiplies the outputs, n x dv", "one"}};

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.n;
}

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    *rows = e == 0 ? sbx_mech_size(a, TAPS) : s.n;
    *columns = e == 2 ? s.dv : s.d;
}

/* q' and k' */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return 2 * s.n * s.d;
}

/* S, a row of weights, one number; before them what the short kernel leaves */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d * s.dv + s.m + 1 + s.n * s.d;
}

const sbx_mech sbx_mech_chela = {
    .info = {.name = "chela",
             .formula = "g_i sum_{j <= i} (q'_i.k'_j) v_j, q' and k' convolved with short and long "
                        "kernels",
             .note =
                 "layer equation as supplied: kernels and gate are given, one kernel a channel of "
                 "queries and keys; weights are before the gate",
             .from = "Liu et al., ICML 2024",
             .kind = SBX_NORM_RATIONAL,
             .traits = SBX_MECH_CAUSAL | SBX_MECH_SQUARE,
             .param = params,
             .n_params = 3,
             .extra = extra,
             .n_extra = 3},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .rank = rank,
    .dims = dims,
    .state = state,
    .work = work};
#else
/* z_i = sum of h_t x_(i - t), t < taps, t <= i, channel by channel */
static sbx_status FN(convolved)(NUM *z, const NUM *x, const NUM *h, size_t taps,
                                const FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t d = r->d;
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->n; i++)
        for (size_t c = 0; c < d; c++) {
            NUM *const s = &z[i * d + c];
            SBX_TRY(NUM_(mul)(s, &h[c], &x[i * d + c], r->ctx, err));
            for (size_t t = 1; t < taps && t <= i; t++)
                SBX_TRY(FN(sbx_mech_fma)(s, &h[t * d + c], &x[(i - t) * d + c], r, err));
        }
done:
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t taps = sbx_mech_size(r->a, TAPS), nd = r->n * r->d;
    NUM *const t = r->work + r->d * r->dv + r->m + 1;
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < 2; k++) {
        SBX_TRY(FN(convolved)(t, k ? r->in.k : r->in.q, r->in.extra[0], taps, r, err));
        SBX_TRY(FN(convolved)(r->state + k * nd, t, r->in.extra[1], r->n, r, err));
    }
done:
    return st;
}

/* w[j] = q'_i.k'_j for from <= j <= i */
static sbx_status FN(part)(NUM *w, FN(sbx_mech_run) * r, size_t i, size_t from, sbx_err *err)
{
    const NUM *const q = r->state + i * r->d, *const k = r->state + r->n * r->d;
    sbx_status st = SBX_OK;
    for (size_t j = from; j <= i; j++)
        SBX_TRY(FN(sbx_mech_dot)(&w[j], q, 1, k + j * r->d, 1, r->d, r, err));
done:
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    sbx_status st = FN(part)(w, r, i, 0, err);
    for (size_t j = i + 1; j < r->m && st == SBX_OK; j++)
        st = NUM_(set_si)(&w[j], 0, r->ctx, err);
    return st;
}

/* S = S + sum over j in [from, to) of k'_j v_j^T */
static sbx_status FN(carry)(FN(sbx_mech_run) * r, size_t from, size_t to, sbx_err *err)
{
    const NUM *const k = r->state + r->n * r->d;
    sbx_status st = SBX_OK;
    for (size_t e = 0; e < r->d * r->dv; e++)
        for (size_t j = from; j < to; j++)
            SBX_TRY(FN(sbx_mech_fma)(&r->work[e], &k[j * r->d + e / r->dv],
                                     &r->in.v[j * r->dv + e % r->dv], r, err));
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t tile = sbx_mech_long(r->a, FORM) == 1 ? sbx_mech_size(r->a, TILE) : r->n;
    NUM *const w = r->work + r->d * r->dv, *const t = w + r->m;
    sbx_status st = SBX_OK;
    for (size_t e = 0; e < r->d * r->dv; e++)
        SBX_TRY(NUM_(set_si)(&r->work[e], 0, r->ctx, err));
    for (size_t i = 0, from = 0; i < r->n; i++) {
        if (i == from + tile) {
            SBX_TRY(FN(carry)(r, from, i, err));
            from = i;
        }
        SBX_TRY(FN(part)(w, r, i, from, err));
        for (size_t c = 0; c < r->dv; c++) {
            NUM *const z = &o[i * r->dv + c];
            SBX_TRY(FN(sbx_mech_dot)(z, &w[from], 1, &r->in.v[from * r->dv + c], r->dv,
                                     i + 1 - from, r, err));
            if (from) {
                SBX_TRY(
                    FN(sbx_mech_dot)(t, r->state + i * r->d, 1, &r->work[c], r->dv, r->d, r, err));
                SBX_TRY(NUM_(add)(z, z, t, r->ctx, err));
            }
            SBX_TRY(NUM_(mul)(z, z, &r->in.extra[2][i * r->dv + c], r->ctx, err));
        }
    }
done:
    return st;
}
#endif
