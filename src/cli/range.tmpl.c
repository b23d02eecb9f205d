/* cli/range.tmpl.c -- the range of a normalizer, lse or c.softmax over an exact box
 * in one number system of enclosures: the box rounded outward, the kernel, the ends.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "cli/bound.h"
#include "cli/array.tmpl.c"
#endif

/* The smallest enclosure of the side [lo, hi]. */
static sbx_status FN(side)(NUM *x, const bound_question *q, size_t j, const sbx_ctx *ctx,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, ctx);
    CLI_TRY(NUM_(set_q)(x, q->hi.v[j], ctx, err));
    if (q->lo.below[j]) {
        CLI_TRY(NUM_(set_below)(x, x, err));
    } else {
        CLI_TRY(NUM_(set_q)(&t, q->lo.v[j], ctx, err));
        CLI_TRY(NUM_(hull)(x, &t, x, ctx, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

/* x = the side [v.lo, v.hi], its lower end may be -inf */
static sbx_status FN(of_doubles)(NUM *x, sbx_ivd v, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, ctx);
    CLI_TRY(NUM_(set_d)(x, v.hi, ctx, err));
    if (v.lo < -DBL_MAX) {
        CLI_TRY(NUM_(set_below)(x, x, err));
    } else {
        CLI_TRY(NUM_(set_d)(&t, v.lo, ctx, err));
        CLI_TRY(NUM_(hull)(x, &t, x, ctx, err));
    }
done:
    NUM_(clear)(&t);
    return st;
}

/* The same under bounds on differences: of an output, over the ranges of the differences to
 * its coordinate, which it falls with one by one; of lse, over the zone's own box. */
static sbx_status FN(zone_ranges)(cli_ends *z, const bound_question *q, const bound_box *b,
                                  const sbx_ctx *ctx, sbx_err *err)
{
    const size_t n = b->n;
    sbx_status st = SBX_OK;
    sbx_ivd *v = malloc(n * sizeof *v);
    NUM *x = FN(array_new)(n, ctx), *p = FN(array_new)(n, ctx);
    if (!x || !p || !v) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t k = 0; k < bound_outputs(q); k++) {
        const size_t i = q->one ? q->index : k;
        CLI_TRY(bound_view(v, b, q->f == SBX_FN_LSE ? n : i, err));
        for (size_t j = 0; j < n; j++)
            CLI_TRY(FN(of_doubles)(&x[j], v[j], ctx, err));
        if (q->f == SBX_FN_LSE)
            CLI_TRY(FN(sbx_lse)(&p[0], x, n, ctx, err));
        else if (q->f == SBX_FN_LOG_SOFTMAX)
            CLI_TRY(FN(sbx_log_softmax)(p, x, n, ctx, err));
        else
            CLI_TRY(FN(sbx_softmax)(p, x, n, ctx, err));
        CLI_TRY(FN(ends)(&z[k], &p[q->f == SBX_FN_LSE ? 0 : i], ctx, err));
    }
done:
    FN(array_free)(p, n);
    FN(array_free)(x, n);
    free(v);
    return st;
}

static sbx_status FN(ranges)(cli_ends *z, const bound_question *q, const sbx_ctx *ctx, sbx_err *err)
{
    const size_t n = q->lo.n, room = bound_outputs(q) > n ? bound_outputs(q) : n;
    const bool norm = q->norm.norm;
    sbx_status st = SBX_OK;
    NUM *x = FN(array_new)(n, ctx), *p = FN(array_new)(room, ctx);
    if (!x || !p) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    for (size_t j = 0; j < n; j++)
        CLI_TRY(FN(side)(&x[j], q, j, ctx, err));
    if (q->c.n) {
        for (size_t j = 0; j < n; j++)
            CLI_TRY(NUM_(set_q)(&p[j], q->c.v[j], ctx, err));
        CLI_TRY(FN(sbx_softmax_functional)(&p[0], p, x, n, ctx, err));
    } else if (norm) {
        CLI_TRY(FN(sbx_norm_range)(p, &q->norm, q->one ? q->index : SBX_NORM_ALL, x, n, ctx, err));
    } else if (q->f == SBX_FN_LSE) {
        CLI_TRY(FN(sbx_lse)(&p[0], x, n, ctx, err));
    } else if (q->f == SBX_FN_LOG_SOFTMAX) {
        CLI_TRY(FN(sbx_log_softmax)(p, x, n, ctx, err));
    } else {
        CLI_TRY(FN(sbx_softmax)(p, x, n, ctx, err));
    }
    for (size_t k = 0; k < bound_outputs(q); k++)
        CLI_TRY(FN(ends)(&z[k], &p[q->one && !norm ? q->index : k], ctx, err));
done:
    FN(array_free)(p, room);
    FN(array_free)(x, n);
    return st;
}
