/* io/robust.c -- the property that asks for robustness, made in memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/vnnlib.h"

#include "base/alloc.h"
#include "base/try.h"

/* all numbers of the property */
typedef struct pool {
    size_t n;
    mpq_t *v;
} pool;

static void clear_pool(void *obj)
{
    pool *c = obj;
    for (size_t k = 0; k < c->n; k++)
        mpq_clear(c->v[k]);
}

static void *mem(sbx_property_store *s, size_t n, size_t size)
{
    return sbx_arena_new(&s->arena, n, size);
}

static sbx_status check(const sbx_robust *q, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (q->inputs == 0 || q->outputs < (q->probability ? 1 : 2))
        SBX_FAIL(err, SBX_ERR_ARG, "a classifier with %zu inputs and %zu outputs", q->inputs,
                 q->outputs);
    if (q->label >= q->outputs)
        SBX_FAIL(err, SBX_ERR_ARG, "label %zu of %zu classes", q->label, q->outputs);
    if (mpq_sgn(q->radius) < 0) SBX_FAIL(err, SBX_ERR_ARG, "a negative radius");
    for (size_t i = 0; i < q->inputs; i++)
        if ((q->clip_lo && mpq_cmp(q->x[i], q->clip_lo) < 0) ||
            (q->clip_hi && mpq_cmp(q->x[i], q->clip_hi) > 0))
            SBX_FAIL(err, SBX_ERR_ARG, "input %zu is outside of the range that it is clipped to",
                     i);
done:
    return st;
}

/* [L-NET-85]: the ball and the range, both closed, meet in this box. */
static void set_box(sbx_disjunct *d, const sbx_robust *q)
{
    for (size_t i = 0; i < q->inputs; i++) {
        mpq_sub(d->lo[i], q->x[i], q->radius);
        mpq_add(d->hi[i], q->x[i], q->radius);
        if (q->clip_lo && mpq_cmp(d->lo[i], q->clip_lo) < 0) mpq_set(d->lo[i], q->clip_lo);
        if (q->clip_hi && mpq_cmp(d->hi[i], q->clip_hi) > 0) mpq_set(d->hi[i], q->clip_hi);
    }
}

/* The numbers that constraints share. */
enum { ZERO, ONE, MINUS, BOUND, FEW };

/* number[ONE] Y_label + number[MINUS] Y_k <= 0, or Y_label < number[BOUND] */
static sbx_status set_rule(sbx_disjunct *d, sbx_property_store *s, mpq_t *number,
                           const sbx_robust *q, size_t k, sbx_err *err)
{
    sbx_constraint *const c = mem(s, 1, sizeof *c);
    sbx_status st = SBX_OK;
    if (c) c->term = mem(s, 2, sizeof *c->term);
    if (!c || !c->term) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a property");
    d->n_constraints = 1;
    d->constraint = c;
    c->strict = q->probability != NULL;
    c->n_terms = c->strict ? 1 : 2;
    *c->rhs = *number[c->strict ? BOUND : ZERO];
    c->term[0] = (sbx_term){.var = q->label, .is_output = true};
    c->term[1] = (sbx_term){.var = k, .is_output = true};
    *c->term[0].coef = *number[ONE];
    *c->term[1].coef = *number[MINUS];
done:
    return st;
}

static sbx_status fill(sbx_property *p, const sbx_robust *q, sbx_err *err)
{
    const size_t n = q->inputs, disjuncts = q->probability ? 1 : q->outputs - 1;
    sbx_status st = SBX_OK;
    pool *c = mem(p->store, 1, sizeof *c);
    if (c) c->v = mem(p->store, 2 * n + FEW, sizeof *c->v);
    p->disjunct = mem(p->store, disjuncts, sizeof *p->disjunct);
    if (!c || !c->v || !p->disjunct) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a property");
    for (; c->n < 2 * n + FEW; c->n++)
        mpq_init(c->v[c->n]);
    if (!sbx_arena_defer(&p->store->arena, clear_pool, c))
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a property");
    mpq_set_ui(c->v[ONE], 1, 1);
    mpq_set_si(c->v[MINUS], -1, 1);
    if (q->probability) mpq_set(c->v[BOUND], q->probability);
    p->inputs = n;
    p->outputs = q->outputs;
    p->n_disjuncts = disjuncts;
    for (size_t d = 0, k = 0; d < disjuncts; d++, k++) {
        if (!q->probability && k == q->label) k++;
        p->disjunct[d].lo = c->v + FEW;
        p->disjunct[d].hi = c->v + FEW + n;
        SBX_TRY(set_rule(&p->disjunct[d], p->store, c->v, q, k, err));
    }
    set_box(&p->disjunct[0], q); /* all of them share it */
done:
    return st;
}

sbx_status sbx_property_robust(sbx_property *p, const sbx_robust *q, sbx_err *err)
{
    sbx_property got = {0};
    sbx_status st = SBX_OK;
    *p = got;
    SBX_TRY(check(q, err));
    got.store = sbx_alloc(1, sizeof *got.store);
    if (!got.store) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a property");
    SBX_TRY(fill(&got, q, err));
    *p = got;
    got.store = NULL;
done:
    sbx_property_clear(&got);
    return st;
}
