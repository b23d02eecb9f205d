/* bound/slack.h -- where a bound of a row loses: not proved, for telling why.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_BOUND_SLACK_H
#define SBX_BOUND_SLACK_H

#include "softbox/bound.h"

/* At the corner of the box where the affine lower bound of the row is least, the row's value
 * is `total` above that bound. Every nonlinear node owns a part of it: */
typedef struct sbx_slack {
    bool known;          /* false: nothing below is filled                      */
    double total;        /* the sum of the parts, those of roundings with it    */
    size_t node;         /* the node with the largest part, as sbx_net_get_node counts; */
    double node_part;    /* and its part                                        */
    size_t element;      /* the element of its output with the largest part, or */
    bool is_row;         /* the row of elements that are relaxed together (softmax); */
    double element_part; /* and its part                                        */
} sbx_slack;

/* sbx_bounder_slack: after a CROWN run whose row r was c[outputs], and before the next run.
 *   out   *s     plain doubles; the same for every number of threads
 *   proof not needed: it adds up to the bound by L-NET-70, and no verdict rests on it
 *   error SBX_ERR_NOMEM, SBX_ERR_STOPPED */
sbx_status sbx_bounder_slack(sbx_bounder *b, sbx_slack *s, const double *c, size_t r,
                             sbx_err *err) SBX_MUST_USE;

#endif
