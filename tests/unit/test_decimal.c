/* sbx_d_read [L-NET-80] against the C library's strtod, which rounds correctly (glibc), and
 * against exact halfway cases made by hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/num.h"

#include <math.h>

#include "sbx_test.h"

static void same_as_strtod(const char *s)
{
    double v = 7.0;
    const double w = strtod(s, NULL);
    const sbx_status st = sbx_d_read(&v, s, strlen(s), err);
    if (isfinite(w) ? st != SBX_OK || v != w : st != SBX_ERR_LIMIT)
        fail_msg("'%s': %s, %a, not %a", s, sbx_status_name(st), v, w);
    assert_false(st == SBX_OK && v == 0.0 && signbit(v));
}

/* digits with a point somewhere, and an exponent */
static void random_decimal(char *s, uint64_t *seed, int digits, int reach)
{
    const int point = (int)(sbx_rng(seed) % (uint64_t)(digits + 1));
    const int e = (int)(sbx_rng(seed) % (uint64_t)(2 * reach + 1)) - reach;
    char *o = s;
    if (sbx_rng(seed) & 1) *o++ = '-';
    for (int k = 0; k < digits; k++) {
        if (k == point) *o++ = '.';
        *o++ = (char)('0' + sbx_rng(seed) % 10);
    }
    if (sbx_rng(seed) & 1)
        (void)snprintf(o, 16, "%c%d", sbx_rng(seed) & 1 ? 'e' : 'E', e);
    else
        *o = 0;
}

static void random_decimals_are_rounded_to_nearest(void **state)
{
    uint64_t seed = test_seed();
    char s[200];
    (void)state;
    for (long k = 0; k < test_rounds(300000); k++) {
        random_decimal(s, &seed, 1 + (int)(k % 24), k % 3 ? 25 : 340);
        same_as_strtod(s);
    }
}

/* Between neighbours m and m + 1 (times 2^e): the middle goes to the even one, a digit far
 * behind decides. */
static void halfway_cases(void **state)
{
    uint64_t seed = test_seed();
    (void)state;
    for (long k = 0; k < test_rounds(20000); k++) {
        const uint64_t m = ((uint64_t)1 << 52) + (sbx_rng(&seed) >> 12);
        char s[96];
        (void)snprintf(s, sizeof s, "%llu", 2ULL * m + 1); /* in [2^53, 2^54): odd, halfway */
        same_as_strtod(s);
        (void)snprintf(s, sizeof s, "%llu.00000000000000000000000001", 2ULL * m + 1);
        same_as_strtod(s);
        (void)snprintf(s, sizeof s, "%llu.99999999999999999999999999", 2ULL * m);
        same_as_strtod(s);
    }
}

static void edges(void **state)
{
    static const char *const good[] = {"0",
                                       "-0",
                                       "0.000",
                                       "-0e999999999",
                                       "1",
                                       "+1",
                                       "5.",
                                       ".5",
                                       "1e22",
                                       "1e23",
                                       "9007199254740993",
                                       "9007199254740993e22",
                                       "4.9406564584124654e-324",
                                       "2.4703282292062327e-324",
                                       "2.4703282292062328e-324",
                                       "2.2250738585072011e-308",
                                       "1e-999999999",
                                       "1e-400",
                                       "-1e-400",
                                       "1.7976931348623157e308",
                                       "1.7976931348623158e308",
                                       "1.7976931348623159e308",
                                       "1e309",
                                       "-1e309",
                                       "1e999999999",
                                       "123456789012345678901234567890",
                                       "0.1",
                                       "0.30000000000000004",
                                       "1000000000000000000000000000000000000000e-39",
                                       "00000000000000000000000000000000001.5"};
    static const char *const bad[] = {"",    "-",     "+",   ".",   "e1",    "1e",
                                      "1e+", "1.2.3", "0x1", "1/2", "nan",   "inf",
                                      "1 ",  " 1",    "--1", "1,",  "1e1.5", "1e1e1"};
    double v = 7.0;
    char *digits = calloc(100003, 1);
    (void)state;
    for (size_t k = 0; k < sizeof good / sizeof *good; k++)
        same_as_strtod(good[k]);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_status(SBX_ERR_PARSE, sbx_d_read(&v, bad[k], strlen(bad[k]), err));
    memset(digits, '1', 100001);
    assert_status(SBX_ERR_LIMIT, sbx_d_read(&v, digits, 100001, err));
    digits[1] = '.';
    assert_ok(sbx_d_read(&v, digits, 100000, err));
    assert_true(v == strtod("1.1111111111111111111", NULL));
    free(digits);
    assert_status(SBX_ERR_PARSE, sbx_d_read(&v, "1\0", 2, err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_decimals_are_rounded_to_nearest),
        cmocka_unit_test(halfway_cases),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
