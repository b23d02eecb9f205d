/* cli/show.tmpl.c -- a number of one system as the ends or the word that eval prints.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "cli/eval.h"
#include "cli/array.tmpl.c"
#endif

/* A point that is no rational has a name: it is not below 0, nor above, or it is. */
static sbx_status FN(show)(eval_value *v, const NUM *x, const sbx_ctx *ctx, sbx_err *err)
{
#if NUM_ENCLOSE
    return FN(ends)(&v->z, x, ctx, err);
#else
    sbx_status st = SBX_OK;
    NUM zero;
    sbx_truth below;
    if (NUM_(is_finite)(x)) return NUM_(get_q)(v->z.lo, v->z.hi, x, err);
    NUM_(init)(&zero, ctx);
    CLI_TRY(NUM_(set_si)(&zero, 0, ctx, err));
    below = NUM_(lt)(x, &zero);
    v->word = below == SBX_UNKNOWN ? "nan" : below == SBX_TRUE ? "-inf" : "inf";
done:
    NUM_(clear)(&zero);
    return st;
#endif
}
