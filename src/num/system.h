/* num/system.h -- what the files of the number systems share: the default ctx, the
 * error of a missing operation, formats, functions at MPFR ends.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NUM_SYSTEM_H
#define SBX_NUM_SYSTEM_H

#include "base/try.h"
#include "softbox/num.h"

static inline const sbx_ctx *sbx_ctx_or_default(const sbx_ctx *ctx)
{
    return ctx ? ctx : &sbx_ctx_default;
}

/* ctx->prec inside 2 .. 2^20 */
#define SBX_PREC_MAX (1L << 20)
long sbx_ctx_prec(const sbx_ctx *ctx);

/* SBX_ERR_UNSUPPORTED: op is not in s; the message names the systems that have all of need. */
sbx_status sbx_num_lacks(sbx_num s, unsigned need, const char *op, sbx_err *err);

/* a finite number that get_q may make a rational of */
static inline bool sbx_has_rational(mpfr_srcptr x)
{
    return mpfr_zero_p(x) ||
           (mpfr_get_exp(x) <= SBX_Q_EXP_MAX && mpfr_get_exp(x) >= -SBX_Q_EXP_MAX);
}

/* A function of MPFR's kind: z = f(x) rounded as said, the ternary value returned. */
typedef int (*sbx_mpfr_fn)(mpfr_ptr z, mpfr_srcptr x, mpfr_rnd_t rnd);

/* 1 / (1 + e^-x), correctly rounded, with its ternary value */
int sbx_mpfr_sigmoid(mpfr_ptr z, mpfr_srcptr x, mpfr_rnd_t rnd);

/* -1, 0, 1 */
int sbx_mpfr_sign(mpfr_ptr z, mpfr_srcptr x, mpfr_rnd_t rnd);
/* x^y */
int sbx_mpfr_pow(mpfr_ptr z, mpfr_srcptr x, double y, mpfr_rnd_t rnd);
/* is y an integer; an even one */
bool sbx_is_integer(double y);
bool sbx_is_even(double y);
/* floor x; the nearest integer, halves to even */
void sbx_mpq_floor_of(mpq_ptr z, mpq_srcptr x);
void sbx_mpq_round_of(mpq_ptr z, mpq_srcptr x);
/* z = x^y, y an integer; false: more than SBX_Q_POW_MAX bits. x != 0 if y < 0. */
bool sbx_mpq_power(mpq_ptr z, mpq_srcptr x, double y);

/* Is there, perhaps, a t in [a, b] with sin t = v (cos t = v), v = 1 or -1, where a is known
 * to be in [a[0], a[1]] and b in [b[0], b[1]]? False is certain, and so is true but where a
 * or b is nearer to such a t than 2^-(prec + 32), prec that of a[0]. [L-FP-31] */
bool sbx_mpfr_extreme(mpfr_srcptr a0, mpfr_srcptr a1, mpfr_srcptr b0, mpfr_srcptr b1, bool cosine,
                      int v);

/* Where an increasing function grows or vanishes like exp: to the left, to the right. */
enum { SBX_TAIL_LEFT = 1, SBX_TAIL_RIGHT = 2 };

/* A format in MPFR's terms: p bits, numbers 0.1xxx 2^e with emin <= e <= emax, the least
 * of them the least subnormal number. */
typedef struct sbx_range {
    int p, emin, emax;
} sbx_range;

/* z holds a result rounded to nearest at p bits with the ternary value t, its exponent
 * unrestricted: rounds it as the format does (gradual underflow, overflow to infinity). */
void sbx_mpfr_fit(mpfr_ptr z, int t, const sbx_range *f);

#endif
