/* mech/aft.c -- the attention free transformer (Zhai et al. 2021): channel c of output i is the mean of v_jc with
 * weights exp(k_jc + w_ij), times sigma(q_ic) if it is gated.
 *
 * Every channel has its own weights, softmax over the keys of k_jc + w_ij; there is no one matrix of them. An output
 * before the gate lies between the least and the greatest of the channel's values [L-MCH-16].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { GATE = 1, WINDOW };

#define MECH_FILE "mech/aft.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_MASK_PARAM,
    {"gate", "of the outputs", "sigmoid", "sigmoid|none", NULL, SBX_PARAM_NAME},
    {"window", "w_ij counts for |i - j| below it (AFT-local), 0: everywhere", "0", "0",
     "1000000000", SBX_PARAM_INTEGER}};

static const sbx_mech_extra extra[] = {{"w", "biases of the positions, n x m", "gauss"}};

static unsigned traits(const sbx_mech_args *a) { return sbx_mech_masked(a, SBX_MECH_NO_WEIGHTS); }

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    (void)e;
    *rows = s.n;
    *columns = s.m;
}

static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.m + 2;
}

static sbx_status fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    if (s.d != s.dv)
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE,
                        "aft: keys and values have as many channels each, not %zu and %zu", s.d,
                        s.dv);
    return sbx_mech_mask_fits(a, s, err);
}

const sbx_mech sbx_mech_aft = {
    .info = {.name = "aft",
             .formula = "sigma(q_i) sum_j e^(k_j + w_ij) v_j / sum_j e^(k_j + w_ij), by channel",
             .note = "the gate sigma(q) is the paper's; gate=none leaves the mean alone",
             .from = "Zhai et al., arXiv:2105.14103",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NO_WEIGHTS,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 3,
             .extra = extra,
             .n_extra = 1},
    SBX_MECH_OUTPUT(output),
    .traits = traits,
    .dims = dims,
    .work = work,
    .fits = fits};
#else
#if NUM_ENCLOSE
/* z cut to between the least and the greatest of v_c over keys [0, to); t scratch */
static sbx_status FN(between)(NUM *z, FN(sbx_mech_run) * r, size_t c, size_t to, NUM *t,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (int e = 0; e < 2; e++) {
        NUM_(set)(t, &r->in.v[c]);
        for (size_t j = 1; j < to; j++)
            SBX_TRY(e ? NUM_(max)(t, t, &r->in.v[j * r->dv + c], r->ctx, err)
                      : NUM_(min)(t, t, &r->in.v[j * r->dv + c], r->ctx, err));
        SBX_TRY(NUM_(end)(t, t, e ? SBX_HI : SBX_LO, err));
        SBX_TRY(e ? NUM_(min)(z, z, t, r->ctx, err) : NUM_(max)(z, z, t, r->ctx, err));
    }
done:
    return st;
}
#endif

static sbx_status FN(channel)(NUM *z, FN(sbx_mech_run) * r, size_t i, size_t c, sbx_err *err)
{
    const size_t to = sbx_mech_sees(r->a, i, r->m), window = sbx_mech_size(r->a, WINDOW);
    NUM *const s = r->work;
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < to; j++) {
        const size_t far = i > j ? i - j : j - i;
        NUM_(set)(&s[j], &r->in.k[j * r->d + c]);
        if (window == 0 || far < window)
            SBX_TRY(NUM_(add)(&s[j], &s[j], &r->in.extra[0][i * r->m + j], r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_softmax)(s, s, to, r, err));
    SBX_TRY(FN(sbx_mech_dot)(z, s, 1, &r->in.v[c], r->dv, to, r, err));
#if NUM_ENCLOSE
    SBX_TRY(FN(between)(z, r, c, to, &r->work[r->m], err));
#endif
    if (sbx_mech_long(r->a, GATE) == 0) {
        SBX_TRY(NUM_(sigmoid)(&s[r->m], &r->in.q[i * r->d + c], r->ctx, err));
        SBX_TRY(NUM_(mul)(z, z, &s[r->m], r->ctx, err));
    }
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->n; i++)
        for (size_t c = 0; c < r->dv; c++)
            SBX_TRY(FN(channel)(&o[i * r->dv + c], r, i, c, err));
done:
    return st;
}
#endif
