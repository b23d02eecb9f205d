/* net/mat_portable.c -- see mat.body.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define SBX_MAT_NAME  sbx_mat_portable
#define SBX_MAT_TEXT  "portable"
#define SBX_MAT_LANES 2
#include "net/mat.body.c"
