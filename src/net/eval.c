/* net/eval.c -- evaluates a whole network in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include "base/alloc.h"
#include "base/try.h"

#define SBX_TEMPLATE "net/eval.tmpl.c"

#include "softbox/bind/f32.h"
#define NUM_EVAL eval_f32
#include SBX_TEMPLATE
#undef NUM_EVAL
#include "softbox/bind/unbind.h"

#include "softbox/bind/f64.h"
#define NUM_EVAL eval_f64
#include SBX_TEMPLATE
#undef NUM_EVAL
#include "softbox/bind/unbind.h"

#include "softbox/bind/lowp.h"
#define NUM_EVAL eval_lowp
#include SBX_TEMPLATE
#undef NUM_EVAL
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpf.h"
#define NUM_EVAL eval_mpf
#include SBX_TEMPLATE
#undef NUM_EVAL
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpq.h"
#define NUM_EVAL eval_mpq
#include SBX_TEMPLATE
#undef NUM_EVAL
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivd.h"
#define NUM_EVAL eval_ivd
#include SBX_TEMPLATE
#undef NUM_EVAL
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#define NUM_EVAL eval_ivf
#include SBX_TEMPLATE
#undef NUM_EVAL
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivq.h"
#define NUM_EVAL eval_ivq
#include SBX_TEMPLATE
#undef NUM_EVAL
#include "softbox/bind/unbind.h"
