/* mech/block_recurrent.c -- Block-Recurrent Transformer (Hutchins et al. 2022): blocks of tokens attend to themselves
 * and to a state; the state attends to the block and is gated: c = g c + (1 - g) h.
 *
 * Token i of a block sees the block's tokens up to i and the state, under one softmax. h is the state's attention to
 * the block's tokens. gate: `fixed` g = sigmoid(b); `full` g = sigmoid(h W + b + 1); `lstm` c sigmoid(h W + b + 1) +
 * h sigmoid(h W' + b - 1), whose factors need not sum to 1. With the first two, state and outputs stay in the hull of the first state and the
 * values [L-MCH-58].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

enum { STATES, BLOCK, GATE };
enum { FIXED, FULL, LSTM };
enum { C0, SQ, SK, BIAS, WF, WI };
#define MECH_FILE "mech/block_recurrent.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"states", "vectors of the state", "2", "1", "1000000", SBX_PARAM_INTEGER},
    {"block", "tokens of a block", "4", "1", "1000000", SBX_PARAM_INTEGER},
    {"gate", "of the state", "fixed", "fixed|full|lstm", NULL, SBX_PARAM_NAME}};
static const sbx_mech_extra extra[] = {{"C0", "the first state, states x dv", "gauss"},
                                       {"SQ", "the state's queries, states x d", "gauss"},
                                       {"SK", "the state's keys, states x d", "gauss"},
                                       {"b", "the gate's bias, 1 x dv", "gauss"},
                                       {"WF", "of the gate of what is kept, dv x dv", "eye"},
                                       {"WI", "of the gate of what is new (lstm), dv x dv", "eye"}};

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    const size_t states = sbx_mech_size(a, STATES);
    *rows = e <= SK ? states : e == BIAS ? 1 : s.dv;
    *columns = e == SQ || e == SK ? s.d : s.dv;
}

/* the state, what is new, weights of a token or a state, gates */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    const size_t states = sbx_mech_size(a, STATES);
    return 2 * states * s.dv + s.m + states + 2 * s.dv;
}

const sbx_mech sbx_mech_block_recurrent = {
    .info = {.name = "block-recurrent",
             .formula = "blocks attend to themselves and a gated state",
             .note = "state keys and queries are given, and stay; no skip connections",
             .from = "Hutchins et al., arXiv:2203.07852",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_SQUARE | SBX_MECH_CAUSAL | SBX_MECH_NO_WEIGHTS,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 3,
             .extra = extra,
             .n_extra = 6},
    SBX_MECH_OUTPUT(output),
    .work = work,
    .dims = dims};
#else
/* w[j] = q.k_j / sqrt(d) */
static sbx_status FN(scored)(NUM *w, const NUM *q, const NUM *k, size_t n, const NUM *scale,
                             FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(FN(sbx_mech_dot)(&w[j], q, 1, k + j * r->d, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(&w[j], &w[j], scale, r->ctx, err));
    }
done:
    return st;
}

/* g = sigmoid(h W + b + shift), h and W only where there is a W */
static sbx_status FN(gate)(NUM *g, const NUM *h, const NUM *w, long shift, FN(sbx_mech_run) * r,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(set_si)(&t, shift, r->ctx, err));
    for (size_t c = 0; c < r->dv; c++) {
        SBX_TRY(NUM_(add)(&g[c], &r->in.extra[BIAS][c], &t, r->ctx, err));
        for (size_t a = 0; w && a < r->dv; a++)
            SBX_TRY(FN(sbx_mech_fma)(&g[c], &h[a], &w[a * r->dv + c], r, err));
        SBX_TRY(NUM_(sigmoid)(&g[c], &g[c], r->ctx, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

/* c = its next value; h what is new */
static sbx_status FN(update)(NUM *c, const NUM *h, NUM *g, FN(sbx_mech_run) * r, sbx_err *err)
{
    const long how = sbx_mech_long(r->a, GATE);
    sbx_status st = SBX_OK;
    NUM one, t;
    NUM_(init)(&one, r->ctx);
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, r->ctx, err));
    SBX_TRY(FN(gate)(g, h, how == FIXED ? NULL : r->in.extra[WF], how == FIXED ? 0 : 1, r, err));
    if (how == LSTM) SBX_TRY(FN(gate)(g + r->dv, h, r->in.extra[WI], -1, r, err));
    for (size_t k = 0; k < r->dv; k++) {
        if (how == LSTM)
            NUM_(set)(&t, &g[r->dv + k]);
        else
            SBX_TRY(NUM_(sub)(&t, &one, &g[k], r->ctx, err));
        SBX_TRY(NUM_(mul)(&t, &t, &h[k], r->ctx, err));
        SBX_TRY(NUM_(mul)(&c[k], &c[k], &g[k], r->ctx, err));
        SBX_TRY(NUM_(add)(&c[k], &c[k], &t, r->ctx, err));
    }
done:
    NUM_(clear)(&t);
    NUM_(clear)(&one);
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t states = sbx_mech_size(r->a, STATES), block = sbx_mech_size(r->a, BLOCK);
    NUM *const c = r->work, *const h = c + states * r->dv, *const w = h + states * r->dv,
               *const g = w + r->m + states;
    sbx_status st = SBX_OK;
    NUM scale;
    NUM_(init)(&scale, r->ctx);
    SBX_TRY(FN(sbx_mech_inverse_root)(&scale, r->d, r, err));
    for (size_t k = 0; k < states * r->dv; k++)
        NUM_(set)(&c[k], &r->in.extra[C0][k]);
    for (size_t from = 0; from < r->n; from += block) {
        const size_t to = r->n - from < block ? r->n : from + block;
        const NUM *const keys = r->in.k + from * r->d, *const values = r->in.v + from * r->dv;
        for (size_t i = from; i < to; i++) {
            const NUM *const q = r->in.q + i * r->d;
            const size_t seen = i + 1 - from;
            SBX_TRY(FN(scored)(w, q, keys, seen, &scale, r, err));
            SBX_TRY(FN(scored)(w + seen, q, r->in.extra[SK], states, &scale, r, err));
            SBX_TRY(FN(sbx_mech_softmax)(w, w, seen + states, r, err));
            SBX_TRY(FN(sbx_mech_mix)(o + i * r->dv, w, values, seen, r->dv, r, err));
            for (size_t k = 0; k < r->dv; k++)
                for (size_t a = 0; a < states; a++)
                    SBX_TRY(FN(sbx_mech_fma)(&o[i * r->dv + k], &w[seen + a], &c[a * r->dv + k], r,
                                             err));
        }
        for (size_t a = 0; a < states; a++) {
            SBX_TRY(FN(scored)(w, r->in.extra[SQ] + a * r->d, keys, to - from, &scale, r, err));
            SBX_TRY(FN(sbx_mech_softmax)(w, w, to - from, r, err));
            SBX_TRY(FN(sbx_mech_mix)(h + a * r->dv, w, values, to - from, r->dv, r, err));
            SBX_TRY(FN(update)(c + a * r->dv, h + a * r->dv, g, r, err));
        }
    }
done:
    NUM_(clear)(&scale);
    return st;
}
#endif
