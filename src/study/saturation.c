/* study/saturation.c -- probabilities beyond the largest number of the format that stores them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/constants.h"
#include "study/study.h"

#include <string.h>

#define PREC         256
#define EXPONENT_MAX 4096

/* the largest number: (2^p - less) 2^shift */
static const struct {
    const char *name;
    unsigned p, less, shift;
} formats[] = {{"fp16", 11, 1, 5},  {"bf16", 8, 1, 120}, {"tf32", 11, 1, 117},
               {"e5m2", 3, 1, 13},  {"e4m3", 4, 2, 5}, /* the greatest significand is NaN */
               {"f32", 24, 1, 104}, {"f64", 53, 1, 971}};

sbx_status sbx_constant_largest(mpq_ptr m, const char *format, sbx_err *err)
{
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
        if (strcmp(format, formats[k].name) != 0) continue;
        mpq_set_ui(m, (1UL << formats[k].p) - formats[k].less, 1);
        mpq_mul_2exp(m, m, formats[k].shift);
        return SBX_OK;
    }
    return sbx_fail(err, SBX_ERR_ARG, SBX_HERE,
                    "the format '%s': fp16, bf16, tf32, e5m2, e4m3, f32 or f64", format);
}

/* -4096 <= v <= 4096 */
static bool moderate(mpq_srcptr v)
{
    return mpq_cmp_si(v, -EXPONENT_MAX, 1) >= 0 && mpq_cmp_si(v, EXPONENT_MAX, 1) <= 0;
}

/* log2 m - threshold, m no power of two   [L-STU-27] */
sbx_status sbx_constant_headroom(sbx_cell *z, const char *format, mpq_srcptr threshold, bool whole,
                                 sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .err = err};
    sbx_ivf s[2];
    mpq_t m;
    mpq_init(m);
    calc_init(&c, s, 2);
    SBX_TRY(sbx_constant_largest(m, format, err));
    if (mpq_sgn(threshold) < 0 || !moderate(threshold))
        SBX_FAIL(err, SBX_ERR_ARG, "a threshold of 0 to %d", EXPONENT_MAX);
    calc_q(&c, &s[0], m);
    calc_log(&c, &s[0], &s[0]);
    calc_si(&c, &s[1], 2);
    calc_log(&c, &s[1], &s[1]);
    calc_div(&c, &s[0], &s[0], &s[1]);
    calc_q(&c, &s[1], threshold);
    calc_sub(&c, &s[0], &s[0], &s[1]);
    sbx_cell_iv(&c, z, &s[0], "closed form, enclosed");
    SBX_TRY(c.st);
    z->reached = true;
    if (whole) {
        mpz_fdiv_q(mpq_numref(m), mpq_numref(z->hi), mpq_denref(z->hi));
        mpz_set_ui(mpq_denref(m), 1);
        if (mpq_cmp(m, z->lo) > 0) SBX_FAIL(err, SBX_ERR_LIMIT, "the whole offset is not decided");
        sbx_cell_q(&c, z, m, "floor of an enclosure");
    }
done:
    calc_clear(s, 2);
    mpq_clear(m);
    return st;
}

/* max(0, 1 - m / 2^e); in rationals where e is whole   [L-STU-27] */
sbx_status sbx_constant_saturation(sbx_cell *z, const char *format, mpq_srcptr e, sbx_err *err)
{
    sbx_status st = SBX_OK;
    calc c = {.ctx = {.prec = PREC}, .err = err};
    sbx_ivf s[2];
    mpq_t m, one;
    mpq_inits(m, one, (mpq_ptr)0);
    calc_init(&c, s, 2);
    SBX_TRY(sbx_constant_largest(m, format, err));
    if (!moderate(e)) SBX_FAIL(err, SBX_ERR_ARG, "an exponent of -4096 to 4096");
    mpq_set_ui(one, 1, 1);
    if (mpz_cmp_ui(mpq_denref(e), 1) == 0) {
        const long k = mpz_get_si(mpq_numref(e));
        if (k >= 0)
            mpq_div_2exp(m, m, (mp_bitcnt_t)k);
        else
            mpq_mul_2exp(m, m, (mp_bitcnt_t)-k);
        mpq_sub(m, one, m);
        if (mpq_sgn(m) < 0) mpq_set_ui(m, 0, 1);
        sbx_cell_q(&c, z, m, "closed form");
    } else {
        calc_si(&c, &s[0], 2);
        sbx_calc_pow(&c, &s[0], &s[0], e);
        calc_q(&c, &s[1], m);
        calc_div(&c, &s[1], &s[1], &s[0]);
        calc_si(&c, &s[0], 1);
        calc_sub(&c, &s[1], &s[0], &s[1]);
        calc_si(&c, &s[0], 0);
        calc_max(&c, &s[1], &s[1], &s[0]);
        sbx_cell_iv(&c, z, &s[1], "closed form, enclosed");
        z->reached = c.st == SBX_OK;
    }
    SBX_TRY(c.st);
done:
    calc_clear(s, 2);
    mpq_clears(m, one, (mpq_ptr)0);
    return st;
}
