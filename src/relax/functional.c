/* relax/functional.c -- affine bounds of v.softmax(x) over a zone: by every method, in every view.
 *
 * Two ways there are. A sum of bounds of the outputs,
 *
 *     v.p = w + sum_j (v_j - w) p_j     for every w, since the p_j add up to 1,
 *
 * with the w at which the sum of the gaps is least, one of the v_j [L-RLX-112]; and one bound
 * of the whole, functional_slopes.c. The lower bound of v.p is minus the upper one of -v.p.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/functional.h"

#include "base/alloc.h"
#include "base/try.h"
#include "relax/affine.h"
#include "relax/view.h"
#include "softbox/kernel.h"

#include <string.h>

#define PIVOTS_MAX 16

/* beyond, a direct search takes too long: the sum alone */
enum { DIRECT_MOST = 64 };

/* One question, for an upper bound of v.p; v negated for the lower one. */
typedef struct job {
    size_t n;
    sbx_views views;
    const sbx_zone *z;
    double *v;
    double *lower, *upper, *lower_c, *upper_c; /* the outputs' planes, n x n, and their constants */
    double *low_gap, *up_gap;                  /* what they are off at the point */
    double *spare;
    sbx_affine best;
    sbx_functional_cert *cert; /* of the best; NULL: not wanted */
    bool found;
    void *mem;
} job;

/* a.c, about */
static double at_point(const double *a, double cst, const job *q)
{
    sbx_acc t = {cst, 0.0, 0.0};
    for (size_t j = 0; j < q->n; j++)
        sbx_acc_mul(&t, a[j], q->views.at[j]);
    return t.sum;
}

/* q->spare and cst, a bound in view k, is kept if it is the best, and its proof, if it has one,
 * with it. */
static void offer_proved(job *q, size_t k, double cst, sbx_functional_cert *cert)
{
    sbx_affine a = {q->spare, cst};
    if (!sbx_is_real(cst)) return;
    for (size_t j = 0; j < q->n; j++)
        if (!sbx_is_real(a.coef[j])) return;
    if (!sbx_view_back(&a, &q->views, k, SBX_HI, SBX_FN_SOFTMAX)) return;
    if (q->found && !sbx_affine_less(&a, &q->best, q->views.at, q->n)) return;
    q->spare = q->best.coef;
    q->best = a;
    q->found = true;
    if (!q->cert) return;
    sbx_functional_cert_clear(q->cert);
    if (!cert) return;
    *q->cert = *cert;
    q->cert->view = k;
    *cert = (sbx_functional_cert){0};
}

static void offer(job *q, size_t k, double cst) { offer_proved(q, k, cst, NULL); }

static void offer_constant(job *q, double top)
{
    memset(q->spare, 0, q->n * sizeof *q->spare);
    offer(q, q->n, top);
}

/* ---- a sum of the outputs' bounds ------------------------------------------------------ */

/* what the sum with this w is off at the point, about */
static double gap_of(const job *q, double w)
{
    double sum = 0.0;
    for (size_t j = 0; j < q->n; j++)
        sum += q->v[j] > w ? (q->v[j] - w) * q->up_gap[j] : (w - q->v[j]) * q->low_gap[j];
    return sum;
}

/* w + sum_j (v_j - w) p_j, each p_j from above or below. The doubles k_j >= v_j - w are what
 * counts, as p_j >= 0; a coefficient that rounds is paid for over the box [L-RLX-112]. */
static void shifted(job *q, double w)
{
    const size_t n = q->n;
    sbx_acc cst = {w, 0.0, 0.0};
    for (size_t i = 0; i < n; i++) {
        const sbx_ivd x = q->views.x[i];
        sbx_acc a = {0.0, 0.0, 0.0};
        double lo, hi, s;
        for (size_t j = 0; j < n; j++) {
            const double k = sbx_sub_hi(q->v[j], w);
            sbx_acc_mul(&a, k, (k > 0.0 ? q->upper : q->lower)[j * n + i]);
        }
        lo = sbx_acc_lo(&a);
        hi = sbx_acc_hi(&a);
        q->spare[i] = sbx_middle(lo, hi);
        lo = sbx_sub_lo(lo, q->spare[i]);
        hi = sbx_sub_hi(hi, q->spare[i]);
        s = fmax(fmax(sbx_mul_hi(lo, x.lo), sbx_mul_hi(lo, x.hi)),
                 fmax(sbx_mul_hi(hi, x.lo), sbx_mul_hi(hi, x.hi)));
        sbx_acc_add(&cst, lo == 0.0 && hi == 0.0 ? 0.0 : s);
    }
    for (size_t j = 0; j < n; j++) {
        const double k = sbx_sub_hi(q->v[j], w);
        sbx_acc_mul(&cst, k, (k > 0.0 ? q->upper_c : q->lower_c)[j]);
    }
    offer(q, n, sbx_acc_hi(&cst));
}

static void offer_shifted(job *q)
{
    size_t least = 0;
    double gap = HUGE_VAL;
    for (size_t j = 0; j < q->n; j++) {
        const double g = gap_of(q, q->v[j]);
        if (g < gap) {
            gap = g;
            least = j;
        }
    }
    shifted(q, q->v[least]);
}

/* the planes of all outputs by method m */
static sbx_status planes(job *q, sbx_method m, const double *at, sbx_err *err)
{
    const size_t n = q->n;
    sbx_status st = SBX_OK;
    double *p = sbx_alloc(n, sizeof *p), sum = 0.0, most = -HUGE_VAL;

    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu outputs", n);
    for (size_t j = 0; j < n; j++)
        most = fmax(most, q->views.at[j]);
    for (size_t j = 0; j < n; j++) {
        double y, k;
        sbx_exp_bulk(&y, &k, (double[]){fmax(q->views.at[j] - most, -1e6)}, 1);
        sum += p[j] = ldexp(y, (int)k);
    }
    for (size_t j = 0; j < n; j++) {
        sbx_affine lower = {q->lower + j * n, 0.0}, upper = {q->upper + j * n, 0.0};
        sbx_ivd range;
        SBX_TRY(sbx_relax_vector(&lower, &upper, &range, SBX_FN_SOFTMAX, m, j, q->z, at, err));
        q->lower_c[j] = lower.cst;
        q->upper_c[j] = upper.cst;
        q->low_gap[j] = fmax(p[j] / sum - at_point(lower.coef, lower.cst, q), 0.0);
        q->up_gap[j] = fmax(at_point(upper.coef, upper.cst, q) - p[j] / sum, 0.0);
    }
done:
    sbx_free(p);
    return st;
}

/* ---- one bound of the whole ------------------------------------------------------------- */

/* Two coordinates: v_1 + (v_0 - v_1) sigma(x_0 - x_1), sigma by its envelope in the difference
 * [L-RLX-113]. */
static sbx_status offer_line(job *q, sbx_err *err)
{
    const double d_lo = sbx_sub_lo(q->v[0], q->v[1]), d = sbx_sub_hi(q->v[0], q->v[1]);
    sbx_acc cst = {q->v[1], 0.0, 0.0};
    sbx_status st = SBX_OK;
    sbx_line_pair s;
    sbx_ivd y;
    double a, b, far;

    if (!sbx_view_box(&q->views, 1)) goto done;
    y = q->views.y[0];
    if (!(fabs(y.lo) <= DBL_MAX && fabs(y.hi) <= DBL_MAX) || (d_lo < 0.0 && d > 0.0)) goto done;
    SBX_TRY(sbx_relax_unary(&s, (sbx_unary){SBX_FN_SIGMOID, 0.0, 0.0}, y, q->views.c[0], err));
    a = d > 0.0 ? s.hi_a : s.lo_a;
    b = d > 0.0 ? s.hi_b : s.lo_b;
    q->spare[0] = d * a;
    q->spare[1] = 0.0;
    far =
        fmax(sbx_sub_hi(sbx_mul_hi(d, a), q->spare[0]), sbx_sub_hi(q->spare[0], sbx_mul_lo(d, a)));
    sbx_acc_mul(&cst, d, b);
    sbx_acc_add(&cst, sbx_mul_hi(far, fmax(fabs(y.lo), fabs(y.hi))));
    offer(q, 1, sbx_acc_hi(&cst));
done:
    return st;
}

/* functional_slopes.c in view k */
static sbx_status offer_direct(job *q, size_t k, int effort, sbx_err *err)
{
    sbx_functional_cert cert = {0};
    sbx_status st = SBX_OK;
    double cst = HUGE_VAL;
    if (!sbx_view_box(&q->views, k)) goto done;
    for (size_t j = 0; j < q->n; j++)
        if (!(q->views.y[j].lo >= -DBL_MAX && q->views.y[j].hi <= DBL_MAX)) goto done;
    memset(q->spare, 0, q->n * sizeof *q->spare); /* a search from a good sum ends early */
    SBX_TRY(sbx_fun_best(q->spare, &cst, q->cert ? &cert : NULL, q->v, q->views.y, q->views.c, q->n,
                         effort, err));
    offer_proved(q, k, cst, &cert);
done:
    sbx_functional_cert_clear(&cert);
    return st;
}

/* the coordinate that is largest at the point */
static size_t dominant(const job *q)
{
    size_t k = 0;
    for (size_t j = 1; j < q->n; j++)
        if (q->views.at[j] > q->views.at[k]) k = j;
    return k;
}

static sbx_status direct(job *q, int effort, sbx_err *err)
{
    const size_t top = dominant(q);
    size_t seen[3] = {top, q->n, q->n}, pivots = 1;
    sbx_status st = SBX_OK;

    if (q->n == 2) SBX_TRY(offer_line(q, err));
    if (q->n > DIRECT_MOST) goto done;
    SBX_TRY(offer_direct(q, q->n, effort, err));
    SBX_TRY(offer_direct(q, top, effort, err));
    for (size_t e = 0; e < q->z->diffs && pivots < 3; e++) /* where differences are known */
        if (q->z->diff[e].j != seen[0] && q->z->diff[e].j != seen[1]) {
            seen[pivots++] = q->z->diff[e].j;
            SBX_TRY(offer_direct(q, q->z->diff[e].j, effort, err));
        }
done:
    return st;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static sbx_status begin(job *q, const sbx_ivd *v, const sbx_zone *z, const double *at, sbx_err *err)
{
    const size_t n = z->n;
    sbx_status st = SBX_OK;
    double *d;

    *q = (job){.n = n, .z = z};
    for (size_t j = 0; j < n; j++)
        if (!(v[j].lo <= v[j].hi && v[j].lo >= -DBL_MAX && v[j].hi <= DBL_MAX))
            SBX_FAIL(err, SBX_ERR_ARG, "functional: coefficient %zu is not a finite interval", j);
    SBX_TRY(sbx_views_open(&q->views, z, at, err));
    q->mem = d = sbx_alloc(n, (2 * n + 7) * sizeof *d);
    if (!d) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a functional of %zu outputs", n);
    q->lower = d;
    q->upper = d + n * n;
    d += 2 * n * n;
    q->v = d;
    q->lower_c = d + n;
    q->upper_c = d + 2 * n;
    q->low_gap = d + 3 * n;
    q->up_gap = d + 4 * n;
    q->spare = d + 5 * n;
    q->best.coef = d + 6 * n;
done:
    return st;
}

/* A proof by pieces, in view k, of a.x + *cst, or looser by at most slack. In a view the slopes
 * are those of x but for k's, and the sum of all, a number near 0, times x_k is paid for. */
static sbx_status prove_in(bool *done, job *q, size_t k, const double *a, double *cst, double slack,
                           sbx_err *err)
{
    const size_t n = q->n;
    const double goal = at_point(a, *cst, q);
    sbx_functional_cert cert = {0};
    sbx_acc sum = {0.0, 0.0, 0.0};
    sbx_status st = SBX_OK;
    double in_view, rest = 0.0;

    *done = false;
    if (!sbx_view_box(&q->views, k)) goto done;
    for (size_t j = 0; j < n; j++) {
        if (!(q->views.y[j].lo >= -DBL_MAX && q->views.y[j].hi <= DBL_MAX)) goto done;
        if (!sbx_is_real(a[j])) goto done;
        q->spare[j] = j == k ? 0.0 : a[j];
        sbx_acc_add(&sum, a[j]);
    }
    if (k < n) { /* a.x = a.y + s x_k: v.p <= a.y + in_view <= a.x + in_view - s x_k */
        const double lo = sbx_acc_lo(&sum), hi = sbx_acc_hi(&sum);
        const sbx_ivd x = q->views.x[k];
        rest = fmax(fmax(sbx_mul_hi(-lo, x.lo), sbx_mul_hi(-lo, x.hi)),
                    fmax(sbx_mul_hi(-hi, x.lo), sbx_mul_hi(-hi, x.hi)));
        if (!(rest <= slack)) goto done;
    }
    SBX_TRY(sbx_fun_given(q->spare, &in_view, &cert, goal + 0.02 * slack - rest, 0.7 * slack, q->v,
                          q->views.y, q->views.c, n, err));
    in_view = sbx_add_hi(in_view, rest);
    if (!(in_view <= *cst + slack)) goto done;
    *cst = fmax(*cst, in_view);
    sbx_functional_cert_clear(q->cert);
    *q->cert = cert;
    q->cert->view = k;
    cert = (sbx_functional_cert){0};
    *done = true;
done:
    sbx_functional_cert_clear(&cert);
    return st;
}

/* does a difference name coordinate k? */
static bool named(const sbx_zone *z, size_t k)
{
    for (size_t e = 0; e < z->diffs; e++)
        if (z->diff[e].i == k || z->diff[e].j == k) return true;
    return false;
}

/* In the box, then with pivots: in some view differences count, or fewer leaves will do. Of many
 * coordinates PIVOTS_MAX that a difference names. */
static sbx_status prove(job *q, const double *a, double *cst, double spread, sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool done = false;
    SBX_TRY(prove_in(&done, q, q->n, a, cst, 1e-4 * spread, err));
    for (size_t k = 0, tried = 0; !done && tried < PIVOTS_MAX && k < q->n; k++) {
        if (q->n > PIVOTS_MAX && !named(q->z, k)) continue;
        SBX_TRY(prove_in(&done, q, k, a, cst, 1e-4 * spread, err));
        tried++;
    }
done:
    return st;
}

/* the upper bound of v.p, v's upper ends being in q->v, top the end of the range */
static sbx_status side(job *q, double top, double spread, sbx_method m, int effort, sbx_err *err)
{
    sbx_status st = SBX_OK;
    q->found = false;
    if (m != SBX_METHOD_CONSTANT && m != SBX_METHOD_INTERVAL) {
        if (effort >= 0) offer_constant(q, top);
        offer_shifted(q);
        if (effort >= 0) SBX_TRY(direct(q, effort, err));
    }
    if (!q->found) offer_constant(q, top);
    if (q->cert && !q->cert->leaves) SBX_TRY(prove(q, q->best.coef, &q->best.cst, spread, err));
done:
    return st;
}

sbx_status sbx_fun_relax(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range,
                         sbx_functional_cert cert[2], sbx_method m, int effort, const sbx_ivd *v,
                         const sbx_zone *z, const double *at, sbx_err *err)
{
    sbx_status st = SBX_OK;
    job q = {0};

    if (cert) memset(cert, 0, 2 * sizeof *cert);
    SBX_TRY(begin(&q, v, z, at, err));
    SBX_SOUND(q.v && q.views.at, err);
    SBX_TRY(sbx_range_functional(range, v, z, err));
    if (m != SBX_METHOD_CONSTANT && m != SBX_METHOD_INTERVAL)
        SBX_TRY(planes(&q, effort < 0 ? m : SBX_METHOD_AUTO, at, err));
    for (int up = 1; up >= 0; up--) {
        for (size_t j = 0; j < z->n; j++)
            q.v[j] = up ? v[j].hi : -v[j].lo; /* [L-SMX-09] */
        q.cert = cert ? &cert[up] : NULL;
        SBX_TRY(side(&q, up ? range->hi : -range->lo, range->hi - range->lo, m, effort, err));
        for (size_t j = 0; j < z->n; j++)
            (up ? upper : lower)->coef[j] = up ? q.best.coef[j] : -q.best.coef[j];
        if (up)
            upper->cst = q.best.cst;
        else
            lower->cst = -q.best.cst;
    }
done:
    if (cert && st != SBX_OK) {
        sbx_functional_cert_clear(&cert[0]);
        sbx_functional_cert_clear(&cert[1]);
    }
    sbx_views_close(&q.views);
    sbx_free(q.mem);
    return st;
}

sbx_status sbx_relax_functional(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range,
                                sbx_functional_cert cert[2], sbx_method m, const sbx_ivd *v,
                                const sbx_zone *z, const double *at, sbx_err *err)
{
    const int effort = m == SBX_METHOD_OPTIMAL                                ? 1
                       : m == SBX_METHOD_AUTO || m == SBX_METHOD_OPTIMAL_FAST ? 0
                                                                              : -1;
    return sbx_fun_relax(lower, upper, range, cert, m, effort, v, z, at, err);
}

sbx_status sbx_relax_certify(sbx_functional_cert *cert, double *cst, sbx_end side, const double *a,
                             double bound, const double *v, const sbx_zone *z, sbx_err *err)
{
    const double sign = side == SBX_HI ? 1.0 : -1.0;
    sbx_status st = SBX_OK;
    sbx_ivd range, *w = sbx_alloc(z->n, sizeof *w);
    job q = {0};

    *cert = (sbx_functional_cert){0};
    *cst = bound;
    if (z->n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a box of no coordinates");
    if (!w) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a proof");
    for (size_t j = 0; j < z->n; j++)
        w[j] = (sbx_ivd){v[j], v[j]};
    SBX_TRY(begin(&q, w, z, NULL, err));
    SBX_SOUND(q.v && q.views.at, err);
    SBX_TRY(sbx_range_functional(&range, w, z, err));
    q.cert = cert;
    for (size_t j = 0; j < z->n; j++) {
        q.v[j] = sign * v[j];
        q.best.coef[j] = sign * a[j];
    }
    bound *= sign;
    if (sbx_is_real(bound)) SBX_TRY(prove(&q, q.best.coef, &bound, range.hi - range.lo, err));
    *cst = sign * bound;
done:
    if (st != SBX_OK) sbx_functional_cert_clear(cert);
    sbx_views_close(&q.views);
    sbx_free(q.mem);
    sbx_free(w);
    return st;
}
