/* Rounding errors of attention mechanisms: the machine, judged by the number systems of the formats (MPFR) and by
 * programs written apart from the library; bounds, judged by exact rationals and by what is observed.
 * [L-ERR-20] [L-ERR-21] [L-ERR-22] [L-ERR-23] [L-ERR-24]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "mech/machine.h"
#include "mech/mech.h"
#include "mech/tape.h"

static const char *const formats[] = {"f64", "f32", "fp16", "bf16", "tf32", "e5m2", "e4m3"};
#define FORMATS (sizeof formats / sizeof *formats)
static const char *const inputs[] = {"gaussian", "two-clusters", "needle", "deng"};
static const char *const forms[] = {"softmax:form=naive",
                                    "softmax:form=online",
                                    "softmax:form=flash:tile=3",
                                    "linear:form=recurrent",
                                    "sima:order=right",
                                    "lightning:form=recurrent",
                                    "lightning:lambda=3/7:form=chunked:tile=3"};
#define FORMS (sizeof forms / sizeof *forms)

enum { N = 8, D = 4, DV = 3 };

/* the k-th mechanism or form; NULL: no more */
static const char *name_of(size_t k)
{
    size_t n = 0;
    while (sbx_mechs()[n])
        n++;
    if (k < n) return sbx_mech_get_info(sbx_mechs()[k])->name;
    return k - n < FORMS ? forms[k - n] : NULL;
}

static bool make(sbx_mech_args *a, sbx_mech_data *x, const char *name, const char *input,
                 uint64_t seed)
{
    assert_ok(sbx_mech_read(a, name, err));
    a->zero_row = SBX_ZERO_UNIFORM;
    assert_ok(sbx_mech_generate(x, input, N, D, DV, seed, err));
    if (sbx_mech_fill(x, a, seed, err) == SBX_OK) return true;
    sbx_mech_data_clear(x);
    sbx_mech_args_clear(a);
    return false;
}
static void end(sbx_mech_args *a, sbx_mech_data *x)
{
    sbx_mech_data_clear(x);
    sbx_mech_args_clear(a);
}

/* ---- the machine, against the formats' number systems --------------------------------------- */

/* o = the outputs in system S as doubles; false: none */
#define OUTPUT(S, value)                                                              \
    static bool output_##S(double *o, const sbx_mech_args *a, const sbx_mech_data *x, \
                           const sbx_ctx *ctx)                                        \
    {                                                                                 \
        sbx_mech_in_##S in;                                                           \
        sbx_mech_run_##S *r = NULL;                                                   \
        static sbx_##S z[N * DV];                                                     \
        bool ok = sbx_mech_in_of_##S(&in, x, ctx, NULL) == SBX_OK;                    \
        for (size_t k = 0; k < (size_t)N * DV; k++)                                   \
            sbx_##S##_init(&z[k], ctx);                                               \
        ok = ok && sbx_mech_open_##S(&r, a, &in, ctx, NULL) == SBX_OK &&              \
             sbx_mech_output_##S(z, r, NULL) == SBX_OK;                               \
        for (size_t k = 0; k < (size_t)N * DV; k++)                                   \
            o[k] = value;                                                             \
        sbx_mech_close_##S(r);                                                        \
        sbx_mech_in_free_##S(&in);                                                    \
        return ok;                                                                    \
    }
OUTPUT(f64, z[k])
OUTPUT(f32, (double)z[k])
OUTPUT(lowp, z[k].v)
OUTPUT(sim, z[k].v)

/* every mechanism in every format: the same bits, and overflow where they have an infinity or a NaN */
static void machine_is_the_format(void **state)
{
    (void)state;
    for (size_t k = 0; name_of(k); k++)
        for (size_t g = 0; g < 4; g++)
            for (size_t f = 0; f < FORMATS; f++) {
                sbx_mech_machine s;
                sbx_mech_args a;
                sbx_mech_data x;
                em m;
                sbx_mech_ctx c = {sbx_ctx_default, &m};
                sbx_ctx low = {.prec = 128};
                double p[N * DV], q[N * DV];
                bool one, two, finite = true;
                if (!make(&a, &x, name_of(k), inputs[g], 3 + g)) continue;
                assert_ok(sbx_mech_machine_make(&s, formats[f], err));
                sbx_mech_em(&m, &s);
                low.format = s.format;
                assert_ok(sbx_mech_machine_round(&x, &s, err));
                one = output_sim(p, &a, &x, &c.base);
                two = s.number == SBX_NUM_F64   ? output_f64(q, &a, &x, NULL)
                      : s.number == SBX_NUM_F32 ? output_f32(q, &a, &x, NULL)
                                                : output_lowp(q, &a, &x, &low);
                if (one != two)
                    fail_msg("%s, %s, %s: %d, %d", name_of(k), inputs[g], formats[f], one, two);
                for (size_t i = 0; i < (size_t)N * DV && one; i++) {
                    finite = finite && q[i] - q[i] == 0.0;
                    if (p[i] - p[i] == 0.0 && q[i] - q[i] == 0.0 && !(p[i] <= q[i] && p[i] >= q[i]))
                        fail_msg("%s, %s, %s: %a, %a", name_of(k), inputs[g], formats[f], p[i],
                                 q[i]);
                }
                if (one && !finite) assert_true(m.overflow);
                end(&a, &x);
            }
}

/* ---- softmax attention written apart, by MPFR: an accumulator, fma, flush to zero ----------------- */

typedef struct {
    int p, emin, emax;
    bool ftz;
} form;

static double fit(mpfr_t r, int t, const form *f)
{
    const mpfr_exp_t lo = mpfr_get_emin(), hi = mpfr_get_emax();
    double v;
    (void)mpfr_set_emin(f->emin - f->p + 2);
    (void)mpfr_set_emax(f->emax + 1);
    t = mpfr_check_range(r, t, MPFR_RNDN);
    (void)mpfr_subnormalize(r, t, MPFR_RNDN);
    (void)mpfr_set_emin(lo);
    (void)mpfr_set_emax(hi);
    v = mpfr_get_d(r, MPFR_RNDN);
    return f->ftz && fabs(v) < ldexp(1.0, f->emin) ? 0.0 : v;
}

/* a op b (+ c), rounded once to f */
static double step(const form *f, char op, double a, double b, double c)
{
    mpfr_t x, y, z, r;
    double v;
    int t = 0;
    mpfr_inits2(53, x, y, z, (mpfr_ptr)NULL);
    mpfr_init2(r, f->p);
    mpfr_set_d(x, a, MPFR_RNDN);
    mpfr_set_d(y, b, MPFR_RNDN);
    mpfr_set_d(z, c, MPFR_RNDN);
    if (op == '+') t = mpfr_add(r, x, y, MPFR_RNDN);
    if (op == '-') t = mpfr_sub(r, x, y, MPFR_RNDN);
    if (op == '*') t = mpfr_mul(r, x, y, MPFR_RNDN);
    if (op == '/') t = mpfr_div(r, x, y, MPFR_RNDN);
    if (op == 'f') t = mpfr_fma(r, x, y, z, MPFR_RNDN);
    if (op == 'e') t = mpfr_exp(r, x, MPFR_RNDN);
    if (op == '=') t = mpfr_set(r, x, MPFR_RNDN);
    v = fit(r, t, f);
    mpfr_clears(x, y, z, r, (mpfr_ptr)NULL);
    return v;
}

static double dot_apart(const form *w, const form *acc, bool fused, const double *a, size_t sa,
                        const double *b, size_t sb, size_t n)
{
    double s = step(acc, '*', a[0], b[0], 0.0);
    for (size_t k = 1; k < n; k++)
        s = fused ? step(acc, 'f', a[k * sa], b[k * sb], s)
                  : step(acc, '+', s, step(acc, '*', a[k * sa], b[k * sb], 0.0), 0.0);
    return step(w, '=', s, 0.0, 0.0);
}

static void attention_apart(double *o, const double *q, const double *k, const double *v,
                            const form *w, const form *acc, bool fused)
{
    for (size_t i = 0; i < N; i++) {
        double s[N], top, sum;
        for (size_t j = 0; j < N; j++)
            s[j] = step(w, '*', dot_apart(w, acc, fused, q + i * D, 1, k + j * D, 1, D), 0.5, 0.0);
        top = s[0];
        for (size_t j = 1; j < N; j++)
            top = fmax(top, s[j]);
        for (size_t j = 0; j < N; j++)
            s[j] = step(w, 'e', step(w, '-', s[j], top, 0.0), 0.0, 0.0);
        sum = s[0];
        for (size_t j = 1; j < N; j++)
            sum = step(acc, '+', sum, s[j], 0.0);
        sum = step(w, '=', sum, 0.0, 0.0);
        for (size_t j = 0; j < N; j++)
            s[j] = step(w, '/', s[j], sum, 0.0);
        for (size_t c = 0; c < DV; c++)
            o[i * DV + c] = dot_apart(w, acc, fused, s, 1, v + c, DV, N);
    }
}

static void machine_apart(void **state)
{
    static const struct {
        const char *number, *acc;
        bool fma, ftz;
        form w, a;
    } t[] = {{"fp16", "fp16", false, false, {11, -14, 15, false}, {11, -14, 15, false}},
             {"fp16", "f32", false, false, {11, -14, 15, false}, {24, -126, 127, false}},
             {"fp16", "f32", true, true, {11, -14, 15, true}, {24, -126, 127, true}},
             {"bf16", "f32", true, false, {8, -126, 127, false}, {24, -126, 127, false}},
             {"f32", "f64", false, false, {24, -126, 127, false}, {53, -1022, 1023, false}},
             {"e5m2", "f32", true, false, {3, -14, 15, false}, {24, -126, 127, false}},
             {"f64", "f64", true, false, {53, -1022, 1023, false}, {53, -1022, 1023, false}}};
    (void)state;
    for (size_t r = 0; r < sizeof t / sizeof *t; r++)
        for (uint64_t seed = 1; seed <= 10; seed++) {
            sbx_mech_machine s;
            sbx_mech_args a;
            sbx_mech_data x;
            em m;
            const sbx_mech_ctx c = {sbx_ctx_default, &m};
            double q[N * D], k[N * D], v[N * DV], p[N * DV], o[N * DV];
            assert_true(make(&a, &x, "softmax", inputs[seed % 4], seed));
            assert_ok(sbx_mech_machine_make(&s, t[r].number, err));
            assert_ok(sbx_error_number(&s.acc, &s.acc_format, t[r].acc, err));
            s.fma = t[r].fma;
            s.ftz = t[r].ftz;
            sbx_mech_em(&m, &s);
            assert_ok(sbx_mech_machine_round(&x, &s, err));
            for (size_t i = 0; i < (size_t)N * D; i++)
                q[i] = mpq_get_d(x.q[i]), k[i] = mpq_get_d(x.k[i]);
            for (size_t i = 0; i < (size_t)N * DV; i++)
                v[i] = mpq_get_d(x.v[i]);
            attention_apart(o, q, k, v, &t[r].w, &t[r].a, t[r].fma);
            assert_true(output_sim(p, &a, &x, &c.base));
            for (size_t i = 0; i < (size_t)N * DV; i++)
                if (!(p[i] <= o[i] && p[i] >= o[i]))
                    fail_msg("%s in %s, seed %d, %zu: %a, apart %a", t[r].number, t[r].acc,
                             (int)seed, i, p[i], o[i]);
            end(&a, &x);
        }
}

/* ---- bounds ----------------------------------------------------------------------------------- */

/* whether there was something to compare: a run without an overflow */
static bool never_violated(const sbx_error_report *r, const char *what)
{
    if (!r->ran || r->overflow) return false;
    if (!(r->observed_lo <= r->observed)) fail_msg("%s: no interval", what);
    if (!(r->observed_lo <= r->bound))
        fail_msg("%s: %g above the bound %g", what, r->observed_lo, r->bound);
    if (!(r->observed_lo <= r->apriori))
        fail_msg("%s: %g above the theorem's %g", what, r->observed_lo, r->apriori);
    return true;
}

/* Of all questions: no value there (the one status that is allowed beside SBX_OK), compared, with a
 * bound, with a theorem's. */
typedef struct {
    size_t asked, refused, compared, bounded, theorems;
} counts;

static bool counted(counts *c, sbx_status st, const sbx_err *why, const char *what)
{
    c->asked++;
    if (st != SBX_OK && st != SBX_ERR_DOMAIN) fail_msg("%s: status %d, %s", what, st, why->msg);
    c->refused += st != SBX_OK;
    return st == SBX_OK;
}
static void count(counts *c, const sbx_error_report *r, const char *what)
{
    c->compared += never_violated(r, what);
    c->bounded += r->bound < HUGE_VAL;
    c->theorems += r->apriori < HUGE_VAL;
}
/* at least so many per cent of what was asked */
static void enough(const counts *c, size_t asked, size_t compared, size_t bounded, size_t theorems)
{
    if (c->asked < asked || c->compared * 100 < c->asked * compared ||
        c->bounded * 100 < c->asked * bounded || c->theorems < theorems)
        fail_msg("asked %zu, refused %zu, compared %zu, bounded %zu, theorems %zu", c->asked,
                 c->refused, c->compared, c->bounded, c->theorems);
}

static void options_of(sbx_mech_machine *s, size_t k)
{
    if (k % 3 == 1)
        s->acc = s->number == SBX_NUM_F64   ? SBX_NUM_F64
                 : s->number == SBX_NUM_F32 ? SBX_NUM_F64
                                            : SBX_NUM_F32;
    s->fma = k % 3 == 2;
    s->ftz = k % 4 == 3;
}

/* every mechanism, every format, four inputs */
static void points(void **state)
{
    counts coarse = {0, 0, 0, 0, 0}, precise = coarse;
    (void)state;
    for (size_t k = 0; name_of(k); k++)
        for (size_t g = 0; g < 4; g++)
            for (size_t f = 0; f < FORMATS; f++) {
                sbx_mech_machine s;
                sbx_mech_args a;
                sbx_mech_data x;
                sbx_mech_error e;
                char what[100];
                (void)snprintf(what, sizeof what, "%s, %s, %s", name_of(k), inputs[g], formats[f]);
                if (!make(&a, &x, name_of(k), inputs[g], 7 + g + k)) continue;
                assert_ok(sbx_mech_machine_make(&s, formats[f], err));
                options_of(&s, k + g + f);
                counts *const c = f < 2 ? &precise : &coarse;
                sbx_err why = {SBX_OK, NULL, ""};
                if (counted(c, sbx_mech_error_point(&e, &a, &x, &s, 0, &why), &why, what)) {
                    count(c, &e.output, what);
                    if (e.has_weights) (void)never_violated(&e.weight, what);
                }
                end(&a, &x);
            }
    enough(&precise, 340, 100, 95, 80);
    enough(&coarse, 850, 95, 80, 110);
}

/* The observed error of a rational mechanism encloses the exact one. */
static void observed_is_exact(void **state)
{
    static const char *const names[] = {
        "linear",    "sima", "sima:order=right", "lightning", "lightning:form=chunked:tile=3",
        "expressive"};
    size_t judged = 0;
    (void)state;
    for (size_t k = 0; k < 6; k++)
        for (size_t f = 0; f < FORMATS; f++) {
            sbx_mech_machine s;
            sbx_mech_args a;
            sbx_mech_data x;
            sbx_mech_error e;
            sbx_mech_in_mpq in;
            sbx_mech_run_mpq *r = NULL;
            em m;
            const sbx_mech_ctx c = {sbx_ctx_default, &m};
            static sbx_mpq o[N * DV];
            double p[N * DV];
            mpq_t t, most;
            mpq_inits(t, most, NULL);
            assert_true(make(&a, &x, names[k], inputs[f % 4], 5 + f));
            assert_ok(sbx_mech_machine_make(&s, formats[f], err));
            assert_ok(sbx_mech_machine_round(&x, &s, err));
            sbx_mech_em(&m, &s);
            for (size_t i = 0; i < (size_t)N * DV; i++)
                sbx_mpq_init(&o[i], NULL);
            assert_ok(sbx_mech_in_of_mpq(&in, &x, NULL, err));
            if (output_sim(p, &a, &x, &c.base) && !m.overflow &&
                sbx_mech_open_mpq(&r, &a, &in, NULL, NULL) == SBX_OK &&
                sbx_mech_output_mpq(o, r, NULL) == SBX_OK) {
                for (size_t i = 0; i < (size_t)N * DV; i++) {
                    mpq_set_d(t, p[i]);
                    mpq_sub(t, t, o[i].v);
                    mpq_abs(t, t);
                    if (mpq_cmp(t, most) > 0) mpq_set(most, t);
                }
                assert_ok(sbx_mech_error_point(&e, &a, &x, &s, 0, err));
                mpq_set_d(t, e.output.observed_lo);
                if (mpq_cmp(t, most) > 0) fail_msg("%s, %s: above", names[k], formats[f]);
                mpq_set_d(t, e.output.observed);
                if (mpq_cmp(t, most) < 0) fail_msg("%s, %s: below", names[k], formats[f]);
                assert_true(e.output.observed - e.output.observed_lo <=
                            1e-6 * e.output.observed + DBL_MIN);
                judged++;
            }
            sbx_mech_close_mpq(r);
            sbx_mech_in_free_mpq(&in);
            for (size_t i = 0; i < (size_t)N * DV; i++)
                sbx_mpq_clear(&o[i]);
            mpq_clears(t, most, NULL);
            end(&a, &x);
        }
    if (judged < 40) fail_msg("%zu runs were judged", judged);
}

/* The bound over a box holds at what a search finds, and is not far above it. */
static void boxes(void **state)
{
    counts c = {0, 0, 0, 0, 0};
    (void)state;
    for (size_t k = 0; name_of(k); k++)
        for (size_t f = 0; f < FORMATS; f++) {
            const sbx_error_effort few = {.tries = (size_t)test_rounds(20), .seed = k + 1};
            sbx_mech_machine s;
            sbx_mech_args a;
            sbx_mech_data x, worst = {.shape = {0, 0, 0, 0}};
            sbx_mech_error e, p;
            char what[100];
            (void)snprintf(what, sizeof what, "%s, %s", name_of(k), formats[f]);
            if (!make(&a, &x, name_of(k), inputs[(k + f) % 4], 11 + k)) continue;
            assert_ok(sbx_mech_machine_make(&s, formats[f], err));
            options_of(&s, k + f);
            sbx_err why = {SBX_OK, NULL, ""};
            const sbx_status st = sbx_mech_error_box(&e, &worst, &a, &x, 0x1p-7, &s, &few,
                                                     SBX_MECH_ERROR_NO_WEIGHTS, &why);
            if (counted(&c, st, &why, what)) {
                count(&c, &e.output, what);
                if (e.output.ran && !e.output.overflow) {
                    assert_ok(
                        sbx_mech_error_point(&p, &a, &worst, &s, SBX_MECH_ERROR_NO_WEIGHTS, err));
                    assert_true(p.output.observed >= e.output.observed_lo);
                    assert_true(p.output.observed_lo <= e.output.bound);
                }
            }
            sbx_mech_data_clear(&worst);
            end(&a, &x);
        }
    enough(&c, 300, 95, 75, 45);
}

/* A rounding that is a NaN makes the tape of no use; it is not taken for "exact". */
static void tape_of_a_nan(void **state)
{
    sbx_mech_machine s;
    em m;
    const sbx_mech_ctx c = {sbx_ctx_default, &m};
    (void)state;
    assert_ok(sbx_mech_machine_make(&s, "f32", err));
    sbx_mech_em(&m, &s);
    for (int k = 0; k < 3; k++) {
        static const double abs[] = {0.0, 0x1p-24, (double)NAN};
        sbx_rea x, y, z;
        m.record = sbx_tape_new(10);
        assert_non_null(m.record);
        sbx_rea_init(&x, &c.base);
        sbx_rea_init(&y, &c.base);
        sbx_rea_init(&z, &c.base);
        x.lo = x.hi = y.lo = y.hi = 1.0;
        z.lo = z.hi = 2.0;
        sbx_tape_push(&z, TAPE_SUM, &x, &y, NULL, 0.0, abs[k]);
        assert_int_equal(sbx_tape_usable(m.record), k < 2);
        if (k < 2) assert_int_equal(z.id, k);
        sbx_tape_free(m.record);
        m.record = NULL;
    }
}

/* Where the machine's numbers leave the format: observed, and no bound. */
static void overflows(void **state)
{
    sbx_mech_machine s;
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_mech_error e;
    (void)state;
    assert_ok(sbx_mech_machine_make(&s, "fp16", err));
    for (int shifted = 0; shifted < 2; shifted++) {
        assert_true(make(&a, &x, shifted ? "softmax" : "softmax:form=naive", "gaussian", 1));
        for (size_t i = 0; i < D; i++) {
            mpq_set_si(x.q[i], 4, 1);
            mpq_set_si(x.k[i], 3, 1); /* a score of 24: e^24 is above 65504 */
        }
        assert_ok(sbx_mech_error_point(&e, &a, &x, &s, 0, err));
        assert_int_equal(e.output.overflow, !shifted);
        assert_int_equal(e.output.bound < HUGE_VAL, shifted);
        assert_int_equal(e.output.reason == NULL, shifted);
        end(&a, &x);
    }
}

static void refusals(void **state)
{
    sbx_mech_machine s;
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_mech_error e;
    sbx_err why = {SBX_OK, NULL, ""};
    (void)state;
    assert_int_equal(sbx_mech_machine_make(&s, "fp17", &why), SBX_ERR_ARG);
    assert_true(make(&a, &x, "softmax", "gaussian", 1));
    assert_ok(sbx_mech_machine_make(&s, "f32", err));
    s.acc = SBX_NUM_LOWP;
    s.acc_format = SBX_FP16;
    assert_int_equal(sbx_mech_error_point(&e, &a, &x, &s, 0, &why), SBX_ERR_ARG);
    assert_ok(sbx_mech_machine_make(&s, "f32", err));
    s.exp_ulps = 0.0;
    assert_int_equal(sbx_mech_error_point(&e, &a, &x, &s, 0, &why), SBX_ERR_ARG);
    s.exp_ulps = 0.5;
    assert_int_equal(sbx_mech_error_box(&e, NULL, &a, &x, -1.0, &s, NULL, 0, &why), SBX_ERR_ARG);
    assert_ok(sbx_mech_machine_make(&s, "e4m3", err));
    mpq_set_si(x.q[0], 1000, 1);
    assert_int_equal(sbx_mech_error_point(&e, &a, &x, &s, 0, &why), SBX_ERR_DOMAIN);
    end(&a, &x);
}

/* Numbers that may stand in another order computed than exact: no bound from then on. */
static void uncertain_orders(void **state)
{
    static const char *const third[] = {"1/3", "11/32", "1/4", "1/3"};
    (void)state;
    for (int k = 0; k < 4; k++) { /* against 1/3 rounded to fp16, 0x1.554p-2 */
        sbx_mech_machine s;
        em m;
        const sbx_mech_ctx c = {sbx_ctx_default, &m};
        sbx_rea x, y;
        mpq_t q;
        mpq_init(q);
        assert_ok(sbx_mech_machine_make(&s, "fp16", err));
        sbx_mech_em(&m, &s);
        sbx_rea_init(&x, &c.base);
        sbx_rea_init(&y, &c.base);
        (void)mpq_set_str(q, third[k], 10);
        assert_ok(sbx_rea_set_q(&x, q, &c.base, err));
        if (k == 0) {
            assert_ok(sbx_rea_set_d(&y, 0x1.555p-2, &c.base, err)); /* rounds to 0x1.554p-2 */
            assert_int_equal(sbx_rea_lt(&x, &y), SBX_UNKNOWN);
            assert_non_null(m.why);
        } else {
            (void)mpq_set_str(q, "1/3", 10);
            assert_ok(sbx_rea_set_q(&y, q, &c.base, err));
            if (k == 3)
                assert_int_equal(sbx_rea_le(&y, &y), SBX_TRUE);
            else
                assert_int_equal(sbx_rea_lt(&x, &y), k == 1 ? SBX_FALSE : SBX_TRUE);
            assert_null(m.why);
        }
        mpq_clear(q);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(machine_is_the_format),
                                       cmocka_unit_test(machine_apart),
                                       cmocka_unit_test(points),
                                       cmocka_unit_test(observed_is_exact),
                                       cmocka_unit_test(boxes),
                                       cmocka_unit_test(tape_of_a_nan),
                                       cmocka_unit_test(overflows),
                                       cmocka_unit_test(uncertain_orders),
                                       cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
