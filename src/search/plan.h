/* search/plan.h -- a property as the search sees it: doubles that are proved.
 *
 * The exact numbers stay in the property; what is here encloses them, so that a
 * sub-box is judged without a rational and still without a rounding guess
 * [L-NET-31]. Witnesses are judged on the property itself, in rationals (prove.h).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SEARCH_PLAN_H
#define SBX_SEARCH_PLAN_H

#include "base/arena.h"
#include "softbox/bound.h"
#include "softbox/property.h"

#define SBX_NO_ROW ((size_t)-1)

/* x_var times a coefficient in [lo, hi] */
typedef struct sbx_plan_x {
    size_t var;
    double lo, hi;
} sbx_plan_x;

/* row . y + sum of x <= rhs (or <) */
typedef struct sbx_plan_con {
    size_t row; /* of the plan's table; SBX_NO_ROW: no Y in it        */
    size_t n_x;
    const sbx_plan_x *x;
    double below, above; /* the largest double <= rhs, the least >= rhs        */
    bool strict;
    bool beyond; /* a coefficient is beyond the doubles: never refutes */
} sbx_plan_con;

/* one disjunct */
typedef struct sbx_plan_case {
    size_t disjunct; /* in the property */
    size_t n_con;
    const sbx_plan_con *con;
} sbx_plan_case;

/* disjuncts that have the same exact box */
typedef struct sbx_plan_group {
    const sbx_disjunct *exact; /* one of them: its lo and hi */
    size_t n_cases, first;     /* plan.cases[first ...]      */
    sbx_ivd *box;              /* outward                    */
    bool beyond;               /* an end is beyond the doubles: no bound of it */
} sbx_plan_group;

typedef struct sbx_plan {
    const sbx_property *p;
    size_t inputs, outputs;
    size_t n_rows;
    double *row; /* [n_rows][outputs]                                         */
    double *rad; /* [n_rows][outputs]: |coefficient - row| at most; NULL: 0   */
    size_t n_cases;
    sbx_plan_case *cases;
    size_t n_groups; /* without the empty boxes */
    sbx_plan_group *group;
    size_t empty; /* disjuncts whose box has no point [L-NET-32] */
    sbx_arena arena;
} sbx_plan;

/* sbx_plan_make: of a property with as many inputs and outputs as given; ctx: NULL, or asks
 * whether to stop.
 *   out   *plan  cleared on failure; points into the property
 *   error SBX_ERR_ARG a term names a variable that is not declared; SBX_ERR_NOMEM;
 *         SBX_ERR_STOPPED */
sbx_status sbx_plan_make(sbx_plan *plan, const sbx_property *p, const sbx_ctx *ctx,
                         sbx_err *err) SBX_MUST_USE;
void sbx_plan_clear(sbx_plan *plan);

/* the largest double <= q and the least >= q (-inf, +inf beyond the doubles) */
void sbx_plan_enclose(double *below, double *above, mpq_srcptr q);

/* sbx_plan_lower: a proved lower bound of row . y + sum of x on a box.
 *   in    lo     a proved lower bound of the row (unused without a row)
 *         y      proved bounds of the outputs, for inexact rows
 *   out   never NaN, -inf where nothing is known
 *   proof L-NET-34, L-FP-01 */
double sbx_plan_lower(const sbx_plan *plan, const sbx_plan_con *c, double lo, const sbx_ivd *y,
                      const sbx_ivd *box);

/* What the inexact coefficients of a row may add to it, at most: rad . |y|, rounded up. */
double sbx_plan_slack(const sbx_plan *plan, const sbx_plan_con *c, const sbx_ivd *y);

/* Can no point with "left side >= lower" satisfy the constraint? Exactly the
 * comparison of lower with the rational rhs [L-NET-31]; a NaN refutes nothing. */
bool sbx_plan_refutes(const sbx_plan_con *c, double lower);

#endif
