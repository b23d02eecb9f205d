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

double sbx_orc_exp(double x)
{
    double y, k, s;
    int64_t bits;
    if (!(x > -700.0)) return 0.0;
    if (x > 700.0) x = 700.0;
    sbx_exp_bulk(&y, &k, &x, 1);
    bits = ((int64_t)k + 1023) << 52;
    memcpy(&s, &bits, sizeof s);
    return y * s;
}

static double sigma(double t)
{
    const double e = sbx_orc_exp(-fabs(t));
    return t < 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
}

static double value(const node *p) { return p->sig + p->H; }

static node node_at(const sbx_orc *o, double lam, double y)
{
    const double nu = sbx_orc_exp(lam), E = sbx_orc_exp(y);
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
        const double nu = sbx_orc_exp(lam);
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
        if (next == lam || fabs(next) > 2 * SBX_ORC_REACH) break;
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

/* ends the piece in hand at t and begins one with lam */
static void piece(sbx_orc_upper *up, double t, double lam)
{
    const size_t k = up->pieces;
    if (k && !(t > (k > 1 ? up->t[k - 2] : -HUGE_VAL))) { /* an empty one */
        up->lam[k - 1] = lam;
        return;
    }
    if (k == SBX_ORC_PIECES) return;
    if (k) up->t[k - 1] = t;
    up->lam[k] = lam;
    up->pieces = k + 1;
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
            piece(&s->o->up, meet, q.lam);
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
    node left[PARTS + 1], right[PARTS + 1] = {{0}};
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
    piece(&o->up, -HUGE_VAL, -HUGE_VAL);
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
    piece(&o->up, nl ? left[0].t : right[0].t, nl ? left[0].lam : right[0].lam);
    stretches(&s, left, nl);
    if (nl && nr) { /* the piece in hand goes on: x_i on its way */
        const node *p = &left[nl - 1];
        double where = NAN, b = bulge(o->a, fmax(p->t, 0.0), right[0].t, &where);
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
    piece(&o->up, nr ? right[nr - 1].t : left[nl - 1].t, end);
    o->up.t[o->up.pieces - 1] = HUGE_VAL;
    s.bound = fmax(s.bound, s.best);
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
