/* error/reference.h -- the exact values of a kernel, enclosed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_ERROR_REFERENCE_H
#define SBX_ERROR_REFERENCE_H

#include "error/machine.h"

/* Over a box: known[0..outputs) encloses every exact output (softmax, log-softmax, lse, sum, dot). */
sbx_status sbx_reference_box(iv *known, alg_kernel k, const double *lo, const double *hi, size_t n,
                             sbx_err *err) SBX_MUST_USE;

/* At a point: d[i] encloses z_i - exact_i. fine: 160 bits, for results in double. */
sbx_status sbx_reference_point(iv *d, alg_kernel k, const double *z, const double *x, size_t n,
                               bool fine, sbx_err *err) SBX_MUST_USE;

/* What units of u are relative to, enclosed (see sbx_error_report), from the known outputs. */
iv sbx_reference_scale(alg_kernel k, const iv *known, const double *lo, const double *hi, size_t n);

#endif
