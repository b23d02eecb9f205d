/* base/cpu.h -- which of the vector builds this processor runs: those that the Makefile
 * makes for x86-64-v4 (AVX-512) and x86-64-v3 (AVX2, FMA, BMI).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_BASE_CPU_H
#define SBX_BASE_CPU_H

#include <stdbool.h>

static inline bool sbx_cpu_avx2(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
#else
    return false;
#endif
}

static inline bool sbx_cpu_avx512(void)
{
#if defined(__x86_64__)
    return sbx_cpu_avx2() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

#endif
