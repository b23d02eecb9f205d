/* softbox/relax.h -- bounds of one function over a box: affine lower and upper
 * bounds, and the values of the convex and concave bounds they are tangent to.
 *
 * Every affine bound holds as printed: its coefficients are doubles, and the
 * constant was computed after them, outward [L-RLX-08].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_H
#define SBX_RELAX_H

#include "softbox/num.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum sbx_method {
    SBX_METHOD_INTERVAL, /* the exact range, rounded outward                   */
    SBX_METHOD_CONSTANT, /* the same as an affine bound with zero slopes       */
    SBX_METHOD_LIN,      /* Shi et al. 2020, Bonaert et al. 2021               */
    SBX_METHOD_ER,       /* exponential-reciprocal, Wei et al. 2023            */
    SBX_METHOD_LSE,      /* log-sum-exp, same                                  */
    SBX_METHOD_LSE_STAR, /* its pivoted lower bound; upper as LSE              */
    SBX_METHOD_AUTO      /* at the requested point, the best of all the others */
} sbx_method;
#define SBX_METHOD_COUNT 7

/* "interval", "constant", "lin", "er", "lse", "lse-star", "auto" */
const char *sbx_method_name(sbx_method m);
/* error  SBX_ERR_ARG with the list of names */
sbx_status sbx_method_parse(sbx_method *m, const char *text, sbx_err *err) SBX_MUST_USE;

/* coef[0..n).x + cst, exactly, in real arithmetic */
typedef struct sbx_affine {
    double *coef; /* the caller's storage */
    double cst;
} sbx_affine;

typedef enum sbx_vector_fn { SBX_FN_SOFTMAX, SBX_FN_LOG_SOFTMAX, SBX_FN_LSE } sbx_vector_fn;

/* sbx_relax_vector: affine bounds of softmax_i, log-softmax_i or lse over a box.
 *
 *   in    x[0..n)   the box; a lower end may be -inf (then the bounds are constant
 *                   in every coordinate); 0 <= i < n (lse: i is not looked at)
 *         at[0..n)  the tangent point, in the box; NULL: its centre
 *   out   lower->coef[0..n), lower->cst; upper likewise
 *         *range    the interval bound, intersected with [0,1] for softmax
 *   tight each bound is the tangent plane at `at` of the method's convex or concave
 *         bound, but for rounding; AUTO: the largest lower, the least upper value at
 *         `at` among constant, lin, er, lse, lse-star
 *   proof L-RLX-02 .. L-RLX-11
 *   from  Wei et al., AISTATS 2023, arXiv:2303.01713
 *   error SBX_ERR_ARG n == 0, i >= n, at outside of the box, a NaN, a method that
 *         this function does not have (log-softmax and lse: interval, constant,
 *         lse and auto) */
sbx_status sbx_relax_vector(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range, sbx_vector_fn f,
                            sbx_method m, size_t i, const sbx_ivd *x, const double *at, size_t n,
                            sbx_err *err) SBX_MUST_USE;

/* sbx_relax_value: the method's (nonlinear) convex lower bound and concave upper
 * bound at a point, each enclosed: the bound proper lies in *lower (*upper), so
 * lower->lo <= softmax_i(at) <= upper->hi. Then intersected with the interval
 * bound and, for softmax, with [0,1]: what comes back is never worse than those.
 *   in    at[0..n)  a point (or box) inside x
 *   proof L-RLX-02 .. L-RLX-06, L-RLX-09
 *   error as above */
sbx_status sbx_relax_value(sbx_ivd *lower, sbx_ivd *upper, sbx_vector_fn f, sbx_method m, size_t i,
                           const sbx_ivd *x, const sbx_ivd *at, size_t n,
                           sbx_err *err) SBX_MUST_USE;
sbx_status sbx_relax_value_ivf(sbx_ivf *lower, sbx_ivf *upper, sbx_vector_fn f, sbx_method m,
                               size_t i, const sbx_ivf *x, const sbx_ivf *at, size_t n,
                               const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;

/* ---- functions of one variable ----------------------------------------------- */

typedef enum sbx_unary_fn {
    SBX_FN_RELU,
    SBX_FN_LEAKY_RELU, /* slope param for x < 0, 0 <= param <= 1 */
    SBX_FN_SIGMOID,
    SBX_FN_TANH,
    SBX_FN_EXP,
    SBX_FN_LOG,        /* x > 0 */
    SBX_FN_RECIPROCAL, /* x > 0 */
    SBX_FN_SQRT        /* x >= 0 */
} sbx_unary_fn;

/* lo_a x + lo_b <= f(x) <= hi_a x + hi_b on the interval; where a side has no bound in
 * doubles (exp on [0, 1e6]) its slope is 0 and its constant -inf or +inf */
typedef struct sbx_line_pair {
    double lo_a, lo_b, hi_a, hi_b;
} sbx_line_pair;

/* sbx_relax_unary: affine bounds of f over [x.lo, x.hi], finite.
 *
 *   in    at     the tangent point of the bound that has one, in x; NaN: chosen
 *                by f (relu, leaky relu: the lower slope at in [param, 1]; NaN:
 *                param or 1, whichever leaves less area)
 *   tight the chord on the side where f lies below (above) it; a tangent, or for
 *         sigmoid and tanh the steepest line that holds, on the other
 *   proof L-RLX-12 (relu), L-RLX-13 (sigmoid, tanh), L-RLX-14 (the others)
 *   error SBX_ERR_ARG not finite, lo > hi; SBX_ERR_DOMAIN outside f's domain */
sbx_status sbx_relax_unary(sbx_line_pair *r, sbx_unary_fn f, double param, sbx_ivd x, double at,
                           sbx_err *err) SBX_MUST_USE;

/* lo_a x + lo_b y + lo_c <= x y <= hi_a x + hi_b y + hi_c */
typedef struct sbx_plane_pair {
    double lo_a, lo_b, lo_c, hi_a, hi_b, hi_c;
} sbx_plane_pair;

/* sbx_relax_product: McCormick's planes of x y over a finite box, interpolated:
 * r_lo, r_hi in [0,1] weigh the two lower (upper) planes.
 *   proof L-RLX-15 */
sbx_status sbx_relax_product(sbx_plane_pair *r, sbx_ivd x, sbx_ivd y, double r_lo, double r_hi,
                             sbx_err *err) SBX_MUST_USE;

/* sbx_relax_quotient: the same of x / y, y > 0 or y < 0; a is 0 where x is one point.
 *   proof L-RLX-62
 *   error SBX_ERR_ARG not finite, lo > hi; SBX_ERR_DOMAIN 0 is in y */
sbx_status sbx_relax_quotient(sbx_plane_pair *r, sbx_ivd x, sbx_ivd y, sbx_err *err) SBX_MUST_USE;

/* sbx_relax_square: of x^2, the tangent at the middle and the chord.
 *   proof L-RLX-63
 *   error SBX_ERR_ARG not finite, lo > hi */
sbx_status sbx_relax_square(sbx_line_pair *r, sbx_ivd x, sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
