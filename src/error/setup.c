/* error/setup.c -- the algorithms by name, and one of them in an arithmetic.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/machine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "num/system.h"

static const char bhh[] = "Blanchard, Higham, Higham 2021";

static const sbx_error_algorithm algorithms[ALG_COUNT] = {
    [SOFTMAX_NAIVE] = {"softmax", "naive", "e_i = exp(x_i), e_i/sum e_j", bhh},
    [SOFTMAX_NAIVE_FREE] = {"softmax", "naive-division-free", "exp(x_i - log sum exp(x_j))", bhh},
    [SOFTMAX_SHIFTED] = {"softmax", "shifted",
                         "e_i = exp(x_i - max), e_i/(1 + sum of all e_j but the maximum's)", bhh},
    [SOFTMAX_FREE] = {"softmax", "division-free", "exp(x_i - lse), lse as lse shifted", bhh},
    [SOFTMAX_SAFE] = {"softmax", "safe", "e_i = exp(x_i - max), e_i/sum e_j", "three passes"},
    [SOFTMAX_TWO_PASS] = {"softmax", "two-pass",
                          "naive, exponentials as mantissa and exponent; |x| <= 690",
                          "Dukhan, Ablavatski 2020"},
    [SOFTMAX_ONLINE] = {"softmax", "online",
                        "running maximum m, d = d exp(m_old - m) + exp(x_j - m); exp(x_i - m)/d",
                        "Milakov, Gimelshein 2018"},
    [SOFTMAX_FLASH] = {"softmax", "flash",
                       "online by tiles, the results so far rescaled with the sum",
                       "Dao et al. 2022"},
    [SOFTMAX_FLASH_LAZY] = {"softmax", "flash-lazy",
                            "flash, rescaled when the maximum grew by more than the threshold",
                            "FlashAttention-4 kernels"},
    [LOG_NAIVE] = {"log-softmax", "naive", "x_i - log sum exp(x_j)", ""},
    [LOG_SHIFTED] = {"log-softmax", "shifted", "(x_i - max) - log1p(sum of all but the maximum's)",
                     bhh},
    [LOG_MINUS_LSE] = {"log-softmax", "minus-lse", "x_i - lse, lse as lse shifted", bhh},
    [LOG_SAFE] = {"log-softmax", "safe", "(x_i - max) - log sum exp(x_j - max)", "three passes"},
    [LOG_ONLINE] = {"log-softmax", "online", "(x_i - m) - log d, m and d as softmax online", ""},
    [LOG_OF_SOFTMAX] = {"log-softmax", "log-of-softmax", "log(exp(x_i)/sum exp(x_j))", ""},
    [LSE_NAIVE] = {"lse", "naive", "log sum exp(x_j)", bhh},
    [LSE_SHIFTED] = {"lse", "shifted", "max + log1p(sum of all exp(x_j - max) but the maximum's)",
                     bhh},
    [LSE_SAFE] = {"lse", "safe", "max + log sum exp(x_j - max)", ""},
    [LSE_ONLINE] = {"lse", "online", "m + log d, m and d as softmax online", ""},
    [SUM_RECURSIVE] = {"sum", "recursive", "first to last", "Higham 2002, 4.2"},
    [SUM_PAIRWISE] = {"sum", "pairwise", "halves, each pairwise", "Higham 2002, 4.2"},
    [SUM_COMPENSATED] = {"sum", "compensated", "the rounding errors summed beside",
                         "Sum2 of Ogita, Rump, Oishi 2005"},
    [SUM_TILES] = {"sum", "tiles", "tiles first to last, then their sums", ""},
    [DOT_RECURSIVE] = {"dot", "recursive", "first to last; x and y one after the other",
                       "Higham 2002, 3.1"},
    [DOT_PAIRWISE] = {"dot", "pairwise", "products, summed pairwise", "Higham 2002, 3.1"},
    [DOT_COMPENSATED] = {"dot", "compensated", "products and their errors, sums and their errors",
                         "Dot2 of Ogita, Rump, Oishi 2005"},
    [DOT_TILES] = {"dot", "tiles", "tiles first to last, then their sums", ""},
};

const sbx_error_algorithm *sbx_error_algorithms(size_t *n)
{
    *n = ALG_COUNT;
    return algorithms;
}

alg_id sbx_alg_id(const sbx_error_setup *s) { return (alg_id)(s->algorithm - algorithms); }

alg_kernel sbx_alg_kernel(alg_id a)
{
    if (a < LOG_NAIVE) return K_SOFTMAX;
    if (a < LSE_NAIVE) return K_LOG_SOFTMAX;
    if (a < SUM_RECURSIVE) return K_LSE;
    return a < DOT_RECURSIVE ? K_SUM : K_DOT;
}

bool sbx_alg_leads(alg_id a)
{
    return a == SOFTMAX_SHIFTED || a == SOFTMAX_FREE || a == LOG_SHIFTED || a == LOG_MINUS_LSE ||
           a == LSE_SHIFTED;
}

bool sbx_alg_one(alg_id a) { return a >= LSE_NAIVE; }

sbx_status sbx_error_number(sbx_num *num, sbx_format *format, const char *text, sbx_err *err)
{
    sbx_ctx ctx = sbx_ctx_default;
    sbx_status st = SBX_OK;
    sbx_num n = SBX_NUM_F64;
    if (sbx_num_parse(&n, &ctx, text, NULL) != SBX_OK || n > SBX_NUM_LOWP)
        SBX_FAIL(err, SBX_ERR_ARG, "no format '%s': f64, f32, fp16, bf16, tf32, e5m2, e4m3", text);
    *num = n;
    *format = ctx.format;
done:
    return st;
}

/* the names of a kernel's algorithms, or of all kernels */
static void names(char *text, size_t size, const char *kernel)
{
    size_t used = 0;
    text[0] = 0;
    for (size_t k = 0; k < ALG_COUNT; k++) {
        const char *name = kernel ? algorithms[k].name : algorithms[k].kernel;
        int len;
        if (kernel ? strcmp(algorithms[k].kernel, kernel) != 0
                   : k > 0 && strcmp(algorithms[k - 1].kernel, name) == 0)
            continue;
        len = snprintf(text + used, size - used, "%s%s", used ? ", " : "", name);
        if (len < 0 || (size_t)len >= size - used) return;
        used += (size_t)len;
    }
}

sbx_status sbx_error_setup_make(sbx_error_setup *s, const char *kernel, const char *algorithm,
                                const char *number, sbx_err *err)
{
    char list[SBX_MSG_LEN];
    bool known = false;
    sbx_status st = SBX_OK;
    *s = (sbx_error_setup){.tile = 64, .threshold = 0x1.62e42fefa39efp+2, .exp_ulps = 0.5};
    for (size_t k = 0; k < ALG_COUNT; k++) {
        const bool of = strcmp(algorithms[k].kernel, kernel) == 0;
        known |= of;
        if (of && strcmp(algorithms[k].name, algorithm) == 0) s->algorithm = &algorithms[k];
    }
    names(list, sizeof list, known ? kernel : NULL);
    if (!known) SBX_FAIL(err, SBX_ERR_ARG, "no kernel '%s': %s", kernel, list);
    if (!s->algorithm)
        SBX_FAIL(err, SBX_ERR_ARG, "no algorithm '%s' of %s: %s", algorithm, kernel, list);
    SBX_TRY(sbx_error_number(&s->number, &s->format, number, err));
    s->acc = s->number;
    s->acc_format = s->format;
done:
    return st;
}

double sbx_error_unit(const sbx_error_setup *s)
{
    fmt f;
    sbx_fmt_make(&f, s->number, s->format, s->ftz);
    return f.u;
}

size_t sbx_error_outputs(const sbx_error_setup *s, size_t n)
{
    const alg_id a = sbx_alg_id(s);
    if (a >= DOT_RECURSIVE && n % 2) return 0;
    return sbx_alg_one(a) ? n > 0 : n;
}

sbx_status sbx_error_round(double *v, mpq_srcptr q, const sbx_error_setup *s, sbx_err *err)
{
    const sbx_ctx ctx = {.prec = 128, .format = s->format};
    sbx_status st = SBX_OK;
    double z = 0.0;
    fmt f;
    sbx_fmt_make(&f, s->number, s->format, s->ftz);
    if (s->number == SBX_NUM_F64) {
        SBX_TRY(sbx_f64_set_q(&z, q, &ctx, err));
    } else if (s->number == SBX_NUM_F32) {
        sbx_f32 y = 0;
        SBX_TRY(sbx_f32_set_q(&y, q, &ctx, err));
        z = (double)y;
    } else {
        sbx_lowp y = {0};
        SBX_TRY(sbx_lowp_set_q(&y, q, &ctx, err));
        z = y.v;
    }
    if (z - z != 0.0)
        SBX_FAIL(err, SBX_ERR_DOMAIN, "a number beyond the largest one of the format, %.9g", f.max);
    *v = s->ftz && fabs(z) < f.min ? copysign(0.0, z) : z;
done:
    return st;
}
