/* run_mat -- norms, ranks and the least singular value of matrices from standard input: a line "m n", then
 * m lines of n doubles; prints a line of lo hi pairs each: spectral, frobenius, row_l1, col_l1, least
 * singular value, then the rank from below. tests/cli/mat.py judges them.
 *
 * Exit status: 0, 65.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/mat.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    size_t m, n, rank;
    sbx_err err;
    while (scanf("%zu %zu", &m, &n) == 2) {
        sbx_ivd *e = calloc(m * n, sizeof *e), z;
        sbx_mat_norms w;
        if (!e) return 65;
        for (size_t i = 0; i < m * n; i++) {
            if (scanf("%lf", &e[i].lo) != 1) return 65;
            e[i].hi = e[i].lo;
        }
        if (sbx_mat_norm(&w, e, m, n, NULL, &err) ||
            sbx_mat_least_singular(&z, e, m, n, NULL, &err) ||
            sbx_mat_rank_least(&rank, e, m, n, NULL, &err)) {
            (void)fprintf(stderr, "run_mat: %s\n", err.msg);
            return 65;
        }
        printf("%.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %zu\n", w.spectral.lo,
               w.spectral.hi, w.frobenius.lo, w.frobenius.hi, w.row_l1.lo, w.row_l1.hi, w.col_l1.lo,
               w.col_l1.hi, z.lo, z.hi, rank);
        free(e);
    }
    return 0;
}
