/* error/rounding.c -- the bound of one rounding, and intervals of doubles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/rounding.h"

#include <math.h>

#include "num/round.h"

/* the error of sbx_exp_bulk in units of u [L-EXP-04] */
#define KERNEL_EXP 1.4412

accuracy sbx_accuracy_sum(const em *m)
{
    return (accuracy){.ulps = 0.5, .factor = -1.0, .sum = m->widened};
}
accuracy sbx_accuracy_once(void) { return (accuracy){.ulps = 0.5, .factor = -1.0}; }
accuracy sbx_accuracy_exp(const em *m)
{
    return (accuracy){.ulps = m->ulps, .factor = m->kernel ? KERNEL_EXP : -1.0};
}
accuracy sbx_accuracy_log(const em *m) { return (accuracy){.ulps = m->ulps, .factor = -1.0}; }

/* what |log(1 + d)| may be for |d| <= x */
static double log_of(double x) { return x < 1.0 ? sbx_div_hi(x, sbx_sub_lo(1.0, x)) : HUGE_VAL; }

/* e^lam <= 1 + lam + lam^2 for lam <= 1 */
static void widen(rounding *r, double lo, double hi)
{
    r->lo = sbx_sub_lo(lo, r->abs);
    r->hi = sbx_add_hi(hi, r->abs);
    if (lo >= 0.0 && r->lam <= 1.0) {
        const double up = sbx_mul_hi(r->lam, sbx_add_hi(1.0, r->lam));
        r->lo = fmax(r->lo, sbx_sub_lo(sbx_mul_lo(lo, sbx_sub_lo(1.0, r->lam)), r->eta));
        r->hi = fmax(r->hi, sbx_add_hi(sbx_mul_hi(hi, sbx_add_hi(1.0, up)), r->eta));
    }
    if (lo >= 0.0 && r->lo < 0.0) r->lo = 0.0;
    if (hi <= 0.0 && r->hi > 0.0) r->hi = 0.0;
}

bool sbx_round_range(em *m, rounding *r, const fmt *f, double lo, double hi, accuracy a)
{
    const double top = fmax(fabs(lo), fabs(hi)), least = lo > 0.0 ? lo : 0.0;
    const bool exact_below = a.sum && !f->ftz;
    double d;
    if (!(top < f->over)) {
        if (!m->why) m->why = "a result may overflow";
        return false;
    }
    if (a.factor >= 0.0) {
        d = sbx_mul_hi(a.factor, f->u);
        r->abs = sbx_add_hi(sbx_mul_hi(d, top), least < f->min ? 2.0 * f->eta : 0.0);
        r->lam = log_of(d);
    } else {
        /* correctly rounded: |d| <= u/(1 + u), so |log(1 + d)| <= u [L-ERR-12] */
        d = 2.0 * a.ulps * f->u;
        /* what is not rounded correctly may miss even a power of two, by ulps of its own binade */
        r->abs =
            sbx_mul_hi(2.0 * a.ulps, sbx_fmt_half_ulp(f, a.ulps > 0.5 ? sbx_next_up(top) : top));
        r->lam = a.ulps <= 0.5 ? f->u : log_of(d);
        if (exact_below && top < 2.0 * f->min) r->abs = 0.0, r->lam = 0.0;
        if (least > r->abs) r->lam = fmin(r->lam, sbx_div_hi(r->abs, sbx_sub_lo(least, r->abs)));
    }
    r->eta = exact_below || least >= f->min ? 0.0 : sbx_mul_hi(2.0 * a.ulps, f->eta);
    if (a.factor >= 0.0 && least < f->min) r->eta = 2.0 * f->eta;
    if (lo < 0.0) r->lam = HUGE_VAL;
    widen(r, lo, hi);
    return true;
}

iv sbx_iv_add(iv a, iv b) { return (iv){sbx_add_lo(a.lo, b.lo), sbx_add_hi(a.hi, b.hi)}; }
iv sbx_iv_mul(iv a, iv b)
{
    if (a.lo >= 0.0 && b.lo >= 0.0) return (iv){sbx_mul_lo(a.lo, b.lo), sbx_mul_hi(a.hi, b.hi)};
    return (iv){fmin(fmin(sbx_mul_lo(a.lo, b.lo), sbx_mul_lo(a.lo, b.hi)),
                     fmin(sbx_mul_lo(a.hi, b.lo), sbx_mul_lo(a.hi, b.hi))),
                fmax(fmax(sbx_mul_hi(a.lo, b.lo), sbx_mul_hi(a.lo, b.hi)),
                     fmax(sbx_mul_hi(a.hi, b.lo), sbx_mul_hi(a.hi, b.hi)))};
}
iv sbx_iv_div(iv a, iv b)
{
    if (a.lo >= 0.0 && b.lo > 0.0) return (iv){sbx_div_lo(a.lo, b.hi), sbx_div_hi(a.hi, b.lo)};
    return (iv){fmin(fmin(sbx_div_lo(a.lo, b.lo), sbx_div_lo(a.lo, b.hi)),
                     fmin(sbx_div_lo(a.hi, b.lo), sbx_div_lo(a.hi, b.hi))),
                fmax(fmax(sbx_div_hi(a.lo, b.lo), sbx_div_hi(a.lo, b.hi)),
                     fmax(sbx_div_hi(a.hi, b.lo), sbx_div_hi(a.hi, b.hi)))};
}
double sbx_iv_mag(iv a) { return fmax(fabs(a.lo), fabs(a.hi)); }
