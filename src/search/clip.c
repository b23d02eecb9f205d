/* search/clip.c -- see clip.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/clip.h"

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

/* The affine lower bound of the left side of a constraint: that of its row; the X terms are
 * added to the slopes, and what their coefficients are not known by is paid for. */
static bool affine(double *g, double *k, const sbx_ivd *box, const sbx_plan *plan,
                   const sbx_plan_con *c, const sbx_bounder *b, const size_t *place)
{
    const double *row = c->row == SBX_NO_ROW ? NULL : sbx_bounder_input_coef(b, place[c->row]);
    if (c->beyond || (c->row != SBX_NO_ROW && !row)) return false;
    for (size_t i = 0; i < plan->inputs; i++)
        g[i] = row ? row[i] : 0.0;
    *k = sbx_sub_lo(row ? row[plan->inputs] : 0.0, sbx_plan_slack(plan, c, sbx_bounder_outputs(b)));
    for (size_t i = 0; i < c->n_x; i++) {
        const sbx_plan_x *const t = &c->x[i];
        const sbx_ivd *const x = &box[t->var];
        const double m = fabs(x->lo) > fabs(x->hi) ? fabs(x->lo) : fabs(x->hi);
        const double p = sbx_add_lo(g[t->var], t->lo), q = sbx_add_hi(g[t->var], t->hi);
        g[t->var] = p; /* c x >= p x - (q - p) |x| for c in [p, q] */
        *k = sbx_sub_lo(*k, sbx_mul_hi(sbx_sub_hi(q, p), m));
    }
    return true;
}

/* Twice: what one constraint cuts off helps the others. */
bool sbx_clip_case(sbx_ivd *box, double *g, const sbx_plan *plan, const sbx_plan_case *c,
                   const sbx_bounder *b, const size_t *place)
{
    for (size_t k = 0; k < (c->n_con > 1 ? 2 * c->n_con : 1); k++) {
        const sbx_plan_con *const con = &c->con[k % (c->n_con ? c->n_con : 1)];
        double beta;
        if (c->n_con == 0 || !affine(g, &beta, box, plan, con, b, place)) continue;
        if (!sbx_clip_affine(box, plan->inputs, g, beta, con->above)) return false;
    }
    return true;
}
