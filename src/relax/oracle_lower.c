/* relax/oracle_lower.c -- where softmax_i - a.x is least over a box: chords, then smaller boxes.
 *
 * With chords of exp for the others, the least w.x at a given S is a fractional knapsack: sorted
 * by kappa_k = w_k (u_k - l_k)/(e^{u_k} - e^{l_k}), the coordinates go from their lower to their
 * upper ends, one at a time; so the cost is convex and piecewise linear in S. y is at its upper
 * end while kappa S < a, at its lower one while kappa S > a, and between at kappa S = a.
 *
 * Only the coordinate that is on its way makes a difference between the chords and the truth:
 * there the box is cut in two.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "relax/exp.h"
#include "relax/oracle.h"

#include <math.h>

/* the others' box in hand, and its knapsack */
typedef struct {
    const double *l, *u;
    double *el, *eu, *kappa, *S, *cost; /* S, cost: m + 1 */
    size_t *order;
} sack;

/* by kappa; the order of the last time is a good begin (Shell's method) */
static void sort(size_t *order, const double *kappa, size_t m)
{
    static const size_t gaps[] = {701, 301, 132, 57, 23, 10, 4, 1};
    for (size_t g = m > 16 ? 0 : 7; g < 8; g++)
        for (size_t k = gaps[g]; k < m; k++) {
            const size_t q = order[k];
            size_t p = k;
            for (; p >= gaps[g] && kappa[order[p - gaps[g]]] > kappa[q]; p -= gaps[g])
                order[p] = order[p - gaps[g]];
            order[p] = q;
        }
}

static void fill(sack *s, const sbx_orc *o)
{
    s->S[0] = s->cost[0] = 0.0;
    for (size_t k = 0; k < o->m; k++) {
        const double k_chord = chord_guess(s->el[k], s->eu[k], s->u[k] - s->l[k]);
        s->kappa[k] = o->w[k] / fmax(k_chord, 0x1p-1010);
        s->S[0] += s->el[k];
        s->cost[0] += o->w[k] * s->l[k];
    }
    sort(s->order, s->kappa, o->m);
    for (size_t k = 0; k < o->m; k++) {
        const size_t q = s->order[k];
        const double w = s->u[q] - s->l[q];
        s->S[k + 1] = s->S[k] + chord_guess(s->el[q], s->eu[q], w) * w;
        s->cost[k + 1] = s->cost[k] + o->w[q] * w;
    }
}

/* a point of the relaxed problem: part of step k (order[k] is on its way) */
typedef struct {
    double value, y, S;
    size_t k;
} spot;

static double cost_at(const sack *s, size_t m, size_t k, double S)
{
    return k < m ? s->cost[k] + s->kappa[s->order[k]] * (S - s->S[k]) : s->cost[m];
}

/* the least E/(E + S) + cost(S) for S in [from, to], to in step `end` */
static spot least(const sack *s, const sbx_orc *o, double y, double from, size_t k, double to)
{
    const double E = sbx_orc_exp(y);
    double S = from;
    for (; k < o->m && S < to; k++) {
        const double kap = s->kappa[s->order[k]], stop = fmin(s->S[k + 1], to);
        if (kap >= E / (E + S) / (E + S)) break;
        if (kap > E / (E + stop) / (E + stop)) {
            S = fmin(fmax(sqrt(E) / sqrt(kap) - E, S), stop);
            break;
        }
        S = stop;
        if (S < s->S[k + 1]) break;
    }
    return (spot){E / (E + S) + cost_at(s, o->m, k, S) - o->a * y, y, S, k};
}

static double slope_at(double y, double S) /* log of p^2/E, p = E/(E + S) */
{
    const double E = sbx_orc_exp(y), r = 1.0 + S / E;
    return E > S ? -y - 2.0 * log_guess(r) : y - 2.0 * log_guess(S * (1.0 + E / S));
}

/* the relaxed problem over a box of the others: its value, where, and the multipliers */
static spot relaxed(sack *s, const sbx_orc *o, sbx_orc_lower *q)
{
    const double a = o->a;
    spot best, at;
    double S = 0.0, b;
    size_t k = 0;

    fill(s, o);
    if (!(a > 0.0)) {
        best = least(s, o, o->yl, s->S[0], 0, HUGE_VAL);
        q->t_a = q->t_b = HUGE_VAL;
        for (int j = 0; j < 3; j++)
            q->b[j] = slope_at(best.y, best.S);
        q->first = q->last = q->b[0];
        return best;
    }
    while (k < o->m && s->kappa[s->order[k]] * s->S[k + 1] < a)
        k++;
    S = s->S[k];
    b = log_guess(a / S);
    if (k < o->m && s->kappa[s->order[k]] * S < a) {
        S = a / s->kappa[s->order[k]];
        b = log_guess(s->kappa[s->order[k]]);
    }
    const double log_S = log_guess(S);
    q->t_a = o->yl - log_S;
    q->t_b = o->yu - log_S;
    q->b[1] = b;

    best = least(s, o, o->yu, s->S[0], 0, S);
    q->last = slope_at(best.y, best.S);
    q->b[2] = best.S < S ? q->last : fmin(b, q->last);

    at = least(s, o, o->yl, S, k, HUGE_VAL);
    q->first = slope_at(at.y, at.S);
    q->b[0] = at.S > S ? q->first : fmax(b, q->first);
    if (at.value < best.value) best = at;

    if (a < 0.25) {
        const double p = a / (0.5 + 0.5 * sqrt(1.0 - 4.0 * a)), t = log_guess(p * p / a);
        if (t > q->t_a && t < q->t_b) {
            at = (spot){p - a * (t + log_S) + cost_at(s, o->m, k, S), t + log_S, S, k};
            if (at.value < best.value) best = at;
        }
    }
    return best;
}

/* the true point of a spot: the coordinate on its way where e^x makes up S; f there. *cut: the
 * coordinate, m if all are at ends */
static double true_point(const sack *s, const sbx_orc *o, const spot *p, double *v, size_t *cut)
{
    double w = 0.0, S = 0.0, E, t, a = o->a, y = p->y, best;
    *cut = o->m;
    for (size_t k = 0; k < o->m; k++) {
        const size_t q = s->order[k];
        v[q] = k < p->k ? s->u[q] : s->l[q];
        if (k == p->k && p->S > s->S[k]) {
            const double e = s->el[q] + (p->S - s->S[k]);
            const double x = e < s->eu[q] ? fmin(fmax(log_guess(e), s->l[q]), s->u[q]) : s->u[q];
            v[q] = x;
            if (x > s->l[q] && x < s->u[q]) *cut = q;
            S += fmin(e, s->eu[q]);
        } else
            S += k < p->k ? s->eu[q] : s->el[q];
        w += o->w[q] * v[q];
    }
    E = sbx_orc_exp(y);
    best = E / (E + S) + w - a * y;
    for (int e = 0; e < 2; e++) { /* x_i at its ends, too */
        t = e ? o->yu : o->yl;
        E = sbx_orc_exp(t);
        if (E / (E + S) + w - a * t < best) {
            best = E / (E + S) + w - a * t;
            y = t;
        }
    }
    v[o->m] = y;
    return best;
}

/* The state of the search: the best point so far, f there. */
typedef struct {
    sbx_orc *o;
    sack s;
    double *v, *keep, best;
} hunt;

/* leaf k's bound, multipliers, and where to cut it: cut[2k] the coordinate, cut[2k + 1] its value */
static void look(hunt *h, size_t k)
{
    sbx_orc *o = h->o;
    const size_t m = o->m;
    const double *l = o->leaf + 2 * m * k, *u = l + m;
    double f;
    size_t cut;
    spot p;

    h->s.l = l;
    h->s.u = u;
    for (size_t j = 0; j < m; j++) {
        h->s.el[j] = l[j] == o->l[j] ? o->el[j] : sbx_orc_exp(l[j]);
        h->s.eu[j] = u[j] == o->u[j] ? o->eu[j] : sbx_orc_exp(u[j]);
    }
    p = relaxed(&h->s, o, &o->low[k]);
    o->bound[k] = p.value;
    f = true_point(&h->s, o, &p, h->v, &cut);
    o->cut[2 * k] = cut < m ? (double)cut : -1.0;
    o->cut[2 * k + 1] = cut < m ? h->v[cut] : 0.0;
    if (f >= h->best) return;
    h->best = f;
    memcpy(h->keep, h->v, (m + 1) * sizeof *h->v);
}

double sbx_orc_min(sbx_orc *o, double tol, size_t leaves, double *reached, double *point)
{
    const size_t m = o->m;
    double *v = o->spare;
    hunt h = {o,
              {.el = v + 2 * m + 2,
               .eu = v + 3 * m + 2,
               .kappa = v + 4 * m + 2,
               .S = v + 5 * m + 2,
               .cost = v + 6 * m + 3,
               .order = o->order},
              v,
              v + m + 1,
              HUGE_VAL};
    size_t worst = 0;

    memcpy(o->leaf, o->l, m * sizeof *o->l);
    memcpy(o->leaf + m, o->u, m * sizeof *o->u);
    o->leaves = 1;
    look(&h, 0);
    while (o->leaves < leaves && o->leaves < o->room) {
        double *from, *to, w, x;
        size_t c;
        for (size_t k = worst = 0; k < o->leaves; k++)
            if (o->bound[k] < o->bound[worst]) worst = k;
        if (o->bound[worst] >= h.best - tol || o->cut[2 * worst] < 0.0) break;
        c = (size_t)o->cut[2 * worst];
        from = o->leaf + 2 * m * worst;
        to = o->leaf + 2 * m * o->leaves;
        w = from[m + c] - from[c];
        x = fmin(fmax(o->cut[2 * worst + 1], from[c] + 0.05 * w), from[m + c] - 0.05 * w);
        if (!(x > from[c] && x < from[m + c])) break;
        memcpy(to, from, 2 * m * sizeof *to);
        from[m + c] = to[c] = x;
        look(&h, worst);
        look(&h, o->leaves++);
    }
    for (size_t k = worst = 0; k < o->leaves; k++)
        if (o->bound[k] < o->bound[worst]) worst = k;
    if (reached) *reached = h.best;
    for (size_t k = 0; point && k <= m; k++) {
        const size_t j = k < m ? sbx_orc_index(o, k) : o->i;
        const double lo = k < m ? o->l[k] : o->yl, hi = k < m ? o->u[k] : o->yu, x = h.keep[k];
        point[j] = x <= lo ? o->x[j].lo : x >= hi ? o->x[j].hi : x + o->ref;
        point[j] = fmin(fmax(point[j], o->x[j].lo), o->x[j].hi);
    }
    return o->bound[worst];
}
