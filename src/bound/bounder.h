/* bound/bounder.h -- the inside of a bounder.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_BOUND_BOUNDER_H
#define SBX_BOUND_BOUNDER_H

#include "net/lin.h"
#include "softbox/bound.h"

struct sbx_bounder {
    const sbx_net *net;
    sbx_lin lin;
    bool *exact;        /* by tensor: its intervals are as good as any bounds */
    bool *full;         /* by tensor: has every element had its backward bounds in this run? */
    const sbx_ivd **x;  /* [the most inputs of a node] */
    sbx_ivd **y;        /* [the most outputs] */
    sbx_ivd *fresh;     /* the outputs of one node, before they are intersected */
    bool *changed;      /* by tensor: are its bounds better than its intervals? */
    double *lo;         /* [cap_rows] of one pass */
    size_t *pick;       /* [cap_rows / 2] elements of one pass */
    double *input_coef; /* [rows][inputs + 1] of the last run */
    size_t rows, cap_coef;
    bool ran_crown;
    double **value, **grad;  /* of sbx_bounder_forward, by tensor; NULL before it */
    struct sbx_alpha *alpha; /* of sbx_bounder_tighten; NULL before it */
};

/* Fills b->value as sbx_bounder_forward does, but a node k with line[k], [its outputs], goes
 * along its relaxation: the lower line where line[k][j] >= 0, else the upper one. */
sbx_status sbx_bounder_relaxed(sbx_bounder *b, const double *x, double *const *line,
                               sbx_err *err) SBX_MUST_USE;
void sbx_alpha_free(struct sbx_alpha *a, const sbx_net *net);

#endif
