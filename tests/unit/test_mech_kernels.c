/* test_mech_kernels.c -- mechanisms of feature maps: against their definitions in doubles, the orders of their sums, and
 * their laws in exact rationals. [L-MCH-10], [L-MCH-11]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech_judge.h"

static double elu1(double x) { return x > 0 ? x + 1 : exp(x); }

static bool elu(const sbx_mech_args *a)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < sees(a, i); j++)
            for (size_t c = 0; c < D; c++)
                A[i * N + j] += elu1(q[i * D + c]) * elu1(k[j * D + c]);
    normal();
    return false;
}

static void definitions(void **state)
{
    (void)state;
    judge("elu", elu, 3);
    judge("elu:mask=causal", elu, 3);
}

static void orders(void **state)
{
    (void)state;
    orders_of("elu");
}

static void refusals(void **state)
{
    sbx_mech_args a;
    sbx_mech_data x;
    sbx_err why;
    (void)state;
    assert_int_equal(sbx_mech_generate(&x, "gaussian", 3, 2, 1, 1, NULL), SBX_OK);
    x.shape.m = 2;
    assert_int_equal(sbx_mech_read(&a, "elu:mask=causal", NULL), SBX_OK);
    assert_int_equal(sbx_mech_fill(&x, &a, 1, &why), SBX_ERR_ARG);
    assert_non_null(strstr(why.msg, "causal"));
    sbx_mech_args_clear(&a);
    x.shape.m = 3;
    sbx_mech_data_clear(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(definitions), cmocka_unit_test(orders),
                                       cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
