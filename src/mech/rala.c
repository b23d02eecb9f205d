/* mech/rala.c -- rank-augmented linear attention (Fan et al. 2025): features elu + 1, keys weighed by
 * alpha = m softmax(q'.k_j / sqrt(d)) of the mean query q', the sum over keys divided by q_i.(sum alpha k) / m + eps;
 * plus a local term, times a gate.
 *
 * rotate=yes turns pairs of features by the place (RoPE) in the product but not in the divisor: a weight may be
 * negative then, and a row have any mass. Without it weights are >= 0 and a row of the sum s has the mass
 * s / (s + eps) < 1 [L-MCH-23].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/kernelised.h"

enum { ROTATE, BASE, EPS, FORM };

#define MECH_FILE "mech/rala.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"rotate", "pairs of features by their place", "no", "no|yes", NULL, SBX_PARAM_NAME},
    {"base", "of the angles, place times base^(-2 c / d)", "10000", "1", NULL, 0},
    {"eps", "is added to the mean weight", "1e-6", "0", NULL, SBX_PARAM_OPEN_LO},
    {"form", "the order of the sums", "parallel", "parallel|recurrent", NULL, SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {
    {"local", "is added to the outputs (a convolution of V), n x dv", "zero"},
    {"gate", "times the outputs, n x dv", "one"}};

static unsigned traits(const sbx_mech_args *a)
{
    return sbx_mech_long(a, ROTATE) == 1 ? 0 : SBX_MECH_NONNEGATIVE;
}

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    (void)a;
    (void)e;
    *rows = s.n;
    *columns = s.dv;
}

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d;
}

/* queries, weighed keys over m, both again (rotated), their mean query and sum of keys, alpha */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return 2 * (s.n + s.m) * s.d + 2 * s.d + s.m;
}

static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d * s.dv + s.m + 1;
}

static sbx_status fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    if (sbx_mech_long(a, ROTATE) == 1 && s.d % 2)
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "rala: rotate=yes needs an even d, not %zu",
                        s.d);
    return SBX_OK;
}

const sbx_mech sbx_mech_rala = {
    .info = {.name = "rala",
             .formula =
                 "f(q_i).(alpha_j f(k_j)) / (sum_j + m eps), alpha = m softmax(q'.f(k_j)/sqrt(d))",
             .note = "angles of places in one row, not of an image; local term and gate are given",
             .from = "Fan et al., arXiv:2411.07635",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE,
             .need = SBX_CAN_EXP | SBX_CAN_LOG,
             .param = params,
             .n_params = 4,
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
    .fits = fits};
#else
/* y = x, n vectors, the pair (2 c, 2 c + 1) of place i turned by i base^(-2 c / d) */
static sbx_status FN(rotated)(NUM *y, const NUM *x, size_t n, const FN(sbx_mech_run) * r,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t[5], *const speed = &t[0], *const s = &t[1], *const c = &t[2], *const u = &t[3];
    for (size_t k = 0; k < 5; k++)
        NUM_(init)(&t[k], r->ctx);
    for (size_t p = 0; p < r->d; p += 2) {
        SBX_TRY(FN(sbx_mech_param)(speed, r, BASE, 0, err));
        SBX_TRY(NUM_(log)(speed, speed, r->ctx, err));
        SBX_TRY(NUM_(set_si)(u, (long)p, r->ctx, err));
        SBX_TRY(NUM_(mul)(speed, speed, u, r->ctx, err));
        SBX_TRY(NUM_(set_si)(u, (long)r->d, r->ctx, err));
        SBX_TRY(NUM_(div)(speed, speed, u, r->ctx, err));
        SBX_TRY(NUM_(neg)(speed, speed, r->ctx, err));
        SBX_TRY(NUM_(exp)(speed, speed, r->ctx, err));
        for (size_t i = 0; i < n; i++) {
            const NUM *const a = &x[i * r->d + p], *const b = a + 1;
            NUM *const to = &y[i * r->d + p];
            SBX_TRY(NUM_(set_si)(u, (long)i, r->ctx, err));
            SBX_TRY(NUM_(mul)(u, u, speed, r->ctx, err));
            SBX_TRY(NUM_(sin)(s, u, r->ctx, err));
            SBX_TRY(NUM_(cos)(c, u, r->ctx, err));
            SBX_TRY(NUM_(mul)(&to[0], a, c, r->ctx, err));
            SBX_TRY(NUM_(mul)(&t[4], b, s, r->ctx, err));
            SBX_TRY(NUM_(sub)(&to[0], &to[0], &t[4], r->ctx, err));
            SBX_TRY(NUM_(mul)(&to[1], a, s, r->ctx, err));
            SBX_TRY(FN(sbx_mech_fma)(&to[1], b, c, r, err));
        }
    }
done:
    for (size_t k = 0; k < 5; k++)
        NUM_(clear)(&t[k]);
    return st;
}

/* alpha over m, softmax of the mean query's scores */
static sbx_status FN(weighed)(NUM *alpha, NUM *mean, const NUM *q, const NUM *k,
                              const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(set_si)(&t, (long)r->n, r->ctx, err));
    for (size_t c = 0; c < r->d; c++) {
        SBX_TRY(FN(sbx_mech_sum)(&mean[c], &q[c], r->d, r->n, r, err));
        SBX_TRY(NUM_(div)(&mean[c], &mean[c], &t, r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_root)(&t, r->d, r, err));
    for (size_t j = 0; j < r->m; j++) {
        SBX_TRY(FN(sbx_mech_dot)(&alpha[j], mean, 1, k + j * r->d, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(&alpha[j], &alpha[j], &t, r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_softmax)(alpha, alpha, r->m, r, err));
done:
    NUM_(clear)(&t);
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const q = r->state, *const k = q + r->n * r->d, *const q2 = k + r->m * r->d,
               *const k2 = q2 + r->n * r->d, *const mean = k2 + r->m * r->d,
               *const sum = mean + r->d, *const alpha = sum + r->d;
    sbx_status st = SBX_OK;
    for (size_t x = 0; x < r->n * r->d; x++)
        SBX_TRY(FN(sbx_mech_elu1)(&q[x], &r->in.q[x], r, err));
    for (size_t x = 0; x < r->m * r->d; x++)
        SBX_TRY(FN(sbx_mech_elu1)(&k[x], &r->in.k[x], r, err));
    SBX_TRY(FN(weighed)(alpha, mean, q, k, r, err));
    for (size_t x = 0; x < r->m * r->d; x++)
        SBX_TRY(NUM_(mul)(&k[x], &k[x], &alpha[x / r->d], r->ctx, err));
    for (size_t c = 0; c < r->d; c++)
        SBX_TRY(FN(sbx_mech_sum)(&sum[c], &k[c], r->d, r->m, r, err));
    if (sbx_mech_long(r->a, ROTATE) == 1) {
        SBX_TRY(FN(rotated)(q2, q, r->n, r, err));
        SBX_TRY(FN(rotated)(k2, k, r->m, r, err));
        return st;
    }
    for (size_t x = 0; x < (r->n + r->m) * r->d; x++)
        NUM_(set)(&q2[x], &q[x]);
done:
    return st;
}

/* z = q_i.sum + eps, unrotated, > 0 */
static sbx_status FN(divisor)(NUM *z, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const NUM *const sum = r->state + 2 * (r->n + r->m) * r->d + r->d;
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(FN(sbx_mech_dot)(z, r->state + i * r->d, 1, sum, 1, r->d, r, err));
    SBX_TRY(NUM_(max)(z, z, &t, r->ctx, err)); /* an enclosure of what is >= 0 */
    SBX_TRY(FN(sbx_mech_param)(&t, r, EPS, 0, err));
    SBX_TRY(NUM_(add)(z, z, &t, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const NUM *const q = r->state + (r->n + r->m) * r->d, *const k = q + r->n * r->d;
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(FN(sbx_mech_dot)(&w[j], q + i * r->d, 1, k + j * r->d, 1, r->d, r, err));
    if (sbx_mech_long(r->a, ROTATE) == 0) {
        SBX_TRY(FN(sbx_mech_divide)(w, r->m, SBX_MECH_OVER_ADD, EPS, r, err));
        goto done;
    }
    SBX_TRY(FN(divisor)(&t, r, i, err));
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(NUM_(div)(&w[j], &w[j], &t, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const NUM *const q = r->state + (r->n + r->m) * r->d, *const k = q + r->n * r->d;
    NUM *const kv = r->work, *const w = kv + r->d * r->dv, *const t = w + r->m;
    const bool sums = sbx_mech_long(r->a, FORM) == 1;
    sbx_status st = SBX_OK;
    for (size_t a = 0; a < r->d && sums; a++)
        for (size_t c = 0; c < r->dv; c++)
            SBX_TRY(FN(sbx_mech_dot)(&kv[a * r->dv + c], &k[a], r->d, &r->in.v[c], r->dv, r->m, r,
                                     err));
    for (size_t i = 0; i < r->n; i++, o += r->dv) {
        if (sums) {
            SBX_TRY(FN(divisor)(t, r, i, err));
            SBX_TRY(FN(sbx_mech_mix)(o, q + i * r->d, kv, r->d, r->dv, r, err));
        } else {
            SBX_TRY(FN(row)(w, r, i, err));
            SBX_TRY(FN(sbx_mech_mix)(o, w, r->in.v, r->m, r->dv, r, err));
        }
        for (size_t c = 0; c < r->dv; c++) {
            if (sums) SBX_TRY(NUM_(div)(&o[c], &o[c], t, r->ctx, err));
            SBX_TRY(NUM_(add)(&o[c], &o[c], &r->in.extra[0][i * r->dv + c], r->ctx, err));
            SBX_TRY(NUM_(mul)(&o[c], &o[c], &r->in.extra[1][i * r->dv + c], r->ctx, err));
        }
    }
done:
    return st;
}
#endif
