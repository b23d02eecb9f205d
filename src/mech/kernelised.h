/* mech/kernelised.h -- weights phi(q_i).psi(k_j) of two feature maps, divided row by row: what every linear
 * attention is once its features stand in state.
 *
 * A mechanism of this kind has the parameters SBX_MECH_KERNEL_PARAMS first, puts phi(q), n dim numbers, and
 * psi(k), m dim numbers, at the beginning of state, and asks for sbx_mech_kernel_work numbers of work. Its row and
 * output are one call each. Forms and masks are the same numbers [L-MCH-10]; rank at most dim [L-MCH-03].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MECH_KERNELISED_H
#define SBX_MECH_KERNELISED_H

#include "mech/mech.h"

/* What a row is divided by. */
typedef enum sbx_mech_over {
    SBX_MECH_OVER_SUM,    /* its sum, of weights >= 0; a row of zeros as zero_row says */
    SBX_MECH_OVER_SIGNED, /* its sum, of any weights                                   */
    SBX_MECH_OVER_ADD,    /* its sum + eps, of weights >= 0                            */
    SBX_MECH_OVER_CLAMP,  /* max(its sum, eps), of weights >= 0                        */
    SBX_MECH_OVER_ONE     /* nothing                                                   */
} sbx_mech_over;

typedef struct sbx_mech_kernel {
    size_t dim; /* numbers of a feature vector               */
    sbx_mech_over over;
    size_t eps; /* ADD, CLAMP: the number of the parameter   */
    /* from the parameters */
    bool causal;
    long form;
    size_t tile;
} sbx_mech_kernel;

enum { SBX_MECH_MASK, SBX_MECH_FORM, SBX_MECH_TILE, SBX_MECH_KERNEL_NEXT };
enum { SBX_MECH_PARALLEL, SBX_MECH_RECURRENT, SBX_MECH_CHUNKED };

#define SBX_MECH_MASK_PARAM                                                                        \
    {                                                                                              \
        "mask", "the keys a query sees: all, or those up to its own place", "none", "none|causal", \
            NULL, SBX_PARAM_NAME                                                                   \
    }
#define SBX_MECH_KERNEL_PARAMS                                                      \
    SBX_MECH_MASK_PARAM,                                                            \
        {"form", "the order of the sums", "parallel", "parallel|recurrent|chunked", \
         NULL,   SBX_PARAM_NAME},                                                   \
    {                                                                               \
        "tile", "rows of a chunk", "16", "1", "1000000", SBX_PARAM_INTEGER          \
    }

sbx_mech_kernel sbx_mech_kernel_of(const sbx_mech_args *a, size_t dim, sbx_mech_over over,
                                   size_t eps);
/* what mask, the first parameter, adds to the traits, and asks of the shape */
unsigned sbx_mech_masked(const sbx_mech_args *a, unsigned traits);
sbx_status sbx_mech_mask_fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err) SBX_MUST_USE;
/* the square root of d >= 1 where it is whole, else 0 */
size_t sbx_mech_square(size_t d);
/* how many keys query i sees */
static inline size_t sbx_mech_sees(const sbx_mech_args *a, size_t i, size_t m)
{
    return sbx_mech_long(a, SBX_MECH_MASK) == 1 ? i + 1 : m;
}
static inline size_t sbx_mech_kernel_state(sbx_mech_shape s, size_t dim)
{
    return (s.n + s.m) * dim;
}
/* sum psi v^T, sum psi, a row, three numbers */
static inline size_t sbx_mech_kernel_work(sbx_mech_shape s, size_t dim)
{
    return dim * (s.dv + 1) + s.m + 3;
}

#define SBX_MECH_KERNEL_TOOLS(S)                                                                     \
    /* w[j] for from <= j < to: the kernel of query i and key j; NULL in its place: the inner      \
     * product of the features */ \
    typedef sbx_status sbx_mech_raw_##S(sbx_##S *w, sbx_mech_run_##S *r, size_t i, size_t from,      \
                                        size_t to, sbx_err *err);                                    \
    sbx_status sbx_mech_kernel_row_##S(sbx_##S *w, sbx_mech_run_##S *r, const sbx_mech_kernel *k,    \
                                       sbx_mech_raw_##S *raw, size_t i, sbx_err *err)                \
        SBX_MUST_USE;                                                                                \
    sbx_status sbx_mech_kernel_output_##S(sbx_##S *o, sbx_mech_run_##S *r,                           \
                                          const sbx_mech_kernel *k, sbx_mech_raw_##S *raw,           \
                                          sbx_err *err) SBX_MUST_USE;                                \
    /* w[0..n), >= 0, divided as `over` says; eps > 0 for ADD and CLAMP. Enclosures: sharp, given  \
     * the weights' ranges [L-MCH-11] */ \
    sbx_status sbx_mech_divide_##S(sbx_##S *w, size_t n, sbx_mech_over over, size_t eps,             \
                                   const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;
SBX_MECH_SYSTEMS(SBX_MECH_KERNEL_TOOLS)

#define SBX_MECH_KERNEL_TOOLS_2(S)                                                                \
    /* z = pi: the nearest number; enclosures: between two fractions around it */                 \
    sbx_status sbx_mech_pi_##S(sbx_##S *z, const sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE; \
    /* z = 1 / sqrt(d), exact in mpq for a square d */                                            \
    sbx_status sbx_mech_root_##S(sbx_##S *z, size_t d, const sbx_mech_run_##S *r, sbx_err *err)   \
        SBX_MUST_USE;                                                                             \
    /* z = w.x + b over d numbers */                                                              \
    sbx_status sbx_mech_affine_##S(sbx_##S *z, const sbx_##S *w, const sbx_##S *b,                \
                                   const sbx_##S *x, const sbx_mech_run_##S *r, sbx_err *err)     \
        SBX_MUST_USE;
SBX_MECH_SYSTEMS(SBX_MECH_KERNEL_TOOLS_2)

#endif
