/* softbox/study.h -- constants of normalizers: how far their weights are from the greatest score,
 * how smooth they are, and what no normalizer can beat. Every number is proved.
 *
 *   sbx_cell z;
 *   sbx_cell_init(&z);
 *   st = sbx_study_quantity(&z, "plsoftmax", &(sbx_study_question){
 *       .quantity = SBX_EXPECTED_ERROR, .d = 3}, err);           z.lo = z.hi = 4/23
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_STUDY_H
#define SBX_STUDY_H

#include "softbox/num.h"

#ifdef __cplusplus
extern "C" {
#endif

/* x in R^d is a vector of scores, f(x) its weights, m = max x_i. sup and inf over all x where f
 * has a value (for power: x > 0).
 *
 *   expected-error  sup m - sum x_i f_i(x)
 *   worst-error     sup { m - x_j : f_j(x) > 0 }
 *   lipschitz       the least L with |f(x) - f(y)|_q <= L |x - y|_p
 *   dinf            the least L with max_i log f_i(x) / f_i(y) <= L |x - y|_p
 *   drenyi          the least L with D_a(f(x) | f(y)) <= L |x - y|_p, Renyi's divergence
 *                   log(sum f_i(x)^a f_i(y)^(1-a)) / (a - 1), a >= 1; a = 1 is Kullback-Leibler's
 *                   (power: |log x - log y|_p, for both)
 *   ratio           inf over x >= 0, x != 0, of sum x_i f_i(x) / m
 *   range           the least and the greatest f_1(x) over the cube |x_j| <= 1; none is looked for
 *                   beyond 200000 scores (entmax: 20000)
 *   jacobian-frobenius  sup of the Frobenius norm of the matrix of derivatives at one row of d
 *                   scores, or at a matrix of `rows` such rows, f applied to each: sqrt(rows) times
 *                   that. softmax: sqrt(rows) / 2 */
typedef enum sbx_quantity {
    SBX_EXPECTED_ERROR,
    SBX_WORST_ERROR,
    SBX_LIPSCHITZ,
    SBX_DINF,
    SBX_DRENYI,
    SBX_RATIO,
    SBX_RANGE,
    SBX_FROBENIUS
} sbx_quantity;
#define SBX_QUANTITIES 8

/* "expected-error", ... */
const char *sbx_quantity_name(sbx_quantity k);
bool sbx_quantity_read(sbx_quantity *k, const char *name);

/* a norm of vectors: sum of absolute values, Euclid's, the greatest absolute value */
typedef enum sbx_ell { SBX_L1, SBX_L2, SBX_LINF } sbx_ell;

typedef struct sbx_study_question {
    sbx_quantity quantity;
    size_t d;         /* how many scores, 1 .. SBX_STUDY_DIM_MAX                              */
    sbx_ell p, q;     /* lipschitz: both; dinf, drenyi: p                                     */
    mpq_srcptr scale; /* lambda (softmax(lambda x)) or delta (sparsemax(x / delta)) > 0; NULL: 1 */
    mpq_srcptr order; /* a of drenyi, >= 1; NULL: 2                                           */
    mpq_srcptr width; /* how wide an enclosure may be, > 0; NULL: 1e-12                       */
    size_t rows;      /* jacobian-frobenius: of the matrix, 1 .. SBX_STUDY_DIM_MAX; 0: 1       */
} sbx_study_question;
#define SBX_STUDY_DIM_MAX 10000000

typedef enum sbx_cell_kind {
    SBX_CELL_NONE,     /* there is no such number, or none is known: why says          */
    SBX_CELL_NUMBER,   /* lo <= the number <= hi                                        */
    SBX_CELL_AT_LEAST, /* lo <= the number, which may be infinite; no upper bound known */
    SBX_CELL_INFINITE, /* the number is infinite: why says                              */
    SBX_CELL_RANGE     /* all values lie in [lo, hi]                                    */
} sbx_cell_kind;

typedef struct sbx_cell {
    sbx_cell_kind kind;
    mpq_t lo, hi;
    bool exact;      /* NUMBER: lo = hi; RANGE: both are attained, or limits           */
    bool reached;    /* exact, infinite, or no wider than asked for                    */
    const char *how; /* "closed form", "enclosed root", "bounds that do not meet", ... */
    const char *why; /* NONE, AT_LEAST, INFINITE; NULL                                 */
} sbx_cell;
void sbx_cell_init(sbx_cell *z);
void sbx_cell_clear(sbx_cell *z);

/* The cell of a normalizer, given as "NAME" or "NAME:PARAM=VALUE:..."; "lower-bound" is what
 * every soft-max function (weights that are nonnegative and sum to one) must have at least: for
 * the Lipschitz constants and divergences at expected error 1, or with `worst` at worst error 1.
 *
 *   out   *z
 *   tight z->reached; a cell that is not tells by how much
 *   proof L-NRM-50 .. 77, 81, 82, 88 .. 91, each in its file
 *   error SBX_ERR_PARSE  no such normalizer; SBX_ERR_ARG  d, scale, order or width out of range,
 *         a scale for what has none; SBX_ERR_NOMEM, SBX_ERR_STOPPED */
sbx_status sbx_study_quantity(sbx_cell *z, const char *normalizer, const sbx_study_question *q,
                              const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;

/* D_a(f(x) | f(y)) for two points of d scores; order NULL: the max-divergence.
 *   tight  about 2^-150, where no weight is 0
 *   error  SBX_ERR_PARSE, SBX_ERR_ARG (weights that do not sum to one, order < 1), of
 *          sbx_norm_eval */
sbx_status sbx_study_divergence(sbx_cell *z, const char *normalizer, const mpq_t *x, const mpq_t *y,
                                size_t d, mpq_srcptr order, sbx_err *err) SBX_MUST_USE;

/* The names that sbx_study_quantity knows, k = 0, 1, ..; NULL after the last. */
const char *sbx_study_normalizer(size_t k);

/* Lambert's W: *lo <= W(x) <= *hi for x >= 0, hi - lo <= 2^-bits max(1, W(x)).
 *   proof  L-NRM-52
 *   error  SBX_ERR_DOMAIN  x < 0; SBX_ERR_ARG  bits not in 1 .. 100000 */
sbx_status sbx_lambert_w(mpq_ptr lo, mpq_ptr hi, mpq_srcptr x, long bits,
                         sbx_err *err) SBX_MUST_USE;

/* ---- exponentials that are polynomials ------------------------------------------------ */

/* The greatest |p(x) - b^x|, or with relative |p(x) / b^x - 1|, over lo <= x <= hi, for the polynomial
 * with n coefficients, the constant first, and b = e or 2.
 *   tight  2^-50   proof  L-NRM-51   error  SBX_ERR_ARG, SBX_ERR_NOMEM */
sbx_status sbx_study_exp_error(sbx_cell *z, const mpq_t *coef, size_t n, bool base2, bool relative,
                               mpq_srcptr lo, mpq_srcptr hi, sbx_err *err) SBX_MUST_USE;

/* A degree at which the Chebyshev series of e^x on [-b, b], cut there, is everywhere within
 * 2^-bits e^x of it: the first whose remaining coefficients sum to at most 2^-bits e^-b. *least: the
 * degree below is not enough, at x = -b.
 *   proof  L-NRM-80
 *   error  SBX_ERR_ARG  b beyond 1 .. 64, bits beyond 1 .. 200; SBX_ERR_LIMIT  not decided */
sbx_status sbx_study_exp_degree(size_t *degree, bool *least, long b, long bits,
                                sbx_err *err) SBX_MUST_USE;

/* ---- lower bounds from finitely many inputs --------------------------------------------- */

/* Multipliers that prove: any f with f_k >= 0 of sum 1 and expected (worst) error at most 1 at the
 * n points x has a Lipschitz constant of at least `bound` between them. The multiplier of the pair
 * k, l != k and the subset S is y[(k (n - 1) + l - (l > k)) m + s]: q = 1: m = 2^d - 2, S has the
 * bits of s + 1; q = inf: m = d, S = {s}. */
typedef struct sbx_grid {
    size_t n, d, n_y;
    sbx_ell p, q;   /* 1 or inf */
    bool worst;     /* the worst error, not the expected one */
    mpq_t *x;       /* [n d] */
    mpq_t *y, *lam; /* >= 0: the distances; the errors [n] */
    mpq_t *mu;      /* the sums [n] */
    mpq_t bound;
} sbx_grid;

/* The greatest bound that these points give, by the simplex method in rationals.
 *   proof  L-NRM-79
 *   error  SBX_ERR_ARG, SBX_ERR_LIMIT  too many points; SBX_ERR_NOMEM */
sbx_status sbx_study_grid(sbx_grid **g, const mpq_t *x, size_t n, size_t d, sbx_ell p, sbx_ell q,
                          bool worst, sbx_err *err) SBX_MUST_USE;
/* ... of 0 and of the d inputs where one score leads, which suffice for the bounds of
 * "lower-bound" (worst: but for a factor 1 - 1e-6, the lead being 1 + 1e-6) */
sbx_status sbx_study_grid_of_leads(sbx_grid **g, size_t d, sbx_ell p, sbx_ell q, bool worst,
                                   sbx_err *err) SBX_MUST_USE;
/* Do the multipliers prove the bound? In rationals, from x, y, lam, mu and bound alone. */
sbx_truth sbx_grid_check(const sbx_grid *g);
void sbx_grid_free(sbx_grid *g);

/* ---- softmax against linear attention --------------------------------------------------- */

/* The data sets of Deng, Song and Zhou: n rows, d columns, n a multiple of d - 2; a0 and a1 are the
 * sizes that are to be told apart, b + c = 1. */
typedef struct sbx_separation_ask {
    size_t n, d;
    mpq_srcptr a0, a1, b;
    unsigned long m; /* neurons */
} sbx_separation_ask;

typedef struct sbx_separation {
    mpq_t p0, p1; /* a neuron fires on the data set of a0, of a1            */
    mpq_t linear; /* ... with linear attention on one of the two            */
    mpq_t
        success; /* of m neurons: none fires for a0, one does for a1, none with linear attention */
    mpq_t product; /* (1 - (1 - p1)^m) (1 - p0)^m, as if the two were independent */
} sbx_separation;
void sbx_separation_init(sbx_separation *z);
void sbx_separation_clear(sbx_separation *z);

/* The probabilities over the random signs of the neurons, exact rationals.
 *   proof  L-NRM-78
 *   error  SBX_ERR_PARSE  its weights on two levels are not known (sbx_study_separable lists the
 *          names); SBX_ERR_ARG; SBX_ERR_LIMIT  a threshold that is, or seems, a whole number */
sbx_status sbx_study_separate(sbx_separation *z, const char *normalizer,
                              const sbx_separation_ask *q, sbx_err *err) SBX_MUST_USE;
const char *sbx_study_separable(size_t k); /* k = 0, 1, ..; NULL after the last */

/* The a at which the weight of the marked row in its own query is 1/2, within 2^-50. */
sbx_status sbx_study_half_weight(sbx_cell *z, const char *normalizer, size_t n,
                                 sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
