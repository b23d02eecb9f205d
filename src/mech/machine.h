/* mech/machine.h -- two more number systems for the mechanisms: a machine that rounds.
 *
 *   sim  a double that holds a number of the machine's format; every operation is rounded once, in the format
 *   rea  running error analysis: an enclosure of the exact and of the computed value, and bounds of their distance,
 *        for any machine of that accuracy [L-ERR-20]
 *
 * Both do the operations of a template in its order, as the machine does: NUM_ENCLOSE is 0. An answer of a comparison
 * is that of the computed and of the exact numbers; where they may differ, rea's machine says so in m->why, and there is no
 * bound. A value belongs to the machine of the ctx that it was made with, an sbx_mech_ctx.
 *
 * Sums of sbx_mech_dot, sum and fma are in the machine's accumulator, rounded to the format once at their end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MECH_MACHINE_H
#define SBX_MECH_MACHINE_H

#include "error/machine.h"
#include "norm/norm.h"
#include "softbox/mech.h"
#include "softbox/mech_error.h"

typedef struct sbx_mech_ctx {
    sbx_ctx base;
    em *m;
} sbx_mech_ctx;

typedef struct sbx_sim {
    double v;
    em *m;
} sbx_sim;

/* as fv of error/carry.h */
typedef struct sbx_rea {
    double lo, hi, rel, eta, abs;
    em *m;
    uint32_t id; /* on m->record (mech/tape.h); 0: no rounding moves it */
} sbx_rea;

SBX_NUM_DECLARE(sim)
SBX_NUM_DECLARE(rea)
SBX_NORM_TOOLS(sim)
SBX_NORM_TOOLS(rea)
SBX_NORM_TOOLS_2(sim)
SBX_NORM_TOOLS_2(rea)
SBX_MECH_DECLARE(sim)
SBX_MECH_DECLARE(rea)

/* What is known of an operation beside its operands, which does not change what the machine does:
 *   shift  z = x - top, exactly at most 0      share  z = w / s, exactly in [0, 1]
 *   sure   s is exactly at least 1 */
#define SBX_MACHINE_DECLARE(S)                                                                       \
    sbx_status sbx_##S##_shift(sbx_##S *z, const sbx_##S *x, const sbx_##S *top,                     \
                               const sbx_ctx *ctx, sbx_err *err) SBX_MUST_USE;                       \
    sbx_status sbx_##S##_share(sbx_##S *z, const sbx_##S *w, const sbx_##S *s, const sbx_ctx *ctx,   \
                               sbx_err *err) SBX_MUST_USE;                                           \
    void sbx_##S##_sure(sbx_##S *s);                                                                 \
    /* z = sum of a[k sa] b[k sb], b NULL: of a[k sa], in the accumulator, then rounded; fma: z + */ \
    void sbx_##S##_total(sbx_##S *z, const sbx_##S *start, const sbx_##S *a, size_t sa,              \
                         const sbx_##S *b, size_t sb, size_t n);
SBX_MACHINE_DECLARE(sim)
SBX_MACHINE_DECLARE(rea)

/* The arithmetic of s. */
void sbx_mech_em(em *m, const sbx_mech_machine *s);

#endif
