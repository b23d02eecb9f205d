/* net/mat_avx512.c -- see mat.body.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define SBX_MAT_NAME  sbx_mat_avx512
#define SBX_MAT_TEXT  "avx512"
#define SBX_MAT_LANES 8
#include "net/mat.body.c"
