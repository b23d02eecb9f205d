/* relax/lse.c -- affine upper bounds of lse: the constant that is proved, and closed forms.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/lse.h"

#include "base/alloc.h"
#include "base/try.h"
#include "relax/affine.h"
#include "relax/exp.h"

#include <string.h>

/* greatest hi - lo first; few are wanted in order, the rest in any */
static void sort(sbx_lse *w)
{
    const size_t want = w->n < SBX_LSE_CORNERS ? w->n : SBX_LSE_CORNERS;
    for (size_t j = 0; j < w->n; j++)
        w->order[j] = j;
    for (size_t k = 0; k < want; k++)
        for (size_t j = k + 1; j < w->n; j++) {
            const size_t p = w->order[k], q = w->order[j];
            if (w->hi[q] - w->lo[q] <= w->hi[p] - w->lo[p]) continue;
            w->order[k] = q;
            w->order[j] = p;
        }
}

sbx_status sbx_lse_open(sbx_lse *w, const sbx_ivd *x, const double *at, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;

    *w = (sbx_lse){.n = n, .x = x, .at = at, .shift = x[0].hi};
    w->lo = sbx_alloc(n, 5 * sizeof *w->lo);
    w->order = sbx_alloc(n, sizeof *w->order);
    if (!w->lo || !w->order) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a bound of lse");
    w->hi = w->lo + n;
    w->slope = w->hi + n;
    w->z = w->slope + n;
    w->a = w->z + n;
    for (size_t j = 1; j < n; j++)
        if (x[j].hi > w->shift) w->shift = x[j].hi;
    for (size_t j = 0; j < n; j++) {
        const double width = x[j].hi - x[j].lo;
        const bool open = !(width <= DBL_MAX);
        sbx_ivd e = {sbx_sub_lo(open ? x[j].hi : x[j].lo, w->shift), sbx_sub_hi(x[j].hi, w->shift)};
        const double low = sbx_sub_hi(open ? x[j].hi : x[j].lo, w->shift);
        sbx_ivd f = {low, low};
        SBX_TRY(exp_ivd(&e, &e, NULL, err));
        SBX_TRY(exp_ivd(&f, &f, NULL, err));
        w->hi[j] = e.hi;
        w->lo[j] = fmin(f.hi, e.hi);
        w->z[j] = open || !(width > 0.0) ? 0.0 : fmin(fmax((at[j] - x[j].lo) / width, 0.0), 1.0);
        w->slope[j] = open            ? 0.0
                      : width >= 1e-6 ? (w->hi[j] - w->lo[j]) / width
                                      : 0.5 * (w->lo[j] + w->hi[j]);
    }
    sort(w);
done:
    return st;
}

void sbx_lse_close(sbx_lse *w)
{
    sbx_free(w->lo);
    sbx_free(w->order);
    memset(w, 0, sizeof *w);
}

/* >= -a (end - at_j), both ends of coordinate j; a = 0 where the lower one is -inf */
static double reach(const sbx_lse *w, size_t j, bool up, double a)
{
    const double end = up ? w->x[j].hi : w->x[j].lo;
    const double d = a > 0.0 ? sbx_sub_lo(end, w->at[j]) : sbx_sub_hi(end, w->at[j]);
    return a == 0.0 ? 0.0 : sbx_mul_hi(-a, d);
}

/* >= log t, t > 0 */
static double log_hi(double t)
{
    sbx_ivd v = {t, t};
    return t > 0.0 && t <= DBL_MAX && sbx_ivd_log(&v, &v, NULL, NULL) == SBX_OK ? v.hi : HUGE_VAL;
}

/* An upper bound of lse - shift - a.(x - at) over the part of the box where the corners are S:
 *
 *   log T <= log t - 1 + T/t  for every t > 0,
 *
 * and the right side is a sum over coordinates, so each of the others is at its better end. */
static double over_corner(const sbx_lse *w, const double *a, size_t m, double rho, size_t corner)
{
    sbx_acc sum = {0.0, 0.0, 0.0};
    double own = 0.0, least, most, t;

    for (size_t k = 0; k < m; k++) {
        const size_t j = w->order[k];
        const bool up = corner >> k & 1;
        own = sbx_add_hi(own, up ? w->hi[j] : w->lo[j]);
        sbx_acc_add(&sum, reach(w, j, up, a[j]));
    }
    least = most = own;
    for (size_t k = m; k < w->n; k++) {
        least += w->lo[w->order[k]];
        most += w->hi[w->order[k]];
    }
    t = rho > 0.0 ? fmin(fmax(1.0 / rho, least), most) : most; /* any will do */
    if (m == w->n) t = own;
    sbx_acc_add(&sum, log_hi(t));
    if (m < w->n) {
        sbx_acc_add(&sum, -1.0);
        sbx_acc_add(&sum, sbx_div_hi(own, t));
    }
    for (size_t k = m; k < w->n; k++) {
        const size_t j = w->order[k];
        const double up = sbx_add_hi(sbx_div_hi(w->hi[j], t), reach(w, j, true, a[j]));
        const double down =
            a[j] == 0.0 ? up : sbx_add_hi(sbx_div_hi(w->lo[j], t), reach(w, j, false, a[j]));
        sbx_acc_add(&sum, up >= down ? up : down > up ? down : HUGE_VAL);
    }
    return sbx_acc_hi(&sum);
}

double sbx_lse_intercept(const sbx_lse *w, const double *a, size_t m, double rho)
{
    sbx_acc sum = {w->shift, 0.0, 0.0};
    double most = -HUGE_VAL;

    for (size_t j = 0; j < w->n; j++) {
        if (!sbx_is_real(a[j]) || (a[j] != 0.0 && !sbx_is_real(w->x[j].lo))) return HUGE_VAL;
        sbx_acc_mul(&sum, -a[j], w->at[j]);
    }
    for (size_t s = 0; s < (size_t)1 << m; s++) { /* [L-RLX-120] */
        const double v = over_corner(w, a, m, rho, s);
        if (!(v <= DBL_MAX)) return HUGE_VAL; /* a NaN: a term that overflows */
        if (v > most) most = v;
    }
    sbx_acc_add(&sum, most);
    most = sbx_acc_hi(&sum);
    return sbx_is_real(most) ? most : HUGE_VAL;
}

/* ---- closed forms ------------------------------------------------------------------ */

/* The plane through three corners, those of the point's side of the diagonal where one end is
 * up and the other down: [L-RLX-121]. */
static void two(sbx_lse *w)
{
    const double f00 = log_guess(w->lo[0] + w->lo[1]), f11 = log_guess(w->hi[0] + w->hi[1]);
    const double f10 = log_guess(w->hi[0] + w->lo[1]), f01 = log_guess(w->lo[0] + w->hi[1]);
    const bool low = w->z[0] + w->z[1] <= 1.0;
    const double rise[2] = {low ? f10 - f00 : f11 - f01, low ? f01 - f00 : f11 - f10};
    for (size_t j = 0; j < 2; j++) {
        const double width = w->x[j].hi - w->x[j].lo;
        if (w->slope[j] == 0.0)
            w->a[j] = 0.0;
        else if (width >= 1e-6)
            w->a[j] = rise[j] / width;
        else
            w->a[j] = w->slope[j] / (w->lo[0] + w->lo[1]);
    }
}

/* The best that knows coordinate k's corners and the sum R of the others' chords: with z the place of c_k,
 *
 *   max of (1 - z) log(e^l + R_0) + z log(e^u + R_1),  (1 - z) R_0 + z R_1 = R(c),
 *
 * is at equal sums, which is the log of all chords' sum, unless an end of R forbids it. Returns
 * rho, the slope in R; the slope in x_k is w->a[k]. */
static double dominant(sbx_lse *w, size_t k)
{
    const double z = w->z[k], d = w->hi[k] - w->lo[k], width = w->x[k].hi - w->x[k].lo;
    double r = 0.0, least = 0.0, most = 0.0, rho, part[2];

    for (size_t j = 0; j < w->n; j++) {
        if (j == k) continue;
        least += w->lo[j];
        most += w->hi[j];
        r += w->lo[j] + w->z[j] * (w->hi[j] - w->lo[j]);
    }
    if (!(width >= 1e-6) || !(z > 0.0 && z < 1.0) ||
        (r - (1.0 - z) * d >= least && r + z * d <= most)) {
        rho = 1.0 / (r + w->lo[k] + z * d);
        w->a[k] = rho * w->slope[k];
        return rho;
    }
    rho = (r - z * least) / (1.0 - z) <= most
              ? 1.0 / (w->lo[k] + (r - z * least) / (1.0 - z))
              : 1.0 / (w->hi[k] + fmax((r - (1.0 - z) * most) / z, least));
    for (int up = 0; up < 2; up++) {
        const double own = up ? w->hi[k] : w->lo[k];
        const double best = fmin(fmax(1.0 / rho - own, least), most);
        part[up] = log_guess(own + best) - rho * best;
    }
    w->a[k] = (part[1] - part[0]) / width;
    return rho;
}

bool sbx_lse_closed(sbx_affine *out, sbx_lse *w)
{
    const size_t m = w->n < 4 ? w->n : 4, k = w->order[0];
    double rho = 0.0;

    if (w->n == 1) {
        w->a[0] = sbx_is_real(w->x[0].lo) ? 1.0 : 0.0;
    } else if (w->n == 2) {
        two(w);
    } else {
        rho = dominant(w, k);
        for (size_t j = 0; j < w->n; j++)
            if (j != k) w->a[j] = rho * w->slope[j];
    }
    out->cst = sbx_lse_intercept(w, w->a, m, rho);
    memcpy(out->coef, w->a, w->n * sizeof *w->a);
    return sbx_is_real(out->cst);
}

/* ---- log-softmax ---------------------------------------------------------------------- */

bool sbx_lse_log_softmax(sbx_affine *a, size_t i, const sbx_ivd *x, size_t n)
{
    const double own = 1.0 - a->coef[i];
    const double e = sbx_two_sum_err(1.0, -a->coef[i], own); /* exact: own + e = 1 - a_i */
    double b = -a->cst;

    /* [L-RLX-122]: e x_i is paid for */
    if (e != 0.0) b = sbx_sub_lo(b, fmax(sbx_mul_hi(-e, x[i].lo), sbx_mul_hi(-e, x[i].hi)));
    for (size_t j = 0; j < n; j++)
        a->coef[j] = -a->coef[j];
    a->coef[i] = own;
    a->cst = b;
    return sbx_is_real(b) && sbx_is_real(own);
}
