/* VNN-LIB 2.0: what its declarations and elements mean, against hand-made expectations and
 * row-major numbers computed here. Refusals are in tests/data/vnnlib/bad, with test_vnnlib.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "softbox/property.h"

#include <unistd.h>

#include "sbx_test.h"

static char tmp[64];
static sbx_property p;

static int make_tmp(void **state)
{
    int fd;
    (void)state;
    (void)snprintf(tmp, sizeof tmp, "/tmp/sbx_vnn2_XXXXXX");
    fd = mkstemp(tmp);
    return fd < 0 ? -1 : close(fd);
}

static int drop_tmp(void **state)
{
    (void)state;
    return unlink(tmp);
}

static sbx_status read_text(const char *text)
{
    FILE *f = fopen(tmp, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    return sbx_property_read_vnnlib(&p, tmp, err);
}

#define DECLARE                                                                                 \
    "; a comment\n(vnnlib-version <2.0>)\n(declare-network net\n  (declare-input X real [1,2])" \
    "\n  (declare-output Yo Real [3 , 2] \"out put\"))\n"
#define BOX "(assert (and (<= X[0,0] 1.5) (>= X[0,0] -0.25) (<= X[0,1] 1) (>= X[0,1] 0)))"

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

/* formula: what its disjuncts say, one constraint each */
static void means(const char *formula, size_t n, const char *const *want)
{
    char text[1200];
    (void)snprintf(text, sizeof text, DECLARE BOX "(assert %s)", formula);
    assert_ok(read_text(text));
    assert_int_equal(p.n_disjuncts, n);
    for (size_t k = 0; k < n; k++) {
        assert_int_equal(p.disjunct[k].n_constraints, 1);
        says(&p.disjunct[k].constraint[0], want[k]);
    }
    sbx_property_clear(&p);
}

static void declarations_are_kept(void **state)
{
    (void)state;
    assert_ok(read_text(DECLARE BOX "(assert (<= Yo[0,0] 1))"));
    assert_string_equal(p.network, "net");
    assert_string_equal(p.input.name, "X");
    assert_null(p.input.onnx_name);
    assert_int_equal(p.input.rank, 2);
    assert_int_equal(p.input.dim[0], 1);
    assert_int_equal(p.input.dim[1], 2);
    assert_string_equal(p.output.name, "Yo");
    assert_string_equal(p.output.onnx_name, "out put");
    assert_int_equal(p.output.dim[0], 3);
    assert_int_equal(p.output.dim[1], 2);
    assert_int_equal(p.inputs, 2);
    assert_int_equal(p.outputs, 6);
    assert_int_equal(mpq_cmp_si(p.disjunct[0].lo[0], -1, 4), 0);
    assert_int_equal(mpq_cmp_si(p.disjunct[0].hi[0], 3, 2), 0);
    assert_int_equal(mpq_cmp_si(p.disjunct[0].hi[1], 1, 1), 0);
    sbx_property_clear(&p);
    assert_ok(read_text("(vnnlib-version <2.0>)(declare-network f (declare-input a_1 real [])"
                        "(declare-output b real[]))(assert (<= a_1 1))(assert (>= a_1 0))"
                        "(assert (<= (+ b) a_1))"));
    assert_int_equal(p.inputs, 1);
    assert_int_equal(p.input.rank, 0);
    says(&p.disjunct[0].constraint[0], "-1 X_0 1 Y_0 <= 0");
    sbx_property_clear(&p);
    assert_ok(read_text("(vnnlib-version <1.0>)(declare-const X_0 Real)(declare-const Y_0 Real)"
                        "(assert (<= X_0 1))(assert (>= X_0 0))(assert (<= Y_0 0))"));
    assert_null(p.network);
    sbx_property_clear(&p);
}

static void operators_mean_what_the_standard_says(void **state)
{
    (void)state;
    means("(<= Yo[0,1] 0.5)", 1, (const char *const[]){"1 Y_1 <= 1/2"});
    means("(> Yo [ 2 ,1 ] Yo[1, 0])", 1, (const char *const[]){"1 Y_2 -1 Y_5 < 0"});
    means("(<= (- 1 2 Yo[0,0] 4) 0)", 1, (const char *const[]){"-1 Y_0 <= 5"});
    means("(<= (- Yo[0,0]) 1)", 1, (const char *const[]){"-1 Y_0 <= 1"});
    means("(<= (* 2 -3 Yo[2,0] 0.5) (+ 1 X[0,1] 2))", 1,
          (const char *const[]){"-1 X_1 -3 Y_4 <= 3"});
    means("(!= Yo[1,1] X[0,0])", 2, (const char *const[]){"-1 X_0 1 Y_3 < 0", "1 X_0 -1 Y_3 < 0"});
    means("(or (>= Yo[0,0] 1) (!= 0.125 Yo[0,0]))", 3,
          (const char *const[]){"-1 Y_0 <= -1", "-1 Y_0 < -1/8", "1 Y_0 < 1/8"});
    assert_ok(read_text(DECLARE BOX "(assert (== Yo[0,0] 2))"));
    assert_int_equal(p.disjunct[0].n_constraints, 2);
    says(&p.disjunct[0].constraint[0], "1 Y_0 <= 2");
    says(&p.disjunct[0].constraint[1], "-1 Y_0 <= -2");
    sbx_property_clear(&p);
}

/* An input is not equal to a number inside of its box: two half-open boxes. */
static void an_input_may_be_unequal(void **state)
{
    (void)state;
    assert_ok(read_text(DECLARE BOX "(assert (!= X[0,0] 0.5))(assert (<= Yo[0,0] 0))"));
    assert_int_equal(p.n_disjuncts, 2);
    assert_int_equal(mpq_cmp_si(p.disjunct[0].hi[0], 1, 2), 0);
    assert_int_equal(mpq_cmp_si(p.disjunct[0].lo[0], -1, 4), 0);
    assert_int_equal(mpq_cmp_si(p.disjunct[1].lo[0], 1, 2), 0);
    assert_int_equal(mpq_cmp_si(p.disjunct[1].hi[0], 3, 2), 0);
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(p.disjunct[k].n_constraints, 2);
        says(&p.disjunct[k].constraint[0], "1 Y_0 <= 0");
        says(&p.disjunct[k].constraint[1], k ? "-1 X_0 < -1/2" : "1 X_0 < 1/2");
    }
    sbx_property_clear(&p);
}

static void elements_are_counted_row_major(void **state)
{
    uint64_t seed = test_seed();
    (void)state;
    for (long round = test_rounds(300); round > 0; round--) {
        size_t d[4], i[4], rank = 1 + sbx_rng(&seed) % 4, at = 0, n = 0;
        char text[1000], shape[100] = "", index[100] = "", want[60];
        for (size_t k = 0; k < rank; k++) {
            d[k] = 1 + sbx_rng(&seed) % 9;
            i[k] = sbx_rng(&seed) % d[k];
            at = at * d[k] + i[k];
            n = strlen(shape);
            (void)snprintf(shape + n, sizeof shape - n, "%s%zu", k ? "," : "", d[k]);
            n = strlen(index);
            (void)snprintf(index + n, sizeof index - n, "%s%zu", k ? "," : "", i[k]);
        }
        (void)snprintf(text, sizeof text,
                       "(vnnlib-version <2.0>)(declare-network f(declare-input X real [1])"
                       "(declare-output Y real [%s]))(assert (<= X[0] 1))(assert (>= X[0] 0))"
                       "(assert (<= Y[%s] 7))",
                       shape, index);
        assert_ok(read_text(text));
        (void)snprintf(want, sizeof want, "1 Y_%zu <= 7", at);
        says(&p.disjunct[0].constraint[0], want);
        sbx_property_clear(&p);
    }
    assert_int_equal(sbx_alloc_live(), 0);
}

static const char whole[] =
    DECLARE BOX "(assert (or (!= Yo[0,0] X[0,1]) (and (== (+ Yo[0,1] 1) 2) (< X[0,0] 1))))";

static void every_allocation_may_fail(void **state)
{
    sbx_status st = SBX_ERR_NOMEM;
    long k;
    (void)state;
    assert_ok(read_text(whole));
    sbx_property_clear(&p);
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

/* Every cap up to the one that suffices gives a LIMIT. */
static void the_cap_on_memory_holds(void **state)
{
    sbx_status st = SBX_ERR_LIMIT;
    size_t max = 1;
    (void)state;
    char *text = calloc(20000, 1);
    assert_non_null(text);
    (void)strcat(text, DECLARE BOX "(assert (or ");
    for (size_t k = 0; k < 500; k++)
        (void)strcat(text, "(<= Yo[0,0] 2.5)");
    (void)strcat(text, "))");
    assert_ok(read_text(text));
    sbx_property_clear(&p);
    for (; st == SBX_ERR_LIMIT && max < 1000000; max += max / 32 + 1) {
        st = sbx_property_read(&p, tmp, max, err);
        if (st != SBX_OK && st != SBX_ERR_LIMIT) fail_msg("%zu: %s", max, test_err.msg);
        if (st != SBX_OK) assert_null(p.store);
        assert_true(st == SBX_OK || sbx_alloc_live() == 0);
        sbx_property_clear(&p);
    }
    assert_int_equal(st, SBX_OK);
    assert_true(max > 10 * strlen(text)); /* tables and numbers, beside the text */
    free(text);
}

static void changed_bytes_do_no_harm(void **state)
{
    uint64_t seed = test_seed();
    char text[sizeof whole];
    (void)state;
    for (long round = test_rounds(4000); round > 0; round--) {
        memcpy(text, whole, sizeof whole);
        for (size_t k = 0; k < 3; k++)
            text[sbx_rng(&seed) % (sizeof whole - 1)] =
                round % 2 ? "()[],<>=!0123 XYo\"|;realf"[sbx_rng(&seed) % 25]
                          : (char)(1 + sbx_rng(&seed) % 255);
        if (read_text(text) != SBX_OK) assert_null(p.store);
        sbx_property_clear(&p);
    }
    assert_int_equal(sbx_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declarations_are_kept),
        cmocka_unit_test(operators_mean_what_the_standard_says),
        cmocka_unit_test(an_input_may_be_unequal),
        cmocka_unit_test(elements_are_counted_row_major),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_cap_on_memory_holds),
        cmocka_unit_test(changed_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, make_tmp, drop_tmp);
}
