/* norm/oscarmax.c -- oscarmax (Niculae and Blondel 2017): sparsemax after OSCAR's clustering of equal magnitudes.
 *
 * u minimises |u - x|^2 / 2 + alpha sum |u_i| + beta sum_{i<j} max(|u_i|, |u_j|): in decreasing order of |x| the
 * nearest decreasing sequence >= 0 to |x|_(i) - alpha - beta (n - i), with the signs of x [L-NRM-26]. It moves no
 * further than x does, in the Euclidean norm; so over a box it is within the half diagonal of the exact u of
 * the centre. Then the projection. Where the clusters of the centre are proved to be those of the whole box the
 * derivatives are means with signs over them, else entries are in [-1, 1] [L-NRM-86].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

/* The clusters: of[i] is that of score i, 0 .. count - 1 from the greatest, count where u_i = 0. For alpha = 0 the
 * least magnitude costs nothing: alone in the last place it is a cluster of its own even where it is 0. */
typedef struct clusters {
    size_t *of, count;
} clusters;

/* The sums of the t greatest of v[0..m), which is put in order, and of the weights alpha + beta (n - 1 - k), k from
 * `at`: is top - weights < t mean for t = 1 .. last */
static bool within(mpq_t *v, size_t m, size_t last, size_t at, size_t n, mpq_srcptr alpha,
                   mpq_srcptr beta, mpq_srcptr mean)
{
    bool ok = true;
    mpq_t sum, t;
    mpq_inits(sum, t, NULL);
    for (size_t i = 1; i < m; i++)
        for (size_t k = i; k > 0 && mpq_cmp(v[k - 1], v[k]) < 0; k--)
            mpq_swap(v[k - 1], v[k]);
    for (size_t k = 0; k < last && ok; k++) {
        mpq_set_ui(t, n - 1 - at - k, 1);
        mpq_mul(t, t, beta);
        mpq_add(t, t, alpha);
        mpq_add(t, t, mean);
        mpq_add(sum, sum, v[k]);
        mpq_sub(sum, sum, t);
        ok = mpq_sgn(sum) < 0;
    }
    mpq_clears(sum, t, NULL);
    return ok;
}

/* mean[0] and mean[1] of cluster b, which begins at place `at`, are those of the lower and upper ends of its
 * magnitudes, less its weights; *m of them, the upper ends in v. false: a sign is not certain, and matters. */
static bool means(mpq_t *mean, mpq_t *v, size_t *m, const clusters *g, size_t b, size_t at,
                  const sbx_mpq *lo, const sbx_mpq *hi, size_t n, mpq_srcptr alpha, mpq_srcptr beta)
{
    mpq_t t;
    mpq_init(t);
    *m = 0;
    mpq_set_ui(mean[0], 0, 1);
    mpq_set_ui(mean[1], 0, 1);
    for (size_t i = 0; i < n; i++) {
        if (g->of[i] != b) continue;
        const bool below = mpq_sgn(hi[i].v) < 0;
        if (!below && mpq_sgn(lo[i].v) <= 0) {
            if (mpq_sgn(alpha) != 0 || at != n - 1) break;
            mpq_neg(t, lo[i].v); /* |x_i| <= max(-lo, hi), with no weight */
            mpq_set(mean[1], mpq_cmp(t, hi[i].v) > 0 ? t : hi[i].v);
            *m = 1;
            break;
        }
        mpq_abs(t, below ? hi[i].v : lo[i].v);
        mpq_add(mean[0], mean[0], t);
        mpq_abs(v[*m], below ? lo[i].v : hi[i].v);
        mpq_add(mean[1], mean[1], v[*m]);
        mpq_set_ui(t, n - 1 - at - *m, 1);
        mpq_mul(t, t, beta);
        mpq_add(t, t, alpha);
        mpq_sub(mean[0], mean[0], t);
        mpq_sub(mean[1], mean[1], t);
        ++*m;
    }
    size_t all = 0;
    for (size_t i = 0; i < n; i++)
        all += g->of[i] == b;
    mpq_set_ui(t, all, 1);
    for (int k = 0; k < 2; k++)
        mpq_div(mean[k], mean[k], t);
    mpq_clear(t);
    return *m == all;
}

/* Are these the clusters at every point of the box: signs are certain, the means fall strictly from one to the next
 * and stay above 0, and no part of a cluster, nor what is cut to 0, can break away [L-NRM-86]. mean[2b], mean[2b+1]:
 * the ends of the mean of cluster b. v: room for n. */
static bool certain(mpq_t *mean, mpq_t *v, const clusters *g, const sbx_mpq *lo, const sbx_mpq *hi,
                    size_t n, mpq_srcptr alpha, mpq_srcptr beta)
{
    size_t at = 0, m = 0;
    mpq_t zero;
    bool ok = true;
    mpq_init(zero);
    for (size_t b = 0; b < g->count && ok; b++, at += m)
        ok = means(&mean[2 * b], v, &m, g, b, at, lo, hi, n, alpha, beta) &&
             (mpq_sgn(mean[2 * b]) > 0 || (mpq_sgn(alpha) == 0 && at == n - 1)) &&
             (b == 0 || mpq_cmp(mean[2 * b - 2], mean[2 * b + 1]) > 0) &&
             within(v, m, m - 1, at, n, alpha, beta, mean[2 * b]);
    m = 0;
    for (size_t i = 0; i < n && ok; i++) {
        if (g->of[i] != g->count) continue;
        mpq_abs(zero, lo[i].v);
        mpq_abs(v[m], hi[i].v);
        if (mpq_cmp(zero, v[m]) > 0) mpq_set(v[m], zero);
        m++;
    }
    mpq_set_ui(zero, 0, 1);
    ok = ok && within(v, m, m, at, n, alpha, beta, zero);
    mpq_clear(zero);
    return ok;
}

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
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
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
 * sum of block b, len[b] its length, *count how many */
static sbx_status FN(pool)(NUM *v, NUM *s, size_t *len, size_t *count, size_t n, const sbx_ctx *ctx,
                           sbx_err *err)
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
    *count = blocks;
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

/* u and, unless g is NULL, its clusters; g->of: room for n */
static sbx_status FN(cluster)(NUM *u, clusters *g, const NUM *x, size_t n, const sbx_norm_args *a,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t blocks = 0;
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
    SBX_TRY(FN(pool)(v, s, len, &blocks, n, ctx, err));
    if (g) {
        g->count = 0;
        for (size_t b = 0, i = 0; b < blocks; b++) {
            g->count += NUM_(lt)(&t[3], &v[i]) == SBX_TRUE ? 1 : 0;
            for (size_t k = 0; k < len[b]; k++, i++)
                g->of[c[i]] = NUM_(lt)(&t[3], &v[i]) == SBX_TRUE ? b : n;
        }
        if (blocks > 0 && g->count + 1 == blocks && len[blocks - 1] == 1 &&
            mpq_sgn(a->value[0].v[0]) == 0) /* the last place alone, which has no weight */
            g->of[c[n - 1]] = g->count++;
        for (size_t i = 0; i < n; i++)
            if (g->of[i] == n) g->of[i] = g->count;
    }
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
    SBX_TRY(cluster_mpq(c, NULL, c, n, a, ctx, err));
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
#if NUM_ENCLOSE
    SBX_TRY(FN(cluster)(p, x, n, a, ctx, err));
#else
    SBX_TRY(FN(cluster)(p, NULL, x, n, a, ctx, err));
#endif
    SBX_TRY(FN(sbx_norm_project)(p, p, n, &one, ctx, err));
done:
    NUM_(clear)(&one);
    return st;
}

/* z = (s k - c) / (g k), in enclosures with the other c and k as well */
static sbx_status FN(entry)(NUM *z, long s, long g, const long c[2], const size_t k[2],
                            const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    for (int e = 0; e < (NUM_ENCLOSE ? 4 : 1); e++) {
        const long m = (long)k[e / 2];
        SBX_TRY(NUM_(set_si)(&t[0], s * m - c[e % 2], ctx, err));
        SBX_TRY(NUM_(set_si)(&t[1], g * m, ctx, err));
        SBX_TRY(NUM_(div)(&t[0], &t[0], &t[1], ctx, err));
#if NUM_ENCLOSE
        if (e) SBX_TRY(NUM_(hull)(&t[0], &t[0], z, ctx, err));
#endif
        NUM_(set)(z, &t[0]);
    }
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

/* The Jacobian for clusters g with the support `in` of u: the mean with signs over a cluster, less the mean over
 * the support of these. */
static sbx_status FN(matrix)(NUM *j, const clusters *g, const NUM *x, const unsigned char *in,
                             size_t sure, size_t maybe, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM zero;
    NUM_(init)(&zero, ctx);
    for (size_t l = 0; l < n; l++) {
        const bool minus = NUM_(lt)(&x[l], &zero) == SBX_TRUE;
        long c[2] = {0, 0}, size = 0; /* of the column over the support, times the size */
        if (g->of[l] == g->count) continue;
        for (size_t i = 0; i < n; i++) {
            if (g->of[i] != g->of[l]) continue;
            const long s = (NUM_(lt)(&x[i], &zero) == SBX_TRUE) == minus ? 1 : -1;
            size++;
            if (in[i] == 2 || (in[i] == 1 && s < 0)) c[0] += s;
            if (in[i] == 2 || (in[i] == 1 && s > 0)) c[1] += s;
        }
        for (size_t i = 0; i < n; i++) {
            const size_t k[2] = {sure + (in[i] == 1) > 0 ? sure + (in[i] == 1) : 1,
                                 sure + maybe ? sure + maybe : 1};
            const bool same = g->of[i] == g->of[l];
            const long s = !same ? 0 : (NUM_(lt)(&x[i], &zero) == SBX_TRUE) == minus ? 1 : -1;
            if (!in[i]) continue;
            SBX_TRY(FN(entry)(&j[i * n + l], s, size, c, k, ctx, err));
#if NUM_ENCLOSE
            if (in[i] == 1) SBX_TRY(NUM_(hull)(&j[i * n + l], &j[i * n + l], &zero, ctx, err));
#endif
        }
    }
done:
    NUM_(clear)(&zero);
    return st;
}

#if NUM_ENCLOSE
/* Are the clusters of the centre those of the whole box; then *u is that of the box, end by end. */
static sbx_status FN(clusters)(bool *known, clusters *g, NUM *u, const NUM *x, size_t n,
                               const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_mpq *lo = sbx_norm_new_mpq(n, ctx), *hi = sbx_norm_new_mpq(n, ctx);
    sbx_mpq *c = sbx_norm_new_mpq(n, ctx);
    mpq_t *v = sbx_alloc(3 * n, sizeof *v);
    NUM *t = FN(sbx_norm_new)(2, ctx);
    for (size_t i = 0; v && i < 3 * n; i++)
        mpq_init(v[i]);
    if (!lo || !hi || !c || !v || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(get_q)(lo[i].v, hi[i].v, &x[i], err));
        mpq_add(c[i].v, lo[i].v, hi[i].v);
        mpq_div_2exp(c[i].v, c[i].v, 1);
    }
    SBX_TRY(cluster_mpq(c, g, c, n, a, ctx, err));
    *known = certain(v, v + 2 * n, g, lo, hi, n, a->value[0].v[0], a->value[1].v[0]);
    for (size_t i = 0; i < n && *known; i++) {
        const size_t b = g->of[i];
        SBX_TRY(NUM_(set_si)(&u[i], 0, ctx, err));
        if (b == g->count) continue;
        SBX_TRY(NUM_(set_q)(&t[0], v[2 * b], ctx, err));
        SBX_TRY(NUM_(set_q)(&t[1], v[2 * b + 1], ctx, err));
        SBX_TRY(NUM_(hull)(&u[i], &t[0], &t[1], ctx, err));
        if (mpq_sgn(lo[i].v) <= 0 && mpq_sgn(hi[i].v) >= 0) NUM_(set)(&u[i], &x[i]);
        if (mpq_sgn(hi[i].v) < 0) SBX_TRY(NUM_(neg)(&u[i], &u[i], ctx, err));
    }
done:
    for (size_t i = 0; v && i < 3 * n; i++)
        mpq_clear(v[i]);
    sbx_free(v);
    FN(sbx_norm_free)(t, 2);
    sbx_norm_free_mpq(c, n);
    sbx_norm_free_mpq(hi, n);
    sbx_norm_free_mpq(lo, n);
    return st;
}

/* [-1, 1] in the rows that may have an entry that is not 0 */
static sbx_status FN(anything)(NUM *j, const unsigned char *in, size_t n, const sbx_ctx *ctx,
                               sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(set_si)(&t[0], 1, ctx, err));
    SBX_TRY(NUM_(neg)(&t[1], &t[0], ctx, err));
    SBX_TRY(NUM_(hull)(&t[0], &t[0], &t[1], ctx, err));
    for (size_t i = 0; i < n * n; i++)
        if (in[i / n]) NUM_(set)(&j[i], &t[0]);
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}
#endif

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    const bool smooth = mpq_sgn(a->value[0].v[0]) != 0 || mpq_sgn(a->value[1].v[0]) != 0;
    sbx_status st = SBX_OK;
    NUM *u = FN(sbx_norm_new)(n, ctx), *d = FN(sbx_norm_new)(n, ctx), one;
    unsigned char *in = sbx_alloc(n, 1);
    clusters g = {sbx_alloc(n, sizeof *g.of), 0};
    size_t sure = 0, maybe = 0;
    bool known = true;
    NUM_(init)(&one, ctx);
    if (!u || !d || !in || !g.of) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(NUM_(set_si)(&one, 1, ctx, err));
    if (!smooth) { /* u = x */
        st = FN(sbx_norm_project_slope)(j, x, n, &one, ctx, err);
        goto done;
    }
#if NUM_ENCLOSE
    SBX_TRY(FN(clusters)(&known, &g, u, x, n, a, ctx, err));
    if (!known) SBX_TRY(FN(cluster)(u, x, n, a, ctx, err));
#else
    SBX_TRY(FN(cluster)(u, &g, x, n, a, ctx, err));
#endif
    SBX_TRY(FN(sbx_norm_support)(in, &sure, &maybe, d, u, n, &one, ctx, err));
    if (known) SBX_TRY(FN(matrix)(j, &g, x, in, sure, maybe, n, ctx, err));
#if NUM_ENCLOSE
    if (!known) SBX_TRY(FN(anything)(j, in, n, ctx, err));
#endif
done:
    NUM_(clear)(&one);
    sbx_free(g.of);
    sbx_free(in);
    FN(sbx_norm_free)(d, n);
    FN(sbx_norm_free)(u, n);
    return st;
}
#endif
