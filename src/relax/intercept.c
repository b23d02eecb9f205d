/* relax/intercept.c -- the constant for given slopes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "relax/affine.h"
#include "relax/oracle.h"
#include "softbox/kernel.h"

#include <string.h>

/* where doubles cannot: softmax_i's range less a.x, one and the other at its own extreme */
static double corners(sbx_end side, size_t i, const double *a, const sbx_ivd *x, size_t n,
                      double *point, const sbx_ivd *p)
{
    sbx_acc sum = {side == SBX_HI ? p[i].hi : p[i].lo, 0.0, 0.0};
    for (size_t j = 0; j < n; j++) {
        const double end = (a[j] < 0.0) == (side == SBX_HI) ? x[j].hi : x[j].lo;
        sbx_acc_mul(&sum, -a[j], end);
        point[j] = end;
    }
    return side == SBX_HI ? sbx_acc_hi(&sum) : sbx_acc_lo(&sum);
}

sbx_status sbx_relax_intercept(double *cst, sbx_ivd *reached, double *point, sbx_end side, size_t i,
                               const double *a, const sbx_ivd *x, size_t n, double width,
                               sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_orc o = {0};
    double *at = sbx_alloc(n, sizeof *at), best;
    sbx_ivd *p = sbx_alloc(n, sizeof *p);

    if (!at || !p) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu coordinates", n);
    if (n == 0 || i >= n) SBX_FAIL(err, SBX_ERR_ARG, "coordinate %zu of %zu", i, n);
    if (!(width >= 0.0)) SBX_FAIL(err, SBX_ERR_ARG, "a width below 0, or a NaN");
    for (size_t j = 0; j < n; j++)
        if (!(x[j].lo <= x[j].hi && sbx_is_real(x[j].lo) && sbx_is_real(x[j].hi)) ||
            !sbx_is_real(a[j]))
            SBX_FAIL(err, SBX_ERR_ARG, "coordinate %zu: not finite, or lo > hi", j);
    SBX_TRY(sbx_orc_open(&o, i, x, n, n <= SBX_ORC_SPLIT_N ? SBX_ORC_LEAVES : 1, err));
    SBX_TRY(sbx_softmax_ivd(p, x, n, NULL, err));
    sbx_orc_slopes(&o, a);
    *cst = corners(side, i, a, x, n, at, p);
    if (o.usable) {
        if (side == SBX_HI) {
            (void)sbx_orc_max(&o, width / 2, NULL, at);
            best = sbx_orc_prove_max(&o);
        } else {
            (void)sbx_orc_min(&o, width / 2, SBX_ORC_LEAVES, NULL, at);
            best = sbx_orc_prove_min(&o);
        }
        if (sbx_is_real(best) && (side == SBX_HI ? best < *cst : best > *cst)) *cst = best;
    }
    *reached = sbx_orc_value(&o, at);
    if (point) memcpy(point, at, n * sizeof *at);
done:
    sbx_orc_close(&o);
    sbx_free(p);
    sbx_free(at);
    return st;
}
