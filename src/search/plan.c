/* search/plan.c -- see plan.h: groups of equal boxes, distinct rows, proved doubles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/plan.h"

#include "base/alloc.h"
#include "base/try.h"
#include "num/round.h"
#include "search/sort.h"

#include <stdlib.h>

/* one Y coefficient of a constraint: the exact one is within rad of c */
typedef struct coef {
    size_t var;
    double c, rad;
} coef;

/* the Y part of a constraint, by increasing variable */
typedef struct part {
    size_t n;
    coef *y;
    sbx_plan_con *owner;
} part;

typedef struct boxed { /* a disjunct, to be sorted by its box */
    const sbx_disjunct *d;
    size_t inputs;
} boxed;

/* mpq_get_d truncates, so the neighbours are a step or two away. */
void sbx_plan_enclose(double *below, double *above, mpq_srcptr q)
{
    double t = mpq_get_d(q), u;
    int c;
    mpq_t s;
    mpq_init(s);
    t = t > DBL_MAX ? DBL_MAX : t < -DBL_MAX ? -DBL_MAX : t;
    mpq_set_d(s, t);
    while ((c = mpq_cmp(s, q)) > 0) {
        u = t;
        t = sbx_next_down(t);
        if (t < -DBL_MAX) goto done; /* q < -DBL_MAX */
        mpq_set_d(s, t);
    }
    for (u = t; c < 0; c = mpq_cmp(s, q)) {
        t = u; /* t < q */
        u = sbx_next_up(t);
        if (u > DBL_MAX) goto done; /* q > DBL_MAX */
        mpq_set_d(s, u);
    }
    if (c == 0) t = u;
done:
    *below = t;
    *above = u;
    mpq_clear(s);
}

static int compare_boxes(const boxed *a, const boxed *b)
{
    for (size_t i = 0; a->d->lo != b->d->lo && i < a->inputs; i++) {
        const int c = mpq_cmp(a->d->lo[i], b->d->lo[i]);
        if (c != 0) return c;
    }
    for (size_t i = 0; a->d->hi != b->d->hi && i < a->inputs; i++) {
        const int c = mpq_cmp(a->d->hi[i], b->d->hi[i]);
        if (c != 0) return c;
    }
    return 0;
}

static int by_box(const void *a, const void *b)
{
    const boxed *const x = a, *const y = b;
    const int c = compare_boxes(x, y);
    return c != 0 ? c : (x->d > y->d) - (x->d < y->d);
}

static int by_variable(const void *a, const void *b)
{
    const sbx_term *const x = *(sbx_term *const *)a, *const y = *(sbx_term *const *)b;
    if (x->is_output != y->is_output) return x->is_output ? -1 : 1;
    return (x->var > y->var) - (x->var < y->var);
}

static int compare_parts(const part *x, const part *y)
{
    for (size_t i = 0; i < x->n && i < y->n; i++) {
        const coef *const s = &x->y[i], *const t = &y->y[i];
        if (s->var != t->var) return s->var < t->var ? -1 : 1;
        if (s->c < t->c || s->c > t->c) return s->c < t->c ? -1 : 1;
        if (s->rad < t->rad || s->rad > t->rad) return s->rad < t->rad ? -1 : 1;
    }
    return (x->n > y->n) - (x->n < y->n);
}
static int by_part(const void *a, const void *b) { return compare_parts(a, b); }

/* The terms of each variable added up exactly, then enclosed. Y coefficients: the
 * double below, and the distance to the one above as the radius. */
static sbx_status make_con(sbx_plan_con *to, part *y, sbx_plan *plan, const sbx_constraint *from,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_term **const t = sbx_alloc(from->n_terms, sizeof *t);
    sbx_plan_x *const x = sbx_arena_new(&plan->arena, from->n_terms, sizeof *x);
    mpq_t sum;

    mpq_init(sum);
    y->y = sbx_arena_new(&plan->arena, from->n_terms, sizeof *y->y);
    if (!t || !x || !y->y) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a constraint");
    for (size_t k = 0; k < from->n_terms; k++) {
        t[k] = &from->term[k];
        if (t[k]->var >= (t[k]->is_output ? plan->outputs : plan->inputs))
            SBX_FAIL(err, SBX_ERR_ARG, "the property speaks of %c_%zu, but declares %zu",
                     t[k]->is_output ? 'Y' : 'X', t[k]->var,
                     t[k]->is_output ? plan->outputs : plan->inputs);
    }
    qsort(t, from->n_terms, sizeof *t, by_variable);
    *to = (sbx_plan_con){.row = SBX_NO_ROW, .x = x, .strict = from->strict};
    y->owner = to;
    for (size_t k = 0; k < from->n_terms;) {
        const sbx_term *const first = t[k];
        double lo, hi;
        mpq_set_ui(sum, 0, 1);
        for (; k < from->n_terms && by_variable(&t[k], &first) == 0; k++)
            mpq_add(sum, sum, t[k]->coef);
        if (mpq_sgn(sum) == 0) continue;
        sbx_plan_enclose(&lo, &hi, sum);
        to->beyond = to->beyond || !(lo >= -DBL_MAX && hi <= DBL_MAX);
        if (first->is_output)
            y->y[y->n++] = (coef){first->var, lo, hi > lo ? sbx_sub_hi(hi, lo) : 0.0};
        else
            x[to->n_x++] = (sbx_plan_x){first->var, lo, hi};
    }
    if (to->beyond) y->n = 0; /* such a row cannot be bounded */
    sbx_plan_enclose(&to->below, &to->above, from->rhs);
done:
    sbx_free(t);
    mpq_clear(sum);
    return st;
}

/* Equal Y parts become one row of the table. */
static sbx_status make_rows(sbx_plan *plan, part *y, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool inexact = false;
    size_t r = 0;

    SBX_TRY(sbx_sort(y, n, sizeof *y, by_part, ctx, err));
    for (size_t k = 0; k < n; k++) {
        if (y[k].n == 0) continue;
        if (k == 0 || compare_parts(&y[k - 1], &y[k]) != 0) plan->n_rows++;
        y[k].owner->row = plan->n_rows - 1;
        for (size_t i = 0; i < y[k].n; i++)
            inexact = inexact || y[k].y[i].rad > 0.0;
    }
    if (plan->n_rows > SIZE_MAX / (plan->outputs + 1))
        SBX_FAIL(err, SBX_ERR_NOMEM, "too many constraints");
    plan->row = sbx_arena_new(&plan->arena, plan->n_rows * plan->outputs, sizeof *plan->row);
    if (inexact)
        plan->rad = sbx_arena_new(&plan->arena, plan->n_rows * plan->outputs, sizeof *plan->rad);
    if (!plan->row || (inexact && !plan->rad))
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu constraints", plan->n_rows);
    for (size_t k = 0; k < n; k++) {
        if (y[k].n == 0) continue;
        r = y[k].owner->row * plan->outputs;
        for (size_t i = 0; i < y[k].n; i++) {
            plan->row[r + y[k].y[i].var] = y[k].y[i].c;
            if (inexact) plan->rad[r + y[k].y[i].var] = y[k].y[i].rad;
        }
    }
done:
    return st;
}

/* The outward box of a group. */
static sbx_status make_box(sbx_plan *plan, sbx_plan_group *g, sbx_err *err)
{
    g->box = sbx_arena_new(&plan->arena, plan->inputs, sizeof *g->box);
    if (!g->box) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory for a box");
    for (size_t i = 0; i < plan->inputs; i++) {
        double unused;
        sbx_plan_enclose(&g->box[i].lo, &unused, g->exact->lo[i]);
        sbx_plan_enclose(&unused, &g->box[i].hi, g->exact->hi[i]);
        g->beyond = g->beyond || !(g->box[i].lo >= -DBL_MAX && g->box[i].hi <= DBL_MAX);
    }
    return SBX_OK;
}

/* [L-NET-32]: a disjunct whose box has lo > hi somewhere has no point. */
static bool has_no_point(const sbx_disjunct *d, size_t inputs)
{
    for (size_t i = 0; i < inputs; i++)
        if (mpq_cmp(d->lo[i], d->hi[i]) > 0) return true;
    return false;
}

sbx_status sbx_plan_make(sbx_plan *plan, const sbx_property *p, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    boxed *b = NULL;
    part *y = NULL;
    size_t n_con = 0, at = 0;

    *plan = (sbx_plan){.p = p, .inputs = p->inputs, .outputs = p->outputs};
    b = sbx_alloc(p->n_disjuncts, sizeof *b);
    if (!b) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu disjuncts", p->n_disjuncts);
    for (size_t d = 0; d < p->n_disjuncts; d++) {
        SBX_TRY(sbx_go_on(ctx, err));
        if (has_no_point(&p->disjunct[d], p->inputs)) continue;
        b[plan->n_cases++] = (boxed){&p->disjunct[d], p->inputs};
        n_con += p->disjunct[d].n_constraints;
    }
    plan->empty = p->n_disjuncts - plan->n_cases;
    SBX_TRY(sbx_sort(b, plan->n_cases, sizeof *b, by_box, ctx, err));

    y = sbx_alloc(n_con, sizeof *y);
    plan->cases = sbx_arena_new(&plan->arena, plan->n_cases, sizeof *plan->cases);
    plan->group = sbx_arena_new(&plan->arena, plan->n_cases, sizeof *plan->group);
    if (!y || !plan->cases || !plan->group)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu disjuncts", p->n_disjuncts);
    for (size_t k = 0; k < plan->n_cases; k++) {
        const sbx_disjunct *const d = b[k].d;
        sbx_plan_con *const con = sbx_arena_new(&plan->arena, d->n_constraints, sizeof *con);
        if (!con) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu disjuncts", p->n_disjuncts);
        SBX_TRY(sbx_go_on(ctx, err));
        for (size_t i = 0; i < d->n_constraints; i++)
            SBX_TRY(make_con(&con[i], &y[at++], plan, &d->constraint[i], err));
        plan->cases[k] = (sbx_plan_case){(size_t)(d - p->disjunct), d->n_constraints, con};
        if (k == 0 || compare_boxes(&b[k - 1], &b[k]) != 0) {
            sbx_plan_group *const g = &plan->group[plan->n_groups++];
            *g = (sbx_plan_group){.exact = d, .first = k};
            SBX_TRY(make_box(plan, g, err));
        }
        plan->group[plan->n_groups - 1].n_cases++;
    }
    SBX_TRY(make_rows(plan, y, n_con, ctx, err));
done:
    sbx_free(b);
    sbx_free(y);
    if (st != SBX_OK) sbx_plan_clear(plan);
    return st;
}

void sbx_plan_clear(sbx_plan *plan)
{
    sbx_arena_clear(&plan->arena);
    *plan = (sbx_plan){0};
}

/* the least of coefficient times input over both intervals, rounded down */
static double x_lower(const sbx_plan_x *t, const sbx_ivd *b)
{
    const double p = sbx_mul_lo(t->lo, b->lo), q = sbx_mul_lo(t->lo, b->hi);
    const double r = sbx_mul_lo(t->hi, b->lo), s = sbx_mul_lo(t->hi, b->hi);
    const double m = p < q ? p : q, n = r < s ? r : s;
    return m < n ? m : n;
}

double sbx_plan_slack(const sbx_plan *plan, const sbx_plan_con *c, const sbx_ivd *y)
{
    double s = 0.0;
    if (c->row == SBX_NO_ROW || !plan->rad) return s;
    for (size_t j = 0; j < plan->outputs; j++) { /* |(c - row)_j y_j| <= rad_j max|y_j| */
        const double rad = plan->rad[c->row * plan->outputs + j];
        const double m = fabs(y[j].lo) > fabs(y[j].hi) ? fabs(y[j].lo) : fabs(y[j].hi);
        if (rad > 0.0) s = sbx_add_hi(s, sbx_mul_hi(rad, m)); /* [L-NET-34] */
    }
    return s;
}

double sbx_plan_lower(const sbx_plan *plan, const sbx_plan_con *c, double lo, const sbx_ivd *y,
                      const sbx_ivd *box)
{
    double s = c->row == SBX_NO_ROW ? 0.0 : lo;
    if (c->beyond) return -HUGE_VAL;
    s = sbx_sub_lo(s, sbx_plan_slack(plan, c, y));
    for (size_t k = 0; k < c->n_x; k++)
        s = sbx_add_lo(s, x_lower(&c->x[k], &box[c->x[k].var]));
    return s <= DBL_MAX ? s : -HUGE_VAL; /* a NaN is no bound */
}

/* [L-NET-31]: no double lies strictly between `below` and rhs, nor between rhs and
 * `above`; so for a double v, v > rhs is v > below, and v >= rhs is v >= above. */
bool sbx_plan_refutes(const sbx_plan_con *c, double lower)
{
    if (!(lower <= DBL_MAX)) return false;                   /* NaN */
    return c->strict ? lower >= c->above : lower > c->below; /* [L-NET-09] */
}
