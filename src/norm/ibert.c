/* norm/ibert.c -- the integer softmax of I-BERT (Kim et al. 2021), as its code computes it.
 *
 * q = round((x - max x) / s), cut below at 30 x0 with x0 = floor(-0.6931 / s); q = x0 k + r; exp is
 * c (r (r + b) + c') 2^-k with b, c' floored, and 30 bits below the point; that is requantised to 15 bits
 * relative to its value at 0; the sum is divided by way of floor(2^32 / sum); the result has `bits` bits.
 * Steps everywhere; the outputs sum to at most 1 [L-NRM-24]. Ranges by search. Between the steps all
 * derivatives are 0 [L-NRM-83].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "norm/norm.h"

#define NORM_FILE "norm/ibert.c"
#include "norm/every.h"

static const sbx_param params[] = {
    {"s", "the scale of the integers: x = s q", "1/64", "0", "1/4", SBX_PARAM_OPEN_LO},
    {"bits", "of the result", "8", "1", "31", SBX_PARAM_INTEGER}};

const sbx_norm sbx_norm_ibert = {
    .info =
        {.name = "ibert",
         .formula = "integer softmax: whole scores, a quadratic for exp, floors",
         .note =
             "scores are rounded to multiples of s, and exp to 15 bits of the row's greatest, where the code has running scales",
         .kind = SBX_NORM_RATIONAL,
         .shape = SBX_NORM_BRANCH,
         .traits = SBX_NORM_NONNEGATIVE | SBX_NORM_SUMS_BELOW | SBX_NORM_SHIFT | SBX_NORM_SPARSE |
                   SBX_NORM_SYMMETRIC,
         .param = params,
         .n_params = 2},
    SBX_NORM_EVAL(eval),
    SBX_NORM_JACOBIAN(jacobian)};
#else
/* *z = exp_int(q) for q <= 0: floor((r (r + b) + c) 2^(30 - k)) */
static sbx_status FN(exponential)(NUM *z, const NUM *q, const NUM *x0, const NUM *b, const NUM *c,
                                  const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(6, ctx);
    mpq_t lo, hi;
    mpq_inits(lo, hi, NULL);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(NUM_(set_si)(&t[0], 30, ctx, err));
    SBX_TRY(NUM_(mul)(&t[0], &t[0], x0, ctx, err));
    SBX_TRY(NUM_(max)(&t[0], q, &t[0], ctx, err));
    SBX_TRY(NUM_(div)(&t[1], &t[0], x0, ctx, err));
    SBX_TRY(NUM_(floor)(&t[1], &t[1], ctx, err)); /* k */
    SBX_TRY(NUM_(mul)(&t[2], &t[1], x0, ctx, err));
    SBX_TRY(NUM_(sub)(&t[2], &t[0], &t[2], ctx, err)); /* r */
    SBX_TRY(NUM_(add)(&t[3], &t[2], b, ctx, err));
    SBX_TRY(NUM_(mul)(&t[3], &t[3], &t[2], ctx, err));
    SBX_TRY(NUM_(add)(&t[3], &t[3], c, ctx, err));
    SBX_TRY(NUM_(get_q)(lo, hi, &t[1], err));
    SBX_TRY(NUM_(set_si)(&t[4], 2, ctx, err));
    SBX_TRY(NUM_(pow)(&t[5], &t[4], 30 - mpq_get_d(lo), ctx, err));
#if NUM_ENCLOSE
    SBX_TRY(NUM_(pow)(&t[4], &t[4], 30 - mpq_get_d(hi), ctx, err));
    SBX_TRY(NUM_(hull)(&t[5], &t[5], &t[4], ctx, err));
#endif
    SBX_TRY(NUM_(mul)(&t[3], &t[3], &t[5], ctx, err));
    SBX_TRY(NUM_(floor)(&t[3], &t[3], ctx, err));
    SBX_TRY(NUM_(set_si)(&t[4], 0, ctx, err));
    SBX_TRY(NUM_(max)(z, &t[3], &t[4], ctx, err));
done:
    mpq_clears(lo, hi, NULL);
    FN(sbx_norm_free)(t, 6);
    return st;
}

/* x0, b, c: floors of exact rationals over s */
static sbx_status FN(constants)(NUM *x0, NUM *b, NUM *c, const sbx_norm_args *a, const sbx_ctx *ctx,
                                sbx_err *err)
{
    NUM *const out[3] = {x0, b, c};
    sbx_status st = SBX_OK;
    mpq_t q, r;
    mpq_inits(q, r, NULL);
    for (int k = 0; k < 3; k++) {
        static const long num[3] = {-6931, 96963238, 100000000},
                          den[3] = {10000, 35815147, 35815147};
        mpz_t f;
        mpq_set_si(q, num[k], (unsigned long)den[k]);
        mpq_canonicalize(q);
        mpq_div(q, q, a->value[0].v[0]);
        if (k == 2) mpq_div(q, q, a->value[0].v[0]);
        mpz_init(f);
        mpz_fdiv_q(f, mpq_numref(q), mpq_denref(q));
        mpq_set_z(r, f);
        mpz_clear(f);
        SBX_TRY(NUM_(set_q)(out[k], r, ctx, err));
    }
done:
    mpq_clears(q, r, NULL);
    return st;
}

static sbx_status FN(eval)(NUM *p, const NUM *x, size_t n, const sbx_norm_args *a,
                           const sbx_ctx *ctx, sbx_err *err)
{
    enum { S, TOP, X0, B, C, ONE15, AT0, SUM, TWO, BITS, T, COUNT };
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(COUNT, ctx);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[S], a, 0, 0, ctx, err));
    SBX_TRY(FN(constants)(&t[X0], &t[B], &t[C], a, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[ONE15], 32767, ctx, err));
    NUM_(set)(&t[TOP], &x[0]);
    for (size_t i = 1; i < n; i++)
        SBX_TRY(NUM_(max)(&t[TOP], &t[TOP], &x[i], ctx, err));
    SBX_TRY(FN(exponential)(&t[AT0], &t[T], &t[X0], &t[B], &t[C], ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(sub)(&p[i], &x[i], &t[TOP], ctx, err));
        SBX_TRY(NUM_(min)(&p[i], &p[i], &t[T], ctx, err));
        SBX_TRY(NUM_(div)(&p[i], &p[i], &t[S], ctx, err));
        SBX_TRY(NUM_(round)(&p[i], &p[i], ctx, err));
        SBX_TRY(FN(exponential)(&p[i], &p[i], &t[X0], &t[B], &t[C], ctx, err));
        SBX_TRY(NUM_(mul)(&p[i], &p[i], &t[ONE15], ctx, err));
        SBX_TRY(NUM_(div)(&p[i], &p[i], &t[AT0], ctx, err));
        SBX_TRY(NUM_(round)(&p[i], &p[i], ctx, err));
        SBX_TRY(NUM_(add)(&t[SUM], &t[SUM], &p[i], ctx, err));
    }
    SBX_TRY(NUM_(max)(&t[SUM], &t[SUM], &t[ONE15], ctx, err)); /* the greatest alone has that */
    SBX_TRY(NUM_(set_si)(&t[TWO], 2, ctx, err));
    SBX_TRY(NUM_(pow)(&t[BITS], &t[TWO], (double)sbx_norm_long(a, 1), ctx, err));
    SBX_TRY(NUM_(pow)(&t[TWO], &t[TWO], 32.0, ctx, err));
    SBX_TRY(NUM_(div)(&t[SUM], &t[TWO], &t[SUM], ctx, err));
    SBX_TRY(NUM_(floor)(&t[SUM], &t[SUM], ctx, err));
    SBX_TRY(NUM_(div)(&t[TWO], &t[TWO], &t[BITS], ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(NUM_(mul)(&p[i], &p[i], &t[SUM], ctx, err));
        SBX_TRY(NUM_(div)(&p[i], &p[i], &t[TWO], ctx, err));
        SBX_TRY(NUM_(floor)(&p[i], &p[i], ctx, err));
        SBX_TRY(NUM_(div)(&p[i], &p[i], &t[BITS], ctx, err));
    }
done:
    FN(sbx_norm_free)(t, COUNT);
    return st;
}

/* *z = (x_i - the greatest) / s <= 0, over a box from the differences to the others */
static sbx_status FN(gap)(NUM *z, const NUM *x, size_t i, size_t n, const NUM *s,
                          const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    NUM_(init)(&t, ctx);
    SBX_TRY(NUM_(set_si)(z, 0, ctx, err));
    for (size_t l = 0; l < n; l++) {
        if (l == i) continue;
        SBX_TRY(NUM_(sub)(&t, &x[i], &x[l], ctx, err));
        SBX_TRY(NUM_(min)(z, z, &t, ctx, err));
    }
    SBX_TRY(NUM_(div)(z, z, s, ctx, err));
done:
    NUM_(clear)(&t);
    return st;
}

/* 0, if every score is surely strictly between two steps of round, or below the cut */
static sbx_status FN(jacobian)(NUM *j, const NUM *x, size_t n, const sbx_norm_args *a,
                               const sbx_ctx *ctx, sbx_err *err)
{
    enum { S, X0, B, C, CUT, HALF, Q, R, LO, HI, COUNT };
    sbx_status st = SBX_OK;
    NUM *t = FN(sbx_norm_new)(COUNT, ctx);
    (void)j;
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory");
    SBX_TRY(FN(sbx_norm_param)(&t[S], a, 0, 0, ctx, err));
    SBX_TRY(FN(constants)(&t[X0], &t[B], &t[C], a, ctx, err));
    SBX_TRY(NUM_(set_d)(&t[HALF], 0.5, ctx, err));
    SBX_TRY(NUM_(set_si)(&t[CUT], 30, ctx, err));
    SBX_TRY(NUM_(mul)(&t[CUT], &t[CUT], &t[X0], ctx, err));
    for (size_t i = 0; i < n; i++) {
        SBX_TRY(FN(gap)(&t[Q], x, i, n, &t[S], ctx, err));
        if (NUM_(lt)(&t[Q], &t[CUT]) == SBX_TRUE) continue;
        SBX_TRY(NUM_(round)(&t[R], &t[Q], ctx, err));
#if NUM_ENCLOSE
        SBX_TRY(NUM_(end)(&t[LO], &t[R], SBX_HI, err));
        SBX_TRY(NUM_(end)(&t[HI], &t[R], SBX_LO, err));
#else
        NUM_(set)(&t[LO], &t[R]);
        NUM_(set)(&t[HI], &t[R]);
#endif
        SBX_TRY(NUM_(sub)(&t[LO], &t[LO], &t[HALF], ctx, err));
        SBX_TRY(NUM_(add)(&t[HI], &t[HI], &t[HALF], ctx, err));
        if (NUM_(lt)(&t[LO], &t[Q]) != SBX_TRUE || NUM_(lt)(&t[Q], &t[HI]) != SBX_TRUE)
            SBX_FAIL(err, SBX_ERR_DOMAIN,
                     "%s jumps where (x[%zu] - max x) / s is rounded up or down%s",
                     a->norm->info.name, i, NUM_ENCLOSE ? ", perhaps in this box" : ", as here");
    }
done:
    FN(sbx_norm_free)(t, COUNT);
    return st;
}
#endif
