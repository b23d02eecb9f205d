/* mech/lowrank.tmpl.c -- segments of rows, products, iterations towards an inverse, indices.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "mech/lowrank.h"
#endif

sbx_status FN(sbx_mech_product)(NUM *z, const NUM *x, const NUM *y, size_t a, size_t b, size_t c,
                                const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < a; i++)
        for (size_t k = 0; k < c; k++)
            SBX_TRY(FN(sbx_mech_dot)(&z[i * c + k], &x[i * b], 1, &y[k], c, b, r, err));
done:
    return st;
}

sbx_status FN(sbx_mech_segment_means)(NUM *z, const NUM *x, size_t n, size_t l, size_t d,
                                      const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM count;
    NUM_(init)(&count, r->ctx);
    for (size_t a = 0; a < l; a++) {
        const size_t from = sbx_mech_segment(a, n, l), to = sbx_mech_segment(a + 1, n, l);
        SBX_TRY(NUM_(set_si)(&count, (long)(to - from), r->ctx, err));
        for (size_t c = 0; c < d; c++) {
            NUM *const s = &z[a * d + c];
            SBX_TRY(FN(sbx_mech_sum)(s, &x[from * d + c], d, to - from, r, err));
            SBX_TRY(NUM_(div)(s, s, &count, r->ctx, err));
        }
    }
done:
    NUM_(clear)(&count);
    return st;
}

sbx_status FN(sbx_mech_norm1)(NUM *z, const NUM *x, size_t l, const FN(sbx_mech_run) * r,
                              sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM s, t;
    NUM_(init)(&s, r->ctx);
    NUM_(init)(&t, r->ctx);
    for (size_t b = 0; b < l; b++) {
        SBX_TRY(NUM_(abs)(&s, &x[b], r->ctx, err));
        for (size_t a = 1; a < l; a++) {
            SBX_TRY(NUM_(abs)(&t, &x[a * l + b], r->ctx, err));
            SBX_TRY(NUM_(add)(&s, &s, &t, r->ctx, err));
        }
        if (b == 0)
            NUM_(set)(z, &s);
        else
            SBX_TRY(NUM_(max)(z, z, &s, r->ctx, err));
    }
done:
    NUM_(clear)(&t);
    NUM_(clear)(&s);
    return st;
}

sbx_status FN(sbx_mech_newton)(NUM *v, const NUM *p, size_t l, NUM *t, const FN(sbx_mech_run) * r,
                               sbx_err *err)
{
    NUM *const vp = t, *const vpv = t + l * l;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_product)(vp, v, p, l, l, l, r, err));
    SBX_TRY(FN(sbx_mech_product)(vpv, vp, v, l, l, l, r, err));
    for (size_t k = 0; k < l * l; k++) {
        SBX_TRY(NUM_(add)(&v[k], &v[k], &v[k], r->ctx, err));
        SBX_TRY(NUM_(sub)(&v[k], &v[k], &vpv[k], r->ctx, err));
    }
done:
    return st;
}

/* z = c I - z */
static sbx_status FN(from_eye)(NUM *z, long c, size_t l, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t[2];
    NUM_(init)(&t[0], r->ctx);
    NUM_(init)(&t[1], r->ctx);
    SBX_TRY(NUM_(set_si)(&t[1], c, r->ctx, err));
    for (size_t k = 0; k < l * l; k++)
        SBX_TRY(NUM_(sub)(&z[k], &t[k % (l + 1) == 0], &z[k], r->ctx, err));
done:
    NUM_(clear)(&t[1]);
    NUM_(clear)(&t[0]);
    return st;
}

sbx_status FN(sbx_mech_cubic)(NUM *v, const NUM *p, size_t l, NUM *t, const FN(sbx_mech_run) * r,
                              sbx_err *err)
{
    NUM *const pv = t, *const a = t + l * l, *const b = a + l * l;
    sbx_status st = SBX_OK;
    NUM four;
    NUM_(init)(&four, r->ctx);
    SBX_TRY(NUM_(set_si)(&four, 4, r->ctx, err));
    SBX_TRY(FN(sbx_mech_product)(pv, p, v, l, l, l, r, err));
    for (size_t k = 0; k < l * l; k++)
        NUM_(set)(&a[k], &pv[k]);
    SBX_TRY(FN(from_eye)(a, 7, l, r, err));
    SBX_TRY(FN(sbx_mech_product)(b, pv, a, l, l, l, r, err));
    SBX_TRY(FN(from_eye)(b, 15, l, r, err));
    SBX_TRY(FN(sbx_mech_product)(a, pv, b, l, l, l, r, err));
    SBX_TRY(FN(from_eye)(a, 13, l, r, err));
    for (size_t k = 0; k < l * l; k++)
        SBX_TRY(NUM_(div)(&b[k], &v[k], &four, r->ctx, err));
    SBX_TRY(FN(sbx_mech_product)(v, b, a, l, l, l, r, err));
done:
    NUM_(clear)(&four);
    return st;
}

#if NUM_ENCLOSE
/* q becomes a multiple of 2^-bits, below it or (up) above */
static void FN(multiple)(mpq_t q, mp_bitcnt_t bits, bool up)
{
    mpz_t z;
    mpz_init(z);
    mpq_mul_2exp(q, q, bits);
    if (up)
        mpz_cdiv_q(z, mpq_numref(q), mpq_denref(q));
    else
        mpz_fdiv_q(z, mpq_numref(q), mpq_denref(q));
    mpq_set_z(q, z);
    mpq_div_2exp(q, q, bits);
    mpz_clear(z);
}
#endif

sbx_status FN(sbx_mech_shorten)(NUM *v, size_t n, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
#if NUM_ENCLOSE
    const mp_bitcnt_t bits = 2 * (mp_bitcnt_t)(r->ctx ? r->ctx->prec : sbx_ctx_default.prec);
    mpq_t lo, hi;
    NUM t;
    if (NUM_ID != SBX_NUM_IVQ) return SBX_OK;
    mpq_inits(lo, hi, NULL);
    NUM_(init)(&t, r->ctx);
    for (size_t k = 0; k < n; k++) {
        SBX_TRY(NUM_(get_q)(lo, hi, &v[k], err));
        FN(multiple)(lo, bits, false);
        FN(multiple)(hi, bits, true);
        SBX_TRY(NUM_(set_q)(&v[k], lo, r->ctx, err));
        SBX_TRY(NUM_(set_q)(&t, hi, r->ctx, err));
        SBX_TRY(NUM_(hull)(&v[k], &v[k], &t, r->ctx, err));
    }
done:
    NUM_(clear)(&t);
    mpq_clears(lo, hi, NULL);
#else
    (void)v;
    (void)n;
    (void)r;
    (void)err;
#endif
    return st;
}

sbx_status FN(sbx_mech_through)(NUM *w, const NUM *x, const NUM *y, const NUM *z, size_t l, NUM *t,
                                const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_product)(t, x, y, 1, l, l, r, err));
    SBX_TRY(FN(sbx_mech_product)(w, t, z, 1, l, r->m, r, err));
done:
    return st;
}

sbx_status FN(sbx_mech_through_all)(NUM *o, const NUM *x, const NUM *y, const NUM *z, size_t l,
                                    NUM *t, const FN(sbx_mech_run) * r, sbx_err *err)
{
    NUM *const zv = t + l;
    sbx_status st = SBX_OK;
    SBX_TRY(FN(sbx_mech_product)(zv, z, r->in.v, l, r->m, r->dv, r, err));
    for (size_t i = 0; i < r->n; i++) {
        SBX_TRY(FN(sbx_mech_product)(t, &x[i * l], y, 1, l, l, r, err));
        SBX_TRY(FN(sbx_mech_product)(&o[i * r->dv], t, zv, 1, l, r->dv, r, err));
    }
done:
    return st;
}

/* The system has two neighbours, one of them odd: then it has all smaller integers too. */
static sbx_status FN(has)(size_t v, const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    NUM t;
    mpq_t lo, hi;
    mpq_inits(lo, hi, NULL);
    NUM_(init)(&t, r->ctx);
    for (size_t k = v ? v - 1 : v; k <= v; k++) {
        SBX_TRY(NUM_(set_si)(&t, (long)k, r->ctx, err));
        SBX_TRY(NUM_(get_q)(lo, hi, &t, err));
        if (mpq_cmp_ui(lo, k, 1) != 0 || mpq_cmp_ui(hi, k, 1) != 0)
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "the number system lacks the index %zu", k);
    }
done:
    NUM_(clear)(&t);
    mpq_clears(lo, hi, NULL);
    return st;
}

sbx_status FN(sbx_mech_indices)(size_t *to, const NUM *x, size_t n, size_t below, const char *what,
                                const FN(sbx_mech_run) * r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpq_t lo, hi;
    mpq_inits(lo, hi, NULL);
    SBX_TRY(FN(has)(below - 1, r, err));
    for (size_t k = 0; k < n; k++) {
        SBX_TRY(NUM_(get_q)(lo, hi, &x[k], err));
        if (mpq_cmp(lo, hi) != 0 || mpz_cmp_ui(mpq_denref(lo), 1) != 0 || mpq_sgn(lo) < 0 ||
            mpq_cmp_ui(lo, below, 1) >= 0)
            SBX_FAIL(err, SBX_ERR_ARG, "%s[%zu] is no integer from 0 to %zu", what, k, below - 1);
        to[k] = mpz_get_ui(mpq_numref(lo));
    }
done:
    mpq_clears(lo, hi, NULL);
    return st;
}
