/* softbox/num.h -- the number systems, under one vocabulary.
 *
 *   points      a value, rounded to nearest as the format says
 *     f32 f64   IEEE binary32, binary64
 *     lowp      fp16 bf16 tf32 e5m2 e4m3 (ctx->format), emulated exactly
 *     mpf       MPFR, ctx->prec bits
 *     mpq       GMP rational: + - * / exact, no square root, no exp, no log
 *   enclosures  a closed interval that contains the true value
 *     ivd       double ends
 *     ivf       MPFR ends, ctx->prec bits; every operation is tightest
 *     ivq       rational ends: + - * / exact; the others to ctx->prec bits
 *
 * Every system S has every operation under the name sbx_S_op with the same
 * signature, so that one template serves all. What a system cannot do returns
 * SBX_ERR_UNSUPPORTED and a message with the operation, the system, and the
 * systems that can.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NUM_H
#define SBX_NUM_H

#include "softbox/status.h"

#include <gmp.h>
#include <mpfr.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum sbx_num {
    SBX_NUM_F32,
    SBX_NUM_F64,
    SBX_NUM_LOWP,
    SBX_NUM_MPF,
    SBX_NUM_MPQ,
    SBX_NUM_IVD,
    SBX_NUM_IVF,
    SBX_NUM_IVQ
} sbx_num;
#define SBX_NUM_COUNT 8

/* p significand bits, exponents emin..emax of the leading bit */
typedef enum sbx_format {
    SBX_FP16, /* 11, -14..15                                             */
    SBX_BF16, /* 8, -126..127                                            */
    SBX_TF32, /* 11, -126..127                                           */
    SBX_E5M2, /* 3, -14..15                                              */
    SBX_E4M3  /* 4, -6..8; no infinity, largest 448, overflow gives NaN  */
} sbx_format;
#define SBX_FORMAT_COUNT 5

/* What a computation may spend and how finely it should round. */
typedef struct sbx_ctx {
    long prec;         /* bits of mpf and ivf, and of exp, log, ... in ivq: 2 .. 2^20 */
    sbx_format format; /* lowp                                                        */
    /* Asked now and then in long computations, from any thread; nonzero ends them with
     * SBX_ERR_STOPPED. NULL: never. */
    int (*stop)(void *);
    void *stop_arg;
} sbx_ctx;

/* 128 bits, fp16: what a NULL ctx stands for */
extern const sbx_ctx sbx_ctx_default;

typedef enum sbx_end { SBX_LO, SBX_HI } sbx_end;

typedef float sbx_f32;
typedef double sbx_f64;
typedef struct sbx_lowp {
    double v; /* a value of the format, exactly */
} sbx_lowp;
typedef struct sbx_mpf {
    mpfr_t v;
} sbx_mpf;
typedef struct sbx_mpq {
    mpq_t v; /* canonical */
} sbx_mpq;

/* lo <= hi, never NaN; lo == -inf or hi == +inf: unbounded on that side.
 * An enclosure has always a point in R: lo < +inf, hi > -inf. */
typedef struct sbx_ivd {
    double lo, hi;
} sbx_ivd;
typedef struct sbx_ivf {
    mpfr_t lo, hi;
} sbx_ivf;
typedef struct sbx_ivq {
    mpq_t lo, hi; /* lo <= hi, canonical, finite */
} sbx_ivq;

/* mpf and ivf refuse to write a number above 2^this or (but 0) below 2^-this as a
 * rational: it would have millions of digits. */
#define SBX_Q_EXP_MAX 4194304

/* ivq refuses exp(x) for |x| beyond this: SBX_ERR_LIMIT. */
#define SBX_IVQ_EXP_MAX 65536

/* mpq and ivq refuse an exact power with more bits than this. */
#define SBX_Q_POW_MAX 16777216

/* The vocabulary. Outputs come first; whole operands may alias. On an error *z
 * is unchanged. ctx NULL means sbx_ctx_default, err NULL "not wanted".
 *
 *   init clear       the caller's storage; init sets 0, and for mpf, ivf the
 *                    precision, so an object serves the ctx it was made with
 *   set              a copy
 *   set_si set_d     points: nearest; enclosures: smallest. set_d: a NaN is
 *   set_q            SBX_ERR_DOMAIN in mpq and enclosures. set_d of an infinity: DOMAIN in
 *                    mpq, ivq; in ivd, ivf an infinity gives [max,inf], [-inf,-max]
 *   set_below        z = [-inf, sup x]: a side of a box without a lower end;
 *                    points and ivq: UNSUPPORTED
 *   get_q            lo and hi as rationals (equal for points); SBX_ERR_DOMAIN
 *                    when not finite; mpf, ivf: SBX_ERR_LIMIT beyond SBX_Q_EXP_MAX
 *   end              enclosures: the degenerate interval at the lower or upper
 *                    end (an infinite end: DOMAIN); points: a copy
 *   hull intersect   enclosures; intersect of disjoint ones: SBX_ERR_DOMAIN
 *   lt le eq         three answers; enclosures: TRUE when it is so for all
 *                    pairs, FALSE when for none; a NaN compares UNKNOWN
 *   is_finite        no NaN, no infinity, no infinite end
 *
 * Domains, enclosures: the result contains f(t) for every t of the operand
 * where f is defined (IEEE 1788's natural extension); SBX_ERR_DOMAIN when there
 * is no such t: 1/[0,0], log of [a,b] with b <= 0, sqrt of b < 0, log1p of
 * b <= -1. Division by an interval that holds 0 as an inner point is the whole
 * line. Points follow IEEE 754 (f32 f64 lowp mpf: 1/0 = inf); mpq: 1/0 is
 * SBX_ERR_DOMAIN.
 *
 *   floor round sign the integer below; the nearest, halves to even; -1, 0, 1
 *   pow              x^y for a finite double y, taken exactly; x^0 = 1. Domain: x >= 0
 *                    for y no integer, x != 0 for y < 0. mpq: integers y only;
 *                    mpq, ivq: SBX_ERR_LIMIT for a power of more than SBX_Q_POW_MAX bits
 *
 * tight   f32 f64 lowp mpf: correctly rounded (e4m3: overflow is NaN)
 *         ivf: tightest; ivq: + - * / floor round sign tightest, integer powers exact,
 *         the others relative 2^(1-prec)
 *         ivd: + - * / fma sqr sqrt at most 1 ulp wider a side than the tightest,
 *         the others at most 4 ulp. pow, y < 0: one more rounding than that (1/x^-y)
 * proof   L-FP-01 (one step outward), L-EXP-05 (exp), L-FP-31 (sin, cos) */
#define SBX_NUM_DECLARE(S)                                                                        \
    void sbx_##S##_init(sbx_##S *z, const sbx_ctx *ctx);                                          \
    void sbx_##S##_clear(sbx_##S *z);                                                             \
    void sbx_##S##_set(sbx_##S *z, const sbx_##S *x);                                             \
    sbx_status sbx_##S##_set_si(sbx_##S *z, long v, const sbx_ctx *ctx, sbx_err *err)             \
        SBX_MUST_USE;                                                                             \
    sbx_status sbx_##S##_set_d(sbx_##S *z, double v, const sbx_ctx *ctx, sbx_err *err)            \
        SBX_MUST_USE;                                                                             \
    sbx_status sbx_##S##_set_q(sbx_##S *z, mpq_srcptr v, const sbx_ctx *ctx, sbx_err *err)        \
        SBX_MUST_USE;                                                                             \
    sbx_status sbx_##S##_set_below(sbx_##S *z, const sbx_##S *x, sbx_err *err) SBX_MUST_USE;      \
    sbx_status sbx_##S##_get_q(mpq_ptr lo, mpq_ptr hi, const sbx_##S *x, sbx_err *err)            \
        SBX_MUST_USE;                                                                             \
    sbx_status sbx_##S##_end(sbx_##S *z, const sbx_##S *x, sbx_end e, sbx_err *err) SBX_MUST_USE; \
    bool sbx_##S##_is_finite(const sbx_##S *x);                                                   \
    sbx_truth sbx_##S##_lt(const sbx_##S *x, const sbx_##S *y);                                   \
    sbx_truth sbx_##S##_le(const sbx_##S *x, const sbx_##S *y);                                   \
    sbx_truth sbx_##S##_eq(const sbx_##S *x, const sbx_##S *y);                                   \
    SBX_NUM_UNARY_(S, neg)                                                                        \
    SBX_NUM_UNARY_(S, abs)                                                                        \
    SBX_NUM_UNARY_(S, sqr)                                                                        \
    SBX_NUM_UNARY_(S, sqrt)                                                                       \
    SBX_NUM_UNARY_(S, exp)                                                                        \
    SBX_NUM_UNARY_(S, exp2)                                                                       \
    SBX_NUM_UNARY_(S, expm1)                                                                      \
    SBX_NUM_UNARY_(S, log)                                                                        \
    SBX_NUM_UNARY_(S, log1p)                                                                      \
    SBX_NUM_UNARY_(S, tanh)                                                                       \
    SBX_NUM_UNARY_(S, sigmoid)                                                                    \
    SBX_NUM_UNARY_(S, sin)                                                                        \
    SBX_NUM_UNARY_(S, cos)                                                                        \
    SBX_NUM_UNARY_(S, erf)                                                                        \
    SBX_NUM_UNARY_(S, floor)                                                                      \
    SBX_NUM_UNARY_(S, round)                                                                      \
    SBX_NUM_UNARY_(S, sign)                                                                       \
    sbx_status sbx_##S##_pow(sbx_##S *z, const sbx_##S *x, double y, const sbx_ctx *ctx,          \
                             sbx_err *err) SBX_MUST_USE;                                          \
    SBX_NUM_BINARY_(S, add)                                                                       \
    SBX_NUM_BINARY_(S, sub)                                                                       \
    SBX_NUM_BINARY_(S, mul)                                                                       \
    SBX_NUM_BINARY_(S, div)                                                                       \
    SBX_NUM_BINARY_(S, min)                                                                       \
    SBX_NUM_BINARY_(S, max)                                                                       \
    SBX_NUM_BINARY_(S, hull)                                                                      \
    SBX_NUM_BINARY_(S, intersect)                                                                 \
    sbx_status sbx_##S##_fma(sbx_##S *z, const sbx_##S *x, const sbx_##S *y, const sbx_##S *a,    \
                             const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE; /* x y + a */
#define SBX_NUM_UNARY_(S, op)                                                                 \
    sbx_status sbx_##S##_##op(sbx_##S *z, const sbx_##S *x, const sbx_ctx *ctx, sbx_err *err) \
        SBX_MUST_USE;
#define SBX_NUM_BINARY_(S, op)                                                                    \
    sbx_status sbx_##S##_##op(sbx_##S *z, const sbx_##S *x, const sbx_##S *y, const sbx_ctx *ctx, \
                              sbx_err *err) SBX_MUST_USE;

SBX_NUM_DECLARE(f32)
SBX_NUM_DECLARE(f64)
SBX_NUM_DECLARE(lowp)
SBX_NUM_DECLARE(mpf)
SBX_NUM_DECLARE(mpq)
SBX_NUM_DECLARE(ivd)
SBX_NUM_DECLARE(ivf)
SBX_NUM_DECLARE(ivq)

/* ---- what a system can do ------------------------------------------------- */

/* Bits of a set of capabilities. Every system has the rest of the vocabulary. */
enum {
    SBX_CAN_SQRT = 1,
    SBX_CAN_EXP = 2,       /* exp exp2 expm1 tanh sigmoid sin cos erf     */
    SBX_CAN_LOG = 4,       /* log log1p                                   */
    SBX_CAN_ENCLOSE = 8,   /* hull intersect, and results that are proved */
    SBX_CAN_UNBOUNDED = 16 /* set_below                                   */
};

/* "f32", "f64", "lowp", ... ; "fp16", "bf16", ... */
const char *sbx_num_name(sbx_num s);
const char *sbx_format_name(sbx_format f);
unsigned sbx_num_can(sbx_num s);

/* Reads "ivd", "f64", "mpf", "mpf:256", "ivf:128", "ivq", "ivq:200", "fp16", "e4m3", ...
 * (the number after the colon is ctx->prec, 2 to 2^20).
 *   error  SBX_ERR_PARSE with the list of names that exist */
sbx_status sbx_num_parse(sbx_num *s, sbx_ctx *ctx, const char *text, sbx_err *err) SBX_MUST_USE;

/* SBX_ERR_UNSUPPORTED, naming what (a kernel), the missing operation and the
 * systems that can, unless s has every capability in need. */
sbx_status sbx_num_require(sbx_num s, unsigned need, const char *what, sbx_err *err) SBX_MUST_USE;

/* ---- exact numbers and text ------------------------------------------------ */

/* Reads a number as an exact rational: decimal (-1, 0.25, 1e-3, .5, 5.),
 * fraction (2/3, -7/5), hexadecimal float (0x1.8p-3). The whole of text[0..len)
 * must be one number.
 *   error  SBX_ERR_PARSE  not a number ("nan", "inf" included), zero denominator;
 *          SBX_ERR_LIMIT  a decimal exponent beyond +-20000, over 100,000 characters */
sbx_status sbx_q_read(mpq_ptr q, const char *text, size_t len, sbx_err *err) SBX_MUST_USE;

/* Reads a decimal (as above; no fraction, nothing hexadecimal) as the double nearest to it, ties
 * to even; a negative number that rounds to zero gives 0.
 *   proof  L-NET-80
 *   error  SBX_ERR_PARSE  no decimal; SBX_ERR_LIMIT  beyond the doubles, over 100,000 characters */
sbx_status sbx_d_read(double *v, const char *text, size_t len, sbx_err *err) SBX_MUST_USE;

/* The shortest decimal with at most `digits` significant digits (>= 1) that is
 * <= q (SBX_LO) or >= q (SBX_HI); exact, and then short, when q has such a
 * decimal: 1/2 is "0.5" at both ends. Plain notation for 1e-5 <= |q| < 1e17, else
 * 1.25e-300. The result is malloc'ed by sbx_text_free's rules; NULL: no memory. */
char *sbx_q_write(mpq_srcptr q, sbx_end e, int digits);

/* q exactly: a decimal with all digits when it has a finite one of at most
 * `max_digits` digits, else the fraction "p/q". */
char *sbx_q_write_exact(mpq_srcptr q, size_t max_digits);

/* A double as the same outward decimal; "inf", "-inf", "nan" where it is one. */
char *sbx_d_write(double v, sbx_end e, int digits);

/* A double exactly, as a hexadecimal float: "0x1.8p-1", "0x0p+0". */
char *sbx_d_write_hex(double v);

void sbx_text_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
