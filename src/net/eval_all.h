/* net/eval_all.h -- the eight instances of the template SBX_TEMPLATE. No include
 * guard: a file includes it once for each template.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/bind/f32.h"
#include SBX_TEMPLATE
#include "softbox/bind/unbind.h"

#include "softbox/bind/f64.h"
#include SBX_TEMPLATE
#include "softbox/bind/unbind.h"

#include "softbox/bind/lowp.h"
#include SBX_TEMPLATE
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpf.h"
#include SBX_TEMPLATE
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpq.h"
#include SBX_TEMPLATE
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivd.h"
#include SBX_TEMPLATE
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#include SBX_TEMPLATE
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivq.h"
#include SBX_TEMPLATE
#include "softbox/bind/unbind.h"

#undef SBX_TEMPLATE
