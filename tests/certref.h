/* certref.h -- a certificate of softbox/relax.h proved again in MPFR, from its header's words
 * alone; and a bound judged at a point. It shares nothing with src/relax.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CERTREF_H
#define CERTREF_H

#include "softbox/relax.h"

#include "sbx_test.h"

#include <math.h>
#include <mpfr.h>

enum { CERT_BITS = 300 };

/* is a.x + cst on the right side of softmax_i(x)? sign +1: above */
static inline void cert_judge(const double *a, size_t i, size_t n, const double *x, double cst,
                              int sign)
{
    mpfr_t S, v, t;
    mpfr_inits2(CERT_BITS, S, v, t, (mpfr_ptr)0);
    mpfr_set_zero(S, 1);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(t, x[j], MPFR_RNDN);
        mpfr_sub_d(t, t, x[i], MPFR_RNDN);
        mpfr_exp(t, t, MPFR_RNDN);
        mpfr_add(S, S, t, MPFR_RNDN);
    }
    mpfr_ui_div(v, 1, S, MPFR_RNDN);
    mpfr_set_d(S, cst, MPFR_RNDN);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(t, a[j], MPFR_RNDN);
        mpfr_mul_d(t, t, x[j], MPFR_RNDN);
        mpfr_add(S, S, t, MPFR_RNDN);
    }
    mpfr_sub(S, S, v, MPFR_RNDN); /* the plane less softmax_i */
    if (sign * mpfr_get_d(S, MPFR_RNDN) < -1e-70)
        fail_msg("n %zu: the plane is %g beyond softmax_%zu", n, mpfr_get_d(S, MPFR_RNDN), i);
    mpfr_clears(S, v, t, (mpfr_ptr)0);
}

/* adds max over [l, u] of k e^{y - ref} - a y to sum */
static inline void cert_greatest(mpfr_t sum, const mpfr_t k, double a, sbx_ivd x, double ref)
{
    mpfr_t best, e, y;
    mpfr_inits2(CERT_BITS, best, e, y, (mpfr_ptr)0);
    mpfr_set_inf(best, -1);
    for (int end = 0; end < 3; end++) {
        if (end < 2) {
            mpfr_set_d(y, end ? x.hi : x.lo, MPFR_RNDN);
        } else { /* k e^{y - ref} = a: a maximum where both are negative */
            if (!(mpfr_sgn(k) < 0 && a < 0)) break;
            mpfr_d_div(y, a, k, MPFR_RNDN);
            mpfr_log(y, y, MPFR_RNDN);
            mpfr_add_d(y, y, ref, MPFR_RNDN);
            if (mpfr_cmp_d(y, x.lo) < 0 || mpfr_cmp_d(y, x.hi) > 0) break;
        }
        mpfr_sub_d(e, y, ref, MPFR_RNDN);
        mpfr_exp(e, e, MPFR_RNDN);
        mpfr_mul(e, e, k, MPFR_RNDN);
        mpfr_mul_d(y, y, a, MPFR_RNDN);
        mpfr_sub(e, e, y, MPFR_RNDN);
        if (mpfr_cmp(e, best) > 0) mpfr_set(best, e, MPFR_RNDN);
    }
    mpfr_add(sum, sum, best, MPFR_RNDN);
    mpfr_clears(best, e, y, (mpfr_ptr)0);
}

/* Is v.softmax at least t (sign +1), at most t everywhere on the box, by its ends alone? */
static inline bool cert_beyond(double t, int sign, const double *v, const sbx_ivd *x, double ref,
                               size_t n)
{
    mpfr_t sum, w, e, least;
    bool ok;
    mpfr_inits2(CERT_BITS, sum, w, e, least, (mpfr_ptr)0);
    mpfr_set_zero(sum, 1);
    for (size_t j = 0; j < n; j++) {
        for (int end = 0; end < 2; end++) {
            mpfr_set_d(w, v[j], MPFR_RNDN);
            mpfr_sub_d(w, w, t, MPFR_RNDN);
            mpfr_set_d(e, end ? x[j].hi : x[j].lo, MPFR_RNDN);
            mpfr_sub_d(e, e, ref, MPFR_RNDN);
            mpfr_exp(e, e, MPFR_RNDN);
            mpfr_mul(w, w, e, MPFR_RNDN);
            mpfr_mul_si(w, w, sign, MPFR_RNDN);
            if (end == 0 || mpfr_cmp(w, least) < 0) mpfr_set(least, w, MPFR_RNDN);
        }
        mpfr_add(sum, sum, least, MPFR_RNDN);
    }
    ok = mpfr_cmp_d(sum, -1e-70) >= 0;
    mpfr_clears(sum, w, e, least, (mpfr_ptr)0);
    return ok;
}

/* Do the leaves cover lo..hi? Volume cannot tell; a walk can: any set of boxes cut along one
 * coordinate after the other is found by cutting again. */
static inline bool cert_covers(const sbx_functional_cert *c, double *lo, double *hi, int depth)
{
    for (size_t k = 0; k < c->leaves; k++) {
        bool in = true;
        for (size_t j = 0; j < c->n; j++)
            in = in && c->box[k * c->n + j].lo <= lo[j] && c->box[k * c->n + j].hi >= hi[j];
        if (in) return true;
    }
    if (depth == 0) return false;
    for (size_t k = 0; k < c->leaves; k++) /* an end of a leaf strictly inside: cut there */
        for (size_t j = 0; j < c->n; j++)
            for (int e = 0; e < 2; e++) {
                const sbx_ivd b = c->box[k * c->n + j];
                const double v = e ? b.hi : b.lo, l = lo[j], h = hi[j];
                bool ok;
                if (!(v > l && v < h)) continue;
                hi[j] = v;
                ok = cert_covers(c, lo, hi, depth - 1);
                hi[j] = h;
                lo[j] = v;
                ok = ok && cert_covers(c, lo, hi, depth - 1);
                lo[j] = l;
                return ok;
            }
    return false;
}

/* Does the certificate prove a.y + cst >= v.softmax(y) over the box of its view? (Lower: all with
 * the other sign.) */
static inline bool cert_proves(const sbx_functional_cert *c, const double *a, const double *v,
                               const sbx_ivd *box, double cst)
{
    const size_t n = c->n;
    double lo[64], hi[64];
    bool ok = c->leaves > 0 && n <= 64;
    mpfr_t total, k;

    if (!ok) return false;
    for (size_t j = 0; j < n; j++) {
        lo[j] = box[j].lo;
        hi[j] = box[j].hi;
    }
    ok = cert_covers(c, lo, hi, 400);
    mpfr_inits2(CERT_BITS, total, k, (mpfr_ptr)0);
    for (size_t f = 0; ok && f < c->leaves; f++) {
        double least = HUGE_VAL, reach, next;
        for (size_t q = c->first[f]; q < c->first[f + 1]; q++)
            least = fmin(least, c->t[2 * q]);
        ok = cert_beyond(least, 1, v, c->box + f * n, c->ref[f], n);
        for (reach = least, next = -HUGE_VAL; ok && next < reach;) { /* pieces in any order */
            next = reach;
            for (size_t q = c->first[f]; q < c->first[f + 1]; q++)
                if (c->t[2 * q] <= reach) reach = fmax(reach, c->t[2 * q + 1]);
        }
        ok = ok && cert_beyond(reach, -1, v, c->box + f * n, c->ref[f], n);
        for (size_t q = c->first[f]; ok && q < c->first[f + 1]; q++)
            for (size_t end = 0; ok && end < 2; end++) {
                const double t = c->t[2 * q + end];
                ok = c->mu[q] >= 0;
                mpfr_set_d(total, t, MPFR_RNDN);
                for (size_t j = 0; ok && j < n; j++) {
                    mpfr_set_d(k, v[j], MPFR_RNDN);
                    mpfr_sub_d(k, k, t, MPFR_RNDN);
                    mpfr_mul_d(k, k, c->mu[q], MPFR_RNDN);
                    cert_greatest(total, k, a[j], c->box[f * n + j], c->ref[f]);
                }
                ok = ok && mpfr_cmp_d(total, cst) <= 0;
            }
    }
    mpfr_clears(total, k, (mpfr_ptr)0);
    return ok;
}

#endif
