/* error/apriori.h -- the theorems: bounds from n and the spread of the inputs alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_ERROR_APRIORI_H
#define SBX_ERROR_APRIORI_H

#include "error/machine.h"

/* [L-ERR-05] .. [L-ERR-08]: softmax as quotients; [L-ERR-06] lse, softmax without division,
 * log-softmax; [L-ERR-07] online and flash; [L-ERR-08] sums and dot products.
 * Sets apriori, apriori_u and published_u of r, for all points of the box; known, scale as in
 * error/reference.h; y encloses log-sum-exp. Assumes that nothing overflows. */
void sbx_apriori(sbx_error_report *r, const em *m, const double *lo, const double *hi, size_t n,
                 const iv *known, iv scale, iv y);

#endif
