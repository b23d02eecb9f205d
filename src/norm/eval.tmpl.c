/* norm/eval.tmpl.c -- a normalizer or its Jacobian at a point or over a box: what is checked
 * before its template and what is known after it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "norm/eval.h"
#endif

static sbx_status FN(check)(const NUM *x, size_t n, const sbx_norm_args *a, sbx_err *err)
{
    const sbx_norm *f = a->norm;
    sbx_status st = SBX_OK;
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "%s of no numbers", f->info.name);
    SBX_TRY(sbx_num_require(NUM_ID, f->info.need, f->info.name, err));
    if (f->fits) SBX_TRY(f->fits(a, n, err));
    for (size_t j = 0; j < n; j++) {
        if (NUM_(is_finite)(&x[j])) continue;
#if NUM_ENCLOSE
        if (f->below && (sbx_num_can(NUM_ID) & SBX_CAN_UNBOUNDED)) {
            NUM t;
            NUM_(init)(&t, NULL);
            st = NUM_(end)(&t, &x[j], SBX_HI, err);
            NUM_(clear)(&t);
            if (st == SBX_OK) continue;
        }
#endif
        SBX_FAIL(err, SBX_ERR_ARG, "%s: x[%zu] is not finite", f->info.name, j);
    }
done:
    return st;
}

#if NUM_ENCLOSE
/* Cuts p to what holds anyway: >= 0, and <= 1 where the sum of what is >= 0 is at most 1
 * [L-NRM-01]. */
static sbx_status FN(cut)(NUM *p, size_t m, unsigned traits, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM zero, one;
    NUM_(init)(&zero, ctx);
    NUM_(init)(&one, ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, ctx, err));
    for (size_t i = 0; i < m && (traits & SBX_NORM_NONNEGATIVE); i++) {
        SBX_TRY(NUM_(max)(&p[i], &p[i], &zero, ctx, err));
        if (traits & (SBX_NORM_SUMS_TO_ONE | SBX_NORM_SUMS_BELOW))
            SBX_TRY(NUM_(min)(&p[i], &p[i], &one, ctx, err));
    }
done:
    NUM_(clear)(&one);
    NUM_(clear)(&zero);
    return st;
}
#endif

/* r[0..m) = what hook makes of x, in memory of its own */
static sbx_status FN(run)(NUM **r, size_t m, FN(sbx_norm_fn) * hook, const NUM *x, size_t n,
                          const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    *r = m / n > SIZE_MAX / (4 * sizeof **r) ? NULL : FN(sbx_norm_new)(m, ctx);
    if (!*r) SBX_FAIL(err, SBX_ERR_NOMEM, "%s: no memory for %zu numbers", a->norm->info.name, m);
    st = hook(*r, x, n, a, ctx, err);
    if (st == SBX_ERR_UNSUPPORTED || st == SBX_ERR_DOMAIN || st == SBX_ERR_LIMIT)
        sbx_norm_name_it(a, err);
done:
    return st;
}

sbx_status FN(sbx_norm_eval)(NUM *p, const sbx_norm_args *a, const NUM *x, size_t n,
                             const sbx_ctx *ctx, sbx_err *err)
{
    const size_t m = n ? sbx_norm_outputs(a, n) : 0;
    sbx_status st = SBX_OK;
    NUM *r = NULL;
    SBX_TRY(FN(check)(x, n, a, err));
    SBX_TRY(FN(run)(&r, m, a->norm->FN(eval), x, n, a, ctx, err));
#if NUM_ENCLOSE
    SBX_TRY(FN(cut)(r, m, sbx_norm_traits(a), ctx, err));
#endif
    for (size_t i = 0; i < m; i++)
        NUM_(set)(&p[i], &r[i]);
done:
    FN(sbx_norm_free)(r, m);
    return st;
}

sbx_status FN(sbx_norm_jacobian)(NUM *j, const sbx_norm_args *a, const NUM *x, size_t n,
                                 const sbx_ctx *ctx, sbx_err *err)
{
    const size_t m = n ? sbx_norm_outputs(a, n) : 0;
    sbx_status st = SBX_OK;
    NUM *r = NULL;
    SBX_TRY(FN(check)(x, n, a, err));
    for (size_t k = 0; k < n; k++)
        if (!NUM_(is_finite)(&x[k]))
            SBX_FAIL(err, SBX_ERR_ARG, "%s: x[%zu] is not finite", a->norm->info.name, k);
    if (!a->norm->FN(jacobian))
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "%s has no Jacobian", a->norm->info.name);
    SBX_TRY(FN(run)(&r, m * n, a->norm->FN(jacobian), x, n, a, ctx, err));
    for (size_t i = 0; i < m * n; i++)
        NUM_(set)(&j[i], &r[i]);
done:
    FN(sbx_norm_free)(r, m * n);
    return st;
}

#if NUM_ENCLOSE
/* Output `only` at its two corners: own end against the others' opposite ends [L-NRM-03]. */
static sbx_status FN(corners)(NUM *z, size_t only, const NUM *x, size_t n, const sbx_norm_args *a,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *c = FN(sbx_norm_new)(n, ctx), *lo = FN(sbx_norm_new)(n, ctx);
    if (!c || !lo) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a corner");
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(end)(&c[j], &x[j], j == only ? SBX_LO : SBX_HI, err));
    SBX_TRY(FN(sbx_norm_eval)(lo, a, c, n, ctx, err));
    for (size_t j = 0; j < n; j++)
        SBX_TRY(NUM_(end)(&c[j], &x[j], j == only ? SBX_HI : SBX_LO, err));
    SBX_TRY(FN(sbx_norm_eval)(c, a, c, n, ctx, err));
    SBX_TRY(NUM_(hull)(z, &lo[only], &c[only], ctx, err));
done:
    FN(sbx_norm_free)(lo, n);
    FN(sbx_norm_free)(c, n);
    return st;
}

/* z = z cut to [lo, hi], doubles, of which either may be infinite */
static sbx_status FN(cut_to)(NUM *z, sbx_ivd b, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, ctx);
    if (b.lo >= -DBL_MAX) {
        SBX_TRY(NUM_(set_d)(&t, b.lo, ctx, err));
        SBX_TRY(NUM_(end)(&t, &t, SBX_LO, err));
        SBX_TRY(NUM_(max)(z, z, &t, ctx, err));
    }
    if (b.hi <= DBL_MAX) {
        SBX_TRY(NUM_(set_d)(&t, b.hi, ctx, err));
        SBX_TRY(NUM_(end)(&t, &t, SBX_HI, err));
        SBX_TRY(NUM_(min)(z, z, &t, ctx, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

/* the box x rounded outward to doubles */
static sbx_status FN(outward)(sbx_ivd *b, const NUM *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd lo, hi;
    mpq_t p, q;
    mpq_inits(p, q, NULL);
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(NUM_(get_q)(p, q, &x[j], err));
        SBX_TRY(sbx_ivd_set_q(&lo, p, ctx, err));
        SBX_TRY(sbx_ivd_set_q(&hi, q, ctx, err));
        SBX_TRY(sbx_ivd_hull(&b[j], &lo, &hi, ctx, err));
    }
done:
    mpq_clears(p, q, NULL);
    return st;
}

/* Output `only` by interval evaluation of r, cut by branch and bound in doubles [L-NRM-04]. */
static sbx_status FN(branch)(NUM *z, size_t only, const NUM *r, const NUM *x, size_t n,
                             const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd *b = sbx_alloc(n, sizeof *b), bound = {-HUGE_VAL, HUGE_VAL};
    if (!b) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a box");
    NUM_(set)(z, r);
    SBX_TRY(FN(outward)(b, x, n, ctx, err));
    SBX_TRY(sbx_norm_search(&bound, a, only, b, n, ctx, err));
    SBX_TRY(FN(cut_to)(z, bound, ctx, err));
done:
    sbx_free(b);
    return st;
}

sbx_status FN(sbx_norm_range)(NUM *p, const sbx_norm_args *a, size_t only, const NUM *x, size_t n,
                              const sbx_ctx *ctx, sbx_err *err)
{
    const size_t m = n ? sbx_norm_outputs(a, n) : 0;
    const size_t from = only == SBX_NORM_ALL ? 0 : only, to = only == SBX_NORM_ALL ? m : only + 1;
    sbx_status st = SBX_OK;
    NUM *r = NULL;
    SBX_TRY(FN(check)(x, n, a, err));
    if (only != SBX_NORM_ALL && only >= m)
        SBX_FAIL(err, SBX_ERR_ARG, "%s of %zu numbers has no output %zu", a->norm->info.name, n,
                 only);
    r = FN(sbx_norm_new)(m, ctx);
    if (!r) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", m);
    if (a->norm->info.shape != SBX_NORM_MONOTONE) SBX_TRY(FN(sbx_norm_eval)(r, a, x, n, ctx, err));
    for (size_t i = from; i < to; i++) {
        if (a->norm->info.shape == SBX_NORM_MONOTONE)
            SBX_TRY(FN(corners)(&r[i], i, x, n, a, ctx, err));
        else if (a->norm->info.shape == SBX_NORM_BRANCH)
            SBX_TRY(FN(branch)(&r[i], i, &r[i], x, n, a, ctx, err));
    }
    for (size_t i = from; i < to; i++)
        NUM_(set)(&p[i - from], &r[i]);
done:
    FN(sbx_norm_free)(r, m);
    return st;
}
#endif
