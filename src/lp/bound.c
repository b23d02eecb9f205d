/* lp/bound.c -- what any multipliers prove about a linear program.
 *
 * [L-LP-01]: cost.x = sum_r y_r (a_r.x) + d.x with d = cost - sum_r y_r a_r, so over rows and
 * columns in their intervals it is at most sum_r max y_r row_r + sum_j max d_j col_j.
 * Neumaier, Shcherbina, Math. Programming 99 (2004).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/program.h"

#include "num/acc.h"

/* the multiplier as it counts: y_r asks for the upper end of a_r.x where it is positive and
 * the least upper bound is wanted, for the lower end where the greatest lower bound is */
static double multiplier(const sbx_lp *lp, const double *y, size_t r)
{
    const bool upper = lp->maximise ? y[r] > 0.0 : y[r] < 0.0;
    const double end = upper ? lp->row[r].hi : lp->row[r].lo;
    return fabs(y[r]) <= DBL_MAX && fabs(end) <= DBL_MAX ? y[r] : 0.0;
}

static double row_end(const sbx_lp *lp, double y, size_t r)
{
    return (lp->maximise ? y > 0.0 : y < 0.0) ? lp->row[r].hi : lp->row[r].lo;
}

/* [L-LP-02]: >= d x for all d in [a, b], x in v */
static double most(double a, double b, sbx_ivd v)
{
    return fmax(fmax(sbx_mul_hi(a, v.lo), sbx_mul_hi(a, v.hi)),
                fmax(sbx_mul_hi(b, v.lo), sbx_mul_hi(b, v.hi)));
}

/* All in one sign: with s = -1 for a minimum, s times everything is a maximum. */
double sbx_lp_bound(const sbx_lp *lp, const double *y)
{
    const double s = lp->maximise ? 1.0 : -1.0, none = s * HUGE_VAL;
    sbx_acc total = {0.0, 0.0, 0.0};
    double v;
    /* d column by column, from rows that are kept row by row */
    sbx_acc *d = sbx_alloc(lp->cols, sizeof *d);
    if (!d) return none;
    if (!y) y = lp->y;
    for (size_t j = 0; j < lp->cols; j++)
        d[j].sum = s * lp->cost[j];
    for (size_t r = 0; r < lp->rows; r++) {
        const double m = multiplier(lp, y, r);
        if (m == 0.0) continue;
        sbx_acc_mul(&total, s * m, row_end(lp, m, r));
        for (size_t k = lp->start[r]; k < lp->start[r + 1]; k++)
            sbx_acc_mul(&d[lp->at[k]], -s * m, lp->coef[k]);
    }
    for (size_t j = 0; j < lp->cols; j++) {
        const double a = sbx_acc_lo(&d[j]), b = sbx_acc_hi(&d[j]);
        sbx_acc_add(&total, a <= b ? most(a, b, lp->col[j]) : HUGE_VAL);
    }
    sbx_free(d);
    v = sbx_acc_hi(&total);
    return fabs(v) <= DBL_MAX ? s * v : none;
}

sbx_status sbx_lp_bound_mpq(mpq_t bound, bool *finite, const sbx_lp *lp, const double *y,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpq_t t, m, *d = sbx_alloc(lp->cols, sizeof *d);
    *finite = true;
    mpq_inits(t, m, NULL);
    mpq_set_ui(bound, 0, 1);
    if (!d) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu reduced costs", lp->cols);
    if (!y) y = lp->y;
    for (size_t j = 0; j < lp->cols; j++) {
        mpq_init(d[j]);
        mpq_set_d(d[j], lp->cost[j]);
    }
    for (size_t r = 0; r < lp->rows; r++) {
        const double w = multiplier(lp, y, r);
        if (w == 0.0) continue;
        mpq_set_d(m, w);
        mpq_set_d(t, row_end(lp, w, r));
        mpq_mul(t, t, m);
        mpq_add(bound, bound, t);
        for (size_t k = lp->start[r]; k < lp->start[r + 1]; k++) {
            mpq_set_d(t, lp->coef[k]);
            mpq_mul(t, t, m);
            mpq_sub(d[lp->at[k]], d[lp->at[k]], t);
        }
    }
    for (size_t j = 0; j < lp->cols; j++) {
        const int sign = mpq_sgn(d[j]) * (lp->maximise ? 1 : -1);
        const double end = sign > 0 ? lp->col[j].hi : lp->col[j].lo;
        if (sign == 0) continue;
        if (!(fabs(end) <= DBL_MAX)) {
            *finite = false;
            break;
        }
        mpq_set_d(t, end);
        mpq_mul(t, t, d[j]);
        mpq_add(bound, bound, t);
    }
done:
    if (d)
        for (size_t j = 0; j < lp->cols; j++)
            mpq_clear(d[j]);
    mpq_clears(t, m, NULL);
    sbx_free(d);
    return st;
}
