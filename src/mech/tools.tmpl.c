/* mech/tools.tmpl.c -- what the templates of the mechanisms share: products, sums, rows of weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "mech/mech.h"
#endif

NUM *FN(sbx_mech_new)(size_t n, const sbx_ctx *ctx)
{
    NUM *v = sbx_alloc(n ? n : 1, sizeof *v);
    for (size_t j = 0; v && j < n; j++)
        NUM_(init)(&v[j], ctx);
    return v;
}

void FN(sbx_mech_free)(NUM *v, size_t n)
{
    for (size_t j = 0; v && j < n; j++)
        NUM_(clear)(&v[j]);
    sbx_free(v);
}

sbx_status FN(sbx_mech_param)(NUM *z, const FN(sbx_mech_run) * r, size_t k, size_t i, sbx_err *err)
{
    return NUM_(set_q)(z, r->a->value[k].v[i], r->ctx, err);
}

sbx_status FN(sbx_mech_inverse_root)(NUM *z, size_t n, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t root = 0;
    NUM one, t;
    while ((root + 1) * (root + 1) <= n)
        root++;
    NUM_(init)(&one, r->ctx);
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, r->ctx, err));
    SBX_TRY(NUM_(set_si)(&t, (long)(root * root == n ? root : n), r->ctx, err));
    if (root * root != n) SBX_TRY(NUM_(sqrt)(&t, &t, r->ctx, err));
    SBX_TRY(NUM_(div)(z, &one, &t, r->ctx, err));
done:
    NUM_(clear)(&one);
    NUM_(clear)(&t);
    return st;
}

sbx_status FN(sbx_mech_scale)(NUM *z, const FN(sbx_mech_run) * r, size_t k, size_t d, sbx_err *err)
{
    if (!sbx_value_is(&r->a->value[k], 0)) return FN(sbx_mech_param)(z, r, k, 0, err);
    return FN(sbx_mech_inverse_root)(z, d, r, err);
}

#ifdef NUM_MACHINE
sbx_status FN(sbx_mech_fma)(NUM *s, const NUM *a, const NUM *b, const FN(sbx_mech_run) * r,
                            sbx_err *err)
{
    (void)r;
    (void)err;
    NUM_(total)(s, s, a, 0, b, 0, 1);
    return SBX_OK;
}

sbx_status FN(sbx_mech_dot)(NUM *z, const NUM *a, size_t sa, const NUM *b, size_t sb, size_t n,
                            const FN(sbx_mech_run) * r, sbx_err *err)
{
    if (n == 0) return NUM_(set_si)(z, 0, r->ctx, err);
    NUM_(total)(z, NULL, a, sa, b, sb, n);
    return SBX_OK;
}

sbx_status FN(sbx_mech_sum)(NUM *z, const NUM *a, size_t sa, size_t n, const FN(sbx_mech_run) * r,
                            sbx_err *err)
{
    if (n == 0) return NUM_(set_si)(z, 0, r->ctx, err);
    NUM_(total)(z, NULL, a, sa, NULL, 0, n);
    return SBX_OK;
}
#else
sbx_status FN(sbx_mech_fma)(NUM *s, const NUM *a, const NUM *b, const FN(sbx_mech_run) * r,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, r->ctx);
    SBX_TRY(NUM_(mul)(&t, a, b, r->ctx, err));
    SBX_TRY(NUM_(add)(s, s, &t, r->ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

sbx_status FN(sbx_mech_dot)(NUM *z, const NUM *a, size_t sa, const NUM *b, size_t sb, size_t n,
                            const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(NUM_(set_si)(z, 0, r->ctx, err));
    if (n) SBX_TRY(NUM_(mul)(z, a, b, r->ctx, err));
    for (size_t k = 1; k < n; k++)
        SBX_TRY(FN(sbx_mech_fma)(z, &a[k * sa], &b[k * sb], r, err));
done:
    return st;
}

sbx_status FN(sbx_mech_sum)(NUM *z, const NUM *a, size_t sa, size_t n, const FN(sbx_mech_run) * r,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(NUM_(set_si)(z, 0, r->ctx, err));
    if (n) NUM_(set)(z, a);
    for (size_t k = 1; k < n; k++)
        SBX_TRY(NUM_(add)(z, z, &a[k * sa], r->ctx, err));
done:
    return st;
}

#endif

sbx_status FN(sbx_mech_scores)(NUM *s, const NUM *scale, size_t i, const FN(sbx_mech_run) * r,
                               sbx_err *err)
{
    const NUM *const q = r->in.q + i * r->d;
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < r->m; j++) {
        SBX_TRY(FN(sbx_mech_dot)(&s[j], q, 1, r->in.k + j * r->d, 1, r->d, r, err));
        SBX_TRY(NUM_(mul)(&s[j], &s[j], scale, r->ctx, err));
    }
done:
    return st;
}

sbx_status FN(sbx_mech_top)(NUM *z, const NUM *s, size_t n, const FN(sbx_mech_run) * r,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM_(set)(z, &s[0]);
    for (size_t j = 1; j < n; j++)
        SBX_TRY(NUM_(max)(z, z, &s[j], r->ctx, err));
    SBX_TRY(NUM_(end)(z, z, SBX_HI, err));
done:
    return st;
}

#ifdef NUM_MACHINE
/* w[j] / sum w; one: the sum is exactly at least 1 */
static sbx_status FN(shares)(NUM *w, size_t n, bool one, const FN(sbx_mech_run) * r, sbx_err *err)
{
    static const sbx_norm row = {.info = {.name = "a row"}};
    const sbx_norm_args a = {.norm = &row, .zero_row = r->a->zero_row};
    sbx_status st = SBX_OK;
    NUM s, zero;
    NUM_(init)(&s, r->ctx);
    NUM_(init)(&zero, r->ctx);
    for (size_t j = 0; j < n && !one; j++)
        SBX_TRY(NUM_(max)(&w[j], &w[j], &zero, r->ctx, err));
    SBX_TRY(FN(sbx_mech_sum)(&s, w, 1, n, r, err));
    if (one) NUM_(sure)(&s);
    if (!one && NUM_(eq)(&s, &zero) == SBX_TRUE) {
        SBX_TRY(FN(sbx_norm_weights)(w, w, NULL, n, &a, r->ctx, err));
        goto done;
    }
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(share)(&w[j], &w[j], &s, r->ctx, err));
done:
    NUM_(clear)(&zero);
    NUM_(clear)(&s);
    return st;
}

sbx_status FN(sbx_mech_weights)(NUM *w, size_t n, const FN(sbx_mech_run) * r, sbx_err *err)
{
    return FN(shares)(w, n, false, r, err);
}
#else
/* The normalizers' way: their arguments hold no more than a name and what a row of zeros is. */
sbx_status FN(sbx_mech_weights)(NUM *w, size_t n, const FN(sbx_mech_run) * r, sbx_err *err)
{
    static const sbx_norm row = {.info = {.name = "a row"}};
    const sbx_norm_args a = {.norm = &row, .zero_row = r->a->zero_row};
    return FN(sbx_norm_weights)(w, w, NULL, n, &a, r->ctx, err);
}
#endif

sbx_status FN(sbx_mech_signed_weights)(NUM *w, size_t n, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool zeros = true;
    NUM s, zero;
    NUM_(init)(&s, r->ctx);
    NUM_(init)(&zero, r->ctx);
    for (size_t j = 0; j < n; j++)
        zeros = zeros && NUM_(eq)(&w[j], &zero) == SBX_TRUE;
    if (zeros) {
        st = FN(sbx_mech_weights)(w, n, r, err);
        goto done;
    }
    SBX_TRY(FN(sbx_mech_sum)(&s, w, 1, n, r, err));
    if (NUM_(lt)(&zero, &s) != SBX_TRUE && NUM_(lt)(&s, &zero) != SBX_TRUE)
        SBX_FAIL(err, SBX_ERR_DOMAIN, "the weights of a row sum to 0%s, and are not all 0",
                 NUM_ENCLOSE ? ", perhaps" : "");
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(div)(&w[j], &w[j], &s, r->ctx, err));
done:
    NUM_(clear)(&zero);
    NUM_(clear)(&s);
    return st;
}

sbx_status FN(sbx_mech_below)(NUM *z, const NUM *x, const NUM *top, const FN(sbx_mech_run) * r,
                              sbx_err *err)
{
#ifdef NUM_MACHINE
    return NUM_(shift)(z, x, top, r->ctx, err);
#else
    return NUM_(sub)(z, x, top, r->ctx, err);
#endif
}

sbx_status FN(sbx_mech_softmax)(NUM *w, const NUM *s, size_t n, const FN(sbx_mech_run) * r,
                                sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM top;
    NUM_(init)(&top, r->ctx);
    SBX_TRY(FN(sbx_mech_top)(&top, s, n, r, err));
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(FN(sbx_mech_below)(&w[j], &s[j], &top, r, err));
        SBX_TRY(NUM_(exp)(&w[j], &w[j], r->ctx, err));
    }
#ifdef NUM_MACHINE
    SBX_TRY(FN(shares)(w, n, true, r, err));
#else
    SBX_TRY(FN(sbx_mech_weights)(w, n, r, err));
#endif
done:
    NUM_(clear)(&top);
    return st;
}

sbx_status FN(sbx_mech_softmax_of)(NUM *w, const NUM *s, const bool *in, size_t n, NUM *t,
                                   const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t k = 0;
    for (size_t j = 0; j < n; j++)
        if (in[j]) NUM_(set)(&t[k++], &s[j]);
    if (k) SBX_TRY(FN(sbx_mech_softmax)(t, t, k, r, err));
    k = 0;
    for (size_t j = 0; j < n; j++) {
        if (in[j])
            NUM_(set)(&w[j], &t[k++]);
        else
            SBX_TRY(NUM_(set_si)(&w[j], 0, r->ctx, err));
    }
done:
    return st;
}

/* a stands before b: it is greater, or not less and earlier */
static bool FN(before)(const NUM *s, size_t a, size_t b)
{
    if (NUM_(lt)(&s[b], &s[a]) == SBX_TRUE) return true;
    return NUM_(lt)(&s[a], &s[b]) != SBX_TRUE && a < b;
}

/* a heap whose root stands after all others of it */
static void FN(sift)(size_t *heap, size_t n, size_t at, const NUM *s)
{
    for (size_t c = 2 * at + 1; c < n; at = c, c = 2 * at + 1) {
        const size_t top = heap[at];
        if (c + 1 < n && FN(before)(s, heap[c], heap[c + 1])) c++;
        if (FN(before)(s, heap[c], top)) return;
        heap[at] = heap[c];
        heap[c] = top;
    }
}

#if NUM_ENCLOSE
/* is a before b at every point */
static bool FN(surely_before)(const NUM *s, size_t a, size_t b)
{
    if (NUM_(lt)(&s[b], &s[a]) == SBX_TRUE) return true;
    return NUM_(eq)(&s[a], &s[b]) == SBX_TRUE && a < b;
}
#endif

sbx_status FN(sbx_mech_top_k)(bool *in, const NUM *s, size_t n, size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t *heap = NULL;
    for (size_t j = 0; j < n; j++)
        in[j] = k >= n;
    if (k >= n || k == 0) return SBX_OK;
    heap = sbx_alloc(k, sizeof *heap);
    if (!heap) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", k);
    for (size_t j = 0; j < k; j++)
        heap[j] = j;
    for (size_t j = k; j-- > 0;)
        FN(sift)(heap, k, j, s);
    for (size_t j = k; j < n; j++) {
        if (!FN(before)(s, j, heap[0])) continue;
        heap[0] = j;
        FN(sift)(heap, k, 0, s);
    }
    for (size_t j = 0; j < k; j++)
        in[heap[j]] = true;
#if NUM_ENCLOSE
    for (size_t j = 0; j < k; j++)
        for (size_t b = 0; b < n; b++)
            if (!in[b] && !FN(surely_before)(s, heap[j], b))
                SBX_FAIL(err, SBX_ERR_DOMAIN,
                         "which %zu of %zu scores are the greatest is not certain", k, n);
#endif
done:
    sbx_free(heap);
    return st;
}

sbx_status FN(sbx_mech_mix)(NUM *o, const NUM *w, const NUM *v, size_t m, size_t dv,
                            const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t c = 0; c < dv; c++)
        SBX_TRY(FN(sbx_mech_dot)(&o[c], w, 1, &v[c], dv, m, r, err));
done:
    return st;
}

sbx_status FN(sbx_mech_relu)(NUM *z, const NUM *x, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st;
    NUM zero;
    NUM_(init)(&zero, r->ctx);
    st = NUM_(max)(z, x, &zero, r->ctx, err);
    NUM_(clear)(&zero);
    return st;
}

/* at a point */
static sbx_status FN(elu1_at)(NUM *z, const NUM *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, ctx);
    if (NUM_(lt)(&t, x) == SBX_TRUE) {
        SBX_TRY(NUM_(set_si)(&t, 1, ctx, err));
        SBX_TRY(NUM_(add)(z, x, &t, ctx, err));
    } else {
        SBX_TRY(NUM_(exp)(z, x, ctx, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

sbx_status FN(sbx_mech_elu1)(NUM *z, const NUM *x, const FN(sbx_mech_run) * r, sbx_err *err)
{
#if NUM_ENCLOSE
    sbx_status st = SBX_OK;
    NUM lo, hi;
    NUM_(init)(&lo, r->ctx);
    NUM_(init)(&hi, r->ctx);
    SBX_TRY(NUM_(end)(&lo, x, SBX_LO, err));
    SBX_TRY(NUM_(end)(&hi, x, SBX_HI, err));
    SBX_TRY(FN(elu1_at)(&lo, &lo, r->ctx, err));
    SBX_TRY(FN(elu1_at)(&hi, &hi, r->ctx, err));
    SBX_TRY(NUM_(hull)(z, &lo, &hi, r->ctx, err));
done:
    NUM_(clear)(&lo);
    NUM_(clear)(&hi);
    return st;
#else
    return FN(elu1_at)(z, x, r->ctx, err);
#endif
}
