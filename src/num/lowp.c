/* num/lowp.c -- fp16, bf16, tf32, e5m2, e4m3: every operation rounded once by MPFR at the
 * format's precision, then fitted into its exponents.
 *
 * e4m3 (the OCP format) ends at 448 = 1.75 2^8; 480, the next number of that precision,
 * is its NaN. Rounding with 480 as a number sends what is above 464 to 480 (464, the
 * midpoint, is even at 448), and everything from 480 on is NaN.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "num/system.h"

/* {p, emin - p + 2, emax + 1} of the table in num.h */
static const sbx_range ranges[SBX_FORMAT_COUNT] = {
    [SBX_FP16] = {11, -23, 16}, [SBX_BF16] = {8, -132, 128}, [SBX_TF32] = {11, -135, 128},
    [SBX_E5M2] = {3, -15, 16},  [SBX_E4M3] = {4, -8, 9},
};

#include "softbox/bind/lowp.h"

static double real(const sbx_lowp *x) { return x->v; }
static sbx_lowp from(double v) { return (sbx_lowp){v}; }
static const sbx_range *range_of(const sbx_ctx *ctx)
{
    const sbx_format f = sbx_ctx_or_default(ctx)->format;
    return &ranges[(unsigned)f < SBX_FORMAT_COUNT ? f : SBX_FP16];
}
static void put(sbx_lowp *z, mpfr_ptr r, int t, const sbx_ctx *ctx)
{
    sbx_mpfr_fit(r, t, range_of(ctx));
    z->v = mpfr_get_d(r, MPFR_RNDN); /* exact */
    if (sbx_ctx_or_default(ctx)->format == SBX_E4M3 && !(fabs(z->v) <= 448)) z->v = (double)NAN;
}

#include "num/point.tmpl.c"

FUNCTION(sqr, mpfr_sqr)
FUNCTION(sqrt, mpfr_sqrt)

typedef int (*binary_fn)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);

static sbx_status apply2(sbx_lowp *z, const sbx_lowp *x, const sbx_lowp *y, binary_fn f,
                         const sbx_ctx *ctx)
{
    mpfr_t a, b, r;
    mpfr_init2(a, 53);
    mpfr_init2(b, 53);
    mpfr_init2(r, range_of(ctx)->p);
    mpfr_set_d(a, x->v, MPFR_RNDN);
    mpfr_set_d(b, y->v, MPFR_RNDN);
    put(z, r, f(r, a, b, MPFR_RNDN), ctx);
    mpfr_clear(a);
    mpfr_clear(b);
    mpfr_clear(r);
    return SBX_OK;
}

#define ARITHMETIC(op)                          \
    BINARY(op)                                  \
    {                                           \
        (void)err;                              \
        return apply2(z, x, y, mpfr_##op, ctx); \
    }
ARITHMETIC(add)
ARITHMETIC(sub)
ARITHMETIC(mul)
ARITHMETIC(div)

sbx_status sbx_lowp_fma(sbx_lowp *z, const sbx_lowp *x, const sbx_lowp *y, const sbx_lowp *a,
                        const sbx_ctx *ctx, sbx_err *err)
{
    mpfr_t p, q, s, r;
    (void)err;
    mpfr_init2(p, 53);
    mpfr_init2(q, 53);
    mpfr_init2(s, 53);
    mpfr_init2(r, range_of(ctx)->p);
    mpfr_set_d(p, x->v, MPFR_RNDN);
    mpfr_set_d(q, y->v, MPFR_RNDN);
    mpfr_set_d(s, a->v, MPFR_RNDN);
    put(z, r, mpfr_fma(r, p, q, s, MPFR_RNDN), ctx);
    mpfr_clear(p);
    mpfr_clear(q);
    mpfr_clear(s);
    mpfr_clear(r);
    return SBX_OK;
}

#include "softbox/bind/unbind.h"
