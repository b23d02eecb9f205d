/* test_normalizers_exact.c -- what each normalizer is by its definition, judged apart from the
 * library: optimality conditions and sums in exact rationals written here, or MPFR at 300 bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <math.h>

#include "reference.h"
#include "softbox/norm.h"

static const sbx_ctx bits300 = {.prec = 300};
static size_t below(uint64_t *s, size_t n) { return (size_t)(sbx_rng(s) % n); }

/* ---- rationals ---------------------------------------------------------------------- */

#define MAX 16
typedef struct rats {
    size_t n;
    sbx_mpq v[MAX];
} rats;
static void rats_init(rats *r, size_t n)
{
    r->n = n;
    for (size_t j = 0; j < MAX; j++)
        sbx_mpq_init(&r->v[j], NULL);
}
static void rats_clear(rats *r)
{
    for (size_t j = 0; j < MAX; j++)
        sbx_mpq_clear(&r->v[j]);
}
/* numbers num/den with num in -span .. span, ties now and then */
static void rats_random(rats *r, uint64_t *s, size_t n, long span, unsigned long den)
{
    r->n = n;
    for (size_t j = 0; j < n; j++) {
        mpq_set_si(r->v[j].v, (long)below(s, (size_t)(2 * span + 1)) - span, den);
        mpq_canonicalize(r->v[j].v);
        if (j && below(s, 5) == 0) mpq_set(r->v[j].v, r->v[j - 1].v);
    }
}
/* "1/3,-2,0.5" */
static void rats_read(rats *r, const char *text)
{
    for (r->n = 0; *text; r->n++) {
        const size_t len = strcspn(text, ",");
        assert_ok(sbx_q_read(r->v[r->n].v, text, len, err));
        text += len + (text[len] == ',');
    }
}
static void eval(rats *p, const char *norm, const rats *x)
{
    sbx_norm_args a;
    assert_ok(sbx_norm_read(&a, norm, err));
    p->n = sbx_norm_outputs(&a, x->n);
    assert_ok(sbx_norm_eval_mpq(p->v, &a, x->v, x->n, NULL, err));
    sbx_norm_args_clear(&a);
}
static void is_exactly(const rats *p, const char *want)
{
    rats w;
    rats_init(&w, 0);
    rats_read(&w, want);
    assert_int_equal(w.n, p->n);
    for (size_t i = 0; i < p->n; i++)
        if (!mpq_equal(w.v[i].v, p->v[i].v)) {
            char *t = mpq_get_str(NULL, 10, p->v[i].v);
            fail_msg("output %zu is %s; wanted %s", i, t, want);
        }
    rats_clear(&w);
}

/* ---- sparsemax ---------------------------------------------------------------------- */

/* The conditions of the nearest point, which determine it: p >= 0, sum 1, y_i - p_i the same where p_i > 0 and
 * no less than y_i where p_i = 0. [L-NRM-07] */
static void sparsemax_is_the_projection(void **state)
{
    (void)state;
    uint64_t s = test_seed();
    rats x, p;
    mpq_t sum, tau, d, delta;
    rats_init(&x, 0);
    rats_init(&p, 0);
    mpq_inits(sum, tau, d, delta, NULL);
    for (long r = 0; r < test_rounds(400); r++) {
        static const char *const names[] = {"sparsemax", "sparsemax:delta=5/2",
                                            "sparsemax:delta=1/7"};
        static const char *const deltas[] = {"1", "5/2", "1/7"};
        const size_t k = below(&s, 3);
        bool seen = false;
        rats_random(&x, &s, 1 + below(&s, 9), 40, 12);
        eval(&p, names[k], &x);
        mpq_set_str(delta, deltas[k], 10);
        mpq_set_si(sum, 0, 1);
        for (size_t i = 0; i < x.n; i++) {
            assert_true(mpq_sgn(p.v[i].v) >= 0);
            mpq_add(sum, sum, p.v[i].v);
            if (!mpq_sgn(p.v[i].v)) continue;
            mpq_div(d, x.v[i].v, delta);
            mpq_sub(d, d, p.v[i].v);
            if (seen) assert_true(mpq_equal(d, tau));
            mpq_set(tau, d);
            seen = true;
        }
        assert_true(seen && mpq_cmp_si(sum, 1, 1) == 0);
        for (size_t i = 0; i < x.n; i++) {
            mpq_div(d, x.v[i].v, delta);
            if (!mpq_sgn(p.v[i].v)) assert_true(mpq_cmp(d, tau) <= 0);
        }
    }
    mpq_clears(sum, tau, d, delta, NULL);
    rats_clear(&x);
    rats_clear(&p);
}

/* ---- PLSoftMax ------------------------------------------------------------------------ */

/* The integral of its definition: between neighbouring gaps the set { i : x_i >= max - t } stays the
 * same, so the mean is a finite sum. [L-NRM-12] */
static void plsoftmax_is_the_mean(void **state)
{
    (void)state;
    uint64_t s = test_seed();
    rats x, p, w;
    mpq_t top, delta, from, to, t, part;
    rats_init(&x, 0);
    rats_init(&p, 0);
    rats_init(&w, 0);
    mpq_inits(top, delta, from, to, t, part, NULL);
    mpq_set_si(delta, 3, 2);
    for (long r = 0; r < test_rounds(300); r++) {
        rats_random(&x, &s, 1 + below(&s, 8), 30, 12);
        eval(&p, "plsoftmax:delta=3/2", &x);
        mpq_set(top, x.v[0].v);
        for (size_t i = 0; i < x.n; i++) {
            if (mpq_cmp(x.v[i].v, top) > 0) mpq_set(top, x.v[i].v);
            mpq_set_si(w.v[i].v, 0, 1);
        }
        mpq_set_si(from, 0, 1);
        while (mpq_cmp(from, delta) < 0) { /* the piece [from, to) */
            unsigned long in = 0;
            mpq_set(to, delta);
            for (size_t i = 0; i < x.n; i++) {
                mpq_sub(t, top, x.v[i].v);
                if (mpq_cmp(t, from) > 0 && mpq_cmp(t, to) < 0) mpq_set(to, t);
                in += mpq_cmp(t, from) <= 0;
            }
            mpq_sub(part, to, from);
            mpq_div(part, part, delta);
            mpq_set_ui(t, in, 1);
            mpq_div(part, part, t);
            for (size_t i = 0; i < x.n; i++) {
                mpq_sub(t, top, x.v[i].v);
                if (mpq_cmp(t, from) <= 0) mpq_add(w.v[i].v, w.v[i].v, part);
            }
            mpq_set(from, to);
        }
        for (size_t i = 0; i < x.n; i++)
            assert_true(mpq_equal(w.v[i].v, p.v[i].v));
    }
    mpq_clears(top, delta, from, to, t, part, NULL);
    rats_clear(&x);
    rats_clear(&p);
    rats_clear(&w);
}

/* The matrix of a cell, SM(4) of the source. [L-NRM-13] */
static void plsoftmax_matrix(void **state)
{
    (void)state;
    static const char *const sm4 =
        "3/4,-1/2,-1/6,-1/12,-1/4,1/2,-1/6,-1/12,-1/4,0,1/3,-1/12,-1/4,0,0,1/4";
    rats x, j, w;
    sbx_norm_args a;
    rats_init(&x, 0);
    rats_init(&j, 16);
    rats_init(&w, 0);
    rats_read(&x, "1,3/4,1/2,1/4");
    rats_read(&w, sm4);
    assert_ok(sbx_norm_read(&a, "plsoftmax", err));
    assert_ok(sbx_norm_jacobian_mpq(j.v, &a, x.v, 4, NULL, err));
    for (size_t i = 0; i < 16; i++)
        assert_true(mpq_equal(j.v[i].v, w.v[i].v));
    sbx_norm_args_clear(&a);
    rats_clear(&x);
    rats_clear(&j);
    rats_clear(&w);
}

/* ---- against MPFR --------------------------------------------------------------------- */

typedef void truth_fn(mpfr_t *p, const double *x, size_t n);

static bool positive_points; /* scores above 0 alone */

/* 300-bit enclosures of the row hold what truth computes apart, to 2^-200 */
static void agrees(const char *norm, truth_fn *truth)
{
    const long rounds = strstr(norm, "entmax") ? 6 : 40;
    uint64_t s = test_seed();
    for (long r = 0; r < test_rounds(rounds); r++) {
        const size_t n = 1 + below(&s, 8);
        double x[MAX];
        sbx_ivf xf[MAX], p[MAX];
        mpfr_t w[MAX], d;
        sbx_norm_args a;
        mpfr_init2(d, 300);
        for (size_t j = 0; j < n; j++) {
            x[j] = (double)below(&s, 512) / 64 - (positive_points ? 0 : 4);
            if (positive_points) x[j] += 0x1p-6;
            if (j && below(&s, 5) == 0) x[j] = x[j - 1];
            mpfr_init2(w[j], 400);
            sbx_ivf_init(&xf[j], &bits300);
            sbx_ivf_init(&p[j], &bits300);
            assert_ok(sbx_ivf_set_d(&xf[j], x[j], &bits300, err));
        }
        assert_ok(sbx_norm_read(&a, norm, err));
        assert_ok(sbx_norm_eval_ivf(p, &a, xf, n, &bits300, err));
        truth(w, x, n);
        for (size_t j = 0; j < n; j++) {
            mpfr_sub(d, w[j], p[j].lo, MPFR_RNDN);
            mpfr_mul_2ui(d, d, 200, MPFR_RNDN);
            const bool low = mpfr_cmpabs(d, w[j]) < 0 || mpfr_cmp_d(d, 0x1p-60) < 0;
            mpfr_sub(d, w[j], p[j].hi, MPFR_RNDN);
            mpfr_mul_2ui(d, d, 200, MPFR_RNDN);
            const bool high = mpfr_cmpabs(d, w[j]) < 0 || mpfr_cmp_d(d, -0x1p-60) > 0;
            if (!low || !high) {
                mpfr_fprintf(stderr, "%.30Rg not in [%.30Rg, %.30Rg]\n", w[j], p[j].lo, p[j].hi);
                fail_msg("%s: output %zu of %zu is not what it is by definition", norm, j, n);
            }
        }
        sbx_norm_args_clear(&a);
        for (size_t j = 0; j < n; j++) {
            mpfr_clear(w[j]);
            sbx_ivf_clear(&xf[j]);
            sbx_ivf_clear(&p[j]);
        }
        mpfr_clear(d);
    }
}

/* max(y_j - tau, 0)^power for y = x scale; tau by plain halving of sum = 1 */
static void entmax(mpfr_t *p, const double *x, size_t n, double scale, double power)
{
    mpfr_t lo, hi, t, sum;
    double top = x[0];
    mpfr_inits2(500, lo, hi, t, sum, (mpfr_ptr)NULL);
    for (size_t j = 1; j < n; j++)
        top = x[j] > top ? x[j] : top;
    mpfr_set_d(hi, top * scale, MPFR_RNDN);
    mpfr_sub_ui(lo, hi, 1, MPFR_RNDN);
    for (int k = 0; k < 480; k++) {
        mpfr_add(t, lo, hi, MPFR_RNDN);
        mpfr_div_2ui(t, t, 1, MPFR_RNDN);
        mpfr_set_ui(sum, 0, MPFR_RNDN);
        for (size_t j = 0; j < n; j++) {
            mpfr_t v, e;
            mpfr_inits2(500, v, e, (mpfr_ptr)NULL);
            mpfr_d_sub(v, x[j] * scale, t, MPFR_RNDN);
            mpfr_set_d(e, power, MPFR_RNDN);
            if (mpfr_sgn(v) > 0) {
                mpfr_pow(v, v, e, MPFR_RNDN);
                mpfr_add(sum, sum, v, MPFR_RNDN);
            }
            mpfr_clears(v, e, (mpfr_ptr)NULL);
        }
        if (mpfr_cmp_ui(sum, 1) > 0)
            mpfr_set(lo, t, MPFR_RNDN);
        else
            mpfr_set(hi, t, MPFR_RNDN);
    }
    for (size_t j = 0; j < n; j++) {
        mpfr_t e;
        mpfr_init2(e, 500);
        mpfr_set_d(e, power, MPFR_RNDN);
        mpfr_d_sub(p[j], x[j] * scale, lo, MPFR_RNDN);
        if (mpfr_sgn(p[j]) > 0)
            mpfr_pow(p[j], p[j], e, MPFR_RNDN);
        else
            mpfr_set_ui(p[j], 0, MPFR_RNDN);
        mpfr_clear(e);
    }
    mpfr_clears(lo, hi, t, sum, (mpfr_ptr)NULL);
}
static void truth_entmax15(mpfr_t *p, const double *x, size_t n) { entmax(p, x, n, 0.5, 2); }
static void truth_entmax15_4(mpfr_t *p, const double *x, size_t n) { entmax(p, x, n, 0.125, 2); }

/* [L-NRM-10, L-NRM-28] */
static void entmax15_by_halving(void **state)
{
    (void)state;
    agrees("entmax-1.5", truth_entmax15);
    agrees("entmax-1.5:delta=4", truth_entmax15_4);
}

/* p = w / sum w for weights w */
static void normalise(mpfr_t *p, size_t n)
{
    mpfr_t sum;
    mpfr_init2(sum, 400);
    mpfr_set_ui(sum, 0, MPFR_RNDN);
    for (size_t j = 0; j < n; j++)
        mpfr_add(sum, sum, p[j], MPFR_RNDN);
    for (size_t j = 0; j < n; j++)
        mpfr_div(p[j], p[j], sum, MPFR_RNDN);
    mpfr_clear(sum);
}
static void truth_softmax(mpfr_t *p, const double *x, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(p[j], 2 * x[j], MPFR_RNDN);
        mpfr_exp(p[j], p[j], MPFR_RNDN);
    }
    normalise(p, n);
}
static void truth_taylor4(mpfr_t *p, const double *x, size_t n)
{
    for (size_t j = 0; j < n;
         j++) { /* 24 T = 24 + 24 x + 12 x^2 + 4 x^3 + x^4, exact in 400 bits */
        static const double c[] = {24, 24, 12, 4, 1};
        mpfr_set_ui(p[j], 0, MPFR_RNDN);
        for (int k = 4; k >= 0; k--) {
            mpfr_mul_d(p[j], p[j], x[j], MPFR_RNDN);
            mpfr_add_d(p[j], p[j], c[k], MPFR_RNDN);
        }
    }
    normalise(p, n);
}
static void weights_by_definition(void **state)
{
    (void)state;
    positive_points = false;
    agrees("softmax:lambda=2", truth_softmax);
    agrees("taylor:order=4", truth_taylor4);
}

#define TRUTH(name) static void truth_##name(mpfr_t *p, const double *x, size_t n)
#define RND         MPFR_RNDN

TRUTH(base3)
{
    for (size_t j = 0; j < n; j++) {
        mpfr_t b;
        mpfr_init2(b, 400);
        mpfr_set_ui(b, 3, RND);
        mpfr_set_d(p[j], x[j], RND);
        mpfr_pow(p[j], b, p[j], RND);
        mpfr_clear(b);
    }
    normalise(p, n);
}
TRUTH(ssmax_half)
{
    for (size_t j = 0; j < n; j++) { /* n^(x/2) */
        mpfr_t b;
        mpfr_init2(b, 400);
        mpfr_set_ui(b, n, RND);
        mpfr_set_d(p[j], x[j] / 2, RND);
        mpfr_pow(p[j], b, p[j], RND);
        mpfr_clear(b);
    }
    normalise(p, n);
}
TRUTH(softmax1)
{
    mpfr_t sum;
    mpfr_init2(sum, 400);
    mpfr_set_ui(sum, 3, RND);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(p[j], x[j], RND);
        mpfr_exp(p[j], p[j], RND);
        mpfr_add(sum, sum, p[j], RND);
    }
    for (size_t j = 0; j < n; j++)
        mpfr_div(p[j], p[j], sum, RND);
    mpfr_clear(sum);
}
TRUTH(power_5_2)
{
    for (size_t j = 0; j < n; j++) {
        mpfr_t e;
        mpfr_init2(e, 400);
        mpfr_set_d(e, 2.5, RND);
        mpfr_set_d(p[j], x[j], RND);
        mpfr_pow(p[j], p[j], e, RND);
        mpfr_clear(e);
    }
    normalise(p, n);
}
/* z = 1 / (1 + e^-x) */
static void logistic(mpfr_t z, double x)
{
    mpfr_set_d(z, -x, RND);
    mpfr_exp(z, z, RND);
    mpfr_add_ui(z, z, 1, RND);
    mpfr_ui_div(z, 1, z, RND);
}
TRUTH(sigsoftmax)
{
    for (size_t j = 0; j < n; j++) {
        mpfr_t e;
        mpfr_init2(e, 400);
        logistic(e, x[j]);
        mpfr_set_d(p[j], x[j], RND);
        mpfr_exp(p[j], p[j], RND);
        mpfr_mul(p[j], p[j], e, RND);
        mpfr_clear(e);
    }
    normalise(p, n);
}
TRUTH(softplus)
{
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(p[j], x[j], RND);
        mpfr_exp(p[j], p[j], RND);
        mpfr_add_ui(p[j], p[j], 1, RND);
        mpfr_log(p[j], p[j], RND);
    }
    normalise(p, n);
}
TRUTH(sigmoid)
{
    for (size_t j = 0; j < n; j++)
        logistic(p[j], x[j]);
    normalise(p, n);
}
TRUTH(elu)
{
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(p[j], x[j], RND);
        if (x[j] > 0)
            mpfr_add_ui(p[j], p[j], 1, RND);
        else
            mpfr_exp(p[j], p[j], RND);
    }
    normalise(p, n);
}
TRUTH(squareplus)
{
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(p[j], x[j], RND);
        mpfr_sqr(p[j], p[j], RND);
        mpfr_add_ui(p[j], p[j], 4, RND);
        mpfr_sqrt(p[j], p[j], RND);
        mpfr_add_d(p[j], p[j], x[j], RND);
    }
    normalise(p, n);
}
TRUTH(multimax) /* slopes 2 below 0, 1, and 1/2 above 1 */
{
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(p[j], x[j] < 0 ? 2 * x[j] : x[j] > 1 ? (1 + x[j]) / 2 : x[j], RND);
        mpfr_exp(p[j], p[j], RND);
    }
    normalise(p, n);
}
TRUTH(topk) /* the 3 greatest, the first of equal ones */
{
    for (size_t j = 0; j < n; j++) {
        size_t beaten = 0;
        for (size_t k = 0; k < n; k++)
            beaten += x[k] > x[j] || (!(x[k] < x[j]) && k < j);
        mpfr_set_d(p[j], 2 * x[j], RND);
        mpfr_exp(p[j], p[j], RND);
        if (beaten >= 3) mpfr_set_ui(p[j], 0, RND);
    }
    normalise(p, n);
}
TRUTH(consmax)
{
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(p[j], x[j] - 0.5, RND);
        mpfr_exp(p[j], p[j], RND);
        mpfr_div_ui(p[j], p[j], 3, RND);
    }
}
TRUTH(sigmoidmax)
{
    for (size_t j = 0; j < n; j++) {
        logistic(p[j], x[j] - 2);
        mpfr_div_ui(p[j], p[j], 3, RND);
    }
}
TRUTH(entmax_5_4) { entmax(p, x, n, 0.25, 4); }
TRUTH(entmax_9_8) { entmax(p, x, n, 0.125, 8); }
TRUTH(entmax_3) { entmax(p, x, n, 2, 0.5); }
TRUTH(log_softmax)
{
    mpfr_t sum, t;
    mpfr_inits2(400, sum, t, (mpfr_ptr)NULL);
    mpfr_set_ui(sum, 0, RND);
    for (size_t j = 0; j < n; j++) {
        mpfr_set_d(t, x[j], RND);
        mpfr_exp(t, t, RND);
        mpfr_add(sum, sum, t, RND);
    }
    mpfr_log(sum, sum, RND);
    for (size_t j = 0; j < n; j++)
        mpfr_d_sub(p[j], x[j], sum, RND);
    mpfr_clears(sum, t, (mpfr_ptr)NULL);
}

/* [L-NRM-02, L-NRM-15, L-NRM-19, L-NRM-22] */
static void by_definition_in_mpfr(void **state)
{
    (void)state;
    positive_points = false;
    agrees("base:b=3", truth_base3);
    agrees("ssmax:s=1/2", truth_ssmax_half);
    agrees("softmax1:n0=3", truth_softmax1);
    agrees("log-softmax", truth_log_softmax);
    agrees("sigsoftmax", truth_sigsoftmax);
    agrees("softplus", truth_softplus);
    agrees("sigmoid", truth_sigmoid);
    agrees("elu", truth_elu);
    agrees("squareplus", truth_squareplus);
    agrees("multimax", truth_multimax);
    agrees("top-k:k=3:lambda=2", truth_topk);
    agrees("consmax:beta=1/2:gamma=3", truth_consmax);
    agrees("sigmoidmax:beta=-2:gamma=3", truth_sigmoidmax);
    agrees("entmax:alpha=5/4", truth_entmax_5_4);
    agrees("entmax:alpha=9/8", truth_entmax_9_8);
    agrees("entmax:alpha=3", truth_entmax_3);
    agrees("entmax", truth_entmax15);
    positive_points = true;
    agrees("power:lambda=5/2", truth_power_5_2);
    positive_points = false;
}

/* Ranges of rows of other lengths, and of matrices, at points. [L-NRM-18] */
static void trees_mixtures_matrices(void **state)
{
    (void)state;
    uint64_t s = test_seed();
    for (long r = 0; r < test_rounds(60); r++) {
        double x[6];
        sbx_ivf xf[6], p[8];
        mpfr_t w[8], t, u;
        sbx_norm_args a;
        mpfr_inits2(400, t, u, (mpfr_ptr)NULL);
        for (size_t j = 0; j < 8; j++) {
            sbx_ivf_init(&p[j], &bits300);
            mpfr_init2(w[j], 400);
        }
        for (size_t j = 0; j < 6; j++) {
            x[j] = (double)below(&s, 512) / 64 - 4;
            sbx_ivf_init(&xf[j], &bits300);
            assert_ok(sbx_ivf_set_d(&xf[j], x[j], &bits300, err));
        }
        for (int what = 0; what < 3; what++) {
            size_t m = 0;
            if (what == 0) { /* a tree of 4 nodes and 5 leaves */
                m = 5;
                assert_ok(sbx_norm_read(&a, "hierarchical", err));
                assert_ok(sbx_norm_eval_ivf(p, &a, xf, 4, &bits300, err));
                for (size_t i = 0; i < m; i++)
                    mpfr_set_ui(w[i], 1, RND);
                for (size_t i = 0; i < m; i++)
                    for (size_t v = 5 + i; v > 1; v /= 2) { /* heap order, from 1 */
                        logistic(t, v % 2 ? -x[v / 2 - 1] : x[v / 2 - 1]);
                        mpfr_mul(w[i], w[i], t, RND);
                    }
            } else if (what == 1) {
                m = 3;
                assert_ok(sbx_norm_read(&a, "mixture:pi=1/4,3/4", err));
                assert_ok(sbx_norm_eval_ivf(p, &a, xf, 6, &bits300, err));
                for (size_t i = 0; i < 3; i++)
                    mpfr_set_ui(w[i], 0, RND);
                for (size_t k = 0; k < 2; k++) {
                    mpfr_set_ui(u, 0, RND);
                    for (size_t i = 0; i < 3; i++) {
                        mpfr_set_d(t, x[3 * k + i], RND);
                        mpfr_exp(t, t, RND);
                        mpfr_add(u, u, t, RND);
                    }
                    for (size_t i = 0; i < 3; i++) {
                        mpfr_set_d(t, x[3 * k + i], RND);
                        mpfr_exp(t, t, RND);
                        mpfr_div(t, t, u, RND);
                        mpfr_mul_d(t, t, k ? 0.75 : 0.25, RND);
                        mpfr_add(w[i], w[i], t, RND);
                    }
                }
            } else {
                m = 6;
                assert_ok(sbx_norm_read(&a, "sinkhorn:rows=2:steps=4:tau=2", err));
                assert_ok(sbx_norm_eval_ivf(p, &a, xf, 6, &bits300, err));
                for (size_t i = 0; i < 6; i++) {
                    mpfr_set_d(w[i], x[i] / 2, RND);
                    mpfr_exp(w[i], w[i], RND);
                }
                for (int k = 0; k < 8; k++)
                    for (size_t g = 0; g < (k % 2 ? 3U : 2U); g++) {
                        const size_t from = k % 2 ? g : 3 * g, step = k % 2 ? 3 : 1;
                        const size_t len = k % 2 ? 2 : 3;
                        mpfr_set_ui(u, 0, RND);
                        for (size_t i = 0; i < len; i++)
                            mpfr_add(u, u, w[from + i * step], RND);
                        for (size_t i = 0; i < len; i++)
                            mpfr_div(w[from + i * step], w[from + i * step], u, RND);
                    }
            }
            for (size_t i = 0; i < m; i++) {
                mpfr_sub(t, p[i].lo, w[i], RND);
                mpfr_sub(u, p[i].hi, w[i], RND);
                if (!(mpfr_cmp_d(t, 0x1p-280) <= 0 && mpfr_cmp_d(u, -0x1p-280) >= 0 &&
                      mpfr_cmp_d(t, -0x1p-200) > 0 && mpfr_cmp_d(u, 0x1p-200) < 0))
                    fail_msg("%s: output %zu", sbx_norm_get_info(a.norm)->name, i);
            }
            sbx_norm_args_clear(&a);
        }
        for (size_t j = 0; j < 8; j++) {
            sbx_ivf_clear(&p[j]);
            mpfr_clear(w[j]);
        }
        for (size_t j = 0; j < 6; j++)
            sbx_ivf_clear(&xf[j]);
        mpfr_clears(t, u, (mpfr_ptr)NULL);
    }
}

/* ---- class Q by definition, in rationals ----------------------------------------------------- */

typedef void exact_fn(mpq_t *w, const rats *x);

/* p = w / sum w; a row of zeros: 1/n */
static void exactly(const char *norm, exact_fn *f, long span)
{
    uint64_t s = test_seed();
    rats x, p;
    mpq_t w[MAX], sum, t;
    rats_init(&x, 0);
    rats_init(&p, 0);
    mpq_inits(sum, t, NULL);
    for (size_t i = 0; i < MAX; i++)
        mpq_init(w[i]);
    for (long r = 0; r < test_rounds(200); r++) {
        sbx_norm_args a;
        rats_random(&x, &s, 1 + below(&s, 8), span, 12);
        assert_ok(sbx_norm_read(&a, norm, err));
        a.zero_row = SBX_ZERO_UNIFORM;
        assert_ok(sbx_norm_eval_mpq(p.v, &a, x.v, x.n, NULL, err));
        sbx_norm_args_clear(&a);
        f(w, &x);
        mpq_set_si(sum, 0, 1);
        for (size_t i = 0; i < x.n; i++)
            mpq_add(sum, sum, w[i]);
        for (size_t i = 0; i < x.n; i++) {
            if (mpq_sgn(sum))
                mpq_div(t, w[i], sum);
            else
                mpq_set_ui(t, 1, x.n);
            if (!mpq_equal(t, p.v[i].v)) fail_msg("%s: output %zu of %zu", norm, i, x.n);
        }
    }
    for (size_t i = 0; i < MAX; i++)
        mpq_clear(w[i]);
    mpq_clears(sum, t, NULL);
    rats_clear(&x);
    rats_clear(&p);
}

/* the k-th greatest, from 0 */
static mpq_srcptr greatest(const rats *x, size_t k)
{
    for (size_t i = 0; i < x->n; i++) {
        size_t beaten = 0, same = 0;
        for (size_t j = 0; j < x->n; j++) {
            beaten += mpq_cmp(x->v[j].v, x->v[i].v) > 0;
            same += mpq_equal(x->v[j].v, x->v[i].v) ? 1 : 0;
        }
        if (beaten <= k && k < beaten + same) return x->v[i].v;
    }
    return NULL;
}
#define EXACT(name) static void exact_##name(mpq_t *w, const rats *x)
EXACT(spherical)
{
    for (size_t i = 0; i < x->n; i++) {
        mpq_set_si(w[i], 1, 3);
        mpq_t t;
        mpq_init(t);
        mpq_mul(t, x->v[i].v, x->v[i].v);
        mpq_add(w[i], w[i], t);
        mpq_clear(t);
    }
}
EXACT(spherical0)
{
    for (size_t i = 0; i < x->n; i++)
        mpq_mul(w[i], x->v[i].v, x->v[i].v);
}
EXACT(squaremax)
{
    for (size_t i = 0; i < x->n; i++) {
        mpq_set_si(w[i], 0, 1);
        if (mpq_sgn(x->v[i].v) > 0) mpq_mul(w[i], x->v[i].v, x->v[i].v);
    }
}
EXACT(power4)
{
    for (size_t i = 0; i < x->n; i++) {
        mpq_mul(w[i], x->v[i].v, x->v[i].v);
        mpq_mul(w[i], w[i], w[i]);
    }
}
EXACT(hardmax) /* [L-NRM-16] */
{
    for (size_t i = 0; i < x->n; i++)
        mpq_set_si(w[i], mpq_equal(x->v[i].v, greatest(x, 0)), 1);
}
EXACT(rational3) /* (1 + 2 (m - x))^-3 [L-NRM-20] */
{
    for (size_t i = 0; i < x->n; i++) {
        mpq_t t;
        mpq_init(t);
        mpq_sub(t, greatest(x, 0), x->v[i].v);
        mpq_add(t, t, t);
        mpq_set_si(w[i], 1, 1);
        mpq_add(t, t, w[i]);
        mpq_inv(t, t);
        mpq_mul(w[i], t, t);
        mpq_mul(w[i], w[i], t);
        mpq_clear(t);
    }
}
EXACT(rankmax2)
{
    for (size_t i = 0; i < x->n; i++) {
        mpq_sub(w[i], x->v[i].v, greatest(x, 2 < x->n ? 2 : x->n - 1));
        if (mpq_sgn(w[i]) < 0) mpq_set_si(w[i], 0, 1);
    }
}
EXACT(base2) /* whole scores */
{
    for (size_t i = 0; i < x->n; i++) {
        const long k = mpz_get_si(mpq_numref(x->v[i].v));
        mpq_set_si(w[i], 1, 1);
        if (k >= 0)
            mpq_mul_2exp(w[i], w[i], (mp_bitcnt_t)k);
        else
            mpq_div_2exp(w[i], w[i], (mp_bitcnt_t)-k);
    }
}

static void weights_in_rationals(void **state)
{
    (void)state;
    exactly("spherical:eps=1/3", exact_spherical, 30);
    exactly("spherical:eps=0", exact_spherical0, 3);
    exactly("squaremax", exact_squaremax, 4);
    exactly("power-softmax:p=4:eps=0", exact_power4, 3);
    exactly("hardmax", exact_hardmax, 6);
    exactly("rational:p=3:s=1/2", exact_rational3, 30);
    exactly("rankmax", exact_rankmax2, 6);
}

/* A power of whole scores is exact, ssmax with as many scores as the base is the same; other scores
 * are refused by name. */
static void whole_scores(void **state)
{
    (void)state;
    rats x, p, q;
    mpq_t w[MAX];
    sbx_norm_args a;
    rats_init(&x, 0);
    rats_init(&p, 0);
    rats_init(&q, 0);
    rats_read(&x, "3,-2,0,3");
    for (size_t i = 0; i < 4; i++)
        mpq_init(w[i]);
    exact_base2(w, &x);
    eval(&p, "base", &x);
    is_exactly(&p, "32/69,1/69,4/69,32/69");
    eval(&p, "base:b=4", &x);
    eval(&q, "ssmax", &x);
    for (size_t i = 0; i < 4; i++)
        assert_true(mpq_equal(p.v[i].v, q.v[i].v));
    rats_read(&x, "1/2,0");
    assert_ok(sbx_norm_read(&a, "base:b=4", err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_norm_eval_mpq(p.v, &a, x.v, 2, NULL, err));
    assert_string_equal(err->msg,
                        "base: mpq has no exp; these have: f32, f64, lowp, mpf, ivd, ivf, ivq");
    sbx_norm_args_clear(&a);
    for (size_t i = 0; i < 4; i++)
        mpq_clear(w[i]);
    rats_clear(&x);
    rats_clear(&p);
    rats_clear(&q);
}

/* sparsegen and entmax with alpha = 2 are sparsemax; fractions of alpha have no mpq. [L-NRM-17] */
static void kin_of_sparsemax(void **state)
{
    (void)state;
    uint64_t s = test_seed();
    rats x, p, q;
    sbx_norm_args a, b;
    sbx_ivd d[MAX], e[MAX];
    rats_init(&x, 0);
    rats_init(&p, 0);
    rats_init(&q, 0);
    for (long r = 0; r < test_rounds(100); r++) {
        rats_random(&x, &s, 1 + below(&s, 8), 40, 12);
        eval(&p, "sparsegen:gamma=1/4", &x);
        eval(&q, "sparsemax:delta=3/4", &x);
        for (size_t i = 0; i < x.n; i++)
            assert_true(mpq_equal(p.v[i].v, q.v[i].v));
        eval(&p, "entmax:alpha=2:delta=3/4", &x);
        for (size_t i = 0; i < x.n; i++)
            assert_true(mpq_equal(p.v[i].v, q.v[i].v));
        /* alpha = 1 is softmax: the same enclosures */
        for (size_t i = 0; i < x.n; i++)
            assert_ok(sbx_ivd_set_q(&d[i], x.v[i].v, NULL, err));
        assert_ok(sbx_norm_read(&a, "softmax", err));
        assert_ok(sbx_norm_read(&b, "entmax:alpha=1", err));
        assert_ok(sbx_norm_eval_ivd(e, &a, d, x.n, NULL, err));
        assert_ok(sbx_norm_eval_ivd(d, &b, d, x.n, NULL, err));
        for (size_t i = 0; i < x.n; i++)
            assert_true(d[i].lo <= e[i].hi && e[i].lo <= d[i].hi && d[i].hi - d[i].lo < 1e-13);
        sbx_norm_args_clear(&a);
        sbx_norm_args_clear(&b);
    }
    assert_ok(sbx_norm_read(&a, "entmax", err));
    assert_status(SBX_ERR_UNSUPPORTED, sbx_norm_eval_mpq(p.v, &a, x.v, x.n, NULL, err));
    assert_non_null(strstr(err->msg, "entmax with this alpha needs exp, which mpq does not have"));
    sbx_norm_args_clear(&a);
    rats_clear(&x);
    rats_clear(&p);
    rats_clear(&q);
}

/* ---- permute-and-flip: all orders ---------------------------------------------------------------- */

/* adds to w the chance of each to be the first accepted, over the orders that extend c[0..k) */
static void orders(mpq_t *w, mpq_t *accept, size_t *c, size_t k, size_t n, mpq_t weight)
{
    if (k == n) {
        mpq_t left, t;
        mpq_inits(left, t, NULL);
        mpq_set(left, weight);
        for (size_t i = 0; i < n; i++) {
            mpq_mul(t, left, accept[c[i]]);
            mpq_add(w[c[i]], w[c[i]], t);
            mpq_sub(left, left, t);
        }
        mpq_clears(left, t, NULL);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        bool used = false;
        for (size_t l = 0; l < k; l++)
            used |= c[l] == i;
        if (used) continue;
        c[k] = i;
        orders(w, accept, c, k + 1, n, weight);
    }
}

/* [L-NRM-21, L-NRM-27], and the two-valued case (1 - (1-a)^d) / (d a) */
static void permute_and_flip_by_orders(void **state)
{
    (void)state;
    uint64_t s = test_seed();
    rats x, p;
    rats_init(&x, 0);
    rats_init(&p, 0);
    for (long r = 0; r < test_rounds(40); r++) {
        const size_t n = 1 + below(&s, 5);
        mpq_t w[5], accept[5], weight;
        size_t c[5];
        long top = -100, fact = 1;
        mpq_init(weight);
        x.n = n;
        for (size_t i = 0; i < n; i++) {
            const long v = (long)below(&s, 6);
            mpq_set_si(x.v[i].v, v, 1);
            top = v > top ? v : top;
            fact *= (long)i + 1;
        }
        for (size_t i = 0; i < n; i++) {
            mpq_inits(w[i], accept[i], NULL);
            mpq_set_si(accept[i], 1, 1);
            for (long k = mpz_get_si(mpq_numref(x.v[i].v)); k < top; k++) {
                mpq_set_si(weight, 2, 3); /* base 3/2 */
                mpq_mul(accept[i], accept[i], weight);
            }
        }
        mpq_set_si(weight, 1, (unsigned long)fact);
        orders(w, accept, c, 0, n, weight);
        eval(&p, "permute-and-flip:base=3/2", &x);
        for (size_t i = 0; i < n; i++) {
            if (!mpq_equal(w[i], p.v[i].v)) fail_msg("permute-and-flip: output %zu of %zu", i, n);
            mpq_clears(w[i], accept[i], NULL);
        }
        mpq_clear(weight);
    }
    rats_read(&x, "1,0,0,0,0"); /* a = 1/2, d = 5: (1 - 1/32) 2/5 */
    eval(&p, "permute-and-flip:base=2", &x);
    is_exactly(&p, "31/80,49/320,49/320,49/320,49/320");
    rats_clear(&x);
    rats_clear(&p);
}

/* ---- fusedmax, oscarmax: the smoothing by optimality ------------------------------------------------ */

/* the u that minimises |u - x|^2 / 2 + weight sum |u_i - u_(i+1)|: of all choices of jumps and of their
 * signs the one whose multipliers fit */
static bool smooth_with(mpq_t *u, const rats *x, const int *jump, mpq_srcptr weight)
{
    bool ok = true;
    mpq_t sum, t, z;
    mpq_inits(sum, t, z, NULL);
    for (size_t from = 0, to; from < x->n; from = to) {
        for (to = from + 1; to < x->n && !jump[to - 1]; to++) {
        }
        mpq_set_si(sum, 0, 1);
        for (size_t i = from; i < to; i++)
            mpq_add(sum, sum, x->v[i].v);
        /* x - u = differences of z; z_k = -weight sign of the jump after k */
        if (to < x->n) {
            mpq_set_si(t, jump[to - 1], 1);
            mpq_mul(t, t, weight);
            mpq_add(sum, sum, t);
        }
        if (from > 0) {
            mpq_set_si(t, jump[from - 1], 1);
            mpq_mul(t, t, weight);
            mpq_sub(sum, sum, t);
        }
        mpq_set_ui(t, to - from, 1);
        mpq_div(sum, sum, t);
        for (size_t i = from; i < to; i++)
            mpq_set(u[i], sum);
    }
    mpq_set_si(z, 0, 1);
    for (size_t k = 0; k + 1 < x->n; k++) {
        mpq_add(z, z, x->v[k].v);
        mpq_sub(z, z, u[k]);
        mpq_abs(t, z);
        if (mpq_cmp(t, weight) > 0) ok = false;
        if (jump[k] && mpq_cmp(u[k + 1], u[k]) * jump[k] <= 0) ok = false;
    }
    mpq_clears(sum, t, z, NULL);
    return ok;
}

/* [L-NRM-25] */
static void fusedmax_by_jumps(void **state)
{
    (void)state;
    uint64_t s = test_seed();
    rats x, p, q, u;
    mpq_t v[MAX], weight;
    rats_init(&x, 0);
    rats_init(&p, 0);
    rats_init(&q, 0);
    rats_init(&u, 0);
    mpq_init(weight);
    mpq_set_si(weight, 2, 3);
    for (size_t i = 0; i < MAX; i++)
        mpq_init(v[i]);
    for (long r = 0; r < test_rounds(60); r++) {
        size_t choices = 1;
        bool found = false;
        rats_random(&x, &s, 1 + below(&s, 6), 20, 12);
        for (size_t k = 0; k + 1 < x.n; k++)
            choices *= 3;
        for (size_t c = 0; c < choices && !found; c++) {
            int jump[MAX];
            size_t rest = c;
            for (size_t k = 0; k + 1 < x.n; k++, rest /= 3)
                jump[k] = (int)(rest % 3) - 1;
            found = smooth_with(v, &x, jump, weight);
        }
        assert_true(found);
        u.n = x.n;
        for (size_t i = 0; i < x.n; i++)
            mpq_set(u.v[i].v, v[i]);
        eval(&p, "fusedmax:weight=2/3", &x);
        eval(&q, "sparsemax", &u);
        for (size_t i = 0; i < x.n; i++)
            if (!mpq_equal(p.v[i].v, q.v[i].v)) fail_msg("fusedmax: output %zu of %zu", i, x.n);
    }
    for (size_t i = 0; i < MAX; i++)
        mpq_clear(v[i]);
    mpq_clear(weight);
    rats_clear(&x);
    rats_clear(&p);
    rats_clear(&q);
    rats_clear(&u);
}

/* |u - x|^2 / 2 + beta sum max(|u_i|, |u_j|) + alpha sum |u_i|, with alpha = 1/5, beta = 1/3 */
static void oscar_cost(mpq_t z, mpq_t *u, const rats *x)
{
    mpq_t t, a, b;
    mpq_inits(t, a, b, NULL);
    mpq_set_si(z, 0, 1);
    for (size_t i = 0; i < x->n; i++) {
        mpq_sub(t, u[i], x->v[i].v);
        mpq_mul(t, t, t);
        mpq_div_2exp(t, t, 1);
        mpq_add(z, z, t);
        mpq_abs(a, u[i]);
        mpq_set_si(t, 1, 5);
        mpq_mul(t, t, a);
        mpq_add(z, z, t);
        for (size_t j = 0; j < i; j++) {
            mpq_abs(b, u[j]);
            mpq_set_si(t, 1, 3);
            mpq_mul(t, t, mpq_cmp(a, b) > 0 ? a : b);
            mpq_add(z, z, t);
        }
    }
    mpq_clears(t, a, b, NULL);
}

/* The decreasing regression by its min-max formula, clipped, with signs; its cost is not above that of
 * points around it; sparsemax of it is oscarmax. [L-NRM-26] */
static void oscarmax_by_min_max(void **state)
{
    (void)state;
    uint64_t s = test_seed();
    rats x, p, q, u;
    mpq_t v[MAX], w[MAX], m, t, best, cost;
    rats_init(&x, 0);
    rats_init(&p, 0);
    rats_init(&q, 0);
    rats_init(&u, 0);
    mpq_inits(m, t, best, cost, NULL);
    for (size_t i = 0; i < MAX; i++)
        mpq_inits(v[i], w[i], NULL);
    for (long r = 0; r < test_rounds(60); r++) {
        size_t c[MAX];
        rats_random(&x, &s, 1 + below(&s, 6), 20, 12);
        for (size_t i = 0; i < x.n; i++) { /* places by decreasing magnitude */
            size_t before = 0;
            for (size_t j = 0; j < x.n; j++) {
                mpq_abs(m, x.v[j].v);
                mpq_abs(t, x.v[i].v);
                before += mpq_cmp(m, t) > 0 || (mpq_equal(m, t) && j < i);
            }
            c[before] = i;
        }
        for (size_t i = 0; i < x.n; i++) {
            mpq_abs(v[i], x.v[c[i]].v);
            mpq_set_si(t, 1, 5);
            mpq_sub(v[i], v[i], t);
            mpq_set_si(t, (long)(x.n - 1 - i), 3);
            mpq_canonicalize(t);
            mpq_sub(v[i], v[i], t);
        }
        u.n = x.n;
        for (size_t i = 0; i < x.n;
             i++) { /* min over a <= i of max over b >= i of the mean of v[a..b] */
            bool any = false;
            for (size_t a = 0; a <= i; a++) {
                bool some = false;
                for (size_t b = i; b < x.n; b++) {
                    mpq_set_si(m, 0, 1);
                    for (size_t k = a; k <= b; k++)
                        mpq_add(m, m, v[k]);
                    mpq_set_ui(t, b - a + 1, 1);
                    mpq_div(m, m, t);
                    if (!some || mpq_cmp(m, cost) > 0) mpq_set(cost, m);
                    some = true;
                }
                if (!any || mpq_cmp(cost, best) < 0) mpq_set(best, cost);
                any = true;
            }
            if (mpq_sgn(best) < 0) mpq_set_si(best, 0, 1);
            if (mpq_sgn(x.v[c[i]].v) < 0) mpq_neg(best, best);
            mpq_set(u.v[c[i]].v, best);
            mpq_set(w[c[i]], best);
        }
        oscar_cost(best, w, &x);
        for (int k = 0; k < 40; k++) {
            for (size_t i = 0; i < x.n; i++) {
                mpq_set_si(t, (long)below(&s, 9) - 4, k % 2 ? 200 : 12);
                mpq_canonicalize(t);
                mpq_add(w[i], u.v[i].v, t);
            }
            oscar_cost(cost, w, &x);
            assert_true(mpq_cmp(cost, best) >= 0);
        }
        eval(&p, "oscarmax:alpha=1/5:beta=1/3", &x);
        eval(&q, "sparsemax", &u);
        for (size_t i = 0; i < x.n; i++)
            if (!mpq_equal(p.v[i].v, q.v[i].v)) fail_msg("oscarmax: output %zu of %zu", i, x.n);
    }
    for (size_t i = 0; i < MAX; i++)
        mpq_clears(v[i], w[i], NULL);
    mpq_clears(m, t, best, cost, NULL);
    rats_clear(&x);
    rats_clear(&p);
    rats_clear(&q);
    rats_clear(&u);
}

/* ---- integers ------------------------------------------------------------------------------------------ */

/* The integer softmax in 64-bit integers, s = 1/64: exp_int of q <= 0 */
static int64_t ibert_exp(int64_t q)
{
    const int64_t x0 = -45, b = 173, c = 11436; /* floors of -44.3584, 173.27, 11436.5 */
    int64_t k, r;
    if (q < 30 * x0) q = 30 * x0;
    k = q / x0; /* both <= 0 */
    r = q - x0 * k;
    return (r * (r + b) + c) << (30 - k);
}
/* [L-NRM-24] */
static void ibert_in_integers(void **state)
{
    (void)state;
    uint64_t s = test_seed();
    rats x, p;
    rats_init(&x, 0);
    rats_init(&p, 0);
    for (long r = 0; r < test_rounds(300); r++) {
        int64_t q[MAX], top = INT64_MIN, e[MAX], sum = 0, factor;
        x.n = 1 + below(&s, 8);
        for (size_t i = 0; i < x.n; i++) {
            q[i] = (int64_t)below(&s, 700) - 350;
            mpq_set_si(x.v[i].v, q[i], 64);
            mpq_canonicalize(x.v[i].v);
            top = q[i] > top ? q[i] : top;
        }
        for (size_t i = 0; i < x.n;
             i++) { /* round(32767 exp / exp(0)), no halves: 11436 is even, checked */
            const int64_t num = (int64_t)ibert_exp(q[i] - top) * 32767, den = ibert_exp(0);
            const int64_t twice = 2 * num;
            e[i] = (int64_t)(num / den);
            const int64_t rest = twice - 2 * (int64_t)e[i] * den;
            if (rest > den || (rest == den && e[i] % 2)) e[i]++;
            sum += e[i];
        }
        factor = ((int64_t)1 << 32) / sum;
        eval(&p, "ibert", &x);
        for (size_t i = 0; i < x.n; i++) {
            mpq_t w;
            mpq_init(w);
            mpq_set_si(w, (e[i] * factor) >> 24, 256);
            mpq_canonicalize(w);
            if (!mpq_equal(w, p.v[i].v)) fail_msg("ibert: output %zu of %zu", i, x.n);
            mpq_clear(w);
        }
    }
    rats_clear(&x);
    rats_clear(&p);
}

/* ---- values worked out by hand --------------------------------------------------------- */

static void by_hand(void **state)
{
    (void)state;
    rats x, p;
    rats_init(&x, 0);
    rats_init(&p, 0);
    rats_read(&x, "1/3,1/2,-1,1/3");
    eval(&p, "sparsemax", &x);
    is_exactly(&p, "5/18,4/9,0,5/18");
    rats_read(&x, "1,0");
    eval(&p, "taylor", &x);
    is_exactly(&p, "5/7,2/7");
    rats_read(&x, "3,1,2,2"); /* 2 x_ij - r_i - c_j with k = 1: rows (3 1), (2 2) */
    eval(&p, "csls:rows=2:k=1", &x);
    is_exactly(&p, "0,-3,-1,0");
    rats_read(&x, "-2,-1/2,0,3");
    eval(&p, "polymax", &x); /* 0; 1/2; 1; 9 + 1 */
    is_exactly(&p, "0,1/2,1,10");
    eval(&p, "relumax:k=2:gamma=3", &x);
    is_exactly(&p, "0,0,0,3");
    eval(&p, "power-softmax", &x); /* 4, 1/4, 0, 9 over 1 + 53/4 */
    is_exactly(&p, "16/57,1/57,0,36/57");
    rats_read(&x, "0,-1,-3");
    eval(&p, "exp2-poly:degree=2:scale=1", &x); /* 1, 1/2, 1/8 [L-NRM-23] */
    is_exactly(&p, "8/13,4/13,1/13");
    rats_clear(&x);
    rats_clear(&p);
}

/* a 300-bit enclosure of output 0 at a point of doubles */
static double first_output(const char *norm, const double *x, size_t n)
{
    sbx_ivf *f = malloc(n * sizeof *f);
    sbx_norm_args a;
    double v;
    assert_non_null(f);
    for (size_t j = 0; j < n; j++) {
        sbx_ivf_init(&f[j], &bits300);
        assert_ok(sbx_ivf_set_d(&f[j], x[j], &bits300, err));
    }
    assert_ok(sbx_norm_read(&a, norm, err));
    assert_ok(sbx_norm_eval_ivf(f, &a, f, n, &bits300, err));
    v = mpfr_get_d(f[0].lo, MPFR_RNDN);
    assert_true(mpfr_get_d(f[0].hi, MPFR_RNDN) - v < 1e-30);
    sbx_norm_args_clear(&a);
    for (size_t j = 0; j < n; j++)
        sbx_ivf_clear(&f[j]);
    free(f);
    return v;
}

/* Figures of papers: how softmax fades with the number of scores and SSMax does not (s = 0.43, one score
 * of 3 among -2); the Renyi divergence of order 2 of (0, 0) from (1, -1) under permute-and-flip and softmax. */
static void published_values(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        double softmax, ssmax;
    } fade[] = {{10, 0.942826, 0.940101},
                {100, 0.599860, 0.995063},
                {1000, 0.129346, 0.999646},
                {10000, 0.014626, 0.999975}};
    const double pair[2] = {1, -1};
    double *x = malloc(10000 * sizeof *x), q;
    assert_non_null(x);
    for (size_t j = 0; j < 10000; j++)
        x[j] = j ? -2 : 3;
    for (size_t k = 0; k < 4; k++) {
        assert_true(fabs(first_output("softmax", x, fade[k].n) - fade[k].softmax) <= 5.1e-7);
        assert_true(fabs(first_output("ssmax:s=0.43", x, fade[k].n) - fade[k].ssmax) <= 5.1e-7);
    }
    /* e^D = (1/4) / q + (1/4) / (1 - q) */
    q = first_output("permute-and-flip", pair, 2);
    assert_true(fabs(log(0.25 / q + 0.25 / (1 - q)) - 1.376919) <= 5.1e-7);
    q = first_output("softmax", pair, 2);
    assert_true(fabs(log(0.25 / q + 0.25 / (1 - q)) - 0.867562) <= 5.1e-7);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sparsemax_is_the_projection),
        cmocka_unit_test(plsoftmax_is_the_mean),
        cmocka_unit_test(plsoftmax_matrix),
        cmocka_unit_test(entmax15_by_halving),
        cmocka_unit_test(weights_by_definition),
        cmocka_unit_test(by_definition_in_mpfr),
        cmocka_unit_test(trees_mixtures_matrices),
        cmocka_unit_test(weights_in_rationals),
        cmocka_unit_test(whole_scores),
        cmocka_unit_test(kin_of_sparsemax),
        cmocka_unit_test(permute_and_flip_by_orders),
        cmocka_unit_test(fusedmax_by_jumps),
        cmocka_unit_test(oscarmax_by_min_max),
        cmocka_unit_test(ibert_in_integers),
        cmocka_unit_test(published_values),
        cmocka_unit_test(by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
