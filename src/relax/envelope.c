/* relax/envelope.c -- slopes of convex and concave envelopes. Nothing here is proved: a bad
 * slope costs tightness only.
 *
 * The lower hull of a few points of every piece tells where an envelope leaves f: along the
 * hull's edge over c. Neighbours on a convex piece: the envelope is f at c. Else a line
 * from one piece to another, and each of its ends that can slide along a convex piece
 * becomes a point of tangency as seen from the other end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/affine.h"
#include "relax/unary.h"

enum { INSIDE = 7, INSIDE_ANY = 24, NODES = SBX_PIECES * (INSIDE_ANY + 2), STEPS = 60 };

typedef struct node {
    double x, y; /* y = s f(x) */
    size_t piece;
} node;

/* ---- roots ------------------------------------------------------------------------ */

/* h(t) = s (f'(t) - a), or what is 0 where the tangent at t goes through from */
typedef struct target {
    const sbx_unary *f;
    const sbx_piece *p;
    double s, a;
    const node *from;
} target;

static double miss(const target *g, double t)
{
    const double d = g->s * sbx_piece_near_slope(g->f, g->p, t);
    if (!g->from) return d - g->s * g->a;
    return d * (t - g->from->x) - (g->s * sbx_piece_near(g->f, g->p, t) - g->from->y);
}

/* the root of an h with h(a) < 0 < h(b): secants that keep the root between, and halves */
static double root(const target *g, double a, double ha, double b, double hb)
{
    for (int k = 0; k < STEPS && fabs(b - a) > 1e-15 * fmax(fabs(a), fabs(b)); k++) {
        double t = k % 3 == 2 ? a / 2 + b / 2 : a - ha * ((b - a) / (hb - ha)), h;
        if (!(t > fmin(a, b) && t < fmax(a, b))) t = a / 2 + b / 2;
        h = miss(g, t);
        if (h < 0.0) {
            a = t;
            ha = h;
            if (k % 3 != 2) hb /= 2;
        } else {
            b = t;
            hb = h;
            if (!(h > 0.0)) break;
            if (k % 3 != 2) ha /= 2;
        }
    }
    return fabs(ha) < fabs(hb) ? a : b;
}

/* the point of a convex piece where the tangent goes through a node beside it */
static node contact(const sbx_unary *f, const sbx_piece *p, double s, node from)
{
    const target g = {f, p, s, 0.0, &from};
    const double near = from.x <= p->lo ? p->lo : p->hi, far = from.x <= p->lo ? p->hi : p->lo;
    const double h_near = miss(&g, near), h_far = miss(&g, far);
    double t;
    if (!(h_near < 0.0))
        t = near;
    else if (!(h_far > 0.0))
        t = far;
    else
        t = root(&g, near, h_near, far, h_far);
    return (node){t, s * sbx_piece_near(f, p, t), 0};
}

double sbx_piece_least(const sbx_unary *f, const sbx_piece *p, double s, double a)
{
    const target g = {f, p, s, a, NULL};
    const double h_lo = miss(&g, p->lo), h_hi = miss(&g, p->hi);
    if (!(h_lo < 0.0)) return p->lo;
    if (!(h_hi > 0.0)) return p->hi;
    return root(&g, p->lo, h_lo, p->hi, h_hi);
}

/* ---- the hull ------------------------------------------------------------------------ */

static bool curved(const sbx_piece *p, double s)
{
    return p->bend == (s > 0.0 ? SBX_CONVEX : SBX_CONCAVE);
}

static size_t sample(node *v, const sbx_unary *f, const sbx_piece *p, size_t n, double s)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        const int inside = p[i].bend == SBX_ANY ? INSIDE_ANY : curved(&p[i], s) ? INSIDE : 0;
        for (int j = 0; j <= inside + 1; j++) {
            const double t = j / (inside + 1.0), x = p[i].lo * (1.0 - t) + p[i].hi * t;
            const double at = j == 0 ? p[i].lo : j > inside ? p[i].hi : x;
            v[k++] = (node){at, s * sbx_piece_near(f, &p[i], at), i};
        }
    }
    return k;
}

/* v, sorted by x, becomes its lower hull */
static size_t hull(node *v, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (k && !(v[i].x > v[k - 1].x)) {
            if (!(v[i].y < v[k - 1].y)) continue;
            k--;
        }
        while (k > 1 && !((v[k - 1].y - v[k - 2].y) / (v[k - 1].x - v[k - 2].x) <
                          (v[i].y - v[k - 1].y) / (v[i].x - v[k - 1].x)))
            k--;
        v[k++] = v[i];
    }
    return k;
}

/* Where an end of a line at x may slide: on a convex piece, or near a sample inside any other
 * curve that is convex there; false: nowhere. */
static bool slides(sbx_piece *q, const sbx_unary *f, const sbx_piece *p, size_t n, double s,
                   double x)
{
    for (size_t i = 0; i < n; i++) {
        const double step = (p[i].hi - p[i].lo) / (INSIDE_ANY + 1);
        if (!(p[i].lo <= x && x <= p[i].hi && p[i].lo < p[i].hi)) continue;
        *q = p[i];
        if (curved(&p[i], s)) return true;
        if (p[i].bend != SBX_ANY || !(step > 1e-9 * fabs(x))) continue;
        q->lo = x - step;
        q->hi = x + step;
        if (q->lo >= p[i].lo && q->hi <= p[i].hi &&
            s * (sbx_unary_near(f, q->lo) + sbx_unary_near(f, q->hi)) >
                s * 2.0 * sbx_unary_near(f, x))
            return true;
    }
    return false;
}

/* the line from a to b: its ends slide to points of tangency; c beside it: f is its envelope */
static double bridge(double touch[2], const sbx_unary *f, const sbx_piece *p, size_t n, double s,
                     node a, node b, double c)
{
    sbx_piece pa, pb;
    const bool left = slides(&pa, f, p, n, s, a.x), right = slides(&pb, f, p, n, s, b.x);
    const bool both = left && right;
    if (both && pa.lo >= pb.lo && pa.hi <= pb.hi && curved(&pb, s)) { /* one piece */
        touch[0] = c;
        return sbx_piece_slope(f, &pb, c);
    }
    for (int k = 0; k < (both ? 6 : 1); k++) {
        if (right && pb.lo >= a.x) b = contact(f, &pb, s, a);
        if (left && pa.hi <= b.x) a = contact(f, &pa, s, b);
    }
    if (left && c < a.x) {
        touch[0] = c;
        return sbx_piece_slope(f, &pa, c);
    }
    if (right && c > b.x) {
        touch[0] = c;
        return sbx_piece_slope(f, &pb, c);
    }
    if (left) touch[0] = a.x;
    if (right) touch[1] = b.x;
    if (left && a.x > pa.lo && a.x < pa.hi) return sbx_piece_slope(f, &pa, a.x);
    if (right && b.x > pb.lo && b.x < pb.hi) return sbx_piece_slope(f, &pb, b.x);
    return s * ((b.y - a.y) / (b.x - a.x));
}

/* the piece that both ends of an edge are on, if f is its own envelope between, else n */
static size_t same_piece(const sbx_piece *p, size_t n, double s, node a, node b)
{
    for (size_t i = 0; i < n; i++) {
        const double step = (p[i].hi - p[i].lo) / (p[i].bend == SBX_ANY ? INSIDE_ANY : INSIDE);
        if (!(p[i].lo <= a.x && b.x <= p[i].hi)) continue;
        if (p[i].bend == SBX_LINEAR && a.piece == i && b.piece == i) return i;
        if ((p[i].bend == SBX_ANY || curved(&p[i], s)) && b.x - a.x <= step) return i;
    }
    return n;
}

double sbx_envelope_slope(double touch[2], const sbx_unary *f, const sbx_piece *p, size_t n,
                          double s, double c)
{
    node v[NODES];
    const double lo = p[0].lo, hi = p[n - 1].hi;
    size_t k, i = 0, own = 0;
    touch[0] = touch[1] = (double)NAN;
    while (own + 1 < n && p[own].hi < c)
        own++;
    if (n == 1 && curved(&p[0], s)) {
        touch[0] = c;
        return sbx_piece_slope(f, &p[0], c);
    }
    if (hi - lo <= 1e-12 * fmax(fabs(lo), fabs(hi)) || (n == 1 && p[0].bend == SBX_LINEAR))
        return sbx_piece_slope(f, &p[own], c);
    k = hull(v, sample(v, f, p, n, s));
    while (i + 2 < k && v[i + 1].x < c)
        i++;
    if (k < 2) return 0.0;
    own = same_piece(p, n, s, v[i], v[i + 1]);
    if (own == n) return bridge(touch, f, p, n, s, v[i], v[i + 1], c);
    if (p[own].bend != SBX_LINEAR) { /* a line that begins or ends on it may pass over c */
        if (i > 0 && v[i - 1].x < p[own].lo) return bridge(touch, f, p, n, s, v[i - 1], v[i], c);
        if (i + 2 < k && v[i + 2].x > p[own].hi)
            return bridge(touch, f, p, n, s, v[i + 1], v[i + 2], c);
        touch[0] = c;
    }
    return sbx_piece_slope(f, &p[own], c);
}
