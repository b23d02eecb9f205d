/* mech/nystromformer.c -- Nystromformer (Xiong et al. 2021): softmax(Q K~^T) Z softmax(Q~ K^T), landmarks Q~, K~
 * means of segments of rows, Z from `steps` iterations towards the inverse of softmax(Q~ K~^T).
 *
 * Z starts at A^T / (|A|_1 |A|_inf), |A|_inf = 1 as rows of A sum to 1; e = I - A Z becomes (3 e^3 + e^4) / 4 a step
 * [L-MCH-31]. Rank at most the number of landmarks [L-MCH-32]. Weights have both signs; a row sums to 1 less
 * what the residual leaves: with Z = A^-1 it is 1 [L-MCH-35].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/lowrank.h"

enum { SCALE, LANDMARKS, STEPS };

static size_t count(const sbx_mech_args *a, sbx_mech_shape s)
{
    size_t l = sbx_mech_size(a, LANDMARKS);
    if (l > s.n) l = s.n;
    return l < s.m ? l : s.m;
}

#define MECH_FILE "mech/nystromformer.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"landmarks", "at most as many as queries and as keys", "16", "1", "1000000",
     SBX_PARAM_INTEGER},
    {"steps", "towards the inverse", "6", "0", "1000", SBX_PARAM_INTEGER}};

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s) { return count(a, s); }

/* softmax(Q K~^T), Z, softmax(Q~ K^T) */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    const size_t l = count(a, s);
    return l * (s.n + l + s.m);
}

/* Q~, K~, A, three matrices like it; later a row of l numbers and softmax(Q~ K^T) V */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    const size_t l = count(a, s), before = 2 * l * s.d + 4 * l * l, after = l * (s.dv + 1);
    return before > after ? before : after;
}

const sbx_mech sbx_mech_nystromformer = {
    .info = {.name = "nystromformer",
             .formula = "softmax(scale Q K~^T) Z softmax(scale Q~ K^T), Z near the inverse of "
                        "softmax(scale Q~ K~^T)",
             .note =
                 "the convolution of V that may be added is left out; as many landmarks as rows "
                 "are not made an exception; segments differ by a row where they must",
             .from = "Xiong et al., arXiv:2102.03902",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 3},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .rank = rank,
    .state = state,
    .work = work};
#else
/* z[i][j] = softmax over j of scale x_i . y_j, a x b */
static sbx_status FN(soft)(NUM *z, const NUM *scale, const NUM *x, const NUM *y, size_t a, size_t b,
                           const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < a; i++, z += b) {
        for (size_t j = 0; j < b; j++) {
            SBX_TRY(FN(sbx_mech_dot)(&z[j], &x[i * r->d], 1, &y[j * r->d], 1, r->d, r, err));
            SBX_TRY(NUM_(mul)(&z[j], &z[j], scale, r->ctx, err));
        }
        SBX_TRY(FN(sbx_mech_softmax)(z, z, b, r, err));
    }
done:
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t l = count(r->a, r->in.shape);
    NUM *const left = r->state, *const z = left + r->n * l, *const last = z + l * l;
    NUM *const q = r->work, *const k = q + l * r->d, *const a = k + l * r->d, *const t = a + l * l;
    sbx_status st = SBX_OK;
    NUM scale;
    NUM_(init)(&scale, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&scale, r, SCALE, r->d, err));
    SBX_TRY(FN(sbx_mech_segment_means)(q, r->in.q, r->n, l, r->d, r, err));
    SBX_TRY(FN(sbx_mech_segment_means)(k, r->in.k, r->m, l, r->d, r, err));
    SBX_TRY(FN(soft)(left, &scale, r->in.q, k, r->n, l, r, err));
    SBX_TRY(FN(soft)(a, &scale, q, k, l, l, r, err));
    SBX_TRY(FN(soft)(last, &scale, q, r->in.k, l, r->m, r, err));
    SBX_TRY(FN(sbx_mech_norm1)(&scale, a, l, r, err));
    for (size_t i = 0; i < l * l; i++)
        SBX_TRY(NUM_(div)(&z[i], &a[i % l * l + i / l], &scale, r->ctx, err));
    SBX_TRY(FN(sbx_mech_shorten)(a, l * l, r, err));
    SBX_TRY(FN(sbx_mech_shorten)(z, l * l, r, err));
    for (size_t s = 0; s < sbx_mech_size(r->a, STEPS); s++) {
        SBX_TRY(FN(sbx_mech_cubic)(z, a, l, t, r, err));
        SBX_TRY(FN(sbx_mech_shorten)(z, l * l, r, err));
    }
done:
    NUM_(clear)(&scale);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t l = count(r->a, r->in.shape);
    const NUM *const z = r->state + r->n * l;
    return FN(sbx_mech_through)(w, r->state + i * l, z, z + l * l, l, r->work, r, err);
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t l = count(r->a, r->in.shape);
    const NUM *const z = r->state + r->n * l;
    return FN(sbx_mech_through_all)(o, r->state, z, z + l * l, l, r->work, r, err);
}
#endif
