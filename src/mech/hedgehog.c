/* mech/hedgehog.c -- linear attention with Hedgehog's feature maps of y = W x + b (Zhang et al. 2024), 2 d features, in
 * the three forms that are published: exp, (e^y, e^-y); split, (softmax(y), softmax(-y)); joint,
 * softmax((2 y, -2 y)).
 *
 * The three are different maps; split sums to 2 over its features, joint to 1 [L-MCH-20]. Every feature is > 0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { MAP = SBX_MECH_KERNEL_NEXT };
enum { EXP, SPLIT, JOINT };

#define MECH_FILE "mech/hedgehog.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_KERNEL_PARAMS,
    {"map", "of y: exp, (e^y, e^-y); split, two softmaxes; joint, one of (2 y, -2 y)", "exp",
     "exp|split|joint", NULL, SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"W", "of y = W x + b, d x d", "eye"},
                                       {"b", "of y = W x + b, 1 x d", "zero"}};

static unsigned traits(const sbx_mech_args *a)
{
    return sbx_mech_masked(a, SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE);
}

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    *rows = e ? 1 : s.d;
    *columns = s.d;
}

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_long(a, SBX_MECH_MASK) == 1 ? s.n : 2 * s.d;
}

static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return sbx_mech_kernel_state(s, 2 * s.d);
}

static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return sbx_mech_kernel_work(s, 2 * s.d);
}

const sbx_mech sbx_mech_hedgehog = {
    .info = {.name = "hedgehog",
             .formula = "f(q_i).f(k_j) / sum_j, f(x) = (e^y, e^-y), y = W x + b",
             .note = "published in three forms that differ; exp is the paper's",
             .from = "Zhang et al., arXiv:2402.04347",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = SBX_MECH_KERNEL_NEXT + 1,
             .extra = extra,
             .n_extra = 2},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .traits = traits,
    .dims = dims,
    .state = state,
    .work = work,
    .rank = rank,
    .fits = sbx_mech_mask_fits};
#else
/* f[0..d) = y, f[d..2d) = -y: mapped */
static sbx_status FN(mapped)(NUM *f, const FN(sbx_mech_run) * r, sbx_err *err)
{
    const long map = sbx_mech_long(r->a, MAP);
    const size_t d = r->d;
    sbx_status st = SBX_OK;
    for (size_t c = 0; c < 2 * d && map != SPLIT; c++)
        SBX_TRY(map == EXP ? NUM_(exp)(&f[c], &f[c], r->ctx, err)
                           : NUM_(add)(&f[c], &f[c], &f[c], r->ctx, err));
    if (map == JOINT) SBX_TRY(FN(sbx_mech_softmax)(f, f, 2 * d, r, err));
    if (map == SPLIT) {
        SBX_TRY(FN(sbx_mech_softmax)(f, f, d, r, err));
        SBX_TRY(FN(sbx_mech_softmax)(f + d, f + d, d, r, err));
    }
done:
    return st;
}

static sbx_status FN(features)(NUM *f, const NUM *x, size_t n, const FN(sbx_mech_run) * r,
                               sbx_err *err)
{
    const size_t d = r->d;
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < n; i++, f += 2 * d) {
        for (size_t c = 0; c < d; c++) {
            SBX_TRY(FN(sbx_mech_affine)(&f[c], r->in.extra[0] + c * d, &r->in.extra[1][c],
                                        x + i * d, r, err));
            SBX_TRY(NUM_(neg)(&f[d + c], &f[c], r->ctx, err));
        }
        SBX_TRY(FN(mapped)(f, r, err));
    }
done:
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(features)(r->state, r->in.q, r->n, r, err));
    SBX_TRY(FN(features)(r->state + r->n * 2 * r->d, r->in.k, r->m, r, err));
done:
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const sbx_mech_kernel k = sbx_mech_kernel_of(r->a, 2 * r->d, SBX_MECH_OVER_SUM, 0);
    return FN(sbx_mech_kernel_row)(w, r, &k, NULL, i, err);
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const sbx_mech_kernel k = sbx_mech_kernel_of(r->a, 2 * r->d, SBX_MECH_OVER_SUM, 0);
    return FN(sbx_mech_kernel_output)(o, r, &k, NULL, err);
}
#endif
