/* kernel/softmax_ivd.c -- softmax over a box of doubles, all outputs, in O(n).
 *
 *   max p_i = a / (a + sum over j != i of e^{l_j}), a = e^{u_i},  and min p_i its mirror
 *   image [L-SMX-01]
 *
 * The maximum is never subtracted: an exponential is y 2^k, and the integer K of the
 * largest is subtracted from k, which is exact [L-SMX-04]. "The sum without i" is the
 * whole sum minus one term, except for the (at most two) terms that are nearly half of
 * it: their sums are computed again without them [L-SMX-05].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/try.h"
#include "kernel/vec.h"
#include "kernel/generic.h"

#include <math.h>
#include <string.h>

/* Own terms above this share of the sum are left out by summing again. */
#define SHARE 0.49
/* e^-0.75 = 0.472: a term below it is under half of the largest, and of more than three
 * terms above it none is 0.49 of the sum (1 / (1 + 3 * 0.472) < 0.42). */
#define NEAR     0.75
#define NEAR_MAX 3

/* one end of the box as a sum: S 2^K */
typedef struct side {
    double S, K;
    size_t n_big, big[NEAR_MAX]; /* terms over SHARE */
} side;

static double exponent(const sbx_vec *v, double x)
{
    double y, k;
    v->exp(&y, &k, &x, 1);
    return k;
}

static double end_of(const sbx_ivd *x, sbx_end e) { return e == SBX_LO ? x->lo : x->hi; }

/* y 2^(k-K) as the loops compute it */
static double term(const sbx_vec *v, double x, double K)
{
    double y, k;
    v->exp(&y, &k, &x, 1);
    if (k - K < -899.0) return 0.0; /* [L-SMX-07], and a cut at 2^900 [L-SMX-23] */
    return ldexp(y, (int)(k - K > 900.0 ? 900.0 : k - K));
}

static void sum_side(side *s, const sbx_vec *v, const sbx_ivd *x, sbx_end e, size_t n, double max)
{
    sbx_sum2 acc = {{0}, {0}};
    size_t near[NEAR_MAX], n_near;
    s->K = exponent(v, max);
    v->sum_exp(&acc, x, e, 0, n, s->K);
    s->S = sbx_sum2_value(&acc);
    s->n_big = 0;
    if (!(max > -HUGE_VAL)) return;
    n_near = v->find(near, NEAR_MAX, x, e, n, max - NEAR);
    if (n_near > NEAR_MAX) return; /* [L-SMX-22] */
    for (size_t j = 0; j < n_near; j++)
        if (term(v, end_of(&x[near[j]], e), s->K) > SHARE * s->S) s->big[s->n_big++] = near[j];
}

/* The extreme of p_i at the corner where x_i is own and the others are at their end e,
 * the sum without i computed by itself. */
static double alone(const sbx_vec *v, const sbx_ivd *x, sbx_end e, size_t n, size_t i, double own)
{
    sbx_sum2 acc = {{0}, {0}};
    double max = -HUGE_VAL, K, a, q, S, delta;
    for (size_t j = 0; j < n; j++)
        if (j != i && end_of(&x[j], e) > max) max = end_of(&x[j], e);
    K = exponent(v, max);
    v->sum_exp(&acc, x, e, 0, i, K);
    v->sum_exp(&acc, x, e, i + 1, n, K);
    S = sbx_sum2_value(&acc);
    a = term(v, own, K);
    q = a / (a + S);
    delta = fma(10.0 * 0x1p-53, 1.0 - q, 4.0 * 0x1p-53); /* [L-SMX-06] */
    if (e == SBX_HI) return a > 0.0 ? fma(-q, delta, q) : 0.0;
    q = fma(q, delta, q);
    return a > 0.0 ? (q < 1.0 ? q : 1.0) : 0x1p-897; /* [L-SMX-07] */
}

sbx_status sbx_softmax_ivd(sbx_ivd *p, const sbx_ivd *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    const sbx_vec *v = sbx_vec_get();
    double redo_hi[NEAR_MAX] = {0}, redo_lo[NEAR_MAX] = {0};
    sbx_status st = SBX_OK;
    sbx_scan look;
    size_t crossed;
    side lo, hi;

    (void)ctx;
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "softmax of no numbers");
    v->scan(&look, x, n);
    if (look.bad)
        SBX_FAIL(err, SBX_ERR_ARG, "softmax: side %zu has lo > hi, or an end beyond the doubles",
                 sbx_scan_bad(x, n));
    if (n == 1) {
        p[0].lo = p[0].hi = 1.0;
        goto done;
    }
    if (look.far || n > SBX_VEC_N_MAX) return sbx_through_ivf(p, n, x, n, sbx_softmax_ivf, err);
    sum_side(&lo, v, x, SBX_LO, n, look.max_lo);
    sum_side(&hi, v, x, SBX_HI, n, look.max_hi);
    for (size_t j = 0; j < lo.n_big; j++)
        redo_hi[j] = alone(v, x, SBX_LO, n, lo.big[j], x[lo.big[j]].hi);
    for (size_t j = 0; j < hi.n_big; j++)
        redo_lo[j] = alone(v, x, SBX_HI, n, hi.big[j], x[hi.big[j]].lo);
    crossed = v->finish(p, x, n, lo.S, lo.K, hi.S, hi.K);
    for (size_t j = 0; j < lo.n_big; j++)
        p[lo.big[j]].hi = redo_hi[j];
    for (size_t j = 0; j < hi.n_big; j++)
        p[hi.big[j]].lo = redo_lo[j];
    for (size_t j = 0; j < lo.n_big; j++)
        crossed += p[lo.big[j]].lo <= p[lo.big[j]].hi ? 0 : 1;
    for (size_t j = 0; j < hi.n_big; j++)
        crossed += p[hi.big[j]].lo <= p[hi.big[j]].hi ? 0 : 1;
    SBX_SOUND(crossed == 0, err);
done:
    return st;
}

/* ---- log-sum-exp and log-softmax --------------------------------------------------- */

/* differences that doubles have exponents for: e^-700 is a normal number */
#define SPAN 700.0

/* Is the template's double instance as tight as it can be on this box? */
static sbx_status is_tame(bool *tame, const sbx_ivd *x, size_t n, const char *what, sbx_err *err)
{
    sbx_status st = SBX_OK;
    double least = HUGE_VAL;
    sbx_scan look;
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "%s of no numbers", what);
    sbx_vec_get()->scan(&look, x, n);
    if (look.bad)
        SBX_FAIL(err, SBX_ERR_ARG, "%s: side %zu has lo > hi, or an end beyond the doubles", what,
                 sbx_scan_bad(x, n));
    for (size_t j = 0; j < n; j++)
        if (x[j].lo > -HUGE_VAL && x[j].lo < least) least = x[j].lo;
    *tame = !look.far && (!(least < HUGE_VAL) || look.max_hi - least <= SPAN);
done:
    return st;
}

sbx_status sbx_lse_ivd(sbx_ivd *z, const sbx_ivd *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    bool tame = false;
    const sbx_status st = is_tame(&tame, x, n, "lse", err);
    if (st != SBX_OK) return st;
    return tame ? sbx_lse_generic_ivd(z, x, n, ctx, err)
                : sbx_through_ivf(z, 1, x, n, sbx_lse_ivf, err);
}

sbx_status sbx_log_softmax_ivd(sbx_ivd *p, const sbx_ivd *x, size_t n, const sbx_ctx *ctx,
                               sbx_err *err)
{
    bool tame = false;
    const sbx_status st = is_tame(&tame, x, n, "log-softmax", err);
    if (st != SBX_OK) return st;
    return tame ? sbx_log_softmax_generic_ivd(p, x, n, ctx, err)
                : sbx_through_ivf(p, n, x, n, sbx_log_softmax_ivf, err);
}
