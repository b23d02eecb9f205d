/* softbox/mech_distance.h -- how far an attention mechanism is from another, softmax attention before all:
 * errors of its weights and outputs, row mass, sign and rank, certified, at a point or over a box.
 *
 *   sbx_distance_ask ask = {.of = &sima, .from = &softmax, .of_x = &x, .from_x = &x,
 *                           .want = SBX_DISTANCE_ALL};
 *   sbx_distance z;
 *   st = sbx_mech_distance(&z, &ask, NULL, err);
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_MECH_DISTANCE_H
#define SBX_MECH_DISTANCE_H

#include "softbox/mech.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is computed beside the errors of the weights. */
enum {
    SBX_DISTANCE_SPECTRAL = 1, /* the spectral norm, both sides near: m^2 doubles; else it is only
                                * bounded by the others                                        */
    SBX_DISTANCE_OUTPUTS = 2,
    SBX_DISTANCE_RANK = 4, /* keeps n m numbers: intervals, or rationals for class Q        */
    SBX_DISTANCE_ALL = 7
};

/* q, k and v within these of the input's, number by number: radii >= 0; NULL: all 0 */
typedef struct sbx_mech_radius {
    mpq_t *q, *k, *v;
} sbx_mech_radius;

typedef struct sbx_distance_ask {
    const sbx_mech_args *of, *from;
    /* the same q, k, v; each with the extra matrices of its mechanism */
    const sbx_mech_data *of_x, *from_x;
    const sbx_mech_radius *radius; /* NULL: a point                                          */
    unsigned want;
    /* split the box into at most so many; 0: SBX_DISTANCE_BOXES. One with more than 64 numbers of a
     * radius > 0 is not split */
    size_t boxes;
} sbx_distance_ask;
#define SBX_DISTANCE_BOXES 32

/* Each field encloses its number. E: weights of `of` less those of `from`; over a box every field is the
 * greatest (mass_least, least: the least) over all inputs of the box. */
typedef struct sbx_distance {
    sbx_mech_shape shape;
    bool has_weights;              /* both have a matrix of weights: the fields of E hold */
    sbx_ivd entry;                 /* max |E_ij|                                           */
    sbx_ivd row_tv;                /* max over rows of sum_j |E_ij| / 2                    */
    sbx_ivd frobenius;             /* sqrt(sum E_ij^2)                                     */
    sbx_ivd spectral;              /* the greatest singular value of E                     */
    bool has_mass;                 /* `of` has weights                                     */
    sbx_ivd mass_least, mass_most; /* row sums of its weights: the least, the greatest       */
    sbx_ivd least, most;           /* its weights                                            */
    bool has_outputs;
    sbx_ivd out_entry, out_frobenius; /* of the difference of outputs                        */
    bool has_rank;
    size_t rank_least, rank_most; /* of its weights, for every input of the box          */
    sbx_num how;                  /* MPQ (exact weights), IVD, IVF of prec bits              */
    long prec;
    size_t boxes; /* the box was split into so many */
} sbx_distance;

/* The distance of two mechanisms.
 *
 *   tight  a point: rationals where both are of class Q and n m <= 2^14; else doubles, and 128, then
 *          320 bits where those leave a width of 2^-26 of the number (of softmax weights: about 1e-15). A
 *          box: intervals of the cover by sub-boxes against points inside; both sides are proved
 *   memory rows one after the other; see SBX_DISTANCE_*
 *   proof  L-MCH-70 (differences), L-MCH-71 (a box), L-MAT-01 .. (norms), L-MAT-06 .. (ranks)
 *   error  SBX_ERR_ARG  shapes that do not fit or differ, a radius < 0; SBX_ERR_DOMAIN  a mechanism
 *          has no value somewhere, perhaps; SBX_ERR_UNSUPPORTED; SBX_ERR_NOMEM, SBX_ERR_STOPPED */
sbx_status sbx_mech_distance(sbx_distance *z, const sbx_distance_ask *ask, const sbx_ctx *ctx,
                             sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
