/* relax/softmax.tmpl.c -- template: the bounds of relax/softmax.h.
 *
 * Compiled only through relax/softmax.c, after relax/lin.tmpl.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "relax/lin.tmpl.c"
#endif

/* The concave bounds of softmax_i, functions of s = log-softmax_i with the end values
 * p_lo, p_up at s_lo, s_up:
 *
 *   ER    chord of 1/q, q = e^{-s}:  U = p_up - p_lo (e^{s_up - s} - 1)
 *   LSE   chord of e^s, slope k:     U = p_up - k (s_up - s)
 *
 * with the derivatives p_lo e^{s_up - s} and k in s;
 * concave in x as s is and U increases with it [L-RLX-03] [L-RLX-05] [L-RLX-23];
 * ds/dx_j = [j = i] - softmax_j. */
static sbx_status FN(upper)(SPACE *w, NUM *v, sbx_method m, sbx_err *err)
{
    NUM *const gap = &w->tmp[2], *const k = &w->tmp[3], *const rest = &w->tmp[4];
    sbx_status st = SBX_OK;

    DO(sub, gap, &w->s_up, &w->s);
    if (m == SBX_METHOD_ER) {
        EXP(k, gap);
        DO(mul, k, k, &w->p_lo);
        DO(expm1, gap, gap);
        DO(mul, gap, gap, &w->p_lo);
    } else {
        DO(sub, rest, &w->s_up, &w->s_lo);
        SBX_TRY(FN(chord_slope)(w, k, &w->p_lo, &w->p_up, rest, err));
        DO(mul, gap, gap, k);
    }
    DO(sub, v, &w->p_up, gap);
    NUM_(set)(rest, &w->zero);
    for (size_t j = 0; j < w->n; j++) {
        if (j == w->i) continue;
        DO(mul, &w->g[j], k, &w->soft[j]);
        DO(add, rest, rest, &w->g[j]);
        DO(neg, &w->g[j], &w->g[j]);
    }
    NUM_(set)(&w->g[w->i], rest);
done:
    return st;
}

/* log-softmax from above and lse from below: the function itself, concave, convex
 * [L-RLX-07] [L-RLX-10] [L-RLX-11] */
static sbx_status FN(itself)(SPACE *w, NUM *v)
{
    const bool lse = w->f == SBX_FN_LSE;
    NUM *const rest = &w->tmp[0];
    sbx_status st = SBX_OK;

    NUM_(set)(v, lse ? &w->z : &w->s);
    NUM_(set)(rest, &w->zero);
    for (size_t j = 0; j < w->n; j++) {
        if (lse) NUM_(set)(&w->g[j], &w->soft[j]);
        if (lse || j == w->i) continue;
        DO(add, rest, rest, &w->soft[j]);
        DO(neg, &w->g[j], &w->soft[j]);
    }
    if (!lse) NUM_(set)(&w->g[w->i], rest);
done:
    return st;
}

static sbx_status FN(raw_bound)(SPACE *w, NUM *v, sbx_method m, sbx_end side, sbx_err *err)
{
    size_t k = w->n;
    sbx_status st = SBX_OK;

    if (w->f != SBX_FN_SOFTMAX && (side == SBX_LO) != (w->f == SBX_FN_LSE))
        return FN(best_pivot)(w, v, err);
    if (w->f != SBX_FN_SOFTMAX)
        SBX_TRY(FN(itself)(w, v));
    else if (m == SBX_METHOD_LIN)
        SBX_TRY(FN(lin)(w, v, side, err));
    else if (side == SBX_HI)
        SBX_TRY(FN(upper)(w, v, m, err));
    else {
        if (m == SBX_METHOD_ER) k = w->i;
        if (m == SBX_METHOD_LSE_STAR) SBX_TRY(FN(dominant)(w, &k));
        SBX_TRY(FN(pivoted)(w, v, k, err));
    }
    NUM_(set)(&w->best, v);
done:
    return st;
}

sbx_status FN(sbx_rlx_bound)(SPACE *w, NUM *v, sbx_method m, sbx_end side, sbx_err *err)
{
    bool finite = !w->flat && m != SBX_METHOD_CONSTANT && m != SBX_METHOD_INTERVAL;
    sbx_status st = SBX_OK;

    if (finite) {
        st = FN(raw_bound)(w, v, m, side, err);
        if (st != SBX_ERR_DOMAIN) SBX_TRY(st);
        finite = st == SBX_OK && NUM_(is_finite)(v);
        st = SBX_OK;
        for (size_t j = 0; finite && j < w->n; j++)
            finite = NUM_(is_finite)(&w->g[j]);
    }
    if (finite) goto done;
    NUM_(set)(v, FN(sbx_rlx_range)(w, side));
    NUM_(set)(&w->best, v);
    for (size_t j = 0; j < w->n; j++)
        NUM_(set)(&w->g[j], &w->zero);
done:
    return st;
}

sbx_status FN(sbx_rlx_best)(SPACE *w, NUM *v, sbx_end side, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM other;

    NUM_(init)(&other, w->ctx);
    NUM_(set)(v, FN(sbx_rlx_range)(w, side));
    for (sbx_method m = SBX_METHOD_LIN; m < SBX_METHOD_AUTO; m++) {
        if (!sbx_rlx_has(w->f, m)) continue;
        SBX_TRY(FN(sbx_rlx_bound)(w, &other, m, side, err));
        if (side == SBX_LO)
            DO(max, v, v, &w->best);
        else
            DO(min, v, v, &w->best);
    }
done:
    NUM_(clear)(&other);
    return st;
}

/* The whole of sbx_relax_value: L(at) is raised to the range's lower end, U(at) cut at
 * its upper end; both then are between the two. */
static sbx_status FN(value)(NUM *lower, NUM *upper, sbx_vector_fn f, sbx_method m, size_t i,
                            const NUM *x, const NUM *at, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    SPACE space, *const w = &space;
    NUM *const range = &w->tmp[0];
    sbx_status st = SBX_OK;
    NUM v[2];
    const sbx_ctx *const c = ctx ? ctx : &sbx_ctx_default;

    NUM_(init)(&v[0], c);
    NUM_(init)(&v[1], c);
    SBX_TRY(FN(sbx_rlx_open)(w, f, m, i, x, at, n, c, err));
    for (int k = 0; k < 2; k++) {
        const sbx_end side = k ? SBX_HI : SBX_LO;
        if (m == SBX_METHOD_AUTO) {
            SBX_TRY(FN(sbx_rlx_best)(w, &v[k], side, err));
        } else {
            SBX_TRY(FN(sbx_rlx_bound)(w, &v[k], m, side, err));
            NUM_(set)(&v[k], &w->best);
        }
        if (k == 0)
            DO(max, &v[k], &v[k], FN(sbx_rlx_range)(w, SBX_LO));
        else
            DO(min, &v[k], &v[k], FN(sbx_rlx_range)(w, SBX_HI));
        DO(hull, range, FN(sbx_rlx_range)(w, SBX_LO), FN(sbx_rlx_range)(w, SBX_HI));
        SBX_TRY(FN(meet)(w, &v[k], range, err));
    }
    NUM_(set)(lower, &v[0]);
    NUM_(set)(upper, &v[1]);
done:
    FN(sbx_rlx_close)(w);
    NUM_(clear)(&v[1]);
    NUM_(clear)(&v[0]);
    return st;
}
#undef DO
#undef EXP
#undef SPACE
