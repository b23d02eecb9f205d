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
#include "softbox/zone.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum sbx_method {
    SBX_METHOD_INTERVAL,     /* the exact range, rounded outward                   */
    SBX_METHOD_CONSTANT,     /* the same as an affine bound with zero slopes       */
    SBX_METHOD_LIN,          /* Shi et al. 2020, Bonaert et al. 2021               */
    SBX_METHOD_ER,           /* exponential-reciprocal, Wei et al. 2023            */
    SBX_METHOD_LSE,          /* log-sum-exp, same                                  */
    SBX_METHOD_LSE_STAR,     /* its pivoted lower bound; upper as LSE              */
    SBX_METHOD_ENV,          /* upper: concave envelope of the logistic function     */
    SBX_METHOD_L2D,          /* lower: envelope in the own logit and a sum of chords */
    SBX_METHOD_OPTIMAL_FAST, /* slopes from closed forms, the best constant for them */
    SBX_METHOD_AUTO,         /* at the requested point, the best of all the above      */
    SBX_METHOD_OPTIMAL       /* the best affine bound at the point, by cutting planes  */
} sbx_method;
#define SBX_METHOD_COUNT 11

/* "interval", "constant", "lin", "er", "lse", "lse-star", "env", "l2d", "optimal-fast",
 * "auto", "optimal" */
const char *sbx_method_name(sbx_method m);
/* error  SBX_ERR_ARG with the list of names */
sbx_status sbx_method_parse(sbx_method *m, const char *text, sbx_err *err) SBX_MUST_USE;

/* coef[0..n).x + cst, exactly, in real arithmetic */
typedef struct sbx_affine {
    double *coef; /* the caller's storage */
    double cst;
} sbx_affine;

typedef enum sbx_vector_fn { SBX_FN_SOFTMAX, SBX_FN_LOG_SOFTMAX, SBX_FN_LSE } sbx_vector_fn;

/* sbx_relax_vector: affine bounds of softmax_i, log-softmax_i or lse over a box with difference
 * bounds, n = z->n.
 *
 *   in    z         a lower end may be -inf (where no difference makes up for it, the bounds are
 *                   constant in every coordinate); 0 <= i < n (lse: i is not looked at)
 *         at[0..n)  the tangent point, in the zone; NULL: the centre of the box, less what
 *                   the differences cut off each side (it is in the zone)
 *   out   lower->coef[0..n), lower->cst; upper likewise
 *         *range    the exact range over the zone, rounded outward; for softmax in [0,1]
 *   tight but for rounding, the tangent planes at `at` of
 *         constant .. lse-star  the convex and concave bounds of these names
 *         env   upper: the concave envelope of sigma in t = x_i - lse(others); no affine bound
 *               is lower at the centre of a box whose other sides have one width. lower: n = 2:
 *               the convex envelope in the difference; else l2d's in the box itself
 *         l2d   lower: the convex envelope of e^y/(e^y + A), A the sum of the others' chords,
 *               y = x_i; or of the same in differences to x_i or to the greatest coordinate
 *               (n <= 6: to any), whichever is best at `at`. n = 2: env's too. upper: as env
 *         log-softmax and lse: the function itself where it is concave, convex; on the other side
 *               lse is the log of the sum of chords, and env the better one of that and of a bound that
 *               looks at few coordinates corner by corner: the lowest there is for n = 2
 *         optimal-fast  the best constant for the slopes of env and l2d (but for a hundredth of
 *               its distance from softmax_i or so), or what is better at `at` of constant, er,
 *               lse, lse-star
 *         auto  the largest lower, the least upper value at `at` of all of these
 *         optimal  over a box of up to 16 coordinates, but for a thousandth of its distance from
 *               softmax_i, the best that any affine bound has at `at`, if 1000 steps find it; above
 *               16 (lower: chords of exp in at most 16 boxes) and above 128 (as optimal-fast)
 *               without that promise. Never worse than auto
 *         With difference bounds: the best of the box, of the differences to x_i, and of
 *         those to the greatest coordinate.
 *   proof L-RLX-02 .. L-RLX-11, L-RLX-70 .. L-RLX-88
 *   cost  n = 10: optimal-fast some 20 us, optimal some ms
 *   from  lin .. lse-star: Wei et al., AISTATS 2023, arXiv:2303.01713; env, l2d,
 *         optimal: we have not found them published
 *   error SBX_ERR_ARG n == 0, i >= n, at outside of the zone, a NaN, a method that
 *         this function does not have (log-softmax and lse: interval, constant,
 *         lse, env, auto and optimal); SBX_ERR_DOMAIN the zone is empty, proved */
sbx_status sbx_relax_vector(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range, sbx_vector_fn f,
                            sbx_method m, size_t i, const sbx_zone *z, const double *at,
                            sbx_err *err) SBX_MUST_USE;

/* sbx_relax_softmax: the same for all rows of softmax, lower[i], upper[i], range[i], i < n, each
 * with the caller's coef[0..n); not defined on failure.
 *   cost  env: some 10 n^2 operations; l2d: 20 times that */
sbx_status sbx_relax_softmax(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range, sbx_method m,
                             const sbx_zone *z, const double *at, sbx_err *err) SBX_MUST_USE;

/* ---- linear functionals of softmax ------------------------------------------- */

/* sbx_range_functional: the range of v.softmax(x) over a zone.
 *
 *   in    v[0..n)  finite intervals: each v_j anywhere in its own, independently of x
 *   out   *r       encloses { v.softmax(t) : v_j in v[j], t in z }
 *   tight a box: as sbx_softmax_functional; else the exact range is the optimum of a linear
 *         program, missed by the outward rounding of its factors and by what the solver
 *         leaves, 1e-9 of max |v| or so at most
 *   proof L-SMX-30, L-SMX-31, L-LP-01
 *   error SBX_ERR_ARG a bad zone, an upper end that is infinite; SBX_ERR_DOMAIN the zone is
 *         empty, proved */
sbx_status sbx_range_functional(sbx_ivd *r, const sbx_ivd *v, const sbx_zone *z,
                                sbx_err *err) SBX_MUST_USE;

/* What proves one side of sbx_relax_functional, whatever method found it: [L-RLX-110], for
 * coef.y + cst >= v.softmax(y) over the box. Lower: all is for -v, -coef, -cst.
 *
 * The box is covered by leaves, leaf k: box[k n + j]. The values t that v.softmax takes on it are
 * covered by its pieces first[k] .. first[k + 1] - 1: for t[2q] <= t <= t[2q + 1], with
 * mu[q] >= 0 and ref[k],
 *
 *     t + sum_j max over leaf k of ( mu (v_j - t) e^{y_j - ref} - coef_j y_j ) <= cst
 *
 * at both ends of the piece, hence between them: the left side is convex in t.
 * No leaves: a constant bound, the end of the range; or none was found that is short enough. */
typedef struct sbx_functional_cert {
    size_t n, leaves;
    size_t
        view; /* n: y = x; k < n: y_j = x_j - x_k, whose coefficients are those of x but for k's */
    double cst; /* in the view; that of the bound is as good or looser */
    sbx_ivd *box;
    double *ref, *t, *mu;
    size_t *first;
} sbx_functional_cert;

/* a zero object is a certificate of nothing; clearing it is always allowed */
void sbx_functional_cert_clear(sbx_functional_cert *c);

/* sbx_relax_functional: affine bounds of v.softmax(x) over a zone.
 *
 *   in    v          as above; the bounds hold for every v_j of its interval
 *         at[0..n)   a point of the zone; NULL: the centre of its box
 *   out   lower, upper, *range  as sbx_relax_vector's; the range is sbx_range_functional's
 *         cert[2]    proofs of lower and upper; NULL: not wanted; clear them
 *   tight a method of outputs gives the sum of its bounds of the outputs, after the shift by a
 *         constant (sum p_j = 1) that leaves least at `at`. AUTO, OPTIMAL_FAST and OPTIMAL bound
 *         the functional itself and keep the best of that, the sum by AUTO and the constant at
 *         `at`; more than 64 coordinates: of the last two. OPTIMAL: over boxes of up to 10 coordinates mostly within one per cent of
 *         the best bound that there is; no promise, a search ends where it gets too long
 *   proof L-RLX-110 .. L-RLX-113
 *   from  derived here; we have not found it published
 *   cost  AUTO: some ms for 10 coordinates; OPTIMAL: some 50 ms
 *   error as sbx_relax_vector and sbx_range_functional */
sbx_status sbx_relax_functional(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range,
                                sbx_functional_cert cert[2], sbx_method m, const sbx_ivd *v,
                                const sbx_zone *z, const double *at, sbx_err *err) SBX_MUST_USE;

/* sbx_relax_certify: a proof of that form for given slopes.
 *
 *   in    a, bound  a.x + bound, meant to be a bound of v.softmax(x) on that side; v: points
 *   out   *cert     of slopes a and a constant *cst, which is `bound` or, by a ten-thousandth of
 *                   the range of v.softmax at most, looser; no leaves: not found, *cst = bound
 *   note  softmax_i is v = e_i. A bound that only differences make true needs a pivot: of up to
 *         16 coordinates all are tried, else 16 that a difference names
 *   proof L-RLX-110, L-RLX-111, L-RLX-72
 *   error SBX_ERR_ARG slopes or v not finite; as sbx_relax_functional */
sbx_status sbx_relax_certify(sbx_functional_cert *cert, double *cst, sbx_end side, const double *a,
                             double bound, const double *v, const sbx_zone *z,
                             sbx_err *err) SBX_MUST_USE;

/* sbx_relax_value: the method's (nonlinear) convex lower bound and concave upper
 * bound at a point, each enclosed: the bound proper lies in *lower (*upper), so
 * lower->lo <= softmax_i(at) <= upper->hi. Then intersected with the interval
 * bound and, for softmax, with [0,1]: what comes back is never worse than those.
 *   in    at[0..n)  a point (or box) inside x
 *   proof L-RLX-02 .. L-RLX-06, L-RLX-09
 *   error as above; env and l2d have no values here, and auto is the best of the others: their
 *         bounds at a point are those of their planes there */
sbx_status sbx_relax_value(sbx_ivd *lower, sbx_ivd *upper, sbx_vector_fn f, sbx_method m, size_t i,
                           const sbx_ivd *x, const sbx_ivd *at, size_t n,
                           sbx_err *err) SBX_MUST_USE;
sbx_status sbx_relax_value_ivf(sbx_ivf *lower, sbx_ivf *upper, sbx_vector_fn f, sbx_method m,
                               size_t i, const sbx_ivf *x, const sbx_ivf *at, size_t n,
                               const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;

/* ---- the constant for given slopes -------------------------------------------------- */

/* sbx_relax_intercept: the constant that makes given slopes an upper (least such) or a lower bound
 * (greatest such) of softmax_i over a box.
 *
 *   in    a[0..n)  finite slopes of any signs; x[0..n) the box, finite; 0 <= i < n
 *         width    how far from the best constant *cst may be, >= 0: rounding adds some ulps of
 *                  the largest term a_j x_j
 *   out   *cst     a.x + cst >= (<=) softmax_i(x) on the box
 *         *reached encloses softmax_i - a.x at point[0..n), a point of the box: the best constant is
 *                  between *cst and that. point may be NULL
 *   tight upper: *cst - reached->lo <= width but for rounding, for every n, unless that takes more
 *         than 190 pieces. Lower: the same for n <= 16 and up to 256 boxes; beyond, chords of exp
 *         below e^{x_j}, whose distance from the point *reached and *cst tell
 *   note  where the greatest upper end of the others is more than 1300 above the greatest lower
 *         end of all, or an end more than 1e6 away from both: the constant bound's, or its corner's.
 *         Where a lower end is more than 600 below the former: upper without the promise
 *   note  sbx_relax_certify writes a proof of it, that an independent program can read
 *   proof L-RLX-80 to L-RLX-88, L-RLX-142, L-RLX-143
 *   from  derived here; we have not found it published
 *   error SBX_ERR_ARG n == 0, i >= n, a slope or an end that is not finite, lo > hi, width < 0 */
sbx_status sbx_relax_intercept(double *cst, sbx_ivd *reached, double *point, sbx_end side, size_t i,
                               const double *a, const sbx_ivd *x, size_t n, double width,
                               sbx_err *err) SBX_MUST_USE;

/* sbx_relax_limit: a number that no affine bound of softmax_i over a box beats at a point: every affine upper
 * bound h has h(c) >= *limit, every affine lower bound h(c) <= *limit.
 *
 *   in    x[0..n)  the box, finite; c[0..n) in it; 0 <= i < n
 *         points[count][n]  points of the box to begin with; may be NULL with count = 0
 *   out   *limit
 *         point[n + 1][n], weight[n + 1]  points of the box and weights >= 0 whose mean point is c but for
 *                  rounding: they prove it. Either may be NULL
 *   tight the optimum of the linear program "least h(c) with h >= softmax_i at the points" for c, `points`, points
 *         of a line through c, all corners (n <= 10), and what is farthest beyond the planes found from them in
 *         up to 20 rounds; looser than the best where rounds run out, as for many coordinates, and by what
 *         rounding leaves, most where c is within 1e-10 of a side's width of its end
 *   proof L-RLX-140
 *   cost  n = 10: some 10 ms
 *   error SBX_ERR_ARG n == 0, i >= n, an end that is not finite, lo > hi, c or a point outside */
sbx_status sbx_relax_limit(double *limit, double *point, double *weight, sbx_end side, size_t i,
                           const sbx_ivd *x, const double *c, size_t n, const double *points,
                           size_t count, sbx_err *err) SBX_MUST_USE;

/* sbx_relax_pieces: several affine bounds a side, a piecewise linear one together: the greatest of lower[k], the
 * least of upper[k], k < r.
 *
 *   in    at[r][n]  the points, each in the zone; NULL, for a box: r points of the line along which f grows,
 *                   x_i from its lower end to its upper one and the others the other way (lse: all
 *                   the same way), each in the middle of its r-th part
 *   out   lower[k], upper[k], each with the caller's coef[0..n); not defined on failure
 *   tight at the k-th point as sbx_relax_vector there. lse from below and log-softmax from above: tangent
 *         planes of the function, so that the gap there is 0 but for rounding
 *   proof L-RLX-123 */
sbx_status sbx_relax_pieces(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range, sbx_vector_fn f,
                            sbx_method m, size_t i, const sbx_zone *z, const double *at, size_t r,
                            sbx_err *err) SBX_MUST_USE;

/* sbx_relax_softplus_pieces: r lines below log(1 + e^t), t real, so of lse of two numbers: with t = x_0 - x_1,
 *
 *     max over k of a_k t + b_k <= lse(x_0, x_1) - x_1 <= the same + error.hi.
 *
 *   in    2 <= r <= SBX_PIECES_MAX
 *   out   a[0..r) increasing from 0 to 1, b[0..r); *error encloses the greatest difference
 *   tight the errors between lines are equal but for 1e-12 or so, as they are where no r lines do better;
 *         lse of n numbers two by two: n - 1 times the error
 *   proof L-RLX-124
 *   from  Hsiung, Kim, Boyd, Optim. Eng. 9:95-118, 2008
 *   error SBX_ERR_ARG r out of range */
#define SBX_PIECES_MAX 64
sbx_status sbx_relax_softplus_pieces(double *a, double *b, sbx_ivd *error, size_t r,
                                     sbx_err *err) SBX_MUST_USE;

/* ---- functions of one variable ----------------------------------------------- */

typedef enum sbx_unary_fn {
    SBX_FN_RELU,
    SBX_FN_LEAKY_RELU, /* p x for x < 0, else x */
    SBX_FN_SIGMOID,
    SBX_FN_TANH,
    SBX_FN_EXP,
    SBX_FN_LOG,        /* x > 0 */
    SBX_FN_RECIPROCAL, /* x > 0 or x < 0 */
    SBX_FN_SQRT,       /* x >= 0 */
    SBX_FN_ABS,
    SBX_FN_POW,  /* x^p; fractional p: x >= 0; p < 0: x != 0 */
    SBX_FN_CLIP, /* min(max(x, p), q), p <= q, which may be infinite */
    SBX_FN_SIN,
    SBX_FN_COS,
    SBX_FN_ERF,
    SBX_FN_SOFTPLUS,         /* log(1 + e^x) */
    SBX_FN_ELU,              /* p (e^x - 1) for x < 0, else x */
    SBX_FN_SELU,             /* q p (e^x - 1) for x < 0, else q x */
    SBX_FN_CELU,             /* p (e^(x/p) - 1) for x < 0, else x; p != 0 */
    SBX_FN_GELU,             /* x/2 (1 + erf(x/sqrt 2)) */
    SBX_FN_GELU_TANH,        /* x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) */
    SBX_FN_SOFTSIGN,         /* x/(1 + |x|) */
    SBX_FN_HARD_SIGMOID,     /* min(max(p x + q, 0), 1), p > 0 */
    SBX_FN_HARD_SWISH,       /* x min(max(x/6 + 1/2, 0), 1) */
    SBX_FN_MISH,             /* x tanh(log(1 + e^x)) */
    SBX_FN_THRESHOLDED_RELU, /* x for x > p, else 0 */
    SBX_FN_FLOOR,
    SBX_FN_CEIL,
    SBX_FN_ROUND, /* halves to even */
    SBX_FN_SIGN
} sbx_unary_fn;
#define SBX_FN_UNARY_COUNT 29

/* a function and its parameters, finite but for clip's */
typedef struct sbx_unary {
    sbx_unary_fn fn;
    double p, q;
} sbx_unary;

/* lo_a x + lo_b <= f(x) <= hi_a x + hi_b on the interval; where a side has no bound in
 * doubles (exp on [0, 1e6]) its slope is 0 and its constant -inf or +inf */
typedef struct sbx_line_pair {
    double lo_a, lo_b, hi_a, hi_b;
} sbx_line_pair;

/* sbx_relax_unary: affine bounds of f over [x.lo, x.hi], finite.
 *
 *   in    at     a point of x: the bounds are those of the convex and the concave envelope
 *                there; NaN: the middle (relu, leaky relu with p in [0,1]: the lower slope
 *                at in [p,1]; NaN: p or 1, whichever leaves less area)
 *   tight lines that touch f's envelope at `at`, but for rounding; gelu-tanh, mish: but for
 *         a ten-thousandth of f's spread over x; sin, cos: constants where x is wider
 *         than 2 pi or beyond 2^30
 *   proof L-RLX-12 (relu), L-RLX-40 to L-RLX-45
 *   error SBX_ERR_ARG not finite, lo > hi, a parameter that f does not have;
 *         SBX_ERR_DOMAIN outside f's domain */
sbx_status sbx_relax_unary(sbx_line_pair *r, sbx_unary f, sbx_ivd x, double at,
                           sbx_err *err) SBX_MUST_USE;

/* sbx_range_unary: an interval that contains f(t) for every t of x.
 *   in    x      may have infinite ends
 *   tight a few ulp of f's values over x; gelu: of the largest |t|;
 *         gelu-tanh, mish: a ten-thousandth of f's spread
 *   note  the whole line where f is not defined on all of x
 *   error SBX_ERR_ARG a NaN, lo > hi, a parameter that f does not have */
sbx_status sbx_range_unary(sbx_ivd *y, sbx_unary f, sbx_ivd x, sbx_err *err) SBX_MUST_USE;

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

/* sbx_relax_largest: planes below and above max(x_0 .. x_{n-1}) over a box.
 *
 *   in    x[0..n)  the box; ends may be infinite (then upper may have slopes 0 and cst inf)
 *   tight lower: the x_j with the highest middle; upper: the least value at the centre of the
 *         box that a plane can have
 *   proof L-RLX-64
 *   error SBX_ERR_ARG n == 0, lo > hi, a NaN */
sbx_status sbx_relax_largest(sbx_affine *lower, sbx_affine *upper, const sbx_ivd *x, size_t n,
                             sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
