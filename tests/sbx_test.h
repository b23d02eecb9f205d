/* sbx_test.h -- the one header of the test programs: cmocka in the order it needs, and helpers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_TEST_H
#define SBX_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "softbox/status.h"

/* One error record a program, so that a failure can print its message. */
static sbx_err test_err;
static sbx_err *const err __attribute__((unused)) = &test_err;

#define assert_ok(call)                                                            \
    do {                                                                           \
        const sbx_status st_ = (call);                                             \
        if (st_ != SBX_OK)                                                         \
            fail_msg("%s: %s: %s (%s)", #call, sbx_status_name(st_), test_err.msg, \
                     test_err.where ? test_err.where : "?");                       \
    } while (0)
#define assert_status(want, call)                                                           \
    do {                                                                                    \
        const sbx_status st_ = (call);                                                      \
        if (st_ != (want))                                                                  \
            fail_msg("%s: %s, not %s", #call, sbx_status_name(st_), sbx_status_name(want)); \
    } while (0)

/* the seed of all random tests, SBX_SEED or 1; a failing round prints its own */
static inline uint64_t test_seed(void)
{
    const char *s = getenv("SBX_SEED");
    return s ? strtoull(s, NULL, 0) : 1;
}

/* n scaled by SBX_TIMES (a factor, may be a fraction) */
static inline long test_rounds(long n)
{
    const char *s = getenv("SBX_TIMES");
    const double k = s ? strtod(s, NULL) : 1.0;
    const long m = (long)((double)n * k);
    return m > 0 ? m : 1;
}

/* third-party data, or NULL (then skip with a line "skip: ...") */
static inline const char *test_shared(void)
{
    const char *s = getenv("SBX_SHARED");
    FILE *f;
    static char path[4096];
    (void)snprintf(path, sizeof path, "%s/data/vnn/SOURCES.md", s ? s : "../shared");
    f = fopen(path, "r");
    if (!f) return NULL;
    (void)fclose(f);
    return s ? s : "../shared";
}

/* uniform in [lo, hi] */
static inline double test_uniform(uint64_t *s, double lo, double hi)
{
    const double x = lo + (hi - lo) * sbx_rng_unit(s);
    return x < lo ? lo : x > hi ? hi : x;
}

#endif
