/* norm/entmax.c -- alpha-entmax (Peters, Niculae and Martins 2019).
 *
 * alpha = 1 is softmax, alpha = 2 sparsemax, by their templates. Else tau is bracketed by halving. Enclosures
 * decide by what is proved: the lower end of the bracket by a sum that is surely >= 1 at the lower ends of x,
 * the upper end by one that is surely <= 1 at the upper ends; tau rises with x [L-NRM-08], so the bracket
 * holds on the whole box [L-NRM-22]. The Jacobian is that of L-NRM-11 with s_i = p_i^(2 - alpha).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"
#include "softbox/kernel.h"

#define NORM_FILE "norm/entmax.c"
#include "norm/every.h"

static unsigned traits(const sbx_norm_args *a)
{
    const unsigned t = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT |
                       SBX_NORM_CONTINUOUS | SBX_NORM_SYMMETRIC;
    return sbx_norm_is(a, 0, 1) ? t : t | SBX_NORM_SPARSE;
}

static const sbx_param params[] = {{"alpha", "1 is softmax, 2 is sparsemax", "3/2", "1", "64", 0},
                                   {"delta", "scale: the error grows with it, the slope falls", "1",
                                    "0", NULL, SBX_PARAM_OPEN_LO}};

const sbx_norm sbx_norm_entmax = {
    .info =
        {.name = "entmax",
         .formula = "max((alpha - 1) x_i / delta - tau, 0)^(1 / (alpha - 1)), tau: sum 1",
         .note =
             "exact in mpq for alpha = 2; an exponent 1 / (alpha - 1) that is no double is enclosed to 2^-53",
         .kind = SBX_NORM_TRANSCENDENTAL,
         .shape = SBX_NORM_MONOTONE,
         .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_TO_ONE | SBX_NORM_SHIFT |
                   SBX_NORM_CONTINUOUS | SBX_NORM_SPARSE | SBX_NORM_SYMMETRIC,
         .param = params,
         .n_params = 2},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian),
    .traits = traits};
#else
/* (2 - alpha) / (alpha - 1) or 1 / (alpha - 1) */
static void FN(exponent)(mpq_ptr e, const sbx_norm_args *a, bool slope)
{
    mpq_t one;
    mpq_init(one);
    mpq_set_si(one, 1, 1);
    mpq_sub(e, a->value[0].v[0], one);
    mpq_inv(e, e);
    if (slope) mpq_sub(e, e, one);
    mpq_clear(one);
}

/* *sum = sum max(y_i - tau, 0)^e */
static sbx_status FN(sum)(NUM *sum, const NUM *y, size_t n, const NUM *tau, mpq_srcptr e,
                          const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t[2];
    NUM_(init)(&t[0], ctx);
    NUM_(init)(&t[1], ctx);
    SBX_TRY(NUM_(set_si)(sum, 0, ctx, err));
    for (size_t i = 0; i < n; i++) {
        if (NUM_(le)(&y[i], tau) == SBX_TRUE) continue;
        SBX_TRY(NUM_(sub)(&t[0], &y[i], tau, ctx, err));
        SBX_TRY(NUM_(max)(&t[0], &t[0], &t[1], ctx, err));
        SBX_TRY(FN(sbx_norm_power)(&t[0], &t[0], e, ctx, err));
        SBX_TRY(NUM_(add)(sum, sum, &t[0], ctx, err));
    }
done:
    NUM_(clear)(&t[1]);
    NUM_(clear)(&t[0]);
    return st;
}

/* Halves [*lo, *hi], where the sum of y (points) is surely >= 1 at *lo and surely <= 1 at *hi, keeping
 * both true, until the middle is no answer any more. */
static sbx_status FN(halve)(NUM *lo, NUM *hi, const NUM *y, size_t n, mpq_srcptr e,
                            const sbx_ctx *ctx, sbx_err *err)
{
    const long steps = NUM_ID == SBX_NUM_IVD || NUM_ID == SBX_NUM_F64 ? 70
                       : NUM_ID == SBX_NUM_F32 || NUM_ID == SBX_NUM_LOWP
                           ? 40
                           : (ctx ? ctx : &sbx_ctx_default)->prec + 20;
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(4, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(set_si)(&t[2], 1, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[3], 2, ctx, err));
    for (long k = 0; k < steps; k++) {
        SBX_TRY(NUM_(add)(&t[0], lo, hi, ctx, err));
        SBX_TRY(NUM_(div)(&t[0], &t[0], &t[3], ctx, err));
        SBX_TRY(NUM_(end)(&t[0], &t[0], SBX_LO, err));
        if (NUM_(le)(&t[0], lo) == SBX_TRUE || NUM_(le)(hi, &t[0]) == SBX_TRUE) break;
        SBX_TRY(FN(sum)(&t[1], y, n, &t[0], e, ctx, err));
        if (NUM_(le)(&t[2], &t[1]) == SBX_TRUE)
            NUM_(set)(lo, &t[0]);
        else if (NUM_(le)(&t[1], &t[2]) == SBX_TRUE)
            NUM_(set)(hi, &t[0]);
        else
            break;
    }
done:
    FN(sbx_norm_free)(t, 4);
    return st;
}

/* d[i] = y_i - tau */
static sbx_status FN(above)(NUM *d, const NUM *x, size_t n, const sbx_norm_args *a,
                            const sbx_ctx *ctx, sbx_err *err)
{
    enum { TOP, SCALE, LO, HI, LO2, HI2, COUNT };
    sbx_status st = SBX_OK;
    NUM *y = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(COUNT, ctx);
    mpq_t e, scale;
    mpq_inits(e, scale, NULL);
    if (!y || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(sbx_num_require(NUM_ID, SBX_CAN_EXP, "entmax with this alpha", err));
    FN(exponent)(e, a, false);
    mpq_mul(scale, e, a->value[1].v[0]); /* delta / (alpha - 1) */
    SBX_TRY(NUM_(set_q)(&t[SCALE], scale, ctx, err));
    SBX_TRY(FN(sbx_norm_top)(&t[TOP], x, n, ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(sub)(&d[i], &x[i], &t[TOP], ctx, err));
        SBX_TRY(NUM_(div)(&d[i], &d[i], &t[SCALE], ctx, err));
    }
    for (int k = 0; k < (NUM_ENCLOSE ? 2 : 1); k++) { /* the lower ends, then the upper ends */
        NUM *lo = &t[k ? LO2 : LO], *hi = &t[k ? HI2 : HI];
        for (size_t i = 0; i < n; i++)
            SBX_TRY(NUM_(end)(&y[i], &d[i], k ? SBX_HI : SBX_LO, err));
        SBX_TRY(FN(sbx_norm_top)(hi, y, n, ctx, err)); /* the sum is 0 there, */
        SBX_TRY(NUM_(set_si)(lo, -1, ctx, err));
        SBX_TRY(NUM_(add)(lo, lo, hi, ctx, err)); /* and at least 1 here */
        SBX_TRY(NUM_(end)(lo, lo, SBX_LO, err));
        SBX_TRY(FN(halve)(lo, hi, y, n, e, ctx, err));
    }
#if NUM_ENCLOSE
    SBX_TRY(NUM_(hull)(&t[LO], &t[LO], &t[HI2], ctx, err));
#endif
    for (size_t i = 0; i < n; i++)
        SBX_TRY(NUM_(sub)(&d[i], &d[i], &t[LO], ctx, err));
done:
    mpq_clears(e, scale, NULL);
    FN(sbx_norm_free)(t, COUNT);
    FN(sbx_norm_free)(y, n);
    return st;
}

/* x / delta */
static sbx_status FN(scaled)(NUM *y, const NUM *x, size_t n, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM delta;
    NUM_(init)(&delta, ctx);
    SBX_TRY(FN(sbx_norm_param)(&delta, a, 1, 0, ctx, err));
    for (size_t i = 0; i < n; i++)
        SBX_TRY(NUM_(div)(&y[i], &x[i], &delta, ctx, err));
done:
    NUM_(clear)(&delta);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(2, ctx);
    mpq_t e;
    mpq_init(e);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    if (sbx_norm_is(a, 0, 1)) {
        SBX_TRY(FN(scaled)(p, x, n, a, ctx, err));
        SBX_TRY(FN(sbx_softmax)(p, p, n, ctx, err));
    } else if (sbx_norm_is(a, 0, 2)) {
        SBX_TRY(FN(sbx_norm_param)(&t[0], a, 1, 0, ctx, err));
        SBX_TRY(FN(sbx_norm_project)(p, x, n, &t[0], ctx, err));
    } else {
        FN(exponent)(e, a, false);
        SBX_TRY(FN(above)(p, x, n, a, ctx, err));
        for (size_t i = 0; i < n; i++) {
            SBX_TRY(NUM_(max)(&p[i], &p[i], &t[1], ctx, err));
            if (NUM_(eq)(&p[i], &t[1]) == SBX_TRUE) continue;
            SBX_TRY(FN(sbx_norm_power)(&p[i], &p[i], e, ctx, err));
        }
    }
done:
    mpq_clear(e);
    FN(sbx_norm_free)(t, 2);
    return st;
}

/* s[i] = p_i^(2 - alpha) on the support, 0 outside of it; both where y_i may be on either side */
static sbx_status FN(slopes)(NUM *s, const NUM *x, size_t n, const sbx_norm_args *a,
                             const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM zero, t;
    mpq_t e;
    mpq_init(e);
    NUM_(init)(&zero, ctx);
    NUM_(init)(&t, ctx);
    FN(exponent)(e, a, true);
    SBX_TRY(FN(above)(s, x, n, a, ctx, err));
    for (size_t i = 0; i < n; i++) {
        const bool in = NUM_(lt)(&zero, &s[i]) == SBX_TRUE,
                   out = NUM_(lt)(&s[i], &zero) == SBX_TRUE;
        SBX_TRY(NUM_(max)(&t, &s[i], &zero, ctx, err));
        NUM_(set)(&s[i], &zero);
        if (out || (!in && !NUM_ENCLOSE)) continue;
        if (!in && NUM_(eq)(&t, &zero) == SBX_TRUE) { /* the edge alone */
            if (mpq_sgn(e) < 0)
                SBX_FAIL(err, SBX_ERR_DOMAIN, "entmax has no slope at the edge of its support");
            continue;
        }
        SBX_TRY(FN(sbx_norm_power)(&t, &t, e, ctx, err));
#if NUM_ENCLOSE
        SBX_TRY(NUM_(hull)(&s[i], in ? &t : &zero, &t, ctx, err));
#else
        NUM_(set)(&s[i], &t);
#endif
    }
done:
    NUM_(clear)(&t);
    NUM_(clear)(&zero);
    mpq_clear(e);
    return st;
}

static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *s = FN(sbx_norm_new)(n, ctx), *t = FN(sbx_norm_new)(5, ctx);
    if (!s || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    SBX_TRY(FN(sbx_norm_param)(&t[3], a, 1, 0, ctx, err));
    if (sbx_norm_is(a, 0, 2)) {
        SBX_TRY(FN(sbx_norm_project_slope)(j, x, n, &t[3], ctx, err));
        goto done;
    }
    if (sbx_norm_is(a, 0, 1))
        SBX_TRY(FN(eval)(s, x, n, a, ctx, err));
    else
        SBX_TRY(FN(slopes)(s, x, n, a, ctx, err));
    for (size_t k = 0; k < n; k++) {
        SBX_TRY(NUM_(set_si)(&t[0], 0, ctx, err));
        for (size_t i = 0; i < n; i++)
            if (i != k) SBX_TRY(NUM_(add)(&t[0], &t[0], &s[i], ctx, err));
        SBX_TRY(FN(sbx_norm_ratio)(&t[1], &s[k], &t[0], ctx, err));
        SBX_TRY(FN(sbx_norm_ratio)(&t[2], &t[0], &s[k], ctx, err));
        SBX_TRY(NUM_(neg)(&t[1], &t[1], ctx, err));
        for (size_t i = 0; i < n; i++) {
            SBX_TRY(NUM_(mul)(&t[4], i == k ? &t[2] : &t[1], &s[i], ctx, err));
            SBX_TRY(NUM_(div)(&j[i * n + k], &t[4], &t[3], ctx, err));
        }
    }
done:
    FN(sbx_norm_free)(t, 5);
    FN(sbx_norm_free)(s, n);
    return st;
}
#endif
