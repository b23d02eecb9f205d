/* relax/intercept.c -- the constant for given slopes, with its certificate.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "relax/affine.h"
#include "relax/oracle.h"
#include "softbox/kernel.h"

#include <string.h>

void sbx_relax_cert_clear(sbx_relax_cert *c)
{
    sbx_free(c->coef);
    sbx_free(c->box);
    sbx_free(c->t);
    sbx_free(c->lo);
    memset(c, 0, sizeof *c);
}

/* the slopes, the box and room for so many pieces */
static sbx_status begin(sbx_relax_cert *c, sbx_end side, const double *a, const sbx_orc *o,
                        size_t pieces, sbx_err *err)
{
    const size_t n = o->n, k = pieces ? pieces : 1;
    sbx_status st = SBX_OK;

    memset(c, 0, sizeof *c);
    c->side = side;
    c->n = n;
    c->i = o->i;
    c->ref = o->ref;
    c->coef = sbx_alloc(n, sizeof *c->coef);
    c->box = sbx_alloc(n, sizeof *c->box);
    c->t = sbx_alloc(k, (side == SBX_HI ? 2 : 7) * sizeof *c->t);
    c->lo = sbx_alloc(side == SBX_HI ? 1 : k, 2 * n * sizeof *c->lo);
    if (!c->coef || !c->box || !c->t || !c->lo) {
        sbx_relax_cert_clear(c);
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a certificate of %zu coordinates", n);
    }
    c->lam = c->t + k;
    c->hi = c->lo + k * n;
    c->mult = c->t;
    memcpy(c->coef, a, n * sizeof *a);
    memcpy(c->box, o->x, n * sizeof *o->x);
    c->pieces = pieces;
done:
    return st;
}

sbx_status sbx_orc_certify(sbx_relax_cert *c, const sbx_orc *o, sbx_end side, const double *a,
                           double cst, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t pieces = side == SBX_HI ? o->up.pieces : o->leaves;

    if (!o->usable) pieces = 0;
    SBX_TRY(begin(c, side, a, o, pieces, err));
    c->cst = cst;
    for (size_t k = 0; k < pieces; k++) {
        const sbx_orc_lower *q = &o->low[k];
        const double *leaf = o->leaf + 2 * o->m * k;
        if (side == SBX_HI) {
            c->t[k] = o->up.t[k];
            c->lam[k] = o->up.lam[k];
            continue;
        }
        c->lo[k * o->n + o->i] = o->x[o->i].lo;
        c->hi[k * o->n + o->i] = o->x[o->i].hi;
        for (size_t j = 0; j < o->m; j++) {
            const size_t at = k * o->n + sbx_orc_index(o, j);
            c->lo[at] = sbx_orc_end(o, j, leaf[j], SBX_LO);
            c->hi[at] = sbx_orc_end(o, j, leaf[o->m + j], SBX_HI);
        }
        memcpy(c->mult + 7 * k,
               (double[]){q->t_a, q->t_b, q->b[0], q->b[1], q->b[2], q->first, q->last},
               7 * sizeof *c->mult);
    }
done:
    return st;
}

/* where doubles cannot: softmax_i's range less a.x, one and the other at its own extreme */
static double corners(sbx_end side, size_t i, const double *a, const sbx_ivd *x, size_t n,
                      double *point, const sbx_ivd *p)
{
    sbx_acc sum = {side == SBX_HI ? p[i].hi : p[i].lo, 0.0, 0.0};
    for (size_t j = 0; j < n; j++) {
        const double end = (a[j] < 0.0) == (side == SBX_HI) ? x[j].hi : x[j].lo;
        sbx_acc_mul(&sum, -a[j], end);
        point[j] = end;
    }
    return side == SBX_HI ? sbx_acc_hi(&sum) : sbx_acc_lo(&sum);
}

sbx_status sbx_relax_intercept(double *cst, sbx_ivd *reached, double *point, sbx_relax_cert *cert,
                               sbx_end side, size_t i, const double *a, const sbx_ivd *x, size_t n,
                               double width, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_orc o = {0};
    double *at = sbx_alloc(n, sizeof *at), best;
    sbx_ivd *p = sbx_alloc(n, sizeof *p);

    if (!at || !p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu coordinates", n);
    if (n == 0 || i >= n) SBX_FAIL(err, SBX_ERR_ARG, "coordinate %zu of %zu", i, n);
    if (!(width >= 0.0)) SBX_FAIL(err, SBX_ERR_ARG, "a width below 0, or a NaN");
    for (size_t j = 0; j < n; j++)
        if (!(x[j].lo <= x[j].hi && sbx_is_real(x[j].lo) && sbx_is_real(x[j].hi)) ||
            !sbx_is_real(a[j]))
            SBX_FAIL(err, SBX_ERR_ARG, "coordinate %zu: not finite, or lo > hi", j);
    SBX_TRY(sbx_orc_open(&o, i, x, n, n <= SBX_ORC_SPLIT_N ? SBX_ORC_LEAVES : 1, err));
    SBX_TRY(sbx_softmax_ivd(p, x, n, NULL, err));
    sbx_orc_slopes(&o, a);
    *cst = corners(side, i, a, x, n, at, p);
    if (o.usable) {
        if (side == SBX_HI) {
            (void)sbx_orc_max(&o, width / 2, NULL, at);
            best = sbx_orc_prove_max(&o);
        } else {
            (void)sbx_orc_min(&o, width / 2, SBX_ORC_LEAVES, NULL, at);
            best = sbx_orc_prove_min(&o);
        }
        if (sbx_is_real(best) && (side == SBX_HI ? best < *cst : best > *cst))
            *cst = best;
        else
            o.usable = false; /* the corners are the proof */
    }
    *reached = sbx_orc_value(&o, at);
    if (point) memcpy(point, at, n * sizeof *at);
    if (cert) SBX_TRY(sbx_orc_certify(cert, &o, side, a, *cst, err));
done:
    sbx_orc_close(&o);
    sbx_free(p);
    sbx_free(at);
    return st;
}
