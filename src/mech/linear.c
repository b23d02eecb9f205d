/* mech/linear.c -- linear attention without a feature map (Deng, Song and Zhou 2023): inner products
 * themselves, row by row divided by their sum.
 *
 * The weights are D^-1 Q K^T, of rank at most d [L-MCH-03]. Inner products may be negative, and a row's
 * sum 0 without all of them being so: there is no value there.
 *
 * form: `parallel` makes the weights first; `recurrent` sums k v^T and k over the keys first, query by
 * query the same number [L-MCH-04].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "mech/mech.h"

#define MECH_FILE "mech/linear.c"
#include "mech/every.h"

static const sbx_param params[] = {
    {"form", "the order of the sums", "parallel", "parallel|recurrent", NULL, SBX_PARAM_NAME}};

static size_t rank(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d;
}

/* sum k v^T, sum k, a divisor */
static size_t work(const sbx_mech_args *a, sbx_mech_shape s)
{
    (void)a;
    return s.d * s.dv + s.d + 1;
}

const sbx_mech sbx_mech_linear = {
    .info = {.name = "linear",
             .formula = "q_i.k_j / sum_j q_i.k_j",
             .undefined = "where a row's inner products sum to 0",
             .note = "form=recurrent has no value where they sum to 0",
             .from = "Deng, Song and Zhou, arXiv:2310.11685",
             .kind = SBX_NORM_RATIONAL,
             .traits = 0,
             .zero_rows = true,
             .param = params,
             .n_params = 1},
    SBX_MECH_ROW(row),
    SBX_MECH_OUTPUT(output),
    .work = work,
    .rank = rank};
#else
static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < r->m; j++)
        SBX_TRY(
            FN(sbx_mech_dot)(&w[j], r->in.q + i * r->d, 1, r->in.k + j * r->d, 1, r->d, r, err));
    SBX_TRY(FN(sbx_mech_signed_weights)(w, r->m, r, err));
done:
    return st;
}

static sbx_status FN(recurrent)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const kv = r->work, *const ks = kv + r->d * r->dv, *const t = ks + r->d;
    sbx_status st = SBX_OK;
    NUM zero;
    NUM_(init)(&zero, r->ctx);
    for (size_t a = 0; a < r->d; a++) {
        SBX_TRY(FN(sbx_mech_sum)(&ks[a], &r->in.k[a], r->d, r->m, r, err));
        for (size_t c = 0; c < r->dv; c++)
            SBX_TRY(FN(sbx_mech_dot)(&kv[a * r->dv + c], &r->in.k[a], r->d, &r->in.v[c], r->dv,
                                     r->m, r, err));
    }
    for (size_t i = 0; i < r->n; i++) {
        SBX_TRY(FN(sbx_mech_dot)(t, r->in.q + i * r->d, 1, ks, 1, r->d, r, err));
        if (NUM_(lt)(&zero, t) != SBX_TRUE && NUM_(lt)(t, &zero) != SBX_TRUE)
            SBX_FAIL(err, SBX_ERR_DOMAIN, "the inner products of a row sum to 0%s",
                     NUM_ENCLOSE ? ", perhaps" : "");
        for (size_t c = 0; c < r->dv; c++) {
            NUM *const z = &o[i * r->dv + c];
            SBX_TRY(FN(sbx_mech_dot)(z, r->in.q + i * r->d, 1, &kv[c], r->dv, r->d, r, err));
            SBX_TRY(NUM_(div)(z, z, t, r->ctx, err));
        }
    }
done:
    NUM_(clear)(&zero);
    return st;
}

static sbx_status FN(output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *w = NULL;
    if (sbx_mech_long(r->a, 0) == 1) return FN(recurrent)(o, r, err);
    w = FN(sbx_mech_new)(r->m, r->ctx);
    if (!w) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", r->m);
    for (size_t i = 0; i < r->n; i++) {
        SBX_TRY(FN(row)(w, r, i, err));
        SBX_TRY(FN(sbx_mech_mix)(o + i * r->dv, w, r->in.v, r->m, r->dv, r, err));
    }
done:
    FN(sbx_mech_free)(w, r->m);
    return st;
}
#endif
