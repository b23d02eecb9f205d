/* relax/affine.h -- what all constants of affine bounds are made with.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_AFFINE_H
#define SBX_RELAX_AFFINE_H

#include "num/acc.h"
#include "softbox/relax.h"

/* false for NaN and infinities */
static inline bool sbx_is_real(double x) { return fabs(x) <= DBL_MAX; }

/* a double near the middle of a finite interval, inside it */
static inline double sbx_middle(double lo, double hi)
{
    const double m = lo / 2 + hi / 2;
    return m < lo ? lo : m > hi ? hi : m;
}

#endif
