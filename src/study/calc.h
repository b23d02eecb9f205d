/* study/calc.h -- formulas over intervals of MPFR numbers, written as one writes them on paper.
 *
 * Every operation is sbx_ivf's own (ends rounded outward); the first error is kept and all that
 * follows does nothing, so a formula is a list of lines and is asked about once, at its end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_STUDY_CALC_H
#define SBX_STUDY_CALC_H

#include "base/try.h"
#include "softbox/num.h"

typedef struct calc {
    sbx_ctx ctx;
    double tol; /* how wide a root or a maximum may stay */
    sbx_status st;
    sbx_err *err;
} calc;

static inline void calc_init(calc *c, sbx_ivf *t, size_t n)
{
    for (size_t k = 0; k < n; k++)
        sbx_ivf_init(&t[k], &c->ctx);
}
static inline void calc_clear(sbx_ivf *t, size_t n)
{
    for (size_t k = 0; k < n; k++)
        sbx_ivf_clear(&t[k]);
}

#define CALC_1(op)                                                        \
    static inline void calc_##op(calc *c, sbx_ivf *z, const sbx_ivf *x)   \
    {                                                                     \
        if (c->st == SBX_OK) c->st = sbx_ivf_##op(z, x, &c->ctx, c->err); \
    }
#define CALC_2(op)                                                                        \
    static inline void calc_##op(calc *c, sbx_ivf *z, const sbx_ivf *x, const sbx_ivf *y) \
    {                                                                                     \
        if (c->st == SBX_OK) c->st = sbx_ivf_##op(z, x, y, &c->ctx, c->err);              \
    }
CALC_1(neg)
CALC_1(abs)
CALC_1(sqr)
CALC_1(sqrt)
CALC_1(exp)
CALC_1(expm1)
CALC_1(log)
CALC_1(log1p)
CALC_2(add)
CALC_2(sub)
CALC_2(mul)
CALC_2(div)
CALC_2(min)
CALC_2(max)
CALC_2(hull)
#undef CALC_1
#undef CALC_2

static inline void calc_si(calc *c, sbx_ivf *z, long v)
{
    if (c->st == SBX_OK) c->st = sbx_ivf_set_si(z, v, &c->ctx, c->err);
}
static inline void calc_q(calc *c, sbx_ivf *z, mpq_srcptr v)
{
    if (c->st == SBX_OK) c->st = sbx_ivf_set_q(z, v, &c->ctx, c->err);
}
/* z = a / b */
void sbx_calc_ratio(calc *c, sbx_ivf *z, long a, long b);
/* z = k x, x + k, x / k */
void sbx_calc_mul_si(calc *c, sbx_ivf *z, const sbx_ivf *x, long k);
void sbx_calc_add_si(calc *c, sbx_ivf *z, const sbx_ivf *x, long k);
void sbx_calc_div_si(calc *c, sbx_ivf *z, const sbx_ivf *x, long k);
/* z = x^y for x > 0 (0 for x = 0 where y > 0), y a rational; exact steps for a small integer y */
void sbx_calc_pow(calc *c, sbx_ivf *z, const sbx_ivf *x, mpq_srcptr y);
/* z = the point v */
void sbx_calc_point(calc *c, sbx_ivf *z, mpfr_srcptr v);

/* Is x >= 0, <= 0 for all its points? */
static inline bool calc_nonneg(const sbx_ivf *x) { return mpfr_sgn(x->lo) >= 0; }
static inline bool calc_nonpos(const sbx_ivf *x) { return mpfr_sgn(x->hi) <= 0; }

/* z = f(x), at every point of x */
typedef void calc_fn(calc *c, sbx_ivf *z, const sbx_ivf *x, const void *arg);

/* z = an enclosure of the root of f in [lo, hi]. The caller knows that f rises there (or only
 * changes its sign once, from - to +) and that the root is inside. guess: a number near it, or
 * NULL. The width is at most c->tol, or what the precision gives.   [L-NRM-50] */
void sbx_calc_root(calc *c, sbx_ivf *z, calc_fn *f, const void *arg, const sbx_ivf *lo,
                   const sbx_ivf *hi, mpfr_srcptr guess);

/* z = an enclosure of the greatest value of f on [lo, hi]; slope encloses its derivative (where
 * f has a kink: all slopes of chords nearby).   [L-NRM-51] */
void sbx_calc_greatest(calc *c, sbx_ivf *z, calc_fn *f, calc_fn *slope, const void *arg,
                       const sbx_ivf *lo, const sbx_ivf *hi);

/* z = W(x), the root of w e^w = x, x >= 0   [L-NRM-52] */
void sbx_calc_lambert(calc *c, sbx_ivf *z, const sbx_ivf *x);

#endif
