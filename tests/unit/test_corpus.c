/* The kept files of the fuzzers, read again by the same targets: each made a reader take a way
 * that the test data do not, or crashed it once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define SBX_REPLAY
#include "../fuzz/fuzz_npy.c"
#include "../fuzz/fuzz_nnet.c"
#include "../fuzz/fuzz_onnx.c"
#include "../fuzz/fuzz_vnnlib.c"

#include <dirent.h>

#include "sbx_test.h"

static void replay(const char *name, int (*target)(const uint8_t *, size_t))
{
    char path[600];
    size_t files = 0;
    DIR *d;
    (void)snprintf(path, sizeof path, "tests/fuzz/corpus/%s", name);
    d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        static uint8_t bytes[1 << 16];
        FILE *f;
        size_t n;
        if (e->d_name[0] == '.') continue;
        (void)snprintf(path, sizeof path, "tests/fuzz/corpus/%s/%s", name, e->d_name);
        f = fopen(path, "rb");
        assert_non_null(f);
        n = fread(bytes, 1, sizeof bytes, f);
        (void)fclose(f);
        assert_int_equal(target(bytes, n), 0);
        files++;
    }
    (void)closedir(d);
    assert_true(files >= 50);
}

static void onnx(void **state)
{
    (void)state;
    replay("onnx", fuzz_onnx);
}

static void vnnlib(void **state)
{
    (void)state;
    replay("vnnlib", fuzz_vnnlib);
}

static void nnet(void **state)
{
    (void)state;
    replay("nnet", fuzz_nnet);
}

static void npy(void **state)
{
    (void)state;
    replay("npy", fuzz_npy);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(fuzz_file(NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(onnx),
        cmocka_unit_test(vnnlib),
        cmocka_unit_test(nnet),
        cmocka_unit_test(npy),
    };
    return cmocka_run_group_tests(tests, NULL, remove_file);
}
