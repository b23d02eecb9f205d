/* test_ops_curves.c -- the operators that are functions of one element: attributes and inputs
 * in their forms, values in all eight number systems, intervals, backward bounds and plain
 * doubles, against MPFR. [L-NET-03], [L-RLX-40], [L-RLX-42]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve_judge.h"

#include "net/graph.h"
#include "softbox/bound.h"

#include <float.h>

#define NONE SBX_NO_TENSOR
enum { N = 6 };

static sbx_net *net;
static size_t x;

static void begin(long opset)
{
    const sbx_shape s = {3, {1, 2, 3}};
    assert_ok(sbx_graph_new(&net, opset, 0, err));
    assert_ok(sbx_graph_input(&x, net, "x", &s, err));
}

static size_t constant(size_t rank, size_t first, size_t n, const double *from)
{
    sbx_shape s = {rank, {first, 1, 1}};
    double *v = sbx_graph_mem(net, n, sizeof *v);
    size_t id;
    assert_non_null(v);
    memcpy(v, from, n * sizeof *v);
    assert_ok(sbx_graph_const(&id, net, "c", &s, v, NULL, err));
    return id;
}
static size_t number(double v) { return constant(0, 1, 1, &v); }

static sbx_status add(size_t *out, const char *op, size_t a, size_t b, size_t c, const sbx_attr *at,
                      size_t n_at)
{
    const size_t in[3] = {a, b, c};
    const char *const name[1] = {"y"};
    return sbx_graph_node(out, net, op, "n", in,
                          c != NONE   ? 3
                          : b != NONE ? 2
                                      : 1,
                          name, 1, at, n_at, err);
}

/* ---- one operator: f_j of element j -------------------------------------------------------- */

static void judge(mpfr_t z, const sbx_unary *f, double v) { judge_value(z, f, v); }

/* |y - z| <= share max(1, |z|) */
static bool close_to(mpfr_t z, double y, double share)
{
    mpfr_t d;
    bool good;
    mpfr_init2(d, JUDGE_BITS);
    mpfr_sub_d(d, z, y, MPFR_RNDN);
    good = fabs(mpfr_get_d(d, MPFR_RNDN)) <= share * fmax(1.0, fabs(mpfr_get_d(z, MPFR_RNDN)));
    mpfr_clear(d);
    return good;
}

#define SYSTEM(S)                                                                             \
    static sbx_status values_##S(const sbx_unary *f, const double *v, double share)           \
    {                                                                                         \
        sbx_##S in[N], out[N];                                                                \
        mpfr_t z, w;                                                                          \
        mpq_t lo, hi;                                                                         \
        sbx_status st;                                                                        \
        mpfr_inits2(JUDGE_BITS, z, w, (mpfr_ptr)0);                                           \
        mpq_inits(lo, hi, NULL);                                                              \
        for (size_t j = 0; j < N; j++) {                                                      \
            sbx_##S##_init(&in[j], NULL);                                                     \
            sbx_##S##_init(&out[j], NULL);                                                    \
            assert_ok(sbx_##S##_set_d(&in[j], v[j], NULL, err));                              \
        }                                                                                     \
        st = sbx_net_eval_##S(out, net, in, NULL, err);                                       \
        for (size_t j = 0; j < N && st == SBX_OK; j++) {                                      \
            judge(z, &f[j], v[j]);                                                            \
            assert_ok(sbx_##S##_get_q(lo, hi, &out[j], err));                                 \
            if (!close_to(z, mpq_get_d(lo), share) || !close_to(z, mpq_get_d(hi), share))     \
                fail_msg("%s(%g, %g) at %.17g in " #S ": %.17g", judge_name[f[j].fn], f[j].p, \
                         f[j].q, v[j], mpq_get_d(lo));                                        \
            if (!(sbx_num_can(ID_##S) & SBX_CAN_ENCLOSE)) continue;                           \
            mpfr_abs(w, z, MPFR_RNDN);                                                        \
            mpfr_div_2ui(w, w, 500, MPFR_RNDN);                                               \
            mpfr_add(w, w, z, MPFR_RNDN);                                                     \
            assert_true(mpfr_cmp_q(w, lo) >= 0);                                              \
            mpfr_sub(w, w, z, MPFR_RNDN);                                                     \
            mpfr_sub(w, z, w, MPFR_RNDN);                                                     \
            assert_true(mpfr_cmp_q(w, hi) <= 0);                                              \
        }                                                                                     \
        for (size_t j = 0; j < N; j++) {                                                      \
            sbx_##S##_clear(&in[j]);                                                          \
            sbx_##S##_clear(&out[j]);                                                         \
        }                                                                                     \
        mpfr_clears(z, w, (mpfr_ptr)0);                                                       \
        mpq_clears(lo, hi, NULL);                                                             \
        return st;                                                                            \
    }
#define ID_f32  SBX_NUM_F32
#define ID_f64  SBX_NUM_F64
#define ID_lowp SBX_NUM_LOWP
#define ID_mpf  SBX_NUM_MPF
#define ID_mpq  SBX_NUM_MPQ
#define ID_ivd  SBX_NUM_IVD
#define ID_ivf  SBX_NUM_IVF
#define ID_ivq  SBX_NUM_IVQ
SYSTEM(f32)
SYSTEM(f64)
SYSTEM(lowp)
SYSTEM(mpf)
SYSTEM(mpq)
SYSTEM(ivd)
SYSTEM(ivf)
SYSTEM(ivq)

static bool rational(const sbx_unary *f)
{
    switch ((int)f->fn) {
    case SBX_FN_RELU:
    case SBX_FN_LEAKY_RELU:
    case SBX_FN_RECIPROCAL:
    case SBX_FN_ABS:
    case SBX_FN_CLIP:
    case SBX_FN_SOFTSIGN:
    case SBX_FN_HARD_SIGMOID:
    case SBX_FN_HARD_SWISH:
    case SBX_FN_THRESHOLDED_RELU:
    case SBX_FN_FLOOR:
    case SBX_FN_CEIL:
    case SBX_FN_ROUND:
    case SBX_FN_SIGN: return true;
    case SBX_FN_POW: return !(floor(f->p) < f->p);
    default: return false;
    }
}

/* values at v, multiples of 1/8, so that every system holds them; mpq where it can */
static void values(const sbx_unary *f, const double *v)
{
    bool all = true;
    for (size_t j = 0; j < N; j++)
        all = all && rational(&f[j]);
    assert_ok(values_f32(f, v, 1e-6));
    assert_ok(values_f64(f, v, 1e-14));
    assert_ok(values_lowp(f, v, 0.02));
    assert_ok(values_mpf(f, v, 1e-15));
    assert_status(all ? SBX_OK : SBX_ERR_UNSUPPORTED, values_mpq(f, v, 1e-15));
    assert_ok(values_ivd(f, v, 1e-13));
    assert_ok(values_ivf(f, v, 1e-15));
    assert_ok(values_ivq(f, v, 1e-15));
}

/* ---- bounds and plain doubles ------------------------------------------------------------------- */

static void bounds(sbx_bounder *b, const sbx_unary *f, const sbx_ivd *box, uint64_t *s)
{
    double C[2 * N], lo[2];
    mpfr_t z, sum;
    mpfr_inits2(JUDGE_BITS, z, sum, (mpfr_ptr)0);
    for (size_t k = 0; k < 2 * N; k++)
        C[k] = test_uniform(s, -1, 1);
    for (int m = SBX_BOUND_IBP; m <= SBX_BOUND_CROWN; m++) {
        assert_ok(sbx_bounder_run(b, lo, box, C, 2, (sbx_bound_method)m, err));
        for (int k = 0; k < 20; k++) {
            double t[N];
            for (size_t j = 0; j < N; j++)
                t[j] = k == 0   ? box[j].lo
                       : k == 1 ? box[j].hi
                                : test_uniform(s, box[j].lo, box[j].hi);
            for (size_t r = 0; r < 2; r++) {
                mpfr_set_zero(sum, 1);
                for (size_t j = 0; j < N; j++) {
                    judge(z, &f[j], t[j]);
                    assert_true(mpfr_cmp_d(z, sbx_bounder_outputs(b)[j].lo) >= 0 &&
                                mpfr_cmp_d(z, sbx_bounder_outputs(b)[j].hi) <= 0);
                    mpfr_mul_d(z, z, C[r * N + j], MPFR_RNDN);
                    mpfr_add(sum, sum, z, MPFR_RNDN);
                }
                if (!(mpfr_cmp_d(sum, lo[r]) >= 0))
                    fail_msg("%s: %.17g above a value", judge_name[f[0].fn], lo[r]);
                assert_true(lo[r] > -HUGE_VAL);
            }
        }
    }
    mpfr_clears(z, sum, (mpfr_ptr)0);
}

/* the values, and the gradient by differences of the judge's values */
static void plain(sbx_bounder *b, const sbx_unary *f, const double *t)
{
    const double w[N] = {1, -1, 2, 0.5, -3, 1}, h = 0x1p-20;
    double y[N], g[N];
    mpfr_t z, u;
    mpfr_inits2(JUDGE_BITS, z, u, (mpfr_ptr)0);
    assert_ok(sbx_bounder_forward(b, y, g, t, w, err));
    for (size_t j = 0; j < N; j++) {
        judge(z, &f[j], t[j]);
        if (!close_to(z, y[j], 1e-9))
            fail_msg("%s(%g) near %.17g", judge_name[f[j].fn], t[j], y[j]);
        judge(z, &f[j], t[j] + h);
        judge(u, &f[j], t[j] - h);
        mpfr_sub(z, z, u, MPFR_RNDN);
        mpfr_mul_d(z, z, w[j] / (2 * h), MPFR_RNDN);
        if (!close_to(z, g[j], 1e-4))
            fail_msg("%s(%g) has a slope near %.17g", judge_name[f[j].fn], t[j], g[j] / w[j]);
    }
    mpfr_clears(z, u, (mpfr_ptr)0);
}

static bool needs_positive(const sbx_unary *f)
{
    return f->fn == SBX_FN_LOG || f->fn == SBX_FN_SQRT || f->fn == SBX_FN_RECIPROCAL ||
           (f->fn == SBX_FN_POW && (f->p < 0 || floor(f->p) < f->p));
}

/* everything about the net that ends in tensor `out` and takes f_j of x_j */
static void check(size_t out, const sbx_unary *f)
{
    uint64_t s = test_seed();
    sbx_bounder *b;
    bool positive = false;
    assert_ok(sbx_graph_finish(net, out, err));
    assert_ok(sbx_bounder_new(&b, net, err));
    for (size_t j = 0; j < N; j++)
        positive = positive || needs_positive(&f[j]);
    for (int k = 0; k < 12; k++) {
        double v[N], t[N];
        sbx_ivd box[N];
        for (size_t j = 0; j < N; j++) {
            v[j] = ((double)(sbx_rng(&s) % 48) - 24.0) / 8;
            if (positive) v[j] = fabs(v[j]) + 0.125;
            box[j] = (sbx_ivd){v[j] - 2 * sbx_rng_unit(&s), v[j] + 2 * sbx_rng_unit(&s)};
            if (positive) box[j].lo = fmax(box[j].lo, 0.0625);
            t[j] = v[j] + 0.03; /* off kinks and jumps */
        }
        values(f, v);
        bounds(b, f, box, &s);
        plain(b, f, t);
    }
    sbx_bounder_free(b);
    sbx_net_free(net);
}

static void one(long opset, const char *op, size_t n_at, const sbx_attr *at, sbx_unary f)
{
    sbx_unary all[N];
    size_t y;
    for (size_t j = 0; j < N; j++)
        all[j] = f;
    begin(opset);
    assert_ok(add(&y, op, x, NONE, NONE, at, n_at));
    check(y, all);
}

#define FLT(nm, v)                                 \
    {                                              \
        .name = nm, .kind = SBX_ATTR_FLOAT, .f = v \
    }

static void without_attributes(void **state)
{
    static const struct {
        const char *op;
        sbx_unary_fn fn;
    } table[] = {
        {"Abs", SBX_FN_ABS},           {"Ceil", SBX_FN_CEIL},   {"Cos", SBX_FN_COS},
        {"Erf", SBX_FN_ERF},           {"Exp", SBX_FN_EXP},     {"Floor", SBX_FN_FLOOR},
        {"Gelu", SBX_FN_GELU},         {"Log", SBX_FN_LOG},     {"HardSwish", SBX_FN_HARD_SWISH},
        {"Mish", SBX_FN_MISH},         {"Round", SBX_FN_ROUND}, {"Reciprocal", SBX_FN_RECIPROCAL},
        {"Relu", SBX_FN_RELU},         {"Sign", SBX_FN_SIGN},   {"Sigmoid", SBX_FN_SIGMOID},
        {"Sin", SBX_FN_SIN},           {"Sqrt", SBX_FN_SQRT},   {"Softplus", SBX_FN_SOFTPLUS},
        {"Softsign", SBX_FN_SOFTSIGN}, {"Tanh", SBX_FN_TANH},
    };
    (void)state;
    for (size_t k = 0; k < sizeof table / sizeof *table; k++)
        one(13, table[k].op, 0, NULL, (sbx_unary){table[k].fn, 0, 0});
}

static void with_attributes(void **state)
{
    const sbx_attr a[] = {FLT("alpha", 0.5), FLT("gamma", 2.0)};
    const sbx_attr h[] = {FLT("alpha", 0.25), FLT("beta", 0.375)};
    const sbx_attr leaky = FLT("alpha", 2.5);
    const sbx_attr tanh_ = {.name = "approximate", .kind = SBX_ATTR_STRING, .s = "tanh"};
    (void)state;
    one(13, "LeakyRelu", 0, NULL, (sbx_unary){SBX_FN_LEAKY_RELU, (double)0.01f, 0});
    one(13, "LeakyRelu", 1, &leaky, (sbx_unary){SBX_FN_LEAKY_RELU, 2.5, 0});
    one(13, "Elu", 0, NULL, (sbx_unary){SBX_FN_ELU, 1, 0});
    one(13, "Elu", 1, a, (sbx_unary){SBX_FN_ELU, 0.5, 0});
    one(13, "Celu", 1, a, (sbx_unary){SBX_FN_CELU, 0.5, 0});
    one(13, "Selu", 0, NULL, (sbx_unary){SBX_FN_SELU, 0x1.ac5afap0, 0x1.0cfabep0});
    one(13, "Selu", 2, a, (sbx_unary){SBX_FN_SELU, 0.5, 2});
    one(13, "HardSigmoid", 0, NULL, (sbx_unary){SBX_FN_HARD_SIGMOID, (double)0.2f, 0.5});
    one(13, "HardSigmoid", 2, h, (sbx_unary){SBX_FN_HARD_SIGMOID, 0.25, 0.375});
    one(13, "ThresholdedRelu", 0, NULL, (sbx_unary){SBX_FN_THRESHOLDED_RELU, 1, 0});
    one(13, "ThresholdedRelu", 1, a, (sbx_unary){SBX_FN_THRESHOLDED_RELU, 0.5, 0});
    one(20, "Gelu", 1, &tanh_, (sbx_unary){SBX_FN_GELU_TANH, 0, 0});
}

static void clip_in_its_forms(void **state)
{
    const sbx_attr a[] = {FLT("min", -1.0), FLT("max", 0.5)};
    sbx_unary all[N];
    size_t y;
    (void)state;
    one(6, "Clip", 2, a, (sbx_unary){SBX_FN_CLIP, -1, 0.5});
    one(10, "Clip", 1, a, (sbx_unary){SBX_FN_CLIP, -1, (double)FLT_MAX});
    one(13, "Clip", 0, NULL, (sbx_unary){SBX_FN_CLIP, -HUGE_VAL, HUGE_VAL});
    for (int k = 0; k < 4; k++) {
        const double lo[] = {-1, -1, -HUGE_VAL, 0.25}, hi[] = {0.5, HUGE_VAL, 0.5, 0.25};
        for (size_t j = 0; j < N; j++)
            all[j] = (sbx_unary){SBX_FN_CLIP, lo[k], hi[k]};
        begin(13);
        assert_ok(add(&y, "Clip", x, k == 2 ? NONE : number(k == 3 ? 9 : lo[k]),
                      k == 1 ? NONE : number(hi[k]), NULL, 0));
        check(y, all);
    }
    begin(13);
    assert_status(SBX_ERR_PARSE, add(&y, "Clip", x, NONE, NONE, a, 2));
    assert_status(SBX_ERR_UNSUPPORTED, add(&y, "Clip", x, x, NONE, NULL, 0));
    sbx_net_free(net);
    begin(10);
    assert_status(SBX_ERR_PARSE, add(&y, "Clip", x, number(1), NONE, NULL, 0));
    sbx_net_free(net);
}

static void powers(void **state)
{
    static const double p[] = {0, 1, 2, 3, 4, 5, -1, -2, 0.5, 1.5, -0.5};
    const double each[2] = {2, 3}, wide[] = {1, 2, 3};
    const int64_t three = 3;
    const sbx_shape scalar = {0, {0}};
    sbx_unary all[N];
    size_t y, c;
    (void)state;
    for (size_t k = 0; k < sizeof p / sizeof *p; k++) {
        for (size_t j = 0; j < N; j++)
            all[j] = (sbx_unary){SBX_FN_POW, p[k], 0};
        begin(13);
        assert_ok(add(&y, "Pow", x, number(p[k]), NONE, NULL, 0));
        check(y, all);
    }
    for (size_t j = 0; j < N; j++)
        all[j] = (sbx_unary){SBX_FN_POW, each[j / 3], 0};
    begin(13);
    assert_ok(add(&y, "Pow", x, constant(2, 2, 2, each), NONE, NULL, 0));
    check(y, all);
    for (size_t j = 0; j < N; j++)
        all[j].p = 3;
    begin(13);
    assert_ok(sbx_graph_const(&c, net, "three", &scalar, NULL, &three, err));
    assert_ok(add(&y, "Pow", x, c, NONE, NULL, 0));
    check(y, all);
    begin(13);
    assert_status(SBX_ERR_UNSUPPORTED, add(&y, "Pow", x, x, NONE, NULL, 0));
    assert_status(SBX_ERR_UNSUPPORTED, add(&y, "Pow", x, constant(3, 3, 3, wide), NONE, NULL, 0));
    sbx_net_free(net);
}

static void prelu_slopes(void **state)
{
    const double each[2] = {0.25, -1.5};
    sbx_unary all[N];
    size_t y;
    (void)state;
    for (int k = 0; k < 3; k++) {
        for (size_t j = 0; j < N; j++)
            all[j] = (sbx_unary){SBX_FN_LEAKY_RELU, k == 0 ? each[j / 3] : each[k - 1], 0};
        begin(13);
        assert_ok(add(&y, "PRelu", x, k == 0 ? constant(2, 2, 2, each) : number(each[k - 1]), NONE,
                      NULL, 0));
        check(y, all);
    }
}

static void constants_are_folded(void **state)
{
    const double four[1] = {4};
    size_t c, y;
    (void)state;
    begin(13);
    assert_ok(add(&c, "Sqrt", constant(1, 1, 1, four), NONE, NONE, NULL, 0));
    assert_true(net->tensor[c].constant && net->tensor[c].real[0] == 2);
    assert_ok(add(&c, "Pow", c, number(-3), NONE, NULL, 0));
    assert_true(net->tensor[c].real[0] == 0.125);
    assert_ok(add(&y, "Exp", c, NONE, NONE, NULL, 0)); /* no double: it stays a node */
    assert_false(net->tensor[y].constant);
    sbx_net_free(net);
}

/* outside of a domain nothing is proved */
static void domains_are_kept(void **state)
{
    const sbx_ivd box[N] = {{-1, 4}, {1, 4}, {1, 4}, {1, 4}, {1, 4}, {1, 4}};
    static const char *const ops[] = {"Sqrt", "Log", "Reciprocal"};
    const double C[N] = {1, 0, 0, 0, 0, 0};
    double lo;
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        sbx_bounder *b;
        sbx_ivf in[N], out[N];
        size_t y;
        begin(13);
        assert_ok(add(&y, ops[k], x, NONE, NONE, NULL, 0));
        assert_ok(sbx_graph_finish(net, y, err));
        assert_ok(sbx_bounder_new(&b, net, err));
        assert_ok(sbx_bounder_run(b, &lo, box, C, 1, SBX_BOUND_CROWN, err));
        assert_true(lo == -HUGE_VAL);
        assert_true(sbx_bounder_outputs(b)[0].hi == HUGE_VAL);
        assert_true(sbx_bounder_outputs(b)[1].hi < 3);
        for (size_t j = 0; j < N; j++) {
            sbx_ivf_init(&in[j], NULL);
            sbx_ivf_init(&out[j], NULL);
            mpfr_set_d(in[j].lo, box[j].lo, MPFR_RNDN);
            mpfr_set_d(in[j].hi, box[j].hi, MPFR_RNDN);
        }
        if (k < 2) assert_status(SBX_ERR_DOMAIN, sbx_net_eval_ivf(out, net, in, NULL, err));
        for (size_t j = 0; j < N; j++) {
            sbx_ivf_clear(&in[j]);
            sbx_ivf_clear(&out[j]);
        }
        sbx_bounder_free(b);
        sbx_net_free(net);
    }
}

static void bad_attributes_are_refused(void **state)
{
    const sbx_attr slope = FLT("alpha", -1.0), zero = FLT("alpha", 0.0), other = FLT("beta", 1.0);
    const sbx_attr what = {.name = "approximate", .kind = SBX_ATTR_STRING, .s = "exp"};
    size_t y;
    (void)state;
    begin(13);
    assert_status(SBX_ERR_ARG, add(&y, "HardSigmoid", x, NONE, NONE, &slope, 1));
    assert_status(SBX_ERR_ARG, add(&y, "Celu", x, NONE, NONE, &zero, 1));
    assert_status(SBX_ERR_UNSUPPORTED, add(&y, "Elu", x, NONE, NONE, &other, 1));
    assert_status(SBX_ERR_PARSE, add(&y, "Gelu", x, NONE, NONE, &what, 1));
    assert_status(SBX_ERR_UNSUPPORTED, add(&y, "PRelu", x, x, NONE, NULL, 0));
    sbx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_attributes), cmocka_unit_test(with_attributes),
        cmocka_unit_test(clip_in_its_forms),  cmocka_unit_test(powers),
        cmocka_unit_test(prelu_slopes),       cmocka_unit_test(constants_are_folded),
        cmocka_unit_test(domains_are_kept),   cmocka_unit_test(bad_attributes_are_refused),
    };
    const int bad = cmocka_run_group_tests_name("curve operators", tests, NULL, NULL);
    mpfr_free_cache();
    return bad;
}
