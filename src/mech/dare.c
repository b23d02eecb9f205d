/* mech/dare.c -- target attention with two scales (DARE, Feng et al. 2025; TWIN, DIN): the scores of the meaning
 * and of the time, each with its own scale, padded positions at -2^32 + 1, over all or the k greatest.
 *
 * The last `time` of the d numbers are the time's. What padded positions get is at most m e^(-2^32 + 1 - s), s the
 * greatest other score [L-MCH-55].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

enum { TIME, K };
#define MECH_FILE "mech/dare.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"time", "how many of the numbers are the time's", "1", "0", "1000000", SBX_PARAM_INTEGER},
    {"k", "how many scores have weight, the greatest; 0: all", "0", "0", "1000000000",
     SBX_PARAM_INTEGER}};
static const sbx_mech_extra extra[] = {{"pad", "1 at padded positions, 1 x m", "zero"}};

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    (void)e;
    *rows = 1;
    *columns = s.m;
}

static sbx_status fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    if (sbx_mech_size(a, TIME) < s.d) return SBX_OK;
    return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "dare: time=%zu of %zu numbers",
                    sbx_mech_size(a, TIME), s.d);
}

const sbx_mech sbx_mech_dare = {
    .info = {.name = "dare",
             .formula = "softmax(q.k / sqrt(d_a) + q'.k' / sqrt(d_t)), padded positions -2^32 + 1",
             .note = "one table of embeddings here: q, k and v are given",
             .from = "Feng et al., ICLR 2025",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 2,
             .extra = extra,
             .n_extra = 1},
    SBX_MECH_ROW(row),
    .fits = fits,
    .dims = dims};
#else
/* the score of (i, j) */
static sbx_status FN(score)(NUM *s, NUM *t, const NUM *scale, FN(sbx_mech_run) * r, size_t i,
                            size_t j, sbx_err *err)
{
    const size_t time = sbx_mech_size(r->a, TIME), d = r->d - time;
    const NUM *const q = r->in.q + i * r->d, *const k = r->in.k + j * r->d;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_dot)(s, q, 1, k, 1, d, r, err));
    SBX_TRY(NUM_(mul)(s, s, &scale[0], r->ctx, err));
    if (time == 0) goto done;
    SBX_TRY(FN(sbx_mech_dot)(t, q + d, 1, k + d, 1, time, r, err));
    SBX_TRY(NUM_(mul)(t, t, &scale[1], r->ctx, err));
    SBX_TRY(NUM_(add)(s, s, t, r->ctx, err));
done:
    return st;
}

/* *s = -2^32 + 1 where pad is 1; 0: as it is */
static sbx_status FN(padded)(NUM *s, const NUM *pad, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM zero, one;
    NUM_(init)(&zero, r->ctx);
    NUM_(init)(&one, r->ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, r->ctx, err));
    if (NUM_(eq)(pad, &one) == SBX_TRUE)
        SBX_TRY(NUM_(set_si)(s, -4294967295, r->ctx, err));
    else if (NUM_(eq)(pad, &zero) != SBX_TRUE)
        SBX_FAIL(err, SBX_ERR_DOMAIN, "pad holds 0 and 1 alone");
done:
    NUM_(clear)(&one);
    NUM_(clear)(&zero);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t k = sbx_mech_size(r->a, K), time = sbx_mech_size(r->a, TIME);
    sbx_status st = SBX_OK;
    bool *in = sbx_alloc(r->m, sizeof *in);
    NUM *t = FN(sbx_mech_new)(3 + r->m, r->ctx);
    if (!in || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", r->m);
    SBX_TRY(FN(sbx_mech_inverse_root)(&t[0], r->d - time, r, err));
    if (time) SBX_TRY(FN(sbx_mech_inverse_root)(&t[1], time, r, err));
    for (size_t j = 0; j < r->m; j++) {
        SBX_TRY(FN(score)(&w[j], &t[2], t, r, i, j, err));
        SBX_TRY(FN(padded)(&w[j], &r->in.extra[0][j], r, err));
    }
    SBX_TRY(FN(sbx_mech_top_k)(in, w, r->m, k ? k : r->m, err));
    SBX_TRY(FN(sbx_mech_softmax_of)(w, w, in, r->m, t + 3, r, err));
done:
    FN(sbx_mech_free)(t, 3 + r->m);
    sbx_free(in);
    return st;
}
#endif
