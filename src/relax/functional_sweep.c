/* relax/functional_sweep.c -- W(t) for given slopes, and its peaks, in plain doubles.
 *
 * For one t the multiplier mu is found exactly: as mu grows, each coordinate moves once, from
 * where a alone wants it to where sum (v_j - t) e^{x_j} is largest. One with v_j > t jumps from
 * l_j to u_j; one with v_j < t glides down, e^{x_j} = |a_j| / (mu |v_j - t|). Between two such
 * events the sum is C - S/mu. Where it reaches 0 is the multiplier.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/functional.h"

#include "relax/exp.h"

#include <stdlib.h>

/* events: 2j: the jump, or the begin of the glide; 2j + 1: its end */
static void sort(size_t *order, const double *key, size_t n)
{
    for (size_t i = 1; i < n; i++) { /* few, or nearly in order */
        const size_t e = order[i];
        size_t k = i;
        for (; k > 0 && key[order[k - 1]] > key[e]; k--)
            order[k] = order[k - 1];
        order[k] = e;
    }
}

static void heap(size_t *order, const double *key, size_t n)
{
    for (size_t end = n, start = n / 2; end > 1;) {
        size_t root, e;
        if (start > 0) {
            e = order[--start];
        } else {
            end--;
            e = order[end];
            order[end] = order[0];
        }
        for (root = start; 2 * root + 1 < end;) {
            size_t child = 2 * root + 1;
            if (child + 1 < end && key[order[child]] < key[order[child + 1]]) child++;
            if (!(key[order[child]] > key[e])) break;
            order[root] = order[child];
            root = child;
        }
        order[root] = e;
    }
}

/* where coordinate j is before its first event: u_j? */
static bool starts_high(double a, double w) { return w > 0.0 ? !(a > 0.0) : a < 0.0; }

void sbx_fun_level(sbx_level *r, double *x, const sbx_fun *f, const sbx_leaf *b, const double *a,
                   double t)
{
    const size_t n = f->n;
    double C = 0.0, S = 0.0, mu = 0.0, theta = 0.0, sum = 0.0, ax = 0.0;
    size_t events = 0, split = n, at = 0;
    bool done;

    for (size_t j = 0; j < n; j++) {
        const double w = f->v[j] - t;
        C += w * (starts_high(a[j], w) ? b->eu[j] : b->el[j]);
        if (w > 0.0 && a[j] > 0.0) {
            f->key[2 * j] = a[j] * (b->u[j] - b->l[j]) / (w * (b->eu[j] - b->el[j]));
            f->order[events++] = 2 * j;
        } else if (w < 0.0 && a[j] < 0.0) {
            f->key[2 * j] = a[j] / (w * b->eu[j]);
            f->key[2 * j + 1] = a[j] / (w * b->el[j]);
            f->order[events++] = 2 * j;
            f->order[events++] = 2 * j + 1;
        }
    }
    if (events <= 24)
        sort(f->order, f->key, events);
    else
        heap(f->order, f->key, events);
    done = C >= 0.0;
    for (; at < events && !done; at++) {
        const size_t e = f->order[at], j = e / 2;
        const double w = f->v[j] - t, m = f->key[e];
        if (S > 0.0 && C > 0.0 && S / C <= m) { /* reached before the event */
            mu = S / C > mu ? S / C : mu;
            done = true;
            break;
        }
        if (!(m < HUGE_VAL)) break;
        mu = m;
        if (w > 0.0) {
            const double up = w * (b->eu[j] - b->el[j]), before = C - (m > 0.0 ? S / m : 0.0);
            if (before + up >= 0.0) {
                theta = up > 0.0 ? -before / up : 0.0;
                theta = theta < 0.0 ? 0.0 : theta > 1.0 ? 1.0 : theta;
                split = j;
                done = true;
                break;
            }
            C += up;
        } else if (e % 2 == 0) {
            C -= w * b->eu[j];
            S -= a[j];
        } else {
            C += w * b->el[j];
            S += a[j];
        }
    }
    if (!done && S > 0.0 && C > 0.0 && S / C > mu) mu = S / C;
    /* who has moved: the events before `at` */
    for (size_t j = 0; j < n; j++) {
        const double w = f->v[j] - t;
        const bool high = starts_high(a[j], w);
        double y = high ? b->u[j] : b->l[j], ey = high ? b->eu[j] : b->el[j];
        if (j == split) {
            y = b->l[j] + theta * (b->u[j] - b->l[j]);
            ey = b->el[j] + theta * (b->eu[j] - b->el[j]);
        } else if (w > 0.0 && a[j] > 0.0 && mu > 0.0 && f->key[2 * j] <= mu) {
            y = b->u[j];
            ey = b->eu[j];
        } else if (w < 0.0 && a[j] < 0.0 && mu > 0.0) {
            ey = a[j] / (mu * w);
            if (ey <= b->el[j]) {
                y = b->l[j];
                ey = b->el[j];
            } else if (ey >= b->eu[j]) {
                y = b->u[j];
                ey = b->eu[j];
            } else {
                y = b->u[j] + log_guess(ey / b->eu[j]);
                if (!(y >= b->l[j])) y = b->l[j];
                if (y > b->u[j]) y = b->u[j];
            }
        }
        sum += ey;
        ax += a[j] * y;
        if (x) x[j] = y;
    }
    *r = (sbx_level){t, mu, t - ax, 1.0 - mu * sum, split};
}

/* Between p, where W rises, and q, where it falls: the highest of a few looks. */
static sbx_level peak(const sbx_fun *f, const sbx_leaf *b, const double *a, sbx_level p,
                      sbx_level q)
{
    sbx_level best = p.w > q.w ? p : q;
    for (int k = 0; k < 14 && q.t - p.t > 1e-7 * (b->t_hi - b->t_lo); k++) {
        const double cut = (q.w - p.w + p.slope * p.t - q.slope * q.t) / (p.slope - q.slope);
        const double margin = (q.t - p.t) * (k % 3 == 2 ? 0.5 : 0.05);
        const double t =
            fmin(fmax(k % 3 == 2 ? 0.5 * (p.t + q.t) : cut, p.t + margin), q.t - margin);
        sbx_level m;
        sbx_fun_level(&m, NULL, f, b, a, t);
        if (!(m.slope * m.slope >= 0.0)) break; /* a NaN */
        if (m.w > best.w) best = m;
        if (m.slope > 0.0)
            p = m;
        else
            q = m;
    }
    return best;
}

static void keep(sbx_level *p, size_t *n, sbx_level m)
{
    size_t k = *n;
    if (k == SBX_FUN_PEAKS && !(m.w > p[k - 1].w)) return;
    if (k < SBX_FUN_PEAKS)
        (*n)++;
    else
        k--;
    for (; k > 0 && m.w > p[k - 1].w; k--)
        p[k] = p[k - 1];
    p[k] = m;
}

enum { GRID = 12 };

size_t sbx_fun_peaks(sbx_level *p, const sbx_fun *f, const sbx_leaf *b, const double *a)
{
    const double step = (b->t_hi - b->t_lo) / GRID;
    size_t found = 0;
    sbx_level last, now;
    sbx_fun_level(&last, NULL, f, b, a, b->t_lo);
    if (!(last.slope > 0.0)) keep(p, &found, last);
    for (int k = 1; k <= GRID; k++) {
        sbx_fun_level(&now, NULL, f, b, a, k < GRID ? b->t_lo + k * step : b->t_hi);
        if (last.slope > 0.0 && now.slope <= 0.0)
            keep(p, &found, peak(f, b, a, last, now));
        else if (now.w > last.w && now.slope <= 0.0) /* a jump between them */
            keep(p, &found, now);
        last = now;
    }
    if (last.slope > 0.0 || !found) keep(p, &found, last);
    return found;
}
