/* softbox/kernel.h -- sums, dot products, log-sum-exp, softmax, log-softmax:
 * their values in every number system, and their exact ranges over boxes.
 *
 *   softmax_i(x) = e^{x_i} / (e^{x_1} + ... + e^{x_n})
 *   lse(x) = log(e^{x_1} + ... + e^{x_n}),  log-softmax_i(x) = x_i - lse(x)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_KERNEL_H
#define SBX_KERNEL_H

#include "softbox/num.h"

#ifdef __cplusplus
extern "C" {
#endif

/* sbx_sum, sbx_dot, sbx_lse, sbx_softmax, sbx_log_softmax: the value at a point
 * in a point system, an enclosure of all values over the box in an enclosure
 * system.
 *
 *   in    x[0..n)  n >= 1 (sum, dot: n >= 0); dot: y[0..n)
 *         enclosures: a lower end may be -inf (weight 0 is the limit), an upper
 *         end must be finite
 *   out   *z, or p[0..n); p may be x; unchanged on failure
 *   tight points: sum and dot are recursive, first to last; the others subtract the
 *         maximum first, so they do not overflow; no promise on rounding
 *         enclosures: lse, softmax and log-softmax are evaluated at the two
 *         corners that are their extremes, so only rounding widens them
 *         ivd softmax: each end within 64 ulp of the exact extreme where that is at
 *         least 2^-890; below, the lower end is in [0, exact] and the upper in
 *         [exact, 2^-890]; an upper end is never 0. (|x_j| > 1e6 or n > 2^24: slower,
 *         through 128 bits)
 *   proof L-SMX-01 (corners), L-SMX-02 (in [0,1]), L-SMX-03 .. L-SMX-07 (rounding of
 *         the double path), L-SMX-11 (-inf), L-SMX-12 (lse, log-softmax monotone)
 *   error SBX_ERR_ARG lse, softmax, log-softmax: n == 0, an upper end infinite; ivd: also a
 *         side that is no interval (points: a NaN gives NaN);
 *         SBX_ERR_UNSUPPORTED mpq has no exp; SBX_ERR_LIMIT ivq: differences beyond
 *         SBX_IVQ_EXP_MAX
 *   cost  softmax: 2n exponentials for all n outputs */
#define SBX_KERNEL_DECLARE(S)                                                                  \
    sbx_status sbx_sum_##S(sbx_##S *z, const sbx_##S *x, size_t n, const sbx_ctx *ctx,         \
                           sbx_err *err) SBX_MUST_USE;                                         \
    sbx_status sbx_dot_##S(sbx_##S *z, const sbx_##S *x, const sbx_##S *y, size_t n,           \
                           const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;                     \
    sbx_status sbx_lse_##S(sbx_##S *z, const sbx_##S *x, size_t n, const sbx_ctx *ctx,         \
                           sbx_err *err) SBX_MUST_USE;                                         \
    sbx_status sbx_softmax_##S(sbx_##S *p, const sbx_##S *x, size_t n, const sbx_ctx *ctx,     \
                               sbx_err *err) SBX_MUST_USE;                                     \
    sbx_status sbx_log_softmax_##S(sbx_##S *p, const sbx_##S *x, size_t n, const sbx_ctx *ctx, \
                                   sbx_err *err) SBX_MUST_USE;

SBX_KERNEL_DECLARE(f32)
SBX_KERNEL_DECLARE(f64)
SBX_KERNEL_DECLARE(lowp)
SBX_KERNEL_DECLARE(mpf)
SBX_KERNEL_DECLARE(mpq)
SBX_KERNEL_DECLARE(ivd)
SBX_KERNEL_DECLARE(ivf)
SBX_KERNEL_DECLARE(ivq)

/* sbx_softmax_functional: the exact range of c.softmax(x) over a box, rounded
 * outward.
 *
 *   in    x[0..n)  the box, as above; c[0..n) finite intervals: each c_j anywhere
 *                  in its interval, independently of x
 *   out   *z       encloses { c.softmax(t) : c_j in c[j], t in x }
 *   tight ivd: each end within 64 u sum |c_j| p_j of the exact extreme (p the softmax
 *         at that extreme, u = 2^-53), if no weight e^{t_j} of that corner is below
 *         2^-890 times the largest and no c_j p_j below 2^-960
 *         ivf, ivq: as the precision allows
 *   proof L-SMX-08 (threshold corner and its certificate), L-SMX-09 (interval c),
 *         L-SMX-10 (inside [min c, max c]), L-SMX-21 (rounding of the double path)
 *   from  a linear-fractional programme over a box; Karnik and Mendel 2001, Vertex-
 *         Softmax (arXiv:2605.10974)
 *   cost  2n exponentials, then passes of O(n): Newton's method, 3 to 8 seen, 160 at most
 *   error as above, and SBX_ERR_ARG for an infinite c_j */
sbx_status sbx_softmax_functional_ivd(sbx_ivd *z, const sbx_ivd *c, const sbx_ivd *x, size_t n,
                                      const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_softmax_functional_ivf(sbx_ivf *z, const sbx_ivf *c, const sbx_ivf *x, size_t n,
                                      const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_softmax_functional_ivq(sbx_ivq *z, const sbx_ivq *c, const sbx_ivq *x, size_t n,
                                      const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;

/* The generic templates' double instances, of which sbx_softmax_ivd and
 * sbx_softmax_functional_ivd are the fast forms: tests hold one against the other. */
sbx_status sbx_softmax_generic_ivd(sbx_ivd *p, const sbx_ivd *x, size_t n, const sbx_ctx *ctx,
                                   sbx_err *err) SBX_MUST_USE;
sbx_status sbx_softmax_functional_generic_ivd(sbx_ivd *z, const sbx_ivd *c, const sbx_ivd *x,
                                              size_t n, const sbx_ctx *ctx,
                                              sbx_err *err) SBX_MUST_USE;

/* ---- exp in bulk ------------------------------------------------------------ */

/* sbx_exp_bulk: y[i] 2^k[i] approximates e^{x[i]}, |x[i]| <= 1e6; y may be x.
 *
 *   out   y[i] in [0.7, 1.4143], k[i] an integer as a double
 *   tight |y 2^k / e^x - 1| <= 1.6e-16 < 1.4412 u
 *   proof L-EXP-01 .. L-EXP-04
 *   The best of the builds that this processor can run is chosen at the first
 *   call; all give the same bits. */
void sbx_exp_bulk(double *y, double *k, const double *x, size_t n);

/* The builds: "avx512", "avx2", "portable" -- those that this processor runs,
 * NULL at the end; and one of them by its name, false when it cannot run. */
const char *const *sbx_exp_builds(void);
bool sbx_exp_bulk_with(const char *build, double *y, double *k, const double *x, size_t n);

#ifdef __cplusplus
}
#endif
#endif
