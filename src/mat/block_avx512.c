/* mat/block_avx512.c -- see block.body.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define SBX_BLOCK_NAME  sbx_block_avx512
#define SBX_BLOCK_LANES 8
#include "mat/block.body.c"
