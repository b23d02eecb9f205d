/* mech/informer.c -- ProbSparse attention (Informer, Zhou et al. 2021): softmax for the u queries of the
 * greatest measure, the mean of all values, or the sum of those so far, for the others.
 *
 * The measure is max_j s_ij - mean_j s_ij over keys sampled for the query, s the inner products; of equal ones the first query
 * wins. It stands in for lse - mean, which is between max - mean and that plus ln m [L-MCH-37]. divisor: the code divides the
 * sum over the sample by the number of all keys (keys); a mean divides by the size of the sample (samples). Compared is
 * the measure times the divisor: that is exact where sums and products are.
 * Rank at most u + 1 with the mean [L-MCH-38]. Over a box a query that is among the u at some points, perhaps, and not
 * at others has the hull of both rows [L-MCH-43].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/lowrank.h"

enum { SCALE, FACTOR, KEYS, QUERIES, DIVISOR, REST };
enum { NO, YES, MAYBE };

/* ceil(ln n): e^k rounded down is the greatest integer up to e^k */
static size_t log_up(size_t n)
{
    static const size_t least[] = {1,       2,       7,       20,       54,       148,      403,
                                   1096,    2980,    8103,    22026,    59874,    162754,   442413,
                                   1202604, 3269017, 8886110, 24154952, 65659969, 178482300};
    size_t k = 0;
    while (k < sizeof least / sizeof least[0] && n > least[k])
        k++;
    return k;
}

/* parameter k, 0: factor ceil(ln n); from 1 to n */
static size_t many(const sbx_mech_args *a, size_t k, size_t n)
{
    size_t c = sbx_mech_size(a, k);
    if (c == 0) c = sbx_mech_size(a, FACTOR) * log_up(n);
    if (c == 0) c = 1;
    return c < n ? c : n;
}

static bool causal(const sbx_mech_args *a) { return sbx_mech_long(a, REST) == 1; }

#define MECH_FILE "mech/informer.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"factor", "of ceil(ln n) queries and ceil(ln m) keys", "5", "1", "1000000", SBX_PARAM_INTEGER},
    {"keys", "sampled for a query; 0: by factor", "0", "0", "1000000", SBX_PARAM_INTEGER},
    {"queries", "that get softmax; 0: by factor", "0", "0", "1000000", SBX_PARAM_INTEGER},
    {"divisor", "of the sampled sum: all keys, as the code, or samples", "keys", "keys|samples",
     NULL, SBX_PARAM_NAME},
    {"rest", "what the other queries get", "mean", "mean|cumulative", NULL, SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"S", "sampled keys, n x keys", "choice"}};

static unsigned traits(const sbx_mech_args *a)
{
    return SBX_MECH_NONNEGATIVE | (causal(a) ? SBX_MECH_CAUSAL : SBX_MECH_SUMS_TO_ONE);
}

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    return causal(a) ? s.n : many(a, QUERIES, s.n) + 1;
}

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)e;
    *rows = s.n;
    *columns = many(a, KEYS, s.m);
}

static sbx_status fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    if (!causal(a) || s.n == s.m) return SBX_OK;
    return sbx_fail(err, SBX_ERR_ARG, SBX_HERE,
                    "informer:rest=cumulative needs as many queries as keys, not %zu and %zu", s.n,
                    s.m);
}

/* the mean of the values, one output */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return 2 * s.dv;
}

/* measures; later a row of weights */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.n > s.m ? s.n : s.m;
}

/* is query i one of the u: NO, YES, MAYBE; a row of samples */
static size_t index_(const sbx_mech_args *a, sbx_mech_shape s) { return s.n + many(a, KEYS, s.m); }

const sbx_mech sbx_mech_informer = {
    .info = {.name = "informer",
             .formula = "softmax(scale q_i.k_j) for the u queries of greatest max - mean, else 1/m",
             .note =
                 "rest=cumulative: the sum of values so far, not divided, as in the code: such a "
                 "row of weights sums to its number",
             .from = "Zhou et al., arXiv:2012.07436",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 6,
             .extra = extra,
             .n_extra = 1},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .traits = traits,
    .rank = rank,
    .dims = dims,
    .fits = fits,
    .state = state,
    .work = work,
    .index = index_};
#else
/* the measure of query i, times its divisor */
static sbx_status FN(measure)(NUM *z, size_t i, FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t count = many(r->a, KEYS, r->m);
    size_t *const key = r->index + r->n;
    sbx_status st = SBX_OK;
    NUM s, sum, top;
    NUM_(init)(&s, r->ctx);
    NUM_(init)(&sum, r->ctx);
    NUM_(init)(&top, r->ctx);
    SBX_TRY(
        FN(sbx_mech_indices)(key, r->in.extra[0] + i * count, count, r->m, "the matrix S", r, err));
    for (size_t k = 0; k < count; k++) {
        SBX_TRY(
            FN(sbx_mech_dot)(&s, r->in.q + i * r->d, 1, r->in.k + key[k] * r->d, 1, r->d, r, err));
        if (k == 0) {
            NUM_(set)(&sum, &s);
            NUM_(set)(&top, &s);
            continue;
        }
        SBX_TRY(NUM_(add)(&sum, &sum, &s, r->ctx, err));
        SBX_TRY(NUM_(max)(&top, &top, &s, r->ctx, err));
    }
    SBX_TRY(
        NUM_(set_si)(&s, (long)(sbx_mech_long(r->a, DIVISOR) == 0 ? r->m : count), r->ctx, err));
    SBX_TRY(NUM_(mul)(&top, &top, &s, r->ctx, err));
    SBX_TRY(NUM_(sub)(z, &top, &sum, r->ctx, err));
done:
    NUM_(clear)(&top);
    NUM_(clear)(&sum);
    NUM_(clear)(&s);
    return st;
}

#if NUM_ENCLOSE
/* is a before b at every point: of greater measure, or of the same and earlier */
static bool FN(before)(const NUM *m, size_t a, size_t b)
{
    if (NUM_(lt)(&m[b], &m[a]) == SBX_TRUE) return true;
    return a < b && NUM_(eq)(&m[a], &m[b]) == SBX_TRUE;
}

/* Query i is one of the u where fewer than u are before it. */
static sbx_status FN(choose)(size_t *in, const NUM *m, size_t n, size_t u, sbx_err *err)
{
    (void)err;
    for (size_t i = 0; i < n; i++) {
        size_t least = 0, most = n - 1;
        for (size_t b = 0; b < n; b++) {
            least += b != i && FN(before)(m, b, i);
            most -= b != i && FN(before)(m, i, b);
        }
        in[i] = least >= u ? NO : most < u ? YES : MAYBE;
    }
    return SBX_OK;
}
#else
static sbx_status FN(choose)(size_t *in, const NUM *m, size_t n, size_t u, sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool *top = sbx_alloc(n, sizeof *top);
    if (!top) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu queries", n);
    SBX_TRY(FN(sbx_mech_top_k)(top, m, n, u, err));
    for (size_t i = 0; i < n; i++)
        in[i] = top[i] ? YES : NO;
done:
    sbx_free(top);
    return st;
}
#endif

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->n; i++)
        SBX_TRY(FN(measure)(&r->work[i], i, r, err));
    SBX_TRY(FN(choose)(r->index, r->work, r->n, many(r->a, QUERIES, r->n), err));
    SBX_TRY(FN(sbx_mech_segment_means)(r->state, r->in.v, r->m, 1, r->dv, r, err));
done:
    return st;
}

/* w[0..to) = softmax of query i's scores */
static sbx_status FN(full)(NUM *w, size_t i, size_t to, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM scale;
    NUM_(init)(&scale, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&scale, r, SCALE, r->d, err));
    for (size_t j = 0; j < to; j++) {
        SBX_TRY(
            FN(sbx_mech_dot)(&w[j], r->in.q + i * r->d, 1, r->in.k + j * r->d, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(&w[j], &w[j], &scale, r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_softmax)(w, w, to, r, err));
done:
    NUM_(clear)(&scale);
    return st;
}

/* z[0..n) = x, or the hull of both where x comes second */
static sbx_status FN(join)(NUM *z, const NUM *x, size_t n, bool second, const FN(sbx_mech_run) * r,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t k = 0; k < n; k++)
        if (second)
            SBX_TRY(NUM_(hull)(&z[k], &z[k], &x[k], r->ctx, err));
        else
            NUM_(set)(&z[k], &x[k]);
done:
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t to = causal(r->a) ? i + 1 : r->m, in = r->index[i];
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(NUM_(set_si)(&w[j], j < to, r->ctx, err));
    if (in != YES && !causal(r->a)) SBX_TRY(FN(sbx_mech_weights)(w, r->m, r, err));
    if (in == NO) goto done;
    SBX_TRY(FN(full)(r->work, i, to, r, err));
    SBX_TRY(FN(join)(w, r->work, to, in == MAYBE, r, err));
done:
    return st;
}

/* z[0..dv) = what query i gets if it is none of the u */
static sbx_status FN(rest)(NUM *z, size_t i, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t c = 0; c < r->dv; c++)
        if (causal(r->a))
            SBX_TRY(FN(sbx_mech_sum)(&z[c], &r->in.v[c], r->dv, i + 1, r, err));
        else
            NUM_(set)(&z[c], &r->state[c]);
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const t = r->state + r->dv;
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->n; i++, o += r->dv) {
        const size_t to = causal(r->a) ? i + 1 : r->m, in = r->index[i];
        if (in != YES) SBX_TRY(FN(rest)(o, i, r, err));
        if (in == NO) continue;
        SBX_TRY(FN(full)(r->work, i, to, r, err));
        SBX_TRY(FN(sbx_mech_mix)(t, r->work, r->in.v, to, r->dv, r, err));
        SBX_TRY(FN(join)(o, t, r->dv, in == MAYBE, r, err));
    }
done:
    return st;
}
#endif
