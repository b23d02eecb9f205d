/* relax/oracle.c -- the work space of the search, and the proof of what it left, outward.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/oracle.h"

#include "base/alloc.h"
#include "relax/affine.h"
#include "relax/exp.h"

#include <math.h>

double sbx_orc_exp(double y) { return exp_guess(fmin(fmax(y, -SBX_ORC_FLOOR), SBX_ORC_FLOOR)); }

/* e^x of m numbers x <= 690, e^-690 at least; room: 2 m */
static void ends(double *e, const double *x, size_t m, double *room)
{
    for (size_t k = 0; k < m; k++)
        e[k] = x[k] < -SBX_ORC_FLOOR ? -SBX_ORC_FLOOR : x[k];
    sbx_exp_bulk(room, room + m, e, m);
    for (size_t k = 0; k < m; k++)
        e[k] = scale_by(room[k], room[m + k]);
}

sbx_status sbx_orc_open(sbx_orc *o, size_t i, const sbx_ivd *x, size_t n, size_t leaves,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t m = n - 1;
    double *p, low = -HUGE_VAL, high = -HUGE_VAL;

    sbx_orc_none(o);
    o->up.pieces = 0;
    o->n = n;
    o->m = m;
    o->i = i;
    o->x = x;
    o->room = leaves ? leaves : 1;
    o->low = sbx_alloc(1, o->room * (sizeof *o->low + (2 * n + 3) * sizeof *p) +
                              n * sizeof *o->order + (21 * n + 8) * sizeof *p);
    if (!o->low) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the intercept of %zu coordinates", n);
    o->order = (size_t *)(o->low + o->room);
    o->leaf = (double *)(o->order + n);
    o->bound = o->leaf + 2 * n * o->room;
    o->cut = o->bound + o->room;
    o->l = o->cut + 2 * o->room;
    o->u = o->l + n;
    o->el = o->u + n;
    o->eu = o->el + n;
    o->ec = o->eu + n;
    o->w = o->ec + n;
    o->logw = o->w + n;
    o->spare = o->logw + n;
    for (size_t j = 0; j < n; j++) {
        low = fmax(low, x[j].lo);
        if (j != i) high = fmax(high, x[j].hi);
    }
    o->ref = high - low > SBX_ORC_FLOOR - 90.0 ? high / 2 + low / 2 : m ? high : 0.0;
    o->yl = x[i].lo - o->ref;
    o->yu = x[i].hi - o->ref;
    o->usable = m > 0 && m <= (size_t)1 << 20 && high - o->ref <= SBX_ORC_FLOOR - 40.0 &&
                o->yl >= -SBX_ORC_REACH && o->yu <= SBX_ORC_REACH;
    for (size_t q = 0; q < m; q++) {
        const size_t j = sbx_orc_index(o, q);
        o->order[q] = q;
        o->l[q] = x[j].lo - o->ref;
        o->u[q] = x[j].hi - o->ref;
        if (!(o->l[q] >= -SBX_ORC_REACH)) o->usable = false;
    }
    if (!o->usable) goto done;
    ends(o->el, o->l, m, o->spare);
    ends(o->eu, o->u, m, o->spare);
done:
    return st;
}

void sbx_orc_none(sbx_orc *o) { memset(o, 0, offsetof(sbx_orc, up)); }

void sbx_orc_close(sbx_orc *o)
{
    sbx_free(o->low);
    sbx_orc_none(o);
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
    z = exp_around(y[0], k[0]);
    if (lo < hi) z.hi = exp_around(y[1], k[1]).hi;
    return z;
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

/* what the other end may add: the slope towards it times the way there, up, or 0 */
static double past_hi(double slope_hi, double way_hi)
{
    return slope_hi > 0.0 ? sbx_mul_hi(slope_hi, way_hi) : slope_hi <= 0.0 ? 0.0 : HUGE_VAL;
}

/* Sums of m terms with at most some eight roundings each, whose absolute values sum to size: how
 * far off they may be [L-RLX-142] */
static double off_by(size_t m, double size)
{
    return ((double)m + 12.0) * SBX_U * size + 0x1p-1000;
}

double sbx_orc_prove_piece(sbx_orc *o, double t1, double t2, double lam)
{
    const double ai = o->a, nu = exp_guess(lam), share = ((double)o->m + 12.0) * SBX_U;
    const sbx_ivd *x = o->x, xi = x[o->i];
    const bool line = lam > -HUGE_VAL;
    sbx_ivd V = {0.0, 0.0}, G, e, v;
    sbx_acc sum = {0.0, 0.0, 0.0};
    double rest = 0.0, end, t, best, plain, *r = o->spare, *y = r + o->n, *k2 = y + o->n;
    double total = 0.0, turned = 0.0, size = 0.0; /* of e^r, of e^r (r - x), of its parts */
    bool upper;

    for (size_t k = 0; line && k < o->m; k++) { /* any r will do [L-RLX-80] */
        const double w = o->w[k];
        r[k] = !(w > nu * o->el[k]) ? lam + o->l[k]
               : w >= nu * o->eu[k] ? lam + o->u[k]
                                    : o->logw[k];
        if (r[k] < -SBX_ORC_FLOOR) r[k] = -SBX_ORC_FLOOR;
        if (!(r[k] <= SBX_ORC_FLOOR)) return HUGE_VAL;
    }
    if (line) sbx_exp_bulk(y, k2, r, o->m);
    for (size_t k = 0; k < o->m; k++) { /* in plain doubles, and paid for [L-RLX-142] */
        const sbx_ivd c = x[sbx_orc_index(o, k)];
        const double w = o->w[k], ev = line ? scale_by(y[k], k2[k]) : 0.0;
        double z;
        upper = w > ev;
        sbx_acc_mul(&sum, w, upper ? c.hi : c.lo);
        /* the slope towards the other end: as good as 0 or below it */
        z = upper ? ev * (1.0 + 0x1p-50) - w : w - ev * (1.0 - 0x1p-50);
        if (!(z <= 0.0)) rest += z * (c.hi - c.lo);
        if (!line) continue;
        end = upper ? o->u[k] : o->l[k];
        z = r[k] - end;
        total += ev;
        turned += ev * z;
        size += ev * (fabs(z) + fabs(end));
    }
    rest = rest * (1.0 + share) + 0x1p-1000;
    if (line) {
        V = (sbx_ivd){total * (1.0 - share), total * (1.0 + share)};
        rest = sbx_add_hi(rest, sbx_add_hi(turned, off_by(o->m, size)));
    }
    plain = total;
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
        best = sbx_max(best, sbx_add_hi(sigma_at(t2, NULL).hi, scale_hi(V, sbx_sub_hi(G.hi, t2))));
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
        q = sbx_max(past_hi(sbx_sub_hi(e.hi, V.lo), sbx_sub_hi(t2, t)),
                    past_hi(sbx_sub_hi(V.hi, e.lo), sbx_sub_hi(t, from)));
        best = sbx_max(best, sbx_add_hi(p, q));
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
        best = sbx_max(best, b);
    }
    return best;
}

/* e^log_b, from both sides */
static sbx_ivd power(double log_b)
{
    return log_b > -HUGE_VAL ? exp_at(log_b, log_b) : (sbx_ivd){0.0, 0.0};
}

/* w.x - beta S over the others' box, beta in b, from below: exact products into *sum. In plain
 * doubles, and paid for [L-RLX-142]: the end that looks better is the better one but for that. */
static double corner(const sbx_orc *o, sbx_acc *sum, sbx_ivd b, const sbx_orc_leaf *f)
{
    const double beta = (b.lo + b.hi) / 2;
    double total = 0.0, size = 0.0;
    for (size_t k = 0; k < o->m; k++) {
        const double w = o->w[k], el = beta * f->el[k], eu = beta * f->eu[k];
        const double way = w * (f->hi[k] - f->lo[k]);
        const bool upper = way < eu - el;
        sbx_acc_mul(sum, w, upper ? f->hi[k] : f->lo[k]);
        total += upper ? eu : el;
        size += el * (1.0 + fabs(f->l[k])) + eu * (1.0 + fabs(f->u[k])) + fabs(way);
    }
    return sbx_sub_lo(-total, off_by(o->m, size));
}

/* f with x_i at its end `end`: E/(E + S) + beta S >= s (2 - s) + (beta - beta') S_x, beta' E = s^2,
 * S_x = e^{end - t} the least (low) or largest S of the piece [L-RLX-85] */
static double edge(const sbx_orc *o, const sbx_orc_leaf *f, double log_b, double log_c, double t,
                   bool low)
{
    const sbx_ivd b = power(log_b), xi = o->x[o->i];
    const double end = low ? xi.lo : xi.hi;
    const sbx_ivd y = {sbx_sub_lo(end, o->ref), sbx_sub_hi(end, o->ref)};
    const sbx_ivd s = exp_at(sbx_add_lo(log_c, y.lo) / 2, sbx_add_hi(log_c, y.hi) / 2);
    sbx_acc sum = {0.0, 0.0, 0.0};
    double rest = corner(o, &sum, b, f), d;
    sbx_ivd S = {0.0, 0.0}, eta;

    if (low ? !(log_b >= log_c) : !(log_b <= log_c)) return -HUGE_VAL;
    if (!low && !(fabs(t) <= DBL_MAX)) return -HUGE_VAL; /* S_x unbounded */
    d = sbx_min(scale_lo((sbx_ivd){s.lo, s.lo}, sbx_sub_lo(2.0, s.lo)),
                scale_lo((sbx_ivd){s.hi, s.hi}, sbx_sub_lo(2.0, s.hi)));
    sbx_acc_add(&sum, d);
    sbx_acc_mul(&sum, -o->a, end);
    if (fabs(t) < HUGE_VAL) S = exp_at(sbx_sub_lo(y.lo, t), sbx_sub_hi(y.hi, t));
    if (log_b != log_c) {
        const sbx_ivd c = power(log_c);
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
static double inside(const sbx_orc *o, const sbx_orc_leaf *f, double log_b, double t1, double t2)
{
    const sbx_ivd b = power(log_b), a = {o->a, o->a};
    sbx_acc sum = {0.0, 0.0, 0.0};
    double rest = corner(o, &sum, b, f), best = HUGE_VAL, z;
    sbx_ivd L, v, e;

    sbx_acc_mul(&sum, -o->a, o->ref);
    if (log_ivd(&L, &a, NULL, NULL) != SBX_OK) return -HUGE_VAL;
    z = sbx_add_lo(1.0, sbx_sub_lo(log_b, L.hi)); /* 1 - log a + log beta */
    if (t2 > 0.0) {
        const double from = fmax(t1, 0.0);
        best = sbx_add_lo(sigma_at(t2, NULL).lo, sbx_mul_lo(o->a, sbx_sub_lo(z, t2)));
        best = sbx_min(best,
                       sbx_add_lo(sigma_at(from, NULL).lo, sbx_mul_lo(o->a, sbx_sub_lo(z, from))));
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
        q = sbx_max(past_hi(sbx_sub_hi(o->a, e.lo), sbx_sub_hi(to, t)),
                    past_hi(sbx_sub_hi(e.hi, o->a), sbx_sub_hi(t, t1)));
        best = sbx_min(best, sbx_sub_lo(p, q));
    }
    sbx_acc_add(&sum, best);
    return sbx_add_lo(sbx_acc_lo(&sum), rest);
}

/* Any multipliers will do that are in order: beta below e^-690 is that or, where it may only be
 * less, 0; none is above e^690 [L-RLX-143]. */
double sbx_orc_prove_leaf(sbx_orc *o, const sbx_orc_leaf *f, const sbx_orc_lower *q)
{
    const double most = SBX_ORC_FLOOR;
    double best = edge(o, f, fmin(fmax(q->b[0], -most), most), fmin(q->first, most), q->t_a, true);
    if (!(best > -HUGE_VAL)) return -HUGE_VAL;
    if (q->t_a < HUGE_VAL) {
        const double b = q->b[2] < -most ? -HUGE_VAL : fmin(q->b[2], most);
        const double in = inside(o, f, fmin(fmax(q->b[1], -most), most), q->t_a, q->t_b);
        const double top = edge(o, f, b, fmin(q->last, most), q->t_b, false);
        if (!(in > -HUGE_VAL && top > -HUGE_VAL)) return -HUGE_VAL;
        best = sbx_min(best, sbx_min(in, top));
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
    const size_t m = o->m;
    double best = HUGE_VAL, *p = o->spare, *room = p + 6 * m;
    sbx_orc_leaf f = {p, p + m, p + 2 * m, p + 3 * m, p + 4 * m, p + 5 * m};
    for (size_t j = 0; j < o->leaves; j++) {
        const double *leaf = o->leaf + 2 * m * j;
        double b;
        for (size_t k = 0; k < m; k++) {
            f.lo[k] = sbx_orc_end(o, k, leaf[k], SBX_LO);
            f.hi[k] = sbx_orc_end(o, k, leaf[m + k], SBX_HI);
            f.l[k] = f.lo[k] - o->ref;
            f.u[k] = f.hi[k] - o->ref;
        }
        ends(f.el, f.l, m, room);
        ends(f.eu, f.u, m, room);
        b = sbx_orc_prove_leaf(o, &f, &o->low[j]);
        if (!(b > -HUGE_VAL)) return -HUGE_VAL;
        best = sbx_min(best, b);
    }
    return best;
}

sbx_ivd sbx_orc_value(sbx_orc *o, const double *point)
{
    sbx_ivd *p = (sbx_ivd *)o->spare, z = {-HUGE_VAL, HUGE_VAL};
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
