/* mech/lightning.c -- causal linear attention with decay, sum over j <= i of lambda^(i - j) (q_i.k_j) v_j
 * (Lightning Attention-2, Qin et al. 2024; RetNet's retention is the same).
 *
 * form: `parallel` from the weights; `recurrent` S = lambda S + k v^T, o = q S; `chunked` tiles of `tile` rows:
 * inside a tile from the weights, before it from the state S. The three are the same numbers
 * [L-MCH-04], rounded differently.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

enum { LAMBDA, FORM, TILE };
enum { PARALLEL, RECURRENT, CHUNKED };

#define MECH_FILE "mech/lightning.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"lambda", "the decay a step", "15/16", "0", "1", SBX_PARAM_OPEN_LO},
    {"form", "the order of the sums", "parallel", "parallel|recurrent|chunked", NULL,
     SBX_PARAM_NAME},
    {"tile", "rows of a chunk", "16", "1", "1000000", SBX_PARAM_INTEGER}};

/* lambda^0 .. lambda^m */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.m + 1;
}

/* S, a row of weights, two numbers */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d * s.dv + s.m + 2;
}

const sbx_mech sbx_mech_lightning = {
    .info = {.name = "lightning",
             .formula = "sum_{j <= i} lambda^(i-j) (q_i.k_j) v_j",
             .from = "Qin et al., arXiv:2401.04658; Sun et al., arXiv:2307.08621",
             .kind = SBX_NORM_RATIONAL,
             .traits = SBX_MECH_CAUSAL | SBX_MECH_SQUARE,
             .param = params,
             .n_params = 3},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .state = state,
    .work = work};
#else
static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(FN(sbx_mech_param)(&t, r, LAMBDA, 0, err));
    SBX_TRY(NUM_(set_si)(&r->state[0], 1, r->ctx, err));
    for (size_t k = 0; k < r->m; k++)
        SBX_TRY(NUM_(mul)(&r->state[k + 1], &r->state[k], &t, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* w[j] = lambda^(i - j) q_i.k_j for from <= j <= i */
static sbx_status FN(part)(NUM *w, FN(sbx_mech_run) * r, size_t i, size_t from, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t j = from; j <= i; j++) {
        SBX_TRY(
            FN(sbx_mech_dot)(&w[j], r->in.q + i * r->d, 1, r->in.k + j * r->d, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(&w[j], &w[j], &r->state[i - j], r->ctx, err));
    }
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

/* S = lambda^steps S + sum over j in [from, to) of lambda^(to - 1 - j) k_j v_j^T */
static sbx_status FN(carry)(FN(sbx_mech_run) * r, size_t from, size_t to, sbx_err *err)
{
    NUM *const s = r->work, *const t = s + r->d * r->dv + r->m;
    sbx_status st = SBX_OK;
    for (size_t a = 0; a < r->d; a++)
        for (size_t c = 0; c < r->dv; c++) {
            NUM *const z = &s[a * r->dv + c];
            SBX_TRY(NUM_(mul)(z, z, &r->state[to - from], r->ctx, err));
            for (size_t j = from; j < to; j++) {
                const NUM *k = &r->in.k[j * r->d + a];
                if (j + 1 < to) {
                    SBX_TRY(NUM_(mul)(t, k, &r->state[to - 1 - j], r->ctx, err));
                    k = t;
                }
                SBX_TRY(FN(sbx_mech_fma)(z, k, &r->in.v[j * r->dv + c], r, err));
            }
        }
done:
    return st;
}

/* Tiles of `tile` rows: what stands before a tile comes from S. */
static sbx_status FN(chunked)(NUM *o, FN(sbx_mech_run) * r, size_t tile, sbx_err *err)
{
    NUM *const s = r->work, *const w = s + r->d * r->dv, *const t = w + r->m;
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < r->d * r->dv; k++)
        SBX_TRY(NUM_(set_si)(&s[k], 0, r->ctx, err));
    for (size_t from = 0; from < r->n; from += tile) {
        const size_t to = r->n - from < tile ? r->n : from + tile;
        for (size_t i = from; i < to; i++) {
            SBX_TRY(FN(part)(w, r, i, from, err));
            for (size_t c = 0; c < r->dv; c++) {
                NUM *const z = &o[i * r->dv + c];
                SBX_TRY(FN(sbx_mech_dot)(z, &w[from], 1, &r->in.v[from * r->dv + c], r->dv,
                                         i + 1 - from, r, err));
                if (from == 0) continue;
                SBX_TRY(FN(sbx_mech_dot)(&t[1], r->in.q + i * r->d, 1, &s[c], r->dv, r->d, r, err));
                SBX_TRY(FN(sbx_mech_fma)(z, &t[1], &r->state[i + 1 - from], r, err));
            }
        }
        SBX_TRY(FN(carry)(r, from, to, err));
    }
done:
    return st;
}

static sbx_status FN(recurrent)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const s = r->work;
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < r->d * r->dv; k++)
        SBX_TRY(NUM_(set_si)(&s[k], 0, r->ctx, err));
    for (size_t i = 0; i < r->n; i++) {
        SBX_TRY(FN(carry)(r, i, i + 1, err));
        SBX_TRY(FN(sbx_mech_mix)(o + i * r->dv, r->in.q + i * r->d, s, r->d, r->dv, r, err));
    }
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const long form = sbx_mech_long(r->a, FORM);
    if (form == RECURRENT) return FN(recurrent)(o, r, err);
    return FN(chunked)(o, r, form == CHUNKED ? sbx_mech_size(r->a, TILE) : r->n, err);
}
#endif
