/* relax/oracle.c -- the work space of the search, and the proof of what it left, outward.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/oracle.h"

#include "base/alloc.h"
#include "relax/affine.h"
#include "relax/exp.h"

#include <math.h>

sbx_status sbx_orc_open(sbx_orc *o, size_t i, const sbx_ivd *x, size_t n, size_t leaves,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t m = n - 1;
    double *y, *k;

    memset(o, 0, offsetof(sbx_orc, up));
    o->up.pieces = 0;
    o->n = n;
    o->m = m;
    o->i = i;
    o->x = x;
    o->room = leaves ? leaves : 1;
    o->l = sbx_alloc(20 * n + 8, sizeof *o->l);
    o->order = sbx_alloc(n, sizeof *o->order);
    o->il = sbx_alloc(4 * n, sizeof *o->il);
    o->leaf = sbx_alloc(o->room, (2 * n + 3) * sizeof *o->leaf);
    o->low = sbx_alloc(o->room, sizeof *o->low);
    if (!o->l || !o->order || !o->il || !o->leaf || !o->low)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the intercept of %zu coordinates", n);
    o->u = o->l + n;
    o->el = o->u + n;
    o->eu = o->el + n;
    o->w = o->eu + n;
    o->logw = o->w + n;
    o->spare = o->logw + n;
    o->iu = o->il + n;
    o->bound = o->leaf + 2 * n * o->room;
    o->cut = o->bound + o->room;
    o->ref = m ? -HUGE_VAL : 0.0;
    for (size_t j = 0; j < n; j++)
        if (j != i) o->ref = fmax(o->ref, x[j].hi);
    o->yl = x[i].lo - o->ref;
    o->yu = x[i].hi - o->ref;
    o->usable = m > 0 && o->yl >= -SBX_ORC_REACH && o->yu <= SBX_ORC_REACH;
    for (size_t q = 0; q < m; q++) {
        const size_t j = sbx_orc_index(o, q);
        o->order[q] = q;
        o->l[q] = x[j].lo - o->ref;
        o->u[q] = x[j].hi - o->ref;
        if (!(o->l[q] >= -SBX_ORC_REACH)) o->usable = false;
    }
    if (!o->usable) goto done;
    y = o->spare;
    k = y + 2 * n;
    memcpy(k + 2 * n, o->l, m * sizeof *y);
    memcpy(k + 2 * n + m, o->u, m * sizeof *y);
    sbx_exp_bulk(y, k, k + 2 * n, 2 * m);
    for (size_t q = 0; q < m; q++) {
        o->el[q] = ldexp(y[q], (int)k[q]);
        o->eu[q] = ldexp(y[m + q], (int)k[m + q]);
    }
done:
    return st;
}

void sbx_orc_close(sbx_orc *o)
{
    sbx_free(o->low);
    sbx_free(o->leaf);
    sbx_free(o->il);
    sbx_free(o->order);
    sbx_free(o->l);
    memset(o, 0, offsetof(sbx_orc, up));
}

void sbx_orc_slopes(sbx_orc *o, const double *a)
{
    o->a = a[o->i];
    for (size_t k = 0; k < o->m; k++) {
        o->w[k] = 0.0 - a[sbx_orc_index(o, k)];
        o->logw[k] = o->w[k] > 0.0 ? log_guess(o->w[k]) : -HUGE_VAL;
    }
}

/* ---- proved pieces ---------------------------------------------------------------- */

/* y 2^k, exactly: y in [0.7, 1.5], |k| <= 1000 */
static double times2(double y, double k)
{
    const int64_t bits = ((int64_t)k + 1023) << 52;
    double s;
    memcpy(&s, &bits, sizeof s);
    return y * s;
}

/* what the exp kernel gives, moved outward [L-EXP-05] */
static sbx_ivd exp_of(double y, double k)
{
    return (sbx_ivd){times2(fma(-5 * 0x1p-54, y, y), k), times2(fma(5 * 0x1p-54, y, y), k)};
}

/* e^t for t in [lo, hi]; not finite where it overflows */
static sbx_ivd exp_at(double lo, double hi)
{
    const double v[2] = {lo, hi};
    double y[2], k[2];
    sbx_ivd z = {lo, hi};
    if (!(lo >= -690.0 && hi <= 690.0)) {
        if (hi < -1e5) return (sbx_ivd){0.0, SBX_ETA}; /* -inf, too */
        if (sbx_ivd_exp(&z, &z, NULL, NULL) != SBX_OK) return (sbx_ivd){0.0, HUGE_VAL};
        return z;
    }
    sbx_exp_bulk(y, k, v, lo < hi ? 2 : 1);
    z = exp_of(y[0], k[0]);
    if (lo < hi) z.hi = exp_of(y[1], k[1]).hi;
    return z;
}

static sbx_ivd exp_diff(double x, double ref)
{
    return exp_at(sbx_sub_lo(x, ref), sbx_sub_hi(x, ref));
}

/* sigma(t), and sigma(t) (1 - sigma(t)), at a double t */
static sbx_ivd sigma_at(double t, sbx_ivd *slope)
{
    const sbx_ivd e = exp_at(-fabs(t), -fabs(t));
    const sbx_ivd low = {sbx_div_lo(e.lo, sbx_add_hi(1.0, e.lo)),
                         sbx_div_hi(e.hi, sbx_add_lo(1.0, e.hi))};
    const sbx_ivd high = {sbx_div_lo(1.0, sbx_add_hi(1.0, e.hi)),
                          sbx_div_hi(1.0, sbx_add_lo(1.0, e.lo))};
    if (slope) *slope = (sbx_ivd){sbx_mul_lo(low.lo, high.lo), sbx_mul_hi(low.hi, high.hi)};
    return t < 0.0 ? low : high;
}

/* the largest, the least v z for v in [v.lo, v.hi], v >= 0, and z up to (from) an end */
static double scale_hi(sbx_ivd v, double z) { return sbx_mul_hi(z >= 0.0 ? v.hi : v.lo, z); }
static double scale_lo(sbx_ivd v, double z) { return sbx_mul_lo(z >= 0.0 ? v.lo : v.hi, z); }

/* NaN where one of them is */
static double lower(double x, double y) { return x < y ? x : y <= x ? y : (double)NAN; }
static double higher(double x, double y) { return x > y ? x : y >= x ? y : (double)NAN; }

/* what the other end may add: the slope towards it times the way there, up, or 0 */
static double past_hi(double slope_hi, double way_hi)
{
    return slope_hi > 0.0 ? sbx_mul_hi(slope_hi, way_hi) : slope_hi <= 0.0 ? 0.0 : HUGE_VAL;
}

double sbx_orc_prove_piece(sbx_orc *o, double t1, double t2, double lam)
{
    const double *a = o->w, ai = o->a;
    const sbx_ivd *x = o->x, xi = x[o->i];
    const double plain_nu = sbx_orc_exp(lam);
    sbx_ivd V = {0.0, 0.0}, G, e, v;
    sbx_acc sum = {0.0, 0.0, 0.0};
    double rest = 0.0, end, t, best, plain = 0.0, *r = o->spare, *y = r + o->n, *kk = y + o->n;
    bool upper;

    if (lam > -HUGE_VAL) {
        for (size_t k = 0; k < o->m; k++) { /* any r will do [L-RLX-80] */
            const double w = a[k];
            r[k] = !(w > plain_nu * o->el[k]) ? lam + o->l[k]
                   : w >= plain_nu * o->eu[k] ? lam + o->u[k]
                                              : o->logw[k];
        }
        sbx_exp_bulk(y, kk, r, o->m); /* |r| <= 1500 */
    }
    for (size_t k = 0; k < o->m; k++) {
        const sbx_ivd c = x[sbx_orc_index(o, k)];
        const double w = a[k], width = sbx_sub_hi(c.hi, c.lo);
        double z;
        if (!(lam > -HUGE_VAL))
            v = (sbx_ivd){0.0, 0.0};
        else if (r[k] >= -690.0 && r[k] <= 690.0)
            v = exp_of(y[k], kk[k]);
        else
            v = exp_at(r[k], r[k]);
        V.lo = sbx_add_lo(V.lo, v.lo);
        V.hi = sbx_add_hi(V.hi, v.hi);
        upper = w > (v.lo + v.hi) / 2;
        end = upper ? c.hi : c.lo;
        sbx_acc_mul(&sum, w, end);
        z = upper ? sbx_sub_hi(v.hi, w) : sbx_sub_hi(w, v.lo); /* slope towards the other end */
        rest = sbx_add_hi(rest, past_hi(z, width));
        if (!(lam > -HUGE_VAL)) continue;
        z = sbx_sub_hi(r[k], sbx_sub_lo(end, o->ref)); /* >= r - (x - ref) */
        rest = sbx_add_hi(rest, scale_hi(v, z));
    }
    plain = (V.lo + V.hi) / 2;
    upper = plain > ai;
    end = upper ? xi.hi : xi.lo;
    sbx_acc_mul(&sum, -ai, end);
    rest = sbx_add_hi(rest, past_hi(upper ? sbx_sub_hi(ai, V.lo) : sbx_sub_hi(V.hi, ai),
                                    sbx_sub_hi(xi.hi, xi.lo)));
    if (!(V.hi > 0.0)) { /* no line: sigma(t) <= sigma(t2) */
        best = t2 < HUGE_VAL ? sigma_at(t2, NULL).hi : 1.0;
        goto out;
    }
    if (!(V.lo > 0.0)) return HUGE_VAL;
    if (log_ivd(&G, &V, NULL, NULL) != SBX_OK) return HUGE_VAL;
    G.hi = sbx_sub_hi(sbx_sub_hi(end, o->ref), G.lo); /* >= y - ref - log V */
    best = -HUGE_VAL;
    if (t1 < 0.0) {
        if (!(t1 > -HUGE_VAL)) return HUGE_VAL;
        best = sbx_add_hi(sigma_at(t1, NULL).hi, scale_hi(V, sbx_sub_hi(G.hi, t1)));
    }
    if (t2 <= 0.0) {
        best = higher(best, sbx_add_hi(sigma_at(t2, NULL).hi, scale_hi(V, sbx_sub_hi(G.hi, t2))));
    } else { /* sigma is concave: its tangent at t, nearly parallel [L-RLX-81] */
        const double from = fmax(t1, 0.0);
        double p, q;
        t = from;
        if (plain < 0.25) {
            p = 0.5 + 0.5 * sqrt(1.0 - 4.0 * plain);
            t = fmin(fmax(log_guess(p * p / plain), from), t2);
        }
        v = sigma_at(t, &e);
        p = sbx_add_hi(v.hi, scale_hi(V, sbx_sub_hi(G.hi, t)));
        q = higher(past_hi(sbx_sub_hi(e.hi, V.lo), sbx_sub_hi(t2, t)),
                   past_hi(sbx_sub_hi(V.hi, e.lo), sbx_sub_hi(t, from)));
        best = higher(best, sbx_add_hi(p, q));
    }
out:
    sbx_acc_add(&sum, best);
    return sbx_add_hi(sbx_acc_hi(&sum), rest);
}

double sbx_orc_prove_max(sbx_orc *o)
{
    double best = -HUGE_VAL;
    if (!o->up.pieces) return HUGE_VAL;
    for (size_t k = 0; k < o->up.pieces; k++) {
        const double b =
            sbx_orc_prove_piece(o, k ? o->up.t[k - 1] : -HUGE_VAL, o->up.t[k], o->up.lam[k]);
        if (!(b < HUGE_VAL)) return HUGE_VAL;
        best = higher(best, b);
    }
    return best;
}

/* w.x - beta S over the others' box, beta in b, from below: exact products into *sum */
static double corner(const sbx_orc *o, sbx_acc *sum, sbx_ivd b, const double *lo, const double *hi)
{
    double rest = 0.0;
    for (size_t k = 0; k < o->m; k++) {
        const double w = o->w[k];
        const sbx_ivd width = {sbx_sub_lo(hi[k], lo[k]), sbx_sub_hi(hi[k], lo[k])};
        const sbx_ivd el = o->il[2 * o->n + k], eu = o->il[3 * o->n + k];
        const bool upper = w * (hi[k] - lo[k]) < b.lo * (eu.lo - el.lo);
        const sbx_ivd e = upper ? eu : el, far = upper ? el : eu;
        double d;
        sbx_acc_mul(sum, w, upper ? hi[k] : lo[k]);
        rest = sbx_add_lo(rest, -sbx_mul_hi(b.hi, e.hi));
        /* the other end less this one: w (x' - x) - beta (e' - e) */
        d = upper ? sbx_sub_lo(scale_lo(b, sbx_sub_lo(e.lo, far.hi)), scale_hi(width, w))
                  : sbx_sub_lo(scale_lo(width, w), scale_hi(b, sbx_sub_hi(far.hi, e.lo)));
        if (!(d >= 0.0)) rest = sbx_add_lo(rest, d);
    }
    return rest;
}

/* f with x_i at its end `end`: E/(E + S) + beta S >= s (2 - s) + (beta - beta') S_x, beta' E = s^2,
 * S_x = e^{end - t} the least (low) or largest S of the piece [L-RLX-85] */
static double edge(const sbx_orc *o, const double *lo, const double *hi, double log_b, double log_c,
                   double t, bool low)
{
    const sbx_ivd b = exp_at(log_b, log_b), xi = o->x[o->i];
    const double end = low ? xi.lo : xi.hi;
    const sbx_ivd y = {sbx_sub_lo(end, o->ref), sbx_sub_hi(end, o->ref)};
    const sbx_ivd s = exp_at(sbx_add_lo(log_c, y.lo) / 2, sbx_add_hi(log_c, y.hi) / 2);
    sbx_acc sum = {0.0, 0.0, 0.0};
    double rest = corner(o, &sum, b, lo, hi), d;
    sbx_ivd S = {0.0, 0.0}, eta;

    if (low ? !(log_b >= log_c) : !(log_b <= log_c)) return -HUGE_VAL;
    if (!low && !(fabs(t) <= DBL_MAX)) return -HUGE_VAL; /* S_x unbounded */
    d = lower(scale_lo((sbx_ivd){s.lo, s.lo}, sbx_sub_lo(2.0, s.lo)),
              scale_lo((sbx_ivd){s.hi, s.hi}, sbx_sub_lo(2.0, s.hi)));
    sbx_acc_add(&sum, d);
    sbx_acc_mul(&sum, -o->a, end);
    if (fabs(t) < HUGE_VAL) S = exp_at(sbx_sub_lo(y.lo, t), sbx_sub_hi(y.hi, t));
    if (log_b != log_c) {
        const sbx_ivd c = exp_at(log_c, log_c);
        d = sbx_sub_lo(b.lo, c.hi);
        rest = sbx_add_lo(rest, scale_lo(S, d));
    }
    /* towards the other end -a y + beta e^{y - t} is convex: its slope here [L-RLX-86] */
    eta = (sbx_ivd){sbx_sub_lo(sbx_mul_lo(b.lo, S.lo), o->a),
                    sbx_sub_hi(sbx_mul_hi(b.hi, S.hi), o->a)};
    d = low ? eta.lo : -eta.hi;
    if (!(d >= 0.0)) rest = sbx_add_lo(rest, sbx_mul_lo(d, sbx_sub_hi(xi.hi, xi.lo)));
    return sbx_add_lo(sbx_acc_lo(&sum), rest);
}

/* f with x_i free, t in [t_a, t_b]: sigma(t) - a t + a - a log(a/beta) + w.x - beta S [L-RLX-87] */
static double inside(const sbx_orc *o, const double *lo, const double *hi, double log_b, double t1,
                     double t2)
{
    const sbx_ivd b = exp_at(log_b, log_b), a = {o->a, o->a};
    sbx_acc sum = {0.0, 0.0, 0.0};
    double rest = corner(o, &sum, b, lo, hi), best = HUGE_VAL, z;
    sbx_ivd L, v, e;

    sbx_acc_mul(&sum, -o->a, o->ref);
    if (log_ivd(&L, &a, NULL, NULL) != SBX_OK) return -HUGE_VAL;
    z = sbx_add_lo(1.0, sbx_sub_lo(log_b, L.hi)); /* 1 - log a + log beta */
    if (t2 > 0.0) {
        const double from = fmax(t1, 0.0);
        best = sbx_add_lo(sigma_at(t2, NULL).lo, sbx_mul_lo(o->a, sbx_sub_lo(z, t2)));
        best =
            lower(best, sbx_add_lo(sigma_at(from, NULL).lo, sbx_mul_lo(o->a, sbx_sub_lo(z, from))));
    }
    if (t1 < 0.0) { /* sigma is convex: its tangent at t */
        const double to = fmin(t2, 0.0);
        double t = to, p, q;
        if (o->a < 0.25) {
            p = o->a / (0.5 + 0.5 * sqrt(1.0 - 4.0 * o->a));
            t = fmin(fmax(log_guess(p * p / o->a), t1), to);
        }
        v = sigma_at(t, &e);
        p = sbx_add_lo(v.lo, sbx_mul_lo(o->a, sbx_sub_lo(z, t)));
        q = higher(past_hi(sbx_sub_hi(o->a, e.lo), sbx_sub_hi(to, t)),
                   past_hi(sbx_sub_hi(e.hi, o->a), sbx_sub_hi(t, t1)));
        best = lower(best, sbx_sub_lo(p, q));
    }
    sbx_acc_add(&sum, best);
    return sbx_add_lo(sbx_acc_lo(&sum), rest);
}

double sbx_orc_prove_leaf(sbx_orc *o, const double *lo, const double *hi, const sbx_orc_lower *q)
{
    double best;
    for (size_t k = 0; k < o->m; k++) {
        const sbx_ivd c = o->x[sbx_orc_index(o, k)];
        o->il[2 * o->n + k] = lo[k] == c.lo ? o->il[k] : exp_diff(lo[k], o->ref);
        o->il[3 * o->n + k] = hi[k] == c.hi ? o->iu[k] : exp_diff(hi[k], o->ref);
    }
    best = edge(o, lo, hi, q->b[0], q->first, q->t_a, true);
    if (!(best > -HUGE_VAL)) return -HUGE_VAL;
    if (q->t_a < HUGE_VAL) {
        const double in = inside(o, lo, hi, q->b[1], q->t_a, q->t_b);
        const double top = edge(o, lo, hi, q->b[2], q->last, q->t_b, false);
        if (!(in > -HUGE_VAL && top > -HUGE_VAL)) return -HUGE_VAL;
        best = lower(best, lower(in, top));
    }
    return best;
}

double sbx_orc_end(const sbx_orc *o, size_t k, double v, sbx_end e)
{
    const sbx_ivd c = o->x[sbx_orc_index(o, k)];
    if (e == SBX_LO) return v == o->l[k] ? c.lo : v + o->ref;
    return v == o->u[k] ? c.hi : v + o->ref;
}

double sbx_orc_prove_min(sbx_orc *o)
{
    double best = HUGE_VAL, *lo = o->spare, *hi = lo + o->m;
    if (!o->proved)
        for (size_t k = 0; k < o->m; k++) {
            const sbx_ivd c = o->x[sbx_orc_index(o, k)];
            o->il[k] = exp_diff(c.lo, o->ref);
            o->iu[k] = exp_diff(c.hi, o->ref);
        }
    o->proved = true;
    for (size_t j = 0; j < o->leaves; j++) {
        const double *leaf = o->leaf + 2 * o->m * j;
        double b;
        for (size_t k = 0; k < o->m; k++) {
            lo[k] = sbx_orc_end(o, k, leaf[k], SBX_LO);
            hi[k] = sbx_orc_end(o, k, leaf[o->m + k], SBX_HI);
        }
        b = sbx_orc_prove_leaf(o, lo, hi, &o->low[j]);
        if (!(b > -HUGE_VAL)) return -HUGE_VAL;
        best = lower(best, b);
    }
    return best;
}

sbx_ivd sbx_orc_value(sbx_orc *o, const double *point)
{
    sbx_ivd *p = o->il + 2 * o->n, z = {-HUGE_VAL, HUGE_VAL};
    sbx_acc lo = {0.0, 0.0, 0.0}, hi;
    for (size_t j = 0; j < o->n; j++)
        p[j] = (sbx_ivd){point[j], point[j]};
    if (sbx_softmax_ivd(p, p, o->n, NULL, NULL) != SBX_OK) return z;
    sbx_acc_mul(&lo, -o->a, point[o->i]);
    for (size_t k = 0; k < o->m; k++)
        sbx_acc_mul(&lo, o->w[k], point[sbx_orc_index(o, k)]);
    hi = lo;
    sbx_acc_add(&lo, p[o->i].lo);
    sbx_acc_add(&hi, p[o->i].hi);
    return (sbx_ivd){sbx_acc_lo(&lo), sbx_acc_hi(&hi)};
}
