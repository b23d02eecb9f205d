/* error/format.c -- one rounding after each operation, by doubles.
 *
 * The operations of a format of p <= 24 bits are done in double, made odd where double rounded
 * (a last bit of 1 says "not exactly here"), and rounded again at p bits: a number rounded to
 * odd with two bits more than p rounds as the exact one does. [L-ERR-01]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/format.h"

#include <math.h>

#include "error/twice.h"
#include "num/round.h"
#include "num/system.h"
#include "softbox/kernel.h"

void sbx_fmt_make(fmt *f, sbx_num num, sbx_format format, bool ftz)
{
    static const int small[SBX_FORMAT_COUNT][3] = {
        [SBX_FP16] = {11, -14, 15}, [SBX_BF16] = {8, -126, 127}, [SBX_TF32] = {11, -126, 127},
        [SBX_E5M2] = {3, -14, 15},  [SBX_E4M3] = {4, -6, 8},
    };
    *f = (fmt){.p = 53, .emin = -1022, .emax = 1023, .num = num, .format = format, .ftz = ftz};
    if (num == SBX_NUM_F32) f->p = 24, f->emin = -126, f->emax = 127;
    if (num == SBX_NUM_LOWP) {
        f->p = small[format][0], f->emin = small[format][1], f->emax = small[format][2];
        f->nan_only = format == SBX_E4M3;
    }
    f->u = ldexp(1.0, -f->p);
    f->min = ldexp(1.0, f->emin);
    f->max = ldexp(2.0 - 2.0 * f->u, f->emax);
    if (f->nan_only) f->max = 448.0;
    f->eta = ftz ? f->min : ldexp(1.0, f->emin - f->p);
    f->over = f->p == 53 ? f->max : f->max + ldexp(1.0, f->emax - f->p);
}

/* of a normal v > 0 */
static int exponent(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return (int)(bits >> 52 & 0x7ff) - 1023;
}

double sbx_fmt_power(int k)
{
    const uint64_t bits = (uint64_t)(k + 1023) << 52;
    double v;
    if (k < -1022 || k > 1023) return ldexp(1.0, k);
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* v's last bit becomes 1 if the exact value v + e is no double; zero stays with its sign */
static double odd(double v, double e)
{
    uint64_t bits;
    if (!(e < 0.0 || e > 0.0)) return v;
    memcpy(&bits, &v, sizeof bits);
    if (bits & 1) return v;
    return e > 0.0 ? sbx_next_up(v) : sbx_next_down(v);
}

static double flush(const fmt *f, double v)
{
    return f->ftz && fabs(v) < f->min ? copysign(0.0, v) : v;
}

double sbx_fmt_round(const fmt *f, double v, double e)
{
    double q, t;
    int k;
    if (f->p == 53) return flush(f, v);
    if (v - v != 0.0 || v == 0.0) return f->nan_only && v - v != 0.0 ? (double)NAN : v;
    v = odd(v, e);
    k = exponent(v) < f->emin ? f->emin : exponent(v);
    q = sbx_fmt_power(k - f->p + 1);
    t = fabs(v) / q;           /* exact, below 2^24 */
    t = (t + 0x1p52) - 0x1p52; /* to nearest, halves to even */
    t = t * q;
    if (t > f->max) t = f->nan_only ? (double)NAN : HUGE_VAL;
    return flush(f, copysign(t, v));
}

double sbx_fmt_add(const fmt *f, double a, double b)
{
    const double s = a + b;
    return sbx_fmt_round(f, s, f->p == 53 || s - s != 0.0 ? 0.0 : sbx_two_sum_err(a, b, s));
}

/* exact for p <= 24 */
double sbx_fmt_mul(const fmt *f, double a, double b) { return sbx_fmt_round(f, a * b, 0.0); }

double sbx_fmt_div(const fmt *f, double a, double b)
{
    const double q = a / b;
    double r = 0.0;
    if (f->p == 53 || q - q != 0.0 || q == 0.0) return sbx_fmt_round(f, q, 0.0);
    r = fma(-q, b, a); /* exact */
    return sbx_fmt_round(f, q, b > 0.0 ? r : -r);
}

double sbx_fmt_fma(const fmt *f, double a, double b, double c)
{
    if (f->p == 53) return flush(f, fma(a, b, c));
    return sbx_fmt_add(f, a * b, c);
}

/* y 2^k, one more rounding where that is subnormal */
static double kernel_exp(double x)
{
    double y, k;
    if (!(fabs(x) <= 1e6)) return x > 0.0 ? HUGE_VAL : x < 0.0 ? 0.0 : x;
    sbx_exp_bulk(&y, &k, &x, 1);
    return ldexp(y, (int)k);
}

static double by_system(const fmt *f, double x, int which)
{
    const sbx_ctx ctx = {.prec = 128, .format = f->format};
    sbx_status st = SBX_OK;
    double v = (double)NAN;
    if (f->num == SBX_NUM_F64) {
        st = which == 0   ? sbx_f64_exp(&v, &x, &ctx, NULL)
             : which == 1 ? sbx_f64_log(&v, &x, &ctx, NULL)
                          : sbx_f64_log1p(&v, &x, &ctx, NULL);
    } else if (f->num == SBX_NUM_F32) {
        float y = (float)x, z = 0;
        st = which == 0   ? sbx_f32_exp(&z, &y, &ctx, NULL)
             : which == 1 ? sbx_f32_log(&z, &y, &ctx, NULL)
                          : sbx_f32_log1p(&z, &y, &ctx, NULL);
        v = (double)z;
    } else {
        sbx_lowp y = {x}, z = {0};
        st = which == 0   ? sbx_lowp_exp(&z, &y, &ctx, NULL)
             : which == 1 ? sbx_lowp_log(&z, &y, &ctx, NULL)
                          : sbx_lowp_log1p(&z, &y, &ctx, NULL);
        v = z.v;
    }
    return flush(f, st == SBX_OK ? v : (double)NAN);
}

/* of a format whose exponents are not bounded: rounded once, at its precision */
static double wide_exp(const fmt *f, double x)
{
    double v;
    mpfr_t a, r;
    mpfr_init2(a, 53);
    mpfr_init2(r, f->p);
    mpfr_set_d(a, x, MPFR_RNDN);
    mpfr_exp(r, a, MPFR_RNDN);
    v = mpfr_get_d(r, MPFR_RNDN);
    mpfr_clear(a);
    mpfr_clear(r);
    return v;
}

/* Both ends of an enclosure round alike nearly always; where not, MPFR. */
double sbx_fmt_exp(const fmt *f, double x, bool kernel)
{
    double y, k, lo, hi;
    if (x == 0.0) return 1.0;
    if (f->p == 53 && kernel) return flush(f, kernel_exp(x));
    if (f->p == 53) return sbx_exp_nearest(&y, x) ? y : by_system(f, x, 0);
    if (!(fabs(x) <= 700.0))
        return x > 0.0 ? (f->nan_only ? (double)NAN : HUGE_VAL) : x < 0.0 ? 0.0 : x;
    sbx_exp_bulk(&y, &k, &x, 1);
    lo = sbx_fmt_round(f, ldexp(fma(-5 * 0x1p-54, y, y), (int)k), 0.0); /* [L-EXP-05] */
    hi = sbx_fmt_round(f, ldexp(fma(5 * 0x1p-54, y, y), (int)k), 0.0);
    if (lo >= hi && lo <= hi) return lo;
    return f->emax >= 1000 ? wide_exp(f, x) : by_system(f, x, 0);
}
double sbx_fmt_log(const fmt *f, double x) { return by_system(f, x, 1); }
double sbx_fmt_log1p(const fmt *f, double x) { return by_system(f, x, 2); }

double sbx_fmt_half_ulp(const fmt *f, double m)
{
    int k;
    if (!(m <= f->max)) return m <= f->over ? sbx_fmt_power(f->emax - f->p) : HUGE_VAL;
    if (m < f->min) return f->eta;
    k = exponent(m);
    if (sbx_fmt_power(k) >= m) k--; /* at the lower end of a binade itself nothing is rounded */
    return fmax(sbx_fmt_power(k - f->p), f->eta);
}
