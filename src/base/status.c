/* base/status.c -- names of the status codes, the error record, the self-test.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/try.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#ifdef __FAST_MATH__
#error "softbox needs IEEE 754 arithmetic: build without -ffast-math"
#endif
#if FLT_EVAL_METHOD != 0
#error "softbox needs double to be evaluated as double"
#endif
#if DBL_MANT_DIG != 53 || DBL_MIN_EXP != -1021
#error "softbox needs binary64"
#endif

const char *sbx_status_name(sbx_status s)
{
    switch (s) {
    case SBX_OK: return "ok";
    case SBX_ERR_ARG: return "bad argument";
    case SBX_ERR_NOMEM: return "out of memory";
    case SBX_ERR_IO: return "input/output error";
    case SBX_ERR_PARSE: return "bad input";
    case SBX_ERR_UNSUPPORTED: return "unsupported";
    case SBX_ERR_DOMAIN: return "no value there";
    case SBX_ERR_LIMIT: return "limit reached";
    case SBX_ERR_SOUNDNESS: return "internal check failed";
    case SBX_ERR_STOPPED: return "stopped";
    }
    return "unknown status";
}

sbx_status sbx_fail(sbx_err *err, sbx_status code, const char *where, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        err->code = code;
        err->where = where;
        va_start(ap, fmt);
        (void)vsnprintf(err->msg, sizeof err->msg, fmt, ap);
        va_end(ap);
    }
    return code;
}

const char *sbx_version(void) { return SBX_VERSION; }

sbx_status sbx_selftest(sbx_err *err)
{
    volatile double one = 1.0, tiny = DBL_MIN, half_ulp = 0x1p-53, third = 3.0;
    sbx_status st = SBX_OK;

    if (!(tiny * 0.5 > 0.0 && tiny * 0.5 < tiny))
        SBX_FAIL(err, SBX_ERR_SOUNDNESS, "subnormal numbers are flushed to zero in this process");
    if (one + half_ulp > 1.0 || one + 3.0 * half_ulp < 1.0 + 0x1p-51 || -one - half_ulp < -1.0)
        SBX_FAIL(err, SBX_ERR_SOUNDNESS, "the rounding mode is not round-to-nearest");
    if (one / third > 0x1.5555555555555p-2 || one / third < 0x1.5555555555555p-2)
        SBX_FAIL(err, SBX_ERR_SOUNDNESS, "division is not correctly rounded");
    if (fma(one + half_ulp * 2, one - half_ulp * 2, -one) < -0x1p-104 ||
        fma(one + half_ulp * 2, one - half_ulp * 2, -one) > -0x1p-104)
        SBX_FAIL(err, SBX_ERR_SOUNDNESS, "fma rounds twice");
done:
    return st;
}
