/* relax/unary_value.c -- enclosures of values and slopes, by interval arithmetic on top of
 * the proved exp kernel.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/affine.h"
#include "relax/exp.h"
#include "relax/unary.h"

typedef sbx_status (*unary_op)(sbx_ivd *, const sbx_ivd *, const sbx_ctx *, sbx_err *);
typedef sbx_status (*binary_op)(sbx_ivd *, const sbx_ivd *, const sbx_ivd *, const sbx_ctx *,
                                sbx_err *);

static const sbx_ivd everything = {-HUGE_VAL, HUGE_VAL};

static sbx_ivd point(double v) { return (sbx_ivd){v, v}; }
static sbx_ivd op1(unary_op f, sbx_ivd x)
{
    sbx_ivd z;
    return f(&z, &x, NULL, NULL) == SBX_OK ? z : everything;
}
static sbx_ivd op2(binary_op f, sbx_ivd x, sbx_ivd y)
{
    sbx_ivd z;
    return f(&z, &x, &y, NULL, NULL) == SBX_OK ? z : everything;
}
static sbx_ivd add(sbx_ivd x, sbx_ivd y) { return op2(sbx_ivd_add, x, y); }
static sbx_ivd sub(sbx_ivd x, sbx_ivd y) { return op2(sbx_ivd_sub, x, y); }
static sbx_ivd mul(sbx_ivd x, sbx_ivd y) { return op2(sbx_ivd_mul, x, y); }
static sbx_ivd quo(sbx_ivd x, sbx_ivd y) { return op2(sbx_ivd_div, x, y); }
static sbx_ivd sqr(sbx_ivd x) { return op1(sbx_ivd_sqr, x); }
static sbx_ivd neg(sbx_ivd x) { return (sbx_ivd){-x.hi, -x.lo}; }
static sbx_ivd ex(sbx_ivd x)
{
    sbx_ivd z;
    return exp_ivd(&z, &x, NULL, NULL) == SBX_OK ? z : everything;
}
static sbx_ivd power(sbx_ivd x, double p)
{
    sbx_ivd z;
    return sbx_ivd_pow(&z, &x, p, NULL, NULL) == SBX_OK ? z : everything;
}
/* a constant, one step from its nearest double at most */
static sbx_ivd about(double v) { return (sbx_ivd){sbx_next_down(v), sbx_next_up(v)}; }

/* ---- sigmoid and tanh ------------------------------------------------------------ */

/* 1/(1 + e^-x), e^x/(1 + e^x): both sides increase with the exponential */
static sbx_ivd sigmoid_at(double x)
{
    const sbx_ivd e = ex(point(-fabs(x)));
    if (!(fabs(x) <= 700.0)) return op1(sbx_ivd_sigmoid, point(x));
    if (x >= 0.0)
        return (sbx_ivd){sbx_div_lo(1.0, sbx_add_hi(1.0, e.hi)),
                         sbx_div_hi(1.0, sbx_add_lo(1.0, e.lo))};
    return (sbx_ivd){sbx_div_lo(e.lo, sbx_add_hi(1.0, e.lo)),
                     sbx_div_hi(e.hi, sbx_add_lo(1.0, e.hi))};
}

/* tanh x = (1 - e)/(1 + e), e = e^-2x; for small x by D = (1 - e^-w)/w, w = 2x:
 * w D/(2 - w D) [L-RLX-25] */
static sbx_ivd tanh_at(double x)
{
    const double w = 2.0 * fabs(x);
    sbx_ivd z;
    if (!(fabs(x) <= 300.0 && w > 0.0)) return op1(sbx_ivd_tanh, point(x));
    if (w <= 0.5) {
        const sbx_ivd v = point(w);
        sbx_ivd d = everything;
        if (decay_ivd(&d, &v, NULL, NULL) != SBX_OK) return everything;
        z.lo = sbx_mul_lo(w, d.lo);
        z.hi = sbx_mul_hi(w, d.hi);
        z.lo = sbx_div_lo(z.lo, sbx_sub_hi(2.0, z.lo));
        z.hi = sbx_div_hi(z.hi, sbx_sub_lo(2.0, z.hi));
    } else {
        const sbx_ivd e = ex(point(-w));
        z.lo = sbx_div_lo(sbx_sub_lo(1.0, e.hi), sbx_add_hi(1.0, e.hi));
        z.hi = sbx_div_hi(sbx_sub_hi(1.0, e.lo), sbx_add_lo(1.0, e.lo));
    }
    return x > 0.0 ? z : neg(z);
}

static sbx_ivd ends(sbx_ivd (*f)(double), sbx_ivd x) { return (sbx_ivd){f(x.lo).lo, f(x.hi).hi}; }
static sbx_ivd sigmoid(sbx_ivd x) { return ends(sigmoid_at, x); }
static sbx_ivd tanh_(sbx_ivd x) { return ends(tanh_at, x); }

/* e/(1 + e)^2 with e = e^-|t|, t in x: even, falling with |t|, so increasing with e <= 1 */
static sbx_ivd bump(sbx_ivd x)
{
    const sbx_ivd m = op1(sbx_ivd_abs, x), e = ex(neg(m));
    const double a = sbx_add_hi(1.0, e.lo), b = sbx_add_lo(1.0, e.hi);
    return (sbx_ivd){sbx_div_lo(e.lo, sbx_mul_hi(a, a)),
                     e.hi < 1.0 ? sbx_div_hi(e.hi, sbx_mul_lo(b, b)) : 0.25};
}

/* ---- the others ---------------------------------------------------------------------- */

static sbx_ivd softplus(double x)
{
    return add(point(fmax(x, 0.0)), op1(sbx_ivd_log1p, ex(point(-fabs(x)))));
}

/* (1 + erf(x/sqrt 2))/2 */
static sbx_ivd normal(sbx_ivd x)
{
    const sbx_ivd t = mul(x, about(0x1.6a09e667f3bcdp-1));
    return mul(point(0.5), add(point(1.0), op1(sbx_ivd_erf, t)));
}

/* e^(-x^2/2)/sqrt(2 pi) */
static sbx_ivd density(sbx_ivd x)
{
    return mul(about(0x1.9884533d43651p-2), ex(mul(point(-0.5), sqr(x))));
}

/* tanh(sqrt(2/pi) (x + 0.044715 x^3)), increasing; its argument's slope */
static sbx_ivd gelu_inner(sbx_ivd x)
{
    const sbx_ivd cubic = mul(x, add(point(1.0), mul(about(0.044715), sqr(x))));
    return tanh_(mul(about(0x1.9884533d43651p-1), cubic));
}
static sbx_ivd gelu_inner_at(double x) { return gelu_inner(point(x)); }
static sbx_ivd gelu_inner_slope(sbx_ivd x)
{
    const sbx_ivd t = mul(mul(point(3.0), about(0.044715)), sqr(x));
    return mul(about(0x1.9884533d43651p-1), add(point(1.0), t));
}

static sbx_ivd mish_inner_at(double x)
{
    const sbx_ivd s = softplus(x);
    return (sbx_ivd){tanh_at(s.lo).lo, tanh_at(s.hi).hi};
}

/* x (1 + t)/2 with t = tanh g: (1 + t)/2 + x (1 - t^2) g'/2 */
static sbx_ivd gelu_tanh_slope(sbx_ivd x)
{
    const sbx_ivd t = ends(gelu_inner_at, x), one = point(1.0), half = point(0.5);
    const sbx_ivd v = mul(mul(x, sub(one, sqr(t))), gelu_inner_slope(x));
    return mul(half, add(add(one, t), v));
}

/* x t with t = tanh(softplus x): t + x (1 - t^2) sigmoid(x) */
static sbx_ivd mish_slope(sbx_ivd x)
{
    const sbx_ivd t = ends(mish_inner_at, x);
    return add(t, mul(mul(x, sub(point(1.0), sqr(t))), sigmoid(x)));
}

sbx_ivd sbx_unary_value(const sbx_unary *f, double x)
{
    const sbx_ivd v = point(x), one = point(1.0), p = point(f->p);
    switch ((int)f->fn) {
    case SBX_FN_SIGMOID: return sigmoid_at(x);
    case SBX_FN_TANH: return tanh_at(x);
    case SBX_FN_EXP: return ex(v);
    case SBX_FN_LOG: return op1(sbx_ivd_log, v);
    case SBX_FN_RECIPROCAL: return quo(one, v);
    case SBX_FN_SQRT: return op1(sbx_ivd_sqrt, v);
    case SBX_FN_POW: return power(v, f->p);
    case SBX_FN_SIN: return op1(sbx_ivd_sin, v);
    case SBX_FN_COS: return op1(sbx_ivd_cos, v);
    case SBX_FN_ERF: return op1(sbx_ivd_erf, v);
    case SBX_FN_SOFTPLUS: return softplus(x);
    case SBX_FN_ELU: return mul(p, op1(sbx_ivd_expm1, v));
    case SBX_FN_SELU: return mul(mul(point(f->q), p), op1(sbx_ivd_expm1, v));
    case SBX_FN_CELU: return mul(p, op1(sbx_ivd_expm1, quo(v, p)));
    case SBX_FN_GELU: return mul(v, normal(v));
    case SBX_FN_GELU_TANH: return mul(point(0.5), mul(v, add(one, gelu_inner(v))));
    case SBX_FN_SOFTSIGN: return quo(v, add(one, point(fabs(x))));
    case SBX_FN_HARD_SIGMOID:
        return op2(sbx_ivd_min, op2(sbx_ivd_max, add(mul(p, v), point(f->q)), point(0.0)), one);
    case SBX_FN_HARD_SWISH: return quo(mul(v, add(v, point(3.0))), point(6.0));
    case SBX_FN_MISH: return mul(v, mish_inner_at(x));
    default: return everything;
    }
}

sbx_ivd sbx_unary_slope(const sbx_unary *f, sbx_ivd x)
{
    const sbx_ivd one = point(1.0), p = point(f->p);
    switch ((int)f->fn) {
    case SBX_FN_SIGMOID: return bump(x);
    case SBX_FN_TANH: return mul(point(4.0), bump(mul(point(2.0), x)));
    case SBX_FN_EXP: return ex(x);
    case SBX_FN_LOG: return quo(one, x);
    case SBX_FN_RECIPROCAL: return neg(quo(one, sqr(x)));
    case SBX_FN_SQRT: return quo(point(0.5), op1(sbx_ivd_sqrt, x));
    case SBX_FN_POW: return mul(p, power(x, f->p - 1.0));
    case SBX_FN_SIN: return x.lo < x.hi ? (sbx_ivd){-1.0, 1.0} : op1(sbx_ivd_cos, x);
    case SBX_FN_COS: return x.lo < x.hi ? (sbx_ivd){-1.0, 1.0} : neg(op1(sbx_ivd_sin, x));
    case SBX_FN_ERF: return mul(about(0x1.20dd750429b6dp0), ex(neg(sqr(x)))); /* 2/sqrt(pi) */
    case SBX_FN_SOFTPLUS: return sigmoid(x);
    case SBX_FN_ELU: return mul(p, ex(x));
    case SBX_FN_SELU: return mul(mul(point(f->q), p), ex(x));
    case SBX_FN_CELU: return ex(quo(x, p));
    case SBX_FN_GELU: return add(normal(x), mul(x, density(x)));
    case SBX_FN_GELU_TANH: return gelu_tanh_slope(x);
    case SBX_FN_SOFTSIGN: return quo(one, sqr(add(one, op1(sbx_ivd_abs, x))));
    case SBX_FN_HARD_SIGMOID: return (sbx_ivd){0.0, f->p};
    case SBX_FN_HARD_SWISH: return add(quo(x, point(3.0)), point(0.5));
    case SBX_FN_MISH: return mish_slope(x);
    default: return everything;
    }
}
