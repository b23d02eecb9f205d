/* kernel/softmax_range.tmpl.c -- log-sum-exp, softmax and log-softmax over a box, in
 * enclosures; all n outputs in O(n).
 *
 * The extremes of output i lie at two corners: own end against the others' opposite
 * ends [L-SMX-01, L-SMX-12]. "The others" is a sum of a prefix and a suffix, so
 * nothing cancels. Exponents are taken from a shift that is at least every exponent of
 * the sum; for the one index that is itself the largest, the shift and the sum are
 * made again without it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "base/alloc.h"
#include "base/try.h"
#include "kernel/generic.h"
#include "kernel/array.tmpl.c"
#define SOFTMAX     sbx_softmax_generic_ivd
#define LOG_SOFTMAX sbx_log_softmax_generic_ivd
#define LSE         sbx_lse_generic_ivd
#endif

/* The others' side of every corner: e[j] = exp(end of x_j - shift), or 0 for -inf,
 * pre[j] = sum of e[0..j), suf[j] = sum of e[j..n). */
typedef struct FN(side) {
    sbx_end end;
    size_t n, top; /* top: the index whose end is the shift; n when all are -inf */
    NUM shift, *e, *pre, *suf;
} FN(side);

/* z = the end of x, a point; *gone: it is -inf */
static sbx_status FN(take)(NUM *z, bool *gone, const NUM *x, sbx_end e, sbx_err *err)
{
    const sbx_status st = NUM_(end)(z, x, e, NULL);
    *gone = st == SBX_ERR_DOMAIN && e == SBX_LO;
    if (st == SBX_OK || *gone) return SBX_OK;
    return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "softmax: a side has no finite upper end");
}

/* the greatest end among x[0..n) but x[skip]; *top = n when there is none */
static sbx_status FN(greatest)(NUM *m, size_t *top, const NUM *x, sbx_end e, size_t n, size_t skip,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool gone;
    NUM t;
    NUM_(init)(&t, ctx);
    *top = n;
    for (size_t j = 0; j < n; j++) {
        if (j == skip) continue;
        SBX_TRY(FN(take)(&t, &gone, &x[j], e, err));
        if (gone || (*top < n && NUM_(lt)(m, &t) != SBX_TRUE)) continue;
        NUM_(set)(m, &t);
        *top = j;
    }
done:
    NUM_(clear)(&t);
    return st;
}

/* z = exp(end of x - shift), 0 for -inf */
static sbx_status FN(weight)(NUM *z, const NUM *x, sbx_end e, const NUM *shift, const sbx_ctx *ctx,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool gone;
    SBX_TRY(FN(take)(z, &gone, x, e, err));
    if (gone) return NUM_(set_si)(z, 0, ctx, err); /* [L-SMX-11] */
    SBX_TRY(NUM_(sub)(z, z, shift, ctx, err));
    SBX_TRY(NUM_(exp)(z, z, ctx, err));
done:
    return st;
}

static void FN(side_clear)(FN(side) * s)
{
    FN(array_free)(s->e, s->n);
    FN(array_free)(s->pre, s->n + 1);
    FN(array_free)(s->suf, s->n + 1);
    NUM_(clear)(&s->shift);
}

static sbx_status FN(side_fill)(FN(side) * s, const NUM *x, sbx_end e, size_t n, const sbx_ctx *ctx,
                                sbx_err *err)
{
    sbx_status st = SBX_OK;
    s->end = e;
    s->n = n;
    s->e = FN(array_new)(n, ctx);
    s->pre = FN(array_new)(n + 1, ctx);
    s->suf = FN(array_new)(n + 1, ctx);
    if (!s->e || !s->pre || !s->suf)
        SBX_FAIL(err, SBX_ERR_NOMEM, "softmax: no memory for %zu numbers", n);
    SBX_TRY(FN(greatest)(&s->shift, &s->top, x, e, n, n, ctx, err));
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(FN(weight)(&s->e[j], &x[j], e, &s->shift, ctx, err));
        SBX_TRY(NUM_(add)(&s->pre[j + 1], &s->pre[j], &s->e[j], ctx, err));
    }
    for (size_t j = n; j-- > 0;)
        SBX_TRY(NUM_(add)(&s->suf[j], &s->suf[j + 1], &s->e[j], ctx, err));
done:
    return st;
}

/* The corner of output i: own = exp(own end of x_i - *shift), rest = the others' sum
 * with the same shift. */
static sbx_status FN(corner)(NUM *own, NUM *rest, NUM *shift, const FN(side) * s, const NUM *x,
                             size_t i, const sbx_ctx *ctx, sbx_err *err)
{
    const sbx_end own_end = s->end == SBX_LO ? SBX_HI : SBX_LO;
    sbx_status st = SBX_OK;
    size_t top;
    bool gone;
    NUM t;
    NUM_(init)(&t, ctx);
    if (i != s->top) {
        NUM_(set)(shift, &s->shift);
        SBX_TRY(NUM_(add)(rest, &s->pre[i], &s->suf[i + 1], ctx, err));
    } else {
        SBX_TRY(FN(greatest)(shift, &top, x, s->end, s->n, i, ctx, err));
        SBX_TRY(FN(take)(&t, &gone, &x[i], own_end, err));
        if (!gone && (top == s->n || NUM_(lt)(shift, &t) == SBX_TRUE)) NUM_(set)(shift, &t);
        SBX_TRY(NUM_(set_si)(rest, 0, ctx, err));
        for (size_t j = 0; j < s->n; j++) {
            if (j == i) continue;
            SBX_TRY(FN(weight)(&t, &x[j], s->end, shift, ctx, err));
            SBX_TRY(NUM_(add)(rest, rest, &t, ctx, err));
        }
    }
    SBX_TRY(FN(weight)(own, &x[i], own_end, shift, ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* z = own / (own + rest), or its logarithm given the own end: own_end - shift -
 * log(own + rest) */
static sbx_status FN(quotient)(NUM *z, const FN(side) * s, const NUM *x, size_t i, bool logarithm,
                               const sbx_ctx *ctx, sbx_err *err)
{
    const sbx_end own_end = s->end == SBX_LO ? SBX_HI : SBX_LO;
    sbx_status st = SBX_OK;
    NUM own, rest, shift, t;
    bool gone;
    NUM_(init)(&own, ctx);
    NUM_(init)(&rest, ctx);
    NUM_(init)(&shift, ctx);
    NUM_(init)(&t, ctx);
    SBX_TRY(FN(corner)(&own, &rest, &shift, s, x, i, ctx, err));
    SBX_TRY(NUM_(add)(&rest, &rest, &own, ctx, err));
    if (!logarithm) {
        SBX_TRY(NUM_(div)(z, &own, &rest, ctx, err)); /* [L-SMX-03] */
        goto done;
    }
    SBX_TRY(FN(take)(&t, &gone, &x[i], own_end, err));
    if (gone) {
        SBX_TRY(NUM_(set_si)(&t, 0, ctx, err));
        SBX_TRY(NUM_(set_below)(z, &t, err));
        goto done;
    }
    SBX_TRY(NUM_(sub)(&t, &t, &shift, ctx, err));
    SBX_TRY(NUM_(log)(&rest, &rest, ctx, err));
    SBX_TRY(NUM_(sub)(z, &t, &rest, ctx, err));
done:
    NUM_(clear)(&t);
    NUM_(clear)(&shift);
    NUM_(clear)(&rest);
    NUM_(clear)(&own);
    return st;
}

/* p[i] = [lower end of the low corner, upper end of the high one], in the bounds that
 * hold anyway: [0,1], or (-inf, 0] for the logarithm [L-SMX-02] */
static sbx_status FN(ranges)(NUM *p, const NUM *x, size_t n, bool logarithm, const sbx_ctx *ctx,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    FN(side) lo = {.n = n}, hi = {.n = n};
    NUM a, b, cap, *r = NULL;
    NUM_(init)(&lo.shift, ctx);
    NUM_(init)(&hi.shift, ctx);
    NUM_(init)(&a, ctx);
    NUM_(init)(&b, ctx);
    NUM_(init)(&cap, ctx);
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "softmax of no numbers");
    r = FN(array_new)(n, ctx);
    if (!r) SBX_FAIL(err, SBX_ERR_NOMEM, "softmax: no memory for %zu numbers", n);
    SBX_TRY(FN(side_fill)(&lo, x, SBX_LO, n, ctx, err));
    SBX_TRY(FN(side_fill)(&hi, x, SBX_HI, n, ctx, err));
    SBX_TRY(NUM_(set_si)(&a, logarithm ? -1 : 0, ctx, err));
    SBX_TRY(NUM_(set_si)(&b, logarithm ? 0 : 1, ctx, err));
    SBX_TRY(NUM_(hull)(&cap, &a, &b, ctx, err));
    if (logarithm && (sbx_num_can(NUM_ID) & SBX_CAN_UNBOUNDED))
        SBX_TRY(NUM_(set_below)(&cap, &b, err));
    for (size_t i = 0; i < n; i++) {
        if (n == 1) {
            SBX_TRY(NUM_(set_si)(&r[i], logarithm ? 0 : 1, ctx, err));
            break;
        }
        SBX_TRY(FN(quotient)(&a, &hi, x, i, logarithm, ctx, err));
        SBX_TRY(FN(quotient)(&b, &lo, x, i, logarithm, ctx, err));
        if (logarithm && !(sbx_num_can(NUM_ID) & SBX_CAN_UNBOUNDED)) {
            SBX_TRY(NUM_(hull)(&r[i], &a, &b, ctx, err)); /* ivq has no (-inf, 0] */
            continue;
        }
        SBX_TRY(NUM_(intersect)(&b, &b, &cap, ctx, err));
        if (NUM_(is_finite)(&a)) {
            SBX_TRY(NUM_(intersect)(&a, &a, &cap, ctx, err));
            SBX_TRY(NUM_(hull)(&r[i], &a, &b, ctx, err));
        } else { /* log-softmax has no lower bound: an own end of -inf, or underflow */
            SBX_TRY(NUM_(set_below)(&r[i], &b, err));
        }
    }
    for (size_t i = 0; i < n; i++)
        NUM_(set)(&p[i], &r[i]);
done:
    FN(array_free)(r, n);
    NUM_(clear)(&cap);
    NUM_(clear)(&b);
    NUM_(clear)(&a);
    FN(side_clear)(&hi);
    FN(side_clear)(&lo);
    return st;
}

sbx_status SOFTMAX(NUM *p, const NUM *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    return FN(ranges)(p, x, n, false, ctx, err);
}

sbx_status LOG_SOFTMAX(NUM *p, const NUM *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    return FN(ranges)(p, x, n, true, ctx, err);
}

/* one end of lse: shift + log(sum); *gone: -inf */
static sbx_status FN(lse_end)(NUM *z, bool *gone, const NUM *x, sbx_end e, size_t n,
                              const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t top;
    NUM shift, sum, t;
    NUM_(init)(&shift, ctx);
    NUM_(init)(&sum, ctx);
    NUM_(init)(&t, ctx);
    SBX_TRY(FN(greatest)(&shift, &top, x, e, n, n, ctx, err));
    *gone = top == n;
    if (*gone) goto done;
    for (size_t j = 0; j < n; j++) {
        SBX_TRY(FN(weight)(&t, &x[j], e, &shift, ctx, err));
        SBX_TRY(NUM_(add)(&sum, &sum, &t, ctx, err)); /* >= 1 in the end */
    }
    SBX_TRY(NUM_(log)(&sum, &sum, ctx, err));
    SBX_TRY(NUM_(add)(z, &shift, &sum, ctx, err));
done:
    NUM_(clear)(&t);
    NUM_(clear)(&sum);
    NUM_(clear)(&shift);
    return st;
}

sbx_status LSE(NUM *z, const NUM *x, size_t n, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    bool gone = false;
    NUM lo, hi;
    NUM_(init)(&lo, ctx);
    NUM_(init)(&hi, ctx);
    if (n == 0) SBX_FAIL(err, SBX_ERR_ARG, "lse of no numbers");
    SBX_TRY(FN(lse_end)(&hi, &gone, x, SBX_HI, n, ctx, err));
    SBX_TRY(FN(lse_end)(&lo, &gone, x, SBX_LO, n, ctx, err));
    if (gone)
        SBX_TRY(NUM_(set_below)(&hi, &hi, err));
    else
        SBX_TRY(NUM_(hull)(&hi, &lo, &hi, ctx, err));
    NUM_(set)(z, &hi);
done:
    NUM_(clear)(&hi);
    NUM_(clear)(&lo);
    return st;
}
