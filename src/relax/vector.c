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
 * The methods know boxes alone; difference bounds are in the boxes of the views.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "relax/affine.h"
#include "relax/lse.h"
#include "relax/softmax.h"
#include "relax/view.h"

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

/* Is a(c) > b(c) for the affine functions a and b, exactly? First between brackets. */
static bool greater_at(const sbx_affine *a, const sbx_affine *b, const double *c, size_t n)
{
    sbx_acc ta = {a->cst, 0.0, 0.0}, tb = {b->cst, 0.0, 0.0};
    mpq_t sum, p, q;
    bool yes;

    for (size_t j = 0; j < n; j++) {
        sbx_acc_mul(&ta, a->coef[j], c[j]);
        sbx_acc_mul(&tb, b->coef[j], c[j]);
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
        mpq_set_d(q, c[j]);
        mpq_mul(p, p, q);
        mpq_add(sum, sum, p);
    }
    yes = mpq_sgn(sum) > 0;
    mpq_clears(sum, p, q, NULL);
    return yes;
}

/* ---- methods over views ---------------------------------------------------------- */

/* One question, and each side's best bound up to now. */
typedef struct job {
    sbx_vector_fn f;
    sbx_method m;
    size_t i, n;
    sbx_views v;
    sbx_ivd *p; /* a view's point as the bounds want it */
    sbx_ivd range;
    double *coef;              /* of the three below */
    sbx_affine best[2], spare; /* lower, upper       */
    bool found[2];
} job;

static sbx_status open_job(job *q, const sbx_zone *z, const double *at, sbx_err *err)
{
    const size_t n = z->n;
    sbx_status st = SBX_OK;

    SBX_TRY(sbx_views_open(&q->v, z, at, err));
    q->n = n;
    q->range = (sbx_ivd){-HUGE_VAL, HUGE_VAL};
    q->p = sbx_alloc(n, sizeof *q->p);
    q->coef = sbx_alloc(n, 3 * sizeof *q->coef);
    if (!q->p || !q->coef)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for bounds of %zu coordinates", n);
    q->spare.coef = q->coef;
    q->best[0].coef = q->coef + n;
    q->best[1].coef = q->coef + 2 * n;
done:
    return st;
}

static void close_job(job *q)
{
    sbx_free(q->coef);
    sbx_free(q->p);
    sbx_views_close(&q->v);
}

/* q->spare, a bound in view k, is kept if it is the best at the point. */
static void offer(job *q, size_t k, int side)
{
    sbx_affine old = q->best[side];
    if (!sbx_view_back(&q->spare, &q->v, k, side ? SBX_HI : SBX_LO, q->f)) return;
    if (q->found[side] && !(side ? greater_at(&old, &q->spare, q->v.at, q->n)
                                 : greater_at(&q->spare, &old, q->v.at, q->n)))
        return;
    q->best[side] = q->spare;
    q->spare = old;
    q->found[side] = true;
}

static void offer_constant(job *q, int side)
{
    memset(q->spare.coef, 0, q->n * sizeof *q->spare.coef);
    q->spare.cst = side ? q->range.hi : q->range.lo;
    offer(q, q->n, side);
}

/* method m's planes in the view of w */
static sbx_status planes(job *q, sbx_rlx_ivd *w, sbx_method m, size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (int side = 0; side < 2; side++) {
        const sbx_end e = side ? SBX_HI : SBX_LO;
        sbx_ivd value;
        if (q->m != m && m == SBX_METHOD_LSE_STAR && side == 1) continue; /* as LSE */
        SBX_TRY(sbx_rlx_bound_ivd(w, &value, m, e, err));
        if (plane(&q->spare, w, &value, q->v.y, e)) offer(q, k, side);
    }
done:
    return st;
}

/* lse from above, log-softmax from below: closed forms and, where asked for, the best slopes. lse
 * from below and log-softmax from above are best as they are: convex, concave. */
static sbx_status above_lse(job *q, size_t k, sbx_err *err)
{
    const int side = q->f == SBX_FN_LSE;
    sbx_status st = SBX_OK;
    bool found;
    sbx_lse w = {0};

    SBX_TRY(sbx_lse_open(&w, q->v.y, q->v.c, q->n, err));
    found = sbx_lse_closed(&q->spare, &w);
    if (found && q->f == SBX_FN_LOG_SOFTMAX)
        found = sbx_lse_log_softmax(&q->spare, q->i, q->v.y, q->n);
    if (found) offer(q, k, side);
done:
    sbx_lse_close(&w);
    return st;
}

/* Looks at view k: cuts the range, and tries the methods. The range over a zone is that of
 * view i (softmax, its logarithm) or of the box (lse) [L-RLX-71]. */
static sbx_status look(job *q, size_t k, sbx_err *err)
{
    const bool whole = q->f != SBX_FN_LSE || k == q->n; /* of x, not of y alone */
    sbx_rlx_ivd w = {0};
    sbx_status st = SBX_OK;

    if (!sbx_view_box(&q->v, k) && k < q->n) goto done;
    for (size_t j = 0; j < q->n; j++)
        q->p[j] = (sbx_ivd){q->v.c[j], q->v.c[j]};
    SBX_TRY(sbx_rlx_open_ivd(&w, q->f, q->m, q->i, q->v.y, q->p, q->n, NULL, err));
    if (whole) {
        q->range.lo = fmax(q->range.lo, sbx_rlx_range_ivd(&w, SBX_LO)->lo);
        q->range.hi = fmin(q->range.hi, sbx_rlx_range_ivd(&w, SBX_HI)->hi);
        SBX_SOUND(q->range.lo <= q->range.hi, err);
    }
    for (sbx_method m = SBX_METHOD_LIN; !w.flat && m < SBX_METHOD_AUTO; m++)
        if (sbx_rlx_has(q->f, m) && (q->m == m || q->m == SBX_METHOD_AUTO))
            SBX_TRY(planes(q, &w, m, k, err));
    if (!w.flat && q->f != SBX_FN_SOFTMAX && q->m == SBX_METHOD_AUTO) SBX_TRY(above_lse(q, k, err));
done:
    sbx_rlx_close_ivd(&w);
    return st;
}

sbx_status sbx_relax_vector(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range, sbx_vector_fn f,
                            sbx_method m, size_t i, const sbx_zone *z, const double *at,
                            sbx_err *err)
{
    job q = {.f = f, .m = m, .i = i};
    sbx_status st = SBX_OK;

    SBX_TRY(open_job(&q, z, at, err));
    SBX_TRY(look(&q, q.n, err));
    if (z->diffs && f != SBX_FN_LSE) SBX_TRY(look(&q, i, err));
    for (int side = 0; side < 2; side++)
        if (m == SBX_METHOD_AUTO || !q.found[side]) offer_constant(&q, side);
    memcpy(lower->coef, q.best[0].coef, q.n * sizeof *lower->coef);
    memcpy(upper->coef, q.best[1].coef, q.n * sizeof *upper->coef);
    lower->cst = q.best[0].cst;
    upper->cst = q.best[1].cst;
    *range = q.range;
done:
    close_job(&q);
    return st;
}
