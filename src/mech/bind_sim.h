/* mech/bind_sim.h -- binds a template to sim, a machine that rounds (mech/machine.h).
 *
 * No include guard; softbox/bind/unbind.h and mech/unbind.h end the instance.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef NUM
#error "a number system is bound already: softbox/bind/unbind.h is missing"
#endif
#include "mech/machine.h"
#define NUM         sbx_sim
#define NUM_(op)    sbx_sim_##op
#define FN(base)    base##_sim
#define NUM_ID      SBX_NUM_F64
#define NUM_ENCLOSE 0
#define NUM_MACHINE 1
