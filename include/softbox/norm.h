/* softbox/norm.h -- the normalizers: maps that make weights of scores, softmax and everything
 * that competes with it, in every number system.
 *
 * A normalizer is found by its name and takes parameters, exact rationals with names:
 *
 *   sbx_norm_args a;
 *   st = sbx_norm_read(&a, "sparsemax:delta=1/2", err);
 *   st = sbx_norm_eval_mpq(p, &a, x, n, NULL, err);
 *   sbx_norm_args_clear(&a);
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NORM_H
#define SBX_NORM_H

#include "softbox/param.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What arithmetic a normalizer is made of. */
typedef enum sbx_norm_class {
    SBX_NORM_RATIONAL,      /* Q: + - * /, comparisons, sorting: exact in mpq */
    SBX_NORM_ALGEBRAIC,     /* A: and roots                                   */
    SBX_NORM_TRANSCENDENTAL /* T: and exp, log                                */
} sbx_norm_class;

/* What is true of a normalizer, at every point where it is defined. */
enum {
    SBX_NORM_NONNEGATIVE = 1, /* every output >= 0                                       */
    SBX_NORM_SUMS_TO_ONE = 2, /* the outputs sum to 1                                    */
    SBX_NORM_SUMS_BELOW = 4,  /* ... to at most 1                                        */
    SBX_NORM_SHIFT = 8,       /* f(x + c 1) = f(x)                                       */
    SBX_NORM_SCALE = 16,      /* f(c x) = f(x) for c > 0                                 */
    SBX_NORM_CONTINUOUS = 32, /* on its whole domain                                     */
    SBX_NORM_SPARSE = 64,     /* an output can be 0 where the normalizer is defined      */
    SBX_NORM_SYMMETRIC = 128, /* a permutation of x permutes f(x)                        */
    SBX_NORM_POINTWISE = 256  /* output i depends on x_i alone                           */
};

/* How the range over a box is found. */
typedef enum sbx_norm_shape {
    SBX_NORM_SEPARABLE, /* the evaluation over the box itself: w(x_i) / (c + sum w(x_j)), w >= 0: one quotient of ends an output,
                         * sharp where the range of w over an interval is    [L-NRM-02]        */
    SBX_NORM_MONOTONE,  /* rises in its own coordinate and falls in the others: two corners,
                         * sharp                                             [L-NRM-03]        */
    SBX_NORM_BRANCH     /* interval branch and bound: an enclosure           [L-NRM-04]        */
} sbx_norm_shape;

#define SBX_NORM_PARAMS_MAX 4

typedef struct sbx_norm_info {
    const char *name, *formula;
    const char *undefined; /* where it has no value; NULL: nowhere */
    const char *note;      /* a choice that the definition leaves open, a source; or NULL */
    sbx_norm_class kind;
    sbx_norm_shape shape;
    unsigned traits; /* with the default parameters */
    unsigned need;   /* SBX_CAN_..., of every number system it is evaluated in */
    bool zero_rows;  /* its weights can all be 0: --zero-row says what then */
    const sbx_param *param;
    size_t n_params;
} sbx_norm_info;

/* In internal use a normalizer's hooks as well (norm/norm.h). */
typedef struct sbx_norm sbx_norm;

/* All of them in the order of the registry, NULL at the end; one by its name, or NULL. */
const sbx_norm *const *sbx_norms(void);
const sbx_norm *sbx_norm_find(const char *name);
const sbx_norm_info *sbx_norm_get_info(const sbx_norm *f);

/* What is put in the place of 0/0 when all weights are 0. */
typedef enum sbx_zero_row {
    SBX_ZERO_ERROR,   /* SBX_ERR_DOMAIN, also for a box that holds such a point */
    SBX_ZERO_UNIFORM, /* 1/n each */
    SBX_ZERO_ZERO     /* 0 each   */
} sbx_zero_row;

/* A normalizer with its parameters. A zeroed object may be cleared. */
typedef struct sbx_norm_args {
    const sbx_norm *norm;
    sbx_zero_row zero_row;
    sbx_value value[SBX_NORM_PARAMS_MAX]; /* in the order of info->param */
} sbx_norm_args;

/* The defaults; *a is uninitialised before, and valid (clear it) after success alone.
 *   error  SBX_ERR_NOMEM */
sbx_status sbx_norm_args_init(sbx_norm_args *a, const sbx_norm *f, sbx_err *err) SBX_MUST_USE;

/* Sets the parameter called name to v[0..n).
 *   error  SBX_ERR_ARG  no such parameter, outside of its domain, n != 1 for a number */
sbx_status sbx_norm_args_set(sbx_norm_args *a, const char *name, mpq_t *v, size_t n,
                             sbx_err *err) SBX_MUST_USE;
void sbx_norm_args_clear(sbx_norm_args *a);

/* Reads "NAME", "NAME:PARAM=VALUE:..": "entmax:alpha=5/4", "gumbel:tau=1/2:noise=1,0,-1".
 *   error  SBX_ERR_PARSE  no such normalizer (the message lists the names), not of this form,
 *                         a number that is none; SBX_ERR_ARG as above */
sbx_status sbx_norm_read(sbx_norm_args *a, const char *text, sbx_err *err) SBX_MUST_USE;
/* "error", "uniform", "zero" */
bool sbx_zero_row_read(sbx_zero_row *z, const char *text);

/* The traits of info with these parameters in place of the defaults. */
unsigned sbx_norm_traits(const sbx_norm_args *a);

/* How many outputs n inputs have; 0 when the parameters do not fit n (eval says why). */
size_t sbx_norm_outputs(const sbx_norm_args *a, size_t n);

/* sbx_norm_eval: the value at a point in a point system; in an enclosure system, where x is a
 * box, an enclosure of all values on it.
 *
 *   in    x[0..n), n >= 1, finite (softmax, log-softmax in ivd, ivf: lower ends may be -inf)
 *   out   p[0..sbx_norm_outputs(a, n)); may be x; unchanged on failure
 *   tight mpq: exact for class Q. Points: no promise on rounding. Enclosures: sharp up to
 *         rounding for shape SEPARABLE with a monotone weight, else of no promised width
 *         (sbx_norm_range is sharp); in [0, 1] where the traits say so
 *   proof L-NRM-01 (enclosures cut to [0, 1]), L-NRM-02, L-NRM-05 (order statistics); each
 *         normalizer's own lemma stands in its file
 *   error SBX_ERR_ARG          n == 0, n does not fit the parameters, not finite
 *         SBX_ERR_UNSUPPORTED  the number system lacks an operation: the message names the
 *                              normalizer, the operation and the systems that have it
 *         SBX_ERR_DOMAIN       no value there, with the reason (info->undefined)
 *
 * sbx_norm_jacobian: j[i n + k] = d p_i / d x_k, m n numbers, m the number of outputs. At a
 *   point where f has a kink: one of its one-sided matrices. Enclosures: contain every
 *   generalised Jacobian (Clarke's) at every point of the box.
 *   proof L-NRM-06, 83 .. 87, and in each normalizer's file
 *   error as above; SBX_ERR_DOMAIN at a point where f jumps, or in a box that holds one, or may
 *         (hardmax, top-k, ibert, exp2-poly): where it succeeds f is Lipschitz on the box;
 *         SBX_ERR_UNSUPPORTED for a normalizer that has none */
#define SBX_NORM_DECLARE(S)                                                                      \
    sbx_status sbx_norm_eval_##S(sbx_##S *p, const sbx_norm_args *a, const sbx_##S *x, size_t n, \
                                 const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;                 \
    sbx_status sbx_norm_jacobian_##S(sbx_##S *j, const sbx_norm_args *a, const sbx_##S *x,       \
                                     size_t n, const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;
SBX_NORM_DECLARE(f32)
SBX_NORM_DECLARE(f64)
SBX_NORM_DECLARE(lowp)
SBX_NORM_DECLARE(mpf)
SBX_NORM_DECLARE(mpq)
SBX_NORM_DECLARE(ivd)
SBX_NORM_DECLARE(ivf)
SBX_NORM_DECLARE(ivq)

/* sbx_norm_range: an enclosure of the range of each output over a box.
 *
 *   in    x[0..n) as above
 *   out   p[0..sbx_norm_outputs(a, n)); with only < that, p[0] alone is output `only`;
 *         SBX_NORM_ALL: all of them; p may be x
 *   tight SEPARABLE, MONOTONE: sharp up to rounding. BRANCH: as far as a bounded search
 *         comes (some hundred boxes an end, some thousand with a Jacobian), and never wider than sbx_norm_eval
 *   proof L-NRM-02, 03, 04
 *   error as of sbx_norm_eval */
#define SBX_NORM_ALL ((size_t)-1)
#define SBX_NORM_DECLARE_RANGE(S)                                                               \
    sbx_status sbx_norm_range_##S(sbx_##S *p, const sbx_norm_args *a, size_t only,              \
                                  const sbx_##S *x, size_t n, const sbx_ctx *ctx, sbx_err *err) \
        SBX_MUST_USE;
SBX_NORM_DECLARE_RANGE(ivd)
SBX_NORM_DECLARE_RANGE(ivf)
SBX_NORM_DECLARE_RANGE(ivq)

#ifdef __cplusplus
}
#endif
#endif
