/* mech/sea.c -- SEA (Lee et al. 2024): sparse attention on a mask estimated beforehand. The estimate, K scores a query and
 * head, is an input; of all heads' scores of a query the k_i greatest make its mask, stretched to the keys it
 * sees; softmax over the surviving keys, times sigma(s0), and a mean over all keys, mixed by sigma(s1).
 *
 * k_i = heads times k K / len rounded (halves to even), at least 1 and at most heads K; len keys are seen; the key
 * at place p from 0 looks at column floor((p + 1/2) K / len - 1/10000): all of it exact integers. The order of the
 * scores is taken from the scores themselves, before their softmax, which keeps it.
 *
 * Row mass: sigma(s1) sigma(s0), or 0 where no key survives, plus (1 - sigma(s1)) times the mean's mass [L-MCH-25].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { COLUMNS = 1, KEEP, HEADS, HEAD, SCALE };

/* k_i */
static size_t kept(const sbx_mech_args *a, size_t len)
{
    const size_t columns = sbx_mech_size(a, COLUMNS), heads = sbx_mech_size(a, HEADS);
    const size_t all = sbx_mech_size(a, KEEP) * columns, rest = all % len;
    size_t each = all / len;
    if (2 * rest > len || (2 * rest == len && each % 2)) each++;
    if (each > columns) return heads * columns;
    return each ? heads * each : 1;
}

/* the column that the key at place p of len looks at */
static size_t column(const sbx_mech_args *a, size_t p, size_t len)
{
    const size_t columns = sbx_mech_size(a, COLUMNS);
    const size_t up = (2 * p + 1) * columns * 5000, down = 10000 * len;
    return up < len ? 0 : (up - len) / down;
}

#define MECH_FILE "mech/sea.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_MASK_PARAM,
    {"K", "columns of the estimate", "128", "1", "65536", SBX_PARAM_INTEGER},
    {"k", "keys a query should keep", "7", "1", "65536", SBX_PARAM_INTEGER},
    {"heads", "that share k: columns of the estimate are heads times K", "1", "1", "1024",
     SBX_PARAM_INTEGER},
    {"head", "the one this is, from 0", "0", "0", "1023", SBX_PARAM_INTEGER},
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0}};

static const sbx_mech_extra extra[] = {
    {"estimate", "scores of the mask, n x heads K", "gauss"},
    {"s0", "scales the sparse weights by its sigma, n x 1", "gauss"},
    {"s1", "mixes them with the mean by its sigma, n x 1", "gauss"}};

static unsigned traits(const sbx_mech_args *a) { return sbx_mech_masked(a, SBX_MECH_NONNEGATIVE); }

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    *rows = s.n;
    *columns = e ? 1 : sbx_mech_size(a, HEADS) * sbx_mech_size(a, COLUMNS);
}

/* the mean estimate */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)s;
    return sbx_mech_size(a, COLUMNS);
}

/* scores of the survivors, a row of the estimate */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    return s.m + sbx_mech_size(a, COLUMNS);
}

static sbx_status fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    if (sbx_mech_size(a, HEAD) >= sbx_mech_size(a, HEADS))
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "sea: head %zu of %zu", sbx_mech_size(a, HEAD),
                        sbx_mech_size(a, HEADS));
    if (s.m > SIZE_MAX / 65536 / 65536)
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "sea: %zu keys", s.m);
    return sbx_mech_mask_fits(a, s, err);
}

const sbx_mech sbx_mech_sea = {
    .info = {.name = "sea",
             .formula = "sigma(s1) sigma(s0) softmax on the mask + (1 - sigma(s1)) mean",
             .note =
                 "the estimate is an input; mean: of the values seen if causal, else by the mean "
                 "estimate",
             .from = "Lee et al., ICLR 2024",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 6,
             .extra = extra,
             .n_extra = 3},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    .traits = traits,
    .dims = dims,
    .state = state,
    .work = work,
    .fits = fits};
#else
/* state = the mean over queries of softmax of the estimate; of this head */
static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t columns = sbx_mech_size(r->a, COLUMNS),
                 wide = columns * sbx_mech_size(r->a, HEADS);
    const NUM *const own = r->in.extra[0] + columns * sbx_mech_size(r->a, HEAD);
    NUM *const p = r->work + r->m;
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    if (sbx_mech_long(r->a, SBX_MECH_MASK) == 1) goto done;
    for (size_t i = 0; i < r->n; i++) {
        SBX_TRY(FN(sbx_mech_softmax)(p, own + i * wide, columns, r, err));
        for (size_t c = 0; c < columns; c++)
            SBX_TRY(NUM_(add)(&r->state[c], &r->state[c], &p[c], r->ctx, err));
    }
    SBX_TRY(NUM_(set_si)(&t, (long)r->n, r->ctx, err));
    for (size_t c = 0; c < columns; c++)
        SBX_TRY(NUM_(div)(&r->state[c], &r->state[c], &t, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* w[0..len) = softmax on the keys whose column is in the mask, 0 elsewhere */
static sbx_status FN(sparse)(NUM *w, const bool *in, FN(sbx_mech_run) * r, size_t i, size_t len,
                             sbx_err *err)
{
    const bool *const own = in + sbx_mech_size(r->a, HEAD) * sbx_mech_size(r->a, COLUMNS);
    NUM *const s = r->work;
    size_t n = 0;
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&t, r, SCALE, r->d, err));
    for (size_t j = 0; j < len; j++) {
        if (!own[column(r->a, j, len)]) continue;
        SBX_TRY(
            FN(sbx_mech_dot)(&s[n], r->in.q + i * r->d, 1, r->in.k + j * r->d, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(&s[n], &s[n], &t, r->ctx, err));
        n++;
    }
    if (n) SBX_TRY(FN(sbx_mech_softmax)(s, s, n, r, err));
    n = 0;
    for (size_t j = 0; j < r->m; j++) {
        SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
        if (j < len && own[column(r->a, j, len)]) NUM_(set)(&w[j], &s[n++]);
    }
done:
    NUM_(clear)(&t);
    return st;
}

/* w = sigma(s1) sigma(s0) w + (1 - sigma(s1)) mean */
static sbx_status FN(mixed)(NUM *w, FN(sbx_mech_run) * r, size_t i, size_t len, sbx_err *err)
{
    const bool causal = sbx_mech_long(r->a, SBX_MECH_MASK) == 1;
    sbx_status st = SBX_OK;
    NUM t[4], *const keep = &t[0], *const rest = &t[1], *const each = &t[2];
    for (size_t k = 0; k < 4; k++)
        NUM_(init)(&t[k], r->ctx);
    SBX_TRY(NUM_(sigmoid)(&t[3], &r->in.extra[2][i], r->ctx, err));
    SBX_TRY(NUM_(set_si)(each, 1, r->ctx, err));
    SBX_TRY(NUM_(sub)(rest, each, &t[3], r->ctx, err));
    SBX_TRY(NUM_(sigmoid)(keep, &r->in.extra[1][i], r->ctx, err));
    SBX_TRY(NUM_(set_si)(each, (long)len, r->ctx, err));
    if (causal) SBX_TRY(NUM_(div)(rest, rest, each, r->ctx, err));
    for (size_t j = 0; j < len; j++) {
        SBX_TRY(NUM_(mul)(&w[j], &w[j], keep, r->ctx, err));
        SBX_TRY(NUM_(mul)(&w[j], &w[j], &t[3], r->ctx, err));
        if (causal) {
            SBX_TRY(NUM_(add)(&w[j], &w[j], rest, r->ctx, err));
        } else {
            SBX_TRY(NUM_(mul)(each, rest, &r->state[column(r->a, j, len)], r->ctx, err));
            SBX_TRY(NUM_(add)(&w[j], &w[j], each, r->ctx, err));
        }
    }
done:
    for (size_t k = 0; k < 4; k++)
        NUM_(clear)(&t[k]);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t len = sbx_mech_sees(r->a, i, r->m);
    const size_t wide = sbx_mech_size(r->a, COLUMNS) * sbx_mech_size(r->a, HEADS);
    sbx_status st = SBX_OK;
    bool *in = sbx_alloc(wide, sizeof *in);
    if (!in) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu columns", wide);
    SBX_TRY(FN(sbx_mech_top_k)(in, r->in.extra[0] + i * wide, wide, kept(r->a, len), err));
    SBX_TRY(FN(sparse)(w, in, r, i, len, err));
    SBX_TRY(FN(mixed)(w, r, i, len, err));
done:
    sbx_free(in);
    return st;
}
#endif
