/* softbox/property.h -- what is asked of a network: is there an input in one of
 * these boxes whose output satisfies these linear constraints?
 *
 * The property HOLDS when no such input exists (VNN-COMP: unsat), and is VIOLATED
 * when one does (sat). All numbers are exact rationals.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_PROPERTY_H
#define SBX_PROPERTY_H

#include "softbox/num.h"

#ifdef __cplusplus
extern "C" {
#endif

/* one term of a linear form */
typedef struct sbx_term {
    size_t var; /* X_var, or Y_var */
    bool is_output;
    mpq_t coef;
} sbx_term;

/* sum of the terms <= rhs (or < rhs) */
typedef struct sbx_constraint {
    size_t n_terms;
    sbx_term *term;
    mpq_t rhs;
    bool strict;
} sbx_constraint;

/* a box, and a conjunction of constraints: the "unsafe" inputs of one disjunct.
 * Bounds on single X variables are in the box, everything else in the
 * constraints; a strict bound is in both, since the box is closed. A box with
 * lo > hi has no point. Boxes and constraints of several disjuncts may be the
 * same arrays, and their numbers share digits: read only. */
typedef struct sbx_disjunct {
    mpq_t *lo, *hi; /* [inputs] */
    size_t n_constraints;
    sbx_constraint *constraint;
} sbx_disjunct;

/* A tensor that VNN-LIB 2 declares. */
typedef struct sbx_variable {
    const char *name;
    const char *onnx_name; /* NULL: not told */
    size_t rank, *dim;
} sbx_variable;

typedef struct sbx_property {
    size_t inputs, outputs; /* declared X_0 .. X_{inputs-1}, Y_0 .. */
    size_t n_disjuncts;
    sbx_disjunct *disjunct;
    const char *network;              /* VNN-LIB 2: its name, else NULL; */
    sbx_variable input, output;       /* X and Y are its elements, row-major */
    struct sbx_property_store *store; /* owns all of it */
} sbx_property;

/* sbx_property_read: reads VNN-LIB 1.x (declare-const X_i, Y_i; assert with and, or, <=, >=,
 * <, >, =, +, -, *, / by a constant, decimals) and VNN-LIB 2.0 (one network of one input and
 * one output, of element type real; the same operators, ==, !=), .gz or not, a missing name
 * tried with ".gz".
 *
 *   in    max_bytes  cap on the memory taken while reading; 0: 2 GB
 *   out   *p     cleared on failure; sbx_property_clear ends it (zero is allowed)
 *   error SBX_ERR_PARSE file:line:col; an input without both bounds is one
 *         (named); SBX_ERR_UNSUPPORTED nonlinear, other theories, an element type but
 *         real (results hold for real numbers); SBX_ERR_LIMIT the disjunctive form would have over
 *         1,000,000 disjuncts or 2,000,000 constraints, no room; SBX_ERR_IO */
sbx_status sbx_property_read(sbx_property *p, const char *path, size_t max_bytes,
                             sbx_err *err) SBX_MUST_USE;

/* the same with 2 GB */
sbx_status sbx_property_read_vnnlib(sbx_property *p, const char *path, sbx_err *err) SBX_MUST_USE;
void sbx_property_clear(sbx_property *p);

/* ---- robustness of a classifier ---------------------------------------------------- */

/* One question: does the class of x stay what it is in a ball of the maximum norm? */
typedef struct sbx_robust {
    size_t inputs, outputs;
    const mpq_t *x; /* [inputs] */
    size_t label;
    mpq_srcptr radius;           /* >= 0                                       */
    mpq_srcptr clip_lo, clip_hi; /* the range of every input; NULL: no such end */
    mpq_srcptr probability;      /* or NULL                                    */
} sbx_robust;

/* sbx_property_robust: the property that asks it.
 *
 *   out   *p     the exact box max(x_i - radius, clip_lo) .. min(x_i + radius, clip_hi); unsafe is
 *                an output other than Y_label that is at least as large, one disjunct each in
 *                their order: it holds when Y_label alone is largest. With `probability`: unsafe
 *                is Y_label < probability, in one disjunct. Cleared on failure
 *   proof L-NET-85
 *   error SBX_ERR_ARG radius < 0; x_i beyond clip_lo or clip_hi (the box could be empty, and an empty
 *         box proves nothing); label >= outputs, no inputs, fewer than two outputs (with
 *         probability: none); SBX_ERR_NOMEM */
sbx_status sbx_property_robust(sbx_property *p, const sbx_robust *q, sbx_err *err) SBX_MUST_USE;

/* A witness as VNN-COMP writes it: "sat", then ((X_0 v) ... (Y_0 v) ...). */
typedef struct sbx_witness {
    size_t inputs, outputs; /* outputs: 0 where none are claimed */
    mpq_t *x, *y;
} sbx_witness;

/* sbx_witness_read: reads one, gzip-compressed or not.
 *   in    max_bytes  cap on the memory taken while reading, about; 0: 2 GB
 *   out   *w     cleared on failure; sbx_witness_clear ends it (zero is allowed)
 *   error SBX_ERR_PARSE file and line: not such a text, a variable that is missing or
 *         named twice; SBX_ERR_IO; SBX_ERR_LIMIT; SBX_ERR_NOMEM */
sbx_status sbx_witness_read(sbx_witness *w, const char *path, size_t max_bytes,
                            sbx_err *err) SBX_MUST_USE;
void sbx_witness_clear(sbx_witness *w);

#ifdef __cplusplus
}
#endif
#endif
