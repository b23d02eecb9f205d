/* num/hard.tmpl.c -- f32 and f64: the processor's arithmetic, which is IEEE 754's, round
 * to nearest (sbx_selftest looks at it). The including file binds a system and defines
 *
 *   VAL           float or double
 *   SQRT, FMA     the correctly rounded functions of that type
 *   RANGE         the format as an sbx_range
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/system.h"

static VAL real(const NUM *x) { return *x; }
static NUM from(VAL v) { return v; }
static const sbx_range *range_of(const sbx_ctx *ctx)
{
    static const sbx_range range = RANGE;
    (void)ctx;
    return &range;
}
static void put(NUM *z, mpfr_ptr r, int t, const sbx_ctx *ctx)
{
    sbx_mpfr_fit(r, t, range_of(ctx));
    *z = (VAL)mpfr_get_d(r, MPFR_RNDN); /* exact */
}

#include "num/point.tmpl.c"

#define ARITHMETIC(op, value) \
    BINARY(op)                \
    {                         \
        (void)ctx;            \
        (void)err;            \
        *z = (value);         \
        return SBX_OK;        \
    }
ARITHMETIC(add, *x + *y)
ARITHMETIC(sub, *x - *y)
ARITHMETIC(mul, *x **y)
ARITHMETIC(div, *x / *y)

UNARY(sqr)
{
    (void)ctx;
    (void)err;
    *z = *x * *x;
    return SBX_OK;
}
UNARY(sqrt)
{
    (void)ctx;
    (void)err;
    *z = SQRT(*x);
    return SBX_OK;
}
sbx_status NUM_(fma)(NUM *z, const NUM *x, const NUM *y, const NUM *a, const sbx_ctx *ctx,
                     sbx_err *err)
{
    (void)ctx;
    (void)err;
    *z = FMA(*x, *y, *a);
    return SBX_OK;
}
