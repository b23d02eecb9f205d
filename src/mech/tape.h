/* mech/tape.h -- every rounding's effect on every result of a mechanism. [L-ERR-21]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MECH_TAPE_H
#define SBX_MECH_TAPE_H

#include "mech/machine.h"

typedef enum sbx_tape_op {
    TAPE_SUM,
    TAPE_DIFFERENCE,
    TAPE_SHIFT, /* a difference that is at most 0 */
    TAPE_PRODUCT,
    TAPE_QUOTIENT,
    TAPE_MAX,
    TAPE_MIN,
    TAPE_FMA,
    TAPE_NEG,
    TAPE_ABS,
    TAPE_SQR,
    TAPE_SQRT,
    TAPE_EXP,
    TAPE_EXP2,
    TAPE_EXPM1,
    TAPE_LOG,
    TAPE_LOG1P,
    TAPE_TANH,
    TAPE_SIGMOID,
    TAPE_SIN,
    TAPE_COS,
    TAPE_ERF,
    TAPE_POW,
    TAPE_SAME
} sbx_tape_op;

typedef struct sbx_tape sbx_tape;

/* At most so many operations; one with more is of no use, nor is one in which an operation is not
 * bounded: usable says so. NULL: no memory. */
sbx_tape *sbx_tape_new(size_t most);
void sbx_tape_free(sbx_tape *t);
bool sbx_tape_usable(const sbx_tape *t);
size_t sbx_tape_length(const sbx_tape *t);

/* z, the result of an operation on x (y, w; power: x^e), whose rounding is at most abs, goes onto m->record and
 * gets its number; a constant of the computation, off by abs, for TAPE_SAME without x. */
void sbx_tape_push(sbx_rea *z, sbx_tape_op op, const sbx_rea *x, const sbx_rea *y, const sbx_rea *w,
                   double e, double abs);

/* A bound of |computed - exact| of what z is. */
double sbx_tape_bound(sbx_tape *t, const sbx_rea *z);

#endif
