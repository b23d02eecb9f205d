/* relax/softmax.tmpl.c -- template: the bounds of relax/softmax.h.
 *
 * Compiled only through relax/softmax.c, after relax/point.tmpl.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "relax/point.tmpl.c"
#endif

/* z becomes z n x, two enclosures of one number */
static sbx_status FN(meet)(FN(sbx_rlx) * w, NUM *z, const NUM *x, sbx_err *err)
{
    sbx_status st = NUM_(intersect)(z, z, x, w->ctx, NULL);
    if (st == SBX_ERR_DOMAIN) SBX_FAIL(err, SBX_ERR_SOUNDNESS, "disjoint enclosures of one number");
done:
    return st;
}

/* The slope of the chord of exp over [b - width, b], enclosed:
 *
 *   (e^b - e^a)/(b - a) = e^b (1 - e^{-width})/width, which cannot overflow where e^b does
 *   not, and is in [e^a, e^b] by the mean value theorem; a width that is not
 *   provably positive leaves that alone. [L-RLX-01]
 *   in  lo, hi  enclosures of e^a, e^b */
static sbx_status FN(chord_slope)(FN(sbx_rlx) * w, NUM *k, const NUM *lo, const NUM *hi,
                                  const NUM *width, sbx_err *err)
{
    NUM *const d = &w->tmp[0], *const mean = &w->tmp[1];
    sbx_status st = SBX_OK;

    DO(hull, mean, lo, hi);
    if (NUM_(lt)(&w->zero, width) == SBX_TRUE) {
        DO(neg, d, width);
        DO(expm1, d, d);
        DO(neg, d, d);
        DO(div, d, d, width);
        DO(mul, k, d, hi);
        SBX_TRY(FN(meet)(w, k, mean, err));
    } else {
        NUM_(set)(k, mean);
    }
done:
    return st;
}

/* What the chords of the exponentials give at c, relative to pivot r (n: none).
 *
 *   y_j = x_j - x_r or x_j - m (m the greatest upper end), a_j <= y_j <= b_j;
 *   w->g[j] = slope of the chord of exp over [a_j, b_j], j != r (g[r] = 0)
 *   *sum    = sum over j != r of the chords at c; S = *sum, plus 1 if there is a pivot
 *   *base   = c_r or m
 *
 * Widths and distances are sums of differences within one side, so that they stay
 * accurate for boxes far from 0. */
static sbx_status FN(chords)(FN(sbx_rlx) * w, size_t r, NUM *sum, NUM *base, sbx_err *err)
{
    NUM *const a = &w->tmp[2], *const b = &w->tmp[3], *const width = &w->tmp[4],
               *const past = &w->tmp[5], *const spare = &w->tmp[6], *const reach = &w->tmp[7];
    const size_t n = w->n;
    const NUM *m = &w->hi[0];
    sbx_status st = SBX_OK;

    for (size_t j = 1; j < n; j++)
        if (NUM_(lt)(m, &w->hi[j]) == SBX_TRUE) m = &w->hi[j];
    NUM_(set)(base, r < n ? &w->c[r] : m);
    NUM_(set)(sum, &w->zero);
    NUM_(set)(spare, &w->zero);
    NUM_(set)(reach, &w->zero);
    if (r < n) {
        DO(sub, spare, &w->hi[r], &w->lo[r]);
        DO(sub, reach, &w->hi[r], &w->c[r]);
    }
    for (size_t j = 0; j < n; j++) {
        if (j == r) {
            NUM_(set)(&w->g[j], &w->zero);
            continue;
        }
        DO(sub, a, &w->lo[j], r < n ? &w->hi[r] : m);
        DO(sub, b, &w->hi[j], r < n ? &w->lo[r] : m);
        DO(exp, a, a);
        DO(exp, b, b);
        DO(sub, width, &w->hi[j], &w->lo[j]);
        DO(add, width, width, spare);
        SBX_TRY(FN(chord_slope)(w, &w->g[j], a, b, width, err));
        DO(sub, past, &w->c[j], &w->lo[j]);
        DO(add, past, past, reach); /* y_j(c) - a_j */
        DO(fma, past, &w->g[j], past, a);
        DO(add, sum, sum, past);
    }
done:
    return st;
}

/* The bounds from lse <= base + log S with pivot r [L-RLX-02] [L-RLX-04] [L-RLX-06]:
 *
 *   lse          U = base + log S                   dU/dx_j = u_j = k_j/S, u_r = 1 - sum of them
 *   log-softmax  L = c_i - U                        dL/dx_j = [j = i] - u_j
 *   softmax      v = e^{c_i - U}                    dv/dx_j = v ([j = i] - u_j)
 *
 * for j = r = i the last bracket is the sum of the other u_j, without cancellation. */
static sbx_status FN(pivoted)(FN(sbx_rlx) * w, NUM *v, size_t r, sbx_err *err)
{
    NUM *const sum = &w->tmp[8], *const base = &w->tmp[9], *const log_sum = &w->tmp[10],
               *const rest = &w->tmp[11];
    const size_t n = w->n, i = w->i;
    sbx_status st = SBX_OK;

    SBX_TRY(FN(chords)(w, r, sum, base, err));
    if (r < n) {
        DO(log1p, log_sum, sum);
        DO(add, sum, sum, &w->one);
    } else {
        DO(log, log_sum, sum);
    }
    NUM_(set)(rest, &w->zero);
    for (size_t j = 0; j < n; j++) {
        DO(div, &w->g[j], &w->g[j], sum);
        DO(add, rest, rest, &w->g[j]);
    }
    if (w->f == SBX_FN_LSE) {
        DO(add, v, base, log_sum);
        if (r < n) DO(sub, &w->g[r], &w->one, rest);
        goto done;
    }
    if (r == i)
        NUM_(set)(v, &w->zero);
    else
        DO(sub, v, &w->c[i], base);
    for (size_t j = 0; j < n; j++)
        if (j != r) DO(neg, &w->g[j], &w->g[j]);
    if (r < n && r != i) DO(sub, &w->g[r], rest, &w->one);
    if (r == i)
        NUM_(set)(&w->g[i], rest);
    else
        DO(add, &w->g[i], &w->g[i], &w->one);
    if (w->f == SBX_FN_LOG_SOFTMAX) {
        DO(sub, v, v, log_sum);
        goto done;
    }
    DO(exp, v, v);
    DO(div, v, v, sum);
    for (size_t j = 0; j < n; j++)
        DO(mul, &w->g[j], v, &w->g[j]);
done:
    return st;
}

/* The side of greatest centre, LSE*'s pivot: the first one that no other provably beats. */
static sbx_status FN(dominant)(FN(sbx_rlx) * w, size_t *k)
{
    NUM *const best = &w->tmp[0], *const sum = &w->tmp[1];
    sbx_status st = SBX_OK;
    *k = 0;
    DO(add, best, &w->lo[0], &w->hi[0]);
    for (size_t j = 1; j < w->n; j++) {
        DO(add, sum, &w->lo[j], &w->hi[j]);
        if (NUM_(lt)(best, sum) != SBX_TRUE) continue;
        NUM_(set)(best, sum);
        *k = j;
    }
done:
    return st;
}

/* log-softmax and lse: the best at c of the pivots none, i and the dominant one,
 * each of which is a bound [L-RLX-10] [L-RLX-11]; w->g is the gradient of that one. */
static sbx_status FN(best_pivot)(FN(sbx_rlx) * w, NUM *v, sbx_err *err)
{
    const bool lse = w->f == SBX_FN_LSE;
    size_t tried[3] = {w->n, w->i, w->i}, best = w->n, last = w->n;
    bool found = false;
    sbx_status st = SBX_OK;
    NUM other;

    NUM_(init)(&other, w->ctx);
    SBX_TRY(FN(dominant)(w, &tried[2]));
    if (lse) tried[1] = tried[2];
    for (size_t j = 0; j < 3; j++) {
        if (j && tried[j] == tried[j - 1]) continue;
        st = FN(pivoted)(w, &other, last = tried[j], err);
        if (st == SBX_ERR_DOMAIN || (st == SBX_OK && !NUM_(is_finite)(&other))) continue;
        SBX_TRY(st);
        if (found && NUM_(lt)(lse ? &other : v, lse ? v : &other) != SBX_TRUE) continue;
        NUM_(set)(v, &other);
        best = last;
        found = true;
    }
    st = found ? SBX_OK : SBX_ERR_DOMAIN;
    if (found && best != last) SBX_TRY(FN(pivoted)(w, v, best, err));
done:
    NUM_(clear)(&other);
    return st;
}

/* What lin needs beside ER's chords: with a_j <= y_j = x_j - x_i <= b_j,
 *
 *   t_j = min(log k_j, a_j + 1), q_lo = 1 + sum e^{t_j} (1 - (t_j - a_j)), q_up = 1 + sum e^{b_j}
 *
 * and the tangents at t_j added up at c, ql = 1 + sum e^{t_j} (1 + (y_j - t_j)).
 *   in   w->g[j] = k_j;  out: e^{t_j} where slopes is false */
static sbx_status FN(lin_parts)(FN(sbx_rlx) * w, NUM *q_lo, NUM *q_up, NUM *ql, bool keep_slopes)
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
        DO(log, past_t, &w->g[j]);
        DO(sub, past_t, past_t, a);
        DO(min, past_t, past_t, &w->one); /* t_j - a_j */
        DO(add, z, a, &w->one);
        DO(exp, z, z);
        DO(min, e_t, z, &w->g[j]); /* e^{t_j} */
        DO(exp, z, b);
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
static sbx_status FN(lin_slopes)(FN(sbx_rlx) * w, const NUM *x, const NUM *y)
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
static sbx_status FN(lin)(FN(sbx_rlx) * w, NUM *v, sbx_end side, sbx_err *err)
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

/* The concave bounds of softmax_i, functions of s = log-softmax_i with the end values
 * p_lo, p_up at s_lo, s_up:
 *
 *   ER   chord of 1/q over q = e^{-s}:  U = p_up - p_lo (e^{s_up - s} - 1), dU/ds = p_lo e^{s_up -
 * s} LSE  chord of e^s:                  U = p_up - k (s_up - s),            dU/ds = k
 *
 * concave in x as s is and U increases with it [L-RLX-03] [L-RLX-05];
 * ds/dx_j = [j = i] - softmax_j. */
static sbx_status FN(upper)(FN(sbx_rlx) * w, NUM *v, sbx_method m, sbx_err *err)
{
    NUM *const gap = &w->tmp[2], *const k = &w->tmp[3], *const rest = &w->tmp[4];
    sbx_status st = SBX_OK;

    DO(sub, gap, &w->s_up, &w->s);
    if (m == SBX_METHOD_ER) {
        DO(exp, k, gap);
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
static sbx_status FN(itself)(FN(sbx_rlx) * w, NUM *v)
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

static sbx_status FN(raw_bound)(FN(sbx_rlx) * w, NUM *v, sbx_method m, sbx_end side, sbx_err *err)
{
    size_t k = w->n;
    sbx_status st = SBX_OK;

    if (w->f != SBX_FN_SOFTMAX)
        return (side == SBX_LO) == (w->f == SBX_FN_LSE) ? FN(itself)(w, v)
                                                        : FN(best_pivot)(w, v, err);
    if (m == SBX_METHOD_LIN) return FN(lin)(w, v, side, err);
    if (side == SBX_HI) return FN(upper)(w, v, m, err);
    if (m == SBX_METHOD_ER) k = w->i;
    if (m == SBX_METHOD_LSE_STAR) SBX_TRY(FN(dominant)(w, &k));
    st = FN(pivoted)(w, v, k, err);
done:
    return st;
}

sbx_status FN(sbx_rlx_bound)(FN(sbx_rlx) * w, NUM *v, sbx_method m, sbx_end side, sbx_err *err)
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
    for (size_t j = 0; j < w->n; j++)
        NUM_(set)(&w->g[j], &w->zero);
done:
    return st;
}

sbx_status FN(sbx_rlx_best)(FN(sbx_rlx) * w, NUM *v, sbx_end side, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM other;

    NUM_(init)(&other, w->ctx);
    NUM_(set)(v, FN(sbx_rlx_range)(w, side));
    for (sbx_method m = SBX_METHOD_LIN; m < SBX_METHOD_AUTO; m++) {
        if (!sbx_rlx_has(w->f, m)) continue;
        SBX_TRY(FN(sbx_rlx_bound)(w, &other, m, side, err));
        if (side == SBX_LO)
            DO(max, v, v, &other);
        else
            DO(min, v, v, &other);
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
    FN(sbx_rlx) space, *const w = &space;
    NUM *const range = &w->tmp[0];
    sbx_status st = SBX_OK;
    NUM v[2];
    const sbx_ctx *const c = ctx ? ctx : &sbx_ctx_default;

    NUM_(init)(&v[0], c);
    NUM_(init)(&v[1], c);
    SBX_TRY(FN(sbx_rlx_open)(w, f, m, i, x, at, n, c, err));
    for (int k = 0; k < 2; k++) {
        const sbx_end side = k ? SBX_HI : SBX_LO;
        if (m == SBX_METHOD_AUTO)
            SBX_TRY(FN(sbx_rlx_best)(w, &v[k], side, err));
        else
            SBX_TRY(FN(sbx_rlx_bound)(w, &v[k], m, side, err));
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
