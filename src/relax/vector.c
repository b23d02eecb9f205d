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
#include "relax/optimal.h"
#include "relax/rows.h"
#include "relax/softmax.h"
#include "relax/view.h"
#include "softbox/kernel.h"

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

/* ---- methods over views ---------------------------------------------------------- */

/* A question: rows first .. first + count - 1, and each side's best bound up to now. */
typedef struct job {
    sbx_vector_fn f;
    sbx_method m;
    size_t n, first, count;
    sbx_views v;
    sbx_ivd *p;                 /* [n] a view's point as the bounds want it; or ranges */
    sbx_ivd *range;             /* [count] */
    sbx_affine *best[2], spare; /* [count] lower, upper */
    bool *found[2], centred;
    double *coef; /* spare's, and room for 6 n more */
} job;

static sbx_status open_job(job *q, const sbx_zone *z, const double *at, sbx_err *err)
{
    const size_t n = z->n;
    sbx_status st = SBX_OK;

    SBX_TRY(sbx_views_open(&q->v, z, at, err));
    q->n = n;
    q->centred = !at;
    if (q->count == 0) q->count = n; /* all rows */
    q->p = sbx_alloc(n, sizeof *q->p);
    q->coef = sbx_alloc(n, 7 * sizeof *q->coef);
    q->found[0] = sbx_alloc(q->count, 2 * sizeof(bool));
    if (!q->p || !q->coef || !q->found[0])
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for bounds of %zu coordinates", n);
    q->found[1] = q->found[0] + q->count;
    q->spare.coef = q->coef;
    for (size_t k = 0; k < q->count; k++)
        q->range[k] = (sbx_ivd){-HUGE_VAL, HUGE_VAL};
done:
    return st;
}

static void close_job(job *q)
{
    sbx_free(q->found[0]);
    sbx_free(q->coef);
    sbx_free(q->p);
    sbx_views_close(&q->v);
}

/* q->spare, a bound of row i in view k, is kept if it is the best at the point. */
static void offer(job *q, size_t i, size_t k, int side)
{
    sbx_affine *const best = &q->best[side][i - q->first];
    bool *const found = &q->found[side][i - q->first];
    if (!sbx_view_back(&q->spare, &q->v, k, side ? SBX_HI : SBX_LO, q->f)) return;
    if (*found && !(side ? sbx_affine_less(&q->spare, best, q->v.at, q->n)
                         : sbx_affine_less(best, &q->spare, q->v.at, q->n)))
        return;
    memcpy(best->coef, q->spare.coef, q->n * sizeof *best->coef);
    best->cst = q->spare.cst;
    *found = true;
}

static void offer_constant(job *q, size_t i, int side)
{
    memset(q->spare.coef, 0, q->n * sizeof *q->spare.coef);
    q->spare.cst = side ? q->range[i - q->first].hi : q->range[i - q->first].lo;
    offer(q, i, q->n, side);
}

/* is the best of all methods asked for? */
static bool wants_all(const job *q)
{
    return q->m == SBX_METHOD_AUTO || q->m == SBX_METHOD_OPTIMAL;
}

/* Is row i's bound at the point better than the constant one, by more than rounding? */
static bool surely_better(const job *q, size_t i, int side)
{
    const sbx_affine *const a = &q->best[side][i - q->first];
    const sbx_ivd range = q->range[i - q->first];
    double v = a->cst, size = fabs(v), gain;
    for (size_t j = 0; j < q->n; j++) {
        const double t = a->coef[j] * q->v.at[j];
        v += t;
        size += fabs(t);
    }
    gain = side ? range.hi - v : v - range.lo;
    return gain > (double)(q->n + 4) * 0x1p-50 * size;
}

/* is method m asked for? */
static bool wants(const job *q, sbx_method m)
{
    return (q->m == m || (wants_all(q) && m < SBX_METHOD_AUTO)) && sbx_relax_has(q->f, m);
}

static sbx_status cut_range(job *q, size_t i, double lo, double hi, sbx_err *err)
{
    sbx_ivd *const r = &q->range[i - q->first];
    sbx_status st = SBX_OK;
    r->lo = fmax(r->lo, lo);
    r->hi = fmin(r->hi, hi);
    SBX_SOUND(r->lo <= r->hi, err);
done:
    return st;
}

/* method m's planes of row i in the view of w */
static sbx_status planes(job *q, sbx_rlx_ivd *w, sbx_method m, size_t i, size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (int side = 0; side < 2; side++) {
        const sbx_end e = side ? SBX_HI : SBX_LO;
        sbx_ivd value;
        if (q->m != m && m == SBX_METHOD_LSE_STAR && side == 1) continue; /* as LSE */
        SBX_TRY(sbx_rlx_bound_ivd(w, &value, m, e, err));
        if (plane(&q->spare, w, &value, q->v.y, e)) offer(q, i, k, side);
    }
done:
    return st;
}

/* lse from above, log-softmax from below: closed forms and, where asked for, the best slopes. lse
 * from below and log-softmax from above are best as they are: convex, concave. */
static sbx_status above_lse(job *q, size_t i, size_t k, sbx_err *err)
{
    const int side = q->f == SBX_FN_LSE;
    sbx_status st = SBX_OK;
    bool found;
    sbx_lse w = {0};

    SBX_TRY(sbx_lse_open(&w, q->v.y, q->v.c, q->n, err));
    found = sbx_lse_closed(&q->spare, &w);
    for (int best = 0; best < 2; best++) {
        if (found && q->f == SBX_FN_LOG_SOFTMAX)
            found = sbx_lse_log_softmax(&q->spare, i, q->v.y, q->n);
        if (found) offer(q, i, k, side);
        if (best || q->m != SBX_METHOD_OPTIMAL) break;
        SBX_TRY(sbx_lse_optimal(&q->spare, &found, &w, err));
    }
done:
    sbx_lse_close(&w);
    return st;
}

/* The published methods for row i in view k, and the range. That over a zone is the range of
 * view i (softmax, its logarithm) or of the box (lse) [L-RLX-71]. */
static sbx_status published(job *q, size_t i, size_t k, sbx_err *err)
{
    const bool above = q->f != SBX_FN_SOFTMAX && wants(q, SBX_METHOD_ENV);
    sbx_rlx_ivd w = {0};
    sbx_status st = SBX_OK;

    for (size_t j = 0; j < q->n; j++)
        q->p[j] = (sbx_ivd){q->v.c[j], q->v.c[j]};
    SBX_TRY(sbx_rlx_open_ivd(&w, q->f, above || wants_all(q) ? SBX_METHOD_AUTO : q->m, i, q->v.y,
                             q->p, q->n, NULL, err));
    SBX_TRY(
        cut_range(q, i, sbx_rlx_range_ivd(&w, SBX_LO)->lo, sbx_rlx_range_ivd(&w, SBX_HI)->hi, err));
    for (sbx_method m = SBX_METHOD_LIN; !w.flat && m < SBX_METHOD_AUTO; m++)
        if ((above || wants(q, m)) && sbx_rlx_has(q->f, m)) SBX_TRY(planes(q, &w, m, i, k, err));
    if (!w.flat && above) SBX_TRY(above_lse(q, i, k, err));
done:
    sbx_rlx_close_ivd(&w);
    return st;
}

/* The closed forms of rows i .. end - 1 in view k. env is of the differences alone, so one view
 * is enough: the box, or that of differences to x_i where more is known of these. Its lower side
 * is the envelope for n = 2, else L_2D in the box; l2d takes the best view, and env's upper. */
static sbx_status closed_forms(job *q, size_t i, size_t end, size_t k, sbx_err *err)
{
    const bool env = wants(q, SBX_METHOD_ENV), l2d = wants(q, SBX_METHOD_L2D);
    sbx_status st = SBX_OK;
    sbx_rows r = {0};
    bool flat;

    if (q->f != SBX_FN_SOFTMAX || (!env && !l2d)) goto done;
    SBX_TRY(sbx_rows_open(&r, &flat, q->v.y, q->v.c, q->n, err));
    for (; i < end && !flat; i++) {
        const bool own = k == (q->v.d ? i : q->n);
        if (own && sbx_env_upper(&q->spare, &r, i)) offer(q, i, k, 1);
        if (own && sbx_env_lower(&q->spare, &r, i)) offer(q, i, k, 0);
        if ((l2d || k == q->n) && sbx_l2d_lower(&q->spare, &r, i)) offer(q, i, k, 0);
        if (l2d && k < q->n && !q->v.d && !q->centred &&
            sbx_lovasz_lower(&q->spare, &r, q->v.x, q->v.at, i, k))
            offer(q, i, q->n, 0);
    }
done:
    sbx_rows_close(&r);
    return st;
}

/* optimal or optimal-fast, of rows i .. end - 1 in view k */
static sbx_status tightest(job *q, size_t i, size_t end, size_t k, bool fast, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_orc o;
    bool found;

    sbx_orc_none(&o);
    for (size_t j = 0; j < q->n; j++)
        if (!sbx_is_real(q->v.y[j].lo)) goto done;
    for (; i < end; i++) {
        sbx_orc_close(&o);
        SBX_TRY(sbx_orc_open(&o, i, q->v.y, q->n, sbx_orc_leaves(q->n, fast), err));
        for (int side = 0; side < 2; side++) {
            SBX_TRY(
                sbx_orc_bound(&q->spare, &found, &o, side ? SBX_HI : SBX_LO, q->v.c, fast, err));
            if (found) offer(q, i, k, side);
        }
    }
done:
    sbx_orc_close(&o);
    return st;
}

/* Are both bounds of row i better at the point than the published ones can be? What those are
 * there, in plain doubles, with room for rounding. */
static bool clear(const job *q, size_t i)
{
    double v[2];
    if (q->v.d) return false;
    for (int side = 0; side < 2; side++) {
        const sbx_affine *b = &q->best[side][i - q->first];
        if (!q->found[side][i - q->first]) return false;
        v[side] = b->cst;
        for (size_t j = 0; j < q->n; j++)
            v[side] += b->coef[j] * q->v.at[j];
    }
    return sbx_orc_clear(v, i, q->v.x, q->v.at, q->n, q->coef + q->n);
}

/* the ranges of rows i .. end - 1 in the view that is set, from the kernel */
static sbx_status ranges(job *q, size_t i, size_t end, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_softmax_ivd(q->p, q->v.y, q->n, NULL, err));
    for (; i < end; i++)
        SBX_TRY(cut_range(q, i, q->p[i].lo, q->p[i].hi, err));
done:
    return st;
}

/* rows i .. end - 1 in view k */
static sbx_status look(job *q, size_t i, size_t end, size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (!sbx_view_box(&q->v, k) && k < q->n) goto done;
    SBX_TRY(closed_forms(q, i, end, k, err));
    if (k < q->n && !q->v.d) goto done; /* the others have pivots of their own, or none */
    if (q->f == SBX_FN_SOFTMAX && wants(q, SBX_METHOD_OPTIMAL_FAST))
        SBX_TRY(tightest(q, i, end, k, true, err));
    if (q->f == SBX_FN_SOFTMAX && q->m == SBX_METHOD_OPTIMAL)
        SBX_TRY(tightest(q, i, end, k, false, err));
    if (q->f == SBX_FN_SOFTMAX && (wants(q, SBX_METHOD_ENV) || !sbx_rlx_has(q->f, q->m))) {
        if (k == q->n)
            SBX_TRY(ranges(q, i, end, err));
        else if (i <= k && k < end)
            SBX_TRY(ranges(q, k, k + 1, err));
    }
    if (q->f == SBX_FN_SOFTMAX && !wants_all(q) && !sbx_rlx_has(q->f, q->m)) goto done;
    for (; i < end; i++)
        SBX_TRY(published(q, i, k, err));
done:
    return st;
}

/* the side with the greatest centre */
static size_t dominant(const sbx_ivd *x, size_t n)
{
    size_t k = 0;
    for (size_t j = 1; j < n; j++)
        if (x[j].lo / 2 + x[j].hi / 2 > x[k].lo / 2 + x[k].hi / 2) k = j;
    return k;
}

/* Rows i .. end - 1 in the box, then the pivots: each for few coordinates (the others than the two
 * below gain 3% of the mean gap for n = 3, nothing from n = 7 on); else the dominant one and, for
 * a row, its own. */
static sbx_status all_views(job *q, size_t i, size_t end, sbx_err *err)
{
    const size_t few = 6;
    sbx_status st = SBX_OK;

    SBX_TRY(look(q, i, end, q->n, err));
    if (q->f != SBX_FN_LSE && (q->v.d || wants(q, SBX_METHOD_L2D))) {
        const size_t top = dominant(q->v.x, q->n);
        for (size_t k = 0; k < q->n; k++)
            if (q->n <= few || k == top)
                SBX_TRY(look(q, i, end, k, err));
            else if (i <= k && k < end)
                SBX_TRY(look(q, k, k + 1, k, err));
    }
done:
    return st;
}

/* optimal-fast looks at the others only where they may be better. */
static sbx_status answer(job *q, const sbx_zone *z, const double *at, sbx_err *err)
{
    const bool fast = q->m == SBX_METHOD_OPTIMAL_FAST;
    sbx_status st = SBX_OK;
    size_t end;

    SBX_TRY(open_job(q, z, at, err));
    end = q->first + q->count;
    SBX_TRY(all_views(q, q->first, end, err));
    for (size_t i = q->first; fast && i < end; i++) {
        if (clear(q, i)) continue;
        q->m = SBX_METHOD_AUTO;
        SBX_TRY(all_views(q, i, i + 1, err));
        q->m = SBX_METHOD_OPTIMAL_FAST;
    }
    for (size_t i = q->first; i < end; i++)
        for (int side = 0; side < 2; side++)
            if (!q->found[side][i - q->first] ||
                (!(sbx_rlx_has(q->f, q->m) && q->m != SBX_METHOD_AUTO) &&
                 !surely_better(q, i, side)))
                offer_constant(q, i, side);
done:
    return st;
}

static sbx_status check_method(sbx_vector_fn f, sbx_method m, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (!sbx_relax_has(f, m))
        SBX_FAIL(
            err, SBX_ERR_ARG,
            f == SBX_FN_SOFTMAX
                ? "no such method"
                : "log-softmax and lse have the methods interval, constant, lse, env, auto, optimal");
done:
    return st;
}

sbx_status sbx_relax_vector(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range, sbx_vector_fn f,
                            sbx_method m, size_t i, const sbx_zone *z, const double *at,
                            sbx_err *err)
{
    double *coef = sbx_alloc(z->n, 2 * sizeof *coef);
    sbx_affine lo = {coef, 0.0}, up = {coef ? coef + z->n : NULL, 0.0};
    sbx_ivd both = {0.0, 0.0};
    job q = {.f = f, .m = m, .first = f == SBX_FN_LSE ? 0 : i, .count = 1};
    sbx_status st = SBX_OK;

    q.best[0] = &lo;
    q.best[1] = &up;
    q.range = &both;
    if (!coef) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for bounds of %zu coordinates", z->n);
    SBX_TRY(check_method(f, m, err));
    if (z->n && q.first >= z->n) SBX_FAIL(err, SBX_ERR_ARG, "coordinate %zu of %zu", i, z->n);
    SBX_TRY(answer(&q, z, at, err));
    memcpy(lower->coef, lo.coef, z->n * sizeof *coef);
    memcpy(upper->coef, up.coef, z->n * sizeof *coef);
    lower->cst = lo.cst;
    upper->cst = up.cst;
    *range = both;
done:
    close_job(&q);
    sbx_free(coef);
    return st;
}

sbx_status sbx_relax_softmax(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range, sbx_method m,
                             const sbx_zone *z, const double *at, sbx_err *err)
{
    job q = {.f = SBX_FN_SOFTMAX, .m = m, .range = range};
    sbx_status st = SBX_OK;

    q.best[0] = lower;
    q.best[1] = upper;
    SBX_TRY(check_method(SBX_FN_SOFTMAX, m, err));
    SBX_TRY(answer(&q, z, at, err));
done:
    close_job(&q);
    return st;
}
