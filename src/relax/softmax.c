/* relax/softmax.c -- the instances of relax/point.tmpl.c, chords, lin and softmax.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "relax/exp.h"
#include "relax/softmax.h"

#include <math.h>
#include <string.h>

/* The arguments that no number system sees. */
static sbx_status check_shape(sbx_vector_fn f, sbx_method m, size_t i, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a box of no coordinates");
    if (f != SBX_FN_LSE && i >= n) SBX_FAIL(err, SBX_ERR_ARG, "coordinate %zu of %zu", i, n);
    if (!sbx_rlx_has(f, m))
        SBX_FAIL(
            err, SBX_ERR_ARG,
            f == SBX_FN_SOFTMAX
                ? "no such method here"
                : "log-softmax and lse have the methods interval, constant, lse, env, auto, optimal");
done:
    return st;
}

static sbx_status check_ivd(sbx_vector_fn f, sbx_method m, size_t i, const sbx_ivd *x,
                            const sbx_ivd *at, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(check_shape(f, m, i, n, err));
    for (size_t j = 0; j < n; j++) {
        if (!(x[j].lo <= x[j].hi && fabs(x[j].hi) < HUGE_VAL))
            SBX_FAIL(err, SBX_ERR_ARG, "side %zu: not lo <= hi with a finite hi", j);
        if (!(x[j].lo <= at[j].lo && at[j].lo <= at[j].hi && at[j].hi <= x[j].hi))
            SBX_FAIL(err, SBX_ERR_ARG, "coordinate %zu of the point is outside of the box", j);
    }
done:
    return st;
}

static sbx_status check_ivf(sbx_vector_fn f, sbx_method m, size_t i, const sbx_ivf *x,
                            const sbx_ivf *at, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(check_shape(f, m, i, n, err));
    for (size_t j = 0; j < n; j++) { /* a NaN compares false */
        if (!(mpfr_lessequal_p(x[j].lo, x[j].hi) && mpfr_number_p(x[j].hi)))
            SBX_FAIL(err, SBX_ERR_ARG, "side %zu: not lo <= hi with a finite hi", j);
        if (!(mpfr_lessequal_p(x[j].lo, at[j].lo) && mpfr_lessequal_p(at[j].lo, at[j].hi) &&
              mpfr_lessequal_p(at[j].hi, x[j].hi)))
            SBX_FAIL(err, SBX_ERR_ARG, "coordinate %zu of the point is outside of the box", j);
    }
done:
    return st;
}

#include "softbox/bind/ivd.h"
#include "relax/point.tmpl.c"
#include "relax/chords.tmpl.c"
#include "relax/lin.tmpl.c"
#include "relax/softmax.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#include "relax/point.tmpl.c"
#include "relax/chords.tmpl.c"
#include "relax/lin.tmpl.c"
#include "relax/softmax.tmpl.c"
#include "softbox/bind/unbind.h"

sbx_status sbx_relax_value(sbx_ivd *lower, sbx_ivd *upper, sbx_vector_fn f, sbx_method m, size_t i,
                           const sbx_ivd *x, const sbx_ivd *at, size_t n, sbx_err *err)
{
    return value_ivd(lower, upper, f, m, i, x, at, n, NULL, err);
}

sbx_status sbx_relax_value_ivf(sbx_ivf *lower, sbx_ivf *upper, sbx_vector_fn f, sbx_method m,
                               size_t i, const sbx_ivf *x, const sbx_ivf *at, size_t n,
                               const sbx_ctx *ctx, sbx_err *err)
{
    return value_ivf(lower, upper, f, m, i, x, at, n, ctx, err);
}
