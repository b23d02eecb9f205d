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
    uint64_t s = test_seed();
    for (long r = 0; r < test_rounds(150); r++) {
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

/* [L-NRM-10] */
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
    rats_clear(&x);
    rats_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sparsemax_is_the_projection),
        cmocka_unit_test(plsoftmax_is_the_mean),
        cmocka_unit_test(plsoftmax_matrix),
        cmocka_unit_test(entmax15_by_halving),
        cmocka_unit_test(weights_by_definition),
        cmocka_unit_test(by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
