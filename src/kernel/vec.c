/* kernel/vec.c -- chooses the processor build of the vector loops.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/vec.h"

#include "base/cpu.h"

#include "softbox/kernel.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

extern const sbx_vec sbx_vec_portable;
#if defined(__x86_64__)
extern const sbx_vec sbx_vec_avx512, sbx_vec_avx2;
#endif

size_t sbx_vec_builds(const sbx_vec *v[3])
{
    size_t n = 0;
#if defined(__x86_64__)
    if (sbx_cpu_avx512()) v[n++] = &sbx_vec_avx512;
    if (sbx_cpu_avx2()) v[n++] = &sbx_vec_avx2;
#endif
    v[n++] = &sbx_vec_portable;
    return n;
}

const sbx_vec *sbx_vec_get(void)
{
    static _Atomic(const sbx_vec *) chosen;
    const sbx_vec *v = atomic_load(&chosen), *all[3];
    if (v) return v;
    (void)sbx_vec_builds(all);
    atomic_store(&chosen, all[0]);
    return all[0];
}

double sbx_sum2_value(const sbx_sum2 *s)
{
    double hi = 0.0, lo = 0.0;
    for (size_t j = 0; j < SBX_LANES; j++) {
        const double t = s->hi[j], r = hi + t, b = r - hi;
        lo += ((hi - (r - b)) + (t - b)) + s->lo[j];
        hi = r;
    }
    return hi + lo;
}

size_t sbx_scan_bad(const sbx_ivd *x, size_t n)
{
    size_t j = 0;
    while (j < n && x[j].lo <= x[j].hi && x[j].hi < HUGE_VAL && x[j].hi > -HUGE_VAL)
        j++;
    return j;
}

void sbx_exp_bulk(double *y, double *k, const double *x, size_t n)
{
    sbx_vec_get()->exp(y, k, x, n);
}

const char *const *sbx_exp_builds(void)
{
    static const char *names[4];
    const sbx_vec *v[3];
    const size_t n = sbx_vec_builds(v);
    for (size_t i = 0; i < n; i++)
        names[i] = v[i]->name;
    return names;
}

bool sbx_exp_bulk_with(const char *build, double *y, double *k, const double *x, size_t n)
{
    const sbx_vec *v[3];
    const size_t m = sbx_vec_builds(v);
    for (size_t i = 0; i < m; i++)
        if (!strcmp(v[i]->name, build)) {
            v[i]->exp(y, k, x, n);
            return true;
        }
    return false;
}
