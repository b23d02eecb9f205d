/* relax/method.c -- the names of the methods.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/try.h"
#include "relax/softmax.h"

#include <string.h>

static const char *const names[SBX_METHOD_COUNT] = {
    [SBX_METHOD_INTERVAL] = "interval",
    [SBX_METHOD_CONSTANT] = "constant",
    [SBX_METHOD_LIN] = "lin",
    [SBX_METHOD_ER] = "er",
    [SBX_METHOD_LSE] = "lse",
    [SBX_METHOD_LSE_STAR] = "lse-star",
    [SBX_METHOD_ENV] = "env",
    [SBX_METHOD_L2D] = "l2d",
    [SBX_METHOD_AUTO] = "auto",
    [SBX_METHOD_OPTIMAL] = "optimal",
    [SBX_METHOD_OPTIMAL_FAST] = "optimal-fast",
};

const char *sbx_method_name(sbx_method m)
{
    return (unsigned)m < SBX_METHOD_COUNT ? names[m] : "unknown method";
}

sbx_status sbx_method_parse(sbx_method *m, const char *text, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (unsigned k = 0; text && k < SBX_METHOD_COUNT; k++)
        if (strcmp(text, names[k]) == 0) {
            *m = (sbx_method)k;
            return SBX_OK;
        }
    SBX_FAIL(err, SBX_ERR_ARG,
             "no method \"%.40s\": there are interval, constant, lin, er, lse, lse-star, env, l2d, "
             "optimal-fast, auto, optimal",
             text ? text : "");
done:
    return st;
}

/* the methods whose bound is known at a point by itself, not by its plane alone */
bool sbx_rlx_has(sbx_vector_fn f, sbx_method m)
{
    return m != SBX_METHOD_ENV && m != SBX_METHOD_L2D && m != SBX_METHOD_OPTIMAL_FAST &&
           m != SBX_METHOD_OPTIMAL && sbx_relax_has(f, m);
}

bool sbx_relax_has(sbx_vector_fn f, sbx_method m)
{
    if ((unsigned)m >= SBX_METHOD_COUNT) return false;
    switch (f) {
    case SBX_FN_SOFTMAX: return true;
    case SBX_FN_LOG_SOFTMAX:
    case SBX_FN_LSE:
        return m == SBX_METHOD_INTERVAL || m == SBX_METHOD_CONSTANT || m == SBX_METHOD_LSE ||
               m == SBX_METHOD_ENV || m == SBX_METHOD_AUTO || m == SBX_METHOD_OPTIMAL;
    }
    return false;
}
