/* relax/oracle_upper.c -- where softmax_i - a.x is largest over a box: the search along the path.
 *
 * H is concave, so the lines at two nodes P, Q of the path are above it, and meet between them:
 * sigma plus the lower of the two bounds f there. A stretch whose bound is above the best value
 * known is cut in two; what is left over are the pieces of the proof.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/exp.h"
#include "relax/oracle.h"

#include <math.h>

/* A point of the path [L-RLX-83]: f = sig + H there, and -V is the slope of a line above H. */
typedef struct {
    double lam, y, t, sig, H, V;
} node;

static double sigma(double t)
{
    const double e = exp_guess(-fabs(t));
    return t < 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
}

static double value(const node *p) { return p->sig + p->H; }

static node node_at(const sbx_orc *o, double lam, double y)
{
    const double nu = exp_guess(lam), E = sbx_orc_exp(y);
    double S = 0.0, V = 0.0, H = -o->a * y;
    for (size_t k = 0; k < o->m; k++) {
        const double w = o->w[k], vl = nu * o->el[k], vu = nu * o->eu[k];
        if (!(w > vl)) {
            S += o->el[k];
            V += vl;
            H += w * o->l[k];
        } else if (w >= vu) {
            S += o->eu[k];
            V += vu;
            H += w * o->u[k];
        } else {
            S += w / nu;
            V += w;
            H += w * (o->logw[k] - lam);
        }
    }
    return (node){lam, y, y - log_guess(S), E / (E + S), H, V};
}

/* where V is v: it increases along the path, piecewise linear in nu */
static double turn(const sbx_orc *o, double v)
{
    double lo = -HUGE_VAL, hi = HUGE_VAL, lam;
    double S = 0.0;
    for (size_t k = 0; k < o->m; k++)
        S += o->eu[k];
    lam = log_guess(v / S);
    for (int it = 0; it < 100; it++) {
        const double nu = exp_guess(lam);
        double V = 0.0, slope = 0.0, next;
        for (size_t k = 0; k < o->m; k++) {
            const double vl = nu * o->el[k], vu = nu * o->eu[k];
            if (!(o->w[k] > vl)) {
                V += vl;
                slope += vl;
            } else if (o->w[k] >= vu) {
                V += vu;
                slope += vu;
            } else
                V += o->w[k];
        }
        if (fabs(V - v) <= 1e-15 * v) break;
        if (V < v)
            lo = lam;
        else
            hi = lam;
        next = slope > 0.0 && slope + v > V ? lam + log_guess(1.0 + (v - V) / slope) : (double)NAN;
        if (!(next > lo && next < hi))
            next = lo > -HUGE_VAL && hi < HUGE_VAL
                       ? (lo + hi) / 2
                       : lam + (V < v ? 1.0 : -1.0) * (1 << (it < 8 ? it : 8));
        if (next == lam || fabs(next) > 2 * SBX_ORC_FLOOR) break;
        lam = next;
    }
    return lam;
}

/* the largest sigma(t) - V t over [t1, t2]'s part with t >= 0, where its slope is V */
static double bulge(double V, double t1, double t2, double *where)
{
    double p, t;
    if (!(V > 0.0 && V < 0.25)) return -HUGE_VAL;
    p = 0.5 + 0.5 * sqrt(1.0 - 4.0 * V);
    t = log_guess(p * p / V); /* p/(1 - p) */
    if (!(t > t1 && t < t2)) return -HUGE_VAL;
    *where = t;
    return p - V * t;
}

/* the bound of f between P and Q from their two lines, which meet at *meet */
static double between(const node *p, const node *q, double *meet, double *where)
{
    const double dV = q->V - p->V;
    double t = q->t, best = fmax(value(p), value(q)), v;
    if (dV > 1e-14 * q->V) t = ((q->H + q->V * q->t) - (p->H + p->V * p->t)) / dV;
    t = !(t > p->t) ? p->t : t < q->t ? t : q->t;
    *meet = *where = t;
    v = sigma(t) + fmin(p->H - p->V * (t - p->t), q->H - q->V * (t - q->t));
    best = fmax(best, v);
    if (q->t > 0.0) {
        v = bulge(p->V, p->t, t, where) + p->H + p->V * p->t;
        best = fmax(best, v);
        v = bulge(q->V, t, q->t, where) + q->H + q->V * q->t;
        best = fmax(best, v);
    }
    return best;
}

typedef struct {
    sbx_orc *o;
    double tol, best, bound;
    node at; /* the best node */
    int nodes;
} search;

static void see(search *s, const node *p)
{
    const double v = value(p);
    if (v > s->best) {
        s->best = v;
        s->at = *p;
    }
}

/* ends the piece in hand at t and begins one with q's line */
static void piece(sbx_orc_upper *up, double t, const node *q)
{
    size_t k = up->pieces;
    if (k && !(t > (k > 1 ? up->t[k - 2] : -HUGE_VAL)))
        k--; /* an empty one goes */
    else if (k == SBX_ORC_PIECES)
        return;
    else if (k)
        up->t[k - 1] = t;
    up->lam[k] = q->lam;
    up->V[k] = q->V;
    up->h[k] = q->H + (q->V > 0.0 ? q->V * q->t : 0.0);
    up->pieces = k + 1;
}

/* does line k bound f by limit on [t1, t2]? */
static bool covers(const sbx_orc_upper *up, size_t k, double t1, double t2, double limit)
{
    const double V = up->V[k], h = up->h[k];
    double where;
    if (!(V > 0.0)) return (t2 < HUGE_VAL ? sigma(t2) : 1.0) + h <= limit;
    if (!(t1 > -HUGE_VAL && sigma(t1) - V * t1 + h <= limit)) return false;
    if (t2 < HUGE_VAL ? !(sigma(t2) - V * t2 + h <= limit) : !(V > 0.25)) return false;
    return !(t2 > 0.0) || bulge(V, fmax(t1, 0.0), t2, &where) + h <= limit;
}

/* fewer pieces, none with a bound above limit: two neighbours become one with the line of one */
static void merge(sbx_orc_upper *up, double limit)
{
    size_t out = 0;
    for (size_t k = 0; k < up->pieces; k++) {
        size_t p = out++; /* piece k is the last in hand */
        up->t[p] = up->t[k];
        up->lam[p] = up->lam[k];
        up->V[p] = up->V[k];
        up->h[p] = up->h[k];
        for (; p > 0; p--) {
            const double t1 = p > 1 ? up->t[p - 2] : -HUGE_VAL, t2 = up->t[p];
            size_t line = p - 1;
            if (!covers(up, line, t1, t2, limit)) line = p;
            if (line == p && !covers(up, line, t1, t2, limit)) break;
            up->t[p - 1] = t2;
            up->lam[p - 1] = up->lam[line];
            up->V[p - 1] = up->V[line];
            up->h[p - 1] = up->h[line];
            out = p;
        }
    }
    up->pieces = out;
}

/* nu = 0 */
static node flat(const sbx_orc *o)
{
    node p = {.lam = -HUGE_VAL, .t = -HUGE_VAL};
    for (size_t k = 0; k < o->m; k++)
        p.H += o->w[k] * (o->w[k] > 0.0 ? o->u[k] : o->l[k]);
    p.H -= o->a * (o->a > 0.0 ? o->yl : o->yu);
    return p;
}

/* the stretch from p to q, left to right; p's piece has begun */
static void stretch(search *s, node p, node q)
{
    enum { DEPTH = 60 };
    node todo[DEPTH];
    int depth = 0;
    todo[depth++] = q;
    while (depth) {
        double meet, where, b, f, lam;
        q = todo[depth - 1];
        b = between(&p, &q, &meet, &where);
        if (b <= s->best + s->tol || depth == DEPTH || s->nodes >= SBX_ORC_PIECES / 2 - 8 ||
            !(q.lam - p.lam > 1e-13 * fmax(1.0, fabs(q.lam)))) {
            s->bound = fmax(s->bound, b);
            piece(&s->o->up, meet, &q);
            p = q;
            depth--;
            continue;
        }
        const double dp = p.sig * (1.0 - p.sig) - p.V, dq = q.sig * (1.0 - q.sig) - q.V;
        f = p.t >= 0.0 && dp > 0.0 && dq < 0.0 ? dp / (dp - dq) : (where - p.t) / (q.t - p.t);
        if (!(f > 0.1)) f = 0.1;
        if (f > 0.9) f = 0.9;
        lam = p.lam + f * (q.lam - p.lam);
        todo[depth] = node_at(s->o, lam, q.y);
        see(s, &todo[depth++]);
        s->nodes++;
    }
}

static void stretches(search *s, const node *list, int count)
{
    for (int k = 0; k + 1 < count; k++)
        stretch(s, list[k], list[k + 1]);
}

static int spread(search *s, node *list, double from, double to, double y, int parts)
{
    for (int k = 0; k <= parts; k++) {
        list[k] = node_at(s->o, k == parts ? to : from + (to - from) * k / parts, y);
        see(s, &list[k]);
    }
    return parts + 1;
}

double sbx_orc_max(sbx_orc *o, double tol, double *reached, double *point)
{
    enum { PARTS = 3 };
    const double steep = 0.26; /* beyond this V f only decreases */
    search s = {.o = o, .tol = tol, .best = -HUGE_VAL, .bound = -HUGE_VAL};
    double first = HUGE_VAL, last = -HUGE_VAL, end, y;
    node left[PARTS + 1] = {{0}}, right[PARTS + 1] = {{0}}, at;
    int nl = 0, nr = 0;

    for (size_t k = 0; k < o->m; k++) {
        if (!(o->w[k] > 0.0)) continue;
        first = fmin(first, o->logw[k] - o->u[k]);
        last = fmax(last, o->logw[k] - o->l[k]);
    }
    end = turn(o, steep);
    first = fmin(first, end);
    last = fmax(fmin(last, end), first);
    o->up.pieces = 0;
    at = flat(o);
    piece(&o->up, -HUGE_VAL, &at);
    if (o->a >= steep) { /* x_i at its lower end */
        nl = spread(&s, left, first, last, o->yl, first < last ? PARTS : 1);
    } else if (o->a > 0.0) {
        const double lam = turn(o, o->a);
        nl = spread(&s, left, fmin(first, lam), lam, o->yl, lam > first ? PARTS : 1);
        nr = spread(&s, right, lam, fmax(last, lam), o->yu, lam < last ? PARTS : 1);
    } else {
        nr = spread(&s, right, first, last, o->yu, first < last ? PARTS : 1);
    }
    s.nodes = nl + nr;
    piece(&o->up, nl ? left[0].t : right[0].t, nl ? &left[0] : &right[0]);
    stretches(&s, left, nl);
    if (nl && nr) { /* the piece in hand goes on: x_i on its way */
        const node *p = &left[nl - 1];
        double where = (double)NAN, b = bulge(o->a, fmax(p->t, 0.0), right[0].t, &where);
        if (where > p->t) {
            node in = *p;
            in.y = p->y + (where - p->t);
            in.t = where;
            in.H = p->H - o->a * (where - p->t);
            in.sig = b + o->a * where;
            see(&s, &in);
        }
    }
    stretches(&s, right, nr);
    at = node_at(o, end, nr ? o->yu : o->yl);
    piece(&o->up, nr ? right[nr - 1].t : left[nl - 1].t, &at);
    o->up.t[o->up.pieces - 1] = HUGE_VAL;
    s.bound = fmax(s.bound, s.best);
    merge(&o->up, fmax(s.bound, s.best + tol));
    if (reached) *reached = s.best;
    if (point) {
        for (size_t k = 0; k < o->m; k++) {
            const size_t j = sbx_orc_index(o, k);
            const double x = o->w[k] > 0.0 ? o->logw[k] - s.at.lam : -HUGE_VAL;
            point[j] = !(x > o->l[k]) ? o->x[j].lo : x < o->u[k] ? x + o->ref : o->x[j].hi;
            point[j] = fmin(fmax(point[j], o->x[j].lo), o->x[j].hi);
        }
        y = s.at.y;
        point[o->i] = y <= o->yl ? o->x[o->i].lo : y >= o->yu ? o->x[o->i].hi : y + o->ref;
        point[o->i] = fmin(fmax(point[o->i], o->x[o->i].lo), o->x[o->i].hi);
    }
    return s.bound;
}
