/* study/gain.c -- how much softmax with given weights can change: 4 max P(S) (1 - P(S)).
 *
 * The weights become whole numbers of sum T, and what is looked for is the largest sum of some of them
 * that is at most T / 2: all sums of one half of the weights and all sums of the other, each sorted,
 * are walked through from opposite ends.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/constants.h"
#include "study/study.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define EXACT_MAX 40
#define LIMBS_MAX 8

/* whole weights, the greatest first; 0 < sum */
typedef struct weights {
    size_t n;
    mpz_t *w, sum;
} weights;

static int falling(const void *a, const void *b)
{
    const mpz_srcptr x = a, y = b;
    return mpz_cmp(y, x);
}

static sbx_status weights_new(weights *z, size_t n, sbx_err *err)
{
    z->w = sbx_alloc(n, sizeof *z->w);
    if (!z->w) return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "no memory");
    z->n = n;
    for (size_t k = 0; k < n; k++)
        mpz_init(z->w[k]);
    return SBX_OK;
}
static void weights_clear(weights *z)
{
    for (size_t k = 0; k < z->n; k++)
        mpz_clear(z->w[k]);
    sbx_free(z->w);
    mpz_clear(z->sum);
}

/* sorted, without those that are 0, with their sum */
static void weights_ready(weights *z)
{
    size_t left = 0;
    qsort(z->w, z->n, sizeof *z->w, falling);
    mpz_set_ui(z->sum, 0);
    for (size_t k = 0; k < z->n; k++) {
        left += mpz_sgn(z->w[k]) > 0;
        mpz_add(z->sum, z->sum, z->w[k]);
    }
    for (size_t k = left; k < z->n; k++)
        mpz_clear(z->w[k]);
    z->n = left;
}

/* ---- all sums, sorted ------------------------------------------------------------------------ */

typedef struct sums {
    mp_limb_t *v, *spare; /* [n limbs] */
    size_t n;
} sums;

static void limbs_of(mp_limb_t *v, size_t limbs, mpz_srcptr w)
{
    for (size_t k = 0; k < limbs; k++)
        v[k] = mpz_getlimbn(w, (mp_size_t)k);
}

/* the sums without w and those with it, merged */
static void take(sums *s, size_t limbs, const mp_limb_t *w)
{
    const size_t n = s->n;
    size_t a = 0, b = 0;
    mp_limb_t with[LIMBS_MAX], *z = s->spare;
    (void)mpn_add_n(with, s->v, w, (mp_size_t)limbs);
    while (a < n || b < n) {
        const bool low =
            b == n || (a < n && mpn_cmp(s->v + a * limbs, with, (mp_size_t)limbs) <= 0);
        memcpy(z, low ? s->v + a * limbs : with, limbs * sizeof *z);
        z += limbs;
        if (low)
            a++;
        else if (++b < n)
            (void)mpn_add_n(with, s->v + b * limbs, w, (mp_size_t)limbs);
    }
    z = s->v;
    s->v = s->spare;
    s->spare = z;
    s->n = 2 * n;
}

static bool all_sums(sums *s, size_t limbs, const mpz_t *w, size_t n, size_t stride)
{
    const size_t some = (n + stride - 1) / stride;
    mp_limb_t one[LIMBS_MAX];
    s->v = sbx_alloc(limbs << some, sizeof *s->v);
    s->spare = sbx_alloc(limbs << some, sizeof *s->spare);
    if (!s->v || !s->spare) return false;
    memset(s->v, 0, limbs * sizeof *s->v);
    s->n = 1;
    for (size_t k = 0; k < n; k += stride) {
        limbs_of(one, limbs, w[k]);
        take(s, limbs, one);
    }
    return true;
}

/* best = the largest sum of some weights that is at most T / 2   [L-STU-11] */
static bool meet(mpz_ptr best, const weights *z, size_t limbs)
{
    sums s[2] = {{NULL, NULL, 0}, {NULL, NULL, 0}};
    mp_limb_t half[LIMBS_MAX], at[LIMBS_MAX], top[LIMBS_MAX] = {0};
    mpz_t t;
    bool ok = all_sums(&s[0], limbs, (const mpz_t *)z->w, z->n, 2) &&
              all_sums(&s[1], limbs, (const mpz_t *)z->w + 1, z->n - 1, 2);
    size_t b;
    mpz_init(t);
    mpz_fdiv_q_2exp(t, z->sum, 1);
    limbs_of(half, limbs, t);
    b = s[1].n;
    for (size_t a = 0; ok && a < s[0].n && b > 0; a++)
        for (; b > 0; b--) {
            (void)mpn_add_n(at, s[0].v + a * limbs, s[1].v + (b - 1) * limbs, (mp_size_t)limbs);
            if (mpn_cmp(at, half, (mp_size_t)limbs) > 0) continue;
            if (mpn_cmp(at, top, (mp_size_t)limbs) > 0) memcpy(top, at, limbs * sizeof *at);
            break;
        }
    if (ok) mpz_import(best, limbs, -1, sizeof *top, 0, 0, top);
    for (int k = 0; k < 2; k++) {
        sbx_free(s[k].v);
        sbx_free(s[k].spare);
    }
    mpz_clear(t);
    return ok;
}

/* the smaller side when each weight goes to the lighter side */
static void spread(mpz_ptr best, const weights *z)
{
    mpz_t side[2];
    mpz_inits(side[0], side[1], (mpz_ptr)0);
    for (size_t k = 0; k < z->n; k++) {
        const int to = mpz_cmp(side[0], side[1]) > 0;
        mpz_add(side[to], side[to], z->w[k]);
    }
    mpz_set(best, side[mpz_cmp(side[0], side[1]) > 0]);
    mpz_clears(side[0], side[1], (mpz_ptr)0);
}

/* z = 4 s (T - s) / T^2 */
static void gain_of(mpq_ptr z, mpz_srcptr s, mpz_srcptr sum)
{
    mpz_sub(mpq_numref(z), sum, s);
    mpz_mul(mpq_numref(z), mpq_numref(z), s);
    mpz_mul_2exp(mpq_numref(z), mpq_numref(z), 2);
    mpz_mul(mpq_denref(z), sum, sum);
    mpq_canonicalize(z);
}

/* [L-STU-11] */
static sbx_status gain(sbx_cell *z, weights *w, sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = 64}, .err = err};
    mpz_t best, t;
    mpz_inits(best, t, (mpz_ptr)0);
    weights_ready(w);
    if (w->n == 0) SBX_FAIL(err, SBX_ERR_ARG, "all weights are 0");
    mpz_mul_2exp(t, w->w[0], 1);
    if (w->n == 1 || mpz_cmp(t, w->sum) >= 0) { /* the greatest has half of the mass or more */
        mpz_set(best, w->w[0]);
    } else if (w->n <= EXACT_MAX && mpz_size(w->sum) <= LIMBS_MAX) {
        if (!meet(best, w, mpz_size(w->sum))) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    } else {
        spread(best, w);
        gain_of(z->lo, best, w->sum);
        z->kind = SBX_CELL_NUMBER;
        mpq_set_ui(z->hi, 1, 1);
        z->exact = z->reached = mpq_equal(z->lo, z->hi) != 0;
        z->how = "bounds that do not meet";
        z->why = NULL;
        goto done;
    }
    gain_of(z->lo, best, w->sum);
    sbx_cell_q(&c, z, z->lo, "closed form: nearest sum to one half");
    st = c.st;
done:
    mpz_clears(best, t, (mpz_ptr)0);
    return st;
}

sbx_status sbx_constant_gain(sbx_cell *z, const mpq_t *p, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    weights w = {.n = 0};
    mpz_t den;
    mpz_init_set_ui(den, 1);
    mpz_init(w.sum);
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "no weights");
    SBX_TRY(weights_new(&w, n, err));
    for (size_t k = 0; k < n; k++) {
        if (mpq_sgn(p[k]) < 0) SBX_FAIL(err, SBX_ERR_ARG, "weight %zu is negative", k + 1);
        mpz_lcm(den, den, mpq_denref(p[k]));
    }
    for (size_t k = 0; k < n; k++) {
        mpz_divexact(w.w[k], den, mpq_denref(p[k]));
        mpz_mul(w.w[k], w.w[k], mpq_numref(p[k]));
    }
    SBX_TRY(gain(z, &w, err));
done:
    weights_clear(&w);
    mpz_clear(den);
    return st;
}

/* ---- of scores ----------------------------------------------------------------------------------- */

/* adds to sum the most that a number of [lo, hi] is from q */
static void add_distance(mpq_ptr sum, mpq_srcptr lo, mpq_srcptr hi, mpq_srcptr q)
{
    mpq_t a, b;
    mpq_inits(a, b, (mpq_ptr)0);
    mpq_sub(a, hi, q);
    mpq_sub(b, q, lo);
    mpq_add(sum, sum, mpq_cmp(a, b) > 0 ? a : b);
    mpq_clears(a, b, (mpq_ptr)0);
}

/* e[k] = e^(x_k - greatest), their sum in t */
static void exponentials(calc *c, sbx_ivf *e, sbx_ivf *t, const mpq_t *x, size_t n)
{
    size_t top = 0;
    mpq_t gap;
    mpq_init(gap);
    for (size_t k = 1; k < n; k++)
        if (mpq_cmp(x[k], x[top]) > 0) top = k;
    calc_si(c, t, 0);
    for (size_t k = 0; k < n; k++) {
        mpq_sub(gap, x[k], x[top]);
        calc_q(c, &e[k], gap);
        calc_exp(c, &e[k], &e[k]);
        calc_add(c, t, t, &e[k]);
    }
    mpq_clear(gap);
}

/* Weights of 60 bits near the true ones; what they miss, sum |p - q| / 2, counts four times
 * [L-STU-12] */
sbx_status sbx_constant_gain_of_scores(sbx_cell *z, const mpq_t *x, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = 160}, .err = err};
    weights w = {.n = 0};
    sbx_ivf *e = NULL, t;
    mpq_t lo, hi, q, miss;
    mpz_t sum;
    mpz_inits(w.sum, sum, (mpz_ptr)0);
    mpq_inits(lo, hi, q, miss, (mpq_ptr)0);
    calc_init(&c, &t, 1);
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "no scores");
    e = sbx_alloc(n, sizeof *e);
    if (!e) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    calc_init(&c, e, n);
    exponentials(&c, e, &t, x, n);
    SBX_TRY(c.st);
    SBX_TRY(weights_new(&w, n, err));
    for (size_t k = 0; k < n; k++) {
        mpfr_t v;
        mpfr_init2(v, 160);
        mpfr_mul_2ui(v, e[k].lo, 60, MPFR_RNDN);
        mpfr_get_z(w.w[k], v, MPFR_RNDN);
        mpz_add(sum, sum, w.w[k]);
        mpfr_clear(v);
        calc_div(&c, &e[k], &e[k], &t);
    }
    for (size_t k = 0; k < n && c.st == SBX_OK; k++) {
        mpq_set_num(q, w.w[k]);
        mpz_set(mpq_denref(q), sum);
        mpq_canonicalize(q);
        c.st = sbx_ivf_get_q(lo, hi, &e[k], err);
        add_distance(miss, lo, hi, q);
    }
    SBX_TRY(c.st);
    SBX_TRY(gain(z, &w, err));
    mpq_mul_2exp(miss, miss, 1);
    mpq_sub(z->lo, z->lo, miss);
    mpq_add(z->hi, z->hi, miss);
    if (mpq_sgn(z->lo) < 0) mpq_set_ui(z->lo, 0, 1);
    if (mpq_cmp_ui(z->hi, 1, 1) > 0) mpq_set_ui(z->hi, 1, 1);
    z->exact = mpq_equal(z->lo, z->hi) != 0;
    if (!sbx_cell_does_not_meet(z)) z->how = "enclosure: nearest sum to one half";
done:
    if (e) calc_clear(e, n);
    sbx_free(e);
    calc_clear(&t, 1);
    weights_clear(&w);
    mpz_clear(sum);
    mpq_clears(lo, hi, q, miss, (mpq_ptr)0);
    return st;
}
