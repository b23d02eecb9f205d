/* error/search.h -- the worst input of a box, as far as a search finds it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_ERROR_SEARCH_H
#define SBX_ERROR_SEARCH_H

#include "error/format.h"

#define SBX_ERROR_MANY 200000

/* what is made large; an error of it: below 0 */
typedef double sbx_error_aim(void *arg, const double *x);

/* What many numbers are added up as: themselves or their exponentials, with so many bits. */
typedef struct sbx_error_terms {
    bool exps;
    int bits;
} sbx_error_terms;

/* x[0..n) becomes the best of about `tries` vectors of numbers of f in the box; false: there is no
 * such vector. Beyond SBX_ERROR_MANY numbers each is one leading number and equal others. */
bool sbx_error_search(double *x, const fmt *f, const double *lo, const double *hi, size_t n,
                      size_t tries, uint64_t seed, sbx_error_terms t, sbx_error_aim *aim,
                      void *arg);

#endif
