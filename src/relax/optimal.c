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
#include "relax/rows.h"
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

/* the tangent at c of the concave envelope of the logistic function in t = x_i - lse(others) */
static void upper_slopes(double *a, const sbx_orc *o, const double *c)
{
    double S = 0.0, sl = 0.0, su = 0.0, s;
    for (size_t k = 0; k < o->m; k++) {
        S += o->ec[k];
        sl += o->el[k];
        su += o->eu[k];
    }
    s = sbx_logistic_slope(o->yl - log_guess(su), o->yu - log_guess(sl),
                           c[o->i] - o->ref - log_guess(S));
    a[o->i] = s;
    for (size_t k = 0; k < o->m; k++)
        a[sbx_orc_index(o, k)] = -s / S * o->ec[k];
}

/* The slopes of the best plane under e^y/(e^y + A), A the sum of the others' chords; with pivot k
 * (n: none) all relative to x_k, and e^{x_k} = 1 is part of A. Where a variable is missing any
 * slopes of the right sign. */
static void lower_slopes(double *a, double *value, const sbx_orc *o, size_t k, const double *c)
{
    const size_t n = o->n, i = o->i;
    const double lk = k < n ? o->x[k].lo : o->ref, uk = k < n ? o->x[k].hi : o->ref;
    const double ck = k < n ? c[k] : o->ref, fl = k < n ? exp_guess(o->ref - uk) : 1.0;
    const double fu = k < n ? exp_guess(o->ref - lk) : 1.0;
    sbx_rect r = {.yl = o->x[i].lo - uk, .yu = o->x[i].hi - lk, .yc = c[i] - ck};
    double b, g, rest = 0.0;

    if (k < n) r.al = r.au = r.ac = 1.0;
    for (size_t q = 0; q < o->m; q++) {
        const size_t j = sbx_orc_index(o, q);
        const double l = o->x[j].lo - uk, w = o->x[j].hi - lk - l, el = o->el[q] * fl;
        if (j == k) continue;
        a[j] = chord_guess(el, o->eu[q] * fu, w);
        r.al += el;
        r.au += el + a[j] * w;
        r.ac += el + a[j] * (c[j] - ck - l);
    }
    r.el = sbx_orc_exp(r.yl);
    r.eu = sbx_orc_exp(r.yu);
    r.ec = sbx_orc_exp(r.yc);
    r.end[0] = (sbx_ivd){r.el, r.el};
    r.end[1] = (sbx_ivd){r.eu, r.eu};
    if (r.au > r.al && r.yu > r.yl && sbx_rect_plane(value, &b, &g, &r)) {
        *value += g * r.yc - b * r.ac;
    } else {
        const double p = r.eu / (r.eu + r.al);
        b = p * p / r.eu;
        g = p * (1.0 - p);
        *value = 0.0;
    }
    a[i] = g;
    for (size_t j = 0; j < n; j++) {
        if (j != i && j != k) a[j] *= -b;
        if (j != k) rest -= a[j];
    }
    if (k < n) a[k] = rest;
}

/* n = 2: 1 less the upper bound of the other */
static void mirror(double *a, const sbx_orc *o, const double *c)
{
    const size_t i = o->i;
    const double s = sbx_logistic_slope(o->l[0] - o->yu, o->u[0] - o->yl, c[1 - i] - c[i]);
    a[i] = s;
    a[1 - i] = -s;
}

void sbx_orc_first(double *a, sbx_orc *o, sbx_end side, const double *c)
{
    double v, *b = o->spare, best, S = 0.0;
    size_t k = o->i == 0;

    if (o->n == 2 && side == SBX_LO) {
        mirror(a, o, c);
        return;
    }
    for (size_t q = 0; q < o->m; q++)
        o->ec[q] = fmax(c[sbx_orc_index(o, q)] - o->ref, -SBX_ORC_FLOOR);
    sbx_exp_bulk(o->spare, o->spare + o->m, o->ec, o->m);
    for (size_t q = 0; q < o->m; q++)
        o->ec[q] = scale_by(o->spare[q], o->spare[o->m + q]);
    if (side == SBX_HI) {
        upper_slopes(a, o, c);
        return;
    }
    lower_slopes(a, &best, o, o->n, c);
    for (size_t j = 0; j < o->n; j++) /* the dominant other */
        if (j != o->i && c[j] > c[k]) k = j;
    if (!(o->ref - o->x[k].lo <= 300.0)) return;
    for (size_t q = 0; q < o->m; q++)
        S += o->ec[q];
    S = (S + exp_guess(c[o->i] - o->ref)) * exp_guess(o->ref - c[k]);
    if (S > 5.0) return; /* no pivot worth it */
    lower_slopes(b, &v, o, k, c);
    if (v > best) memcpy(a, b, o->n * sizeof *a);
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
    sbx_orc_first(out->coef, o, side, c);
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
bool sbx_orc_clear(const double v[2], size_t i, const sbx_ivd *x, const double *c, size_t n,
                   double *room)
{
    double *el = room, *eu = el + n, *ec = eu + n, *k2 = ec + n;
    double m = -HUGE_VAL, low = 0.0, high = 0.0, S = 0.0, p_lo, p_up, p, best = 0.0, up;
    size_t k = 0;

    for (size_t j = 0; j < n; j++) {
        m = fmax(m, x[j].hi);
        if (x[j].lo / 2 + x[j].hi / 2 > x[k].lo / 2 + x[k].hi / 2) k = j;
    }
    for (size_t j = 0; j < n; j++) {
        el[j] = fmax(x[j].lo - m, -700.0);
        eu[j] = fmax(x[j].hi - m, -700.0);
        ec[j] = fmax(c[j] - m, -700.0);
    }
    sbx_exp_bulk(el, k2, el, 3 * n);
    for (size_t j = 0; j < n; j++) {
        el[j] = x[j].lo - m > -700.0 ? scale_by(el[j], k2[j]) : 0.0;
        eu[j] = x[j].hi - m > -700.0 ? scale_by(eu[j], k2[n + j]) : 0.0;
        ec[j] = c[j] - m > -700.0 ? scale_by(ec[j], k2[2 * n + j]) : 0.0;
        S += ec[j];
        low += j == i ? el[j] : eu[j];
        high += j == i ? eu[j] : el[j];
    }
    p_lo = el[i] / low;
    p_up = eu[i] / high;
    p = ec[i] / S;
    best = p_lo;
    up = fmin(p_up, p_up - p_lo * (p_up / p - 1.0));
    if (p_lo > 0.0 && p_up / p_lo > 1.001)
        up = fmin(up, p_up - (p_up - p_lo) * log_guess(p_up / p) / log_guess(p_up / p_lo));
    else
        up = fmin(up, p);
    for (size_t q = 0; q < 3; q++) { /* the pivots: none, i, the dominant */
        const size_t r = q == 0 ? n : q == 1 ? i : k;
        const double rl = r < n ? x[r].lo : m, ru = r < n ? x[r].hi : m, rc = r < n ? c[r] : m;
        const double fl = exp_guess(m - ru), fu = exp_guess(m - rl);
        double sum = r < n ? 1.0 : 0.0;
        for (size_t j = 0; j < n; j++) {
            const double w = (x[j].hi - rl) - (x[j].lo - ru), e = el[j] * fl;
            const double past = (c[j] - rc) - (x[j].lo - ru);
            if (j == r) continue;
            sum += w > 1e-3 ? e + (eu[j] * fu - e) * (past / w) : e * (1.0 + past * (1.0 + w / 2));
        }
        best = fmax(best, exp_guess(c[i] - rc) / sum);
    }
    return v[1] < up - 1e-9 * up && v[0] > best + 1e-9 * best;
}
