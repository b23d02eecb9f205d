/* net/compose.h -- an operator made of others: its build makes their nodes before it, and
 * it becomes a view of the last.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_COMPOSE_H
#define SBX_NET_COMPOSE_H

#include "net/op.h"

/* *y: op of a, and of b unless that is SBX_NO_TENSOR */
sbx_status sbx_compose_node(size_t *y, sbx_net *net, const sbx_node *nd, const char *op, size_t a,
                            size_t b, const sbx_attr *attr, size_t n_attr,
                            sbx_err *err) SBX_MUST_USE;
/* *y: a scalar constant */
sbx_status sbx_compose_number(size_t *y, sbx_net *net, double v, sbx_err *err) SBX_MUST_USE;
/* nd's output is tensor y */
sbx_status sbx_compose_end(sbx_net *net, sbx_node *nd, size_t y, sbx_err *err) SBX_MUST_USE;

/* the sum of the squares of input 0 over axes, as the attributes of nd say */
sbx_status sbx_compose_squares(size_t *y, sbx_net *net, const sbx_node *nd, const sbx_attr *attr,
                               size_t n_attr, sbx_err *err) SBX_MUST_USE;

#endif
