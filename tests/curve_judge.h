/* curve_judge.h -- the functions of one element by MPFR, from their definitions: apart from the
 * library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_TEST_CURVE_JUDGE_H
#define SBX_TEST_CURVE_JUDGE_H

#include "softbox/relax.h"

#include "sbx_test.h"

#include <math.h>
#include <mpfr.h>

static const char *const judge_name[SBX_FN_UNARY_COUNT] = {
    "relu",        "leaky relu", "sigmoid",  "tanh",         "exp",        "log",
    "1/x",         "sqrt",       "abs",      "pow",          "clip",       "sin",
    "cos",         "erf",        "softplus", "elu",          "selu",       "celu",
    "gelu",        "gelu tanh",  "softsign", "hard sigmoid", "hard swish", "mish",
    "thresholded", "floor",      "ceil",     "round",        "sign"};
enum { JUDGE_BITS = 600 };

/* ---- the judge: f(x), relative error far below 2^-500 --------------------------------- */

/* e^x - 1 for x < 0, else 0 */
static inline void judge_below_zero(mpfr_t z, const mpfr_t x)
{
    if (mpfr_sgn(x) < 0)
        mpfr_expm1(z, x, MPFR_RNDN);
    else
        mpfr_set_zero(z, 1);
}

/* q (x | p z) */
static inline void judge_joined(mpfr_t y, double p, double q, const mpfr_t z)
{
    if (mpfr_sgn(y) < 0) mpfr_mul_d(y, z, p, MPFR_RNDN);
    mpfr_mul_d(y, y, q, MPFR_RNDN);
}

/* y/2 (1 + tanh g), g the inner function: y/(1 + e^-2g) */
static inline void judge_gelu_tanh(mpfr_t y, mpfr_t z)
{
    mpfr_t t;
    mpfr_init2(t, JUDGE_BITS);
    mpfr_sqr(z, y, MPFR_RNDN);
    mpfr_mul_ui(z, z, 44715, MPFR_RNDN);
    mpfr_div_ui(z, z, 1000000, MPFR_RNDN);
    mpfr_add_ui(z, z, 1, MPFR_RNDN);
    mpfr_mul(z, z, y, MPFR_RNDN);
    mpfr_const_pi(t, MPFR_RNDN);
    mpfr_ui_div(t, 2, t, MPFR_RNDN);
    mpfr_sqrt(t, t, MPFR_RNDN);
    mpfr_mul(z, z, t, MPFR_RNDN);
    mpfr_mul_si(z, z, -2, MPFR_RNDN);
    mpfr_exp(z, z, MPFR_RNDN);
    mpfr_add_ui(z, z, 1, MPFR_RNDN);
    mpfr_div(y, y, z, MPFR_RNDN);
    mpfr_clear(t);
}

static inline void judge_clamp(mpfr_t y, double lo, double hi)
{
    if (mpfr_cmp_d(y, lo) < 0) mpfr_set_d(y, lo, MPFR_RNDN);
    if (mpfr_cmp_d(y, hi) > 0) mpfr_set_d(y, hi, MPFR_RNDN);
}

static inline void judge_softplus(mpfr_t y)
{
    if (mpfr_cmp_si(y, 10000) > 0) return; /* e^-x is below 2^-JUDGE_BITS x */
    mpfr_exp(y, y, MPFR_RNDN);
    mpfr_log1p(y, y, MPFR_RNDN);
}

static inline void judge_smooth(mpfr_t y, mpfr_t z, const sbx_unary *f)
{
    switch ((int)f->fn) {
    case SBX_FN_SIGMOID:
        mpfr_neg(y, y, MPFR_RNDN);
        mpfr_exp(y, y, MPFR_RNDN);
        mpfr_add_ui(y, y, 1, MPFR_RNDN);
        mpfr_ui_div(y, 1, y, MPFR_RNDN);
        break;
    case SBX_FN_TANH: mpfr_tanh(y, y, MPFR_RNDN); break;
    case SBX_FN_EXP: mpfr_exp(y, y, MPFR_RNDN); break;
    case SBX_FN_LOG: mpfr_log(y, y, MPFR_RNDN); break;
    case SBX_FN_RECIPROCAL: mpfr_ui_div(y, 1, y, MPFR_RNDN); break;
    case SBX_FN_SQRT: mpfr_sqrt(y, y, MPFR_RNDN); break;
    case SBX_FN_POW:
        mpfr_set_d(z, f->p, MPFR_RNDN);
        mpfr_pow(y, y, z, MPFR_RNDN);
        break;
    case SBX_FN_SIN: mpfr_sin(y, y, MPFR_RNDN); break;
    case SBX_FN_COS: mpfr_cos(y, y, MPFR_RNDN); break;
    case SBX_FN_ERF: mpfr_erf(y, y, MPFR_RNDN); break;
    case SBX_FN_SOFTPLUS: judge_softplus(y); break;
    case SBX_FN_GELU: /* x erfc(-x/sqrt 2)/2 */
        mpfr_set_ui(z, 2, MPFR_RNDN);
        mpfr_sqrt(z, z, MPFR_RNDN);
        mpfr_div(z, y, z, MPFR_RNDN);
        mpfr_neg(z, z, MPFR_RNDN);
        mpfr_erfc(z, z, MPFR_RNDN);
        mpfr_mul(y, y, z, MPFR_RNDN);
        mpfr_div_2ui(y, y, 1, MPFR_RNDN);
        break;
    case SBX_FN_GELU_TANH: judge_gelu_tanh(y, z); break;
    case SBX_FN_MISH:
        mpfr_set(z, y, MPFR_RNDN);
        judge_softplus(z);
        mpfr_tanh(z, z, MPFR_RNDN);
        mpfr_mul(y, y, z, MPFR_RNDN);
        break;
    default: fail_msg("no judge");
    }
}

static inline void judge_value(mpfr_t y, const sbx_unary *f, double x)
{
    mpfr_t z;
    mpfr_init2(z, JUDGE_BITS);
    mpfr_set_d(y, x, MPFR_RNDN);
    switch ((int)f->fn) {
    case SBX_FN_RELU: judge_clamp(y, 0, HUGE_VAL); break;
    case SBX_FN_LEAKY_RELU:
        if (x < 0) mpfr_mul_d(y, y, f->p, MPFR_RNDN);
        break;
    case SBX_FN_ABS: mpfr_abs(y, y, MPFR_RNDN); break;
    case SBX_FN_CLIP: judge_clamp(y, f->p, f->q); break;
    case SBX_FN_ELU:
        judge_below_zero(z, y);
        judge_joined(y, f->p, 1, z);
        break;
    case SBX_FN_SELU:
        judge_below_zero(z, y);
        judge_joined(y, f->p, f->q, z);
        break;
    case SBX_FN_CELU:
        mpfr_div_d(z, y, f->p, MPFR_RNDN);
        mpfr_expm1(z, z, MPFR_RNDN);
        judge_joined(y, f->p, 1, z);
        break;
    case SBX_FN_SOFTSIGN:
        mpfr_abs(z, y, MPFR_RNDN);
        mpfr_add_ui(z, z, 1, MPFR_RNDN);
        mpfr_div(y, y, z, MPFR_RNDN);
        break;
    case SBX_FN_HARD_SIGMOID:
        mpfr_mul_d(y, y, f->p, MPFR_RNDN);
        mpfr_add_d(y, y, f->q, MPFR_RNDN);
        judge_clamp(y, 0, 1);
        break;
    case SBX_FN_HARD_SWISH:
        mpfr_add_ui(z, y, 3, MPFR_RNDN);
        judge_clamp(z, 0, 6);
        mpfr_mul(y, y, z, MPFR_RNDN);
        mpfr_div_ui(y, y, 6, MPFR_RNDN);
        break;
    case SBX_FN_THRESHOLDED_RELU:
        if (!(x > f->p)) mpfr_set_zero(y, 1);
        break;
    case SBX_FN_FLOOR: mpfr_floor(y, y); break;
    case SBX_FN_CEIL: mpfr_ceil(y, y); break;
    case SBX_FN_ROUND: mpfr_roundeven(y, y); break;
    case SBX_FN_SIGN: mpfr_set_si(y, (x > 0) - (x < 0), MPFR_RNDN); break;
    default: judge_smooth(y, z, f);
    }
    mpfr_clear(z);
}

#endif
