/* norm/fusedmax.c -- fusedmax (Niculae and Blondel 2017): sparsemax after total-variation smoothing.
 *
 * u minimises |u - x|^2 / 2 + weight sum |u_i - u_(i+1)|: the slopes of the shortest string through the tube of
 * radius `weight` around the sums of x, pinned at both ends, which a funnel finds [L-NRM-25]. u rises with x in
 * every coordinate, so over a box its ends are those for the ends of x, computed in exact rationals. Then the
 * projection. Its derivatives are those of the means of runs of equal u [L-NRM-85].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/fusedmax.c"
#include "norm/every.h"

static const sbx_param params[] = {{"weight", "of the total variation", "1", "0", NULL, 0}};

const sbx_norm sbx_norm_fusedmax = {
    .info = {.name = "fusedmax",
             .formula = "sparsemax(u), u nearest to x with weight sum |u_i - u_(i+1)|",
             .kind = SBX_NORM_RATIONAL,
             .shape = SBX_NORM_BRANCH,
             .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT |
                       SBX_NORM_CONTINUOUS | SBX_NORM_SPARSE,
             .param = params,
             .n_params = 1},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
#if !NUM_ENCLOSE
/* One step of the funnel from the knot at place i0 and height y0: *slope of the string there and the
 * place where that ends, *end, whose height y0 becomes. y[k]: sums of x, y[0] = 0. */
static sbx_status FN(funnel)(NUM *slope, size_t *end, NUM *y0, size_t i0, const NUM *y, size_t n,
                             const NUM *weight, const sbx_ctx *ctx, sbx_err *err)
{
    enum { LO, HI, LOW, UP, T, YL, YU, COUNT };
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(COUNT, ctx);
    size_t at_lo = n, at_hi = n;
    int side = 0; /* -1: bends at the lower wall, 1: at the upper one */
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    for (size_t k = i0 + 1; k <= n && !side; k++) {
        NUM_(set)(&t[LOW], &y[k]);
        NUM_(set)(&t[UP], &y[k]);
        if (k < n) {
            SBX_TRY(NUM_(sub)(&t[LOW], &y[k], weight, ctx, err));
            SBX_TRY(NUM_(add)(&t[UP], &y[k], weight, ctx, err));
        }
        SBX_TRY(NUM_(set_si)(&t[T], (long)(k - i0), ctx, err));
        SBX_TRY(NUM_(sub)(&t[YL], &t[LOW], y0, ctx, err));
        SBX_TRY(NUM_(div)(&t[YL], &t[YL], &t[T], ctx, err));
        SBX_TRY(NUM_(sub)(&t[YU], &t[UP], y0, ctx, err));
        SBX_TRY(NUM_(div)(&t[YU], &t[YU], &t[T], ctx, err));
        if (k > i0 + 1 && NUM_(lt)(&t[HI], &t[YL]) == SBX_TRUE)
            side = 1;
        else if (k > i0 + 1 && NUM_(lt)(&t[YU], &t[LO]) == SBX_TRUE)
            side = -1;
        if (side) break;
        if (k == i0 + 1 || NUM_(le)(&t[LO], &t[YL]) == SBX_TRUE) {
            NUM_(set)(&t[LO], &t[YL]);
            at_lo = k;
        }
        if (k == i0 + 1 || NUM_(le)(&t[YU], &t[HI]) == SBX_TRUE) {
            NUM_(set)(&t[HI], &t[YU]);
            at_hi = k;
        }
    }
    *end = side > 0 ? at_hi : side < 0 ? at_lo : n;
    NUM_(set)(slope, side > 0 ? &t[HI] : &t[LO]); /* at n both are the same */
    if (!side) {
        SBX_TRY(NUM_(set_si)(&t[T], (long)(n - i0), ctx, err));
        SBX_TRY(NUM_(sub)(slope, &y[n], y0, ctx, err));
        SBX_TRY(NUM_(div)(slope, slope, &t[T], ctx, err));
    }
    NUM_(set)(y0, &y[*end]);
    if (*end < n && side > 0) SBX_TRY(NUM_(add)(y0, y0, weight, ctx, err));
    if (*end < n && side < 0) SBX_TRY(NUM_(sub)(y0, y0, weight, ctx, err));
done:
    FN(sbx_norm_free)(t, COUNT);
    return st;
}

static sbx_status FN(smooth)(NUM *u, const NUM *x, size_t n, const NUM *weight, const sbx_ctx *ctx,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *y = FN(sbx_norm_new)(n + 1, ctx), *t = FN(sbx_norm_new)(2, ctx);
    if (!y || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t k = 0; k < n; k++)
        SBX_TRY(NUM_(add)(&y[k + 1], &y[k], &x[k], ctx, err));
    for (size_t k = 0, end = 0; k < n; k = end) {
        SBX_TRY(FN(funnel)(&t[1], &end, &t[0], k, y, n, weight, ctx, err));
        for (size_t i = k; i < end; i++)
            NUM_(set)(&u[i], &t[1]);
    }
done:
    FN(sbx_norm_free)(t, 2);
    FN(sbx_norm_free)(y, n + 1);
    return st;
}
#else
/* at both ends of the box, exactly */
static sbx_status FN(smooth)(NUM *u, const NUM *x, size_t n, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_mpq *lo = sbx_norm_new_mpq(n + 1, ctx), *hi = sbx_norm_new_mpq(n, ctx);
    NUM t;
    NUM_(init)(&t, ctx);
    if (!lo || !hi) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    mpq_set(lo[n].v, a->value[0].v[0]);
    for (size_t k = 0; k < n; k++)
        SBX_TRY(NUM_(get_q)(lo[k].v, hi[k].v, &x[k], err));
    SBX_TRY(smooth_mpq(lo, lo, n, &lo[n], ctx, err));
    SBX_TRY(smooth_mpq(hi, hi, n, &lo[n], ctx, err));
    for (size_t k = 0; k < n; k++) {
        SBX_TRY(NUM_(set_q)(&u[k], lo[k].v, ctx, err));
        SBX_TRY(NUM_(set_q)(&t, hi[k].v, ctx, err));
        SBX_TRY(NUM_(hull)(&u[k], &u[k], &t, ctx, err));
    }
done:
    NUM_(clear)(&t);
    sbx_norm_free_mpq(hi, n);
    sbx_norm_free_mpq(lo, n + 1);
    return st;
}
#endif

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[1], 1, ctx, err));
#if NUM_ENCLOSE
    SBX_TRY(FN(smooth)(p, x, n, a, ctx, err));
#else
    SBX_TRY(FN(smooth)(p, x, n, &t[0], ctx, err));
#endif
    SBX_TRY(FN(sbx_norm_project)(p, p, n, &t[1], ctx, err));
done:
    FN(sbx_norm_free)(t, 2);
    return st;
}

/* What is known of the run of equal u that i stands in: it holds least[0..1] and lies in most[0..1], both
 * ends in it. */
typedef struct FN(run) {
    size_t least[2], most[2];
} FN(run);

/* turn[i]: does the string turn between i and i + 1: 2 surely, 1 perhaps, 0 no. Not where the sums of u
 * are surely inside of the tube; surely where u surely changes. */
static sbx_status FN(turns)(unsigned char *turn, const NUM *u, const NUM *x, size_t n,
                            const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
#if NUM_ENCLOSE
    const bool free = mpq_sgn(a->value[0].v[0]) == 0;
    NUM *t = FN(sbx_norm_new)(4, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    for (size_t i = 0; i + 1 < n; i++) {
        const bool apart =
            NUM_(lt)(&u[i], &u[i + 1]) == SBX_TRUE || NUM_(lt)(&u[i + 1], &u[i]) == SBX_TRUE;
        SBX_TRY(NUM_(sub)(&t[2], &x[i], &u[i], ctx, err));
        SBX_TRY(NUM_(add)(&t[1], &t[1], &t[2], ctx, err));
        SBX_TRY(NUM_(abs)(&t[3], &t[1], ctx, err));
        turn[i] = apart || free ? 2 : NUM_(lt)(&t[3], &t[0]) == SBX_TRUE ? 0 : 1;
    }
done:
    FN(sbx_norm_free)(t, 4);
#else
    (void)x;
    (void)ctx;
    (void)err;
    for (size_t i = 0; i + 1 < n; i++)
        turn[i] = mpq_sgn(a->value[0].v[0]) == 0 || NUM_(eq)(&u[i], &u[i + 1]) != SBX_TRUE ? 2 : 0;
#endif
    return st;
}

static void FN(runs)(FN(run) * r, const unsigned char *turn, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        r[i].least[0] = i > 0 && turn[i - 1] == 0 ? r[i - 1].least[0] : i;
        r[i].most[0] = i > 0 && turn[i - 1] < 2 ? r[i - 1].most[0] : i;
    }
    for (size_t i = n; i-- > 0;) {
        r[i].least[1] = i + 1 < n && turn[i] == 0 ? r[i + 1].least[1] : i;
        r[i].most[1] = i + 1 < n && turn[i] < 2 ? r[i + 1].most[1] : i;
    }
}

/* z = a/b - 1/k, or 0 where that is below 0 and `cut` */
static sbx_status FN(less)(NUM *z, size_t a, size_t b, size_t k, bool cut, const sbx_ctx *ctx,
                           sbx_err *err)
{
    const long over = (long)(a * k) - (long)b;
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, ctx);
    SBX_TRY(NUM_(set_si)(z, cut && over < 0 ? 0 : over, ctx, err));
    SBX_TRY(NUM_(set_si)(&t, (long)(b * k), ctx, err));
    SBX_TRY(NUM_(div)(z, z, &t, ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* The entry of i, l, i <= l, both perhaps in a support of `least` to `most`: 1/g - 1/k >= 0 in one run of g
 * scores, all of which are in the support with any of them; -1/k in different runs; 0 outside. */
static sbx_status FN(entry)(NUM *z, const FN(run) * r, size_t i, size_t l, size_t least,
                            size_t most, bool or_zero, const sbx_ctx *ctx, sbx_err *err)
{
    const bool same = r[i].most[1] >= l, differ = r[i].least[1] < l;
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(3, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
#if NUM_ENCLOSE
    SBX_TRY(FN(less)(z, same, same ? r[i].most[1] + 1 - r[i].most[0] : 1, least, same && !differ,
                     ctx, err));
    SBX_TRY(
        FN(less)(&t[0], same, same ? r[l].least[1] + 1 - r[i].least[0] : 1, most, same, ctx, err));
    SBX_TRY(NUM_(hull)(z, z, &t[0], ctx, err));
    if (differ && same) {
        SBX_TRY(FN(less)(&t[0], 0, 1, least, false, ctx, err));
        SBX_TRY(NUM_(hull)(z, z, &t[0], ctx, err));
    }
    if (or_zero) SBX_TRY(NUM_(hull)(z, z, &t[1], ctx, err));
#else
    (void)most;
    (void)differ;
    if (!or_zero)
        SBX_TRY(
            FN(less)(z, same, same ? r[i].most[1] + 1 - r[i].most[0] : 1, least, same, ctx, err));
#endif
done:
    FN(sbx_norm_free)(t, 3);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *u = FN(sbx_norm_new)(n, ctx), *d = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(2, ctx);
    FN(run) *r = sbx_alloc(n, sizeof *r);
    unsigned char *turn = sbx_alloc(n, 1), *in = sbx_alloc(n, 1);
    size_t sure = 0, maybe = 0;
    if (!u || !d || !t || !r || !turn || !in)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(NUM_(set_si)(&t[1], 1, ctx, err));
#if NUM_ENCLOSE
    SBX_TRY(FN(smooth)(u, x, n, a, ctx, err));
#else
    SBX_TRY(FN(sbx_norm_param)(&t[0], a, 0, 0, ctx, err));
    SBX_TRY(FN(smooth)(u, x, n, &t[0], ctx, err));
#endif
    SBX_TRY(FN(turns)(turn, u, x, n, a, ctx, err));
    FN(runs)(r, turn, n);
    SBX_TRY(FN(sbx_norm_support)(in, &sure, &maybe, d, u, n, &t[1], ctx, err));
    for (size_t i = 0; i < n; i++)
        for (size_t l = i; l < n; l++) {
            const size_t given = sure + (in[i] == 1) + (l != i && in[l] == 1);
            if (!in[i] || !in[l]) continue; /* 0 */
            SBX_TRY(FN(entry)(&j[i * n + l], r, i, l, given ? given : 1,
                              sure + maybe ? sure + maybe : 1, in[i] == 1 || in[l] == 1, ctx, err));
            NUM_(set)(&j[l * n + i], &j[i * n + l]);
        }
done:
    sbx_free(in);
    sbx_free(turn);
    sbx_free(r);
    FN(sbx_norm_free)(t, 2);
    FN(sbx_norm_free)(d, n);
    FN(sbx_norm_free)(u, n);
    return st;
}
#endif
