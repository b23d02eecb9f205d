/* relax/limit.c -- a number that no affine bound of softmax_i beats at a point of the box.
 *
 * An affine h above p = softmax_i is above it at every point x_k of the box, so with weights whose mean
 * point is c, h(c) = sum w_k h(x_k) >= sum w_k p(x_k). The best points and weights are found in plain
 * doubles by the simplex method of relax/hull.h; any at all prove a limit, and what they miss of
 * c is paid for [L-RLX-140].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "relax/affine.h"
#include "relax/exp.h"
#include "relax/hull.h"
#include "relax/oracle.h"
#include "softbox/kernel.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 20, SWEEPS = 8, CORNERS_N = 10, CLIMBS = 40, LINE = 128 };

/* The box without the sides that c is on an end of: only points with that end can have the mean c. */
typedef struct {
    size_t n, i, d, *act;
    double sign, ref;
    const double *c;
    sbx_ivd *x, *p, range;
    sbx_hull h;
    double *z, *at, *a, *e; /* d; then n each: a point, the plane's slopes, exponentials */
    double *weight;         /* d + 1 */
} search;

/* ---- points ---------------------------------------------------------------------------------- */

static void to_box(double *at, const search *s, const double *z)
{
    for (size_t j = 0; j < s->n; j++)
        at[j] = s->x[j].lo;
    for (size_t k = 0; k < s->d; k++) {
        const sbx_ivd x = s->x[s->act[k]];
        at[s->act[k]] = z[k] >= 1.0 ? x.hi : fmin(x.lo + z[k] * (x.hi - x.lo), x.hi);
    }
}

static void to_unit(search *s)
{
    for (size_t k = 0; k < s->d; k++) {
        const sbx_ivd x = s->x[s->act[k]];
        s->z[k] = fmin(fmax((s->at[s->act[k]] - x.lo) / (x.hi - x.lo), 0.0), 1.0);
    }
}

/* e_j = e^{at_j - ref}, and their sum */
static double exponentials(search *s)
{
    double S = 0.0;
    for (size_t j = 0; j < s->n; j++)
        S += s->e[j] = exp_guess(s->at[j] - s->ref);
    return S;
}

static double plain_softmax(search *s)
{
    const double S = exponentials(s);
    return s->e[s->i] / S;
}

/* the point `at`; with a plane, only where it is beyond it by more than tol */
static bool add(search *s, double tol)
{
    double f, v;
    to_unit(s);
    to_box(s->at, s, s->z);
    f = plain_softmax(s);
    v = s->sign * f - s->h.plane[s->d];
    for (size_t k = 0; k < s->d; k++)
        v -= s->h.plane[k] * s->z[k];
    if (!(v > tol)) return false;
    (void)sbx_hull_add(&s->h, s->z, f);
    return true;
}

/* One coordinate to where softmax_i - a.x is largest (least): with T the sum of the other exponentials
 * and r = e_j/(e_j + T), the slope is r (1 - r), or -e_i/T times it for another j. */
static double best_of_side(const search *s, size_t j, double T)
{
    const double a = s->a[j], E = s->e[s->i], q = j == s->i ? a : -a * T / E;
    const double root = q > 0.0 && q < 0.25 ? sqrt(1.0 - 4.0 * q) : -1.0;
    const double middle = log_guess(T) + s->ref;
    const double half = root >= 0.0 ? log_guess((1.0 + root) * (1.0 + root) / (4.0 * q)) : 0.0;
    const double place[] = {s->at[j], s->x[j].lo, s->x[j].hi, middle - half, middle + half};
    double best = -HUGE_VAL, found = place[0];
    for (size_t k = 0; k < (root >= 0.0 ? 5 : 3); k++) {
        double e, v;
        if (!(place[k] >= s->x[j].lo && place[k] <= s->x[j].hi)) continue;
        e = exp_guess(place[k] - s->ref);
        v = s->sign * ((j == s->i ? e / (e + T) : E / (e + T)) - a * place[k]);
        if (!(v > best)) continue;
        best = v;
        found = place[k];
    }
    return found;
}

/* from `at` to a local maximum of the violation */
static void climb(search *s)
{
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double S = exponentials(s), moved = 0.0;
        for (size_t k = 0; k < s->d; k++) {
            const size_t j = s->act[k];
            const double T = fmax(S - s->e[j], 1e-300), to = best_of_side(s, j, T);
            moved = fmax(moved, fabs(to - s->at[j]) / (s->x[j].hi - s->x[j].lo));
            s->at[j] = to;
            s->e[j] = exp_guess(to - s->ref);
            S = T + s->e[j];
        }
        if (!(moved > 1e-9)) break;
    }
}

/* ---- the search ------------------------------------------------------------------------------ */

/* Points of the line through c along which softmax_i grows fastest: where env is the best bound, it touches
 * there, which many coordinates' corners and climbs take long to find. */
static void line(search *s)
{
    double from = -1.0, to = 1.0;
    for (size_t k = 0; k < s->d; k++) {
        const size_t j = s->act[k];
        const double w = s->x[j].hi - s->x[j].lo;
        const double up = (s->x[j].hi - s->c[j]) / w, down = (s->c[j] - s->x[j].lo) / w;
        from = fmax(from, j == s->i ? -down : -up);
        to = fmin(to, j == s->i ? up : down);
    }
    for (int q = 0; q < LINE; q++) {
        const double z = from + (to - from) * q / (LINE - 1);
        memcpy(s->at, s->c, s->n * sizeof *s->at);
        for (size_t k = 0; k < s->d; k++) {
            const size_t j = s->act[k];
            s->at[j] += (j == s->i ? z : -z) * (s->x[j].hi - s->x[j].lo);
        }
        (void)add(s, -HUGE_VAL);
    }
}

/* the corners that hull.h begins with, all for few coordinates, c, the caller's points */
static sbx_status first_points(search *s, bool *ok, const double *points, size_t count,
                               sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t d = s->d, corners = d <= CORNERS_N ? (size_t)1 << d : 0;

    for (size_t k = 0; k < d; k++)
        s->z[k] =
            (s->c[s->act[k]] - s->x[s->act[k]].lo) / (s->x[s->act[k]].hi - s->x[s->act[k]].lo);
    SBX_TRY(sbx_hull_open(&s->h, d, corners + count + LINE + (ROUNDS + 2) * (d + 3), s->sign > 0.0,
                          s->z, err));
    for (size_t k = 0; k < d; k++) { /* nearer to c than the hull wants it, for the weights */
        const double off = s->h.target[k] - fmin(fmax(s->z[k], 2e-6), 1.0 - 2e-6);
        s->h.target[k] = fmin(fmax(s->z[k], 2e-10), 1.0 - 2e-10) + 1e-4 * off;
    }
    for (size_t k = 0; k <= d; k++) {
        sbx_hull_corner(&s->h, k, s->z);
        to_box(s->at, s, s->z);
        (void)sbx_hull_add(&s->h, s->z, plain_softmax(s));
    }
    *ok = sbx_hull_start(&s->h);
    if (!*ok) goto done;
    memcpy(s->at, s->c, s->n * sizeof *s->at);
    (void)add(s, -HUGE_VAL);
    line(s);
    for (size_t q = 0; q < corners; q++) {
        for (size_t k = 0; k < d; k++)
            s->z[k] = (double)((q >> k) & 1);
        to_box(s->at, s, s->z);
        (void)sbx_hull_add(&s->h, s->z, plain_softmax(s));
    }
    for (size_t q = 0; q < count; q++) {
        memcpy(s->at, points + q * s->n, s->n * sizeof *s->at);
        (void)add(s, -HUGE_VAL);
    }
done:
    return st;
}

/* the plane's slopes in the box */
static void slopes(search *s)
{
    memset(s->a, 0, s->n * sizeof *s->a);
    for (size_t k = 0; k < s->d; k++) {
        const size_t j = s->act[k];
        s->a[j] = s->sign * s->h.plane[k] / (s->x[j].hi - s->x[j].lo);
    }
}

/* Points from which nothing more is beyond the plane, or as far as ROUNDS go. */
static void look(search *s, sbx_orc *o, sbx_end side)
{
    for (int r = 0; r < ROUNDS; r++) {
        double gap, tol;
        size_t more = 0;
        sbx_hull_solve(&s->h, 1e-14, 4000);
        memcpy(s->at, s->c, s->n * sizeof *s->at);
        gap = sbx_hull_value(&s->h) - s->sign * plain_softmax(s);
        tol = 1e-7 * fmax(gap, 0.0) + 1e-15;
        slopes(s);
        for (size_t k = 0; k <= s->d && k < CLIMBS; k++) {
            to_box(s->at, s, s->h.z + s->h.basis[k] * s->d);
            climb(s);
            more += add(s, tol);
        }
        if (o->usable) {
            sbx_orc_slopes(o, s->a);
            if (side == SBX_HI)
                (void)sbx_orc_max(o, tol, NULL, s->at);
            else
                (void)sbx_orc_min(o, tol, s->n <= SBX_ORC_SPLIT_N ? 32 : 1, NULL, s->at);
            more += add(s, tol);
        }
        if (more == 0) break;
    }
    sbx_hull_solve(&s->h, 1e-14, 4000);
}

/* the weights for c itself, by the basis's inverse and two corrections */
static void weigh(search *s)
{
    const size_t d = s->d, m = d + 1;
    memset(s->weight, 0, m * sizeof *s->weight);
    for (int round = 0; round < 3; round++) {
        double rest = 1.0;
        for (size_t j = 0; j < d; j++) {
            const sbx_ivd x = s->x[s->act[j]];
            s->z[j] = (s->c[s->act[j]] - x.lo) / (x.hi - x.lo);
        }
        for (size_t k = 0; k < m; k++) {
            rest -= s->weight[k];
            for (size_t j = 0; j < d; j++)
                s->z[j] -= s->weight[k] * s->h.z[s->h.basis[k] * d + j];
        }
        for (size_t k = 0; k < m; k++) {
            s->weight[k] += rest * s->h.inv[k * m + d];
            for (size_t j = 0; j < d; j++)
                s->weight[k] += s->z[j] * s->h.inv[k * m + j];
        }
    }
    for (size_t k = 0; k < m; k++)
        s->weight[k] = s->weight[k] > 0.0 && s->weight[k] <= 2.0 ? s->weight[k] : 0.0;
}

/* ---- the proof --------------------------------------------------------------------------------- */

static sbx_status softmax_at(sbx_ivd *v, search *s, const double *at, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < s->n; j++)
        s->p[j] = (sbx_ivd){at[j], at[j]};
    SBX_TRY(sbx_softmax_ivd(s->p, s->p, s->n, NULL, err));
    *v = s->p[s->i];
done:
    return st;
}

/* c = (1 - theta) m + theta q, m the weights' mean point: the least theta, rounded up, with q in
 * the box, from D = sum w (x_j - c_j) and W = sum w; 1 where there is none */
static double share(sbx_ivd D, double W_lo, sbx_ivd x, double c)
{
    double most = 0.0;
    if (D.hi > 0.0) {
        const double t = sbx_div_hi(D.hi, W_lo);
        most = sbx_div_hi(t, sbx_add_lo(t, sbx_sub_lo(c, x.lo)));
    }
    if (D.lo < 0.0) {
        const double t = sbx_div_hi(-D.lo, W_lo);
        most = fmax(most, sbx_div_hi(t, sbx_add_lo(t, sbx_sub_lo(x.hi, c))));
    }
    return sbx_is_real(D.lo) && sbx_is_real(D.hi) && most < 1.0 ? most : 1.0;
}

/* what the points point[k], k < m, and their weights prove [L-RLX-140] */
static sbx_status prove(double *limit, search *s, sbx_end side, const double *point, size_t m,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd W = {0.0, 0.0}, v;
    double sum = 0.0, theta = 0.0, P;

    for (size_t k = 0; k < m; k++) {
        const double w = s->weight[k];
        if (w == 0.0) continue;
        SBX_TRY(softmax_at(&v, s, point + k * s->n, err));
        W.lo = sbx_add_lo(W.lo, w);
        W.hi = sbx_add_hi(W.hi, w);
        sum = side == SBX_HI ? sbx_add_lo(sum, sbx_mul_lo(w, v.lo))
                             : sbx_add_hi(sum, sbx_mul_hi(w, v.hi));
    }
    if (!(W.lo > 0.5)) goto done;
    for (size_t j = 0; j < s->n; j++) {
        sbx_ivd D = {0.0, 0.0};
        for (size_t k = 0; k < m; k++) {
            const double w = s->weight[k], y = point[k * s->n + j];
            if (w == 0.0 || y == s->c[j]) continue;
            D.lo = sbx_add_lo(D.lo, sbx_mul_lo(w, sbx_sub_lo(y, s->c[j])));
            D.hi = sbx_add_hi(D.hi, sbx_mul_hi(w, sbx_sub_hi(y, s->c[j])));
        }
        theta = fmax(theta, share(D, W.lo, s->x[j], s->c[j]));
    }
    if (!(theta < 1.0)) goto done;
    if (side == SBX_HI) {
        P = sbx_div_lo(sum, W.hi);
        P = sbx_sub_lo(P, sbx_mul_hi(theta, sbx_sub_hi(P, s->range.lo)));
        if (P > *limit) *limit = P;
    } else {
        P = sbx_div_hi(sum, W.lo);
        P = sbx_add_hi(P, sbx_mul_hi(theta, sbx_sub_hi(s->range.hi, P)));
        if (P < *limit) *limit = P;
    }
done:
    return st;
}

/* ---- the limit --------------------------------------------------------------------------------- */

static sbx_status check(size_t i, const sbx_ivd *x, const double *c, size_t n, const double *points,
                        size_t count, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (n == 0 || i >= n) SBX_FAIL(err, SBX_ERR_ARG, "coordinate %zu of %zu", i, n);
    for (size_t j = 0; j < n; j++)
        if (!(x[j].lo <= c[j] && c[j] <= x[j].hi && sbx_is_real(x[j].lo) && sbx_is_real(x[j].hi)))
            SBX_FAIL(err, SBX_ERR_ARG, "coordinate %zu: not finite, lo > hi, or c is outside", j);
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < n; j++)
            if (!(x[j].lo <= points[k * n + j] && points[k * n + j] <= x[j].hi))
                SBX_FAIL(err, SBX_ERR_ARG, "point %zu is outside of the box", k);
done:
    return st;
}

sbx_status sbx_relax_limit(double *limit, double *point, double *weight, sbx_end side, size_t i,
                           const sbx_ivd *x, const double *c, size_t n, const double *points,
                           size_t count, sbx_err *err)
{
    sbx_status st = SBX_OK;
    search s = {.n = n, .i = i, .sign = side == SBX_HI ? 1.0 : -1.0, .c = c};
    sbx_orc *o = NULL;
    double *mine = NULL, plain;
    sbx_ivd v;
    bool ok = true;

    SBX_TRY(check(i, x, c, n, points, count, err));
    s.x = sbx_alloc(n, 2 * sizeof *s.x);
    s.act = sbx_alloc(n, sizeof *s.act);
    s.z = sbx_alloc(n + 1, 5 * sizeof *s.z);
    mine = sbx_alloc(n + 1, n * sizeof *mine);
    o = sbx_alloc(1, sizeof *o);
    if (!s.x || !s.act || !s.z || !mine || !o)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the limit of %zu coordinates", n);
    memset(o, 0, sizeof *o);
    s.p = s.x + n;
    s.at = s.z + n + 1;
    s.a = s.at + n + 1;
    s.e = s.a + n + 1;
    s.weight = s.e + n + 1;
    memset(s.weight, 0, (n + 1) * sizeof *s.weight);
    for (size_t k = 0; k <= n; k++)
        memcpy(mine + k * n, c, n * sizeof *mine);
    s.ref = -HUGE_VAL;
    for (size_t j = 0; j < n; j++) {
        s.x[j] = x[j].lo < c[j] && c[j] < x[j].hi ? x[j] : (sbx_ivd){c[j], c[j]};
        s.ref = fmax(s.ref, s.x[j].hi);
        if (s.x[j].lo < s.x[j].hi) s.act[s.d++] = j;
        if (!sbx_is_real(x[j].hi - x[j].lo)) ok = false;
    }
    SBX_TRY(sbx_softmax_ivd(s.p, s.x, n, NULL, err));
    s.range = s.p[i];
    SBX_TRY(softmax_at(&v, &s, c, err)); /* c alone, with the weight 1 */
    *limit = plain = side == SBX_HI ? v.lo : v.hi;
    if (s.d > 0 && ok) {
        SBX_TRY(sbx_orc_open(o, i, s.x, n, n <= SBX_ORC_SPLIT_N ? 32 : 1, err));
        SBX_TRY(first_points(&s, &ok, points, count, err));
        if (ok) {
            look(&s, o, side);
            weigh(&s);
            for (size_t k = 0; k <= s.d; k++)
                to_box(mine + k * n, &s, s.h.z + s.h.basis[k] * s.d);
            SBX_TRY(prove(limit, &s, side, mine, s.d + 1, err));
        }
    }
    if (*limit == plain) {
        memset(s.weight, 0, (n + 1) * sizeof *s.weight);
        s.weight[0] = 1.0;
        memcpy(mine, c, n * sizeof *mine);
    }
    if (point) memcpy(point, mine, (n + 1) * n * sizeof *mine);
    if (weight) memcpy(weight, s.weight, (n + 1) * sizeof *weight);
done:
    if (o) sbx_orc_close(o);
    sbx_hull_close(&s.h);
    sbx_free(o);
    sbx_free(mine);
    sbx_free(s.z);
    sbx_free(s.act);
    sbx_free(s.x);
    return st;
}
