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
