/* mech/run.tmpl.c -- a mechanism on an input: what is checked before its template and what is
 * known after it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "mech/mech.h"
#endif

static sbx_status FN(finite)(const NUM *x, size_t n, const char *what, sbx_err *err)
{
    for (size_t k = 0; k < n; k++)
        if (!NUM_(is_finite)(&x[k]))
            return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "%s[%zu] is not finite", what, k);
    return SBX_OK;
}

static sbx_status FN(check)(const sbx_mech_args *a, const FN(sbx_mech_in) * in, sbx_err *err)
{
    const sbx_mech_shape s = in->shape;
    const sbx_mech *f = a->mech;
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_mech_fits(a, s, err));
    SBX_TRY(sbx_num_require(NUM_ID, f->info.need, f->info.name, err));
    SBX_TRY(FN(finite)(in->q, s.n * s.d, "q", err));
    if (!(f->info.traits & SBX_MECH_TIED)) SBX_TRY(FN(finite)(in->k, s.m * s.d, "k", err));
    SBX_TRY(FN(finite)(in->v, s.m * s.dv, "v", err));
    for (size_t e = 0; e < f->info.n_extra; e++) {
        if (!in->extra[e])
            SBX_FAIL(err, SBX_ERR_ARG, "the matrix %s is missing", f->info.extra[e].name);
        SBX_TRY(sbx_mech_extra_fits(a, s, e, in->n_extra[e], err));
        SBX_TRY(FN(finite)(in->extra[e], in->n_extra[e], f->info.extra[e].name, err));
    }
done:
    return st;
}

sbx_status FN(sbx_mech_open)(FN(sbx_mech_run) * *run, const sbx_mech_args *a,
                             const FN(sbx_mech_in) * in, const sbx_ctx *ctx, sbx_err *err)
{
    const sbx_mech *f = a->mech;
    const sbx_mech_shape s = in->shape;
    sbx_status st = SBX_OK;
    FN(sbx_mech_run) *r = sbx_alloc(1, sizeof *r);
    *run = NULL;
    if (!r) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory");
    *r =
        (FN(sbx_mech_run)){.a = a, .in = *in, .n = s.n, .m = s.m, .d = s.d, .dv = s.dv, .ctx = ctx};
    SBX_TRY(FN(check)(a, in, err));
    if (f->info.traits & SBX_MECH_TIED) r->in.k = r->in.q;
    r->n_state = f->state ? f->state(a, s) : 0;
    r->n_work = f->work ? f->work(a, s) : 0;
    if (!too_many(r->n_state, sizeof(NUM))) r->state = FN(sbx_mech_new)(r->n_state, ctx);
    if (!too_many(r->n_work, sizeof(NUM))) r->work = FN(sbx_mech_new)(r->n_work, ctx);
    if (f->index) r->index = sbx_alloc(f->index(a, s) + 1, sizeof *r->index);
    if (!r->state || !r->work || (f->index && !r->index))
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", r->n_state + r->n_work);
    if (f->FN(prepare)) SBX_TRY(f->FN(prepare)(r, err));
done:
    if (st != SBX_OK)
        FN(sbx_mech_close)(r);
    else
        *run = r;
    return named(st, a, err);
}

void FN(sbx_mech_close)(FN(sbx_mech_run) * r)
{
    if (!r) return;
    FN(sbx_mech_free)(r->state, r->n_state);
    FN(sbx_mech_free)(r->work, r->n_work);
    sbx_free(r->index);
    sbx_free(r);
}

#if NUM_ENCLOSE
/* Cuts w to what holds anyway: >= 0, and <= 1 where the sum of what is >= 0 is 1 [L-MCH-01]. */
static sbx_status FN(cut)(NUM *w, const FN(sbx_mech_run) * r, sbx_err *err)
{
    const unsigned traits = sbx_mech_traits(r->a);
    sbx_status st = SBX_OK;
    NUM zero, one;
    NUM_(init)(&zero, r->ctx);
    NUM_(init)(&one, r->ctx);
    SBX_TRY(NUM_(set_si)(&one, 1, r->ctx, err));
    for (size_t j = 0; j < r->m && (traits & SBX_MECH_NONNEGATIVE); j++) {
        SBX_TRY(NUM_(max)(&w[j], &w[j], &zero, r->ctx, err));
        if (traits & SBX_MECH_SUMS_TO_ONE) SBX_TRY(NUM_(min)(&w[j], &w[j], &one, r->ctx, err));
    }
done:
    NUM_(clear)(&one);
    NUM_(clear)(&zero);
    return st;
}
#endif

sbx_status FN(sbx_mech_row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)
{
    const sbx_mech *f = r->a->mech;
    sbx_status st = SBX_OK;
    if (!f->FN(row)) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "it has no matrix of weights");
    if (i >= r->n) SBX_FAIL(err, SBX_ERR_ARG, "row %zu of %zu", i, r->n);
    SBX_TRY(f->FN(row)(w, r, i, err));
#if NUM_ENCLOSE
    SBX_TRY(FN(cut)(w, r, err));
#endif
done:
    return named(st, r->a, err);
}

sbx_status FN(sbx_mech_output)(NUM *o, FN(sbx_mech_run) * r, sbx_err *err)
{
    const sbx_mech *f = r->a->mech;
    sbx_status st = SBX_OK;
    NUM *w = NULL;
    if (f->FN(output)) return named(f->FN(output)(o, r, err), r->a, err);
    w = FN(sbx_mech_new)(r->m, r->ctx);
    if (!w) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu weights", r->m);
    for (size_t i = 0; i < r->n; i++) {
        SBX_TRY(FN(sbx_mech_row)(w, r, i, err));
        SBX_TRY(FN(sbx_mech_mix)(o + i * r->dv, w, r->in.v, r->m, r->dv, r, err));
    }
done:
    FN(sbx_mech_free)(w, r->m);
    return named(st, r->a, err);
}

/* ---- the input in this system ------------------------------------------------------------ */

static sbx_status FN(block)(NUM **at, mpq_t *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    for (size_t k = 0; k < n; k++) {
        const sbx_status st = NUM_(set_q)(&(*at)[k], x[k], ctx, err);
        if (st != SBX_OK) return st;
    }
    *at += n;
    return SBX_OK;
}

/* how many numbers in all */
static size_t FN(count)(const sbx_mech_data *x)
{
    const sbx_mech_shape s = x->shape;
    size_t n = s.n * s.d + s.m * s.d + s.m * s.dv;
    for (size_t e = 0; e < SBX_MECH_EXTRA_MAX; e++)
        n += x->n_extra[e];
    return n;
}

sbx_status FN(sbx_mech_in_of)(FN(sbx_mech_in) * in, const sbx_mech_data *x, const sbx_ctx *ctx,
                              sbx_err *err)
{
    const sbx_mech_shape s = x->shape;
    const size_t n = FN(count)(x);
    sbx_status st = SBX_OK;
    NUM *all = sbx_alloc(1, sizeof *all * (n + 1)), *at = all;
    *in = (FN(sbx_mech_in)){.shape = s};
    if (!all) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory for %zu numbers", n);
    for (size_t k = 0; k < n; k++)
        NUM_(init)(&all[k], ctx);
    in->q = at;
    SBX_TRY(FN(block)(&at, x->q, s.n * s.d, ctx, err));
    in->k = at;
    SBX_TRY(FN(block)(&at, x->k, s.m * s.d, ctx, err));
    in->v = at;
    SBX_TRY(FN(block)(&at, x->v, s.m * s.dv, ctx, err));
    for (size_t e = 0; e < SBX_MECH_EXTRA_MAX; e++) {
        if (!x->extra[e]) continue;
        in->extra[e] = at;
        in->n_extra[e] = x->n_extra[e];
        SBX_TRY(FN(block)(&at, x->extra[e], x->n_extra[e], ctx, err));
    }
    in->block = all;
    in->n_block = n;
    all = NULL;
done:
    if (all) {
        FN(sbx_mech_free)(all, n);
        *in = (FN(sbx_mech_in)){.shape = s};
    }
    return st;
}

void FN(sbx_mech_in_free)(FN(sbx_mech_in) * in)
{
    FN(sbx_mech_free)(in->block, in->n_block);
    *in = (FN(sbx_mech_in)){.shape = in->shape};
}
