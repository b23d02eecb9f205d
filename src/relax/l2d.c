/* relax/l2d.c -- softmax_i from below by a function of two variables.
 *
 * The others' exponentials lie under lines, so softmax_i >= g(A(x), y), g = e^y/(e^y + A), y = x_i
 * and A affine in the others. Of the planes alpha - b A + gamma y below g over a rectangle the one
 * that is highest at c touches g at one or two points: (A1, y1) where g <= 1/2, or y1 is the
 * lower end, and (A2, the upper end). They are searched for in doubles; the constant alpha of
 * the plane found is then proved [L-RLX-77]:
 *
 *     f(y) = min over A of g(A, y) + b A - gamma y
 *
 * has the slope p (1 - p) - gamma, p = g at the best A, which grows with y: f is convex, then
 * concave, and a tangent on the convex part and the upper end bound it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/affine.h"
#include "relax/exp.h"
#include "relax/rows.h"

/* ---- near, not proved ---------------------------------------------------------------- */

/* a plane of slopes -b and g, and where it touches below the upper end */
typedef struct plane {
    double b, g, y;
} plane;

static double slope_in_A(double e, double A) { return e / (e + A) / (e + A); }
static double clip(double t, double lo, double hi) { return t < lo ? lo : t > hi ? hi : t; }

/* e^y/(e^y + A) at the A in [al, au] where it plus b A is least */
static double near_p(double e, double b, const sbx_rect *r)
{
    return clip(sqrt(b * e), e / (e + r->au), e / (e + r->al));
}

/* and that least value */
static double least(double e, double p, double b) { return p + b * e * (1.0 - p) / p; }

/* a slope b for which g + b A is least at a side al or au, for two points at once: at au
 * it is at most g's, at al at least that */
static double at_sides(const sbx_rect *r, double a1, double e1, double a2, double e2)
{
    const double b1 = slope_in_A(e1, a1), b2 = slope_in_A(e2, a2);
    double lo = 0.0, hi = HUGE_VAL;
    if (a1 <= r->al) lo = b1;
    if (a1 >= r->au) hi = b1;
    if (a2 <= r->al) lo = fmax(lo, b2);
    if (a2 >= r->au) hi = fmin(hi, b2);
    return !(hi < HUGE_VAL) ? lo : lo > 0.0 ? 0.5 * (lo + hi) : hi;
}

/* an end of [al, au] for what is next to it */
static double snap(const sbx_rect *r, double a)
{
    const double near = 1e-10 * (r->au - r->al);
    return a - r->al <= near ? r->al : r->au - a <= near ? r->au : a;
}

/* The slope -b in A of the plane that touches g at some (A1, y) and (A2, yu) with c between
 * them: both points have that slope, but where the sides of the rectangle stop them. */
static double slope_between(const sbx_rect *r, double part, double e1, double e2)
{
    const double rest = 1.0 - part, s1 = sqrt(e1), s2 = sqrt(e2);
    const double root = (part * s1 + rest * s2) / (r->ac + part * e1 + rest * e2);
    double a1 = s1 / root - e1, a2 = s2 / root - e2;
    if (a1 >= r->al && a1 <= r->au && a2 >= r->al && a2 <= r->au) return root * root;
    a1 = clip(a1, r->al, r->au);
    a2 = clip(rest > 0.0 ? (r->ac - part * a1) / rest : a2, r->al, r->au);
    a1 = clip(part > 0.0 ? (r->ac - rest * a2) / part : a1, r->al, r->au);
    a1 = snap(r, a1);
    a2 = snap(r, a2);
    if (rest > 0.0 && a2 > r->al && a2 < r->au) return slope_in_A(e2, a2);
    if (part > 0.0 && a1 > r->al && a1 < r->au) return slope_in_A(e1, a1);
    return at_sides(r, part > 0.0 ? a1 : a2, part > 0.0 ? e1 : e2, rest > 0.0 ? a2 : a1,
                    rest > 0.0 ? e2 : e1);
}

/* the best plane that touches at y and at yu; *over: by how much the slope of f at y is above 0 */
static plane through(const sbx_rect *r, double y, double e, double *over)
{
    plane z = {slope_between(r, (r->yu - r->yc) / (r->yu - y), e, r->eu), 0.0, y};
    const double p = near_p(e, z.b, r), pu = near_p(r->eu, z.b, r);
    z.g = (least(r->eu, pu, z.b) - least(e, p, z.b)) / (r->yu - y);
    *over = p > 0.5 ? 0.25 - z.g : p * (1.0 - p) - z.g;
    return z;
}

static plane search(const sbx_rect *r)
{
    const double pc = r->ec / (r->ec + r->ac);
    plane z = {slope_in_A(r->ec, r->ac), pc * (1.0 - pc), r->yc};
    double lo = r->yl, hi = r->yc, width, over = 0.0, over_lo, over_hi;

    if (!(r->yu - r->yl > 0x1p-20)) { /* the gradient at c will do */
        if (pc > 0.5) z.y = r->yl;
        return z;
    }
    if (pc <= 0.5 &&
        (r->eu / (r->eu + r->al) <= 0.5 ||
         least(r->eu, near_p(r->eu, z.b, r), z.b) - z.g * r->yu >= pc + z.b * r->ac - z.g * r->yc))
        return z; /* it touches at c */
    z = through(r, lo, r->el, &over_lo);
    if (!(over_lo < 0.0)) return z;
    over = over_lo;
    over_hi = 0.25;
    width = hi - lo;
    for (int k = 0, side = 0; k < 60; k++) { /* Illinois: secants, a stale end at half its weight */
        double y = hi - over_hi * ((hi - lo) / (over_hi - over_lo));
        plane next;
        if (k % 3 == 2 && hi - lo > 0.25 * width) y = lo; /* too slow: halve */
        if (k % 3 == 2) width = hi - lo;
        if (!(y > lo && y < hi)) y = 0.5 * (lo + hi);
        if (!(y > lo && y < hi)) break;
        next = through(r, y, fmax(exp_guess(y), 0x1p-1000), &over);
        if (!(next.b > 0.0 && fabs(over) <= 1.0)) break;
        z = next;
        if (fabs(over) <= 1e-14 * z.g) break;
        if (over < 0.0) {
            lo = y;
            over_lo = over;
            if (side < 0) over_hi *= 0.5;
            side = -1;
        } else {
            hi = y;
            over_hi = over;
            if (side > 0) over_lo *= 0.5;
            side = 1;
        }
    }
    z.g += over; /* the slope of g at (A1, y): no distance is paid for */
    return z;
}

/* ---- proved --------------------------------------------------------------------------- */

/* v >= 0 after four roundings or fewer, moved below and above the exact value: 8 u pay for these
 * and two more, 2^-1000 for underflow [L-RLX-79] */
static double less(double v) { return v * (1.0 - 0x1p-50) - 0x1p-1000; }
static double more(double v) { return v * (1.0 + 0x1p-50) + 0x1p-1000; }

/* f(y) from below, e enclosing e^y: the tangent at a near-best A, and what it loses towards the
 * end that it falls to [L-RLX-77] */
static double f_below(double y, sbx_ivd e, plane z, double al, double au)
{
    const double mid = 0.5 * (e.lo + e.hi), s = sqrt(z.b * mid);
    const double A = clip(mid * (1.0 - s) / s, al, au);
    const double steep = more(e.hi / (e.lo + A) / (e.lo + A));
    const double flat = less(e.lo / (e.hi + A) / (e.hi + A));
    const double first = less(less(e.lo / (e.lo + A)) + z.b * A);
    double v = first;
    if (z.b > flat && A > al) v -= more((z.b - flat) * (A - al));
    if (z.b < steep && A < au) v -= more((steep - z.b) * (au - A));
    v -= 0x1p-50 * (fabs(first) + fabs(v)); /* the three subtractions */
    return sbx_sub_lo(v, sbx_mul_hi(z.g, y));
}

/* sqrt(b e), four roundings or fewer: what underflows under a root is large above it */
static double root(double b, double e)
{
    const double v = b * e;
    return v >= 0x1p-1000 ? sqrt(v) : sqrt(b) * sqrt(e);
}

/* g at the best A: sqrt(b e^y) clipped to g(au, y), g(al, y) */
static sbx_ivd best_p(sbx_ivd e, double b, double al, double au)
{
    sbx_ivd p;
    p.lo = fmax(less(clip(root(b, e.lo), e.lo / (e.lo + au), e.lo / (e.lo + al))), 0.0);
    p.hi = fmin(more(clip(root(b, e.hi), e.hi / (e.hi + au), e.hi / (e.hi + al))), 1.0);
    return p;
}

/* alpha <= f on [yl, yu]; -inf or NaN: none */
static double constant(const sbx_rect *r, plane z)
{
    const sbx_ivd el = r->end[0], eu = r->end[1];
    const double at_end = f_below(r->yu, eu, z, r->al, r->au);
    sbx_ivd e = el, p;
    double d_lo, d_hi, pay, v;

    if (z.g >= 0.25 || !(r->yl < r->yu)) return at_end; /* f falls */
    if (z.y > r->yl && z.y < r->yu) {
        e.lo = e.hi = z.y;
        if (!(z.y > -700.0) || exp_ivd(&e, &e, NULL, NULL) != SBX_OK) return -HUGE_VAL;
    } else if (z.y >= r->yu) {
        z.y = r->yu;
        e = eu;
    } else {
        z.y = r->yl;
    }
    p = best_p(e, z.b, r->al, r->au);
    if (!(p.hi <= 0.5) && z.y > r->yl) { /* not surely on the convex part */
        z.y = r->yl;
        e = el;
        p = best_p(e, z.b, r->al, r->au);
    }
    d_lo = sbx_sub_lo(less(fmin(p.lo * (1.0 - p.lo), p.hi * (1.0 - p.hi))), z.g);
    d_hi = sbx_sub_hi(more(p.hi * (1.0 - p.hi)), z.g); /* where p.hi <= 1/2 */
    pay = fmax(sbx_mul_hi(fmax(-d_lo, 0.0), sbx_sub_hi(r->yu, z.y)),
               sbx_mul_hi(fmax(d_hi, 0.0), sbx_sub_hi(z.y, r->yl)));
    v = sbx_sub_lo(f_below(z.y, e, z, r->al, r->au), pay);
    if (best_p(eu, z.b, r->al, r->au).hi <= 0.5) return v; /* all convex; NaN stays */
    if (!(fabs(v) <= DBL_MAX && fabs(at_end) <= DBL_MAX)) return -HUGE_VAL; /* NaN: none */
    return v < at_end ? v : at_end;
}

bool sbx_rect_plane(double *alpha, double *b, double *g, const sbx_rect *r)
{
    const plane z = search(r);
    *alpha = constant(r, z);
    *b = z.b;
    *g = z.g;
    return z.b > 0x1p-900 && z.g >= 0.0 && sbx_is_real(z.g) && sbx_is_real(*alpha);
}

void sbx_rect_row(sbx_rect *q, const sbx_rows *r, size_t i)
{
    q->yl = r->lo[i];
    q->yu = r->hi[i];
    q->yc = clip(r->at[i] - r->ref, q->yl, q->yu);
    q->end[0] = r->el[i];
    q->end[1] = r->eh[i];
    q->el = 0.5 * (q->end[0].lo + q->end[0].hi);
    q->eu = 0.5 * (q->end[1].lo + q->end[1].hi);
    q->ec = q->yc <= q->yl ? q->el : q->yc >= q->yu ? q->eu : exp_guess(q->yc);
}

bool sbx_l2d_lower(sbx_affine *out, const sbx_rows *r, size_t i)
{
    const double kx = sbx_rows_but_hi(r, SBX_SUM_KX, i);
    sbx_acc t = {0.0, 0.0, 0.0};
    sbx_rect q;
    double alpha, b, g;

    sbx_rect_row(&q, r, i);
    q.al = sbx_rows_but_lo(r, SBX_SUM_AL, i);
    q.au = sbx_rows_but_hi(r, SBX_SUM_AU, i);
    q.ac = sbx_rows_but_hi(r, SBX_SUM_AT, i);
    if (!sbx_rect_plane(&alpha, &b, &g, &q)) return false;
    for (size_t j = 0; j < r->n; j++)
        out->coef[j] = -(b * r->k[j]);
    out->coef[i] = g;
    /* alpha - b A(x) + g (x_i - ref), A(x) = at + sum k_j (x_j - c_j) [L-RLX-78] */
    sbx_acc_add(&t, alpha);
    sbx_acc_mul(&t, -b, q.ac);
    sbx_acc_mul(&t, b, sbx_rows_but(r, SBX_SUM_KC, i));
    sbx_acc_mul(&t, -g, r->ref);
    sbx_acc_mul(&t, -b * (double)(r->n + 6) * 0x1p-52, kx);
    sbx_acc_mul(&t, -(double)r->n * SBX_ETA, sbx_add_hi(b, r->reach)); /* where they underflow */
    out->cst = sbx_acc_lo(&t);
    return sbx_is_real(out->cst);
}
