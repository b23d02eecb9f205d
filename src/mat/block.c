/* mat/block.c -- chooses the build of the inner loops for this processor.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mat/block.h"

#include "base/cpu.h"

extern const sbx_block sbx_block_avx512, sbx_block_avx2, sbx_block_portable;

const sbx_block *sbx_block_build(size_t k)
{
    if (k == 0) return sbx_cpu_avx512() ? &sbx_block_avx512 : NULL;
    if (k == 1) return sbx_cpu_avx2() ? &sbx_block_avx2 : NULL;
    return &sbx_block_portable;
}

const sbx_block *sbx_block_best(void)
{
    const sbx_block *b = NULL;
    for (size_t k = 0; !b; k++)
        b = sbx_block_build(k);
    return b;
}
