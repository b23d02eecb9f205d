/* mech/combiner.c -- Combiner (Ren et al. 2021), its fixed blocks: one softmax over the keys of the query's own block
 * and one summary of each block before it (or of each other block); what a summary weighs is shared among the keys
 * of its block by softmax(q'_r.k_j), q'_r the pooled query of the block.
 *
 * Rows sum to 1. Outside of the query's own block a row is a multiple of one vector a block: rank 1 a block
 * [L-MCH-24].
 *
 * form=blocks sums the values of a block first: the same numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { BLOCK = 1, POOL, SCALE, FORM };

/* keys of a block, how many blocks */
static size_t length(const sbx_mech_args *a, size_t m)
{
    const size_t own = sbx_mech_size(a, BLOCK);
    size_t root = 1;
    while (root < m && root * root < m)
        root++;
    return own ? own : root;
}
static size_t blocks(const sbx_mech_args *a, size_t m)
{
    const size_t b = length(a, m);
    return m / b + (m % b != 0);
}
static size_t end_of(const sbx_mech_args *a, size_t r, size_t m)
{
    const size_t b = length(a, m);
    return m - r * b < b ? m : (r + 1) * b;
}
/* is block r summarised for a query of block own */
static bool summarised(const sbx_mech_args *a, size_t r, size_t own)
{
    return sbx_mech_long(a, SBX_MECH_MASK) == 1 ? r < own : r != own;
}

#define MECH_FILE "mech/combiner.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"mask", "the keys a query sees: all, or those up to its own place", "causal", "none|causal",
     NULL, SBX_PARAM_NAME},
    {"block", "keys of a block; 0: the least number whose square is at least m", "0", "0",
     "1000000000", SBX_PARAM_INTEGER},
    {"pool", "what summarises the keys and the queries of a block", "max", "max|mean", NULL,
     SBX_PARAM_NAME},
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"form", "the order of the sums", "parallel", "parallel|blocks", NULL, SBX_PARAM_NAME}};

static unsigned traits(const sbx_mech_args *a)
{
    return sbx_mech_masked(a, SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE | SBX_MECH_SQUARE);
}

/* a summary a block, shares of all keys, a scale */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    return blocks(a, s.m) * s.d + s.m + 1;
}

/* scores of keys and blocks, a query, values of the blocks */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    return s.m + blocks(a, s.m) * (1 + s.dv) + s.d;
}

const sbx_mech sbx_mech_combiner = {
    .info = {.name = "combiner",
             .formula = "softmax over own block and summaries r, times softmax(q'_r.k_j) within r",
             .note = "the fixed blocks of the paper; scores over sqrt(d), pooled by their maximum",
             .from = "Ren et al., NeurIPS 2021",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits =
                 SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE | SBX_MECH_CAUSAL | SBX_MECH_SQUARE,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 5},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .traits = traits,
    .state = state,
    .work = work};
#else
/* z[0..d) = maximum or mean of vectors [from, to) */
static sbx_status FN(pooled)(NUM *z, const NUM *x, size_t from, size_t to, FN(sbx_mech_run) * r,
                             sbx_err *err)
{
    const bool mean = sbx_mech_long(r->a, POOL) == 1;
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(set_si)(&t, (long)(to - from), r->ctx, err));
    for (size_t c = 0; c < r->d; c++) {
        NUM_(set)(&z[c], &x[from * r->d + c]);
        for (size_t j = from + 1; j < to; j++)
            SBX_TRY(mean ? NUM_(add)(&z[c], &z[c], &x[j * r->d + c], r->ctx, err)
                         : NUM_(max)(&z[c], &z[c], &x[j * r->d + c], r->ctx, err));
        if (mean) SBX_TRY(NUM_(div)(&z[c], &z[c], &t, r->ctx, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

/* z = scale q.k */
static sbx_status FN(score)(NUM *z, const NUM *q, const NUM *k, FN(sbx_mech_run) * r, sbx_err *err)
{
    const NUM *const scale = r->state + r->n_state - 1;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_dot)(z, q, 1, k, 1, r->d, r, err));
    SBX_TRY(NUM_(mul)(z, z, scale, r->ctx, err));
done:
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t count = blocks(r->a, r->m), b = length(r->a, r->m);
    NUM *const share = r->state + count * r->d, *const query = r->work + r->m + count * (1 + r->dv);
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_scale)(r->state + r->n_state - 1, r, SCALE, r->d, err));
    for (size_t s = 0; s < count; s++) {
        const size_t from = s * b, to = end_of(r->a, s, r->m);
        SBX_TRY(FN(pooled)(r->state + s * r->d, r->in.k, from, to, r, err));
        SBX_TRY(FN(pooled)(query, r->in.q, from, to, r, err));
        for (size_t j = from; j < to; j++)
            SBX_TRY(FN(score)(&share[j], query, r->in.k + j * r->d, r, err));
        SBX_TRY(FN(sbx_mech_softmax)(share + from, share + from, to - from, r, err));
    }
done:
    return st;
}

/* p[0..) = one softmax over keys [from, to) of the own block and then every summary */
static sbx_status FN(joint)(NUM *p, FN(sbx_mech_run) * r, size_t i, size_t from, size_t to,
                            sbx_err *err)
{
    const size_t count = blocks(r->a, r->m), own = i / length(r->a, r->m);
    const NUM *const q = r->in.q + i * r->d;
    size_t n = 0;
    sbx_status st = SBX_OK;
    for (size_t j = from; j < to; j++)
        SBX_TRY(FN(score)(&p[n++], q, r->in.k + j * r->d, r, err));
    for (size_t s = 0; s < count; s++)
        if (summarised(r->a, s, own)) SBX_TRY(FN(score)(&p[n++], q, r->state + s * r->d, r, err));
    SBX_TRY(FN(sbx_mech_softmax)(p, p, n, r, err));
done:
    return st;
}

/* the keys of query i's own block that it sees: [*from, *to) */
static void FN(own_keys)(size_t *from, size_t *to, const FN(sbx_mech_run) * r, size_t i)
{
    const size_t own = i / length(r->a, r->m);
    *from = own * length(r->a, r->m);
    *to = sbx_mech_long(r->a, SBX_MECH_MASK) == 1 ? i + 1 : end_of(r->a, own, r->m);
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t count = blocks(r->a, r->m), b = length(r->a, r->m);
    const NUM *const share = r->state + count * r->d;
    NUM *const p = r->work;
    size_t from, to, n = 0;
    sbx_status st = SBX_OK;
    FN(own_keys)(&from, &to, r, i);
    SBX_TRY(FN(joint)(p, r, i, from, to, err));
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
    for (size_t j = from; j < to; j++)
        NUM_(set)(&w[j], &p[n++]);
    for (size_t s = 0; s < count; s++) {
        if (!summarised(r->a, s, i / b)) continue;
        to = end_of(r->a, s, r->m);
        for (size_t j = s * b; j < to; j++)
            SBX_TRY(NUM_(mul)(&w[j], &p[n], &share[j], r->ctx, err));
        n++;
    }
done:
    return st;
}

/* o = sum over the own keys, and over summaries of the blocks' values */
static sbx_status FN(by_blocks)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t count = blocks(r->a, r->m), b = length(r->a, r->m);
    const NUM *const share = r->state + count * r->d;
    NUM *const p = r->work, *const values = p + r->m + count;
    sbx_status st = SBX_OK;
    for (size_t s = 0; s < count; s++)
        SBX_TRY(FN(sbx_mech_mix)(values + s * r->dv, share + s * b, r->in.v + s * b * r->dv,
                                 end_of(r->a, s, r->m) - s * b, r->dv, r, err));
    for (size_t i = 0; i < r->n; i++, o += r->dv) {
        size_t from, to, n;
        FN(own_keys)(&from, &to, r, i);
        SBX_TRY(FN(joint)(p, r, i, from, to, err));
        SBX_TRY(FN(sbx_mech_mix)(o, p, r->in.v + from * r->dv, to - from, r->dv, r, err));
        n = to - from;
        for (size_t s = 0; s < count; s++) {
            if (!summarised(r->a, s, i / b)) continue;
            for (size_t c = 0; c < r->dv; c++)
                SBX_TRY(FN(sbx_mech_fma)(&o[c], &p[n], &values[s * r->dv + c], r, err));
            n++;
        }
    }
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *w = NULL;
    if (sbx_mech_long(r->a, FORM) == 1) return FN(by_blocks)(o, r, err);
    w = FN(sbx_mech_new)(r->m, r->ctx);
    if (!w) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", r->m);
    for (size_t i = 0; i < r->n; i++) {
        SBX_TRY(FN(row)(w, r, i, err));
        SBX_TRY(FN(sbx_mech_mix)(o + i * r->dv, w, r->in.v, r->m, r->dv, r, err));
    }
done:
    FN(sbx_mech_free)(w, r->m);
    return st;
}
#endif
