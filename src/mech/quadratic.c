/* mech/quadratic.c -- linear attention whose kernels are polynomials of degree 2 (s = q.k / sqrt(d)): taylor2,
 * 1 + s + s^2 / 2 (Based, Arora et al. 2024); rebased, (x.y)^2 / d of x = gamma norm(q) + beta (Aksenov et al. 2024);
 * polysketch, sum over a <= b of q_a q_b k_a k_b, which is ((q.k)^2 + sum (q_c k_c)^2) / 2.
 *
 * Parallel weights take the kernel as it stands, sharper over a box: 1 + s + s^2 / 2 = ((s + 1)^2 + 1) / 2 >= 1/2. The
 * other orders take features: 1, x_a, x_a x_b for a <= b, the factors of products on the side of the query, so that
 * they need no root of 2 or 4th root of d [L-MCH-22].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { MAP = SBX_MECH_KERNEL_NEXT, NORM, EPS, ROWS };
enum { TAYLOR2, REBASED, POLYSKETCH };

/* numbers of a feature vector */
static size_t dim(const sbx_mech_args *a, size_t d)
{
    return d * (d + 1) / 2 + (sbx_mech_long(a, MAP) == TAYLOR2 ? 1 + d : 0);
}

/* of those that are kept: parallel weights need none */
static size_t stored(const sbx_mech_args *a, size_t d)
{
    return sbx_mech_long(a, SBX_MECH_FORM) == SBX_MECH_PARALLEL ? 0 : dim(a, d);
}

static sbx_mech_kernel kernel(const sbx_mech_args *a, size_t d)
{
    return sbx_mech_kernel_of(
        a, stored(a, d), sbx_mech_long(a, ROWS) == 1 ? SBX_MECH_OVER_ONE : SBX_MECH_OVER_SUM, 0);
}

#define MECH_FILE "mech/quadratic.c"
#include "mech/every.h"

static const sbx_param params[] = {
    SBX_MECH_KERNEL_PARAMS,
    {"map", "the kernel", "taylor2", "taylor2|rebased|polysketch", NULL, SBX_PARAM_NAME},
    {"norm", "of queries and keys, before gamma and beta: less the mean, over the deviation",
     "none", "none|layer", NULL, SBX_PARAM_NAME},
    {"eps", "is added to the variance", "1e-5", "0", NULL, SBX_PARAM_OPEN_LO},
    {"rows", "divided by their sum, or as they are", "normalised", "normalised|plain", NULL,
     SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"gamma", "factors of queries and keys, 1 x d", "one"},
                                       {"beta", "added to queries and keys, 1 x d", "zero"}};

static sbx_norm_class kind(const sbx_mech_args *a, sbx_mech_shape s)
{
    const bool root = sbx_mech_long(a, MAP) == TAYLOR2 && !sbx_mech_square(s.d);
    return root || sbx_mech_long(a, NORM) == 1 ? SBX_NORM_ALGEBRAIC : SBX_NORM_RATIONAL;
}

static unsigned traits(const sbx_mech_args *a)
{
    unsigned t = SBX_MECH_NONNEGATIVE;
    if (sbx_mech_long(a, ROWS) == 0) t |= SBX_MECH_SUMS_TO_ONE;
    return sbx_mech_masked(a, t);
}

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    (void)e;
    *rows = 1;
    *columns = s.d;
}

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_long(a, SBX_MECH_MASK) == 1 ? s.n : dim(a, s.d);
}

/* features; queries and keys after their norm */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_kernel_state(s, stored(a, s.d)) + (s.n + s.m) * s.d;
}

static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    return sbx_mech_kernel_work(s, stored(a, s.d));
}

static sbx_status fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    if (s.d > 100000 || s.n + s.m > SIZE_MAX / 1024 / dim(a, s.d))
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "quadratic: features of %zu numbers",
                        dim(a, s.d));
    return sbx_mech_mask_fits(a, s, err);
}

const sbx_mech sbx_mech_quadratic = {
    .info = {.name = "quadratic",
             .formula =
                 "1 + s + s^2/2, s^2 or (s^2 d + sum_c (q_c k_c)^2)/2, / sum_j; s = q.k/sqrt(d)",
             .undefined = "rebased, polysketch: where all weights of a row are 0",
             .note = "norm=layer is ReBased's own; s needs a square d to be rational",
             .from =
                 "Arora et al., arXiv:2402.18668; Aksenov et al., arXiv:2402.10644; Kacham et al., "
                 "arXiv:2310.01655",
             .kind = SBX_NORM_ALGEBRAIC,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
             .zero_rows = true,
             .param = params,
             .n_params = SBX_MECH_KERNEL_NEXT + 4,
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
    .fits = fits};
#else
/* x = (x - its mean) / sqrt(its variance + eps) */
static sbx_status FN(standard)(NUM *x, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t[3];
    for (size_t c = 0; c < 3; c++)
        NUM_(init)(&t[c], r->ctx);
    SBX_TRY(NUM_(set_si)(&t[2], (long)r->d, r->ctx, err));
    SBX_TRY(FN(sbx_mech_sum)(&t[0], x, 1, r->d, r, err));
    SBX_TRY(NUM_(div)(&t[0], &t[0], &t[2], r->ctx, err));
    SBX_TRY(NUM_(set_si)(&t[1], 0, r->ctx, err));
    for (size_t c = 0; c < r->d; c++)
        SBX_TRY(NUM_(sub)(&x[c], &x[c], &t[0], r->ctx, err));
    for (size_t c = 0; c < r->d; c++) {
        SBX_TRY(NUM_(sqr)(&t[0], &x[c], r->ctx, err));
        SBX_TRY(NUM_(add)(&t[1], &t[1], &t[0], r->ctx, err));
    }
    SBX_TRY(NUM_(div)(&t[1], &t[1], &t[2], r->ctx, err));
    SBX_TRY(FN(sbx_mech_param)(&t[0], r, EPS, 0, err));
    SBX_TRY(NUM_(add)(&t[1], &t[1], &t[0], r->ctx, err));
    SBX_TRY(NUM_(sqrt)(&t[1], &t[1], r->ctx, err));
    for (size_t c = 0; c < r->d; c++)
        SBX_TRY(NUM_(div)(&x[c], &x[c], &t[1], r->ctx, err));
done:
    for (size_t c = 0; c < 3; c++)
        NUM_(clear)(&t[c]);
    return st;
}

/* y = gamma norm(x) + beta, n vectors */
static sbx_status FN(prepared)(NUM *y, const NUM *x, size_t n, const FN(sbx_mech_run) * r,
                               sbx_err *err)
{
    const bool layer = sbx_mech_long(r->a, NORM) == 1;
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < n; i++, y += r->d, x += r->d) {
        for (size_t c = 0; c < r->d; c++)
            NUM_(set)(&y[c], &x[c]);
        if (layer) SBX_TRY(FN(standard)(y, r, err));
        for (size_t c = 0; c < r->d; c++) {
            SBX_TRY(NUM_(mul)(&y[c], &y[c], &r->in.extra[0][c], r->ctx, err));
            SBX_TRY(NUM_(add)(&y[c], &y[c], &r->in.extra[1][c], r->ctx, err));
        }
    }
done:
    return st;
}

/* f = 1, x_a (taylor2), x_a x_b; times factors if `query`: taylor2 1 / sqrt(d) of x_a, 1 / (2 d) of x_a^2 and 1 / d of
 * x_a x_b; rebased 1 / d of x_a^2 and 2 / d of x_a x_b; polysketch none */
static sbx_status FN(features)(NUM *f, const NUM *x, size_t n, bool query,
                               const FN(sbx_mech_run) * r, sbx_err *err)
{
    const long map = sbx_mech_long(r->a, MAP);
    sbx_status st = SBX_OK;
    NUM one[3]; /* factors of x_a, x_a^2, x_a x_b */
    for (size_t c = 0; c < 3; c++)
        NUM_(init)(&one[c], r->ctx);
    for (size_t c = 0; c < 3; c++)
        SBX_TRY(NUM_(set_si)(&one[c], 1, r->ctx, err));
    if (query && map != POLYSKETCH) {
        NUM *const d = &one[0];
        SBX_TRY(NUM_(set_si)(d, (long)r->d * (map == TAYLOR2 ? 2 : 1), r->ctx, err));
        SBX_TRY(NUM_(div)(&one[1], &one[1], d, r->ctx, err));
        SBX_TRY(NUM_(add)(&one[2], &one[1], &one[1], r->ctx, err));
        if (map == TAYLOR2) SBX_TRY(FN(sbx_mech_root)(&one[0], r->d, r, err));
    }
    for (size_t i = 0; i < n; i++, x += r->d) {
        if (map == TAYLOR2) {
            SBX_TRY(NUM_(set_si)(f++, 1, r->ctx, err));
            for (size_t a = 0; a < r->d; a++)
                SBX_TRY(NUM_(mul)(f++, &x[a], &one[0], r->ctx, err));
        }
        for (size_t a = 0; a < r->d; a++)
            for (size_t b = a; b < r->d; b++, f++) {
                SBX_TRY(a == b ? NUM_(sqr)(f, &x[a], r->ctx, err)
                               : NUM_(mul)(f, &x[a], &x[b], r->ctx, err));
                if (query && map != POLYSKETCH)
                    SBX_TRY(NUM_(mul)(f, f, &one[a == b ? 1 : 2], r->ctx, err));
            }
    }
done:
    for (size_t c = 0; c < 3; c++)
        NUM_(clear)(&one[c]);
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t wide = stored(r->a, r->d);
    NUM *const keys = r->state + r->n * wide, *const q = keys + r->m * wide,
               *const k = q + r->n * r->d;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(prepared)(q, r->in.q, r->n, r, err));
    SBX_TRY(FN(prepared)(k, r->in.k, r->m, r, err));
    if (sbx_mech_long(r->a, SBX_MECH_FORM) == SBX_MECH_PARALLEL) return st;
    SBX_TRY(FN(features)(r->state, q, r->n, true, r, err));
    SBX_TRY(FN(features)(keys, k, r->m, false, r, err));
done:
    return st;
}

/* z = the kernel of x and y; t[0..2) scratch */
static sbx_status FN(of_pair)(NUM *z, const NUM *x, const NUM *y, NUM *t,
                              const FN(sbx_mech_run) * r, sbx_err *err)
{
    const long map = sbx_mech_long(r->a, MAP);
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_dot)(z, x, 1, y, 1, r->d, r, err));
    if (map == TAYLOR2) {
        SBX_TRY(FN(sbx_mech_root)(&t[0], r->d, r, err));
        SBX_TRY(NUM_(mul)(z, z, &t[0], r->ctx, err));
        SBX_TRY(NUM_(set_si)(&t[1], 1, r->ctx, err));
        SBX_TRY(NUM_(add)(z, z, &t[1], r->ctx, err));
        SBX_TRY(NUM_(sqr)(z, z, r->ctx, err));
        SBX_TRY(NUM_(add)(z, z, &t[1], r->ctx, err));
    } else {
        SBX_TRY(NUM_(sqr)(z, z, r->ctx, err));
        for (size_t c = 0; c < r->d && map == POLYSKETCH; c++) {
            SBX_TRY(NUM_(mul)(&t[0], &x[c], &y[c], r->ctx, err));
            SBX_TRY(NUM_(sqr)(&t[0], &t[0], r->ctx, err));
            SBX_TRY(NUM_(add)(z, z, &t[0], r->ctx, err));
        }
    }
    SBX_TRY(NUM_(set_si)(&t[0], map == REBASED ? (long)r->d : 2, r->ctx, err));
    SBX_TRY(NUM_(div)(z, z, &t[0], r->ctx, err));
done:
    return st;
}

static sbx_status FN(raw)(NUM *w, FN(sbx_mech_run) * r, size_t i, size_t from, size_t to,
                          sbx_err *err)
{
    const NUM *const q = r->state + (r->n + r->m) * stored(r->a, r->d), *const k = q + r->n * r->d;
    sbx_status st = SBX_OK;
    NUM t[2];
    NUM_(init)(&t[0], r->ctx);
    NUM_(init)(&t[1], r->ctx);
    for (size_t j = from; j < to; j++)
        SBX_TRY(FN(of_pair)(&w[j], q + i * r->d, k + j * r->d, t, r, err));
done:
    NUM_(clear)(&t[1]);
    NUM_(clear)(&t[0]);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const sbx_mech_kernel k = kernel(r->a, r->d);
    return FN(sbx_mech_kernel_row)(w, r, &k, FN(raw), i, err);
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const sbx_mech_kernel k = kernel(r->a, r->d);
    return FN(sbx_mech_kernel_output)(o, r, &k, FN(raw), err);
}
#endif
