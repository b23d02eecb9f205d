/* study/audit.c -- formula and implementation: inputs for which the two differ, computed exactly.
 *
 * What a commit computes is stated again here, in softbox's own number systems: rationals where it is
 * rational, the format with every operation correctly rounded where rounding is the matter, enclosures
 * for the formula.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/constants.h"
#include "softbox/norm.h"
#include "study/study.h"

#include <string.h>

#define PREC 160

static const char exactly[] = "exact", closed[] = "closed form, enclosed";

void sbx_finding_init(sbx_finding *z)
{
    memset(z, 0, sizeof *z);
    sbx_cell_init(&z->written);
    sbx_cell_init(&z->formula);
}
void sbx_finding_clear(sbx_finding *z)
{
    sbx_cell_clear(&z->written);
    sbx_cell_clear(&z->formula);
}

typedef void finding_fn(calc *c, sbx_finding *z);

static void both(calc *c, sbx_finding *z, long a, long b, long u, long v)
{
    sbx_cell_si(c, &z->written, a, b, exactly);
    sbx_cell_si(c, &z->formula, u, v, exactly);
}

/* ---- merging of log-sum-exps: l1 - log(c + eps), c = 1 / (1 + e^(l2 - l1)) in fp32   [L-STU-21] */

static void merge(calc *c, sbx_finding *z, long gap)
{
    sbx_f32 t, one = 1.0F, eps = 0x1p-23F;
    sbx_ivf s;
    mpq_t v;
    mpq_init(v);
    calc_init(c, &s, 1);
    if (c->st == SBX_OK) c->st = sbx_f32_set_si(&t, gap, NULL, c->err);
    if (c->st == SBX_OK) c->st = sbx_f32_exp(&t, &t, NULL, c->err);
    if (c->st == SBX_OK) c->st = sbx_f32_add(&t, &one, &t, NULL, c->err);
    if (c->st == SBX_OK) c->st = sbx_f32_div(&t, &one, &t, NULL, c->err);
    if (c->st == SBX_OK) c->st = sbx_f32_add(&t, &t, &eps, NULL, c->err);
    if (c->st == SBX_OK) c->st = sbx_f32_log(&t, &t, NULL, c->err);
    if (c->st == SBX_OK) mpq_set_d(v, -(double)t);
    sbx_cell_q(c, &z->written, v, exactly);
    calc_si(c, &s, gap); /* log(1 + e^gap) */
    calc_exp(c, &s, &s);
    calc_log1p(c, &s, &s);
    sbx_cell_iv(c, &z->formula, &s, closed);
    calc_clear(&s, 1);
    mpq_clear(v);
}
static void merge_15(calc *c, sbx_finding *z) { merge(c, z, 15); }
static void merge_20(calc *c, sbx_finding *z) { merge(c, z, 20); }
static void merge_60(calc *c, sbx_finding *z) { merge(c, z, 60); }

/* ---- rational ones   [L-STU-22] ------------------------------------------------------------- */

/* Four equal keys, two in the block, samples {1, 3} with weight 4/2 each: the first has (1 + 2) / (2 + 4) */
static void twice(calc *c, sbx_finding *z) { both(c, z, 1, 2, 1, 4); }

/* z = 1 / (1 + e^k) */
static void share(calc *c, sbx_ivf *z, long k)
{
    sbx_ivf one;
    calc_init(c, &one, 1);
    calc_si(c, z, k);
    calc_exp(c, z, z);
    sbx_calc_add_si(c, z, z, 1);
    calc_si(c, &one, 1);
    calc_div(c, z, &one, z);
    calc_clear(&one, 1);
}

/* exp(x - s log n) over its sum is softmax; SSMax of (1, 0), s = 1: 2 / (2 + 1) */
static void scaled(calc *c, sbx_finding *z)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    share(c, &t, -1);
    sbx_cell_iv(c, &z->written, &t, closed);
    sbx_cell_si(c, &z->formula, 2, 3, exactly);
    calc_clear(&t, 1);
}

/* the kernel of x with itself: r is doubled features, each times its neighbour on the left */
static long dpfp(const long *r, int n)
{
    long sum = 0;
    for (int k = 0; k < n; k++) {
        const long f = r[k] * r[(k + n - 1) % n];
        sum += f * f;
    }
    return sum;
}
static void signs(calc *c, sbx_finding *z)
{
    static const long x[] = {-1, -2};
    long written[4], formula[4];
    for (int k = 0; k < 2; k++) {
        const long up = x[k] > 0 ? x[k] : 0, down = x[k] < 0 ? -x[k] : 0;
        written[k] = formula[k] = up;
        written[2 + k] = -up;
        formula[2 + k] = down;
    }
    both(c, z, dpfp(written, 4), 1, dpfp(formula, 4), 1);
}

/* Four keys, two sampled, all scores 1: max - sum / 4 and max - sum / 2 */
static void sampled(calc *c, sbx_finding *z) { both(c, z, 1, 2, 0, 1); }

/* 2 p(-6931/10000) - 1, p = 1 + a x + b x^2: the step at a multiple, over the value there */
static void step(calc *c, sbx_finding *z)
{
    mpq_t a, b, x;
    mpq_inits(a, b, x, (mpq_ptr)0);
    mpq_set_str(x, "-6931/10000", 10);
    mpq_set_str(a, "96963238/100000000", 10);
    mpq_set_str(b, "35815147/100000000", 10);
    mpq_canonicalize(a);
    mpq_canonicalize(b);
    mpq_mul(b, b, x);
    mpq_add(b, b, a);
    mpq_mul(b, b, x);
    mpz_add(mpq_numref(b), mpq_numref(b), mpq_denref(b));
    mpq_mul_2exp(b, b, 1);
    mpz_sub(mpq_numref(b), mpq_numref(b), mpq_denref(b));
    sbx_cell_q(c, &z->written, b, exactly);
    sbx_cell_si(c, &z->formula, 0, 1, exactly);
    mpq_clears(a, b, x, (mpq_ptr)0);
}

/* ConSmaxV2's field before the first call: beta's start in place of gamma's */
static void field(calc *c, sbx_finding *z) { both(c, z, 2, 1, 100, 1); }

/* relu products that are all 0: 0 / max(0, 1e-6) */
static void clamped(calc *c, sbx_finding *z) { both(c, z, 0, 1, 1, 1); }

/* one channel, relu(q) = relu(k) = 0: features 1e-6, product 1e-12 over 1e-12 + 1e-6 */
static void added(calc *c, sbx_finding *z) { both(c, z, 1, 1000001, 1, 1); }

/* ---- fp16, every operation rounded   [L-STU-23] ---------------------------------------------- */

#define H(op, z, ...) \
    if (c->st == SBX_OK) c->st = sbx_lowp_##op(z, __VA_ARGS__, &half, c->err)
static const sbx_ctx half = {.prec = 128, .format = SBX_FP16};

/* 1 / (e^12 + 1), which e^12 overflows */
static void overflow(calc *c, sbx_finding *z)
{
    sbx_lowp t = {12.0}, one = {1.0};
    sbx_ivf s;
    mpq_t v;
    mpq_init(v);
    calc_init(c, &s, 1);
    H(exp, &t, &t);
    H(add, &t, &t, &one);
    H(div, &t, &one, &t);
    if (c->st == SBX_OK) mpq_set_d(v, t.v);
    sbx_cell_q(c, &z->written, v, exactly);
    share(c, &s, 12); /* e^-12 / (1 + e^-12) */
    sbx_cell_iv(c, &z->formula, &s, closed);
    calc_clear(&s, 1);
    mpq_clear(v);
}

/* How many of the sorted scores x / 2 are at or above tau_r = mean - sqrt(max(0, (1 - r (mean of squares -
 * mean^2)) / r)) of the first r */
static int support(calc *c, const double *x, int n)
{
    sbx_lowp sum = {0.0}, squares = {0.0};
    int size = 0;
    for (int k = 0; k < n; k++) {
        const sbx_lowp two = {2.0}, one = {1.0}, zero = {0.0};
        sbx_lowp r = {k + 1.0}, v = {x[k]}, s, mean, t;
        H(div, &v, &v, &two);
        H(add, &sum, &sum, &v);
        H(sqr, &s, &v);
        H(add, &squares, &squares, &s);
        H(div, &mean, &sum, &r);
        H(div, &t, &squares, &r);
        H(sqr, &s, &mean);
        H(sub, &t, &t, &s);
        H(mul, &t, &t, &r);
        H(sub, &t, &one, &t);
        H(div, &t, &t, &r);
        H(max, &t, &t, &zero);
        H(sqrt, &t, &t);
        H(sub, &t, &mean, &t);
        if (c->st == SBX_OK) size += sbx_lowp_le(&t, &v) == SBX_TRUE;
    }
    return size;
}

/* scores 0, -31/16, -2: the formula's support from the exact weights of the normalizer itself */
static void selected(calc *c, sbx_finding *z)
{
    static const double x[] = {0, -1.9375, -2};
    sbx_ivf in[3], out[3];
    sbx_norm_args a = {.norm = NULL};
    long size = 0;
    calc_init(c, in, 3);
    calc_init(c, out, 3);
    sbx_cell_si(c, &z->written, support(c, x, 3), 1, exactly);
    for (int k = 0; k < 3 && c->st == SBX_OK; k++)
        c->st = sbx_ivf_set_d(&in[k], x[k], &c->ctx, c->err);
    if (c->st == SBX_OK) c->st = sbx_norm_read(&a, "entmax-1.5", c->err);
    if (c->st == SBX_OK) c->st = sbx_norm_eval_ivf(out, &a, in, 3, &c->ctx, c->err);
    for (int k = 0; k < 3 && c->st == SBX_OK; k++) {
        if (mpfr_sgn(out[k].lo) <= 0 && mpfr_sgn(out[k].hi) > 0)
            c->st = sbx_fail(c->err, SBX_ERR_LIMIT, SBX_HERE, "a weight that may be 0");
        size += mpfr_sgn(out[k].lo) > 0;
    }
    sbx_cell_si(c, &z->formula, size, 1, exactly);
    sbx_norm_args_clear(&a);
    calc_clear(in, 3);
    calc_clear(out, 3);
}

/* ---- enclosures   [L-STU-24] ----------------------------------------------------------------- */

/* beta 2, gamma 100, saturation 11: at 13 the code gives 13 / 100; just below, e^11 / 100 */
static void saturated(calc *c, sbx_finding *z)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_si(c, &t, 11);
    calc_exp(c, &t, &t);
    sbx_calc_div_si(c, &t, &t, 100);
    sbx_cell_si(c, &z->written, 13, 100, exactly);
    sbx_cell_iv(c, &z->formula, &t, closed);
    calc_clear(&t, 1);
}

/* scores (0, 0) and (1, -1): what the exponential mechanism's bound 2 (2^2 / 8) allows, and D_2 */
static void divergence(calc *c, sbx_finding *z)
{
    mpq_t x[2], y[2], two;
    mpq_inits(x[0], x[1], y[0], y[1], two, (mpq_ptr)0);
    mpq_set_ui(two, 2, 1);
    mpq_set_si(y[0], 1, 1);
    mpq_set_si(y[1], -1, 1);
    sbx_cell_si(c, &z->written, 1, 1, exactly);
    if (c->st == SBX_OK)
        c->st = sbx_study_divergence(&z->formula, "permute-and-flip", (const mpq_t *)x,
                                     (const mpq_t *)y, 2, two, c->err);
    mpq_clears(x[0], x[1], y[0], y[1], two, (mpq_ptr)0);
}

/* z = (e^-20 + e) / (1 + e + e^-20 + e), e = 1e-4 or 0 */
static void floor_weight(calc *c, sbx_ivf *z, long eps)
{
    sbx_ivf t[3];
    calc_init(c, t, 3);
    sbx_calc_ratio(c, &t[0], eps, 10000);
    calc_si(c, &t[1], -20);
    calc_exp(c, &t[1], &t[1]);
    calc_add(c, &t[1], &t[1], &t[0]);
    calc_add(c, &t[0], &t[0], &t[1]);
    sbx_calc_add_si(c, &t[0], &t[0], 1);
    calc_div(c, z, &t[1], &t[0]);
    calc_clear(t, 3);
}
static void floored(calc *c, sbx_finding *z)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    floor_weight(c, &t, 1);
    sbx_cell_iv(c, &z->written, &t, closed);
    floor_weight(c, &t, 0);
    sbx_cell_iv(c, &z->formula, &t, closed);
    calc_clear(&t, 1);
}

/* the greatest p(1) / 2 of the polynomials for 2^x on [0, 1], whose coefficients are all positive */
static void monotone(calc *c, sbx_finding *z)
{
    static const double coef[][6] = {
        {1.0, 0.922497093677520751953125},
        {1.0, 0.6657850742340087890625, 0.330107033252716064453125},
        {1.0, 0.695146143436431884765625, 0.227564394474029541015625,
         0.077119089663028717041015625},
        {1.0, 0.693042695522308349609375, 0.2412912547588348388671875,
         5.2225358784198760986328125e-2, 1.3434938155114650726318359375e-2},
        {1.0, 0.693151414394378662109375, 0.24016360938549041748046875,
         5.5802188813686370849609375e-2, 9.01452265679836273193359375e-3,
         1.86810153536498546600341796875e-3}};
    mpq_t sum, v;
    mpq_inits(sum, v, (mpq_ptr)0);
    sbx_cell_si(c, &z->written, 0, 1, exactly);
    for (int d = 0; d < 5 && c->st == SBX_OK; d++) {
        mpq_set_ui(sum, 0, 1);
        for (int k = 0; k <= d + 1; k++) {
            if (!(coef[d][k] > 0)) c->st = sbx_fail(c->err, SBX_ERR_SOUNDNESS, SBX_HERE, "a sign");
            mpq_set_d(v, coef[d][k]);
            mpq_add(sum, sum, v);
        }
        mpq_div_2exp(sum, sum, 1);
        if (mpq_cmp(sum, z->written.lo) > 0) sbx_cell_q(c, &z->written, sum, exactly);
    }
    sbx_cell_si(c, &z->formula, 1, 1, exactly);
    mpq_clears(sum, v, (mpq_ptr)0);
}

/* ---- all of them ------------------------------------------------------------------------------- */

#define HYPER "insuhan/hyper-attn@68b91e9"
static const char fp32_run[] = "fp32, every operation correctly rounded";
static const char rational[] = "exact", fp16_run[] = "fp16, every operation correctly rounded",
                  enclosed[] = "enclosure";

static const struct {
    const char *id, *where, *what, *input, *basis;
    bool reading, agrees;
    finding_fn *fill;
} all[SBX_FINDINGS] = {
    {"A1", HYPER, "merged log-sum-exp minus the first: l1 - log(c + eps) stays below 15.95",
     "second 15 above the first", fp32_run, false, false, merge_15},
    {"A1", HYPER, "merged log-sum-exp minus the first", "second 20 above the first", fp32_run,
     false, false, merge_20},
    {"A1", HYPER, "merged log-sum-exp minus the first", "second 60 above the first", fp32_run,
     false, false, merge_60},
    {"A2", HYPER, "weight of a key that is in the block and sampled (path without the block mask)",
     "4 equal keys, block {1, 2}, samples {1, 3}", rational, false, false, twice},
    {"A3", "blasphemetheus/edifice, ssmax", "weight: exp(x - s log n) over its sum is softmax",
     "x = (1, 0), s = 1", enclosed, true, false, scaled},
    {"A4", "fla-org/flash-linear-attention@bc3b101",
     "DPFP-1 kernel: (relu(x), -relu(x)) for relu((x, -x)); 1f81376 has the latter",
     "q = k = (-1, -2)", rational, true, false, signs},
    {"A5", "zhouhaoyi/Informer2020@0de4923",
     "sparsity measure: the sampled sum over the number of keys", "4 keys, 2 sampled, scores 1",
     rational, false, false, sampled},
    {"A6", "kssteven418/I-BERT@1b09c75",
     "i-exp: relative step up at a multiple of -0.6931 (negative: not monotone)", "x = -0.6931",
     rational, true, false, step},
    {"A7", "softmax1/Flash-Attention-Softmax-N@61450d4",
     "weight: exp(-max) overflows in fp16 below -11.09", "x = -12, n = 1", fp16_run, false, false,
     overflow},
    {"A8", "deep-spin/entmax@11eed00", "entmax-1.5: size of the support in fp16",
     "x = (0, -31/16, -2)", fp16_run, false, false, selected},
    {"A9", "ReaLLMASIC/ReaLLM-Forge@42dfe7f",
     "SaturatingConSmax: value at the saturation point, and just below", "x = 13", enclosed, true,
     false, saturated},
    {"A9", "ReaLLMASIC/ReaLLM-Forge@42dfe7f", "ConSmaxV2: the field gamma before the first call",
     "initial beta 2, gamma 100", rational, true, false, field},
    {"A10", "opendp/opendp 0.15.1 (issue 2911, closed)",
     "permute-and-flip: bound of D_2 from the exponential mechanism's, and D_2",
     "scores (0, 0) and (1, -1)", enclosed, true, false, divergence},
    {"A11", "OpenNLPLab/cosFormer@17e3d7c", "row mass: the denominator is clamped at 1e-6",
     "all products 0", rational, false, false, clamped},
    {"A11", "LeapLabTHU/FLatten-Transformer@e205a01",
     "row mass: 1e-6 is added to features and denominator", "one channel, all below 0, scale 1",
     rational, false, false, added},
    {"A11", "lucidrains/performer-pytorch@023945c",
     "weight of a key: 1e-4 is added to each feature", "one feature, exponents 0 and -20", enclosed,
     false, false, floored},
    {"A12", "Dao-AILab/flash-attention@0251105",
     "2^x by polynomials: the greatest p(1) / 2; at most 1: monotone over whole numbers",
     "degrees 1 to 5", rational, true, true, monotone},
};

sbx_status sbx_constant_finding(sbx_finding *z, size_t k, sbx_err *err)
{
    calc c = {.ctx = {.prec = PREC}, .err = err};
    if (k >= SBX_FINDINGS) return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "%d findings", SBX_FINDINGS);
    z->id = all[k].id;
    z->where = all[k].where;
    z->what = all[k].what;
    z->input = all[k].input;
    z->basis = all[k].basis;
    z->reading = all[k].reading;
    z->agrees = all[k].agrees;
    all[k].fill(&c, z);
    return c.st;
}
