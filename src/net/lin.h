/* net/lin.h -- backward linear propagation: rows of affine lower bounds, and the
 * rounding that they owe.
 *
 * The invariant of a row r: for every input of the box,
 *
 *   f_r >= sum over live tensors k of coef_k[r].z_k + beta[r]
 *
 * where f_r is what the row bounds, and coef, beta are doubles taken as exact. An
 * operator's backward step eliminates its outputs and keeps it. Rows are independent:
 * one that is not finite any more ends as "no bound".
 *
 * "Rounded up" [L-FP-05]: a sum of n nonnegative products, taken in doubles in any
 * order, times a double >= 1 + gamma_{n+3}, plus n eta, one step up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_LIN_H
#define SBX_NET_LIN_H

#include "net/mat.h"
#include "net/op.h"
#include "num/round.h"

typedef struct sbx_lin {
    const sbx_net *net;
    const sbx_mat *mat;
    sbx_ctx ctx; /* asks whether to stop */

    /* for every tensor that is a root and no constant, else NULL; all padded */
    sbx_ivd **bound; /* valid bounds of its elements; the padding is [0,0] */
    double **mag;    /* >= max(|lo|, |hi|); the padding is 0 */
    double *mag_sum; /* >= the sum of mag */
    double **aux;    /* by node: what its prepare wrote */

    /* the pass under way */
    size_t rows, cap_rows;
    double *beta;    /* [cap_rows] */
    double **coef;   /* by tensor: [rows][sbx_pad(n)], the padding 0; NULL: not live */
    double **pool;   /* by tensor: memory for coef, [cap_rows][sbx_pad(n)] */
    double *scratch; /* [cap_rows][the largest sbx_pad(n)] */
} sbx_lin;

sbx_status sbx_lin_init(sbx_lin *l, const sbx_net *net, sbx_err *err) SBX_MUST_USE;
void sbx_lin_clear(sbx_lin *l); /* zero is allowed */

/* mag and mag_sum of tensor t, from its bounds */
void sbx_lin_measure(sbx_lin *l, size_t t);

/* Begins a pass of `rows` rows at tensor t with the coefficients zero; *coef: to be
 * filled, [rows][sbx_pad(n)]. */
sbx_status sbx_lin_start(sbx_lin *l, double **coef, size_t t, size_t rows,
                         sbx_err *err) SBX_MUST_USE;

/* Eliminates the outputs of node k, where they are live; the nodes behind it are done. */
sbx_status sbx_lin_step(sbx_lin *l, size_t k, sbx_err *err) SBX_MUST_USE;

/* Eliminates everything down to the input; then lo[r] is a proved lower bound of row
 * r (-inf: none), and the coefficients on the inputs are l->coef[net->input], NULL if
 * nothing depends on the input. */
sbx_status sbx_lin_run(sbx_lin *l, double *lo, sbx_err *err) SBX_MUST_USE;

/* ---- for the operators' backward steps ------------------------------------------ */

/* The coefficients of the k-th output, or NULL when they are all zero. */
const double *sbx_lin_out(const sbx_lin *l, const sbx_node *nd, size_t k);

/* Where the contributions to the k-th input go: every element of [rows][0 .. n) is to
 * be written; the padding is 0 already. Then sbx_lin_close, before the next open. */
sbx_status sbx_lin_open(sbx_lin *l, double **coef, const sbx_node *nd, size_t k,
                        sbx_err *err) SBX_MUST_USE;
/* adds them to what is there, at the price of the addition [L-NET-04] */
void sbx_lin_close(sbx_lin *l, const double *coef, const sbx_node *nd, size_t k);

/* beta[r] = beta[r] + gain - cost, downward; cost >= 0 */
static inline void sbx_lin_beta(sbx_lin *l, size_t r, double gain, double cost)
{
    l->beta[r] = sbx_sub_lo(sbx_add_lo(l->beta[r], gain), cost);
}

/* For a linear node: beta[r] += coef.b - |coef|.e - fixed for every row, where coef are
 * those of its first output, b its constant part and e the error of its step for each
 * unit of |coef|; the rounding of coef.b is in it [L-NET-02]. */
void sbx_lin_charge(sbx_lin *l, const sbx_node *nd, const double *b, const double *e, double fixed);

/* For a node whose outputs have a plane on either side, with constants lo and hi: the same
 * with lo_j where the coefficient is >= 0, hi_j elsewhere; e holds gamma_n |lo_j| and
 * gamma_n |hi_j| too [L-NET-60]. */
void sbx_lin_charge_sides(sbx_lin *l, const sbx_node *nd, const double *lo, const double *hi,
                          const double *e, double fixed);

/* The step of an elementwise node z = s(y) with al y + bl <= s(y) <= au y + bu:
 * line[0..4) = al, bl, au, bu, each of sbx_pad(n) [L-NET-03]. */
sbx_status sbx_lin_slopes(sbx_lin *l, const sbx_node *nd, const double *const line[4],
                          sbx_err *err) SBX_MUST_USE;

/* ---- "rounded up" ---------------------------------------------------------------- */

/* a double >= gamma_n = n u / (1 - n u), n < 2^40: what n terms can lose [L-FP-03] */
static inline double sbx_gamma(size_t n) { return ((double)n * SBX_U) * (1.0 + 0x1p-10); }

/* >= the exact sum, s being the computed sum of n nonnegative (products of) doubles */
static inline double sbx_up(double s, size_t n)
{
    const double grow = 1.0 + (double)(n + 8) * 0x1p-52; /* exact, >= 1 + gamma_{n+3} */
    return sbx_next_up(s * grow + (double)n * SBX_ETA);
}

#endif
