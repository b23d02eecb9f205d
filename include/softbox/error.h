/* softbox/error.h -- rounding errors, certified: how far the result of an algorithm in a
 * floating-point format can be from the exact value of its kernel.
 *
 * An algorithm (sums, log-sum-exp, softmax ...) is one template, instantiated three times: it
 * runs in the format, every operation rounded as the format says; it carries an enclosure and
 * a proved error bound with every value (running error analysis); and it is recorded, so that
 * the effect of each single rounding on each output is bounded backward.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_ERROR_H
#define SBX_ERROR_H

#include "softbox/num.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "softmax", "shifted", what is computed, where it is from */
typedef struct sbx_error_algorithm {
    const char *kernel, *name, *is, *note;
} sbx_error_algorithm;

/* All of them, in the order of their kernels; *n how many. */
const sbx_error_algorithm *sbx_error_algorithms(size_t *n);

/* In which order n numbers are added. */
typedef enum sbx_error_order {
    SBX_ERROR_RECURSIVE,   /* first to last                                          */
    SBX_ERROR_PAIRWISE,    /* halves, each pairwise                                  */
    SBX_ERROR_COMPENSATED, /* first to last, the rounding errors summed beside (Sum2) */
    SBX_ERROR_TILES        /* tiles first to last, each first to last                */
} sbx_error_order;

/* One algorithm in one arithmetic. sbx_error_setup_make fills it; the rest may be changed. */
typedef struct sbx_error_setup {
    const sbx_error_algorithm *algorithm;
    sbx_num number;    /* of every value: F32, F64, LOWP                             */
    sbx_format format; /* LOWP                                                       */
    sbx_num acc;       /* of sums: the same, or a wider one                          */
    sbx_format acc_format;
    sbx_error_order order; /* of sums inside softmax, log-softmax, lse                */
    size_t tile;           /* of order TILES and of flash: >= 1                          */
    double threshold;      /* flash-lazy: rescales when the maximum grew by more than it */
    bool fma;              /* x y + a is rounded once                                    */
    bool ftz;              /* results below the least normal number become 0             */
    /* exp and log: at most this many units in the last place from the exact value; 0.5:
     * correctly rounded. 0: exp as sbx_exp_bulk (F64 alone), log correctly rounded. */
    double exp_ulps;
} sbx_error_setup;

/* kernel "softmax", "log-softmax", "lse", "sum", "dot"; algorithm a name of the list, number
 * "f64", "f32", "fp16", "bf16", "tf32", "e5m2", "e4m3". The sums are recursive and in the same
 * format, tile 64, threshold 8 log 2, exp correctly rounded, no fma, gradual underflow.
 *   error  SBX_ERR_ARG with the names that exist */
sbx_status sbx_error_setup_make(sbx_error_setup *s, const char *kernel, const char *algorithm,
                                const char *number, sbx_err *err) SBX_MUST_USE;

/* "f64", ..., into *num and *format; SBX_ERR_ARG with the names that exist. */
sbx_status sbx_error_number(sbx_num *num, sbx_format *format, const char *text,
                            sbx_err *err) SBX_MUST_USE;

/* The unit roundoff u = 2^-p of the format of the values. */
double sbx_error_unit(const sbx_error_setup *s);

/* How many outputs n inputs have: n, or 1. 0: no such n (dot: x and y one after the other, so
 * n is even). */
size_t sbx_error_outputs(const sbx_error_setup *s, size_t n);

/* The number of the format nearest to q; with ftz, no subnormal one.
 *   error  SBX_ERR_DOMAIN  it is beyond the format's largest number */
sbx_status sbx_error_round(double *v, mpq_srcptr q, const sbx_error_setup *s,
                           sbx_err *err) SBX_MUST_USE;

/* What is known. Errors are the largest |computed - exact| of all outputs. In units of u they are
 * divided by u and by
 *   softmax, log-softmax  the largest |exact output|   lse  |exact output|
 *   sum, dot              sum |x_j|, sum |x_j y_j|
 * An infinite bound means "none", and reason says why. */
typedef struct sbx_error_report {
    bool ran;                     /* some input was computed with                        */
    bool overflow;                /* an operation overflowed, or divided by zero         */
    double observed_lo, observed; /* encloses the observed error                         */
    double observed_u;            /* rounded up                                          */
    double bound, bound_u;        /* proved                                              */
    double apriori, apriori_u;    /* the theorem of the algorithm, proved                */
    double published_u;           /* the first-order bound as published; NaN: there is none */
    const char *reason;           /* NULL, or why there is no bound                      */
} sbx_error_report;

/* The error at the point x[0..n), n numbers of the format.
 *
 *   out    r->observed: the algorithm is run, with exp and log correctly rounded or as the kernel
 *          (a setup with exp_ulps > 0.5 is run with correctly rounded ones), against an enclosure of the exact value
 *          r->bound: of any run whose operations keep the setup's accuracy
 *   proof  L-ERR-01 (one rounding), L-ERR-02 (running error), L-ERR-03 (backward), L-ERR-04
 *          (compensated), L-ERR-05 .. L-ERR-08 (the theorems)
 *   error  SBX_ERR_ARG n == 0, or x is no vector of the format; SBX_ERR_NOMEM */
sbx_status sbx_error_point(sbx_error_report *r, const sbx_error_setup *s, const double *x, size_t n,
                           sbx_err *err) SBX_MUST_USE;

/* How much work bounds and search over a box may take. */
typedef struct sbx_error_effort {
    size_t boxes; /* parts that the box is split into, at most; 0: as many as take a few ms */
    size_t tries; /* runs of the search for the worst input; 0: as many as take a few ms    */
    uint64_t seed;
} sbx_error_effort;

/* The largest error over all vectors of numbers of the format with lo <= x <= hi.
 *
 *   out    r->bound, r->apriori: of all of them; r->observed: of worst[0..n), the worst that the search
 *          found (worst may be NULL; r->ran false: no number of the format was in the box)
 *          beyond 200000 numbers it looks at a few vectors: one number leads, the others are equal;
 *          beyond 1000000, at none unless effort->tries says so
 *   tight  n <= 10: the box is split where the bound is largest
 *   from   Higham, Accuracy and Stability; Blanchard, Higham, Higham, IMA J. Numer. Anal. 41, 2021;
 *          Milakov and Gimelshein, arXiv:1805.02867
 *   error  SBX_ERR_ARG n == 0, a side that is empty or infinite; SBX_ERR_NOMEM */
sbx_status sbx_error_box(sbx_error_report *r, double *worst, const sbx_error_setup *s,
                         const double *lo, const double *hi, size_t n,
                         const sbx_error_effort *effort, sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
