/* The readers of data files: every element against what NumPy and Python's fractions say
 * (tests/data/arrays/make.py), refusals for their reason, CSV exactly, hostile bytes, memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/file.h"
#include "softbox/data.h"

#include <dirent.h>
#include <unistd.h>

#include "sbx_test.h"

#define DIR_OF "tests/data/arrays/"

static char tmp[64];

static int make_tmp(void **state)
{
    static char dir[] = "/tmp/sbx_XXXXXX";
    (void)state;
    if (!mkdtemp(dir)) return -1;
    (void)snprintf(tmp, sizeof tmp, "%s/x", dir);
    return 0;
}

static int drop_tmp(void **state)
{
    char *end = strrchr(tmp, '/');
    (void)state;
    (void)unlink(tmp);
    *end = 0;
    return rmdir(tmp);
}

static void write_tmp(const void *bytes, size_t n)
{
    FILE *f = fopen(tmp, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* ---- values ---------------------------------------------------------------------------- */

static void check_kind(const sbx_array *a, const char *kind, const char *file)
{
    static const char letter[] = {
        [SBX_DATA_BOOL] = 'b', [SBX_DATA_UINT] = 'u', [SBX_DATA_INT] = 'i', [SBX_DATA_REAL] = 'f'};
    if (letter[a->kind] != kind[0] || a->bytes != (size_t)(kind[1] - '0'))
        fail_msg("%s: kind %c%zu, not %s", file, letter[a->kind], a->bytes, kind);
}

static void check_dims(const sbx_array *a, const char *dims, const char *file)
{
    size_t rank = 0;
    for (const char *s = dims; *s && *s != '-'; rank++) {
        char *end;
        const size_t d = strtoul(s, &end, 10);
        if (rank >= a->rank || a->dim[rank] != d) fail_msg("%s: not of shape %s", file, dims);
        s = *end == 'x' ? end + 1 : end;
    }
    assert_int_equal(rank, a->rank);
}

/* One line of expected.txt. */
static void check_line(char *line)
{
    char *save = NULL, path[128];
    const char *file = strtok_r(line, " ", &save), *name = strtok_r(NULL, " ", &save);
    const char *kind = strtok_r(NULL, " ", &save), *dims = strtok_r(NULL, " ", &save), *v;
    const sbx_array *a;
    sbx_data d;
    size_t k = 0;
    mpq_t got, want;
    mpq_inits(got, want, NULL);
    (void)snprintf(path, sizeof path, DIR_OF "%s", file);
    assert_ok(sbx_data_read(&d, path, 0, err));
    a = sbx_data_find(&d, strcmp(name, "-") == 0 ? "" : name);
    assert_non_null(a);
    check_kind(a, kind, file);
    check_dims(a, dims, file);
    for (; (v = strtok_r(NULL, " ", &save)); k++) {
        assert_int_equal(mpq_set_str(want, v, 10), 0);
        assert_ok(sbx_array_get(got, a, k, err));
        if (!mpq_equal(got, want)) fail_msg("%s: element %zu is not %s", file, k, v);
    }
    assert_int_equal(k, a->n);
    assert_status(SBX_ERR_ARG, sbx_array_get(got, a, k, err));
    mpq_clears(got, want, NULL);
    sbx_data_clear(&d);
}

static void values(void **state)
{
    char *text, *save = NULL;
    size_t size, lines = 0;
    (void)state;
    assert_ok(sbx_file_read(&text, &size, DIR_OF "expected.txt", 1 << 20, err));
    for (char *s = strtok_r(text, "\n", &save); s; s = strtok_r(NULL, "\n", &save), lines++)
        check_line(s);
    assert_int_equal(lines, 39);
    sbx_free(text);
    assert_int_equal(sbx_alloc_live(), 0);
}

/* A NaN or an infinity is refused when it is asked for, and only it. */
static void no_values(void **state)
{
    static const unsigned char idx[] = {0,    0,    0x0d, 1, 0,    0,    0, 4, 0x7f, 0xc0, 0, 0,
                                        0x7f, 0x80, 0,    0, 0x3f, 0x80, 0, 0, 0xff, 0x80, 0, 0};
    static const char header[] =
        "\x93NUMPY\1\0\x36\0{'descr':'<f2','fortran_order':False,'shape':(3,)}    ";
    unsigned char npy[sizeof header + 5];
    sbx_data d;
    mpq_t q;
    (void)state;
    mpq_init(q);
    write_tmp(idx, sizeof idx);
    assert_ok(sbx_data_read(&d, tmp, 0, err));
    assert_status(SBX_ERR_DOMAIN, sbx_array_get(q, d.array, 0, err));
    assert_string_equal(err->msg, "element 0 is NaN");
    assert_status(SBX_ERR_DOMAIN, sbx_array_get(q, d.array, 1, err));
    assert_string_equal(err->msg, "element 1 is infinite");
    assert_ok(sbx_array_get(q, d.array, 2, err));
    assert_int_equal(mpq_cmp_ui(q, 1, 1), 0);
    assert_status(SBX_ERR_DOMAIN, sbx_array_get(q, d.array, 3, err));
    sbx_data_clear(&d);
    memcpy(npy, header, sizeof header - 1);
    npy[8] = (unsigned char)(sizeof header - 1 - 10);
    memcpy(npy + sizeof header - 1, "\x00\x7e\x00\xfc\xff\x7b", 6);
    write_tmp(npy, sizeof npy);
    assert_ok(sbx_data_read(&d, tmp, 0, err));
    assert_status(SBX_ERR_DOMAIN, sbx_array_get(q, d.array, 0, err));
    assert_status(SBX_ERR_DOMAIN, sbx_array_get(q, d.array, 1, err));
    assert_ok(sbx_array_get(q, d.array, 2, err));
    assert_int_equal(mpq_cmp_ui(q, 65504, 1), 0);
    sbx_data_clear(&d);
    mpq_clear(q);
}

/* ---- CSV ------------------------------------------------------------------------------- */

static void csv_is(const char *text, size_t rows, size_t columns, const char *header,
                   const char *want)
{
    char names[256] = "", all[1024] = "";
    sbx_data d;
    mpq_t q;
    mpq_init(q);
    write_tmp(text, strlen(text));
    assert_ok(sbx_data_read(&d, tmp, 0, err));
    assert_string_equal(d.format, "csv");
    assert_int_equal(d.array->rank, 2);
    assert_int_equal(d.array->dim[0], rows);
    assert_int_equal(d.array->dim[1], columns);
    assert_int_equal(!d.array->columns, !header);
    for (size_t k = 0; header && k < columns; k++) {
        strcat(names, d.array->columns[k]);
        strcat(names, ";");
    }
    if (header) assert_string_equal(names, header);
    for (size_t k = 0; k < d.array->n; k++) {
        assert_ok(sbx_array_get(q, d.array, k, err));
        strcat(mpq_get_str(all + strlen(all), 10, q), ";");
    }
    assert_string_equal(all, want);
    sbx_data_clear(&d);
    mpq_clear(q);
}

static void csv(void **state)
{
    (void)state;
    csv_is("0.1,-2\n1e-3,1/3", 2, 2, NULL, "1/10;-2;1/1000;1/3;");
    csv_is("label, x0 ,\"x 1\"\r\n\r\n 7 ,\"0.25\",.5\r\n", 1, 3, "label;x0;x 1;", "7;1/4;1/2;");
    csv_is("\xef\xbb\xbf"
           "a\n+1\n2.\n",
           2, 1, "a;", "1;2;");
    csv_is("label,1x1,2\n3,4,0x1p-2\n", 1, 3, "label;1x1;2;", "3;4;1/4;");
    csv_is("a,b\n", 0, 2, "a;b;", "");
}

/* ---- refusals --------------------------------------------------------------------------- */

static void refusals(void **state)
{
    char *text, *save = NULL;
    size_t size, lines = 0, files = 0;
    DIR *dir = opendir(DIR_OF "bad");
    (void)state;
    assert_non_null(dir);
    for (const struct dirent *e; (e = readdir(dir));)
        files += e->d_name[0] != '.';
    (void)closedir(dir);
    assert_ok(sbx_file_read(&text, &size, DIR_OF "bad/reasons.txt", 1 << 20, err));
    for (char *s = strtok_r(text, "\n", &save); s; s = strtok_r(NULL, "\n", &save), lines++) {
        char path[128], *why = strchr(s, ' ');
        sbx_data d;
        *why++ = 0;
        (void)snprintf(path, sizeof path, DIR_OF "bad/%s", s);
        if (sbx_data_read(&d, path, 0, err) == SBX_OK) fail_msg("%s: read", s);
        if (!strstr(err->msg, why)) fail_msg("%s: '%s', not '%s'", s, err->msg, why);
        if (!strstr(err->msg, s)) fail_msg("%s: '%s' does not name it", s, err->msg);
        if (d.store) fail_msg("%s: not cleared", s);
    }
    assert_int_equal(lines + 1, files);
    sbx_free(text);
    assert_int_equal(sbx_alloc_live(), 0);
}

/* Nothing bad comes of bytes that are changed or cut off: an error in one line, or elements. */
static void hostile(void **state)
{
    static const char *const from[] = {"a_le_f4.npy", "fortran.npy",    "deflated.npz",
                                       "stored.npz",  "descriptor.npz", "idx_i4",
                                       "bad/word.csv"};
    uint64_t seed = test_seed();
    mpq_t q;
    (void)state;
    mpq_init(q);
    for (long round = 0; round < test_rounds(3000); round++) {
        char path[128], *bytes;
        size_t n;
        sbx_data d;
        (void)snprintf(path, sizeof path, DIR_OF "%s", from[sbx_rng(&seed) % 7]);
        assert_ok(sbx_file_read(&bytes, &n, path, 1 << 20, err));
        for (uint64_t k = sbx_rng(&seed) % 4; k-- > 0;)
            bytes[sbx_rng(&seed) % n] = (char)sbx_rng(&seed);
        if (sbx_rng(&seed) % 4 == 0) n = sbx_rng(&seed) % n;
        write_tmp(bytes, n);
        sbx_free(bytes);
        err->msg[0] = 0;
        if (sbx_data_read(&d, tmp, 1 << 24, err) != SBX_OK) {
            assert_true(err->msg[0] && !strchr(err->msg, '\n') && !d.store);
            continue;
        }
        for (size_t a = 0; a < d.n_arrays; a++)
            for (size_t k = 0; k < d.array[a].n && k < 100; k++)
                (void)!sbx_array_get(q, &d.array[a], k, err);
        sbx_data_clear(&d);
    }
    mpq_clear(q);
    assert_int_equal(sbx_alloc_live(), 0);
}

static void memory(void **state)
{
    static const char *const from[] = {"deflated.npz", "a_le_f8.npy", "idx_i4"};
    sbx_data d;
    (void)state;
    assert_status(SBX_ERR_LIMIT, sbx_data_read(&d, DIR_OF "deflated.npz", 2000, err));
    assert_status(SBX_ERR_LIMIT, sbx_data_read(&d, DIR_OF "deflated.npz", 100, err));
    write_tmp("1,2,3,4,5,6,7,8,9\n", 18);
    assert_status(SBX_ERR_LIMIT, sbx_data_read(&d, tmp, 1000, err));
    for (size_t k = 0; k < 4; k++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", k < 3 ? DIR_OF : "", k < 3 ? from[k] : tmp);
        for (long n = 0;; n++) {
            sbx_status st;
            sbx_alloc_fail_after(n);
            st = sbx_data_read(&d, path, 0, err);
            sbx_alloc_fail_after(-1);
            if (st == SBX_OK) break;
            assert_int_equal(st, SBX_ERR_NOMEM);
            assert_int_equal(sbx_alloc_live(), 0);
        }
        sbx_data_clear(&d);
    }
    assert_status(SBX_ERR_IO, sbx_data_read(&d, DIR_OF "no_such_file", 0, err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),   cmocka_unit_test(no_values), cmocka_unit_test(csv),
        cmocka_unit_test(refusals), cmocka_unit_test(hostile),   cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, make_tmp, drop_tmp);
}
