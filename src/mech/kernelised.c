/* mech/kernelised.c -- mech/kernelised.tmpl.c in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/kernelised.h"

sbx_mech_kernel sbx_mech_kernel_of(const sbx_mech_args *a, size_t dim, sbx_mech_over over,
                                   size_t eps)
{
    return (sbx_mech_kernel){.dim = dim,
                             .over = over,
                             .eps = eps,
                             .causal = sbx_mech_long(a, SBX_MECH_MASK) == 1,
                             .form = sbx_mech_long(a, SBX_MECH_FORM),
                             .tile = sbx_mech_size(a, SBX_MECH_TILE)};
}

unsigned sbx_mech_masked(const sbx_mech_args *a, unsigned traits)
{
    return sbx_mech_long(a, SBX_MECH_MASK) == 1 ? traits | SBX_MECH_CAUSAL | SBX_MECH_SQUARE
                                                : traits;
}

sbx_status sbx_mech_mask_fits(const sbx_mech_args *a, sbx_mech_shape s, sbx_err *err)
{
    if (sbx_mech_long(a, SBX_MECH_MASK) == 1 && s.n != s.m)
        return sbx_fail(err, SBX_ERR_ARG, SBX_HERE,
                        "%s: mask=causal needs as many queries as keys, not %zu and %zu",
                        a->mech->info.name, s.n, s.m);
    return SBX_OK;
}

/* lo < pi < hi, finer than any system of this context rounds */
static void around_pi(mpq_t lo, mpq_t hi, const sbx_ctx *ctx)
{
    const long prec = (ctx ? ctx->prec : 0) + 192;
    mpfr_t t;
    mpfr_init2(t, prec);
    mpfr_const_pi(t, MPFR_RNDD);
    mpfr_get_q(lo, t);
    mpfr_nextabove(t);
    mpfr_get_q(hi, t);
    mpfr_clear(t);
}

size_t sbx_mech_square(size_t d)
{
    size_t root = 1;
    while (root < d / root)
        root++;
    return root * root == d ? root : 0;
}

#define MECH_FILE "mech/kernelised.tmpl.c"
#include "mech/every.h"
