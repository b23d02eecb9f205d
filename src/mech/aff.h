/* mech/aff.h -- affine arithmetic (Comba and Stolfi 1993), one more number system for the templates of the
 * mechanisms: over a box, numbers know which numbers of the input they grow and fall with, so that what two
 * mechanisms have in common cancels in their difference.
 *
 * A number stands for x with |x - (c + sum a[k] e_k)| <= r for noise symbols e_k in [-1, 1], the same ones in
 * all numbers, and x in z. Symbols belong to numbers of the input (sbx_aff_symbol); what an operation rounds
 * and what is not affine in it goes to r. c, a, r are doubles, all errors are paid for outward [L-MCH-72].
 * Where they would not be finite the number is its interval z alone, r = inf. Every operation also has its
 * result in interval arithmetic; z is the intersection.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MECH_AFF_H
#define SBX_MECH_AFF_H

#include "norm/norm.h"
#include "softbox/mech.h"

typedef struct sbx_aff {
    double c, r;
    double *a;
    size_t n;
    sbx_ivd z;
} sbx_aff;

#define SBX_AFF_MAX 256 /* symbols; numbers beyond them are intervals */

SBX_NUM_DECLARE(aff)
SBX_MECH_DECLARE(aff)

/* The number in t whose symbol is k; beyond SBX_AFF_MAX: an interval. */
sbx_status sbx_aff_symbol(sbx_aff *z, size_t k, const sbx_ivd *t, sbx_err *err) SBX_MUST_USE;

/* as of the normalizers, for this system */
sbx_status sbx_norm_ratio_aff(sbx_aff *z, const sbx_aff *a, const sbx_aff *b, const sbx_ctx *ctx,
                              sbx_err *err) SBX_MUST_USE;
sbx_status sbx_norm_weights_aff(sbx_aff *p, const sbx_aff *w, const sbx_aff *c, size_t n,
                                const sbx_norm_args *a, const sbx_ctx *ctx,
                                sbx_err *err) SBX_MUST_USE;

/* ---- between aff.c and aff_curve.c ------------------------------------------------------------- */

/* z = alpha x + [b.lo, b.hi], an affine enclosure of what z.z = range has */
sbx_status sbx_aff_line(sbx_aff *z, const sbx_aff *x, double alpha, sbx_ivd b, sbx_ivd range,
                        sbx_err *err) SBX_MUST_USE;
/* z = the interval v */
void sbx_aff_interval(sbx_aff *z, sbx_ivd v);

#endif
