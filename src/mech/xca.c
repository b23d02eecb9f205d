/* mech/xca.c -- cross-covariance attention (XCiT, El-Nouby et al. 2021): softmax over channels,
 * o_ia = sum_b A_ab v_ib, A_ab = softmax over b of k'_b . q'_a / tau, columns of Q and K divided by their l2 norms.
 *
 * |k'_b . q'_a| <= 1, so every A_ab is in [1 / (1 + (d-1) e^(2/tau)), 1 / (1 + (d-1) e^(-2/tau))], whatever the
 * input is [L-MCH-33]. A is d x d: there is no weight of a key, so there are no rows, outputs alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/lowrank.h"

enum { TAU, EPS };

#define MECH_FILE "mech/xca.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"tau", "divides the inner products", "1", "0", NULL, SBX_PARAM_OPEN_LO},
    {"eps", "the least norm that is divided by", "1e-12", "0", NULL, SBX_PARAM_OPEN_LO}};

/* Q and K divided, A */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return (s.n + s.m) * s.d + s.d * s.d;
}

const sbx_mech sbx_mech_xca = {
    .info = {.name = "xca",
             .formula = "V softmax(K'^T Q'/tau), columns of Q and K divided by max(l2 norm, eps)",
             .note = "weights are of channels, d x d; tau is learnt, one a head: here it is given",
             .from = "El-Nouby et al., arXiv:2106.09681",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_SQUARE | SBX_MECH_NO_WEIGHTS | SBX_MECH_CHANNELS,
             .need = SBX_CAN_EXP | SBX_CAN_SQRT,
             .param = params,
             .n_params = 2},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_OUTPUT(output),
    .state = state};
#else
/* z = x, its columns divided by their norms */
static sbx_status FN(divided)(NUM *z, const NUM *x, size_t n, const FN(sbx_mech_run) * r,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t[3];
    for (size_t k = 0; k < 3; k++)
        NUM_(init)(&t[k], r->ctx);
    SBX_TRY(FN(sbx_mech_param)(&t[2], r, EPS, 0, err));
    for (size_t c = 0; c < r->d; c++) {
        SBX_TRY(NUM_(sqr)(&t[0], &x[c], r->ctx, err));
        for (size_t i = 1; i < n; i++) {
            SBX_TRY(NUM_(sqr)(&t[1], &x[i * r->d + c], r->ctx, err));
            SBX_TRY(NUM_(add)(&t[0], &t[0], &t[1], r->ctx, err));
        }
        SBX_TRY(NUM_(sqrt)(&t[0], &t[0], r->ctx, err));
        SBX_TRY(NUM_(max)(&t[0], &t[0], &t[2], r->ctx, err));
        for (size_t i = 0; i < n; i++)
            SBX_TRY(NUM_(div)(&z[i * r->d + c], &x[i * r->d + c], &t[0], r->ctx, err));
    }
done:
    for (size_t k = 0; k < 3; k++)
        NUM_(clear)(&t[k]);
    return st;
}

#if NUM_ENCLOSE
/* Cuts s to [-1, 1], where it is [L-MCH-33]. */
static sbx_status FN(cut)(NUM *s, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(set_si)(&t, 1, r->ctx, err));
    SBX_TRY(NUM_(min)(s, s, &t, r->ctx, err));
    SBX_TRY(NUM_(set_si)(&t, -1, r->ctx, err));
    SBX_TRY(NUM_(max)(s, s, &t, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}
#endif

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t d = r->d;
    NUM *const q = r->state, *const k = q + r->n * d, *const all = k + r->m * d;
    sbx_status st = SBX_OK;
    NUM tau;
    NUM_(init)(&tau, r->ctx);
    SBX_TRY(FN(sbx_mech_param)(&tau, r, TAU, 0, err));
    SBX_TRY(FN(divided)(q, r->in.q, r->n, r, err));
    SBX_TRY(FN(divided)(k, r->in.k, r->m, r, err));
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b < d; b++) {
            NUM *const s = &all[a * d + b];
            SBX_TRY(FN(sbx_mech_dot)(s, &q[a], d, &k[b], d, r->n, r, err));
#if NUM_ENCLOSE
            SBX_TRY(FN(cut)(s, r, err));
#endif
            SBX_TRY(NUM_(div)(s, s, &tau, r->ctx, err));
        }
        SBX_TRY(FN(sbx_mech_softmax)(&all[a * d], &all[a * d], d, r, err));
    }
done:
    NUM_(clear)(&tau);
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const NUM *const all = r->state + (r->n + r->m) * r->d;
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->m; i++)
        for (size_t a = 0; a < r->d; a++)
            SBX_TRY(FN(sbx_mech_dot)(&o[i * r->d + a], &all[a * r->d], 1, r->in.v + i * r->d, 1,
                                     r->d, r, err));
done:
    return st;
}
#endif
