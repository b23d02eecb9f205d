/* search/exact.c -- see exact.h. A box whose ends are no doubles, and a strict constraint that
 * is met with equality at one of them, are nothing that doubles can tell.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/exact.h"

#include "base/alloc.h"
#include "base/try.h"

#define BITS_MAX 131072 /* of a number: sums of longer ones take minutes */
#define PREC     256
#define SMALL    100000 /* parameters of a network whose regions, not only points, are looked at */

typedef struct exact {
    size_t n, m; /* initialised of x, of y */
    sbx_ivq *x, *y;
    bool empty, point;
} exact;

static void clear(exact *e)
{
    while (e->n > 0)
        sbx_ivq_clear(&e->x[--e->n]);
    while (e->m > 0)
        sbx_ivq_clear(&e->y[--e->m]);
    sbx_free(e->x);
    sbx_free(e->y);
}

/* x: the region's box within the exact one */
static sbx_status meet(exact *e, const sbx_region *r, const sbx_plan *plan, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_disjunct *const d = plan->group[r->group].exact;
    e->x = sbx_alloc(plan->inputs, sizeof *e->x);
    e->y = sbx_alloc(plan->outputs, sizeof *e->y);
    if (!e->x || !e->y) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a point");
    e->point = true;
    for (; e->n < plan->inputs; e->n++) {
        sbx_ivq *const x = &e->x[e->n];
        const sbx_ivd b = r->box[e->n];
        sbx_ivq_init(x, NULL);
        mpq_set_d(x->lo, b.lo); /* finite: a group beyond the doubles is never opened */
        mpq_set_d(x->hi, b.hi);
        if (mpq_cmp(x->lo, d->lo[e->n]) < 0) mpq_set(x->lo, d->lo[e->n]);
        if (mpq_cmp(x->hi, d->hi[e->n]) > 0) mpq_set(x->hi, d->hi[e->n]);
        e->empty = e->empty || mpq_cmp(x->lo, x->hi) > 0;
        e->point = e->point && mpq_equal(x->lo, x->hi);
    }
    for (; e->m < plan->outputs; e->m++)
        sbx_ivq_init(&e->y[e->m], NULL);
done:
    return st;
}

static bool is_long(mpq_srcptr q)
{
    return mpz_sizeinbase(mpq_numref(q), 2) + mpz_sizeinbase(mpq_denref(q), 2) > BITS_MAX;
}

/* y; *known: there is one */
static sbx_status outputs(bool *known, exact *e, const sbx_prover *w, sbx_err *err)
{
    const sbx_ctx ctx = {.prec = PREC, .stop = w->stop, .stop_arg = w->stop_arg};
    const sbx_status st = sbx_net_eval_ivq(e->y, w->net, e->x, &ctx, err);
    *known = st == SBX_OK;
    for (size_t j = 0; *known && j < e->m; j++)
        *known =
            mpq_cmp(e->y[j].lo, e->y[j].hi) <= 0 && !is_long(e->y[j].lo) && !is_long(e->y[j].hi);
    return st == SBX_ERR_UNSUPPORTED || st == SBX_ERR_DOMAIN || st == SBX_ERR_LIMIT ? SBX_OK : st;
}

/* TRUE: everywhere in the box; FALSE: nowhere */
static sbx_truth judge(const exact *e, const sbx_constraint *c)
{
    sbx_truth t = SBX_UNKNOWN;
    mpq_t lo, hi, p;
    mpq_inits(lo, hi, p, NULL);
    mpq_neg(lo, c->rhs);
    mpq_set(hi, lo);
    for (size_t k = 0; k < c->n_terms; k++) {
        const sbx_ivq *const v =
            c->term[k].is_output ? &e->y[c->term[k].var] : &e->x[c->term[k].var];
        const bool up = mpq_sgn(c->term[k].coef) > 0;
        mpq_mul(p, c->term[k].coef, up ? v->lo : v->hi);
        mpq_add(lo, lo, p);
        mpq_mul(p, c->term[k].coef, up ? v->hi : v->lo);
        mpq_add(hi, hi, p);
    }
    if (c->strict ? mpq_sgn(hi) < 0 : mpq_sgn(hi) <= 0)
        t = SBX_TRUE;
    else if (c->strict ? mpq_sgn(lo) >= 0 : mpq_sgn(lo) > 0)
        t = SBX_FALSE; /* [L-NET-91] */
    mpq_clears(lo, hi, p, NULL);
    return t;
}

static sbx_truth judge_all(const exact *e, const sbx_disjunct *d)
{
    sbx_truth all = SBX_TRUE;
    for (size_t k = 0; k < d->n_constraints && all != SBX_FALSE; k++) {
        const sbx_truth t = judge(e, &d->constraint[k]);
        if (t != SBX_TRUE) all = t;
    }
    return all;
}

/* The point becomes the prover's, and is checked there. */
static sbx_status take(sbx_prover *w, const exact *e, size_t disjunct, sbx_err *err)
{
    w->disjunct = disjunct;
    for (size_t i = 0; i < w->inputs; i++)
        mpq_set(w->x[i], e->x[i].lo);
    for (size_t j = 0; j < w->outputs; j++) {
        mpq_set(w->y[j].lo, e->y[j].lo);
        mpq_set(w->y[j].hi, e->y[j].hi);
    }
    return sbx_prover_check(w, err); /* [L-NET-10] */
}

sbx_status sbx_exact_cases(bool *found, sbx_region *r, sbx_prover *w, const sbx_plan *plan,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    exact e = {0};
    sbx_net_info info;
    bool known = false;
    size_t left = 0;
    *found = false;
    SBX_TRY(meet(&e, r, plan, err));
    if (e.empty) { /* no point of the property is in it */
        r->n_open = 0;
        goto done;
    }
    sbx_net_get_info(&info, w->net);
    if (!e.point && info.parameters > SMALL) goto done;
    SBX_TRY(outputs(&known, &e, w, err));
    if (!known) goto done;
    for (size_t k = 0; k < r->n_open && !*found; k++) {
        const size_t disjunct = plan->cases[r->open[k]].disjunct;
        const sbx_truth t = judge_all(&e, &plan->p->disjunct[disjunct]);
        *found = e.point && t == SBX_TRUE;
        if (*found) SBX_TRY(take(w, &e, disjunct, err));
        if (t != SBX_FALSE) r->open[left++] = r->open[k];
    }
    if (!*found) r->n_open = left;
done:
    clear(&e);
    return st;
}
