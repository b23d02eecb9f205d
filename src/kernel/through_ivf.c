/* kernel/through_ivf.c -- ranges over boxes of doubles, computed in 128-bit intervals.
 *
 * A box of doubles is a box of MPFR numbers exactly; the ends of the answer are rounded
 * outward to doubles, once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/generic.h"

#include "base/alloc.h"
#include "base/try.h"

#include <math.h>

#include "softbox/bind/ivf.h"
#include "kernel/array.tmpl.c"
#include "softbox/bind/unbind.h"

static const sbx_ctx wide = {.prec = 128, .format = SBX_FP16};

static sbx_status convert(sbx_ivf *z, const sbx_ivd *x, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivf t;
    sbx_ivf_init(&t, &wide);
    SBX_TRY(sbx_ivf_set_d(z, x->hi, &wide, err));
    if (x->lo > -HUGE_VAL) {
        SBX_TRY(sbx_ivf_set_d(&t, x->lo, &wide, err));
        SBX_TRY(sbx_ivf_hull(z, z, &t, &wide, err));
    } else {
        SBX_TRY(sbx_ivf_set_below(z, z, err));
    }
done:
    sbx_ivf_clear(&t);
    return st;
}

static void take(sbx_ivd *z, const sbx_ivf *x)
{
    z->lo = mpfr_get_d(x->lo, MPFR_RNDD);
    z->hi = mpfr_get_d(x->hi, MPFR_RNDU);
}

sbx_status sbx_through_ivf(sbx_ivd *p, size_t n_p, const sbx_ivd *x, size_t n, sbx_range_ivf *f,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivf *a = array_new_ivf(n, &wide);
    if (!a) SBX_FAIL(err, SBX_ERR_NOMEM, "softmax: no memory for %zu numbers", n);
    for (size_t j = 0; j < n; j++)
        SBX_TRY(convert(&a[j], &x[j], err));
    SBX_TRY(f(a, a, n, &wide, err));
    for (size_t j = 0; j < n_p; j++)
        take(&p[j], &a[j]);
done:
    array_free_ivf(a, n);
    return st;
}

sbx_status sbx_functional_through_ivf(sbx_ivd *z, const sbx_ivd *c, const sbx_ivd *x, size_t n,
                                      sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_ivf *a = array_new_ivf(2 * n + 1, &wide);
    if (!a) SBX_FAIL(err, SBX_ERR_NOMEM, "functional: no memory for %zu weights", n);
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(convert(&a[j], &x[j], err));
        SBX_TRY(convert(&a[n + j], &c[j], err));
    }
    SBX_TRY(sbx_softmax_functional_ivf(&a[2 * n], a + n, a, n, &wide, err));
    take(z, &a[2 * n]);
done:
    array_free_ivf(a, 2 * n + 1);
    return st;
}
