/* The ONNX reader: one small network in every form that a file may have, refusals for their
 * reason, hostile bytes, the public benchmarks.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/file.h"
#include "net/graph.h"
#include "softbox/net.h"

#include <dirent.h>
#include <unistd.h>

#include "sbx_test.h"

#define DATA "tests/data/onnx"
#define MAX  ((size_t)1 << 28)

static char tmp[64];

static int make_tmp(void **state)
{
    int fd;
    (void)state;
    (void)snprintf(tmp, sizeof tmp, "/tmp/sbx_onnx_XXXXXX");
    fd = mkstemp(tmp);
    return fd < 0 ? -1 : close(fd);
}

static int drop_tmp(void **state)
{
    (void)state;
    return unlink(tmp);
}

static void write_tmp(const char *bytes, size_t n)
{
    FILE *f = fopen(tmp, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* The exact value of output i at x = (1, 2, 4). */
static void computes(const char *path, size_t n, const char *const *want)
{
    sbx_net *net;
    mpq_t w;
    sbx_mpq x[3], y[4];
    static const long at[] = {1, 2, 4};
    mpq_init(w);
    for (size_t i = 0; i < 3; i++) {
        mpq_init(x[i].v);
        mpq_set_si(x[i].v, at[i], 1);
    }
    for (size_t i = 0; i < 4; i++)
        mpq_init(y[i].v);
    assert_ok(sbx_net_read_onnx(&net, path, 0, err));
    assert_int_equal(sbx_net_outputs(net), n);
    assert_ok(sbx_net_eval_mpq(y, net, x, NULL, err));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(mpq_set_str(w, want[i], 10), 0);
        mpq_canonicalize(w);
        if (!mpq_equal(w, y[i].v)) {
            char got[200];
            (void)gmp_snprintf(got, sizeof got, "%Qd", y[i].v);
            fail_msg("%s: output %zu is %s, not %s", path, i, got, want[i]);
        }
    }
    sbx_net_free(net);
    for (size_t i = 0; i < 3; i++)
        mpq_clear(x[i].v);
    for (size_t i = 0; i < 4; i++)
        mpq_clear(y[i].v);
    mpq_clear(w);
    assert_int_equal(sbx_alloc_live(), 0);
}

/* W x + b by hand: (1 - 4 + 2 + 1/8, 4 + 1/2 - 32 - 1). */
static void every_form_is_the_same_network(void **state)
{
    size_t files = 0;
    DIR *d = opendir(DATA);
    (void)state;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        char path[400];
        if (strncmp(e->d_name, "linear_", 7) != 0) continue;
        (void)snprintf(path, sizeof path, DATA "/%s", e->d_name);
        computes(path, 2, (const char *const[]){"-7/8", "-57/2"});
        files++;
    }
    (void)closedir(d);
    assert_int_equal(files, 26);
    computes(DATA "/linear_zipped.onnx", 2, (const char *const[]){"-7/8", "-57/2"});
}

/* Statistics that nobody reads are no reason to refuse a network. */
static void unread_outputs_are_left_out(void **state)
{
    sbx_net *net;
    (void)state;
    assert_ok(sbx_net_read_onnx(&net, DATA "/norms_unread.onnx", 0, err));
    assert_int_equal(sbx_net_outputs(net), 3);
    sbx_net_free(net);
}

static void weights_are_exact(void **state)
{
    static const char *const tenth[] = {"13421773/134217728", "3602879701896397/36028797018963968"};
    (void)state;
    computes(DATA "/tenth_float_typed.onnx", 1, &tenth[0]);
    computes(DATA "/tenth_float_raw.onnx", 1, &tenth[0]);
    computes(DATA "/tenth_double_typed.onnx", 1, &tenth[1]);
    computes(DATA "/tenth_double_raw.onnx", 1, &tenth[1]);
}

/* Both units of the first layer are negative at the point: only the second bias is left. */
static void layers_follow_each_other(void **state)
{
    sbx_net *net;
    sbx_net_info info;
    const char *name, *op;
    const size_t *dim;
    size_t rank;
    sbx_f64 y[2];
    (void)state;
    computes(DATA "/mlp.onnx", 2, (const char *const[]){"0", "8"});
    assert_ok(sbx_net_read_onnx(&net, DATA "/mlp.onnx", 0, err));
    sbx_net_get_info(&info, net);
    assert_int_equal(info.inputs, 3);
    assert_int_equal(info.outputs, 2);
    assert_int_equal(info.opset, 13);
    assert_int_equal(info.in_rank, 2);
    assert_int_equal(info.in_dim[1], 3);
    assert_string_equal(info.input_name, "x");
    assert_string_equal(info.output_name, "y");
    assert_true(sbx_net_get_node(&name, &op, &dim, &rank, net, 0));
    assert_string_equal(name, "first");
    assert_string_equal(op, "Gemm");
    assert_true(sbx_net_get_node(&name, &op, &dim, &rank, net, 2));
    assert_string_equal(name, "second");
    assert_ok(sbx_net_eval_f64(y, net, (const sbx_f64[]){0.0, -1.0, -1.0}, NULL, err));
    /* first: 2 - 1/2 + 1/8 = 13/8, -1/4 + 8 - 1 = 27/4 */
    assert_true(y[0] <= 15.125 && y[0] >= 15.125);
    assert_true(y[1] <= 6.5 && y[1] >= 6.5);
    sbx_net_free(net);
}

/* expect.txt has a line "name: part of the message" for each file of the folder. */
static void bad_files_are_refused_for_their_reason(void **state)
{
    size_t files = 0, runs = 0;
    char line[1000];
    FILE *f = fopen(DATA "/bad/expect.txt", "r");
    DIR *d = opendir(DATA "/bad");
    (void)state;
    assert_non_null(d);
    assert_non_null(f);
    for (struct dirent *e; (e = readdir(d));)
        files += strstr(e->d_name, ".onnx") != NULL;
    (void)closedir(d);
    for (; fgets(line, sizeof line, f); runs++) {
        char path[200];
        char *want = strstr(line, ": ");
        sbx_net *net;
        sbx_status st;
        assert_non_null(want);
        line[strcspn(line, "\n")] = 0;
        (void)snprintf(path, sizeof path, DATA "/bad/%.*s.onnx", (int)(want - line), line);
        st = sbx_net_read_onnx(&net, path, MAX, err);
        if (st != SBX_ERR_PARSE && st != SBX_ERR_UNSUPPORTED && st != SBX_ERR_LIMIT)
            fail_msg("%s: %s", path, sbx_status_name(st));
        if (!strstr(test_err.msg, want + 2)) fail_msg("not '%s': %s", want + 2, test_err.msg);
        if (strncmp(test_err.msg, path, strlen(path)) != 0 || strchr(test_err.msg, '\n'))
            fail_msg("%s: %s", path, test_err.msg);
        assert_null(net);
        assert_int_equal(sbx_net_read_onnx(&net, path, MAX, NULL), st);
        assert_int_equal(sbx_alloc_live(), 0);
    }
    (void)fclose(f);
    assert_int_equal(runs, files);
    assert_true(files >= 134);
}

static void a_missing_file_is_named(void **state)
{
    sbx_net *net;
    (void)state;
    assert_status(SBX_ERR_IO, sbx_net_read_onnx(&net, DATA "/none.onnx", 0, err));
    assert_non_null(strstr(test_err.msg, "none.onnx: No such file"));
    assert_null(net);
}

static void every_allocation_may_fail(void **state)
{
    static const char *const names[] = {
        DATA "/mlp.onnx", DATA "/linear_constants.onnx", DATA "/linear_reshape_raw.onnx",
        DATA "/linear_function_nested.onnx", DATA "/linear_function_default.onnx"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sbx_status st = SBX_ERR_NOMEM;
        long k;
        for (k = 0; st == SBX_ERR_NOMEM; k++) {
            sbx_net *net;
            sbx_alloc_fail_after(k);
            st = sbx_net_read_onnx(&net, names[i], 0, k % 2 ? err : NULL);
            sbx_alloc_fail_after(-1);
            if (st != SBX_OK) assert_null(net);
            sbx_net_free(net);
            assert_int_equal(sbx_alloc_live(), 0);
        }
        assert_int_equal(st, SBX_OK);
        assert_true(k > 10);
    }
}

/* Every cap up to the one that suffices gives a LIMIT. */
static void the_cap_on_memory_holds(void **state)
{
    sbx_status st = SBX_ERR_LIMIT;
    size_t max = 1;
    (void)state;
    for (; st == SBX_ERR_LIMIT && max < 100000; max += max / 32 + 1) {
        sbx_net *net;
        st = sbx_net_read_onnx(&net, DATA "/mlp.onnx", max, err);
        if (st != SBX_OK) assert_null(net);
        sbx_net_free(net);
    }
    assert_int_equal(st, SBX_OK);
    assert_true(max > 2000);
}

static const char *const seeds[] = {DATA "/mlp.onnx",
                                    DATA "/linear_function_nested.onnx",
                                    DATA "/linear_function_default.onnx",
                                    DATA "/linear_inputs.onnx",
                                    DATA "/linear_reshape_typed.onnx",
                                    DATA "/bad/sparse.onnx",
                                    DATA "/linear_constants.onnx"};

static void cut_files_do_no_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        char *bytes;
        size_t n;
        assert_ok(sbx_file_read(&bytes, &n, seeds[i], MAX, err));
        for (size_t k = 0; k < n; k++) {
            sbx_net *net;
            write_tmp(bytes, k);
            if (sbx_net_read_onnx(&net, tmp, MAX, err) != SBX_OK) assert_null(net);
            sbx_net_free(net);
        }
        sbx_free(bytes);
        assert_int_equal(sbx_alloc_live(), 0);
    }
}

static void changed_bytes_do_no_harm(void **state)
{
    uint64_t seed = test_seed();
    (void)state;
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        char *bytes;
        size_t n;
        assert_ok(sbx_file_read(&bytes, &n, seeds[i], MAX, err));
        for (long round = test_rounds(600); round > 0; round--) {
            sbx_net *net;
            char old[3];
            size_t at[3];
            for (size_t k = 0; k < 3; k++) {
                at[k] = sbx_rng(&seed) % n;
                old[k] = bytes[at[k]];
                bytes[at[k]] = (char)sbx_rng(&seed);
            }
            write_tmp(bytes, n);
            if (sbx_net_read_onnx(&net, tmp, MAX, err) != SBX_OK) assert_null(net);
            sbx_net_free(net);
            for (size_t k = 3; k-- > 0;)
                bytes[at[k]] = old[k];
        }
        sbx_free(bytes);
        assert_int_equal(sbx_alloc_live(), 0);
    }
}

/* A few bytes that ask for much: 4 MB of empty messages would be 400 MB of nodes. */
static void small_files_may_not_fill_the_memory(void **state)
{
    const size_t n = 4000000;
    char *bytes = malloc(n + 8);
    sbx_net *net;
    (void)state;
    assert_non_null(bytes);
    bytes[0] = 0x3a; /* graph, 4,000,000 bytes */
    bytes[1] = (char)0x80;
    bytes[2] = (char)0x92;
    bytes[3] = (char)0xf4;
    bytes[4] = 0x01;
    for (size_t k = 0; k < n; k += 2) {
        bytes[5 + k] = 0x0a; /* node, 0 bytes */
        bytes[6 + k] = 0;
    }
    write_tmp(bytes, n + 5);
    assert_status(SBX_ERR_LIMIT, sbx_net_read_onnx(&net, tmp, 30000000, err));
    free(bytes);
    assert_int_equal(sbx_alloc_live(), 0);
}

/* What the operators that exist can read; the others are named. */
static const char *const must_read[] = {
    "test/",          "acasxu_2023/",        "mnist_fc/",
    "rl_benchmarks/", "reach_prob_density/", "tllverifybench_2023/",
    "safenlp_2024/",  "cora_2024/",          "sat_relu/"};

static void benchmark_networks_are_read_or_refused(void **state)
{
    char path[4400];
    const char *shared = test_shared();
    size_t files = 0, read = 0;
    FILE *list;
    (void)state;
    if (!shared) {
        print_message("skip: no benchmarks (SBX_SHARED)\n");
        return;
    }
    (void)snprintf(path, sizeof path, "find %s/data/vnn -name '*.onnx.gz'", shared);
    list = popen(path, "r");
    assert_non_null(list);
    for (; fgets(path, sizeof path, list); files++) {
        sbx_net *net;
        sbx_status st;
        bool must = false;
        path[strcspn(path, "\n")] = 0;
        st = sbx_net_read_onnx(&net, path, 0, err);
        for (size_t i = 0; i < sizeof must_read / sizeof *must_read; i++)
            must = must || strstr(path, must_read[i]);
        if (st != SBX_OK && (must || st != SBX_ERR_UNSUPPORTED))
            fail_msg("%s: %s", sbx_status_name(st), test_err.msg);
        if (st != SBX_OK && !getenv("SBX_QUIET")) print_message("%s\n", test_err.msg);
        read += st == SBX_OK;
        sbx_net_free(net);
        assert_int_equal(sbx_alloc_live(), 0);
    }
    (void)pclose(list);
    print_message("%zu networks, %zu read\n", files, read);
    assert_true(files > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_the_same_network),
        cmocka_unit_test(unread_outputs_are_left_out),
        cmocka_unit_test(weights_are_exact),
        cmocka_unit_test(layers_follow_each_other),
        cmocka_unit_test(bad_files_are_refused_for_their_reason),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_cap_on_memory_holds),
        cmocka_unit_test(cut_files_do_no_harm),
        cmocka_unit_test(changed_bytes_do_no_harm),
        cmocka_unit_test(small_files_may_not_fill_the_memory),
        cmocka_unit_test(benchmark_networks_are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, make_tmp, drop_tmp);
}
