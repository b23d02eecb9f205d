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
    double lo = fmax(tl, 0.0), hi = tu, s = plain_sigma(t);

    if (!(tl < tu)) return s * (1.0 - s);
    if (tl < 0.0) { /* the line from (tl, sl) touches sigma at tau */
        double tau;
        if (!(tu > 0.0) || su * (1.0 - su) * (tu - tl) >= su - sl) return (su - sl) / (tu - tl);
        lo = 0.0;
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

/* E/(E + A) + w A - a y over a rectangle: where it is least */
static void least_of_two(double *A, double *y, const sbx_orc *o, double Al, double Au, double w,
                         double a)
{
    const double turn = a > 0.0 ? fmin(fmax(a / w, Al), Au) : Al;
    double best = HUGE_VAL;
    for (int e = 0; e < 2; e++) {
        const double Y = e ? o->yu : o->yl, E = sbx_orc_exp(Y);
        const double from = e ? Al : turn, to = e ? turn : Au;
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
        if (Y > o->yl && Y < o->yu && p + w * turn - a * Y < best) {
            *A = turn;
            *y = Y;
        }
    }
}

/* the best plane below E/(E + A) in (A, y) at c, A the sum of the others' chords */
static sbx_status lower_slopes(double *a, const sbx_orc *o, const double *c, double rel,
                               sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_hull h = {0};
    double Al = 0.0, Au = 0.0, Ac = 0.0, z[2], first = 0.0;
    const double dy = o->yu - o->yl;
    size_t d;

    for (size_t k = 0; k < o->m; k++) {
        const size_t j = sbx_orc_index(o, k);
        const double w = o->u[k] - o->l[k];
        a[j] = w > 1e-3 ? (o->eu[k] - o->el[k]) / w
                        : o->el[k] * (1.0 + w * (0.5 + w * (1.0 / 6 + w * (1.0 / 24))));
        Al += o->el[k];
        Au += a[j] * w;
        Ac += a[j] * (c[j] - o->x[j].lo);
    }
    a[o->i] = 0.0;
    z[0] = Ac / Au;
    z[1] = (c[o->i] - o->x[o->i].lo) / dy;
    Ac = Au; /* the width */
    Au += Al;
    if (!(Ac > 0.0 && dy > 0.0)) { /* one variable is missing: any slopes of the right sign */
        const double E = sbx_orc_exp(o->yu), p = E / (E + Al);
        for (size_t j = 0; j < o->n; j++)
            a[j] = j == o->i ? p * (1.0 - p) : -a[j] * p * p / E;
        goto done;
    }
    d = 2;
    SBX_TRY(sbx_hull_open(&h, d, 40, false, z, err));
    for (size_t k = 0; k < 4; k++) { /* the first three: the path of corners */
        double E, A;
        if (k < 3)
            sbx_hull_corner(&h, k, z);
        else {
            sbx_hull_corner(&h, 1, z);
            z[0] = 1.0 - z[0];
            z[1] = 1.0 - z[1];
        }
        E = sbx_orc_exp(z[1] > 0.5 ? o->yu : o->yl);
        A = z[0] > 0.5 ? Au : Al;
        (void)sbx_hull_add(&h, z, E / (E + A));
    }
    if (!sbx_hull_start(&h)) goto done;
    for (int it = 0; it < 20; it++) {
        double A = Al, y = o->yl, E, v;
        sbx_hull_solve(&h, 1e-14, 100);
        least_of_two(&A, &y, o, Al, Au, fmax(h.plane[0] / Ac, 0.0), -h.plane[1] / dy);
        z[0] = (A - Al) / Ac;
        z[1] = (y - o->yl) / dy;
        E = sbx_orc_exp(y);
        v = -E / (E + A) - h.plane[2] - h.plane[0] * z[0] - h.plane[1] * z[1];
        if (it == 0) first = v;
        if (!(v > rel * first)) break;
        (void)sbx_hull_add(&h, z, E / (E + A));
    }
    for (size_t j = 0; j < o->n; j++)
        a[j] = j == o->i ? -h.plane[1] / dy : -a[j] * h.plane[0] / Ac;
done:
    sbx_hull_close(&h);
    return st;
}

sbx_status sbx_orc_first(double *a, const sbx_orc *o, sbx_end side, const double *c, double rel,
                         sbx_err *err)
{
    if (side == SBX_LO) return lower_slopes(a, o, c, rel, err);
    upper_slopes(a, o, c);
    return SBX_OK;
}
