/* io/vnnlib_dnf.c -- the disjuncts that a tree of and/or stands for.
 *
 * The k-th disjunct is found by reading k as a number with one digit an or. What stands under
 * no or is common to all: its box and its constraints are made once. Disjuncts with the same
 * bounds one after the other share one box.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/vnnlib.h"

#include "base/alloc.h"
#include "base/try.h"

#include <string.h>

#define HAS_LO 1u
#define HAS_HI 2u

typedef struct list {
    size_t *v, n, cap;
} list;

/* atoms, by number */
typedef struct pick {
    list bound, rule;
} pick;

/* [inputs]; has: which bounds are known */
typedef struct box {
    mpq_t *lo, *hi;
    unsigned char *has;
} box;

typedef struct expander {
    sbx_vnn *v;
    size_t inputs;
    list child, upto; /* of all or-nodes: children, and their counts summed up */
    list root;        /* the or-nodes below the root */
    list node, digit; /* still to do */
    pick common, own;
    list before; /* bounds of the disjunct before this one */
    box base, last;
    bool base_whole;
    sbx_constraint *rule; /* common's */
} expander;

static sbx_status add(list *l, size_t x, sbx_vnn *v)
{
    size_t *p = sbx_vnn_room(v, l->v, l->n, &l->cap, sizeof *p);
    if (!p) return SBX_VNN_LOST(v);
    l->v = p;
    p[l->n++] = x;
    return SBX_OK;
}

static sbx_status add_atom(pick *to, size_t node, sbx_vnn *v)
{
    const size_t atom = v->node[node].at;
    return add(v->atom[atom].is_bound ? &to->bound : &to->rule, atom, v);
}

/* The root's atoms are common; every or gets its table. */
static sbx_status survey(expander *e)
{
    sbx_status st = SBX_OK;
    sbx_vnn *const v = e->v;
    SBX_TRY(add(&e->node, 0, v));
    while (e->node.n) {
        const size_t id = e->node.v[--e->node.n];
        sbx_vnn_node *const p = &v->node[id];
        size_t sum = 0;
        if (p->shape == SBX_VNN_OR) p->at = (uint32_t)e->child.n; /* < nodes */
        for (size_t c = p->first; c; c = v->node[c].next) {
            const bool atom = v->node[c].shape == SBX_VNN_ATOM;
            if (p->shape == SBX_VNN_OR) {
                sum += v->node[c].count;
                SBX_TRY(add(&e->child, c, v));
                SBX_TRY(add(&e->upto, sum, v));
            }
            if (id == 0 && atom) SBX_TRY(add_atom(&e->common, c, v));
            if (id == 0 && !atom) SBX_TRY(add(&e->root, c, v));
            if (!atom) SBX_TRY(add(&e->node, c, v));
        }
    }
done:
    return st;
}

/* The child of an or that has its k-th disjunct, and which of the child's that is. */
static size_t choose(const expander *e, const sbx_vnn_node *p, size_t *k)
{
    const size_t *upto = e->upto.v + p->at;
    size_t lo = 0, hi = p->n - 1; /* the first with upto > k is in lo..hi */
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (upto[mid] > *k)
            hi = mid;
        else
            lo = mid + 1;
    }
    if (lo) *k -= upto[lo - 1];
    return e->child.v[p->at + lo];
}

static sbx_status later(expander *e, size_t node, size_t k)
{
    sbx_status st = SBX_OK;
    SBX_TRY(add(&e->node, node, e->v));
    SBX_TRY(add(&e->digit, k, e->v));
done:
    return st;
}

/* The atoms of disjunct k that are not common. */
static sbx_status pick_disjunct(expander *e, size_t k)
{
    sbx_status st = SBX_OK;
    sbx_vnn *const v = e->v;
    e->own.bound.n = e->own.rule.n = 0;
    for (size_t i = e->root.n; i-- > 0;) {                /* the last or varies fastest */
        const size_t count = v->node[e->root.v[i]].count; /* >= 1 */
        SBX_TRY(later(e, e->root.v[i], k % count));
        k /= count;
    }
    while (e->node.n) {
        const size_t id = e->node.v[--e->node.n];
        const sbx_vnn_node *const p = &v->node[id];
        size_t d = e->digit.v[--e->digit.n];
        if (p->shape == SBX_VNN_ATOM) {
            SBX_TRY(add_atom(&e->own, id, v));
        } else if (p->shape == SBX_VNN_OR) {
            const size_t c = choose(e, p, &d);
            SBX_TRY(later(e, c, d));
        } else {
            for (size_t c = p->first; c; c = v->node[c].next) {
                const size_t count = v->node[c].count;
                if (v->node[c].shape == SBX_VNN_ATOM)
                    SBX_TRY(add_atom(&e->own, c, v));
                else
                    SBX_TRY(later(e, c, d % count));
                d /= count;
            }
        }
    }
done:
    return st;
}

/* ---- boxes -------------------------------------------------------------------- */

/* A box of its own; the numbers are shared with `from`. */
static sbx_status box_new(box *b, expander *e, const box *from)
{
    const size_t n = e->inputs;
    sbx_vnn *const v = e->v;
    b->lo = sbx_vnn_mem(v, n, sizeof *b->lo);
    b->hi = b->lo ? sbx_vnn_mem(v, n, sizeof *b->hi) : NULL;
    if (!b->hi) return SBX_VNN_LOST(v);
    if (!b->has) b->has = sbx_alloc(n, 1);
    if (!b->has) return sbx_fail(v->err, SBX_ERR_NOMEM, SBX_HERE, "%s: out of memory", v->path);
    if (!from) return SBX_OK;
    memcpy(b->lo, from->lo, n * sizeof *b->lo);
    memcpy(b->hi, from->hi, n * sizeof *b->hi);
    memcpy(b->has, from->has, n);
    return SBX_OK;
}

/* the intersection with each bound */
static void narrow(box *b, const list *bound, const sbx_vnn *v)
{
    for (size_t i = 0; i < bound->n; i++) {
        const sbx_vnn_atom *a = &v->atom[bound->v[i]];
        const unsigned flag = a->is_upper ? HAS_HI : HAS_LO;
        __mpq_struct *side = a->is_upper ? b->hi[a->var] : b->lo[a->var];
        if (!(b->has[a->var] & flag) ||
            (a->is_upper ? mpq_cmp(a->c.rhs, side) < 0 : mpq_cmp(a->c.rhs, side) > 0))
            *side = *a->c.rhs;
        b->has[a->var] = (unsigned char)(b->has[a->var] | flag);
    }
}

static sbx_status whole(const expander *e, const box *b, size_t k)
{
    sbx_status st = SBX_OK;
    sbx_vnn *const v = e->v;
    char name[80];
    for (size_t i = 0; i < e->inputs; i++) {
        if (b->has[i] == (HAS_LO | HAS_HI)) continue;
        sbx_vnn_spell(name, sizeof name, v, SBX_VNN_X, i);
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, v->end, "%s has no %s bound in disjunct %zu of %zu", name,
                     b->has[i] & HAS_LO ? "upper" : "lower", k + 1, (size_t)v->node[0].count);
    }
done:
    return st;
}

static bool same(const list *a, const list *b)
{
    return a->n == b->n && (!a->n || memcmp(a->v, b->v, a->n * sizeof *a->v) == 0);
}

static sbx_status set_box(sbx_disjunct *d, expander *e, size_t k)
{
    sbx_status st = SBX_OK;
    const box *b = &e->base;
    if (e->own.bound.n) {
        b = &e->last;
        if (!same(&e->own.bound, &e->before)) {
            const list old = e->before;
            SBX_TRY(box_new(&e->last, e, &e->base));
            narrow(&e->last, &e->own.bound, e->v);
            SBX_TRY(whole(e, b, k));
            e->before = e->own.bound;
            e->own.bound = old;
        }
    } else if (!e->base_whole) {
        SBX_TRY(whole(e, b, k));
        e->base_whole = true;
    }
    d->lo = b->lo;
    d->hi = b->hi;
done:
    return st;
}

/* ---- constraints ---------------------------------------------------------------- */

static sbx_status copy_rules(sbx_constraint **to, expander *e, const list *rule, size_t before)
{
    sbx_vnn *const v = e->v;
    *to = sbx_vnn_mem(v, before + rule->n, sizeof **to);
    if (!*to) return SBX_VNN_LOST(v);
    if (before) memcpy(*to, e->rule, before * sizeof **to);
    for (size_t i = 0; i < rule->n; i++)
        (*to)[before + i] = v->atom[rule->v[i]].c;
    return SBX_OK;
}

static sbx_status set_rules(sbx_disjunct *d, expander *e)
{
    sbx_status st = SBX_OK;
    const size_t n = e->common.rule.n;
    d->n_constraints = n + e->own.rule.n;
    d->constraint = e->rule;
    if (e->own.rule.n) SBX_TRY(copy_rules(&d->constraint, e, &e->own.rule, n));
done:
    return st;
}

static sbx_status expand(sbx_property *p, expander *e)
{
    sbx_status st = SBX_OK;
    size_t total = 0;
    sbx_vnn *const v = e->v;
    SBX_TRY(survey(e));
    SBX_TRY(box_new(&e->base, e, NULL));
    narrow(&e->base, &e->common.bound, v);
    if (e->common.rule.n) SBX_TRY(copy_rules(&e->rule, e, &e->common.rule, 0));
    p->n_disjuncts = v->node[0].count;
    p->disjunct = sbx_vnn_mem(v, p->n_disjuncts, sizeof *p->disjunct);
    if (!p->disjunct) return SBX_VNN_LOST(v);
    for (size_t k = 0; k < p->n_disjuncts; k++) {
        SBX_TRY(pick_disjunct(e, k));
        SBX_TRY(set_box(&p->disjunct[k], e, k));
        SBX_TRY(set_rules(&p->disjunct[k], e));
        total += p->disjunct[k].n_constraints;
        if (total > SBX_VNN_CONSTRAINTS)
            SBX_VNN_FAIL(v, SBX_ERR_LIMIT, v->end, "over %d constraints in %zu disjuncts",
                         SBX_VNN_CONSTRAINTS, p->n_disjuncts);
    }
done:
    return st;
}

sbx_status sbx_vnn_expand(sbx_property *p, sbx_vnn *v)
{
    expander e = {.v = v, .inputs = v->declared_n[SBX_VNN_X]};
    sbx_status st;
    p->inputs = e.inputs;
    p->outputs = v->declared_n[SBX_VNN_Y];
    p->network = v->network;
    p->input = v->tensor[SBX_VNN_X];
    p->output = v->tensor[SBX_VNN_Y];
    st = expand(p, &e);
    sbx_free(e.child.v);
    sbx_free(e.upto.v);
    sbx_free(e.root.v);
    sbx_free(e.node.v);
    sbx_free(e.digit.v);
    sbx_free(e.common.bound.v);
    sbx_free(e.common.rule.v);
    sbx_free(e.own.bound.v);
    sbx_free(e.own.rule.v);
    sbx_free(e.before.v);
    sbx_free(e.base.has);
    sbx_free(e.last.has);
    return st;
}
