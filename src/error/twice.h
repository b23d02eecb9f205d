/* error/twice.h -- numbers as sums of two doubles: correctly rounded exp in double, and exact
 * values fine enough to see the errors of double.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_ERROR_TWICE_H
#define SBX_ERROR_TWICE_H

#include "error/machine.h"

/* hi + lo, |lo| <= u |hi|, times 2^k */
typedef struct twice {
    double hi, lo;
    int k;
} twice;

/* e^x, |x| <= 700, within a factor 1 + 2^-80 [L-ERR-10] */
twice sbx_twice_exp(double x);

/* e^x correctly rounded to double, for normal results; false: not decided */
bool sbx_exp_nearest(double *y, double x);

/* d[i] encloses z_i - exact_i for softmax, sums and dot products, some 70 bits of exact_i seen;
 * false: these inputs are not for it. v: n of them. [L-ERR-10] */
bool sbx_twice_softmax(iv *d, const double *z, const double *x, size_t n, twice *v);
/* The same for log-sum-exp or, with each, for log-softmax; 2^-76 seen. [L-STU-26] */
bool sbx_twice_lse(iv *d, const double *z, const double *x, size_t n, bool each, twice *v);
bool sbx_twice_sum(iv *d, double z, const double *x, size_t n, bool dot);

#endif
