/* relax/vector.c -- affine bounds of softmax, log-softmax and lse that hold as printed.
 *
 * A convex L is above its tangent at c: L(x) >= L(c) + sum g_j (x_j - c_j) [L-RLX-07].
 * Known are enclosures V of L(c) and G_j of g_j. With any double a_j,
 *
 *   g_j (x_j - c_j) >= a_j (x_j - c_j) - r_j D_j,  r_j >= max |G_j - a_j|,  D_j >= |x_j - c_j|,
 *
 * so a.x + (inf V - sum a_j c_j - sum r_j D_j) <= L(x) on the box, and the constant
 * is rounded down once the a_j stand [L-RLX-08]. The upper bound is the mirror image.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "relax/affine.h"
#include "relax/softmax.h"

#include <string.h>

/* The plane from the value v and the gradient w->g; false where it is not finite. */
static bool plane(sbx_affine *out, const sbx_rlx_ivd *w, const sbx_ivd *v, const sbx_ivd *x,
                  sbx_end side)
{
    const double sign = side == SBX_LO ? 1.0 : -1.0;
    sbx_acc t = {side == SBX_LO ? v->lo : v->hi, 0.0, 0.0};

    for (size_t j = 0; j < w->n; j++) {
        const double a = sbx_middle(w->g[j].lo, w->g[j].hi), c = w->c[j].lo;
        const double r = fmax(sbx_sub_hi(w->g[j].hi, a), sbx_sub_hi(a, w->g[j].lo)); /* >= 0 */
        const double d = fmax(sbx_sub_hi(x[j].hi, c), sbx_sub_hi(c, x[j].lo));       /* >= 0 */
        if (!sbx_is_real(a)) return false; /* also where c and d are 0, and hide it below */
        out->coef[j] = a;
        sbx_acc_mul(&t, -a, c);
        sbx_acc_add(&t, r == 0.0 ? 0.0 : -sign * sbx_mul_hi(r, d)); /* [L-RLX-08] */
    }
    out->cst = side == SBX_LO ? sbx_acc_lo(&t) : sbx_acc_hi(&t);
    return sbx_is_real(out->cst);
}

/* method m's plane on a side; the constant one where it has none */
static sbx_status bound(sbx_affine *out, sbx_rlx_ivd *w, sbx_method m, const sbx_ivd *x,
                        sbx_end side, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivd v;

    SBX_TRY(sbx_rlx_bound_ivd(w, &v, m, side, err));
    if (!w->flat && plane(out, w, &v, x, side)) goto done;
    memset(out->coef, 0, w->n * sizeof *out->coef);
    v = *sbx_rlx_range_ivd(w, side);
    out->cst = side == SBX_LO ? v.lo : v.hi;
done:
    return st;
}

/* Is a(c) > b(c) for the affine functions a and b, exactly? First between brackets. */
static bool greater_at(const sbx_affine *a, const sbx_affine *b, const sbx_ivd *c, size_t n)
{
    sbx_acc ta = {a->cst, 0.0, 0.0}, tb = {b->cst, 0.0, 0.0};
    mpq_t sum, p, q;
    bool yes;

    for (size_t j = 0; j < n; j++) {
        sbx_acc_mul(&ta, a->coef[j], c[j].lo);
        sbx_acc_mul(&tb, b->coef[j], c[j].lo);
    }
    if (sbx_acc_lo(&ta) > sbx_acc_hi(&tb)) return true;
    if (sbx_acc_hi(&ta) <= sbx_acc_lo(&tb)) return false;
    if (!sbx_is_real(a->cst) || !sbx_is_real(b->cst)) return a->cst > b->cst;
    mpq_inits(sum, p, q, NULL);
    mpq_set_d(sum, a->cst);
    mpq_set_d(p, b->cst);
    mpq_sub(sum, sum, p);
    for (size_t j = 0; j < n; j++) {
        mpq_set_d(p, a->coef[j]);
        mpq_set_d(q, b->coef[j]);
        mpq_sub(p, p, q);
        mpq_set_d(q, c[j].lo);
        mpq_mul(p, p, q);
        mpq_add(sum, sum, p);
    }
    yes = mpq_sgn(sum) > 0;
    mpq_clears(sum, p, q, NULL);
    return yes;
}

/* the best at c of all methods' planes; *spare is scratch */
static sbx_status best(sbx_affine *out, sbx_affine *spare, sbx_rlx_ivd *w, const sbx_ivd *x,
                       sbx_end side, sbx_err *err)
{
    sbx_status st = SBX_OK;

    SBX_TRY(bound(out, w, SBX_METHOD_CONSTANT, x, side, err));
    for (sbx_method m = SBX_METHOD_LIN; !w->flat && m < SBX_METHOD_AUTO; m++) {
        const sbx_affine old = *out;
        if (!sbx_rlx_has(w->f, m)) continue;
        if (side == SBX_HI && m == SBX_METHOD_LSE_STAR) continue; /* as LSE */
        SBX_TRY(bound(spare, w, m, x, side, err));
        if (!greater_at(side == SBX_LO ? spare : out, side == SBX_LO ? out : spare, w->c, w->n))
            continue;
        *out = *spare;
        *spare = old;
    }
done:
    return st;
}

sbx_status sbx_relax_vector(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range, sbx_vector_fn f,
                            sbx_method m, size_t i, const sbx_ivd *x, const double *at, size_t n,
                            sbx_err *err)
{
    double *coef = sbx_alloc(n, 3 * sizeof *coef);
    sbx_ivd *c = sbx_alloc(n, sizeof *c);
    sbx_affine lo = {coef, 0.0}, up = {coef ? coef + n : NULL, 0.0};
    sbx_affine spare = {coef ? coef + 2 * n : NULL, 0.0};
    sbx_rlx_ivd w = {0};
    sbx_status st = SBX_OK;

    if (!coef || !c) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for bounds of %zu coordinates", n);
    for (size_t j = 0; j < n; j++) {
        const double mid = fabs(x[j].lo) < HUGE_VAL ? sbx_middle(x[j].lo, x[j].hi) : x[j].hi;
        c[j].lo = c[j].hi = at ? at[j] : mid;
    }
    SBX_TRY(sbx_rlx_open_ivd(&w, f, m, i, x, c, n, NULL, err));
    if (m == SBX_METHOD_AUTO) {
        SBX_TRY(best(&lo, &spare, &w, x, SBX_LO, err));
        SBX_TRY(best(&up, &spare, &w, x, SBX_HI, err));
    } else {
        SBX_TRY(bound(&lo, &w, m, x, SBX_LO, err));
        SBX_TRY(bound(&up, &w, m, x, SBX_HI, err));
    }
    memcpy(lower->coef, lo.coef, n * sizeof *coef);
    memcpy(upper->coef, up.coef, n * sizeof *coef);
    lower->cst = lo.cst;
    upper->cst = up.cst;
    range->lo = sbx_rlx_range_ivd(&w, SBX_LO)->lo;
    range->hi = sbx_rlx_range_ivd(&w, SBX_HI)->hi;
done:
    sbx_rlx_close_ivd(&w);
    sbx_free(c);
    sbx_free(coef);
    return st;
}
