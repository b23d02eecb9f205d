/* study/separate.c -- does attention with these weights tell the two data sets of Deng, Song and
 * Zhou ("Superiority of Softmax", arXiv 2310.11685) apart, and with which probability over its
 * random signs?
 *
 * A = sqrt(log n) [a e_j3 | b [I; ..; I] | c 1], n rows, d columns, b + c = 1, n = (d - 2) t. The
 * score of two rows is the product of their sums, so a query sees one score above n - 1 equal
 * ones: (1 + a) L above L, and the query j3 (1 + a)^2 L above (1 + a) L, L = log n. With the
 * weight w on that row, a neuron with signs s fires when
 *
 *   w a s_1 + b (w + (1 - w) (t - 1) / (n - 1)) s_k + b (1 - w) t / (n - 1) S + c s_d > c + 1/10,
 *
 * S the sum of the d - 3 other signs: when S is above a threshold, for each of the eight s_1, s_k,
 * s_d. The thresholds of all queries and networks count the same S, so probabilities of what they
 * do together are sums of binomials, exactly [L-NRM-78].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "study/study.h"

#include <string.h>

/* the weight of one score hi above n - 1 equal scores lo */
typedef void weigh_fn(calc *c, sbx_ivf *z, long n, const sbx_ivf *lo, const sbx_ivf *hi);

/* v / (v + n - 1) */
static void share(calc *c, sbx_ivf *z, long n, const sbx_ivf *v)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_si(c, &t, n - 1);
    calc_div(c, &t, &t, v);
    sbx_calc_add_si(c, &t, &t, 1);
    calc_si(c, z, 1);
    calc_div(c, z, z, &t);
    calc_clear(&t, 1);
}

static void weigh_softmax(calc *c, sbx_ivf *z, long n, const sbx_ivf *lo, const sbx_ivf *hi)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_sub(c, &t, hi, lo);
    calc_exp(c, &t, &t);
    share(c, z, n, &t);
    calc_clear(&t, 1);
}
static void weigh_ssmax(calc *c, sbx_ivf *z, long n, const sbx_ivf *lo, const sbx_ivf *hi)
{
    sbx_ivf t[2];
    calc_init(c, t, 2);
    calc_sub(c, &t[0], hi, lo);
    calc_si(c, &t[1], n);
    calc_log(c, &t[1], &t[1]);
    calc_mul(c, &t[0], &t[0], &t[1]);
    calc_exp(c, &t[0], &t[0]);
    share(c, z, n, &t[0]);
    calc_clear(t, 2);
}
static void weigh_linear(calc *c, sbx_ivf *z, long n, const sbx_ivf *lo, const sbx_ivf *hi)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_div(c, &t, hi, lo);
    share(c, z, n, &t);
    calc_clear(&t, 1);
}
/* sparsemax and PLSoftMax agree on two levels: 1/n + (1 - 1/n) min(gap, 1) */
static void weigh_sparse(calc *c, sbx_ivf *z, long n, const sbx_ivf *lo, const sbx_ivf *hi)
{
    sbx_ivf t[2];
    calc_init(c, t, 2);
    calc_sub(c, &t[0], hi, lo);
    calc_si(c, &t[1], 1);
    calc_min(c, &t[0], &t[0], &t[1]);
    sbx_calc_ratio(c, &t[1], n - 1, n);
    calc_mul(c, &t[0], &t[0], &t[1]);
    sbx_calc_ratio(c, &t[1], 1, n);
    calc_add(c, &t[0], &t[0], &t[1]);
    calc_si(c, &t[1], 1);
    calc_min(c, z, &t[0], &t[1]);
    calc_clear(t, 2);
}
static void weigh_hardmax(calc *c, sbx_ivf *z, long n, const sbx_ivf *lo, const sbx_ivf *hi)
{
    (void)n;
    (void)lo;
    (void)hi;
    calc_si(c, z, 1);
}
/* (1 - (1 - r)^n) / (n r), r = e^-gap */
static void weigh_flip(calc *c, sbx_ivf *z, long n, const sbx_ivf *lo, const sbx_ivf *hi)
{
    sbx_ivf t[2];
    calc_init(c, t, 2);
    calc_sub(c, &t[0], lo, hi);
    calc_exp(c, &t[0], &t[0]);
    calc_neg(c, &t[1], &t[0]);
    calc_log1p(c, &t[1], &t[1]);
    sbx_calc_mul_si(c, &t[1], &t[1], n);
    calc_expm1(c, &t[1], &t[1]);
    calc_neg(c, &t[1], &t[1]);
    sbx_calc_mul_si(c, &t[0], &t[0], n);
    calc_div(c, z, &t[1], &t[0]);
    calc_clear(t, 2);
}
/* (1 + gap)^2 against 1 */
static void weigh_rational(calc *c, sbx_ivf *z, long n, const sbx_ivf *lo, const sbx_ivf *hi)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_sub(c, &t, hi, lo);
    sbx_calc_add_si(c, &t, &t, 1);
    calc_sqr(c, &t, &t);
    share(c, z, n, &t);
    calc_clear(&t, 1);
}
static void weigh_square(calc *c, sbx_ivf *z, long n, const sbx_ivf *lo, const sbx_ivf *hi)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_div(c, &t, hi, lo);
    calc_sqr(c, &t, &t);
    share(c, z, n, &t);
    calc_clear(&t, 1);
}
/* 1 + x + x^2 / 2 */
static void weigh_taylor(calc *c, sbx_ivf *z, long n, const sbx_ivf *lo, const sbx_ivf *hi)
{
    sbx_ivf t[2];
    calc_init(c, t, 2);
    for (int k = 0; k < 2; k++) {
        sbx_calc_add_si(c, &t[k], k ? lo : hi, 1);
        calc_sqr(c, &t[k], &t[k]);
        sbx_calc_add_si(c, &t[k], &t[k], 1);
    }
    calc_div(c, &t[0], &t[0], &t[1]);
    share(c, z, n, &t[0]);
    calc_clear(t, 2);
}
/* x^2 / (1 + x^2), expressive attention */
static void weigh_expressive(calc *c, sbx_ivf *z, long n, const sbx_ivf *lo, const sbx_ivf *hi)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    for (int k = 0; k < 2; k++) {
        calc_sqr(c, &t[k], k ? lo : hi);
        sbx_calc_add_si(c, &t[2], &t[k], 1);
        calc_div(c, &t[k], &t[k], &t[2]);
    }
    calc_div(c, &t[0], &t[0], &t[1]);
    share(c, z, n, &t[0]);
    calc_clear(t, 3);
}

static const struct {
    const char *name;
    weigh_fn *weigh;
} weights[] = {{"softmax", weigh_softmax},   {"ssmax", weigh_ssmax},
               {"sparsemax", weigh_sparse},  {"plsoftmax", weigh_sparse},
               {"hardmax", weigh_hardmax},   {"permute-and-flip", weigh_flip},
               {"rational", weigh_rational}, {"power-softmax", weigh_square},
               {"taylor", weigh_taylor},     {"expressive", weigh_expressive},
               {"linear", weigh_linear}};
#define WEIGHTS (sizeof weights / sizeof *weights)

const char *sbx_study_separable(size_t k) { return k < WEIGHTS ? weights[k].name : NULL; }

static weigh_fn *find(const char *name)
{
    for (size_t k = 0; k < WEIGHTS; k++)
        if (strcmp(weights[k].name, name) == 0) return weights[k].weigh;
    return NULL;
}

/* the weights of a network: that of the query j3 (self) or of another one */
static void weight(calc *c, sbx_ivf *z, weigh_fn *f, long n, mpq_srcptr a, bool self)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    calc_si(c, &t[0], n);
    calc_log(c, &t[0], &t[0]);
    calc_q(c, &t[2], a);
    sbx_calc_add_si(c, &t[2], &t[2], 1);
    if (self) calc_mul(c, &t[0], &t[0], &t[2]);
    calc_mul(c, &t[1], &t[0], &t[2]);
    f(c, z, n, &t[0], &t[1]);
    calc_clear(t, 3);
}

/* ---- counting ------------------------------------------------------------------------------ */

typedef struct counts {
    long few[8], many[8]; /* how many values of S are above the threshold, from below and above */
} counts;

/* the number of k in 0 .. N with N - 2 k > v: ceil((N - v) / 2) */
static long above(long others, mpq_srcptr v)
{
    long n;
    mpq_t t;
    mpz_t k;
    mpq_init(t);
    mpz_init(k);
    mpq_set_si(t, others, 1);
    mpq_sub(t, t, v);
    mpq_div_2exp(t, t, 1);
    mpz_cdiv_q(k, mpq_numref(t), mpq_denref(t));
    n = mpz_sgn(k) <= 0 ? 0 : mpz_cmp_si(k, others + 1) >= 0 ? others + 1 : mpz_get_si(k);
    mpz_clear(k);
    mpq_clear(t);
    return n;
}

/* The threshold of S for the weight w, a rational, and the signs in bits; above() of it. */
static long count(const sbx_separation_ask *q, mpq_srcptr a, mpq_srcptr w, unsigned bits)
{
    const long n = (long)q->n, t = n / ((long)q->d - 2), others = (long)q->d - 3;
    mpq_t num, den, v, c, rest;
    long k;
    mpq_inits(num, den, v, c, rest, (mpq_ptr)0);
    mpq_set_ui(rest, 1, 1);
    mpq_sub(c, rest, q->b);
    mpq_sub(rest, rest, w); /* 1 - w */
    mpq_set_si(num, 1, 10);
    mpq_add(num, num, c);
    mpq_mul(v, w, a);
    if (bits & 1)
        mpq_sub(num, num, v);
    else
        mpq_add(num, num, v);
    mpq_set_si(v, t - 1, (unsigned long)(n - 1));
    mpq_canonicalize(v);
    mpq_mul(v, v, rest);
    mpq_add(v, v, w);
    mpq_mul(v, v, q->b);
    if (bits & 2)
        mpq_sub(num, num, v);
    else
        mpq_add(num, num, v);
    if (bits & 4)
        mpq_sub(num, num, c);
    else
        mpq_add(num, num, c);
    mpq_set_si(den, t, (unsigned long)(n - 1));
    mpq_canonicalize(den);
    mpq_mul(den, den, rest);
    mpq_mul(den, den, q->b);
    if (mpq_sgn(den) <= 0) { /* S has no part: all or nothing */
        k = mpq_sgn(num) < 0 ? others + 1 : 0;
    } else {
        mpq_div(v, num, den);
        k = above(others, v);
    }
    mpq_clears(num, den, v, c, rest, (mpq_ptr)0);
    return k;
}

/* The threshold is a quotient of affine functions of w, so monotone in w between its poles (there
 * is none in [0, 1)): its extremes are at the ends. Adds the firing of one query to z. */
static sbx_status fire(counts *z, const sbx_separation_ask *q, mpq_srcptr a, weigh_fn *f, bool self,
                       calc *c)
{
    mpq_t lo, hi, one;
    sbx_ivf w;
    mpq_inits(lo, hi, one, (mpq_ptr)0);
    mpq_set_ui(one, 1, 1);
    calc_init(c, &w, 1);
    weight(c, &w, f, (long)q->n, a, self);
    if (c->st == SBX_OK) c->st = sbx_ivf_get_q(lo, hi, &w, c->err);
    if (f == weigh_linear && c->st == SBX_OK) { /* a rational */
        mpq_set_si(lo, (long)q->n - 1, 1);
        mpq_add(hi, a, one);
        mpq_add(lo, lo, hi);
        mpq_div(lo, hi, lo);
        mpq_set(hi, lo);
    }
    if (mpq_cmp(hi, one) > 0) mpq_set(hi, one);
    for (unsigned bits = 0; bits < 8 && c->st == SBX_OK; bits++) {
        const long k = count(q, a, lo, bits), j = count(q, a, hi, bits);
        const long few = k < j ? k : j, many = k < j ? j : k;
        if (few > z->few[bits]) z->few[bits] = few;
        if (many > z->many[bits]) z->many[bits] = many;
    }
    calc_clear(&w, 1);
    mpq_clears(lo, hi, one, (mpq_ptr)0);
    return c->st;
}

static void join(counts *z, const counts *x)
{
    for (int k = 0; k < 8; k++) {
        if (x->few[k] > z->few[k]) z->few[k] = x->few[k];
        if (x->many[k] > z->many[k]) z->many[k] = x->many[k];
    }
}
static bool decided(const counts *x)
{
    for (int k = 0; k < 8; k++)
        if (x->few[k] != x->many[k]) return false;
    return true;
}

/* (sum over the signs of sum_{k < count} C(N, k)) / 2^(N + 3) */
static void probability(mpq_ptr v, const counts *x, long others)
{
    mpz_t binomial, sum;
    mpz_inits(binomial, sum, (mpz_ptr)0);
    mpz_set_ui(binomial, 1);
    mpz_set_ui(mpq_numref(v), 0);
    for (long k = 0; k <= others; k++) { /* sum: how many of the eight count k, times C(N, k) */
        unsigned long times = 0;
        for (int j = 0; j < 8; j++)
            times += x->few[j] > k;
        mpz_addmul_ui(mpq_numref(v), binomial, times);
        mpz_mul_si(binomial, binomial, others - k);
        mpz_divexact_ui(binomial, binomial, (unsigned long)k + 1);
    }
    mpz_set_ui(mpq_denref(v), 1);
    mpz_mul_2exp(mpq_denref(v), mpq_denref(v), (mp_bitcnt_t)(others + 3));
    mpq_canonicalize(v);
    mpz_clears(binomial, sum, (mpz_ptr)0);
}

static void power(mpq_ptr v, unsigned long m)
{
    mpz_pow_ui(mpq_numref(v), mpq_numref(v), m);
    mpz_pow_ui(mpq_denref(v), mpq_denref(v), m);
}

void sbx_separation_init(sbx_separation *z)
{
    memset(z, 0, sizeof *z);
    mpq_inits(z->p0, z->p1, z->linear, z->success, z->product, (mpq_ptr)0);
}
void sbx_separation_clear(sbx_separation *z)
{
    mpq_clears(z->p0, z->p1, z->linear, z->success, z->product, (mpq_ptr)0);
}

/* success: no neuron fires where none may (g^m), minus that none fires at all (h^m) */
static void combine(sbx_separation *z, const counts x[3], const sbx_separation_ask *q)
{
    const long others = (long)q->d - 3;
    counts silent = x[0], all;
    mpq_t one, t, u;
    mpq_inits(one, t, u, (mpq_ptr)0);
    mpq_set_ui(one, 1, 1);
    join(&silent, &x[2]);
    all = silent;
    join(&all, &x[1]);
    probability(z->p0, &x[0], others);
    probability(z->p1, &x[1], others);
    probability(z->linear, &x[2], others);
    probability(t, &silent, others);
    mpq_sub(t, one, t);
    power(t, q->m);
    probability(u, &all, others);
    mpq_sub(u, one, u);
    power(u, q->m);
    mpq_sub(z->success, t, u);
    mpq_sub(t, one, z->p1); /* (1 - (1 - p1)^m) (1 - p0)^m */
    power(t, q->m);
    mpq_sub(t, one, t);
    mpq_sub(u, one, z->p0);
    power(u, q->m);
    mpq_mul(z->product, t, u);
    mpq_clears(one, t, u, (mpq_ptr)0);
}

static sbx_status check(const sbx_separation_ask *q, weigh_fn *f, const char *name, sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpq_t c;
    mpq_init(c);
    mpq_set_ui(c, 1, 1);
    mpq_sub(c, c, q->b);
    if (!f) SBX_FAIL(err, SBX_ERR_PARSE, "the weights of '%s' on two levels are not known", name);
    if (q->d < 4 || q->d > 100000 || q->n < 2 || q->n > 1000000000 || q->n % (q->d - 2) != 0)
        SBX_FAIL(err, SBX_ERR_ARG, "n must be a multiple of d - 2, d >= 4");
    if (mpq_sgn(q->b) <= 0 || mpq_sgn(c) <= 0 || mpq_sgn(q->a0) < 0 || mpq_sgn(q->a1) < 0)
        SBX_FAIL(err, SBX_ERR_ARG, "a0, a1 >= 0 and 0 < b < 1 are needed");
    if (q->m < 1 || q->m > 10000) SBX_FAIL(err, SBX_ERR_ARG, "1 to 10000 neurons");
done:
    mpq_clear(c);
    return st;
}

sbx_status sbx_study_separate(sbx_separation *z, const char *normalizer,
                              const sbx_separation_ask *q, sbx_err *err)
{
    sbx_status st = SBX_OK;
    weigh_fn *f = find(normalizer);
    calc c = {.ctx = sbx_ctx_default, .err = err};
    SBX_TRY(check(q, f, normalizer, err));
    for (c.ctx.prec = 128;; c.ctx.prec *= 2) {
        counts x[3];
        memset(x, 0, sizeof x);
        for (int self = 0; self < 2; self++) {
            SBX_TRY(fire(&x[0], q, q->a0, f, self, &c));
            SBX_TRY(fire(&x[1], q, q->a1, f, self, &c));
            SBX_TRY(fire(&x[2], q, q->a0, weigh_linear, self, &c));
            SBX_TRY(fire(&x[2], q, q->a1, weigh_linear, self, &c));
        }
        if (decided(&x[0]) && decided(&x[1]) && decided(&x[2])) {
            combine(z, x, q);
            break;
        }
        if (c.ctx.prec > 4096)
            SBX_FAIL(err, SBX_ERR_LIMIT,
                     "a threshold is so near to a whole number that no "
                     "precision tried tells them apart");
    }
done:
    return st;
}

/* ---- where the weight of the query j3 passes one half --------------------------------------- */

typedef struct half {
    weigh_fn *weigh;
    long n;
} half;

static void half_of(calc *c, sbx_ivf *z, const sbx_ivf *a, const void *arg)
{
    const half *h = arg;
    sbx_ivf t[3];
    calc_init(c, t, 3);
    calc_si(c, &t[0], h->n);
    calc_log(c, &t[0], &t[0]);
    sbx_calc_add_si(c, &t[2], a, 1);
    calc_mul(c, &t[0], &t[0], &t[2]);
    calc_mul(c, &t[1], &t[0], &t[2]);
    h->weigh(c, &t[2], h->n, &t[0], &t[1]);
    sbx_calc_ratio(c, &t[0], 1, 2);
    calc_sub(c, z, &t[2], &t[0]);
    calc_clear(t, 3);
}

sbx_status sbx_study_half_weight(sbx_cell *z, const char *normalizer, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    half h = {.weigh = find(normalizer), .n = (long)n};
    calc c = {.ctx = {.prec = 128}, .tol = 0x1p-50, .err = err};
    sbx_ivf t[4];
    calc_init(&c, t, 4);
    if (!h.weigh)
        SBX_FAIL(err, SBX_ERR_PARSE, "the weights of '%s' on two levels are not known", normalizer);
    if (n < 3 || n > 1000000000) SBX_FAIL(err, SBX_ERR_ARG, "n from 3 to 1e9");
    sbx_calc_ratio(&c, &t[0], 1, 1024);
    calc_si(&c, &t[1], 1024);
    half_of(&c, &t[2], &t[0], &h);
    half_of(&c, &t[3], &t[1], &h);
    SBX_TRY(c.st);
    if (!calc_nonneg(&t[3])) {
        sbx_cell_none(z, "not below 1024");
    } else if (!calc_nonpos(&t[2])) {
        sbx_cell_none(z, "not above 1/1024");
    } else {
        sbx_calc_root(&c, &t[2], half_of, &h, &t[0], &t[1], NULL);
        sbx_cell_iv(&c, z, &t[2], "enclosed root");
        z->reached = true;
        st = c.st;
    }
done:
    calc_clear(t, 4);
    return st;
}
