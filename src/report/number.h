/* report/number.h -- an enclosure as the digits its ends share, and the rest of each end.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_REPORT_NUMBER_H
#define SBX_REPORT_NUMBER_H

#include "softbox/num.h"

/* head and lo, head and hi, times 10^e10, are the ends; where they share no digit worth
 * having, head is empty, and lo and hi are whole numbers; where the enclosure is one decimal, lo
 * and hi are empty. */
typedef struct sbx_shared {
    char *head, *lo, *hi;
    long e10;
} sbx_shared;

/* [lo, hi] in at most `digits` significant digits, and no more than the width is worth: the
 * decimals written are <= lo and >= hi [L-RPT-01]. false: no memory. */
bool sbx_shared_set(sbx_shared *s, mpq_srcptr lo, mpq_srcptr hi, int digits);
void sbx_shared_clear(sbx_shared *s);

#endif
