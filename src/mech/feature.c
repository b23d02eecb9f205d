/* mech/feature.c -- linear attention with a feature map number by number: relu, relu squared, GELU, SiLU, sigmoid; of
 * W x + b (T2R, Kasai et al. 2021: relu), the identity by default.
 *
 * relu and relu squared are rational, and their weights may all be 0. GELU and SiLU can be negative: so can
 * weights, and a row's sum can be 0. Both have one minimum and rise beyond it: their range over an
 * interval is found from slopes' signs [L-MCH-19].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { MAP = SBX_MECH_KERNEL_NEXT, ROWS };
enum { RELU, RELU2, GELU, SILU, SIGMOID };

static bool is_signed(const sbx_mech_args *a)
{
    return sbx_mech_long(a, MAP) == GELU || sbx_mech_long(a, MAP) == SILU;
}

static sbx_mech_kernel kernel(const sbx_mech_args *a, size_t d)
{
    return sbx_mech_kernel_of(a, d,
                              sbx_mech_long(a, ROWS) == 1 ? SBX_MECH_OVER_ONE
                              : is_signed(a)              ? SBX_MECH_OVER_SIGNED
                                                          : SBX_MECH_OVER_SUM,
                              0);
}

#define MECH_FILE "mech/feature.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_KERNEL_PARAMS,
    {"map", "of each number", "relu", "relu|relu2|gelu|silu|sigmoid", NULL, SBX_PARAM_NAME},
    {"rows", "divided by their sum, or as they are", "normalised", "normalised|plain", NULL,
     SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"W", "of the features' arguments W x + b, d x d", "eye"},
                                       {"b", "of the features' arguments, 1 x d", "zero"}};

static sbx_norm_class kind(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)s;
    return sbx_mech_long(a, MAP) <= RELU2 ? SBX_NORM_RATIONAL : SBX_NORM_TRANSCENDENTAL;
}

static unsigned traits(const sbx_mech_args *a)
{
    unsigned t = is_signed(a) ? 0 : SBX_MECH_NONNEGATIVE;
    if (sbx_mech_long(a, ROWS) == 0) t |= SBX_MECH_SUMS_TO_ONE;
    return sbx_mech_masked(a, t);
}

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    *rows = e ? 1 : s.d;
    *columns = s.d;
}

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_long(a, SBX_MECH_MASK) == 1 ? s.n : s.d;
}

static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return sbx_mech_kernel_state(s, s.d);
}

static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return sbx_mech_kernel_work(s, s.d);
}

const sbx_mech sbx_mech_feature = {
    .info = {.name = "feature",
             .formula = "f(W q_i + b).f(W k_j + b) / sum_j, f number by number",
             .undefined = "where a row's weights sum to 0",
             .note = "GELU is x Phi(x), with the error function",
             .from = "Kasai et al., arXiv:2103.13076",
             .kind = SBX_NORM_RATIONAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
             .zero_rows = true,
             .param = params,
             .n_params = SBX_MECH_KERNEL_NEXT + 2,
             .extra = extra,
             .n_extra = 2},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .traits = traits,
    .kind = kind,
    .dims = dims,
    .state = state,
    .work = work,
    .rank = rank,
    .fits = sbx_mech_mask_fits};
#else
/* z = x g(x): g = sigmoid, or Phi(x) = (1 + erf(x / sqrt 2)) / 2 */
static sbx_status FN(gated)(NUM *z, const NUM *x, bool gelu, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t, u;
    NUM_(init)(&t, ctx);
    NUM_(init)(&u, ctx);
    if (gelu) {
        SBX_TRY(NUM_(set_si)(&t, 2, ctx, err));
        SBX_TRY(NUM_(sqrt)(&t, &t, ctx, err));
        SBX_TRY(NUM_(div)(&t, x, &t, ctx, err));
        SBX_TRY(NUM_(erf)(&t, &t, ctx, err));
        SBX_TRY(NUM_(set_si)(&u, 1, ctx, err));
        SBX_TRY(NUM_(add)(&t, &t, &u, ctx, err));
        SBX_TRY(NUM_(set_si)(&u, 2, ctx, err));
        SBX_TRY(NUM_(div)(&t, &t, &u, ctx, err));
    } else {
        SBX_TRY(NUM_(sigmoid)(&t, x, ctx, err));
    }
    SBX_TRY(NUM_(mul)(z, x, &t, ctx, err));
done:
    NUM_(clear)(&u);
    NUM_(clear)(&t);
    return st;
}

/* Over an interval: where it does not meet the valley [-13/10, -7/10] the function is monotone, so both ends
 * tell; else its least value, above -3/10, comes too. */
static sbx_status FN(swish)(NUM *z, const NUM *x, bool gelu, const FN(sbx_mech_run) * r,
                            sbx_err *err)
{
#if NUM_ENCLOSE
    sbx_status st = SBX_OK;
    NUM lo, hi, valley, ten;
    NUM_(init)(&lo, r->ctx);
    NUM_(init)(&hi, r->ctx);
    NUM_(init)(&valley, r->ctx);
    NUM_(init)(&ten, r->ctx);
    SBX_TRY(NUM_(set_si)(&ten, 10, r->ctx, err));
    SBX_TRY(NUM_(set_si)(&lo, -13, r->ctx, err));
    SBX_TRY(NUM_(div)(&lo, &lo, &ten, r->ctx, err));
    SBX_TRY(NUM_(set_si)(&hi, -7, r->ctx, err));
    SBX_TRY(NUM_(div)(&hi, &hi, &ten, r->ctx, err));
    {
        const bool apart = NUM_(lt)(x, &lo) == SBX_TRUE || NUM_(lt)(&hi, x) == SBX_TRUE;
        SBX_TRY(NUM_(end)(&lo, x, SBX_LO, err));
        SBX_TRY(NUM_(end)(&hi, x, SBX_HI, err));
        SBX_TRY(FN(gated)(&lo, &lo, gelu, r->ctx, err));
        SBX_TRY(FN(gated)(&hi, &hi, gelu, r->ctx, err));
        SBX_TRY(NUM_(hull)(&hi, &lo, &hi, r->ctx, err));
        if (!apart) {
            SBX_TRY(NUM_(set_si)(&valley, -3, r->ctx, err));
            SBX_TRY(NUM_(div)(&valley, &valley, &ten, r->ctx, err));
            SBX_TRY(NUM_(hull)(&lo, &hi, &valley, r->ctx, err));
            SBX_TRY(FN(gated)(&valley, x, gelu, r->ctx, err)); /* narrow for a narrow x */
            SBX_TRY(NUM_(intersect)(&hi, &lo, &valley, r->ctx, err));
        }
        NUM_(set)(z, &hi);
    }
done:
    NUM_(clear)(&ten);
    NUM_(clear)(&valley);
    NUM_(clear)(&hi);
    NUM_(clear)(&lo);
    return st;
#else
    return FN(gated)(z, x, gelu, r->ctx, err);
#endif
}

static sbx_status FN(map)(NUM *z, const NUM *x, const FN(sbx_mech_run) * r, sbx_err *err)
{
    const long map = sbx_mech_long(r->a, MAP);
    sbx_status st = SBX_OK;
    if (map == GELU || map == SILU) return FN(swish)(z, x, map == GELU, r, err);
    if (map == SIGMOID) return NUM_(sigmoid)(z, x, r->ctx, err);
    SBX_TRY(FN(sbx_mech_relu)(z, x, r, err));
    if (map == RELU2) SBX_TRY(NUM_(sqr)(z, z, r->ctx, err));
done:
    return st;
}

static sbx_status FN(features)(NUM *f, const NUM *x, size_t n, const FN(sbx_mech_run) * r,
                               sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < r->d; c++) {
            SBX_TRY(FN(sbx_mech_affine)(&t, r->in.extra[0] + c * r->d, &r->in.extra[1][c],
                                        x + i * r->d, r, err));
            SBX_TRY(FN(map)(&f[i * r->d + c], &t, r, err));
        }
done:
    NUM_(clear)(&t);
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(features)(r->state, r->in.q, r->n, r, err));
    SBX_TRY(FN(features)(r->state + r->n * r->d, r->in.k, r->m, r, err));
done:
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const sbx_mech_kernel k = kernel(r->a, r->d);
    return FN(sbx_mech_kernel_row)(w, r, &k, NULL, i, err);
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const sbx_mech_kernel k = kernel(r->a, r->d);
    return FN(sbx_mech_kernel_output)(o, r, &k, NULL, err);
}
#endif
