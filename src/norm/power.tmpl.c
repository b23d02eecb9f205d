/* norm/power.tmpl.c -- powers whose base or whose exponent is an exact rational.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "norm/norm.h"
#endif

/* e as a double, rounded as said; *exact: it is one */
static double FN(exponent)(mpq_srcptr e, mpfr_rnd_t rnd, bool *exact)
{
    double d;
    mpfr_t t;
    mpfr_init2(t, 53);
    *exact = mpfr_set_q(t, e, rnd) == 0;
    d = mpfr_get_d(t, rnd);
    mpfr_clear(t);
    return d;
}

/* x^e is monotone in e, so that the doubles around e give both ends. */
sbx_status FN(sbx_norm_power)(NUM *z, const NUM *x, mpq_srcptr e, const sbx_ctx *ctx, sbx_err *err)
{
    bool exact;
    const double near = FN(exponent)(e, MPFR_RNDN, &exact);
    if (exact || !NUM_ENCLOSE) return NUM_(pow)(z, x, near, ctx, err);
#if NUM_ENCLOSE
    sbx_status st = SBX_OK;
    NUM lo, hi;
    NUM_(init)(&lo, ctx);
    NUM_(init)(&hi, ctx);
    SBX_TRY(NUM_(pow)(&lo, x, FN(exponent)(e, MPFR_RNDD, &exact), ctx, err));
    SBX_TRY(NUM_(pow)(&hi, x, FN(exponent)(e, MPFR_RNDU, &exact), ctx, err));
    SBX_TRY(NUM_(hull)(z, &lo, &hi, ctx, err));
done:
    NUM_(clear)(&lo);
    NUM_(clear)(&hi);
    return st;
#else
    return SBX_OK;
#endif
}

/* b^d: 2^d by itself, else e^(d log b); in mpq an integer power, and the refusal of exp for
 * another d */
sbx_status FN(sbx_norm_base_power)(NUM *z, mpq_srcptr b, const NUM *d, const sbx_ctx *ctx,
                                   sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    mpq_t lo, hi;
    if (NUM_ID != SBX_NUM_MPQ && mpq_cmp_si(b, 2, 1) == 0) return NUM_(exp2)(z, d, ctx, err);
    NUM_(init)(&t, ctx);
    mpq_inits(lo, hi, NULL);
    SBX_TRY(NUM_(set_q)(&t, b, ctx, err));
    if (NUM_ID == SBX_NUM_MPQ) {
        SBX_TRY(NUM_(get_q)(lo, hi, d, err));
        if (mpz_cmp_ui(mpq_denref(lo), 1) == 0) {
            st = NUM_(pow)(z, &t, mpq_get_d(lo), ctx, err);
            goto done;
        }
    }
    if (NUM_ID == SBX_NUM_MPQ) SBX_TRY(NUM_(exp)(z, d, ctx, err)); /* says what it lacks */
    SBX_TRY(NUM_(log)(&t, &t, ctx, err));
    SBX_TRY(NUM_(mul)(&t, &t, d, ctx, err));
    SBX_TRY(NUM_(exp)(z, &t, ctx, err));
done:
    mpq_clears(lo, hi, NULL);
    NUM_(clear)(&t);
    return st;
}
