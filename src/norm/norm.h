/* norm/norm.h -- what a normalizer is: one table of functions, found by name.
 *
 * To add one: a line in norm/norms.def and a file norm/NAME.c of this form:
 *
 *   #ifndef NUM
 *   #include "norm/norm.h"
 *   #define NORM_FILE "norm/NAME.c"
 *   #include "norm/every.h"             compiles what stands below once a number system
 *   const sbx_norm sbx_norm_NAME = {.info = {...}, SBX_NORM_EVAL(eval), ...};
 *   #else
 *   static sbx_status FN(eval)(...)     the template
 *   #endif
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NORM_NORM_H
#define SBX_NORM_NORM_H

#include "base/alloc.h"
#include "base/try.h"
#include "softbox/norm.h"

/* p[0..outputs) or j[0..outputs n), which overlap nothing; n >= 1, x finite, the capabilities
 * of info->need there, n checked by `fits`. On failure what was written is thrown away. */
#define SBX_NORM_HOOK(S)                                                       \
    typedef sbx_status sbx_norm_fn_##S(sbx_##S *p, const sbx_##S *x, size_t n, \
                                       const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err);
SBX_NORM_HOOK(f32)
SBX_NORM_HOOK(f64)
SBX_NORM_HOOK(lowp)
SBX_NORM_HOOK(mpf)
SBX_NORM_HOOK(mpq)
SBX_NORM_HOOK(ivd)
SBX_NORM_HOOK(ivf)
SBX_NORM_HOOK(ivq)
#define SBX_NORM_FIELDS(what)      \
    sbx_norm_fn_f32 *what##_f32;   \
    sbx_norm_fn_f64 *what##_f64;   \
    sbx_norm_fn_lowp *what##_lowp; \
    sbx_norm_fn_mpf *what##_mpf;   \
    sbx_norm_fn_mpq *what##_mpq;   \
    sbx_norm_fn_ivd *what##_ivd;   \
    sbx_norm_fn_ivf *what##_ivf;   \
    sbx_norm_fn_ivq *what##_ivq;
#define SBX_NORM_ALL_OF(what, f)                                                                  \
    .what##_f32 = f##_f32, .what##_f64 = f##_f64, .what##_lowp = f##_lowp, .what##_mpf = f##_mpf, \
    .what##_mpq = f##_mpq, .what##_ivd = f##_ivd, .what##_ivf = f##_ivf, .what##_ivq = f##_ivq
#define SBX_NORM_EVAL(f)     SBX_NORM_ALL_OF(eval, f)
#define SBX_NORM_JACOBIAN(f) SBX_NORM_ALL_OF(jacobian, f)

struct sbx_norm {
    sbx_norm_info info;
    SBX_NORM_FIELDS(eval)
    SBX_NORM_FIELDS(jacobian) /* NULL: it has none; SBX_ERR_DOMAIN where it may jump */
    bool below;               /* ivd, ivf: lower ends of x may be -inf */

    /* the traits for these parameters; NULL: info.traits */
    unsigned (*traits)(const sbx_norm_args *a);
    /* how many outputs; 0: the parameters do not fit n. NULL: n */
    size_t (*outputs)(const sbx_norm_args *a, size_t n);
    /* says why n does not fit the parameters; NULL: every n does */
    sbx_status (*fits)(const sbx_norm_args *a, size_t n, sbx_err *err);
};

/* the number that parameter k is, as a double (nearest) and as a long (parameters that are
 * integers in a small domain) */
double sbx_norm_double(const sbx_norm_args *a, size_t k);
long sbx_norm_long(const sbx_norm_args *a, size_t k);
/* is parameter k, exactly, v */
bool sbx_norm_is(const sbx_norm_args *a, size_t k, long v);

#define SBX_NORM_NO_REST (-1)

/* ---- tools.tmpl.c: what the templates share, in every system ------------------------- */

#define SBX_NORM_TOOLS(S)                                                                           \
    /* n zeros, NULL when memory is out; freed. v may be NULL. */                                   \
    sbx_##S *sbx_norm_new_##S(size_t n, const sbx_ctx *ctx);                                        \
    void sbx_norm_free_##S(sbx_##S *v, size_t n);                                                   \
    /* parameter k, number i of it; rounded as the system does */                                   \
    sbx_status sbx_norm_param_##S(sbx_##S *z, const sbx_norm_args *a, size_t k, size_t i,           \
                                  const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;                   \
    /* the maximum of x; in enclosures its upper end, a point: a shift that cancels */              \
    sbx_status sbx_norm_top_##S(sbx_##S *z, const sbx_##S *x, size_t n, const sbx_ctx *ctx,         \
                                sbx_err *err) SBX_MUST_USE;                                         \
    /* the number of the score that is surely greater than every other; n: none is */               \
    size_t sbx_norm_first_##S(const sbx_##S *x, size_t n);                                          \
    /* s = x sorted, greatest first: order statistics; in enclosures those of the box, end by     \
     * end, which is exact [L-NRM-05] */ \
    sbx_status sbx_norm_sort_##S(sbx_##S *s, const sbx_##S *x, size_t n, const sbx_ctx *ctx,        \
                                 sbx_err *err) SBX_MUST_USE;                                        \
    /* an increasing f of one number over an enclosure: f at both ends, hulled; points: f */        \
    sbx_status sbx_norm_rising_##S(                                                                 \
        sbx_##S *z, const sbx_##S *x,                                                               \
        sbx_status (*f)(sbx_##S *, const sbx_##S *, const sbx_norm_args *, const sbx_ctx *,         \
                        sbx_err *),                                                                 \
        const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;                     \
    /* a / (a + b) for a, b >= 0, not both 0; in enclosures end by end, which is sharp            \
     * [L-NRM-02]; both may be 0 at a point of the enclosure: that point is left out */ \
    sbx_status sbx_norm_ratio_##S(sbx_##S *z, const sbx_##S *a, const sbx_##S *b,                   \
                                  const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;                   \
    /* p_i = w_i / (c + sum w_j), w >= 0 (c NULL: 0), by the ratio; a row of zeros as a->zero_row \
     * says. p may be w. */ \
    sbx_status sbx_norm_weights_##S(sbx_##S *p, const sbx_##S *w, const sbx_##S *c, size_t n,       \
                                    const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err)       \
        SBX_MUST_USE;                                                                               \
    /* its Jacobian, given dw_j = w'(x_j): (delta_ij - p_i) dw_j / (c + sum w) [L-NRM-06] */        \
    sbx_status sbx_norm_weights_slope_##S(sbx_##S *j, const sbx_##S *w, const sbx_##S *dw,          \
                                          const sbx_##S *c, size_t n, const sbx_norm_args *a,       \
                                          const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;           \
    /* *w = w(x) >= 0 and, unless dw is NULL, *dw = w'(x); top is the maximum of all x: a factor  \
     * that depends on it alone cancels */ \
    typedef sbx_status sbx_norm_weight_##S(sbx_##S *w, sbx_##S *dw, const sbx_##S *x,               \
                                           const sbx_##S *top, const sbx_norm_args *a,              \
                                           const sbx_ctx *ctx, sbx_err *err);                       \
    /* p_i = w(x_i) / (c + sum w(x_j)) and its Jacobian; c: the number of a parameter, or         \
     * SBX_NORM_NO_REST */ \
    sbx_status sbx_norm_by_weight_##S(sbx_##S *p, const sbx_##S *x, size_t n,                       \
                                      sbx_norm_weight_##S *weight, int c, const sbx_norm_args *a,   \
                                      const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;               \
    sbx_status sbx_norm_by_weight_slope_##S(                                                        \
        sbx_##S *j, const sbx_##S *x, size_t n, sbx_norm_weight_##S *weight, int c,                 \
        const sbx_norm_args *a, const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;
#define SBX_NORM_TOOLS_2(S)                                                                           \
    /* z = x^e for x >= 0 and a rational e > 0: an integer power where e is whole (exact in mpq). \
     * Points take the double nearest to another e; enclosures both doubles around it. */   \
    sbx_status sbx_norm_power_##S(sbx_##S *z, const sbx_##S *x, mpq_srcptr e, const sbx_ctx *ctx,     \
                                  sbx_err *err) SBX_MUST_USE;                                         \
    /* z = b^d, a rational b > 1; in mpq for a whole d alone */                                       \
    sbx_status sbx_norm_base_power_##S(sbx_##S *z, mpq_srcptr b, const sbx_##S *d,                    \
                                       const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;                \
    /* d[i] = y_i - tau for y = x / delta: the nearest point of the simplex to y is max(d, 0)     \
     * [L-NRM-07]; and the Jacobian of that point with respect to x [L-NRM-09]; in[i]: is  \
     * x_i in its support, 0 no, 1 perhaps, 2 surely (counted); d: room for n */   \
    sbx_status sbx_norm_above_##S(sbx_##S *d, const sbx_##S *x, size_t n, const sbx_##S *delta,       \
                                  const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;                     \
    sbx_status sbx_norm_project_##S(sbx_##S *p, const sbx_##S *x, size_t n, const sbx_##S *delta,     \
                                    const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;                   \
    sbx_status sbx_norm_project_slope_##S(sbx_##S *j, const sbx_##S *x, size_t n,                     \
                                          const sbx_##S *delta, const sbx_ctx *ctx, sbx_err *err)     \
        SBX_MUST_USE;                                                                                 \
    sbx_status sbx_norm_support_##S(unsigned char *in, size_t *sure, size_t *maybe, sbx_##S *d,       \
                                    const sbx_##S *x, size_t n, const sbx_##S *delta,                 \
                                    const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;                   \
    /* j[i stride + k] = p_i ((i = k) - p_k) g[k step]: softmax's Jacobian at the weights p of      \
     * arguments with the slopes g (step 0: the same for all) [L-NRM-06] */ \
    sbx_status sbx_norm_softmax_slope_##S(sbx_##S *j, size_t stride, const sbx_##S *p, size_t n,      \
                                          const sbx_##S *g, size_t step, const sbx_ctx *ctx,          \
                                          sbx_err *err) SBX_MUST_USE;
SBX_NORM_TOOLS_2(f32)
SBX_NORM_TOOLS_2(f64)
SBX_NORM_TOOLS_2(lowp)
SBX_NORM_TOOLS_2(mpf)
SBX_NORM_TOOLS_2(mpq)
SBX_NORM_TOOLS_2(ivd)
SBX_NORM_TOOLS_2(ivf)
SBX_NORM_TOOLS_2(ivq)

/* The template of a row that is its weight alone: eval and jacobian of
 * w(x_i) / (c + sum w(x_j)), c the parameter number `rest` or SBX_NORM_NO_REST. */
#define SBX_NORM_BY_WEIGHT(weight, rest)                                                    \
    static sbx_status FN(eval)(NUM * p, const NUM *x, size_t n, const sbx_norm_args *a,     \
                               const sbx_ctx *ctx, sbx_err *err)                            \
    {                                                                                       \
        return FN(sbx_norm_by_weight)(p, x, n, (weight), (rest), a, ctx, err);              \
    }                                                                                       \
    static sbx_status FN(jacobian)(NUM * j, const NUM *x, size_t n, const sbx_norm_args *a, \
                                   const sbx_ctx *ctx, sbx_err *err)                        \
    {                                                                                       \
        return FN(sbx_norm_by_weight_slope)(j, x, n, (weight), (rest), a, ctx, err);        \
    }

SBX_NORM_TOOLS(f32)
SBX_NORM_TOOLS(f64)
SBX_NORM_TOOLS(lowp)
SBX_NORM_TOOLS(mpf)
SBX_NORM_TOOLS(mpq)
SBX_NORM_TOOLS(ivd)
SBX_NORM_TOOLS(ivf)
SBX_NORM_TOOLS(ivq)

#endif
