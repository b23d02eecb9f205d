/* certref.h -- a certificate of softbox/relax.h proved again in MPFR, from its header's words and
 * the lemmas alone; and a bound judged at a point. It shares nothing with src/relax.
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

static inline void cert_sigma(mpfr_t s, mpfr_t t)
{
    mpfr_neg(s, t, MPFR_RNDN);
    mpfr_exp(s, s, MPFR_RNDN);
    mpfr_add_ui(s, s, 1, MPFR_RNDN);
    mpfr_ui_div(s, 1, s, MPFR_RNDN);
}

/* sigma(t) - V t at t1, t2 and where its slope is 0 there (root +1: p >= 1/2, -1: p <= 1/2): the
 * largest (sign +1) or least; infinite ends are left out */
static inline void cert_logistic(mpfr_t best, mpfr_t V, double t1, double t2, int sign)
{
    mpfr_t t, v;
    mpfr_inits2(CERT_BITS, t, v, (mpfr_ptr)0);
    mpfr_set_inf(best, -sign);
    for (int k = 0; k < 3; k++) {
        if (k == 2) {
            mpfr_mul_si(v, V, -4, MPFR_RNDN);
            mpfr_add_ui(v, v, 1, MPFR_RNDN);
            if (mpfr_sgn(v) <= 0 || mpfr_sgn(V) <= 0) break;
            mpfr_sqrt(v, v, MPFR_RNDN);
            if (sign < 0) mpfr_neg(v, v, MPFR_RNDN);
            mpfr_add_ui(v, v, 1, MPFR_RNDN);
            mpfr_div_ui(v, v, 2, MPFR_RNDN); /* p */
            mpfr_ui_sub(t, 1, v, MPFR_RNDN);
            mpfr_div(t, v, t, MPFR_RNDN);
            mpfr_log(t, t, MPFR_RNDN);
            if (!(mpfr_cmp_d(t, t1) > 0 && mpfr_cmp_d(t, t2) < 0)) break;
        } else {
            if (!(fabs(k ? t2 : t1) < HUGE_VAL)) continue;
            mpfr_set_d(t, k ? t2 : t1, MPFR_RNDN);
        }
        cert_sigma(v, t);
        mpfr_mul(t, t, V, MPFR_RNDN);
        mpfr_sub(v, v, t, MPFR_RNDN);
        if (sign * mpfr_cmp(v, best) > 0) mpfr_set(best, v, MPFR_RNDN);
    }
    mpfr_clears(t, v, (mpfr_ptr)0);
}

/* adds the larger (sign +1) or lesser of slope times lo and hi */
static inline void cert_end(mpfr_t sum, mpfr_t slope, double lo, double hi, int sign)
{
    mpfr_t t;
    mpfr_init2(t, CERT_BITS);
    mpfr_mul_d(t, slope, sign * mpfr_sgn(slope) > 0 ? hi : lo, MPFR_RNDN);
    mpfr_add(sum, sum, t, MPFR_RNDN);
    mpfr_clear(t);
}

/* L-RLX-82: the piece's bound of softmax_i - coef.x from above */
static inline void cert_upper(mpfr_t sum, const sbx_relax_cert *c, size_t k)
{
    const double t1 = k ? c->t[k - 1] : -HUGE_VAL, t2 = c->t[k];
    mpfr_t V, v, r, s, w;
    mpfr_inits2(CERT_BITS, V, v, r, s, w, (mpfr_ptr)0);
    mpfr_set_zero(V, 1);
    mpfr_set_zero(sum, 1);
    for (size_t j = 0; j < c->n; j++) {
        if (j == c->i) continue;
        mpfr_set_d(w, -c->coef[j], MPFR_RNDN);
        if (c->lam[k] > -HUGE_VAL) { /* r = log w in [log nu + l, log nu + u], else the end */
            for (int e = 0; e < 2; e++) {
                mpfr_set_d(s, e ? c->box[j].hi : c->box[j].lo, MPFR_RNDN);
                mpfr_sub_d(s, s, c->ref, MPFR_RNDN);
                mpfr_add_d(s, s, c->lam[k], MPFR_RNDN);
                mpfr_exp(v, s, MPFR_RNDN);
                if (e == 0) mpfr_set(r, s, MPFR_RNDN);
                if (mpfr_cmp(w, v) <= 0) break;
                if (e == 0) mpfr_log(r, w, MPFR_RNDN);
                if (e == 1) mpfr_set(r, s, MPFR_RNDN);
            }
            mpfr_exp(v, r, MPFR_RNDN);
        } else
            mpfr_set_zero(v, 1);
        mpfr_add(V, V, v, MPFR_RNDN);
        mpfr_sub(s, w, v, MPFR_RNDN); /* (w - v) x + v (ref + r) */
        cert_end(sum, s, c->box[j].lo, c->box[j].hi, 1);
        if (mpfr_zero_p(v)) continue;
        mpfr_add_d(r, r, c->ref, MPFR_RNDN);
        mpfr_mul(r, r, v, MPFR_RNDN);
        mpfr_add(sum, sum, r, MPFR_RNDN);
    }
    mpfr_sub_d(s, V, c->coef[c->i], MPFR_RNDN);
    cert_end(sum, s, c->box[c->i].lo, c->box[c->i].hi, 1);
    if (mpfr_zero_p(V)) {
        mpfr_set_d(s, t2, MPFR_RNDN);
        cert_sigma(v, s);
    } else {
        if (!(t1 > -HUGE_VAL)) fail_msg("a piece from -inf with nu > 0");
        if (!(t2 < HUGE_VAL) && mpfr_cmp_d(V, 0.25) < 0) fail_msg("a piece to +inf with V < 1/4");
        mpfr_log(s, V, MPFR_RNDN);
        mpfr_add_d(s, s, c->ref, MPFR_RNDN);
        mpfr_mul(s, s, V, MPFR_RNDN);
        mpfr_sub(sum, sum, s, MPFR_RNDN);
        cert_logistic(v, V, t1, t2, 1);
    }
    mpfr_add(sum, sum, v, MPFR_RNDN);
    mpfr_clears(V, v, r, s, w, (mpfr_ptr)0);
}

/* w.x - beta S over box k, from below */
static inline void cert_corner(mpfr_t sum, const sbx_relax_cert *c, size_t k, double log_b)
{
    mpfr_t e, v, b;
    mpfr_inits2(CERT_BITS, e, v, b, (mpfr_ptr)0);
    mpfr_set_zero(sum, 1);
    mpfr_set_d(b, log_b, MPFR_RNDN);
    mpfr_exp(b, b, MPFR_RNDN);
    for (size_t j = 0; j < c->n; j++) {
        if (j == c->i) continue;
        mpfr_set_inf(v, 1);
        for (int q = 0; q < 2; q++) {
            const double x = q ? c->hi[k * c->n + j] : c->lo[k * c->n + j];
            mpfr_t t;
            mpfr_init2(t, CERT_BITS);
            mpfr_set_d(e, x, MPFR_RNDN);
            mpfr_sub_d(e, e, c->ref, MPFR_RNDN);
            mpfr_exp(e, e, MPFR_RNDN);
            mpfr_mul(e, e, b, MPFR_RNDN);
            mpfr_set_d(t, -c->coef[j], MPFR_RNDN);
            mpfr_mul_d(t, t, x, MPFR_RNDN);
            mpfr_sub(t, t, e, MPFR_RNDN);
            mpfr_min(v, v, t, MPFR_RNDN);
            mpfr_clear(t);
        }
        mpfr_add(sum, sum, v, MPFR_RNDN);
    }
    mpfr_clears(e, v, b, (mpfr_ptr)0);
}

/* L-RLX-85, L-RLX-86: t up to (from) t_e, x_i's lower (upper) end */
static inline void cert_edge(mpfr_t sum, const sbx_relax_cert *c, size_t k, int high)
{
    const double *m = c->mult + 7 * k, t = m[high], log_b = m[high ? 4 : 2],
                 log_c = m[high ? 6 : 5];
    const double end = high ? c->box[c->i].hi : c->box[c->i].lo;
    const double width = c->box[c->i].hi - c->box[c->i].lo;
    mpfr_t b, s, S, y;
    mpfr_inits2(CERT_BITS, b, s, S, y, (mpfr_ptr)0);
    if (high ? log_b > log_c : log_b < log_c) fail_msg("beta' on the wrong side of beta");
    cert_corner(sum, c, k, log_b);
    mpfr_set_d(y, end, MPFR_RNDN);
    mpfr_sub_d(y, y, c->ref, MPFR_RNDN);
    mpfr_add_d(s, y, log_c, MPFR_RNDN);
    mpfr_div_ui(s, s, 2, MPFR_RNDN);
    mpfr_exp(s, s, MPFR_RNDN);
    mpfr_ui_sub(b, 2, s, MPFR_RNDN);
    mpfr_mul(s, s, b, MPFR_RNDN); /* s (2 - s) */
    mpfr_add(sum, sum, s, MPFR_RNDN);
    mpfr_set_d(s, -c->coef[c->i], MPFR_RNDN);
    mpfr_mul_d(s, s, end, MPFR_RNDN);
    mpfr_add(sum, sum, s, MPFR_RNDN);
    mpfr_sub_d(S, y, t, MPFR_RNDN);
    mpfr_exp(S, S, MPFR_RNDN);
    mpfr_set_d(b, log_b, MPFR_RNDN);
    mpfr_exp(b, b, MPFR_RNDN);
    mpfr_set_d(s, log_c, MPFR_RNDN);
    mpfr_exp(s, s, MPFR_RNDN);
    mpfr_sub(s, b, s, MPFR_RNDN);
    mpfr_mul(s, s, S, MPFR_RNDN); /* (beta - beta') S */
    mpfr_add(sum, sum, s, MPFR_RNDN);
    mpfr_mul(s, b, S, MPFR_RNDN); /* beta S - a: >= 0 low, <= 0 high, or it costs */
    mpfr_sub_d(s, s, c->coef[c->i], MPFR_RNDN);
    if (high) mpfr_neg(s, s, MPFR_RNDN);
    if (mpfr_sgn(s) < 0) {
        mpfr_mul_d(s, s, width, MPFR_RNDN);
        mpfr_add(sum, sum, s, MPFR_RNDN);
    }
    mpfr_clears(b, s, S, y, (mpfr_ptr)0);
}

/* L-RLX-87: between t_a and t_b */
static inline void cert_inside(mpfr_t sum, const sbx_relax_cert *c, size_t k)
{
    const double *m = c->mult + 7 * k;
    mpfr_t a, s;
    mpfr_inits2(CERT_BITS, a, s, (mpfr_ptr)0);
    cert_corner(sum, c, k, m[3]);
    mpfr_set_d(a, c->coef[c->i], MPFR_RNDN);
    mpfr_log(s, a, MPFR_RNDN);
    mpfr_d_sub(s, 1.0, s, MPFR_RNDN);
    mpfr_add_d(s, s, m[3], MPFR_RNDN);
    mpfr_sub_d(s, s, c->ref, MPFR_RNDN);
    mpfr_mul(s, s, a, MPFR_RNDN);
    mpfr_add(sum, sum, s, MPFR_RNDN);
    cert_logistic(s, a, m[0], m[1], -1);
    mpfr_add(sum, sum, s, MPFR_RNDN);
    mpfr_clears(a, s, (mpfr_ptr)0);
}

/* Do the boxes cover the certificate's box? Volume cannot tell; a walk can: any set of boxes cut
 * along one coordinate after the other is found by cutting again. */
static inline bool cert_covers(const sbx_relax_cert *c, double *lo, double *hi, int depth)
{
    for (size_t k = 0; k < c->pieces; k++) {
        bool in = true;
        for (size_t j = 0; j < c->n; j++)
            in = in && c->lo[k * c->n + j] <= lo[j] && c->hi[k * c->n + j] >= hi[j];
        if (in) return true;
    }
    if (depth == 0) return false;
    for (size_t k = 0; k < c->pieces; k++) /* an end of a box strictly inside: cut there */
        for (size_t j = 0; j < c->n; j++)
            for (int e = 0; e < 2; e++) {
                const double v = e ? c->hi[k * c->n + j] : c->lo[k * c->n + j];
                const double l = lo[j], h = hi[j];
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

/* does the certificate prove its constant? */
static inline bool cert_proves(const sbx_relax_cert *c, double cst)
{
    bool ok = true;
    mpfr_t v, w;
    if (c->side == SBX_LO && c->pieces) {
        double lo[64], hi[64];
        if (c->n > 64) return false;
        for (size_t j = 0; j < c->n; j++) {
            lo[j] = c->box[j].lo;
            hi[j] = c->box[j].hi;
        }
        ok = cert_covers(c, lo, hi, 400);
    }
    mpfr_inits2(CERT_BITS, v, w, (mpfr_ptr)0);
    for (size_t k = 0; ok && k < c->pieces; k++) {
        if (c->side == SBX_HI) {
            ok = k == 0 || c->t[k] > c->t[k - 1];
            cert_upper(v, c, k);
            ok = ok && mpfr_cmp_d(v, cst) <= 0;
            continue;
        }
        cert_edge(v, c, k, 0);
        if (c->mult[7 * k] < HUGE_VAL) {
            cert_inside(w, c, k);
            mpfr_min(v, v, w, MPFR_RNDN);
            cert_edge(w, c, k, 1);
            mpfr_min(v, v, w, MPFR_RNDN);
        }
        ok = mpfr_cmp_d(v, cst) >= 0;
    }
    if (c->side == SBX_HI && c->pieces) ok = ok && !(c->t[c->pieces - 1] < HUGE_VAL);
    mpfr_clears(v, w, (mpfr_ptr)0);
    return ok;
}

static inline void cert_prove(const sbx_relax_cert *c, double cst)
{
    if (!cert_proves(c, cst))
        fail_msg("n %zu: the certificate of side %d with %zu pieces does not prove %.17g", c->n,
                 (int)c->side, c->pieces, cst);
}

#endif
