/* lp/program.c -- a linear program: built, changed, never with a number that is not one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/program.h"

#include "num/round.h"

sbx_status sbx_lp_new(sbx_lp **lp, bool maximise, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_lp *p = sbx_alloc(1, sizeof *p);
    *lp = NULL;
    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a linear program");
    p->maximise = maximise;
    *lp = p;
done:
    return st;
}

void sbx_lp_free(sbx_lp *lp)
{
    if (!lp) return;
    sbx_lp_solver_free(lp);
    sbx_free(lp->cost);
    sbx_free(lp->col);
    sbx_free(lp->row);
    sbx_free(lp->start);
    sbx_free(lp->at);
    sbx_free(lp->coef);
    sbx_free(lp->x);
    sbx_free(lp->y);
    sbx_free(lp->mark);
    sbx_free(lp);
}

size_t sbx_lp_rows(const sbx_lp *lp) { return lp->rows; }
size_t sbx_lp_cols(const sbx_lp *lp) { return lp->cols; }
const double *sbx_lp_x(const sbx_lp *lp) { return lp->x; }
const double *sbx_lp_y(const sbx_lp *lp) { return lp->y; }

/* *p, for *room objects, is made to hold n */
static bool room(void *p, size_t old, size_t n, size_t size)
{
    void *q;
    memcpy(&q, p, sizeof q);
    q = sbx_realloc(q, old, n, size);
    if (q) memcpy(p, &q, sizeof q);
    return q != NULL;
}

static size_t more(size_t now, size_t need)
{
    const size_t n = now + now / 2 + 8;
    return n < need ? need : n;
}

static bool row_room(sbx_lp *lp, size_t rows)
{
    if (rows > lp->row_room) {
        const size_t n = more(lp->row_room, rows), old = lp->row_room;
        if (!room(&lp->row, old, n, sizeof *lp->row) || !room(&lp->y, old, n, sizeof *lp->y) ||
            !room(&lp->start, old ? old + 1 : 0, n + 1, sizeof *lp->start))
            return false;
        lp->row_room = n;
    }
    return true;
}

static bool col_room(sbx_lp *lp, size_t cols)
{
    if (cols > lp->col_room) {
        const size_t n = more(lp->col_room, cols), old = lp->col_room;
        if (!room(&lp->cost, old, n, sizeof *lp->cost) || !room(&lp->x, old, n, sizeof *lp->x) ||
            !room(&lp->col, old, n, sizeof *lp->col) || !room(&lp->mark, old, n, sizeof *lp->mark))
            return false;
        lp->col_room = n;
    }
    return true;
}

static bool entry_room(sbx_lp *lp, size_t entries)
{
    if (entries > lp->entry_room) {
        const size_t n = more(lp->entry_room, entries), old = lp->entry_room;
        if (!room(&lp->at, old, n, sizeof *lp->at) || !room(&lp->coef, old, n, sizeof *lp->coef))
            return false;
        lp->entry_room = n;
    }
    return true;
}

/* lo <= hi, no NaN, and not at one infinity alone */
static bool good(sbx_ivd v) { return v.lo <= v.hi && v.lo < HUGE_VAL && v.hi > -HUGE_VAL; }

sbx_status sbx_lp_add_col(sbx_lp *lp, double cost, sbx_ivd bounds, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (!(fabs(cost) <= DBL_MAX))
        SBX_FAIL(err, SBX_ERR_ARG, "the cost of column %zu is not finite", lp->cols);
    if (!good(bounds)) SBX_FAIL(err, SBX_ERR_ARG, "column %zu has no value", lp->cols);
    if (!col_room(lp, lp->cols + 1)) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a column");
    lp->cost[lp->cols] = cost;
    lp->col[lp->cols] = bounds;
    lp->x[lp->cols] = 0.0;
    lp->cols++;
done:
    return st;
}

sbx_status sbx_lp_add_row(sbx_lp *lp, sbx_ivd bounds, const size_t *col, const double *coef,
                          size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const size_t e = lp->entries;
    if (!good(bounds)) SBX_FAIL(err, SBX_ERR_ARG, "row %zu has no value", lp->rows);
    for (size_t k = 0; k < n; k++)
        if (col[k] >= lp->cols || !(fabs(coef[k]) <= DBL_MAX))
            SBX_FAIL(err, SBX_ERR_ARG, "entry %zu of row %zu is not one", k, lp->rows);
    if (!row_room(lp, lp->rows + 1) || !entry_room(lp, e + n))
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a row");
    lp->stamp++;
    for (size_t k = 0; k < n; k++) {
        if (lp->mark[col[k]] == lp->stamp)
            SBX_FAIL(err, SBX_ERR_ARG, "row %zu has column %zu twice", lp->rows, col[k]);
        lp->mark[col[k]] = lp->stamp;
    }
    for (size_t k = 0; k < n; k++) {
        lp->at[e + k] = col[k];
        lp->coef[e + k] = coef[k];
    }
    lp->start[lp->rows] = e;
    lp->start[lp->rows + 1] = e + n;
    lp->row[lp->rows] = bounds;
    lp->y[lp->rows] = 0.0;
    lp->entries = e + n;
    lp->rows++;
done:
    return st;
}

sbx_status sbx_lp_cut_rows(sbx_lp *lp, size_t r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (r > lp->rows) SBX_FAIL(err, SBX_ERR_ARG, "no row %zu of %zu", r, lp->rows);
    if (r == lp->rows) goto done;
    sbx_lp_solver_cut_rows(lp, r);
    lp->entries = lp->start[r];
    lp->rows = r;
done:
    return st;
}

sbx_status sbx_lp_set_cost(sbx_lp *lp, size_t j, double cost, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (j >= lp->cols || !(fabs(cost) <= DBL_MAX))
        SBX_FAIL(err, SBX_ERR_ARG, "not a cost of a column: %zu", j);
    lp->cost[j] = cost;
done:
    return st;
}

sbx_status sbx_lp_set_col(sbx_lp *lp, size_t j, sbx_ivd bounds, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (j >= lp->cols || !good(bounds)) SBX_FAIL(err, SBX_ERR_ARG, "column %zu has no value", j);
    lp->col[j] = bounds;
done:
    return st;
}

sbx_status sbx_lp_set_row(sbx_lp *lp, size_t r, sbx_ivd bounds, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (r >= lp->rows || !good(bounds)) SBX_FAIL(err, SBX_ERR_ARG, "row %zu has no value", r);
    lp->row[r] = bounds;
done:
    return st;
}
