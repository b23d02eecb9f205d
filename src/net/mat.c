/* net/mat.c -- chooses the build of the inner loops for this processor.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/mat.h"

#include "base/cpu.h"

extern const sbx_mat sbx_mat_avx512, sbx_mat_avx2, sbx_mat_portable;

const sbx_mat *sbx_mat_build(size_t k)
{
    if (k == 0) return sbx_cpu_avx512() ? &sbx_mat_avx512 : NULL;
    if (k == 1) return sbx_cpu_avx2() ? &sbx_mat_avx2 : NULL;
    return &sbx_mat_portable;
}

const sbx_mat *sbx_mat_best(void)
{
    const sbx_mat *m = NULL;
    for (size_t k = 0; !m; k++)
        m = sbx_mat_build(k);
    return m;
}
