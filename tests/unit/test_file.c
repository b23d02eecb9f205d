/* Reading whole files: plain, gzip, absent, damaged, too large.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/file.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "sbx_test.h"

#define LONG 200000

static char dir[64];
static char text[LONG]; /* what the files hold */

static const char *at(const char *name)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void put(const char *name, const void *bytes, size_t n)
{
    FILE *f = fopen(at(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static size_t packed(unsigned char *out, size_t room, const char *bytes, size_t n)
{
    z_stream z = {0};
    size_t got;
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)bytes;
    z.avail_in = (uInt)n;
    z.next_out = out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    got = room - z.avail_out;
    assert_int_equal(deflateEnd(&z), Z_OK);
    return got;
}

static int make_dir(void **state)
{
    uint64_t seed = 1;
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/sbx_file_XXXXXX");
    for (size_t i = 0; i < LONG; i++)
        text[i] = "0123456789abcdef\n"[sbx_rng(&seed) % 17];
    return mkdtemp(dir) ? 0 : -1;
}

static int drop_dir(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

static void holds(const char *name, const char *bytes, size_t n, size_t max)
{
    char *data;
    size_t size;
    assert_ok(sbx_file_read(&data, &size, at(name), max, err));
    assert_int_equal(size, n);
    if (n) assert_memory_equal(data, bytes, n);
    assert_int_equal(data[n], 0);
    sbx_free(data);
}

static void refused(const char *path, size_t max, sbx_status why, const char *says)
{
    char *data;
    size_t size;
    assert_status(why, sbx_file_read(&data, &size, path, max, err));
    assert_null(data);
    assert_non_null(strstr(test_err.msg, says));
    assert_null(strchr(test_err.msg, '\n'));
    assert_int_equal(test_err.code, why);
}

static void plain_files_of_every_size_come_whole(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++) {
        put("p", text, n);
        holds("p", text, n, 1000);
        holds("p", text, n, n);
        if (n) refused(at("p"), n - 1, SBX_ERR_LIMIT, "over");
    }
    put("p", text, LONG);
    holds("p", text, LONG, LONG);
    refused(at("p"), LONG - 1, SBX_ERR_LIMIT, "/p: over 199999 bytes");
}

static void gzip_files_are_unpacked(void **state)
{
    static unsigned char z[2 * LONG];
    (void)state;
    for (size_t n = 0; n < 40; n++) {
        put("z", z, packed(z, sizeof z, text, n));
        holds("z", text, n, 1000);
        holds("z", text, n, n);
        if (n) refused(at("z"), n - 1, SBX_ERR_LIMIT, "over");
    }
    put("z", z, packed(z, sizeof z, text, LONG));
    holds("z", text, LONG, LONG);
    refused(at("z"), LONG - 1, SBX_ERR_LIMIT, "over");
}

static void a_missing_name_is_tried_with_gz(void **state)
{
    static unsigned char z[1000];
    (void)state;
    put("only.gz", z, packed(z, sizeof z, "hello", 5));
    holds("only", "hello", 5, 100);
    put("plain.gz", "not packed", 10);
    holds("plain", "not packed", 10, 100);
    put("both", "first", 5);
    put("both.gz", "second", 6);
    holds("both", "first", 5, 100);
    refused(at("none"), 100, SBX_ERR_IO, "/none: No such file");
}

static void members_follow_each_other(void **state)
{
    static unsigned char z[1000];
    size_t n;
    (void)state;
    n = packed(z, sizeof z, "hello ", 6);
    n += packed(z + n, sizeof z - n, "world", 5);
    put("two.gz", z, n);
    holds("two", "hello world", 11, 100);
    z[n] = 'x';
    put("two.gz", z, n + 1);
    refused(at("two"), 100, SBX_ERR_PARSE, "gz");
}

/* Cut at every length, and each byte changed: refused, or the header's free bytes. */
static void damaged_gzip_is_refused(void **state)
{
    static unsigned char z[1000];
    char *data;
    size_t size, n;
    (void)state;
    n = packed(z, sizeof z, text, 300);
    for (size_t k = 2; k < n; k++) {
        put("cut.gz", z, k);
        refused(at("cut.gz"), 1000, SBX_ERR_PARSE, "cut.gz: gzip data cut short");
    }
    for (size_t k = 10; k < n; k++) {
        z[k] ^= 0x10;
        put("bad.gz", z, n);
        z[k] ^= 0x10;
        assert_status(SBX_ERR_PARSE, sbx_file_read(&data, &size, at("bad.gz"), 1000, err));
    }
}

static void a_small_file_may_not_fill_the_memory(void **state)
{
    static unsigned char z[20000];
    static char zeros[10000000];
    const size_t n = packed(z, sizeof z, zeros, sizeof zeros);
    (void)state;
    put("bomb.gz", z, n);
    refused(at("bomb"), 5000, SBX_ERR_LIMIT, "bomb.gz: over 5000 bytes");
}

static void directories_and_forbidden_files_are_named(void **state)
{
    (void)state;
    refused(dir, 100, SBX_ERR_IO, "Is a directory");
    refused("/nonexistent/x", 100, SBX_ERR_IO, "/nonexistent/x: No such file");
    put("shut", "x", 1);
    assert_int_equal(chmod(at("shut"), 0), 0);
    if (access(at("shut"), R_OK) != 0) refused(at("shut"), 100, SBX_ERR_IO, "denied");
}

static void a_long_name_leaves_room_for_the_reason(void **state)
{
    char name[1000];
    (void)state;
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = 0;
    refused(name, 100, SBX_ERR_IO, "aaa: ");
}

static void every_allocation_may_fail(void **state)
{
    static unsigned char z[1000];
    static const char *const names[] = {"alloc", "alloc_plain"};
    (void)state;
    put("alloc.gz", z, packed(z, sizeof z, text, 500));
    put("alloc_plain", text, 500);
    for (size_t i = 0; i < 2; i++) {
        sbx_status st = SBX_ERR_NOMEM;
        long k;
        for (k = 0; st == SBX_ERR_NOMEM; k++) {
            char *data;
            size_t size;
            sbx_alloc_fail_after(k);
            st = sbx_file_read(&data, &size, at(names[i]), 1000, err);
            sbx_alloc_fail_after(-1);
            sbx_free(data);
            assert_int_equal(sbx_alloc_live(), 0);
        }
        assert_int_equal(st, SBX_OK);
        assert_true(k > 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_files_of_every_size_come_whole),
        cmocka_unit_test(gzip_files_are_unpacked),
        cmocka_unit_test(a_missing_name_is_tried_with_gz),
        cmocka_unit_test(members_follow_each_other),
        cmocka_unit_test(damaged_gzip_is_refused),
        cmocka_unit_test(a_small_file_may_not_fill_the_memory),
        cmocka_unit_test(directories_and_forbidden_files_are_named),
        cmocka_unit_test(a_long_name_leaves_room_for_the_reason),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
