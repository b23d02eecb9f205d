/* softbox/constants.h -- constants of attention mechanisms, proved: residuals of iterative inverses,
 * random features, in-context regression, the greatest gain of softmax at a point, ranges that
 * hold before anything is computed.
 *
 *   sbx_cell z;
 *   sbx_cell_init(&z);
 *   st = sbx_constant_threshold(&z, SBX_INVERSE_NEWTON, 20, eps, err);     1.10e-3 for eps = 1/10
 *
 * Every number is a fraction, or an enclosure of relative width below 2^-60 where nothing else
 * is said. Formulas and where they are from stand with their lemmas in proofs/constants.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CONSTANTS_H
#define SBX_CONSTANTS_H

#include "softbox/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- iterative inverses --------------------------------------------------------------------- */

/* V is an approximate inverse, E = I - A V.
 *   newton   V <- 2 V - V A V: E <- E^2. A = K + I/100 for a symmetric positive semidefinite K with
 *            diagonal 1, started at (9/5) A / |K|_1^2 (SOFT, arXiv:2110.11945)
 *   nystrom  V <- V (13 I - A V (15 I - A V (7 I - A V))) / 4: E <- (3/4) E^3 + (1/4) E^4, started at
 *            A^T / (|A|_1 |A|_inf) (Nystromformer, arXiv:2102.03902)
 * The ratio is (lambda_min(K) + 1/100) / |K|_1 for newton, and sigma_min(A) / sqrt(|A|_1 |A|_inf) for
 * nystrom. */
typedef enum sbx_inverse { SBX_INVERSE_NEWTON, SBX_INVERSE_NYSTROM } sbx_inverse;

/* |E|_2 after so many steps.
 *   in     0 < ratio <= 1; steps 0 .. 64
 *   tight  exact while the fraction is short; below 1e-300: 0 to 1e-300; newton with a ratio above
 *          0.3: two bounds, as the greatest eigenvalue then counts too
 *   proof  L-STU-01, 02, 03   error  SBX_ERR_ARG, SBX_ERR_NOMEM */
sbx_status sbx_constant_residual(sbx_cell *z, sbx_inverse method, mpq_srcptr ratio, unsigned steps,
                                 sbx_err *err) SBX_MUST_USE;

/* The least ratio from which |E|_2 <= eps after so many steps.
 *   in     0 < eps < 1; steps 1 .. 64
 *   out    newton: a cell without a number where the greatest eigenvalue may leave more than eps
 *   proof  L-STU-02, 03   error  SBX_ERR_ARG, SBX_ERR_NOMEM */
sbx_status sbx_constant_threshold(sbx_cell *z, sbx_inverse method, unsigned steps, mpq_srcptr eps,
                                  sbx_err *err) SBX_MUST_USE;

/* The least number of steps after which |E|_2 <= eps for every matrix of that ratio.
 *   error  SBX_ERR_ARG; SBX_ERR_LIMIT  not decided, or more than 64 */
sbx_status sbx_constant_steps(unsigned *steps, sbx_inverse method, mpq_srcptr ratio, mpq_srcptr eps,
                              sbx_err *err) SBX_MUST_USE;

/* ---- random features -------------------------------------------------------------------------- */

/* Estimates of e^(q.k) from m draws w ~ N(0, I), the mean of
 *   positive    e^(w.(q + k)) e^(-(|q|^2 + |k|^2) / 2)
 *   hyperbolic  cosh(w.(q + k)) e^(-(|q|^2 + |k|^2) / 2)
 *   trigonometric  cos(w.(q - k)) e^((|q|^2 + |k|^2) / 2)
 * (Choromanski et al., arXiv:2009.14794). The square is |q + k|^2, for trigonometric |q - k|^2. */
typedef enum sbx_features {
    SBX_FEATURES_POSITIVE,
    SBX_FEATURES_HYPERBOLIC,
    SBX_FEATURES_TRIGONOMETRIC
} sbx_features;

/* Variance of one draw over e^(2 q.k); m draws have it over m.
 *   in     0 <= square <= 1000   proof  L-STU-05   error  SBX_ERR_ARG, SBX_ERR_NOMEM */
sbx_status sbx_constant_variance(sbx_cell *z, sbx_features kind, mpq_srcptr square,
                                 sbx_err *err) SBX_MUST_USE;

/* The least m whose standard deviation is at most delta e^(q.k), delta > 0; at least 1. */
sbx_status sbx_constant_draws(mpz_ptr m, sbx_features kind, mpq_srcptr square, mpq_srcptr delta,
                              sbx_err *err) SBX_MUST_USE;

/* Bounds of the probability that m >= 1 draws estimate e^(q.k) by a negative number. The upper one
 * also holds for a positive combination of any number of keys k with |q - k|^2 <= square.
 *   tight  0 for positive and hyperbolic; m = 1: an enclosure
 *   proof  L-STU-06   error  SBX_ERR_ARG, SBX_ERR_NOMEM */
sbx_status sbx_constant_negative(sbx_cell *z, sbx_features kind, mpq_srcptr square, unsigned long m,
                                 sbx_err *err) SBX_MUST_USE;

/* ---- in-context regression -------------------------------------------------------------------- */

/* D times the risk, D -> infinity, of softmax attention that reads D examples y = theta.x + noise,
 * x ~ N(0, I_d), theta ~ N(0, I_d / d), the noise of variance s2 >= 0 (Cui et al., arXiv:2401.17426).
 *   u     where one head is best, one = its risk there, two = the infimum d (1 + s2) + 1 of two heads of
 *         opposite sign, ratio = one / two, which tends to e with d
 *   in    d 1 .. 1000000   proof  L-STU-08, 09   error  SBX_ERR_ARG, SBX_ERR_NOMEM */
typedef struct sbx_regression {
    sbx_cell u, one, two, ratio;
} sbx_regression;
void sbx_regression_init(sbx_regression *z);
void sbx_regression_clear(sbx_regression *z);
sbx_status sbx_constant_regression(sbx_regression *z, size_t d, mpq_srcptr s2,
                                   sbx_err *err) SBX_MUST_USE;

/* ---- the gain of softmax at a point ------------------------------------------------------------- */

/* theta(p) = 4 max_S P(S) (1 - P(S)) over sets S of outcomes, the norm from l_inf to l_1 of
 * diag(p) - p p^T: how much softmax with the weights p changes by at most.
 *   in     p[0..n) >= 0, not all 0 (divided by its sum)
 *   tight  exact for n <= 40 whose common denominator has at most 512 bits; else bounds, the lower
 *          one of a set that was found
 *   proof  L-STU-11   error  SBX_ERR_ARG, SBX_ERR_NOMEM */
sbx_status sbx_constant_gain(sbx_cell *z, const mpq_t *p, size_t n, sbx_err *err) SBX_MUST_USE;

/* The same for p = softmax(x).   proof  L-STU-12   tight  about 2^-50 where n <= 40 */
sbx_status sbx_constant_gain_of_scores(sbx_cell *z, const mpq_t *x, size_t n,
                                       sbx_err *err) SBX_MUST_USE;

/* ---- ranges and constants of one formula --------------------------------------------------------- */

/* Weight of one score above n - 1 equal ones, the gap being gap >= 0: 1 / (1 + (n - 1) e^-gap);
 * scaled: of SSMax, 1 / (1 + (n - 1) n^-gap).   proof  L-STU-14   error  SBX_ERR_ARG  n == 0 */
sbx_status sbx_constant_leader(sbx_cell *z, unsigned long n, mpq_srcptr gap, bool scaled,
                               sbx_err *err) SBX_MUST_USE;

/* All weights of cross-covariance attention (arXiv:2106.09681) over d channels at temperature tau > 0,
 * whatever the input, are at least 1 / (1 + (d - 1) e^(2 / tau)), or with greatest at most the same with
 * e^(-2 / tau).   proof  L-STU-15   error  SBX_ERR_ARG  d == 0, tau <= 0 */
sbx_status sbx_constant_channel(sbx_cell *z, unsigned long d, mpq_srcptr tau, bool greatest,
                                sbx_err *err) SBX_MUST_USE;

/* n sigmoid(-log n) = n / (n + 1), the mass of a row of equal scores 0 in sigmoid attention */
sbx_status sbx_constant_sigmoid_mass(sbx_cell *z, unsigned long n, sbx_err *err) SBX_MUST_USE;

/* The greatest slope 3 sqrt 3 / 8 of z^2 / (1 + z^2).   proof  L-STU-16 */
sbx_status sbx_constant_expressive_slope(sbx_cell *z, sbx_err *err) SBX_MUST_USE;

/* e^(gap u) - 1: by how much a weight grows, relatively, when its score, gap >= 0 below the greatest,
 * was rounded to a precision of p bits, u = 2^-p.   proof  L-STU-17 */
sbx_status sbx_constant_score_rounding(sbx_cell *z, mpq_srcptr gap, long p,
                                       sbx_err *err) SBX_MUST_USE;

/* The least degree p with n (1 - margin)^p <= 1: normalized polynomial attention then leaves at
 * least half of the mass on a score that leads n others by the relative margin, 0 < margin < 1.
 *   proof  L-STU-18 */
sbx_status sbx_constant_power_degree(unsigned long *p, unsigned long n, mpq_srcptr margin,
                                     sbx_err *err) SBX_MUST_USE;

/* The largest number of a format: "fp16", "bf16", "tf32", "e5m2", "e4m3" (448), "f32", "f64".
 *   error  SBX_ERR_ARG  another name */
sbx_status sbx_constant_largest(mpq_ptr m, const char *format, sbx_err *err) SBX_MUST_USE;

/* Online softmax that rescales lazily: exponentials P = 2^(s - r + offset), s the scores in units of log 2, r a
 * running maximum that is renewed only where it has fallen behind by more than the threshold >= 0, so that
 * P <= 2^(offset + threshold). P is stored in a format, clamped at its largest number m; the
 * denominator sums what was not clamped.
 *
 * headroom: log2 m - threshold, the greatest offset at which no P is above m; whole: the greatest whole one.
 * saturation: max(0, 1 - m / 2^e), e = offset + threshold: by how much, relatively, a weight is too small at
 * most, and how much of the row's mass is missing at most, by the clamping alone. (A conversion that
 * gives infinity or NaN in the place of m has no such bound where it is not 0.)
 *   in     threshold 0 .. 4096, e -4096 .. 4096
 *   tight  saturation: exact for whole e; attained by a weight, approached by the mass
 *   proof  L-STU-27   error  SBX_ERR_ARG; SBX_ERR_LIMIT  whole: not decided; SBX_ERR_NOMEM */
sbx_status sbx_constant_headroom(sbx_cell *z, const char *format, mpq_srcptr threshold, bool whole,
                                 sbx_err *err) SBX_MUST_USE;
sbx_status sbx_constant_saturation(sbx_cell *z, const char *format, mpq_srcptr e,
                                   sbx_err *err) SBX_MUST_USE;

/* The determinant of the n x n matrix of logarithms of p > 0, 1 <= n <= 8, row after row. Logits of
 * rank d give log-probabilities of rank at most d + 1, so a determinant that is not 0 proves
 * that d >= n - 1 is needed.   proof  L-STU-19 */
sbx_status sbx_constant_log_determinant(sbx_cell *z, const mpq_t *p, size_t n,
                                        sbx_err *err) SBX_MUST_USE;

/* ---- formula and implementation ------------------------------------------------------------------- */

/* A place where a public implementation, as written at a commit, and the published formula give different
 * numbers for the same input, or (agrees) where a doubt is ruled out. Both are computed here from a
 * statement of our own of what the code does. `reading`: the text of that commit was not at hand when
 * this was checked, or the statement rests on reading alone; later commits may differ. */
typedef struct sbx_finding {
    const char *id, *where, *what, *input, *basis;
    bool reading, agrees;
    sbx_cell written, formula; /* what the code gives; what the formula gives */
} sbx_finding;
#define SBX_FINDINGS 17
void sbx_finding_init(sbx_finding *z);
void sbx_finding_clear(sbx_finding *z);

/* The k-th, k = 0 .. SBX_FINDINGS - 1.
 *   proof  L-STU-21 .. 24   error  SBX_ERR_ARG, SBX_ERR_NOMEM */
sbx_status sbx_constant_finding(sbx_finding *z, size_t k, sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
