/* kernel/vec_avx2.c -- the avx2 build of kernel/vec.body.c; flags in the Makefile.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#if defined(__AVX2__) && defined(__FMA__)
#define SBX_ISA avx2
#include "kernel/vec.body.c"
#else
typedef int sbx_vec_avx2_is_not_in_this_build;
#endif
