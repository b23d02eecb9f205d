/* mech/aft.c -- the attention free transformer (Zhai et al. 2021): channel c of output i is the mean of v_jc with
 * weights exp(k_jc + w_ij), times sigma(q_ic) if it is gated.
 *
 * Every channel has its own weights, softmax over the keys of k_jc + w_ij; there is no one matrix of them. An output
 * before the gate lies between the least and the greatest of the channel's values [L-MCH-16].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { GATE = 1, WINDOW, FORM };

#define MECH_FILE "mech/aft.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_MASK_PARAM,
    {"gate", "of the outputs", "sigmoid", "sigmoid|none", NULL, SBX_PARAM_NAME},
    {"window", "w_ij counts for |i - j| below it (AFT-local), 0: everywhere", "0", "0",
     "1000000000", SBX_PARAM_INTEGER},
    {"form", "sums: exp(k + w) of every number; products: exp(k) exp(w), n m + m d exponentials",
     "sums", "sums|products", NULL, SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"w", "biases of the positions, n x m", "gauss"}};

static unsigned traits(const sbx_mech_args *a) { return sbx_mech_masked(a, SBX_MECH_NO_WEIGHTS); }

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    (void)e;
    *rows = s.n;
    *columns = s.m;
}

/* products: exp(k - t), t the greatest of the channel */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_long(a, FORM) == 1 ? s.m * s.d : 0;
}

/* weights of a channel, of the places; a number */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return 2 * s.m + 1;
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
             .n_params = 4,
             .extra = extra,
             .n_extra = 1},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_OUTPUT(output),
    .traits = traits,
    .dims = dims,
    .state = state,
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

/* for products: any shift of a channel cancels in its quotients, so does one of a row of w */
static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const t = r->work;
    sbx_status st = SBX_OK;
    for (size_t c = 0; c < r->d && r->n_state; c++) {
        for (size_t j = 0; j < r->m; j++)
            NUM_(set)(&t[j], &r->in.k[j * r->d + c]);
        SBX_TRY(FN(sbx_mech_top)(&t[r->m], t, r->m, r, err));
        for (size_t j = 0; j < r->m; j++) {
            NUM *const z = &r->state[j * r->d + c];
            SBX_TRY(NUM_(sub)(z, &t[j], &t[r->m], r->ctx, err));
            SBX_TRY(NUM_(exp)(z, z, r->ctx, err));
        }
    }
done:
    return st;
}

/* b[0..to) = w_ij within the window, 0 outside */
static sbx_status FN(biases)(NUM *b, FN(sbx_mech_run) * r, size_t i, size_t to, sbx_err *err)
{
    const size_t window = sbx_mech_size(r->a, WINDOW);
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < to; j++) {
        const size_t far = i > j ? i - j : j - i;
        if (window == 0 || far < window)
            NUM_(set)(&b[j], &r->in.extra[0][i * r->m + j]);
        else
            SBX_TRY(NUM_(set_si)(&b[j], 0, r->ctx, err));
    }
done:
    return st;
}

/* b = exp(b - t), t the greatest */
static sbx_status FN(exponentials)(NUM *b, NUM *t, size_t to, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_top)(t, b, to, r, err));
    for (size_t j = 0; j < to; j++) {
        SBX_TRY(NUM_(sub)(&b[j], &b[j], t, r->ctx, err));
        SBX_TRY(NUM_(exp)(&b[j], &b[j], r->ctx, err));
    }
done:
    return st;
}

/* s[0..to) = the weights of channel c; b as biases or exponentials left it */
static sbx_status FN(weights)(NUM *s, const NUM *b, FN(sbx_mech_run) * r, size_t c, size_t to,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < to; j++)
        SBX_TRY(r->n_state ? NUM_(mul)(&s[j], &r->state[j * r->d + c], &b[j], r->ctx, err)
                           : NUM_(add)(&s[j], &r->in.k[j * r->d + c], &b[j], r->ctx, err));
    SBX_TRY(r->n_state ? FN(sbx_mech_weights)(s, to, r, err)
                       : FN(sbx_mech_softmax)(s, s, to, r, err));
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const s = r->work, *const b = s + r->m, *const t = b + r->m;
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->n; i++) {
        const size_t to = sbx_mech_sees(r->a, i, r->m);
        SBX_TRY(FN(biases)(b, r, i, to, err));
        if (r->n_state) SBX_TRY(FN(exponentials)(b, t, to, r, err));
        for (size_t c = 0; c < r->dv; c++) {
            NUM *const z = &o[i * r->dv + c];
            SBX_TRY(FN(weights)(s, b, r, c, to, err));
            SBX_TRY(FN(sbx_mech_dot)(z, s, 1, &r->in.v[c], r->dv, to, r, err));
#if NUM_ENCLOSE
            SBX_TRY(FN(between)(z, r, c, to, t, err));
#endif
            if (sbx_mech_long(r->a, GATE) == 1) continue;
            SBX_TRY(NUM_(sigmoid)(t, &r->in.q[i * r->d + c], r->ctx, err));
            SBX_TRY(NUM_(mul)(z, z, t, r->ctx, err));
        }
    }
done:
    return st;
}
#endif
