/* norm/oscarmax.c -- oscarmax (Niculae and Blondel 2017): sparsemax after OSCAR's clustering of equal magnitudes.
 *
 * u minimises |u - x|^2 / 2 + alpha sum |u_i| + beta sum_{i<j} max(|u_i|, |u_j|): in decreasing order of |x| the
 * nearest decreasing sequence >= 0 to |x|_(i) - alpha - beta (n - i), with the signs of x [L-NRM-26]. It moves no
 * further than x does, in the Euclidean norm; so over a box it is within the half diagonal of the exact u of
 * the centre. Then the projection. It has no Jacobian here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/oscarmax.c"
#include "norm/every.h"

static const sbx_param params[] = {{"alpha", "weight of the magnitudes", "0", "0", NULL, 0},
                                   {"beta", "weight of the pairs", "1", "0", NULL, 0}};

const sbx_norm sbx_norm_oscarmax = {
    .info = {.name = "oscarmax",
             .formula = "sparsemax(u), u nearest to x with weight sum_(i<j) max(|u_i|, |u_j|)",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_BRANCH,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_CONTINUOUS |
                       SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC,
             .param = params,
             .n_params = 2},
    SBX_NORM_EVAL(eval)};
#else
#if !NUM_ENCLOSE
/* c[i]: the place of the i-th greatest magnitude m[] */
static void FN(order)(size_t *c, const NUM *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = i;
        for (; k > 0 && NUM_(lt)(&m[c[k - 1]], &m[i]) == SBX_TRUE; k--)
            c[k] = c[k - 1];
        c[k] = i;
    }
}

/* v[0..n) becomes the nearest decreasing sequence: neighbours in the wrong order are pooled; s[b], the
 * sum of block b, len[b] its length */
static sbx_status FN(pool)(NUM *v, NUM *s, size_t *len, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    size_t blocks = 0;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    for (size_t i = 0; i < n; i++) {
        NUM_(set)(&s[blocks], &v[i]);
        len[blocks++] = 1;
        while (blocks > 1) {
            SBX_TRY(NUM_(set_si)(&t[0], (long)len[blocks - 2], ctx, err));
            SBX_TRY(NUM_(div)(&t[0], &s[blocks - 2], &t[0], ctx, err));
            SBX_TRY(NUM_(set_si)(&t[1], (long)len[blocks - 1], ctx, err));
            SBX_TRY(NUM_(div)(&t[1], &s[blocks - 1], &t[1], ctx, err));
            if (NUM_(le)(&t[1], &t[0]) != SBX_FALSE) break;
            SBX_TRY(NUM_(add)(&s[blocks - 2], &s[blocks - 2], &s[blocks - 1], ctx, err));
            len[blocks - 2] += len[blocks - 1];
            blocks--;
        }
    }
    for (size_t b = 0, i = 0; b < blocks; b++) {
        SBX_TRY(NUM_(set_si)(&t[0], (long)len[b], ctx, err));
        SBX_TRY(NUM_(div)(&t[0], &s[b], &t[0], ctx, err));
        for (size_t k = 0; k < len[b]; k++)
            NUM_(set)(&v[i++], &t[0]);
    }
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

static sbx_status FN(cluster)(NUM *u, const NUM *x, size_t n, const sbx_norm_args *a,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *m = FN(sbx_norm_new)(n, ctx), *v = FN(sbx_norm_new)(n, ctx), *s = FN(sbx_norm_new)(n, ctx);
    NUM *t = FN(sbx_norm_new)(4, ctx);
    size_t *c = sbx_alloc(n, sizeof *c), *len = sbx_alloc(n, sizeof *len);
    if (!m || !v || !s || !t || !c || !len)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&t[1], a, 1, 0, ctx, err));
    for (size_t i = 0; i < n; i++)
        SBX_TRY(NUM_(abs)(&m[i], &x[i], ctx, err));
    FN(order)(c, m, n);
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(set_si)(&t[2], (long)(n - 1 - i), ctx, err));
        SBX_TRY(NUM_(mul)(&t[2], &t[2], &t[1], ctx, err));
        SBX_TRY(NUM_(sub)(&v[i], &m[c[i]], &t[0], ctx, err));
        SBX_TRY(NUM_(sub)(&v[i], &v[i], &t[2], ctx, err));
    }
    SBX_TRY(FN(pool)(v, s, len, n, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(max)(&v[i], &v[i], &t[3], ctx, err));
        if (NUM_(lt)(&x[c[i]], &t[3]) == SBX_TRUE) SBX_TRY(NUM_(neg)(&v[i], &v[i], ctx, err));
        NUM_(set)(&m[c[i]], &v[i]);
    }
    for (size_t i = 0; i < n; i++)
        NUM_(set)(&u[i], &m[i]);
done:
    sbx_free(len);
    sbx_free(c);
    FN(sbx_norm_free)(t, 4);
    FN(sbx_norm_free)(s, n);
    FN(sbx_norm_free)(v, n);
    FN(sbx_norm_free)(m, n);
    return st;
}
#else
/* the centre exactly, and the half diagonal around it */
static sbx_status FN(cluster)(NUM *u, const NUM *x, size_t n, const sbx_norm_args *a,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_mpq *c = sbx_norm_new_mpq(n, ctx);
    NUM r, t;
    mpq_t lo, hi, sum;
    mpq_inits(lo, hi, sum, NULL);
    NUM_(init)(&r, ctx);
    NUM_(init)(&t, ctx);
    if (!c) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(get_q)(lo, hi, &x[i], err));
        mpq_add(c[i].v, lo, hi);
        mpq_div_2exp(c[i].v, c[i].v, 1);
        mpq_sub(hi, hi, c[i].v);
        mpq_mul(hi, hi, hi);
        mpq_add(sum, sum, hi);
    }
    SBX_TRY(cluster_mpq(c, c, n, a, ctx, err));
    SBX_TRY(NUM_(set_q)(&r, sum, ctx, err));
    SBX_TRY(NUM_(sqrt)(&r, &r, ctx, err));
    SBX_TRY(NUM_(neg)(&t, &r, ctx, err));
    SBX_TRY(NUM_(hull)(&r, &r, &t, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(set_q)(&t, c[i].v, ctx, err));
        SBX_TRY(NUM_(add)(&u[i], &t, &r, ctx, err));
    }
done:
    mpq_clears(lo, hi, sum, NULL);
    NUM_(clear)(&t);
    NUM_(clear)(&r);
    sbx_norm_free_mpq(c, n);
    return st;
}
#endif

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM one;
    NUM_(init)(&one, ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, ctx, err));
    SBX_TRY(FN(cluster)(p, x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_project)(p, p, n, &one, ctx, err));
done:
    NUM_(clear)(&one);
    return st;
}
#endif
