/* error/rounding.h -- the bound of one rounding over a range of exact results, for both ways of
 * the analysis. [L-ERR-01]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_ERROR_ROUNDING_H
#define SBX_ERROR_ROUNDING_H

#include "error/machine.h"

/* An operation with exact results in [lo, hi]: rounded is exact times a number within e^+-lam,
 * plus or minus eta (lam HUGE_VAL where a result may be negative), and exact plus or minus abs.
 * lo, hi: the exact and the rounded results, and what lies between them. */
typedef struct rounding {
    double lo, hi, lam, eta, abs;
} rounding;

/* How accurate the operation is. */
typedef struct accuracy {
    double ulps;   /* 0.5: correctly rounded                                        */
    double factor; /* >= 0: the relative error instead, for results that are normal */
    bool sum;      /* a sum of two numbers of the format: exact when subnormal      */
} accuracy;

/* false, with m->why set: a result may overflow */
bool sbx_round_range(em *m, rounding *r, const fmt *f, double lo, double hi, accuracy a);

/* the accuracies of + and -, * and /, exp, log */
accuracy sbx_accuracy_sum(const em *m);
accuracy sbx_accuracy_once(void);
accuracy sbx_accuracy_exp(const em *m);
accuracy sbx_accuracy_log(const em *m);

iv sbx_iv_mul(iv a, iv b);
/* b does not contain 0 */
iv sbx_iv_div(iv a, iv b);
iv sbx_iv_add(iv a, iv b);
double sbx_iv_mag(iv a);

#endif
