/* relax/lin.tmpl.c -- template: the bounds of Shi et al. 2020 and Bonaert et al. 2021.
 *
 * Compiled only through relax/softmax.c, after relax/chords.tmpl.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "relax/chords.tmpl.c"
#endif

/* What lin needs beside ER's chords: with a_j <= y_j = x_j - x_i <= b_j,
 *
 *   t_j = min(log k_j, a_j + 1), q_lo = 1 + sum e^{t_j} (1 - (t_j - a_j)), q_up = 1 + sum e^{b_j}
 *
 * and the tangents at t_j added up at c, ql = 1 + sum e^{t_j} (1 + (y_j - t_j)).
 *   in   w->g[j] = k_j;  out: e^{t_j} where slopes is false */
static sbx_status FN(lin_parts)(SPACE *w, NUM *q_lo, NUM *q_up, NUM *ql, bool keep_slopes)
{
    NUM *const a = &w->tmp[0], *const b = &w->tmp[1], *const e_t = &w->tmp[2],
               *const past_t = &w->tmp[3], *const z = &w->tmp[4];
    const size_t n = w->n, i = w->i;
    sbx_status st = SBX_OK;

    NUM_(set)(q_lo, &w->one);
    NUM_(set)(q_up, &w->one);
    NUM_(set)(ql, &w->one);
    for (size_t j = 0; j < n; j++) {
        if (j == i) continue;
        DO(sub, a, &w->lo[j], &w->hi[i]);
        DO(sub, b, &w->hi[j], &w->lo[i]);
        SBX_TRY(FN(log)(past_t, &w->g[j], w->ctx, NULL));
        DO(sub, past_t, past_t, a);
        DO(min, past_t, past_t, &w->one); /* t_j - a_j */
        DO(add, z, a, &w->one);
        EXP(z, z);
        DO(min, e_t, z, &w->g[j]); /* e^{t_j} */
        EXP(z, b);
        DO(add, q_up, q_up, z);
        DO(sub, z, &w->one, past_t);
        DO(max, z, z, &w->zero);
        DO(fma, q_lo, e_t, z, q_lo);
        DO(sub, z, &w->c[j], &w->lo[j]);
        DO(sub, b, &w->hi[i], &w->c[i]);
        DO(add, z, z, b); /* y_j - a_j */
        DO(sub, z, z, past_t);
        DO(add, z, z, &w->one);
        DO(fma, ql, e_t, z, ql);
        if (!keep_slopes) NUM_(set)(&w->g[j], e_t);
    }
done:
    return st;
}

/* g_j = -g_j/x/y for j != i, g_i = minus their sum */
static sbx_status FN(lin_slopes)(SPACE *w, const NUM *x, const NUM *y)
{
    NUM *const rest = &w->tmp[0];
    sbx_status st = SBX_OK;
    NUM_(set)(rest, &w->zero);
    for (size_t j = 0; j < w->n; j++) {
        if (j == w->i) continue;
        DO(div, &w->g[j], &w->g[j], x);
        DO(div, &w->g[j], &w->g[j], y);
        DO(add, rest, rest, &w->g[j]);
        DO(neg, &w->g[j], &w->g[j]);
    }
    NUM_(set)(&w->g[w->i], rest);
done:
    return st;
}

/* lin [L-RLX-09]: q = 1 + sum e^{y_j}; p = 1/q is above its tangent at t_q, taken at
 * S >= q, and below its chord over [q_lo, q_up], taken at ql <= q:
 *
 *   L = (2 - S/t_q)/t_q,  t_q = max(sqrt(q_lo q_up), q_up/2);   U = 1/q_lo + (1 - ql/q_lo)/q_up */
static sbx_status FN(lin)(SPACE *w, NUM *v, sbx_end side, sbx_err *err)
{
    NUM *const sum = &w->tmp[8], *const ql = &w->tmp[9], *const q_lo = &w->tmp[10],
               *const q_up = &w->tmp[11], *const tq = &w->tmp[5], *const z = &w->tmp[6];
    sbx_status st = SBX_OK;

    SBX_TRY(FN(chords)(w, w->i, sum, z, err));
    SBX_TRY(FN(lin_parts)(w, q_lo, q_up, ql, side == SBX_LO));
    if (side == SBX_LO) {
        DO(mul, tq, q_lo, q_up);
        DO(sqrt, tq, tq);
        SBX_TRY(NUM_(set_d)(z, 0.5, w->ctx, NULL));
        DO(mul, z, z, q_up);
        DO(max, tq, tq, z);
        DO(add, sum, sum, &w->one);
        DO(div, v, sum, tq);
        SBX_TRY(NUM_(set_si)(z, 2, w->ctx, NULL));
        DO(sub, v, z, v);
        DO(div, v, v, tq);
        SBX_TRY(FN(lin_slopes)(w, tq, tq));
    } else {
        DO(div, v, ql, q_lo);
        DO(sub, v, &w->one, v);
        DO(div, v, v, q_up);
        DO(div, z, &w->one, q_lo);
        DO(add, v, v, z);
        SBX_TRY(FN(lin_slopes)(w, q_lo, q_up));
    }
done:
    return st;
}
