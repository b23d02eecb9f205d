/* mat/block_portable.c -- see block.body.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define SBX_BLOCK_NAME  sbx_block_portable
#define SBX_BLOCK_LANES 2
#include "mat/block.body.c"
