/* mech/mech.h -- what a mechanism is: one table of functions, found by name.
 *
 * To add one: a line in mech/mechs.def and a file mech/NAME.c of this form:
 *
 *   #ifndef NUM
 *   #include "mech/mech.h"
 *   enum {...};                         what the template uses stands before it: numbers of parameters
 *   #define MECH_FILE "mech/NAME.c"
 *   #include "mech/every.h"             compiles what stands below once a number system
 *   const sbx_mech sbx_mech_NAME = {.info = {...}, SBX_MECH_ROW(row), ...};
 *   #else
 *   static sbx_status FN(row)(NUM *w, FN(sbx_mech_run) * r, size_t i, sbx_err *err)   the template
 *   #endif
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MECH_MECH_H
#define SBX_MECH_MECH_H

#include "base/alloc.h"
#include "base/try.h"
#include "mech/aff.h"
#include "mech/machine.h"
#include "norm/norm.h"
#include "softbox/mech.h"

/* Every number system a mechanism is compiled for (mech/every.h), with affine arithmetic and the machines
 * of mech/machine.h. */
#define SBX_MECH_SYSTEMS(X) \
    X(f32) X(f64) X(lowp) X(mpf) X(mpq) X(ivd) X(ivf) X(ivq) X(aff) X(sim) X(rea)

/* ---- an open mechanism, and its hooks ------------------------------------------------ */

/* state: what prepare leaves for the rows; work: scratch of rows and of output. Their lengths
 * are what the hooks state and work say; all numbers are 0 at first.
 *
 *   prepare  once, before the rows. NULL: nothing to do
 *   row      w[0..m), weights of query i. NULL: no weights
 *   output   o[0..n dv). NULL: sum over j of weight (i, j) times v_j [L-MCH-02] */
#define SBX_MECH_HOOKS(S)                                                             \
    struct sbx_mech_run_##S {                                                         \
        const sbx_mech_args *a;                                                       \
        sbx_mech_in_##S in;                                                           \
        size_t n, m, d, dv; /* of in.shape */                                         \
        sbx_##S *state, *work;                                                        \
        size_t n_state, n_work;                                                       \
        size_t *index; /* what the hook index says: numbers of rows, ... */           \
        const sbx_ctx *ctx;                                                           \
    };                                                                                \
    typedef sbx_status sbx_mech_prepare_fn_##S(sbx_mech_run_##S *r, sbx_err *err);    \
    typedef sbx_status sbx_mech_row_fn_##S(sbx_##S *w, sbx_mech_run_##S *r, size_t i, \
                                           sbx_err *err);                             \
    typedef sbx_status sbx_mech_output_fn_##S(sbx_##S *o, sbx_mech_run_##S *r, sbx_err *err);
SBX_MECH_SYSTEMS(SBX_MECH_HOOKS)

struct sbx_mech {
    sbx_mech_info info;
#define SBX_MECH_FIELDS(S)                \
    sbx_mech_prepare_fn_##S *prepare_##S; \
    sbx_mech_row_fn_##S *row_##S;         \
    sbx_mech_output_fn_##S *output_##S;
    SBX_MECH_SYSTEMS(SBX_MECH_FIELDS)
#undef SBX_MECH_FIELDS

    /* the traits for these parameters; NULL: info.traits */
    unsigned (*traits)(const sbx_mech_args *a);
    /* the arithmetic that weights and outputs need with these parameters; NULL: info.kind */
    sbx_norm_class (*kind)(const sbx_mech_args *a, sbx_mech_shape s);
    /* how many numbers of state and of work; NULL: none */
    size_t (*state)(const sbx_mech_args *a, sbx_mech_shape s);
    size_t (*work)(const sbx_mech_args *a, sbx_mech_shape s);
    /* how many indices prepare leaves for the rows; NULL: none */
    size_t (*index)(const sbx_mech_args *a, sbx_mech_shape s);
    /* rows and columns of extra matrix e; needed where there are any */
    void (*dims)(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows, size_t *columns);
    /* a bound on the rank of the weights; NULL: none but min(n, m) */
    size_t (*rank)(const sbx_mech_args *a, sbx_mech_shape s);
    /* says why the shape does not fit; NULL: every shape does */
    sbx_status (*fits)(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err);
};

#define SBX_MECH_ALL_OF(hook, f)                                                                  \
    .hook##_f32 = f##_f32, .hook##_f64 = f##_f64, .hook##_lowp = f##_lowp, .hook##_mpf = f##_mpf, \
    .hook##_mpq = f##_mpq, .hook##_ivd = f##_ivd, .hook##_ivf = f##_ivf, .hook##_ivq = f##_ivq,   \
    .hook##_aff = f##_aff, .hook##_sim = f##_sim, .hook##_rea = f##_rea
#define SBX_MECH_PREPARE(f) SBX_MECH_ALL_OF(prepare, f)
#define SBX_MECH_ROW(f)     SBX_MECH_ALL_OF(row, f)
#define SBX_MECH_OUTPUT(f)  SBX_MECH_ALL_OF(output, f)

/* SBX_ERR_ARG, and why, when the mechanism does not fit the shape. */
sbx_status sbx_mech_fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err) SBX_MUST_USE;

/* SBX_ERR_ARG, and the sizes, when extra matrix e has not the size that the mechanism needs. */
sbx_status sbx_mech_extra_fits(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t numbers,
                               sbx_err *err) SBX_MUST_USE;

/* parameter k as a long, as a double (nearest), compared exactly */
static inline long sbx_mech_long(const sbx_mech_args *a, size_t k)
{
    return sbx_value_long(&a->value[k]);
}
static inline sbx_norm_class sbx_mech_kind(const sbx_mech_args *a, sbx_mech_shape s)
{
    return a->mech->kind ? a->mech->kind(a, s) : a->mech->info.kind;
}
static inline size_t sbx_mech_size(const sbx_mech_args *a, size_t k)
{
    return (size_t)sbx_value_long(&a->value[k]);
}

/* ---- tools.tmpl.c: what the templates share, in every system ---------------------------- */

#define SBX_MECH_TOOLS(S)                                                                                                 \
    /* n zeros, NULL when memory is out; freed. v may be NULL. */                                                         \
    sbx_##S *sbx_mech_new_##S(size_t n, const sbx_ctx *ctx);                                                              \
    void sbx_mech_free_##S(sbx_##S *v, size_t n);                                                                         \
    /* parameter k, number i of it; rounded as the system does */                                                         \
    sbx_status sbx_mech_param_##S(sbx_##S *z, const sbx_mech_run_##S *r, size_t k, size_t i,                              \
                                  sbx_err *err) SBX_MUST_USE;                                                             \
    /* z = 1/sqrt(n), exact in mpq for a square n */                                                                      \
    sbx_status sbx_mech_inverse_root_##S(sbx_##S *z, size_t n, const sbx_mech_run_##S *r,                                 \
                                         sbx_err *err) SBX_MUST_USE;                                                      \
    /* the number of parameter k; where that is 0: 1/sqrt(d), exact in mpq for a square d */                              \
    sbx_status sbx_mech_scale_##S(sbx_##S *z, const sbx_mech_run_##S *r, size_t k, size_t d,                              \
                                  sbx_err *err) SBX_MUST_USE;                                                             \
    /* s += a b: one step of a sum of products */                                                                         \
    sbx_status sbx_mech_fma_##S(sbx_##S *s, const sbx_##S *a, const sbx_##S *b,                                           \
                                const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;                                    \
    /* z = sum of a[k sa] b[k sb], k < n, first to last; z is none of them */                                             \
    sbx_status sbx_mech_dot_##S(sbx_##S *z, const sbx_##S *a, size_t sa, const sbx_##S *b,                                \
                                size_t sb, size_t n, const sbx_mech_run_##S *r, sbx_err *err)                             \
        SBX_MUST_USE;                                                                                                     \
    /* z = sum of a[k sa], k < n, first to last; z is none of them */                                                     \
    sbx_status sbx_mech_sum_##S(sbx_##S *z, const sbx_##S *a, size_t sa, size_t n,                                        \
                                const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;                                    \
    /* s[j] = scale q_i . k_j, j < m */                                                                                   \
    sbx_status sbx_mech_scores_##S(sbx_##S *s, const sbx_##S *scale, size_t i,                                            \
                                   const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;                                 \
    /* the maximum of s[0..n); in enclosures its upper end, a point: a shift that cancels */                              \
    sbx_status sbx_mech_top_##S(sbx_##S *z, const sbx_##S *s, size_t n, const sbx_mech_run_##S *r,                        \
                                sbx_err *err) SBX_MUST_USE;                                                               \
    /* w[j] = w[j] / sum w, w >= 0; enclosures end by end, which is sharp [L-NRM-02]; a row of \
     * zeros as r->a->zero_row says */                          \
    sbx_status sbx_mech_weights_##S(sbx_##S *w, size_t n, const sbx_mech_run_##S *r, sbx_err *err)                        \
        SBX_MUST_USE;                                                                                                     \
    /* w[j] = w[j] / sum w, w of any sign; enclosures as they divide. SBX_ERR_DOMAIN where the \
     * sum may be 0, but a row of zeros, which is as zero_row says */                          \
    sbx_status sbx_mech_signed_weights_##S(sbx_##S *w, size_t n, const sbx_mech_run_##S *r,                               \
                                           sbx_err *err) SBX_MUST_USE;                                                    \
    /* z = x - top, a maximum of which x is one */                                                                        \
    sbx_status sbx_mech_below_##S(sbx_##S *z, const sbx_##S *x, const sbx_##S *top,                                       \
                                  const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;                                  \
    /* w = softmax(s), s may be w; n >= 1 */                                                                              \
    sbx_status sbx_mech_softmax_##S(sbx_##S *w, const sbx_##S *s, size_t n,                                               \
                                    const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;                                \
    /* w = softmax of the scores that are in, 0 for the others; none is in: all 0. t: n numbers of scratch; s may be w */ \
    sbx_status sbx_mech_softmax_of_##S(sbx_##S *w, const sbx_##S *s, const bool *in, size_t n,                            \
                                       sbx_##S *t, const sbx_mech_run_##S *r, sbx_err *err)                               \
        SBX_MUST_USE;                                                                                                     \
    /* in[j]: is s[j] among the k greatest, of equal ones the first; k >= n: all. SBX_ERR_DOMAIN    \
     * in enclosures where that is not the same for all their points */                     \
    sbx_status sbx_mech_top_k_##S(bool *in, const sbx_##S *s, size_t n, size_t k, sbx_err *err)                           \
        SBX_MUST_USE;                                                                                                     \
    /* o[0..dv) = sum w_j v_j, j < m, v of rows of dv */                                                                  \
    sbx_status sbx_mech_mix_##S(sbx_##S *o, const sbx_##S *w, const sbx_##S *v, size_t m,                                 \
                                size_t dv, const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;                         \
    /* z = max(x, 0); z = elu(x) + 1 = x + 1 for x > 0, else e^x (enclosures: end by end) */                              \
    sbx_status sbx_mech_relu_##S(sbx_##S *z, const sbx_##S *x, const sbx_mech_run_##S *r,                                 \
                                 sbx_err *err) SBX_MUST_USE;                                                              \
    sbx_status sbx_mech_elu1_##S(sbx_##S *z, const sbx_##S *x, const sbx_mech_run_##S *r,                                 \
                                 sbx_err *err) SBX_MUST_USE;
SBX_MECH_SYSTEMS(SBX_MECH_TOOLS)

#endif
