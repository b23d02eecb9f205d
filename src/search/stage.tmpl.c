/* search/stage.tmpl.c -- one rung of the ladder: the outputs at the exact point, in one
 * number system, as rational ends in w->y.
 *
 * The operand encloses the exact point, so the result encloses the exact outputs; in
 * mpq both are exact, and ties are decided [L-NET-10]. `known` is false when the system
 * cannot say (an operation it lacks, an end that is infinite): then w->y is half-written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "search/prove.h"
#include "base/alloc.h"
#include "base/try.h"
#endif

static sbx_status FN(stage)(bool *known, sbx_prover *w, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t nx = 0, ny = 0;
    NUM *const x = sbx_alloc(w->inputs, sizeof *x);
    NUM *const y = sbx_alloc(w->outputs, sizeof *y);

    *known = false;
    if (!x || !y) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a point");
    for (; nx < w->inputs; nx++)
        NUM_(init)(&x[nx], ctx);
    for (; ny < w->outputs; ny++)
        NUM_(init)(&y[ny], ctx);
    for (size_t i = 0; i < w->inputs; i++)
        SBX_TRY(NUM_(set_q)(&x[i], w->x[i], ctx, err));
    SBX_TRY(FN(sbx_net_eval)(y, w->net, x, ctx, err));
    for (size_t j = 0; j < w->outputs; j++) {
        SBX_TRY(NUM_(get_q)(w->y[j].lo, w->y[j].hi, &y[j], err));
        SBX_SOUND(mpq_cmp(w->y[j].lo, w->y[j].hi) <= 0, err);
        if (q_bits(w->y[j].lo) > BITS_MAX || q_bits(w->y[j].hi) > BITS_MAX)
            SBX_FAIL(err, SBX_ERR_LIMIT, "output %zu has too many digits", j);
    }
    *known = true;
done:
    while (nx > 0)
        NUM_(clear)(&x[--nx]);
    while (ny > 0)
        NUM_(clear)(&y[--ny]);
    sbx_free(x);
    sbx_free(y);
    if (st == SBX_ERR_UNSUPPORTED || st == SBX_ERR_DOMAIN || st == SBX_ERR_LIMIT ||
        st == SBX_ERR_STOPPED)
        st = SBX_OK;
    return st; /* that it cannot say is no error: *known is false */
}
