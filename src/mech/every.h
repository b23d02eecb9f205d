/* mech/every.h -- compiles MECH_FILE's template once for every number system.
 *
 * No include guard: it ends with MECH_FILE undefined.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/bind/f32.h"
#include MECH_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/f64.h"
#include MECH_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/lowp.h"
#include MECH_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpf.h"
#include MECH_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpq.h"
#include MECH_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivd.h"
#include MECH_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#include MECH_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivq.h"
#include MECH_FILE
#include "softbox/bind/unbind.h"

#include "mech/bind_aff.h"
#include MECH_FILE
#include "softbox/bind/unbind.h"

#include "mech/bind_sim.h"
#include MECH_FILE
#include "mech/unbind.h"

#include "mech/bind_rea.h"
#include MECH_FILE
#include "mech/unbind.h"

#undef MECH_FILE
