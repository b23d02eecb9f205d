/* relax/optimal.c -- the slopes of the best affine bound of softmax_i at a point.
 *
 * For given slopes relax/oracle.h finds the point that is farthest beyond the plane, and
 * relax/hull.h the best plane for all points found; the one asks the other until nothing is
 * beyond the plane by much. Every plane on the way, moved until it is a bound, is a candidate.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/optimal.h"

#include "base/alloc.h"
#include "base/try.h"
#include "relax/exp.h"
#include "relax/hull.h"
#include "softbox/kernel.h"

#include <math.h>
#include <string.h>

/* the coordinates that have a width, and the unit box */
typedef struct {
    sbx_orc *o;
    sbx_hull h;
    size_t d, *act;
    double *z, *x, *a;
} plan;

static double plain_softmax(const sbx_orc *o, const double *x)
{
    const double E = sbx_orc_exp(x[o->i] - o->ref);
    double S = 0.0;
    for (size_t k = 0; k < o->m; k++)
        S += sbx_orc_exp(x[sbx_orc_index(o, k)] - o->ref);
    return E / (E + S);
}

static void to_box(const plan *p)
{
    for (size_t j = 0; j < p->o->n; j++)
        p->x[j] = p->o->x[j].lo;
    for (size_t k = 0; k < p->d; k++) {
        const sbx_ivd c = p->o->x[p->act[k]];
        p->x[p->act[k]] = p->z[k] >= 1.0 ? c.hi : c.lo + p->z[k] * (c.hi - c.lo);
    }
}

static void to_unit(const plan *p)
{
    for (size_t k = 0; k < p->d; k++) {
        const sbx_ivd c = p->o->x[p->act[k]];
        p->z[k] = fmin(fmax((p->x[p->act[k]] - c.lo) / (c.hi - c.lo), 0.0), 1.0);
    }
}

/* how far the plane is from f in the middle of its corners: what the last digits are worth */
static double scale(const plan *p)
{
    double sum = 0.0;
    for (size_t k = 0; k <= p->d; k++) {
        double v = p->h.plane[p->d] - p->h.f[k];
        for (size_t j = 0; j < p->d; j++)
            v += p->h.plane[j] * p->h.z[k * p->d + j];
        sum += v;
    }
    return sum / (double)(p->d + 1);
}

static double beyond(const plan *p, double f)
{
    double v = p->h.sign * f - p->h.plane[p->d];
    for (size_t j = 0; j < p->d; j++)
        v -= p->h.plane[j] * p->z[j];
    return v;
}

sbx_status sbx_orc_optimal(double *a, int *calls, sbx_orc *o, sbx_end side, const double *c,
                           double rel, int most, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t n = o->n;
    plan p = {.o = o};
    double best = HUGE_VAL;

    *calls = 0;
    memset(a, 0, n * sizeof *a);
    p.act = sbx_alloc(n, sizeof *p.act);
    p.z = sbx_alloc(n, 4 * sizeof *p.z);
    if (!p.act || !p.z) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu slopes", n);
    p.x = p.z + n;
    p.a = p.x + n;
    for (size_t j = 0; j < n; j++)
        if (o->x[j].lo < o->x[j].hi) {
            p.z[p.d] = (c[j] - o->x[j].lo) / (o->x[j].hi - o->x[j].lo);
            p.act[p.d++] = j;
        }
    if (p.d == 0 || !o->usable) goto done;
    SBX_TRY(sbx_hull_open(&p.h, p.d, 4 * p.d + 300, side == SBX_HI, p.z, err));
    for (size_t k = 0; k <= p.d; k++) {
        sbx_hull_corner(&p.h, k, p.z);
        to_box(&p);
        (void)sbx_hull_add(&p.h, p.z, plain_softmax(o, p.x));
    }
    if (!sbx_hull_start(&p.h)) goto done;
    for (size_t j = 0; j < n; j++)
        p.x[j] = c[j];
    to_unit(&p);
    (void)sbx_hull_add(&p.h, p.z, plain_softmax(o, p.x));
    while (*calls < most) {
        double v, tol, width;
        sbx_hull_solve(&p.h, 1e-14, 1000);
        tol = rel * scale(&p);
        memset(p.a, 0, n * sizeof *p.a);
        for (size_t k = 0; k < p.d; k++) {
            width = o->x[p.act[k]].hi - o->x[p.act[k]].lo;
            p.a[p.act[k]] = p.h.sign * p.h.plane[k] / width;
        }
        sbx_orc_slopes(o, p.a);
        if (side == SBX_HI)
            (void)sbx_orc_max(o, tol / 4, NULL, p.x);
        else
            (void)sbx_orc_min(o, tol / 4, SBX_ORC_LEAVES, NULL, p.x);
        ++*calls;
        to_unit(&p);
        to_box(&p);
        v = plain_softmax(o, p.x);
        width = fmax(beyond(&p, v), 0.0);
        if (sbx_hull_value(&p.h) + width < best) {
            best = sbx_hull_value(&p.h) + width;
            memcpy(a, p.a, n * sizeof *a);
        }
        if (!(width > tol)) break;
        (void)sbx_hull_add(&p.h, p.z, v);
    }
done:
    sbx_hull_close(&p.h);
    sbx_free(p.z);
    sbx_free(p.act);
    return st;
}

/* ---- closed forms to start from ------------------------------------------------------- */

static double plain_sigma(double t)
{
    const double e = sbx_orc_exp(-fabs(t));
    return t < 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
}

/* the slope at t of the concave envelope of sigma over [tl, tu] */
static double envelope_slope(double tl, double tu, double t)
{
    const double sl = plain_sigma(tl), su = plain_sigma(tu);
    double lo = 0.0, hi = tu, s = plain_sigma(t);

    if (!(tl < tu)) return s * (1.0 - s);
    if (tl < 0.0) { /* the line from (tl, sl) touches sigma at tau */
        double tau;
        if (!(tu > 0.0) || su * (1.0 - su) * (tu - tl) >= su - sl) return (su - sl) / (tu - tl);
        tau = fmin(fmax(-tl / 2, 0.0), tu);
        for (int it = 0; it < 30 && hi - lo > 1e-7; it++) {
            const double p = plain_sigma(tau), q = p * (1.0 - p);
            const double F = q * (tau - tl) - (p - sl), dF = q * (1.0 - 2.0 * p) * (tau - tl);
            double next = dF < 0.0 ? tau - F / dF : (lo + hi) / 2;
            if (F > 0.0)
                lo = tau;
            else
                hi = tau;
            if (!(next > lo && next < hi)) next = (lo + hi) / 2;
            if (fabs(next - tau) < 1e-8) break;
            tau = next;
        }
        if (t < tau) s = plain_sigma(tau);
    }
    return s * (1.0 - s);
}

/* the tangent of that envelope in t = x_i - lse of the others, at c */
static void upper_slopes(double *a, const sbx_orc *o, const double *c)
{
    double S = 0.0, sl = 0.0, su = 0.0, s;
    for (size_t k = 0; k < o->m; k++) {
        const size_t j = sbx_orc_index(o, k);
        a[j] = sbx_orc_exp(c[j] - o->ref);
        S += a[j];
        sl += o->el[k];
        su += o->eu[k];
    }
    s = envelope_slope(o->yl - log_guess(su), o->yu - log_guess(sl),
                       c[o->i] - o->ref - log_guess(S));
    for (size_t j = 0; j < o->n; j++)
        a[j] = j == o->i ? s : -s * a[j] / S;
}

/* A rectangle: A in [Al, Au] the sum of the others' chords, y in [yl, yu]; the point there. With a
 * pivot k all is relative to x_k, and e^{x_k} = 1 is part of A. */
typedef struct {
    double Al, Au, yl, yu, A, y;
} rectangle;

/* E/(E + A) + w A - a y over the rectangle: where it is least */
static void least_of_two(double *A, double *y, const rectangle *r, double w, double a)
{
    const double turn = a > 0.0 ? fmin(fmax(a / w, r->Al), r->Au) : r->Al;
    double best = HUGE_VAL;
    for (int e = 0; e < 2; e++) {
        const double Y = e ? r->yu : r->yl, E = sbx_orc_exp(Y);
        const double from = e ? r->Al : turn, to = e ? turn : r->Au;
        double S, v;
        if (e && !(a > 0.0)) break;
        S = w > 0.0 ? fmin(fmax(sqrt(E / w) - E, from), to) : to;
        v = E / (E + S) + w * S - a * Y;
        if (v >= best) continue;
        best = v;
        *A = S;
        *y = Y;
    }
    if (a > 0.0 && a < 0.25) {
        const double p = a / (0.5 + 0.5 * sqrt(1.0 - 4.0 * a));
        const double Y = log_guess(p * p / a) + log_guess(turn);
        if (Y > r->yl && Y < r->yu && p + w * turn - a * Y < best) {
            *A = turn;
            *y = Y;
        }
    }
}

/* the best plane b + beta A + gamma y below E/(E + A) at the rectangle's point: its value there */
static sbx_status plane_of_two(double *value, double *beta, double *gamma, const rectangle *r,
                               double rel, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_hull h = {0};
    const double dA = r->Au - r->Al, dy = r->yu - r->yl;
    double z[2] = {(r->A - r->Al) / dA, (r->y - r->yl) / dy}, first = 0.0;

    SBX_TRY(sbx_hull_open(&h, 2, 40, false, z, err));
    for (size_t k = 0; k < 4; k++) { /* the first three: the path of corners */
        double E, A;
        sbx_hull_corner(&h, k < 3 ? k : 1, z);
        for (size_t j = 0; k == 3 && j < 2; j++)
            z[j] = 1.0 - z[j];
        E = sbx_orc_exp(z[1] > 0.5 ? r->yu : r->yl);
        A = z[0] > 0.5 ? r->Au : r->Al;
        (void)sbx_hull_add(&h, z, E / (E + A));
    }
    *beta = *gamma = *value = 0.0;
    if (!sbx_hull_start(&h)) goto done;
    for (int it = 0; it < 20; it++) {
        double A = r->Al, y = r->yl, E, v;
        sbx_hull_solve(&h, 1e-14, 100);
        least_of_two(&A, &y, r, fmax(h.plane[0] / dA, 0.0), -h.plane[1] / dy);
        z[0] = (A - r->Al) / dA;
        z[1] = (y - r->yl) / dy;
        E = sbx_orc_exp(y);
        v = -E / (E + A) - h.plane[2] - h.plane[0] * z[0] - h.plane[1] * z[1];
        *value = -sbx_hull_value(&h) - fmax(v, 0.0);
        if (it == 0) first = v;
        if (!(v > rel * first)) break;
        (void)sbx_hull_add(&h, z, E / (E + A));
    }
    *beta = -h.plane[0] / dA;
    *gamma = -h.plane[1] / dy;
done:
    sbx_hull_close(&h);
    return st;
}

/* The slopes of that plane, with pivot k (n: none). Where a variable is missing any slopes of the
 * right sign. */
static sbx_status lower_slopes(double *a, double *value, const sbx_orc *o, size_t k,
                               const double *c, double rel, sbx_err *err)
{
    const size_t n = o->n, i = o->i;
    const double lk = k < n ? o->x[k].lo : o->ref, uk = k < n ? o->x[k].hi : o->ref;
    const double ck = k < n ? c[k] : o->ref;
    rectangle r = {.yl = o->x[i].lo - uk, .yu = o->x[i].hi - lk, .y = c[i] - ck};
    double beta, gamma, rest = 0.0;
    sbx_status st = SBX_OK;

    if (k < n) r.Al = r.Au = r.A = 1.0;
    for (size_t q = 0; q < o->m; q++) {
        const size_t j = sbx_orc_index(o, q);
        const double l = o->x[j].lo - uk, u = o->x[j].hi - lk, w = u - l;
        const double el = k < n ? sbx_orc_exp(l) : o->el[q];
        if (j == k) continue;
        a[j] = w > 1e-3 ? ((k < n ? sbx_orc_exp(u) : o->eu[q]) - el) / w
                        : el * (1.0 + w * (0.5 + w * (1.0 / 6 + w * (1.0 / 24))));
        r.Al += el;
        r.Au += el + a[j] * w;
        r.A += el + a[j] * (c[j] - ck - l);
    }
    if (r.Au > r.Al && r.yu > r.yl) {
        SBX_TRY(plane_of_two(value, &beta, &gamma, &r, rel, err));
    } else {
        const double E = sbx_orc_exp(r.yu), p = E / (E + r.Al);
        beta = -p * p / E;
        gamma = p * (1.0 - p);
        *value = 0.0;
    }
    a[i] = gamma;
    for (size_t j = 0; j < n; j++) {
        if (j != i && j != k) a[j] *= beta;
        if (j != k) rest -= a[j];
    }
    if (k < n) a[k] = rest;
done:
    return st;
}

/* n = 2: 1 less the upper bound of the other */
static void mirror(double *a, const sbx_orc *o, const double *c)
{
    const size_t i = o->i;
    const double s = envelope_slope(o->l[0] - o->yu, o->u[0] - o->yl, c[1 - i] - c[i]);
    a[i] = s;
    a[1 - i] = -s;
}

sbx_status sbx_orc_first(double *a, const sbx_orc *o, sbx_end side, const double *c, double rel,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    double v, *b = o->spare + 12 * o->n, best, S = 0.0;
    size_t k = o->i == 0;

    if (side == SBX_HI) {
        upper_slopes(a, o, c);
        goto done;
    }
    if (o->n == 2) {
        mirror(a, o, c);
        goto done;
    }
    SBX_TRY(lower_slopes(a, &best, o, o->n, c, rel, err));
    for (size_t j = 0; j < o->n; j++) /* the dominant other */
        if (j != o->i && c[j] > c[k]) k = j;
    if (o->x[k].hi - o->x[k].lo > 300.0) goto done;
    for (size_t j = 0; j < o->n; j++)
        S += sbx_orc_exp(c[j] - c[k]);
    if (S > 5.0) goto done; /* no pivot worth it */
    SBX_TRY(lower_slopes(b, &v, o, k, c, rel, err));
    if (v > best) memcpy(a, b, o->n * sizeof *a);
done:
    return st;
}

/* ---- the bound ------------------------------------------------------------------------ */

enum { HULL_N = 128 }; /* beyond, the closed forms' slopes */

size_t sbx_orc_leaves(size_t n, bool fast)
{
    return n <= SBX_ORC_SPLIT_N ? (fast ? 8 : SBX_ORC_LEAVES) : n <= HULL_N ? 16 : 1;
}

/* the constant for out's slopes, proved; out's value at c, plain; -inf (+inf) where there is none */
static double settle(sbx_affine *out, sbx_orc *o, sbx_end side, const double *c, double rel)
{
    double size = 0.0, most = 0.0, v;

    for (size_t j = 0; j < o->n; j++) {
        const double w = o->x[j].hi - o->x[j].lo;
        size += fabs(out->coef[j]) * w;
        most = fmax(most, w);
    }
    rel *= size * fmin(most, 1.0); /* about a tenth of it is the distance between bound and f */
    sbx_orc_slopes(o, out->coef);
    if (side == SBX_HI)
        (void)sbx_orc_max(o, rel, NULL, NULL);
    else
        (void)sbx_orc_min(o, rel, o->room, NULL, NULL);
    out->cst = side == SBX_HI ? sbx_orc_prove_max(o) : sbx_orc_prove_min(o);
    v = out->cst;
    for (size_t j = 0; j < o->n; j++)
        v += out->coef[j] * c[j];
    return fabs(v) < HUGE_VAL ? v : side == SBX_HI ? HUGE_VAL : -HUGE_VAL;
}

sbx_status sbx_orc_bound(sbx_affine *out, bool *found, sbx_orc *o, sbx_end side, const double *c,
                         bool fast, sbx_err *err)
{
    const double sign = side == SBX_HI ? 1.0 : -1.0;
    sbx_status st = SBX_OK;
    double v, *b = NULL;
    int calls;

    *found = false;
    if (!o->usable) goto done;
    SBX_TRY(sbx_orc_first(out->coef, o, side, c, fast ? 1e-4 : 1e-3, err));
    v = settle(out, o, side, c, fast ? 3e-3 : 1e-5);
    if (!fast && o->n <= HULL_N) {
        sbx_affine other;
        b = sbx_alloc(o->n, sizeof *b);
        if (!b) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu slopes", o->n);
        other.coef = b;
        SBX_TRY(sbx_orc_optimal(b, &calls, o, side, c, 1e-3,
                                o->n <= SBX_ORC_SPLIT_N ? 1000
                                : o->n <= 64            ? 200
                                                        : 60,
                                err));
        if (sign * settle(&other, o, side, c, 1e-5) <= sign * v) {
            memcpy(out->coef, b, o->n * sizeof *b);
            out->cst = other.cst;
        } else /* o's pieces are those of out */
            v = settle(out, o, side, c, 1e-5);
    }
    *found = fabs(v) < HUGE_VAL;
    for (size_t j = 0; j < o->n; j++)
        *found = *found && fabs(out->coef[j]) < HUGE_VAL;
done:
    sbx_free(b);
    return st;
}

/* Values at c of the published bounds, whose planes touch there: the range's ends, ER, LSE (above,
 * ER is over it), LSE*; below, lin is under ER. */
bool sbx_orc_clear(const double v[2], size_t i, const sbx_ivd *x, const double *c, size_t n)
{
    double m = -HUGE_VAL, low = 0.0, high = 0.0, S = 0.0, p_lo, p_up, p, best = 0.0, up;
    size_t k = 0;

    for (size_t j = 0; j < n; j++) {
        m = fmax(m, x[j].hi);
        if (x[j].lo / 2 + x[j].hi / 2 > x[k].lo / 2 + x[k].hi / 2) k = j;
    }
    for (size_t j = 0; j < n; j++) {
        low += sbx_orc_exp((j == i ? x[j].lo : x[j].hi) - m);
        high += sbx_orc_exp((j == i ? x[j].hi : x[j].lo) - m);
        S += sbx_orc_exp(c[j] - m);
    }
    p_lo = sbx_orc_exp(x[i].lo - m) / low;
    p_up = sbx_orc_exp(x[i].hi - m) / high;
    p = sbx_orc_exp(c[i] - m) / S;
    best = p_lo;
    up = fmin(p_up, p_up - p_lo * (p_up / p - 1.0));
    if (p_lo > 0.0 && p_up / p_lo > 1.001)
        up = fmin(up, p_up - (p_up - p_lo) * log_guess(p_up / p) / log_guess(p_up / p_lo));
    else
        up = fmin(up, p);
    for (size_t q = 0; q < 3; q++) { /* the pivots: none, i, the dominant */
        const size_t r = q == 0 ? n : q == 1 ? i : k;
        const double rl = r < n ? x[r].lo : m, ru = r < n ? x[r].hi : m, rc = r < n ? c[r] : m;
        double sum = r < n ? 1.0 : 0.0;
        for (size_t j = 0; j < n; j++) {
            const double w = (x[j].hi - rl) - (x[j].lo - ru), e = sbx_orc_exp(x[j].lo - ru);
            const double past = (c[j] - rc) - (x[j].lo - ru);
            if (j == r) continue;
            sum += w > 1e-3 ? e + (sbx_orc_exp(x[j].hi - rl) - e) * (past / w)
                            : e * (1.0 + past * (1.0 + w / 2));
        }
        best = fmax(best, sbx_orc_exp(c[i] - rc) / sum);
    }
    return v[1] < up - 1e-9 * up && v[0] > best + 1e-9 * best;
}
