/* mech/pruning.c -- softmax attention whose score matrix W is pruned: softmax(scale Q (M o W) K^T)
 * (Liang, Long, Shi, Song and Zhou 2025).
 *
 * M is a mask of numbers in [0, 1]; besides, the share `sparsity` of W's entries that are smallest in magnitude is
 * left out, of equal ones the later. With D the change of a row's scores, its weights change by at most
 * max |D_j| in the l1 norm [L-MCH-54].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

enum { SCALE, SPARSITY };
enum { WEIGHT, MASK };

/* how many of W's entries stay */
static size_t kept(const sbx_mech_args *a, size_t n)
{
    const double out = sbx_value_double(&a->value[SPARSITY]) * (double)n;
    const size_t k = (size_t)(out + 0.5); /* a choice of entries: any rounding will do */
    return k < n ? n - k : 0;
}

#define MECH_FILE "mech/pruning.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the scores; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"sparsity", "share of W's entries left out, the smallest ones", "0", "0", "1", 0}};
static const sbx_mech_extra extra[] = {{"W", "the scores' matrix, d x d", "eye"},
                                       {"M", "its mask, d x d", "one"}};

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    (void)e;
    *rows = *columns = s.d;
}

/* M o W */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d * s.d;
}

/* q (M o W) */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d;
}

const sbx_mech sbx_mech_pruning = {
    .info = {.name = "pruning",
             .formula = "softmax(scale q_i (M o W) k_j^T)",
             .from = "Liang, Long, Shi, Song and Zhou, arXiv:2410.11261",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 2,
             .extra = extra,
             .n_extra = 2},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    .state = state,
    .work = work,
    .dims = dims};
#else
static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t n = r->d * r->d;
    sbx_status st = SBX_OK;
    bool *in = sbx_alloc(n, sizeof *in);
    if (!in) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t k = 0; k < n; k++)
        SBX_TRY(NUM_(abs)(&r->state[k], &r->in.extra[WEIGHT][k], r->ctx, err));
    SBX_TRY(FN(sbx_mech_top_k)(in, r->state, n, kept(r->a, n), err));
    for (size_t k = 0; k < n; k++) {
        if (in[k])
            SBX_TRY(NUM_(mul)(&r->state[k], &r->in.extra[WEIGHT][k], &r->in.extra[MASK][k], r->ctx,
                              err));
        else
            SBX_TRY(NUM_(set_si)(&r->state[k], 0, r->ctx, err));
    }
done:
    sbx_free(in);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    NUM *const q = r->work;
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&t, r, SCALE, r->d, err));
    SBX_TRY(FN(sbx_mech_mix)(q, r->in.q + i * r->d, r->state, r->d, r->d, r, err));
    for (size_t j = 0; j < r->m; j++) {
        SBX_TRY(FN(sbx_mech_dot)(&w[j], q, 1, r->in.k + j * r->d, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(&w[j], &w[j], &t, r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_softmax)(w, w, r->m, r, err));
done:
    NUM_(clear)(&t);
    return st;
}
#endif
