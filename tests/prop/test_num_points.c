/* test_num_points.c -- f32, f64, lowp, mpf round correctly: a reference rounds exact
 * rationals (or MPFR at 1300 bits, with what it cut off) to the format in integers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "softbox/num.h"

#include <float.h>
#include <math.h>

/* ---- the reference ---------------------------------------------------------------------- */

typedef struct format { /* as in num.h's table: bits, exponents of the leading bit */
    const char *name;
    int p, emin, emax;
    double largest; /* e4m3: 448 */
} format;

static const format formats[] = {
    {"fp16", 11, -14, 15, 65504},
    {"bf16", 8, -126, 127, 0x1.fep127},
    {"tf32", 11, -126, 127, 0x1.ffcp127},
    {"e5m2", 3, -14, 15, 57344},
    {"e4m3", 4, -6, 8, 448},
    {"f32", 24, -126, 127, 0x1.fffffep127},
    {"f64", 53, -1022, 1023, DBL_MAX},
};
#define F32     5
#define F64     6
#define SYSTEMS 7

/* floor(log2 |v|), v != 0 */
static long exponent(mpq_srcptr v)
{
    long e = (long)mpz_sizeinbase(mpq_numref(v), 2) - (long)mpz_sizeinbase(mpq_denref(v), 2);
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    mpq_abs(a, v);
    mpq_set_si(b, 1, 1);
    if (e >= 0)
        mpq_mul_2exp(b, b, (mp_bitcnt_t)e);
    else
        mpq_div_2exp(b, b, (mp_bitcnt_t)-e);
    if (mpq_cmp(a, b) < 0) e--;
    mpq_clears(a, b, NULL);
    return e;
}

/* v rounded to nearest, ties to even; more: the true value is a little beyond |v|.
 * What is above the largest number by half a step or more is infinite (e4m3: NaN). */
static double round_to(const format *f, mpq_srcptr v, bool more)
{
    mpq_t a, half;
    mpz_t n, r, d;
    double out = 0;
    if (mpq_sgn(v) == 0) return 0;
    mpq_inits(a, half, NULL);
    mpz_inits(n, r, d, NULL);
    {
        const long e = exponent(v), q = (e < f->emin ? f->emin : e) - f->p + 1;
        int tie;
        mpq_abs(a, v);
        if (q >= 0)
            mpq_div_2exp(a, a, (mp_bitcnt_t)q);
        else
            mpq_mul_2exp(a, a, (mp_bitcnt_t)-q);
        mpz_fdiv_qr(n, r, mpq_numref(a), mpq_denref(a));
        mpz_mul_2exp(r, r, 1);
        tie = mpz_cmp(r, mpq_denref(a)); /* the sign of the rest minus a half */
        if (tie > 0 || (tie == 0 && (more || mpz_odd_p(n)))) mpz_add_ui(n, n, 1);
        out = e > f->emax ? HUGE_VAL : ldexp(mpz_get_d(n), (int)q);
    }
    if (out > f->largest) out = f->largest <= 448 ? (double)NAN : HUGE_VAL;
    if (mpq_sgn(v) < 0) out = -out;
    mpq_clears(a, half, NULL);
    mpz_clears(n, r, d, NULL);
    return out;
}

/* a random number of the format; sometimes special */
static double draw(const format *f, uint64_t *s)
{
    const uint64_t kind = sbx_rng(s) % 64;
    const int span = f->emax - f->emin + f->p + 1;
    const double m = (double)(sbx_rng(s) >> (64 - f->p));
    int e = f->emin - f->p + 1 + (int)(sbx_rng(s) % (uint64_t)span);
    double v;
    if (kind == 0) return 0.0;
    if (kind == 1) return -0.0;
    if (kind == 2) return f->largest;
    if (kind == 3 && f->largest > 448) return HUGE_VAL;
    if (kind == 4) return ldexp(1, f->emin - f->p + 1);
    if (kind == 5) return (double)NAN;
    if (kind > 24) e = (int)(sbx_rng(s) % 16) - 8 - f->p / 2;
    if (e < f->emin - f->p + 1) e = f->emin - f->p + 1;
    v = ldexp(m, e);
    if (v > f->largest) v = f->largest;
    return sbx_rng(s) & 1 ? v : -v;
}

/* ---- the operations ---------------------------------------------------------------------- */

typedef enum op {
    ADD,
    SUB,
    MUL,
    DIV,
    FMA,
    SQR,
    SQRT,
    EXP,
    EXP2,
    EXPM1,
    LOG,
    LOG1P,
    TANH,
    SIGMOID,
    OPS
} op;
static const char *const names[OPS] = {"add", "sub",  "mul",   "div", "fma",   "sqr",  "sqrt",
                                       "exp", "exp2", "expm1", "log", "log1p", "tanh", "sigmoid"};

#define EVAL(S, in, out)                                                \
    static double eval_##S(op f, const double v[3], const sbx_ctx *ctx) \
    {                                                                   \
        sbx_##S x, y, a, z;                                             \
        sbx_status st = SBX_ERR_ARG;                                    \
        double r;                                                       \
        sbx_##S##_init(&x, ctx);                                        \
        sbx_##S##_init(&y, ctx);                                        \
        sbx_##S##_init(&a, ctx);                                        \
        sbx_##S##_init(&z, ctx);                                        \
        in(&x, v[0]);                                                   \
        in(&y, v[1]);                                                   \
        in(&a, v[2]);                                                   \
        switch (f) {                                                    \
        case ADD: st = sbx_##S##_add(&z, &x, &y, ctx, err); break;      \
        case SUB: st = sbx_##S##_sub(&z, &x, &y, ctx, err); break;      \
        case MUL: st = sbx_##S##_mul(&z, &x, &y, ctx, err); break;      \
        case DIV: st = sbx_##S##_div(&z, &x, &y, ctx, err); break;      \
        case FMA: st = sbx_##S##_fma(&z, &x, &y, &a, ctx, err); break;  \
        case SQR: st = sbx_##S##_sqr(&z, &x, ctx, err); break;          \
        case SQRT: st = sbx_##S##_sqrt(&z, &x, ctx, err); break;        \
        case EXP: st = sbx_##S##_exp(&z, &x, ctx, err); break;          \
        case EXP2: st = sbx_##S##_exp2(&z, &x, ctx, err); break;        \
        case EXPM1: st = sbx_##S##_expm1(&z, &x, ctx, err); break;      \
        case LOG: st = sbx_##S##_log(&z, &x, ctx, err); break;          \
        case LOG1P: st = sbx_##S##_log1p(&z, &x, ctx, err); break;      \
        case TANH: st = sbx_##S##_tanh(&z, &x, ctx, err); break;        \
        case SIGMOID: st = sbx_##S##_sigmoid(&z, &x, ctx, err); break;  \
        case OPS: break;                                                \
        }                                                               \
        assert_ok(st);                                                  \
        r = out(&z);                                                    \
        if (f == EXP) { /* the result may be the operand */             \
            assert_ok(sbx_##S##_exp(&x, &x, ctx, err));                 \
            assert_true(!(out(&x) < r || out(&x) > r));                 \
        }                                                               \
        sbx_##S##_clear(&x);                                            \
        sbx_##S##_clear(&y);                                            \
        sbx_##S##_clear(&a);                                            \
        sbx_##S##_clear(&z);                                            \
        return r;                                                       \
    }
#define IN_FLOAT(x, v)  (*(x) = (float)(v))
#define IN_DOUBLE(x, v) (*(x) = (v))
#define IN_LOWP(x, w)   ((x)->v = (w))
#define IN_MPF(x, w)    mpfr_set_d((x)->v, w, MPFR_RNDN)
#define OUT_HARD(x)     ((double)*(x))
#define OUT_LOWP(x)     ((x)->v)
#define OUT_MPF(x)      mpfr_get_d((x)->v, MPFR_RNDN)
EVAL(f32, IN_FLOAT, OUT_HARD)
EVAL(f64, IN_DOUBLE, OUT_HARD)
EVAL(lowp, IN_LOWP, OUT_LOWP)
EVAL(mpf, IN_MPF, OUT_MPF)

static double eval(size_t k, op f, const double v[3])
{
    const sbx_ctx ctx = {.prec = 128, .format = (sbx_format)k};
    return k == F32   ? eval_f32(f, v, NULL)
           : k == F64 ? eval_f64(f, v, NULL)
                      : eval_lowp(f, v, &ctx);
}

/* f(x) cut to 1300 bits: r, and whether something was cut off. A tiny x needs 1100 bits
 * in sigmoid's 1/2 + x/4. */
static void function(mpfr_ptr r, bool *more, op f, double x)
{
    mpfr_t a;
    int t = 0;
    mpfr_init2(a, 53);
    mpfr_set_d(a, x, MPFR_RNDN);
    switch ((int)f) {
    case SQRT: t = mpfr_sqrt(r, a, MPFR_RNDZ); break;
    case EXP: t = mpfr_exp(r, a, MPFR_RNDZ); break;
    case EXP2: t = mpfr_exp2(r, a, MPFR_RNDZ); break;
    case EXPM1: t = mpfr_expm1(r, a, MPFR_RNDZ); break;
    case LOG: t = mpfr_log(r, a, MPFR_RNDZ); break;
    case LOG1P: t = mpfr_log1p(r, a, MPFR_RNDZ); break;
    case TANH: t = mpfr_tanh(r, a, MPFR_RNDZ); break;
    default: /* sigmoid, a little below */
        mpfr_neg(a, a, MPFR_RNDN);
        t = mpfr_exp(r, a, MPFR_RNDU);
        mpfr_add_ui(r, r, 1, MPFR_RNDU);
        (void)mpfr_ui_div(r, 1, r, MPFR_RNDZ);
    }
    *more = t != 0;
    mpfr_clear(a);
}

/* What IEEE 754 says when an operand or the value is not a finite number: through double,
 * where the answers are 0, an infinity or a NaN. */
static bool special(double *want, op f, const double v[3])
{
    const double x = v[0], y = v[1], a = v[2];
    const bool one = f >= SQR, two = f < FMA;
    const bool finite =
        fabs(x) <= DBL_MAX && (one || fabs(y) <= DBL_MAX) && (one || two || fabs(a) <= DBL_MAX);
    if (finite && !(f == DIV && y == 0) && !(f == SQRT && x < 0) && !(f == LOG && x <= 0) &&
        !(f == LOG1P && x <= -1))
        return false;
    switch ((int)f) {
    case ADD: *want = x + y; break;
    case SUB: *want = x - y; break;
    case MUL: *want = x * y; break;
    case DIV: *want = x / y; break;
    case FMA: *want = fma(x, y, a); break;
    case SQR: *want = x * x; break;
    case SQRT: *want = sqrt(x); break;
    case LOG: *want = x == 0 ? -HUGE_VAL : x < 0 ? (double)NAN : x; break;
    case LOG1P: *want = x == -1 ? -HUGE_VAL : x < 0 ? (double)NAN : x; break;
    case EXP:
    case EXP2: *want = x < 0 ? 0 : x; break;
    case EXPM1: *want = x < 0 ? -1 : x; break;
    case TANH: *want = isnan(x) ? x : copysign(1, x); break;
    case SIGMOID: *want = isnan(x) ? x : x > 0; break;
    }
    return true;
}

static double reference(const format *f, op o, const double v[3])
{
    double want = 0;
    bool more = false;
    mpq_t x, y;
    mpfr_t r;
    if (special(&want, o, v)) return f->largest <= 448 && isinf(want) ? (double)NAN : want;
    mpq_inits(x, y, NULL);
    mpfr_init2(r, 1300);
    mpq_set_d(x, v[0]);
    if (o <= FMA) mpq_set_d(y, v[1]);
    switch ((int)o) {
    case ADD: mpq_add(x, x, y); break;
    case SUB: mpq_sub(x, x, y); break;
    case MUL: mpq_mul(x, x, y); break;
    case DIV: mpq_div(x, x, y); break;
    case FMA:
        mpq_mul(x, x, y);
        mpq_set_d(y, v[2]);
        mpq_add(x, x, y);
        break;
    case SQR: mpq_mul(x, x, x); break;
    default:
        function(r, &more, o, v[0]);
        if (mpfr_zero_p(r) && more) { /* under MPFR's range */
            want = 0;
            goto done;
        }
        if (mpfr_regular_p(r) && labs(mpfr_get_exp(r)) > 200000) { /* far outside the format */
            want = mpfr_get_exp(r) < 0 ? 0 : mpfr_sgn(r) * HUGE_VAL;
            if (f->largest <= 448 && isinf(want)) want = (double)NAN;
            goto done;
        }
        mpfr_get_q(x, r);
    }
    want = round_to(f, x, more);
done:
    mpq_clears(x, y, NULL);
    mpfr_clear(r);
    return want;
}

static bool agree(double a, double b)
{
    return (isnan(a) && isnan(b)) || (!(a < b) && !(a > b) && !isnan(a) && !isnan(b));
}

static void compare(size_t k, op o, const double v[3])
{
    const double got = eval(k, o, v), want = reference(&formats[k], o, v);
    if (!agree(got, want))
        fail_msg("%s %s %a %a %a: %a, not %a", formats[k].name, names[o], v[0], v[1], v[2], got,
                 want);
}

static void operations_round_correctly(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (size_t k = 0; k < SYSTEMS; k++)
        for (long round = 0; round < test_rounds(4000); round++) {
            const op o = (op)(sbx_rng(&s) % OPS);
            const double v[3] = {draw(&formats[k], &s), draw(&formats[k], &s),
                                 draw(&formats[k], &s)};
            compare(k, o, v);
        }
}

/* Every e4m3 and every e5m2 number under every unary operation; every pair under + and *. */
static void eight_bits_exhaustively(void **state)
{
    (void)state;
    for (size_t k = SBX_E5M2; k <= SBX_E4M3; k++) {
        const format *f = &formats[k];
        double all[256];
        size_t n = 0;
        for (int e = f->emin - 1; e <= f->emax; e++)
            for (int m = 0; m < 1 << (f->p - 1); m++) {
                const double v = e < f->emin ? ldexp(m, f->emin - f->p + 1)
                                             : ldexp(m + (1 << (f->p - 1)), e - f->p + 1);
                if (v > f->largest) continue;
                all[n++] = v;
                all[n++] = -v;
            }
        assert_int_equal(n, k == SBX_E5M2 ? 248 : 254);
        for (size_t i = 0; i < n; i++) {
            for (int o = SQR; o < OPS; o++)
                compare(k, (op)o, (double[]){all[i], 0, 0});
            for (size_t j = i % 3; j < n; j += 3) {
                compare(k, ADD, (double[]){all[i], all[j], 0});
                compare(k, MUL, (double[]){all[i], all[j], 0});
            }
        }
    }
}

/* a double, and a rational, to each format */
static void conversions_round_correctly(void **state)
{
    uint64_t s = test_seed();
    mpq_t q;
    (void)state;
    mpq_init(q);
    for (size_t k = 0; k < SYSTEMS; k++)
        for (long round = 0; round < test_rounds(3000); round++) {
            const sbx_ctx ctx = {.prec = 128, .format = (sbx_format)(k % F32)};
            /* near numbers and midpoints of the format */
            const double v =
                draw(&formats[k], &s) + (k == F64 ? 0 : draw(&formats[k], &s) * 0x1p-12);
            sbx_lowp l;
            sbx_f32 f;
            sbx_f64 d;
            double want;
            if (!(fabs(v) <= DBL_MAX)) continue;
            mpq_set_d(q, v);
            want = round_to(&formats[k], q, false);
            assert_ok(sbx_lowp_set_d(&l, v, &ctx, err));
            assert_ok(sbx_f32_set_d(&f, v, NULL, err));
            assert_ok(sbx_f64_set_d(&d, v, NULL, err));
            assert_true(agree(k == F32 ? (double)f : k == F64 ? d : l.v, want));
            mpz_add_ui(mpq_denref(q), mpq_denref(q), sbx_rng(&s) % 3);
            mpq_canonicalize(q);
            want = round_to(&formats[k], q, false);
            assert_ok(sbx_lowp_set_q(&l, q, &ctx, err));
            assert_ok(sbx_f32_set_q(&f, q, NULL, err));
            assert_ok(sbx_f64_set_q(&d, q, NULL, err));
            assert_true(agree(k == F32 ? (double)f : k == F64 ? d : l.v, want));
        }
    mpq_clear(q);
}

/* mpf at 11 bits, where nothing leaves fp16's normal range, is fp16 */
static void mpf_rounds_correctly(void **state)
{
    const sbx_ctx ctx = {.prec = 11};
    const format wide = {"mpf:11", 11, -100000, 100000, HUGE_VAL};
    uint64_t s = test_seed();
    (void)state;
    for (long round = 0; round < test_rounds(3000); round++) {
        const op o = (op)(sbx_rng(&s) % OPS);
        double v[3], want, got;
        for (int i = 0; i < 3; i++)
            v[i] = draw(&formats[SBX_FP16], &s);
        want = reference(&wide, o, v);
        got = eval_mpf(o, v, &ctx);
        if (fabs(want) < DBL_MIN && fabs(got) < DBL_MIN) continue; /* OUT_MPF is a double */
        if (!agree(got, want))
            fail_msg("mpf:11 %s %a %a %a: %a, not %a", names[o], v[0], v[1], v[2], got, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_round_correctly),
        cmocka_unit_test(eight_bits_exhaustively),
        cmocka_unit_test(conversions_round_correctly),
        cmocka_unit_test(mpf_rounds_correctly),
    };
    const int bad = cmocka_run_group_tests(tests, NULL, NULL);
    mpfr_free_cache();
    return bad;
}
