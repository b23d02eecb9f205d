/* softbox/bind/ivf.h -- binds a template to the number system ivf.
 *
 * No include guard: a file includes it once for each instance, on purpose, and
 * ends the instance with softbox/bind/unbind.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef NUM
#error "a number system is bound already: softbox/bind/unbind.h is missing"
#endif
#include "softbox/num.h"
#define NUM         sbx_ivf
#define NUM_(op)    sbx_ivf_##op
#define FN(base)    base##_ivf
#define NUM_ID      SBX_NUM_IVF
#define NUM_ENCLOSE 1
