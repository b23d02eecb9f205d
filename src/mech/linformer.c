/* mech/linformer.c -- Linformer (Wang et al. 2020): keys and values projected along the sequence,
 * softmax(scale Q (E K)^T) F V, E and F k' x m.
 *
 * Its weights are P F with the n x k' matrix P of softmaxes: rank at most k' [L-MCH-32]. Rows of P
 * sum to 1; rows of the weights as rows of F do: to 1, and they are >= 0, where E and F are the means of segments.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/lowrank.h"

enum { SCALE, TO, PROJECT, GAIN, SHARE };
enum { SEGMENTS, DRAWN };

static size_t count(const sbx_mech_args *a, size_t m)
{
    const size_t k = sbx_mech_size(a, TO);
    return k < m ? k : m;
}

#define MECH_FILE "mech/linformer.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"scale", "of the inner products; 0: 1/sqrt(d)", "0", NULL, NULL, 0},
    {"k", "rows of E and F; at most as many as keys", "16", "1", "1000000", SBX_PARAM_INTEGER},
    {"project", "E and F are means of k segments, or E and F as given", "segments",
     "segments|given", NULL, SBX_PARAM_NAME},
    {"gain", "given: multiplies E and F; 0: 1/sqrt(k)", "0", NULL, NULL, 0},
    {"share", "given: is F = E", "no", "no|yes", NULL, SBX_PARAM_NAME}};

static const sbx_mech_extra extra[] = {{"E", "projects the keys, k x m", "gauss"},
                                       {"F", "projects the values, k x m", "gauss"}};

static unsigned traits(const sbx_mech_args *a)
{
    return sbx_mech_long(a, PROJECT) == DRAWN ? 0 : SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE;
}

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s) { return count(a, s.m); }

static void dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns)
{
    if (sbx_mech_long(a, PROJECT) != DRAWN || (e == 1 && sbx_mech_long(a, SHARE) == 1)) return;
    *rows = count(a, s.m);
    *columns = s.m;
}

/* E K, F V, F; the scale */
static size_t state(const sbx_mech_args *a, sbx_mech_shape s)
{
    return count(a, s.m) * (s.d + s.dv + s.m) + 1;
}

/* a row of P */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s) { return count(a, s.m); }

const sbx_mech sbx_mech_linformer = {
    .info = {.name = "linformer",
             .formula = "softmax(scale Q (E K)^T) F",
             .note = "E and F are learnt: here they are given, or means of segments of rows",
             .from = "Wang et al., arXiv:2006.04768",
             .kind = SBX_NORM_TRANSCENDENTAL,
             .traits = SBX_MECH_NONNEGATIVE | SBX_MECH_SUMS_TO_ONE,
             .need = SBX_CAN_EXP,
             .param = params,
             .n_params = 5,
             .extra = extra,
             .n_extra = 2},
    SBX_MECH_PREPARE(prepare),
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .traits = traits,
    .rank = rank,
    .dims = dims,
    .state = state,
    .work = work};
#else
/* F = gain times what was given */
static sbx_status FN(gained)(NUM *f, const NUM *x, size_t n, const FN(sbx_mech_run) * r,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(FN(sbx_mech_scale)(&t, r, GAIN, count(r->a, r->m), err));
    for (size_t k = 0; k < n; k++)
        SBX_TRY(NUM_(mul)(&f[k], &x[k], &t, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* F of means of segments: row a is 1 / its length there */
static sbx_status FN(means)(NUM *f, const FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t l = count(r->a, r->m);
    sbx_status st = SBX_OK;
    NUM one;
    NUM_(init)(&one, r->ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, r->ctx, err));
    for (size_t a = 0; a < l; a++) {
        const size_t from = sbx_mech_segment(a, r->m, l), to = sbx_mech_segment(a + 1, r->m, l);
        for (size_t j = from; j < to; j++) {
            NUM *const z = &f[a * r->m + j];
            SBX_TRY(NUM_(set_si)(z, (long)(to - from), r->ctx, err));
            SBX_TRY(NUM_(div)(z, &one, z, r->ctx, err));
        }
    }
done:
    NUM_(clear)(&one);
    return st;
}

static sbx_status FN(prepare)(FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t l = count(r->a, r->m);
    NUM *const ek = r->state, *const fv = ek + l * r->d, *const f = fv + l * r->dv;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_scale)(f + l * r->m, r, SCALE, r->d, err));
    if (sbx_mech_long(r->a, PROJECT) == SEGMENTS) {
        SBX_TRY(FN(sbx_mech_segment_means)(ek, r->in.k, r->m, l, r->d, r, err));
        SBX_TRY(FN(sbx_mech_segment_means)(fv, r->in.v, r->m, l, r->dv, r, err));
        SBX_TRY(FN(means)(f, r, err));
        return st;
    }
    SBX_TRY(FN(gained)(f, r->in.extra[0], l * r->m, r, err));
    SBX_TRY(FN(sbx_mech_product)(ek, f, r->in.k, l, r->m, r->d, r, err));
    if (sbx_mech_long(r->a, SHARE) == 0) SBX_TRY(FN(gained)(f, r->in.extra[1], l * r->m, r, err));
    SBX_TRY(FN(sbx_mech_product)(fv, f, r->in.v, l, r->m, r->dv, r, err));
done:
    return st;
}

/* row i of P */
static sbx_status FN(soft)(FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t l = count(r->a, r->m);
    const NUM *const scale = r->state + l * (r->d + r->dv + r->m);
    sbx_status st = SBX_OK;
    for (size_t a = 0; a < l; a++) {
        NUM *const s = &r->work[a];
        SBX_TRY(FN(sbx_mech_dot)(s, r->in.q + i * r->d, 1, r->state + a * r->d, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(s, s, scale, r->ctx, err));
    }
    SBX_TRY(FN(sbx_mech_softmax)(r->work, r->work, l, r, err));
done:
    return st;
}

static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const size_t l = count(r->a, r->m);
    sbx_status st = SBX_OK;
    SBX_TRY(FN(soft)(r, i, err));
    SBX_TRY(FN(sbx_mech_product)(w, r->work, r->state + l * (r->d + r->dv), 1, l, r->m, r, err));
done:
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t l = count(r->a, r->m);
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->n; i++) {
        SBX_TRY(FN(soft)(r, i, err));
        SBX_TRY(FN(sbx_mech_mix)(o + i * r->dv, r->work, r->state + l * r->d, l, r->dv, r, err));
    }
done:
    return st;
}
#endif
