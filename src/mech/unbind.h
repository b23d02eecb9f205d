/* mech/unbind.h -- ends an instance begun by mech/bind_sim.h or mech/bind_rea.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/bind/unbind.h"
#undef NUM_MACHINE
