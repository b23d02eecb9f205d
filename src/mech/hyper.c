/* mech/hyper.c -- HyperAttention (Han et al. 2024): softmax over a block of keys that hash near the query, and
 * over a uniform sample of the others, each of weight m / samples.
 *
 * The hash of x has bit k where x . r_k > 0. Queries and keys are sorted by hash (equal ones keep their order) and cut into blocks;
 * S has places among the sorted keys, and what the block has already does not count again. order: `gray`, places in the Gray sequence,
 * whose neighbours differ in one bit; `code`, by the Gray number of the hash, as the code: with 3 or more bits neighbours may differ in more.
 * Rows sum to 1. form, for outputs: `weights`, or `merge` of the two parts by their log-sum-exps; the same numbers
 * [L-MCH-40]. Over a box: refused where a sign is not certain.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/lowrank.h"

enum { SCALE, BITS, BLOCK, SAMPLES, ORDER, FORM };

/* the place of hash h when sorted */
static size_t place(const sbx_mech_args *a, size_t h)
{
    size_t g = h;
    if (sbx_mech_long(a, ORDER) == 1) return h ^ (h >> 1);
    for (h >>= 1; h; h >>= 1)
        g ^= h;
    return g;
}

/* at[p]: which of n is at place p, sorted by key, equal ones in order */
static void sorted(size_t *at, const size_t *key, size_t n, size_t keys)
{
    size_t p = 0;
    for (size_t v = 0; v < keys && p < n; v++)
        for (size_t i = 0; i < n; i++)
            if (key[i] == v) at[p++] = i;
}

#define MECH_FILE "mech/hyper.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"bits", "of a hash", "7", "1", "12", SBX_PARAM_INTEGER},
    {"block", "queries and keys of a block", "16", "1", "1000000", SBX_PARAM_INTEGER},
    {"samples", "keys of the sample", "16", "1", "1000000", SBX_PARAM_INTEGER},
    {"order", "of the hashes", "gray", "gray|code", NULL, SBX_PARAM_NAME},
    {"form", "how outputs are made", "weights", "weights|merge", NULL, SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"R", "directions of the hash, bits x d", "gauss"},
                                       {"S", "places of sampled keys, 1 x samples", "choice"}};

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    *rows = e == 0 ? sbx_mech_size(a, BITS) : 1;
    *columns = e == 0 ? s.d : sbx_mech_size(a, SAMPLES);
}

/* scores of a block and of the sample, four numbers, a row of outputs */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    const size_t b = sbx_mech_size(a, BLOCK);
    return (b < s.m ? b : s.m) + sbx_mech_size(a, SAMPLES) + s.dv + 4;
}

/* the place of query i; keys by places; places of the sample; hashes, queries by places */
static size_t index_(const sbx_mech_args *a, sbx_mech_shape s)
{
    return 3 * s.n + s.m + sbx_mech_size(a, SAMPLES);
}

const sbx_mech sbx_mech_hyper = {
    .info = {.name = "hyper",
             .formula = "w_j / sum_j w_j, w_j = e_j ([j in block] + [not in block] m/samples times "
                        "drawn)",
             .undefined = "enclosures: where it is not certain on which side of a direction of R",
             .note = "not causal; the last block may be shorter; no exception for few keys",
             .from = "Han et al., arXiv:2310.05869",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE | SBX_MECH_SQUARE,
             .need = SBX_CAN_EXP | SBX_CAN_LOG,
             .param = params,
             .n_params = 6,
             .extra = extra,
             .n_extra = 2},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .dims = dims,
    .work = work,
    .index = index_};
#else
/* to[i] = the place of x_i's hash */
static sbx_status FN(hash)(size_t *to, const NUM *x, size_t n, const FN(sbx_mech_run) * r,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t, zero;
    NUM_(init)(&t, r->ctx);
    NUM_(init)(&zero, r->ctx);
    for (size_t i = 0; i < n; i++) {
        size_t h = 0;
        for (size_t k = 0; k < sbx_mech_size(r->a, BITS); k++) {
            SBX_TRY(
                FN(sbx_mech_dot)(&t, &x[i * r->d], 1, r->in.extra[0] + k * r->d, 1, r->d, r, err));
            if (NUM_(lt)(&zero, &t) == SBX_TRUE)
                h |= (size_t)1 << k;
            else if (NUM_(le)(&t, &zero) != SBX_TRUE)
                SBX_FAIL(err, SBX_ERR_DOMAIN, "a bit of a hash is not certain");
        }
        to[i] = place(r->a, h);
    }
done:
    NUM_(clear)(&zero);
    NUM_(clear)(&t);
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t keys = (size_t)1 << sbx_mech_size(r->a, BITS),
                 samples = sbx_mech_size(r->a, SAMPLES);
    size_t *const where = r->index, *const key_at = where + r->n, *const drawn = key_at + r->m,
                  *const h = drawn + samples, *const query_at = h + r->n;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_indices)(drawn, r->in.extra[1], samples, r->m, "the matrix S", r, err));
    SBX_TRY(FN(hash)(h, r->in.k, r->m, r, err));
    sorted(key_at, h, r->m, keys);
    SBX_TRY(FN(hash)(h, r->in.q, r->n, r, err));
    sorted(query_at, h, r->n, keys);
    for (size_t p = 0; p < r->n; p++)
        where[query_at[p]] = p;
done:
    return st;
}

/* The keys of query i: to[0..*block) of its block, then those of the sample that are not in it. How many in all. */
static size_t FN(keys)(size_t *from, size_t *block, const FN(sbx_mech_run) * r, size_t i)
{
    const size_t b = sbx_mech_size(r->a, BLOCK);
    const size_t *const drawn = r->index + r->n + r->m;
    size_t n;
    *from = r->index[i] / b * b;
    n = *block = r->m - *from < b ? r->m - *from : b;
    for (size_t k = 0; k < sbx_mech_size(r->a, SAMPLES); k++)
        n += drawn[k] < *from || drawn[k] >= *from + *block;
    return n;
}

/* Which key is number k of those. */
static size_t FN(key)(const FN(sbx_mech_run) * r, size_t from, size_t block, size_t k)
{
    const size_t *const at = r->index + r->n, *const drawn = at + r->m;
    size_t s = 0;
    if (k < block) return at[from + k];
    for (k -= block;; s++) {
        if (drawn[s] >= from && drawn[s] < from + block) continue;
        if (k-- == 0) return at[drawn[s]];
    }
}

/* work: the scores of query i's keys */
static sbx_status FN(scored)(FN(sbx_mech_run) * r, size_t i, size_t *from, size_t *block, size_t *n,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM scale;
    NUM_(init)(&scale, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&scale, r, SCALE, r->d, err));
    *n = FN(keys)(from, block, r, i);
    for (size_t k = 0; k < *n; k++) {
        const NUM *const y = r->in.k + FN(key)(r, *from, *block, k) * r->d;
        SBX_TRY(FN(sbx_mech_dot)(&r->work[k], r->in.q + i * r->d, 1, y, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(&r->work[k], &r->work[k], &scale, r->ctx, err));
    }
done:
    NUM_(clear)(&scale);
    return st;
}

/* m / samples */
static sbx_status FN(ratio)(NUM *z, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(set_si)(z, (long)r->m, r->ctx, err));
    SBX_TRY(NUM_(set_si)(&t, sbx_mech_long(r->a, SAMPLES), r->ctx, err));
    SBX_TRY(NUM_(div)(z, z, &t, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* work: the weights of query i's keys; of a key that was drawn more than once: more of them */
static sbx_status FN(listed)(FN(sbx_mech_run) * r, size_t i, size_t *from, size_t *block, size_t *n,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM top, by;
    NUM_(init)(&top, r->ctx);
    NUM_(init)(&by, r->ctx);
    SBX_TRY(FN(scored)(r, i, from, block, n, err));
    SBX_TRY(FN(ratio)(&by, r, err));
    SBX_TRY(FN(sbx_mech_top)(&top, r->work, *n, r, err));
    for (size_t k = 0; k < *n; k++) {
        NUM *const e = &r->work[k];
        SBX_TRY(NUM_(sub)(e, e, &top, r->ctx, err));
        SBX_TRY(NUM_(exp)(e, e, r->ctx, err));
        if (k >= *block) SBX_TRY(NUM_(mul)(e, e, &by, r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_weights)(r->work, *n, r, err));
done:
    NUM_(clear)(&by);
    NUM_(clear)(&top);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t from, block, n;
    SBX_TRY(FN(listed)(r, i, &from, &block, &n, err));
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
    for (size_t k = 0; k < n; k++) {
        NUM *const to = &w[FN(key)(r, from, block, k)];
        SBX_TRY(NUM_(add)(to, to, &r->work[k], r->ctx, err));
    }
done:
    return st;
}

/* o = the sum of work[at .. at + n) times the values of those keys */
static sbx_status FN(summed)(NUM *o, size_t at, size_t n, size_t from, size_t block,
                             const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < n; k++) {
        const NUM *const v = r->in.v + FN(key)(r, from, block, at + k) * r->dv,
                         *const w = &r->work[at + k];
        for (size_t c = 0; c < r->dv; c++)
            SBX_TRY(k == 0 ? NUM_(mul)(&o[c], w, &v[c], r->ctx, err)
                           : FN(sbx_mech_fma)(&o[c], w, &v[c], r, err));
    }
done:
    return st;
}

/* o = softmax(work[at .. at + n)) V over those keys, *lse the log of the sum of exponentials */
static sbx_status FN(attend)(NUM *o, NUM *lse, size_t at, size_t n, size_t from, size_t block,
                             FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const s = r->work + at;
    sbx_status st = SBX_OK;
    NUM top;
    NUM_(init)(&top, r->ctx);
    SBX_TRY(FN(sbx_mech_top)(&top, s, n, r, err));
    for (size_t k = 0; k < n; k++) {
        SBX_TRY(NUM_(sub)(&s[k], &s[k], &top, r->ctx, err));
        SBX_TRY(NUM_(exp)(&s[k], &s[k], r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_sum)(lse, s, 1, n, r, err));
    SBX_TRY(NUM_(log)(lse, lse, r->ctx, err));
    SBX_TRY(NUM_(add)(lse, lse, &top, r->ctx, err));
    SBX_TRY(FN(sbx_mech_weights)(s, n, r, err));
    SBX_TRY(FN(summed)(o, at, n, from, block, r, err));
done:
    NUM_(clear)(&top);
    return st;
}

/* o = f o1 + (1 - f) o2, f = 1 / (1 + e^(lse2 - lse1)) */
static sbx_status FN(merged)(NUM *o, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    NUM *const o2 = r->work + r->n_work - r->dv, *const t = o2 - 4, *const lse1 = t,
               *const lse2 = t + 1, *const one = t + 2, *const by = t + 3;
    sbx_status st = SBX_OK;
    size_t from, block, n;
    SBX_TRY(FN(scored)(r, i, &from, &block, &n, err));
    SBX_TRY(FN(attend)(o, lse1, 0, block, from, block, r, err));
    if (n == block) goto done;
    SBX_TRY(FN(attend)(o2, lse2, block, n - block, from, block, r, err));
    SBX_TRY(FN(ratio)(by, r, err));
    SBX_TRY(NUM_(log)(by, by, r->ctx, err));
    SBX_TRY(NUM_(add)(lse2, lse2, by, r->ctx, err));
    SBX_TRY(NUM_(sub)(lse1, lse1, lse2, r->ctx, err));
    SBX_TRY(NUM_(sigmoid)(lse1, lse1, r->ctx, err));
    SBX_TRY(NUM_(set_si)(one, 1, r->ctx, err));
    SBX_TRY(NUM_(sub)(one, one, lse1, r->ctx, err));
    for (size_t c = 0; c < r->dv; c++) {
        SBX_TRY(NUM_(mul)(&o[c], &o[c], lse1, r->ctx, err));
        SBX_TRY(FN(sbx_mech_fma)(&o[c], one, &o2[c], r, err));
    }
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t from, block, n;
    for (size_t i = 0; i < r->n; i++, o += r->dv) {
        if (sbx_mech_long(r->a, FORM) == 1) {
            SBX_TRY(FN(merged)(o, r, i, err));
            continue;
        }
        SBX_TRY(FN(listed)(r, i, &from, &block, &n, err));
        SBX_TRY(FN(summed)(o, 0, n, from, block, r, err));
    }
done:
    return st;
}
#endif
