/* relax/view.c -- the boxes of a zone, and the way back from them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/view.h"

#include "base/alloc.h"
#include "base/try.h"
#include "relax/affine.h"

#include <string.h>

/* the point is in the zone: in the box as it was given, and within every difference */
static sbx_status check_point(const sbx_zone *z, const double *at, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < z->n; j++)
        if (!(z->x[j].lo <= at[j] && at[j] <= z->x[j].hi))
            SBX_FAIL(err, SBX_ERR_ARG, "coordinate %zu of the point is outside of the box", j);
    for (size_t k = 0; k < z->diffs; k++) {
        const sbx_diff *e = &z->diff[k];
        if (sbx_sub_lo(at[e->i], at[e->j]) > e->d)
            SBX_FAIL(err, SBX_ERR_ARG,
                     "the point is outside: coordinate %zu minus coordinate %zu "
                     "is above the bound of difference %zu",
                     e->i, e->j, k);
    }
done:
    return st;
}

static double clamp(double t, sbx_ivd x) { return t < x.lo ? x.lo : t > x.hi ? x.hi : t; }

sbx_status sbx_views_open(sbx_views *v, const sbx_zone *z, const double *at, sbx_err *err)
{
    const size_t n = z->n, m = n + 1;
    sbx_status st = SBX_OK;

    memset(v, 0, sizeof *v);
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a box of no coordinates");
    v->x = sbx_alloc(n, 2 * sizeof *v->x);
    v->at = sbx_alloc(n, 2 * sizeof *v->at);
    if (z->diffs) v->d = sbx_alloc(m, m * sizeof *v->d);
    if (!v->x || !v->at || (z->diffs && !v->d))
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for bounds of %zu coordinates", n);
    v->n = n;
    v->y = v->x + n;
    v->c = v->at + n;
    memcpy(v->x, z->x, n * sizeof *v->x);
    if (v->d) SBX_TRY(sbx_zone_close(v->d, z, err)); /* also checks the indices */
    if (at) SBX_TRY(check_point(z, at, err));
    for (size_t j = 0; j < n; j++) {
        if (!(z->x[j].lo <= z->x[j].hi))
            SBX_FAIL(err, SBX_ERR_ARG, "side %zu: not lo <= hi with a finite hi", j);
        if (v->d) v->x[j] = (sbx_ivd){-v->d[n * m + j], v->d[j * m + n]};
        v->at[j] = at                       ? clamp(at[j], v->x[j])
                   : v->x[j].lo > -HUGE_VAL ? sbx_middle(v->x[j].lo, v->x[j].hi)
                                            : v->x[j].hi;
    }
done:
    return st;
}

void sbx_views_close(sbx_views *v)
{
    sbx_free(v->x);
    sbx_free(v->at);
    sbx_free(v->d);
    memset(v, 0, sizeof *v);
}

bool sbx_view_box(sbx_views *v, size_t k)
{
    const size_t n = v->n, m = n + 1;
    bool good = true;

    for (size_t j = 0; j < n; j++) {
        sbx_ivd *y = &v->y[j];
        if (k == n) {
            *y = v->x[j];
            v->c[j] = v->at[j];
        } else if (j == k) {
            *y = (sbx_ivd){0.0, 0.0};
            v->c[j] = 0.0;
        } else {
            if (v->d)
                *y = (sbx_ivd){-v->d[k * m + j], v->d[j * m + k]};
            else
                *y = (sbx_ivd){sbx_sub_lo(v->x[j].lo, v->x[k].hi),
                               sbx_sub_hi(v->x[j].hi, v->x[k].lo)};
            v->c[j] = clamp(v->at[j] - v->at[k], *y);
        }
        good = good && y->hi <= DBL_MAX && y->lo <= y->hi && y->lo <= DBL_MAX;
    }
    return good;
}

/* sum_j a_j (x_j - x_k) + s x_k + b = sum_{j != k} a_j x_j + t x_k + b, t = s - sum of the a_j:
 * with t rounded to a_k, b pays for (t - a_k) x_k. */
bool sbx_view_back(sbx_affine *a, const sbx_views *v, size_t k, sbx_end side, sbx_vector_fn f)
{
    sbx_acc t = {f == SBX_FN_LSE ? 1.0 : 0.0, 0.0, 0.0};
    double lo, hi, reach;

    if (k == v->n) return true;
    for (size_t j = 0; j < v->n; j++)
        if (j != k) sbx_acc_add(&t, -a->coef[j]);
    lo = sbx_acc_lo(&t);
    hi = sbx_acc_hi(&t);
    if (!sbx_is_real(lo) || !sbx_is_real(hi)) return false;
    a->coef[k] = sbx_middle(lo, hi);
    lo = fmax(sbx_sub_hi(hi, a->coef[k]), sbx_sub_hi(a->coef[k], lo)); /* >= |t - a_k| */
    if (lo == 0.0) return true;
    reach = fmax(fabs(v->x[k].lo), fabs(v->x[k].hi));
    a->cst = side == SBX_LO ? sbx_sub_lo(a->cst, sbx_mul_hi(lo, reach))
                            : sbx_add_hi(a->cst, sbx_mul_hi(lo, reach)); /* [L-RLX-72] */
    return sbx_is_real(a->cst);
}

bool sbx_affine_less(const sbx_affine *a, const sbx_affine *b, const double *c, size_t n)
{
    sbx_acc d = {a->cst, 0.0, 0.0};
    mpq_t sum, p, q;
    bool yes;

    if (!sbx_is_real(a->cst) || !sbx_is_real(b->cst)) return a->cst < b->cst;
    sbx_acc_add(&d, -b->cst);
    for (size_t j = 0; j < n; j++) {
        sbx_acc_mul(&d, a->coef[j], c[j]);
        sbx_acc_mul(&d, -b->coef[j], c[j]);
    }
    if (sbx_acc_hi(&d) < 0.0) return true;
    if (sbx_acc_lo(&d) >= 0.0) return false;
    mpq_inits(sum, p, q, NULL); /* rounding leaves it open */
    mpq_set_d(sum, a->cst);
    mpq_set_d(p, b->cst);
    mpq_sub(sum, sum, p);
    for (size_t j = 0; j < n; j++) {
        mpq_set_d(p, a->coef[j]);
        mpq_set_d(q, b->coef[j]);
        mpq_sub(p, p, q);
        mpq_set_d(q, c[j]);
        mpq_mul(p, p, q);
        mpq_add(sum, sum, p);
    }
    yes = mpq_sgn(sum) < 0;
    mpq_clears(sum, p, q, NULL);
    return yes;
}
