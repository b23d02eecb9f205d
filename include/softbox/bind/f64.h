/* softbox/bind/f64.h -- binds a template to the number system f64.
 *
 * No include guard: a file includes it once for each instance, on purpose, and
 * ends the instance with softbox/bind/unbind.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef NUM
#error "a number system is bound already: softbox/bind/unbind.h is missing"
#endif
#include "softbox/num.h"
#define NUM         sbx_f64
#define NUM_(op)    sbx_f64_##op
#define FN(base)    base##_f64
#define NUM_ID      SBX_NUM_F64
#define NUM_ENCLOSE 0
