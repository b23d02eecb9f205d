/* norm/plsoftmax.c -- PLSoftMax (Epasto, Mahdian, Mirrokni and Zampetakis 2020), from its
 * random-threshold form: the mean over t in [0, delta] of the uniform distribution on
 * { i : x_i >= max x - t } [L-NRM-12].
 *
 * With z_j = min((max x - x_j) / delta, 1), in increasing order z_(1) = 0, z_(2), .., and r the
 * number of j with z_j <= z_i,
 *
 *   p_i = 1/n - z_i / r + sum_{j > r} z_(j) / (j (j - 1)),
 *
 * and for a j whose place is not certain max(z_(j), z_i) / (j (j - 1)) stands in the sum.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/plsoftmax.c"
#include "norm/every.h"

static const sbx_param params[] = {{"delta", "scale: the error grows with it, the slope falls", "1",
                                    "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_plsoftmax = {
    .info = {.name = "plsoftmax",
             .formula = "mean over t in [0, delta] of uniform { i : x_i >= max - t }",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_MONOTONE, /* [L-NRM-13] */
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT |
                       SBX_NORM_CONTINUOUS | SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC,
             .param = params,
             .n_params = 1},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
/* z[j] = min((max x - x_j) / delta, 1) >= 0 */
static sbx_status FN(gaps)(NUM *z, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(4, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[2], 1, ctx, err));
    NUM_(set)(&t[1], &x[0]);
    for (size_t j = 1; j < n; j++)
        SBX_TRY(NUM_(max)(&t[1], &t[1], &x[j], ctx, err));
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(NUM_(sub)(&z[j], &t[1], &x[j], ctx, err));
        SBX_TRY(NUM_(div)(&z[j], &z[j], &t[0], ctx, err));
        SBX_TRY(NUM_(min)(&z[j], &z[j], &t[2], ctx, err));
        SBX_TRY(NUM_(max)(&z[j], &z[j], &t[3], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, 4);
    return st;
}

/* z = v / (j (j - 1)), j >= 2 */
static sbx_status FN(over)(NUM *z, const NUM *v, size_t j, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, ctx);
    SBX_TRY(NUM_(set_si)(&t, (long)j, ctx, err));
    SBX_TRY(NUM_(div)(z, v, &t, ctx, err));
    SBX_TRY(NUM_(set_si)(&t, (long)j - 1, ctx, err));
    SBX_TRY(NUM_(div)(z, z, &t, ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* How many of z[0..n), which is in increasing order, are surely <= v: at least 1, because the
 * least of all is. */
static size_t FN(surely_below)(const NUM *z, const NUM *v, size_t n)
{
    size_t lo = 1, hi = n;
    while (lo < hi) {
        const size_t m = lo + (hi - lo) / 2;
        if (NUM_(le)(&z[m], v) == SBX_TRUE)
            lo = m + 1;
        else
            hi = m;
    }
    return lo;
}

/* How many come before the first from `from` on that is surely >= v. */
static size_t FN(before_above)(const NUM *z, const NUM *v, size_t from, size_t n)
{
    size_t lo = from, hi = n;
    while (lo < hi) {
        const size_t m = lo + (hi - lo) / 2;
        if (NUM_(le)(v, &z[m]) == SBX_TRUE)
            hi = m;
        else
            lo = m + 1;
    }
    return lo;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *z = FN(sbx_norm_new)(n, ctx), *s = FN(sbx_norm_new)(n, ctx);
    NUM *suf = FN(sbx_norm_new)(n + 1, ctx), *t = FN(sbx_norm_new)(3, ctx);
    if (!z || !s || !suf || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(gaps)(z, x, n, a, ctx, err));
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(neg)(&p[j], &z[j], ctx, err));
    SBX_TRY(FN(sbx_norm_sort)(s, p, n, ctx, err));
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(neg)(&s[j], &s[j], ctx, err)); /* increasing */
    SBX_TRY(NUM_(set_si)(&t[0], 1, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[1], (long)n, ctx, err));
    SBX_TRY(NUM_(div)(&suf[n], &t[0], &t[1], ctx, err)); /* 1/n + sum of s[j..n) */
    for (size_t j = n; j-- > 1;) {
        SBX_TRY(FN(over)(&t[0], &s[j], j + 1, ctx, err));
        SBX_TRY(NUM_(add)(&suf[j], &suf[j + 1], &t[0], ctx, err));
    }
    for (size_t i = 0; i < n; i++) {
        const size_t r = FN(surely_below)(s, &z[i], n), e = FN(before_above)(s, &z[i], r, n);
        SBX_TRY(NUM_(set_si)(&t[0], (long)r, ctx, err));
        SBX_TRY(NUM_(div)(&t[0], &z[i], &t[0], ctx, err));
        SBX_TRY(NUM_(sub)(&t[0], &suf[e], &t[0], ctx, err));
        for (size_t j = r; j < e; j++) {
            SBX_TRY(NUM_(max)(&t[1], &s[j], &z[i], ctx, err));
            SBX_TRY(FN(over)(&t[2], &t[1], j + 1, ctx, err));
            SBX_TRY(NUM_(add)(&t[0], &t[0], &t[2], ctx, err));
        }
        NUM_(set)(&p[i], &t[0]);
    }
done:
    FN(sbx_norm_free)(t, 3);
    FN(sbx_norm_free)(suf, n + 1);
    FN(sbx_norm_free)(s, n);
    FN(sbx_norm_free)(z, n);
    return st;
}

/* What is known of the place of each x_j in decreasing order, and of the number of z_j < 1. */
typedef struct FN(place) {
    size_t least, most;   /* from 1 */
    unsigned char counts; /* z_j < 1: 0 no, 1 perhaps, 2 yes */
} FN(place);

static void FN(places)(FN(place) * w, size_t *k_least, size_t *k_most, const NUM *z, const NUM *one,
                       size_t n)
{
    *k_least = *k_most = 0;
    for (size_t j = 0; j < n; j++) {
        size_t before = 0, after = 0;
        for (size_t l = 0; l < n; l++) {
            if (l == j) continue;
            if (NUM_(lt)(&z[l], &z[j]) == SBX_TRUE ||
                (!NUM_ENCLOSE && l < j && NUM_(eq)(&z[l], &z[j]) == SBX_TRUE))
                before++;
            else if (!NUM_ENCLOSE || NUM_(lt)(&z[j], &z[l]) == SBX_TRUE)
                after++;
        }
        w[j].least = before + 1;
        w[j].most = n - after;
        w[j].counts = NUM_(lt)(&z[j], one) == SBX_TRUE                   ? 2
                      : !NUM_ENCLOSE || NUM_(lt)(one, &z[j]) == SBX_TRUE ? 0
                                                                         : 1;
        *k_least += w[j].counts == 2;
        *k_most += w[j].counts > 0;
    }
    if (*k_least == 0) *k_least = 1;
}

/* The least and the greatest that an entry can be, as fractions u/v. */
typedef struct FN(span) {
    long u[2], v[2];
    bool any;
} FN(span);

static void FN(may_be)(FN(span) * s, long u, long v)
{
    if (!s->any || u * s->v[0] < s->u[0] * v) s->u[0] = u, s->v[0] = v;
    if (!s->any || u * s->v[1] > s->u[1] * v) s->u[1] = u, s->v[1] = v;
    s->any = true;
}

/* The matrix of a cell in which x_i has place r and x_k has place q, m of the z below 1: row
 * r = 1: (m - 1)/m on the diagonal, -1/(q (q - 1)) after it; row r >= 2: -1/m in column 1, 1/r
 * on the diagonal, -1/(q (q - 1)) after it, 0 before it. An entry over a box lies between the
 * least and the greatest that the places allow [L-NRM-13]. */
static void FN(entry)(FN(span) * s, const FN(place) * i, const FN(place) * k, bool diagonal,
                      size_t m_least, size_t m_most)
{
    if (i->counts < 2 || k->counts < 2) FN(may_be)(s, 0, 1);
    if (!i->counts || !k->counts) return;
    if (diagonal) {
        if (i->least == 1) {
            FN(may_be)(s, (long)m_least - 1, (long)m_least);
            FN(may_be)(s, (long)m_most - 1, (long)m_most);
        }
        if (i->most >= 2) {
            FN(may_be)(s, 1, (long)(i->least < 2 ? 2 : i->least));
            FN(may_be)(s, 1, (long)i->most);
        }
        return;
    }
    if (k->least == 1 && i->most >= 2) {
        FN(may_be)(s, -1, (long)m_least < 2 ? 2 : (long)m_least);
        FN(may_be)(s, -1, (long)m_most);
    }
    if (k->most >= 2 && i->least < k->most) { /* k after i */
        const size_t after = i->least + 1;
        const long q = (long)(k->least < after ? after : k->least), e = (long)k->most;
        FN(may_be)(s, -1, q * (q - 1));
        FN(may_be)(s, -1, e * (e - 1));
    }
    if (k->most >= 2 && k->least < i->most) FN(may_be)(s, 0, 1); /* k before i, not first */
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *z = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(4, ctx);
    FN(place) *w = sbx_alloc(n, sizeof *w);
    size_t k_least = 0, k_most = 0;
    if (!z || !t || !w) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(gaps)(z, x, n, a, ctx, err));
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[1], 1, ctx, err));
    FN(places)(w, &k_least, &k_most, z, &t[1], n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            FN(span) s = {{0, 0}, {1, 1}, false};
            NUM *out = &j[i * n + k];
            FN(entry)(&s, &w[i], &w[k], i == k, k_least, k_most);
            for (int e = 0; e < 2; e++) {
                SBX_TRY(NUM_(set_si)(&t[2 + e], s.u[e], ctx, err));
                SBX_TRY(NUM_(set_si)(&t[1], s.v[e], ctx, err));
                SBX_TRY(NUM_(div)(&t[2 + e], &t[2 + e], &t[1], ctx, err));
                SBX_TRY(NUM_(div)(&t[2 + e], &t[2 + e], &t[0], ctx, err));
            }
#if NUM_ENCLOSE
            SBX_TRY(NUM_(hull)(out, &t[2], &t[3], ctx, err));
#else
            NUM_(set)(out, &t[2]);
#endif
        }
done:
    sbx_free(w);
    FN(sbx_norm_free)(t, 4);
    FN(sbx_norm_free)(z, n);
    return st;
}
#endif
