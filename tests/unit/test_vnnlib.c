/* The VNN-LIB reader: what it understands, what it refuses, and that nothing breaks it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "softbox/property.h"

#include <dirent.h>
#include <gmp.h>
#include <time.h>
#include <unistd.h>

#include "sbx_test.h"

#define BAD "tests/data/vnnlib/bad"

static char tmp[64];
static sbx_property p;

/* Two inputs in [0,1] x [-1,2] and two outputs. */
#define DECLARE                                                                \
    "(declare-const X_0 Real)(declare-const X_1 real)(declare-const Y_0 Real)" \
    "(declare-const Y_1 Real)"
#define BOX "(assert (>= X_0 0))(assert (<= X_0 1))(assert (>= X_1 -1))(assert (<= X_1 2))"

static void write_tmp(const char *text, size_t n)
{
    FILE *f = fopen(tmp, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static int make_tmp(void **state)
{
    int fd;
    (void)state;
    (void)snprintf(tmp, sizeof tmp, "/tmp/sbx_vnnlib_XXXXXX");
    fd = mkstemp(tmp);
    return fd < 0 ? -1 : close(fd);
}

static int drop_tmp(void **state)
{
    (void)state;
    return unlink(tmp);
}

static void given(const char *text)
{
    write_tmp(text, strlen(text));
    assert_ok(sbx_property_read_vnnlib(&p, tmp, err));
}

static void is(mpq_srcptr q, const char *want)
{
    mpq_t w;
    mpq_init(w);
    assert_int_equal(mpq_set_str(w, want, 10), 0);
    if (!mpq_equal(q, w)) {
        char *got = mpq_get_str(NULL, 10, q);
        fail_msg("%s, not %s", got, want);
    }
    mpq_clear(w);
}

/* One constraint as text: "1 X_0 -2 Y_1 <= 3". */
static void says(const sbx_constraint *c, const char *want)
{
    char got[400];
    size_t n = 0;
    for (size_t i = 0; i < c->n_terms; i++)
        n += (size_t)gmp_snprintf(got + n, sizeof got - n, "%Qd %c_%zu ", c->term[i].coef,
                                  c->term[i].is_output ? 'Y' : 'X', c->term[i].var);
    (void)gmp_snprintf(got + n, sizeof got - n, "%s %Qd", c->strict ? "<" : "<=", c->rhs);
    assert_string_equal(got, want);
}

/* A file with one formula besides declarations and box: its one disjunct is these. */
static void means(const char *formula, size_t n, const char *first, const char *second)
{
    char text[1000];
    (void)snprintf(text, sizeof text, DECLARE BOX "(assert %s)", formula);
    given(text);
    assert_int_equal(p.n_disjuncts, 1);
    assert_int_equal(p.disjunct[0].n_constraints, n);
    if (n > 0) says(&p.disjunct[0].constraint[0], first);
    if (n > 1) says(&p.disjunct[0].constraint[1], second);
    sbx_property_clear(&p);
}

static void comparisons_become_at_most(void **state)
{
    (void)state;
    means("(<= Y_0 1)", 1, "1 Y_0 <= 1", NULL);
    means("(>= Y_0 1)", 1, "-1 Y_0 <= -1", NULL);
    means("(< Y_0 1)", 1, "1 Y_0 < 1", NULL);
    means("(> Y_0 1)", 1, "-1 Y_0 < -1", NULL);
    means("(= Y_0 1)", 2, "1 Y_0 <= 1", "-1 Y_0 <= -1");
    means("(<= 1 Y_0)", 1, "-1 Y_0 <= -1", NULL);
    means("(>= 1 Y_0)", 1, "1 Y_0 <= 1", NULL);
    means("(<= Y_0 Y_1)", 1, "1 Y_0 -1 Y_1 <= 0", NULL);
    means("(>= Y_0 Y_1)", 1, "-1 Y_0 1 Y_1 <= 0", NULL);
}

static void terms_are_linear_forms(void **state)
{
    (void)state;
    means("(<= (+ Y_0 Y_1) 1)", 1, "1 Y_0 1 Y_1 <= 1", NULL);
    means("(<= (+ Y_0 1 Y_1 2) (+ 10 Y_1 Y_1))", 1, "1 Y_0 -1 Y_1 <= 7", NULL);
    means("(<= (- Y_0 Y_1) 0.5)", 1, "1 Y_0 -1 Y_1 <= 1/2", NULL);
    means("(<= (- Y_0) 1)", 1, "-1 Y_0 <= 1", NULL);
    means("(<= (- 7 Y_0 Y_1 2) 1)", 1, "-1 Y_0 -1 Y_1 <= -4", NULL);
    means("(<= (- (- (- 3) Y_0)) 1)", 1, "1 Y_0 <= -2", NULL);
    means("(<= (* 2.0 Y_0) 1)", 1, "2 Y_0 <= 1", NULL);
    means("(<= (* Y_0 2) 1)", 1, "2 Y_0 <= 1", NULL);
    means("(<= (* 2 (+ Y_0 3 Y_1) 5) 1)", 1, "10 Y_0 10 Y_1 <= -29", NULL);
    means("(<= (* 2 3 (- 4)) Y_0)", 1, "-1 Y_0 <= 24", NULL);
    means("(<= (* (+ 1 2) (- Y_0 X_1)) 1)", 1, "-3 X_1 3 Y_0 <= 1", NULL);
    means("(<= (/ Y_0 3) (/ 1 3 5))", 1, "1/3 Y_0 <= 1/15", NULL);
    means("(<= (+ Y_1 Y_0 X_1 X_0) 0)", 1, "1 X_0 1 X_1 1 Y_0 1 Y_1 <= 0", NULL);
    means("(<= (+ Y_1 Y_0 (- Y_1)) 0)", 1, "1 Y_0 <= 0", NULL);
    means("(<= (- X_0 X_1) 0)", 1, "1 X_0 -1 X_1 <= 0", NULL);
    means("(>= (+ (* 2 Y_0) (* -3 Y_1)) (- X_0 1e-2))", 1, "1 X_0 -2 Y_0 3 Y_1 <= 1/100", NULL);
}

static void numbers_are_exact(void **state)
{
    (void)state;
    means("(<= Y_0 0.1)", 1, "1 Y_0 <= 1/10", NULL);
    means("(<= Y_0 1e-05)", 1, "1 Y_0 <= 1/100000", NULL);
    means("(<= Y_0 -2.5E3)", 1, "1 Y_0 <= -2500", NULL);
    means("(<= Y_0 0.30000000000000000000000000000001)", 1,
          "1 Y_0 <= 30000000000000000000000000000001/100000000000000000000000000000000", NULL);
}

/* What a formula makes of the box [0,1] x [-1,2]. */
static void boxes(const char *formula, const char *lo0, const char *hi0, const char *lo1,
                  const char *hi1, size_t n)
{
    char text[1000];
    (void)snprintf(text, sizeof text, DECLARE BOX "(assert %s)", formula);
    given(text);
    assert_int_equal(p.n_disjuncts, 1);
    is(p.disjunct[0].lo[0], lo0);
    is(p.disjunct[0].hi[0], hi0);
    is(p.disjunct[0].lo[1], lo1);
    is(p.disjunct[0].hi[1], hi1);
    assert_int_equal(p.disjunct[0].n_constraints, n);
    sbx_property_clear(&p);
}

static void bounds_of_one_input_meet_in_the_box(void **state)
{
    (void)state;
    boxes("(<= X_0 1/2)", "0", "1/2", "-1", "2", 0);
    boxes("(<= X_0 3)", "0", "1", "-1", "2", 0);
    boxes("(>= X_0 0.25)", "1/4", "1", "-1", "2", 0);
    boxes("(>= X_0 -3)", "0", "1", "-1", "2", 0);
    boxes("(= X_1 0)", "0", "1", "0", "0", 0);
    boxes("(>= (* -2 X_1) -1)", "0", "1", "-1", "1/2", 0);
    boxes("(<= (- X_1) 1/4)", "0", "1", "-1/4", "2", 0);
    boxes("(<= (+ X_1 X_1) (- 1 X_1))", "0", "1", "-1", "1/3", 0);
    boxes("(and (<= X_0 0.5) (<= X_0 0.25) (<= X_0 0.75))", "0", "1/4", "-1", "2", 0);
    boxes("(and (>= X_0 0.5) (<= Y_0 2) (<= X_1 1) (>= X_0 0.1))", "1/2", "1", "-1", "1", 1);
    boxes("(<= X_0 -5)", "0", "-5", "-1", "2", 0); /* no point, and no error */
}

/* The closed box has more points than the file says: the constraint keeps them out. */
static void strict_bounds_stay_constraints_too(void **state)
{
    (void)state;
    boxes("(< X_0 0.5)", "0", "1/2", "-1", "2", 1);
    means("(< X_0 0.5)", 1, "1 X_0 < 1/2", NULL);
    means("(> (* -2 X_1) -1)", 1, "2 X_1 < 1", NULL);
    means("(and (> X_1 0) (< Y_0 1))", 2, "-1 X_1 < 0", "1 Y_0 < 1");
}

/* The disjuncts in order, each as the constants of its constraints "Y_0 <= k". */
static void expands(const char *formula, size_t n, const char *const *want)
{
    char text[2000];
    (void)snprintf(text, sizeof text, DECLARE BOX "%s", formula);
    given(text);
    assert_int_equal(p.n_disjuncts, n);
    for (size_t d = 0; d < n; d++) {
        char got[100];
        size_t len = 0;
        got[0] = 0;
        for (size_t i = 0; i < p.disjunct[d].n_constraints; i++)
            len += (size_t)gmp_snprintf(got + len, sizeof got - len, "%Qd ",
                                        p.disjunct[d].constraint[i].rhs);
        assert_string_equal(got, want[d]);
    }
    sbx_property_clear(&p);
}

#define IS(k) "(<= Y_0 " #k ")"

static void formulas_are_multiplied_out(void **state)
{
    (void)state;
    expands("(assert " IS(1) ")", 1, (const char *const[]){"1 "});
    expands("(assert (or " IS(1) IS(2) IS(3) "))", 3, (const char *const[]){"1 ", "2 ", "3 "});
    expands("(assert (or (and " IS(1) ") (and " IS(2) IS(3) ")))", 2,
            (const char *const[]){"1 ", "2 3 "});
    expands("(assert " IS(9) ")(assert (or " IS(1) IS(2) "))", 2,
            (const char *const[]){"9 1 ", "9 2 "});
    expands("(assert (or " IS(1) IS(2) "))(assert (or " IS(3) IS(4) "))", 4,
            (const char *const[]){"1 3 ", "1 4 ", "2 3 ", "2 4 "});
    expands("(assert (and (and (or (or (or " IS(1) ") " IS(2) ")))))", 2,
            (const char *const[]){"1 ", "2 "});
    expands("(assert (or " IS(1) " (and " IS(2) " (or " IS(3) " (and " IS(4) IS(5) ")))))", 3,
            (const char *const[]){"1 ", "2 3 ", "2 4 5 "});
    expands("(assert (or (or " IS(1) IS(2) ") (or (or " IS(3) ") (and (and " IS(4) ")))))", 4,
            (const char *const[]){"1 ", "2 ", "3 ", "4 "});
    expands("(assert (or (= Y_0 1) " IS(7) "))", 2, (const char *const[]){"1 -1 ", "7 "});
}

/* Formulas at random against brute force: for each choice of truth values of the atoms
 * "Y_0 <= k", the formula is true exactly when some disjunct has only true atoms. */
typedef struct maker {
    char text[4000];
    size_t len;
    int atoms;
    uint64_t *seed;
} maker;

static unsigned make_formula(maker *m, int depth, uint32_t *truth)
{
    const unsigned kind = depth ? (unsigned)(sbx_rng(m->seed) % 3) : 2;
    if (kind == 2 || m->atoms >= 9) {
        const int k = m->atoms < 10 ? m->atoms++ : 9;
        m->len += (size_t)snprintf(m->text + m->len, sizeof m->text - m->len, "(<= Y_0 %d)", k);
        for (uint32_t w = 0; w < 1024; w++)
            truth[w] = w >> k & 1;
    } else {
        const unsigned n = 1 + (unsigned)(sbx_rng(m->seed) % 3);
        uint32_t part[1024];
        m->len +=
            (size_t)snprintf(m->text + m->len, sizeof m->text - m->len, "(%s", kind ? "or" : "and");
        for (uint32_t w = 0; w < 1024; w++)
            truth[w] = !kind;
        for (unsigned i = 0; i < n; i++) {
            (void)make_formula(m, depth - 1, part);
            for (uint32_t w = 0; w < 1024; w++)
                truth[w] = kind ? truth[w] | part[w] : truth[w] & part[w];
        }
        m->len += (size_t)snprintf(m->text + m->len, sizeof m->text - m->len, ")");
    }
    return 0;
}

static void random_formulas_keep_their_meaning(void **state)
{
    uint64_t seed = test_seed();
    (void)state;
    for (long round = test_rounds(300); round > 0; round--) {
        const uint64_t start = seed;
        static uint32_t truth[2][1024];
        maker m = {.seed = &seed};
        m.len = (size_t)snprintf(m.text, sizeof m.text, DECLARE BOX "(assert ");
        (void)make_formula(&m, 4, truth[0]);
        m.len += (size_t)snprintf(m.text + m.len, sizeof m.text - m.len, ")(assert ");
        (void)make_formula(&m, 3, truth[1]);
        m.len += (size_t)snprintf(m.text + m.len, sizeof m.text - m.len, ")");
        given(m.text);
        for (uint32_t w = 0; w < 1024; w++) {
            bool some = false;
            for (size_t d = 0; d < p.n_disjuncts; d++) {
                bool all = true;
                for (size_t i = 0; i < p.disjunct[d].n_constraints; i++)
                    all = all && w >> mpz_get_ui(mpq_numref(p.disjunct[d].constraint[i].rhs)) & 1;
                some = some || all;
            }
            if (some != (truth[0][w] && truth[1][w]))
                fail_msg("seed %llu: %s", (unsigned long long)start, m.text);
        }
        sbx_property_clear(&p);
    }
}

static void each_disjunct_has_its_box(void **state)
{
    (void)state;
    given(DECLARE BOX "(assert (or (and (<= X_0 0.5) (<= Y_0 1)) (and (>= X_0 0.25) (<= Y_0 2))"
                      "(<= Y_0 3)))");
    assert_int_equal(p.n_disjuncts, 3);
    is(p.disjunct[0].lo[0], "0");
    is(p.disjunct[0].hi[0], "1/2");
    is(p.disjunct[1].lo[0], "1/4");
    is(p.disjunct[1].hi[0], "1");
    is(p.disjunct[2].lo[0], "0");
    is(p.disjunct[2].hi[0], "1");
    for (size_t d = 0; d < 3; d++) {
        is(p.disjunct[d].lo[1], "-1");
        is(p.disjunct[d].hi[1], "2");
    }
    sbx_property_clear(&p);
    given(DECLARE "(assert (or (and (>= X_0 1) (<= X_0 2) (= X_1 3) (or (<= Y_0 1) (<= Y_1 1)))"
                  "(and (>= X_0 -2) (<= X_0 -1) (= X_1 4) (<= Y_0 5))))");
    assert_int_equal(p.n_disjuncts, 3);
    is(p.disjunct[0].lo[0], "1");
    is(p.disjunct[1].hi[0], "2");
    is(p.disjunct[1].lo[1], "3");
    is(p.disjunct[2].lo[0], "-2");
    is(p.disjunct[2].lo[1], "4");
    sbx_property_clear(&p);
}

static void headers_of_smt_lib_are_passed_over(void **state)
{
    (void)state;
    given("; a comment with ( and \" in it\n(set-logic QF_LRA)(set-info :source |a ) b|)\r\n"
          "(set-option :produce-models true)" DECLARE BOX
          "(assert\t(<= Y_0 1)) ; behind\n(check-sat)(get-model)(exit) ; end");
    assert_int_equal(p.inputs, 2);
    assert_int_equal(p.outputs, 2);
    sbx_property_clear(&p);
    given("(declare-const X_1 Real)(declare-const Y_0 Real)(declare-const X_0 Real)" BOX);
    assert_int_equal(p.n_disjuncts, 1);
    assert_int_equal(p.disjunct[0].n_constraints, 0);
    sbx_property_clear(&p);
    sbx_property_clear(&p);
}

/* Each file of the folder begins with "; expect: " and a part of the message. */
static void bad_files_are_refused_for_their_reason(void **state)
{
    size_t files = 0, runs = 0;
    DIR *d = opendir(BAD);
    (void)state;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        char path[400], want[200] = {0};
        sbx_status st;
        FILE *f;
        if (e->d_name[0] == '.') continue;
        files++;
        (void)snprintf(path, sizeof path, BAD "/%s", e->d_name);
        f = fopen(path, "rb");
        assert_non_null(f);
        if (fscanf(f, "; expect: %199[^\n]", want) != 1) fail_msg("%s expects nothing", path);
        (void)fclose(f);
        st = sbx_property_read_vnnlib(&p, path, err);
        if (st != SBX_ERR_PARSE && st != SBX_ERR_UNSUPPORTED && st != SBX_ERR_LIMIT)
            fail_msg("%s: %s", path, sbx_status_name(st));
        if (!strstr(test_err.msg, want)) fail_msg("%s: not '%s': %s", path, want, test_err.msg);
        if (strncmp(test_err.msg, path, strlen(path)) != 0 || strchr(test_err.msg, '\n'))
            fail_msg("%s: %s", path, test_err.msg);
        assert_null(p.store);
        assert_int_equal(sbx_property_read_vnnlib(&p, path, NULL), st);
        runs++;
    }
    (void)closedir(d);
    assert_int_equal(runs, files);
    assert_true(files >= 134);
}

static const char small[] = DECLARE BOX
    "(assert (< X_0 0.5))(assert (or (and (<= (+ Y_0 (* 2 Y_1)) (- X_1 1e-3)) (= X_1 1/2))"
    "(and (>= Y_0 Y_1) (or (<= Y_0 3) (<= X_0 4)))))";

static void every_allocation_may_fail(void **state)
{
    sbx_status st = SBX_ERR_NOMEM;
    long k;
    (void)state;
    write_tmp(small, strlen(small));
    for (k = 0; st == SBX_ERR_NOMEM; k++) {
        sbx_alloc_fail_after(k);
        st = sbx_property_read_vnnlib(&p, tmp, k % 2 ? err : NULL);
        sbx_alloc_fail_after(-1);
        if (st != SBX_OK) assert_null(p.store);
        sbx_property_clear(&p);
        assert_int_equal(sbx_alloc_live(), 0);
    }
    assert_int_equal(st, SBX_OK);
    assert_true(k > 10);
}

/* Cut at every length: never more than an error, and no shorter text means the same. */
static void cut_files_are_refused_or_mean_less(void **state)
{
    const size_t n = strlen(small);
    (void)state;
    for (size_t k = 0; k <= n; k++) {
        sbx_status st;
        write_tmp(small, k);
        st = sbx_property_read_vnnlib(&p, tmp, err);
        if (k == n) assert_int_equal(st, SBX_OK);
        if (k < n && st == SBX_OK && small[k - 1] != ')') fail_msg("cut at %zu is read", k);
        sbx_property_clear(&p);
        assert_int_equal(sbx_alloc_live(), 0);
    }
}

static void changed_bytes_do_no_harm(void **state)
{
    uint64_t seed = test_seed();
    const size_t n = strlen(small);
    char text[sizeof small];
    (void)state;
    for (long round = test_rounds(1000); round > 0; round--) {
        memcpy(text, small, n);
        for (unsigned k = 1 + (unsigned)(sbx_rng(&seed) % 3); k; k--)
            text[sbx_rng(&seed) % n] = (char)("()X_Y019-+*/<>=or;|\" \n\x01"[sbx_rng(&seed) % 24]);
        write_tmp(text, n);
        if (sbx_property_read_vnnlib(&p, tmp, err) != SBX_OK) assert_null(p.store);
        sbx_property_clear(&p);
        assert_int_equal(sbx_alloc_live(), 0);
    }
}

/* Work grows with the text: 6,000 disjuncts of 60 bounds each, 10 MB, in a few seconds on
 * any machine; the square of that would take hours. */
static void large_files_take_time_in_proportion(void **state)
{
    FILE *f = fopen(tmp, "wb");
    const clock_t start = clock();
    (void)state;
    for (int i = 0; i < 30; i++)
        (void)fprintf(f, "(declare-const X_%d Real)\n", i);
    (void)fprintf(f, "(declare-const Y_0 Real)\n(assert (or\n");
    for (int d = 0; d < 6000; d++) {
        (void)fprintf(f, "(and ");
        for (int i = 0; i < 30; i++)
            (void)fprintf(f, "(>= X_%d %d.%d)(<= X_%d %d.%d)", i, d, i, i, d + 1, i);
        (void)fprintf(f, "(<= Y_0 %d))\n", d);
    }
    (void)fprintf(f, "))\n");
    (void)fclose(f);
    assert_ok(sbx_property_read_vnnlib(&p, tmp, err));
    assert_int_equal(p.n_disjuncts, 6000);
    for (int d = 0; d < 6000; d++)
        for (int i = 0; i < 30; i++)
            assert_true(mpq_cmp_si(p.disjunct[d].lo[i], d, 1) >= 0 &&
                        mpq_cmp_si(p.disjunct[d].hi[i], d + 2, 1) < 0);
    sbx_property_clear(&p);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 20);
}

/* A bound for all, a million disjuncts: one box, and the list in proportion. */
static void many_disjuncts_share_one_box(void **state)
{
    FILE *f = fopen(tmp, "wb");
    (void)state;
    (void)fprintf(f, DECLARE BOX);
    for (int k = 0; k < 16; k++)
        (void)fprintf(f, "(assert (or (<= Y_0 %d) (<= Y_1 %d)))\n", k, k);
    (void)fclose(f);
    assert_ok(sbx_property_read_vnnlib(&p, tmp, err));
    assert_int_equal(p.n_disjuncts, 65536);
    for (size_t d = 0; d < p.n_disjuncts; d++) {
        assert_int_equal(p.disjunct[d].n_constraints, 16);
        assert_ptr_equal(p.disjunct[d].lo, p.disjunct[0].lo);
    }
    sbx_property_clear(&p);
}

/* The public benchmarks: one file in four (SBX_TIMES=4: all), and those whose numbers are
 * known. */
static void benchmark_files_are_read(void **state)
{
    char path[4400];
    const char *shared = test_shared();
    const bool all = test_rounds(4) >= 16;
    size_t files = 0;
    FILE *list;
    (void)state;
    if (!shared) {
        print_message("skip: no benchmarks (SBX_SHARED)\n");
        return;
    }
    (void)snprintf(path, sizeof path, "find %s/data/vnn -name '*.vnnlib.gz' | sort", shared);
    list = popen(path, "r");
    assert_non_null(list);
    for (; fgets(path, sizeof path, list); files++) {
        path[strcspn(path, "\n")] = 0;
        if (files % 4 && !all && !strstr(path, "lindex_3000") && !strstr(path, "_0_500_128") &&
            !strstr(path, "acasxu"))
            continue;
        assert_ok(sbx_property_read_vnnlib(&p, path, err));
        if (strstr(path, "lindex_3000")) assert_int_equal(p.n_disjuncts, 6000);
        if (strstr(path, "cardinality_0_500_128")) assert_int_equal(p.n_disjuncts, 1000);
        if (strstr(path, "acasxu_2023/vnnlib/prop_1.vnnlib")) {
            assert_int_equal(p.inputs, 5);
            assert_int_equal(p.outputs, 5);
            says(&p.disjunct[0].constraint[0], "-1 Y_0 <= -798225129172323/200000000000000");
        }
        sbx_property_clear(&p);
    }
    (void)pclose(list);
    assert_true(files > 1000);
    assert_int_equal(sbx_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons_become_at_most),
        cmocka_unit_test(terms_are_linear_forms),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(bounds_of_one_input_meet_in_the_box),
        cmocka_unit_test(strict_bounds_stay_constraints_too),
        cmocka_unit_test(formulas_are_multiplied_out),
        cmocka_unit_test(random_formulas_keep_their_meaning),
        cmocka_unit_test(each_disjunct_has_its_box),
        cmocka_unit_test(headers_of_smt_lib_are_passed_over),
        cmocka_unit_test(bad_files_are_refused_for_their_reason),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(cut_files_are_refused_or_mean_less),
        cmocka_unit_test(changed_bytes_do_no_harm),
        cmocka_unit_test(large_files_take_time_in_proportion),
        cmocka_unit_test(many_disjuncts_share_one_box),
        cmocka_unit_test(benchmark_files_are_read),
    };
    return cmocka_run_group_tests(tests, make_tmp, drop_tmp);
}
