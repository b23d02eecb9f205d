/* search/claim.c -- judges a counterexample that somebody claims, see verify.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "search/plan.h"
#include "search/prove.h"
#include "softbox/verify.h"

#include <math.h>

/* How one disjunct is missed: its box exactly, its constraints within [lo, hi]. */
typedef struct miss {
    mpq_t box, lo, hi;
    bool any;            /* is there a constraint? */
    sbx_truth satisfied; /* are they all? */
} miss;

static void max_into(mpq_ptr a, mpq_srcptr b)
{
    if (mpq_cmp(b, a) > 0) mpq_set(a, b);
}

static void box_miss(miss *m, const sbx_prover *w, const sbx_disjunct *d)
{
    mpq_t t;
    mpq_init(t);
    for (size_t i = 0; i < w->inputs; i++) {
        mpq_sub(t, d->lo[i], w->x[i]);
        if (i == 0) mpq_set(m->box, t);
        max_into(m->box, t);
        mpq_sub(t, w->x[i], d->hi[i]);
        max_into(m->box, t);
    }
    mpq_clear(t);
}

static void constraint_miss(miss *m, const sbx_prover *w, const sbx_disjunct *d)
{
    mpq_t lo, hi;
    mpq_inits(lo, hi, NULL);
    m->any = d->n_constraints > 0;
    m->satisfied = SBX_TRUE;
    for (size_t k = 0; k < d->n_constraints; k++) {
        const bool strict = d->constraint[k].strict;
        sbx_prover_excess(lo, hi, w, &d->constraint[k]);
        if (strict ? mpq_sgn(lo) >= 0 : mpq_sgn(lo) > 0)
            m->satisfied = SBX_FALSE;
        else if (m->satisfied == SBX_TRUE && (strict ? mpq_sgn(hi) >= 0 : mpq_sgn(hi) > 0))
            m->satisfied = SBX_UNKNOWN;
        if (k == 0) {
            mpq_set(m->lo, lo);
            mpq_set(m->hi, hi);
        }
        max_into(m->lo, lo);
        max_into(m->hi, hi);
    }
    mpq_clears(lo, hi, NULL);
}

/* One disjunct: valid, within the tolerance, beyond it, or not to be told. */
static sbx_claim judge_one(const miss *m, mpq_srcptr tolerance)
{
    const bool near = mpq_cmp(m->box, tolerance) <= 0;
    if (mpq_sgn(m->box) <= 0 && m->satisfied == SBX_TRUE) return SBX_CLAIM_VALID;
    if (!near || (m->any && mpq_cmp(m->lo, tolerance) > 0)) return SBX_CLAIM_INVALID;
    if (mpq_sgn(m->box) <= 0 && m->satisfied == SBX_UNKNOWN) return SBX_CLAIM_UNKNOWN;
    return m->any && mpq_cmp(m->hi, tolerance) > 0 ? SBX_CLAIM_UNKNOWN : SBX_CLAIM_TOLERANCE;
}

static double above(mpq_srcptr q)
{
    double lo, hi;
    sbx_plan_enclose(&lo, &hi, q);
    return hi;
}

/* a before b: the better claim; of the same, the smaller miss */
static bool better(const sbx_claim_result *a, const sbx_claim_result *b)
{
    static const int rank[] = {[SBX_CLAIM_VALID] = 0,
                               [SBX_CLAIM_UNKNOWN] = 1,
                               [SBX_CLAIM_TOLERANCE] = 2,
                               [SBX_CLAIM_INVALID] = 3};
    if (rank[a->claim] != rank[b->claim]) return rank[a->claim] < rank[b->claim];
    return fmax(a->box, a->excess) < fmax(b->box, b->excess);
}

/* The best of all disjuncts, from the outputs that w has. */
static void judge_all(sbx_claim_result *r, const sbx_prover *w, mpq_srcptr tolerance)
{
    miss m;
    mpq_inits(m.box, m.lo, m.hi, NULL);
    *r = (sbx_claim_result){SBX_CLAIM_INVALID, 0, HUGE_VAL, HUGE_VAL};
    for (size_t k = 0; k < w->p->n_disjuncts; k++) {
        sbx_claim_result t = {.disjunct = k};
        box_miss(&m, w, &w->p->disjunct[k]);
        constraint_miss(&m, w, &w->p->disjunct[k]);
        t.claim = judge_one(&m, tolerance);
        t.box = above(m.box);
        t.excess = m.any ? above(m.hi) : 0.0;
        if (better(&t, r)) *r = t;
    }
    mpq_clears(m.box, m.lo, m.hi, NULL);
}

sbx_status sbx_claim_judge(sbx_claim_result *r, const sbx_net *net, const sbx_property *p,
                           const mpq_t *x, mpq_srcptr tolerance, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_claim_result t = {SBX_CLAIM_UNKNOWN, 0, HUGE_VAL, HUGE_VAL};
    sbx_prover w = {0};
    const mpq_t *lo, *hi;
    if (p->inputs != sbx_net_inputs(net) || p->outputs != sbx_net_outputs(net))
        SBX_FAIL(err, SBX_ERR_ARG,
                 "the property declares %zu inputs and %zu outputs, the network has %zu and %zu",
                 p->inputs, p->outputs, sbx_net_inputs(net), sbx_net_outputs(net));
    if (sbx_net_domain(&lo, &hi, net))
        for (size_t i = 0; i < p->inputs; i++)
            if (mpq_cmp(x[i], lo[i]) < 0 || mpq_cmp(x[i], hi[i]) > 0)
                SBX_FAIL(err, SBX_ERR_ARG,
                         "X_%zu is outside of the box for which the network's file is meant", i);
    SBX_TRY(sbx_prover_init(&w, net, p, err));
    for (size_t i = 0; i < w.inputs; i++)
        mpq_set(w.x[i], x[i]);
    for (int rung = 0; rung < SBX_PROVER_RUNGS && t.claim == SBX_CLAIM_UNKNOWN; rung++) {
        bool known = false;
        SBX_TRY(sbx_prover_eval(&known, &w, rung, err));
        if (known) judge_all(&t, &w, tolerance); /* [L-NET-10] [L-NET-33] */
    }
    *r = t;
done:
    sbx_prover_clear(&w);
    return st;
}
