/* net/mat.c -- chooses the build of the inner loops for this processor.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/mat.h"

extern const sbx_mat sbx_mat_avx512, sbx_mat_avx2, sbx_mat_portable;

#if defined(__x86_64__)
static int runs_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2");
}
static int runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("fma");
}
#else
static int runs_avx512(void) { return 0; }
static int runs_avx2(void) { return 0; }
#endif

const sbx_mat *sbx_mat_build(size_t k)
{
    if (k == 0) return runs_avx512() ? &sbx_mat_avx512 : NULL;
    if (k == 1) return runs_avx2() ? &sbx_mat_avx2 : NULL;
    return &sbx_mat_portable;
}

const sbx_mat *sbx_mat_best(void)
{
    const sbx_mat *m = NULL;
    for (size_t k = 0; !m; k++)
        m = sbx_mat_build(k);
    return m;
}
