/* net/mat_avx2.c -- see mat.body.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define SBX_MAT_NAME  sbx_mat_avx2
#define SBX_MAT_TEXT  "avx2"
#define SBX_MAT_LANES 4
#include "net/mat.body.c"
