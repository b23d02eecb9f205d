/* mech/bind_aff.h -- binds a template to affine arithmetic (mech/aff.h).
 *
 * No include guard; softbox/bind/unbind.h ends the instance.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef NUM
#error "a number system is bound already: softbox/bind/unbind.h is missing"
#endif
#include "mech/aff.h"
#define NUM         sbx_aff
#define NUM_(op)    sbx_aff_##op
#define FN(base)    base##_aff
#define NUM_ID      SBX_NUM_IVD
#define NUM_ENCLOSE 1
