/* relax/polytope.c -- the range of v.softmax(x) over a zone, by a linear program.
 *
 * p = softmax(x) for an x of the zone exactly when the p_j add up to 1 and, for some s > 0,
 *
 *     e^{l_j} s <= p_j <= e^{u_j} s,   p_i <= e^d p_j  for every difference x_i - x_j <= d
 *
 * (s = 1 / sum e^{x_j}) [L-SMX-30]. So the range of v.p is the optimum of a linear program in
 * n + 1 variables. Its factors are rounded outward, which lets in a little more, and what is
 * claimed is the bound from its multipliers [L-SMX-31].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "lp/lp.h"
#include "relax/exp.h"
#include "softbox/relax.h"

#include <stddef.h>

/* The row v_i <= e^d v_j, d in an interval: its factor's upper end is what is sure. Either
 * v_i - e^d v_j <= 0 or e^-d v_i - v_j <= 0, so that no factor is above 1. */
static sbx_status add_row(sbx_lp *lp, size_t i, size_t j, double d, sbx_err *err)
{
    const size_t at[2] = {i, j};
    const sbx_ivd nonpositive = {-HUGE_VAL, 0.0};
    double coef[2] = {1.0, -1.0};
    sbx_ivd e = {-fabs(d), -fabs(d)};
    sbx_status st = SBX_OK;

    if (!(d <= DBL_MAX)) goto done; /* no bound */
    if (!(d >= -DBL_MAX)) SBX_FAIL(err, SBX_ERR_ARG, "a difference of -inf");
    SBX_TRY(exp_ivd(&e, &e, NULL, err));
    if (d <= 0.0)
        coef[1] = -e.hi;
    else
        coef[0] = e.lo; /* [L-SMX-31] */
    SBX_TRY(sbx_lp_add_row(lp, nonpositive, at, coef, 2, err));
done:
    return st;
}

/* The program, without costs; p[0..n) encloses each softmax_j over the zone, d is closed. */
static sbx_status program(sbx_lp *lp, const sbx_zone *z, const double *d, const sbx_ivd *p,
                          size_t *all, double *ones, sbx_err *err)
{
    const size_t n = z->n, m = n + 1;
    sbx_status st = SBX_OK;
    double K = -HUGE_VAL;

    for (size_t j = 0; j < n; j++) {
        SBX_TRY(sbx_lp_add_col(lp, 0.0, p[j], err));
        K = fmax(K, -d[n * m + j]); /* the greatest lower end: sum e^{x_j - K} >= 1 */
        all[j] = j;
        ones[j] = 1.0;
    }
    SBX_TRY(sbx_lp_add_col(lp, 0.0, (sbx_ivd){0.0, 1.0}, err)); /* s = 1 / sum e^{x_j - K} */
    SBX_TRY(sbx_lp_add_row(lp, (sbx_ivd){1.0, 1.0}, all, ones, n, err));
    for (size_t j = 0; K > -HUGE_VAL && j < n; j++) {
        SBX_TRY(add_row(lp, j, n, sbx_sub_hi(d[j * m + n], K), err));
        SBX_TRY(add_row(lp, n, j, sbx_add_hi(d[n * m + j], K), err));
    }
    for (size_t k = 0; k < z->diffs; k++)
        if (z->diff[k].i != z->diff[k].j)
            SBX_TRY(add_row(lp, z->diff[k].i, z->diff[k].j, z->diff[k].d, err));
done:
    return st;
}

/* the box of the zone, and the range of each softmax_j: y_k = x_k - x_j is at its ends at once */
static sbx_status ranges(sbx_ivd *p, sbx_ivd *x, const double *d, size_t n, sbx_err *err)
{
    const size_t m = n + 1;
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < n; j++) {
        sbx_ivd sum = {1.0, 1.0};
        x[j] = (sbx_ivd){-d[n * m + j], d[j * m + n]};
        for (size_t k = 0; k < n; k++) {
            sbx_ivd y = {-d[j * m + k], d[k * m + j]};
            if (k == j) continue;
            if (y.lo > -HUGE_VAL && y.hi <= 700.0) {
                SBX_TRY(exp_ivd(&y, &y, NULL, err));
            } else { /* a far or an open end */
                sbx_ivd a = {fmin(fmax(y.lo, -1e300), 700.0), fmin(fmax(y.lo, -1e300), 700.0)};
                SBX_TRY(exp_ivd(&a, &a, NULL, err));
                y = (sbx_ivd){y.lo > -HUGE_VAL ? a.lo : 0.0, HUGE_VAL};
            }
            sum.lo = sbx_add_lo(sum.lo, y.lo);
            sum.hi = sbx_add_hi(sum.hi, y.hi);
        }
        p[j].lo = fmax(sbx_div_lo(1.0, sum.hi), 0.0);
        p[j].hi = fmin(sbx_div_hi(1.0, sum.lo), 1.0);
    }
done:
    return st;
}

/* an upper bound of sign * v.p, v's ends as they count for it [L-SMX-09] */
static sbx_status most(double *bound, sbx_lp *lp, const sbx_ivd *v, double sign, size_t n,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_lp_found found;
    for (size_t j = 0; j < n; j++)
        SBX_TRY(sbx_lp_set_cost(lp, j, sign > 0 ? v[j].hi : -v[j].lo, err));
    st = sbx_lp_solve(&found, lp, 0, err);
    if (st == SBX_ERR_LIMIT) st = SBX_OK; /* the multipliers 0 say something too */
    if (st == SBX_OK) *bound = sbx_lp_bound(lp, NULL);
done:
    return st;
}

sbx_status sbx_range_functional(sbx_ivd *r, const sbx_ivd *v, const sbx_zone *z, sbx_err *err)
{
    const size_t n = z->n, m = n + 1;
    sbx_status st = SBX_OK;
    sbx_lp *lp = NULL;
    double *d = NULL, up = HUGE_VAL, down = HUGE_VAL;
    sbx_ivd *x = NULL, got = {-HUGE_VAL, HUGE_VAL};
    size_t *all = NULL;

    if (!z->diffs) {
        SBX_TRY(sbx_softmax_functional_ivd(r, v, z->x, n, NULL, err));
        goto done;
    }
    d = sbx_alloc(m * m + n, sizeof *d);
    x = sbx_alloc(2 * n, sizeof *x);
    all = sbx_alloc(n, sizeof *all);
    if (!d || !x || !all) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a zone of %zu", n);
    SBX_TRY(sbx_zone_close(d, z, err));
    SBX_TRY(ranges(x + n, x, d, n, err));
    for (size_t j = 0; j < n; j++)
        if (!(x[j].hi <= DBL_MAX))
            SBX_FAIL(err, SBX_ERR_ARG, "functional: side %zu has no finite upper end", j);
    SBX_TRY(sbx_softmax_functional_ivd(&got, v, x, n, NULL, err));
    SBX_TRY(sbx_lp_new(&lp, true, err));
    SBX_TRY(program(lp, z, d, x + n, all, d + m * m, err));
    SBX_TRY(most(&up, lp, v, 1.0, n, err));
    SBX_TRY(most(&down, lp, v, -1.0, n, err));
    got.hi = fmin(got.hi, up);
    got.lo = fmax(got.lo, -down);
    if (!(got.lo <= got.hi)) SBX_FAIL(err, SBX_ERR_DOMAIN, "an empty zone: no softmax is in it");
    *r = got;
done:
    sbx_lp_free(lp);
    sbx_free(all);
    sbx_free(x);
    sbx_free(d);
    return st;
}
