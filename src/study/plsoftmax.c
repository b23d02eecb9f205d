/* study/plsoftmax.c -- PLSoftMax (Epasto, Mahdian, Mirrokni, Zampetakis 2020), delta = 1.
 *
 * Let u_j be the mean of the first j unit vectors. Where all scores are within 1 of the greatest,
 * sorted, the matrix of derivatives takes s to sum_{j >= 2} (s_j - s_1) w_j, w_j = u_j - u_(j-1);
 * the w_j are orthogonal and |w_j|^2 = c_j = 1 / (j (j - 1)). Its transpose takes signs to the
 * differences of their running means. From this [L-NRM-64]:
 *
 *   1 -> q     |e_1 - u_d|_q                  inf -> inf   2 (1 - 1/d)
 *   inf -> 2   2 sqrt(1 - 1/d)                2 -> inf     the first row
 *   2 -> 2     square root of the one root above 1/2 of
 *              1 - 1/d - t + sum_{j=2}^d c_j^2 / (t - c_j)
 *   inf -> 1, 2 -> 1     the best signs are + - + - ... + - and then - alone: d / 2 to try
 *
 * and the expected error is (1 - 1 / (1 + 1/3 + ... + 1/(2d - 1))) / 2 [L-NRM-63].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

static const char closed[] = "closed form";

/* exact sums up to here; beyond it their fractions have thousands of digits */
#define EXACT_MAX 4096

/* a sum of terms, term(j) = num / den, j = from .. to < from + 2^32 */
typedef void term_fn(mpz_ptr num, mpz_ptr den, long j);

/* Partial sums of 1, 2, 4, .. terms wait for their like, as the bits of a counter do. */
static void sum(mpq_ptr v, term_fn *term, long from, long to)
{
    mpq_t part[32], t;
    mpq_init(t);
    for (size_t k = 0; k < 32; k++)
        mpq_init(part[k]);
    for (long j = from; j <= to; j++) {
        size_t k = 0;
        term(mpq_numref(t), mpq_denref(t), j);
        mpq_canonicalize(t);
        for (; (j - from) >> k & 1; k++) {
            mpq_add(t, t, part[k]);
            mpq_set_ui(part[k], 0, 1);
        }
        mpq_set(part[k], t);
    }
    mpq_set_ui(v, 0, 1);
    for (size_t k = 0; k < 32; k++) {
        mpq_add(v, v, part[k]);
        mpq_clear(part[k]);
    }
    mpq_clear(t);
}

static void odd(mpz_ptr num, mpz_ptr den, long j)
{
    mpz_set_ui(num, 1);
    mpz_set_si(den, 2 * j - 1);
}
static void square(mpz_ptr num, mpz_ptr den, long j) /* c_j^2 */
{
    mpz_set_ui(num, 1);
    mpz_set_si(den, j);
    mpz_mul_si(den, den, j - 1);
    mpz_mul(den, den, den);
}

/* the same sum, enclosed */
static void sum_iv(calc *c, sbx_ivf *z, term_fn *term, long from, long to)
{
    mpq_t v;
    sbx_ivf t;
    mpq_init(v);
    calc_init(c, &t, 1);
    calc_si(c, z, 0);
    for (long j = from; j <= to && c->st == SBX_OK; j++) {
        term(mpq_numref(v), mpq_denref(v), j);
        calc_q(c, &t, v);
        calc_add(c, z, z, &t);
    }
    calc_clear(&t, 1);
    mpq_clear(v);
}

static void error(calc *c, sbx_cell *z, long d)
{
    if (d <= EXACT_MAX) {
        mpq_t v, one;
        mpq_inits(v, one, (mpq_ptr)0);
        mpq_set_ui(one, 1, 1);
        sum(v, odd, 1, d);
        mpq_inv(v, v);
        mpq_sub(v, one, v);
        mpq_div_2exp(v, v, 1);
        sbx_cell_q(c, z, v, closed);
        mpq_clears(v, one, (mpq_ptr)0);
    } else {
        sbx_ivf t[2];
        calc_init(c, t, 2);
        sum_iv(c, &t[0], odd, 1, d);
        calc_si(c, &t[1], 1);
        calc_div(c, &t[0], &t[1], &t[0]);
        calc_sub(c, &t[0], &t[1], &t[0]);
        sbx_calc_div_si(c, &t[0], &t[0], 2);
        sbx_cell_iv(c, z, &t[0], closed);
        calc_clear(t, 2);
    }
}

/* ---- 2 -> 2 ------------------------------------------------------------------------------ */

/* -(1 - 1/d - t + sum c_j^2 / (t - c_j)), which rises for t > 1/2 */
static void secular(calc *c, sbx_ivf *z, const sbx_ivf *x, const void *arg)
{
    const long d = *(const long *)arg;
    sbx_ivf t[3];
    calc_init(c, t, 3);
    sbx_calc_ratio(c, &t[2], 1 - d, d);
    calc_add(c, &t[2], &t[2], x);
    for (long j = 2; j <= d && c->st == SBX_OK; j++) { /* c^2 / (t - c) = c / (t / c - 1) */
        calc_si(c, &t[0], j);
        sbx_calc_mul_si(c, &t[0], &t[0], j - 1);
        calc_mul(c, &t[1], x, &t[0]);
        sbx_calc_add_si(c, &t[1], &t[1], -1);
        calc_mul(c, &t[1], &t[1], &t[0]);
        calc_si(c, &t[0], 1);
        calc_div(c, &t[1], &t[0], &t[1]);
        calc_sub(c, &t[2], &t[2], &t[1]);
    }
    if (c->st == SBX_OK) sbx_ivf_set(z, &t[2]);
    calc_clear(t, 3);
}

/* Newton's root of the same, nothing proved */
static void guess(mpfr_ptr x, long d)
{
    mpfr_t f, g, n, t;
    mpfr_inits2(mpfr_get_prec(x), f, g, n, t, (mpfr_ptr)0);
    mpfr_set_d(x, 4.0 / 3.0, MPFR_RNDN);
    for (int k = 0; k < 12; k++) {
        mpfr_set_si(f, d - 1, MPFR_RNDN);
        mpfr_div_si(f, f, d, MPFR_RNDN);
        mpfr_sub(f, f, x, MPFR_RNDN);
        mpfr_set_si(g, -1, MPFR_RNDN);
        for (long j = 2; j <= d; j++) {
            mpfr_set_si(n, j, MPFR_RNDN);
            mpfr_mul_si(n, n, j - 1, MPFR_RNDN);
            mpfr_mul(t, n, x, MPFR_RNDN);
            mpfr_sub_ui(t, t, 1, MPFR_RNDN); /* (t - c) / c */
            mpfr_mul(n, n, t, MPFR_RNDN);
            mpfr_ui_div(n, 1, n, MPFR_RNDN); /* c^2 / (t - c) */
            mpfr_add(f, f, n, MPFR_RNDN);
            mpfr_mul(n, n, n, MPFR_RNDN);
            mpfr_set_si(t, j, MPFR_RNDN);
            mpfr_mul_si(t, t, j - 1, MPFR_RNDN);
            mpfr_mul(n, n, t, MPFR_RNDN);
            mpfr_mul(n, n, t, MPFR_RNDN);
            mpfr_sub(g, g, n, MPFR_RNDN); /* minus c^2 / (t - c)^2 */
        }
        mpfr_div(t, f, g, MPFR_RNDN);
        mpfr_sub(x, x, t, MPFR_RNDN);
        if (mpfr_zero_p(t) || mpfr_get_exp(t) < mpfr_get_exp(x) - mpfr_get_prec(x) + 6) break;
    }
    mpfr_clears(f, g, n, t, (mpfr_ptr)0);
}

/* The root is above 1/2 = c_2 and at most twice the greatest diagonal entry, 2 (1 - 1/d). */
static void spectral(calc *c, sbx_cell *z, long d)
{
    sbx_ivf t[3];
    mpfr_t x;
    if (d == 2) {
        sbx_cell_si(c, z, 1, 1, closed);
        return;
    }
    calc_init(c, t, 3);
    mpfr_init2(x, c->ctx.prec);
    guess(x, d);
    sbx_calc_ratio(c, &t[0], 1, 2);
    calc_si(c, &t[1], 2);
    sbx_calc_root(c, &t[2], secular, &d, &t[0], &t[1], x);
    calc_sqrt(c, &t[2], &t[2]);
    sbx_cell_iv(c, z, &t[2], "enclosed root of a secular equation");
    mpfr_clear(x);
    calc_clear(t, 3);
}

/* ---- inf -> 1, 2 -> 1 ---------------------------------------------------------------------- */

/* With the running sums S_j of the signs, S_1 = 1 and S_d = -m, m of d's parity, the norm (the
 * square of it, for 2 -> 1) is
 *
 *   base - sum_{j=2}^{d-1} S_j^2 fall_j + last(m),   fall_j > 0,
 *
 * so |S_j| should be as small as S_d allows: j mod 2 up to j = d - m, then j - (d - m).
 *
 *   inf -> 1   fall_j = 1 / ((j - 1) j (j + 1))
 *              base = H_d + (1 - 1/d) / 2 + 1/4,  last = m / d - m^2 / (2 d (d - 1))
 *   2 -> 1     fall_j = 2 / (j^2 (j^2 - 1))
 *              base = 3/2 - 1/d,  last = (1 + m / d)^2 - m^2 / (d^2 (d - 1))       [L-NRM-65] */
typedef struct signs {
    long d;
    bool square;
} signs;

static void fall_at(const signs *s, mpq_ptr v, long j)
{
    mpz_set_ui(mpq_numref(v), s->square ? 2 : 1);
    mpz_set_si(mpq_denref(v), j - 1);
    mpz_mul_si(mpq_denref(v), mpq_denref(v), j);
    mpz_mul_si(mpq_denref(v), mpq_denref(v), j + 1);
    if (s->square) mpz_mul_si(mpq_denref(v), mpq_denref(v), j);
    mpq_canonicalize(v);
}

static void ratio(mpq_ptr v, long a, long b)
{
    mpz_set_si(mpq_numref(v), a);
    mpz_set_si(mpq_denref(v), b);
    mpq_canonicalize(v);
}

/* base + last(m), but for H_d */
static void ends_of(const signs *s, mpq_ptr v, long m)
{
    const long d = s->d;
    mpq_t t, w;
    mpq_inits(t, w, (mpq_ptr)0);
    ratio(t, m, d);
    if (s->square) {
        ratio(v, 3 * d - 2, 2 * d);
        ratio(w, d + m, d);
        mpq_mul(w, w, w);
        mpq_add(v, v, w);
        mpq_mul(t, t, t);
        ratio(w, 1, d - 1);
    } else {
        ratio(v, 3 * d - 2, 4 * d);
        mpq_add(v, v, t);
        mpq_mul(t, t, t);
        ratio(w, d, 2 * (d - 1));
    }
    mpq_mul(t, t, w);
    mpq_sub(v, v, t);
    mpq_clears(t, w, (mpq_ptr)0);
}

/* |S_j| of the best signs */
static long level(const signs *s, long m, long j)
{
    const long j0 = s->d - m;
    return j <= j0 ? j % 2 : j - j0;
}

static void value(const signs *s, mpq_ptr v, long m)
{
    mpq_t t, w;
    mpq_inits(t, w, (mpq_ptr)0);
    ends_of(s, v, m);
    for (long j = 2; j < s->d; j++) {
        const long r = level(s, m, j);
        if (r == 0) continue;
        fall_at(s, t, j);
        ratio(w, r, 1);
        mpq_mul(w, w, w);
        mpq_mul(t, t, w);
        mpq_sub(v, v, t);
    }
    for (long j = 1; j <= s->d && !s->square; j++) {
        ratio(t, 1, j);
        mpq_add(v, v, t);
    }
    mpq_clears(t, w, (mpq_ptr)0);
}

static void value_iv(calc *c, const signs *s, sbx_ivf *z, long m)
{
    mpq_t v;
    sbx_ivf t;
    mpq_init(v);
    calc_init(c, &t, 1);
    ends_of(s, v, m);
    calc_q(c, z, v);
    for (long j = 1; j <= s->d && c->st == SBX_OK; j++) {
        const long r = j > 1 && j < s->d ? level(s, m, j) : 0;
        if (r != 0) {
            fall_at(s, v, j);
            calc_q(c, &t, v);
            sbx_calc_mul_si(c, &t, &t, r * r);
            calc_sub(c, z, z, &t);
        }
        if (s->square) continue;
        sbx_calc_ratio(c, &t, 1, j);
        calc_add(c, z, z, &t);
    }
    calc_clear(&t, 1);
    mpq_clear(v);
}

/* value(m + 2) - value(m), whose differences fall as m grows: its sign changes once, from + to -,
 * unless it is - from the start */
static void gain(calc *c, const signs *s, sbx_ivf *z, long m)
{
    const long j0 = s->d - m;
    mpq_t v, w;
    sbx_ivf t;
    mpq_inits(v, w, (mpq_ptr)0);
    calc_init(c, &t, 1);
    ends_of(s, v, m + 2);
    ends_of(s, w, m);
    mpq_sub(v, v, w);
    calc_q(c, z, v);
    for (long j = j0; j < s->d && c->st == SBX_OK; j++) {
        fall_at(s, v, j);
        calc_q(c, &t, v);
        sbx_calc_mul_si(c, &t, &t, 4 * (j - j0 + 1));
        calc_sub(c, z, z, &t);
    }
    calc_clear(&t, 1);
    mpq_clears(v, w, (mpq_ptr)0);
}

/* In doubles: the m after which value falls. Nothing is proved here. */
static long likely(const signs *s)
{
    const double n = (double)s->d;
    double a = 0, b = 0; /* sums of (j - j0 + 1) fall_j and of fall_j over j >= j0 */
    for (long j0 = s->d - 1; j0 >= 4; j0--) {
        const double x = (double)j0, m = n - x;
        b += s->square ? 2 / (x * x * (x * x - 1)) : 1 / ((x - 1) * x * (x + 1));
        a += b;
        if (j0 % 2) continue;
        if ((s->square ? 4 / n + (4 * m + 4) * (n - 2) / (n * n * (n - 1))
                       : 2 / n - (2 * m + 2) / (n * (n - 1))) < 4 * a)
            return s->d - j0;
    }
    return s->d - 2;
}

/* The m in [*from, *to] are to be tried: all of a small d, else three whose neighbours are proved
 * to be worse. */
static void candidates(calc *c, const signs *s, long *from, long *to)
{
    const long first = s->d % 2, end = s->d - 2, m = likely(s);
    sbx_ivf t[3];
    *from = first;
    *to = end;
    if (s->d <= 40) return;
    calc_init(c, t, 3);
    if (m - 4 >= first) {
        gain(c, s, &t[0], first);
        gain(c, s, &t[1], m - 4);
        if (m + 4 <= end) gain(c, s, &t[2], m + 2);
    }
    if (c->st == SBX_OK &&
        !(m - 4 >= first && calc_nonneg(&t[0]) && calc_nonneg(&t[1]) && calc_nonpos(&t[2])))
        c->st = sbx_fail(c->err, SBX_ERR_SOUNDNESS, SBX_HERE, "signs: %ld of %ld is no maximum", m,
                         s->d);
    *from = m - 2;
    *to = m + 2 <= end ? m + 2 : m;
    calc_clear(t, 3);
}

static void by_signs(calc *c, sbx_cell *z, const study_ask *a)
{
    const signs s = {.d = a->d, .square = a->p == SBX_L2};
    long from = 0, to = 0;
    mpq_t v, best;
    sbx_ivf t[2];
    mpq_inits(v, best, (mpq_ptr)0);
    calc_init(c, t, 2);
    candidates(c, &s, &from, &to);
    if (a->d <= EXACT_MAX / 4) {
        for (long m = from; m <= to && c->st == SBX_OK; m += 2) {
            value(&s, v, m);
            if (mpq_cmp(v, best) > 0) mpq_set(best, v);
        }
        if (s.square)
            sbx_cell_sqrt(c, z, best, closed);
        else
            sbx_cell_q(c, z, best, closed);
    } else {
        for (long m = from; m <= to && c->st == SBX_OK; m += 2) {
            value_iv(c, &s, &t[0], m);
            calc_max(c, &t[1], &t[0], &t[1]);
        }
        if (s.square) calc_sqrt(c, &t[1], &t[1]);
        sbx_cell_iv(c, z, &t[1], closed);
    }
    calc_clear(t, 2);
    mpq_clears(v, best, (mpq_ptr)0);
}

/* the first row, 2 -> inf: (1 - 1/d)^2 + sum c_j^2 */
static void row(calc *c, sbx_cell *z, long d)
{
    mpq_t v, w;
    mpq_inits(v, w, (mpq_ptr)0);
    ratio(w, d - 1, d);
    mpq_mul(w, w, w);
    if (d <= EXACT_MAX) {
        sum(v, square, 2, d);
        mpq_add(v, v, w);
        sbx_cell_sqrt(c, z, v, closed);
    } else {
        sbx_ivf t[2];
        calc_init(c, t, 2);
        sum_iv(c, &t[0], square, 2, d);
        calc_q(c, &t[1], w);
        calc_add(c, &t[0], &t[0], &t[1]);
        calc_sqrt(c, &t[0], &t[0]);
        sbx_cell_iv(c, z, &t[0], closed);
        calc_clear(t, 2);
    }
    mpq_clears(v, w, (mpq_ptr)0);
}

static void lipschitz(calc *c, sbx_cell *z, const study_ask *a)
{
    const long d = a->d, n = d - 1;
    if (a->p == SBX_L1 && a->q == SBX_L2)
        sbx_cell_sqrt_si(c, z, n, d, closed);
    else if (a->p == SBX_L1 && a->q == SBX_LINF)
        sbx_cell_si(c, z, n, d, closed);
    else if (a->p == a->q && a->p != SBX_L2)
        sbx_cell_si(c, z, 2 * n, d, closed);
    else if (a->p == SBX_LINF && a->q == SBX_L2)
        sbx_cell_sqrt_si(c, z, 4 * n, d, closed);
    else if (a->p == SBX_L2 && a->q == SBX_L2)
        spectral(c, z, d);
    else if (a->p == SBX_L2 && a->q == SBX_LINF)
        row(c, z, d);
    else
        by_signs(c, z, a);
}

void sbx_study_plsoftmax(calc *c, sbx_cell *z, const study_ask *a)
{
    if (a->quantity == SBX_EXPECTED_ERROR)
        error(c, z, a->d);
    else if (a->quantity == SBX_LIPSCHITZ && a->d > 1)
        lipschitz(c, z, a);
    else if (a->quantity == SBX_FROBENIUS) /* a trace [L-NRM-82] */
        sbx_cell_sqrt_si(c, z, 2 * (a->d - 1), a->d, closed);
    else
        sbx_study_sparsemax(c, z, a);
}
