/* cli/affine.c -- the box and the tangent point in doubles; an affine bound's exact value.
 *
 * The tangent point is the nearest double to what was asked, moved into the box of
 * doubles; any point will do, since a bound holds on the whole box.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bound.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* the double nearest to v, into [lo, hi] */
static double nearest(mpq_srcptr v, sbx_ivd x)
{
    double d = 0.0;
    mpfr_t t;
    mpfr_init2(t, 53);
    mpfr_set_q(t, v, MPFR_RNDN);
    d = mpfr_get_d(t, MPFR_RNDN);
    mpfr_clear(t);
    return d < x.lo ? x.lo : d > x.hi ? x.hi : d;
}

sbx_status bound_box_set(bound_box *b, const bound_question *q, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd t = {0.0, 0.0};
    b->x = calloc(q->lo.n, sizeof *b->x);
    b->at = calloc(q->lo.n, sizeof *b->at);
    b->point = calloc(q->lo.n, sizeof *b->point);
    if (!b->x || !b->at || !b->point)
        CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", q->lo.n);
    for (; b->n < q->lo.n; b->n++) {
        const size_t j = b->n;
        mpq_init(b->point[j]);
        if (q->at.n || q->lo.below[j]) {
            mpq_set(b->point[j], q->at.n ? q->at.v[j] : q->hi.v[j]);
        } else {
            mpq_add(b->point[j], q->lo.v[j], q->hi.v[j]);
            mpq_div_2exp(b->point[j], b->point[j], 1);
        }
    }
    for (size_t j = 0; j < b->n; j++) {
        CLI_TRY(sbx_ivd_set_q(&b->x[j], q->hi.v[j], NULL, err));
        if (q->lo.below[j]) {
            CLI_TRY(sbx_ivd_set_below(&b->x[j], &b->x[j], err));
        } else {
            CLI_TRY(sbx_ivd_set_q(&t, q->lo.v[j], NULL, err));
            CLI_TRY(sbx_ivd_hull(&b->x[j], &t, &b->x[j], NULL, err));
        }
        b->at[j] = nearest(b->point[j], b->x[j]);
    }
    CLI_TRY(bound_zone_set(b, q, err));
done:
    return st;
}

void bound_box_clear(bound_box *b)
{
    for (size_t j = 0; j < b->n; j++)
        mpq_clear(b->point[j]);
    free(b->point);
    free(b->at);
    free(b->diff);
    free(b->x);
    *b = (bound_box){0};
}

static bool value(mpq_ptr z, const sbx_affine *a, const bound_box *b)
{
    mpq_t t;
    if (!(fabs(a->cst) <= DBL_MAX)) return false;
    mpq_init(t);
    mpq_set_d(z, a->cst);
    for (size_t j = 0; j < b->n; j++) {
        mpq_set_d(t, a->coef[j]);
        mpq_mul(t, t, b->point[j]);
        mpq_add(z, z, t);
    }
    mpq_clear(t);
    return true;
}

void bound_value(cli_ends *z, const sbx_affine *lower, const sbx_affine *upper, const bound_box *b)
{
    z->no_lo = !value(z->lo, lower, b);
    z->no_hi = !value(z->hi, upper, b);
}
