/* mech/apriori.h -- the theorems: rounding errors of mechanisms from the sizes of their inputs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MECH_APRIORI_H
#define SBX_MECH_APRIORI_H

#include "mech/mech.h"

/* A bound of |computed - exact| of all outputs, or HUGE_VAL: no theorem, or none there. in: the box; c: with the
 * machine's em. Assumes that nothing overflows. [L-ERR-22] .. [L-ERR-24] */
double sbx_mech_apriori(const sbx_mech_args *a, const sbx_mech_in_rea *in, const sbx_mech_ctx *c);

#endif
