/* net/curve_eval.c -- nonlinear functions of single elements, in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

#include "base/try.h"

#include <math.h>

/* intervals of doubles have their own, tighter way */
static sbx_status eval_ranges(sbx_ivd *y, const sbx_curve *c, const sbx_ivd *x, size_t n,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t j = 0; j < n; j++)
        SBX_TRY(sbx_range_unary(&y[j], sbx_curve_at(c, j), x[j], err));
done:
    return st;
}

#define SBX_TEMPLATE "net/curve_eval.tmpl.c"
#include "net/eval_all.h"
