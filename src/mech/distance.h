/* mech/distance.h -- what the instances of mech/distance.tmpl.c fill.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MECH_DISTANCE_PARTS_H
#define SBX_MECH_DISTANCE_PARTS_H

#include "mech/mech.h"
#include "softbox/mat.h"
#include "softbox/mech_distance.h"

/* The numbers of the input that are not points: where they stand in the block q, k, v, and their radii. */
typedef struct sbx_loose {
    size_t n;
    size_t *place;
    mpq_t *radius;
} sbx_loose;

/* What is measured: the input is centre + radius t, t[0..loose->n) inside of [-1, 1]; NULL: all 0. */
typedef struct sbx_reading {
    const sbx_distance_ask *ask;
    const sbx_loose *loose;
    const sbx_ivd *t;
    const sbx_ctx *ctx;
    unsigned want;            /* SBX_DISTANCE_SPECTRAL, _OUTPUTS */
    sbx_mat_meter *e, *a, *o; /* of the difference, the weights, the outputs */
    sbx_ivd mass_least, mass_most;
    sbx_ivd *keep;   /* n m weights, if not NULL: for the rank */
    sbx_mpq *keep_q; /* the same, exactly                      */
    sbx_ivf *keep_f;
    /* affine forms only, if not NULL: where the greatest error of a weight, the sum of squares, the same of
     * outputs grow, loose->n numbers each; a guess at the worst corner. top: of the first and the third */
    double *lean, top[2];
    struct sbx_sums *sums; /* the same: sums of forms are narrower than those of intervals */
} sbx_reading;

typedef struct sbx_sums {
    sbx_aff row, square[2]; /* sum |E_ij| of a row so far; sums of squares: weights, outputs */
    sbx_ivd most;           /* the greatest row                                              */
} sbx_sums;

/* *z = what the numbers of system `how` (MPQ, IVD, IVF; over a box: affine forms) say, as r asks. */
sbx_status sbx_distance_evaluate(sbx_distance *z, sbx_reading *r, sbx_num how,
                                 sbx_err *err) SBX_MUST_USE;

/* The greatest over the box of r->loose [L-MCH-71]. */
sbx_status sbx_distance_over_box(sbx_distance *z, sbx_reading *r, sbx_err *err) SBX_MUST_USE;

#endif
