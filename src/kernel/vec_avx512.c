/* kernel/vec_avx512.c -- the avx512 build of kernel/vec.body.c; flags in the Makefile.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define SBX_ISA avx512
#include "kernel/vec.body.c"
#else
typedef int sbx_vec_avx512_is_not_in_this_build;
#endif
