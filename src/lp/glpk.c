/* lp/glpk.c -- looks for solutions with GLPK's simplex method; no other file knows GLPK.
 *
 * Programs are checked when they are built, so GLPK gets no data that it calls fatal. Should
 * it fail in itself all the same, it calls error_hook, and then its environment of this thread
 * is gone with all that was in it: `era` says so to the other programs of the thread, which
 * are loaded anew from their own data. GLPK's environment is freed with the thread's last
 * program if nobody else has a block in it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/program.h"

#include <glpk.h>
#include <limits.h>
#include <math.h>
#include <float.h>
#include <setjmp.h>

typedef struct solver {
    glp_prob *prob;
    unsigned long era;
    size_t rows, cols; /* that prob has */
    int *ind;          /* room for a row, from 1 */
    double *val;
    size_t room;
} solver;

static _Thread_local unsigned long era = 1;
static _Thread_local size_t living; /* solvers of this thread */

static void error_hook(void *jump) { longjmp(*(jmp_buf *)jump, 1); }

/* ---- the copy that GLPK has ---------------------------------------------------- */

static int kind(sbx_ivd v)
{
    if (v.lo == v.hi) return GLP_FX;
    if (v.lo > -HUGE_VAL) return v.hi < HUGE_VAL ? GLP_DB : GLP_LO;
    return v.hi < HUGE_VAL ? GLP_UP : GLP_FR;
}

static double end(double v) { return fabs(v) <= DBL_MAX ? v : 0.0; }

static bool row_room(solver *s, size_t n)
{
    if (n + 1 <= s->room) return true;
    sbx_free(s->ind);
    sbx_free(s->val);
    s->room = 2 * n + 8;
    s->ind = sbx_alloc(s->room, sizeof *s->ind);
    s->val = sbx_alloc(s->room, sizeof *s->val);
    if (s->ind && s->val) return true;
    sbx_free(s->ind);
    sbx_free(s->val);
    s->ind = NULL;
    s->val = NULL;
    s->room = 0;
    return false;
}

/* What was added since the last solve, and every cost and bound, which may have changed. */
static void load(solver *s, const sbx_lp *lp)
{
    if (s->prob && s->era != era) s->prob = NULL; /* it went with its environment */
    if (!s->prob) {
        s->prob = glp_create_prob();
        s->era = era;
        s->rows = s->cols = 0;
        glp_set_obj_dir(s->prob, lp->maximise ? GLP_MAX : GLP_MIN);
    }
    if (lp->cols > s->cols) glp_add_cols(s->prob, (int)(lp->cols - s->cols));
    s->cols = lp->cols;
    for (size_t j = 0; j < lp->cols; j++) {
        const sbx_ivd v = lp->col[j];
        if (glp_get_obj_coef(s->prob, (int)j + 1) != lp->cost[j])
            glp_set_obj_coef(s->prob, (int)j + 1, lp->cost[j]);
        glp_set_col_bnds(s->prob, (int)j + 1, kind(v), end(v.lo), end(v.hi));
    }
    if (lp->rows > s->rows) glp_add_rows(s->prob, (int)(lp->rows - s->rows));
    for (size_t r = s->rows; r < lp->rows; r++) {
        const size_t from = lp->start[r], n = lp->start[r + 1] - from;
        int k = 0;
        for (size_t q = from; q < from + n; q++)
            if (lp->coef[q] != 0.0) {
                s->ind[++k] = (int)lp->at[q] + 1;
                s->val[k] = lp->coef[q];
            }
        glp_set_mat_row(s->prob, (int)r + 1, k, s->ind, s->val);
    }
    s->rows = lp->rows;
    for (size_t r = 0; r < lp->rows; r++)
        glp_set_row_bnds(s->prob, (int)r + 1, kind(lp->row[r]), end(lp->row[r].lo),
                         end(lp->row[r].hi));
}

void sbx_lp_solver_cut_rows(sbx_lp *lp, size_t r)
{
    solver *s = lp->solver;
    int *ind;
    if (!s || s->rows <= r) return;
    ind = s->prob && s->era == era ? sbx_alloc(s->rows - r + 1, sizeof *ind) : NULL;
    if (ind) {
        for (size_t k = r; k < s->rows; k++)
            ind[k - r + 1] = (int)k + 1;
        glp_del_rows(s->prob, (int)(s->rows - r), ind);
        sbx_free(ind);
        s->rows = r;
    } else { /* begins again */
        if (s->prob && s->era == era) glp_delete_prob(s->prob);
        s->prob = NULL;
    }
}

void sbx_lp_solver_free(sbx_lp *lp)
{
    solver *s = lp->solver;
    int blocks;
    if (!s) return;
    if (s->prob && s->era == era) glp_delete_prob(s->prob);
    sbx_free(s->ind);
    sbx_free(s->val);
    sbx_free(s);
    lp->solver = NULL;
    if (--living > 0) return;
    glp_mem_usage(&blocks, NULL, NULL, NULL);
    if (blocks == 0) glp_free_env();
}

/* ---- solve ----------------------------------------------------------------------- */

/* The simplex method; from the last basis or, where that is singular, from the first one. */
static void run(glp_prob *prob, int steps)
{
    glp_smcp how;
    int code;
    glp_init_smcp(&how);
    how.msg_lev = GLP_MSG_OFF;
    how.meth = GLP_DUALP;
    how.it_lim = steps;
    how.tol_bnd = how.tol_dj = 1e-9; /* tight enough for multipliers that are good to 1e-9 */
    code = glp_simplex(prob, &how);
    if (code == GLP_EBADB || code == GLP_ESING || code == GLP_ECOND || code == GLP_EFAIL) {
        glp_std_basis(prob);
        (void)glp_simplex(prob, &how);
    }
}

static sbx_lp_found found_of(int status)
{
    switch (status) {
    case GLP_OPT: return SBX_LP_OPTIMAL;
    case GLP_NOFEAS: return SBX_LP_INFEASIBLE;
    case GLP_UNBND: return SBX_LP_UNBOUNDED;
    default: return SBX_LP_NOTHING;
    }
}

static double finite(double v) { return fabs(v) <= DBL_MAX ? v : 0.0; }

/* false: GLPK failed in itself */
static bool attempt(sbx_lp_found *found, sbx_lp *lp, int steps)
{
    jmp_buf jump;
    solver *const s = lp->solver;
    if (setjmp(jump) != 0) return false;
    glp_error_hook(error_hook, &jump);
    load(s, lp);
    run(s->prob, steps);
    *found = found_of(glp_get_status(s->prob));
    for (size_t j = 0; j < lp->cols; j++)
        lp->x[j] = finite(glp_get_col_prim(s->prob, (int)j + 1));
    for (size_t r = 0; r < lp->rows; r++)
        lp->y[r] = finite(glp_get_row_dual(s->prob, (int)r + 1));
    return true;
}

sbx_status sbx_lp_solve(sbx_lp_found *found, sbx_lp *lp, size_t steps, sbx_err *err)
{
    sbx_status st = SBX_OK;
    solver *s = lp->solver;
    size_t widest = 0;
    int said;
    bool ok;

    *found = SBX_LP_NOTHING;
    for (size_t j = 0; j < lp->cols; j++)
        lp->x[j] = 0.0;
    for (size_t r = 0; r < lp->rows; r++) {
        lp->y[r] = 0.0;
        if (lp->start[r + 1] - lp->start[r] > widest) widest = lp->start[r + 1] - lp->start[r];
    }
    if (lp->rows > INT_MAX / 2 || lp->cols > INT_MAX / 2 || lp->entries > INT_MAX / 2)
        SBX_FAIL(err, SBX_ERR_LIMIT, "a program of %zu rows is too large for GLPK", lp->rows);
    if (!s) {
        s = sbx_alloc(1, sizeof *s);
        if (!s) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the solver");
        lp->solver = s;
        living++;
    }
    if (!row_room(s, widest)) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for the solver");
    said = glp_term_out(GLP_OFF);
    ok = attempt(found, lp, steps > 0 && steps < INT_MAX ? (int)steps : 100000);
    glp_error_hook(NULL, NULL);
    if (ok) {
        (void)glp_term_out(said);
    } else {
        glp_free_env();
        era++;
        SBX_FAIL(err, SBX_ERR_LIMIT, "the LP solver failed in itself");
    }
done:
    return st;
}
