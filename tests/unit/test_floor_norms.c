/* test_floor_norms.c -- (x_i^2 + eps) / sum and the Taylor polynomial of order 2: rows and columns of their
 * Jacobians at random points and near the best ones. [L-NRM-72], [L-NRM-90]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <math.h>

#include "softbox/study.h"

#define D_MAX 14

static sbx_cell cell;

/* column 0 in 2-norm, row 0 in 2-norm, and the gradient of log f_0, at x, for h = x^2 + 1 */
static void lengths(double *z, const double *x, size_t d)
{
    double sum = 0, col = 0, row = 0;
    for (size_t i = 0; i < d; i++)
        sum += x[i] * x[i] + 1;
    for (size_t i = 0; i < d; i++) {
        const double f = (x[i] * x[i] + 1) / sum, f0 = (x[0] * x[0] + 1) / sum;
        const double c = 2 * x[0] / sum * ((i == 0 ? 1 : 0) - f),
                     r = 2 * x[i] / sum * ((i == 0 ? 1 : 0) - f0);
        col += c * c;
        row += r * r;
    }
    z[0] = sqrt(col);
    z[1] = sqrt(row);
    z[2] = sqrt(row) * sum / (x[0] * x[0] + 1);
}

static void norms(void **state)
{
    uint64_t s = test_seed();
    (void)state;
    for (size_t d = 2; d <= D_MAX; d++) {
        double most[3] = {0, 0, 0}, x[D_MAX], z[3];
        const double n = (double)d - 1, c = cbrt(n);
        for (long r = test_rounds(20000); r-- > 0;) {
            const double w = r % 3 ? 2 : 6;
            for (size_t i = 0; i < d; i++)
                x[i] = test_uniform(&s, -w, w);
            if (r % 2)
                for (size_t i = 2; i < d; i++)
                    x[i] = x[1];
            lengths(z, x, d);
            for (int k = 0; k < 3; k++)
                most[k] = fmax(most[k], z[k]);
        }
        for (int k = 0; k < 3; k++) { /* the best points of the proof */
            x[0] = k == 0   ? (d == 2 ? 1 : sqrt((double)d / 3))
                   : k == 1 ? (d < 9 ? sqrt(2 * c - 1) : sqrt((double)d / 3))
                            : 1;
            for (size_t i = 1; i < d; i++)
                x[i] = k == 0   ? (d == 2 ? 1 : 0)
                       : k == 1 ? (d < 9 ? sqrt((2 * c * c - n) / n) : 0)
                                : 1000;
            lengths(z, x, d);
            most[k] = fmax(most[k], z[k]);
        }
        for (int taylor = 0; taylor < 2; taylor++)
            for (int k = 0; k < 3; k++) {
                const sbx_study_question q = {.quantity = k < 2 ? SBX_LIPSCHITZ : SBX_DINF,
                                              .d = d,
                                              .p = k == 0 ? SBX_L1 : SBX_L2,
                                              .q = k == 0 ? SBX_L2 : SBX_LINF};
                assert_ok(
                    sbx_study_quantity(&cell, taylor ? "taylor" : "spherical", &q, NULL, err));
                assert_true(cell.kind == SBX_CELL_NUMBER && cell.reached);
                if (!(most[k] <= mpq_get_d(cell.hi) * (1 + 1e-12)))
                    fail_msg("d = %zu, %d: %.15g above %.15g", d, k, most[k], mpq_get_d(cell.hi));
                if (!(most[k] >= mpq_get_d(cell.lo) * (k == 2 ? 0.99 : 1 - 1e-12)))
                    fail_msg("d = %zu, %d: %.15g below %.15g", d, k, most[k], mpq_get_d(cell.lo));
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(norms)};
    int bad;
    sbx_cell_init(&cell);
    bad = cmocka_run_group_tests_name("floor_norms", tests, NULL, NULL);
    sbx_cell_clear(&cell);
    return bad;
}
