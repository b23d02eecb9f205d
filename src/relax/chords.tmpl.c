/* relax/chords.tmpl.c -- template: the bounds from chords of exp, relative to a pivot.
 *
 * Compiled only through relax/softmax.c, after relax/point.tmpl.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "relax/point.tmpl.c"
#endif

/* z becomes z n x, two enclosures of one number */
static sbx_status FN(meet)(SPACE *w, NUM *z, const NUM *x, sbx_err *err)
{
    sbx_status st = NUM_(intersect)(z, z, x, w->ctx, NULL);
    if (st == SBX_ERR_DOMAIN) SBX_FAIL(err, SBX_ERR_SOUNDNESS, "disjoint enclosures of one number");
done:
    return st;
}

/* The slope of the chord of exp over [a, b], b - a = width, enclosed:
 *
 *   (e^b - e^a)/(b - a) = e^b (1 - e^{-width})/width
 *
 * does not overflow where e^b does not, and is in [e^a, e^b]; a width that is not
 * provably positive leaves that alone. [L-RLX-01] [L-RLX-22]
 *   in  lo, hi  enclosures of e^a, e^b */
static sbx_status FN(chord_slope)(SPACE *w, NUM *k, const NUM *lo, const NUM *hi, const NUM *width,
                                  sbx_err *err)
{
    NUM *const mean = &w->tmp[1];
    sbx_status st = SBX_OK;

    DO(hull, mean, lo, hi);
    if (NUM_(lt)(&w->zero, width) == SBX_TRUE) {
        SBX_TRY(FN(decay)(k, width, w->ctx, NULL));
        DO(mul, k, k, hi);
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
static sbx_status FN(chords)(SPACE *w, size_t r, NUM *sum, NUM *base, sbx_err *err)
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
        EXP(a, a);
        EXP(b, b);
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
static sbx_status FN(pivoted)(SPACE *w, NUM *v, size_t r, sbx_err *err)
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
        SBX_TRY(FN(log)(log_sum, sum, w->ctx, NULL));
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
    EXP(v, v);
    DO(div, v, v, sum);
    for (size_t j = 0; j < n; j++)
        DO(mul, &w->g[j], v, &w->g[j]);
done:
    return st;
}

/* The side of greatest centre, LSE*'s pivot: the first one that no other provably beats. */
static sbx_status FN(dominant)(SPACE *w, size_t *k)
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
 * each of which is a bound [L-RLX-10] [L-RLX-11] [L-RLX-21]. *v and w->g are the value and
 * gradient of one that no other provably beats; w->best encloses the best value. */
static sbx_status FN(best_pivot)(SPACE *w, NUM *v, sbx_err *err)
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
        if (!found)
            NUM_(set)(&w->best, &other);
        else if (lse)
            DO(min, &w->best, &w->best, &other);
        else
            DO(max, &w->best, &w->best, &other);
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
