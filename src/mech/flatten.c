/* mech/flatten.c -- FLatten, focused linear attention (Han et al. 2023): features f_p(relu(x) + shift), each channel
 * divided by a learnt number first, f_p(x) = x^p |x| / |x^p|; divided by the row's sum + eps.
 *
 * |f_p(x)| = |x|; a component is in [0, |x|], which bounds it where |x^p| may be 0 [L-MCH-18].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { POWER = SBX_MECH_KERNEL_NEXT, SHIFT, EPS };

#define MECH_FILE "mech/flatten.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_KERNEL_PARAMS,
    {"p", "the power", "3", "1", "64", SBX_PARAM_INTEGER},
    {"shift", "is added to the rectified numbers", "1e-6", "0", NULL, 0},
    {"eps", "is added to the sum", "1e-6", "0", NULL, SBX_PARAM_OPEN_LO}};

static const sbx_mech_extra extra[] = {
    {"c", "divides the channels, the softplus of what is learnt, 1 x d, > 0", "one"}};

static unsigned traits(const sbx_mech_args *a) { return sbx_mech_masked(a, SBX_MECH_NONNEGATIVE); }

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    (void)e;
    *rows = 1;
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

const sbx_mech sbx_mech_flatten = {
    .info = {.name = "flatten",
             .formula = "f(q_i).f(k_j) / (sum_j + eps), f(x) = x^p |x| / |x^p| of relu(x) + shift",
             .note = "norms over the channels of this one head; its convolution of V is left out",
             .from = "Han et al., ICCV 2023",
             .kind = SBX_NORM_ALGEBRAIC,
             .traits = SBX_MECH_NONNEGATIVE,
             .need = SBX_CAN_SQRT,
             .param = params,
             .n_params = SBX_MECH_KERNEL_NEXT + 3,
             .extra = extra,
             .n_extra = 1},
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
/* z = |x| over the d numbers */
static sbx_status FN(norm)(NUM *z, const NUM *x, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(set_si)(z, 0, r->ctx, err));
    for (size_t c = 0; c < r->d; c++) {
        SBX_TRY(NUM_(sqr)(&t, &x[c], r->ctx, err));
        SBX_TRY(NUM_(add)(z, z, &t, r->ctx, err));
    }
    SBX_TRY(NUM_(sqrt)(z, z, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* f[c] = f_p of x, a vector of numbers >= 0 that f holds */
static sbx_status FN(focus)(NUM *f, const FN(sbx_mech_run) * r, sbx_err *err)
{
    const double p = (double)sbx_mech_long(r->a, POWER);
    sbx_status st = SBX_OK;
    NUM of_x, of_power, zero;
    NUM_(init)(&of_x, r->ctx);
    NUM_(init)(&of_power, r->ctx);
    NUM_(init)(&zero, r->ctx);
    SBX_TRY(FN(norm)(&of_x, f, r, err));
    for (size_t c = 0; c < r->d; c++)
        SBX_TRY(NUM_(pow)(&f[c], &f[c], p, r->ctx, err));
    SBX_TRY(FN(norm)(&of_power, f, r, err));
    for (size_t c = 0; c < r->d; c++) {
        if (NUM_(eq)(&of_power, &zero) == SBX_TRUE) continue; /* f is 0 where x is */
#if NUM_ENCLOSE
        if (NUM_(lt)(&zero, &of_power) != SBX_TRUE) {
            SBX_TRY(NUM_(hull)(&f[c], &zero, &of_x, r->ctx, err));
            continue;
        }
#endif
        SBX_TRY(NUM_(mul)(&f[c], &f[c], &of_x, r->ctx, err));
        SBX_TRY(NUM_(div)(&f[c], &f[c], &of_power, r->ctx, err));
#if NUM_ENCLOSE
        SBX_TRY(NUM_(min)(&f[c], &f[c], &of_x, r->ctx, err));
#endif
    }
done:
    NUM_(clear)(&zero);
    NUM_(clear)(&of_power);
    NUM_(clear)(&of_x);
    return st;
}

static sbx_status FN(features)(NUM *f, const NUM *x, size_t n, const FN(sbx_mech_run) * r,
                               sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM shift;
    NUM_(init)(&shift, r->ctx);
    SBX_TRY(FN(sbx_mech_param)(&shift, r, SHIFT, 0, err));
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < r->d; c++) {
            NUM *const z = &f[i * r->d + c];
            SBX_TRY(FN(sbx_mech_relu)(z, &x[i * r->d + c], r, err));
            SBX_TRY(NUM_(add)(z, z, &shift, r->ctx, err));
            SBX_TRY(NUM_(div)(z, z, &r->in.extra[0][c], r->ctx, err));
        }
        SBX_TRY(FN(focus)(f + i * r->d, r, err));
    }
done:
    NUM_(clear)(&shift);
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM zero;
    NUM_(init)(&zero, r->ctx);
    for (size_t c = 0; c < r->d; c++)
        if (NUM_(lt)(&zero, &r->in.extra[0][c]) != SBX_TRUE)
            SBX_FAIL(err, SBX_ERR_DOMAIN, "c[%zu] is not > 0", c);
    SBX_TRY(FN(features)(r->state, r->in.q, r->n, r, err));
    SBX_TRY(FN(features)(r->state + r->n * r->d, r->in.k, r->m, r, err));
done:
    NUM_(clear)(&zero);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const sbx_mech_kernel k = sbx_mech_kernel_of(r->a, r->d, SBX_MECH_OVER_ADD, EPS);
    return FN(sbx_mech_kernel_row)(w, r, &k, NULL, i, err);
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const sbx_mech_kernel k = sbx_mech_kernel_of(r->a, r->d, SBX_MECH_OVER_ADD, EPS);
    return FN(sbx_mech_kernel_output)(o, r, &k, NULL, err);
}
#endif
