/* cli/clock.c -- seconds: those of a clock, and those of an option.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <string.h>
#include <time.h>

double cli_now(void)
{
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool cli_seconds(double *v, const char *text)
{
    mpq_t q;
    bool ok;
    mpq_init(q);
    ok = sbx_q_read(q, text, strlen(text), NULL) == SBX_OK && mpq_sgn(q) >= 0 &&
         mpq_cmp_ui(q, 1000000000, 1) <= 0;
    *v = ok ? mpq_get_d(q) : 0.0;
    mpq_clear(q);
    return ok;
}
