/* study/sparsemax.c -- sparsemax: every constant is a square root of a rational.
 *
 * On the scores of a support of k the matrix of derivatives is I - 11^T/k   [L-NRM-59]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

static const char closed[] = "closed form";

/* the greatest |I - 11^T/k|_pq over k <= d */
static void lipschitz(calc *c, sbx_cell *z, const study_ask *a)
{
    const long d = a->d, n = d - 1;
    const bool rows = (a->p == SBX_L1 && a->q == SBX_L2) || (a->p == SBX_L2 && a->q == SBX_LINF);
    if (rows)
        sbx_cell_sqrt_si(c, z, n, d, closed);
    else if (a->p == SBX_L1 && a->q == SBX_LINF)
        sbx_cell_si(c, z, n, d, closed);
    else if (a->p == a->q && a->p != SBX_L2) /* 1 -> 1, inf -> inf */
        sbx_cell_si(c, z, 2 * n, d, closed);
    else if (a->p == SBX_L2 && a->q == SBX_L2)
        sbx_cell_si(c, z, d > 1, 1, closed);
    else if (a->p == SBX_LINF && a->q == SBX_L1) /* signs as even as can be */
        sbx_cell_si(c, z, d % 2 ? n * (d + 1) : d, d % 2 ? d : 1, closed);
    else /* 2 -> 1, inf -> 2 */
        sbx_cell_sqrt_si(c, z, d % 2 ? n * (d + 1) : d, d % 2 ? d : 1, closed);
}

void sbx_study_sparsemax(calc *c, sbx_cell *z, const study_ask *a)
{
    switch (a->quantity) {
    case SBX_EXPECTED_ERROR: sbx_cell_si(c, z, a->d - 1, 4 * a->d, closed); break;
    case SBX_WORST_ERROR: sbx_cell_si(c, z, a->d > 1, 1, closed); break;
    case SBX_LIPSCHITZ: lipschitz(c, z, a); break;
    case SBX_FROBENIUS: sbx_cell_sqrt_si(c, z, a->d - 1, 1, closed); break; /* [L-NRM-82] */
    case SBX_DINF:
    case SBX_DRENYI:
        if (a->d == 1)
            sbx_cell_si(c, z, 0, 1, closed);
        else
            sbx_cell_infinite(z, "the supports differ");
        break;
    case SBX_RATIO: sbx_cell_si(c, z, 1, a->d, "closed form, a limit"); break;
    case SBX_RANGE: sbx_cell_none(z, "range"); break;
    }
}
