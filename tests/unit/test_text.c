/* test_text.c -- numbers as text: tables of what is read and written, refusals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbx_test.h"

#include "base/alloc.h"
#include "softbox/num.h"

#include <math.h>

static void numbers_are_read_exactly(void **state)
{
    static const char *const table[][2] = {
        {"0", "0"},           {"-0", "0"},       {"-1", "-1"},
        {"+1", "1"},          {"0.25", "1/4"},   {"1e-3", "1/1000"},
        {".5", "1/2"},        {"5.", "5"},       {"2/3", "2/3"},
        {"-7/5", "-7/5"},     {"6/4", "3/2"},    {"0/7", "0"},
        {"0x1.8p-3", "3/16"}, {"-0x.8", "-1/2"}, {"0XAp0", "10"},
        {"0x1P+4", "16"},     {"0.1", "1/10"},   {"12.50E1", "125"},
        {"1E+2", "100"},      {"007", "7"},      {"1e00000000000000000002", "100"},
        {"0e20000", "0"},     {"0x0.0p5", "0"},  {"9007199254740993", "9007199254740993"},
        {"0x10", "16"},
    };
    mpq_t q, want;
    (void)state;
    mpq_inits(q, want, NULL);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_ok(sbx_q_read(q, table[i][0], strlen(table[i][0]), err));
        assert_int_equal(mpq_set_str(want, table[i][1], 10), 0);
        if (!mpq_equal(q, want)) fail_msg("%s is not %s", table[i][0], table[i][1]);
    }
    assert_ok(sbx_q_read(q, "12345", 2, err)); /* len, not a final 0, ends the text */
    assert_int_equal(mpq_cmp_si(q, 12, 1), 0);
    assert_ok(sbx_q_read(q, "1e20000", 7, err));
    assert_int_equal(mpz_sizeinbase(mpq_numref(q), 10), 20001);
    assert_ok(sbx_q_read(q, "1e-20000", 8, err));
    assert_int_equal(mpz_sizeinbase(mpq_denref(q), 10), 20001);
    mpq_clears(q, want, NULL);
}

/* Up to 18 digits have a way of their own; an exponent of 0 leads around it. */
static void short_decimals_are_the_same(void **state)
{
    uint64_t r = test_seed();
    mpq_t q, want;
    (void)state;
    mpq_inits(q, want, NULL);
    for (long round = test_rounds(20000); round > 0; round--) {
        char s[32];
        const size_t digits = sbx_rng(&r) % 20, point = sbx_rng(&r) % 20;
        const size_t nines = sbx_rng(&r) % 3;
        size_t n = 0;
        if (sbx_rng(&r) % 2) s[n++] = sbx_rng(&r) % 2 ? '-' : '+';
        for (size_t i = 0; i < digits; i++) {
            if (i == point) s[n++] = '.';
            s[n++] = nines == 1   ? '9'
                     : nines == 2 ? "05"[sbx_rng(&r) % 2]
                                  : "0123456789"[sbx_rng(&r) % 10];
        }
        memcpy(s + n, "e0", 3);
        if (digits == 0) {
            assert_status(SBX_ERR_PARSE, sbx_q_read(q, s, n, err));
            continue;
        }
        assert_ok(sbx_q_read(q, s, n, err));
        assert_ok(sbx_q_read(want, s, n + 2, err));
        if (!mpq_equal(q, want)) fail_msg("%.*s", (int)n, s);
    }
    mpq_clears(q, want, NULL);
}

static void bad_numbers_are_refused(void **state)
{
    static const char *const bad[] = {
        "",      " ",        " 1",    "1 ",   "-",     "+",     ".",     "-.",       "e5",
        "1e",    "1e+",      "0x",    "0xp3", "0x.p1", "1.2.3", "1/2/3", "1/",       "/2",
        "1/0",   "0/0",      "1.5/2", "1/-2", "0x1/2", "1/0x2", "nan",   "inf",      "-inf",
        "NaN",   "infinity", "--1",   "+-1",  "1,5",   "1_000", "1e5x",  "0x1p",     "0x1g",
        "1e1.5", "\t1",      "1\n",   "0b1",  "1/2e3", "abc",   "1 000", "\xc3\xa9",
    };
    mpq_t q;
    char long_text[100002];
    (void)state;
    mpq_init(q);
    mpq_set_si(q, 17, 5);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (sbx_q_read(q, bad[i], strlen(bad[i]), err) != SBX_ERR_PARSE)
            fail_msg("'%s' was read", bad[i]);
    assert_status(SBX_ERR_PARSE, sbx_q_read(q, "1\0002", 3, err));
    assert_status(SBX_ERR_LIMIT, sbx_q_read(q, "1e20001", 7, err));
    assert_status(SBX_ERR_LIMIT, sbx_q_read(q, "0e-20001", 8, err));
    assert_status(SBX_ERR_LIMIT, sbx_q_read(q, "1e99999999999999999999", 22, err));
    assert_status(SBX_ERR_LIMIT, sbx_q_read(q, "0x1p-99999999999", 16, err));
    memset(long_text, '1', sizeof long_text);
    assert_status(SBX_ERR_LIMIT, sbx_q_read(q, long_text, 100001, err));
    assert_status(SBX_ERR_PARSE, sbx_q_read(q, "x", 1, NULL)); /* no message wanted */
    assert_int_equal(mpq_cmp_si(q, 17, 5), 0);
    assert_ok(sbx_q_read(q, long_text, 100000, err));
    mpq_clear(q);
}

#define assert_text(want, call)             \
    do {                                    \
        char *text_ = (call);               \
        assert_non_null(text_);             \
        assert_string_equal(text_, (want)); \
        sbx_text_free(text_);               \
    } while (0)

static void decimals_are_outward_and_short(void **state)
{
    static const struct {
        const char *q, *lo, *hi;
        int digits;
    } table[] = {
        {"0", "0", "0", 5},
        {"1/2", "0.5", "0.5", 17},
        {"1/3", "0.333", "0.334", 3},
        {"-1/3", "-0.334", "-0.333", 3},
        {"2/3", "0.6", "0.7", 1},
        {"999/1000", "0.99", "1", 2},
        {"-999/1000", "-1", "-0.99", 2},
        {"1/3", "0.3", "0.4", 0}, /* at least one digit */
        {"123456", "120000", "130000", 2},
        {"1/100000", "0.00001", "0.00001", 3},
        {"1/300000", "3.33e-6", "3.34e-6", 3},
        {"99999999999999999", "99999999999999999", "99999999999999999", 20},
        {"100000000000000000", "1e17", "1e17", 20},
        {"123456789012345678", "1.23e17", "1.24e17", 3},
        {"1000000000000000000000", "1e21", "1e21", 3},
        {"5/4", "1.25", "1.25", 3},
        {"1001/1000", "1", "1.01", 3},
    };
    mpq_t q;
    (void)state;
    mpq_init(q);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(mpq_set_str(q, table[i].q, 10), 0);
        assert_text(table[i].lo, sbx_q_write(q, SBX_LO, table[i].digits));
        assert_text(table[i].hi, sbx_q_write(q, SBX_HI, table[i].digits));
    }
    mpq_clear(q);
    assert_text("0.1", sbx_d_write(0.1, SBX_LO, 17)); /* 0.1 is 0.1000000000000000055... */
    assert_text("0.10000000000000001", sbx_d_write(0.1, SBX_HI, 17));
    assert_text("0", sbx_d_write(-0.0, SBX_LO, 17));
    assert_text("4e-324", sbx_d_write(0x1p-1074, SBX_LO, 1));
    assert_text("5e-324", sbx_d_write(0x1p-1074, SBX_HI, 1));
    assert_text("inf", sbx_d_write(HUGE_VAL, SBX_LO, 17));
    assert_text("-inf", sbx_d_write(-HUGE_VAL, SBX_HI, 17));
    assert_text("nan", sbx_d_write((double)NAN, SBX_HI, 17));
}

static void exact_text_is_exact(void **state)
{
    static const struct {
        const char *q, *text;
        size_t digits;
    } table[] = {
        {"0", "0", 1},        {"1/8", "0.125", 3},
        {"1/8", "1/8", 2},    {"1/3", "1/3", 100},
        {"-7/5", "-1.4", 10}, {"1000000", "1000000", 1},
        {"12", "12", 1},      {"1/1048576", "9.5367431640625e-7", 100},
    };
    mpq_t q;
    (void)state;
    mpq_init(q);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *text;
        assert_int_equal(mpq_set_str(q, table[i].q, 10), 0);
        text = sbx_q_write_exact(q, table[i].digits);
        assert_non_null(text);
        assert_string_equal(text, table[i].text);
        sbx_text_free(text);
    }
    mpq_clear(q);
    assert_text("0x1.8p-1", sbx_d_write_hex(0.75));
    assert_text("0x0p+0", sbx_d_write_hex(0.0));
    assert_text("-0x0p+0", sbx_d_write_hex(-0.0));
    assert_text("0x1p-1074", sbx_d_write_hex(0x1p-1074));
    assert_text("0x1.8p-1073", sbx_d_write_hex(0x3p-1074));
    assert_text("-0x1.fffffffffffffp+1023", sbx_d_write_hex(-0x1.fffffffffffffp+1023));
    assert_text("-inf", sbx_d_write_hex(-HUGE_VAL));
}

static void every_failed_allocation_is_survived(void **state)
{
    char digits[400];
    const long live = sbx_alloc_live();
    mpq_t q;
    (void)state;
    mpq_init(q);
    memset(digits, '7', sizeof digits);
    for (long k = 0; k < 4; k++) {
        char *t;
        sbx_alloc_fail_after(k);
        if (k == 0) assert_status(SBX_ERR_NOMEM, sbx_q_read(q, digits, sizeof digits, err));
        mpq_set_si(q, 1, 3);
        sbx_text_free(sbx_q_write(q, SBX_LO, 5));
        sbx_text_free(sbx_q_write_exact(q, 5));
        mpq_set_si(q, 1, 8);
        t = sbx_q_write_exact(q, 5);
        if (k == 0) assert_null(t);
        sbx_text_free(t);
        sbx_text_free(sbx_d_write(HUGE_VAL, SBX_LO, 5));
        sbx_text_free(sbx_d_write_hex(1.5));
        sbx_alloc_fail_after(-1);
        assert_int_equal(sbx_alloc_live(), live);
    }
    mpq_clear(q);
}

/* ---- random round trips -------------------------------------------------------------------- */

/* Reads [-]digits[.digits][e[-]digits] by itself, and counts the significant digits. */
static void plain_read(mpq_ptr q, int *sig, const char *s)
{
    char digits[4096];
    size_t n = 0;
    long e = 0;
    bool neg = *s == '-', point = false;
    mpq_t ten;
    *sig = 0;
    for (s += neg; *s && *s != 'e'; s++) {
        if (*s == '.') {
            point = true;
            continue;
        }
        digits[n++] = *s;
        e -= point;
    }
    digits[n] = 0;
    if (*s == 'e') e += strtol(s + 1, NULL, 10);
    for (size_t i = 0, zeros = 0; i < n; i++) {
        if (digits[i] == '0') {
            zeros += *sig > 0;
        } else {
            *sig += (int)zeros + 1;
            zeros = 0;
        }
    }
    assert_int_equal(mpz_set_str(mpq_numref(q), digits, 10), 0);
    mpz_set_ui(mpq_denref(q), 1);
    mpq_init(ten);
    mpz_ui_pow_ui(mpq_numref(ten), 10, (unsigned long)labs(e));
    (e < 0 ? mpq_div : mpq_mul)(q, q, ten);
    if (neg) mpq_neg(q, q);
    mpq_clear(ten);
}

static void draw_rational(mpq_ptr q, uint64_t *s, gmp_randstate_t r)
{
    static const mp_bitcnt_t bits[] = {4, 30, 64, 200, 1100};
    mpz_urandomb(mpq_numref(q), r, bits[sbx_rng(s) % 5]);
    mpz_urandomb(mpq_denref(q), r, bits[sbx_rng(s) % 5]);
    mpz_add_ui(mpq_denref(q), mpq_denref(q), 1);
    if (sbx_rng(s) % 4 == 0) mpz_ui_pow_ui(mpq_denref(q), 10, sbx_rng(s) % 40);
    mpq_canonicalize(q);
    if (sbx_rng(s) & 1) mpq_neg(q, q);
}

/* [L-FP-24]: lo <= q <= hi, each with at most n digits, and hi - lo at most one unit of the n-th
 * digit, so each is the best with n digits; none of both has zeros to spare. */
static void written_bounds_hold_as_printed(void **state)
{
    uint64_t s = test_seed();
    gmp_randstate_t r;
    mpq_t q, lo, hi, x, unit;
    (void)state;
    gmp_randinit_default(r);
    gmp_randseed_ui(r, (unsigned long)s);
    mpq_inits(q, lo, hi, x, unit, NULL);
    for (long round = 0; round < test_rounds(3000); round++) {
        const int n = 1 + (int)(sbx_rng(&s) % 30);
        int a, b;
        char *l, *h, *e;
        draw_rational(q, &s, r);
        l = sbx_q_write(q, SBX_LO, n);
        h = sbx_q_write(q, SBX_HI, n);
        e = sbx_q_write_exact(q, 500);
        plain_read(lo, &a, l);
        plain_read(hi, &b, h);
        if (mpq_cmp(lo, q) > 0 || mpq_cmp(q, hi) > 0 || a > n || b > n)
            fail_msg("%d digits: [%s, %s]", n, l, h);
        mpq_sub(unit, hi, lo); /* 0, or 10^k with 10^(k+n-1) <= |q|: relative 10^(1-n) */
        mpz_ui_pow_ui(mpq_numref(x), 10, (unsigned long)(n - 1));
        mpz_set_ui(mpq_denref(x), 1);
        mpq_mul(unit, unit, x);
        mpq_abs(x, q);
        assert_true(mpq_cmp(unit, x) <= 0);
        assert_ok(sbx_q_read(x, l, strlen(l), err));
        assert_true(mpq_equal(x, lo));
        assert_ok(sbx_q_read(x, h, strlen(h), err));
        assert_true(mpq_equal(x, hi));
        assert_ok(sbx_q_read(x, e, strlen(e), err));
        assert_true(mpq_equal(x, q));
        sbx_text_free(l);
        sbx_text_free(h);
        sbx_text_free(e);
    }
    mpq_clears(q, lo, hi, x, unit, NULL);
    gmp_randclear(r);
}

static void doubles_come_back(void **state)
{
    uint64_t s = test_seed();
    mpq_t q, x;
    (void)state;
    mpq_inits(q, x, NULL);
    for (long round = 0; round < test_rounds(3000); round++) {
        const uint64_t bits = sbx_rng(&s) & (round % 4 ? UINT64_MAX : 0x800fffffffffffff);
        double v;
        char *t, *l, *h;
        memcpy(&v, &bits, sizeof v);
        if (!isfinite(v)) continue;
        t = sbx_d_write_hex(v);
        assert_true(strtod(t, NULL) >= v && strtod(t, NULL) <= v); /* libc reads it */
        assert_ok(sbx_q_read(q, t, strlen(t), err));
        mpq_set_d(x, v);
        assert_true(mpq_equal(q, x));
        l = sbx_d_write(v, SBX_LO, 17);
        h = sbx_d_write(v, SBX_HI, 17);
        assert_ok(sbx_q_read(q, l, strlen(l), err));
        assert_true(mpq_cmp(q, x) <= 0);
        assert_ok(sbx_q_read(q, h, strlen(h), err));
        assert_true(mpq_cmp(q, x) >= 0);
        sbx_text_free(t);
        sbx_text_free(l);
        sbx_text_free(h);
    }
    mpq_clears(q, x, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_exactly),
        cmocka_unit_test(short_decimals_are_the_same),
        cmocka_unit_test(bad_numbers_are_refused),
        cmocka_unit_test(decimals_are_outward_and_short),
        cmocka_unit_test(exact_text_is_exact),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(written_bounds_hold_as_printed),
        cmocka_unit_test(doubles_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
