/* search/clip.c -- see clip.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/clip.h"

#include "base/try.h"
#include "num/round.h"

/* [L-NET-35]: with m_i the least of g_i x_i on the box, g_i x_i <= t - k - sum_{j != i} m_j.
 * The sum is rounded down, m_i up before it is taken off again, the room up, and the quotient
 * away from the points that stay. */
bool sbx_clip_affine(sbx_ivd *box, size_t n, const double *g, double k, double t)
{
    double sum = k;
    bool finite = fabs(k) <= DBL_MAX && fabs(t) <= DBL_MAX;
    for (size_t i = 0; i < n; i++) {
        finite = finite && fabs(g[i]) <= DBL_MAX;
        sum = sbx_add_lo(sum, sbx_mul_lo(g[i], g[i] > 0.0 ? box[i].lo : box[i].hi));
    }
    if (!finite || !(fabs(sum) <= DBL_MAX)) return true; /* nothing is known */
    if (sum > t) return false;
    for (size_t i = 0; i < n; i++) {
        const double least = sbx_mul_hi(g[i], g[i] > 0.0 ? box[i].lo : box[i].hi);
        const double room = sbx_sub_hi(t, sbx_sub_lo(sum, least)); /* >= g_i x_i */
        if (g[i] > 0.0) {
            const double hi = sbx_div_hi(room, g[i]);
            if (hi < box[i].lo) return false;
            if (hi < box[i].hi) box[i].hi = hi;
        } else if (g[i] < 0.0) {
            const double lo = sbx_div_lo(room, g[i]);
            if (lo > box[i].hi) return false;
            if (lo > box[i].lo) box[i].lo = lo;
        }
    }
    return true;
}

/* A constraint less its right side, where row is an affine lower bound of its Y part (NULL:
 * of nothing, to be added elsewhere): the X terms are added to the slopes, and what their
 * coefficients are not known by is paid for. */
static void affine(double *g, const double *row, const sbx_ivd *box, const sbx_plan *plan,
                   const sbx_plan_con *c, const sbx_ivd *y)
{
    double k = row ? row[plan->inputs] : 0.0;
    for (size_t i = 0; i < plan->inputs; i++)
        g[i] = row ? row[i] : 0.0;
    k = sbx_sub_lo(k, sbx_plan_slack(plan, c, y));
    for (size_t i = 0; i < c->n_x; i++) {
        const sbx_plan_x *const t = &c->x[i];
        const sbx_ivd *const x = &box[t->var];
        const double m = fabs(x->lo) > fabs(x->hi) ? fabs(x->lo) : fabs(x->hi);
        const double p = sbx_add_lo(g[t->var], t->lo), q = sbx_add_hi(g[t->var], t->hi);
        g[t->var] = p; /* c x >= p x - (q - p) |x| for c in [p, q] */
        k = sbx_sub_lo(k, sbx_mul_hi(sbx_sub_hi(q, p), m));
    }
    g[plan->inputs] = sbx_sub_lo(k, c->above);
}

/* All constraints that have an affine bound, into j->row. */
static void gather(sbx_joint *j, const sbx_ivd *box, const sbx_plan *plan, const sbx_plan_case *c,
                   const sbx_bounder *b, const size_t *place)
{
    j->n = 0;
    for (size_t k = 0; k < c->n_con; k++) {
        const sbx_plan_con *const con = &c->con[k];
        const double *const row =
            con->row == SBX_NO_ROW ? NULL : sbx_bounder_input_coef(b, place[con->row]);
        if (con->beyond || (con->row != SBX_NO_ROW && !row)) continue;
        affine(j->row + j->n * (plan->inputs + 1), row, box, plan, con, sbx_bounder_outputs(b));
        j->con[j->n] = k;
        j->weight[j->n++] = 1.0;
    }
}

/* Twice: what one constraint cuts off helps the others. */
bool sbx_clip_case(sbx_ivd *box, sbx_joint *j, const sbx_plan *plan, const sbx_plan_case *c,
                   const sbx_bounder *b, const size_t *place)
{
    const size_t n = plan->inputs;
    gather(j, box, plan, c, b, place);
    for (int round = 0; round < (j->n > 1 ? 2 : 1); round++) {
        for (size_t k = 0; k < j->n; k++) {
            const double *const row = j->row + k * (n + 1);
            if (!sbx_clip_affine(box, n, row, row[n], 0.0)) return false;
        }
        if (j->n < 2) continue;
        if (round == 0) sbx_joint_weigh(j, box);
        if (!sbx_clip_affine(box, n, j->sum, j->sum[n], 0.0)) return false; /* [L-NET-72] */
    }
    return true;
}

/* The Y part of the weighted sum of the constraints: c doubles, the exact sum within *off of c.y */
static void outputs(double *c, double *off, const sbx_joint *j, const sbx_plan *plan,
                    const sbx_plan_case *k, const sbx_ivd *y)
{
    *off = 0.0;
    for (size_t i = 0; i < plan->outputs; i++) {
        const double m = fabs(y[i].lo) > fabs(y[i].hi) ? fabs(y[i].lo) : fabs(y[i].hi);
        double lo = 0.0, hi = 0.0;
        for (size_t s = 0; s < j->n; s++) {
            const size_t row = k->con[j->con[s]].row;
            const double a = row == SBX_NO_ROW ? 0.0 : plan->row[row * plan->outputs + i];
            lo = sbx_add_lo(lo, sbx_mul_lo(j->weight[s], a));
            hi = sbx_add_hi(hi, sbx_mul_hi(j->weight[s], a));
        }
        c[i] = lo;
        if (hi > lo) *off = sbx_add_hi(*off, sbx_mul_hi(sbx_sub_hi(hi, lo), m));
    }
}

sbx_status sbx_clip_tighter(bool *left, double *lo, sbx_ivd *box, sbx_joint *j, double *c,
                            const sbx_plan *plan, const sbx_plan_case *k, sbx_bounder *b, int steps,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = plan->inputs, given = j->n;
    const sbx_ivd *const y = sbx_bounder_outputs(b);
    double *const last = j->row + j->n * (n + 1);
    double off, enough;
    *left = true;
    *lo = -HUGE_VAL;
    if (j->n == 0) goto done;
    outputs(c, &off, j, plan, k, y);
    for (size_t s = 0; s < j->n; s++) /* the Y parts come in one */
        affine(j->row + s * (n + 1), NULL, box, plan, &k->con[j->con[s]], y);
    sbx_joint_add(j, box);
    enough = off - j->sum[n]; /* about: the X terms come on top */
    SBX_TRY(sbx_bounder_tighten(b, lo, last, c, enough, steps, err));
    if (!(*lo > -HUGE_VAL)) goto done;
    last[n] = sbx_sub_lo(last[n], off);
    *lo = sbx_sub_lo(*lo, off); /* c is not the exact row */
    j->weight[j->n++] = 1.0;
    sbx_joint_add(j, box);
    *left = sbx_clip_affine(box, n, j->sum, j->sum[n], 0.0); /* [L-NET-72] */
done:
    j->n = given;
    return st;
}
