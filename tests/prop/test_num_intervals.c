/* test_num_intervals.c -- ivd, ivf, ivq hold what they must, and are as tight as num.h
 * says [L-FP-01] [L-FP-04] [L-FP-21] [L-FP-23].
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "softbox/num.h"

#include <float.h>
#include <math.h>

/* ---- the reference: exact rationals, or two neighbours at BITS bits ------------------- */

#define BITS 300

typedef struct value {
    mpq_t lo, hi, p, q;
    mpfr_t a, b, x;
} value;

static void value_init(value *v)
{
    mpq_inits(v->lo, v->hi, v->p, v->q, NULL);
    mpfr_inits2(BITS, v->a, v->b, v->x, (mpfr_ptr)NULL);
}
static void value_clear(value *v)
{
    mpq_clears(v->lo, v->hi, v->p, v->q, NULL);
    mpfr_clears(v->a, v->b, v->x, (mpfr_ptr)NULL);
}

/* 1 / (1 + e^-x), the plain formula, each step rounded so that the result is below (above) */
static void sigmoid_at(value *v, double x, mpfr_ptr z, mpfr_rnd_t rnd)
{
    const mpfr_rnd_t other = rnd == MPFR_RNDD ? MPFR_RNDU : MPFR_RNDD;
    mpfr_set_d(v->x, -x, MPFR_RNDN);
    mpfr_exp(z, v->x, other);
    mpfr_add_ui(z, z, 1, other);
    mpfr_ui_div(z, 1, z, rnd);
}

static bool function_at(value *v, const char *op, double x)
{
    int way = 0;
    bool known = true;
    mpfr_set_d(v->x, x, MPFR_RNDN);
    if (strcmp(op, "sqrt") == 0)
        way = mpfr_sqrt(v->a, v->x, MPFR_RNDN);
    else if (strcmp(op, "exp") == 0)
        way = mpfr_exp(v->a, v->x, MPFR_RNDN);
    else if (strcmp(op, "exp2") == 0)
        way = mpfr_exp2(v->a, v->x, MPFR_RNDN);
    else if (strcmp(op, "expm1") == 0)
        way = mpfr_expm1(v->a, v->x, MPFR_RNDN);
    else if (strcmp(op, "log") == 0)
        way = mpfr_log(v->a, v->x, MPFR_RNDN);
    else if (strcmp(op, "log1p") == 0)
        way = mpfr_log1p(v->a, v->x, MPFR_RNDN);
    else if (strcmp(op, "tanh") == 0)
        way = mpfr_tanh(v->a, v->x, MPFR_RNDN);
    else
        known = false;
    if (!known) { /* neighbours no more: swapped, so that only what is outside both is wrong */
        sigmoid_at(v, x, v->b, MPFR_RNDD);
        sigmoid_at(v, x, v->a, MPFR_RNDU);
    } else {
        mpfr_set(v->b, v->a, MPFR_RNDN);
        if (way > 0) mpfr_nextbelow(v->a);
        if (way < 0) mpfr_nextabove(v->b);
    }
    if (!mpfr_number_p(v->a) || !mpfr_number_p(v->b)) return false;
    if (mpfr_regular_p(v->a) && labs(mpfr_get_exp(v->a)) > 200000) return false; /* huge in GMP */
    if (mpfr_regular_p(v->b) && labs(mpfr_get_exp(v->b)) > 200000) return false;
    mpfr_get_q(v->lo, v->a);
    mpfr_get_q(v->hi, v->b);
    return true;
}

/* false: no value there, or one beyond what rationals should hold */
static bool value_at(value *v, const char *op, double x, double y)
{
    mpq_set_d(v->p, x);
    mpq_set_d(v->q, y);
    if (strcmp(op, "neg") == 0)
        mpq_neg(v->lo, v->p);
    else if (strcmp(op, "abs") == 0)
        mpq_abs(v->lo, v->p);
    else if (strcmp(op, "sqr") == 0)
        mpq_mul(v->lo, v->p, v->p);
    else if (strcmp(op, "add") == 0)
        mpq_add(v->lo, v->p, v->q);
    else if (strcmp(op, "sub") == 0)
        mpq_sub(v->lo, v->p, v->q);
    else if (strcmp(op, "mul") == 0)
        mpq_mul(v->lo, v->p, v->q);
    else if (strcmp(op, "div") == 0) {
        if (mpq_sgn(v->q) == 0) return false;
        mpq_div(v->lo, v->p, v->q);
    } else if (strcmp(op, "min") == 0)
        mpq_set(v->lo, mpq_cmp(v->p, v->q) < 0 ? v->p : v->q);
    else if (strcmp(op, "max") == 0)
        mpq_set(v->lo, mpq_cmp(v->p, v->q) > 0 ? v->p : v->q);
    else if (strcmp(op, "hull") == 0)
        mpq_set(v->lo, v->q);
    else
        return function_at(v, op, x);
    mpq_set(v->hi, v->lo);
    return true;
}

/* ---- random intervals ------------------------------------------------------------------ */

static double draw_double(uint64_t *s)
{
    const double m = 2 * sbx_rng_unit(s) - 1;
    switch (sbx_rng(s) % 8) {
    case 0: return (double)(int)(8 * m); /* small integers, 0 among them */
    case 1: return ldexp(m, (int)(sbx_rng(s) % 2098) - 1074);
    case 2: return ldexp(m, -1021 - (int)(sbx_rng(s) % 60));
    case 3: return ldexp(m, 1024 - (int)(sbx_rng(s) % 8));
    default: return ldexp(m, (int)(sbx_rng(s) % 16) - 5);
    }
}

static void draw_interval(double x[2], uint64_t *s, bool unbounded)
{
    const uint64_t kind = sbx_rng(s) % 16;
    const double a = draw_double(s), b = kind < 4 ? a : draw_double(s);
    x[0] = a < b ? a : b;
    x[1] = a < b ? b : a;
    if (unbounded && (kind == 14 || kind == 12)) x[0] = -HUGE_VAL;
    if (unbounded && (kind == 15 || kind == 12)) x[1] = HUGE_VAL;
}

/* a finite number in x: its lower end (0), its upper end (1), or any */
static double draw_point(const double x[2], int which, uint64_t *s)
{
    const double lo = x[0] < -DBL_MAX ? -DBL_MAX : x[0], hi = x[1] > DBL_MAX ? DBL_MAX : x[1];
    double t, u;
    if (which == 0) return lo;
    if (which == 1) return hi;
    t = draw_double(s);
    if (t >= lo && t <= hi) return t;
    u = sbx_rng_unit(s);
    t = lo * (1 - u) + hi * u;
    return t < lo ? lo : t > hi ? hi : t;
}

static int cmp_d_q(double x, mpq_srcptr v)
{
    mpq_t t;
    int c;
    if (!(fabs(x) <= DBL_MAX)) return x > 0 ? 1 : -1;
    mpq_init(t);
    mpq_set_d(t, x);
    c = mpq_cmp(t, v);
    mpq_clear(t);
    return c;
}

/* ---- the systems ----------------------------------------------------------------------- */

#define UNBOUNDED true
#include "softbox/bind/ivd.h"
#define load(x, v)  (*(x) = (sbx_ivd){(v)[0], (v)[1]})
#define lo_is(x, v) cmp_d_q((x)->lo, v)
#define hi_is(x, v) cmp_d_q((x)->hi, v)
#define same(x, y) \
    (!((x)->lo < (y)->lo || (x)->lo > (y)->lo || (x)->hi < (y)->hi || (x)->hi > (y)->hi))
#include "num_interval.tmpl.c"
#include "softbox/bind/unbind.h"
#undef load
#undef lo_is
#undef hi_is
#undef same

#include "softbox/bind/ivf.h"
#define load(x, v)  (mpfr_set_d((x)->lo, (v)[0], MPFR_RNDD), mpfr_set_d((x)->hi, (v)[1], MPFR_RNDU))
#define lo_is(x, v) mpfr_cmp_q((x)->lo, v)
#define hi_is(x, v) mpfr_cmp_q((x)->hi, v)
#define same(x, y)  (mpfr_equal_p((x)->lo, (y)->lo) && mpfr_equal_p((x)->hi, (y)->hi))
#include "num_interval.tmpl.c"
#include "softbox/bind/unbind.h"
#undef UNBOUNDED
#undef load
#undef lo_is
#undef hi_is
#undef same

#define UNBOUNDED false
#include "softbox/bind/ivq.h"
#define load(x, v)  (mpq_set_d((x)->lo, (v)[0]), mpq_set_d((x)->hi, (v)[1]))
#define lo_is(x, v) mpq_cmp((x)->lo, v)
#define hi_is(x, v) mpq_cmp((x)->hi, v)
#define same(x, y)  (mpq_equal((x)->lo, (y)->lo) && mpq_equal((x)->hi, (y)->hi))
#include "num_interval.tmpl.c"
#include "softbox/bind/unbind.h"

/* ---- tightness ---------------------------------------------------------------------------- */

static int64_t rank(double x)
{
    int64_t b;
    x += 0.0;
    memcpy(&b, &x, sizeof b);
    return b >= 0 ? b : INT64_MIN - b;
}

static double outward(mpq_srcptr q, mpfr_rnd_t rnd)
{
    double d;
    mpfr_t t;
    mpfr_init2(t, BITS);
    mpfr_set_q(t, q, rnd);
    d = mpfr_get_d(t, rnd);
    mpfr_clear(t);
    return d;
}

/* points, so that the tightest result is known: + - * / sqr at most 1 ulp, others 4 */
static void ivd_is_tight(void **state)
{
    uint64_t s = test_seed();
    value v;
    (void)state;
    value_init(&v);
    for (long round = 0; round < test_rounds(20000); round++) {
        const size_t k = sbx_rng(&s) % (sizeof table_ivd / sizeof *table_ivd - 1); /* not hull */
        const char *op = table_ivd[k].name;
        const int64_t most = k >= 4 && k <= 10 ? 4 : 1;
        const double a = draw_double(&s), b = draw_double(&s);
        const sbx_ivd x = {a, a}, y = {b, b};
        sbx_ivd z;
        if (!value_at(&v, op, a, b)) continue;
        if ((table_ivd[k].f ? table_ivd[k].f(&z, &x, NULL, err)
                            : table_ivd[k].g(&z, &x, &y, NULL, err)) != SBX_OK)
            continue;
        if (rank(outward(v.lo, MPFR_RNDD)) - rank(z.lo) > most ||
            rank(z.hi) - rank(outward(v.hi, MPFR_RNDU)) > most)
            fail_msg("%s %a %a: [%a,%a] is wide", op, a, b, z.lo, z.hi);
    }
    value_clear(&v);
}

/* the others: relative 2^(1-prec) of the true value; a rational value exactly */
static void ivq_is_tight(void **state)
{
    const char *const ops[] = {"sqrt", "exp", "exp2", "expm1", "log", "log1p", "tanh", "sigmoid"};
    uint64_t s = test_seed();
    value v;
    sbx_ivq x, z;
    mpq_t w, m;
    (void)state;
    value_init(&v);
    sbx_ivq_init(&x, NULL);
    sbx_ivq_init(&z, NULL);
    mpq_inits(w, m, NULL);
    for (long round = 0; round < test_rounds(3000); round++) {
        const size_t k = 3 + sbx_rng(&s) % 8;
        const sbx_ctx ctx = {.prec = 2 + (long)(sbx_rng(&s) % 150)};
        const double a = draw_double(&s);
        assert_string_equal(table_ivq[k].name, ops[k - 3]);
        assert_ok(sbx_ivq_set_d(&x, a, NULL, err));
        if (!value_at(&v, ops[k - 3], a, 0) || mpq_sgn(v.lo) * mpq_sgn(v.hi) < 0) continue;
        if (table_ivq[k].f(&z, &x, &ctx, err) != SBX_OK) continue;
        mpq_abs(m, mpq_sgn(v.lo) > 0 ? v.lo : v.hi);
        if (ctx.prec > 1) mpq_div_2exp(m, m, (mp_bitcnt_t)ctx.prec - 1);
        mpq_sub(w, v.hi, z.lo);
        assert_true(mpq_cmp(w, m) <= 0);
        mpq_sub(w, z.hi, v.lo);
        assert_true(mpq_cmp(w, m) <= 0);
    }
    value_clear(&v);
    sbx_ivq_clear(&x);
    sbx_ivq_clear(&z);
    mpq_clears(w, m, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_ivd),          cmocka_unit_test(holds_ivf),
        cmocka_unit_test(holds_ivq),          cmocka_unit_test(aliases_ivd),
        cmocka_unit_test(aliases_ivf),        cmocka_unit_test(aliases_ivq),
        cmocka_unit_test(fma_holds_ivd),      cmocka_unit_test(fma_holds_ivf),
        cmocka_unit_test(fma_holds_ivq),      cmocka_unit_test(sets_and_order_ivd),
        cmocka_unit_test(sets_and_order_ivf), cmocka_unit_test(sets_and_order_ivq),
        cmocka_unit_test(ivd_is_tight),       cmocka_unit_test(ivq_is_tight),
    };
    const int bad = cmocka_run_group_tests(tests, NULL, NULL);
    mpfr_free_cache();
    return bad;
}
