/* search/joint.h -- several constraints of one disjunct at once: their sum, with weights.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SEARCH_JOINT_H
#define SBX_SEARCH_JOINT_H

#include "search/plan.h"

/* Affine lower bounds of the left sides minus the right sides of n constraints on a box:
 * rows of [inputs + 1], the slopes and then the constant, doubles taken as exact. */
typedef struct sbx_joint {
    size_t n, inputs;
    size_t most;    /* n, at most */
    double *row;    /* [most][inputs + 1] */
    size_t *con;    /* [n]: which constraint of the case */
    double *weight; /* [n], >= 0, the largest about 1 */
    double *sum;    /* [inputs + 1]: of the weighted rows, a lower bound of their exact sum */
    double *mem;    /* [2 n + inputs] */
} sbx_joint;

sbx_status sbx_joint_init(sbx_joint *j, size_t most, size_t inputs, sbx_err *err) SBX_MUST_USE;
void sbx_joint_clear(sbx_joint *j);

/* sbx_joint_weigh: weights for which the least of the weighted sum over the box is large.
 *   in    row[n]
 *   out   weight; sum
 *   proof L-NET-72: the sum is a bound for any weights >= 0; how they are found is not proved */
void sbx_joint_weigh(sbx_joint *j, const sbx_ivd *box);

/* the weighted sum of the rows into j->sum, rounded so that it is a lower bound on the box */
void sbx_joint_add(sbx_joint *j, const sbx_ivd *box);

#endif
