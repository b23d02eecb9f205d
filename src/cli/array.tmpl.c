/* cli/array.tmpl.c -- arrays of one number system; the ends of a number as rationals.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "cli/cli.h"
#include <stdlib.h>
#endif

static NUM *FN(array_new)(size_t n, const sbx_ctx *ctx)
{
    NUM *x = calloc(n ? n : 1, sizeof *x);
    for (size_t j = 0; x && j < n; j++)
        NUM_(init)(&x[j], ctx);
    return x;
}

static void FN(array_free)(NUM *x, size_t n)
{
    for (size_t j = 0; x && j < n; j++)
        NUM_(clear)(&x[j]);
    free(x);
}

#if NUM_ENCLOSE
/* An end that is no number is an infinite one. */
static sbx_status FN(ends)(cli_ends *z, const NUM *x, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpq_t spare;
    NUM t;
    NUM_(init)(&t, ctx);
    mpq_init(spare);
    z->no_lo = NUM_(end)(&t, x, SBX_LO, NULL) != SBX_OK;
    if (!z->no_lo) CLI_TRY(NUM_(get_q)(z->lo, spare, &t, err));
    z->no_hi = NUM_(end)(&t, x, SBX_HI, NULL) != SBX_OK;
    if (!z->no_hi) CLI_TRY(NUM_(get_q)(spare, z->hi, &t, err));
done:
    mpq_clear(spare);
    NUM_(clear)(&t);
    return st;
}
#endif
