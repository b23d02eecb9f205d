/* The .nnet reader: values against a reading of the text by other means (strtod, rationals),
 * refusals for their reason, hostile bytes, the public networks [L-NET-80].
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/file.h"
#include "softbox/net.h"
#include "softbox/property.h"
#include "softbox/verify.h"

#include <ctype.h>
#include <dirent.h>
#include <unistd.h>

#include "sbx_test.h"

#define DATA "tests/data/nnet"
#define MAX  ((size_t)1 << 28)

static char tmp[64];

static int make_tmp(void **state)
{
    static char dir[] = "/tmp/sbx_XXXXXX";
    (void)state;
    if (!mkdtemp(dir)) return -1;
    (void)snprintf(tmp, sizeof tmp, "%s/x.nnet", dir);
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

static void write_tmp(const char *bytes, size_t n)
{
    FILE *f = fopen(tmp, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* ---- the reference: the fields of the file one by one ---------------------------------- */

/* The next number of the text, as the nearest double. */
static double next(const char **s)
{
    char *end;
    double v;
    for (;;) {
        while (isspace((unsigned char)**s) || **s == ',')
            ++*s;
        if ((*s)[0] != '/') break;
        *s += strcspn(*s, "\n");
    }
    v = strtod(*s, &end);
    assert_true(end != *s);
    *s = end;
    return v;
}

static mpq_t *vector(size_t n)
{
    mpq_t *v = calloc(n, sizeof *v);
    assert_non_null(v);
    for (size_t k = 0; k < n; k++)
        mpq_init(v[k]);
    return v;
}

static void drop(mpq_t *v, size_t n)
{
    for (size_t k = 0; k < n; k++)
        mpq_clear(v[k]);
    free(v);
}

/* z = max(0, W x + b) or W x + b, the numbers from the text */
static mpq_t *apply(const mpq_t *x, size_t in, size_t out, bool relu, const char **s)
{
    mpq_t *z = vector(out), w;
    mpq_init(w);
    for (size_t i = 0; i < out; i++)
        for (size_t j = 0; j < in; j++) {
            mpq_set_d(w, next(s));
            mpq_mul(w, w, x[j]);
            mpq_add(z[i], z[i], w);
        }
    for (size_t i = 0; i < out; i++) {
        mpq_set_d(w, next(s));
        mpq_add(z[i], z[i], w);
        if (relu && mpq_sgn(z[i]) < 0) mpq_set_ui(z[i], 0, 1);
    }
    mpq_clear(w);
    return z;
}

/* The reader's network at t in [0, 1] of the way through the domain, exactly, is the text's. */
static void computes_what_the_text_says(const char *path, mpq_srcptr t)
{
    char *text;
    const char *s;
    size_t size, layers, n, in, width[64];
    const mpq_t *lo, *hi;
    sbx_net *net;
    mpq_t *x, *mean, *range;
    sbx_mpq *at, *y;

    assert_ok(sbx_file_read(&text, &size, path, MAX, err));
    assert_ok(sbx_net_read(&net, path, 0, err));
    s = text;
    layers = (size_t)next(&s);
    in = n = (size_t)next(&s);
    assert_int_equal(sbx_net_inputs(net), n);
    assert_int_equal(sbx_net_outputs(net), (size_t)next(&s));
    (void)next(&s);
    assert_true(layers < 64);
    for (size_t k = 0; k <= layers; k++)
        width[k] = (size_t)next(&s);
    (void)next(&s);
    assert_true(sbx_net_domain(&lo, &hi, net));
    x = vector(n);
    mean = vector(n + 1);
    range = vector(n + 1);
    at = calloc(n, sizeof *at);
    y = calloc(width[layers], sizeof *y);
    for (size_t e = 0; e < 2; e++)
        for (size_t k = 0; k < n; k++)
            assert_true(mpq_get_d((e ? hi : lo)[k]) - next(&s) < 1e-9);
    for (size_t k = 0; k <= n; k++)
        mpq_set_d(mean[k], next(&s));
    for (size_t k = 0; k <= n; k++)
        mpq_set_d(range[k], next(&s));
    for (size_t k = 0; k < n; k++) {
        mpq_init(at[k].v);
        mpq_sub(x[k], hi[k], lo[k]);
        mpq_mul(x[k], x[k], t);
        mpq_add(x[k], x[k], lo[k]);
        mpq_set(at[k].v, x[k]);
        mpq_sub(x[k], x[k], mean[k]);
        mpq_div(x[k], x[k], range[k]);
    }
    for (size_t k = 0; k < layers; k++) {
        mpq_t *z = apply((const mpq_t *)x, width[k], width[k + 1], k + 1 < layers, &s);
        drop(x, in);
        x = z;
        in = width[k + 1];
    }
    for (size_t k = 0; k < in; k++)
        mpq_init(y[k].v);
    assert_ok(sbx_net_eval_mpq(y, net, at, NULL, err));
    for (size_t k = 0; k < in; k++) {
        mpq_mul(x[k], x[k], range[n]);
        mpq_add(x[k], x[k], mean[n]);
        if (!mpq_equal(x[k], y[k].v)) fail_msg("%s: output %zu", path, k);
        mpq_clear(y[k].v);
    }
    for (size_t k = 0; k < n; k++)
        mpq_clear(at[k].v);
    free(at);
    free(y);
    drop(x, in);
    drop(mean, n + 1);
    drop(range, n + 1);
    sbx_net_free(net);
    sbx_free(text);
    assert_int_equal(sbx_alloc_live(), 0);
}

static void small_networks_compute_what_the_text_says(void **state)
{
    mpq_t t;
    (void)state;
    mpq_init(t);
    for (unsigned k = 0; k <= 7; k++) {
        mpq_set_ui(t, k, 7);
        mpq_canonicalize(t);
        computes_what_the_text_says(DATA "/small.nnet", t);
        computes_what_the_text_says(DATA "/plain.nnet", t);
        computes_what_the_text_says(DATA "/zipped.nnet.gz", t);
    }
    mpq_clear(t);
}

static void the_domain_is_exact(void **state)
{
    sbx_net *net;
    const mpq_t *lo, *hi;
    sbx_net_info info;
    (void)state;
    assert_ok(sbx_net_read_nnet(&net, DATA "/zipped.nnet", 0, err)); /* the .gz */
    assert_true(sbx_net_domain(&lo, &hi, net));
    assert_int_equal(mpq_cmp_si(lo[0], -1, 1), 0);
    assert_int_equal(mpq_cmp_si(lo[1], -5, 2), 0);
    assert_int_equal(mpq_cmp_si(hi[0], 3, 1), 0);
    assert_int_equal(mpq_cmp_si(hi[1], 5, 2), 0);
    sbx_net_get_info(&info, net);
    assert_int_equal(info.parameters, 6 + 3 + 6 + 2 + 2 + 2 + 1 + 1);
    assert_int_equal(info.nodes, 7);
    assert_int_equal(info.opset, 0);
    sbx_net_free(net);
    assert_ok(sbx_net_read(&net, "tests/data/onnx/mlp.onnx", 0, err));
    assert_false(sbx_net_domain(&lo, &hi, net));
    sbx_net_free(net);
}

/* A box that leaves the domain by 10^-30 is refused; the domain itself is not. */
static void nothing_is_asked_outside_of_the_domain(void **state)
{
    static const char *const hi[] = {"2.5", "2.500000000000000000000000000001"};
    sbx_net *net;
    (void)state;
    assert_ok(sbx_net_read(&net, DATA "/small.nnet", 0, err));
    for (int k = 0; k < 2; k++) {
        sbx_property p;
        sbx_verify_result r;
        char text[600];
        (void)snprintf(text, sizeof text,
                       "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)"
                       "(declare-const Y_1 Real)(assert (and (<= X_0 3) (>= X_0 -1) (<= X_1 %s)"
                       "(>= X_1 -2.5) (<= Y_0 -1000)))",
                       hi[k]);
        write_tmp(text, strlen(text));
        assert_ok(sbx_property_read_vnnlib(&p, tmp, err));
        assert_status(k ? SBX_ERR_ARG : SBX_OK, sbx_verify(&r, net, &p, NULL, err));
        if (!k) assert_int_equal(r.verdict, SBX_HOLDS);
        if (k) assert_non_null(strstr(test_err.msg, "X_1 leaves the box"));
        sbx_verify_result_clear(&r);
        sbx_property_clear(&p);
    }
    sbx_net_free(net);
    assert_int_equal(sbx_alloc_live(), 0);
}

/* ---- what is no network ------------------------------------------------------------------ */

/* The first line of a file says what the message must hold. */
static void bad_files_are_refused_for_their_reason(void **state)
{
    size_t runs = 0;
    DIR *d = opendir(DATA "/bad");
    (void)state;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        char path[400], want[200];
        sbx_net *net;
        sbx_status st;
        FILE *f;
        const size_t max = strstr(e->d_name, "digits") ? 8000 : MAX;
        if (!strstr(e->d_name, ".nnet")) continue;
        (void)snprintf(path, sizeof path, DATA "/bad/%s", e->d_name);
        f = fopen(path, "r");
        assert_non_null(f);
        assert_non_null(fgets(want, sizeof want, f));
        (void)fclose(f);
        want[strcspn(want, "\n")] = 0;
        st = sbx_net_read(&net, path, max, err);
        if (st != SBX_ERR_PARSE && st != SBX_ERR_UNSUPPORTED && st != SBX_ERR_LIMIT)
            fail_msg("%s: %s", path, sbx_status_name(st));
        if (!strstr(test_err.msg, want + 3)) fail_msg("not '%s': %s", want + 3, test_err.msg);
        if (strncmp(test_err.msg, path, strlen(path)) != 0 || strchr(test_err.msg, '\n'))
            fail_msg("%s: %s", path, test_err.msg);
        assert_null(net);
        assert_int_equal(sbx_net_read(&net, path, max, NULL), st);
        assert_int_equal(sbx_alloc_live(), 0);
        runs++;
    }
    (void)closedir(d);
    assert_int_equal(runs, 42);
}

static void every_allocation_may_fail(void **state)
{
    sbx_status st = SBX_ERR_NOMEM;
    long k;
    (void)state;
    for (k = 0; st == SBX_ERR_NOMEM; k++) {
        sbx_net *net;
        sbx_alloc_fail_after(k);
        st = sbx_net_read(&net, DATA "/zipped.nnet.gz", 0, k % 2 ? err : NULL);
        sbx_alloc_fail_after(-1);
        if (st != SBX_OK) assert_null(net);
        sbx_net_free(net);
        assert_int_equal(sbx_alloc_live(), 0);
    }
    assert_int_equal(st, SBX_OK);
    assert_true(k > 5);
}

/* Every cap up to the one that suffices gives a LIMIT. */
static void the_cap_on_memory_holds(void **state)
{
    sbx_status st = SBX_ERR_LIMIT;
    size_t max = 1;
    (void)state;
    for (; st == SBX_ERR_LIMIT && max < 100000; max += max / 32 + 1) {
        sbx_net *net;
        st = sbx_net_read(&net, DATA "/small.nnet", max, err);
        if (st != SBX_OK && st != SBX_ERR_LIMIT) fail_msg("%zu: %s", max, test_err.msg);
        if (st != SBX_OK) assert_null(net);
        sbx_net_free(net);
    }
    assert_int_equal(st, SBX_OK);
    assert_true(max > 500);
}

static void cut_and_changed_files_do_no_harm(void **state)
{
    uint64_t seed = test_seed();
    char *bytes;
    size_t n;
    (void)state;
    assert_ok(sbx_file_read(&bytes, &n, DATA "/small.nnet", MAX, err));
    for (size_t k = 0; k < n; k++) {
        sbx_net *net;
        write_tmp(bytes, k);
        if (sbx_net_read(&net, tmp, MAX, err) != SBX_OK) assert_null(net);
        sbx_net_free(net);
    }
    for (long round = test_rounds(3000); round > 0; round--) {
        sbx_net *net;
        char old[3];
        size_t at[3];
        for (size_t k = 0; k < 3; k++) {
            at[k] = sbx_rng(&seed) % n;
            old[k] = bytes[at[k]];
            bytes[at[k]] =
                round % 2 ? "0123456789.,-e\n/ "[sbx_rng(&seed) % 17] : (char)sbx_rng(&seed);
        }
        write_tmp(bytes, n);
        if (sbx_net_read(&net, tmp, MAX, err) != SBX_OK) assert_null(net);
        sbx_net_free(net);
        for (size_t k = 3; k-- > 0;)
            bytes[at[k]] = old[k];
    }
    sbx_free(bytes);
    assert_int_equal(sbx_alloc_live(), 0);
}

/* ---- the public ones ------------------------------------------------------------------ */

static void benchmark_networks_compute_what_their_text_says(void **state)
{
    char path[4400];
    const char *shared = test_shared();
    size_t files = 0;
    FILE *list;
    mpq_t t;
    (void)state;
    if (!shared) {
        print_message("skip: no benchmarks (SBX_SHARED)\n");
        return;
    }
    mpq_init(t);
    mpq_set_ui(t, 1, 2);
    (void)snprintf(path, sizeof path, "find %s/data/vnn -name '*.nnet.gz'", shared);
    list = popen(path, "r");
    assert_non_null(list);
    for (; fgets(path, sizeof path, list); files++) {
        path[strcspn(path, "\n")] = 0;
        computes_what_the_text_says(path, t);
    }
    (void)pclose(list);
    assert_int_equal(files, 152);
    mpq_clear(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_networks_compute_what_the_text_says),
        cmocka_unit_test(the_domain_is_exact),
        cmocka_unit_test(nothing_is_asked_outside_of_the_domain),
        cmocka_unit_test(bad_files_are_refused_for_their_reason),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_cap_on_memory_holds),
        cmocka_unit_test(cut_and_changed_files_do_no_harm),
        cmocka_unit_test(benchmark_networks_compute_what_their_text_says),
    };
    return cmocka_run_group_tests(tests, make_tmp, drop_tmp);
}
