/* mech/dpfp.c -- linear attention with the deterministic parameter-free projection (Schlag, Irie and Schmidhuber
 * 2021): z = (relu(x), relu(-x)), features z_a z_(a - r) for the rolls r = 1 .. nu, indices modulo 2 d.
 *
 * half=negated is a form in use whose second half is -relu(x), so that inputs below 0 make no feature; the sign of
 * a feature is then the same for every input, and products of two of them are >= 0 all the same [L-MCH-21].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { NU = SBX_MECH_KERNEL_NEXT, HALF };

/* numbers of a feature vector */
static size_t dim(const sbx_mech_args *a, size_t d) { return 2 * d * sbx_mech_size(a, NU); }

#define MECH_FILE "mech/dpfp.c"
#include "mech/every.h"

static const sbx_param params[] = {SBX_MECH_KERNEL_PARAMS,
                                   {"nu", "how many rolls", "1", "1", "1024", SBX_PARAM_INTEGER},
                                   {"half", "the second half of z: relu(-x), or -relu(x)",
                                    "rectified", "rectified|negated", NULL, SBX_PARAM_NAME}};

static unsigned traits(const sbx_mech_args *a)
{
    return sbx_mech_masked(a, SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE);
}

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_long(a, SBX_MECH_MASK) == 1 ? s.n : dim(a, s.d);
}

static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_kernel_state(s, dim(a, s.d)) + 2 * s.d;
}

static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_kernel_work(s, dim(a, s.d));
}

static sbx_status fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    if (sbx_mech_size(a, NU) >= 2 * s.d)
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "dpfp: nu is below 2 d = %zu, not %zu", 2 * s.d,
                        sbx_mech_size(a, NU));
    return sbx_mech_mask_fits(a, s, err);
}

const sbx_mech sbx_mech_dpfp = {
    .info = {.name = "dpfp",
             .formula = "f(q_i).f(k_j) / sum_j, f products of rolled (relu(x), relu(-x))",
             .undefined = "where all weights of a row are 0",
             .from = "Schlag, Irie and Schmidhuber, arXiv:2102.11174",
             .kind = SBX_NORM_RATIONAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
             .zero_rows = true,
             .param = params,
             .n_params = SBX_MECH_KERNEL_NEXT + 2},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .traits = traits,
    .state = state,
    .work = work,
    .rank = rank,
    .fits = fits};
#else
static sbx_status FN(features)(NUM *f, const NUM *x, size_t n, NUM *z, const FN(sbx_mech_run) * r,
                               sbx_err *err)
{
    const bool negated = sbx_mech_long(r->a, HALF) == 1;
    const size_t nu = sbx_mech_size(r->a, NU), two = 2 * r->d;
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < n; i++, x += r->d) {
        for (size_t c = 0; c < r->d; c++) {
            NUM *const second = &z[r->d + c];
            SBX_TRY(FN(sbx_mech_relu)(&z[c], &x[c], r, err));
            SBX_TRY(NUM_(neg)(second, negated ? &z[c] : &x[c], r->ctx, err));
            if (!negated) SBX_TRY(FN(sbx_mech_relu)(second, second, r, err));
        }
        for (size_t roll = 1; roll <= nu; roll++)
            for (size_t c = 0; c < two; c++)
                SBX_TRY(NUM_(mul)(f++, &z[c], &z[(c + two - roll) % two], r->ctx, err));
    }
done:
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t wide = dim(r->a, r->d);
    NUM *const keys = r->state + r->n * wide, *const z = keys + r->m * wide;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(features)(r->state, r->in.q, r->n, z, r, err));
    SBX_TRY(FN(features)(keys, r->in.k, r->m, z, r, err));
done:
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const sbx_mech_kernel k = sbx_mech_kernel_of(r->a, dim(r->a, r->d), SBX_MECH_OVER_SUM, 0);
    return FN(sbx_mech_kernel_row)(w, r, &k, NULL, i, err);
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const sbx_mech_kernel k = sbx_mech_kernel_of(r->a, dim(r->a, r->d), SBX_MECH_OVER_SUM, 0);
    return FN(sbx_mech_kernel_output)(o, r, &k, NULL, err);
}
#endif
