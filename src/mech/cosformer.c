/* mech/cosformer.c -- cosFormer (Qin et al. 2022): relu(q_i).relu(k_j) cos(pi (i - j) / (2 M)), divided by the
 * row's sum, or by eps where that is less.
 *
 * cos(a - b) = cos a cos b + sin a sin b makes features of 2 d numbers, all >= 0; parallel weights take the
 * cosine of the difference. A row has the mass sum / max(sum, eps), 0 where every product is 0 [L-MCH-17].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { PLACES = SBX_MECH_KERNEL_NEXT, EPS };

/* how many places queries and keys stand at */
static size_t places(sbx_mech_shape s) { return s.n > s.m ? s.n : s.m; }

#define MECH_FILE "mech/cosformer.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_KERNEL_PARAMS,
    {"M", "half a turn of the cosine; 0: the number of queries or keys, the greater", "0", "0",
     "1000000000", SBX_PARAM_INTEGER},
    {"eps", "the least sum that is divided by", "1e-6", "0", NULL, SBX_PARAM_OPEN_LO}};

static unsigned traits(const sbx_mech_args *a) { return sbx_mech_masked(a, SBX_MECH_NONNEGATIVE); }

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_long(a, SBX_MECH_MASK) == 1 ? s.n : 2 * s.d;
}

/* features; cos(pi p / (2 M)), and the sines, p = 0 .. max(n, m) - 1 */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return sbx_mech_kernel_state(s, 2 * s.d) + 2 * places(s);
}

static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return sbx_mech_kernel_work(s, 2 * s.d);
}

static sbx_status fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    const size_t m = sbx_mech_size(a, PLACES);
    if (m && m < places(s))
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE,
                        "cosformer: M = %zu is less than the %zu places, weights would be negative",
                        m, places(s));
    return sbx_mech_mask_fits(a, s, err);
}

const sbx_mech sbx_mech_cosformer = {
    .info = {.name = "cosformer",
             .formula = "relu(q_i).relu(k_j) cos(pi (i - j) / 2M) / max(sum_j, eps)",
             .from = "Qin et al., arXiv:2202.08791",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE,
             .need = SBX_CAN_EXP,
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
/* c[p], s[p] = cos and sin of pi p / (2 M) */
static sbx_status FN(angles)(NUM *c, NUM *s, size_t n, long places, const FN(sbx_mech_run) * r,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM pi, t;
    NUM_(init)(&pi, r->ctx);
    NUM_(init)(&t, r->ctx);
    SBX_TRY(FN(sbx_mech_pi)(&pi, r, err));
    for (size_t p = 0; p < n; p++) {
        SBX_TRY(NUM_(set_si)(&t, (long)p, r->ctx, err));
        SBX_TRY(NUM_(mul)(&c[p], &pi, &t, r->ctx, err));
        SBX_TRY(NUM_(set_si)(&t, 2 * places, r->ctx, err));
        SBX_TRY(NUM_(div)(&c[p], &c[p], &t, r->ctx, err));
        SBX_TRY(NUM_(sin)(&s[p], &c[p], r->ctx, err));
        SBX_TRY(NUM_(cos)(&c[p], &c[p], r->ctx, err));
    }
done:
    NUM_(clear)(&t);
    NUM_(clear)(&pi);
    return st;
}

static sbx_status FN(features)(NUM *f, const NUM *x, size_t n, const NUM *c, const NUM *s,
                               const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    for (size_t i = 0; i < n; i++)
        for (size_t a = 0; a < r->d; a++) {
            SBX_TRY(FN(sbx_mech_relu)(&t, &x[i * r->d + a], r, err));
            SBX_TRY(NUM_(mul)(&f[(2 * i) * r->d + a], &t, &c[i], r->ctx, err));
            SBX_TRY(NUM_(mul)(&f[(2 * i + 1) * r->d + a], &t, &s[i], r->ctx, err));
        }
done:
    NUM_(clear)(&t);
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t n = places(r->in.shape);
    NUM *const keys = r->state + r->n * 2 * r->d, *const c = keys + r->m * 2 * r->d;
    const long own = sbx_mech_long(r->a, PLACES);
    sbx_status st = SBX_OK;
    SBX_TRY(FN(angles)(c, c + n, n, own ? own : (long)n, r, err));
    SBX_TRY(FN(features)(r->state, r->in.q, r->n, c, c + n, r, err));
    SBX_TRY(FN(features)(keys, r->in.k, r->m, c, c + n, r, err));
done:
    return st;
}

/* the product of the rectified numbers, times the cosine of the distance */
static sbx_status FN(raw)(NUM *w, FN(sbx_mech_run) * r, size_t i, size_t from, size_t to,
                          sbx_err *err)
{
    const NUM *const c = r->state + (r->n + r->m) * 2 * r->d;
    sbx_status st = SBX_OK;
    NUM t[2];
    NUM_(init)(&t[0], r->ctx);
    NUM_(init)(&t[1], r->ctx);
    for (size_t j = from; j < to; j++) {
        SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
        for (size_t a = 0; a < r->d; a++) {
            SBX_TRY(FN(sbx_mech_relu)(&t[0], &r->in.q[i * r->d + a], r, err));
            SBX_TRY(FN(sbx_mech_relu)(&t[1], &r->in.k[j * r->d + a], r, err));
            SBX_TRY(FN(sbx_mech_fma)(&w[j], &t[0], &t[1], r, err));
        }
        SBX_TRY(NUM_(mul)(&w[j], &w[j], &c[i > j ? i - j : j - i], r->ctx, err));
    }
done:
    NUM_(clear)(&t[1]);
    NUM_(clear)(&t[0]);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const sbx_mech_kernel k = sbx_mech_kernel_of(r->a, 2 * r->d, SBX_MECH_OVER_CLAMP, EPS);
    return FN(sbx_mech_kernel_row)(w, r, &k, FN(raw), i, err);
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const sbx_mech_kernel k = sbx_mech_kernel_of(r->a, 2 * r->d, SBX_MECH_OVER_CLAMP, EPS);
    return FN(sbx_mech_kernel_output)(o, r, &k, FN(raw), err);
}
#endif
