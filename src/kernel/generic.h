/* kernel/generic.h -- instances of the templates that stand behind another name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_KERNEL_GENERIC_H
#define SBX_KERNEL_GENERIC_H

#include "softbox/kernel.h"

/* lse and log-softmax in doubles, for sides that no exponential underflows */
sbx_status sbx_lse_generic_ivd(sbx_ivd *z, const sbx_ivd *x, size_t n, const sbx_ctx *ctx,
                               sbx_err *err) SBX_MUST_USE;
sbx_status sbx_log_softmax_generic_ivd(sbx_ivd *p, const sbx_ivd *x, size_t n, const sbx_ctx *ctx,
                                       sbx_err *err) SBX_MUST_USE;

/* The same ranges through 128-bit intervals, rounded outward: for boxes that lie beyond
 * what the double path is proved for, or are wider than doubles have exponents. */
typedef sbx_status sbx_range_ivf(sbx_ivf *p, const sbx_ivf *x, size_t n, const sbx_ctx *ctx,
                                 sbx_err *err);
sbx_status sbx_through_ivf(sbx_ivd *p, size_t n_p, const sbx_ivd *x, size_t n, sbx_range_ivf *f,
                           sbx_err *err) SBX_MUST_USE;
sbx_status sbx_functional_through_ivf(sbx_ivd *z, const sbx_ivd *c, const sbx_ivd *x, size_t n,
                                      sbx_err *err) SBX_MUST_USE;

#endif
