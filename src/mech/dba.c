/* mech/dba.c -- bilinear attention of low rank (DBA, Qin et al. 2022): keys and values projected along
 * the sequence, scores in a projected width, softmax(scale (Q R) (P_r K R)^T) P_r V.
 *
 * queries=compressed: P_l^T softmax(scale (P_l Q R) (P_r K R)^T) P_r V. Rank at most the rows of P_r [L-MCH-32]. rows=softmax:
 * each row of P_l and of P_r becomes its softmax, and weights are >= 0; with full queries their rows sum to 1
 * [L-MCH-42].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/lowrank.h"

enum { SCALE, RANK, WIDTH, ROWS, QUERIES };

static size_t count(const sbx_mech_args *a, size_t m)
{
    const size_t k = sbx_mech_size(a, RANK);
    return k < m ? k : m;
}
static size_t width(const sbx_mech_args *a, size_t d)
{
    const size_t w = sbx_mech_size(a, WIDTH);
    return w ? w : d;
}
static bool compressed(const sbx_mech_args *a) { return sbx_mech_long(a, QUERIES) == 1; }

#define MECH_FILE "mech/dba.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the inner products; 0: 1/sqrt(width)", "0", NULL, NULL, 0},
    {"rank", "rows of P_r and P_l; at most as many as keys", "16", "1", "1000000",
     SBX_PARAM_INTEGER},
    {"width", "columns of R; 0: d", "0", "0", "1000000", SBX_PARAM_INTEGER},
    {"rows", "of P: softmax of what is given, or as given", "softmax", "softmax|given", NULL,
     SBX_PARAM_NAME},
    {"queries", "full, or compressed by P_l and restored by its transpose", "full",
     "full|compressed", NULL, SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"P_r", "projects keys and values, rank x m", "gauss"},
                                       {"R", "projects the width, d x width", "gauss"},
                                       {"P_l", "compresses the queries, rank x n", "gauss"}};

static unsigned traits(const sbx_mech_args *a)
{
    if (sbx_mech_long(a, ROWS) != 0) return 0;
    return SBX_MECH_NONNEGATIVE | (compressed(a) ? 0u : SBX_MECH_SUMS_TO_ONE);
}

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s) { return count(a, s.m); }

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    if (e == 2 && !compressed(a)) return;
    *rows = e == 1 ? s.d : count(a, s.m);
    *columns = e == 1 ? width(a, s.d) : e == 0 ? s.m : s.n;
}

/* P_r, P_r K R, P_r V, P_l, the scale */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    const size_t k = count(a, s.m);
    return k * (s.m + width(a, s.d) + s.dv + (compressed(a) ? s.n + k : 0)) + 1;
}

/* a row of softmax; P K or P Q, that times R */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    const size_t k = count(a, s.m);
    return k + k * (s.d + width(a, s.d));
}

const sbx_mech sbx_mech_dba = {
    .info = {.name = "dba",
             .formula = "softmax(scale Q R (P_r K R)^T) P_r",
             .note = "how P_l, P_r and R come from the input is not in the abstract: here they are "
                     "given; layer equation as supplied",
             .from = "Qin et al., arXiv:2211.16368",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 5,
             .extra = extra,
             .n_extra = 3},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .traits = traits,
    .rank = rank,
    .dims = dims,
    .state = state,
    .work = work};
#else
/* p = x or, row by row, its softmax; k x n */
static sbx_status FN(rows)(NUM *p, const NUM *x, size_t k, size_t n, const FN(sbx_mech_run) * r,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < k * n; i++)
        NUM_(set)(&p[i], &x[i]);
    for (size_t i = 0; i < k && sbx_mech_long(r->a, ROWS) == 0; i++)
        SBX_TRY(FN(sbx_mech_softmax)(&p[i * n], &p[i * n], n, r, err));
done:
    return st;
}

/* s[0..k) = softmax(scale x R (P_r K R)^T), x of d numbers already times R: of `width` numbers */
static sbx_status FN(soft)(NUM *s, const NUM *x, const FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t k = count(r->a, r->m), u = width(r->a, r->d);
    const NUM *const kr = r->state + 1 + k * r->m;
    sbx_status st = SBX_OK;
    for (size_t a = 0; a < k; a++) {
        SBX_TRY(FN(sbx_mech_dot)(&s[a], x, 1, &kr[a * u], 1, u, r, err));
        SBX_TRY(NUM_(mul)(&s[a], &s[a], &r->state[0], r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_softmax)(s, s, k, r, err));
done:
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t k = count(r->a, r->m), u = width(r->a, r->d);
    NUM *const p = r->state + 1, *const kr = p + k * r->m, *const pv = kr + k * u,
               *const left = pv + k * r->dv, *const core = left + k * r->n;
    NUM *const t = r->work + k;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_scale)(&r->state[0], r, SCALE, u, err));
    SBX_TRY(FN(rows)(p, r->in.extra[0], k, r->m, r, err));
    SBX_TRY(FN(sbx_mech_product)(t, p, r->in.k, k, r->m, r->d, r, err));
    SBX_TRY(FN(sbx_mech_product)(kr, t, r->in.extra[1], k, r->d, u, r, err));
    SBX_TRY(FN(sbx_mech_product)(pv, p, r->in.v, k, r->m, r->dv, r, err));
    if (!compressed(r->a)) return st;
    SBX_TRY(FN(rows)(left, r->in.extra[2], k, r->n, r, err));
    SBX_TRY(FN(sbx_mech_product)(t, left, r->in.q, k, r->n, r->d, r, err));
    SBX_TRY(FN(sbx_mech_product)(t + k * r->d, t, r->in.extra[1], k, r->d, u, r, err));
    for (size_t a = 0; a < k; a++)
        SBX_TRY(FN(soft)(&core[a * k], t + k * r->d + a * u, r, err));
done:
    return st;
}

/* work: what row i multiplies P_r by */
static sbx_status FN(before)(FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t k = count(r->a, r->m), u = width(r->a, r->d);
    const NUM *const left = r->state + 1 + k * (r->m + u + r->dv), *const core = left + k * r->n;
    sbx_status st = SBX_OK;
    if (compressed(r->a)) {
        for (size_t b = 0; b < k; b++)
            SBX_TRY(FN(sbx_mech_dot)(&r->work[b], &left[i], r->n, &core[b], k, k, r, err));
        return st;
    }
    SBX_TRY(
        FN(sbx_mech_product)(r->work + k, r->in.q + i * r->d, r->in.extra[1], 1, r->d, u, r, err));
    SBX_TRY(FN(soft)(r->work, r->work + k, r, err));
done:
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t k = count(r->a, r->m);
    sbx_status st = SBX_OK;
    SBX_TRY(FN(before)(r, i, err));
    SBX_TRY(FN(sbx_mech_product)(w, r->work, r->state + 1, 1, k, r->m, r, err));
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t k = count(r->a, r->m), u = width(r->a, r->d);
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->n; i++) {
        SBX_TRY(FN(before)(r, i, err));
        SBX_TRY(FN(sbx_mech_product)(o + i * r->dv, r->work, r->state + 1 + k * (r->m + u), 1, k,
                                     r->dv, r, err));
    }
done:
    return st;
}
#endif
