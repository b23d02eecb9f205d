/* relax/largest.c -- planes of the largest of several variables.
 *
 * Below: the one whose middle is highest. Above, sum a_j x_j + c with a_j = (u_j - t) / w_j
 * where that is positive, w_j = u_j - l_j: at the centre of the box it is least where two u_j
 * are above t, all such t being equal there; of these the one with slopes that sum to 1, if
 * there is one. It takes t >= every l_j, so that 0 <= a_j <= 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/try.h"
#include "relax/affine.h"

/* the largest three upper ends, and where the first two are */
typedef struct {
    double u[3];
    size_t i[2];
} top;

static top top_of(const sbx_ivd *x, size_t n)
{
    top t = {{-HUGE_VAL, -HUGE_VAL, -HUGE_VAL}, {0, 0}};
    for (size_t j = 0; j < n; j++) {
        const double u = x[j].hi;
        if (u > t.u[0]) {
            t = (top){{u, t.u[0], t.u[1]}, {j, t.i[0]}};
        } else if (u > t.u[1]) {
            t = (top){{t.u[0], u, t.u[1]}, {t.i[0], j}};
        } else if (u > t.u[2])
            t.u[2] = u;
    }
    return t;
}

static double level(const sbx_ivd *x, size_t n, double floor)
{
    const top t = top_of(x, n);
    const double from = fmax(floor, t.u[2]);
    double w0, w1, v;
    if (!(t.u[1] > from)) return from;
    w0 = t.u[0] - x[t.i[0]].lo;
    w1 = t.u[1] - x[t.i[1]].lo;
    v = t.u[0] * (w1 / (w0 + w1)) + t.u[1] * (w0 / (w0 + w1)) - w0 * (w1 / (w0 + w1));
    return v > from ? fmin(v, t.u[1]) : from;
}

/* The least c that the slopes allow: max_i ((1 - a_i) u_i + a_i l_i) - sum a_j l_j [L-RLX-64]. */
static double constant(const double *a, const sbx_ivd *x, size_t n)
{
    sbx_acc s = {0.0, 0.0, 0.0};
    double best = -HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        sbx_acc t = {x[i].hi, 0.0, 0.0};
        double v;
        sbx_acc_mul(&t, -a[i], x[i].hi);
        sbx_acc_mul(&t, a[i], x[i].lo);
        sbx_acc_mul(&s, -a[i], x[i].lo);
        v = sbx_acc_hi(&t);
        if (!sbx_is_real(v)) return HUGE_VAL;
        best = fmax(best, v);
    }
    return sbx_add_hi(best, sbx_acc_hi(&s));
}

sbx_status sbx_relax_largest(sbx_affine *lower, sbx_affine *upper, const sbx_ivd *x, size_t n,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    double floor = -HUGE_VAL, ceiling = -HUGE_VAL, middle = -HUGE_VAL, t;
    size_t best = 0;
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "the largest of none");
    for (size_t j = 0; j < n; j++) {
        const double m = x[j].lo / 2 + x[j].hi / 2;
        if (!(x[j].lo <= x[j].hi)) SBX_FAIL(err, SBX_ERR_ARG, "side %zu: lo > hi, or a NaN", j);
        floor = fmax(floor, x[j].lo);
        ceiling = fmax(ceiling, x[j].hi);
        if (m > middle) {
            middle = m;
            best = j;
        }
        lower->coef[j] = upper->coef[j] = 0.0;
    }
    lower->coef[best] = 1.0;
    lower->cst = 0.0;
    t = level(x, n, floor);
    for (size_t j = 0; j < n; j++) {
        const double a = (x[j].hi - t) / (x[j].hi - x[j].lo);
        upper->coef[j] = x[j].hi > t && a > 0.0 ? fmin(a, 1.0) : 0.0;
    }
    upper->cst = constant(upper->coef, x, n);
    if (sbx_is_real(upper->cst)) goto done;
    for (size_t j = 0; j < n; j++)
        upper->coef[j] = 0.0;
    upper->cst = ceiling;
done:
    return st;
}
