/* search/prove.c -- see prove.h. The constraints are judged in rationals throughout.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/prove.h"

#include "base/alloc.h"
#include "base/try.h"

#include <float.h>
#include <math.h>

/* Outputs with more digits are not judged: sums of such rationals take minutes. */
#define BITS_MAX 131072

static size_t q_bits(mpq_srcptr q)
{
    return mpz_sizeinbase(mpq_numref(q), 2) + mpz_sizeinbase(mpq_denref(q), 2);
}

#include "softbox/bind/ivd.h"
#include "search/stage.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#include "search/stage.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpq.h"
#include "search/stage.tmpl.c"
#include "softbox/bind/unbind.h"

sbx_status sbx_prover_init(sbx_prover *w, const sbx_net *net, const sbx_property *p, sbx_err *err)
{
    sbx_status st = SBX_OK;
    *w = (sbx_prover){.net = net, .p = p};
    w->x = sbx_alloc(p->inputs, sizeof *w->x);
    w->y = sbx_alloc(p->outputs, sizeof *w->y);
    if (!w->x || !w->y) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a point");
    for (; w->inputs < p->inputs; w->inputs++)
        mpq_init(w->x[w->inputs]);
    for (; w->outputs < p->outputs; w->outputs++)
        sbx_ivq_init(&w->y[w->outputs], NULL);
done:
    if (st != SBX_OK) sbx_prover_clear(w);
    return st;
}

void sbx_prover_clear(sbx_prover *w)
{
    for (size_t i = 0; i < w->inputs; i++)
        mpq_clear(w->x[i]);
    for (size_t j = 0; j < w->outputs; j++)
        sbx_ivq_clear(&w->y[j]);
    sbx_free(w->x);
    sbx_free(w->y);
    *w = (sbx_prover){0};
}

void sbx_prover_excess(mpq_ptr lo, mpq_ptr hi, const sbx_prover *w, const sbx_constraint *c)
{
    mpq_t m;
    mpq_init(m);
    mpq_neg(lo, c->rhs);
    mpq_set(hi, lo);
    for (size_t k = 0; k < c->n_terms; k++) {
        const sbx_term *const s = &c->term[k];
        const bool up = mpq_sgn(s->coef) > 0;
        mpq_mul(m, s->coef, !s->is_output ? w->x[s->var] : up ? w->y[s->var].lo : w->y[s->var].hi);
        mpq_add(lo, lo, m);
        mpq_mul(m, s->coef, !s->is_output ? w->x[s->var] : up ? w->y[s->var].hi : w->y[s->var].lo);
        mpq_add(hi, hi, m);
    }
    mpq_clear(m);
}

/* TRUE: the excess is <= 0 (strict: < 0). FALSE: it is > 0 (strict: >= 0). */
static sbx_truth judge(const sbx_prover *w, const sbx_constraint *c)
{
    sbx_truth t = SBX_UNKNOWN;
    mpq_t lo, hi;
    mpq_inits(lo, hi, NULL);
    sbx_prover_excess(lo, hi, w, c);
    if (c->strict ? mpq_sgn(hi) < 0 : mpq_sgn(hi) <= 0)
        t = SBX_TRUE; /* [L-NET-10] */
    else if (c->strict ? mpq_sgn(lo) >= 0 : mpq_sgn(lo) > 0)
        t = SBX_FALSE;
    mpq_clears(lo, hi, NULL);
    return t;
}

/* all of them: FALSE as soon as one is */
static sbx_truth judge_all(const sbx_prover *w)
{
    const sbx_disjunct *const d = &w->p->disjunct[w->disjunct];
    sbx_truth all = SBX_TRUE;
    for (size_t k = 0; k < d->n_constraints && all != SBX_FALSE; k++) {
        const sbx_truth t = judge(w, &d->constraint[k]);
        if (t != SBX_TRUE) all = t;
    }
    return all;
}

/* the double, or the end of the exact box where it lies outside */
static void set_point(sbx_prover *w, const double *point)
{
    const sbx_disjunct *const d = &w->p->disjunct[w->disjunct];
    for (size_t i = 0; i < w->inputs; i++) {
        const double v = point[i];
        if (v >= -DBL_MAX && v <= DBL_MAX)
            mpq_set_d(w->x[i], v);
        else
            mpq_set(w->x[i], v > 0 ? d->hi[i] : d->lo[i]); /* a NaN: lo */
        if (mpq_cmp(w->x[i], d->lo[i]) < 0) mpq_set(w->x[i], d->lo[i]);
        if (mpq_cmp(w->x[i], d->hi[i]) > 0) mpq_set(w->x[i], d->hi[i]);
    }
}

sbx_status sbx_prover_eval(bool *known, sbx_prover *w, int rung, sbx_err *err)
{
    const sbx_ctx ctx = {.prec = rung == 1 ? 128 : 256, .stop = w->stop, .stop_arg = w->stop_arg};
    return rung == 0  ? stage_ivd(known, w, &ctx, err)
           : rung < 3 ? stage_ivf(known, w, &ctx, err)
                      : stage_mpq(known, w, &ctx, err);
}

/* [L-NET-33]: each rung encloses the exact outputs, so the first that is certain of
 * the constraints is right; the last is exact, for networks of rational operations. */
sbx_status sbx_prover_try(sbx_truth *answer, sbx_prover *w, size_t disjunct, const double *point,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    *answer = SBX_UNKNOWN;
    w->disjunct = disjunct;
    set_point(w, point);
    for (int rung = 0; rung < SBX_PROVER_RUNGS && *answer == SBX_UNKNOWN; rung++) {
        bool known = false;
        SBX_TRY(sbx_prover_eval(&known, w, rung, err));
        if (known) *answer = judge_all(w);
    }
    if (*answer == SBX_TRUE) SBX_TRY(sbx_prover_check(w, err));
done:
    if (st != SBX_OK) *answer = SBX_UNKNOWN;
    return st;
}

sbx_status sbx_prover_check(const sbx_prover *w, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_disjunct *const d = &w->p->disjunct[w->disjunct];
    for (size_t i = 0; i < w->inputs; i++)
        SBX_SOUND(mpq_cmp(d->lo[i], w->x[i]) <= 0 && mpq_cmp(w->x[i], d->hi[i]) <= 0, err);
    SBX_SOUND(judge_all(w) == SBX_TRUE, err);
done:
    return st;
}
