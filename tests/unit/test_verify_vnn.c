/* test_verify_vnn.c -- published networks and properties with known verdicts (third-party data,
 * found through SBX_SHARED).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/verify.h"

#include "sbx_test.h"

typedef struct instance {
    const char *net, *prop;
    sbx_verdict want;
} instance;

#define ACAS(n) "acasxu_2023/onnx/ACASXU_run2a_" n "_batch_2000.onnx"
#define PROP(k) "acasxu_2023/vnnlib/prop_" k ".vnnlib"

static const instance table[] = {
    {"test/onnx/test_nano.onnx", "test/vnnlib/test_nano.vnnlib", SBX_HOLDS},
    {"test/onnx/test_tiny.onnx", "test/vnnlib/test_tiny.vnnlib", SBX_HOLDS},
    {"test/onnx/test_small.onnx", "test/vnnlib/test_small.vnnlib", SBX_HOLDS},
    {"test/onnx/test_sat.onnx", "test/vnnlib/test_prop.vnnlib", SBX_VIOLATED},
    {"test/onnx/test_unsat.onnx", "test/vnnlib/test_prop.vnnlib", SBX_HOLDS},
    {ACAS("1_9"), PROP("1"), SBX_HOLDS},
    {ACAS("4_4"), PROP("1"), SBX_HOLDS},
    {ACAS("2_2"), PROP("2"), SBX_VIOLATED},
    {ACAS("3_1"), PROP("2"), SBX_VIOLATED},
    {ACAS("3_3"), PROP("4"), SBX_HOLDS},
    {ACAS("4_2"), PROP("4"), SBX_HOLDS},
    {ACAS("5_5"), PROP("4"), SBX_HOLDS},
    {ACAS("1_9"), PROP("7"), SBX_VIOLATED},
};

static void published_verdicts_are_found(void **unused)
{
    const char *const shared = test_shared();
    (void)unused;
    if (!shared) {
        print_message("skip: published networks are not here (SBX_SHARED)\n");
        return;
    }
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        const sbx_verify_opts o = {.threads = 2, .max_nodes = 3000};
        char net_name[4200], prop_name[4200];
        sbx_net *net = NULL;
        sbx_property p = {0};
        sbx_verify_result r;
        (void)snprintf(net_name, sizeof net_name, "%s/data/vnn/%s", shared, table[k].net);
        (void)snprintf(prop_name, sizeof prop_name, "%s/data/vnn/%s", shared, table[k].prop);
        assert_ok(sbx_net_read_onnx(&net, net_name, 0, err));
        assert_ok(sbx_property_read_vnnlib(&p, prop_name, err));
        assert_ok(sbx_verify(&r, net, &p, &o, err));
        if (r.verdict != table[k].want)
            fail_msg("%s %s: verdict %d, not %d: %s", table[k].net, table[k].prop, (int)r.verdict,
                     (int)table[k].want, r.reason);
        for (size_t i = 0; i < r.n_x; i++)
            assert_true(mpq_cmp(p.disjunct[r.disjunct].lo[i], r.x[i]) <= 0 &&
                        mpq_cmp(r.x[i], p.disjunct[r.disjunct].hi[i]) <= 0);
        sbx_verify_result_clear(&r);
        sbx_property_clear(&p);
        sbx_net_free(net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(published_verdicts_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
