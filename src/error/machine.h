/* error/machine.h -- what the three instances of the algorithms share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_ERROR_MACHINE_H
#define SBX_ERROR_MACHINE_H

#include "error/format.h"

typedef enum alg_id {
    SOFTMAX_NAIVE,
    SOFTMAX_NAIVE_FREE,
    SOFTMAX_SHIFTED,
    SOFTMAX_FREE,
    SOFTMAX_SAFE,
    SOFTMAX_TWO_PASS,
    SOFTMAX_ONLINE,
    SOFTMAX_FLASH,
    SOFTMAX_FLASH_LAZY,
    LOG_NAIVE,
    LOG_SHIFTED,
    LOG_MINUS_LSE,
    LOG_SAFE,
    LOG_ONLINE,
    LOG_OF_SOFTMAX,
    LSE_NAIVE,
    LSE_SHIFTED,
    LSE_SAFE,
    LSE_ONLINE,
    SUM_RECURSIVE,
    SUM_PAIRWISE,
    SUM_COMPENSATED,
    SUM_TILES,
    DOT_RECURSIVE,
    DOT_PAIRWISE,
    DOT_COMPENSATED,
    DOT_TILES,
    ALG_COUNT
} alg_id;

typedef enum alg_kernel { K_SOFTMAX, K_LOG_SOFTMAX, K_LSE, K_SUM, K_DOT } alg_kernel;

alg_id sbx_alg_id(const sbx_error_setup *s);
alg_kernel sbx_alg_kernel(alg_id a);
/* does it leave the maximum out of its sum? */
bool sbx_alg_leads(alg_id a);
/* has it one output? */
bool sbx_alg_one(alg_id a);

/* no index of a maximum: it may be any */
#define ANY SIZE_MAX

/* A box, or a point lo == hi; for algorithms that leave the maximum out: which it is. */
typedef struct em_box {
    const double *lo, *hi;
    size_t n, lead;
} em_box;

/* an interval, lo <= hi */
typedef struct iv {
    double lo, hi;
} iv;

/* The arithmetic of a setup. */
typedef struct em {
    alg_id alg;
    fmt w, a, wide; /* of values, of sums, of values with an unbounded exponent */
    bool widened;   /* a holds every number of w                                */
    sbx_error_order order;
    size_t tile;
    double threshold;
    bool fma, kernel; /* kernel: exp as sbx_exp_bulk has it */
    double ulps;      /* accuracy of exp and log; 0.5: correctly rounded */
    size_t lead;      /* index of the maximum, or ANY */
    bool overflow;    /* run: something overflowed or was no number */
    struct {
        const fmt *f; /* or NULL */
        double x, exp;
    } last[2];       /* run: the last exponentials */
    unsigned next;   /* run: which of them is overwritten */
    const char *why; /* analysis: why there is no bound */
    const iv *known; /* softmax: what encloses its exact outputs; else NULL */
    void *record;
} em;

void sbx_em_make(em *m, const sbx_error_setup *s);

/* Computed results z[0..outputs), or m->overflow. work: 2n doubles. */
void sbx_em_run(em *m, double *z, const double *x, size_t n, double *work);

/* A bound of one output: |computed - exact| <= abs, and for positive outputs
 * |log(computed/exact)| <= rel. HUGE_VAL where there is none. */
typedef struct em_bound {
    double abs, rel;
} em_bound;

/* Bounds over the box by running error analysis, forward [L-ERR-02]; m->why if there is none.
 * SBX_ERR_NOMEM */
sbx_status sbx_em_forward(em *m, em_bound *z, const em_box *box, sbx_err *err);

/* The same backward, on a record of all operations [L-ERR-03]: sharper, and slower by a factor
 * of the number of outputs. A record may serve many boxes. */
typedef struct em_record em_record;
em_record *sbx_em_record_new(void); /* NULL: no memory */
void sbx_em_record_free(em_record *t);
sbx_status sbx_em_backward(em *m, em_record *t, em_bound *z, const em_box *box, sbx_err *err);

/* e^x, log x, log(1 + x) enclosed; x finite */
void sbx_exp_ends(double *lo, double *hi, double x_lo, double x_hi);
bool sbx_log_ends(double *lo, double *hi, double x_lo, double x_hi);
bool sbx_log1p_ends(double *lo, double *hi, double x_lo, double x_hi);

/* [L-ERR-04]: of a compensated sum of n terms, in units of u sum |t|; HUGE_VAL: n u > 1/4 */
double sbx_sum2_factor(const fmt *f, size_t n);

#endif
