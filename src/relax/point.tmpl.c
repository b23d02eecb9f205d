/* relax/point.tmpl.c -- template: softmax, its logarithm and lse at one point, and
 * their ranges over the box; the work space of the bounds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "base/alloc.h"
#include "base/try.h"
#include "relax/exp.h"
#include "relax/softmax.h"
static sbx_status check_ivd(sbx_vector_fn, sbx_method, size_t, const sbx_ivd *, const sbx_ivd *,
                            size_t, sbx_err *);
#endif

/* DO(add, z, x, y): an operation without a message; a DOMAIN error means "no bound here" */
#define EXP(z, x)   SBX_TRY(FN(exp)(z, x, w->ctx, NULL))
#define SPACE       FN(sbx_rlx)
#define DO(op, ...) SBX_TRY(NUM_(op)(__VA_ARGS__, w->ctx, NULL))

/* softmax_i, its logarithm and lse at w->t (NULL: -inf), and all of softmax if
 * soft is given. Relative to a greatest coordinate t_k, no exponential overflows:
 *
 *   T = sum over j != k of e^{t_j - t_k},   lse = t_k + log1p(T),
 *   log-softmax_i = (t_i - t_k) - log1p(T),  softmax_i = e^{t_i - t_k}/(1 + T).
 *
 * Any k is right; the greatest is good. [L-SMX-03] [L-SMX-11] */
static sbx_status FN(point)(SPACE *w, NUM *p, NUM *s, NUM *z, NUM *soft)
{
    NUM *const sum = &w->tmp[0], *const d = &w->tmp[1], *const log_sum = &w->tmp[2];
    const size_t n = w->n, i = w->i;
    const NUM **const t = w->t;
    size_t k = n;
    sbx_status st = SBX_OK;

    for (size_t j = 0; j < n; j++)
        if (t[j] && (k == n || NUM_(lt)(t[k], t[j]) == SBX_TRUE)) k = j;
    if (k == n) {
        SBX_TRY(NUM_(set_d)(s, -HUGE_VAL, w->ctx, NULL));
        NUM_(set)(z, s);
        NUM_(set)(p, &w->zero);
        goto done;
    }
    NUM_(set)(sum, &w->zero);
    for (size_t j = 0; j < n; j++) {
        if (!t[j] || j == k) continue;
        DO(sub, d, t[j], t[k]);
        EXP(d, d);
        DO(add, sum, sum, d);
        if (soft) NUM_(set)(&soft[j], d);
    }
    DO(log1p, log_sum, sum);
    DO(add, sum, sum, &w->one); /* >= 1 */
    DO(add, z, t[k], log_sum);
    if (!t[i]) {
        SBX_TRY(NUM_(set_d)(s, -HUGE_VAL, w->ctx, NULL));
        NUM_(set)(p, &w->zero);
    } else {
        NUM_(set)(d, &w->zero);
        if (i != k) DO(sub, d, t[i], t[k]);
        DO(sub, s, d, log_sum);
        DO(min, s, s, &w->zero);
        EXP(p, d);
        DO(div, p, p, sum);
        DO(min, p, p, &w->one); /* [L-SMX-02] */
        DO(max, p, p, &w->zero);
    }
    for (size_t j = 0; soft && j < n; j++)
        if (!t[j])
            NUM_(set)(&soft[j], &w->zero);
        else
            DO(div, &soft[j], j == k ? &w->one : &soft[j], sum);
done:
    return st;
}

/* The ranges: softmax_i is least where x_i is at its lower end and all others at
 * their upper ends [L-SMX-01]; lse is increasing [L-SMX-12]. */
static sbx_status FN(ranges)(SPACE *w, const NUM *x)
{
    NUM *const skip_p = &w->tmp[4], *const skip_s = &w->tmp[5], *const skip_z = &w->tmp[6];
    const size_t n = w->n;
    sbx_status st = SBX_OK;

    if (n == 1 && w->f != SBX_FN_LSE) { /* softmax of one number is 1 */
        NUM_(set)(&w->p_lo, &w->one);
        NUM_(set)(&w->p_up, &w->one);
        goto done; /* s_lo, s_up are 0 */
    }
    for (int up = 0; up < 2; up++) {
        const bool same = w->f == SBX_FN_LSE; /* all coordinates at one end */
        for (size_t j = 0; j < n; j++) {
            const bool at_hi = (j == w->i || same) == (up == 1);
            w->t[j] = at_hi ? &w->hi[j] : NUM_(is_finite)(&x[j]) ? &w->lo[j] : NULL;
        }
        if (same)
            SBX_TRY(FN(point)(w, skip_p, skip_s, up ? &w->z_up : &w->z_lo, NULL));
        else
            SBX_TRY(FN(point)(w, up ? &w->p_up : &w->p_lo, up ? &w->s_up : &w->s_lo, skip_z, NULL));
    }
done:
    return st;
}

/* every NUM of the work space, so that open and close agree */
static size_t FN(numbers)(SPACE *w, NUM **all)
{
    NUM *const own[] = {&w->p_lo, &w->p_up, &w->s_lo, &w->s_up, &w->z_lo, &w->z_up,
                        &w->s,    &w->z,    &w->best, &w->one,  &w->zero};
    const size_t k = sizeof own / sizeof own[0];
    for (size_t j = 0; j < k; j++)
        all[j] = own[j];
    for (size_t j = 0; j < SBX_RLX_TEMPS; j++)
        all[k + j] = &w->tmp[j];
    return k + SBX_RLX_TEMPS;
}

sbx_status FN(sbx_rlx_open)(SPACE *w, sbx_vector_fn f, sbx_method m, size_t i, const NUM *x,
                            const NUM *at, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    NUM *all[SBX_RLX_TEMPS + 16];
    sbx_status st = SBX_OK;
    size_t k;

    memset(w, 0, sizeof *w);
    SBX_TRY(FN(check)(f, m, i, x, at, n, err));
    w->lo = sbx_alloc(n, 4 * sizeof(NUM));
    w->t = sbx_alloc(n, sizeof *w->t);
    if (!w->lo || !w->t) {
        sbx_free(w->lo);
        w->lo = NULL;
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the bounds of %zu coordinates", n);
    }
    w->ctx = ctx ? ctx : &sbx_ctx_default;
    w->n = n;
    w->f = f;
    w->i = f == SBX_FN_LSE ? 0 : i;
    w->c = at;
    w->hi = w->lo + n;
    w->soft = w->hi + n;
    w->g = w->soft + n;
    for (size_t j = 0; j < 4 * n; j++)
        NUM_(init)(&w->lo[j], w->ctx);
    k = FN(numbers)(w, all);
    for (size_t j = 0; j < k; j++)
        NUM_(init)(all[j], w->ctx);
    SBX_TRY(NUM_(set_si)(&w->one, 1, w->ctx, err));
    w->flat = m == SBX_METHOD_INTERVAL || m == SBX_METHOD_CONSTANT;
    for (size_t j = 0; j < n; j++) {
        if (!NUM_(is_finite)(&x[j]))
            w->flat = true; /* a lower end of -inf: checked */
        else
            SBX_TRY(NUM_(end)(&w->lo[j], &x[j], SBX_LO, err));
        SBX_TRY(NUM_(end)(&w->hi[j], &x[j], SBX_HI, err));
    }
    SBX_TRY(FN(ranges)(w, x));
    if (w->flat) goto done;
    for (size_t j = 0; j < n; j++)
        w->t[j] = &at[j];
    SBX_TRY(FN(point)(w, &w->tmp[4], &w->s, &w->z, w->soft));
done:
    return st;
}

void FN(sbx_rlx_close)(SPACE *w)
{
    NUM *all[SBX_RLX_TEMPS + 16];
    size_t k;
    if (w->lo) {
        for (size_t j = 0; j < 4 * w->n; j++)
            NUM_(clear)(&w->lo[j]);
        k = FN(numbers)(w, all);
        for (size_t j = 0; j < k; j++)
            NUM_(clear)(all[j]);
    }
    sbx_free(w->lo);
    sbx_free((void *)w->t);
    memset(w, 0, sizeof *w);
}

const NUM *FN(sbx_rlx_range)(const SPACE *w, sbx_end side)
{
    const bool lo = side == SBX_LO;
    switch (w->f) {
    case SBX_FN_SOFTMAX: return lo ? &w->p_lo : &w->p_up;
    case SBX_FN_LOG_SOFTMAX: return lo ? &w->s_lo : &w->s_up;
    case SBX_FN_LSE: break;
    }
    return lo ? &w->z_lo : &w->z_up;
}
