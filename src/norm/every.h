/* norm/every.h -- compiles NORM_FILE's template once for every number system.
 *
 * No include guard: it ends with NORM_FILE undefined.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/bind/f32.h"
#include NORM_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/f64.h"
#include NORM_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/lowp.h"
#include NORM_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpf.h"
#include NORM_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpq.h"
#include NORM_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivd.h"
#include NORM_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#include NORM_FILE
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivq.h"
#include NORM_FILE
#include "softbox/bind/unbind.h"

#undef NORM_FILE
