/* norm/eval.h -- what stands behind norm/eval.tmpl.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NORM_EVAL_H
#define SBX_NORM_EVAL_H

#include "norm/norm.h"

#include <float.h>
#include <math.h>
#include <stdint.h>

/* Puts the normalizer's name before the message of an operation that failed in it. */
void sbx_norm_name_it(const sbx_norm_args *a, sbx_err *err);

/* *z = an enclosure of output i over the box, by branch and bound; infinite ends where the
 * search proves nothing. */
sbx_status sbx_norm_search(sbx_ivd *z, const sbx_norm_args *a, size_t i, const sbx_ivd *x, size_t n,
                           const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;

#endif
