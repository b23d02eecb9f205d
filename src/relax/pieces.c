/* relax/pieces.c -- several affine bounds together; the lines below log(1 + e^t).
 *
 * With H(a) = -a log a - (1 - a) log(1 - a), the line of slope a that touches log(1 + e^t) is
 * a t + H(a). The lines with equal errors are found by shooting: from the line 0 to where the error is
 * eps, from there the line that touches again, and so on; eps is right where the last one is t.
 * The greatest error is at a point where two lines meet, and is enclosed there [L-RLX-124].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "num/round.h"
#include "softbox/relax.h"

/* ---- planes at several points ------------------------------------------------------- */

/* the k-th of r points of the line along which f grows */
static void place(double *c, const sbx_ivd *x, size_t n, sbx_vector_fn f, size_t i, size_t k,
                  size_t r)
{
    const double t = (2.0 * (double)k + 1.0) / (2.0 * (double)r);
    for (size_t j = 0; j < n; j++) {
        const double s = f == SBX_FN_LSE || j == i ? t : 1.0 - t, lo = x[j].lo, hi = x[j].hi;
        const double v = lo > -HUGE_VAL ? (1.0 - s) * lo + s * hi : hi;
        c[j] = fmin(fmax(v, lo), hi);
    }
}

sbx_status sbx_relax_pieces(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range, sbx_vector_fn f,
                            sbx_method m, size_t i, const sbx_zone *z, const double *at, size_t r,
                            sbx_err *err)
{
    double *c = NULL;
    sbx_status st = SBX_OK;

    if (r == 0) SBX_FAIL(err, SBX_ERR_ARG, "no pieces");
    if (!at && z->diffs)
        SBX_FAIL(err, SBX_ERR_ARG, "with difference bounds, the points are the caller's to give");
    c = sbx_alloc(z->n, sizeof *c);
    if (!c) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a point");
    for (size_t k = 0; k < r; k++) { /* [L-RLX-123] */
        if (!at) place(c, z->x, z->n, f, i, k, r);
        SBX_TRY(
            sbx_relax_vector(&lower[k], &upper[k], range, f, m, i, z, at ? at + k * z->n : c, err));
    }
done:
    sbx_free(c);
    return st;
}

/* ---- log(1 + e^t) --------------------------------------------------------------------- */

/* log(1 + e^t), no overflow: |t| or 0 aside, log1p(e^{-|t|}) */
static sbx_status softplus(sbx_ivd *z, const sbx_ivd *t)
{
    sbx_status st = SBX_OK;
    sbx_ivd end[2] = {{t->lo, t->lo}, {t->hi, t->hi}};
    for (int k = 0; k < 2; k++) { /* increasing */
        const double base = fmax(end[k].lo, 0.0);
        sbx_ivd e = {-fabs(end[k].lo), -fabs(end[k].lo)};
        SBX_TRY(sbx_ivd_exp(&e, &e, NULL, NULL));
        SBX_TRY(sbx_ivd_log1p(&e, &e, NULL, NULL));
        end[k] = (sbx_ivd){sbx_add_lo(base, e.lo), sbx_add_hi(base, e.hi)};
    }
    *z = (sbx_ivd){end[0].lo, end[1].hi};
done:
    return st;
}

/* H(a), 0 < a < 1; 0 at the ends */
static sbx_status entropy(sbx_ivd *z, double a)
{
    sbx_status st = SBX_OK;
    sbx_ivd p = {a, a}, q = {sbx_sub_lo(1.0, a), sbx_sub_hi(1.0, a)}, u, v;
    *z = (sbx_ivd){0.0, 0.0};
    if (!(a > 0.0 && a < 1.0)) goto done;
    SBX_TRY(sbx_ivd_log(&u, &p, NULL, NULL));
    SBX_TRY(sbx_ivd_log(&v, &q, NULL, NULL));
    SBX_TRY(sbx_ivd_mul(&u, &u, &p, NULL, NULL));
    SBX_TRY(sbx_ivd_mul(&v, &v, &q, NULL, NULL));
    SBX_TRY(sbx_ivd_add(&u, &u, &v, NULL, NULL));
    z->lo = -u.hi;
    z->hi = -u.lo;
done:
    return st;
}

static double softplus_near(double t)
{
    sbx_ivd x = {t, t}, y;
    return softplus(&y, &x) == SBX_OK ? 0.5 * (y.lo + y.hi) : (double)NAN;
}
static double entropy_near(double a)
{
    sbx_ivd y;
    return entropy(&y, a) == SBX_OK ? 0.5 * (y.lo + y.hi) : (double)NAN;
}

/* log(a/(1 - a)): where the line of slope a touches */
static double touch(double a)
{
    sbx_ivd x = {a / (1.0 - a), a / (1.0 - a)};
    return sbx_ivd_log(&x, &x, NULL, NULL) == SBX_OK ? x.lo : (double)NAN;
}

/* the slope of the curve, e^t/(1 + e^t) */
static double slope_at(double t)
{
    sbx_ivd e = {-t, -t};
    return sbx_ivd_exp(&e, &e, NULL, NULL) == SBX_OK ? 1.0 / (1.0 + e.hi) : (double)NAN;
}

/* Slopes of the lines from the left with error eps; true where eps is too large: the line t, the
 * last of the r, is above the point where the one before has that error. */
static bool shoot(double *a, double eps, size_t r)
{
    double slope = 0.0, b = 0.0, from = -60.0;
    for (size_t k = 0;; k++) {
        double lo = from, hi = 60.0, t = 0.0, v;
        a[k] = slope;
        for (int s = 0; s < 70; s++) { /* the error grows to the right of where the line touches */
            t = 0.5 * (lo + hi);
            if (softplus_near(t) - (slope * t + b) < eps)
                lo = t;
            else
                hi = t;
        }
        v = slope * t + b;
        if (t > v || k + 2 == r) return t > v;
        lo = slope_at(t);
        hi = 1.0;
        for (int s = 0; s < 70; s++) { /* a t + H(a) falls from the curve's slope on */
            const double m = 0.5 * (lo + hi);
            if (m * t + entropy_near(m) > v)
                lo = m;
            else
                hi = m;
        }
        slope = 0.5 * (lo + hi);
        b = entropy_near(slope);
        if (!(slope < 1.0)) return false;
        from = touch(slope);
    }
}

/* the greatest error of the lines, enclosed [L-RLX-124] */
static sbx_status greatest(sbx_ivd *error, const double *a, const double *b, size_t r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double last = -HUGE_VAL;
    *error = (sbx_ivd){0.0, 0.0};
    for (size_t k = 0; k + 1 < r; k++) {
        const sbx_ivd d = {sbx_sub_lo(a[k + 1], a[k]), sbx_sub_hi(a[k + 1], a[k])};
        const sbx_ivd slope = {a[k], a[k]};
        sbx_ivd t = {sbx_sub_lo(b[k], b[k + 1]), sbx_sub_hi(b[k], b[k + 1])}, v, line;
        SBX_TRY(sbx_ivd_div(&t, &t, &d, NULL, err));
        SBX_SOUND(d.lo > 0.0 && t.lo > last, err);
        last = t.hi;
        SBX_TRY(softplus(&v, &t));
        SBX_TRY(sbx_ivd_mul(&line, &slope, &t, NULL, err));
        v.lo = sbx_sub_lo(v.lo, sbx_add_hi(line.hi, b[k]));
        v.hi = sbx_sub_hi(v.hi, sbx_add_lo(line.lo, b[k]));
        error->lo = fmax(error->lo, v.lo);
        error->hi = fmax(error->hi, v.hi);
    }
done:
    return st;
}

sbx_status sbx_relax_softplus_pieces(double *a, double *b, sbx_ivd *error, size_t r, sbx_err *err)
{
    double lo = 0.0, hi = 0.7;
    sbx_status st = SBX_OK;

    if (r < 2 || r > SBX_PIECES_MAX)
        SBX_FAIL(err, SBX_ERR_ARG, "%zu pieces: 2 to %d", r, SBX_PIECES_MAX);
    for (int s = 0; s < 60; s++) {
        const double eps = 0.5 * (lo + hi);
        if (shoot(a, eps, r))
            hi = eps;
        else
            lo = eps;
    }
    (void)shoot(a, hi, r);
    for (size_t k = 0; 2 * k < r; k++) { /* symmetric: a and 1 - a */
        if (k == 0) a[k] = 0.0;
        if (2 * k + 1 == r) a[k] = 0.5;
        a[r - 1 - k] = 1.0 - a[k];
    }
    for (size_t k = 0; k < r; k++) {
        sbx_ivd h;
        SBX_TRY(entropy(&h, a[k]));
        b[k] = h.lo;
    }
    SBX_TRY(greatest(error, a, b, r, err));
done:
    return st;
}
