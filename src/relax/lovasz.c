/* relax/lovasz.c -- L_2D and ER with better planes over e^{x_j - x_k} than the chord's.
 *
 * Over the rectangle of (x_j, x_k) the least concave function above e^{x_j - x_k} is the smaller
 * of two affine ones, through three corners each (Lovasz's extension of a supermodular
 * function): at c one of them is below the chord of the difference, unless c lies on the
 * diagonal. A plane is above the convex e^{x_j - x_k} where it is at the corners [L-RLX-100].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "relax/affine.h"
#include "relax/exp.h"
#include "relax/rows.h"

/* e^t, t = x - y - ref, near; *hi: above it */
static double near_exp(double x, double y, double ref, double *hi)
{
    const double t = (x - y) - ref, size = fabs(x - y) + fabs(ref) + 1.0;
    const double at = t < -700.0 ? -700.0 : t;
    double v, k;
    *hi = HUGE_VAL;
    if (!(size <= 0x1p30)) return 0.0;
    sbx_exp_bulk(&v, &k, &at, 1);
    v = scale_by(v, k);
    *hi = v * (1.0 + size * 0x1p-50); /* the two differences, exp, this product */
    return t < -700.0 ? 0.0 : v;
}

/* one plane v + K (x_j - c_j) - P (x_k - c_k), and its values at its lowest and highest corner */
typedef struct piece {
    double v, K, P, lo, hi;
} piece;

static piece over(const sbx_ivd *xj, const sbx_ivd *xk, double cj, double ck, double ref)
{
    const double wj = xj->hi - xj->lo, wk = xk->hi - xk->lo;
    const double zj = wj > 0.0 ? (cj - xj->lo) / wj : 0.0, zk = wk > 0.0 ? (xk->hi - ck) / wk : 0.0;
    double hi[4], f[4]; /* corners: x_j low or high, x_k high or low: 00, 10, 01, 11 */
    piece p;
    for (int c = 0; c < 4; c++)
        f[c] = near_exp(c & 1 ? xj->hi : xj->lo, c & 2 ? xk->lo : xk->hi, ref, &hi[c]);
    if (zk >= zj) { /* through 00, 01, 11 */
        p.P = wk > 0.0 ? (f[2] - f[0]) / wk : 0.0;
        p.K = wj > 0.0 ? (f[3] - f[2]) / wj : 0.0;
    } else { /* through 00, 10, 11 */
        p.K = wj > 0.0 ? (f[1] - f[0]) / wj : 0.0;
        p.P = wk > 0.0 ? (f[3] - f[1]) / wk : 0.0;
    }
    p.v = -HUGE_VAL;
    for (int c = 0; c < 4; c++) {
        const double dj = c & 1 ? sbx_sub_lo(xj->hi, cj) : sbx_sub_lo(xj->lo, cj);
        const double dk = c & 2 ? sbx_sub_hi(xk->lo, ck) : sbx_sub_hi(xk->hi, ck);
        const double v = sbx_fma_hi(-p.K, dj, sbx_fma_hi(p.P, dk, hi[c]));
        p.v = v >= p.v ? v : p.v >= v ? p.v : (double)NAN;
    }
    p.lo = sbx_fma_lo(p.K, sbx_sub_lo(xj->lo, cj), sbx_fma_lo(-p.P, sbx_sub_hi(xk->hi, ck), p.v));
    p.hi = sbx_fma_hi(p.K, sbx_sub_hi(xj->hi, cj), sbx_fma_hi(-p.P, sbx_sub_lo(xk->lo, ck), p.v));
    return p;
}

/* the greatest distance from c on a side */
static double reach(const sbx_ivd *x, double c)
{
    return fmax(sbx_sub_hi(x->hi, c), sbx_sub_hi(c, x->lo));
}

/* A(x) = e^-ref [k != i] + sum over j != i, k of the planes; r is view k, of the box x alone. */
bool sbx_lovasz_lower(sbx_affine *out, const sbx_rows *r, const sbx_ivd *x, const double *at,
                      size_t i, size_t k)
{
    const double n = (double)r->n, more = 1.0 + (n + 4) * 0x1p-52, less = 1.0 - (n + 4) * 0x1p-52;
    double *const K = out->coef, alpha, b, g, e;
    sbx_acc P = {0.0, 0.0, 0.0}, t = {0.0, 0.0, 0.0};
    sbx_ivd last;
    sbx_rect q;

    sbx_rect_row(&q, r, i);
    q.al = k == i ? 0.0 : r->el[k].lo;
    q.au = q.ac = k == i ? 0.0 : r->eh[k].hi;
    for (size_t j = 0; j < r->n; j++) {
        piece p;
        K[j] = 0.0;
        if (j == i || j == k) continue;
        p = over(&x[j], &x[k], at[j], at[k], r->ref);
        if (!(p.K >= 0.0 && p.P >= 0.0 && p.v >= 0.0)) return false;
        K[j] = p.K;
        sbx_acc_add(&P, p.P);
        q.al += fmax(p.lo, 0.0);
        q.au += p.hi;
        q.ac += p.v;
    }
    q.al *= less; /* [L-RLX-79] */
    q.au *= more;
    q.ac *= more;
    if (!(q.au <= DBL_MAX && q.al <= q.au)) return false;
    if (!sbx_rect_plane(&alpha, &b, &g, &q)) return false;
    /* alpha - b A + g y, y = x_i - x_k - ref, around c; the slopes' rounding is paid for */
    sbx_acc_add(&t, alpha);
    sbx_acc_mul(&t, -b, q.ac);
    last.lo = sbx_mul_lo(b, sbx_acc_lo(&P));
    last.hi = sbx_mul_hi(b, sbx_acc_hi(&P));
    for (size_t j = 0; j < r->n; j++) {
        out->coef[j] = -(b * K[j]);
        e = sbx_add_hi(-out->coef[j] * 0x1p-52, SBX_ETA);
        if (out->coef[j] != 0.0) sbx_acc_add(&t, -sbx_mul_hi(e, reach(&x[j], at[j])));
        if (K[j] > 0.0 && out->coef[j] == 0.0) return false;
    }
    if (k != i) {
        out->coef[i] = g;
        last = (sbx_ivd){sbx_sub_lo(last.lo, g), sbx_sub_hi(last.hi, g)};
        sbx_acc_mul(&t, g, at[i]);
        sbx_acc_mul(&t, -g, at[k]);
    }
    sbx_acc_mul(&t, -g, r->ref);
    if (!sbx_is_real(last.lo) || !sbx_is_real(last.hi)) return false;
    out->coef[k] = sbx_middle(last.lo, last.hi);
    e = fmax(sbx_sub_hi(last.hi, out->coef[k]), sbx_sub_hi(out->coef[k], last.lo));
    sbx_acc_add(&t, -sbx_mul_hi(e, reach(&x[k], at[k])));
    for (size_t j = 0; j < r->n; j++)
        sbx_acc_mul(&t, -out->coef[j], at[j]);
    out->cst = sbx_acc_lo(&t);
    return sbx_is_real(out->cst);
}
