/* study/study.h -- what the files of constants share: the question, and how a cell is filled.
 *
 * One function a normalizer fills the cell of any quantity, for lambda = delta = 1. It gives an
 * exact rational, an enclosure as narrow as the precision allows, two bounds that do not meet, or
 * infinity; the caller raises the precision until an enclosure is narrow enough.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_STUDY_STUDY_H
#define SBX_STUDY_STUDY_H

#include "softbox/study.h"
#include "study/calc.h"

typedef struct study_ask {
    sbx_quantity quantity;
    long d;
    sbx_ell p, q;
    mpq_srcptr order;
    mpq_srcptr par, par2; /* the normalizer's own parameters, if it has any */
    bool worst;           /* lower-bound: at worst error 1 */
} study_ask;

typedef void study_fn(calc *c, sbx_cell *z, const study_ask *a);

/* ---- filling a cell (cell.c) ---------------------------------------------------------- */

void sbx_cell_si(calc *c, sbx_cell *z, long a, long b, const char *how); /* a / b */
void sbx_cell_q(calc *c, sbx_cell *z, mpq_srcptr v, const char *how);
/* the square root of v >= 0; exact where v is a square */
void sbx_cell_sqrt(calc *c, sbx_cell *z, mpq_srcptr v, const char *how);
void sbx_cell_sqrt_si(calc *c, sbx_cell *z, long a, long b, const char *how);
/* an enclosure that narrows with the precision */
void sbx_cell_iv(calc *c, sbx_cell *z, const sbx_ivf *v, const char *how);
/* lo's lower end to hi's upper end, which do not meet at any precision */
void sbx_cell_between(calc *c, sbx_cell *z, const sbx_ivf *lo, const sbx_ivf *hi, const char *how);
void sbx_cell_at_least(calc *c, sbx_cell *z, const sbx_ivf *lo, const char *why);
void sbx_cell_infinite(sbx_cell *z, const char *why);
void sbx_cell_none(sbx_cell *z, const char *why);
/* the number, times or divided by v > 0 */
void sbx_cell_times(calc *c, sbx_cell *z, mpq_srcptr v);
void sbx_cell_over(calc *c, sbx_cell *z, mpq_srcptr v);
void sbx_cell_times_iv(calc *c, sbx_cell *z, const sbx_ivf *v);
void sbx_cell_over_iv(calc *c, sbx_cell *z, const sbx_ivf *v);
bool sbx_cell_does_not_meet(const sbx_cell *z);

/* points.c: the range of f_1 over the cube */
sbx_status sbx_study_range(sbx_cell *z, const char *text, size_t d, mpq_srcptr scale, long prec,
                           sbx_err *err);

/* v = 4^(1/q - 1/p - 1): the square of softmax's constant   [L-NRM-53] */
void sbx_study_ladder(mpq_ptr v, sbx_ell p, sbx_ell q);
/* softmax's constant of the divergences, squared: 1, 2, 4 for p = 1, 2, inf */
long sbx_study_slope(sbx_ell p);

/* turn.c: the difference (1 - t^rho) / (1 - t) - (1 + z^rho) / (1 + z), z = 1 + n t, has one zero in (0, 1) at most, and
 * rises there, for every n > 0; false: not proved   [L-NRM-88] */
bool sbx_study_one_turn(calc *c, mpq_srcptr rho);

/* ---- the normalizers ------------------------------------------------------------------ */

study_fn sbx_study_softmax, sbx_study_softmax1, sbx_study_log_softmax, sbx_study_hardmax,
    sbx_study_topk, sbx_study_sigsoftmax;
study_fn sbx_study_sparsemax, sbx_study_entmax, sbx_study_plsoftmax;
study_fn sbx_study_flip, sbx_study_shifted, sbx_study_power;
study_fn sbx_study_softplus, sbx_study_squareplus, sbx_study_spherical, sbx_study_taylor,
    sbx_study_squaremax, sbx_study_power_softmax;
study_fn sbx_study_lower;

#endif
