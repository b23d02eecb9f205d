/* test_study_range.c -- the range of f_1 over the cube |x_j| <= 1: all corners, and random points, by the
 * normalizers themselves. [L-NRM-91]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include <math.h>

#include "softbox/norm.h"
#include "softbox/study.h"

static void ranges(void **state)
{
    static const char *const all[] = {"hardmax",
                                      "rational",
                                      "rational:p=5:s=3",
                                      "top-k",
                                      "top-k:k=4:lambda=2",
                                      "top-k:k=1",
                                      "permute-and-flip",
                                      "permute-and-flip:lambda=1/3",
                                      "permute-and-flip:base=2",
                                      "softmax",
                                      "entmax-1.5",
                                      "entmax:alpha=5/4",
                                      "plsoftmax:delta=5/2"};
    uint64_t s = test_seed();
    sbx_cell z;
    (void)state;
    sbx_cell_init(&z);
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        for (size_t d = 1; d <= 6; d++) {
            const sbx_study_question q = {.quantity = SBX_RANGE, .d = d};
            sbx_norm_args a;
            double least = 2, most = -1;
            assert_ok(sbx_study_quantity(&z, all[k], &q, NULL, err));
            assert_int_equal(z.kind, SBX_CELL_RANGE);
            assert_true(z.reached);
            assert_ok(sbx_norm_read(&a, all[k], err));
            for (unsigned c = 0; c < (1u << d) + 100; c++) {
                sbx_ivd x[6], p[6];
                for (size_t i = 0; i < d; i++) {
                    const double e = c < 1u << d ? (c >> i & 1 ? 1 : -1) : test_uniform(&s, -1, 1);
                    x[i] = (sbx_ivd){e, e};
                }
                assert_ok(sbx_norm_eval_ivd(p, &a, x, d, NULL, err));
                least = fmin(least, p[0].hi);
                most = fmax(most, p[0].lo);
            }
            if (!(least >= mpq_get_d(z.lo) && most <= mpq_get_d(z.hi)))
                fail_msg("%s, d = %zu: [%.17g, %.17g] is outside", all[k], d, least, most);
            if (!(least <= mpq_get_d(z.lo) + 1e-12 && most >= mpq_get_d(z.hi) - 1e-12))
                fail_msg("%s, d = %zu: [%.17g, %.17g] is all that there is", all[k], d, least,
                         most);
            sbx_norm_args_clear(&a);
        }
    {
        const sbx_study_question q = {.quantity = SBX_RANGE, .d = 1}; /* 0/0 */
        assert_ok(sbx_study_quantity(&z, "rankmax", &q, NULL, err));
        assert_int_equal(z.kind, SBX_CELL_NONE);
    }
    sbx_cell_clear(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranges)};
    return cmocka_run_group_tests_name("study_range", tests, NULL, NULL);
}
