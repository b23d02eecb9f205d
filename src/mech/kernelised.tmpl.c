/* mech/kernelised.tmpl.c -- weights that are inner products of features: rows, and outputs in three orders of
 * the sums.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "mech/kernelised.h"
static void around_pi(mpq_t lo, mpq_t hi, const sbx_ctx *ctx);
#endif

#if NUM_ENCLOSE
/* x / (eps + sum) as a quotient of ends; x / max(sum, eps) = min(x / sum, x / eps) [L-MCH-11] */
static sbx_status FN(guarded)(NUM *w, size_t n, sbx_mech_over over, const NUM *eps,
                              const FN(sbx_mech_run) * r, sbx_err *err)
{
    const sbx_norm_args a = {.norm = sbx_norm_find("softmax"), .zero_row = SBX_ZERO_ZERO};
    sbx_status st = SBX_OK;
    NUM *p = NULL;
    if (over == SBX_MECH_OVER_ADD) return FN(sbx_norm_weights)(w, w, eps, n, &a, r->ctx, err);
    p = FN(sbx_mech_new)(n, r->ctx);
    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", n);
    SBX_TRY(FN(sbx_norm_weights)(p, w, NULL, n, &a, r->ctx, err));
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(NUM_(div)(&w[j], &w[j], eps, r->ctx, err));
        SBX_TRY(NUM_(min)(&w[j], &w[j], &p[j], r->ctx, err));
    }
done:
    FN(sbx_mech_free)(p, n);
    return st;
}
#else
static sbx_status FN(guarded)(NUM *w, size_t n, sbx_mech_over over, const NUM *eps,
                              const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM s;
    NUM_(init)(&s, r->ctx);
    SBX_TRY(FN(sbx_mech_sum)(&s, w, 1, n, r, err));
    SBX_TRY(over == SBX_MECH_OVER_ADD ? NUM_(add)(&s, &s, eps, r->ctx, err)
                                      : NUM_(max)(&s, &s, eps, r->ctx, err));
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(div)(&w[j], &w[j], &s, r->ctx, err));
done:
    NUM_(clear)(&s);
    return st;
}
#endif

sbx_status FN(sbx_mech_divide)(NUM *w, size_t n, sbx_mech_over over, size_t eps,
                               const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM e;
    if (over == SBX_MECH_OVER_ONE) return SBX_OK;
    if (over == SBX_MECH_OVER_SUM) return FN(sbx_mech_weights)(w, n, r, err);
    if (over == SBX_MECH_OVER_SIGNED) return FN(sbx_mech_signed_weights)(w, n, r, err);
    NUM_(init)(&e, r->ctx);
    SBX_TRY(FN(sbx_mech_param)(&e, r, eps, 0, err));
    SBX_TRY(FN(guarded)(w, n, over, &e, r, err));
done:
    NUM_(clear)(&e);
    return st;
}

/* the kernel from the features */
static sbx_status FN(inner)(NUM *w, FN(sbx_mech_run) * r, const sbx_mech_kernel *k,
                            FN(sbx_mech_raw) * raw, size_t i, size_t from, size_t to, sbx_err *err)
{
    const NUM *const q = r->state + i * k->dim, *const keys = r->state + r->n * k->dim;
    sbx_status st = SBX_OK;
    if (raw) return raw(w, r, i, from, to, err);
    for (size_t j = from; j < to; j++)
        SBX_TRY(FN(sbx_mech_dot)(&w[j], q, 1, keys + j * k->dim, 1, k->dim, r, err));
done:
    return st;
}

sbx_status FN(sbx_mech_kernel_row)(NUM *w, FN(sbx_mech_run) * r, const sbx_mech_kernel *k,
                                   FN(sbx_mech_raw) * raw, size_t i, sbx_err *err)
{
    const size_t to = k->causal ? i + 1 : r->m;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(inner)(w, r, k, raw, i, 0, to, err));
    SBX_TRY(FN(sbx_mech_divide)(w, to, k->over, k->eps, r, err));
    for (size_t j = to; j < r->m; j++)
        SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
done:
    return st;
}

/* What stands for o[0..dv) where all weights on keys [0, to) are 0. */
static sbx_status FN(no_weights)(NUM *o, size_t to, FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(set_si)(&t, (long)to, r->ctx, err));
    for (size_t c = 0; c < r->dv; c++) {
        if (r->a->zero_row == SBX_ZERO_UNIFORM) {
            SBX_TRY(FN(sbx_mech_sum)(&o[c], &r->in.v[c], r->dv, to, r, err));
            SBX_TRY(NUM_(div)(&o[c], &o[c], &t, r->ctx, err));
        } else if (r->a->zero_row == SBX_ZERO_ZERO) {
            SBX_TRY(NUM_(set_si)(&o[c], 0, r->ctx, err));
        } else {
            SBX_FAIL(err, SBX_ERR_DOMAIN, "all weights of a row are 0");
        }
    }
done:
    NUM_(clear)(&t);
    return st;
}

/* o[0..dv) = sums of weights times values; s: the sum of the weights on keys [0, to). Divides as
 * k->over says. */
static sbx_status FN(finish)(NUM *o, NUM *s, size_t to, FN(sbx_mech_run) * r,
                             const sbx_mech_kernel *k, sbx_err *err)
{
    const bool of_signs = k->over == SBX_MECH_OVER_SIGNED;
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    if (k->over == SBX_MECH_OVER_ONE) goto done;
    if (k->over == SBX_MECH_OVER_SUM && NUM_(eq)(s, &t) == SBX_TRUE) {
        st = FN(no_weights)(o, to, r, err);
        goto done;
    }
    if (k->over == SBX_MECH_OVER_SUM || of_signs) {
        if (NUM_(lt)(&t, s) != SBX_TRUE && !(of_signs && NUM_(lt)(s, &t) == SBX_TRUE))
            SBX_FAIL(err, SBX_ERR_DOMAIN, "the weights of a row sum to 0%s",
                     NUM_ENCLOSE ? ", perhaps" : "");
    } else {
        SBX_TRY(NUM_(max)(s, s, &t, r->ctx, err)); /* an enclosure of what is >= 0 */
        SBX_TRY(FN(sbx_mech_param)(&t, r, k->eps, 0, err));
        SBX_TRY(k->over == SBX_MECH_OVER_ADD ? NUM_(add)(s, s, &t, r->ctx, err)
                                             : NUM_(max)(s, s, &t, r->ctx, err));
    }
    for (size_t c = 0; c < r->dv; c++)
        SBX_TRY(NUM_(div)(&o[c], &o[c], s, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* sums over keys [from, to) added to kv = sum psi v^T and ks = sum psi */
static sbx_status FN(take)(NUM *kv, NUM *ks, FN(sbx_mech_run) * r, size_t dim, size_t from,
                           size_t to, sbx_err *err)
{
    const NUM *const keys = r->state + r->n * dim;
    sbx_status st = SBX_OK;
    for (size_t j = from; j < to; j++)
        for (size_t a = 0; a < dim; a++) {
            const NUM *const key = &keys[j * dim + a];
            SBX_TRY(NUM_(add)(&ks[a], &ks[a], key, r->ctx, err));
            for (size_t c = 0; c < r->dv; c++)
                SBX_TRY(FN(sbx_mech_fma)(&kv[a * r->dv + c], key, &r->in.v[j * r->dv + c], r, err));
        }
done:
    return st;
}

/* Row i of a chunk that begins at key `from`: what stands before it comes from kv and ks. */
static sbx_status FN(chunk_row)(NUM *o, FN(sbx_mech_run) * r, const sbx_mech_kernel *k,
                                FN(sbx_mech_raw) * raw, size_t i, size_t from, sbx_err *err)
{
    NUM *const kv = r->work, *const ks = kv + k->dim * r->dv, *const w = ks + k->dim,
               *const t = w + r->m;
    const NUM *const q = r->state + i * k->dim;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(inner)(w, r, k, raw, i, from, i + 1, err));
    SBX_TRY(FN(sbx_mech_sum)(&t[0], &w[from], 1, i + 1 - from, r, err));
    if (from) {
        SBX_TRY(FN(sbx_mech_dot)(&t[1], q, 1, ks, 1, k->dim, r, err));
        SBX_TRY(NUM_(add)(&t[0], &t[0], &t[1], r->ctx, err));
    }
    for (size_t c = 0; c < r->dv; c++) {
        SBX_TRY(FN(sbx_mech_dot)(&o[c], &w[from], 1, &r->in.v[from * r->dv + c], r->dv,
                                 i + 1 - from, r, err));
        if (from == 0) continue;
        SBX_TRY(FN(sbx_mech_dot)(&t[1], q, 1, &kv[c], r->dv, k->dim, r, err));
        SBX_TRY(NUM_(add)(&o[c], &o[c], &t[1], r->ctx, err));
    }
    SBX_TRY(FN(finish)(o, &t[0], i + 1, r, k, err));
done:
    return st;
}

/* Row i from the sums over the keys it sees. */
static sbx_status FN(sums_row)(NUM *o, FN(sbx_mech_run) * r, const sbx_mech_kernel *k, size_t i,
                               sbx_err *err)
{
    NUM *const kv = r->work, *const ks = kv + k->dim * r->dv, *const t = ks + k->dim + r->m;
    const NUM *const q = r->state + i * k->dim;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_dot)(t, q, 1, ks, 1, k->dim, r, err));
    SBX_TRY(FN(sbx_mech_mix)(o, q, kv, k->dim, r->dv, r, err));
    SBX_TRY(FN(finish)(o, t, k->causal ? i + 1 : r->m, r, k, err));
done:
    return st;
}

sbx_status FN(sbx_mech_kernel_output)(NUM *o, FN(sbx_mech_run) * r, const sbx_mech_kernel *k,
                                      FN(sbx_mech_raw) * raw, sbx_err *err)
{
    NUM *const kv = r->work, *const ks = kv + k->dim * r->dv, *const w = ks + k->dim;
    const bool chunked = k->causal && k->form == SBX_MECH_CHUNKED;
    sbx_status st = SBX_OK;
    size_t from = 0;
    for (size_t x = 0; x < k->dim * (r->dv + 1); x++)
        SBX_TRY(NUM_(set_si)(&kv[x], 0, r->ctx, err));
    if (!k->causal && k->form != SBX_MECH_PARALLEL)
        SBX_TRY(FN(take)(kv, ks, r, k->dim, 0, r->m, err));
    for (size_t i = 0; i < r->n; i++) {
        NUM *const row = o + i * r->dv;
        if (k->form == SBX_MECH_PARALLEL) {
            SBX_TRY(FN(sbx_mech_kernel_row)(w, r, k, raw, i, err));
            SBX_TRY(FN(sbx_mech_mix)(row, w, r->in.v, k->causal ? i + 1 : r->m, r->dv, r, err));
        } else if (chunked) {
            SBX_TRY(FN(chunk_row)(row, r, k, raw, i, from, err));
            if (i + 1 - from < k->tile) continue;
            SBX_TRY(FN(take)(kv, ks, r, k->dim, from, i + 1, err));
            from = i + 1;
        } else {
            if (k->causal) SBX_TRY(FN(take)(kv, ks, r, k->dim, i, i + 1, err));
            SBX_TRY(FN(sums_row)(row, r, k, i, err));
        }
    }
done:
    return st;
}

sbx_status FN(sbx_mech_pi)(NUM *z, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpq_t lo, hi;
    mpq_inits(lo, hi, NULL);
    around_pi(lo, hi, r->ctx);
    SBX_TRY(NUM_(set_q)(z, lo, r->ctx, err));
#if NUM_ENCLOSE
    {
        NUM t;
        NUM_(init)(&t, r->ctx);
        st = NUM_(set_q)(&t, hi, r->ctx, err);
        if (st == SBX_OK) st = NUM_(hull)(z, z, &t, r->ctx, err);
        NUM_(clear)(&t);
    }
#endif
done:
    mpq_clears(lo, hi, NULL);
    return st;
}

sbx_status FN(sbx_mech_affine)(NUM *z, const NUM *w, const NUM *b, const NUM *x,
                               const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_dot)(z, w, 1, x, 1, r->d, r, err));
    SBX_TRY(NUM_(add)(z, z, b, r->ctx, err));
done:
    return st;
}

sbx_status FN(sbx_mech_root)(NUM *z, size_t d, const FN(sbx_mech_run) * r, sbx_err *err)
{
    const size_t root = sbx_mech_square(d);
    sbx_status st = SBX_OK;
    NUM one, t;
    NUM_(init)(&one, r->ctx);
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, r->ctx, err));
    SBX_TRY(NUM_(set_si)(&t, (long)(root ? root : d), r->ctx, err));
    if (!root) SBX_TRY(NUM_(sqrt)(&t, &t, r->ctx, err));
    SBX_TRY(NUM_(div)(z, &one, &t, r->ctx, err));
done:
    NUM_(clear)(&t);
    NUM_(clear)(&one);
    return st;
}
