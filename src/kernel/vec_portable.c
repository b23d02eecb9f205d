/* kernel/vec_portable.c -- the portable build of kernel/vec.body.c; flags in the Makefile.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define SBX_ISA portable
#include "kernel/vec.body.c"
