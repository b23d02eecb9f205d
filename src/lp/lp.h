/* lp/lp.h -- linear programs over doubles, and bounds of their optimum that hold.
 *
 *     minimise or maximise   cost.x
 *     subject to             row[r].lo <= a_r.x <= row[r].hi,   col[j].lo <= x_j <= col[j].hi
 *
 * Ends may be infinite. The program is kept here as exact doubles; glpk.c (GLPK's simplex)
 * looks for a solution, and nothing that it says is trusted: a bound comes from any
 * multipliers y of the rows [L-LP-01], so the solver only decides how tight it is.
 *
 * Rows and columns may be added and changed between two solves, which then starts from the
 * last basis. A program belongs to the thread that made it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_LP_LP_H
#define SBX_LP_LP_H

#include <stdbool.h>
#include <stddef.h>

#include "softbox/num.h"

typedef struct sbx_lp sbx_lp;

typedef enum sbx_lp_found {
    SBX_LP_NOTHING,    /* no solution: a limit, or numbers that the solver cannot work with */
    SBX_LP_OPTIMAL,    /* x and y are, about, an optimum and its multipliers */
    SBX_LP_INFEASIBLE, /* the solver believes that no x exists: not proved */
    SBX_LP_UNBOUNDED   /* the solver believes that there is no optimum: not proved */
} sbx_lp_found;

/* A program without rows and columns. error SBX_ERR_NOMEM */
sbx_status sbx_lp_new(sbx_lp **lp, bool maximise, sbx_err *err) SBX_MUST_USE;
void sbx_lp_free(sbx_lp *lp);

size_t sbx_lp_rows(const sbx_lp *lp);
size_t sbx_lp_cols(const sbx_lp *lp);

/* One more column, without entries. error SBX_ERR_ARG a cost that is not finite, lo > hi, a NaN */
sbx_status sbx_lp_add_col(sbx_lp *lp, double cost, sbx_ivd bounds, sbx_err *err) SBX_MUST_USE;

/* One more row: coef[k] at column col[k], k < n, the columns different from each other.
 *   error SBX_ERR_ARG a column that is not there or there twice, a coefficient that is not
 *         finite, lo > hi, a NaN */
sbx_status sbx_lp_add_row(sbx_lp *lp, sbx_ivd bounds, const size_t *col, const double *coef,
                          size_t n, sbx_err *err) SBX_MUST_USE;

/* The rows from the r-th on are dropped. */
sbx_status sbx_lp_cut_rows(sbx_lp *lp, size_t r, sbx_err *err) SBX_MUST_USE;

sbx_status sbx_lp_set_cost(sbx_lp *lp, size_t j, double cost, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_lp_set_col(sbx_lp *lp, size_t j, sbx_ivd bounds, sbx_err *err) SBX_MUST_USE;
sbx_status sbx_lp_set_row(sbx_lp *lp, size_t r, sbx_ivd bounds, sbx_err *err) SBX_MUST_USE;

/* sbx_lp_solve: looks for an optimum, from the last basis.
 *   in    steps   at most so many steps of the simplex method; 0: a default
 *   out   *found  what came of it; x and y are set in every case, finite
 *   error SBX_ERR_NOMEM; SBX_ERR_LIMIT the solver failed in itself (x and y are 0 then) */
sbx_status sbx_lp_solve(sbx_lp_found *found, sbx_lp *lp, size_t steps, sbx_err *err) SBX_MUST_USE;

/* what the last solve found: about feasible, about optimal; not proved */
const double *sbx_lp_x(const sbx_lp *lp); /* one a column */
const double *sbx_lp_y(const sbx_lp *lp); /* one a row: cost - sum y_r a_r are reduced costs */

/* sbx_lp_bound: a double >= cost.x (maximise; else <=) for every x that the program allows.
 *   in    y[0..rows)  any numbers; NULL: those of the last solve; one that is not finite, or
 *                     that asks for an infinite end of its row, counts as 0
 *   note  infinite where a column without that end has a reduced cost that may not be 0
 *   tight for y and finite ends: rounding is some u times the terms' sizes
 *   proof L-LP-01, L-LP-02 */
double sbx_lp_bound(const sbx_lp *lp, const double *y);

/* The same in rationals, exact for y; false: no finite bound from these y.
 *   error SBX_ERR_NOMEM */
sbx_status sbx_lp_bound_mpq(mpq_t bound, bool *finite, const sbx_lp *lp, const double *y,
                            sbx_err *err) SBX_MUST_USE;

#endif
