/* softbox/mech.h -- attention mechanisms: maps of queries, keys and values to weights and outputs,
 * softmax attention and everything that is put in its place, in every number system.
 *
 *   sbx_mech_args a;  sbx_mech_data x;
 *   st = sbx_mech_read(&a, "sima", err);
 *   st = sbx_mech_generate(&x, "gaussian", 64, 16, 16, 1, err);
 *   st = sbx_mech_fill(&x, &a, 1, err);                 what the mechanism needs beside q, k, v
 *   st = sbx_mech_open_mpq(&r, &a, &in, NULL, err);     in: x in that system, sbx_mech_in_mpq
 *   st = sbx_mech_row_mpq(w, r, i, err);                a row of weights at a time
 *   st = sbx_mech_output_mpq(o, r, err);
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MECH_H
#define SBX_MECH_H

#include "softbox/norm.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* n queries and m keys of d numbers, m values of dv numbers. */
typedef struct sbx_mech_shape {
    size_t n, m, d, dv;
} sbx_mech_shape;

/* What is true of the weights, wherever they are defined. */
enum {
    SBX_MECH_NONNEGATIVE = 1, /* every weight >= 0                                     */
    SBX_MECH_SUMS_TO_ONE = 2, /* every row of weights sums to 1                        */
    SBX_MECH_CAUSAL = 4,      /* weight (i, j) is 0 for j > i                           */
    SBX_MECH_SQUARE = 8,      /* needs n == m                                          */
    SBX_MECH_TIED = 16,       /* the keys are the queries: k is not read; n == m        */
    SBX_MECH_NO_WEIGHTS = 32, /* has outputs, but no matrix of weights: row is refused */
    SBX_MECH_CHANNELS = 64    /* mixes the numbers of a value: needs d == dv          */
};

/* A matrix that a mechanism needs beside q, k and v: random draws, learnt parameters. It is filled
 * from a seed when it is not given. */
typedef struct sbx_mech_extra {
    const char *name, *is; /* "E", "projects the keys, k' x m" */
    const char *
        fill; /* "gauss": of mean 0 and variance 1; "sign": +-1; "unit": uniform in [0, 1); "choice": of 0 .. m - 1,
                            * each at most once a row (rows of at most m); "eye" "one" "zero"; "mean": 1 / columns;
                            * "bit": 0 or 1 */
} sbx_mech_extra;
#define SBX_MECH_EXTRA_MAX  6
#define SBX_MECH_PARAMS_MAX 8

typedef struct sbx_mech_info {
    const char *name, *formula;
    const char *undefined; /* where it has no value; NULL: nowhere           */
    const char *note;      /* a choice that the definition leaves open; NULL */
    const char *from;      /* who has it: paper                              */
    sbx_norm_class kind;
    unsigned traits, need; /* SBX_MECH_..., SBX_CAN_... */
    bool zero_rows;        /* its weights can all be 0: --zero-row says what then */
    const sbx_param *param;
    size_t n_params;
    const sbx_mech_extra *extra;
    size_t n_extra;
} sbx_mech_info;

typedef struct sbx_mech sbx_mech;

/* All of them in the order of the registry, NULL at the end; one by its name, or NULL. */
const sbx_mech *const *sbx_mechs(void);
const sbx_mech *sbx_mech_find(const char *name);
const sbx_mech_info *sbx_mech_get_info(const sbx_mech *f);

/* A mechanism with its parameters. A zeroed object may be cleared. */
typedef struct sbx_mech_args {
    const sbx_mech *mech;
    sbx_zero_row zero_row;
    sbx_value value[SBX_MECH_PARAMS_MAX]; /* in the order of info->param */
} sbx_mech_args;

/* Reads "NAME", "NAME:PARAM=VALUE:..".
 *   error  SBX_ERR_PARSE  no such mechanism (the message lists the names), not of this form,
 *                         a number that is none; SBX_ERR_ARG no such parameter, outside of its domain */
sbx_status sbx_mech_read(sbx_mech_args *a, const char *text, sbx_err *err) SBX_MUST_USE;
void sbx_mech_args_clear(sbx_mech_args *a);

/* The traits with these parameters. */
unsigned sbx_mech_traits(const sbx_mech_args *a);

/* No matrix of its weights has a greater rank than this [each mechanism's own lemma]. */
size_t sbx_mech_rank(const sbx_mech_args *a, sbx_mech_shape s);

/* Rows and columns of extra matrix e. */
void sbx_mech_dims(const sbx_mech_args *a, sbx_mech_shape s, size_t e, size_t *rows,
                   size_t *columns);

/* The input, exactly. Row major; q n d numbers, k m d, v m dv; extra[e] rows times columns, or
 * NULL: not there yet. A zeroed object may be cleared. */
typedef struct sbx_mech_data {
    sbx_mech_shape shape;
    mpq_t *q, *k, *v;
    mpq_t *extra[SBX_MECH_EXTRA_MAX];
    size_t n_extra[SBX_MECH_EXTRA_MAX]; /* how many numbers */
} sbx_mech_data;

/* The named generators: n queries, keys and values, dyadic, with 8 binary digits behind the point.
 *   gaussian      every number the sum of 12 uniform ones less 6: mean 0, variance 1
 *   two-clusters  keys and queries around +c and -c, half each, c = (1, .., 1), deviation 1/4
 *   needle        gaussian of deviation 1/4; query i is 4 times key m - 1 - i plus that
 *   deng          the self-attention data of Deng, Song and Zhou with a = 3/4, b = c = 1/2: q = k, n rows; column 0 is
 *                 a L in the middle row alone, columns 1 .. d - 2 are b L times a row of the identity, the last is c L;
 *                 L is sqrt(log n), to 8 binary digits. d >= 3
 *   error  SBX_ERR_ARG  no such generator (the message lists them), a size of 0; SBX_ERR_NOMEM */
sbx_status sbx_mech_generate(sbx_mech_data *x, const char *name, size_t n, size_t d, size_t dv,
                             uint64_t seed, sbx_err *err) SBX_MUST_USE;

/* An input of zeros, for the caller to fill.
 *   error  SBX_ERR_ARG  a size of 0, or that large; SBX_ERR_NOMEM */
sbx_status sbx_mech_data_new(sbx_mech_data *x, sbx_mech_shape s, sbx_err *err) SBX_MUST_USE;

/* Extra matrix e < SBX_MECH_EXTRA_MAX with that many zeros, in the place of what was there.
 *   error  SBX_ERR_NOMEM */
sbx_status sbx_mech_extra_new(sbx_mech_data *x, size_t e, size_t numbers,
                              sbx_err *err) SBX_MUST_USE;

/* Takes the extra matrices away: before x goes to another mechanism. */
void sbx_mech_extra_clear(sbx_mech_data *x);

/* Fills the extra matrices of x that are missing, from the seed.
 *   error  SBX_ERR_ARG  the mechanism does not fit the shape, or a matrix that is there has another
 *          size than it needs (sbx_mech_extra_clear first); SBX_ERR_NOMEM */
sbx_status sbx_mech_fill(sbx_mech_data *x, const sbx_mech_args *a, uint64_t seed,
                         sbx_err *err) SBX_MUST_USE;
void sbx_mech_data_clear(sbx_mech_data *x);

/* sbx_mech_open: a mechanism on an input, ready for its rows; in an enclosure system, where the
 * input is a box, for enclosures of all their values on it.
 *
 *   in    *in, which stays as it is until close; finite numbers
 *   error SBX_ERR_ARG          sizes that do not fit, extra matrices' among them, not finite
 *         SBX_ERR_UNSUPPORTED  the number system lacks an operation: the message names the
 *                              mechanism, the operation and the systems that have it
 *         SBX_ERR_DOMAIN       no value there, with the reason (info->undefined)
 * sbx_mech_row: w[0..m), the weights of query i.
 *   tight mpq: exact for class Q. Enclosures: sharp for the normalisation of scores >= 0, given
 *         the scores' ranges; the scores' own dependence on each other is not seen
 *   proof L-MCH-01 (rows), and each mechanism's own lemma
 *   error as above, and SBX_ERR_UNSUPPORTED for a mechanism without weights
 * sbx_mech_output: o[0..n dv), row major.
 *   proof L-MCH-02 */
#define SBX_MECH_DECLARE(S)                                                                        \
    typedef struct sbx_mech_in_##S {                                                               \
        sbx_mech_shape shape;                                                                      \
        const sbx_##S *q, *k, *v, *extra[SBX_MECH_EXTRA_MAX];                                      \
        size_t n_extra[SBX_MECH_EXTRA_MAX]; /* how many numbers extra[e] has */                    \
        sbx_##S *block; /* of in_of: owns what the others point to; else NULL */                   \
        size_t n_block;                                                                            \
    } sbx_mech_in_##S;                                                                             \
    typedef struct sbx_mech_run_##S sbx_mech_run_##S;                                              \
    sbx_status sbx_mech_open_##S(sbx_mech_run_##S **r, const sbx_mech_args *a,                     \
                                 const sbx_mech_in_##S *in, const sbx_ctx *ctx, sbx_err *err)      \
        SBX_MUST_USE;                                                                              \
    sbx_status sbx_mech_row_##S(sbx_##S *w, sbx_mech_run_##S *r, size_t i, sbx_err *err)           \
        SBX_MUST_USE;                                                                              \
    sbx_status sbx_mech_output_##S(sbx_##S *o, sbx_mech_run_##S *r, sbx_err *err) SBX_MUST_USE;    \
    void sbx_mech_close_##S(sbx_mech_run_##S *r);                                                  \
    /* x in this system, rounded as it does; cleared on failure, ended by sbx_mech_in_free */      \
    sbx_status sbx_mech_in_of_##S(sbx_mech_in_##S *in, const sbx_mech_data *x, const sbx_ctx *ctx, \
                                  sbx_err *err) SBX_MUST_USE;                                      \
    void sbx_mech_in_free_##S(sbx_mech_in_##S *in);
SBX_MECH_DECLARE(f32)
SBX_MECH_DECLARE(f64)
SBX_MECH_DECLARE(lowp)
SBX_MECH_DECLARE(mpf)
SBX_MECH_DECLARE(mpq)
SBX_MECH_DECLARE(ivd)
SBX_MECH_DECLARE(ivf)
SBX_MECH_DECLARE(ivq)

#ifdef __cplusplus
}
#endif
#endif
