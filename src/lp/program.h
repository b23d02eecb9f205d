/* lp/program.h -- how a program is kept: rows as lists of entries, all in doubles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_LP_PROGRAM_H
#define SBX_LP_PROGRAM_H

#include "base/alloc.h"
#include "base/try.h"
#include "lp/lp.h"

struct sbx_lp {
    bool maximise;
    size_t rows, cols, entries;
    size_t row_room, col_room, entry_room;
    double *cost;
    sbx_ivd *col, *row;
    size_t *start; /* row r has the entries start[r] .. start[r + 1] */
    size_t *at;    /* their columns */
    double *coef;
    double *x, *y;       /* of the last solve, one a column and one a row */
    size_t *mark, stamp; /* columns seen in a row that is being added */
    void *solver;        /* glpk.c's */
};

/* What glpk.c keeps in step with the program. solver == NULL: nothing yet. */
void sbx_lp_solver_free(sbx_lp *lp);
void sbx_lp_solver_cut_rows(sbx_lp *lp, size_t r); /* before lp->rows becomes r */

#endif
