/* mech/apriori.c -- the theorems. [L-ERR-22] .. [L-ERR-24]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/apriori.h"

#include <math.h>
#include <string.h>

#include "error/rounding.h"
#include "num/round.h"

double sbx_mech_apriori(const sbx_mech_args *a, const sbx_mech_in_rea *in, const sbx_mech_ctx *c)
{
    (void)a;
    (void)in;
    (void)c;
    return HUGE_VAL;
}
